//! The escalation design that a project names, ready to be asked what follows on the counts of a trial.

use crate::config::{
    BfBoinOptions, BlrmOptions, Boin12Options, BoinOptions, CrmModel as CrmCurve, CrmRestriction, DesignOptions, FollowUpWeights,
    IntervalDesignOptions, SkeletonCalibration, StopRule, TiteBoinOptions, TiteBoinVariant,
};

use super::design::backfill::{BackfillBoin, CompletedBackfill};
use super::design::blrm::{Blrm, BlrmPrior};
use super::design::blrm_conduct::BlrmDesign;
use super::design::boin::{Boin, BoinParameters};
use super::design::boin_rule::BoinRule;
use super::design::boin12::Boin12;
use super::design::boin12_desirability::{Admissibility, Desirability, Utilities};
use super::design::crm::{Crm, CrmModel};
use super::design::crm_conduct::{CrmDesign, CrmEscalation};
use super::design::crm_skeleton::{Calibration, calibrate_skeleton};
use super::design::i3plus3::I3Plus3;
use super::design::interval::IntervalDesign;
use super::design::keyboard::Keyboard;
use super::design::mtpi::Mtpi;
use super::design::mtpi2::Mtpi2;
use super::design::rules::{EnoughPatients, StopAtNumber};
use super::design::table::DecisionTable;
use super::design::three_plus_three::{ThreePlusThree, ThreePlusThreeVariant};
use super::design::tite_boin::{TiteBoin, TiteVariant};
use super::design::tite_crm::WeightScheme;
use super::design::{Conduct, CountDesign, DesignError, DoseLevel};

/// Patients of a trial whose project file does not say how many: six per dose, and not fewer than this.
const FEWEST_PATIENTS: usize = 30;

/// A design on a grid of doses.
#[derive(Debug)]
pub struct TrialDesign {
    label: &'static str,
    doses: usize,
    target: Option<f64>,
    conduct: Conduct,
    max_n_stated: bool,
    stop: Option<(usize, StopRule)>,
    rule: TrialRule,
}

/// What a design decides by.
pub enum TrialRule {
    /// The counts at the current dose.
    Counts {
        /// The design with its rules around it.
        design: Box<dyn CountDesign + Send>,
        /// What it says for every count; 3+3, which knows counts of three and six only, has none.
        table: Option<DecisionTable>,
        /// The rule of 3+3.
        three_plus_three: Option<ThreePlusThree>,
    },
    /// The continual reassessment method.
    Crm(CrmDesign),
    /// The same with incomplete follow-up.
    TiteCrm {
        /// The method.
        design: CrmDesign,
        /// How follow-up becomes a weight.
        scheme: WeightScheme,
    },
    /// The Bayesian logistic regression model.
    Blrm(BlrmDesign),
    /// BOIN with incomplete follow-up.
    TiteBoin {
        /// The design.
        design: TiteBoin,
        /// BOIN, which it is once follow-up is complete.
        complete: IntervalDesign,
    },
    /// BOIN for efficacy and toxicity together.
    Boin12(Boin12),
    /// BOIN with backfill.
    Backfill {
        /// The design.
        design: BackfillBoin,
        /// What it decides when everybody has completed evaluation.
        complete: CompletedBackfill,
    },
}

impl std::fmt::Debug for TrialRule {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Counts { .. } => "Counts",
            Self::Crm(_) => "Crm",
            Self::TiteCrm { .. } => "TiteCrm",
            Self::Blrm(_) => "Blrm",
            Self::TiteBoin { .. } => "TiteBoin",
            Self::Boin12(_) => "Boin12",
            Self::Backfill { .. } => "Backfill",
        })
    }
}

