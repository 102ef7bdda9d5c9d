//! Every key outcome of safety against exposure: T-R07.

use crate::analysis::exposure_response::{
    Caution, EndpointSource, ExposureResponseResult, Modelled, Models, SafetyKind, SafetyOutcome, Sample, Step,
};
use crate::analysis::grouping::Group;
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::evidence::pk::with_unit;
use crate::evidence::record::interval_note;
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::tolerability::class_words;
use crate::evidence::{Cell, CellPattern, Column, Content, Exhibit, ExhibitId, Facts, Notes, Row, Table, Unit};
use crate::quantity::IntervalMethod;

use super::NEEDS;
use super::ledger::{Entry, Ledger, Value};
use super::models::{p_method, step, unit};

const CODE: &str = "T-R07";
const TITLE: &str = "Exposure-response of safety";

/// The table, or a placeholder with the reason why there is none.
pub(super) fn table(outcomes: &[SafetyOutcome], data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let made: Vec<(&SafetyOutcome, &Modelled)> =
        outcomes.iter().filter_map(|outcome| Some((outcome, outcome.result.found.as_ref().ok()?))).collect();
    let Some((_, first)) = made.first() else {
        let reason = outcomes.iter().find_map(|outcome| Some(outcome.result.found.as_ref().err()?.to_string()));
        let reason = reason
            .unwrap_or_else(|| "The project file pairs no outcome with an exposure, or the data hold no outcome of safety.".to_owned());
        return Exhibit::placeholder(ExhibitId::new(CODE, None), TITLE, reason, &NEEDS);
    };
    let groups = groups(&made);
    let mut notes = notes(&made, first, data, settings);
    let mut rows: Vec<Row> = Vec::new();
    let mut shown: Option<Step> = None;
    for (place, (outcome, found)) in made.iter().enumerate() {
        let new = place
            .checked_sub(1)
            .and_then(|before| made.get(before))
            .is_none_or(|(before, _)| !same_metric(&before.result, &outcome.result));
        if new {
            shown = step_of(found);
            let metric = with_unit(&found.sample.metric.label, Some(&unit(found)));
            let per = shown.map_or_else(String::new, |shown| format!("; odds ratios per {}", step(shown, &unit(found))));
            rows.push(heading_row(&format!("{metric}{per}")));
        }
        rows.push(row((outcome, found), shown, &groups, (data, settings), facts, &mut notes));
    }
    for outcome in outcomes {
        if let Err(refusal) = &outcome.result.found {
            notes.footnotes.push(format!("{}: {refusal}", outcome.result.label));
        }
    }
    let heads = ["N", "Events", "Odds ratio per step (CI)", "p value"].map(|head| Column { head: head.to_owned(), n: None, spanner: None });
    let spanner = || Some("Predicted, % (CI)".to_owned());
    let at = groups.iter().map(|(_, label)| Column { head: label.clone(), n: None, spanner: spanner() });
    let columns = heads.into_iter().chain(at).collect();
    let content = Content::Table(Table { stub: "Exposure and outcome".to_owned(), columns, rows });
    Exhibit { id: ExhibitId::new(CODE, None), title: TITLE.to_owned(), content, notes }
}

fn same_metric(a: &ExposureResponseResult, b: &ExposureResponseResult) -> bool {
    let kind = |result: &ExposureResponseResult| result.found.as_ref().ok().map(|found| found.sample.metric.kind.clone());
    a.exposure == b.exposure && kind(a) == kind(b)
}

/// Id and label of every dosage of any analysis, in the order of the dosages.
fn groups(made: &[(&SafetyOutcome, &Modelled)]) -> Vec<(String, String)> {
    let all = || made.iter().flat_map(|(_, found)| &found.sample.panel.groups);
    let mut places: Vec<(Option<usize>, String, String)> =
        all().map(|group: &Group| (group.dosage.map(|dosage| dosage.0), group.id.clone(), group.label.clone())).collect();
    places.sort();
    places.dedup();
    places.into_iter().map(|(_, id, label)| (id, label)).collect()
}

fn notes(made: &[(&SafetyOutcome, &Modelled)], first: &Modelled, data: &AnalysisData, settings: &Settings) -> Notes {
    let mut methods: Vec<IntervalMethod> = made
        .iter()
        .filter_map(|(_, found)| if let Models::Binary(models) = &found.models { models.models.first()?.effect } else { None })
        .map(|effect| effect.method)
        .collect();
    methods.sort();
    methods.dedup();
    let labels: Vec<&str> = methods.iter().map(|method| method.label()).collect();
    let level = interval_note(&settings.intervals, IntervalMethod::Wald);
    let mut datasets: Vec<String> = made.iter().map(|(_, found)| found.sample.endpoint.dataset.label().to_owned()).collect();
    datasets.extend(["ADPP".to_owned(), "ADSL".to_owned()]);
    datasets.sort();
    datasets.dedup();
    Notes {
        datasets,
        population: format!("{} with exposure, drug dosages only", first.sample.panel.population.label(data)),
        grouping: "Exposure of each subject, whatever the dosage; predictions at the geometric mean exposure of the subjects of each dosage".to_owned(),
        methods: vec![
            "Logistic regression of each outcome on exposure, a straight line on the logit scale, without covariates; by Firth's penalty where there is no maximum"
                .to_owned(),
            level.replace("Wald", &format!("{} (odds ratios), Wald on the logit scale (predictions)", labels.join(" or "))),
            format!(
                "{} models: outcomes and exposures were taken from the project file without selection; p values are not adjusted for multiplicity, and of as many tests of outcomes unrelated to exposure about {:.1} would be expected below 0.05",
                made.len(),
                0.05 * made.len() as f64
            ),
            "Subjects without a record of the event count as without it; an event that ends treatment early makes later ones impossible".to_owned(),
        ],
        abbreviations: vec!["CI: confidence interval".to_owned(), "NE: not estimable".to_owned()],
        ..Notes::default()
    }
}

