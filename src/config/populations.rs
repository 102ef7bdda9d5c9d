//! `populations`: the flags that say who is analysed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `populations` as written: a flag column of the subject-level dataset for each.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PopulationOptions {
    /// Safety population: received at least one dose.
    #[schemars(extend("default" = "SAFFL", "x-origin" = "the name that ADaM gives it"))]
    pub safety: Option<String>,
    /// Intention-to-treat population.
    #[schemars(extend("default" = "ITTFL", "x-origin" = "the name that ADaM gives it"))]
    pub intention_to_treat: Option<String>,
    /// Evaluable for dose-limiting toxicity.
    #[schemars(extend("default" = "DLTEVLFL", "x-origin" = "the customary sponsor-defined flag"))]
    pub dlt_evaluable: Option<String>,
    /// Evaluable for response.
    #[schemars(extend("default" = "EFFFL", "x-origin" = "the name that ADaM gives the efficacy population"))]
    pub response_evaluable: Option<String>,
    /// Evaluable for pharmacokinetics.
    #[schemars(extend("default" = "PKFL", "x-origin" = "the customary sponsor-defined flag"))]
    pub pk: Option<String>,
    /// Evaluable for patient-reported outcomes.
    #[schemars(extend("x-default" = "the safety population with a baseline assessment", "x-origin" = "no flag is customary"))]
    pub patient_reported: Option<String>,
}

/// One population.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Population {
    /// Flag column of the subject-level dataset; `None` where the population is derived.
    pub column: Option<String>,
    /// Whether the project file named the column, so that its absence from the data is a fault.
    pub named_by_user: bool,
}

impl Population {
    fn resolve(written: Option<String>, customary: Option<&str>) -> Self {
        Self { named_by_user: written.is_some(), column: written.or_else(|| customary.map(str::to_owned)) }
    }
}

/// `populations` as used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PopulationSettings {
    /// Received at least one dose.
    pub safety: Population,
    /// Everybody assigned to treatment.
    pub intention_to_treat: Population,
    /// Evaluable for dose-limiting toxicity.
    pub dlt_evaluable: Population,
    /// Evaluable for response.
    pub response_evaluable: Population,
    /// Evaluable for pharmacokinetics.
    pub pk: Population,
    /// Evaluable for patient-reported outcomes.
    pub patient_reported: Population,
}

impl PopulationSettings {
    /// The populations with their names in the project file.
    #[must_use]
    pub fn named(&self) -> [(&'static str, &Population); 6] {
        [
            ("safety", &self.safety),
            ("intention_to_treat", &self.intention_to_treat),
            ("dlt_evaluable", &self.dlt_evaluable),
            ("response_evaluable", &self.response_evaluable),
            ("pk", &self.pk),
            ("patient_reported", &self.patient_reported),
        ]
    }
}

impl From<PopulationOptions> for PopulationSettings {
    fn from(written: PopulationOptions) -> Self {
        Self {
            safety: Population::resolve(written.safety, Some("SAFFL")),
            intention_to_treat: Population::resolve(written.intention_to_treat, Some("ITTFL")),
            dlt_evaluable: Population::resolve(written.dlt_evaluable, Some("DLTEVLFL")),
            response_evaluable: Population::resolve(written.response_evaluable, Some("EFFFL")),
            pk: Population::resolve(written.pk, Some("PKFL")),
            patient_reported: Population::resolve(written.patient_reported, None),
        }
    }
}
