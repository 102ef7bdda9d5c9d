//! Trough concentrations over time, by dosage: when steady state is reached and whether it holds.

use std::collections::{BTreeMap, BTreeSet};

use super::occasion::{Observation, Units, analyte_name, is_other_dose};
use super::profiles::ProfileRules;
use super::steady_state::{SteadyState, SteadyStateError, SteadyStateRules, Trough, judge_steady_state};
use crate::analysis::grouping::{Group, Panel};
use crate::derive::{AnalysisData, ConcentrationSample, SampleResult, SubjectIndex, dosing_interval};
use crate::numerics::descriptive::{mean, standard_deviation, summarise_geometric, variance};
use crate::numerics::distribution::t_quantile;
use crate::quantity::Rows;

/// Fewest subjects with a quantified trough from which a visit counts in judgements.
const MIN_SUBJECTS: usize = 4;

/// Visits, the last ones, over which the trend is judged.
const VISITS_OF_TREND: usize = 3;

/// Rules of the trend; the time over which it is expressed is that of the visits.
pub const TREND: SteadyStateRules = SteadyStateRules { level: 0.90, over: 1.0, lower: 0.80, upper: 1.25 };

/// Hours by which a sample may miss the end of the dosing interval.
const TOLERANCE: f64 = 0.5;

/// A time at which troughs were taken.
#[derive(Debug, Clone, PartialEq)]
pub struct TroughVisit {
    /// Nominal time since the first dose, in hours.
    pub time: f64,
    /// Visit, as most samples name it.
    pub name: String,
}

impl TroughVisit {
    /// The day as protocols count it: the first dose is on day 1.
    #[must_use]
    pub fn day(&self) -> f64 {
        (self.time / 24.0).floor() + 1.0
    }

    /// The day, and the visit where its name says more: `Day 22 (Cycle 2 Day 1)`.
    #[must_use]
    pub fn label(&self) -> String {
        let day = format!("Day {}", self.day());
        if self.name.trim().eq_ignore_ascii_case(&day) { day } else { format!("{day} ({})", self.name) }
    }
}

/// The troughs of a dosage at one time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TroughPoint {
    /// Subjects with a result.
    pub n: usize,
    /// Those of them below the limit of quantification.
    pub below_limit: usize,
    /// Geometric mean; `None` where more than half are below the limit, or their limit is not known.
    pub geometric_mean: Option<f64>,
    /// Geometric coefficient of variation in percent.
    pub geometric_cv: Option<f64>,
    /// Geometric mean divided and multiplied by the geometric standard deviation.
    pub spread: Option<(f64, f64)>,
    /// Quantified troughs, in the order of subjects.
    pub observations: Vec<Observation>,
    /// Rows of ADPC.
    pub rows: Rows,
    /// Rows of those below the limit.
    pub below_rows: Rows,
}

/// The trend over the last visits.
#[derive(Debug, Clone, PartialEq)]
pub struct TroughTrend {
    /// Positions of the first and the last visit.
    pub visits: (usize, usize),
    /// Rows of ADPC.
    pub rows: Rows,
    /// The judgement, or why there is none.
    pub result: Result<SteadyState, SteadyStateError>,
}

/// A visit held against those after it, within subjects.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaterContrast {
    /// Position of the visit.
    pub visit: usize,
    /// Subjects with a trough then and later.
    pub subjects: usize,
    /// Ratio of the trough to the geometric mean of the later ones.
    pub ratio: f64,
    /// Its limits at the level of the trend.
    pub interval: (f64, f64),
}

/// Troughs of one dosage.
#[derive(Debug, Clone, PartialEq)]
pub struct TroughColumn {
    /// One per visit.
    pub points: Vec<TroughPoint>,
    /// The trend over the last visits; `None` below two visits with enough subjects.
    pub trend: Option<TroughTrend>,
    /// Visits held against later ones, in the order of time.
    pub contrasts: Vec<LaterContrast>,
    /// First visit from which on troughs cannot be told from later ones.
    pub steady_from: Option<usize>,
}

