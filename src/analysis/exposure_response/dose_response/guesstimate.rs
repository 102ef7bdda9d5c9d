//! Guesses of curve parameters from what is believed about the share of the effect at a dose.

use thiserror::Error;

use crate::numerics::matrix::Matrix;
use crate::numerics::nonlinear_least_squares::{Bounds, LeastSquaresProblem, minimise_from};
use crate::numerics::root::find_root;

/// Sum of squared misses below which an equation counts as solved.
const SOLVED: f64 = 1e-18;

/// A dose and the share of the effect believed to be reached there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShareOfEffect {
    /// The dose, above 0.
    pub dose: f64,
    /// The share, between 0 and 1.
    pub share: f64,
}

/// What a share is a share of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reference {
    /// The largest effect that the curve can reach.
    Asymptote,
    /// The effect at a given dose, usually the largest one of the trial.
    EffectAt(f64),
}

/// What is believed, by model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Belief<'a> {
    /// Emax: one share or more; several are averaged.
    Emax(&'a [ShareOfEffect], Reference),
    /// Sigmoid Emax: two shares (more only for the asymptote, by a line on the logit scale).
    SigmoidEmax(&'a [ShareOfEffect], Reference),
    /// Logistic: as sigmoid Emax.
    Logistic(&'a [ShareOfEffect], Reference),
    /// Exponential: shares of the effect at a largest dose.
    Exponential(&'a [ShareOfEffect], f64),
    /// Quadratic: shares of the largest effect, on the rising side.
    Quadratic(&'a [ShareOfEffect]),
    /// Beta: one share of the largest effect, the dose at which that occurs, and the scale.
    Beta {
        /// The share.
        share: ShareOfEffect,
        /// Dose of the largest effect.
        dose_of_maximum: f64,
        /// Scale of the beta model.
        scale: f64,
    },
}

/// Why there is no guess.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum GuesstimateError {
    /// Too few or too many shares.
    #[error("{found} shares given; the model needs {needed}")]
    Count {
        /// Shares given.
        found: usize,
        /// Shares needed.
        needed: &'static str,
    },
    /// A dose or share outside its domain.
    #[error("dose {} with share {} is outside the domain: doses above 0, shares between 0 and 1", .0.dose, .0.share)]
    Share(ShareOfEffect),
    /// No parameter values reproduce the shares.
    #[error("no curve of this model has these shares")]
    NoSolution,
}

/// Nonlinear parameters of a model that reproduce the shares believed, in the order of the model's parameters; for the quadratic model
/// the ratio `b2 / |b1|`.
///
/// ```text
/// Emax          ed50 = d (1 - p) / p;                        at D:  ed50 = d (1 - p) / (p - d / D)
/// sigmoid Emax  logit p = h (log d - log ed50);               at D:  f(d) / f(D) = p at both doses
/// logistic      logit p = (d - ed50) / delta;                 at D:  (f(d) - f(0)) / (f(D) - f(0)) = p at both doses
/// exponential   (exp(d / delta) - 1) / (exp(D / delta) - 1) = p
/// quadratic     b2 / |b1| = -(1 - sqrt(1 - p)) / (2 d)
/// beta          delta1 / delta2 = k = m / (s - m),  delta2 = log p / (k log x + log(1 - x) + (1 + k) log(1 + k) - k log k),  x = d / s
/// ```
///
/// `d` dose, `p` share, `D` the dose of reference, `m` the dose of the largest effect, `s` the scale.
///
/// # Errors
/// [`GuesstimateError`] for shares outside their domain or that no curve has.
///
/// Source: `[Bornkamp2009]`, `[Pinheiro2006]`.
pub fn guesstimate(belief: Belief<'_>) -> Result<Vec<f64>, GuesstimateError> {
    let parameters = match belief {
        Belief::Emax(shares, reference) => vec![average(shares, |share| emax(share, reference))?],
        Belief::SigmoidEmax(shares, Reference::Asymptote) => {
            let (intercept, slope) = logit_line(shares, f64::ln)?;
            vec![(-intercept / slope).exp(), slope]
        }
        Belief::SigmoidEmax(shares, Reference::EffectAt(dose)) => sigmoid_emax_at(two(shares)?, dose)?,
        Belief::Logistic(shares, Reference::Asymptote) => {
            let (intercept, slope) = logit_line(shares, |dose| dose)?;
            vec![-intercept / slope, 1.0 / slope]
        }
        Belief::Logistic(shares, Reference::EffectAt(dose)) => logistic_at(two(shares)?, dose)?,
        Belief::Exponential(shares, largest) => vec![average(shares, |share| exponential(share, largest))?],
        Belief::Quadratic(shares) => vec![average(shares, |share| Some(quadratic(share)))?],
        Belief::Beta { share, dose_of_maximum, scale } => beta(share, dose_of_maximum, scale)?,
    };
    if parameters.iter().all(|value| value.is_finite()) { Ok(parameters) } else { Err(GuesstimateError::NoSolution) }
}

fn check(share: ShareOfEffect) -> Result<ShareOfEffect, GuesstimateError> {
    let inside = share.dose > 0.0 && share.dose.is_finite() && share.share > 0.0 && share.share < 1.0;
    if inside { Ok(share) } else { Err(GuesstimateError::Share(share)) }
}

fn average(shares: &[ShareOfEffect], guess: impl Fn(ShareOfEffect) -> Option<f64>) -> Result<f64, GuesstimateError> {
    if shares.is_empty() {
        return Err(GuesstimateError::Count { found: 0, needed: "one or more" });
    }
    let mut sum = 0.0;
    for share in shares {
        sum += guess(check(*share)?).ok_or(GuesstimateError::NoSolution)?;
    }
    Ok(sum / shares.len() as f64)
}

fn two(shares: &[ShareOfEffect]) -> Result<[ShareOfEffect; 2], GuesstimateError> {
    match shares {
        [first, second] => Ok([check(*first)?, check(*second)?]),
        _ => Err(GuesstimateError::Count { found: shares.len(), needed: "two" }),
    }
}

fn emax(share: ShareOfEffect, reference: Reference) -> Option<f64> {
    let ShareOfEffect { dose, share } = share;
    let ed50 = match reference {
        Reference::Asymptote => dose * (1.0 - share) / share,
        Reference::EffectAt(largest) => dose * (1.0 - share) / (share - dose / largest),
    };
    (ed50 > 0.0).then_some(ed50)
}

fn quadratic(share: ShareOfEffect) -> f64 {
    -0.5 * (1.0 - (1.0 - share.share).sqrt()) / share.dose
}

fn exponential(share: ShareOfEffect, largest: f64) -> Option<f64> {
    if share.dose >= largest || share.share >= share.dose / largest {
        return None;
    }
    // In exp form both exponentials may overflow; their quotient with negative exponents does not.
    let miss = |rate: f64| {
        let (near, far) = (-(-share.dose * rate).exp_m1(), -(-largest * rate).exp_m1());
        ((share.dose - largest) * rate).exp() * near / far - share.share
    };
    let rate = find_root(miss, 1e-9 / largest, 700.0 / (largest - share.dose), 0.0).ok()?;
    Some(1.0 / rate)
}

/// Least squares line of the logits of the shares on a function of the dose.
fn logit_line(shares: &[ShareOfEffect], position: impl Fn(f64) -> f64) -> Result<(f64, f64), GuesstimateError> {
    if shares.len() < 2 {
        return Err(GuesstimateError::Count { found: shares.len(), needed: "two or more" });
    }
    let mut points = Vec::with_capacity(shares.len());
    for share in shares {
        let ShareOfEffect { dose, share } = check(*share)?;
        points.push((position(dose), (share / (1.0 - share)).ln()));
    }
    let n = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0 / n, sum.1 + point.1 / n));
    let across: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    let along: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    let slope = across / along;
    if slope > 0.0 && slope.is_finite() { Ok((y - slope * x, slope)) } else { Err(GuesstimateError::NoSolution) }
}

/// `f(d) / f(D) = p` solved for `ed50^h` at either dose; the two agree at the right `h`.
fn sigmoid_emax_at(shares: [ShareOfEffect; 2], largest: f64) -> Result<Vec<f64>, GuesstimateError> {
    if shares.iter().any(|share| share.dose >= largest) {
        return Err(GuesstimateError::NoSolution);
    }
    // In units of the reference dose: ed50^h = x^h (1 - p) / (p - x^h), positive for h above log p / log x.
    let log_power = |share: ShareOfEffect, h: f64| {
        let power = (share.dose / largest).powf(h);
        power.ln() + ((1.0 - share.share) / (share.share - power)).ln()
    };
    let least = shares.iter().map(|share| share.share.ln() / (share.dose / largest).ln()).fold(0.0, f64::max);
    let miss = |h: f64| log_power(shares[0], h) - log_power(shares[1], h);
    let start = least * (1.0 + 1e-9);
    let end = (1..60).map(|doubling| least + 1e-3 * f64::from(doubling).exp2()).find(|end| miss(start) * miss(*end) < 0.0);
    let end = end.ok_or(GuesstimateError::NoSolution)?;
    let h = find_root(miss, start, end, 0.0).map_err(|_| GuesstimateError::NoSolution)?;
    Ok(vec![largest * (log_power(shares[0], h) / h).exp(), h])
}

/// The two equations of the logistic model for shares of the effect at a dose.
struct LogisticShares {
    shares: [ShareOfEffect; 2],
    largest: f64,
}

impl LogisticShares {
    fn miss(&self, parameters: &[f64], share: ShareOfEffect) -> f64 {
        let (ed50, delta) = (parameters[0], parameters[1].exp());
        let at = |dose: f64| 1.0 / (1.0 + ((ed50 - dose) / delta).exp());
        (at(share.dose) - at(0.0)) / (at(self.largest) - at(0.0)) - share.share
    }
}

impl LeastSquaresProblem for LogisticShares {
    fn residuals(&self) -> usize {
        2
    }

    fn evaluate(&self, parameters: &[f64], residuals: &mut [f64], jacobian: Option<&mut Matrix>) {
        for (residual, share) in residuals.iter_mut().zip(self.shares) {
            *residual = self.miss(parameters, share);
        }
        let Some(jacobian) = jacobian else { return };
        for (column, step) in [1e-6 * self.largest, 1e-6].into_iter().enumerate() {
            let moved = |by: f64| -> Vec<f64> {
                parameters.iter().enumerate().map(|(position, value)| if position == column { value + by } else { *value }).collect()
            };
            let (ahead, behind) = (moved(step), moved(-step));
            for (row, share) in self.shares.into_iter().enumerate() {
                jacobian.set(row, column, (self.miss(&ahead, share) - self.miss(&behind, share)) / (2.0 * step));
            }
        }
    }
}

fn logistic_at(shares: [ShareOfEffect; 2], largest: f64) -> Result<Vec<f64>, GuesstimateError> {
    if shares.iter().any(|share| share.dose >= largest) {
        return Err(GuesstimateError::NoSolution);
    }
    let (intercept, slope) = logit_line(&shares, |dose| dose)?;
    let starts = [vec![-intercept / slope, -slope.ln()], vec![0.5 * largest, (0.1 * largest).ln()]];
    let found =
        minimise_from(&LogisticShares { shares, largest }, &starts, &[Bounds::FREE; 2]).map_err(|_| GuesstimateError::NoSolution)?;
    match found.parameters.as_slice() {
        [ed50, delta] if found.sum_of_squares < SOLVED => Ok(vec![*ed50, delta.exp()]),
        _ => Err(GuesstimateError::NoSolution),
    }
}

fn beta(share: ShareOfEffect, dose_of_maximum: f64, scale: f64) -> Result<Vec<f64>, GuesstimateError> {
    let ShareOfEffect { dose, share } = check(share)?;
    if dose_of_maximum <= 0.0 || dose_of_maximum >= scale || dose >= scale {
        return Err(GuesstimateError::NoSolution);
    }
    let (ratio, x) = (dose_of_maximum / (scale - dose_of_maximum), dose / scale);
    let logarithm = ratio * x.ln() + (-x).ln_1p() + (1.0 + ratio) * (1.0 + ratio).ln() - ratio * ratio.ln();
    let delta2 = share.ln() / logarithm;
    if delta2 > 0.0 { Ok(vec![ratio * delta2, delta2]) } else { Err(GuesstimateError::NoSolution) }
}

#[cfg(test)]
mod tests {
    use super::super::curve::DoseResponseCurve;
    use super::super::model::{DoseResponseModel, Scaling};
    use super::*;

    const SHARES: [ShareOfEffect; 2] = [ShareOfEffect { dose: 20.0, share: 0.25 }, ShareOfEffect { dose: 50.0, share: 0.7 }];

    const LATE: [ShareOfEffect; 1] = [ShareOfEffect { dose: 20.0, share: 0.1 }];

    /// Every guess is put back into its curve.
    #[test]
    fn guesses_reproduce_the_shares() {
        let effect = |model, parameters: &[f64], dose: f64| {
            let coefficients = [0.0, 1.0].into_iter().chain(parameters.iter().copied()).collect();
            DoseResponseCurve { model, scaling: Scaling { offset: 1.0, scale: 120.0 }, coefficients }.effect(dose)
        };
        let at = Reference::EffectAt(80.0);
        for (model, belief) in [
            (DoseResponseModel::SigmoidEmax, Belief::SigmoidEmax(&SHARES, at)),
            (DoseResponseModel::Logistic, Belief::Logistic(&SHARES, at)),
            (DoseResponseModel::Exponential, Belief::Exponential(&LATE, 80.0)),
        ] {
            let parameters = guesstimate(belief).unwrap();
            let shares: Vec<ShareOfEffect> = match belief {
                Belief::Exponential(shares, _) | Belief::SigmoidEmax(shares, _) | Belief::Logistic(shares, _) => shares.to_vec(),
                _ => Vec::new(),
            };
            assert!(!shares.is_empty());
            for share in shares {
                let got = effect(model, &parameters, share.dose) / effect(model, &parameters, 80.0);
                assert!((got - share.share).abs() < 1e-8, "{model:?} {parameters:?} {got}");
            }
        }
        let emax = guesstimate(Belief::Emax(&SHARES[1..], at)).unwrap();
        let share = effect(DoseResponseModel::Emax, &emax, 50.0) / effect(DoseResponseModel::Emax, &emax, 80.0);
        assert!((share - 0.7).abs() < 1e-12);
        let beta = guesstimate(Belief::Beta { share: SHARES[0], dose_of_maximum: 60.0, scale: 120.0 }).unwrap();
        assert!((effect(DoseResponseModel::Beta, &beta, 20.0) - 0.25).abs() < 1e-12);
        assert!((effect(DoseResponseModel::Beta, &beta, 60.0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn impossible_beliefs_have_no_guess() {
        let falling = [SHARES[1], ShareOfEffect { dose: 70.0, share: 0.2 }];
        assert_eq!(guesstimate(Belief::Logistic(&falling, Reference::Asymptote)), Err(GuesstimateError::NoSolution));
        // Less than proportional to dose: no Emax curve.
        assert_eq!(guesstimate(Belief::Emax(&SHARES[..1], Reference::EffectAt(70.0))), Err(GuesstimateError::NoSolution));
        assert_eq!(guesstimate(Belief::Exponential(&SHARES[1..], 50.0)), Err(GuesstimateError::NoSolution));
        let outside = ShareOfEffect { dose: 1.0, share: 1.0 };
        assert_eq!(guesstimate(Belief::Quadratic(&[outside])), Err(GuesstimateError::Share(outside)));
        assert!(matches!(guesstimate(Belief::SigmoidEmax(&SHARES[..1], Reference::Asymptote)), Err(GuesstimateError::Count { .. })));
    }
}
