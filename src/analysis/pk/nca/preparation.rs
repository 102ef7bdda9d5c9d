//! From samples to a curve: what is left out, what stands for samples below the limit, and what stands for the time of the dose.

use super::curve::{Curve, Point};
use super::profile::{Concentration, NcaError, Profile, Regimen, Route, Sample, same_time};
use super::reason::{Caution, NotCalculated, Outcome};
use super::rules::{NcaRules, StartRule};
use crate::config::BlqRule;

/// A profile ready for the analysis.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) curve: Curve,
    /// Samples with a result at or after the dose.
    pub(super) observed: Vec<Sample>,
    /// The first sample below the limit after the last quantifiable one: its time and what stands for it.
    pub(super) first_below_after_last: Option<(f64, f64)>,
    /// Initial concentration after a bolus.
    pub(super) initial: Outcome,
    /// Whether the curve begins with an initial concentration that was extrapolated.
    pub(super) initial_extrapolated: bool,
    pub(super) cautions: Vec<Caution>,
}

/// What a sample below the limit contributes under a rule.
fn below_limit(rule: BlqRule, limit: Option<f64>) -> Option<f64> {
    match rule {
        BlqRule::Zero => Some(0.0),
        BlqRule::Drop => None,
        BlqRule::HalfLimit => limit.map(|limit| 0.5 * limit),
    }
}

/// What stands for a sample that ends an interval or bounds a minimum: a sample that the rule leaves out is below the limit all the same.
pub(super) fn bounding(rule: BlqRule, limit: Option<f64>) -> f64 {
    below_limit(rule, limit).unwrap_or(0.0)
}

/// Prepares a checked profile.
///
/// # Errors
/// [`NcaError::TwoResults`].
pub(super) fn prepare(profile: &Profile<'_>, rules: &NcaRules) -> Result<Prepared, NcaError> {
    let mut cautions = Vec::new();
    let observed = observed(profile, &mut cautions)?;
    let quantifiable = |sample: &Sample| matches!(sample.concentration, Concentration::Measured(_));
    let first = observed.iter().position(quantifiable);
    let last = observed.iter().rposition(quantifiable);
    let mut points = match (first, last) {
        (Some(first), Some(last)) => points(&observed, first, last, rules, &mut cautions),
        _ => Vec::new(),
    };
    let first_below_after_last = last.and_then(|last| observed.get(last + 1)).map(|sample| match sample.concentration {
        Concentration::BelowLimit { limit } => (sample.time, bounding(rules.blq.after_last, limit)),
        Concentration::Measured(value) => (sample.time, value),
        Concentration::Missing => (sample.time, 0.0),
    });
    let at_dose = points.first().is_some_and(|point| same_time(point.time, 0.0));
    let initial = initial_concentration(profile.route, &points, &mut cautions);
    let mut initial_extrapolated = false;
    if !at_dose && !points.is_empty() && rules.start == StartRule::Assume {
        let value = match (profile.route, profile.regimen) {
            (Route::IntravenousBolus, _) => {
                initial_extrapolated = true;
                initial.unwrap_or(0.0)
            }
            (_, Regimen::FirstDose) => {
                cautions.push(Caution::StartAssumedZero);
                0.0
            }
            (_, Regimen::BeforeSteadyState | Regimen::SteadyState) => {
                cautions.push(Caution::StartFromMinimum);
                lowest(&points, profile.tau)
            }
        };
        points.insert(0, Point { time: 0.0, value, quantifiable: false });
    }
    let curve = Curve::new(points, rules.auc_method);
    Ok(Prepared { curve, observed, first_below_after_last, initial, initial_extrapolated, cautions })
}

