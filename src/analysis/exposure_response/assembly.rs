//! The data of an exposure-response analysis: who is in it, with which exposure, outcome and covariates, and who is left out.

use super::caution::Caution;
use super::endpoint::{EndpointSource, Outcome, Outcomes, outcomes};
use super::exposure_source::{ExposureSource, Exposures, exposures};
use super::late_exposure;
use super::model_matrix::{Covariate, CovariateValues};
use super::refusal::Refusal;
use crate::analysis::grouping::{Assignment, Group, Panel, Population, panels};
use crate::analysis::measure::Proportion;
use crate::analysis::pk::SubjectExposures;
use crate::config::{ExposureResponse, Settings};
use crate::derive::{AnalysisData, BaselineValue, SubjectIndex};
use crate::quantity::Rows;

/// Exposure, outcome and covariates of the subjects who have an exposure and an outcome.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The exposure metric; its values are those of all subjects.
    pub metric: SubjectExposures,
    /// Where the exposure comes from, how and when it was computed.
    pub source: ExposureSource,
    /// Cautions that the exposure itself carries.
    pub cautions: Vec<Caution>,
    /// The outcome.
    pub endpoint: EndpointSource,
    /// Set and grouping; the groups hold the subjects of the sample only, from the lowest dosage to the highest.
    pub panel: Panel,
    /// Dose of each group; empty where a dosage has none or they differ in unit.
    pub doses: Vec<f64>,
    /// The subjects, group by group.
    pub subjects: Vec<SampleSubject>,
    /// Covariates, parallel to the subjects.
    pub covariates: Vec<Covariate>,
    /// Covariates that the project file names and ADSL does not give.
    pub absent_covariates: Vec<String>,
    /// Who is not in the sample.
    pub left_out: LeftOut,
}

/// A subject of the sample.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleSubject {
    /// The subject.
    pub subject: SubjectIndex,
    /// Position of the group.
    pub group: usize,
    /// Exposure.
    pub exposure: f64,
    /// Its row in the dataset or table of the exposure.
    pub exposure_row: u32,
    /// Outcome.
    pub outcome: Outcome,
    /// Rows of the outcome's records.
    pub rows: Vec<u32>,
}

/// Subjects of the analysis set who are not in the sample, by the first reason that applies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Given a comparator: no exposure to the drug.
    pub comparator: usize,
    /// Without an exposure.
    pub no_exposure: usize,
    /// With an exposure and without an outcome.
    pub no_outcome: usize,
    /// In the sample, and left out of adjusted models for a missing covariate.
    pub no_covariate: usize,
}

impl Sample {
    /// Exposures, parallel to the subjects.
    #[must_use]
    pub fn exposures(&self) -> Vec<f64> {
        self.subjects.iter().map(|subject| subject.exposure).collect()
    }

    /// Whether the event happened, parallel to the subjects.
    #[must_use]
    pub fn events_by_subject(&self) -> Vec<bool> {
        self.subjects.iter().map(|subject| subject.outcome.event()).collect()
    }

    /// Doses, parallel to the subjects; empty where they are not known.
    #[must_use]
    pub fn doses_by_subject(&self) -> Vec<f64> {
        let known: Option<Vec<f64>> = self.subjects.iter().map(|subject| self.doses.get(subject.group).copied()).collect();
        known.unwrap_or_default()
    }

    /// Exposures of one group, ascending.
    #[must_use]
    pub fn exposures_of(&self, group: usize) -> Vec<f64> {
        let mut values: Vec<f64> = self.of(group).map(|subject| subject.exposure).collect();
        values.sort_by(f64::total_cmp);
        values
    }

    /// The subjects of one group.
    pub fn of(&self, group: usize) -> impl Iterator<Item = &SampleSubject> {
        self.subjects.iter().filter(move |subject| subject.group == group)
    }

    /// Subjects of one group with the event.
    #[must_use]
    pub fn observed(&self, group: usize, settings: &Settings) -> Proportion {
        let with_event: Vec<&SampleSubject> = self.of(group).filter(|subject| subject.outcome.event()).collect();
        let (count, rows) = (with_event.len(), self.outcome_rows(with_event));
        Proportion::new(count, self.of(group).count(), rows, &settings.intervals)
    }

    /// Rows of the exposures of some subjects.
    pub fn exposure_rows<'a>(&self, of: impl IntoIterator<Item = &'a SampleSubject>) -> Rows {
        of.into_iter().map(|subject| subject.exposure_row).collect()
    }

    /// Rows of the outcomes of some subjects.
    pub fn outcome_rows<'a>(&self, of: impl IntoIterator<Item = &'a SampleSubject>) -> Rows {
        of.into_iter().flat_map(|subject| subject.rows.iter().copied()).collect()
    }

    /// Subjects with the event.
    #[must_use]
    pub fn events(&self) -> usize {
        self.subjects.iter().filter(|subject| subject.outcome.event()).count()
    }
}

/// Puts the data of one analysis together.
///
/// The analysis set is the safety set, because exposure begins with the first dose; dosages are those received. Subjects under a comparator have no
/// exposure to the drug and stand apart.
pub(super) fn assemble(asked: &ExposureResponse, data: &AnalysisData, settings: &Settings) -> Result<Sample, Refusal> {
    assemble_outcomes(asked, || outcomes(&asked.endpoint, data), data, settings)
}

