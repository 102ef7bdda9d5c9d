//! Answers to the project's questionnaires.

use std::collections::BTreeMap;

use super::columns::{self, Column};
use super::records::SubjectIndex;
use super::roster::{Record, Roster, study_day};
use super::words::{is_yes, normalised};
use crate::config::{Instrument, Settings};
use crate::data::{Dataset, column::SOURCE};
use crate::quantity::Date;

/// One questionnaire of the project file, with its answers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Questionnaire {
    /// Its id in the project file.
    pub id: String,
    /// Items and scales in the order of the data.
    pub parameters: Vec<QuestionnaireParameter>,
    /// Visits in the order of time.
    pub visits: Vec<QuestionnaireVisit>,
    /// Answers in the order of the data.
    pub answers: Vec<Answer>,
    /// Position of the visit at which most baselines are; `None` where no answer is a baseline.
    pub baseline_visit: Option<usize>,
    /// Columns that were read.
    pub columns: Vec<String>,
    /// The filter that makes it, in words of the data: `file adqspro`.
    pub filter: String,
}

/// An item or a scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionnaireParameter {
    /// Code in the data.
    pub code: String,
    /// Name in the data; the code where there is none.
    pub label: String,
}

/// A visit.
#[derive(Debug, Clone, PartialEq)]
pub struct QuestionnaireVisit {
    /// Name in the data.
    pub label: String,
    /// Median study day of its records; `None` where no record has a day.
    pub day: Option<f64>,
}

/// One record.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Row in ADQS.
    pub row: u32,
    /// Subject.
    pub subject: SubjectIndex,
    /// Position in [`Questionnaire::parameters`].
    pub parameter: usize,
    /// Position in [`Questionnaire::visits`].
    pub visit: usize,
    /// Study day.
    pub day: Option<i32>,
    /// Value; `None` for a question that was not answered.
    pub value: Option<f64>,
    /// Whether it is the baseline.
    pub baseline: bool,
    /// Why it was not answered, as in the data.
    pub reason: Option<String>,
}

struct AnswerColumns {
    source: Option<Vec<Option<String>>>,
    code: Option<Column<String>>,
    label: Option<Column<String>>,
    visit: Option<Column<String>>,
    visit_number: Option<Column<f64>>,
    value: Option<Column<f64>>,
    baseline: Option<Column<String>>,
    date: Option<Column<Date>>,
    day: Option<Column<f64>>,
    status: Option<Column<String>>,
    reason: Option<Column<String>>,
    record_type: Option<Column<String>>,
}

/// A visit as it is met: numbers and days of its records.
#[derive(Default)]
struct Met {
    number: Option<f64>,
    days: Vec<f64>,
}

/// Reads ADQS: one questionnaire for each instrument of the project file that has a record of a known subject.
///
/// - An instrument's records are those of the file that `dataset` names; where no file has that name, those of every file. With `items`, only
///   these parameters and the one of `overall_bother` count.
/// - Records that DTYPE marks as computed from others, and those without a visit, are left out.
/// - Baseline is ABLFL = Y; where the flag is never set, a visit named baseline.
/// - Visits stand in the order of AVISITN where every visit of the questionnaire has one, otherwise of their median study day.
pub(super) fn derive_questionnaires(adqs: &Dataset, roster: &Roster<'_>, settings: &Settings) -> Vec<Questionnaire> {
    let columns = AnswerColumns::new(adqs);
    let records = roster.records(adqs);
    let instruments = &settings.patient_reported.instruments;
    let read = |(id, instrument): (&String, &Instrument)| columns.questionnaire(id, instrument, &records);
    instruments.iter().map(read).filter(|questionnaire| !questionnaire.answers.is_empty()).collect()
}

impl AnswerColumns {
    fn new(adqs: &Dataset) -> Self {
        Self {
            source: adqs.texts(SOURCE),
            code: columns::texts(adqs, &["PARAMCD"]),
            label: columns::texts(adqs, &["PARAM"]),
            visit: columns::texts(adqs, &["AVISIT", "VISIT"]),
            visit_number: columns::numbers(adqs, &["AVISITN", "VISITNUM"]),
            value: columns::numbers(adqs, &["AVAL"]),
            baseline: columns::texts(adqs, &["ABLFL"]),
            date: columns::dates(adqs, &["ADT"]),
            day: columns::numbers(adqs, &["ADY"]),
            status: columns::texts(adqs, &["QSSTAT"]),
            reason: columns::texts(adqs, &["QSREASND"]),
            record_type: columns::texts(adqs, &["DTYPE"]),
        }
    }

    fn names(&self) -> Vec<String> {
        let texts = [&self.code, &self.visit, &self.baseline, &self.status, &self.reason].map(columns::name);
        let numbers = [&self.value, &self.day, &self.visit_number].map(columns::name);
        texts.into_iter().chain(numbers).chain([columns::name(&self.date)]).flatten().collect()
    }

    fn source_of(&self, index: usize) -> Option<&str> {
        self.source.as_ref()?.get(index)?.as_deref()
    }

