//! `tolerability`: events of special interest, landmarks and what tables show.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::{DosageReference, Duration};

/// One group of events of special interest as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AesiOptions {
    /// Name printed in the dossier. Without this key the group's key is printed.
    pub label: Option<String>,
    /// Preferred terms that belong to it.
    #[schemars(length(min = 1))]
    pub terms: Vec<String>,
}

/// A group of adverse events of special interest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AesiGroup {
    /// Name printed in the dossier.
    pub label: String,
    /// Preferred terms that belong to it.
    pub terms: Vec<String>,
}

fn customary_landmarks() -> Vec<Duration> {
    ["1 mo", "3 mo", "6 mo"].iter().filter_map(|text| text.parse().ok()).collect()
}

fn ten_percent() -> f64 {
    10.0
}

fn customary_cycle() -> Duration {
    Duration::from_days(28.0)
}

/// `tolerability` as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TolerabilityOptions {
    /// Groups of adverse events of special interest by id: `{ild: {label: ..., terms: [...]}}`.
    #[serde(default)]
    #[schemars(extend("x-keys" = "id"))]
    pub aesi: BTreeMap<String, AesiOptions>,
    /// Times at which prevalence and dose modification are reported.
    #[serde(default = "customary_landmarks")]
    #[schemars(extend("x-origin" = "first month, the month 3 of the rule on persistent low-grade events, and half a year"))]
    pub landmarks: Vec<Duration>,
    /// Adverse-event terms are tabulated when at least this percentage of any dosage's patients have them.
    #[serde(default = "ten_percent")]
    #[schemars(extend("minimum" = 0, "maximum" = 100, "x-origin" = "customary threshold of tables of common adverse reactions"))]
    pub common_term_percent: f64,
    /// Column of the toxicity grade in the adverse-event dataset.
    #[schemars(extend("x-default" = "the first of the customary columns that the data have", "x-origin" = "ADaM names several"))]
    pub grade_column: Option<String>,
    /// Length of a treatment cycle.
    #[serde(default = "customary_cycle")]
    #[schemars(extend("x-origin" = "the customary cycle of continuous oral treatment"))]
    pub cycle_length: Duration,
    /// The dosage that others are compared with, by its id.
    #[schemars(
        with = "Option<DosageReference>",
        extend("x-default" = "the lowest of those compared", "x-origin" = "differences then read as what a higher dosage adds")
    )]
    pub reference_dosage: Option<String>,
}

impl Default for TolerabilityOptions {
    fn default() -> Self {
        Self {
            aesi: BTreeMap::new(),
            landmarks: customary_landmarks(),
            common_term_percent: ten_percent(),
            grade_column: None,
            cycle_length: customary_cycle(),
            reference_dosage: None,
        }
    }
}

/// `tolerability` as used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TolerabilitySettings {
    /// Groups of adverse events of special interest by id.
    pub aesi: BTreeMap<String, AesiGroup>,
    /// Times at which prevalence and dose modification are reported, in months of 30.4375 days, ascending.
    pub landmarks_months: Vec<f64>,
    /// Percentage of a dosage's patients from which a term is tabulated.
    pub common_term_percent: f64,
    /// Column of the toxicity grade.
    pub grade_column: Option<String>,
    /// Length of a treatment cycle in days.
    pub cycle_length_days: f64,
    /// The dosage that others are compared with.
    pub reference_dosage: Option<String>,
}

impl From<TolerabilityOptions> for TolerabilitySettings {
    fn from(written: TolerabilityOptions) -> Self {
        let aesi = written.aesi.into_iter().map(|(id, group)| {
            let label = group.label.unwrap_or_else(|| id.clone());
            (id, AesiGroup { label, terms: group.terms })
        });
        let mut landmarks_months: Vec<f64> = written.landmarks.into_iter().map(Duration::months).collect();
        landmarks_months.sort_by(f64::total_cmp);
        Self {
            aesi: aesi.collect(),
            landmarks_months,
            common_term_percent: written.common_term_percent,
            grade_column: written.grade_column,
            cycle_length_days: written.cycle_length.days(),
            reference_dosage: written.reference_dosage,
        }
    }
}
