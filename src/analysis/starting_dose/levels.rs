//! The planned levels: steps between them, predicted exposure, margins to animals, predicted occupancy and effect.

use crate::config::nonclinical::{EscalationScheme, LevelDefaults, PlannedLevel, StepUpDose, ToxicityLevel, ToxicityStudy};
use crate::config::{Dosage, DoseText};
use crate::quantity::{Dose, DoseUnit};

use super::candidate::{Candidate, Origin};
use super::escalation_steps::{StepError, doubling_until, modified_fibonacci};
use super::exposure::{PredictedExposure, Shares};
use super::methods::StartingDoseMethod;
use super::package::Package;

/// Share of the largest effect below which a level counts as inactive.
pub const INACTIVE_BELOW: f64 = 0.2;

/// Where the levels come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelSource {
    /// Listed in the nonclinical file.
    Listed,
    /// Made by a scheme of the nonclinical file from the chosen starting dose.
    Scheme,
    /// The drug's dosages in the project file.
    Dosages,
}

/// One planned level.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// Last piece of fact ids: the id of the dosage with the same dose, otherwise made from the dose.
    pub id: String,
    /// Words in tables.
    pub label: String,
    /// Dose.
    pub dose: Dose,
    /// Dose in mg for the reference human.
    pub mg: Option<f64>,
    /// Increment over the level below: 1 is a doubling.
    pub increment: Option<f64>,
    /// What the plan says of it.
    pub plan: LevelDefaults,
    /// Step-up or priming doses before the full dose.
    pub step_up: Vec<StepUpDose>,
    /// Exposure predicted at steady state.
    pub exposure: Option<PredictedExposure>,
    /// Hours after a dose and concentration in ng/mL over one dosing interval at steady state.
    pub profile: Option<Vec<(f64, f64)>>,
    /// Share of receptors bound.
    pub occupancy: Option<Shares>,
    /// Share of the largest effect reached.
    pub effect: Option<Shares>,
    /// Predicted exposure over that of animals.
    pub margins: Vec<Margin>,
    /// Predicted over efficacious exposure.
    pub of_efficacious: Option<f64>,
    /// Dose over the MABEL.
    pub of_mabel: Option<f64>,
    /// Where the level comes from.
    pub origin: Origin,
}

/// Predicted human exposure over that of animals in a study.
#[derive(Debug, Clone, PartialEq)]
pub struct Margin {
    /// Position of the study in the file.
    pub position: usize,
    /// Study.
    pub study: String,
    /// Species.
    pub species: &'static str,
    /// What the dose of the study is: HNSTD, STD10, NOAEL or the key dose.
    pub at: &'static str,
    /// AUC24 of the animals, ng·h/mL.
    pub animal_auc24: f64,
    /// Ratio of total exposures, human over animal.
    pub total: f64,
    /// Ratio of unbound exposures, where the binding is known in both.
    pub unbound: Option<f64>,
}

/// The levels and where they come from, and why a scheme gave none.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels {
    /// From the lowest up.
    pub levels: Vec<Level>,
    /// Where they come from.
    pub source: LevelSource,
    /// Why a scheme gave none.
    pub refused: Option<StepError>,
}

/// The planned levels of a package: listed, by a scheme from the chosen dose, or the drug's dosages.
#[must_use]
pub(super) fn plan(package: &Package<'_>, chosen: Option<Dose>, dosages: &[Dosage], candidates: &[Candidate]) -> Levels {
    let (written, source, refused) = written(package, chosen, dosages);
    let mabel = candidates.iter().find(|candidate| candidate.method == StartingDoseMethod::Mabel).map(|candidate| candidate.dose.mg);
    let mut levels: Vec<Level> = Vec::new();
    for (position, level) in written.into_iter().enumerate() {
        let below = levels.last().map(|below| below.dose);
        levels.push(made(package, level, (position, source), below, (dosages, mabel)));
    }
    Levels { levels, source, refused }
}

