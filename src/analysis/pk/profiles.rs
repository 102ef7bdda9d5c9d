//! Noncompartmental analysis of the profiles of a trial, and its parameters by dosage.

use std::collections::BTreeMap;

use thiserror::Error;

use super::nca::{
    Concentration, NcaError, NcaResult, NcaRules, NotCalculated, Profile, Regimen, Route, Sample, analyse, compute_accumulation,
};
use super::parameter::PkParameter;
use crate::analysis::grouping::{Group, Population, panels};
use crate::config::Settings;
use crate::derive::{AnalysisData, ConcentrationSample, Concentrations, SampleResult, SubjectIndex, dosing_interval};
use crate::numerics::descriptive;
use crate::quantity::Rows;

/// Samples with a result after the dose from which a profile is analysed; with fewer it is a trough or a sparse sample.
const MIN_SAMPLES: usize = 3;

/// Which times the analysis uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeBasis {
    /// Planned times; the actual one where a sample has no other.
    Nominal,
    /// Times of sampling; the planned one where a sample has no other.
    Actual,
}

/// How the profiles of a trial are analysed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProfileRules {
    /// Which times.
    pub times: TimeBasis,
    /// How the drug is given.
    pub route: Route,
    /// Time since the first dose, in hours, from which doses count as at steady state.
    pub steady_from: f64,
    /// Rules of the analysis.
    pub nca: NcaRules,
}

/// Why a profile is not analysed.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum NotAnalysed {
    /// A trough or a few samples.
    #[error("{found} samples with a result after the dose, {needed} needed")]
    Sparse {
        /// Samples with a result after the dose.
        found: usize,
        /// Samples needed.
        needed: usize,
    },
    /// Samples that no profile can have.
    #[error(transparent)]
    Faulty(#[from] NcaError),
}

/// The profile of a subject after one dose.
#[derive(Debug, Clone)]
pub struct SubjectProfile {
    /// Subject.
    pub subject: SubjectIndex,
    /// Code of the analyte.
    pub analyte: String,
    /// Name of the analyte, as in the data.
    pub label: Option<String>,
    /// Specimen.
    pub specimen: Option<String>,
    /// Visit of its first sample after the dose.
    pub visit: Option<String>,
    /// Nominal time of the dose since the first dose, in hours.
    pub dose_time: Option<f64>,
    /// Dose.
    pub dose: Option<f64>,
    /// First dose, or a later one before or at steady state by the rules.
    pub regimen: Regimen,
    /// Dosing interval in hours.
    pub tau: Option<f64>,
    /// Unit of the concentrations.
    pub unit: Option<String>,
    /// Rows of ADPC.
    pub rows: Rows,
    /// Parameters, or why there are none.
    pub result: Result<NcaResult, NotAnalysed>,
}

/// A parameter over the subjects of a dosage.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterSummary {
    /// The parameter.
    pub parameter: PkParameter,
    /// Subjects with a value.
    pub n: usize,
    /// Geometric mean; `None` when a value is not positive.
    pub geometric_mean: Option<f64>,
    /// Geometric coefficient of variation in percent.
    pub geometric_cv: Option<f64>,
    /// Median.
    pub median: Option<f64>,
    /// Smallest and largest value.
    pub range: Option<(f64, f64)>,
    /// Subjects without a value, by reason.
    pub absent: BTreeMap<NotCalculated, usize>,
}

/// The parameters of an analyte under one dosage at one visit.
#[derive(Debug, Clone)]
pub struct ProfileSummary {
    /// Code of the analyte.
    pub analyte: String,
    /// Specimen.
    pub specimen: Option<String>,
    /// Visit.
    pub visit: Option<String>,
    /// Nominal time of the dose since the first dose, in hours.
    pub dose_time: Option<f64>,
    /// The dosage.
    pub group: Group,
    /// Profiles that were analysed.
    pub analysed: usize,
    /// Profiles that were not.
    pub not_analysed: usize,
    /// Rows of ADPC.
    pub rows: Rows,
    /// Parameters, in the order of the registry.
    pub parameters: Vec<ParameterSummary>,
}

/// What makes samples one profile. Times of doses are compared in minutes.
type Key = (SubjectIndex, String, Option<String>, Option<i64>, Option<String>);

/// The same without the subject.
type Kind = (String, Option<String>, Option<i64>, Option<String>);

