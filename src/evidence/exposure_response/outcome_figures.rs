//! Figures of ordered and continuous outcomes: F-E07 with curves on the outcome's own scale.

use crate::analysis::exposure_response::{ContinuousResult, Modelled, Models, OrdinalResult};
use crate::config::Settings;
use crate::evidence::pk::with_unit;
use crate::evidence::record::interval_note;
use crate::evidence::{Axis, BandPoint, BoxSeries, Curve, ObservedOutcome, OutcomeCurvesPlot, Plot};
use crate::quantity::IntervalMethod;

use super::continuous::outcome_name;
use super::figures::WIDE;
use super::models::unit;
use super::ordinal::at_least;

fn exposure_axis(found: &Modelled) -> Axis {
    let exposures = found.sample.exposures();
    let (low, high) = exposures.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)));
    Axis { label: with_unit(&found.sample.metric.label, Some(&unit(found))), log: low > 0.0 && high / low > WIDE, range: None }
}

/// Probability of each category or a higher one.
pub(super) fn ordinal(found: &Modelled, models: &OrdinalResult, boxes: Vec<BoxSeries>) -> (Plot, String) {
    let of = models.cuts.len();
    let curves = models.curves.iter().zip(&models.cuts).enumerate().map(|(rank, (points, cut))| Curve {
        label: at_least(&found.sample.endpoint, *cut),
        rank,
        of,
        points: points.iter().map(|point| (point.exposure, point.probability)).collect(),
        band: points.iter().filter_map(|point| point.limits.map(|(lower, upper)| BandPoint { at: point.exposure, lower, upper })).collect(),
    });
    let points = models.dosages.iter().flat_map(|at| {
        at.at_least.iter().enumerate().map(|(curve, told)| ObservedOutcome {
            at: at.exposure,
            value: told.observed.share().unwrap_or(f64::NAN),
            lower: None,
            upper: None,
            words: String::new(),
            curve: Some(curve),
        })
    });
    let told = models.cuts.iter().enumerate().map(|(place, cut)| {
        let at = found.sample.panel.groups.iter().zip(&models.dosages).filter_map(|(group, at)| {
            let told = at.at_least.get(place)?;
            let predicted = told.predicted?;
            Some(format!(
                "{}: observed {} of {}, predicted {:.0}%",
                group.label,
                told.observed.count,
                told.observed.n,
                100.0 * predicted.probability
            ))
        });
        format!("{}: {}", at_least(&found.sample.endpoint, *cut), at.collect::<Vec<_>>().join("; "))
    });
    let alt = format!("Probability of each category or a higher one against exposure. {}.", told.collect::<Vec<_>>().join(". "));
    let plot = OutcomeCurvesPlot {
        across: exposure_axis(found),
        outcome: Axis { label: "Probability".to_owned(), log: false, range: Some((0.0, 1.0)) },
        curves: curves.collect(),
        points: points.collect(),
        points_label: "observed at a dosage, at its mean exposure".to_owned(),
        subjects: Vec::new(),
        boxes,
    };
    (Plot::OutcomeCurves(Box::new(plot)), alt)
}

/// The mean of a number.
pub(super) fn continuous(found: &Modelled, models: &ContinuousResult, boxes: Vec<BoxSeries>) -> (Plot, String) {
    let chosen = models.chosen().map_or("", |model| model.model.label());
    let band = models.curve.iter().filter_map(|point| point.interval.map(|(lower, upper)| BandPoint { at: point.dose, lower, upper }));
    let curve = Curve {
        label: format!("mean ({chosen})"),
        rank: 0,
        of: 1,
        points: models.curve.iter().map(|point| (point.dose, point.value)).collect(),
        band: band.collect(),
    };
    let points = models.dosages.iter().map(|at| ObservedOutcome {
        at: at.exposure,
        value: at.observed.unwrap_or(f64::NAN),
        lower: at.interval.and_then(|interval| interval.lower),
        upper: at.interval.and_then(|interval| interval.upper),
        words: String::new(),
        curve: None,
    });
    let told = found.sample.panel.groups.iter().zip(&models.dosages).filter_map(|(group, at)| {
        let (observed, predicted) = at.observed.zip(at.predicted)?;
        Some(format!("{}: observed {observed:.1} in {}, predicted {:.1}", group.label, at.n, predicted.value))
    });
    let name = outcome_name(found);
    let alt = format!("{name} against exposure. {}.", told.collect::<Vec<_>>().join("; ")).replace(" -", " \u{2212}");
    let plot = OutcomeCurvesPlot {
        across: exposure_axis(found),
        outcome: Axis { label: name, log: false, range: None },
        curves: vec![curve],
        points: points.collect(),
        points_label: "observed mean at a dosage, at its mean exposure".to_owned(),
        subjects: found.sample.subjects.iter().filter_map(|subject| Some((subject.exposure, subject.outcome.value()?))).collect(),
        boxes,
    };
    (Plot::OutcomeCurves(Box::new(plot)), alt)
}

/// What stands under these figures; `None` for other outcomes.
pub(super) fn methods(found: &Modelled, settings: &Settings) -> Option<Vec<String>> {
    let boxes = "Boxes: exposures of the subjects by dosage received".to_owned();
    match &found.models {
        Models::Ordinal(_) => Some(vec![
            format!(
                "Curves: the chosen proportional-odds model without covariates; bands: {} on the logit scale, pointwise",
                interval_note(&settings.intervals, IntervalMethod::Wald)
            ),
            "Points: observed proportions at each dosage; their intervals are in the table of predictions".to_owned(),
            boxes,
        ]),
        Models::Continuous(_) => {
            let student = interval_note(&settings.intervals, IntervalMethod::StudentT);
            Some(vec![
                format!("Curve: the chosen model without covariates; band: {student}, pointwise, by the delta method"),
                format!("Points: observed means at each dosage; {student}"),
                boxes,
            ])
        }
        Models::Binary(_) | Models::Time(_) => None,
    }
}
