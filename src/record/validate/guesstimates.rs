//! Cases `guesstimates`: parameters of a curve from what is believed about shares of its effect.

use serde::Deserialize;
use serde_json::{Value, json};

use super::dose_response_input::{PeerModel, named};
use super::input::list;
use super::method::{Answer, MethodError, Reading, read};
use super::peer_search::{golden_parabola, simplex};
use crate::analysis::exposure_response::dose_response::{Belief, DoseResponseModel, Reference, ShareOfEffect, guesstimate};

#[derive(Deserialize)]
struct Input {
    #[serde(rename = "d", deserialize_with = "list")]
    doses: Vec<f64>,
    #[serde(rename = "p", deserialize_with = "list")]
    shares: Vec<f64>,
    model: PeerModel,
    #[serde(default)]
    local: bool,
    #[serde(rename = "Maxd")]
    largest_dose: Option<f64>,
    #[serde(rename = "dMax")]
    dose_of_maximum: Option<f64>,
    #[serde(rename = "scal")]
    scale: Option<f64>,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let input: Input = read(input)?;
    let missing = |name: &str| MethodError::Failed(format!("`{name}` is missing"));
    let shares: Vec<ShareOfEffect> =
        input.doses.iter().zip(&input.shares).map(|(dose, share)| ShareOfEffect { dose: *dose, share: *share }).collect();
    let largest_dose = || input.largest_dose.ok_or_else(|| missing("Maxd"));
    let reference = if input.local { Reference::EffectAt(largest_dose()?) } else { Reference::Asymptote };
    let model = input.model.model();
    let (belief, names): (Belief<'_>, &[&str]) = match model {
        DoseResponseModel::Emax => (Belief::Emax(&shares, reference), &["ed50"]),
        DoseResponseModel::SigmoidEmax => (Belief::SigmoidEmax(&shares, reference), &["ed50", "h"]),
        DoseResponseModel::Logistic => (Belief::Logistic(&shares, reference), &["ed50", "delta"]),
        DoseResponseModel::Exponential => (Belief::Exponential(&shares, largest_dose()?), &["delta"]),
        DoseResponseModel::Quadratic => (Belief::Quadratic(&shares), &["delta"]),
        DoseResponseModel::Beta => {
            let share = *shares.first().ok_or_else(|| missing("d"))?;
            let dose_of_maximum = input.dose_of_maximum.ok_or_else(|| missing("dMax"))?;
            let scale = input.scale.ok_or_else(|| missing("scal"))?;
            (Belief::Beta { share, dose_of_maximum, scale }, &["delta1", "delta2"])
        }
        DoseResponseModel::Linear | DoseResponseModel::LogLinear => {
            return Err(MethodError::Failed(format!("the {} model has no parameter to guess", model.label())));
        }
    };
    let looser = loose_search(model, &shares, largest_dose().ok(), input.local);
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let parameters = guesstimate(belief).map_err(MethodError::failed)?;
    let note = "values where a numerical search with R's customary tolerance stops";
    let readings = looser.map(|loose| Reading { computed: json!({"par": named(&names, loose)}), note }).into_iter().collect();
    Ok(Answer { computed: json!({"par": named(&names, parameters)}), readings })
}

/// Where the search of the reference software for a local or exponential guess stops: it looks for the least sum of squared misses.
fn loose_search(model: DoseResponseModel, shares: &[ShareOfEffect], largest_dose: Option<f64>, local: bool) -> Option<Vec<f64>> {
    let largest = largest_dose?;
    let misses = |share_at: &dyn Fn(f64) -> f64| shares.iter().map(|share| (share_at(share.dose) - share.share).powi(2)).sum::<f64>();
    match model {
        DoseResponseModel::Exponential => {
            let miss = |delta: f64| misses(&|dose| ((dose / delta).exp() - 1.0) / ((largest / delta).exp() - 1.0));
            Some(vec![golden_parabola(miss, 0.0, 2.0 * largest)])
        }
        DoseResponseModel::SigmoidEmax if local => {
            let start: [f64; 2] = guesstimate(Belief::SigmoidEmax(shares, Reference::Asymptote)).ok()?.try_into().ok()?;
            let effect = |dose: f64, [ed50, h]: [f64; 2]| dose.powf(h) / (ed50.powf(h) + dose.powf(h));
            Some(simplex(|at| misses(&|dose| effect(dose, at) / effect(largest, at)), start).to_vec())
        }
        _ => None,
    }
}
