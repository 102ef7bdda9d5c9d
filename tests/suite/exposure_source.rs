//! Where exposures come from: imported tables, ADER and its relatives, ADSL; public files without ADSL; when an exposure was computed.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use dosecase::evidence::{Content, Evidence, Exhibit, FactValue};
use dosecase::pipeline::{self, Overrides, PipelineError, Reading};

use super::sandbox::{run, shared_data, told};

const HEAD: &str = "dossier: {title: Exposure and outcome, date: 2026-01-01}
drug: {name: drug}
dosages:
  - {id: low, label: 10 mg QD, dose: 10 mg, schedule: QD, arm: Low}
  - {id: high, label: 20 mg QD, dose: 20 mg, schedule: QD, arm: High}
";

/// Forty subjects with ADSL and ADER; the exposure stands in ADER too, as AUCSS by parameter and as columns.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    let mut adsl = "USUBJID,SUBJID,TRT01P,TRT01A,TRTSDT,EOTSTT,AUCBL\n".to_owned();
    let mut ader = "USUBJID,PARAMCD,PARAM,AVAL,AVALC,AVALU,CNSR,ADY,REGION,CAVGTE,CMAXSS\n".to_owned();
    for place in 1..=40_u32 {
        let (subject, arm) = (format!("ZEL-01-{place:04}"), if place % 2 == 0 { "High" } else { "Low" });
        let exposure = exposure(place);
        writeln!(adsl, "{subject},{place:04},{arm},{arm},2024-01-01,ONGOING,{exposure}").unwrap();
        let response = if place % 3 == 0 || exposure > 260.0 { "Y" } else { "N" };
        let region = if place % 5 == 0 { "EU" } else { "US" };
        let average = exposure * 0.8;
        let censored = u32::from(place % 4 == 0);
        writeln!(ader, "{subject},RESP,Response,,{response},,,57,{region},{average},{}", exposure / 10.0).unwrap();
        writeln!(
            ader,
            "{subject},PFS,Progression-free survival,{},,DAYS,{censored},,{region},{},{}",
            40 + place,
            average * 0.9,
            exposure / 10.0
        )
        .unwrap();
        writeln!(ader, "{subject},AUCSS,AUC at steady state,{exposure},,ng*h/mL,,{},{region},,", 10 + place).unwrap();
    }
    fs::write(folder.path().join("data/adsl.csv"), adsl).unwrap();
    fs::write(folder.path().join("data/ader.csv"), ader).unwrap();
    folder
}

fn exposure(place: u32) -> f64 {
    f64::from(100 + (place * 17 % 40) * 5) * if place.is_multiple_of(2) { 1.4 } else { 1.0 }
}

fn write_project(folder: &Path, more: &str) {
    fs::write(folder.join("dosecase.yaml"), format!("{HEAD}{more}")).unwrap();
}

fn read(folder: &Path) -> Result<Reading, PipelineError> {
    pipeline::read(folder, Overrides::default(), &|_| ())
}

fn gathered(folder: &Path) -> (Reading, Evidence) {
    let reading = read(folder).unwrap_or_else(|error| panic!("{error}: {:#?}", error.diagnostics()));
    let evidence = pipeline::gather(&reading, &|_| ()).unwrap_or_else(|error| panic!("{error}: {:#?}", error.diagnostics()));
    (reading, evidence)
}

fn exhibit<'a>(evidence: &'a Evidence, id: &str) -> &'a Exhibit {
    evidence.exhibits.iter().find(|exhibit| exhibit.id.as_str() == id).unwrap_or_else(|| panic!("no {id}"))
}

