//! Exhibits on who was studied: T-E01, T-E02, T-E03.

use crate::analysis::grouping::{Assignment, Panel};
use crate::analysis::measure::Proportion;
use crate::analysis::population::{
    BaselinePanel, BaselineRow, Characteristic, Disposition, DispositionPanel, Enrolment, EnrolmentColumn, PopulationResult,
};
use crate::config::Settings;
use crate::data::DatasetName;
use crate::derive::AnalysisData;

use super::record::{Item, Recorder, interval_note};
use super::table::{cells, fact_row, heading_row};
use super::{Cell, CellPattern, Content, Exhibit, ExhibitId, Facts, Row, Table, Unit, slug};

const ENROLMENT: &str = "Subjects by dosage, study part and analysis set";

/// Tables of subjects, baseline characteristics and disposition.
pub fn gather(result: &PopulationResult, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let mut exhibits = vec![enrolment(&result.enrolment, data, settings, facts)];
    exhibits.extend(result.baseline.iter().map(|panel| baseline(panel, data, facts)));
    exhibits.extend(result.disposition.iter().map(|panel| disposition(panel, data, facts)));
    exhibits
}

fn enrolment(enrolment: &Enrolment, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let Some(panel) = &enrolment.panel else {
        let reason = "No subject of ADSL has a planned treatment that is a dosage of the project.";
        return Exhibit::placeholder(
            ExhibitId::new("T-E01", None),
            ENROLMENT,
            reason,
            &["dosages in the project file whose arm is a value of the planned treatment"],
        );
    };
    let mut recorder = Recorder::new(facts, "population", "T-E01", panel, data);
    let mut notes = recorder.notes(&["ADSL"]);
    let mut rows = Vec::new();
    let columns = &data.subject_columns;
    let mut add = |recorder: &mut Recorder<'_>,
                   measure: &str,
                   label: &str,
                   indent: u8,
                   filter: &str,
                   source: (&str, &[&str]),
                   of: &dyn Fn(&EnrolmentColumn) -> Option<Proportion>| {
        let cells = enrolment.columns.iter().map(|column| {
            let Some(proportion) = of(column) else { return Cell::NotAvailable };
            let item = Item {
                measure,
                what: None,
                group: &column.group,
                label,
                method: "count of subjects",
                source: (source.0, filter, source.1),
            };
            Cell::Facts(CellPattern::CountPercent, vec![recorder.proportion(&item, &proportion)])
        });
        rows.push(fact_row(label, indent, cells.collect()));
    };
    for (index, part) in enrolment.parts.iter().filter_map(|part| settings.parts.get(part.0)).enumerate() {
        let filter = format!("study part = {}", part.id);
        let part_columns: Vec<&str> = part.when.keys().map(String::as_str).collect();
        add(&mut recorder, &format!("part_{}", part.id), &part.label, 0, &filter, ("ADSL", &part_columns), &|column| {
            column.by_part.get(index).cloned()
        });
    }
    let flagged =
        |column: &Option<String>, otherwise: &str| column.as_ref().map_or_else(|| otherwise.to_owned(), |column| format!("{column} = Y"));
    let of = |column: &Option<String>| column.clone().unwrap_or_else(|| "TRTSDT".to_owned());
    let safety = of(&columns.safety);
    add(
        &mut recorder,
        "treated",
        "Treated (safety set)",
        0,
        &flagged(&columns.safety, "first dose given"),
        ("ADSL", &[&safety]),
        &|column| Some(column.treated.clone()),
    );
    let arms = [Assignment::Planned.column(data), Assignment::Received.column(data)];
    add(
        &mut recorder,
        "given_other",
        "Received another dosage than planned",
        1,
        &format!("{} differs from {}", arms[1], arms[0]),
        ("ADSL", &[&arms[0], &arms[1]]),
        &|column| Some(column.given_other.clone()),
    );
    if columns.dlt_evaluable.is_some() {
        add(
            &mut recorder,
            "dlt_evaluable",
            "DLT-evaluable",
            0,
            &flagged(&columns.dlt_evaluable, ""),
            ("ADSL", &[&of(&columns.dlt_evaluable)]),
            &|column| Some(column.dlt_evaluable.clone()),
        );
    }
    if columns.pk.is_some() {
        add(&mut recorder, "pk", "Pharmacokinetic set", 0, &flagged(&columns.pk, ""), ("ADSL", &[&of(&columns.pk)]), &|column| {
            Some(column.pk.clone())
        });
    }
    let response = of(&columns.response_evaluable);
    add(
        &mut recorder,
        "response_evaluable",
        "Response-evaluable",
        0,
        &flagged(&columns.response_evaluable, "safety set"),
        ("ADSL", &[&response]),
        &|column| Some(column.response_evaluable.clone()),
    );
    for (index, name) in enrolment.counted.iter().enumerate() {
        let (measure, label) = match name {
            DatasetName::Adpc => ("with_pk_samples", "With a concentration record"),
            DatasetName::Adbm => ("with_biomarker", "With a biomarker record"),
            _ => ("with_patient_reported", "With a patient-reported outcome record"),
        };
        notes.datasets.push(name.label().to_owned());
        add(&mut recorder, measure, label, 0, "at least one record", (name.label(), &["USUBJID"]), &|column| {
            column.with_records.get(index).cloned()
        });
    }
    let status = of(&columns.treatment_status);
    add(
        &mut recorder,
        "on_treatment",
        "Still on treatment at the cut-off",
        0,
        &format!("{status} = ONGOING"),
        ("ADSL", &[&status]),
        &|column| column.on_treatment.clone(),
    );
    let followup = enrolment.columns.iter().map(|column| {
        let Some(followup) = &column.followup else { return Cell::NotAvailable };
        let item = Item {
            measure: "followup_median",
            what: None,
            group: &column.group,
            label: "Median follow-up",
            method: "reverse Kaplan-Meier median",
            source: ("ADSL", "subjects with a date of last contact or death", &["TRTSDT", "RANDDT", "LSTALVDT", "DTHDT", "DCUTDT"]),
        };
        let id = recorder.number(&item, followup.median, Unit::Months, Some(followup.n), followup.interval, followup.rows.clone());
        Cell::Facts(CellPattern::ValueInterval, vec![id])
    });
    let followup: Vec<Cell> = followup.collect();
    rows.push(fact_row("Follow-up, months: median (CI)", 0, followup));
    notes.methods.push(
        "Follow-up: reverse Kaplan-Meier from first dose (randomisation where never treated) to last contact, death censored".to_owned(),
    );
    notes.methods.push(interval_note(&settings.intervals, settings.intervals.kaplan_meier));
    notes.abbreviations =
        vec!["CI: confidence interval".to_owned(), "DLT: dose-limiting toxicity".to_owned(), "NE: not estimable".to_owned()];
    if enrolment.without_dosage > 0 {
        notes.footnotes.push(format!(
            "{} subjects of ADSL have a planned treatment that is not a dosage of the project; they are not shown.",
            enrolment.without_dosage
        ));
    }
    let columns = recorder.columns(&panel.groups);
    Exhibit {
        id: recorder.exhibit,
        title: ENROLMENT.to_owned(),
        content: Content::Table(Table { stub: "Subjects, n (%)".to_owned(), columns, rows }),
        notes,
    }
}