impl TrialDesign {
    /// The design of the options on ascending doses, whose amounts only the logistic regression model looks at (in the unit of its reference
    /// dose), prepared for at least `largest` patients at a dose.
    ///
    /// # Errors
    /// [`DesignError`] for parameters that the design does not accept on this grid.
    pub fn new(options: &DesignOptions, amounts: &[f64], largest: u32) -> Result<Self, DesignError> {
        let doses = amounts.len();
        let stated = options.max_patients();
        let customary = FEWEST_PATIENTS.max(6 * doses);
        let max_n = u32::try_from(stated.unwrap_or(customary)).unwrap_or(u32::MAX);
        let cohort_size = u32::try_from(options.cohort_size()).unwrap_or(u32::MAX);
        let mut conduct = Conduct { start: DoseLevel(0), cohort_size, max_n, titration: false };
        if let DesignOptions::ThreePlusThree(_) = options {
            conduct = Conduct { cohort_size: 3, max_n: 6 * doses as u32, ..conduct };
        }
        if let DesignOptions::Boin(boin) = options {
            conduct.titration = boin.accelerated_titration;
        }
        conduct.check(doses)?;
        let at_dose = largest.max(conduct.max_n);
        let rule = TrialRule::new(options, amounts, at_dose)?;
        Ok(Self {
            label: options.label(),
            doses,
            target: options.target(),
            conduct,
            max_n_stated: stated.is_some(),
            stop: options.stop(),
            rule,
        })
    }

    /// The same with the first cohort at another dose than the lowest.
    ///
    /// # Errors
    /// [`DesignError::DoseOutsideGrid`]; [`DesignError::History`] with accelerated titration, which begins at the lowest dose.
    pub fn starting_at(mut self, start: DoseLevel) -> Result<Self, DesignError> {
        self.conduct.start = start;
        self.conduct.check(self.doses)?;
        if self.conduct.titrates() && start.0 > 0 {
            let text = format!(
                "accelerated titration begins at the lowest dose, not at dose {}: leave the start at 1 or switch it off",
                start.0 + 1
            );
            return Err(DesignError::History(text));
        }
        Ok(self)
    }

    /// Name of the design.
    #[must_use]
    pub fn label(&self) -> &'static str {
        self.label
    }

    /// Target probability of dose-limiting toxicity, where the design has one.
    #[must_use]
    pub fn target(&self) -> Option<f64> {
        self.target
    }

    /// Cohorts and the number of patients.
    #[must_use]
    pub fn conduct(&self) -> &Conduct {
        &self.conduct
    }

    /// Whether the number of patients was stated rather than taken as six per dose.
    #[must_use]
    pub fn max_n_stated(&self) -> bool {
        self.max_n_stated
    }

    /// The number of patients at a dose that ends the trial, and when.
    #[must_use]
    pub fn stop(&self) -> Option<(usize, StopRule)> {
        self.stop
    }

    /// What it decides by.
    #[must_use]
    pub fn rule(&self) -> &TrialRule {
        &self.rule
    }

    /// The design as one in counts of patients with complete follow-up; `None` where counts of toxicity are not enough.
    #[must_use]
    pub fn complete(&self) -> Option<&dyn CountDesign> {
        match &self.rule {
            TrialRule::Counts { design, .. } => Some(design.as_ref()),
            TrialRule::Crm(design) | TrialRule::TiteCrm { design, .. } => Some(design),
            TrialRule::Blrm(design) => Some(design),
            TrialRule::TiteBoin { complete, .. } => Some(complete),
            TrialRule::Backfill { complete, .. } => Some(complete),
            TrialRule::Boin12(_) => None,
        }
    }

    /// The rule of 3+3, where that is the design.
    #[must_use]
    pub fn three_plus_three(&self) -> Option<ThreePlusThree> {
        match &self.rule {
            TrialRule::Counts { three_plus_three, .. } => *three_plus_three,
            _ => None,
        }
    }

    /// What the design says for every count at the current dose; `None` for designs that look further than that.
    #[must_use]
    pub fn table(&self) -> Option<&DecisionTable> {
        match &self.rule {
            TrialRule::Counts { table, .. } => table.as_ref(),
            TrialRule::TiteBoin { complete, .. } => Some(complete.table()),
            TrialRule::Crm(_) | TrialRule::TiteCrm { .. } | TrialRule::Blrm(_) | TrialRule::Boin12(_) | TrialRule::Backfill { .. } => None,
        }
    }
}

