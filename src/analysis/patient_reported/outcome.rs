//! Concepts by dosage: worst score against baseline, bother, means and mean changes.

use std::collections::BTreeMap;

use crate::analysis::grouping::{Group, Panel};
use crate::analysis::measure::{Proportion, Summary};
use crate::config::{Better, Settings};
use crate::derive::{Questionnaire, SubjectIndex};
use crate::numerics::distribution::t_quantile;
use crate::quantity::{Interval, IntervalMethod};

use super::concept::{Concept, Score};

/// The score from which an answer is severe, frequent or quite a bit.
pub const SEVERE: f64 = 3.0;
/// Scores are thirds and sixths of 100, which no binary number holds; a mean below this is 0.
const ROUNDING: f64 = 1e-10;
/// Answers of an ordered item: 0 to 4.
pub const ANSWERS: usize = 5;

/// A concept in one panel.
#[derive(Debug, Clone, PartialEq)]
pub struct ConceptColumns {
    /// One per column of the panel.
    pub columns: Vec<ConceptColumn>,
}

/// A concept in one column.
#[derive(Debug, Clone, PartialEq)]
pub struct ConceptColumn {
    /// Baseline scores.
    pub baseline: Summary,
    /// Subjects with a score of 1 or more at baseline, of those with a baseline.
    pub baseline_any: Proportion,
    /// Subjects with a score of 3 or more at baseline, of those with a baseline.
    pub baseline_severe: Proportion,
    /// Subjects whose worst score after baseline is worse than baseline, of those with both.
    pub worsened: Proportion,
    /// Subjects whose worst score after baseline is 3 or more and worse than baseline, of those with both.
    pub worsened_severe: Proportion,
    /// Subjects with a score of 3 or more after baseline, of those with a score after it.
    pub severe: Proportion,
    /// Visits, parallel to those of the instrument.
    pub visits: Vec<VisitColumn>,
}

/// A concept at one visit in one column.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitColumn {
    /// Subjects with each answer from 0 to 4.
    pub answers: [usize; ANSWERS],
    /// Scores.
    pub scores: Summary,
    /// Subjects with a score of 3 or more, of those with a score.
    pub severe: Proportion,
    /// Change from baseline.
    pub change: Summary,
    /// Interval of the mean change.
    pub interval: Option<Interval>,
    /// Subjects worse by at least the change that matters, of those with a change; `None` where that change or the direction is not known.
    pub meaningfully_worse: Option<Proportion>,
}

/// The scores of one subject.
#[derive(Default)]
struct Course<'a> {
    baseline: Option<&'a Score>,
    after: Vec<&'a Score>,
}

/// Summarises a concept in every column of a panel.
pub(super) fn summarise(concept: &Concept, questionnaire: &Questionnaire, panel: &Panel, settings: &Settings) -> ConceptColumns {
    let mut courses: BTreeMap<SubjectIndex, Course<'_>> = BTreeMap::new();
    for score in &concept.scores {
        let course = courses.entry(score.subject).or_default();
        if score.baseline {
            course.baseline = course.baseline.or(Some(score));
        } else if score.after {
            course.after.push(score);
        }
    }
    let visits = questionnaire.visits.len();
    ConceptColumns { columns: panel.groups.iter().map(|group| column(concept, &courses, group, (visits, settings))).collect() }
}

fn column(
    concept: &Concept,
    courses: &BTreeMap<SubjectIndex, Course<'_>>,
    group: &Group,
    (visits, settings): (usize, &Settings),
) -> ConceptColumn {
    let own: Vec<&Course<'_>> = group.subjects.iter().filter_map(|subject| courses.get(subject)).collect();
    let badness = |value: f64| badness(concept, value);
    let baselines: Vec<&Score> = own.iter().filter_map(|course| course.baseline).collect();
    let worst: Vec<(Option<&Score>, &Score)> =
        own.iter().filter_map(|course| Some((course.baseline, worst_of(course, concept)?))).collect();
    let pairs: Vec<(&Score, &Score)> = worst.iter().filter_map(|(baseline, worst)| Some(((*baseline)?, *worst))).collect();
    let share = |of: usize, counted: Vec<&Score>| share(of, &counted, settings);
    let after: Vec<&Score> = worst.iter().map(|(_, worst)| *worst).collect();
    let worsened: Vec<&Score> =
        pairs.iter().filter(|(baseline, worst)| badness(worst.value) > badness(baseline.value)).map(|(_, worst)| *worst).collect();
    ConceptColumn {
        baseline: summary(baselines.iter().map(|score| (score.value, score.rows.as_slice(), &[][..]))),
        baseline_any: share(baselines.len(), at_least(&baselines, 1.0)),
        baseline_severe: share(baselines.len(), at_least(&baselines, SEVERE)),
        worsened_severe: share(pairs.len(), at_least(&worsened, SEVERE)),
        worsened: share(pairs.len(), worsened),
        severe: share(after.len(), at_least(&after, SEVERE)),
        visits: (0..visits).map(|visit| at_visit(concept, &own, visit, settings)).collect(),
    }
}

/// A value that grows as the score gets worse.
fn badness(concept: &Concept, value: f64) -> f64 {
    if concept.better == Some(Better::Higher) { -value } else { value }
}