/// The words and filters of the outcome, as the tables of adverse events have them.
fn endpoint(kind: SafetyKind, sample: &Sample, data: &AnalysisData) -> EndpointSource {
    let known = sample.endpoint.clone();
    match (kind, data.adverse_events.as_ref()) {
        (SafetyKind::Events(class), Some(source)) => {
            let words = class_words(class, source);
            EndpointSource { filter: words.filter, columns: words.columns, ..known }
        }
        (SafetyKind::DosingReduction, _) => EndpointSource { filter: "doses below the first one".to_owned(), ..known },
        _ => EndpointSource { filter: "stretches without dose after the first one".to_owned(), ..known },
    }
}

/// The step of exposure that the odds ratio of an outcome is told for.
fn step_of(found: &Modelled) -> Option<Step> {
    let Models::Binary(models) = &found.models else { return None };
    models.models.first()?.effect.map(|effect| effect.step)
}

/// `shown` is the step that stands in the heading.
fn row(
    (outcome, found): (&SafetyOutcome, &Modelled),
    shown: Option<Step>,
    groups: &[(String, String)],
    (data, settings): (&AnalysisData, &Settings),
    facts: &mut Facts,
    notes: &mut Notes,
) -> Row {
    let result = &outcome.result;
    let sample = Sample { endpoint: endpoint(outcome.kind, &found.sample, data), ..found.sample.clone() };
    let mut ledger = Ledger::new(facts, CODE, (result, &sample), data, settings);
    let Models::Binary(models) = &found.models else { return heading_row(&result.label) };
    let effect = models.models.first().and_then(|model| model.effect);
    let label = sample.endpoint.label.clone();
    let per = effect.map_or_else(String::new, |effect| format!(", per {}", step(effect.step, &unit(found))));
    let entry = |measure: &'static str, label: String, method: &str, unit: Unit| Entry {
        measure,
        dosage: None,
        label,
        method: method.to_owned(),
        unit,
    };
    let mut count = |measure: &'static str, words: &str, count: usize| {
        let value = Value { count: Some(count as u64), ..Value::default() };
        ledger.cell(CellPattern::Value, entry(measure, words.to_owned(), "count of subjects", Unit::Count), value)
    };
    let mut cells =
        vec![count("safety_n", "subjects", sample.subjects.len()), count("safety_events", "subjects with the event", sample.events())];
    match effect {
        Some(effect) => {
            let fitted = if effect.penalised { "logistic regression with Firth's penalty" } else { "logistic regression" };
            let n = Some(sample.subjects.len() as u64);
            let ratio = Value { value: effect.estimate.map(f64::exp), n, interval: ledger.of_ratio(&effect), ..Value::default() };
            let words = entry("safety_odds_ratio", format!("odds ratio{per}"), fitted, Unit::Dimensionless);
            cells.push(ledger.cell(CellPattern::ValueInterval, words, ratio));
            let words = entry("safety_p", "p value".to_owned(), p_method(&effect), Unit::Dimensionless);
            cells.push(ledger.cell(CellPattern::PValue, words, Value { value: effect.p_value, n, ..Value::default() }));
        }
        None => cells.extend([Cell::NotAvailable, Cell::NotAvailable]),
    }
    for (id, _) in groups {
        cells.push(predicted(&mut ledger, found, id));
    }
    let cautions = cautions(&models.analysis.cautions);
    let stub = if step_of(found) == shown { label } else { format!("{label}{per}") };
    let mut row = fact_row(&stub, 1, cells);
    row.footnote = (!cautions.is_empty()).then(|| footnote(notes, cautions));
    row
}

fn predicted(ledger: &mut Ledger<'_>, found: &Modelled, id: &str) -> Cell {
    let Models::Binary(models) = &found.models else { return Cell::NotAvailable };
    let places = found.sample.panel.groups.iter().zip(&models.dosages).enumerate();
    let Some((place, (group, at))) = places.into_iter().find(|(_, (group, _))| group.id == id) else { return Cell::NotAvailable };
    let Some(at) = at.predicted else { return Cell::NotAvailable };
    let entry = Entry {
        measure: "safety_predicted",
        dosage: Some(group.id.clone()),
        label: format!("predicted, {}", group.label),
        method: "predicted at the geometric mean exposure of the dosage".to_owned(),
        unit: Unit::Proportion,
    };
    let value = Value { value: Some(at.probability), interval: ledger.wald(at.limits), ..Value::default() };
    Cell::Facts(CellPattern::PercentInterval, vec![ledger.insert_of(entry, value, place)])
}

/// The cautions that are of this outcome rather than of its exposure or of a model beside it.
fn cautions(all: &[Caution]) -> String {
    let own = |caution: &&Caution| match caution {
        Caution::Separated(_)
        | Caution::NotFitted { .. }
        | Caution::InfluentialSubject { .. }
        | Caution::TooFewSubjects { .. }
        | Caution::EqualExposures { .. }
        | Caution::NoSubjects => true,
        Caution::FewEvents { parameters, .. } => *parameters == 2,
        _ => false,
    };
    all.iter().filter(own).map(Caution::sentence).map(|words| words.replace("by -", "by \u{2212}")).collect::<Vec<_>>().join(" ")
}
