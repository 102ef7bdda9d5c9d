//! Dose proportionality by the power model and the criterion of Smith.

use thiserror::Error;

use crate::config::DoseProportionalitySettings;
use crate::numerics::straight_line::{StraightLine, StraightLineError, fit_straight_line, lack_of_fit};

/// Fewest subjects from whom an interval of the slope is worth its name.
const MIN_SUBJECTS: usize = 4;

/// Ratio of the highest to the lowest dose below which the criterion cannot say much `[Smith2000]`.
const NARROW_RANGE: f64 = 3.0;

/// P-value of the lack-of-fit test below which one slope does not describe the range.
const LACK_OF_FIT: f64 = 0.05;

/// A dose and the exposure after it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DoseExposure {
    /// Dose.
    pub dose: f64,
    /// Exposure: area, maximum or another.
    pub exposure: f64,
}

/// Why proportionality cannot be judged.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum ProportionalityError {
    /// A dose or exposure that is not above zero has no logarithm.
    #[error("{0} observations have a dose or exposure that is not above zero")]
    NotPositive(usize),
    /// Too few observations.
    #[error("{found} observations, {needed} needed")]
    TooFew {
        /// Observations given.
        found: usize,
        /// Observations needed.
        needed: usize,
    },
    /// A single dose.
    #[error("all observations are of one dose")]
    OneDose,
    /// Exposures lie exactly on a line: there is no variation to judge the slope by.
    #[error("exposures do not vary about the line: the slope has no standard error")]
    NoVariation,
    /// Limits or a level that are not in order.
    #[error("limits {lower} and {upper} and level {level} are not in order")]
    Settings {
        /// Lower limit.
        lower: f64,
        /// Upper limit.
        upper: f64,
        /// Level.
        level: f64,
    },
}

/// Whether exposure rises in proportion to dose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProportionalityVerdict {
    /// The interval lies within the limits.
    Proportional,
    /// The interval lies above the limits.
    MoreThanProportional,
    /// The interval lies below the limits.
    LessThanProportional,
    /// The interval reaches over a limit.
    Inconclusive,
}

impl ProportionalityVerdict {
    /// Text in tables.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Proportional => "dose proportional",
            Self::MoreThanProportional => "not dose proportional (more than proportional)",
            Self::LessThanProportional => "not dose proportional (less than proportional)",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// What a reader must know of the judgement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ProportionalityCaution {
    /// Two doses: whether one slope describes the range cannot be seen.
    TwoDoses,
    /// The highest dose is a small multiple of the lowest.
    NarrowRange {
        /// Highest over lowest dose.
        ratio: f64,
        /// Smallest ratio without a caution.
        limit: f64,
    },
    /// One slope does not describe the range.
    LackOfFit {
        /// P-value of the test.
        p_value: f64,
        /// Largest p-value that gives a caution.
        limit: f64,
    },
}

/// The power model and what it says of proportionality.
#[derive(Debug, Clone, PartialEq)]
pub struct DoseProportionality {
    /// Line of the logarithm of exposure on that of dose.
    pub line: StraightLine,
    /// Mean logarithm of the doses.
    pub mean_log_dose: f64,
    /// Confidence level of the interval.
    pub level: f64,
    /// Confidence limits of the slope.
    pub interval: (f64, f64),
    /// Observations.
    pub observations: usize,
    /// Distinct doses.
    pub doses: usize,
    /// Lowest and highest dose.
    pub range: (f64, f64),
    /// Limits that the interval is held against.
    pub limits: (f64, f64),
    /// The judgement.
    pub verdict: ProportionalityVerdict,
    /// Largest ratio of doses over which the interval lies within its limits; `None` where it does so over every ratio.
    pub largest_proportional_ratio: Option<f64>,
    /// Smallest ratio of doses over which the interval lies outside its limits; `None` while it holds 1.
    pub smallest_disproportional_ratio: Option<f64>,
    /// Limits of the factor by which exposure rises over the range.
    pub fold_change: (f64, f64),
    /// P-value of the lack-of-fit test, where there are three doses and repeats.
    pub lack_of_fit: Option<f64>,
    /// What a reader must know.
    pub cautions: Vec<ProportionalityCaution>,
}

