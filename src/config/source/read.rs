//! Tree + shape → JSON, with every fault on the way.
//!
//! A text stays a text where the shape wants one, whatever it looks like; a number is made only where the shape wants a number.

use std::path::Path;

use serde_json::{Map, Number, Value as Json};

use super::names;
use super::shape::{Field, Form, Range, Shape};
use super::tree::{Entry, Mark, Node, Value};
use crate::config::data::{DATASETS, is_dataset};
use crate::config::text::Duration;
use crate::quantity::{Date, Dose};

/// Something that is wrong at a place of the project file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Code of the diagnostic.
    pub(crate) code: &'static str,
    /// Key path.
    pub(crate) path: String,
    /// Where.
    pub(crate) mark: Mark,
    /// What was found and what was expected.
    pub(crate) message: String,
    /// What to do.
    pub(crate) hint: String,
}

/// What a value may refer to.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    /// Folder of the project file.
    pub(crate) root: &'a Path,
    /// Ids of the dosages.
    pub(crate) dosages: Vec<&'a str>,
    /// Ids of the parts.
    pub(crate) parts: Vec<&'a str>,
}

/// Reads a tree by a shape.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    context: Context<'a>,
    whole: &'a Shape,
    faults: Vec<Fault>,
}

/// The path of a key below another.
pub(crate) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The JSON of a tree, complete where there is no fault, and every fault.
pub(crate) fn read<'a>(shape: &'a Shape, node: &Node, context: Context<'a>) -> (Json, Vec<Fault>) {
    let mut reader = Reader { context, whole: shape, faults: Vec::new() };
    let json = reader.value(shape, node, "");
    (json, reader.faults)
}

