//! What a design decides and why, in plain English with the numbers that decided.
//!
//! Doses are named by the labels of the caller (`60 mg`, `dose 3`); a dose without a label is named by its number.

use super::design::boin12::{Boin12Next, Boin12Reason};
use super::design::boin12_desirability::JointTally;
use super::design::{Decision, DoseLevel, Next, Reason, State, Tally};

/// Distance within which a rate counts as lying on a boundary.
const ON_THE_BOUNDARY: f64 = 1e-9;

/// Fewest and most decimals of a number in a sentence.
const DECIMALS: std::ops::RangeInclusive<usize> = 3..=6;

/// The decision as a verb.
#[must_use]
pub fn verb(decision: Decision) -> &'static str {
    match decision {
        Decision::Escalate => "escalate",
        Decision::Stay => "stay",
        Decision::DeEscalate => "de-escalate",
        Decision::Eliminate => "eliminate",
        Decision::Stop => "stop",
    }
}

/// What follows on the state of a trial and why, as one sentence without a full stop.
///
/// `state` is the one that [`CountDesign::next`](super::design::CountDesign::next) was asked with. Probabilities have three decimals, more where
/// an observed value and its threshold would otherwise look the same.
#[must_use]
pub fn explain(next: &Next, state: &State, labels: &[String]) -> String {
    Words { next, state, labels }.sentence()
}

/// What BOIN12 does next on counts whose last cohort was at `current`, as one sentence without a full stop.
#[must_use]
pub fn explain_boin12(next: &Boin12Next, tallies: &[JointTally], current: DoseLevel, labels: &[String]) -> String {
    let here = tallies.get(current.0).copied().unwrap_or_default();
    let seen = format!(
        "{} of {} patients with DLT and {} with efficacy at {}",
        here.toxicities(),
        here.n(),
        here.efficacies(),
        label(labels, current)
    );
    let goes = match next.dose {
        None => "stop the trial".to_owned(),
        Some(dose) => match dose.cmp(&current) {
            std::cmp::Ordering::Greater => format!("escalate to {}", label(labels, dose)),
            std::cmp::Ordering::Equal => format!("stay at {}", label(labels, dose)),
            std::cmp::Ordering::Less => format!("de-escalate to {}", label(labels, dose)),
        },
    };
    match next.reason {
        Boin12Reason::Start => format!("nobody has been treated: treat the first cohort at {}", label(labels, current)),
        Boin12Reason::DeEscalate { rate, boundary } => {
            let [rate, boundary] = shown([rate, boundary]);
            format!("{seen}: the DLT rate {rate} reaches the de-escalation boundary {boundary}, so {goes}")
        }
        Boin12Reason::Exploration { n, threshold } => {
            format!("{seen}: the rate is tolerable, {n} patients are at least {threshold}, and nobody received the next dose, so {goes}")
        }
        Boin12Reason::MostDesirable { probability, tied } => {
            let [probability] = shown([probability]);
            let ties = if tied { "; of equals the higher dose is taken" } else { "" };
            format!(
                "{seen}: of the doses compared it has the highest probability of exceeding the utility benchmark ({probability}{ties}), so {goes}"
            )
        }
        Boin12Reason::NearestAdmissible => {
            format!("{seen}: none of the doses compared is admissible; the nearest that is follows, so {goes}")
        }
        Boin12Reason::NoAdmissibleDose => format!("{seen}: no dose is admissible, so {goes}"),
    }
}

/// A dose by its label, or by its number where it has none.
#[must_use]
pub fn label(labels: &[String], dose: DoseLevel) -> String {
    labels.get(dose.0).cloned().unwrap_or_else(|| format!("dose {}", dose.0 + 1))
}

struct Words<'a> {
    next: &'a Next,
    state: &'a State,
    labels: &'a [String],
}

