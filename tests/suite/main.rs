//! The integration tests, one module per feature.

mod architecture;
mod conformance;
mod derivation;
mod exposure;
mod hand_made;
mod licences;
mod project_file;
mod reading;
mod rendering;
mod tolerability;
