//! `patient_reported`: questionnaires, their items and how they are read.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How an instrument is scored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scoring {
    /// PRO-CTCAE: items 0-4 (presence 0/1), composites by the published table.
    ProCtcae,
    /// EORTC QLQ-C30: raw items 1-4 (1-7 for global health), scales 0-100.
    QlqC30,
    /// One item with ordered answers, for example FACT GP5.
    SingleItem,
    /// Scores that the data already hold.
    #[default]
    AsRecorded,
}

/// Which way a score improves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

/// Which answers count once treatment has stopped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AfterDiscontinuation {
    /// Answers on treatment only, and up to 7 days after it, which the questionnaires look back on.
    #[default]
    WhileOnTreatment,
    /// Every answer, whenever it was given.
    AsObserved,
}

/// Which answers count once the dose was reduced or interrupted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AfterDoseChange {
    /// Every answer, whatever dose was taken.
    #[default]
    AsObserved,
    /// Answers before the first dose below the one at the start, interruptions included.
    UntilChange,
}

/// `patient_reported.intercurrent`: what happens to answers after events that change treatment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Intercurrent {
    /// Answers after treatment was stopped for good.
    #[serde(default)]
    #[schemars(extend("x-origin" = "describes tolerability while the drug is taken (ICH E9(R1))"))]
    pub discontinuation: AfterDiscontinuation,
    /// Answers after the dose was first reduced or interrupted.
    #[serde(default)]
    #[schemars(extend("x-origin" = "reductions and interruptions belong to the dosage as it is used (ICH E9(R1))"))]
    pub dose_change: AfterDoseChange,
}

/// One item or scale as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ItemOptions {
    /// Name printed in the dossier. Without this key the data's own label.
    pub label: Option<String>,
    /// Which way it improves. Without this key the instrument's direction.
    pub better: Option<Better>,
    /// Change that matters to patients, in score points.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub meaningful_change: Option<f64>,
}

/// One instrument as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InstrumentOptions {
    /// Name printed in the dossier. Without this key the instrument's key is printed.
    pub label: Option<String>,
    /// Dataset that holds it, for example `adqspro`.
    #[schemars(extend("format" = "dataset"))]
    pub dataset: String,
    /// How it is scored.
    #[serde(default)]
    #[schemars(extend("x-origin" = "scores are taken as the data hold them unless an instrument is named"))]
    pub scoring: Scoring,
    /// Parameter codes that belong to it, each with what is to be known of it. Without this key every one in the dataset.
    #[serde(default)]
    pub items: BTreeMap<String, ItemOptions>,
    /// Which way its scores improve. Without this key `lower` for PRO-CTCAE and single items; QLQ-C30 knows its scales.
    pub better: Option<Better>,
    /// The parameter that asks for the overall bother by side effects, for example `GP5`.
    pub overall_bother: Option<String>,
    /// Visits at which completion is judged, as the data name them. Without this key every visit.
    #[serde(default)]
    pub key_visits: Vec<String>,
}

/// One item or scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// Name printed in the dossier.
    pub label: Option<String>,
    /// Which way it improves.
    pub better: Option<Better>,
    /// Change that matters to patients, in score points.
    pub meaningful_change: Option<f64>,
}

/// One instrument.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Instrument {
    /// Name printed in the dossier.
    pub label: String,
    /// Dataset that holds it, lower case.
    pub dataset: String,
    /// How it is scored.
    pub scoring: Scoring,
    /// Parameter codes that belong to it; empty for every one in the dataset.
    pub items: BTreeMap<String, Item>,
    /// Which way its scores improve.
    pub better: Option<Better>,
    /// The parameter that asks for the overall bother by side effects.
    pub overall_bother: Option<String>,
    /// Visits at which completion is judged; empty for every visit.
    pub key_visits: Vec<String>,
}

fn seventy_percent() -> f64 {
    70.0
}

fn eighty_percent() -> f64 {
    80.0
}

/// `patient_reported` as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatientReportedOptions {
    /// Instruments by id.
    #[serde(default)]
    #[schemars(extend("x-keys" = "id"))]
    pub instruments: BTreeMap<String, InstrumentOptions>,
    /// What happens to answers after events that change treatment.
    #[serde(default)]
    pub intercurrent: Intercurrent,
    /// Completion below this percentage at a key visit is a finding.
    #[serde(default = "seventy_percent")]
    #[schemars(extend("minimum" = 0, "maximum" = 100, "x-origin" = "threshold of rule DJ-E11"))]
    pub min_completion_percent: f64,
    /// A baseline in fewer than this percentage of patients is a finding.
    #[serde(default = "eighty_percent")]
    #[schemars(extend("minimum" = 0, "maximum" = 100, "x-origin" = "threshold of rule DJ-E11"))]
    pub min_baseline_percent: f64,
}

impl Default for PatientReportedOptions {
    fn default() -> Self {
        Self {
            instruments: BTreeMap::new(),
            intercurrent: Intercurrent::default(),
            min_completion_percent: seventy_percent(),
            min_baseline_percent: eighty_percent(),
        }
    }
}

/// `patient_reported` as used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PatientReportedSettings {
    /// Instruments by id.
    pub instruments: BTreeMap<String, Instrument>,
    /// What happens to answers after events that change treatment.
    pub intercurrent: Intercurrent,
    /// Completion below this percentage at a key visit is a finding.
    pub min_completion_percent: f64,
    /// A baseline in fewer than this percentage of patients is a finding.
    pub min_baseline_percent: f64,
}

impl From<PatientReportedOptions> for PatientReportedSettings {
    fn from(written: PatientReportedOptions) -> Self {
        Self {
            instruments: written.instruments.into_iter().map(|(id, instrument)| (id.clone(), instrument_of(id, instrument))).collect(),
            intercurrent: written.intercurrent,
            min_completion_percent: written.min_completion_percent,
            min_baseline_percent: written.min_baseline_percent,
        }
    }
}

fn instrument_of(id: String, written: InstrumentOptions) -> Instrument {
    let by_scoring = matches!(written.scoring, Scoring::ProCtcae | Scoring::SingleItem).then_some(Better::Lower);
    let items = written
        .items
        .into_iter()
        .map(|(code, item)| (code, Item { label: item.label, better: item.better, meaningful_change: item.meaningful_change }));
    Instrument {
        label: written.label.unwrap_or(id),
        dataset: written.dataset.to_lowercase(),
        scoring: written.scoring,
        items: items.collect(),
        better: written.better.or(by_scoring),
        overall_bother: written.overall_bother,
        key_visits: written.key_visits,
    }
}
