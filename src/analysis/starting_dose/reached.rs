//! Human doses at which a known exposure is predicted to be reached: that of animals in a study, and the efficacious one.

use super::candidate::Origin;
use super::levels::key_dose_words;
use super::package::Package;

/// The human dose with the exposure that animals had in a study.
#[derive(Debug, Clone, PartialEq)]
pub struct AnimalExposureDose {
    /// Study.
    pub study: String,
    /// Species.
    pub species: &'static str,
    /// What the dose of the study is: HNSTD, STD10, NOAEL or the key dose.
    pub at: &'static str,
    /// Dose in mg with the same total AUC24.
    pub total_mg: f64,
    /// Dose in mg with the same unbound AUC24, where the binding is known in both.
    pub unbound_mg: Option<f64>,
    /// Where it comes from.
    pub origin: Origin,
}

/// One for every study with measured exposure; none without predicted clearance.
#[must_use]
pub(super) fn animal_exposures(package: &Package<'_>) -> Vec<AnimalExposureDose> {
    let Some(pk) = package.pk else { return Vec::new() };
    let nonclinical = package.nonclinical;
    let of = |(position, study): (usize, &crate::config::nonclinical::ToxicityStudy)| {
        let total_mg = pk.dose_for_auc24(study.auc_at_key_dose_ng_h_ml?);
        let unbound = nonclinical.unbound_fraction(study.species.id()).zip(nonclinical.unbound_fraction("human"));
        let filter = format!("repeat_dose_toxicity: study = {}", study.study);
        Some(AnimalExposureDose {
            study: study.study.clone(),
            species: study.species.label(),
            at: key_dose_words(study),
            total_mg,
            unbound_mg: unbound.filter(|(_, human)| *human > 0.0).map(|(animal, human)| total_mg * animal / human),
            origin: Origin::new(format!("repeat_dose_toxicity[{position}]"), filter, &["auc_at_key_dose_ng_h_mL"]).and(&Origin::new(
                "predicted_human",
                "predicted_human",
                &["CL_F_L_h"],
            )),
        })
    };
    nonclinical.repeat_dose_toxicity.iter().enumerate().filter_map(of).collect()
}

/// The human dose in mg whose predicted AUC24 is the efficacious one.
#[must_use]
pub(super) fn efficacious(package: &Package<'_>) -> Option<f64> {
    let wanted = package.nonclinical.predicted_human.as_ref()?.efficacious_auc24_ng_h_ml?;
    Some(package.pk?.dose_for_auc24(wanted))
}
