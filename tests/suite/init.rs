//! The first project file: what is found in a data folder, and what `init` writes of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dosecase::cli::init::{EXAMPLES, InitError, InitOptions, InitReport, init};
use dosecase::config::{Project, read_project, read_project_text};
use dosecase::data::survey::{Survey, SurveyError, survey};
use dosecase::data::{DatasetName, read_trial};
use tempfile::TempDir;

const ADSL: &str = "\
STUDYID,USUBJID,TRT01P,TRT01A,TRT01PN,SAFFL,DLTEVLFL,PART,PARTDESC,BACKFL,RANDFL,DCUTDT
T1,T1-01,Testinib 10 mg QD,Testinib 10 mg QD,10,Y,Y,A,Dose escalation,N,N,2024-05-01
T1,T1-02,Testinib 0.8mg/kg Q3W,Testinib 0.8mg/kg Q3W,7,Y,Y,A,Dose escalation,Y,N,2024-05-01
T1,T1-03,Testinib 10 mg QD,Testinib 10 mg QD,10,Y,,B,Randomised dose expansion,N,Y,2024-05-02
T1,T1-04,Docetaxel 75 mg/m2 Q3W,Docetaxel 75 mg/m2 Q3W,999,Y,,B,Randomised dose expansion,N,Y,2024-05-02
T1,T1-05,Screen Failure,Screen Failure,,N,,,,N,N,
";

/// A folder with files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

fn try_init(dir: &Path, data: Option<&Path>, example: Option<&str>) -> Result<InitReport, InitError> {
    init(&InitOptions { dir: dir.to_path_buf(), data: data.map(Path::to_path_buf), example: example.map(str::to_owned) })
}

/// A project with the folder it lives in, which paths of its data may lead out of.
struct Made {
    project: Project,
    _home: TempDir,
}

impl std::ops::Deref for Made {
    type Target = Project;

    fn deref(&self) -> &Project {
        &self.project
    }
}

/// The project that `init` writes for a data folder, as its own reader understands it.
fn project_of(data: &Path) -> Made {
    let home = TempDir::new().expect("a temporary folder");
    let dir = home.path().join("project");
    try_init(&dir, Some(data), None).unwrap_or_else(|error| panic!("{}: {error}", data.display()));
    let project = read_project(&dir).unwrap_or_else(|errors| panic!("{}: {errors}", data.display()));
    Made { project, _home: home }
}

fn dose(project: &Project, id: &str) -> Option<String> {
    project.settings.dosage(id).unwrap_or_else(|| panic!("no dosage {id}")).dose.map(|dose| dose.to_string())
}

/// What a build says against the arms: nothing may be left but those who were never treated.
fn arm_faults(project: &Project) -> Vec<String> {
    let diagnostics = match read_trial(project) {
        Ok(trial) => trial.diagnostics,
        Err(error) => error.diagnostics().to_vec(),
    };
    assert!(diagnostics.iter().all(|seen| !["adsl-absent", "dataset-twice"].contains(&seen.code)), "{diagnostics:?}");
    let about_arms = diagnostics.into_iter().filter(|seen| ["arm-unknown", "dosage-without-subjects"].contains(&seen.code));
    about_arms.map(|seen| seen.message).filter(|message| !message.to_lowercase().contains("screen fail")).collect()
}

fn lines_with<'a>(text: &'a str, part: &str) -> Vec<&'a str> {
    text.lines().filter(|line| line.contains(part)).collect()
}