fn baseline(panel: &BaselinePanel, data: &AnalysisData, facts: &mut Facts) -> Exhibit {
    let mut recorder = Recorder::new(facts, "baseline", "T-E02", &panel.panel, data);
    let mut rows = Vec::new();
    for row in &panel.rows {
        if let Some(levels) = &row.variable.levels {
            rows.push(heading_row(&format!("{}, n (%)", row.variable.label)));
            for (level, name) in levels.iter().enumerate() {
                rows.push(level_row(row, level, name, panel, &mut recorder));
            }
            if row.columns.iter().any(|column| matches!(column, Characteristic::Levels(_, missing) if missing.count > 0)) {
                rows.push(level_row(row, levels.len(), "Missing", panel, &mut recorder));
            }
        } else {
            rows.push(heading_row(&row.variable.label));
            rows.extend(number_rows(row, panel, &mut recorder));
        }
        if let Some(reference) = panel.reference {
            rows.push(difference_row(row, reference, panel, &mut recorder));
        }
    }
    let mut notes = recorder.notes(&["ADSL"]);
    if let Some(reference) = panel.reference.and_then(|reference| panel.panel.groups.get(reference)) {
        notes.methods.push(format!(
            "Standardised difference from {}: difference of means over the pooled standard deviation; for categories the generalised distance over all levels [YangDalton2012]",
            reference.label
        ));
        notes.footnotes.push(
            "An absolute standardised difference above 0.25 is commonly read as an imbalance that a comparison should address.".to_owned(),
        );
    }
    notes.abbreviations = vec!["SD: standard deviation".to_owned()];
    let columns = recorder.columns(&panel.panel.groups);
    let title = titled("Baseline characteristics by dosage", &panel.panel);
    let id = recorder.exhibit;
    if rows.is_empty() {
        return Exhibit::placeholder(
            id,
            &title,
            "ADSL holds none of the baseline variables that are known.",
            &["ADSL: AGE, SEX, RACE, ECOG, WTBL, …"],
        );
    }
    Exhibit { id, title, content: Content::Table(Table { stub: "Characteristic".to_owned(), columns, rows }), notes }
}

