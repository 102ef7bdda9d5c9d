//! The concentration curve between samples: areas, first moments and concentrations at any time.

use super::profile::same_time;
use super::reason::{NotCalculated, Outcome};
use crate::config::AucMethod;

/// Exponent below which the moment of an exponential is summed as a series, because the closed form cancels.
const SERIES_BELOW: f64 = 0.1;

/// A point of the curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) time: f64,
    pub(super) value: f64,
    /// Whether it is a quantifiable sample; not so for a value that a rule put there.
    pub(super) quantifiable: bool,
}

/// The curve through the points of a profile.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    points: Vec<Point>,
    method: AucMethod,
    /// Time from which the rule after the maximum holds.
    highest_at: f64,
}

/// Area and first moment of a part of the curve.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Part {
    pub(super) area: f64,
    pub(super) moment: f64,
    /// Area that lies beyond the last point.
    pub(super) extrapolated: f64,
}

impl Part {
    fn add(&mut self, area: f64, moment: f64) {
        self.area += area;
        self.moment += moment;
    }
}

impl Curve {
    pub(super) fn new(points: Vec<Point>, method: AucMethod) -> Self {
        let highest = points.iter().fold(None, |best: Option<&Point>, point| match best {
            Some(found) if found.value >= point.value => best,
            _ => Some(point),
        });
        let highest_at = highest.map_or(0.0, |point| point.time);
        Self { points, method, highest_at }
    }

    pub(super) fn points(&self) -> &[Point] {
        &self.points
    }

    /// Whether the curve is defined at the time of the dose.
    pub(super) fn begins_at_dose(&self) -> bool {
        self.points.first().is_some_and(|point| same_time(point.time, 0.0))
    }

    /// Whether concentrations fall exponentially between two neighbouring points.
    fn is_exponential(&self, left: &Point, right: &Point) -> bool {
        let positive = left.value > 0.0 && right.value > 0.0;
        match self.method {
            AucMethod::Linear => false,
            AucMethod::LinUpLogDown => positive && left.value > right.value,
            AucMethod::LinLog => positive && left.time >= self.highest_at && left.value.to_bits() != right.value.to_bits(),
        }
    }

    /// Concentration at a time between two neighbouring points.
    fn between(&self, left: &Point, right: &Point, time: f64) -> f64 {
        let share = (time - left.time) / (right.time - left.time);
        if self.is_exponential(left, right) {
            left.value * (share * (right.value / left.value).ln()).exp()
        } else {
            left.value + share * (right.value - left.value)
        }
    }

    /// Area and first moment between two times.
    ///
    /// ```text
    /// linear        AUC = h (C_a + C_b) / 2          AUMC = h (a C_a + b C_b) / 2
    /// exponential   AUC = (C_a - C_b) / k            AUMC = (a C_a - b C_b) / k + (C_a - C_b) / k^2,  k = ln(C_a / C_b) / h
    /// beyond the last point   exponential with k = lambda_z
    /// ```
    ///
    /// `a`, `b` ends of a piece and `h = b - a`; ends between two points take the concentration that the rule of their piece gives there, so that
    /// areas over adjacent intervals add up. Source: `[Purves1992]`.
    pub(super) fn part(&self, from: f64, to: f64, rate: Option<f64>) -> Result<Part, NotCalculated> {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else {
            return Err(NotCalculated::NothingQuantifiable);
        };
        if from.is_nan() || to.is_nan() || from > to || from < 0.0 {
            return Err(NotCalculated::EmptyInterval);
        }
        if from < first.time && !same_time(from, first.time) {
            return Err(NotCalculated::NoSampleAtDose);
        }
        let mut part = Part::default();
        for (left, right) in self.points.iter().zip(self.points.iter().skip(1)) {
            let (start, end) = (from.max(left.time), to.min(right.time));
            if start < end {
                let (area, moment) = self.piece(left, right, start, end);
                part.add(area, moment);
            }
        }
        if to > last.time && !same_time(to, last.time) && last.value > 0.0 {
            let rate = rate.ok_or(NotCalculated::BeyondLastSample)?;
            let start = from.max(last.time);
            let (area, moment) = exponential(start, to - start, last.value * (-rate * (start - last.time)).exp(), rate);
            part.add(area, moment);
            part.extrapolated = area;
        }
        Ok(part)
    }

