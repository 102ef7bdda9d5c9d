//! Cases `first_in_human`: the arithmetic of starting doses.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::numbers;
use super::method::{Answer, MethodError, read};
use crate::analysis::starting_dose::binding::{concentration_for, equilibrium, occupancy, total_ligand_for};
use crate::analysis::starting_dose::hed::{
    Human, KM_HUMAN_ADULT, KM_HUMAN_CHILD, WEIGHT_EXPONENT, by_printed_divisor, by_surface, by_weight_exponent, factors, per_square_metre,
};
use crate::analysis::starting_dose::mabel::{PotencyToDose, dose};
use crate::analysis::starting_dose::mrsd::{most_sensitive, mrsd};
use crate::analysis::starting_dose::s9::{NON_RODENT_FACTOR, RODENT_FACTOR, start};
use crate::analysis::starting_dose::{allometry, escalation_steps};
use crate::config::nonclinical::{Scaling, Species, StatedDose};

/// Occupancies for which the cases ask a concentration.
const OCCUPANCIES: [(&str, f64); 5] = [("0.1", 0.1), ("0.2", 0.2), ("0.5", 0.5), ("0.9", 0.9), ("0.95", 0.95)];

#[derive(Deserialize)]
#[serde(untagged)]
enum Input {
    Hed {
        species: Species,
        noael_mg_per_kg: f64,
        safety_factor: f64,
        human_weight_kg: f64,
    },
    MostSensitive {
        noael_mg_per_kg: serde_json::Map<String, Value>,
        safety_factor: f64,
        human_weight_kg: f64,
    },
    SevereToxicity {
        rodent: Species,
        std10_mg_per_kg: f64,
        nonrodent: Species,
        hnstd_mg_per_kg: f64,
        human_bsa_m2: f64,
    },
    Occupancy {
        #[serde(rename = "kd_nM")]
        kd: f64,
        #[serde(rename = "conc_nM")]
        concentrations: Vec<f64>,
        #[serde(rename = "receptor_total_nM")]
        receptor: Option<f64>,
    },
    Mabel {
        #[serde(rename = "kd_or_ec50_nM")]
        potency: f64,
        target_fraction: f64,
        #[serde(rename = "mw_kDa")]
        molar_mass: f64,
        #[serde(rename = "volume_L")]
        volume: f64,
        weight_kg: f64,
        bioavailability: f64,
        safety_factor: f64,
    },
    Fibonacci {
        start: f64,
        n_levels: usize,
        increments: Vec<f64>,
        cap: Option<f64>,
    },
    Allometry {
        weight_kg: Vec<f64>,
        #[serde(rename = "clearance_L_per_h")]
        clearance: Vec<f64>,
        human_weight: f64,
    },
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    // The case of the table has no input, which R writes as an empty list.
    if input.as_array().is_some_and(Vec::is_empty) {
        return Ok(tables().into());
    }
    let computed = match read(input)? {
        Input::Hed { species, noael_mg_per_kg, safety_factor, human_weight_kg } => {
            equivalent_dose(species, noael_mg_per_kg, safety_factor, human_weight_kg)
        }
        Input::MostSensitive { noael_mg_per_kg, safety_factor, human_weight_kg } => {
            sensitive_species(&noael_mg_per_kg, safety_factor, human_weight_kg)?
        }
        Input::SevereToxicity { rodent, std10_mg_per_kg, nonrodent, hnstd_mg_per_kg, human_bsa_m2 } => {
            // The weight does not enter a dose that is scaled by body surface.
            let human = Human { weight_kg: human_bsa_m2 * KM_HUMAN_ADULT, surface_m2: human_bsa_m2 };
            let of = |species: Species, dose: f64, factor: f64| {
                start(StatedDose::PerKilogram(dose), factors(species).km, factor, Scaling::BodySurface, human)
            };
            let (a, b) = (of(rodent, std10_mg_per_kg, RODENT_FACTOR), of(nonrodent, hnstd_mg_per_kg, NON_RODENT_FACTOR));
            let (limiting, least) = if a.mg <= b.mg { ("rodent", a) } else { ("nonrodent", b) };
            json!({
                "start_from_rodent_mg_per_m2": a.mg_per_m2, "start_from_nonrodent_mg_per_m2": b.mg_per_m2,
                "start_min_mg_per_m2": least.mg_per_m2, "start_min_mg": least.mg, "limiting": limiting,
            })
        }
        Input::Occupancy { kd, concentrations, receptor } => occupancies(kd, &concentrations, receptor),
        Input::Mabel { potency, target_fraction, molar_mass, volume, weight_kg, bioavailability, safety_factor } => {
            let found = dose(&PotencyToDose {
                potency_nanomolar: potency,
                fraction: target_fraction,
                hill: 1.0,
                molar_mass_g_mol: molar_mass * 1e3,
                unbound_fraction: 1.0,
                volume_l: volume,
                bioavailability,
                safety_factor,
            });
            json!({
                "target_conc_nM": found.nanomolar, "target_conc_ug_per_mL": found.ug_per_ml,
                "dose_mg": found.mg, "dose_mg_per_kg": found.mg / weight_kg,
            })
        }
        Input::Fibonacci { start, n_levels, increments, cap } => {
            let doses = escalation_steps::modified_fibonacci(start, &increments, n_levels, cap).map_err(MethodError::failed)?;
            let ratios = escalation_steps::increments(&doses).into_iter().map(|increment| 1.0 + increment);
            json!({"ratios": numbers(ratios), "doses": numbers(doses)})
        }
        Input::Allometry { weight_kg, clearance, human_weight } => {
            let animals: Vec<(f64, f64)> = weight_kg.into_iter().zip(clearance).collect();
            let found = allometry::scale(&animals, human_weight).map_err(MethodError::failed)?;
            json!({
                "coefficient_a": found.coefficient, "exponent_b": found.exponent, "human_clearance": found.human_clearance,
                "fixed_0.75_from_heaviest": found.by_fixed_exponent, "rule_of_exponents": found.rule.label(),
            })
        }
    };
    Ok(computed.into())
}

