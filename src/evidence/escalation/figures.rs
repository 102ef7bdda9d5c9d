//! F-F04, what the design does at every count, and F-E15, the probability of toxicity over dose with the path of the trial.

use crate::analysis::escalation::design::Tally;
use crate::analysis::escalation::trial_design::TrialDesign;
use crate::analysis::escalation::{CourseStep, EscalationLevel, EscalationResult, MtdMethod, MtdResult, PosteriorCurve};
use crate::analysis::measure::Proportion;
use crate::config::{IntervalSettings, Settings, StopRule};
use crate::data::DECISION_LOG;
use crate::derive::AnalysisData;
use crate::evidence::{
    Axis, Content, CurvePoint, DltCount, DoseToxicity, Exhibit, ExhibitId, FigureSpec, GridAction, GridCell, GridPoint, Notes, PathStep,
    Plot, RecommendedDose, Slice, ToxicityCurve, ToxicityLabels,
};
use crate::quantity::Rows;

use super::ledger::logged;

/// Most patients at a dose that the grid shows.
const WIDEST: u32 = 30;

/// Ratio of the highest to the lowest dose from which the dose axis is logarithmic.
const WIDE_RANGE: f64 = 8.0;

/// What the design does at every count, with the counts of the trial.
pub(super) fn decision_grid(result: &EscalationResult) -> Exhibit {
    const TITLE: &str = "Escalation decision grid";
    let id = ExhibitId::new("F-F04", None);
    let absent = |reason: String| Exhibit::placeholder(id.clone(), TITLE, reason, &["escalation.design in the project file"]);
    let design = match &result.design {
        None => return absent("The project file names no escalation design.".to_owned()),
        Some(Err(error)) => return absent(format!("The design cannot be run on the levels of the escalation: {error}.")),
        Some(Ok(design)) => design,
    };
    let counts = result.mtd.as_ref().map(|mtd| mtd.counts.cohorts.clone()).unwrap_or_default();
    let widest = counts.iter().map(|tally| tally.n).max().unwrap_or(0).max(widest(design));
    let Some(cells) = cells(design, widest) else {
        let text =
            format!("{} decides by its model, not by the counts at the current dosage alone; it has no grid of decisions.", design.label());
        return absent(text);
    };
    let tried = counts.iter().zip(&result.levels).filter(|(tally, _)| tally.n > 0);
    let observed = tried.map(|(tally, level)| GridPoint { n: tally.n, dlt: tally.dlt, label: dose_label(level) }).collect();
    let axis = |label: &str| Axis { label: label.to_owned(), log: false, range: None };
    let plot = Plot::DecisionGrid {
        n: axis("Evaluable patients at the dosage"),
        dlt: axis("Patients with dose-limiting toxicity"),
        cells,
        observed,
    };
    let alt = format!(
        "Grid of what {} does for every number of patients with dose-limiting toxicity among up to {widest} evaluable.",
        design.label()
    );
    let rows = result.mtd.as_ref().map(cohort_rows).unwrap_or_default();
    let source =
        if rows.is_empty() { project_slice() } else { Slice::new("ADSL", "DLT-evaluable subjects of the escalation", ["USUBJID"], rows) };
    let mut notes =
        Notes { datasets: vec!["PROJECT".to_owned()], population: "No data are needed for the grid".to_owned(), ..Notes::default() };
    if result.mtd.is_some() {
        notes.datasets.push("ADSL".to_owned());
        notes.population = "Rings: DLT-evaluable patients of the escalation cohorts at the end".to_owned();
    }
    notes.methods.push(design_words(design));
    notes.abbreviations.push("DLT: dose-limiting toxicity".to_owned());
    Exhibit { id, title: TITLE.to_owned(), content: Content::Figure(FigureSpec { plot, alt, source: vec![source] }), notes }
}

/// The dose of a level; its label where it has none.
fn dose_label(level: &EscalationLevel) -> String {
    level.dose.map_or_else(|| level.label.clone(), |dose| dose.to_string())
}

fn project_slice() -> Slice {
    Slice::new("PROJECT", "escalation.design", ["escalation.design"], Rows::default())
}

fn cohort_rows(mtd: &MtdResult) -> Rows {
    mtd.counts.cohort_rows.iter().flat_map(|rows| rows.as_slice().iter().copied()).collect()
}

/// The design with its target and the numbers it compares with.
pub(super) fn design_words(design: &TrialDesign) -> String {
    let target =
        design.target().map(|target| format!(", target probability of DLT {}%", (target * 1000.0).round() / 10.0)).unwrap_or_default();
    let stop = design.stop().map_or_else(String::new, |(limit, when)| match when {
        StopRule::WhenStaying => format!("; the trial stops when a dosage that would be kept has {limit} patients"),
        StopRule::AtRecommended => format!("; the trial stops when the dosage recommended next has {limit} patients"),
        StopRule::AtOnce => format!("; the trial stops when the current dosage has {limit} patients"),
    });
    format!("Design: {}{target}, cohorts of {}{stop}", design.label(), design.conduct().cohort_size)
}

