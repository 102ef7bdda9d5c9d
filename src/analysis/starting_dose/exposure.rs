//! Exposure predicted for humans: one compartment with the stated clearance, half-life and absorption.

use crate::analysis::pk::compartment::{CompartmentModel, Disposition, Input};
use crate::config::nonclinical::Nonclinical;

use super::binding::{concentration_for, equilibrium, occupancy, total_ligand_for};

/// Hours of a day.
const DAY: f64 = 24.0;
/// Steps of a drawn profile over one dosing interval.
const PROFILE_STEPS: u32 = 96;

/// How the drug enters the circulation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Entry {
    /// At once.
    Bolus,
    /// By first-order absorption, rate constant per hour.
    Absorption(f64),
    /// The rate is not known: no peak and no trough.
    Unknown,
}

/// Pharmacokinetics predicted for humans, as far as the file states it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HumanPharmacokinetics {
    /// Clearance over bioavailability, L/h.
    pub clearance_l_h: f64,
    /// Volume over bioavailability, L.
    pub volume_l: Option<f64>,
    /// Hours between doses.
    pub interval_h: Option<f64>,
    /// How the drug enters the circulation.
    pub entry: Entry,
}

impl HumanPharmacokinetics {
    /// What the file states; `None` without a clearance.
    ///
    /// Clearance and volume are over bioavailability where the dose is extravascular. The volume is `volume_L`, otherwise
    /// `CL/F * half-life / ln 2`; the interval `dosing_interval_h`, otherwise that of `clinical_schedule`.
    #[must_use]
    pub fn new(nonclinical: &Nonclinical) -> Option<Self> {
        let predicted = nonclinical.predicted_human.as_ref()?;
        let clearance_l_h = predicted.cl_f_l_h?;
        let volume_l =
            predicted.volume_l.or_else(|| predicted.half_life_h.map(|half_life| clearance_l_h * half_life / std::f64::consts::LN_2));
        let interval_h = predicted.dosing_interval_h.or_else(|| nonclinical.clinical_schedule.as_deref().and_then(schedule_interval));
        let intravenous = nonclinical.clinical_route.as_deref().is_some_and(is_intravenous);
        let entry = match predicted.absorption_per_h {
            _ if intravenous => Entry::Bolus,
            Some(rate) => Entry::Absorption(rate),
            None => Entry::Unknown,
        };
        Some(Self { clearance_l_h, volume_l, interval_h, entry })
    }

    /// Exposure at steady state of a flat dose.
    ///
    /// ```text
    /// AUC_tau = 1000 dose / (CL/F)      AUC24 = AUC_tau * 24 / tau      Cavg = AUC_tau / tau        (ng·h/mL, ng/mL; dose in mg)
    /// ```
    /// Peak and trough are those of [`CompartmentModel::peak_and_trough`]; `None` without volume, interval or rate of absorption. AUC24 and
    /// Cavg are taken once daily without an interval.
    #[must_use]
    pub fn predict(&self, dose_mg: f64) -> PredictedExposure {
        let auc_interval = 1e3 * dose_mg / self.clearance_l_h;
        let interval = self.interval_h.unwrap_or(DAY);
        let shape = self.model().map(|(model, tau)| model.peak_and_trough(1e3 * dose_mg, tau));
        let (peak, trough) = shape.unzip();
        PredictedExposure { auc24: auc_interval * DAY / interval, average: auc_interval / interval, peak, trough }
    }

    /// The dose in mg whose AUC24 at steady state is `auc24` ng·h/mL: the inverse of [`Self::predict`].
    #[must_use]
    pub fn dose_for_auc24(&self, auc24: f64) -> f64 {
        auc24 * self.clearance_l_h / 1e3 * self.interval_h.unwrap_or(DAY) / DAY
    }

    /// Hours after a dose and concentration in ng/mL over one dosing interval at steady state; `None` without volume, interval or rate of
    /// absorption.
    #[must_use]
    pub fn profile(&self, dose_mg: f64) -> Option<Vec<(f64, f64)>> {
        let (model, tau) = self.model()?;
        let at = |hours: f64| (hours, model.at_steady_state(1e3 * dose_mg, tau, hours));
        Some(model.times(tau, PROFILE_STEPS).into_iter().map(at).collect())
    }

    /// The compartment model and the dosing interval; amounts in µg give ng/mL. Clearance and volume are over bioavailability, so that the
    /// whole dose counts as arriving.
    fn model(&self) -> Option<(CompartmentModel, f64)> {
        let disposition = Disposition::OneCompartment { clearance: self.clearance_l_h, volume: self.volume_l? };
        let input = match self.entry {
            Entry::Unknown => return None,
            Entry::Bolus => Input::Bolus,
            Entry::Absorption(rate) => Input::Absorption { rate, bioavailability: 1.0, lag: 0.0 },
        };
        CompartmentModel::new(disposition, input).ok().zip(self.interval_h)
    }
}

