//! The JSON Schema of the project file, for editors and for the reader itself.

use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

use super::settings::Options;
use super::source::shape::{Shape, written};

/// The schema of the project file: every key with its description, its default and where that comes from.
#[must_use]
pub fn json_schema() -> Json {
    let mut schema = raw();
    describe_defaults(&mut schema);
    schema
}

/// Every key path of the project file, with `[]` for items of lists and `*` for keys that the user chooses.
#[must_use]
pub fn key_paths() -> Vec<String> {
    let mut paths = Vec::new();
    shape().key_paths("", &mut paths);
    paths
}

/// What the project file may hold.
pub(crate) fn shape() -> Shape {
    Shape::of(&raw())
}

fn raw() -> Json {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Options>().to_value()
}

/// Adds to each description the default and its origin, which the schema keeps apart.
pub(super) fn describe_defaults(schema: &mut Json) {
    match schema {
        Json::Object(entries) => {
            let value = entries.get("x-default").or_else(|| entries.get("default")).map(written);
            let origin = entries.get("x-origin").and_then(Json::as_str).map(str::to_owned);
            if let (Some(value), Some(origin), Some(Json::String(description))) = (value, origin, entries.get_mut("description")) {
                description.push_str(&format!(" Default: {value} ({origin})."));
            }
            entries.values_mut().for_each(describe_defaults);
        }
        Json::Array(items) => items.iter_mut().for_each(describe_defaults),
        _ => {}
    }
}
