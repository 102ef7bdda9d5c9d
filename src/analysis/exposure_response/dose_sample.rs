//! The data of a dose-response analysis: who had which dose and which outcome, and one estimate per dose.

use super::continuous_result::mean_interval;
use super::dose_refusal::DoseRefusal;
use super::dose_response::{DoseEstimates, DoseObservations, DoseResponseData, DoseResponseError};
use super::endpoint::{EndpointSource, Outcome, outcomes};
use crate::analysis::grouping::{Group, Panel, Population, panels};
use crate::analysis::measure::Proportion;
use crate::config::{DoseResponse, EndpointKind, Settings};
use crate::derive::{AnalysisData, SubjectIndex};
use crate::numerics::matrix::Matrix;
use crate::quantity::{DoseUnit, Interval, Rows};

/// Subjects with a dose and an outcome.
#[derive(Debug, Clone)]
pub struct DoseSample {
    /// The outcome.
    pub endpoint: EndpointSource,
    /// Whether the outcome happened or did not; otherwise it is a number.
    pub binary: bool,
    /// Set and grouping; the groups hold the subjects of the sample only, from the lowest dose to the highest.
    pub panel: Panel,
    /// Unit of the doses.
    pub unit: String,
    /// One per group.
    pub levels: Vec<DoseLevel>,
    /// Subjects of the dosages without a record, counted as without the event.
    pub assumed_without: usize,
    /// Subjects of the dosages left out because they have no outcome.
    pub no_outcome: usize,
    /// Study parts of the subjects, in the order of the project file.
    pub parts: Vec<String>,
    /// Whether all subjects were assigned to their doses at random against each other.
    pub randomised: bool,
    /// Schedules of the dosages where they differ.
    pub schedules: Vec<String>,
    /// Names of the dosages at which everybody or nobody had the event.
    pub all_or_none: Vec<String>,
}

/// A dose with what was observed at it.
#[derive(Debug, Clone)]
pub struct DoseLevel {
    /// The dose; 0 for a control.
    pub dose: f64,
    /// Outcomes of the subjects: 1 and 0 for an event, or the number.
    pub values: Vec<f64>,
    /// Rows of the outcome.
    pub rows: Rows,
    /// Observed proportion of an outcome that happened or did not.
    pub proportion: Option<Proportion>,
    /// Observed mean of a number with its interval.
    pub mean: Option<(f64, Option<Interval>)>,
    /// Estimate that the models are fitted to: a logit, or a mean.
    pub estimate: f64,
    /// Its standard error.
    pub standard_error: Option<f64>,
}

impl DoseSample {
    /// The doses, ascending.
    #[must_use]
    pub fn doses(&self) -> Vec<f64> {
        self.levels.iter().map(|level| level.dose).collect()
    }

    /// Subjects.
    #[must_use]
    pub fn n(&self) -> usize {
        self.levels.iter().map(|level| level.values.len()).sum()
    }

    /// What curves are fitted to, with these values in place of the observed ones.
    pub(super) fn data_with(&self, values: &[Vec<f64>]) -> Result<DoseResponseData, DoseResponseError> {
        if self.binary {
            let (estimates, variances) = logits(values);
            let covariance = Matrix::diagonal(&variances);
            return DoseResponseData::from_estimates(&DoseEstimates { doses: self.doses(), estimates, covariance });
        }
        let doses = self.levels.iter().zip(values).flat_map(|(level, values)| vec![level.dose; values.len()]).collect();
        let responses = values.iter().flatten().copied().collect();
        DoseResponseData::from_observations(&DoseObservations { doses, responses, covariates: Vec::new() })
    }

    /// The observed values by dose.
    pub(super) fn values(&self) -> Vec<Vec<f64>> {
        self.levels.iter().map(|level| level.values.clone()).collect()
    }
}

/// Logit and its variance at each dose.
///
/// ```text
/// logit = log((x + c) / (n - x + c)),   variance = 1 / (x + c) + 1 / (n - x + c)
/// ```
///
/// `c = 0`, and `1/2` at every dose where everybody or nobody had the event at some dose: the estimate of Firth's penalty in the model with a
/// probability of its own for every dose `[Firth1993]`.
fn logits(values: &[Vec<f64>]) -> (Vec<f64>, Vec<f64>) {
    let counts: Vec<(f64, f64)> = values.iter().map(|values| (values.iter().sum::<f64>(), values.len() as f64)).collect();
    let correction = if counts.iter().any(|(x, n)| *x <= 0.0 || x >= n) { 0.5 } else { 0.0 };
    counts.into_iter().map(|(x, n)| (x + correction, n - x + correction)).map(|(x, y)| ((x / y).ln(), 1.0 / x + 1.0 / y)).unzip()
}

