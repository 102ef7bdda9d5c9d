//! From facts of the other analyses to the values of attributes.

use crate::analysis::utility::evaluation::{Measured, MeasuredAttribute};
use crate::analysis::utility::posterior::Uncertain;
use crate::config::{Attribute, Settings, UtilitySettings};
use crate::evidence::{Fact, FactId, FactValue, Facts, Unit, slug};
use crate::numerics::distribution::normal_critical;

/// A dosage that is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Id in the project file.
    pub(super) id: String,
    /// Label.
    pub(super) label: String,
}

/// What the uncertainty of an attribute is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spread {
    /// A beta distribution from counts.
    Counts,
    /// A normal distribution from the interval of an estimate.
    Limits,
    /// A normal distribution of a median from its quartiles.
    Quartiles,
    /// A normal distribution of a mean from its standard deviation.
    StandardDeviation,
    /// Nothing: the value is held fixed.
    Fixed,
}

/// The attributes with their values, and the facts that these are.
#[derive(Debug, Clone)]
pub(super) struct Inputs {
    /// Dosages, in the order of the project file.
    pub(super) candidates: Vec<Candidate>,
    /// Study part; `None` for the whole programme.
    pub(super) part: Option<String>,
    /// Attributes.
    pub(super) attributes: Vec<MeasuredAttribute>,
    /// The fact of each value: a row per attribute, an entry per dosage.
    pub(super) facts: Vec<Vec<FactId>>,
    /// What the uncertainty of each attribute is taken from.
    pub(super) spreads: Vec<Spread>,
}

/// The dosages that are compared: those of `utility`, otherwise those of `decision`, otherwise all of the drug.
pub(super) fn candidates(settings: &Settings) -> Vec<Candidate> {
    let named = settings.utility.as_ref().map_or(&[][..], |utility| utility.dosages.as_slice());
    let decided: Vec<&String> = settings
        .decision
        .iter()
        .filter(|_| named.is_empty())
        .flat_map(|decision| std::iter::once(&decision.proposed).chain(&decision.alternatives))
        .collect();
    let wanted = |id: &String, comparator: bool| match (named, decided.as_slice()) {
        ([], [] | [_]) => !comparator,
        ([], decided) => decided.contains(&id),
        (named, _) => named.contains(id),
    };
    let held = settings.dosages.iter().filter(|dosage| wanted(&dosage.id, dosage.comparator));
    held.map(|dosage| Candidate { id: dosage.id.clone(), label: dosage.label.clone() }).collect()
}

impl Inputs {
    /// The values of every attribute under every dosage.
    ///
    /// # Errors
    /// The reasons, a sentence each, where a value is missing.
    pub(super) fn collect(utility: &UtilitySettings, settings: &Settings, facts: &Facts) -> Result<Self, Vec<String>> {
        let candidates = candidates(settings);
        let part = match utility.parts.as_slice() {
            [] => None,
            [only] => Some(only.clone()),
            _ => return Err(vec!["`utility.parts` names several study parts; their values are not put together.".to_owned()]),
        };
        if candidates.len() < 2 {
            return Err(vec!["A comparison needs at least two dosages.".to_owned()]);
        }
        let mut missing = Vec::new();
        let mut found = Self { candidates: candidates.clone(), part, attributes: Vec::new(), facts: Vec::new(), spreads: Vec::new() };
        for attribute in &utility.attributes {
            match found.measure(attribute, facts) {
                Ok((measured, ids, spread)) => {
                    found.attributes.push(MeasuredAttribute { attribute: attribute.clone(), measured });
                    found.facts.push(ids);
                    found.spreads.push(spread);
                }
                Err(reason) => missing.push(reason),
            }
        }
        if missing.is_empty() { Ok(found) } else { Err(missing) }
    }

    fn measure(&self, attribute: &Attribute, facts: &Facts) -> Result<(Vec<Measured>, Vec<FactId>, Spread), String> {
        if attribute.endpoint.is_some() {
            return Err(format!("{}: an `endpoint` of its own is not read here; name a `measure`.", attribute.label));
        }
        let mut measured = Vec::new();
        let mut ids = Vec::new();
        let mut spread = Spread::Counts;
        for candidate in &self.candidates {
            let lacking = |what: &str| format!("{}, {}: {what}.", attribute.label, candidate.label);
            let (id, fact) = self.find(attribute, &candidate.id, facts).ok_or_else(|| lacking("no such measure among the results"))?;
            let value = number(fact).ok_or_else(|| lacking("the data do not determine the measure"))?;
            let (known, from) = known(&id, fact, value, facts);
            measured.push(Measured { value, known });
            ids.push(id);
            spread = spread.max(from);
        }
        Ok((measured, ids, spread))
    }

