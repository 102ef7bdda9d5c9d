//! `utility`: the clinical utility index: attributes, their values and weights.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::exposure_response::{Endpoint, EndpointOptions};
use super::patient_reported::Better;
use super::text::{DateText, DosageReference, PartReference};
use crate::quantity::Date;

/// One corner of a piecewise linear value function.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValuePoint {
    /// Measured value.
    pub at: f64,
    /// Value to the decision maker, 0 to 1.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    pub value: f64,
}

/// How a measured value becomes a value between 0 (worst) and 1 (best).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueFunction {
    /// A straight line from worst to best.
    #[default]
    Linear,
    /// Straight lines between corners.
    #[serde(rename_all = "snake_case")]
    PiecewiseLinear {
        /// Corners in ascending order of `at`.
        #[schemars(length(min = 2))]
        points: Vec<ValuePoint>,
    },
    /// An S-shaped curve.
    Logistic {
        /// Measured value worth one half.
        midpoint: f64,
        /// Steepness per unit of the measured value.
        #[schemars(extend("exclusiveMinimum" = 0))]
        slope: f64,
    },
    /// All or nothing.
    Step {
        /// Measured value from which on it is worth 1.
        threshold: f64,
    },
    /// Linear value raised to a power.
    Power {
        /// The power; below 1 the first gains count most.
        #[schemars(extend("exclusiveMinimum" = 0))]
        exponent: f64,
    },
    /// Exponential curve for risk aversion.
    Exponential {
        /// Curvature: positive values count the first gains most.
        curvature: f64,
    },
}

/// A limit on an attribute beyond which a dosage is not admissible.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Veto {
    /// The limit, in the attribute's measure, on its worse side.
    pub limit: f64,
    /// A dosage is refused when the limit is passed with more than this probability.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub probability: f64,
}

/// One attribute as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttributeOptions {
    /// Name in fact ids: lower-case letters, digits and `_`, unique.
    #[schemars(extend("format" = "id"))]
    pub id: String,
    /// Name printed in the dossier. Without this key the id is printed.
    pub label: Option<String>,
    /// The measure by dosage that it takes, as in fact ids, for example `efficacy.orr`. Without this key the measure of the same name
    /// as the id.
    pub measure: Option<String>,
    /// An outcome of its own instead of a measure.
    pub endpoint: Option<EndpointOptions>,
    /// Which way it improves.
    pub better: Better,
    /// Measured value worth 0.
    pub worst: f64,
    /// Measured value worth 1.
    pub best: f64,
    /// Weight; weights are scaled to a sum of 1, and the reviewer says when they were not so written.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub weight: f64,
    /// Value function.
    #[serde(default)]
    #[schemars(extend("x-origin" = "a straight line between the anchors is the plainest assumption"))]
    pub value: ValueFunction,
    /// Limit beyond which a dosage is not admissible.
    pub veto: Option<Veto>,
}

/// One attribute of the utility index.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attribute {
    /// Name in fact ids.
    pub id: String,
    /// Name printed in the dossier.
    pub label: String,
    /// The measure by dosage that it takes.
    pub measure: Option<String>,
    /// An outcome of its own instead of a measure.
    pub endpoint: Option<Endpoint>,
    /// Which way it improves.
    pub better: Better,
    /// Measured value worth 0.
    pub worst: f64,
    /// Measured value worth 1.
    pub best: f64,
    /// Weight as written; not scaled.
    pub weight: f64,
    /// Value function.
    pub value: ValueFunction,
    /// Limit beyond which a dosage is not admissible.
    pub veto: Option<Veto>,
}

impl From<AttributeOptions> for Attribute {
    fn from(written: AttributeOptions) -> Self {
        Self {
            label: written.label.unwrap_or_else(|| written.id.clone()),
            id: written.id,
            measure: written.measure,
            endpoint: written.endpoint.map(Into::into),
            better: written.better,
            worst: written.worst,
            best: written.best,
            weight: written.weight,
            value: written.value,
            veto: written.veto,
        }
    }
}

