//! One Bayesian model of a binary outcome: its posterior, what it predicts at each dosage, and how well it predicts what was observed.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::assembly::Sample;
use super::bayesian_curve::BinaryCurve;
use super::bayesian_form::BayesianForm;
use super::bayesian_rows::{BayesianParameter, ExposureScale, Prepared};
use super::binary::PredictedProbability;
use super::binary_result::typical;
use super::emax_posterior::NormalPrior;
use super::logistic_model::expit;
use super::pairs::pairs;
use crate::config::Settings;
use crate::numerics::descriptive::{QuantileType, quantile};
use crate::numerics::design_matrix::DesignMatrix;
use crate::numerics::logistic_posterior::{CoefficientPrior, LogisticPosterior};
use crate::numerics::mcmc::{HIGH_PARETO_K, LeaveOneOut, Sample as Draws, SamplerError, SamplerSettings, Start, leave_one_out, sample};

/// Potential scale reduction above which chains disagree.
pub const HIGH_RHAT: f64 = 1.01;

/// Effective draws below which a result is not to be relied on.
pub const FEW_DRAWS: f64 = 400.0;

/// Points at which a curve is computed for drawing.
const CURVE: u32 = 60;

/// Draws that a curve averaged over covariates is computed from.
const CURVE_DRAWS: usize = 400;

/// First stream of random numbers for predicted outcomes; chains use those before it.
const PREDICTIVE_STREAMS: u64 = 1 << 32;

/// How the posterior of the parameters was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Computation {
    /// By quadrature.
    Quadrature,
    /// By Markov chains.
    Sampling,
}

/// Posterior of one quantity: median, equal-tailed limits and the probability of a value above zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PosteriorSummary {
    /// Median.
    pub median: f64,
    /// Equal-tailed limits at the project's level.
    pub limits: (f64, f64),
    /// Probability of a value above zero.
    pub above_zero: f64,
}

/// Posterior of a parameter beside its prior.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterPosterior {
    /// What it is.
    pub parameter: BayesianParameter,
    /// Its prior, of the logarithm where the parameter has it there.
    pub prior: NormalPrior,
    /// Its posterior.
    pub posterior: PosteriorSummary,
}

/// What a model says of one dosage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DosagePosterior {
    /// Typical exposure of the dosage, at which the probability is predicted.
    pub exposure: f64,
    /// Probability there, averaged over the covariates of all subjects.
    pub probability: PosteriorSummary,
    /// Subjects of the dosage in the model.
    pub n: usize,
    /// Subjects among them with the event.
    pub events: usize,
    /// Median proportion that the model predicts for subjects like those of the dosage.
    pub predicted_median: f64,
    /// Limits of the predicted proportion.
    pub predicted_limits: (f64, f64),
    /// Share of the predicted proportions at or above the observed one.
    pub share_at_or_above: f64,
}

impl DosagePosterior {
    /// Whether the observed proportion lies within the limits of the predicted ones; `None` without subjects.
    #[must_use]
    pub fn is_covered(&self) -> Option<bool> {
        let observed = self.events as f64 / self.n as f64;
        let (lower, upper) = self.predicted_limits;
        (self.n > 0).then_some(lower <= observed && observed <= upper)
    }
}

/// Difference of the predicted probabilities of two dosages, the higher minus the lower.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PosteriorDifference {
    /// Position of the lower dosage among the groups.
    pub from: usize,
    /// Position of the higher.
    pub to: usize,
    /// The difference; `above_zero` is the probability that the higher dosage has the higher probability.
    pub difference: PosteriorSummary,
}

/// How well a model predicts subjects who are left out one by one.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossValidation {
    /// Sum of the expected log densities.
    pub elpd: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Effective number of parameters.
    pub parameters: f64,
    /// Subjects whose Pareto k is above [`HIGH_PARETO_K`].
    pub high_k: usize,
    /// Largest Pareto k.
    pub largest_k: f64,
    /// Expected log density by subject.
    pub(super) by_subject: Vec<f64>,
}

/// Whether the chains can be relied on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChainReport {
    /// Draws of all chains.
    pub draws: usize,
    /// Largest potential scale reduction over the parameters and the density.
    pub rhat: f64,
    /// Fewest effective draws for the centre.
    pub bulk_draws: f64,
    /// Fewest effective draws for the tails.
    pub tail_draws: f64,
    /// Largest Monte Carlo error of a mean, in posterior standard deviations.
    pub largest_error: f64,
    /// Draws whose trajectory diverged.
    pub divergences: usize,
    /// Draws whose trajectory was cut.
    pub saturated: usize,
    /// Evaluations of the density after the warm-up.
    pub evaluations: usize,
}