/// Samples with a result at or after the dose, repeats counted once; the last sample before the dose stands for its time where none was taken then.
fn observed(profile: &Profile<'_>, cautions: &mut Vec<Caution>) -> Result<Vec<Sample>, NcaError> {
    let mut kept: Vec<Sample> = Vec::with_capacity(profile.samples.len() + 1);
    let mut before: Option<Sample> = None;
    let (mut missing, mut repeated) = (0, 0);
    for sample in profile.samples {
        let concentration = match sample.concentration {
            Concentration::Missing => {
                missing += 1;
                continue;
            }
            Concentration::Measured(value) if value <= 0.0 => Concentration::BelowLimit { limit: None },
            other => other,
        };
        let sample = Sample { time: sample.time, concentration };
        let earlier = kept.last().or(before.as_ref());
        if let Some(earlier) = earlier.filter(|earlier| same_time(earlier.time, sample.time)) {
            if same_result(earlier.concentration, sample.concentration) {
                repeated += 1;
                continue;
            }
            return Err(NcaError::TwoResults { time: sample.time });
        }
        if sample.time < 0.0 {
            before = Some(sample);
        } else {
            kept.push(sample);
        }
    }
    let bolus = profile.route == Route::IntravenousBolus;
    let at_dose = kept.first().is_some_and(|sample| same_time(sample.time, 0.0));
    if let Some(before) = before.filter(|_| !at_dose && !bolus) {
        cautions.push(Caution::PredoseAtDose { time: before.time });
        kept.insert(0, Sample { time: 0.0, ..before });
    }
    // A sample below the limit at the time of a bolus was drawn before it.
    if bolus && at_dose && kept.first().is_some_and(|sample| matches!(sample.concentration, Concentration::BelowLimit { .. })) {
        kept.remove(0);
    }
    if missing > 0 {
        cautions.push(Caution::MissingSamples { samples: missing });
    }
    if repeated > 0 {
        cautions.push(Caution::RepeatedSamples { samples: repeated });
    }
    Ok(kept)
}

fn same_result(left: Concentration, right: Concentration) -> bool {
    match (left, right) {
        (Concentration::Measured(left), Concentration::Measured(right)) => left.to_bits() == right.to_bits(),
        (Concentration::BelowLimit { .. }, Concentration::BelowLimit { .. }) | (Concentration::Missing, Concentration::Missing) => true,
        _ => false,
    }
}

/// Points of the curve after the rules for samples below the limit.
fn points(observed: &[Sample], first: usize, last: usize, rules: &NcaRules, cautions: &mut Vec<Caution>) -> Vec<Point> {
    let mut points = Vec::with_capacity(observed.len() + 1);
    let mut unknown = 0;
    for (position, sample) in observed.iter().enumerate() {
        let rule = match position {
            position if position < first => rules.blq.before_first,
            position if position > last => rules.blq.after_last,
            _ => rules.blq.between,
        };
        match sample.concentration {
            Concentration::Measured(value) => points.push(Point { time: sample.time, value, quantifiable: true }),
            Concentration::BelowLimit { limit } => {
                if rule == BlqRule::HalfLimit && limit.is_none() {
                    unknown += 1;
                }
                points.extend(below_limit(rule, limit).map(|value| Point { time: sample.time, value, quantifiable: false }));
            }
            Concentration::Missing => {}
        }
    }
    if unknown > 0 {
        cautions.push(Caution::LimitUnknown { samples: unknown });
    }
    points
}

/// Initial concentration after a bolus.
///
/// ```text
/// C(0) as sampled, otherwise exp(ln C_1 + t_1 (ln C_1 - ln C_2) / (t_2 - t_1)), or C_1 where C_1 <= C_2
/// ```
fn initial_concentration(route: Route, points: &[Point], cautions: &mut Vec<Caution>) -> Outcome {
    if route != Route::IntravenousBolus {
        return Err(NotCalculated::NotForRoute);
    }
    let mut quantifiable = points.iter().filter(|point| point.quantifiable);
    let first = quantifiable.next().ok_or(NotCalculated::NothingQuantifiable)?;
    if same_time(first.time, 0.0) {
        return Ok(first.value);
    }
    match quantifiable.next() {
        Some(second) if second.value < first.value => {
            let slope = (first.value / second.value).ln() / (second.time - first.time);
            Ok(first.value * (slope * first.time).exp())
        }
        _ => {
            cautions.push(Caution::InitialFromFirstSample);
            Ok(first.value)
        }
    }
}

fn lowest(points: &[Point], tau: Option<f64>) -> f64 {
    let within = |time: f64| tau.is_none_or(|tau| time <= tau || same_time(time, tau));
    let values = points.iter().filter(|point| within(point.time)).map(|point| point.value);
    let lowest = values.fold(f64::INFINITY, f64::min);
    if lowest.is_finite() { lowest } else { 0.0 }
}
