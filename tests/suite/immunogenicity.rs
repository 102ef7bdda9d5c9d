//! Anti-drug antibodies, analytes side by side and troughs, from the datasets to the tables.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use dosecase::config::Settings;
use dosecase::data::{DatasetName, TrialData};
use dosecase::derive::{AnalysisData, Assay, derive};
use dosecase::evidence::{Content, Evidence, Exhibit, FactId, FactValue, Facts, pk};
use dosecase::pipeline::{self, Overrides};

use crate::hand_made::{self, PROJECT, assert_whole, exhibit, fact, number, settings};
use crate::profiles;

fn near(left: f64, right: f64) {
    assert!((left - right).abs() < 1e-9 * right.abs().max(1.0), "{left} is not {right}");
}

/// Subjects `S-0` and on, the first `low` of them under 120 mg, the others under 240 mg.
fn adsl(n: usize, low: usize) -> String {
    let mut text = "USUBJID | TRT01P | TRT01A | SAFFL | TRTSDT\n".to_owned();
    for subject in 0..n {
        let arm = if subject < low { 120 } else { 240 };
        writeln!(text, "S-{subject} | {arm} mg QD | {arm} mg QD | Y | 2025-01-01").unwrap();
    }
    text
}

fn derived(tables: &[(DatasetName, &str)], settings: &Settings) -> AnalysisData {
    let trial = TrialData::from_datasets(tables.iter().map(|(name, text)| profiles::table(*name, text)));
    derive(&trial, settings).value
}

/// The table of antibodies of the data.
fn antibodies(data: &AnalysisData, settings: &Settings) -> (Option<Exhibit>, Facts) {
    let parameters = dosecase::analysis::pk::analyse(data, settings);
    let result = dosecase::analysis::pk::immunogenicity::analyse(data, settings, parameters.as_ref());
    let mut facts = Facts::default();
    let exhibit = pk::gather_immunogenicity(result.as_ref(), data, settings, &mut facts);
    (exhibit, facts)
}

const BIOLOGIC: &str = "drug: {name: drug, molecular_class: antagonist}";

/// Eight subjects: negative; induced for a time; induced and persistent; boosted; unaffected; without baseline; without a later sample; induced.
const ADAB: &str = "
    USUBJID | PARAMCD | PARAM                   | ADY | AVALC    | AVAL | AVALU | ABLFL | DTYPE
    S-0     | ADA     | Anti-drug antibody      | 1   | NEGATIVE |      |       | Y     |
    S-0     | ADA     | Anti-drug antibody      | 22  | NEGATIVE |      |       |       |
    S-1     | ADA     | Anti-drug antibody      | -3  | NEGATIVE |      |       |       |
    S-1     | ADA     | Anti-drug antibody      | 22  | POSITIVE |      |       |       |
    S-1     | ADATIT  | Anti-drug antibody titre| 22  | 40       | 40   | titre |       |
    S-1     | ADA     | Anti-drug antibody      | 43  | NEGATIVE |      |       |       |
    S-2     | ADA     | Anti-drug antibody      | 1   | NEGATIVE |      |       | Y     |
    S-2     | ADA     | Anti-drug antibody      | 43  | POSITIVE |      |       |       |
    S-2     | ADATIT  | Anti-drug antibody titre| 43  | 1:160    |      | titre |       |
    S-2     | NAB     | Neutralising antibody   | 43  | POSITIVE |      |       |       |
    S-3     | ADA     | Anti-drug antibody      | 1   | POSITIVE |      |       | Y     |
    S-3     | ADATIT  | Anti-drug antibody titre| 1   | 20       | 20   | titre | Y     |
    S-3     | ADA     | Anti-drug antibody      | 22  | POSITIVE |      |       |       |
    S-3     | ADATIT  | Anti-drug antibody titre| 22  | 80       | 80   | titre |       |
    S-3     | NAB     | Neutralising antibody   | 22  | NEGATIVE |      |       |       |
    S-4     | ADA     | Anti-drug antibody      | 1   | POSITIVE |      |       | Y     |
    S-4     | ADATIT  | Anti-drug antibody titre| 1   | 20       | 20   | titre | Y     |
    S-4     | ADA     | Anti-drug antibody      | 22  | NEGATIVE |      |       |       |
    S-5     | ADA     | Anti-drug antibody      | 22  | POSITIVE |      |       |       |
    S-6     | ADA     | Anti-drug antibody      | 1   | NEGATIVE |      |       | Y     |
    S-7     | ADA     | Anti-drug antibody      | 1   | NEGATIVE |      |       | Y     |
    S-7     | ADA     | Anti-drug antibody      | 29  | POSITIVE |      |       |       |
    S-7     | ADA     | Anti-drug antibody      | 50  | POSITIVE |      |       |       | LOCF
    S-7     | ADA     | Anti-drug antibody      |     | POSITIVE |      |       |       |
    S-7     | INDUCD1 | Treatment induced ADA   |     | Y        | 1    |       |       |
    S-0     | INDUCD1 | Treatment induced ADA   |     | Y        | 1    |       |       |";

