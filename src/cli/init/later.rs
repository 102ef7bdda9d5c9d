//! The sections that data cannot fill: explained, with an example that is switched off and made of what the data have.

use super::page::Page;
use super::yaml::{list, scalar};
use crate::config::is_dataset;
use crate::data::DatasetName;
use crate::data::survey::{Instrument, QuestionnaireKind, Survey};

/// Most preferred terms that are written out for a group.
const TERMS: usize = 12;

/// What is known when the sections are written.
#[derive(Debug, Default)]
pub(super) struct Known<'a> {
    /// Ids of the dosages of the drug, the lowest first.
    pub(super) dosages: Vec<String>,
    /// The file of the escalation's decisions.
    pub(super) decisions: Option<String>,
    /// The nonclinical package.
    pub(super) nonclinical: Option<String>,
    /// What the data hold.
    pub(super) survey: Option<&'a Survey>,
}

impl Known<'_> {
    fn lowest(&self) -> &str {
        self.dosages.first().map_or("low", String::as_str)
    }

    fn others(&self) -> String {
        list(self.dosages.iter().skip(1).map(String::as_str))
    }

    /// The first of these codes that a dataset has, otherwise its first code.
    fn parameter(&self, dataset: DatasetName, preferred: &[&str]) -> Option<String> {
        let parameters = self.survey?.parameters.get(&dataset)?;
        let found = preferred.iter().find_map(|start| parameters.iter().find(|parameter| parameter.code.starts_with(start)));
        found.or(parameters.first()).map(|parameter| parameter.code.clone())
    }
}

/// Every section after `populations`.
pub(super) fn sections(known: &Known<'_>, page: &mut Page) {
    grouping(page);
    starting_dose(known, page);
    escalation(known, page);
    pk(known, page);
    exposure_response(known, page);
    tolerability(known, page);
    patient_reported(known, page);
    utility(known, page);
    decision(known, page);
    plan(page);
}

fn explained(page: &mut Page, lines: &[&str]) {
    page.line("");
    for line in lines {
        page.remark(0, line);
    }
}

fn grouping(page: &mut Page) {
    explained(
        page,
        &[
            "Efficacy by planned treatment, safety and pharmacokinetics by treatment received: the defaults. Levels and methods of intervals likewise.",
        ],
    );
    page.line("#grouping: {efficacy: planned, safety: actual, pk: actual}");
    page.line("#intervals: {level: 0.95, proportion: clopper_pearson, difference: newcombe_hybrid_score, kaplan_meier: log_log}");
}

fn starting_dose(known: &Known<'_>, page: &mut Page) {
    explained(page, &["The nonclinical package and the dose chosen for the first patients, for the evidence of the starting dose."]);
    match &known.nonclinical {
        Some(path) => {
            page.line("starting_dose:");
            let line = format!("  nonclinical: {}", scalar(path));
            page.guess(
                &line,
                "starting_dose.nonclinical",
                path,
                "a file of this name lies beside the data",
                "that it belongs to this drug",
            );
        }
        None => {
            page.line("#starting_dose:");
            page.line("#  nonclinical: nonclinical.yaml");
        }
    }
    page.line("#  chosen: 10 mg");
    page.line("#  reason: why this dose");
}

fn escalation(known: &Known<'_>, page: &mut Page) {
    explained(
        page,
        &[
            "The design that led from dose to dose, and the decisions as they were taken (CSV). Designs: three_plus_three, i3_3, boin, keyboard, mtpi,",
            "mtpi2, crm, tite_crm, blrm, tite_boin, boin12, bf_boin.",
        ],
    );
    match &known.decisions {
        Some(path) => {
            page.line("escalation:");
            let line = format!("  decisions: {}", scalar(path));
            page.guess(&line, "escalation.decisions", path, "a file of this name lies beside the data", "that it belongs to this trial");
        }
        None => {
            page.line("#escalation:");
            page.line("#  decisions: dose_decisions.csv");
        }
    }
    page.line("#  design: {boin: {target: 0.30}}");
    page.line("#  dlt_window: 28 d");
}

