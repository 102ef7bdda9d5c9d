//! Potencies as concentrations in plasma, and the share of the target that doses are predicted to engage.

use crate::config::nonclinical::PredictedParameter;

use super::candidate::Origin;
use super::exposure::{HumanPharmacokinetics, Shares, TargetBinding};
use super::package::Package;

/// Shares of the largest effect between which the concentration-effect curve is steep.
pub const STEEP: (f64, f64) = (0.2, 0.8);
/// Doses at which a curve against dose is computed.
const STEPS: u32 = 120;
/// How far a curve against dose goes below the lowest and above the highest planned level.
const BELOW: f64 = 10.0;
const ABOVE: f64 = 2.0;

/// What a share is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetMeasure {
    /// Of the target, bound.
    Occupancy,
    /// Of the largest effect, reached.
    Effect,
}

impl TargetMeasure {
    /// The word in figures and labels.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Occupancy => "Target occupancy",
            Self::Effect => "Effect",
        }
    }
}

/// A potency in vitro as a total concentration in plasma.
#[derive(Debug, Clone, PartialEq)]
pub struct PlasmaPotency {
    /// Assay and parameter, for example `pERK inhibition, IC50`.
    pub label: String,
    /// Total concentration in plasma, ng/mL.
    pub ng_ml: f64,
    /// Unbound fraction by which the concentration was divided; 1 without correction.
    pub unbound_fraction: f64,
    /// Where it comes from.
    pub origin: Origin,
}

/// Concentrations between which the effect rises from a fifth to four fifths of the largest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SteepRange {
    /// Lower end, ng/mL in plasma.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// Whether the file states both ends; otherwise they follow from the curve of `activity`.
    pub stated: bool,
}

/// Shares predicted for one dose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EngagementPoint {
    /// Dose, mg.
    pub mg: f64,
    /// Shares at the average, the peak and the trough.
    pub shares: Shares,
    /// Share at the average with the clearance at the ends of its stated range, the lower share first.
    pub average_range: Option<(f64, f64)>,
}

/// Shares against dose.
#[derive(Debug, Clone, PartialEq)]
pub struct EngagementCurve {
    /// Occupancy or effect.
    pub measure: TargetMeasure,
    /// Assay and parameter.
    pub basis: String,
    /// Points by ascending dose.
    pub points: Vec<EngagementPoint>,
    /// Where it comes from.
    pub origin: Origin,
}

/// What the file says of potency in plasma, and the shares predicted from it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Engagement {
    /// Potencies of the assays that the file names as activity, occupancy or minimal effect.
    pub potencies: Vec<PlasmaPotency>,
    /// Where the effect rises steeply.
    pub steep: Option<SteepRange>,
    /// Curves against dose; none without predicted clearance or planned levels in mg.
    pub curves: Vec<EngagementCurve>,
    /// Ends of the stated uncertainty of the clearance, L/h, with the position among `predicted_human.parameters`.
    pub clearance_range: Option<(usize, f64, f64)>,
}

/// Potencies in plasma, and shares over the doses from a tenth of the lowest to twice the highest level; `levels` in mg.
#[must_use]
pub(super) fn engagement(package: &Package<'_>, levels: &[f64]) -> Engagement {
    let clearance_range = clearance_range(package);
    Engagement {
        potencies: potencies(package),
        steep: steep(package),
        curves: curves(package, levels, clearance_range.map(|(_, lower, upper)| (lower, upper))),
        clearance_range,
    }
}

fn potencies(package: &Package<'_>) -> Vec<PlasmaPotency> {
    let nonclinical = package.nonclinical;
    let mut found: Vec<PlasmaPotency> = Vec::new();
    if let (Some(inputs), Some(binding)) = (&nonclinical.activity, package.activity()) {
        let parameters = nonclinical.in_vitro.iter().filter(|potency| potency.assay == inputs.assay);
        let all = parameters.filter_map(|potency| of_assay(package, (&potency.assay, &potency.parameter), binding.unbound_fraction));
        found.extend(all);
    }
    if let (Some(inputs), Some(binding)) = (&nonclinical.receptor_occupancy, package.occupancy())
        && let Some(mut potency) = of_assay(package, (&inputs.assay, &inputs.parameter), binding.unbound_fraction)
    {
        // With depletion, half of the receptor is bound above the dissociation constant.
        potency.ng_ml = binding.concentration_for(0.5);
        potency.label = format!("Half of the target bound ({}, {})", inputs.assay, inputs.parameter);
        potency.origin = potency.origin.and(&Origin::new("receptor_occupancy", "receptor_occupancy", &["receptor_total_nM", "unbound"]));
        found.push(potency);
    }
    if let Some(inputs) = &nonclinical.mabel {
        let unbound = if inputs.correct_for_binding { nonclinical.unbound_fraction("human") } else { Some(1.0) };
        found.extend(unbound.and_then(|unbound| of_assay(package, (&inputs.assay, &inputs.parameter), unbound)));
    }
    let mut kept: Vec<PlasmaPotency> = Vec::new();
    for potency in found.into_iter().filter(|potency| potency.ng_ml.is_finite()) {
        if !kept.iter().any(|other| other.label == potency.label && (other.ng_ml - potency.ng_ml).abs() <= 1e-9 * other.ng_ml) {
            kept.push(potency);
        }
    }
    // Where some are corrected for binding, the others say that they are not.
    if kept.iter().any(|potency| potency.unbound_fraction < 1.0) {
        for potency in kept.iter_mut().filter(|potency| potency.unbound_fraction >= 1.0) {
            potency.label.push_str(", not corrected for binding");
        }
    }
    kept
}

