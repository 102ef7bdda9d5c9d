//! Templates: the words of the dossier, built in, any of them replaced by a file of the same name in the project's `templates/`.
//!
//! The only door to the template engine. Every text that a template prints is escaped for Markdown, because it comes from data or from the
//! project file; what a function returns is a mark (see [`super::mark`]) or a plain value.
//!
//! | in a template | gives |
//! |---|---|
//! | `fact(id="…", show="…")` | a fact in a sentence; the ways to show it are those of [`super::format::Show`] |
//! | `has_fact(id="…")` | whether the evidence holds it |
//! | `facts(measure="efficacy.orr", dosage="…", compared=true, randomised=true)` | the facts of a measure, by dosage and study part (all parts together and randomised ones only): `id`, `dosage`, `dosage_id`, `part`, `first` |
//! | `facts(measure="…", dosage="…", part="…")` | the facts of a measure in one study part, by dosage |
//! | `verdicts(measure="comparison.orr_difference", better="higher")` | how the proposed dosage does against each alternative: `id`, `pair`, `part`, `randomised`, `verdict` (`better`, `worse`, `not_distinguished`) |
//! | `compared_parts()` | the study parts in which at least two of the compared dosages were assigned at random: `id`, `label` |
//! | `pairs(measure="comparison.orr_difference")` | the facts of a measure that compare two of the compared dosages |
//! | `exhibit(id="…")`, `exhibit(code="…")`, `exhibit(family="…")` | on a line of its own: one exhibit, all its parts, all whose code begins so |
//! | `exhibit(code="…", fold=true)` | the same, study parts that were not randomised behind a line that opens them |
//! | `exhibits(code="…")`, `has(id="…")` | the ids of all parts; whether any of them shows something |
//! | `ref(id="…")`, `ref(code="…")`, `ref(section="…")` | a cross-reference: `Table 7`, `Tables 7 and 8`, `Section 4` |
//! | `cite(key="…")` | a citation of a work of the bibliography: `[Wilson1927]` |
//! | `references()` | on a line of its own: the works that the document cites |
//! | `narrative(section="…")` | on a line of its own: the user's own Markdown of a section |
//! | `traceability()` | on a line of its own: the traceability tables |
//! | `text \| code` | text set as code |

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use tera::{Context, Error, Kwargs, State, Tera, Value};

use super::RenderError;
use super::desk::{AskError, Desk, Parts};
use super::text;
use super::verdict::Better;

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        /// Every built-in template: name and text.
        const BUILT_IN: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../templates/", $name)))),*];
    };
}

built_in![
    "documents/complete.md",
    "documents/end_of_phase_1.md",
    "documents/ind.md",
    "documents/registration.md",
    "html/script.js",
    "html/style.css",
    "parts/lines.md",
    "references.yaml",
    "sections/biomarker.md",
    "sections/comparison.md",
    "sections/data_quality.md",
    "sections/efficacy.md",
    "sections/escalation.md",
    "sections/exposure.md",
    "sections/exposure_response.md",
    "sections/patient_reported.md",
    "sections/pk.md",
    "sections/population.md",
    "sections/references.md",
    "sections/registration.md",
    "sections/reproducibility.md",
    "sections/starting_dose.md",
    "sections/summary.md",
    "sections/tolerability.md",
    "sections/traceability.md",
    "sections/uncertainty.md",
    "sections/utility.md",
];

/// The templates of one project.
#[derive(Debug, Clone)]
pub struct Templates {
    texts: BTreeMap<String, String>,
}

impl Templates {
    /// The templates that come with the program.
    #[must_use]
    pub fn built_in() -> Self {
        Self { texts: BUILT_IN.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect() }
    }

    /// The built-in templates with those of `folder` in their place; Markdown files of other names are added, so that they can be included.
    ///
    /// # Errors
    /// [`RenderError::UnreadableTemplate`] when a file of the folder cannot be read.
    pub fn with_overrides(folder: &Path) -> Result<Self, RenderError> {
        let mut templates = Self::built_in();
        for group in ["", "documents", "html", "parts", "sections"] {
            for (name, path) in files(&folder.join(group))? {
                let name = if group.is_empty() { name } else { format!("{group}/{name}") };
                if templates.texts.contains_key(&name) || name.ends_with(".md") {
                    let text = std::fs::read_to_string(&path).map_err(|source| RenderError::UnreadableTemplate { path, source })?;
                    templates.texts.insert(name, text);
                }
            }
        }
        Ok(templates)
    }