/// The text with every option switched on.
fn switched_on(text: &str) -> String {
    let is_option = |line: &str| {
        line.strip_prefix('#').is_some_and(|rest| rest.starts_with("  ") || rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    };
    text.lines().map(|line| if is_option(line) { &line[1..] } else { line }).collect::<Vec<_>>().join("\n")
}

#[test]
fn arms_doses_and_comparators_are_found_and_every_guess_is_marked() {
    let data = folder(&[("adsl.csv", ADSL)]);
    let project = project_of(data.path());
    let ids: Vec<&str> = project.settings.dosages.iter().map(|dosage| dosage.id.as_str()).collect();
    assert_eq!(ids, ["10mg_qd", "0_8mg_kg_q3w", "docetaxel"]);
    assert_eq!(dose(&project, "10mg_qd").as_deref(), Some("10 mg"));
    assert_eq!(dose(&project, "0_8mg_kg_q3w").as_deref(), Some("0.8 mg/kg"));
    assert_eq!(dose(&project, "docetaxel").as_deref(), Some("75 mg/m²"));
    assert_eq!(project.settings.dosage("docetaxel").map(|dosage| dosage.comparator), Some(true));
    assert_eq!(project.settings.dosage("10mg_qd").and_then(|dosage| dosage.schedule.clone()).as_deref(), Some("QD"));
    assert_eq!(project.settings.drug.name, "testinib");
    assert_eq!(project.settings.dossier.data_cutoff.map(|date| date.to_string()).as_deref(), Some("2024-05-02"));
    assert_eq!(arm_faults(&project), Vec::<String>::new());
    for guessed in ["  title: ", "  name: ", "  data_cutoff: ", "    dose: ", "    schedule: ", "    comparator: ", "  - id: escalation"] {
        let lines = lines_with(project.source.text(), guessed);
        assert!(
            !lines.is_empty() && lines.iter().all(|line| line.contains("# guess: ") && line.contains("; check ")),
            "{guessed}: {lines:?}"
        );
    }
    assert!(project.source.text().contains("TRT01PN is 999 there, a code"));
    assert!(project.source.text().contains("Never treated, and in no dosage: Screen Failure (1)"));
}

#[test]
fn parts_are_read_from_their_columns() {
    let data = folder(&[("adsl.csv", ADSL)]);
    let project = project_of(data.path());
    let parts: Vec<(&str, bool, Vec<&str>)> = project
        .settings
        .parts
        .iter()
        .map(|part| {
            (
                part.id.as_str(),
                part.randomised,
                part.when.iter().flat_map(|(column, values)| [column.as_str(), values[0].as_str()]).collect(),
            )
        })
        .collect();
    assert_eq!(
        parts,
        [
            ("escalation", false, vec!["BACKFL", "N", "PART", "A"]),
            ("backfill", false, vec!["BACKFL", "Y", "PART", "A"]),
            ("randomised", true, vec!["PART", "B"]),
        ]
    );
    assert_eq!(project.settings.parts[2].label, "Randomised dose expansion");
}

#[test]
fn a_code_is_no_dose_and_a_stated_dose_is_one() {
    let text = "\
USUBJID,TRT01P,TRT01PN,DOSEP,DOSEU
S1,Testinib high,2,240,mg
S2,Testinib low,1,120,mg
S3,Testinib odd,3,5,furlong
S4,Placebo,0,0,mg
";
    let data = folder(&[("adsl.csv", text)]);
    let project = project_of(data.path());
    assert_eq!(dose(&project, "testinib_low").as_deref(), Some("120 mg"));
    assert_eq!(dose(&project, "testinib_high").as_deref(), Some("240 mg"));
    assert_eq!(dose(&project, "testinib_odd"), None);
    assert_eq!(dose(&project, "placebo"), None);
    assert!(project.source.text().contains("DOSEP in ADSL is 5 furlong (1)"));
    let codes = folder(&[("adsl.csv", "USUBJID,TRT01P,TRT01PN\nS1,Testinib high,81\nS2,Testinib low,54\n")]);
    let project = project_of(codes.path());
    assert_eq!((dose(&project, "testinib_low"), dose(&project, "testinib_high")), (None, None));
    assert!(project.source.text().contains("TRT01PN is 81, which may be a dose, a code or an index"));
}

#[test]
fn texts_of_arms_cannot_break_the_project_file() {
    let hostile = [
        "A: \"Drug\" #1",
        "- 10 mg",
        "{120 mg}",
        "[a, b]",
        "*alias",
        "&anchor",
        "!tag",
        "Y",
        "no",
        "null",
        "120",
        "1e3",
        "2024-01-01",
        "it's",
        "# hash",
        "a\\b",
        "日本 10 mg",
        "Zëltö 0,8 mg/kg",
        "two\nlines: x",
        "% of",
        "@x",
        "`tick`",
        "? key",
        "| block",
        "> fold",
        "~",
        "ends with:",
        "5-10 mg",
        "title: x",
        "\u{2028}odd\u{85}",
        "…",
        "!!!",
        "Arm A: 10 mg",
    ];
    let mut rows = vec!["STUDYID,USUBJID,TRT01P,TRT01A,SAFFL".to_owned()];
    for (index, arm) in hostile.iter().enumerate() {
        let quoted = arm.replace('"', "\"\"");
        rows.push(format!("\"T: #1\",S{index},\"{quoted}\",\"{quoted}\",Y"));
    }
    let data = folder(&[("adsl.csv", &(rows.join("\n") + "\n"))]);
    let project = project_of(data.path());
    assert_eq!(arm_faults(&project), Vec::<String>::new());
    let arms: BTreeSet<&str> = project.settings.dosages.iter().flat_map(|dosage| &dosage.arms).map(String::as_str).collect();
    for arm in hostile {
        assert!(arms.contains(arm.trim()), "{arm:?} is not among {arms:?}");
    }
    let ids: BTreeSet<&str> = project.settings.dosages.iter().map(|dosage| dosage.id.as_str()).collect();
    assert_eq!(ids.len(), hostile.len());
    assert!(project.settings.dosages.iter().any(|dosage| !dosage.comparator));
}

#[test]
fn spellings_of_one_arm_are_one_dosage() {
    let data = folder(&[("adsl.csv", "USUBJID,TRT01P\nS1,Testinib 10 mg\nS2,TESTINIB 10 MG\nS3,Testinib 10 mg\nS4,Testinib 20 mg\n")]);
    let project = project_of(data.path());
    assert_eq!(project.settings.dosages.len(), 2);
    assert_eq!(project.settings.dosages[0].arms, ["Testinib 10 mg", "TESTINIB 10 MG"]);
    assert_eq!(arm_faults(&project), Vec::<String>::new());
}

#[test]
fn nothing_is_overwritten() {
    let data = folder(&[("adsl.csv", ADSL)]);
    let home = folder(&[("dosecase.yaml", "mine\n"), ("notes.txt", "mine too\n")]);
    for (data, example) in [(Some(data.path()), None), (None, None), (None, Some("zeltorafib"))] {
        let error = try_init(home.path(), data, example).expect_err("there is a project file");
        assert!(matches!(&error, InitError::Exists(path) if path.ends_with("dosecase.yaml")), "{error}");
        assert!(error.to_string().contains("not overwritten"));
    }
    assert_eq!(fs::read_to_string(home.path().join("dosecase.yaml")).unwrap(), "mine\n");
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2);
    let full = folder(&[("notes.txt", "mine\n")]);
    assert!(matches!(try_init(full.path(), None, Some("zeltorafib")), Err(InitError::NotEmpty(_))));
    assert_eq!(fs::read_dir(full.path()).unwrap().count(), 1);
    try_init(full.path(), Some(data.path()), None).expect("other files are no hindrance to a project file");
    assert_eq!(fs::read_to_string(full.path().join("notes.txt")).unwrap(), "mine\n");
    assert!(matches!(try_init(&full.path().join("notes.txt"), None, None), Err(InitError::NotAFolder(_))));
}

