//! The starting dose and the planned levels, from the nonclinical package: what every method gives, and where the chosen dose stands.
//!
//! [`analyse`] takes the nonclinical file and the settings and gives a [`StartingDoseResult`]. The arithmetic stands in files of its own, one
//! for each idea: [`hed`], [`mrsd`], [`s9`], [`binding`], [`mabel`], [`pad`], [`allometry`], [`exposure`], [`escalation_steps`]; `methods`
//! says which method applies to which molecule, `engagement` what doses do to the target, `reached` at which dose a known exposure is met.

pub mod allometry;
pub mod binding;
mod candidate;
mod engagement;
pub mod escalation_steps;
pub mod exposure;
pub mod hed;
mod levels;
pub mod mabel;
mod methods;
pub mod mrsd;
mod package;
pub mod pad;
mod reached;
pub mod s9;

pub use candidate::{Candidate, Input, Origin};
pub use engagement::{Engagement, EngagementCurve, EngagementPoint, PlasmaPotency, STEEP, SteepRange, TargetMeasure};
pub use levels::{INACTIVE_BELOW, Level, LevelSource, Levels, Margin};
pub use methods::{MethodReading, Role, StartingDoseMethod, methods_for};
pub use reached::AnimalExposureDose;

use crate::config::nonclinical::{Nonclinical, Scaling};
use crate::config::{MolecularClass, Settings};
use crate::quantity::{Dose, DoseUnit};

use allometry::{Allometry, AllometryError};
use exposure::{HumanPharmacokinetics, PredictedExposure};
use hed::Human;
use package::Package;
use s9::HumanDose;

/// Everything that the nonclinical package says of the starting dose.
#[derive(Debug, Clone, PartialEq)]
pub struct StartingDoseResult {
    /// Class of the molecule.
    pub class: MolecularClass,
    /// The dose chosen for the first patients.
    pub chosen: Option<Chosen>,
    /// Every computed method with its role for this molecule.
    pub methods: Vec<MethodReading>,
    /// Candidate starting doses.
    pub candidates: Vec<Candidate>,
    /// How doses are carried from animals to humans.
    pub scaling: Scaling,
    /// The human that doses are converted to.
    pub human: Human,
    /// Pharmacokinetics predicted for humans.
    pub pk: Option<HumanPharmacokinetics>,
    /// Clearance scaled from animals; `None` without `animal_pharmacokinetics`.
    pub allometry: Option<Result<Allometry, AllometryError>>,
    /// The planned levels.
    pub levels: Levels,
    /// Potencies in plasma, and occupancy and effect against dose.
    pub engagement: Engagement,
    /// Human doses with the exposure of animals.
    pub animal_exposures: Vec<AnimalExposureDose>,
    /// Human dose in mg with the efficacious exposure.
    pub efficacious_mg: Option<f64>,
    /// What a reader must know.
    pub notes: Vec<Note>,
}

/// The dose chosen for the first patients.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// Dose.
    pub dose: Dose,
    /// The same counted in each way; `None` for units of activity and cells.
    pub human: Option<HumanDose>,
    /// Why.
    pub reason: Option<String>,
    /// Whether the project file names it; otherwise the nonclinical file does.
    pub from_project: bool,
    /// Exposure predicted for it.
    pub exposure: Option<PredictedExposure>,
}

/// Where the chosen dose stands against a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Below it.
    Below,
    /// At it.
    At,
    /// Above it.
    Above,
}

impl Position {
    /// The position of a ratio of the chosen dose over a candidate.
    #[must_use]
    pub fn of(ratio: f64) -> Self {
        match ratio {
            ratio if (ratio - 1.0).abs() <= 1e-9 => Self::At,
            ratio if ratio < 1.0 => Self::Below,
            _ => Self::Above,
        }
    }

    /// The word in tables.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Below => "below",
            Self::At => "at",
            Self::Above => "above",
        }
    }
}

/// What a reader of the derivation must know.
#[derive(Debug, Clone, PartialEq)]
pub enum Note {
    /// A body-surface factor that is not that of the guidance.
    FactorDeviates {
        /// Species.
        name: &'static str,
        /// In the file.
        stated: f64,
        /// In the guidance.
        table: f64,
    },
    /// The project file and the nonclinical file name different starting doses.
    ChosenDiffers {
        /// Project file.
        project: Dose,
        /// Nonclinical file, mg.
        package_mg: f64,
    },
    /// The lowest planned level is not the chosen starting dose.
    LowestLevelDiffers {
        /// Chosen dose.
        chosen: Dose,
        /// Lowest level.
        lowest: Dose,
    },
    /// A study in a species that is not relevant decides nothing.
    SpeciesNotRelevant {
        /// Study.
        study: String,
        /// Species.
        species: &'static str,
    },
    /// No dosing interval is known: exposure is predicted for one dose a day.
    OnceDailyAssumed,
    /// Which methods apply and cannot be computed.
    MethodMissing {
        /// Method.
        method: StartingDoseMethod,
    },
}

impl StartingDoseResult {
    /// The smallest of the estimates on which the choice rests.
    #[must_use]
    pub fn smallest(&self) -> Option<&Candidate> {
        let deciding = self.candidates.iter().filter(|candidate| candidate.role == Role::Decides);
        deciding.min_by(|a, b| a.dose.mg.total_cmp(&b.dose.mg))
    }

    /// The chosen dose over a candidate.
    #[must_use]
    pub fn ratio(&self, candidate: &Candidate) -> Option<f64> {
        Some(self.chosen.as_ref()?.human?.mg / candidate.dose.mg)
    }