fn level_row(row: &BaselineRow, level: usize, name: &str, panel: &BaselinePanel, recorder: &mut Recorder<'_>) -> Row {
    let what = format!("{} {name}", row.variable.column);
    let label = format!("{}: {name}", row.variable.label);
    let filter = if level < row.variable.levels.as_ref().map_or(0, Vec::len) {
        format!("{} = {name}", row.variable.column)
    } else {
        format!("{} is missing", row.variable.column)
    };
    let columns = [row.variable.column.as_str()];
    let cells = panel.panel.groups.iter().zip(&row.columns).map(|(group, column)| {
        let Characteristic::Levels(levels, missing) = column else { return Cell::NotAvailable };
        let item = Item {
            measure: "level",
            what: Some(&what),
            group,
            label: &label,
            method: "count of subjects",
            source: ("ADSL", &filter, &columns),
        };
        Cell::Facts(CellPattern::CountPercent, vec![recorder.proportion(&item, levels.get(level).unwrap_or(missing))])
    });
    fact_row(name, 1, cells.collect())
}

fn number_rows(row: &BaselineRow, panel: &BaselinePanel, recorder: &mut Recorder<'_>) -> Vec<Row> {
    let measure = slug(&row.variable.column);
    let columns = [row.variable.column.as_str()];
    let filter = format!("{} is recorded", row.variable.column);
    let mut patterns: [(&str, Vec<Cell>); 3] = [("Mean (SD)", Vec::new()), ("Median (quartiles)", Vec::new()), ("Range", Vec::new())];
    let mut missing = Vec::new();
    for (group, column) in panel.panel.groups.iter().zip(&row.columns) {
        let Characteristic::Number(summary) = column else { continue };
        let item =
            Item { measure: &measure, what: None, group, label: &row.variable.label, method: "", source: ("ADSL", &filter, &columns) };
        if summary.n == 0 {
            patterns.iter_mut().for_each(|(_, cells)| cells.push(Cell::NotAvailable));
        } else {
            patterns[0].1.push(recorder.mean_sd(&item, summary, &Unit::Dimensionless));
            patterns[1].1.push(recorder.median_quartiles(&item, summary, &Unit::Dimensionless));
            patterns[2].1.push(recorder.range(&item, summary, &Unit::Dimensionless));
        }
        missing.push((group, (group.n() as u64).saturating_sub(summary.n)));
    }
    let mut rows: Vec<Row> = patterns.into_iter().map(|(name, cells)| fact_row(name, 1, cells)).collect();
    if missing.iter().any(|(_, count)| *count > 0) {
        let measure = format!("{measure}_missing");
        let label = format!("{}: missing", row.variable.label);
        let filter = format!("{} is missing", row.variable.column);
        let cells = missing.into_iter().map(|(group, count)| {
            let item = Item {
                measure: &measure,
                what: None,
                group,
                label: &label,
                method: "count of subjects",
                source: ("ADSL", &filter, &columns),
            };
            Cell::Facts(CellPattern::Value, vec![recorder.count(&item, count, crate::quantity::Rows::default())])
        });
        rows.push(fact_row("Missing, n", 1, cells.collect()));
    }
    rows
}