/// Troughs of one analyte.
#[derive(Debug, Clone, PartialEq)]
pub struct TroughCourse {
    /// Code of the analyte.
    pub code: String,
    /// Name of the analyte, with its specimen where there are several.
    pub analyte: String,
    /// Unit of the concentrations.
    pub unit: Option<String>,
    /// Limit of quantification, where samples below it name one and the same.
    pub limit: Option<f64>,
    /// Times, ascending.
    pub visits: Vec<TroughVisit>,
    /// One per group of the panel.
    pub columns: Vec<TroughColumn>,
    /// Samples after another dose than that of the dosage, which are left out.
    pub other_dose: usize,
}

/// Troughs of every analyte.
#[derive(Debug, Clone)]
pub struct Troughs {
    /// Dosages with a trough.
    pub panel: Panel,
    /// By analyte and specimen.
    pub courses: Vec<TroughCourse>,
    /// Hours since the first dose from which doses count as at steady state.
    pub steady_from: f64,
}

/// The trough samples of one analyte and specimen by time in minutes and subject.
type ByTime<'a> = BTreeMap<i64, BTreeMap<SubjectIndex, &'a ConcentrationSample>>;

/// Troughs over time.
///
/// A trough is a sample before a dose that is not the first, or at the end of a dosing interval; the former is taken where a subject has both.
/// Troughs after another dose than that of the dosage are left out, so that a dosage is described by those who still take it.
///
/// ```text
/// m_j = exp(mean of ln C_ij), half the limit of quantification where C_ij is below it
/// trend over the last three visits with four quantified troughs: see judge_steady_state
/// contrast of visit j: d_i = ln C_ij - mean over k > j of ln C_ik, limits by t over subjects
/// steady from the first visit from which on every interval of exp(d) holds 1
/// ```
///
/// With few subjects intervals are wide and steady state seems to be reached early.
///
/// Source: `[Maganti2008]`.
#[must_use]
pub(super) fn trace_troughs(data: &AnalysisData, panel: &Panel, rules: &ProfileRules, units: &Units<'_>) -> Troughs {
    let samples = data.concentrations.iter().flat_map(|concentrations| &concentrations.samples);
    let mut kinds: BTreeMap<(&str, Option<&str>), Vec<&ConcentrationSample>> = BTreeMap::new();
    for sample in samples {
        kinds.entry((sample.analyte.as_str(), sample.specimen.as_deref())).or_default().push(sample);
    }
    let several = |code: &str| kinds.keys().filter(|(own, _)| *own == code).count() > 1;
    let traced = kinds.iter().filter_map(|((code, specimen), samples)| {
        let mut course = trace(samples, panel, units)?;
        if let Some(specimen) = specimen.filter(|_| several(code)) {
            course.analyte = format!("{}, {}", course.analyte, specimen.to_lowercase());
        }
        Some(course)
    });
    let mut courses: Vec<TroughCourse> = traced.collect();
    let kept: Vec<bool> = (0..panel.groups.len()).map(|group| courses.iter().any(|course| has_trough(course, group))).collect();
    let mut panel = panel.clone();
    keep(&mut panel.groups, &kept);
    courses.iter_mut().for_each(|course| keep(&mut course.columns, &kept));
    Troughs { panel, courses, steady_from: rules.steady_from }
}

fn has_trough(course: &TroughCourse, group: usize) -> bool {
    course.columns.get(group).is_some_and(|column| column.points.iter().any(|point| point.n > 0))
}

fn keep<T>(list: &mut Vec<T>, kept: &[bool]) {
    let mut kept = kept.iter();
    list.retain(|_| kept.next().copied().unwrap_or(false));
}

