//! From ADPC to profiles, their parameters and their summaries by dosage.

use std::path::Path;

use dosecase::analysis::pk::PkParameter;
use dosecase::analysis::pk::nca::{Caution, NcaRules, NotCalculated, Regimen, Route};
use dosecase::analysis::pk::occasion::Absence;
use dosecase::analysis::pk::profiles::{NotAnalysed, ProfileRules, SubjectProfile, analyse_profiles};
use dosecase::config::SampleTimes;
use dosecase::data::{ColumnValues, Dataset, DatasetName, TrialData};
use dosecase::derive::{AnalysisData, Concentrations, ExclusionReason, SampleResult, derive};
use dosecase::pipeline::{self, Overrides};

use crate::hand_made::{PROJECT, settings};

/// A dataset from lines of cells between bars; a column whose every cell is a number holds numbers.
pub(crate) fn table(name: DatasetName, text: &str) -> Dataset {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let header: Vec<&str> = lines.next().expect("a header").split('|').map(str::trim).collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split('|').map(str::trim).collect()).collect();
    let column = |index: usize| {
        let cells: Vec<Option<String>> =
            rows.iter().map(|row| row.get(index).filter(|cell| !cell.is_empty()).map(|cell| (*cell).to_owned())).collect();
        let numbers: Vec<Option<f64>> = cells.iter().map(|cell| cell.as_ref().and_then(|cell| cell.parse().ok())).collect();
        let numeric = cells.iter().zip(&numbers).all(|(cell, number)| cell.is_some() == number.is_some());
        if numeric { ColumnValues::Number(numbers) } else { ColumnValues::Text(cells) }
    };
    Dataset::from_columns(name, header.iter().enumerate().map(|(index, name)| ((*name).to_owned(), column(index))).collect())
}

const ADSL: &str = "
    USUBJID | TRT01P    | TRT01A    | SAFFL | TRTSDT
    S-1     | 120 mg QD | 120 mg QD | Y     | 2025-01-01
    S-2     | 240 mg QD | 240 mg QD | Y     | 2025-01-01
    S-3     | 240 mg QD | 240 mg QD | Y     | 2025-01-01";

fn derived(adpc: &str) -> AnalysisData {
    let trial = TrialData::from_datasets([table(DatasetName::Adsl, ADSL), table(DatasetName::Adpc, adpc)]);
    derive(&trial, &settings(PROJECT)).value
}

fn rules(times: SampleTimes) -> ProfileRules {
    ProfileRules { times, route: Route::Extravascular, steady_from: 168.0, nca: NcaRules::default() }
}

fn near(left: f64, right: f64) {
    assert!((left - right).abs() < 1e-9 * right.abs().max(1.0), "{left} is not {right}");
}

/// One subject in the layout of an analysis dataset for noncompartmental analysis: doses, urine, copies, imputations among the samples.
const MIXED: &str = "
    USUBJID | PARAMCD | PARCAT1 | DTYPE         | AVISIT | NFRLT | AFRLT | NRRLT | ARRLT | AVAL | AVALU | PCSTRESC | ALLOQ | DOSEA | DOSEU
    S-1     | XAN     | PLASMA  |               | Day 1  | 0     | -0.5  | 0     | -0.5  | 0    | ug/mL | <BLQ     | 0.01  | 120   | mg
    S-1     | DOSE    |         |               | Day 1  | 0     | 0     | 0     | 0     | 120  | mg    |          |       | 120   | mg
    S-1     | XAN     | PLASMA  |               | Day 1  | 1     | 1.1   | 1     | 1.1   | 8    | ug/mL | 8        | 0.01  | 120   | mg
    S-1     | XAN     | PLASMA  |               | Day 1  | 2     | 2     | 2     | 2     | 6    | ug/mL | 6        | 0.01  | 120   | mg
    S-1     | XAN     | URINE   |               | Day 1  | 3     | 6     | 3     | 6     | 24   | ug/mL | 24       | 0.01  | 120   | mg
    S-1     | XAN     | PLASMA  |               | Day 1  | 6     | 6     | 6     | 6     | 3    | ug/mL | 3        | 0.01  | 120   | mg
    S-1     | XAN     | PLASMA  |               | Day 1  | 12    | 12    | 12    | 12    |      | ug/mL |          | 0.01  | 120   | mg
    S-1     | XAN     | PLASMA  |               | Day 2  | 24    | 24    | 24    | 24    | 0.5  | ug/mL | 0.5      | 0.01  | 120   | mg
    S-1     | XAN     | PLASMA  | COPY          | Day 2  | 24    | 24    | 0     | 0     | 0.5  | ug/mL | 0.5      | 0.01  | 120   | mg
    S-1     | DOSE    |         |               | Day 2  | 24    | 24    | 0     | 0     | 110  | mg    |          |       | 120   | mg
    S-1     | XAN     | PLASMA  |               | Day 2  | 36    | 36    | 12    | 12    |      | ug/mL | <BLQ     | 0.01  | 120   | mg
    S-1     | XAN     | PLASMA  | HALFLLOQ      | Day 2  | 36    | 36    | 12    | 12    | 0.005| ug/mL | <BLQ     | 0.01  | 120   | mg
    S-9     | XAN     | PLASMA  |               | Day 1  | 1     | 1     | 1     | 1     | 7    | ug/mL | 7        | 0.01  | 120   | mg";

