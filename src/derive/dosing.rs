//! Dosing: stretches of constant dosing, a summary for each subject, and where the data's own summaries disagree.

use std::collections::{BTreeMap, BTreeSet};

use super::dosing_records::{DosingRecord, DosingRecords, read_dosing_records};
use super::dosing_totals::{Totals, read_totals};
use super::frequency::{Frequency, parse_frequency};
use super::intensity::{continuous_day, study_day_of, summarise};
use super::records::{Dosing, DosingInterval, DosingSummary, IntensityDisagreement, Subject, SubjectIndex, TreatmentStatus};
use super::roster::Roster;
use super::words::{Noted, normalised};
use crate::config::{Dosage, Settings};
use crate::data::{DatasetName, TrialData};
use crate::diagnostic::{Diagnostic, Severity};
use crate::quantity::DoseUnit;

/// Relative dose intensities that differ by more than this many percentage points are reported: more than rounding explains.
const TOLERANCE: f64 = 1.0;

/// What a record leaves open.
#[derive(Debug, Default)]
struct Doubts {
    incomplete: Noted,
    reversed: Noted,
    open_end: Noted,
    unknown_end: Noted,
    /// Subjects with a record of unknown end, whose time on treatment is not known either.
    without_end: BTreeSet<SubjectIndex>,
    overlap: Noted,
    frequency: Noted,
    no_frequency: Noted,
    no_plan: Noted,
    drugs: Noted,
}

