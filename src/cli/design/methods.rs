//! The parameters of each method, as options that become the design of a project file.

use clap::ValueEnum;
use serde_json::{Value, json};

use super::arguments::finite;

/// Parameters that are a design of a project file.
pub(super) trait DesignParameters {
    /// Name of the design in a project file.
    const KEY: &'static str;

    /// What was given, under the names of the project file; `null` and `false` stand for what was not.
    fn options(&self) -> Value;

    /// The target by which doses are judged where the design has none of its own.
    fn judged_by(&self) -> Option<f64> {
        None
    }

    /// Doses that the parameters imply.
    fn doses(&self) -> Option<usize> {
        None
    }
}

/// When `--stop-at` ends the trial.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum StopRuleArgument {
    /// The dose that would be kept has that many
    WhenStaying,
    /// The dose recommended for the next cohort has that many
    AtRecommended,
    /// The current dose has that many, whatever would follow
    AtOnce,
}

/// How a pending patient counts in TITE-BOIN.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum VariantArgument {
    /// As the toxicity expected in the rest of the window
    SingleMeanImputation,
    /// As the part of the window that was observed
    EffectiveSampleSize,
}

/// The name in a project file.
pub(super) fn written<E: ValueEnum>(value: Option<E>) -> Value {
    value.and_then(|value| value.to_possible_value()).map_or(Value::Null, |value| json!(value.get_name().replace('-', "_")))
}

/// Cohorts and the number of patients, as every design has them.
#[derive(Debug, clap::Args)]
pub(super) struct Size {
    /// Patients per cohort [default: 3]
    #[arg(long, value_name = "NUMBER")]
    pub(super) cohort_size: Option<usize>,
    /// Largest number of patients of the trial [default: six per dose, at least 30]
    #[arg(long, visible_alias = "max-patients", value_name = "NUMBER")]
    pub(super) max_n: Option<usize>,
}

/// Enough patients at a dose.
#[derive(Debug, clap::Args)]
pub(super) struct Stopping {
    /// Patients at a dose that end the trial, as --stop-rule says
    #[arg(long, value_name = "NUMBER")]
    stop_at: Option<usize>,
    /// When --stop-at ends the trial [default: when-staying]
    #[arg(long, value_enum, value_name = "RULE")]
    stop_rule: Option<StopRuleArgument>,
}

/// 3+3.
#[derive(Debug, clap::Args)]
pub(super) struct ThreePlusThreeParameters {
    /// Fill a lower dose to six patients after two toxicities at the next
    #[arg(long)]
    allow_deescalation: bool,
    /// Target by which the doses of --truth are judged; the rule itself has none
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = finite, requires = "truth")]
    target: Option<f64>,
}

impl DesignParameters for ThreePlusThreeParameters {
    const KEY: &'static str = "three_plus_three";

    fn options(&self) -> Value {
        json!({ "allow_deescalation": self.allow_deescalation })
    }

    fn judged_by(&self) -> Option<f64> {
        self.target
    }
}

/// Designs with an interval around the target.
#[derive(Debug, clap::Args)]
pub(super) struct IntervalParameters {
    /// Target probability of dose-limiting toxicity, above 0 and below 1
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = finite)]
    target: f64,
    /// How far the interval reaches below the target [default: 0.05]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = finite)]
    margin_lower: Option<f64>,
    /// How far the interval reaches above the target [default: 0.05]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = finite)]
    margin_upper: Option<f64>,
    /// A dose is eliminated when it is more toxic than the target with a probability above this [default: 0.95]
    #[arg(long, value_name = "PROBABILITY", allow_negative_numbers = true, value_parser = finite)]
    cutoff: Option<f64>,
    #[command(flatten)]
    size: Size,
    #[command(flatten)]
    stopping: Stopping,
}

