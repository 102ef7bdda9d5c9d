//! The shapes of dose-response curves.

use crate::numerics::separable_least_squares::CurveFamily;

/// A shape of the dose-response curve `f(d)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DoseResponseModel {
    /// `e0 + delta d`
    Linear,
    /// `e0 + delta log(d + offset)`
    LogLinear,
    /// `e0 + b1 d + b2 d^2`
    Quadratic,
    /// `e0 + e1 (exp(d / delta) - 1)`
    Exponential,
    /// `e0 + emax / (1 + exp((ed50 - d) / delta))`
    Logistic,
    /// `e0 + emax d / (ed50 + d)`
    Emax,
    /// `e0 + emax d^h / (ed50^h + d^h)`
    SigmoidEmax,
    /// `e0 + emax B (d/scale)^delta1 (1 - d/scale)^delta2`, `B = (delta1 + delta2)^(delta1 + delta2) / (delta1^delta1 delta2^delta2)`
    Beta,
}

impl DoseResponseModel {
    /// Every shape.
    pub const ALL: [Self; 8] =
        [Self::Linear, Self::LogLinear, Self::Quadratic, Self::Exponential, Self::Logistic, Self::Emax, Self::SigmoidEmax, Self::Beta];

    /// Name in facts and files.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::LogLinear => "log_linear",
            Self::Quadratic => "quadratic",
            Self::Exponential => "exponential",
            Self::Logistic => "logistic",
            Self::Emax => "emax",
            Self::SigmoidEmax => "sigmoid_emax",
            Self::Beta => "beta",
        }
    }

    /// Name in print.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::LogLinear => "log-linear",
            Self::Quadratic => "quadratic",
            Self::Exponential => "exponential",
            Self::Logistic => "logistic",
            Self::Emax => "Emax",
            Self::SigmoidEmax => "sigmoid Emax",
            Self::Beta => "beta",
        }
    }

    /// Names of the parameters in the order of the coefficients.
    #[must_use]
    pub fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::Linear | Self::LogLinear => &["e0", "delta"],
            Self::Quadratic => &["e0", "b1", "b2"],
            Self::Exponential => &["e0", "e1", "delta"],
            Self::Logistic => &["e0", "eMax", "ed50", "delta"],
            Self::Emax => &["e0", "eMax", "ed50"],
            Self::SigmoidEmax => &["e0", "eMax", "ed50", "h"],
            Self::Beta => &["e0", "eMax", "delta1", "delta2"],
        }
    }

    /// Number of parameters in which the curve is not linear; they come last.
    #[must_use]
    pub fn nonlinear(self) -> usize {
        match self {
            Self::Linear | Self::LogLinear | Self::Quadratic => 0,
            Self::Exponential | Self::Emax => 1,
            Self::Logistic | Self::SigmoidEmax | Self::Beta => 2,
        }
    }
}

/// The constants of the log-linear and the beta model, on the scale of the dose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scaling {
    /// Added to the dose before the logarithm.
    pub offset: f64,
    /// Dose at which the beta curve returns to its start; above the largest dose.
    pub scale: f64,
}

impl Scaling {
    /// The customary constants: 0.01 and 1.2 times the largest dose.
    #[must_use]
    pub fn for_largest_dose(dose: f64) -> Self {
        Self { offset: 0.01 * dose, scale: 1.2 * dose }
    }
}

/// A shape without intercept and height, `h(d; phi)`, as the search over `phi` sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shape {
    pub(super) model: DoseResponseModel,
    pub(super) scaling: Scaling,
}