    /// Area and moment of the part of a piece between two times within it.
    fn piece(&self, left: &Point, right: &Point, start: f64, end: f64) -> (f64, f64) {
        let at = |time: f64| {
            if same_time(time, left.time) {
                left.value
            } else if same_time(time, right.time) {
                right.value
            } else {
                self.between(left, right, time)
            }
        };
        let width = end - start;
        let value = at(start);
        if self.is_exponential(left, right) {
            exponential(start, width, value, (left.value / right.value).ln() / (right.time - left.time))
        } else {
            let end_value = at(end);
            (0.5 * width * (value + end_value), 0.5 * width * (start * value + end * end_value))
        }
    }

    /// Concentration at a time, and whether it lies beyond the last point.
    pub(super) fn value_at(&self, time: f64, rate: Option<f64>) -> Result<(f64, bool), NotCalculated> {
        let last = self.points.last().ok_or(NotCalculated::NothingQuantifiable)?;
        if let Some(point) = self.points.iter().find(|point| same_time(point.time, time)) {
            return Ok((point.value, false));
        }
        if time > last.time {
            if last.value <= 0.0 {
                return Ok((0.0, true));
            }
            let rate = rate.ok_or(NotCalculated::BeyondLastSample)?;
            return Ok((last.value * (-rate * (time - last.time)).exp(), true));
        }
        let mut pieces = self.points.iter().zip(self.points.iter().skip(1));
        let piece = pieces.find(|(left, right)| left.time < time && time < right.time);
        piece.map(|(left, right)| (self.between(left, right, time), false)).ok_or(NotCalculated::NoSampleAtDose)
    }

    /// Area and moment from the time of the dose to a point of the curve.
    pub(super) fn to_time(&self, time: f64) -> Result<Part, NotCalculated> {
        if self.begins_at_dose() { self.part(0.0, time, None) } else { Err(NotCalculated::NoSampleAtDose) }
    }
}

/// Integrals of `C exp(-k (t - a))` and of `t` times it from `a` over a width; the rate may be of either sign or zero.
fn exponential(from: f64, width: f64, value: f64, rate: f64) -> (f64, f64) {
    let x = rate * width;
    let mean = if x.abs() < f64::MIN_POSITIVE { 1.0 } else { -(-x).exp_m1() / x };
    let area = value * width * mean;
    (area, from * area + value * width * width * first_moment(x))
}

/// `(1 - exp(-x)(1 + x)) / x^2`, the integral of `s exp(-x s)` over [0, 1].
fn first_moment(x: f64) -> f64 {
    if x.abs() >= SERIES_BELOW {
        return (-(-x).exp_m1() - x * (-x).exp()) / (x * x);
    }
    // Terms (-x)^n / (n! (n + 2)); ten of them reach rounding error below the limit.
    let mut term = 1.0;
    let mut sum = 0.5;
    for n in 1..10_u8 {
        let n = f64::from(n);
        term *= -x / n;
        sum += term / (n + 2.0);
    }
    sum
}

