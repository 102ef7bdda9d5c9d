//! Parameters of the population model: T-R04.

use crate::config::{ParameterName, StatedParameter, TimeVaryingClearance};
use crate::evidence::table::{fact_row, heading_row};
use crate::evidence::{Cell, CellPattern, Column, Content, Exhibit, Row, Table, Unit};

use super::ledger::{Basis, Entry, Ledger, trimmed};

pub(super) const CODE: &str = "T-R04";
pub(super) const TITLE: &str = "Parameters of the population model of pharmacokinetics";

/// The table.
pub(super) fn table(mut ledger: Ledger<'_>) -> Exhibit {
    let stated = ledger.stated;
    let model = &stated.model;
    let mut rows = vec![heading_row("Typical values")];
    for name in ParameterName::ALL {
        if let Some(parameter) = model.parameters.get(name) {
            rows.push(parameter_row(&mut ledger, name, parameter));
        }
    }
    if !model.correlations.is_empty() {
        rows.push(heading_row("Correlations between subjects"));
    }
    for of in &model.correlations {
        let stub = format!("{} and {}", of.first.label(), of.second.label().to_lowercase());
        let what = format!("{} {}", of.first.id(), of.second.id());
        rows.push(single(&mut ledger, ("correlation", &what, &stub), of.value));
    }
    if !model.covariate_effects.is_empty() {
        rows.push(heading_row("Effects of covariates"));
    }
    for effect in &model.covariate_effects {
        let on = effect.on.label();
        let (stub, value) = match (effect.power, effect.reference, effect.factor, &effect.value) {
            (Some(power), Some(reference), ..) => (format!("{on}: power of {} over {}", effect.column, trimmed(reference)), power),
            (_, _, Some(factor), Some(value)) => (format!("{on}: factor where {} is {value}", effect.column), factor),
            _ => continue,
        };
        let what = format!("{} {} {}", effect.on.id(), effect.column, effect.value.as_deref().unwrap_or_default());
        rows.push(single(&mut ledger, ("covariate_effect", &what, &stub), value));
    }
    rows.extend(food_and_time(&mut ledger));
    let heads = ["Estimate", "Relative standard error, %", "Between subjects, CV %"];
    let columns = heads.map(|head| Column { head: head.to_owned(), n: None, spanner: None }).to_vec();
    let mut notes = ledger.notes();
    notes.grouping = String::new();
    notes.methods.retain(|method| method.starts_with("Population model"));
    notes.methods.push(
        "Parameters differ log-normally between subjects; CV % is 100 times the root of exp(variance of the logarithm) minus 1".to_owned(),
    );
    if model.parameters.bioavailability.is_none() {
        notes.methods.push(
            "Bioavailability is not stated: clearance and volume are those over bioavailability where the drug is absorbed".to_owned(),
        );
    }
    notes.footnotes.clear();
    let content = Content::Table(Table { stub: "Parameter".to_owned(), columns, rows });
    Exhibit { id: ledger.exhibit(), title: TITLE.to_owned(), content, notes }
}

fn parameter_row(ledger: &mut Ledger<'_>, name: ParameterName, stated: StatedParameter) -> Row {
    let entry = |measure: &str, label: &str, unit: Unit| Entry {
        measure: measure.to_owned(),
        what: Some(name.id()),
        regimen: None,
        label: format!("{}, {label}", name.label()),
        method: "as reported".to_owned(),
        unit,
    };
    let unit = if stated.unit == "1" { Unit::Dimensionless } else { Unit::Named(stated.unit.to_owned()) };
    let estimate = entry("parameter", "typical value", unit);
    let cells = vec![
        ledger.cell(CellPattern::Value, estimate, Some(stated.written), None, &Basis::Model),
        ledger.cell(
            CellPattern::Value,
            entry("parameter_rse", "relative standard error", Unit::Percent),
            stated.rse_percent,
            None,
            &Basis::Model,
        ),
        ledger.cell(
            CellPattern::Value,
            entry("parameter_cv", "coefficient of variation between subjects", Unit::Percent),
            Some(stated.cv_percent()).filter(|cv| *cv > 0.0),
            None,
            &Basis::Model,
        ),
    ];
    let stub = if stated.unit == "1" { name.label().to_owned() } else { format!("{} ({})", name.label(), stated.unit) };
    fact_row(&stub, 1, cells)
}

/// A row with one number.
fn single(ledger: &mut Ledger<'_>, (measure, what, stub): (&str, &str, &str), value: f64) -> Row {
    let entry = Entry {
        measure: measure.to_owned(),
        what: Some(what),
        regimen: None,
        label: stub.to_owned(),
        method: "as reported".to_owned(),
        unit: Unit::Dimensionless,
    };
    let cell = ledger.cell(CellPattern::Value, entry, Some(value), None, &Basis::Model);
    fact_row(stub, 1, vec![cell, Cell::NotAvailable, Cell::NotAvailable])
}

fn food_and_time(ledger: &mut Ledger<'_>) -> Vec<Row> {
    let (food, clearance) = (ledger.stated.model.food, ledger.stated.model.time_varying_clearance);
    let mut rows = Vec::new();
    if let Some(food) = food {
        rows.push(heading_row("With food over without"));
        rows.push(single(ledger, ("food", "bioavailability", "Bioavailability"), food.bioavailability));
        if let Some(rate) = food.absorption_rate {
            rows.push(single(ledger, ("food", "absorption rate", "Absorption rate"), rate));
        }
    }
    if let Some(TimeVaryingClearance::Emax(change) | TimeVaryingClearance::Exponential(change)) = clearance {
        rows.push(heading_row("Clearance over time on treatment"));
        rows.push(single(ledger, ("clearance_change", "change", "Relative change in the end"), change.change));
        rows.push(single(ledger, ("clearance_change", "half time", "Time to half of the change (days)"), change.half_time.days()));
    }
    rows
}
