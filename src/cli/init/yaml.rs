//! Texts of the data as YAML: text stays text, whatever it holds.

/// Most characters of a comment.
const LONGEST: usize = 300;

/// A scalar: plain where nobody can misread it, otherwise in double quotes.
pub(super) fn scalar(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

/// A list in one line.
pub(super) fn list<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    format!("[{}]", items.into_iter().map(scalar).collect::<Vec<_>>().join(", "))
}

/// A text in a comment: one line, without characters that end it.
pub(super) fn comment(text: &str) -> String {
    let line: String = text.chars().map(|c| if ends_lines(c) { ' ' } else { c }).collect();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > LONGEST { format!("{} …", line.chars().take(LONGEST).collect::<String>()) } else { line }
}

fn ends_lines(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// Letters, digits, single blanks and a few signs that mean nothing in YAML, and no word or number that it would read as something else.
fn is_plain(text: &str) -> bool {
    let sign = |c: char| matches!(c, '_' | '.' | '/' | '(' | ')' | '+' | '-' | '%' | '=' | '^');
    let inside = text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ' || sign(c));
    let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/'));
    let blanks = text != text.trim() || text.contains("  ");
    inside && begins && !blanks && !is_other_type(text)
}

/// Words and numbers that YAML 1.1 or 1.2 takes for another type; a date among them.
fn is_other_type(text: &str) -> bool {
    let word = text.to_ascii_lowercase();
    let named = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", ".nan", ".inf", "inf"].contains(&word.as_str());
    let starts = text.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let numeric = starts && text.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, '.' | '-' | '+' | '_' | ':' | 'x' | 'o' | 'X'));
    named || (numeric && !is_path(text))
}

/// `.`, `..` and paths that begin with them.
fn is_path(text: &str) -> bool {
    text == "." || text == ".." || text.starts_with("../")
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if ends_lines(c) || is_refused(c) => quoted.push_str(&escaped(c)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Characters that YAML does not allow unescaped, and blanks that cannot be told from others.
fn is_refused(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{fffe}' | '\u{ffff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escaped(c: char) -> String {
    let code = u32::from(c);
    match code {
        0..=0xff => format!("\\x{code:02X}"),
        0x100..=0xffff => format!("\\u{code:04X}"),
        _ => format!("\\U{code:08X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_stay_plain_and_all_else_is_quoted() {
        for text in ["Zeltorafib 120 mg QD", "120 mg", "../data", ".", "SAFFL", "75 mg/m2 Q3W", "/data/adam"] {
            assert_eq!(scalar(text), text);
        }
        for text in [
            "A: Drug X",
            "a # b",
            "Y",
            "no",
            "120",
            "1e3",
            "0x1F",
            "2024-01-01",
            "",
            " a",
            "a  b",
            "- a",
            "*a",
            "[a]",
            "12:30",
            "ä",
            "null",
            "{a}",
        ] {
            assert_ne!(scalar(text), text, "{text}");
        }
        assert_eq!(scalar("say \"hi\"\\\n\u{85}"), "\"say \\\"hi\\\"\\\\\\n\\x85\"");
    }

    #[test]
    fn scalars_are_read_back_as_they_were() {
        let hostile = [
            "a: b",
            "# c",
            "it's",
            "\"q\"",
            "tab\there",
            "line\nbreak",
            "x\u{2028}y",
            "\u{1}",
            "µg — ≥ 5",
            "!tag",
            "&a",
            "*a",
            "%d",
            "@x",
            "`b`",
            "?",
            "a\\b",
            "\u{1f600}",
        ];
        for text in hostile {
            let read: String = serde_json::from_value(yaml_value(&scalar(text))).unwrap();
            assert_eq!(read, text);
        }
        assert_eq!(list(["a", "b, c"]), "[a, \"b, c\"]");
        assert!(!comment("a\nb\u{85}c\u{2028}d").contains(['\n', '\u{85}', '\u{2028}']));
        assert!(comment(&"x".repeat(1000)).chars().count() < 310);
    }

    /// The title of a project file that holds this scalar.
    fn yaml_value(scalar: &str) -> serde_json::Value {
        let text = format!("dossier: {{title: {scalar}}}\ndrug: {{name: a}}\ndata: {{path: .}}\ndosages: [{{id: a, arm: b}}]\n");
        let project = crate::config::read_project_text(std::path::Path::new("dosecase.yaml"), text).unwrap();
        serde_json::Value::String(project.settings.dossier.title)
    }
}
