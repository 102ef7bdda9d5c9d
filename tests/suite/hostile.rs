//! An example whose inputs are spoilt one by one, through the command line: no panic, an exit code of the contract, and a message that names file,
//! dataset, column and what to do.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use dosecase::config::read_project;
use dosecase::data::read_trial;
use serde_json::Value;

use super::sandbox::{example, run, told};

/// A table of text: names, then rows.
type Table = Vec<Vec<String>>;

/// The end-of-phase-1 example with its datasets as CSV files, which a test can spoil.
pub(super) struct Spoilt {
    folder: tempfile::TempDir,
}

/// The datasets of the example by file name.
fn tables() -> &'static BTreeMap<String, Table> {
    static TABLES: OnceLock<BTreeMap<String, Table>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let trial = read_trial(&read_project(&example("zeltorafib-eop1")).unwrap()).unwrap().value;
        let table = |file: &dosecase::data::DatasetFile| {
            let dataset = trial.get(file.dataset).unwrap();
            let rows = (file.first_row - 1) as usize..(file.first_row - 1 + file.rows) as usize;
            let names = dataset.columns();
            let columns: Vec<Vec<Option<String>>> = names.iter().map(|name| dataset.texts(name).unwrap()).collect();
            let row = |row: usize| columns.iter().map(|column| column[row].clone().unwrap_or_default()).collect();
            (file.file.replace(".parquet", ""), std::iter::once(names).chain(rows.map(row)).collect())
        };
        trial.files.iter().map(table).collect()
    })
}

fn csv(table: &Table) -> String {
    let cell = |cell: &String| if cell.contains([',', '"']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() };
    table.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(",") + "\n").collect()
}

impl Spoilt {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        for (name, table) in tables() {
            fs::write(folder.path().join("data").join(format!("{name}.csv")), csv(table)).unwrap();
        }
        for file in ["dosecase.yaml", "dose_decisions.csv", "nonclinical.yaml"] {
            fs::copy(example("zeltorafib-eop1").join(file), folder.path().join(file)).unwrap();
        }
        Self { folder }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    fn data(&self, name: &str) -> PathBuf {
        self.path().join("data").join(format!("{name}.csv"))
    }

    /// A dataset whose text is changed.
    fn text(self, name: &str, change: impl Fn(String) -> String) -> Self {
        fs::write(self.data(name), change(fs::read_to_string(self.data(name)).unwrap())).unwrap();
        self
    }

    /// A dataset whose table is changed.
    fn table(self, name: &str, change: impl Fn(&mut Table)) -> Self {
        let mut table = tables()[name].clone();
        change(&mut table);
        fs::write(self.data(name), csv(&table)).unwrap();
        self
    }

    /// A column whose cells are changed.
    pub(super) fn column(self, name: &str, column: &str, change: impl Fn(&str) -> String) -> Self {
        self.table(name, |table| {
            let position = table[0].iter().position(|other| other == column).unwrap();
            table.iter_mut().skip(1).for_each(|row| row[position] = change(&row[position]));
        })
    }

    /// The project file with another text in place of one.
    pub(super) fn project(self, from: &str, to: &str) -> Self {
        let file = self.path().join("dosecase.yaml");
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(&file, text.replacen(from, to, 1)).unwrap();
        self
    }

    /// What is said of the data: exit code and diagnostics, of which `check` and `build` must think alike.
    fn told(&self) -> (i32, Vec<Value>) {
        let path = self.path().to_string_lossy().into_owned();
        let (code, out, errors) = told(&run(&["check", "--json", &path]));
        assert!(!errors.contains("panicked"), "{errors}");
        assert!([0, 2, 3].contains(&code), "{code}: {errors}");
        let document: Value = serde_json::from_str(&out).unwrap();
        if code != 0 {
            let (built, _, errors) = told(&run(&["build", &path]));
            assert_eq!(built, code, "{errors}");
            assert!(!self.path().join("dossier").exists());
        }
        (code, document["diagnostics"].as_array().unwrap().clone())
    }
}

/// How a run ends, and a diagnostic that it gives: code, file, words of the message and of the hint.
struct Expected {
    exit: i32,
    code: &'static str,
    file: &'static str,
    words: &'static [&'static str],
}

fn expected(exit: i32, code: &'static str, file: &'static str, words: &'static [&'static str]) -> Expected {
    Expected { exit, code, file, words }
}

