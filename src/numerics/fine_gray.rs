//! Fine-Gray regression of the subdistribution hazard in the presence of competing events.

use super::cholesky::Cholesky;
use super::cox::CoxError;
use super::cumulative_incidence::Outcome;
use super::design_matrix::DesignMatrix;
use super::kaplan_meier::same_time;
use super::regression::Coefficients;

const CONVERGED: f64 = 1e-9;

const MAX_ITERATIONS: usize = 50;

/// Range of the linear predictors beyond which a likelihood that still rises has no maximum.
const FAR: f64 = 15.0;

/// A fitted Fine-Gray regression.
#[derive(Debug, Clone, PartialEq)]
pub struct FineGrayFit {
    /// Log subdistribution hazard ratios, with the robust variance.
    pub coefficients: Coefficients,
    /// Log partial likelihood.
    pub log_likelihood: f64,
    /// Newton steps.
    pub iterations: usize,
}

/// Fine-Gray fit of the event of interest on columns without a constant.
///
/// ```text
/// at an event time t:  j at risk with weight w_j(t) = 1 while its time >= t;  G(t-)/G(T_j-) after a competing event at T_j < t
/// l(b) = sum over events of [x'b - log sum_j w_j(t) exp(x_j'b)]        (ties as Breslow)
/// V = I^-1 [sum_i (eta_i + psi_i)(eta_i + psi_i)'] I^-1,   psi_i the part due to estimating G, the Kaplan-Meier curve of censoring
/// ```
///
/// # Domain
/// Finite times of at least 0. `O(n log n)` to sort and `O(n p^2)` per step.
///
/// # Edges
/// Columns that are constant or determined by others have no coefficient.
///
/// # Errors
/// [`CoxError`].
///
/// Source: `[FineGray1999]`.
pub fn fine_gray(design: &DesignMatrix, times: &[f64], outcomes: &[Outcome]) -> Result<FineGrayFit, CoxError> {
    let rows = design.rows();
    for (what, values) in [("times", times.len()), ("outcomes", outcomes.len())] {
        if values != rows {
            return Err(CoxError::Lengths { rows, values, what });
        }
    }
    if let Some(time) = times.iter().find(|time| !(time.is_finite() && **time >= 0.0)) {
        return Err(CoxError::Interval { start: 0.0, stop: *time });
    }
    if !outcomes.contains(&Outcome::Event) {
        return Err(CoxError::NoEvents);
    }
    // A constant first lets constant columns be found; its own coordinate is left out.
    let mut columns = vec![vec![1.0; rows]];
    columns.extend((0..design.columns()).map(|position| design.column(position)));
    let basis = DesignMatrix::from_columns(&columns)?.basis();
    let data = Weighted::new(times, outcomes, &basis.values, basis.order);
    let (point, state, iterations) = data.ascend()?;
    let factor = Cholesky::factor(&state.information, data.order).ok_or(CoxError::NoConvergence { iterations })?;
    let covariance = data.robust(&point, &factor);
    let size = data.order + 1;
    let mut of_basis = vec![0.0; size * size];
    for i in 0..data.order {
        for j in 0..data.order {
            of_basis[(i + 1) * size + j + 1] = covariance[i * data.order + j];
        }
    }
    let with_constant: Vec<f64> = std::iter::once(0.0).chain(point).collect();
    let estimates = basis.coefficients(&with_constant);
    let all = basis.covariance(&of_basis);
    let block = (1..size).flat_map(|i| (1..size).map(move |j| (i, j))).map(|(i, j)| all[i * size + j]).collect();
    let kept: Vec<usize> = basis.kept.iter().skip(1).map(|position| position - 1).collect();
    Ok(FineGrayFit {
        coefficients: Coefficients::new(design.columns(), &kept, estimates.get(1..).unwrap_or_default(), block),
        log_likelihood: state.log_likelihood,
        iterations,
    })
}

struct Row {
    outcome: Outcome,
    x: Vec<f64>,
}

/// Rows that end at the same time.
struct Moment {
    rows: std::ops::Range<usize>,
    /// Probability of not being censored before the time.
    uncensored: f64,
    censored: f64,
    at_risk: f64,
}

/// Rows in order of time, with what the weights need.
struct Weighted {
    order: usize,
    rows: Vec<Row>,
    moments: Vec<Moment>,
}

struct State {
    log_likelihood: f64,
    score: Vec<f64>,
    information: Vec<f64>,
}