impl TrialRule {
    fn new(options: &DesignOptions, amounts: &[f64], max_n: u32) -> Result<Self, DesignError> {
        let doses = amounts.len();
        match options {
            DesignOptions::ThreePlusThree(options) => {
                let variant =
                    if options.allow_deescalation { ThreePlusThreeVariant::Deescalation } else { ThreePlusThreeVariant::NoDeescalation };
                let rule = ThreePlusThree::new(doses, variant)?;
                Ok(Self::Counts { design: Box::new(rule), table: None, three_plus_three: Some(rule) })
            }
            DesignOptions::I3Plus3(options) => {
                let IntervalDesignOptions { target, margin_lower, margin_upper, elimination_cutoff, .. } = *options;
                let rule = I3Plus3::new(target, target - margin_lower, target + margin_upper, elimination_cutoff)?;
                interval(rule.design(doses, max_n)?, options.stop_at, options.stop_rule)
            }
            DesignOptions::Keyboard(options) => {
                let IntervalDesignOptions { target, margin_lower, margin_upper, elimination_cutoff, .. } = *options;
                let rule = Keyboard::new(target, margin_lower, margin_upper, elimination_cutoff)?;
                interval(rule.design(doses, max_n)?, options.stop_at, options.stop_rule)
            }
            DesignOptions::Mtpi(options) => {
                let IntervalDesignOptions { target, margin_lower, margin_upper, elimination_cutoff, .. } = *options;
                let rule = Mtpi::new(target, margin_lower, margin_upper, elimination_cutoff)?;
                interval(rule.design(doses, max_n)?, options.stop_at, options.stop_rule)
            }
            DesignOptions::Mtpi2(options) => {
                let IntervalDesignOptions { target, margin_lower, margin_upper, elimination_cutoff, .. } = *options;
                let rule = Mtpi2::new(target, margin_lower, margin_upper, elimination_cutoff)?;
                interval(rule.design(doses, max_n)?, options.stop_at, options.stop_rule)
            }
            DesignOptions::Boin(options) => interval(boin(options)?.design(doses, max_n)?, options.stop_at, options.stop_rule),
            DesignOptions::Crm(options) => {
                let parts = CrmParts {
                    target: options.target,
                    skeleton: options.skeleton.as_deref(),
                    calibration: options.calibration,
                    curve: options.model,
                    intercept: options.intercept,
                    prior_sd: options.prior_sd,
                    restriction: options.restriction,
                };
                Ok(Self::Crm(parts.design(doses, max_n)?))
            }
            DesignOptions::TiteCrm(options) => {
                let scheme = match options.weights {
                    FollowUpWeights::Linear => WeightScheme::Linear,
                    FollowUpWeights::Adaptive => WeightScheme::Adaptive,
                };
                let parts = CrmParts {
                    target: options.target,
                    skeleton: options.skeleton.as_deref(),
                    calibration: options.calibration,
                    curve: options.model,
                    intercept: options.intercept,
                    prior_sd: options.prior_sd,
                    restriction: options.restriction,
                };
                Ok(Self::TiteCrm { design: parts.design(doses, max_n)?, scheme })
            }
            DesignOptions::Blrm(options) => Ok(Self::Blrm(BlrmDesign::new(blrm(options, amounts)?))),
            DesignOptions::TiteBoin(options) => tite_boin(options, doses, max_n),
            DesignOptions::Boin12(options) => Ok(Self::Boin12(boin12(options, doses)?)),
            DesignOptions::BfBoin(options) => backfill(options, doses, max_n),
        }
    }
}

/// An interval design with its rule about enough patients at a dose.
fn interval(design: IntervalDesign, stop_at: Option<usize>, when: StopRule) -> Result<TrialRule, DesignError> {
    let table = Some(design.table().clone());
    let design: Box<dyn CountDesign + Send> = match stop_at {
        Some(limit) => Box::new(StopAtNumber::new(design, u32::try_from(limit).unwrap_or(u32::MAX), enough(when))),
        None => Box::new(design),
    };
    Ok(TrialRule::Counts { design, table, three_plus_three: None })
}

fn enough(when: StopRule) -> EnoughPatients {
    match when {
        StopRule::WhenStaying => EnoughPatients::WhenStaying,
        StopRule::AtRecommended => EnoughPatients::AtRecommended,
        StopRule::AtOnce => EnoughPatients::AtOnce,
    }
}

fn boin(options: &BoinOptions) -> Result<Boin, DesignError> {
    let published = BoinParameters::with_target(options.target);
    Boin::new(BoinParameters {
        underdosing: options.underdosing.unwrap_or(published.underdosing),
        overdosing: options.overdosing.unwrap_or(published.overdosing),
        elimination_cutoff: options.elimination_cutoff,
        extra_safe_offset: options.extra_safe.then_some(options.offset),
        ..published
    })
}

