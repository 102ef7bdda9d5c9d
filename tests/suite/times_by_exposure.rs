//! Times to event by exposure: groups, strata, matched controls, doses over time, competing and recurrent events.

use dosecase::analysis::exposure_response::{ExposureResponseResult, Models, NotMatched, TimeResult, analyse};
use dosecase::config::Settings;
use dosecase::derive::{
    AdverseEvents, AnalysisData, BaselineValue, BaselineVariable, Dosing, DosingInterval, PkParameter, SubjectIndex, TimeToEvent,
};
use dosecase::evidence::exposure_response::gather;
use dosecase::evidence::{Content, Exhibit, FactValue, Facts, Plot};

use crate::hand_made::{PROJECT, dead, event, exhibit, fact, number, settings, stopped, subject, trial};

const ANALYSES: &str = "
exposure_response:
  - id: pfs
    endpoint: {dataset: adtte, parameter: PFS}
    exposure: AUCSS
    models: [linear, log_linear, emax]
    covariates: [AGE]
    strata: [SEX, NOTHERE]
    exposure_over_time: [current_dose, average_dose]
  - {id: breslow, endpoint: {dataset: adtte, parameter: PFS}, exposure: AUCSS, models: [linear], ties: breslow}
  - {id: progression, endpoint: {dataset: adtte, parameter: PFS, competing: DEATH}, exposure: AUCSS, models: [linear]}
  - id: severe
    endpoint: {dataset: adae, kind: time_to_event, grade_at_least: 3, recurrent: true}
    exposure: AUCSS
    models: [linear]
";

const DRUG: usize = 60;

fn exposure(place: usize) -> f64 {
    (100.0 + (place * 17 % DRUG) as f64 * 8.0) * if place.is_multiple_of(2) { 1.0 } else { 1.6 }
}

/// Sixty subjects at two dosages, every third dead, every fifth still on treatment; thirty of a control. All in one part.
fn data() -> AnalysisData {
    let mut subjects = Vec::new();
    for place in 0..DRUG + 30 {
        let dosage = if place < DRUG { place % 2 } else { 2 };
        let mut made = subject(place, dosage, 200.0);
        if !place.is_multiple_of(5) {
            made = stopped(made, "PROGRESSIVE DISEASE", 900);
        }
        if place.is_multiple_of(3) {
            made = dead(made, 150);
        }
        made.baseline = vec![BaselineValue::Number(50.0 + (place * 13 % 20) as f64), BaselineValue::Level(place / 3 % 2)];
        subjects.push(made);
    }
    let events = (0..DRUG).filter(|place| exposure(*place) > 300.0).flat_map(|place| {
        let first = 10 + i32::try_from(place % 7).unwrap() * 9;
        let row = u32::try_from(place).unwrap() * 2 + 1;
        [event(row, place, "Nausea", Some(3), Some(first)), event(row + 1, place, "Fatigue", Some(4), Some(first + 400))]
    });
    let mut data = trial(subjects, Vec::new());
    data.adverse_events =
        Some(AdverseEvents { events: events.collect(), grade_column: Some("AETOXGR".into()), ..AdverseEvents::default() });
    let variable =
        |column: &str, levels: Option<Vec<String>>| BaselineVariable { column: column.into(), label: column.into(), levels, merged: false };
    data.baseline_variables = vec![variable("AGE", None), variable("SEX", Some(vec!["F".into(), "M".into()]))];
    data.pk_parameters = Some((0..DRUG).map(parameter).collect());
    data.times_to_event = Some((0..DRUG + 30).map(time).collect());
    let intervals = (0..DRUG).flat_map(|place| {
        let dose = if place.is_multiple_of(2) { 120.0 } else { 240.0 };
        let half = if place.is_multiple_of(4) { dose } else { dose / 2.0 };
        [interval(place, (1, 40), dose), interval(place, (41, 200), half)]
    });
    data.dosing = Some(Dosing { intervals: intervals.collect(), ..Dosing::default() });
    data
}

fn parameter(place: usize) -> PkParameter {
    PkParameter {
        row: u32::try_from(place).unwrap() + 1,
        subject: SubjectIndex(place),
        code: "AUCSS".into(),
        label: "AUC at steady state".into(),
        category: None,
        specimen: None,
        visit: None,
        value: Some(exposure(place)),
        unit: Some("ng*h/mL".into()),
        in_summary: true,
    }
}

