//! The decisions of an escalation beside the rule, and the maximum tolerated dose by several methods.

use dosecase::analysis::escalation::{Agreement, Departure, MtdMethod, analyse};
use dosecase::data::{DecisionLog, LoggedAction, LoggedCohort, LoggedCount, LoggedDecision, UsedColumns};
use dosecase::derive::{AnalysisData, Subject};
use dosecase::evidence::escalation::gather;
use dosecase::evidence::{Content, Exhibit, FactValue, Facts, GridAction, Plot};

use crate::hand_made::{assert_whole, event, exhibit, fact, number, row, rows, settings, subject, table, trial};

const PROJECT: &str = "\
dossier: {title: Hand-made}
drug: {name: drug}
dosages:
  - {id: low, label: Low, dose: 30 mg}
  - {id: middle, label: Middle, dose: 60 mg}
  - {id: high, label: High, dose: 120 mg}
parts:
  - {id: escalation, label: Escalation, when: {PART: A}}
  - {id: backfill, label: Backfill, when: {PART: B}}
escalation: {design: {boin: {target: 0.30, stop_at: 6, stop_rule: at_recommended}}}
";

fn cohort(row: u32, dosage: usize, total: (u32, u32), own: (u32, u32), action: Option<LoggedAction>) -> LoggedCohort {
    let count = |(dlt, n): (u32, u32)| LoggedCount { n, dlt };
    LoggedCohort {
        row,
        cohort: row.to_string(),
        dosage,
        date: None,
        treated: Some(own.1),
        own: count(own),
        total: count(total),
        decision: LoggedDecision { text: format!("{action:?}"), action, stops: action.is_none() },
        overridden: None,
        reason: None,
        other_data: None,
    }
}

fn log(cohorts: Vec<LoggedCohort>) -> DecisionLog {
    let used = UsedColumns {
        dosage: "dosage".into(),
        evaluable: "n_evaluable_cum".into(),
        dlt: "n_dlt_cum".into(),
        decision: "decision".into(),
        ..UsedColumns::default()
    };
    DecisionLog { file: "decisions.csv".into(), format: "CSV".into(), sha256: "0".repeat(64), columns: 4, cohorts, used }
}

/// Three at low and none toxic, six at middle and one, six at high and three, by the rule.
fn by_the_rule() -> DecisionLog {
    use LoggedAction::{DeEscalate, Escalate, Stay};
    log(vec![
        cohort(1, 0, (0, 3), (0, 3), Some(Escalate)),
        cohort(2, 1, (1, 3), (1, 3), Some(Stay)),
        cohort(3, 1, (1, 6), (0, 3), Some(Escalate)),
        cohort(4, 2, (1, 3), (1, 3), Some(Stay)),
        cohort(5, 2, (3, 6), (2, 3), None),
    ])
    .tap(|log| log.cohorts[4].decision.action = Some(DeEscalate))
}

