//! Answers over time: F-E12, and mean changes of scores: F-E12-change.

use crate::analysis::grouping::Group;
use crate::analysis::patient_reported::concept::{Concept, ConceptKind};
use crate::analysis::patient_reported::outcome::{ConceptColumn, ConceptColumns};
use crate::analysis::patient_reported::{InstrumentResult, PanelResult, PatientReportedResult};
use crate::config::{Better, Settings};
use crate::derive::AnalysisData;
use crate::quantity::{IntervalMethod, Rows};

use super::super::population::titled;
use super::super::record::interval_note;
use super::super::series::series_key;
use super::super::{
    AnswerBar, AnswerPanel, Axis, ChangePanel, ChangePoint, ChangeSeries, Content, Exhibit, ExhibitId, FigureSpec, Notes, Plot, Slice,
};
use super::completion::columns;
use super::{CHANGES, OVER_TIME, words};

/// Subjects from which on a bar or a point is drawn.
const MINIMUM_SUBJECTS: u64 = 5;
/// Panels that one figure of answers holds.
const PANELS: usize = 10;
/// Scores that one figure of changes holds.
const SCORES: usize = 16;
const DAYS_PER_WEEK: f64 = 7.0;

/// The figures of every randomised part, or of the programme where no part is randomised.
pub(super) fn gather(result: &PatientReportedResult, data: &AnalysisData, settings: &Settings) -> Vec<Exhibit> {
    let Some(first) = result.instruments.first() else { return Vec::new() };
    let randomised = first.panels.iter().any(|own| own.panel.part.is_some());
    let mut exhibits = Vec::new();
    for (index, own) in first.panels.iter().enumerate() {
        if randomised && own.panel.part.is_none() {
            continue;
        }
        for instrument in &result.instruments {
            let Some(own) = instrument.panels.get(index) else { continue };
            let figure = Figure { instrument, own, data, settings };
            exhibits.extend(figure.answers(&exhibits));
            exhibits.extend(figure.changes(&exhibits));
        }
    }
    exhibits
}

struct Figure<'a> {
    instrument: &'a InstrumentResult,
    own: &'a PanelResult,
    data: &'a AnalysisData,
    settings: &'a Settings,
}