fn time(place: usize) -> TimeToEvent {
    let longer = if place < DRUG { exposure(place) / 3.0 } else { 0.0 };
    TimeToEvent {
        row: u32::try_from(place).unwrap() + 201,
        subject: SubjectIndex(place),
        code: "PFS".into(),
        label: "Progression-free survival".into(),
        days: 20.0 + (place * 29 % 60) as f64 * 3.0 + longer,
        event: !place.is_multiple_of(4),
        description: Some(if place % 4 == 1 { "DEATH".into() } else { "DISEASE PROGRESSION".into() }),
        start: None,
    }
}

fn interval(place: usize, (start_day, end_day): (i32, i32), dose: f64) -> DosingInterval {
    DosingInterval {
        row: u32::try_from(place).unwrap() * 2 + u32::from(start_day > 1) + 1,
        subject: SubjectIndex(place),
        drug: None,
        start_day,
        end_day,
        dose,
        planned: None,
        days_between_doses: 1.0,
        doses_per_day: 1.0,
        regular: true,
        unit: Some("mg".into()),
        reason: None,
        for_adverse_event: false,
    }
}

fn build() -> (Vec<ExposureResponseResult>, Vec<Exhibit>, Facts, Settings) {
    let settings = settings(&format!("{PROJECT}{ANALYSES}"));
    let data = data();
    let results = analyse(&data, &settings);
    let mut facts = Facts::default();
    let exhibits = gather(&results, &data, &settings, &mut facts);
    (results, exhibits, facts, settings)
}

fn times(result: &ExposureResponseResult) -> &TimeResult {
    match &result.found.as_ref().unwrap().models {
        Models::Time(models) => models,
        _ => panic!("a time"),
    }
}

#[test]
fn groups_hold_everybody_and_are_told_with_their_tests() {
    let (results, exhibits, facts, _) = build();
    let bands = &times(&results[0]).bands;
    assert_eq!((bands.groups, bands.bands.iter().map(|band| band.members.len()).sum::<usize>()), (4, DRUG));
    assert!(bands.bands.windows(2).all(|pair| pair[0].maximum < pair[1].minimum));
    let median = fact(&facts, "exposure_response.group_median.pfs.q1");
    assert_eq!(median.source.rows.len(), bands.bands[0].members.len(), "the rows are those of the group");
    assert!(number(&facts, "exposure_response.trend_p.pfs") < 0.05, "longer times at higher exposures");
    let Content::Table(table) = &exhibit(&exhibits, "T-E18-groups").content else { panic!("a table") };
    assert!(table.rows.iter().any(|row| row.stub == "Gray's test across the groups: p value"));
    let Content::Figure(figure) = &exhibit(&exhibits, "F-R03").content else { panic!("a figure") };
    let Plot::Steps { curves, .. } = &figure.plot else { panic!("step curves") };
    assert_eq!(curves.iter().map(|curve| curve.series.n).collect::<Vec<_>>(), [15, 15, 15, 15]);
}

#[test]
fn strata_ties_and_the_tests_of_hazards_are_said() {
    let (results, exhibits, facts, _) = build();
    let models = times(&results[0]);
    assert_eq!((models.strata.clone(), models.absent_strata.clone()), (vec!["SEX".to_owned()], vec!["NOTHERE".to_owned()]));
    let notes = &exhibit(&exhibits, "T-E18").notes.footnotes;
    assert!(notes.iter().any(|note| note.contains("Baseline hazards by stratum of SEX") && note.contains("Not stratified by NOTHERE")));
    assert!(notes.iter().any(|note| note.contains("Ties: Breslow")));
    assert!(number(&facts, "exposure_response.hazards_p_linear_adjusted_age.pfs") <= 1.0);
    assert_eq!(models.models[0].hazards.iter().map(|test| test.global.degrees_of_freedom).collect::<Vec<_>>(), [1, 2]);
    assert!(models.within_dose.is_some() && models.models[2].saturation.is_some());
    assert!(exhibits.iter().any(|exhibit| exhibit.id.as_str() == "T-E18-hazards"));
}

