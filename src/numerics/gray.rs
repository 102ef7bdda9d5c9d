//! Gray's test of equal cumulative incidence in several groups.

use super::cholesky::Cholesky;
use super::cumulative_incidence::{Cause, Outcome};
use super::kaplan_meier::{SurvivalError, check_times, same_time};
use super::regression::ChiSquareTest;

/// Gray's test that the cumulative incidence of one cause is the same in all groups.
///
/// ```text
/// F_k incidence and S_k event-free probability in group k, Y_k at risk, R_k(t) = Y_k(t) [1 - F_k(t-)]/S_k(t-)
/// z_k = sum over times of d_k - d R_k/R,   d events of the cause in group k and in all, R = sum of R_k
/// X2 = z' V^-1 z over all groups but the last, V Gray's estimate with the finite-sample factors for ties
/// ```
///
/// # Domain
/// Finite times of at least 0; `groups[i] < n_groups`. Events precede censorings at the same time. `O(n log n + times g^3)`.
///
/// # Edges
/// `None` with fewer than two groups, without an event of the cause, or where the groups never differ.
///
/// # Errors
/// [`SurvivalError`] for bad times or unequal lengths (a group outside the range counts as a length error).
///
/// Source: `[Gray1988]`, with `rho = 0`.
pub fn gray_test(
    times: &[f64],
    outcomes: &[Outcome],
    groups: &[usize],
    n_groups: usize,
    cause: Cause,
) -> Result<Option<ChiSquareTest>, SurvivalError> {
    check_times(times, outcomes.len())?;
    check_times(times, groups.iter().filter(|group| **group < n_groups).count())?;
    let wanted = match cause {
        Cause::Event => Outcome::Event,
        Cause::Competing => Outcome::Competing,
    };
    if n_groups < 2 || !outcomes.contains(&wanted) {
        return Ok(None);
    }
    let mut rows: Vec<(f64, Outcome, usize)> =
        times.iter().zip(outcomes).zip(groups).map(|((time, outcome), group)| (*time, *outcome, *group)).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut running = Running::new(n_groups);
    rows.iter().for_each(|(_, _, group)| running.at_risk[*group] += 1.0);
    for tie in rows.chunk_by(|a, b| same_time(a.0, b.0)) {
        let mut counts = Counts { events: vec![0.0; n_groups], others: vec![0.0; n_groups] };
        for (_, outcome, group) in tie {
            if *outcome == wanted {
                counts.events[*group] += 1.0;
            } else if *outcome != Outcome::Censored {
                counts.others[*group] += 1.0;
            }
        }
        running.pass(&counts);
        tie.iter().for_each(|(_, _, group)| running.at_risk[*group] -= 1.0);
    }
    Ok(running.test())
}

/// Events of the cause and of the others by group at one time.
struct Counts {
    events: Vec<f64>,
    others: Vec<f64>,
}

/// Estimates just before the present time and sums over the times passed.
struct Running {
    groups: usize,
    at_risk: Vec<f64>,
    /// Event-free probability by group.
    free: Vec<f64>,
    /// Cumulative incidence by group.
    incidence: Vec<f64>,
    pooled_incidence: f64,
    score: Vec<f64>,
    /// Compensator of the weights, group by group.
    compensator: Vec<f64>,
    /// Sums that make up the variance: direct, and with the final compensator once and twice.
    direct: Vec<f64>,
    once: Vec<f64>,
    twice: Vec<f64>,
}

impl Running {
    fn new(groups: usize) -> Self {
        let square = vec![0.0; groups * groups];
        Self {
            groups,
            at_risk: vec![0.0; groups],
            free: vec![1.0; groups],
            incidence: vec![0.0; groups],
            pooled_incidence: 0.0,
            score: vec![0.0; groups],
            compensator: square.clone(),
            direct: square.clone(),
            once: square,
            twice: vec![0.0; groups],
        }
    }

    fn present(&self) -> Vec<usize> {
        (0..self.groups).filter(|group| self.at_risk[*group] > 0.0).collect()
    }

    fn pass(&mut self, counts: &Counts) {
        let (events, others): (f64, f64) = (counts.events.iter().sum(), counts.others.iter().sum());
        if events + others <= 0.0 {
            return;
        }
        let present = self.present();
        let mut free_after = self.free.clone();
        let mut incidence_after = self.incidence.clone();
        for group in &present {
            let left = self.at_risk[*group] - counts.events[*group] - counts.others[*group];
            free_after[*group] = self.free[*group] * left / self.at_risk[*group];
            incidence_after[*group] += self.free[*group] * counts.events[*group] / self.at_risk[*group];
        }
        let inflated = |group: usize| self.at_risk[group] / self.free[group];
        let total: f64 = present.iter().map(|group| inflated(*group)).sum();
        let subdistribution: f64 = present.iter().map(|group| inflated(*group) * (1.0 - self.incidence[*group])).sum();
        let pooled_after = self.pooled_incidence + events / total;
        let weights = self.weights(&present, total);
        let rise = events / (total * (1.0 - self.pooled_incidence));
        self.compensator.iter_mut().zip(&weights).for_each(|(sum, weight)| *sum += weight * rise);
        for group in &present {
            let expected = events * self.at_risk[*group] * (1.0 - self.incidence[*group]) / (self.free[*group] * subdistribution);
            self.score[*group] += counts.events[*group] - expected;
        }
        if events > 0.0 {
            self.add_events(&present, &weights, events, total, (&free_after, pooled_after));
        }
        if others > 0.0 {
            self.add_others(&counts.others, (&free_after, pooled_after));
        }
        self.pooled_incidence = pooled_after;
        self.free = free_after;
        self.incidence = incidence_after;
    }

