//! Dose intensity, interruptions and reductions of one subject, from stretches of constant dosing.

use super::records::{DosingInterval, DosingSummary};

/// Slack of comparisons of doses, as a part of the planned dose.
const SAME_DOSE: f64 = 1e-9;

/// Days counted without a gap: study day 1 is 0 and study day -1 is -1.
pub(super) fn continuous_day(study_day: i32) -> i32 {
    if study_day > 0 { study_day - 1 } else { study_day }
}

/// The study day of a day counted without a gap.
pub(super) fn study_day_of(continuous: i32) -> i32 {
    if continuous >= 0 { continuous + 1 } else { continuous }
}

/// Stretch of constant plan, or of dosing, in days counted without a gap; both ends included.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    start: f64,
    end: f64,
    dose: f64,
    planned: Option<f64>,
    between: f64,
    per_day: f64,
    regular: bool,
}

impl Stretch {
    fn of(interval: &DosingInterval) -> Self {
        Self {
            start: f64::from(continuous_day(interval.start_day)),
            end: f64::from(continuous_day(interval.end_day)),
            dose: interval.dose,
            planned: interval.planned,
            between: interval.days_between_doses,
            per_day: interval.doses_per_day,
            regular: interval.regular,
        }
    }

    /// Administrations that the schedule puts into the stretch, the first on its first day.
    fn administrations(&self) -> f64 {
        if self.regular { self.per_day * (((self.end - self.start) / self.between).floor() + 1.0) } else { self.per_day }
    }

    /// Last day that its last administration stands for: the day before the next one is due.
    fn covered_until(&self) -> f64 {
        if self.regular { self.end.max(self.start + (self.administrations() / self.per_day) * self.between - 1.0) } else { self.end }
    }

    fn has_same_plan(&self, other: &Self) -> bool {
        let same = |a: f64, b: f64| (a - b).abs() <= SAME_DOSE * a.abs().max(b.abs());
        self.regular
            && other.regular
            && same(self.between, other.between)
            && same(self.per_day, other.per_day)
            && match (self.planned, other.planned) {
                (Some(a), Some(b)) => same(a, b),
                (None, None) => true,
                _ => false,
            }
    }

    /// Amount in a window of days. A regular dose counts evenly over the days until the next one is due; a single one on its first day.
    fn amount_within(&self, amount: f64, window: (f64, f64)) -> f64 {
        if self.regular {
            amount * self.per_day / self.between * overlap((self.start, self.covered_until()), window)
        } else if (window.0..=window.1).contains(&self.start) {
            amount * self.per_day
        } else {
            0.0
        }
    }
}

/// Days that two stretches of days share.
fn overlap(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.1.min(b.1) - a.0.max(b.0) + 1.0).max(0.0)
}

/// A stretch of days without the drug.
#[derive(Debug)]
struct Interruption<'a> {
    start_day: i32,
    end: i32,
    reason: Option<&'a str>,
    for_adverse_event: bool,
    days: i32,
}

/// The course of one subject on one drug.
#[derive(Debug)]
struct Course<'a> {
    intervals: Vec<&'a DosingInterval>,
    /// Stretches on which the drug was given, in order of start.
    dosing: Vec<Stretch>,
    /// Stretches of constant plan from the first dose to the last.
    plan: Vec<Stretch>,
}

