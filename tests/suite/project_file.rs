//! The project file: what it may hold, what it means, and what is said when it is wrong.

use std::fs;

use dosecase::config::{
    Better, BlqRule, ConfigErrors, DesignOptions, DocumentKind, EndpointKind, ExposureModel, Jurisdiction, MolecularClass, Project,
    RunContext, ValueFunction, json_schema, key_paths, read_project,
};
use dosecase::quantity::IntervalMethod;
use tempfile::TempDir;

/// The sketch of the design document, with its ellipses filled in.
const SKETCH: &str = "\
# yaml-language-server: $schema=dosecase.schema.json
dossier:
  title: Dosage justification for zeltorafib in ZEK1-altered NSCLC
  document: registration          # ind | end_of_phase_1 | registration | complete
  jurisdiction: fda               # fda | ema | pmda | health_canada | tga
  date: 2026-06-30                # printed; the clock is never read
  data_cutoff: 2026-03-31
drug:
  name: zeltorafib
  molecular_class: small_molecule_targeted
  analytes: {ZELTO: {name: zeltorafib, unit: ng/mL, molar_mass: 487.5}}
data:
  path: data
  columns: {adsl: {dose: DOSEP, part: PART}}
dosages:
  - {id: 240mg_qd, label: 240 mg QD, dose: 240 mg, schedule: QD, arm: Zeltorafib 240 mg QD}
  - {id: 120mg_qd, label: 120 mg QD, dose: 120 mg, schedule: QD, arm: Zeltorafib 120 mg QD}
  - {id: docetaxel, dose: 75 mg/m2, schedule: Q3W, arm: [Docetaxel, Docetaxel 75 mg/m2 Q3W], comparator: true}
parts:
  - {id: escalation, when: {PART: A}}
  - {id: randomised, label: Randomised expansion, randomised: true, when: {PART: [B]}}
populations: {safety: SAFFL, dlt_evaluable: DLTEVLFL, response_evaluable: EFFFL, pk: PKFL}
starting_dose: {nonclinical: nonclinical.yaml, chosen: 10 mg, reason: one sixth of the HNSTD in dogs}
escalation: {design: {boin: {target: 0.30}}, decisions: dose_decisions.csv, dlt_window: 28 d}
pk: {auc_method: lin_up_log_down, blq: {before_first: zero, between: drop, after_last: drop}}
exposure_response:
  - {id: orr_auc, endpoint: {dataset: adrs, parameter: CRSP, event: [Y]}, exposure: AUCSS, models: [linear, log_linear, emax], covariates: [ECOG, WTBL]}
tolerability: {aesi: {ild: {label: Interstitial lung disease, terms: [Pneumonitis, Interstitial lung disease]}}, landmarks: [3 mo, 12 wk]}
patient_reported: {instruments: {pro_ctcae: {dataset: adqspro, scoring: pro_ctcae, overall_bother: GP5}}}
utility:
  attributes:
    - {id: orr, better: higher, worst: 0.0, best: 0.6, weight: 0.4}
    - {id: grade3plus, better: lower, worst: 0.6, best: 0.1, weight: 0.6, value: {logistic: {midpoint: 0.3, slope: 12}}}
  weights_source: {panel: five oncologists, date: 2025-11-02}
decision: {proposed: 120mg_qd, alternatives: [240mg_qd], reason: less toxicity at the same response}
plan: {document: SAP-ZEL-DJ, version: \"2.0\", date: 2025-10-01, data_access: 2026-04-15}
";

const SMALLEST: &str = "\
dossier: {title: T}
drug: {name: d}
dosages: [{id: low, arm: Low}]
";

/// A project folder with a data folder and the files that the sketch names.
fn folder(text: &str) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    fs::create_dir(folder.path().join("data")).expect("a data folder");
    let files = [("data/adsl.csv", "USUBJID\n"), ("nonclinical.yaml", "{}\n"), ("dose_decisions.csv", "cohort\n"), ("dosecase.yaml", text)];
    for (name, content) in files {
        fs::write(folder.path().join(name), content).expect("a file");
    }
    folder
}

fn read(text: &str) -> Project {
    let folder = folder(text);
    read_project(folder.path()).unwrap_or_else(|errors| panic!("{errors}"))
}

