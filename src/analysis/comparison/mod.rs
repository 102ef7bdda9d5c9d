//! Crude differences of proportions between dosages.
//!
//! A difference is the first dosage minus the second; the first is the lower dosage, or the drug where the second is a comparator. The difference is
//! descriptive: nothing here tests a hypothesis, and only a study part that assigned dosages at random compares like with like.

mod endpoints;
mod verdict;

pub use endpoints::endpoints;
pub use verdict::{Verdict, margin_of};

use crate::config::{IntervalSettings, Settings};
use crate::numerics::two_proportions::{DifferenceMethod, Table, difference_interval, odds_ratio_woolf, risk_difference};
use crate::quantity::{Interval, IntervalMethod};

use super::efficacy::ResponderParameter;
use super::grouping::{Group, Panel};
use super::measure::Proportion;
use super::tolerability::EventClass;

/// Smallest number of subjects in each of two dosages for a difference to be shown.
pub const SMALLEST_GROUP: usize = 10;

/// An endpoint that dosages are compared on.
#[derive(Debug, Clone)]
pub struct ComparedEndpoint {
    /// Name for ids: `orr`, `teae_grade3plus`.
    pub id: String,
    /// Name in words.
    pub label: String,
    /// What is counted.
    pub counted: Counted,
    /// Panels with one proportion per column.
    pub panels: Vec<(Panel, Vec<Proportion>)>,
}

/// What an endpoint counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted {
    /// Responders by a parameter of ADRS.
    Response(ResponderParameter),
    /// Subjects with an adverse event of a class.
    Events(EventClass),
}

/// A crude difference.
#[derive(Debug, Clone)]
pub struct Difference {
    /// Lower dosage, or the drug.
    pub first: Group,
    /// Higher dosage, or the comparator.
    pub second: Group,
    /// Proportion under the first.
    pub first_share: Proportion,
    /// Proportion under the second.
    pub second_share: Proportion,
    /// First minus second, from -1 to 1.
    pub difference: f64,
    /// Interval by the project's method.
    pub interval: Option<Interval>,
    /// Odds ratio, first over second; `None` when a cell is empty.
    pub odds_ratio: Option<(f64, Interval)>,
}

/// The differences on one endpoint in one panel.
#[derive(Debug, Clone)]
pub struct EndpointComparison {
    /// The endpoint, without its panels.
    pub endpoint: ComparedEndpoint,
    /// The panel.
    pub panel: Panel,
    /// Every pair.
    pub differences: Vec<Difference>,
}

/// Compares every pair of dosages that each have at least [`SMALLEST_GROUP`] subjects in the panel; where the project names a proposed dosage and
/// alternatives, the pairs of the whole programme are those among them.
#[must_use]
pub fn analyse(endpoints: &[ComparedEndpoint], settings: &Settings) -> Vec<EndpointComparison> {
    let mut comparisons = Vec::new();
    for endpoint in endpoints {
        for (panel, shares) in &endpoint.panels {
            let columns: Vec<(&Group, &Proportion)> = panel
                .groups
                .iter()
                .zip(shares)
                .filter(|(group, share)| group.dosage.is_some() && share.n >= SMALLEST_GROUP as u64)
                .collect();
            let columns = if panel.part.is_none() { candidates(columns, settings) } else { columns };
            let differences: Vec<Difference> = (0..columns.len())
                .flat_map(|first| (first + 1..columns.len()).map(move |second| (first, second)))
                .filter_map(|(first, second)| difference(columns.get(first)?, columns.get(second)?, &settings.intervals))
                .collect();
            if !differences.is_empty() {
                let endpoint = ComparedEndpoint { panels: Vec::new(), ..endpoint.clone() };
                comparisons.push(EndpointComparison { endpoint, panel: panel.clone(), differences });
            }
        }
    }
    comparisons
}

fn candidates<'a>(columns: Vec<(&'a Group, &'a Proportion)>, settings: &Settings) -> Vec<(&'a Group, &'a Proportion)> {
    let Some(decision) = &settings.decision else { return columns };
    let named: Vec<(&Group, &Proportion)> =
        columns.iter().filter(|(group, _)| group.id == decision.proposed || decision.alternatives.contains(&group.id)).copied().collect();
    if named.len() > 1 { named } else { columns }
}

fn difference(first: &(&Group, &Proportion), second: &(&Group, &Proportion), intervals: &IntervalSettings) -> Option<Difference> {
    let table = Table::new(first.1.count, first.1.n, second.1.count, second.1.n).ok()?;
    let interval = |limits: (f64, f64), method| Interval { lower: Some(limits.0), upper: Some(limits.1), level: intervals.level, method };
    let limits = difference_interval(method(intervals.difference), &table, intervals.level).ok();
    Some(Difference {
        first: first.0.clone(),
        second: second.0.clone(),
        first_share: first.1.clone(),
        second_share: second.1.clone(),
        difference: risk_difference(&table),
        interval: limits.map(|limits| interval(limits, intervals.difference)),
        odds_ratio: odds_ratio_woolf(&table, intervals.level)
            .ok()
            .filter(|ratio| ratio.estimate.is_finite() && ratio.estimate > 0.0)
            .map(|ratio| (ratio.estimate, interval((ratio.lower, ratio.upper), IntervalMethod::Woolf))),
    })
}

fn method(method: IntervalMethod) -> DifferenceMethod {
    match method {
        IntervalMethod::MiettinenNurminen => DifferenceMethod::MiettinenNurminen,
        IntervalMethod::ExactChanZhang => DifferenceMethod::ExactChanZhang,
        IntervalMethod::Wald => DifferenceMethod::Wald,
        _ => DifferenceMethod::NewcombeHybridScore,
    }
}
