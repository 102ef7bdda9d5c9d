//! Binary exposure-response to its end: intervals and rules of choice, models beside the main one, fit, checks, bootstrap, safety outcomes.

use dosecase::analysis::exposure_response::{
    BinaryResult, CheckKind, CheckOutcome, ExposureForm, ExposureResponseResult, Models, SafetyKind, analyse, analyse_safety,
};
use dosecase::derive::{
    AdverseEvent, AnalysisData, Assessor, BaselineValue, BaselineVariable, DoseAction, Dosing, DosingSummary, InterestGroup, PkParameter,
    Response, ResponseCategory, ResponseKind, SubjectIndex,
};
use dosecase::evidence::exposure_response::{gather, gather_safety};
use dosecase::evidence::{Content, Exhibit, FactValue, Facts};
use dosecase::quantity::IntervalMethod;

use crate::hand_made::{PROJECT, assert_whole, event, exhibit, fact, number, row, rows, settings, subject, table, trial};

/// One analysis of response with these further keys.
fn project(keys: &str) -> String {
    format!(
        "{PROJECT}exposure_response:\n  - {{id: orr, label: Response by exposure, endpoint: {{dataset: adrs, parameter: CRSP, event: Y}}, exposure: AUCSS, covariates: [AGE, SEX], {keys}}}\n"
    )
}

/// Eighty subjects at two dosages; the odds of response rise with exposure.
fn data() -> AnalysisData {
    let mut subjects: Vec<_> = (0..80).map(|place| subject(place, place % 2, 60.0)).collect();
    for (place, subject) in subjects.iter_mut().enumerate() {
        subject.baseline = vec![BaselineValue::Number(50.0 + (place * 13 % 20) as f64), BaselineValue::Level(place * 7 % 3 % 2)];
    }
    let events: Vec<AdverseEvent> = (0..80)
        .filter(|place| exposure(*place) + (place * 23 % 80) as f64 * 9.0 > 800.0)
        .enumerate()
        .map(|(row, place)| {
            let action = if row % 2 == 0 { DoseAction::Reduced } else { DoseAction::NotChanged };
            let grade = if row % 3 == 0 { 2 } else { 3 };
            AdverseEvent { action: Some(action), interest: vec![0], ..event(row as u32 + 1, place, "Nausea", Some(grade), Some(3)) }
        })
        .collect();
    let mut data = trial(subjects, events);
    if let Some(source) = &mut data.adverse_events {
        source.interest_groups = vec![InterestGroup { id: "gut".into(), label: "Gut".into(), filter: "AEDECOD = Nausea".into() }];
    }
    let levels = vec!["F".to_owned(), "M".to_owned()];
    data.baseline_variables = vec![
        BaselineVariable { column: "AGE".into(), label: "Age (years)".into(), levels: None, merged: false },
        BaselineVariable { column: "SEX".into(), label: "Sex".into(), levels: Some(levels), merged: false },
    ];
    let parameter = |place: usize| PkParameter {
        row: place as u32 + 1,
        subject: SubjectIndex(place),
        code: "AUCSS".into(),
        label: "AUC at steady state".into(),
        category: None,
        specimen: None,
        visit: None,
        value: Some(exposure(place)),
        unit: Some("ng*h/mL".into()),
        in_summary: true,
    };
    data.pk_parameters = Some((0..80).map(parameter).collect());
    let response = |place: usize| Response {
        row: place as u32 + 101,
        subject: SubjectIndex(place),
        kind: ResponseKind::ConfirmedObjective,
        assessor: Assessor::Investigator,
        parameter: "CRSP".into(),
        category: if exposure(place) + (place * 31 % 80) as f64 * 8.0 > 700.0 { ResponseCategory::Yes } else { ResponseCategory::No },
        date: None,
        day: None,
    };
    data.responses = Some((0..80).map(response).collect());
    data
}

fn exposure(place: usize) -> f64 {
    (100.0 + (place * 17 % 80) as f64 * 6.0) * if place.is_multiple_of(2) { 1.0 } else { 1.6 }
}

