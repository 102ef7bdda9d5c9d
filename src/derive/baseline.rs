//! Baseline variables: which of the customary ones ADSL has, and their values.

use std::collections::BTreeMap;

use super::columns::{self, Column};
use super::records::{BaselineValue, BaselineVariable};
use super::words::normalised;
use crate::config::Settings;
use crate::data::Dataset;

/// How a variable is summarised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// As a number, unless the data hold words.
    Number,
    /// By level, also when the levels are digits.
    Category,
    /// As a number when every value is one and there are more than [`FEW`] of them, otherwise by level.
    EitherWay,
}

/// Up to this many different numbers are levels rather than measurements.
const FEW: usize = 5;
/// More levels than this are cut to the [`KEPT`] most frequent and [`REST`].
const MOST: usize = 12;
/// Levels kept when there are too many.
const KEPT: usize = 10;
/// Everything else when there are too many levels.
const REST: &str = "Other";

/// A customary variable: names in the order of preference, label, customary unit (empty where none can be taken for granted), kind.
struct Candidate {
    names: &'static [&'static str],
    label: &'static str,
    unit: &'static str,
    kind: Kind,
}

const fn number(names: &'static [&'static str], label: &'static str, unit: &'static str) -> Candidate {
    Candidate { names, label, unit, kind: Kind::Number }
}

const fn category(names: &'static [&'static str], label: &'static str) -> Candidate {
    Candidate { names, label, unit: "", kind: Kind::Category }
}

const fn either(names: &'static [&'static str], label: &'static str) -> Candidate {
    Candidate { names, label, unit: "", kind: Kind::EitherWay }
}

/// The variables that are looked for, in the order of a table of baseline characteristics.
const CANDIDATES: [Candidate; 25] = [
    number(&["AGE"], "Age", "years"),
    category(&["AGEGR1"], "Age group"),
    category(&["SEX"], "Sex"),
    category(&["RACE"], "Race"),
    category(&["ETHNIC"], "Ethnicity"),
    category(&["REGION1"], "Region"),
    category(&["COUNTRY"], "Country"),
    number(&["WTBL", "WEIGHTBL"], "Weight", "kg"),
    number(&["HTBL", "HEIGHTBL"], "Height", "cm"),
    number(&["BMIBL"], "Body mass index", "kg/m²"),
    number(&["BSABL"], "Body surface area", "m²"),
    category(&["ECOG", "ECOGBL"], "ECOG performance status"),
    category(&["HSGRP"], "Histology"),
    category(&["SMOKE"], "Smoking history"),
    category(&["PRIORLN", "PRIORLIN"], "Prior lines of therapy"),
    number(&["SLDBL", "TUMSUMBL"], "Sum of target lesion diameters", "mm"),
    number(&["ALBBL"], "Albumin", ""),
    number(&["LDHBL"], "Lactate dehydrogenase", ""),
    number(&["CRCL", "CRCLBL"], "Creatinine clearance", "mL/min"),
    number(&["EGFR", "EGFRBL"], "Estimated glomerular filtration rate", ""),
    category(&["RENIMP"], "Renal impairment"),
    category(&["HEPIMP"], "Hepatic impairment"),
    either(&["BMRKR1"], "Biomarker 1"),
    either(&["BMRKR2"], "Biomarker 2"),
    either(&["BMRKR3"], "Biomarker 3"),
];

/// Words with an order of their own.
const ORDERED: [&[&str]; 4] = [
    &["NORMAL", "MILD", "MODERATE", "SEVERE", "END STAGE"],
    &["NEGATIVE", "VERY LOW", "LOW", "INTERMEDIATE", "MEDIUM", "POSITIVE", "HIGH", "VERY HIGH"],
    &["NEVER", "FORMER", "CURRENT"],
    &["F", "FEMALE", "M", "MALE", "U", "UNDIFFERENTIATED"],
];

/// Levels that say nothing stand last.
const UNINFORMATIVE: [&str; 6] = ["OTHER", "MULTIPLE", "NOT REPORTED", "UNKNOWN", "MISSING", "NOT DONE"];

#[derive(Debug)]
enum Values {
    Numbers(Column<f64>),
    Levels { column: Column<String>, levels: Vec<String>, rest: Option<usize> },
}

/// The variables that were found.
#[derive(Debug)]
pub(super) struct BaselineColumns {
    found: Vec<(BaselineVariable, Values)>,
}

