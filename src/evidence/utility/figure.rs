//! The index in pictures: F-E14.

use super::ledger::Ledger;
use super::{Context, ONE_AMONG_OTHERS};
use crate::analysis::utility::index::Aggregation;
use crate::analysis::utility::sensitivity::Variation;
use crate::evidence::table::footnote;
use crate::evidence::{Content, Exhibit, Facts, FigureSpec, Notes, Plot, SeriesKey, TornadoBar, UtilityBar, UtilityPlot, WeightSweep};

pub(super) const CODE: &str = "F-E14";
pub(super) const TITLE: &str = "Contributions to the clinical utility index and its sensitivity";

/// The figure.
pub(super) fn draw(context: &Context<'_>, facts: &mut Facts) -> Exhibit {
    let ledger = Ledger::new(facts, CODE, context.inputs);
    let sources = ledger.slices();
    let mut datasets: Vec<String> = sources.iter().map(|slice| slice.dataset.clone()).collect();
    datasets.sort();
    datasets.dedup();
    let mut notes = Notes {
        datasets,
        population: ledger.population().to_owned(),
        grouping: "as in the tables that show the values first".to_owned(),
        ..Notes::default()
    };
    footnote(&mut notes, ONE_AMONG_OTHERS);
    let plot = plot(context, &sources.iter().map(|slice| slice.rows.len()).collect::<Vec<_>>());
    let alt = alt(&plot);
    let spec = FigureSpec { plot: Plot::Utility(Box::new(plot)), alt, source: sources };
    Exhibit { id: ledger.exhibit(), title: context.titled(TITLE), content: Content::Figure(spec), notes }
}

fn plot(context: &Context<'_>, subjects: &[usize]) -> UtilityPlot {
    let result = context.result;
    let attributes: Vec<String> = (0..result.weights.len()).map(|place| context.attribute(place).to_owned()).collect();
    let dosages = (0..context.dosages()).filter_map(|place| bar(context, place, subjects.get(place).copied().unwrap_or(0))).collect();
    let rival = rival(context);
    let lead = result.leader.zip(rival).and_then(|(first, second)| Some(result.indices.get(first)? - result.indices.get(second)?));
    let lead_label = result
        .leader
        .zip(rival)
        .map_or_else(String::new, |(first, second)| format!("{} minus {}", context.dosage(first), context.dosage(second)));
    UtilityPlot {
        attributes,
        dosages,
        preferred_from: context.settings.utility.as_ref().map_or(f64::NAN, |utility| utility.preferred_probability),
        sweeps: sweeps(context),
        tornado: tornado(context, rival),
        lead: lead.unwrap_or(f64::NAN),
        lead_label,
    }
}

fn bar(context: &Context<'_>, place: usize, subjects: usize) -> Option<UtilityBar> {
    let candidate = context.inputs.candidates.get(place)?;
    let drug: Vec<&str> = context.settings.dosages.iter().filter(|dosage| !dosage.comparator).map(|dosage| dosage.id.as_str()).collect();
    let rank = drug.iter().position(|id| *id == candidate.id);
    let series = SeriesKey {
        label: candidate.label.clone(),
        dosage: candidate.id.clone(),
        rank: rank.unwrap_or(0),
        of: drug.len().max(1),
        comparator: rank.is_none(),
        n: subjects,
    };
    let drawn = context.result.posterior.get(place)?;
    Some(UtilityBar {
        series,
        contributions: (0..context.result.weights.len()).map(|attribute| context.result.contribution(place, attribute)).collect(),
        index: *context.result.indices.get(place)?,
        limits: drawn.limits,
        probability_best: drawn.probability_best(),
    })
}

/// The dosage with the second highest index.
fn rival(context: &Context<'_>) -> Option<usize> {
    let indices = &context.result.indices;
    let leader = context.result.leader?;
    let others = indices.iter().enumerate().filter(|(place, _)| *place != leader);
    others.max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0))).map(|(place, _)| place)
}

