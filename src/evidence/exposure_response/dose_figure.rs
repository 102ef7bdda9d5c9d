//! F-DOSE: curves of the models behind a signal over the doses, with what was observed at each dose.

use crate::analysis::exposure_response::DoseCurve;
use crate::config::{ModelSelection, Settings};
use crate::derive::AnalysisData;
use crate::evidence::record::interval_note;
use crate::evidence::{
    Axis, BandPoint, Content, Curve, Exhibit, ExhibitId, Facts, FigureSpec, Notes, ObservedOutcome, OutcomeCurvesPlot, Plot,
};
use crate::quantity::IntervalMethod;

use super::dose_ledger::DoseLedger;
use super::dose_response::{Made, selected_words};

/// One figure of one analysis; without a signal it shows what was observed only.
pub(super) fn figure(code: &str, of: Made<'_>, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let (result, found) = of;
    let sample = &found.sample;
    let outcome = match (&sample.endpoint.unit, sample.binary) {
        (_, true) => Axis { label: "Probability of the outcome".to_owned(), log: false, range: Some((0.0, 1.0)) },
        (Some(unit), false) => Axis { label: format!("{} ({unit})", sample.endpoint.label), log: false, range: None },
        (None, false) => Axis { label: sample.endpoint.label.clone(), log: false, range: None },
    };
    let plot = OutcomeCurvesPlot {
        across: Axis { label: format!("Dose ({})", sample.unit), log: false, range: None },
        outcome,
        curves: curves(of),
        points: points(of),
        points_label: "observed at a dose, with interval".to_owned(),
        subjects: Vec::new(),
        boxes: Vec::new(),
    };
    let source = vec![DoseLedger::new(facts, code, of, data, settings).outcome_slice(None)];
    let content = Content::Figure(FigureSpec { plot: Plot::OutcomeCurves(Box::new(plot)), alt: alt(of), source });
    let observed = if sample.binary { settings.intervals.proportion } else { IntervalMethod::StudentT };
    let notes = Notes {
        datasets: vec![sample.endpoint.dataset.label().to_owned(), "ADSL".to_owned()],
        population: format!("{} with the outcome", sample.panel.population.label(data)),
        grouping: format!("Doses {}", sample.panel.assignment.label()),
        methods: vec![
            if found.models.is_empty() {
                "No curve: no contrast shows a signal".to_owned()
            } else {
                format!(
                    "Curves: models of the shapes whose contrast shows a signal; band of the {}: {}, pointwise",
                    selected_words(of),
                    interval_note(&settings.intervals, IntervalMethod::BootstrapPercentile)
                )
            },
            format!("Points: {}; number of subjects beside them", interval_note(&settings.intervals, observed)),
        ],
        ..Notes::default()
    };
    Exhibit { id: ExhibitId::new(code, None), title: result.label.clone(), content, notes }
}

fn curves((result, found): Made<'_>) -> Vec<Curve> {
    let averaged = result.asked.selection == ModelSelection::Average;
    let mut named: Vec<(String, &DoseCurve, bool)> = found
        .models
        .iter()
        .enumerate()
        .map(|(place, model)| {
            let chosen = !averaged && found.chosen == Some(place);
            let suffix = if chosen { ", selected" } else { "" };
            (format!("{}{suffix}", model.model.label()), &model.curve, chosen)
        })
        .collect();
    if let Some(average) = found.averaged.as_ref().filter(|_| averaged) {
        named.push(("average of the models".to_owned(), average, true));
    }
    let of = named.len();
    let curve = |(rank, (label, curve, band)): (usize, (String, &DoseCurve, bool))| {
        let limits = curve.points.iter().filter_map(|point| point.limits.map(|(lower, upper)| BandPoint { at: point.dose, lower, upper }));
        Curve {
            label,
            rank,
            of,
            points: curve.points.iter().map(|point| (point.dose, point.value)).collect(),
            band: if band { limits.collect() } else { Vec::new() },
        }
    };
    named.into_iter().enumerate().map(curve).collect()
}

fn points((_, found): Made<'_>) -> Vec<ObservedOutcome> {
    let point = |level: &crate::analysis::exposure_response::DoseLevel| {
        let interval = level.proportion.as_ref().map_or(level.mean.and_then(|(_, interval)| interval), |of| of.interval);
        let value = level.proportion.as_ref().map_or(level.mean.map(|(mean, _)| mean), |of| of.share());
        let words = match &level.proportion {
            Some(of) => format!("{}/{}", of.count, of.n),
            None => format!("n={}", level.values.len()),
        };
        ObservedOutcome {
            at: level.dose,
            value: value.unwrap_or(f64::NAN),
            lower: interval.and_then(|interval| interval.lower),
            upper: interval.and_then(|interval| interval.upper),
            words,
            curve: None,
        }
    };
    found.sample.levels.iter().map(point).collect()
}

/// What was observed at each dose and which curve is drawn, for a reader who cannot see the figure.
fn alt(of: Made<'_>) -> String {
    let (result, found) = of;
    let told = found.sample.panel.groups.iter().zip(&found.sample.levels).map(|(group, level)| match (&level.proportion, level.mean) {
        (Some(of), _) => format!("{}: {} of {}", group.label, of.count, of.n),
        (None, Some((mean, _))) => format!("{}: mean {mean:.1} of {}", group.label, level.values.len()),
        (None, None) => group.label.clone(),
    });
    let words = format!("{}. Observed: {}. Curve: {}.", result.label, told.collect::<Vec<_>>().join("; "), selected_words(of));
    words.replace(" -", " \u{2212}")
}