/// The same with outcomes that are read in another way.
pub(super) fn assemble_outcomes(
    asked: &ExposureResponse,
    outcomes: impl FnOnce() -> Result<Outcomes, Refusal>,
    data: &AnalysisData,
    settings: &Settings,
) -> Result<Sample, Refusal> {
    let Exposures { metric, source } = exposures(asked, data, settings)?;
    let found = outcomes()?;
    let by: Assignment = settings.grouping.pk.into();
    let whole = panels(data, settings, Population::Safety, by).into_iter().next().ok_or(Refusal::NoSubjects)?;
    let mut left_out = LeftOut::default();
    let (mut groups, mut subjects): (Vec<Group>, Vec<SampleSubject>) = (Vec::new(), Vec::new());
    for group in whole.groups.iter().filter(|group| group.dosage.is_some()) {
        let candidates: Vec<SubjectIndex> =
            group.subjects.iter().filter(|subject| in_parts(**subject, asked, data, settings)).copied().collect();
        if group.comparator {
            left_out.comparator += candidates.len();
            continue;
        }
        let kept = pick(&candidates, groups.len(), (&metric, &found), &mut left_out);
        if !kept.is_empty() {
            groups.push(narrowed(group, &kept, asked, data));
            subjects.extend(kept);
        }
    }
    if subjects.is_empty() {
        return Err(Refusal::NoSubjects);
    }
    let (covariates, absent_covariates) = covariates(&asked.covariates, &subjects, data);
    left_out.no_covariate = (0..subjects.len()).filter(|row| covariates.iter().any(|covariate| is_missing(covariate, *row))).count();
    let cautions = late_exposure::cautions(asked, &source, (&subjects, &found.source), data, settings);
    let doses = doses(&groups, settings).unwrap_or_default();
    let panel = Panel { groups, ..whole };
    Ok(Sample { metric, source, cautions, endpoint: found.source, panel, doses, subjects, covariates, absent_covariates, left_out })
}

/// Whether a subject belongs to one of the parts that the analysis asks for.
fn in_parts(subject: SubjectIndex, asked: &ExposureResponse, data: &AnalysisData, settings: &Settings) -> bool {
    let part = data.subjects.get(subject.0).and_then(|subject| subject.part).and_then(|part| settings.parts.get(part.0));
    asked.parts.is_empty() || part.is_some_and(|part| asked.parts.contains(&part.id))
}

/// The candidates with exposure and outcome; the others are counted.
fn pick(
    candidates: &[SubjectIndex],
    group: usize,
    (metric, found): (&SubjectExposures, &Outcomes),
    left_out: &mut LeftOut,
) -> Vec<SampleSubject> {
    let mut kept = Vec::new();
    for subject in candidates {
        let Some((exposure_row, exposure)) = metric.values.get(subject).copied() else {
            left_out.no_exposure += 1;
            continue;
        };
        let outcome = found.by_subject.get(subject).cloned().or_else(|| Some((found.absent?, Vec::new())));
        let Some((outcome, rows)) = outcome else {
            left_out.no_outcome += 1;
            continue;
        };
        kept.push(SampleSubject { subject: *subject, group, exposure, exposure_row, outcome, rows });
    }
    kept
}

/// The group with the subjects of the sample only.
fn narrowed(group: &Group, kept: &[SampleSubject], asked: &ExposureResponse, data: &AnalysisData) -> Group {
    let subjects: Vec<SubjectIndex> = kept.iter().map(|subject| subject.subject).collect();
    let rows: Rows = subjects.iter().filter_map(|subject| data.subjects.get(subject.0)).map(|subject| subject.row).collect();
    let parts = if asked.parts.is_empty() { String::new() } else { format!(" and study part {}", asked.parts.join(" or ")) };
    let filter = format!("{}{parts} and with exposure ({}) and outcome", group.filter, asked.exposure);
    Group { subjects, rows, filter, ..group.clone() }
}

/// Doses of the groups in one unit.
fn doses(groups: &[Group], settings: &Settings) -> Option<Vec<f64>> {
    let of = |group: &Group| settings.dosages.get(group.dosage?.0)?.dose;
    let unit = of(groups.first()?)?.unit();
    groups.iter().map(|group| of(group)?.amount_in(unit)).collect()
}

/// The covariates that ADSL gives, and the names of those that it does not.
fn covariates(names: &[String], subjects: &[SampleSubject], data: &AnalysisData) -> (Vec<Covariate>, Vec<String>) {
    let (mut found, mut absent) = (Vec::new(), Vec::new());
    for name in names {
        match data.baseline_variables.iter().position(|variable| variable.column.eq_ignore_ascii_case(name)) {
            Some(place) => found.extend(covariate(place, subjects, data)),
            None => absent.push(name.clone()),
        }
    }
    (found, absent)
}

fn covariate(place: usize, subjects: &[SampleSubject], data: &AnalysisData) -> Option<Covariate> {
    let variable = data.baseline_variables.get(place)?;
    let value = |subject: &SampleSubject| data.subjects.get(subject.subject.0).and_then(|subject| subject.baseline.get(place).copied());
    let values = match &variable.levels {
        None => CovariateValues::Numeric(
            subjects
                .iter()
                .map(|subject| if let Some(BaselineValue::Number(number)) = value(subject) { Some(number) } else { None })
                .collect(),
        ),
        Some(levels) => CovariateValues::Factor(
            subjects
                .iter()
                .map(|subject| if let Some(BaselineValue::Level(level)) = value(subject) { levels.get(level).cloned() } else { None })
                .collect(),
        ),
    };
    Some(Covariate { name: variable.column.clone(), values })
}

fn is_missing(covariate: &Covariate, row: usize) -> bool {
    match &covariate.values {
        CovariateValues::Numeric(values) => values.get(row).is_none_or(Option::is_none),
        CovariateValues::Factor(values) => values.get(row).is_none_or(Option::is_none),
    }
}
