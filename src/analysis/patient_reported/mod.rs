//! Patient-reported outcomes by dosage: completion of questionnaires, symptoms and side-effect bother, scales against baseline.
//!
//! [`pro_ctcae`] and [`qlq_c30`] hold the scoring; [`concept`] turns answers into what is reported, [`completion`] says who answered when they
//! were to, [`outcome`] summarises concepts by dosage.

pub mod completion;
pub mod concept;
pub mod outcome;
pub mod pro_ctcae;
pub mod qlq_c30;
mod window;

use crate::config::{Instrument, Settings};
use crate::derive::{AnalysisData, Questionnaire};

use super::grouping::{Assignment, Panel, Population, panels};
use completion::InstrumentCompletion;
use concept::Concept;
use outcome::ConceptColumns;
use window::Window;

pub use window::RECALL_DAYS;

/// Visits at which results stand in tables where the project file names no key visits.
const KEY_VISITS: usize = 3;

/// What patients reported.
#[derive(Debug, Clone)]
pub struct PatientReportedResult {
    /// Instruments in the order of the project file, those without a record left out.
    pub instruments: Vec<InstrumentResult>,
    /// Labels of the project's instruments without a record of a known subject.
    pub without_records: Vec<String>,
}

/// One instrument.
#[derive(Debug, Clone)]
pub struct InstrumentResult {
    /// Id in the project file.
    pub id: String,
    /// Name.
    pub label: String,
    /// Visits in the order of time.
    pub visits: Vec<String>,
    /// Median study day of each visit.
    pub days: Vec<Option<f64>>,
    /// Position of the visit of the baseline.
    pub baseline_visit: Option<usize>,
    /// Positions of the visits at which completion is judged: those of the project file, without any every visit.
    pub key_visits: Vec<usize>,
    /// Positions of the visits after baseline at which results are tabulated.
    pub result_visits: Vec<usize>,
    /// Key visits of the project file that the data do not have.
    pub unknown_visits: Vec<String>,
    /// What is reported, parallel to [`PanelResult::outcomes`].
    pub concepts: Vec<Concept>,
    /// Symptoms of which not every item was asked, so that they have no composite grade.
    pub without_composite: Vec<String>,
    /// Whether an item asks for the overall bother by side effects.
    pub has_overall_bother: bool,
    /// The programme and each randomised part.
    pub panels: Vec<PanelResult>,
}

/// One instrument in one panel.
#[derive(Debug, Clone)]
pub struct PanelResult {
    /// The columns.
    pub panel: Panel,
    /// Completion, one per column.
    pub completion: Vec<InstrumentCompletion>,
    /// One per concept.
    pub outcomes: Vec<ConceptColumns>,
}

/// Describes questionnaires by dosage in the safety set; `None` without ADQS or without an instrument in the project file.
#[must_use]
pub fn analyse(data: &AnalysisData, settings: &Settings) -> Option<PatientReportedResult> {
    let questionnaires = data.questionnaires.as_ref()?;
    let instruments = &settings.patient_reported.instruments;
    if instruments.is_empty() {
        return None;
    }
    let mut panels = panels(data, settings, Population::Safety, Assignment::from(settings.grouping.efficacy));
    panels.retain(|panel| !panel.groups.is_empty() && (panel.part.is_none() || panel.randomised));
    let window = Window::of(data, settings);
    let find = |id: &str| questionnaires.iter().find(|questionnaire| questionnaire.id == *id);
    let with_records = instruments.iter().filter_map(|(id, instrument)| Some((find(id)?, instrument)));
    Some(PatientReportedResult {
        instruments: with_records
            .map(|(questionnaire, instrument)| describe(questionnaire, instrument, &panels, &window, (data, settings)))
            .collect(),
        without_records: instruments.iter().filter(|(id, _)| find(id).is_none()).map(|(_, instrument)| instrument.label.clone()).collect(),
    })
}

fn describe(
    questionnaire: &Questionnaire,
    instrument: &Instrument,
    panels: &[Panel],
    window: &Window,
    (data, settings): (&AnalysisData, &Settings),
) -> InstrumentResult {
    let found = concept::find_concepts(questionnaire, instrument, window);
    let visits: Vec<String> = questionnaire.visits.iter().map(|visit| visit.label.clone()).collect();
    let place = |wanted: &String| visits.iter().position(|visit| visit.eq_ignore_ascii_case(wanted));
    let named: Vec<usize> = instrument.key_visits.iter().filter_map(place).collect();
    let key_visits = if instrument.key_visits.is_empty() { (0..visits.len()).collect() } else { named.clone() };
    let schedule = completion::Schedule::of(questionnaire, data);
    let panel = |panel: &Panel| PanelResult {
        completion: panel
            .groups
            .iter()
            .map(|group| completion::count_completion(questionnaire, &schedule, group, window, (data, settings)))
            .collect(),
        outcomes: found.concepts.iter().map(|concept| outcome::summarise(concept, questionnaire, panel, settings)).collect(),
        panel: panel.clone(),
    };
    InstrumentResult {
        id: questionnaire.id.clone(),
        label: instrument.label.clone(),
        days: questionnaire.visits.iter().map(|visit| visit.day).collect(),
        baseline_visit: questionnaire.baseline_visit,
        result_visits: result_visits(questionnaire, &named),
        unknown_visits: instrument.key_visits.iter().filter(|visit| place(visit).is_none()).cloned().collect(),
        has_overall_bother: found.concepts.iter().any(|concept| concept.kind == concept::ConceptKind::Bother),
        panels: panels.iter().map(panel).collect(),
        key_visits,
        visits,
        concepts: found.concepts,
        without_composite: found.without_composite,
    }
}

/// The named visits after baseline; without any, those after baseline with the most answers.
fn result_visits(questionnaire: &Questionnaire, named: &[usize]) -> Vec<usize> {
    let after = |visit: &usize| questionnaire.baseline_visit.is_none_or(|baseline| *visit > baseline);
    if !named.is_empty() {
        let mut visits: Vec<usize> = named.iter().copied().filter(after).collect();
        visits.sort_unstable();
        visits.dedup();
        return visits;
    }
    let mut counts: Vec<(usize, usize)> = (0..questionnaire.visits.len()).filter(after).map(|visit| (0, visit)).collect();
    for answer in questionnaire.answers.iter().filter(|answer| answer.value.is_some()) {
        if let Some(held) = counts.iter_mut().find(|(_, visit)| *visit == answer.visit) {
            held.0 += 1;
        }
    }
    counts.sort_by_key(|(count, visit)| (std::cmp::Reverse(*count), *visit));
    let mut visits: Vec<usize> = counts.into_iter().take(KEY_VISITS).map(|(_, visit)| visit).collect();
    visits.sort_unstable();
    visits
}
