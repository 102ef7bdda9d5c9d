//! Pharmacokinetics: exposure metrics by dosage received, noncompartmental analysis, dose proportionality, separation of dosages, steady state.
//!
//! [`analyse`] goes from the data to a [`PkResult`]: [`profiles`] analyses the concentrations, [`occasion`] describes the parameters by dosage and
//! takes in those that ADPP gives, [`agreement`] holds the two against each other, [`course`] traces mean concentrations and [`judgement`] says
//! what the parameters tell of proportionality and separation; [`covariate`] estimates what patients' characteristics do to exposure. The rest works
//! on plain numbers: [`nca`] on one profile, [`dose_proportionality`], [`separation`] and [`steady_state`] on parameters of several subjects.
//! [`compartment`] predicts concentrations, [`population_simulation`] those of many virtual subjects under regimens that were or were not studied.
//! [`PkParameter`] is the registry of names, units, codes and formulas.

pub mod agreement;
pub mod compartment;
pub mod course;
pub mod covariate;
pub mod covariate_caution;
pub mod covariate_effects;
pub mod covariate_model;
pub mod covariate_values;
pub mod dose_proportionality;
mod exposure;
mod given;
pub mod immunogenicity;
mod immunogenicity_effect;
pub mod judgement;
pub mod molar_ratio;
pub mod nca;
pub mod occasion;
mod parameter;
pub mod population_simulation;
pub mod profiles;
pub mod separation;
pub mod steady_state;
pub mod time_dependence;
pub mod troughs;
mod unit;

pub use exposure::{ExposureColumn, ExposureMetric, RecordKind, SubjectExposures, subject_exposures};
pub use parameter::PkParameter;
pub use unit::{DataUnits, Unit, UnitKind};

use crate::analysis::grouping::{Panel, Population, panels};
use crate::config::Settings;
use crate::derive::AnalysisData;

use agreement::{Agreement, compare_with_given};
use course::Course;
use covariate::{CovariateResult, NoCovariates};
use judgement::{JudgedParameter, SeparatedPair};
use occasion::{Occasion, Units};
use profiles::{ProfileRules, analyse_profiles};

/// Relative difference beyond which a parameter of the data and the computed one disagree.
pub const DISAGREEMENT: f64 = 0.05;

/// What the data say of pharmacokinetics.
#[derive(Debug, Clone)]
pub struct PkResult {
    /// Exposure metrics of ADPP; `None` when the dataset is absent.
    pub metrics: Option<Vec<ExposureMetric>>,
    /// Set and grouping; one group per dosage with a profile or a parameter.
    pub panel: Panel,
    /// Rules of the analysis.
    pub rules: ProfileRules,
    /// Parameters by occasion: those with profiles in the order of time, then those of ADPP alone.
    pub occasions: Vec<Occasion>,
    /// Mean concentrations.
    pub courses: Vec<Course>,
    /// Dose proportionality.
    pub proportionality: Vec<JudgedParameter>,
    /// Separation of dosages.
    pub separation: Vec<SeparatedPair>,
    /// Parameters of ADPP against those computed.
    pub agreement: Agreement,
    /// Molar ratios of analytes.
    pub molar_ratios: Vec<molar_ratio::MolarRatio>,
    /// Trough concentrations over time.
    pub troughs: troughs::Troughs,
    /// Whether exposure at steady state is what the first dose predicts.
    pub time_dependence: Vec<time_dependence::TimeDependence>,
    /// Subjects with a profile who stand in no column: of no dosage, or not of the analysis set.
    pub ungrouped: usize,
    /// Effects of patients' characteristics on exposure, or why there are none.
    pub covariates: Result<CovariateResult, NoCovariates>,
}

impl PkResult {
    /// The occasion whose area stands for exposure in the text: at steady state from profiles, otherwise at steady state as ADPP gives it, otherwise
    /// the first with an area.
    #[must_use]
    pub fn lead(&self) -> Option<usize> {
        let with_area =
            |rule: &dyn Fn(&Occasion) -> bool| self.occasions.iter().position(|occasion| occasion.area().is_some() && rule(occasion));
        let steady = |occasion: &Occasion| occasion.regimen == Some(nca::Regimen::SteadyState);
        let from_profiles = |occasion: &Occasion| steady(occasion) && !occasion.profiles.is_empty();
        with_area(&from_profiles).or_else(|| with_area(&steady)).or_else(|| with_area(&|_| true))
    }

    /// Whether a series is the area of the lead occasion.
    #[must_use]
    pub fn leads(&self, occasion: usize, series: usize) -> bool {
        self.lead() == Some(occasion) && self.occasions.get(occasion).and_then(Occasion::area) == Some(series)
    }
}

/// Describes ADPC and ADPP; `None` when both are absent.
#[must_use]
pub fn analyse(data: &AnalysisData, settings: &Settings) -> Option<PkResult> {
    if data.pk_parameters.is_none() && data.concentrations.is_none() {
        return None;
    }
    let rules = ProfileRules::of(settings);
    let given = data.pk_parameters.as_deref().unwrap_or_default();
    let profiles = analyse_profiles(data, settings, &rules);
    let units = Units::new(&rules, data, settings);
    let whole = panel(data, settings)?;
    let mut occasions = occasion::describe_occasions(&profiles, &whole, &units);
    given::bring_in(given, &mut occasions, &whole, settings);
    let troughs = troughs::trace_troughs(data, &whole, &rules, &units);
    let panel = occasion::without_empty_groups(whole.clone(), &mut occasions);
    let held = |subject| panel.groups.iter().any(|group| group.subjects.binary_search(&subject).is_ok());
    let mut ungrouped: Vec<_> =
        profiles.iter().filter(|profile| profile.result.is_ok() && !held(profile.subject)).map(|profile| profile.subject).collect();
    ungrouped.dedup();
    let mut result = PkResult {
        metrics: data.pk_parameters.as_ref().map(|parameters| exposure::summarise_exposure(parameters, data, settings)),
        courses: course::trace_courses(&occasions, data),
        proportionality: judgement::judge(&occasions, &panel, settings),
        separation: judgement::separate(&occasions, &panel, settings),
        agreement: compare_with_given(&profiles, given, &units.dose(), DISAGREEMENT),
        molar_ratios: molar_ratio::molar_ratios(&occasions, settings),
        time_dependence: time_dependence::judge_time_dependence(&occasions),
        troughs,
        ungrouped: ungrouped.len(),
        panel,
        rules,
        occasions,
        covariates: Err(NoCovariates::NoExposure),
    };
    result.covariates = covariate::analyse_covariates(&result, &whole, data, settings);
    Some(result)
}

/// The dosages that subjects of the pharmacokinetic set received, or of the safety set where the data flag no other.
fn panel(data: &AnalysisData, settings: &Settings) -> Option<Panel> {
    let population = if data.subject_columns.pk.is_some() { Population::Pk } else { Population::Safety };
    let whole = panels(data, settings, population, settings.grouping.pk.into()).into_iter().next()?;
    let groups = whole.groups.iter().filter(|group| group.dosage.is_some()).cloned().collect();
    Some(Panel { groups, ..whole })
}
