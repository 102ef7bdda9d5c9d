//! Table files of NONMEM: `TABLE NO. 1`, a line of column names, and rows of numbers, with the first two repeated every so many rows.

use thiserror::Error;

/// A table of texts: what was read of a file, before cells are values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextTable {
    /// Names of the columns.
    pub(super) names: Vec<String>,
    /// The rows.
    pub(super) rows: Vec<Vec<String>>,
}

/// Why a table file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum NonmemFault {
    /// Numbers where the names of the columns should be.
    #[error("the columns have no names: the table was written with NOHEADER or NOTITLE NOLABEL")]
    NoHeader,
    /// A record with another number of fields than there are columns.
    #[error("line {line} has {found} fields in place of {expected}")]
    Ragged {
        /// Line of the file.
        line: usize,
        /// Fields of the line.
        found: usize,
        /// Columns of the table.
        expected: usize,
    },
    /// Tables of several problems or simulations.
    #[error("line {line} begins table {found} after table {first}: the file holds the tables of several problems or simulations")]
    Several {
        /// Line of the file.
        line: usize,
        /// Number of the first table.
        first: String,
        /// Number of the other.
        found: String,
    },
    /// A repeated header that differs from the first.
    #[error("line {line} names other columns than the first header")]
    OtherHeader {
        /// Line of the file.
        line: usize,
    },
    /// No row.
    #[error("the table has no rows")]
    Empty,
    /// Two columns of one name.
    #[error("the column `{name}` is there twice")]
    Repeated {
        /// Name.
        name: String,
    },
}

impl NonmemFault {
    /// What to do.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::NoHeader => "write the table with its header: remove NOHEADER from $TABLE, or use ONEHEADER",
            Self::Several { .. } => "write one file for each problem, and name the one that counts",
            Self::OtherHeader { .. } | Self::Ragged { .. } => "write the table again with $TABLE ... ONEHEADER",
            Self::Empty => "check whether the run ended before the table was written",
            Self::Repeated { .. } => "name each column once in $TABLE",
        }
    }
}

/// Whether text is a table file: its first line that is not blank is a title.
pub(super) fn is_table_file(text: &str) -> bool {
    text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| title(line).is_some())
}

/// The number in a title: `TABLE NO.  1`, with what may follow a colon.
fn title(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("TABLE NO.")?;
    Some(rest.split(':').next().unwrap_or(rest).trim())
}

/// Fields between blanks or commas, as `FORMAT` in `$TABLE` writes them.
fn fields(line: &str) -> Vec<&str> {
    if line.contains(',') { line.split(',').map(str::trim).collect() } else { line.split_whitespace().collect() }
}

/// Reads a table, with or without titles.
///
/// # Errors
/// A [`NonmemFault`] with the line.
pub(super) fn read_table_file(text: &str) -> Result<TextTable, NonmemFault> {
    let mut names: Vec<String> = Vec::new();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let (mut first, mut expects_header): (Option<String>, bool) = (None, true);
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = index + 1;
        if let Some(found) = title(line) {
            let begun = first.get_or_insert_with(|| found.to_owned());
            if begun != found {
                return Err(NonmemFault::Several { line: number, first: begun.clone(), found: found.to_owned() });
            }
            expects_header = true;
            continue;
        }
        let fields = fields(line);
        let numbers = fields.iter().all(|field| field.parse::<f64>().is_ok());
        if names.is_empty() {
            if numbers {
                return Err(NonmemFault::NoHeader);
            }
            names = fields.iter().map(|field| (*field).to_owned()).collect();
            if let Some(name) = names.iter().enumerate().find_map(|(place, name)| names[..place].contains(name).then(|| name.clone())) {
                return Err(NonmemFault::Repeated { name });
            }
            expects_header = false;
            continue;
        }
        // After a further title the header may be left out.
        let header = fields.iter().zip(&names).all(|(field, name)| field == name) && fields.len() == names.len();
        if header {
            expects_header = false;
            continue;
        }
        if expects_header && !numbers && !fields.iter().any(|field| field.parse::<f64>().is_ok()) {
            return Err(NonmemFault::OtherHeader { line: number });
        }
        expects_header = false;
        if fields.len() != names.len() {
            return Err(NonmemFault::Ragged { line: number, found: fields.len(), expected: names.len() });
        }
        rows.push(fields.into_iter().map(str::to_owned).collect());
    }
    if rows.is_empty() { Err(NonmemFault::Empty) } else { Ok(TextTable { names, rows }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "TABLE NO.  1\n ID          TIME        AUC\n  1.0000E+00  0.0000E+00  1.2345E+03\n  2.0000E+00  0.0000E+00 -1.2000E+01\n\
                         TABLE NO.  1\n ID          TIME        AUC\n  3.0000E+00  0.0000E+00  5.0000E+02\n";

    #[test]
    fn titles_and_repeated_headers_are_no_rows() {
        let table = read_table_file(TABLE).unwrap();
        assert_eq!(table.names, ["ID", "TIME", "AUC"]);
        assert_eq!(table.rows.len(), 3);
        assert_eq!(table.rows[2], ["3.0000E+00", "0.0000E+00", "5.0000E+02"]);
        let commas = read_table_file("TABLE NO. 1: FOCE\nID,AUC\n1.0000E+00,2.0000E+00\n").unwrap();
        assert_eq!(commas.rows, [["1.0000E+00", "2.0000E+00"]]);
        assert!(is_table_file("\nTABLE NO.  1\n") && !is_table_file("ID,AUC\n1,2\n"));
    }

    #[test]
    fn what_cannot_be_told_is_refused() {
        let refused = |text: &str| read_table_file(text).unwrap_err();
        assert_eq!(refused("TABLE NO. 1\n 1.0E+00 2.0E+00\n"), NonmemFault::NoHeader);
        assert_eq!(refused("TABLE NO. 1\nID AUC\n1 2\n3\n"), NonmemFault::Ragged { line: 4, found: 1, expected: 2 });
        assert!(matches!(refused("TABLE NO. 1\nID AUC\n1 2\nTABLE NO. 2\nID AUC\n1 3\n"), NonmemFault::Several { line: 4, .. }));
        assert_eq!(refused("TABLE NO. 1\nID AUC\n1 2\nTABLE NO. 1\nID CL\n1 3\n"), NonmemFault::OtherHeader { line: 5 });
        assert_eq!(refused("TABLE NO. 1\nID AUC\n"), NonmemFault::Empty);
        assert_eq!(refused("ID AUC AUC\n1 2 3\n"), NonmemFault::Repeated { name: "AUC".to_owned() });
    }
}