fn widest(design: &TrialDesign) -> u32 {
    design.table().map_or(6, |table| table.max_n().min(18))
}

/// The cells of a design that looks at the counts of the current dosage; `None` for the others.
fn cells(design: &TrialDesign, widest: u32) -> Option<Vec<GridCell>> {
    let widest = widest.min(WIDEST);
    if let Some(table) = design.table() {
        let cell = |n: u32, dlt: u32| table.decision(Tally { n, dlt }).map(|decision| GridCell { n, dlt, action: decision.into() });
        return Some((1..=widest).flat_map(|n| (0..=n).filter_map(move |dlt| cell(n, dlt))).collect());
    }
    let rule = design.three_plus_three()?;
    let cell = |n: u32, dlt: u32| rule.decision(Tally { n, dlt }).map(|decision| GridCell { n, dlt, action: decision.into() });
    Some([3, 6].into_iter().flat_map(|n| (0..=n).filter_map(move |dlt| cell(n, dlt))).collect())
}

/// The probability of toxicity over dose and the path of the trial.
pub(super) fn toxicity_curve(result: &EscalationResult, data: &AnalysisData, settings: &Settings) -> Exhibit {
    const TITLE: &str = "Posterior probability of dose-limiting toxicity, and the path of the escalation";
    let id = ExhibitId::new("F-E15", None);
    let needs =
        ["DLT-evaluable flag and DLT flag", "escalation.design or escalation.target_toxicity", "dosages with doses in one unit, ascending"];
    let Some((mtd, curve)) = result.mtd.as_ref().and_then(|mtd| Some((mtd, mtd.curve.as_ref()?))) else {
        let reason = "A curve over dose needs a target, evaluable patients at two dosages, and doses that can be compared.";
        return Exhibit::placeholder(id, TITLE, reason, &needs);
    };
    let doses = doses(result, mtd, curve, &settings.intervals);
    let position = |level: usize| doses.iter().position(|(index, _)| *index == level);
    let path = path(result, &position);
    let chosen = mtd.readings.first().and_then(|reading| {
        let level = reading.selection.mtd?;
        let name = match &reading.method {
            MtdMethod::Design { label, .. } => format!("MTD by {label}"),
            MtdMethod::Isotonic { .. } => "MTD by isotonic regression".to_owned(),
            MtdMethod::LogisticRegression { .. } => "MTD by logistic regression".to_owned(),
        };
        Some(RecommendedDose { dose: position(level.0)?, label: name })
    });
    let range = curve.points.last().zip(curve.points.first()).map_or(1.0, |(last, first)| last.dose / first.dose);
    let percent = (curve.target * 1000.0).round() / 10.0;
    let level = (curve.level * 100.0).round();
    let labels = ToxicityLabels {
        observed: format!(
            "Observed rate, {} {}% interval",
            settings.intervals.proportion.label(),
            (settings.intervals.level * 100.0).round()
        ),
        posterior: format!("Posterior median, {level}% credible interval"),
        exceeds: format!("P(rate > {percent}%)"),
    };
    let alt = alt(result, mtd, &path);
    let drug = &settings.drug.name;
    let plot = Plot::ToxicityCurve(Box::new(ToxicityCurve {
        dose: Axis {
            label: format!("Dose of {drug} ({}{})", curve.unit, if range >= WIDE_RANGE { ", logarithmic" } else { "" }),
            log: range >= WIDE_RANGE,
            range: None,
        },
        probability: Axis { label: "Probability of DLT".to_owned(), log: false, range: Some((0.0, 1.0)) },
        target: curve.target,
        target_interval: target_interval(curve),
        doses: doses.into_iter().map(|(_, dose)| dose).collect(),
        curve: curve
            .points
            .iter()
            .map(|point| CurvePoint { dose: point.dose, estimate: point.median, lower: point.lower, upper: point.upper })
            .collect(),
        path,
        recommended: chosen,
        labels,
    }));
    let mut source = vec![Slice::new("ADSL", "DLT-evaluable subjects of the escalation", ["USUBJID"], cohort_rows(mtd))];
    if let Some(course) = &result.course {
        let used = &course.log.used;
        let columns = [used.dosage.as_str(), used.evaluable.as_str(), used.dlt.as_str(), used.decision.as_str()];
        source.push(logged(&course.log, &columns, course.steps.iter().map(|step| step.logged.row)));
    }
    let notes = notes(result, mtd, curve, data);
    Exhibit { id, title: TITLE.to_owned(), content: Content::Figure(FigureSpec { plot, alt, source }), notes }
}

