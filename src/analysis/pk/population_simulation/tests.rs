//! Closed forms, moments, dosing by size, steps, and the same numbers on any number of threads.

use std::collections::BTreeMap;

use super::*;
use crate::config::{
    ClearanceUnit, CovariateDistribution, CovariateEffect, LagUnit, NoUnit, ParameterCorrelation, ParameterName, PopulationParameter,
    PopulationParameters, PopulationRoute, RateUnit, VolumeUnit,
};
use crate::numerics::descriptive::{mean, median, standard_deviation, summarise_geometric};
use crate::numerics::distribution::normal_critical;

fn of<U>(value: f64, unit: U, cv: f64) -> PopulationParameter<U> {
    PopulationParameter { value, unit, cv_percent: Some(cv), omega_squared: None, rse_percent: None }
}

/// Clearance 12 L/h and volume 240 L with a CV of 30% and 20%, absorption 1/h.
fn oral() -> PopulationModel {
    PopulationModel {
        source: "a test".into(),
        analyte: None,
        compartments: 1,
        route: PopulationRoute::Absorption,
        parameters: PopulationParameters {
            clearance: of(12.0, ClearanceUnit::LitrePerHour, 30.0),
            central_volume: of(240.0, VolumeUnit::Litre, 20.0),
            intercompartmental_clearance: None,
            peripheral_volume: None,
            absorption_rate: Some(of(1.0, RateUnit::PerHour, 0.0)),
            lag: None,
            bioavailability: None,
        },
        correlations: Vec::new(),
        covariate_effects: Vec::new(),
        covariates: BTreeMap::new(),
        time_varying_clearance: None,
        food: None,
        estimate_covariance: None,
        concentration_unit: None,
        exposures: Vec::new(),
        regimens: Vec::new(),
        subjects: 2_000,
        uncertainty_draws: 50,
    }
}

fn flat(amount: f64, interval: f64) -> Regimen {
    let amount = AmountRule { amount, basis: DoseBasis::Flat, cap: None };
    let step = Step { start: 0.0, amount, interval: Some(interval), times: None };
    Regimen { id: "r".into(), label: "R".into(), steps: vec![step], with_food: false, dosage: None }
}

fn simulator(model: &PopulationModel) -> Simulator {
    Simulator::without_data(model, 24.0, 672.0, 7).unwrap()
}

#[test]
fn the_area_at_steady_state_is_dose_over_clearance() {
    let simulator = simulator(&oral());
    let areas = simulator.exposures(&simulator.typical, &flat(120.0, 24.0), SimulatedMetric::AucSteadyState);
    for (area, subject) in areas.iter().zip(&simulator.subjects) {
        assert!((area - 120.0 / (12.0 * subject.scale[0])).abs() < 1e-12 * area);
    }
    let twice = simulator.exposures(&simulator.typical, &flat(60.0, 12.0), SimulatedMetric::AucSteadyState);
    assert!(areas.iter().zip(&twice).all(|(once, twice)| (once - twice).abs() < 1e-12 * once), "the same over 24 h");
    let trough =
        |regimen: &Regimen| median(&simulator.exposures(&simulator.typical, regimen, SimulatedMetric::CtroughSteadyState)).unwrap();
    let peak = |regimen: &Regimen| median(&simulator.exposures(&simulator.typical, regimen, SimulatedMetric::CmaxSteadyState)).unwrap();
    assert!(trough(&flat(60.0, 12.0)) > trough(&flat(120.0, 24.0)) && peak(&flat(60.0, 12.0)) < peak(&flat(120.0, 24.0)));
    let average = simulator.exposures(&simulator.typical, &flat(120.0, 24.0), SimulatedMetric::CavgSteadyState);
    assert!(areas.iter().zip(&average).all(|(area, average)| (area / 24.0 - average).abs() < 1e-12 * average));
}

#[test]
fn subjects_differ_as_the_model_says() {
    let correlations = vec![ParameterCorrelation { first: ParameterName::Clearance, second: ParameterName::CentralVolume, value: 0.5 }];
    let model = PopulationModel { correlations, subjects: 20_000, ..oral() };
    let simulator = simulator(&model);
    let logs = |place: usize| -> Vec<f64> { simulator.subjects.iter().map(|subject| subject.scale[place].ln()).collect() };
    let (clearance, volume) = (logs(0), logs(1));
    let (of_clearance, of_volume) = ((0.09_f64).ln_1p().sqrt(), (0.04_f64).ln_1p().sqrt());
    assert!(mean(&clearance).unwrap().abs() < 0.01 && (standard_deviation(&clearance).unwrap() / of_clearance - 1.0).abs() < 0.02);
    assert!((standard_deviation(&volume).unwrap() / of_volume - 1.0).abs() < 0.02);
    let product: Vec<f64> = clearance.iter().zip(&volume).map(|(a, b)| a * b / (of_clearance * of_volume)).collect();
    assert!((mean(&product).unwrap() - 0.5).abs() < 0.03);
    assert!(simulator.subjects.iter().all(|subject| (subject.scale[4] - 1.0).abs() < 1e-15), "absorption does not vary");
    let areas = simulator.exposures(&simulator.typical, &flat(120.0, 24.0), SimulatedMetric::AucSteadyState);
    let summary = summarise_geometric(&areas).unwrap();
    assert!((summary.mean / 10.0 - 1.0).abs() < 0.01 && (summary.cv_percent.unwrap() - 30.0).abs() < 1.0);
}

