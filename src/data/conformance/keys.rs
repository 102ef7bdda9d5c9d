//! Subjects and records that occur twice.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{Column, DataType};

use super::code::{DUPLICATE_KEY, DUPLICATE_ROW, DUPLICATE_SUBJECT, ROWS_DOUBLED, SUBJECT_BLANK};
use super::sightings::{Sightings, counted, verb};
use super::trial::{Trial, View};
use crate::data::column;
use crate::data::name::DatasetName;
use crate::diagnostic::{Diagnostic, Severity};

/// Columns that tell the records of a subject apart, besides every sequence number; those that a dataset lacks are passed over.
const KEY: [&str; 32] = [
    column::USUBJID,
    column::PARAMCD,
    column::PARAM,
    column::PARCAT1,
    column::PARCAT2,
    column::PARCAT3,
    column::PPCAT,
    column::PPSPEC,
    column::PCSPEC,
    column::AVISIT,
    column::AVISITN,
    column::VISIT,
    column::VISITNUM,
    column::ATPT,
    column::ATPTN,
    column::ATPTREF,
    column::NFRLT,
    column::AFRLT,
    column::ADT,
    column::ADTM,
    column::DTYPE,
    column::BASETYPE,
    column::EXTRT,
    column::AETERM,
    column::AEDECOD,
    column::ASTDT,
    column::ASTDTM,
    column::MATRIX,
    column::PPSTINT,
    column::PPENINT,
    column::CNSDTDSC,
    column::EVNTDESC,
];

/// Share of identical rows from which a dataset counts as doubled, and the fewest rows.
const DOUBLED_SHARE: f64 = 0.2;
const DOUBLED_ROWS: usize = 10;

/// Share of rows with a shared key from which the key, not the data, is the likely cause.
const WEAK_KEY_SHARE: f64 = 0.1;

/// Groups of rows that are looked into for the columns in which they differ.
const COMPARED_GROUPS: usize = 200;

/// `subject-blank`, `duplicate-subject`, `duplicate-row`, `rows-doubled`, `duplicate-key`.
pub(super) fn check(trial: &Trial<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for view in &trial.views {
        found.extend(blank_subjects(view));
        if view.name() == DatasetName::Adsl {
            // Where the project takes the subjects from another dataset, it says that the first row of each counts.
            found.extend(duplicate_subjects(view).filter(|_| trial.settings.data.subjects_from.is_none()));
        } else {
            found.extend(duplicate_records(view));
        }
    }
    found
}

fn blank_subjects(view: &View<'_>) -> Option<Diagnostic> {
    let name = view.dataset.column(column::USUBJID)?;
    let mut seen = Sightings::new(view);
    for (row, _) in view.subjects.iter().enumerate().filter(|(_, subject)| subject.is_none()) {
        seen.see_row(row);
    }
    let severity = if view.name() == DatasetName::Adsl { Severity::Critical } else { SUBJECT_BLANK.severity };
    seen.report_as(
        severity,
        SUBJECT_BLANK,
        &name,
        |seen| format!("{name} is blank in {}; these rows belong to nobody and are not analysed", seen.extent()),
        "restore the subject identifier, or remove the rows at the source",
    )
}

fn duplicate_subjects(view: &View<'_>) -> Option<Diagnostic> {
    let name = view.dataset.column(column::USUBJID)?;
    let mut rows: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (row, subject) in view.subjects.iter().enumerate() {
        if let Some(subject) = subject {
            rows.entry(*subject).or_default().push(row);
        }
    }
    let mut seen = Sightings::new(view);
    let mut differing: BTreeMap<String, usize> = BTreeMap::new();
    for rows in rows.values().filter(|rows| rows.len() > 1) {
        rows.iter().for_each(|row| seen.see_row(*row));
        count_differences(view, rows, &mut differing);
    }
    seen.report(
        DUPLICATE_SUBJECT,
        &name,
        |seen| {
            let count = seen.subject_count();
            format!(
                "{} {} several rows in ADSL ({}); {}",
                counted(count, "subject"),
                verb(count, "has", "have"),
                seen.extent(),
                told(&differing)
            )
        },
        "ADSL has one row per subject: remove the surplus rows at the source, and look which export doubled them",
    )
}

