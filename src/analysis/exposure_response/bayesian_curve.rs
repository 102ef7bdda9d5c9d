//! Densities of Bayesian exposure-response models: a probability in several forms of the curve with covariates, and an Emax curve of a number.

use super::bayesian_form::BayesianForm;
use super::emax_posterior::{EmaxPriors, NormalPrior};
use crate::numerics::mcmc::LogDensity;

/// Most parameters of a curve without covariates.
const MOST: usize = 4;

/// Number of parameters of the curve of a form.
pub(super) const fn parameters_of(form: BayesianForm) -> usize {
    match form {
        BayesianForm::Linear | BayesianForm::LogLinear => 2,
        BayesianForm::Emax => 3,
        BayesianForm::SigmoidEmax => 4,
    }
}

/// Events among trials on the rows of a model: exposure as the form takes it, and covariates.
#[derive(Debug, Clone, PartialEq)]
pub struct BinaryRows {
    /// Exposure in steps for a line, its logarithm in doublings for a log-linear one, its natural logarithm for a saturating curve.
    pub exposures: Vec<f64>,
    /// Columns of covariates.
    pub width: usize,
    /// Covariates, row by row.
    pub covariates: Vec<f64>,
    /// Trials with the event.
    pub events: Vec<f64>,
    /// Trials.
    pub trials: Vec<f64>,
}

impl BinaryRows {
    /// Covariates of a row.
    pub(super) fn covariates_of(&self, row: usize) -> &[f64] {
        self.covariates.get(row * self.width..(row + 1) * self.width).unwrap_or_default()
    }
}

/// Posterior density of the parameters of a curve of the log odds, with independent normal priors.
///
/// ```text
/// y_i ~ Binomial(m_i, p_i),   logit p_i = f(x_i) + sum_k c_k z_ik
/// line: f(x) = a + b x;   saturating: f(x) = e0 + emax x^h/(ec50^h + x^h), in e0, emax, ln ec50 and, for the sigmoid form, ln h
/// ```
///
/// Priors are those of the parameters as written here: the constant applies where exposure and covariates are zero. A line is sampled with its
/// columns centred, which makes the coordinates nearly independent; [`Self::parameters`] turns a drawn point back.
///
/// Source: priors on the log odds `[GelmanJakulin2008]`; Emax curve `[ThomasSweeneySomayaji2014]`.
#[derive(Debug, Clone, PartialEq)]
pub struct BinaryCurve {
    form: BayesianForm,
    rows: BinaryRows,
    priors: Vec<NormalPrior>,
    /// Means of exposure and covariates; zeros for a saturating curve.
    centres: Vec<f64>,
}

impl BinaryCurve {
    /// Of rows and one prior per parameter: those of the curve, then one per covariate. `None` where lengths do not fit or a prior is improper.
    #[must_use]
    pub fn new(form: BayesianForm, rows: BinaryRows, priors: Vec<NormalPrior>) -> Option<Self> {
        let n = rows.exposures.len();
        let fits = rows.events.len() == n && rows.trials.len() == n && rows.covariates.len() == n * rows.width;
        let proper = priors.iter().all(|prior| prior.mean.is_finite() && prior.sd.is_finite() && prior.sd > 0.0);
        if n == 0 || !fits || !proper || priors.len() != parameters_of(form) + rows.width {
            return None;
        }
        let centres = centres(form, &rows);
        Some(Self { form, rows, priors, centres })
    }

    /// The priors, in the order of the parameters.
    #[must_use]
    pub fn priors(&self) -> &[NormalPrior] {
        &self.priors
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &BinaryRows {
        &self.rows
    }

    /// Parameters at a point of the density: curve first, then covariates.
    #[must_use]
    pub fn parameters(&self, point: &[f64]) -> Vec<f64> {
        let mut parameters = point.to_vec();
        let shift: f64 = point.iter().skip(1).zip(&self.centres).map(|(value, centre)| value * centre).sum();
        if let Some(constant) = parameters.first_mut() {
            *constant -= shift;
        }
        parameters
    }

    /// Value of the curve on the log odds for parameters, without covariates.
    #[must_use]
    pub fn curve(&self, parameters: &[f64], exposure: f64) -> f64 {
        self.value(parameters, exposure, &mut [0.0; MOST])
    }

    /// Where chains begin: the priors about their means, no wider than one unit.
    #[must_use]
    pub fn start(&self) -> (Vec<f64>, Vec<f64>) {
        (self.priors.iter().map(|prior| prior.mean).collect(), self.priors.iter().map(|prior| prior.sd.min(1.0)).collect())
    }

    /// Value of the curve and its derivatives in its parameters.
    fn value(&self, parameters: &[f64], exposure: f64, slopes: &mut [f64; MOST]) -> f64 {
        slopes[0] = 1.0;
        if matches!(self.form, BayesianForm::Linear | BayesianForm::LogLinear) {
            slopes[1] = exposure;
            return parameters[0] + parameters[1] * exposure;
        }
        let hill = if self.form == BayesianForm::SigmoidEmax { parameters[3].exp() } else { 1.0 };
        let (share, steep) = saturation(hill * (exposure - parameters[2]));
        let rise = parameters[1] * steep;
        slopes[1] = share;
        slopes[2] = -rise * hill;
        // Without exposure the share is zero whatever the steepness.
        slopes[3] = if exposure.is_finite() { rise * hill * (exposure - parameters[2]) } else { 0.0 };
        parameters[0] + parameters[1] * share
    }
}

impl LogDensity for BinaryCurve {
    fn dimension(&self) -> usize {
        self.priors.len()
    }

