//! What holds for every exposure-response fit, tried on many data.

use dosecase::analysis::exposure_response::binary_emax::{EmaxBounds, EmaxShape, fit_binary_emax};
use dosecase::analysis::exposure_response::model_matrix::Covariate;
use dosecase::analysis::exposure_response::{
    BinaryAnalysis, BinaryData, BinarySettings, Caution, Choice, Criterion, ExposureForm, Profiled, analyse_binary, bootstrap_candidates,
};
use dosecase::analysis::exposure_response::{BootstrapSettings, binary::BinaryModel};
use dosecase::numerics::cox::{Cox, Ties};
use dosecase::numerics::design_matrix::DesignMatrix;
use dosecase::numerics::glm::{Logistic, ProportionalOdds};
use dosecase::numerics::roc::roc_area;
use proptest::prelude::*;

/// Exposure of each subject, a second column, and a number that decides the outcome.
#[derive(Debug, Clone)]
struct Subjects {
    exposures: Vec<f64>,
    other: Vec<f64>,
    outcomes: Vec<bool>,
    times: Vec<f64>,
}

/// Twenty to sixty subjects whose outcome depends on both columns and on chance.
fn subjects() -> impl Strategy<Value = Subjects> {
    let one = (0.5_f64..50.0, -2.0_f64..2.0, 0.0_f64..1.0, 0.02_f64..1.0);
    (prop::collection::vec(one, 20..60), -0.08_f64..0.08).prop_map(|(rows, slope)| {
        let probability = |x: f64, z: f64| 1.0 / (1.0 + (-(slope * (x - 25.0) + 0.4 * z)).exp());
        Subjects {
            exposures: rows.iter().map(|row| row.0).collect(),
            other: rows.iter().map(|row| row.1).collect(),
            outcomes: rows.iter().map(|row| row.2 < probability(row.0, row.1)).collect(),
            times: rows.iter().map(|row| -100.0 * row.3.ln() * (-slope * row.0).exp() + 0.5).collect(),
        }
    })
}

impl Subjects {
    fn design(&self, constant: bool) -> DesignMatrix {
        let mut columns = vec![self.exposures.clone(), self.other.clone()];
        if constant {
            columns.insert(0, vec![1.0; self.exposures.len()]);
        }
        DesignMatrix::from_columns(&columns).unwrap()
    }

    fn permuted(&self, by: usize) -> Self {
        let n = self.exposures.len();
        // Backwards and rotated: every subject moves.
        let order: Vec<usize> = (0..n).map(|place| (2 * n - 1 - place + by) % n).collect();
        Self {
            exposures: order.iter().map(|row| self.exposures[*row]).collect(),
            other: order.iter().map(|row| self.other[*row]).collect(),
            outcomes: order.iter().map(|row| self.outcomes[*row]).collect(),
            times: order.iter().map(|row| self.times[*row]).collect(),
        }
    }

    fn scaled(&self, unit: f64) -> Self {
        Self { exposures: self.exposures.iter().map(|x| x * unit).collect(), ..self.clone() }
    }

    fn analysed(&self, forms: &[ExposureForm], covariates: &[Covariate]) -> BinaryAnalysis {
        analysed(&self.exposures, &self.outcomes, &[], (forms, covariates))
    }
}

fn analysed(exposures: &[f64], outcomes: &[bool], doses: &[f64], (forms, covariates): (&[ExposureForm], &[Covariate])) -> BinaryAnalysis {
    let exposures: Vec<Option<f64>> = exposures.iter().copied().map(Some).collect();
    let outcomes: Vec<Option<bool>> = outcomes.iter().copied().map(Some).collect();
    let data = BinaryData { exposures: &exposures, outcomes: &outcomes, doses, covariates };
    let choice = Choice::Smallest(Criterion::Aic);
    analyse_binary(&data, &BinarySettings { forms: forms.to_vec(), level: 0.95, profiles: Profiled::None, choice }).unwrap()
}

/// The logit at a row of the design.
fn logit(row: &[f64], beta: &[f64]) -> f64 {
    row.iter().zip(beta).map(|(x, b)| x * b).sum()
}

fn bernoulli(predictors: impl Iterator<Item = f64>, outcomes: &[bool]) -> f64 {
    predictors.zip(outcomes).map(|(h, y)| if *y { -(-h).exp().ln_1p() } else { -h.exp().ln_1p() }).sum()
}

