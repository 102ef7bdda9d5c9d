//! Every key outcome of safety against the exposures of the project, without further configuration.

use super::assembly::assemble_outcomes;
use super::binary::ExposureForm;
use super::binary_result::{BinaryRequest, model_binary};
use super::endpoint::{Aspect, EndpointSource, Outcome, Outcomes};
use super::refusal::Refusal;
use super::result::{ExposureResponseResult, Modelled, Models};
use crate::analysis::tolerability::EventClass;
use crate::config::{Better, ExposureResponse, Settings};
use crate::data::DatasetName;
use crate::derive::{AdverseEvents, AnalysisData, Dosing, DosingSummary};

/// What a subject had or had not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SafetyKind {
    /// A treatment-emergent adverse event of a class.
    Events(EventClass),
    /// A reduction of the dose in the dosing records, where ADAE names no action.
    DosingReduction,
    /// An interruption in the dosing records, where ADAE names no action.
    DosingInterruption,
}

/// One outcome against one exposure.
#[derive(Debug, Clone)]
pub struct SafetyOutcome {
    /// The outcome.
    pub kind: SafetyKind,
    /// The analysis: a straight line on the logit scale, without covariates.
    pub result: ExposureResponseResult,
}

/// Models events of grade 3 or higher, groups of special interest, interruptions, reductions and discontinuations against each exposure that the project
/// file pairs with adverse events, or, where it pairs none, with any outcome. Empty without exposure-response in the project file.
#[must_use]
pub fn analyse_safety(data: &AnalysisData, settings: &Settings) -> Vec<SafetyOutcome> {
    let kinds = kinds(data);
    let mut found = Vec::new();
    for metric in metrics(&settings.exposure_response) {
        found.extend(kinds.iter().map(|kind| analyse_outcome(*kind, metric, data, settings)));
    }
    found
}

/// The first analysis of each exposure.
fn metrics(asked: &[ExposureResponse]) -> Vec<&ExposureResponse> {
    let safety = || asked.iter().filter(|asked| asked.endpoint.dataset == "adae");
    let considered: Vec<&ExposureResponse> = if safety().next().is_some() { safety().collect() } else { asked.iter().collect() };
    let mut distinct: Vec<&ExposureResponse> = Vec::new();
    for one in considered {
        let same = |other: &&ExposureResponse| {
            (&other.exposure, &other.exposure_dataset, &other.analyte, &other.parts)
                == (&one.exposure, &one.exposure_dataset, &one.analyte, &one.parts)
        };
        if !distinct.iter().any(same) {
            distinct.push(one);
        }
    }
    distinct
}

/// The outcomes that the data record.
fn kinds(data: &AnalysisData) -> Vec<SafetyKind> {
    let mut kinds = Vec::new();
    let acted = |class: EventClass| data.adverse_events.as_ref().is_some_and(|source| class.is_recorded(source));
    if acted(EventClass::Grade3Plus) {
        kinds.push(SafetyKind::Events(EventClass::Grade3Plus));
    }
    let groups = data.adverse_events.as_ref().map_or(0, |source| source.interest_groups.len());
    kinds.extend((0..groups).map(|group| SafetyKind::Events(EventClass::Interest(group))));
    for (class, instead) in [
        (EventClass::Interruption, Some(SafetyKind::DosingInterruption)),
        (EventClass::Reduction, Some(SafetyKind::DosingReduction)),
        (EventClass::Discontinuation, None),
    ] {
        if acted(class) {
            kinds.push(SafetyKind::Events(class));
        } else if let Some(kind) = instead.filter(|kind| data.dosing.as_ref().is_some_and(|dosing| is_known(*kind, dosing))) {
            kinds.push(kind);
        }
    }
    kinds
}

fn is_known(kind: SafetyKind, dosing: &Dosing) -> bool {
    dosing.summaries.iter().any(|summary| modified(kind, summary).is_some())
}

/// Whether a subject's dosing was modified; `None` where the records do not say.
fn modified(kind: SafetyKind, summary: &DosingSummary) -> Option<bool> {
    let count = if kind == SafetyKind::DosingReduction { summary.reductions } else { summary.interruptions };
    count.map(|count| count > 0)
}

