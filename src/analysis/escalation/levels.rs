//! The levels of the escalation and the counts at them.

use crate::config::{DesignOptions, Settings};
use crate::derive::DosageIndex;
use crate::quantity::{Dose, Rows};

use super::design::{DesignError, Tally};
use super::dlt::{DltPanel, DltResult};
use super::trial_design::TrialDesign;

/// Id of the study part whose cohorts the design decided on; without such a part all evaluable subjects count.
const ESCALATION_PART: &str = "escalation";

/// One level of the escalation.
#[derive(Debug, Clone, PartialEq)]
pub struct EscalationLevel {
    /// The dosage.
    pub dosage: DosageIndex,
    /// Its id.
    pub id: String,
    /// Its label.
    pub label: String,
    /// Its dose, where it has one.
    pub dose: Option<Dose>,
}

/// Counts of evaluable subjects at each level.
#[derive(Debug, Clone, PartialEq)]
pub struct LevelCounts {
    /// Of the cohorts that the design decided on.
    pub cohorts: Vec<Tally>,
    /// Their rows in ADSL, by level.
    pub cohort_rows: Vec<Rows>,
    /// Of all study parts together, backfill included.
    pub pooled: Vec<Tally>,
    /// Their rows in ADSL, by level.
    pub pooled_rows: Vec<Rows>,
    /// Label of the study part of the cohorts; `None` where they are everybody.
    pub part: Option<String>,
    /// Its id.
    pub part_id: Option<String>,
}

/// The dosages that `escalation.levels` names, otherwise every dosage of the drug, in the order of the project file.
#[must_use]
pub fn escalation_levels(settings: &Settings) -> Vec<EscalationLevel> {
    let named = settings.escalation.as_ref().map_or(&[][..], |escalation| &escalation.levels);
    let level = |(index, dosage): (usize, &crate::config::Dosage)| EscalationLevel {
        dosage: DosageIndex(index),
        id: dosage.id.clone(),
        label: dosage.label.clone(),
        dose: dosage.dose,
    };
    let every = settings.dosages.iter().enumerate();
    if named.is_empty() {
        return every.filter(|(_, dosage)| !dosage.comparator).map(level).collect();
    }
    named.iter().filter_map(|id| every.clone().find(|(_, dosage)| dosage.id == *id)).map(level).collect()
}

/// What is wrong with the levels, the design and the scenarios of a project before any data are seen: key path and message of each fault.
#[must_use]
pub fn check_design(settings: &Settings) -> Vec<(String, String)> {
    let Some(escalation) = &settings.escalation else { return Vec::new() };
    let mut faults = Vec::new();
    for (index, id) in escalation.levels.iter().enumerate() {
        if !settings.dosages.iter().any(|dosage| dosage.id == *id && !dosage.comparator) {
            faults.push((format!("escalation.levels[{index}]"), format!("`{id}` is not the id of a dosage of the drug")));
        }
        if escalation.levels.iter().take(index).any(|earlier| earlier == id) {
            faults.push((format!("escalation.levels[{index}]"), format!("`{id}` is named twice")));
        }
    }
    let levels = escalation_levels(settings);
    if let Some(place) = levels.windows(2).position(|pair| descends(pair, settings)).filter(|_| !escalation.levels.is_empty()) {
        let name = |index: usize| levels.get(index).map_or("", |level| level.id.as_str());
        let message = format!("`{}` is not above `{}`: name the levels from the lowest dose to the highest", name(place + 1), name(place));
        faults.push(("escalation.levels".to_owned(), message));
    }
    if let Some(options) = &escalation.design
        && let Err(error) = amounts(&levels, options).and_then(|amounts| TrialDesign::new(options, &amounts, 1))
    {
        faults.push(("escalation.design".to_owned(), error.to_string()));
    }
    for (index, scenario) in escalation.scenarios.iter().enumerate() {
        let path = format!("escalation.scenarios[{index}]");
        let lists = [("toxicity", Some(&scenario.toxicity)), ("efficacy", scenario.efficacy.as_ref())];
        for (name, list) in lists {
            if let Some(list) = list.filter(|list| list.len() != levels.len()) {
                let message = format!("{} values for {} levels of the escalation: give one per level", list.len(), levels.len());
                faults.push((format!("{path}.{name}"), message));
            }
        }
        if let Some(place) = scenario.toxicity.windows(2).position(|pair| pair[0] > pair[1]) {
            let message = format!("the probability of toxicity falls from level {} to level {}", place + 1, place + 2);
            faults.push((format!("{path}.toxicity"), message));
        }
    }
    faults
}

