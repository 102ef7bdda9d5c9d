//! The utility index of the dosages that a project compares, on the attributes that it names.

use thiserror::Error;

use super::index::{self, IndexError, best, scaled_weights};
use super::posterior::{PosteriorError, PosteriorIndex, PosteriorSettings, Uncertain, draw_index};
use super::value_function::{ValueFunction, ValueFunctionError};
use crate::config::{Aggregation, Attribute, Better, UtilitySettings, ValueFunction as Written, Veto};
use crate::numerics::distribution::{beta_cdf, normal_cdf};

/// A measured value under one dosage.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The value as observed.
    pub value: f64,
    /// What is known of the value in the population.
    pub known: Uncertain,
}

/// An attribute with its value under every dosage that is compared.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredAttribute {
    /// The attribute as the project describes it.
    pub attribute: Attribute,
    /// One per dosage.
    pub measured: Vec<Measured>,
}

/// Why there is no utility index.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum UtilityError {
    /// An attribute whose value function is none.
    #[error("attribute {attribute}: {reason}")]
    Function {
        /// Label of the attribute.
        attribute: String,
        /// What is wrong.
        reason: ValueFunctionError,
    },
    /// Values and weights that do not belong together.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// Values whose uncertainty cannot be drawn.
    #[error(transparent)]
    Posterior(#[from] PosteriorError),
}

/// The index of every dosage, and what it is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct UtilityResult {
    /// The attributes with their values.
    pub attributes: Vec<MeasuredAttribute>,
    /// Their value functions.
    pub functions: Vec<ValueFunction>,
    /// Their weights with a sum of one.
    pub weights: Vec<f64>,
    /// Whether the weights as written had another sum.
    pub rescaled: bool,
    /// How values become one index.
    pub aggregation: index::Aggregation,
    /// Worth of each attribute at the observed values, a row per dosage.
    pub worths: Vec<Vec<f64>>,
    /// Index of each dosage at the observed values.
    pub indices: Vec<f64>,
    /// The dosage with the highest index at the observed values.
    pub leader: Option<usize>,
    /// The index of each dosage with the uncertainty of its attributes.
    pub posterior: Vec<PosteriorIndex>,
    /// Probability that the limit of an attribute is passed: a row per dosage, an entry per attribute, `None` where it has no limit.
    pub limit_passed: Vec<Vec<Option<f64>>>,
    /// Whether each dosage keeps every limit.
    pub admissible: Vec<bool>,
    /// The admissible dosage that is best with at least the probability that the project asks for; `None` where the dosages are not distinguished.
    pub preferred: Option<usize>,
}

impl UtilityResult {
    /// What an attribute adds to the additive index of a dosage: weight times worth.
    #[must_use]
    pub fn contribution(&self, dosage: usize, attribute: usize) -> f64 {
        let worth = self.worths.get(dosage).and_then(|row| row.get(attribute)).copied().unwrap_or(f64::NAN);
        worth * self.weights.get(attribute).copied().unwrap_or(f64::NAN)
    }

    /// Whether an attribute tells the dosages apart: the range of its observed values against the root mean square of their standard errors.
    ///
    /// ```text
    /// max_d x_d - min_d x_d >= sqrt(mean_d se_d^2)
    /// ```
    #[must_use]
    pub fn discriminates(&self, attribute: usize) -> bool {
        let Some(held) = self.attributes.get(attribute) else { return false };
        let values = || held.measured.iter().map(|measured| measured.value);
        let range = values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min);
        let squares: f64 = held.measured.iter().map(|measured| measured.known.variance()).sum();
        let pooled = (squares / held.measured.len().max(1) as f64).sqrt();
        range > 0.0 && range >= pooled
    }
}

