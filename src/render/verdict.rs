//! What the differences between dosages say for and against the proposed one, read from their intervals alone.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::evidence::{Facts, Unit, slug};

use super::desk::Desk;

/// Which values of an endpoint are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Better {
    /// Response.
    Higher,
    /// Toxicity.
    Lower,
}

/// How the proposed dosage does on one endpoint against one other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// The interval of the difference lies on its side.
    Better,
    /// The interval lies on the other's side.
    Worse,
    /// The interval includes zero.
    NotDistinguished,
}

/// The comparison of the proposed dosage with one other on one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Compared {
    /// Fact of the difference on which the verdict rests: of a part in which dosages were assigned at random, where there is one.
    id: String,
    /// The two dosages in the order of the subtraction.
    pair: String,
    /// Label of the study part; empty for all parts together.
    part: String,
    /// Whether the dosages were assigned at random there.
    randomised: bool,
    verdict: Verdict,
}

/// A part in which at least two of the compared dosages were assigned at random.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct ComparedPart {
    id: String,
    /// Its label, which says that it is randomised.
    label: String,
}

/// The limits of every difference of two proportions that has both.
pub(super) fn differences(facts: &Facts) -> BTreeMap<String, (f64, f64)> {
    let differences = facts.iter().filter(|(_, fact)| fact.unit == Unit::ProportionDifference);
    differences.filter_map(|(id, fact)| Some((id.as_str().to_owned(), (fact.interval?.lower?, fact.interval?.upper?)))).collect()
}

impl Desk {
    /// The proposed dosage against each alternative on one endpoint; nothing of pairs without an interval.
    pub(super) fn verdicts(&self, measure: &str, better: Better) -> Vec<Compared> {
        let Some((proposed, alternatives)) = self.compared.split_first() else { return Vec::new() };
        alternatives.iter().flat_map(|other| self.verdicts_of(measure, better, (proposed, other))).collect()
    }

    fn verdicts_of(&self, measure: &str, better: Better, (proposed, other): (&str, &str)) -> Vec<Compared> {
        let either_way = [(proposed, other, false), (other, proposed, true)];
        let found = either_way.into_iter().find_map(|(first, second, turned)| {
            let whole = format!("{measure}.{}", slug(&format!("{first} vs {second}")));
            let of_parts: Vec<Compared> = self
                .parts
                .iter()
                .filter(|(.., randomised)| *randomised)
                .filter_map(|(part, label, _)| {
                    let id = format!("{whole}@{}", slug(part));
                    self.compared_by(id, (first, second), (label, true), (better, turned))
                })
                .collect();
            if !of_parts.is_empty() {
                return Some(of_parts);
            }
            self.compared_by(whole, (first, second), ("", false), (better, turned)).map(|compared| vec![compared])
        });
        found.unwrap_or_default()
    }

    fn compared_by(&self, id: String, pair: (&str, &str), part: (&str, bool), sense: (Better, bool)) -> Option<Compared> {
        let (lower, upper) = *self.differences.get(&id)?;
        let label = |id: &str| self.dosages.iter().find(|(known, _)| known == id).map_or(id, |(_, label)| label.as_str()).to_owned();
        let pair = format!("{} minus {}", label(pair.0), label(pair.1));
        Some(Compared { id, pair, part: part.0.to_owned(), randomised: part.1, verdict: read((lower, upper), sense) })
    }

    /// The parts in which at least two of the compared dosages were assigned at random.
    pub(super) fn compared_parts(&self) -> Vec<ComparedPart> {
        let studied = |part: &str| {
            let in_part = |dosage: &&String| {
                self.has_fact(&format!("tolerability.teae_any.{}@{}", slug(dosage), slug(part)))
                    || self.has_fact(&format!("efficacy.orr.{}@{}", slug(dosage), slug(part)))
            };
            self.compared.iter().filter(in_part).count()
        };
        let parts = self.parts.iter().filter(|(id, _, randomised)| *randomised && studied(id) >= 2);
        let says_so = |label: &str| label.to_lowercase().contains("randomi");
        let words = |label: &str| if says_so(label) { label.to_owned() } else { format!("{label} (randomised)") };
        parts.map(|(id, label, _)| ComparedPart { id: id.clone(), label: words(label) }).collect()
    }
}

/// Reads an interval; `turned` where the proposed dosage is the one that is subtracted.
fn read((lower, upper): (f64, f64), (better, turned): (Better, bool)) -> Verdict {
    let proposed_wants_more = (better == Better::Higher) != turned;
    match (lower > 0.0, upper < 0.0) {
        (true, _) if proposed_wants_more => Verdict::Better,
        (_, true) if !proposed_wants_more => Verdict::Better,
        (false, false) => Verdict::NotDistinguished,
        _ => Verdict::Worse,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_speaks_for_the_side_on_which_it_lies() {
        let more = (0.02, 0.2);
        let less = (-0.2, -0.02);
        for (interval, better, turned, verdict) in [
            (more, Better::Higher, false, Verdict::Better),
            (less, Better::Higher, false, Verdict::Worse),
            (more, Better::Lower, false, Verdict::Worse),
            (less, Better::Lower, false, Verdict::Better),
            (more, Better::Higher, true, Verdict::Worse),
            (less, Better::Lower, true, Verdict::Worse),
            (less, Better::Higher, true, Verdict::Better),
            ((-0.1, 0.1), Better::Lower, true, Verdict::NotDistinguished),
            ((0.0, 0.1), Better::Higher, false, Verdict::NotDistinguished),
            ((-0.1, 0.0), Better::Lower, false, Verdict::NotDistinguished),
        ] {
            assert_eq!(read(interval, (better, turned)), verdict, "{interval:?} {better:?} {turned}");
        }
    }
}