/// Exposure at steady state predicted for a dose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PredictedExposure {
    /// AUC over 24 h, ng·h/mL.
    pub auc24: f64,
    /// Average concentration, ng/mL.
    pub average: f64,
    /// Highest concentration, ng/mL.
    pub peak: Option<f64>,
    /// Concentration before the next dose, ng/mL.
    pub trough: Option<f64>,
}

/// A share of the target, or of the largest effect, at the average, highest and lowest concentration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// At the average.
    pub average: f64,
    /// At the peak.
    pub peak: Option<f64>,
    /// At the trough.
    pub trough: Option<f64>,
}

/// What binds to a target, for predictions of occupancy or effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TargetBinding {
    /// Kd, EC50 or IC50, nM.
    pub potency_nanomolar: f64,
    /// Hill coefficient; 1 where ligand depletion is taken into account.
    pub hill: f64,
    /// Total receptor, nM.
    pub receptor_nanomolar: Option<f64>,
    /// Share of the concentration in plasma that can bind.
    pub unbound_fraction: f64,
    /// Molar mass, g/mol.
    pub molar_mass_g_mol: f64,
}

impl TargetBinding {
    /// Share of the target that is bound (or of the effect that is reached) at a concentration in plasma in ng/mL.
    #[must_use]
    pub fn share_at(&self, ng_ml: f64) -> f64 {
        let nanomolar = 1e3 * ng_ml * self.unbound_fraction / self.molar_mass_g_mol;
        match self.receptor_nanomolar {
            Some(receptor) => equilibrium(nanomolar, receptor, self.potency_nanomolar).occupancy,
            None => occupancy(nanomolar.powf(self.hill), self.potency_nanomolar.powf(self.hill)),
        }
    }

    /// The concentration in plasma in ng/mL with a share of the target bound, or of the largest effect reached: the inverse of [`Self::share_at`].
    ///
    /// ```text
    /// C (ng/mL) = potency (nM) * (f / (1 - f))^(1/hill) * M (g/mol) / (1000 fu)      with depletion Kd f / (1 - f) + f R for the first factors
    /// ```
    /// `0 < share < 1`.
    #[must_use]
    pub fn concentration_for(&self, share: f64) -> f64 {
        let nanomolar = match self.receptor_nanomolar {
            Some(receptor) => total_ligand_for(share, receptor, self.potency_nanomolar),
            None => concentration_for(share, self.potency_nanomolar, self.hill),
        };
        self.in_plasma(nanomolar)
    }

    /// A concentration in the medium of the assay, in nM, as the total concentration in plasma in ng/mL.
    #[must_use]
    pub fn in_plasma(&self, nanomolar: f64) -> f64 {
        nanomolar * self.molar_mass_g_mol / 1e3 / self.unbound_fraction
    }

    /// The shares at a predicted exposure.
    #[must_use]
    pub fn shares(&self, exposure: &PredictedExposure) -> Shares {
        let at = |ng_ml: f64| self.share_at(ng_ml);
        Shares { average: at(exposure.average), peak: exposure.peak.map(at), trough: exposure.trough.map(at) }
    }
}

/// Hours between doses of a schedule: `QD`, `BID`, `QOD`, `QW`, `Q2W`, `Q12H`, `Q3D`, ...
#[must_use]
pub fn schedule_interval(schedule: &str) -> Option<f64> {
    let word = schedule.split_whitespace().next()?.to_uppercase();
    match word.as_str() {
        "QD" | "OD" => return Some(DAY),
        "BID" | "BD" => return Some(12.0),
        "TID" => return Some(8.0),
        "QID" => return Some(6.0),
        "QOD" => return Some(48.0),
        "QW" => return Some(7.0 * DAY),
        _ => {}
    }
    let rest = word.strip_prefix('Q')?;
    let (number, unit) = rest.split_at(rest.len().checked_sub(1).filter(|end| rest.is_char_boundary(*end))?);
    let hours = match unit {
        "H" => 1.0,
        "D" => DAY,
        "W" => 7.0 * DAY,
        _ => return None,
    };
    number.parse::<u32>().ok().filter(|count| *count > 0).map(|count| f64::from(count) * hours)
}

