//! Separation: when the columns tell events from non-events, so that the likelihood grows without bound.

use std::fmt;

/// Part of the largest movement below which a row counts as not moving along the direction of recession.
const STILL: f64 = 1e-4;

/// How events and non-events are separated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Separation {
    /// No event at all.
    NoEvents,
    /// Nothing but events.
    AllEvents,
    /// A combination of the columns lies on one side of a threshold for every event and on the other for every non-event.
    Complete,
    /// The same, with some events and non-events on the threshold.
    Quasi,
}

impl fmt::Display for Separation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoEvents => "there is no event",
            Self::AllEvents => "there is nothing but events",
            Self::Complete => "a combination of the explanatory variables separates events from non-events completely",
            Self::Quasi => "a combination of the explanatory variables separates events from non-events up to ties",
        })
    }
}

/// Judges the direction in which an iteration that found no maximum was still moving.
///
/// ```text
/// separated: a direction d with (2y - 1) x'd >= 0 in every row and > 0 in one   (a row with both kinds needs x'd = 0)
/// ```
///
/// `None` when the direction proves nothing.
///
/// Source: `[AlbertAnderson1984]`.
pub(super) fn judge(predictors: &[f64], movement: &[f64], events: &[f64], trials: &[f64]) -> Option<Separation> {
    let total: f64 = events.iter().sum();
    if total <= 0.0 {
        return Some(Separation::NoEvents);
    }
    if total >= trials.iter().sum() {
        return Some(Separation::AllEvents);
    }
    let side = |events: f64, trials: f64| (events > 0.0, events < trials);
    let on_its_side = |values: &[f64], slack: f64| {
        values.iter().zip(events).zip(trials).all(|((value, events), trials)| match side(*events, *trials) {
            (true, true) => value.abs() <= slack,
            (true, false) => *value >= -slack,
            (false, _) => *value <= slack,
        })
    };
    if on_its_side(predictors, 0.0) && predictors.iter().all(|value| value.abs() > 0.0) {
        return Some(Separation::Complete);
    }
    let largest = movement.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    (largest > 0.0 && on_its_side(movement, STILL * largest)).then_some(Separation::Quasi)
}
