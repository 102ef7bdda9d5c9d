//! Mean cumulative function: the expected number of recurrent events per unit by a time, with a variance that allows for dependence.

use super::distribution;
use super::kaplan_meier::{SurvivalError, check_times, same_time};

/// One distinct event time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanCumulativeStep {
    /// Time.
    pub time: f64,
    /// Units still observed: whose observation ends at the time or later.
    pub n_risk: usize,
    /// Events at the time.
    pub n_event: usize,
    /// Mean number of events per unit by the time.
    pub estimate: f64,
    /// Robust standard error.
    pub robust_standard_error: f64,
    /// Standard error if the events were a Poisson process.
    pub poisson_standard_error: f64,
}

impl MeanCumulativeStep {
    /// Limits on the logarithmic scale from the robust standard error: `M exp(-+ z se/M)`.
    ///
    /// # Errors
    /// A `level` outside (0, 1).
    pub fn limits(&self, level: f64) -> Result<(f64, f64), SurvivalError> {
        let factor = (distribution::normal_critical(level)? * self.robust_standard_error / self.estimate).exp();
        Ok((self.estimate / factor, self.estimate * factor))
    }
}

/// A fitted mean cumulative function.
#[derive(Debug, Clone, PartialEq)]
pub struct MeanCumulative {
    steps: Vec<MeanCumulativeStep>,
    events: usize,
    observed_time: f64,
}

impl MeanCumulative {
    /// Mean cumulative function of units observed from zero until `ends`, with events `(unit, time)`.
    ///
    /// ```text
    /// M(t) = sum over event times s <= t of d(s)/Y(s)            d events, Y units with end >= s
    /// robust   var M(t) = sum over units i of { sum over s <= t of Y_i(s)/Y(s) [dN_i(s) - d(s)/Y(s)] }^2
    /// Poisson  var M(t) = sum over s <= t of d(s)/Y(s)^2
    /// ```
    ///
    /// # Domain
    /// Finite times of at least 0; an event not after the end of its unit. `O(n log n)` in units and events.
    ///
    /// # Edges
    /// A unit may have several events at one time. Without events there is no step.
    ///
    /// # Errors
    /// [`SurvivalError`]; an event of no unit counts as a length error, one after the end of its unit as a bad time.
    ///
    /// Sources: `[Nelson1995]`, `[LawlessNadeau1995]`.
    pub fn fit(ends: &[f64], events: &[(usize, f64)]) -> Result<Self, SurvivalError> {
        check_times(ends, ends.len())?;
        for (unit, time) in events {
            let end = ends.get(*unit).ok_or(SurvivalError::Lengths { times: ends.len(), outcomes: unit + 1 })?;
            if !(time.is_finite() && *time >= 0.0 && (time <= end || same_time(*time, *end))) {
                return Err(SurvivalError::Time(*time));
            }
        }
        let mut ordered = events.to_vec();
        ordered.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        let mut leaving: Vec<usize> = (0..ends.len()).collect();
        leaving.sort_by(|a, b| ends[*a].total_cmp(&ends[*b]));
        let mut influences = Influences::new(ends.len());
        let (mut next_leaving, mut estimate, mut poisson) = (0, 0.0, 0.0);
        let mut steps = Vec::new();
        for tie in ordered.chunk_by(|a, b| same_time(a.1, b.1)) {
            let Some((_, time)) = tie.first().copied() else { continue };
            while let Some(unit) = leaving.get(next_leaving).filter(|unit| ends[**unit] < time && !same_time(ends[**unit], time)) {
                influences.freeze(*unit);
                next_leaving += 1;
            }
            let (n_risk, n_event) = (ends.len() - next_leaving, tie.len());
            let at_risk = n_risk as f64;
            estimate += n_event as f64 / at_risk;
            poisson += n_event as f64 / (at_risk * at_risk);
            tie.iter().for_each(|(unit, _)| influences.raise(*unit, 1.0 / at_risk));
            influences.lower_all(n_event as f64 / (at_risk * at_risk), at_risk);
            let robust_standard_error = influences.sum_of_squares().sqrt();
            steps.push(MeanCumulativeStep {
                time,
                n_risk,
                n_event,
                estimate,
                robust_standard_error,
                poisson_standard_error: f64::sqrt(poisson),
            });
        }
        Ok(Self { steps, events: events.len(), observed_time: ends.iter().sum() })
    }

