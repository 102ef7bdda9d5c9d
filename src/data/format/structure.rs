//! The structure of delimited text: its header, how many records it has, and that each has as many fields as the header.
//!
//! The reading library fills short records with missing values and takes a file that was cut off for a shorter one. This check comes
//! first, counts the records on its own, and is what the number of rows is compared with.

use std::collections::BTreeMap;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr3, memmem};
use rayon::prelude::*;

use super::encoding::CellDecoder;
use super::error::ReadFault;
use super::record::{Dialect, Fields, LineEnd, Malformed, unquoted};

/// What the check found.
#[derive(Debug)]
pub(super) struct Structure {
    /// Separator and line end.
    pub(super) dialect: Dialect,
    /// Names of the columns, without white space around them.
    pub(super) names: Vec<String>,
    /// The records, without header and without blank lines at the end.
    pub(super) body: Range<usize>,
    /// Number of records.
    pub(super) rows: usize,
    /// Whether the last record (or the header, where there is none) ends in a line end.
    pub(super) final_newline: bool,
    /// Whether the text must be written anew for a strict reader.
    pub(super) rewrite: bool,
    /// Whether a cell is an empty pair of quotes.
    pub(super) empty_quotes: bool,
}

/// Checks the structure of `text`; names of columns go through `decoder`.
///
/// # Errors
/// NUL bytes; a column without a name or two of one name; a record with too few or too many fields; a blank line between records; an
/// unclosed or misplaced quote.
pub(super) fn survey(text: &[u8], decoder: &mut CellDecoder) -> Result<Structure, ReadFault> {
    const START: usize = 1 << 16;
    refuse_nul(text.get(..START).unwrap_or(text))?;
    let dialect = dialect(text);
    let (names, start) = header(text, dialect, decoder)?;
    let body = start..start + content_end(text.get(start..).unwrap_or_default(), dialect.line_end);
    let bytes = text.get(..body.end).unwrap_or_default();
    let records = bytes.get(start..).unwrap_or_default();
    let plain = match dialect.line_end {
        LineEnd::LineFeed => count_plain(records, dialect.separator, names.len()),
        LineEnd::CarriageReturn => Lines::Mixed,
    };
    let tally = match plain {
        Lines::Plain(rows) => Tally { rows, ..Tally::default() },
        Lines::Faulty(at) => return Err(fault_at(bytes, start, start + at, dialect, names.len())),
        Lines::Mixed => {
            refuse_nul(text)?;
            let tally = count_fields(bytes, start, dialect, names.len())?;
            let irregular = tally.irregular || dialect.line_end == LineEnd::CarriageReturn || !is_sound(records);
            Tally { irregular, ..tally }
        }
    };
    // The reading library would unpack text that begins like a zlib stream.
    let zlib = matches!(records, [b'x', 0x01 | 0x5e, ..]);
    Ok(Structure {
        dialect,
        rows: tally.rows,
        final_newline: matches!(bytes.last(), Some(b'\n' | b'\r')),
        rewrite: tally.irregular || zlib,
        empty_quotes: tally.empty_quotes,
        names,
        body,
    })
}

fn refuse_nul(text: &[u8]) -> Result<(), ReadFault> {
    match memchr(0, text) {
        None => Ok(()),
        Some(at) => Err(ReadFault::NulByte { line: line_of(text, at, LineEnd::LineFeed) }),
    }
}

/// Whether text is UTF-8 without lost characters.
fn is_sound(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok() && memmem::find(text, "\u{FFFD}".as_bytes()).is_none()
}

/// Separator and line end, as the header has them: the separator that is most frequent there, a comma where that does not decide.
fn dialect(text: &[u8]) -> Dialect {
    let (mut comma, mut semicolon, mut tab) = (0_usize, 0_usize, 0_usize);
    let mut quoted = false;
    let mut line_end = LineEnd::LineFeed;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b',' => comma += 1,
            b';' => semicolon += 1,
            b'\t' => tab += 1,
            b'\n' => break,
            b'\r' => {
                if text.get(at + 1).is_some_and(|next| *next != b'\n') {
                    line_end = LineEnd::CarriageReturn;
                }
                break;
            }
            _ => {}
        }
    }
    let separator = if comma >= semicolon.max(tab) {
        b','
    } else if semicolon >= tab {
        b';'
    } else {
        b'\t'
    };
    Dialect { separator, line_end }
}

/// Names of the columns, and where the first record starts.
fn header(text: &[u8], dialect: Dialect, decoder: &mut CellDecoder) -> Result<(Vec<String>, usize), ReadFault> {
    let mut fields = Fields::new(text, 0, dialect);
    let mut names = Vec::new();
    while let Some(field) = fields.next_field().map_err(|malformed| malformed_fault(text, 0, dialect, malformed))? {
        let cell = unquoted(text.get(field.start..field.end).unwrap_or_default());
        names.push(decoder.decode(&cell, names.len(), 0).trim().to_string());
        if field.last {
            break;
        }
    }
    check_names(&names)?;
    Ok((names, fields.position()))
}