    fn evaluate(&self, point: &[f64], gradient: &mut [f64]) -> f64 {
        let (first, width) = (parameters_of(self.form), self.rows.width);
        let mut parameters = [0.0; MOST];
        parameters[..first].copy_from_slice(&point[..first]);
        let mut constant = point[0];
        for (place, centre) in self.centres.iter().enumerate() {
            constant -= centre * point[place + 1];
        }
        parameters[0] = constant;
        gradient.fill(0.0);
        let (mut total, mut slopes, mut row) = (0.0, [0.0; MOST], 0);
        while row < self.rows.exposures.len() {
            let mut logit = self.value(&parameters, self.rows.exposures[row], &mut slopes);
            let covariates = &self.rows.covariates[row * width..(row + 1) * width];
            let mut column = 0;
            while column < width {
                logit += covariates[column] * point[first + column];
                column += 1;
            }
            let small = (-logit.abs()).exp();
            let probability = if logit >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };
            let (events, trials) = (self.rows.events[row], self.rows.trials[row]);
            total += events * logit - trials * (logit.max(0.0) + small.ln_1p());
            let residual = events - trials * probability;
            column = 0;
            while column < first {
                gradient[column] += residual * slopes[column];
                column += 1;
            }
            column = 0;
            while column < width {
                gradient[first + column] += residual * covariates[column];
                column += 1;
            }
            row += 1;
        }
        // The likelihood's derivatives are in the parameters; those of the priors are added, then both carried over to the centred constant.
        for (place, prior) in self.priors.iter().enumerate() {
            let away = (if place == 0 { constant } else { point[place] }) - prior.mean;
            let precision = 1.0 / (prior.sd * prior.sd);
            total -= 0.5 * precision * away * away;
            gradient[place] -= precision * away;
        }
        let of_constant = gradient[0];
        for (place, centre) in self.centres.iter().enumerate() {
            gradient[place + 1] -= centre * of_constant;
        }
        total
    }
}

/// Means of exposure and covariates over the trials; zeros where the curve is no line.
fn centres(form: BayesianForm, rows: &BinaryRows) -> Vec<f64> {
    let count = parameters_of(form) + rows.width - 1;
    if !matches!(form, BayesianForm::Linear | BayesianForm::LogLinear) {
        return vec![0.0; count];
    }
    let total: f64 = rows.trials.iter().sum();
    let mean = |value: &dyn Fn(usize) -> f64| rows.trials.iter().enumerate().map(|(row, trials)| trials * value(row)).sum::<f64>() / total;
    std::iter::once(mean(&|row| rows.exposures[row]))
        .chain((0..rows.width).map(|column| mean(&|row| rows.covariates[row * rows.width + column])))
        .collect()
}

/// `1/(1 + e^-u)` and its derivative.
fn saturation(u: f64) -> (f64, f64) {
    let small = (-u.abs()).exp();
    let share = if u >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };
    (share, small / ((1.0 + small) * (1.0 + small)))
}

/// Posterior density of an Emax curve of a number with normal errors, in (e0, emax, ln ed50, ln sigma).
///
/// ```text
/// y_i ~ Normal(e0 + emax x_i/(ed50 + x_i), sigma);   sigma half-normal with the given scale, the others normal
/// ```
///
/// The rows of one dose enter by their number, mean and sum of squared deviations.
///
/// Source: `[ThomasSweeneySomayaji2014]`.
#[derive(Debug, Clone, PartialEq)]
pub struct ContinuousEmax {
    /// Logarithm of the dose, number, mean and sum of squared deviations.
    groups: Vec<[f64; 4]>,
    priors: [NormalPrior; 3],
    sigma_scale: f64,
}

