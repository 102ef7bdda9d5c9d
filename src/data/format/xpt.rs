//! SAS transport files (XPT), version 5 and 8, to a frame.
//!
//! The format has no count of observations and pads its last record with blanks, so that a reader that takes what comes returns fewer
//! rows for a file that was cut off, and nonsense for a library of several datasets. Here the headers are checked record by record, the
//! number of observations follows from the length of the file, and every byte of the data section must be an observation or padding.

use polars::prelude::*;
use rayon::prelude::*;

use super::Dataset;
use super::encoding::CellDecoder;
use super::error::ReadFault;
use super::note::ReadNote;
use super::sas::transport_header;
use super::structure::check_names;
use super::temporal::{Temporal, numbers_to_column, temporal_format};

const RECORD: usize = 80;
const NAMESTR: usize = 140;
/// Start of the records that describe the variables.
const VARIABLES: usize = 8 * RECORD;

/// One variable: where it stands in an observation, and what it is.
#[derive(Debug)]
struct Variable {
    name: String,
    offset: usize,
    width: usize,
    is_text: bool,
    meaning: Option<Temporal>,
}

/// Reads a transport file.
///
/// # Errors
/// Headers that are not those of a transport file, several datasets, no variables, or a data section that is not a whole number of
/// observations and padding.
pub(super) fn read(bytes: &[u8]) -> Result<Dataset, ReadFault> {
    if !bytes.len().is_multiple_of(RECORD) {
        return Err(ReadFault::Truncated { detail: format!("its length, {} bytes, is not a multiple of {RECORD}", bytes.len()) });
    }
    let described = check_headers(bytes)?;
    let header = transport_header(bytes)?;
    let start = usize::try_from(header.data_offset).unwrap_or(usize::MAX);
    let ends_in_observations = start.checked_sub(RECORD).is_some_and(|at| is_header(bytes, at, b"OBS"));
    if !ends_in_observations || !start.is_multiple_of(RECORD) || header.columns.len() != described.len() {
        return Err(corrupt("the header of the observations is not where the variables end"));
    }
    let Some(data) = bytes.get(start..) else { return Err(ReadFault::Truncated { detail: "it has no data section".into() }) };
    check_single(bytes, start, &header.table_name)?;
    let variables: Vec<Variable> = header
        .columns
        .iter()
        .zip(&described)
        .map(|(column, &(offset, width, is_text))| Variable {
            name: column.name.trim().to_string(),
            offset,
            width,
            is_text,
            meaning: temporal_format(&column.format),
        })
        .collect();
    check_names(&variables.iter().map(|variable| variable.name.clone()).collect::<Vec<_>>())?;
    let length = described.iter().map(|(_, width, _)| width).sum();
    let rows = observations(data, length)?;
    let decoded: Vec<(Column, Vec<ReadNote>)> = variables.par_iter().map(|variable| decode(data, length, rows, variable)).collect();
    let (columns, notes): (Vec<Column>, Vec<Vec<ReadNote>>) = decoded.into_iter().unzip();
    let labels = header.columns.iter().filter(|column| !column.label.is_empty());
    Ok(Dataset {
        name: Some(header.table_name.trim().to_uppercase()).filter(|name| !name.is_empty()),
        frame: DataFrame::new(rows, columns)?,
        labels: labels.map(|column| (column.name.trim().to_string(), column.label.clone())).collect(),
        notes: notes.into_iter().flatten().collect(),
    })
}

fn corrupt(detail: &str) -> ReadFault {
    ReadFault::Corrupt { detail: detail.into() }
}

fn is_header(bytes: &[u8], at: usize, name: &[u8]) -> bool {
    bytes.get(at..at + RECORD).and_then(|record| record.strip_prefix(b"HEADER RECORD*******")).is_some_and(|rest| rest.starts_with(name))
}