fn refused(text: &str) -> ConfigErrors {
    read_project(folder(text).path()).expect_err("the file is at fault")
}

/// Code, line, column and key path of every fault.
fn places(errors: &ConfigErrors) -> Vec<(&str, usize, usize, &str)> {
    let place =
        |diagnostic: &dosecase::diagnostic::Diagnostic| diagnostic.place.as_ref().map_or((0, 0), |place| (place.line, place.column));
    errors
        .diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.code, place(diagnostic).0, place(diagnostic).1, diagnostic.column.as_deref().unwrap_or("")))
        .collect()
}

fn only(text: &str) -> (String, String, String) {
    let errors = refused(text);
    assert_eq!(errors.diagnostics.len(), 1, "{errors}");
    let diagnostic = &errors.diagnostics[0];
    (diagnostic.code.to_owned(), diagnostic.message.clone(), diagnostic.hint.clone())
}

#[test]
fn the_whole_sketch_is_understood() {
    let settings = read(SKETCH).settings;
    assert_eq!(settings.dossier.document, DocumentKind::Registration);
    assert_eq!(settings.dossier.jurisdiction, Jurisdiction::Fda);
    assert_eq!(settings.dossier.date.unwrap().to_string(), "2026-06-30");
    assert_eq!(settings.drug.molecular_class, MolecularClass::SmallMoleculeTargeted);
    assert_eq!(settings.drug.analytes["ZELTO"].molar_mass, Some(487.5));
    assert_eq!(settings.data.columns["adsl"]["dose"], "DOSEP");
    let ids: Vec<&str> = settings.dosages.iter().map(|dosage| dosage.id.as_str()).collect();
    assert_eq!(ids, ["120mg_qd", "240mg_qd", "docetaxel"]);
    assert_eq!(settings.dosage("docetaxel").unwrap().label, "Docetaxel");
    assert_eq!(settings.dosage("docetaxel").unwrap().arms.len(), 2);
    assert_eq!(settings.parts[0].when["PART"], ["A"]);
    assert!(settings.part("randomised").unwrap().randomised);
    assert!(settings.populations.safety.named_by_user);
    assert_eq!(settings.populations.intention_to_treat.column.as_deref(), Some("ITTFL"));
    let escalation = settings.escalation.as_ref().unwrap();
    assert!(matches!(&escalation.design, Some(DesignOptions::Boin(boin)) if boin.cohort_size == 3));
    assert_eq!(escalation.target_toxicity, Some(0.30));
    assert_eq!(escalation.decisions.as_deref(), Some(settings.root.join("dose_decisions.csv").as_path()));
    assert_eq!(settings.starting_dose.as_ref().unwrap().chosen.unwrap().to_string(), "10 mg");
    assert_eq!(settings.pk.blq.after_last, BlqRule::Drop);
    let model = &settings.exposure_response[0];
    assert_eq!((model.endpoint.kind, model.models[1]), (EndpointKind::Binary, ExposureModel::LogLinear));
    assert_eq!(settings.tolerability.landmarks_months.len(), 2);
    assert!((settings.tolerability.landmarks_months[0] - 84.0 / 30.4375).abs() < 1e-12);
    assert_eq!(settings.patient_reported.instruments["pro_ctcae"].better, Some(Better::Lower));
    let utility = settings.utility.as_ref().unwrap();
    assert_eq!(utility.attributes[1].value, ValueFunction::Logistic { midpoint: 0.3, slope: 12.0 });
    assert_eq!(settings.decision.as_ref().unwrap().alternatives, ["240mg_qd"]);
    assert_eq!(settings.plan.as_ref().unwrap().version.as_deref(), Some("2.0"));
}

