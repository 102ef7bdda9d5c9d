//! Compartment models against their own identities, superposition and the differential equations.

use super::*;
use crate::numerics::quadrature::GaussLegendre;

const ONE: Disposition = Disposition::OneCompartment { clearance: 11.0, volume: 222.0 };
const TWO: Disposition = Disposition::TwoCompartments { clearance: 11.0, central: 60.0, distribution: 30.0, peripheral: 160.0 };

fn inputs() -> [Input; 5] {
    let absorption = |rate, lag| Input::Absorption { rate, bioavailability: 0.6, lag };
    [Input::Bolus, Input::Infusion { hours: 2.0 }, Input::Infusion { hours: 31.0 }, absorption(0.8, 0.0), absorption(0.01, 1.5)]
}

fn models() -> Vec<CompartmentModel> {
    [ONE, TWO].into_iter().flat_map(|disposition| inputs().map(|input| CompartmentModel::new(disposition, input).unwrap())).collect()
}

fn close(got: f64, want: f64, tolerance: f64) -> bool {
    (got - want).abs() <= tolerance * want.abs().max(1e-12)
}

#[test]
fn the_area_of_an_interval_is_the_dose_over_the_clearance() {
    for model in models() {
        let rule = GaussLegendre::new(20);
        let pieces: Vec<f64> = model.times(24.0, 12);
        let area: f64 = pieces.windows(2).map(|ends| rule.integrate(|t| model.at_steady_state(60.0, 24.0, t), ends[0], ends[1])).sum();
        assert!(close(area, model.area(60.0), 1e-6), "{model:?}: {area}");
    }
}

#[test]
fn steady_state_is_the_sum_of_all_earlier_doses() {
    for model in models() {
        let doses: Vec<Administration> = (0..400).map(|dose| Administration { time: 24.0 * f64::from(dose), amount: 60.0 }).collect();
        for hours in [0.0, 0.7, 2.0, 5.0, 13.3, 23.9] {
            let summed = model.after(&doses, 399.0 * 24.0 + hours);
            assert!(close(model.at_steady_state(60.0, 24.0, hours), summed, 1e-9), "{model:?} {hours}");
        }
    }
}

#[test]
fn the_curve_before_a_dose_joins_the_curve_after_it() {
    for model in models() {
        let (before, after) = (model.at_steady_state(60.0, 24.0, 24.0), model.at_steady_state(60.0, 24.0, 0.0));
        let jump = if model.input == Input::Bolus { 60.0 * model.terms.iter().map(|term| term.coefficient).sum::<f64>() } else { 0.0 };
        assert!(close(after, before + jump, 1e-12), "{model:?}");
    }
}

#[test]
fn equal_rates_have_their_limit() {
    let k = 11.0 / 222.0;
    let of = |rate| CompartmentModel::new(ONE, Input::Absorption { rate, bioavailability: 1.0, lag: 0.0 }).unwrap();
    for hours in [0.5, 4.0, 24.0] {
        // dose k t exp(-k t) / V
        assert!(close(of(k).after_one(60.0, hours), 60.0 / 222.0 * k * hours * (-k * hours).exp(), 1e-14));
        for factor in [1.0 + 1e-9, 1.0 - 1e-9] {
            assert!(close(of(k * factor).at_steady_state(60.0, 24.0, hours), of(k).at_steady_state(60.0, 24.0, hours), 1e-8));
        }
    }
    let (peak, trough) = of(k).peak_and_trough(60.0, 24.0);
    assert!(peak > trough && trough > 0.0);
}

#[test]
fn two_compartments_tend_to_one_without_distribution() {
    for input in inputs() {
        let one = CompartmentModel::new(ONE, input).unwrap();
        let barely = Disposition::TwoCompartments { clearance: 11.0, central: 222.0, distribution: 1e-9, peripheral: 160.0 };
        let two = CompartmentModel::new(barely, input).unwrap();
        for hours in [0.0, 1.0, 9.0, 24.0] {
            assert!((two.after_one(60.0, hours) - one.after_one(60.0, hours)).abs() < 1e-9, "{input:?} {hours}");
        }
    }
}

