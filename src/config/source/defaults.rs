//! Which defaults a project file relied on.

use super::read::join;
use super::shape::{Field, Shape};
use super::tree::{Entry, Node, Value};
use crate::config::settings::DefaultUsed;

/// The defaults that hold because the tree does not say otherwise, in the order of the schema.
pub(crate) fn used(shape: &Shape, tree: &Node) -> Vec<DefaultUsed> {
    let mut used = Vec::new();
    collect(shape, Some(tree), "", &mut used);
    used
}

fn collect(shape: &Shape, node: Option<&Node>, path: &str, used: &mut Vec<DefaultUsed>) {
    match (shape, node.map(|node| &node.value)) {
        (Shape::Struct(fields), _) => fields.iter().for_each(|field| field_default(field, node, path, used)),
        (Shape::List { item, .. }, Some(Value::List(items))) => {
            for (index, node) in items.iter().enumerate() {
                collect(item, Some(node), &format!("{path}[{index}]"), used);
            }
        }
        (Shape::Map { value, .. }, Some(Value::Map(entries))) => {
            entries.iter().for_each(|entry| collect(value, Some(&entry.value), &join(path, &entry.key), used));
        }
        (Shape::Choice(names), Some(written)) => chosen(names, written, path, used),
        _ => {}
    }
}

fn field_default(field: &Field, node: Option<&Node>, path: &str, used: &mut Vec<DefaultUsed>) {
    let path = join(path, &field.name);
    let written = node.and_then(|node| node.get(&field.name)).filter(|value| !value.is_nothing());
    match (&field.default, written) {
        (_, Some(value)) => collect(&field.shape, Some(value), &path, used),
        (Some((value, origin)), None) => used.push(DefaultUsed { key: path, value: value.clone(), origin: origin.clone() }),
        (None, None) if field.defaulted => collect(&field.shape, None, &path, used),
        (None, None) => {}
    }
}

/// The defaults within the chosen name, written as `name` alone or as `{name: {...}}`.
fn chosen(names: &[(String, Option<Shape>)], written: &Value, path: &str, used: &mut Vec<DefaultUsed>) {
    let (name, node) = match written {
        Value::Scalar { text, .. } => (text, None),
        Value::Map(entries) => match entries.as_slice() {
            [Entry { key, value, .. }] => (key, Some(value)),
            _ => return,
        },
        Value::List(_) => return,
    };
    if let Some((name, Some(shape))) = names.iter().find(|(known, _)| known == name) {
        collect(shape, node, &join(path, name), used);
    }
}
