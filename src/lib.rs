//! dosecase makes the case for an oncology dosage: trial datasets and one project file in, a dose-optimisation dossier out, every number traceable to
//! the rows it came from.
//!
//! The program is one line of steps, each a function from one noun to the next ([`pipeline`] shows it on one screen):
//!
//! 1. [`config::read_project`]: the project file to [`config::Settings`], every fault at once;
//! 2. [`data::read_trial`]: files to validated ADaM tables, with what is wrong with them as [`diagnostic::Diagnostic`]s;
//! 3. [`derive::derive`]: tables to the records that analyses read;
//! 4. [`analysis::analyse`]: records to results in full precision;
//! 5. [`evidence::gather`]: results to facts and exhibits;
//! 6. [`render::compose`]: evidence and templates to one document, which exporters write as HTML and Markdown;
//! 7. [`record`]: what makes a dossier a record: locks, comparisons, validation.
//!
//! Modules are listed in the order of that line; each sees only the modules above it, which `tests/suite/architecture.rs` keeps.

pub mod quantity;

pub mod diagnostic;

pub mod numerics;

pub mod config;

pub mod data;

pub mod derive;

pub mod analysis;

pub mod evidence;

pub mod render;

pub mod record;

pub mod pipeline;

pub mod cli;
