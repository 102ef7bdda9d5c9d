//! `escalation.design`: the escalation designs and their parameters.

mod boin_family;
mod interval;
mod model;

pub use boin_family::{BfBoinOptions, Boin12Options, TiteBoinOptions, TiteBoinVariant};
pub use interval::{BoinOptions, IntervalDesignOptions, ThreePlusThreeOptions};
pub use model::{BlrmOptions, BlrmPrior, CrmModel, CrmOptions, CrmRestriction, FollowUpWeights, SkeletonCalibration, TiteCrmOptions};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

fn five_hundredths() -> f64 {
    0.05
}

fn elimination() -> f64 {
    0.95
}

fn ninety_percent() -> f64 {
    0.90
}

fn three_patients() -> usize {
    3
}

fn six_patients() -> usize {
    6
}

fn one_half() -> f64 {
    0.5
}

/// When a number of patients at a dose ends the trial.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopRule {
    /// When the design would keep a dose that has this many patients.
    #[default]
    WhenStaying,
    /// When the dose that the design recommends for the next cohort has this many patients.
    AtRecommended,
    /// As soon as the current dose has this many patients, whatever the design would do next.
    AtOnce,
}

/// A dose-escalation design.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DesignOptions {
    /// The 3+3 rule.
    ThreePlusThree(ThreePlusThreeOptions),
    /// The i3+3 design `[Liu2020]`.
    #[serde(rename = "i3_3")]
    I3Plus3(IntervalDesignOptions),
    /// Bayesian optimal interval design `[Liu2015]`.
    Boin(BoinOptions),
    /// Keyboard design `[Yan2017]`.
    Keyboard(IntervalDesignOptions),
    /// Modified toxicity probability interval design `[Ji2010]`.
    Mtpi(IntervalDesignOptions),
    /// Its second version, mTPI-2 `[Guo2017]`.
    Mtpi2(IntervalDesignOptions),
    /// The continual reassessment method.
    Crm(CrmOptions),
    /// Continual reassessment with incomplete follow-up `[Cheung2000]`.
    TiteCrm(TiteCrmOptions),
    /// Bayesian logistic regression model with overdose control `[Neuenschwander2008]`.
    Blrm(BlrmOptions),
    /// BOIN with incomplete follow-up `[Yuan2018]`.
    TiteBoin(TiteBoinOptions),
    /// BOIN for efficacy and toxicity together `[Lin2020]`.
    Boin12(Boin12Options),
    /// BOIN with backfill of lower doses `[Zhao2024]`.
    BfBoin(BfBoinOptions),
}

impl DesignOptions {
    /// The target probability of dose-limiting toxicity, where the design has one.
    #[must_use]
    pub fn target(&self) -> Option<f64> {
        match self {
            Self::ThreePlusThree(_) => None,
            Self::I3Plus3(design) | Self::Keyboard(design) | Self::Mtpi(design) | Self::Mtpi2(design) => Some(design.target),
            Self::Boin(design) => Some(design.target),
            Self::Crm(design) => Some(design.target),
            Self::TiteCrm(design) => Some(design.target),
            Self::Blrm(design) => Some((design.target_lower + design.target_upper) / 2.0),
            Self::TiteBoin(design) => Some(design.target),
            Self::Boin12(design) => Some(design.toxicity_limit),
            Self::BfBoin(design) => Some(design.target),
        }
    }

    /// Patients per cohort; three for 3+3, one where every patient is assigned on arrival.
    #[must_use]
    pub fn cohort_size(&self) -> usize {
        match self {
            Self::ThreePlusThree(_) => three_patients(),
            Self::I3Plus3(design) | Self::Keyboard(design) | Self::Mtpi(design) | Self::Mtpi2(design) => design.cohort_size,
            Self::Boin(design) => design.cohort_size,
            Self::Crm(design) => design.cohort_size,
            Self::TiteCrm(_) => 1,
            Self::Blrm(design) => design.cohort_size,
            Self::TiteBoin(design) => design.cohort_size,
            Self::Boin12(design) => design.cohort_size,
            Self::BfBoin(design) => design.cohort_size,
        }
    }

    /// Largest number of patients, where it is stated.
    #[must_use]
    pub fn max_patients(&self) -> Option<usize> {
        match self {
            Self::ThreePlusThree(_) => None,
            Self::I3Plus3(design) | Self::Keyboard(design) | Self::Mtpi(design) | Self::Mtpi2(design) => design.max_patients,
            Self::Boin(design) => design.max_patients,
            Self::Crm(design) => design.max_patients,
            Self::TiteCrm(design) => design.max_patients,
            Self::Blrm(design) => design.max_patients,
            Self::TiteBoin(design) => design.max_patients,
            Self::Boin12(design) => design.max_patients,
            Self::BfBoin(design) => design.max_patients,
        }
    }

    /// The number of patients at a dose that ends the trial, and when.
    #[must_use]
    pub fn stop(&self) -> Option<(usize, StopRule)> {
        match self {
            Self::I3Plus3(design) | Self::Keyboard(design) | Self::Mtpi(design) | Self::Mtpi2(design) => {
                design.stop_at.map(|limit| (limit, design.stop_rule))
            }
            Self::Boin(design) => design.stop_at.map(|limit| (limit, design.stop_rule)),
            Self::BfBoin(design) => design.stop_at.map(|limit| (limit, StopRule::WhenStaying)),
            Self::ThreePlusThree(_) | Self::Crm(_) | Self::TiteCrm(_) | Self::Blrm(_) | Self::TiteBoin(_) | Self::Boin12(_) => None,
        }
    }

    /// The name printed in the dossier.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::ThreePlusThree(_) => "3+3",
            Self::I3Plus3(_) => "i3+3",
            Self::Boin(_) => "BOIN",
            Self::Keyboard(_) => "Keyboard",
            Self::Mtpi(_) => "mTPI",
            Self::Mtpi2(_) => "mTPI-2",
            Self::Crm(_) => "CRM",
            Self::TiteCrm(_) => "TITE-CRM",
            Self::Blrm(_) => "BLRM",
            Self::TiteBoin(_) => "TITE-BOIN",
            Self::Boin12(_) => "BOIN12",
            Self::BfBoin(_) => "BF-BOIN",
        }
    }
}
