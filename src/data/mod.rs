//! Files to validated ADaM datasets.
//!
//! [`read_trial`] finds the files of the project, reads them, puts the files of one dataset together, checks everything, and gives
//! [`TrialData`] with what a reader must know. Start there; [`mod@column`] is the registry of names, and [`CODES`] the catalogue of
//! diagnostics.

pub mod arm;
mod coerce;
pub mod column;
mod conformance;
mod dataset;
mod decision_log;
mod discover;
mod error;
mod exposure_import;
pub mod format;
mod mapping;
mod name;
mod nearest;
mod read;
pub(crate) mod spelling;
mod stack;
mod subjects_from;
pub mod survey;

pub(crate) use coerce::is_below_quantification;
pub use conformance::{CODES, Code, Origin, accept_derived};
pub use dataset::{ColumnValues, Dataset, DatasetFile, TrialData};
pub use decision_log::{DECISION_LOG, DecisionLog, LoggedAction, LoggedCohort, LoggedCount, LoggedDecision, UsedColumns};
pub use error::DataError;
pub use exposure_import::{ImportedExposure, ImportedTable};
pub use name::DatasetName;
pub use read::{name_files, read_trial};