impl DoseProportionality {
    /// Highest over lowest dose.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.range.1 / self.range.0
    }

    /// Exposure on the fitted line at a dose, with confidence limits of the mean.
    ///
    /// ```text
    /// exp(a + b ln D -+ t_(n-2) sqrt(s^2 / n + se(b)^2 (ln D - mean ln D)^2)),  s^2 = RSS / (n - 2)
    /// ```
    #[must_use]
    pub fn exposure_at(&self, dose: f64) -> (f64, f64, f64) {
        let t = 0.5 * (self.interval.1 - self.interval.0) / self.line.slope_error;
        let residual = self.line.residual_sum / self.line.degrees_of_freedom as f64;
        let distance = self.line.slope_error * (dose.ln() - self.mean_log_dose);
        let half = t * (residual / self.observations as f64 + distance * distance).sqrt();
        let centre = self.line.intercept + self.line.slope * dose.ln();
        (centre.exp(), (centre - half).exp(), (centre + half).exp())
    }

    /// Exposure at a dose if it rose in proportion to dose from the centre of the observations.
    #[must_use]
    pub fn proportional_exposure_at(&self, dose: f64) -> f64 {
        let centre = self.line.intercept + self.line.slope * self.mean_log_dose;
        (centre + dose.ln() - self.mean_log_dose).exp()
    }
}

/// Fits the power model and applies the criterion of Smith.
///
/// ```text
/// ln E = a + b ln D by least squares;  [L, U] = b -+ t_(n-2) se(b)
/// limits   1 + ln(theta_L) / ln(r) .. 1 + ln(theta_U) / ln(r),  r = highest dose / lowest dose
/// verdict  proportional where [L, U] lies within, not proportional where it lies outside, otherwise inconclusive
/// rho_1 = 1.25^(1 / max|limit - 1|)   largest r over which [L, U] would lie within (theta_L = 0.8, theta_U = 1.25)
/// rho_2 = 1.25^(1 / min|limit - 1|)   smallest r over which it would lie outside, only where it does not hold 1
/// fold change over the range  r^L .. r^U
/// ```
///
/// `E` exposure, `D` dose, both above zero, in any unit. Observations of one subject under several doses count as independent.
///
/// # Errors
/// [`ProportionalityError`]: fewer than four observations, one dose, values that are not above zero, or no variation about the line.
///
/// Source: `[Smith2000]`.
pub fn judge_proportionality(
    observations: &[DoseExposure],
    settings: &DoseProportionalitySettings,
) -> Result<DoseProportionality, ProportionalityError> {
    let DoseProportionalitySettings { level, lower, upper } = *settings;
    let out_of_order = ProportionalityError::Settings { lower, upper, level };
    if !(0.0 < lower && lower < 1.0 && 1.0 < upper && 0.0 < level && level < 1.0) {
        return Err(out_of_order);
    }
    let positive = |value: f64| value.is_finite() && value > 0.0;
    let faulty = observations.iter().filter(|observation| !positive(observation.dose) || !positive(observation.exposure)).count();
    if faulty > 0 {
        return Err(ProportionalityError::NotPositive(faulty));
    }
    if observations.len() < MIN_SUBJECTS {
        return Err(ProportionalityError::TooFew { found: observations.len(), needed: MIN_SUBJECTS });
    }
    let x: Vec<f64> = observations.iter().map(|observation| observation.dose.ln()).collect();
    let y: Vec<f64> = observations.iter().map(|observation| observation.exposure.ln()).collect();
    let doses = distinct(observations);
    let (Some(lowest), Some(highest), true) = (doses.first().copied(), doses.last().copied(), doses.len() > 1) else {
        return Err(ProportionalityError::OneDose);
    };
    let line = fit_straight_line(&x, &y).map_err(|error| explained(error, out_of_order))?;
    let spread = y.iter().fold(0.0_f64, |most, value| most.max(value.abs())).max(1.0);
    if line.residual_sum <= y.len() as f64 * (16.0 * f64::EPSILON * spread).powi(2) {
        return Err(ProportionalityError::NoVariation);
    }
    let interval = line.slope_interval(level).map_err(|error| explained(error, out_of_order))?;
    let ratio = highest / lowest;
    let limits = (1.0 + lower.ln() / ratio.ln(), 1.0 + upper.ln() / ratio.ln());
    let lack_of_fit = lack_of_fit(&x, &y).map_err(|error| explained(error, out_of_order))?;
    Ok(DoseProportionality {
        line,
        mean_log_dose: x.iter().sum::<f64>() / x.len() as f64,
        level,
        interval,
        observations: observations.len(),
        doses: doses.len(),
        range: (lowest, highest),
        limits,
        verdict: verdict(interval, limits),
        largest_proportional_ratio: largest_proportional_ratio(interval, lower, upper),
        smallest_disproportional_ratio: smallest_disproportional_ratio(interval, lower, upper),
        fold_change: (ratio.powf(interval.0), ratio.powf(interval.1)),
        lack_of_fit,
        cautions: cautions(doses.len(), ratio, lack_of_fit),
    })
}

