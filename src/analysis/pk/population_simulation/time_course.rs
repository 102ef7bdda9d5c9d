//! Concentrations while clearance changes over time: the differential equations step by step.

use super::super::compartment::{Administration, Disposition, Input};
use crate::config::TimeVaryingClearance;

/// Largest step as a share of the shortest time constant.
const STEP: f64 = 0.2;

/// Most steps of one stretch between two events; a stretch that would need more is solved with this many.
const MOST_STEPS: f64 = 100_000.0;

/// A compartment model whose clearance changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Changing {
    /// With clearance as it is at the beginning.
    pub disposition: Disposition,
    /// How the drug enters.
    pub input: Input,
    /// How clearance changes.
    pub clearance: TimeVaryingClearance,
}

/// Amounts in depot, centre and periphery, and the area under the concentration.
type State = [f64; 4];

/// Rates of a model, 1/h, and its central volume.
struct Rates {
    elimination: f64,
    out: f64,
    back: f64,
    absorption: f64,
    volume: f64,
}

impl Changing {
    /// Clearance at a time on treatment over that at the beginning.
    #[must_use]
    pub fn relative_clearance(&self, hours: f64) -> f64 {
        match self.clearance {
            TimeVaryingClearance::Emax(change) => {
                let half = 24.0 * change.half_time.days();
                1.0 + change.change * hours / (half + hours)
            }
            TimeVaryingClearance::Exponential(change) => {
                let half = 24.0 * change.half_time.days();
                1.0 - change.change * (-std::f64::consts::LN_2 * hours / half).exp_m1()
            }
        }
    }

    fn rates(&self) -> Rates {
        let absorption = if let Input::Absorption { rate, .. } = self.input { rate } else { 0.0 };
        match self.disposition {
            Disposition::OneCompartment { clearance, volume } => {
                Rates { elimination: clearance / volume, out: 0.0, back: 0.0, absorption, volume }
            }
            Disposition::TwoCompartments { clearance, central, distribution, peripheral } => Rates {
                elimination: clearance / central,
                out: distribution / central,
                back: distribution / peripheral,
                absorption,
                volume: central,
            },
        }
    }

    fn derivative(&self, rates: &Rates, hours: f64, infused: f64, state: &State) -> State {
        let [depot, centre, periphery, _] = *state;
        let absorbed = rates.absorption * depot;
        let eliminated = rates.elimination * self.relative_clearance(hours) * centre;
        let exchanged = rates.out * centre - rates.back * periphery;
        [-absorbed, absorbed + infused - eliminated - exchanged, exchanged, centre / rates.volume]
    }

    /// The state a while later, by steps of the fourth order.
    fn advance(&self, rates: &Rates, (from, to): (f64, f64), infused: f64, state: State) -> State {
        let fastest = rates.absorption
            + (rates.elimination * self.relative_clearance(from).max(self.relative_clearance(to)))
            + rates.out
            + rates.back;
        let steps = ((to - from) * fastest / STEP).ceil().clamp(1.0, MOST_STEPS);
        let width = (to - from) / steps;
        let moved = |state: &State, by: f64, slope: &State| {
            let mut moved = *state;
            moved.iter_mut().zip(slope).for_each(|(value, slope)| *value += by * slope);
            moved
        };
        let (mut state, mut step) = (state, 0.0);
        while step < steps {
            let at = from + step * width;
            let first = self.derivative(rates, at, infused, &state);
            let second = self.derivative(rates, at + 0.5 * width, infused, &moved(&state, 0.5 * width, &first));
            let third = self.derivative(rates, at + 0.5 * width, infused, &moved(&state, 0.5 * width, &second));
            let fourth = self.derivative(rates, at + width, infused, &moved(&state, width, &third));
            for (place, value) in state.iter_mut().enumerate() {
                *value += width / 6.0 * (first[place] + 2.0 * second[place] + 2.0 * third[place] + fourth[place]);
            }
            step += 1.0;
        }
        state
    }
}