impl Reader<'_> {
    fn fault(&mut self, code: &'static str, path: &str, mark: Mark, message: impl Into<String>, hint: impl Into<String>) -> Json {
        self.faults.push(Fault { code, path: path.to_owned(), mark, message: message.into(), hint: hint.into() });
        Json::Null
    }

    fn wrong_type(&mut self, path: &str, node: &Node, wanted: &str, hint: &str) -> Json {
        let message = format!("{} must be {wanted}, not {}", shown(path), node.kind());
        self.fault("wrong-type", path, node.mark, message, hint)
    }

    fn value(&mut self, shape: &Shape, node: &Node, path: &str) -> Json {
        match shape {
            Shape::Text { form, filled } => self.text(*form, *filled, node, path),
            Shape::Truth => self.truth(node, path),
            Shape::Number(range) => self.number(*range, node, path),
            Shape::List { item, fewest } => self.list(item, *fewest, node, path),
            Shape::OneOrMany => self.one_or_many(node, path),
            Shape::Map { keys, value } => self.map(*keys, value, node, path),
            Shape::Struct(fields) => self.record(fields, node, path),
            Shape::Choice(names) => self.choice(names, node, path),
            Shape::Unknown => self.wrong_type(path, node, "left out", "remove it"),
        }
    }

    fn text(&mut self, form: Form, filled: bool, node: &Node, path: &str) -> Json {
        let Some(text) = node.text().filter(|_| !node.is_nothing()) else {
            return self.wrong_type(path, node, form.words(), "write it on the same line, in quotes if it holds `:` or `#`");
        };
        if filled && text.trim().is_empty() {
            return self.fault("bad-value", path, node.mark, format!("{} is empty", shown(path)), "write a text");
        }
        match self.refusal(form, text) {
            Some((code, message, hint)) => self.fault(code, path, node.mark, message, hint),
            None => Json::String(text.to_owned()),
        }
    }

    /// Why a text is not of a form: code, message, hint.
    fn refusal(&self, form: Form, text: &str) -> Option<(&'static str, String, String)> {
        let bad = |message: String, hint: &str| Some(("bad-value", message, hint.to_owned()));
        match form {
            Form::Any => None,
            Form::Id if is_id(text) => None,
            Form::Id => bad(format!("`{text}` is not an id"), "use lower-case letters, digits and `_`, for example `120mg_qd`"),
            Form::Rule if is_rule(text) => None,
            Form::Rule => bad(format!("`{text}` is not the id of a rule"), "write it as the dossier prints it, for example `DJ-E07`"),
            Form::Date => text.parse::<Date>().err().and_then(|error| bad(error.to_string(), "for example `2026-03-31`")),
            Form::Dose => text.parse::<Dose>().err().and_then(|error| bad(error.to_string(), "for example `120 mg`")),
            Form::Duration => text.parse::<Duration>().err().and_then(|error| bad(error.to_string(), "for example `28 d`")),
            Form::Dataset if is_dataset(&text.to_lowercase()) => None,
            Form::Dataset => bad(format!("`{text}` is not the name of a dataset"), &names::hint(text, &DATASETS)),
            Form::DosageId => reference("dosage", text, &self.context.dosages),
            Form::PartId => reference("part", text, &self.context.parts),
            Form::File if self.context.root.join(text).is_file() => None,
            Form::Folder if self.context.root.join(text).is_dir() => None,
            Form::File | Form::Folder => Some(missing_path(form.words(), text, self.context.root)),
        }
    }

    fn truth(&mut self, node: &Node, path: &str) -> Json {
        match &node.value {
            Value::Scalar { text, plain: true } if matches!(text.as_str(), "true" | "True" | "TRUE") => Json::Bool(true),
            Value::Scalar { text, plain: true } if matches!(text.as_str(), "false" | "False" | "FALSE") => Json::Bool(false),
            _ => self.wrong_type(path, node, "`true` or `false`", "write `true` or `false`, without quotes"),
        }
    }

    fn number(&mut self, range: Range, node: &Node, path: &str) -> Json {
        let Value::Scalar { text, plain } = &node.value else {
            return self.wrong_type(path, node, &range.words(), "write a number");
        };
        let parsed = if *plain { number(text, range.whole) } else { None };
        let Some(json) = parsed else {
            return self.wrong_type(path, node, &range.words(), number_hint(text, *plain));
        };
        if json.as_f64().is_some_and(|number| range.holds(number)) {
            return Json::Number(json);
        }
        let message = format!("{} must be {}, not {text}", shown(path), range.words());
        self.fault("bad-value", path, node.mark, message, "correct the number")
    }

    fn list(&mut self, item: &Shape, fewest: usize, node: &Node, path: &str) -> Json {
        let Value::List(items) = &node.value else {
            return self.wrong_type(path, node, "a list", "write `[...]`, or lines that begin with `- `");
        };
        if items.len() < fewest {
            let message = format!("{} must have at least {fewest} {}", shown(path), if fewest == 1 { "item" } else { "items" });
            return self.fault("bad-value", path, node.mark, message, "add what is missing");
        }
        Json::Array(items.iter().enumerate().map(|(index, node)| self.value(item, node, &format!("{path}[{index}]"))).collect())
    }

    fn one_or_many(&mut self, node: &Node, path: &str) -> Json {
        let text = Shape::Text { form: Form::Any, filled: true };
        match &node.value {
            Value::List(_) => self.list(&text, 1, node, path),
            Value::Scalar { .. } if !node.is_nothing() => self.value(&text, node, path),
            _ => self.wrong_type(path, node, "a text or a list of texts", "write `A`, or `[A, B]`"),
        }
    }

    fn map(&mut self, keys: Form, value: &Shape, node: &Node, path: &str) -> Json {
        let Value::Map(entries) = &node.value else {
            return self.wrong_type(path, node, "keys with values", "write `key: value`, indented below it");
        };
        let mut read = Map::new();
        for (index, entry) in entries.iter().enumerate() {
            let path = join(path, &entry.key);
            if let Some((code, message, hint)) = self.refusal(keys, &entry.key) {
                self.fault(code, &path, entry.key_mark, message, hint);
            }
            // Names of datasets are read in any case, so that `ADSL` repeats `adsl`.
            let same = |earlier: &Entry| earlier.key.eq_ignore_ascii_case(&entry.key);
            if keys == Form::Dataset && entries.iter().take(index).any(same) {
                let message = format!("`{}` names a dataset that is named above", entry.key);
                self.fault("duplicate-key", &path, entry.key_mark, message, "keep one of the two");
            }
            read.insert(entry.key.clone(), self.value(value, &entry.value, &path));
        }
        Json::Object(read)
    }

    fn record(&mut self, fields: &[Field], node: &Node, path: &str) -> Json {
        let Value::Map(entries) = &node.value else {
            let keys: Vec<String> = fields.iter().map(|field| format!("`{}`", field.name)).collect();
            return self.wrong_type(path, node, "keys with values", &format!("its keys are {}", keys.join(", ")));
        };
        let mut read = Map::new();
        for entry in entries {
            let field_path = join(path, &entry.key);
            match fields.iter().find(|field| field.name == entry.key) {
                None => self.unknown_key(fields, entry, path),
                // An empty value of a key that may be left out says the same as leaving it out.
                Some(field) if entry.value.is_nothing() && !field.required => {}
                Some(field) => {
                    let value = self.value(&field.shape, &entry.value, &field_path);
                    read.insert(entry.key.clone(), value);
                }
            }
        }
        for field in fields.iter().filter(|field| field.required && entries.iter().all(|entry| entry.key != field.name)) {
            // A misspelt key has been told already.
            if entries.iter().any(|entry| meant(fields, &entry.key) == Some(&field.name)) {
                continue;
            }
            let message = format!("{} lacks the key `{}`, which must be {}", shown(path), field.name, field.shape.words());
            let mark = Mark { width: 1, ..node.mark };
            self.fault("missing-key", &join(path, &field.name), mark, message, format!("add `{}:`", field.name));
        }
        Json::Object(read)
    }

    fn unknown_key(&mut self, fields: &[Field], entry: &Entry, path: &str) {
        let allowed: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        let elsewhere = if meant(fields, &entry.key).is_none() { self.sections_with(&entry.key) } else { Vec::new() };
        let hint = if elsewhere.is_empty() {
            names::hint(&entry.key, &allowed)
        } else {
            format!("`{}` is a key of {}", entry.key, elsewhere.join(", "))
        };
        let place = shown(path);
        self.fault("unknown-key", &join(path, &entry.key), entry.key_mark, format!("`{}` is not a key of {place}", entry.key), hint);
    }

    /// The sections at the top that have this key.
    fn sections_with(&self, key: &str) -> Vec<String> {
        let has = |section: &&Field| section.shape.fields().iter().any(|field| field.name == key);
        self.whole.fields().iter().filter(has).map(|section| format!("`{}`", section.name)).collect()
    }

    fn choice(&mut self, names: &[(String, Option<Shape>)], node: &Node, path: &str) -> Json {
        let allowed: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
        let chosen = |written: &str| names.iter().find(|(name, _)| name == written);
        match &node.value {
            Value::Scalar { text, .. } if !node.is_nothing() => match chosen(text) {
                Some((_, None)) => Json::String(text.clone()),
                Some((_, Some(shape))) => self.tagged(text, shape, &Node { mark: node.mark, value: Value::Map(Vec::new()) }, path),
                None => self.unknown_name(text, &allowed, node.mark, path),
            },
            Value::Map(entries) if names.iter().any(|(_, shape)| shape.is_some()) => match entries.as_slice() {
                [entry] => match chosen(&entry.key) {
                    Some((name, Some(shape))) => self.tagged(name, shape, &entry.value, path),
                    Some((name, None)) => {
                        self.fault("bad-value", path, entry.key_mark, format!("`{name}` takes no keys"), format!("write `{name}` alone"))
                    }
                    None => self.unknown_name(&entry.key, &allowed, entry.key_mark, path),
                },
                _ => self.wrong_type(path, node, "exactly one name with its keys", &names::hint("", &allowed)),
            },
            _ => self.wrong_type(path, node, "one name", &names::hint("", &allowed)),
        }
    }

    fn tagged(&mut self, name: &str, shape: &Shape, node: &Node, path: &str) -> Json {
        let empty = Node { mark: node.mark, value: Value::Map(Vec::new()) };
        let node = if node.is_nothing() { &empty } else { node };
        let value = self.value(shape, node, &join(path, name));
        Json::Object(Map::from_iter([(name.to_owned(), value)]))
    }

    fn unknown_name(&mut self, written: &str, allowed: &[&str], mark: Mark, path: &str) -> Json {
        let message = format!("`{written}` is not a value of {}", shown(path));
        self.fault("bad-value", path, mark, message, names::hint(written, allowed))
    }
}