#[test]
fn three_sections_are_enough_and_every_default_has_an_origin() {
    let settings = read(SMALLEST).settings;
    assert_eq!(settings.intervals.proportion, IntervalMethod::ClopperPearson);
    assert_eq!(settings.data.path, settings.root.join("data"));
    assert_eq!(settings.dosages[0].label, "Low");
    assert_eq!(settings.seed, 20_240_801);
    assert!(settings.defaults.iter().all(|used| !used.origin.is_empty() && !used.value.is_empty()));
    let value = |key: &str| settings.defaults.iter().find(|used| used.key == key).map(|used| used.value.as_str());
    assert_eq!(value("intervals.level"), Some("0.95"));
    assert_eq!(value("intervals.proportion"), Some("clopper_pearson"));
    assert_eq!(value("tolerability.common_term_percent"), Some("10"));
    assert_eq!(value("tolerability.landmarks"), Some("[1 mo, 3 mo, 6 mo]"));
    assert_eq!(value("populations.safety"), Some("SAFFL"));
    assert_eq!(value("grouping.efficacy"), Some("planned"));
    assert_eq!(value("pk.blq.before_first"), Some("zero"));
    assert_eq!(value("month"), Some("30.4375 d"));
    assert_eq!(value("escalation.dlt_window"), None, "a section that is absent has no defaults in use");
}

#[test]
fn what_is_written_is_not_a_default() {
    let text = format!("{SMALLEST}intervals: {{level: 0.9}}\nescalation: {{design: {{boin: {{target: 0.25}}}}}}\n");
    let settings = read(&text).settings;
    let keys: Vec<&str> = settings.defaults.iter().map(|used| used.key.as_str()).collect();
    assert!(!keys.contains(&"intervals.level"));
    for key in ["intervals.difference", "escalation.dlt_window", "escalation.design.boin.cohort_size", "escalation.design.boin.underdosing"]
    {
        assert!(keys.contains(&key), "{key}");
    }
    assert!((settings.intervals.level - 0.9).abs() < f64::EPSILON);
    assert!((settings.escalation.unwrap().dlt_window_days - 28.0).abs() < f64::EPSILON);
}

#[test]
fn ten_faults_are_told_at_once_with_their_places() {
    let errors = refused(
        "\
dossier:
  titel: Dosage justification
  date: 2026-02-30
  jurisdiction: emea
drug: {molecular_class: small_molecule}
data: {path: dta}
dosages:
  - {id: low, arm: Low, dose: 120 mgg}
  - {id: low, arm: High}
intervals: {level: 1.5, proportion: 3}
utility:
  attributes:
    - {id: orr, better: higher, worst: 0.6, best: 0.0, weight: -1}
decision: {proposed: lwo}
seed: many
",
    );
    let expected = [
        ("unknown-key", 2, 3, "dossier.titel"),
        ("bad-value", 3, 9, "dossier.date"),
        ("bad-value", 4, 17, "dossier.jurisdiction"),
        ("missing-key", 5, 7, "drug.name"),
        ("bad-value", 5, 25, "drug.molecular_class"),
        ("file-not-found", 6, 14, "data.path"),
        ("bad-value", 8, 31, "dosages[0].dose"),
        ("duplicate-id", 9, 10, "dosages[1].id"),
        ("bad-value", 10, 20, "intervals.level"),
        ("bad-value", 10, 37, "intervals.proportion"),
        ("bad-value", 13, 51, "utility.attributes[0].best"),
        ("bad-value", 13, 64, "utility.attributes[0].weight"),
        ("unknown-id", 14, 22, "decision.proposed"),
        ("wrong-type", 15, 7, "seed"),
    ];
    assert_eq!(places(&errors), expected, "{errors}");
    let hint = |path: &str| errors.diagnostics.iter().find(|fault| fault.column.as_deref() == Some(path)).unwrap().hint.as_str();
    assert_eq!(hint("dossier.titel"), "did you mean `title`?");
    assert_eq!(hint("dossier.jurisdiction"), "did you mean `ema`?");
    assert_eq!(hint("data.path"), "did you mean `data`?");
    assert_eq!(hint("decision.proposed"), "did you mean `low`?");
    let text = errors.to_string();
    assert!(text.contains("2 |   titel: Dosage justification\n  |   ^^^^^"), "{text}");
    assert!(text.contains("dosecase.yaml:2:3: `titel` is not a key of `dossier` [unknown-key]"), "{text}");
}

#[test]
fn text_stays_text() {
    let text = SMALLEST.replace("{title: T}", "{title: 007, version: 1.10, sponsor: NO, status: 2026-01-01}");
    let dossier = read(&text).settings.dossier;
    assert_eq!((dossier.title.as_str(), dossier.version.as_str()), ("007", "1.10"));
    assert_eq!((dossier.sponsor.as_deref(), dossier.status.as_str()), (Some("NO"), "2026-01-01"));
}

