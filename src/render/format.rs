//! Facts to words: how a value, its unit, its count and its interval are written.
//!
//! Tables take a [`CellPattern`]; sentences take a [`Show`]. A proportion stands as a percentage with one decimal behind its count; `0` and
//! `100%` have no decimal; what cannot be estimated is `NE` in tables, where a note explains it, and is spelled out in sentences.

use std::str::FromStr;

use crate::evidence::{CellPattern, Fact, FactId, FactValue, Unit};

use super::document::{FactText, Inline};
use super::number::{fixed, significant, significant_decimals};
use super::text;

/// Printed in tables for what the data do not determine.
pub const NOT_ESTIMABLE: &str = "NE";
/// Printed in tables for what does not apply or was not collected.
pub const NOT_AVAILABLE: &str = "–";
/// Below so many subjects a percentage says little without its count.
const FEW: u64 = 10;

/// How a sentence shows a fact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Show {
    /// The value with its unit; a proportion among few subjects as `2 of 6 (33.3%)`.
    #[default]
    Auto,
    /// The value without a unit (a proportion keeps its `%`).
    Value,
    /// The number that was counted.
    Count,
    /// The number counted among.
    Total,
    /// `12 of 35`.
    CountOf,
    /// `12 (34.3%)`.
    CountPercent,
    /// `12 of 35 (34.3%)`.
    CountOfPercent,
    /// `(19.1, 52.2)`.
    Interval,
    /// `95% CI 19.1, 52.2`.
    ConfidenceInterval,
    /// Everything: `12 of 35 (34.3%; 95% CI 19.1, 52.2)`.
    Full,
    /// `p = 0.032` or `p < 0.001`.
    PValue,
}

impl Show {
    /// Every way with its name in templates.
    const NAMES: [(&'static str, Self); 11] = [
        ("auto", Self::Auto),
        ("value", Self::Value),
        ("count", Self::Count),
        ("n", Self::Total),
        ("count_of", Self::CountOf),
        ("count_percent", Self::CountPercent),
        ("count_of_percent", Self::CountOfPercent),
        ("interval", Self::Interval),
        ("ci", Self::ConfidenceInterval),
        ("full", Self::Full),
        ("p_value", Self::PValue),
    ];
}

/// A word that is no way of showing a fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no way to show a fact; use auto, value, count, n, count_of, count_percent, count_of_percent, interval, ci, full or p_value"
)]
pub struct ShowError(String);

impl FromStr for Show {
    type Err = ShowError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, show)| *show).ok_or_else(|| ShowError(name.to_owned()))
    }
}

/// The fact in a sentence.
#[must_use]
pub fn in_sentence(fact: &Fact, show: Show) -> String {
    let words = match show {
        Show::Auto if small_proportion(fact) => count_of_percent(fact),
        Show::Auto => with_unit(fact),
        Show::Value => spelled(&bare(fact, Whole::No)),
        Show::Count => counted(fact).map_or_else(|| with_unit(fact), |count| count.to_string()),
        Show::Total => fact.n.map_or_else(|| NOT_AVAILABLE.to_owned(), |n| n.to_string()),
        Show::CountOf => count_of(fact).unwrap_or_else(|| with_unit(fact)),
        Show::CountPercent => count_percent(fact),
        Show::CountOfPercent => count_of_percent(fact),
        Show::Interval => limits(fact).map_or_else(|| NOT_AVAILABLE.to_owned(), |(lower, upper)| format!("({lower}, {upper})")),
        Show::ConfidenceInterval => confidence_interval(fact).unwrap_or_else(|| "no interval estimate".to_owned()),
        Show::Full => full(fact),
        Show::PValue => p_value(fact),
    };
    text::line(&words)
}

/// Whether every number of a row is a whole number, so that its median and limits need no decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// All are.
    Yes,
    /// Some are not.
    No,
}

impl Whole {
    /// Looks at the values of a row.
    pub fn of<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Self {
        let whole = facts.into_iter().all(|fact| match fact.value {
            FactValue::Number(value) => value.fract().abs() < f64::EPSILON,
            _ => true,
        });
        if whole { Self::Yes } else { Self::No }
    }
}

