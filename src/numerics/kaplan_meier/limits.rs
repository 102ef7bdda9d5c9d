//! Pointwise confidence limits of a survival probability on three scales.

use serde::{Deserialize, Serialize};

/// Scale on which the interval of a survival probability is symmetric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurvivalTransform {
    /// Complementary log-log: limits stay inside (0, 1) `[KalbfleischPrentice2002]`.
    LogLog,
    /// Logarithm; the upper limit is cut at 1.
    Log,
    /// None; both limits are cut to [0, 1].
    Plain,
}

impl SurvivalTransform {
    /// Every transformation, in the order in which they are documented.
    pub const ALL: [Self; 3] = [Self::LogLog, Self::Log, Self::Plain];

    /// Identifier in files.
    pub const fn id(self) -> &'static str {
        match self {
            Self::LogLog => "log_log",
            Self::Log => "log",
            Self::Plain => "plain",
        }
    }

    /// Name in running text and footnotes.
    pub const fn label(self) -> &'static str {
        match self {
            Self::LogLog => "log-log",
            Self::Log => "log",
            Self::Plain => "plain",
        }
    }

    /// Limits of a survival probability strictly between 0 and 1 with standard error `standard_error`.
    ///
    /// ```text
    /// r = se / S
    /// log-log  S^exp(-+ z r / ln S)      log  S exp(-+ z r)      plain  S -+ z se
    /// ```
    pub(super) fn limits(self, survival: f64, standard_error: f64, z: f64) -> (f64, f64) {
        let relative = z * standard_error / survival;
        match self {
            Self::LogLog => {
                let log = survival.ln();
                let factor = (relative / log).exp();
                ((log / factor).exp(), (log * factor).exp())
            }
            Self::Log => (survival * (-relative).exp(), (survival * relative.exp()).min(1.0)),
            Self::Plain => ((survival - z * standard_error).max(0.0), (survival + z * standard_error).min(1.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_enclose_the_estimate_and_stay_in_the_unit_interval() {
        for transform in SurvivalTransform::ALL {
            for (survival, error) in [(0.01, 0.02), (0.5, 0.1), (0.99, 0.03)] {
                let (lower, upper) = transform.limits(survival, error, 1.96);
                assert!((0.0..=survival).contains(&lower) && (survival..=1.0).contains(&upper), "{} {lower} {upper}", transform.id());
            }
        }
    }
}
