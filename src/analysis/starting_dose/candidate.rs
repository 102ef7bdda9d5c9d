//! Candidate starting doses: one for each method and each study, assay or model that it can be computed from.

use crate::config::nonclinical::{EfficacyModel, OtherEstimate, Relevance, Scaling, Species, StatedDose, ToxicityLevel, ToxicityStudy};

use super::exposure::{PredictedExposure, Shares};
use super::hed::by_printed_divisor;
use super::mabel::{ConcentrationDose, PotencyToDose, dose, dose_of_concentration};
use super::methods::{MethodReading, Role, StartingDoseMethod as Method, methods_for};
use super::package::Package;
use super::s9::{HumanDose, NON_RODENT_FACTOR, RODENT_FACTOR, start};
use super::{binding, pad};

/// The entries of the nonclinical file that a value rests on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// Key paths of the entries, for example `repeat_dose_toxicity[1]`.
    pub entries: Vec<String>,
    /// The entries in words, for example `repeat_dose_toxicity: study = ZEL-TOX-012`.
    pub filter: String,
    /// The keys that were read.
    pub keys: Vec<String>,
}

impl Origin {
    /// One entry.
    #[must_use]
    pub fn new(entry: impl Into<String>, filter: impl Into<String>, keys: &[&str]) -> Self {
        Self { entries: vec![entry.into()], filter: filter.into(), keys: keys.iter().map(|key| (*key).to_owned()).collect() }
    }

    /// This and further entries.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for entry in &other.entries {
            if !self.entries.contains(entry) {
                self.entries.push(entry.clone());
            }
        }
        if !other.filter.is_empty() && !self.filter.contains(&other.filter) {
            self.filter = if self.filter.is_empty() { other.filter.clone() } else { format!("{}; {}", self.filter, other.filter) };
        }
        for key in &other.keys {
            if !self.keys.contains(key) {
                self.keys.push(key.clone());
            }
        }
        self
    }
}

/// What the conversion starts from.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// What it is: `STD10`, `IC50 at 10% effect`, ...
    pub label: String,
    /// Value.
    pub value: f64,
    /// Unit.
    pub unit: &'static str,
}

/// A candidate starting dose.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Method.
    pub method: Method,
    /// What it is worth for the choice.
    pub role: Role,
    /// Why, in words.
    pub reason: String,
    /// Source keys of the method.
    pub sources: Vec<&'static str>,
    /// Species, assay or model.
    pub system: String,
    /// Study, where one is named.
    pub study: Option<String>,
    /// What the conversion starts from; `None` for a stated result.
    pub input: Option<Input>,
    /// The conversion in words, with its factors.
    pub conversion: String,
    /// What the result was divided by.
    pub safety_factor: f64,
    /// Human equivalent of the animal dose before the division, mg/kg.
    pub equivalent_mg_kg: Option<f64>,
    /// The dose, from exact factors.
    pub dose: HumanDose,
    /// The dose in mg by the printed divisor of the guidance, where that gives another one.
    pub printed_divisor_mg: Option<f64>,
    /// Exposure predicted for the dose.
    pub exposure: Option<PredictedExposure>,
    /// Share of receptors bound at that exposure.
    pub occupancy: Option<Shares>,
    /// Where it comes from.
    pub origin: Origin,
}

/// Every candidate, in the order of methods and then of the file.
#[must_use]
pub(super) fn candidates(package: &Package<'_>) -> Vec<Candidate> {
    let readings = methods_for(package.class, &package.nonclinical.hazards);
    let mut all: Vec<Candidate> = readings.iter().flat_map(|reading| of_method(package, reading)).collect();
    all.extend(stated(package));
    if let Some(pk) = &package.pk {
        for candidate in &mut all {
            let exposure = pk.predict(candidate.dose.mg);
            candidate.occupancy = package.occupancy().map(|binding| binding.shares(&exposure));
            candidate.exposure = Some(exposure);
        }
    }
    all
}

