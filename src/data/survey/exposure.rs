//! What the dosing records say of each arm: drug, frequency, unit.

use std::collections::BTreeMap;

use super::arms::Membership;
use super::counts::{Counted, Texts, counted};
use super::name_text::{comparator_word, is_generic};
use crate::data::column::{EXDOSFRQ, EXDOSU, EXTRT, USUBJID};
use crate::data::dataset::Dataset;

/// The most frequent values of an arm's dosing records.
#[derive(Debug, Clone, Default)]
pub(super) struct Dosing {
    /// Names in EXTRT, the most frequent first, without placebo and words that name no drug.
    pub(super) drugs: Vec<Counted>,
    /// Values of EXDOSFRQ.
    pub(super) frequencies: Vec<Counted>,
    /// Values of EXDOSU.
    pub(super) units: Vec<Counted>,
}

/// Dosing by position of the arm.
pub(super) fn dosing(adex: &Dataset, membership: &Membership) -> BTreeMap<usize, Dosing> {
    let Some(subjects) = Texts::of(adex, &[USUBJID]) else { return BTreeMap::new() };
    let columns = [EXTRT, EXDOSFRQ, EXDOSU].map(|name| Texts::of(adex, &[name]));
    let mut rows: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (row, subject) in subjects.iter().enumerate() {
        if let Some(arm) = subject.and_then(|subject| membership.received(subject)) {
            rows.entry(arm).or_default().push(row);
        }
    }
    let of_rows = |column: &Option<Texts>, rows: &[usize]| {
        column.as_ref().map(|texts| counted(rows.iter().filter_map(|row| texts.get(*row)))).unwrap_or_default()
    };
    let [drug, frequency, unit] = &columns;
    let of_arm = |rows: Vec<usize>| {
        let mut drugs = of_rows(drug, &rows);
        drugs.retain(|drug| comparator_word(&drug.value).is_none() && !is_generic(&drug.value));
        Dosing { drugs, frequencies: of_rows(frequency, &rows), units: of_rows(unit, &rows) }
    };
    rows.into_iter().map(|(arm, rows)| (arm, of_arm(rows))).collect()
}
