//! The usual traps of exposure-response, each with what was observed and the threshold that it is held against, whether or not it is passed.

use super::assembly::Sample;
use super::binary::ExposureForm;
use super::binary_result::BinaryResult;
use super::caution::{
    CONFOUNDING_CORRELATION, COOK_DISTANCE, Caution, FEW_EVENTS, INFLUENCE_CHANGE, NARROW_RANGE, SLOPE_CHANGE, VERY_FEW_EVENTS,
};
use super::confounding::{association, overlapping_doses, range_ratio};
use super::continuous_result::{ContinuousModel, ContinuousResult};
use super::influence::Influence;
use super::ordinal_result::{OrdinalModel, OrdinalResult};
use super::time_result::TimeResult;

/// Share of subjects without exposure or outcome from which the rest may not stand for all.
pub const LEFT_OUT: f64 = 0.2;

/// What is looked at.
#[derive(Debug, Clone, PartialEq)]
pub enum CheckKind {
    /// Number of doses above zero.
    Doses,
    /// 95th over 5th percentile of exposure.
    Range,
    /// Neighbouring doses whose exposures overlap, as a share of all neighbours.
    Overlap,
    /// Events, or non-events where they are fewer, for each parameter of the chosen model.
    EventsPerParameter,
    /// Whether the likelihood of the models has a maximum: 1 where every one has.
    Maximum,
    /// Correlation of a covariate with exposure, in size.
    Correlation {
        /// Name of the covariate.
        covariate: String,
    },
    /// Relative change of the slope on adjustment for the covariates, in size.
    ChangeOnAdjustment,
    /// Relative change of the slope with dose as a factor beside exposure, in size.
    ChangeWithinDose,
    /// Largest Cook's distance.
    CookDistance,
    /// Change of the slope without the most influential subject, in standard errors, in size.
    ChangeWithoutSubject,
    /// Whether the metric is an average up to the event or after changes of the dose: 1 where it is.
    ExposureAfterEvent,
    /// Subjects given the drug who have no exposure or no outcome, as a share.
    LeftOut,
}

impl CheckKind {
    /// Identifier in fact ids.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Doses => "doses",
            Self::Range => "range",
            Self::Overlap => "overlap",
            Self::EventsPerParameter => "events_per_parameter",
            Self::Maximum => "maximum",
            Self::Correlation { .. } => "correlation",
            Self::ChangeOnAdjustment => "change_on_adjustment",
            Self::ChangeWithinDose => "change_within_dose",
            Self::CookDistance => "cook_distance",
            Self::ChangeWithoutSubject => "change_without_subject",
            Self::ExposureAfterEvent => "exposure_after_event",
            Self::LeftOut => "left_out",
        }
    }

    /// The rule of the catalogue of findings that it belongs to, where there is one.
    #[must_use]
    pub const fn rule(&self) -> Option<&'static str> {
        match self {
            Self::Doses | Self::Range | Self::Overlap => Some("DJ-E16"),
            Self::EventsPerParameter | Self::Maximum => Some("DJ-E17"),
            Self::ExposureAfterEvent => Some("DJ-E18"),
            Self::Correlation { .. } | Self::ChangeOnAdjustment => Some("DJ-E19"),
            Self::ChangeWithinDose | Self::CookDistance | Self::ChangeWithoutSubject | Self::LeftOut => None,
        }
    }
}

/// What an observed value is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Threshold {
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
}

impl Threshold {
    /// Whether a value keeps to it.
    #[must_use]
    pub fn keeps(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckOutcome {
    /// The threshold is kept.
    Kept,
    /// It is not.
    Caution,
    /// Nor is the one below which the analysis should not be relied on.
    Serious,
    /// It could not be computed.
    NotComputed,
}

/// One check of one analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What is looked at.
    pub kind: CheckKind,
    /// What was observed; `None` where it could not be computed.
    pub observed: Option<f64>,
    /// The threshold.
    pub threshold: Threshold,
    /// The threshold of reliance, where there is a second one.
    pub reliance: Option<Threshold>,
}

impl Check {
    fn new(kind: CheckKind, observed: Option<f64>, threshold: Threshold) -> Self {
        Self { kind, observed: observed.filter(|value| value.is_finite()), threshold, reliance: None }
    }

