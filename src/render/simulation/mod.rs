//! A comparison of designs for readers and for programs: [`comparison_text`], [`comparison_markdown`], [`comparison_csv`],
//! [`comparison_json`], [`comparison_figures`]; and the measures of one design, which `dosecase design` prints as well:
//! [`performance`](fn@performance).

mod csv;
mod figure;
mod json;
mod performance;
mod table;
mod words;

pub use csv::comparison_csv;
pub use figure::{comparison_figures, draw_comparison};
pub use json::{SIMULATION_SCHEMA, comparison_json};
pub use performance::{DurationUnit, Performance, above_target_note, correct_dose_note, performance, result_notes};
pub use table::{comparison_markdown, comparison_text};
pub use words::{correct, with_error};