/// The index of every dosage.
///
/// The observed values give the index; draws within what is known of the values give its interval, the probability that each dosage is best and the
/// expected loss ([`draw_index`]). A dosage whose value passes the limit of an attribute with more than the probability that the project allows is
/// not admissible; its index is shown all the same.
///
/// # Errors
/// [`UtilityError`].
pub fn evaluate(
    attributes: Vec<MeasuredAttribute>,
    settings: &UtilitySettings,
    (seed, level): (u64, f64),
) -> Result<UtilityResult, UtilityError> {
    let functions = attributes.iter().map(|held| value_function(&held.attribute)).collect::<Result<Vec<_>, _>>()?;
    let written: Vec<f64> = attributes.iter().map(|held| held.attribute.weight).collect();
    let weights = scaled_weights(&written)?;
    let aggregation = match settings.aggregation {
        Aggregation::Additive => index::Aggregation::Additive,
        Aggregation::GeometricMean => index::Aggregation::Geometric,
    };
    let dosages = attributes.first().map_or(0, |held| held.measured.len());
    let column = |dosage: usize| attributes.iter().filter_map(move |held| held.measured.get(dosage));
    let worths: Vec<Vec<f64>> = (0..dosages)
        .map(|dosage| column(dosage).zip(&functions).map(|(measured, function)| function.at(measured.value)).collect())
        .collect();
    let indices = worths.iter().map(|row| aggregation.index(row, &weights)).collect::<Result<Vec<_>, _>>()?;
    let known: Vec<Vec<Uncertain>> = (0..dosages).map(|dosage| column(dosage).map(|measured| measured.known.clone()).collect()).collect();
    let drawing = PosteriorSettings { draws: settings.draws, seed, level };
    let posterior = draw_index(&known, &functions, &weights, aggregation, drawing)?;
    let limits = || attributes.iter().map(|held| (held.attribute.veto, held.attribute.better));
    let limit_passed: Vec<Vec<Option<f64>>> = known
        .iter()
        .map(|row| row.iter().zip(limits()).map(|(known, (veto, better))| Some(known.worse_than(veto?.limit, better))).collect())
        .collect();
    let keeps = |(passed, veto): (&Option<f64>, Option<Veto>)| passed.zip(veto).is_none_or(|(passed, veto)| passed <= veto.probability);
    let admissible: Vec<bool> = limit_passed.iter().map(|row| row.iter().zip(limits().map(|(veto, _)| veto)).all(keeps)).collect();
    let preferred = posterior
        .iter()
        .zip(&admissible)
        .position(|(posterior, admissible)| *admissible && posterior.probability_best() >= settings.preferred_probability);
    let rescaled = (written.iter().sum::<f64>() - 1.0).abs() > 1e-9;
    let leader = best(&indices);
    Ok(UtilityResult {
        attributes,
        functions,
        weights,
        rescaled,
        aggregation,
        worths,
        indices,
        leader,
        posterior,
        limit_passed,
        admissible,
        preferred,
    })
}

/// The value function of an attribute as the project writes it.
///
/// # Errors
/// [`UtilityError::Function`].
pub fn value_function(attribute: &Attribute) -> Result<ValueFunction, UtilityError> {
    let (worst, best) = (attribute.worst, attribute.best);
    let rising = attribute.better == Better::Higher;
    let function = match &attribute.value {
        Written::Linear => ValueFunction::Linear { worst, best },
        Written::Power { exponent } => ValueFunction::Power { worst, best, exponent: *exponent },
        Written::Exponential { curvature } => ValueFunction::Exponential { worst, best, curvature: *curvature },
        Written::PiecewiseLinear { points } => {
            ValueFunction::PiecewiseLinear { corners: points.iter().map(|point| (point.at, point.value)).collect() }
        }
        Written::Logistic { midpoint, slope } => {
            ValueFunction::Logistic { midpoint: *midpoint, slope: if rising { *slope } else { -slope } }
        }
        Written::Step { threshold } => ValueFunction::Step { threshold: *threshold, rising },
    };
    function.checked().map_err(|reason| UtilityError::Function { attribute: attribute.label.clone(), reason })
}

impl Uncertain {
    /// Variance of what is known; 0 of a value that is known exactly.
    #[must_use]
    pub fn variance(&self) -> f64 {
        match self {
            Self::Beta { alpha, beta } => {
                let total = alpha + beta;
                alpha * beta / (total * total * (total + 1.0))
            }
            Self::Normal { standard_deviation, .. } => standard_deviation * standard_deviation,
            Self::Draws(draws) => {
                let count = draws.len() as f64;
                let mean = draws.iter().sum::<f64>() / count;
                draws.iter().map(|draw| (draw - mean) * (draw - mean)).sum::<f64>() / (count - 1.0).max(1.0)
            }
            Self::Exact(_) => 0.0,
        }
    }

    /// Probability that the value lies beyond a limit on its worse side; the limit itself is kept. Not a number for a distribution that is none.
    #[must_use]
    pub fn worse_than(&self, limit: f64, better: Better) -> f64 {
        let below = match self {
            Self::Beta { alpha, beta } => beta_cdf(limit.clamp(0.0, 1.0), *alpha, *beta).unwrap_or(f64::NAN),
            Self::Normal { mean, standard_deviation } if *standard_deviation > 0.0 => normal_cdf((limit - mean) / standard_deviation),
            Self::Normal { mean: value, .. } | Self::Exact(value) => return f64::from(u8::from(is_worse(*value, limit, better))),
            Self::Draws(draws) => {
                return draws.iter().filter(|draw| is_worse(**draw, limit, better)).count() as f64 / draws.len() as f64;
            }
        };
        if better == Better::Higher { below } else { 1.0 - below }
    }
}