    /// What it found.
    #[must_use]
    pub fn outcome(&self) -> CheckOutcome {
        match self.observed {
            None => CheckOutcome::NotComputed,
            Some(value) if self.reliance.is_some_and(|reliance| !reliance.keeps(value)) => CheckOutcome::Serious,
            Some(value) if !self.threshold.keeps(value) => CheckOutcome::Caution,
            Some(_) => CheckOutcome::Kept,
        }
    }
}

/// What the models of one analysis say to the checks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fitted {
    /// The fewer of events and non-events, or the events of a time.
    events: usize,
    /// Parameters of the chosen model.
    parameters: Option<usize>,
    /// Whether every model has a maximum; `None` where none was fitted.
    maximum: Option<bool>,
    /// Slope of the straight line, with covariates, with dose as a factor, on one scale.
    slope: Option<f64>,
    adjusted: Option<f64>,
    within_dose: Option<f64>,
    influence: Option<Influence>,
}

impl Fitted {
    /// Of a binary outcome.
    pub(super) fn of_binary(found: &BinaryResult) -> Self {
        let analysis = &found.analysis;
        let of_form =
            |form| found.models.iter().find(|model| model.form == form).and_then(|model| model.effect).and_then(|effect| effect.estimate);
        let separated = analysis.cautions.iter().any(|caution| matches!(caution, Caution::Separated(_) | Caution::NotFitted { .. }));
        Self {
            events: analysis.events.min(analysis.n - analysis.events),
            parameters: found.chosen().map(super::binary::BinaryModel::parameters),
            maximum: (!analysis.models.is_empty()).then_some(!separated),
            slope: found.adjusted.as_ref().map(|model| model.form).or(Some(ExposureForm::Linear)).and_then(of_form),
            adjusted: found.adjusted_effect.and_then(|effect| effect.estimate),
            within_dose: found.within_dose.and_then(|effect| effect.estimate).and_then(|estimate| {
                // Dose as a factor stands beside linear exposure.
                of_form(ExposureForm::Linear).map(|linear| estimate / linear)
            }),
            influence: found.influence.map(|(_, influence)| influence),
        }
    }

    /// Of an ordered outcome: as the events of a binary one count the subjects above the lowest category, or those in it where they are fewer.
    pub(super) fn of_ordinal(found: &OrdinalResult, sample: &Sample) -> Self {
        let grades: Vec<usize> = sample.subjects.iter().filter_map(|subject| subject.outcome.grade()).collect();
        let lowest = grades.iter().min().copied().unwrap_or(0);
        let above = grades.iter().filter(|grade| **grade > lowest).count();
        let chosen = found.chosen();
        let estimate = |model: &OrdinalModel| model.effect.and_then(|effect| effect.estimate);
        Self {
            events: above.min(grades.len() - above),
            parameters: chosen.map(|_| found.cuts.len() + 1),
            maximum: (!found.models.is_empty()).then_some(found.models.iter().all(|model| estimate(model).is_some())),
            slope: chosen.and_then(estimate),
            adjusted: found.adjusted.as_ref().and_then(estimate),
            within_dose: found.within_dose.as_ref().and_then(estimate).zip(chosen.and_then(estimate)).map(|(within, slope)| within / slope),
            influence: None,
        }
    }

    /// Of a number: there are no events to count.
    pub(super) fn of_continuous(found: &ContinuousResult) -> Self {
        let estimate = |model: &ContinuousModel| model.effect.and_then(|effect| effect.estimate);
        let line = found.adjusted.as_ref().and_then(|adjusted| found.models.iter().find(|model| model.model == adjusted.model));
        let slope = line.and_then(estimate);
        Self {
            events: 0,
            parameters: None,
            maximum: None,
            slope,
            adjusted: found.adjusted.as_ref().and_then(estimate),
            within_dose: found.within_dose.as_ref().and_then(estimate).zip(slope).map(|(within, slope)| within / slope),
            influence: None,
        }
    }