/// The worst score after baseline; of equal ones the first.
fn worst_of<'a>(course: &Course<'a>, concept: &Concept) -> Option<&'a Score> {
    let worse = |held: &'a Score, score: &'a Score| if badness(concept, score.value) > badness(concept, held.value) { score } else { held };
    course.after.iter().copied().reduce(worse)
}

fn at_least<'a>(scores: &[&'a Score], limit: f64) -> Vec<&'a Score> {
    scores.iter().copied().filter(|score| score.value >= limit).collect()
}

fn share(of: usize, counted: &[&Score], settings: &Settings) -> Proportion {
    let rows = counted.iter().flat_map(|score| score.rows.iter().copied()).collect();
    Proportion::new(counted.len(), of, rows, &settings.intervals)
}

/// A summary of values that rest on one or two sets of rows each.
fn summary<'a>(observations: impl Iterator<Item = (f64, &'a [u32], &'a [u32])>) -> Summary {
    let observations: Vec<(f64, &[u32], &[u32])> = observations.collect();
    let rows = observations.iter().flat_map(|(_, first, second)| first.iter().chain(*second)).copied().collect();
    let found = Summary::of(observations.iter().map(|(value, _, _)| (0, *value)));
    Summary { rows, mean: found.mean.map(|mean| if mean.abs() < ROUNDING { 0.0 } else { mean }), ..found }
}

fn at_visit(concept: &Concept, own: &[&Course<'_>], visit: usize, settings: &Settings) -> VisitColumn {
    let scores: Vec<&Score> = own.iter().filter_map(|course| score_at(course, visit)).collect();
    let mut answers = [0; ANSWERS];
    for (answer, slot) in answers.iter_mut().enumerate() {
        *slot = scores.iter().filter(|score| (score.value - answer as f64).abs() < 0.5).count();
    }
    let changes: Vec<(f64, &Score, &Score)> = own
        .iter()
        .filter_map(|course| {
            let (baseline, score) = (course.baseline?, course.after.iter().copied().find(|score| score.visit == visit)?);
            Some((score.value - baseline.value, score, baseline))
        })
        .collect();
    let change = summary(changes.iter().map(|(change, score, baseline)| (*change, score.rows.as_slice(), baseline.rows.as_slice())));
    let meaningful = concept.meaningful_change.filter(|_| concept.better.is_some()).map(|least| {
        let worse =
            changes.iter().filter(|(change, _, _)| badness(concept, *change) >= least).map(|(_, score, _)| *score).collect::<Vec<_>>();
        share(changes.len(), &worse, settings)
    });
    VisitColumn {
        answers,
        severe: share(scores.len(), &at_least(&scores, SEVERE), settings),
        scores: summary(scores.iter().map(|score| (score.value, score.rows.as_slice(), &[][..]))),
        interval: mean_interval(&change, settings.intervals.level),
        change,
        meaningfully_worse: meaningful,
    }
}

fn score_at<'a>(course: &Course<'a>, visit: usize) -> Option<&'a Score> {
    course.baseline.into_iter().chain(course.after.iter().copied()).find(|score| score.visit == visit)
}

/// Limits of a mean.
///
/// ```text
/// mean -/+ t(1 - (1 - level) / 2; n - 1) s / sqrt(n)
/// ```
///
/// `s`: standard deviation (divisor n - 1); `t`: quantile of the t distribution. `None` below two observations.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "numbers of subjects are far below 2^52")]
pub fn mean_interval(summary: &Summary, level: f64) -> Option<Interval> {
    let (mean, sd, n) = (summary.mean?, summary.sd?, summary.n as f64);
    let half = t_quantile(f64::midpoint(1.0, level), n - 1.0).ok()? * sd / n.sqrt();
    Some(Interval { lower: Some(mean - half), upper: Some(mean + half), level, method: IntervalMethod::StudentT })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::patient_reported::concept::ConceptKind;

    fn score(visit: usize, value: f64) -> Score {
        Score { subject: SubjectIndex(0), visit, baseline: visit == 0, after: visit > 0, value, rows: vec![visit as u32 + 1] }
    }

    fn concept(better: Better) -> Concept {
        Concept {
            code: "x".into(),
            label: "x".into(),
            kind: ConceptKind::Score,
            better: Some(better),
            meaningful_change: None,
            scores: Vec::new(),
        }
    }

    #[test]
    fn the_worst_score_is_the_lowest_where_more_is_better() {
        let scores = [score(1, 2.0), score(2, 4.0), score(3, 1.0)];
        let course = Course { baseline: None, after: scores.iter().collect() };
        assert_eq!(worst_of(&course, &concept(Better::Lower)).map(|score| score.visit), Some(2));
        assert_eq!(worst_of(&course, &concept(Better::Higher)).map(|score| score.visit), Some(3));
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_the_t_distribution() {
        let summary = Summary::of([(1, 1.0), (2, 2.0), (3, 3.0)]);
        let interval = mean_interval(&summary, 0.95).expect("three observations");
        // t(0.975; 2) = 4.30265272991, s = 1
        assert!((interval.upper.unwrap() - (2.0 + 4.302_652_729_91 / 3f64.sqrt())).abs() < 1e-9);
        assert_eq!(mean_interval(&Summary::of([(1, 1.0)]), 0.95), None);
    }
}