    /// The text of a template.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", String::as_str)
    }

    /// The names of sections, without folder and extension.
    pub(super) fn sections(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().filter_map(|name| name.strip_prefix("sections/")?.strip_suffix(".md"))
    }

    /// The Markdown that template `name` gives, with marks where it asks for facts and exhibits.
    pub(super) fn render(&self, name: &str, context: &impl Serialize, desk: &Arc<Desk>) -> Result<String, RenderError> {
        let mut tera = Tera::new();
        tera.autoescape_on([".md"]);
        tera.set_escape_fn(escape_markdown);
        register_functions(&mut tera, desk);
        let markdown = self.texts.iter().filter(|(name, _)| name.ends_with(".md"));
        tera.add_raw_templates(markdown.map(|(name, text)| (name.as_str(), text.as_str()))).map_err(|error| template_error(&error))?;
        let context = Context::from_serialize(context).map_err(|error| template_error(&error))?;
        tera.render(name, &context).map_err(|error| template_error(&error))
    }
}

/// The files of a folder by name; nothing where there is no such folder.
fn files(folder: &Path) -> Result<Vec<(String, PathBuf)>, RenderError> {
    let unreadable = |source: io::Error| RenderError::UnreadableTemplate { path: folder.to_path_buf(), source };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        if let (true, Some(name)) = (path.is_file(), path.file_name().and_then(|name| name.to_str())) {
            files.push((name.to_owned(), path.clone()));
        }
    }
    files.sort();
    Ok(files)
}

fn template_error(error: &Error) -> RenderError {
    use tera::ErrorKind::{RenderingError, SyntaxError};
    match error.kind() {
        SyntaxError(report) | RenderingError(report) => RenderError::Template {
            name: report.filename().to_owned(),
            line: report.span().start_line,
            column: report.span().start_col + 1,
            message: report.message().to_owned(),
            report: error.to_string(),
        },
        _ => RenderError::Templates(error.to_string()),
    }
}

/// Writes text so that Markdown shows it and does nothing with it: on one line, every punctuation mark as a numeric entity, which is never
/// markup in Markdown wherever it stands (a backslash would be lost in code and misread beside a table's `|`).
fn escape_markdown(input: &str, output: &mut dyn io::Write) -> io::Result<()> {
    for c in text::line(input).chars() {
        if c.is_ascii_punctuation() {
            write!(output, "&#{};", u32::from(c))?;
        } else {
            write!(output, "{c}")?;
        }
    }
    Ok(())
}

fn register_functions(tera: &mut Tera, desk: &Arc<Desk>) {
    let at = Arc::clone(desk);
    tera.register_function("fact", move |given: Kwargs, _: &State| {
        only(&given, "fact", &["id", "show"], "id, show")?;
        mark(at.fact(given.must_get("id")?, given.get("show")?))
    });
    let at = Arc::clone(desk);
    tera.register_function("has_fact", move |given: Kwargs, _: &State| Ok::<_, Error>(at.has_fact(given.must_get("id")?)));
    let at = Arc::clone(desk);
    tera.register_function("facts", move |given: Kwargs, _: &State| {
        only(&given, "facts", &["measure", "dosage", "part", "compared", "randomised"], "measure, dosage, part, compared, randomised")?;
        if let Some(part) = given.get::<&str>("part")? {
            return Value::try_from_serializable(&at.facts_of_part(given.must_get("measure")?, given.get("dosage")?, part));
        }
        let parts = if given.get("randomised")?.unwrap_or(false) { Parts::Randomised } else { Parts::Every };
        let listed = at.facts(given.must_get("measure")?, given.get("dosage")?, given.get("compared")?.unwrap_or(false), parts);
        Value::try_from_serializable(&listed)
    });
    let at = Arc::clone(desk);
    tera.register_function("pairs", move |given: Kwargs, _: &State| {
        only(&given, "pairs", &["measure"], "measure")?;
        Value::try_from_serializable(&at.pairs(given.must_get("measure")?))
    });
    let at = Arc::clone(desk);
    tera.register_function("verdicts", move |given: Kwargs, _: &State| {
        only(&given, "verdicts", &["measure", "better"], "measure, better")?;
        let better = match given.must_get("better")? {
            "higher" => Better::Higher,
            "lower" => Better::Lower,
            other => {
                return Err(refused(&AskError::Argument { function: "verdicts", argument: other.to_owned(), takes: "higher or lower" }));
            }
        };
        Value::try_from_serializable(&at.verdicts(given.must_get("measure")?, better))
    });
    let at = Arc::clone(desk);
    tera.register_function("compared_parts", move |_: Kwargs, _: &State| Value::try_from_serializable(&at.compared_parts()));
    let at = Arc::clone(desk);
    tera.register_function("exhibit", move |given: Kwargs, _: &State| {
        only(&given, "exhibit", &["id", "code", "family", "fold"], "id, code or family, and fold with code")?;
        let fold = given.get("fold")?.unwrap_or(false);
        match (given.get::<&str>("id")?, given.get::<&str>("code")?, given.get::<&str>("family")?) {
            (Some(id), None, None) => mark(at.exhibit(id)),
            (None, Some(code), None) if fold => mark(at.exhibits_folded(code)),
            (None, Some(code), None) => mark(at.exhibits_of(code)),
            (None, None, Some(family)) => mark(at.exhibits_of_family(family)),
            _ => Err(refused(&AskError::Arguments { function: "exhibit", takes: "one of id, code and family" })),
        }
    });
    let at = Arc::clone(desk);
    tera.register_function("exhibits", move |given: Kwargs, _: &State| Ok::<_, Error>(at.exhibit_ids(given.must_get("code")?)));
    let at = Arc::clone(desk);
    tera.register_function("has", move |given: Kwargs, _: &State| Ok::<_, Error>(at.has(given.must_get("id")?)));
    register_references(tera, desk);
}