/// The index of a weighted sum is a straight line in each weight.
fn sweeps(context: &Context<'_>) -> Vec<WeightSweep> {
    let result = context.result;
    if result.aggregation != Aggregation::Additive || result.weights.len() < 2 {
        return Vec::new();
    }
    let of_attribute = |(attribute, weight): (usize, &f64)| {
        let end = |row: &Vec<f64>| {
            let worth = row.get(attribute).copied().unwrap_or(f64::NAN);
            let total: f64 = row.iter().zip(&result.weights).map(|(worth, weight)| worth * weight).sum();
            ((total - weight * worth) / (1.0 - weight), worth)
        };
        let ends: Vec<(f64, f64)> = result.worths.iter().map(end).collect();
        let lead = result.leader.and_then(|leader| ends.get(leader).copied());
        let weights = context.sensitivity.flips.iter().filter(|flip| flip.attribute == attribute).filter_map(|flip| flip.weight);
        let flips = weights.filter_map(|weight| lead.map(|(at_none, at_all)| (weight, at_none + weight * (at_all - at_none)))).collect();
        WeightSweep { attribute: context.attribute(attribute).to_owned(), planned: *weight, ends, flips }
    };
    result.weights.iter().enumerate().filter(|(_, weight)| **weight < 1.0).map(of_attribute).collect()
}

/// The lead under each choice that is varied, the widest first.
fn tornado(context: &Context<'_>, rival: Option<usize>) -> Vec<TornadoBar> {
    let Some((leader, rival)) = context.result.leader.zip(rival) else { return Vec::new() };
    let mut bars: Vec<TornadoBar> = Vec::new();
    let planned = context.sensitivity.scenarios.first();
    let lead = |indices: &[f64]| Some(indices.get(leader)? - indices.get(rival)?);
    let Some(base) = planned.and_then(|scenario| lead(&scenario.indices)) else { return bars };
    for scenario in &context.sensitivity.scenarios {
        let (Some(label), Some(value)) = (choice(context, scenario.variation), lead(&scenario.indices)) else { continue };
        match bars.iter_mut().find(|bar| bar.label == label) {
            Some(bar) => (bar.low, bar.high) = (bar.low.min(value), bar.high.max(value)),
            None => bars.push(TornadoBar { label, low: base.min(value), high: base.max(value) }),
        }
    }
    bars.sort_by(|a, b| (b.high - b.low).total_cmp(&(a.high - a.low)));
    bars
}

/// The choice that a variation varies.
fn choice(context: &Context<'_>, variation: Variation) -> Option<String> {
    let percent = context.settings.utility.as_ref().map_or(0.0, |utility| utility.weight_change_percent);
    let label = |place| context.attribute(place);
    Some(match variation {
        Variation::AsPlanned => return None,
        Variation::WeightLower(place) | Variation::WeightHigher(place) => format!("{}: weight ±{percent}%", label(place)),
        Variation::EqualWeights => "Equal weights".to_owned(),
        Variation::Dropped(place) => format!("{}: left out", label(place)),
        Variation::WorstFurther(place) | Variation::WorstNearer(place) => format!("{}: worst anchor", label(place)),
        Variation::BestFurther(place) | Variation::BestNearer(place) => format!("{}: best anchor", label(place)),
        Variation::FirstGains | Variation::LastGains => "Shape of value functions".to_owned(),
        Variation::Aggregated(Aggregation::Additive) => "Weighted sum".to_owned(),
        Variation::Aggregated(Aggregation::Geometric) => "Geometric mean".to_owned(),
        Variation::Aggregated(Aggregation::Minimum) => "Least worth of all".to_owned(),
    })
}

fn alt(plot: &UtilityPlot) -> String {
    let each: Vec<String> = plot
        .dosages
        .iter()
        .map(|bar| format!("{} {:.2}, highest with a probability of {:.0}%", bar.series.label, bar.index, 100.0 * bar.probability_best))
        .collect();
    format!(
        "Utility index by dosage with the contribution of each attribute: {}. Below, the index against each weight and the lead under other choices.",
        each.join("; ")
    )
}
