//! Which methods apply to a molecule, by its class and its hazards, and what each is worth for the choice.

use crate::config::MolecularClass;
use crate::config::nonclinical::Hazard;

/// A way to a starting dose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StartingDoseMethod {
    /// One tenth of the STD10 of a rodent `[ICH-S9]`.
    OneTenthStd10,
    /// One sixth of the HNSTD of a non-rodent `[ICH-S9]`.
    OneSixthHnstd,
    /// Human equivalent of the NOAEL over a safety factor `[FDA-MRSD]`.
    NoaelEquivalent,
    /// Minimally anticipated biological effect level `[EMA-FIH]`.
    Mabel,
    /// Dose with a stated receptor occupancy.
    ReceptorOccupancy,
    /// Dose with the exposure that was active in animals `[EMA-FIH]`.
    ActiveExposure,
    /// Human equivalent, by body surface, of the dose that was active in animals `[EMA-FIH]`.
    ActiveDoseEquivalent,
    /// A method that is not computed here; the file states its result.
    Stated,
}

impl StartingDoseMethod {
    /// Every method, in the order of tables.
    pub const ALL: [Self; 8] = [
        Self::OneTenthStd10,
        Self::OneSixthHnstd,
        Self::NoaelEquivalent,
        Self::Mabel,
        Self::ReceptorOccupancy,
        Self::ActiveExposure,
        Self::ActiveDoseEquivalent,
        Self::Stated,
    ];

    /// Name in fact ids.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::OneTenthStd10 => "one_tenth_std10",
            Self::OneSixthHnstd => "one_sixth_hnstd",
            Self::NoaelEquivalent => "mrsd",
            Self::Mabel => "mabel",
            Self::ReceptorOccupancy => "receptor_occupancy_dose",
            Self::ActiveExposure => "active_dose_by_exposure",
            Self::ActiveDoseEquivalent => "active_dose_by_surface",
            Self::Stated => "stated_estimate",
        }
    }

    /// Name in tables.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::OneTenthStd10 => "One tenth of the STD10",
            Self::OneSixthHnstd => "One sixth of the HNSTD",
            Self::NoaelEquivalent => "Human equivalent of the NOAEL over a safety factor (MRSD)",
            Self::Mabel => "MABEL",
            Self::ReceptorOccupancy => "Dose with the stated receptor occupancy",
            Self::ActiveExposure => "Pharmacologically active dose, by exposure",
            Self::ActiveDoseEquivalent => "Pharmacologically active dose, by body surface",
            Self::Stated => "Estimate stated in the nonclinical file",
        }
    }

    /// What the nonclinical file needs for it.
    #[must_use]
    pub fn needs(self) -> &'static str {
        match self {
            Self::OneTenthStd10 => "repeat_dose_toxicity: STD10 of a rodent",
            Self::OneSixthHnstd => "repeat_dose_toxicity: HNSTD of a non-rodent",
            Self::NoaelEquivalent => "repeat_dose_toxicity: NOAEL",
            Self::Mabel => "mabel: assay, parameter and fraction; molecular_weight_g_mol; a volume of distribution",
            Self::ReceptorOccupancy => "receptor_occupancy: assay and target_occupancy; molecular_weight_g_mol; a volume of distribution",
            Self::ActiveExposure => "efficacy_models: AUC24_ng_h_mL; predicted_human: CL_F_L_h",
            Self::ActiveDoseEquivalent => "efficacy_models: dose_mg_kg",
            Self::Stated => "other_estimates",
        }
    }
}

/// What a method is worth for the choice of the starting dose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The starting dose is expected at or below its result.
    Decides,
    /// Shown beside the choice.
    Compared,
}

impl Role {
    /// The word in tables.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Decides => "applicable",
            Self::Compared => "comparison",
        }
    }
}

/// A method as it applies to one molecule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodReading {
    /// Method.
    pub method: StartingDoseMethod,
    /// What it is worth for the choice.
    pub role: Role,
    /// Why, a sentence.
    pub reason: &'static str,
    /// Source keys of the reason.
    pub sources: &'static [&'static str],
}

