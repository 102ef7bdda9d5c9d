//! Adverse events of special interest: which groups there are, and which records belong to them.
//!
//! Groups come from the project file (by preferred term) and from the data: the values of AESI or AESICAT, the flag AESIFL, and the names
//! in customised and standardised query columns (CQ01NAM, SMQ01NAM). Groups of the same name, whatever they come from, are one group.

use super::columns::{self, Column};
use super::records::InterestGroup;
use super::words::{identifier, is_yes, normalised};
use crate::config::Settings;
use crate::data::Dataset;

/// The groups with what makes a record belong to them.
#[derive(Debug)]
pub(super) struct InterestGroups {
    /// The groups, those of the project file first.
    pub(super) groups: Vec<InterestGroup>,
    rules: Vec<(usize, Rule)>,
}

#[derive(Debug)]
enum Rule {
    /// The preferred term is one of these, in normal spelling.
    Terms(Vec<String>),
    /// The column holds this value.
    Value { column: usize, value: String },
    /// The column is a flag that is set.
    Flag { column: usize },
}

/// The groups and the columns of the data that they ask.
#[derive(Debug)]
pub(super) struct InterestColumns {
    /// The groups.
    pub(super) groups: InterestGroups,
    columns: Vec<Column<String>>,
}

impl InterestColumns {
    /// Finds the groups of the project file and of the data.
    pub(super) fn new(adae: &Dataset, settings: &Settings) -> Self {
        let mut groups = InterestGroups { groups: Vec::new(), rules: Vec::new() };
        for (id, group) in &settings.tolerability.aesi {
            let filter = format!("AEDECOD in ({})", group.terms.join(", "));
            let terms = group.terms.iter().map(|term| normalised(term)).collect();
            groups.add(id.clone(), group.label.clone(), filter, Rule::Terms(terms));
        }
        let mut found = Vec::new();
        for name in adae.columns().into_iter().filter(|name| names_groups(name)) {
            let Some(column) = columns::texts(adae, &[&name]) else { continue };
            groups.add_column(&column, adae.height(), found.len());
            found.push(column);
        }
        Self { groups, columns: found }
    }

    /// Positions of the groups that a record belongs to, ascending.
    pub(super) fn of_record(&self, index: usize, term: &str) -> Vec<usize> {
        let term = normalised(term);
        let belongs = |rule: &Rule| match rule {
            Rule::Terms(terms) => terms.contains(&term),
            Rule::Value { column, value } => columns::value(self.columns.get(*column), index) == Some(value),
            Rule::Flag { column } => is_yes(columns::value(self.columns.get(*column), index)),
        };
        let mut positions: Vec<usize> = self.groups.rules.iter().filter(|(_, rule)| belongs(rule)).map(|(group, _)| *group).collect();
        positions.sort_unstable();
        positions.dedup();
        positions
    }
}

impl InterestGroups {
    fn add(&mut self, id: String, label: String, filter: String, rule: Rule) {
        let position = match self.groups.iter_mut().position(|group| group.id == id) {
            Some(position) => position,
            None => {
                self.groups.push(InterestGroup { id, label, filter: String::new() });
                self.groups.len() - 1
            }
        };
        if let Some(group) = self.groups.get_mut(position) {
            group.filter = if group.filter.is_empty() { filter } else { format!("{} or {filter}", group.filter) };
        }
        self.rules.push((position, rule));
    }

    /// Adds the groups of a column: each value is one, unless the column is a flag.
    fn add_column(&mut self, column: &Column<String>, height: usize, position: usize) {
        let mut values: Vec<&String> = (0..height).filter_map(|index| column.get(index)).collect();
        values.sort();
        values.dedup();
        if values.iter().all(|value| matches!(normalised(value).as_str(), "Y" | "N" | "YES" | "NO")) {
            let label = "Adverse event of special interest".to_owned();
            self.add("aesi".to_owned(), label, format!("{} = Y", column.name), Rule::Flag { column: position });
            return;
        }
        for value in values {
            let rule = Rule::Value { column: position, value: value.clone() };
            self.add(identifier(value), sentence_case(value), format!("{} = {value}", column.name), rule);
        }
    }
}

/// Whether a column of ADAE names groups: `AESI`, `AESICAT`, `AESIFL`, `CQ01NAM`, `SMQ02NAM`.
fn names_groups(column: &str) -> bool {
    let upper = column.to_uppercase();
    let query = |prefix: &str| {
        let digits = upper.strip_prefix(prefix).and_then(|rest| rest.strip_suffix("NAM"));
        digits.is_some_and(|digits| digits.len() == 2 && digits.chars().all(|c| c.is_ascii_digit()))
    };
    matches!(upper.as_str(), "AESI" | "AESICAT" | "AESIFL") || query("CQ") || query("SMQ")
}

/// A value in capitals with only its first letter large. Words that are short or hold more than letters may be abbreviations and stay, and
/// so does a value with a digit, which may be a code.
fn sentence_case(value: &str) -> String {
    if value.contains(|c: char| c.is_ascii_digit()) {
        return value.to_owned();
    }
    let word = |word: &str, first: bool| {
        let plain = word.len() > 3 && word.chars().all(|c| c.is_ascii_uppercase());
        match (plain, first) {
            (false, _) => word.to_owned(),
            (true, true) => {
                format!("{}{}", word.chars().take(1).collect::<String>(), word.chars().skip(1).collect::<String>().to_lowercase())
            }
            (true, false) => word.to_lowercase(),
        }
    };
    value.split(' ').enumerate().map(|(index, text)| word(text, index == 0)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_columns_are_recognised() {
        assert!(["CQ01NAM", "smq02nam", "AESI"].into_iter().all(names_groups));
        assert!(!["CQ01SC", "AESEV", "CQNAM", "SMQ01SC"].into_iter().any(names_groups));
        assert_eq!(sentence_case("QT PROLONGATION"), "QT prolongation");
        assert_eq!(sentence_case("HEPATOTOXICITY"), "Hepatotoxicity");
        assert_eq!(sentence_case("PNEUMONITIS/ILD"), "PNEUMONITIS/ILD");
        assert_eq!(sentence_case("D.2.1.5.3 AESI"), "D.2.1.5.3 AESI");
    }
}