#[test]
fn every_record_is_a_sample_a_dose_or_left_out_for_a_reason() {
    let data = derived(MIXED);
    let Concentrations { samples, doses, excluded, columns } = data.concentrations.as_ref().expect("concentrations");
    let rows: Vec<u32> = samples.iter().map(|sample| sample.row).collect();
    assert_eq!(rows, [1, 3, 4, 6, 7, 8, 9, 11]);
    assert_eq!(doses.iter().map(|dose| (dose.row, dose.dose)).collect::<Vec<_>>(), [(2, Some(120.0)), (10, Some(110.0))]);
    let reasons: Vec<(u32, &ExclusionReason)> = excluded.iter().map(|record| (record.row, &record.reason)).collect();
    assert_eq!(reasons, [(5, &ExclusionReason::Urine), (12, &ExclusionReason::Derived("HALFLLOQ".to_owned()))]);
    let results: Vec<SampleResult> = samples.iter().map(|sample| sample.result).collect();
    let below = SampleResult::BelowLimit { limit: Some(0.01) };
    assert_eq!(results[0], below);
    assert_eq!((results[1], results[4], results[7]), (SampleResult::Measured(8.0), SampleResult::Missing, below));
    let dose_times: Vec<Option<f64>> = samples.iter().map(|sample| sample.dose_time).collect();
    assert_eq!(dose_times, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 24.0, 24.0].map(Some));
    assert!(samples[6].copied && !samples[5].copied && samples.iter().all(|sample| sample.specimen.as_deref() == Some("PLASMA")));
    assert!(columns.iter().any(|column| column == "PCSTRESC"));
}

#[test]
fn a_sample_and_its_copy_end_one_profile_and_begin_the_next() {
    let data = derived(MIXED);
    let profiles = analyse_profiles(&data, &settings(PROJECT), &rules(SampleTimes::Nominal));
    let [first, second] = &profiles[..] else { panic!("{} profiles", profiles.len()) };
    let result = first.result.as_ref().expect("parameters");
    assert_eq!((first.regimen, first.tau, first.dose), (Regimen::FirstDose, Some(24.0), Some(120.0)));
    near(result.get(PkParameter::Cmax).unwrap(), 8.0);
    near(result.get(PkParameter::Tmax).unwrap(), 1.0);
    near(result.get(PkParameter::Ctrough).unwrap(), 0.5);
    let rate = (6.0_f64 / 3.0).ln() / 4.0;
    near(result.partial_area(2.0, 6.0).unwrap(), 3.0 / rate);
    assert!(result.cautions.contains(&Caution::MissingSamples { samples: 1 }));
    assert_eq!(result.below_limit, 1);
    assert_eq!(second.result, Err(NotAnalysed::Sparse { found: 1, needed: 3 }));
    assert_eq!((second.regimen, second.rows.as_slice()), (Regimen::BeforeSteadyState, &[9, 11][..]));
}

