//! What the text of a decision says.

use super::{LoggedAction, LoggedDecision};

/// Reads the text of a decision: the words of the action and, with it or alone, those of the end.
pub(super) fn read_decision(text: &str) -> Option<LoggedDecision> {
    let bare: String = text.to_lowercase().chars().map(|letter| if letter.is_alphabetic() { letter } else { ' ' }).collect();
    let words: Vec<&str> = bare.split_whitespace().collect();
    let says = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let de_escalates = says(&["deescalate", "deescalation", "reduce", "d"])
        || words.windows(2).any(|pair| matches!(pair, ["de", "escalate" | "escalated" | "escalation"]));
    let stops = says(&["stop", "stopped", "end", "terminate", "terminated"]);
    let action = if says(&["eliminate", "eliminated", "du"]) {
        Some(LoggedAction::Eliminate)
    } else if de_escalates {
        Some(LoggedAction::DeEscalate)
    } else if says(&["escalate", "escalated", "escalation", "e"]) {
        Some(LoggedAction::Escalate)
    } else if says(&["stay", "stayed", "expand", "retain", "repeat", "s"]) {
        Some(LoggedAction::Stay)
    } else {
        None
    };
    (action.is_some() || stops).then(|| LoggedDecision { text: text.to_owned(), action, stops })
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
    }
}
