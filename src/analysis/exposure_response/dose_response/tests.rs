//! Properties of fits, target doses and MCP-Mod as a whole.

use super::*;
use crate::numerics::matrix::Matrix;
use crate::numerics::multivariate_t::Tails;

const DOSES: [f64; 5] = [0.0, 10.0, 20.0, 40.0, 80.0];

/// A response that saturates, with a fixed scatter of six subjects per dose.
fn observations() -> DoseObservations {
    let scatter = [0.31, -0.44, 0.12, 0.52, -0.29, -0.18];
    let rows = DOSES.iter().enumerate().flat_map(|(group, dose)| {
        scatter.iter().enumerate().map(move |(subject, error)| {
            let sign = if (group + subject) % 2 == 0 { 1.0 } else { -0.7 };
            (*dose, 1.0 + 2.0 * dose / (15.0 + dose) + sign * error)
        })
    });
    let (doses, responses) = rows.unzip();
    DoseObservations { doses, responses, covariates: Vec::new() }
}

fn data(observations: &DoseObservations) -> DoseResponseData {
    DoseResponseData::from_observations(observations).unwrap()
}

fn fitted(observations: &DoseObservations, model: DoseResponseModel) -> DoseResponseFit {
    let data = data(observations);
    fit(&data, model, &FitSettings::for_largest_dose(data.largest_dose())).unwrap()
}

fn close(got: f64, want: f64, relative: f64) -> bool {
    (got - want).abs() <= relative * want.abs().max(1e-9)
}

#[test]
fn the_order_of_rows_changes_not_a_single_bit() {
    let ordered = observations();
    let mut mixed = ordered.clone();
    for (from, to) in [(0, 17), (3, 29), (8, 11), (20, 5)] {
        mixed.doses.swap(from, to);
        mixed.responses.swap(from, to);
    }
    for model in DoseResponseModel::ALL {
        assert_eq!(fitted(&ordered, model), fitted(&mixed, model), "{model:?}");
    }
    let settings = FitSettings::for_largest_dose(80.0);
    let curves = |observations| bootstrap_curves(observations, DoseResponseModel::Emax, &settings, Resampling { replicates: 20, seed: 3 });
    assert_eq!(curves(&ordered), curves(&mixed));
}

#[test]
fn scaling_the_response_scales_intercept_height_and_errors() {
    let plain = observations();
    let mut scaled = plain.clone();
    scaled.responses.iter_mut().for_each(|value| *value *= 250.0);
    for model in DoseResponseModel::ALL {
        let (before, after) = (fitted(&plain, model), fitted(&scaled, model));
        let linear = before.curve.coefficients.len() - model.nonlinear();
        for (position, (a, b)) in before.curve.coefficients.iter().zip(&after.curve.coefficients).enumerate() {
            let factor = if position < linear { 250.0 } else { 1.0 };
            assert!(close(*b, a * factor, 1e-6), "{model:?} {position}: {a} {b}");
        }
        assert_eq!(before.at_bound, after.at_bound);
        let target = |fit: &DoseResponseFit, effect| fit.target_dose(effect, Direction::Increasing).dose().unwrap();
        assert!(close(target(&after, 250.0), target(&before, 1.0), 1e-6), "{model:?}");
    }
}

#[test]
fn scaling_the_dose_scales_the_doses_that_are_estimated() {
    let plain = observations();
    let mut scaled = plain.clone();
    scaled.doses.iter_mut().for_each(|dose| *dose *= 0.01);
    for model in DoseResponseModel::ALL {
        let (before, after) = (fitted(&plain, model), fitted(&scaled, model));
        assert!(close(after.goodness.criterion(), before.goodness.criterion(), 1e-9), "{model:?}");
        let target = |fit: &DoseResponseFit| fit.target_dose(1.0, Direction::Increasing);
        let (TargetDose::Reached { dose: a, standard_error: sa }, TargetDose::Reached { dose: b, standard_error: sb }) =
            (target(&before), target(&after))
        else {
            panic!("{model:?} does not reach the effect");
        };
        assert!(close(b, 0.01 * a, 1e-6), "{model:?}: {a} {b}");
        assert_eq!(sa.is_some(), sb.is_some());
        if let (Some(sa), Some(sb)) = (sa, sb) {
            assert!(close(sb, 0.01 * sa, 1e-5), "{model:?}: {sa} {sb}");
        }
    }
}

