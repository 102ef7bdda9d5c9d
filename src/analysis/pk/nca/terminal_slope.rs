//! The terminal slope: a straight line through the logarithms of the last concentrations.

use std::f64::consts::LN_2;

use super::curve::Point;
use super::profile::same_time;
use super::reason::NotCalculated;
use super::rules::{NcaRules, SlopeChoice, SlopeStart};

/// Fewest samples of a regression that leaves a degree of freedom.
const LEAST: usize = 3;

/// The regression of the terminal phase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TerminalSlope {
    /// Terminal rate; positive.
    pub rate: f64,
    /// Predicted logarithm of the concentration at the time of the dose.
    pub intercept: f64,
    /// Coefficient of determination.
    pub r_squared: f64,
    /// Adjusted coefficient of determination.
    pub adjusted_r_squared: f64,
    /// First time of the regression.
    pub first_time: f64,
    /// Last time of the regression.
    pub last_time: f64,
    /// Samples in the regression.
    pub points: usize,
}

impl TerminalSlope {
    /// Terminal half-life.
    #[must_use]
    pub fn half_life(&self) -> f64 {
        LN_2 / self.rate
    }

    /// Half-lives that the regression spans.
    #[must_use]
    pub fn span(&self) -> f64 {
        (self.last_time - self.first_time) / self.half_life()
    }

    /// Concentration that the regression predicts at a time.
    #[must_use]
    pub fn predict(&self, time: f64) -> f64 {
        (self.intercept - self.rate * time).exp()
    }
}

/// Means and sums of squares of a growing set of points, updated without cancellation.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    n: usize,
    mean_time: f64,
    mean_log: f64,
    time_time: f64,
    time_log: f64,
    log_log: f64,
}

impl Sums {
    fn add(&mut self, time: f64, log: f64) {
        self.n += 1;
        let n = self.n as f64;
        let (to_time, to_log) = (time - self.mean_time, log - self.mean_log);
        self.mean_time += to_time / n;
        self.mean_log += to_log / n;
        self.time_time += to_time * (time - self.mean_time);
        self.time_log += to_time * (log - self.mean_log);
        self.log_log += to_log * (log - self.mean_log);
    }

    /// The line, if it falls.
    fn line(&self, first_time: f64, last_time: f64) -> Option<TerminalSlope> {
        let slope = self.time_log / self.time_time;
        // A plateau leaves nothing to explain, and rounding leaves a slope that means nothing.
        let rounding = 4.0 * f64::EPSILON * self.mean_log.abs().max(1.0);
        let flat = self.log_log <= self.n as f64 * rounding * rounding;
        if self.n < LEAST || flat || slope.is_nan() || slope >= 0.0 {
            return None;
        }
        let r_squared = (self.time_log * self.time_log / (self.time_time * self.log_log)).min(1.0);
        let n = self.n as f64;
        Some(TerminalSlope {
            rate: -slope,
            intercept: self.mean_log - slope * self.mean_time,
            r_squared,
            adjusted_r_squared: 1.0 - (1.0 - r_squared) * (n - 1.0) / (n - 2.0),
            first_time,
            last_time,
            points: self.n,
        })
    }
}

/// Fits the terminal slope.
///
/// ```text
/// ln C = b0 - lambda_z t by least squares;  R2adj = 1 - (1 - R2)(n - 1) / (n - 2)
/// candidates  the last n >= n_min quantifiable samples after the first maximum, with falling line
/// chosen      the largest n whose R2adj is within 1e-4 of the best
/// ```
///
/// With fixed times the samples between them are used as they are. `peak` is the position of the first maximum in `points`, which are the
/// quantifiable samples in order of time.
///
/// # Errors
/// [`NotCalculated::TooFewPoints`] or [`NotCalculated::SlopeNotNegative`].
///
/// Source: `[Denney2015]`.
pub(super) fn fit_terminal_slope(points: &[Point], peak: usize, rules: &NcaRules) -> Result<TerminalSlope, NotCalculated> {
    let needed = rules.terminal_slope.min_samples.max(LEAST);
    match rules.slope_choice {
        SlopeChoice::BestFit => {
            let start = match rules.slope_start {
                SlopeStart::AfterPeak => peak + 1,
                SlopeStart::AtPeak => peak,
            };
            let usable = points.get(start..).unwrap_or_default();
            best_fit(usable, needed, rules.adjusted_r_squared_slack)
        }
        SlopeChoice::Between { first, last } => {
            let within = |time: f64| (time >= first || same_time(time, first)) && (time <= last || same_time(time, last));
            let chosen: Vec<Point> = points.iter().filter(|point| within(point.time)).copied().collect();
            // Every sample takes part: only the whole set is a candidate.
            best_fit(&chosen, needed.max(chosen.len()), 0.0).map_err(|reason| match reason {
                NotCalculated::TooFewPoints { .. } => NotCalculated::TooFewPoints { found: chosen.len(), needed },
                other => other,
            })
        }
    }
}