fn explained(error: StraightLineError, out_of_order: ProportionalityError) -> ProportionalityError {
    match error {
        StraightLineError::ConstantX => ProportionalityError::OneDose,
        StraightLineError::TooFew(found) => ProportionalityError::TooFew { found, needed: MIN_SUBJECTS },
        StraightLineError::Lengths { .. } | StraightLineError::NotFinite => ProportionalityError::NotPositive(0),
        StraightLineError::Distribution(_) => out_of_order,
    }
}

fn distinct(observations: &[DoseExposure]) -> Vec<f64> {
    let mut doses: Vec<f64> = observations.iter().map(|observation| observation.dose).collect();
    doses.sort_by(f64::total_cmp);
    doses.dedup_by(|a, b| a.to_bits() == b.to_bits());
    doses
}

fn verdict(interval: (f64, f64), limits: (f64, f64)) -> ProportionalityVerdict {
    if interval.0 >= limits.0 && interval.1 <= limits.1 {
        ProportionalityVerdict::Proportional
    } else if interval.0 > limits.1 {
        ProportionalityVerdict::MoreThanProportional
    } else if interval.1 < limits.0 {
        ProportionalityVerdict::LessThanProportional
    } else {
        ProportionalityVerdict::Inconclusive
    }
}

/// The tighter of what the two ends of the interval allow: an end on the far side of 1 allows every ratio.
fn largest_proportional_ratio(interval: (f64, f64), lower: f64, upper: f64) -> Option<f64> {
    let above = (interval.1 > 1.0).then(|| (upper.ln() / (interval.1 - 1.0)).exp());
    let below = (interval.0 < 1.0).then(|| (lower.ln() / (interval.0 - 1.0)).exp());
    match (above, below) {
        (Some(above), Some(below)) => Some(above.min(below)),
        (one, other) => one.or(other),
    }
}

fn smallest_disproportional_ratio(interval: (f64, f64), lower: f64, upper: f64) -> Option<f64> {
    if interval.0 > 1.0 {
        Some((upper.ln() / (interval.0 - 1.0)).exp())
    } else if interval.1 < 1.0 {
        Some((lower.ln() / (interval.1 - 1.0)).exp())
    } else {
        None
    }
}