fn of_assay(package: &Package<'_>, (assay, parameter): (&str, &str), unbound_fraction: f64) -> Option<PlasmaPotency> {
    let (position, nanomolar) = package.potency_nanomolar(assay, parameter)?;
    let mass = package.nonclinical.molecular_weight_g_mol?;
    let filter = format!("in_vitro: assay = {assay}, parameter = {parameter}");
    let stated = Origin::new(format!("in_vitro[{position}]"), filter, &["value", "unit"]);
    let binding = Origin::new("plasma_protein_binding_percent_bound", "plasma_protein_binding_percent_bound", &["human"]);
    Some(PlasmaPotency {
        label: format!("{assay}, {parameter}"),
        ng_ml: nanomolar * mass / 1e3 / unbound_fraction,
        unbound_fraction,
        origin: if unbound_fraction < 1.0 { stated.and(&binding) } else { stated },
    })
}

/// The ends that the file states for the assay of `activity` (EC20 and EC80, IC20 and IC80), otherwise those of its curve.
fn steep(package: &Package<'_>) -> Option<SteepRange> {
    let (inputs, binding) = (package.nonclinical.activity.as_ref()?, package.activity()?);
    let stated = |percent: u32| {
        let found = ["EC", "IC"].iter().find_map(|kind| package.potency_nanomolar(&inputs.assay, &format!("{kind}{percent}")));
        found.map(|(_, nanomolar)| binding.in_plasma(nanomolar))
    };
    let range = match (stated(20), stated(80)) {
        (Some(lower), Some(upper)) => SteepRange { lower, upper, stated: true },
        _ => SteepRange { lower: binding.concentration_for(STEEP.0), upper: binding.concentration_for(STEEP.1), stated: false },
    };
    (range.upper.is_finite() && range.lower < range.upper).then_some(range)
}

/// The uncertainty that the file states for the clearance over bioavailability.
fn clearance_range(package: &Package<'_>) -> Option<(usize, f64, f64)> {
    let predicted = package.nonclinical.predicted_human.as_ref()?;
    let of_clearance = |parameter: &PredictedParameter| {
        let name: String = parameter.parameter.to_uppercase().split_whitespace().collect();
        matches!(name.as_str(), "CL/F" | "CL") && parameter.unit.eq_ignore_ascii_case("L/h")
    };
    let (position, parameter) = predicted.parameters.iter().enumerate().find(|(_, parameter)| of_clearance(parameter))?;
    let (lower, upper) = parameter.lower.zip(parameter.upper)?;
    (lower > 0.0 && lower < upper && upper.is_finite()).then_some((position, lower, upper))
}

fn curves(package: &Package<'_>, levels: &[f64], clearances: Option<(f64, f64)>) -> Vec<EngagementCurve> {
    let (Some(pk), Some(lowest), Some(highest)) =
        (package.pk, levels.iter().copied().min_by(f64::total_cmp), levels.iter().copied().max_by(f64::total_cmp))
    else {
        return Vec::new();
    };
    let nonclinical = package.nonclinical;
    let pk_origin = Origin::new("predicted_human", "predicted_human", &["CL_F_L_h", "half_life_h", "volume_L", "absorption_per_h"]);
    let named = |measure, section: &str, (assay, parameter): (&str, &str), binding: TargetBinding| EngagementCurve {
        measure,
        basis: format!("{assay}, {parameter}"),
        points: doses(lowest / BELOW, highest * ABOVE).map(|mg| point(mg, &pk, &binding, clearances)).collect(),
        origin: pk_origin.clone().and(&Origin::new(section, section, &["assay", "parameter"])),
    };
    let occupancy = nonclinical
        .receptor_occupancy
        .as_ref()
        .zip(package.occupancy())
        .map(|(inputs, binding)| named(TargetMeasure::Occupancy, "receptor_occupancy", (&inputs.assay, &inputs.parameter), binding));
    let effect = nonclinical
        .activity
        .as_ref()
        .zip(package.activity())
        .map(|(inputs, binding)| named(TargetMeasure::Effect, "activity", (&inputs.assay, &inputs.parameter), binding));
    occupancy.into_iter().chain(effect).collect()
}

/// Doses in equal ratios.
fn doses(low: f64, high: f64) -> impl Iterator<Item = f64> {
    let step = (high / low).ln() / f64::from(STEPS);
    (0..=STEPS).map(move |index| low * (step * f64::from(index)).exp())
}

fn point(mg: f64, pk: &HumanPharmacokinetics, binding: &TargetBinding, clearances: Option<(f64, f64)>) -> EngagementPoint {
    let with = |clearance_l_h: f64| binding.share_at(HumanPharmacokinetics { clearance_l_h, ..*pk }.predict(mg).average);
    EngagementPoint {
        mg,
        shares: binding.shares(&pk.predict(mg)),
        average_range: clearances.map(|(lower, upper)| (with(upper), with(lower))),
    }
}
