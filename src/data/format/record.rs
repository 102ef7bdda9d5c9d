//! Fields of delimited text: where each starts and ends. The rules are those of RFC 4180, with separators and line ends of other habits.

/// How the lines of a file end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// Line feed, with or without a carriage return before it.
    LineFeed,
    /// Carriage return alone.
    CarriageReturn,
}

/// What separates fields and records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    /// Byte between fields.
    pub(super) separator: u8,
    /// End of a record.
    pub(super) line_end: LineEnd,
}

/// One field: the place of its bytes (quotes included) and how it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    /// First byte.
    pub(super) start: usize,
    /// Byte after the last.
    pub(super) end: usize,
    /// Whether it stands in quotes.
    pub(super) quoted: bool,
    /// Whether it holds, outside quotes, a quote or a carriage return, which a strict reader would misread.
    pub(super) irregular: bool,
    /// Whether it is the last of its record.
    pub(super) last: bool,
    /// Whether a separator or a line end follows; only the last field of a file may lack it.
    pub(super) terminated: bool,
}

/// A field that cannot be told from its neighbours, with the place where it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Malformed {
    /// A quote that never closes.
    UnclosedQuote(usize),
    /// Text between a closing quote and a separator.
    TextAfterQuote(usize),
    /// A line feed outside quotes in a file of carriage returns.
    LineFeed(usize),
}

/// Walks over the fields of a text.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
    dialect: Dialect,
    within_record: bool,
}

impl<'a> Fields<'a> {
    /// Fields from byte `at`, which starts a record.
    pub(super) fn new(bytes: &'a [u8], at: usize, dialect: Dialect) -> Self {
        Self { bytes, at, dialect, within_record: false }
    }

    /// Where the next field starts.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// The next field, or `None` at the end of the text.
    pub(super) fn next_field(&mut self) -> Result<Option<Field>, Malformed> {
        if self.at >= self.bytes.len() && !self.within_record {
            return Ok(None);
        }
        if self.bytes.get(self.at) == Some(&b'"') { self.quoted().map(Some) } else { self.plain().map(Some) }
    }

    fn quoted(&mut self) -> Result<Field, Malformed> {
        let start = self.at;
        let mut at = start + 1;
        loop {
            match self.bytes[at.min(self.bytes.len())..].iter().position(|byte| *byte == b'"') {
                None => return Err(Malformed::UnclosedQuote(start)),
                Some(offset) => at += offset + 1,
            }
            if self.bytes.get(at) != Some(&b'"') {
                break;
            }
            at += 1;
        }
        match self.finish(start, at, false) {
            Some(field) => Ok(Field { quoted: true, ..field }),
            None => Err(Malformed::TextAfterQuote(start)),
        }
    }

    fn plain(&mut self) -> Result<Field, Malformed> {
        let start = self.at;
        let separator = self.dialect.separator;
        let mut irregular = false;
        let mut at = start;
        loop {
            let special = |byte: &u8| *byte == separator || matches!(*byte, b'\n' | b'\r' | b'"');
            at = self.bytes[at..].iter().position(special).map_or(self.bytes.len(), |offset| at + offset);
            if self.dialect.line_end == LineEnd::CarriageReturn && self.bytes.get(at) == Some(&b'\n') {
                return Err(Malformed::LineFeed(start));
            }
            if let Some(field) = self.finish(start, at, irregular) {
                return Ok(field);
            }
            irregular = true;
            at += 1;
        }
    }

    /// The field that ends at `end`, if a separator, a line end or the end of the text stands there.
    fn finish(&mut self, start: usize, end: usize, irregular: bool) -> Option<Field> {
        let next = self.bytes.get(end).copied();
        let (skip, last) = match (next, self.dialect.line_end) {
            (None, _) => (0, true),
            (Some(byte), _) if byte == self.dialect.separator => (1, false),
            (Some(b'\n'), LineEnd::LineFeed) | (Some(b'\r'), LineEnd::CarriageReturn) => (1, true),
            (Some(b'\r'), LineEnd::LineFeed) => match self.bytes.get(end + 1) {
                Some(b'\n') => (2, true),
                None => (1, true),
                Some(_) => return None,
            },
            _ => return None,
        };
        self.at = end + skip;
        self.within_record = !last;
        Some(Field { start, end, quoted: false, irregular, last, terminated: skip > 0 })
    }
}

/// The bytes of a field without its quotes, doubled quotes made single.
pub(super) fn unquoted(field: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    match field {
        [b'"', inner @ .., b'"'] => {
            if !inner.contains(&b'"') {
                return inner.into();
            }
            let mut text = Vec::with_capacity(inner.len());
            let mut bytes = inner.iter();
            while let Some(byte) = bytes.next() {
                text.push(*byte);
                if *byte == b'"' {
                    bytes.next();
                }
            }
            text.into()
        }
        _ => field.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: Dialect = Dialect { separator: b',', line_end: LineEnd::LineFeed };

    fn records(text: &str) -> Vec<Vec<String>> {
        let mut fields = Fields::new(text.as_bytes(), 0, COMMA);
        let mut records = vec![Vec::new()];
        while let Some(field) = fields.next_field().unwrap() {
            let cell = String::from_utf8(unquoted(&text.as_bytes()[field.start..field.end]).into_owned()).unwrap();
            records.last_mut().unwrap().push(cell);
            if field.last {
                records.push(Vec::new());
            }
        }
        records.pop();
        records
    }

    #[test]
    fn quotes_hold_separators_line_ends_and_quotes() {
        assert_eq!(records("a,\"b,\"\"c\"\"\nd\",\r\n,x"), [vec!["a", "b,\"c\"\nd", ""], vec!["", "x"]]);
        assert_eq!(records("a\n\nb"), [["a"], [""], ["b"]]);
        assert_eq!(records("a,\n"), [["a", ""]]);
        assert_eq!(records("\"\""), [[""]]);
    }

    #[test]
    fn malformed_fields_are_told() {
        let first = |text: &str| Fields::new(text.as_bytes(), 0, COMMA).next_field();
        assert_eq!(first("\"a,b\n"), Err(Malformed::UnclosedQuote(0)));
        assert_eq!(first("\"a\"b,c\n"), Err(Malformed::TextAfterQuote(0)));
        assert!(first("5\" needle,b\n").unwrap().unwrap().irregular);
        let old = Dialect { line_end: LineEnd::CarriageReturn, ..COMMA };
        assert_eq!(Fields::new(b"a\nb\r", 0, old).next_field(), Err(Malformed::LineFeed(0)));
    }
}