impl BaselineColumns {
    /// The variables in print order.
    pub(super) fn variables(self) -> Vec<BaselineVariable> {
        self.found.into_iter().map(|(variable, _)| variable).collect()
    }

    /// The values in a 0-based row, parallel to the variables.
    pub(super) fn values(&self, index: usize) -> Vec<BaselineValue> {
        self.found.iter().map(|(_, values)| values.at(index)).collect()
    }
}

impl Values {
    fn at(&self, index: usize) -> BaselineValue {
        match self {
            Self::Numbers(column) => columns::number(Some(column), index).map_or(BaselineValue::Missing, BaselineValue::Number),
            Self::Levels { column, levels, rest } => {
                let position = column.get(index).and_then(|text| levels.iter().position(|level| level == text).or(*rest));
                position.map_or(BaselineValue::Missing, BaselineValue::Level)
            }
        }
    }
}

/// Looks for every customary variable, for the stratification variables `STRATA1` to `STRATA9` and for the columns that the project names as
/// covariates of exposure or of outcome, or as strata.
pub(super) fn find_columns(adsl: &Dataset, settings: &Settings) -> BaselineColumns {
    let strata: Vec<String> = (1..=9).map(|number| format!("STRATA{number}")).collect();
    let customary = CANDIDATES.iter().filter_map(|candidate| {
        let label = |column: &str| match candidate.kind {
            Kind::EitherWay => adsl.label(column).unwrap_or_else(|| candidate.label.to_owned()),
            _ => with_unit(adsl, column, candidate),
        };
        find(adsl, candidate.names, candidate.kind, label)
    });
    let stratification = strata.iter().enumerate().filter_map(|(index, name)| {
        let label = |column: &str| adsl.label(column).unwrap_or_else(|| format!("Stratification factor {}", index + 1));
        find(adsl, &[name], Kind::Category, label)
    });
    let mut found: Vec<(BaselineVariable, Values)> = customary.chain(stratification).collect();
    let of_exposure = settings.pk.covariates.iter().flatten().map(|covariate| (&covariate.column, covariate.label.as_ref()));
    let of_response =
        settings.exposure_response.iter().flat_map(|asked| asked.covariates.iter().chain(&asked.strata)).map(|name| (name, None));
    for (name, label) in of_exposure.chain(of_response) {
        let held = found.iter().any(|(variable, _)| variable.column.eq_ignore_ascii_case(name));
        let label = |column: &str| label.cloned().or_else(|| adsl.label(column)).unwrap_or_else(|| column.to_owned());
        if !held {
            found.extend(find(adsl, &[name.as_str()], Kind::EitherWay, label));
        }
    }
    BaselineColumns { found }
}

/// The label with its unit: from the unit column (`AGEU`, `WTBLU`) where it holds one unit throughout, otherwise the customary one.
fn with_unit(adsl: &Dataset, column: &str, candidate: &Candidate) -> String {
    let given = columns::texts(adsl, &[&format!("{column}U")]).map(|units| count_values(&units, adsl.height()));
    let unit = match given.as_ref().map(|units| units.keys().collect::<Vec<_>>()).as_deref() {
        Some([unit]) if normalised(unit) == "YEARS" => "years",
        Some([unit]) => unit.as_str(),
        _ => candidate.unit,
    };
    if unit.is_empty() { candidate.label.to_owned() } else { format!("{} ({unit})", candidate.label) }
}

fn find(adsl: &Dataset, names: &[&str], kind: Kind, label: impl Fn(&str) -> String) -> Option<(BaselineVariable, Values)> {
    let texts = columns::texts(adsl, names)?;
    let height = adsl.height();
    let counts = count_values(&texts, height);
    let numeric = counts.keys().filter(|text| text.parse::<f64>().is_ok()).count();
    let as_number = match kind {
        Kind::Number => numeric > 0,
        Kind::Category => false,
        Kind::EitherWay => numeric == counts.len() && numeric > FEW,
    };
    let column = texts.name.clone();
    let label = label(&column);
    if as_number {
        let numbers = columns::numbers(adsl, &[&column])?;
        return Some((BaselineVariable { column, label, levels: None, merged: false }, Values::Numbers(numbers)));
    }
    let (levels, rest) = order_levels(counts);
    let variable = BaselineVariable { column, label, levels: Some(levels.clone()), merged: rest.is_some() };
    Some((variable, Values::Levels { column: texts, levels, rest }))
}