    /// Derivatives of the scores in the groups' hazards.
    fn weights(&self, present: &[usize], total: f64) -> Vec<f64> {
        let mut weights = vec![0.0; self.groups * self.groups];
        for i in present {
            let own = self.at_risk[*i] / self.free[*i];
            for j in present {
                let share = self.at_risk[*j] / (self.free[*j] * total);
                weights[i * self.groups + j] = if i == j { own * (1.0 - share) } else { -own * share };
            }
        }
        weights
    }

    fn add_events(&mut self, present: &[usize], weights: &[f64], events: f64, total: f64, (free_after, pooled_after): (&[f64], f64)) {
        for k in present {
            let ratio = if free_after[*k] > 0.0 { 1.0 - (1.0 - pooled_after) / free_after[*k] } else { 1.0 };
            let ties = if events > 1.0 { 1.0 - (events - 1.0) / (total * self.free[*k] - 1.0) } else { 1.0 };
            let scale = ties * self.free[*k] * events / (total * self.at_risk[*k]);
            let column: Vec<f64> =
                (0..self.groups).map(|i| weights[i * self.groups + k] - ratio * self.compensator[i * self.groups + k]).collect();
            self.add(*k, ratio, scale, &column);
        }
    }

    fn add_others(&mut self, others: &[f64], (free_after, pooled_after): (&[f64], f64)) {
        for k in 0..self.groups {
            if free_after[k] <= 0.0 || others[k] <= 0.0 {
                continue;
            }
            let ratio = (1.0 - pooled_after) / free_after[k];
            let ties = if others[k] > 1.0 { 1.0 - (others[k] - 1.0) / (self.at_risk[k] - 1.0) } else { 1.0 };
            let scale = ties * self.free[k] * self.free[k] * others[k] / (self.at_risk[k] * self.at_risk[k]);
            let column: Vec<f64> = (0..self.groups).map(|i| ratio * self.compensator[i * self.groups + k]).collect();
            self.add(k, -ratio, scale, &column);
        }
    }

    /// Adds `scale (column + factor C_k)(column + factor C_k)'`, `C_k` the final compensator that is not known yet.
    fn add(&mut self, k: usize, factor: f64, scale: f64, column: &[f64]) {
        self.twice[k] += factor * factor * scale;
        for i in 0..self.groups {
            self.once[i * self.groups + k] += column[i] * factor * scale;
            for j in 0..self.groups {
                self.direct[i * self.groups + j] += column[i] * column[j] * scale;
            }
        }
    }

    fn test(&self) -> Option<ChiSquareTest> {
        let (all, order) = (self.groups, self.groups - 1);
        let mut variance = vec![0.0; order * order];
        for i in 0..order {
            for j in 0..order {
                variance[i * order + j] = self.direct[i * all + j]
                    + (0..all)
                        .map(|k| {
                            let (left, right) = (self.compensator[i * all + k], self.compensator[j * all + k]);
                            left * right * self.twice[k] + left * self.once[j * all + k] + right * self.once[i * all + k]
                        })
                        .sum::<f64>();
            }
        }
        Some(ChiSquareTest::new(Cholesky::factor(&variance, order)?.inverse_form(self.score.get(..order)?), order))
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome::{Censored, Competing, Event};
    use super::*;

    fn data() -> (Vec<f64>, Vec<Outcome>, Vec<usize>) {
        let n = 60_usize;
        let outcome = |i: usize| [Event, Competing, Event, Censored, Event][i % 5];
        ((0..n).map(|i| (i * 17 % 31) as f64 + 1.0).collect(), (0..n).map(outcome).collect(), (0..n).map(|i| i * 7 % 3).collect())
    }

    #[test]
    fn labels_and_order_of_rows_do_not_matter() {
        let (mut times, mut outcomes, mut groups) = data();
        let first = gray_test(&times, &outcomes, &groups, 3, Cause::Event).unwrap().unwrap();
        times.reverse();
        outcomes.reverse();
        groups.reverse();
        let turned: Vec<usize> = groups.iter().map(|group| 2 - group).collect();
        let second = gray_test(&times, &outcomes, &turned, 3, Cause::Event).unwrap().unwrap();
        assert!((first.chi_square - second.chi_square).abs() < 1e-9 && first.degrees_of_freedom == 2);
    }

    #[test]
    fn groups_with_the_same_data_do_not_differ_and_shifted_ones_do() {
        let times: Vec<f64> = (0..80).map(|i| f64::from(i / 2 % 40) + 1.0).collect();
        let outcomes: Vec<Outcome> = (0..80).map(|i| [Event, Event, Competing, Censored][i / 2 % 4]).collect();
        let groups: Vec<usize> = (0..80).map(|i| i % 2).collect();
        let same = gray_test(&times, &outcomes, &groups, 2, Cause::Event).unwrap().unwrap();
        assert!(same.chi_square < 1e-20);
        let later: Vec<f64> = times.iter().zip(&groups).map(|(time, group)| time * if *group == 1 { 3.0 } else { 1.0 }).collect();
        let apart = gray_test(&later, &outcomes, &groups, 2, Cause::Event).unwrap().unwrap();
        assert!(same.chi_square < apart.chi_square);
    }

    #[test]
    fn one_group_or_no_event_gives_no_test() {
        let (times, outcomes, groups) = data();
        assert_eq!(gray_test(&times, &outcomes, &[0; 60], 1, Cause::Event).unwrap(), None);
        assert_eq!(gray_test(&times, &[Censored; 60], &groups, 3, Cause::Event).unwrap(), None);
        assert!(gray_test(&times, &outcomes, &groups, 2, Cause::Event).is_err());
    }
}
