//! Bayesian exposure-response: sampling against quadrature, and what the dossier says of it.

use dosecase::analysis::exposure_response::ExposureForm;
use dosecase::analysis::exposure_response::bayesian_curve::{BinaryCurve, BinaryRows, ContinuousEmax};
use dosecase::analysis::exposure_response::emax_posterior::{EmaxPriors, NormalPrior};
use dosecase::numerics::mcmc::{LogDensity, Sample, SamplerSettings, Start, monte_carlo_error_of_quantile, sample};
use serde_json::Value;

/// Monte Carlo standard errors within which draws must agree with quadrature.
const ERRORS: f64 = 4.0;

fn cases(file: &str) -> Vec<Value> {
    let path = format!("{}/tests/reference/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let read: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    read["cases"].as_array().unwrap().clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn prior(value: &Value) -> NormalPrior {
    assert_eq!(value["dist"], "normal");
    NormalPrior { mean: value["mean"].as_f64().unwrap(), sd: value["sd"].as_f64().unwrap() }
}

fn draws(density: &impl LogDensity, centre: &[f64], spread: &[f64]) -> Sample {
    let found = sample(density, Start { centre, spread }, &SamplerSettings { seed: 20_260_101, ..SamplerSettings::default() }).unwrap();
    assert_eq!(found.divergences(), 0);
    found
}

/// Mean and quantiles of draws against the expected ones, and draws enough for that to mean something.
fn agrees(what: &str, draws: &Sample, values: &[f64], expected: &Value) {
    let found = draws.diagnose(values);
    assert!(found.rhat < 1.01 && found.bulk_draws > 400.0 && found.tail_draws > 400.0, "{what}: {found:?}");
    let (mean, sd) = (expected["mean"].as_f64().unwrap(), expected["sd"].as_f64().unwrap());
    // The mean of a quantity with heavy tails, such as ed50, says little of the draws.
    if sd < mean.abs() {
        assert!((found.mean - mean).abs() < ERRORS * found.error_of_mean, "{what}: {} {mean}", found.mean);
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    for (probability, want) in expected["quantiles"].as_object().unwrap() {
        let (p, want): (f64, f64) = (probability.parse().unwrap(), want.as_f64().unwrap());
        let error = monte_carlo_error_of_quantile(values, draws.chains.len(), p).unwrap();
        let found = sorted[((sorted.len() - 1) as f64 * p).round() as usize];
        assert!((found - want).abs() < ERRORS * error, "{what} at {p}: {found} {want} {error}");
    }
}

fn probability_agrees(draws: &Sample, values: &[f64], expected: &Value) {
    let above: Vec<f64> = values.iter().map(|value| f64::from(u8::from(*value > 0.0))).collect();
    let (found, want) = (draws.diagnose(&above), expected.as_f64().unwrap());
    assert!((found.mean - want).abs() < ERRORS * found.error_of_mean.max(2.5e-4), "{} {want}", found.mean);
}

fn expit(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

#[test]
fn logistic_posteriors_are_those_of_quadrature() {
    let cases = cases("bayes_logistic");
    assert!(cases.len() >= 3);
    for case in &cases {
        let (input, expected, id) = (&case["input"], &case["expected"], case["id"].as_str().unwrap());
        let names: Vec<&str> = if input["formula"] == "y ~ x + z" { vec!["(Intercept)", "x", "z"] } else { vec!["(Intercept)", "x"] };
        let (events, with) = (numbers(&input["data"]["y"]), names.len() == 3);
        let rows = BinaryRows {
            exposures: numbers(&input["data"]["x"]),
            width: names.len() - 2,
            covariates: if with { numbers(&input["data"]["z"]) } else { Vec::new() },
            trials: vec![1.0; events.len()],
            events,
        };
        let priors = names.iter().map(|name| prior(&input["priors"][*name])).collect();
        let density = BinaryCurve::new(ExposureForm::Linear, rows, priors).unwrap();
        let (centre, spread) = density.start();
        let draws = draws(&density, &centre, &spread);
        let parameters: Vec<Vec<f64>> = draws.draws().map(|point| density.parameters(point)).collect();
        for (place, name) in names.iter().enumerate() {
            let values: Vec<f64> = parameters.iter().map(|drawn| drawn[place]).collect();
            agrees(&format!("{id} {name}"), &draws, &values, &expected["parameters"][*name]);
            if *name == "x" {
                probability_agrees(&draws, &values, &expected["pr_slope_positive"]);
            }
        }
        for at in expected["predicted_probability"].as_array().unwrap() {
            let (x, z) = (at["x"].as_f64().unwrap(), at["z"].as_f64().unwrap_or(0.0));
            let offset = |drawn: &Vec<f64>| drawn.get(2).map_or(0.0, |slope| slope * z);
            let values: Vec<f64> = parameters.iter().map(|drawn| expit(density.curve(drawn, x) + offset(drawn))).collect();
            agrees(&format!("{id} at {x}"), &draws, &values, at);
        }
    }
}

#[test]
fn emax_posteriors_are_those_of_quadrature() {
    let cases = cases("bayes_emax");
    assert!(cases.len() >= 3);
    for case in &cases {
        let (input, expected, id) = (&case["input"], &case["expected"], case["id"].as_str().unwrap());
        let priors = EmaxPriors {
            e0: prior(&input["priors"]["e0"]),
            emax: prior(&input["priors"]["emax"]),
            log_ed50: prior(&input["priors"]["log_ed50"]),
        };
        let centre = [priors.e0.mean, priors.emax.mean, priors.log_ed50.mean, 0.0];
        let (draws, curve) = if input["dose"].is_array() {
            let doses = numbers(&input["dose"]);
            let rows = BinaryRows {
                exposures: doses.iter().map(|dose| dose.ln()).collect(),
                width: 0,
                covariates: Vec::new(),
                events: numbers(&input["events"]),
                trials: numbers(&input["n"]),
            };
            let density = BinaryCurve::new(ExposureForm::Emax, rows, vec![priors.e0, priors.emax, priors.log_ed50]).unwrap();
            (draws(&density, &centre[..3], &[1.0; 3]), "predicted_probability")
        } else {
            let scale = input["priors"]["sigma"]["scale"].as_f64().unwrap();
            let (doses, responses) = (numbers(&input["data"]["dose"]), numbers(&input["data"]["resp"]));
            let density = ContinuousEmax::new(&doses, &responses, priors, scale).unwrap();
            (draws(&density, &centre, &[1.0; 4]), "mean_response")
        };
        for (place, name) in ["e0", "emax", "log_ed50"].into_iter().enumerate() {
            agrees(&format!("{id} {name}"), &draws, &draws.values(|point| point[place]), &expected["parameters"][name]);
        }
        if expected["parameters"]["sigma"].is_object() {
            agrees(&format!("{id} sigma"), &draws, &draws.values(|point| point[3].exp()), &expected["parameters"]["sigma"]);
        }
        probability_agrees(&draws, &draws.values(|point| point[1]), &expected["pr_emax_positive"]);
        for at in expected[curve].as_array().unwrap() {
            let dose = at["dose"].as_f64().unwrap();
            let value = |point: &[f64]| point[0] + point[1] * dose / (point[2].exp() + dose);
            let values = draws.values(|point| if curve == "mean_response" { value(point) } else { expit(value(point)) });
            agrees(&format!("{id} at {dose}"), &draws, &values, at);
        }
    }
}