    /// Every distinct event time in ascending order.
    #[must_use]
    pub fn steps(&self) -> &[MeanCumulativeStep] {
        &self.steps
    }

    /// Events per unit of observed time; `None` without observed time.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        (self.observed_time > 0.0).then(|| self.events as f64 / self.observed_time)
    }
}

/// Influence of each unit on the estimate, those still observed sharing a common part so that a step costs no pass over the units.
struct Influences {
    /// Own part; the influence of a unit still observed is this less `common`.
    own: Vec<f64>,
    common: f64,
    /// Sums over the units still observed.
    sum: f64,
    squares: f64,
    /// Squares of those who have left.
    frozen: f64,
}

impl Influences {
    fn new(units: usize) -> Self {
        Self { own: vec![0.0; units], common: 0.0, sum: 0.0, squares: 0.0, frozen: 0.0 }
    }

    fn of(&self, unit: usize) -> f64 {
        self.own[unit] - self.common
    }

    fn raise(&mut self, unit: usize, by: f64) {
        let before = self.of(unit);
        self.own[unit] += by;
        self.sum += by;
        self.squares += by * (2.0 * before + by);
    }

    fn lower_all(&mut self, by: f64, units: f64) {
        self.squares += by * (by * units - 2.0 * self.sum);
        self.sum -= by * units;
        self.common += by;
    }

    fn freeze(&mut self, unit: usize) {
        let influence = self.of(unit);
        self.sum -= influence;
        self.squares -= influence * influence;
        self.frozen += influence * influence;
    }

    fn sum_of_squares(&self) -> f64 {
        (self.frozen + self.squares).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::kaplan_meier::KaplanMeier;
    use super::*;

    #[test]
    fn single_events_give_the_nelson_aalen_estimate() {
        let ends = [1.0, 2.0, 2.0, 4.0, 5.0];
        let events = [true, true, false, true, false];
        let recurrent: Vec<(usize, f64)> = (0..5).filter(|i| events[*i]).map(|i| (i, ends[i])).collect();
        let fit = MeanCumulative::fit(&ends, &recurrent).unwrap();
        let curve = KaplanMeier::fit(&ends, &events).unwrap();
        let hazards: Vec<f64> = curve.steps().iter().filter(|step| step.n_event > 0).map(|step| step.cumulative_hazard).collect();
        assert!(fit.steps().iter().zip(&hazards).all(|(step, hazard)| (step.estimate - hazard).abs() < 1e-14));
        assert!((fit.rate().unwrap() - 3.0 / 14.0).abs() < 1e-15);
    }

    #[test]
    fn the_variance_is_the_sum_over_units_by_definition() {
        let ends: Vec<f64> = (0..12).map(|i| f64::from(i * 5 % 12) + 3.0).collect();
        let events: Vec<(usize, f64)> =
            (0..40_usize).map(|k| (k * 7 % 12, (k * 11 % 13) as f64)).filter(|(unit, time)| *time <= ends[*unit]).collect();
        let fit = MeanCumulative::fit(&ends, &events).unwrap();
        for last in fit.steps() {
            let variance: f64 = (0..12)
                .map(|unit| {
                    let influence: f64 = fit
                        .steps()
                        .iter()
                        .filter(|step| step.time <= last.time && ends[unit] >= step.time)
                        .map(|step| {
                            let own = events.iter().filter(|(other, time)| *other == unit && same_time(*time, step.time)).count() as f64;
                            (own - step.n_event as f64 / step.n_risk as f64) / step.n_risk as f64
                        })
                        .sum();
                    influence * influence
                })
                .sum();
            assert!((last.robust_standard_error - variance.sqrt()).abs() < 1e-13);
        }
    }

    #[test]
    fn no_events_and_impossible_events() {
        let none = MeanCumulative::fit(&[1.0, 2.0], &[]).unwrap();
        assert!(none.steps().is_empty() && none.rate() == Some(0.0));
        assert!(matches!(MeanCumulative::fit(&[1.0], &[(0, 2.0)]), Err(SurvivalError::Time(_))));
        assert!(matches!(MeanCumulative::fit(&[1.0], &[(3, 1.0)]), Err(SurvivalError::Lengths { .. })));
        assert!(matches!(MeanCumulative::fit(&[], &[]), Err(SurvivalError::NoObservations)));
    }
}
