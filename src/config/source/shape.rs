//! What a value may be, made from the JSON Schema of the options, so that the two cannot differ.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

/// What a value may be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// A text, perhaps of a form.
    Text {
        /// What the text must be.
        form: Form,
        /// Whether the empty text is refused.
        filled: bool,
    },
    /// `true` or `false`.
    Truth,
    /// A number.
    Number(Range),
    /// A list.
    List {
        /// What each item may be.
        item: Box<Shape>,
        /// Fewest items.
        fewest: usize,
    },
    /// One text or a list of texts.
    OneOrMany,
    /// Keys that the user chooses.
    Map {
        /// What the keys must be.
        keys: Form,
        /// What each value may be.
        value: Box<Shape>,
    },
    /// Keys that are given.
    Struct(Vec<Field>),
    /// One of some names, some of which carry values: `linear`, or `{logistic: {...}}`.
    Choice(Vec<(String, Option<Shape>)>),
    /// A construct that this reader does not know; no option may have it.
    Unknown,
}

/// A key of a [`Shape::Struct`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    /// The key.
    pub(crate) name: String,
    /// Whether it must be written.
    pub(crate) required: bool,
    /// What its value may be.
    pub(crate) shape: Shape,
    /// The value that holds without it, and where that comes from.
    pub(crate) default: Option<(String, String)>,
    /// Whether the default of a whole section, with whatever its keys default to, holds without it.
    pub(crate) defaulted: bool,
}

/// What a text must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Any text.
    Any,
    /// A name of lower-case letters, digits and `_`.
    Id,
    /// The id of a rule.
    Rule,
    /// A date.
    Date,
    /// A dose.
    Dose,
    /// A length of time.
    Duration,
    /// The name of a dataset.
    Dataset,
    /// The id of a dosage.
    DosageId,
    /// The id of a part.
    PartId,
    /// A file that exists.
    File,
    /// A folder that exists.
    Folder,
}

impl Form {
    fn named(name: Option<&Json>) -> Self {
        match name.and_then(Json::as_str) {
            Some("id") => Self::Id,
            Some("rule-id") => Self::Rule,
            Some("date") => Self::Date,
            Some("dose") => Self::Dose,
            Some("duration") => Self::Duration,
            Some("dataset") => Self::Dataset,
            Some("dosage-id") => Self::DosageId,
            Some("part-id") => Self::PartId,
            Some("file") => Self::File,
            Some("folder") => Self::Folder,
            _ => Self::Any,
        }
    }
}

/// The numbers that are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Range {
    /// Whether only whole numbers are.
    pub(crate) whole: bool,
    /// Smallest allowed.
    pub(crate) at_least: Option<f64>,
    /// Largest allowed.
    pub(crate) at_most: Option<f64>,
    /// Everything above this is allowed.
    pub(crate) above: Option<f64>,
    /// Everything below this is allowed.
    pub(crate) below: Option<f64>,
}

impl Range {
    fn of(schema: &Map<String, Json>, whole: bool) -> Self {
        let number = |key: &str| schema.get(key).and_then(Json::as_f64);
        Self {
            whole,
            at_least: number("minimum"),
            at_most: number("maximum"),
            above: number("exclusiveMinimum"),
            below: number("exclusiveMaximum"),
        }
    }

    /// Whether a number is allowed.
    pub(crate) fn holds(&self, number: f64) -> bool {
        self.at_least.is_none_or(|limit| number >= limit)
            && self.at_most.is_none_or(|limit| number <= limit)
            && self.above.is_none_or(|limit| number > limit)
            && self.below.is_none_or(|limit| number < limit)
    }