/// The facts of a cell in their pattern. A fact that is missing from `facts` leaves its place empty.
#[must_use]
pub fn in_cell(pattern: CellPattern, facts: &[(&FactId, &Fact)], whole: Whole) -> Vec<Inline> {
    match pattern {
        CellPattern::MeanSd => {
            let decimals = facts.first().map(|(_, mean)| decimals_of(mean));
            sequence(facts, |_, fact| aligned(fact, decimals), &[" (", ")"])
        }
        CellPattern::MedianQuartiles | CellPattern::MedianRange => sequence(facts, |_, fact| bare(fact, whole), &[" (", ", ", ")"]),
        CellPattern::Range => sequence(facts, |_, fact| bare(fact, whole), &[", "]),
        CellPattern::GeometricMeanCv => {
            sequence(facts, |place, fact| if place == 0 { bare(fact, Whole::No) } else { percent_of(fact) }, &[" (", ")"])
        }
        CellPattern::EventsRate => sequence(facts, |_, fact| bare(fact, Whole::No), &["; "]),
        CellPattern::ValueAside => {
            let between: &[&str] = match facts.len() {
                0 | 1 => &[],
                2 => &[" (", ")"],
                _ => &[" (", ", ", ")"],
            };
            sequence(facts, |_, fact| bare(fact, whole), between)
        }
        single => sequence(facts.get(..1).unwrap_or(&[]), |_, fact| one_in_cell(single, fact, whole), &[]),
    }
}

/// Whether a cell shows [`NOT_ESTIMABLE`].
#[must_use]
pub fn shows_not_estimable(pattern: CellPattern, facts: &[(&FactId, &Fact)]) -> bool {
    let with_interval = matches!(pattern, CellPattern::PercentInterval | CellPattern::CountPercentInterval | CellPattern::ValueInterval);
    facts.iter().any(|(_, fact)| {
        let open = fact.interval.is_some_and(|interval| interval.lower.is_none() || interval.upper.is_none());
        fact.value == FactValue::NotEstimable || (with_interval && open)
    })
}

/// The value in full precision with unit, count and interval, for tooltips and traceability.
#[must_use]
pub fn exact(fact: &Fact) -> String {
    let mut words = exact_value(fact);
    if let Some(interval) = fact.interval {
        let limit = |limit: Option<f64>| limit.map_or_else(|| "not estimable".to_owned(), |value| value.to_string());
        words.push_str(&format!("; {}% CI {} to {}", level(interval.level), limit(interval.lower), limit(interval.upper)));
        words.push_str(&format!(" ({})", interval.method.label()));
    }
    text::line(&words)
}

/// The value in full precision with unit and count.
#[must_use]
pub fn exact_value(fact: &Fact) -> String {
    let mut words = match &fact.value {
        FactValue::Number(value) => value.to_string(),
        FactValue::Count(value) => value.to_string(),
        FactValue::Text(value) => value.clone(),
        FactValue::NotEstimable => "not estimable".to_owned(),
    };
    match &fact.unit {
        Unit::Count | Unit::Text | Unit::Dimensionless => {}
        unit => words = format!("{words} ({})", unit.label()),
    }
    if let Some(counts) = count_of(fact) {
        words.push_str("; ");
        words.push_str(&counts);
    } else if let Some(n) = fact.n.filter(|_| fact.unit != Unit::Count) {
        words.push_str(&format!("; n = {n}"));
    }
    text::line(&words)
}

/// Facts in order with `between` after each.
fn sequence(facts: &[(&FactId, &Fact)], words: impl Fn(usize, &Fact) -> String, between: &[&str]) -> Vec<Inline> {
    let mut inlines = Vec::new();
    for (place, (id, fact)) in facts.iter().enumerate() {
        inlines.push(Inline::Fact(FactText { id: (*id).clone(), text: text::line(&words(place, fact)) }));
        if let Some(separator) = between.get(place) {
            inlines.push(Inline::Text((*separator).to_owned()));
        }
    }
    inlines
}

