//! Facts: the values the text may quote, each with the rows it rests on.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::quantity::{Interval, Rows};

use super::exhibit::ExhibitId;

/// Name of a fact: `<analysis>.<measure>[.<what>].<dosage>[@<part>]`, lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct FactId(String);

impl FactId {
    /// The id that these pieces name. Text that is not of the grammar (a term such as `Nausea, grade 3`) is turned into it by [`slug`].
    #[must_use]
    pub fn new(analysis: &str, measure: &str, what: Option<&str>, dosage: Option<&str>, part: Option<&str>) -> Self {
        let mut id = format!("{analysis}.{measure}");
        for piece in [what, dosage].into_iter().flatten() {
            id.push('.');
            id.push_str(&slug(piece));
        }
        if let Some(part) = part {
            id.push('@');
            id.push_str(&slug(part));
        }
        Self(id)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for FactId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl fmt::Display for FactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Lower-case words joined by underscores: letters and digits of any script stay, `≥` and `>=` become `ge`, `<` and `>` become `lt` and `gt`,
/// a decimal point becomes `p`, everything else separates.
#[must_use]
pub fn slug(text: &str) -> String {
    let spelled = text
        .replace(">=", " ge ")
        .replace('≥', " ge ")
        .replace("<=", " le ")
        .replace('≤', " le ")
        .replace('<', " lt ")
        .replace('>', " gt ");
    let mut slug = String::new();
    for c in spelled.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
    }
    slug.trim_end_matches('_').to_owned()
}

/// What a fact says, in full precision.
#[derive(Debug, Clone, PartialEq)]
pub enum FactValue {
    /// A real number.
    Number(f64),
    /// A whole number.
    Count(u64),
    /// Words, for example a dosage or a date.
    Text(String),
    /// The value exists in principle but the data do not determine it (a median that is not reached).
    NotEstimable,
}

impl Serialize for FactValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(value) => serializer.serialize_f64(*value),
            Self::Count(value) => serializer.serialize_u64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::NotEstimable => serializer.serialize_none(),
        }
    }
}

/// The unit of a fact's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// A number of things: subjects, events.
    Count,
    /// A share of a whole, from 0 to 1; rendered as a percentage.
    Proportion,
    /// Already in percent.
    Percent,
    /// A difference of two proportions, from -1 to 1; rendered in percentage points.
    ProportionDifference,
    /// Days.
    Days,
    /// Months of 30.4375 days.
    Months,
    /// Events per 100 patient-months.
    PerHundredPatientMonths,
    /// Points of a questionnaire's score.
    Points,
    /// A ratio or another pure number.
    Dimensionless,
    /// Words.
    Text,
    /// A unit that the data name, for example `ng*h/mL` or `mg`.
    Named(String),
}

impl Unit {
    /// The unit as written in `evidence.json` and in table heads.
    #[must_use]
    pub fn label(&self) -> &str {
        match self {
            Self::Count => "count",
            Self::Proportion => "proportion",
            Self::Percent => "%",
            Self::ProportionDifference => "proportion difference",
            Self::Days => "days",
            Self::Months => "months",
            Self::PerHundredPatientMonths => "events per 100 patient-months",
            Self::Points => "points",
            Self::Dimensionless => "1",
            Self::Text => "text",
            Self::Named(unit) => unit,
        }
    }
}

impl Serialize for Unit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.label())
    }
}

/// The part of a dataset that a number rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// Dataset, upper case.
    pub dataset: String,
    /// The filter in words of the dataset's own columns, for example `TRTEMFL = Y and AETOXGR >= 3`.
    pub filter: String,
    /// The columns that were read.
    pub columns: Vec<String>,
    /// The rows that pass the filter.
    pub rows: Rows,
}

impl Slice {
    /// A slice of `dataset`.
    pub fn new<S: Into<String>>(dataset: &str, filter: impl Into<String>, columns: impl IntoIterator<Item = S>, rows: Rows) -> Self {
        Self { dataset: dataset.to_owned(), filter: filter.into(), columns: columns.into_iter().map(Into::into).collect(), rows }
    }
}