fn best_fit(points: &[Point], needed: usize, slack: f64) -> Result<TerminalSlope, NotCalculated> {
    let (Some(last), true) = (points.last(), points.len() >= needed) else {
        return Err(NotCalculated::TooFewPoints { found: points.len(), needed });
    };
    let mut sums = Sums::default();
    let mut chosen: Option<TerminalSlope> = None;
    let mut best = f64::NEG_INFINITY;
    let mut candidates: Vec<TerminalSlope> = Vec::with_capacity(points.len());
    for point in points.iter().rev() {
        sums.add(point.time, point.value.ln());
        if sums.n >= needed
            && let Some(line) = sums.line(point.time, last.time)
        {
            best = best.max(line.adjusted_r_squared);
            candidates.push(line);
        }
    }
    for line in candidates {
        if line.adjusted_r_squared > best - slack || line.adjusted_r_squared >= best {
            chosen = Some(line);
        }
    }
    chosen.ok_or(NotCalculated::SlopeNotNegative)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: &[(f64, f64)]) -> Vec<Point> {
        values.iter().map(|(time, value)| Point { time: *time, value: *value, quantifiable: true }).collect()
    }

    #[test]
    fn an_exact_exponential_is_found_with_all_points() {
        let exact: Vec<(f64, f64)> = [1.0, 2.0, 4.0, 8.0, 12.0].iter().map(|t| (*t, 50.0 * (-0.2_f64 * t).exp())).collect();
        let slope = fit_terminal_slope(&points(&exact), 0, &NcaRules::default()).unwrap();
        assert!((slope.rate - 0.2).abs() < 1e-12 && slope.points == 4 && (slope.first_time - 2.0).abs() < 1e-12);
        assert!((slope.predict(0.0) - 50.0).abs() < 1e-9 && (slope.span() - 10.0 * 0.2 / LN_2).abs() < 1e-12);
        let with_peak = NcaRules { slope_start: SlopeStart::AtPeak, ..NcaRules::default() };
        assert_eq!(fit_terminal_slope(&points(&exact), 0, &with_peak).unwrap().points, 5);
    }

    #[test]
    fn rises_plateaus_and_short_phases_have_no_slope() {
        let rules = NcaRules::default();
        let short = points(&[(1.0, 9.0), (2.0, 5.0), (3.0, 2.0)]);
        assert_eq!(fit_terminal_slope(&short, 0, &rules), Err(NotCalculated::TooFewPoints { found: 2, needed: 3 }));
        let flat = points(&[(1.0, 5.0), (2.0, 5.0), (3.0, 5.0), (4.0, 5.0)]);
        assert_eq!(fit_terminal_slope(&flat, 0, &rules), Err(NotCalculated::SlopeNotNegative));
        let plateau = points(&[(1.0, 9.7), (2.0, 0.1), (4.0, 0.1), (8.0, 0.1), (24.0, 0.1)]);
        assert_eq!(fit_terminal_slope(&plateau, 0, &rules), Err(NotCalculated::SlopeNotNegative));
        let last = points(&[(1.0, 5.0), (2.0, 6.0)]);
        assert_eq!(fit_terminal_slope(&last, 1, &rules), Err(NotCalculated::TooFewPoints { found: 0, needed: 3 }));
    }

    #[test]
    fn fixed_times_are_taken_as_they_are() {
        let values = points(&[(1.0, 9.0), (2.0, 8.0), (4.0, 3.0), (6.0, 2.5), (9.0, 0.7)]);
        let rules = |first, last| NcaRules { slope_choice: SlopeChoice::Between { first, last }, ..NcaRules::default() };
        let slope = fit_terminal_slope(&values, 0, &rules(2.0, 9.0)).unwrap();
        assert_eq!((slope.points, slope.first_time.to_bits()), (4, 2.0_f64.to_bits()));
        assert_eq!(fit_terminal_slope(&values, 0, &rules(5.0, 9.0)), Err(NotCalculated::TooFewPoints { found: 2, needed: 3 }));
    }
}
