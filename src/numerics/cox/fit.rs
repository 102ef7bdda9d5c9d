//! Maximum partial likelihood.

use super::super::cholesky::Cholesky;
use super::super::regression::{ChiSquareTest, Coefficients};
use super::model::{Cox, CoxError, Ties};

const CONVERGED: f64 = 1e-9;

const MAX_ITERATIONS: usize = 50;

const MAX_HALVINGS: usize = 30;

/// Range of the linear predictors beyond which a likelihood that still rises has no maximum.
const FAR: f64 = 15.0;

/// A fitted proportional-hazards regression.
#[derive(Debug, Clone, PartialEq)]
pub struct CoxFit {
    /// Log hazard ratios, with the inverse observed information.
    pub coefficients: Coefficients,
    /// How ties were handled.
    pub ties: Ties,
    /// Log partial likelihood.
    pub log_likelihood: f64,
    /// Log partial likelihood with all coefficients zero.
    pub null_log_likelihood: f64,
    /// Score test of all coefficients being zero.
    pub score_test: ChiSquareTest,
    /// Wald test of the same.
    pub wald_test: ChiSquareTest,
    /// Rows.
    pub rows: usize,
    /// Events.
    pub events: usize,
    /// Newton steps.
    pub iterations: usize,
    /// The maximum in the basis of the model.
    pub(super) point: Vec<f64>,
}

impl CoxFit {
    /// Likelihood-ratio test of all coefficients being zero.
    #[must_use]
    pub fn likelihood_ratio_test(&self) -> ChiSquareTest {
        ChiSquareTest::new(2.0 * (self.log_likelihood - self.null_log_likelihood), self.coefficients.kept().len())
    }

    /// Akaike's criterion `-2 l + 2 p`.
    #[must_use]
    pub fn aic(&self) -> f64 {
        -2.0 * self.log_likelihood + 2.0 * self.coefficients.kept().len() as f64
    }
}

/// Partial likelihood with derivatives.
pub(super) struct State {
    pub(super) log_likelihood: f64,
    pub(super) score: Vec<f64>,
    /// Lower triangle of rows.
    pub(super) information: Vec<f64>,
}

impl Cox {
    /// Maximum partial-likelihood fit by Newton's method.
    ///
    /// ```text
    /// Breslow   l(b) = sum over events of [x'b - log sum_{j at risk} exp(x_j'b)]
    /// Efron     the k-th of d tied events sees the risk set less k/d of the tied events' share, k = 0..d-1
    /// U = dl/db,  V = (-d2l/db2)^-1;   score test U(0)' I(0)^-1 U(0),  Wald test b' V^-1 b
    /// ```
    ///
    /// # Domain
    /// Rows are at risk on (start, end]. `O(n log n)` to sort and `O(n p^2)` per step.
    ///
    /// # Edges
    /// Columns that are constant within strata or determined by others have no coefficient. With no column left there are no tests.
    ///
    /// # Errors
    /// [`CoxError::Monotone`] where the likelihood has no maximum, [`CoxError::NoConvergence`].
    ///
    /// Sources: `[Cox1972]`, `[Breslow1974]`, `[Efron1977]`, `[AndersenGill1982]`.
    pub fn fit(&self, ties: Ties) -> Result<CoxFit, CoxError> {
        let order = self.basis.order;
        let mut point = vec![0.0; order];
        let mut here = self.state(&point, ties);
        let null_log_likelihood = here.log_likelihood;
        let mut score_test = ChiSquareTest::new(0.0, order);
        for iterations in 1..=MAX_ITERATIONS {
            let factor = Cholesky::factor(&here.information, order).ok_or_else(|| self.failure(&point, iterations))?;
            if iterations == 1 {
                score_test = ChiSquareTest::new(factor.inverse_form(&here.score), order);
            }
            let step = factor.solve(&here.score);
            let moved = step.iter().fold(0.0_f64, |moved, step| moved.max(step.abs()));
            if moved < CONVERGED {
                let covariance = factor.inverse();
                return Ok(self.report(point, &covariance, &here, null_log_likelihood, score_test, (ties, iterations)));
            }
            (point, here) = self.raise(&point, &step, here.log_likelihood, ties).ok_or_else(|| self.failure(&point, iterations))?;
        }
        Err(self.failure(&point, MAX_ITERATIONS))
    }

    pub(super) fn state(&self, point: &[f64], ties: Ties) -> State {
        let order = self.basis.order;
        let mut state = State { log_likelihood: 0.0, score: vec![0.0; order], information: vec![0.0; order * order] };
        self.scan(&self.predictors(point), ties, |event| {
            state.log_likelihood += event.predictors - event.log_risk;
            state.score.iter_mut().zip(event.rows).zip(event.mean).for_each(|((sum, x), mean)| *sum += x - mean);
            state.information.iter_mut().zip(event.variance).for_each(|(sum, variance)| *sum += variance);
        });
        state
    }