impl ChainReport {
    /// Whether chains agree, enough draws count and none diverged.
    #[must_use]
    pub fn is_reliable(&self) -> bool {
        self.rhat <= HIGH_RHAT && self.bulk_draws >= FEW_DRAWS && self.tail_draws >= FEW_DRAWS && self.divergences == 0
    }

    fn of(draws: &Draws, density: &BinaryCurve) -> Self {
        let mut report = Self {
            draws: draws.draws().count(),
            rhat: 0.0,
            bulk_draws: f64::INFINITY,
            tail_draws: f64::INFINITY,
            largest_error: 0.0,
            divergences: draws.divergences(),
            saturated: draws.saturated(),
            evaluations: draws.chains.iter().map(|chain| chain.evaluations).sum(),
        };
        let densities: Vec<f64> = draws.chains.iter().flat_map(|chain| chain.log_densities.iter().copied()).collect();
        let parameters = (0..density.priors().len()).map(|place| draws.values(|point| density.parameters(point)[place]));
        for values in parameters.chain([densities]) {
            let found = draws.diagnose(&values);
            // A value that is not a number must not pass for a good one.
            report.rhat = if found.rhat.is_nan() { f64::INFINITY } else { report.rhat.max(found.rhat) };
            report.bulk_draws = report.bulk_draws.min(found.bulk_draws);
            report.tail_draws = report.tail_draws.min(found.tail_draws);
            report.largest_error = report.largest_error.max(found.error_of_mean / found.sd);
        }
        report
    }
}

/// A fitted Bayesian model.
#[derive(Debug, Clone, PartialEq)]
pub struct BayesianModel {
    /// Form of the exposure.
    pub form: BayesianForm,
    /// Subjects.
    pub n: usize,
    /// Subjects with the event.
    pub events: usize,
    /// How the posterior of the parameters was computed; predictions of outcomes and cross-validation rest on chains always.
    pub computation: Computation,
    /// The parameters, those of the curve first.
    pub parameters: Vec<ParameterPosterior>,
    /// One per group of the sample.
    pub dosages: Vec<DosagePosterior>,
    /// Differences between dosages.
    pub differences: Vec<PosteriorDifference>,
    /// Prediction of subjects left out.
    pub cross_validation: CrossValidation,
    /// Whether the chains can be relied on.
    pub chains: ChainReport,
    /// The curve over the observed exposures: posterior median with limits.
    pub curve: Vec<PredictedProbability>,
    /// Positions of the subjects in the sample.
    pub(super) subjects: Vec<usize>,
}

impl BayesianModel {
    /// The parameter by which the probability rises or falls: slope, or largest change.
    #[must_use]
    pub fn effect(&self) -> Option<&ParameterPosterior> {
        self.parameters.iter().find(|found| matches!(found.parameter, BayesianParameter::Slope(_) | BayesianParameter::Emax))
    }
}

/// A posterior as draws of its parameters.
struct Posterior<'a> {
    density: &'a BinaryCurve,
    scale: ExposureScale,
    parameters: Vec<Vec<f64>>,
    /// Parameters of the curve, the others being of covariates.
    of_curve: usize,
    chains: usize,
    level: f64,
}

/// Probabilities at the typical exposure of each dosage.
struct AtDosages {
    exposures: Vec<f64>,
    /// By draw, then by dosage.
    drawn: Vec<Vec<f64>>,
}

