//! Cumulative incidence in the presence of competing events: Aalen-Johansen estimator with two variances.
//!
//! Censoring a competing event and taking one minus Kaplan-Meier overstates the incidence; this is the estimator that does not.
//! Start with [`CumulativeIncidence::fit`].

use super::distribution;
use super::kaplan_meier::{SurvivalError, check_times, same_time};

/// How observation of a subject ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Without any event.
    Censored,
    /// With the event of interest.
    Event,
    /// With an event after which the event of interest cannot be seen.
    Competing,
}

/// Which of the two incidences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The event of interest.
    Event,
    /// The competing events together.
    Competing,
}

/// Estimator of the variance of a cumulative incidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncidenceVariance {
    /// Aalen's, with the finite-sample factor for ties `[Aalen1978]`.
    Aalen,
    /// Infinitesimal jackknife: sum of squared influences of the subjects.
    InfinitesimalJackknife,
}

/// Cumulative incidence of one cause just after a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Incidence {
    /// Probability of the event by that time.
    pub estimate: f64,
    /// Aalen's variance.
    pub aalen_variance: f64,
    /// Infinitesimal jackknife variance.
    pub jackknife_variance: f64,
}

impl Incidence {
    const ZERO: Self = Self { estimate: 0.0, aalen_variance: 0.0, jackknife_variance: 0.0 };
}

/// One distinct time of the curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IncidenceStep {
    /// Time.
    pub time: f64,
    /// At risk just before it.
    pub n_risk: usize,
    /// Events of interest at it.
    pub n_event: usize,
    /// Competing events at it.
    pub n_competing: usize,
    /// Censored at it, after the events.
    pub n_censor: usize,
    /// Probability of no event of any kind so far.
    pub event_free: f64,
    /// Cumulative incidence of the event of interest.
    pub event: Incidence,
    /// Cumulative incidence of the competing events.
    pub competing: Incidence,
}

/// Cumulative incidence at a chosen time with its limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IncidenceAt {
    /// Time asked for.
    pub time: f64,
    /// Probability of the event by that time.
    pub estimate: f64,
    /// Standard error.
    pub standard_error: f64,
    /// Lower limit; `None` where the estimate is 0 or 1.
    pub lower: Option<f64>,
    /// Upper limit; `None` where the estimate is 0 or 1.
    pub upper: Option<f64>,
}

/// A fitted pair of curves.
#[derive(Debug, Clone, PartialEq)]
pub struct CumulativeIncidence {
    steps: Vec<IncidenceStep>,
}

impl CumulativeIncidence {
    /// Aalen-Johansen estimate from times and outcomes.
    ///
    /// ```text
    /// F_k(t) = sum over t_i <= t of S(t_i-) d_ki / Y_i     d_ki events of cause k, Y_i at risk, S Kaplan-Meier of any event
    /// Aalen    var = sum over t_i <= t of S(t_i-)^2/Y_i^2 { [1 + (F_k(t_i) - F_k(t))/S(t_i)]^2 c_k d_k
    ///                                                      + [(F_k(t_i) - F_k(t))/S(t_i)]^2 c_o d_o }
    ///          o other causes, c = (Y - d)/(Y - 1) for d tied events of a kind
    /// infinitesimal jackknife    var = sum over subjects of (dF_k(t)/dw)^2, w the subject's weight
    /// ```
    ///
    /// # Domain
    /// Finite times of at least 0, one outcome per time. `O(n log n)`.
    ///
    /// # Edges
    /// Events precede censorings at the same time. Without competing events the estimate is one minus Kaplan-Meier.
    ///
    /// # Errors
    /// [`SurvivalError`]; no observation is [`SurvivalError::NoObservations`].
    ///
    /// Sources: `[AalenJohansen1978]`, `[Aalen1978]`.
    pub fn fit(times: &[f64], outcomes: &[Outcome]) -> Result<Self, SurvivalError> {
        check_times(times, outcomes.len())?;
        let ties = tabulate(times, outcomes);
        let event = incidence(&ties, Cause::Event);
        let competing = incidence(&ties, Cause::Competing);
        let steps = ties
            .iter()
            .zip(event.into_iter().zip(competing))
            .map(|(tie, (event, competing))| IncidenceStep {
                time: tie.time,
                n_risk: tie.n_risk,
                n_event: tie.n_event,
                n_competing: tie.n_competing,
                n_censor: tie.n_censor,
                event_free: tie.free_after,
                event,
                competing,
            })
            .collect();
        Ok(Self { steps })
    }