#[test]
fn doses_by_size_are_capped_and_flat_ones_are_not() {
    let covariates = BTreeMap::from([(
        "WTBL".to_owned(),
        CovariateDistribution {
            median: Some(80.0),
            cv_percent: Some(25.0),
            at_least: Some(40.0),
            at_most: Some(150.0),
            shares: BTreeMap::new(),
        },
    )]);
    let effect = CovariateEffect {
        on: ParameterName::Clearance,
        column: "WTBL".into(),
        power: Some(1.0),
        reference: Some(80.0),
        factor: None,
        value: None,
    };
    let mut model = PopulationModel { covariates, covariate_effects: vec![effect], ..oral() };
    model.parameters.clearance.cv_percent = None;
    let simulator = simulator(&model);
    let by_weight = |cap| {
        let amount = AmountRule { amount: 1.5, basis: DoseBasis::Weight, cap };
        Regimen { steps: vec![Step { start: 0.0, amount, interval: Some(24.0), times: None }], ..flat(1.0, 24.0) }
    };
    let of = |regimen: &Regimen| simulator.exposures(&simulator.typical, regimen, SimulatedMetric::AucSteadyState);
    assert!(of(&by_weight(None)).iter().all(|area| (area - 10.0).abs() < 1e-9), "clearance in proportion to weight: one area for all");
    let capped = of(&by_weight(Some(120.0)));
    for (area, subject) in capped.iter().zip(&simulator.subjects) {
        let weight = subject.weight.unwrap();
        assert!((40.0..=150.0).contains(&weight) && (area - (1.5 * weight).min(120.0) / (12.0 * weight / 80.0)).abs() < 1e-9);
    }
    let spread = |values: &[f64]| summarise_geometric(values).unwrap().cv_percent.unwrap();
    assert!((spread(&of(&flat(120.0, 24.0))) - 25.0).abs() < 1.5);
    assert!(simulator.subjects.iter().all(|subject| subject.surface.is_none()), "no height, no surface");
}

#[test]
fn covariates_of_levels_multiply() {
    let shares = BTreeMap::from([("F".to_owned(), 2.0), ("M".to_owned(), 2.0)]);
    let stated = CovariateDistribution { median: None, cv_percent: None, at_least: None, at_most: None, shares };
    let effect = CovariateEffect {
        on: ParameterName::Clearance,
        column: "SEX".into(),
        power: None,
        reference: None,
        factor: Some(0.5),
        value: Some("F".into()),
    };
    let mut model = PopulationModel { covariate_effects: vec![effect], ..oral() };
    model.parameters.clearance.cv_percent = None;
    let lacking = Simulator::without_data(&model, 24.0, 672.0, 7).unwrap_err();
    assert_eq!(lacking, SimulationRefusal::Covariate { column: "SEX".into() });
    model.covariates = BTreeMap::from([("SEX".to_owned(), stated)]);
    let simulator = simulator(&model);
    let halved = simulator.subjects.iter().filter(|subject| (subject.scale[0] - 0.5).abs() < 1e-12).count();
    let whole = simulator.subjects.iter().filter(|subject| (subject.scale[0] - 1.0).abs() < 1e-12).count();
    assert!(halved + whole == 2_000 && (900..1_100).contains(&halved), "{halved}");
}

