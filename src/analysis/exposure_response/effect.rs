//! The effect of exposure on the log odds or the log hazard, per step of exposure that a reader can picture.

use super::binary::{BinaryModel, ExposureForm};
use super::caution::Caution;
use super::logistic_model::{CoefficientRow, Estimation, LogisticModel};
use super::time_to_event::HazardModel;
use crate::config::SlopeInterval;
use crate::quantity::IntervalMethod;

/// A step of exposure that a slope is told for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// So many units more.
    Units(f64),
    /// Twice as much.
    Doubling,
}

impl Step {
    /// The step that belongs to a form: for a straight line the power of ten at or below the median exposure, else a doubling.
    #[must_use]
    pub fn of(form: ExposureForm, median: f64) -> Self {
        match form {
            ExposureForm::LogLinear => Self::Doubling,
            _ if median > 0.0 && median.is_finite() => Self::Units(10f64.powf(median.log10().floor())),
            _ => Self::Units(1.0),
        }
    }

    /// What a slope per unit, or per unit of the natural logarithm, is multiplied by.
    #[must_use]
    pub fn factor(self) -> f64 {
        match self {
            Self::Units(units) => units,
            Self::Doubling => std::f64::consts::LN_2,
        }
    }
}

/// Change of the log odds or log hazard per step of exposure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// The step.
    pub step: Step,
    /// Estimate; `None` for a column that others determine.
    pub estimate: Option<f64>,
    /// Limits; infinite on a side where the profile of the likelihood never falls far enough.
    pub limits: Option<(f64, f64)>,
    /// Two-sided p value: of the likelihood ratio beside profile limits, else Wald.
    pub p_value: Option<f64>,
    /// How the limits were computed.
    pub method: IntervalMethod,
    /// Whether Firth's penalty was used because the maximum of the likelihood does not exist.
    pub penalised: bool,
}

impl Effect {
    /// Of exposure in a logistic model.
    pub(super) fn of_logistic(model: &LogisticModel, median: f64, interval: SlopeInterval) -> Option<Self> {
        Some(Self::of_row(model.slope()?, model, Step::of(model.form, median), interval))
    }

    /// Of one column of a logistic model, per step. Profile limits that were not computed are replaced by those of Wald, which the method says.
    pub(super) fn of_row(row: &CoefficientRow, model: &LogisticModel, step: Step, interval: SlopeInterval) -> Self {
        let penalised = model.estimation == Estimation::Firth;
        let profile = row.profile_limits;
        let followed = interval == SlopeInterval::ProfileLikelihood && (profile.lower.is_some() || profile.upper.is_some());
        let (limits, method) = match (followed, penalised) {
            (false, _) => (row.wald_limits, IntervalMethod::Wald),
            (true, penalised) => (
                Some((profile.lower.unwrap_or(f64::NEG_INFINITY), profile.upper.unwrap_or(f64::INFINITY))),
                if penalised { IntervalMethod::PenalisedProfileLikelihood } else { IntervalMethod::ProfileLikelihood },
            ),
        };
        let of_ratio = row.likelihood_ratio.filter(|_| followed).and_then(|test| test.p_value);
        Self {
            step,
            estimate: row.estimate.map(|estimate| estimate * step.factor()),
            limits: limits.map(|(lower, upper)| (lower * step.factor(), upper * step.factor())),
            p_value: of_ratio.or(row.wald.map(|wald| wald.p_value)),
            method,
            penalised,
        }
    }

    /// Of a hazard model, whose first column is the exposure in the given form.
    pub(super) fn of_hazard(model: &HazardModel, form: ExposureForm, median: f64) -> Option<Self> {
        let row = model.rows.first()?;
        let step = Step::of(form, median);
        Some(Self {
            step,
            estimate: row.estimate.map(|estimate| estimate * step.factor()),
            limits: row.limits.map(|(lower, upper)| (lower * step.factor(), upper * step.factor())),
            p_value: row.wald.map(|wald| wald.p_value),
            method: IntervalMethod::Wald,
            penalised: false,
        })
    }

