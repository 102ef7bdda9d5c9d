//! Subjects and treatments of the records against ADSL.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::code::{ARM_CONTRADICTS_ADSL, DOSE_CONTRADICTS_ADSL, RECORDS_MISSING, SUBJECT_NOT_IN_ADSL};
use super::sightings::{Sightings, quoted, verb};
use super::trial::{Trial, View};
use crate::data::column::{ACTARM, ARM, DOSEP, SUBJID, TRT01A, TRT01P, TRTA, TRTP, USUBJID};
use crate::data::dataset::Coded;
use crate::data::name::DatasetName;
use crate::data::spelling::{is_yes, normalised};
use crate::diagnostic::{Diagnostic, Severity};

/// Treatments of the periods after the first.
const LATER_PERIODS: std::ops::RangeInclusive<u8> = 2..=9;

/// `subject-not-in-adsl`, `arm-contradicts-adsl`, `dose-contradicts-adsl`, `records-missing`.
pub(super) fn check(trial: &Trial<'_>) -> Vec<Diagnostic> {
    let Some(adsl) = trial.view(DatasetName::Adsl) else { return Vec::new() };
    let mut found = Vec::new();
    for view in trial.records() {
        found.extend(strangers(trial, view));
        for name in [TRT01P, TRT01A, ARM, ACTARM] {
            found.extend(other_treatment(trial, adsl, view, name, &[name.to_owned()]));
        }
        for (name, period) in [(TRTP, 'P'), (TRTA, 'A')] {
            let mut columns = vec![format!("TRT01{period}")];
            columns.extend(LATER_PERIODS.map(|number| format!("TRT{number:02}{period}")));
            found.extend(other_treatment(trial, adsl, view, name, &columns));
        }
        found.extend(other_dose(trial, view));
    }
    found.extend(records_missing(trial, adsl));
    found
}

fn strangers(trial: &Trial<'_>, view: &View<'_>) -> Option<Diagnostic> {
    let name = view.dataset.column(USUBJID)?;
    let mut present = vec![false; trial.roster.subjects.len()];
    let mut seen = Sightings::new(view);
    for (row, subject) in view.subjects.iter().enumerate() {
        let Some(subject) = subject.map(|subject| subject as usize) else { continue };
        present.get_mut(subject).into_iter().for_each(|present| *present = true);
        if subject >= trial.roster.in_adsl {
            seen.see_row(row);
        }
    }
    let subjects = present.into_iter().filter(|present| *present).count();
    let strangers = seen.subject_count();
    let another_study = 2 * strangers > subjects;
    let (severity, hint) = if seen.subject_count() > 0 && another_study && spelled_otherwise(trial, view) {
        (
            Severity::Critical,
            "the identifiers are those of ADSL in another spelling (case, blanks, or SUBJID in place of USUBJID): write them as ADSL does",
        )
    } else if another_study {
        (
            Severity::Critical,
            "the dataset is probably of another study: remove it from the data folder, or name the right file in `data.datasets`",
        )
    } else {
        (SUBJECT_NOT_IN_ADSL.severity, "their records are not analysed; check whether ADSL is complete and identifiers are spelled alike")
    };
    let message = |seen: &Sightings<'_>| {
        format!("{strangers} of {subjects} subjects {} not in ADSL ({})", verb(strangers, "is", "are"), seen.extent())
    };
    seen.report_as(severity, SUBJECT_NOT_IN_ADSL, &name, message, hint)
}

/// Whether subjects who are not in ADSL would be under another spelling of their identifiers.
fn spelled_otherwise(trial: &Trial<'_>, view: &View<'_>) -> bool {
    let Some(adsl) = trial.view(DatasetName::Adsl) else { return false };
    let numbers = adsl.coded(SUBJID).map(|coded| coded.levels.clone()).unwrap_or_default();
    let known: BTreeSet<String> =
        trial.roster.subjects.iter().take(trial.roster.in_adsl).chain(&numbers).map(|subject| normalised(subject)).collect();
    let strangers = view.subjects.iter().flatten().filter(|subject| **subject as usize >= trial.roster.in_adsl);
    let strangers: BTreeSet<u32> = strangers.copied().collect();
    let alike = strangers.iter().filter(|subject| known.contains(&normalised(trial.roster.subject(**subject)))).count();
    2 * alike > strangers.len()
}