/// Largest derivative of a function by central differences, each in units of one thousandth of `scale`.
fn slope_at(point: &[f64], scale: &[f64], value: impl Fn(&[f64]) -> f64) -> f64 {
    (0..point.len())
        .map(|k| {
            let step = 1e-3 * scale[k];
            let at = |by: f64| {
                let mut moved = point.to_vec();
                moved[k] += by;
                value(&moved)
            };
            // Fourth order, so that the curvature of the function does not hide a maximum.
            ((8.0 * (at(step) - at(-step)) - (at(2.0 * step) - at(-2.0 * step))) / (12.0 * step) * scale[k]).abs()
        })
        .fold(0.0, f64::max)
}

fn determinant(matrix: &[Vec<f64>]) -> f64 {
    let mut rows = matrix.to_vec();
    let mut product = 1.0;
    for k in 0..rows.len() {
        product *= rows[k][k];
        for i in k + 1..rows.len() {
            let factor = rows[i][k] / rows[k][k];
            let pivot = rows[k].clone();
            rows[i].iter_mut().zip(pivot).for_each(|(a, b)| *a -= factor * b);
        }
    }
    product
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn logistic_estimates_are_where_the_likelihood_is_flat(data in subjects()) {
        let design = data.design(true);
        let model = Logistic::from_outcomes(design.clone(), &data.outcomes).unwrap();
        let Ok(fit) = model.fit() else { return Ok(()) };
        let beta: Vec<f64> = fit.coefficients.estimates().iter().map(|b| b.unwrap()).collect();
        let errors: Vec<f64> = (0..3).map(|k| fit.coefficients.standard_error(k).unwrap()).collect();
        let value = |b: &[f64]| bernoulli(design.iter().map(|row| logit(row, b)), &data.outcomes);
        prop_assert!((value(&beta) - fit.log_likelihood).abs() < 1e-9);
        prop_assert!(slope_at(&beta, &errors, value) < 1e-6);
    }

    #[test]
    fn penalised_estimates_are_where_the_penalised_likelihood_is_flat(data in subjects(), all in prop::bool::ANY) {
        // All events as well: the penalty makes the maximum exist.
        let outcomes = if all { vec![true; data.outcomes.len()] } else { data.outcomes.clone() };
        let design = data.design(true);
        let fit = Logistic::from_outcomes(design.clone(), &outcomes).unwrap().fit_firth().unwrap();
        let beta: Vec<f64> = fit.coefficients.estimates().iter().map(|b| b.unwrap()).collect();
        let errors: Vec<f64> = (0..3).map(|k| fit.coefficients.standard_error(k).unwrap()).collect();
        let value = |b: &[f64]| {
            let mut information = vec![vec![0.0; 3]; 3];
            for row in design.iter() {
                let p = 1.0 / (1.0 + (-logit(row, b)).exp());
                for i in 0..3 {
                    for j in 0..3 {
                        information[i][j] += p * (1.0 - p) * row[i] * row[j];
                    }
                }
            }
            bernoulli(design.iter().map(|row| logit(row, b)), &outcomes) + 0.5 * determinant(&information).ln()
        };
        prop_assert!((value(&beta) - fit.penalised_log_likelihood).abs() < 1e-8);
        prop_assert!(slope_at(&beta, &errors, value) < 1e-5);
    }

    #[test]
    fn emax_estimates_are_where_the_likelihood_is_flat_or_on_a_bound(data in subjects(), sigmoid in prop::bool::ANY) {
        let shape = if sigmoid { EmaxShape::Sigmoid } else { EmaxShape::Hyperbolic };
        let events: Vec<f64> = data.outcomes.iter().map(|y| f64::from(u8::from(*y))).collect();
        let bounds = EmaxBounds::of_exposures(&data.exposures).unwrap();
        let Ok(fit) = fit_binary_emax(&data.exposures, &events, None, shape, bounds) else { return Ok(()) };
        let value = |point: &[f64]| {
            let hill = point.get(3).map_or(1.0, |log_hill| log_hill.exp());
            let curve = |x: &f64| point[0] + point[1] / (1.0 + (hill * (point[2] - x.ln())).exp());
            bernoulli(data.exposures.iter().map(curve), &data.outcomes)
        };
        let point = fit.parameters();
        prop_assert!((value(&point) - fit.log_likelihood).abs() < 1e-8);
        // Every straight line in the bounded share lies below the best curve.
        prop_assert!(fit.log_likelihood >= fit.null_log_likelihood - 1e-9);
        if !fit.at_bound {
            prop_assert!(slope_at(&point, &vec![0.1; point.len()], value) < 1e-5);
        }
    }

    #[test]
    fn proportional_odds_estimates_are_where_the_likelihood_is_flat(data in subjects()) {
        let grade = |row: usize| usize::from(data.outcomes[row]) + usize::from(data.times[row] < 40.0);
        let grades: Vec<usize> = (0..data.exposures.len()).map(grade).collect();
        let design = data.design(false);
        let Ok(fit) = ProportionalOdds::new(&design, &grades, 3).unwrap().fit() else { return Ok(()) };
        let mut point: Vec<f64> = fit.thresholds.iter().map(|(value, _)| *value).collect();
        let mut scale: Vec<f64> = fit.thresholds.iter().map(|(_, error)| *error).collect();
        point.extend(fit.coefficients.estimates().iter().map(|b| b.unwrap()));
        scale.extend((0..2).map(|k| fit.coefficients.standard_error(k).unwrap()));
        let thresholds = fit.thresholds.len();
        let value = |point: &[f64]| -> f64 {
            let (cuts, beta) = point.split_at(thresholds);
            design.iter().zip(&grades).map(|(row, grade)| {
                let place = fit.categories.iter().position(|known| known == grade).unwrap();
                let below = |cut: usize| cuts.get(cut).map_or(1.0, |cut| 1.0 / (1.0 + (logit(row, beta) - cut).exp()));
                (below(place) - place.checked_sub(1).map_or(0.0, below)).ln()
            }).sum()
        };
        prop_assert!((value(&point) - fit.log_likelihood).abs() < 1e-8, "{} {}", value(&point), fit.log_likelihood);
        prop_assert!(slope_at(&point, &scale, value) < 1e-5);
    }

    #[test]
    fn hazard_estimates_are_where_the_partial_likelihood_is_flat(data in subjects()) {
        let design = data.design(false);
        let Ok(cox) = Cox::new(&design, &data.times, &data.outcomes) else { return Ok(()) };
        let Ok(fit) = cox.fit(Ties::Efron) else { return Ok(()) };
        let beta: Vec<f64> = fit.coefficients.estimates().iter().map(|b| b.unwrap()).collect();
        let errors: Vec<f64> = (0..2).map(|k| fit.coefficients.standard_error(k).unwrap()).collect();
        let rows: Vec<&[f64]> = design.iter().collect();
        // Times are continuous: no ties, so that Efron's likelihood is Cox's.
        let value = |b: &[f64]| -> f64 {
            (0..rows.len()).filter(|row| data.outcomes[*row]).map(|row| {
                let at_risk = (0..rows.len()).filter(|other| data.times[*other] >= data.times[row]);
                logit(rows[row], b) - at_risk.map(|other| logit(rows[other], b).exp()).sum::<f64>().ln()
            }).sum()
        };
        prop_assert!((value(&beta) - fit.log_likelihood).abs() < 1e-8);
        prop_assert!(slope_at(&beta, &errors, value) < 1e-5);
    }

    #[test]
    fn the_unit_of_exposure_changes_the_unit_of_the_slope_and_nothing_else(data in subjects(), power in -3_i32..=6) {
        let unit = 10_f64.powi(power);
        let forms = [ExposureForm::Linear, ExposureForm::LogLinear, ExposureForm::Quadratic];
        let (plain, scaled) = (data.analysed(&forms, &[]), data.scaled(unit).analysed(&forms, &[]));
        prop_assert_eq!(plain.models.len(), scaled.models.len());
        for (a, b) in plain.models.iter().zip(&scaled.models) {
            let (at, there) = (a.predict(20.0, 0.95).unwrap().unwrap(), b.predict(20.0 * unit, 0.95).unwrap().unwrap());
            prop_assert!((at.probability - there.probability).abs() < 1e-8);
            let (BinaryModel::Logistic(a), BinaryModel::Logistic(b)) = (a, b) else { panic!("logistic forms") };
            let factor = if a.form == ExposureForm::LogLinear { 1.0 } else { unit };
            let (slope, other) = (a.slope().unwrap().estimate.unwrap(), b.slope().unwrap().estimate.unwrap() * factor);
            prop_assert!((slope - other).abs() < 1e-7 * (1.0 + slope.abs()), "{:?} {slope} {other}", a.form);
        }
    }

    #[test]
    fn the_order_of_subjects_changes_nothing(data in subjects(), by in 0_usize..20) {
        let (first, second) = (data.analysed(&ExposureForm::ALL, &[]), data.permuted(by).analysed(&ExposureForm::ALL, &[]));
        prop_assert_eq!(first.models.len(), second.models.len());
        prop_assert_eq!(&first.groups, &second.groups);
        for (a, b) in first.models.iter().zip(&second.models) {
            if let (BinaryModel::Logistic(a), BinaryModel::Logistic(b)) = (a, b) {
                for (a, b) in a.rows.iter().zip(&b.rows) {
                    let (a, b) = (a.estimate.unwrap(), b.estimate.unwrap());
                    prop_assert!((a - b).abs() <= 1e-9 * (1.0 + a.abs()), "{a} {b}");
                }
            }
            let form = a.form();
            // The likelihood of a curve whose plateau lies far out is flat: where the search ends depends on rounding.
            let close = if matches!(form, ExposureForm::Emax | ExposureForm::SigmoidEmax) { 1e-3 } else { 1e-9 };
            let (a, b) = (a.log_likelihood(), b.log_likelihood());
            prop_assert!(a.zip(b).is_none_or(|(a, b)| (a - b).abs() < close), "{form:?} {a:?} {b:?}");
        }
        let scores = |of: &Subjects| roc_area(&of.exposures, &of.outcomes).map(|found| found.area);
        let (a, b) = (scores(&data), scores(&data.permuted(by)));
        prop_assert!(a.is_none() && b.is_none() || (a.unwrap() - b.unwrap()).abs() < 1e-12);
    }

    #[test]
    fn a_constant_covariate_is_aliased_and_changes_nothing(data in subjects(), constant in -5.0_f64..5.0) {
        let n = data.exposures.len();
        let covariates = [Covariate::numeric("other", &data.other)];
        let both = [Covariate::numeric("other", &data.other), Covariate::numeric("constant", &vec![constant; n])];
        let (plain, with) = (data.analysed(&[ExposureForm::Linear], &covariates), data.analysed(&[ExposureForm::Linear], &both));
        let is_aliased = with.cautions.contains(&Caution::Aliased { column: "constant".to_owned() });
        prop_assert!(is_aliased);
        let slope = |found: &BinaryAnalysis| found.adjusted.as_ref().unwrap().slope().unwrap().estimate.unwrap();
        prop_assert!((slope(&plain) - slope(&with)).abs() < 1e-9 * (1.0 + slope(&plain).abs()));
    }

    #[test]
    fn data_that_tell_nothing_give_cautions_and_no_maximum(data in subjects(), event in prop::bool::ANY, n in 1_usize..4) {
        let all = data.outcomes.len();
        let one_kind = analysed(&data.exposures, &vec![event; all], &[], (&ExposureForm::ALL, &[]));
        prop_assert!(one_kind.models.iter().all(|model| model.aic().is_none()) && one_kind.weights().iter().all(Option::is_none));
        let is_separated = one_kind.cautions.iter().any(|caution| matches!(caution, Caution::Separated(_)));
        prop_assert!(is_separated);
        let equal = analysed(&vec![data.exposures[0]; all], &data.outcomes, &[], (&ExposureForm::ALL, &[]));
        let is_equal = equal.cautions.iter().any(|caution| matches!(caution, Caution::EqualExposures { .. }));
        prop_assert!(equal.models.is_empty() && equal.adjusted.is_none() && is_equal);
        let few = analysed(&data.exposures[..n], &data.outcomes[..n], &[], (&ExposureForm::ALL, &[]));
        prop_assert!(few.models.is_empty() && !few.cautions.is_empty());
        let dose = analysed(&data.exposures, &data.outcomes, &vec![120.0; all], (&[ExposureForm::Linear], &[]));
        let is_one_dose = dose.cautions.contains(&Caution::OneDose { dose: 120.0 });
        prop_assert!(dose.with_dose.is_none() && is_one_dose);
    }

    #[test]
    fn a_bootstrap_counts_every_refit(data in subjects(), seed in 0_u64..1000) {
        let forms = [ExposureForm::Linear, ExposureForm::LogLinear, ExposureForm::Emax];
        let found = data.analysed(&forms, &[]);
        let settings = BootstrapSettings { refits: 20, seed };
        let both = (data.exposures.as_slice(), data.outcomes.as_slice());
        let Some(drawn) = bootstrap_candidates(both, &found.models, found.choice, &[10.0, 30.0], settings) else {
            prop_assert!(found.models.iter().all(|model| model.aic().is_none()));
            return Ok(());
        };
        prop_assert_eq!(drawn.chosen.iter().sum::<u32>() + drawn.without_estimate, 20);
        if let Some(at) = drawn.at(0, 0.9) {
            prop_assert!(0.0 <= at.limits.0 && at.limits.0 <= at.median && at.median <= at.limits.1 && at.limits.1 <= 1.0);
        }
    }
}
