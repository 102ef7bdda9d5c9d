//! F-F01: the dose ladder. Every candidate starting dose, the doses with known exposure and the planned levels on one axis.

use crate::analysis::starting_dose::{Candidate, Origin, Role, StartingDoseMethod, StartingDoseResult};
use crate::config::nonclinical::NonclinicalFile;
use crate::evidence::{Axis, Content, Exhibit, Facts, FigureSpec, Notes, Plot, Rung, RungKind, Unit};
use crate::quantity::DoseUnit;

use super::candidates::chosen_origin;
use super::figures::{about, sources};
use super::ledger::{Entry, Ledger, PROJECT, capital};

const TITLE: &str = "Dose ladder";

/// The unit of the axis: that of the chosen dose, and how many of it one milligram is for the reference human.
pub(super) struct Scale {
    pub(super) unit: DoseUnit,
    pub(super) per_milligram: f64,
}

impl Scale {
    /// The unit of the chosen dose where that can be converted from mg, otherwise mg.
    pub(super) fn of(result: &StartingDoseResult) -> Self {
        let chosen = result.chosen.as_ref().and_then(|chosen| Some((chosen.dose, chosen.human?.mg)));
        chosen.map_or(Self { unit: DoseUnit::Milligram, per_milligram: 1.0 }, |(dose, mg)| Self {
            unit: dose.unit(),
            per_milligram: dose.amount() / mg,
        })
    }
}

/// F-F01.
pub(super) fn figure(result: &StartingDoseResult, file: &NonclinicalFile, facts: &mut Facts) -> Exhibit {
    let mut ledger = Ledger::new(facts, "F-F01", file);
    let scale = Scale::of(result);
    let rungs = rungs(result, &scale);
    if rungs.iter().all(|rung| matches!(rung.kind, RungKind::Chosen | RungKind::Planned)) {
        let needs = ["NONCLINICAL: repeat_dose_toxicity, in_vitro, efficacy_models or predicted_human"];
        let reason = "The nonclinical file gives no dose that could stand beside the chosen one and the planned levels.";
        return Exhibit::placeholder(ledger.exhibit(), TITLE, reason, &needs);
    }
    record(result, &mut ledger);
    let unit = scale.unit.label().to_owned();
    let alt = alt(result, &rungs, &unit);
    let dose = Axis { label: format!("Dose for the reference adult ({unit}, logarithmic)"), log: true, range: None };
    let plot = Plot::DoseLadder { dose, unit, rungs };
    let source = sources(&ledger, &origins(result));
    Exhibit {
        id: ledger.exhibit(),
        title: TITLE.to_owned(),
        content: Content::Figure(FigureSpec { plot, alt, source }),
        notes: notes(result),
    }
}

/// Every dose of the figure in its unit.
fn rungs(result: &StartingDoseResult, scale: &Scale) -> Vec<Rung> {
    let rung = |label: String, mg: f64, kind: RungKind| Rung { label, at: mg * scale.per_milligram, kind };
    let mut rungs = Vec::new();
    if let Some((chosen, human)) = result.chosen.as_ref().and_then(|chosen| Some((chosen, chosen.human?))) {
        rungs.push(rung(format!("Chosen starting dose, {}", chosen.dose), human.mg, RungKind::Chosen));
    }
    rungs.extend(result.candidates.iter().map(|candidate| {
        let kind = if candidate.role == Role::Decides { RungKind::Applicable } else { RungKind::Comparison };
        rung(candidate_words(candidate), candidate.dose.mg, kind)
    }));
    for animal in &result.animal_exposures {
        let words = |of: &str| format!("{} at the {}, {}: {of}AUC24", capital(animal.species), animal.at, animal.study);
        let total = if animal.unbound_mg.is_some() { "total " } else { "" };
        rungs.push(rung(words(total), animal.total_mg, RungKind::AnimalExposure));
        rungs.extend(animal.unbound_mg.map(|mg| rung(words("unbound "), mg, RungKind::AnimalExposure)));
    }
    rungs.extend(result.efficacious_mg.map(|mg| rung("AUC24 expected to be effective".to_owned(), mg, RungKind::Efficacious)));
    let planned = result.levels.levels.iter().filter_map(|level| Some((level, level.mg?)));
    rungs.extend(planned.map(|(level, mg)| {
        let amount = level.dose.amount_in(scale.unit).unwrap_or(mg * scale.per_milligram);
        rung(about(amount), mg, RungKind::Planned)
    }));
    rungs
}

fn candidate_words(candidate: &Candidate) -> String {
    // The effect in a model stands in T-F01.
    let system = candidate.system.split(", TGI ").next().unwrap_or(&candidate.system);
    let study = candidate.study.as_ref().map_or_else(String::new, |study| format!(", {study}"));
    let method = match candidate.method {
        StartingDoseMethod::OneTenthStd10 => "1/10 of STD10",
        StartingDoseMethod::OneSixthHnstd => "1/6 of HNSTD",
        StartingDoseMethod::NoaelEquivalent => "MRSD from NOAEL",
        StartingDoseMethod::Mabel => "MABEL",
        StartingDoseMethod::ReceptorOccupancy => "Occupancy",
        StartingDoseMethod::ActiveExposure => "PAD by exposure",
        StartingDoseMethod::ActiveDoseEquivalent => "PAD by surface",
        StartingDoseMethod::Stated => return capital(&format!("{}{study}", candidate.system)),
    };
    let input = match (candidate.method, &candidate.input) {
        (StartingDoseMethod::Mabel | StartingDoseMethod::ReceptorOccupancy, Some(input)) => format!(", {}", input.label),
        _ => String::new(),
    };
    format!("{method}: {system}{study}{input}")
}

