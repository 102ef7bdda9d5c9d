//! The figure of the clinical utility index: contributions, probability of the highest index, weights, sensitivity.

use serde::Serialize;

use super::figure::SeriesKey;

/// The index of every dosage and how it depends on what was chosen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UtilityPlot {
    /// Names of the attributes, in the order of the stacks.
    pub attributes: Vec<String>,
    /// One per dosage.
    pub dosages: Vec<UtilityBar>,
    /// Probability of the highest index from which a dosage is called preferred.
    pub preferred_from: f64,
    /// The index against the weight of one attribute, one per attribute; empty where the index is not a weighted sum.
    pub sweeps: Vec<WeightSweep>,
    /// How much the lead of the dosage with the highest index changes; empty without one.
    pub tornado: Vec<TornadoBar>,
    /// The lead as planned: index of the leading dosage minus that of the next.
    pub lead: f64,
    /// Name of the lead: `120 mg QD minus 240 mg QD`.
    pub lead_label: String,
}

/// The index of one dosage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UtilityBar {
    /// The dosage.
    pub series: SeriesKey,
    /// Weight times worth of each attribute.
    pub contributions: Vec<f64>,
    /// Index at the observed values.
    pub index: f64,
    /// Interval of the index.
    pub limits: (f64, f64),
    /// Probability of the highest index.
    pub probability_best: f64,
}

/// The index of every dosage as one weight runs from 0 to 1 and the others keep their proportions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeightSweep {
    /// Name of the attribute.
    pub attribute: String,
    /// Its weight as planned.
    pub planned: f64,
    /// Index of each dosage at weight 0 and at weight 1; straight lines join them.
    pub ends: Vec<(f64, f64)>,
    /// Weights at which the leading dosage and another have the same index, with that index.
    pub flips: Vec<(f64, f64)>,
}

/// The lead between two variations of one choice.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TornadoBar {
    /// What is changed.
    pub label: String,
    /// Least lead.
    pub low: f64,
    /// Greatest lead.
    pub high: f64,
}
