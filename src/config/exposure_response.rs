//! `exposure_response`: which outcome is modelled against which exposure.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::exposure_basis::ExposureBasis;
use super::exposure_response_bayesian::BayesianSettings;
use super::patient_reported::Better;
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

/// Which number of a record is the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// The value itself.
    Value,
    /// Change from baseline.
    Change,
    /// Change from baseline in percent.
    PercentChange,
}

/// Which of a subject's records after baseline gives the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// The best one, in the direction of `better`.
    Best,
    /// The worst one.
    Worst,
    /// The last one.
    Last,
}

/// How events at the same time share the risk set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TieHandling {
    /// Tied events leave the risk set one after the other, averaged over their order.
    #[default]
    Efron,
    /// Every tied event sees the whole risk set.
    Breslow,
}

/// An exposure that changes over time, from the dosing intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExposureOverTime {
    /// Daily dose on the day before.
    CurrentDose,
    /// Mean daily dose from the first dose to the day before.
    AverageDose,
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
    /// Which number of a record is an ordinal or continuous outcome. Without this key `percent_change` for a continuous outcome of `adtr`, else
    /// `value`.
    pub statistic: Option<Statistic>,
    /// Visit of the records, as `AVISIT` names it. Without this key every visit after baseline.
    pub visit: Option<String>,
    /// Which of several records gives an ordinal or continuous outcome. Without this key `last` where a visit is named, else `best` for a
    /// continuous outcome of `adtr`, `worst` for an ordinal outcome, `last` for any other.
    pub pick: Option<Pick>,
    /// Which way the outcome improves. Without this key `higher` for `adrs`, else `lower`.
    pub better: Option<Better>,
    /// Of a time to an event of `adtte`: descriptions (`EVNTDESC` or `CNSDTDSC`) of endings that compete with the event, for example `DEATH`.
    pub competing: Option<OneOrMany>,
    /// Of a time to an event of `adtte`: other parameters whose event competes, where it comes first, for example `OS`.
    pub competing_parameters: Option<OneOrMany>,
    /// Of a time to an event of `adae`: whether all events of a subject are counted beside the first.
    #[serde(default)]
    #[schemars(extend("x-origin" = "the first event of a subject is the customary outcome"))]
    pub recurrent: bool,
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
    /// Which number of a record is an ordinal or continuous outcome.
    pub statistic: Statistic,
    /// Visit of the records.
    pub visit: Option<String>,
    /// Which of several records gives an ordinal or continuous outcome.
    pub pick: Pick,
    /// Which way the outcome improves.
    pub better: Better,
    /// Descriptions of endings that compete with the event.
    pub competing: Vec<String>,
    /// Parameters whose event competes where it comes first.
    pub competing_parameters: Vec<String>,
    /// Whether all events of a subject are counted beside the first.
    pub recurrent: bool,
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
        let size = dataset == "adtr" && kind == EndpointKind::Continuous;
        let pick = match kind {
            _ if written.visit.is_some() => Pick::Last,
            _ if size => Pick::Best,
            EndpointKind::Ordinal => Pick::Worst,
            _ => Pick::Last,
        };
        Self {
            statistic: written.statistic.unwrap_or(if size { Statistic::PercentChange } else { Statistic::Value }),
            pick: written.pick.unwrap_or(pick),
            better: written.better.unwrap_or(if dataset == "adrs" { Better::Higher } else { Better::Lower }),
            visit: written.visit,
            dataset,
            parameter: written.parameter,
            label: written.label,
            kind,
            event: written.event.unwrap_or_default().0,
            grade_at_least: written.grade_at_least,
            terms: written.terms.unwrap_or_default().0,
            conditions: written.conditions.into_iter().map(|(column, values)| (column, values.0)).collect(),
            competing: written.competing.unwrap_or_default().0,
            competing_parameters: written.competing_parameters.unwrap_or_default().0,
            recurrent: written.recurrent,
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
    /// Growing ever faster; of a continuous outcome.
    Exponential,
    /// S-shaped on the scale of exposure; of a continuous outcome.
    Logistic,
    /// Rising and falling; of a continuous outcome.
    Beta,
}

