//! Concordance of the linear predictor with the times.

use super::super::kaplan_meier::same_time;
use super::fit::CoxFit;
use super::model::Cox;
use super::scan::Departures;

/// Counts of ranks, with sums of leading ones in logarithmic time.
struct RankCounts(Vec<i64>);

impl RankCounts {
    fn add(&mut self, rank: usize, change: i64) {
        let mut place = rank + 1;
        while let Some(entry) = self.0.get_mut(place) {
            *entry += change;
            place += place & place.wrapping_neg();
        }
    }

    /// How many have a rank below `rank`.
    fn below(&self, rank: usize) -> i64 {
        let (mut place, mut sum) = (rank, 0);
        while place > 0 {
            sum += self.0.get(place).copied().unwrap_or(0);
            place &= place - 1;
        }
        sum
    }
}

impl Cox {
    /// Share of comparable pairs in which the row with the larger linear predictor fails first; `None` without a comparable pair.
    ///
    /// ```text
    /// C = (concordant + tied predictors / 2) / (concordant + discordant + tied predictors)
    /// ```
    ///
    /// A pair is comparable when one row fails while the other, of the same stratum, is at risk and does not fail at the same time.
    /// `O(n log n)`.
    ///
    /// Source: `[Harrell1996]`.
    #[must_use]
    pub fn concordance(&self, fit: &CoxFit) -> Option<f64> {
        let predictors = self.predictors(&fit.point);
        let ranks = ranks(&predictors);
        let (mut favourable, mut tied, mut pairs) = (0_i64, 0_i64, 0_i64);
        for stratum in &self.strata {
            let mut counts = RankCounts(vec![0; predictors.len() + 1]);
            let mut present = 0_i64;
            let mut departures = Departures::of(stratum);
            for tie in stratum.by_stop.chunk_by(|a, b| same_time(self.stop[*a], self.stop[*b])) {
                // Those who were censored at the time were still at risk when the events happened.
                for row in tie.iter().filter(|row| !self.event[**row]) {
                    counts.add(ranks[*row], 1);
                    present += 1;
                }
                let time = self.stop[tie[0]];
                self.depart(&mut departures, time, |row| {
                    counts.add(ranks[row], -1);
                    present -= 1;
                });
                for row in tie.iter().filter(|row| self.event[**row]) {
                    let lower = counts.below(ranks[*row]);
                    favourable += lower;
                    tied += counts.below(ranks[*row] + 1) - lower;
                    pairs += present;
                }
                for row in tie.iter().filter(|row| self.event[**row]) {
                    counts.add(ranks[*row], 1);
                    present += 1;
                }
            }
        }
        (pairs > 0).then(|| (favourable as f64 + 0.5 * tied as f64) / pairs as f64)
    }
}

/// Rank of each value among the distinct ones.
fn ranks(values: &[f64]) -> Vec<usize> {
    let mut distinct = values.to_vec();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup_by(|a, b| a.to_bits() == b.to_bits());
    values.iter().map(|value| distinct.partition_point(|other| other.total_cmp(value).is_lt())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::design_matrix::DesignMatrix;
    use super::super::Ties;
    use super::*;

    #[test]
    fn agrees_with_counting_all_pairs() {
        let n = 40;
        let stop: Vec<f64> = (0..n).map(|i| f64::from(i * 11 % 17) + 2.0).collect();
        let start: Vec<f64> = (0..n).map(|i| f64::from(i % 3) * 0.9).collect();
        let event: Vec<bool> = (0..n).map(|i| i % 3 != 0).collect();
        let x: Vec<f64> = (0..n).map(|i| f64::from(i * 5 % 7)).collect();
        let strata: Vec<usize> = (0..n as usize).map(|i| i % 2).collect();
        let design = DesignMatrix::from_columns(&[x]).unwrap();
        let cox = Cox::counting(&design, &start, &stop, &event, &strata).unwrap();
        let fit = cox.fit(Ties::Efron).unwrap();
        let predictors = cox.predictors(&fit.point);
        let (mut good, mut pairs) = (0.0, 0.0);
        for i in 0..stop.len() {
            for j in 0..stop.len() {
                let later = stop[j] > stop[i] || (same_time(stop[i], stop[j]) && !event[j]);
                if !event[i] || strata[i] != strata[j] || !later || start[j] >= stop[i] {
                    continue;
                }
                pairs += 1.0;
                good += if predictors[i] > predictors[j] {
                    1.0
                } else if predictors[i] < predictors[j] {
                    0.0
                } else {
                    0.5
                };
            }
        }
        assert!((cox.concordance(&fit).unwrap() - good / pairs).abs() < 1e-14);
    }
}