fn cases() -> Vec<(Spoilt, Expected)> {
    let cut_in_row = |text: String| text[..text.len() / 2].to_owned();
    let cut_after_row = |text: String| text[..text[..text.len() / 2].rfind('\n').unwrap() + 1].to_owned();
    let header = |text: String| text.lines().next().unwrap().to_owned() + "\n";
    let doubled = |text: String| text.clone() + text.split_once('\n').unwrap().1;
    let new = Spoilt::new;
    let copied = |from: &str, to: &str| {
        let spoilt = new();
        fs::copy(spoilt.data(from), spoilt.data(to)).unwrap();
        spoilt
    };
    vec![
        (new().text("adae", cut_in_row), expected(3, "row-ragged", "adae.csv", &["data row", "line", "cut off"])),
        (new().text("adlb", cut_after_row), expected(0, "records-end-early", "adlb.csv", &["ADLB", "end of the file"])),
        (new().text("adrs", cut_after_row), expected(0, "records-end-early", "adrs.csv", &["ADRS"])),
        (new().text("adtte", cut_after_row), expected(0, "records-missing", "adsl.csv", &["ADTTE", "ITTFL"])),
        (new().text("adae", doubled), expected(3, "rows-doubled", "adae.csv", &["there twice"])),
        (new().text("adsl", doubled), expected(3, "duplicate-subject", "adsl.csv", &["127 subjects"])),
        (new().text("adsl", header), expected(3, "dataset-empty", "adsl.csv", &["no rows"])),
        (new().text("adex", header), expected(0, "dataset-empty", "adex.csv", &["ADEX"])),
        (new().text("adae", |_| String::new()), expected(3, "file-empty", "adae.csv", &["empty"])),
        (copied("adae", "adrs"), expected(3, "name-contradicts-file", "adrs.csv", &["ADAE", "AEDECOD"])),
        (copied("adpp", "adpc"), expected(3, "name-contradicts-file", "adpc.csv", &["ADPP", "PPCAT"])),
        (new().column("adae", "USUBJID", |id| format!("X-{id}")), expected(3, "subject-not-in-adsl", "adae.csv", &["another study"])),
        (new().column("adae", "USUBJID", str::to_lowercase), expected(3, "subject-not-in-adsl", "adae.csv", &["another spelling"])),
        (
            new().column("adsl", "TRTSDT", |date| date.split('-').rev().collect::<Vec<_>>().join("/")),
            expected(0, "bad-date", "adsl.csv", &["TRTSDT", "YYYY-MM-DD"]),
        ),
        (
            new().column("adpp", "AVAL", |value| value.replace('.', ",")),
            expected(0, "text-in-number", "adpp.csv", &["AVAL", "decimal point"]),
        ),
        (new().column("adtte", "AVALU", |_| "MONTHS".into()), expected(0, "time-contradicts-dates", "adtte.csv", &["AVALU"])),
        (new().column("adsl", "SAFFL", |_| String::new()), expected(0, "population-empty", "adsl.csv", &["SAFFL", "blank"])),
        (new().text("adae", |text| text.replacen("AESER", "SERIOUS", 1)), expected(0, "column-absent", "adae.csv", &["AESER", "serious"])),
        (
            new().project("arm: Zeltorafib 60 mg QD", "arm: Zeltorafb 60 mg QD"),
            expected(2, "dosage-without-subjects", "dosecase.yaml", &["Zeltorafib 60 mg QD"]),
        ),
        (new().project("{PART: B}", "{PART: Z}"), expected(2, "part-without-subjects", "dosecase.yaml", &["`A`, `B`"])),
    ]
}

#[test]
fn every_spoilt_input_ends_as_the_contract_says_and_names_its_file() {
    for (spoilt, expected) in cases() {
        let (exit, diagnostics) = spoilt.told();
        assert_eq!(exit, expected.exit, "{}: {diagnostics:#?}", expected.code);
        let file = |diagnostic: &Value| diagnostic["file"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned();
        let found = diagnostics.iter().find(|diagnostic| diagnostic["code"] == expected.code && file(diagnostic) == expected.file);
        let found = found.unwrap_or_else(|| panic!("no {} of {}: {diagnostics:#?}", expected.code, expected.file));
        let said = format!("{} {}", found["message"].as_str().unwrap(), found["hint"].as_str().unwrap());
        for word in expected.words {
            assert!(said.contains(word), "{}: `{word}` is not in {said}", expected.code);
        }
    }
}

#[test]
fn what_only_looks_spoilt_gives_the_same_evidence() {
    let evidence = |spoilt: &Spoilt| {
        let out = spoilt.path().join("out");
        let (code, _, errors) = told(&run(&["build", &spoilt.path().to_string_lossy(), "--format", "md", "--out", &out.to_string_lossy()]));
        assert_eq!(code, 0, "{errors}");
        let evidence: Value = serde_json::from_slice(&fs::read(out.join("evidence.json")).unwrap()).unwrap();
        let facts = evidence["facts"].as_object().unwrap();
        facts.iter().map(|(id, fact)| (id.clone(), fact["value"].clone())).collect::<BTreeMap<String, Value>>()
    };
    let clean = evidence(&Spoilt::new());
    assert!(clean.len() > 1000);
    let respelled = Spoilt::new()
        .column("adsl", "TRT01P", |arm| format!("{}  ", arm.to_uppercase()))
        .column("adae", "TRT01A", |arm| arm.replace(' ', "  "))
        .column("adae", "AETOXGR", |grade| format!("GRADE {grade}"))
        .text("adex", |text| format!("\u{feff}{}", text.replace('\n', "\r\n")))
        .text("adrs", |text| {
            text.to_lowercase().split_once('\n').map(|(names, _)| names.to_owned() + "\n").unwrap() + text.split_once('\n').unwrap().1
        });
    assert!(evidence(&respelled) == clean);
    let moved = Spoilt::new();
    fs::create_dir_all(moved.path().join("data/study/cut")).unwrap();
    fs::rename(moved.data("adae"), moved.path().join("data/study/cut/adae.csv")).unwrap();
    assert!(evidence(&moved) == clean);
}

/// Every optional dataset may be absent, one at a time and all of them.
#[test]
fn a_dossier_needs_no_more_than_adsl() {
    let build = |spoilt: &Spoilt| {
        let (code, _, errors) = told(&run(&["build", &spoilt.path().to_string_lossy(), "--format", "md"]));
        assert_eq!(code, 0, "{errors}");
        assert!(spoilt.path().join("dossier/dossier.md").is_file());
    };
    for name in tables().keys().filter(|name| *name != "adsl") {
        let spoilt = Spoilt::new();
        fs::remove_file(spoilt.data(name)).unwrap();
        build(&spoilt);
    }
    let alone = Spoilt::new();
    tables().keys().filter(|name| *name != "adsl").for_each(|name| fs::remove_file(alone.data(name)).unwrap());
    build(&alone);
}