/// Puts the data of one analysis together.
///
/// Responses and tumour sizes are those of the response-evaluable set, every other outcome that of the safety set, by the treatment that the project
/// groups them by. A subject of the set without a record of a response had none.
pub(super) fn assemble_doses(asked: &DoseResponse, data: &AnalysisData, settings: &Settings) -> Result<DoseSample, DoseRefusal> {
    if matches!(asked.endpoint.kind, EndpointKind::Ordinal | EndpointKind::TimeToEvent) {
        return Err(DoseRefusal::Kind);
    }
    let binary = asked.endpoint.kind == EndpointKind::Binary;
    let found = outcomes(&asked.endpoint, data)?;
    let (population, by) = match asked.endpoint.dataset.as_str() {
        "adrs" | "adtr" | "adbm" => (Population::ResponseEvaluable, settings.grouping.efficacy),
        _ => (Population::Safety, settings.grouping.safety),
    };
    let absent = if binary { found.absent.or(Some(Outcome::Binary(false))) } else { None };
    let whole = panels(data, settings, population, by.into()).into_iter().next().ok_or(DoseRefusal::NoSubjects)?;
    let mut chosen: Vec<(f64, &Group)> = Vec::new();
    let unit = unit_of(&whole, asked, settings)?;
    for group in whole.groups.iter().filter(|group| group.dosage.is_some() && (asked.control || !group.comparator)) {
        chosen.push((dose_of(group, unit, settings)?, group));
    }
    chosen.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut no_outcome, mut assumed_without) = (0, 0);
    let (mut groups, mut levels, mut everybody): (Vec<Group>, Vec<DoseLevel>, Vec<SubjectIndex>) = (Vec::new(), Vec::new(), Vec::new());
    for (dose, group) in chosen {
        let (mut kept, mut values, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for subject in group.subjects.iter().filter(|subject| in_parts(**subject, &asked.parts, data, settings)) {
            let held = found.by_subject.get(subject).cloned();
            assumed_without += usize::from(held.is_none() && found.absent.is_none() && binary);
            let Some((outcome, of)) = held.or_else(|| Some((absent?, Vec::new()))) else {
                no_outcome += 1;
                continue;
            };
            kept.push(*subject);
            values.push(outcome.value().unwrap_or(f64::from(u8::from(outcome.event()))));
            rows.extend(of);
        }
        if kept.is_empty() {
            continue;
        }
        everybody.extend(&kept);
        groups.push(narrowed(group, kept, asked, data));
        levels.push(level(dose, values, rows.into_iter().collect(), binary, settings));
    }
    if let Some(pair) = levels.windows(2).zip(groups.windows(2)).find(|(pair, _)| pair[0].dose >= pair[1].dose) {
        let [first, second] = pair.1 else { return Err(DoseRefusal::NoSubjects) };
        return Err(DoseRefusal::SameDose { first: first.label.clone(), second: second.label.clone() });
    }
    if levels.len() < 3 {
        return Err(DoseRefusal::FewDoses { found: levels.len() });
    }
    estimate(&mut levels, binary);
    let (parts, randomised) = parts_of(&everybody, data, settings);
    let extreme = |level: &&DoseLevel| level.values.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 0.5);
    let all_or_none =
        groups.iter().zip(&levels).filter(|(_, level)| binary && extreme(level)).map(|(group, _)| group.label.clone()).collect();
    Ok(DoseSample {
        endpoint: found.source,
        binary,
        schedules: schedules(&groups, settings),
        panel: Panel { groups, ..whole },
        unit: unit.label().to_owned(),
        levels,
        assumed_without,
        no_outcome,
        parts,
        randomised,
        all_or_none,
    })
}

/// The unit of the lowest dosage of the drug.
fn unit_of(panel: &Panel, asked: &DoseResponse, settings: &Settings) -> Result<DoseUnit, DoseRefusal> {
    let drug = panel.groups.iter().filter(|group| !group.comparator);
    let dose = drug.filter_map(|group| settings.dosages.get(group.dosage?.0)?.dose).next();
    dose.map(|dose| dose.unit()).ok_or_else(|| DoseRefusal::NoDose { dosage: asked.id.clone() })
}

fn dose_of(group: &Group, unit: DoseUnit, settings: &Settings) -> Result<f64, DoseRefusal> {
    if group.comparator {
        return Ok(0.0);
    }
    let dose = group.dosage.and_then(|dosage| settings.dosages.get(dosage.0)?.dose);
    dose.and_then(|dose| dose.amount_in(unit)).ok_or_else(|| DoseRefusal::NoDose { dosage: group.label.clone() })
}

fn in_parts(subject: SubjectIndex, parts: &[String], data: &AnalysisData, settings: &Settings) -> bool {
    let part = data.subjects.get(subject.0).and_then(|subject| subject.part).and_then(|part| settings.parts.get(part.0));
    parts.is_empty() || part.is_some_and(|part| parts.contains(&part.id))
}