    fn raise(&self, point: &[f64], step: &[f64], log_likelihood: f64, ties: Ties) -> Option<(Vec<f64>, State)> {
        let mut fraction = 1.0;
        for _ in 0..MAX_HALVINGS {
            let next: Vec<f64> = point.iter().zip(step).map(|(b, d)| b + fraction * d).collect();
            let state = self.state(&next, ties);
            if state.log_likelihood >= log_likelihood - 1e-10 * log_likelihood.abs().max(1.0) {
                return Some((next, state));
            }
            fraction *= 0.5;
        }
        None
    }

    fn failure(&self, point: &[f64], iterations: usize) -> CoxError {
        let predictors = self.predictors(point);
        let range = |pick: fn(f64, f64) -> f64| predictors.iter().copied().fold(0.0, pick);
        if range(f64::max) - range(f64::min) > FAR { CoxError::Monotone } else { CoxError::NoConvergence { iterations } }
    }

    fn report(
        &self,
        point: Vec<f64>,
        covariance: &[f64],
        here: &State,
        null_log_likelihood: f64,
        score_test: ChiSquareTest,
        (ties, iterations): (Ties, usize),
    ) -> CoxFit {
        let order = self.basis.order;
        let estimates = self.basis.coefficients(&point);
        // b' V^-1 b does not depend on the basis.
        let wald = Cholesky::factor(covariance, order).map_or(0.0, |factor| factor.inverse_form(&point));
        CoxFit {
            coefficients: Coefficients::new(self.columns, &self.basis.kept, &estimates, self.basis.covariance(covariance)),
            ties,
            log_likelihood: here.log_likelihood,
            null_log_likelihood,
            score_test,
            wald_test: ChiSquareTest::new(wald, order),
            rows: self.rows(),
            events: self.events(),
            iterations,
            point,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::design_matrix::DesignMatrix;
    use super::super::super::log_rank::{LogRankWeight, log_rank};
    use super::*;

    fn design(columns: &[Vec<f64>]) -> DesignMatrix {
        DesignMatrix::from_columns(columns).unwrap()
    }

    fn data() -> (Vec<f64>, Vec<bool>, Vec<f64>, Vec<f64>) {
        let n = 60;
        (
            (0..n).map(|i| f64::from((i * 37 + i * i * 3) % 41 + 1)).collect(),
            (0..n).map(|i| i % 4 != 1).collect(),
            (0..n).map(|i| f64::from(i * 13 % 29) / 10.0).collect(),
            (0..n).map(|i| f64::from(i % 2)).collect(),
        )
    }

    #[test]
    fn by_hand_with_three_events() {
        // l(b) = -log(2 + e^b) - log(1 + e^b) + b with x = 1 failing second
        let cox = Cox::new(&design(&[vec![0.0, 1.0, 0.0]]), &[1.0, 2.0, 3.0], &[true; 3]).unwrap();
        let fit = cox.fit(Ties::Efron).unwrap();
        let b = fit.coefficients.estimate(0).unwrap();
        // derivative zero: 1 = e^b/(2 + e^b) + e^b/(1 + e^b), so that e^b = sqrt 2
        assert!((b.exp() - 2.0_f64.sqrt()).abs() < 1e-12);
        assert!((fit.null_log_likelihood + 6.0_f64.ln()).abs() < 1e-13);
    }

    #[test]
    fn score_and_information_are_derivatives_with_ties_strata_and_delayed_entry() {
        let (stop, event, x, z) = data();
        let start: Vec<f64> = stop.iter().enumerate().map(|(i, stop)| if i % 3 == 0 { 0.4 * stop } else { 0.0 }).collect();
        let strata: Vec<usize> = (0..stop.len()).map(|i| i % 5 / 3).collect();
        let cox = Cox::counting(&design(&[x, z]), &start, &stop, &event, &strata).unwrap();
        for ties in Ties::ALL {
            let at = [0.3, -0.5];
            let here = cox.state(&at, ties);
            for j in 0..2 {
                let moved = |by: f64| {
                    let mut point = at;
                    point[j] += by;
                    cox.state(&point, ties)
                };
                let (above, below) = (moved(1e-5), moved(-1e-5));
                assert!(((above.log_likelihood - below.log_likelihood) / 2e-5 - here.score[j]).abs() < 1e-7);
                for k in 0..=j {
                    assert!(((below.score[k] - above.score[k]) / 2e-5 - here.information[j * 2 + k]).abs() < 1e-6);
                }
            }
        }
    }

    #[test]
    fn without_ties_the_score_test_is_the_log_rank_test() {
        let stop: Vec<f64> = (0..30).map(|i| f64::from(i * 7 % 30) + 1.0).collect();
        let event: Vec<bool> = (0..30).map(|i| i % 5 != 2).collect();
        let group: Vec<usize> = (0..30).map(|i| usize::from(i % 3 == 0)).collect();
        let x: Vec<f64> = group.iter().map(|group| *group as f64).collect();
        let fit = Cox::new(&design(&[x]), &stop, &event).unwrap().fit(Ties::Breslow).unwrap();
        let test = log_rank(&stop, &event, &group, 2, LogRankWeight::LogRank).unwrap();
        assert!((fit.score_test.chi_square - test.chi_square.unwrap()).abs() < 1e-10);
    }

    #[test]
    fn splitting_rows_at_any_time_changes_nothing() {
        let (stop, event, x, z) = data();
        let whole = Cox::new(&design(&[x.clone(), z.clone()]), &stop, &event).unwrap().fit(Ties::Efron).unwrap();
        let (mut start2, mut stop2, mut event2, mut x2, mut z2) = (vec![], vec![], vec![], vec![], vec![]);
        for i in 0..stop.len() {
            let cut = 0.5 * stop[i];
            for (from, to, ends) in [(0.0, cut, false), (cut, stop[i], event[i])] {
                start2.push(from);
                stop2.push(to);
                event2.push(ends);
                x2.push(x[i]);
                z2.push(z[i]);
            }
        }
        let strata = vec![0; stop2.len()];
        let split = Cox::counting(&design(&[x2, z2]), &start2, &stop2, &event2, &strata).unwrap().fit(Ties::Efron).unwrap();
        for j in 0..2 {
            assert!((whole.coefficients.estimate(j).unwrap() - split.coefficients.estimate(j).unwrap()).abs() < 1e-9);
            assert!((whole.coefficients.standard_error(j).unwrap() - split.coefficients.standard_error(j).unwrap()).abs() < 1e-9);
        }
    }

    #[test]
    fn units_and_the_order_of_rows_change_nothing_else() {
        let (stop, event, x, z) = data();
        let fit = Cox::new(&design(&[x.clone(), z.clone()]), &stop, &event).unwrap().fit(Ties::Efron).unwrap();
        let turned = |values: &[f64], unit: f64| values.iter().rev().map(|value| value * unit).collect::<Vec<f64>>();
        let other = Cox::new(
            &design(&[turned(&x, 1e6), turned(&z, 1.0)]),
            &turned(&stop, 7.0),
            &event.iter().rev().copied().collect::<Vec<bool>>(),
        );
        let other = other.unwrap().fit(Ties::Efron).unwrap();
        assert!((other.coefficients.estimate(0).unwrap() * 1e6 - fit.coefficients.estimate(0).unwrap()).abs() < 1e-9);
        assert!((other.log_likelihood - fit.log_likelihood).abs() < 1e-9);
    }

    #[test]
    fn what_has_no_maximum_or_no_event_is_said() {
        let x = vec![4.0, 3.0, 2.0, 1.0];
        let ordered = Cox::new(&design(std::slice::from_ref(&x)), &[1.0, 2.0, 3.0, 4.0], &[true; 4]).unwrap();
        assert_eq!(ordered.fit(Ties::Efron).unwrap_err(), CoxError::Monotone);
        assert_eq!(Cox::new(&design(std::slice::from_ref(&x)), &[1.0; 4], &[false; 4]).err(), Some(CoxError::NoEvents));
        let backwards = Cox::counting(&design(&[x]), &[0.0, 3.0, 0.0, 0.0], &[1.0, 2.0, 3.0, 4.0], &[true; 4], &[0; 4]);
        assert!(matches!(backwards.err(), Some(CoxError::Interval { .. })));
    }

    #[test]
    fn columns_constant_within_strata_have_no_coefficient() {
        let (stop, event, x, _) = data();
        let strata: Vec<usize> = (0..stop.len()).map(|i| i % 2).collect();
        let by_stratum: Vec<f64> = strata.iter().map(|stratum| 0.1 + *stratum as f64).collect();
        let cox = Cox::stratified(&design(&[x, by_stratum]), &stop, &event, &strata).unwrap();
        let fit = cox.fit(Ties::Efron).unwrap();
        assert_eq!(fit.coefficients.kept(), [0]);
        let nothing = Cox::new(&design(&[vec![0.1; 60]]), &stop, &event).unwrap().fit(Ties::Efron).unwrap();
        assert_eq!((nothing.coefficients.estimate(0), nothing.likelihood_ratio_test().p_value), (None, None));
    }
}