fn build(keys: &str) -> (Vec<ExposureResponseResult>, Vec<Exhibit>, Facts) {
    let (settings, data) = (settings(&project(keys)), data());
    let results = analyse(&data, &settings);
    let mut facts = Facts::default();
    let exhibits = gather(&results, &data, &settings, &mut facts);
    assert_whole(&exhibits, &facts);
    (results, exhibits, facts)
}

fn binary(results: &[ExposureResponseResult]) -> &BinaryResult {
    match &results[0].found.as_ref().unwrap().models {
        Models::Binary(models) => models,
        _ => panic!("a binary outcome"),
    }
}

fn method(facts: &Facts, id: &str) -> IntervalMethod {
    fact(facts, id).interval.unwrap().method
}

#[test]
fn the_interval_of_a_slope_is_the_one_asked_for_and_named() {
    let (_, exhibits, profile) = build("models: [linear]");
    let (_, _, wald) = build("models: [linear], interval: wald");
    let id = "exposure_response.odds_ratio_linear.orr";
    assert_eq!((method(&profile, id), method(&wald, id)), (IntervalMethod::ProfileLikelihood, IntervalMethod::Wald));
    assert!((number(&profile, id) - number(&wald, id)).abs() < 1e-12);
    let (a, b) = (fact(&profile, id).interval.unwrap(), fact(&wald, id).interval.unwrap());
    assert!((a.lower.unwrap() - b.lower.unwrap()).abs() > 1e-6, "the two methods differ");
    let p = |facts: &Facts| fact(facts, "exposure_response.p_linear.orr").method.clone();
    assert_eq!((p(&profile).as_str(), p(&wald).as_str()), ("likelihood-ratio test, two-sided", "Wald test, two-sided"));
    assert!(exhibit(&exhibits, "T-E18").notes.methods.iter().any(|method| method.contains("profile likelihood (slopes and ratios)")));
}

#[test]
fn the_rule_of_choice_is_fixed_in_the_project_file() {
    let chosen = |keys: &str| {
        let (results, exhibits, _) = build(keys);
        let models = binary(&results);
        (models.chosen().unwrap().form(), table(exhibit(&exhibits, "T-E18")).columns[5].head.clone())
    };
    let (form, head) = chosen("models: [linear], choose: {fixed: quadratic}");
    assert_eq!((form, head.as_str()), (ExposureForm::Quadratic, "AIC (above the smallest)"));
    let (_, head) = chosen("models: [linear, emax], choose: bic");
    assert_eq!(head, "Criterion (above the smallest)");
    let (results, ..) = build("models: [linear, log_linear, quadratic], choose: aicc");
    let models = binary(&results);
    let smallest = models.models.iter().filter_map(|model| model.criterion).fold(f64::INFINITY, f64::min);
    assert!((models.models[models.analysis.chosen.unwrap()].criterion.unwrap() - smallest).abs() < 1e-12);
    let weights: f64 = models.models.iter().filter_map(|model| model.weight).sum();
    assert!((weights - 1.0).abs() < 1e-12);
    let (results, exhibits, _) = build("models: [linear, log_linear, quadratic, emax, sigmoid_emax], choose: likelihood_ratio");
    assert!(matches!(binary(&results).chosen().unwrap().form(), ExposureForm::Linear | ExposureForm::LogLinear));
    assert!(exhibit(&exhibits, "T-E18").notes.footnotes.iter().any(|note| note.starts_with("Chosen by likelihood-ratio tests")));
}

