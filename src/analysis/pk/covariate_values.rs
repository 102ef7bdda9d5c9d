//! Covariates of exposure as ADSL gives them: categories against a reference, numbers at percentiles against the median.

use crate::config::{CovariateSettings, Jurisdiction, Settings};
use crate::derive::{AnalysisData, BaselineValue, BaselineVariable, SubjectIndex};
use crate::numerics::descriptive::{QuantileType, quantile};

/// The customary covariates; the first column that ADSL has of each.
const CUSTOMARY: [&[&str]; 13] = [
    &["AGE"],
    &["AGEGR1"],
    &["SEX"],
    &["RACE"],
    &["ETHNIC"],
    &["REGION1"],
    &["WTBL", "WEIGHTBL"],
    &["ECOG", "ECOGBL"],
    &["ALBBL"],
    &["CRCL", "CRCLBL"],
    &["EGFR", "EGFRBL"],
    &["RENIMP"],
    &["HEPIMP"],
];

/// Columns that say the same of a subject in several ways: one of each stands in a model of all covariates.
const SAME: [&[&str]; 4] =
    [&["AGE", "AGEGR1"], &["WTBL", "WEIGHTBL", "BMIBL", "BSABL"], &["CRCL", "CRCLBL", "EGFR", "EGFRBL", "RENIMP"], &["REGION1", "COUNTRY"]];

/// Categories that say nothing count as missing.
const UNINFORMATIVE: [&str; 5] = ["NOT REPORTED", "UNKNOWN", "MISSING", "NOT DONE", "U"];

/// The category of values that no group names.
const OTHER: &str = "Other";

/// Percentiles at which a number is compared with its median, and their names.
pub const PERCENTILES: [(f64, &str); 2] = [(0.05, "5th percentile"), (0.95, "95th percentile")];

/// The values of a covariate, parallel to the subjects of an analysis.
#[derive(Debug, Clone, PartialEq)]
pub enum SubjectValues {
    /// Categories.
    Categories {
        /// Those that a subject has, in print order.
        levels: Vec<String>,
        /// Position of the one that the others are compared with.
        reference: usize,
        /// Position by subject; `None` where missing.
        of: Vec<Option<usize>>,
    },
    /// Numbers.
    Numbers {
        /// Median.
        median: f64,
        /// Values at [`PERCENTILES`].
        at: [f64; 2],
        /// Value by subject; `None` where missing.
        of: Vec<Option<f64>>,
    },
}

/// A covariate of exposure.
#[derive(Debug, Clone, PartialEq)]
pub struct ExposureCovariate {
    /// Column of ADSL.
    pub column: String,
    /// Label with unit.
    pub label: String,
    /// Values.
    pub values: SubjectValues,
    /// The reference category that the project names and no subject has.
    pub absent_reference: Option<String>,
}

/// What a subgroup is compared with the reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Contrast {
    /// Which of the covariate's columns carries it.
    pub column: usize,
    /// Distance from the reference along that column.
    pub distance: f64,
    /// What it compares.
    pub kind: ContrastKind,
}

/// What a contrast compares with the reference.
#[derive(Debug, Clone, PartialEq)]
pub enum ContrastKind {
    /// A category, by position.
    Level(usize),
    /// A percentile of a number.
    Percentile {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: f64,
    },
}

impl ExposureCovariate {
    /// Whether the subject at a position has a value.
    #[must_use]
    pub fn is_present(&self, position: usize) -> bool {
        match &self.values {
            SubjectValues::Categories { of, .. } => of.get(position).is_some_and(Option::is_some),
            SubjectValues::Numbers { of, .. } => of.get(position).is_some_and(Option::is_some),
        }
    }