/// Samples the posterior and computes everything that rests on it.
pub(super) fn fit(
    prepared: Prepared,
    data: &Sample,
    settings: &Settings,
    sampler: &SamplerSettings,
) -> Result<Option<BayesianModel>, SamplerError> {
    let Prepared { form, scale, rows, priors, parameters, subjects, row_of } = prepared;
    let of_curve = priors.len() - rows.width;
    let Some(density) = BinaryCurve::new(form, rows, priors) else { return Ok(None) };
    let (centre, spread) = density.start();
    let draws = sample(&density, Start { centre: &centre, spread: &spread }, sampler)?;
    let (level, chains) = (settings.intervals.level, sampler.chains);
    let posterior = Posterior {
        parameters: draws.draws().map(|point| density.parameters(point)).collect(),
        density: &density,
        scale,
        of_curve,
        chains,
        level,
    };
    let exact = quadrature(&density, form);
    let events: Vec<bool> = subjects.iter().filter_map(|place| data.subjects.get(*place)).map(|subject| subject.outcome.event()).collect();
    let logits = posterior.logits();
    let at = posterior.at_dosages(data);
    let counts = predicted_counts(&groups_of(data, &subjects), &row_of, &logits, sampler.seed);
    let dosages = posterior.dosages((data, &subjects), &at, &counts, exact.as_ref());
    let found = parameters.into_iter().zip(density.priors()).enumerate().map(|(place, (parameter, prior))| {
        let posterior = posterior.parameter(place, &parameter, exact.as_ref());
        ParameterPosterior { parameter, prior: *prior, posterior }
    });
    let found: Vec<ParameterPosterior> = found.collect();
    let monotone = exact.as_ref().and_then(|_| found.get(1)).map(|slope| slope.posterior.above_zero);
    Ok(Some(BayesianModel {
        form,
        n: subjects.len(),
        events: events.iter().filter(|event| **event).count(),
        computation: if exact.is_some() { Computation::Quadrature } else { Computation::Sampling },
        differences: posterior.differences(&at, &pairs(&data.panel.groups, settings), monotone),
        cross_validation: posterior.cross_validation(&logits, &row_of, &events),
        chains: ChainReport::of(&draws, &density),
        curve: posterior.curve(&data.exposures()),
        parameters: found,
        dosages,
        subjects,
    }))
}

/// The posterior by quadrature, where a line has no covariates: more coefficients take too many nodes when every subject has an own exposure.
fn quadrature(density: &BinaryCurve, form: BayesianForm) -> Option<LogisticPosterior> {
    let rows = density.rows();
    if rows.width > 0 || !matches!(form, BayesianForm::Linear | BayesianForm::LogLinear) {
        return None;
    }
    let priors: Vec<CoefficientPrior> =
        density.priors().iter().map(|prior| CoefficientPrior::Normal { mean: prior.mean, sd: prior.sd }).collect();
    let design = DesignMatrix::from_columns(&[vec![1.0; rows.exposures.len()], rows.exposures.clone()]).ok()?;
    LogisticPosterior::new(&design, &rows.events, Some(&rows.trials), &priors).ok()
}