/// Reads ADEX and ADEXSUM; `None` when neither is there.
///
/// Summaries are recomputed from the stretches of ADEX ([`summarise`]); subjects without stretches keep the summary that the data give. Of
/// several drugs of one subject the one that the project file names is summarised, otherwise the one with most records; the stretches of
/// all are kept.
pub(super) fn derive_dosing(
    trial: &TrialData,
    roster: &Roster<'_>,
    settings: &Settings,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Dosing> {
    let adex = trial.get(DatasetName::Adex);
    let adexsum = trial.get(DatasetName::Adexsum);
    let records = adex.map(|adex| read_dosing_records(adex, roster));
    let (totals_dataset, totals) = given_totals(trial, roster);
    if adex.is_none() && adexsum.is_none() {
        return None;
    }
    let mut doubts = Doubts::default();
    let reasons_recorded = records.as_ref().is_some_and(|records| records.reasons_recorded);
    let columns = records.as_ref().map_or_else(Vec::new, |records| records.columns.clone());
    let intervals = records.map_or_else(Vec::new, |records| intervals_of(records, roster, settings, &mut doubts));
    let mut summaries = summaries_of(&intervals, &totals, roster, settings, reasons_recorded, &mut doubts);
    for summary in summaries.iter_mut().filter(|summary| doubts.without_end.contains(&summary.subject)) {
        summary.duration_days = None;
    }
    if !shows_interruptions(&intervals) {
        let recomputed = |summary: &&mut DosingSummary| intervals.iter().any(|interval| interval.subject == summary.subject);
        for summary in summaries.iter_mut().filter(recomputed) {
            (summary.interruptions, summary.interrupted_days, summary.interruptions_adverse_event) = (None, None, None);
        }
    }
    let disagreements = disagreements_of(&summaries, &intervals, &totals);
    let dataset = if intervals.is_empty() { totals_dataset } else { Some(DatasetName::Adex) };
    let name = dataset.unwrap_or(DatasetName::Adex).label();
    diagnostics.extend(doubts.finish().into_iter().map(|diagnostic| diagnostic.in_dataset(name)));
    diagnostics.extend(disagreement_diagnostic(&disagreements, roster, totals_dataset));
    Some(Dosing { dataset, intervals, summaries, columns, disagreements })
}

/// Whether an interruption could be seen at all: where every record is one administration and none is of dose 0, a missed one leaves no trace.
fn shows_interruptions(intervals: &[DosingInterval]) -> bool {
    intervals.iter().any(|interval| interval.regular || interval.dose <= 0.0)
}

/// Summaries in the data: of ADEXSUM, otherwise of ADEX.
fn given_totals(trial: &TrialData, roster: &Roster<'_>) -> (Option<DatasetName>, Totals) {
    let read = |name| trial.get(name).map(|dataset| (Some(name), read_totals(dataset, roster)));
    let found = [DatasetName::Adexsum, DatasetName::Adex].into_iter().filter_map(read);
    found.into_iter().find(|(_, totals)| !totals.is_empty()).unwrap_or((None, Totals::new()))
}

/// Stretches by subject, drug and start, with ends, frequencies and planned doses that the records leave open.
fn intervals_of(records: DosingRecords<'_>, roster: &Roster<'_>, settings: &Settings, doubts: &mut Doubts) -> Vec<DosingInterval> {
    let mut courses: BTreeMap<(SubjectIndex, Option<String>), Vec<DosingRecord<'_>>> = BTreeMap::new();
    for record in records.records {
        let (row, usubjid) = (record.record.row, &record.record.subject.usubjid);
        if record.start_day.is_none() {
            doubts.incomplete.note("no start", row, usubjid);
        } else if record.dose.or(record.total_dose).is_none_or(|dose| dose < 0.0) {
            doubts.incomplete.note("no dose", row, usubjid);
        } else {
            courses.entry((record.record.position, record.drug.clone())).or_default().push(record);
        }
    }
    let mut intervals = Vec::new();
    for ((position, _), mut course) in courses {
        let Some(subject) = roster.subject(position) else { continue };
        let dosage = subject.actual.and_then(|dosage| settings.dosages.get(dosage.0));
        course.sort_by_key(|record| (record.start_day, record.record.row));
        let starts: Vec<Option<i32>> = course.iter().skip(1).map(|record| record.start_day).chain([None]).collect();
        let mut previous_end: Option<i32> = None;
        for (record, next_start) in course.iter().zip(starts) {
            let Some(interval) = interval_of(record, dosage, next_start, doubts) else { continue };
            if previous_end.is_some_and(|end| interval.start_day <= end) {
                doubts.overlap.note("overlap", interval.row, &subject.usubjid);
            }
            previous_end = Some(previous_end.map_or(interval.end_day, |end| end.max(interval.end_day)));
            intervals.push(interval);
        }
    }
    intervals.sort_by_key(|interval| (interval.subject, interval.start_day, interval.row));
    intervals
}

fn interval_of(record: &DosingRecord<'_>, dosage: Option<&Dosage>, next_start: Option<i32>, doubts: &mut Doubts) -> Option<DosingInterval> {
    let start_day = record.start_day?;
    let frequency = frequency_of(record, dosage, doubts);
    let end_day = end_of(record, start_day, frequency, next_start, doubts);
    let span = f64::from(continuous_day(end_day) - continuous_day(start_day) + 1);
    let (days_between_doses, doses_per_day, regular) = match frequency {
        Frequency::Regular { days_between_doses, doses_per_day } => (days_between_doses, doses_per_day, true),
        Frequency::Once => (span, 1.0, false),
    };
    let due = if regular { doses_per_day * (((span - 1.0) / days_between_doses).floor() + 1.0) } else { 1.0 };
    let administrations = record.administrations.filter(|count| *count > 0.0).unwrap_or(due);
    // A single administration stands for its whole record, so the total is not divided there.
    let divisor = if regular { administrations } else { 1.0 };
    let dose = record.dose.map(|dose| if regular { dose } else { dose * record.administrations.unwrap_or(1.0).max(1.0) });
    let dose = dose.or(record.total_dose.map(|total| total / divisor))?;
    let planned = record
        .planned
        .or(record.total_planned.map(|total| total / divisor))
        .or_else(|| planned_by_dosage(dosage?, record.unit.as_deref(), frequency));
    if planned.is_none() && dose > 0.0 {
        doubts.no_plan.note("", record.record.row, &record.record.subject.usubjid);
    }
    Some(DosingInterval {
        row: record.record.row,
        subject: record.record.position,
        drug: record.drug.clone(),
        start_day,
        end_day,
        dose,
        planned,
        days_between_doses,
        doses_per_day,
        regular,
        unit: record.unit.clone(),
        reason: record.reason.clone(),
        for_adverse_event: record.for_adverse_event,
    })
}

/// The frequency of a record, otherwise of the dosage's schedule, otherwise one administration for the record.
fn frequency_of(record: &DosingRecord<'_>, dosage: Option<&Dosage>, doubts: &mut Doubts) -> Frequency {
    let (row, usubjid) = (record.record.row, &record.record.subject.usubjid);
    if let Some(text) = &record.frequency {
        return parse_frequency(text).unwrap_or_else(|| {
            doubts.frequency.note(text, row, usubjid);
            Frequency::Once
        });
    }
    let schedule = dosage.and_then(|dosage| parse_frequency(dosage.schedule.as_deref()?));
    schedule.unwrap_or_else(|| {
        doubts.no_frequency.note("", row, usubjid);
        Frequency::Once
    })
}

/// The last day of a record. Where the data give none: the first day when doses are more than a day apart or single, otherwise the day
/// before the next record, the subject's last dose, or, while treatment goes on, death or data cut-off, whichever is known first; the first
/// day where none is.
fn end_of(record: &DosingRecord<'_>, start_day: i32, frequency: Frequency, next_start: Option<i32>, doubts: &mut Doubts) -> i32 {
    let (row, usubjid) = (record.record.row, &record.record.subject.usubjid);
    let daily = matches!(frequency, Frequency::Regular { days_between_doses, .. } if days_between_doses <= 1.0);
    let end_day = match record.end_day {
        Some(end_day) => end_day,
        None if !daily => start_day,
        None => {
            let found = open_end(record.record.subject, next_start);
            let doubt = if found.is_some() { &mut doubts.open_end } else { &mut doubts.unknown_end };
            doubts.without_end.extend(found.is_none().then_some(record.record.position));
            doubt.note("", row, usubjid);
            found.unwrap_or(start_day).max(start_day)
        }
    };
    if end_day < start_day {
        doubts.reversed.note("", row, usubjid);
    }
    end_day.max(start_day)
}

/// How long daily dosing went on where its record has no end; `None` where nothing says it: who stopped did not go on to the data cut-off.
fn open_end(subject: &Subject, next_start: Option<i32>) -> Option<i32> {
    let last_dose = subject.last_dose.zip(subject.first_dose).map(|(last, first)| last.study_day(first));
    let next = next_start.map(|day| study_day_of(continuous_day(day) - 1));
    let goes_on = matches!(subject.treatment_status, Some(TreatmentStatus::Ongoing) | None);
    next.or(last_dose).or_else(|| last_possible_day(subject).filter(|_| goes_on || subject.died))
}

/// The study day of death or data cut-off, whichever comes first.
fn last_possible_day(subject: &Subject) -> Option<i32> {
    let first = subject.first_dose?;
    [subject.death, subject.cutoff].into_iter().flatten().min().map(|date| date.study_day(first))
}

/// The dose of the project file in the unit of the data. `None` where the data give no unit, where the two are counted by different things
/// (mg and mg/m²), and where the record's frequency is not that of the schedule.
fn planned_by_dosage(dosage: &Dosage, unit: Option<&str>, frequency: Frequency) -> Option<f64> {
    let schedule = dosage.schedule.as_deref().and_then(parse_frequency);
    if frequency != Frequency::Once && schedule.is_some_and(|schedule| schedule != frequency) {
        return None;
    }
    dosage.dose?.amount_in(DoseUnit::parse(unit?)?)
}

/// One summary for each subject with stretches or with a summary in the data, in the order of subjects.
fn summaries_of(
    intervals: &[DosingInterval],
    totals: &Totals,
    roster: &Roster<'_>,
    settings: &Settings,
    reasons_recorded: bool,
    doubts: &mut Doubts,
) -> Vec<DosingSummary> {
    let mut courses: BTreeMap<SubjectIndex, Vec<&DosingInterval>> = BTreeMap::new();
    for interval in intervals {
        courses.entry(interval.subject).or_default().push(interval);
    }
    let mut given: BTreeMap<SubjectIndex, Vec<&DosingSummary>> = BTreeMap::new();
    for ((subject, _), summary) in totals {
        given.entry(*subject).or_default().push(summary);
    }
    let mut summaries: BTreeMap<SubjectIndex, DosingSummary> = BTreeMap::new();
    for (position, course) in &courses {
        let Some(subject) = roster.subject(*position) else { continue };
        let drug = main_drug(course.iter().map(|interval| interval.drug.as_deref()), &settings.drug.name);
        let main: Vec<&DosingInterval> = course.iter().filter(|interval| interval.drug.as_deref() == drug).copied().collect();
        if let (Some(drug), true) = (drug, main.len() < course.len()) {
            let left_out = course.iter().filter(|interval| interval.drug.as_deref() != Some(drug));
            left_out
                .for_each(|interval| doubts.drugs.note(interval.drug.as_deref().unwrap_or("not named"), interval.row, &subject.usubjid));
        }
        let summary = summarise(&main, last_possible_day(subject), settings.tolerability.cycle_length_days, reasons_recorded);
        summaries.extend(summary.map(|summary| (*position, summary)));
    }
    for (position, given) in given {
        let drug = main_drug(given.iter().map(|summary| summary.drug.as_deref()), &settings.drug.name);
        let summary = given.into_iter().find(|summary| summary.drug.as_deref() == drug);
        if let Some(summary) = summary {
            summaries.entry(position).or_insert_with(|| summary.clone());
        }
    }
    summaries.into_values().collect()
}

/// The drug to summarise: the one whose name holds the project's drug or is held by it, otherwise the one with most records, then by name.
/// Records that name no drug count only where none is named.
fn main_drug<'a>(drugs: impl Iterator<Item = Option<&'a str>>, project: &str) -> Option<&'a str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for drug in drugs.flatten() {
        *counts.entry(drug).or_insert(0) += 1;
    }
    let project = normalised(project);
    let named = |drug: &&str| {
        let drug = normalised(drug);
        drug.contains(&project) || project.contains(&drug)
    };
    let most = counts.values().copied().max();
    counts.keys().copied().find(named).or_else(|| counts.iter().find(|(_, count)| Some(**count) == most).map(|(drug, _)| *drug))
}

