//! One table as CSV (RFC 4180): a line of heads, then one line per row with the words of its cells as printed.

use super::document::{Inline, TableBody, TableRow, plain_text, unaligned};

/// The table as CSV with CRLF line ends. Words that a spreadsheet would take for a formula are given an apostrophe in front; numbers are not,
/// and have a plain minus sign, so that they can be computed with.
#[must_use]
pub fn table_csv(table: &TableBody) -> String {
    let mut csv = String::new();
    line(&mut csv, std::iter::once(words(&table.stub)).chain(heads(table).map(|head| words(&head))));
    for row in &table.rows {
        line(&mut csv, std::iter::once(words(&stub(row))).chain(row.cells.iter().map(|cell| self::cell(cell))));
    }
    csv
}

/// A cell: what begins with a number of ours stays a number.
fn cell(cell: &[Inline]) -> String {
    let text = unaligned(&plain_text(cell)).replace('\u{2212}', "-");
    let number = matches!(cell.first(), Some(Inline::Fact(_))) && begins_with_number(&text);
    if number { quoted(&text) } else { words(&text) }
}

/// Heads of the columns with the heads above them and their numbers of subjects: `Randomised: 120 mg QD (N=35)`.
fn heads(table: &TableBody) -> impl Iterator<Item = String> {
    let above = table.spanners.iter().flat_map(|spanner| std::iter::repeat_n(spanner.text.as_deref(), spanner.columns));
    let above: Vec<Option<&str>> = above.collect();
    table.columns.iter().enumerate().map(move |(place, column)| {
        let head = match above.get(place).copied().flatten() {
            Some(above) => format!("{above}: {}", column.text),
            None => column.text.clone(),
        };
        column.n.as_ref().map_or_else(|| head.clone(), |n| format!("{head} (N={})", n.text))
    })
}

fn stub(row: &TableRow) -> String {
    format!("{}{}", "  ".repeat(usize::from(row.indent)), row.stub)
}

fn line(csv: &mut String, fields: impl Iterator<Item = String>) {
    csv.push_str(&fields.collect::<Vec<_>>().join(","));
    csv.push_str("\r\n");
}

/// Words: guarded where a spreadsheet would compute them.
fn words(text: &str) -> String {
    let formula = text.trim_start().starts_with(['=', '+', '-', '@']);
    if formula { quoted(&format!("'{text}")) } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

fn begins_with_number(text: &str) -> bool {
    text.strip_prefix('-').unwrap_or(text).starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use crate::evidence::FactId;
    use crate::render::document::FactText;

    use super::*;

    #[test]
    fn formulas_are_text_and_numbers_are_numbers() {
        for (text, expected) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2+3", "'-2+3"),
            ("  =1+1", "'  =1+1"),
            ("say \"so\"", "\"say \"\"so\"\"\""),
        ] {
            assert_eq!(cell(&[Inline::Text(text.to_owned())]), expected);
        }
        let fact = |text: &str| Inline::Fact(FactText { id: FactId::from("a.b"), text: text.to_owned() });
        assert_eq!(cell(&[fact("\u{2212}7.9 (\u{2212}18.2, 2.3)")]), "\"-7.9 (-18.2, 2.3)\"");
        assert_eq!(cell(&[fact("\u{2007}3 (\u{2007}5.0%)")]), "3 (5.0%)");
        assert_eq!(cell(&[fact("-SUM(A1)")]), "'-SUM(A1)");
    }
}