fn pk(known: &Known<'_>, page: &mut Page) {
    explained(page, &["Rules of noncompartmental analysis, and exposures that dosages are measured against."]);
    codes(known, DatasetName::Adpp, page);
    let parameter = known.parameter(DatasetName::Adpp, &["AUCSS", "AUCTAU", "AUC"]).unwrap_or_else(|| "AUCTAU".to_owned());
    page.line("#pk:");
    page.line("#  auc_method: lin_up_log_down");
    page.line("#  blq: {before_first: zero, between: drop, after_last: drop}");
    page.line("#  reference_exposure:");
    let parameter = scalar(&parameter);
    page.line(&format!(
        "#    - {{label: predicted efficacious exposure, parameter: {parameter}, value: 1000, unit: ng*h/mL, source: where it comes from}}"
    ));
}

fn exposure_response(known: &Known<'_>, page: &mut Page) {
    explained(
        page,
        &[
            "Which outcome is modelled against which exposure. Models: linear, log_linear, emax, sigmoid_emax, quadratic; of a continuous outcome also exponential, logistic, beta.",
        ],
    );
    codes(known, DatasetName::Adrs, page);
    codes(known, DatasetName::Adtte, page);
    let exposure = scalar(&known.parameter(DatasetName::Adpp, &["AUCSS", "AUCTAU", "AUC"]).unwrap_or_else(|| "AUCSS".to_owned()));
    let response =
        scalar(&known.parameter(DatasetName::Adrs, &["CRSP", "RSP", "CBOR", "BESRSP", "BOR"]).unwrap_or_else(|| "CRSP".to_owned()));
    let event = if response.ends_with("RSP") { "[\"Y\"]" } else { "[CR, PR]" };
    let time = scalar(&known.parameter(DatasetName::Adtte, &["PFS", "OS"]).unwrap_or_else(|| "PFS".to_owned()));
    page.line("#exposure_response:");
    page.line(&format!(
        "#  - {{id: orr_exposure, endpoint: {{dataset: adrs, parameter: {response}, event: {event}}}, exposure: {exposure}}}"
    ));
    page.line(&format!("#  - {{id: grade3plus_exposure, endpoint: {{dataset: adae, grade_at_least: 3}}, exposure: {exposure}}}"));
    page.line(&format!(
        "#  - {{id: time_exposure, endpoint: {{dataset: adtte, parameter: {time}}}, exposure: {exposure}, models: [linear, log_linear]}}"
    ));
    page.line(&format!("#  - {{id: size_exposure, endpoint: {{dataset: adtr, kind: continuous, pick: best}}, exposure: {exposure}}}"));
    explained(page, &["Which outcome is tested and modelled over the doses, by MCP-Mod."]);
    page.line("#dose_response:");
    page.line(&format!("#  - {{id: orr_dose, endpoint: {{dataset: adrs, parameter: {response}, event: {event}}}, relevant_effect: 0.2}}"));
}

/// A remark with the parameters of a dataset.
fn codes(known: &Known<'_>, dataset: DatasetName, page: &mut Page) {
    const SHOWN: usize = 12;
    let Some(parameters) = known.survey.and_then(|survey| survey.parameters.get(&dataset)) else { return };
    let mut named: Vec<String> = parameters
        .iter()
        .take(SHOWN)
        .map(|parameter| parameter.label.as_ref().map_or_else(|| parameter.code.clone(), |label| format!("{} ({label})", parameter.code)))
        .collect();
    if parameters.len() > SHOWN {
        named.push(format!("and {} more", parameters.len() - SHOWN));
    }
    // Each on its own line: labels are long.
    page.remark(0, &format!("Parameters of {dataset}:"));
    for name in named {
        page.remark(0, &format!("- {name}"));
    }
}