fn one_in_cell(pattern: CellPattern, fact: &Fact, whole: Whole) -> String {
    if fact.unit == Unit::Proportion && fact.n == Some(0) {
        return NOT_AVAILABLE.to_owned();
    }
    let interval = limits(fact).map(|(lower, upper)| format!("{lower}, {upper}"));
    match pattern {
        CellPattern::PValue => p_value(fact).trim_start_matches("p ").trim_start_matches("= ").replace(' ', ""),
        CellPattern::CountPercent => count_percent(fact),
        CellPattern::CountOfPercent => count_over(fact).map_or_else(|| percent_of(fact), |counts| bracket(&counts, &percent_of(fact))),
        CellPattern::PercentInterval if small_proportion(fact) => one_in_cell(CellPattern::CountPercentInterval, fact, whole),
        CellPattern::PercentInterval => interval.map_or_else(|| percent_of(fact), |limits| bracket(&percent_of(fact), &limits)),
        CellPattern::CountPercentInterval => {
            let inner = interval.map_or_else(|| percent_of(fact), |limits| format!("{}; {limits}", percent_of(fact)));
            count_over(fact).map_or_else(|| inner.clone(), |counts| bracket(&counts, &inner))
        }
        CellPattern::ValueInterval => {
            let value = bare(fact, whole);
            interval.map_or_else(|| value.clone(), |limits| bracket(&value, &limits))
        }
        _ if small_proportion(fact) => one_in_cell(CellPattern::CountOfPercent, fact, whole),
        _ => bare(fact, whole),
    }
}

fn bracket(outer: &str, inner: &str) -> String {
    format!("{outer} ({inner})")
}

fn small_proportion(fact: &Fact) -> bool {
    fact.unit == Unit::Proportion && fact.n.is_some_and(|n| n < FEW) && counted(fact).is_some()
}

/// The number behind a fact: of a count the value itself.
fn counted(fact: &Fact) -> Option<u64> {
    match fact.value {
        FactValue::Count(count) => Some(count),
        _ => fact.count,
    }
}

fn count_of(fact: &Fact) -> Option<String> {
    fact.count.zip(fact.n).map(|(count, n)| format!("{count} of {n}"))
}

fn count_over(fact: &Fact) -> Option<String> {
    fact.count.zip(fact.n).map(|(count, n)| format!("{count}/{n}"))
}

fn count_percent(fact: &Fact) -> String {
    match counted(fact) {
        Some(0) => "0".to_owned(),
        Some(count) if fact.unit == Unit::Proportion => bracket(&count.to_string(), &percent_of(fact)),
        Some(count) => count.to_string(),
        None => bare(fact, Whole::No),
    }
}

fn count_of_percent(fact: &Fact) -> String {
    count_of(fact).map_or_else(|| with_unit(fact), |counts| bracket(&counts, &percent_of(fact)))
}

/// A proportion, or a value already in percent, as `34.3%`.
fn percent_of(fact: &Fact) -> String {
    match (&fact.value, &fact.unit) {
        (FactValue::Number(value), Unit::Proportion) => percent(percent_value(fact, *value)),
        (FactValue::Number(value), _) => format!("{}%", fixed(*value, 1)),
        _ => bare(fact, Whole::No),
    }
}

/// The percentage; from the counts where they give the same value, because `100 * 23 / 80` is exact where `100 * 0.2875` is not.
fn percent_value(fact: &Fact, proportion: f64) -> f64 {
    match fact.count.zip(fact.n) {
        Some((count, n)) if n > 0 => {
            let from_counts = 100.0 * count as f64 / n as f64;
            if (from_counts - 100.0 * proportion).abs() < 1e-9 { from_counts } else { 100.0 * proportion }
        }
        _ => 100.0 * proportion,
    }
}

/// A percentage with one decimal. Nothing and everything have none, and no other value is rounded to look like them.
fn percent(value: f64) -> String {
    let rounded = fixed(value, 1);
    match rounded.as_str() {
        "0.0" if value.abs() < 1e-12 => "0%".to_owned(),
        "0.0" => "<0.1%".to_owned(),
        "100.0" if (value - 100.0).abs() < 1e-9 => "100%".to_owned(),
        "100.0" if value < 100.0 => ">99.9%".to_owned(),
        _ => format!("{rounded}%"),
    }
}

/// The value as a table shows it, where the unit stands in the stub.
fn bare(fact: &Fact, whole: Whole) -> String {
    match &fact.value {
        FactValue::Count(count) => count.to_string(),
        FactValue::Text(words) => text::line(words),
        FactValue::NotEstimable => NOT_ESTIMABLE.to_owned(),
        FactValue::Number(value) if fact.unit == Unit::Proportion => percent(percent_value(fact, *value)),
        FactValue::Number(value) => number(*value, &fact.unit, whole),
    }
}

