//! From answers to what is reported: items, composite grades, scales.

use std::collections::BTreeMap;

use crate::config::{Better, Instrument, Item, Scoring};
use crate::derive::{Answer, Questionnaire, SubjectIndex};

use super::pro_ctcae::AttributeSet;
use super::qlq_c30::{Direction, ITEMS, Scale, summary_score};
use super::window::Window;

/// How a concept is summarised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConceptKind {
    /// Ordered answers from 0 to 4.
    Item,
    /// Composite grade from 0 to 3.
    Composite,
    /// Present or absent.
    Presence,
    /// Overall bother by side effects; 3 is quite a bit, 4 very much.
    Bother,
    /// A score with a mean.
    Score,
}

/// One thing that patients report on.
#[derive(Debug, Clone, PartialEq)]
pub struct Concept {
    /// Code in the data or of the scoring manual; `composite 16` for a composite grade.
    pub code: String,
    /// Name.
    pub label: String,
    /// How it is summarised.
    pub kind: ConceptKind,
    /// Which way it improves, where known.
    pub better: Option<Better>,
    /// Change that matters to patients.
    pub meaningful_change: Option<f64>,
    /// The scores that count, in the order of subject and visit.
    pub scores: Vec<Score>,
}

/// One score of one subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Subject.
    pub subject: SubjectIndex,
    /// Position of the visit.
    pub visit: usize,
    /// Whether it is the baseline.
    pub baseline: bool,
    /// Whether it counts as after baseline.
    pub after: bool,
    /// Value.
    pub value: f64,
    /// Rows of the answers.
    pub rows: Vec<u32>,
}

/// The concepts of an instrument.
#[derive(Debug, Default)]
pub(super) struct Concepts {
    pub(super) concepts: Vec<Concept>,
    pub(super) without_composite: Vec<String>,
}

/// Answers by subject and visit, then by parameter; of several answers to one question the first counts.
type Forms<'a> = BTreeMap<(SubjectIndex, usize), BTreeMap<usize, &'a Answer>>;

/// Finds the concepts of an instrument by its scoring.
pub(super) fn find_concepts(questionnaire: &Questionnaire, instrument: &Instrument, window: &Window) -> Concepts {
    let mut forms = Forms::new();
    for answer in questionnaire.answers.iter().filter(|answer| answer.value.is_some() && window.holds(answer)) {
        forms.entry((answer.subject, answer.visit)).or_default().entry(answer.parameter).or_insert(answer);
    }
    let source = Source { questionnaire, instrument, forms: &forms };
    match instrument.scoring {
        Scoring::ProCtcae => source.pro_ctcae(),
        Scoring::QlqC30 => source.qlq_c30(),
        Scoring::SingleItem => source.single(ConceptKind::Item),
        Scoring::AsRecorded => source.single(ConceptKind::Score),
    }
}

struct Source<'a> {
    questionnaire: &'a Questionnaire,
    instrument: &'a Instrument,
    forms: &'a Forms<'a>,
}

