//! Exposure that can be a result of the outcome: metrics that rest on dosing after the event, and records made after it.

use std::collections::BTreeMap;

use super::assembly::SampleSubject;
use super::caution::Caution;
use super::endpoint::{EndpointSource, Outcome};
use super::exposure_source::{ExposureSource, exposures};
use crate::config::{Endpoint, ExposureResponse, Settings};
use crate::data::DatasetName;
use crate::derive::{AnalysisData, SubjectIndex};

/// The cautions that the exposure of a sample carries.
pub(super) fn cautions(
    asked: &ExposureResponse,
    source: &ExposureSource,
    (subjects, endpoint): (&[SampleSubject], &EndpointSource),
    data: &AnalysisData,
    settings: &Settings,
) -> Vec<Caution> {
    let mut cautions = Vec::new();
    if source.basis.uses_later_dosing() {
        cautions.push(Caution::ExposureAfterEvent {
            basis: source.basis,
            stated: source.basis_stated,
            initial: on_initial_dosage(asked, data, settings),
        });
    }
    let with_day = subjects.iter().filter(|subject| source.days.contains_key(&subject.subject)).count();
    if with_day == 0 {
        return cautions;
    }
    let event_days = event_days(subjects, endpoint, data);
    let reductions = first_reductions(data);
    let later = |days: &BTreeMap<SubjectIndex, i32>| {
        let of = |subject: &&SampleSubject| {
            source.days.get(&subject.subject).zip(days.get(&subject.subject)).is_some_and(|(record, other)| record > other)
        };
        subjects.iter().filter(of).count()
    };
    let (after_event, after_reduction) = (later(&event_days), later(&reductions));
    if after_event + after_reduction > 0 {
        cautions.push(Caution::ExposureRecordedLate { with_day, after_event, after_reduction });
    }
    cautions
}

/// Names of the analyses of the same outcome on an exposure of the initial dosage.
fn on_initial_dosage(asked: &ExposureResponse, data: &AnalysisData, settings: &Settings) -> Vec<String> {
    let others = settings.exposure_response.iter().filter(|other| other.id != asked.id && same_outcome(&other.endpoint, &asked.endpoint));
    let initial = others.filter(|other| exposures(other, data, settings).is_ok_and(|found| found.source.basis.is_initial()));
    initial.map(|other| other.label.clone().unwrap_or_else(|| other.id.clone())).collect()
}

/// Whether two outcomes are the same whatever they are called.
fn same_outcome(a: &Endpoint, b: &Endpoint) -> bool {
    let unnamed = |endpoint: &Endpoint| Endpoint { label: None, ..endpoint.clone() };
    unnamed(a) == unnamed(b)
}

/// Study day of the first event of each subject who had one, where the data tell it.
fn event_days(subjects: &[SampleSubject], endpoint: &EndpointSource, data: &AnalysisData) -> BTreeMap<SubjectIndex, i32> {
    let by_row: BTreeMap<u32, i32> = match endpoint.dataset {
        DatasetName::Adae => {
            let events = data.adverse_events.iter().flat_map(|events| &events.events);
            events.filter_map(|event| Some((event.row, event.start_day?))).collect()
        }
        DatasetName::Adrs => data.responses.iter().flatten().filter_map(|record| Some((record.row, record.day?))).collect(),
        _ => BTreeMap::new(),
    };
    #[expect(clippy::cast_possible_truncation, reason = "a study day; the cast saturates")]
    let of = |subject: &SampleSubject| match subject.outcome {
        Outcome::Time { days, event: true } => Some(days.ceil() as i32),
        outcome if outcome.event() => subject.rows.iter().filter_map(|row| by_row.get(row).copied()).min(),
        _ => None,
    };
    subjects.iter().filter_map(|subject| Some((subject.subject, of(subject)?))).collect()
}

/// Study day from which each subject with a reduction received less than the first dose.
fn first_reductions(data: &AnalysisData) -> BTreeMap<SubjectIndex, i32> {
    let mut first_dose: BTreeMap<SubjectIndex, f64> = BTreeMap::new();
    let mut reductions: BTreeMap<SubjectIndex, i32> = BTreeMap::new();
    let intervals = data.dosing.iter().flat_map(|dosing| &dosing.intervals);
    for interval in intervals.filter(|interval| interval.dose > 0.0) {
        let first = *first_dose.entry(interval.subject).or_insert(interval.dose);
        if interval.dose < first {
            reductions.entry(interval.subject).or_insert(interval.start_day);
        }
    }
    reductions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::{Dosing, DosingInterval};

    fn interval(subject: usize, start_day: i32, dose: f64) -> DosingInterval {
        DosingInterval {
            row: 1,
            subject: SubjectIndex(subject),
            drug: None,
            start_day,
            end_day: start_day + 6,
            dose,
            planned: None,
            days_between_doses: 1.0,
            doses_per_day: 1.0,
            regular: true,
            unit: None,
            reason: None,
            for_adverse_event: false,
        }
    }

    #[test]
    fn a_reduction_is_a_smaller_dose_and_not_an_interruption() {
        let intervals =
            vec![interval(0, 1, 100.0), interval(0, 8, 0.0), interval(0, 15, 50.0), interval(1, 1, 50.0), interval(1, 8, 100.0)];
        let dosing = Some(Dosing { intervals, ..Dosing::default() });
        let found = first_reductions(&AnalysisData { dosing, ..AnalysisData::default() });
        assert_eq!(found, BTreeMap::from([(SubjectIndex(0), 15)]));
    }
}