/// A finite number, or the reason that it is none.
pub(super) fn finite(value: f64) -> Outcome {
    if value.is_finite() { Ok(value) } else { Err(NotCalculated::NotFinite) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(method: AucMethod, points: &[(f64, f64)]) -> Curve {
        Curve::new(points.iter().map(|(time, value)| Point { time: *time, value: *value, quantifiable: *value > 0.0 }).collect(), method)
    }

    const SHAPE: [(f64, f64); 6] = [(0.0, 0.0), (1.0, 6.0), (2.0, 10.0), (4.0, 7.0), (8.0, 7.0), (12.0, 1.0)];

    #[test]
    fn areas_by_hand() {
        let linear = curve(AucMethod::Linear, &SHAPE).part(0.0, 12.0, None).unwrap();
        assert!((linear.area - (3.0 + 8.0 + 17.0 + 28.0 + 16.0)).abs() < 1e-12);
        let log = curve(AucMethod::LinUpLogDown, &SHAPE).part(0.0, 12.0, None).unwrap();
        let by_hand = 3.0 + 8.0 + 2.0 * 3.0 / (10.0_f64 / 7.0).ln() + 28.0 + 4.0 * 6.0 / 7.0_f64.ln();
        assert!((log.area - by_hand).abs() < 1e-12);
    }

    #[test]
    fn moments_by_the_closed_form() {
        for (high, low) in [(7.0_f64, 1.0_f64), (7.0, 6.999_999), (1.0, 7.0), (5.0, 4.6)] {
            let (a, b) = (8.0, 12.0);
            let k = (high / low).ln() / (b - a);
            let (area, moment) = exponential(a, b - a, high, k);
            // Simpson's rule on a fine grid.
            let n = 2_000;
            let simpson = |f: &dyn Fn(f64) -> f64| {
                let h = (b - a) / f64::from(n);
                let weight = |i: i32| {
                    if i == 0 || i == n {
                        1.0
                    } else if i % 2 == 1 {
                        4.0
                    } else {
                        2.0
                    }
                };
                (0..=n).map(|i| weight(i) * f(a + h * f64::from(i))).sum::<f64>() * h / 3.0
            };
            let concentration = |t: f64| high * (-k * (t - a)).exp();
            assert!((area / simpson(&concentration) - 1.0).abs() < 1e-12, "{high} {low}");
            assert!((moment / simpson(&|t| t * concentration(t)) - 1.0).abs() < 1e-12, "{high} {low}");
        }
        // The series and the closed form meet.
        assert!((first_moment(0.1 - 1e-12) / first_moment(0.1) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn areas_over_adjacent_intervals_add_up() {
        for method in [AucMethod::Linear, AucMethod::LinUpLogDown, AucMethod::LinLog] {
            let curve = curve(method, &SHAPE);
            let area = |from, to| curve.part(from, to, Some(0.2)).unwrap().area;
            for middle in [0.0, 0.3, 1.0, 3.1, 4.0, 6.5, 9.0, 12.0, 20.0] {
                let whole = area(0.0, 24.0);
                assert!((area(0.0, middle) + area(middle, 24.0) - whole).abs() < 1e-12 * whole, "{method:?} {middle}");
            }
        }
    }

    #[test]
    fn rules_after_the_maximum_bracket_each_other() {
        let area = |method| curve(method, &SHAPE).part(0.0, 12.0, None).unwrap().area;
        assert!(area(AucMethod::Linear) > area(AucMethod::LinUpLogDown));
        // After a maximum without a rise both logarithmic rules are one.
        assert!((area(AucMethod::LinLog) - area(AucMethod::LinUpLogDown)).abs() < 1e-12);
    }

    #[test]
    fn a_curve_ends_unless_a_rate_carries_it_on() {
        let curve = curve(AucMethod::LinUpLogDown, &SHAPE);
        assert_eq!(curve.part(0.0, 13.0, None), Err(NotCalculated::BeyondLastSample));
        let extended = curve.part(0.0, 1e6, Some(0.5)).unwrap();
        assert!((extended.extrapolated - 2.0).abs() < 1e-12);
        assert_eq!(curve.part(3.0, 2.0, None), Err(NotCalculated::EmptyInterval));
        assert_eq!(curve.value_at(13.0, None), Err(NotCalculated::BeyondLastSample));
        assert!((curve.value_at(10.0, None).unwrap().0 - 7.0_f64.sqrt()).abs() < 1e-12);
        assert!((curve.value_at(0.5, None).unwrap().0 - 3.0).abs() < 1e-12);
    }
}