impl Form {
    /// What a text of this form is, in words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Any => "a text",
            Self::Id => "an id",
            Self::Rule => "the id of a rule",
            Self::Date => "a date",
            Self::Dose => "a dose",
            Self::Duration => "a length of time",
            Self::Dataset => "the name of a dataset",
            Self::DosageId => "the id of a dosage",
            Self::PartId => "the id of a part",
            Self::File => "a file",
            Self::Folder => "a folder",
        }
    }
}

impl Shape {
    fn words(&self) -> String {
        match self {
            Self::Text { form, .. } => form.words().to_owned(),
            Self::Truth => "`true` or `false`".to_owned(),
            Self::Number(range) => range.words(),
            Self::List { .. } => "a list".to_owned(),
            Self::OneOrMany => "a text or a list of texts".to_owned(),
            Self::Map { .. } | Self::Struct(_) | Self::Unknown => "keys with values".to_owned(),
            Self::Choice(names) => {
                let names: Vec<String> = names.iter().map(|(name, _)| format!("`{name}`")).collect();
                format!("one of {}", names.join(", "))
            }
        }
    }
}

/// The field that an unknown key probably means.
fn meant<'a>(fields: &'a [Field], key: &str) -> Option<&'a str> {
    let known = fields.iter().any(|field| field.name == key);
    if known { None } else { names::nearest(key, fields.iter().map(|field| field.name.as_str())) }
}

