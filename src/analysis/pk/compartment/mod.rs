//! Concentrations in one- and two-compartment models with linear elimination: bolus, infusion and first-order absorption; one dose, any list of
//! doses, and steady state in closed form `[GibaldiPerrier1982]`.
//!
//! Every curve is a sum of exponentials. Differences of exponentials are written so that nothing cancels: equal rates are no special case.

mod area;

use thiserror::Error;

/// How a drug spreads and leaves. Amounts, volumes (L) and clearances (L/h) decide the unit: mg give mg/L.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Disposition {
    /// One well-stirred volume.
    OneCompartment {
        /// Clearance, L/h.
        clearance: f64,
        /// Volume, L.
        volume: f64,
    },
    /// A central volume, from which the drug leaves, and a peripheral one.
    TwoCompartments {
        /// Clearance from the central volume, L/h.
        clearance: f64,
        /// Central volume, L.
        central: f64,
        /// Clearance between the two, L/h.
        distribution: f64,
        /// Peripheral volume, L.
        peripheral: f64,
    },
}

/// How a dose enters the central volume.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Input {
    /// At once.
    Bolus,
    /// At a constant rate.
    Infusion {
        /// Duration, h.
        hours: f64,
    },
    /// By first-order absorption.
    Absorption {
        /// Rate constant, 1/h.
        rate: f64,
        /// Share of the dose that arrives; 1 where clearance and volume are over bioavailability.
        bioavailability: f64,
        /// Time before absorption begins, h.
        lag: f64,
    },
}

/// Why there is no model.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum CompartmentError {
    /// A parameter that must be above zero is not.
    #[error("the {what} must be a number above 0, not {value}")]
    NotPositive {
        /// Parameter.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// The bioavailability lies outside its range.
    #[error("the bioavailability must be above 0 and at most 1, not {0}")]
    Bioavailability(f64),
    /// The lag is negative.
    #[error("the lag of absorption must be a number from 0 on, not {0}")]
    Lag(f64),
}

/// One dose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Administration {
    /// When it is given, h.
    pub time: f64,
    /// Amount, mg.
    pub amount: f64,
}

/// One term of the response to a bolus of 1: `coefficient * exp(-rate t)`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Exponential {
    coefficient: f64,
    rate: f64,
}

/// A compartment model with its way of dosing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CompartmentModel {
    disposition: Disposition,
    input: Input,
    /// Two terms; the second is empty for one compartment.
    terms: [Exponential; 2],
}

impl CompartmentModel {
    /// A model.
    ///
    /// ```text
    /// one compartment    C(t) / dose = exp(-k t) / V,  k = CL/V
    /// two compartments   C(t) / dose = A exp(-alpha t) + B exp(-beta t)
    ///                    k10 = CL/V1, k12 = Q/V1, k21 = Q/V2
    ///                    alpha + beta = k10 + k12 + k21,  alpha beta = k10 k21
    ///                    A = (alpha - k21) / (V1 (alpha - beta)),  B = (k21 - beta) / (V1 (alpha - beta))
    /// ```
    ///
    /// # Errors
    /// [`CompartmentError`] unless clearances, volumes, rate and duration are above zero, the lag is not negative and the bioavailability lies
    /// above 0 and is at most 1.
    pub fn new(disposition: Disposition, input: Input) -> Result<Self, CompartmentError> {
        let terms = match disposition {
            Disposition::OneCompartment { clearance, volume } => {
                positive("clearance", clearance)?;
                positive("volume", volume)?;
                [Exponential { coefficient: 1.0 / volume, rate: clearance / volume }, Exponential { coefficient: 0.0, rate: 1.0 }]
            }
            Disposition::TwoCompartments { clearance, central, distribution, peripheral } => {
                positive("clearance", clearance)?;
                positive("central volume", central)?;
                positive("clearance between the compartments", distribution)?;
                positive("peripheral volume", peripheral)?;
                two_terms(clearance / central, (distribution / central, distribution / peripheral), central)
            }
        };
        match input {
            Input::Bolus => {}
            Input::Infusion { hours } => positive("duration of the infusion", hours)?,
            Input::Absorption { rate, bioavailability, lag } => {
                positive("rate constant of absorption", rate)?;
                if !(bioavailability > 0.0 && bioavailability <= 1.0) {
                    return Err(CompartmentError::Bioavailability(bioavailability));
                }
                if !(lag >= 0.0 && lag.is_finite()) {
                    return Err(CompartmentError::Lag(lag));
                }
            }
        }
        Ok(Self { disposition, input, terms })
    }

