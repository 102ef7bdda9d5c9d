//! Daily dose as an exposure that changes over time: T-E18-over-time.

use crate::analysis::exposure_response::{ExposureResponseResult, Modelled, Models, OverTime};
use crate::config::{ExposureOverTime, Settings};
use crate::derive::AnalysisData;
use crate::evidence::record::interval_note;
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::{Cell, CellPattern, Column, Content, Exhibit, ExhibitId, Facts, Notes, Row, Slice, Table, Unit};
use crate::quantity::IntervalMethod;

use super::ledger::{Entry, Ledger, Value};
use super::models::step;
use super::words::datasets;

const CODE: &str = "T-E18-over-time";

const REVERSE: &str = "A dose that is reduced, interrupted or stopped because of the disease or of an adverse event goes with the outcome without \
                       having caused it (reverse causation): a ratio below one per dose may only say that those who were doing well went on taking the drug.";

/// The models of each analysis that asks for them; `None` where none does.
pub(super) fn table(
    results: &[(&ExposureResponseResult, &Modelled)],
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Option<Exhibit> {
    let wald = interval_note(&settings.intervals, IntervalMethod::Wald);
    let mut notes = Notes {
        methods: vec![
            "Proportional hazards as a counting process: each subject counts with the exposure at each time at which a subject has the event".to_owned(),
            "Current dose: daily dose on the day before; average dose: dose taken from the first dose to the day before, divided by these days; on the \
             first day the first dose; after the last dose the current dose is zero and the average falls"
                .to_owned(),
            format!("{wald}; p values: Wald, two-sided, not adjusted for multiplicity; without covariates"),
        ],
        abbreviations: vec!["CI: confidence interval".to_owned(), "NE: not estimable".to_owned()],
        ..Notes::default()
    };
    let (mut rows, mut used): (Vec<Row>, Vec<(&ExposureResponseResult, &Modelled)>) = (Vec::new(), Vec::new());
    for (result, found) in results {
        let Models::Time(models) = &found.models else { continue };
        if models.over_time.is_empty() {
            continue;
        }
        let mut heading = heading_row(&result.label);
        heading.footnote = Some(footnote(&mut notes, REVERSE));
        rows.push(heading);
        let mut ledger = Ledger::new(facts, CODE, (result, &found.sample), data, settings);
        for model in &models.over_time {
            let mut made = row(&mut ledger, model, data);
            made.footnote = remarks(model).map(|said| footnote(&mut notes, said));
            rows.push(made);
        }
        used.push((result, found));
    }
    let (_, found) = used.first()?;
    notes.population =
        format!("{} with exposure, outcome and dosing intervals, drug dosages only", found.sample.panel.population.label(data));
    notes.grouping = "Dose of each subject, whatever the dosage".to_owned();
    notes.datasets = datasets(&used).into_iter().filter(|dataset| dataset != "ADPP").chain(["ADEX".to_owned()]).collect();
    notes.datasets.sort();
    let heads = ["Subjects", "Intervals", "Events", "Hazard ratio (CI)", "p value"];
    let columns = heads.map(|head| Column { head: head.to_owned(), n: None, spanner: None }).to_vec();
    let content = Content::Table(Table { stub: "Outcome and exposure over time".to_owned(), columns, rows });
    let title = "Times to event by daily dose over time".to_owned();
    Some(Exhibit { id: ExhibitId::new(CODE, None), title, content, notes })
}

fn remarks(model: &OverTime) -> Option<String> {
    let mut said: Vec<String> = model.cautions.iter().map(|caution| caution.sentence().replace('`', "")).collect();
    if model.without_dosing > 0 {
        said.push(format!(
            "Subjects left out because they have no dosing interval or no time after the first day: {}.",
            model.without_dosing
        ));
    }
    (!said.is_empty()).then(|| said.join(" "))
}

fn row(ledger: &mut Ledger<'_>, model: &OverTime, data: &AnalysisData) -> Row {
    let (key, name) = match model.kind {
        ExposureOverTime::CurrentDose => ("current_dose", "current dose"),
        ExposureOverTime::AverageDose => ("average_dose", "average dose so far"),
    };
    let per = model.effect.map(|effect| format!(", per {}", step(effect.step, &model.unit))).unwrap_or_default();
    let mut stub = format!("{name}{per}");
    if let Some(first) = stub.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let columns = data.dosing.as_ref().map(|dosing| dosing.columns.clone()).unwrap_or_default();
    let source = Slice::new("ADEX", "dosing intervals of the drug of the subjects of the analysis", columns, model.rows.clone());
    let denominator = ledger.outcome_slice(None);
    let ratio = model.effect.and_then(|effect| effect.limits).map(|(lower, upper)| (lower.exp(), upper.exp()));
    let interval = ledger.wald(ratio);
    let n = Some(model.n as u64);
    let mut cell = |measure: &str, label: &str, pattern: CellPattern, value: Value| {
        let entry = Entry {
            measure: &format!("{measure}_{key}"),
            dosage: None,
            label: format!("{label}, {name}{per}"),
            method: "proportional hazards as a counting process".to_owned(),
            unit: if value.count.is_some() { Unit::Count } else { Unit::Dimensionless },
        };
        Cell::Facts(pattern, vec![ledger.insert_from(entry, value, source.clone(), denominator.clone())])
    };
    let count = |count: usize| Value { count: Some(count as u64), ..Value::default() };
    let mut cells = vec![
        cell("n", "subjects", CellPattern::Value, count(model.n)),
        cell("intervals", "intervals", CellPattern::Value, count(model.intervals)),
        cell("events", "events", CellPattern::Value, count(model.events)),
    ];
    match &model.effect {
        Some(effect) => {
            let ratio = Value { value: effect.estimate.map(f64::exp), n, interval, ..Value::default() };
            cells.push(cell("hazard_ratio", "hazard ratio", CellPattern::ValueInterval, ratio));
            cells.push(cell("p", "p value", CellPattern::PValue, Value { value: effect.p_value, n, ..Value::default() }));
        }
        None => cells.extend([Cell::NotAvailable, Cell::NotAvailable]),
    }
    fact_row(&stub, 1, cells)
}
