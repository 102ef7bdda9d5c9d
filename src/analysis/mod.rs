//! The analyses: each takes the analysis tables and the settings and returns plain results in full precision.
//!
//! They share a convention, `analysis::<name>::analyse(data, settings)`, and meet only through result types. [`grouping`] decides who stands in
//! which column, [`measure`] holds the measures that all of them use.

pub mod comparison;
pub mod efficacy;
pub mod escalation;
pub mod expansion;
pub mod exposure;
pub mod exposure_response;
pub mod grouping;
pub mod measure;
pub mod patient_reported;
pub mod pk;
pub mod population;
pub mod starting_dose;
pub mod tolerability;
mod treatment;
pub mod utility;

use crate::config::Settings;
use crate::config::nonclinical::Nonclinical;
use crate::derive::AnalysisData;

/// The results of every analysis. A member is `None` when the data it needs are absent.
#[derive(Debug, Clone)]
pub struct Results {
    /// Starting dose and planned levels.
    pub starting_dose: Option<starting_dose::StartingDoseResult>,
    /// Subjects, baseline, disposition.
    pub population: population::PopulationResult,
    /// Dose-limiting toxicities, the design, the decisions and the maximum tolerated dose.
    pub escalation: escalation::EscalationResult,
    /// Dosing and dose intensity.
    pub exposure: Option<exposure::ExposureResult>,
    /// Adverse events.
    pub tolerability: Option<tolerability::TolerabilityResult>,
    /// Response, times to event, tumour size.
    pub efficacy: efficacy::EfficacyResult,
    /// Crude differences between dosages.
    pub comparison: Vec<comparison::EndpointComparison>,
    /// Concentrations, pharmacokinetic parameters, proportionality, separation.
    pub pk: Option<pk::PkResult>,
    /// Anti-drug antibodies and what they go with.
    pub immunogenicity: Option<pk::immunogenicity::ImmunogenicityResult>,
    /// Questionnaires.
    pub patient_reported: Option<patient_reported::PatientReportedResult>,
    /// Outcomes against exposure, as the project file pairs them.
    pub exposure_response: Vec<exposure_response::ExposureResponseResult>,
    /// Exposures simulated from the population model, where the project has one.
    pub simulation: Option<Result<pk::population_simulation::PopulationSimulation, pk::population_simulation::SimulationRefusal>>,
    /// Outcomes predicted under the simulated regimens.
    pub alternatives: Vec<exposure_response::alternatives::AlternativeOutcome>,
    /// Key outcomes of safety against the exposures of the project.
    pub exposure_safety: Vec<exposure_response::SafetyOutcome>,
    /// Outcomes over the doses, as the project file names them.
    pub dose_response: Vec<exposure_response::DoseResponseResult>,
}

/// Runs every analysis: the independent ones in parallel, then what compares their results.
#[must_use]
pub fn analyse(data: &AnalysisData, nonclinical: Option<&Nonclinical>, settings: &Settings) -> Results {
    let safety = || rayon::join(|| tolerability::analyse(data, settings), || exposure::analyse(data, settings));
    let activity = || rayon::join(|| efficacy::analyse(data, settings), || pk::analyse(data, settings));
    let described = || rayon::join(safety, activity);
    let modelled = || rayon::join(|| exposure_response::analyse(data, settings), || exposure_response::analyse_safety(data, settings));
    let outcomes = || rayon::join(modelled, || exposure_response::analyse_doses(data, settings));
    let (((tolerability, exposure), (efficacy, pk)), ((exposure_response, exposure_safety), dose_response)) =
        rayon::join(described, outcomes);
    let simulation = pk::population_simulation::simulate(data, settings);
    let alternatives = match &simulation {
        Some(Ok(simulation)) => exposure_response::alternatives::predict_alternatives(&exposure_response, simulation, settings),
        _ => Vec::new(),
    };
    let comparison = comparison::analyse(&comparison::endpoints(&efficacy, tolerability.as_ref()), settings);
    Results {
        starting_dose: nonclinical.map(|nonclinical| starting_dose::analyse(nonclinical, settings)),
        population: population::analyse(data, settings),
        escalation: escalation::analyse(data, settings),
        exposure,
        tolerability,
        efficacy,
        comparison,
        immunogenicity: pk::immunogenicity::analyse(data, settings, pk.as_ref()),
        pk,
        patient_reported: patient_reported::analyse(data, settings),
        exposure_response,
        simulation,
        alternatives,
        exposure_safety,
        dose_response,
    }
}