/// Records whose treatment is none of those that ADSL gives in `columns`.
fn other_treatment(trial: &Trial<'_>, adsl: &View<'_>, view: &View<'_>, name: &str, columns: &[String]) -> Option<Diagnostic> {
    let here = view.coded(name)?;
    let expected: Vec<(Arc<Coded>, Vec<Option<u32>>)> = columns
        .iter()
        .filter_map(|column| adsl.coded(column))
        .map(|coded| {
            let of_subject = trial.facts.codes(&coded);
            (coded, of_subject)
        })
        .collect();
    // For each text here, its positions among the texts of each column of ADSL: rows then compare numbers.
    let positions: Vec<Vec<Vec<u32>>> = expected.iter().map(|(coded, _)| translated(&here.levels, &coded.levels)).collect();
    let mut seen = Sightings::new(view);
    for (row, code) in here.codes.iter().enumerate() {
        let Some(code) = code.map(|code| code as usize) else { continue };
        let mut known = false;
        let mut agrees = false;
        for ((_, of_subject), positions) in expected.iter().zip(&positions) {
            if let Some(wanted) = view.of_subject(of_subject, row) {
                known = true;
                agrees |= positions.get(code).is_some_and(|same| same.contains(&wanted));
            }
        }
        if known && !agrees {
            let wanted = expected.iter().find_map(|(coded, of_subject)| coded.levels.get(view.of_subject(of_subject, row)? as usize));
            seen.see(row, &format!("{} instead of {}", here.text(row).unwrap_or_default(), wanted.map_or("", String::as_str)));
        }
    }
    let actual = view.dataset.column(name)?;
    seen.report(
        ARM_CONTRADICTS_ADSL,
        &actual,
        |seen| format!("{actual} differs from ADSL in {}: {}", seen.extent(), seen.values()),
        "treatment groups follow ADSL; find out which of the two datasets is older or wrong",
    )
}

/// Which of `to` each of `from` means, however the two are spelled: arms are matched to dosages without regard to case and spacing.
fn translated(from: &[String], to: &[String]) -> Vec<Vec<u32>> {
    let spelled: Vec<String> = to.iter().map(|text| normalised(text)).collect();
    let same = |text: &String| {
        let wanted = normalised(text);
        let equal = spelled.iter().enumerate().filter(move |(_, other)| **other == wanted);
        equal.filter_map(|(position, _)| u32::try_from(position).ok()).collect()
    };
    from.iter().map(same).collect()
}

fn other_dose(trial: &Trial<'_>, view: &View<'_>) -> Option<Diagnostic> {
    let name = view.dataset.column(DOSEP)?;
    let mut seen = Sightings::new(view);
    for (row, dose) in view.dataset.numbers(DOSEP)?.into_iter().enumerate() {
        if let (Some(dose), Some(planned)) = (dose, view.of_subject(&trial.facts.dose, row))
            && (dose - planned).abs() > 1e-9 * planned.abs().max(dose.abs())
        {
            seen.see(row, &format!("{dose} instead of {planned}"));
        }
    }
    seen.report(
        DOSE_CONTRADICTS_ADSL,
        &name,
        |seen| format!("{name} differs from the planned dose in ADSL in {}: {}", seen.extent(), seen.values()),
        "the planned dose follows ADSL; find out which of the two datasets is older or wrong",
    )
}

/// Subjects of a population without a record in the dataset that it rests on: a file may have lost its end.
fn records_missing(trial: &Trial<'_>, adsl: &View<'_>) -> Vec<Diagnostic> {
    let populations = &trial.settings.populations;
    let rests_on = [
        (&populations.safety, DatasetName::Adex),
        (&populations.pk, DatasetName::Adpc),
        (&populations.intention_to_treat, DatasetName::Adtte),
        (&populations.response_evaluable, DatasetName::Adrs),
    ];
    let mut found = Vec::new();
    for (population, name) in rests_on {
        let Some((view, column)) = trial.view(name).zip(population.column.as_deref()) else { continue };
        let Some((actual, flags)) = adsl.dataset.column(column).zip(adsl.coded(column)) else { continue };
        let flags = flags.map(is_yes);
        let mut present = vec![false; trial.roster.subjects.len()];
        view.subjects
            .iter()
            .flatten()
            .for_each(|subject| present.get_mut(*subject as usize).into_iter().for_each(|present| *present = true));
        let mut seen = Sightings::new(adsl);
        let mut flagged = 0_usize;
        for (row, subject) in adsl.subjects.iter().enumerate() {
            let Some(subject) = subject.filter(|_| flags.get(row) == Some(&Some(true))) else { continue };
            flagged += 1;
            if present.get(subject as usize) == Some(&false) {
                seen.see_row(row);
            }
        }
        found.extend(seen.report(
            RECORDS_MISSING,
            &actual,
            |seen| {
                let count = seen.subject_count();
                format!("{count} of {flagged} subjects with {actual} {} {} no record in {name}", quoted("Y"), verb(count, "has", "have"))
            },
            "check whether the file is complete; a transfer that stopped at the end of a line cannot be seen in the file itself",
        ));
    }
    found
}