/// How limits of the change of the log odds per step of exposure are computed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SlopeInterval {
    /// From the profile of the likelihood; of the penalised one where events and non-events are separated.
    #[default]
    ProfileLikelihood,
    /// Estimate and standard error.
    Wald,
}

/// The rule by which one of the models of a binary outcome is chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelChoice {
    /// Smallest Akaike information criterion.
    #[default]
    Aic,
    /// Smallest Akaike information criterion corrected for small samples.
    Aicc,
    /// Smallest Bayesian (Schwarz) information criterion.
    Bic,
    /// The form with fewest parameters, and one with more only where the likelihood-ratio statistic exceeds its quantile.
    LikelihoodRatio,
    /// This model, whatever the data say.
    Fixed(ExposureModel),
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
    /// Bayesian models beside the others. Without this key none.
    pub bayesian: Option<BayesianSettings>,
    /// Interval of the slope of a binary outcome.
    #[serde(default)]
    #[schemars(extend("x-origin" = "profile limits follow the likelihood where it is not symmetric and exist under Firth's penalty"))]
    pub interval: SlopeInterval,
    /// How one of the models of a binary outcome is chosen: `aic`, `aicc`, `bic`, `likelihood_ratio` or `{fixed: MODEL}`.
    #[serde(default)]
    #[schemars(extend("x-origin" = "the customary criterion; the prediction averaged over the models shows how much the choice matters"))]
    pub choose: ModelChoice,
    /// Covariates, named in `covariates` as well, whose product with exposure is added to the adjusted model of a binary outcome, each by itself.
    #[serde(default)]
    pub interactions: Vec<String>,
    /// Whether a binary outcome is also modelled by quartile of exposure.
    #[serde(default)]
    #[schemars(extend("x-origin" = "off: the observed proportions by quartile are in the figure"))]
    pub grouped: bool,
    /// Bootstrap refits of all models of a binary outcome, the model chosen anew in each. Without this key none.
    #[schemars(range(min = 100, max = 100_000))]
    pub bootstrap: Option<u32>,
    /// Of a time to an event: columns of the subject-level dataset whose values have baseline hazards of their own.
    #[serde(default)]
    pub strata: Vec<String>,
    /// Of a time to an event: how events on the same day share the risk set.
    #[serde(default)]
    #[schemars(extend("x-origin" = "closer to the exact likelihood than Breslow's where many events share a day"))]
    pub ties: TieHandling,
    /// Of a time to an event: exposures that change over time, from the dosing intervals of `adex`, modelled beside the exposure metric.
    #[serde(default)]
    pub exposure_over_time: Vec<ExposureOverTime>,
}

/// One exposure-response analysis as used.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
    /// Bayesian models, where asked for.
    pub bayesian: Option<BayesianSettings>,
    /// Interval of the slope of a binary outcome.
    pub interval: SlopeInterval,
    /// How one of the models of a binary outcome is chosen.
    pub choose: ModelChoice,
    /// Covariates whose product with exposure is added to the adjusted model, each by itself.
    pub interactions: Vec<String>,
    /// Whether a binary outcome is also modelled by quartile of exposure.
    pub grouped: bool,
    /// Bootstrap refits of all models of a binary outcome.
    pub bootstrap: Option<u32>,
    /// Of a time to an event: columns whose values have baseline hazards of their own.
    pub strata: Vec<String>,
    /// Of a time to an event: how tied events share the risk set.
    pub ties: TieHandling,
    /// Of a time to an event: exposures that change over time.
    pub exposure_over_time: Vec<ExposureOverTime>,
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
            bayesian: written.bayesian,
            interval: written.interval,
            choose: written.choose,
            interactions: written.interactions,
            grouped: written.grouped,
            bootstrap: written.bootstrap,
            strata: written.strata,
            ties: written.ties,
            exposure_over_time: written.exposure_over_time,
        }
    }
}
