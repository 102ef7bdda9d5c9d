//! Dosing summaries that the data already hold, in ADEXSUM or among the records of ADEX.

use std::collections::BTreeMap;

use super::columns::{self, Column};
use super::records::{DosingSummary, SubjectIndex};
use super::roster::Roster;
use super::words::normalised;
use crate::data::Dataset;

/// What a summary parameter gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Total {
    Duration,
    CumulativeDose,
    PlannedDose,
    RelativeIntensity,
    Interruptions,
    Reductions,
}

/// Customary parameter codes.
const CODES: [(&str, Total); 15] = [
    ("TDURD", Total::Duration),
    ("TRTDURD", Total::Duration),
    ("TDOSE", Total::CumulativeDose),
    ("CUMDOSE", Total::CumulativeDose),
    ("TCUMDOSE", Total::CumulativeDose),
    ("TPDOSE", Total::PlannedDose),
    ("PLCUMDOS", Total::PlannedDose),
    ("RDI", Total::RelativeIntensity),
    ("TRDI", Total::RelativeIntensity),
    ("TDOSINT", Total::RelativeIntensity),
    ("RELDI", Total::RelativeIntensity),
    ("NINT", Total::Interruptions),
    ("TNINT", Total::Interruptions),
    ("NRED", Total::Reductions),
    ("TNRED", Total::Reductions),
];

/// A summary of one drug of one subject as the data give it; intervals by cycle are unknown.
pub(super) type Totals = BTreeMap<(SubjectIndex, Option<String>), DosingSummary>;

#[derive(Debug)]
struct TotalColumns {
    parameter: Option<Column<String>>,
    label: Option<Column<String>>,
    category: Option<Column<String>>,
    drug: Option<Column<String>>,
    value: Option<Column<f64>>,
    unit: Option<Column<String>>,
}

/// Reads the summaries of whole treatment from ADEXSUM or ADEX. Summaries of a period (`WEEK 2-24`) are not of the whole treatment and are
/// not read.
///
/// A relative dose intensity is a percentage unless its unit is not `%` and no value exceeds 2, when it is a ratio.
pub(super) fn read_totals(dataset: &Dataset, roster: &Roster<'_>) -> Totals {
    let columns = TotalColumns {
        parameter: columns::texts(dataset, &["PARAMCD"]),
        label: columns::texts(dataset, &["PARAM"]),
        category: columns::texts(dataset, &["PARCAT1"]),
        drug: columns::texts(dataset, &["PARCAT2", "EXTRT"]),
        value: columns::numbers(dataset, &["AVAL"]),
        unit: columns::texts(dataset, &["AVALU"]),
    };
    let mut totals = Totals::new();
    let mut rows: BTreeMap<(SubjectIndex, Option<String>), Vec<u32>> = BTreeMap::new();
    let mut ratio = true;
    for record in roster.records(dataset) {
        let Some((total, value)) = columns.read(record.index) else { continue };
        let key = (record.position, columns::text(columns.drug.as_ref(), record.index));
        rows.entry(key.clone()).or_default().push(record.row);
        let summary = totals.entry(key).or_insert_with(|| DosingSummary { subject: record.position, ..DosingSummary::default() });
        if total == Total::RelativeIntensity {
            ratio &= value <= 2.0 && !columns.is_percentage(record.index);
        }
        columns.store(summary, total, value, record.index);
    }
    for (key, summary) in &mut totals {
        summary.drug.clone_from(&key.1);
        summary.rows = rows.remove(key).unwrap_or_default().into_iter().collect();
        if ratio {
            summary.relative_intensity = summary.relative_intensity.map(|value| 100.0 * value);
        }
    }
    totals
}

impl TotalColumns {
    fn read(&self, index: usize) -> Option<(Total, f64)> {
        let overall = columns::value(self.category.as_ref(), index).is_none_or(|category| normalised(category) == "OVERALL");
        let code = normalised(columns::value(self.parameter.as_ref(), index).filter(|_| overall)?);
        let total = CODES.iter().find(|(known, _)| *known == code).map(|(_, total)| *total)?;
        Some((total, columns::number(self.value.as_ref(), index)?))
    }

    fn is_percentage(&self, index: usize) -> bool {
        [&self.unit, &self.label].into_iter().any(|column| columns::value(column.as_ref(), index).is_some_and(|text| text.contains('%')))
    }

    fn store(&self, summary: &mut DosingSummary, total: Total, value: f64, index: usize) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count; the cast saturates at 0 and at the largest count"
        )]
        let count = Some(value as u32);
        // A name such as `Number of AE-related Interruptions` says that only those are counted.
        let for_adverse_event = columns::value(self.label.as_ref(), index).is_some_and(|label| {
            let words = normalised(label);
            words.contains("ADVERSE EVENT") || words.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "AE")
        });
        match (total, for_adverse_event) {
            (Total::Duration, _) => summary.duration_days = Some(value),
            (Total::CumulativeDose, _) => summary.cumulative_dose = Some(value),
            (Total::PlannedDose, _) => summary.planned_dose = Some(value),
            (Total::RelativeIntensity, _) => summary.relative_intensity = Some(value),
            (Total::Interruptions, false) => summary.interruptions = count,
            (Total::Interruptions, true) => summary.interruptions_adverse_event = count,
            (Total::Reductions, false) => summary.reductions = count,
            (Total::Reductions, true) => summary.reductions_adverse_event = count,
        }
    }
}