/// Weighted risk sum at the time of an event.
struct EventSums {
    moment: usize,
    deaths: f64,
    /// Increment of the subdistribution baseline hazard.
    hazard: f64,
    mean: Vec<f64>,
    variance: Vec<f64>,
    log_risk: f64,
}

impl Weighted {
    fn new(times: &[f64], outcomes: &[Outcome], basis: &[f64], width: usize) -> Self {
        let mut sequence: Vec<usize> = (0..times.len()).collect();
        sequence.sort_by(|a, b| times[*a].total_cmp(&times[*b]));
        let rows: Vec<Row> =
            sequence.iter().map(|row| Row { outcome: outcomes[*row], x: basis[row * width + 1..(row + 1) * width].to_vec() }).collect();
        let (mut moments, mut uncensored, mut first) = (Vec::new(), 1.0, 0);
        for tie in sequence.chunk_by(|a, b| same_time(times[*a], times[*b])) {
            let censored = tie.iter().filter(|row| outcomes[**row] == Outcome::Censored).count() as f64;
            let at_risk = (sequence.len() - first) as f64;
            moments.push(Moment { rows: first..first + tie.len(), uncensored, censored, at_risk });
            uncensored *= 1.0 - censored / at_risk;
            first += tie.len();
        }
        Self { order: width - 1, rows, moments }
    }

    fn weight(&self, row: &Row, point: &[f64]) -> f64 {
        row.x.iter().zip(point).map(|(x, b)| x * b).sum::<f64>().exp()
    }

    /// Sums at every event time, ascending: those still under observation from the end, those with a competing event from the beginning.
    fn event_sums(&self, point: &[f64]) -> Vec<EventSums> {
        let order = self.order;
        let weights: Vec<f64> = self.rows.iter().map(|row| self.weight(row, point)).collect();
        let mut still = Sums::new(order);
        self.rows.iter().zip(&weights).for_each(|(row, weight)| still.add(*weight, &row.x));
        let mut after_competing = Sums::new(order);
        let mut out = Vec::new();
        for (position, moment) in self.moments.iter().enumerate() {
            let events: Vec<usize> = moment.rows.clone().filter(|row| self.rows[*row].outcome == Outcome::Event).collect();
            if !events.is_empty() {
                let g = moment.uncensored;
                let total = still.total + g * after_competing.total;
                let mean: Vec<f64> = still.first.iter().zip(&after_competing.first).map(|(a, b)| (a + g * b) / total).collect();
                let mut variance = vec![0.0; order * order];
                for i in 0..order {
                    for j in 0..order {
                        let place = i * order + j;
                        variance[place] = (still.second[place] + g * after_competing.second[place]) / total - mean[i] * mean[j];
                    }
                }
                let deaths = events.len() as f64;
                out.push(EventSums { moment: position, deaths, hazard: deaths / total, mean, variance, log_risk: total.ln() });
            }
            for row in moment.rows.clone() {
                still.add(-weights[row], &self.rows[row].x);
                if self.rows[row].outcome == Outcome::Competing {
                    after_competing.add(weights[row] / moment.uncensored, &self.rows[row].x);
                }
            }
        }
        out
    }

    fn state(&self, point: &[f64]) -> State {
        let mut state = State { log_likelihood: 0.0, score: vec![0.0; self.order], information: vec![0.0; self.order * self.order] };
        for event in self.event_sums(point) {
            for row in self.moments[event.moment].rows.clone().filter(|row| self.rows[*row].outcome == Outcome::Event) {
                let x = &self.rows[row].x;
                state.log_likelihood += x.iter().zip(point).map(|(x, b)| x * b).sum::<f64>() - event.log_risk;
                state.score.iter_mut().zip(x).zip(&event.mean).for_each(|((sum, x), mean)| *sum += x - mean);
            }
            state.information.iter_mut().zip(&event.variance).for_each(|(sum, variance)| *sum += event.deaths * variance);
        }
        state
    }

    fn ascend(&self) -> Result<(Vec<f64>, State, usize), CoxError> {
        let mut point = vec![0.0; self.order];
        let mut state = self.state(&point);
        for iterations in 1..=MAX_ITERATIONS {
            let Some(factor) = Cholesky::factor(&state.information, self.order) else {
                return Err(self.failure(&point, iterations));
            };
            let step = factor.solve(&state.score);
            if step.iter().all(|step| step.abs() < CONVERGED) {
                return Ok((point, state, iterations));
            }
            let mut fraction = 1.0;
            loop {
                let next: Vec<f64> = point.iter().zip(&step).map(|(b, d)| b + fraction * d).collect();
                let reached = self.state(&next);
                if reached.log_likelihood >= state.log_likelihood - 1e-10 * state.log_likelihood.abs().max(1.0) {
                    (point, state) = (next, reached);
                    break;
                }
                fraction *= 0.5;
                if fraction < 1e-9 {
                    return Err(self.failure(&point, iterations));
                }
            }
        }
        Err(self.failure(&point, MAX_ITERATIONS))
    }

