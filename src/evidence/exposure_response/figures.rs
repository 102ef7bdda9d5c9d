//! Figures of exposure and probability: F-E07 for each analysis of an outcome that happened or not, F-E08 for benefit and harm together.

use crate::analysis::exposure_response::{Aspect, BinaryResult, ExposureResponseResult, Modelled, Models};
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::evidence::pk::with_unit;
use crate::evidence::record::interval_note;
use crate::evidence::series::series_key;
use crate::evidence::{
    Axis, BandPoint, BoxSeries, Content, Curve, Exhibit, ExhibitId, ExposureResponsePlot, Facts, FigureSpec, Notes, ObservedGroup, Plot,
    ResponseCurve, Slice, slug,
};
use crate::quantity::IntervalMethod;

use super::ledger::Ledger;
use super::models::unit;
use super::outcome_figures;
use super::words::{datasets, remarks};

/// Ratio of the largest to the smallest exposure from which the axis is logarithmic.
pub(super) const WIDE: f64 = 8.0;

/// One figure per analysis of an outcome that happened or not; those of times are of their own.
pub(super) fn figures(
    results: &[(&ExposureResponseResult, &Modelled)],
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Vec<Exhibit> {
    let mut exhibits: Vec<Exhibit> = Vec::new();
    for (result, found) in results {
        let code = if exhibits.is_empty() { "F-E07".to_owned() } else { format!("F-E07-{}", slug(&result.id).replace('_', "-")) };
        let sources = sources(&code, (result, found), data, settings, facts);
        let (plot, alt) = match &found.models {
            Models::Binary(models) if !models.curve.is_empty() => binary(result, found, models, settings),
            Models::Ordinal(models) if !models.curves.is_empty() => outcome_figures::ordinal(found, models, boxes(found, settings)),
            Models::Continuous(models) if !models.curve.is_empty() => outcome_figures::continuous(found, models, boxes(found, settings)),
            _ => continue,
        };
        let mut notes = notes(&[(*result, *found)], data, settings);
        if let Some(methods) = outcome_figures::methods(found, settings) {
            notes.methods = methods;
        }
        notes.footnotes.push(remarks(result, found, settings));
        let content = Content::Figure(FigureSpec { plot, alt, source: sources });
        exhibits.push(Exhibit { id: ExhibitId::new(&code, None), title: result.label.clone(), content, notes });
    }
    exhibits
}

/// The first outcome of benefit and the first of harm that are modelled on the same exposure.
pub(super) fn dual(
    results: &[(&ExposureResponseResult, &Modelled)],
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Option<Exhibit> {
    let of = |aspect: Aspect| {
        results.iter().filter(move |(_, found)| {
            found.sample.endpoint.aspect == aspect && matches!(&found.models, Models::Binary(models) if !models.curve.is_empty())
        })
    };
    let pair = of(Aspect::Efficacy).find_map(|benefit| {
        let same = |harm: &&&(&ExposureResponseResult, &Modelled)| {
            harm.0.exposure == benefit.0.exposure && harm.1.sample.metric.kind == benefit.1.sample.metric.kind
        };
        Some([*benefit, **of(Aspect::Safety).collect::<Vec<_>>().iter().find(same)?])
    })?;
    let mut outcomes = Vec::new();
    for (place, (_, found)) in pair.iter().enumerate() {
        if let Models::Binary(models) = &found.models {
            outcomes.push(outcome(found, models, (place, 2)));
        }
    }
    let mut source = Vec::new();
    for both in pair {
        source.extend(sources("F-E08", both, data, settings, facts));
    }
    let told: Vec<String> = pair.iter().map(|(_, found)| format!("{}: {}", found.sample.endpoint.label, at_dosages(found))).collect();
    let plot = plot(&pair, outcomes, settings);
    let alt = format!("Predicted probabilities on one axis of exposure. {}.", told.join(". "));
    let content = Content::Figure(FigureSpec { plot, alt, source });
    let mut notes = notes(&pair, data, settings);
    notes.methods.push("The two outcomes are modelled separately; their bands are not joint".to_owned());
    Some(Exhibit { id: ExhibitId::new("F-E08", None), title: "Efficacy and safety on one exposure axis".to_owned(), content, notes })
}

pub(super) fn sources(
    code: &str,
    (result, found): (&ExposureResponseResult, &Modelled),
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Vec<Slice> {
    let ledger = Ledger::new(facts, code, (result, &found.sample), data, settings);
    vec![ledger.exposure_slice(None), ledger.outcome_slice(None)]
}

fn binary(result: &ExposureResponseResult, found: &Modelled, models: &BinaryResult, settings: &Settings) -> (Plot, String) {
    let plot = plot(&[(result, found)], vec![outcome(found, models, (0, 1))], settings);
    let events = found.sample.events();
    let alt = format!(
        "Probability of the outcome against exposure, {} events in {} subjects. {}.",
        events,
        found.sample.subjects.len(),
        at_dosages(found)
    );
    (plot, alt)
}

/// Predictions at each dosage, for a reader who cannot see the figure.
fn at_dosages(found: &Modelled) -> String {
    let Models::Binary(models) = &found.models else { return String::new() };
    let told = found.sample.panel.groups.iter().zip(&models.dosages).filter_map(|(group, at)| {
        let predicted = at.predicted?;
        Some(format!(
            "{}: observed {} of {}, predicted {:.0}%",
            group.label,
            at.observed.count,
            at.observed.n,
            100.0 * predicted.probability
        ))
    });
    told.collect::<Vec<_>>().join("; ")
}

pub(super) fn plot(of: &[(&ExposureResponseResult, &Modelled)], outcomes: Vec<ResponseCurve>, settings: &Settings) -> Plot {
    // Of several outcomes the one with more subjects shows the exposures; they share most of them.
    let largest = of.iter().map(|(_, found)| *found).max_by_key(|found| found.sample.subjects.len());
    let boxes: Vec<BoxSeries> = largest.map(|found| boxes(found, settings)).unwrap_or_default();
    let name = largest.map(|found| with_unit(&found.sample.metric.label, Some(&unit(found)))).unwrap_or_default();
    let all = || boxes.iter().flat_map(|series| series.values.iter().copied());
    let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    Plot::ExposureResponse(Box::new(ExposureResponsePlot {
        exposure: Axis { label: name, log: low > 0.0 && high / low > WIDE, range: None },
        probability: Axis { label: "Probability of the outcome".to_owned(), log: false, range: Some((0.0, 1.0)) },
        outcomes,
        boxes,
    }))
}

fn boxes(found: &Modelled, settings: &Settings) -> Vec<BoxSeries> {
    let sample = &found.sample;
    let series = |(place, group)| {
        let values = sample.exposures_of(place);
        BoxSeries { series: series_key(group, settings, values.len()), values }
    };
    sample.panel.groups.iter().enumerate().map(series).collect()
}

pub(super) fn outcome(found: &Modelled, models: &BinaryResult, (rank, of): (usize, usize)) -> ResponseCurve {
    let exposures = |event: bool| {
        let mut values: Vec<f64> =
            found.sample.subjects.iter().filter(|subject| subject.outcome.event() == event).map(|subject| subject.exposure).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let band = models.curve.iter().filter_map(|point| {
        let (lower, upper) = point.limits?;
        Some(BandPoint { at: point.exposure, lower, upper })
    });
    let form = models.chosen().map_or("", |model| model.form().label());
    let groups = models.analysis.groups.iter().flat_map(|groups| &groups.groups).map(|group| ObservedGroup {
        at: group.median,
        from: group.minimum,
        to: group.maximum,
        proportion: group.rate,
        lower: group.limits.0,
        upper: group.limits.1,
        events: group.events,
        n: group.n,
    });
    ResponseCurve {
        curve: Curve {
            label: format!("{} ({form})", found.sample.endpoint.label),
            rank,
            of,
            points: models.curve.iter().map(|point| (point.exposure, point.probability)).collect(),
            band: band.collect(),
        },
        harm: found.sample.endpoint.aspect == Aspect::Safety,
        groups: groups.collect(),
        with_event: exposures(true),
        without_event: exposures(false),
    }
}

/// An exposure with three significant digits, for a name in a figure.
pub(super) fn short(value: f64) -> String {
    if !value.is_finite() || value.abs() < 1e-9 {
        return "0".to_owned();
    }
    let decimals = (2.0 - value.abs().log10().floor()).clamp(0.0, 9.0) as usize;
    format!("{value:.decimals$}")
}

fn notes(of: &[(&ExposureResponseResult, &Modelled)], data: &AnalysisData, settings: &Settings) -> Notes {
    let population = of.first().map(|(_, found)| found.sample.panel.population.label(data)).unwrap_or_default();
    let exact = interval_note(&settings.intervals, IntervalMethod::ClopperPearson);
    let wald = interval_note(&settings.intervals, IntervalMethod::Wald);
    let methods = vec![
        format!("Curve: the chosen model without covariates; band: {wald} on the logit scale, pointwise"),
        format!("Points: observed proportions by quartile of exposure at its median; {exact}; horizontal bars: range of exposure"),
        "Boxes: exposures of the subjects by dosage received".to_owned(),
    ];
    Notes {
        datasets: datasets(of),
        population: format!("{population} with exposure and outcome, drug dosages only"),
        grouping: "Exposure of each subject, whatever the dosage".to_owned(),
        methods,
        ..Notes::default()
    }
}