fn duplicate_records(view: &View<'_>) -> Vec<Diagnostic> {
    let frame = view.dataset.frame();
    let key: Vec<&Column> = frame.columns().iter().filter(|column| is_key(view, column)).collect();
    if key.is_empty() || view.dataset.height() < 2 {
        return Vec::new();
    }
    let groups = same_hashes(&row_hashes(&key, view.dataset.height()));
    if groups.is_empty() {
        return Vec::new();
    }
    let whole = row_hashes(&frame.columns().iter().collect::<Vec<_>>(), view.dataset.height());
    let mut identical = Sightings::new(view);
    let mut different = Sightings::new(view);
    let mut surplus = 0;
    let mut differing = BTreeMap::new();
    for (number, group) in groups.iter().enumerate() {
        let mut by_content: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for row in group {
            by_content.entry(whole.get(*row).copied().unwrap_or_default()).or_default().push(*row);
        }
        for rows in by_content.values().filter(|rows| rows.len() > 1) {
            surplus += rows.len() - 1;
            rows.iter().for_each(|row| identical.see_row(*row));
        }
        if by_content.len() > 1 {
            group.iter().for_each(|row| different.see_row(*row));
            if number < COMPARED_GROUPS {
                count_differences(view, group, &mut differing);
            }
        }
    }
    let names: Vec<&str> = key.iter().map(|column| column.name().as_str()).collect();
    [identical_rows(identical, surplus, view.dataset.height()), same_key(different, &names, &differing, view.dataset.height())]
        .into_iter()
        .flatten()
        .collect()
}

/// Whether a column is part of the key: one of [`KEY`], or a sequence number.
fn is_key(view: &View<'_>, actual: &Column) -> bool {
    let name = actual.name().as_str();
    name.to_ascii_uppercase().ends_with("SEQ")
        || KEY.iter().any(|key| view.dataset.find(key).is_some_and(|column| column.name().as_str() == name))
}

fn identical_rows(seen: Sightings<'_>, surplus: usize, height: usize) -> Option<Diagnostic> {
    let doubled = surplus >= DOUBLED_ROWS && surplus as f64 >= DOUBLED_SHARE * height as f64;
    if doubled {
        let message = format!("{surplus} of {height} rows repeat others in every column: the dataset, or a part of it, is there twice");
        return seen.report(ROWS_DOUBLED, "", |_| message, "find the step that appended the dataset to itself, and export it again");
    }
    seen.report(
        DUPLICATE_ROW,
        "",
        |seen| format!("{surplus} of {height} rows repeat others in every column ({})", seen.extent()),
        "remove the repeated rows at the source; as they stand, each is counted",
    )
}

fn same_key(seen: Sightings<'_>, key: &[&str], differing: &BTreeMap<String, usize>, height: usize) -> Option<Diagnostic> {
    let weak = seen.count() as f64 > WEAK_KEY_SHARE * height as f64 && seen.count() > DOUBLED_ROWS;
    let severity = if weak { Severity::Minor } else { DUPLICATE_KEY.severity };
    let hint = if weak {
        "so many rows share their key that a column which tells them apart is probably missing, such as a sequence number or a time"
    } else {
        "decide at the source which record counts, or add the column that tells them apart"
    };
    let key = key.join(", ");
    seen.report_as(severity, DUPLICATE_KEY, "", |seen| format!("{} share the key {key}; {}", seen.extent(), told(differing)), hint)
}

/// Counts, by column, in how many groups rows differ.
fn count_differences(view: &View<'_>, rows: &[usize], differing: &mut BTreeMap<String, usize>) {
    let Some((first, others)) = rows.split_first() else { return };
    for column in view.dataset.frame().columns() {
        let cell = column.get(*first).ok();
        if others.iter().any(|row| column.get(*row).ok() != cell) {
            *differing.entry(column.name().to_string()).or_default() += 1;
        }
    }
}

/// In which columns rows differ, in words.
fn told(differing: &BTreeMap<String, usize>) -> String {
    if differing.is_empty() {
        return "the rows are the same in every column".to_owned();
    }
    let mut columns: Vec<(&String, &usize)> = differing.iter().collect();
    columns.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let names: Vec<&str> = columns.iter().take(4).map(|(name, _)| name.as_str()).collect();
    let more = if columns.len() > 4 { format!(" and {} more columns", columns.len() - 4) } else { String::new() };
    format!("they differ in {}{more}", names.join(", "))
}

