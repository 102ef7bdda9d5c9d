//! Every diagnostic about data: a small trial without faults, one fault at a time, and what exactly is said of it.

use std::collections::BTreeSet;
use std::fs;

use dosecase::config::read_project;
use dosecase::data::{CODES, DataError, DatasetName, Origin, TrialData, read_trial};
use dosecase::diagnostic::{Diagnostic, Severity, Warned};
use dosecase::quantity::Date;
use tempfile::TempDir;

const PROJECT: &str = "\
dossier:
  title: A trial without faults
  data_cutoff: 2024-12-31
drug:
  name: testinib
  molecular_class: small_molecule_targeted
dosages:
  - {id: low, dose: 10 mg, arm: Drug 10 mg}
  - {id: high, dose: 20 mg, arm: Drug 20 mg}
  - {id: top, dose: 40 mg, arm: Drug 40 mg}
parts:
  - {id: escalation, when: {PART: A}}
";

/// A trial of twelve subjects, four in each of three arms, as text that a test can spoil.
struct Trial {
    project: String,
    files: Vec<(String, Vec<u8>)>,
}

/// A table of text: header, then rows.
type Table = Vec<Vec<String>>;

const SUBJECTS: usize = 12;

fn table(header: &str, rows: impl IntoIterator<Item = String>) -> Table {
    let cells = |line: &str| line.split(',').map(str::to_owned).collect();
    std::iter::once(cells(header)).chain(rows.into_iter().map(|row| cells(&row))).collect()
}

fn dose(subject: usize) -> usize {
    [10, 20, 40][(subject - 1) / 4]
}

fn adsl() -> Table {
    let header =
        "STUDYID,USUBJID,TRT01P,TRT01A,DOSEP,SEX,REGION1,PART,SAFFL,ITTFL,EFFFL,PKFL,DLTEVLFL,DLTFL,TRTSDT,TRTEDT,DTHDT,DCUTDT,EOTSTT";
    table(
        header,
        (1..=SUBJECTS).map(|subject| {
            let dose = dose(subject);
            let death = if subject == 4 { "2024-06-01" } else { "" };
            let toxic = if subject == 2 { "Y" } else { "N" };
            format!("T1,S{subject},Drug {dose} mg,Drug {dose} mg,{dose},F,NA,A,Y,Y,Y,Y,Y,{toxic},2024-01-10,2024-03-10,{death},2024-12-31,COMPLETED")
        }),
    )
}

fn adae() -> Table {
    table(
        "USUBJID,TRT01A,DOSEP,AESEQ,AEDECOD,AETOXGR,AESER,TRTEMFL,DLTFL,ASTDT,AENDT,AEREL,AEACN",
        [
            "S1,Drug 10 mg,10,1,Rash,2,N,Y,,2024-01-12,2024-01-15,N,NONE",
            "S2,Drug 10 mg,10,1,Fatigue,3,N,Y,Y,2024-01-20,2024-01-30,N,NONE",
            "S4,Drug 10 mg,10,1,Nausea,1,N,Y,,2024-02-01,,N,NONE",
            "S5,Drug 20 mg,20,1,Headache,1,N,,,2023-12-20,2023-12-21,N,NONE",
            "S9,Drug 40 mg,40,1,Nausea,1,N,Y,,2024-02-01,2024-02-02,N,NONE",
        ]
        .map(str::to_owned),
    )
}

fn adex() -> Table {
    let row = |subject| format!("S{subject},{},TESTINIB,{},mg,1,2024-01-10,2024-03-10", dose(subject), dose(subject));
    table("USUBJID,DOSEP,EXTRT,EXDOSE,EXDOSU,EXSEQ,ASTDT,AENDT", (1..=SUBJECTS).map(row))
}

fn adpc() -> Table {
    let rows = (1..=SUBJECTS).flat_map(|subject| {
        let value = dose(subject) * 10 + subject;
        [
            format!("S{subject},ZT,,<1,ng/mL,1,Y,Predose,0,-0.2,2024-01-10"),
            format!("S{subject},ZT,{value},{value},ng/mL,1,N,1 h Post-dose,1,1.1,2024-01-10"),
            format!("S{subject},ZT,{},{},ng/mL,1,N,24 h Post-dose,24,24.2,2024-01-11", value / 2, value / 2),
        ]
    });
    table("USUBJID,PARAMCD,AVAL,AVALC,AVALU,LLOQ,BLQFL,ATPT,NFRLT,AFRLT,ADT", rows)
}

fn adqs() -> Table {
    let rows = (1..=SUBJECTS).flat_map(|subject| {
        [format!("S{subject},PRO-1,Q1,Baseline,2024-01-09,-1,2,Y"), format!("S{subject},PRO-1,Q1,Week 4,2024-02-07,29,3,")]
    });
    table("USUBJID,PARCAT1,PARAMCD,AVISIT,ADT,ADY,AVAL,ABLFL", rows)
}

fn adtte() -> Table {
    let first: Date = "2024-01-10".parse().expect("a date");
    let row = |subject: usize| {
        let days = 20 * subject as i32;
        let last = Date::from_days_since_1970(first.days_since_1970() + days - 1).expect("a date");
        format!("S{subject},PFS,{first},{last},{days},DAYS,{}", subject % 2)
    };
    table("USUBJID,PARAMCD,STARTDT,ADT,AVAL,AVALU,CNSR", (1..=SUBJECTS).map(row))
}

fn csv(table: &Table) -> Vec<u8> {
    table.iter().map(|row| row.join(",") + "\n").collect::<String>().into_bytes()
}

impl Trial {
    fn clean() -> Self {
        let tables = [("adsl", adsl()), ("adae", adae()), ("adex", adex()), ("adpc", adpc()), ("adqs", adqs()), ("adtte", adtte())];
        let files = tables.iter().map(|(name, table)| (format!("{name}.csv"), csv(table))).collect();
        Self { project: PROJECT.to_owned(), files }
    }

