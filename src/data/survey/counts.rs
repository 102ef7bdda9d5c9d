//! How often each value of a column occurs.

use std::collections::BTreeMap;

use crate::data::dataset::Dataset;
use crate::data::spelling::is_yes;

/// A value and how many rows or subjects have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The value.
    pub value: String,
    /// How many have it.
    pub count: usize,
}

/// A column of text that holds at least one value.
#[derive(Debug, Clone)]
pub(super) struct Texts {
    /// Its name in the data.
    pub(super) name: String,
    values: Vec<Option<String>>,
}

impl Texts {
    /// The first of these columns that holds a value.
    pub(super) fn of(dataset: &Dataset, names: &[&str]) -> Option<Self> {
        names.iter().find_map(|name| {
            let values = dataset.texts(name)?;
            values.iter().any(Option::is_some).then(|| Self { name: dataset.column(name).unwrap_or_else(|| (*name).to_owned()), values })
        })
    }

    /// The value of a row.
    pub(super) fn get(&self, row: usize) -> Option<&str> {
        self.values.get(row)?.as_deref()
    }

    /// The values of all rows.
    pub(super) fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        self.values.iter().map(Option::as_deref)
    }

    /// The different values, the most frequent first.
    pub(super) fn counted(&self) -> Vec<Counted> {
        counted(self.iter().flatten())
    }

    /// How many rows hold `Y`, `YES`, `TRUE` or `1`.
    pub(super) fn yes(&self) -> usize {
        self.iter().flatten().filter(|text| is_yes(text)).count()
    }
}

/// The different texts, the most frequent first, then by their letters.
pub(super) fn counted<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<Counted> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for text in texts {
        *counts.entry(text).or_insert(0) += 1;
    }
    let mut counted: Vec<Counted> = counts.into_iter().map(|(value, count)| Counted { value: value.to_owned(), count }).collect();
    counted.sort_by_key(|counted| std::cmp::Reverse(counted.count));
    counted
}

/// Values with their counts for a sentence: `A (12), B (3)`, at most eight of them.
pub(super) fn listed(counts: &[Counted]) -> String {
    const SHOWN: usize = 8;
    let mut shown: Vec<String> = counts.iter().take(SHOWN).map(|counted| format!("{} ({})", counted.value, counted.count)).collect();
    if counts.len() > SHOWN {
        shown.push(format!("and {} more", counts.len() - SHOWN));
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_value_comes_first() {
        let counts = counted(["B", "A", "B", "C"].into_iter());
        assert_eq!(listed(&counts), "B (2), A (1), C (1)");
    }
}
