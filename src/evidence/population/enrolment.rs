//! Subjects by planned dosage, study part and analysis set: T-E01.

use crate::analysis::grouping::{Assignment, Population, part_filter};
use crate::analysis::measure::Proportion;
use crate::analysis::population::{Enrolment, EnrolmentColumn};
use crate::config::Settings;
use crate::data::DatasetName;
use crate::derive::AnalysisData;

use super::super::record::{Item, Recorder, interval_note};
use super::super::table::{fact_row, footnote};
use super::super::{Cell, CellPattern, Content, Exhibit, ExhibitId, Facts, Notes, Row, Table, Unit};
use super::{is_study_status, says_who_goes_on};

const CODE: &str = "T-E01";
const TITLE: &str = "Subjects by dosage, study part and analysis set";

/// Finds the proportion of a row in a column.
type OfColumn<'a> = Box<dyn Fn(&EnrolmentColumn) -> Option<&Proportion> + 'a>;

/// A row of proportions of the subjects of each column.
struct Counted<'a> {
    measure: String,
    label: String,
    indent: u8,
    dataset: &'static str,
    filter: String,
    columns: Vec<String>,
    of: OfColumn<'a>,
}

/// The table; a placeholder when no subject has a dosage.
pub(super) fn tabulate(enrolment: &Enrolment, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let Some(panel) = &enrolment.panel else {
        let reason = "No subject of ADSL has a planned treatment that is a dosage of the project.";
        let needs = ["dosages in the project file whose arm is a value of the planned treatment"];
        return Exhibit::placeholder(ExhibitId::new(CODE, None), TITLE, reason, &needs);
    };
    let mut recorder = Recorder::new(facts, "population", CODE, panel, data);
    let mut notes = recorder.notes(&["ADSL"]);
    notes.datasets.extend(enrolment.counted.iter().map(|name| name.label().to_owned()));
    let counted = parts(enrolment, settings).into_iter().chain(sets(data)).chain(records(enrolment)).chain(status(data));
    let mut rows: Vec<Row> = counted.map(|row| row.tabulate(enrolment, &mut recorder)).collect();
    rows.push(followup(enrolment, data, &mut recorder));
    explain(enrolment, settings, &mut notes);
    let columns = recorder.columns(&panel.groups);
    let content = Content::Table(Table { stub: "Subjects, n (%)".to_owned(), columns, rows });
    Exhibit { id: recorder.exhibit, title: TITLE.to_owned(), content, notes }
}

fn parts<'a>(enrolment: &Enrolment, settings: &'a Settings) -> Vec<Counted<'a>> {
    let parts = enrolment.parts.iter().filter_map(|part| settings.parts.get(part.0)).enumerate();
    parts
        .map(|(index, part)| Counted {
            measure: format!("part_{}", part.id),
            label: part.label.clone(),
            indent: 0,
            dataset: "ADSL",
            filter: part_filter(part),
            columns: part.when.keys().cloned().collect(),
            of: Box::new(move |column| column.by_part.get(index)),
        })
        .collect()
}

fn set<'a>(
    population: Population,
    measure: &str,
    label: &str,
    data: &AnalysisData,
    of: fn(&EnrolmentColumn) -> &Proportion,
) -> Counted<'a> {
    Counted {
        measure: measure.to_owned(),
        label: label.to_owned(),
        indent: 0,
        dataset: "ADSL",
        filter: population.filter(data),
        columns: population.columns(data),
        of: Box::new(move |column| Some(of(column))),
    }
}

/// The analysis sets. Without a flag nobody is known to be DLT-evaluable or in the pharmacokinetic set: there is no such row then.
fn sets<'a>(data: &AnalysisData) -> Vec<Counted<'a>> {
    let [planned, received] = [Assignment::Planned, Assignment::Received].map(|by| by.column(data));
    let other = Counted {
        measure: "given_other".to_owned(),
        label: "Received another dosage than planned".to_owned(),
        indent: 1,
        dataset: "ADSL",
        filter: format!("{received} differs from {planned}"),
        columns: vec![planned, received],
        of: Box::new(|column| Some(&column.given_other)),
    };
    let mut rows = vec![set(Population::Safety, "treated", "Treated (safety set)", data, |column| &column.treated), other];
    if data.subject_columns.dlt_evaluable.is_some() {
        rows.push(set(Population::DltEvaluable, "dlt_evaluable", "DLT-evaluable", data, |column| &column.dlt_evaluable));
    }
    if data.subject_columns.pk.is_some() {
        rows.push(set(Population::Pk, "pk", "Pharmacokinetic set", data, |column| &column.pk));
    }
    rows.push(set(Population::ResponseEvaluable, "response_evaluable", "Response-evaluable", data, |column| &column.response_evaluable));
    rows
}

