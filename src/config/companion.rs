//! The YAML files beside the project file, such as the nonclinical file and the scenario file: read as the project file is, each in its own words.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::project::ConfigErrors;
use super::settings::DefaultUsed;
use super::source::read::{Context, Fault, read};
use super::source::shape::Shape;
use super::source::tree::{self, Mark, Node};
use super::source::{ProjectSource, defaults};
use crate::diagnostic::{Diagnostic, Severity};

/// A kind of file.
pub(super) struct Companion {
    /// What it is called in messages: `nonclinical file`.
    pub(super) name: &'static str,
    /// What to do when it cannot be read.
    pub(super) unreadable: &'static str,
    /// What to do when it is empty.
    pub(super) empty: &'static str,
}

/// A file, understood.
pub(super) struct Understood<T> {
    /// What it says.
    pub(super) value: T,
    /// Its text, and the place of every value in it.
    pub(super) source: ProjectSource,
    /// The defaults it relied on.
    pub(super) defaults: Vec<DefaultUsed>,
}

impl Companion {
    /// The text of the file.
    ///
    /// # Errors
    /// [`ConfigErrors`] for a file that cannot be read or is not UTF-8.
    pub(super) fn text(&self, file: &Path) -> Result<String, ConfigErrors> {
        let name = self.name;
        let refused = |code: &'static str, message: String, hint: &str| {
            ConfigErrors::from(Diagnostic::new(code, Severity::Critical, message, hint).in_file(file))
        };
        let bytes = std::fs::read(file).map_err(|error| {
            refused("file-not-found", format!("the {name} {} cannot be read: {error}", file.display()), self.unreadable)
        })?;
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").map_or(bytes.as_slice(), |rest| rest).to_vec();
        String::from_utf8(bytes).map_err(|error| {
            let line = error.as_bytes().iter().take(error.utf8_error().valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
            refused("not-utf8", format!("the {name} is not UTF-8 text: a byte on line {line} is not"), "save it as UTF-8")
        })
    }

    /// What the text of `file` says, in the form of `schema`; `sense` finds what its values mean together.
    ///
    /// # Errors
    /// [`ConfigErrors`] with every fault that the text has: of its syntax, of its keys and values, and of what they mean together.
    pub(super) fn understand<T: DeserializeOwned>(
        &self,
        file: &Path,
        text: String,
        schema: &Json,
        sense: fn(&Node) -> Vec<Fault>,
    ) -> Result<Understood<T>, ConfigErrors> {
        let source = ProjectSource::new(file, text);
        let (tree, syntax) = match tree::parse(source.text()) {
            Ok((Some(tree), faults)) => (tree, faults),
            Ok((None, _)) => return Err(self.told(&source, vec![self.nothing()])),
            Err(fault) => return Err(self.told(&source, vec![syntax_fault(fault)])),
        };
        let shape = Shape::of(schema);
        let root = file.parent().unwrap_or(Path::new("."));
        let (json, shape_faults) = read(&shape, &tree, Context { root, dosages: Vec::new(), parts: Vec::new() });
        let mut faults: Vec<Fault> = syntax.into_iter().map(syntax_fault).collect();
        faults.extend(shape_faults);
        faults.extend(sense(&tree));
        if !faults.is_empty() {
            return Err(self.told(&source, faults));
        }
        let value = serde_json::from_value(json).map_err(|error| {
            let message = format!("the {} could not be understood: {error}", self.name);
            let hint = "this is a defect of dosecase; please report it";
            ConfigErrors::from(Diagnostic::new("bad-value", Severity::Critical, message, hint).in_file(file))
        })?;
        let defaults = defaults::used(&shape, &tree);
        Ok(Understood { value, source: source.with_tree(tree), defaults })
    }

    fn nothing(&self) -> Fault {
        let message = format!("the {} is empty", self.name);
        Fault { code: "empty-file", path: String::new(), mark: Mark::START, message, hint: self.empty.to_owned() }
    }

    /// The faults as diagnostics, in the order of the file, each said once. The reader that these files share speaks of the project file.
    fn told(&self, source: &ProjectSource, mut faults: Vec<Fault>) -> ConfigErrors {
        faults.sort_by(|a, b| (a.mark.line, a.mark.column, a.code).cmp(&(b.mark.line, b.mark.column, b.code)));
        faults.dedup();
        let of_this_file = |text: &str| text.replace("project file", self.name);
        let diagnostics = faults
            .into_iter()
            .map(|fault| source.fault(&Fault { message: of_this_file(&fault.message), hint: of_this_file(&fault.hint), ..fault }))
            .collect();
        ConfigErrors { diagnostics }
    }
}

fn syntax_fault(fault: tree::TreeFault) -> Fault {
    Fault { code: fault.code, path: fault.path, mark: fault.mark, message: fault.message, hint: fault.hint }
}
