//! Skeletons of the continual reassessment method from an indifference interval.

use super::crm::{CrmModel, logit, softplus};
use super::error::{DesignError, check_within};
use super::tally::{DoseLevel, check_grid, check_level};

/// What a skeleton is calibrated to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// Half-width of the interval of toxicity around the target within which a dose is as good as the target.
    pub halfwidth: f64,
    /// Target probability of toxicity.
    pub target: f64,
    /// The dose believed beforehand to be the maximum tolerated dose.
    pub prior_mtd: DoseLevel,
    /// Working model.
    pub model: CrmModel,
}

/// The skeleton under which neighbouring doses meet at the edges of the indifference interval.
///
/// With `g(s)` the model's scale (`ln s` for the empiric model, `logit s - c` for the logistic one), the prior maximum tolerated dose `m`
/// and half-width `h`:
///
/// ```text
/// s_m = target
/// below m:  g(s_{k-1}) = g(target - h) g(s_k) / g(target + h)
/// above m:  g(s_{k+1}) = g(target + h) g(s_k) / g(target - h)
/// ```
///
/// so that the parameter at which dose `k` has toxicity `target + h` is the one at which dose `k - 1` has `target - h`. A prior maximum
/// tolerated dose at either end needs one of the two lines only.
///
/// Domain: `0 < target - h` and `target + h < 1`; with the logistic model `target + h` below `expit(c)`, so that every scaled dose is
/// below zero.
///
/// # Errors
/// [`DesignError::Outside`], [`DesignError::Grid`], [`DesignError::DoseOutsideGrid`], [`DesignError::Order`].
///
/// Source: `[LeeCheung2009]`.
pub fn calibrate_skeleton(calibration: &Calibration, doses: usize) -> Result<Vec<f64>, DesignError> {
    let Calibration { halfwidth, target, prior_mtd, model } = *calibration;
    check_grid(doses)?;
    check_level(prior_mtd, doses)?;
    check_within("the target toxicity", target, 1e-6, 1.0 - 1e-6)?;
    check_within("the half-width of the indifference interval", halfwidth, 1e-6, target.min(1.0 - target) - 1e-9)?;
    let (lower, upper) = (transform(target - halfwidth, model)?, transform(target + halfwidth, model)?);
    let centre = transform(target, model)?;
    let scaled = (0..doses).map(|dose| {
        let steps = dose as f64 - prior_mtd.0 as f64;
        centre * (upper / lower).powf(steps)
    });
    Ok(scaled.map(|value| back_transform(value, model)).collect())
}

fn transform(probability: f64, model: CrmModel) -> Result<f64, DesignError> {
    match model {
        CrmModel::Empiric => Ok(probability.ln()),
        CrmModel::Logistic { intercept } => {
            let lower = logit(probability);
            if lower < intercept {
                Ok(lower - intercept)
            } else {
                Err(DesignError::Order {
                    lower_name: "the logit of target and half-width",
                    lower,
                    upper_name: "the intercept",
                    upper: intercept,
                })
            }
        }
    }
}

fn back_transform(scaled: f64, model: CrmModel) -> f64 {
    match model {
        CrmModel::Empiric => scaled.exp(),
        CrmModel::Logistic { intercept } => (-softplus(-(intercept + scaled))).exp(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::crm::Crm;
    use super::*;

    const LOGISTIC: CrmModel = CrmModel::Logistic { intercept: 3.0 };

    #[test]
    fn neighbours_meet_at_the_edges_of_the_interval() {
        for model in [CrmModel::Empiric, LOGISTIC] {
            for prior_mtd in 0..6 {
                let calibration = Calibration { halfwidth: 0.05, target: 0.25, prior_mtd: DoseLevel(prior_mtd), model };
                let skeleton = calibrate_skeleton(&calibration, 6).unwrap();
                assert!((skeleton[prior_mtd] - 0.25).abs() < 1e-15);
                let crm = Crm::new(&skeleton, 0.25, model, 1.0).unwrap();
                for dose in 1..6 {
                    let a = crm.parameter_at(DoseLevel(dose), 0.30);
                    assert!((crm.toxicity(a)[dose - 1] - 0.20).abs() < 1e-12, "{model:?} {dose}");
                }
            }
        }
    }

    #[test]
    fn wider_intervals_spread_the_skeleton() {
        let at = |halfwidth| Calibration { halfwidth, target: 0.3, prior_mtd: DoseLevel(2), model: CrmModel::Empiric };
        let (narrow, wide) = (calibrate_skeleton(&at(0.03), 5).unwrap(), calibrate_skeleton(&at(0.1), 5).unwrap());
        assert!(wide[0] < narrow[0] && wide[4] > narrow[4]);
    }

    #[test]
    fn impossible_calibrations_are_refused() {
        let good = Calibration { halfwidth: 0.05, target: 0.25, prior_mtd: DoseLevel(2), model: LOGISTIC };
        assert!(calibrate_skeleton(&good, 5).is_ok() && calibrate_skeleton(&Calibration { prior_mtd: DoseLevel(0), ..good }, 1).is_ok());
        for bad in [
            Calibration { halfwidth: 0.25, ..good },
            Calibration { halfwidth: 0.0, ..good },
            Calibration { target: 1.0, ..good },
            Calibration { prior_mtd: DoseLevel(5), ..good },
            Calibration { model: CrmModel::Logistic { intercept: -1.0 }, ..good },
        ] {
            assert!(calibrate_skeleton(&bad, 5).is_err(), "{bad:?}");
        }
        assert!(calibrate_skeleton(&good, 0).is_err());
    }
}
