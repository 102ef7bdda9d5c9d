//! Subjects at the lowest and at the highest exposure against matched controls given the comparator.

use std::collections::BTreeMap;

use super::assembly::Sample;
use super::model_matrix::Covariate;
use super::refusal::Refusal;
use super::time_groups::{group_count, membership};
use super::time_outcomes::{TimeRecord, Times};
use super::time_to_event::{TimeToEventData, fit_columns};
use crate::analysis::grouping::{Assignment, Population, panels};
use crate::analysis::measure::Survival;
use crate::config::{ExposureResponse, Settings};
use crate::derive::{AnalysisData, BaselineValue, PartIndex, SubjectIndex};
use crate::numerics::cholesky::Cholesky;
use crate::numerics::cox::Ties;
use crate::numerics::cumulative_incidence::Outcome as Ending;
use crate::numerics::standardised_difference;
use crate::quantity::Rows;

/// Matched pairs below which nothing is compared.
pub const FEWEST_PAIRS: usize = 5;

/// Cases at both ends of exposure with their controls.
#[derive(Debug, Clone)]
pub struct MatchedResult {
    /// Label of the comparator.
    pub comparator: String,
    /// Study parts in which the comparator was given; empty where the data have no parts.
    pub parts: Vec<String>,
    /// Columns that were matched on.
    pub covariates: Vec<String>,
    /// Controls to choose from.
    pub controls: usize,
    /// Into how many groups the exposures of these parts were cut.
    pub groups: usize,
    /// The lowest and the highest group.
    pub ends: Vec<MatchedEnd>,
}

/// One end of exposure.
#[derive(Debug, Clone)]
pub struct MatchedEnd {
    /// Position of the group from one.
    pub position: usize,
    /// Smallest exposure.
    pub minimum: f64,
    /// Largest exposure.
    pub maximum: f64,
    /// Subjects of the group, matched or not.
    pub candidates: usize,
    /// Pairs.
    pub pairs: usize,
    /// Curve of the cases.
    pub cases: Survival,
    /// Curve of the controls.
    pub controls: Survival,
    /// Hazard ratio, cases to controls.
    pub ratio: Option<f64>,
    /// Limits of it.
    pub limits: Option<(f64, f64)>,
    /// Wald p value.
    pub p_value: Option<f64>,
    /// Largest absolute standardised difference of a matched column between cases and controls.
    pub imbalance: Option<f64>,
    /// Rows of the exposures of the cases.
    pub exposure_rows: Rows,
    /// Rows of the outcomes of cases and controls.
    pub outcome_rows: Rows,
}

/// Why nothing was matched, a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotMatched {
    /// No comparator in the data.
    #[error("No comparator was given to a subject with the outcome, so that there are no controls.")]
    NoComparator,
    /// Nothing to match on.
    #[error("The analysis names no covariate that the data hold, so that controls cannot be matched.")]
    NoCovariates,
    /// Covariates that do not vary or determine each other.
    #[error("The covariates do not vary or determine each other, so that no distance between subjects can be computed.")]
    NoDistance,
    /// Too few subjects.
    #[error("Fewer than {FEWEST_PAIRS} pairs of subjects could be matched.")]
    FewPairs,
}

/// A subject with what it is matched on.
struct Candidate<'a> {
    values: Vec<f64>,
    record: &'a TimeRecord,
    exposure_row: Option<u32>,
}

