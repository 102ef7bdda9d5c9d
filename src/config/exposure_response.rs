//! `exposure_response`: which outcome is modelled against which exposure.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::exposure_basis::ExposureBasis;
use super::text::{OneOrMany, PartReference};

/// The kind of an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndpointKind {
    /// Happened or did not.
    Binary,
    /// Ordered grades.
    Ordinal,
    /// A number.
    Continuous,
    /// Time to an event, with censoring.
    TimeToEvent,
}

/// Whether an outcome speaks of benefit or of harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndpointAspect {
    /// Benefit.
    Efficacy,
    /// Harm.
    Safety,
}

/// An outcome as written: records of a dataset and what counts as an event.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndpointOptions {
    /// Dataset, for example `adrs`, `adtte` or `adae`.
    #[schemars(extend("format" = "dataset"))]
    pub dataset: String,
    /// Parameter code, for example `CRSP`; needed in datasets that have parameters.
    pub parameter: Option<String>,
    /// Name printed in the dossier. Without this key the parameter's own label.
    pub label: Option<String>,
    /// Kind. Without this key `time_to_event` for `adtte`, `binary` where an event, a grade or a term is named and for `adae`, else
    /// `continuous`.
    pub kind: Option<EndpointKind>,
    /// Values that count as an event, for example `[Y]`.
    pub event: Option<OneOrMany>,
    /// Lowest toxicity grade that counts as an event.
    #[schemars(range(min = 1, max = 5))]
    pub grade_at_least: Option<u8>,
    /// Preferred terms that count as an event, any of them.
    pub terms: Option<OneOrMany>,
    /// Further conditions: values by column, all columns to be met.
    #[serde(default, rename = "where")]
    pub conditions: BTreeMap<String, OneOrMany>,
    /// Column of the outcome in `ader`, `adee` or `ades`. Without this key the analysis value: AVAL, or AVALC where `event` names words.
    pub column: Option<String>,
    /// Benefit or harm, for outcomes of `ader`, `adee` and `ades`. Without this key efficacy for `adee` and for times to event, else safety.
    pub aspect: Option<EndpointAspect>,
}

/// An outcome as used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Endpoint {
    /// Dataset, lower case.
    pub dataset: String,
    /// Parameter code.
    pub parameter: Option<String>,
    /// Name printed in the dossier.
    pub label: Option<String>,
    /// Kind.
    pub kind: EndpointKind,
    /// Values that count as an event.
    pub event: Vec<String>,
    /// Lowest toxicity grade that counts as an event.
    pub grade_at_least: Option<u8>,
    /// Preferred terms that count as an event.
    pub terms: Vec<String>,
    /// Further conditions: values by column, all columns to be met.
    pub conditions: BTreeMap<String, Vec<String>>,
    /// Column of the outcome in the datasets of exposure and response.
    pub column: Option<String>,
    /// Benefit or harm, where the project states it.
    pub aspect: Option<EndpointAspect>,
}

impl From<EndpointOptions> for Endpoint {
    fn from(written: EndpointOptions) -> Self {
        let dataset = written.dataset.to_lowercase();
        let happens = written.event.is_some() || written.grade_at_least.is_some() || written.terms.is_some() || dataset == "adae";
        let kind = written.kind.unwrap_or(match dataset.as_str() {
            "adtte" => EndpointKind::TimeToEvent,
            _ if happens => EndpointKind::Binary,
            _ => EndpointKind::Continuous,
        });
        Self {
            dataset,
            parameter: written.parameter,
            label: written.label,
            kind,
            event: written.event.unwrap_or_default().0,
            grade_at_least: written.grade_at_least,
            terms: written.terms.unwrap_or_default().0,
            conditions: written.conditions.into_iter().map(|(column, values)| (column, values.0)).collect(),
            column: written.column,
            aspect: written.aspect,
        }
    }
}

/// A model of the outcome by exposure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExposureModel {
    /// Linear in exposure, on the scale of the outcome's link.
    Linear,
    /// Linear in the logarithm of exposure.
    LogLinear,
    /// Saturating in exposure.
    Emax,
    /// Saturating with a steepness of its own.
    SigmoidEmax,
    /// Linear and squared exposure.
    Quadratic,
}