#[test]
fn plain_records_are_one_sample_with_result_and_titre() {
    let data = derived(&[(DatasetName::Adsl, &adsl(8, 4)), (DatasetName::Adab, ADAB)], &settings(PROJECT));
    let found = data.antibodies.as_ref().expect("antibodies");
    let binding: Vec<_> = found.samples.iter().filter(|sample| sample.assay == Assay::Binding).collect();
    assert_eq!((binding.len(), found.samples.len() - binding.len()), (15, 2));
    let sample = binding.iter().find(|sample| sample.rows.as_slice() == [8, 9]).expect("the sample of S-2");
    assert_eq!((sample.positive, sample.titre, sample.before_first_dose), (Some(true), Some(160.0), false));
    near(sample.time.unwrap(), 42.0);
    // The day before the first dose is day -1.
    assert!(binding.iter().any(|sample| sample.before_first_dose && sample.time == Some(-3.0)));
    let reasons: Vec<(&str, usize)> = found.left_out.iter().map(|(reason, count)| (reason.as_str(), *count)).collect();
    assert_eq!(reasons, [("derived record (DTYPE)", 1), ("neither study day nor time since the first dose", 1)]);
    assert_eq!(found.given.len(), 2);
}

#[test]
fn antibodies_are_counted_among_those_evaluable() {
    let settings = settings(&PROJECT.replace("drug: {name: drug}", BIOLOGIC));
    let data = derived(&[(DatasetName::Adsl, &adsl(8, 4)), (DatasetName::Adab, ADAB)], &settings);
    let (table, facts) = antibodies(&data, &settings);
    let table = table.expect("a table");
    assert_whole(std::slice::from_ref(&table), &facts);
    let counted = |measure: &str, dosage: &str| {
        let fact = fact(&facts, &format!("immunogenicity.{measure}.{dosage}"));
        (fact.count.unwrap(), fact.n.unwrap())
    };
    assert_eq!(counted("incidence", "120mg_qd"), (3, 4));
    assert_eq!(counted("incidence", "total"), (4, 6));
    assert_eq!(counted("prevalence", "total"), (6, 8));
    assert_eq!(counted("baseline", "total"), (2, 7));
    assert_eq!(counted("induced", "total"), (3, 6));
    assert_eq!(counted("persistent", "total"), (2, 3));
    assert_eq!(counted("boosted", "total"), (1, 6));
    assert_eq!(counted("neutralising", "total"), (1, 2));
    near(number(&facts, "immunogenicity.titre_median.120mg_qd"), 80.0);
    near(number(&facts, "immunogenicity.onset_median.240mg_qd"), 4.0);
    let notes = table.notes.footnotes.join(" ");
    assert!(notes.contains("1 (no result before the first dose)") && notes.contains("1 (no result after the first dose)"), "{notes}");
    // ADAB calls S-7 induced, which is borne out, and S-0, which is not.
    assert!(notes.contains("1 are borne out, 1 are not"), "{notes}");
}