fn analyse_outcome(kind: SafetyKind, metric: &ExposureResponse, data: &AnalysisData, settings: &Settings) -> SafetyOutcome {
    let asked = ExposureResponse { covariates: Vec::new(), interactions: Vec::new(), ..metric.clone() };
    let found = assemble_outcomes(&asked, || outcomes(kind, data), data, settings).and_then(|sample| {
        let request = BinaryRequest { interval: asked.interval, ..BinaryRequest::of_form(ExposureForm::Linear) };
        let models = Models::Binary(Box::new(model_binary(&sample, &request, settings)?));
        let checks = models.checks(&sample);
        Ok(Modelled { sample, models, checks, bayesian: None })
    });
    let analyte = asked.analyte.as_ref().map(|analyte| format!("_{analyte}")).unwrap_or_default();
    let parts: String = asked.parts.iter().map(|part| format!("_{part}")).collect();
    let id = format!("safety_{}_{}{analyte}{parts}", name(kind, data.adverse_events.as_ref()), asked.exposure);
    let label = found.as_ref().map_or_else(|_| id.clone(), |found| format!("{} by {}", found.sample.endpoint.label, asked.exposure));
    let result =
        ExposureResponseResult { id, label, exposure: asked.exposure.clone(), covariates: Vec::new(), not_available: Vec::new(), found };
    SafetyOutcome { kind, result }
}

/// Name in ids.
fn name(kind: SafetyKind, source: Option<&AdverseEvents>) -> String {
    match kind {
        SafetyKind::Events(EventClass::Interest(group)) => {
            let id = source.and_then(|source| source.interest_groups.get(group)).map_or("", |group| group.id.as_str());
            format!("aesi_{id}")
        }
        SafetyKind::Events(EventClass::Interruption) => "interruption".to_owned(),
        SafetyKind::Events(EventClass::Reduction) => "reduction".to_owned(),
        SafetyKind::Events(EventClass::Discontinuation) => "discontinuation".to_owned(),
        SafetyKind::Events(_) => "grade3plus".to_owned(),
        SafetyKind::DosingReduction => "dosing_reduction".to_owned(),
        SafetyKind::DosingInterruption => "dosing_interruption".to_owned(),
    }
}

fn label(kind: SafetyKind, source: Option<&AdverseEvents>) -> String {
    match kind {
        SafetyKind::Events(EventClass::Interest(group)) => {
            source.and_then(|source| source.interest_groups.get(group)).map_or_else(String::new, |group| group.label.clone())
        }
        SafetyKind::Events(EventClass::Interruption) => "Adverse event leading to interruption".to_owned(),
        SafetyKind::Events(EventClass::Reduction) => "Adverse event leading to dose reduction".to_owned(),
        SafetyKind::Events(EventClass::Discontinuation) => "Adverse event leading to discontinuation".to_owned(),
        SafetyKind::Events(_) => "Adverse event of grade 3 or higher".to_owned(),
        SafetyKind::DosingReduction => "Dose reduction, any reason".to_owned(),
        SafetyKind::DosingInterruption => "Interruption, any reason".to_owned(),
    }
}

fn outcomes(kind: SafetyKind, data: &AnalysisData) -> Result<Outcomes, Refusal> {
    let source = data.adverse_events.as_ref();
    let mut found = Outcomes {
        source: EndpointSource {
            label: label(kind, source),
            aspect: Aspect::Safety,
            dataset: DatasetName::Adae,
            filter: String::new(),
            event_filter: String::new(),
            columns: Vec::new(),
            unit: None,
            categories: Vec::new(),
            better: Better::Lower,
        },
        by_subject: std::collections::BTreeMap::new(),
        absent: None,
    };
    if let SafetyKind::Events(class) = kind {
        let all = source.ok_or(Refusal::Absent { dataset: "ADAE".to_owned() })?;
        found.absent = Some(Outcome::Binary(false));
        for event in all.events.iter().filter(|event| event.emergent && class.holds(event)) {
            found.by_subject.entry(event.subject).or_insert((Outcome::Binary(true), Vec::new())).1.push(event.row);
        }
        return Ok(found);
    }
    let dosing = data.dosing.as_ref().ok_or(Refusal::Absent { dataset: "ADEX".to_owned() })?;
    found.source.dataset = dosing.dataset.unwrap_or(DatasetName::Adex);
    for summary in &dosing.summaries {
        if let Some(modified) = modified(kind, summary) {
            found.by_subject.insert(summary.subject, (Outcome::Binary(modified), summary.rows.as_slice().to_vec()));
        }
    }
    Ok(found)
}
