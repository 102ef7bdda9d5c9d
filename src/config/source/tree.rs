//! YAML text → a tree in which every key and every value knows its place.
//!
//! Scalars keep their source text: whether `1.10` is a number or a version is for the reader of the tree to say. Anchors, aliases and
//! merge keys are resolved here; what they bring in keeps the place where it was written.

use std::collections::BTreeMap;

use super::place;
use serde_yaml::granit_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

/// A place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// 1-based line.
    pub(crate) line: usize,
    /// 1-based column in characters.
    pub(crate) column: usize,
    /// How many characters the marked text has on that line.
    pub(crate) width: usize,
}

impl Mark {
    /// The first character of the text.
    pub(crate) const START: Self = Self { line: 1, column: 1, width: 1 };

    fn point(marker: &Marker) -> Self {
        Self { line: marker.line().max(1), column: marker.col() + 1, width: 1 }
    }

    fn of(span: Span) -> Self {
        let width = if span.start.line() == span.end.line() { span.end.col().saturating_sub(span.start.col()) } else { 1 };
        Self { width: width.max(1), ..Self::point(&span.start) }
    }
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// Where it begins.
    pub(crate) mark: Mark,
    /// What it is.
    pub(crate) value: Value,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// A word, a number, a text.
    Scalar {
        /// The text, without quotes.
        text: String,
        /// Whether it was written without quotes, so that it may be a number, a truth value or nothing.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// Keys and values in the order of the file.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// The key.
    pub(crate) key: String,
    /// Where the key stands.
    pub(crate) key_mark: Mark,
    /// The value.
    pub(crate) value: Node,
}

impl Node {
    /// The value of a key, where this is a map that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The entries, where this is a map.
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items, where this is a list.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The text, where this is a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether nothing was written: an empty value, `~` or `null`.
    pub(crate) fn is_nothing(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// What it is, in words.
    pub(crate) fn kind(&self) -> String {
        match &self.value {
            _ if self.is_nothing() => "nothing".to_owned(),
            Value::Scalar { text, .. } if text.chars().count() > 40 => "a longer text".to_owned(),
            Value::Scalar { text, .. } => format!("`{text}`"),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "keys with values".to_owned(),
        }
    }

    fn size(&self) -> usize {
        match &self.value {
            Value::Scalar { .. } => 1,
            Value::List(items) => 1 + items.iter().map(Self::size).sum::<usize>(),
            Value::Map(entries) => 1 + entries.iter().map(|entry| 1 + entry.value.size()).sum::<usize>(),
        }
    }
}

/// What is wrong with the text as YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TreeFault {
    /// Code of the diagnostic.
    pub(crate) code: &'static str,
    /// Key path, where it is known.
    pub(crate) path: String,
    /// Where.
    pub(crate) mark: Mark,
    /// What.
    pub(crate) message: String,
    /// What to do.
    pub(crate) hint: String,
}

impl TreeFault {
    fn syntax(mark: Mark, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: "yaml-syntax", path: String::new(), mark, message: message.into(), hint: hint.into() }
    }
}

/// More nodes than any project file has; stops aliases that multiply.
const MOST_NODES: usize = 200_000;
/// Deeper than any project file is; stops the stack from running out.
const MOST_LEVELS: usize = 64;

/// The tree of a text, `None` where it holds nothing, and every fault that does not keep the rest from being read.
///
/// # Errors
/// The fault after which nothing more can be read.
pub(crate) fn parse(text: &str) -> Result<(Option<Node>, Vec<TreeFault>), TreeFault> {
    let mut builder =
        Builder { text, events: Parser::new_from_str(text), anchors: BTreeMap::new(), nodes: 0, path: Vec::new(), faults: Vec::new() };
    let mut root = None;
    while let Some((event, span)) = builder.next()? {
        match event {
            Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd | Event::StreamEnd => {}
            _ if root.is_some() => {
                return Err(TreeFault::syntax(
                    Mark::of(span),
                    "a second document begins here; a project file holds one",
                    "remove the line `---` above it",
                ));
            }
            event => root = Some(builder.node(event, span, 0)?),
        }
    }
    Ok((root.filter(|node| !node.is_nothing()), builder.faults))
}

