//! Outcomes as clinicians write them: `1NNN 2NNT` is three patients without toxicity at the first dose, then one with among three at the second.
//!
//! A history may also be written in counts, `3:0 3:1` or `1@3:0 2@3:1` ([`read_history`]); cohorts written without a dose were treated where
//! the design sent them ([`replay_history`]).

use super::characteristics::{MAX_COHORT, MAX_PATIENTS};
use super::error::{DesignError, check_count};
use super::tally::{Cohort, DoseLevel, State, Tally, check_grid, check_level};
use super::{CountDesign, record_cohort};

/// A cohort of a history, with its dose where that was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryItem {
    /// Where it was treated; `None` where the design sent it.
    pub dose: Option<DoseLevel>,
    /// How many were evaluable and how many had a dose-limiting toxicity.
    pub tally: Tally,
}

/// Reads cohorts from text: a one-based dose, then one letter per patient, `N` without and `T` with dose-limiting toxicity.
///
/// # Errors
/// [`DesignError::History`] for text of another form or a dose outside the grid, naming the piece and its position; [`DesignError::Grid`];
/// [`DesignError::Count`] for more than [`MAX_PATIENTS`] patients.
pub fn read_outcomes(text: &str, doses: usize) -> Result<Vec<Cohort>, DesignError> {
    read_pieces(text, doses, |piece| read_letters(piece).ok_or_else(|| LETTERS.to_owned()), |cohort| (Some(cohort.dose), cohort.tally))
}

/// Reads a history from text, cohort after cohort, each in one of three forms.
///
/// ```text
/// 3:1      patients:toxicities, at the dose to which the design sent the cohort
/// 2@3:1    the same at the second dose
/// 2NNT     the same, one letter per patient
/// ```
///
/// # Errors
/// [`DesignError::History`] for text of another form, empty cohorts or those above [`MAX_COHORT`], more toxicities than patients and doses
/// outside the grid, naming the piece and its position; [`DesignError::Grid`]; [`DesignError::Count`] for more than [`MAX_PATIENTS`] patients.
pub fn read_history(text: &str, doses: usize) -> Result<Vec<HistoryItem>, DesignError> {
    let read = |piece: &str| match read_letters(piece) {
        Some(Cohort { dose, tally }) => Ok(HistoryItem { dose: Some(dose), tally }),
        None => read_counts(piece),
    };
    read_pieces(text, doses, read, |item| (item.dose, item.tally))
}

/// What the letter form looks like.
const LETTERS: &str = "write the dose, then one letter per patient, N without and T with toxicity, such as `2NNT`";

/// What the forms of a history look like.
const FORMS: &str = "write patients:toxicities such as `3:1`, the same with the dose before it such as `2@3:1`, or one letter per patient \
    such as `2NNT`";

/// Reads the pieces between blanks; every complaint about a piece names it and its position.
fn read_pieces<T>(
    text: &str,
    doses: usize,
    read: impl Fn(&str) -> Result<T, String>,
    counts: impl Fn(&T) -> (Option<DoseLevel>, Tally),
) -> Result<Vec<T>, DesignError> {
    check_grid(doses)?;
    let mut items = Vec::new();
    let mut patients = 0_u32;
    for (position, piece) in (1..).zip(text.split_whitespace()) {
        let refused =
            |problem: String| DesignError::History(format!("cohort {position} of the history, `{}`: {problem}", shortened(piece)));
        let item = read(piece).map_err(refused)?;
        let (dose, tally) = counts(&item);
        dose.map_or(Ok(()), |dose| check_level(dose, doses))
            .and_then(|()| check_count("the number of patients of the cohort", tally.n, 1, MAX_COHORT))
            .and_then(|()| Tally::new(tally.n, tally.dlt))
            .map_err(|error| refused(error.to_string()))?;
        patients = patients.saturating_add(tally.n);
        check_count("the number of patients of the history", patients, 0, MAX_PATIENTS)?;
        items.push(item);
    }
    Ok(items)
}

/// The beginning of a piece, so that a message stays readable.
fn shortened(piece: &str) -> String {
    const MOST: usize = 24;
    if piece.chars().count() > MOST { piece.chars().take(MOST).chain(['…']).collect() } else { piece.to_owned() }
}

/// A dose and one letter per patient; `None` for anything else.
fn read_letters(piece: &str) -> Option<Cohort> {
    let letters = piece.trim_start_matches(|c: char| c.is_ascii_digit());
    let dose = one_based(piece.strip_suffix(letters)?)?;
    if letters.is_empty() || !letters.chars().all(|c| matches!(c, 'N' | 'T')) {
        return None;
    }
    let dlt = letters.chars().filter(|c| *c == 'T').count();
    Some(Cohort { dose, tally: Tally { n: u32::try_from(letters.len()).ok()?, dlt: u32::try_from(dlt).ok()? } })
}

