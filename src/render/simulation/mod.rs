//! A comparison of designs for readers and for programs: [`comparison_text`], [`comparison_markdown`], [`comparison_csv`],
//! [`comparison_json`], [`comparison_figures`].

mod csv;
mod figure;
mod json;
mod table;
mod words;

pub use csv::comparison_csv;
pub use figure::comparison_figures;
pub use json::{SIMULATION_SCHEMA, comparison_json};
pub use table::{comparison_markdown, comparison_text};