impl Posterior<'_> {
    fn summary(&self, values: &[f64]) -> PosteriorSummary {
        let tail = 0.5 * (1.0 - self.level);
        let at = |p: f64| quantile(values, p, QuantileType::Type7).unwrap_or(f64::NAN);
        let above = values.iter().filter(|value| **value > 0.0).count();
        PosteriorSummary { median: at(0.5), limits: (at(tail), at(1.0 - tail)), above_zero: above as f64 / values.len() as f64 }
    }

    /// The same of a combination of the coefficients by quadrature, carried over by an increasing function.
    fn exact(&self, of: &LogisticPosterior, weights: [f64; 2], told: impl Fn(f64) -> f64) -> PosteriorSummary {
        let (density, tail) = (of.density(&weights), 0.5 * (1.0 - self.level));
        let at = |p: f64| told(density.quantile(p));
        PosteriorSummary { median: at(0.5), limits: (at(tail), at(1.0 - tail)), above_zero: density.upper(0.0) }
    }

    fn parameter(&self, place: usize, parameter: &BayesianParameter, exact: Option<&LogisticPosterior>) -> PosteriorSummary {
        if let Some(of) = exact {
            return self.exact(of, [[1.0, 0.0], [0.0, 1.0]][place.min(1)], |value| value);
        }
        let values: Vec<f64> = self.parameters.iter().map(|drawn| parameter.told(drawn[place])).collect();
        self.summary(&values)
    }

    /// Log odds contributed by the covariates of a row.
    fn offset(&self, drawn: &[f64], row: usize) -> f64 {
        let coefficients = drawn.get(self.of_curve..).unwrap_or_default();
        self.density.rows().covariates_of(row).iter().zip(coefficients).map(|(value, coefficient)| value * coefficient).sum()
    }

    /// Log odds of every row, draw by draw.
    fn logits(&self) -> Vec<Vec<f64>> {
        let exposures = &self.density.rows().exposures;
        let of = |drawn: &Vec<f64>| -> Vec<f64> {
            exposures.iter().enumerate().map(|(row, exposure)| self.density.curve(drawn, *exposure) + self.offset(drawn, row)).collect()
        };
        self.parameters.par_iter().map(of).collect()
    }

    /// Probabilities at some exposures for one draw, averaged over the covariates of the rows.
    fn probabilities(&self, drawn: &[f64], exposures: &[f64]) -> Vec<f64> {
        let rows = self.density.rows();
        let on_curve = exposures.iter().map(|exposure| self.density.curve(drawn, self.scale.apply(*exposure)));
        if rows.width == 0 {
            return on_curve.map(expit).collect();
        }
        let offsets: Vec<f64> = (0..rows.exposures.len()).map(|row| self.offset(drawn, row)).collect();
        let total: f64 = rows.trials.iter().sum();
        let average = |logit: f64| {
            let (mut sum, mut row) = (0.0, 0);
            while row < offsets.len() {
                sum += rows.trials[row] * expit(logit + offsets[row]);
                row += 1;
            }
            sum / total
        };
        on_curve.map(average).collect()
    }

    /// Probabilities at the typical exposure of each group, draw by draw.
    fn at_dosages(&self, data: &Sample) -> AtDosages {
        let exposures: Vec<f64> = (0..data.panel.groups.len()).map(|group| typical(&data.exposures_of(group))).collect();
        let drawn = self.parameters.par_iter().map(|drawn| self.probabilities(drawn, &exposures)).collect();
        AtDosages { exposures, drawn }
    }

    fn dosages(
        &self,
        (data, subjects): (&Sample, &[usize]),
        at: &AtDosages,
        counts: &[Vec<u32>],
        exact: Option<&LogisticPosterior>,
    ) -> Vec<DosagePosterior> {
        let tail = 0.5 * (1.0 - self.level);
        let of = |(group, exposure): (usize, &f64)| {
            let values: Vec<f64> = at.drawn.iter().map(|values| values[group]).collect();
            let sampled = self.summary(&values);
            let members = || subjects.iter().filter_map(|place| data.subjects.get(*place)).filter(|subject| subject.group == group);
            let (n, events) = (members().count(), members().filter(|subject| subject.outcome.event()).count());
            let predicted: Vec<u32> = counts.iter().map(|counts| counts.get(group).copied().unwrap_or(0)).collect();
            let shares: Vec<f64> = predicted.iter().map(|count| f64::from(*count) / n as f64).collect();
            let limit = |p: f64| quantile(&shares, p, QuantileType::Type7).unwrap_or(f64::NAN);
            DosagePosterior {
                exposure: *exposure,
                probability: exact.map_or(sampled, |of| self.exact(of, [1.0, self.scale.apply(*exposure)], expit)),
                n,
                events,
                predicted_median: limit(0.5),
                predicted_limits: (limit(tail), limit(1.0 - tail)),
                share_at_or_above: predicted.iter().filter(|count| **count as usize >= events).count() as f64 / predicted.len() as f64,
            }
        };
        at.exposures.iter().enumerate().map(of).collect()
    }

    fn differences(&self, at: &AtDosages, pairs: &[(usize, usize)], monotone: Option<f64>) -> Vec<PosteriorDifference> {
        let of = |(from, to): &(usize, usize)| {
            let (from, to) = (*from, *to);
            let values: Vec<f64> = at.drawn.iter().filter_map(|values| Some(values.get(to)? - values.get(from)?)).collect();
            let difference = self.summary(&values);
            // On a line without covariates it is the probability of a slope above zero, where the exposures ascend with the dosages.
            let rises = at.exposures.get(to).zip(at.exposures.get(from)).is_some_and(|(high, low)| high > low);
            let above_zero = monotone.filter(|_| rises).unwrap_or(difference.above_zero);
            PosteriorDifference { from, to, difference: PosteriorSummary { above_zero, ..difference } }
        };
        pairs.iter().map(of).collect()
    }

    /// Every subject left out once; subjects with the same row and outcome share the work.
    fn cross_validation(&self, logits: &[Vec<f64>], row_of: &[usize], events: &[bool]) -> CrossValidation {
        let rows = self.density.rows().exposures.len();
        let wanted: Vec<Option<LeaveOneOut>> = (0..2 * rows)
            .into_par_iter()
            .map(|place| {
                let (row, event) = (place / 2, place % 2 == 1);
                let occurs = row_of.iter().zip(events).any(|(of, had)| *of == row && *had == event);
                occurs.then(|| {
                    let sign = if event { -1.0 } else { 1.0 };
                    let likelihood: Vec<f64> = logits.iter().map(|at| -softplus(sign * at[row])).collect();
                    leave_one_out(&likelihood, self.chains)
                })
            })
            .collect();
        let points: Vec<LeaveOneOut> = row_of.iter().zip(events).filter_map(|(row, event)| wanted[2 * row + usize::from(*event)]).collect();
        let by_subject: Vec<f64> = points.iter().map(|point| point.log_density).collect();
        let elpd: f64 = by_subject.iter().sum();
        CrossValidation {
            elpd,
            standard_error: error_of_sum(&by_subject),
            parameters: points.iter().map(|point| point.log_density_with).sum::<f64>() - elpd,
            high_k: points.iter().filter(|point| point.pareto_k > HIGH_PARETO_K).count(),
            largest_k: points.iter().map(|point| point.pareto_k).fold(f64::NEG_INFINITY, f64::max),
            by_subject,
        }
    }

    /// The curve from the smallest exposure to the largest, evenly on the logarithmic scale where every exposure has a logarithm.
    fn curve(&self, exposures: &[f64]) -> Vec<PredictedProbability> {
        // In doublings there is nothing to predict without exposure.
        let defined = |value: &&f64| **value > 0.0 || !matches!(self.scale, ExposureScale::Doublings(_));
        let low = exposures.iter().filter(defined).copied().fold(f64::INFINITY, f64::min);
        let high = exposures.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let place = |step: u32| {
            let share = f64::from(step) / f64::from(CURVE);
            match step {
                0 => low,
                CURVE => high,
                _ if low > 0.0 => low * (high / low).powf(share),
                _ => low + share * (high - low),
            }
        };
        let places: Vec<f64> = (0..=CURVE).map(place).collect();
        let thin = if self.density.rows().width == 0 { 1 } else { self.parameters.len().div_ceil(CURVE_DRAWS) };
        let used: Vec<&Vec<f64>> = self.parameters.iter().step_by(thin).collect();
        let drawn: Vec<Vec<f64>> = used.par_iter().map(|drawn| self.probabilities(drawn, &places)).collect();
        let of = |(at, exposure): (usize, &f64)| {
            let values: Vec<f64> = drawn.iter().map(|values| values[at]).collect();
            let found = self.summary(&values);
            PredictedProbability { exposure: *exposure, probability: found.median, limits: Some(found.limits) }
        };
        places.iter().enumerate().map(of).collect()
    }
}

