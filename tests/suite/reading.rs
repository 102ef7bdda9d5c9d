//! Reading files: every format on small files made here, and what happens to them when they are damaged.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use dosecase::data::format::{Format, Kind, RawTable, ReadError, ReadFault, ReadNote, read_bytes, read_table};
use flate2::Compression;
use flate2::write::GzEncoder;
use polars::prelude::*;

/// Columns that the tests call numbers.
fn expect(name: &str) -> Kind {
    if ["AVAL", "AGE", "ADY"].contains(&name) { Kind::Number } else { Kind::Text }
}

fn read(name: &str, bytes: &[u8]) -> Result<RawTable, ReadError> {
    read_bytes(Path::new(name), bytes, &expect)
}

fn table(name: &str, bytes: &[u8]) -> RawTable {
    read(name, bytes).unwrap_or_else(|error| panic!("{error} ({})", error.code()))
}

fn code(name: &str, bytes: &[u8]) -> &'static str {
    read(name, bytes).expect_err("this file must be refused").code()
}

fn texts(table: &RawTable, column: &str) -> Vec<Option<String>> {
    table.frame.column(column).expect("the column").str().expect("text").iter().map(|cell| cell.map(str::to_string)).collect()
}

fn numbers(table: &RawTable, column: &str) -> Vec<Option<f64>> {
    table.frame.column(column).expect("the column").f64().expect("numbers").iter().collect()
}

fn owned(cells: &[Option<&str>]) -> Vec<Option<String>> {
    cells.iter().map(|cell| cell.map(str::to_string)).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory takes all bytes");
    encoder.finish().expect("memory takes all bytes")
}

// ---------------------------------------------------------------------------------------------------------------- delimited text

#[test]
fn identifiers_stay_text_and_empty_cells_are_missing() {
    let read = table("adsl.csv", b"USUBJID,AGE,REGION1,NOTE\n001,54,NA,\"a, \"\"b\"\"\nc\"\n002,,N/A,\"\"\n-9007199254740993,61.5,,.\n");
    assert_eq!(texts(&read, "USUBJID"), owned(&[Some("001"), Some("002"), Some("-9007199254740993")]));
    assert_eq!(numbers(&read, "AGE"), [Some(54.0), None, Some(61.5)]);
    assert_eq!(texts(&read, "REGION1"), owned(&[Some("NA"), Some("N/A"), None]));
    assert_eq!(texts(&read, "NOTE"), owned(&[Some("a, \"b\"\nc"), None, Some(".")]));
    assert_eq!((read.format, read.notes.len()), (Format::Csv, 0));
}

#[test]
fn a_number_column_with_text_stays_text_whole() {
    for word in ["<5.00", "TOO SMALL TO MEASURE", "NA", ".", "N/A", "Inf", "-inf", "NaN", "1e999", "2*10^6", "5 mg"] {
        let read = table("adpc.csv", format!("USUBJID,AVAL,ADY\n01,1.50,-3\n02,{word},\n03,\"\",5\n").as_bytes());
        assert_eq!(texts(&read, "AVAL"), owned(&[Some("1.50"), Some(word), None]), "{word}");
        assert_eq!(numbers(&read, "ADY"), [Some(-3.0), None, Some(5.0)], "{word}");
    }
}

#[test]
fn separators_line_ends_and_encodings() {
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain("USUBJID,AVAL\n01,5\nµ2,7\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for bytes in [
        &b"USUBJID;AVAL\n01;5\n\xc2\xb52;7\n"[..],
        b"USUBJID\tAVAL\r\n01\t5\r\n\xc2\xb52\t7\r\n\r\n\r\n",
        b"USUBJID,AVAL\r01,5\r\xc2\xb52,7\r",
        b"\xef\xbb\xbf USUBJID , AVAL \n01,5\n\xc2\xb52,7\n\n",
        b"\"USUBJID\",\"AVAL\"\n\"01\",\"5\"\n\"\xc2\xb52\",\"7\"\n",
        &utf16,
    ] {
        let read = table("a.txt", bytes);
        assert_eq!(texts(&read, "USUBJID"), owned(&[Some("01"), Some("µ2")]));
        assert_eq!(numbers(&read, "AVAL"), [Some(5.0), Some(7.0)]);
        assert_eq!(read.notes, []);
    }
}

#[test]
fn text_that_is_not_utf8_is_decoded_and_noted() {
    let bytes = b"USUBJID,AETERM,AVAL\n01,patient\x92s note,1\n02,5 \xc2\xb5g,2\n03,lost \xef\xbf\xbd,3\n04,5\" scar,4\n05,caf\xe9,5\n";
    let read = table("adae.csv", bytes);
    let expected = ["patient\u{2019}s note", "5 µg", "lost \u{FFFD}", "5\" scar", "café"].map(Some);
    assert_eq!(texts(&read, "AETERM"), owned(&expected));
    assert_eq!(numbers(&read, "AVAL"), [1.0, 2.0, 3.0, 4.0, 5.0].map(Some));
    assert_eq!(
        read.notes,
        [
            ReadNote::Windows1252 { column: "AETERM".into(), rows: vec![1, 5] },
            ReadNote::ReplacementCharacters { column: "AETERM".into(), rows: vec![3] }
        ]
    );
}