    /// Columns of a regression for the subjects at these positions, who all have a value: an indicator for each category but the reference, or the
    /// distance from the median.
    #[must_use]
    pub fn columns(&self, positions: &[usize]) -> Vec<Vec<f64>> {
        match &self.values {
            SubjectValues::Categories { levels, reference, of } => {
                let indicator = |level: usize| {
                    positions.iter().map(|position| f64::from(u8::from(of.get(*position) == Some(&Some(level))))).collect::<Vec<f64>>()
                };
                (0..levels.len()).filter(|level| level != reference).map(indicator).collect()
            }
            SubjectValues::Numbers { median, of, .. } => {
                vec![positions.iter().filter_map(|position| of.get(*position).copied().flatten()).map(|value| value - median).collect()]
            }
        }
    }

    /// What is compared with the reference, in print order.
    #[must_use]
    pub fn contrasts(&self) -> Vec<Contrast> {
        match &self.values {
            SubjectValues::Categories { levels, reference, .. } => (0..levels.len())
                .filter(|level| level != reference)
                .enumerate()
                .map(|(column, level)| Contrast { column, distance: 1.0, kind: ContrastKind::Level(level) })
                .collect(),
            SubjectValues::Numbers { median, at, .. } => PERCENTILES
                .iter()
                .zip(at)
                .filter(|(_, value)| (*value - median).abs() > 0.0)
                .map(|((_, name), value)| Contrast {
                    column: 0,
                    distance: value - median,
                    kind: ContrastKind::Percentile { name, value: *value },
                })
                .collect(),
        }
    }

    /// Whether the subjects at these positions have different values.
    #[must_use]
    pub fn varies(&self, positions: &[usize]) -> bool {
        let mut values: Vec<u64> = match &self.values {
            SubjectValues::Categories { of, .. } => {
                positions.iter().filter_map(|position| of.get(*position).copied().flatten()).map(|level| level as u64).collect()
            }
            SubjectValues::Numbers { of, .. } => {
                positions.iter().filter_map(|position| of.get(*position).copied().flatten()).map(f64::to_bits).collect()
            }
        };
        values.dedup();
        values.len() > 1
    }

    /// Whether two covariates say the same of a subject, such as age and age group.
    #[must_use]
    pub fn is_kin(&self, other: &Self) -> bool {
        let of = |family: &&&[&str], column: &str| family.iter().any(|name| name.eq_ignore_ascii_case(column));
        SAME.iter().any(|family| of(&family, &self.column) && of(&family, &other.column))
    }
}

/// The covariates of a sample, and the columns that the project names and ADSL does not have.
pub(super) fn covariates(sample: &[SubjectIndex], data: &AnalysisData, settings: &Settings) -> (Vec<ExposureCovariate>, Vec<String>) {
    let (mut found, mut absent) = (Vec::new(), Vec::new());
    for asked in asked(data, settings) {
        let place = data.baseline_variables.iter().position(|variable| variable.column.eq_ignore_ascii_case(&asked.column));
        match place.and_then(|place| Some((place, data.baseline_variables.get(place)?))) {
            Some((place, variable)) => found.extend(covariate(&asked, (place, variable), sample, data)),
            None => absent.push(asked.column),
        }
    }
    (found, absent)
}

/// What the project names; otherwise the customary covariates that ADSL holds, and for the Japanese authority the country.
fn asked(data: &AnalysisData, settings: &Settings) -> Vec<CovariateSettings> {
    if let Some(named) = &settings.pk.covariates {
        return named.clone();
    }
    let held = |name: &&&str| data.baseline_variables.iter().any(|variable| variable.column.eq_ignore_ascii_case(name));
    let mut asked: Vec<CovariateSettings> =
        CUSTOMARY.iter().filter_map(|names| names.iter().find(held)).map(|name| CovariateSettings::of(name)).collect();
    if settings.dossier.jurisdiction == Jurisdiction::Pmda && held(&&"COUNTRY") {
        let japan = ["JPN", "JP", "JAPAN"].map(str::to_owned).to_vec();
        let groups = std::iter::once(("Japan".to_owned(), japan)).collect();
        asked.push(CovariateSettings { reference: Some(OTHER.to_owned()), groups, ..CovariateSettings::of("COUNTRY") });
    }
    asked
}

