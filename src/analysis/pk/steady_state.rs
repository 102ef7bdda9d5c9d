//! Whether steady state is reached: the trend of trough concentrations over later doses.

use thiserror::Error;

use crate::numerics::descriptive::{mean, variance};
use crate::numerics::distribution::t_quantile;

/// Fewest subjects from whom the mean trend is judged.
const MIN_SUBJECTS: usize = 4;

/// A trough concentration before a dose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trough {
    /// Position of the subject; troughs of one subject share it.
    pub subject: usize,
    /// Time since the first dose.
    pub time: f64,
    /// Concentration, above zero.
    pub concentration: f64,
}

/// How the trend is judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SteadyStateRules {
    /// Confidence level of the interval.
    pub level: f64,
    /// Time over which the change is expressed, for example ten dosing intervals.
    pub over: f64,
    /// Smallest ratio over that time that counts as steady.
    pub lower: f64,
    /// Largest ratio over that time that counts as steady.
    pub upper: f64,
}

/// Why steady state cannot be judged.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum SteadyStateError {
    /// A concentration that is not above zero has no logarithm; a time or rule that is not a number.
    #[error("{0} troughs have no positive concentration or no time")]
    NotPositive(usize),
    /// Too few subjects with two troughs or more.
    #[error("{found} subjects have two troughs or more, {needed} needed")]
    TooFew {
        /// Subjects with two troughs or more.
        found: usize,
        /// Subjects needed.
        needed: usize,
    },
    /// Every subject has the same trend.
    #[error("trends do not vary between subjects")]
    NoVariation,
    /// Rules that are not in order.
    #[error("the rules of the judgement are not in order")]
    Rules,
}

/// Whether steady state is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SteadyStateVerdict {
    /// The interval lies within the limits.
    Reached,
    /// The interval lies above 1 and not within the limits.
    Rising,
    /// The interval lies below 1 and not within the limits.
    Falling,
    /// The interval holds 1 and reaches over a limit.
    Inconclusive,
}

/// The mean trend of troughs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SteadyState {
    /// Ratio of troughs over the time of the rules.
    pub ratio: f64,
    /// Confidence limits of the ratio.
    pub interval: (f64, f64),
    /// Subjects with two troughs or more.
    pub subjects: usize,
    /// Subjects with one trough, who say nothing of a trend.
    pub single: usize,
    /// The judgement.
    pub verdict: SteadyStateVerdict,
}

/// Judges steady state by the trend of troughs within subjects.
///
/// ```text
/// b_i slope of ln C on time in subject i;  b mean, s standard deviation of the b_i
/// ratio exp(b T), limits exp(T (b -+ t_(n-1) s / sqrt n)),  T time of the rules
/// reached where the limits lie within [lower, upper]
/// ```
///
/// Subjects with one trough are counted and left out. Give the troughs of the doses that are thought to be at steady state.
///
/// # Errors
/// [`SteadyStateError`]: fewer than four subjects, concentrations that are not above zero, or equal trends.
///
/// Source: `[Maganti2008]`.
pub fn judge_steady_state(troughs: &[Trough], rules: SteadyStateRules) -> Result<SteadyState, SteadyStateError> {
    let SteadyStateRules { level, over, lower, upper } = rules;
    if !(over > 0.0 && over.is_finite() && 0.0 < lower && lower < 1.0 && 1.0 < upper && upper.is_finite()) {
        return Err(SteadyStateError::Rules);
    }
    let usable = |trough: &Trough| trough.time.is_finite() && trough.concentration.is_finite() && trough.concentration > 0.0;
    let faulty = troughs.iter().filter(|trough| !usable(trough)).count();
    if faulty > 0 {
        return Err(SteadyStateError::NotPositive(faulty));
    }
    let mut ordered = troughs.to_vec();
    ordered.sort_by(|a, b| a.subject.cmp(&b.subject).then(a.time.total_cmp(&b.time)).then(a.concentration.total_cmp(&b.concentration)));
    let by_subject: Vec<Option<f64>> = ordered.chunk_by(|a, b| a.subject == b.subject).map(trend).collect();
    let slopes: Vec<f64> = by_subject.iter().flatten().copied().collect();
    let too_few = SteadyStateError::TooFew { found: slopes.len(), needed: MIN_SUBJECTS };
    let (Some(centre), Some(spread), true) = (mean(&slopes), variance(&slopes), slopes.len() >= MIN_SUBJECTS) else {
        return Err(too_few);
    };
    if spread <= 0.0 {
        return Err(SteadyStateError::NoVariation);
    }
    let n = slopes.len() as f64;
    let half = t_quantile(0.5 + 0.5 * level, n - 1.0).map_err(|_| SteadyStateError::Rules)? * (spread / n).sqrt();
    let interval = ((over * (centre - half)).exp(), (over * (centre + half)).exp());
    let verdict = if lower <= interval.0 && interval.1 <= upper {
        SteadyStateVerdict::Reached
    } else if interval.0 > 1.0 {
        SteadyStateVerdict::Rising
    } else if interval.1 < 1.0 {
        SteadyStateVerdict::Falling
    } else {
        SteadyStateVerdict::Inconclusive
    };
    Ok(SteadyState { ratio: (over * centre).exp(), interval, subjects: slopes.len(), single: by_subject.len() - slopes.len(), verdict })
}

