//! What holds for pharmacokinetics of every trial, from the datasets to the facts: order of rows, units, and data that say too little.

use std::collections::BTreeMap;

use dosecase::analysis::pk::covariate_caution::CovariateCaution;
use dosecase::analysis::pk::dose_proportionality::ProportionalityError;
use dosecase::analysis::pk::separation::NotSeparable;
use dosecase::analysis::pk::{PkParameter, PkResult};
use dosecase::config::Settings;
use dosecase::data::{DatasetName, TrialData};
use dosecase::derive::{AnalysisData, derive};
use dosecase::evidence::{FactValue, Facts, pk};
use proptest::prelude::*;

use crate::hand_made::{PROJECT, settings};
use crate::profiles;

/// Times of samples in hours and the shape of a profile.
const SHAPE: [(u32, f64); 5] = [(1, 5.0), (2, 9.0), (4, 10.0), (8, 8.0), (24, 2.0)];

/// One subject: dose of its dosage and height of its profile; a height of zero is below the limit throughout.
type Height = (u32, f64);

struct Written {
    adsl: Vec<String>,
    adpc: Vec<String>,
}

/// The rows of a trial in which every subject has one profile. Doses are written in `unit`, of which one milligram has `per_milligram`.
fn written(subjects: &[Height], unit: &str, per_milligram: u32) -> Written {
    let (mut adsl, mut adpc) = (Vec::new(), Vec::new());
    for (place, (dose, height)) in subjects.iter().enumerate() {
        let weight = 60 + 3 * place;
        let sex = if place % 2 == 0 { "F" } else { "M" };
        adsl.push(format!("S-{place} | {dose} mg QD | {dose} mg QD | Y | 2025-01-01 | {sex} | {weight}"));
        for (time, part) in std::iter::once((0, 0.0)).chain(SHAPE) {
            let value = part * height;
            let text = if value > 0.0 { value.to_string() } else { "<BLQ".to_owned() };
            let given = dose * per_milligram;
            adpc.push(format!("S-{place} | XAN | Day 1 | {time} | {time} | {value} | ng/mL | {text} | 0.001 | {given} | {unit}"));
        }
    }
    Written { adsl, adpc }
}

fn data(written: &Written, settings: &Settings) -> AnalysisData {
    let table = |name, head: &str, rows: &[String]| profiles::table(name, &format!("{head}\n{}\n", rows.join("\n")));
    let adsl = table(DatasetName::Adsl, "USUBJID | TRT01P | TRT01A | SAFFL | TRTSDT | SEX | WTBL", &written.adsl);
    let head = "USUBJID | PARAMCD | AVISIT | NFRLT | NRRLT | AVAL | AVALU | AVALC | ALLOQ | DOSEA | DOSEU";
    let adpc = table(DatasetName::Adpc, head, &written.adpc);
    derive(&TrialData::from_datasets([adsl, adpc]), settings).value
}

/// The result, and the numbers and words that it leads to by fact.
fn build(written: &Written, settings: &Settings) -> (PkResult, BTreeMap<String, FactValue>) {
    let data = data(written, settings);
    let result = dosecase::analysis::pk::analyse(&data, settings).expect("a result");
    let mut facts = Facts::default();
    pk::gather(Some(&result), &data, settings, &mut facts);
    (result, facts.iter().map(|(id, fact)| (id.to_string(), fact.value.clone())).collect())
}

fn number(facts: &BTreeMap<String, FactValue>, id: &str) -> Option<f64> {
    if let Some(FactValue::Number(value)) = facts.get(id) { Some(*value) } else { None }
}

fn is_near(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-9 * right.abs().max(1e-9)
}

