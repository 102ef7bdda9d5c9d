//! Rules that can be put around any design in counts: too toxic, enough patients at a dose, no skipping.
//!
//! A rule wraps a design and is a design itself, so that rules can be combined: the outer one has the last word.

use super::decision::{Decision, Next, Reason};
use super::error::DesignError;
use super::tally::{DoseLevel, State, Tally};
use super::toxicity_limit::{ToxicityBoundary, ToxicityLimit};
use super::{CountDesign, Selection};

/// The methods that a rule leaves to the design inside it.
macro_rules! as_inside {
    ($($method:ident)*) => { $(as_inside!(@ $method);)* };
    (@ doses) => {
        fn doses(&self) -> usize {
            self.inner.doses()
        }
    };
    (@ mtd) => {
        fn mtd(&self, state: &State) -> Option<DoseLevel> {
            self.inner.mtd(state)
        }
    };
    (@ select) => {
        fn select(&self, state: &State) -> Selection {
            self.inner.select(state)
        }
    };
    (@ eliminates) => {
        fn eliminates(&self, tally: Tally) -> bool {
            self.inner.eliminates(tally)
        }
    };
    (@ reads_last_cohort) => {
        fn reads_last_cohort(&self) -> bool {
            self.inner.reads_last_cohort()
        }
    };
}

/// When enough patients at a dose stop a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnoughPatients {
    /// When the current dose has them and the design would treat the next cohort there too, as in BOIN.
    WhenStaying,
    /// When the current dose has them, before the design decides, as in the published software of Keyboard.
    AtOnce,
    /// When the dose at which the design would treat the next cohort has them, whether it is the current one or another.
    AtRecommended,
}

/// Stops when a dose has had enough patients.
#[derive(Debug, Clone)]
pub struct StopAtNumber<D> {
    inner: D,
    limit: u32,
    when: EnoughPatients,
}

impl<D: CountDesign> StopAtNumber<D> {
    /// Stops `inner` at `limit` patients at the current or the recommended dose.
    #[must_use]
    pub fn new(inner: D, limit: u32, when: EnoughPatients) -> Self {
        Self { inner, limit, when }
    }
}

impl<D: CountDesign> CountDesign for StopAtNumber<D> {
    fn next(&self, state: &State) -> Next {
        let stop = |n: u32| Next::stop(Reason::NumberAtDose { n, limit: self.limit });
        let here = state.here().n;
        if here >= self.limit && self.when == EnoughPatients::AtOnce {
            return stop(here);
        }
        let next = self.inner.next(state);
        let there = next.dose.map_or(0, |dose| state.tally(dose).n);
        let counts = self.when == EnoughPatients::AtRecommended || next.dose == Some(state.current);
        if next.dose.is_some() && counts && there >= self.limit { stop(there) } else { next }
    }

    as_inside!(doses mtd select eliminates reads_last_cohort);
}

/// Stops without a selection when the lowest dose is too toxic.
///
/// ```text
/// Pr(p_1 > limit | Beta(a + y_1, b + n_1 - y_1)) > cutoff,   n_1 >= least_n
/// ```
#[derive(Debug, Clone)]
pub struct StopWhenTooToxic<D> {
    inner: D,
    limit: ToxicityLimit,
    boundary: ToxicityBoundary,
}

impl<D: CountDesign> StopWhenTooToxic<D> {
    /// Stops `inner` when the lowest dose reaches `limit`, with up to `max_n` patients there.
    ///
    /// # Errors
    /// As [`ToxicityLimit::boundary`].
    pub fn new(inner: D, limit: ToxicityLimit, max_n: u32) -> Result<Self, DesignError> {
        Ok(Self { inner, limit, boundary: limit.boundary(max_n)? })
    }

    fn is_too_toxic(&self, state: &State) -> bool {
        self.boundary.is_reached(state.tally(DoseLevel(0)))
    }
}

impl<D: CountDesign> CountDesign for StopWhenTooToxic<D> {
    fn next(&self, state: &State) -> Next {
        if self.is_too_toxic(state) {
            let probability = self.limit.probability(state.tally(DoseLevel(0))).unwrap_or(f64::NAN);
            Next::stop_for_toxicity(Reason::TooToxic { probability, threshold: self.limit.cutoff() })
        } else {
            self.inner.next(state)
        }
    }

    fn mtd(&self, state: &State) -> Option<DoseLevel> {
        if self.is_too_toxic(state) { None } else { self.inner.mtd(state) }
    }

    fn select(&self, state: &State) -> Selection {
        let selection = self.inner.select(state);
        if self.is_too_toxic(state) { Selection { mtd: None, eliminated: vec![true; self.doses()], ..selection } } else { selection }
    }

    as_inside!(doses eliminates reads_last_cohort);
}

/// From where skipping is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkippingFrom {
    /// No untried dose may be passed over: at most one above the highest dose tried.
    HighestTried,
    /// At most one above the current dose, even where higher ones have been tried.
    Current,
}

/// Escalates by one dose at most.
#[derive(Debug, Clone)]
pub struct NoSkipping<D> {
    inner: D,
    from: SkippingFrom,
}

impl<D: CountDesign> NoSkipping<D> {
    /// Holds `inner` to one dose above `from`.
    #[must_use]
    pub fn new(inner: D, from: SkippingFrom) -> Self {
        Self { inner, from }
    }
}

