//! What a user must know of a file that could be read.

/// A remark on a file that was read. Rows are 1-based data rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadNote {
    /// Text that is not UTF-8 was decoded as Windows-1252.
    Windows1252 {
        /// Column the text stands in.
        column: String,
        /// Rows concerned; row 0 is the header.
        rows: Vec<usize>,
    },
    /// Text holds U+FFFD: some earlier program, or the encoding the file declares, has lost characters.
    ReplacementCharacters {
        /// Column the text stands in.
        column: String,
        /// Rows concerned; row 0 is the header.
        rows: Vec<usize>,
    },
    /// The last record has all its fields but no line end: its last cell may be cut off.
    MissingFinalNewline {
        /// The last row; 0 if the header is all there is.
        row: usize,
    },
    /// SAS special missing values (`.A` to `.Z`, `._`) were read as missing; which one was lost.
    SpecialMissing {
        /// Column they stand in.
        column: String,
        /// Rows concerned.
        rows: Vec<usize>,
    },
    /// The format of a number begins like a date format of SAS, and the reader has cut its values to whole numbers.
    WholeNumbersOnly {
        /// The column.
        column: String,
        /// Its SAS format.
        format: String,
    },
}

impl ReadNote {
    /// Stable name in kebab case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Windows1252 { .. } => "text-windows-1252",
            Self::ReplacementCharacters { .. } => "text-replacement-characters",
            Self::MissingFinalNewline { .. } => "final-newline-missing",
            Self::SpecialMissing { .. } => "special-missing",
            Self::WholeNumbersOnly { .. } => "whole-numbers-only",
        }
    }

    /// The column it speaks of, where it speaks of one.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::Windows1252 { column, .. }
            | Self::ReplacementCharacters { column, .. }
            | Self::SpecialMissing { column, .. }
            | Self::WholeNumbersOnly { column, .. } => Some(column),
            Self::MissingFinalNewline { .. } => None,
        }
    }

    /// The rows it speaks of, 1-based data rows (0: the header).
    #[must_use]
    pub fn rows(&self) -> &[usize] {
        match self {
            Self::Windows1252 { rows, .. } | Self::ReplacementCharacters { rows, .. } | Self::SpecialMissing { rows, .. } => rows,
            Self::MissingFinalNewline { row } => std::slice::from_ref(row),
            Self::WholeNumbersOnly { .. } => &[],
        }
    }

    /// What the user can do.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Windows1252 { .. } => "read the cells, and export the file as UTF-8",
            Self::ReplacementCharacters { .. } => "restore the lost characters from the source system",
            Self::MissingFinalNewline { .. } => "check the last cell against the source; a cut-off file must be copied again",
            Self::SpecialMissing { .. } => "if the kind of missing value matters, keep it in a variable of its own",
            Self::WholeNumbersOnly { .. } => "export the dataset as a transport file or Dataset-JSON, which keep the fractions",
        }
    }
}

impl std::fmt::Display for ReadNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Windows1252 { column, rows } => {
                write!(f, "{column}: text that is not UTF-8 was decoded as Windows-1252 in {}", Rows(rows))
            }
            Self::ReplacementCharacters { column, rows } => {
                write!(f, "{column}: characters were lost before or while the file was read (U+FFFD) in {}", Rows(rows))
            }
            Self::MissingFinalNewline { row } => write!(f, "the last record, data row {row}, has no line end"),
            Self::SpecialMissing { column, rows } => {
                write!(f, "{column}: special missing values were read as missing in {}", Rows(rows))
            }
            Self::WholeNumbersOnly { column, format } => {
                write!(f, "{column}: format {format} was taken for a date format, and values were cut to whole numbers")
            }
        }
    }
}

/// Rows in a sentence: the first few, then how many more.
struct Rows<'a>(&'a [usize]);

impl std::fmt::Display for Rows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const SHOWN: usize = 5;
        let rows: Vec<String> = self.0.iter().filter(|row| **row > 0).map(ToString::to_string).collect();
        let header = rows.len() < self.0.len();
        if header {
            f.write_str("the header")?;
        }
        if rows.is_empty() {
            return Ok(());
        }
        let shown = rows.get(..SHOWN).unwrap_or(&rows).join(", ");
        write!(f, "{}data row{} {shown}", if header { " and " } else { "" }, if rows.len() == 1 { "" } else { "s" })?;
        match rows.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_of_rows_are_shortened_in_words_only() {
        let note = ReadNote::Windows1252 { column: "AETERM".into(), rows: (1..=8).collect() };
        assert_eq!(note.to_string(), "AETERM: text that is not UTF-8 was decoded as Windows-1252 in data rows 1, 2, 3, 4, 5 and 3 more");
        assert_eq!(note.rows().len(), 8);
        let told = |rows: &[usize]| Rows(rows).to_string();
        assert_eq!(told(&[0]), "the header");
        assert_eq!(told(&[0, 3]), "the header and data row 3");
    }
}