    /// The allowed numbers in words.
    pub(crate) fn words(&self) -> String {
        let mut limits = Vec::new();
        limits.extend(self.at_least.map(|limit| format!("at least {limit}")));
        limits.extend(self.above.map(|limit| format!("above {limit}")));
        limits.extend(self.at_most.map(|limit| format!("at most {limit}")));
        limits.extend(self.below.map(|limit| format!("below {limit}")));
        let noun = if self.whole { "a whole number" } else { "a number" };
        if limits.is_empty() { noun.to_owned() } else { format!("{noun} {}", limits.join(" and ")) }
    }
}

impl Shape {
    /// The shape that a schema describes.
    pub(crate) fn of(schema: &Json) -> Self {
        let definitions = schema.get("$defs").and_then(Json::as_object).cloned().unwrap_or_default();
        shape(schema, &definitions)
    }

    /// The fields, where this is a struct.
    pub(crate) fn fields(&self) -> &[Field] {
        match self {
            Self::Struct(fields) => fields,
            _ => &[],
        }
    }

    /// Every key path below here, with `[]` for items of lists and `*` for keys that the user chooses.
    pub(crate) fn key_paths(&self, prefix: &str, paths: &mut Vec<String>) {
        let join = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
        match self {
            Self::Struct(fields) => {
                for field in fields {
                    paths.push(join(&field.name));
                    field.shape.key_paths(&join(&field.name), paths);
                }
            }
            Self::List { item, .. } => item.key_paths(&format!("{prefix}[]"), paths),
            Self::Map { value, .. } => value.key_paths(&join("*"), paths),
            Self::Choice(names) => {
                for (name, shape) in names {
                    if let Some(shape) = shape {
                        paths.push(join(name));
                        shape.key_paths(&join(name), paths);
                    }
                }
            }
            Self::Text { .. } | Self::Truth | Self::Number(_) | Self::OneOrMany | Self::Unknown => {}
        }
    }
}

fn shape(schema: &Json, definitions: &Map<String, Json>) -> Shape {
    let Some(schema) = schema.as_object() else { return Shape::Unknown };
    if let Some(name) = schema.get("$ref").and_then(Json::as_str).and_then(|path| path.strip_prefix("#/$defs/")) {
        return definitions.get(name).map_or(Shape::Unknown, |definition| shape(definition, definitions));
    }
    if let Some(options) = schema.get("anyOf").and_then(Json::as_array) {
        return any_of(options, definitions);
    }
    if let Some(options) = schema.get("oneOf").and_then(Json::as_array) {
        return Shape::Choice(options.iter().flat_map(|option| choices(option, definitions)).collect());
    }
    match kind(schema) {
        Some("string") if schema.contains_key("enum") => Shape::Choice(choices(&Json::Object(schema.clone()), definitions)),
        Some("string") => Shape::Text {
            form: Form::named(schema.get("format")),
            filled: schema.get("minLength").and_then(Json::as_u64).is_some_and(|length| length > 0),
        },
        Some("boolean") => Shape::Truth,
        Some("number") => Shape::Number(Range::of(schema, false)),
        Some("integer") => Shape::Number(Range::of(schema, true)),
        Some("array") => Shape::List {
            item: Box::new(schema.get("items").map_or(Shape::Unknown, |items| shape(items, definitions))),
            fewest: schema.get("minItems").and_then(Json::as_u64).and_then(|fewest| usize::try_from(fewest).ok()).unwrap_or(0),
        },
        Some("object") => object(schema, definitions),
        _ => Shape::Unknown,
    }
}

/// The type of a schema; `null` beside another type only says that the key may be left empty.
fn kind(schema: &Map<String, Json>) -> Option<&str> {
    match schema.get("type")? {
        Json::String(name) => Some(name),
        Json::Array(names) => names.iter().filter_map(Json::as_str).find(|name| *name != "null"),
        _ => None,
    }
}

fn any_of(options: &[Json], definitions: &Map<String, Json>) -> Shape {
    let is_null = |option: &&Json| option.get("type").and_then(Json::as_str) != Some("null");
    let mut shapes = options.iter().filter(is_null).map(|option| shape(option, definitions));
    match (shapes.next(), shapes.next()) {
        (Some(only), None) => only,
        (Some(Shape::Text { .. }), Some(Shape::List { .. })) => Shape::OneOrMany,
        _ => Shape::Unknown,
    }
}

