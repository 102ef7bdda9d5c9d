//! `dosecase simulate`.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};

use crate::analysis::escalation::design_comparison::{DesignComparison, DesignFault, PreparedComparison};
use crate::config::ConfigErrors;
use crate::config::scenarios::{ExactChoice, ScenarioFile, read_scenarios};
use crate::pipeline::PipelineError;
use crate::record::output::{self, FolderKind, OutputFile};
use crate::render::figure::FigureError;
use crate::render::simulation::{
    SIMULATION_SCHEMA, comparison_csv, comparison_json, comparison_markdown, comparison_text, draw_comparison,
};

use super::exit::ExitStatus;
use super::report;

/// The folder that `--out` writes.
const FOLDER: FolderKind = FolderKind {
    name: "comparison",
    marker: "results.json",
    schema: SIMULATION_SCHEMA,
    written: &["results.json", "results.csv", "table.md"],
};

/// Arguments of `simulate`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dosecase simulate scenarios.yaml\n  dosecase simulate scenarios.yaml --out comparison\n  dosecase simulate scenarios.yaml --format csv > results.csv\n\nCharacteristics are exact where the design's decisions depend on counts, and simulated otherwise; every result says which. The same file gives the\nsame bytes on any number of threads. `dosecase schema --scenarios` describes the file."
)]
pub(super) struct SimulateArguments {
    /// Scenario file: designs, scenarios and how they are compared
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Write table.md, results.csv, results.json and the figures to this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Form of what is printed
    #[arg(long, default_value = "text")]
    format: FormatArgument,
    /// Number of simulated trials instead of the file's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    trials: Option<u32>,
    /// Seed instead of the file's
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Whether characteristics are exact where the design allows it, instead of what the file says
    #[arg(long, value_name = "WHEN")]
    exact: Option<ExactArgument>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatArgument {
    /// Tables for a terminal
    Text,
    /// The same tables as Markdown
    Md,
    /// One number per line, in full precision
    Csv,
    /// Everything (schema dosecase-simulation/1)
    Json,
    /// The figure
    Svg,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ExactArgument {
    /// Exact where possible
    Auto,
    /// Always simulated
    Never,
}

/// Compares designs under scenarios.
pub(super) fn run(arguments: &SimulateArguments) -> anyhow::Result<ExitStatus> {
    let mut file = read_scenarios(&arguments.file).map_err(PipelineError::from)?;
    file.replace(arguments);
    let comparison = compare(&file)?;
    if let Some(out) = &arguments.out {
        let files = files(&file, &comparison)?;
        output::replace_folder_of(&FOLDER, out, &files).map_err(PipelineError::from)?;
        let written: Vec<String> = files.iter().map(|file| out.join(&file.path).display().to_string()).collect();
        report::tell(&written.join("\n"));
    }
    match arguments.format {
        FormatArgument::Text => report::print(&comparison_text(&comparison))?,
        FormatArgument::Md => report::print(&comparison_markdown(&comparison))?,
        FormatArgument::Csv => report::print(&comparison_csv(&comparison))?,
        FormatArgument::Json => report::print_json(&comparison_json(&file, &comparison))?,
        FormatArgument::Svg => report::print(&only_figure(&comparison)?)?,
    }
    Ok(ExitStatus::Done)
}

impl ScenarioFile {
    /// What the command line says instead of the file.
    fn replace(&mut self, arguments: &SimulateArguments) {
        let mut replaced = |key: &str| self.defaults.retain(|used| used.key != key);
        if let Some(trials) = arguments.trials {
            self.plan.trials = trials;
            replaced("trials");
        }
        if let Some(seed) = arguments.seed {
            self.plan.seed = seed;
            replaced("seed");
        }
        if let Some(exact) = arguments.exact {
            self.plan.exact = match exact {
                ExactArgument::Auto => ExactChoice::Auto,
                ExactArgument::Never => ExactChoice::Never,
            };
            replaced("exact");
        }
    }
}

fn compare(file: &ScenarioFile) -> Result<DesignComparison, PipelineError> {
    let told = |faults: Vec<DesignFault>| PipelineError::from(faults_of(file, &faults));
    let prepared = PreparedComparison::new(&file.plan).map_err(told)?;
    let bar = std::io::stderr().is_terminal().then(|| progress(prepared.cells()));
    let found = prepared.run(&|| {
        if let Some(bar) = &bar {
            bar.inc(1);
        }
    });
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    found.map_err(told)
}

fn progress(cells: usize) -> ProgressBar {
    let bar = ProgressBar::new(cells as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} designs × scenarios ({elapsed}, about {eta} left)") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    bar
}

/// What the designs refuse, at the places of the file where they stand.
fn faults_of(file: &ScenarioFile, faults: &[DesignFault]) -> ConfigErrors {
    let diagnostic = |fault: &DesignFault| {
        let design = file.plan.designs.get(fault.design).map_or("", |design| design.id.as_str());
        let scenario = fault.scenario.and_then(|scenario| file.plan.scenarios.get(scenario));
        let under = scenario.map(|scenario| format!(" under the scenario `{}`", scenario.id)).unwrap_or_default();
        let path = format!("designs[{}].design", fault.design);
        let message = format!("the design `{design}` cannot be run{under}: {}", fault.error);
        file.source.diagnostic("bad-design", &path, message, "correct the parameter that is named")
    };
    ConfigErrors { diagnostics: faults.iter().map(diagnostic).collect() }
}

fn only_figure(comparison: &DesignComparison) -> anyhow::Result<String> {
    match <[String; 1]>::try_from(draw_comparison(comparison)?) {
        Ok([figure]) => Ok(figure),
        Err(several) => anyhow::bail!("the scenarios take {} figures: write them with --out DIR", several.len()),
    }
}

fn files(file: &ScenarioFile, comparison: &DesignComparison) -> anyhow::Result<Vec<OutputFile>> {
    let json = serde_json::to_string_pretty(&comparison_json(file, comparison))? + "\n";
    let mut files = vec![
        OutputFile { path: "table.md".to_owned(), bytes: comparison_markdown(comparison).into_bytes() },
        OutputFile { path: "results.csv".to_owned(), bytes: comparison_csv(comparison).into_bytes() },
        OutputFile { path: "results.json".to_owned(), bytes: json.into_bytes() },
    ];
    match draw_comparison(comparison) {
        Ok(figures) => {
            let named = figures.into_iter().enumerate();
            files.extend(named.map(|(place, figure)| OutputFile { path: figure_name(place), bytes: figure.into_bytes() }));
        }
        // The tables hold what a sheet has no room for.
        Err(error @ FigureError::TooMany { .. }) => report::tell(&format!("no figure was drawn: {error}")),
        Err(error) => return Err(error.into()),
    }
    Ok(files)
}

fn figure_name(place: usize) -> String {
    if place == 0 { "figure.svg".to_owned() } else { format!("figures/figure-{}.svg", place + 1) }
}