struct Builder<'a> {
    text: &'a str,
    events: Parser<'a, StrInput<'a>>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
    path: Vec<String>,
    faults: Vec<TreeFault>,
}

impl<'a> Builder<'a> {
    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, TreeFault> {
        loop {
            match self.events.next() {
                None => return Ok(None),
                Some(Err(error)) => return Err(scan_fault(&error, self.text)),
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok(next)) => return Ok(Some(next)),
            }
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span, level: usize) -> Result<Node, TreeFault> {
        let mark = Mark::of(span);
        if level > MOST_LEVELS {
            return Err(TreeFault::syntax(mark, format!("values are nested more than {MOST_LEVELS} deep"), "flatten the structure"));
        }
        let anchor = event.anchor_id().unwrap_or(0);
        self.refuse_own_tags(event.tag(), mark);
        let value = match event {
            Event::Scalar(text, style, _, tag) => {
                let as_text = tag.is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
                Value::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain && !as_text }
            }
            Event::SequenceStart(..) => Value::List(self.list(level)?),
            Event::MappingStart(..) => Value::Map(self.map(level)?),
            Event::Alias(target) => return self.alias(target, mark),
            _ => return Err(TreeFault::syntax(mark, "a value was expected here", "complete the line")),
        };
        let node = Node { mark, value };
        self.count(1, mark)?;
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn list(&mut self, level: usize) -> Result<Vec<Node>, TreeFault> {
        let mut items = Vec::new();
        while let Some((event, span)) = self.next()? {
            if event == Event::SequenceEnd {
                break;
            }
            let item = self.below(format!("[{}]", items.len()), |builder| builder.node(event, span, level + 1))?;
            items.push(item);
        }
        Ok(items)
    }

    fn map(&mut self, level: usize) -> Result<Vec<Entry>, TreeFault> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut merged: Vec<Entry> = Vec::new();
        while let Some((event, span)) = self.next()? {
            if event == Event::MappingEnd {
                break;
            }
            let key = self.node(event, span, level + 1)?;
            let Some((event, span)) = self.next()? else { break };
            let Value::Scalar { text, plain } = key.value else {
                self.faults.push(TreeFault::syntax(key.mark, "a key must be one word", "write `key: value`"));
                self.node(event, span, level + 1)?;
                continue;
            };
            let value = self.below(text.clone(), |builder| builder.node(event, span, level + 1))?;
            if plain && text == "<<" {
                self.merge(value, &mut merged);
            } else if let Some(first) = entries.iter().find(|entry| entry.key == text) {
                self.faults.push(TreeFault {
                    code: "duplicate-key",
                    path: self.path_to(&text),
                    mark: key.mark,
                    message: format!("the key `{text}` is written twice; it was first written on line {}", first.key_mark.line),
                    hint: "keep one of the two".to_owned(),
                });
            } else {
                entries.push(Entry { key: text, key_mark: key.mark, value });
            }
        }
        // What is written in the map itself wins over what is merged into it, wherever the merge key stands.
        merged.retain(|entry| entries.iter().all(|own| own.key != entry.key));
        entries.extend(merged);
        Ok(entries)
    }

    /// Reads what stands at a key or an index, so that faults within it know their path.
    fn below<T>(&mut self, step: String, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step);
        let result = read(self);
        self.path.pop();
        result
    }

    fn path_to(&self, key: &str) -> String {
        let steps = self.path.iter().map(String::as_str).chain([key]);
        steps.fold(String::new(), |path, step| if path.is_empty() || step.starts_with('[') { path + step } else { path + "." + step })
    }

    fn merge(&mut self, value: Node, merged: &mut Vec<Entry>) {
        match value.value {
            Value::Map(entries) => {
                for entry in entries {
                    if merged.iter().all(|earlier| earlier.key != entry.key) {
                        merged.push(entry);
                    }
                }
            }
            Value::List(items) => items.into_iter().for_each(|item| self.merge(item, merged)),
            Value::Scalar { .. } => {
                self.faults.push(TreeFault::syntax(value.mark, "`<<` merges keys with values, not a text", "write `<<: *anchor`"));
            }
        }
    }

    fn alias(&mut self, target: usize, mark: Mark) -> Result<Node, TreeFault> {
        let Some(node) = self.anchors.get(&target).cloned() else {
            return Err(TreeFault::syntax(mark, "this alias stands inside its own anchor", "write the values out"));
        };
        self.count(node.size(), mark)?;
        Ok(node)
    }

    fn count(&mut self, nodes: usize, mark: Mark) -> Result<(), TreeFault> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MOST_NODES {
            return Err(TreeFault::syntax(mark, format!("the file grows beyond {MOST_NODES} values here"), "use fewer aliases"));
        }
        Ok(())
    }

    fn refuse_own_tags(&mut self, tag: Option<&Tag>, mark: Mark) {
        if let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema()) {
            let message = format!("the tag `{}` has no meaning in a project file", tag.original());
            self.faults.push(TreeFault::syntax(mark, message, "remove the tag, or put the text in quotes if it begins with `!`"));
        }
    }
}