/// Analyses every profile of ADPC; empty where the dataset is absent.
///
/// A profile is what a subject's samples of one analyte and specimen have in common that belong to the dose of one nominal time. The dosing
/// interval comes from the schedule of the dosage received, the dose from the records after the dose, otherwise from the dosing record. Accumulation
/// is computed against the profile of the first dose of the same subject and analyte.
#[must_use]
pub fn analyse_profiles(data: &AnalysisData, settings: &Settings, rules: &ProfileRules) -> Vec<SubjectProfile> {
    let Some(concentrations) = &data.concentrations else { return Vec::new() };
    let mut groups: BTreeMap<Key, Vec<&ConcentrationSample>> = BTreeMap::new();
    for sample in &concentrations.samples {
        groups.entry(key(sample)).or_default().push(sample);
    }
    let one = |samples: Vec<&ConcentrationSample>| analyse_one(&samples, concentrations, data, settings, rules);
    let mut profiles: Vec<SubjectProfile> = groups.into_values().filter_map(one).collect();
    accumulate(&mut profiles);
    profiles
}

#[expect(clippy::cast_possible_truncation, reason = "minutes since the first dose; the cast saturates")]
fn key(sample: &ConcentrationSample) -> Key {
    let minutes = sample.dose_time.map(|time| (60.0 * time).round() as i64);
    // Where doses are not told apart, visits are.
    let visit = if minutes.is_none() { sample.visit.clone() } else { None };
    (sample.subject, sample.analyte.clone(), sample.specimen.clone(), minutes, visit)
}

fn time_of(sample: &ConcentrationSample, times: TimeBasis) -> Option<f64> {
    match times {
        TimeBasis::Nominal => sample.nominal_time.or(sample.actual_time),
        TimeBasis::Actual => sample.actual_time.or(sample.nominal_time),
    }
}

fn analyse_one(
    samples: &[&ConcentrationSample],
    concentrations: &Concentrations,
    data: &AnalysisData,
    settings: &Settings,
    rules: &ProfileRules,
) -> Option<SubjectProfile> {
    let mut timed: Vec<(f64, &ConcentrationSample)> =
        samples.iter().filter_map(|sample| Some((time_of(sample, rules.times)?, *sample))).collect();
    timed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.row.cmp(&b.1.row)));
    let (_, first) = timed.first()?;
    let after = timed.iter().find(|(time, _)| *time > 0.0).map(|(_, sample)| *sample);
    let subject = data.subjects.get(first.subject.0)?;
    let schedule = subject.actual.and_then(|dosage| settings.dosages.get(dosage.0)).and_then(|dosage| dosage.schedule.as_deref());
    let mut profile = SubjectProfile {
        subject: first.subject,
        analyte: first.analyte.clone(),
        label: first.label.clone(),
        specimen: first.specimen.clone(),
        visit: after.unwrap_or(first).visit.clone(),
        dose_time: first.dose_time,
        dose: after.and_then(|sample| sample.dose).or_else(|| recorded_dose(first, concentrations)),
        regimen: regimen(first.dose_time, rules.steady_from),
        tau: schedule.and_then(dosing_interval),
        unit: first.unit.clone(),
        rows: timed.iter().map(|(_, sample)| sample.row).collect(),
        result: Err(NotAnalysed::Sparse { found: 0, needed: MIN_SAMPLES }),
    };
    profile.result = compute(&timed, &profile, rules);
    Some(profile)
}

/// Half an hour about the first dose still is the first dose; where doses are not told apart there is one.
fn regimen(dose_time: Option<f64>, steady_from: f64) -> Regimen {
    match dose_time {
        Some(time) if time >= steady_from => Regimen::SteadyState,
        Some(time) if time.abs() >= 0.5 => Regimen::BeforeSteadyState,
        _ => Regimen::FirstDose,
    }
}

fn recorded_dose(sample: &ConcentrationSample, concentrations: &Concentrations) -> Option<f64> {
    let near = |time: Option<f64>| time.zip(sample.dose_time).is_some_and(|(a, b)| (a - b).abs() < 0.5);
    let dose = concentrations.doses.iter().find(|dose| dose.subject == sample.subject && near(dose.time))?;
    dose.dose
}

fn compute(timed: &[(f64, &ConcentrationSample)], of: &SubjectProfile, rules: &ProfileRules) -> Result<NcaResult, NotAnalysed> {
    let samples: Vec<Sample> = timed
        .iter()
        .map(|(time, sample)| {
            let concentration = match sample.result {
                SampleResult::Measured(value) => Concentration::Measured(value),
                SampleResult::BelowLimit { limit } => Concentration::BelowLimit { limit },
                SampleResult::Missing => Concentration::Missing,
            };
            Sample { time: *time, concentration }
        })
        .collect();
    let found = samples.iter().filter(|sample| sample.time > 0.0 && sample.concentration != Concentration::Missing).count();
    if found < MIN_SAMPLES {
        return Err(NotAnalysed::Sparse { found, needed: MIN_SAMPLES });
    }
    let profile = Profile { samples: &samples, dose: of.dose, route: rules.route, regimen: of.regimen, tau: of.tau };
    Ok(analyse(&profile, &rules.nca)?)
}