fn disagreements_of(summaries: &[DosingSummary], intervals: &[DosingInterval], totals: &Totals) -> Vec<IntensityDisagreement> {
    if intervals.is_empty() {
        return Vec::new();
    }
    let given = |summary: &DosingSummary| {
        let of_drug = totals.get(&(summary.subject, summary.drug.clone()));
        of_drug.or_else(|| totals.get(&(summary.subject, None)))?.relative_intensity
    };
    let compare = |summary: &DosingSummary| {
        let (given, recomputed) = (given(summary)?, summary.relative_intensity?);
        let differs = (given - recomputed).abs() > TOLERANCE;
        differs.then_some(IntensityDisagreement { subject: summary.subject, given, recomputed })
    };
    summaries.iter().filter_map(compare).collect()
}

fn disagreement_diagnostic(
    disagreements: &[IntensityDisagreement],
    roster: &Roster<'_>,
    dataset: Option<DatasetName>,
) -> Option<Diagnostic> {
    let largest = disagreements.iter().map(|it| (it.given - it.recomputed).abs()).reduce(f64::max)?;
    let subjects = disagreements.iter().filter_map(|it| Some(roster.subject(it.subject)?.usubjid.clone()));
    let message = format!(
        "relative dose intensity in the data differs from the one recomputed from the dosing records by more than {TOLERANCE} percentage point in {} {}; \
         the largest difference is {largest:.1} percentage points",
        disagreements.len(),
        if disagreements.len() == 1 { "subject" } else { "subjects" },
    );
    let hint = "the dossier prints the recomputed value; state how the data's own summary defines planned time, or correct it";
    let diagnostic = Diagnostic::new("dose-intensity-differs", Severity::Minor, message, hint).of_subjects(subjects);
    Some(diagnostic.in_dataset(dataset.unwrap_or(DatasetName::Adex).label()))
}

