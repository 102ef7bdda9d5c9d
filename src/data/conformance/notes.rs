//! What the readers remarked, as diagnostics.

use super::code::{Code, FINAL_NEWLINE_MISSING, REPLACEMENT_CHARACTER, SPECIAL_MISSING, WHOLE_NUMBERS_ONLY, WINDOWS_1252};
use crate::data::format::ReadNote;
use crate::diagnostic::Diagnostic;

fn code(note: &ReadNote) -> Code {
    match note {
        ReadNote::Windows1252 { .. } => WINDOWS_1252,
        ReadNote::ReplacementCharacters { .. } => REPLACEMENT_CHARACTER,
        ReadNote::MissingFinalNewline { .. } => FINAL_NEWLINE_MISSING,
        ReadNote::SpecialMissing { .. } => SPECIAL_MISSING,
        ReadNote::WholeNumbersOnly { .. } => WHOLE_NUMBERS_ONLY,
    }
}

/// The diagnostic of a note on `file`, whose first row is row `offset + 1` of the dataset; `subjects` gives the subject of each row of the file.
pub(in crate::data) fn of_note(note: &ReadNote, dataset: &str, file: &str, offset: usize, subjects: &[Option<String>]) -> Diagnostic {
    let code = code(note);
    let rows = note.rows().iter().filter(|row| **row > 0);
    let concerned = rows.clone().filter_map(|row| subjects.get(row - 1).cloned().flatten());
    let diagnostic = Diagnostic::new(code.name, code.severity, format!("{file}: {note}"), note.hint())
        .in_dataset(dataset)
        .in_file(file)
        .of_subjects(concerned)
        .in_rows(rows.map(|row| u32::try_from(row + offset).unwrap_or(u32::MAX)));
    match note.column() {
        Some(column) => diagnostic.in_column(column),
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_those_of_the_stacked_dataset() {
        let note = ReadNote::SpecialMissing { column: "AVAL".into(), rows: vec![0, 2] };
        let subjects = [Some("S1".to_owned()), Some("S2".to_owned())];
        let found = of_note(&note, "ADLB", "b/adlb.xpt", 10, &subjects);
        assert_eq!((found.code, found.rows.as_slice(), found.column.as_deref()), ("special-missing", &[12][..], Some("AVAL")));
        assert_eq!(found.subjects, ["S2"]);
    }

    #[test]
    fn a_note_without_rows_is_told_of_its_column() {
        let note = ReadNote::WholeNumbersOnly { column: "AVAL".into(), format: "DATEPT8.".into() };
        let found = of_note(&note, "ADLB", "adlb.sas7bdat", 0, &[]);
        assert_eq!((found.code, found.rows.len()), ("whole-numbers-only", 0));
        assert!(found.message.contains("DATEPT8."));
    }
}