fn records<'a>(enrolment: &Enrolment) -> Vec<Counted<'a>> {
    let row = |(index, name): (usize, &DatasetName)| {
        let (measure, label) = match name {
            DatasetName::Adpc => ("with_pk_samples", "With a concentration record"),
            DatasetName::Adbm => ("with_biomarker", "With a biomarker record"),
            _ => ("with_patient_reported", "With a record of a questionnaire"),
        };
        Counted {
            measure: measure.to_owned(),
            label: label.to_owned(),
            indent: 0,
            dataset: name.label(),
            filter: "at least one record".to_owned(),
            columns: vec!["USUBJID".to_owned()],
            of: Box::new(move |column| column.with_records.get(index)),
        }
    };
    enrolment.counted.iter().enumerate().map(row).collect()
}

/// Who goes on, where the data say it.
fn status<'a>(data: &AnalysisData) -> Option<Counted<'a>> {
    let status = data.subject_columns.treatment_status.clone().filter(|_| says_who_goes_on(data))?;
    let label = if is_study_status(data) { "Still on study at the cut-off" } else { "Still on treatment at the cut-off" };
    Some(Counted {
        measure: "on_treatment".to_owned(),
        label: label.to_owned(),
        indent: 0,
        dataset: "ADSL",
        filter: format!("{status} = ONGOING"),
        columns: vec![status],
        of: Box::new(|column| column.on_treatment.as_ref()),
    })
}

impl Counted<'_> {
    fn tabulate(&self, enrolment: &Enrolment, recorder: &mut Recorder<'_>) -> Row {
        let columns: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        let cell = |column: &EnrolmentColumn| {
            let Some(proportion) = (self.of)(column) else { return Cell::NotAvailable };
            let item = Item {
                measure: &self.measure,
                what: None,
                group: &column.group,
                label: &self.label,
                method: "count of subjects",
                source: (self.dataset, &self.filter, &columns),
            };
            Cell::Facts(CellPattern::CountPercent, vec![recorder.proportion(&item, proportion)])
        };
        fact_row(&self.label, self.indent, enrolment.columns.iter().map(cell).collect())
    }
}

fn followup(enrolment: &Enrolment, data: &AnalysisData, recorder: &mut Recorder<'_>) -> Row {
    let columns = data.subject_columns.followup();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let cell = |column: &EnrolmentColumn| {
        let Some(followup) = &column.followup else { return Cell::NotAvailable };
        let item = Item {
            measure: "followup_median",
            what: None,
            group: &column.group,
            label: "Median follow-up",
            method: "reverse Kaplan-Meier median",
            source: ("ADSL", "follow-up known", &columns),
        };
        let id = recorder.number(&item, followup.median, Unit::Months, Some(followup.n), followup.interval, followup.rows.clone());
        Cell::Facts(CellPattern::ValueInterval, vec![id])
    };
    fact_row("Follow-up, months: median (CI)", 0, enrolment.columns.iter().map(cell).collect())
}

fn explain(enrolment: &Enrolment, settings: &Settings, notes: &mut Notes) {
    notes.methods.push(
        "Follow-up: reverse Kaplan-Meier from first dose (randomisation where never treated) to death, which censors, otherwise to last contact, to the cut-off while treatment goes on, or to the end of study, whichever is known first in this order"
            .to_owned(),
    );
    notes.methods.push(interval_note(&settings.intervals, settings.intervals.kaplan_meier));
    notes.abbreviations =
        vec!["CI: confidence interval".to_owned(), "DLT: dose-limiting toxicity".to_owned(), "NE: not estimable".to_owned()];
    if enrolment.without_dosage > 0 {
        let count = enrolment.without_dosage;
        footnote(notes, format!("Subjects of ADSL whose planned treatment is not a dosage of the project: {count}. They are not shown."));
    }
    if enrolment.treated_without_dosage > 0 {
        let count = enrolment.treated_without_dosage;
        footnote(
            notes,
            format!(
                "Subjects of the safety set whose treatment received is not known or not a dosage of the project: {count}. No table by treatment received counts them."
            ),
        );
    }
    let columns = enrolment.columns.iter().filter(|column| column.group.dosage.is_some());
    let unknown: u64 =
        columns.map(|column| (column.group.n() as u64).saturating_sub(column.followup.as_ref().map_or(0, |followup| followup.n))).sum();
    if unknown > 0 {
        footnote(notes, format!("Subjects whose follow-up is not known: {unknown}. They are not part of the follow-up."));
    }
}
