//! Effects of patients' characteristics on exposure: ratios of geometric means between subgroups over all dosages of the drug, adjusted for dose.

use std::collections::BTreeMap;

use thiserror::Error;

use super::covariate_caution::{CovariateCaution, gather_cautions};
use super::covariate_effects::MetricEffects;
use super::covariate_values::{ExposureCovariate, covariates};
use super::exposure::RecordKind;
use super::{PkResult, subject_exposures};
use crate::analysis::grouping::{Group, Panel};
use crate::config::{Dosage, NoEffectBounds, Settings};
use crate::derive::{AnalysisData, SubjectIndex};
use crate::quantity::{DoseUnit, Rows};

/// Fewest subjects with an exposure for which effects of covariates are estimated.
pub const FEWEST_SUBJECTS: usize = 10;

/// Why effects of covariates are not estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoCovariates {
    /// No exposure of a dosage of the drug.
    #[error("no subject of a dosage of the drug has an area-type or trough-type exposure above zero")]
    NoExposure,
    /// Too few subjects.
    #[error("{found} subjects have an exposure, {FEWEST_SUBJECTS} needed")]
    TooFew {
        /// Subjects with an exposure.
        found: usize,
    },
    /// ADSL holds no covariate.
    #[error("ADSL holds none of the covariates")]
    NoCovariate,
    /// The project asks for none.
    #[error("the project file asks for no covariate (pk.covariates is empty)")]
    NotAsked,
}

/// How dose enters the models.
#[derive(Debug, Clone, PartialEq)]
pub enum DoseTerm {
    /// One dosage: there is nothing to adjust for.
    OneDosage,
    /// The logarithm of dose with a slope of its own; doses by group of the panel.
    LogDose {
        /// Unit of the doses.
        unit: DoseUnit,
        /// Amounts, parallel to the groups.
        amounts: Vec<f64>,
    },
    /// A mean for each dosage, where doses are not known, differ in unit or are given on different schedules.
    Dosage,
}

/// A subject of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampledSubject {
    /// The subject.
    pub subject: SubjectIndex,
    /// Position of the group in the panel.
    pub group: usize,
}

/// Where exposures come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExposureSource {
    /// Records of ADPP.
    Given {
        /// Under which code.
        code: String,
        /// Which of the code's records.
        kind: RecordKind,
    },
    /// A parameter of an occasion: positions in [`PkResult::occasions`] and among its series.
    Occasion {
        /// The occasion.
        occasion: usize,
        /// The series.
        series: usize,
    },
}

/// An exposure metric by subject.
#[derive(Debug, Clone, PartialEq)]
pub struct SampledMetric {
    /// Code or id of the parameter, for fact ids.
    pub measure: String,
    /// Name.
    pub label: String,
    /// Unit.
    pub unit: Option<String>,
    /// Where it comes from.
    pub source: ExposureSource,
    /// Rows and value by subject of the sample; `None` without an exposure above zero.
    pub exposures: Vec<Option<(Rows, f64)>>,
    /// Subjects of the analysis set whose exposure is not above zero.
    pub not_positive: usize,
}

/// Effects of covariates on exposure.
#[derive(Debug, Clone)]
pub struct CovariateResult {
    /// Set and grouping: the dosages of the drug; their groups hold the subjects of the sample only.
    pub panel: Panel,
    /// Subjects with an exposure, group by group.
    pub sample: Vec<SampledSubject>,
    /// The dosage under which exposure is described by subgroup: position in the panel.
    pub described: usize,
    /// Whether that is the proposed dosage; otherwise it is the one with the most subjects.
    pub is_proposed: bool,
    /// How dose enters.
    pub dose: DoseTerm,
    /// Bounds that ratios are held against.
    pub bounds: NoEffectBounds,
    /// Covariates; their values are parallel to the sample.
    pub covariates: Vec<ExposureCovariate>,
    /// Effects by metric: the area first.
    pub metrics: Vec<MetricEffects>,
    /// Columns that the project names and ADSL does not have.
    pub absent: Vec<String>,
    /// What a reader must know.
    pub cautions: Vec<CovariateCaution>,
}