    /// Every distinct time in ascending order.
    pub fn steps(&self) -> &[IncidenceStep] {
        &self.steps
    }

    /// Last step at or before a time, `None` before the first.
    pub fn step_at(&self, time: f64) -> Option<&IncidenceStep> {
        let passed = self.steps.partition_point(|step| step.time <= time || same_time(step.time, time));
        passed.checked_sub(1).and_then(|last| self.steps.get(last))
    }

    /// Cumulative incidence of a cause at `time` with log-log limits; beyond the last time the curve is carried on.
    ///
    /// ```text
    /// F^exp(-+ z se / (F ln F))
    /// ```
    ///
    /// # Edges
    /// No limits where the estimate is 0 or 1.
    ///
    /// # Errors
    /// A `level` outside (0, 1).
    ///
    /// Source: `[KalbfleischPrentice2002]`.
    pub fn incidence_at(&self, time: f64, cause: Cause, variance: IncidenceVariance, level: f64) -> Result<IncidenceAt, SurvivalError> {
        let z = distribution::normal_critical(level)?;
        let incidence = self.step_at(time).map_or(Incidence::ZERO, |step| match cause {
            Cause::Event => step.event,
            Cause::Competing => step.competing,
        });
        let standard_error = match variance {
            IncidenceVariance::Aalen => incidence.aalen_variance,
            IncidenceVariance::InfinitesimalJackknife => incidence.jackknife_variance,
        }
        .sqrt();
        let estimate = incidence.estimate;
        let limits = (estimate > 0.0 && estimate < 1.0).then(|| {
            let log = estimate.ln();
            let factor = (z * standard_error / (estimate * log)).exp();
            ((log / factor).exp(), (log * factor).exp())
        });
        Ok(IncidenceAt { time, estimate, standard_error, lower: limits.map(|(lower, _)| lower), upper: limits.map(|(_, upper)| upper) })
    }
}

/// Counts at one distinct time, with the probability of no event before and after it.
struct Tie {
    time: f64,
    n_risk: usize,
    n_event: usize,
    n_competing: usize,
    n_censor: usize,
    free_before: f64,
    free_after: f64,
}

impl Tie {
    /// Numbers of events of the cause and of the other one.
    fn events(&self, cause: Cause) -> (f64, f64) {
        match cause {
            Cause::Event => (self.n_event as f64, self.n_competing as f64),
            Cause::Competing => (self.n_competing as f64, self.n_event as f64),
        }
    }
}

fn tabulate(times: &[f64], outcomes: &[Outcome]) -> Vec<Tie> {
    let mut pairs: Vec<(f64, Outcome)> = times.iter().copied().zip(outcomes.iter().copied()).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut n_risk = pairs.len();
    let mut free = 1.0;
    pairs
        .chunk_by(|a, b| same_time(a.0, b.0))
        .map(|group| {
            let count = |wanted: Outcome| group.iter().filter(|(_, outcome)| *outcome == wanted).count();
            let (n_event, n_competing) = (count(Outcome::Event), count(Outcome::Competing));
            let free_before = free;
            free *= (n_risk - n_event - n_competing) as f64 / n_risk as f64;
            let tie = Tie {
                time: group.first().map_or(f64::NAN, |(time, _)| *time),
                n_risk,
                n_event,
                n_competing,
                n_censor: count(Outcome::Censored),
                free_before,
                free_after: free,
            };
            n_risk -= group.len();
            tie
        })
        .collect()
}

