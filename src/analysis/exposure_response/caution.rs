//! What a reader must know about an exposure-response analysis: observed values beside thresholds.

use super::binary::ExposureForm;
use crate::config::ExposureBasis;
use crate::numerics::glm::Separation;

/// Ratio of the 95th to the 5th percentile of exposure below which its range is narrow.
pub const NARROW_RANGE: f64 = 3.0;

/// Events (or non-events, whichever are fewer) per parameter below which estimates are unreliable.
pub const FEW_EVENTS: f64 = 10.0;

/// The same, below which they should not be relied on at all.
pub const VERY_FEW_EVENTS: f64 = 5.0;

/// Correlation with exposure above which a covariate may confound.
pub const CONFOUNDING_CORRELATION: f64 = 0.2;

/// Relative change of the slope on adjustment that counts as confounding.
pub const SLOPE_CHANGE: f64 = 0.2;

/// Change of the slope without one subject, in standard errors, above which that subject is influential.
pub const INFLUENCE_CHANGE: f64 = 1.0;

/// Cook's distance above which a subject is influential.
pub const COOK_DISTANCE: f64 = 1.0;

/// A caution that an analysis carries, with what was observed.
#[derive(Debug, Clone, PartialEq)]
pub enum Caution {
    /// No subject can be used.
    NoSubjects,
    /// Too few subjects for any model: fewer than one more than its parameters.
    TooFewSubjects {
        /// Subjects.
        n: usize,
    },
    /// Every subject has the same exposure: nothing can be said about its effect.
    EqualExposures {
        /// The exposure.
        exposure: f64,
    },
    /// The data come from a single dose.
    OneDose {
        /// The dose.
        dose: f64,
    },
    /// The range of exposure is narrow.
    NarrowRange {
        /// 95th over 5th percentile of the exposures above zero.
        ratio: f64,
    },
    /// The exposures of the doses do not overlap, so that effects of dose and exposure cannot be told apart.
    DoseAliased,
    /// No event, all events, or separation: the maximum-likelihood estimate does not exist.
    Separated(Separation),
    /// A column that others determine has no coefficient.
    Aliased {
        /// Name of the column.
        column: String,
    },
    /// Few events for the number of parameters.
    FewEvents {
        /// The fewer of events and non-events.
        events: usize,
        /// Parameters of the model.
        parameters: usize,
    },
    /// The logarithm of exposure leaves out subjects without exposure.
    ZeroExposureLeftOut {
        /// Their number.
        n: usize,
    },
    /// A curve whose plateau the data do not determine: a parameter ended on its bound.
    PlateauNotDetermined,
    /// A model that gave no numbers for another reason.
    NotFitted {
        /// The reason, in words.
        reason: String,
    },
    /// A covariate is correlated with exposure.
    CorrelatedWithExposure {
        /// Name of the covariate.
        covariate: String,
        /// Correlation.
        correlation: f64,
    },
    /// The slope changes on adjustment.
    SlopeChangesOnAdjustment {
        /// Unadjusted slope.
        unadjusted: f64,
        /// Adjusted slope.
        adjusted: f64,
    },
    /// The slope depends on one subject.
    InfluentialSubject {
        /// Largest Cook's distance.
        distance: f64,
        /// Change of the slope without that subject, in standard errors; `None` where nothing is estimated without it.
        change: Option<f64>,
        /// Whether the interval leaves out no effect with the subject and not without, or the other way round.
        reversed: bool,
    },
    /// A parabola that turns within the range of exposure.
    TurnsWithinRange {
        /// Exposure at which it turns.
        exposure: f64,
    },
    /// The form that the project file fixes could not be fitted, or the data do not determine it.
    FixedModelNotAvailable {
        /// The form.
        form: ExposureForm,
    },
    /// Subjects left out because a value is missing.
    MissingValues {
        /// Their number.
        n: usize,
    },
    /// The metric can rest on dosing after the event or after a change of the dose.
    ExposureAfterEvent {
        /// How it was computed.
        basis: ExposureBasis,
        /// Whether the project file says so; otherwise it is a guess.
        stated: bool,
        /// Analyses of the same outcome on an exposure of the initial dosage.
        initial: Vec<String>,
    },
    /// Exposures were recorded after the subject's event or after a reduction of the dose.
    ExposureRecordedLate {
        /// Subjects whose exposure has a study day.
        with_day: usize,
        /// Of these, recorded after the event.
        after_event: usize,
        /// Of these, recorded after the first reduction of the dose.
        after_reduction: usize,
    },
}