impl Doubts {
    fn finish(self) -> Vec<Diagnostic> {
        let Self { incomplete, reversed, open_end, unknown_end, without_end: _, overlap, frequency, no_frequency, no_plan, drugs } = self;
        let records = of_records(incomplete, reversed, open_end, unknown_end, overlap);
        records.into_iter().chain(of_plans(frequency, no_frequency, no_plan, drugs)).flatten().collect()
    }
}

/// What is wrong with single records and their days.
fn of_records(incomplete: Noted, reversed: Noted, open_end: Noted, unknown_end: Noted, overlap: Noted) -> [Option<Diagnostic>; 5] {
    let (backward, open, unknown, overlaps) = (reversed.count(), open_end.count(), unknown_end.count(), overlap.count());
    [
        incomplete.diagnostic(
            "dosing-record-incomplete",
            Severity::Major,
            |values| format!("dosing records without what they need are left out: {values}"),
            "complete EXDOSE and the start of the record",
        ),
        reversed.diagnostic(
            "dosing-dates-reversed",
            Severity::Major,
            |_| format!("{backward} dosing records end before they start; they are taken as one day"),
            "correct the dates",
        ),
        open_end.diagnostic(
            "dosing-end-missing",
            Severity::Info,
            |_| format!("{open} dosing records have no end; they run to the next record, the last dose, death or data cut-off"),
            "none is needed where treatment goes on at the data cut-off",
        ),
        unknown_end.diagnostic(
            "dosing-end-unknown",
            Severity::Minor,
            |_| format!("of {unknown} dosing records no end is known; only their first day counts, and the time on treatment is taken from ADSL or not known"),
            "complete AENDT, or TRTEDT, DTHDT or DCUTDT in ADSL",
        ),
        overlap.diagnostic(
            "dosing-overlaps",
            Severity::Minor,
            |_| format!("{overlaps} dosing records begin before an earlier record of the same drug has ended; the doses of both count"),
            "correct the dates, or give each drug its own EXTRT",
        ),
    ]
}

