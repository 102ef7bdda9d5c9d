//! Counts at doses: what every design decides from.

use super::error::DesignError;

/// Zero-based position in the dose grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DoseLevel(pub usize);

/// Evaluable patients and dose-limiting toxicities at one dose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tally {
    /// Patients evaluable for dose-limiting toxicity.
    pub n: u32,
    /// Those with a dose-limiting toxicity.
    pub dlt: u32,
}

impl Tally {
    /// A checked pair of counts.
    ///
    /// # Errors
    /// [`DesignError::MoreToxicitiesThanPatients`] for `dlt > n`.
    pub fn new(n: u32, dlt: u32) -> Result<Self, DesignError> {
        if dlt > n { Err(DesignError::MoreToxicitiesThanPatients { n, dlt }) } else { Ok(Self { n, dlt }) }
    }

    /// Observed rate of dose-limiting toxicity; `None` without patients.
    #[must_use]
    pub fn rate(self) -> Option<f64> {
        (self.n > 0).then(|| f64::from(self.dlt) / f64::from(self.n))
    }

    /// The counts with another cohort's added.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { n: self.n.saturating_add(other.n), dlt: self.dlt.saturating_add(other.dlt) }
    }
}

/// One cohort's outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cohort {
    /// Where it was treated.
    pub dose: DoseLevel,
    /// How many were evaluable and how many had a dose-limiting toxicity.
    pub tally: Tally,
}

/// Most doses of a grid; the eliminated ones are kept in one number.
pub const MAX_DOSES: usize = 64;

/// State of a trial between cohorts: what the rules may look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Dose of the last cohort, or the starting dose before the first.
    pub current: DoseLevel,
    /// Counts at each dose, in the order of the grid.
    pub tallies: Vec<Tally>,
    /// The lowest eliminated dose: it and all above it are never given again.
    pub eliminated_from: Option<DoseLevel>,
    /// Counts of the last cohort alone, for designs that look at it.
    pub last_cohort: Option<Tally>,
}

impl State {
    /// A trial before its first patient.
    ///
    /// # Errors
    /// [`DesignError::Grid`] for no dose or more than [`MAX_DOSES`], [`DesignError::DoseOutsideGrid`] for a start outside it.
    pub fn start(doses: usize, start: DoseLevel) -> Result<Self, DesignError> {
        check_grid(doses)?;
        check_level(start, doses)?;
        Ok(Self { current: start, tallies: vec![Tally::default(); doses], eliminated_from: None, last_cohort: None })
    }

    /// A trial with these counts, whose last cohort was at `current`; nothing is eliminated yet.
    ///
    /// # Errors
    /// As [`State::start`], and [`DesignError::MoreToxicitiesThanPatients`].
    pub fn with_tallies(current: DoseLevel, tallies: Vec<Tally>) -> Result<Self, DesignError> {
        check_grid(tallies.len())?;
        check_level(current, tallies.len())?;
        for tally in &tallies {
            Tally::new(tally.n, tally.dlt)?;
        }
        Ok(Self { current, tallies, eliminated_from: None, last_cohort: None })
    }

    /// Counts at a dose; none outside the grid.
    #[must_use]
    pub fn tally(&self, dose: DoseLevel) -> Tally {
        self.tallies.get(dose.0).copied().unwrap_or_default()
    }

    /// Counts at the current dose.
    #[must_use]
    pub fn here(&self) -> Tally {
        self.tally(self.current)
    }

    /// Whether a dose must not be given again.
    #[must_use]
    pub fn is_eliminated(&self, dose: DoseLevel) -> bool {
        self.eliminated_from.is_some_and(|lowest| dose >= lowest)
    }

    /// Notes that a dose and all above it must not be given again.
    pub fn eliminate(&mut self, dose: DoseLevel) {
        self.eliminated_from = Some(self.eliminated_from.map_or(dose, |lowest| lowest.min(dose)));
    }

    /// Adds a cohort and makes its dose the current one; a dose outside the grid changes nothing.
    pub fn add(&mut self, cohort: Cohort) {
        if let Some(tally) = self.tallies.get_mut(cohort.dose.0) {
            *tally = tally.plus(cohort.tally);
            self.current = cohort.dose;
            self.last_cohort = Some(cohort.tally);
        }
    }

    /// Patients in the whole trial.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.tallies.iter().fold(0, |total, tally| total.saturating_add(tally.n))
    }

    /// Highest dose with a patient; `None` before the first.
    #[must_use]
    pub fn highest_tried(&self) -> Option<DoseLevel> {
        self.tallies.iter().rposition(|tally| tally.n > 0).map(DoseLevel)
    }
}

/// Refuses an empty or an overlong grid.
pub(super) fn check_grid(doses: usize) -> Result<(), DesignError> {
    if (1..=MAX_DOSES).contains(&doses) { Ok(()) } else { Err(DesignError::Grid { doses, most: MAX_DOSES }) }
}

/// Refuses a dose outside the grid.
pub(super) fn check_level(dose: DoseLevel, doses: usize) -> Result<(), DesignError> {
    if dose.0 < doses { Ok(()) } else { Err(DesignError::DoseOutsideGrid { dose: dose.0.saturating_add(1), doses }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_counts_and_doses_are_refused() {
        assert_eq!(Tally::new(3, 4), Err(DesignError::MoreToxicitiesThanPatients { n: 3, dlt: 4 }));
        assert_eq!(State::start(0, DoseLevel(0)), Err(DesignError::Grid { doses: 0, most: MAX_DOSES }));
        assert_eq!(State::start(3, DoseLevel(3)), Err(DesignError::DoseOutsideGrid { dose: 4, doses: 3 }));
        assert!(State::with_tallies(DoseLevel(0), vec![Tally { n: 1, dlt: 2 }]).is_err());
    }

    #[test]
    fn elimination_reaches_upwards_and_only_grows() {
        let mut state = State::start(4, DoseLevel(0)).unwrap();
        state.eliminate(DoseLevel(2));
        state.eliminate(DoseLevel(3));
        let eliminated: Vec<bool> = (0..4).map(|dose| state.is_eliminated(DoseLevel(dose))).collect();
        assert_eq!(eliminated, [false, false, true, true]);
    }

    #[test]
    fn a_cohort_moves_the_trial() {
        let mut state = State::start(3, DoseLevel(0)).unwrap();
        state.add(Cohort { dose: DoseLevel(1), tally: Tally { n: 3, dlt: 1 } });
        assert_eq!((state.current, state.here(), state.total()), (DoseLevel(1), Tally { n: 3, dlt: 1 }, 3));
        assert_eq!((state.highest_tried(), state.here().rate()), (Some(DoseLevel(1)), Some(1.0 / 3.0)));
    }
}