fn tables() -> Value {
    let of = |value: fn(Species) -> f64| -> Map<String, Value> {
        Species::ALL.iter().map(|species| (species.id().to_owned(), Value::from(value(*species)))).collect()
    };
    let mut km = of(|species| factors(species).km);
    km.insert("human_adult".to_owned(), Value::from(KM_HUMAN_ADULT));
    km.insert("human_child".to_owned(), Value::from(KM_HUMAN_CHILD));
    json!({
        "km": km,
        "reference_weight_kg": of(|species| factors(species).weight_kg),
        "divide_mg_per_kg_by": of(|species| factors(species).divisor),
        "multiply_mg_per_kg_by": of(|species| factors(species).multiplier),
    })
}

fn equivalent_dose(species: Species, noael: f64, safety_factor: f64, human_weight: f64) -> Value {
    let row = factors(species);
    let exact = by_surface(noael, row.km, KM_HUMAN_ADULT);
    json!({
        "hed_mg_per_kg_exact_km": exact,
        "hed_mg_per_kg_rounded_divisor": by_printed_divisor(noael, species),
        "noael_mg_per_m2": per_square_metre(StatedDose::PerKilogram(noael), row.km),
        "mrsd_mg_per_kg": mrsd(exact, safety_factor),
        "mrsd_mg": mrsd(exact, safety_factor) * human_weight,
        "hed_by_weight_exponent_0_33": by_weight_exponent(noael, row.weight_kg, human_weight, WEIGHT_EXPONENT),
    })
}

fn sensitive_species(noaels: &Map<String, Value>, safety_factor: f64, human_weight: f64) -> Result<Value, MethodError> {
    let unknown = |name: &str| MethodError::Failed(format!("`{name}` is not a species with a NOAEL"));
    let equivalents: Vec<(&str, f64)> = noaels
        .iter()
        .map(|(name, noael)| {
            let species = Species::parse(name).ok_or_else(|| unknown(name))?;
            let noael = noael.as_f64().ok_or_else(|| unknown(name))?;
            Ok((species.id(), by_surface(noael, factors(species).km, KM_HUMAN_ADULT)))
        })
        .collect::<Result<_, MethodError>>()?;
    let (species, hed) = most_sensitive(equivalents.iter().copied()).ok_or_else(|| unknown("no animal"))?;
    let heds: BTreeMap<&str, f64> = equivalents.into_iter().collect();
    Ok(json!({
        "hed": heds, "most_sensitive_species": species,
        "mrsd_mg_per_kg": mrsd(hed, safety_factor), "mrsd_mg": mrsd(hed, safety_factor) * human_weight,
    }))
}

fn occupancies(kd: f64, concentrations: &[f64], receptor: Option<f64>) -> Value {
    let wanted: Map<String, Value> =
        OCCUPANCIES.iter().map(|(name, fraction)| ((*name).to_owned(), Value::from(concentration_for(*fraction, kd, 1.0)))).collect();
    let mut out = Map::new();
    out.insert("occupancy_simple".to_owned(), numbers(concentrations.iter().map(|concentration| occupancy(*concentration, kd))));
    out.insert("conc_for_occupancy".to_owned(), Value::Object(wanted));
    if let Some(receptor) = receptor {
        let states: Vec<_> = concentrations.iter().map(|ligand| equilibrium(*ligand, receptor, kd)).collect();
        out.insert("complex_nM".to_owned(), numbers(states.iter().map(|state| state.complex)));
        out.insert("occupancy_quadratic".to_owned(), numbers(states.iter().map(|state| state.occupancy)));
        out.insert("free_ligand_nM".to_owned(), numbers(states.iter().map(|state| state.free_ligand)));
        out.insert("total_conc_for_occupancy_0.5".to_owned(), Value::from(total_ligand_for(0.5, receptor, kd)));
    }
    Value::Object(out)
}