/// `None` where no subject of the sample has a value.
fn covariate(
    asked: &CovariateSettings,
    (place, variable): (usize, &BaselineVariable),
    sample: &[SubjectIndex],
    data: &AnalysisData,
) -> Option<ExposureCovariate> {
    let value = |subject: &SubjectIndex| data.subjects.get(subject.0).and_then(|subject| subject.baseline.get(place).copied());
    let levels = variable.levels.as_deref().unwrap_or_default();
    let text = |subject: &SubjectIndex| match value(subject)? {
        BaselineValue::Level(level) => levels.get(level).cloned(),
        BaselineValue::Number(number) => Some(number.to_string()),
        BaselineValue::Missing => None,
    };
    let number = |subject: &SubjectIndex| match value(subject)? {
        BaselineValue::Number(number) => Some(number),
        _ => text(subject)?.trim().parse().ok().filter(|number: &f64| number.is_finite()),
    };
    let informative = |text: String| {
        let known = !UNINFORMATIVE.iter().any(|word| word.eq_ignore_ascii_case(text.trim()));
        known.then_some(text)
    };
    let mut absent_reference = None;
    let values = if !asked.cut_points.is_empty() {
        let numbers: Vec<Option<f64>> = sample.iter().map(number).collect();
        let of: Vec<Option<String>> = numbers.iter().map(|number| number.map(|number| interval_name(&asked.cut_points, number))).collect();
        let order: Vec<String> = (0..=asked.cut_points.len()).map(|place| name_of_interval(&asked.cut_points, place)).collect();
        categories(&of, &order, asked, &mut absent_reference)?
    } else if variable.levels.is_none() && asked.groups.is_empty() {
        numbers(sample.iter().map(number).collect())?
    } else if asked.groups.is_empty() {
        let of: Vec<Option<String>> = sample.iter().map(|subject| text(subject).and_then(informative)).collect();
        categories(&of, levels, asked, &mut absent_reference)?
    } else {
        let grouped = |text: String| {
            let named = asked.groups.iter().find(|(_, values)| values.iter().any(|value| value.trim().eq_ignore_ascii_case(text.trim())));
            named.map_or_else(|| OTHER.to_owned(), |(name, _)| name.clone())
        };
        let order: Vec<String> = asked.groups.keys().cloned().chain([OTHER.to_owned()]).collect();
        let of: Vec<Option<String>> = sample.iter().map(|subject| text(subject).and_then(informative).map(grouped)).collect();
        categories(&of, &order, asked, &mut absent_reference)?
    };
    let label = asked.label.clone().unwrap_or_else(|| variable.label.clone());
    Some(ExposureCovariate { column: variable.column.clone(), label, values, absent_reference })
}

fn interval_name(cuts: &[f64], number: f64) -> String {
    name_of_interval(cuts, cuts.iter().filter(|cut| number >= **cut).count())
}

/// Name of the interval behind so many cut points: `<65`, `65 to <75`, `≥75`.
fn name_of_interval(cuts: &[f64], place: usize) -> String {
    let lower = place.checked_sub(1).and_then(|before| cuts.get(before));
    match (lower, cuts.get(place)) {
        (None, Some(upper)) => format!("<{upper}"),
        (Some(lower), Some(upper)) => format!("{lower} to <{upper}"),
        (Some(lower), None) => format!("\u{2265}{lower}"),
        (None, None) => String::new(),
    }
}

fn numbers(of: Vec<Option<f64>>) -> Option<SubjectValues> {
    let known: Vec<f64> = of.iter().flatten().copied().collect();
    let at = |p: f64| quantile(&known, p, QuantileType::Type7);
    let [(low, _), (high, _)] = PERCENTILES;
    Some(SubjectValues::Numbers { median: at(0.5)?, at: [at(low)?, at(high)?], of })
}

