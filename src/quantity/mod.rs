//! Numbers that cannot be confused: dates, doses, intervals and the rows they rest on.
//!
//! Everything here is a plain value without behaviour that depends on a trial. Start with [`Date`], [`Dose`] and [`Interval`].

mod date;
mod dose;
mod interval;
mod rows;

pub use date::{DAYS_PER_MONTH, Date, DateError, days_in_unit};
pub use dose::{Dose, DoseError, DoseUnit};
pub use interval::{Interval, IntervalMethod};
pub use rows::Rows;