/// Checks the header records; offset, width and kind (text or number) of each variable.
fn check_headers(bytes: &[u8]) -> Result<Vec<(usize, usize, bool)>, ReadFault> {
    if bytes.len() < VARIABLES {
        return Err(ReadFault::Truncated { detail: "it ends within its header".into() });
    }
    let [member, descriptor, names]: [&[u8]; 3] =
        if is_header(bytes, 0, b"LIBV8") { [b"MEMBV8", b"DSCPTV8", b"NAMSTV8"] } else { [b"MEMBER", b"DSCRPTR", b"NAMESTR"] };
    for (record, name) in [(3, member), (4, descriptor), (7, names)] {
        if !is_header(bytes, record * RECORD, name) {
            return Err(corrupt(&format!("record {} is not the {} header", record + 1, String::from_utf8_lossy(name))));
        }
    }
    if bytes.get(3 * RECORD + 74..3 * RECORD + 78) != Some(b"0140") {
        return Err(corrupt("its variables are not described in 140 bytes each, as SAS does on every system but VAX/VMS"));
    }
    let count = bytes.get(7 * RECORD + 53..7 * RECORD + 58).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default();
    let count: usize = count.trim().parse().map_err(|_| corrupt("the number of variables is not a number"))?;
    if count == 0 {
        return Err(ReadFault::NoVariables);
    }
    let mut variables = Vec::with_capacity(count);
    let mut offset = 0;
    for index in 0..count {
        let start = VARIABLES + index * NAMESTR;
        let Some(namestr) = bytes.get(start..start + NAMESTR) else {
            return Err(ReadFault::Truncated { detail: format!("it ends within the description of variable {}", index + 1) });
        };
        let (width, is_text) =
            variable(namestr, offset).ok_or_else(|| corrupt(&format!("the description of variable {} is damaged", index + 1)))?;
        variables.push((offset, width, is_text));
        offset += width;
    }
    Ok(variables)
}

/// Width and kind of the variable that `namestr` describes, if it is one that stands at `offset`.
fn variable(namestr: &[u8], offset: usize) -> Option<(usize, bool)> {
    let short = |at: usize| Some(u16::from_be_bytes(namestr.get(at..at + 2)?.try_into().ok()?));
    let position = u32::from_be_bytes(namestr.get(84..88)?.try_into().ok()?);
    let (kind, width) = (short(0)?, usize::from(short(4)?));
    let fits = match kind {
        1 => (2..=8).contains(&width),
        2 => width > 0,
        _ => false,
    };
    (fits && usize::try_from(position) == Ok(offset)).then_some((width, kind == 2))
}

/// Refuses a library of several datasets.
fn check_single(bytes: &[u8], start: usize, first: &str) -> Result<(), ReadFault> {
    let mut names = vec![first.trim().to_string()];
    for at in (start..bytes.len()).step_by(RECORD).filter(|at| is_header(bytes, *at, b"MEMB")) {
        let name = bytes.get(at + 2 * RECORD + 8..at + 2 * RECORD + 40).unwrap_or_default();
        let name = if is_header(bytes, at, b"MEMBV8") { name } else { name.get(..8).unwrap_or(name) };
        names.push(String::from_utf8_lossy(name).trim().to_string());
    }
    if names.len() > 1 { Err(ReadFault::SeveralMembers { names }) } else { Ok(()) }
}

/// The number of observations: what follows the last one is less than a record of blanks.
fn observations(data: &[u8], length: usize) -> Result<usize, ReadFault> {
    let most = data.len() / length;
    let (whole, rest) = data.split_at(most * length);
    if rest.len() >= RECORD || rest.iter().any(|byte| *byte != b' ') {
        let detail = format!("{} bytes of an observation of {length} bytes stand at its end", rest.len());
        return Err(ReadFault::Truncated { detail });
    }
    // Observations shorter than a record may be padding themselves: those that are blank and end less than a record before the end.
    let least = (data.len() + 1).saturating_sub(RECORD).div_ceil(length);
    let blank = |row: &[u8]| row.iter().all(|byte| *byte == b' ');
    let trailing = whole.chunks_exact(length).rev().take_while(|row| blank(row)).count();
    let filled = most - trailing;
    if filled < least {
        return Err(ReadFault::Corrupt { detail: format!("observations {} to {least} are entirely blank", filled + 1) });
    }
    Ok(filled)
}

