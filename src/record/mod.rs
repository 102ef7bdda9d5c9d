//! What makes a dossier a record: outputs replaced whole, locks, comparisons of builds, validation of the installation.

pub mod diff;
pub mod lock;
pub mod output;
pub mod validate;
