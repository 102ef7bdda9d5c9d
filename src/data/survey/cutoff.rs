//! The data cut-off.

use crate::data::dataset::Dataset;
use crate::quantity::Date;

/// Columns of the cut-off, the best name first.
const COLUMNS: [&str; 4] = ["DCUTDT", "DCUTDTM", "DATACUTDT", "CUTOFFDT"];

/// The latest cut-off date of the subjects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cutoff {
    /// The date.
    pub date: Date,
    /// The column of ADSL.
    pub column: String,
    /// Whether every subject has the same date.
    pub one_date: bool,
}

/// The latest date of the first column of a cut-off that holds one.
pub(super) fn cutoff(adsl: &Dataset) -> Option<Cutoff> {
    COLUMNS.iter().find_map(|name| {
        let dates: Vec<Date> = adsl.dates(name)?.into_iter().flatten().collect();
        let (first, last) = (dates.iter().min()?, dates.iter().max()?);
        Some(Cutoff { date: *last, column: adsl.column(name)?, one_date: first == last })
    })
}