/// Writes accumulation into later profiles whose first dose was analysed.
fn accumulate(profiles: &mut [SubjectProfile]) {
    type Whose = (SubjectIndex, String, Option<String>);
    let whose = |profile: &SubjectProfile| -> Whose { (profile.subject, profile.analyte.clone(), profile.specimen.clone()) };
    let first = |profile: &SubjectProfile| profile.regimen == Regimen::FirstDose;
    let firsts: BTreeMap<Whose, NcaResult> = profiles
        .iter()
        .filter(|profile| first(profile))
        .filter_map(|profile| Some((whose(profile), profile.result.as_ref().ok()?.clone())))
        .collect();
    for profile in profiles.iter_mut().filter(|profile| !first(profile)) {
        let key = whose(profile);
        if let (Ok(steady), Some(first)) = (&mut profile.result, firsts.get(&key)) {
            compute_accumulation(first, steady);
        }
    }
}

/// Describes the analysed profiles by analyte, time of the dose and dosage.
///
/// ```text
/// geometric mean and geometric CV, median and range over the subjects with a value; subjects without one are counted by reason
/// ```
///
/// Dosages are those received by the subjects of the pharmacokinetic set, or of the safety set where the data flag no other. A parameter that no
/// subject has is kept with its reasons.
#[must_use]
pub fn summarise_profiles(profiles: &[SubjectProfile], data: &AnalysisData, settings: &Settings) -> Vec<ProfileSummary> {
    let population = if data.subject_columns.pk.is_some() { Population::Pk } else { Population::Safety };
    let Some(programme) = panels(data, settings, population, settings.grouping.pk.into()).into_iter().next() else { return Vec::new() };
    let dosages: Vec<&Group> = programme.groups.iter().filter(|group| group.dosage.is_some()).collect();
    let mut kinds: BTreeMap<Kind, Vec<&SubjectProfile>> = BTreeMap::new();
    for profile in profiles {
        kinds.entry(kind(profile)).or_default().push(profile);
    }
    kinds.values().flat_map(|kind| dosages.iter().filter_map(|group| summarise(kind, group))).collect()
}

/// What profiles of several subjects have in common.
#[expect(clippy::cast_possible_truncation, reason = "minutes since the first dose; the cast saturates")]
fn kind(profile: &SubjectProfile) -> Kind {
    let minutes = profile.dose_time.map(|time| (60.0 * time).round() as i64);
    let visit = if minutes.is_none() { profile.visit.clone() } else { None };
    (profile.analyte.clone(), profile.specimen.clone(), minutes, visit)
}

fn summarise(profiles: &[&SubjectProfile], group: &Group) -> Option<ProfileSummary> {
    let own: Vec<&SubjectProfile> =
        profiles.iter().filter(|profile| group.subjects.binary_search(&profile.subject).is_ok()).copied().collect();
    let analysed: Vec<&NcaResult> = own.iter().filter_map(|profile| profile.result.as_ref().ok()).collect();
    let first = own.first()?;
    if analysed.is_empty() {
        return None;
    }
    Some(ProfileSummary {
        analyte: first.analyte.clone(),
        specimen: first.specimen.clone(),
        visit: own.iter().find(|profile| profile.result.is_ok()).and_then(|profile| profile.visit.clone()),
        dose_time: first.dose_time,
        group: group.clone(),
        analysed: analysed.len(),
        not_analysed: own.len() - analysed.len(),
        rows: own.iter().fold(Rows::default(), |rows, profile| rows.union(&profile.rows)),
        parameters: PkParameter::ALL.iter().map(|parameter| describe(*parameter, &analysed)).collect(),
    })
}

fn describe(parameter: PkParameter, results: &[&NcaResult]) -> ParameterSummary {
    let mut absent = BTreeMap::new();
    let mut values = Vec::with_capacity(results.len());
    for result in results {
        match result.get(parameter) {
            Ok(value) => values.push(value),
            Err(reason) => *absent.entry(reason).or_insert(0) += 1,
        }
    }
    values.sort_by(f64::total_cmp);
    let geometric = descriptive::summarise_geometric(&values);
    ParameterSummary {
        parameter,
        n: values.len(),
        geometric_mean: geometric.map(|geometric| geometric.mean),
        geometric_cv: geometric.and_then(|geometric| geometric.cv_percent),
        median: descriptive::median(&values),
        range: values.first().copied().zip(values.last().copied()),
        absent,
    }
}