/// What the continual reassessment method is made of, whether follow-up is complete or not.
struct CrmParts<'a> {
    target: f64,
    skeleton: Option<&'a [f64]>,
    calibration: Option<SkeletonCalibration>,
    curve: CrmCurve,
    intercept: f64,
    prior_sd: f64,
    restriction: CrmRestriction,
}

impl CrmParts<'_> {
    fn design(&self, doses: usize, max_n: u32) -> Result<CrmDesign, DesignError> {
        let model = match self.curve {
            CrmCurve::Empiric => CrmModel::Empiric,
            CrmCurve::Logistic => CrmModel::Logistic { intercept: self.intercept },
        };
        let skeleton = match (self.skeleton, self.calibration) {
            (Some(skeleton), _) => skeleton.to_vec(),
            (None, Some(SkeletonCalibration { halfwidth, prior_mtd })) => {
                let prior_mtd = DoseLevel(prior_mtd.saturating_sub(1));
                calibrate_skeleton(&Calibration { halfwidth, target: self.target, prior_mtd, model }, doses)?
            }
            (None, None) => {
                let text = "the continual reassessment method needs a skeleton: give the prior probabilities by dose, or calibrate them";
                return Err(DesignError::History(text.to_owned()));
            }
        };
        if skeleton.len() != doses {
            return Err(DesignError::Length { name: "the skeleton", given: skeleton.len(), doses });
        }
        let restriction = match self.restriction {
            CrmRestriction::Free => CrmEscalation::Free,
            CrmRestriction::OneLevel => CrmEscalation::OneLevel,
            CrmRestriction::OneLevelCoherent => CrmEscalation::OneLevelCoherent,
        };
        CrmDesign::new(Crm::new(&skeleton, self.target, model, self.prior_sd)?, restriction, max_n)
    }
}

pub(super) fn blrm(options: &BlrmOptions, amounts: &[f64]) -> Result<Blrm, DesignError> {
    let prior = BlrmPrior {
        log_alpha_mean: options.prior.mean_log_alpha,
        log_alpha_sd: options.prior.sd_log_alpha,
        log_beta_mean: options.prior.mean_log_beta,
        log_beta_sd: options.prior.sd_log_beta,
        correlation: options.prior.correlation,
    };
    Blrm::new(amounts, options.reference_dose.0.amount(), prior, &[options.target_lower, options.target_upper], options.overdose_limit)
}

fn tite_boin(options: &TiteBoinOptions, doses: usize, max_n: u32) -> Result<TrialRule, DesignError> {
    let parameters = parameters(options.target, options.underdosing, options.overdosing, options.elimination_cutoff);
    let variant = match options.variant {
        TiteBoinVariant::SingleMeanImputation => TiteVariant::SingleMeanImputation,
        TiteBoinVariant::EffectiveSampleSize => TiteVariant::EffectiveSampleSize,
    };
    let design = TiteBoin::new(BoinRule::new(parameters, max_n)?, variant).with_max_pending(options.max_pending)?;
    Ok(TrialRule::TiteBoin { design, complete: Boin::new(parameters)?.design(doses, max_n)? })
}

fn parameters(target: f64, underdosing: Option<f64>, overdosing: Option<f64>, elimination_cutoff: f64) -> BoinParameters {
    let published = BoinParameters::with_target(target);
    BoinParameters {
        underdosing: underdosing.unwrap_or(published.underdosing),
        overdosing: overdosing.unwrap_or(published.overdosing),
        elimination_cutoff,
        ..published
    }
}

fn boin12(options: &Boin12Options, doses: usize) -> Result<Boin12, DesignError> {
    let utilities = Utilities::new(options.utility_neither, options.utility_both)?;
    let admissibility = Admissibility {
        toxicity_limit: options.toxicity_limit,
        efficacy_limit: options.efficacy_limit,
        toxicity_cutoff: options.toxicity_cutoff,
        efficacy_cutoff: options.efficacy_cutoff,
    };
    let settle = u32::try_from(options.exploration_size).unwrap_or(u32::MAX);
    Boin12::new(Desirability::new(utilities, admissibility)?, doses, settle)
}

fn backfill(options: &BfBoinOptions, doses: usize, max_n: u32) -> Result<TrialRule, DesignError> {
    let parameters = parameters(options.target, options.underdosing, options.overdosing, options.elimination_cutoff);
    let cap = options.backfill_cap.map_or(u32::MAX, |cap| u32::try_from(cap).unwrap_or(u32::MAX));
    let mut design = BackfillBoin::new(BoinRule::new(parameters, max_n)?, cap)?;
    if let Some(limit) = options.stop_at {
        design = design.stopping_at(u32::try_from(limit).unwrap_or(u32::MAX))?;
    }
    Ok(TrialRule::Backfill { complete: CompletedBackfill::new(design.clone(), doses)?, design })
}