#[test]
fn an_empty_value_is_the_same_as_no_key() {
    let dossier = read(&SMALLEST.replace("{title: T}", "{title: T, sponsor: , version: ~}")).settings.dossier;
    assert_eq!((dossier.sponsor, dossier.version.as_str()), (None, "0.1"));
    let (code, message, _) = only(&SMALLEST.replace("{title: T}", "{title: }"));
    assert_eq!((code.as_str(), message.as_str()), ("wrong-type", "`dossier.title` must be a text, not nothing"));
}

#[test]
fn anchors_and_merge_keys_work() {
    let text = "\
dossier: {title: T}
drug: {name: d}
dosages:
  - &base {id: low, dose: 60 mg, schedule: QD, arm: Low}
  - {<<: *base, id: high, dose: 120 mg, arm: High}
";
    let settings = read(text).settings;
    let high = settings.dosage("high").unwrap();
    assert_eq!((high.schedule.as_deref(), high.dose.unwrap().to_string().as_str()), (Some("QD"), "120 mg"));
}

#[test]
fn what_is_no_project_file_is_refused_clearly() {
    assert_eq!(only("").0, "empty-file");
    assert_eq!(only("# only a comment\n").0, "empty-file");
    let (code, message, _) = only("- a\n- b\n");
    assert_eq!((code.as_str(), message.as_str()), ("wrong-type", "the project file must be keys with values, not a list"));
    let (code, _, hint) = only("dossier:\n\ttitle: T\n");
    assert_eq!((code.as_str(), hint.contains("spaces")), ("yaml-syntax", true));
    assert_eq!(only("dossier: {title: T\n").0, "yaml-syntax");
    let errors = refused(&SMALLEST.replace("arm: Low", "arm: Low, arm: High"));
    assert_eq!(places(&errors), [("duplicate-key", 3, 31, "dosages[0].arm")]);
    let errors = refused(&format!("{SMALLEST}seed: 1\nseed: 2\n"));
    assert_eq!(places(&errors), [("duplicate-key", 5, 1, "seed")]);
}

#[test]
fn a_file_that_is_not_utf8_names_its_first_bad_byte() {
    let folder = folder("");
    fs::write(folder.path().join("dosecase.yaml"), b"dossier:\n  title: Dosis f\xFCr\n").unwrap();
    let errors = read_project(folder.path()).unwrap_err();
    assert_eq!(places(&errors), [("not-utf8", 2, 17, "")]);
    assert!(errors.to_string().contains("0xFC"), "{errors}");
}

#[test]
fn a_file_that_is_not_there_is_told_with_its_neighbour() {
    let folder = folder(SMALLEST);
    let errors = read_project(&folder.path().join("dosecase.yml")).unwrap_err();
    assert_eq!(errors.diagnostics[0].code, "file-not-found");
    assert_eq!(errors.diagnostics[0].hint, "did you mean `dosecase.yaml`?");
}

#[test]
fn a_key_of_another_section_is_recognised() {
    let (code, _, hint) = only(&format!("{SMALLEST}jurisdiction: ema\n"));
    assert_eq!((code.as_str(), hint.as_str()), ("unknown-key", "`jurisdiction` is a key of `dossier`"));
}

#[test]
fn data_folder_and_dataset_files_must_exist() {
    let twice = refused(&format!("{SMALLEST}data: {{columns: {{adsl: {{dose: A}}, ADSL: {{part: B}}}}}}\n"));
    assert_eq!(places(&twice), [("duplicate-key", 4, 35, "data.columns.ADSL")]);
    let text = format!("{SMALLEST}data: {{datasets: {{adsl: adls.csv, adxx: [a.csv]}}}}\n");
    let errors = refused(&text);
    let codes: Vec<&str> = errors.diagnostics.iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["file-not-found", "bad-value", "file-not-found"], "{errors}");
    assert_eq!(errors.diagnostics[0].hint, "did you mean `adsl.csv`?");
    let empty = TempDir::new().unwrap();
    fs::write(empty.path().join("dosecase.yaml"), SMALLEST).unwrap();
    assert_eq!(places(&read_project(empty.path()).unwrap_err()), [("file-not-found", 1, 1, "data.path")]);
}