fn cautions(doses: usize, ratio: f64, lack_of_fit: Option<f64>) -> Vec<ProportionalityCaution> {
    let mut cautions = Vec::new();
    if doses == 2 {
        cautions.push(ProportionalityCaution::TwoDoses);
    }
    if ratio < NARROW_RANGE {
        cautions.push(ProportionalityCaution::NarrowRange { ratio, limit: NARROW_RANGE });
    }
    if let Some(p_value) = lack_of_fit.filter(|p| *p < LACK_OF_FIT) {
        cautions.push(ProportionalityCaution::LackOfFit { p_value, limit: LACK_OF_FIT });
    }
    cautions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observations(pairs: &[(f64, f64)]) -> Vec<DoseExposure> {
        pairs.iter().map(|(dose, exposure)| DoseExposure { dose: *dose, exposure: *exposure }).collect()
    }

    fn judge(pairs: &[(f64, f64)]) -> Result<DoseProportionality, ProportionalityError> {
        judge_proportionality(&observations(pairs), &DoseProportionalitySettings::default())
    }

    /// Exposures about `dose^slope`, 2% up and down.
    fn about(slope: f64) -> Vec<(f64, f64)> {
        let doses = [10.0_f64, 30.0, 100.0, 300.0];
        doses.iter().flat_map(|dose| [0.98, 1.02, 1.0].map(|factor| (*dose, factor * dose.powf(slope)))).collect()
    }

    #[test]
    fn the_verdict_follows_the_interval() {
        assert_eq!(judge(&about(1.0)).unwrap().verdict, ProportionalityVerdict::Proportional);
        assert_eq!(judge(&about(1.3)).unwrap().verdict, ProportionalityVerdict::MoreThanProportional);
        let less = judge(&about(0.6)).unwrap();
        assert_eq!(less.verdict, ProportionalityVerdict::LessThanProportional);
        assert!(less.smallest_disproportional_ratio.unwrap() < less.ratio());
        assert!(judge(&about(1.0)).unwrap().largest_proportional_ratio.unwrap() > 30.0);
        assert_eq!(judge(&[(10.0, 5.0), (10.0, 9.0), (20.0, 8.0), (20.0, 21.0)]).unwrap().verdict, ProportionalityVerdict::Inconclusive);
    }

    #[test]
    fn units_of_exposure_and_dose_do_not_move_the_slope() {
        let plain = judge(&about(1.1)).unwrap();
        let scaled: Vec<(f64, f64)> = about(1.1).iter().map(|(dose, exposure)| (dose * 1e-3, exposure * 1e6)).collect();
        let scaled = judge(&scaled).unwrap();
        assert!((plain.line.slope - scaled.line.slope).abs() < 1e-12 && (plain.interval.0 - scaled.interval.0).abs() < 1e-12);
        let mut turned = about(1.1);
        turned.reverse();
        assert!((judge(&turned).unwrap().line.slope - plain.line.slope).abs() < 1e-13);
    }

    #[test]
    fn too_little_gives_a_reason_and_no_number() {
        assert_eq!(judge(&[(1.0, 2.0), (2.0, 4.1), (4.0, 7.9)]), Err(ProportionalityError::TooFew { found: 3, needed: 4 }));
        assert_eq!(judge(&[(5.0, 2.0), (5.0, 4.1), (5.0, 7.9), (5.0, 3.0)]), Err(ProportionalityError::OneDose));
        assert_eq!(judge(&[(1.0, 2.0), (2.0, 2.0), (4.0, 2.0), (8.0, 2.0)]), Err(ProportionalityError::NoVariation));
        assert_eq!(judge(&[(1.0, 2.0), (2.0, 4.0), (4.0, 8.0), (8.0, 16.0)]), Err(ProportionalityError::NoVariation));
        assert_eq!(judge(&[(1.0, 2.0), (2.0, 0.0), (4.0, 2.0), (8.0, 2.0)]), Err(ProportionalityError::NotPositive(1)));
        assert_eq!(judge(&[]), Err(ProportionalityError::TooFew { found: 0, needed: 4 }));
    }

    #[test]
    fn what_limits_the_judgement_is_said() {
        let two = judge(&[(10.0, 5.0), (10.0, 9.0), (20.0, 8.0), (20.0, 21.0)]).unwrap();
        assert_eq!(two.cautions, [ProportionalityCaution::TwoDoses, ProportionalityCaution::NarrowRange { ratio: 2.0, limit: 3.0 }]);
        let plateau: Vec<(f64, f64)> = about(1.0).iter().map(|(dose, exposure)| (*dose, exposure.min(105.0))).collect();
        assert!(matches!(judge(&plateau).unwrap().cautions[..], [ProportionalityCaution::LackOfFit { .. }]));
    }
}
