//! Log-rank test of equal survival in several groups, and its Peto-Peto weighting.

use serde::{Deserialize, Serialize};

use super::distribution;
use super::kaplan_meier::{SurvivalError, check_times, same_time};
use super::linear_system::quadratic_form;

/// Weight of an event time in the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogRankWeight {
    /// Every event time alike (`rho = 0`).
    LogRank,
    /// Pooled survival just before the time (`rho = 1`): early differences count more.
    PetoPeto,
}

impl LogRankWeight {
    /// Identifier in files.
    pub const fn id(self) -> &'static str {
        match self {
            Self::LogRank => "log_rank",
            Self::PetoPeto => "peto_peto",
        }
    }

    /// Name in running text and footnotes.
    pub const fn label(self) -> &'static str {
        match self {
            Self::LogRank => "log-rank",
            Self::PetoPeto => "Peto-Peto",
        }
    }
}

/// Result of the test.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRank {
    /// Weighted events per group.
    pub observed: Vec<f64>,
    /// Weighted events expected under equal survival.
    pub expected: Vec<f64>,
    /// Statistic; `None` where no group can differ.
    pub chi_square: Option<f64>,
    /// Degrees of freedom: groups with expected events, less one.
    pub degrees_of_freedom: usize,
    /// Upper-tail probability.
    pub p_value: Option<f64>,
}

/// Log-rank test across `n_groups` groups.
///
/// ```text
/// at each event time: w weight, d events, Y at risk, d_j and Y_j in group j
/// O_j = sum w d_j,  E_j = sum w d Y_j/Y
/// V_jk = sum w^2 d (Y - d)/(Y - 1) Y_j/Y (1{j = k} - Y_k/Y)
/// X2 = (O - E)' V^-1 (O - E) over all but one group with E_j > 0
/// ```
///
/// # Domain
/// Finite times of at least 0; `groups[i] < n_groups`.
///
/// # Edges
/// Statistic and p-value are `None` with fewer than two groups at risk together or without events.
///
/// # Errors
/// [`SurvivalError`] for bad times or unequal lengths (a group outside the range counts as a length error).
///
/// Sources: `[Mantel1966]`, `[PetoPeto1972]`, `[HarringtonFleming1982]`.
pub fn log_rank(
    times: &[f64],
    events: &[bool],
    groups: &[usize],
    n_groups: usize,
    weight: LogRankWeight,
) -> Result<LogRank, SurvivalError> {
    check_times(times, events.len())?;
    let grouped = groups.iter().filter(|group| **group < n_groups).count();
    check_times(times, grouped)?;
    let mut observations: Vec<(f64, bool, usize)> =
        times.iter().zip(events).zip(groups).map(|((time, event), group)| (*time, *event, *group)).collect();
    observations.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut at_risk = vec![0.0; n_groups];
    for (_, _, group) in &observations {
        if let Some(count) = at_risk.get_mut(*group) {
            *count += 1.0;
        }
    }
    let mut sums = Sums { observed: vec![0.0; n_groups], expected: vec![0.0; n_groups], variance: vec![vec![0.0; n_groups]; n_groups] };
    let mut pooled_survival = 1.0;
    for tie in observations.chunk_by(|a, b| same_time(a.0, b.0)) {
        let mut died = vec![0.0; n_groups];
        let mut leaving = vec![0.0; n_groups];
        for (_, event, group) in tie {
            if let (Some(deaths), Some(gone)) = (died.get_mut(*group), leaving.get_mut(*group)) {
                *deaths += f64::from(u8::from(*event));
                *gone += 1.0;
            }
        }
        let (deaths, total): (f64, f64) = (died.iter().sum(), at_risk.iter().sum());
        if deaths > 0.0 {
            let w = match weight {
                LogRankWeight::LogRank => 1.0,
                LogRankWeight::PetoPeto => pooled_survival,
            };
            sums.add(&died, &at_risk, w);
            pooled_survival *= (total - deaths) / total;
        }
        at_risk.iter_mut().zip(&leaving).for_each(|(count, gone)| *count -= gone);
    }
    Ok(sums.test())
}

