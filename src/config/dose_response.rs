//! `dose_response`: which outcome is tested and modelled over the doses, by MCP-Mod.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::exposure_response::{Endpoint, EndpointOptions, ExposureModel};
use super::text::{DoseText, PartReference};

fn customary_alpha() -> f64 {
    0.025
}

fn customary_shares() -> Vec<f64> {
    vec![0.5, 0.9]
}

fn customary_replicates() -> u32 {
    500
}

fn customary_power() -> f64 {
    0.8
}

/// Whether the outcome is looked for to rise or to fall with the dose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResponseDirection {
    /// To rise.
    #[default]
    Increasing,
    /// To fall.
    Decreasing,
}

/// How one curve comes from the models behind a dose-response signal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelSelection {
    /// The model with the smallest criterion.
    #[default]
    Aic,
    /// The average of the models, weighted by the criterion.
    Average,
}

/// A dose and the share of the largest effect believed to be reached there.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareAtDose {
    /// The dose.
    pub dose: DoseText,
    /// The share of the largest effect.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub share: f64,
}

/// A shape that the test looks for, as written and as used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CandidateModel {
    /// The shape.
    pub model: ExposureModel,
    /// What is believed of it: one share for `emax`, `exponential`, `quadratic` and `beta`, two for `sigmoid_emax` and `logistic`; none for
    /// `linear` and `log_linear`.
    #[serde(default)]
    pub shares: Vec<ShareAtDose>,
    /// Dose of the largest effect, for `beta`.
    pub largest_at: Option<DoseText>,
}

/// A trial to be planned, as written and as used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DoseResponsePlan {
    /// Planned number of subjects at each dose.
    #[schemars(range(min = 2, max = 100_000))]
    pub subjects_per_dose: u32,
    /// Outcome expected at the lowest dose: a probability, or a mean.
    pub at_lowest: f64,
    /// Largest difference from the lowest dose that is expected, without a sign.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub largest_effect: f64,
    /// Standard deviation of a continuous outcome.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub standard_deviation: Option<f64>,
    /// Power for which the number of subjects is found.
    #[serde(default = "customary_power")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1, "x-origin" = "customary power of a trial of phase 2"))]
    pub power: f64,
}

/// One dose-response analysis as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DoseResponseOptions {
    /// Name in fact ids: lower-case letters, digits and `_`, unique.
    #[schemars(extend("format" = "id"))]
    pub id: String,
    /// Name printed in the dossier. Without this key it is made from the outcome.
    pub label: Option<String>,
    /// The outcome, as in `exposure_response`: binary or continuous.
    pub endpoint: EndpointOptions,
    /// Shapes that the test looks for. Without this key `linear`, `log_linear`, `emax` with half of the effect at a quarter of the largest dose,
    /// `sigmoid_emax` with 20% of the effect at a quarter and 80% at half of it, and `exponential` with 20% at half of it.
    #[serde(default)]
    pub candidates: Vec<CandidateModel>,
    /// One-sided level of the test over all shapes.
    #[serde(default = "customary_alpha")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 0.5, "x-origin" = "customary one-sided level (ICH E9)"))]
    pub alpha: f64,
    /// Whether the outcome is looked for to rise or to fall with the dose.
    #[serde(default)]
    #[schemars(extend("x-origin" = "probabilities of response and of adverse events rise with an active dose"))]
    pub direction: ResponseDirection,
    /// Difference from the lowest dose that matters, without a sign: of probabilities, or of means. Without this key no target dose is given.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub relevant_effect: Option<f64>,
    /// Shares of the largest effect in the studied range for which doses are given.
    #[serde(default = "customary_shares")]
    #[schemars(inner(range(min = 0.01, max = 0.99)), extend("x-origin" = "the doses that DoseFinding's users ask for"))]
    pub ed: Vec<f64>,
    /// How one curve comes from the models behind a signal.
    #[serde(default)]
    #[schemars(extend("x-origin" = "the model that fits best; the average is shown beside it"))]
    pub selection: ModelSelection,
    /// Whether the comparator is used, as dose 0.
    #[serde(default)]
    #[schemars(extend("x-origin" = "an active comparator is no dose 0 of the drug"))]
    pub control: bool,
    /// Parts of the trial whose patients are used. Without this key everybody with the outcome.
    #[serde(default)]
    #[schemars(with = "Vec<PartReference>")]
    pub parts: Vec<String>,
    /// Bootstrap replicates behind the intervals of doses.
    #[serde(default = "customary_replicates")]
    #[schemars(range(min = 100, max = 100_000), extend("x-origin" = "percentiles of 2.5% rest on a dozen replicates"))]
    pub replicates: u32,
    /// A trial to be planned: power of the test, and subjects for a power.
    pub plan: Option<DoseResponsePlan>,
}

/// One dose-response analysis as used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DoseResponse {
    /// Name in fact ids.
    pub id: String,
    /// Name printed in the dossier.
    pub label: Option<String>,
    /// The outcome.
    pub endpoint: Endpoint,
    /// Shapes that the test looks for; empty for the customary ones.
    pub candidates: Vec<CandidateModel>,
    /// One-sided level of the test over all shapes.
    pub alpha: f64,
    /// Whether the outcome is looked for to rise or to fall with the dose.
    pub direction: ResponseDirection,
    /// Difference from the lowest dose that matters.
    pub relevant_effect: Option<f64>,
    /// Shares of the largest effect for which doses are given.
    pub ed: Vec<f64>,
    /// How one curve comes from the models behind a signal.
    pub selection: ModelSelection,
    /// Whether the comparator is used, as dose 0.
    pub control: bool,
    /// Parts whose patients are used; empty for all.
    pub parts: Vec<String>,
    /// Bootstrap replicates.
    pub replicates: u32,
    /// A trial to be planned.
    pub plan: Option<DoseResponsePlan>,
}

impl From<DoseResponseOptions> for DoseResponse {
    fn from(written: DoseResponseOptions) -> Self {
        Self {
            id: written.id,
            label: written.label,
            endpoint: written.endpoint.into(),
            candidates: written.candidates,
            alpha: written.alpha,
            direction: written.direction,
            relevant_effect: written.relevant_effect,
            ed: written.ed,
            selection: written.selection,
            control: written.control,
            parts: written.parts,
            replicates: written.replicates,
            plan: written.plan,
        }
    }
}
