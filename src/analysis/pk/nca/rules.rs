//! The rules of a noncompartmental analysis.

use crate::config::{AucMethod, BlqSettings, PkSettings, TerminalSlopeSettings};

/// Slack of the adjusted coefficient of determination within which the regression with more samples is preferred: customary in software for
/// noncompartmental analysis.
const ADJUSTED_R_SQUARED_SLACK: f64 = 1e-4;

/// Half-lives that a terminal regression should span: customary.
const MIN_SPAN: f64 = 2.0;

/// Which samples the terminal slope is fitted to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SlopeChoice {
    /// Those that give the best adjusted coefficient of determination, ending at the last quantifiable sample.
    BestFit,
    /// The quantifiable samples between two times, both included.
    Between {
        /// First time.
        first: f64,
        /// Last time.
        last: f64,
    },
}

/// Where candidates for the terminal regression may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlopeStart {
    /// After the maximum.
    AfterPeak,
    /// At the maximum.
    AtPeak,
}

/// What stands for the concentration at the time of the dose where no sample was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartRule {
    /// Zero after a first extravascular or infused dose, the lowest concentration of the interval after a later one, the back-extrapolated
    /// initial concentration after a bolus.
    Assume,
    /// Nothing: areas from the time of the dose are not calculated.
    RequireSample,
}

/// The rules of a noncompartmental analysis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NcaRules {
    /// How areas are computed.
    pub auc_method: AucMethod,
    /// Concentrations below the limit of quantification.
    pub blq: BlqSettings,
    /// Least samples of the terminal regression and when its results are doubted.
    pub terminal_slope: TerminalSlopeSettings,
    /// Which samples the terminal slope is fitted to.
    pub slope_choice: SlopeChoice,
    /// Where candidates for the terminal regression may begin.
    pub slope_start: SlopeStart,
    /// Slack of the adjusted coefficient of determination within which more samples are preferred.
    pub adjusted_r_squared_slack: f64,
    /// Half-lives that the terminal regression should span.
    pub min_span: f64,
    /// What stands for the concentration at the time of the dose.
    pub start: StartRule,
}

impl NcaRules {
    /// Customary rules with a method, a rule for concentrations below the limit and limits of the terminal slope.
    #[must_use]
    pub const fn new(auc_method: AucMethod, blq: BlqSettings, terminal_slope: TerminalSlopeSettings) -> Self {
        Self {
            auc_method,
            blq,
            terminal_slope,
            slope_choice: SlopeChoice::BestFit,
            slope_start: SlopeStart::AfterPeak,
            adjusted_r_squared_slack: ADJUSTED_R_SQUARED_SLACK,
            min_span: MIN_SPAN,
            start: StartRule::Assume,
        }
    }
}

impl From<&PkSettings> for NcaRules {
    fn from(settings: &PkSettings) -> Self {
        Self::new(settings.auc_method, settings.blq, settings.terminal_slope)
    }
}

impl Default for NcaRules {
    fn default() -> Self {
        Self::new(AucMethod::default(), BlqSettings::default(), TerminalSlopeSettings::default())
    }
}
