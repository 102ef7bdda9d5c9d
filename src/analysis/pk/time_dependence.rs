//! Whether exposure at steady state is what the first dose predicts.

use super::PkParameter;
use super::occasion::{Observation, Occasion};
use crate::numerics::descriptive::{mean, variance};
use crate::numerics::distribution::t_quantile;
use crate::quantity::{Interval, IntervalMethod, Rows};

/// Confidence level of the interval of a geometric mean.
const LEVEL: f64 = 0.90;

/// Ratios of steady state to prediction between which no change over time is pointed out.
pub const UNCHANGED: (f64, f64) = (0.80, 1.25);

/// Fewest subjects from whom a change is told: those with a trusted first dose may be few of many.
const MIN_SUBJECTS: usize = 6;

/// What the ratio of steady state to prediction says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeDependenceVerdict {
    /// More exposure than predicted: clearance may fall over time.
    More,
    /// Less exposure than predicted: clearance may rise over time.
    Less,
    /// Neither can be told.
    NotShown,
}

/// The linearity index under one dosage.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeDependence {
    /// Position of the occasion.
    pub occasion: usize,
    /// Position of the group in the panel.
    pub group: usize,
    /// Subjects.
    pub subjects: usize,
    /// Geometric mean.
    pub index: f64,
    /// Its interval; `None` below three subjects or without variation.
    pub interval: Option<Interval>,
    /// Rows of ADPC.
    pub rows: Rows,
    /// What it says.
    pub verdict: TimeDependenceVerdict,
}

/// Judges the linearity index of every occasion at steady state, by dosage.
///
/// ```text
/// I_i = AUCtau,ss / AUCinf,1;  m exp(mean ln I_i), limits exp(mean -+ t_(n-1, 0.95) s / sqrt n)
/// more where m > 1.25 and the lower limit > 1;  less where m < 0.80 and the upper limit < 1;  from six subjects on
/// ```
///
/// An index of 1 is what kinetics give that do not change over time and are linear. Subjects count in whom the terminal slope and the area to
/// infinity of the first dose are trusted.
///
/// Source: `[BoxenbaumBattle1995]`.
#[must_use]
pub fn judge_time_dependence(occasions: &[Occasion]) -> Vec<TimeDependence> {
    let mut judged = Vec::new();
    for (place, occasion) in occasions.iter().enumerate() {
        let indices = occasion.accumulation.iter().filter(|series| series.parameter == Some(PkParameter::LinearityIndex));
        for (group, column) in indices.flat_map(|series| series.columns.iter().enumerate()) {
            judged.extend(judge(&column.observations, (place, group)));
        }
    }
    judged
}

fn judge(observations: &[Observation], (occasion, group): (usize, usize)) -> Option<TimeDependence> {
    let mut logs: Vec<f64> = observations.iter().map(|observation| observation.value.ln()).collect();
    logs.sort_by(f64::total_cmp);
    let centre = mean(&logs).filter(|centre| centre.is_finite())?;
    let half = half_width(&logs);
    let interval = half.map(|half| Interval {
        lower: Some((centre - half).exp()),
        upper: Some((centre + half).exp()),
        level: LEVEL,
        method: IntervalMethod::StudentT,
    });
    let index = centre.exp();
    let verdict = match half.filter(|_| logs.len() >= MIN_SUBJECTS) {
        Some(half) if index > UNCHANGED.1 && centre - half > 0.0 => TimeDependenceVerdict::More,
        Some(half) if index < UNCHANGED.0 && centre + half < 0.0 => TimeDependenceVerdict::Less,
        _ => TimeDependenceVerdict::NotShown,
    };
    let rows = observations.iter().flat_map(|observation| observation.rows.as_slice().iter().copied()).collect();
    Some(TimeDependence { occasion, group, subjects: logs.len(), index, interval, rows, verdict })
}

fn half_width(logs: &[f64]) -> Option<f64> {
    let n = logs.len() as f64;
    let spread = variance(logs).filter(|spread| *spread > 0.0 && logs.len() >= 3)?;
    t_quantile(0.5 + 0.5 * LEVEL, n - 1.0).ok().map(|quantile| quantile * (spread / n).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::SubjectIndex;

    fn observations(values: &[f64]) -> Vec<Observation> {
        let one = |(subject, value): (usize, &f64)| Observation { subject: SubjectIndex(subject), rows: Rows::default(), value: *value };
        values.iter().enumerate().map(one).collect()
    }

    #[test]
    fn a_change_is_told_only_where_the_interval_and_the_mean_agree() {
        let raised = [1.4, 1.5, 1.6, 1.45, 1.5, 1.55];
        let more = judge(&observations(&raised), (0, 0)).unwrap();
        assert_eq!(more.verdict, TimeDependenceVerdict::More);
        let logs = raised.map(f64::ln);
        assert!((more.index.ln() - mean(&logs).unwrap()).abs() < 1e-12);
        // t of five degrees of freedom at 95%.
        let half = 2.015_048_373_333_024 * (variance(&logs).unwrap() / 6.0).sqrt();
        assert!((more.interval.unwrap().lower.unwrap() - (more.index.ln() - half).exp()).abs() < 1e-9);
        let verdict = |values: &[f64]| judge(&observations(values), (0, 0)).unwrap().verdict;
        assert_eq!(verdict(&[0.5, 0.6, 0.7, 0.5, 0.6, 0.7]), TimeDependenceVerdict::Less);
        assert_eq!(verdict(&[1.1, 1.15, 1.2, 1.1, 1.15, 1.2]), TimeDependenceVerdict::NotShown);
        assert_eq!(verdict(&[0.5, 3.0, 3.0, 0.5, 3.0, 3.0]), TimeDependenceVerdict::NotShown);
        assert_eq!(verdict(&[1.4, 1.5, 1.6]), TimeDependenceVerdict::NotShown);
        assert!(judge(&observations(&[2.0, 2.0]), (0, 0)).unwrap().interval.is_none());
        assert!(judge(&[], (0, 0)).is_none());
    }
}