impl IntervalParameters {
    fn values(&self) -> Value {
        json!({
            "target": self.target, "margin_lower": self.margin_lower, "margin_upper": self.margin_upper, "elimination_cutoff": self.cutoff,
            "cohort_size": self.size.cohort_size, "max_patients": self.size.max_n,
            "stop_at": self.stopping.stop_at, "stop_rule": written(self.stopping.stop_rule),
        })
    }
}

/// The interval designs differ in their rule alone.
macro_rules! interval_design {
    ($($(#[$doc:meta])* $name:ident = $key:literal)*) => { $(
        $(#[$doc])*
        #[derive(Debug, clap::Args)]
        pub(super) struct $name {
            #[command(flatten)]
            interval: IntervalParameters,
        }

        impl DesignParameters for $name {
            const KEY: &'static str = $key;

            fn options(&self) -> Value {
                self.interval.values()
            }
        }
    )* };
}

interval_design! {
    /// i3+3.
    I3Plus3Parameters = "i3_3"
    /// Keyboard.
    KeyboardParameters = "keyboard"
    /// mTPI.
    MtpiParameters = "mtpi"
    /// mTPI-2.
    Mtpi2Parameters = "mtpi2"
}

/// What the designs built on BOIN share.
#[derive(Debug, clap::Args)]
pub(super) struct BoinBoundaries {
    /// Target probability of dose-limiting toxicity, from 0.05 to 0.6
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = finite)]
    pub(super) target: f64,
    /// Highest probability that counts as underdosing, phi1 [default: 0.6 times the target]
    #[arg(long, visible_alias = "phi1", value_name = "RATE", allow_negative_numbers = true, value_parser = finite)]
    pub(super) underdosing: Option<f64>,
    /// Lowest probability that counts as overdosing, phi2 [default: 1.4 times the target]
    #[arg(long, visible_alias = "phi2", value_name = "RATE", allow_negative_numbers = true, value_parser = finite)]
    pub(super) overdosing: Option<f64>,
    /// A dose is eliminated when it is more toxic than the target with a probability above this [default: 0.95]
    #[arg(long, value_name = "PROBABILITY", allow_negative_numbers = true, value_parser = finite)]
    pub(super) cutoff: Option<f64>,
}

/// BOIN.
#[derive(Debug, clap::Args)]
pub(super) struct BoinOptionArguments {
    #[command(flatten)]
    boundaries: BoinBoundaries,
    /// Stop earlier for toxicity at the lowest dose
    #[arg(long)]
    extra_safe: bool,
    /// How much --extra-safe lowers the cutoff [default: 0.05]
    #[arg(long, value_name = "PROBABILITY", allow_negative_numbers = true, value_parser = finite, requires = "extra_safe")]
    offset: Option<f64>,
    /// One patient per dose up to the first toxicity, cohorts from there on
    #[arg(long)]
    titration: bool,
    #[command(flatten)]
    size: Size,
    #[command(flatten)]
    stopping: Stopping,
}

impl DesignParameters for BoinOptionArguments {
    const KEY: &'static str = "boin";

    fn options(&self) -> Value {
        let BoinBoundaries { target, underdosing, overdosing, cutoff } = self.boundaries;
        json!({
            "target": target, "underdosing": underdosing, "overdosing": overdosing, "elimination_cutoff": cutoff,
            "extra_safe": self.extra_safe, "offset": self.offset, "accelerated_titration": self.titration,
            "cohort_size": self.size.cohort_size, "max_patients": self.size.max_n,
            "stop_at": self.stopping.stop_at, "stop_rule": written(self.stopping.stop_rule),
        })
    }
}

/// TITE-BOIN.
#[derive(Debug, clap::Args)]
pub(super) struct TiteBoinParameters {
    #[command(flatten)]
    boundaries: BoinBoundaries,
    /// Accrual is suspended when more than this share of a dose's patients is pending [default: 0.5]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true, value_parser = finite)]
    max_pending: Option<f64>,
    /// How a pending patient counts [default: single-mean-imputation]
    #[arg(long, value_enum)]
    variant: Option<VariantArgument>,
    #[command(flatten)]
    size: Size,
}

