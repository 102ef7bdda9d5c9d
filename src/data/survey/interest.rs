//! Groups of adverse events of special interest that the data name.

use std::collections::{BTreeMap, BTreeSet};

use super::counts::Texts;
use super::words::identifier;
use crate::data::column::AEDECOD;
use crate::data::dataset::Dataset;
use crate::data::spelling::is_yes;

/// A group that a column of the adverse events names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterestGroup {
    /// Id that a build gives it: the key under `tolerability.aesi` that would belong to the same group.
    pub id: String,
    /// Its name in the data.
    pub name: String,
    /// The column.
    pub column: String,
    /// Its records.
    pub records: usize,
    /// Preferred terms of these records.
    pub terms: Vec<String>,
}

/// Whether a column holds names of groups: AESI, AESICAT, CQ01NAM, SMQ01NAM.
fn names_groups(column: &str) -> bool {
    let name = column.to_ascii_uppercase();
    let query = name.strip_suffix("NAM").and_then(|stem| stem.strip_prefix("CQ").or_else(|| stem.strip_prefix("SMQ")));
    matches!(name.as_str(), "AESI" | "AESICAT")
        || query.is_some_and(|number| !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit()))
}

/// The groups, in the order of the columns and then of their first record.
pub(super) fn interest_groups(adae: &Dataset) -> Vec<InterestGroup> {
    let terms = Texts::of(adae, &[AEDECOD]);
    let mut groups: Vec<InterestGroup> = Vec::new();
    for column in adae.columns().iter().filter(|column| names_groups(column)).filter_map(|column| Texts::of(adae, &[column])) {
        let mut seen: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
        for (row, name) in column.iter().enumerate() {
            // A column of `Y` and `N` is a flag: it names no group.
            let Some(name) = name.filter(|name| !is_yes(name) && !matches!(*name, "N" | "NO")) else { continue };
            let (records, found) = seen.entry(name).or_default();
            *records += 1;
            found.extend(terms.as_ref().and_then(|terms| terms.get(row)));
        }
        for (name, (records, terms)) in seen {
            let terms = terms.into_iter().map(str::to_owned).collect();
            groups.push(InterestGroup { id: identifier(name), name: name.to_owned(), column: column.name.clone(), records, terms });
        }
    }
    groups.retain(|group| !group.id.is_empty());
    groups
}