fn tolerability(known: &Known<'_>, page: &mut Page) {
    explained(page, &["Events of special interest, landmarks and what tables show."]);
    let groups = known.survey.map_or(&[][..], |survey| survey.interest_groups.as_slice());
    if !groups.is_empty() {
        let named: Vec<String> =
            groups.iter().map(|group| format!("{} ({}, {} records)", group.name, group.column, group.records)).collect();
        page.remark(0, &format!("The data name groups, which are used as they are: {}", named.join(", ")));
        page.remark(0, "A group of the same id below adds its terms and gives it a label.");
    }
    page.line("#tolerability:");
    page.line("#  aesi:");
    if groups.is_empty() {
        page.line("#    ild: {label: Interstitial lung disease, terms: [Pneumonitis, Interstitial lung disease]}");
    }
    let mut ids: Vec<&str> = Vec::new();
    for group in groups {
        if ids.contains(&group.id.as_str()) {
            continue;
        }
        ids.push(&group.id);
        let named = group.terms.iter().take(TERMS).map(String::as_str);
        let terms = if group.terms.is_empty() { "[preferred term]".to_owned() } else { list(named) };
        page.line(&format!("#    {}: {{label: {}, terms: {terms}}}", scalar(&group.id), scalar(&group.name)));
    }
    page.line("#  landmarks: [1 mo, 3 mo, 6 mo]");
    page.line("#  common_term_percent: 10");
    page.line("#  cycle_length: 28 d");
}

fn patient_reported(known: &Known<'_>, page: &mut Page) {
    explained(page, &["Questionnaires and how they are scored: pro_ctcae, qlq_c30, single_item, as_recorded."]);
    page.line("#patient_reported:");
    page.line("#  instruments:");
    let instruments = known.survey.map_or(&[][..], |survey| survey.instruments.as_slice());
    if instruments.is_empty() {
        page.line("#    pro_ctcae: {dataset: adqs, scoring: pro_ctcae}");
    }
    let mut ids: Vec<String> = Vec::new();
    for guess in instruments {
        let kind = guess.value.kind;
        let wanted = if kind == QuestionnaireKind::Other { "questionnaire" } else { kind.scoring() };
        let same = ids.iter().filter(|id| id.starts_with(wanted)).count();
        let id = if same == 0 { wanted.to_owned() } else { format!("{wanted}_{}", same + 1) };
        page.remarked(&format!("#    {id}: {}", instrument(&guess.value)), &format!("taken from {}", guess.from));
        ids.push(id);
    }
}

fn instrument(instrument: &Instrument) -> String {
    let dataset = if is_dataset(&instrument.dataset) { instrument.dataset.as_str() } else { "adqs" };
    let bother = instrument.overall_bother.iter().map(|code| format!(", overall_bother: {}", scalar(code))).collect::<String>();
    format!("{{dataset: {}, scoring: {}{bother}}}", scalar(dataset), instrument.kind.scoring())
}

fn utility(known: &Known<'_>, page: &mut Page) {
    explained(
        page,
        &[
            "The clinical utility index. Anchors and weights are to be set before the data are seen, and by whom and when is printed.",
            "An attribute takes a measure by dosage, named as in the ids of facts.",
        ],
    );
    page.line("#utility:");
    page.line("#  attributes:");
    page.line("#    - {id: orr, measure: efficacy.orr, better: higher, worst: 0.0, best: 0.6, weight: 0.5}");
    page.line("#    - {id: grade3plus, measure: tolerability.teae_grade3plus, better: lower, worst: 0.8, best: 0.1, weight: 0.5}");
    page.line("#  weights_source: {panel: who set the weights, date: 2023-10-20, method: swing}");
    if !known.dosages.is_empty() {
        page.line(&format!("#  dosages: {}", list(known.dosages.iter().map(String::as_str))));
    }
}

fn decision(known: &Known<'_>, page: &mut Page) {
    explained(page, &["The dosage that is proposed, the dosages it is compared with, and why. The lowest stands here as an example only."]);
    page.line("#decision:");
    page.line(&format!("#  proposed: {}", scalar(known.lowest())));
    if known.dosages.len() > 1 {
        page.line(&format!("#  alternatives: {}", known.others()));
    }
    page.line("#  reason: why this dosage");
}

fn plan(page: &mut Page) {
    explained(
        page,
        &["What was planned, where it is written, and when the data were first seen; what is not planned is printed as post hoc."],
    );
    page.line("#plan: {document: id of the analysis plan, version: \"1.0\", date: 2023-10-02, data_access: 2024-05-13}");
    explained(page, &["Findings that are answered; the answers are printed beside them and never silence them."]);
    page.line("#answers:");
    page.line("#  - {rule: DJ-E07, reason: what the sponsor says to it}");
}
