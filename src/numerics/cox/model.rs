//! The checked data of a proportional-hazards regression.

use thiserror::Error;

use super::super::design_matrix::{Basis, DesignError, DesignMatrix};
use super::super::distribution::DistributionError;

/// Part of a column's size below which its variation within strata is rounding.
const CONSTANT: f64 = 1e-10;

/// How events at the same time share the risk set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ties {
    /// Tied events leave the risk set one after the other, averaged over their order `[Efron1977]`.
    Efron,
    /// Every tied event sees the whole risk set `[Breslow1974]`.
    Breslow,
}

impl Ties {
    /// Both, in the order in which they are reported.
    pub const ALL: [Self; 2] = [Self::Efron, Self::Breslow];

    /// Identifier in files.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Efron => "efron",
            Self::Breslow => "breslow",
        }
    }

    /// Name in running text and footnotes.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Efron => "Efron",
            Self::Breslow => "Breslow",
        }
    }
}

/// Why a proportional-hazards regression gives no numbers.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum CoxError {
    /// The columns are not a design matrix.
    #[error(transparent)]
    Design(#[from] DesignError),
    /// Times, events, strata and rows differ in number.
    #[error("{rows} rows but {values} {what}")]
    Lengths {
        /// Rows of the design.
        rows: usize,
        /// Length of the list that differs.
        values: usize,
        /// Which list.
        what: &'static str,
    },
    /// An end that is not finite, negative, or not after its start.
    #[error("a row from {start} to {stop} is not an interval")]
    Interval {
        /// Start.
        start: f64,
        /// End.
        stop: f64,
    },
    /// No row ends in an event.
    #[error("there is no event")]
    NoEvents,
    /// The likelihood grows without bound: a combination of the columns orders the events perfectly.
    #[error("the maximum of the partial likelihood does not exist: a combination of the explanatory variables orders the events perfectly")]
    Monotone,
    /// The iteration ended without a maximum.
    #[error("no convergence after {iterations} iterations")]
    NoConvergence {
        /// Iterations done.
        iterations: usize,
    },
    /// A confidence level outside (0, 1).
    #[error(transparent)]
    Distribution(#[from] DistributionError),
}

/// Rows of a stratum, in the two orders in which the risk set changes.
#[derive(Debug, Clone)]
pub(super) struct Stratum {
    /// Label as given.
    pub(super) label: usize,
    /// Rows by end, latest first.
    pub(super) by_stop: Vec<usize>,
    /// Rows by start, latest first; empty without delayed entry.
    pub(super) by_start: Vec<usize>,
    /// Mean of each kept column.
    pub(super) means: Vec<f64>,
}

/// Checked data of a proportional-hazards regression.
#[derive(Debug, Clone)]
pub struct Cox {
    pub(super) columns: usize,
    pub(super) start: Option<Vec<f64>>,
    pub(super) stop: Vec<f64>,
    pub(super) event: Vec<bool>,
    /// Basis of the columns, centred within strata.
    pub(super) basis: Basis,
    pub(super) strata: Vec<Stratum>,
}

impl Cox {
    /// Times from zero to `stop` with whether each ended in an event, on columns without a constant.
    ///
    /// # Errors
    /// [`CoxError::Lengths`], [`CoxError::Interval`], [`CoxError::NoEvents`].
    pub fn new(design: &DesignMatrix, stop: &[f64], event: &[bool]) -> Result<Self, CoxError> {
        Self::build(design, None, stop, event, &vec![0; stop.len()])
    }

    /// As [`Cox::new`] with a stratum for each row: every stratum has its own baseline hazard.
    ///
    /// # Errors
    /// As [`Cox::new`].
    pub fn stratified(design: &DesignMatrix, stop: &[f64], event: &[bool], strata: &[usize]) -> Result<Self, CoxError> {
        Self::build(design, None, stop, event, strata)
    }

    /// Rows at risk from just after `start` until `stop`, in strata: the counting-process form for columns that change over time.
    ///
    /// # Errors
    /// As [`Cox::new`].
    pub fn counting(design: &DesignMatrix, start: &[f64], stop: &[f64], event: &[bool], strata: &[usize]) -> Result<Self, CoxError> {
        Self::build(design, Some(start), stop, event, strata)
    }

    fn build(design: &DesignMatrix, start: Option<&[f64]>, stop: &[f64], event: &[bool], labels: &[usize]) -> Result<Self, CoxError> {
        let rows = design.rows();
        let lengths =
            [("ends", stop.len()), ("events", event.len()), ("strata", labels.len()), ("starts", start.map_or(rows, <[f64]>::len))];
        if let Some((what, values)) = lengths.into_iter().find(|(_, length)| *length != rows) {
            return Err(CoxError::Lengths { rows, values, what });
        }
        for row in 0..rows {
            let (from, to) = (start.map_or(f64::NEG_INFINITY, |start| start[row]), stop[row]);
            if !(to.is_finite() && to >= 0.0 && from < to) {
                return Err(CoxError::Interval { start: from, stop: to });
            }
        }
        if !event.contains(&true) {
            return Err(CoxError::NoEvents);
        }
        let mut distinct = labels.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); distinct.len()];
        for (row, label) in labels.iter().enumerate() {
            members[distinct.partition_point(|other| other < label)].push(row);
        }
        let (centred, means) = centre(design, &members);
        let basis = DesignMatrix::from_columns(&centred)?.basis();
        let strata = distinct
            .into_iter()
            .zip(members)
            .zip(means)
            .map(|((label, members), means)| Stratum {
                label,
                by_stop: descending(&members, stop),
                by_start: start.map(|start| descending(&members, start)).unwrap_or_default(),
                means: basis.kept.iter().map(|column| means[*column]).collect(),
            })
            .collect();
        Ok(Self { columns: design.columns(), start: start.map(<[f64]>::to_vec), stop: stop.to_vec(), event: event.to_vec(), basis, strata })
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.stop.len()
    }

    /// Number of events.
    #[must_use]
    pub fn events(&self) -> usize {
        self.event.iter().filter(|event| **event).count()
    }
}

fn descending(members: &[usize], times: &[f64]) -> Vec<usize> {
    let mut order = members.to_vec();
    order.sort_by(|a, b| times[*b].total_cmp(&times[*a]));
    order
}

/// Columns less their means within strata, and those means by stratum.
fn centre(design: &DesignMatrix, members: &[Vec<usize>]) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let mut means = vec![vec![0.0; design.columns()]; members.len()];
    let columns = (0..design.columns())
        .map(|position| {
            let mut column = design.column(position);
            let size = column.iter().fold(0.0_f64, |size, value| size.max(value.abs()));
            for (members, means) in members.iter().zip(&mut means) {
                let mean = members.iter().map(|row| column[*row]).sum::<f64>() / members.len() as f64;
                members.iter().for_each(|row| column[*row] -= mean);
                means[position] = mean;
            }
            // What centring leaves of a constant is rounding, not variation.
            if column.iter().all(|value| value.abs() <= CONSTANT * size) {
                column.fill(0.0);
            }
            column
        })
        .collect();
    (columns, means)
}