#[test]
fn a_failure_leaves_nothing_behind() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("a/b");
    let no_data = folder(&[("readme.txt", "nothing\n"), ("table.csv", "A,B\n1,2\n")]);
    let no_adsl = folder(&[("adae.csv", "USUBJID,AEDECOD\nS1,Nausea\n")]);
    let no_arm = folder(&[("adsl.csv", "USUBJID,TREATMENT_GROUP\nS1,A\n")]);
    let broken = folder(&[("adsl.parquet", "PAR1 this is no parquet file")]);
    let refused = |data: &Path| match try_init(&dir, Some(data), None) {
        Err(InitError::Survey(error)) => error,
        other => panic!("{}: {other:?}", data.display()),
    };
    assert!(matches!(refused(&home.path().join("none")), SurveyError::NoFolder(_)));
    assert!(matches!(refused(no_data.path()), SurveyError::NoDataset(_)));
    assert!(matches!(refused(no_adsl.path()), SurveyError::NoAdsl { .. }));
    assert!(refused(broken.path()).to_string().contains("adsl.parquet"));
    assert!(refused(no_arm.path()).to_string().contains("TREATMENT_GROUP"));
    assert!(matches!(try_init(&dir, None, Some("zeltorafab")), Err(InitError::UnknownExample { .. })));
    assert!(matches!(try_init(&dir, Some(no_arm.path()), Some("zeltorafib")), Err(InitError::DataAndExample)));
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn the_same_data_in_several_folders_are_read_once() {
    let other = ADSL.replace("T1-", "T9-");
    let adae = "USUBJID,AEDECOD,AESEQ\nT1-01,Nausea,1\n";
    let data = folder(&[("csv/adsl.csv", ADSL), ("csv/adae.csv", adae), ("old/adsl.csv", ADSL), ("readme.txt", "x")]);
    let found = survey(data.path()).unwrap();
    assert!(found.path.ends_with("csv"), "{}", found.path.display());
    assert!(found.choice.as_deref().is_some_and(|choice| choice.contains("csv: 2 datasets of 5 subjects")), "{:?}", found.choice);
    assert_eq!(found.left_out[0].file, "old/");
    assert!(found.left_out[0].reason.contains("the same 5 subjects"));
    assert_eq!(arm_faults(&project_of(data.path())), Vec::<String>::new());

    let studies = folder(&[("one/adsl.csv", ADSL), ("two/adsl.csv", &other)]);
    let found = survey(studies.path()).unwrap();
    assert_eq!(found.subjects, 10);
    assert_eq!(found.files.len(), 2);
    let trial = read_trial(&project_of(studies.path())).unwrap();
    assert_eq!(trial.value.get(DatasetName::Adsl).map(|adsl| adsl.height()), Some(10));
}