fn written(package: &Package<'_>, chosen: Option<Dose>, dosages: &[Dosage]) -> (Vec<PlannedLevel>, LevelSource, Option<StepError>) {
    let blank = |dose: Dose| PlannedLevel {
        dose: DoseText(dose),
        cohort_size: None,
        escalate_if: None,
        stay_if: None,
        de_escalate_if: None,
        observation: None,
        pharmacodynamic_gate: None,
        backfill: None,
        step_up: Vec::new(),
    };
    let plan = package.nonclinical.escalation_plan.as_ref();
    if let Some(plan) = plan.filter(|plan| !plan.levels.is_empty()) {
        return (plan.levels.clone(), LevelSource::Listed, None);
    }
    if let (Some(scheme), Some(start)) = (plan.and_then(|plan| plan.scheme.as_ref()), chosen) {
        return match scheme_doses(scheme, start) {
            Ok(doses) => {
                let made = doses.into_iter().filter_map(|amount| Dose::new(amount, start.unit()).ok());
                (made.map(blank).collect(), LevelSource::Scheme, None)
            }
            Err(error) => (Vec::new(), LevelSource::Scheme, Some(error)),
        };
    }
    let own = dosages.iter().filter(|dosage| !dosage.comparator).filter_map(|dosage| dosage.dose);
    (own.map(blank).collect(), LevelSource::Dosages, None)
}

fn scheme_doses(scheme: &EscalationScheme, start: Dose) -> Result<Vec<f64>, StepError> {
    let shares = |percents: &[f64]| percents.iter().map(|percent| percent / 100.0).collect::<Vec<_>>();
    let limit = |dose: &Option<DoseText>| dose.and_then(|dose| dose.0.amount_in(start.unit()));
    match scheme {
        EscalationScheme::ModifiedFibonacci(scheme) => {
            modified_fibonacci(start.amount(), &shares(&scheme.increments_percent), scheme.levels, limit(&scheme.cap))
        }
        EscalationScheme::DoublingUntilActivity(scheme) => {
            // A dose of activity that cannot be compared with the start never ends the doubling; it is refused as a start of zero would be.
            let active = scheme.until.0.amount_in(start.unit()).ok_or(StepError::Start(f64::NAN))?;
            doubling_until(active, start.amount(), &shares(&scheme.then_percent), scheme.levels, limit(&scheme.cap))
        }
    }
}

fn made(
    package: &Package<'_>,
    written: PlannedLevel,
    (position, source): (usize, LevelSource),
    below: Option<Dose>,
    (dosages, mabel): (&[Dosage], Option<f64>),
) -> Level {
    let dose = written.dose.0;
    let mg = package.milligrams(dose);
    let exposure = package.pk.zip(mg).map(|(pk, mg)| pk.predict(mg));
    let same = |dosage: &&Dosage| !dosage.comparator && dosage.dose.is_some_and(|other| equal(other, dose));
    // Two dosages with one dose differ by schedule: neither stands for the level.
    let mut matching = dosages.iter().filter(same);
    let dosage = if source == LevelSource::Dosages {
        dosages_in_order(dosages).nth(position)
    } else {
        matching.next().filter(|_| matching.next().is_none())
    };
    Level {
        id: dosage.map_or_else(|| dose.to_string(), |dosage| dosage.id.clone()),
        label: dosage.map_or_else(|| dose.to_string(), |dosage| dosage.label.clone()),
        dose,
        mg,
        increment: below
            .and_then(|below| Some(dose.amount() / below.amount_in(dose.unit())? - 1.0))
            .filter(|increment| increment.is_finite()),
        plan: merged(&written, package.nonclinical.escalation_plan.as_ref().map(|plan| &plan.every_level)),
        step_up: written.step_up,
        occupancy: package.occupancy().zip(exposure).map(|(binding, exposure)| binding.shares(&exposure)),
        effect: package.activity().zip(exposure).map(|(binding, exposure)| binding.shares(&exposure)),
        margins: exposure.map_or_else(Vec::new, |exposure| margins(package, exposure.auc24)),
        of_efficacious: exposure.and_then(|exposure| {
            package.nonclinical.predicted_human.as_ref()?.efficacious_auc24_ng_h_ml.map(|wanted| exposure.auc24 / wanted)
        }),
        of_mabel: mg.zip(mabel).map(|(mg, mabel)| mg / mabel),
        exposure,
        profile: package.pk.zip(mg).and_then(|(pk, mg)| pk.profile(mg)),
        origin: origin(position, source, dose),
    }
}