fn is_intravenous(route: &str) -> bool {
    let route = route.to_lowercase();
    route.contains("intravenous") || route.split([' ', '/', ',']).any(|word| word.replace('.', "") == "iv")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORAL: HumanPharmacokinetics =
        HumanPharmacokinetics { clearance_l_h: 11.0, volume_l: Some(222.0), interval_h: Some(24.0), entry: Entry::Absorption(0.8) };

    #[test]
    fn schedules_are_read() {
        for (text, hours) in [("QD", 24.0), ("bid", 12.0), ("Q3W", 504.0), ("QW", 168.0), ("Q12H", 12.0), ("Q2D oral", 48.0)] {
            assert!((schedule_interval(text).unwrap() - hours).abs() < 1e-12, "{text}");
        }
        assert!(["", "Q", "weekly", "Q0W", "Q3X", "Qé"].iter().all(|text| schedule_interval(text).is_none()));
    }

    #[test]
    fn the_curve_has_the_area_of_the_dose_over_the_clearance() {
        for pk in [ORAL, HumanPharmacokinetics { entry: Entry::Bolus, ..ORAL }] {
            let found = pk.predict(60.0);
            assert!((found.auc24 - 60_000.0 / 11.0).abs() < 1e-9);
            assert!((found.average - found.auc24 / 24.0).abs() < 1e-9);
            let (peak, trough) = (found.peak.unwrap(), found.trough.unwrap());
            assert!(peak > found.average && found.average > trough && trough > 0.0);
        }
    }

    #[test]
    fn profiles_join_peak_and_trough_and_doses_follow_from_exposures() {
        let found = ORAL.predict(60.0);
        let profile = ORAL.profile(60.0).unwrap();
        let highest = profile.iter().map(|(_, concentration)| *concentration).fold(0.0, f64::max);
        assert!((highest - found.peak.unwrap()).abs() < 1e-12 * highest);
        assert!(profile.last().is_some_and(|(hours, last)| (hours - 24.0).abs() < 1e-12 && (last - found.trough.unwrap()).abs() < 1e-12));
        assert_eq!(HumanPharmacokinetics { entry: Entry::Unknown, ..ORAL }.profile(60.0), None);
        let weekly = HumanPharmacokinetics { interval_h: Some(168.0), ..ORAL };
        assert!((weekly.dose_for_auc24(weekly.predict(60.0).auc24) - 60.0).abs() < 1e-12);
    }

    #[test]
    fn the_peak_is_the_highest_point_of_the_curve() {
        // Superposition of many single doses, looked at every hundredth of an hour.
        let (k, ka, tau) = (11.0 / 222.0, 0.8, 24.0);
        let single = |t: f64| 1e3 * 60.0 / 222.0 * ka / (ka - k) * ((-k * t).exp() - (-ka * t).exp());
        let at = |t: f64| (0..200).map(|dose| single(t + tau * f64::from(dose))).sum::<f64>();
        let highest = (0..2400).map(|step| at(f64::from(step) / 100.0)).fold(0.0, f64::max);
        let found = ORAL.predict(60.0);
        assert!((found.peak.unwrap() - highest).abs() < 1e-5 * highest);
        assert!((found.trough.unwrap() - at(tau)).abs() < 1e-9 * highest);
    }

    #[test]
    fn equal_rates_have_their_limit() {
        let k = 11.0 / 222.0;
        let near = HumanPharmacokinetics { entry: Entry::Absorption(k), ..ORAL }.predict(10.0);
        let beside = HumanPharmacokinetics { entry: Entry::Absorption(k * 1.001), ..ORAL }.predict(10.0);
        assert!((near.peak.unwrap() / beside.peak.unwrap() - 1.0).abs() < 1e-3);
    }

    #[test]
    fn without_a_rate_of_absorption_there_is_no_peak() {
        let found = HumanPharmacokinetics { entry: Entry::Unknown, ..ORAL }.predict(10.0);
        assert_eq!((found.peak, found.trough), (None, None));
    }

    #[test]
    fn routes_are_recognised() {
        assert!(is_intravenous("intravenous infusion") && is_intravenous("IV") && is_intravenous("i.v."));
        assert!(!is_intravenous("oral, divided doses") && !is_intravenous("subcutaneous"));
    }

    #[test]
    fn half_of_the_target_is_bound_at_the_potency() {
        let binding =
            TargetBinding { potency_nanomolar: 10.0, hill: 2.0, receptor_nanomolar: None, unbound_fraction: 0.5, molar_mass_g_mol: 500.0 };
        // 10 nM unbound is 20 nM in plasma, 10 ng/mL at 500 g/mol.
        assert!((binding.share_at(10.0) - 0.5).abs() < 1e-12);
        assert!(binding.share_at(0.0).abs() < 1e-15);
        let depleted = TargetBinding { hill: 1.0, receptor_nanomolar: Some(4.0), ..binding };
        for share in [0.1, 0.5, 0.9] {
            assert!((binding.share_at(binding.concentration_for(share)) - share).abs() < 1e-12);
            assert!((depleted.share_at(depleted.concentration_for(share)) - share).abs() < 1e-12);
        }
    }
}