fn of_method(package: &Package<'_>, reading: &MethodReading) -> Vec<Candidate> {
    let from_studies = |level: ToxicityLevel, fits: fn(&ToxicityStudy) -> bool, factor: f64| {
        let studies = package.nonclinical.repeat_dose_toxicity.iter().enumerate().filter(|(_, study)| fits(study));
        studies.filter_map(|(position, study)| from_toxicity(package, reading, (position, study), level, factor)).collect()
    };
    match reading.method {
        Method::OneTenthStd10 => from_studies(ToxicityLevel::Std10, |study| study.species.is_rodent(), RODENT_FACTOR),
        Method::OneSixthHnstd => from_studies(ToxicityLevel::Hnstd, |study| !study.species.is_rodent(), NON_RODENT_FACTOR),
        Method::NoaelEquivalent => from_studies(ToxicityLevel::Noael, |_| true, package.nonclinical.safety_factor),
        Method::Mabel => minimal_effect(package, reading).into_iter().collect(),
        Method::ReceptorOccupancy => target_occupancy(package, reading).into_iter().collect(),
        Method::ActiveExposure => active_models(package).filter_map(|model| active_exposure(package, reading, model)).collect(),
        Method::ActiveDoseEquivalent => active_models(package).map(|model| active_dose(package, reading, model)).collect(),
        Method::Stated => Vec::new(),
    }
}

fn from_toxicity(
    package: &Package<'_>,
    reading: &MethodReading,
    (position, study): (usize, &ToxicityStudy),
    level: ToxicityLevel,
    factor: f64,
) -> Option<Candidate> {
    let (stated, key) = study.stated(level)?;
    let km = package.factors.km(study.species);
    let dose = start(stated, km, factor, package.scaling, package.human);
    let (value, unit) = match stated {
        StatedDose::PerKilogram(value) => (value, "mg/kg"),
        StatedDose::PerSquareMetre(value) => (value, "mg/m²"),
    };
    let filter = format!("repeat_dose_toxicity: study = {} ({})", study.study, study.species.label());
    let irrelevant = study.relevant == Relevance::No;
    Some(Candidate {
        role: if irrelevant { Role::Compared } else { reading.role },
        reason: if irrelevant { "the species is not pharmacologically relevant".to_owned() } else { reading.reason.to_owned() },
        system: study.species.label().to_owned(),
        study: Some(study.study.clone()),
        input: Some(Input { label: level.label().to_owned(), value, unit }),
        conversion: conversion_words(package, stated, km),
        safety_factor: factor,
        equivalent_mg_kg: Some(dose.mg_per_kg * factor),
        printed_divisor_mg: printed(package, study.species, stated).map(|mg| mg / factor).filter(|mg| differs(*mg, dose.mg)),
        origin: Origin::new(format!("repeat_dose_toxicity[{position}]"), filter, &["species", key]),
        ..blank(reading, dose)
    })
}

/// A candidate of a method with nothing but its dose.
fn blank(reading: &MethodReading, dose: HumanDose) -> Candidate {
    Candidate {
        method: reading.method,
        role: reading.role,
        reason: reading.reason.to_owned(),
        sources: reading.sources.to_vec(),
        system: String::new(),
        study: None,
        input: None,
        conversion: String::new(),
        safety_factor: 1.0,
        equivalent_mg_kg: None,
        dose,
        printed_divisor_mg: None,
        exposure: None,
        occupancy: None,
        origin: Origin::default(),
    }
}

fn conversion_words(package: &Package<'_>, stated: StatedDose, km: f64) -> String {
    let (human, weight, surface) = (package.factors.human(), package.human.weight_kg, package.human.surface_m2);
    match (package.scaling, stated) {
        (Scaling::BodySurface, StatedDose::PerKilogram(_)) if package.surface_is_stated() => format!("body surface, Km {km}; {surface} m²"),
        (Scaling::BodySurface, StatedDose::PerKilogram(_)) => format!("body surface, Km {km}/{human}; {weight} kg"),
        (Scaling::BodySurface, StatedDose::PerSquareMetre(_)) => format!("body surface, {surface:.3} m²"),
        (Scaling::BodyWeight, StatedDose::PerKilogram(_)) => format!("body weight, {weight} kg"),
        (Scaling::BodyWeight, StatedDose::PerSquareMetre(_)) => format!("body weight, Km {km}; {weight} kg"),
    }
}

/// The undivided human dose in mg by the divisor that the guidance prints, where it applies: the divisor holds the guidance's own factors.
fn printed(package: &Package<'_>, species: Species, stated: StatedDose) -> Option<f64> {
    let own = package.factors.differs(species) || package.surface_is_stated();
    match stated {
        StatedDose::PerKilogram(dose) if package.scaling == Scaling::BodySurface && !own => {
            Some(by_printed_divisor(dose, species) * package.human.weight_kg)
        }
        _ => None,
    }
}

fn differs(a: f64, b: f64) -> bool {
    (a - b).abs() > 1e-9 * b.abs()
}

