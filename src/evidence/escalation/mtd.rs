//! The maximum tolerated dose by every method, side by side.

use crate::analysis::escalation::design::{DoseLevel, Tally};
use crate::analysis::escalation::{EscalationResult, MtdMethod, MtdReading, MtdResult, PosteriorCurve};
use crate::derive::AnalysisData;
use crate::evidence::table::{fact_row, footnote};
use crate::evidence::{Cell, CellPattern, Column, Content, Exhibit, ExhibitId, FactValue, Facts, Notes, Slice, Table, Unit};
use crate::quantity::{Interval, IntervalMethod, Rows};

use super::ledger::{Entry, Ledger};

const CODE: &str = "T-E04-mtd";
const TITLE: &str = "Maximum tolerated dose under the trial's design and other methods";

/// The table of methods; `None` without a target or without counts at two levels.
pub(super) fn gather(result: &EscalationResult, data: &AnalysisData, facts: &mut Facts) -> Option<Exhibit> {
    let mtd = result.mtd.as_ref()?;
    let population = crate::analysis::grouping::Population::DltEvaluable.label(data);
    let mut ledger = Ledger::new(facts, CODE, &population, None);
    let mut notes = Notes { datasets: vec!["ADSL".to_owned()], population: population.clone(), ..Notes::default() };
    if data.subject_columns.dlt.is_none() {
        notes.datasets.push("ADAE".to_owned());
    }
    let tried: Vec<usize> =
        (0..result.levels.len()).filter(|level| mtd.counts.pooled.get(*level).is_some_and(|tally| tally.n > 0)).collect();
    let mut columns = Vec::new();
    let mut by_column: Vec<Vec<Cell>> = Vec::new();
    for reading in &mtd.readings {
        let spanner = heading(&reading.method, mtd);
        let percent = (reading.selection.interval_level * 100.0).round();
        let estimated = reading.selection.estimates.iter().any(Option::is_some);
        let estimate = if estimated { format!("Estimate ({percent}% credible interval)") } else { "Selected".to_owned() };
        let [estimates, exceeds] = of_reading(reading, mtd, result, data, &tried, &mut ledger);
        columns.push(Column { head: estimate, n: None, spanner: Some(spanner.clone()) });
        by_column.push(estimates);
        // 3+3 estimates nothing.
        if let Some(head) = overdose_words(&reading.method, mtd.target).filter(|_| estimated) {
            columns.push(Column { head, n: None, spanner: Some(spanner) });
            by_column.push(exceeds);
        }
    }
    if let Some(curve) = &mtd.curve {
        target_dose(curve, mtd, result, data, &mut ledger, &mut notes);
    }
    let stubs = std::iter::once("Selected dosage")
        .chain(tried.iter().filter_map(|level| result.levels.get(*level)).map(|level| level.label.as_str()));
    let rows = stubs
        .enumerate()
        .map(|(row, stub)| fact_row(stub, 0, by_column.iter().map(|cells| cells.get(row).cloned().unwrap_or(Cell::Empty)).collect()))
        .collect();
    explain(mtd, &mut notes);
    let table = Table { stub: "Dosage".to_owned(), columns, rows };
    Some(Exhibit { id: ExhibitId::new(CODE, None), title: TITLE.to_owned(), content: Content::Table(table), notes })
}

/// Short name of a method in fact ids.
fn id_of(method: &MtdMethod) -> &'static str {
    match method {
        MtdMethod::Design { .. } => "design",
        MtdMethod::Isotonic { pooled: false } => "isotonic",
        MtdMethod::Isotonic { pooled: true } => "isotonic_pooled",
        MtdMethod::LogisticRegression { .. } => "logistic_regression",
    }
}

/// The heading of a method.
fn heading(method: &MtdMethod, mtd: &MtdResult) -> String {
    let cohorts = mtd.counts.part.as_deref().map_or("all evaluable patients".to_owned(), |part| format!("study part: {part}"));
    match method {
        MtdMethod::Design { label, pooled, isotonic, .. } => {
            let how = if *isotonic { ", by isotonic regression" } else { "" };
            let whom = if *pooled { "all study parts" } else { cohorts.as_str() };
            format!("Trial's design, {label}{how} ({whom})")
        }
        MtdMethod::Isotonic { pooled: false } => format!("Isotonic regression ({cohorts})"),
        MtdMethod::Isotonic { pooled: true } => "Isotonic regression (all study parts, backfill included)".to_owned(),
        MtdMethod::LogisticRegression { .. } => format!("Bayesian logistic regression with overdose control ({cohorts})"),
    }
}

fn source(data: &AnalysisData, mtd: &MtdResult, pooled: bool, level: Option<usize>) -> Slice {
    let rows = if pooled { &mtd.counts.pooled_rows } else { &mtd.counts.cohort_rows };
    let of_level: Rows = match level {
        Some(level) => rows.get(level).cloned().unwrap_or_default(),
        None => rows.iter().flat_map(|rows| rows.as_slice().iter().copied()).collect(),
    };
    let part = mtd.counts.part_id.as_deref().filter(|_| !pooled).map(|part| format!(" and study part {part}")).unwrap_or_default();
    let filter = format!("{}{part}", crate::analysis::grouping::Population::DltEvaluable.filter(data));
    let columns = std::iter::once("USUBJID".to_owned())
        .chain(crate::analysis::grouping::Population::DltEvaluable.columns(data))
        .chain(data.subject_columns.dlt.clone());
    Slice::new("ADSL", filter, columns, of_level)
}

