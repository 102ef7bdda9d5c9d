//! Bayesian exposure-response: sampling against quadrature, and what the dossier says of it.

use std::sync::LazyLock;

use dosecase::analysis::exposure_response::bayesian_curve::{BinaryCurve, BinaryRows, ContinuousEmax};
use dosecase::analysis::exposure_response::emax_posterior::{EmaxPriors, NormalPrior};
use dosecase::analysis::exposure_response::{
    BayesianAnalysis, BayesianForm, BayesianRefusal, Computation, ExposureResponseResult, Models, analyse,
};
use dosecase::config::read_project_text;
use dosecase::evidence::exposure_response::gather;
use dosecase::evidence::{Content, Exhibit, FactValue, Facts, Plot};
use dosecase::numerics::mcmc::{LogDensity, Sample, SamplerSettings, Start, monte_carlo_error_of_quantile, sample};
use serde_json::Value;

use crate::exposure_response::data;
use crate::hand_made::{PROJECT, assert_whole, exhibit, fact, number, row, settings, table};

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
        let density = BinaryCurve::new(BayesianForm::Linear, rows, priors).unwrap();
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
            let density = BinaryCurve::new(BayesianForm::Emax, rows, vec![priors.e0, priors.emax, priors.log_ed50]).unwrap();
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

/// A line without covariates, three models with one, and an outcome that no Bayesian model is made for.
const ANALYSES: &str = "
exposure_response:
  - {id: plain, label: Response, endpoint: {dataset: adrs, parameter: CRSP, event: Y}, exposure: AUCSS, models: [linear],
     bayesian: {warmup: 500, draws: 500, seed: 7, priors: {slope: {mean: 0, sd: 10}}}}
  - {id: orr, label: Adjusted response, endpoint: {dataset: adrs, parameter: CRSP, event: Y}, exposure: AUCSS, covariates: [AGE],
     bayesian: {models: [linear, emax, sigmoid_emax, quadratic], warmup: 500, draws: 500, priors: {slope: {mean: 0, sd: 2}}}}
  - {id: pfs, endpoint: {dataset: adtte, parameter: PFS}, exposure: AUCSS, bayesian: {}}
";

type Built = (Vec<ExposureResponseResult>, Vec<Exhibit>, Facts);

/// The analyses above, fitted once for all tests.
static BUILT: LazyLock<Built> = LazyLock::new(|| build(ANALYSES));

fn build(analyses: &str) -> Built {
    let (settings, data) = (settings(&format!("{PROJECT}{analyses}")), data());
    let results = analyse(&data, &settings);
    let mut facts = Facts::default();
    let exhibits = gather(&results, &data, &settings, &mut facts);
    (results, exhibits, facts)
}

fn bayesian(result: &ExposureResponseResult) -> &BayesianAnalysis {
    result.found.as_ref().unwrap().bayesian.as_ref().unwrap().as_ref().unwrap()
}

#[test]
fn a_line_without_covariates_is_integrated_and_its_draws_agree() {
    let (results, ..) = &*BUILT;
    let [model] = bayesian(&results[0]).models.as_slice() else { panic!("one model") };
    assert_eq!((model.computation, model.n, model.form), (Computation::Quadrature, 60, BayesianForm::Linear));
    assert!(model.chains.is_reliable(), "{:?}", model.chains);
    let Models::Binary(others) = &results[0].found.as_ref().unwrap().models else { panic!("a binary outcome") };
    // The prior is wide beside the data, so that the posterior stands near the estimate of maximum likelihood.
    let (slope, effect) = (model.effect().unwrap().posterior, others.models[0].effect.unwrap());
    assert!((slope.median - effect.estimate.unwrap()).abs() < 0.5 * (slope.limits.1 - slope.limits.0) / 3.92);
    let [low, high] = [0, 1].map(|place| model.dosages[place].probability);
    let [difference] = model.differences.as_slice() else { panic!("one pair") };
    assert!((difference.difference.median - (high.median - low.median)).abs() < 0.02);
    assert!((difference.difference.above_zero - slope.above_zero).abs() < f64::EPSILON && slope.above_zero > 0.9);
    for (at, other) in model.dosages.iter().zip(&others.dosages) {
        assert_eq!((at.events as u64, at.n as u64), (other.observed.count, other.observed.n));
        assert!((at.probability.median - other.predicted.unwrap().probability).abs() < 0.05);
        assert_eq!(at.is_covered(), Some(true));
        assert!(at.predicted_limits.0 <= at.predicted_median && at.predicted_median <= at.predicted_limits.1);
        assert!(at.share_at_or_above > 0.025 && at.predicted_limits.1 - at.predicted_limits.0 > 0.1);
    }
}