impl ContinuousEmax {
    /// Of responses at doses; `None` where they differ in number, there are none, or the scale of sigma is not above zero.
    #[must_use]
    pub fn new(doses: &[f64], responses: &[f64], priors: EmaxPriors, sigma_scale: f64) -> Option<Self> {
        if doses.is_empty() || doses.len() != responses.len() || !(sigma_scale > 0.0 && sigma_scale.is_finite()) {
            return None;
        }
        let mut pairs: Vec<(f64, f64)> = doses.iter().copied().zip(responses.iter().copied()).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let groups = pairs.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()).map(|rows| {
            let n = rows.len() as f64;
            let mean = rows.iter().map(|row| row.1).sum::<f64>() / n;
            [rows[0].0.ln(), n, mean, rows.iter().map(|row| (row.1 - mean) * (row.1 - mean)).sum()]
        });
        Some(Self { groups: groups.collect(), priors: [priors.e0, priors.emax, priors.log_ed50], sigma_scale })
    }
}

impl LogDensity for ContinuousEmax {
    fn dimension(&self) -> usize {
        4
    }

    fn evaluate(&self, point: &[f64], gradient: &mut [f64]) -> f64 {
        let sigma = point[3].exp() / self.sigma_scale;
        let precision = (-2.0 * point[3]).exp();
        // Half-normal prior of sigma with the derivative of sigma in its logarithm.
        let mut total = point[3] - 0.5 * sigma * sigma;
        gradient[3] = 1.0 - sigma * sigma;
        for (place, prior) in self.priors.iter().enumerate() {
            let away = (point[place] - prior.mean) / prior.sd;
            total -= 0.5 * away * away;
            gradient[place] = -away / prior.sd;
        }
        for [log_dose, n, mean, squares] in &self.groups {
            let (share, steep) = saturation(log_dose - point[2]);
            let residual = mean - point[0] - point[1] * share;
            let sum = squares + n * residual * residual;
            total -= n * point[3] + 0.5 * precision * sum;
            let slope = precision * n * residual;
            gradient[0] += slope;
            gradient[1] += slope * share;
            gradient[2] -= slope * point[1] * steep;
            gradient[3] += precision * sum - n;
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::mcmc::gradient_fault;

    fn rows(logarithms: bool) -> BinaryRows {
        let n = 40;
        let exposures: Vec<f64> = (0..n).map(|i| f64::from(i * 7 % 40) / 8.0).collect();
        BinaryRows {
            exposures: exposures.iter().map(|x| if logarithms { x.ln() } else { *x }).collect(),
            width: 2,
            covariates: (0..2 * n).map(|i| f64::from(i * 11 % 17) / 8.0 - 1.0).collect(),
            events: (0..n).map(|i| f64::from(u8::from(i * 13 % 40 > 20)) * 2.0).collect(),
            trials: vec![3.0; n as usize],
        }
    }

    const PRIOR: NormalPrior = NormalPrior { mean: 0.3, sd: 1.7 };

    #[test]
    fn gradients_of_every_form_are_those_of_the_density() {
        for form in BayesianForm::ALL {
            let logarithms = matches!(form, BayesianForm::Emax | BayesianForm::SigmoidEmax);
            let count = parameters_of(form) + 2;
            let density = BinaryCurve::new(form, rows(logarithms), vec![PRIOR; count]).unwrap();
            for scale in [0.3, 1.0, -1.3] {
                let point: Vec<f64> = (0..count).map(|place| scale * (0.9 - 0.4 * place as f64)).collect();
                assert!(gradient_fault(&density, &point) < 1e-7, "{form:?} {scale}");
            }
        }
        let priors = EmaxPriors { e0: PRIOR, emax: PRIOR, log_ed50: PRIOR };
        let density = ContinuousEmax::new(&[0.0, 0.0, 5.0, 5.0, 40.0], &[0.3, 0.5, 1.4, 1.1, 2.6], priors, 2.0).unwrap();
        assert!(gradient_fault(&density, &[0.4, 2.0, 1.2, -0.5]) < 1e-7);
    }

    #[test]
    fn centring_changes_the_coordinates_and_not_the_density() {
        let density = BinaryCurve::new(BayesianForm::Linear, rows(false), vec![PRIOR; 4]).unwrap();
        let plain = BinaryCurve { centres: vec![0.0; 3], ..density.clone() };
        let point = [0.4, 0.8, -0.3, 0.2];
        let mut gradient = [0.0; 4];
        let (centred, same) = (density.evaluate(&point, &mut gradient), plain.evaluate(&density.parameters(&point), &mut gradient));
        assert!((centred - same).abs() < 1e-10);
        assert!((density.parameters(&point)[0] - point[0]).abs() > 0.1);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(BinaryCurve::new(BayesianForm::Linear, rows(false), vec![PRIOR; 3]), None);
        let improper = vec![NormalPrior { mean: 0.0, sd: 0.0 }; 4];
        assert_eq!(BinaryCurve::new(BayesianForm::Linear, rows(false), improper), None);
        let short = BinaryRows { events: vec![1.0], ..rows(false) };
        assert_eq!(BinaryCurve::new(BayesianForm::Linear, short, vec![PRIOR; 4]), None);
    }
}
