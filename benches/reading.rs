//! What the checks of reading cost: a table of a million rows by the frame library alone and by `read_table`, each followed by one grouping;
//! and by `read_trial`, with every check of the data against themselves and against ADSL, beside the library's reading alone.
//!
//! `cargo bench --profile dev --bench reading`. Fails when `read_table` takes more than one and a half times, or `read_trial` more than three
//! times, as long as the library.

// A benchmark reports on standard output.
#![allow(clippy::print_stdout)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use dosecase::config::{Project, read_project};
use dosecase::data::format::{Kind, read_table};
use dosecase::data::{DatasetName, read_trial};
use polars::prelude::*;

const ROWS: usize = 1_000_000;
const SUBJECTS: usize = 10_000;
const REPEATS: usize = 3;
const LIMIT: f64 = 1.5;
const TRIAL_LIMIT: f64 = 3.0;
const DOSES: [u32; 5] = [10, 20, 40, 80, 120];
const NUMBERS: [&str; 4] = ["NFRLT", "AFRLT", "AVAL", "DOSEP"];

fn main() -> ExitCode {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let project = project(folder.path());
    let csv = folder.path().join("data/adpc.csv");
    let parquet = folder.path().join("adpc.parquet");
    std::fs::write(&csv, concentrations()).expect("the CSV file can be written");
    let mut frame = bare_csv(&csv);
    ParquetWriter::new(std::fs::File::create(&parquet).expect("the Parquet file can be made"))
        .finish(&mut frame)
        .expect("it can be written");
    drop(frame);
    println!("{ROWS} rows, median of {REPEATS}");
    let within = [
        compare("read_table, CSV", LIMIT, || summary(bare_csv(&csv)), || summary(table(&csv))),
        compare("read_table, Parquet", LIMIT, || summary(bare_parquet(&parquet)), || summary(table(&parquet))),
        compare("read_trial, CSV", TRIAL_LIMIT, || bare_csv(&csv).height(), || trial(&project)),
    ];
    if within == [true; 3] { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Times both ways in turn; whether the ratio of their medians is within the limit.
fn compare(label: &str, limit: f64, bare: impl Fn() -> usize, checked: impl Fn() -> usize) -> bool {
    let (mut alone, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..REPEATS {
        alone.push(timed(&bare));
        ours.push(timed(&checked));
    }
    let (alone, ours) = (median(alone), median(ours));
    let ratio = ours.as_secs_f64() / alone.as_secs_f64();
    println!("  {label:<20} library {alone:.2?}, with checks {ours:.2?}, ratio {ratio:.2} (limit {limit})");
    ratio <= limit
}

fn table(path: &Path) -> DataFrame {
    read_table(path, &|name| if NUMBERS.contains(&name) { Kind::Number } else { Kind::Text }).expect("a table").frame
}

/// The rows of the concentrations of a trial that has been read and checked.
fn trial(project: &Project) -> usize {
    let read = read_trial(project).expect("a trial");
    read.value.get(DatasetName::Adpc).expect("concentrations").height()
}

/// A project whose ADSL has one row for each subject of the concentrations.
fn project(folder: &Path) -> Project {
    let mut adsl = String::from("STUDYID,USUBJID,TRT01P,TRT01A,DOSEP,SAFFL,PKFL,TRTSDT,EOTSTT\n");
    for subject in 0..SUBJECTS {
        let dose = dose(subject);
        writeln!(adsl, "ONC-101,{},Drug {dose} mg,Drug {dose} mg,{dose},Y,Y,2024-01-10,ONGOING", identifier(subject))
            .expect("writing to a string");
    }
    let mut text = String::from("dossier: {title: A million rows}\ndrug: {name: testinib, molecular_class: other}\ndosages:\n");
    for dose in DOSES {
        writeln!(text, "  - {{id: mg{dose}, dose: {dose} mg, arm: Drug {dose} mg}}").expect("writing to a string");
    }
    std::fs::create_dir(folder.join("data")).expect("a data folder");
    std::fs::write(folder.join("data/adsl.csv"), adsl).expect("ADSL can be written");
    std::fs::write(folder.join("dosecase.yaml"), text).expect("the project file can be written");
    read_project(folder).expect("a project")
}

fn dose(subject: usize) -> u32 {
    DOSES[subject % DOSES.len()]
}

fn identifier(subject: usize) -> String {
    format!("ONC-101-{:03}-{subject:05}", subject % 40)
}

fn timed(read: impl Fn() -> usize) -> Duration {
    let start = Instant::now();
    assert_eq!(read(), ROWS);
    start.elapsed()
}

/// Groups the rows by subject; gives their number.
fn summary(frame: DataFrame) -> usize {
    let height = frame.height();
    let summary = frame
        .lazy()
        .group_by([col("USUBJID")])
        .agg([col("AVAL").mean().alias("mean"), col("AVAL").max().alias("max"), len().alias("records")])
        .collect()
        .expect("a summary");
    assert_eq!(summary.height(), SUBJECTS);
    height
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
        let dose = dose(subject);
        let (visit, part) = (1 + sample / 10, if subject % 3 == 0 { "ESCALATION" } else { "EXPANSION" });
        writeln!(
            text,
            "ONC-101,{},ZELTO,CYCLE 1 DAY {visit},{hours} h,{hours},{},{value:.3},{value:.3},ng/mL,{dose},{part}",
            identifier(subject),
            hours + delay
        )
        .expect("writing to a string");
    }
    text
}