    /// Concentration at a time after one dose, mg/L for mg; zero before the dose.
    ///
    /// ```text
    /// bolus        sum_i A_i exp(-l_i t)
    /// infusion     sum_i A_i (1 - exp(-l_i t)) / (l_i T)  up to T,  sum_i A_i (1 - exp(-l_i T)) / (l_i T) exp(-l_i (t - T))  from T on
    /// absorption   F ka sum_i A_i (exp(-l_i s) - exp(-ka s)) / (ka - l_i),  s = t - lag
    /// ```
    #[must_use]
    pub fn after_one(&self, amount: f64, hours: f64) -> f64 {
        if !hours.is_finite() || hours < 0.0 {
            return 0.0;
        }
        amount
            * match self.input {
                Input::Bolus => self.sum(|rate| (-rate * hours).exp()),
                Input::Infusion { hours: duration } => self.sum(|rate| {
                    let during = hours.min(duration);
                    during / duration * share_of_rise(rate * during) * (-rate * (hours - during)).exp()
                }),
                Input::Absorption { rate: absorption, bioavailability, lag } if hours > lag => {
                    bioavailability * absorption * self.sum(|rate| difference(rate, absorption, hours - lag))
                }
                Input::Absorption { .. } => 0.0,
            }
    }

    /// Concentration at a time after a list of doses, by superposition: step-up schedules, loading doses, missed doses.
    #[must_use]
    pub fn after(&self, doses: &[Administration], hours: f64) -> f64 {
        doses.iter().map(|dose| self.after_one(dose.amount, hours - dose.time)).sum()
    }

    /// Concentration at steady state, `hours` after a dose that is repeated every `interval` hours.
    ///
    /// Every exponential is summed over all earlier doses: `exp(-l t)` becomes `exp(-l t) / (1 - exp(-l tau))`. `0 <= hours <= interval`; at
    /// `interval` the concentration just before the next dose. Later times are taken back into the interval. `interval > 0`.
    #[must_use]
    pub fn at_steady_state(&self, amount: f64, interval: f64, hours: f64) -> f64 {
        let hours = if (0.0..=interval).contains(&hours) { hours } else { hours.rem_euclid(interval) };
        amount
            * match self.input {
                Input::Bolus => self.sum(|rate| (-rate * hours).exp() / -(-rate * interval).exp_m1()),
                Input::Infusion { hours: duration } => self.sum(|rate| infused(rate, duration, interval, hours)),
                Input::Absorption { rate: absorption, bioavailability, lag } => {
                    let since = if lag > 0.0 { (hours - lag).rem_euclid(interval) } else { hours };
                    bioavailability * absorption * self.sum(|rate| accumulated_difference(rate, absorption, interval, since))
                }
            }
    }

    /// Hours after a dose at which the concentration is highest at steady state.
    ///
    /// A bolus is highest at once, an infusion at its end; with absorption the one maximum of the curve is enclosed by golden sections until they
    /// are closer than a ten-millionth of the dosing interval, where the curve is flat to full precision.
    #[must_use]
    pub fn peak_time(&self, interval: f64) -> f64 {
        match self.input {
            Input::Bolus => 0.0,
            Input::Infusion { hours } if hours <= interval => hours,
            Input::Infusion { hours } => hours.rem_euclid(interval),
            Input::Absorption { rate, bioavailability, lag } => {
                let at_once = Self { input: Input::Absorption { rate, bioavailability, lag: 0.0 }, ..*self };
                let peak = highest((0.0, interval), |hours| at_once.at_steady_state(1.0, interval, hours));
                if lag > 0.0 { (peak + lag).rem_euclid(interval) } else { peak }
            }
        }
    }

    /// The highest concentration at steady state and the one just before the next dose.
    #[must_use]
    pub fn peak_and_trough(&self, amount: f64, interval: f64) -> (f64, f64) {
        let at = |hours: f64| self.at_steady_state(amount, interval, hours);
        (at(self.peak_time(interval)), at(interval))
    }

    /// Times over one dosing interval at which a curve is drawn: `steps` steps that grow from the dose on, and the times at which it bends.
    #[must_use]
    pub fn times(&self, interval: f64, steps: u32) -> Vec<f64> {
        let bends = match self.input {
            Input::Bolus => vec![],
            Input::Infusion { .. } => vec![self.peak_time(interval)],
            Input::Absorption { lag, .. } => vec![lag.rem_euclid(interval), self.peak_time(interval)],
        };
        let graded = (0..=steps).map(|step| interval * (f64::from(step) / f64::from(steps.max(1))).powf(1.5));
        let mut times: Vec<f64> = graded.chain(bends.into_iter().filter(|time| *time > 0.0 && *time < interval)).collect();
        times.sort_by(f64::total_cmp);
        times.dedup();
        times
    }