/// Concentration and area since the first dose at ascending times.
///
/// ```text
/// dA_depot/dt = -ka A_depot,   dA_1/dt = ka A_depot + rate - (CL(t) + Q) A_1/V1 + Q A_2/V2,   dA_2/dt = Q A_1/V1 - Q A_2/V2
/// ```
///
/// Doses, ends of infusions and lags are events; between them steps of the fourth order of at most a fifth of the shortest time constant.
#[must_use]
pub fn follow(model: &Changing, doses: &[Administration], times: &[f64]) -> Vec<(f64, f64)> {
    let rates = model.rates();
    let mut events: Vec<(f64, f64, f64)> = Vec::new();
    for dose in doses {
        match model.input {
            Input::Bolus => events.push((dose.time, dose.amount, 0.0)),
            Input::Absorption { bioavailability, lag, .. } => events.push((dose.time + lag, bioavailability * dose.amount, 0.0)),
            Input::Infusion { hours } => {
                events.push((dose.time, 0.0, dose.amount / hours));
                events.push((dose.time + hours, 0.0, -dose.amount / hours));
            }
        }
    }
    events.sort_by(|a, b| a.0.total_cmp(&b.0));
    let depot = matches!(model.input, Input::Absorption { .. });
    let (mut now, mut infused, mut state) = (0.0, 0.0, [0.0; 4]);
    let mut events = events.into_iter().peekable();
    let mut found = Vec::with_capacity(times.len());
    for time in times {
        // What is given at a time is there just after it, as in the closed forms.
        while let Some((at, amount, rate)) = events.next_if(|event| event.0 <= *time) {
            if at > now {
                state = model.advance(&rates, (now, at), infused, state);
                now = at;
            }
            state[usize::from(!depot)] += amount;
            infused += rate;
        }
        if *time > now {
            state = model.advance(&rates, (now, *time), infused, state);
            now = *time;
        }
        found.push((state[1] / rates.volume, state[3]));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::super::compartment::CompartmentModel;
    use super::*;
    use crate::config::{ClearanceChange, Duration};

    fn change(change: f64) -> ClearanceChange {
        ClearanceChange { change, half_time: Duration::from_days(30.0) }
    }

    #[test]
    fn without_a_change_it_is_the_closed_form() {
        let two = Disposition::TwoCompartments { clearance: 0.3, central: 3.5, distribution: 0.5, peripheral: 2.8 };
        let doses = [Administration { time: 0.0, amount: 200.0 }, Administration { time: 48.0, amount: 100.0 }];
        let times = [0.5, 2.0, 48.0, 60.0, 200.0];
        let inputs = [Input::Bolus, Input::Infusion { hours: 1.0 }, Input::Absorption { rate: 0.4, bioavailability: 0.8, lag: 0.5 }];
        for input in inputs {
            let closed = CompartmentModel::new(two, input).unwrap();
            let followed =
                follow(&Changing { disposition: two, input, clearance: TimeVaryingClearance::Emax(change(0.0)) }, &doses, &times);
            for (time, (concentration, area)) in times.iter().zip(followed) {
                let exact: f64 = doses.iter().map(|dose| closed.area_until(dose.amount, time - dose.time)).sum();
                assert!((concentration - closed.after(&doses, *time)).abs() < 1e-4 * concentration.max(1.0), "{input:?} {time}");
                assert!((area - exact).abs() < 1e-5 * exact.max(1.0), "{input:?} {time}: {area} {exact}");
            }
        }
    }

    #[test]
    fn half_of_the_change_has_come_about_at_the_half_time() {
        let one = Disposition::OneCompartment { clearance: 0.01, volume: 4.0 };
        for clearance in [TimeVaryingClearance::Emax(change(-0.3)), TimeVaryingClearance::Exponential(change(-0.3))] {
            let model = Changing { disposition: one, input: Input::Bolus, clearance };
            assert!((model.relative_clearance(0.0) - 1.0).abs() < 1e-15);
            assert!((model.relative_clearance(720.0) - 0.85).abs() < 1e-12);
            assert!((model.relative_clearance(1e9) - 0.7).abs() < 1e-3);
            let falling = follow(&model, &[Administration { time: 0.0, amount: 100.0 }], &[2000.0]);
            let constant = 25.0 * (-2000.0 * 0.01 / 4.0_f64).exp();
            assert!(falling[0].0 > constant, "less is eliminated while clearance falls");
        }
    }
}