fn trace(samples: &[&ConcentrationSample], panel: &Panel, units: &Units<'_>) -> Option<TroughCourse> {
    let first = samples.first()?;
    let by_group: Vec<(ByTime<'_>, usize)> = panel.groups.iter().map(|group| troughs_of(samples, group, units)).collect();
    let times: BTreeSet<i64> = by_group.iter().flat_map(|(by_time, _)| by_time.keys().copied()).collect();
    if times.is_empty() {
        return None;
    }
    let at = |time: i64| by_group.iter().filter_map(move |(by_time, _)| by_time.get(&time)).flat_map(|found| found.values().copied());
    let visits: Vec<TroughVisit> = times.iter().map(|time| visit(*time, at(*time))).collect();
    let columns = by_group.iter().map(|(by_time, _)| column(&times, by_time, &visits)).collect();
    Some(TroughCourse {
        code: first.analyte.clone(),
        analyte: analyte_name(&first.analyte, first.label.as_deref(), units.settings()),
        unit: samples.iter().find_map(|sample| sample.unit.clone()),
        limit: only_limit(samples),
        visits,
        columns,
        other_dose: by_group.iter().map(|(_, other_dose)| other_dose).sum(),
    })
}

/// The troughs of the subjects of a dosage, and how many followed another dose.
fn troughs_of<'a>(samples: &[&'a ConcentrationSample], group: &Group, units: &Units<'_>) -> (ByTime<'a>, usize) {
    let dosage = group.dosage.and_then(|dosage| units.settings().dosages.get(dosage.0));
    let interval = dosage.and_then(|dosage| dosing_interval(dosage.schedule.as_deref()?));
    let (mut found, mut other_dose): (ByTime<'a>, usize) = (ByTime::new(), 0);
    for sample in samples.iter().copied().filter(|sample| group.subjects.binary_search(&sample.subject).is_ok()) {
        let Some((minutes, before_dose)) = trough_time(sample, interval) else { continue };
        if sample.result == SampleResult::Missing {
            continue;
        }
        if is_other_dose(sample.dose, group, units) {
            other_dose += 1;
            continue;
        }
        let of_time = found.entry(minutes).or_default();
        if before_dose {
            of_time.insert(sample.subject, sample);
        } else {
            of_time.entry(sample.subject).or_insert(sample);
        }
    }
    (found, other_dose)
}

/// Minutes since the first dose, and whether the sample was taken before a dose; `None` for what is no trough.
#[expect(clippy::cast_possible_truncation, reason = "minutes since the first dose; the cast saturates")]
fn trough_time(sample: &ConcentrationSample, interval: Option<f64>) -> Option<(i64, bool)> {
    let (dose_time, since_dose) = (sample.dose_time?, sample.nominal_time.or(sample.actual_time)?);
    let before_dose = since_dose <= 0.0 && dose_time >= TOLERANCE;
    let at_end = interval.is_some_and(|interval| (since_dose - interval).abs() <= TOLERANCE);
    // Samples before one dose are of one visit, however long before it each was planned.
    let time = if before_dose { dose_time } else { dose_time + since_dose };
    (before_dose || at_end).then(|| ((60.0 * time).round() as i64, before_dose))
}

fn visit<'a>(minutes: i64, samples: impl Iterator<Item = &'a ConcentrationSample>) -> TroughVisit {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for name in samples.filter_map(|sample| sample.visit.as_deref()) {
        *names.entry(name).or_default() += 1;
    }
    let time = minutes as f64 / 60.0;
    let named = names.into_iter().rev().max_by_key(|(_, count)| *count).map(|(name, _)| name.to_owned());
    TroughVisit { time, name: named.unwrap_or_else(|| format!("{time} h")) }
}

fn only_limit(samples: &[&ConcentrationSample]) -> Option<f64> {
    let mut limits: Vec<f64> =
        samples.iter().filter_map(|sample| if let SampleResult::BelowLimit { limit } = sample.result { limit } else { None }).collect();
    limits.sort_by(f64::total_cmp);
    limits.dedup_by(|a, b| a.to_bits() == b.to_bits());
    if let [only] = limits[..] { Some(only) } else { None }
}

fn column(times: &BTreeSet<i64>, by_time: &ByTime<'_>, visits: &[TroughVisit]) -> TroughColumn {
    let points: Vec<TroughPoint> = times.iter().map(|time| by_time.get(time).map(point).unwrap_or_default()).collect();
    let contrasts = contrasts(&points);
    let holds_one = |contrast: &LaterContrast| contrast.interval.0 <= 1.0 && 1.0 <= contrast.interval.1;
    let steady_from = contrasts.iter().rev().take_while(|contrast| holds_one(contrast)).last().map(|contrast| contrast.visit);
    TroughColumn { trend: trend(&points, visits), contrasts, steady_from, points }
}

