//! The trial as the checks see it: subjects as numbers, and what ADSL says of each.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::config::Settings;
use crate::data::column;
use crate::data::dataset::{Coded, Dataset, TrialData};
use crate::data::name::DatasetName;
use crate::quantity::Date;

/// Every subject of every dataset, those of ADSL first.
#[derive(Debug, Default)]
pub(super) struct Roster {
    /// Subject identifiers.
    pub(super) subjects: Vec<String>,
    /// How many of them are in ADSL.
    pub(super) in_adsl: usize,
    known: BTreeMap<String, u32>,
}

impl Roster {
    fn number(&mut self, subject: &str) -> u32 {
        if let Some(number) = self.known.get(subject) {
            return *number;
        }
        let number = u32::try_from(self.subjects.len()).unwrap_or(u32::MAX);
        self.subjects.push(subject.to_owned());
        self.known.insert(subject.to_owned(), number);
        number
    }

    /// The subject of every row, in the roster's numbers.
    fn rows(&mut self, subjects: &Coded) -> Vec<Option<u32>> {
        let numbers: Vec<u32> = subjects.levels.iter().map(|level| self.number(level)).collect();
        subjects.codes.iter().map(|code| code.and_then(|code| numbers.get(code as usize).copied())).collect()
    }

    /// The identifier of a subject.
    pub(super) fn subject(&self, number: u32) -> &str {
        self.subjects.get(number as usize).map_or("", String::as_str)
    }
}

/// A dataset with the subject of each row.
#[derive(Debug)]
pub(super) struct View<'a> {
    /// The dataset.
    pub(super) dataset: &'a Dataset,
    /// The subject of each row; `None` where the identifier is blank.
    pub(super) subjects: Vec<Option<u32>>,
    /// The subjects' identifiers.
    pub(super) roster: &'a Roster,
    dates: [OnceLock<Option<Vec<Option<Date>>>>; SHARED_DATES.len()],
    coded: Mutex<BTreeMap<String, CodedOnce>>,
}

/// A coded column, made by the first check that asks for it; `None` where the dataset has no such column.
type CodedOnce = Arc<OnceLock<Option<Arc<Coded>>>>;

/// Dates that several checks look at: read once per dataset.
const SHARED_DATES: [&str; 3] = [column::ADT, column::ASTDT, column::AENDT];

impl<'a> View<'a> {
    fn new(dataset: &'a Dataset, subjects: Vec<Option<u32>>, roster: &'a Roster) -> Self {
        Self { dataset, subjects, roster, dates: Default::default(), coded: Mutex::default() }
    }

    /// The dates of a column; empty where there is no such column.
    pub(super) fn dates(&self, name: &str) -> Cow<'_, [Option<Date>]> {
        let shared = SHARED_DATES.iter().position(|shared| *shared == name).and_then(|position| self.dates.get(position));
        match shared {
            Some(cell) => Cow::Borrowed(cell.get_or_init(|| self.dataset.dates(name)).as_deref().unwrap_or_default()),
            None => Cow::Owned(self.dataset.dates(name).unwrap_or_default()),
        }
    }

    /// A column as codes of its different texts, made once for all checks.
    pub(super) fn coded(&self, name: &str) -> Option<Arc<Coded>> {
        // A check that panicked leaves the list as whole as it was.
        let mut known = self.coded.lock().unwrap_or_else(PoisonError::into_inner);
        let cell = Arc::clone(known.entry(name.to_owned()).or_default());
        drop(known);
        cell.get_or_init(|| self.dataset.coded(name).map(Arc::new)).clone()
    }

    /// The name of the dataset.
    pub(super) fn name(&self) -> DatasetName {
        self.dataset.name()
    }

    /// The value that a list by subject gives for a row.
    pub(super) fn of_subject<T: Copy>(&self, values: &[Option<T>], row: usize) -> Option<T> {
        let subject = (*self.subjects.get(row)?)?;
        *values.get(subject as usize)?
    }
}

/// What ADSL says of each subject, by the roster's numbers. Where ADSL has several rows of a subject, the first counts.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Row of ADSL.
    pub(super) row: Vec<Option<usize>>,
    /// First dose.
    pub(super) first_dose: Vec<Option<Date>>,
    /// Death.
    pub(super) death: Vec<Option<Date>>,
    /// Data cut-off.
    pub(super) cutoff: Vec<Option<Date>>,
    /// Planned dose.
    pub(super) dose: Vec<Option<f64>>,
}

impl Facts {
    fn of(adsl: &View<'_>) -> Self {
        let mut row = vec![None; adsl.roster.in_adsl];
        for (position, subject) in adsl.subjects.iter().enumerate() {
            if let Some(first) = subject.and_then(|subject| row.get_mut(subject as usize)) {
                first.get_or_insert(position);
            }
        }
        let dates = |name: &str| by_subject(&row, adsl.dataset.dates(name));
        Self {
            first_dose: dates(column::TRTSDT),
            death: dates(column::DTHDT),
            cutoff: dates(column::DCUTDT),
            dose: by_subject(&row, adsl.dataset.numbers(column::DOSEP)),
            row,
        }
    }

    /// The codes of a text column of ADSL by subject.
    pub(super) fn codes(&self, coded: &Coded) -> Vec<Option<u32>> {
        by_subject(&self.row, Some(coded.codes.clone()))
    }
}

fn by_subject<T: Copy>(row: &[Option<usize>], values: Option<Vec<Option<T>>>) -> Vec<Option<T>> {
    let values = values.unwrap_or_default();
    row.iter().map(|row| row.and_then(|row| values.get(row).copied().flatten())).collect()
}

/// The trial with everything that several checks need.
#[derive(Debug)]
pub(super) struct Trial<'a> {
    /// What the project file decides.
    pub(super) settings: &'a Settings,
    /// The datasets, ADSL first.
    pub(super) views: Vec<View<'a>>,
    /// What ADSL says of each subject.
    pub(super) facts: Facts,
    /// The subjects.
    pub(super) roster: &'a Roster,
}

impl<'a> Trial<'a> {
    /// The trial of these data; `roster` and `rows` come from [`subjects_of`].
    pub(super) fn new(data: &'a TrialData, settings: &'a Settings, roster: &'a Roster, rows: Vec<Vec<Option<u32>>>) -> Self {
        let views: Vec<View<'a>> =
            data.datasets.values().zip(rows).map(|(dataset, subjects)| View::new(dataset, subjects, roster)).collect();
        let facts = views.iter().find(|view| view.name() == DatasetName::Adsl).map(Facts::of).unwrap_or_default();
        Self { settings, views, facts, roster }
    }

    /// The dataset of this name.
    pub(super) fn view(&self, name: DatasetName) -> Option<&View<'a>> {
        self.views.iter().find(|view| view.name() == name)
    }

    /// Every dataset except ADSL.
    pub(super) fn records(&self) -> impl Iterator<Item = &View<'a>> {
        self.views.iter().filter(|view| view.name() != DatasetName::Adsl)
    }
}

/// The subjects of all datasets, and for each dataset the subject of every row.
pub(super) fn subjects_of(data: &TrialData) -> (Roster, Vec<Vec<Option<u32>>>) {
    let mut roster = Roster::default();
    let mut rows = Vec::new();
    for (name, dataset) in &data.datasets {
        let subjects = dataset.coded(column::USUBJID);
        rows.push(subjects.map_or_else(|| vec![None; dataset.height()], |subjects| roster.rows(&subjects)));
        if *name == DatasetName::Adsl {
            roster.in_adsl = roster.subjects.len();
        }
    }
    (roster, rows)
}