/// The table's rows as printed words: texts as they are, facts as their values.
fn words(evidence: &Evidence, id: &str) -> Vec<String> {
    let Content::Table(table) = &exhibit(evidence, id).content else { panic!("{id} is no table") };
    let cell = |cell: &dosecase::evidence::Cell| match cell {
        dosecase::evidence::Cell::Text(text) => text.clone(),
        dosecase::evidence::Cell::Facts(_, ids) => {
            let values = ids.iter().map(|id| match &evidence.facts.get(id).unwrap().value {
                FactValue::Count(count) => count.to_string(),
                FactValue::Number(number) => number.to_string(),
                FactValue::Text(text) => text.clone(),
                FactValue::NotEstimable => "NE".to_owned(),
            });
            values.collect::<Vec<_>>().join("/")
        }
        _ => "-".to_owned(),
    };
    table
        .rows
        .iter()
        .map(|row| std::iter::once(row.stub.clone()).chain(row.cells.iter().map(cell)).collect::<Vec<_>>().join(" | "))
        .collect()
}

/// The table of a population analysis as NONMEM writes it; every subject has two rows, and the second half comes under a repeated header.
fn nonmem_table() -> String {
    let mut text = String::new();
    for place in 1..=40_u32 {
        if place % 20 == 1 {
            text.push_str("TABLE NO.  1\n ID          TIME        AUC\n");
        }
        for time in [0.0, 24.0] {
            writeln!(text, "  {:.4}E+00  {time:.4}E+00  {:.5}E+02", f64::from(place), exposure(place) / 100.0).unwrap();
        }
    }
    text
}

const IMPORT: &str = "
pk:
  imported_exposures:
    - id: final
      file: sdtab001
      software: nonmem
      model: two compartments, run one
      subject: {column: ID, matches: subjid}
      metrics: {AUCSS: {column: AUC, unit: ng*h/mL, label: AUC at steady state}}
      definition: area over a dosing interval from empirical Bayes estimates
      basis: predicted_assigned_dose
";

#[test]
fn a_nonmem_table_gives_exposures_that_trace_to_its_rows() {
    let folder = folder();
    fs::write(folder.path().join("sdtab001"), nonmem_table()).unwrap();
    let analyses = "exposure_response:
  - {id: resp, label: Response, endpoint: {dataset: ader, parameter: RESP, event: Y, aspect: efficacy}, exposure: AUCSS, exposure_import: final}
";
    write_project(folder.path(), &format!("{IMPORT}{analyses}"));
    let (_, evidence) = gathered(folder.path());
    let fact = evidence.facts.get(&"exposure_response.n_exposure.resp".into()).unwrap();
    assert_eq!((fact.value.clone(), fact.source.dataset.as_str()), (FactValue::Count(40), "EXPOSURES FINAL"));
    // The first of two rows that agree counts.
    assert_eq!(fact.source.rows.as_slice()[..3], [1, 3, 5]);
    assert_eq!(fact.source.columns, ["ID", "AUC"]);
    let record = evidence.provenance.datasets.iter().find(|record| record.dataset == "EXPOSURES FINAL").unwrap();
    assert_eq!((record.file.as_str(), record.rows, record.subjects, record.format.as_str()), ("sdtab001", 80, Some(40), "NONMEM table"));
    let table = words(&evidence, "T-E18-exposure");
    assert!(table[0].contains("sdtab001, column AUC, of NONMEM | 40 | predicted at the assigned dosage"), "{table:?}");
    assert!(table[0].contains("empirical Bayes estimates; NONMEM: two compartments, run one"), "{table:?}");
    let path = folder.path().to_string_lossy().into_owned();
    assert_eq!(told(&run(&["lock", &path])).0, 0);
    assert!(fs::read_to_string(folder.path().join("dosecase.lock")).unwrap().contains("\"sdtab001\""));
    let (code, text, _) = told(&run(&["trace", "exposure_response.n_exposure.resp", &path]));
    assert!(code == 0 && text.contains("file       sdtab001 (SHA-256") && text.contains("40: 1, 3, 5"), "{text}");
}

