//! The posterior mean of a continual reassessment method for very many histories: one grid, everything that does not change tabulated.

use super::crm::{Crm, CrmModel};
use super::tally::{DoseLevel, Tally};

/// Standard deviations of the prior that the grid goes beyond the most extreme posterior means.
///
/// The posterior is at least as concentrated as the prior, so that less than `exp(-28)` of it lies outside.
const MARGIN: f64 = 7.5;

/// Steps of the grid per smallest possible standard deviation of the posterior.
///
/// The trapezoidal rule with step `h` on a density with standard deviation `s` errs by about `2 exp(-2 (pi s / h)^2)`: `4e-14` here.
const STEPS_PER_SD: f64 = 1.25;

/// Largest value of `v^2 / (exp(v) - 1)`, the information of one patient about the parameter of the empiric model.
const EMPIRIC_INFORMATION: f64 = 0.65;

/// Grid of the parameter with the prior and `ln p`, `p`, `ln(1 - p)` of every dose, for trials of up to a given size.
#[derive(Debug, Clone)]
pub(super) struct PosteriorGrid {
    patients: u32,
    points: Vec<f64>,
    log_prior: Vec<f64>,
    /// Of each dose.
    log_event: Vec<Vec<f64>>,
    event: Vec<Vec<f64>>,
    log_none: Vec<Vec<f64>>,
}

impl PosteriorGrid {
    /// Grid fine enough for `patients`.
    pub(super) fn new(crm: &Crm, patients: u32) -> Self {
        let information = f64::from(patients) * information(crm) + crm.prior_sd().powi(-2);
        let (lower, upper) = extremes(crm, patients);
        let (lower, upper) = (lower - MARGIN * crm.prior_sd(), upper + MARGIN * crm.prior_sd());
        let steps = ((upper - lower) * information.sqrt() * STEPS_PER_SD).ceil();
        let points: Vec<f64> = (0..=steps as u32).map(|position| lower + (upper - lower) * f64::from(position) / steps).collect();
        let log_prior = points.iter().map(|a| -0.5 * (a / crm.prior_sd()).powi(2)).collect();
        let tables = |dose| points.iter().map(|a| crm.log_toxicity_at(DoseLevel(dose), *a)).unzip();
        let (log_event, log_none): (Vec<Vec<f64>>, Vec<Vec<f64>>) = (0..crm.doses()).map(tables).unzip();
        let event = log_event.iter().map(|logs| logs.iter().map(|log| log.exp()).collect()).collect();
        Self { patients, points, log_prior, log_event, event, log_none }
    }

    /// Most patients for whom the grid is fine enough.
    pub(super) fn patients(&self) -> u32 {
        self.patients
    }

    /// Posterior mean of the parameter given counts and patients without toxicity whose follow-up is incomplete.
    ///
    /// `work` is scratch space, kept by the caller so that nothing is allocated per history.
    pub(super) fn mean(&self, tallies: &[Tally], partial: &[(DoseLevel, f64)], work: &mut Vec<f64>) -> f64 {
        work.clear();
        work.extend_from_slice(&self.log_prior);
        for ((tally, event), none) in tallies.iter().zip(&self.log_event).zip(&self.log_none) {
            add(work, event, tally.dlt);
            add(work, none, tally.n - tally.dlt);
        }
        let largest = work.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for log in work.iter_mut() {
            *log = (*log - largest).exp();
        }
        for (dose, weight) in partial {
            if let Some(event) = self.event.get(dose.0) {
                work.iter_mut().zip(event).for_each(|(density, p)| *density *= 1.0 - weight * p);
            }
        }
        let (total, first) =
            work.iter().zip(&self.points).fold((0.0, 0.0), |(total, first), (density, a)| (total + density, first + density * a));
        first / total
    }
}

fn add(sums: &mut [f64], terms: &[f64], count: u32) {
    if count > 0 {
        let count = f64::from(count);
        sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += count * term);
    }
}

/// Least and greatest posterior mean that so many patients can lead to: all with toxicity at the lowest dose, none at the highest.
fn extremes(crm: &Crm, patients: u32) -> (f64, f64) {
    let mean = |dose: usize, dlt| {
        let mut tallies = vec![Tally::default(); crm.doses()];
        tallies.iter_mut().skip(dose).take(1).for_each(|tally| *tally = Tally { n: patients, dlt });
        crm.fit(&tallies).map_or(0.0, |fit| fit.mean())
    };
    (mean(0, patients), mean(crm.doses().saturating_sub(1), 0))
}

/// Largest information of one patient about the parameter.
///
/// ```text
/// empiric   v^2 / (exp(v) - 1),  v = -ln p
/// logistic  p (1 - p) t^2,       t = c - logit p > 0
/// ```
fn information(crm: &Crm) -> f64 {
    match crm.model() {
        CrmModel::Empiric => EMPIRIC_INFORMATION,
        CrmModel::Logistic { intercept } => {
            let at = |t: f64| {
                let p = 1.0 / (1.0 + (t - intercept).exp());
                p * (1.0 - p) * t * t
            };
            (1..400_u32).map(|step| at(f64::from(step) * 0.1)).fold(0.0, f64::max)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::crm::{USUAL_PRIOR_SD, WeightedOutcome};
    use super::*;

    #[test]
    fn agrees_with_the_panels_for_any_history() {
        for model in [CrmModel::Empiric, CrmModel::Logistic { intercept: 3.0 }, CrmModel::Logistic { intercept: 0.5 }] {
            for sd in [0.3, USUAL_PRIOR_SD, 3.0] {
                let crm = Crm::new(&[0.06, 0.14, 0.25, 0.38], 0.25, model, sd).unwrap();
                let grid = PosteriorGrid::new(&crm, 60);
                let mut work = Vec::new();
                for counts in [
                    [(0, 0); 4],
                    [(3, 3), (0, 0), (0, 0), (0, 0)],
                    [(60, 60), (0, 0), (0, 0), (0, 0)],
                    [(3, 0), (6, 1), (9, 3), (3, 2)],
                    [(0, 0), (0, 0), (0, 0), (60, 0)],
                    [(0, 0), (0, 0), (30, 7), (30, 12)],
                ] {
                    let tallies: Vec<Tally> = counts.iter().map(|(n, dlt)| Tally { n: *n, dlt: *dlt }).collect();
                    let (quick, slow) = (grid.mean(&tallies, &[], &mut work), crm.fit(&tallies).unwrap().mean());
                    assert!((quick - slow).abs() < 1e-9, "{model:?} {sd} {counts:?}: {quick} {slow}");
                }
            }
        }
    }

    #[test]
    fn incomplete_follow_up_is_weighted() {
        let crm = Crm::new(&[0.06, 0.14, 0.25], 0.25, CrmModel::Empiric, USUAL_PRIOR_SD).unwrap();
        let tallies = [Tally { n: 3, dlt: 0 }, Tally { n: 2, dlt: 1 }, Tally::default()];
        let patient = |dose, dlt, weight| WeightedOutcome { dose: DoseLevel(dose), dlt, weight };
        let mut outcomes = vec![patient(0, false, 1.0); 3];
        outcomes.extend([patient(1, true, 0.3), patient(1, false, 1.0), patient(2, false, 0.4), patient(2, false, 0.0)]);
        let quick = PosteriorGrid::new(&crm, 7).mean(&tallies, &[(DoseLevel(2), 0.4), (DoseLevel(2), 0.0)], &mut Vec::new());
        assert!((quick - crm.fit_weighted(&outcomes).unwrap().mean()).abs() < 1e-9);
    }
}
