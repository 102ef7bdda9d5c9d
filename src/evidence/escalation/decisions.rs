//! T-E05: every decision of the escalation, beside what the rule said.

use crate::analysis::escalation::decision_words::{explain, label, verb};
use crate::analysis::escalation::design::DoseLevel;
use crate::analysis::escalation::{Agreement, Course, CourseStep, Departure, EscalationResult};
use crate::data::LoggedAction;
use crate::evidence::table::footnote;
use crate::evidence::{Cell, Content, Exhibit, ExhibitId, FactValue, Facts, Notes, Row, Table, Unit};

use super::figures::design_words;
use super::ledger::{Entry, Ledger, columns, logged};

const CODE: &str = "T-E05";
const TITLE: &str = "Escalation decisions";
const POPULATION: &str = "DLT-evaluable patients of the escalation cohorts, as logged";

/// The log of decisions.
pub(super) fn gather(result: &EscalationResult, facts: &mut Facts) -> Exhibit {
    let id = ExhibitId::new(CODE, None);
    let Some(course) = &result.course else {
        let reason = "The project file names no log of escalation decisions.";
        return Exhibit::placeholder(id, TITLE, reason, &["escalation.decisions in the project file: a CSV file with one row per cohort"]);
    };
    let labels: Vec<String> = result.levels.iter().map(|level| level.label.clone()).collect();
    let ids: Vec<&str> = result.levels.iter().map(|level| level.id.as_str()).collect();
    let mut ledger = Ledger::new(facts, CODE, POPULATION, None);
    let mut notes = notes(result, course);
    let shown = Shown::of(course);
    let rows = course.steps.iter().map(|step| row(step, course, &labels, &ids, &shown, &mut ledger, &mut notes)).collect();
    summarise(course, result, &mut ledger);
    let table = Table { stub: "Cohort".to_owned(), columns: columns(&shown.heads()), rows };
    Exhibit { id, title: TITLE.to_owned(), content: Content::Table(table), notes }
}

/// The columns that say something in at least one row.
struct Shown {
    date: bool,
    treated: bool,
    reason: bool,
    other_data: bool,
}

impl Shown {
    fn of(course: &Course) -> Self {
        let any = |says: &dyn Fn(&CourseStep) -> bool| course.steps.iter().any(says);
        Self {
            date: any(&|step| step.logged.date.is_some()),
            treated: any(&|step| step.logged.treated.is_some()),
            reason: any(&|step| step.logged.reason.is_some()),
            other_data: any(&|step| step.logged.other_data.is_some()),
        }
    }

    fn heads(&self) -> Vec<&'static str> {
        let mut heads = Vec::new();
        if self.date {
            heads.push("Date");
        }
        heads.push("Dosage");
        if self.treated {
            heads.push("Treated, n");
        }
        heads.extend(["DLT/n so far", "Rule", "Decision", "Next cohort", "Rule followed"]);
        if self.reason {
            heads.push("Reason");
        }
        if self.other_data {
            heads.push("Other data");
        }
        heads
    }
}

