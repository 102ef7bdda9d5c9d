//! One pass over the event times with the risk set kept as running sums.

use super::super::kaplan_meier::same_time;
use super::model::{Cox, Stratum, Ties};

/// What the partial likelihood needs at one event time.
pub(super) struct EventTime<'a> {
    /// Position of the stratum.
    pub(super) stratum: usize,
    pub(super) time: f64,
    pub(super) deaths: f64,
    /// Sum of the events' linear predictors.
    pub(super) predictors: f64,
    /// Sum of the events' rows.
    pub(super) rows: &'a [f64],
    /// Sum of the logarithms of the risk sums that the events see.
    pub(super) log_risk: f64,
    /// Sum of the weighted means that they see.
    pub(super) mean: &'a [f64],
    /// Sum of the weighted covariance matrices, lower triangle of rows.
    pub(super) variance: &'a [f64],
    /// Increment of the cumulative baseline hazard.
    pub(super) hazard: f64,
}

/// Running sums of weights, weighted rows and weighted products of rows.
struct RiskSum {
    total: f64,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl RiskSum {
    fn new(order: usize) -> Self {
        Self { total: 0.0, first: vec![0.0; order], second: vec![0.0; order * order] }
    }

    fn clear(&mut self) {
        self.total = 0.0;
        self.first.fill(0.0);
        self.second.fill(0.0);
    }

    fn add(&mut self, weight: f64, row: &[f64]) {
        let order = row.len();
        self.total += weight;
        for (i, x) in row.iter().enumerate() {
            let weighted = weight * x;
            self.first[i] += weighted;
            for (entry, other) in self.second[i * order..=i * order + i].iter_mut().zip(row) {
                *entry += weighted * other;
            }
        }
    }
}

impl Cox {
    /// Row of the basis.
    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.basis.values[row * self.basis.order..(row + 1) * self.basis.order]
    }

    /// Linear predictors at a point of the basis.
    pub(super) fn predictors(&self, point: &[f64]) -> Vec<f64> {
        (0..self.rows()).map(|row| self.row(row).iter().zip(point).map(|(x, b)| x * b).sum()).collect()
    }

    /// Visits the event times, stratum by stratum, latest first.
    pub(super) fn scan(&self, predictors: &[f64], ties: Ties, mut visit: impl FnMut(&EventTime<'_>)) {
        let order = self.basis.order;
        // A common factor of the weights cancels; taking out the largest keeps the exponential in range.
        let shift = predictors.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = predictors.iter().map(|predictor| (predictor - shift).exp()).collect();
        let mut events = Vec::new();
        for (position, stratum) in self.strata.iter().enumerate() {
            let mut at_risk = RiskSum::new(order);
            let mut dying = RiskSum::new(order);
            let mut left = Departures { order: &stratum.by_start, next: 0 };
            for tie in stratum.by_stop.chunk_by(|a, b| same_time(self.stop[*a], self.stop[*b])) {
                dying.clear();
                events.clear();
                for row in tie {
                    at_risk.add(weights[*row], self.row(*row));
                    if self.event[*row] {
                        dying.add(weights[*row], self.row(*row));
                        events.push(*row);
                    }
                }
                let time = self.stop[tie[0]];
                if events.is_empty() {
                    continue;
                }
                self.depart(&mut left, time, |row| at_risk.add(-weights[row], self.row(row)));
                let mut sums = Summed::new(order);
                for step in 0..events.len() {
                    let fraction = match ties {
                        Ties::Efron => step as f64 / events.len() as f64,
                        Ties::Breslow => 0.0,
                    };
                    sums.add(&at_risk, &dying, fraction);
                }
                let mut rows = vec![0.0; order];
                events.iter().for_each(|row| rows.iter_mut().zip(self.row(*row)).for_each(|(sum, x)| *sum += x));
                visit(&EventTime {
                    stratum: position,
                    time,
                    deaths: events.len() as f64,
                    predictors: events.iter().map(|row| predictors[*row]).sum(),
                    rows: &rows,
                    log_risk: sums.log_risk + shift * events.len() as f64,
                    mean: &sums.mean,
                    variance: &sums.variance,
                    hazard: sums.hazard / shift.exp(),
                });
            }
        }
    }

    /// Calls `leave` for the rows that start at `time` or later and have not been left before.
    pub(super) fn depart(&self, departures: &mut Departures<'_>, time: f64, mut leave: impl FnMut(usize)) {
        let Some(start) = &self.start else { return };
        while let Some(row) = departures.order.get(departures.next) {
            if start[*row] < time && !same_time(start[*row], time) {
                break;
            }
            leave(*row);
            departures.next += 1;
        }
    }
}

/// Rows in the order in which they leave the risk set when time runs backwards.
pub(super) struct Departures<'a> {
    order: &'a [usize],
    next: usize,
}

impl<'a> Departures<'a> {
    pub(super) fn of(stratum: &'a Stratum) -> Self {
        Self { order: &stratum.by_start, next: 0 }
    }
}

/// Sums over the tied events of one time.
struct Summed {
    log_risk: f64,
    hazard: f64,
    mean: Vec<f64>,
    variance: Vec<f64>,
    one_mean: Vec<f64>,
}

impl Summed {
    fn new(order: usize) -> Self {
        Self { log_risk: 0.0, hazard: 0.0, mean: vec![0.0; order], variance: vec![0.0; order * order], one_mean: vec![0.0; order] }
    }

    fn add(&mut self, at_risk: &RiskSum, dying: &RiskSum, fraction: f64) {
        let order = self.mean.len();
        let total = at_risk.total - fraction * dying.total;
        self.log_risk += total.ln();
        self.hazard += 1.0 / total;
        for i in 0..order {
            self.one_mean[i] = (at_risk.first[i] - fraction * dying.first[i]) / total;
            self.mean[i] += self.one_mean[i];
            for j in 0..=i {
                let place = i * order + j;
                let square = (at_risk.second[place] - fraction * dying.second[place]) / total;
                self.variance[place] += square - self.one_mean[i] * self.one_mean[j];
            }
        }
    }
}