#[test]
fn a_mirrored_response_mirrors_the_target_dose() {
    let rising = observations();
    let mut falling = rising.clone();
    falling.responses.iter_mut().for_each(|value| *value = -*value);
    for model in DoseResponseModel::ALL {
        let up = fitted(&rising, model).target_dose(1.2, Direction::Increasing).dose().unwrap();
        let down = fitted(&falling, model).target_dose(1.2, Direction::Decreasing).dose().unwrap();
        assert!(close(up, down, 1e-8), "{model:?}: {up} {down}");
    }
}

#[test]
fn estimates_with_their_covariance_give_the_curve_of_the_observations() {
    let observed = data(&observations());
    let (means, df) = observed.means_by_dose().unwrap();
    assert!((df - 25.0).abs() < f64::EPSILON);
    let estimated = DoseResponseData::from_estimates(&means).unwrap();
    let settings = FitSettings::for_largest_dose(80.0);
    for model in DoseResponseModel::ALL {
        let (a, b) = (fit(&observed, model, &settings).unwrap(), fit(&estimated, model, &settings).unwrap());
        for dose in [5.0, 33.0, 80.0] {
            assert!(close(a.curve.effect(dose), b.curve.effect(dose), 1e-7), "{model:?}");
        }
    }
}

#[test]
fn a_covariate_without_effect_leaves_the_curve_and_a_real_one_is_taken_out() {
    let plain = observations();
    let mut shifted = plain.clone();
    let sex: Vec<f64> = (0..30).map(|row| f64::from(u8::from(row % 3 == 0))).collect();
    shifted.responses.iter_mut().zip(&sex).for_each(|(response, sex)| *response += 5.0 * sex);
    let with = |mut observations: DoseObservations| {
        observations.covariates.push(Covariate { name: "sex".to_owned(), values: sex.clone() });
        fitted(&observations, DoseResponseModel::Emax)
    };
    let (a, b) = (with(plain), with(shifted));
    assert!(close(b.covariates[0].1 - a.covariates[0].1, 5.0, 1e-8), "{:?} {:?}", a.covariates, b.covariates);
    assert!(close(a.curve.effect(40.0), b.curve.effect(40.0), 1e-7));
    assert_eq!(a.standard_errors().unwrap().len(), 4);
}

#[test]
fn too_little_data_are_refused_and_little_data_are_cautioned() {
    let few = |doses: &[f64], responses: &[f64]| {
        let observations = DoseObservations { doses: doses.to_vec(), responses: responses.to_vec(), covariates: Vec::new() };
        DoseResponseData::from_observations(&observations)
    };
    let settings = FitSettings::for_largest_dose(2.0);
    let three = few(&[0.0, 1.0, 2.0], &[1.0, 2.5, 3.0]).unwrap();
    let line = fit(&three, DoseResponseModel::Linear, &settings).unwrap();
    assert!(line.cautions.contains(&Caution::FewDegreesOfFreedom { found: 1, threshold: 10 }), "{:?}", line.cautions);
    let refused = |model| fit(&three, model, &settings).unwrap_err();
    assert_eq!(refused(DoseResponseModel::Emax), DoseResponseError::TooFewObservations { found: 3, parameters: 3 });
    let needed = DoseResponseError::TooFewDoses { model: DoseResponseModel::SigmoidEmax, needed: 4, found: 3 };
    assert_eq!(refused(DoseResponseModel::SigmoidEmax), needed);
    assert_eq!(few(&[5.0; 3], &[1.0, 2.0, 3.0]).unwrap_err(), DoseResponseError::OneDose);
    assert_eq!(few(&[], &[]).unwrap_err(), DoseResponseError::OneDose);
    assert!(matches!(three.means_by_dose(), Err(DoseResponseError::TooFewObservations { found: 3, parameters: 3 })));
    let saturated = few(&[0.0, 0.0, 1.0, 1.0, 2.0], &[1.0, 1.2, 2.5, 2.1, 3.0]).unwrap();
    let curve = fit(&saturated, DoseResponseModel::Quadratic, &settings).unwrap();
    assert!(curve.cautions.contains(&Caution::Saturated { doses: 3 }), "{:?}", curve.cautions);
    for caution in &curve.cautions {
        assert!(caution.to_string().len() > 20, "{caution:?}");
    }
}