/// Matches one control to each subject of the lowest and of the highest group of exposure.
///
/// Cases and controls are of the study parts in which the comparator was given, and exposures are cut into groups among the cases of these parts.
///
/// ```text
/// d^2(i, j) = (z_i - z_j)' S^-1 (z_i - z_j)
/// ```
///
/// z: covariates, levels after the first as zero or one; S: covariance among all cases and controls. Pairs are taken in ascending order of distance,
/// each subject once, ties in the order of the data; there is no largest distance. Columns that do not vary are left out.
///
/// # Errors
/// As for the models.
///
/// Source: `[Rubin1980]`.
pub(super) fn match_controls(
    asked: &ExposureResponse,
    (sample, times): (&Sample, &Times),
    data: &AnalysisData,
    settings: &Settings,
    ties: Ties,
) -> Result<Result<MatchedResult, NotMatched>, Refusal> {
    let by: Assignment = settings.grouping.pk.into();
    let whole = panels(data, settings, Population::Safety, by).into_iter().next();
    let comparator = whole.iter().flat_map(|panel| &panel.groups).find(|group| {
        group.dosage.is_some() && group.comparator && group.subjects.iter().any(|subject| times.by_subject.contains_key(subject))
    });
    let Some(comparator) = comparator else { return Ok(Err(NotMatched::NoComparator)) };
    let part_of = |subject: SubjectIndex| data.subjects.get(subject.0).and_then(|subject| subject.part);
    let wanted = |part: Option<PartIndex>| {
        asked.parts.is_empty() || part.and_then(|part| settings.parts.get(part.0)).is_some_and(|part| asked.parts.contains(&part.id))
    };
    let mut parts: Vec<Option<PartIndex>> =
        comparator.subjects.iter().map(|subject| part_of(*subject)).filter(|part| wanted(*part)).collect();
    parts.sort_unstable();
    parts.dedup();
    let encoding = Encoding::of(&asked.covariates, data);
    if encoding.columns.is_empty() {
        return Ok(Err(NotMatched::NoCovariates));
    }
    let candidate = |subject: SubjectIndex, exposure_row: Option<u32>| {
        let record = times.by_subject.get(&subject)?;
        Some(Candidate { values: encoding.values(subject, data)?, record, exposure_row })
    };
    let in_parts = |subject: SubjectIndex| parts.contains(&part_of(subject));
    let of_parts: Vec<_> = sample.subjects.iter().filter(|subject| in_parts(subject.subject)).collect();
    let exposures: Vec<f64> = of_parts.iter().map(|subject| subject.exposure).collect();
    let controls: Vec<Candidate<'_>> =
        comparator.subjects.iter().filter(|subject| in_parts(**subject)).filter_map(|subject| candidate(*subject, None)).collect();
    let cases: Vec<Option<Candidate<'_>>> = of_parts.iter().map(|subject| candidate(subject.subject, Some(subject.exposure_row))).collect();
    let Some(metric) = Metric::of(cases.iter().flatten().chain(&controls)) else { return Ok(Err(NotMatched::NoDistance)) };
    let groups = group_count(exposures.len());
    let member = membership(&exposures, groups);
    let mut ends = Vec::new();
    for place in [0, groups - 1] {
        let of_group: Vec<usize> = (0..member.len()).filter(|row| member[*row] == place).collect();
        let chosen: Vec<&Candidate<'_>> = of_group.iter().filter_map(|row| cases.get(*row)?.as_ref()).collect();
        let pairs = metric.pair(&chosen, &controls);
        if pairs.len() < FEWEST_PAIRS {
            continue;
        }
        let values = || of_group.iter().filter_map(|row| exposures.get(*row)).copied();
        let range = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        ends.extend(compare((place + 1, of_group.len()), range, &pairs, settings, ties)?);
    }
    if ends.is_empty() {
        return Ok(Err(NotMatched::FewPairs));
    }
    let labels = parts.iter().flatten().filter_map(|part| settings.parts.get(part.0)).map(|part| part.label.clone());
    Ok(Ok(MatchedResult {
        comparator: comparator.label.clone(),
        parts: labels.collect(),
        covariates: encoding.names,
        controls: controls.len(),
        groups,
        ends,
    }))
}

type Pair<'a> = (&'a Candidate<'a>, &'a Candidate<'a>);

