//! How the decisions of an escalation rule look: a shade that darkens from escalation to stopping, and letters.

use crate::evidence::GridAction;

use super::canvas::{Canvas, Point};
use super::key::{KeyEntry, Sample};
use super::lettering::{Anchor, HALF_CAP, Lettering, tenths};
use super::theme::{BLACK, Ink, WHITE};

/// All decisions, from escalation to stopping.
const ACTIONS: [GridAction; 5] = [GridAction::Escalate, GridAction::Stay, GridAction::DeEscalate, GridAction::Eliminate, GridAction::Stop];

/// Shade of a decision; lightness falls from escalation to stopping, so that greyscale keeps the order.
pub(super) fn shade(action: GridAction) -> Ink {
    match action {
        GridAction::Escalate => Ink(0xea, 0xf5, 0xf0),
        GridAction::Stay => Ink(0xb2, 0xd3, 0xe8),
        GridAction::DeEscalate => Ink(0xe3, 0x91, 0x3f),
        GridAction::Eliminate => Ink(0x9a, 0x37, 0x08),
        GridAction::Stop => BLACK,
    }
}

/// Ink of letters on the shade of a decision.
pub(super) fn letter_ink(action: GridAction) -> Ink {
    if shade(action).luminance() > 0.2 { BLACK } else { WHITE }
}

/// Letters of a decision, as tables of designs write them; stopping has one letter, which fits into a cell.
pub(super) fn letters(action: GridAction) -> &'static str {
    match action {
        GridAction::Escalate => "E",
        GridAction::Stay => "S",
        GridAction::DeEscalate => "D",
        GridAction::Eliminate => "DU",
        GridAction::Stop => "X",
    }
}

/// What a decision means.
fn meaning(action: GridAction) -> &'static str {
    match action {
        GridAction::Escalate => "escalate",
        GridAction::Stay => "stay at the dose",
        GridAction::DeEscalate => "de-escalate",
        GridAction::Eliminate => "de-escalate, dose and above eliminated",
        GridAction::Stop => "stop the trial",
    }
}

/// Entries of the key for the decisions that occur.
pub(super) fn action_entries(occurring: &[GridAction]) -> Vec<KeyEntry> {
    let shown = ACTIONS.into_iter().filter(|action| occurring.contains(action));
    shown.map(|action| KeyEntry { sample: Sample::Action(action), label: meaning(action).to_owned() }).collect()
}

/// Draws the letters of a decision in the middle of its cell.
pub(super) fn draw_letters(canvas: &mut Canvas, (x, y): Point, action: GridAction, size: f64) {
    let lettering = Lettering::LABEL.bold().sized(tenths(size)).inked(letter_ink(action)).anchored(Anchor::Middle);
    canvas.words((x, y + size * HALF_CAP), letters(action), lettering);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_darken_and_letters_keep_their_contrast() {
        let light: Vec<f64> = ACTIONS.iter().map(|action| shade(*action).luminance()).collect();
        assert!(light.windows(2).all(|pair| pair[0] > pair[1] + 0.07), "{light:?}");
        for action in ACTIONS {
            let (a, b) = (shade(action).luminance() + 0.05, letter_ink(action).luminance() + 0.05);
            assert!(a.max(b) / a.min(b) >= 4.5, "{action:?}");
        }
    }

    #[test]
    fn the_key_holds_what_occurs_in_order() {
        let entries = action_entries(&[GridAction::Eliminate, GridAction::Escalate, GridAction::Escalate]);
        assert_eq!(
            entries.iter().map(|entry| entry.label.as_str()).collect::<Vec<_>>(),
            ["escalate", "de-escalate, dose and above eliminated"]
        );
    }
}