#[test]
fn a_parameter_at_its_bound_is_said_and_has_no_standard_error() {
    let mut line = observations();
    line.responses = line.doses.iter().zip(&line.responses).map(|(dose, response)| 0.05 * dose + 0.1 * (response - 2.0).sin()).collect();
    let found = fitted(&line, DoseResponseModel::Emax);
    assert!(matches!(found.cautions.as_slice(), [Caution::AtBound { parameter: "ed50", .. }, ..]), "{:?}", found.cautions);
    assert!(found.covariance.is_none() && found.standard_errors().is_none());
    let points = found.effect_curve(&[40.0], 0.95).unwrap();
    assert!(points[0].value > 1.0 && points[0].standard_error.is_none() && points[0].interval.is_none());
}

#[test]
fn intervals_hold_their_curve_and_grow_with_the_level() {
    let found = fitted(&observations(), DoseResponseModel::Emax);
    let narrow = found.effect_curve(&[0.0, 20.0, 80.0], 0.8).unwrap();
    let wide = found.effect_curve(&[0.0, 20.0, 80.0], 0.95).unwrap();
    for (a, b) in narrow.iter().zip(&wide).skip(1) {
        let ((a_lower, a_upper), (b_lower, b_upper)) = (a.interval.unwrap(), b.interval.unwrap());
        assert!(b_lower < a_lower && a_lower < a.value && a.value < a_upper && a_upper < b_upper);
    }
    assert!(narrow[0].value.abs() < f64::EPSILON && narrow[0].standard_error.unwrap().abs() < f64::EPSILON);
    assert!(found.mean_curve(&[1.0], 1.0).is_err());
}

#[test]
fn target_doses_are_not_extrapolated() {
    for model in DoseResponseModel::ALL {
        let found = fitted(&observations(), model);
        let TargetDose::NotReached { largest_effect, at_dose } = found.target_dose(50.0, Direction::Increasing) else {
            panic!("{model:?} reaches an effect that no dose has");
        };
        assert!(largest_effect > 1.0 && at_dose > 0.0 && at_dose <= 80.0, "{model:?}");
        assert_eq!(found.effective_dose(0.9, Direction::Decreasing).dose(), None, "{model:?}");
        let half = found.effective_dose(0.5, Direction::Increasing).dose().unwrap();
        assert!(close(found.curve.effect(half), 0.5 * largest_effect, 1e-8), "{model:?}");
    }
}

fn plan() -> McpModPlan {
    let shape = |model, guesses: &[f64]| CandidateShape { model, guesses: guesses.to_vec() };
    McpModPlan {
        candidates: vec![
            shape(DoseResponseModel::Linear, &[]),
            shape(DoseResponseModel::Emax, &[10.0]),
            shape(DoseResponseModel::Emax, &[30.0]),
            shape(DoseResponseModel::SigmoidEmax, &[20.0, 3.0]),
        ],
        direction: Direction::Increasing,
        tails: Tails::Upper,
        alpha: 0.025,
        relevant_effect: 1.0,
        settings: FitSettings::for_largest_dose(80.0),
    }
}

#[test]
fn mcpmod_finds_the_shape_behind_a_clear_signal() {
    let result = run_mcpmod(&data(&observations()), &plan()).unwrap();
    assert!(result.test.shapes.iter().all(|shape| shape.significant && shape.adjusted_p.value < 0.001), "{:?}", result.test);
    // Two Emax guesses are one model.
    let models: Vec<DoseResponseModel> = result.models.iter().map(|model| model.model).collect();
    assert_eq!(models, [DoseResponseModel::Linear, DoseResponseModel::Emax, DoseResponseModel::SigmoidEmax]);
    assert_eq!(result.lowest_criterion, Some(1));
    assert!((result.models.iter().map(|model| model.weight).sum::<f64>() - 1.0).abs() < 1e-12);
    let averaged = result.averaged.unwrap();
    assert!((averaged.weight_reaching - 1.0).abs() < 1e-12);
    let (mean, of_curve) = (averaged.mean_of_doses.unwrap(), averaged.of_mean_curve.unwrap());
    assert!((5.0..40.0).contains(&mean) && (5.0..40.0).contains(&of_curve), "{averaged:?}");
}

