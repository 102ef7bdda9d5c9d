//! What the checks of reading cost: a table of a million rows by the frame library alone, and by `read_table`, each followed by one grouping.
//!
//! Run with `cargo bench --bench reading`. Fails when reading with checks takes more than one and a half times as long.

// A benchmark reports on standard output.
#![allow(clippy::print_stdout)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use dosecase::data::format::{Kind, read_table};
use polars::prelude::*;

const ROWS: usize = 1_000_000;
const SUBJECTS: usize = 10_000;
const REPEATS: usize = 5;
const LIMIT: f64 = 1.5;
const NUMBERS: [&str; 4] = ["NFRLT", "AFRLT", "AVAL", "DOSEP"];

fn main() -> ExitCode {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let csv = folder.path().join("adpc.csv");
    let parquet = folder.path().join("adpc.parquet");
    std::fs::write(&csv, concentrations()).expect("the CSV file can be written");
    let mut frame = bare_csv(&csv);
    ParquetWriter::new(std::fs::File::create(&parquet).expect("the Parquet file can be made"))
        .finish(&mut frame)
        .expect("it can be written");
    drop(frame);
    let within_csv = compare("CSV", &csv, bare_csv);
    let within_parquet = compare("Parquet", &parquet, bare_parquet);
    if within_csv && within_parquet { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Times both ways in turn; whether the ratio of their medians is within the limit.
fn compare(label: &str, path: &Path, bare: fn(&Path) -> DataFrame) -> bool {
    let checked =
        |path: &Path| read_table(path, &|name| if NUMBERS.contains(&name) { Kind::Number } else { Kind::Text }).expect("a table").frame;
    let (mut alone, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..REPEATS {
        alone.push(timed(|| bare(path)));
        ours.push(timed(|| checked(path)));
    }
    let (alone, ours) = (median(alone), median(ours));
    let ratio = ours.as_secs_f64() / alone.as_secs_f64();
    println!("{label}: {ROWS} rows, median of {REPEATS}: library {alone:.2?}, read_table {ours:.2?}, ratio {ratio:.2} (limit {LIMIT})");
    ratio <= LIMIT
}

fn timed(read: impl Fn() -> DataFrame) -> Duration {
    let start = Instant::now();
    let frame = read();
    assert_eq!(frame.height(), ROWS);
    let summary = frame
        .lazy()
        .group_by([col("USUBJID")])
        .agg([col("AVAL").mean().alias("mean"), col("AVAL").max().alias("max"), len().alias("records")])
        .collect()
        .expect("a summary");
    assert_eq!(summary.height(), SUBJECTS);
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn bare_csv(path: &Path) -> DataFrame {
    let numbers: Schema = NUMBERS.iter().map(|name| Field::new((*name).into(), DataType::Float64)).collect();
    CsvReadOptions::default()
        .with_infer_schema_length(Some(0))
        .with_schema_overwrite(Some(numbers.into()))
        .try_into_reader_with_file_path(Some(path.to_path_buf()))
        .and_then(SerReader::finish)
        .expect("the CSV file can be read")
}

fn bare_parquet(path: &Path) -> DataFrame {
    ParquetReader::new(std::fs::File::open(path).expect("the file is there")).finish().expect("the Parquet file can be read")
}

/// Pharmacokinetic concentrations as in ADPC, the same on every run.
fn concentrations() -> String {
    let mut text = String::from("STUDYID,USUBJID,PARAMCD,AVISIT,ATPT,NFRLT,AFRLT,AVAL,AVALC,AVALU,DOSEP,PART\n");
    let samples = ROWS / SUBJECTS;
    for row in 0..ROWS {
        let (subject, sample) = (row / samples, row % samples);
        let hours = (sample % 10) as f64 * 2.5;
        let delay = (row * 7 % 100) as f64 / 1000.0;
        let value = 850.25 / (1.0 + hours) + (row * 31 % 997) as f64 / 10.0;
        let dose = [10, 20, 40, 80, 120][subject % 5];
        let (visit, part) = (1 + sample / 10, if subject % 3 == 0 { "ESCALATION" } else { "EXPANSION" });
        writeln!(
            text,
            "ONC-101,ONC-101-{:03}-{subject:05},ZELTO,CYCLE 1 DAY {visit},{hours} h,{hours},{},{value:.3},{value:.3},ng/mL,{dose},{part}",
            subject % 40,
            hours + delay
        )
        .expect("writing to a string");
    }
    text
}