    /// Area under the curve of one dose, and of one interval at steady state: `F dose / CL`.
    #[must_use]
    pub fn area(&self, amount: f64) -> f64 {
        let arriving = match self.input {
            Input::Absorption { bioavailability, .. } => bioavailability,
            Input::Bolus | Input::Infusion { .. } => 1.0,
        };
        let clearance = match self.disposition {
            Disposition::OneCompartment { clearance, .. } | Disposition::TwoCompartments { clearance, .. } => clearance,
        };
        arriving * amount / clearance
    }

    fn sum(&self, of_rate: impl Fn(f64) -> f64) -> f64 {
        self.terms.iter().filter(|term| term.coefficient > 0.0).map(|term| term.coefficient * of_rate(term.rate)).sum()
    }
}

fn positive(what: &'static str, value: f64) -> Result<(), CompartmentError> {
    if value > 0.0 && value.is_finite() { Ok(()) } else { Err(CompartmentError::NotPositive { what, value }) }
}

/// The two exponentials of a two-compartment model.
fn two_terms(k10: f64, (k12, k21): (f64, f64), central: f64) -> [Exponential; 2] {
    let excess = k10 + k12 - k21;
    let root = (excess * excess + 4.0 * k12 * k21).sqrt();
    // alpha - k21 and k21 - beta are half of root ± excess; their product is k12 k21, which gives the smaller one without cancellation.
    let larger = 0.5 * (root + excess.abs());
    let smaller = k12 * k21 / larger;
    let (fast, slow) = if excess >= 0.0 { (larger, smaller) } else { (smaller, larger) };
    let alpha = 0.5 * (k10 + k12 + k21 + root);
    let beta = k10 * k21 / alpha;
    [Exponential { coefficient: fast / (central * root), rate: alpha }, Exponential { coefficient: slow / (central * root), rate: beta }]
}

/// `(1 - exp(-x)) / x`, 1 at 0.
fn share_of_rise(x: f64) -> f64 {
    if x.abs() < f64::MIN_POSITIVE { 1.0 } else { -(-x).exp_m1() / x }
}

/// `(exp(-a t) - exp(-b t)) / (b - a)`, `t exp(-a t)` for equal rates.
fn difference(a: f64, b: f64, t: f64) -> f64 {
    let (slow, fast) = (a.min(b), a.max(b));
    (-slow * t).exp() * t * share_of_rise((fast - slow) * t)
}

/// The same with each exponential summed over all earlier doses.
///
/// ```text
/// [exp(-a t) (1 - exp(-b tau)) - exp(-b t) (1 - exp(-a tau))] / ((b - a) (1 - exp(-a tau)) (1 - exp(-b tau)))
/// ```
/// with the numerator over `b - a` written as two terms above zero.
fn accumulated_difference(a: f64, b: f64, tau: f64, t: f64) -> f64 {
    let (slow, fast) = (a.min(b), a.max(b));
    let apart = fast - slow;
    let left = (tau - t).max(0.0);
    let numerator =
        (-slow * t).exp() * t * share_of_rise(apart * t) + (-slow * (t + tau) - apart * t).exp() * left * share_of_rise(apart * left);
    numerator / ((-slow * tau).exp_m1() * (-fast * tau).exp_m1())
}

/// One exponential of an infusion at steady state: the infusions that are running, and what is left of those that have ended.
fn infused(rate: f64, duration: f64, tau: f64, t: f64) -> f64 {
    let running = if t <= duration { ((duration - t) / tau).floor() + 1.0 } else { 0.0 };
    // Sum over the running ones of 1 - exp(-rate (t + j tau)).
    let rise = running - (-rate * t).exp() * (-rate * running * tau).exp_m1() / (-rate * tau).exp_m1();
    let ended = share_of_rise(rate * duration) * (-rate * (t + running * tau - duration)).exp() / -(-rate * tau).exp_m1();
    rise / (rate * duration) + ended
}

/// Where a function with one maximum between two ends is highest.
fn highest((mut low, mut high): (f64, f64), of: impl Fn(f64) -> f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let span = high - low;
    let inner = |low: f64, high: f64| (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut first, mut second) = inner(low, high);
    let (mut at_first, mut at_second) = (of(first), of(second));
    while high - low > 1e-7 * span {
        if at_first >= at_second {
            (high, second, at_second) = (second, first, at_first);
            first = inner(low, high).0;
            at_first = of(first);
        } else {
            (low, first, at_first) = (first, second, at_second);
            second = inner(low, high).1;
            at_second = of(second);
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests;