fn scan_fault(error: &ScanError, text: &str) -> TreeFault {
    let mark = Mark::point(error.marker());
    let lines = place::lines(text);
    let indent = |line: &str| line.chars().take_while(|c| c.is_whitespace()).any(|c| c == '\t');
    // The parser often stops on the line after the tab.
    let tab =
        (mark.line.saturating_sub(1)..=mark.line).rev().find(|line| *line >= 1 && lines.get(line - 1).is_some_and(|line| indent(line)));
    match tab {
        Some(line) => {
            let column = lines.get(line - 1).and_then(|line| line.chars().position(|c| c == '\t')).map_or(1, |position| position + 1);
            let mark = Mark { line, column, width: 1 };
            TreeFault::syntax(mark, "this line is indented with a tab", "YAML is indented with spaces: replace the tab by spaces")
        }
        None => TreeFault::syntax(
            mark,
            format!("this is not valid YAML: {}", error.info()),
            "check indentation, colons, brackets and quotes on this line and the one above it",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Node {
        let (node, faults) = parse(text).unwrap();
        assert_eq!(faults, []);
        node.unwrap()
    }

    #[test]
    fn scalars_keep_their_text_and_place() {
        let root = tree("version: 1.10\narm: NO\n\"quoted\": \"null\"\n");
        let version = root.get("version").unwrap();
        assert_eq!(version.text(), Some("1.10"));
        assert_eq!(version.mark, Mark { line: 1, column: 10, width: 4 });
        assert_eq!(root.get("arm").unwrap().text(), Some("NO"));
        assert!(!root.get("quoted").unwrap().is_nothing());
    }

    #[test]
    fn own_keys_win_over_merged_ones_and_merged_ones_keep_their_place() {
        let root = tree("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\n");
        let used = root.get("use").unwrap();
        assert_eq!(used.get("x").unwrap().text(), Some("1"));
        assert_eq!(used.get("x").unwrap().mark.line, 1);
        assert_eq!(used.get("y").unwrap().text(), Some("3"));
    }

    #[test]
    fn a_doubled_key_is_a_fault_at_its_second_place() {
        let (_, faults) = parse("a: 1\nb: 2\na: 3\n").unwrap();
        assert_eq!((faults[0].code, faults[0].mark.line, faults[0].mark.column), ("duplicate-key", 3, 1));
        assert!(faults[0].message.contains("line 1"), "{}", faults[0].message);
    }

    #[test]
    fn aliases_that_multiply_and_deep_nesting_are_stopped() {
        let mut bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n".to_owned();
        for level in 1..9 {
            let row = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{row}]\n"));
        }
        assert!(parse(&bomb).unwrap_err().message.contains("grows beyond"));
        assert!(parse(&"[".repeat(5_000)).is_err());
    }

    #[test]
    fn what_is_not_yaml_is_a_fault_with_a_place() {
        let fault = parse("a: [1, 2\nb: 3\n").unwrap_err();
        assert_eq!(fault.code, "yaml-syntax");
        assert!(fault.mark.line >= 1);
        assert!(fault.message.len() > "this is not valid YAML: ".len(), "{}", fault.message);
        assert_eq!(parse("# nothing\n").unwrap(), (None, Vec::new()));
        assert!(parse("a: 1\n---\nb: 2\n").unwrap_err().message.contains("second document"));
    }
}