/// Changes a value in passing.
trait Tap: Sized {
    fn tap(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

impl Tap for DecisionLog {}

/// The subjects of the log, and two backfilled at middle without toxicity.
fn data(decisions: Option<DecisionLog>) -> AnalysisData {
    let dosages = [0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 1, 1];
    let mut subjects: Vec<Subject> = dosages.iter().enumerate().map(|(position, dosage)| subject(position, *dosage, 60.0)).collect();
    for backfilled in &mut subjects[15..] {
        backfilled.part = Some(dosecase::derive::PartIndex(1));
    }
    let toxic = [3, 9, 12, 13];
    let mut events: Vec<_> = (1..).zip(toxic).map(|(row, subject)| event(row, subject, "Rash", Some(3), Some(9))).collect();
    for event in &mut events {
        event.dlt = true;
    }
    let mut data = trial(subjects, events);
    data.subject_columns.dlt_evaluable = Some("DLTEVLFL".to_owned());
    data.adverse_events.as_mut().unwrap().dlt_column = Some("DLTFL".to_owned());
    data.decisions = decisions;
    data
}

fn build(decisions: Option<DecisionLog>, project: &str) -> (Vec<Exhibit>, Facts) {
    let (data, settings) = (data(decisions), settings(project));
    let result = analyse(&data, &settings);
    let mut facts = Facts::default();
    let exhibits = gather(&result, &data, &settings, &mut facts);
    assert_whole(&exhibits, &facts);
    (exhibits, facts)
}

fn agreements(decisions: DecisionLog) -> Vec<Agreement> {
    let result = analyse(&data(Some(decisions)), &settings(PROJECT));
    result.course.expect("a course").steps.iter().map(|step| step.agreement).collect()
}

#[test]
fn decisions_by_the_rule_are_said_to_be_so() {
    assert_eq!(agreements(by_the_rule()), [Agreement::Follows; 5]);
    let (exhibits, facts) = build(Some(by_the_rule()), PROJECT);
    assert_eq!(fact(&facts, "escalation.decisions").value, FactValue::Count(5));
    assert_eq!(fact(&facts, "escalation.decisions_contradicting").value, FactValue::Count(0));
    assert_eq!(fact(&facts, "escalation.rule_output.cohort_3.middle").value, FactValue::Text("Escalate to High".into()));
    assert_eq!(rows(&facts, "escalation.rule_output.cohort_3.middle"), [1, 2, 3], "the rule looks at every cohort so far");
    assert_eq!(rows(&facts, "escalation.next_dosage.cohort_3.middle"), [4], "the next dosage stands in the next row");
    assert_eq!(rows(&facts, "escalation.rule_followed.cohort_3.middle"), [1, 2, 3, 4]);
    let shown = exhibit(&exhibits, "T-E05");
    assert_eq!(table(shown).rows.len(), 5);
    assert!(shown.notes.footnotes.iter().any(|note| note.starts_with("Rule after cohort 5:") && note.contains('6')), "{:?}", shown.notes);
}

#[test]
fn what_departs_from_the_rule_is_a_contradiction_or_an_override() {
    let bold = by_the_rule().tap(|log| log.cohorts[1].decision.action = Some(LoggedAction::Escalate));
    assert_eq!(agreements(bold.clone())[1], Agreement::Contradicts(Departure::Direction));
    let explained = bold.tap(|log| log.cohorts[1].reason = Some("the event was not related".into()));
    assert_eq!(agreements(explained.clone())[1], Agreement::Overridden(Departure::Direction));
    let (_, facts) = build(Some(explained), PROJECT);
    assert_eq!(fact(&facts, "escalation.decisions_overridden").value, FactValue::Count(1));
    let elsewhere = by_the_rule().tap(|log| log.cohorts[0].decision.action = None).tap(|log| log.cohorts[0].decision.stops = true);
    assert_eq!(agreements(elsewhere)[0], Agreement::Contradicts(Departure::Stopped));
    let went_on = by_the_rule().tap(|log| {
        log.cohorts[4].decision.stops = false;
        log.cohorts.push(cohort(6, 1, (1, 9), (0, 3), Some(LoggedAction::Stay)));
    });
    assert_eq!(agreements(went_on)[4], Agreement::Contradicts(Departure::WentOn));
    let skipped = by_the_rule().tap(|log| log.cohorts[1].dosage = 2);
    assert_eq!(agreements(skipped)[0], Agreement::Contradicts(Departure::NotCarriedOut), "the rule names the level in between");
    let ignored = by_the_rule().tap(|log| log.cohorts[2].dosage = 0);
    assert_eq!(agreements(ignored)[1], Agreement::Contradicts(Departure::NotCarriedOut));
}

#[test]
fn totals_that_are_not_those_of_the_data_are_told() {
    let wrong = by_the_rule().tap(|log| log.cohorts[4].total.dlt = 2);
    let (exhibits, _) = build(Some(wrong), PROJECT);
    let notes = &exhibit(&exhibits, "T-E05").notes.footnotes;
    assert!(notes.iter().any(|note| note.contains("At High the last total of the log is 2/6") && note.contains("3/6")), "{notes:?}");
}

#[test]
fn a_level_with_patients_and_without_a_cohort_in_the_log_is_told() {
    let shorter = by_the_rule().tap(|log| log.cohorts.truncate(3));
    let (exhibits, _) = build(Some(shorter), PROJECT);
    let notes = &exhibit(&exhibits, "T-E05").notes.footnotes;
    assert!(notes.iter().any(|note| note.contains("At High the last total of the log is 0/0") && note.contains("3/6")), "{notes:?}");
}

#[test]
fn what_the_log_calls_an_override_is_compared_with_the_rule() {
    let marked = by_the_rule().tap(|log| {
        log.cohorts[0].overridden = Some(true);
        log.cohorts[1].overridden = Some(false);
        log.cohorts[1].decision.action = Some(LoggedAction::Escalate);
        log.cohorts[2].overridden = Some(false);
    });
    let (exhibits, _) = build(Some(marked), PROJECT);
    let notes = &exhibit(&exhibits, "T-E05").notes.footnotes;
    assert!(notes.iter().any(|note| note.contains("but it is what the rule says, after cohort 1.")), "{notes:?}");
    assert!(notes.iter().any(|note| note.contains("but it is not what the rule says, after cohort 2.")), "{notes:?}");
}

#[test]
fn without_a_design_nothing_is_called_the_dose_of_the_design() {
    let project = PROJECT.replace("design: {boin: {target: 0.30, stop_at: 6, stop_rule: at_recommended}}", "target_toxicity: 0.3");
    let (_, facts) = build(None, &project);
    assert_eq!(fact(&facts, "escalation.mtd.isotonic").value, FactValue::Text("Middle".into()));
    let held = |id: &str| facts.iter().any(|(held, _)| held.as_str() == id);
    assert!(!held("escalation.mtd") && !held("escalation.mtd_dlt"));
}

#[test]
fn overdosing_is_headed_by_the_probability_that_the_design_means() {
    let design = "blrm: {reference_dose: 60 mg, prior: {mean_log_alpha: -1.5, mean_log_beta: 0, sd_log_alpha: 2, sd_log_beta: 1}}";
    let project = PROJECT.replace("boin: {target: 0.30, stop_at: 6, stop_rule: at_recommended}", design);
    let project = project.replace("escalation: {design", "escalation: {target_toxicity: 0.3, design");
    let (exhibits, facts) = build(Some(by_the_rule()), &project);
    let shown = exhibit(&exhibits, "T-E04-mtd");
    let heads: Vec<&str> = table(shown).columns.iter().map(|column| column.head.as_str()).collect();
    assert_eq!(heads.get(1), Some(&"P(DLT > 33%)"), "{heads:?}");
    let above = number(&facts, "escalation.dlt_prob_overdose.design.high");
    assert!(above > 0.0 && above < 1.0);
    assert!(shown.notes.methods.iter().any(|note| note.starts_with("Logistic regression:")), "{:?}", shown.notes.methods);
}

#[test]
fn the_dose_of_the_design_stands_beside_those_of_other_methods() {
    let result = analyse(&data(Some(by_the_rule())), &settings(PROJECT));
    let mtd = result.mtd.expect("a maximum tolerated dose");
    assert_eq!(mtd.counts.cohorts.iter().map(|tally| (tally.dlt, tally.n)).collect::<Vec<_>>(), [(0, 3), (1, 6), (3, 6)]);
    assert_eq!(mtd.counts.pooled[1].n, 8);
    let methods: Vec<&str> = mtd
        .readings
        .iter()
        .map(|reading| match reading.method {
            MtdMethod::Design { .. } => "design",
            MtdMethod::Isotonic { pooled: true } => "pooled",
            MtdMethod::Isotonic { pooled: false } => "isotonic",
            MtdMethod::LogisticRegression { .. } => "regression",
        })
        .collect();
    assert_eq!(methods, ["design", "pooled", "regression"], "BOIN is isotonic regression of the cohorts itself");
    let (_, facts) = build(Some(by_the_rule()), PROJECT);
    assert_eq!(fact(&facts, "escalation.mtd").value, FactValue::Text("Middle".into()));
    assert_eq!(fact(&facts, "escalation.mtd_dlt").value, FactValue::Text("1 of 6".into()));
    let estimate = number(&facts, "escalation.dlt_estimate.design.middle");
    assert!((estimate - 1.05 / 6.1).abs() < 1e-12, "{estimate}");
    assert_eq!(rows(&facts, "escalation.dlt_estimate.design.middle"), [4, 5, 6, 7, 8, 9]);
    let above = number(&facts, "escalation.target_dose_above");
    let below = number(&facts, "escalation.target_dose_below");
    assert!(above > 0.0 && below > 0.0 && above + below < 1.0);
}

#[test]
fn designs_that_end_otherwise_have_isotonic_regression_beside_them() {
    let project = PROJECT.replace("boin: {target: 0.30, stop_at: 6, stop_rule: at_recommended}", "three_plus_three: {}");
    let project = project.replace("escalation: {design", "escalation: {target_toxicity: 0.3, design");
    let (_, facts) = build(Some(by_the_rule()), &project);
    assert_eq!(fact(&facts, "escalation.mtd").value, FactValue::Text("Middle".into()));
    assert_eq!(fact(&facts, "escalation.mtd.isotonic").value, FactValue::Text("Middle".into()));
    assert!(matches!(fact(&facts, "escalation.mtd.logistic_regression").value, FactValue::Text(_)));
}

#[test]
fn figures_show_the_grid_and_the_path() {
    let (exhibits, _) = build(Some(by_the_rule()), PROJECT);
    let Content::Figure(grid) = &exhibit(&exhibits, "F-F04").content else { panic!("no grid") };
    let Plot::DecisionGrid { cells, observed, .. } = &grid.plot else { panic!("no grid: {:?}", grid.plot) };
    assert!(cells.iter().any(|cell| (cell.n, cell.dlt, cell.action) == (3, 3, GridAction::Eliminate)));
    assert_eq!(observed.iter().map(|point| (point.dlt, point.n)).collect::<Vec<_>>(), [(0, 3), (1, 6), (3, 6)]);
    let Content::Figure(curve) = &exhibit(&exhibits, "F-E15").content else { panic!("no curve") };
    let Plot::ToxicityCurve(curve) = &curve.plot else { panic!("no curve: {:?}", curve.plot) };
    assert_eq!(curve.path.len(), 5);
    assert_eq!((curve.path[4].decision, curve.path[4].overridden), (GridAction::Stop, false));
    assert_eq!(curve.recommended.as_ref().map(|chosen| chosen.dose), Some(1));
    assert!(curve.curve.windows(2).all(|pair| pair[0].dose < pair[1].dose && pair[0].estimate <= pair[1].estimate));
    assert!(curve.doses.iter().all(|dose| dose.posterior.is_some() && dose.observed.is_some()));
}

#[test]
fn without_log_design_or_target_there_are_placeholders_that_say_so() {
    let (exhibits, _) = build(
        None,
        "dossier: {title: T}\ndrug: {name: d}\ndosages:\n  - {id: a, label: A}\n  - {id: b, label: B}\n  - {id: c, label: C}\nparts:\n  - {id: escalation, when: {PART: A}}\n  - {id: backfill, when: {PART: B}}\n",
    );
    for id in ["T-E05", "F-F04", "F-E15"] {
        let Content::Placeholder(placeholder) = &exhibit(&exhibits, id).content else { panic!("{id}") };
        assert!(!placeholder.reason.is_empty() && !placeholder.needs.is_empty());
    }
    assert!(exhibits.iter().all(|exhibit| exhibit.id.as_str() != "T-E04-mtd"));
}

#[test]
fn a_design_that_cannot_be_run_on_the_levels_says_why() {
    let project =
        PROJECT.replace("boin: {target: 0.30, stop_at: 6, stop_rule: at_recommended}", "crm: {target: 0.3, skeleton: [0.1, 0.3]}");
    let (exhibits, _) = build(Some(by_the_rule()), &project);
    let Content::Placeholder(placeholder) = &exhibit(&exhibits, "F-F04").content else { panic!("a grid") };
    assert!(placeholder.reason.contains("2 values for 3 doses"), "{}", placeholder.reason);
    assert_eq!(row(table(exhibit(&exhibits, "T-E05")), "1").cells.len(), 7);
}

#[test]
fn a_project_whose_design_cannot_be_run_is_refused_with_the_place() {
    let project = crate::sandbox::copy_of("zeltorafib-eop1");
    let file = project.path().join("dosecase.yaml");
    let text = std::fs::read_to_string(&file).expect("a project file");
    let start = text.find("    boin:\n").expect("a design");
    let end = text.find("  decisions:").expect("a log of decisions");
    let refused = |design: &str| {
        std::fs::write(&file, format!("{}{design}{}", &text[..start], &text[end..])).expect("a project file");
        let error = dosecase::pipeline::read(project.path(), dosecase::pipeline::Overrides::default(), &|_| ()).expect_err("a fault");
        let found = error.diagnostics().to_vec();
        assert!(found.iter().all(|fault| fault.code == "bad-design" && fault.place.is_some()), "{found:?}");
        found.into_iter().map(|fault| fault.message).collect::<Vec<_>>().join("; ")
    };
    assert!(refused("    crm: {target: 0.3, skeleton: [0.1, 0.3]}\n").contains("2 values for 7 doses"));
    let backwards = refused("    boin: {target: 0.3}\n  levels: [60mg_qd, 30mg_qd]\n");
    assert!(backwards.contains("`30mg_qd` is not above `60mg_qd`"), "{backwards}");
    let scenarios = "    boin: {target: 0.3}\n  levels: [10mg_qd, 1000mg_qd]\n  scenarios: [{label: S, toxicity: [0.3, 0.1, 0.2]}]\n";
    let said = refused(scenarios);
    for words in ["`1000mg_qd` is not the id", "3 values for 1 levels", "falls from level 1 to level 2"] {
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn a_design_without_a_target_still_selects() {
    let project = PROJECT.replace("boin: {target: 0.30, stop_at: 6, stop_rule: at_recommended}", "three_plus_three: {}");
    let (exhibits, facts) = build(Some(by_the_rule()), &project);
    assert_eq!(fact(&facts, "escalation.mtd").value, FactValue::Text("Middle".into()));
    let shown = exhibit(&exhibits, "T-E04-mtd");
    assert_eq!(table(shown).columns.len(), 1, "3+3 estimates nothing");
    assert!(shown.notes.methods.iter().any(|note| note.contains("states no target")), "{:?}", shown.notes.methods);
    assert!(matches!(exhibit(&exhibits, "F-E15").content, Content::Placeholder(_)));
}
