//! Pharmacologically active dose: what was active in animals, carried to humans by exposure or by body surface `[EMA-FIH]`.

/// Human dose with a wanted exposure.
///
/// ```text
/// dose (mg) = AUC24 (ng·h/mL) * CL/F (L/h) / 1000
/// ```
/// The daily dose at steady state; `AUC24 > 0`, `CL/F > 0`.
#[must_use]
pub fn by_exposure(auc24_ng_h_ml: f64, clearance_l_h: f64) -> f64 {
    auc24_ng_h_ml * clearance_l_h / 1e3
}

/// Exposure in humans with the same unbound exposure as in animals.
///
/// ```text
/// AUC_human = AUC_animal * fu_animal / fu_human
/// ```
#[must_use]
pub fn equal_unbound_exposure(auc24_animal: f64, unbound_animal: f64, unbound_human: f64) -> f64 {
    auc24_animal * unbound_animal / unbound_human
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exposure_and_clearance_give_the_dose() {
        assert!((by_exposure(6600.0, 11.0) - 72.6).abs() < 1e-12);
        assert!((equal_unbound_exposure(6600.0, 0.039, 0.040) - 6435.0).abs() < 1e-9);
    }
}