impl CovariateResult {
    /// Those of some subjects of the sample who are under the described dosage.
    #[must_use]
    pub fn under_described(&self, members: &[usize]) -> Vec<usize> {
        let under = |position: &usize| self.sample.get(*position).is_some_and(|subject| subject.group == self.described);
        members.iter().copied().filter(under).collect()
    }

    /// Subjects of the sample with an exposure and a value of the covariate; with an exposure where none is named.
    #[must_use]
    pub fn with_value(&self, metric: &MetricEffects, covariate: Option<&ExposureCovariate>) -> Vec<usize> {
        let exposed = |position: &usize| metric.metric.exposures.get(*position).is_some_and(Option::is_some);
        let valued = |position: &usize| covariate.is_none_or(|covariate| covariate.is_present(*position));
        (0..self.sample.len()).filter(|position| exposed(position) && valued(position)).collect()
    }
}

/// Estimates the effects of covariates on the area and the trough that stand for exposure: those of ADPP, otherwise those of the lead occasion.
///
/// Subjects are those of the analysis set under a dosage of the drug, with an exposure above zero; those of several study parts are pooled. A subject
/// counts once.
///
/// # Errors
/// [`NoCovariates`].
pub(super) fn analyse_covariates(
    result: &PkResult,
    whole: &Panel,
    data: &AnalysisData,
    settings: &Settings,
) -> Result<CovariateResult, NoCovariates> {
    if settings.pk.covariates.as_ref().is_some_and(Vec::is_empty) {
        return Err(NoCovariates::NotAsked);
    }
    let raw = raw_metrics(result, data, settings);
    let lead = raw.first().ok_or(NoCovariates::NoExposure)?;
    let (panel, sample) = sample(whole, lead, data);
    if sample.is_empty() {
        return Err(NoCovariates::NoExposure);
    }
    if sample.len() < FEWEST_SUBJECTS {
        return Err(NoCovariates::TooFew { found: sample.len() });
    }
    let subjects: Vec<SubjectIndex> = sample.iter().map(|subject| subject.subject).collect();
    let (covariates, absent) = covariates(&subjects, data, settings);
    if covariates.is_empty() {
        return Err(NoCovariates::NoCovariate);
    }
    let dose = dose_term(&panel, settings);
    let bounds = settings.pk.no_effect_bounds.clone();
    let (described, is_proposed) = described(&panel, settings);
    let metrics: Vec<MetricEffects> = raw
        .into_iter()
        .map(|metric| sampled(metric, whole, &sample))
        .map(|metric| MetricEffects::estimate(metric, &sample, &dose, &covariates, settings))
        .collect();
    let cautions = gather_cautions(&covariates, &metrics, &absent);
    Ok(CovariateResult { panel, sample, described, is_proposed, dose, bounds, covariates, metrics, absent, cautions })
}

/// A metric before the sample is known: rows and value by subject.
struct RawMetric {
    measure: String,
    label: String,
    unit: Option<String>,
    source: ExposureSource,
    values: BTreeMap<SubjectIndex, (Rows, f64)>,
}

/// The metrics that ADPP gives; without one the area and the trough of the lead occasion.
fn raw_metrics(result: &PkResult, data: &AnalysisData, settings: &Settings) -> Vec<RawMetric> {
    let parameters = data.pk_parameters.as_deref().unwrap_or_default();
    let given = result.metrics.iter().flatten().filter_map(|metric| {
        let found = subject_exposures(&metric.code, None, parameters, settings)?;
        Some(RawMetric {
            measure: metric.code.clone(),
            label: found.label,
            unit: found.kind.unit.clone(),
            source: ExposureSource::Given { code: metric.code.clone(), kind: found.kind },
            values: found.values.into_iter().map(|(subject, (row, value))| (subject, (std::iter::once(row).collect(), value))).collect(),
        })
    });
    let given: Vec<RawMetric> = given.collect();
    if !given.is_empty() {
        return given;
    }
    let Some((place, occasion)) = result.lead().and_then(|place| Some((place, result.occasions.get(place)?))) else { return given };
    let series = [occasion.area(), occasion.trough()].into_iter().flatten();
    let metric = |index: usize| {
        let series = occasion.series.get(index)?;
        let observations = series.columns.iter().flat_map(|column| &column.observations);
        Some(RawMetric {
            measure: series.measure.clone(),
            label: series.label.clone(),
            unit: series.unit.clone(),
            source: ExposureSource::Occasion { occasion: place, series: index },
            values: observations.map(|observation| (observation.subject, (observation.rows.clone(), observation.value))).collect(),
        })
    };
    series.filter_map(metric).collect()
}