    /// A file with other content, or a new one.
    fn file(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        self.files.retain(|(other, _)| other != name);
        self.files.push((name.to_owned(), content.into()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.files.retain(|(other, _)| other != name);
        self
    }

    fn content(&self, name: &str) -> Vec<u8> {
        self.files.iter().find(|(other, _)| other == name).expect("the file is part of the trial").1.clone()
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8(self.content(name)).expect("UTF-8 text")
    }

    fn lines(&self, name: &str) -> Vec<String> {
        self.text(name).lines().map(str::to_owned).collect()
    }

    /// One cell, by dataset, 1-based row and column name, with another text.
    fn cell(self, name: &str, row: usize, column: &str, text: &str) -> Self {
        let file = format!("{name}.csv");
        let mut lines = self.lines(&file);
        let position = lines[0].split(',').position(|other| other == column).expect("the column is part of the dataset");
        let mut cells: Vec<&str> = lines[row].split(',').collect();
        cells[position] = text;
        lines[row] = cells.join(",");
        self.file(&file, lines.join("\n") + "\n")
    }

    /// A row more at the end of a dataset.
    fn row(self, name: &str, text: &str) -> Self {
        let file = format!("{name}.csv");
        let content = self.content(&file);
        self.file(&file, [content, format!("{text}\n").into_bytes()].concat())
    }

    /// The rows of a dataset that `keep` likes, the header always.
    fn rows(self, name: &str, keep: impl Fn(&str) -> bool) -> Self {
        let file = format!("{name}.csv");
        let lines = self.lines(&file);
        let kept: Vec<&String> =
            lines.iter().enumerate().filter(|(position, line)| *position == 0 || keep(line)).map(|(_, line)| line).collect();
        let text: String = kept.iter().map(|line| format!("{line}\n")).collect();
        self.file(&file, text)
    }

    fn project(mut self, from: &str, to: &str) -> Self {
        assert!(self.project.contains(from), "{from}");
        self.project = self.project.replace(from, to);
        self
    }

    /// More at the end of the project file.
    fn settings(mut self, text: &str) -> Self {
        self.project.push_str(text);
        self
    }

    fn read(&self) -> Result<Warned<TrialData>, DataError> {
        let folder = TempDir::new().expect("a temporary folder");
        fs::create_dir(folder.path().join("data")).expect("a data folder");
        for (name, content) in &self.files {
            let path = folder.path().join("data").join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a sub-folder");
            fs::write(path, content).expect("a data file");
        }
        fs::write(folder.path().join("dosecase.yaml"), &self.project).expect("a project file");
        let project = read_project(folder.path()).unwrap_or_else(|errors| panic!("{errors}"));
        read_trial(&project)
    }

    fn diagnostics(&self) -> Vec<Diagnostic> {
        match self.read() {
            Ok(read) => read.diagnostics,
            Err(error) => error.diagnostics().to_vec(),
        }
    }

    /// The only diagnostic of a code.
    fn one(&self, code: &str) -> Diagnostic {
        let found = self.diagnostics();
        let mut own = found.iter().filter(|diagnostic| diagnostic.code == code);
        match (own.next(), own.next()) {
            (Some(diagnostic), None) => diagnostic.clone(),
            _ => panic!("not one {code}: {found:#?}"),
        }
    }

    fn has(&self, code: &str) -> bool {
        self.diagnostics().iter().any(|diagnostic| diagnostic.code == code)
    }
}

/// A fault of the data: its code, how to make it, and the dataset, column, rows and subjects that must be named.
struct Case {
    code: &'static str,
    spoil: fn(Trial) -> Trial,
    dataset: &'static str,
    column: &'static str,
    rows: &'static [u32],
    subjects: &'static [&'static str],
    severity: Severity,
}

const ALL_SUBJECTS: [&str; 12] = ["S1", "S10", "S11", "S12", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9"];

macro_rules! case {
    ($code:literal $severity:ident $dataset:literal $column:literal $rows:expr, $subjects:expr, $spoil:expr) => {
        Case {
            code: $code,
            spoil: $spoil,
            dataset: $dataset,
            column: $column,
            rows: &$rows,
            subjects: &$subjects,
            severity: Severity::$severity,
        }
    };
}

/// One case or more for every code that rows and subjects belong to.
fn cases() -> Vec<Case> {
    vec![
        case!("duplicate-subject" Critical "ADSL" "USUBJID" [1, 13], ["S1"], |trial| {
            let row = trial.lines("adsl.csv")[1].replace("Drug 10 mg", "Drug 20 mg");
            trial.row("adsl", &row)
        }),
        case!("subject-blank" Major "ADAE" "USUBJID" [3], [], |trial| trial.cell("adae", 3, "USUBJID", " ")),
        case!("subject-blank" Critical "ADSL" "USUBJID" [12], [], |trial| trial.cell("adsl", 12, "USUBJID", "")),
        case!("duplicate-row" Major "ADAE" "" [2, 6], ["S2"], |trial| {
            let row = trial.lines("adae.csv")[2].clone();
            trial.row("adae", &row)
        }),
        case!("rows-doubled" Critical "ADEX" "" [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24], ALL_SUBJECTS, |trial| {
            let content = trial.content("adex.csv");
            let rows = trial.lines("adex.csv")[1..].join("\n") + "\n";
            trial.file("adex.csv", [content, rows.into_bytes()].concat())
        }),
        case!("duplicate-key" Major "ADPC" "" [2, 37], ["S1"], |trial| {
            trial.row("adpc", "S1,ZT,999,999,ng/mL,1,N,1 h Post-dose,1,1.1,2024-01-10")
        }),
        case!("subject-not-in-adsl" Major "ADAE" "USUBJID" [3], ["X1"], |trial| trial.cell("adae", 3, "USUBJID", "X1")),
        case!("subject-not-in-adsl" Critical "ADAE" "USUBJID" [1, 2, 3, 4], ["X1", "X2", "X4", "X5"], |trial| {
            [(1, "X1"), (2, "X2"), (3, "X4"), (4, "X5")].into_iter().fold(trial, |trial, (row, subject)| trial.cell("adae", row, "USUBJID", subject))
        }),
        case!("records-missing" Major "ADSL" "SAFFL" [11, 12], ["S11", "S12"], |trial| {
            trial.rows("adex", |line| !line.starts_with("S11,") && !line.starts_with("S12,"))
        }),
        case!("arm-unknown" Major "ADSL" "TRT01P, TRT01A" [6], ["S6"], |trial| trial.cell("adsl", 6, "TRT01A", "Drug 30 mg")),
        case!("arm-unknown" Info "ADSL" "TRT01P, TRT01A" [13], ["S13"], |trial| {
            trial.row("adsl", "T1,S13,Screen Failure,Screen Failure,,F,NA,,N,N,N,N,N,N,,,,2024-12-31,")
        }),
        case!("arm-contradicts-adsl" Major "ADAE" "TRT01A" [2], ["S2"], |trial| trial.cell("adae", 2, "TRT01A", "Drug 20 mg")),
        case!("dose-contradicts-adsl" Major "ADAE" "DOSEP" [4], ["S5"], |trial| trial.cell("adae", 4, "DOSEP", "10")),
        case!("dose-units-mixed" Major "ADEX" "EXDOSU" [5], ["S5"], |trial| trial.cell("adex", 5, "EXDOSU", "ug")),
        case!("units-mixed" Major "ADPC" "AVALU" [8], ["S3"], |trial| trial.cell("adpc", 8, "AVALU", "ug/mL")),
        case!("factor-1000" Major "ADEX" "EXDOSE" [2], ["S2"], |trial| trial.cell("adex", 2, "EXDOSE", "10000")),
        case!("factor-1000" Major "ADPC" "AVAL" [5, 6], ["S2"], |trial| {
            trial.cell("adpc", 5, "AVAL", "102000").cell("adpc", 6, "AVAL", "51000")
        }),
        case!("factor-1000" Major "ADEX" "EXDOSE" [9, 10, 11, 12], ["S10", "S11", "S12", "S9"], |trial| {
            (9..=12).fold(trial, |trial, row| trial.cell("adex", row, "EXDOSE", "0.04"))
        }),
        case!("factor-1000" Major "ADSL" "DOSEP" [5], ["S5"], |trial| trial.cell("adsl", 5, "DOSEP", "20000")),
        case!("below-quantification-text" Info "ADPC" "AVAL" [1, 4, 7], ["S1", "S2", "S3"], |trial| {
            trial.cell("adpc", 1, "AVAL", "<1.00").cell("adpc", 4, "AVAL", "BLQ").cell("adpc", 7, "AVAL", "< LLOQ")
        }),
        case!("missing-code" Minor "ADEX" "EXDOSE" [3, 7], ["S3", "S7"], |trial| {
            trial.cell("adex", 3, "EXDOSE", "NA").cell("adex", 7, "EXDOSE", ".")
        }),
        case!("missing-code" Minor "ADSL" "TRTEDT" [3], ["S3"], |trial| trial.cell("adsl", 3, "TRTEDT", "N/A")),
        case!("not-finite" Major "ADPC" "AVAL" [2], ["S1"], |trial| trial.cell("adpc", 2, "AVAL", "Inf")),
        case!("text-in-number" Major "ADPC" "AVAL" [2, 5], ["S1", "S2"], |trial| {
            trial.cell("adpc", 2, "AVAL", "TOO SMALL TO MEASURE").cell("adpc", 5, "AVAL", "1O2")
        }),
        case!("partial-date" Minor "ADAE" "ASTDT" [5], ["S9"], |trial| trial.cell("adae", 5, "ASTDT", "2024-02")),
        case!("bad-date" Major "ADAE" "ASTDT" [1, 3], ["S1", "S4"], |trial| {
            trial.cell("adae", 1, "ASTDT", "2024-02-30").cell("adae", 3, "ASTDT", "45323")
        }),
        case!("flag-value" Major "ADSL" "SAFFL" [4], ["S4"], |trial| trial.cell("adsl", 4, "SAFFL", "YES")),
        case!("flag-value" Major "ADSL" "SEX" [7], ["S7"], |trial| trial.cell("adsl", 7, "SEX", "FALSE")),
        case!("grade-invalid" Major "ADAE" "AETOXGR" [1, 3, 5], ["S1", "S4", "S9"], |trial| {
            trial.cell("adae", 1, "AETOXGR", "6").cell("adae", 3, "AETOXGR", "0").cell("adae", 5, "AETOXGR", "2.5")
        }),
        case!("negative-time-after-dose" Major "ADPC" "AFRLT" [2, 6], ["S1", "S2"], |trial| {
            trial.cell("adpc", 2, "AFRLT", "-1.1").cell("adpc", 6, "AFRLT", "-24.2")
        }),
        case!("quantifiable-before-first-dose" Major "ADPC" "AVAL" [7], ["S3"], |trial| {
            trial.cell("adpc", 7, "AVAL", "55").cell("adpc", 7, "BLQFL", "N")
        }),
        case!("start-after-end" Major "ADAE" "ASTDT" [2], ["S2"], |trial| trial.cell("adae", 2, "AENDT", "2024-01-19")),
        case!("start-after-end" Major "ADSL" "TRTSDT" [5], ["S5"], |trial| trial.cell("adsl", 5, "TRTEDT", "2024-01-01")),
        case!("before-first-dose" Major "ADAE" "ASTDT" [1], ["S1"], |trial| trial.cell("adae", 1, "ASTDT", "2024-01-09")),
        case!("before-first-dose" Major "ADEX" "ASTDT" [1], ["S1"], |trial| trial.cell("adex", 1, "ASTDT", "2024-01-09")),
        case!("after-death" Major "ADAE" "ASTDT" [3], ["S4"], |trial| trial.cell("adae", 3, "ASTDT", "2024-06-02")),
        case!("after-death" Major "ADQS" "ADT" [8], ["S4"], |trial| trial.cell("adqs", 8, "ADT", "2024-07-01")),
        case!("after-cutoff" Major "ADAE" "AENDT" [5], ["S9"], |trial| trial.cell("adae", 5, "AENDT", "2025-01-01")),
        case!("cutoff-differs" Major "ADSL" "DCUTDT" [2], ["S2"], |trial| trial.cell("adsl", 2, "DCUTDT", "2024-11-30")),
        case!("dlt-outside-window" Major "ADAE" "DLTFL" [2], ["S2"], |trial| {
            trial.cell("adae", 2, "ASTDT", "2024-02-07").cell("adae", 2, "AENDT", "2024-02-09")
        }),
        case!("dlt-contradicts-adsl" Major "ADSL" "DLTFL" [1, 2], ["S1", "S2"], |trial| {
            trial.cell("adae", 2, "DLTFL", "").cell("adae", 1, "DLTFL", "Y")
        }),
        case!("time-negative" Major "ADTTE" "AVAL" [3], ["S3"], |trial| trial.cell("adtte", 3, "AVAL", "-4")),
        case!("censoring-invalid" Major "ADTTE" "CNSR" [1, 2], ["S1", "S2"], |trial| {
            trial.cell("adtte", 1, "CNSR", "-1").cell("adtte", 2, "CNSR", "0.5")
        }),
        case!("factor-1000" Major "ADEX" "EXDOSE" [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], ALL_SUBJECTS, |trial| {
            // Every dose: only the project file can tell.
            (1..=SUBJECTS).fold(trial, |trial, row| trial.cell("adex", row, "EXDOSE", &format!("{}000", dose(row))))
        }),
        case!("records-missing" Major "ADSL" "EFFFL" [5], ["S5"], |trial| {
            let rows = (1..=SUBJECTS).filter(|subject| *subject != 5).map(|subject| format!("S{subject},CRSP,N,2024-03-10"));
            trial.file("adrs.csv", csv(&table("USUBJID,PARAMCD,AVALC,ADT", rows)))
        }),
        case!("records-end-early" Major "ADQS" "" [8], ["S10", "S11", "S12", "S5", "S6", "S7", "S8", "S9"], |trial| {
            trial.rows("adqs", |line| ["S1,", "S2,", "S3,", "S4,"].iter().any(|subject| line.starts_with(subject)))
        }),
        case!("events-absent" Major "ADTTE" "CNSR" [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], ALL_SUBJECTS, |trial| {
            (1..=SUBJECTS).fold(trial, |trial, row| trial.cell("adtte", row, "CNSR", if row % 2 == 0 { "1" } else { "2" }))
        }),
        case!("time-contradicts-dates" Major "ADTTE" "AVAL" [3], ["S3"], |trial| trial.cell("adtte", 3, "AVALU", "MONTHS")),
        case!("factor-1000" Major "ADPC" "AVAL" [5], ["S2"], |trial| trial.cell("adpc", 5, "AVAL", "102000")),
        case!("baseline-missing" Major "ADQS" "ABLFL" [6], ["S3"], |trial| {
            trial.cell("adqs", 5, "ABLFL", "").cell("adqs", 5, "AVISIT", "Screening")
        }),
        case!("windows-1252" Minor "ADAE" "AEDECOD" [1], ["S1"], |trial| {
            let text = trial.text("adae.csv");
            let bytes: Vec<u8> = text.replace("Rash", "Rash\u{92}").chars().map(|character| u32::from(character) as u8).collect();
            trial.file("adae.csv", bytes)
        }),
        case!("replacement-character" Major "ADAE" "AEDECOD" [3], ["S4"], |trial| trial.cell("adae", 3, "AEDECOD", "Naus\u{FFFD}a")),
        case!("final-newline-missing" Major "ADAE" "" [5], ["S9"], |trial| {
            let content = trial.content("adae.csv");
            trial.file("adae.csv", content.trim_ascii_end())
        }),
    ]
}

#[test]
fn a_trial_without_faults_has_no_diagnostics() {
    let read = Trial::clean().read().unwrap();
    assert_eq!(read.diagnostics, []);
    assert_eq!(read.value.files.len(), 6);
    assert_eq!(read.value.get(DatasetName::Adsl).unwrap().height(), SUBJECTS);
    assert!(read.value.absent.contains(&DatasetName::Adlb));
}

#[test]
fn every_fault_names_its_rows_and_its_subjects() {
    for case in cases() {
        let found = (case.spoil)(Trial::clean()).one_in(case.code, case.dataset, case.column);
        assert_eq!(found.rows, case.rows, "{}: {}", case.code, found.message);
        assert_eq!(found.subjects, case.subjects, "{}: {}", case.code, found.message);
        assert_eq!(found.severity, case.severity, "{}", case.code);
        assert_eq!(found.file.as_deref().unwrap().to_str().unwrap(), format!("{}.csv", case.dataset.to_lowercase()), "{}", case.code);
        assert!(!found.hint.is_empty());
    }
}

impl Trial {
    /// The only diagnostic of a code in a dataset and column.
    fn one_in(&self, code: &str, dataset: &str, column: &str) -> Diagnostic {
        let found = self.diagnostics();
        let is_meant = |diagnostic: &&Diagnostic| {
            let same_column = column.is_empty() || diagnostic.column.as_deref() == Some(column);
            diagnostic.code == code && diagnostic.dataset.as_deref() == Some(dataset) && same_column
        };
        let mut own = found.iter().filter(is_meant);
        match (own.next(), own.next()) {
            (Some(diagnostic), None) => diagnostic.clone(),
            _ => panic!("not one {code}: {found:#?}"),
        }
    }
}

/// Codes whose cause no small text file can hold; each has a unit test beside its code.
const BINARY_ONLY: [&str; 2] = ["special-missing", "whole-numbers-only"];

/// Codes of imported exposures and of files without ADSL: tested with the exposures, and beside the code.
const OF_EXPOSURES: [&str; 10] = [
    "subjects-from",
    "subject-per-row",
    "subjects-from-absent",
    "subject-per-row-contradicted",
    "exposure-import-unreadable",
    "exposure-import-column",
    "exposure-import-value",
    "exposure-import-varies",
    "exposure-import-stranger",
    "exposure-import-missing",
];

/// Codes with a test of their own below.
const TESTED_ALONE: [&str; 26] = [
    "decision-log-column",
    "decision-log-empty",
    "decision-log-value",
    "essential-column-absent",
    "column-absent",
    "population-empty",
    "accept-unknown",
    "role-unknown",
    "mapped-column-absent",
    "named-column-absent",
    "dosage-without-subjects",
    "part-without-subjects",
    "adsl-absent",
    "subject-column-absent",
    "dataset-empty",
    "dataset-twice",
    "name-contradicts-file",
    "dataset-stacked",
    "columns-united",
    "file-not-used",
    "dlt-not-evaluable",
    "population-absent",
    "accept-unused",
    "text-in-number",
    "cutoff-differs",
    "duplicate-key",
];

#[test]
fn every_code_of_the_catalogue_is_tested() {
    let mut tested: BTreeSet<&str> = cases().iter().map(|case| case.code).collect();
    tested.extend(BINARY_ONLY);
    tested.extend(TESTED_ALONE);
    tested.extend(OF_EXPOSURES);
    tested.extend(unreadable_files().iter().map(|(code, _, _)| *code));
    let untested: Vec<&str> = CODES
        .iter()
        .filter(|code| !matches!(code.origin, Origin::File | Origin::Derivation) && !tested.contains(code.name))
        .map(|code| code.name)
        .collect();
    assert_eq!(untested, [""; 0]);
    let unknown: Vec<&&str> = tested.iter().filter(|name| !CODES.iter().any(|code| code.name == **name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// Files that cannot be read: code, name, content.
fn unreadable_files() -> Vec<(&'static str, &'static str, &'static [u8])> {
    vec![
        ("file-empty", "adlb.csv", b"\n\n"),
        ("file-not-a-dataset", "adlb.csv", b"%PDF-1.7"),
        ("file-not-a-dataset", "adlb.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("file-unrecognised", "adlb.xpt", b"garbage"),
        ("file-compression-damaged", "adlb.csv.gz", b"\x1f\x8b\x08\x00damaged"),
        ("file-encoding", "adlb.csv", b"\xff\xfeA\x00,\x00\x00\xd8"),
        ("file-nul-byte", "adlb.csv", b"USUBJID,AVAL\nS1,\x001\n"),
        ("column-name-empty", "adlb.csv", b"USUBJID,,AVAL\nS1,x,1\n"),
        ("column-name-duplicate", "adlb.csv", b"USUBJID,AVAL,aval\nS1,1,2\n"),
        ("row-ragged", "adlb.csv", b"USUBJID,AVAL\nS1,1\nS2\n"),
        ("row-blank", "adlb.csv", b"USUBJID,AVAL\nS1,1\n\nS2,2\n"),
        ("quote-unclosed", "adlb.csv", b"USUBJID,AVAL\nS1,\"1\nS2,2\n"),
        ("quote-stray", "adlb.csv", b"USUBJID,AVAL\nS1,\"1\"2\n"),
        ("file-truncated", "adlb.parquet", b"PAR1 and no end"),
        ("file-damaged", "adlb.parquet", b"PAR1 damaged PAR1"),
        ("json-not-dataset", "adlb.json", b"{\"a\": 1}"),
    ]
}

#[test]
fn files_that_cannot_be_read_are_faults_of_the_data_and_are_told_all_at_once() {
    for (code, name, content) in unreadable_files() {
        let error = Trial::clean().file(name, content).file("adrs.csv", "").read().unwrap_err();
        assert!(!error.is_of_project());
        let faults: Vec<(&str, &str)> = error.faults().map(|fault| (fault.code, fault.file.as_ref().unwrap().to_str().unwrap())).collect();
        assert!(faults.contains(&(code, name)) && faults.contains(&("file-empty", "adrs.csv")), "{code}: {faults:?}");
    }
}

#[test]
fn a_ragged_row_is_named() {
    let fault = Trial::clean().file("adlb.csv", "USUBJID,AVAL\nS1,1\nS2\n").one("row-ragged");
    assert_eq!(fault.rows, [2]);
}

#[test]
fn a_workbook_beside_a_readable_file_is_only_not_used() {
    let trial = Trial::clean().file("adsl.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    assert!(trial.read().is_ok());
    assert_eq!(trial.one("file-not-used").file.unwrap().to_str(), Some("adsl.xlsx"));
}

#[test]
fn a_trial_without_adsl_cannot_be_used_and_that_cannot_be_accepted() {
    let error = Trial::clean().without("adsl.csv").read().unwrap_err();
    assert!(!error.is_of_project());
    assert!(error.faults().any(|fault| fault.code == "adsl-absent"));
    let accepted = Trial::clean().without("adsl.csv").settings("data: {accept: [{code: adsl-absent, reason: none}]}\n");
    let codes: Vec<&str> = accepted.read().unwrap_err().faults().map(|fault| fault.code).collect();
    assert!(codes.contains(&"adsl-absent") && codes.contains(&"accept-unknown"), "{codes:?}");
}

#[test]
fn a_dataset_needs_its_subjects_and_may_have_no_rows() {
    let nameless = Trial::clean().file("adlb.csv", "SUBJECT,PARAMCD,ADY,AVAL\nS1,ALT,1,5\n");
    let error = nameless.read().unwrap_err();
    assert_eq!(error.faults().map(|fault| fault.code).collect::<Vec<_>>(), ["subject-column-absent"]);
    let named = nameless.settings("data: {columns: {adlb: {subject: SUBJECT}}}\n");
    assert_eq!(named.diagnostics(), []);
    let empty = Trial::clean().file("adlb.csv", "USUBJID,PARAMCD,AVAL\n");
    assert_eq!(empty.one("dataset-empty").severity, Severity::Major);
    assert!(Trial::clean().rows("adsl", |_| false).read().is_err());
}

#[test]
fn a_dataset_that_is_there_twice_stops_and_the_override_mends_it() {
    let twice = Trial::clean();
    let copy = twice.content("adae.csv");
    let twice = twice.file("ADAE_copy.csv", copy);
    let fault = twice.one("dataset-twice");
    assert_eq!(fault.severity, Severity::Critical);
    assert!(fault.message.contains("adae.csv") && fault.message.contains("ADAE_copy.csv"));
    assert!(fault.hint.contains("adae: ADAE_copy.csv"));
    assert!(twice.read().is_err());
    let chosen = Trial { project: twice.project.clone(), files: twice.files.clone() }.settings("data: {datasets: {adae: adae.csv}}\n");
    assert_eq!(chosen.diagnostics(), []);
    let accepted = twice.settings("data: {accept: [{code: dataset-twice, reason: the first is used}]}\n").read().unwrap();
    assert_eq!(accepted.value.get(DatasetName::Adae).unwrap().height(), 5);
    assert_eq!(accepted.diagnostics[0].accepted.as_deref(), Some("the first is used"));
}

#[test]
fn a_cut_off_copy_in_another_folder_and_format_is_noticed() {
    let trial = Trial::clean();
    let half: String = trial.lines("adsl.csv")[..7].iter().map(|line| format!("{}\n", line.replace(',', "\t"))).collect();
    let fault = trial.file("old/adsl.tsv", half).one("dataset-twice");
    assert_eq!(fault.rows.len(), 6);
    assert_eq!(fault.subjects, ["S1", "S2", "S3", "S4", "S5", "S6"]);
}

#[test]
fn studies_in_folders_are_stacked_in_the_order_of_their_paths() {
    let clean = Trial::clean();
    let second = |name: &str| clean.text(name).replace("\nS", "\nR").replace("T1,S", "T2,R");
    let mut trial = Trial { project: PROJECT.to_owned(), files: Vec::new() };
    for name in ["adsl.csv", "adae.csv", "adex.csv", "adpc.csv", "adqs.csv", "adtte.csv"] {
        trial = trial.file(&format!("study1/{name}"), clean.content(name)).file(&format!("study2/{name}"), second(name));
    }
    trial = trial.file("study2/adae.csv", second("adae.csv").replace("AESER", "AESERIOUS"));
    let read = trial.read().unwrap();
    let codes: BTreeSet<&str> = read.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, BTreeSet::from(["columns-united", "dataset-stacked"]));
    let adsl = read.value.get(DatasetName::Adsl).unwrap();
    assert_eq!(adsl.height(), 2 * SUBJECTS);
    assert_eq!(adsl.texts("USUBJID").unwrap()[SUBJECTS].as_deref(), Some("R1"));
    let files: Vec<(&str, u64)> =
        read.value.files.iter().filter(|file| file.dataset == DatasetName::Adae).map(|file| (file.file.as_str(), file.first_row)).collect();
    assert_eq!(files, [("study1/adae.csv", 1), ("study2/adae.csv", 6)]);
    assert_eq!(read.value.get(DatasetName::Adae).unwrap().texts("AESER").unwrap()[5], None);
    assert!(trial.one("columns-united").message.contains("AESER, AESERIOUS"));
}

#[test]
fn two_questionnaires_are_one_dataset_that_knows_its_files() {
    let trial = Trial::clean();
    let other = trial.text("adqs.csv").replace("PRO-1,Q1", "PRO-2,R1");
    let first = trial.content("adqs.csv");
    let read = trial.without("adqs.csv").file("adqspro.csv", first).file("adqsc30.csv", other).read().unwrap();
    assert_eq!(read.diagnostics.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>(), ["dataset-stacked"]);
    let sources = read.value.get(DatasetName::Adqs).unwrap().texts(dosecase::data::column::SOURCE).unwrap();
    assert_eq!((sources[0].as_deref(), sources[24].as_deref()), (Some("adqsc30"), Some("adqspro")));
}

#[test]
fn a_file_can_be_chosen_for_one_questionnaire_or_for_all() {
    let trial = Trial::clean();
    let other = |name: &str| trial.text("adqs.csv").replace("PRO-1,Q1", name);
    let files = [("adqspro.csv", other("PRO-1,Q1")), ("adqspro_new.csv", other("PRO-1,Q2")), ("adqsc30.csv", other("PRO-2,R1"))];
    let sources = |settings: &str| -> BTreeSet<String> {
        let trial =
            files.iter().fold(Trial::clean().without("adqs.csv"), |trial, (name, text)| trial.file(name, text.as_str())).settings(settings);
        let read = trial.read().unwrap();
        read.value.files.iter().filter(|file| file.dataset == DatasetName::Adqs).map(|file| file.file.clone()).collect()
    };
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<String>>();
    assert_eq!(sources(""), names(&["adqsc30.csv", "adqspro.csv", "adqspro_new.csv"]));
    assert_eq!(sources("data: {datasets: {adqspro: adqspro_new.csv}}\n"), names(&["adqsc30.csv", "adqspro_new.csv"]));
    assert_eq!(sources("data: {datasets: {adqs: adqspro.csv}}\n"), names(&["adqspro.csv"]));
}

#[test]
fn a_dataset_that_calls_itself_something_else_stops() {
    let json = r#"{"datasetJSONVersion": "1.1.0", "name": "ADRS", "records": 1,
        "columns": [{"name": "USUBJID", "dataType": "string"}, {"name": "PARAMCD", "dataType": "string"},
        {"name": "AVALC", "dataType": "string"}], "rows": [["S1", "CRSP", "Y"]]}"#;
    let trial = Trial::clean().file("adlb.json", json);
    assert_eq!(trial.one("name-contradicts-file").severity, Severity::Critical);
    assert!(trial.read().is_err());
    let found_inside = Trial::clean().file("extract.json", json).read().unwrap();
    assert_eq!(found_inside.value.get(DatasetName::Adrs).unwrap().height(), 1);
}

#[test]
fn rows_of_a_file_among_several_can_be_found_in_it() {
    let half = |subjects: std::ops::RangeInclusive<usize>| {
        let own =
            move |line: &str| line.split(',').next().and_then(|id| id[1..].parse().ok()).is_some_and(|id: usize| subjects.contains(&id));
        Trial::clean().rows("adex", own).content("adex.csv")
    };
    let trial = Trial::clean().without("adex.csv").file("a/adex.csv", half(1..=6)).file("b/adex.csv", half(7..=12));
    let spoil = |trial: Trial, file: &str| {
        let text = trial.text(file).replacen("2024-03-10", "soon", 1);
        trial.file(file, text)
    };
    let second = spoil(trial, "b/adex.csv");
    let found = second.one("bad-date");
    assert_eq!(
        (found.rows.as_slice(), found.first_row, found.file.as_deref().and_then(|file| file.to_str())),
        (&[7][..], Some(7), Some("b/adex.csv"))
    );
    let both = spoil(second, "a/adex.csv").one("bad-date");
    assert_eq!((both.rows.as_slice(), both.first_row, both.file), (&[1, 7][..], None, None));
}

/// Another dataset under a wrong name has no fault in itself.
#[test]
fn a_dataset_under_the_name_of_another_stops() {
    for (from, to, columns) in
        [("adae", "adrs", "AEDECOD"), ("adae", "adex", "AEDECOD"), ("adtte", "adrs", "CNSR"), ("adex", "adae", "EXTRT")]
    {
        let trial = Trial::clean();
        let content = trial.content(&format!("{from}.csv"));
        let trial = trial.file(&format!("{to}.csv"), content);
        let found = trial.one("name-contradicts-file");
        assert!(found.message.contains(&from.to_uppercase()) && found.message.contains(columns), "{}", found.message);
        assert_eq!(found.file.unwrap().to_str().unwrap(), format!("{to}.csv"));
        assert!(!trial.read().unwrap_err().is_of_project());
    }
}

fn without_column(trial: Trial, name: &str, column: &str) -> Trial {
    let file = format!("{name}.csv");
    let text = trial.text(&file).replacen(column, &format!("X{column}X"), 1);
    trial.file(&file, text)
}

#[test]
fn a_column_that_is_gone_or_blank_is_told_with_what_is_lost() {
    for (dataset, column, code) in [
        ("adae", "AEDECOD", "essential-column-absent"),
        ("adtte", "CNSR", "essential-column-absent"),
        ("adex", "EXDOSE", "essential-column-absent"),
        ("adpc", "PARAMCD", "essential-column-absent"),
        ("adqs", "AVAL", "essential-column-absent"),
        ("adae", "AETOXGR", "column-absent"),
        ("adae", "AESER", "column-absent"),
        ("adae", "AEREL", "column-absent"),
        ("adae", "AEACN", "column-absent"),
        ("adae", "TRTEMFL", "column-absent"),
        ("adae", "ASTDT", "column-absent"),
        ("adsl", "TRT01A", "column-absent"),
        ("adsl", "TRTSDT", "column-absent"),
        ("adsl", "EOTSTT", "column-absent"),
        ("adex", "EXDOSU", "column-absent"),
        ("adqs", "AVISIT", "column-absent"),
    ] {
        let found = without_column(Trial::clean(), dataset, column).one_in(code, &dataset.to_uppercase(), column);
        assert!(found.message.contains(column) && found.message.contains(": "), "{}", found.message);
        assert_eq!(found.file.unwrap().to_str().unwrap(), format!("{dataset}.csv"));
        let rows = Trial::clean().lines(&format!("{dataset}.csv")).len();
        let blank = (1..rows).fold(Trial::clean(), |trial, row| trial.cell(dataset, row, column, " ")).one_in(
            code,
            &dataset.to_uppercase(),
            column,
        );
        assert!(blank.message.contains("blank in every row"), "{}", blank.message);
    }
    // Flags of dose-limiting toxicity are asked for where there is an escalation.
    let without = without_column(Trial::clean(), "adae", "DLTFL");
    assert!(!without.has("column-absent"));
    let escalation = "escalation: {design: {boin: {target: 0.3}}}\n";
    assert_eq!(without.settings(escalation).one("column-absent").column.as_deref(), Some("DLTFL"));
}

#[test]
fn a_population_of_nobody_is_told() {
    let all = |column: &str, value: &str| (1..=SUBJECTS).fold(Trial::clean(), |trial, row| trial.cell("adsl", row, column, value));
    let found = all("PKFL", "N").one("population-empty");
    assert_eq!((found.severity, found.column.as_deref()), (Severity::Major, Some("PKFL")));
    assert_eq!(all("ITTFL", "N").one("population-empty").severity, Severity::Minor);
    assert!(all("SAFFL", " ").one("population-empty").message.contains("blank in every row"));
}

#[test]
fn an_adsl_without_rows_is_one_fault_of_the_data() {
    let trial = Trial::clean();
    let header = format!("{}\n", trial.lines("adsl.csv")[0]);
    let error = trial.file("adsl.csv", header).read().unwrap_err();
    assert!(!error.is_of_project());
    assert_eq!(error.diagnostics().iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>(), ["dataset-empty"]);
    assert_eq!(error.diagnostics()[0].file.as_deref().unwrap().to_str(), Some("adsl.csv"));
}

#[test]
fn arms_of_records_are_compared_as_dosages_are_matched() {
    let trial = (1..=5).fold(Trial::clean(), |trial, row| {
        let arm = trial.lines("adae.csv")[row].split(',').nth(1).unwrap().to_uppercase().replace(' ', "  ");
        trial.cell("adae", row, "TRT01A", &arm)
    });
    assert_eq!(trial.diagnostics(), []);
}

#[test]
fn subjects_in_another_spelling_are_told_from_those_of_another_study() {
    let lower = Trial::clean();
    let text = lower.text("adae.csv").replace("\nS", "\ns");
    let found = lower.file("adae.csv", text).one("subject-not-in-adsl");
    assert!(found.hint.contains("another spelling"), "{}", found.hint);
    let other = Trial::clean();
    let text = other.text("adae.csv").replace("\nS", "\nX");
    assert!(other.file("adae.csv", text).one("subject-not-in-adsl").hint.contains("another study"));
}

#[test]
fn files_in_folders_below_folders_are_read_and_folders_named_as_datasets_are_faults() {
    let trial = Trial::clean();
    let content = trial.content("adae.csv");
    let deep = trial.without("adae.csv").file("study/cut 2/adae.csv", content).read().unwrap();
    assert_eq!(deep.value.get(DatasetName::Adae).unwrap().height(), 5);
    let parts = Trial::clean().file("adlb.parquet/part-0.parquet", "PAR1");
    assert_eq!(parts.one("file-unreadable").file.unwrap().to_str(), Some("adlb.parquet"));
}

#[test]
fn a_dossier_in_the_data_folder_is_no_data() {
    let trial = Trial::clean();
    let content = trial.content("adae.csv");
    let trial =
        trial.file("dossier/evidence.json", "{\n  \"schema\": \"dosecase-evidence/1\"\n}").file("dossier/exhibits/adae.csv", content);
    assert_eq!(trial.diagnostics(), []);
}

#[test]
fn other_data_files_are_listed_and_other_files_are_not() {
    let trial = Trial::clean()
        .file("adlbhy.csv", "A\n1\n")
        .file("define.xml", "<x/>")
        .file("readme.txt", "For people.")
        .file(".hidden.csv", "A\n1\n");
    let codes: Vec<Diagnostic> = trial.diagnostics();
    assert_eq!(codes.len(), 1);
    assert_eq!((codes[0].code, codes[0].severity), ("file-not-used", Severity::Info));
}

#[test]
fn columns_can_have_other_names() {
    let adsl = |trial: &Trial| trial.text("adsl.csv").replace("DOSEP", "DOSE_MG").replace("TRT01A", "GIVEN");
    let trial = Trial::clean();
    let renamed = adsl(&trial);
    let trial = trial.file("adsl.csv", renamed);
    let mapped = Trial { project: trial.project.clone(), files: trial.files.clone() }
        .settings("data: {columns: {adsl: {dose: dose_mg, TRT01A: GIVEN}}}\n");
    let read = mapped.read().unwrap();
    assert_eq!(read.diagnostics, []);
    let data = read.value.get(DatasetName::Adsl).unwrap();
    assert_eq!(data.column("DOSEP").as_deref(), Some("DOSE_MG"));
    assert_eq!(data.numbers("DOSEP").unwrap()[0], Some(10.0));
}

#[test]
fn names_of_the_project_file_that_the_data_do_not_have_are_faults_at_their_place() {
    let faults = [
        ("data: {columns: {adsl: {doze: DOSEP}}}\n", "role-unknown", "`dose`"),
        ("data: {columns: {adsl: {dose: DOSEPP}}}\n", "mapped-column-absent", "`DOSEP`"),
        ("populations: {safety: SAFFLX}\n", "named-column-absent", "`SAFFL`"),
        ("tolerability: {grade_column: TOXGR}\n", "named-column-absent", "`AETOXGR`"),
        ("data: {accept: [{code: duplicate-subjects, reason: known}]}\n", "accept-unknown", "`duplicate-subject`"),
    ];
    for (settings, code, nearest) in faults {
        let trial = Trial::clean().settings(settings);
        let error = trial.read().unwrap_err();
        assert!(error.is_of_project(), "{code}");
        let fault = trial.one(code);
        assert_eq!(fault.place.as_ref().unwrap().line, 13, "{code}");
        assert!(fault.hint.contains(nearest), "{code}: {}", fault.hint);
    }
}

#[test]
fn arms_and_parts_that_nobody_has_are_faults_at_their_place() {
    let arm = Trial::clean().project("arm: Drug 20 mg", "arm: Drug 20mg").one("dosage-without-subjects");
    assert_eq!(arm.place.unwrap().line, 9);
    assert!(arm.hint.starts_with("the nearest arms: `Drug 20 mg`"), "{}", arm.hint);
    let value = Trial::clean().project("{PART: A}", "{PART: B}").one("part-without-subjects");
    assert_eq!(value.place.unwrap().line, 12);
    let column = Trial::clean().project("{PART: A}", "{PARTX: A}").one("named-column-absent");
    assert!(column.hint.contains("`PART`"));
    let nobody = Trial::clean().project("{PART: A}", "{PART: A, DTHDT: 2024-06-01, DLTFL: Y}").one("part-without-subjects");
    assert!(nobody.message.contains("every condition"));
}

#[test]
fn customary_populations_may_be_absent() {
    let trial = Trial::clean();
    let text = trial.text("adsl.csv").replace("EFFFL", "EFF");
    let found = trial.file("adsl.csv", text).one("population-absent");
    assert_eq!((found.severity, found.column.as_deref()), (Severity::Info, Some("EFFFL")));
}

#[test]
fn a_toxicity_in_a_subject_who_is_not_evaluable_is_told_in_both_datasets() {
    let found = Trial::clean().cell("adsl", 2, "DLTEVLFL", "N").diagnostics();
    let told: Vec<(&str, Option<&str>, &[u32])> =
        found.iter().map(|diagnostic| (diagnostic.code, diagnostic.dataset.as_deref(), diagnostic.rows.as_slice())).collect();
    assert_eq!(told, [("dlt-not-evaluable", Some("ADSL"), &[2][..]), ("dlt-not-evaluable", Some("ADAE"), &[2])]);
}

#[test]
fn what_is_critical_stops_unless_it_is_accepted_with_a_reason() {
    let row = Trial::clean().lines("adsl.csv")[1].clone();
    let spoilt = Trial::clean().row("adsl", &row);
    assert!(spoilt.read().is_err());
    let read = spoilt.settings("data: {accept: [{code: duplicate-subject, reason: re-enrolled}]}\n").read().unwrap();
    let accepted = read.diagnostics.iter().find(|diagnostic| diagnostic.code == "duplicate-subject").unwrap();
    assert_eq!((accepted.accepted.as_deref(), accepted.stops()), (Some("re-enrolled"), false));
    let unused = Trial::clean().settings("data: {accept: [{code: duplicate-subject, reason: re-enrolled}]}\n").one("accept-unused");
    assert_eq!((unused.severity, unused.place.unwrap().line), (Severity::Info, 13));
}

#[test]
fn what_is_legal_is_not_a_fault() {
    // Arms spelled otherwise, negative times before the dose, regions called NA, two events of one term, a titrated dose, and text that means missing in text columns.
    let trial = Trial::clean()
        .project("arm: Drug 20 mg", "arm: \"drug  20 MG\"")
        .cell("adpc", 1, "AFRLT", "-0.5")
        .row("adae", "S1,Drug 10 mg,10,2,Rash,1,N,Y,,2024-02-12,2024-02-15,N,NONE")
        .row("adex", "S1,10,TESTINIB,20,MG,2,2024-02-10,2024-03-10")
        .cell("adae", 5, "AETOXGR", "Grade 1")
        .cell("adae", 5, "AEDECOD", "NA");
    assert_eq!(trial.diagnostics(), []);
    let read = trial.read().unwrap();
    assert_eq!(read.value.get(DatasetName::Adsl).unwrap().texts("REGION1").unwrap()[0].as_deref(), Some("NA"));
    assert_eq!(read.value.get(DatasetName::Adae).unwrap().numbers("AETOXGR").unwrap()[4], Some(1.0));
}

#[test]
fn codes_for_missing_are_those_of_the_project_file() {
    let trial = Trial::clean().cell("adex", 3, "EXDOSE", "-99");
    assert!(!trial.has("missing-code"));
    let trial = trial.settings("data: {missing_codes: [\"-99\"]}\n");
    assert_eq!(trial.one("missing-code").rows, [3]);
    assert_eq!(trial.cell("adex", 4, "EXDOSE", "NA").one("text-in-number").rows, [4]);
}

#[test]
fn cut_offs_of_two_studies_may_differ() {
    let trial =
        (7..=12).fold(Trial::clean(), |trial, row| trial.cell("adsl", row, "STUDYID", "T2").cell("adsl", row, "DCUTDT", "2024-11-30"));
    let found = trial.one("cutoff-differs");
    assert_eq!((found.severity, found.rows.as_slice()), (Severity::Info, &[7, 8, 9, 10, 11, 12][..]));
}

#[test]
fn a_key_that_tells_nothing_apart_is_a_minor_matter() {
    let rows = (1..=SUBJECTS).flat_map(|subject| (1..=3).map(move |value| format!("S{subject},ALT,{value}")));
    let found = Trial::clean().file("adlb.csv", csv(&table("USUBJID,PARAMCD,AVAL", rows))).one("duplicate-key");
    assert_eq!((found.severity, found.rows.len()), (Severity::Minor, 36));
    assert!(found.message.ends_with("they differ in AVAL"), "{}", found.message);
}

#[test]
fn diagnostics_are_the_same_on_every_run() {
    let spoilt = |trial: Trial| {
        cases()
            .iter()
            .filter(|case| case.dataset != "ADSL" && case.code != "windows-1252")
            .fold(trial, |trial, case| (case.spoil)(trial))
            .diagnostics()
    };
    let first = spoilt(Trial::clean());
    assert!(first.len() > 10);
    assert_eq!(first, spoilt(Trial::clean()));
    assert!(first.windows(2).all(|pair| pair[0].severity <= pair[1].severity));
}

/// The trial with a log of decisions beside its data.
fn with_decisions(log: &str) -> Trial {
    let settings = "escalation: {decisions: data/decisions.csv}\n";
    Trial::clean().file("decisions.csv", log).settings(settings)
}

const DECISIONS: &str = "cohort,dose_mg,date,n_treated,n_evaluable_cum,n_dlt_cum,decision,override,reason\n";

#[test]
fn a_log_of_decisions_is_read_with_its_rows() {
    let log = format!(
        "{DECISIONS}1,10,2024-02-10,4,4,1,escalate,N,\n2,20,2024-03-10,4,4,0,Stay,Y,more PK wanted\n3,20,2024-04-10,3,6,1,stop,,\n"
    );
    let read = with_decisions(&log).read().unwrap_or_else(|error| panic!("{error}"));
    let found = read.value.decisions.expect("a log");
    let rows: Vec<(u32, usize, u32, u32, u32)> =
        found.cohorts.iter().map(|cohort| (cohort.row, cohort.dosage, cohort.own.n, cohort.own.dlt, cohort.total.n)).collect();
    assert_eq!(rows, [(1, 0, 4, 1, 4), (2, 1, 4, 0, 4), (3, 1, 2, 1, 6)]);
    assert_eq!((found.cohorts[1].overridden, found.cohorts[1].reason.as_deref()), (Some(true), Some("more PK wanted")));
    assert!(found.cohorts[2].decision.stops && found.cohorts[2].decision.action.is_none());
    assert_eq!(found.cohorts[2].date.map(|date| date.to_string()).as_deref(), Some("2024-04-10"));
}

#[test]
fn counts_of_cohorts_and_words_for_dosages_are_read_as_well() {
    let log = "dosage,n_evaluable,n_dlt,decision\nlow,3,0,E\nDrug 20 mg,3,1,S\n20 mg,3,0,D\n";
    let read = with_decisions(log).read().unwrap_or_else(|error| panic!("{error}"));
    let totals: Vec<(usize, u32, u32)> =
        read.value.decisions.expect("a log").cohorts.iter().map(|cohort| (cohort.dosage, cohort.total.n, cohort.total.dlt)).collect();
    assert_eq!(totals, [(0, 3, 0), (1, 3, 1), (1, 6, 1)]);
}

#[test]
fn a_log_of_decisions_with_faults_names_each_cell() {
    let faults = [
        ("1,15,2024-02-10,4,4,1,escalate,,", "dose_mg", "none of the dosages"),
        ("1,,2024-02-10,4,4,1,escalate,,", "dose_mg", "blank"),
        ("1,10,soon,4,4,1,escalate,,", "date", "not a date"),
        ("1,10,2024-02-10,4,-4,1,escalate,,", "n_evaluable_cum", "not a number of patients"),
        ("1,10,2024-02-10,4,4,,escalate,,", "n_dlt_cum", "blank"),
        ("1,10,2024-02-10,4,4,5,escalate,,", "n_dlt_cum", "impossible"),
        ("1,10,2024-02-10,3.5,4,1,escalate,,", "n_treated", "not a number of patients"),
        ("1,10,2024-02-10,4,4,1,perhaps,,", "decision", "not understood"),
        ("1,10,2024-02-10,4,4,1,escalate,maybe,", "override", "neither Y nor N"),
        ("1,10,2024-02-10,4,6,1,stay,,\n2,10,2024-03-10,3,5,1,stay,,", "n_evaluable_cum", "fall from 1 of 6 to 1 of 5"),
        ("1,10,2024-03-10,4,4,1,stay,,\n2,20,2024-02-10,3,3,0,stay,,", "date", "stands below"),
    ];
    for (rows, column, words) in faults {
        let found = with_decisions(&format!("{DECISIONS}{rows}\n")).one_in("decision-log-value", "DECISIONS", column);
        assert!(found.message.contains(words) && !found.rows.is_empty() && found.stops(), "{rows}: {found:?}");
    }
    let empty = with_decisions(DECISIONS).one_in("decision-log-empty", "DECISIONS", "");
    assert!(empty.stops() && empty.hint.contains("one row per cohort"));
    let found = with_decisions("when,what\n2024-01-01,nothing\n").diagnostics();
    assert_eq!(found.iter().filter(|diagnostic| diagnostic.code == "decision-log-column").count(), 3, "{found:#?}");
    let garbage = with_decisions("\n\n").diagnostics();
    assert!(garbage.iter().any(|fault| fault.code == "file-empty" && fault.dataset.as_deref() == Some("DECISIONS")), "{garbage:#?}");
}