/// Amounts in depot, central and peripheral volume by the classical Runge-Kutta method in steps of a thousandth of an hour.
fn integrated(model: &CompartmentModel, dose: f64, until: f64) -> f64 {
    let (k10, k12, k21, central) = match model.disposition {
        Disposition::OneCompartment { clearance, volume } => (clearance / volume, 0.0, 0.0, volume),
        Disposition::TwoCompartments { clearance, central, distribution, peripheral } => {
            (clearance / central, distribution / central, distribution / peripheral, central)
        }
    };
    let (rate, arriving) = match model.input {
        Input::Absorption { rate, bioavailability, .. } => (rate, bioavailability),
        _ => (0.0, 1.0),
    };
    let infusion = |t: f64| match model.input {
        Input::Infusion { hours } if t < hours - 1e-9 => dose / hours,
        _ => 0.0,
    };
    let slope = |t: f64, [depot, middle, outer]: [f64; 3]| {
        [-rate * depot, arriving * rate * depot + infusion(t) - (k10 + k12) * middle + k21 * outer, k12 * middle - k21 * outer]
    };
    let add = |a: [f64; 3], b: [f64; 3], h: f64| [a[0] + h * b[0], a[1] + h * b[1], a[2] + h * b[2]];
    let mut state = match model.input {
        Input::Bolus => [0.0, dose, 0.0],
        Input::Infusion { .. } => [0.0; 3],
        Input::Absorption { .. } => [dose, 0.0, 0.0],
    };
    let h = 1e-3;
    for step in 0..(until / h).round() as usize {
        let t = step as f64 * h;
        let a = slope(t, state);
        let b = slope(t + h / 2.0, add(state, a, h / 2.0));
        let c = slope(t + h / 2.0, add(state, b, h / 2.0));
        let d = slope(t + h - 1e-8, add(state, c, h));
        state = add(add(add(add(state, a, h / 6.0), b, h / 3.0), c, h / 3.0), d, h / 6.0);
    }
    state[1] / central
}

#[test]
fn curves_solve_the_differential_equations() {
    for model in models() {
        let lag = if let Input::Absorption { lag, .. } = model.input { lag } else { 0.0 };
        for hours in [1.0, 6.0] {
            let (got, want) = (model.after_one(60.0, hours + lag), integrated(&model, 60.0, hours));
            assert!(close(got, want, 1e-7), "{model:?} {hours}: {got} {want}");
        }
    }
}

#[test]
fn the_peak_is_the_highest_point_of_the_curve() {
    for model in models() {
        let (peak, trough) = model.peak_and_trough(60.0, 24.0);
        let highest = (0..=2400).map(|step| model.at_steady_state(60.0, 24.0, f64::from(step) / 100.0)).fold(0.0, f64::max);
        assert!(peak >= highest * (1.0 - 1e-9) && close(peak, highest, 1e-3) && trough <= peak, "{model:?}: {peak} {highest}");
    }
    // ln(ka (1 - exp(-k tau)) / (k (1 - exp(-ka tau)))) / (ka - k) for one compartment.
    let (k, ka, tau) = (11.0 / 222.0, 0.8, 24.0_f64);
    let want = (ka * (1.0 - (-k * tau).exp()) / (k * (1.0 - (-ka * tau).exp()))).ln() / (ka - k);
    let model = CompartmentModel::new(ONE, Input::Absorption { rate: ka, bioavailability: 1.0, lag: 0.5 }).unwrap();
    assert!((model.peak_time(tau) - want - 0.5).abs() < 1e-5);
}

#[test]
fn step_up_doses_add_to_what_is_there() {
    let model = CompartmentModel::new(ONE, Input::Infusion { hours: 1.0 }).unwrap();
    let doses = [Administration { time: 0.0, amount: 5.0 }, Administration { time: 168.0, amount: 20.0 }];
    assert!(close(model.after(&doses, 100.0), model.after_one(5.0, 100.0), 1e-14));
    assert!(close(model.after(&doses, 170.0), model.after_one(5.0, 170.0) + model.after_one(20.0, 2.0), 1e-14));
    assert!(model.after(&doses, -1.0).abs() < f64::MIN_POSITIVE);
}

#[test]
fn impossible_parameters_are_refused() {
    let one = |clearance, volume| CompartmentModel::new(Disposition::OneCompartment { clearance, volume }, Input::Bolus);
    assert_eq!(one(0.0, 1.0), Err(CompartmentError::NotPositive { what: "clearance", value: 0.0 }));
    assert!(one(1.0, f64::NAN).is_err() && one(f64::INFINITY, 1.0).is_err());
    let absorbed = |bioavailability, lag| CompartmentModel::new(ONE, Input::Absorption { rate: 1.0, bioavailability, lag });
    assert_eq!(absorbed(1.1, 0.0), Err(CompartmentError::Bioavailability(1.1)));
    assert_eq!(absorbed(1.0, -0.1), Err(CompartmentError::Lag(-0.1)));
    assert!(CompartmentModel::new(ONE, Input::Infusion { hours: 0.0 }).is_err());
    assert!(
        CompartmentModel::new(
            Disposition::TwoCompartments { clearance: 1.0, central: 1.0, distribution: 0.0, peripheral: 1.0 },
            Input::Bolus
        )
        .is_err()
    );
}
