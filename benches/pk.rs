//! Times noncompartmental analysis: every parameter of 1,000 profiles of 12 samples, on one thread.
//!
//! `cargo bench --profile dev --bench pk`

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use dosecase::analysis::pk::PkParameter;
use dosecase::analysis::pk::nca::{NcaRules, Profile, Regimen, Route, Sample, analyse};

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

fn main() {
    let profiles: Vec<Vec<Sample>> = (0..SUBJECTS).map(profile).collect();
    let rules = NcaRules::default();
    let mut times: Vec<Duration> = Vec::with_capacity(REPEATS);
    for _ in 0..REPEATS {
        let start = Instant::now();
        let mut total = 0.0;
        for samples in &profiles {
            let profile = Profile { samples, dose: Some(100.0), route: Route::Extravascular, regimen: Regimen::FirstDose, tau: Some(24.0) };
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