/// Running sums over event times.
struct Sums {
    observed: Vec<f64>,
    expected: Vec<f64>,
    variance: Vec<Vec<f64>>,
}

impl Sums {
    fn add(&mut self, died: &[f64], at_risk: &[f64], weight: f64) {
        let (deaths, total): (f64, f64) = (died.iter().sum(), at_risk.iter().sum());
        let scale = if total > 1.0 { weight * weight * deaths * (total - deaths) / (total - 1.0) } else { 0.0 };
        self.observed.iter_mut().zip(died).for_each(|(sum, d)| *sum += weight * d);
        self.expected.iter_mut().zip(at_risk).for_each(|(sum, y)| *sum += weight * deaths * y / total);
        for (j, (row, share)) in self.variance.iter_mut().zip(at_risk).enumerate() {
            for (k, (entry, other)) in row.iter_mut().zip(at_risk).enumerate() {
                let identity = if j == k { 1.0 } else { 0.0 };
                *entry += scale * share / total * (identity - other / total);
            }
        }
    }

    fn test(self) -> LogRank {
        let exposed: Vec<usize> = self.expected.iter().enumerate().filter(|(_, e)| **e > 0.0).map(|(j, _)| j).collect();
        let kept: Vec<usize> = exposed.iter().copied().skip(1).collect();
        let pick = |values: &[f64]| -> Vec<f64> { kept.iter().filter_map(|j| values.get(*j)).copied().collect() };
        let differences: Vec<f64> = self.observed.iter().zip(&self.expected).map(|(o, e)| o - e).collect();
        let variance: Vec<Vec<f64>> = kept.iter().filter_map(|j| self.variance.get(*j)).map(|row| pick(row)).collect();
        let chi_square = if kept.is_empty() { None } else { quadratic_form(&variance, &pick(&differences)) };
        let p_value = chi_square.and_then(|x| distribution::chi_square_upper(x, kept.len() as f64).ok());
        LogRank { observed: self.observed, expected: self.expected, chi_square, degrees_of_freedom: kept.len(), p_value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_groups_by_hand() {
        // Times 1 (group 0), 2 (group 1), 3 (group 0), 4 (group 1), all events.
        let test = log_rank(&[1.0, 2.0, 3.0, 4.0], &[true; 4], &[0, 1, 0, 1], 2, LogRankWeight::LogRank).unwrap();
        let expected = 0.5 + 1.0 / 3.0 + 0.5;
        let variance = 0.25 + 2.0 / 9.0 + 0.25;
        assert!((test.expected[0] - expected).abs() < 1e-14);
        assert!((test.chi_square.unwrap() - (2.0 - expected).powi(2) / variance).abs() < 1e-13);
    }

    #[test]
    fn observed_and_expected_have_the_same_sum_and_order_of_rows_does_not_matter() {
        let (times, events, groups) = ([5.0, 3.0, 3.0, 8.0, 1.0, 9.0], [true, true, false, true, true, false], [0, 1, 2, 0, 1, 2]);
        let test = log_rank(&times, &events, &groups, 3, LogRankWeight::PetoPeto).unwrap();
        assert!((test.observed.iter().sum::<f64>() - test.expected.iter().sum::<f64>()).abs() < 1e-13);
        let (mut t, mut e, mut g) = (times, events, groups);
        t.reverse();
        e.reverse();
        g.reverse();
        assert_eq!(log_rank(&t, &e, &g, 3, LogRankWeight::PetoPeto).unwrap(), test);
    }

    #[test]
    fn no_events_or_one_group_give_no_statistic() {
        let none = log_rank(&[1.0, 2.0], &[false, false], &[0, 1], 2, LogRankWeight::LogRank).unwrap();
        assert_eq!((none.chi_square, none.degrees_of_freedom), (None, 0));
        let single = log_rank(&[1.0, 2.0], &[true, true], &[0, 0], 1, LogRankWeight::LogRank).unwrap();
        assert_eq!(single.p_value, None);
        assert!(log_rank(&[1.0], &[true], &[3], 2, LogRankWeight::LogRank).is_err());
    }
}
