//! Columns and values that the project file names: populations, parts, the grade.

use super::code::{NAMED_COLUMN_ABSENT, PART_WITHOUT_SUBJECTS, POPULATION_ABSENT, POPULATION_EMPTY};
use super::trial::{Trial, View};
use crate::config::{Part, Project};
use crate::data::name::DatasetName;
use crate::data::nearest::hint;
use crate::data::spelling::{is_yes, normalised};
use crate::diagnostic::{Diagnostic, Severity};

/// `named-column-absent`, `part-without-subjects`, `population-absent`, `population-empty`.
pub(super) fn check(trial: &Trial<'_>, project: &Project) -> Vec<Diagnostic> {
    let Some(adsl) = trial.view(DatasetName::Adsl) else { return Vec::new() };
    let mut found = Vec::new();
    for (name, population) in trial.settings.populations.named() {
        let Some(column) = population.column.as_deref() else { continue };
        if adsl.dataset.has(column) {
            found.extend(nobody(adsl, name, column));
        } else if population.named_by_user {
            found.push(absent(project, adsl, &format!("populations.{name}"), column));
        } else {
            let message = format!("ADSL has no {column}, the customary flag of the population `{name}`");
            let advice = format!("if ADSL flags it under another name, name the column under `populations.{name}`");
            let diagnostic = Diagnostic::new(POPULATION_ABSENT.name, POPULATION_ABSENT.severity, message, advice);
            found.push(diagnostic.in_dataset(adsl.name().label()).in_column(column));
        }
    }
    if let Some((view, column)) = trial.view(DatasetName::Adae).zip(trial.settings.tolerability.grade_column.as_deref())
        && !view.dataset.has(column)
    {
        found.push(absent(project, view, "tolerability.grade_column", column));
    }
    for part in &trial.settings.parts {
        found.extend(part_faults(project, adsl, part));
    }
    found
}

/// A population whose flag nobody has.
fn nobody(adsl: &View<'_>, name: &str, column: &str) -> Option<Diagnostic> {
    let flags = adsl.coded(column)?;
    if flags.levels.iter().any(|flag| is_yes(flag)) {
        return None;
    }
    let severity = if name == "intention_to_treat" { Severity::Minor } else { POPULATION_EMPTY.severity };
    let message = if flags.levels.is_empty() {
        format!("{column} is blank in every row of ADSL: the population `{name}` is taken as if ADSL had no such flag")
    } else {
        format!("no subject of ADSL is flagged in {column}: nothing can be reported of the population `{name}`")
    };
    let advice =
        format!("a flag holds Y or N; if ADSL flags the population under another name, name the column under `populations.{name}`");
    Some(Diagnostic::new(POPULATION_EMPTY.name, severity, message, advice).in_dataset(adsl.name().label()).in_column(column))
}

fn absent(project: &Project, view: &View<'_>, key: &str, column: &str) -> Diagnostic {
    let columns = view.dataset.columns();
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    let message = format!("{} has no column `{column}`", view.name());
    project.source.diagnostic(NAMED_COLUMN_ABSENT.name, key, message, hint(column, "columns", &names))
}

/// What is wrong with the conditions of a part: a column or a value that ADSL does not have, or nobody who meets them all.
fn part_faults(project: &Project, adsl: &View<'_>, part: &Part) -> Vec<Diagnostic> {
    let path = format!("parts[id={}].when", part.id);
    let mut faults = Vec::new();
    let mut members = vec![true; adsl.dataset.height()];
    for (column, values) in &part.when {
        let key = format!("{path}.{column}");
        let Some(coded) = adsl.coded(column) else {
            faults.push(absent(project, adsl, &key, column));
            continue;
        };
        let names: Vec<&str> = coded.levels.iter().map(String::as_str).collect();
        let wanted: Vec<String> = values.iter().map(|value| normalised(value)).collect();
        for value in values.iter().filter(|value| !names.iter().any(|name| normalised(name) == normalised(value))) {
            let message = format!("no subject of ADSL has `{value}` in {column}");
            faults.push(project.source.diagnostic(PART_WITHOUT_SUBJECTS.name, &key, message, hint(value, "values", &names)));
        }
        for (member, met) in members.iter_mut().zip(coded.map(|text| wanted.contains(&normalised(text)))) {
            *member &= met == Some(true);
        }
    }
    if faults.is_empty() && !part.when.is_empty() && !members.contains(&true) {
        let message = format!("no subject of ADSL meets every condition of the part `{}`", part.id);
        faults.push(project.source.diagnostic(
            PART_WITHOUT_SUBJECTS.name,
            &path,
            message,
            "each column must hold one of its values at once",
        ));
    }
    faults
}
