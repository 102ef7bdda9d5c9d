//! `dosecase init`: the first project file.
//!
//! From a data folder it writes what the data say and marks every guess with what it was taken from and what to check, so that the file builds as it
//! is; without one it writes a template to fill in; and it can write out the complete example. Nothing is ever overwritten: either every file is written
//! or none.

mod command;
mod dosages;
mod error;
mod example;
mod found;
mod later;
mod page;
mod place;
mod project;
mod template;
mod yaml;

use std::fmt;
use std::path::PathBuf;

pub(super) use command::{InitArguments, run};
pub use error::InitError;
pub use example::EXAMPLES;

use crate::config::{PROJECT_FILE, read_project_text};
use crate::data::survey::survey;
use place::Place;

/// What to write, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InitOptions {
    /// Folder of the project; made where it does not exist.
    pub dir: PathBuf,
    /// Folder of the data to look at.
    pub data: Option<PathBuf>,
    /// Name of the example to write out.
    pub example: Option<String>,
}

/// What was written, and what a person should know about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InitReport {
    /// The files that were written.
    pub written: Vec<PathBuf>,
    /// What was found in the data.
    pub found: Vec<String>,
    /// What was guessed from them: key, value, origin, and what to check.
    pub guesses: Vec<String>,
    /// What to do next.
    pub next: Vec<String>,
}

impl fmt::Display for InitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.written.as_slice() {
            [] => {}
            [file] => writeln!(f, "wrote {}", file.display())?,
            // The project file is written last.
            [others @ .., last] => writeln!(f, "wrote {} and {} other files", last.display(), others.len())?,
        }
        for (head, lines) in [("found", &self.found), ("guessed; each is marked in the file", &self.guesses), ("next", &self.next)] {
            if !lines.is_empty() {
                writeln!(f, "\n{head}")?;
            }
            for line in lines {
                writeln!(f, "  {line}")?;
            }
        }
        Ok(())
    }
}

/// Writes a project.
///
/// # Errors
/// [`InitError`] when something is there already, the data folder holds no trial, the example is not known, or a file cannot be written. Nothing is
/// left behind then.
pub fn init(options: &InitOptions) -> Result<InitReport, InitError> {
    match (&options.data, &options.example) {
        (Some(_), Some(_)) => Err(InitError::DataAndExample),
        (_, Some(name)) => example::write(&options.dir, name),
        (Some(data), None) => {
            place::refuse_existing(&options.dir)?;
            let survey = survey(data)?;
            let place = Place::make(&options.dir)?;
            let page = project::project(&survey, &place)?;
            sound(&place, &page.text)?;
            let written = vec![place.write(PROJECT_FILE, &page.text)?];
            Ok(InitReport { written, found: found::found(&survey), guesses: page.guesses, next: after_data(&options.dir) })
        }
        (None, None) => {
            let place = Place::make(&options.dir)?;
            let written = vec![place.write(PROJECT_FILE, &template::template())?];
            let next = vec![
                "fill in the title, the drug, the data folder and the dosages".to_owned(),
                format!("`dosecase check {}` says what is still missing", options.dir.display()),
                "or let `dosecase init DIR --data FOLDER` look at the data".to_owned(),
            ];
            Ok(InitReport { written, next, ..InitReport::default() })
        }
    }
}

fn after_data(dir: &std::path::Path) -> Vec<String> {
    vec![
        "check the lines marked `# guess:`".to_owned(),
        format!("`dosecase check {}` says what is wrong with the data", dir.display()),
        format!("`dosecase build {}` writes the dossier", dir.display()),
    ]
}

/// A project file that the program itself refuses is a defect, and is not written.
fn sound(place: &Place, text: &str) -> Result<(), InitError> {
    read_project_text(&place.file(PROJECT_FILE), text.to_owned()).map(|_| ()).map_err(|errors| InitError::Unsound(errors.to_string()))
}
