//! The text of the project file, and where everything stands in it.

pub(crate) mod defaults;
pub(crate) mod names;
mod place;
pub(crate) mod read;
pub(crate) mod shape;
pub(crate) mod tree;

use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Place, Severity};
use read::Fault;
use tree::{Mark, Node};

/// The project file as it was read: its path, its text and the place of every value.
#[derive(Debug, Clone)]
pub struct ProjectSource {
    path: PathBuf,
    text: String,
    tree: Option<Node>,
}

impl ProjectSource {
    /// A text that has not been understood yet.
    pub(crate) fn new(path: &Path, text: String) -> Self {
        Self { path: path.to_path_buf(), text, tree: None }
    }

    /// The same with its tree.
    pub(crate) fn with_tree(self, tree: Node) -> Self {
        Self { tree: Some(tree), ..self }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The text, byte for byte as in the file, apart from a byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The place of the value at a key path, for example `dosages[2].arm`, where the project file wrote one.
    ///
    /// Lists are counted from 0 in the order of the file; `dosages[id=120mg_qd].arm` finds an item by its id. Keys may hold dots.
    #[must_use]
    pub fn place(&self, path: &str) -> Option<Place> {
        self.tree.as_ref().and_then(|tree| find(tree, path)).map(|node| self.place_of(node.mark))
    }

    /// A critical diagnostic about the value at a key path; it shows the place of the nearest thing above it that was written.
    #[must_use]
    pub fn diagnostic(&self, code: &'static str, path: &str, message: impl Into<String>, hint: impl Into<String>) -> Diagnostic {
        let diagnostic = Diagnostic::new(code, Severity::Critical, message, hint).in_file(&self.path).in_column(path);
        let mut prefix = path;
        loop {
            if let Some(place) = self.place(prefix) {
                return diagnostic.at(place);
            }
            match prefix.rfind(['.', '[']) {
                Some(end) => prefix = prefix.get(..end).unwrap_or(""),
                None => return diagnostic,
            }
        }
    }

    pub(crate) fn place_of(&self, mark: Mark) -> Place {
        place::place(&self.text, mark)
    }

    pub(crate) fn fault(&self, fault: &Fault) -> Diagnostic {
        let diagnostic = Diagnostic::new(fault.code, Severity::Critical, &fault.message, &fault.hint);
        let diagnostic = diagnostic.in_file(&self.path).at(self.place_of(fault.mark));
        if fault.path.is_empty() { diagnostic } else { diagnostic.in_column(&fault.path) }
    }
}

/// The node at a key path.
fn find<'a>(node: &'a Node, path: &str) -> Option<&'a Node> {
    let path = path.strip_prefix('.').unwrap_or(path);
    if path.is_empty() {
        return Some(node);
    }
    if let Some((index, rest)) = path.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let item = match index.strip_prefix("id=") {
            Some(id) => node.items().iter().find(|item| item.get("id").and_then(Node::text) == Some(id)),
            None => index.parse().ok().and_then(|index: usize| node.items().get(index)),
        };
        return item.and_then(|item| find(item, rest));
    }
    node.entries().iter().find_map(|entry| {
        let rest = path.strip_prefix(entry.key.as_str())?;
        if rest.is_empty() || rest.starts_with(['.', '[']) { find(&entry.value, rest) } else { None }
    })
}