/// Group of each subject of a model.
fn groups_of(data: &Sample, subjects: &[usize]) -> Vec<usize> {
    subjects.iter().filter_map(|place| data.subjects.get(*place)).map(|subject| subject.group).collect()
}

/// Subjects with a predicted event, by draw and group; every draw has its own stream of random numbers.
fn predicted_counts(groups: &[usize], row_of: &[usize], logits: &[Vec<f64>], seed: u64) -> Vec<Vec<u32>> {
    let seeded = ChaCha8Rng::seed_from_u64(seed);
    let count = groups.iter().max().map_or(0, |last| last + 1);
    let of = |(draw, at): (usize, &Vec<f64>)| {
        let mut stream = seeded.clone();
        stream.set_stream(PREDICTIVE_STREAMS + draw as u64);
        let probabilities: Vec<f64> = at.iter().map(|logit| expit(*logit)).collect();
        let mut counts = vec![0_u32; count];
        for (group, row) in groups.iter().zip(row_of) {
            counts[*group] += u32::from(stream.random::<f64>() < probabilities[*row]);
        }
        counts
    };
    logits.par_iter().enumerate().map(of).collect()
}

/// `ln(1 + e^h)` without overflow.
fn softplus(h: f64) -> f64 {
    h.max(0.0) + (-h.abs()).exp().ln_1p()
}

/// Standard error of a sum of independent terms.
pub(super) fn error_of_sum(terms: &[f64]) -> f64 {
    crate::numerics::descriptive::variance(terms).map_or(f64::NAN, |variance| (terms.len() as f64 * variance).sqrt())
}