/// Rows of equal hash, for every hash that occurs twice or more.
fn same_hashes(hashes: &[u64]) -> Vec<Vec<usize>> {
    let repeated = repeated(hashes);
    if repeated.is_empty() {
        return Vec::new();
    }
    let mut rows: BTreeMap<u64, Vec<usize>> = repeated.into_iter().map(|hash| (hash, Vec::new())).collect();
    for (row, hash) in hashes.iter().enumerate() {
        if let Some(rows) = rows.get_mut(hash) {
            rows.push(row);
        }
    }
    let mut groups: Vec<Vec<usize>> = rows.into_values().collect();
    groups.sort_unstable();
    groups
}

/// The hashes that occur twice or more. In a table with open places one pass tells, without sorting a million rows.
fn repeated(hashes: &[u64]) -> BTreeSet<u64> {
    let places = (hashes.len() * 2).next_power_of_two().max(2);
    let mut table: Vec<Option<u64>> = vec![None; places];
    let mut repeated = BTreeSet::new();
    for hash in hashes {
        let mut place = (*hash % places as u64) as usize;
        loop {
            match table.get_mut(place) {
                Some(empty @ None) => {
                    *empty = Some(*hash);
                    break;
                }
                Some(Some(other)) if other == hash => {
                    repeated.insert(*hash);
                    break;
                }
                _ => place = (place + 1) % places,
            }
        }
    }
    repeated
}

/// A hash of the cells of each row. With 64 well-mixed bits the chance that any two of a million different rows collide is 3 in 100 million.
fn row_hashes(columns: &[&Column], height: usize) -> Vec<u64> {
    let mut hashes = vec![0_u64; height];
    for column in columns {
        for (hash, cell) in hashes.iter_mut().zip(cell_hashes(column)) {
            *hash = mixed(*hash ^ cell);
        }
    }
    hashes
}

/// A hash of each cell: of the text, or of the bits of the number or date.
fn cell_hashes(column: &Column) -> Vec<u64> {
    const BLANK: u64 = 0x51_7c_c1_b7_27_22_0a_95;
    if let Ok(texts) = column.str() {
        let mut last = (None, BLANK);
        return texts
            .iter()
            .map(|text| {
                if text != last.0 {
                    last = (text, text.map_or(BLANK, |text| text_hash(text.as_bytes())));
                }
                last.1
            })
            .collect();
    }
    let physical = column.to_physical_repr();
    let numbers = match physical.dtype() {
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => {
            let whole = physical.cast(&DataType::Int64).ok();
            whole.and_then(|whole| {
                Some(whole.i64().ok()?.iter().map(|cell| cell.map_or(BLANK, |cell| mixed(cell.cast_unsigned()))).collect())
            })
        }
        _ => {
            let real = physical.cast(&DataType::Float64).ok();
            real.and_then(|real| {
                Some(real.f64().ok()?.iter().map(|cell| cell.map_or(BLANK, |cell| mixed((cell + 0.0).to_bits()))).collect())
            })
        }
    };
    numbers.unwrap_or_else(|| vec![BLANK; column.len()])
}

fn text_hash(bytes: &[u8]) -> u64 {
    let hash = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    mixed(bytes.iter().fold(0xcbf2_9ce4_8422_2325, hash))
}

/// Every bit of the result depends on every bit of `value` (the finaliser of `SplitMix64`).
fn mixed(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_equal_hash_come_together_in_order() {
        let hashes = [7, 3, 11, 3, 7, 19, 3, u64::MAX];
        assert_eq!(same_hashes(&hashes), [vec![0, 4], vec![1, 3, 6]]);
        assert!(same_hashes(&[1, 2, 3]).is_empty());
        assert!(same_hashes(&[]).is_empty());
        // All fall on one place of the table.
        let crowded: Vec<u64> = (0..50).map(|number| number * 4096).chain([4096]).collect();
        assert_eq!(same_hashes(&crowded), [vec![1, 50]]);
    }
}