#[test]
fn actual_times_are_the_callers_choice() {
    let data = derived(MIXED);
    let actual = analyse_profiles(&data, &settings(PROJECT), &rules(SampleTimes::Actual));
    let result = actual[0].result.as_ref().expect("parameters");
    near(result.get(PkParameter::Tmax).unwrap(), 1.1);
    assert!(result.cautions.contains(&Caution::PredoseAtDose { time: -0.5 }));
}

/// Two profiles of each of two subjects, without codes, with the words of a laboratory; the third subject has one result excluded and one without time.
const WORDS: &str = "
    USUBJID | PARAM         | ASMED  | VISIT  | NFRLT | NRRLT | RELTMU | AVAL | AVALU | AVALCAT1 | PKSUMFL | PKEXCRSN
    S-1     | Plasma Drug X | PLASMA | Day 1  | 0     | 0     | hr     | 0    | ng/mL | BLQ      | Y       |
    S-1     | Plasma Drug X | PLASMA | Day 1  | 2     | 2     | hr     | 10   | ng/mL | 10       | Y       |
    S-1     | Plasma Drug X | PLASMA | Day 1  | 8     | 8     | hr     | 6    | ng/mL | 6        | Y       |
    S-1     | Plasma Drug X | PLASMA | Day 1  | 24    | 24    | hr     | 1    | ng/mL | 1        | Y       |
    S-1     | Urine Drug X  | URINE  | Day 1  | 4     | 4     | hr     | 5    | ng/mL | 5        | Y       |
    S-1     | Plasma Drug X | PLASMA | Day 15 | 336   | 0     | hr     | 2    | ng/mL | 2        | Y       |
    S-1     | Plasma Drug X | PLASMA | Day 15 | 338   | 2     | hr     | 15   | ng/mL | 15       | Y       |
    S-1     | Plasma Drug X | PLASMA | Day 15 | 344   | 8     | hr     | 9    | ng/mL | 9        | Y       |
    S-1     | Plasma Drug X | PLASMA | Day 15 | 360   | 24    | hr     | 2    | ng/mL | 2        | Y       |
    S-2     | Plasma Drug X | PLASMA | Day 1  | 0     | 0     | hr     | 0    | ng/mL | BLQ      | Y       |
    S-2     | Plasma Drug X | PLASMA | Day 1  | 2     | 2     | hr     | 40   | ng/mL | 40       | Y       |
    S-2     | Plasma Drug X | PLASMA | Day 1  | 8     | 8     | hr     | 20   | ng/mL | 20       | Y       |
    S-2     | Plasma Drug X | PLASMA | Day 1  | 24    | 24    | hr     | 10   | ng/mL | 10       | Y       |
    S-3     | Plasma Drug X | PLASMA | Day 1  | 0     | 0     | hr     | 0    | ng/mL | BLQ      | Y       |
    S-3     | Plasma Drug X | PLASMA | Day 1  | 2     | 2     | hr     | 90   | ng/mL | 90       | Y       |
    S-3     | Plasma Drug X | PLASMA | Day 1  | 8     | 8     | hr     | 50   | ng/mL | 50       | Y       |
    S-3     | Plasma Drug X | PLASMA | Day 1  | 12    | 12    | hr     | 99   | ng/mL | 99       | N       | HAEMOLYSED
    S-3     | Plasma Drug X | PLASMA | Day 1  |       |       | hr     | 99   | ng/mL | 99       | Y       |
    S-3     | Plasma Drug X | PLASMA | Day 1  | 24    | 24    | hr     | 10   | ng/mL | 10       | Y       |";