#[test]
fn the_same_table_as_text_gives_the_same_models() {
    let results = ["sdtab001", "table.csv", "table.tsv", "semicolons.txt"].map(|file| {
        let folder = folder();
        let (separator, software) = match file {
            "sdtab001" => (' ', "nonmem"),
            "table.csv" => (',', "nlmixr2"),
            "table.tsv" => ('\t', "monolix"),
            _ => (';', "monolix"),
        };
        let mut text = format!("ID{separator}TIME{separator}AUC\n");
        for place in 1..=40_u32 {
            writeln!(text, "{place}{separator}0{separator}{:.5}E+02", exposure(place) / 100.0).unwrap();
        }
        fs::write(folder.path().join(file), if file == "sdtab001" { nonmem_table() } else { text }).unwrap();
        let import = IMPORT.replace("sdtab001", file).replace("software: nonmem", &format!("software: {software}"));
        let analyses = "exposure_response:\n  - {id: resp, endpoint: {dataset: ader, parameter: RESP, event: Y}, exposure: AUCSS}\n";
        write_project(folder.path(), &format!("{import}{analyses}"));
        let (_, evidence) = gathered(folder.path());
        words(&evidence, "T-E18")
    });
    assert!(results[0].len() > 3, "{:?}", results[0]);
    assert!(results.iter().all(|table| *table == results[0]));
}

#[test]
fn every_subject_who_fits_nobody_and_every_one_without_a_row_is_told_at_once() {
    let folder = folder();
    let mut text = "ID,AUC\n".to_owned();
    for place in 3..=42_u32 {
        writeln!(text, "{place},{}", if place == 9 { "oops".to_owned() } else { (place * 10).to_string() }).unwrap();
        if place < 5 {
            writeln!(text, "{place},1").unwrap();
        }
    }
    fs::write(folder.path().join("sdtab001"), text).unwrap();
    let analyses = "exposure_response:\n  - {id: resp, endpoint: {dataset: ader, parameter: RESP, event: Y}, exposure: AUCSS}\n";
    write_project(folder.path(), &format!("{IMPORT}{analyses}"));
    let stopped = pipeline::read(folder.path(), Overrides::default(), &|_| ());
    let seen = match &stopped {
        Ok(reading) => reading.diagnostics.clone(),
        Err(error) => error.diagnostics().to_vec(),
    };
    let of = |code: &str| seen.iter().find(|seen| seen.code == code).unwrap_or_else(|| panic!("no {code} in {seen:#?}"));
    assert_eq!(
        (of("exposure-import-stranger").subjects.as_slice(), of("exposure-import-stranger").rows.as_slice()),
        (&["41".to_owned(), "42".to_owned()][..], &[41, 42][..])
    );
    assert_eq!(of("exposure-import-missing").subjects, ["ZEL-01-0001", "ZEL-01-0002"]);
    assert_eq!(of("exposure-import-value").subjects, ["ZEL-01-0009"]);
    let varies = of("exposure-import-varies");
    assert_eq!(
        (varies.subjects.as_slice(), varies.rows.as_slice()),
        (&["ZEL-01-0003".to_owned(), "ZEL-01-0004".to_owned()][..], &[1, 2, 3, 4][..])
    );
    assert!(varies.stops() && varies.dataset.as_deref() == Some("EXPOSURES FINAL"));
    let stated = IMPORT.replace("      basis:", "      repeated: last\n      basis:");
    write_project(folder.path(), &format!("{stated}{analyses}"));
    let (reading, _) = gathered(folder.path());
    let table = &reading.trial.imported_exposures[0];
    assert_eq!(table.exposures[0].values["ZEL-01-0003"], (2, 1.0));
    assert!(reading.diagnostics.iter().all(|seen| seen.code != "exposure-import-varies"));
}