#[test]
fn numbers_say_what_they_must_be() {
    let with = |level: &str| only(&format!("{SMALLEST}intervals: {{level: {level}}}\n"));
    assert_eq!(with("1.0").1, "`intervals.level` must be a number above 0 and below 1, not 1.0");
    assert_eq!(with("95%").2, "write the number without `%`");
    assert_eq!(with("\"0.95\"").2, "write it without quotes");
    assert_eq!(with(".inf").0, "wrong-type");
    assert_eq!(only(&format!("{SMALLEST}seed: 1.5\n")).1, "`seed` must be a whole number at least 0, not `1.5`");
}

#[test]
fn faults_of_sense_are_told() {
    let cases = [
        ("escalation: {design: {boin: {target: 0.3, overdosing: 0.2}}}", "escalation.design.boin.target"),
        ("escalation: {target_toxicity: 0.25, design: {boin: {target: 0.3}}}", "escalation.target_toxicity"),
        ("escalation: {design: {crm: {target: 0.3, skeleton: [0.1, 0.3, 0.2]}}}", "escalation.design.crm.skeleton[2]"),
        ("escalation: {design: {bion: {target: 0.3}}}", "escalation.design"),
        ("decision: {proposed: low, alternatives: [low]}", "decision.alternatives[0]"),
        ("exposure_response: [{id: a, endpoint: {dataset: adrs}, exposure: AUC, parts: [b]}]", "exposure_response[0].parts[0]"),
        ("answers: [{rule: E07, reason: because}]", "answers[0].rule"),
        ("starting_dose: {nonclinical: nonclinica.yaml}", "starting_dose.nonclinical"),
        ("tolerability: {landmarks: [3]}", "tolerability.landmarks[0]"),
    ];
    for (line, path) in cases {
        let errors = refused(&format!("{SMALLEST}{line}\n"));
        assert_eq!(errors.diagnostics.len(), 1, "{line}: {errors}");
        assert_eq!(errors.diagnostics[0].column.as_deref(), Some(path), "{errors}");
        assert_eq!(errors.diagnostics[0].place.as_ref().map(|place| place.line), Some(4), "{errors}");
    }
    assert_eq!(only(&SMALLEST.replace("arm: Low", "dose: 10 mg")).0, "missing-key");
    assert_eq!(only(&SMALLEST.replace("arm: Low}", "arm: Low}, {id: b, arm: Low}")).0, "duplicate-arm");
    assert_eq!(only(&SMALLEST.replace("arm: Low", "arm: Low, comparator: true")).0, "bad-value");
}

#[test]
fn places_of_values_are_known_afterwards() {
    let source = read(SKETCH).source;
    let place = source.place("dosages[1].arm").unwrap();
    assert_eq!((place.line, place.column), (17, 71));
    assert!(place.snippet.contains("^^^^"), "{}", place.snippet);
    assert_eq!(source.place("dosages[id=120mg_qd].arm").unwrap(), place);
    assert_eq!(source.place("data.columns.adsl.part").map(|place| place.line), Some(14));
    assert_eq!(source.place("populations.patient_reported"), None);
    let diagnostic = source.diagnostic("unknown-column", "populations.patient_reported", "no such column", "name one");
    assert_eq!(diagnostic.place.map(|place| place.line), Some(22));
    assert_eq!(source.text(), SKETCH);
}

/// Every key of a JSON value in the notation of `key_paths`, given the paths that are known.
fn paths_of(text: &str) -> Vec<String> {
    let value: serde_json::Value = serde_yaml::from_str(text).expect("YAML");
    let mut paths = Vec::new();
    collect(&value, "", &key_paths(), &mut paths);
    paths
}

fn collect(value: &serde_json::Value, prefix: &str, known: &[String], paths: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(entries) => {
            for (key, value) in entries {
                let join = |key: &str| if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") };
                let free = known.iter().any(|path| path.starts_with(&join("*")));
                let path = if free { join("*") } else { join(key) };
                if !free {
                    paths.push(path.clone());
                }
                collect(value, &path, known, paths);
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, &format!("{prefix}[]"), known, paths)),
        _ => {}
    }
}