#[test]
fn one_dataset_in_two_formats_is_named_in_the_project_file() {
    let data = folder(&[
        ("adsl.csv", ADSL),
        ("adsl.tsv", &ADSL.replace(',', "\t")),
        ("deep/er/adae.csv", "USUBJID,AEDECOD,AESEQ\nT1-01,Nausea,1\n"),
    ]);
    let project = project_of(data.path());
    assert_eq!(project.settings.data.datasets["adsl"], ["adsl.csv"]);
    assert!(!project.settings.data.datasets.contains_key("adae"), "a file in a folder below is found by its name");
    let trial = read_trial(&project).unwrap_or_else(|error| panic!("{error}")).value;
    assert_eq!(trial.get(DatasetName::Adsl).map(|adsl| adsl.height()), Some(5));
    assert_eq!(trial.get(DatasetName::Adae).map(|adae| adae.height()), Some(1));
    let copies = folder(&[("adsl.csv", ADSL), ("adsl_old.csv", ADSL)]);
    assert_eq!(project_of(copies.path()).settings.data.datasets["adsl"], ["adsl.csv"]);
}

#[test]
fn analytes_and_groups_are_found_without_dosing_records_and_urine() {
    let adpc = "\
USUBJID,PARAMCD,PARAM,PARCAT1,AVAL,AVALU
T1-01,DOSE,Testinib Dose,,10,mg
T1-01,TST,Testinib Plasma Concentration (ng/mL),PLASMA,1.5,ng/mL
T1-01,TSTU,Testinib in urine,URINE,1.5,ng/mL
T1-01,M1,Metabolite M1 (ng/mL),PLASMA,0.5,ng/mL
";
    let adae = "USUBJID,AESEQ,AEDECOD,AESI,CQ01NAM\nT1-01,1,Pneumonitis,ILD / pneumonitis,\nT1-01,2,Rash,,SKIN: \"x\"\nT1-02,1,Nausea,,\n";
    let data = folder(&[("adsl.csv", ADSL), ("adpc.csv", adpc), ("adae.csv", adae)]);
    let found = survey(data.path()).unwrap();
    let analytes: Vec<(&str, Option<&str>)> =
        found.analytes.iter().map(|guess| (guess.value.code.as_str(), guess.value.name.as_deref())).collect();
    assert_eq!(analytes, [("M1", Some("Metabolite M1")), ("TST", Some("testinib"))]);
    let groups: Vec<(&str, usize)> = found.interest_groups.iter().map(|group| (group.id.as_str(), group.terms.len())).collect();
    assert_eq!(groups, [("ild_pneumonitis", 1), ("skin_x", 1)]);
    let project = project_of(data.path());
    assert_eq!(project.settings.drug.analytes["TST"].unit.as_deref(), Some("ng/mL"));
}