/// Slope of the logarithm on time; `None` with fewer than two distinct times.
fn trend(troughs: &[Trough]) -> Option<f64> {
    let times: Vec<f64> = troughs.iter().map(|trough| trough.time).collect();
    let logs: Vec<f64> = troughs.iter().map(|trough| trough.concentration.ln()).collect();
    let (time, log) = (mean(&times)?, mean(&logs)?);
    let square: f64 = times.iter().map(|t| (t - time) * (t - time)).sum();
    let product: f64 = times.iter().zip(&logs).map(|(t, l)| (t - time) * (l - log)).sum();
    (square > 0.0).then(|| product / square)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: SteadyStateRules = SteadyStateRules { level: 0.90, over: 240.0, lower: 0.8, upper: 1.25 };

    /// Troughs of five subjects over three doses, each with its own trend per day.
    fn troughs(per_day: f64) -> Vec<Trough> {
        let own = [-0.004, -0.002, 0.0, 0.002, 0.004];
        own.iter()
            .enumerate()
            .flat_map(|(subject, own)| {
                [336.0, 504.0, 672.0].map(|time: f64| Trough {
                    subject,
                    time,
                    concentration: 100.0 * (1.0 + subject as f64) * ((per_day + own) * time / 24.0).exp(),
                })
            })
            .collect()
    }

    #[test]
    fn the_trend_gives_the_verdict() {
        let steady = judge_steady_state(&troughs(0.0), RULES).unwrap();
        assert_eq!((steady.verdict, steady.subjects), (SteadyStateVerdict::Reached, 5));
        assert!((steady.ratio - 1.0).abs() < 1e-9);
        let rising = judge_steady_state(&troughs(0.05), RULES).unwrap();
        assert_eq!(rising.verdict, SteadyStateVerdict::Rising);
        assert!((rising.ratio - 0.5_f64.exp()).abs() < 1e-9);
        assert_eq!(judge_steady_state(&troughs(-0.05), RULES).unwrap().verdict, SteadyStateVerdict::Falling);
        let narrow = SteadyStateRules { lower: 0.99, upper: 1.01, ..RULES };
        assert_eq!(judge_steady_state(&troughs(0.0), narrow).unwrap().verdict, SteadyStateVerdict::Inconclusive);
    }

    #[test]
    fn order_changes_nothing_and_single_troughs_are_counted() {
        let mut turned = troughs(0.01);
        turned.reverse();
        turned.push(Trough { subject: 9, time: 336.0, concentration: 5.0 });
        let (plain, turned) = (judge_steady_state(&troughs(0.01), RULES).unwrap(), judge_steady_state(&turned, RULES).unwrap());
        assert_eq!((plain.interval, turned.single), (turned.interval, 1));
    }

    #[test]
    fn too_little_gives_a_reason_and_no_number() {
        let few: Vec<Trough> = troughs(0.0).into_iter().filter(|trough| trough.subject < 3).collect();
        assert_eq!(judge_steady_state(&few, RULES), Err(SteadyStateError::TooFew { found: 3, needed: 4 }));
        let mut zero = troughs(0.0);
        zero[0].concentration = 0.0;
        assert_eq!(judge_steady_state(&zero, RULES), Err(SteadyStateError::NotPositive(1)));
        assert_eq!(judge_steady_state(&troughs(0.0), SteadyStateRules { over: 0.0, ..RULES }), Err(SteadyStateError::Rules));
    }
}
