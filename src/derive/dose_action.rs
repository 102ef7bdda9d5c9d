//! Action taken with the drug because of an adverse event.

use super::records::DoseAction;
use super::words::normalised;

fn parse_one(word: &str) -> Option<DoseAction> {
    match normalised(word).as_str() {
        "DOSE NOT CHANGED" | "NO CHANGE" | "NO ACTION TAKEN" | "NONE" => Some(DoseAction::NotChanged),
        "DOSE REDUCED" | "DOSE RATE REDUCED" | "INFUSION RATE REDUCED" | "DOSE REDUCTION" => Some(DoseAction::Reduced),
        "DRUG INTERRUPTED"
        | "DOSE INTERRUPTED"
        | "TREATMENT INTERRUPTED"
        | "DOSE HELD"
        | "DRUG HELD"
        | "DOSE DELAYED"
        | "INFUSION INTERRUPTED" => Some(DoseAction::Interrupted),
        "DRUG WITHDRAWN"
        | "DRUG DISCONTINUED"
        | "DOSE DISCONTINUED"
        | "TREATMENT DISCONTINUED"
        | "PERMANENTLY DISCONTINUED"
        | "DRUG PERMANENTLY DISCONTINUED" => Some(DoseAction::Withdrawn),
        "DOSE INCREASED" | "DOSE RATE INCREASED" => Some(DoseAction::Increased),
        "NOT APPLICABLE" | "UNKNOWN" | "NOT EVALUABLE" | "NOT KNOWN" => Some(DoseAction::Unknown),
        _ => None,
    }
}

/// How much an action weighs when a record names several.
fn weight(action: DoseAction) -> u8 {
    match action {
        DoseAction::Unknown => 0,
        DoseAction::NotChanged => 1,
        DoseAction::Increased => 2,
        DoseAction::Interrupted => 3,
        DoseAction::Reduced => 4,
        DoseAction::Withdrawn => 5,
    }
}

/// The action that a value means; of several, separated by `;`, `,` or `|`, the gravest (withdrawn, reduced, interrupted). `None` when any
/// of them is not understood.
pub(super) fn parse_action(value: &str) -> Option<DoseAction> {
    let actions: Option<Vec<DoseAction>> = value.split([';', ',', '|']).filter(|word| !word.trim().is_empty()).map(parse_one).collect();
    actions?.into_iter().max_by_key(|action| weight(*action))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_of_several_actions_counts() {
        assert_eq!(parse_action("DRUG INTERRUPTED; DOSE REDUCED"), Some(DoseAction::Reduced));
        assert_eq!(parse_action("Not evaluable"), Some(DoseAction::Unknown));
        assert_eq!(parse_action("MULTIPLE"), None);
        assert_eq!(parse_action("DOSE REDUCED; PHONED"), None);
    }
}