fn is_worse(value: f64, limit: f64, better: Better) -> bool {
    if better == Better::Higher { value < limit } else { value > limit }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::analysis::utility) fn settings() -> UtilitySettings {
        UtilitySettings {
            attributes: Vec::new(),
            weights_source: None,
            aggregation: Aggregation::Additive,
            dosages: Vec::new(),
            parts: Vec::new(),
            preferred_probability: 0.7,
            weight_change_percent: 20.0,
            draws: 4000,
        }
    }

    /// Counts of subjects with an outcome, worth 0 to 1 on a straight line.
    pub(in crate::analysis::utility) fn counted(id: &str, better: Better, weight: f64, counts: &[(u32, u32)]) -> MeasuredAttribute {
        let (worst, best) = if better == Better::Higher { (0.0, 1.0) } else { (1.0, 0.0) };
        let measured = |(count, n): &(u32, u32)| Measured {
            value: f64::from(*count) / f64::from(*n),
            known: Uncertain::Beta { alpha: f64::from(*count) + 0.5, beta: f64::from(n - count) + 0.5 },
        };
        let attribute = Attribute {
            id: id.to_owned(),
            label: id.to_owned(),
            measure: None,
            endpoint: None,
            better,
            worst,
            best,
            weight,
            value: Written::Linear,
            veto: None,
        };
        MeasuredAttribute { attribute, measured: counts.iter().map(measured).collect() }
    }

    #[test]
    fn the_index_sums_weighted_worths_and_scales_the_weights() {
        let attributes = vec![
            counted("orr", Better::Higher, 3.0, &[(26, 105), (34, 104)]),
            counted("harm", Better::Lower, 1.0, &[(20, 104), (37, 104)]),
        ];
        let found = evaluate(attributes, &settings(), (7, 0.95)).unwrap();
        assert!(found.rescaled);
        let want = 0.75 * 34.0 / 104.0 + 0.25 * (1.0 - 37.0 / 104.0);
        assert!((found.indices[1] - want).abs() < 1e-15);
        assert!((found.contribution(1, 0) + found.contribution(1, 1) - want).abs() < 1e-15);
        assert_eq!(found.leader, Some(1));
        assert!(found.posterior[1].limits.0 < want && want < found.posterior[1].limits.1);
        assert_eq!(found.preferred.is_some(), found.posterior.iter().any(|of| of.probability_best() >= 0.7));
    }

    #[test]
    fn a_limit_that_is_probably_passed_makes_a_dosage_inadmissible() {
        let mut harm = counted("harm", Better::Lower, 1.0, &[(5, 50), (30, 50)]);
        harm.attribute.veto = Some(Veto { limit: 0.4, probability: 0.9 });
        let found = evaluate(vec![harm], &settings(), (7, 0.95)).unwrap();
        assert_eq!(found.admissible, [true, false]);
        let exact = 1.0 - beta_cdf(0.4, 30.5, 20.5).unwrap();
        assert!((found.limit_passed[1][0].unwrap() - exact).abs() < 1e-15);
        assert_eq!(found.preferred, Some(0));
    }

    #[test]
    fn grade_three_to_four_events_of_dreamm_2_tell_nothing_apart() {
        // Adverse events of grade 3 or 4 in 78 of 95 and 81 of 99 patients.
        let held =
            vec![counted("grade34", Better::Lower, 0.5, &[(78, 95), (81, 99)]), counted("orr", Better::Higher, 0.5, &[(30, 97), (60, 99)])];
        let found = evaluate(held, &settings(), (7, 0.95)).unwrap();
        assert!(!found.discriminates(0) && found.discriminates(1));
    }

    #[test]
    fn a_value_function_follows_the_better_direction() {
        let mut harm = counted("harm", Better::Lower, 1.0, &[(1, 10)]).attribute;
        harm.value = Written::Logistic { midpoint: 0.5, slope: 8.0 };
        let falling = value_function(&harm).unwrap();
        assert!(falling.at(0.2) > 0.5 && falling.at(0.8) < 0.5);
        harm.value = Written::Step { threshold: 0.5 };
        let step = value_function(&harm).unwrap();
        assert!((step.at(0.5) - 1.0).abs() < 1e-15 && step.at(0.6).abs() < 1e-15);
        harm.best = harm.worst;
        harm.value = Written::Linear;
        assert!(matches!(value_function(&harm), Err(UtilityError::Function { .. })));
    }
}