#[test]
fn a_table_that_cannot_be_used_stops_the_build_with_what_to_do() {
    let analyses = "exposure_response:\n  - {id: resp, endpoint: {dataset: ader, parameter: RESP, event: Y}, exposure: AUCSS}\n";
    for (text, code, says) in [
        ("TABLE NO.  1\n 1.0000E+00 2.0000E+00\n", "exposure-import-unreadable", "NOHEADER"),
        ("TABLE NO.  1\n ID AUC0\n 1.0E+00 2.0E+00\n", "exposure-import-column", "AUC0"),
        ("ID,AUC\n900,1\n901,2\n", "exposure-import-stranger", "2 of 2 subjects"),
    ] {
        let folder = folder();
        fs::write(folder.path().join("sdtab001"), text).unwrap();
        write_project(folder.path(), &format!("{IMPORT}{analyses}"));
        let seen = match read(folder.path()) {
            Ok(reading) => reading.diagnostics,
            Err(error) => error.diagnostics().to_vec(),
        };
        let found = seen.iter().find(|seen| seen.code == code).unwrap_or_else(|| panic!("no {code} in {seen:#?}"));
        assert!(found.stops() && format!("{} {}", found.message, found.hint).contains(says), "{found:?}");
    }
    let folder = folder();
    write_project(folder.path(), &analyses.replace("exposure: AUCSS", "exposure: AUCSS, exposure_import: nowhere"));
    let error = read(folder.path()).unwrap_err();
    assert!(error.diagnostics()[0].message.contains("`nowhere` is no table"), "{:?}", error.diagnostics());
}

#[test]
fn exposures_are_searched_beside_the_outcome_and_in_adsl() {
    let folder = folder();
    let analyses = "exposure_response:
  - {id: parameter, endpoint: {dataset: ader, parameter: RESP, event: Y}, exposure: AUCSS}
  - {id: column, endpoint: {dataset: ader, parameter: RESP, event: Y}, exposure: CMAXSS, exposure_unit: ng/mL}
  - {id: adsl, endpoint: {dataset: ader, parameter: RESP, event: Y}, exposure: AUCBL}
  - {id: europe, endpoint: {dataset: ader, parameter: RESP, event: Y, where: {REGION: EU}}, exposure: AUCSS}
  - {id: time, endpoint: {dataset: ader, parameter: PFS, kind: time_to_event}, exposure: CAVGTE}
  - {id: absent, endpoint: {dataset: ader, parameter: RESP, event: Y}, exposure: NOTHERE}
  - {id: varies, endpoint: {dataset: ader, kind: binary, column: AVALC, event: Y}, exposure: CAVGTE}
";
    write_project(folder.path(), analyses);
    let (_, evidence) = gathered(folder.path());
    let source = |id: &str| {
        let fact = evidence.facts.get(&format!("exposure_response.n_exposure.{id}").as_str().into()).unwrap();
        (fact.value.clone(), fact.source.dataset.clone(), fact.source.filter.clone(), fact.source.rows.as_slice()[0])
    };
    let forty = FactValue::Count(40);
    assert_eq!(source("parameter"), (forty.clone(), "ADER".into(), "PARAMCD = AUCSS".into(), 3));
    assert_eq!(source("column"), (forty.clone(), "ADER".into(), "CMAXSS of each subject".into(), 1));
    assert_eq!(source("adsl"), (forty.clone(), "ADSL".into(), "AUCBL of each subject".into(), 1));
    assert_eq!(source("europe").0, FactValue::Count(8));
    // Of an average up to the event, the outcome's own records count.
    assert_eq!(source("time"), (forty, "ADER".into(), "CAVGTE of each subject".into(), 2));
    let table = words(&evidence, "T-E18-exposure");
    assert!(table[0].ends_with("| 11/50"), "{table:?}");
    let footnotes = exhibit(&evidence, "T-E18").notes.footnotes.join("\n");
    assert!(footnotes.contains("absent: No NOTHERE of any subject is in ADER or ADSL."), "{footnotes}");
    assert!(footnotes.contains("varies: CAVGTE of ADER differs between the records of 40 subjects"), "{footnotes}");
}

