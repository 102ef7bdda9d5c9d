//! Times noncompartmental analysis, every parameter of 1,000 profiles of 12 samples on one thread, and the simulation of exposures of 10,000 virtual
//! subjects under 4 regimens on all threads.
//!
//! `cargo bench --profile dev --bench pk`

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use dosecase::analysis::pk::PkParameter;
use dosecase::analysis::pk::nca::{NcaRules, Profile, Regimen as Dosing, Route, Sample, analyse};
use dosecase::analysis::pk::population_simulation::{AmountRule, DoseBasis, Regimen, Simulator, Step};
use dosecase::config::{PopulationModel, SimulatedMetric};

const REPEATS: usize = 21;
const SUBJECTS: usize = 1_000;
const TIMES: [f64; 12] = [0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 24.0, 36.0, 48.0];

/// One compartment with first-order absorption; every subject has its own rates.
fn profile(subject: usize) -> Vec<Sample> {
    let share = subject as f64 / SUBJECTS as f64;
    let (absorption, elimination, volume) = (0.8 + share, 0.08 + 0.1 * share, 20.0 + 30.0 * share);
    let scale = 100.0 * absorption / (volume * (absorption - elimination));
    TIMES.map(|time| Sample::measured(time, scale * ((-elimination * time).exp() - (-absorption * time).exp()))).to_vec()
}

/// One compartment with absorption, clearance and volume that vary and are correlated.
const MODEL: &str = r#"{
  "source": "bench", "compartments": 1, "route": "absorption", "subjects": 10000,
  "parameters": {
    "clearance": {"value": 12, "unit": "L/h", "cv_percent": 36},
    "central_volume": {"value": 250, "unit": "L", "cv_percent": 22},
    "absorption_rate": {"value": 0.9, "unit": "1/h", "cv_percent": 35}
  },
  "correlations": [{"first": "clearance", "second": "central_volume", "value": 0.4}]
}"#;

fn regimen(amount: f64, interval: f64) -> Regimen {
    let amount = AmountRule { amount, basis: DoseBasis::Flat, cap: None };
    let steps = vec![Step { start: 0.0, amount, interval: Some(interval), times: None }];
    Regimen { id: String::new(), label: String::new(), steps, with_food: false, dosage: None }
}

fn simulate() {
    let model: PopulationModel = serde_json::from_str(MODEL).expect("the model is one");
    let regimens = [regimen(60.0, 12.0), regimen(120.0, 24.0), regimen(180.0, 24.0), regimen(240.0, 24.0)];
    let mut times: Vec<Duration> = Vec::with_capacity(REPEATS);
    for _ in 0..REPEATS {
        let start = Instant::now();
        let simulator = Simulator::without_data(&model, 24.0, 672.0, 1).expect("the model can be simulated");
        for regimen in &regimens {
            for metric in SimulatedMetric::ALL {
                black_box(simulator.exposures(&simulator.typical, regimen, metric));
            }
        }
        times.push(start.elapsed());
    }
    times.sort();
    let median = times[REPEATS / 2].as_secs_f64() * 1e3;
    println!(
        "10000 virtual subjects under {} regimens, {} exposures, median of {REPEATS}: {median:.1} ms",
        regimens.len(),
        SimulatedMetric::ALL.len()
    );
}

fn analyse_profiles() {
    let profiles: Vec<Vec<Sample>> = (0..SUBJECTS).map(profile).collect();
    let rules = NcaRules::default();
    let mut times: Vec<Duration> = Vec::with_capacity(REPEATS);
    for _ in 0..REPEATS {
        let start = Instant::now();
        let mut total = 0.0;
        for samples in &profiles {
            let profile = Profile { samples, dose: Some(100.0), route: Route::Extravascular, regimen: Dosing::FirstDose, tau: Some(24.0) };
            let result = analyse(&profile, &rules).expect("the profile can be analysed");
            total += result.get(PkParameter::AucInf).expect("the profile has a terminal slope");
        }
        black_box(total);
        times.push(start.elapsed());
    }
    times.sort();
    let median = times[REPEATS / 2].as_secs_f64() * 1e3;
    println!("{SUBJECTS} profiles of {} samples, {} parameters, median of {REPEATS}: {median:.3} ms", TIMES.len(), PkParameter::ALL.len());
}

fn main() {
    analyse_profiles();
    simulate();
}