fn row(
    step: &CourseStep,
    course: &Course,
    labels: &[String],
    ids: &[&str],
    shown: &Shown,
    ledger: &mut Ledger<'_>,
    notes: &mut Notes,
) -> Row {
    let used = &course.log.used;
    let cohort = &step.logged;
    let what = format!("cohort {}", cohort.cohort);
    let dosage = ids.get(step.level.0).copied();
    let name = label(labels, step.level);
    let entry = |measure: &'static str, words: &str, method: &str, unit: Unit, columns: &[&str]| Entry {
        measure,
        what: Some(&what),
        dosage,
        label: format!("{words}, cohort {} at {name}", cohort.cohort),
        method: method.to_owned(),
        unit,
        source: logged(&course.log, columns, [cohort.row]),
    };
    let counts = [used.dosage.as_str(), used.evaluable.as_str(), used.dlt.as_str()];
    let mut cells = Vec::new();
    if shown.date {
        let columns = [used.date.as_deref().unwrap_or_default()];
        let date = entry("decision_date", "Date of the decision", "as logged", Unit::Text, &columns);
        cells.push(ledger.words(date, cohort.date.map(|date| date.to_string())));
    }
    cells.push(ledger.words(entry("cohort_dosage", "Dosage of the cohort", "as logged", Unit::Text, &[&used.dosage]), Some(name.clone())));
    if shown.treated {
        let columns = [used.treated.as_deref().unwrap_or_default()];
        let treated = entry("cohort_treated", "Patients treated", "as logged", Unit::Count, &columns);
        cells.push(cohort.treated.map_or(Cell::NotAvailable, |n| ledger.cell(treated, FactValue::Count(n.into()))));
    }
    let total = entry("dlt_at_decision", "Patients with DLT among the evaluable", "as logged", Unit::Text, &counts);
    cells.push(ledger.words(total, Some(format!("{}/{}", cohort.total.dlt, cohort.total.n))));
    let said = step.rule.as_ref().map(|(next, _)| rule_words(next.dose, step.level, labels));
    let mut rule_columns = counts.to_vec();
    rule_columns.retain(|column| !column.is_empty());
    // The rule looks at the counts of every cohort so far.
    let so_far: Vec<u32> = course.steps.iter().map(|step| step.logged.row).filter(|row| *row <= cohort.row).collect();
    let next_row = course.steps.iter().map(|step| step.logged.row).find(|row| *row > cohort.row);
    let mut rule = entry("rule_output", "What the rule says", "the design's rule on the logged counts", Unit::Text, &rule_columns);
    rule.source = logged(&course.log, &rule_columns, so_far.iter().copied());
    cells.push(ledger.words(rule, said));
    let decision = entry("decision", "Decision taken", "as logged", Unit::Text, &[&used.decision]);
    cells.push(ledger.words(decision, Some(cohort.decision.text.clone())));
    let mut next = entry("next_dosage", "Dosage of the next cohort", "dosage of the next row of the log", Unit::Text, &[&used.dosage]);
    next.source = logged(&course.log, &[&used.dosage], next_row);
    cells.push(ledger.words(next, step.followed_by.map(|level| label(labels, level))));
    let mut followed =
        entry("rule_followed", "Whether the rule was followed", "decision compared with the rule", Unit::Text, &rule_columns);
    let compared: Vec<&str> = rule_columns.iter().copied().chain([used.decision.as_str()]).collect();
    followed.source = logged(&course.log, &compared, so_far.into_iter().chain(next_row));
    cells.push(ledger.words(followed, agreement_words(step.agreement).map(str::to_owned)));
    if shown.reason {
        let columns = [used.reason.as_deref().unwrap_or_default()];
        cells.push(ledger.words(entry("decision_reason", "Reason", "as logged", Unit::Text, &columns), cohort.reason.clone()));
    }
    if shown.other_data {
        let columns = [used.other_data.as_deref().unwrap_or_default()];
        cells.push(ledger.words(entry("decision_data", "Other data", "as logged", Unit::Text, &columns), cohort.other_data.clone()));
    }
    let explained = step.rule.as_ref().filter(|_| needs_words(step)).map(|(next, state)| explain(next, state, labels));
    let footnote = explained.map(|text| footnote(notes, format!("Rule after cohort {}: {text}.", cohort.cohort)));
    Row { stub: cohort.cohort.clone(), indent: 0, heading: false, cells, footnote }
}

/// Where the reader wants the rule's own words: it stopped, or was not followed.
fn needs_words(step: &CourseStep) -> bool {
    step.agreement.departure().is_some() || step.rule.as_ref().is_some_and(|(next, _)| next.dose.is_none())
}

/// What the rule says, as a verb with the dosage it leads to.
fn rule_words(to: Option<DoseLevel>, from: DoseLevel, labels: &[String]) -> String {
    use crate::analysis::escalation::design::Decision;
    match to {
        None => "Stop".to_owned(),
        Some(to) => {
            let decision = match to.cmp(&from) {
                std::cmp::Ordering::Greater => Decision::Escalate,
                std::cmp::Ordering::Equal => Decision::Stay,
                std::cmp::Ordering::Less => Decision::DeEscalate,
            };
            let mut letters = verb(decision).chars();
            let capital: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
            if to == from { capital } else { format!("{capital} to {}", label(labels, to)) }
        }
    }
}

