//! Why an exposure-response analysis that the project file asks for cannot be made.

use thiserror::Error;

use super::binary::BinaryError;
use super::model_matrix::ModelMatrixError;
use super::ordinal::OrdinalError;
use super::time_to_event::TimeToEventError;
use crate::numerics::distribution::DistributionError;

/// The reason, a sentence.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Refusal {
    /// A dataset that is not in the data.
    #[error("The data hold no {dataset}.")]
    Absent {
        /// Dataset.
        dataset: String,
    },
    /// A dataset whose records are no outcome of this kind.
    #[error("An outcome of this kind is read from ADRS, ADAE, ADTTE, ADER, ADEE or ADES, not from {dataset}.")]
    Dataset {
        /// Dataset.
        dataset: String,
    },
    /// A dataset that has no grade or number of this kind.
    #[error("{dataset} gives no ordered or continuous outcome of this kind.")]
    Kind {
        /// Dataset.
        dataset: String,
    },
    /// Values that are no ordered categories.
    #[error("The values of {code} are not whole numbers from zero up; they make no ordered categories.")]
    NotOrdered {
        /// Parameter code.
        code: String,
    },
    /// No parameter in the project file.
    #[error("The outcome names no parameter of {dataset}.")]
    NoParameterNamed {
        /// Dataset.
        dataset: String,
    },
    /// No record of the parameter.
    #[error("{dataset} holds no usable record of {code}.")]
    NoParameter {
        /// Dataset.
        dataset: String,
        /// Parameter code.
        code: String,
    },
    /// A value that is no response category.
    #[error("`{word}` is not understood as a response category.")]
    EventWord {
        /// The word.
        word: String,
    },
    /// No toxicity grade in the data.
    #[error("ADAE holds no toxicity grade.")]
    NoGrade,
    /// A condition on a column whose meaning is not known.
    #[error("The condition on {column} of {dataset} cannot be applied: there is no such column, or its values are not understood.")]
    Condition {
        /// Dataset.
        dataset: String,
        /// Column.
        column: String,
    },
    /// Exposure from a dataset that is not read for it.
    #[error("Exposure is read from ADER, ADEE, ADES, ADPP, ADSL or an imported table, not from {dataset}.")]
    ExposureDataset {
        /// Dataset.
        dataset: String,
    },
    /// No exposure of this name.
    #[error("ADPP holds no {code} for any subject.")]
    NoExposure {
        /// Parameter code.
        code: String,
    },
    /// No exposure of this name in what was searched.
    #[error("No {code} of any subject is in {searched}.")]
    NoExposureIn {
        /// What was searched.
        searched: String,
        /// Code or column.
        code: String,
    },
    /// Several values of one subject.
    #[error("{code} of {dataset} differs between the records of {subjects} subjects; `exposure_where` must say which count.")]
    ExposureVaries {
        /// Dataset.
        dataset: String,
        /// Code or column.
        code: String,
        /// Subjects.
        subjects: usize,
    },
    /// No column of this name.
    #[error("{dataset} has no column {column} with values.")]
    NoColumn {
        /// Dataset.
        dataset: String,
        /// Column.
        column: String,
    },
    /// A unit that is no time.
    #[error("`{unit}` is not understood as a unit of time.")]
    TimeUnit {
        /// The unit.
        unit: String,
    },
    /// Nobody has both.
    #[error("No subject of the analysis set who received a dosage of the drug has both an exposure and an outcome.")]
    NoSubjects,
    /// Data that the model refuses.
    #[error("The data cannot be modelled: {0}.")]
    Binary(#[from] BinaryError),
    /// Times that the model refuses.
    #[error("The times cannot be modelled: {0}.")]
    Time(#[from] TimeToEventError),
    /// Grades that the model refuses.
    #[error("The ordered categories cannot be modelled: {0}.")]
    Ordinal(#[from] OrdinalError),
    /// Numbers that the model refuses.
    #[error("The values cannot be modelled: {0}.")]
    Continuous(#[from] ModelMatrixError),
    /// A bad confidence level.
    #[error("The interval cannot be computed: {0}.")]
    Distribution(#[from] DistributionError),
}
