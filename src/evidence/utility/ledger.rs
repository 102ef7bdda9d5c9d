//! From the utility index to facts: the one place that says which subjects they rest on.

use super::inputs::Inputs;
use crate::evidence::{Cell, CellPattern, ExhibitId, Fact, FactId, FactValue, Facts, Slice, Unit};
use crate::quantity::{Interval, Rows};

/// Facts of one exhibit.
pub(super) struct Ledger<'a> {
    facts: &'a mut Facts,
    exhibit: ExhibitId,
    part: Option<String>,
    population: String,
    /// Subjects behind each dosage.
    subjects: Vec<Slice>,
}

/// What one fact is about.
pub(super) struct Entry<'a> {
    /// Second piece of the id.
    pub(super) measure: &'a str,
    /// Third piece: an attribute or a scenario.
    pub(super) what: Option<&'a str>,
    /// Dosages, by position.
    pub(super) dosages: &'a [usize],
    /// What it is, without the dosages.
    pub(super) label: String,
    /// How it was computed.
    pub(super) method: &'a str,
    /// Unit.
    pub(super) unit: Unit,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(facts: &'a mut Facts, code: &str, inputs: &Inputs) -> Self {
        let held = |id: &FactId| facts.get(id).cloned();
        let column = |place: usize| inputs.facts.iter().filter_map(move |row| row.get(place)).filter_map(held);
        let subjects = (0..inputs.candidates.len()).map(|place| behind(&column(place).collect::<Vec<_>>())).collect();
        let mut populations: Vec<String> = inputs.facts.iter().flatten().filter_map(held).map(|fact| fact.population).collect();
        populations.sort();
        populations.dedup();
        let exhibit = ExhibitId::new(code, inputs.part.as_deref());
        Self { exhibit, part: inputs.part.clone(), population: populations.join("; "), subjects, facts }
    }

    /// The exhibit.
    pub(super) fn exhibit(&self) -> ExhibitId {
        self.exhibit.clone()
    }

    /// The sets of subjects, in words.
    pub(super) fn population(&self) -> &str {
        &self.population
    }

    /// The subjects behind every dosage.
    pub(super) fn slices(&self) -> Vec<Slice> {
        self.subjects.clone()
    }

    /// A fact on the subjects of its dosages.
    pub(super) fn insert(&mut self, entry: Entry<'_>, inputs: &Inputs, value: Option<f64>, interval: Option<Interval>) -> FactId {
        let all: Vec<usize> = (0..inputs.candidates.len()).collect();
        let about = if entry.dosages.is_empty() { all.as_slice() } else { entry.dosages };
        let of = |place: &usize| inputs.candidates.get(*place);
        let named: Vec<&str> = entry.dosages.iter().filter_map(of).map(|candidate| candidate.id.as_str()).collect();
        let labels: Vec<&str> = entry.dosages.iter().filter_map(of).map(|candidate| candidate.label.as_str()).collect();
        let label = if labels.is_empty() { entry.label } else { format!("{}, {}", entry.label, labels.join(" and ")) };
        let slices: Vec<&Slice> = about.iter().filter_map(|place| self.subjects.get(*place)).collect();
        let fact = Fact {
            label,
            value: value.filter(|value| value.is_finite()).map_or(FactValue::NotEstimable, FactValue::Number),
            unit: entry.unit,
            count: None,
            n: None,
            interval,
            method: entry.method.to_owned(),
            population: self.population.clone(),
            part: self.part.clone(),
            source: together(&slices),
            denominator: None,
            exhibit: Some(self.exhibit.clone()),
            planned: None,
        };
        let pair = (!named.is_empty()).then(|| named.join(" vs "));
        self.facts.insert(FactId::new("utility", entry.measure, entry.what, pair.as_deref(), self.part.as_deref()), fact)
    }

    /// A cell with one fact.
    pub(super) fn cell(&mut self, entry: Entry<'_>, inputs: &Inputs, value: Option<f64>) -> Cell {
        Cell::Facts(CellPattern::Value, vec![self.insert(entry, inputs, value, None)])
    }
}

/// The subjects of ADSL that the values of one dosage were counted among; the records themselves where no value has a denominator.
fn behind(facts: &[Fact]) -> Slice {
    let of_subjects: Vec<&Slice> =
        facts.iter().filter_map(|fact| fact.denominator.as_ref()).filter(|slice| slice.dataset == "ADSL").collect();
    if of_subjects.is_empty() {
        return facts.first().map_or_else(|| Slice::new("ADSL", "all rows", ["USUBJID"], Rows::default()), |fact| fact.source.clone());
    }
    together(&of_subjects)
}

/// The slices of one dataset put together.
fn together(slices: &[&Slice]) -> Slice {
    let Some(first) = slices.first() else { return Slice::new("ADSL", "all rows", ["USUBJID"], Rows::default()) };
    let same = || slices.iter().filter(|slice| slice.dataset == first.dataset);
    let mut filters: Vec<&str> = same().map(|slice| slice.filter.as_str()).collect();
    filters.dedup();
    let filter = match filters.as_slice() {
        [only] => (*only).to_owned(),
        several => several.iter().map(|filter| format!("({filter})")).collect::<Vec<_>>().join(" or "),
    };
    let mut columns: Vec<String> = same().flat_map(|slice| slice.columns.clone()).collect();
    columns.sort();
    columns.dedup();
    let rows: Rows = same().flat_map(|slice| slice.rows.as_slice().iter().copied()).collect();
    Slice::new(&first.dataset, filter, columns, rows)
}
