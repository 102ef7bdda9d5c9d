//! `pk.immunogenicity`: how anti-drug antibodies are classified and when they are pointed out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::Duration;

/// On which scale the data give titres.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TitreScale {
    /// As dilutions: 40, 80, 160.
    #[default]
    Linear,
    /// As logarithms to base 2.
    Log2,
    /// As logarithms to base 10.
    Log10,
}

fn four() -> f64 {
    4.0
}

fn sixteen_weeks() -> Duration {
    Duration::from_days(112.0)
}

fn one_tenth() -> f64 {
    0.10
}

fn lower_limit() -> f64 {
    0.80
}

fn upper_limit() -> f64 {
    1.25
}

/// How anti-drug antibodies are classified and when they are pointed out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImmunogenicitySettings {
    /// On which scale the data give titres.
    #[serde(default)]
    #[schemars(extend("x-origin" = "titres are customarily reported as dilutions"))]
    pub titre_scale: TitreScale,
    /// Smallest ratio of a titre under treatment to that at baseline that counts as boosted.
    #[serde(default = "four")]
    #[schemars(extend("exclusiveMinimum" = 1, "x-origin" = "two doublings of the dilution [Shankar2014]"))]
    pub boost_factor: f64,
    /// Time between the first and the last positive sample from which antibodies count as persistent.
    #[serde(default = "sixteen_weeks")]
    #[schemars(extend("x-origin" = "16 weeks [Shankar2014]"))]
    pub persistent_from: Duration,
    /// Smallest incidence that is pointed out where exposure differs.
    #[serde(default = "one_tenth")]
    #[schemars(extend("minimum" = 0, "maximum" = 1, "x-origin" = "threshold of rule DJ-E30"))]
    pub alert_incidence: f64,
    /// Ratio of exposures, positive to negative patients, below which a difference is pointed out.
    #[serde(default = "lower_limit")]
    #[schemars(extend("exclusiveMinimum" = 0, "maximum" = 1, "x-origin" = "threshold of rule DJ-E30"))]
    pub alert_below: f64,
    /// Ratio of exposures above which a difference is pointed out.
    #[serde(default = "upper_limit")]
    #[schemars(extend("minimum" = 1, "x-origin" = "threshold of rule DJ-E30"))]
    pub alert_above: f64,
}

impl Default for ImmunogenicitySettings {
    fn default() -> Self {
        Self {
            titre_scale: TitreScale::default(),
            boost_factor: four(),
            persistent_from: sixteen_weeks(),
            alert_incidence: one_tenth(),
            alert_below: lower_limit(),
            alert_above: upper_limit(),
        }
    }
}
