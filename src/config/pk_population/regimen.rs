//! `regimens`: what is given in a simulation, and which exposures are told of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::text::{DoseText, Duration};

/// A dosage to simulate: studied or not, flat or by body size, of one dose or of several steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegimenStatement {
    /// Name in fact ids. The id of a dosage of the project stands for that dosage: its dose, schedule and label hold where they are not
    /// written here, and its observed exposures are held against the simulated ones.
    #[schemars(extend("format" = "id"))]
    pub id: String,
    /// Name printed in tables and figures. Without this key that of the dosage of the same id, otherwise the dose and the schedule.
    pub label: Option<String>,
    /// Dose, for example `180 mg`, `3 mg/kg` or `75 mg/m2`.
    pub dose: Option<DoseText>,
    /// Schedule, for example `QD`, `BID` or `Q3W`.
    pub schedule: Option<String>,
    /// Largest amount of one dose where the dose is by body size, for example `300 mg`.
    pub max: Option<DoseText>,
    /// Steps instead of `dose` and `schedule`: a loading dose, a step-up.
    #[serde(default)]
    pub doses: Vec<DoseStep>,
    /// Whether it is taken with food; the model's `food` says what that changes.
    #[serde(default)]
    #[schemars(extend("x-origin" = "as the model was estimated, without food"))]
    pub with_food: bool,
}

/// A step of a regimen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DoseStep {
    /// Dose.
    pub dose: DoseText,
    /// Largest amount where the dose is by body size.
    pub max: Option<DoseText>,
    /// Day of its first dose; the first day of treatment is 1. Without this key right after the step before: a dosing interval
    /// after its last dose, or a day after a single one.
    #[schemars(extend("minimum" = 1))]
    pub day: Option<f64>,
    /// Time from dose to dose as a schedule, for example `QD`.
    pub schedule: Option<String>,
    /// Time from dose to dose as a length, for example `36 h`, instead of `schedule`.
    pub every: Option<Duration>,
    /// Number of doses. Without this key one where there is neither `schedule` nor `every`; otherwise the step goes on without end, which
    /// only the last may.
    #[schemars(range(min = 1, max = 10_000))]
    pub times: Option<u32>,
}

/// An exposure of a simulated subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SimulatedMetric {
    /// Area under the curve at steady state over the dosing interval of the proposed dosage, the same time for every regimen.
    AucSteadyState,
    /// Highest concentration at steady state.
    CmaxSteadyState,
    /// Concentration just before a dose at steady state.
    CtroughSteadyState,
    /// Average concentration at steady state.
    CavgSteadyState,
    /// Area under the curve over the first cycle.
    AucFirstCycle,
    /// Average concentration over the first cycle.
    CavgFirstCycle,
}

impl SimulatedMetric {
    /// Every metric in the order of tables.
    pub const ALL: [Self; 6] = [
        Self::AucSteadyState,
        Self::CmaxSteadyState,
        Self::CtroughSteadyState,
        Self::CavgSteadyState,
        Self::AucFirstCycle,
        Self::CavgFirstCycle,
    ];

    /// Identifier in fact ids.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::AucSteadyState => "auc_ss",
            Self::CmaxSteadyState => "cmax_ss",
            Self::CtroughSteadyState => "ctrough_ss",
            Self::CavgSteadyState => "cavg_ss",
            Self::AucFirstCycle => "auc_cycle_1",
            Self::CavgFirstCycle => "cavg_cycle_1",
        }
    }

    /// Whether it is an area rather than a concentration.
    #[must_use]
    pub const fn is_area(self) -> bool {
        matches!(self, Self::AucSteadyState | Self::AucFirstCycle)
    }

    /// Whether it is of steady state.
    #[must_use]
    pub const fn is_steady(self) -> bool {
        !matches!(self, Self::AucFirstCycle | Self::CavgFirstCycle)
    }

    /// The metric that a parameter code of the data customarily names.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        match code.to_uppercase().as_str() {
            "AUCSS" | "AUCTAU" | "AUCTAUSS" | "AUCINT" | "AUC24SS" => Some(Self::AucSteadyState),
            "CMAXSS" | "CMAX" => Some(Self::CmaxSteadyState),
            "CMINSS" | "CTROUGH" | "CTROUGHSS" | "CMIN" => Some(Self::CtroughSteadyState),
            "CAVGSS" | "CAVG" => Some(Self::CavgSteadyState),
            "AUCC1" | "AUCCYC1" | "AUC1C" => Some(Self::AucFirstCycle),
            "CAVGC1" | "CAVGCYC1" | "CAVG1C" => Some(Self::CavgFirstCycle),
            _ => None,
        }
    }
}

/// Which simulated exposure a parameter code of the data stands for, where its name does not tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExposureName {
    /// Parameter code of ADPP, as `exposure_response` and `reference_exposure` name it.
    #[schemars(length(min = 1))]
    pub parameter: String,
    /// The exposure.
    pub metric: SimulatedMetric,
}
