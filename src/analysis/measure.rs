//! Measures that every descriptive analysis uses: proportions, summaries, rates, times to event. Each keeps the rows it rests on.

use std::collections::BTreeMap;

use crate::config::{IntervalSettings, Settings};
use crate::derive::{AnalysisData, SubjectIndex};
use crate::numerics::descriptive::{self, QuantileType};
use crate::numerics::{KaplanMeier, SurvivalTransform, proportion, rate};
use crate::quantity::{DAYS_PER_MONTH, Interval, IntervalMethod, Rows};

use super::grouping::Group;

/// How many of how many subjects, with the rows that made them count.
#[derive(Debug, Clone, PartialEq)]
pub struct Proportion {
    /// Subjects that count.
    pub count: u64,
    /// Subjects they are counted among.
    pub n: u64,
    /// Rows of the numerator's dataset.
    pub rows: Rows,
    /// Interval by the project's method; `None` when there is nobody to count among.
    pub interval: Option<Interval>,
}

impl Proportion {
    /// `count` of `n` with the interval that the project asks for.
    #[must_use]
    pub fn new(count: usize, n: usize, rows: Rows, intervals: &IntervalSettings) -> Self {
        let (count, n) = (count as u64, n as u64);
        let limits = proportion::interval(method(intervals.proportion), count, n, intervals.level).ok();
        let interval = limits.map(|(lower, upper)| Interval {
            lower: Some(lower),
            upper: Some(upper),
            level: intervals.level,
            method: intervals.proportion,
        });
        Self { count, n, rows, interval }
    }

    /// The share from 0 to 1; `None` when there is nobody to count among.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of subjects are far below 2^52")]
    pub fn share(&self) -> Option<f64> {
        (self.n > 0).then(|| self.count as f64 / self.n as f64)
    }
}

/// The numerics' name of a method; a method that is not for one proportion falls back to Clopper-Pearson, which the settings' type rules out.
fn method(method: IntervalMethod) -> proportion::ProportionMethod {
    match method {
        IntervalMethod::Wilson => proportion::ProportionMethod::Wilson,
        IntervalMethod::Jeffreys => proportion::ProportionMethod::Jeffreys,
        IntervalMethod::AgrestiCoull => proportion::ProportionMethod::AgrestiCoull,
        IntervalMethod::MidP => proportion::ProportionMethod::MidP,
        IntervalMethod::Wald => proportion::ProportionMethod::Wald,
        _ => proportion::ProportionMethod::ClopperPearson,
    }
}

/// Rows by subject: the raw material of a proportion of subjects with at least one record.
pub type RowsBySubject = BTreeMap<SubjectIndex, Vec<u32>>;

/// The subjects of a group that have at least one of the rows.
#[must_use]
pub fn subjects_with(group: &Group, rows: &RowsBySubject, settings: &Settings) -> Proportion {
    let found: Vec<&Vec<u32>> = group.subjects.iter().filter_map(|subject| rows.get(subject)).collect();
    let count = found.len();
    Proportion::new(count, group.n(), found.into_iter().flatten().copied().collect(), &settings.intervals)
}

/// The subjects of a group that satisfy a condition on ADSL itself.
#[must_use]
pub fn subjects_where(group: &Group, data: &AnalysisData, settings: &Settings, holds: impl FnMut(SubjectIndex) -> bool) -> Proportion {
    let rows = group.rows_where(data, holds);
    Proportion::new(rows.len(), group.n(), rows, &settings.intervals)
}

/// Location and spread of observations.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Observations.
    pub n: u64,
    /// Arithmetic mean.
    pub mean: Option<f64>,
    /// Standard deviation (divisor n - 1); `None` below two observations.
    pub sd: Option<f64>,
    /// Median.
    pub median: Option<f64>,
    /// Lower quartile (type 7).
    pub lower_quartile: Option<f64>,
    /// Upper quartile (type 7).
    pub upper_quartile: Option<f64>,
    /// Smallest.
    pub minimum: Option<f64>,
    /// Largest.
    pub maximum: Option<f64>,
    /// Rows of the observations.
    pub rows: Rows,
}

impl Summary {
    /// The summary of pairs of row and value.
    #[must_use]
    pub fn of(observations: impl IntoIterator<Item = (u32, f64)>) -> Self {
        let (rows, mut values): (Vec<u32>, Vec<f64>) = observations.into_iter().filter(|(_, value)| value.is_finite()).unzip();
        values.sort_by(f64::total_cmp);
        Self {
            n: values.len() as u64,
            mean: descriptive::mean(&values),
            sd: descriptive::standard_deviation(&values),
            median: descriptive::quantile(&values, 0.5, QuantileType::Type7),
            lower_quartile: descriptive::quantile(&values, 0.25, QuantileType::Type7),
            upper_quartile: descriptive::quantile(&values, 0.75, QuantileType::Type7),
            minimum: values.first().copied(),
            maximum: values.last().copied(),
            rows: rows.into_iter().collect(),
        }
    }
}