    /// The fact of a measure under a dosage: by its name, or, without one, the measure of the attribute's own name in whichever analysis has it.
    fn find<'f>(&self, attribute: &Attribute, dosage: &str, facts: &'f Facts) -> Option<(FactId, &'f Fact)> {
        let part = self.part.as_ref().map_or_else(String::new, |part| format!("@{}", slug(part)));
        let tail = format!("{}{part}", slug(dosage));
        match &attribute.measure {
            Some(measure) => {
                let id = FactId::from(format!("{measure}.{tail}").as_str());
                facts.get(&id).map(|fact| (id, fact))
            }
            None => {
                let wanted = format!(".{}.{tail}", attribute.id);
                let named = |id: &FactId| id.as_str().find('.').is_some_and(|dot| id.as_str()[dot..] == *wanted);
                facts.iter().find(|(id, _)| named(id)).map(|(id, fact)| (id.clone(), fact))
            }
        }
    }
}

fn number(fact: &Fact) -> Option<f64> {
    match fact.value {
        FactValue::Number(value) if value.is_finite() => Some(value),
        FactValue::Count(count) => Some(count as f64),
        _ => None,
    }
}

/// What is known of a value from what its fact holds beside it.
///
/// ```text
/// proportion   beta(x + 1/2, n - x + 1/2)
/// interval     normal, se = (upper - lower) / (2 z)
/// median       normal, se = 1.253 (q3 - q1) / (1.349 sqrt(n))
/// mean         normal, se = sd / sqrt(n)
/// ```
///
/// Otherwise the value is held fixed.
fn known(id: &FactId, fact: &Fact, value: f64, facts: &Facts) -> (Uncertain, Spread) {
    if let (Unit::Proportion, Some(count), Some(n)) = (&fact.unit, fact.count, fact.n)
        && count <= n
    {
        let (x, n) = (count as f64, n as f64);
        return (Uncertain::Beta { alpha: x + 0.5, beta: n - x + 0.5 }, Spread::Counts);
    }
    let normal = |standard_deviation: f64| Uncertain::Normal { mean: value, standard_deviation };
    let limits = fact.interval.and_then(|interval| Some((interval.lower?, interval.upper?, normal_critical(interval.level).ok()?)));
    if let Some((lower, upper, z)) = limits.filter(|(lower, upper, _)| lower.is_finite() && upper >= lower) {
        return (normal((upper - lower) / (2.0 * z)), Spread::Limits);
    }
    let beside = |from: &str, to: &str| number(facts.get(&FactId::from(id.as_str().replacen(from, to, 1).as_str()))?);
    let n = fact.n.filter(|n| *n > 1).map(|n| (n as f64).sqrt());
    if let (Some(low), Some(high), Some(root)) = (beside("_median.", "_q1."), beside("_median.", "_q3."), n) {
        // Standard error of the median of a normal sample over its interquartile range.
        return (normal(1.253_314_137_315_500_3 * (high - low) / (1.348_979_500_392_163_5 * root)), Spread::Quartiles);
    }
    if let (true, Some(sd), Some(root)) = (id.as_str().contains("_mean."), beside("_mean.", "_sd."), n) {
        return (normal(sd / root), Spread::StandardDeviation);
    }
    (Uncertain::Exact(value), Spread::Fixed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Slice;
    use crate::quantity::Rows;

    fn fact(value: f64, unit: Unit, count: Option<u64>, n: u64) -> Fact {
        Fact {
            label: "x".into(),
            value: FactValue::Number(value),
            unit,
            count,
            n: Some(n),
            interval: None,
            method: "median".into(),
            population: "all".into(),
            part: None,
            source: Slice::new("ADSL", "all rows", ["USUBJID"], Rows::default()),
            denominator: None,
            exhibit: None,
            planned: None,
        }
    }

    #[test]
    fn what_is_known_of_a_value_comes_from_what_stands_beside_it() {
        let mut facts = Facts::default();
        let median = facts.insert(FactId::from("exposure.rdi_median.a"), fact(90.0, Unit::Percent, None, 100));
        facts.insert(FactId::from("exposure.rdi_q1.a"), fact(80.0, Unit::Percent, None, 100));
        facts.insert(FactId::from("exposure.rdi_q3.a"), fact(95.0, Unit::Percent, None, 100));
        let (found, spread) = known(&median, facts.get(&median).unwrap(), 90.0, &facts);
        let Uncertain::Normal { standard_deviation, .. } = found else { panic!("{found:?}") };
        assert!((standard_deviation - 0.9291 * 15.0 / 10.0).abs() < 1e-3);
        assert_eq!(spread, Spread::Quartiles);
        let share = FactId::from("efficacy.orr.a");
        let (found, _) = known(&share, &fact(0.3, Unit::Proportion, Some(3), 10), 0.3, &facts);
        assert_eq!(found, Uncertain::Beta { alpha: 3.5, beta: 7.5 });
        let (found, spread) = known(&share, &fact(5.0, Unit::Days, None, 10), 5.0, &facts);
        assert_eq!((found, spread), (Uncertain::Exact(5.0), Spread::Fixed));
    }
}