    /// Of a time to an event.
    pub(super) fn of_time(found: &TimeResult) -> Self {
        let (chosen, line) = (found.chosen(), found.straight());
        let linear = found.models.iter().find(|model| model.form == ExposureForm::Linear).and_then(|model| model.effect?.estimate);
        Self {
            events: chosen.map_or(0, |model| model.events),
            parameters: chosen.map(|model| if model.saturation.is_some() { 2 } else { 1 }),
            maximum: line.map(|model| model.effect.is_some_and(|effect| effect.estimate.is_some())),
            slope: line.and_then(|model| model.effect?.estimate),
            adjusted: line.and_then(|model| model.adjusted?.estimate),
            within_dose: found.within_dose.and_then(|effect| effect.estimate).zip(linear).map(|(within, slope)| within / slope),
            influence: None,
        }
    }
}

/// Every check of one analysis, in the order of the catalogue.
pub(super) fn checks(sample: &Sample, fitted: &Fitted) -> Vec<Check> {
    let (exposures, doses) = (sample.exposures(), sample.doses_by_subject());
    let mut levels: Vec<f64> = doses.iter().copied().filter(|dose| *dose > 0.0).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    let told = |known: bool| f64::from(u8::from(known));
    let change = |other: Option<f64>| Some((other? / fitted.slope? - 1.0).abs());
    let each = fitted.parameters.map(|parameters| fitted.events as f64 / parameters as f64);
    let mut out = vec![
        Check::new(CheckKind::Doses, (!doses.is_empty()).then_some(levels.len() as f64), Threshold::AtLeast(2.0)),
        Check::new(CheckKind::Range, range_ratio(&exposures), Threshold::AtLeast(NARROW_RANGE)),
        Check::new(CheckKind::Overlap, overlapping_doses(&exposures, &doses), Threshold::AtLeast(f64::MIN_POSITIVE)),
        Check {
            reliance: Some(Threshold::AtLeast(VERY_FEW_EVENTS)),
            ..Check::new(CheckKind::EventsPerParameter, each, Threshold::AtLeast(FEW_EVENTS))
        },
        Check::new(CheckKind::Maximum, fitted.maximum.map(told), Threshold::AtLeast(1.0)),
        Check::new(CheckKind::ExposureAfterEvent, Some(told(sample.source.basis.uses_later_dosing())), Threshold::AtMost(0.0)),
    ];
    for covariate in &sample.covariates {
        let kind = CheckKind::Correlation { covariate: covariate.name.clone() };
        out.push(Check::new(kind, association(&exposures, covariate).map(f64::abs), Threshold::AtMost(CONFOUNDING_CORRELATION)));
    }
    if !sample.covariates.is_empty() {
        out.push(Check::new(CheckKind::ChangeOnAdjustment, change(fitted.adjusted), Threshold::AtMost(SLOPE_CHANGE)));
    }
    if let Some(ratio) = fitted.within_dose {
        out.push(Check::new(CheckKind::ChangeWithinDose, Some((ratio - 1.0).abs()), Threshold::AtMost(SLOPE_CHANGE)));
    }
    if let Some(influence) = &fitted.influence {
        out.push(Check::new(CheckKind::CookDistance, Some(influence.distance), Threshold::AtMost(COOK_DISTANCE)));
        let change = influence.change().map(f64::abs);
        out.push(Check::new(CheckKind::ChangeWithoutSubject, change, Threshold::AtMost(INFLUENCE_CHANGE)));
    }
    let missing = sample.left_out.no_exposure + sample.left_out.no_outcome;
    let share = missing as f64 / (missing + sample.subjects.len()) as f64;
    out.push(Check::new(CheckKind::LeftOut, Some(share), Threshold::AtMost(LEFT_OUT)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_threshold_makes_a_finding_serious() {
        let events = |observed: f64| Check {
            reliance: Some(Threshold::AtLeast(VERY_FEW_EVENTS)),
            ..Check::new(CheckKind::EventsPerParameter, Some(observed), Threshold::AtLeast(FEW_EVENTS))
        };
        assert_eq!([12.0, 10.0, 7.5, 5.0, 4.9].map(|observed| events(observed).outcome()), {
            use CheckOutcome::{Caution, Kept, Serious};
            [Kept, Kept, Caution, Caution, Serious]
        });
        let none = Check::new(CheckKind::Range, Some(f64::INFINITY), Threshold::AtLeast(NARROW_RANGE));
        assert_eq!((none.observed, none.outcome()), (None, CheckOutcome::NotComputed));
        assert_eq!(none.kind.rule(), Some("DJ-E16"));
    }
}
