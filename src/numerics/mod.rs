//! Mathematics without clinical words.
//!
//! Distributions and roots, the estimators of proportions, strata, trends, times to an event and descriptive statistics, and regression of
//! numbers ([`least_squares`], [`nonlinear_least_squares`]), events ([`glm`], [`logistic_posterior`]) and times ([`cox`], [`fine_gray`]), and the
//! largest of correlated t variables ([`multivariate_t`]); draws from a density by Markov chains ([`mcmc`]).
//! Everything is a plain function from numbers to numbers in full precision; nothing here panics, rounds or reads a clock, and random
//! numbers are drawn from a given seed only. Start with [`proportion`] for the shape that the estimators share: checked input, an enum of named methods, and
//! a typed error.

pub mod beta_difference;
pub mod cholesky;
pub mod cox;
pub mod cumulative_incidence;
pub mod descriptive;
pub mod design_matrix;
pub mod distribution;
mod double_double;
pub mod fine_gray;
pub mod glm;
pub mod gray;
pub mod isotonic;
pub mod isotonic_bivariate;
pub mod kaplan_meier;
pub mod least_squares;
mod linear_system;
pub mod log_rank;
pub mod logistic_posterior;
pub mod matrix;
pub mod mcmc;
pub mod mean_cumulative;
pub mod multivariate_t;
pub mod nonlinear_least_squares;
pub mod orthogonal_triangular;
pub mod piecewise_density;
pub mod probability_higher;
pub mod proportion;
pub mod quadrature;
pub mod rate;
pub mod regression;
pub mod roc;
pub mod root;
pub mod sample_size;
pub mod separable_least_squares;
mod sphere;
pub mod standardised_difference;
pub mod straight_line;
pub mod stratified;
pub mod tolerance;
pub mod trend;
pub mod two_proportions;

pub use cumulative_incidence::CumulativeIncidence;
pub use kaplan_meier::{KaplanMeier, SurvivalTransform};
pub use log_rank::{LogRankWeight, log_rank};
pub use proportion::ProportionMethod;
pub use root::find_root;
pub use two_proportions::{DifferenceMethod, Table};