/// Refuses columns without a name and, compared without case, two of one name.
///
/// # Errors
/// The first such column.
pub(super) fn check_names(names: &[String]) -> Result<(), ReadFault> {
    let mut seen = BTreeMap::new();
    for (index, name) in names.iter().enumerate() {
        if name.is_empty() {
            return Err(ReadFault::EmptyName { position: index + 1 });
        }
        if let Some(first) = seen.insert(name.to_uppercase(), index + 1) {
            return Err(ReadFault::DuplicateName { name: name.clone(), first, second: index + 1 });
        }
    }
    Ok(())
}

/// Length of `records` without blank lines at its end; the line end of the last record stays.
fn content_end(records: &[u8], line_end: LineEnd) -> usize {
    let mut end = records.len();
    loop {
        let rest = &records[..end];
        let shorter = match line_end {
            LineEnd::LineFeed => rest.strip_suffix(b"\r\n").or_else(|| rest.strip_suffix(b"\n")),
            LineEnd::CarriageReturn => rest.strip_suffix(b"\r"),
        };
        match shorter {
            Some([]) => return 0,
            Some(shorter)
                if matches!((shorter.last(), line_end), (Some(b'\n'), LineEnd::LineFeed) | (Some(b'\r'), LineEnd::CarriageReturn)) =>
            {
                end = shorter.len();
            }
            _ => return end,
        }
    }
}

/// What counting the fields one by one found.
#[derive(Debug, Default)]
struct Tally {
    rows: usize,
    irregular: bool,
    empty_quotes: bool,
}

fn count_fields(text: &[u8], start: usize, dialect: Dialect, width: usize) -> Result<Tally, ReadFault> {
    let mut fields = Fields::new(text, start, dialect);
    let mut tally = Tally::default();
    let (mut found, mut record) = (0, start);
    loop {
        let field = match fields.next_field() {
            Ok(Some(field)) => field,
            Ok(None) => return Ok(tally),
            Err(malformed) => return Err(malformed_fault(text, tally.rows + 1, dialect, malformed)),
        };
        found += 1;
        tally.irregular |= field.irregular;
        tally.empty_quotes |= field.quoted && field.end - field.start == 2;
        if field.last {
            let blank = found == 1 && field.start == field.end;
            if found != width || blank {
                return Err(fault_at(text, start, record, dialect, width));
            }
            tally.rows += 1;
            (found, record) = (0, fields.position());
        }
    }
}

/// What counting line by line found.
#[derive(Debug, PartialEq, Eq)]
enum Lines {
    /// Lines of the right width, and nothing that must be looked at more closely.
    Plain(usize),
    /// Where the first line starts that is blank or of another width.
    Faulty(usize),
    /// Quotes, carriage returns, NUL bytes or text that is not sound: the fields must be told one by one.
    Mixed,
}

/// Counts the lines of plain text in parallel, in pieces that end where a line ends.
fn count_plain(records: &[u8], separator: u8, width: usize) -> Lines {
    const PIECE: usize = 1 << 18;
    let mut bounds = vec![0];
    while let Some(&start) = bounds.last().filter(|start| **start < records.len()) {
        let from = (start + PIECE).min(records.len());
        let end = memchr(b'\n', &records[from..]).map_or(records.len(), |offset| from + offset + 1);
        bounds.push(end);
    }
    let pieces: Vec<Lines> = bounds
        .par_windows(2)
        .map(|pair| {
            let piece = &records[pair[0]..pair[1]];
            if memchr3(b'"', b'\r', 0, piece).is_some() || !is_sound(piece) {
                return Lines::Mixed;
            }
            count_lines(piece, separator, width).map_or_else(|at| Lines::Faulty(pair[0] + at), Lines::Plain)
        })
        .collect();
    if pieces.contains(&Lines::Mixed) {
        return Lines::Mixed;
    }
    let mut rows = 0;
    for piece in pieces {
        match piece {
            Lines::Plain(lines) => rows += lines,
            other => return other,
        }
    }
    Lines::Plain(rows)
}

/// Counts lines, and the separators in each.
///
/// # Errors
/// Where the first line starts that is blank or has not `width` fields.
fn count_lines(chunk: &[u8], separator: u8, width: usize) -> Result<usize, usize> {
    let (mut lines, mut start) = (0, 0);
    while start < chunk.len() {
        let rest = &chunk[start..];
        let line = &rest[..memchr(b'\n', rest).unwrap_or(rest.len())];
        if line.is_empty() || memchr_iter(separator, line).count() + 1 != width {
            return Err(start);
        }
        lines += 1;
        start += line.len() + 1;
    }
    Ok(lines)
}