impl Shape {
    /// Derivative of `h` with respect to the dose.
    pub(super) fn slope(&self, dose: f64, phi: &[f64]) -> f64 {
        let (first, second) = pair(phi);
        match self.model {
            DoseResponseModel::Linear | DoseResponseModel::Quadratic => 1.0,
            DoseResponseModel::LogLinear => 1.0 / (dose + self.scaling.offset),
            DoseResponseModel::Exponential => (dose / first).exp() / first,
            DoseResponseModel::Logistic => {
                let share = expit((dose - first) / second);
                share * (1.0 - share) / second
            }
            DoseResponseModel::Emax => first / (first + dose).powi(2),
            DoseResponseModel::SigmoidEmax => {
                let share = hill(dose, first, second);
                second * share * (1.0 - share) / dose
            }
            DoseResponseModel::Beta => self.value(dose, phi) * (first / dose - second / (self.scaling.scale - dose)),
        }
    }
}

impl CurveFamily for Shape {
    fn value(&self, dose: f64, phi: &[f64]) -> f64 {
        let (first, second) = pair(phi);
        match self.model {
            DoseResponseModel::Linear | DoseResponseModel::Quadratic => dose,
            DoseResponseModel::LogLinear => (dose + self.scaling.offset).ln(),
            DoseResponseModel::Exponential => (dose / first).exp_m1(),
            DoseResponseModel::Logistic => expit((dose - first) / second),
            DoseResponseModel::Emax => dose / (first + dose),
            DoseResponseModel::SigmoidEmax => hill(dose, first, second),
            DoseResponseModel::Beta => beta_shape(dose / self.scaling.scale, first, second),
        }
    }

    fn gradient(&self, dose: f64, phi: &[f64], derivatives: &mut [f64]) {
        let (first, second) = pair(phi);
        let (by_first, by_second) = match self.model {
            DoseResponseModel::Linear | DoseResponseModel::Quadratic | DoseResponseModel::LogLinear => (0.0, 0.0),
            DoseResponseModel::Exponential => (-(dose / first).exp() * dose / (first * first), 0.0),
            DoseResponseModel::Logistic => {
                let argument = (dose - first) / second;
                let steepness = expit(argument) * expit(-argument);
                (-steepness / second, -steepness * argument / second)
            }
            DoseResponseModel::Emax => (-dose / (first + dose).powi(2), 0.0),
            DoseResponseModel::SigmoidEmax if dose > 0.0 => {
                let ratio = (dose / first).ln();
                let steepness = expit(second * ratio) * expit(-second * ratio);
                (-steepness * second / first, steepness * ratio)
            }
            DoseResponseModel::Beta if dose > 0.0 && dose < self.scaling.scale => {
                let (x, sum) = (dose / self.scaling.scale, first + second);
                let value = beta_shape(x, first, second);
                (value * ((sum / first).ln() + x.ln()), value * ((sum / second).ln() + (-x).ln_1p()))
            }
            DoseResponseModel::SigmoidEmax | DoseResponseModel::Beta => (0.0, 0.0),
        };
        for (derivative, value) in derivatives.iter_mut().zip([by_first, by_second]) {
            *derivative = value;
        }
    }
}

fn pair(phi: &[f64]) -> (f64, f64) {
    (phi.first().copied().unwrap_or(f64::NAN), phi.get(1).copied().unwrap_or(f64::NAN))
}

/// `1 / (1 + exp(-x))` without overflow.
fn expit(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// `d^h / (ed50^h + d^h)`; 0 at dose 0 and never a quotient of two infinities.
fn hill(dose: f64, ed50: f64, h: f64) -> f64 {
    if dose > 0.0 { expit(h * (dose / ed50).ln()) } else { 0.0 }
}

/// The beta shape at `x = d / scale`; not a number beyond 1, where the model is not defined.
fn beta_shape(x: f64, delta1: f64, delta2: f64) -> f64 {
    if x > 1.0 {
        return f64::NAN;
    }
    if x <= 0.0 || x >= 1.0 {
        return 0.0;
    }
    let sum = delta1 + delta2;
    (delta1 * (x * sum / delta1).ln() + delta2 * ((1.0 - x) * sum / delta2).ln()).exp()
}
