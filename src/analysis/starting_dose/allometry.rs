//! Clearance in humans from clearances in animals: simple allometry, its exponent rule, and a fixed exponent `[MahmoodBalian1996]`.

use thiserror::Error;

/// Exponent that is used without a fit.
pub const FIXED_EXPONENT: f64 = 0.75;

/// Why clearances cannot be scaled.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum AllometryError {
    /// Fewer than two different body weights.
    #[error("allometric scaling needs animals of at least two different body weights")]
    TooFewWeights,
    /// A weight or a clearance that is not above zero.
    #[error("weights and clearances must be above 0, not {0}")]
    NotPositive(f64),
}

/// What the exponent asks for by the rule of exponents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExponentRule {
    /// Below 0.55: simple allometry may predict too low a clearance.
    TooSmall,
    /// From 0.55 to 0.70: simple allometry.
    Simple,
    /// From 0.71 to 1.0: the product of clearance and maximum life span.
    LifeSpan,
    /// Above 1.0, to 1.3: the product of clearance and brain weight.
    BrainWeight,
    /// Above 1.3: simple allometry may predict far too high a clearance.
    TooLarge,
}

impl ExponentRule {
    /// The rule that an exponent falls under.
    #[must_use]
    pub fn of(exponent: f64) -> Self {
        match exponent {
            b if b < 0.55 => Self::TooSmall,
            // The rule is stated to two decimals: 0.70 ends one range, 0.71 begins the next.
            b if b < 0.705 => Self::Simple,
            b if b <= 1.0 => Self::LifeSpan,
            b if b <= 1.3 => Self::BrainWeight,
            _ => Self::TooLarge,
        }
    }

    /// The words in tables.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::TooSmall => "exponent below 0.55: clearance may be underpredicted",
            Self::Simple => "simple allometry",
            Self::LifeSpan => "MLP correction",
            Self::BrainWeight => "brain-weight correction",
            Self::TooLarge => "exponent above 1.3: clearance may be overpredicted",
        }
    }
}

/// Clearance scaled to a human body weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Allometry {
    /// Coefficient: clearance at 1 kg, L/h.
    pub coefficient: f64,
    /// Exponent of body weight.
    pub exponent: f64,
    /// Clearance of the human by simple allometry, L/h.
    pub human_clearance: f64,
    /// Clearance of the human from the heaviest animals with the exponent 0.75, L/h.
    pub by_fixed_exponent: f64,
    /// What the exponent asks for.
    pub rule: ExponentRule,
}

/// Least-squares line of log clearance on log body weight, read at the human weight.
///
/// ```text
/// CL = a W^b      fixed: CL_human = CL_heaviest (W_human / W_heaviest)^0.75
/// ```
///
/// # Domain
/// Pairs of weight (kg) and clearance (L/h), all above 0, at least two different weights.
///
/// # Errors
/// [`AllometryError`] outside the domain.
///
/// Source: `[MahmoodBalian1996]`.
pub fn scale(animals: &[(f64, f64)], human_weight_kg: f64) -> Result<Allometry, AllometryError> {
    let positive = |value: f64| if value > 0.0 && value.is_finite() { Ok(()) } else { Err(AllometryError::NotPositive(value)) };
    animals.iter().flat_map(|(weight, clearance)| [*weight, *clearance]).chain([human_weight_kg]).try_for_each(positive)?;
    let logs: Vec<(f64, f64)> = animals.iter().map(|(weight, clearance)| (weight.ln(), clearance.ln())).collect();
    let n = logs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / n;
    let (x_mean, y_mean) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let spread: f64 = logs.iter().map(|(x, _)| (x - x_mean).powi(2)).sum();
    let heaviest = animals.iter().max_by(|a, b| a.0.total_cmp(&b.0));
    let Some((weight, clearance)) = heaviest.filter(|_| spread > 1e-12) else { return Err(AllometryError::TooFewWeights) };
    let exponent = logs.iter().map(|(x, y)| (x - x_mean) * (y - y_mean)).sum::<f64>() / spread;
    let coefficient = (y_mean - exponent * x_mean).exp();
    Ok(Allometry {
        coefficient,
        exponent,
        human_clearance: coefficient * human_weight_kg.powf(exponent),
        by_fixed_exponent: clearance * (human_weight_kg / weight).powf(FIXED_EXPONENT),
        rule: ExponentRule::of(exponent),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_power_law_is_recovered() {
        let animals: Vec<(f64, f64)> = [0.02, 0.3, 10.0].iter().map(|w: &f64| (*w, 0.7 * w.powf(0.65))).collect();
        let found = scale(&animals, 60.0).unwrap();
        assert!((found.coefficient - 0.7).abs() < 1e-12 && (found.exponent - 0.65).abs() < 1e-12);
        assert!((found.human_clearance - 0.7 * 60f64.powf(0.65)).abs() < 1e-10);
        assert_eq!(found.rule, ExponentRule::Simple);
    }

    #[test]
    fn one_weight_or_a_zero_cannot_be_scaled() {
        assert_eq!(scale(&[(3.0, 1.0), (3.0, 1.2)], 60.0), Err(AllometryError::TooFewWeights));
        assert_eq!(scale(&[], 60.0), Err(AllometryError::TooFewWeights));
        assert_eq!(scale(&[(3.0, 0.0), (4.0, 1.2)], 60.0), Err(AllometryError::NotPositive(0.0)));
    }
}
