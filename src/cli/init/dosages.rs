//! Arms as dosages: ids and lines.

use std::collections::BTreeSet;

use super::page::Page;
use super::yaml::{list, scalar};
use crate::data::survey::{Arm, Survey, identifier};
use crate::quantity::Dose;

/// Longest id.
const LONGEST: usize = 40;

/// Ids of the arms, each once.
pub(super) fn ids(arms: &[Arm]) -> Vec<String> {
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut ids = Vec::new();
    for (index, arm) in arms.iter().enumerate() {
        let wanted: String = id(arm).chars().take(LONGEST).collect();
        let wanted = wanted.trim_end_matches('_').to_owned();
        let wanted = if wanted.is_empty() { format!("arm_{}", index + 1) } else { wanted };
        let mut id = wanted.clone();
        let mut number = 1;
        while !used.insert(id.clone()) {
            number += 1;
            id = format!("{wanted}_{number}");
        }
        ids.push(id);
    }
    ids
}

/// `120mg_qd` for a dosage of the drug, the name for a comparator, otherwise the arm's text without its letter.
fn id(arm: &Arm) -> String {
    let text = arm.texts.first().map_or("", String::as_str);
    let text = text.split_once(": ").filter(|(letter, _)| letter.chars().count() <= 3).map_or(text, |(_, name)| name);
    match (&arm.comparator, &arm.dose) {
        (Some(_), _) => identifier(arm.name.as_deref().unwrap_or(text)),
        (None, Some(dose)) if arm.label.is_some() || arm.name.is_none() => {
            let schedule = arm.schedule.as_ref().map(|schedule| format!(" {}", schedule.value)).unwrap_or_default();
            identifier(&format!("{}{}{schedule}", dose.value.amount(), unit(dose.value)))
        }
        _ => identifier(text),
    }
}

/// The unit without signs that are not in every font and keyboard.
fn unit(dose: Dose) -> String {
    dose.unit().label().replace('µ', "u").replace('²', "2")
}

/// The section `dosages`.
pub(super) fn dosages(survey: &Survey, ids: &[String], page: &mut Page) {
    page.line("");
    let columns: Vec<&str> =
        [&survey.arms.planned_column, &survey.arms.received_column].into_iter().flatten().map(String::as_str).collect();
    page.remark(
        0,
        &format!(
            "What patients were given. `arm` is the text of {} in ADSL; a patient has the dosage that names his or her arm.",
            columns.join(" and ")
        ),
    );
    page.line("dosages:");
    for (arm, id) in survey.arms.arms.iter().zip(ids) {
        dosage(arm, id, page);
    }
    if !survey.arms.left_out.is_empty() {
        let left_out: Vec<String> = survey.arms.left_out.iter().map(|text| format!("{} ({})", text.value, text.count)).collect();
        page.remark(2, &format!("Never treated, and in no dosage: {}", left_out.join(", ")));
    }
}

fn dosage(arm: &Arm, id: &str, page: &mut Page) {
    page.line(&format!("  - id: {}", scalar(id)));
    if let Some(label) = arm.label.as_ref().filter(|_| arm.comparator.is_none()) {
        page.line(&format!("    label: {}", scalar(label)));
    }
    dose(arm, page);
    match &arm.schedule {
        Some(schedule) => page.remarked(&format!("    schedule: {}", scalar(&schedule.value)), &schedule.remark()),
        None => page.remarked("#    schedule: QD", "nothing says how often it was given"),
    }
    let arms = match arm.texts.as_slice() {
        [text] => scalar(text),
        texts => list(texts.iter().map(String::as_str)),
    };
    page.remarked(&format!("    arm: {arms}"), &format!("planned for {}, received by {}", arm.planned, arm.received));
    if let Some(reason) = &arm.comparator {
        page.remarked("    comparator: true", &format!("guess: {reason}; check that it is not a dosage of the drug under study"));
    }
    let guesses = guesses(arm);
    if !guesses.is_empty() {
        page.report(&format!("dosages[id={id}]: {}", guesses.join(", ")));
    }
}

/// What was guessed of an arm, in one line.
fn guesses(arm: &Arm) -> Vec<String> {
    let dose = arm.dose.iter().map(|dose| format!("{} ({})", dose.value, dose.from));
    let schedule = arm.schedule.iter().map(|schedule| format!("{} ({})", schedule.value, schedule.from));
    let comparator = arm.comparator.iter().map(|reason| format!("comparator ({reason})"));
    dose.chain(schedule).chain(comparator).collect()
}

fn dose(arm: &Arm, page: &mut Page) {
    match &arm.dose {
        Some(dose) => {
            let written = format!("{} {}", dose.value.amount(), unit(dose.value));
            page.remarked(&format!("    dose: {}", scalar(&written)), &dose.remark());
        }
        None if arm.comparator.is_none() || arm.dose_note.is_some() => {
            page.remarked("#    dose: 10 mg", "neither the arm's text nor DOSEP names one dose: write it where there is one");
        }
        None => {}
    }
    if let Some(note) = &arm.dose_note {
        page.remark(4, note);
    }
}
