//! Markov chain Monte Carlo: draws from a density known up to a constant, and what tells whether they can be relied on.
//!
//! [`sample`] runs the No-U-Turn sampler on a [`LogDensity`]; [`diagnose`] and [`monte_carlo_error_of_quantile`] judge the draws of one quantity;
//! [`leave_one_out`] estimates from draws how well each observation would have been predicted without it.
//! Every chain draws from its own stream of one seed, so that the same draws come out on any number of threads.

mod adaptation;
mod chain;
mod density;
mod diagnostics;
mod leave_one_out;
mod sampler;
mod trajectory;

pub use chain::Chain;
pub use density::LogDensity;
#[cfg(test)]
pub(crate) use density::tests::gradient_fault;
pub use diagnostics::{Diagnostics, diagnose, effective_draws, monte_carlo_error_of_quantile};
pub use leave_one_out::{HIGH_PARETO_K, LeaveOneOut, leave_one_out};
pub use sampler::{Sample, SamplerError, SamplerSettings, Start, sample};
