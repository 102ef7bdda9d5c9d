//! Axes: where values stand, which values get a tick, and how ticks are written.

use crate::evidence::Axis;

/// A straight or logarithmic scale from values to points on the sheet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    log: bool,
    from: f64,
    to: f64,
}

/// A value on an axis and how it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    /// The value.
    pub(super) at: f64,
    /// The value in print.
    pub(super) label: String,
}

impl Scale {
    /// A scale for values from `low` to `high`, which stand at `from` and `to` on the sheet. A logarithmic scale needs `low` above zero.
    pub(super) fn new((low, high): (f64, f64), log: bool, (from, to): (f64, f64)) -> Self {
        Self { low, high, log: log && low > 0.0, from, to }
    }

    /// Where a value stands; beyond the ends it stands at the nearer end.
    pub(super) fn place(&self, value: f64) -> f64 {
        let share = if self.log {
            (value.max(f64::MIN_POSITIVE).ln() - self.low.ln()) / (self.high.ln() - self.low.ln())
        } else {
            (value - self.low) / (self.high - self.low)
        };
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        self.from + share * (self.to - self.from)
    }

    /// Whether a value lies between the ends.
    pub(super) fn holds(&self, value: f64) -> bool {
        let slack = (self.high - self.low).abs() * 1e-9;
        value.is_finite() && value >= self.low - slack && value <= self.high + slack
    }

    /// Least value.
    pub(super) fn low(&self) -> f64 {
        self.low
    }

    /// Greatest value.
    pub(super) fn high(&self) -> f64 {
        self.high
    }

    /// About `count` ticks at round values.
    pub(super) fn ticks(&self, count: usize) -> Vec<Tick> {
        if self.log {
            log_ticks(self.low, self.high, count)
        } else {
            even_ticks(self.low, self.high, nice_step(self.high - self.low, count))
        }
    }

    /// Places of the unnamed ticks of a logarithmic scale: one to nine times each power of ten; none on a straight one.
    pub(super) fn minor(&self) -> Vec<f64> {
        if !self.log || self.high / self.low > 1e5 {
            return Vec::new();
        }
        let decades = self.low.log10().floor() as i32..=self.high.log10().ceil() as i32;
        decades.flat_map(|decade| (1..10).map(move |factor| f64::from(factor) * 10f64.powi(decade))).filter(|at| self.holds(*at)).collect()
    }

    /// About `count` ticks for a time axis: multiples of 1, 3, 6, 12, 24, ... where these fit, because visits and follow-up run in them.
    pub(super) fn time_ticks(&self, count: usize) -> Vec<Tick> {
        const STEPS: [f64; 6] = [1.0, 3.0, 6.0, 12.0, 24.0, 48.0];
        let span = self.high - self.low;
        let step = STEPS.into_iter().find(|step| span / step <= count as f64).filter(|step| span / step >= 2.0);
        if self.log { self.ticks(count) } else { even_ticks(self.low, self.high, step.unwrap_or_else(|| nice_step(span, count))) }
    }
}

/// The ends of an axis: those that are fixed, or the least and greatest usable value. `None` where there is neither.
/// On a logarithmic axis only values above zero can be used. Equal ends are moved apart.
pub(super) fn ends(axis: &Axis, values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    // Beyond these, differences and ratios of values overflow.
    let usable = |value: &f64| value.abs() < 1e100 && (!axis.log || *value > 1e-100);
    if let Some((low, high)) = axis.range.filter(|(low, high)| usable(low) && usable(high) && low < high) {
        return Some((low, high));
    }
    let (low, high) =
        values.into_iter().filter(usable).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return None;
    }
    let same = high - low <= low.abs().max(high.abs()) * 1e-12;
    Some(match (same, axis.log) {
        (false, _) => (low, high),
        (true, true) => (low / 3.0, high * 3.0),
        (true, false) => (low - (low.abs() * 0.5).max(1.0), high + (high.abs() * 0.5).max(1.0)),
    })
}

/// Ends with room around the data: to round values on a straight axis, by a twentieth on a logarithmic one.
pub(super) fn roomy(axis: &Axis, (low, high): (f64, f64), count: usize) -> (f64, f64) {
    if axis.range.is_some_and(|(from, to)| from < to) {
        return (low, high);
    }
    if axis.log {
        let pad = ((high / low).ln() * 0.05).exp();
        return (low / pad, high * pad);
    }
    let step = nice_step(high - low, count);
    ((low / step).floor() * step, (high / step).ceil() * step)
}

/// The least of 1, 2 and 5 times a power of ten that divides `span` into at most `count` steps.
fn nice_step(span: f64, count: usize) -> f64 {
    let rough = span / count.max(1) as f64;
    if !rough.is_finite() || rough <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|factor| factor * power).find(|step| *step >= rough * (1.0 - 1e-9)).unwrap_or(10.0 * power)
}

fn even_ticks(low: f64, high: f64, step: f64) -> Vec<Tick> {
    let first = (low / step - 1e-9).ceil();
    let count = ((high / step + 1e-9).floor() - first).clamp(0.0, 200.0) as usize;
    let decimals = (-(step * (1.0 + 1e-9)).log10().floor()).clamp(0.0, 12.0) as usize;
    (0..=count).map(|index| (first + index as f64) * step).map(|at| Tick { at, label: number(at, decimals) }).collect()
}

