//! Who has records in the datasets whose values are read elsewhere.

use std::collections::BTreeMap;

use super::records::SubjectIndex;
use super::roster::Roster;
use crate::data::{DatasetName, TrialData};
use crate::quantity::Rows;

/// Datasets that are counted.
const COUNTED: [DatasetName; 6] =
    [DatasetName::Adpc, DatasetName::Adqs, DatasetName::Adbm, DatasetName::Adab, DatasetName::Adlb, DatasetName::Adeg];

/// Rows by subject in each dataset that is present; a dataset without a record of a known subject is an empty map.
pub(super) fn derive_presence(trial: &TrialData, roster: &Roster<'_>) -> BTreeMap<DatasetName, BTreeMap<SubjectIndex, Rows>> {
    let present = COUNTED.into_iter().filter_map(|name| Some((name, trial.get(name)?)));
    let rows_by_subject = |(name, dataset)| {
        let mut rows: BTreeMap<SubjectIndex, Vec<u32>> = BTreeMap::new();
        for record in roster.records(dataset) {
            rows.entry(record.position).or_default().push(record.row);
        }
        (name, rows.into_iter().map(|(subject, rows)| (subject, rows.into_iter().collect())).collect())
    };
    present.map(rows_by_subject).collect()
}