fn target_interval(curve: &PosteriorCurve) -> Option<(f64, f64)> {
    match curve.method {
        MtdMethod::LogisticRegression { target_interval, .. } => Some(target_interval),
        MtdMethod::Design { .. } | MtdMethod::Isotonic { .. } => None,
    }
}

/// The levels with an evaluable patient, with their position among all levels.
fn doses(result: &EscalationResult, mtd: &MtdResult, curve: &PosteriorCurve, intervals: &IntervalSettings) -> Vec<(usize, DoseToxicity)> {
    let of_level = |(index, level): (usize, &EscalationLevel)| {
        let tally = mtd.counts.cohorts.get(index).copied()?;
        let at = curve.at_levels.get(index)?;
        let share = Proportion::new(tally.dlt as usize, tally.n as usize, Rows::default(), intervals);
        let limits = share.interval.and_then(|interval| interval.lower.zip(interval.upper));
        let observed = share.share().zip(limits).map(|(estimate, (lower, upper))| CurvePoint { dose: at.dose, estimate, lower, upper });
        let posterior = CurvePoint { dose: at.dose, estimate: at.median, lower: at.lower, upper: at.upper };
        Some((
            index,
            DoseToxicity {
                label: dose_label(level),
                dose: at.dose,
                n: tally.n,
                dlt: tally.dlt,
                observed,
                posterior: Some(posterior),
                prob_exceeds: Some(at.prob_exceeds),
            },
        ))
    };
    result.levels.iter().enumerate().filter_map(of_level).collect()
}

fn path(result: &EscalationResult, position: &dyn Fn(usize) -> Option<usize>) -> Vec<PathStep> {
    let Some(course) = &result.course else { return Vec::new() };
    let step = |step: &CourseStep| {
        let decision = match &step.rule {
            Some((next, _)) => match next.dose.map(|dose| dose.cmp(&step.level)) {
                None => GridAction::Stop,
                Some(std::cmp::Ordering::Greater) => GridAction::Escalate,
                Some(std::cmp::Ordering::Equal) => GridAction::Stay,
                Some(std::cmp::Ordering::Less) => GridAction::DeEscalate,
            },
            None => GridAction::Stay,
        };
        step.rule.as_ref()?;
        Some(PathStep {
            cohort: step.logged.cohort.clone(),
            dose: position(step.level.0)?,
            n: step.logged.own.n,
            dlt: step.logged.own.dlt,
            at_dose: Some(DltCount { n: step.logged.total.n, dlt: step.logged.total.dlt }),
            decision,
            overridden: step.agreement.departure().is_some(),
        })
    };
    course.steps.iter().filter_map(step).collect()
}

fn alt(result: &EscalationResult, mtd: &MtdResult, path: &[PathStep]) -> String {
    let counts: Vec<String> = result
        .levels
        .iter()
        .zip(&mtd.counts.cohorts)
        .filter(|(_, tally)| tally.n > 0)
        .map(|(level, tally)| format!("{} {} of {}", level.label, tally.dlt, tally.n))
        .collect();
    let cohorts = if path.is_empty() { String::new() } else { format!(" The path shows {} cohorts.", path.len()) };
    format!("Patients with dose-limiting toxicity among the evaluable: {}.{cohorts}", counts.join(", "))
}

fn notes(result: &EscalationResult, mtd: &MtdResult, curve: &PosteriorCurve, data: &AnalysisData) -> Notes {
    let set = crate::analysis::grouping::Population::DltEvaluable.label(data);
    let part = mtd.counts.part.as_deref().map(|part| format!(", {part}")).unwrap_or_default();
    let mut notes = Notes { datasets: vec!["ADSL".to_owned()], population: format!("{set}{part}"), ..Notes::default() };
    if data.subject_columns.dlt.is_none() {
        notes.datasets.push("ADAE".to_owned());
    }
    let whose = match &curve.method {
        MtdMethod::LogisticRegression { of_project: true, .. } => "with the prior of the project file",
        _ => "with a weakly informative prior (see the table of methods)",
    };
    notes.methods.push(format!("Curve: Bayesian logistic regression {whose}, integrated numerically"));
    if mtd.counts.pooled != mtd.counts.cohorts {
        notes.methods.push("Backfilled patients are not in the figure".to_owned());
    }
    if result.course.is_some() {
        notes.datasets.push(DECISION_LOG.to_owned());
        notes.methods.push("Path: cohorts of the decision log with the decision of the rule".to_owned());
    }
    notes.abbreviations = vec!["DLT: dose-limiting toxicity".to_owned(), "MTD: maximum tolerated dose".to_owned()];
    notes
}
