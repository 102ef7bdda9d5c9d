//! Which SAS formats make a number a date or a time point, and the numbers as such.

use polars::prelude::*;

/// What a number means by its SAS format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Temporal {
    /// Days since 1960-01-01.
    Date,
    /// Seconds since 1960-01-01T00:00:00.
    Datetime,
}

/// Days from 1960-01-01, where SAS counts from, to 1970-01-01.
const SAS_EPOCH_DAYS: f64 = 3653.0;
const SECONDS_PER_DAY: f64 = 86_400.0;
const MICROSECONDS: f64 = 1e6;

/// Formats of dates; those that vary by a letter for the separator end in `*`.
const DATE: [&str; 28] = [
    "B8601DA", "DATE", "DAY", "DDMMYY*", "DOWNAME", "E8601DA", "IS8601DA", "JULDAY", "JULIAN", "MMDDYY*", "MMYY*", "MONNAME", "MONTH",
    "MONYY", "NENGO", "QTR", "QTRR", "WEEKDATE", "WEEKDATX", "WEEKDAY", "WORDDATE", "WORDDATX", "YEAR", "YYMM*", "YYMMDD*", "YYMON",
    "YYQ*", "YYQR*",
];

/// Formats of time points.
const DATETIME: [&str; 19] = [
    "B8601DN", "B8601DT", "B8601DX", "B8601DZ", "B8601LX", "DATEAMPM", "DATETIME", "DTDATE", "DTMONYY", "DTWKDATX", "DTYEAR", "E8601DN",
    "E8601DT", "E8601DX", "E8601DZ", "E8601LX", "IS8601DN", "IS8601DT", "MDYAMPM",
];

/// What a SAS format such as `DATE9.` says of a number. Names are compared whole: `YEARS3.` is a user's own format, not `YEAR4.`.
pub(super) fn temporal_format(format: &str) -> Option<Temporal> {
    let name = format.trim().trim_end_matches(|character: char| character.is_ascii_digit() || character == '.').to_uppercase();
    let separated =
        |family: &str| name.strip_prefix(family).is_some_and(|separator| matches!(separator, "" | "B" | "C" | "D" | "N" | "P" | "S"));
    let is_date = |known: &&str| known.strip_suffix('*').map_or(name == **known, separated);
    if DATE.iter().any(is_date) {
        Some(Temporal::Date)
    } else if DATETIME.contains(&name.as_str()) {
        Some(Temporal::Datetime)
    } else {
        None
    }
}

/// SAS numbers as dates or time points, or as they are where that would lose a fraction of a day or overflow.
pub(super) fn numbers_to_column(name: &str, numbers: Vec<Option<f64>>, meaning: Option<Temporal>) -> Column {
    let unix_days = |number: f64| number - SAS_EPOCH_DAYS;
    let whole = |number: f64| number.fract().abs() <= 0.0 && number.abs() < 1e7;
    let near = |number: f64| number.abs() < 1e12;
    match meaning {
        Some(Temporal::Date) if numbers.iter().flatten().all(|number| whole(*number)) => {
            let days = numbers.into_iter().map(|number| number.map(|number| unix_days(number) as i32));
            Int32Chunked::from_iter_options(name.into(), days).into_date().into_column()
        }
        Some(Temporal::Datetime) if numbers.iter().flatten().all(|number| near(*number)) => {
            let microsecond = |seconds: f64| ((seconds - SAS_EPOCH_DAYS * SECONDS_PER_DAY) * MICROSECONDS).round() as i64;
            let microseconds = numbers.into_iter().map(|number| number.map(microsecond));
            Int64Chunked::from_iter_options(name.into(), microseconds).into_datetime(TimeUnit::Microseconds, None).into_column()
        }
        _ => Float64Chunked::from_iter_options(name.into(), numbers.into_iter()).into_column(),
    }
}

/// The SAS numbers behind a column of dates, time points, times or numbers.
///
/// # Errors
/// The column is of another type.
pub(super) fn column_to_numbers(column: &Column) -> PolarsResult<Vec<Option<f64>>> {
    let scaled = |scale: f64, offset: f64| -> PolarsResult<Vec<Option<f64>>> {
        let physical = column.to_physical_repr().cast(&DataType::Float64)?;
        Ok(physical.f64()?.iter().map(|number| number.map(|number| number / scale + offset)).collect())
    };
    match column.dtype() {
        DataType::Date => scaled(1.0, SAS_EPOCH_DAYS),
        DataType::Datetime(TimeUnit::Microseconds, _) => scaled(MICROSECONDS, SAS_EPOCH_DAYS * SECONDS_PER_DAY),
        DataType::Time => scaled(1e9, 0.0),
        _ => Ok(column.f64()?.iter().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_compared_whole() {
        for format in ["DATE9.", "date9", "E8601DA10", "YYMMDD10", "YYMMDDN8.", "MMDDYYS10"] {
            assert_eq!(temporal_format(format), Some(Temporal::Date), "{format}");
        }
        for format in ["DATETIME20.", "E8601DT19.3"] {
            assert_eq!(temporal_format(format), Some(Temporal::Datetime), "{format}");
        }
        for format in ["", "BEST12.", "YEARS3.", "DAYS.", "TIMEPT.", "DATEGRP.", "8.2", "$10", "TIME5."] {
            assert_eq!(temporal_format(format), None, "{format}");
        }
    }

    #[test]
    fn fractions_of_a_day_keep_the_numbers() {
        let dates = numbers_to_column("ADT", vec![Some(3653.0), None], Some(Temporal::Date));
        assert_eq!(dates.dtype(), &DataType::Date);
        assert_eq!(column_to_numbers(&dates).unwrap(), [Some(3653.0), None]);
        let numbers = numbers_to_column("ADT", vec![Some(3653.5), None], Some(Temporal::Date));
        assert_eq!(numbers.dtype(), &DataType::Float64);
        let points = numbers_to_column("ADTM", vec![Some(1_900_000_000.25)], Some(Temporal::Datetime));
        assert_eq!(column_to_numbers(&points).unwrap(), [Some(1_900_000_000.25)]);
    }
}