fn customary_models() -> Vec<ExposureModel> {
    vec![ExposureModel::Linear, ExposureModel::LogLinear, ExposureModel::Emax]
}

/// One exposure-response analysis as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExposureResponseOptions {
    /// Name in fact ids: lower-case letters, digits and `_`, unique.
    #[schemars(extend("format" = "id"))]
    pub id: String,
    /// Name printed in the dossier. Without this key it is made from outcome and exposure.
    pub label: Option<String>,
    /// The outcome.
    pub endpoint: EndpointOptions,
    /// Exposure metric: a parameter code of the PK parameters, or a column, for example `AUCSS`.
    #[schemars(length(min = 1))]
    pub exposure: String,
    /// Dataset that holds the exposure. Without this key the imported tables, the dataset of the outcome where it is `ader`, `adee` or `ades`,
    /// then `ader`, `adee`, `ades`, `adpp` and `adsl` are searched in this order.
    #[schemars(extend("format" = "dataset"))]
    pub exposure_dataset: Option<String>,
    /// Table of `pk.imported_exposures` that holds the exposure, by its id.
    pub exposure_import: Option<String>,
    /// Conditions on the records of the exposure: values by column, all columns to be met, for example `{AVISIT: Cycle 1 Day 1}`.
    #[serde(default)]
    pub exposure_where: BTreeMap<String, OneOrMany>,
    /// Unit of the exposure, where the data give none.
    pub exposure_unit: Option<String>,
    /// How and when the exposure was computed. Without this key that of the imported table, else what code and visit suggest, which is printed
    /// as a guess.
    pub basis: Option<ExposureBasis>,
    /// Analyte, where the exposure exists for several.
    pub analyte: Option<String>,
    /// Models that are fitted and compared.
    #[serde(default = "customary_models")]
    #[schemars(extend("x-origin" = "a straight line, a diminishing one and a plateau: the shapes that the guidance asks to tell apart"))]
    pub models: Vec<ExposureModel>,
    /// Columns of the subject-level dataset that the models are adjusted for.
    #[serde(default)]
    pub covariates: Vec<String>,
    /// Parts of the trial whose patients are used. Without this key everybody with exposure and outcome.
    #[serde(default)]
    #[schemars(with = "Vec<PartReference>")]
    pub parts: Vec<String>,
}

/// One exposure-response analysis as used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExposureResponse {
    /// Name in fact ids.
    pub id: String,
    /// Name printed in the dossier.
    pub label: Option<String>,
    /// The outcome.
    pub endpoint: Endpoint,
    /// Exposure metric: a parameter code or a column.
    pub exposure: String,
    /// Dataset that holds the exposure, lower case.
    pub exposure_dataset: Option<String>,
    /// Imported table that holds the exposure.
    pub exposure_import: Option<String>,
    /// Conditions on the records of the exposure: values by column.
    pub exposure_where: BTreeMap<String, Vec<String>>,
    /// Unit of the exposure, where the data give none.
    pub exposure_unit: Option<String>,
    /// How and when the exposure was computed, where the project states it.
    pub basis: Option<ExposureBasis>,
    /// Analyte.
    pub analyte: Option<String>,
    /// Models that are fitted and compared.
    pub models: Vec<ExposureModel>,
    /// Columns that the models are adjusted for.
    pub covariates: Vec<String>,
    /// Parts whose patients are used; empty for all.
    pub parts: Vec<String>,
}

impl From<ExposureResponseOptions> for ExposureResponse {
    fn from(written: ExposureResponseOptions) -> Self {
        Self {
            id: written.id,
            label: written.label,
            endpoint: written.endpoint.into(),
            exposure: written.exposure,
            exposure_dataset: written.exposure_dataset.map(|name| name.to_lowercase()),
            exposure_import: written.exposure_import,
            exposure_where: written.exposure_where.into_iter().map(|(column, values)| (column, values.0)).collect(),
            exposure_unit: written.exposure_unit,
            basis: written.basis,
            analyte: written.analyte,
            models: written.models,
            covariates: written.covariates,
            parts: written.parts,
        }
    }
}