/// By hand: one subject, CL 2 L/h, V 20 L, bolus; 10 mg at 0 h, 20 mg at 24 h and from then on every 24 h.
#[test]
fn steps_are_superposed() {
    let mut model = PopulationModel { route: PopulationRoute::Bolus, ..oral() };
    model.parameters.clearance = of(2.0, ClearanceUnit::LitrePerHour, 0.0);
    model.parameters.central_volume = of(20.0, VolumeUnit::Litre, 0.0);
    model.parameters.absorption_rate = None;
    let simulator = simulator(&model);
    let amount = |amount| AmountRule { amount, basis: DoseBasis::Flat, cap: None };
    let steps = vec![
        Step { start: 0.0, amount: amount(10.0), interval: None, times: Some(1) },
        Step { start: 24.0, amount: amount(20.0), interval: Some(24.0), times: None },
    ];
    let stepped = Regimen { steps, ..flat(1.0, 24.0) };
    let individual = Individual::new(&simulator.typical, &simulator.subjects[0], &stepped, &simulator.structure).unwrap();
    let course = individual.course(&[0.0, 12.0, 24.0, 48.0]);
    let left = |hours: f64| (-0.1 * hours).exp();
    let expected = [0.5, 0.5 * left(12.0), 0.5 * left(24.0) + 1.0, 0.5 * left(48.0) + left(24.0) + 1.0];
    assert!(course.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{course:?}");
    let first = individual.exposure(SimulatedMetric::AucFirstCycle).unwrap();
    let by_hand: f64 = 5.0 * (1.0 - left(672.0)) + (1..28).map(|day| 10.0 * (1.0 - left(672.0 - 24.0 * f64::from(day)))).sum::<f64>();
    assert!(
        (first - by_hand).abs() < 1e-9 && (individual.exposure(SimulatedMetric::CavgFirstCycle).unwrap() - first / 672.0).abs() < 1e-12
    );
    assert!((individual.exposure(SimulatedMetric::CmaxSteadyState).unwrap() - 1.0 / (1.0 - left(24.0))).abs() < 1e-12);
    // From 20 mg every 24 h: above 0.5 mg/L while C0 exp(-0.1 t) exceeds it.
    let share = (1.0 / (1.0 - left(24.0)) / 0.5_f64).ln() / 0.1 / 24.0;
    assert!((individual.time_above(0.5).unwrap() - share).abs() < 2e-3);
    let ending =
        Regimen { steps: vec![Step { start: 0.0, amount: amount(10.0), interval: Some(24.0), times: Some(3) }], ..flat(1.0, 24.0) };
    assert!(simulator.exposures(&simulator.typical, &ending, SimulatedMetric::AucSteadyState).is_empty());
    assert_eq!(simulator.exposures(&simulator.typical, &ending, SimulatedMetric::AucFirstCycle).len(), 2_000);
}

#[test]
fn units_do_not_change_what_happens() {
    let plain = simulator(&oral());
    let mut model = oral();
    model.parameters.clearance = of(200.0, ClearanceUnit::MillilitrePerMinute, 30.0);
    model.parameters.central_volume = of(240_000.0, VolumeUnit::Millilitre, 20.0);
    model.parameters.absorption_rate = Some(of(24.0, RateUnit::PerDay, 0.0));
    model.parameters.lag = Some(of(1e-9, LagUnit::Day, 0.0));
    model.parameters.bioavailability = Some(of(1.0, NoUnit::One, 0.0));
    let other = simulator(&model);
    for metric in SimulatedMetric::ALL {
        let a = plain.exposures(&plain.typical, &flat(120.0, 24.0), metric);
        let b = other.exposures(&other.typical, &flat(120.0, 24.0), metric);
        assert!(a.iter().zip(&b).all(|(a, b)| (a / b - 1.0).abs() < 1e-6), "{metric:?}");
    }
}

#[test]
fn one_thread_and_four_give_the_same_numbers() {
    let mut model = oral();
    model.parameters.clearance.rse_percent = Some(5.0);
    let run = |threads: usize| {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        threads.install(|| {
            let simulator = simulator(&model);
            let values = simulator.exposures(&simulator.typical, &flat(120.0, 24.0), SimulatedMetric::CmaxSteadyState);
            (simulator, values)
        })
    };
    assert_eq!(run(1), run(4));
    let other = Simulator::without_data(&model, 24.0, 672.0, 8).unwrap();
    assert_ne!(other.subjects, run(1).0.subjects, "another seed, other subjects");
}

#[test]
fn uncertainty_of_a_typical_value_is_that_of_its_logarithm() {
    let mut model = PopulationModel { uncertainty_draws: 4_000, subjects: 100, ..oral() };
    model.parameters.clearance.rse_percent = Some(8.0);
    let simulator = simulator(&model);
    let logs: Vec<f64> = simulator.draws.iter().map(|draw| (draw[0] / 12.0).ln()).collect();
    assert!((standard_deviation(&logs).unwrap() / 0.08 - 1.0).abs() < 0.05 && mean(&logs).unwrap().abs() < 0.005);
    assert!(simulator.draws.iter().all(|draw| (draw[1] - 240.0).abs() < 1e-12), "the volume is taken as known");
    let means: Vec<f64> = simulator.draws.iter().map(|draw| 1.0 / draw[0]).collect();
    let (lower, upper) = summary::limits(&means, 0.95).unwrap();
    let width = 2.0 * normal_critical(0.95).unwrap() * 0.08;
    assert!(((upper / lower).ln() / width - 1.0).abs() < 0.06);
    assert!(Simulator::without_data(&oral(), 24.0, 672.0, 7).unwrap().draws.is_empty());
}

#[test]
fn the_proposed_regimen_is_the_measure_of_the_others() {
    let simulator = simulator(&oral());
    let of = |regimen: &Regimen| values_of(&simulator, regimen, SimulatedMetric::AucSteadyState);
    let (proposed, higher) = (of(&flat(120.0, 24.0)), of(&flat(240.0, 24.0)));
    let described = summary::describe(&higher, Some((&proposed, false)), 0.95).unwrap();
    assert!((described.ratio_to_proposed.unwrap().value - 2.0).abs() < 1e-9, "the same subjects under both");
    assert!((0.0..0.5).contains(&described.overlap_with_proposed.unwrap()));
    let itself = summary::describe(&proposed, Some((&proposed, true)), 0.95).unwrap();
    assert_eq!((itself.ratio_to_proposed, itself.overlap_with_proposed), (None, None));
    assert!(itself.percentiles.windows(2).all(|pair| pair[0] < pair[1]));
}
