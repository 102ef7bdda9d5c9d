//! Narratives: the user's own Markdown, with facts in it.
//!
//! A narrative is Markdown and no template: of everything in double braces only `fact`, `ref` and `exhibit` with quoted arguments are
//! understood, as in `{{ fact(id="efficacy.orr.120mg_qd") }}`; any other braces are shown as they are.

use super::RenderError;
use super::desk::{AskError, Desk};
use super::text;

/// The narrative of a section with marks in place of what it asks for.
pub(super) fn expand(section: &str, written: &str, desk: &Desk) -> Result<String, RenderError> {
    let clean = text::lines(written);
    let mut expanded = String::with_capacity(clean.len());
    let mut rest = clean.as_str();
    while let Some((before, after)) = rest.split_once("{{") {
        expanded.push_str(before);
        let done = clean.len() - after.len();
        match after.split_once("}}").and_then(|(call, tail)| Some((Call::parse(call)?, tail))) {
            Some((call, tail)) => {
                let line = clean.get(..done).unwrap_or_default().matches('\n').count() + 1;
                let answer = call.ask(desk).map_err(|error| RenderError::Narrative {
                    section: section.to_owned(),
                    line,
                    message: error.to_string(),
                })?;
                expanded.push_str(&answer);
                rest = tail;
            }
            None => {
                expanded.push_str("{{");
                rest = after;
            }
        }
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// A request written in a narrative.
struct Call<'a> {
    function: Function,
    arguments: Vec<(&'a str, &'a str)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Function {
    Fact,
    Reference,
    Exhibit,
}

impl Function {
    fn name(self) -> &'static str {
        match self {
            Self::Fact => "fact",
            Self::Reference => "ref",
            Self::Exhibit => "exhibit",
        }
    }

    /// The arguments that it knows, and how an error names them.
    fn takes(self) -> (&'static [&'static str], &'static str) {
        match self {
            Self::Fact => (&["id", "show"], "id, and show if wanted"),
            Self::Reference => (&["id", "code", "section"], "one of id, code and section"),
            Self::Exhibit => (&["id", "code"], "one of id and code"),
        }
    }
}

impl<'a> Call<'a> {
    /// A call such as `fact(id="…", show="…")`, or `None` for any other text.
    fn parse(call: &'a str) -> Option<Self> {
        let (name, rest) = call.trim().split_once('(')?;
        let function = [Function::Fact, Function::Reference, Function::Exhibit].into_iter().find(|known| known.name() == name.trim())?;
        let mut rest = rest.strip_suffix(')')?.trim();
        let mut arguments = Vec::new();
        while !rest.is_empty() {
            let (key, after) = rest.split_once('=')?;
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let (value, after) = after.get(1..)?.split_once(quote)?;
            arguments.push((key.trim(), value));
            rest = after.trim_start();
            rest = if rest.is_empty() { rest } else { rest.strip_prefix(',')?.trim_start() };
        }
        Some(Self { function, arguments })
    }

    fn ask(&self, desk: &Desk) -> Result<String, AskError> {
        let ((known, takes), function) = (self.function.takes(), self.function.name());
        if let Some((argument, _)) = self.arguments.iter().find(|(key, _)| !known.contains(key)) {
            return Err(AskError::Argument { function, argument: (*argument).to_owned(), takes });
        }
        let given = |wanted: &str| self.arguments.iter().find(|(key, _)| *key == wanted).map(|(_, value)| *value);
        match (self.function, given("id"), given("code"), given("section")) {
            (Function::Fact, Some(id), None, None) => desk.fact(id, given("show")),
            (Function::Reference, Some(id), None, None) => desk.reference(id),
            (Function::Reference, None, Some(code), None) => desk.parts_reference(code),
            (Function::Reference, None, None, Some(section)) => Ok(desk.section_reference(section)),
            (Function::Exhibit, Some(id), None, None) => desk.exhibit(id),
            (Function::Exhibit, None, Some(code), None) => desk.exhibits_of(code),
            _ => Err(AskError::Arguments { function, takes }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_calls_are_calls() {
        assert!(Call::parse(" fact(id=\"a.b\", show='full') ").is_some_and(|call| call.arguments == [("id", "a.b"), ("show", "full")]));
        assert!(Call::parse("ref(id=\"T-E06\")").is_some_and(|call| call.function == Function::Reference));
        for text in ["", " x ", "fact", "fact(", "fact(id=a)", "fact(id=\"a)", "include(id=\"a\")", "fact(id=\"a\" show=\"b\")"] {
            assert!(Call::parse(text).is_none(), "{text}");
        }
    }
}
