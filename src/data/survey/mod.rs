//! A look at a data folder before there is a project file.
//!
//! [`survey`] finds the folder that really holds the datasets, reads what it needs of them with the readers of a build, and says what it found and
//! what it guesses from it. Every guess says what it is made of and what is to be checked; nothing here decides anything for a dossier.

mod analytes;
mod arms;
mod beside;
mod counts;
mod cutoff;
mod dose_text;
mod drug;
mod error;
mod exposure;
mod folder;
mod instruments;
mod interest;
mod name_text;
mod parameters;
mod parts;
mod populations;
mod schedule_text;
mod tables;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use analytes::Analyte;
pub use arms::{Arm, Arms};
pub use beside::Beside;
pub use counts::Counted;
pub use cutoff::Cutoff;
pub use error::SurveyError;
pub use instruments::{Instrument, QuestionnaireKind};
pub use interest::InterestGroup;
pub use parameters::Parameter;
pub use parts::Part;
pub use populations::{PopulationFlag, Populations};
pub use words::identifier;

use super::column::{STUDYID, USUBJID};
use super::name::DatasetName;
use counts::Texts;
use tables::Tables;

/// Something that the data do not say outright.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess<T> {
    /// What is taken to be so.
    pub value: T,
    /// What it was taken from: column, values, counts.
    pub from: String,
    /// What a person should check.
    pub check: String,
}

impl<T> Guess<T> {
    fn new(value: T, from: impl Into<String>, check: impl Into<String>) -> Self {
        Self { value, from: from.into(), check: check.into() }
    }

    /// The mark of a guess: what it is made of, and what to check.
    #[must_use]
    pub fn remark(&self) -> String {
        format!("guess: {}; check {}", self.from, self.check)
    }
}

/// A file that a build would read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// Its dataset.
    pub dataset: DatasetName,
    /// The file relative to the data folder, with forward slashes.
    pub file: String,
}

/// A file or folder that is not used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The file or folder relative to the folder that was looked at.
    pub file: String,
    /// Why.
    pub reason: String,
}

/// What a data folder holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// The folder that holds the datasets: `data.path`.
    pub path: PathBuf,
    /// Why this folder, where there was a choice.
    pub choice: Option<String>,
    /// The files that a build would read.
    pub files: Vec<FoundFile>,
    /// Files that `data.datasets` must name, because the folder holds others of the same dataset.
    pub pinned: BTreeMap<DatasetName, Vec<String>>,
    /// Files and folders that are not used.
    pub left_out: Vec<LeftOut>,
    /// Files beside the data that other sections of the project file name.
    pub beside: Beside,
    /// Subjects in ADSL.
    pub subjects: usize,
    /// Studies with their subjects.
    pub studies: Vec<Counted>,
    /// The arms.
    pub arms: Arms,
    /// The drug under study.
    pub drug: Option<Guess<String>>,
    /// What was measured in plasma or serum.
    pub analytes: Vec<Guess<Analyte>>,
    /// The data cut-off.
    pub cutoff: Option<Cutoff>,
    /// Parts of the trials.
    pub parts: Vec<Guess<Part>>,
    /// Flags of populations.
    pub populations: Populations,
    /// Parameters of ADRS, ADTTE and ADPP.
    pub parameters: BTreeMap<DatasetName, Vec<Parameter>>,
    /// Questionnaires.
    pub instruments: Vec<Guess<Instrument>>,
    /// Groups of adverse events of special interest that the data name.
    pub interest_groups: Vec<InterestGroup>,
}

/// Looks at the data folder `folder`.
///
/// # Errors
/// [`SurveyError`] when there is no folder, no ADSL in it, or no arm in ADSL.
pub fn survey(folder: &Path) -> Result<Survey, SurveyError> {
    let choice = folder::choose(folder)?;
    let (tables, choice) = Tables::read(choice);
    let Some(adsl) = tables.get(DatasetName::Adsl) else { return Err(SurveyError::no_adsl(folder, &choice)) };
    let studies = Texts::of(adsl, &[STUDYID]).map(|studies| studies.counted()).unwrap_or_default();
    let subjects = Texts::of(adsl, &[USUBJID]).map_or(adsl.height(), |subjects| subjects.counted().len());
    let (arms, drug) = arms::arms(&tables, adsl)?;
    let analytes = tables.get(DatasetName::Adpc).map(|adpc| analytes::analytes(adpc, drug.as_ref())).unwrap_or_default();
    let parts = parts::parts(adsl, &arms);
    let parameters = parameters::parameters(&tables);
    Ok(Survey {
        beside: beside::beside(folder, &choice.path),
        subjects,
        studies,
        arms,
        drug,
        analytes,
        cutoff: cutoff::cutoff(adsl),
        parts,
        populations: populations::populations(adsl),
        parameters,
        instruments: tables.get(DatasetName::Adqs).map(instruments::instruments).unwrap_or_default(),
        interest_groups: tables.get(DatasetName::Adae).map(interest::interest_groups).unwrap_or_default(),
        path: choice.path,
        choice: choice.reason,
        files: choice.files.iter().map(|file| FoundFile { dataset: file.dataset, file: file.file.clone() }).collect(),
        pinned: choice.pinned,
        left_out: choice.left_out,
    })
}
