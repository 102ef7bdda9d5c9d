//! Simulated exposures by regimen: T-R08-exposure.

use crate::analysis::pk::population_simulation::{ExposureDistribution, Simulated, SimulatedRegimen};
use crate::config::{ReferenceExposure, SimulatedMetric};
use crate::evidence::table::{fact_row, heading_row};
use crate::evidence::{Cell, CellPattern, Column, Content, Exhibit, Table, Unit};

use super::ledger::{Basis, Entry, Ledger, trimmed};

pub(super) const CODE: &str = "T-R08-exposure";
pub(super) const TITLE: &str = "Simulated exposure under the proposed and alternative regimens";

/// The table: every metric under a heading; `also` are metrics that the models of exposure-response use.
pub(super) fn table(mut ledger: Ledger<'_>, also: &[SimulatedMetric]) -> Exhibit {
    let shown = [
        SimulatedMetric::AucSteadyState,
        SimulatedMetric::CmaxSteadyState,
        SimulatedMetric::CtroughSteadyState,
        SimulatedMetric::AucFirstCycle,
    ];
    let references: Vec<&ReferenceExposure> = ledger.settings.pk.reference_exposure.iter().flatten().collect();
    let simulation = ledger.simulation;
    let told = simulation.regimens.iter().any(|regimen| !regimen.targets.is_empty());
    let mut rows = Vec::new();
    for metric in SimulatedMetric::ALL.into_iter().filter(|metric| shown.contains(metric) || also.contains(metric)) {
        if simulation.regimens.iter().all(|regimen| regimen.distribution(metric).is_none()) {
            continue;
        }
        let (unit, factor) = ledger.unit(metric);
        rows.push(heading_row(&format!("{} ({unit})", ledger.metric(metric))));
        for (place, regimen) in simulation.regimens.iter().enumerate() {
            let Some(distribution) = regimen.distribution(metric) else { continue };
            let mut maker = ExposureRow { ledger: &mut ledger, regimen, metric, unit: unit.clone(), factor };
            let mut cells = maker.cells(distribution);
            if told {
                cells.push(maker.reached(&references));
            }
            let stub = ledger.regimen(place);
            rows.push(fact_row(&stub, 1, cells));
        }
    }
    let proposed = ledger.proposed().unwrap_or("the proposed dosage");
    let mut heads = vec![
        "Geometric mean (CI)".to_owned(),
        "Geometric CV, %".to_owned(),
        "Median (5th, 95th percentile)".to_owned(),
        format!("Ratio to {proposed} (CI)"),
        format!("Overlap with {proposed}, %"),
    ];
    if told {
        heads.push("Subjects at or above the reference exposure, %".to_owned());
    }
    let columns = heads.into_iter().map(|head| Column { head, n: None, spanner: None }).collect();
    let mut notes = ledger.notes();
    notes.methods.push("Overlap: share that the two distributions have in common, overlap of two log-normal distributions".to_owned());
    notes.methods.push(
        "Areas at steady state are over the same time for every schedule, so that one and two doses a day can be compared".to_owned(),
    );
    if !simulation.simulator.draws.is_empty() {
        notes.methods.push("A ratio without limits follows from the doses alone, whatever the typical values".to_owned());
    }
    for reference in references.iter().filter(|_| told) {
        let value = trimmed(reference.value);
        let unit = reference.unit.as_deref().unwrap_or_default();
        let source = reference.source.as_ref().map(|source| format!(": {source}")).unwrap_or_default();
        notes.methods.push(format!("{} ({} {value} {unit}){source}", reference.label, reference.parameter));
    }
    let content = Content::Table(Table { stub: "Exposure and regimen".to_owned(), columns, rows });
    Exhibit { id: ledger.exhibit(), title: TITLE.to_owned(), content, notes }
}

/// Makes the row of one regimen and metric.
struct ExposureRow<'a, 'b> {
    ledger: &'a mut Ledger<'b>,
    regimen: &'a SimulatedRegimen,
    metric: SimulatedMetric,
    unit: String,
    factor: f64,
}