fn agreement_words(agreement: Agreement) -> Option<&'static str> {
    match agreement {
        Agreement::NotAssessed => None,
        Agreement::Follows => Some("Yes"),
        Agreement::Overridden(departure) => Some(match departure {
            Departure::Direction => "No: decided otherwise, with a reason",
            Departure::WentOn => "No: went on, with a reason",
            Departure::Stopped => "No: stopped, with a reason",
            Departure::NotCarriedOut => "No: carried out otherwise, with a reason",
        }),
        Agreement::Contradicts(departure) => Some(match departure {
            Departure::Direction => "No: decided otherwise, no reason given",
            Departure::WentOn => "No: went on, no reason given",
            Departure::Stopped => "No: stopped, no reason given",
            Departure::NotCarriedOut => "No: carried out otherwise, no reason given",
        }),
    }
}

/// How many decisions there are, how many departed from the rule, and how many of them without a reason.
fn summarise(course: &Course, result: &EscalationResult, ledger: &mut Ledger<'_>) {
    let rows: Vec<u32> = course.steps.iter().map(|step| step.logged.row).collect();
    let used = &course.log.used;
    let all = [used.dosage.as_str(), used.evaluable.as_str(), used.dlt.as_str(), used.decision.as_str()];
    let mut count = |measure: &'static str, words: &str, value: usize| {
        let entry = Entry {
            measure,
            what: None,
            dosage: None,
            label: words.to_owned(),
            method: "count of cohorts".to_owned(),
            unit: Unit::Count,
            source: logged(&course.log, &all, rows.iter().copied()),
        };
        ledger.insert(entry, FactValue::Count(value as u64));
    };
    count("decisions", "Escalation decisions", course.steps.len());
    if result.runnable().and_then(|design| design.complete()).is_some() {
        count("decisions_overridden", "Decisions that departed from the rule with a stated reason", course.overrides().count());
        count("decisions_contradicting", "Decisions that departed from the rule without a stated reason", course.contradictions().count());
    }
}

/// Whether the log says this of the decision and the comparison with the rule says otherwise.
fn misnames(step: &CourseStep, said: bool) -> bool {
    let departs = step.agreement.departure().is_some();
    step.agreement != Agreement::NotAssessed && step.logged.overridden == Some(said) && departs != said
}

fn notes(result: &EscalationResult, course: &Course) -> Notes {
    let mut notes = Notes { datasets: vec![crate::data::DECISION_LOG.to_owned()], population: POPULATION.to_owned(), ..Notes::default() };
    match (&result.design, result.runnable()) {
        (_, Some(design)) if design.complete().is_some() => {
            notes.methods.push(format!("{}; asked after each cohort on the counts of the log", design_words(design)));
        }
        (_, Some(design)) => {
            let text = format!("The rule of {} needs more than counts of toxicity and was not asked", design.label());
            notes.methods.push(text);
        }
        (Some(Err(error)), None) => notes.methods.push(format!("The rule was not asked: {error}")),
        (_, None) => {
            notes.methods.push("The project file names no design, so that the decisions could not be compared with a rule".to_owned())
        }
    }
    let logged = |action: LoggedAction| course.steps.iter().any(|step| step.logged.decision.action == Some(action));
    if logged(LoggedAction::Eliminate) {
        notes.methods.push("Eliminated dosages are not given again".to_owned());
    }
    for disagreement in &course.disagreeing {
        let text = format!(
            "At {} the last total of the log is {}/{} (DLT/evaluable), the data have {}/{}.",
            disagreement.label, disagreement.logged.dlt, disagreement.logged.n, disagreement.counted.dlt, disagreement.counted.n
        );
        footnote(&mut notes, text);
    }
    for (said, text) in [
        (true, "The log calls the decision an override of the rule, but it is what the rule says, after cohort"),
        (false, "The log does not call the decision an override of the rule, but it is not what the rule says, after cohort"),
    ] {
        let misnamed: Vec<&str> = course.steps.iter().filter(|step| misnames(step, said)).map(|step| step.logged.cohort.as_str()).collect();
        if !misnamed.is_empty() {
            footnote(&mut notes, format!("{text} {}.", misnamed.join(", ")));
        }
    }
    if !course.elsewhere.is_empty() {
        footnote(
            &mut notes,
            format!("Cohorts at dosages that are not levels of the escalation, not shown: {}.", course.elsewhere.join(", ")),
        );
    }
    notes.methods.push("DLT/n so far: patients with DLT among the evaluable at the dosage, this cohort included".to_owned());
    notes.abbreviations = vec!["DLT: dose-limiting toxicity".to_owned()];
    notes
}