fn pools(method: &MtdMethod) -> bool {
    matches!(method, MtdMethod::Design { pooled: true, .. } | MtdMethod::Isotonic { pooled: true })
}

/// The two columns of a method: the selected dosage over the estimates, and the probabilities of too much toxicity.
fn of_reading(
    reading: &MtdReading,
    mtd: &MtdResult,
    result: &EscalationResult,
    data: &AnalysisData,
    tried: &[usize],
    ledger: &mut Ledger<'_>,
) -> [Vec<Cell>; 2] {
    let name = id_of(&reading.method);
    let what = (!matches!(reading.method, MtdMethod::Design { .. })).then_some(name);
    let pooled = pools(&reading.method);
    let words = heading(&reading.method, mtd);
    let selected = reading.selection.mtd.and_then(|level| result.levels.get(level.0));
    let entry = |measure: &'static str, what: Option<&'static str>, dosage, label: String, unit, level| Entry {
        measure,
        what,
        dosage,
        label,
        method: words.clone(),
        unit,
        source: source(data, mtd, pooled, level),
    };
    let chosen = selected.map_or("none", |level| level.label.as_str()).to_owned();
    let mtd_label = format!("Maximum tolerated dose: {words}");
    let mut estimates = vec![ledger.words(entry("mtd", what, None, mtd_label, Unit::Text, None), Some(chosen.clone()))];
    let mut exceeds = vec![Cell::Empty];
    for level in tried {
        let Some(place) = result.levels.get(*level) else { continue };
        let n = tally(mtd, pooled, *level).n;
        let estimate = reading.selection.estimates.get(*level).copied().flatten();
        let limits = reading.selection.intervals.get(*level).copied().flatten();
        let of_model = Some(name);
        let label = format!("Estimated probability of dose-limiting toxicity, {}: {words}", place.label);
        estimates.push(match estimate {
            Some(value) => {
                let interval = limits.map(|(lower, upper)| Interval {
                    lower: Some(lower),
                    upper: Some(upper),
                    level: reading.selection.interval_level,
                    method: IntervalMethod::Credible,
                });
                let entry = entry("dlt_estimate", of_model, Some(place.id.as_str()), label, Unit::Proportion, Some(*level));
                Cell::Facts(
                    CellPattern::PercentInterval,
                    vec![ledger.insert_counted(entry, FactValue::Number(value), Some(n.into()), interval)],
                )
            }
            None => Cell::NotAvailable,
        });
        let above = reading.selection.prob_overdose.get(*level).copied().flatten();
        let label = format!("{}, {}: {words}", overdose_words(&reading.method, mtd.target).unwrap_or_default(), place.label);
        exceeds.push(match above {
            Some(value) => {
                let entry = entry("dlt_prob_overdose", of_model, Some(place.id.as_str()), label, Unit::Proportion, Some(*level));
                ledger.cell(entry, FactValue::Number(value))
            }
            None => Cell::NotAvailable,
        });
    }
    if matches!(reading.method, MtdMethod::Design { .. }) {
        alias(reading, mtd, result, data, ledger);
    }
    [estimates, exceeds]
}

fn overdose_words(method: &MtdMethod, target: Option<f64>) -> Option<String> {
    let above = match method {
        MtdMethod::LogisticRegression { target_interval, .. } => Some(target_interval.1),
        MtdMethod::Design { overdosing_above, .. } => *overdosing_above,
        MtdMethod::Isotonic { .. } => target,
    };
    above.map(|share| format!("P(DLT > {}%)", (share * 1000.0).round() / 10.0))
}

fn tally(mtd: &MtdResult, pooled: bool, level: usize) -> Tally {
    let counts = if pooled { &mtd.counts.pooled } else { &mtd.counts.cohorts };
    counts.get(level).copied().unwrap_or_default()
}

/// Facts about the trial's own selection that the text quotes.
fn alias(reading: &MtdReading, mtd: &MtdResult, result: &EscalationResult, data: &AnalysisData, ledger: &mut Ledger<'_>) {
    let pooled = pools(&reading.method);
    let Some(DoseLevel(level)) = reading.selection.mtd else { return };
    let Some(place) = result.levels.get(level) else { return };
    let counts = tally(mtd, pooled, level);
    let entry = Entry {
        measure: "mtd_dlt",
        what: None,
        dosage: None,
        label: format!("Patients with dose-limiting toxicity among the evaluable at the maximum tolerated dose, {}", place.label),
        method: "count of subjects".to_owned(),
        unit: Unit::Text,
        source: source(data, mtd, pooled, Some(level)),
    };
    ledger.insert(entry, FactValue::Text(format!("{} of {}", counts.dlt, counts.n)));
}