#[test]
fn antibodies_are_asked_for_only_where_the_drug_calls_for_them() {
    let adsl = adsl(4, 2);
    for (class, found) in [("small_molecule_targeted", false), ("other", false), ("adc", true), ("antagonist", true), ("agonist", true)] {
        let settings = settings(&PROJECT.replace("drug: {name: drug}", &format!("drug: {{name: drug, molecular_class: {class}}}")));
        let data = derived(&[(DatasetName::Adsl, &adsl)], &settings);
        let (exhibit, _) = antibodies(&data, &settings);
        assert_eq!(exhibit.is_some(), found, "{class}");
        assert!(exhibit.is_none_or(|exhibit| matches!(exhibit.content, Content::Placeholder(_))));
    }
}

/// Weekly troughs of ten subjects, of whom the even ones form antibodies and have a third of the exposure.
#[test]
fn a_lower_exposure_with_frequent_antibodies_is_pointed_out() {
    let project = PROJECT.replace("drug: {name: drug}", BIOLOGIC);
    let settings = settings(&project);
    let (mut adpc, mut adab) =
        ("USUBJID | PARAMCD | AVISIT | NFRLT | NRRLT | AVAL | AVALU\n".to_owned(), "USUBJID | PARAMCD | ADY | AVALC\n".to_owned());
    for subject in 0..10 {
        let result = if subject % 2 == 0 { "POSITIVE" } else { "NEGATIVE" };
        writeln!(adab, "S-{subject} | ADA | 1 | NEGATIVE\nS-{subject} | ADA | 22 | {result}").unwrap();
        for week in 1..4 {
            let level = if subject % 2 == 0 { 10.0 } else { 30.0 };
            let value = level * (1.0 + 0.01 * f64::from(subject / 2 + week));
            writeln!(adpc, "S-{subject} | DRUG | Week {week} | {} | 0 | {value} | ug/mL", 168 * week).unwrap();
        }
    }
    let data = derived(&[(DatasetName::Adsl, &adsl(10, 6)), (DatasetName::Adpc, &adpc), (DatasetName::Adab, &adab)], &settings);
    let (table, facts) = antibodies(&data, &settings);
    let table = table.expect("a table");
    assert_whole(std::slice::from_ref(&table), &facts);
    // Under 120 mg subjects 0, 2, 4 against 1, 3, 5: each pair has the same factor beside the level.
    near(number(&facts, "immunogenicity.exposure_ratio.trough_drug_day_8_week_1.120mg_qd"), 1.0 / 3.0);
    let whole = fact(&facts, "immunogenicity.exposure_ratio.trough_drug_day_22_week_3.total");
    assert!(matches!(whole.value, FactValue::Number(value) if (value - 1.0 / 3.0).abs() < 1e-9));
    assert!(whole.interval.unwrap().upper.unwrap() < 0.4);
    assert_eq!(fact(&facts, "immunogenicity.exposure_alerts").value, FactValue::Count(3));
    assert!(table.notes.footnotes.iter().any(|note| note.contains("Antibodies emerged in at least 10% of evaluable patients")));
}