#[test]
fn an_exposure_that_can_follow_the_event_says_so_and_names_the_analysis_that_cannot() {
    let folder = folder();
    let late = "  - {id: late, endpoint: {dataset: ader, parameter: RESP, event: Y}, exposure: CAVGTE}\n";
    let early = "  - {id: early, label: Response by first-cycle exposure, endpoint: {dataset: ader, parameter: RESP, event: Y, label: R}, exposure: CMAXSS, basis: first_cycle}\n";
    let footnotes = |analyses: &str| {
        write_project(folder.path(), &format!("exposure_response:\n{analyses}"));
        let (_, evidence) = gathered(folder.path());
        exhibit(&evidence, "T-E18-exposure").notes.footnotes.join("\n")
    };
    let alone = footnotes(late);
    assert!(alone.contains("average up to the event or censoring, judging by its name"), "{alone}");
    assert!(alone.contains("No analysis of the same outcome on an exposure of the initial dosage"), "{alone}");
    assert!(footnotes(&format!("{late}{early}")).contains("in: Response by first-cycle exposure."));
    assert!(!footnotes(early).contains("be a result of the outcome"));
}

/// The same subjects with outcomes in ADRS, ADTTE and ADAE, two reviewers each, and parameters at two visits in ADPP.
fn standard_datasets(folder: &Path) {
    let mut adrs = "USUBJID,PARAMCD,PARAM,AVALC,ADT,REVIEW\n".to_owned();
    let mut adtte = "USUBJID,PARAMCD,PARAM,AVAL,AVALU,CNSR,REVIEW\n".to_owned();
    let mut adae = "USUBJID,AEDECOD,AETOXGR,AELOC,TRTEMFL,ASTDT,AESER,AEREL,AEACN\n".to_owned();
    let mut adpp = "USUBJID,PARAMCD,PARAM,PPCAT,AVISIT,ADY,AVAL,AVALU\n".to_owned();
    for place in 1..=40_u32 {
        let subject = format!("ZEL-01-{place:04}");
        for (reviewer, every) in [("A", 2), ("B", 5)] {
            let response = if place % every == 0 { "Y" } else { "N" };
            writeln!(adrs, "{subject},CRSP,Confirmed response,{response},2024-03-01,{reviewer}").unwrap();
            writeln!(
                adtte,
                "{subject},PFS,Progression-free survival,{},DAYS,{},{reviewer}",
                40 + place * every,
                u32::from(place % every == 0)
            )
            .unwrap();
            writeln!(
                adpp,
                "{subject},AUCTAU,AUC,DRUG,Cycle {every} Day 1,{},{},ng*h/mL",
                10 + 3 * place,
                exposure(place) * f64::from(every)
            )
            .unwrap();
        }
        if place % 3 == 0 {
            let place_of = if place % 2 == 0 { "SKIN" } else { "GUT" };
            writeln!(adae, "{subject},Rash,2,{place_of},Y,2024-01-20,N,RELATED,DOSE NOT CHANGED").unwrap();
        }
    }
    for (name, text) in [("adrs", adrs), ("adtte", adtte), ("adae", adae), ("adpp", adpp)] {
        fs::write(folder.join(format!("data/{name}.csv")), text).unwrap();
    }
}