    fn failure(&self, point: &[f64], iterations: usize) -> CoxError {
        let far = self.rows.iter().any(|row| self.weight(row, point).ln().abs() > 0.5 * FAR);
        if far { CoxError::Monotone } else { CoxError::NoConvergence { iterations } }
    }

    /// `I^-1 [sum (eta + psi)(eta + psi)'] I^-1`.
    fn robust(&self, point: &[f64], factor: &Cholesky) -> Vec<f64> {
        let order = self.order;
        let influences = self.influences(point);
        let mut covariance = vec![0.0; order * order];
        for influence in influences {
            let solved = factor.solve(&influence);
            for i in 0..order {
                for j in 0..order {
                    covariance[i * order + j] += solved[i] * solved[j];
                }
            }
        }
        covariance
    }

    /// `eta_i + psi_i` of every row.
    fn influences(&self, point: &[f64]) -> Vec<Vec<f64>> {
        let events = self.event_sums(point);
        let steps = Cumulative::new(self, &events);
        let censoring = self.censoring_influence(point, &steps);
        let mut out = Vec::with_capacity(self.rows.len());
        for (position, moment) in self.moments.iter().enumerate() {
            for row in moment.rows.clone() {
                let Row { outcome, x } = &self.rows[row];
                let weight = self.weight(&self.rows[row], point);
                let mut influence = vec![0.0; self.order];
                for i in 0..self.order {
                    influence[i] = -weight * (x[i] * steps.hazard[position] - steps.mean[position][i]);
                    if *outcome == Outcome::Competing {
                        let later = x[i] * steps.later_hazard[position] - steps.later_mean[position][i];
                        influence[i] -= weight * later / moment.uncensored;
                    }
                    influence[i] -= censoring.compensator[position][i];
                    if *outcome == Outcome::Censored {
                        influence[i] += censoring.jump[position][i];
                    }
                }
                if *outcome == Outcome::Event
                    && let Ok(found) = events.binary_search_by(|event| event.moment.cmp(&position))
                {
                    influence.iter_mut().zip(x).zip(&events[found].mean).for_each(|((entry, x), mean)| *entry += x - mean);
                }
                out.push(influence);
            }
        }
        out
    }

    /// `q(u)/pi(u)` at every time, and its integral against the hazard of censoring.
    fn censoring_influence(&self, point: &[f64], steps: &Cumulative) -> Censoring {
        let order = self.order;
        // Sums over competing events so far of weight/G and weight x/G.
        let (mut total, mut first) = (0.0, vec![0.0; order]);
        let mut running = vec![0.0; order];
        let mut out = Censoring { jump: Vec::new(), compensator: Vec::new() };
        for (position, moment) in self.moments.iter().enumerate() {
            // A censoring at `u` bears on the weights at `u` and later of those whose competing event came before `u`.
            let earlier = position.saturating_sub(1);
            let jump: Vec<f64> = (0..order)
                .map(|i| (first[i] * steps.later_hazard[earlier] - total * steps.later_mean[earlier][i]) / moment.at_risk)
                .collect();
            for row in moment.rows.clone().filter(|row| self.rows[*row].outcome == Outcome::Competing) {
                let weight = self.weight(&self.rows[row], point) / moment.uncensored;
                total += weight;
                first.iter_mut().zip(&self.rows[row].x).for_each(|(sum, x)| *sum += weight * x);
            }
            running.iter_mut().zip(&jump).for_each(|(sum, jump)| *sum += jump * moment.censored / moment.at_risk);
            out.jump.push(jump);
            out.compensator.push(running.clone());
        }
        out
    }
}

struct Censoring {
    jump: Vec<Vec<f64>>,
    compensator: Vec<Vec<f64>>,
}

/// Integrals against the baseline hazard up to and including each time, and of `G(t-)` against it after each time.
struct Cumulative {
    hazard: Vec<f64>,
    mean: Vec<Vec<f64>>,
    later_hazard: Vec<f64>,
    later_mean: Vec<Vec<f64>>,
}