/// One value that the dossier may quote.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// What it is, in a reader's words: `Confirmed objective response, 120 mg QD`.
    pub label: String,
    /// The value.
    pub value: FactValue,
    /// Its unit.
    pub unit: Unit,
    /// Subjects (or events) counted, for a proportion or a rate.
    pub count: Option<u64>,
    /// Subjects it was counted among, or observations summarised.
    pub n: Option<u64>,
    /// Interval estimate.
    pub interval: Option<Interval>,
    /// How the value was computed, in a few words: `median`, `Kaplan-Meier median`, `count of subjects`.
    pub method: String,
    /// The analysis set in words, for example `Safety set (SAFFL = Y)`.
    pub population: String,
    /// Study part, where the value speaks of one.
    pub part: Option<String>,
    /// What was counted or summarised.
    pub source: Slice,
    /// Whom it was counted among, where that is another slice.
    pub denominator: Option<Slice>,
    /// The exhibit that shows it first.
    pub exhibit: Option<ExhibitId>,
    /// Whether the analysis was planned; `None` where the project names no analysis plan.
    pub planned: Option<bool>,
}

/// Every fact by its id, in the order of ids.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    by_id: BTreeMap<FactId, Fact>,
}

impl Facts {
    /// Adds a fact and returns its id. An id that two different facts claim gets a numbered suffix (`_2`), so that none is lost; the same fact
    /// shown in a second exhibit stays one fact.
    pub fn insert(&mut self, id: FactId, fact: Fact) -> FactId {
        let same = |held: &Fact| Fact { exhibit: None, ..held.clone() } == Fact { exhibit: None, ..fact.clone() };
        let base = id.0.clone();
        let mut candidate = id;
        let mut suffix = 2;
        while let Some(held) = self.by_id.get(&candidate) {
            if same(held) {
                return candidate;
            }
            let (head, part) = base.split_once('@').unwrap_or((base.as_str(), ""));
            candidate = FactId(if part.is_empty() { format!("{head}_{suffix}") } else { format!("{head}_{suffix}@{part}") });
            suffix += 1;
        }
        self.by_id.insert(candidate.clone(), fact);
        candidate
    }

    /// The fact of an id.
    #[must_use]
    pub fn get(&self, id: &FactId) -> Option<&Fact> {
        self.by_id.get(id)
    }

    /// Says of every fact whether it was planned.
    pub(super) fn mark_planned(&mut self, planned: impl Fn(&FactId, &Fact) -> Option<bool>) {
        for (id, fact) in &mut self.by_id {
            fact.planned = planned(id, fact);
        }
    }

    /// The facts in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&FactId, &Fact)> {
        self.by_id.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(count: u64, exhibit: Option<&str>) -> Fact {
        Fact {
            label: "x".into(),
            value: FactValue::Count(count),
            unit: Unit::Count,
            count: None,
            n: None,
            interval: None,
            method: "count of subjects".into(),
            population: "all".into(),
            part: None,
            source: Slice::new("ADSL", "all rows", ["USUBJID"], Rows::default()),
            denominator: None,
            exhibit: exhibit.map(ExhibitId::from),
            planned: None,
        }
    }

    #[test]
    fn ids_follow_the_grammar() {
        let id = FactId::new("tolerability", "teae_term", Some("Nausea, grade ≥3"), Some("120mg_qd"), Some("randomised"));
        assert_eq!(id.as_str(), "tolerability.teae_term.nausea_grade_ge_3.120mg_qd@randomised");
        assert_eq!(FactId::new("escalation", "mtd", None, None, None).as_str(), "escalation.mtd");
    }

    #[test]
    fn a_fact_shown_twice_is_one_and_two_facts_never_share_an_id() {
        let mut facts = Facts::default();
        let id = FactId::from("a.b.c@d");
        assert_eq!(facts.insert(id.clone(), fact(1, Some("T-E01"))), id);
        assert_eq!(facts.insert(id.clone(), fact(1, Some("T-E02"))), id);
        assert_eq!(facts.insert(id.clone(), fact(2, None)).as_str(), "a.b.c_2@d");
        assert_eq!(facts.len(), 2);
    }
}