/// What turns a concentration into a dose: molar mass, volume and bioavailability of the section `mabel`, otherwise of `predicted_human`.
fn potency_to_dose(package: &Package<'_>, potency_nanomolar: f64, fraction: f64) -> Option<PotencyToDose> {
    let mabel = package.nonclinical.mabel.as_ref();
    let predicted = package.nonclinical.predicted_human.as_ref();
    let stated_volume = mabel.and_then(|mabel| mabel.volume_l);
    let volume_l =
        stated_volume.or_else(|| package.pk.and_then(|pk| pk.volume_l)).or_else(|| predicted.and_then(|human| human.volume_l))?;
    // A volume over bioavailability already holds it: dividing again would count it twice.
    let bioavailability = match (mabel.and_then(|mabel| mabel.bioavailability), stated_volume) {
        (Some(stated), _) => stated,
        (None, Some(_)) => predicted.and_then(|human| human.bioavailability).unwrap_or(1.0),
        (None, None) => 1.0,
    };
    Some(PotencyToDose {
        potency_nanomolar,
        fraction,
        hill: 1.0,
        molar_mass_g_mol: package.nonclinical.molecular_weight_g_mol?,
        unbound_fraction: 1.0,
        volume_l,
        bioavailability,
        safety_factor: 1.0,
    })
}

fn minimal_effect(package: &Package<'_>, reading: &MethodReading) -> Option<Candidate> {
    let inputs = package.nonclinical.mabel.as_ref()?;
    let (position, potency) = package.potency_nanomolar(&inputs.assay, &inputs.parameter)?;
    let unbound = if inputs.correct_for_binding { package.nonclinical.unbound_fraction("human")? } else { 1.0 };
    let base = potency_to_dose(package, potency, inputs.fraction)?;
    let made = PotencyToDose { hill: inputs.hill, unbound_fraction: unbound, safety_factor: inputs.safety_factor, ..base };
    let label = format!("{} at {}% effect", inputs.parameter, percent(inputs.fraction));
    let keys = ["fraction", "hill", "volume_L", "bioavailability", "safety_factor", "correct_for_binding"];
    let filter = format!("mabel; in_vitro: assay = {}, parameter = {}", inputs.assay, inputs.parameter);
    let origin = Origin::new("mabel", filter, &keys).and(&Origin::new(format!("in_vitro[{position}]"), "", &["value", "unit"]));
    Some(from_concentration(package, reading, dose(&made), (&made, label, inputs.assay.clone(), origin)))
}

fn target_occupancy(package: &Package<'_>, reading: &MethodReading) -> Option<Candidate> {
    let inputs = package.nonclinical.receptor_occupancy.as_ref()?;
    let wanted = inputs.target_occupancy?;
    let binding = package.occupancy()?;
    let (position, kd) = package.potency_nanomolar(&inputs.assay, &inputs.parameter)?;
    let free = match binding.receptor_nanomolar {
        Some(receptor) => binding::total_ligand_for(wanted, receptor, kd),
        None => binding::concentration_for(wanted, kd, 1.0),
    };
    let made = potency_to_dose(package, kd, wanted)?;
    let label = format!("{} at {}% occupancy", inputs.parameter, percent(wanted));
    let filter = format!("receptor_occupancy; in_vitro: assay = {}, parameter = {}", inputs.assay, inputs.parameter);
    let origin = Origin::new("receptor_occupancy", filter, &["target_occupancy", "receptor_total_nM", "unbound"]).and(&Origin::new(
        format!("in_vitro[{position}]"),
        "",
        &["value", "unit"],
    ));
    let found = dose_of_concentration(free / binding.unbound_fraction, &made);
    Some(from_concentration(package, reading, found, (&made, label, inputs.assay.clone(), origin)))
}

fn from_concentration(
    package: &Package<'_>,
    reading: &MethodReading,
    found: ConcentrationDose,
    (made, label, assay, origin): (&PotencyToDose, String, String, Origin),
) -> Candidate {
    Candidate {
        system: assay,
        input: Some(Input { label, value: found.nanomolar, unit: "nM" }),
        conversion: format!("concentration x volume {:.3} L / bioavailability {}", made.volume_l, made.bioavailability),
        safety_factor: made.safety_factor,
        origin: origin.and(&Origin::new("predicted_human", "predicted_human", &["volume_L", "CL_F_L_h", "half_life_h"])),
        ..blank(reading, HumanDose::of_mg(found.mg, package.human))
    }
}