/// A trial folder with concentrations of conjugate, total antibody and payload after the first and the fourth dose, every three weeks.
fn adc_trial(folder: &Path) {
    fs::create_dir(folder.join("data")).unwrap();
    let mut adsl = "STUDYID,USUBJID,TRT01P,TRT01A,SAFFL,PKFL,TRTSDT\n".to_owned();
    let mut adpc = "STUDYID,USUBJID,PARAMCD,PARAM,PCSPEC,AVISIT,NFRLT,NRRLT,AVAL,AVALU,AVALC,ALLOQ,DOSEA,DOSEU\n".to_owned();
    let analytes = [("CONJ", "ug/mL", 100.0, 96.0), ("TAB", "ug/mL", 120.0, 144.0), ("PAYL", "ng/mL", 2.0, 96.0)];
    for subject in 0..10 {
        let dose = if subject < 5 { 4.0 } else { 6.0 };
        writeln!(adsl, "A1,S-{subject},{dose} mg/kg Q3W,{dose} mg/kg Q3W,Y,Y,2025-01-06").unwrap();
        let own = 1.0 + 0.05 * f64::from(subject % 5);
        for (visit, dose_time) in [("Cycle 1 Day 1", 0.0), ("Cycle 4 Day 1", 1512.0)] {
            for (code, unit, height, half_life) in analytes {
                for time in [0.0_f64, 0.5, 24.0, 72.0, 168.0, 336.0, 504.0] {
                    let after = height * own * dose / 4.0 * (-time * 2.0_f64.ln() / half_life).exp();
                    // What is left of the doses before the fourth.
                    let rest: f64 = if dose_time > 0.0 {
                        (1..=3)
                            .map(|back| height * own * dose / 4.0 * (-(504.0 * f64::from(back) + time) * 2.0_f64.ln() / half_life).exp())
                            .sum()
                    } else {
                        0.0
                    };
                    let value = if time > 0.0 { after + rest } else { rest };
                    let (number, text) =
                        if value > 0.001 { (value.to_string(), value.to_string()) } else { (String::new(), "<BLQ".to_owned()) };
                    let first = dose_time + time;
                    writeln!(adpc, "A1,S-{subject},{code},{code},SERUM,{visit},{first},{time},{number},{unit},{text},0.001,{dose},mg/kg")
                        .unwrap();
                }
                writeln!(adpc, "A1,S-{subject},{code},{code},URINE,{visit},{},12,5,{unit},5,0.001,{dose},mg/kg", dose_time + 12.0).unwrap();
            }
        }
    }
    fs::write(folder.join("data/adsl.csv"), adsl).unwrap();
    fs::write(folder.join("data/adpc.csv"), adpc).unwrap();
    let project = "dossier: {title: A conjugate}
drug:
  name: Conjugate
  molecular_class: adc
  analytes:
    CONJ: {name: conjugate, role: conjugate, molar_mass: 150000}
    TAB: {name: total antibody, role: total_antibody, molar_mass: 148000}
    PAYL: {name: payload, role: payload, molar_mass: 500}
dosages:
  - {id: low, label: 4 mg/kg Q3W, dose: 4 mg/kg, schedule: Q3W}
  - {id: high, label: 6 mg/kg Q3W, dose: 6 mg/kg, schedule: Q3W}
pk: {route: {intravenous_infusion: 0.5 h}, steady_state_from: 9 wk}
";
    fs::write(folder.join("dosecase.yaml"), project).unwrap();
}

fn evidence(folder: &Path) -> Evidence {
    let reading = pipeline::read(folder, Overrides::default(), &|_| ()).unwrap_or_else(|error| panic!("{error}"));
    pipeline::gather(&reading, &|_| ()).unwrap_or_else(|error| panic!("{error}: {:?}", error.diagnostics()))
}

#[test]
fn analytes_of_a_conjugate_stand_side_by_side() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    adc_trial(folder.path());
    let evidence = evidence(folder.path());
    let side_by_side = exhibit(&evidence.exhibits, "T-E11-analytes");
    let table = hand_made::table(side_by_side);
    let heads: Vec<&str> = table.columns.iter().map(|column| column.head.as_str()).collect();
    assert_eq!(heads, ["conjugate", "payload (unconjugated payload)", "total antibody"]);
    let headings: Vec<&str> = table.rows.iter().filter(|row| row.heading).map(|row| row.stub.as_str()).collect();
    assert_eq!(headings[0], "4 mg/kg Q3W, Cycle 1 Day 1 (first dose)");
    assert!(headings.iter().any(|head| head.starts_with("Molar ratio of payload to conjugate, Cmax, Cycle 1 Day 1")), "{headings:?}");
    // Half an hour after the dose: 2 ng/mL of 500 g/mol against 100 ug/mL of 150000 g/mol, in every subject.
    near(number(&evidence.facts, "pk.molar_ratio_geomean.cmax_payload_cycle_1_day_1.low"), 2e-9 / 500.0 / (1e-4 / 150_000.0));
    // The dose of the payload is not known.
    assert!(evidence.facts.get(&FactId::from("pk.cl_geomean.conjugate_cycle_1_day_1.low")).is_some());
    assert!(evidence.facts.get(&FactId::from("pk.cl_geomean.payload_cycle_1_day_1.low")).is_none());
    // Proportionality speaks of every analyte, and so do the courses.
    for analyte in ["conjugate", "payload", "total_antibody"] {
        let id = format!("pk.proportionality_slope.cmax_{analyte}_cycle_1_day_1");
        assert!(evidence.facts.get(&FactId::from(id.as_str())).is_some(), "{id}");
    }
    let courses =
        evidence.exhibits.iter().filter(|exhibit| exhibit.id.as_str().starts_with("F-E03") && !exhibit.id.as_str().contains("trough"));
    assert_eq!(courses.count(), 6);
    // The urine of each visit is told apart and counted.
    let notes = &exhibit(&evidence.exhibits, "T-E11").notes.footnotes;
    assert!(notes.iter().any(|note| note.contains("60 (concentration in urine)")), "{notes:?}");
    // A conjugate without antibody samples lacks them.
    assert!(matches!(exhibit(&evidence.exhibits, "T-E15").content, Content::Placeholder(_)));
}