fn decode(data: &[u8], length: usize, rows: usize, variable: &Variable) -> (Column, Vec<ReadNote>) {
    let cells =
        data.chunks_exact(length).take(rows).map(|row| row.get(variable.offset..variable.offset + variable.width).unwrap_or_default());
    if variable.is_text {
        let mut decoder = CellDecoder::default();
        let mut texts = Vec::with_capacity(rows);
        for (index, cell) in cells.enumerate() {
            let text = trimmed(cell);
            texts.push((!text.is_empty()).then(|| decoder.decode(text, 0, index + 1)));
        }
        let column = StringChunked::from_iter_options(variable.name.as_str().into(), texts.into_iter()).into_column();
        return (column, decoder.into_notes(std::slice::from_ref(&variable.name)));
    }
    let mut numbers = Vec::with_capacity(rows);
    let mut special = Vec::new();
    for (index, cell) in cells.enumerate() {
        let missing = missing_code(cell);
        if missing.is_some_and(|code| code != b'.') {
            special.push(index + 1);
        }
        numbers.push(if missing.is_some() { None } else { Some(from_ibm(cell)) });
    }
    let note = (!special.is_empty()).then(|| ReadNote::SpecialMissing { column: variable.name.clone(), rows: special });
    (numbers_to_column(&variable.name, numbers, variable.meaning), note.into_iter().collect())
}

/// Text without the blanks and NUL bytes that fill its field.
fn trimmed(cell: &[u8]) -> &[u8] {
    let end = cell.iter().rposition(|byte| !matches!(byte, b' ' | 0)).map_or(0, |last| last + 1);
    cell.get(..end).unwrap_or_default()
}

/// The code of a missing number: `.`, `_` or a letter, followed by zeros.
fn missing_code(cell: &[u8]) -> Option<u8> {
    match cell {
        [code @ (b'.' | b'_' | b'A'..=b'Z'), rest @ ..] if rest.iter().all(|byte| *byte == 0) => Some(*code),
        _ => None,
    }
}

/// A number of an IBM mainframe: sign, exponent to base 16, fraction of up to 56 bits; fields shorter than eight bytes end in zeros.
///
/// ```text
/// value = (-1)^s * f * 16^(e - 64) / 2^56
/// ```
fn from_ibm(cell: &[u8]) -> f64 {
    let mut octet = [0; 8];
    octet.iter_mut().zip(cell).for_each(|(to, from)| *to = *from);
    let word = u64::from_be_bytes(octet);
    let fraction = (word & 0x00ff_ffff_ffff_ffff) as f64;
    let exponent = ((word >> 56) & 0x7f) as i32;
    let magnitude = fraction * 2_f64.powi(4 * (exponent - 64) - 56);
    if word >> 63 == 1 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_mainframe() {
        let close = |cell: &[u8], expected: f64| assert!((from_ibm(cell) - expected).abs() <= 0.0, "{cell:02x?}");
        close(&[0x41, 0x10, 0, 0, 0, 0, 0, 0], 1.0);
        close(&[0xc2, 0x76, 0xa0, 0, 0, 0, 0, 0], -118.625);
        close(&[0x41, 0x10, 0], 1.0);
        close(&[0x40, 0x19, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a], 0.1);
        close(&[0; 8], 0.0);
        assert_eq!(missing_code(&[b'.', 0, 0]), Some(b'.'));
        assert_eq!(missing_code(&[b'A', 0, 0, 0, 0, 0, 0, 0]), Some(b'A'));
        assert_eq!(missing_code(&[b'A', 0x10, 0]), None);
    }

    #[test]
    fn observations_follow_from_the_length() {
        let section = |rows: &[&str]| {
            let mut data = rows.concat().into_bytes();
            data.resize(data.len().div_ceil(RECORD) * RECORD, b' ');
            data
        };
        let row = "x".repeat(30);
        assert_eq!(observations(&section(&[&row, &row, &row]), 30).unwrap(), 3);
        assert_eq!(observations(&section(&[&row]), 30).unwrap(), 1);
        assert_eq!(observations(&[], 30).unwrap(), 0);
        let mut blank_end = section(&[&row, &row, &row]);
        blank_end.extend([b' '; 2 * RECORD]);
        assert_eq!(observations(&blank_end, 30).unwrap_err().code(), "file-damaged");
        let wide = "y".repeat(170);
        assert_eq!(observations(&section(&[&wide, &wide]), 170).unwrap(), 2);
        assert_eq!(observations(&section(&[&wide, &wide])[..320], 170).unwrap_err().code(), "file-truncated");
    }
}
