//! Questionnaires: which dataset file holds which instrument.

use std::collections::BTreeMap;

use super::Guess;
use super::counts::{Counted, Texts};
use super::words::contains_words;
use crate::data::column::{AVISIT, PARAM, PARAMCD, PARCAT1, SOURCE};
use crate::data::dataset::Dataset;

/// What a questionnaire is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuestionnaireKind {
    /// PRO-CTCAE: `pro_ctcae`.
    ProCtcae,
    /// EORTC QLQ-C30: `qlq_c30`.
    QlqC30,
    /// Anything else: `as_recorded`.
    Other,
}

impl QuestionnaireKind {
    /// Name of the scoring in the project file, which also serves as id.
    #[must_use]
    pub fn scoring(self) -> &'static str {
        match self {
            Self::ProCtcae => "pro_ctcae",
            Self::QlqC30 => "qlq_c30",
            Self::Other => "as_recorded",
        }
    }
}

/// A questionnaire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instrument {
    /// What it is taken for.
    pub kind: QuestionnaireKind,
    /// Stem of the file that holds it: `patient_reported.instruments.*.dataset`.
    pub dataset: String,
    /// Its parameter codes.
    pub codes: Vec<String>,
    /// The parameter that asks for the overall bother by side effects.
    pub overall_bother: Option<String>,
    /// Visits with their records, the most frequent first.
    pub visits: Vec<Counted>,
}

/// One instrument for each file.
pub(super) fn instruments(adqs: &Dataset) -> Vec<Guess<Instrument>> {
    let (Some(sources), Some(codes)) = (Texts::of(adqs, &[SOURCE]), Texts::of(adqs, &[PARAMCD])) else { return Vec::new() };
    let words = [PARAM, PARCAT1].map(|name| Texts::of(adqs, &[name]));
    let visits = Texts::of(adqs, &[AVISIT]);
    let mut rows: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (row, source) in sources.iter().enumerate() {
        rows.entry(source.unwrap_or_default()).or_default().push(row);
    }
    let instrument = |(source, rows): (&str, Vec<usize>)| {
        let of_rows = |texts: &Texts| super::counts::counted(rows.iter().filter_map(|row| texts.get(*row)));
        let own: Vec<String> = of_rows(&codes).into_iter().map(|counted| counted.value).collect();
        let said: Vec<String> = words.iter().flatten().flat_map(of_rows).map(|counted| counted.value).collect();
        let (kind, from) = kind(&own, &said);
        let mut codes = own;
        codes.sort();
        let overall_bother = codes.iter().find(|code| matches!(code.as_str(), "GP5" | "FACTGP5" | "FAC01GP5")).cloned();
        let visits = visits.as_ref().map(of_rows).unwrap_or_default();
        let dataset = source.to_owned();
        Guess::new(Instrument { kind, dataset, codes, overall_bother, visits }, from, "that the scoring is that of the instrument")
    };
    rows.into_iter().map(instrument).collect()
}

/// What a questionnaire is taken for, and why.
fn kind(codes: &[String], words: &[String]) -> (QuestionnaireKind, String) {
    let says = |name: &str| words.iter().any(|text| contains_words(text, name));
    let share = |fits: &dyn Fn(&str) -> bool| codes.iter().filter(|code| fits(code)).count() * 2 >= codes.len();
    let such = |fits: &dyn Fn(&str) -> bool| {
        let example = codes.iter().filter(|code| fits(code)).min().or_else(|| codes.iter().min());
        format!("codes such as {}", example.map_or("", String::as_str))
    };
    if share(&is_qlq_c30_item) {
        (QuestionnaireKind::QlqC30, such(&is_qlq_c30_item))
    } else if share(&is_pro_ctcae_item) {
        (QuestionnaireKind::ProCtcae, such(&is_pro_ctcae_item))
    } else if says("QLQ-C30") {
        (QuestionnaireKind::QlqC30, "the names of its parameters".to_owned())
    } else if says("PRO-CTCAE") {
        (QuestionnaireKind::ProCtcae, "the names of its parameters".to_owned())
    } else {
        (QuestionnaireKind::Other, format!("no known instrument: {}", such(&|_| true)))
    }
}

/// `QLQ3001` to `QLQ3030`.
fn is_qlq_c30_item(code: &str) -> bool {
    code.strip_prefix("QLQ30").is_some_and(|number| number.len() == 2 && number.bytes().all(|c| c.is_ascii_digit()))
}

/// `PT16A`: the item numbers of the National Cancer Institute.
fn is_pro_ctcae_item(code: &str) -> bool {
    let Some(rest) = code.strip_prefix("PT") else { return false };
    let number = rest.trim_end_matches(|c: char| c.is_ascii_uppercase());
    !number.is_empty() && rest.len() - number.len() <= 1 && number.bytes().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instruments_are_known_by_their_codes() {
        let codes = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
        assert_eq!(kind(&codes(&["PT16A", "PT9B", "GP5"]), &[]).0, QuestionnaireKind::ProCtcae);
        assert_eq!(kind(&codes(&["QLQ3001", "QLQ3030"]), &[]).0, QuestionnaireKind::QlqC30);
        assert_eq!(kind(&codes(&["QS02801"]), &codes(&["EORTC QLQ-C30: trouble"])).0, QuestionnaireKind::QlqC30);
        assert_eq!(kind(&codes(&["CIBIC"]), &codes(&["CIBIC Score"])).0, QuestionnaireKind::Other);
    }
}
