//! What every method can be asked, and how it answers.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::analysis::escalation::design::simulate::Simulation;

/// A method: the parameters of the design, the question, the form of the answer.
#[derive(Debug, clap::Args)]
pub(super) struct Asked<P: clap::Args, Q: clap::Args> {
    #[command(flatten)]
    pub(super) parameters: P,
    #[command(flatten)]
    pub(super) question: Q,
    #[command(flatten)]
    pub(super) output: OutputArguments,
}

/// Doses, history and questions about the future.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Question")]
pub(super) struct Question {
    /// Number of doses, or their amounts from low to high: 6, or "10,30,60 mg" [default: as many as --skeleton or --truth has, otherwise 5]
    #[arg(long, value_name = "NUMBER|LIST", allow_hyphen_values = true)]
    pub(super) doses: Option<String>,
    /// Dose of the first cohort, counted from 1
    #[arg(long, value_name = "DOSE", default_value_t = 1)]
    pub(super) start: usize,
    /// Cohorts so far, patients:toxicities ("3:0 3:1"), with the dose where the rule was not followed ("2@3:1"), or in letters ("1NNN 2NNT")
    #[arg(long, value_name = "COHORTS", allow_hyphen_values = true)]
    pub(super) history: Option<String>,
    /// Select the dose on the history as it stands, as if the trial ended here
    #[arg(long, requires = "history")]
    pub(super) select: bool,
    /// What follows on every outcome of the next so many cohorts
    #[arg(long, value_name = "COHORTS")]
    pub(super) paths: Option<usize>,
    /// True probabilities of toxicity by dose, for operating characteristics: 0.05,0.12,0.25,0.4
    #[arg(long, value_name = "LIST", value_delimiter = ',', allow_negative_numbers = true, value_parser = finite)]
    pub(super) truth: Option<Vec<f64>>,
    /// Every count of the decision table instead of its boundaries
    #[arg(long)]
    pub(super) full: bool,
    #[command(flatten)]
    pub(super) assumed: AssumedArguments,
    #[command(flatten)]
    pub(super) simulation: SimulationArguments,
}

/// What is assumed beside toxicity.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Question")]
pub(super) struct AssumedArguments {
    /// Patients that arrive per DLT window, for designs in calendar time
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = finite, requires = "truth")]
    pub(super) accrual: Option<f64>,
    /// True probabilities of efficacy by dose, for designs that look at it
    #[arg(long, visible_alias = "response", value_name = "LIST", value_delimiter = ',', allow_negative_numbers = true, value_parser = finite, requires = "truth")]
    pub(super) efficacy: Option<Vec<f64>>,
    /// Odds ratio of efficacy and toxicity within a patient
    #[arg(long, value_name = "RATIO", allow_negative_numbers = true, value_parser = finite, default_value_t = 1.0, requires = "efficacy")]
    pub(super) odds_ratio: f64,
}

/// How operating characteristics are simulated where they cannot be enumerated.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Question")]
pub(super) struct SimulationArguments {
    /// Simulated trials, where characteristics are not exact
    #[arg(long, value_name = "NUMBER", default_value_t = 10_000)]
    trials: u32,
    /// Seed of the simulated trials
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
}

impl SimulationArguments {
    /// Trials and seed.
    pub(super) fn simulation(&self) -> Simulation {
        Simulation { trials: self.trials, seed: self.seed }
    }
}

/// Refuses a truth for a trial under way.
///
/// # Errors
/// Says why the two are questions of their own.
pub(super) fn one_question(truth: bool, history: bool) -> anyhow::Result<()> {
    if truth && history {
        anyhow::bail!(
            "--truth characterises whole trials from their first patient, --history is one trial under way: ask for one of them (what can follow on a \
             history is shown by --paths)"
        );
    }
    Ok(())
}

/// The form of the answer and where it goes.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArguments {
    /// Form of the answer; CSV holds the table that was asked for last (paths or characteristics before state before decisions)
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// File to write, replaced whole or not at all [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

/// A form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Aligned text
    Text,
    /// Markdown
    Md,
    /// The main table in full precision
    Csv,
    /// One document in full precision, schema dosecase-design/1
    Json,
    /// A figure: the decision grid, the toxicity curve of a model, or with --truth how often each dose is selected
    Svg,
}

/// Reads a finite number: `nan` and `inf` are no parameters.
///
/// # Errors
/// Says what a number looks like.
pub(super) fn finite(text: &str) -> Result<f64, String> {
    let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| "not a number: write it with a point, such as 0.25".to_owned())
}