    /// Whether the chosen dose exceeds the smallest estimate on which the choice rests; `None` where either is unknown.
    #[must_use]
    pub fn exceeds_smallest(&self) -> Option<bool> {
        Some(Position::of(self.ratio(self.smallest()?)?) == Position::Above)
    }

    /// How many planned levels are predicted to stay below a fifth of the largest effect at the average concentration; `None` without
    /// `activity` or without predicted exposure.
    #[must_use]
    pub fn inactive_levels(&self) -> Option<usize> {
        let effects: Vec<f64> = self.levels.levels.iter().map(|level| level.effect.map(|effect| effect.average)).collect::<Option<_>>()?;
        (!effects.is_empty()).then(|| effects.iter().filter(|effect| **effect < INACTIVE_BELOW).count())
    }

    /// The largest increment between planned levels.
    #[must_use]
    pub fn largest_increment(&self) -> Option<f64> {
        self.levels.levels.iter().filter_map(|level| level.increment).max_by(f64::total_cmp)
    }
}

/// Derives candidate starting doses and predicts exposure at the planned levels.
///
/// The chosen dose is `starting_dose.chosen` of the project file, otherwise `fih_starting_dose.proposed_mg` of the nonclinical file.
#[must_use]
pub fn analyse(nonclinical: &Nonclinical, settings: &Settings) -> StartingDoseResult {
    let class = settings.drug.molecular_class;
    let package = Package::new(nonclinical, class);
    let chosen = chosen(&package, settings);
    let candidates = candidate::candidates(&package);
    let levels = levels::plan(&package, chosen.as_ref().map(|chosen| chosen.dose), &settings.dosages, &candidates);
    let in_milligrams: Vec<f64> = levels.levels.iter().filter_map(|level| level.mg).collect();
    let methods = methods_for(class, &nonclinical.hazards);
    let animals: Vec<(f64, f64)> = nonclinical.animal_pharmacokinetics.iter().map(|pk| (pk.weight_kg, pk.clearance_l_h)).collect();
    let allometry = (!animals.is_empty()).then(|| allometry::scale(&animals, package.human.weight_kg));
    let notes = notes(&package, chosen.as_ref(), (&methods, &candidates), &levels);
    StartingDoseResult {
        class,
        chosen,
        methods,
        candidates,
        scaling: package.scaling,
        human: package.human,
        pk: package.pk,
        allometry,
        engagement: engagement::engagement(&package, &in_milligrams),
        animal_exposures: reached::animal_exposures(&package),
        efficacious_mg: reached::efficacious(&package),
        levels,
        notes,
    }
}

fn chosen(package: &Package<'_>, settings: &Settings) -> Option<Chosen> {
    let section = settings.starting_dose.as_ref();
    let proposed = package.nonclinical.fih_starting_dose.as_ref();
    let from_project = section.and_then(|section| section.chosen);
    let from_package = || Dose::new(proposed?.proposed_mg?, DoseUnit::Milligram).ok();
    let dose = from_project.or_else(from_package)?;
    let reason = section.and_then(|section| section.reason.clone()).or_else(|| proposed.and_then(|proposed| proposed.basis.clone()));
    let mg = package.milligrams(dose);
    Some(Chosen {
        dose,
        human: mg.map(|mg| HumanDose::of_mg(mg, package.human)),
        reason,
        from_project: from_project.is_some(),
        exposure: package.pk.zip(mg).map(|(pk, mg)| pk.predict(mg)),
    })
}

fn notes(
    package: &Package<'_>,
    chosen: Option<&Chosen>,
    (methods, candidates): (&[MethodReading], &[Candidate]),
    levels: &Levels,
) -> Vec<Note> {
    let mut notes: Vec<Note> =
        package.factors.deviations().into_iter().map(|(name, stated, table)| Note::FactorDeviates { name, stated, table }).collect();
    let proposed = package.nonclinical.fih_starting_dose.as_ref().and_then(|start| start.proposed_mg);
    let differ = |a: f64, b: f64| (a - b).abs() > 1e-9 * b;
    if let (Some(chosen), Some(package_mg)) = (chosen, proposed)
        && chosen.human.is_none_or(|human| differ(human.mg, package_mg))
    {
        notes.push(Note::ChosenDiffers { project: chosen.dose, package_mg });
    }
    if let (Some(chosen), Some(lowest)) = (chosen, levels.levels.first())
        && lowest.dose.amount_in(chosen.dose.unit()).is_none_or(|amount| differ(amount, chosen.dose.amount()))
    {
        notes.push(Note::LowestLevelDiffers { chosen: chosen.dose, lowest: lowest.dose });
    }
    let irrelevant =
        package.nonclinical.repeat_dose_toxicity.iter().filter(|study| study.relevant == crate::config::nonclinical::Relevance::No);
    notes.extend(irrelevant.map(|study| Note::SpeciesNotRelevant { study: study.study.clone(), species: study.species.label() }));
    if package.pk.is_some_and(|pk| pk.interval_h.is_none()) {
        notes.push(Note::OnceDailyAssumed);
    }
    let missing = methods
        .iter()
        .filter(|reading| reading.role == Role::Decides && candidates.iter().all(|candidate| candidate.method != reading.method))
        .map(|reading| Note::MethodMissing { method: reading.method });
    notes.extend(missing);
    notes
}

#[cfg(test)]
pub(crate) mod tests;
