//! A nonclinical package with everything that conversions need, made once.

use crate::config::MolecularClass;
use crate::config::nonclinical::{Nonclinical, Scaling};
use crate::quantity::{Dose, DoseUnit};

use super::exposure::{HumanPharmacokinetics, TargetBinding};
use super::hed::{Factors, Human};

/// Molar mass above which a protein is taken to stay in the circulation, g/mol `[FDA-MRSD]`.
pub(super) const LARGE_MOLECULE: f64 = 100_000.0;

/// The package and the factors in use.
#[derive(Debug, Clone)]
pub(super) struct Package<'a> {
    /// What the file says.
    pub(super) nonclinical: &'a Nonclinical,
    /// Class of the molecule.
    pub(super) class: MolecularClass,
    /// Body-surface factors.
    pub(super) factors: Factors,
    /// The human that doses are converted to.
    pub(super) human: Human,
    /// How doses are carried from animals to humans.
    pub(super) scaling: Scaling,
    /// Pharmacokinetics predicted for humans.
    pub(super) pk: Option<HumanPharmacokinetics>,
}

impl<'a> Package<'a> {
    /// The package of a file for a class of molecules.
    #[must_use]
    pub(super) fn new(nonclinical: &'a Nonclinical, class: MolecularClass) -> Self {
        let factors = Factors::new(&nonclinical.km_factors);
        let human = Human::new(&nonclinical.human, factors.human());
        let large = nonclinical.molecular_weight_g_mol.is_some_and(|mass| mass > LARGE_MOLECULE);
        let by_weight = large && class != MolecularClass::Adc;
        let default = if by_weight { Scaling::BodyWeight } else { Scaling::BodySurface };
        Self {
            nonclinical,
            class,
            human,
            scaling: nonclinical.scaling.unwrap_or(default),
            pk: HumanPharmacokinetics::new(nonclinical),
            factors,
        }
    }

    /// Whether the file states the body surface, so that mg/m² are not carried over by the human factor.
    #[must_use]
    pub(super) fn surface_is_stated(&self) -> bool {
        self.nonclinical.human.body_surface_m2.is_some()
    }

    /// A dose in mg for the human of the package; `None` for units of activity and cells.
    #[must_use]
    pub(super) fn milligrams(&self, dose: Dose) -> Option<f64> {
        let per_kilogram = || dose.amount_in(DoseUnit::MilligramPerKilogram).map(|amount| amount * self.human.weight_kg);
        let per_square_metre = || dose.amount_in(DoseUnit::MilligramPerSquareMetre).map(|amount| amount * self.human.surface_m2);
        dose.amount_in(DoseUnit::Milligram).or_else(per_kilogram).or_else(per_square_metre)
    }

    /// A potency of `in_vitro` in nM with its position there.
    #[must_use]
    pub(super) fn potency_nanomolar(&self, assay: &str, parameter: &str) -> Option<(usize, f64)> {
        let (position, potency) = self.nonclinical.potency(assay, parameter)?;
        Some((position, potency.unit.nanomolar(potency.value, self.nonclinical.molecular_weight_g_mol)?))
    }

    /// What receptor occupancy is predicted from, where the file says.
    #[must_use]
    pub(super) fn occupancy(&self) -> Option<TargetBinding> {
        let inputs = self.nonclinical.receptor_occupancy.as_ref()?;
        let unbound_fraction = if inputs.unbound { self.nonclinical.unbound_fraction("human")? } else { 1.0 };
        Some(TargetBinding {
            potency_nanomolar: self.potency_nanomolar(&inputs.assay, &inputs.parameter)?.1,
            hill: 1.0,
            receptor_nanomolar: inputs.receptor_total_nanomolar,
            unbound_fraction,
            molar_mass_g_mol: self.nonclinical.molecular_weight_g_mol?,
        })
    }

    /// What pharmacological activity is predicted from, where the file says: unbound concentrations where the binding is known.
    #[must_use]
    pub(super) fn activity(&self) -> Option<TargetBinding> {
        let inputs = self.nonclinical.activity.as_ref()?;
        Some(TargetBinding {
            potency_nanomolar: self.potency_nanomolar(&inputs.assay, &inputs.parameter)?.1,
            hill: inputs.hill,
            receptor_nanomolar: None,
            unbound_fraction: self.nonclinical.unbound_fraction("human").unwrap_or(1.0),
            molar_mass_g_mol: self.nonclinical.molecular_weight_g_mol?,
        })
    }
}