fn choices(option: &Json, definitions: &Map<String, Json>) -> Vec<(String, Option<Shape>)> {
    if let Some(name) = option.get("const").and_then(Json::as_str) {
        return vec![(name.to_owned(), None)];
    }
    if let Some(names) = option.get("enum").and_then(Json::as_array) {
        return names.iter().filter_map(Json::as_str).map(|name| (name.to_owned(), None)).collect();
    }
    let properties = option.get("properties").and_then(Json::as_object);
    properties.into_iter().flatten().map(|(name, value)| (name.clone(), Some(shape(value, definitions)))).collect()
}

fn object(schema: &Map<String, Json>, definitions: &Map<String, Json>) -> Shape {
    let Some(properties) = schema.get("properties").and_then(Json::as_object) else {
        return match schema.get("additionalProperties") {
            Some(value) if value.is_object() => {
                Shape::Map { keys: Form::named(schema.get("x-keys")), value: Box::new(shape(value, definitions)) }
            }
            _ => Shape::Struct(Vec::new()),
        };
    };
    let required: Vec<&str> = schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    Shape::Struct(properties.iter().map(|(name, value)| field(name, value, required.contains(&name.as_str()), definitions)).collect())
}

fn field(name: &str, schema: &Json, required: bool, definitions: &Map<String, Json>) -> Field {
    let text = |key: &str| schema.get(key).and_then(Json::as_str);
    let value = text("x-default").map(str::to_owned).or_else(|| schema.get("default").map(written));
    let default = value.zip(text("x-origin").map(str::to_owned));
    let defaulted = schema.get("default").is_some_and(Json::is_object) || (!required && schema.get("$ref").is_some());
    Field { name: name.to_owned(), required, shape: shape(schema, definitions), default, defaulted }
}

/// A JSON value as the project file would write it.
pub(crate) fn written(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        Json::Object(entries) => {
            let ordered: BTreeMap<&String, &Json> = entries.iter().collect();
            format!("{{{}}}", ordered.iter().map(|(key, value)| format!("{key}: {}", written(value))).collect::<Vec<_>>().join(", "))
        }
        Json::Number(number) if number.is_f64() => number.as_f64().map_or_else(String::new, |number| number.to_string()),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Shape {
        /// Paths at which the reader knows nothing of the schema's construct.
        pub(crate) fn unknown_paths(&self) -> Vec<String> {
            let mut found = Vec::new();
            unknown(self, "", &mut found);
            found
        }
    }

    fn unknown(shape: &Shape, path: &str, found: &mut Vec<String>) {
        match shape {
            Shape::Unknown => found.push(path.to_owned()),
            Shape::List { item, .. } => unknown(item, &format!("{path}[]"), found),
            Shape::Map { value, .. } => unknown(value, &format!("{path}.*"), found),
            Shape::Struct(fields) => fields.iter().for_each(|field| unknown(&field.shape, &format!("{path}.{}", field.name), found)),
            Shape::Choice(names) => {
                for (name, shape) in names {
                    shape.iter().for_each(|shape| unknown(shape, &format!("{path}.{name}"), found));
                }
            }
            Shape::Text { .. } | Shape::Truth | Shape::Number(_) | Shape::OneOrMany => {}
        }
    }

    #[test]
    fn every_construct_of_the_options_is_known() {
        assert_eq!(crate::config::schema::shape().unknown_paths(), Vec::<String>::new());
    }

    #[test]
    fn defaults_are_written_as_the_project_file_writes_them() {
        let value = serde_json::json!({"b": [1, 2.0, "x"], "a": true});
        assert_eq!(written(&value), "{a: true, b: [1, 2, x]}");
    }
}
