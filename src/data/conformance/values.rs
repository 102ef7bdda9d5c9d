//! Cells that are not the values that their column promises.

use polars::prelude::{Column, DataType};

use super::code::{BAD_DATE, BELOW_QUANTIFICATION, MISSING_CODE, NOT_FINITE, PARTIAL_DATE, TEXT_IN_NUMBER};
use super::sightings::Sightings;
use super::trial::{Trial, View};
use crate::data::coerce::{self, DateCell, NumberCell};
use crate::data::column::ColumnKind;
use crate::data::dataset::days_since_1970;
use crate::diagnostic::Diagnostic;

/// `missing-code`, `not-finite`, `text-in-number`, `below-quantification-text`, `partial-date`, `bad-date`.
pub(super) fn check(trial: &Trial<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for view in &trial.views {
        for column in view.dataset.frame().columns() {
            match view.dataset.kind_of(column.name()) {
                ColumnKind::Number => found.extend(numbers(view, column, coerce::number)),
                ColumnKind::Grade => found.extend(numbers(view, column, coerce::grade)),
                ColumnKind::Date => found.extend(dates(view, column)),
                ColumnKind::Text | ColumnKind::Code | ColumnKind::Flag => {}
            }
        }
    }
    found
}

/// What was not a number in a column of numbers.
fn numbers(view: &View<'_>, column: &Column, read: fn(&str, &[String]) -> NumberCell) -> Vec<Diagnostic> {
    let name = column.name().as_str();
    let Ok(texts) = column.str() else {
        return [not_finite(view, column), numeric_codes(view, column)].into_iter().flatten().collect();
    };
    let codes = view.dataset.missing_codes();
    let [mut missing, mut infinite, mut text, mut below] = [(); 4].map(|()| Sightings::new(view));
    let mut words = false;
    for (row, cell) in texts.iter().enumerate() {
        let Some(cell) = cell else { continue };
        let seen = match read(cell, codes) {
            NumberCell::Number(_) | NumberCell::Blank => continue,
            NumberCell::MissingCode => &mut missing,
            NumberCell::NotFinite => &mut infinite,
            NumberCell::BelowQuantification => &mut below,
            NumberCell::Text => {
                words |= !is_number_with_commas(cell);
                &mut text
            }
        };
        seen.see(row, cell.trim());
    }
    let messages = [
        missing_code(missing, name, "a number"),
        infinite.report(
            NOT_FINITE,
            name,
            |seen| format!("{name} holds {} in {}, read as missing", seen.values(), seen.extent()),
            "a result that could not be computed belongs in the file as a blank cell",
        ),
        text.report(
            TEXT_IN_NUMBER,
            name,
            |seen| format!("{name} should hold numbers and holds {} in {}, read as missing", seen.values(), seen.extent()),
            if words {
                "put the text into the column of character results (AVALC) and leave the number blank, or add the text to `data.missing_codes`"
            } else {
                "write numbers with a decimal point and without commas: whether a comma parts decimals or thousands cannot be told"
            },
        ),
        below.report(
            BELOW_QUANTIFICATION,
            name,
            |seen| format!("{name} holds {} in {}, read as below the limit of quantification", seen.values(), seen.extent()),
            "ADaM keeps such text in AVALC and leaves AVAL blank; the rule for these values is `pk.blq`",
        ),
    ];
    messages.into_iter().flatten().collect()
}

/// `107,5`, `1,234.5`: a number but for its commas.
fn is_number_with_commas(cell: &str) -> bool {
    cell.contains(',') && cell.trim().replace(',', "").parse::<f64>().is_ok()
}