#[test]
fn every_option_that_is_switched_off_can_be_switched_on() {
    let adpp = "USUBJID,PARAMCD,PARAM,AVAL\nT1-01,AUCSS,\"AUC: \"\"steady\"\" #1\",5\n";
    let adae = "USUBJID,AESEQ,AEDECOD,AESI\nT1-01,1,\"Rash, \"\"x\"\": y\",\"Skin: #1\"\n";
    let adqs = "USUBJID,PARAMCD,AVISIT,AVAL\nT1-01,PT16A,Baseline,1\nT1-01,GP5,Baseline,1\n";
    let data = folder(&[("adsl.csv", ADSL), ("adpp.csv", adpp), ("adae.csv", adae), ("adqspro.csv", adqs)]);
    let home = TempDir::new().unwrap();
    try_init(home.path(), Some(data.path()), None).unwrap();
    let written = fs::read_to_string(home.path().join("dosecase.yaml")).unwrap();
    assert_switches_on(home.path(), &written);
    let project = read_project_text(&home.path().join("dosecase.yaml"), without_files(&switched_on(&written))).unwrap();
    assert_eq!((project.settings.exposure_response.len(), project.settings.dose_response.len()), (4, 1));
    assert_eq!(project.settings.patient_reported.instruments["pro_ctcae"].overall_bother.as_deref(), Some("GP5"));
    assert_eq!(project.settings.tolerability.aesi["skin_1"].terms, ["Rash, \"x\": y"]);
    assert_eq!(project.settings.decision.as_ref().map(|decision| decision.proposed.as_str()), Some("10mg_qd"));

    let blank = TempDir::new().unwrap();
    fs::create_dir(blank.path().join("data")).unwrap();
    try_init(blank.path(), None, None).unwrap();
    assert_switches_on(blank.path(), &fs::read_to_string(blank.path().join("dosecase.yaml")).unwrap());
}

/// Switches everything on: nothing may be wrong but files that are examples.
fn assert_switches_on(home: &Path, text: &str) {
    let on = switched_on(text);
    assert!(on.lines().filter(|line| line.starts_with('#') && !line.starts_with("# ") && *line != "#").count() == 0, "{on}");
    let errors = read_project_text(&home.join("dosecase.yaml"), on).err();
    let faults: Vec<String> = errors
        .iter()
        .flat_map(|errors| &errors.diagnostics)
        .filter(|seen| seen.code != "file-not-found")
        .map(|seen| seen.message.clone())
        .collect();
    assert_eq!(faults, Vec::<String>::new());
}

/// Without the lines that name files which an example only imagines.
fn without_files(text: &str) -> String {
    let imagined = ["  nonclinical: nonclinical.yaml", "  decisions: dose_decisions.csv", "  datasets: {adsl: my_adsl.parquet}"];
    text.lines().filter(|line| !imagined.iter().any(|file| line.starts_with(file))).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_template_says_what_is_to_be_filled_in() {
    let home = TempDir::new().unwrap();
    let report = try_init(&home.path().join("new/project"), None, None).unwrap();
    assert_eq!(report.written.len(), 1);
    let errors = read_project(&home.path().join("new/project")).expect_err("the data folder is not there");
    let codes: Vec<&str> = errors.diagnostics.iter().map(|seen| seen.code).collect();
    assert_eq!(codes, ["file-not-found"]);
    fs::create_dir(home.path().join("new/project/data")).unwrap();
    let project = read_project(&home.path().join("new/project")).unwrap();
    for section in [
        "starting_dose",
        "escalation",
        "pk",
        "exposure_response",
        "tolerability",
        "patient_reported",
        "utility",
        "decision",
        "plan",
        "parts",
        "populations",
        "answers",
    ] {
        assert!(project.source.text().lines().any(|line| line.starts_with(&format!("#{section}:"))), "{section}");
    }
    assert!(lines_with(project.source.text(), "fill in").len() >= 6);
}

#[test]
fn the_example_is_written_whole_and_can_be_read() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("trial");
    let report = try_init(&dir, None, Some("zeltorafib")).unwrap();
    for path in &report.written {
        let inner = path.strip_prefix(&dir).unwrap();
        let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/zeltorafib").join(inner);
        assert_eq!(fs::read(path).unwrap(), fs::read(original).unwrap(), "{}", inner.display());
    }
    assert_eq!(arm_faults(&read_project(&dir).unwrap_or_else(|errors| panic!("{errors}"))), Vec::<String>::new());
    let unknown = try_init(&home.path().join("other"), None, Some("zelto")).expect_err("there is no such example").to_string();
    assert!(EXAMPLES.iter().all(|name| unknown.contains(name)), "{unknown}");
}