#[test]
fn conditions_hold_on_any_column_of_outcomes_and_of_exposures() {
    let folder = folder();
    standard_datasets(folder.path());
    let analyses = "exposure_response:
  - {id: first, endpoint: {dataset: adrs, parameter: CRSP, event: Y, where: {REVIEW: A}}, exposure: AUCTAU, exposure_where: {AVISIT: Cycle 2 Day 1}}
  - {id: second, endpoint: {dataset: adrs, parameter: CRSP, event: Y, where: {REVIEW: B}}, exposure: AUCTAU, exposure_where: {AVISIT: Cycle 5 Day 1}}
  - {id: skin, endpoint: {dataset: adae, where: {AELOC: SKIN}}, exposure: AUCTAU, exposure_where: {AVISIT: Cycle 2 Day 1}}
  - {id: time, endpoint: {dataset: adtte, parameter: PFS, where: {REVIEW: A}}, exposure: AUCTAU, exposure_where: {AVISIT: Cycle 2 Day 1}}
  - {id: nowhere, endpoint: {dataset: adrs, parameter: CRSP, event: Y, where: {REVIEWER: A}}, exposure: AUCTAU}
";
    write_project(folder.path(), analyses);
    let (_, evidence) = gathered(folder.path());
    let footnotes = exhibit(&evidence, "T-E18").notes.footnotes.join("\n");
    let events = |id: &str| match evidence
        .facts
        .get(&format!("exposure_response.events.{id}").as_str().into())
        .unwrap_or_else(|| panic!("{id}: {footnotes} {:?}", exhibit(&evidence, "T-E18").content))
        .value
    {
        FactValue::Count(count) => count,
        _ => panic!("no count"),
    };
    assert_eq!((events("first"), events("second"), events("skin"), events("time")), (20, 8, 6, 20));
    let fact = evidence.facts.get(&"exposure_response.n_exposure.first".into()).unwrap();
    assert!(
        fact.source.filter.ends_with("AVISIT = Cycle 2 Day 1")
            && fact.source.columns.iter().filter(|column| *column == "AVISIT").count() == 1
    );
    assert_eq!(fact.source.rows.as_slice()[..3], [1, 3, 5]);
    let outcome = fact.denominator.as_ref().unwrap();
    assert_eq!((outcome.filter.as_str(), outcome.rows.as_slice()[1]), ("PARAMCD = CRSP and REVIEW = A", 3));
    assert!(footnotes.contains("nowhere: The condition on REVIEWER of ADRS cannot be applied"), "{footnotes}");
    // Day 10 + 3 p lies after day 20 of every rash, and after day 40 + 2 p of the events, which are those with odd p.
    assert!(footnotes.contains("Of 40 subjects whose exposure has a study day, 6 had it recorded after their event and 0"), "{footnotes}");
    let late = (1..=40_u32).filter(|p| p % 2 == 1 && 10 + 3 * p > 40 + 2 * p).count();
    assert!(footnotes.contains(&format!("study day, {late} had it recorded after their event")), "{late}: {footnotes}");
}

/// Builds a project of public files without ADSL; `None` where they are absent.
fn public(folder: &str, project: &str) -> Option<(String, Evidence)> {
    let data = shared_data(folder)?;
    let place = tempfile::tempdir().unwrap();
    let text = format!("dossier: {{title: T, date: 2026-01-01}}\ndrug: {{name: ABC}}\ndata:\n  path: {}\n{project}", data.display());
    fs::write(place.path().join("dosecase.yaml"), text).unwrap();
    let (_, evidence) = gathered(place.path());
    let out = place.path().join("out");
    let built = run(&["build", &place.path().to_string_lossy(), "--out", &out.to_string_lossy()]);
    assert_eq!(told(&built).0, 0, "{:?}", told(&built));
    Some((fs::read_to_string(out.join("dossier.md")).unwrap(), evidence))
}