fn shown(path: &str) -> String {
    if path.is_empty() { "the project file".to_owned() } else { format!("`{path}`") }
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn is_rule(text: &str) -> bool {
    let number = text.strip_prefix("DJ-").and_then(|rest| rest.strip_prefix(|c: char| c.is_ascii_uppercase()));
    number.is_some_and(|number| number.len() == 2 && number.chars().all(|c| c.is_ascii_digit()))
}

fn reference(noun: &str, id: &str, known: &[&str]) -> Option<(&'static str, String, String)> {
    if known.contains(&id) {
        return None;
    }
    let hint = if known.is_empty() { format!("declare it in `{noun}s`") } else { names::hint(id, known) };
    Some(("unknown-id", format!("no {noun} has the id `{id}`"), hint))
}

/// Code, message and hint for a path that leads nowhere.
pub(crate) fn missing_path(noun: &str, written: &str, root: &Path) -> (&'static str, String, String) {
    let path = root.join(written);
    let beside = path.parent().map_or_else(Vec::new, names_in);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let hint = match names::nearest(&name, beside.iter().map(String::as_str)) {
        Some(near) if path.exists() => format!("`{near}` exists but is not {noun}"),
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("paths are relative to the project file; looked for {}", path.display()),
    };
    ("file-not-found", format!("there is no {} `{written}`", noun.trim_start_matches("a ")), hint)
}

/// The names in a folder, sorted; none where it cannot be read.
fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn number(text: &str, whole: bool) -> Option<Number> {
    // `inf` and `nan` are words that Rust would read; YAML does not write them so and no option may be infinite.
    if !text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E')) {
        return None;
    }
    if whole {
        return text.parse::<u64>().map(Number::from).or_else(|_| text.parse::<i64>().map(Number::from)).ok();
    }
    text.parse::<f64>().ok().and_then(Number::from_f64)
}

fn number_hint(text: &str, plain: bool) -> &'static str {
    if !plain {
        "write it without quotes"
    } else if text.trim_end().ends_with('%') {
        "write the number without `%`"
    } else if text.contains(',') {
        "write a decimal point, not a comma"
    } else {
        "write a number alone, without a unit"
    }
}
