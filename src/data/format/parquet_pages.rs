//! The pages of a Parquet column: whether they hold as many values as the footer announces.
//!
//! The reading library reserves memory for the counts in the header of each page. A damaged count would end the process, not the
//! reading; and a page that is missing would be a shorter column.

use std::ops::Range;

/// What the footer says of one column of one row group.
#[derive(Debug)]
pub(super) struct Announced {
    /// Where its pages stand.
    pub(super) place: Range<u64>,
    /// How many values they hold, missing ones included.
    pub(super) values: u64,
    /// Length of the pages when decompressed.
    pub(super) length: u64,
}

/// The header of one page, as far as it matters here.
#[derive(Debug, Default)]
struct PageHeader {
    uncompressed: Option<u64>,
    compressed: Option<u64>,
    values: Option<u64>,
    entries: Option<u64>,
}

/// Counts the values in the headers of the pages of one column.
///
/// # Errors
/// What is wrong with the pages, in words.
pub(super) fn check_column(file: &[u8], announced: &Announced) -> Result<(), String> {
    let bound = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let Some(column) = file.get(bound(announced.place.start)..bound(announced.place.end)) else {
        return Err("a column stands outside the file".into());
    };
    let mut reader = Compact { bytes: column, at: 0 };
    let mut values = 0_u64;
    while reader.at < column.len() && values < announced.values {
        let header = reader.page_header().ok_or("the header of a page is damaged")?;
        let (Some(uncompressed), Some(compressed)) = (header.uncompressed, header.compressed) else {
            return Err("the header of a page gives no length".into());
        };
        // No entry of a dictionary is shorter than a byte, nor a page longer than all pages together.
        if uncompressed > announced.length || header.entries.is_some_and(|entries| entries > uncompressed) {
            return Err("a page announces more than it can hold".into());
        }
        values = values.saturating_add(header.values.unwrap_or(0));
        reader.skip_bytes(compressed).ok_or("a page reaches beyond its column")?;
    }
    if values == announced.values {
        Ok(())
    } else {
        Err(format!("a column announces {} values, its pages hold {values}", announced.values))
    }
}

/// Reads the compact protocol of Thrift, in which page headers are written.
#[derive(Debug)]
struct Compact<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Types of the compact protocol that are told apart here.
const INTEGER: u8 = 5;
const STRUCT: u8 = 12;
/// Structures inside structures that a page header has at most, with room to spare.
const DEPTH: usize = 16;

impl Compact<'_> {
    fn page_header(&mut self) -> Option<PageHeader> {
        let mut header = PageHeader::default();
        let mut id = 0;
        while let Some(kind) = self.field(&mut id)? {
            match (id, kind) {
                (2, INTEGER) => header.uncompressed = Some(self.count()?),
                (3, INTEGER) => header.compressed = Some(self.count()?),
                (5 | 8, STRUCT) => header.values = Some(self.first_count()?),
                (7, STRUCT) => header.entries = Some(self.first_count()?),
                _ => self.skip(kind, DEPTH)?,
            }
        }
        Some(header)
    }

    /// The first field of a structure, a count; the rest is passed over.
    fn first_count(&mut self) -> Option<u64> {
        let (mut id, mut count) = (0, None);
        while let Some(kind) = self.field(&mut id)? {
            if (id, kind) == (1, INTEGER) {
                count = Some(self.count()?);
            } else {
                self.skip(kind, DEPTH)?;
            }
        }
        count
    }

    /// The type of the next field, its number in `id`; `Some(None)` at the end of a structure.
    fn field(&mut self, id: &mut i64) -> Option<Option<u8>> {
        let byte = self.byte()?;
        if byte == 0 {
            return Some(None);
        }
        *id = if byte >> 4 == 0 { self.zigzag()? } else { id.checked_add(i64::from(byte >> 4))? };
        Some(Some(byte & 0x0f))
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            1 | 2 => Some(()),
            3 => self.skip_bytes(1),
            4..=6 => self.varint().map(drop),
            7 => self.skip_bytes(8),
            8 => {
                let length = self.varint()?;
                self.skip_bytes(length)
            }
            9 | 10 => {
                let head = self.byte()?;
                let length = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
                // Logical values of a list take a byte each, unlike those of a structure.
                let item = if matches!(head & 0x0f, 1 | 2) { 3 } else { head & 0x0f };
                (0..length).try_for_each(|_| self.skip(item, depth))
            }
            STRUCT => {
                let mut id = 0;
                while let Some(kind) = self.field(&mut id)? {
                    self.skip(kind, depth)?;
                }
                Some(())
            }
            _ => None,
        }
    }

    fn skip_bytes(&mut self, length: u64) -> Option<()> {
        let end = self.at.checked_add(usize::try_from(length).ok()?)?;
        (end <= self.bytes.len()).then(|| self.at = end)
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let value = self.varint()?;
        i64::try_from(value >> 1).ok().map(|half| if value & 1 == 1 { !half } else { half })
    }

    /// An integer that is not negative.
    fn count(&mut self) -> Option<u64> {
        self.zigzag().and_then(|value| u64::try_from(value).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of `values` values in `length` bytes: type 0, both lengths, and a data page header whose first field is the count.
    fn page(values: u8, length: u8) -> Vec<u8> {
        let header = [0x15, 0, 0x15, length * 2, 0x15, length * 2, 0x2c, 0x15, values * 2, 0x15, 0, 0, 0];
        [&header[..], &vec![7; usize::from(length)]].concat()
    }

    fn check(file: &[u8], values: u64) -> Result<(), String> {
        check_column(file, &Announced { place: 0..file.len() as u64, values, length: 100 })
    }

    #[test]
    fn pages_must_hold_what_is_announced() {
        let two = [page(3, 5), page(4, 9)].concat();
        assert_eq!(check(&two, 7), Ok(()));
        assert!(check(&two, 8).unwrap_err().contains("announces 8 values, its pages hold 7"));
        assert!(check(&two[..two.len() - 1], 7).unwrap_err().contains("beyond"));
        assert!(check(&[0x15], 7).unwrap_err().contains("damaged"));
        let outside = Announced { place: 0..1000, values: 7, length: 100 };
        assert!(check_column(&two, &outside).unwrap_err().contains("outside"));
    }

    #[test]
    fn negative_counts_are_damage() {
        let mut negative = page(3, 5);
        negative[8] = 5;
        assert!(check(&negative, 3).unwrap_err().contains("damaged"));
    }
}