/// How weights were elicited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Elicitation {
    /// Swing from worst to best.
    Swing,
    /// Points given directly.
    DirectPoints,
    /// Discrete choice experiment.
    DiscreteChoice,
    /// Anything else, described in `reference`.
    Other,
}

/// Who set the weights, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WeightsSource {
    /// Who set them.
    #[schemars(length(min = 1))]
    pub panel: String,
    /// When; weights set after the data were seen are a finding.
    #[schemars(with = "Option<DateText>")]
    pub date: Option<Date>,
    /// How.
    pub method: Option<Elicitation>,
    /// Where it is written.
    pub reference: Option<String>,
}

/// How attribute values become one index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aggregation {
    /// Weighted sum.
    #[default]
    Additive,
    /// Weighted geometric mean: any attribute at its worst makes the index 0.
    GeometricMean,
}

fn preferred_probability() -> f64 {
    0.70
}

fn twenty_thousand() -> usize {
    20_000
}

fn twenty_percent() -> f64 {
    20.0
}

/// `utility` as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UtilityOptions {
    /// The attributes.
    #[schemars(length(min = 1))]
    pub attributes: Vec<AttributeOptions>,
    /// Who set the weights, and when.
    pub weights_source: Option<WeightsSource>,
    /// How attribute values become one index.
    #[serde(default)]
    #[schemars(extend("x-origin" = "the form used in the published indices; contributions can be read off"))]
    pub aggregation: Aggregation,
    /// Dosages that are compared, by their ids. Without this key those of `decision`, otherwise every one that is not a comparator.
    #[serde(default)]
    #[schemars(with = "Vec<DosageReference>")]
    pub dosages: Vec<String>,
    /// Parts of the trial whose patients are used. Without this key everybody.
    #[serde(default)]
    #[schemars(with = "Vec<PartReference>")]
    pub parts: Vec<String>,
    /// A dosage is called preferred when it is best with at least this probability.
    #[serde(default = "preferred_probability")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    #[schemars(extend("x-origin" = "threshold of rule DJ-E26; otherwise the dosages are not distinguished"))]
    pub preferred_probability: f64,
    /// Relative change of each weight in the sensitivity analysis, in percent.
    #[serde(default = "twenty_percent")]
    #[schemars(extend("exclusiveMinimum" = 0, "maximum" = 100, "x-origin" = "threshold of rule DJ-E26"))]
    pub weight_change_percent: f64,
    /// Random draws of attribute values.
    #[serde(default = "twenty_thousand")]
    #[schemars(range(min = 1000, max = 10_000_000), extend("x-origin" = "simulation error of a probability below 0.004"))]
    pub draws: usize,
}

/// `utility` as used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UtilitySettings {
    /// The attributes.
    pub attributes: Vec<Attribute>,
    /// Who set the weights, and when.
    pub weights_source: Option<WeightsSource>,
    /// How attribute values become one index.
    pub aggregation: Aggregation,
    /// Dosages that are compared; empty for those of the decision.
    pub dosages: Vec<String>,
    /// Parts whose patients are used; empty for all.
    pub parts: Vec<String>,
    /// Probability of being best from which a dosage is called preferred.
    pub preferred_probability: f64,
    /// Relative change of each weight in the sensitivity analysis, in percent.
    pub weight_change_percent: f64,
    /// Random draws of attribute values.
    pub draws: usize,
}

impl From<UtilityOptions> for UtilitySettings {
    fn from(written: UtilityOptions) -> Self {
        Self {
            attributes: written.attributes.into_iter().map(Into::into).collect(),
            weights_source: written.weights_source,
            aggregation: written.aggregation,
            dosages: written.dosages,
            parts: written.parts,
            preferred_probability: written.preferred_probability,
            weight_change_percent: written.weight_change_percent,
            draws: written.draws,
        }
    }
}