    /// Whether the interval leaves out no effect; `None` without an interval.
    #[must_use]
    pub fn is_distinguished(&self) -> Option<bool> {
        self.limits.map(|(lower, upper)| lower > 0.0 || upper < 0.0)
    }
}

/// Both coefficients of a parabola on the logit scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parabola {
    /// Of exposure, per step.
    pub linear: Effect,
    /// Of squared exposure, per squared step.
    pub squared: Effect,
    /// p value of both being zero; `None` under Firth's penalty.
    pub p_value: Option<f64>,
    /// Exposure at which the curve turns: `-b1/(2 b2)`; `None` where the second coefficient is zero or not estimated.
    pub turn: Option<f64>,
}

impl Parabola {
    /// Of a quadratic model; `None` for another.
    pub(super) fn of(model: &LogisticModel, median: f64, interval: SlopeInterval) -> Option<Self> {
        if model.form != ExposureForm::Quadratic {
            return None;
        }
        let (first, second) = (model.rows_of(0).next()?, model.rows_of(1).next()?);
        let step = Step::of(model.form, median);
        let square = Step::Units(step.factor() * step.factor());
        let turn = first.estimate.zip(second.estimate).map(|(b1, b2)| -b1 / (2.0 * b2)).filter(|turn| turn.is_finite());
        Some(Self {
            linear: Effect::of_row(first, model, step, interval),
            squared: Effect::of_row(second, model, square, interval),
            p_value: model.joint_test.and_then(|test| test.p_value),
            turn,
        })
    }

    /// The caution where the curve turns among the observed exposures.
    pub(super) fn caution(&self, exposures: &[f64]) -> Option<Caution> {
        let exposure = self.turn?;
        let within = exposures.iter().any(|x| *x < exposure) && exposures.iter().any(|x| *x > exposure);
        within.then_some(Caution::TurnsWithinRange { exposure })
    }
}

/// Half-maximal exposure and largest change of the logit of an Emax curve, each with Wald limits. Where a parameter ended on its bound the data
/// determine neither, and there is no number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Saturation {
    /// Exposure with half of the largest change; limits on the logarithmic scale.
    pub ec50: Option<f64>,
    /// Limits of it.
    pub ec50_limits: Option<(f64, f64)>,
    /// Largest change of the logit.
    pub emax: Option<f64>,
    /// Limits of it.
    pub emax_limits: Option<(f64, f64)>,
}

impl Saturation {
    /// Of an Emax model; `None` for another.
    #[must_use]
    pub fn of(model: &BinaryModel, critical: f64) -> Option<Self> {
        let BinaryModel::Emax(model) = model else { return None };
        let fit = &model.fit;
        let around = |value: f64, error: f64| (value - critical * error, value + critical * error);
        let determined = |value: f64| (!fit.at_bound && value.is_finite()).then_some(value);
        let ec50 = fit.standard_error(2).map(|error| around(fit.log_ec50, error)).map(|(lower, upper)| (lower.exp(), upper.exp()));
        let emax = fit.standard_error(1).map(|error| around(fit.emax, error));
        Some(Self { ec50: determined(fit.log_ec50.exp()), ec50_limits: ec50, emax: determined(fit.emax), emax_limits: emax })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_powers_of_ten_or_doublings() {
        assert_eq!(Step::of(ExposureForm::Linear, 23_456.0), Step::Units(10_000.0));
        assert_eq!(Step::of(ExposureForm::Linear, 0.0), Step::Units(1.0));
        assert_eq!(Step::of(ExposureForm::LogLinear, 23_456.0), Step::Doubling);
        assert!((Step::Doubling.factor() - 2f64.ln()).abs() < 1e-15);
    }

    #[test]
    fn an_effect_whose_interval_includes_none_is_not_distinguished() {
        let method = IntervalMethod::Wald;
        let effect =
            Effect { step: Step::Doubling, estimate: Some(0.2), limits: Some((-0.1, 0.5)), p_value: Some(0.2), method, penalised: false };
        assert_eq!(effect.is_distinguished(), Some(false));
        assert_eq!(Effect { limits: Some((0.1, 0.5)), ..effect }.is_distinguished(), Some(true));
        assert_eq!(Effect { limits: None, ..effect }.is_distinguished(), None);
    }
}
