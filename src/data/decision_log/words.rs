//! What the text of a decision says.

use super::{LoggedAction, LoggedDecision};

/// How many words before a word of action a negation still denies it: `no further dose escalation`.
const REACH_OF_A_NEGATION: usize = 3;

/// Reads the text of a decision: the words of the action and, with it or alone, those of the end.
///
/// The first action that is not denied counts, so that `stay; escalate if nobody has a DLT` says stay and `do not escalate` says nothing; a
/// dosage that is eliminated is so wherever the text says it.
pub(super) fn read_decision(text: &str) -> Option<LoggedDecision> {
    let lower = text.to_lowercase().replace("n't", " not").replace("n\u{2019}t", " not");
    let clauses = lower.split([';', ',', '.', ':', '(', ')', '\n']);
    let (mut action, mut stops) = (None, false);
    for clause in clauses {
        let bare: String = clause.chars().map(|letter| if letter.is_alphabetic() { letter } else { ' ' }).collect();
        let words: Vec<&str> = bare.split_whitespace().collect();
        for (position, word) in words.iter().enumerate() {
            let before = words.get(position.saturating_sub(REACH_OF_A_NEGATION)..position).unwrap_or_default();
            if before.iter().any(|word| matches!(*word, "no" | "not" | "never" | "without" | "cannot")) {
                continue;
            }
            stops |= ends(word, words.len());
            let said = action_of(word, before, words.len());
            action = if said == Some(LoggedAction::Eliminate) { said } else { action.or(said) };
        }
    }
    (action.is_some() || stops).then(|| LoggedDecision { text: text.to_owned(), action, stops })
}

/// What a word says; the letters of decision tables count where they stand alone in their clause.
fn action_of(word: &str, before: &[&str], words: usize) -> Option<LoggedAction> {
    match word {
        "eliminate" | "eliminated" => Some(LoggedAction::Eliminate),
        "deescalate" | "deescalated" | "deescalation" | "reduce" => Some(LoggedAction::DeEscalate),
        "escalate" | "escalated" | "escalation" if before.last() == Some(&"de") => Some(LoggedAction::DeEscalate),
        // The end of the escalation is not a decision to escalate.
        "escalation" if before.iter().any(|word| matches!(*word, "stop" | "stopped" | "end" | "terminate" | "terminated")) => None,
        "escalate" | "escalated" | "escalation" => Some(LoggedAction::Escalate),
        "stay" | "stayed" | "expand" | "retain" | "repeat" => Some(LoggedAction::Stay),
        _ if words > 1 => None,
        "du" => Some(LoggedAction::Eliminate),
        "d" => Some(LoggedAction::DeEscalate),
        "e" => Some(LoggedAction::Escalate),
        "s" => Some(LoggedAction::Stay),
        _ => None,
    }
}

/// Whether a word ends the escalation; `end` does so where it stands alone, not in `at the end of the window`.
fn ends(word: &str, words: usize) -> bool {
    matches!(word, "stop" | "stopped" | "terminate" | "terminated") || (word == "end" && words == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_read_in_the_words_of_minutes() {
        let read = |text: &str| read_decision(text).map(|decision| (decision.action, decision.stops));
        use LoggedAction::{DeEscalate, Eliminate, Escalate, Stay};
        assert_eq!(read("ESCALATE; STOP (>=12 evaluable at recommended dose)"), Some((Some(Escalate), true)));
        assert_eq!(read("DE-ESCALATE"), Some((Some(DeEscalate), false)));
        assert_eq!(read("de escalate and eliminate"), Some((Some(Eliminate), false)));
        assert_eq!(read("Stay"), Some((Some(Stay), false)));
        assert_eq!(read("Stopped by the committee"), Some((None, true)));
        assert_eq!((read("to be discussed"), read("")), (None, None));
        assert_eq!(read("Escalate to 480 mg"), Some((Some(Escalate), false)));
    }

    #[test]
    fn what_is_denied_or_only_foreseen_is_not_the_decision() {
        let read = |text: &str| read_decision(text).map(|decision| (decision.action, decision.stops));
        use LoggedAction::{Escalate, Stay};
        assert_eq!((read("Do not escalate"), read("Don't escalate"), read("no further dose escalation")), (None, None, None));
        assert_eq!(read("Do not escalate; stay"), Some((Some(Stay), false)));
        assert_eq!(read("Stay; escalate if nobody has a DLT"), Some((Some(Stay), false)));
        assert_eq!(read("Escalate (no de-escalation needed)"), Some((Some(Escalate), false)));
        assert_eq!(read("Escalate at the end of the window"), Some((Some(Escalate), false)));
        assert_eq!(read("MTD not reached, escalate"), Some((Some(Escalate), false)));
        assert_eq!((read("Patient's data reviewed"), read("Group E reviewed")), (None, None));
        assert_eq!((read("E"), read("s")), (Some((Some(Escalate), false)), Some((Some(Stay), false))));
        assert_eq!((read("Stop escalation"), read("Stop the dose escalation")), (Some((None, true)), Some((None, true))));
        assert_eq!(read("Dose escalation to 480 mg"), Some((Some(Escalate), false)));
    }
}
