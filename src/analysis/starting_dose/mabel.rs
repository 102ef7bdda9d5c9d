//! Minimally anticipated biological effect level: the dose whose peak concentration has a small effect in vitro `[EMA-FIH]`.

use super::binding::concentration_for;

/// What turns a potency into a dose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PotencyToDose {
    /// Kd, EC50 or IC50, nM.
    pub potency_nanomolar: f64,
    /// Share of the largest effect that counts as minimal.
    pub fraction: f64,
    /// Hill coefficient.
    pub hill: f64,
    /// Molar mass, g/mol.
    pub molar_mass_g_mol: f64,
    /// Unbound fraction by which the concentration is divided; 1 without correction.
    pub unbound_fraction: f64,
    /// Volume of distribution, L.
    pub volume_l: f64,
    /// Share of the dose that reaches the circulation.
    pub bioavailability: f64,
    /// What the dose is divided by.
    pub safety_factor: f64,
}

/// A target concentration and the dose that reaches it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConcentrationDose {
    /// Concentration in plasma, nM.
    pub nanomolar: f64,
    /// The same in µg/mL.
    pub ug_per_ml: f64,
    /// Dose.
    pub mg: f64,
}

/// The dose whose initial concentration in the volume of distribution has the effect `fraction`.
///
/// ```text
/// C (nM)    = potency * (f / (1 - f))^(1/hill) / fu
/// C (µg/mL) = C (nM) * M (g/mol) / 10^6
/// dose (mg) = C (µg/mL) * V (L) / F / safety factor
/// ```
#[must_use]
pub fn dose(inputs: &PotencyToDose) -> ConcentrationDose {
    let nanomolar = concentration_for(inputs.fraction, inputs.potency_nanomolar, inputs.hill) / inputs.unbound_fraction;
    dose_of_concentration(nanomolar, inputs)
}

/// The dose whose initial concentration is `nanomolar`; potency, fraction and Hill coefficient of the inputs are not used.
#[must_use]
pub fn dose_of_concentration(nanomolar: f64, inputs: &PotencyToDose) -> ConcentrationDose {
    // nM * kg/mol is µg/L.
    let ug_per_ml = nanomolar * (inputs.molar_mass_g_mol / 1e3) / 1e3;
    ConcentrationDose { nanomolar, ug_per_ml, mg: ug_per_ml * inputs.volume_l / inputs.bioavailability / inputs.safety_factor }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_the_effect_stands_at_the_potency_and_binding_raises_the_dose() {
        let inputs = PotencyToDose {
            potency_nanomolar: 2.0,
            fraction: 0.5,
            hill: 1.7,
            molar_mass_g_mol: 150_000.0,
            unbound_fraction: 1.0,
            volume_l: 3.0,
            bioavailability: 1.0,
            safety_factor: 1.0,
        };
        let plain = dose(&inputs);
        assert!((plain.nanomolar - 2.0).abs() < 1e-12 && (plain.ug_per_ml - 0.3).abs() < 1e-12 && (plain.mg - 0.9).abs() < 1e-12);
        let corrected = dose(&PotencyToDose { unbound_fraction: 0.5, ..inputs });
        assert!((corrected.mg - 1.8).abs() < 1e-12);
    }
}