fn compare(
    (position, candidates): (usize, usize),
    (minimum, maximum): (f64, f64),
    pairs: &[Pair<'_>],
    settings: &Settings,
    ties: Ties,
) -> Result<Option<MatchedEnd>, Refusal> {
    let cases: Vec<&Candidate<'_>> = pairs.iter().map(|pair| pair.0).collect();
    let controls: Vec<&Candidate<'_>> = pairs.iter().map(|pair| pair.1).collect();
    let survival = |of: &[&Candidate<'_>]| {
        let observed =
            of.iter().map(|one| (one.record.rows.first().copied().unwrap_or(0), one.record.days, one.record.ending == Ending::Event));
        Survival::of(observed, &settings.intervals)
    };
    let Some((case_curve, control_curve)) = survival(&cases).zip(survival(&controls)) else { return Ok(None) };
    let both = || cases.iter().chain(&controls);
    let ends: Vec<f64> = both().map(|one| one.record.days).collect();
    let events: Vec<bool> = both().map(|one| one.record.ending == Ending::Event).collect();
    let arm: Vec<f64> = cases.iter().map(|_| 1.0).chain(controls.iter().map(|_| 0.0)).collect();
    let data = TimeToEventData { ends: &ends, events: &events, exposures: &arm, ties, ..TimeToEventData::default() };
    let model = fit_columns(&data, &[Covariate::numeric("case", &arm)], settings.intervals.level, &mut Vec::new())?;
    let row = model.as_ref().and_then(|model| model.rows.first());
    Ok(Some(MatchedEnd {
        position,
        minimum,
        maximum,
        candidates,
        pairs: pairs.len(),
        cases: case_curve,
        controls: control_curve,
        ratio: row.and_then(|row| row.estimate).map(f64::exp),
        limits: row.and_then(|row| row.limits).map(|(lower, upper)| (lower.exp(), upper.exp())),
        p_value: row.and_then(|row| row.wald).map(|wald| wald.p_value),
        imbalance: imbalance(&cases, &controls),
        exposure_rows: cases.iter().filter_map(|one| one.exposure_row).collect(),
        outcome_rows: both().flat_map(|one| one.record.rows.iter().copied()).collect(),
    }))
}

fn imbalance(cases: &[&Candidate<'_>], controls: &[&Candidate<'_>]) -> Option<f64> {
    let columns = cases.first()?.values.len();
    let column = |of: &[&Candidate<'_>], place: usize| of.iter().filter_map(|one| one.values.get(place)).copied().collect::<Vec<f64>>();
    let differences = (0..columns).filter_map(|place| standardised_difference::continuous(&column(cases, place), &column(controls, place)));
    differences.map(f64::abs).max_by(f64::total_cmp)
}

/// How covariates become numbers.
struct Encoding {
    names: Vec<String>,
    /// Position of the variable, and of the level that the column is one for.
    columns: Vec<(usize, Option<usize>)>,
}

impl Encoding {
    fn of(names: &[String], data: &AnalysisData) -> Self {
        let mut out = Self { names: Vec::new(), columns: Vec::new() };
        for name in names {
            let Some(place) = data.baseline_variables.iter().position(|variable| variable.column.eq_ignore_ascii_case(name)) else {
                continue;
            };
            let variable = &data.baseline_variables[place];
            out.names.push(variable.column.clone());
            match &variable.levels {
                None => out.columns.push((place, None)),
                Some(levels) => out.columns.extend((1..levels.len()).map(|level| (place, Some(level)))),
            }
        }
        out
    }

    /// The numbers of a subject; `None` where one is missing.
    fn values(&self, subject: SubjectIndex, data: &AnalysisData) -> Option<Vec<f64>> {
        let baseline = &data.subjects.get(subject.0)?.baseline;
        let value = |(place, level): &(usize, Option<usize>)| match (baseline.get(*place)?, level) {
            (BaselineValue::Number(number), None) if number.is_finite() => Some(*number),
            (BaselineValue::Level(found), Some(level)) => Some(f64::from(u8::from(found == level))),
            _ => None,
        };
        self.columns.iter().map(value).collect()
    }
}

/// The distance between subjects.
struct Metric {
    /// Columns that vary.
    kept: Vec<usize>,
    factor: Cholesky,
}

impl Metric {
    fn of<'a>(all: impl Iterator<Item = &'a Candidate<'a>>) -> Option<Self> {
        let rows: Vec<&[f64]> = all.map(|candidate| candidate.values.as_slice()).collect();
        let n = rows.len() as f64;
        let mean = |column: usize| rows.iter().map(|row| row[column]).sum::<f64>() / n;
        let varies = |column: &usize| rows.iter().any(|row| (row[*column] - rows[0][*column]).abs() > 0.0);
        let kept: Vec<usize> = (0..rows.first()?.len()).filter(varies).collect();
        let means: Vec<f64> = kept.iter().map(|column| mean(*column)).collect();
        let order = kept.len();
        let mut covariance = vec![0.0; order * order];
        for row in &rows {
            for i in 0..order {
                for j in 0..order {
                    covariance[i * order + j] += (row[kept[i]] - means[i]) * (row[kept[j]] - means[j]) / (n - 1.0);
                }
            }
        }
        if order == 0 {
            return None;
        }
        Some(Self { kept, factor: Cholesky::factor(&covariance, order)? })
    }

    fn distance(&self, a: &Candidate<'_>, b: &Candidate<'_>) -> f64 {
        let difference: Vec<f64> = self.kept.iter().map(|column| a.values[*column] - b.values[*column]).collect();
        self.factor.inverse_form(&difference)
    }

    /// Pairs in ascending order of distance, each subject once.
    fn pair<'a>(&self, cases: &[&'a Candidate<'a>], controls: &'a [Candidate<'a>]) -> Vec<Pair<'a>> {
        let mut distances: Vec<(f64, usize, usize)> = Vec::new();
        for (i, case) in cases.iter().enumerate() {
            distances.extend(controls.iter().enumerate().map(|(j, control)| (self.distance(case, control), i, j)));
        }
        distances.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
        let mut used = vec![false; controls.len()];
        for (_, i, j) in distances {
            if !taken.contains_key(&i) && !used[j] {
                taken.insert(i, j);
                used[j] = true;
            }
        }
        taken.into_iter().map(|(i, j)| (cases[i], &controls[j])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> TimeRecord {
        TimeRecord { days: 10.0, ending: Ending::Event, rows: vec![1], origin: None, recurrences: Vec::new(), observed: 10.0 }
    }

    #[test]
    fn the_nearest_pairs_are_taken_first_and_nobody_twice() {
        let record = record();
        let candidate = |values: [f64; 2]| Candidate { values: values.to_vec(), record: &record, exposure_row: None };
        let cases = [candidate([60.0, 0.0]), candidate([70.0, 0.0]), candidate([61.0, 1.0])];
        let controls = [candidate([62.0, 0.0]), candidate([90.0, 0.0]), candidate([61.0, 1.0]), candidate([69.0, 0.0])];
        let metric = Metric::of(cases.iter().chain(&controls)).unwrap();
        let chosen: Vec<&Candidate<'_>> = cases.iter().collect();
        let pairs = metric.pair(&chosen, &controls);
        let told: Vec<(f64, f64)> = pairs.iter().map(|(case, control)| (case.values[0], control.values[0])).collect();
        assert_eq!(told, [(60.0, 62.0), (70.0, 69.0), (61.0, 61.0)]);
        assert!(imbalance(&chosen, &pairs.iter().map(|pair| pair.1).collect::<Vec<_>>()).unwrap() < 0.2);
    }

    #[test]
    fn the_distance_is_in_units_of_spread_and_needs_variation() {
        let record = record();
        let candidate = |value: f64| Candidate { values: vec![value, 3.0], record: &record, exposure_row: None };
        let all = [candidate(1.0), candidate(3.0)];
        // Variance 2, so that the squared distance is 4/2.
        assert!((Metric::of(all.iter()).unwrap().distance(&all[0], &all[1]) - 2.0).abs() < 1e-12);
        assert!(Metric::of([candidate(1.0), candidate(1.0)].iter()).is_none());
    }
}