/// What is wrong with frequencies, planned doses and drugs.
fn of_plans(frequency: Noted, no_frequency: Noted, no_plan: Noted, drugs: Noted) -> [Option<Diagnostic>; 4] {
    let (none, unplanned) = (no_frequency.count(), no_plan.count());
    [
        frequency.diagnostic(
            "dosing-frequency-not-understood",
            Severity::Major,
            |values| format!("dosing frequency is not understood; each record counts as one administration: {values}"),
            "use QD, BID, QOD, QW, Q2W, Q3W, Q4W or ONCE",
        ),
        no_frequency.diagnostic(
            "dosing-frequency-absent",
            Severity::Major,
            |_| format!("{none} dosing records have no frequency and their dosage no schedule; each counts as one administration"),
            "add EXDOSFRQ, or `schedule` to the dosage in the project file",
        ),
        no_plan.diagnostic(
            "planned-dose-unknown",
            Severity::Minor,
            |_| format!("{unplanned} dosing records have no planned dose; their subjects have no recomputed relative dose intensity"),
            "add EXPDOSE or EXPLDOS, or EXDOSU with `dose` and `schedule` of the dosage in the project file",
        ),
        drugs.diagnostic(
            "several-drugs",
            Severity::Info,
            |values| format!("subjects took more than one drug; not summarised: {values}"),
            "name the drug under study as `drug.name` in the project file",
        ),
    ]
}
