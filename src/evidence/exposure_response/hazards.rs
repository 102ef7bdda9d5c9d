//! Tests of proportional hazards of every model of a time: T-E18-hazards.

use crate::analysis::exposure_response::{ExposureResponseResult, HazardsTest, Modelled, Models, TimeModel};
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::evidence::table::{fact_row, heading_row};
use crate::evidence::{CellPattern, Column, Content, Exhibit, ExhibitId, Facts, Notes, Row, Table, Unit, slug};
use crate::numerics::regression::ChiSquareTest;

use super::ledger::{Entry, Ledger, Value};
use super::words::datasets;

const CODE: &str = "T-E18-hazards";

/// The tests of each analysis of a time under a heading; `None` where no test could be made.
pub(super) fn table(
    results: &[(&ExposureResponseResult, &Modelled)],
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Option<Exhibit> {
    let (mut rows, mut used): (Vec<Row>, Vec<(&ExposureResponseResult, &Modelled)>) = (Vec::new(), Vec::new());
    for (result, found) in results {
        let Models::Time(models) = &found.models else { continue };
        let tests: Vec<(&TimeModel, &HazardsTest)> =
            models.models.iter().flat_map(|model| model.hazards.iter().map(move |test| (model, test))).collect();
        if tests.is_empty() {
            continue;
        }
        rows.push(heading_row(&result.label));
        let mut ledger = Ledger::new(facts, CODE, (result, &found.sample), data, settings);
        rows.extend(tests.into_iter().flat_map(|(model, test)| of_model(&mut ledger, model, test)));
        used.push((result, found));
    }
    if rows.is_empty() {
        return None;
    }
    let columns = ["Chi-square", "Degrees of freedom", "p value"].map(|head| Column { head: head.to_owned(), n: None, spanner: None });
    let population = used.first().map(|(_, found)| found.sample.panel.population.label(data)).unwrap_or_default();
    let notes = Notes {
        datasets: datasets(&used),
        population: format!("{population} with exposure and outcome, drug dosages only"),
        grouping: "Exposure of each subject, whatever the dosage".to_owned(),
        methods: vec![
            "Score tests of Grambsch and Therneau of coefficients that change with one minus the Kaplan-Meier estimate of all subjects"
                .to_owned(),
            "A level of a factor stands behind the name of its column; the first level is the reference".to_owned(),
            "A small p value says that the ratio of hazards changes over time; a large one does not show that it stays the same".to_owned(),
        ],
        ..Notes::default()
    };
    let content = Content::Table(Table { stub: "Outcome, model and column".to_owned(), columns: columns.to_vec(), rows });
    Some(Exhibit { id: ExhibitId::new(CODE, None), title: "Tests of proportional hazards".to_owned(), content, notes })
}

fn of_model(ledger: &mut Ledger<'_>, model: &TimeModel, test: &HazardsTest) -> Vec<Row> {
    let whether = if test.adjusted { "adjusted" } else { "unadjusted" };
    let name = format!("{}, {whether}", model.form.label());
    let key = format!("{}_{whether}", model.form.id());
    let mut rows: Vec<Row> = test.columns.iter().map(|(column, test)| row(ledger, (&name, &key), column, test)).collect();
    if test.columns.len() > 1 {
        rows.push(row(ledger, (&name, &key), "all together", &test.global));
    }
    rows
}

fn row(ledger: &mut Ledger<'_>, (name, key): (&str, &str), column: &str, test: &ChiSquareTest) -> Row {
    let mut stub = format!("{name}: {column}");
    if let Some(first) = stub.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let mut cell = |measure: &str, pattern: CellPattern, unit: Unit, value: Value| {
        let entry = Entry {
            measure: &format!("hazards_{measure}_{key}_{}", slug(column)),
            dosage: None,
            label: format!("test of proportional hazards, {stub}"),
            method: "Grambsch-Therneau score test".to_owned(),
            unit,
        };
        ledger.cell(pattern, entry, value)
    };
    let number = |value: f64| Value { value: Some(value), ..Value::default() };
    let cells = vec![
        cell("chi_square", CellPattern::Value, Unit::Dimensionless, number(test.chi_square)),
        cell("df", CellPattern::Value, Unit::Count, Value { count: Some(test.degrees_of_freedom as u64), ..Value::default() }),
        cell("p", CellPattern::PValue, Unit::Dimensionless, Value { value: test.p_value, ..Value::default() }),
    ];
    fact_row(&stub, 1, cells)
}
