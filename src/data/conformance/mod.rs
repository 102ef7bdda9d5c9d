//! Whether the data are what they say they are: every check of the datasets against themselves, each other and the project file.
//!
//! A check looks at one question over all datasets and gives one [`Diagnostic`] per dataset and column, with every row and every subject.
//! Nothing is mended here: cells that are not values are read as missing by [`super::Dataset`], and everything else stays as it is.

mod acceptance;
mod arms;
mod baseline;
mod code;
mod cutoff;
mod dates;
mod dlt;
mod doses;
mod endings;
mod flags;
mod grades;
mod keys;
mod magnitude;
mod needed;
mod notes;
mod populations;
mod sightings;
mod subjects;
mod survival;
mod times;
mod trial;
mod values;

use rayon::prelude::*;

use crate::config::Project;
use crate::diagnostic::Diagnostic;

use super::dataset::TrialData;
use super::name::DatasetName;
use trial::{Trial, subjects_of};

pub(super) use acceptance::accept;
pub use acceptance::accept_derived;
pub use code::{CODES, Code, Origin};
pub(super) use needed::other_than_named;
pub(super) use notes::of_note;

/// The codes that reading gives, for the modules that read.
pub(super) mod codes {
    pub(in crate::data) use super::code::{
        ADSL_ABSENT, COLUMNS_UNITED, DATASET_EMPTY, DATASET_STACKED, DATASET_TWICE, DECISION_LOG_COLUMN, DECISION_LOG_EMPTY,
        DECISION_LOG_VALUE, EXPOSURE_IMPORT_COLUMN, EXPOSURE_IMPORT_MISSING, EXPOSURE_IMPORT_STRANGER, EXPOSURE_IMPORT_UNREADABLE,
        EXPOSURE_IMPORT_VALUE, EXPOSURE_IMPORT_VARIES, FILE_NOT_USED, MAPPED_COLUMN_ABSENT, NAME_CONTRADICTS_FILE, ROLE_UNKNOWN,
        SUBJECT_COLUMN_ABSENT, SUBJECT_PER_ROW, SUBJECT_PER_ROW_CONTRADICTED, SUBJECTS_FROM, SUBJECTS_FROM_ABSENT,
    };
}

/// Every diagnostic about the datasets and about what the project file says of them.
pub(super) fn check(data: &TrialData, project: &Project) -> Vec<Diagnostic> {
    // Against an ADSL without subjects every other dataset and every name in the project file would be at fault.
    if data.get(DatasetName::Adsl).is_some_and(|adsl| adsl.height() == 0) {
        return Vec::new();
    }
    let (roster, rows) = subjects_of(data);
    let trial = Trial::new(data, &project.settings, &roster, rows);
    let checks: [fn(&Trial<'_>) -> Vec<Diagnostic>; 16] = [
        needed::check,
        endings::check,
        values::check,
        flags::check,
        grades::check,
        keys::check,
        subjects::check,
        doses::check,
        magnitude::check,
        times::check,
        dates::check,
        cutoff::check,
        survival::check,
        dlt::check,
        baseline::check,
        arms::unknown_arms,
    ];
    // The results come back in the order of the checks, whichever ends first.
    let results: Vec<Vec<Diagnostic>> = checks.par_iter().map(|check| check(&trial)).collect();
    let mut found: Vec<Diagnostic> = results.into_iter().flatten().collect();
    found.extend(arms::dosages_without_subjects(&trial, project));
    found.extend(populations::check(&trial, project));
    found
}