/// Six subjects under each dosage.
fn heights() -> impl Strategy<Value = Vec<Height>> {
    let of = |dose: u32| prop::collection::vec((0.2_f64..5.0).prop_map(move |height| (dose, height * f64::from(dose) / 100.0)), 6);
    (of(120), of(240)).prop_map(|(low, high)| low.into_iter().chain(high).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_rows_changes_no_number(subjects in heights(), seed in 1_usize..70) {
        let settings = settings(PROJECT);
        let plain = written(&subjects, "mg", 1);
        let mut turned = written(&subjects, "mg", 1);
        turned.adpc.rotate_left(seed);
        turned.adpc.swap(0, seed);
        turned.adpc.reverse();
        let (left, right) = (build(&plain, &settings).1, build(&turned, &settings).1);
        prop_assert_eq!(left, right);
    }

    #[test]
    fn the_order_of_subjects_changes_no_number_beyond_rounding(subjects in heights(), seed in 1_usize..11) {
        let settings = settings(PROJECT);
        let plain = written(&subjects, "mg", 1);
        let mut turned = written(&subjects, "mg", 1);
        turned.adsl.rotate_left(seed);
        let (left, right) = (build(&plain, &settings).1, build(&turned, &settings).1);
        prop_assert_eq!(left.keys().collect::<Vec<_>>(), right.keys().collect::<Vec<_>>());
        for (id, value) in &left {
            match (value, &right[id]) {
                (FactValue::Number(a), FactValue::Number(b)) => prop_assert!(is_near(*a, *b) || (a - b).abs() < 1e-9, "{id}: {a} {b}"),
                (a, b) => prop_assert_eq!(a, b, "{}", id),
            }
        }
    }

    #[test]
    fn the_unit_of_concentration_scales_exposure_and_no_ratio(subjects in heights(), power in -3_i32..4) {
        let settings = settings(PROJECT);
        let scale = 4.0_f64.powi(power);
        let scaled: Vec<Height> = subjects.iter().map(|(dose, height)| (*dose, height * scale)).collect();
        let (left, right) = (build(&written(&subjects, "mg", 1), &settings).1, build(&written(&scaled, "mg", 1), &settings).1);
        for dosage in ["120mg_qd", "240mg_qd"] {
            let id = format!("pk.area_geomean.{dosage}");
            let (a, b) = (number(&left, &id).unwrap(), number(&right, &id).unwrap());
            prop_assert!(is_near(b, a * scale), "{id}: {a} {b}");
        }
        let free = ["pk.proportionality_slope", "pk.separation_ratio.120mg_qd_vs_240mg_qd", "pk.separation_overlap.120mg_qd_vs_240mg_qd"];
        let ratios = left.keys().filter(|id| id.starts_with("pk.covariate_ratio") || free.contains(&id.as_str()));
        let mut compared = 0;
        for id in ratios {
            let (a, b) = (number(&left, id).unwrap(), number(&right, id).unwrap());
            prop_assert!((a - b).abs() <= 1e-7 * a.abs().max(1.0), "{id}: {a} {b}");
            compared += 1;
        }
        prop_assert!(compared >= 9, "{compared}");
    }

    #[test]
    fn the_unit_of_dose_moves_no_slope_and_no_ratio(subjects in heights()) {
        let in_micrograms = PROJECT.replace("dose: 120 mg,", "dose: 120000 ug,").replace("dose: 240 mg,", "dose: 240000 ug,");
        let plain = build(&written(&subjects, "mg", 1), &settings(PROJECT)).1;
        let other = build(&written(&subjects, "ug", 1000), &settings(&in_micrograms)).1;
        let ids = plain.keys().filter(|id| id.starts_with("pk.covariate_ratio") || id.as_str() == "pk.proportionality_slope");
        for id in ids {
            let (a, b) = (number(&plain, id).unwrap(), number(&other, id).unwrap());
            prop_assert!((a - b).abs() <= 1e-9 * a.abs().max(1.0), "{id}: {a} {b}");
        }
        prop_assert_eq!(number(&plain, "pk.area_geomean.120mg_qd"), number(&other, "pk.area_geomean.120mg_qd"));
    }
}

#[test]
fn nothing_quantifiable_gives_reasons_and_no_number() {
    let settings = settings(PROJECT);
    let subjects: Vec<Height> = [120, 240].into_iter().flat_map(|dose| [(dose, 0.0); 6]).collect();
    let (result, facts) = build(&written(&subjects, "mg", 1), &settings);
    assert!(result.lead().is_none() && result.covariates.is_err() && result.proportionality.is_empty() && result.separation.is_empty());
    // Shares of patients count who was sampled; they say nothing of exposure.
    let of_exposure = |(id, value): &(&String, &FactValue)| matches!(value, FactValue::Number(_)) && !id.contains("_share.");
    let numbers: Vec<&String> = facts.iter().filter(of_exposure).map(|(id, _)| id).collect();
    assert!(numbers.is_empty(), "{numbers:?}");
    let absent: usize = result
        .occasions
        .iter()
        .flat_map(|occasion| occasion.series.iter().filter(|series| series.parameter == Some(PkParameter::AucTau)))
        .flat_map(|series| &series.columns)
        .map(|column| column.absent.values().sum::<usize>())
        .sum();
    assert_eq!(absent, 12, "every subject is counted with a reason");
}

#[test]
fn three_subjects_one_dose_and_no_variation_are_said() {
    let settings = settings(PROJECT);
    let judge = |subjects: &[Height]| build(&written(subjects, "mg", 1), &settings).0;
    let few = judge(&[(120, 1.0), (120, 1.5), (240, 2.0)]);
    assert!(!few.proportionality.is_empty());
    assert!(few.proportionality.iter().all(|one| one.result == Err(ProportionalityError::TooFew { found: 3, needed: 4 })));
    assert!(few.separation.iter().all(|pair| pair.separation.overlap == Err(NotSeparable::TooFew { found: 1, needed: 4 })));
    assert!(few.covariates.is_err());
    let one_dose: Vec<Height> = (1..7).map(|place| (120, f64::from(place))).collect();
    let one_dose = judge(&one_dose);
    assert!(one_dose.proportionality.iter().all(|one| one.result == Err(ProportionalityError::OneDose)));
    assert!(one_dose.separation.is_empty());
    let equal: Vec<Height> = [120, 240].into_iter().flat_map(|dose| [(dose, 1.0); 6]).collect();
    let equal = judge(&equal);
    assert!(equal.proportionality.iter().all(|one| one.result == Err(ProportionalityError::NoVariation)));
    assert!(!equal.separation.is_empty());
    assert!(equal.separation.iter().all(|pair| pair.separation.interval == Err(NotSeparable::NoVariation)));
    // The ratio of equal exposures is one; without variation it has no interval and is not judged.
    let effects = equal.covariates.expect("twelve subjects");
    assert!(effects.cautions.iter().any(|caution| matches!(caution, CovariateCaution::NoVariation { .. })), "{:?}", effects.cautions);
    let estimates = effects.metrics.iter().flat_map(|metric| &metric.effects).flat_map(|of| &of.contrasts);
    for found in estimates.filter_map(|effect| effect.alone.as_ref().ok()) {
        assert!((found.ratio - 1.0).abs() < 1e-9 && found.interval.is_err(), "{found:?}");
    }
}
