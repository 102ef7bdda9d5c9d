//! `grouping`: by which treatment patients are grouped.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Treatment as planned, or as it was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TreatmentBasis {
    /// The treatment that was planned or assigned.
    Planned,
    /// The treatment that was received.
    Actual,
}

fn planned() -> TreatmentBasis {
    TreatmentBasis::Planned
}

fn actual() -> TreatmentBasis {
    TreatmentBasis::Actual
}

/// `grouping` as written.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupingOptions {
    /// Efficacy, patient-reported outcomes included.
    #[serde(default = "planned")]
    #[schemars(extend("x-origin" = "keeps what randomisation made comparable (ICH E9)"))]
    pub efficacy: TreatmentBasis,
    /// Safety and dosing.
    #[serde(default = "actual")]
    #[schemars(extend("x-origin" = "harm follows what was received (ICH E9)"))]
    pub safety: TreatmentBasis,
    /// Pharmacokinetics and pharmacodynamics.
    #[serde(default = "actual")]
    #[schemars(extend("x-origin" = "concentrations follow what was received"))]
    pub pk: TreatmentBasis,
}

impl Default for GroupingOptions {
    fn default() -> Self {
        Self { efficacy: planned(), safety: actual(), pk: actual() }
    }
}

/// `grouping` as used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct GroupingSettings {
    /// Efficacy, patient-reported outcomes included.
    pub efficacy: TreatmentBasis,
    /// Safety and dosing.
    pub safety: TreatmentBasis,
    /// Pharmacokinetics and pharmacodynamics.
    pub pk: TreatmentBasis,
}

impl From<GroupingOptions> for GroupingSettings {
    fn from(written: GroupingOptions) -> Self {
        Self { efficacy: written.efficacy, safety: written.safety, pk: written.pk }
    }
}
