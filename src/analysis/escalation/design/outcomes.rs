//! Outcomes as clinicians write them: `1NNN 2NNT` is three patients without toxicity at the first dose, then one with among three at the second.

use super::error::DesignError;
use super::tally::{Cohort, DoseLevel, State, Tally, check_level};
use super::{CountDesign, record_cohort};

/// Reads cohorts from text: a one-based dose, then one letter per patient, `N` without and `T` with dose-limiting toxicity.
///
/// # Errors
/// [`DesignError::History`] for text of another form, [`DesignError::DoseOutsideGrid`].
pub fn read_outcomes(text: &str, doses: usize) -> Result<Vec<Cohort>, DesignError> {
    text.split_whitespace().map(|word| read_cohort(word, doses)).collect()
}

fn read_cohort(word: &str, doses: usize) -> Result<Cohort, DesignError> {
    let refused = || DesignError::History(format!("`{word}` is not a cohort: write the dose and one letter per patient, such as `2NNT`"));
    let letters = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = word.strip_suffix(letters).unwrap_or_default();
    let dose = number.parse::<usize>().ok().and_then(|dose| dose.checked_sub(1)).map(DoseLevel).ok_or_else(refused)?;
    check_level(dose, doses)?;
    if letters.is_empty() || letters.len() > 1000 || !letters.chars().all(|c| c == 'N' || c == 'T') {
        return Err(refused());
    }
    let dlt = letters.chars().filter(|c| *c == 'T').count();
    Ok(Cohort { dose, tally: Tally::new(letters.len() as u32, dlt as u32)? })
}

/// Writes the outcomes of a cohort without its dose, toxicities last: `NNT`.
#[must_use]
pub fn write_outcomes(tally: Tally) -> String {
    "N".repeat(tally.n.saturating_sub(tally.dlt) as usize) + &"T".repeat(tally.dlt as usize)
}

/// The state of a trial after a history of cohorts; `start` is the dose of the first cohort when there is none yet.
///
/// # Errors
/// As [`State::start`], and [`DesignError::DoseOutsideGrid`], [`DesignError::MoreToxicitiesThanPatients`] for the cohorts.
pub fn replay<D: CountDesign + ?Sized>(design: &D, start: DoseLevel, history: &[Cohort]) -> Result<State, DesignError> {
    let mut state = State::start(design.doses(), start)?;
    for cohort in history {
        check_level(cohort.dose, design.doses())?;
        Tally::new(cohort.tally.n, cohort.tally.dlt)?;
        record_cohort(design, &mut state, *cohort);
    }
    Ok(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_read_and_written() {
        let cohorts = read_outcomes("1NNN 2NNT 12T", 12).unwrap();
        let expected = [(0, 3, 0), (1, 3, 1), (11, 1, 1)];
        for (cohort, (dose, n, dlt)) in cohorts.iter().zip(expected) {
            assert_eq!(*cohort, Cohort { dose: DoseLevel(dose), tally: Tally { n, dlt } });
        }
        assert_eq!(read_outcomes(" ", 3), Ok(Vec::new()));
        assert_eq!(write_outcomes(Tally { n: 3, dlt: 1 }), "NNT");
    }

    #[test]
    fn other_text_is_refused_with_an_example() {
        for text in ["NNT", "0NNN", "2", "2NXT", "2nnt", "1NNN,2NNN"] {
            let message = read_outcomes(text, 5).unwrap_err().to_string();
            assert!(message.contains("2NNT"), "{text}: {message}");
        }
        assert_eq!(read_outcomes("6NNN", 5), Err(DesignError::DoseOutsideGrid { dose: 6, doses: 5 }));
    }
}