/// Estimate and both variances of one cause at every time.
fn incidence(ties: &[Tie], cause: Cause) -> Vec<Incidence> {
    let mut estimate = 0.0;
    let mut aalen = Aalen::default();
    let mut jackknife = Jackknife::default();
    ties.iter()
        .map(|tie| {
            let (own, _) = tie.events(cause);
            estimate += tie.free_before * own / tie.n_risk as f64;
            aalen.add(tie, cause, estimate);
            jackknife.add(tie, cause, estimate);
            Incidence { estimate, aalen_variance: aalen.variance(estimate), jackknife_variance: jackknife.variance(estimate) }
        })
        .collect()
}

/// Sums that give Aalen's variance at any later time: the square is expanded in powers of the incidence at that time.
#[derive(Default)]
struct Aalen {
    constant: f64,
    linear: f64,
    quadratic: f64,
}

impl Aalen {
    fn add(&mut self, tie: &Tie, cause: Cause, estimate: f64) {
        let (own, other) = tie.events(cause);
        let at_risk = tie.n_risk as f64;
        let inverse = if tie.free_after > 0.0 { 1.0 / tie.free_after } else { 0.0 };
        for (events, direct) in [(own, 1.0), (other, 0.0)] {
            if events <= 0.0 {
                continue;
            }
            let ties = if events > 1.0 { (at_risk - events) / (at_risk - 1.0) } else { 1.0 };
            let weight = tie.free_before * tie.free_before * ties * events / (at_risk * at_risk);
            let offset = direct + inverse * estimate;
            self.constant += offset * offset * weight;
            self.linear += offset * inverse * weight;
            self.quadratic += inverse * inverse * weight;
        }
    }

    fn variance(&self, estimate: f64) -> f64 {
        (self.constant - 2.0 * estimate * self.linear + estimate * estimate * self.quadratic).max(0.0)
    }
}

/// Sums that give the infinitesimal jackknife variance at any later time.
///
/// A subject who left at `T` has influence `a + c F(t)` on the estimate at `t >= T`; those still at risk share one influence.
#[derive(Default)]
struct Jackknife {
    /// Sum of hazard / (at risk - events): minus the logarithmic derivative of the event-free probability for a subject at risk.
    exposure: f64,
    /// Influence through the event-free probability of a subject at risk throughout.
    through_survival: f64,
    /// Influence through the number at risk of a subject at risk throughout.
    through_risk: f64,
    constant: f64,
    linear: f64,
    quadratic: f64,
    remaining: f64,
}

impl Jackknife {
    fn add(&mut self, tie: &Tie, cause: Cause, estimate: f64) {
        let (own, other) = tie.events(cause);
        let at_risk = tie.n_risk as f64;
        let increment = tie.free_before * own / at_risk;
        self.through_survival += increment * self.exposure;
        self.through_risk += increment / at_risk;
        let staying = at_risk - own - other;
        let survivors = if staying > 0.0 { 1.0 / staying } else { 0.0 };
        self.exposure += (own + other) / at_risk * survivors;
        let common = self.through_survival - self.through_risk;
        let direct = tie.free_before / at_risk;
        let removed = self.exposure - survivors;
        self.leave(own, common + direct, removed, estimate);
        self.leave(other, common, removed, estimate);
        self.leave(tie.n_censor as f64, common, self.exposure, estimate);
        self.remaining = staying - tie.n_censor as f64;
    }

    /// `count` observations leave with influence `now` at the incidence `estimate` and slope `slope` in later incidence.
    fn leave(&mut self, count: f64, now: f64, slope: f64, estimate: f64) {
        let offset = now - slope * estimate;
        self.constant += count * offset * offset;
        self.linear += count * offset * slope;
        self.quadratic += count * slope * slope;
    }