fn register_references(tera: &mut Tera, desk: &Arc<Desk>) {
    let at = Arc::clone(desk);
    tera.register_function("ref", move |given: Kwargs, _: &State| {
        only(&given, "ref", &["id", "code", "section"], "id, code or section")?;
        match (given.get::<&str>("id")?, given.get::<&str>("code")?, given.get::<&str>("section")?) {
            (Some(id), None, None) => mark(at.reference(id)),
            (None, Some(code), None) => mark(at.parts_reference(code)),
            (None, None, Some(section)) => mark(Ok(at.section_reference(section))),
            _ => Err(refused(&AskError::Arguments { function: "ref", takes: "one of id, code and section" })),
        }
    });
    let at = Arc::clone(desk);
    tera.register_function("cite", move |given: Kwargs, _: &State| {
        only(&given, "cite", &["key"], "key")?;
        mark(at.cite(given.must_get("key")?))
    });
    let at = Arc::clone(desk);
    tera.register_function("references", move |_: Kwargs, _: &State| mark(Ok(at.marks.leave(super::mark::Mark::References))));
    let at = Arc::clone(desk);
    tera.register_function("narrative", move |given: Kwargs, _: &State| mark(Ok(at.narrative(given.must_get("section")?))));
    let at = Arc::clone(desk);
    tera.register_function("traceability", move |_: Kwargs, _: &State| mark(Ok(at.marks.leave(super::mark::Mark::Traceability))));
    let at = Arc::clone(desk);
    tera.register_filter("code", move |words: &str, _: Kwargs, _: &State| {
        mark(Ok(at.marks.leave(super::mark::Mark::Code(text::line(words)))))
    });
}

/// Refuses an argument that a function does not know: a misspelt name would otherwise be ignored.
fn only(given: &Kwargs, function: &'static str, known: &[&str], takes: &'static str) -> Result<(), Error> {
    match given.iter().filter_map(|(key, _)| key.as_str()).filter(|key| !known.contains(key)).min() {
        Some(argument) => Err(refused(&AskError::Argument { function, argument: argument.to_owned(), takes })),
        None => Ok(()),
    }
}

fn mark(left: Result<String, AskError>) -> Result<Value, Error> {
    left.map(|mark| Value::safe_string(&mark)).map_err(|error| refused(&error))
}

fn refused(error: &AskError) -> Error {
    Error::message(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(input: &str) -> String {
        let mut output = Vec::new();
        escape_markdown(input, &mut output).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn no_punctuation_reaches_markdown() {
        assert_eq!(escaped("# <b>| a\\| $x$ 1. -"), "&#35; &#60;b&#62;&#124; a&#92;&#124; &#36;x&#36; 1&#46; &#45;");
        assert_eq!(escaped("  two\n    lines "), "two lines");
        assert_eq!(escaped("größer \u{202E}≥ 5"), "größer ≥ 5");
    }
}