fn point(samples: &BTreeMap<SubjectIndex, &ConcentrationSample>) -> TroughPoint {
    let measured = |sample: &ConcentrationSample| if let SampleResult::Measured(value) = sample.result { Some(value) } else { None };
    let observation = |sample: &&ConcentrationSample| {
        let value = measured(sample).filter(|value| *value > 0.0)?;
        Some(Observation { subject: sample.subject, rows: std::iter::once(sample.row).collect(), value })
    };
    let observations: Vec<Observation> = samples.values().filter_map(observation).collect();
    let below: Vec<&ConcentrationSample> = samples.values().copied().filter(|sample| measured(sample).is_none()).collect();
    let halves: Option<Vec<f64>> = below
        .iter()
        .map(|sample| if let SampleResult::BelowLimit { limit } = sample.result { limit.map(|limit| 0.5 * limit) } else { None })
        .collect();
    let mut values: Vec<f64> = observations.iter().map(|observation| observation.value).collect();
    let n = samples.len();
    let described = match halves {
        Some(halves) if 2 * below.len() <= n => {
            values.extend(halves);
            values.sort_by(f64::total_cmp);
            summarise_geometric(&values)
        }
        _ => None,
    };
    let logs: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    let spread = described.as_ref().and_then(|_| Some((mean(&logs)?, standard_deviation(&logs)?)));
    TroughPoint {
        n,
        below_limit: below.len(),
        geometric_mean: described.as_ref().map(|described| described.mean),
        geometric_cv: described.as_ref().and_then(|described| described.cv_percent),
        spread: spread.map(|(centre, spread)| ((centre - spread).exp(), (centre + spread).exp())),
        observations,
        rows: samples.values().map(|sample| sample.row).collect(),
        below_rows: below.iter().map(|sample| sample.row).collect(),
    }
}

/// The visits with enough quantified troughs for a judgement.
fn judged_visits(points: &[TroughPoint]) -> Vec<usize> {
    (0..points.len()).filter(|place| points.get(*place).is_some_and(|point| point.observations.len() >= MIN_SUBJECTS)).collect()
}

fn trend(points: &[TroughPoint], visits: &[TroughVisit]) -> Option<TroughTrend> {
    let enough = judged_visits(points);
    let last = enough.get(enough.len().saturating_sub(VISITS_OF_TREND)..)?;
    let (from, to) = (*last.first()?, *last.last()?);
    let over = visits.get(to)?.time - visits.get(from)?.time;
    let mut troughs = Vec::new();
    let mut rows = Vec::new();
    for place in last {
        let (Some(point), Some(visit)) = (points.get(*place), visits.get(*place)) else { continue };
        for observation in &point.observations {
            troughs.push(Trough { subject: observation.subject.0, time: visit.time, concentration: observation.value });
            rows.extend_from_slice(observation.rows.as_slice());
        }
    }
    (from < to).then(|| TroughTrend {
        visits: (from, to),
        rows: rows.into_iter().collect(),
        result: judge_steady_state(&troughs, SteadyStateRules { over, ..TREND }),
    })
}