/// Events per 100 patient-months.
#[derive(Debug, Clone, PartialEq)]
pub struct ExposureRate {
    /// Events.
    pub events: u64,
    /// Time at risk, months.
    pub patient_months: f64,
    /// Events per 100 patient-months; `None` without time at risk.
    pub rate: Option<f64>,
    /// Exact Poisson interval.
    pub interval: Option<Interval>,
    /// Rows of the events.
    pub rows: Rows,
}

impl ExposureRate {
    /// The rate of events in `days` at risk.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of events are far below 2^52")]
    pub fn new(events: usize, days: f64, rows: Rows, intervals: &IntervalSettings) -> Self {
        let patient_months = days / DAYS_PER_MONTH;
        let rate = (patient_months > 0.0).then(|| 100.0 * events as f64 / patient_months);
        let limits = rate::exact_rate(events as u64, patient_months / 100.0, intervals.level).ok();
        let interval = rate.and(limits).map(|limits| Interval {
            lower: Some(limits.lower),
            upper: Some(limits.upper),
            level: intervals.level,
            method: IntervalMethod::ExactPoisson,
        });
        Self { events: events as u64, patient_months, rate, interval, rows }
    }
}

/// A Kaplan-Meier estimate; times in months.
#[derive(Debug, Clone)]
pub struct Survival {
    /// Subjects.
    pub n: u64,
    /// Subjects with the event.
    pub events: u64,
    /// Median; `None` when it is not reached.
    pub median: Option<f64>,
    /// Interval of the median.
    pub interval: Option<Interval>,
    /// Rows of the records.
    pub rows: Rows,
    /// Rows of the records with the event.
    pub event_rows: Rows,
    /// Times of censoring, ascending.
    pub censored: Vec<f64>,
    curve: KaplanMeier,
    intervals: IntervalSettings,
}

/// A Kaplan-Meier probability at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalAt {
    /// Months.
    pub time: f64,
    /// Probability of being free of the event.
    pub estimate: f64,
    /// Lower limit.
    pub lower: Option<f64>,
    /// Upper limit.
    pub upper: Option<f64>,
}

impl Survival {
    /// The estimate from row, days and whether the event happened; `None` without an observation.
    pub fn of(observations: impl IntoIterator<Item = (u32, f64, bool)>, intervals: &IntervalSettings) -> Option<Self> {
        let observations: Vec<(u32, f64, bool)> =
            observations.into_iter().filter(|(_, days, _)| days.is_finite() && *days >= 0.0).collect();
        let times: Vec<f64> = observations.iter().map(|(_, days, _)| days / DAYS_PER_MONTH).collect();
        let events: Vec<bool> = observations.iter().map(|(_, _, event)| *event).collect();
        let curve = KaplanMeier::fit(&times, &events).ok()?;
        let median = curve.median(transform(intervals.kaplan_meier), intervals.level).ok();
        let mut censored: Vec<f64> = times.iter().zip(&events).filter(|(_, event)| !**event).map(|(time, _)| *time).collect();
        censored.sort_by(f64::total_cmp);
        Some(Self {
            n: curve.n() as u64,
            events: curve.events() as u64,
            median: median.and_then(|median| median.estimate),
            interval: median.map(|median| Interval {
                lower: median.lower,
                upper: median.upper,
                level: intervals.level,
                method: intervals.kaplan_meier,
            }),
            rows: observations.iter().map(|(row, _, _)| *row).collect(),
            event_rows: observations.iter().filter(|(_, _, event)| *event).map(|(row, _, _)| *row).collect(),
            censored,
            curve,
            intervals: *intervals,
        })
    }

    /// The probability of being free of the event at a time; `None` beyond the last observation, where it would be an extrapolation, unless the
    /// event has happened in everybody and the probability stays 0.
    #[must_use]
    pub fn at(&self, months: f64) -> Option<SurvivalAt> {
        let extinct = self.curve.steps().last().is_some_and(|step| step.survival <= 0.0);
        if months > self.curve.last_time() && !extinct {
            return None;
        }
        let at = self.curve.survival_at(months, transform(self.intervals.kaplan_meier), self.intervals.level).ok()?;
        Some(SurvivalAt { time: months, estimate: at.survival, lower: at.lower, upper: at.upper })
    }

    /// The curve at every step, beginning at time 0 with probability 1.
    #[must_use]
    pub fn steps(&self) -> Vec<SurvivalAt> {
        let start = SurvivalAt { time: 0.0, estimate: 1.0, lower: Some(1.0), upper: Some(1.0) };
        std::iter::once(start).chain(self.curve.steps().iter().filter_map(|step| self.at(step.time))).collect()
    }

    /// Subjects still at risk at a time.
    #[must_use]
    pub fn at_risk(&self, months: f64) -> usize {
        self.curve.number_at_risk(months)
    }

    /// The last time of observation.
    #[must_use]
    pub fn last_time(&self) -> f64 {
        self.curve.last_time()
    }
}

/// The numerics' name of an interval of a Kaplan-Meier estimate.
#[must_use]
pub(crate) fn transform(method: IntervalMethod) -> SurvivalTransform {
    match method {
        IntervalMethod::Log => SurvivalTransform::Log,
        IntervalMethod::Plain => SurvivalTransform::Plain,
        _ => SurvivalTransform::LogLog,
    }
}