fn difference_row(row: &BaselineRow, reference: usize, panel: &BaselinePanel, recorder: &mut Recorder<'_>) -> Row {
    let measure = format!("{}_smd", slug(&row.variable.column));
    let label = format!("{}, standardised difference", row.variable.label);
    let columns = [row.variable.column.as_str()];
    let reference = panel.panel.groups.get(reference).map_or("", |group| group.label.as_str());
    let filter = format!("against {reference}");
    let cells = panel.panel.groups.iter().zip(&row.differences).map(|(group, difference)| {
        if group.dosage.is_none() || group.label == reference {
            return Cell::NotAvailable;
        }
        let item = Item {
            measure: &measure,
            what: None,
            group,
            label: &label,
            method: "standardised difference",
            source: ("ADSL", &filter, &columns),
        };
        Cell::Facts(
            CellPattern::Value,
            vec![recorder.number(&item, *difference, Unit::Dimensionless, Some(group.n() as u64), None, group.rows.clone())],
        )
    });
    fact_row(&format!("Standardised difference from {reference}"), 1, cells.collect())
}

fn disposition(panel: &DispositionPanel, data: &AnalysisData, facts: &mut Facts) -> Exhibit {
    let mut recorder = Recorder::new(facts, "disposition", "T-E03", &panel.panel, data);
    let id = recorder.exhibit.clone();
    let title = titled("Disposition by dosage", &panel.panel);
    let Some(status) = data.subject_columns.treatment_status.as_deref() else {
        return Exhibit::placeholder(
            id,
            &title,
            "ADSL holds no end-of-treatment status.",
            &["ADSL: EOTSTT or EOSSTT", "ADSL: DCTREAS or DCSREAS"],
        );
    };
    let reason = data.subject_columns.discontinuation_reason.as_deref().unwrap_or(status);
    let mut rows = Vec::new();
    let mut add =
        |measure: &str, what: Option<&str>, label: &str, indent: u8, filter: &str, of: &dyn Fn(&Disposition) -> Option<&Proportion>| {
            if panel.columns.iter().all(|column| of(column).is_none_or(|proportion| proportion.count == 0)) && indent > 0 {
                return;
            }
            let columns = [status, reason];
            let made = cells(&panel.panel.groups, &panel.columns, |group, column| {
                let Some(proportion) = of(column) else { return Cell::NotAvailable };
                let item = Item { measure, what, group, label, method: "count of subjects", source: ("ADSL", filter, &columns) };
                Cell::Facts(CellPattern::CountPercent, vec![recorder.proportion(&item, proportion)])
            });
            rows.push(fact_row(label, indent, made));
        };
    add("ongoing", None, "On treatment at the cut-off", 0, &format!("{status} = ONGOING"), &|column| Some(&column.ongoing));
    add("completed", None, "Completed treatment", 0, &format!("{status} = COMPLETED"), &|column| Some(&column.completed));
    add("discontinued", None, "Discontinued treatment", 0, &format!("{status} = DISCONTINUED"), &|column| Some(&column.discontinued));
    for (index, name) in panel.reasons.iter().enumerate() {
        add("discontinued_for", Some(name), &sentence_case(name), 1, &format!("{reason} = {name}"), &|column| column.reasons.get(index));
    }
    add("discontinued_no_reason", None, "Reason not given", 1, &format!("{reason} is missing"), &|column| Some(&column.no_reason));
    add("not_treated", None, "Never treated", 0, "no dose given", &|column| Some(&column.not_treated));
    add("status_unknown", None, "Status not recorded", 1, &format!("{status} is missing"), &|column| Some(&column.unknown));
    add("died", None, "Died, on or after treatment", 0, "DTHFL = Y or DTHDT is recorded", &|column| Some(&column.died));
    let notes = recorder.notes(&["ADSL"]);
    let columns = recorder.columns(&panel.panel.groups);
    Exhibit { id, title, content: Content::Table(Table { stub: "Subjects, n (%)".to_owned(), columns, rows }), notes }
}

/// The title with the study part, where the panel is of one.
pub(super) fn titled(title: &str, panel: &Panel) -> String {
    if panel.part.is_none() { title.to_owned() } else { format!("{title}: {}", panel.label) }
}

/// `PROGRESSIVE DISEASE` as `Progressive disease`; text that is not all capitals stays as it is.
pub(super) fn sentence_case(text: &str) -> String {
    if text.chars().any(char::is_lowercase) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect())
}
