//! Area under the curve of one dose up to a time.

use super::{CompartmentModel, Input, share_of_rise};

/// Relative distance of two rates below which their quotient of differences is integrated.
const NEAR: f64 = 1e-3;

impl CompartmentModel {
    /// Area under the curve after one dose from the dose to a time, mg·h/L for mg; zero before the dose.
    ///
    /// ```text
    /// E(l, t)      (1 - exp(-l t)) / l,  the area under exp(-l s) from 0 to t
    /// bolus        sum_i A_i E(l_i, t)
    /// infusion     sum_i A_i / (l_i T) (t - E(l_i, t))  up to T,  then  + (1 - exp(-l_i T)) / (l_i T) E(l_i, t - T)
    /// absorption   F ka sum_i A_i (E(l_i, s) - E(ka, s)) / (ka - l_i),  s = t - lag
    /// ```
    ///
    /// Equal rates are no special case; the whole area, for a time without end, is [`area`](Self::area).
    #[must_use]
    pub fn area_until(&self, amount: f64, hours: f64) -> f64 {
        if hours.is_nan() || hours <= 0.0 {
            return 0.0;
        }
        amount
            * match self.input {
                Input::Bolus => self.sum(|rate| elapsed(rate, hours)),
                Input::Infusion { hours: duration } => self.sum(|rate| {
                    let during = hours.min(duration);
                    let rising = during * during / duration * share_of_rest(rate * during);
                    rising + during / duration * share_of_rise(rate * during) * elapsed(rate, hours - during)
                }),
                Input::Absorption { rate: absorption, bioavailability, lag } if hours > lag => {
                    bioavailability * absorption * self.sum(|rate| area_of_difference(rate, absorption, hours - lag))
                }
                Input::Absorption { .. } => 0.0,
            }
    }
}

/// `(1 - exp(-l t)) / l`.
fn elapsed(rate: f64, hours: f64) -> f64 {
    if hours.is_finite() { hours * share_of_rise(rate * hours) } else { 1.0 / rate }
}

/// `(1 - (1 - exp(-x)) / x) / x`, one half at 0.
fn share_of_rest(x: f64) -> f64 {
    if x < 0.02 { 0.5 - x / 6.0 + x * x / 24.0 - x.powi(3) / 120.0 + x.powi(4) / 720.0 } else { (1.0 - share_of_rise(x)) / x }
}

/// `(E(a, t) - E(b, t)) / (b - a)`; for near rates the mean of minus the derivative between them by three Gauss points.
fn area_of_difference(a: f64, b: f64, t: f64) -> f64 {
    if !t.is_finite() {
        return 1.0 / (a * b);
    }
    let (slow, fast) = (a.min(b), a.max(b));
    if fast - slow > NEAR * fast {
        return (elapsed(slow, t) - elapsed(fast, t)) / (fast - slow);
    }
    let (middle, half) = (f64::midpoint(slow, fast), 0.5 * (fast - slow));
    let node = 0.6_f64.sqrt() * half;
    (5.0 * fall(middle - node, t) + 8.0 * fall(middle, t) + 5.0 * fall(middle + node, t)) / 18.0
}

/// Minus the derivative of `E` in the rate: `(1 - exp(-x) (1 + x)) / l^2`, `x = l t`.
fn fall(rate: f64, t: f64) -> f64 {
    let x = rate * t;
    let share = if x < 0.02 {
        0.5 - x / 3.0 + x * x / 8.0 - x.powi(3) / 30.0 + x.powi(4) / 144.0
    } else {
        -((-x).exp_m1() + x * (-x).exp()) / (x * x)
    };
    t * t * share
}

#[cfg(test)]
mod tests {
    use super::super::{CompartmentModel, Disposition, Input};

    const TWO: Disposition = Disposition::TwoCompartments { clearance: 0.5, central: 3.0, distribution: 0.8, peripheral: 4.0 };

    /// Simpson's rule over the curve.
    fn by_rule(model: &CompartmentModel, until: f64) -> f64 {
        let steps = 20_000;
        let width = until / f64::from(steps);
        let weight = |step: u32| if step == 0 || step == steps { 1.0 } else { f64::from(2 + 2 * (step % 2)) };
        (0..=steps).map(|step| weight(step) * model.after_one(100.0, f64::from(step) * width)).sum::<f64>() * width / 3.0
    }

    #[test]
    fn the_area_is_that_under_the_curve_and_ends_at_dose_over_clearance() {
        let one = |rate: f64| Disposition::OneCompartment { clearance: rate * 10.0, volume: 10.0 };
        let absorbed = |rate| Input::Absorption { rate, bioavailability: 0.7, lag: 0.0 };
        for (disposition, input) in [
            (TWO, Input::Bolus),
            (TWO, absorbed(0.9)),
            (one(0.4), absorbed(0.4)),
            (one(0.4), absorbed(0.4001)),
            (one(1e-4), absorbed(1e-4)),
            (one(0.05), Input::Bolus),
        ] {
            let model = CompartmentModel::new(disposition, input).unwrap();
            for until in [0.3, 7.0, 40.0] {
                let (exact, rule) = (model.area_until(100.0, until), by_rule(&model, until));
                assert!((exact / rule - 1.0).abs() < 1e-8, "{disposition:?} {input:?} {until}: {exact} {rule}");
            }
            assert!((model.area_until(100.0, f64::INFINITY) / model.area(100.0) - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn infusions_and_lags_are_followed() {
        let infused = CompartmentModel::new(TWO, Input::Infusion { hours: 2.0 }).unwrap();
        for until in [0.001, 1.0, 2.0] {
            assert!((infused.area_until(100.0, until) / by_rule(&infused, until) - 1.0).abs() < 1e-8, "{until}");
        }
        assert!((infused.area_until(100.0, 1e6) / infused.area(100.0) - 1.0).abs() < 1e-12);
        let late = Input::Absorption { rate: 1.0, bioavailability: 1.0, lag: 3.0 };
        let late = CompartmentModel::new(TWO, late).unwrap();
        assert!(late.area_until(100.0, 3.0).abs() < 1e-15 && late.area_until(100.0, -1.0).abs() < 1e-15);
        let at_once = CompartmentModel::new(TWO, Input::Absorption { rate: 1.0, bioavailability: 1.0, lag: 0.0 }).unwrap();
        assert!((late.area_until(100.0, 10.0) - at_once.area_until(100.0, 7.0)).abs() < 1e-12);
    }
}