/// Every computed method with its role for a class of molecules and its hazards, in the order of tables.
///
/// - An immune agonist, or a molecule with a hazard that animals do not show, starts at a minimal biological effect: MABEL decides and doses
///   from toxicity or occupancy alone are comparisons, because in FDA's reviews they came close to or above the highest tolerated human dose.
/// - Every other anticancer drug starts from severe toxicity (one tenth of the STD10, one sixth of the HNSTD); MABEL is a comparison.
/// - For an antagonist, occupancy describes the pharmacology and is a comparison.
/// - The NOAEL method is for healthy volunteers, the active dose says where activity is expected: comparisons always.
#[must_use]
pub fn methods_for(class: MolecularClass, hazards: &[Hazard]) -> Vec<MethodReading> {
    let minimal_effect = class == MolecularClass::Agonist || !hazards.is_empty();
    StartingDoseMethod::ALL
        .into_iter()
        .filter(|method| *method != StartingDoseMethod::Stated)
        .map(|method| reading(method, class, minimal_effect))
        .collect()
}

fn reading(method: StartingDoseMethod, class: MolecularClass, minimal_effect: bool) -> MethodReading {
    use StartingDoseMethod as M;
    let (role, reason, sources): (Role, &'static str, &'static [&'static str]) = match method {
        M::OneTenthStd10 | M::OneSixthHnstd if minimal_effect => (
            Role::Compared,
            "for immune agonists, doses from toxicity alone came close to or above the highest tolerated human dose",
            &["Saber2016", "Saber2017"],
        ),
        M::OneTenthStd10 | M::OneSixthHnstd if class == MolecularClass::Adc => {
            (Role::Decides, "scaled by body surface, generally acceptable for antibody-drug conjugates", &["ICH-S9", "SaberLeighton2015"])
        }
        M::OneTenthStd10 => (Role::Decides, "customary for anticancer drugs where rodents are appropriate", &["ICH-S9", "ICH-S9-QA"]),
        M::OneSixthHnstd => {
            (Role::Decides, "customary for anticancer drugs where the non-rodent is the most appropriate species", &["ICH-S9", "ICH-S9-QA"])
        }
        M::NoaelEquivalent => (Role::Compared, "the guidance is for healthy volunteers", &["FDA-MRSD"]),
        M::Mabel if minimal_effect => {
            (Role::Decides, "a minimal biological effect is the start for this class or hazard", &["ICH-S9", "EMA-FIH"])
        }
        M::Mabel => (Role::Compared, "no hazard asks for a start at a minimal biological effect", &["ICH-S9", "EMA-FIH"]),
        M::ReceptorOccupancy if minimal_effect => (
            Role::Compared,
            "for immune agonists, doses from occupancy alone came close to or above the highest tolerated human dose",
            &["Saber2016", "Saber2017"],
        ),
        M::ReceptorOccupancy => (Role::Compared, "says how much of the target is bound", &["EMA-FIH"]),
        M::ActiveExposure | M::ActiveDoseEquivalent | M::Stated => {
            (Role::Compared, "says where activity is expected, not what is tolerated", &["EMA-FIH"])
        }
    };
    MethodReading { method, role, reason, sources }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(class: MolecularClass, hazards: &[Hazard], method: StartingDoseMethod) -> Role {
        methods_for(class, hazards).into_iter().find(|reading| reading.method == method).unwrap().role
    }

    #[test]
    fn an_agonist_or_a_hazard_makes_mabel_decide() {
        for (class, hazards) in [(MolecularClass::Agonist, &[][..]), (MolecularClass::Antagonist, &[Hazard::CytokineRelease][..])] {
            assert_eq!(role(class, hazards, StartingDoseMethod::Mabel), Role::Decides);
            assert_eq!(role(class, hazards, StartingDoseMethod::OneSixthHnstd), Role::Compared);
            assert_eq!(role(class, hazards, StartingDoseMethod::ReceptorOccupancy), Role::Compared);
        }
    }

    #[test]
    fn other_anticancer_drugs_start_from_severe_toxicity() {
        for class in [MolecularClass::SmallMoleculeTargeted, MolecularClass::Adc, MolecularClass::Antagonist, MolecularClass::Other] {
            assert_eq!(role(class, &[], StartingDoseMethod::OneTenthStd10), Role::Decides);
            assert_eq!(role(class, &[], StartingDoseMethod::OneSixthHnstd), Role::Decides);
            assert_eq!(role(class, &[], StartingDoseMethod::Mabel), Role::Compared);
            assert_eq!(role(class, &[], StartingDoseMethod::NoaelEquivalent), Role::Compared);
        }
    }

    #[test]
    fn every_reading_names_its_source() {
        for class in [MolecularClass::Adc, MolecularClass::Agonist, MolecularClass::Other] {
            assert!(methods_for(class, &[]).iter().all(|reading| !reading.sources.is_empty() && !reading.reason.is_empty()));
        }
    }
}