#[test]
fn without_a_significant_contrast_there_is_no_model_and_no_dose() {
    let mut flat = observations();
    flat.responses = (0..30).map(|row| f64::from(row % 6)).collect();
    let result = run_mcpmod(&data(&flat), &plan()).unwrap();
    assert!(result.models.is_empty() && result.averaged.is_none(), "{result:?}");
    assert_eq!((result.lowest_criterion, result.largest_statistic), (None, None));
    // Equal means: every statistic is 0.
    assert!(result.test.shapes.iter().all(|shape| shape.statistic.abs() < 1e-9 && shape.adjusted_p.value > 0.3));
}

#[test]
fn mcpmod_refuses_what_it_cannot_test() {
    let two = DoseEstimates { doses: vec![0.0, 80.0], estimates: vec![1.0, 3.0], covariance: Matrix::diagonal(&[0.1, 0.1]) };
    let two = DoseResponseData::from_estimates(&two).unwrap();
    // Two doses can be tested, but no shape with three parameters can be fitted.
    let result = run_mcpmod(&two, &plan()).unwrap();
    let reasons: Vec<bool> = result.models.iter().map(|model| matches!(model.fit, Err(DoseResponseError::TooFewDoses { .. }))).collect();
    assert_eq!(reasons, [false, true, true]);
    assert!((result.models[0].weight - 1.0).abs() < f64::EPSILON);
    assert_eq!(
        run_mcpmod(&two, &McpModPlan { alpha: 1.0, ..plan() }).unwrap_err(),
        DoseResponseError::Probability { what: "alpha", value: 1.0 }
    );
    assert_eq!(run_mcpmod(&two, &McpModPlan { candidates: Vec::new(), ..plan() }).unwrap_err(), DoseResponseError::NoCandidate);
}

#[test]
fn bootstrap_bands_hold_the_curve() {
    let observations = observations();
    let settings = FitSettings::for_largest_dose(80.0);
    let resampling = Resampling { replicates: 200, seed: 11 };
    let curves = bootstrap_curves(&observations, DoseResponseModel::SigmoidEmax, &settings, resampling).unwrap();
    assert!(curves.iter().flatten().count() == 200);
    let band = percentile_band(&curves, &[20.0, 80.0], 0.9).unwrap();
    let found = fitted(&observations, DoseResponseModel::SigmoidEmax);
    for at in &band {
        let effect = found.curve.effect(at.dose);
        assert!(at.lower < effect && effect < at.upper && at.lower < at.median && at.median < at.upper, "{at:?} {effect}");
    }
    assert!(percentile_band(&curves, &[20.0], 0.0).is_err());
    let mut adjusted = observations.clone();
    adjusted.covariates.push(Covariate { name: "sex".to_owned(), values: (0..30).map(|row| f64::from(row % 2)).collect() });
    let again = bootstrap_curves(&adjusted, DoseResponseModel::Emax, &settings, resampling).unwrap();
    assert!(again.iter().flatten().count() > 190);
}

#[test]
fn a_second_optimum_that_fits_nearly_as_well_is_said() {
    // Nothing but scatter over eight doses: steep steps between different doses fit about as well.
    let estimates = [0.0, 0.4, -0.3, 0.5, -0.1, 0.45, 0.1, 0.6];
    let doses: Vec<f64> = (0..8).map(|dose| 10.0 * f64::from(dose)).collect();
    let given = DoseEstimates { doses, estimates: estimates.to_vec(), covariance: Matrix::diagonal(&[0.2; 8]) };
    let data = DoseResponseData::from_estimates(&given).unwrap();
    let found = fit(&data, DoseResponseModel::Logistic, &FitSettings::for_largest_dose(70.0)).unwrap();
    let said =
        found.cautions.iter().any(|caution| matches!(caution, Caution::RivalOptimum { difference, .. } if (0.0..2.0).contains(difference)));
    assert!(said, "{:?}", found.cautions);
}
