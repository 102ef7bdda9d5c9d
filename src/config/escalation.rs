//! `escalation`: the design that led from dose to dose, and what was decided.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::design::DesignOptions;
use super::text::{Duration, FilePath};

fn customary_window() -> Duration {
    Duration::from_days(28.0)
}

/// `escalation` as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EscalationOptions {
    /// The design with its parameters, for example `{boin: {target: 0.30}}`.
    pub design: Option<DesignOptions>,
    /// Target probability of dose-limiting toxicity. Without this key the design's own target.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub target_toxicity: Option<f64>,
    /// CSV file of the escalation decisions as they were taken.
    #[schemars(with = "Option<FilePath>")]
    pub decisions: Option<PathBuf>,
    /// Window in which dose-limiting toxicity is assessed.
    #[serde(default = "customary_window")]
    #[schemars(extend("x-origin" = "one cycle of 28 days, the customary window"))]
    pub dlt_window: Duration,
}

/// `escalation` as used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EscalationSettings {
    /// The design with its parameters.
    pub design: Option<DesignOptions>,
    /// Target probability of dose-limiting toxicity: as written, otherwise the design's.
    pub target_toxicity: Option<f64>,
    /// CSV file of the decisions, resolved against the project's folder.
    pub decisions: Option<PathBuf>,
    /// Window in which dose-limiting toxicity is assessed, in days.
    pub dlt_window_days: f64,
}

impl EscalationSettings {
    /// The settings of a project in the folder `root`.
    #[must_use]
    pub(crate) fn resolve(written: EscalationOptions, root: &Path) -> Self {
        Self {
            target_toxicity: written.target_toxicity.or_else(|| written.design.as_ref().and_then(DesignOptions::target)),
            design: written.design,
            decisions: written.decisions.map(|path| root.join(path)),
            dlt_window_days: written.dlt_window.days(),
        }
    }
}