/// Every visit but the last held against the later ones.
fn contrasts(points: &[TroughPoint]) -> Vec<LaterContrast> {
    let enough = judged_visits(points);
    let logs: Vec<BTreeMap<SubjectIndex, f64>> = enough
        .iter()
        .filter_map(|place| points.get(*place))
        .map(|point| point.observations.iter().map(|observation| (observation.subject, observation.value.ln())).collect())
        .collect();
    let contrast = |place: usize| {
        let (own, later) = (logs.get(place)?, logs.get(place + 1..)?);
        let within = own.iter().filter_map(|(subject, log)| {
            let later: Vec<f64> = later.iter().filter_map(|visit| visit.get(subject).copied()).collect();
            Some(log - mean(&later)?)
        });
        let differences: Vec<f64> = within.collect();
        let n = differences.len();
        let (centre, spread) = (mean(&differences)?, variance(&differences)?);
        let quantile = t_quantile(0.5 + 0.5 * TREND.level, n as f64 - 1.0).ok()?;
        let half = quantile * (spread / n as f64).sqrt();
        let interval = ((centre - half).exp(), (centre + half).exp());
        (n >= MIN_SUBJECTS).then_some(LaterContrast { visit: *enough.get(place)?, subjects: n, ratio: centre.exp(), interval })
    };
    (0..enough.len()).filter_map(contrast).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stray(subject: usize, visit: usize) -> f64 {
        let size = 0.01 * ((subject / 2 + visit) % 3 + 1) as f64;
        if subject.is_multiple_of(2) { size } else { -size }
    }

    fn points(levels: &[f64]) -> Vec<TroughPoint> {
        let one = |visit: usize, level: f64| {
            let observation = |subject: usize| Observation {
                subject: SubjectIndex(subject),
                rows: Rows::default(),
                // Each subject has a level of its own. Neighbours stray to opposite sides, so that the mean keeps to the level.
                value: level * (1.0 + subject as f64) * (1.0 + stray(subject, visit)),
            };
            TroughPoint { n: 6, observations: (0..6).map(observation).collect(), ..TroughPoint::default() }
        };
        levels.iter().enumerate().map(|(visit, level)| one(visit, *level)).collect()
    }

    fn visits(n: usize) -> Vec<TroughVisit> {
        (0..n).map(|place| TroughVisit { time: 168.0 * (place as f64 + 1.0), name: place.to_string() }).collect()
    }

    #[test]
    fn steady_state_begins_where_later_troughs_are_no_higher() {
        let points = points(&[40.0, 80.0, 100.0, 100.0, 100.0]);
        let found = contrasts(&points);
        assert_eq!(found.iter().map(|contrast| contrast.visit).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert!(found[1].interval.1 < 1.0 && found[2].interval.0 < 1.0 && found[2].interval.1 > 1.0);
        let column = TroughColumn {
            steady_from: found.iter().rev().take_while(|c| c.interval.0 <= 1.0 && 1.0 <= c.interval.1).last().map(|c| c.visit),
            trend: trend(&points, &visits(5)),
            contrasts: found,
            points,
        };
        assert_eq!(column.steady_from, Some(2));
        let trend = column.trend.unwrap();
        assert_eq!(trend.visits, (2, 4));
        assert!((trend.result.unwrap().ratio - 1.0).abs() < 0.05);
    }

    #[test]
    fn a_rise_over_the_last_visits_is_expressed_over_their_time() {
        let found = trend(&points(&[100.0, 150.0, 225.0]), &visits(3)).unwrap().result.unwrap();
        assert!((found.ratio - 2.25).abs() < 0.05, "{}", found.ratio);
        assert!(contrasts(&points(&[100.0])).is_empty());
        assert!(trend(&points(&[100.0]), &visits(1)).is_none());
    }

    #[test]
    fn a_visit_is_named_by_its_day() {
        let visit = |time, name: &str| TroughVisit { time, name: name.to_owned() }.label();
        assert_eq!(visit(504.0, "Cycle 2 Day 1"), "Day 22 (Cycle 2 Day 1)");
        assert_eq!(visit(24.0, "DAY 2"), "Day 2");
    }

    #[test]
    fn a_trough_is_before_a_later_dose_or_at_the_end_of_an_interval() {
        let sample = |dose_time, nominal| ConcentrationSample {
            row: 1,
            subject: SubjectIndex(0),
            analyte: "A".to_owned(),
            label: None,
            specimen: None,
            visit: None,
            dose_time: Some(dose_time),
            nominal_time: Some(nominal),
            actual_time: None,
            result: SampleResult::Measured(1.0),
            unit: None,
            dose: None,
            dose_unit: None,
            copied: false,
        };
        assert_eq!(trough_time(&sample(0.0, 0.0), Some(24.0)), None);
        assert_eq!(trough_time(&sample(336.0, 0.0), None), Some((336 * 60, true)));
        assert_eq!(trough_time(&sample(336.0, -0.5), None), Some((336 * 60, true)));
        assert_eq!(trough_time(&sample(0.0, 24.0), Some(24.0)), Some((24 * 60, false)));
        assert_eq!(trough_time(&sample(0.0, 24.0), Some(168.0)), None);
    }
}