/// Whether an exposure has a logarithm.
fn is_usable(exposure: f64) -> bool {
    exposure.is_finite() && exposure > 0.0
}

/// The groups of the drug narrowed to the subjects with an exposure above zero, and these subjects.
fn sample(whole: &Panel, metric: &RawMetric, data: &AnalysisData) -> (Panel, Vec<SampledSubject>) {
    let exposed = |subject: &SubjectIndex| metric.values.get(subject).is_some_and(|(_, value)| is_usable(*value));
    let (mut groups, mut sample): (Vec<Group>, Vec<SampledSubject>) = (Vec::new(), Vec::new());
    for group in whole.groups.iter().filter(|group| !group.comparator && group.dosage.is_some()) {
        let subjects: Vec<SubjectIndex> = group.subjects.iter().filter(|subject| exposed(subject)).copied().collect();
        if subjects.is_empty() {
            continue;
        }
        let place = groups.len();
        sample.extend(subjects.iter().map(|subject| SampledSubject { subject: *subject, group: place }));
        let rows = subjects.iter().filter_map(|subject| data.subjects.get(subject.0)).map(|subject| subject.row).collect();
        let filter = format!("{} and with exposure ({})", group.filter, metric.measure);
        groups.push(Group { subjects, rows, filter, ..group.clone() });
    }
    (Panel { groups, ..whole.clone() }, sample)
}

/// The metric by subject of the sample.
fn sampled(raw: RawMetric, whole: &Panel, sample: &[SampledSubject]) -> SampledMetric {
    let value = |subject: &SampledSubject| raw.values.get(&subject.subject).filter(|(_, value)| is_usable(*value)).cloned();
    let in_set = |subject: &SubjectIndex| {
        whole.groups.iter().any(|group| !group.comparator && group.dosage.is_some() && group.subjects.binary_search(subject).is_ok())
    };
    SampledMetric {
        exposures: sample.iter().map(value).collect(),
        not_positive: raw.values.iter().filter(|(subject, (_, value))| !is_usable(*value) && in_set(subject)).count(),
        measure: raw.measure,
        label: raw.label,
        unit: raw.unit,
        source: raw.source,
    }
}

fn dosage<'a>(group: &Group, settings: &'a Settings) -> Option<&'a Dosage> {
    settings.dosages.get(group.dosage?.0)
}

/// Doses enter as their logarithm where all are known in one unit and on one schedule.
fn dose_term(panel: &Panel, settings: &Settings) -> DoseTerm {
    if panel.groups.len() < 2 {
        return DoseTerm::OneDosage;
    }
    let dosages: Option<Vec<&Dosage>> = panel.groups.iter().map(|group| dosage(group, settings)).collect();
    let logarithmic = || {
        let dosages = dosages?;
        let first = dosages.first()?;
        let unit = first.dose?.unit();
        let amounts: Option<Vec<f64>> = dosages.iter().map(|dosage| dosage.dose?.amount_in(unit).filter(|amount| *amount > 0.0)).collect();
        let amounts = amounts.filter(|_| dosages.iter().all(|dosage| dosage.schedule == first.schedule))?;
        let several = amounts.iter().any(|amount| Some(amount.to_bits()) != amounts.first().map(|first| first.to_bits()));
        several.then_some(DoseTerm::LogDose { unit, amounts })
    };
    logarithmic().unwrap_or(DoseTerm::Dosage)
}

/// The proposed dosage where it has a subject in the sample; otherwise the one with the most subjects, of several the lowest.
fn described(panel: &Panel, settings: &Settings) -> (usize, bool) {
    let proposed = settings.decision.as_ref().and_then(|decision| panel.groups.iter().position(|group| group.id == decision.proposed));
    let largest = panel.groups.iter().map(Group::n).max().unwrap_or(0);
    match proposed {
        Some(place) => (place, true),
        None => (panel.groups.iter().position(|group| group.n() == largest).unwrap_or(0), false),
    }
}