/// The doses that no table holds.
fn record(result: &StartingDoseResult, ledger: &mut Ledger<'_>) {
    let milligrams = || Unit::Named("mg".to_owned());
    for animal in &result.animal_exposures {
        let what = format!("{} {}", animal.species, animal.study);
        let label = format!("Human dose with the AUC24 of the {} at the {} ({})", animal.species, animal.at, animal.study);
        let total = Entry {
            measure: "dose_with_animal_exposure",
            what: Some(&what),
            dosage: None,
            label: label.clone(),
            method: "AUC24 times predicted clearance",
            unit: milligrams(),
            origin: &animal.origin,
        };
        ledger.number(&total, animal.total_mg);
        if let Some(unbound) = animal.unbound_mg {
            let binding = Origin::new("plasma_protein_binding_percent_bound", "plasma_protein_binding_percent_bound", &["human"]);
            let origin = animal.origin.clone().and(&binding);
            let label = format!("{label}, unbound");
            ledger.number(&Entry { measure: "dose_with_animal_exposure_unbound", label, origin: &origin, ..total.clone() }, unbound);
        }
    }
    if let Some(mg) = result.efficacious_mg {
        let entry = Entry {
            measure: "dose_with_efficacious_exposure",
            what: None,
            dosage: None,
            label: "Human dose with the AUC24 expected to be effective".to_owned(),
            method: "AUC24 times predicted clearance",
            unit: milligrams(),
            origin: &efficacious_origin(),
        };
        ledger.number(&entry, mg);
    }
}

fn efficacious_origin() -> Origin {
    Origin::new("predicted_human", "predicted_human", &["efficacious_AUC24_ng_h_mL", "CL_F_L_h"])
}

fn origins(result: &StartingDoseResult) -> Vec<Origin> {
    let chosen = result.chosen.as_ref().map(chosen_origin);
    let candidates = result.candidates.iter().map(|candidate| candidate.origin.clone());
    let animals = result.animal_exposures.iter().map(|animal| animal.origin.clone());
    let levels = result.levels.levels.iter().map(|level| level.origin.clone());
    chosen.into_iter().chain(candidates).chain(animals).chain(result.efficacious_mg.map(|_| efficacious_origin())).chain(levels).collect()
}

fn alt(result: &StartingDoseResult, rungs: &[Rung], unit: &str) -> String {
    let range = |kinds: &[RungKind], words: &str| {
        let mut doses: Vec<f64> = rungs.iter().filter(|rung| kinds.contains(&rung.kind)).map(|rung| rung.at).collect();
        doses.sort_by(f64::total_cmp);
        let ends = doses.first().copied().zip(doses.last().copied());
        ends.map(|(low, high)| format!(" {words}: {} to {} {unit}.", about(low), about(high))).unwrap_or_default()
    };
    let chosen = result.chosen.as_ref().map_or_else(String::new, |chosen| format!(" Chosen starting dose: {}.", chosen.dose));
    format!(
        "Dose ladder on a logarithmic axis.{chosen}{}{}{}{}{}",
        range(&[RungKind::Applicable], "Estimates of applicable methods"),
        range(&[RungKind::Comparison], "Estimates shown for comparison"),
        range(&[RungKind::AnimalExposure], "Human doses with the exposure of animals"),
        range(&[RungKind::Efficacious], "Dose with the efficacious exposure"),
        range(&[RungKind::Planned], "Planned levels"),
    )
}

fn notes(result: &StartingDoseResult) -> Notes {
    let mut notes = Ledger::notes();
    if result.chosen.as_ref().is_some_and(|chosen| chosen.from_project) {
        notes.datasets.push(PROJECT.to_owned());
    }
    notes.methods.push(format!("Estimates as in T-F01, for the reference adult of {} kg", result.human.weight_kg));
    if !result.animal_exposures.is_empty() || result.efficacious_mg.is_some() {
        let clearance = result.pk.map_or_else(String::new, |pk| format!(" of {} L/h", pk.clearance_l_h));
        notes.methods.push(format!("Doses with a known exposure: AUC24 times the predicted clearance over bioavailability{clearance}"));
    }
    if result.animal_exposures.iter().any(|animal| animal.unbound_mg.is_some()) {
        notes.methods.push("Unbound: the same AUC24 of the drug that is not bound to plasma proteins".to_owned());
    }
    notes.abbreviations = [
        "AUC24: area under the concentration-time curve over 24 h at steady state",
        "HNSTD: highest non-severely toxic dose",
        "MABEL: minimally anticipated biological effect level",
        "MRSD: maximum recommended starting dose",
        "NOAEL: no observed adverse effect level",
        "PAD: pharmacologically active dose",
        "STD10: dose severely toxic to 10% of the animals",
    ]
    .map(str::to_owned)
    .to_vec();
    notes
}