#[test]
fn simulated_adverse_events_with_several_rows_per_subject_are_analysed() {
    let project = "  datasets: {ader: d_sim_binom_cov.csv}
  subjects_from: ader
  columns:
    ader: {subject: ID, parameter: AETYPE, value: AEFLAG}
    adsl: {planned_arm: Dose_mg, actual_arm: Dose_mg, age: BAGE, weight: BWT}
dosages:
  - {id: low, label: 200 mg, dose: 200 mg, arm: \"200\"}
  - {id: high, label: 400 mg, dose: 400 mg, arm: \"400\"}
exposure_response:
  - {id: hgly2, endpoint: {dataset: ader, parameter: hgly2, kind: binary}, exposure: AUCss, exposure_unit: ug*h/mL, covariates: [BAGE, BWT]}
  - {id: dr2, endpoint: {dataset: ader, parameter: dr2, event: 1}, exposure: Cmaxss, exposure_unit: ug/mL, models: [linear]}
";
    let Some((text, evidence)) = public("real/bayesertools", project) else { return };
    let table = words(&evidence, "T-E18");
    assert!(table[1].contains("| 500 | 138 |"), "{table:?}");
    assert!(text.contains("adjusted for BAGE and BWT") && text.contains("the 500 subjects are those of the 1500 rows of ADER"));
    let fact = evidence.facts.get(&"exposure_response.observed.hgly2.low".into()).unwrap();
    assert_eq!((fact.count, fact.n), (Some(45), Some(250)));
    // Rows are those of the file: the outcome stands in the first of three rows of a subject.
    assert!(fact.source.rows.as_slice().iter().all(|row| row % 3 == 1));
}

#[test]
fn a_file_without_identifiers_is_a_subject_per_row_where_the_project_says_so() {
    let project = |declared: &str| {
        format!(
            "  datasets: {{adee: d_sim_emax.csv}}
  subjects_from: adee
{declared}  columns: {{adsl: {{planned_arm: dose, actual_arm: dose}}}}
dosages:
  - {{id: low, label: 100 mg, dose: 100 mg, arm: \"100\"}}
  - {{id: mid, label: 200 mg, dose: 200 mg, arm: \"200\"}}
  - {{id: high, label: 300 mg, dose: 300 mg, arm: \"300\"}}
exposure_response:
  - {{id: bin_d, endpoint: {{dataset: adee, column: bin_d, kind: binary}}, exposure: exposure, exposure_unit: ng*h/mL, basis: steady_state}}
  - {{id: response, endpoint: {{dataset: adee, column: response_1, kind: continuous, statistic: value, better: higher}}, exposure: exposure, exposure_unit: ng*h/mL, basis: steady_state}}
"
        )
    };
    let Some((text, evidence)) = public("real/bayesertools", &project("  subject_per_row: [adee]\n")) else { return };
    assert!(text.contains("each of its 300 rows is a subject"));
    let fact = evidence.facts.get(&"exposure_response.observed.bin_d.low".into()).unwrap();
    assert_eq!((fact.count, fact.n), (Some(54), Some(100)));
    // nls of R 4.2.2: response_1 ~ e0 + emax * exposure / (ec50 + exposure).
    for (id, want) in [("ec50_emax", 3_672.288_368), ("aic_emax", 999.054_109_5)] {
        let found = evidence.facts.get(&format!("exposure_response.{id}.response").as_str().into()).unwrap();
        assert!(matches!(found.value, FactValue::Number(value) if (value / want - 1.0).abs() < 1e-5), "{id}: {:?}", found.value);
    }
    let data = shared_data("real/bayesertools").unwrap();
    let place = tempfile::tempdir().unwrap();
    let undeclared =
        format!("dossier: {{title: T, date: 2026-01-01}}\ndrug: {{name: ABC}}\ndata:\n  path: {}\n{}", data.display(), project(""));
    fs::write(place.path().join("dosecase.yaml"), undeclared).unwrap();
    let error = read(place.path()).unwrap_err();
    assert!(error.diagnostics().iter().any(|seen| seen.code == "subject-column-absent"), "{:?}", error.diagnostics());
}

#[test]
fn oncology_files_of_a_tutorial_give_events_responses_and_profiles() {
    let events = "  datasets: {ades: AE_xgx.csv}
  subjects_from: ades
  columns: {ades: {subject: SUBJID}, adsl: {planned_arm: Dose, actual_arm: Dose}}
dosages:
  - {id: low, label: 20 mg QD, dose: 20 mg, schedule: QD, arm: \"20\"}
  - {id: mid, label: 40 mg QD, dose: 40 mg, schedule: QD, arm: \"40\"}
  - {id: high, label: 60 mg QD, dose: 60 mg, schedule: QD, arm: \"60\"}
exposure_response:
  - {id: day, label: Event by first day, endpoint: {dataset: ades, column: AE, event: \"Yes\"}, exposure: AUCDAY1, exposure_unit: ng*h/mL, models: [linear]}
  - {id: average, endpoint: {dataset: ades, column: AE, event: \"Yes\"}, exposure: AUCAVE, basis: average_to_event, models: [linear]}
  - {id: grade, endpoint: {dataset: ades, column: AETOXGRDN, grade_at_least: 2}, exposure: AUCDAY1, models: [linear]}
";
    let Some((text, evidence)) = public("real/xgx", events) else { return };
    assert!(text.contains("The same outcome is analysed on an exposure of the initial dosage in: Event by first day."));
    let counts = |evidence: &Evidence, id: &str| {
        let fact = evidence.facts.get(&id.into()).unwrap();
        (fact.count, fact.n)
    };
    assert_eq!(counts(&evidence, "exposure_response.observed.day.mid"), (Some(10), Some(15)));
    assert_eq!(counts(&evidence, "exposure_response.observed.grade.low"), (Some(0), Some(4)));

    let responses = "  datasets: {adee: Oncology_Efficacy_Data.csv, ades: AE_xgx.csv}
  subjects_from: adee
  columns: {adee: {subject: SUBJID}, ades: {subject: SUBJID}, adsl: {planned_arm: DOSE_ABC, actual_arm: DOSE_ABC}}
dosages:
  - {id: low, label: 20 mg QD, dose: 20 mg, schedule: QD, arm: \"20\"}
  - {id: mid, label: 40 mg QD, dose: 40 mg, schedule: QD, arm: \"40\"}
  - {id: high, label: 60 mg QD, dose: 60 mg, schedule: QD, arm: \"60\"}
  - {id: top, label: 90 mg QD, dose: 90 mg, schedule: QD, arm: \"90\"}
exposure_response:
  - {id: response, endpoint: {dataset: adee, column: binary_BOR, kind: binary}, exposure: auc0_24, exposure_unit: ng*h/mL, basis: first_cycle, models: [linear]}
  - {id: harm, endpoint: {dataset: ades, column: AE, event: \"Yes\"}, exposure: auc0_24, exposure_dataset: adee, exposure_unit: ng*h/mL, models: [linear]}
";
    let (text, evidence) = public("real/xgx", responses).unwrap();
    assert_eq!(counts(&evidence, "exposure_response.observed.response.mid"), (Some(3), Some(26)));
    assert!(text.contains("8 of 32 subjects are not in ADSL"));
    assert!(matches!(exhibit(&evidence, "F-E08").content, Content::Figure(_)));

    let profiles = "  datasets: {adpc: Single_Ascending_Dose_Dataset.csv}
  subjects_from: adpc
  columns:
    adpc: {subject: ID, parameter: CMT_label, value: DV, nominal_time: NT, actual_time: time, below_limit: BLQ, dose_at_sample: DOSE}
    adsl: {planned_arm: DOSE_label, actual_arm: DOSE_label, weight: WT0}
dosages: [{id: a, label: 100 mg, dose: 100 mg}, {id: b, label: 200 mg, dose: 200 mg}, {id: c, label: 400 mg, dose: 400 mg},
  {id: d, label: 800 mg, dose: 800 mg}, {id: e, label: 1600 mg, dose: 1600 mg}]
";
    let (_, evidence) = public("real/xgx", profiles).unwrap();
    let table = words(&evidence, "T-E11");
    assert!(table[1].starts_with("Profiles analysed, n | 10 | 10 | 10 | 10 | 10"), "{table:?}");
    assert!(matches!(exhibit(&evidence, "F-E03").content, Content::Figure(_)));
}
