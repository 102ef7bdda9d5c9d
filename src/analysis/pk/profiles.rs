//! Noncompartmental analysis of the profiles of a trial.

use std::collections::BTreeMap;

use thiserror::Error;

use super::nca::{Caution, Concentration, NcaError, NcaResult, NcaRules, Profile, Regimen, Route, Sample, analyse, compute_accumulation};
use crate::config::{Administration, SampleTimes, Settings};
use crate::derive::{AnalysisData, ConcentrationSample, Concentrations, SampleResult, SubjectIndex, dosing_interval};
use crate::quantity::Rows;

/// Samples with a result after the dose from which a profile is analysed; with fewer it is a trough or a sparse sample.
const MIN_SAMPLES: usize = 3;

/// How the profiles of a trial are analysed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProfileRules {
    /// Which times.
    pub times: SampleTimes,
    /// How the drug is given.
    pub route: Route,
    /// Time since the first dose, in hours, from which doses count as at steady state.
    pub steady_from: f64,
    /// Rules of the analysis.
    pub nca: NcaRules,
}

/// Hours after which doses count as at steady state where the project does not say and no dosing interval is long.
const WEEK: f64 = 168.0;

/// Dosing intervals after which doses count as at steady state where these are longer.
const INTERVALS_TO_STEADY_STATE: f64 = 5.0;

impl ProfileRules {
    /// The rules that a project states, or their defaults: steady state from 7 days on, or from five of the longest dosing interval.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        let intervals =
            settings.dosages.iter().filter(|dosage| !dosage.comparator).filter_map(|dosage| dosing_interval(dosage.schedule.as_deref()?));
        let longest = intervals.fold(0.0, f64::max);
        let customary = WEEK.max(INTERVALS_TO_STEADY_STATE * longest);
        let route = match settings.pk.route {
            Administration::Extravascular => Route::Extravascular,
            Administration::IntravenousBolus => Route::IntravenousBolus,
            Administration::IntravenousInfusion(duration) => Route::IntravenousInfusion { duration: 24.0 * duration.days() },
        };
        Self {
            times: settings.pk.times,
            route,
            steady_from: settings.pk.steady_state_from.map_or(customary, |duration| 24.0 * duration.days()),
            nca: NcaRules::from(&settings.pk),
        }
    }
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
    /// Cautions of the profile of the first dose, on which accumulation rests; empty for the first dose itself.
    pub first_cautions: Vec<Caution>,
}

/// What makes samples one profile. Times of doses are compared in minutes.
type Key = (SubjectIndex, String, Option<String>, Option<i64>, Option<String>);

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

fn time_of(sample: &ConcentrationSample, times: SampleTimes) -> Option<f64> {
    match times {
        SampleTimes::Nominal => sample.nominal_time.or(sample.actual_time),
        SampleTimes::Actual => sample.actual_time.or(sample.nominal_time),
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
        first_cautions: Vec::new(),
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
            profile.first_cautions.clone_from(&first.cautions);
        }
    }
}