#[test]
fn adjusted_models_are_sampled_and_compared() {
    let (results, ..) = &*BUILT;
    let found = bayesian(&results[1]);
    assert_eq!(found.models.iter().map(|model| model.parameters.len()).collect::<Vec<_>>(), [3, 4, 5]);
    assert_eq!((found.not_available.len(), found.sampler.chains, found.sampler.draws), (1, 4, 500));
    for model in &found.models {
        assert_eq!(model.computation, Computation::Sampling);
        assert!(model.chains.rhat < 1.03 && model.chains.draws == 2000, "{:?}", model.chains);
        let gap = found.gap(model).unwrap();
        assert!(gap.difference <= 0.0 && gap.standard_error >= 0.0);
        let fit = &model.cross_validation;
        assert!(fit.elpd < 0.0 && fit.parameters > 0.5 && fit.parameters < 6.0 && fit.largest_k < 0.7, "{fit:?}");
        assert!(model.curve.windows(2).all(|pair| pair[0].exposure < pair[1].exposure));
        let band = |point: &dosecase::analysis::exposure_response::PredictedProbability| {
            point.limits.is_some_and(|(lower, upper)| lower < point.probability && point.probability < upper)
        };
        assert!(model.curve.iter().all(band));
    }
    assert!((found.models[0].parameters[1].prior.sd - 2.0).abs() < 1e-15, "the prior of the project file is used");
    assert!((found.models[1].parameters[1].prior.sd - 2.5).abs() < 1e-15, "the customary prior of Emax");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let again = pool.install(|| build(ANALYSES).0);
    assert_eq!(bayesian(&again[1]), found, "the number of threads changes nothing");
    assert!(matches!(results[2].found.as_ref().unwrap().bayesian, Some(Err(BayesianRefusal::Kind))));
}

#[test]
fn the_dossier_tells_priors_posteriors_and_chains() {
    let (results, exhibits, facts) = &*BUILT;
    let posterior = exhibit(exhibits, "T-E18-bayesian");
    assert!(posterior.notes.footnotes.iter().any(|note| note.contains("quadratic")));
    assert!(posterior.notes.footnotes.iter().any(|note| note.contains("outcome that happened or did not")));
    assert!(posterior.notes.methods.iter().any(|note| note.contains("4 chains of 500 draws after 500 of warm-up, seed 7")));
    assert_eq!(row(table(posterior), "AGE, per standard deviation").cells.len(), 6);
    assert_whole(&[posterior.clone(), exhibit(exhibits, "T-E18-bayesian-fit").clone()], facts);
    assert_whole(&[exhibit(exhibits, "T-E18-bayesian-predicted").clone()], facts);
    assert!((number(facts, "exposure_response.bayes_prior_sd_slope_linear.orr") - 2.0).abs() < 1e-15);
    let slope = fact(facts, "exposure_response.bayes_slope_linear.plain");
    assert!(slope.method.contains("quadrature") && slope.interval.is_some_and(|interval| interval.method.label().contains("credible")));
    assert_eq!((slope.source.dataset.as_str(), slope.source.rows.len()), ("ADPP", 60));
    let best = bayesian(&results[1]).best().unwrap();
    let said = &fact(facts, "exposure_response.bayes_model.orr").value;
    assert!(matches!(said, FactValue::Text(words) if words == best.form.label()));
    let Content::Figure(figure) = &exhibit(exhibits, "F-E07-bayes-orr").content else { panic!("a figure") };
    let Plot::ExposureResponse(plot) = &figure.plot else { panic!("a figure of exposure and response") };
    assert_eq!(plot.outcomes[0].curve.band.len(), best.curve.len());
}

#[test]
fn chains_that_cannot_be_relied_on_are_marked() {
    let analysis = "
exposure_response:
  - {id: orr, label: Response, endpoint: {dataset: adrs, parameter: CRSP, event: Y}, exposure: AUCSS, covariates: [AGE],
     bayesian: {models: [emax], chains: 2, warmup: 100, draws: 100}}
";
    let (results, exhibits, facts) = build(analysis);
    assert!(!bayesian(&results[0]).models[0].chains.is_reliable());
    for code in ["T-E18-bayesian", "T-E18-bayesian-fit", "T-E18-bayesian-predicted"] {
        let found = exhibit(&exhibits, code);
        let mark = found.notes.footnotes.iter().position(|note| note.starts_with("Not to be relied on") && note.contains("effective"));
        assert!(table(found).rows.iter().any(|row| row.footnote.is_some() && row.footnote == mark), "{code}");
    }
    assert!(matches!(&fact(&facts, "exposure_response.bayes_caution.orr").value, FactValue::Text(words) if words == "Emax"));
}

#[test]
fn without_a_model_there_is_a_reason_and_without_the_key_nothing() {
    let one = |bayesian: &str| {
        let endpoint = "endpoint: {dataset: adrs, parameter: CRSP, event: Y}, exposure: AUCSS";
        build(&format!("\nexposure_response:\n  - {{id: orr, {endpoint}{bayesian}}}\n")).1
    };
    let refused = one(", bayesian: {models: [quadratic]}");
    let Content::Placeholder(found) = &exhibit(&refused, "T-E18-bayesian").content else { panic!("a placeholder") };
    assert!(found.reason.contains("none of those named is available"));
    assert!(one("").iter().all(|exhibit| !exhibit.id.as_str().contains("bayes")));
}

#[test]
fn settings_that_make_no_sense_are_faults() {
    for (written, path) in [
        ("{chains: 1}", "exposure_response[0].bayesian.chains"),
        ("{draws: 10}", "exposure_response[0].bayesian.draws"),
        ("{priors: {slope: {mean: 0, sd: 0}}}", "exposure_response[0].bayesian.priors.slope.sd"),
        ("{priors: {slop: {mean: 0, sd: 1}}}", "exposure_response[0].bayesian.priors.slop"),
    ] {
        let folder = tempfile::TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        let analysis = format!("exposure_response: [{{id: a, endpoint: {{dataset: adrs}}, exposure: AUC, bayesian: {written}}}]\n");
        let errors = read_project_text(&folder.path().join("dosecase.yaml"), format!("{PROJECT}{analysis}")).unwrap_err();
        let paths: Vec<&str> = errors.diagnostics.iter().filter_map(|fault| fault.column.as_deref()).collect();
        assert_eq!(paths, [path], "{errors}");
    }
}