#[test]
fn cells_that_a_quick_reader_would_change() {
    let long = "x".repeat(10_000);
    let read = table("a.csv", format!("ID,TEXT\nx^2,a\rb\n\" lead\",{long}\nx,\"\r\n\"\n").as_bytes());
    assert_eq!(texts(&read, "ID"), owned(&[Some("x^2"), Some(" lead"), Some("x")]));
    assert_eq!(texts(&read, "TEXT"), owned(&[Some("a\rb"), Some(&long), Some("\r\n")]));
    let plain = table("a.csv", b"ID,TEXT\nx^2,a\n");
    assert_eq!(texts(&plain, "ID"), owned(&[Some("x^2")]));
    let single = table("a.csv", b"ID\n01\n\"\"\n5\" x\n");
    assert_eq!(texts(&single, "ID"), owned(&[Some("01"), None, Some("5\" x")]));
}

#[test]
fn a_missing_final_line_end_is_noted() {
    assert_eq!(table("a.csv", b"ID,AVAL\n01,5\n02,7").notes, [ReadNote::MissingFinalNewline { row: 2 }]);
    assert_eq!(table("a.csv", b"ID,AVAL").notes, [ReadNote::MissingFinalNewline { row: 0 }]);
    let empty = table("a.csv", b"ID,AVAL\n");
    assert_eq!((empty.frame.shape(), empty.notes.len()), ((0, 2), 0));
    assert_eq!(empty.frame.column("AVAL").unwrap().dtype(), &DataType::Float64);
}

