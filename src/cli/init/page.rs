//! The text of a project file while it is written.

use super::yaml::comment;
use crate::data::survey::Guess;

/// Lines of a project file, and the guesses in it.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// The text.
    pub(super) text: String,
    /// The guesses, for the report.
    pub(super) guesses: Vec<String>,
}

impl Page {
    /// A line as it is.
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A line with a remark behind it.
    pub(super) fn remarked(&mut self, line: &str, remark: &str) {
        self.line(&format!("{line}  # {}", comment(remark)));
    }

    /// A remark on a line of its own, indented.
    pub(super) fn remark(&mut self, indent: usize, remark: &str) {
        self.line(&format!("{}# {}", " ".repeat(indent), comment(remark)));
    }

    /// A line that holds a guess: `key` is its key path, `shown` the value for the report.
    pub(super) fn guessed<T>(&mut self, line: &str, key: &str, shown: &str, guess: &Guess<T>) {
        self.guess(line, key, shown, &guess.from, &guess.check);
    }

    /// A guess for the report.
    pub(super) fn report(&mut self, guess: &str) {
        self.guesses.push(comment(guess));
    }

    /// The same with origin and check in words.
    pub(super) fn guess(&mut self, line: &str, key: &str, shown: &str, from: &str, check: &str) {
        self.remarked(line, &format!("guess: {from}; check {check}"));
        self.report(&format!("{key}: {shown} ({from}; check {check})"));
    }

    /// A blank line and the head of a section.
    pub(super) fn section(&mut self, name: &str) {
        self.line("");
        self.line(&format!("{name}:"));
    }
}
