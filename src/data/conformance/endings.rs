//! Files that end before their subjects do.
//!
//! A transfer that stops at the end of a record leaves a file without any fault in it. Where its records stand in the order of ADSL, the
//! subjects at the end of that order are then without a record, though hardly any before them is.

use std::collections::BTreeSet;
use std::ops::Range;

use super::code::RECORDS_END_EARLY;
use super::sightings::{counted, verb};
use super::trial::{Trial, View};
use crate::data::column::{PARAMCD, PART, STUDYID};
use crate::data::name::DatasetName;
use crate::data::spelling::is_yes;
use crate::diagnostic::Diagnostic;
use crate::quantity::Date;

/// Chance of such an ending in a file that is whole, below which it is told.
const CHANCE: f64 = 1e-6;

/// Fewest subjects at the end without a record.
const FEWEST: usize = 5;

/// Share of the subjects before the end who have records, from which its absence at the end is strange.
const USUAL_SHARE: f64 = 0.8;

/// Days before the cut-off within which a subject's first records may be still to come.
const RECENT_DAYS: i32 = 90;

/// `records-end-early`.
pub(super) fn check(trial: &Trial<'_>) -> Vec<Diagnostic> {
    let Some(order) = Order::of(trial) else { return Vec::new() };
    trial.records().flat_map(|view| files(view).into_iter().filter_map(|rows| ends_early(trial, view, &order, rows))).collect()
}

/// Whether a subject was first treated so shortly before the data cut-off that records may be still to come.
fn is_recent(trial: &Trial<'_>, subject: u32) -> bool {
    let of = |dates: &[Option<Date>]| dates.get(subject as usize).copied().flatten();
    let cutoff = of(&trial.facts.cutoff).or(trial.settings.dossier.data_cutoff);
    cutoff.zip(of(&trial.facts.first_dose)).is_some_and(|(cutoff, first)| cutoff.days_since(first) < RECENT_DAYS)
}

/// The rows of each file of a dataset.
fn files(view: &View<'_>) -> Vec<Range<usize>> {
    let mut start = 0;
    let range = |rows: usize| {
        let range = start..start + rows;
        start += rows;
        range
    };
    view.dataset.segments().iter().map(|segment| segment.rows).map(range).collect()
}

/// The subjects who may have records, in the order of ADSL.
struct Order {
    /// The subjects.
    subjects: Vec<u32>,
    /// Place in the order by subject.
    place: Vec<Option<usize>>,
    /// Study and part by place: what is done in one may not be done in another.
    stratum: Vec<(Option<u32>, Option<u32>)>,
}

impl Order {
    /// Those of the safety population; everybody where its flag says nothing.
    fn of(trial: &Trial<'_>) -> Option<Self> {
        let adsl = trial.view(DatasetName::Adsl)?;
        let codes = |name: &str| adsl.coded(name).map(|coded| coded.codes.clone()).unwrap_or_default();
        let safety = trial.settings.populations.safety.column.as_deref().and_then(|column| adsl.coded(column));
        let safety: Vec<Option<bool>> = safety.map(|coded| coded.map(is_yes)).unwrap_or_default();
        let nobody = !safety.contains(&Some(true));
        let (study, part) = (codes(STUDYID), codes(PART));
        let mut order = Self { subjects: Vec::new(), place: vec![None; trial.roster.subjects.len()], stratum: Vec::new() };
        for (row, subject) in adsl.subjects.iter().enumerate() {
            let safe = nobody || safety.get(row).copied().flatten() == Some(true);
            let Some(subject) = subject.filter(|subject| safe && !is_recent(trial, *subject)) else { continue };
            let Some(place) = order.place.get_mut(subject as usize).filter(|place| place.is_none()) else { continue };
            *place = Some(order.subjects.len());
            order.subjects.push(subject);
            let code = |codes: &[Option<u32>]| codes.get(row).copied().flatten();
            order.stratum.push((code(&study), code(&part)));
        }
        Some(order)
    }

    /// Whether each place occurs among `places`; `None` where these do not stand in order.
    fn present(&self, places: impl Iterator<Item = usize>) -> Option<Vec<bool>> {
        let mut present = vec![false; self.subjects.len()];
        let mut last = 0;
        for place in places {
            if place < last {
                return None;
            }
            last = place;
            if let Some(present) = present.get_mut(place) {
                *present = true;
            }
        }
        Some(present)
    }

    /// Subjects after the last who is present, in studies and parts where others are: `None` where so many may be absent by chance.
    fn missing_at_end(&self, present: &[bool]) -> Option<(Vec<u32>, usize, usize)> {
        let is_present = |place: usize| present.get(place).copied().unwrap_or(false);
        let last = (0..self.subjects.len()).rev().find(|place| is_present(*place))?;
        let strata: BTreeSet<_> = self.stratum.iter().enumerate().filter(|(place, _)| is_present(*place)).map(|(_, own)| own).collect();
        let concerned = |place: &usize| self.stratum.get(*place).is_some_and(|stratum| strata.contains(stratum));
        let before = (0..=last).filter(concerned).count();
        let seen = (0..=last).filter(|place| is_present(*place)).count();
        let missing: Vec<u32> =
            (last + 1..self.subjects.len()).filter(concerned).filter_map(|place| self.subjects.get(place).copied()).collect();
        if missing.len() < FEWEST || (seen as f64) < USUAL_SHARE * before as f64 {
            return None;
        }
        // The rule of succession keeps a share of one from making every absence impossible.
        let share_absent = (before - seen + 1) as f64 / (before + 2) as f64;
        let chance = share_absent.powf(missing.len() as f64);
        (chance < CHANCE).then_some((missing, seen, before))
    }
}

/// The diagnostic about one file: its subjects as a whole where it is sorted by subject, otherwise those of its last parameter, which is the
/// one that a cut leaves incomplete.
fn ends_early(trial: &Trial<'_>, view: &View<'_>, order: &Order, rows: Range<usize>) -> Option<Diagnostic> {
    let place =
        |row: usize| view.subjects.get(row).copied().flatten().and_then(|subject| order.place.get(subject as usize).copied().flatten());
    let whole = order.present(rows.clone().filter_map(place));
    let present = whole.or_else(|| {
        let parameters = view.coded(PARAMCD)?;
        let last = parameters.codes.get(rows.end.checked_sub(1)?).copied().flatten();
        order.present(rows.clone().filter(|row| parameters.codes.get(*row).copied().flatten() == last).filter_map(place))
    })?;
    let (missing, seen, before) = order.missing_at_end(&present)?;
    let count = missing.len();
    let message = format!(
        "the last {} in the order of ADSL {} no record in {} though {seen} of the {before} before them have: the end of the file may be missing",
        counted(count, "subject"),
        verb(count, "has", "have"),
        view.name(),
    );
    let hint = "compare the number of rows with the source; if these subjects have no records yet, accept the diagnostic with that reason";
    let last_row = u32::try_from(rows.end).unwrap_or(u32::MAX);
    let subjects = missing.iter().map(|subject| trial.roster.subject(*subject));
    Some(
        Diagnostic::new(RECORDS_END_EARLY.name, RECORDS_END_EARLY.severity, message, hint)
            .in_dataset(view.name().label())
            .of_subjects(subjects)
            .in_rows([last_row]),
    )
}