/// Categories in the order given; the reference is the one that the project names, otherwise `NORMAL`, otherwise the most frequent, of equally
/// frequent ones the first.
fn categories(of: &[Option<String>], order: &[String], asked: &CovariateSettings, absent: &mut Option<String>) -> Option<SubjectValues> {
    let count = |level: &String| of.iter().flatten().filter(|text| *text == level).count();
    let levels: Vec<String> = order.iter().filter(|level| count(level) > 0).cloned().collect();
    let named = |wanted: &str| levels.iter().position(|level| level.trim().eq_ignore_ascii_case(wanted.trim()));
    let stated = asked.reference.as_deref().and_then(named);
    if stated.is_none() {
        absent.clone_from(&asked.reference);
    }
    let most = levels.iter().map(count).max()?;
    let frequent = || levels.iter().position(|level| count(level) == most);
    let reference = stated.or_else(|| named("NORMAL")).or_else(frequent)?;
    let of = of.iter().map(|text| levels.iter().position(|level| Some(level) == text.as_ref())).collect();
    Some(SubjectValues::Categories { levels, reference, of })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(words: &[&str]) -> Vec<Option<String>> {
        words.iter().map(|word| Some((*word).to_owned()).filter(|word| !word.is_empty())).collect()
    }

    fn order(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn reference(words: &[&str], names: &[&str], stated: Option<&str>) -> (usize, Option<String>) {
        let asked = CovariateSettings { reference: stated.map(str::to_owned), ..CovariateSettings::of("X") };
        let mut absent = None;
        let Some(SubjectValues::Categories { reference, .. }) = categories(&texts(words), &order(names), &asked, &mut absent) else {
            panic!("no categories")
        };
        (reference, absent)
    }

    #[test]
    fn the_reference_is_stated_normal_or_the_most_frequent() {
        assert_eq!(reference(&["B", "A", "B"], &["A", "B"], None), (1, None));
        assert_eq!(reference(&["B", "A"], &["A", "B"], None), (0, None));
        assert_eq!(reference(&["MILD", "MILD", "NORMAL"], &["NORMAL", "MILD"], None), (0, None));
        assert_eq!(reference(&["B", "A", "B"], &["A", "B"], Some("a")), (0, None));
        assert_eq!(reference(&["B", "A", "B"], &["A", "B"], Some("C")), (1, Some("C".to_owned())));
    }

    #[test]
    fn cut_points_begin_their_category() {
        let cuts = [65.0, 75.5];
        let names: Vec<String> = [64.9, 65.0, 75.5].iter().map(|age| interval_name(&cuts, *age)).collect();
        assert_eq!(names, ["<65", "65 to <75.5", "\u{2265}75.5"]);
    }

    #[test]
    fn columns_follow_categories_and_distances_from_the_median() {
        let asked = CovariateSettings::of("SEX");
        let values = categories(&texts(&["F", "M", "", "F"]), &order(&["F", "M"]), &asked, &mut None).unwrap();
        let sex = ExposureCovariate { column: "SEX".into(), label: "Sex".into(), values, absent_reference: None };
        assert_eq!(sex.columns(&[0, 1, 3]), [[0.0, 1.0, 0.0]]);
        assert_eq!(sex.contrasts(), [Contrast { column: 0, distance: 1.0, kind: ContrastKind::Level(1) }]);
        assert!(!sex.is_present(2) && sex.varies(&[0, 1]) && !sex.varies(&[0, 3]));
        let values = numbers(vec![Some(60.0), Some(80.0), Some(70.0), None]).unwrap();
        let age = ExposureCovariate { column: "age".into(), label: "Age".into(), values, absent_reference: None };
        assert_eq!(age.columns(&[0, 1, 2]), [[-10.0, 10.0, 0.0]]);
        // Type 7 of 60, 70, 80: 61 and 79.
        let distances: Vec<f64> = age.contrasts().iter().map(|contrast| contrast.distance).collect();
        assert!((distances[0] + 9.0).abs() < 1e-12 && (distances[1] - 9.0).abs() < 1e-12);
        let group = ExposureCovariate { column: "AGEGR1".into(), ..sex.clone() };
        assert!(age.is_kin(&group) && !age.is_kin(&sex));
    }
}