/// Counts with or without a dose.
fn read_counts(piece: &str) -> Result<HistoryItem, String> {
    let (dose, counts) = match piece.split_once('@') {
        Some((dose, counts)) => match one_based(dose) {
            Some(dose) => (Some(dose), counts),
            None => return Err(format!("the dose before @ is a whole number from 1 upwards; {FORMS}")),
        },
        None => (None, piece),
    };
    let (n, dlt) = counts.split_once(':').ok_or_else(|| format!("this is no cohort; {FORMS}"))?;
    let count = |text: &str, place: &str| whole(text).ok_or_else(|| format!("{place} is a whole number of 0 or more; {FORMS}"));
    Ok(HistoryItem {
        dose,
        tally: Tally { n: count(n, "the number of patients before :")?, dlt: count(dlt, "the number with toxicity after :")? },
    })
}

/// A number written in digits alone: no sign, no point.
fn whole(text: &str) -> Option<u32> {
    if text.chars().all(|c| c.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn one_based(text: &str) -> Option<DoseLevel> {
    whole(text)?.checked_sub(1).map(|dose| DoseLevel(dose as usize))
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
        add_checked(design, &mut state, *cohort)?;
    }
    Ok(state)
}

/// The state of a trial after a history whose cohorts without a dose were treated by the rule, and the cohorts with their doses.
///
/// The first cohort without a dose is treated at `start`, each later one where the design sends it after those before. A cohort with a dose is
/// taken as it is, also where the design would have treated elsewhere or nobody.
///
/// # Errors
/// [`DesignError::History`] when the design had stopped before a cohort without a dose; as [`replay`].
pub fn replay_history<D: CountDesign + ?Sized>(
    design: &D,
    start: DoseLevel,
    history: &[HistoryItem],
) -> Result<(State, Vec<Cohort>), DesignError> {
    let mut state = State::start(design.doses(), start)?;
    let mut cohorts = Vec::with_capacity(history.len());
    for item in history {
        let by_the_rule = || if cohorts.is_empty() { Some(start) } else { design.next(&state).dose };
        let dose = item.dose.or_else(by_the_rule).ok_or_else(|| already_stopped(cohorts.len(), item.tally))?;
        let cohort = Cohort { dose, tally: item.tally };
        add_checked(design, &mut state, cohort)?;
        cohorts.push(cohort);
    }
    Ok((state, cohorts))
}

fn add_checked<D: CountDesign + ?Sized>(design: &D, state: &mut State, cohort: Cohort) -> Result<(), DesignError> {
    check_level(cohort.dose, design.doses())?;
    Tally::new(cohort.tally.n, cohort.tally.dlt)?;
    record_cohort(design, state, cohort);
    Ok(())
}

fn already_stopped(after: usize, next: Tally) -> DesignError {
    let Tally { n, dlt } = next;
    DesignError::History(format!(
        "the design stops after cohort {after} of the history, so that it sends cohort {}, `{n}:{dlt}`, nowhere: end the history there, or \
         write the dose at which the cohort was treated, such as `1@{n}:{dlt}`",
        after + 1
    ))
}

#[cfg(test)]
mod tests {
    use super::super::boin::{Boin, BoinParameters};
    use super::super::interval::IntervalDesign;
    use super::*;

    fn boin(doses: usize) -> IntervalDesign {
        Boin::new(BoinParameters::with_target(0.3)).unwrap().design(doses, 60).unwrap()
    }

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
    fn other_text_is_refused_with_an_example_its_position_and_the_piece() {
        for text in ["NNT", "0NNN", "2", "2NXT", "2nnt", "1NNN,2NNN", "3:1", "99999999999999999999N"] {
            let message = read_outcomes(&format!("1NNN {text}"), 5).unwrap_err().to_string();
            assert!(message.contains("`2NNT`") && message.starts_with("cohort 2 of the history, `"), "{text}: {message}");
        }
        let message = read_outcomes("1NNN 6NNN", 5).unwrap_err().to_string();
        assert_eq!(message, "cohort 2 of the history, `6NNN`: dose 6 is outside the grid of 5 doses: count doses from 1");
        assert!(matches!(read_outcomes("1NNN", 0), Err(DesignError::Grid { .. })));
    }

    #[test]
    fn a_history_is_read_in_three_forms() {
        let item = |dose: Option<usize>, n: u32, dlt: u32| HistoryItem { dose: dose.map(DoseLevel), tally: Tally { n, dlt } };
        assert_eq!(read_history("3:0 3:1\t1:1", 5), Ok(vec![item(None, 3, 0), item(None, 3, 1), item(None, 1, 1)]));
        assert_eq!(read_history("1@3:0 2@3:1", 5), Ok(vec![item(Some(0), 3, 0), item(Some(1), 3, 1)]));
        assert_eq!(read_history("1NNN 2@2:0 6:2", 5), Ok(vec![item(Some(0), 3, 0), item(Some(1), 2, 0), item(None, 6, 2)]));
        assert_eq!(read_history("", 5), Ok(Vec::new()));
    }

    #[test]
    fn every_refused_piece_of_a_history_says_what_is_expected() {
        let refusals = [
            ("3:-1", "whole number of 0 or more"),
            ("-3:0", "whole number of 0 or more"),
            ("3:", "whole number of 0 or more"),
            ("3.0:1", "whole number of 0 or more"),
            ("+3:1", "whole number of 0 or more"),
            ("3/1", "`3:1`"),
            ("three", "`2@3:1`"),
            ("1-3", "`2NNT`"),
            ("@3:1", "from 1 upwards"),
            ("0@3:1", "from 1 upwards"),
            ("6@3:1", "outside the grid of 5 doses"),
            ("3:4", "4 patients with dose-limiting toxicity among 3 is impossible"),
            ("0:0", "between 1 and 100"),
            ("2@0:0", "between 1 and 100"),
            ("101:0", "between 1 and 100"),
            ("99999999999:0", "whole number"),
        ];
        for (piece, expected) in refusals {
            let message = read_history(&format!("3:0 {piece} 3:0"), 5).unwrap_err().to_string();
            assert!(message.starts_with(&format!("cohort 2 of the history, `{piece}`: ")) && message.contains(expected), "{message}");
        }
        let long = read_history(&"x".repeat(100_000), 5).unwrap_err().to_string();
        assert!(long.len() < 300, "{long}");
        let many = read_history(&"3:0 ".repeat(334), 5).unwrap_err().to_string();
        assert_eq!(
            many,
            "the number of patients of the history is 1002, but must lie between 0 and 1000: give a number within these limits"
        );
    }

    #[test]
    fn cohorts_without_a_dose_follow_the_design() {
        let design = boin(5);
        let (state, cohorts) = replay_history(&design, DoseLevel(1), &read_history("3:0 3:1 3:2 3:0", 5).unwrap()).unwrap();
        let doses: Vec<usize> = cohorts.iter().map(|cohort| cohort.dose.0).collect();
        assert_eq!(doses, [1, 2, 2, 1]);
        assert_eq!((state.current, state.tally(DoseLevel(2))), (DoseLevel(1), Tally { n: 6, dlt: 3 }));
        let explicit = read_outcomes("2NNN 3NNT 3NTT 2NNN", 5).unwrap();
        assert_eq!(replay(&design, DoseLevel(1), &explicit), Ok(state));
        let (state, cohorts) = replay_history(&design, DoseLevel(4), &[]).unwrap();
        assert_eq!((state.current, state.total(), cohorts), (DoseLevel(4), 0, Vec::new()));
    }

    #[test]
    fn a_cohort_with_a_dose_may_depart_from_the_rule() {
        let design = boin(5);
        let read = |text: &str| replay_history(&design, DoseLevel(0), &read_history(text, 5).unwrap());
        let (_, cohorts) = read("3:0 4@3:0 3:0").unwrap();
        assert_eq!(cohorts.iter().map(|cohort| cohort.dose.0).collect::<Vec<usize>>(), [0, 3, 4]);
        assert!(read("3:3 1@3:3").is_ok());
    }

    #[test]
    fn a_history_that_goes_on_after_the_design_stopped_is_refused() {
        let design = boin(5);
        let message = replay_history(&design, DoseLevel(0), &read_history("3:3 3:0", 5).unwrap()).unwrap_err().to_string();
        assert!(
            message.contains("stops after cohort 1") && message.contains("cohort 2, `3:0`") && message.contains("`1@3:0`"),
            "{message}"
        );
        let impossible = [HistoryItem { dose: None, tally: Tally { n: 1, dlt: 2 } }];
        assert!(matches!(replay_history(&design, DoseLevel(0), &impossible), Err(DesignError::MoreToxicitiesThanPatients { .. })));
        let outside = [HistoryItem { dose: Some(DoseLevel(5)), tally: Tally { n: 1, dlt: 0 } }];
        assert!(matches!(replay_history(&design, DoseLevel(0), &outside), Err(DesignError::DoseOutsideGrid { .. })));
        assert!(matches!(replay_history(&design, DoseLevel(5), &[]), Err(DesignError::DoseOutsideGrid { .. })));
    }
}