impl DesignParameters for TiteBoinParameters {
    const KEY: &'static str = "tite_boin";

    fn options(&self) -> Value {
        let BoinBoundaries { target, underdosing, overdosing, cutoff } = self.boundaries;
        json!({
            "target": target, "underdosing": underdosing, "overdosing": overdosing, "elimination_cutoff": cutoff,
            "max_pending": self.max_pending, "variant": written(self.variant),
            "cohort_size": self.size.cohort_size, "max_patients": self.size.max_n,
        })
    }
}

/// BOIN12.
#[derive(Debug, clap::Args)]
pub(super) struct Boin12Parameters {
    /// Highest acceptable probability of toxicity, from 0.05 to 0.6
    #[arg(long, visible_alias = "target", value_name = "RATE", allow_negative_numbers = true, value_parser = finite)]
    toxicity_limit: f64,
    /// Lowest acceptable probability of efficacy
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = finite)]
    efficacy_limit: f64,
    /// Utility of neither efficacy nor toxicity; efficacy alone is worth 100, toxicity alone 0 [default: 40]
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true, value_parser = finite)]
    utility_neither: Option<f64>,
    /// Utility of both [default: 60]
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true, value_parser = finite)]
    utility_both: Option<f64>,
    /// A dose is inadmissible when it is too toxic with a probability of this or more [default: 0.95]
    #[arg(long, value_name = "PROBABILITY", allow_negative_numbers = true, value_parser = finite)]
    toxicity_cutoff: Option<f64>,
    /// A dose is inadmissible when it is too little effective with a probability of this or more [default: 0.9]
    #[arg(long, value_name = "PROBABILITY", allow_negative_numbers = true, value_parser = finite)]
    efficacy_cutoff: Option<f64>,
    /// Patients N* at which a dose is settled [default: 6]
    #[arg(long, value_name = "NUMBER")]
    exploration_size: Option<usize>,
    #[command(flatten)]
    size: Size,
}

impl DesignParameters for Boin12Parameters {
    const KEY: &'static str = "boin12";

    fn options(&self) -> Value {
        json!({
            "toxicity_limit": self.toxicity_limit, "efficacy_limit": self.efficacy_limit, "utility_neither": self.utility_neither,
            "utility_both": self.utility_both, "toxicity_cutoff": self.toxicity_cutoff, "efficacy_cutoff": self.efficacy_cutoff,
            "exploration_size": self.exploration_size, "cohort_size": self.size.cohort_size, "max_patients": self.size.max_n,
        })
    }
}

/// BF-BOIN.
#[derive(Debug, clap::Args)]
pub(super) struct BfBoinParameters {
    #[command(flatten)]
    boundaries: BoinBoundaries,
    /// Patients at which a dose is closed to backfill
    #[arg(long, value_name = "NUMBER")]
    backfill_cap: Option<usize>,
    /// Patients at a dose that end the trial when it would be kept
    #[arg(long, value_name = "NUMBER")]
    stop_at: Option<usize>,
    /// Doses at which activity was seen in --history, counted from 1 [default: every dose tried]
    #[arg(long, value_name = "DOSES", value_delimiter = ',')]
    pub(super) active: Option<Vec<usize>>,
    #[command(flatten)]
    size: Size,
}

impl DesignParameters for BfBoinParameters {
    const KEY: &'static str = "bf_boin";

    fn options(&self) -> Value {
        let BoinBoundaries { target, underdosing, overdosing, cutoff } = self.boundaries;
        json!({
            "target": target, "underdosing": underdosing, "overdosing": overdosing, "elimination_cutoff": cutoff,
            "backfill_cap": self.backfill_cap, "stop_at": self.stop_at,
            "cohort_size": self.size.cohort_size, "max_patients": self.size.max_n,
        })
    }
}
