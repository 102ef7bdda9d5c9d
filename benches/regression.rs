//! Times the regressions: bootstrap refits of a logistic model, proportional hazards, and least squares on many rows.
//!
//! `cargo bench --profile dev --bench regression`; compare with a release build for the figures of a distributed binary.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::time::Instant;

use dosecase::analysis::exposure_response::{
    BinaryData, BinarySettings, BootstrapSettings, Choice, Criterion, ExposureForm, Profiled, analyse_binary, bootstrap,
    bootstrap_candidates,
};
use dosecase::numerics::cox::{Cox, Ties};
use dosecase::numerics::design_matrix::DesignMatrix;
use dosecase::numerics::glm::Logistic;
use dosecase::numerics::least_squares::fit_linear;
use dosecase::numerics::roc::roc_area;

const REPEATS: usize = 5;

fn main() {
    let model = logistic(500);
    let fit = model.fit().expect("the outcomes overlap");
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread can be had");
    let settings = BootstrapSettings { refits: 2000, seed: 1 };
    report("2,000 logistic refits, n = 500, one thread", || {
        assert_eq!(one_thread.install(|| bootstrap(&model, &fit, settings)).without_estimate, 0);
    });

    let (exposures, outcomes) = subjects(500);
    let forms = [ExposureForm::Linear, ExposureForm::LogLinear, ExposureForm::Emax, ExposureForm::SigmoidEmax];
    let (given, known): (Vec<Option<f64>>, Vec<Option<bool>>) = exposures.iter().zip(&outcomes).map(|(x, y)| (Some(*x), Some(*y))).unzip();
    let data = BinaryData { exposures: &given, outcomes: &known, doses: &[], covariates: &[] };
    let choice = Choice::Smallest(Criterion::Aic);
    let found = analyse_binary(&data, &BinarySettings { forms: forms.to_vec(), level: 0.95, profiles: Profiled::Exposure, choice })
        .expect("exposures and outcomes");
    report("500 refits of four forms, n = 500, one thread", || {
        let settings = BootstrapSettings { refits: 500, seed: 1 };
        let run = || bootstrap_candidates((&exposures, &outcomes), &found.models, choice, &[10.0, 30.0], settings);
        assert_eq!(one_thread.install(run).map(|drawn| drawn.chosen.len()), Some(4));
    });

    for rows in [5_000, 100_000] {
        let model = logistic(rows);
        report(&format!("logistic fit, n = {rows}"), || assert!(model.fit().expect("the outcomes overlap").iterations < 20));
        let (exposures, outcomes) = subjects(rows);
        report(&format!("area under the curve, n = {rows}"), || assert!(roc_area(&exposures, &outcomes).is_some()));
        let columns: Vec<Vec<f64>> = (1..4).map(|k| column(rows, 7919 + 13 * k, 1009)).collect();
        let times: Vec<f64> = column(rows, 104_729, 99_991).iter().zip(&columns[0]).map(|(t, x)| t * (-0.1 * x).exp() + 0.1).collect();
        let events: Vec<bool> = (0..rows).map(|row| row % 3 != 0).collect();
        let design = DesignMatrix::from_columns(&columns).expect("finite columns of one length");
        report(&format!("Cox, Efron, 3 columns, n = {rows}"), || {
            let cox = Cox::new(&design, &times, &events).expect("times with events");
            assert!(cox.fit(Ties::Efron).expect("a maximum").iterations < 20);
        });
        report(&format!("least squares, 3 columns, n = {rows}"), || {
            assert!(fit_linear(&columns, &times, true).expect("more rows than columns").residual_sd > 0.0);
        });
    }
}

fn report(name: &str, mut work: impl FnMut()) {
    let mut times: Vec<f64> = (0..REPEATS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{name:<45} {:>9.2} ms", times[REPEATS / 2]);
}

/// Numbers from 0 to about 3 that repeat late.
fn column(rows: usize, step: usize, modulus: usize) -> Vec<f64> {
    (0..rows).map(|row| (row * step % modulus) as f64 * 3.3 / modulus as f64).collect()
}

/// Exposures, and outcomes whose odds rise with them.
fn subjects(rows: usize) -> (Vec<f64>, Vec<bool>) {
    let x: Vec<f64> = column(rows, 7919, 1000).iter().map(|x| 15.0 * x).collect();
    let outcomes = column(rows, 104_729, 997).iter().zip(&x).map(|(u, x)| u / 3.3 < 1.0 / (1.0 + (1.7 - 0.07 * x).exp())).collect();
    (x, outcomes)
}

fn logistic(rows: usize) -> Logistic {
    let (x, outcomes) = subjects(rows);
    let design = DesignMatrix::from_columns(&[vec![1.0; rows], x]).expect("finite columns of one length");
    Logistic::from_outcomes(design, &outcomes).expect("one outcome per row")
}