/// Computes the dosing summary of one subject from the stretches of one drug, in order of start.
///
/// ```text
/// duration             = last covered day - first dosing day + 1
/// cumulative dose      = sum over stretches of dose x administrations
/// planned dose         = sum over stretches of constant plan of planned dose x administrations due
/// relative intensity   = 100 x cumulative dose / planned dose          percent
/// administrations      = times per day x (floor((last day - first day) / days between doses) + 1)
/// ```
///
/// - A stretch of dose 0 is an interruption, unless 0 was planned or nothing but 0 was ever given (placebo).
/// - Time on treatment runs from the first dosing day to the last: interruptions and unrecorded days between them count as planned time, an
///   interruption after the last dose does not. A delayed administration takes nothing away unless it costs a whole one.
/// - The last covered day is the last dosing day; for doses more than a day apart, the day before the next one would be due, but not beyond
///   `last_possible_day` (death or data cut-off).
/// - Interruptions are stretches of dose 0 after the first dose, also after the last; contiguous stretches with one reason are one. On a
///   daily schedule, days without a record between two dosing stretches are an interruption without a reason. Reductions are steps to a
///   lower dose than the one given before.
/// - Counts because of an adverse event are `None` unless `reasons_recorded`.
/// - By cycle of `cycle_length_days` from the first dose, a dose counts evenly over the days until the next is due, so that cycles need not
///   be multiples of the dosing interval; the last cycle ends with the last covered day. A delay lowers the intensity of its cycle.
/// - Everything that needs a planned dose is `None` where any stretch has none.
pub(super) fn summarise(
    intervals: &[&DosingInterval],
    last_possible_day: Option<i32>,
    cycle_length_days: f64,
    reasons_recorded: bool,
) -> Option<DosingSummary> {
    let course = Course::new(intervals);
    let subject = intervals.first()?.subject;
    let rows = intervals.iter().map(|interval| interval.row).collect();
    let (Some(first), Some(last)) = (course.dosing.first().map(|it| it.start), course.last_dosing_day()) else {
        return Some(DosingSummary { subject, rows, cumulative_dose: Some(0.0), ..DosingSummary::default() });
    };
    let covered = course.dosing.iter().map(Stretch::covered_until).fold(last, f64::max);
    let covered = last_possible_day.map_or(covered, |day| covered.min(f64::from(continuous_day(day)))).max(last);
    let cumulative: f64 = course.dosing.iter().map(|it| it.dose * it.administrations()).sum();
    let planned: Option<f64> = course.plan.iter().map(|it| Some(it.planned? * it.administrations())).sum();
    let interruptions = course.interruptions();
    let reductions = course.reductions();
    let because = |count: usize| reasons_recorded.then(|| u32::try_from(count).unwrap_or(u32::MAX));
    let first_modification_day = interruptions
        .iter()
        .filter(|it| it.for_adverse_event)
        .map(|it| it.start_day)
        .chain(reductions.iter().filter(|it| it.for_adverse_event).map(|it| it.start_day))
        .min();
    let cycles = course.cycles((first, covered), cycle_length_days);
    Some(DosingSummary {
        subject,
        rows,
        drug: intervals.first().and_then(|interval| interval.drug.clone()),
        duration_days: Some(covered - first + 1.0),
        cumulative_dose: Some(cumulative),
        planned_dose: planned,
        relative_intensity: planned.filter(|planned| *planned > 0.0).map(|planned| 100.0 * cumulative / planned),
        interruptions: u32::try_from(interruptions.len()).ok(),
        interrupted_days: Some(interruptions.iter().map(|it| f64::from(it.days)).sum()),
        reductions: u32::try_from(reductions.len()).ok(),
        interruptions_adverse_event: because(interruptions.iter().filter(|it| it.for_adverse_event).count()),
        reductions_adverse_event: because(reductions.iter().filter(|it| it.for_adverse_event).count()),
        first_modification_day,
        intensity_by_cycle: cycles.iter().map(|(intensity, _)| *intensity).collect(),
        full_dose_by_cycle: cycles.iter().map(|(_, full)| *full).collect(),
    })
}

/// Whether a stretch is one of dosing: a dose, a planned dose of 0, or a course that is all placebo.
fn is_dosing(interval: &DosingInterval, placebo: bool) -> bool {
    interval.dose > 0.0 || interval.planned.map_or(placebo, |planned| planned <= 0.0)
}