#[test]
fn interactions_quartiles_and_the_parabola_stand_beside_the_main_model() {
    let (results, exhibits, facts) = build("models: [linear, quadratic], interactions: [SEX, AGE], grouped: true");
    let models = binary(&results);
    assert_eq!(models.interactions.iter().map(|one| one.changes.len()).collect::<Vec<_>>(), [1, 1]);
    let grouped = models.grouped.as_ref().unwrap();
    assert_eq!((grouped.groups.len(), grouped.reference.n), (3, 20));
    let models = table(exhibit(&exhibits, "T-E18"));
    for stub in [
        "Quadratic, per 100 ng*h/mL more: squared",
        "Interaction of exposure with SEX: SEX M",
        "Interaction of exposure with AGE: per unit of AGE",
        "Exposure Q4 against Q1",
    ] {
        assert!(row(models, stub).footnote.is_some(), "{stub}");
    }
    assert!(number(&facts, "exposure_response.odds_ratio_group_q4.orr") > 1.0);
    let text = settings_text_fault("models: [linear], interactions: [WEIGHT]");
    assert!(text.contains("`WEIGHT` is no covariate of this analysis"), "{text}");
}

/// What the reader of a project file says of these keys.
fn settings_text_fault(keys: &str) -> String {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    dosecase::config::read_project_text(&folder.path().join("dosecase.yaml"), project(keys)).unwrap_err().to_string()
}

#[test]
fn the_fit_is_shown_with_its_groups_and_the_most_influential_subject() {
    let (results, exhibits, facts) = build("models: [linear]");
    let models = binary(&results);
    let fit = models.fit.as_ref().unwrap();
    assert_eq!(fit.calibration.len(), 4);
    let observed: Vec<u64> =
        (1..=4).map(|place| fact(&facts, &format!("exposure_response.calibration_observed.orr.quarter{place}")).count.unwrap()).collect();
    assert_eq!(observed.iter().sum::<u64>() as usize, models.analysis.events);
    assert_eq!(rows(&facts, "exposure_response.calibration_predicted.orr.quarter2").len(), fit.calibration[1].group.n);
    assert_eq!(method(&facts, "exposure_response.roc_area.orr"), IntervalMethod::DeLong);
    let shown = table(exhibit(&exhibits, "T-E18-fit"));
    let (_, influence) = models.influence.unwrap();
    let subject = results[0].found.as_ref().unwrap().sample.subjects[influence.subject].subject;
    let stub = format!("Largest Cook's distance, linear model: subject S-{}", subject.0);
    assert_eq!(row(shown, "Largest Cook's distance").stub, stub);
    assert!(row(shown, "Hosmer-Lemeshow").footnote.is_some());
    let without = number(&facts, "exposure_response.slope_without_subject.orr");
    assert!((without - influence.without.unwrap().estimate.unwrap()).abs() < 1e-15);
}

#[test]
fn every_check_has_an_observed_value_and_a_finding() {
    let (results, exhibits, facts) = build("models: [linear]");
    let checks = &results[0].found.as_ref().unwrap().checks;
    let of = |kind: &CheckKind| checks.iter().find(|check| check.kind == *kind).unwrap();
    assert_eq!(of(&CheckKind::Doses).observed, Some(2.0));
    assert_eq!(of(&CheckKind::Overlap).outcome(), CheckOutcome::Kept);
    let models = binary(&results);
    let fewer = models.analysis.events.min(models.analysis.n - models.analysis.events);
    assert!((of(&CheckKind::EventsPerParameter).observed.unwrap() - fewer as f64 / 2.0).abs() < 1e-12);
    assert_eq!(checks.iter().filter(|check| matches!(check.kind, CheckKind::Correlation { .. })).count(), 2);
    let rows = &table(exhibit(&exhibits, "T-E18-checks")).rows;
    assert_eq!(rows.iter().filter(|row| !row.heading).count(), checks.len());
    assert_eq!(fact(&facts, "exposure_response.finding_doses.orr").value, FactValue::Text("kept".to_owned()));
}