impl<D: CountDesign> CountDesign for NoSkipping<D> {
    fn next(&self, state: &State) -> Next {
        let next = self.inner.next(state);
        let Some(wanted) = next.dose.filter(|_| state.total() > 0) else { return next };
        let from = match self.from {
            SkippingFrom::HighestTried => state.highest_tried().unwrap_or(state.current),
            SkippingFrom::Current => state.current,
        };
        let highest = DoseLevel(from.0 + 1);
        if wanted <= highest {
            return next;
        }
        let decision = if highest > state.current { Decision::Escalate } else { Decision::Stay };
        Next::at(highest, decision, Reason::NoSkipping { wanted })
    }

    as_inside!(doses mtd select eliminates reads_last_cohort);
}

#[cfg(test)]
mod tests {
    use super::super::boin::{Boin, BoinParameters};
    use super::super::interval::IntervalDesign;
    use super::super::outcomes::{read_outcomes, replay};
    use super::super::toxicity_limit::LEAST_PATIENTS;
    use super::*;

    fn boin() -> IntervalDesign {
        Boin::new(BoinParameters::with_target(0.3)).unwrap().design(5, 60).unwrap()
    }

    fn after(design: &impl CountDesign, history: &str) -> Next {
        design.next(&replay(design, DoseLevel(0), &read_outcomes(history, design.doses()).unwrap()).unwrap())
    }

    /// Wants the highest dose whatever was seen.
    struct Reckless;

    impl CountDesign for Reckless {
        fn doses(&self) -> usize {
            5
        }

        fn next(&self, _: &State) -> Next {
            Next::at(DoseLevel(4), Decision::Escalate, Reason::NoPatients)
        }

        fn mtd(&self, _: &State) -> Option<DoseLevel> {
            Some(DoseLevel(4))
        }

        fn select(&self, state: &State) -> Selection {
            Selection::bare(self.mtd(state), 5)
        }
    }

    #[test]
    fn enough_patients_stop_when_staying_or_at_once() {
        let staying = StopAtNumber::new(boin(), 6, EnoughPatients::WhenStaying);
        assert_eq!(after(&staying, "1NNN").dose, Some(DoseLevel(1)));
        assert_eq!(after(&staying, "1NNNNNN").dose, Some(DoseLevel(1)));
        assert_eq!(after(&staying, "2NNNNTT"), Next::stop(Reason::NumberAtDose { n: 6, limit: 6 }));
        assert!(after(&staying, "1NTTTTT").stops_for_toxicity());
        let at_once = StopAtNumber::new(boin(), 6, EnoughPatients::AtOnce);
        assert_eq!(after(&at_once, "1NNNNNN").dose, None);
        assert!(!after(&at_once, "1NTTTTT").stops_for_toxicity());
    }

    #[test]
    fn enough_patients_at_the_recommended_dose_stop_although_the_current_one_is_another() {
        let design = StopAtNumber::new(boin(), 6, EnoughPatients::AtRecommended);
        // The current dose is full, and an empty one follows.
        assert_eq!(after(&design, "1NNNNNN").dose, Some(DoseLevel(1)));
        // Back to a full lower dose, up to a full higher one, and staying.
        for history in ["1NNNNNN 2NTT", "2NNNNNT 1NNN", "1NNNNTT"] {
            assert_eq!(after(&design, history), Next::stop(Reason::NumberAtDose { n: 6, limit: 6 }), "{history}");
        }
        assert_eq!(after(&design, "1NNN 2NTT").dose, Some(DoseLevel(0)));
        assert!(after(&design, "1NTTTTT").stops_for_toxicity());
    }

    #[test]
    fn a_lowest_dose_that_is_too_toxic_stops_everything() {
        let limit = ToxicityLimit::new(0.3, 0.8, LEAST_PATIENTS).unwrap();
        let design = StopWhenTooToxic::new(boin(), limit, 60).unwrap();
        let next = after(&design, "1NTT 1NNT");
        assert!(next.stops_for_toxicity(), "{next:?}");
        assert!(matches!(next.reason, Reason::TooToxic { probability, threshold } if probability > threshold));
        let state = replay(&design, DoseLevel(0), &read_outcomes("1NTT 1NNT", 5).unwrap()).unwrap();
        assert_eq!((design.mtd(&state), design.select(&state).mtd), (None, None));
        assert!(boin().mtd(&state).is_some() && after(&design, "1NNT").dose.is_some());
    }

    #[test]
    fn no_dose_is_skipped() {
        let tried = NoSkipping::new(Reckless, SkippingFrom::HighestTried);
        let current = NoSkipping::new(Reckless, SkippingFrom::Current);
        assert_eq!(after(&tried, "1NNN"), Next::at(DoseLevel(1), Decision::Escalate, Reason::NoSkipping { wanted: DoseLevel(4) }));
        assert_eq!(after(&tried, "1NNN 2NNN 3NNN 1NNN").dose, Some(DoseLevel(3)));
        assert_eq!(after(&current, "1NNN 2NNN 3NNN 1NNN").dose, Some(DoseLevel(1)));
        assert_eq!(after(&tried, "4NNN").dose, Some(DoseLevel(4)));
    }

    #[test]
    fn rules_combine() {
        let design = StopAtNumber::new(NoSkipping::new(boin(), SkippingFrom::HighestTried), 9, EnoughPatients::WhenStaying);
        let state = replay(&design, DoseLevel(0), &read_outcomes("1NNN 2NNT 2NNT", 5).unwrap()).unwrap();
        assert_eq!((design.mtd(&state), design.select(&state).mtd), (boin().mtd(&state), boin().mtd(&state)));
        assert!(design.eliminates(Tally { n: 3, dlt: 3 }) && !design.reads_last_cohort());
    }
}