impl<'a> Course<'a> {
    fn new(intervals: &[&'a DosingInterval]) -> Self {
        let placebo = intervals.iter().all(|interval| interval.dose <= 0.0);
        let given = |interval: &&&DosingInterval| is_dosing(interval, placebo);
        let first = intervals.iter().position(|interval| is_dosing(interval, placebo)).unwrap_or(intervals.len());
        let intervals: Vec<&DosingInterval> = intervals.iter().skip(first).copied().collect();
        let dosing: Vec<Stretch> = intervals.iter().filter(given).map(|interval| Stretch::of(interval)).collect();
        let last = dosing.iter().map(|it| it.end).fold(f64::NEG_INFINITY, f64::max);
        let mut plan: Vec<Stretch> = Vec::new();
        for stretch in intervals.iter().map(|interval| Stretch::of(interval)).filter(|it| it.start <= last) {
            match plan.last_mut() {
                Some(previous) if previous.has_same_plan(&stretch) => previous.end = previous.end.max(stretch.end),
                Some(previous) => {
                    // Days without a record belong to the plan that was in force.
                    if previous.regular {
                        previous.end = previous.end.max(stretch.start - 1.0);
                    }
                    plan.push(stretch);
                }
                None => plan.push(stretch),
            }
        }
        for stretch in &mut plan {
            stretch.end = stretch.end.min(last);
        }
        Self { intervals, dosing, plan }
    }

    fn last_dosing_day(&self) -> Option<f64> {
        self.dosing.iter().map(|it| it.end).reduce(f64::max)
    }

    fn placebo(&self) -> bool {
        self.intervals.iter().all(|interval| interval.dose <= 0.0)
    }

    fn interruptions(&self) -> Vec<Interruption<'a>> {
        let placebo = self.placebo();
        let mut found: Vec<Interruption<'a>> = Vec::new();
        let mut previous: Option<&DosingInterval> = None;
        for interval in &self.intervals {
            let (start, end) = (continuous_day(interval.start_day), continuous_day(interval.end_day));
            if !is_dosing(interval, placebo) {
                let reason = interval.reason.as_deref();
                let stretch = Stretch::of(interval);
                #[expect(clippy::cast_possible_truncation, reason = "days of a stretch; the cast saturates")]
                let days = if stretch.regular { (stretch.covered_until() - stretch.start + 1.0) as i32 } else { end - start + 1 };
                match found.last_mut() {
                    Some(last)
                        if last.end + 1 >= start && last.reason == reason && last.for_adverse_event == interval.for_adverse_event =>
                    {
                        last.end = end;
                        last.days += days;
                    }
                    _ => found.push(Interruption {
                        start_day: interval.start_day,
                        end,
                        reason,
                        for_adverse_event: interval.for_adverse_event,
                        days,
                    }),
                }
            } else if let Some(before) = previous.filter(|before| is_dosing(before, placebo) && is_daily(before) && is_daily(interval)) {
                let days = start - continuous_day(before.end_day) - 1;
                if days > 0 {
                    let start_day = study_day_of(start - days);
                    found.push(Interruption { start_day, end: start - 1, reason: None, for_adverse_event: false, days });
                }
            }
            previous = Some(interval);
        }
        found
    }

    /// The stretches that step down from the dose given before.
    fn reductions(&self) -> Vec<&'a DosingInterval> {
        let mut previous: Option<f64> = None;
        let mut found = Vec::new();
        for interval in self.intervals.iter().filter(|interval| interval.dose > 0.0) {
            if previous.is_some_and(|dose| interval.dose < dose * (1.0 - SAME_DOSE)) {
                found.push(*interval);
            }
            previous = Some(interval.dose);
        }
        found
    }

    /// Intensity in percent, and whether the planned dose was taken throughout, by cycle.
    fn cycles(&self, (first, covered): (f64, f64), cycle_length_days: f64) -> Vec<(Option<f64>, Option<bool>)> {
        let length = cycle_length_days.round().max(1.0);
        let mut cycles = Vec::new();
        let mut start = first;
        while start <= covered {
            cycles.push(self.cycle((start, (start + length - 1.0).min(covered)), covered));
            start += length;
        }
        cycles
    }

    fn cycle(&self, window: (f64, f64), covered: f64) -> (Option<f64>, Option<bool>) {
        let last_plan = self.plan.len().saturating_sub(1);
        let planned: Option<f64> = self
            .plan
            .iter()
            .enumerate()
            .map(|(index, it)| {
                // The last administration stands for the days until the next one would be due; an earlier plan ends where the next begins.
                let end = if index == last_plan { covered } else { it.end };
                let amount =
                    if it.regular { it.per_day / it.between * overlap((it.start, end), window) } else { it.amount_within(1.0, window) };
                Some(it.planned? * amount)
            })
            .sum();
        let Some(planned) = planned.filter(|planned| *planned > 0.0) else { return (None, None) };
        let taken: f64 = self.dosing.iter().map(|it| it.amount_within(it.dose, window)).sum();
        let full = |it: &&Stretch| it.planned.is_some_and(|planned| it.dose >= planned * (1.0 - SAME_DOSE));
        let full_days: f64 = self.dosing.iter().filter(full).map(|it| overlap((it.start, it.covered_until()), window)).sum();
        let all_full = if self.dosing.iter().any(|it| it.regular) {
            full_days >= window.1 - window.0 + 1.0 - SAME_DOSE
        } else {
            self.dosing.iter().filter(|it| (window.0..=window.1).contains(&it.start)).all(|it| full(&it))
        };
        (Some(100.0 * taken / planned), Some(all_full))
    }
}

fn is_daily(interval: &DosingInterval) -> bool {
    interval.regular && interval.days_between_doses <= 1.0
}
