//! What holds for every input, tried on many.

use std::path::Path;

use dosecase::data::format::{Kind, read_bytes};
use dosecase::evidence::FactId;
use dosecase::numerics::proportion::{ProportionMethod, estimate, interval};
use dosecase::quantity::{Date, Rows};
use proptest::prelude::*;

/// The words of an id: `[a-z0-9]`, or letters and digits of another script in lower case, joined by single underscores.
fn is_word(piece: &str) -> bool {
    !piece.is_empty()
        && !piece.starts_with('_')
        && !piece.ends_with('_')
        && !piece.contains("__")
        && piece.chars().all(|c| c == '_' || (c.is_alphanumeric() && !c.is_ascii_uppercase()))
}

/// A cell of delimited text, with everything that needs quotes.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[A-Za-z0-9 .<µ≥-]{0,8}", 1 => "[A-Z,;\"\t\n\r ]{0,6}"]
}

/// A table of text: two to five columns, up to twelve rows.
fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    (2_usize..=5).prop_flat_map(|width| prop::collection::vec(prop::collection::vec(cell(), width), 1..12))
}

/// The table as delimited text; every cell that needs quotes has them.
fn written(rows: &[Vec<String>], separator: char, line_end: &str) -> String {
    let names: Vec<String> = (0..rows[0].len()).map(|column| format!("C{column}")).collect();
    let quoted = |cell: &String| {
        let plain = !cell.contains([separator, '"', '\n', '\r']);
        if plain { cell.clone() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
    };
    let line = |cells: &[String]| cells.iter().map(quoted).collect::<Vec<_>>().join(&separator.to_string()) + line_end;
    std::iter::once(line(&names)).chain(rows.iter().map(|row| line(row))).collect()
}

/// What the reader makes of the table, with empty text for missing cells.
fn read(text: &str) -> Result<Vec<Vec<String>>, String> {
    let table = read_bytes(Path::new("table.csv"), text.as_bytes(), &|_| Kind::Text).map_err(|error| error.to_string())?;
    let columns: Vec<Vec<String>> = table
        .frame
        .columns()
        .iter()
        .map(|column| column.str().unwrap().iter().map(|cell| cell.unwrap_or_default().to_owned()).collect())
        .collect();
    Ok((0..table.frame.height()).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ids_of_facts_keep_to_their_grammar(what in "\\PC{0,24}[a-zA-Z0-9]\\PC{0,8}", dosage in "[A-Za-z0-9._ -]{0,12}[A-Za-z0-9]", part in "[A-Za-z0-9 ]{0,8}[a-z]") {
        let id = FactId::new("efficacy", "orr", Some(&what), Some(&dosage), Some(&part));
        let (path, own_part) = id.as_str().split_once('@').unwrap();
        prop_assert!(is_word(own_part), "{id}");
        let pieces: Vec<&str> = path.split('.').collect();
        prop_assert_eq!(pieces.len(), 4, "{}", id);
        prop_assert!(pieces.iter().all(|piece| is_word(piece)), "{id}");
        // What is an id already stays as it is.
        prop_assert_eq!(FactId::new("efficacy", "orr", Some(pieces[2]), Some(pieces[3]), Some(own_part)), id);
    }

    #[test]
    fn ranges_of_rows_say_every_row(rows in prop::collection::vec(1_u32..60, 0..40), others in prop::collection::vec(1_u32..60, 0..40)) {
        let rows: Rows = rows.into_iter().collect();
        let others: Rows = others.into_iter().collect();
        let said: Vec<u32> = rows
            .ranges()
            .split(", ")
            .filter(|range| !range.is_empty())
            .flat_map(|range| {
                let (first, last) = range.split_once('-').unwrap_or((range, range));
                first.parse::<u32>().unwrap()..=last.parse::<u32>().unwrap()
            })
            .collect();
        prop_assert_eq!(&said, rows.as_slice());
        let union = rows.union(&others);
        prop_assert!(union.as_slice().windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert!(rows.as_slice().iter().chain(others.as_slice()).all(|row| union.as_slice().contains(row)));
        prop_assert!(union.as_slice().iter().all(|row| rows.as_slice().contains(row) || others.as_slice().contains(row)));
    }

    #[test]
    fn dates_survive_being_written(days in -80_000_i32..80_000, later in 0_i32..20_000) {
        let date = Date::from_days_since_1970(days).unwrap();
        prop_assert_eq!(date.to_string().parse::<Date>().unwrap(), date);
        let other = Date::from_days_since_1970(days + later).unwrap();
        prop_assert_eq!(other.days_since(date), later);
        prop_assert_eq!(other.study_day(date), later + 1, "the first day is day 1");
        prop_assert!(later == 0 || date.study_day(other) == -later, "there is no day 0");
        // Written dates sort as dates do.
        prop_assert_eq!(date.to_string() < other.to_string(), date < other);
    }

    #[test]
    fn intervals_of_proportions_hold_the_estimate_and_grow_with_the_level(trials in 1_u64..200, share in 0.0_f64..=1.0) {
        let successes = (share * trials as f64).round() as u64;
        let observed = estimate(successes, trials).unwrap();
        for method in ProportionMethod::ALL {
            let (lower, upper) = interval(method, successes, trials, 0.90).unwrap();
            prop_assert!(lower <= observed && observed <= upper, "{method:?} {successes}/{trials}: {lower} to {upper}");
            let (wider_lower, wider_upper) = interval(method, successes, trials, 0.99).unwrap();
            prop_assert!(wider_lower <= lower + 1e-9 && upper <= wider_upper + 1e-9, "{method:?} {successes}/{trials}");
            // Failures mirror successes.
            let (mirror_lower, mirror_upper) = interval(method, trials - successes, trials, 0.90).unwrap();
            prop_assert!((lower - (1.0 - mirror_upper)).abs() < 1e-6 && (upper - (1.0 - mirror_lower)).abs() < 1e-6, "{method:?} {successes}/{trials}");
        }
    }

    #[test]
    fn any_table_survives_being_written_and_read(rows in table(), separator in prop::sample::select(vec![',', ';', '\t']), crlf in any::<bool>()) {
        let text = written(&rows, separator, if crlf { "\r\n" } else { "\n" });
        prop_assert_eq!(read(&text), Ok(rows), "{:?}", text);
    }

    /// A file that ends anywhere is refused, or has fewer rows by whole records, or ends in the middle of its last cell, which is remarked.
    #[test]
    fn a_file_cut_anywhere_never_gives_another_row(rows in table(), share in 0.0_f64..1.0) {
        let text = written(&rows, ',', "\n");
        let mut end = (share * text.len() as f64) as usize;
        while !text.is_char_boundary(end) {
            end += 1;
        }
        if let Ok(cut) = read(&text[..end]) {
            prop_assert!(cut.len() <= rows.len());
            let whole = cut.len().saturating_sub(1);
            prop_assert_eq!(&cut[..whole], &rows[..whole]);
            if let Some(last) = cut.last() {
                let original = &rows[whole];
                let cells = last.len() - 1;
                prop_assert_eq!(&last[..cells], &original[..cells], "{:?}", &text[..end]);
            }
        }
    }
}