fn count_values(column: &Column<String>, height: usize) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for text in (0..height).filter_map(|index| column.get(index)) {
        *counts.entry(text.clone()).or_insert(0) += 1;
    }
    counts
}

/// Levels in print order, and the position of what was merged.
///
/// Words with an order of their own keep it (`NORMAL`, `MILD`, `MODERATE`, `SEVERE`); levels that all hold a number follow it (`<65` before
/// `>=65`); others go by frequency, then by name. Levels that say nothing stand last. More than 12 levels become the 10 most frequent and
/// `Other`.
fn order_levels(counts: BTreeMap<String, usize>) -> (Vec<String>, Option<usize>) {
    let mut levels: Vec<(String, usize)> = counts.into_iter().collect();
    levels.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    if levels.len() > MOST {
        levels.truncate(KEPT);
        let mut names: Vec<String> = levels.into_iter().map(|(name, _)| name).filter(|name| name != REST).collect();
        names.push(REST.to_owned());
        let rest = names.len() - 1;
        return (names, Some(rest));
    }
    let mut names: Vec<String> = levels.into_iter().map(|(name, _)| name).collect();
    let last = |name: &String| UNINFORMATIVE.contains(&normalised(name).as_str());
    let informative: Vec<String> = names.iter().filter(|name| !last(name)).map(|name| normalised(name)).collect();
    let ordered = ORDERED.iter().find(|words| informative.iter().all(|name| words.contains(&name.as_str())));
    let numbered = informative.iter().all(|name| number_in(name).is_some());
    // Sorting is stable: what the key does not tell apart stays by frequency and name.
    names.sort_by(|a, b| {
        let rank = |name: &str| ordered.and_then(|words| words.iter().position(|word| *word == normalised(name)));
        let by_number = || match (number_in(a), number_in(b)) {
            (Some(a), Some(b)) if numbered => a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)),
            _ => std::cmp::Ordering::Equal,
        };
        last(a).cmp(&last(b)).then_with(|| rank(a).cmp(&rank(b))).then_with(by_number)
    });
    (names, None)
}

/// The first number in a level, and whether the level lies below it (`<65`), at it or above it (`>=65`).
fn number_in(level: &str) -> Option<(f64, i8)> {
    let start = level.find(|c: char| c.is_ascii_digit())?;
    let (before, rest) = level.split_at_checked(start)?;
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
    let number = rest.get(..end)?.trim_end_matches('.').parse().ok()?;
    let side = if before.contains(['<', '≤']) {
        -1
    } else if before.contains(['>', '≥']) {
        1
    } else {
        0
    };
    Some((number, side))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(levels: &[(&str, usize)]) -> Vec<String> {
        order_levels(levels.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()).0
    }

    #[test]
    fn levels_stand_in_a_sensible_order() {
        assert_eq!(ordered(&[("SEVERE", 9), ("MILD", 2), ("NORMAL", 1), ("MODERATE", 3)]), ["NORMAL", "MILD", "MODERATE", "SEVERE"]);
        assert_eq!(ordered(&[(">=65", 9), ("<65", 2)]), ["<65", ">=65"]);
        assert_eq!(ordered(&[(">64", 9), ("18-64", 2)]), ["18-64", ">64"]);
        assert_eq!(ordered(&[("1", 9), ("10", 1), ("2", 2)]), ["1", "2", "10"]);
        assert_eq!(ordered(&[("ECOG >=1", 9), ("ECOG 0", 2)]), ["ECOG 0", "ECOG >=1"]);
        assert_eq!(ordered(&[("OTHER", 9), ("WHITE", 2), ("ASIAN", 2)]), ["ASIAN", "WHITE", "OTHER"]);
        assert_eq!(ordered(&[("M", 9), ("F", 2)]), ["F", "M"]);
    }

    #[test]
    fn many_levels_become_ten_and_the_rest() {
        let counts = (0..13_usize).map(|index| (format!("C{}", char::from(b'A' + u8::try_from(index).unwrap())), 20 - index)).collect();
        let (levels, rest) = order_levels(counts);
        assert_eq!(levels.len(), 11);
        assert_eq!(levels.first().map(String::as_str), Some("CA"));
        assert_eq!((levels.last().map(String::as_str), rest), (Some("Other"), Some(10)));
    }
}