impl Source<'_> {
    /// One concept; `score` gives the value from the answers to the parameters.
    fn concept(
        &self,
        (code, label, kind): (&str, &str, ConceptKind),
        parameters: &[usize],
        better: Option<Better>,
        score: impl Fn(&[Option<f64>]) -> Option<f64>,
    ) -> Concept {
        let item: Option<&Item> = self.instrument.items.get(code);
        let one = |((subject, visit), form): (&(SubjectIndex, usize), &BTreeMap<usize, &Answer>)| {
            let answers: Vec<Option<&Answer>> = parameters.iter().map(|parameter| form.get(parameter).copied()).collect();
            let values: Vec<Option<f64>> = answers.iter().map(|answer| answer.and_then(|answer| answer.value)).collect();
            let given: Vec<&Answer> = answers.into_iter().flatten().collect();
            let baseline = given.iter().any(|answer| answer.baseline);
            let after = !baseline && self.questionnaire.baseline_visit.is_none_or(|at| *visit > at);
            let rows = given.iter().map(|answer| answer.row).collect();
            Some(Score { subject: *subject, visit: *visit, baseline, after, value: score(&values)?, rows })
        };
        Concept {
            code: code.to_owned(),
            label: item.and_then(|item| item.label.clone()).unwrap_or_else(|| label.to_owned()),
            kind,
            better: item.and_then(|item| item.better).or(better),
            meaningful_change: item.and_then(|item| item.meaningful_change),
            scores: self.forms.iter().filter_map(one).collect(),
        }
    }

    fn is_bother(&self, code: &str) -> bool {
        self.instrument.overall_bother.as_deref() == Some(code)
    }

    /// Every parameter as it stands, the overall bother first.
    fn single(&self, kind: ConceptKind) -> Concepts {
        let mut concepts: Vec<Concept> = Vec::new();
        for (place, parameter) in self.questionnaire.parameters.iter().enumerate() {
            let bother = self.is_bother(&parameter.code);
            let kind = if bother { ConceptKind::Bother } else { kind };
            let made = self.concept((&parameter.code, &parameter.label, kind), &[place], self.instrument.better, single_value);
            concepts.insert(if bother { 0 } else { concepts.len() }, made);
        }
        Concepts { concepts, without_composite: Vec::new() }
    }

    /// The overall bother, then each symptom: its composite grade where every item was asked, then its items.
    fn pro_ctcae(&self) -> Concepts {
        let mut found = Concepts::default();
        let mut symptoms: Vec<(u8, Vec<(char, usize)>)> = Vec::new();
        for (place, parameter) in self.questionnaire.parameters.iter().enumerate() {
            let Some((number, letter)) = question(&parameter.code).filter(|_| !self.is_bother(&parameter.code)) else {
                let kind = if self.is_bother(&parameter.code) { ConceptKind::Bother } else { ConceptKind::Item };
                found.concepts.push(self.concept(
                    (&parameter.code, &parameter.label, kind),
                    &[place],
                    self.instrument.better,
                    single_value,
                ));
                continue;
            };
            match symptoms.iter_mut().find(|(held, _)| *held == number) {
                Some((_, items)) => items.push((letter, place)),
                None => symptoms.push((number, vec![(letter, place)])),
            }
        }
        for (number, mut items) in symptoms {
            items.sort_unstable();
            self.symptom(number, &items, &mut found);
        }
        found
    }

    fn symptom(&self, number: u8, items: &[(char, usize)], found: &mut Concepts) {
        let set = AttributeSet::of_question(number);
        let name = self.symptom_name(items);
        let letters = set.map_or(0, |set| set.attributes().len());
        let asked: Option<Vec<usize>> =
            ('A'..='C').take(letters).map(|letter| items.iter().find(|(held, _)| *held == letter).map(|(_, place)| *place)).collect();
        match (set, asked) {
            (Some(set), Some(places)) => {
                let grade = |values: &[Option<f64>]| {
                    let scores: Option<Vec<Option<u8>>> =
                        values.iter().map(|value| value.map_or(Some(None), |value| whole(value).map(Some))).collect();
                    set.composite(&scores?).ok().flatten().map(f64::from)
                };
                let identity = (format!("composite {number}"), format!("{name}, composite grade"));
                found.concepts.push(self.concept((&identity.0, &identity.1, ConceptKind::Composite), &places, Some(Better::Lower), grade));
            }
            (Some(_), None) => found.without_composite.push(name),
            (None, _) => {}
        }
        for (_, place) in items {
            let Some(parameter) = self.questionnaire.parameters.get(*place) else { continue };
            let (code, label) = (&parameter.code, &parameter.label);
            let mut made = self.concept((code, label, ConceptKind::Item), &[*place], Some(Better::Lower), score_of_item);
            if set.is_none() && made.scores.iter().all(|score| score.value <= 1.0) {
                made.kind = ConceptKind::Presence;
            }
            found.concepts.push(made);
        }
    }

    /// The words that the names of a symptom's items begin with, without the attribute.
    fn symptom_name(&self, items: &[(char, usize)]) -> String {
        const ATTRIBUTES: [&str; 5] = ["FREQUENCY", "SEVERITY", "INTERFERENCE", "PRESENCE", "AMOUNT"];
        let first = items.first().and_then(|(_, place)| self.questionnaire.parameters.get(*place));
        let label = first.map_or("", |parameter| parameter.label.as_str());
        match label.rsplit_once(' ') {
            Some((name, last)) if ATTRIBUTES.contains(&last.to_uppercase().as_str()) => {
                name.trim_end_matches([',', '-', ':', ' ']).to_owned()
            }
            _ => label.to_owned(),
        }
    }

    /// Fifteen scales and the summary score.
    fn qlq_c30(&self) -> Concepts {
        let Some(places) = item_places(self.questionnaire) else { return Concepts::default() };
        let known: Vec<(usize, usize)> = places.iter().enumerate().filter_map(|(item, place)| Some((item, (*place)?))).collect();
        let scale = |scale: Scale| {
            let own: Vec<(usize, usize)> = known.iter().copied().filter(|(item, _)| scale.items().contains(&(item + 1))).collect();
            let parameters: Vec<usize> = own.iter().map(|(_, place)| *place).collect();
            let better = if scale.direction() == Direction::Symptom { Better::Lower } else { Better::Higher };
            self.concept((scale.code(), scale.label(), ConceptKind::Score), &parameters, Some(better), |values| {
                scale.score(&sheet(&own, values))
            })
        };
        let mut concepts: Vec<Concept> = [Scale::GlobalHealth]
            .into_iter()
            .chain(Scale::ALL.into_iter().filter(|scale| *scale != Scale::GlobalHealth))
            .map(scale)
            .collect();
        let parameters: Vec<usize> = known.iter().map(|(_, place)| *place).collect();
        let summary = self.concept(("SUM", "Summary score", ConceptKind::Score), &parameters, Some(Better::Higher), |values| {
            summary_score(&sheet(&known, values))
        });
        concepts.insert(1, summary);
        concepts.retain(|concept| !concept.scores.is_empty());
        Concepts { concepts, without_composite: Vec::new() }
    }
}