#[test]
fn profiles_are_told_apart_by_dose_and_summarised_by_dosage() {
    let data = derived(WORDS);
    let excluded = &data.concentrations.as_ref().expect("concentrations").excluded;
    let reasons: Vec<String> = excluded.iter().map(|record| record.reason.to_string()).collect();
    assert_eq!(reasons, ["concentration in urine", "excluded in the data: HAEMOLYSED", "no time since a dose"]);
    let settings = settings(PROJECT);
    let profiles = analyse_profiles(&data, &settings, &rules(SampleTimes::Nominal));
    assert_eq!(profiles.len(), 4);
    let later: Vec<&SubjectProfile> = profiles.iter().filter(|profile| profile.regimen == Regimen::SteadyState).collect();
    let steady = later[0].result.as_ref().expect("parameters");
    let first = profiles[0].result.as_ref().expect("parameters");
    let ratio = steady.get(PkParameter::AucTau).unwrap() / first.get(PkParameter::AucTau).unwrap();
    near(steady.get(PkParameter::AccumulationAuc).unwrap(), ratio);
    assert_eq!(steady.get(PkParameter::ClearanceTau), Err(NotCalculated::NoDose));

    let result = dosecase::analysis::pk::analyse(&data, &settings).expect("a result");
    let groups: Vec<&str> = result.panel.groups.iter().map(|group| group.id.as_str()).collect();
    assert_eq!(groups, ["120mg_qd", "240mg_qd"]);
    let told: Vec<(&str, Vec<usize>)> = result
        .occasions
        .iter()
        .map(|occasion| (occasion.name.as_str(), occasion.profiles.iter().map(|counts| counts.analysed).collect()))
        .collect();
    assert_eq!(told, [("Day 1", vec![1, 2]), ("Day 15", vec![1, 0])]);
    let of =
        |parameter| &result.occasions[0].series.iter().find(|series| series.parameter == Some(parameter)).expect("a series").columns[1];
    near(of(PkParameter::Cmax).geometric_mean.unwrap(), 60.0);
    assert_eq!((of(PkParameter::Cmax).summary.minimum, of(PkParameter::Cmax).summary.maximum), (Some(40.0), Some(90.0)));
    assert_eq!((of(PkParameter::Clearance).summary.n, of(PkParameter::Clearance).geometric_mean), (0, None));
    // Two samples fall after the maximum: too few for a terminal slope.
    assert_eq!(of(PkParameter::HalfLife).absent.get(&Absence::TooFewPoints { needed: 3 }), Some(&2));
}

#[test]
fn rows_in_any_order_give_the_same_profiles() {
    let mut lines: Vec<&str> = WORDS.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[1..].reverse();
    let turned = derived(&lines.join("\n"));
    let settings = settings(PROJECT);
    let analysed = |data: &AnalysisData| -> Vec<_> {
        analyse_profiles(data, &settings, &rules(SampleTimes::Nominal))
            .into_iter()
            .map(|profile| (profile.subject, profile.result))
            .collect()
    };
    assert_eq!(analysed(&derived(WORDS)), analysed(&turned));
    assert!(analyse_profiles(&AnalysisData::default(), &settings, &rules(SampleTimes::Nominal)).is_empty());
}

#[test]
fn the_example_has_rich_profiles_on_two_days() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/zeltorafib");
    let reading = pipeline::read(&project, Overrides::default(), &|_| ()).expect("the example reads");
    let settings = &reading.project.settings;
    let profiles = analyse_profiles(&reading.data, settings, &rules(SampleTimes::Actual));
    let rich: Vec<_> = profiles.iter().filter(|profile| profile.result.is_ok()).collect();
    assert!(rich.len() > 150, "{} of {}", rich.len(), profiles.len());
    assert!(!profiles.iter().any(|profile| matches!(profile.result, Err(NotAnalysed::Faulty(_)))));
    // The area over a dosing interval at steady state agrees with the model-based one in the middle of the subjects.
    let model = reading.data.pk_parameters.as_ref().expect("parameters");
    let ratio = |profile: &&&SubjectProfile| {
        let own = model.iter().find(|record| record.subject == profile.subject && record.code == "AUCSS")?.value?;
        Some(profile.result.as_ref().ok()?.get(PkParameter::AucTau).ok()? / own)
    };
    let mut ratios: Vec<f64> = rich.iter().filter(|profile| profile.regimen == Regimen::SteadyState).filter_map(|p| ratio(&p)).collect();
    ratios.sort_by(f64::total_cmp);
    assert!(ratios.len() > 70, "{}", ratios.len());
    let median = ratios[ratios.len() / 2];
    assert!((0.8..1.25).contains(&median), "{median}");
}
