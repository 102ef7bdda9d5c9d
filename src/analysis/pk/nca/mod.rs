//! Noncompartmental analysis of one concentration-time profile.
//!
//! [`analyse`] takes a [`Profile`] and [`NcaRules`] and gives every [`PkParameter`](super::PkParameter) as a number or as the reason that
//! there is none, with what a reader must know ([`Caution`]). The steps: check the samples, turn them into a curve under the rules for
//! samples below the limit of quantification, fit the terminal slope, integrate. A profile without a quantifiable concentration has no
//! parameters.

mod accumulation;
mod curve;
mod parameters;
mod preparation;
mod profile;
mod reason;
mod result;
mod rules;
mod terminal_slope;
#[cfg(test)]
mod tests;

pub use accumulation::compute_accumulation;
pub use parameters::analyse;
pub use profile::{Concentration, NcaError, Profile, Regimen, Route, Sample};
pub use reason::{Caution, NotCalculated, Outcome};
pub use result::{NcaResult, ParameterValues};
pub use rules::{NcaRules, SlopeChoice, SlopeStart, StartRule};
pub use terminal_slope::TerminalSlope;