impl Words<'_> {
    fn sentence(&self) -> String {
        let goes = self.action();
        let seen = self.seen();
        match self.next.reason {
            Reason::NoPatients => format!("nobody has been evaluated at {0}: treat the next cohort at {0}", self.here()),
            Reason::Rate { rate, lower, upper } => self.rate(rate, lower, upper),
            Reason::StrongestInterval { lower, upper, mass } => {
                let [lower, upper] = shown([lower, upper]);
                let side = match self.next.decision {
                    Decision::Escalate => "lies below the target interval",
                    Decision::DeEscalate | Decision::Eliminate | Decision::Stop => "lies above the target interval",
                    Decision::Stay => "is the target interval",
                };
                format!(
                    "{seen}: the interval {lower} to {upper} has the largest posterior probability per unit of width ({mass:.2}) and {side}, so {goes}"
                )
            }
            Reason::Counts { n, dlt, threshold } => self.counts(Tally { n, dlt }, threshold),
            Reason::TooToxic { probability, threshold } => {
                let [probability, threshold] = shown([probability, threshold]);
                format!("{seen}: the dose is more toxic than the target with probability {probability}, above {threshold}, so {goes}")
            }
            Reason::NextDoseEliminated => format!("{seen} call for escalation, but the next dose was eliminated, so {goes}"),
            Reason::HighestDose => format!("{seen} call for escalation, but {} is the highest dose, so {goes}", self.here()),
            Reason::LowestDose => format!("{seen} call for de-escalation, but {} is the lowest dose, so {goes}", self.here()),
            Reason::NoSkipping { wanted } => {
                format!("{seen}: the model recommends {}, but no dose may be skipped, so {goes}", label(self.labels, wanted))
            }
            Reason::LastCohort { rate, target } => {
                let [rate, target] = shown([rate, target]);
                format!(
                    "the DLT rate of the last cohort, {rate}, reached the target {target}, so that the dose is not raised right after it: {goes}"
                )
            }
            Reason::NumberAtDose { n, limit } => format!("{n} patients at the dose reach the limit of {limit}, so {goes}"),
            Reason::NumberInTrial { n, limit } => format!("{n} patients in the trial reach the limit of {limit}, so {goes}"),
            Reason::Model { value, threshold } => {
                let [value, threshold] = shown([value, threshold]);
                format!(
                    "{seen}: the estimated DLT probability {value} at {} is the closest to the target {threshold}, so {goes}",
                    self.there()
                )
            }
            Reason::OverdoseControl { probability, threshold } => {
                let [probability, threshold] = shown([probability, threshold]);
                format!(
                    "{seen}: of the doses whose probability of overdosing is below {threshold}, {} ({probability}) has the largest probability of \
                     the target interval, so {goes}",
                    self.there()
                )
            }
            Reason::NoEligibleDose { probability, threshold } => {
                let [probability, threshold] = shown([probability, threshold]);
                format!("{seen}: every dose has a probability of overdosing of at least {probability}, not below {threshold}, so {goes}")
            }
            Reason::Pending { pending, limit } => {
                format!("{seen}: {pending} patients are pending, more than {limit}, so accrual is suspended")
            }
        }
    }

    fn here(&self) -> String {
        label(self.labels, self.state.current)
    }

    fn there(&self) -> String {
        label(self.labels, self.next.dose.unwrap_or(self.state.current))
    }

    /// The counts at the current dose.
    fn seen(&self) -> String {
        of_patients(self.state.here(), &self.here())
    }

    fn action(&self) -> String {
        match (self.next.decision, self.next.dose) {
            (Decision::Eliminate, None) => "the lowest dose is eliminated: stop the trial and select no dose".to_owned(),
            (Decision::Stop, _) | (_, None) => "stop the trial".to_owned(),
            (Decision::Eliminate, Some(dose)) => {
                format!("eliminate {} and every dose above it and de-escalate to {}", self.eliminated(), label(self.labels, dose))
            }
            (decision, Some(dose)) => {
                let word = if decision == Decision::Stay { "at" } else { "to" };
                format!("{} {word} {}", verb(decision), label(self.labels, dose))
            }
        }
    }

    fn eliminated(&self) -> String {
        label(self.labels, self.state.eliminated_from.unwrap_or(self.state.current).min(self.state.current))
    }

    fn rate(&self, rate: f64, lower: f64, upper: f64) -> String {
        let own = self.state.here().rate().is_some_and(|own| (own - rate).abs() <= ON_THE_BOUNDARY);
        let what = if own { "rate" } else { "the rate pooled with lower doses," };
        let [rate_shown, lower_shown, upper_shown] = shown([rate, lower, upper]);
        let goes = self.action();
        let lies = if rate < lower - ON_THE_BOUNDARY {
            format!("is below {lower_shown}")
        } else if rate > upper + ON_THE_BOUNDARY {
            format!("is above {upper_shown}")
        } else if self.next.decision == Decision::Stay {
            format!("lies between {lower_shown} and {upper_shown}")
        } else if (rate - lower).abs() <= ON_THE_BOUNDARY {
            format!("equals the boundary {lower_shown}")
        } else {
            format!("reaches the boundary {upper_shown}")
        };
        let but = match self.next.decision {
            Decision::Stay if rate < lower - ON_THE_BOUNDARY => ", but no higher dose may be given",
            Decision::Stay if rate > upper + ON_THE_BOUNDARY && self.one_fewer_is_below(lower) => {
                ", but with one toxicity fewer it would lie below the interval"
            }
            Decision::Stay if rate > upper + ON_THE_BOUNDARY => ", but there is no lower dose",
            _ => "",
        };
        format!("{}: {what} {rate_shown} {lies}{but}, so {goes}", self.seen())
    }

    fn one_fewer_is_below(&self, lower: f64) -> bool {
        let Tally { n, dlt } = self.state.here();
        dlt > 0 && f64::from(dlt - 1) < f64::from(n) * lower - ON_THE_BOUNDARY
    }

    /// Rules in counts look at the current dose, or on the way up at the dose above it.
    fn counts(&self, tally: Tally, threshold: u32) -> String {
        let goes = self.action();
        let place = if tally == self.state.here() { self.here() } else { format!("the dose next to {}", self.here()) };
        let seen = of_patients(tally, &place);
        if tally.dlt >= threshold {
            return format!("{seen}: {threshold} or more is too toxic, so {goes}");
        }
        match self.next.decision {
            Decision::Stay => format!("{seen}: fewer than {threshold}, but too few patients to go on, so {goes}"),
            _ => format!("{seen}: fewer than {threshold}, so {goes}"),
        }
    }
}

