//! The integration tests, one module per feature.

mod architecture;
mod conformance;
mod derivation;
mod licences;
mod project_file;
mod reading;
