//! `decision` and `answers`: the dosage that is proposed, and what the sponsor says to the findings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::DosageReference;

/// `decision`, the same as written and as used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionSettings {
    /// The proposed dosage, by its id.
    #[schemars(with = "DosageReference")]
    pub proposed: String,
    /// The dosages it is compared with, by their ids. Without this key every other dosage that is not a comparator.
    #[serde(default)]
    #[schemars(with = "Vec<DosageReference>")]
    pub alternatives: Vec<String>,
    /// Why this dosage; printed.
    pub reason: Option<String>,
}

/// A finding that the sponsor answers; the answer is printed beside it and never silences it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Id of the rule, for example `DJ-E07`.
    #[schemars(extend("format" = "rule-id", "pattern" = "^DJ-[A-Z][0-9]{2}$"))]
    pub rule: String,
    /// The answer.
    #[schemars(length(min = 1))]
    pub reason: String,
}