/// Infinite and undefined numbers of a numeric column.
fn not_finite(view: &View<'_>, column: &Column) -> Option<Diagnostic> {
    if !matches!(column.dtype(), DataType::Float32 | DataType::Float64) {
        return None;
    }
    let numbers = column.cast(&DataType::Float64).ok()?;
    let numbers = numbers.f64().ok()?;
    // What lies under a missing cell is looked at too, which costs nothing where all is finite.
    if numbers.downcast_iter().all(|chunk| chunk.values_iter().all(|number| number.is_finite())) {
        return None;
    }
    let mut seen = Sightings::new(view);
    for (row, number) in numbers.iter().enumerate() {
        if let Some(number) = number.filter(|number| !number.is_finite()) {
            seen.see(row, &number.to_string());
        }
    }
    let name = column.name().as_str();
    seen.report(
        NOT_FINITE,
        name,
        |seen| format!("{name} holds {} in {}, read as missing", seen.values(), seen.extent()),
        "a result that could not be computed belongs in the file as a blank cell",
    )
}

/// Codes for missing in a numeric column.
fn numeric_codes(view: &View<'_>, column: &Column) -> Option<Diagnostic> {
    let codes = coerce::numeric_codes(view.dataset.missing_codes());
    if codes.is_empty() {
        return None;
    }
    let numbers = column.cast(&DataType::Float64).ok()?;
    let mut seen = Sightings::new(view);
    for (row, number) in numbers.f64().ok()?.iter().enumerate() {
        if let Some(number) = number.filter(|number| coerce::is_numeric_code(*number, &codes)) {
            seen.see(row, &number.to_string());
        }
    }
    missing_code(seen, column.name(), "a number")
}

/// What was not a date in a column of dates.
fn dates(view: &View<'_>, column: &Column) -> Vec<Diagnostic> {
    let name = column.name().as_str();
    let Ok(texts) = column.str() else {
        return undated_numbers(view, column).into_iter().collect();
    };
    let codes = view.dataset.missing_codes();
    let [mut missing, mut partial, mut bad] = [(); 3].map(|()| Sightings::new(view));
    let mut last = (None, DateCell::Blank);
    for (row, cell) in texts.iter().enumerate() {
        if cell != last.0 {
            last = (cell, cell.map_or(DateCell::Blank, |cell| coerce::date(cell, codes)));
        }
        let seen = match last.1 {
            DateCell::Date(_) | DateCell::Blank => continue,
            DateCell::MissingCode => &mut missing,
            DateCell::Partial => &mut partial,
            DateCell::Bad => &mut bad,
        };
        seen.see(row, cell.unwrap_or_default().trim());
    }
    let messages = [
        missing_code(missing, name, "a date"),
        partial.report(
            PARTIAL_DATE,
            name,
            |seen| format!("{name} holds dates without day or month, {}, in {}; they are read as missing", seen.values(), seen.extent()),
            "impute the date in the analysis dataset, with its imputation flag, as the analysis plan says",
        ),
        bad.report(
            BAD_DATE,
            name,
            |seen| {
                format!(
                    "{name} holds {} in {}, which are not dates of the form YYYY-MM-DD; they are read as missing",
                    seen.values(),
                    seen.extent()
                )
            },
            "write dates as YYYY-MM-DD",
        ),
    ];
    messages.into_iter().flatten().collect()
}

fn missing_code(seen: Sightings<'_>, name: &str, what: &str) -> Option<Diagnostic> {
    seen.report(
        MISSING_CODE,
        name,
        |seen| format!("{name} holds {} in place of {what} in {}, read as missing", seen.values(), seen.extent()),
        "leave the cell blank; the texts that count as missing are `data.missing_codes`",
    )
}

/// Numbers without a date format in a column of dates.
fn undated_numbers(view: &View<'_>, column: &Column) -> Option<Diagnostic> {
    if days_since_1970(column).is_some() {
        return None;
    }
    let numbers = column.cast(&DataType::Float64).ok()?;
    let mut seen = Sightings::new(view);
    for (row, number) in numbers.f64().ok()?.iter().enumerate() {
        if let Some(number) = number {
            seen.see(row, &number.to_string());
        }
    }
    let name = column.name().as_str();
    seen.report(
        BAD_DATE,
        name,
        |seen| format!("{name} holds numbers without a date format, {}, in {}; they are read as missing", seen.values(), seen.extent()),
        "give the variable a date format in SAS, or write dates as YYYY-MM-DD: a bare number does not say from which day it counts",
    )
}