impl Figure<'_> {
    /// Positions of the columns with a dosage whose subjects answered.
    fn shown(&self) -> Vec<(usize, &Group)> {
        let answered =
            |index: usize| self.own.completion.get(index).is_some_and(|column| column.visits.iter().any(|visit| visit.count > 0));
        self.own.panel.groups.iter().enumerate().filter(|(index, group)| group.dosage.is_some() && answered(*index)).collect()
    }

    /// The overall bother and the first item of each symptom.
    fn questions(&self) -> Vec<(&Concept, &ConceptColumns)> {
        let mut symptoms: Vec<&str> = Vec::new();
        let mut kept = Vec::new();
        for (concept, outcome) in self.instrument.concepts.iter().zip(&self.own.outcomes) {
            let symptom = concept.code.trim_end_matches(|c: char| c.is_ascii_uppercase());
            let known = symptoms.contains(&symptom);
            match concept.kind {
                ConceptKind::Bother => kept.insert(0, (concept, outcome)),
                ConceptKind::Item if !known => kept.push((concept, outcome)),
                _ => continue,
            }
            symptoms.push(symptom);
        }
        kept
    }

    fn answers(&self, made: &[Exhibit]) -> Vec<Exhibit> {
        let (shown, questions) = (self.shown(), self.questions());
        let visits: Vec<usize> = (0..self.instrument.visits.len()).filter(|visit| self.enough(&questions, &shown, *visit)).collect();
        if visits.is_empty() || shown.is_empty() {
            return Vec::new();
        }
        let mut exhibits: Vec<Exhibit> = Vec::new();
        for chunk in questions.chunks((PANELS / shown.len()).max(1)) {
            let id = self.id(OVER_TIME.0, made.iter().chain(&exhibits));
            let exhibit = self.answer_figure(id, chunk, (&shown, &visits));
            exhibits.push(exhibit);
        }
        exhibits
    }

    fn enough(&self, questions: &[(&Concept, &ConceptColumns)], shown: &[(usize, &Group)], visit: usize) -> bool {
        let column = |outcome: &ConceptColumns, index: usize| {
            outcome.columns.get(index).and_then(|column| column.visits.get(visit)).is_some_and(|visit| visit.scores.n >= MINIMUM_SUBJECTS)
        };
        questions.iter().any(|(_, outcome)| shown.iter().any(|(index, _)| column(outcome, *index)))
    }

    /// The next free id of a code: `F-E12`, `F-E12-2`.
    fn id<'e>(&self, code: &str, made: impl Iterator<Item = &'e Exhibit>) -> ExhibitId {
        let part = self.own.panel.part_id.as_deref();
        let taken: Vec<ExhibitId> = made.map(|exhibit| exhibit.id.clone()).collect();
        let numbered = |number: usize| ExhibitId::new(&if number == 1 { code.to_owned() } else { format!("{code}-{number}") }, part);
        (1..=taken.len() + 1).map(numbered).find(|id| !taken.contains(id)).unwrap_or_else(|| numbered(taken.len() + 2))
    }

    fn answer_figure(
        &self,
        id: ExhibitId,
        questions: &[(&Concept, &ConceptColumns)],
        (shown, visits): (&[(usize, &Group)], &[usize]),
    ) -> Exhibit {
        let mut panels = Vec::new();
        let mut rows: Vec<u32> = Vec::new();
        let mut told = Vec::new();
        for (concept, outcome) in questions {
            for (index, group) in shown {
                let Some(column) = outcome.columns.get(*index) else { continue };
                let at = |visit: &usize| column.visits.get(*visit).filter(|visit| visit.scores.n >= MINIMUM_SUBJECTS);
                let bar = |visit: &usize| at(visit).map(|visit| AnswerBar { counts: visit.answers.to_vec() });
                rows.extend(visits.iter().filter_map(at).flat_map(|visit| visit.scores.rows.as_slice()));
                told.push(format!(
                    "{}, {}: 3 or 4 after baseline in {} of {}",
                    concept.label, group.label, column.severe.count, column.severe.n
                ));
                panels.push(AnswerPanel {
                    title: concept.label.clone(),
                    series: series_key(group, self.settings, group.n()),
                    bars: visits.iter().map(bar).collect(),
                });
            }
        }
        let (labels, name) = self.visit_labels(visits);
        let plot = Plot::Answers {
            visit: Axis { label: name, log: false, range: None },
            visits: labels,
            answers: ["0 (none)", "1", "2", "3", "4 (worst)"].map(str::to_owned).to_vec(),
            columns: shown.len().min(4),
            panels,
        };
        let notes = Notes {
            methods: vec![
                "Share of those who answered at the visit, by answer; n beneath".to_owned(),
                format!(
                    "Overall bother and the first item of each symptom; a bar is shown where at least {MINIMUM_SUBJECTS} subjects answered"
                ),
                words::intercurrent(self.settings),
            ],
            ..self.notes()
        };
        let title = format!("{}: {}", self.instrument.label, lower_first(OVER_TIME.1));
        self.exhibit(
            id,
            &title,
            (plot, notes),
            (format!("Share of each answer by visit. {}.", told.join("; ")), rows.into_iter().collect()),
        )
    }

    /// Short names of visits, and the name of their axis: the number where every visit but the baseline is the same word with a number.
    fn visit_labels(&self, visits: &[usize]) -> (Vec<String>, String) {
        let held: Vec<(usize, &str)> =
            visits.iter().filter_map(|visit| Some((*visit, self.instrument.visits.get(*visit)?.as_str()))).collect();
        let is_baseline = |visit: usize| self.instrument.baseline_visit == Some(visit);
        let split = |label: &str| {
            let (word, number) = label.rsplit_once(' ')?;
            number.bytes().all(|c| c.is_ascii_digit()).then(|| (word.to_owned(), number.to_owned()))
        };
        let words: Option<Vec<(String, String)>> =
            held.iter().filter(|(visit, _)| !is_baseline(*visit)).map(|(_, label)| split(label)).collect();
        let mut names: Vec<String> = words.iter().flatten().map(|(word, _)| word.clone()).collect();
        names.dedup();
        let short = |visit: usize, label: &str| {
            if is_baseline(visit) { "BL".to_owned() } else { split(label).map_or_else(|| label.to_owned(), |it| it.1) }
        };
        match names.first().filter(|_| names.len() == 1 && words.is_some()) {
            Some(word) => (held.iter().map(|(visit, label)| short(*visit, label)).collect(), format!("{word} (BL: baseline)")),
            None => (held.iter().map(|(_, label)| (*label).to_owned()).collect(), "Visit".to_owned()),
        }
    }

    fn changes(&self, made: &[Exhibit]) -> Vec<Exhibit> {
        let shown = self.shown();
        let mut panels = Vec::new();
        let mut rows: Vec<u32> = Vec::new();
        for (concept, outcome) in self.instrument.concepts.iter().zip(&self.own.outcomes) {
            if concept.kind != ConceptKind::Score {
                continue;
            }
            let series: Vec<ChangeSeries> =
                shown.iter().filter_map(|(index, group)| self.change_series(outcome.columns.get(*index)?, group, &mut rows)).collect();
            if series.iter().any(|series| !series.points.is_empty()) {
                let direction = match concept.better {
                    Some(Better::Higher) => "higher is better",
                    Some(Better::Lower) => "lower is better",
                    None => "",
                };
                panels.push(ChangePanel { title: concept.label.clone(), direction: direction.to_owned(), series });
            }
        }
        let rows: Rows = rows.into_iter().collect();
        let mut exhibits: Vec<Exhibit> = Vec::new();
        for chunk in panels.chunks(SCORES) {
            let id = self.id(CHANGES.0, made.iter().chain(&exhibits));
            let told: Vec<String> = chunk.iter().flat_map(last_changes).collect();
            let plot = Plot::Changes {
                time: Axis { label: "Time since first dose (weeks)".to_owned(), log: false, range: None },
                change: Axis { label: "Mean change from baseline (points)".to_owned(), log: false, range: None },
                panels: chunk.to_vec(),
            };
            let methods = vec![
                "Mean change from baseline of those with a baseline and the visit, at the median study day of the visit".to_owned(),
                format!(
                    "Bars: {}; a point is shown for at least {MINIMUM_SUBJECTS} subjects",
                    interval_note(&self.settings.intervals, IntervalMethod::StudentT)
                ),
                words::intercurrent(self.settings),
            ];
            let alt = format!("Mean changes over time. At the last visit shown: {}.", told.join("; "));
            let title = format!("{}: {}", self.instrument.label, lower_first(CHANGES.1));
            let exhibit = self.exhibit(id, &title, (plot, Notes { methods, ..self.notes() }), (alt, rows.clone()));
            exhibits.push(exhibit);
        }
        exhibits
    }

    fn change_series(&self, column: &ConceptColumn, group: &Group, rows: &mut Vec<u32>) -> Option<ChangeSeries> {
        let mut points = Vec::new();
        for (visit, day) in column.visits.iter().zip(&self.instrument.days) {
            let (Some(mean), Some(day), true) = (visit.change.mean, day, visit.change.n >= MINIMUM_SUBJECTS) else { continue };
            rows.extend(visit.change.rows.as_slice());
            points.push(ChangePoint {
                time: day / DAYS_PER_WEEK,
                mean,
                limits: visit.interval.and_then(|interval| Some((interval.lower?, interval.upper?))),
                n: usize::try_from(visit.change.n).ok()?,
            });
        }
        let n = usize::try_from(column.baseline.n).ok()?;
        Some(ChangeSeries { series: series_key(group, self.settings, n), points })
    }

    fn notes(&self) -> Notes {
        Notes {
            datasets: vec!["ADQS".to_owned(), "ADSL".to_owned()],
            population: self.own.panel.population.label(self.data),
            grouping: format!("Dosages {}", self.own.panel.assignment.label()),
            ..Notes::default()
        }
    }

    fn exhibit(&self, id: ExhibitId, title: &str, (plot, notes): (Plot, Notes), (alt, rows): (String, Rows)) -> Exhibit {
        let source = vec![Slice::new("ADQS", "answers at the visits shown", columns(&self.instrument.id, self.data), rows)];
        Exhibit { id, title: titled(title, &self.own.panel), content: Content::Figure(FigureSpec { plot, alt, source }), notes }
    }
}

fn last_changes(panel: &ChangePanel) -> Vec<String> {
    let told = |series: &ChangeSeries| {
        let last = series.points.last()?;
        Some(format!("{}, {}: {:.1} (n = {})", panel.title, series.series.label, last.mean, last.n))
    };
    panel.series.iter().filter_map(told).collect()
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