#[cfg(test)]
mod tests {
    use super::super::design::outcomes::{read_outcomes, replay};
    use super::super::design::{Decision, Next, Reason};
    use super::*;

    const AMOUNTS: [f64; 7] = [10.0, 30.0, 60.0, 120.0, 240.0, 360.0, 480.0];

    fn options(yaml: &str) -> DesignOptions {
        serde_yaml::from_str(yaml).unwrap()
    }

    fn design(yaml: &str) -> TrialDesign {
        TrialDesign::new(&options(yaml), &AMOUNTS, 20).unwrap()
    }

    const EVERY: [&str; 12] = [
        "three_plus_three: {}",
        "i3_3: {target: 0.3}",
        "boin: {target: 0.3, cohort_size: 3, stop_at: 12, stop_rule: at_recommended}",
        "keyboard: {target: 0.3}",
        "mtpi: {target: 0.3}",
        "mtpi2: {target: 0.3}",
        "crm: {target: 0.3, calibration: {halfwidth: 0.05, prior_mtd: 4}}",
        "tite_crm: {target: 0.3, skeleton: [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]}",
        "blrm: {reference_dose: 240 mg, prior: {mean_log_alpha: -1.5, mean_log_beta: 0, sd_log_alpha: 2, sd_log_beta: 1}}",
        "tite_boin: {target: 0.3}",
        "boin12: {toxicity_limit: 0.35, efficacy_limit: 0.25}",
        "bf_boin: {target: 0.3, backfill_cap: 12}",
    ];

    #[test]
    fn every_design_of_a_project_file_can_be_asked() {
        for yaml in EVERY {
            let design = design(yaml);
            let Some(complete) = design.complete() else {
                assert_eq!(design.label(), "BOIN12");
                continue;
            };
            let next = |history: &str| complete.next(&replay(complete, DoseLevel(0), &read_outcomes(history, 7).unwrap()).unwrap());
            assert_eq!(next("1NNN").dose, Some(DoseLevel(1)), "{yaml}");
            assert!(next("1NNN 2TTT").dose.is_none_or(|dose| dose.0 == 0), "{yaml}");
            assert!(design.conduct().max_n == 42, "{yaml}");
        }
    }

    #[test]
    fn designs_that_look_at_the_current_dose_have_a_table() {
        let with_table: Vec<&str> =
            EVERY.iter().map(|yaml| design(yaml)).filter(|design| design.table().is_some()).map(|d| d.label()).collect();
        assert_eq!(with_table, ["i3+3", "BOIN", "Keyboard", "mTPI", "mTPI-2", "TITE-BOIN"]);
    }

    #[test]
    fn enough_patients_at_the_recommended_dose_end_the_trial() {
        let design = design(EVERY[2]);
        let complete = design.complete().unwrap();
        let history = "7NNNNNNNTTTTT 6NNNNNNNNNNNTTT";
        let state = replay(complete, DoseLevel(0), &read_outcomes(history, 7).unwrap()).unwrap();
        assert_eq!(complete.next(&state), Next::stop(Reason::NumberAtDose { n: 12, limit: 12 }));
        assert_eq!(design.table().unwrap().decision(state.here()), Some(Decision::Escalate));
    }

    #[test]
    fn what_a_design_cannot_do_on_a_grid_is_said() {
        let refused = |yaml: &str| TrialDesign::new(&options(yaml), &AMOUNTS, 20).unwrap_err().to_string();
        assert!(refused("boin: {target: 0.7}").contains("the target is 0.7"));
        assert!(refused("crm: {target: 0.3, skeleton: [0.1, 0.3]}").contains("2 values for 7 doses"));
        assert!(refused("crm: {target: 0.3}").contains("needs a skeleton"));
        assert!(refused("boin: {target: 0.3, cohort_size: 0}").contains("cohort"));
        assert!(TrialDesign::new(&options(EVERY[2]), &[], 20).is_err());
        assert!(TrialDesign::new(&options(EVERY[8]), &[30.0, 10.0], 20).is_err());
    }
}
