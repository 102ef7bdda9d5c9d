//! Histories in which some patients are still within their window.

use anyhow::{anyhow, bail};

use crate::analysis::escalation::design::crm::WeightedOutcome;
use crate::analysis::escalation::design::outcomes::read_history;
use crate::analysis::escalation::design::tite_boin::PendingTally;
use crate::analysis::escalation::design::{DesignError, DoseLevel, Tally};

/// What the form looks like.
const FORM: &str = "write the dose, the patients treated and those with DLT so far, and for each pending patient the share of the window that has \
    passed, such as `2@3:0+0.5+0.8`";

/// A cohort of which some patients may be pending.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PendingCohort {
    /// Where it was treated.
    pub(super) dose: DoseLevel,
    /// Patients treated, pending ones included, and those with toxicity so far.
    pub(super) treated: Tally,
    /// Share of the window that has passed, of each pending patient.
    pub(super) shares: Vec<f64>,
}

/// Whether a history has pending patients.
pub(super) fn has_pending(history: &str) -> bool {
    history.contains('+')
}

/// Reads a history with pending patients: `1@3:0 2@3:0+0.5+0.8`.
///
/// # Errors
/// Names the cohort that has another form, no dose, or more pending patients than can be.
pub(super) fn read_pending(history: &str, doses: usize) -> anyhow::Result<Vec<PendingCohort>> {
    let pieces: Vec<Vec<&str>> = history.split_whitespace().map(|piece| piece.split('+').collect()).collect();
    let heads: Vec<&str> = pieces.iter().filter_map(|piece| piece.first().copied()).collect();
    let items = read_history(&heads.join(" "), doses)?;
    let mut cohorts = Vec::new();
    for ((number, item), piece) in (1..).zip(items).zip(&pieces) {
        let text = piece.join("+");
        let dose = item.dose.ok_or_else(|| {
            anyhow!("cohort {number} of the history, `{text}`: with pending patients every cohort needs its dose; {FORM}")
        })?;
        let share = |text: &&str| text.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
        let shares = piece.iter().skip(1).map(share).collect::<Option<Vec<f64>>>().ok_or_else(|| {
            anyhow!("cohort {number} of the history, `{text}`: what follows + is a share of the window between 0 and 1; {FORM}")
        })?;
        if shares.len() > (item.tally.n - item.tally.dlt) as usize {
            bail!(
                "cohort {number} of the history, `{text}`: {} pending patients are more than the {} treated without DLT; {FORM}",
                shares.len(),
                item.tally.n - item.tally.dlt
            );
        }
        cohorts.push(PendingCohort { dose, treated: item.tally, shares });
    }
    Ok(cohorts)
}

/// Counts at each dose.
///
/// # Errors
/// As [`PendingTally::new`].
pub(super) fn tallies(cohorts: &[PendingCohort], doses: usize) -> Result<Vec<PendingTally>, DesignError> {
    let of_dose = |dose: usize| {
        let own = || cohorts.iter().filter(move |cohort| cohort.dose.0 == dose);
        let treated = own().fold(Tally::default(), |sum, cohort| sum.plus(cohort.treated));
        let shares: Vec<f64> = own().flat_map(|cohort| cohort.shares.iter().copied()).collect();
        PendingTally::new(treated, shares.len() as u32, shares.iter().sum())
    };
    (0..doses).map(of_dose).collect()
}

/// The patients one by one, with the share of the window as the weight of those pending.
pub(super) fn outcomes(cohorts: &[PendingCohort]) -> Vec<WeightedOutcome> {
    let mut outcomes = Vec::new();
    for PendingCohort { dose, treated, shares } in cohorts {
        let with = |dlt: bool, weight: f64| WeightedOutcome { dose: *dose, dlt, weight };
        let complete = treated.n as usize - treated.dlt as usize - shares.len();
        outcomes.extend(std::iter::repeat_n(with(true, 1.0), treated.dlt as usize));
        outcomes.extend(std::iter::repeat_n(with(false, 1.0), complete));
        outcomes.extend(shares.iter().map(|share| with(false, *share)));
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pending_patients_are_read_and_counted() {
        let cohorts = read_pending("1@3:0 2@3:1+0.5+0.75 2@3:0+0.25", 3).unwrap();
        let tallies = tallies(&cohorts, 3).unwrap();
        assert_eq!(tallies[1], PendingTally::new(Tally { n: 6, dlt: 1 }, 3, 1.5).unwrap());
        assert_eq!((tallies[0].pending, tallies[2].treated.n), (0, 0));
        let outcomes = outcomes(&cohorts);
        assert_eq!((outcomes.len(), outcomes.iter().filter(|outcome| outcome.weight < 1.0).count()), (9, 3));
        assert!(has_pending("1@3:0+0.5") && !has_pending("1@3:0"));
    }

    #[test]
    fn impossible_pending_patients_are_refused() {
        for (history, expected) in [
            ("3:0+0.5", "every cohort needs its dose"),
            ("1@3:0+1.5", "between 0 and 1"),
            ("1@3:0+", "between 0 and 1"),
            ("1@3:2+0.5+0.5", "more than the 1 treated without DLT"),
            ("4@3:0+0.5", "outside the grid"),
        ] {
            let message = read_pending(history, 3).unwrap_err().to_string();
            assert!(message.contains(expected), "{history}: {message}");
        }
    }
}