    fn questionnaire(&self, id: &str, instrument: &Instrument, records: &[Record<'_>]) -> Questionnaire {
        let named = |source: &str| source.eq_ignore_ascii_case(&instrument.dataset);
        let one_file = records.iter().any(|record| self.source_of(record.index).is_some_and(named));
        let own = |record: &&Record<'_>| !one_file || self.source_of(record.index).is_some_and(named);
        let mut made = Questionnaire { id: id.to_owned(), columns: self.names(), ..Questionnaire::default() };
        made.filter = if one_file { format!("file {}", instrument.dataset) } else { "all files".to_owned() };
        let (mut parameters, mut visits): (BTreeMap<&str, usize>, BTreeMap<&str, usize>) = (BTreeMap::new(), BTreeMap::new());
        let mut met: Vec<Met> = Vec::new();
        for record in records.iter().filter(own) {
            let index = record.index;
            let (Some(code), Some(visit)) = (columns::value(self.code.as_ref(), index), columns::value(self.visit.as_ref(), index)) else {
                continue;
            };
            if !belongs(instrument, code) || columns::value(self.record_type.as_ref(), index).is_some() {
                continue;
            }
            let parameter = *parameters.entry(code).or_insert_with(|| {
                let label = columns::text(self.label.as_ref(), index).unwrap_or_else(|| code.clone());
                made.parameters.push(QuestionnaireParameter { code: code.clone(), label });
                made.parameters.len() - 1
            });
            let visit = *visits.entry(visit).or_insert_with(|| {
                made.visits.push(QuestionnaireVisit { label: visit.clone(), day: None });
                met.push(Met::default());
                made.visits.len() - 1
            });
            let answer = self.answer(record, parameter, visit);
            if let Some(met) = met.get_mut(visit) {
                met.number = met.number.or(columns::number(self.visit_number.as_ref(), index));
                met.days.extend(answer.day.map(f64::from));
            }
            made.answers.push(answer);
        }
        order_visits(&mut made, met);
        made.baseline_visit = baseline_visit(&made);
        made
    }

    fn answer(&self, record: &Record<'_>, parameter: usize, visit: usize) -> Answer {
        let index = record.index;
        let date = columns::date(self.date.as_ref(), index);
        let not_done = columns::value(self.status.as_ref(), index).is_some_and(|status| normalised(status) == "NOT DONE");
        let baseline = match &self.baseline {
            Some(flag) => is_yes(flag.get(index)),
            None => columns::value(self.visit.as_ref(), index).is_some_and(|visit| normalised(visit) == "BASELINE"),
        };
        Answer {
            row: record.row,
            subject: record.position,
            parameter,
            visit,
            day: study_day(columns::number(self.day.as_ref(), index), date, record.subject.first_dose),
            value: columns::number(self.value.as_ref(), index).filter(|_| !not_done),
            baseline,
            reason: columns::text(self.reason.as_ref(), index),
        }
    }
}

/// Whether a parameter belongs to the instrument.
fn belongs(instrument: &Instrument, code: &str) -> bool {
    instrument.items.is_empty() || instrument.items.contains_key(code) || instrument.overall_bother.as_deref() == Some(code)
}

/// Puts the visits in the order of time and gives each its median day.
fn order_visits(made: &mut Questionnaire, met: Vec<Met>) {
    let numbered = met.iter().all(|met| met.number.is_some());
    let mut keyed: Vec<(f64, usize)> = Vec::new();
    for (index, mut met) in met.into_iter().enumerate() {
        met.days.sort_by(f64::total_cmp);
        let day = met.days.get(met.days.len() / 2).copied();
        if let Some(visit) = made.visits.get_mut(index) {
            visit.day = day;
        }
        keyed.push((if numbered { met.number } else { day }.unwrap_or(f64::INFINITY), index));
    }
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut places = vec![0; keyed.len()];
    for (place, (_, index)) in keyed.iter().enumerate() {
        if let Some(slot) = places.get_mut(*index) {
            *slot = place;
        }
    }
    made.visits = keyed.iter().filter_map(|(_, index)| made.visits.get(*index).cloned()).collect();
    for answer in &mut made.answers {
        answer.visit = places.get(answer.visit).copied().unwrap_or(answer.visit);
    }
}

fn baseline_visit(made: &Questionnaire) -> Option<usize> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for answer in made.answers.iter().filter(|answer| answer.baseline) {
        *counts.entry(answer.visit).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(visit, count)| (*count, std::cmp::Reverse(*visit))).map(|(visit, _)| visit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(visits: &[&str], answers: &[(usize, bool)]) -> Questionnaire {
        let visit = |label: &&str| QuestionnaireVisit { label: (*label).to_owned(), day: None };
        let answer = |(visit, baseline): &(usize, bool)| Answer {
            row: 1,
            subject: SubjectIndex(0),
            parameter: 0,
            visit: *visit,
            day: None,
            value: Some(1.0),
            baseline: *baseline,
            reason: None,
        };
        Questionnaire {
            visits: visits.iter().map(visit).collect(),
            answers: answers.iter().map(answer).collect(),
            ..Questionnaire::default()
        }
    }

    #[test]
    fn visits_stand_in_the_order_of_their_numbers_or_their_days() {
        let mut read = made(&["Week 4", "Baseline"], &[(0, false), (1, true)]);
        order_visits(&mut read, vec![Met { number: Some(4.0), days: vec![28.0] }, Met { number: Some(0.0), days: vec![1.0] }]);
        assert_eq!(read.visits.iter().map(|visit| visit.label.as_str()).collect::<Vec<_>>(), ["Baseline", "Week 4"]);
        assert_eq!(read.answers.iter().map(|answer| answer.visit).collect::<Vec<_>>(), [1, 0]);
        assert_eq!(baseline_visit(&read), Some(0));
        let mut read = made(&["B", "A"], &[(0, false), (1, false)]);
        order_visits(&mut read, vec![Met { number: Some(1.0), days: vec![30.0, 29.0] }, Met { number: None, days: vec![8.0] }]);
        assert_eq!(read.visits.first().map(|visit| (visit.label.as_str(), visit.day)), Some(("A", Some(8.0))));
        assert_eq!(baseline_visit(&read), None);
    }
}