fn dosages_in_order(dosages: &[Dosage]) -> impl Iterator<Item = &Dosage> {
    dosages.iter().filter(|dosage| !dosage.comparator && dosage.dose.is_some())
}

fn equal(a: Dose, b: Dose) -> bool {
    let unit: DoseUnit = b.unit();
    a.amount_in(unit).is_some_and(|amount| (amount - b.amount()).abs() <= 1e-9 * b.amount())
}

fn origin(position: usize, source: LevelSource, dose: Dose) -> Origin {
    match source {
        LevelSource::Listed => {
            Origin::new(format!("escalation_plan.levels[{position}]"), format!("escalation_plan.levels: dose = {dose}"), &["dose"])
        }
        LevelSource::Scheme => Origin::new("escalation_plan.scheme", "escalation_plan.scheme", &["scheme"]),
        // The dosages stand in the project file: no entry of the nonclinical file.
        LevelSource::Dosages => Origin { entries: Vec::new(), filter: format!("dosages: dose = {dose}"), keys: vec!["dose".to_owned()] },
    }
}

fn merged(written: &PlannedLevel, every: Option<&LevelDefaults>) -> LevelDefaults {
    let every = every.cloned().unwrap_or_default();
    LevelDefaults {
        cohort_size: written.cohort_size.or(every.cohort_size),
        escalate_if: written.escalate_if.clone().or(every.escalate_if),
        stay_if: written.stay_if.clone().or(every.stay_if),
        de_escalate_if: written.de_escalate_if.clone().or(every.de_escalate_if),
        observation: written.observation.or(every.observation),
        pharmacodynamic_gate: written.pharmacodynamic_gate.clone().or(every.pharmacodynamic_gate),
        backfill: written.backfill.or(every.backfill),
    }
}

/// Predicted AUC24 over that of every study that measured one.
fn margins(package: &Package<'_>, auc24: f64) -> Vec<Margin> {
    let studies = package.nonclinical.repeat_dose_toxicity.iter().enumerate();
    let of = |(position, study): (usize, &ToxicityStudy)| {
        let animal_auc24 = study.auc_at_key_dose_ng_h_ml?;
        let unbound = package.nonclinical.unbound_fraction(study.species.id()).zip(package.nonclinical.unbound_fraction("human"));
        let total = auc24 / animal_auc24;
        Some(Margin {
            position,
            study: study.study.clone(),
            species: study.species.label(),
            at: key_dose_words(study),
            animal_auc24,
            total,
            unbound: unbound.filter(|(animal, _)| *animal > 0.0).map(|(animal, human)| total * human / animal),
        })
    };
    studies.filter_map(of).collect()
}

/// What the dose with the measured exposure is in its study.
pub(super) fn key_dose_words(study: &ToxicityStudy) -> &'static str {
    let is = |dose: Option<f64>| dose.zip(study.key_dose_mg_kg).is_some_and(|(dose, key)| (dose - key).abs() <= 1e-9 * key);
    if is(study.hnstd_mg_kg) {
        ToxicityLevel::Hnstd.label()
    } else if is(study.std10_mg_kg) {
        ToxicityLevel::Std10.label()
    } else if is(study.noael_mg_kg) {
        ToxicityLevel::Noael.label()
    } else {
        "key dose"
    }
}