/// Whether the second of two levels has no higher dose than the first; doses given by different schedules are not compared.
fn descends(pair: &[EscalationLevel], settings: &Settings) -> bool {
    let [lower, upper] = pair else { return false };
    let schedule = |level: &EscalationLevel| settings.dosages.get(level.dosage.0).and_then(|dosage| dosage.schedule.as_deref());
    let amounts = lower.dose.zip(upper.dose).and_then(|(low, high)| Some((low.amount(), high.amount_in(low.unit())?)));
    schedule(lower) == schedule(upper) && amounts.is_some_and(|(low, high)| high <= low)
}

/// The amounts of the levels in the unit of the design's reference dose, where it has one; otherwise their position.
///
/// # Errors
/// [`DesignError::History`] for a level whose dose is missing or in a unit that cannot be converted.
pub(super) fn amounts(levels: &[EscalationLevel], options: &DesignOptions) -> Result<Vec<f64>, DesignError> {
    let DesignOptions::Blrm(blrm) = options else { return Ok((1..=levels.len()).map(|position| position as f64).collect()) };
    let unit = blrm.reference_dose.0.unit();
    let amount = |level: &EscalationLevel| {
        level.dose.and_then(|dose| dose.amount_in(unit)).ok_or_else(|| {
            let text =
                format!("{} has no dose that can be compared with the reference dose of the model: state both in one unit", level.label);
            DesignError::History(text)
        })
    };
    levels.iter().map(amount).collect()
}

/// The amounts of the levels in the unit of the first; `None` where they have none in common, or do not ascend.
#[must_use]
pub(super) fn common_amounts(levels: &[EscalationLevel]) -> Option<Vec<f64>> {
    let unit = levels.first()?.dose?.unit();
    let amounts: Option<Vec<f64>> = levels.iter().map(|level| level.dose?.amount_in(unit)).collect();
    amounts.filter(|amounts| amounts.windows(2).all(|pair| pair[0] < pair[1]))
}

/// The counts at each level: of the escalation part, and of all parts.
pub(super) fn count(dlt: &DltResult, levels: &[EscalationLevel], settings: &Settings) -> LevelCounts {
    let whole = dlt.panels.first();
    let part = dlt.panels.iter().find(|panel| panel.panel.part_id.as_deref() == Some(ESCALATION_PART));
    let (cohorts, cohort_rows) = tallies(part.or(whole), levels);
    let (pooled, pooled_rows) = tallies(whole, levels);
    let label = |part: &DltPanel| settings.parts.get(part.panel.part?.0).map(|part| part.label.clone());
    LevelCounts {
        cohorts,
        cohort_rows,
        pooled,
        pooled_rows,
        part: part.and_then(label),
        part_id: part.and_then(|part| part.panel.part_id.clone()),
    }
}

fn tallies(panel: Option<&DltPanel>, levels: &[EscalationLevel]) -> (Vec<Tally>, Vec<Rows>) {
    let of_level = |level: &EscalationLevel| {
        let columns = panel.into_iter().flat_map(|panel| panel.panel.groups.iter().zip(&panel.columns));
        let own = columns.into_iter().find(|(group, _)| group.dosage == Some(level.dosage));
        own.map_or((Tally::default(), Rows::default()), |(group, column)| {
            let bounded = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
            (Tally { n: bounded(column.dlt.n), dlt: bounded(column.dlt.count) }, group.rows.clone())
        })
    };
    levels.iter().map(of_level).unzip()
}