/// The dose at the target by the model, as facts.
fn target_dose(
    curve: &PosteriorCurve,
    mtd: &MtdResult,
    result: &EscalationResult,
    data: &AnalysisData,
    ledger: &mut Ledger<'_>,
    notes: &mut Notes,
) {
    let entry = |measure: &'static str, label: String, unit| Entry {
        measure,
        what: None,
        dosage: None,
        label,
        method: heading(&curve.method, mtd),
        unit,
        source: source(data, mtd, false, None),
    };
    let percent = (curve.target * 1000.0).round() / 10.0;
    let found = &curve.target_dose;
    let interval = Interval { lower: found.lower, upper: found.upper, level: curve.level, method: IntervalMethod::Credible };
    let label = format!("Dose at which the probability of dose-limiting toxicity is {percent}%, posterior median");
    let value = found.median.map_or(FactValue::NotEstimable, FactValue::Number);
    ledger.insert_counted(entry("target_dose", label, Unit::Named(curve.unit.clone())), value, None, Some(interval));
    let highest = result.levels.last().map_or("the highest level", |level| level.label.as_str());
    let lowest = result.levels.first().map_or("the lowest level", |level| level.label.as_str());
    let above = format!("Posterior probability that the dose at the target lies above {highest}");
    ledger.insert(entry("target_dose_above", above, Unit::Proportion), FactValue::Number(found.above));
    let below = format!("Posterior probability that the dose at the target lies below {lowest}");
    ledger.insert(entry("target_dose_below", below, Unit::Proportion), FactValue::Number(found.below));
    let limit = |limit: Option<f64>, outside: &str| {
        limit.map_or_else(|| outside.to_owned(), |dose| format!("{} {}", significant(dose), curve.unit))
    };
    let text = format!(
        "By logistic regression the dose at which the probability of DLT is {percent}% has posterior median {} and {}% credible limits {} and {}.",
        limit(found.median, if found.above > 0.5 { "above the highest level" } else { "below the lowest level" }),
        (curve.level * 100.0).round(),
        limit(found.lower, "below the lowest level"),
        limit(found.upper, "above the highest level"),
    );
    footnote(notes, text);
}

/// A dose with three significant digits, so that small doses do not become 0.
fn significant(dose: f64) -> String {
    let decimals = (2.0 - dose.log10().floor()).clamp(0.0, 12.0) as usize;
    format!("{dose:.decimals$}")
}

fn explain(mtd: &MtdResult, notes: &mut Notes) {
    match mtd.target {
        Some(target) => notes.methods.push(format!("Target probability of DLT: {}%", (target * 1000.0).round() / 10.0)),
        None => {
            let text =
                "The project file states no target probability of DLT (escalation.target_toxicity), without which no other method selects";
            notes.methods.push(text.to_owned());
        }
    }
    let of_curve =
        mtd.curve.iter().map(|curve| &curve.method).filter(|method| mtd.readings.iter().all(|reading| reading.method != **method));
    for method in mtd.readings.iter().map(|reading| &reading.method).chain(of_curve) {
        match method {
            MtdMethod::Isotonic { pooled: false } | MtdMethod::Design { isotonic: true, .. } => notes.methods.push(
                "Isotonic regression: rates with 0.05 patients with and 0.05 without DLT added at each dosage, pooled to ascend with dose; the \
                 dosage closest to the target is selected; dosages with P(DLT > target) above the elimination cutoff of the design (95% where \
                 there is none) under a uniform prior are not; credible intervals pool the quantiles of the beta distributions likewise"
                    .to_owned(),
            ),
            MtdMethod::LogisticRegression { prior, reference, of_project, target_interval, overdose_limit } => {
                let whose = if *of_project { "the prior of the project file" } else { "a weakly informative prior whose median at the reference dose is the target" };
                let unit = mtd.curve.as_ref().map_or("", |curve| curve.unit.as_str());
                notes.methods.push(format!(
                    "Logistic regression: logit P(DLT) = log alpha + beta log(dose / {reference} {unit}), {whose}: log alpha normal with mean {:.3} and standard deviation {}, log beta normal with \
                     mean {} and standard deviation {}, correlation {}; target interval {} to {}%; a dosage is eligible while P(overdosing) is below {}%; integrated numerically",
                    prior.log_alpha_mean,
                    prior.log_alpha_sd,
                    prior.log_beta_mean,
                    prior.log_beta_sd,
                    prior.correlation,
                    (target_interval.0 * 1000.0).round() / 10.0,
                    (target_interval.1 * 1000.0).round() / 10.0,
                    (overdose_limit * 1000.0).round() / 10.0,
                ));
            }
            MtdMethod::Isotonic { pooled: true } | MtdMethod::Design { isotonic: false, .. } => {}
        }
    }
    notes.abbreviations = vec!["DLT: dose-limiting toxicity".to_owned()];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_doses_keep_their_digits() {
        let doses = [0.0312, 0.5, 4.236, 424.13, 1520.0];
        assert_eq!(doses.map(significant), ["0.0312", "0.500", "4.24", "424", "1520"]);
    }
}
