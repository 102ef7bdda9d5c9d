//! Reading a project file: the door of this module.

use std::fmt;
use std::path::Path;

use super::pk_population;
use super::schema;
use super::sense;
use super::settings::{DefaultUsed, Options, Settings};
use super::source::read::{Context, Fault, read};
use super::source::tree::{self, Mark};
use super::source::{ProjectSource, defaults, names};
use crate::diagnostic::{Diagnostic, Severity};
use crate::quantity::DAYS_PER_MONTH;

/// The name of a project file.
pub const PROJECT_FILE: &str = "dosecase.yaml";

/// A project file, understood.
#[derive(Debug, Clone)]
pub struct Project {
    /// What it decides, complete.
    pub settings: Settings,
    /// Its text, and the place of every value in it.
    pub source: ProjectSource,
}

/// Everything that is wrong with a project file, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors {
    /// The faults; never empty.
    pub diagnostics: Vec<Diagnostic>,
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            let file = diagnostic.file.as_ref().map_or_else(String::new, |file| file.display().to_string());
            match &diagnostic.place {
                Some(place) => writeln!(f, "{file}:{}:{}: {} [{}]", place.line, place.column, diagnostic.message, diagnostic.code)?,
                None => writeln!(f, "{file}: {} [{}]", diagnostic.message, diagnostic.code)?,
            }
            if let Some(place) = &diagnostic.place {
                writeln!(f, "{}", place.snippet)?;
            }
            write!(f, "hint: {}", diagnostic.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

impl From<Diagnostic> for ConfigErrors {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { diagnostics: vec![diagnostic] }
    }
}

/// Reads the project file `path`, or the `dosecase.yaml` in the folder `path`.
///
/// # Errors
/// [`ConfigErrors`] with every fault that the file has: of its syntax, of its keys and values, and of what they mean together.
pub fn read_project(path: &Path) -> Result<Project, ConfigErrors> {
    let file = if path.is_dir() { path.join(PROJECT_FILE) } else { path.to_path_buf() };
    let text = read_text(&file)?;
    read_project_text(&file, text)
}

/// Reads the text of the project file `file`; files that it names are looked for beside it.
///
/// # Errors
/// As [`read_project`].
pub fn read_project_text(file: &Path, text: String) -> Result<Project, ConfigErrors> {
    let source = ProjectSource::new(file, text);
    let (tree, syntax) = match tree::parse(source.text()) {
        Ok((Some(tree), faults)) => (tree, faults),
        Ok((None, _)) => return Err(empty(&source).into()),
        Err(fault) => return Err(source.fault(&syntax_fault(fault)).into()),
    };
    let shape = schema::shape();
    let root = folder_of(file);
    let context = Context { root, dosages: sense::ids(&tree, "dosages"), parts: sense::ids(&tree, "parts") };
    let (json, shape_faults) = read(&shape, &tree, context);
    let mut faults: Vec<Fault> = syntax.into_iter().map(syntax_fault).collect();
    faults.extend(shape_faults);
    faults.extend(sense::faults(&tree, root));
    if !faults.is_empty() {
        return Err(told(&source, faults));
    }
    let mut written: Options = serde_json::from_value(json).map_err(|error| unforeseen(&source, &error))?;
    let population = written.pk.population_model.take().map(|model| pk_population::resolve(model, root)).transpose()?;
    let mut settings = Settings::resolve(written, file, root, used_defaults(defaults::used(&shape, &tree)));
    if let Some((model, defaults)) = population {
        settings.pk.population_model = Some(model);
        settings.defaults.extend(defaults);
    }
    Ok(Project { settings, source: source.with_tree(tree) })
}

/// The defaults of keys, and the conventions that have none.
fn used_defaults(mut used: Vec<DefaultUsed>) -> Vec<DefaultUsed> {
    used.push(DefaultUsed {
        key: "month".to_owned(),
        value: format!("{DAYS_PER_MONTH} d"),
        origin: "mean month of the Gregorian calendar, 365.25 / 12 days".to_owned(),
    });
    used
}

/// The folder that a file is in; `.` for a bare name.
fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn read_text(file: &Path) -> Result<String, ConfigErrors> {
    let bytes = std::fs::read(file).map_err(|error| unreadable(file, &error))?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").map_or(bytes.as_slice(), |rest| rest).to_vec();
    String::from_utf8(bytes).map_err(|error| not_utf8(file, &error).into())
}

fn unreadable(file: &Path, error: &std::io::Error) -> ConfigErrors {
    let (message, hint) = if error.kind() == std::io::ErrorKind::NotFound {
        (format!("there is no project file {}", file.display()), near_file(file, folder_of(file)))
    } else {
        (format!("the project file {} cannot be read: {error}", file.display()), "check its permissions".to_owned())
    };
    Diagnostic::new("file-not-found", Severity::Critical, message, hint).in_file(file).into()
}

fn near_file(file: &Path, folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut found: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".yaml") || name.ends_with(".yml"))
        .collect();
    found.sort();
    let wanted = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match names::nearest(&wanted, found.iter().map(String::as_str)) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("`dosecase init {}` writes one", folder.display()),
    }
}

fn not_utf8(file: &Path, error: &std::string::FromUtf8Error) -> Diagnostic {
    let good = error.utf8_error().valid_up_to();
    let bytes = error.as_bytes();
    if matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) {
        let message = "the project file is UTF-16 text";
        return Diagnostic::new("not-utf8", Severity::Critical, message, "save it as UTF-8").in_file(file);
    }
    let before = String::from_utf8_lossy(bytes.get(..good).unwrap_or_default()).into_owned();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    let byte = bytes.get(good).copied().unwrap_or_default();
    let message = format!("the project file is not UTF-8 text: byte 0x{byte:02X} on line {line}");
    let source = ProjectSource::new(file, String::from_utf8_lossy(bytes).into_owned());
    let place = source.place_of(Mark { line, column, width: 1 });
    Diagnostic::new("not-utf8", Severity::Critical, message, "save it as UTF-8; the byte may be a letter of an older code page")
        .in_file(file)
        .at(place)
}

fn empty(source: &ProjectSource) -> Diagnostic {
    let fault = Fault {
        code: "empty-file",
        path: String::new(),
        mark: Mark::START,
        message: "the project file is empty".to_owned(),
        hint: "it needs at least `dossier.title`, `drug.name` and `dosages`; `dosecase init` writes one".to_owned(),
    };
    source.fault(&fault)
}

fn syntax_fault(fault: tree::TreeFault) -> Fault {
    Fault { code: fault.code, path: fault.path, mark: fault.mark, message: fault.message, hint: fault.hint }
}

/// The faults as diagnostics, in the order of the file, each said once.
fn told(source: &ProjectSource, mut faults: Vec<Fault>) -> ConfigErrors {
    faults.sort_by(|a, b| (a.mark.line, a.mark.column, a.code).cmp(&(b.mark.line, b.mark.column, b.code)));
    faults.dedup();
    ConfigErrors { diagnostics: faults.iter().map(|fault| source.fault(fault)).collect() }
}

/// Options that fit their own schema and yet are refused: a defect of the schema, told as such.
fn unforeseen(source: &ProjectSource, error: &serde_json::Error) -> ConfigErrors {
    let message = format!("the project file could not be understood: {error}");
    Diagnostic::new("bad-value", Severity::Critical, message, "this is a defect of dosecase; please report it")
        .in_file(source.path())
        .into()
}