impl Caution {
    /// The caution as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::NoSubjects => "No subject has both an exposure and an outcome.".to_owned(),
            Self::TooFewSubjects { n } => format!("{n} subjects are too few for a model."),
            Self::EqualExposures { exposure } => {
                format!("Every subject has the same exposure ({exposure}); its effect cannot be estimated.")
            }
            Self::OneDose { dose } => {
                format!("All subjects received one dose ({dose}); exposure varies only with what makes subjects differ.")
            }
            Self::NarrowRange { ratio } => {
                format!("The 95th percentile of exposure is {ratio:.2} times the 5th, less than {NARROW_RANGE}: the range is narrow.")
            }
            Self::DoseAliased => {
                "The exposures of the doses do not overlap; an effect of exposure cannot be told from an effect of dose.".to_owned()
            }
            Self::Separated(separation) => format!("The maximum-likelihood estimate does not exist: {separation}."),
            Self::Aliased { column } => format!("`{column}` is constant or determined by other columns and has no coefficient."),
            Self::FewEvents { events, parameters } => {
                let each = *events as f64 / *parameters as f64;
                let told = format!("{events} events (or non-events, if fewer) for {parameters} parameters, {each:.1} for each");
                if each < VERY_FEW_EVENTS {
                    format!("{told}, fewer than {VERY_FEW_EVENTS}: the estimates cannot be relied on.")
                } else {
                    format!("{told}, fewer than {FEW_EVENTS}: the estimates are uncertain.")
                }
            }
            Self::ZeroExposureLeftOut { n } => format!("{n} subjects without exposure have no logarithm and are left out."),
            Self::PlateauNotDetermined => "The data do not determine the plateau: a parameter of the curve ended on its bound.".to_owned(),
            Self::NotFitted { reason } => format!("The model was not fitted: {reason}."),
            Self::CorrelatedWithExposure { covariate, correlation } => {
                format!("`{covariate}` is correlated with exposure ({correlation:.2}, more than {CONFOUNDING_CORRELATION} in size).")
            }
            Self::SlopeChangesOnAdjustment { unadjusted, adjusted } => {
                let change = 100.0 * (adjusted / unadjusted - 1.0);
                format!("The slope changes by {change:.0}% on adjustment, more than {:.0}%.", 100.0 * SLOPE_CHANGE)
            }
            Self::InfluentialSubject { distance, change, reversed } => {
                let told = match change {
                    Some(change) => format!("without that subject it changes by {change:.1} standard errors"),
                    None => "without that subject it is not estimated".to_owned(),
                };
                let turned = if *reversed { ", and whether its interval leaves out zero depends on that subject" } else { "" };
                format!("The slope depends on one subject: Cook's distance {distance:.2}; {told}{turned}.")
            }
            Self::TurnsWithinRange { .. } => "The quadratic curve turns within the observed range of exposure.".to_owned(),
            Self::FixedModelNotAvailable { form } => {
                format!("The {} model that the project file fixes is not determined by the data; another was chosen by AIC.", form.label())
            }
            Self::MissingValues { n } => format!("{n} subjects are left out because a value is missing."),
            Self::ExposureAfterEvent { basis, stated, initial } => {
                let guess = if *stated { "" } else { ", judging by its name" };
                let others = if initial.is_empty() {
                    "No analysis of the same outcome on an exposure of the initial dosage is in the project.".to_owned()
                } else {
                    format!("The same outcome is analysed on an exposure of the initial dosage in: {}.", initial.join("; "))
                };
                format!(
                    "This exposure ({}{guess}) can include dosing after the outcome, or after a reduction because of it, and so be a result of the \
                     outcome. {others}",
                    basis.label()
                )
            }
            Self::ExposureRecordedLate { with_day, after_event, after_reduction } => format!(
                "Of {with_day} subjects whose exposure has a study day, {after_event} had it recorded after their event and {after_reduction} \
                 after the first reduction of the dose."
            ),
        }
    }
}