/// What is wrong with the record that starts at `record`, in a text whose first record starts at `start`.
fn fault_at(text: &[u8], start: usize, record: usize, dialect: Dialect, width: usize) -> ReadFault {
    let mut fields = Fields::new(text, start, dialect);
    let mut row = 1;
    while fields.position() < record {
        match fields.next_field() {
            Ok(Some(field)) => row += usize::from(field.last),
            Ok(None) => break,
            Err(malformed) => return malformed_fault(text, row, dialect, malformed),
        }
    }
    let mut found = 0;
    let line = line_of(text, record, dialect.line_end);
    loop {
        match fields.next_field() {
            Ok(Some(field)) => {
                found += 1;
                if field.last {
                    let blank = found == 1 && field.start == field.end;
                    return if blank {
                        ReadFault::BlankLine { row, line }
                    } else {
                        ReadFault::RaggedRow { row, line, expected: width, found }
                    };
                }
            }
            Ok(None) => return ReadFault::RaggedRow { row, line, expected: width, found },
            Err(malformed) => return malformed_fault(text, row, dialect, malformed),
        }
    }
}

fn malformed_fault(text: &[u8], row: usize, dialect: Dialect, malformed: Malformed) -> ReadFault {
    let line = |at| line_of(text, at, dialect.line_end);
    match malformed {
        Malformed::UnclosedQuote(at) => ReadFault::UnclosedQuote { row, line: line(at) },
        Malformed::TextAfterQuote(at) => ReadFault::TextAfterQuote { row, line: line(at) },
        Malformed::LineFeed(at) => ReadFault::MixedLineEnds { row, line: line(at) },
    }
}

/// 1-based line on which byte `at` stands.
fn line_of(text: &[u8], at: usize, line_end: LineEnd) -> usize {
    let end = match line_end {
        LineEnd::LineFeed => b'\n',
        LineEnd::CarriageReturn => b'\r',
    };
    1 + text.iter().take(at).filter(|byte| **byte == end).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survey_text(text: &[u8]) -> Result<Structure, ReadFault> {
        survey(text, &mut CellDecoder::default())
    }

    #[test]
    fn lines_are_counted_and_the_first_of_another_width_is_found() {
        let text = "a,b,c\n1,22,333\n,,\n4444,55555,666666\n7,8,9";
        assert_eq!(count_lines(text.as_bytes(), b',', 3), Ok(5));
        for pad in 0..20 {
            let padded = format!("{},b,c\n1,2,3\n4,5\n6,7,8\n", "x".repeat(pad));
            assert_eq!(count_lines(padded.as_bytes(), b',', 3), Err(pad + 5 + 6), "{pad}");
        }
        assert_eq!(count_lines(b"a\nb\n\nc\n", b',', 1), Err(4));
    }

    #[test]
    fn faults_name_row_and_line() {
        let fault = |text: &str| survey_text(text.as_bytes()).unwrap_err();
        assert!(matches!(fault("A,B\n1,2\n3\n"), ReadFault::RaggedRow { row: 2, line: 3, expected: 2, found: 1 }));
        assert!(matches!(fault("A,B\n\"1\n1\",2\n3,4,5\n"), ReadFault::RaggedRow { row: 2, line: 4, expected: 2, found: 3 }));
        assert!(matches!(fault("A,B\n1,2\n\n3,4\n"), ReadFault::BlankLine { row: 2, line: 3 }));
        assert!(matches!(fault("A,B\r\n1,2\r\n\r\n3,4\r\n"), ReadFault::BlankLine { row: 2, line: 3 }));
        assert!(matches!(fault("A,B\n1,2\n3,\"4\n"), ReadFault::UnclosedQuote { row: 2, line: 3 }));
        assert!(matches!(fault("A,B\n1,\"2\"x\n"), ReadFault::TextAfterQuote { row: 1, line: 2 }));
        assert!(matches!(fault("A,,C\n1,2,3\n"), ReadFault::EmptyName { position: 2 }));
        assert!(matches!(fault("A,b, B \n1,2,3\n"), ReadFault::DuplicateName { first: 2, second: 3, .. }));
        assert!(matches!(fault("A,B\n1,\0\n"), ReadFault::NulByte { line: 2 }));
    }

    #[test]
    fn line_ends_separators_and_blank_ends() {
        for text in ["A;B\n1;2\n3;4\n\n\n", "A\tB\r\n1\t2\r\n3\t4\r\n\r\n", "A,B\r1,2\r3,4\r\r", "A,B\n1,2\n3,4"] {
            assert_eq!(survey_text(text.as_bytes()).unwrap().rows, 2, "{text:?}");
        }
        assert!(!survey_text(b"A,B\n1,2\n3,4").unwrap().final_newline);
        let only_header = survey_text(b"A,B\n").unwrap();
        assert_eq!((only_header.rows, only_header.final_newline), (0, true));
        assert_eq!(survey_text(b"A,B").unwrap().rows, 0);
    }
}
