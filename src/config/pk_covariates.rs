//! `pk.covariates` and `pk.no_effect_bounds`: the characteristics whose effect on exposure is estimated, and the bounds that the ratios are held
//! against.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::OneOrMany;

/// A covariate of exposure as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CovariateOptions {
    /// Column of the subject-level dataset, for example `WTBL`. A column that is not among the customary baseline characteristics also joins
    /// their table.
    #[schemars(length(min = 1))]
    pub column: String,
    /// Name printed in the dossier. Without this key the customary one.
    pub label: Option<String>,
    /// The category that the others are compared with. Without this key `NORMAL` where there is one, otherwise the most frequent.
    pub reference: Option<String>,
    /// Values at which a number is cut into categories, ascending: each category begins at a cut point. Without this key the 5th and the 95th
    /// percentile are compared with the median.
    #[serde(default)]
    pub cut_points: Vec<f64>,
    /// Categories made of several values: values by name of the category. Values that none names become `Other`.
    #[serde(default)]
    pub groups: BTreeMap<String, OneOrMany>,
}

/// A covariate of exposure as used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CovariateSettings {
    /// Column of the subject-level dataset.
    pub column: String,
    /// Name printed in the dossier.
    pub label: Option<String>,
    /// The category that the others are compared with.
    pub reference: Option<String>,
    /// Values at which a number is cut into categories; empty where it is not cut.
    pub cut_points: Vec<f64>,
    /// Values by name of the category; empty where every value is a category.
    pub groups: BTreeMap<String, Vec<String>>,
}

impl CovariateSettings {
    /// A column without anything said of it.
    #[must_use]
    pub fn of(column: &str) -> Self {
        Self { column: column.to_owned(), label: None, reference: None, cut_points: Vec::new(), groups: BTreeMap::new() }
    }
}

impl From<CovariateOptions> for CovariateSettings {
    fn from(written: CovariateOptions) -> Self {
        Self {
            column: written.column,
            label: written.label,
            reference: written.reference,
            cut_points: written.cut_points,
            groups: written.groups.into_iter().map(|(name, values)| (name, values.0)).collect(),
        }
    }
}

fn lower_bound() -> f64 {
    0.80
}

fn upper_bound() -> f64 {
    1.25
}

fn ninety_percent() -> f64 {
    0.90
}

/// Bounds of a ratio of exposures within which an effect of a covariate counts as small.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoEffectBounds {
    /// Lower bound of the ratio.
    #[serde(default = "lower_bound")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1, "x-origin" = "a convention for ratios of exposures, not a clinical bound"))]
    pub lower: f64,
    /// Upper bound of the ratio.
    #[serde(default = "upper_bound")]
    #[schemars(extend("exclusiveMinimum" = 1, "x-origin" = "a convention for ratios of exposures, not a clinical bound"))]
    pub upper: f64,
    /// Confidence level of the intervals that are held against the bounds.
    #[serde(default = "ninety_percent")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1, "x-origin" = "customary for ratios of exposures [FDA-POPPK]"))]
    pub level: f64,
    /// Where the bounds come from, for example the exposures with acceptable safety and efficacy; printed.
    pub source: Option<String>,
}

impl Default for NoEffectBounds {
    fn default() -> Self {
        Self { lower: lower_bound(), upper: upper_bound(), level: ninety_percent(), source: None }
    }
}

impl NoEffectBounds {
    /// Where the bounds come from, in words.
    #[must_use]
    pub fn origin(&self) -> String {
        let customary = self.lower.to_bits() == lower_bound().to_bits() && self.upper.to_bits() == upper_bound().to_bits();
        match &self.source {
            Some(source) => source.clone(),
            None if customary => "a convention for ratios of exposures, not a clinical bound of this drug".to_owned(),
            None => "stated by the project without a source".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_of_the_bounds_is_never_more_than_what_was_stated() {
        assert!(NoEffectBounds::default().origin().contains("not a clinical bound"));
        let own = NoEffectBounds { lower: 0.5, ..NoEffectBounds::default() };
        assert_eq!(own.origin(), "stated by the project without a source");
        let sourced = NoEffectBounds { source: Some("exposure-response analysis of safety".to_owned()), ..own };
        assert_eq!(sourced.origin(), "exposure-response analysis of safety");
    }
}