#[test]
fn every_key_of_the_sketch_is_in_the_schema() {
    let known = key_paths();
    let written = paths_of(SKETCH);
    assert!(written.len() > 60, "{}", written.len());
    let open = ["data.columns.adsl", "parts[].when.PART"];
    for path in written.iter().filter(|path| !open.iter().any(|open| path.starts_with(open))) {
        assert!(known.contains(path), "{path} is not in the schema");
    }
}

#[test]
fn the_schema_describes_every_key_and_names_defaults_with_their_origin() {
    let schema = json_schema();
    assert_eq!(schema["title"], "dosecase project file");
    assert!(schema["$schema"].as_str().unwrap().contains("2020-12"));
    let mut undescribed = Vec::new();
    undescribed_keys(&schema, "", &mut undescribed);
    assert_eq!(undescribed, Vec::<String>::new());
    let level = schema["$defs"]["IntervalOptions"]["properties"]["level"]["description"].as_str().unwrap();
    assert!(level.ends_with("Default: 0.95 (two-sided 95% limits are customary (ICH E9))."), "{level}");
}

fn undescribed_keys(schema: &serde_json::Value, path: &str, found: &mut Vec<String>) {
    if let Some(properties) = schema.get("properties").and_then(|properties| properties.as_object()) {
        for (name, property) in properties {
            // A name that only carries the parameters of a choice is described where the choice is.
            let described = property.get("description").is_some() || schema.get("description").is_some_and(|_| properties.len() == 1);
            if !described {
                found.push(format!("{path}/{name}"));
            }
        }
    }
    match schema {
        serde_json::Value::Object(entries) => {
            entries.iter().for_each(|(key, value)| undescribed_keys(value, &format!("{path}/{key}"), found));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| undescribed_keys(item, path, found)),
        _ => {}
    }
}

#[test]
fn every_default_of_the_schema_has_an_origin_or_is_empty() {
    let mut without = Vec::new();
    defaults_without_origin(&json_schema(), "", &mut without);
    assert_eq!(without, Vec::<String>::new());
}

fn defaults_without_origin(schema: &serde_json::Value, path: &str, found: &mut Vec<String>) {
    let empty = |value: &serde_json::Value| value.as_array().is_some_and(Vec::is_empty) || value.is_object() || value.is_null();
    if schema.get("default").is_some_and(|value| !empty(value)) && schema.get("x-origin").is_none() {
        found.push(path.to_owned());
    }
    match schema {
        serde_json::Value::Object(entries) => {
            entries.iter().for_each(|(key, value)| defaults_without_origin(value, &format!("{path}/{key}"), found));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| defaults_without_origin(item, path, found)),
        _ => {}
    }
}

#[test]
fn the_context_is_the_settings_door_to_date_seed_and_paths() {
    let settings = read(&format!("{SKETCH}seed: 7\n")).settings;
    let context = RunContext::from(&settings);
    assert_eq!((context.seed, context.report_date), (7, settings.dossier.date));
    assert_eq!(context.path("templates".as_ref()), settings.root.join("templates"));
}

#[test]
fn a_file_reads_the_same_with_every_line_ending_and_a_byte_order_mark() {
    let plain = read(SKETCH).settings;
    let folder = folder("");
    fs::write(folder.path().join("dosecase.yaml"), format!("\u{FEFF}{}", SKETCH.replace('\n', "\r\n"))).unwrap();
    let other = read_project(folder.path()).unwrap_or_else(|errors| panic!("{errors}")).settings;
    assert_eq!(other.dossier, plain.dossier);
    assert_eq!(other.dosages, plain.dosages);
    assert_eq!(other.utility, plain.utility);
    assert_eq!(other.defaults, plain.defaults);
}

#[test]
fn a_project_written_back_as_json_reads_the_same() {
    // The YAML library takes a bare `Y` for true; the project file does not.
    let value: serde_json::Value = serde_yaml::from_str(&SKETCH.replace("[Y]", "[\"Y\"]")).unwrap();
    let json = serde_json::to_string_pretty(&value).unwrap();
    let (there, back) = (read(SKETCH).settings, read(&json).settings);
    assert_eq!(back.dosages, there.dosages);
    assert_eq!(back.exposure_response, there.exposure_response);
    assert_eq!(back.utility, there.utility);
    assert_eq!(back.escalation.unwrap().design, there.escalation.unwrap().design);
}
