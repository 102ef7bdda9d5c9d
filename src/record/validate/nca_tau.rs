//! Cases `nca_tau`: a dosing interval after the first dose and at steady state, and accumulation.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::optional;
use super::method::{Answer, MethodError, Reading, read};
use super::nca::{MethodName, Samples, named, rules};
use crate::analysis::pk::PkParameter;
use crate::analysis::pk::nca::{NcaResult, NcaRules, Profile, Regimen, Route, Sample, analyse, compute_accumulation};

const INFINITE_SWING: &str = "infinite where the lowest concentration is zero";

#[derive(Deserialize)]
struct Occasion {
    #[serde(flatten)]
    samples: Samples,
    dose: Vec<f64>,
}

impl Occasion {
    fn dose(&self, subject: &str) -> Option<f64> {
        self.samples.subject.iter().zip(&self.dose).find(|(name, _)| *name == subject).map(|(_, dose)| *dose)
    }
}

#[derive(Deserialize)]
struct Input {
    first_dose: Occasion,
    steady_state: Occasion,
    tau: f64,
    auc_method: MethodName,
}

/// One subject under the rules of the cases.
struct Runner<'a> {
    rules: &'a NcaRules,
    tau: f64,
}

impl Runner<'_> {
    fn run(&self, samples: &[Sample], dose: Option<f64>, regimen: Regimen) -> Result<NcaResult, MethodError> {
        let profile = Profile { samples, dose, route: Route::Extravascular, regimen, tau: Some(self.tau) };
        analyse(&profile, self.rules).map_err(MethodError::failed)
    }
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { first_dose, steady_state, tau, auc_method } = read(input)?;
    let rules = rules(auc_method);
    let runner = Runner { rules: &rules, tau };
    let mut blocks: [Map<String, Value>; 4] = Default::default();
    let mut infinite = Map::new();
    for subject in first_dose.samples.subjects() {
        let dose = first_dose.dose(subject);
        let whole = runner.run(&first_dose.samples.of(subject, f64::INFINITY), dose, Regimen::FirstDose)?;
        let first = runner.run(&first_dose.samples.of(subject, tau), dose, Regimen::FirstDose)?;
        let samples = steady_state.samples.of(subject, tau);
        let dose = steady_state.dose(subject);
        // The cases take every profile as one after a single dose; only the clearance belongs to steady state.
        let as_single = runner.run(&samples, dose, Regimen::FirstDose)?;
        let mut steady = runner.run(&samples, dose, Regimen::SteadyState)?;
        compute_accumulation(&whole, &mut steady);
        let clearance = optional(steady.get(PkParameter::ClearanceTau).ok());
        let mut parameters = named(&as_single).0;
        parameters.insert("cl.last".to_owned(), clearance.clone());
        let [of_first, of_steady, of_whole, accumulation] = &mut blocks;
        of_first.insert(subject.to_owned(), Value::Object(named(&first).0));
        of_steady.insert(subject.to_owned(), Value::Object(parameters));
        of_whole.insert(subject.to_owned(), Value::Object(named(&whole).0));
        accumulation.insert(subject.to_owned(), ratios(&steady, &clearance));
        infinite.insert(subject.to_owned(), json!({"swing": "Inf"}));
    }
    let [first, steady, whole, accumulation] = blocks;
    let computed = json!({
        "first_dose_0_tau": first,
        "steady_state_0_tau": steady,
        "first_dose_0_inf": whole,
        "accumulation": accumulation,
    });
    let readings = vec![Reading { computed: json!({"first_dose_0_tau": infinite}), note: INFINITE_SWING }];
    Ok(Answer { computed, readings })
}

fn ratios(steady: &NcaResult, clearance: &Value) -> Value {
    let value = |parameter| optional(steady.get(parameter).ok());
    json!({
        "R_auc": value(PkParameter::AccumulationAuc),
        "R_cmax": value(PkParameter::AccumulationCmax),
        "linearity_index": value(PkParameter::LinearityIndex),
        "predicted_R_auc": value(PkParameter::AccumulationPredicted),
        "effective_half_life": value(PkParameter::EffectiveHalfLife),
        "CLss_F": clearance,
    })
}