fn single_value(values: &[Option<f64>]) -> Option<f64> {
    values.first().copied().flatten()
}

/// A score of PRO-CTCAE from 0 to 4; others do not count.
fn score_of_item(values: &[Option<f64>]) -> Option<f64> {
    single_value(values).and_then(whole).map(f64::from)
}

/// A whole number from 0 to 7, as every question here is answered with.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
fn whole(value: f64) -> Option<u8> {
    ((0.0..=7.0).contains(&value) && value.fract().abs() < 1e-9).then_some(value as u8)
}

/// The thirty answers from those to known items.
fn sheet(items: &[(usize, usize)], values: &[Option<f64>]) -> [Option<u8>; ITEMS] {
    let mut sheet = [None; ITEMS];
    for ((item, _), value) in items.iter().zip(values) {
        if let Some(slot) = sheet.get_mut(*item) {
            *slot = value.and_then(whole);
        }
    }
    sheet
}

/// Number and letter of a PRO-CTCAE item: `PT16A`.
fn question(code: &str) -> Option<(u8, char)> {
    let rest = code.strip_prefix("PT")?;
    let letter = rest.chars().next_back().filter(char::is_ascii_uppercase)?;
    Some((rest.strip_suffix(letter)?.parse().ok()?, letter))
}

/// Where the items of the QLQ-C30 stand: codes that end in their number, `QLQ3001` or `QS02801`. Of several stems the one with the most items
/// counts; `None` where no stem has half of them.
fn item_places(questionnaire: &Questionnaire) -> Option<[Option<usize>; ITEMS]> {
    let mut stems: BTreeMap<&str, [Option<usize>; ITEMS]> = BTreeMap::new();
    for (place, parameter) in questionnaire.parameters.iter().enumerate() {
        let Some((stem, number)) = parameter.code.split_at_checked(parameter.code.len().saturating_sub(2)) else { continue };
        let Some(item) = number.parse::<usize>().ok().filter(|item| (1..=ITEMS).contains(item)) else { continue };
        if let Some(slot) = stems.entry(stem).or_insert([None; ITEMS]).get_mut(item - 1) {
            *slot = slot.or(Some(place));
        }
    }
    let count = |places: &[Option<usize>; ITEMS]| places.iter().flatten().count();
    stems.into_values().max_by_key(count).filter(|places| 2 * count(places) >= ITEMS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::QuestionnaireParameter;

    #[test]
    fn codes_name_questions_and_items() {
        assert_eq!(question("PT16A"), Some((16, 'A')));
        assert_eq!(question("PT9"), None);
        assert_eq!(question("GP5"), None);
        let parameter = |code: String| QuestionnaireParameter { label: code.clone(), code };
        let mut codes: Vec<String> = (1..=30).map(|item| format!("QS028{item:02}")).collect();
        codes.extend(["EX028".to_owned(), "QS028PF2".to_owned()]);
        let held = Questionnaire { parameters: codes.into_iter().map(parameter).collect(), ..Questionnaire::default() };
        let places = item_places(&held).expect("thirty items");
        assert_eq!((places[0], places[29]), (Some(0), Some(29)));
        assert_eq!(item_places(&Questionnaire::default()), None);
    }

    #[test]
    fn only_whole_answers_in_range_count() {
        assert_eq!([whole(3.0), whole(2.5), whole(-1.0), whole(f64::NAN)], [Some(3), None, None, None]);
    }
}