fn of_patients(tally: Tally, place: &str) -> String {
    format!("{} of {} patients with DLT at {place}", tally.dlt, tally.n)
}

/// Numbers with as many decimals as it takes to tell them apart.
fn shown<const N: usize>(values: [f64; N]) -> [String; N] {
    let with = |decimals: usize| values.map(|value| format!("{value:.decimals$}"));
    let distinct = |texts: &[String; N]| {
        let apart = |i: usize, j: usize| (values[i] - values[j]).abs() <= ON_THE_BOUNDARY || texts[i] != texts[j];
        (0..N).all(|i| (i + 1..N).all(|j| apart(i, j)))
    };
    DECIMALS.map(with).find(distinct).unwrap_or_else(|| with(*DECIMALS.end()))
}

#[cfg(test)]
mod tests {
    use super::super::design::CountDesign;
    use super::super::design::backfill::{BackfillBoin, CompletedBackfill};
    use super::super::design::boin::{Boin, BoinParameters};
    use super::super::design::boin_rule::BoinRule;
    use super::super::design::i3plus3::I3Plus3;
    use super::super::design::keyboard::Keyboard;
    use super::super::design::outcomes::{read_history, replay_history};
    use super::super::design::rules::{EnoughPatients, StopAtNumber};
    use super::super::design::three_plus_three::{ThreePlusThree, ThreePlusThreeVariant};
    use super::*;

    fn said(design: &dyn CountDesign, history: &str) -> String {
        let items = read_history(history, design.doses()).unwrap();
        let (state, _) = replay_history(design, DoseLevel(0), &items).unwrap();
        explain(&design.next(&state), &state, &[])
    }

    fn boin() -> Boin {
        Boin::new(BoinParameters::with_target(0.3)).unwrap()
    }

