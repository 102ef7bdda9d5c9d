//! The report of a validation run.

use serde::Serialize;
use serde_json::Value;

use super::CaseFile;

/// Format of the JSON report.
const SCHEMA: &str = "dosecase-validation/1";

/// Outcome for a leaf or a case; later ones are worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Computed and within tolerance.
    Matched,
    /// This program does not compute it.
    NotComputed,
    /// Computed and outside tolerance.
    Differs,
    /// The case could not be read or the method refused its input.
    Error,
}

impl Status {
    /// Identifier in files.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::NotComputed => "not_computed",
            Self::Differs => "differs",
            Self::Error => "error",
        }
    }
}

/// Tolerance of a leaf: a computed number agrees when it is within `abs + rel * |expected|`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RelAbs {
    /// Relative part.
    pub rel: f64,
    /// Absolute part.
    pub abs: f64,
}

/// One leaf of what a case expects.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeafReport {
    /// Place in `expected`, such as `coef.auc` or `rows[3].decision`; empty for a message about the whole case.
    pub path: String,
    /// Expected value.
    pub expected: Value,
    /// Computed value, `null` when there is none.
    pub computed: Value,
    /// Tolerance applied; `null` for values that are not numbers.
    pub tolerance: Option<RelAbs>,
    /// Outcome.
    pub status: Status,
    /// What a reader should know about the outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether the expected value was recorded under another convention than this program prints; the note says which.
    #[serde(skip)]
    pub other_convention: bool,
}

impl LeafReport {
    /// A message about a whole case.
    pub(super) fn message(status: Status, note: String) -> Self {
        Self {
            path: String::new(),
            expected: Value::Null,
            computed: Value::Null,
            tolerance: None,
            status,
            note: Some(note),
            other_convention: false,
        }
    }
}

/// One case with all its leaves.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseReport {
    /// Method id.
    pub method: String,
    /// Case id within the file.
    pub id: String,
    /// File, relative to the folder that was read.
    pub file: String,
    /// Every target leaf of `expected`.
    pub leaves: Vec<LeafReport>,
}

impl CaseReport {
    /// A case that could not be read.
    pub(super) fn unreadable(file: &CaseFile, id: &str, message: String) -> Self {
        Self {
            method: file.stem().to_owned(),
            id: id.to_owned(),
            file: file.name().to_owned(),
            leaves: vec![LeafReport::message(Status::Error, message)],
        }
    }

    /// Worst outcome of its leaves; a case without any target is not computed, because nothing was compared.
    pub fn status(&self) -> Status {
        self.leaves.iter().map(|leaf| leaf.status).max().unwrap_or(Status::NotComputed)
    }
}

/// Leaves by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LeafCounts {
    /// Within tolerance.
    pub matched: usize,
    /// Outside tolerance.
    pub differs: usize,
    /// Not computed by this program.
    pub not_computed: usize,
    /// In a case that could not be run.
    pub error: usize,
}

impl LeafCounts {
    fn add(&mut self, status: Status) {
        match status {
            Status::Matched => self.matched += 1,
            Status::Differs => self.differs += 1,
            Status::NotComputed => self.not_computed += 1,
            Status::Error => self.error += 1,
        }
    }
}

/// Cases by their worst leaf, and leaves by outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Cases with every leaf within tolerance.
    pub matched: usize,
    /// Cases with a leaf outside tolerance.
    pub differs: usize,
    /// Cases with a leaf that this program does not compute, and none worse.
    pub not_computed: usize,
    /// Cases that could not be run.
    pub error: usize,
    /// The same by leaf.
    pub leaves: LeafCounts,
}

/// The whole report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ValidationReport {
    /// Format of this report.
    pub schema: &'static str,
    /// Every case in the order of the files.
    pub cases: Vec<CaseReport>,
    /// Counts.
    pub summary: Summary,
}

impl ValidationReport {
    /// Report with its counts.
    pub(super) fn new(cases: Vec<CaseReport>) -> Self {
        let (mut by_case, mut leaves) = (LeafCounts::default(), LeafCounts::default());
        for case in &cases {
            by_case.add(case.status());
            case.leaves.iter().for_each(|leaf| leaves.add(leaf.status));
        }
        let LeafCounts { matched, differs, not_computed, error } = by_case;
        Self { schema: SCHEMA, cases, summary: Summary { matched, differs, not_computed, error, leaves } }
    }

    /// Whether no case differs and none is in error. Cases that are not computed do not fail a run; they are not passed either.
    pub fn passed(&self) -> bool {
        self.summary.differs == 0 && self.summary.error == 0
    }

    /// Leaves that are matched under another convention than this program prints, with their cases.
    pub(super) fn other_conventions(&self) -> impl Iterator<Item = (&CaseReport, &LeafReport)> {
        self.cases.iter().flat_map(|case| case.leaves.iter().filter(|leaf| leaf.other_convention).map(move |leaf| (case, leaf)))
    }

    /// The report as one JSON document.
    pub fn to_json(&self) -> String {
        // Serialising strings, numbers and lists has no way to fail; an empty object would say so if it did.
        serde_json::to_string_pretty(self).unwrap_or_else(|_| String::from("{}"))
    }

    /// The report as plain text: counts by method, then every case that is not matched.
    pub fn to_text(&self) -> String {
        super::text::render(self)
    }

    /// The report as one self-contained HTML page.
    pub fn to_html(&self) -> String {
        super::html::render(self)
    }

    /// Cases grouped by method, in order of first appearance, with their counts by worst leaf.
    pub(super) fn by_method(&self) -> Vec<(&str, Vec<&CaseReport>, LeafCounts)> {
        let mut groups: Vec<(&str, Vec<&CaseReport>, LeafCounts)> = Vec::new();
        for case in &self.cases {
            let known = groups.iter().position(|(method, _, _)| *method == case.method);
            let position = known.unwrap_or_else(|| {
                groups.push((&case.method, Vec::new(), LeafCounts::default()));
                groups.len() - 1
            });
            if let Some((_, cases, counts)) = groups.get_mut(position) {
                cases.push(case);
                counts.add(case.status());
            }
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(status: Status) -> LeafReport {
        LeafReport::message(status, "note".to_owned())
    }

    fn case(leaves: Vec<LeafReport>) -> CaseReport {
        CaseReport { method: "m".to_owned(), id: "i".to_owned(), file: "m.json".to_owned(), leaves }
    }

    #[test]
    fn a_case_is_as_bad_as_its_worst_leaf() {
        assert_eq!(case(vec![leaf(Status::Matched), leaf(Status::NotComputed)]).status(), Status::NotComputed);
        assert_eq!(case(vec![leaf(Status::Differs), leaf(Status::NotComputed)]).status(), Status::Differs);
        assert_eq!(case(vec![]).status(), Status::NotComputed);
    }

    #[test]
    fn counts_are_by_case_and_by_leaf() {
        let report = ValidationReport::new(vec![
            case(vec![leaf(Status::Matched); 3]),
            case(vec![leaf(Status::Matched), leaf(Status::Differs)]),
            case(vec![leaf(Status::NotComputed)]),
        ]);
        let summary = report.summary;
        assert_eq!((summary.matched, summary.differs, summary.not_computed, summary.error), (1, 1, 1, 0));
        assert_eq!((summary.leaves.matched, summary.leaves.differs), (4, 1));
        assert!(!report.passed());
    }
}