#[test]
fn controls_are_matched_where_there_are_a_comparator_and_covariates() {
    let (results, exhibits, facts, _) = build();
    let matched = times(&results[0]).matched.as_ref().unwrap();
    assert_eq!((matched.comparator.as_str(), matched.controls, matched.ends.len()), ("Control", 30, 2));
    assert!(matched.ends.iter().all(|end| end.pairs == 15 && end.outcome_rows.len() == 30 && end.exposure_rows.len() == 15));
    assert!(fact(&facts, "exposure_response.matched_ratio.pfs.q1").interval.is_some());
    // Every case of the highest group outlives every control, so that there is no estimate and no number stands for it.
    assert_eq!((matched.ends[1].ratio, &fact(&facts, "exposure_response.matched_ratio.pfs.q4").value), (None, &FactValue::NotEstimable));
    assert_eq!(times(&results[1]).matched.as_ref().unwrap_err(), &NotMatched::NoCovariates);
    let table = exhibit(&exhibits, "T-R06");
    assert!(table.notes.footnotes.iter().any(|note| note.contains("controls cannot be matched")));
    assert!(exhibits.iter().any(|exhibit| exhibit.id.as_str() == "F-R03-pfs-lowest"));
    let alone = AnalysisData { subjects: data().subjects.into_iter().take(DRUG).collect(), ..data() };
    let settings = settings(&format!("{PROJECT}{ANALYSES}"));
    assert_eq!(times(&analyse(&alone, &settings)[0]).matched.as_ref().unwrap_err(), &NotMatched::NoComparator);
}

#[test]
fn doses_over_time_carry_the_caution_of_reverse_causation() {
    let (results, exhibits, facts, _) = build();
    let over_time = &times(&results[0]).over_time;
    assert_eq!((over_time.len(), over_time[0].n, over_time[0].without_dosing), (2, DRUG, 0));
    // A change of the dose begins an interval, and the average goes on changing after it; nobody has more than a start, a change and an end.
    assert!(over_time[0].intervals > DRUG && over_time[0].intervals <= 3 * DRUG);
    assert!(over_time[1].intervals > over_time[0].intervals);
    assert_eq!(over_time[0].events, (0..DRUG).filter(|place| time(*place).event).count());
    assert!(number(&facts, "exposure_response.hazard_ratio_current_dose.pfs") > 0.0);
    assert_eq!(fact(&facts, "exposure_response.hazard_ratio_average_dose.pfs").source.dataset, "ADEX");
    assert!(exhibit(&exhibits, "T-E18-over-time").notes.footnotes.iter().any(|note| note.contains("reverse causation")));
}

#[test]
fn competing_events_are_neither_events_nor_censored() {
    let (results, _, facts, _) = build();
    let competing = times(&results[2]).competing.as_ref().unwrap();
    let deaths = (0..DRUG).filter(|place| place % 4 == 1).count();
    assert_eq!(competing.competing, deaths);
    let events: usize = competing.curves.iter().map(|curve| curve.events).sum();
    assert_eq!((events, results[2].found.as_ref().unwrap().sample.events()), (DRUG - deaths - DRUG / 4, DRUG - deaths - DRUG / 4));
    let top = competing.curves[3].steps.last().unwrap().estimate;
    assert!(top < 1.0 && competing.subdistribution.is_some());
    assert!(number(&facts, "exposure_response.gray_p.progression") <= 1.0);
    assert!(times(&results[0]).competing.is_none());
}

#[test]
fn adverse_events_are_times_and_all_of_them_are_counted_in_the_time_at_risk() {
    let (results, exhibits, facts, _) = build();
    let found = results[3].found.as_ref().unwrap();
    let with = (0..DRUG).filter(|place| exposure(*place) > 300.0).count();
    assert_eq!((found.sample.subjects.len(), found.sample.events()), (DRUG, with));
    let models = times(&results[3]);
    // The second event of each lies beyond the time at risk.
    assert_eq!(models.recurrences.iter().map(|curve| curve.events).sum::<usize>(), with);
    let competing = models.competing.as_ref().unwrap();
    let ongoing = (0..DRUG).filter(|place| exposure(*place) <= 300.0 && place.is_multiple_of(5) && !place.is_multiple_of(3)).count();
    assert_eq!(competing.competing, DRUG - with - ongoing);
    assert!(number(&facts, "exposure_response.group_mean_count_6m.severe.q4") > 0.9);
    assert!(exhibits.iter().any(|exhibit| exhibit.id.as_str() == "F-R03-severe-counts"));
    assert!(!exhibits.iter().any(|exhibit| exhibit.id.as_str() == "F-R03-severe-lowest"), "controls are for efficacy");
}
