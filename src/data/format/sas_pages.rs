//! The pages of a SAS7BDAT file: whether they are as many as its header announces, and whether its counts can be true.
//!
//! The reading library reserves memory for the counts that it finds. A damaged count would end the process, not the reading.

use super::error::ReadFault;

const ROW_SIZE: u32 = 0xf7f7_f7f7;
const COLUMN_SIZE: u32 = 0xf6f6_f6f6;
/// Bytes that the description of a variable takes at least: its entries among names and attributes.
const BYTES_PER_VARIABLE: u64 = 20;

/// Integers of a file in its own byte order and width.
#[derive(Debug, Clone, Copy)]
struct Layout {
    little_endian: bool,
    wide: bool,
}

impl Layout {
    fn short(self, bytes: &[u8], at: usize) -> Option<u16> {
        let two: [u8; 2] = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.little_endian { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) })
    }

    fn long(self, bytes: &[u8], at: usize) -> Option<u32> {
        let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.little_endian { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) })
    }

    /// An integer of the file's width: four bytes, or eight.
    fn integer(self, bytes: &[u8], at: usize) -> Option<u64> {
        if !self.wide {
            return self.long(bytes, at).map(u64::from);
        }
        let eight: [u8; 8] = bytes.get(at..at.checked_add(8)?)?.try_into().ok()?;
        Some(if self.little_endian { u64::from_le_bytes(eight) } else { u64::from_be_bytes(eight) })
    }

    fn width(self) -> usize {
        if self.wide { 8 } else { 4 }
    }
}

/// Compares the length of the file with its header, and the counts in its pages with its length.
///
/// # Errors
/// A file that is shorter or longer than announced, or that announces more rows or variables than it can hold.
pub(super) fn check_pages(bytes: &[u8]) -> Result<(), ReadFault> {
    let layout = Layout { little_endian: bytes.get(37) == Some(&1), wide: bytes.get(32) == Some(&b'3') };
    let shift = if bytes.get(35) == Some(&b'3') { 4 } else { 0 };
    let number = |at: usize| layout.long(bytes, at + shift).map(u64::from);
    let (Some(header), Some(page), Some(pages)) = (number(196), number(200), number(204)) else {
        return Err(ReadFault::Truncated { detail: "it ends within its header".into() });
    };
    if header == 0 || page == 0 {
        return Err(corrupt("its header gives no length of header or page"));
    }
    let (announced, found) = (header + page * pages, bytes.len() as u64);
    let detail = format!("its header announces {announced} bytes, it has {found}");
    if found < announced {
        return Err(ReadFault::Truncated { detail });
    }
    if found > announced {
        return Err(ReadFault::Corrupt { detail });
    }
    let length = |number| usize::try_from(number).unwrap_or(usize::MAX);
    let mut pages = bytes.get(length(header)..).unwrap_or_default().chunks_exact(length(page));
    pages.try_for_each(|page| check_counts(page, layout, found))
}

/// Looks at the counts of rows and variables that a page announces.
fn check_counts(page: &[u8], layout: Layout, length: u64) -> Result<(), ReadFault> {
    const DATA: u16 = 0x100;
    let start = if layout.wide { 32 } else { 16 };
    let (Some(kind), Some(subheaders)) = (layout.short(page, start), layout.short(page, start + 4)) else { return Ok(()) };
    if kind == DATA {
        return Ok(());
    }
    let width = layout.width();
    for index in 0..usize::from(subheaders) {
        let Some(at) = layout.integer(page, start + 8 + index * 3 * width).and_then(|at| usize::try_from(at).ok()) else { return Ok(()) };
        let item = |number: usize| layout.integer(page, at.checked_add(number * width)?);
        let variables = match layout.long(page, at) {
            Some(COLUMN_SIZE) => item(1).unwrap_or(0),
            Some(ROW_SIZE) => {
                let (row, rows) = (item(5).unwrap_or(0), item(6).unwrap_or(0));
                if row > length || rows > length {
                    return Err(corrupt(&format!("it announces {rows} rows of {row} bytes, which it cannot hold")));
                }
                item(9).unwrap_or(0).saturating_add(item(10).unwrap_or(0))
            }
            _ => 0,
        };
        if variables > length / BYTES_PER_VARIABLE {
            return Err(corrupt(&format!("it announces {variables} variables, which it cannot hold")));
        }
    }
    Ok(())
}

fn corrupt(detail: &str) -> ReadFault {
    ReadFault::Corrupt { detail: detail.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_shorter_or_longer_than_announced_is_refused() {
        let mut bytes = vec![0; 1024 + 2 * 512];
        bytes[37] = 1;
        bytes[196..200].copy_from_slice(&1024_u32.to_le_bytes());
        bytes[200..204].copy_from_slice(&512_u32.to_le_bytes());
        bytes[204..208].copy_from_slice(&2_u32.to_le_bytes());
        assert!(check_pages(&bytes).is_ok());
        assert_eq!(check_pages(&bytes[..2000]).unwrap_err().code(), "file-truncated");
        assert_eq!(check_pages(&bytes[..100]).unwrap_err().code(), "file-truncated");
        bytes.push(0);
        assert_eq!(check_pages(&bytes).unwrap_err().code(), "file-damaged");
    }
}
