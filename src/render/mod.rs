//! Words and numbers for readers: the only place that rounds.
//!
//! [`compose`] turns the evidence into one [`Document`]: templates give Markdown, Markdown gives a tree, facts and exhibits take their
//! places in it, and everything is numbered. An [`Exporter`] writes the tree: [`HtmlExporter`], [`MarkdownExporter`]; [`table_csv`] writes
//! one table. [`mod@format`] is where numbers lose digits, and nowhere else.

mod align;
mod bibliography;
mod catalogue;
mod compose;
mod context;
mod desk;
mod exhibit;
mod html;
mod mark;
mod markdown;
mod markdown_export;
mod narrative;
mod resolve;
mod table_csv;
mod template;
mod trace;
mod verdict;

pub mod document;
pub mod figure;
pub mod format;
pub mod number;
pub mod simulation;
pub mod text;

use std::error::Error;
use std::path::PathBuf;

use crate::evidence::{ExhibitId, FigureSpec};

pub use compose::{compose, compose_with, set_exhibit};
pub use document::Document;
pub use html::HtmlExporter;
pub use markdown_export::MarkdownExporter;
pub use table_csv::table_csv;
pub use template::Templates;

/// Gives the figure of an exhibit as a complete SVG document.
pub type DrawFigure<'a> = dyn Fn(&ExhibitId, &FigureSpec) -> Result<String, Box<dyn Error + Send + Sync>> + 'a;

/// An output format. Takes the finished document, returns bytes, touches no file.
pub trait Exporter {
    /// Extension of its files, without the dot.
    fn extension(&self) -> &'static str;

    /// The document in this format.
    ///
    /// # Errors
    /// [`RenderError`] when the format cannot express the document.
    fn export(&self, document: &Document) -> Result<Vec<u8>, RenderError>;
}

/// Why a document could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A template is wrong, or asks for something that the evidence does not hold.
    #[error("{report}")]
    Template {
        /// Template.
        name: String,
        /// 1-based line.
        line: usize,
        /// 1-based column.
        column: usize,
        /// What is wrong, with the nearest names.
        message: String,
        /// All of it with the line, ready to print.
        report: String,
    },
    /// The templates do not fit together, for example because one includes itself.
    #[error("the templates cannot be used: {0}")]
    Templates(String),
    /// A template file cannot be read.
    #[error("the template {} cannot be read", path.display())]
    UnreadableTemplate {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A narrative asks for something that the evidence does not hold.
    #[error("dossier.narratives.{section}, line {line}: {message}")]
    Narrative {
        /// Section.
        section: String,
        /// 1-based line of the narrative.
        line: usize,
        /// What is wrong, with the nearest names.
        message: String,
    },
    /// A narrative belongs to no section.
    #[error("dossier.narratives.{section} belongs to no section; the sections are {known}")]
    UnknownSection {
        /// The name that was written.
        section: String,
        /// Every name that can be written.
        known: String,
    },
    /// Something that needs a line of its own stands in a sentence or in a table.
    #[error("{source_name}: `{function}` needs a line of its own")]
    NotAlone {
        /// Template or narrative.
        source_name: String,
        /// Function.
        function: &'static str,
    },
    /// A figure cannot be drawn.
    #[error("the figure {exhibit} cannot be drawn: {message}")]
    Figure {
        /// Exhibit.
        exhibit: String,
        /// Why not.
        message: String,
    },
}