#[test]
fn the_examples_agree_with_their_data() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let [registration, phase_1] =
        ["zeltorafib", "zeltorafib-eop1"].map(|name| read_project(&root.join(name)).unwrap_or_else(|errors| panic!("{errors}")));
    for project in [&registration, &phase_1] {
        assert_eq!(arm_faults(project), Vec::<String>::new());
        let trial = read_trial(project).unwrap_or_else(|error| panic!("{error}"));
        let cutoffs = trial.value.get(DatasetName::Adsl).and_then(|adsl| adsl.dates("DCUTDT")).unwrap();
        assert_eq!(cutoffs.into_iter().flatten().max(), project.settings.dossier.data_cutoff);
        // Groups of the project file and of the data are one group only where their ids agree.
        let groups = survey(&project.settings.data.path).unwrap().interest_groups;
        assert!(groups.iter().all(|group| project.settings.tolerability.aesi.contains_key(&group.id)), "{groups:?}");
    }
    let ids = |project: &Project| project.settings.dosages.iter().map(|dosage| dosage.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&registration)[..7], ids(&phase_1)[..]);
    assert_eq!(
        registration.settings.plan.as_ref().and_then(|plan| plan.data_access).map(|date| date.to_string()).as_deref(),
        Some("2026-04-15")
    );
}

/// A folder of the shared data; `None` where it is absent.
fn shared(path: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(path);
    folder.is_dir().then_some(folder)
}

fn surveyed(path: &str) -> Option<Survey> {
    shared(path).map(|folder| survey(&folder).unwrap_or_else(|error| panic!("{path}: {error}")))
}

#[test]
fn real_folders_give_projects_whose_arms_all_match() {
    let folders = [
        "real/random_cdisc_data",
        "real/adam_pharmaverse",
        "real/cdisc_pilot01/adam_xpt",
        "zeltorafib/cut1",
        "zeltorafib/cut2",
        "zeltorafib/cut1/csv",
        "zeltorafib/cut1/parquet",
        "zeltorafib/cut1/xpt",
    ];
    for folder in folders.into_iter().filter_map(shared) {
        let project = project_of(&folder);
        assert_eq!(arm_faults(&project), Vec::<String>::new(), "{}", folder.display());
        assert!(project.settings.dosages.iter().any(|dosage| !dosage.comparator));
        assert_switches_on(&project.settings.root, project.source.text());
    }
}

#[test]
fn real_folders_are_understood() {
    if let Some(cut1) = surveyed("zeltorafib/cut1") {
        assert!(cut1.path.ends_with("parquet"));
        assert_eq!((cut1.subjects, cut1.arms.arms.len()), (127, 7));
        assert!(cut1.beside.decisions.is_some() && cut1.beside.nonclinical.is_some());
        let parts: Vec<&str> = cut1.parts.iter().map(|part| part.value.id.as_str()).collect();
        assert_eq!(parts, ["escalation", "backfill", "randomised"]);
    }
    if let Some(pharmaverse) = surveyed("real/adam_pharmaverse") {
        let doses: Vec<Option<String>> =
            pharmaverse.arms.arms.iter().map(|arm| arm.dose.as_ref().map(|dose| dose.value.to_string())).collect();
        assert_eq!(doses, [Some("54 mg".to_owned()), Some("81 mg".to_owned()), None]);
        let codes: Vec<&str> = pharmaverse.analytes.iter().map(|analyte| analyte.value.code.as_str()).collect();
        assert_eq!(codes, ["XAN"]);
        assert_eq!((pharmaverse.arms.left_out[0].value.as_str(), pharmaverse.arms.left_out[0].count), ("Screen Failure", 52));
    }
    if let Some(random) = surveyed("real/random_cdisc_data") {
        assert!(random.arms.arms.iter().all(|arm| arm.dose.is_none()));
        let comparators: Vec<bool> = random.arms.arms.iter().map(|arm| arm.comparator.is_some()).collect();
        assert_eq!(comparators, [false, false, true]);
    }
}