    fn variance(&self, estimate: f64) -> f64 {
        let common = self.through_survival - self.through_risk;
        let left = self.constant + 2.0 * estimate * self.linear + estimate * estimate * self.quadratic;
        (left + self.remaining * common * common).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::kaplan_meier::{KaplanMeier, SurvivalTransform};
    use super::Outcome::{Censored, Competing, Event};
    use super::*;

    #[test]
    fn by_hand_with_one_competing_event() {
        let fit = CumulativeIncidence::fit(&[1.0, 2.0, 3.0, 4.0], &[Event, Competing, Censored, Event]).unwrap();
        let got: Vec<(f64, f64)> = fit.steps().iter().map(|step| (step.event.estimate, step.competing.estimate)).collect();
        let want = [(0.25, 0.0), (0.25, 0.25), (0.25, 0.25), (0.75, 0.25)];
        assert!(got.iter().zip(want).all(|(a, b)| (a.0 - b.0).abs() < 1e-15 && (a.1 - b.1).abs() < 1e-15), "{got:?}");
    }

    #[test]
    fn without_competing_events_it_is_one_minus_kaplan_meier() {
        let times: Vec<f64> = (0..40).map(|i| f64::from(i * 7 % 23)).collect();
        let events: Vec<bool> = (0..40).map(|i| i % 4 != 0).collect();
        let outcomes: Vec<Outcome> = events.iter().map(|event| if *event { Event } else { Censored }).collect();
        let fit = CumulativeIncidence::fit(&times, &outcomes).unwrap();
        let curve = KaplanMeier::fit(&times, &events).unwrap();
        for (step, other) in fit.steps().iter().zip(curve.steps()) {
            assert!((step.event.estimate - (1.0 - other.survival)).abs() < 1e-14);
            if let Some(error) = other.standard_error {
                assert!((step.event.jackknife_variance.sqrt() - error).abs() < 1e-12);
            }
        }
        let (time, level) = (8.0, 0.9);
        let survival = curve.survival_at(time, SurvivalTransform::Plain, level).unwrap().survival;
        let at = fit.incidence_at(time, Cause::Event, IncidenceVariance::Aalen, level).unwrap();
        assert!((at.estimate - (1.0 - survival)).abs() < 1e-14 && at.lower.unwrap() < at.estimate && at.upper.unwrap() > at.estimate);
    }

    #[test]
    fn the_jackknife_is_the_derivative_in_the_weights() {
        // Doubling every subject but one and letting the extra copy stand for a weight is too coarse; use many copies instead.
        let times = [1.0, 2.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let outcomes = [Event, Competing, Event, Censored, Event, Competing, Censored];
        let fit = CumulativeIncidence::fit(&times, &outcomes).unwrap();
        let copies = 4000;
        let mut sum = 0.0;
        for extra in 0..times.len() {
            let weighted: Vec<(f64, Outcome)> = times
                .iter()
                .zip(outcomes)
                .enumerate()
                .flat_map(|(i, (time, outcome))| vec![(*time, outcome); copies + usize::from(i == extra)])
                .collect();
            let (t, o): (Vec<f64>, Vec<Outcome>) = weighted.into_iter().unzip();
            let moved = CumulativeIncidence::fit(&t, &o).unwrap().step_at(5.0).unwrap().event.estimate;
            let slope = (moved - fit.step_at(5.0).unwrap().event.estimate) * copies as f64;
            sum += slope * slope;
        }
        let variance = fit.step_at(5.0).unwrap().event.jackknife_variance;
        assert!((sum - variance).abs() < 1e-3 * variance, "{sum} against {variance}");
    }

    #[test]
    fn incidences_and_freedom_add_to_one_and_ends_have_no_limits() {
        let fit = CumulativeIncidence::fit(&[2.0, 2.0, 3.0, 3.0], &[Event, Competing, Event, Event]).unwrap();
        for step in fit.steps() {
            assert!((step.event.estimate + step.competing.estimate + step.event_free - 1.0).abs() < 1e-14);
        }
        let before = fit.incidence_at(1.0, Cause::Event, IncidenceVariance::Aalen, 0.95).unwrap();
        assert!(before.estimate.abs() < f64::EPSILON && before.lower.is_none());
        assert_eq!(CumulativeIncidence::fit(&[], &[]), Err(SurvivalError::NoObservations));
    }
}