fn narrowed(group: &Group, subjects: Vec<SubjectIndex>, asked: &DoseResponse, data: &AnalysisData) -> Group {
    let rows: Rows = subjects.iter().filter_map(|subject| data.subjects.get(subject.0)).map(|subject| subject.row).collect();
    let parts = if asked.parts.is_empty() { String::new() } else { format!(" and study part {}", asked.parts.join(" or ")) };
    Group { subjects, rows, filter: format!("{}{parts}", group.filter), ..group.clone() }
}

fn level(dose: f64, values: Vec<f64>, rows: Rows, binary: bool, settings: &Settings) -> DoseLevel {
    let events = values.iter().filter(|value| **value > 0.5).count();
    let proportion = binary.then(|| Proportion::new(events, values.len(), rows.clone(), &settings.intervals));
    let mean = if binary { None } else { mean_interval(&values, settings.intervals.level) };
    DoseLevel { dose, values, rows, proportion, mean, estimate: f64::NAN, standard_error: None }
}

/// Fills in the estimates that models are fitted to.
fn estimate(levels: &mut [DoseLevel], binary: bool) {
    let values: Vec<Vec<f64>> = levels.iter().map(|level| level.values.clone()).collect();
    if binary {
        let (estimates, variances) = logits(&values);
        for ((level, estimate), variance) in levels.iter_mut().zip(estimates).zip(variances) {
            (level.estimate, level.standard_error) = (estimate, Some(variance.sqrt()));
        }
        return;
    }
    let means: Vec<f64> = values.iter().map(|values| values.iter().sum::<f64>() / values.len() as f64).collect();
    let squares: f64 = values.iter().zip(&means).flat_map(|(values, mean)| values.iter().map(move |value| (value - mean).powi(2))).sum();
    let df = values.iter().map(Vec::len).sum::<usize>().saturating_sub(levels.len());
    for (level, mean) in levels.iter_mut().zip(means) {
        level.estimate = mean;
        level.standard_error = (df > 0).then(|| (squares / df as f64 / level.values.len() as f64).sqrt());
    }
}

/// Labels of the parts that the subjects belong to, and whether they were all randomised against each other.
fn parts_of(subjects: &[SubjectIndex], data: &AnalysisData, settings: &Settings) -> (Vec<String>, bool) {
    let mut places: Vec<Option<usize>> =
        subjects.iter().filter_map(|subject| data.subjects.get(subject.0)).map(|subject| subject.part.map(|part| part.0)).collect();
    places.sort_unstable();
    places.dedup();
    let labels = places.iter().flatten().filter_map(|place| settings.parts.get(*place)).map(|part| part.label.clone()).collect();
    let randomised = matches!(places[..], [Some(place)] if settings.parts.get(place).is_some_and(|part| part.randomised));
    (labels, randomised)
}

/// The distinct schedules, where there are several.
fn schedules(groups: &[Group], settings: &Settings) -> Vec<String> {
    let of = |group: &Group| settings.dosages.get(group.dosage?.0).filter(|dosage| !dosage.comparator)?.schedule.clone();
    let mut distinct: Vec<String> = groups.iter().filter_map(of).collect();
    distinct.sort();
    distinct.dedup();
    if distinct.len() > 1 { distinct } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_all_or_none_dose_adds_one_half_everywhere() {
        let (estimates, variances) = logits(&[vec![1.0, 0.0, 0.0, 0.0], vec![1.0, 1.0, 0.0, 0.0]]);
        assert!((estimates[0] - (1.0f64 / 3.0).ln()).abs() < 1e-14 && estimates[1].abs() < 1e-14);
        assert!((variances[0] - (1.0 + 1.0 / 3.0)).abs() < 1e-14);
        let (estimates, variances) = logits(&[vec![0.0; 3], vec![1.0, 1.0, 0.0, 0.0]]);
        assert!((estimates[0] - (0.5f64 / 3.5).ln()).abs() < 1e-14 && estimates[1].abs() < 1e-14);
        assert!((variances[1] - 0.8).abs() < 1e-14);
    }

    #[test]
    fn estimates_of_means_share_one_variance() {
        let of = |dose, values: &[f64]| DoseLevel {
            dose,
            values: values.to_vec(),
            rows: Rows::default(),
            proportion: None,
            mean: None,
            estimate: f64::NAN,
            standard_error: None,
        };
        let mut levels = vec![of(1.0, &[1.0, 3.0]), of(2.0, &[2.0, 6.0]), of(4.0, &[5.0])];
        estimate(&mut levels, false);
        // Sums of squares 2 and 8 over two degrees of freedom: variance 5.
        assert!((levels[0].standard_error.unwrap() - 2.5f64.sqrt()).abs() < 1e-14 && (levels[2].estimate - 5.0).abs() < 1e-14);
        assert!((levels[2].standard_error.unwrap() - 5f64.sqrt()).abs() < 1e-14);
    }
}