#[test]
fn accumulation_of_linear_kinetics_is_as_predicted() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    adc_trial(folder.path());
    let evidence = evidence(folder.path());
    let of = |measure: &str| number(&evidence.facts, &format!("pk.{measure}_geomean.conjugate_cycle_4_day_1.low"));
    // Four doses of a half-life of 96 h every 504 h: what the first three leave.
    let left = 0.5_f64.powf(504.0 / 96.0);
    let expected = 1.0 + left + left * left + left * left * left;
    assert!((of("accumulation_auc") - expected).abs() < 1e-3, "{}", of("accumulation_auc"));
    assert!((of("accumulation_pred") - 1.0 / (1.0 - left)).abs() < 1e-6);
    assert!((of("linearity_index") - 1.0).abs() < 5e-3, "{}", of("linearity_index"));
    let index = number(&evidence.facts, "pk.time_dependence.conjugate_cycle_4_day_1.low");
    assert!((index - of("linearity_index")).abs() < 1e-12);
    // The trough at the end of the first interval and that before the fourth dose.
    let trough = number(&evidence.facts, "pk.visit_trough_geomean.conjugate_day_22.low");
    let own: f64 = (0..5).map(|subject| (1.0 + 0.05 * f64::from(subject)).ln()).sum::<f64>() / 5.0;
    near(trough, 100.0 * left * own.exp());
    assert_eq!(fact(&evidence.facts, "pk.visit_trough_n.conjugate_day_22.low").value, FactValue::Count(5));
    let sampling = fact(&evidence.facts, "pk.profile_share.conjugate_cycle_1_day_1.low");
    assert_eq!((sampling.count, sampling.n), (Some(5), Some(5)));
}

#[test]
fn specimens_of_one_analyte_are_occasions_of_their_own() {
    let mut adpc = "USUBJID | PARAMCD | PCSPEC | AVISIT | NFRLT | NRRLT | AVAL | AVALU | DTYPE\n".to_owned();
    for (specimen, factor) in [("PLASMA", 1.0), ("SERUM", 3.0), ("URINE", 50.0)] {
        for (time, value) in [(0, 0.0), (1, 8.0), (4, 4.0), (8, 2.0)] {
            writeln!(adpc, "S-0 | DRUG | {specimen} | Day 1 | {time} | {time} | {} | ng/mL |", factor * value).unwrap();
            // An imputed copy of the record is no second sample.
            writeln!(adpc, "S-0 | DRUG | {specimen} | Day 1 | {time} | {time} | 99 | ng/mL | HALFLLOQ").unwrap();
        }
    }
    let settings = settings(PROJECT);
    let data = derived(&[(DatasetName::Adsl, &adsl(1, 1)), (DatasetName::Adpc, &adpc)], &settings);
    let result = dosecase::analysis::pk::analyse(&data, &settings).expect("a result");
    let named: Vec<&str> = result.occasions.iter().map(|occasion| occasion.analyte.as_str()).collect();
    assert_eq!(named, ["DRUG, plasma", "DRUG, serum"]);
    let mut facts = Facts::default();
    let exhibits = pk::gather(Some(&result), &data, &settings, &mut facts);
    near(number(&facts, "pk.cmax_geomean.drug_plasma_day_1.120mg_qd"), 8.0);
    near(number(&facts, "pk.cmax_geomean.drug_serum_day_1.120mg_qd"), 24.0);
    let notes = exhibit(&exhibits, "T-E11").notes.footnotes.join(" ");
    assert!(notes.contains("8 (concentration in urine)") && notes.contains("8 (derived record (DTYPE HALFLLOQ))"), "{notes}");
}