#[test]
fn broken_text_is_refused_with_its_place() {
    let error = read("adsl.csv", b"A,B\n1,2\n\"x\ny\",2,3\n").unwrap_err();
    assert!(matches!(error.fault, ReadFault::RaggedRow { row: 2, line: 3, expected: 2, found: 3 }), "{error}");
    assert_eq!((error.row(), error.path.as_path()), (Some(2), Path::new("adsl.csv")));
    assert_eq!(error.to_string(), "adsl.csv: data row 2 (line 3) has 3 fields, the header has 2");
    assert!(error.hint().contains("quoted"));
    for (bytes, expected) in [
        (&b"A,B\n1\n"[..], "row-ragged"),
        (b"A,B\n1,\"2\n", "quote-unclosed"),
        (b"A,B\n1,\"2\"3\n", "quote-stray"),
        (b"A,B\n\n1,2\n", "row-blank"),
        (b"A,\n1,2\n", "column-name-empty"),
        (b"A,B,a\n1,2,3\n", "column-name-duplicate"),
        (b"A,B\n1,\0\n", "file-nul-byte"),
        (b"A\0,\0B\0\n\0", "file-nul-byte"),
        (b"A,B\r1,2\r3,4\n", "line-ends-mixed"),
        (b"\n\n", "file-empty"),
        (b"", "file-empty"),
        (b"\xff\xfeA\0\n", "file-truncated"),
    ] {
        assert_eq!(code("a.csv", bytes), expected, "{:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn files_of_other_kinds_are_named() {
    for (name, bytes, words) in [
        ("adae.xpt", &b"<!DOCTYPE html><html><body>404</body></html>"[..], "web page"),
        ("adsl.csv", b"PK\x03\x04....xl/workbook.xml", "Excel"),
        ("adsl.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "Excel"),
        ("adsl.zip", b"PK\x03\x04....adsl.csv", "zip"),
        ("crf.pdf", b"%PDF-1.4", "PDF"),
        ("adsl.xpt", b"**COMPRESSED** **COMPRESSED**", "CPORT"),
    ] {
        let error = read(name, bytes).unwrap_err();
        assert_eq!(error.code(), "file-not-a-dataset");
        assert!(error.to_string().contains(words) && !error.hint().is_empty(), "{error}");
    }
    assert_eq!(code("adsl.parquet", b"nothing of the kind"), "file-unrecognised");
    assert_eq!(read_table(Path::new("no/such/file.csv"), &expect).unwrap_err().code(), "file-unreadable");
}

// ------------------------------------------------------------------------------------------------------------------ stored files

#[test]
fn hash_and_length_are_those_of_the_stored_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("adsl.csv.gz");
    let stored = gzip(b"ID,AVAL\n01,5\n");
    std::fs::write(&path, &stored).unwrap();
    let read = read_table(&path, &expect).unwrap();
    assert_eq!((read.format, read.bytes, read.frame.height()), (Format::CsvGzip, stored.len() as u64, 1));
    assert_eq!(read.sha256, table("a.gz", &stored).sha256);
    let known = table("a.csv", b"ID,AVAL\n01,5\n").sha256;
    assert_eq!(known, "190c15f45e0adbac45d4812700d60c32084c8b43bf198507385a5fe3bfd0358f");
}

#[test]
fn every_format_may_be_compressed() {
    for (bytes, format) in [
        (csv(), Format::CsvGzip),
        (parquet(), Format::Parquet),
        (transport(5), Format::XptV5),
        (transport(8), Format::XptV8),
        (sas7bdat(), Format::Sas7bdat),
        (dataset_json(), Format::DatasetJson),
    ] {
        let read = table("file.gz", &gzip(&bytes));
        assert_eq!((read.format, read.frame.height()), (format, ROWS), "{}", format.id());
    }
    let twice = gzip(&gzip(&csv()));
    assert_eq!(code("a.csv.gz", &twice), "file-not-a-dataset");
    let cut = gzip(&csv());
    assert_eq!(code("a.csv.gz", &cut[..cut.len() - 3]), "file-compression-damaged");
}

// ----------------------------------------------------------------------------------------------------------------------- Parquet

fn parquet_of(mut frame: DataFrame) -> Vec<u8> {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).expect("memory takes all bytes");
    bytes
}

#[test]
fn parquet_keeps_its_types() {
    let days = Series::new("ADT".into(), [Some(19_000), None]).cast(&DataType::Date).unwrap();
    let points = Series::new("ADTM".into(), [Some(1_700_000_000_000_i64), None]);
    let points = points.cast(&DataType::Datetime(TimeUnit::Milliseconds, None)).unwrap();
    let frame = df!("USUBJID" => ["001", "002"], "AVAL" => [Some(1.5), None], "ASEQ" => [1_i64, 2], "FLAG" => [true, false]).unwrap();
    let frame = frame.hstack(&[days.clone().into_column(), points.into_column()]).unwrap();
    let read = table("adpc.parquet", &parquet_of(frame));
    assert_eq!(texts(&read, "USUBJID"), owned(&[Some("001"), Some("002")]));
    assert_eq!(numbers(&read, "AVAL"), [Some(1.5), None]);
    assert_eq!(read.frame.column("ASEQ").unwrap().dtype(), &DataType::Int64);
    assert_eq!(read.frame.column("FLAG").unwrap().dtype(), &DataType::Boolean);
    assert!(read.frame.column("ADT").unwrap().as_materialized_series().equals_missing(&days));
    assert_eq!(read.frame.column("ADTM").unwrap().dtype(), &DataType::Datetime(TimeUnit::Milliseconds, None));
}

#[test]
fn parquet_faults_are_told() {
    let list = Series::new("TIMES".into(), [Series::new("".into(), [1, 2]), Series::new("".into(), [3])]);
    let nested = parquet_of(DataFrame::new(2, vec![list.into_column()]).unwrap());
    let error = read("a.parquet", &nested).unwrap_err();
    assert_eq!((error.code(), error.column()), ("column-type-unsupported", Some("TIMES")));
    let whole = parquet();
    assert_eq!(code("a.parquet", &whole[..whole.len() - 1]), "file-truncated");
    assert_eq!(code("a.parquet", b"PAR1PAR1"), "file-damaged");
    assert_eq!(code("a.parquet", &parquet_of(df!("AVAL" => [1.0], "aval" => [2.0]).unwrap())), "column-name-duplicate");
    let lost = parquet_of(df!("AETERM" => ["fine", "lo\u{FFFD}t", "ça"]).unwrap());
    assert_eq!(table("a.parquet", &lost).notes, [ReadNote::ReplacementCharacters { column: "AETERM".into(), rows: vec![2] }]);
}

// --------------------------------------------------------------------------------------------------------------------- transport

/// One variable of a transport file, or of a SAS dataset.
struct Variable {
    name: &'static str,
    label: &'static str,
    format: &'static str,
    width: usize,
    text: bool,
}

/// One value of a transport file.
#[derive(Clone, Copy)]
enum Cell {
    Text(&'static [u8]),
    Number(f64),
    Missing(u8),
}

fn variable(name: &'static str, label: &'static str, format: &'static str, width: usize, text: bool) -> Variable {
    Variable { name, label, format, width, text }
}

fn padded(text: &[u8], width: usize) -> Vec<u8> {
    let mut bytes = text.to_vec();
    bytes.resize(width, b' ');
    bytes
}

/// A number as IBM mainframes store it.
fn ibm(number: f64) -> [u8; 8] {
    if number == 0.0 {
        return [0; 8];
    }
    let (mut fraction, mut exponent) = (number.abs(), 64_u64);
    while fraction >= 1.0 {
        fraction /= 16.0;
        exponent += 1;
    }
    while fraction < 1.0 / 16.0 {
        fraction *= 16.0;
        exponent -= 1;
    }
    let sign = u64::from(number < 0.0) << 63;
    (sign | (exponent << 56) | (fraction * 2_f64.powi(56)) as u64).to_be_bytes()
}

fn namestr(version: u8, index: usize, offset: usize, variable: &Variable) -> Vec<u8> {
    let short = |number: usize| u16::try_from(number).expect("a small number").to_be_bytes();
    let mut bytes = vec![0; 140];
    bytes[0..2].copy_from_slice(&short(if variable.text { 2 } else { 1 }));
    bytes[4..6].copy_from_slice(&short(variable.width));
    bytes[6..8].copy_from_slice(&short(index + 1));
    bytes[8..16].copy_from_slice(&padded(variable.name.as_bytes(), 8)[..8]);
    bytes[16..56].copy_from_slice(&padded(variable.label.as_bytes(), 40)[..40]);
    bytes[56..64].copy_from_slice(&padded(variable.format.as_bytes(), 8));
    bytes[84..88].copy_from_slice(&u32::try_from(offset).expect("a small number").to_be_bytes());
    if version == 8 {
        bytes[88..120].copy_from_slice(&padded(variable.name.as_bytes(), 32));
    }
    bytes
}

/// One member of a transport library: everything after the first three records.
fn member(version: u8, name: &str, variables: &[Variable], rows: &[Vec<Cell>]) -> Vec<u8> {
    let [member, descriptor, names, observations] = match version {
        5 => ["MEMBER  ", "DSCRPTR ", "NAMESTR ", "OBS     "],
        _ => ["MEMBV8  ", "DSCPTV8 ", "NAMSTV8 ", "OBSV8   "],
    };
    let header = |name: &str, rest: &str| padded(format!("HEADER RECORD*******{name}HEADER RECORD!!!!!!!{rest}").as_bytes(), 80);
    let zeros = "0".repeat(30);
    let mut bytes = header(member, "000000000000000001600000000140");
    bytes.extend(header(descriptor, &zeros));
    bytes.extend(padded(format!("SAS     {name:32}").as_bytes(), 80));
    bytes.extend(padded(b"16FEB26:10:00:00", 80));
    bytes.extend(header(names, &format!("{:010}{}", variables.len(), "0".repeat(20))));
    let (mut described, mut offset) = (Vec::new(), 0);
    for (index, variable) in variables.iter().enumerate() {
        described.extend(namestr(version, index, offset, variable));
        offset += variable.width;
    }
    bytes.extend(padded(&described, described.len().div_ceil(80) * 80));
    if version == 8 {
        let long: Vec<(usize, &Variable)> = variables.iter().enumerate().filter(|(_, variable)| variable.label.len() > 40).collect();
        if !long.is_empty() {
            bytes.extend(header("LABELV8 ", &format!("{:05}", long.len())));
            let mut labels = Vec::new();
            for (index, variable) in long {
                let lengths = [index + 1, variable.name.len(), variable.label.len()];
                labels.extend(lengths.iter().flat_map(|number| u16::try_from(*number).expect("a small number").to_be_bytes()));
                labels.extend(variable.name.as_bytes());
                labels.extend(variable.label.as_bytes());
            }
            bytes.extend(padded(&labels, labels.len().div_ceil(80) * 80));
        }
    }
    bytes.extend(header(observations, &zeros));
    let mut data = Vec::new();
    for (cell, variable) in rows.iter().flat_map(|row| row.iter().zip(variables)) {
        match cell {
            Cell::Text(text) => data.extend(padded(text, variable.width)),
            Cell::Number(number) => data.extend(&ibm(*number)[..variable.width]),
            Cell::Missing(letter) => data.extend([&[*letter][..], &[0; 7]].concat().iter().take(variable.width)),
        }
    }
    bytes.extend(padded(&data, data.len().div_ceil(80) * 80));
    bytes
}

fn library(version: u8, members: &[Vec<u8>]) -> Vec<u8> {
    let name = if version == 5 { "LIBRARY " } else { "LIBV8   " };
    let mut bytes = padded(format!("HEADER RECORD*******{name}HEADER RECORD!!!!!!!{}", "0".repeat(30)).as_bytes(), 80);
    bytes.extend(padded(b"SAS     SAS     SASLIB  9.4     X64_10PR", 80));
    bytes.extend(padded(b"16FEB26:10:00:00", 80));
    bytes.extend(members.concat());
    bytes
}

fn pharmacokinetic_variables() -> Vec<Variable> {
    vec![
        variable("USUBJID", "Unique Subject Identifier", "", 11, true),
        variable("AVAL", "Analysis Value", "BEST", 8, false),
        variable("ADT", "Analysis Date", "DATE", 8, false),
        variable("ADTM", "Analysis Datetime", "DATETIME", 8, false),
        variable("AGE", "Age", "YEARS", 4, false),
        variable("AVALC", "Analysis Value (C)", "$", 40, true),
    ]
}

fn pharmacokinetic_rows() -> Vec<Vec<Cell>> {
    let row = |id: &'static [u8], value: Cell, comment: &'static [u8]| {
        vec![Cell::Text(id), value, Cell::Number(24_000.0), Cell::Number(2_073_600_000.5), Cell::Number(54.5), Cell::Text(comment)]
    };
    vec![
        row(b"ONC-01-0001", Cell::Number(-118.625), b"patient\x92s value"),
        row(b"ONC-01-0002", Cell::Missing(b'.'), b"  lead"),
        row(b"ONC-01-0003", Cell::Missing(b'B'), b""),
        row(b"ONC-01-0004", Cell::Number(0.1), "5 µg".as_bytes()),
    ]
}

#[test]
fn transport_files_of_both_versions() {
    for (version, format) in [(5, Format::XptV5), (8, Format::XptV8)] {
        let bytes = library(version, &[member(version, "ADPC", &pharmacokinetic_variables(), &pharmacokinetic_rows())]);
        let read = table("adpc.xpt", &bytes);
        assert_eq!((read.format, read.name.as_deref(), read.frame.height()), (format, Some("ADPC"), 4));
        assert_eq!(texts(&read, "USUBJID")[3].as_deref(), Some("ONC-01-0004"));
        assert_eq!(numbers(&read, "AVAL"), [Some(-118.625), None, None, Some(0.1)]);
        assert_eq!(read.frame.column("ADT").unwrap().date().unwrap().physical().get(0), Some(24_000 - 3653));
        let point = read.frame.column("ADTM").unwrap().datetime().unwrap().physical().get(0);
        assert_eq!(point, Some((2_073_600_000 - 3653 * 86_400) * 1_000_000 + 500_000));
        assert_eq!(numbers(&read, "AGE")[0], Some(54.5), "a format of the user's own is no date format");
        assert_eq!(texts(&read, "AVALC"), owned(&[Some("patient\u{2019}s value"), Some("  lead"), None, Some("5 µg")]));
        assert_eq!(read.labels["AVAL"], "Analysis Value");
        assert_eq!(
            read.notes,
            [
                ReadNote::SpecialMissing { column: "AVAL".into(), rows: vec![3] },
                ReadNote::Windows1252 { column: "AVALC".into(), rows: vec![1] }
            ]
        );
    }
}

#[test]
fn version_8_has_long_names_and_labels() {
    let label = "A label that is a good deal longer than the forty characters of version 5";
    let variables = [variable("ANALYSIS_VALUE_NUMERIC", label, "", 8, false), variable("COMMENT", "Comment", "", 100, true)];
    let rows = [vec![Cell::Number(1.0), Cell::Text(b"x")], vec![Cell::Number(2.0), Cell::Text(b"y")]];
    let read = table("a.xpt", &library(8, &[member(8, "A_LONG_DATASET_NAME", &variables, &rows)]));
    assert_eq!(read.name.as_deref(), Some("A_LONG_DATASET_NAME"));
    assert_eq!(numbers(&read, "ANALYSIS_VALUE_NUMERIC"), [Some(1.0), Some(2.0)]);
    assert_eq!(read.labels["ANALYSIS_VALUE_NUMERIC"], label);
}

#[test]
fn transport_faults_are_told() {
    let one = member(5, "TI", &pharmacokinetic_variables(), &pharmacokinetic_rows());
    let two = member(5, "TS", &pharmacokinetic_variables(), &pharmacokinetic_rows());
    let error = read("both.xpt", &library(5, &[one.clone(), two])).unwrap_err();
    assert!(matches!(&error.fault, ReadFault::SeveralMembers { names } if *names == ["TI", "TS"]), "{error}");
    assert_eq!(code("a.xpt", &library(5, &[member(5, "TI", &[], &[])])), "file-no-variables");
    let whole = library(5, &[one]);
    assert_eq!(code("a.xpt", &whole[..whole.len() - 1]), "file-truncated");
    assert_eq!(code("a.xpt", &whole[..whole.len() - 160]), "file-truncated");
    assert_eq!(code("a.xpt", &whole[..720]), "file-truncated");
    let mut blank_end = whole.clone();
    blank_end.extend([b' '; 160]);
    assert_eq!(code("a.xpt", &blank_end), "file-damaged");
    let mut moved = whole;
    moved[640 + 140 + 5] = 7;
    assert_eq!(code("a.xpt", &moved), "file-damaged");
    let none = library(5, &[member(5, "TI", &pharmacokinetic_variables(), &[])]);
    assert_eq!(table("a.xpt", &none).frame.shape(), (0, 6));
}

#[test]
fn blank_observations_between_others_are_kept() {
    let variables = [variable("TEXT", "", "", 50, true), variable("MORE", "", "", 50, true)];
    let text = |text: &'static [u8]| vec![Cell::Text(text), Cell::Text(b"")];
    let read = table("a.xpt", &library(5, &[member(5, "A", &variables, &[text(b"a"), text(b""), text(b"c")])]));
    assert_eq!(texts(&read, "TEXT"), owned(&[Some("a"), None, Some("c")]));
}

// ---------------------------------------------------------------------------------------------------------------------- SAS7BDAT

const PAGE: usize = 4096;

/// A SAS dataset of one page of descriptions and one of rows, of 32 bits, little-endian, in the encoding of code `encoding`.
fn sas7bdat_of(encoding: u8, variables: &[Variable], rows: &[Vec<Cell>]) -> Vec<u8> {
    let long = |number: usize| u32::try_from(number).expect("a small number").to_le_bytes();
    let short = |number: usize| u16::try_from(number).expect("a small number").to_le_bytes();
    let mut header = vec![0; 1024];
    header[12..32].copy_from_slice(b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\0\x09\xc7\x31\x8c\x18\x1f\x10\x11");
    (header[32], header[35], header[37], header[39], header[70]) = (0x22, 0x22, 1, b'1', encoding);
    header[92..156].copy_from_slice(&padded(b"ADPC", 64));
    header[156..164].copy_from_slice(b"DATA    ");
    header[196..200].copy_from_slice(&long(1024));
    header[200..204].copy_from_slice(&long(PAGE));
    header[204..208].copy_from_slice(&long(2));
    header[216..224].copy_from_slice(b"9.0401M7");

    // Names, formats and labels stand in one text; its first two bytes are a length that readers pass over.
    let mut text = vec![0; 2];
    let mut place = |word: &str| {
        let at = text.len();
        text.extend(padded(word.as_bytes(), word.len().div_ceil(4) * 4));
        (at, word.len())
    };
    let words: Vec<[(usize, usize); 3]> = variables.iter().map(|v| [place(v.name), place(v.format), place(v.label)]).collect();
    let width: usize = variables.iter().map(|variable| variable.width).sum();

    let mut row_size = [&[0xf7; 4][..], &[0; 476]].concat();
    row_size[20..24].copy_from_slice(&long(width));
    row_size[24..28].copy_from_slice(&long(rows.len()));
    row_size[36..40].copy_from_slice(&long(variables.len()));
    let column_size = [&[0xf6; 4][..], &long(variables.len()), &[0; 4]].concat();
    let column_text = [&0xffff_fffd_u32.to_le_bytes()[..], &text].concat();
    let mut names = [&0xffff_ffff_u32.to_le_bytes()[..], &[0; 8]].concat();
    let mut attributes = [&0xffff_fffc_u32.to_le_bytes()[..], &[0; 8]].concat();
    let mut offset = 0;
    for (variable, [name, ..]) in variables.iter().zip(&words) {
        names.extend([short(0), short(name.0), short(name.1), short(0)].concat());
        attributes.extend([&long(offset)[..], &long(variable.width), &[0, 0, if variable.text { 2 } else { 1 }, 0]].concat());
        offset += variable.width;
    }
    names.extend([0; 8]);
    attributes.extend([0; 4]);
    let mut subheaders = vec![row_size, column_size, column_text, names, attributes];
    for [_, format, label] in &words {
        let places = [0, format.0, format.1, 0, label.0, label.1].map(short).concat();
        subheaders.push([&0xffff_fbfe_u32.to_le_bytes()[..], &[0; 30], &places, &[0; 6]].concat());
    }
    let mut described = vec![0; PAGE];
    described[20..22].copy_from_slice(&short(subheaders.len()));
    let mut at = PAGE;
    for (index, subheader) in subheaders.iter().enumerate() {
        at -= subheader.len().div_ceil(4) * 4;
        described[at..at + subheader.len()].copy_from_slice(subheader);
        described[24 + 12 * index..][..8].copy_from_slice(&[long(at), long(subheader.len())].concat());
    }
    let mut data = vec![0; PAGE];
    data[16..18].copy_from_slice(&short(256));
    data[18..20].copy_from_slice(&short(rows.len()));
    let mut at = 24;
    for (cell, variable) in rows.iter().flat_map(|row| row.iter().zip(variables)) {
        let bytes = match cell {
            Cell::Text(text) => padded(text, variable.width),
            Cell::Number(number) => number.to_le_bytes()[8 - variable.width..].to_vec(),
            Cell::Missing(_) => 0xffff_fe00_0000_0000_u64.to_le_bytes()[8 - variable.width..].to_vec(),
        };
        data[at..at + variable.width].copy_from_slice(&bytes);
        at += variable.width;
    }
    [header, described, data].concat()
}

#[test]
fn sas_datasets_are_read() {
    let read = table("adpc.sas7bdat", &sas7bdat_of(62, &pharmacokinetic_variables(), &pharmacokinetic_rows()));
    assert_eq!((read.format, read.name.as_deref(), read.frame.shape()), (Format::Sas7bdat, Some("ADPC"), (4, 6)));
    assert_eq!(texts(&read, "USUBJID")[0].as_deref(), Some("ONC-01-0001"));
    assert_eq!(numbers(&read, "AVAL"), [Some(-118.625), None, None, Some(0.1)]);
    assert_eq!(read.frame.column("ADT").unwrap().date().unwrap().physical().get(3), Some(24_000 - 3653));
    assert_eq!(texts(&read, "AVALC")[0].as_deref(), Some("patient\u{2019}s value"));
    assert_eq!(read.labels["ADT"], "Analysis Date");
    // The library takes YEARS for a date format; the ages come back as numbers, with a note that fractions are gone.
    assert_eq!(read.frame.column("AGE").unwrap().dtype(), &DataType::Float64);
    assert_eq!(read.notes, [ReadNote::WholeNumbersOnly { column: "AGE".into(), format: "YEARS".into() }]);
    let none = table("adpc.sas7bdat", &sas7bdat_of(62, &pharmacokinetic_variables(), &[]));
    assert_eq!(none.frame.shape(), (0, 6));
}

#[test]
fn sas_dataset_faults_are_told() {
    let whole = sas7bdat();
    assert_eq!(code("a.sas7bdat", &whole[..whole.len() - 1]), "file-truncated");
    assert_eq!(code("a.sas7bdat", &whole[..1024]), "file-truncated");
    assert_eq!(code("a.sas7bdat", &whole[..100]), "file-truncated");
    assert_eq!(code("a.sas7bdat", &[&whole[..], b"x"].concat()), "file-damaged");
    let rows = whole.windows(4).position(|bytes| bytes == [0xf7; 4]).unwrap() + 24;
    for (count, expected) in [(ROWS as u8 + 40, "row-count"), (0xff, "file-damaged")] {
        let mut more = whole.clone();
        more[rows..rows + 4].copy_from_slice(&[count, 0, 0, if count == 0xff { 0x7f } else { 0 }]);
        let found = code("a.sas7bdat", &more);
        assert!(found == expected || found == "file-damaged", "{count}: {found}");
    }
    let columns = whole.windows(4).position(|bytes| bytes == [0xf6; 4]).unwrap() + 4;
    let mut many = whole.clone();
    many[columns..columns + 4].copy_from_slice(&[0xff; 4]);
    assert_eq!(code("a.sas7bdat", &many), "file-damaged");
}

// ------------------------------------------------------------------------------------------------------------------ Dataset-JSON

fn json_of(version: &str, records: usize) -> serde_json::Value {
    let column =
        |name: &str, kind: &str| serde_json::json!({"itemOID": name, "name": name, "label": format!("Label of {name}"), "dataType": kind});
    serde_json::json!({
        "datasetJSONCreationDateTime": "2026-02-16T10:00:00", "datasetJSONVersion": version, "itemGroupOID": "IG.ADPC", "records": records,
        "name": "adpc", "label": "Concentrations",
        "columns": [column("USUBJID", "string"), column("AVAL", "double"), column("ASEQ", "integer"), column("AMOUNT", "decimal"),
                    column("ADT", "date"), column("FLAG", "boolean")],
    })
}

fn json_rows() -> serde_json::Value {
    serde_json::json!([
        ["001", 1.5, 1, "0.10", "2026-01-01", true],
        ["", null, 2, null, null, null],
        ["003", "7", 3, "5", "2026-01", false]
    ])
}

#[test]
fn dataset_json_as_document_and_line_by_line() {
    let mut document = json_of("1.1.0", 3);
    document["rows"] = json_rows();
    let mut lines = json_of("1.1.0", 3).to_string();
    for row in json_rows().as_array().unwrap() {
        lines.push_str(&format!("\n{row}"));
    }
    for (name, text) in [("adpc.json", document.to_string()), ("adpc.ndjson", lines)] {
        let read = table(name, text.as_bytes());
        assert_eq!((read.format, read.name.as_deref()), (Format::DatasetJson, Some("ADPC")), "{name}");
        assert_eq!(texts(&read, "USUBJID"), owned(&[Some("001"), None, Some("003")]));
        assert_eq!(numbers(&read, "AVAL"), [Some(1.5), None, Some(7.0)]);
        assert_eq!(numbers(&read, "ASEQ"), [Some(1.0), Some(2.0), Some(3.0)]);
        assert_eq!(numbers(&read, "AMOUNT"), [Some(0.1), None, Some(5.0)]);
        assert_eq!(texts(&read, "ADT"), owned(&[Some("2026-01-01"), None, Some("2026-01")]));
        assert_eq!(texts(&read, "FLAG"), owned(&[Some("true"), None, Some("false")]));
        assert_eq!(read.labels["AVAL"], "Label of AVAL");
    }
}

#[test]
fn dataset_json_faults_are_told() {
    let with = |version: &str, records: usize| {
        let mut document = json_of(version, records);
        document["rows"] = json_rows();
        document
    };
    assert_eq!(code("a.json", with("1.1.0", 4).to_string().as_bytes()), "row-count");
    assert_eq!(code("a.json", with("1.0.0", 3).to_string().as_bytes()), "json-not-dataset");
    let text = with("1.1.0", 3).to_string();
    assert_eq!(code("a.json", &text.as_bytes()[..text.len() - 5]), "file-truncated");
    let mut ragged = with("1.1.0", 3);
    ragged["rows"][1] = serde_json::json!(["002"]);
    assert_eq!(code("a.json", ragged.to_string().as_bytes()), "file-damaged");
    assert_eq!(code("a.json", br#"{"clinicalData": {"studyOID": "x", "itemGroupData": {}}}"#), "json-not-dataset");
}

// ------------------------------------------------------------------------------------------------------------------ damaged files

/// Rows of the files below.
const ROWS: usize = 24;

fn csv() -> Vec<u8> {
    let mut text = String::from("USUBJID,AVAL,AVALC,NOTE\n");
    for row in 0..ROWS {
        let note = if row % 5 == 0 { format!("\"cell, with \"\"quotes\"\"\nof row {row}\"") } else { String::from("plain") };
        text.push_str(&format!("ONC-{row:03},{:.2},<{row},{note}\n", row as f64 * 1.5));
    }
    text.into_bytes()
}

fn parquet() -> Vec<u8> {
    let subjects: Vec<String> = (0..ROWS).map(|row| format!("ONC-{row:03}")).collect();
    let values: Vec<Option<f64>> = (0..ROWS).map(|row| (row % 7 != 0).then_some(row as f64)).collect();
    parquet_of(df!("USUBJID" => subjects, "AVAL" => values, "ASEQ" => (0..ROWS as i64).collect::<Vec<_>>()).expect("columns of one length"))
}

fn many_rows() -> Vec<Vec<Cell>> {
    pharmacokinetic_rows().into_iter().cycle().take(ROWS).collect()
}

fn transport(version: u8) -> Vec<u8> {
    library(version, &[member(version, "ADPC", &pharmacokinetic_variables(), &many_rows())])
}

fn sas7bdat() -> Vec<u8> {
    sas7bdat_of(62, &pharmacokinetic_variables(), &many_rows())
}

fn dataset_json() -> Vec<u8> {
    let mut document = json_of("1.1.0", ROWS);
    let rows = json_rows();
    document["rows"] = (0..ROWS).map(|row| rows[row % 3].clone()).collect();
    document.to_string().into_bytes()
}

/// A small generator of its own, so that the mutations are the same on every run.
struct Draws(u64);

impl Draws {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Damage {
    CutOff,
    Flipped,
    Removed,
    Doubled,
}

fn damaged(bytes: &[u8], draws: &mut Draws) -> (Damage, Vec<u8>) {
    let mut bytes = bytes.to_vec();
    let (from, length) = (draws.below(bytes.len()), 1 + draws.below(200));
    let to = (from + length).min(bytes.len());
    match draws.below(4) {
        0 => {
            bytes.truncate(from);
            (Damage::CutOff, bytes)
        }
        1 => {
            for _ in 0..=draws.below(4) {
                let at = draws.below(bytes.len());
                bytes[at] ^= 1 + draws.below(255) as u8;
            }
            (Damage::Flipped, bytes)
        }
        2 => {
            bytes.drain(from..to);
            (Damage::Removed, bytes)
        }
        _ => {
            let piece = bytes[from..to].to_vec();
            bytes.splice(from..from, piece);
            (Damage::Doubled, bytes)
        }
    }
}

/// Damages a file `times` times; `check` sees each damaged file that could still be read. Returns how many there were.
fn damage(name: &str, whole: &[u8], times: usize, check: impl Fn(Damage, &[u8], &RawTable)) -> usize {
    assert_eq!(table(name, whole).frame.height(), ROWS);
    let mut draws = Draws(0x9e37_79b9_7f4a_7c15);
    let mut readable = 0;
    for _ in 0..times {
        let (kind, bytes) = damaged(whole, &mut draws);
        if let Ok(table) = read(name, &bytes) {
            readable += 1;
            check(kind, &bytes, &table);
        }
    }
    readable
}

/// An independent count of the records after the header, if all have as many fields as the header: commas, line feeds, RFC 4180 quotes.
fn regular_records(text: &[u8]) -> Option<usize> {
    enum Cell {
        Start,
        Plain,
        Quoted,
        Closed,
    }
    let (mut widths, mut fields, mut cell) = (Vec::new(), 1, Cell::Start);
    for byte in text {
        cell = match (cell, byte) {
            (Cell::Start | Cell::Closed, b'"') => Cell::Quoted,
            (Cell::Quoted, b'"') => Cell::Closed,
            (Cell::Quoted, _) => Cell::Quoted,
            (_, b',') => {
                fields += 1;
                Cell::Start
            }
            (_, b'\n') => {
                widths.push(fields);
                fields = 1;
                Cell::Start
            }
            (Cell::Closed, _) => return None,
            _ => Cell::Plain,
        };
    }
    if text.last() != Some(&b'\n') {
        widths.push(fields);
    }
    let width = widths.first()?;
    (!matches!(cell, Cell::Quoted) && widths.iter().all(|fields| fields == width)).then(|| widths.len() - 1)
}

#[test]
fn damaged_text_is_refused_or_has_all_its_records() {
    let whole = csv();
    let header = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let readable = damage("a.csv", &whole, 6000, |kind, bytes, table| {
        let ends = bytes.last() == Some(&b'\n');
        let noted = table.notes.iter().any(|note| matches!(note, ReadNote::MissingFinalNewline { .. }));
        assert!(ends != noted || bytes.last() == Some(&b'\r'), "{kind:?}");
        if bytes.starts_with(&whole[..header]) && !bytes.contains(&b'\r') {
            assert_eq!(Some(table.frame.height()), regular_records(bytes.trim_ascii_end()), "{kind:?} {}", String::from_utf8_lossy(bytes));
        }
    });
    assert!(readable > 200, "{readable}");
}

#[test]
fn text_that_is_cut_off_is_shorter_only_at_the_end_of_a_record() {
    let whole = csv();
    // Places where a record ends, that is where the bytes before are a complete file.
    let complete = |length: usize| regular_records(&whole[..length]).filter(|_| whole[..length].ends_with(b"\n"));
    let mut shorter = 0;
    for length in 0..whole.len() {
        let Ok(table) = read("a.csv", &whole[..length]) else { continue };
        let noted = table.notes.iter().any(|note| matches!(note, ReadNote::MissingFinalNewline { .. }));
        match complete(length) {
            Some(records) => {
                assert!(!noted);
                assert_eq!(table.frame.height(), records);
                shorter += 1;
            }
            None => assert!(noted, "cut at {length} without a word"),
        }
    }
    assert_eq!(shorter, ROWS, "after the header and after each record but the last");
}

#[test]
fn damaged_compression_never_changes_the_rows() {
    damage("a.csv.gz", &gzip(&csv()), 2000, |kind, _, table| assert_eq!(table.frame.height(), ROWS, "{kind:?}"));
}

#[test]
fn damaged_parquet_is_refused_or_has_all_its_rows() {
    damage("a.parquet", &parquet(), 5000, |kind, _, table| assert_eq!(table.frame.height(), ROWS, "{kind:?}"));
}

#[test]
fn damaged_dataset_json_is_refused_or_has_all_its_rows() {
    let readable = damage("a.json", &dataset_json(), 3000, |kind, _, table| {
        assert_ne!(kind, Damage::CutOff);
        assert_eq!(table.frame.height(), ROWS, "{kind:?}");
    });
    assert!(readable > 20, "{readable}");
}

#[test]
fn damaged_transport_files_are_refused_or_complete() {
    for version in [5, 8] {
        let whole = transport(version);
        let length: usize = pharmacokinetic_variables().iter().map(|variable| variable.width).sum();
        let start = 640 + (6 * 140_usize).div_ceil(80) * 80 + 80;
        let readable = damage("a.xpt", &whole, 4000, |kind, bytes, table| {
            assert_eq!(bytes.len() % 80, 0, "{kind:?}");
            if bytes.get(..start) == Some(&whole[..start]) {
                let rest = &bytes[start + table.frame.height() * length..];
                assert!(rest.len() < 80 && rest.iter().all(|byte| *byte == b' '), "{kind:?}: not a complete file");
            }
        });
        assert!(readable > 100, "{readable}");
    }
}

#[test]
fn damaged_sas_datasets_are_refused_or_have_the_rows_they_announce() {
    let whole = sas7bdat();
    let count = whole.windows(4).position(|bytes| bytes == [0xf7; 4]).unwrap() + 24;
    let readable = damage("a.sas7bdat", &whole, 4000, |kind, bytes, table| {
        assert_eq!(kind, Damage::Flipped, "its length must be as announced");
        if bytes[count..count + 4] == whole[count..count + 4] {
            assert_eq!(table.frame.height(), ROWS);
        }
    });
    assert!(readable > 50, "{readable}");
}

// --------------------------------------------------------------------------------------------------------------------- real files

/// Data that lie beside the checkout of some developers; `None` elsewhere.
fn shared(folder: &str) -> Option<PathBuf> {
    Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(folder)).filter(|path| path.is_dir())
}

#[test]
fn a_dataset_is_the_same_in_every_format() {
    let Some(folder) = shared("zeltorafib/cut1") else { return };
    let mut compared = 0;
    for entry in std::fs::read_dir(folder.join("xpt")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let transport = read_table(&path, &expect).unwrap();
        let csv = read_table(&folder.join(format!("csv/{name}.csv")), &expect).unwrap();
        let parquet = read_table(&folder.join(format!("parquet/{name}.parquet")), &expect).unwrap();
        assert_eq!(transport.name, Some(name.to_uppercase()));
        assert_eq!(transport.frame.shape(), csv.frame.shape(), "{name}");
        assert_eq!(transport.frame.shape(), parquet.frame.shape(), "{name}");
        assert_eq!(texts(&transport, "USUBJID"), texts(&csv, "USUBJID"), "{name}");
        assert_eq!(texts(&transport, "USUBJID"), texts(&parquet, "USUBJID"), "{name}");
        compared += 1;
    }
    assert!(compared >= 13, "{compared}");
}

#[test]
fn windows_characters_of_a_real_transport_file_are_kept() {
    let Some(folder) = shared("real/cdisc_pilot01/sdtm_xpt") else { return };
    let read = read_table(&folder.join("ts.xpt"), &expect).unwrap();
    assert_eq!(read.notes, [ReadNote::Windows1252 { column: "TSVAL".into(), rows: vec![9, 14, 29] }]);
    assert!(texts(&read, "TSVAL").iter().flatten().any(|text| text.contains('\u{2019}')));
}