#[test]
fn the_bootstrap_stands_beside_wald_and_is_named() {
    let (_, without, _) = build("models: [linear, log_linear]");
    assert_eq!(table(exhibit(&without, "T-E18-predicted")).columns.len(), 5);
    let (_, exhibits, facts) = build("models: [linear, log_linear], bootstrap: 100");
    let shown = exhibit(&exhibits, "T-E18-predicted");
    assert_eq!(table(shown).columns[3].head, "Bootstrap: median (CI)");
    let id = "exposure_response.predicted_bootstrap.orr.240mg_qd";
    assert_eq!(method(&facts, id), IntervalMethod::BootstrapPercentile);
    assert_eq!(method(&facts, "exposure_response.predicted.orr.240mg_qd"), IntervalMethod::Wald);
    let interval = fact(&facts, id).interval.unwrap();
    assert!(interval.lower.unwrap() < number(&facts, id) && number(&facts, id) < interval.upper.unwrap());
    assert!(shown.notes.footnotes.iter().any(|note| note.starts_with("Bootstrap: 100 refits of all models")));
    let (_, _, again) = build("models: [linear, log_linear], bootstrap: 100");
    assert_eq!(number(&again, id).to_bits(), number(&facts, id).to_bits());
}

#[test]
fn key_outcomes_of_safety_are_modelled_without_being_asked_for() {
    let (settings, data) = (settings(&project("models: [linear]")), data());
    let outcomes = analyse_safety(&data, &settings);
    let ids: Vec<&str> = outcomes.iter().map(|outcome| outcome.result.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "safety_grade3plus_AUCSS",
            "safety_aesi_gut_AUCSS",
            "safety_interruption_AUCSS",
            "safety_reduction_AUCSS",
            "safety_discontinuation_AUCSS"
        ]
    );
    let mut facts = Facts::default();
    let shown = gather_safety(&outcomes, &data, &settings, &mut facts);
    assert_whole(std::slice::from_ref(&shown), &facts);
    assert_eq!(table(&shown).columns.len(), 6, "four columns and two dosages");
    let reduced = fact(&facts, "exposure_response.safety_odds_ratio.safety_reduction_aucss");
    assert_eq!(reduced.interval.unwrap().method, IntervalMethod::ProfileLikelihood);
    let rests = fact(&facts, "exposure_response.safety_events.safety_reduction_aucss").denominator.as_ref().unwrap().clone();
    assert_eq!(rests.filter, "TRTEMFL = Y and AEACN = DOSE REDUCED or DOSE RATE REDUCED");
    // Nobody stopped: no odds ratio of maximum likelihood, and the reason under the table.
    let stopped = row(table(&shown), "Adverse event leading to discontinuation");
    assert!(shown.notes.footnotes[stopped.footnote.unwrap()].contains("there is no event"));
    assert!(shown.notes.methods.iter().any(|method| method.starts_with("5 models") && method.contains("not adjusted for multiplicity")));
}

#[test]
fn dosing_records_stand_in_for_actions_that_are_not_recorded() {
    let settings = settings(&project("models: [linear]"));
    let mut data = data();
    if let Some(source) = &mut data.adverse_events {
        source.action_column = None;
    }
    let summary = |place: usize| DosingSummary {
        subject: SubjectIndex(place),
        rows: std::iter::once(place as u32 + 1).collect(),
        reductions: Some(u32::from(exposure(place) + (place * 19 % 80) as f64 * 5.0 > 700.0)),
        ..DosingSummary::default()
    };
    data.dosing = Some(Dosing { summaries: (0..80).map(summary).collect(), ..Dosing::default() });
    let outcomes = analyse_safety(&data, &settings);
    assert!(outcomes.iter().any(|outcome| outcome.kind == SafetyKind::DosingReduction));
    assert!(!outcomes.iter().any(|outcome| outcome.kind == SafetyKind::DosingInterruption), "interruptions are not known");
    let mut facts = Facts::default();
    let shown = gather_safety(&outcomes, &data, &settings, &mut facts);
    assert_eq!(fact(&facts, "exposure_response.safety_events.safety_dosing_reduction_aucss").denominator.as_ref().unwrap().dataset, "ADEX");
    assert!(row(table(&shown), "Dose reduction, any reason").cells.len() == 6);
    let none = gather_safety(&[], &data, &settings, &mut facts);
    assert!(matches!(none.content, Content::Placeholder(_)));
}