impl Cumulative {
    fn new(data: &Weighted, events: &[EventSums]) -> Self {
        let (size, order) = (data.moments.len(), data.order);
        let mut out = Self {
            hazard: vec![0.0; size],
            mean: vec![vec![0.0; order]; size],
            later_hazard: vec![0.0; size],
            later_mean: vec![vec![0.0; order]; size],
        };
        for event in events {
            out.hazard[event.moment] = event.hazard;
            out.mean[event.moment] = event.mean.iter().map(|mean| mean * event.hazard).collect();
        }
        let (mut later, mut later_mean) = (0.0, vec![0.0; order]);
        for position in (0..size).rev() {
            out.later_hazard[position] = later;
            out.later_mean[position].clone_from(&later_mean);
            let g = data.moments[position].uncensored;
            later += g * out.hazard[position];
            later_mean.iter_mut().zip(&out.mean[position]).for_each(|(sum, mean)| *sum += g * mean);
        }
        for position in 1..size {
            out.hazard[position] += out.hazard[position - 1];
            for i in 0..order {
                out.mean[position][i] += out.mean[position - 1][i];
            }
        }
        out
    }
}

struct Sums {
    total: f64,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Sums {
    fn new(order: usize) -> Self {
        Self { total: 0.0, first: vec![0.0; order], second: vec![0.0; order * order] }
    }

    fn add(&mut self, weight: f64, x: &[f64]) {
        let order = x.len();
        self.total += weight;
        for i in 0..order {
            self.first[i] += weight * x[i];
            for j in 0..order {
                self.second[i * order + j] += weight * x[i] * x[j];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::cox::{Cox, Ties};
    use super::Outcome::{Censored, Competing, Event};
    use super::*;

    #[test]
    fn without_competing_events_the_coefficients_are_those_of_cox_with_breslow_ties() {
        let times: Vec<f64> = (0..50).map(|i| f64::from(i * 13 % 37) + 1.0).collect();
        let outcomes: Vec<Outcome> = (0..50).map(|i| if i % 3 == 0 { Censored } else { Event }).collect();
        let design = DesignMatrix::from_columns(&[(0..50).map(|i| f64::from(i * 7 % 11) * 1e3).collect()]).unwrap();
        let fit = fine_gray(&design, &times, &outcomes).unwrap();
        let events: Vec<bool> = outcomes.iter().map(|outcome| *outcome == Event).collect();
        let cox = Cox::new(&design, &times, &events).unwrap().fit(Ties::Breslow).unwrap();
        assert!((fit.coefficients.estimate(0).unwrap() - cox.coefficients.estimate(0).unwrap()).abs() < 1e-12);
        assert!((fit.log_likelihood - cox.log_likelihood).abs() < 1e-9);
    }

    #[test]
    fn without_censoring_competing_events_stay_at_risk_for_ever() {
        let n = 40;
        let times: Vec<f64> = (0..n).map(|i| f64::from(i * 7 % 41) + 1.0).collect();
        let outcomes: Vec<Outcome> = (0..n).map(|i| if i % 4 == 1 { Competing } else { Event }).collect();
        let design = DesignMatrix::from_columns(&[(0..n).map(|i| f64::from(i * 5 % 9)).collect()]).unwrap();
        let fit = fine_gray(&design, &times, &outcomes).unwrap();
        let (mut ends, mut events) = (times.clone(), Vec::new());
        for (end, outcome) in ends.iter_mut().zip(&outcomes) {
            events.push(*outcome == Event);
            if *outcome == Competing {
                *end = 1000.0;
            }
        }
        let cox = Cox::new(&design, &ends, &events).unwrap().fit(Ties::Breslow).unwrap();
        assert!((fit.coefficients.estimate(0).unwrap() - cox.coefficients.estimate(0).unwrap()).abs() < 1e-9);
    }

    #[test]
    fn faults_are_said() {
        let design = DesignMatrix::from_columns(&[vec![1.0, 2.0]]).unwrap();
        assert_eq!(fine_gray(&design, &[1.0, 2.0], &[Censored, Competing]).unwrap_err(), CoxError::NoEvents);
        assert!(matches!(fine_gray(&design, &[1.0], &[Event]), Err(CoxError::Lengths { .. })));
        assert!(matches!(fine_gray(&design, &[1.0, -2.0], &[Event, Event]), Err(CoxError::Interval { .. })));
    }
}