/// A number or a limit of an interval as its unit asks.
fn number(value: f64, unit: &Unit, whole: Whole) -> String {
    match unit {
        Unit::Proportion | Unit::ProportionDifference => fixed(100.0 * value, 1),
        Unit::Percent | Unit::Days | Unit::Months | Unit::PerHundredPatientMonths | Unit::Points => fixed(value, 1),
        Unit::Count | Unit::Named(_) if whole == Whole::Yes => fixed(value, 0),
        Unit::Count => fixed(value, 1),
        Unit::Named(_) => significant(value),
        Unit::Dimensionless | Unit::Text => ratio(value),
    }
}

/// A ratio or another pure number: two decimals, more only where two would show nothing.
fn ratio(value: f64) -> String {
    match value.abs() {
        size if size >= 99.95 => fixed(value, 0),
        size if size >= 9.995 => fixed(value, 1),
        size if !(1e-12..0.0995).contains(&size) => fixed(value, 2),
        size if size >= 0.000_95 => fixed(value, 3),
        _ => significant(value),
    }
}

fn decimals_of(fact: &Fact) -> usize {
    match (&fact.value, &fact.unit) {
        (FactValue::Number(value), Unit::Named(_)) => significant_decimals(*value).max(1),
        (FactValue::Number(value), Unit::Dimensionless) => significant_decimals(*value).clamp(1, 2),
        _ => 1,
    }
}

/// A number with the decimals of its neighbour.
fn aligned(fact: &Fact, decimals: Option<usize>) -> String {
    match (&fact.value, decimals) {
        (FactValue::Number(value), Some(decimals)) if fact.unit != Unit::Proportion => fixed(*value, decimals),
        _ => bare(fact, Whole::No),
    }
}

/// The limits of the fact's interval in the unit of its value.
fn limits(fact: &Fact) -> Option<(String, String)> {
    let interval = fact.interval?;
    let limit = |limit: Option<f64>| limit.map_or_else(|| NOT_ESTIMABLE.to_owned(), |value| number(value, &fact.unit, Whole::No));
    Some((limit(interval.lower), limit(interval.upper)))
}

fn level(level: f64) -> String {
    let percent = 100.0 * level;
    if (percent - percent.round()).abs() < 1e-9 { fixed(percent, 0) } else { fixed(percent, 1) }
}

fn confidence_interval(fact: &Fact) -> Option<String> {
    let (lower, upper) = limits(fact)?;
    let level = level(fact.interval?.level);
    if lower == NOT_ESTIMABLE && upper == NOT_ESTIMABLE {
        return Some(format!("{level}% CI not estimable"));
    }
    Some(format!("{level}% CI {}, {}", spelled(&lower), spelled(&upper)))
}

fn full(fact: &Fact) -> String {
    let interval = confidence_interval(fact);
    match (count_of(fact).filter(|_| fact.unit == Unit::Proportion), interval) {
        (Some(counts), Some(interval)) => bracket(&counts, &format!("{}; {interval}", percent_of(fact))),
        (Some(counts), None) => bracket(&counts, &percent_of(fact)),
        (None, Some(interval)) => bracket(&with_unit(fact), &interval),
        (None, None) => with_unit(fact),
    }
}

/// Abbreviations of tables are words in sentences.
fn spelled(words: &str) -> String {
    if words == NOT_ESTIMABLE { "not estimable".to_owned() } else { words.to_owned() }
}

fn with_unit(fact: &Fact) -> String {
    let words = spelled(&bare(fact, Whole::of([fact])));
    let FactValue::Number(_) = fact.value else {
        return words;
    };
    match &fact.unit {
        Unit::Percent => format!("{words}%"),
        Unit::ProportionDifference => format!("{words} percentage points"),
        Unit::Days => format!("{words} days"),
        Unit::Months => format!("{words} months"),
        Unit::Points => format!("{words} points"),
        Unit::PerHundredPatientMonths => format!("{words} events per 100 patient-months"),
        Unit::Named(unit) => format!("{words} {}", unit_words(unit)),
        Unit::Count | Unit::Proportion | Unit::Dimensionless | Unit::Text => words,
    }
}

/// A unit as a reader writes it: a raised dot for a product.
#[must_use]
pub fn unit_words(unit: &str) -> String {
    text::line(unit).replace('*', "·")
}

fn p_value(fact: &Fact) -> String {
    match fact.value {
        FactValue::Number(p) if p < 0.001 => "p < 0.001".to_owned(),
        FactValue::Number(p) if p > 0.999 => "p > 0.999".to_owned(),
        FactValue::Number(p) => format!("p = {}", fixed(p, 3)),
        _ => bare(fact, Whole::No),
    }
}
