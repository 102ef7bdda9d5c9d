//! Who answered a questionnaire of those who were to answer.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::grouping::Group;
use crate::analysis::measure::Proportion;
use crate::config::Settings;
use crate::derive::{AnalysisData, PartIndex, Questionnaire, SubjectIndex};
use crate::quantity::Rows;

use super::window::Window;

/// Completion of one instrument in one column.
#[derive(Debug, Clone, PartialEq)]
pub struct InstrumentCompletion {
    /// Subjects with a baseline, of those in study parts that used the instrument.
    pub baseline: Proportion,
    /// Received of expected by visit, parallel to the visits of the instrument.
    pub visits: Vec<Proportion>,
    /// Subjects who stopped treatment and answered later, of those who stopped.
    pub after_discontinuation: Proportion,
    /// Subjects whose dose was reduced or interrupted and who answered later, of those.
    pub after_change: Proportion,
    /// Questionnaires without an answer for which a reason is recorded, by reason.
    pub reasons: BTreeMap<String, (u64, Rows)>,
}

/// In which study parts the instrument was used, at which visits, and by whom.
#[derive(Debug)]
pub(super) struct Schedule {
    used: BTreeSet<(Option<PartIndex>, usize)>,
    /// Rows of answers by subject and visit.
    received: BTreeMap<(SubjectIndex, usize), Vec<u32>>,
}

impl Schedule {
    /// What the records say of the schedule: a visit belongs to a study part in which somebody has a record of it.
    pub(super) fn of(questionnaire: &Questionnaire, data: &AnalysisData) -> Self {
        let mut used = BTreeSet::new();
        let mut received: BTreeMap<(SubjectIndex, usize), Vec<u32>> = BTreeMap::new();
        for answer in &questionnaire.answers {
            if let Some(subject) = data.subjects.get(answer.subject.0) {
                used.insert((subject.part, answer.visit));
            }
            if answer.value.is_some() {
                received.entry((answer.subject, answer.visit)).or_default().push(answer.row);
            }
        }
        Self { used, received }
    }

    fn uses(&self, subject: SubjectIndex, visit: usize, data: &AnalysisData) -> bool {
        data.subjects.get(subject.0).is_some_and(|subject| self.used.contains(&(subject.part, visit)))
    }
}

/// Counts questionnaires of a column.
///
/// A questionnaire is expected at a visit of a subject whose study part has the visit: at the baseline visit and before it always, later on as
/// long as the rule for events that change treatment asks for answers on the median study day of the visit. It is received when at least one
/// question was answered. One that was received was also expected.
pub(super) fn count_completion(
    questionnaire: &Questionnaire,
    schedule: &Schedule,
    group: &Group,
    window: &Window,
    (data, settings): (&AnalysisData, &Settings),
) -> InstrumentCompletion {
    let visit = |place: usize| {
        let day = questionnaire.visits.get(place).and_then(|visit| visit.day);
        let early = questionnaire.baseline_visit.is_some_and(|baseline| place <= baseline);
        let received = |subject: &SubjectIndex| schedule.received.get(&(*subject, place));
        let expected = |subject: &&SubjectIndex| {
            let due = early || day.is_some_and(|day| window.expects(**subject, day));
            received(subject).is_some() || (due && schedule.uses(**subject, place, data))
        };
        let of: Vec<&SubjectIndex> = group.subjects.iter().filter(expected).collect();
        let rows: Vec<&Vec<u32>> = of.iter().filter_map(|subject| received(subject)).collect();
        Proportion::new(rows.len(), of.len(), rows.into_iter().flatten().copied().collect(), &settings.intervals)
    };
    let all_visits = 0..questionnaire.visits.len();
    let members: BTreeSet<SubjectIndex> = group.subjects.iter().copied().collect();
    let own = || questionnaire.answers.iter().filter(|answer| members.contains(&answer.subject));
    let share = |of: BTreeSet<SubjectIndex>, counts: &dyn Fn(&crate::derive::Answer) -> bool| {
        let mut rows: BTreeMap<SubjectIndex, Vec<u32>> = BTreeMap::new();
        for answer in own().filter(|answer| answer.value.is_some() && of.contains(&answer.subject) && counts(answer)) {
            rows.entry(answer.subject).or_default().push(answer.row);
        }
        Proportion::new(rows.len(), of.len(), rows.into_values().flatten().collect(), &settings.intervals)
    };
    let using: BTreeSet<SubjectIndex> =
        members.iter().copied().filter(|subject| all_visits.clone().any(|visit| schedule.uses(*subject, visit, data))).collect();
    let among = |holds: &dyn Fn(SubjectIndex) -> bool| using.iter().copied().filter(|subject| holds(*subject)).collect();
    let mut reasons: BTreeMap<String, BTreeMap<(SubjectIndex, usize), Vec<u32>>> = BTreeMap::new();
    for answer in own().filter(|answer| !schedule.received.contains_key(&(answer.subject, answer.visit))) {
        if let Some(reason) = &answer.reason {
            reasons.entry(reason.clone()).or_default().entry((answer.subject, answer.visit)).or_default().push(answer.row);
        }
    }
    InstrumentCompletion {
        visits: all_visits.clone().map(visit).collect(),
        after_discontinuation: share(among(&|subject| window.stopped(subject)), &|answer| window.is_after_stop(answer)),
        after_change: share(among(&|subject| window.changed(subject)), &|answer| window.is_after_change(answer)),
        baseline: share(using, &|answer| answer.baseline),
        reasons: reasons
            .into_iter()
            .map(|(reason, forms)| (reason, (forms.len() as u64, forms.into_values().flatten().collect())))
            .collect(),
    }
}
