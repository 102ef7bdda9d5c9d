//! The parameters of the methods with a model of all doses: CRM, TITE-CRM and BLRM.

use clap::ValueEnum;
use serde_json::{Value, json};

use super::arguments::finite;
use super::methods::{DesignParameters, Size, written};

/// Working model of a continual reassessment method.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ModelArgument {
    /// Skeleton raised to a power
    Empiric,
    /// One-parameter logistic curve
    Logistic,
}

/// What holds escalation back beyond the model.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum RestrictionArgument {
    /// Nothing: doses may be skipped
    Free,
    /// At most one dose up
    OneLevel,
    /// At most one dose up, and not right after a cohort that reached the target
    OneLevelCoherent,
}

/// How a continual reassessment method estimates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum InferenceArgument {
    /// From the posterior
    Bayes,
    /// By maximum likelihood
    Likelihood,
}

/// How incomplete follow-up is weighted.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum WeightsArgument {
    /// By the share of the window
    Linear,
    /// By the observed times to toxicity
    Adaptive,
}

/// The model of a continual reassessment method.
#[derive(Debug, clap::Args)]
pub(super) struct CrmModelArguments {
    /// Target probability of dose-limiting toxicity, above 0 and below 1
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = finite)]
    target: f64,
    /// Prior probabilities of toxicity by dose, ascending: 0.05,0.12,0.25,0.4
    #[arg(long, value_name = "LIST", value_delimiter = ',', allow_negative_numbers = true, value_parser = finite, required_unless_present = "halfwidth")]
    skeleton: Option<Vec<f64>>,
    /// Half-width of the interval around the target to which the skeleton is calibrated, instead of --skeleton
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = finite, conflicts_with = "skeleton", requires = "prior_mtd")]
    halfwidth: Option<f64>,
    /// Dose believed beforehand to be the maximum tolerated one, counted from 1
    #[arg(long, value_name = "DOSE", requires = "halfwidth")]
    prior_mtd: Option<usize>,
    /// Working model [default: empiric]
    #[arg(long, value_enum, value_name = "MODEL")]
    model: Option<ModelArgument>,
    /// Intercept of the logistic model [default: 3]
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = finite)]
    intercept: Option<f64>,
    /// Standard deviation of the normal prior of the parameter [default: the square root of 1.34]
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = finite)]
    prior_sd: Option<f64>,
    /// What holds escalation back beyond the model [default: one-level-coherent]
    #[arg(long, value_enum, value_name = "RULE")]
    restriction: Option<RestrictionArgument>,
}

impl CrmModelArguments {
    fn values(&self) -> Value {
        let calibration =
            self.halfwidth.zip(self.prior_mtd).map(|(halfwidth, prior_mtd)| json!({ "halfwidth": halfwidth, "prior_mtd": prior_mtd }));
        json!({
            "target": self.target, "skeleton": self.skeleton, "calibration": calibration, "model": written(self.model),
            "intercept": self.intercept, "prior_sd": self.prior_sd, "restriction": written(self.restriction),
        })
    }

    fn doses(&self) -> Option<usize> {
        self.skeleton.as_ref().map(Vec::len)
    }
}

/// CRM.
#[derive(Debug, clap::Args)]
pub(super) struct CrmParameters {
    #[command(flatten)]
    model: CrmModelArguments,
    /// How toxicity is estimated on --history
    #[arg(long, value_enum, default_value_t = InferenceArgument::Bayes)]
    pub(super) inference: InferenceArgument,
    #[command(flatten)]
    size: Size,
}

impl DesignParameters for CrmParameters {
    const KEY: &'static str = "crm";

    fn options(&self) -> Value {
        let mut values = self.model.values();
        values["cohort_size"] = json!(self.size.cohort_size);
        values["max_patients"] = json!(self.size.max_n);
        values
    }

    fn doses(&self) -> Option<usize> {
        self.model.doses()
    }
}

/// TITE-CRM.
#[derive(Debug, clap::Args)]
pub(super) struct TiteCrmParameters {
    #[command(flatten)]
    model: CrmModelArguments,
    /// How incomplete follow-up is weighted [default: linear]
    #[arg(long, value_enum)]
    weights: Option<WeightsArgument>,
    /// Largest number of patients of the trial [default: six per dose, at least 30]
    #[arg(long, visible_alias = "max-patients", value_name = "NUMBER")]
    max_n: Option<usize>,
}

impl DesignParameters for TiteCrmParameters {
    const KEY: &'static str = "tite_crm";

    fn options(&self) -> Value {
        let mut values = self.model.values();
        values["weights"] = written(self.weights);
        values["max_patients"] = json!(self.max_n);
        values
    }

    fn doses(&self) -> Option<usize> {
        self.model.doses()
    }
}

/// BLRM.
#[derive(Debug, clap::Args)]
pub(super) struct BlrmParameters {
    /// Reference dose of the model, in the unit of --doses
    #[arg(long, value_name = "DOSE")]
    pub(super) reference_dose: String,
    /// Bivariate normal prior: mean and standard deviation of log alpha, mean and standard deviation of log beta, and their correlation [0]
    #[arg(long, value_name = "LIST", value_delimiter = ',', allow_negative_numbers = true, value_parser = finite, num_args = 1)]
    prior: Vec<f64>,
    /// Target interval of the toxicity probability [default: 0.16,0.33]
    #[arg(long, value_name = "LOWER,UPPER", value_delimiter = ',', allow_negative_numbers = true, value_parser = finite)]
    target_interval: Option<Vec<f64>>,
    /// Overdose control: a dose is eligible while its probability of overdosing is below this [default: 0.25]
    #[arg(long, visible_alias = "overdose-limit", value_name = "PROBABILITY", allow_negative_numbers = true, value_parser = finite)]
    ewoc: Option<f64>,
    #[command(flatten)]
    size: Size,
}

impl BlrmParameters {
    /// Refuses lists of another length than the prior and the interval have.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        if !(4..=5).contains(&self.prior.len()) {
            anyhow::bail!(
                "--prior has {} numbers: give mean and standard deviation of log alpha, mean and standard deviation of log beta, and if need be \
                 their correlation, such as --prior=-1.1,2,0,1",
                self.prior.len()
            );
        }
        if let Some(interval) = self.target_interval.as_ref().filter(|interval| interval.len() != 2) {
            anyhow::bail!("--target-interval has {} numbers: give its lower and its upper end, such as 0.16,0.33", interval.len());
        }
        Ok(())
    }
}

impl DesignParameters for BlrmParameters {
    const KEY: &'static str = "blrm";

    fn options(&self) -> Value {
        let prior = |place: usize| self.prior.get(place).copied();
        let end = |place: usize| self.target_interval.as_ref().and_then(|ends| ends.get(place).copied());
        json!({
            "reference_dose": self.reference_dose,
            "prior": {
                "mean_log_alpha": prior(0), "sd_log_alpha": prior(1), "mean_log_beta": prior(2), "sd_log_beta": prior(3), "correlation": prior(4),
            },
            "target_lower": end(0), "target_upper": end(1), "overdose_limit": self.ewoc,
            "cohort_size": self.size.cohort_size, "max_patients": self.size.max_n,
        })
    }
}