/// Ticks of a logarithmic axis at real numbers: 10, 30, 100, 300; every decade alone where there are many; evenly where there is less than one.
fn log_ticks(low: f64, high: f64, count: usize) -> Vec<Tick> {
    const CHOICES: [&[f64]; 3] = [&[1.0, 3.0], &[1.0, 2.0, 5.0], &[1.0]];
    let decades = low.log10().floor() as i32..=high.log10().ceil() as i32;
    let at = |factors: &[f64]| -> Vec<f64> {
        let inside = |value: &f64| *value >= low * (1.0 - 1e-9) && *value <= high * (1.0 + 1e-9);
        decades.clone().flat_map(|decade| factors.iter().map(move |factor| factor * 10f64.powi(decade))).filter(inside).collect()
    };
    let chosen = CHOICES.iter().map(|factors| at(factors)).find(|ticks| (3..=count.max(4)).contains(&ticks.len())).unwrap_or_else(|| {
        let all = at(&[1.0]);
        let every = all.len().div_ceil(count.max(2));
        all.into_iter().step_by(every.max(1)).collect()
    });
    if chosen.len() < 3 && high / low < 10.0 {
        let step = nice_step(high - low, count.min(5));
        return even_ticks(low, high, step);
    }
    chosen.into_iter().map(|at| Tick { at, label: significant(at) }).collect()
}

/// A number with fixed decimals and a true minus sign; very large and very small ones as a power of ten.
pub(super) fn number(value: f64, decimals: usize) -> String {
    if value.abs() >= 1e7 {
        return power_of_ten(value);
    }
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.chars().all(|c| matches!(c, '0' | '.')) => digits.to_owned(),
        Some(digits) => format!("\u{2212}{digits}"),
        None => text,
    }
}

/// A number with at most four significant digits and no trailing zeros.
pub(super) fn significant(value: f64) -> String {
    if value.abs() >= 1e7 || (value.abs() < 1e-5 && value.abs() > 0.0) {
        return power_of_ten(value);
    }
    let magnitude = if value.abs() > 0.0 { value.abs().log10().floor() } else { 0.0 };
    let decimals = (3.0 - magnitude).clamp(0.0, 9.0) as usize;
    let text = number(value, decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn power_of_ten(value: f64) -> String {
    let exponent = value.abs().log10().floor();
    let mantissa = significant(value / 10f64.powf(exponent));
    let raised = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => digit.to_digit(10).and_then(|digit| char::from_u32(0x2070 + digit)).unwrap_or(digit),
    };
    let exponent: String = format!("{exponent:.0}").chars().map(raised).collect();
    if mantissa == "1" { format!("10{exponent}") } else { format!("{mantissa}×10{exponent}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    fn axis(log: bool, range: Option<(f64, f64)>) -> Axis {
        Axis { label: "x".into(), log, range }
    }

    #[test]
    fn log_ticks_are_real_numbers() {
        let ticks = |low, high| Scale::new((low, high), true, (0.0, 1.0)).ticks(6);
        assert_eq!(labels(&ticks(8.0, 400.0)), ["10", "30", "100", "300"]);
        assert_eq!(labels(&ticks(8.0, 4000.0)), ["10", "30", "100", "300", "1000", "3000"]);
        assert_eq!(labels(&ticks(0.05, 2.0e4)), ["0.1", "1", "10", "100", "1000", "10000"]);
        assert_eq!(labels(&ticks(110.0, 190.0)), ["120", "140", "160", "180"]);
        assert_eq!(labels(&ticks(1e-8, 1e9)).len(), 6);
    }

    #[test]
    fn even_ticks_are_round_and_time_runs_in_months() {
        let scale = |low, high| Scale::new((low, high), false, (0.0, 1.0));
        assert_eq!(labels(&scale(-100.0, 40.0).ticks(8)), ["−100", "−80", "−60", "−40", "−20", "0", "20", "40"]);
        assert_eq!(labels(&scale(0.0, 1.0).ticks(5)), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(&scale(0.0, 18.0).time_ticks(8)), ["0", "3", "6", "9", "12", "15", "18"]);
        assert_eq!(labels(&scale(0.0, 1.5).time_ticks(4)), ["0.0", "0.5", "1.0", "1.5"]);
        assert_eq!(labels(&scale(0.0, 600.0).time_ticks(8)), ["0", "100", "200", "300", "400", "500", "600"]);
    }

    #[test]
    fn numbers_are_written_plainly() {
        assert_eq!(number(-0.0, 1), "0.0");
        assert_eq!(number(-30.0, 0), "−30");
        assert_eq!(significant(0.25), "0.25");
        assert_eq!(significant(123.4567), "123.5");
        assert_eq!(significant(1e9), "10⁹");
        assert_eq!(significant(2.5e-7), "2.5×10⁻⁷");
    }

    #[test]
    fn ends_survive_any_data() {
        assert_eq!(ends(&axis(false, None), []), None);
        assert_eq!(ends(&axis(false, None), [f64::NAN, f64::INFINITY]), None);
        assert_eq!(ends(&axis(true, None), [-1.0, 0.0]), None);
        assert_eq!(ends(&axis(true, Some((0.0, 5.0))), [1.0, 9.0]), Some((1.0, 9.0)));
        assert_eq!(ends(&axis(false, Some((0.0, 5.0))), [1.0, 9.0]), Some((0.0, 5.0)));
        let (low, high) = ends(&axis(false, None), [4.0, 4.0]).unwrap();
        assert!(low < 4.0 && high > 4.0);
        assert_eq!(roomy(&axis(false, None), (1.3, 8.7), 5), (0.0, 10.0));
    }

    #[test]
    fn places_stay_within_the_ends() {
        let scale = Scale::new((1.0, 100.0), true, (50.0, 250.0));
        assert!((scale.place(10.0) - 150.0).abs() < 1e-9);
        assert!((scale.place(-5.0) - 50.0).abs() < 1e-9 && (scale.place(1e9) - 250.0).abs() < 1e-9);
        assert!((scale.place(f64::NAN) - 50.0).abs() < 1e-9);
        assert!(!scale.holds(f64::NAN) && scale.holds(100.0));
    }
}