/// A share in percent, without the last digits of binary fractions.
fn percent(share: f64) -> f64 {
    (share * 1e6).round() / 1e4
}

/// The models that are compared: those marked as pharmacologically active, otherwise all.
fn active_models<'a>(package: &Package<'a>) -> impl Iterator<Item = (usize, &'a EfficacyModel)> {
    let models = &package.nonclinical.efficacy_models;
    let marked = models.iter().any(|model| model.pharmacologically_active == Some(true));
    models.iter().enumerate().filter(move |(_, model)| !marked || model.pharmacologically_active == Some(true))
}

fn model_words(model: &EfficacyModel) -> String {
    let effect = model.tgi_percent.map_or_else(String::new, |tgi| format!(", TGI {tgi}%"));
    format!("{} ({}), {} mg/kg{effect}", model.model, model.species.label(), model.dose_mg_kg)
}

fn active_exposure(package: &Package<'_>, reading: &MethodReading, (position, model): (usize, &EfficacyModel)) -> Option<Candidate> {
    let auc = model.auc24_ng_h_ml?;
    // The daily dose; a longer interval takes as many of them as it has days.
    let clearance = package.pk?.clearance_l_h;
    let days = package.pk.and_then(|pk| pk.interval_h).map_or(1.0, |hours| hours / 24.0);
    let unbound = package.nonclinical.unbound_fraction(model.species.id()).zip(package.nonclinical.unbound_fraction("human"));
    let (target, words) = match unbound {
        Some((animal, human)) if human > 0.0 => {
            let target = pad::equal_unbound_exposure(auc, animal, human);
            let words = format!("equal unbound exposure (unbound {}% and {}%), CL/F {clearance} L/h", percent(animal), percent(human));
            (target, words)
        }
        _ => (auc, format!("equal total exposure, CL/F {clearance} L/h")),
    };
    let filter = format!("efficacy_models: model = {}, dose_mg_kg = {}; predicted_human", model.model, model.dose_mg_kg);
    let origin = Origin::new(format!("efficacy_models[{position}]"), filter, &["AUC24_ng_h_mL"])
        .and(&Origin::new("predicted_human", "", &["CL_F_L_h"]))
        .and(&Origin::new("plasma_protein_binding_percent_bound", "", &[model.species.id(), "human"]));
    Some(Candidate {
        system: model_words(model),
        input: Some(Input { label: "AUC24".to_owned(), value: auc, unit: "ng·h/mL" }),
        conversion: words,
        origin,
        ..blank(reading, HumanDose::of_mg(pad::by_exposure(target, clearance) * days, package.human))
    })
}

fn active_dose(package: &Package<'_>, reading: &MethodReading, (position, model): (usize, &EfficacyModel)) -> Candidate {
    let stated = StatedDose::PerKilogram(model.dose_mg_kg);
    let km = package.factors.km(model.species);
    let dose = start(stated, km, 1.0, package.scaling, package.human);
    let filter = format!("efficacy_models: model = {}, dose_mg_kg = {}", model.model, model.dose_mg_kg);
    Candidate {
        system: model_words(model),
        input: Some(Input { label: "active dose".to_owned(), value: model.dose_mg_kg, unit: "mg/kg" }),
        conversion: conversion_words(package, stated, km),
        equivalent_mg_kg: Some(dose.mg_per_kg),
        printed_divisor_mg: printed(package, model.species, stated).filter(|mg| differs(*mg, dose.mg)),
        origin: Origin::new(format!("efficacy_models[{position}]"), filter, &["species", "dose_mg_kg"]),
        ..blank(reading, dose)
    }
}

fn stated(package: &Package<'_>) -> Vec<Candidate> {
    let of = |(position, estimate): (usize, &OtherEstimate)| {
        let mg = package.milligrams(estimate.dose.0)?;
        let (role, reason) = if estimate.decides {
            (Role::Decides, "the nonclinical file rests the choice on it")
        } else {
            (Role::Compared, "stated for comparison")
        };
        let reading = MethodReading { method: Method::Stated, role, reason, sources: &[] };
        let filter = format!("other_estimates: method = {}", estimate.method);
        Some(Candidate {
            system: estimate.method.clone(),
            study: estimate.source.clone(),
            conversion: format!("stated as {}", estimate.dose.0),
            origin: Origin::new(format!("other_estimates[{position}]"), filter, &["method", "dose"]),
            ..blank(&reading, HumanDose::of_mg(mg, package.human))
        })
    };
    package.nonclinical.other_estimates.iter().enumerate().filter_map(of).collect()
}