impl ExposureRow<'_, '_> {
    fn entry(&self, measure: &str, words: &str, unit: Unit) -> Entry<'static> {
        Entry {
            measure: format!("{}_{measure}", self.metric.id()),
            what: None,
            regimen: None,
            label: format!("Simulated {}, {words}, {}", lower_first(&self.ledger.metric(self.metric)), self.regimen.regimen.label),
            method: format!("{words} over the virtual subjects"),
            unit,
        }
    }

    fn cells(&mut self, of: &ExposureDistribution) -> Vec<Cell> {
        let (factor, unit) = (self.factor, Unit::Named(self.unit.clone()));
        let id = self.regimen.regimen.id.clone();
        let named = |entry: Entry<'static>| Entry { regimen: Some(id.as_str()), ..entry };
        let scaled = |limits: Option<(f64, f64)>| limits.map(|(lower, upper)| (factor * lower, factor * upper));
        let mean_limits = Simulated { value: factor * of.geometric_mean.value, limits: scaled(of.geometric_mean.limits) };
        let interval = self.ledger.interval(mean_limits);
        let entry = named(self.entry("geomean", "geometric mean", unit.clone()));
        let mean = self.ledger.cell(CellPattern::ValueInterval, entry, Some(mean_limits.value), interval, &Basis::Model);
        let entry = named(self.entry("geocv", "geometric coefficient of variation", Unit::Percent));
        let spread = self.ledger.cell(CellPattern::Value, entry, of.geometric_cv, None, &Basis::Model);
        let [p5, _, p50, _, p95] = of.percentiles;
        let shown = [("p50", "median", p50), ("p5", "5th percentile", p5), ("p95", "95th percentile", p95)];
        let mut ids = Vec::new();
        for (measure, words, value) in shown {
            let entry = named(self.entry(measure, words, unit.clone()));
            ids.push(self.ledger.number(entry, factor * value, None, &Basis::Model));
        }
        let middle = Cell::Facts(CellPattern::ValueAside, ids);
        let ratio = match of.ratio_to_proposed {
            Some(ratio) => {
                let entry = named(self.entry("ratio", "ratio of geometric means to the proposed dosage", Unit::Dimensionless));
                let interval = self.ledger.interval(ratio);
                self.ledger.cell(CellPattern::ValueInterval, entry, Some(ratio.value), interval, &Basis::Model)
            }
            None => Cell::NotAvailable,
        };
        let entry = named(self.entry("overlap", "overlap with the proposed dosage", Unit::Percent));
        let overlap = self.ledger.cell(CellPattern::Value, entry, of.overlap_with_proposed.map(|share| 100.0 * share), None, &Basis::Model);
        vec![mean, spread, middle, ratio, overlap]
    }

    /// Share of subjects at or above each reference of this metric.
    fn reached(&mut self, references: &[&ReferenceExposure]) -> Cell {
        let id = self.regimen.regimen.id.clone();
        let mut ids = Vec::new();
        for target in self.regimen.targets.iter().filter(|target| target.metric == self.metric) {
            let Some(reference) = references.get(target.reference) else { continue };
            let words = format!("at or above: {}", reference.label);
            let what = reference.label.as_str();
            let entry = Entry { what: Some(what), regimen: Some(&id), ..self.entry("reached", &words, Unit::Percent) };
            ids.push(self.ledger.number(entry, 100.0 * target.share, None, &Basis::Model));
            if let Some(above) = target.time_above {
                let words = format!("share of the dosing interval above: {}", reference.label);
                let entry = Entry { what: Some(what), regimen: Some(&id), ..self.entry("time_above", &words, Unit::Percent) };
                ids.push(self.ledger.number(entry, 100.0 * above, None, &Basis::Model));
            }
        }
        if ids.is_empty() { Cell::NotAvailable } else { Cell::Facts(CellPattern::ValueAside, ids.into_iter().take(3).collect()) }
    }
}

/// Words after others: AUC keeps its capitals.
fn lower_first(text: &str) -> String {
    let acronym = text.chars().nth(1).is_some_and(char::is_uppercase);
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if !acronym => first.to_lowercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

/// A distribution in words, for the description of a figure.
pub(super) fn told(of: &ExposureDistribution, factor: f64) -> String {
    let [p5, _, p50, _, p95] = of.percentiles;
    format!("median {:.3e}, 5th to 95th percentile {:.3e} to {:.3e}", factor * p50, factor * p5, factor * p95)
}