    #[test]
    fn rates_are_told_with_their_boundaries() {
        let design = boin().design(3, 30).unwrap();
        let cases = [
            ("", "nobody has been evaluated at dose 1: treat the next cohort at dose 1"),
            ("3:0", "0 of 3 patients with DLT at dose 1: rate 0.000 is below 0.236, so escalate to dose 2"),
            ("3:0 3:0 3:1", "1 of 3 patients with DLT at dose 3: rate 0.333 lies between 0.236 and 0.359, so stay at dose 3"),
            ("3:0 3:2", "2 of 3 patients with DLT at dose 2: rate 0.667 is above 0.359, so de-escalate to dose 1"),
            ("3:0 3:0 3:0", "0 of 3 patients with DLT at dose 3 call for escalation, but dose 3 is the highest dose, so stay at dose 3"),
            ("3:2", "2 of 3 patients with DLT at dose 1 call for de-escalation, but dose 1 is the lowest dose, so stay at dose 1"),
            ("3:0 3:3 3:0", "0 of 6 patients with DLT at dose 1 call for escalation, but the next dose was eliminated, so stay at dose 1"),
        ];
        for (history, expected) in cases {
            assert_eq!(said(&design, history), expected);
        }
        let eliminated = said(&design, "3:0 3:3");
        assert!(
            eliminated.contains("probability 0.992, above 0.950")
                && eliminated.ends_with("so eliminate dose 2 and every dose above it and de-escalate to dose 1")
        );
        assert!(said(&design, "3:3").ends_with("the lowest dose is eliminated: stop the trial and select no dose"));
        let stopping = StopAtNumber::new(design, 3, EnoughPatients::WhenStaying);
        assert_eq!(said(&stopping, "3:1"), "3 patients at the dose reach the limit of 3, so stop the trial");
    }

    #[test]
    fn other_rules_have_their_own_words() {
        let i3 = I3Plus3::new(0.3, 0.25, 0.35, 0.95).unwrap().design(3, 30).unwrap();
        assert!(
            said(&i3, "2:1").contains("rate 0.500 is above 0.350, but with one toxicity fewer it would lie below the interval, so stay")
        );
        let keyboard = Keyboard::new(0.3, 0.05, 0.05, 0.95).unwrap().design(3, 30).unwrap();
        assert!(said(&keyboard, "3:0").contains("and lies below the target interval, so escalate to dose 2"));
        let rule = ThreePlusThree::new(3, ThreePlusThreeVariant::NoDeescalation).unwrap();
        assert_eq!(
            said(&rule, "3:1"),
            "1 of 3 patients with DLT at dose 1: fewer than 2, but too few patients to go on, so stay at dose 1"
        );
        assert_eq!(said(&rule, "3:0 3:2"), "2 of 3 patients with DLT at dose 2: 2 or more is too toxic, so stop the trial");
        let backfill = BackfillBoin::new(BoinRule::new(BoinParameters::with_target(0.25), 40).unwrap(), 12).unwrap();
        let backfill = CompletedBackfill::new(backfill, 4).unwrap();
        assert!(said(&backfill, "1@6:0 2@12:4 3@3:0").contains("the rate pooled with lower doses, 0.267 lies between 0.197 and 0.298"));
    }

    #[test]
    fn labels_name_the_doses_and_close_numbers_are_told_apart() {
        let design = boin().design(2, 30).unwrap();
        let (state, _) = replay_history(&design, DoseLevel(0), &read_history("3:0", 2).unwrap()).unwrap();
        let labels = ["10 mg".to_owned(), "30 mg".to_owned()];
        assert!(explain(&design.next(&state), &state, &labels).ends_with("at 10 mg: rate 0.000 is below 0.236, so escalate to 30 mg"));
        assert_eq!(shown([0.2501, 0.25]), ["0.2501", "0.2500"]);
        assert_eq!(shown([0.25, 0.25, 0.5]), ["0.250", "0.250", "0.500"]);
    }

    #[test]
    fn boin12_is_told_with_both_outcomes() {
        let tallies = [JointTally { efficacy_only: 1, neither: 2, ..JointTally::default() }, JointTally::default()];
        let told = |dose: Option<usize>, reason: Boin12Reason| {
            let next = Boin12Next { dose: dose.map(DoseLevel), reason, prob_above_benchmark: vec![0.4, 0.3], admissible: vec![true, true] };
            explain_boin12(&next, &tallies, DoseLevel(0), &[])
        };
        assert!(
            told(Some(1), Boin12Reason::MostDesirable { probability: 0.4, tied: true })
                .ends_with("(0.400; of equals the higher dose is taken), so escalate to dose 2")
        );
        assert!(told(None, Boin12Reason::NoAdmissibleDose).starts_with("0 of 3 patients with DLT and 1 with efficacy at dose 1"));
    }
}
