//! Times MCP-Mod with seven models, 500 bootstrap refits of the sigmoid Emax model (100 subjects, five doses), and one fit to 100,000 subjects
//! who all have doses of their own.
//!
//! `cargo bench --bench dose_response`; reference software takes 83 ms and 1,230 ms for the first two.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::time::{Duration, Instant};

use dosecase::analysis::exposure_response::dose_response::{
    CandidateShape, Direction, DoseObservations, DoseResponseData, DoseResponseModel, FitSettings, McpModPlan, Resampling,
    bootstrap_curves, fit, run_mcpmod,
};
use dosecase::numerics::multivariate_t::Tails;

const REPEATS: usize = 5;
const DOSES: [f64; 5] = [0.0, 0.05, 0.2, 0.6, 1.0];

/// A saturating response with scatter that looks random and is the same on every run.
fn observations(subjects: u32, dose: impl Fn(u32) -> f64) -> DoseObservations {
    let doses: Vec<f64> = (0..subjects).map(dose).collect();
    let scatter = |subject: u32| (12.9898 * f64::from(subject)).sin() + (78.233 * f64::from(subject)).cos();
    let responses = doses.iter().zip(0..).map(|(dose, subject)| 0.3 + 0.8 * dose / (0.15 + dose) + 0.5 * scatter(subject)).collect();
    DoseObservations { doses, responses, covariates: Vec::new() }
}

fn plan() -> McpModPlan {
    let shape = |model, guesses: &[f64]| CandidateShape { model, guesses: guesses.to_vec() };
    McpModPlan {
        candidates: vec![
            shape(DoseResponseModel::Linear, &[]),
            shape(DoseResponseModel::LogLinear, &[]),
            shape(DoseResponseModel::Emax, &[0.2]),
            shape(DoseResponseModel::Exponential, &[0.7]),
            shape(DoseResponseModel::Quadratic, &[-0.6]),
            shape(DoseResponseModel::SigmoidEmax, &[0.4, 3.0]),
            shape(DoseResponseModel::Beta, &[1.2, 0.9]),
        ],
        direction: Direction::Increasing,
        tails: Tails::Upper,
        alpha: 0.025,
        relevant_effect: 0.4,
        settings: FitSettings::for_largest_dose(1.0),
    }
}

fn median(name: &str, work: impl Fn()) {
    let mut times: Vec<Duration> = (0..REPEATS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort();
    println!("  {name:<44} {:>9.1} ms", times[REPEATS / 2].as_secs_f64() * 1e3);
}

fn main() {
    println!("dose-response, median of {REPEATS}");
    let (plan, few) = (plan(), observations(100, |subject| DOSES[subject as usize % DOSES.len()]));
    median("MCP-Mod, 7 models", || {
        let data = DoseResponseData::from_observations(&few).expect("five doses");
        assert!(!run_mcpmod(&data, &plan).expect("a test").models.is_empty());
    });
    median("sigmoid Emax, 500 bootstrap refits", || {
        let resampling = Resampling { replicates: 500, seed: 1 };
        let curves = bootstrap_curves(&few, DoseResponseModel::SigmoidEmax, &plan.settings, resampling).expect("a fit");
        assert_eq!(curves.len(), 500);
    });
    let many = observations(100_000, |subject| f64::from(subject) / 100_000.0);
    median("Emax, 100,000 subjects with doses of their own", || {
        let data = DoseResponseData::from_observations(&many).expect("many doses");
        assert!(fit(&data, DoseResponseModel::Emax, &plan.settings).expect("a fit").covariance.is_some());
    });
}
