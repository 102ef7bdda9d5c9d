//! Pharmacokinetic parameters as ADPP gives them.

use std::collections::BTreeSet;

use super::columns::{self, Column, Derived};
use super::records::PkParameter;
use super::roster::{Record, Roster};
use super::words::{Noted, is_yes, normalised};
use crate::data::Dataset;
use crate::diagnostic::{Diagnostic, Severity};

#[derive(Debug)]
struct ParameterColumns {
    code: Option<Column<String>>,
    label: Option<Column<String>>,
    category: Option<Column<String>>,
    specimen: Option<Column<String>>,
    visit: Option<Column<String>>,
    value: Option<Column<f64>>,
    unit: Option<Column<String>>,
    record_type: Option<Column<String>>,
    summary_flag: Option<Column<String>>,
}

impl ParameterColumns {
    fn new(adpp: &Dataset) -> Self {
        Self {
            code: columns::texts(adpp, &["PARAMCD", "PPTESTCD"]),
            label: columns::texts(adpp, &["PARAM", "PPTEST"]),
            category: columns::texts(adpp, &["PPCAT", "PARCAT1"]),
            specimen: columns::texts(adpp, &["PPSPEC"]),
            visit: columns::texts(adpp, &["AVISIT", "VISIT"]),
            value: columns::numbers(adpp, &["AVAL", "PPSTRESN"]),
            unit: columns::texts(adpp, &["AVALU", "PPSTRESU"]),
            record_type: columns::texts(adpp, &["DTYPE"]),
            summary_flag: columns::texts(adpp, &["PPSUMFL"]),
        }
    }

    fn names(&self) -> Vec<String> {
        let Self { code, label: _, category, specimen, visit, value, unit, record_type, summary_flag } = self;
        let texts = [code, category, specimen, visit, unit, record_type, summary_flag].map(columns::name);
        texts.into_iter().chain([columns::name(value)]).flatten().collect()
    }

    fn read(&self, record: &Record<'_>) -> Option<PkParameter> {
        let text = |column: &Option<Column<String>>| columns::text(column.as_ref(), record.index);
        if text(&self.record_type).is_some_and(|kind| normalised(&kind).contains("COPY")) {
            return None;
        }
        let code = text(&self.code)?;
        Some(PkParameter {
            row: record.row,
            subject: record.position,
            label: text(&self.label).unwrap_or_else(|| code.clone()),
            code,
            category: text(&self.category),
            specimen: text(&self.specimen),
            visit: text(&self.visit),
            value: columns::number(self.value.as_ref(), record.index),
            unit: text(&self.unit),
            in_summary: self.summary_flag.as_ref().is_none_or(|flag| flag.get(record.index).is_none() || is_yes(flag.get(record.index))),
        })
    }
}

/// What makes two records the same: all but the row.
fn identity(parameter: &PkParameter) -> String {
    let PkParameter { row: _, subject, code, label: _, category, specimen, visit, value, unit, in_summary } = parameter;
    format!("{subject:?} {code} {category:?} {specimen:?} {visit:?} {value:?} {unit:?} {in_summary}")
}

/// Reads ADPP: one record per parameter, without records that DTYPE calls copies and without exact repeats, which are reported.
pub(super) fn derive_pk_parameters(adpp: &Dataset, roster: &Roster<'_>, diagnostics: &mut Vec<Diagnostic>) -> Derived<PkParameter> {
    let columns = ParameterColumns::new(adpp);
    let mut seen = BTreeSet::new();
    let mut repeats = Noted::default();
    let mut parameters = Vec::new();
    for record in roster.records(adpp) {
        let Some(parameter) = columns.read(&record) else { continue };
        if seen.insert(identity(&parameter)) {
            parameters.push(parameter);
        } else {
            repeats.note(&parameter.code, record.row, &record.subject.usubjid);
        }
    }
    let repeats = repeats.diagnostic(
        "pk-parameter-repeated",
        Severity::Minor,
        |values| {
            format!("records that repeat subject, parameter, category, visit, value and unit of an earlier one are left out: {values}")
        },
        "remove the repeats, or add the variable that tells them apart to PPCAT or AVISIT",
    );
    diagnostics.extend(repeats.map(|diagnostic| diagnostic.in_dataset("ADPP")));
    Derived { records: parameters, columns: columns.names() }
}
