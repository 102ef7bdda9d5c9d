//! Bytes of text to text, with a record of what was not UTF-8.

use std::borrow::Cow;
use std::collections::BTreeMap;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use polars::prelude::*;
use rayon::prelude::*;

use super::error::ReadFault;
use super::note::ReadNote;

/// UTF-8 text without its byte order mark, or UTF-16 text with one, decoded; other bytes stay as they are.
///
/// # Errors
/// UTF-16 with unpaired surrogates or half a unit at its end.
pub(super) fn without_mark(bytes: &[u8]) -> Result<Cow<'_, [u8]>, ReadFault> {
    if let Some(mut text) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        // Programs that add a mark to text which has one leave several; as part of a name it would hide the first column.
        while let Some(rest) = text.strip_prefix(b"\xef\xbb\xbf") {
            text = rest;
        }
        return Ok(Cow::Borrowed(text));
    }
    let utf16 = |encoding: &'static Encoding, text: &[u8]| {
        if text.len() % 2 == 1 {
            return Err(ReadFault::Truncated { detail: format!("{} text ends in the middle of a character", encoding.name()) });
        }
        match encoding.decode_without_bom_handling_and_without_replacement(text) {
            Some(decoded) => Ok(Cow::Owned(decoded.into_owned().into_bytes())),
            None => Err(ReadFault::Encoding { detail: format!("unpaired surrogates in {} text", encoding.name()) }),
        }
    };
    match bytes {
        [0xff, 0xfe, text @ ..] => utf16(UTF_16LE, text),
        [0xfe, 0xff, text @ ..] => utf16(UTF_16BE, text),
        _ => Ok(Cow::Borrowed(bytes)),
    }
}

/// Decodes the bytes of single cells: UTF-8 where they are, Windows-1252 where they are not, and remembers where that was.
#[derive(Debug, Default)]
pub(super) struct CellDecoder {
    windows_1252: BTreeMap<usize, Vec<usize>>,
    replaced: BTreeMap<usize, Vec<usize>>,
}

impl CellDecoder {
    /// The text of one cell, for its 0-based column and 1-based data row (0: the header).
    pub(super) fn decode<'a>(&mut self, bytes: &'a [u8], column: usize, row: usize) -> Cow<'a, str> {
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                if text.contains('\u{FFFD}') {
                    self.replaced.entry(column).or_default().push(row);
                }
                Cow::Borrowed(text)
            }
            Err(_) => {
                self.windows_1252.entry(column).or_default().push(row);
                WINDOWS_1252.decode_without_bom_handling(bytes).0
            }
        }
    }

    /// What was met, as notes, in the order of the columns.
    pub(super) fn into_notes(self, names: &[String]) -> Vec<ReadNote> {
        let name = |column: usize| names.get(column).cloned().unwrap_or_default();
        let windows = self.windows_1252.into_iter().map(|(column, rows)| ReadNote::Windows1252 { column: name(column), rows });
        let replaced = self.replaced.into_iter().map(|(column, rows)| ReadNote::ReplacementCharacters { column: name(column), rows });
        windows.chain(replaced).collect()
    }
}

/// Notes on text that holds U+FFFD.
pub(super) fn lost_characters(frame: &DataFrame) -> Vec<ReadNote> {
    let notes: Vec<Option<ReadNote>> = frame.columns().par_iter().map(lost_in).collect();
    notes.into_iter().flatten().collect()
}

fn lost_in(column: &Column) -> Option<ReadNote> {
    let texts = column.str().ok().filter(|texts| !is_ascii(texts))?;
    let lost = |cell: Option<&str>| cell.is_some_and(|text| text.contains('\u{FFFD}'));
    let rows: Vec<usize> = texts.iter().enumerate().filter(|(_, cell)| lost(*cell)).map(|(index, _)| index + 1).collect();
    (!rows.is_empty()).then(|| ReadNote::ReplacementCharacters { column: column.name().to_string(), rows })
}

/// Whether all text is ASCII, without looking at single cells: short text stands in the views themselves, longer text in shared buffers.
/// May say no of a buffer that holds more than the text.
fn is_ascii(texts: &StringChunked) -> bool {
    const INLINE: u32 = 12;
    const HIGH: u32 = 0x8080_8080;
    texts.downcast_iter().all(|chunk| {
        let views = chunk
            .views()
            .iter()
            .fold(0, |bits, view| bits | view.prefix | if view.length <= INLINE { view.buffer_idx | view.offset } else { 0 });
        views & HIGH == 0 && chunk.data_buffers().iter().all(|buffer| buffer.as_slice().is_ascii())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_are_not_utf8_are_windows_1252_and_noted() {
        let mut decoder = CellDecoder::default();
        assert_eq!(decoder.decode(b"patient\x92s", 1, 4), "patient\u{2019}s");
        assert_eq!(decoder.decode("µg".as_bytes(), 1, 5), "µg");
        assert_eq!(decoder.decode("lost \u{FFFD}".as_bytes(), 0, 6), "lost \u{FFFD}");
        assert_eq!(
            decoder.into_notes(&["A".into(), "B".into()]),
            [
                ReadNote::Windows1252 { column: "B".into(), rows: vec![4] },
                ReadNote::ReplacementCharacters { column: "A".into(), rows: vec![6] }
            ]
        );
    }

    #[test]
    fn marks_are_removed_and_utf16_is_decoded() {
        assert_eq!(without_mark(b"\xef\xbb\xbfA").unwrap().as_ref(), b"A");
        assert_eq!(without_mark(b"\xef\xbb\xbf\xef\xbb\xbfA").unwrap().as_ref(), b"A");
        assert_eq!(without_mark(b"\xff\xfeA\0\xb5\0").unwrap().as_ref(), "Aµ".as_bytes());
        assert_eq!(without_mark(b"\xfe\xff\0A").unwrap().as_ref(), b"A");
        assert_eq!(without_mark(b"\xff\xfeA\0B").unwrap_err().code(), "file-truncated");
        assert_eq!(without_mark(b"\xff\xfe\x00\xd8").unwrap_err().code(), "file-encoding");
    }
}
