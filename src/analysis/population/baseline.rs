//! Baseline characteristics by planned dosage, with standardised differences from a reference dosage.

use crate::analysis::grouping::{Group, Panel, Population, panels};
use crate::analysis::measure::{Proportion, Summary, subjects_where};
use crate::config::Settings;
use crate::derive::{AnalysisData, BaselineValue, BaselineVariable};
use crate::numerics::standardised_difference;
use crate::quantity::Rows;

/// Baseline characteristics of one panel.
#[derive(Debug, Clone)]
pub struct BaselinePanel {
    /// The columns.
    pub panel: Panel,
    /// Position among the columns of the dosage that standardised differences refer to; `None` when there is nothing to compare.
    pub reference: Option<usize>,
    /// One per variable.
    pub rows: Vec<BaselineRow>,
}

/// One baseline variable.
#[derive(Debug, Clone)]
pub struct BaselineRow {
    /// The variable.
    pub variable: BaselineVariable,
    /// One per column.
    pub columns: Vec<Characteristic>,
    /// Standardised difference of each column from the reference; `None` for the reference, for the total, and where it cannot be estimated.
    pub differences: Vec<Option<f64>>,
}

/// A variable under one dosage.
#[derive(Debug, Clone)]
pub enum Characteristic {
    /// A number, and the ADSL rows of the subjects without one.
    Number(Summary, Rows),
    /// A categorical variable: one proportion per level, then the subjects without a value.
    Levels(Vec<Proportion>, Proportion),
}

/// Summarises baseline by planned dosage.
#[must_use]
pub(super) fn summarise_baseline(data: &AnalysisData, settings: &Settings) -> Vec<BaselinePanel> {
    panels(data, settings, Population::Enrolled, settings.grouping.efficacy.into())
        .into_iter()
        .map(|panel| describe(panel, data, settings))
        .collect()
}

fn describe(panel: Panel, data: &AnalysisData, settings: &Settings) -> BaselinePanel {
    let reference = reference(&panel, settings);
    let rows = data
        .baseline_variables
        .iter()
        .enumerate()
        .map(|(index, variable)| {
            let columns = panel.groups.iter().map(|group| characteristic(group, index, variable, data, settings)).collect();
            let differences = panel
                .groups
                .iter()
                .enumerate()
                .map(|(column, group)| {
                    let other = panel.groups.get(reference?).filter(|_| reference != Some(column) && group.dosage.is_some())?;
                    difference(group, other, index, variable, data)
                })
                .collect();
            BaselineRow { variable: variable.clone(), columns, differences }
        })
        .collect();
    BaselinePanel { panel, reference, rows }
}

/// The proposed dosage where the project names one, otherwise the dosage of the drug with the most subjects (the lower of two).
fn reference(panel: &Panel, settings: &Settings) -> Option<usize> {
    let dosages: Vec<(usize, &Group)> = panel.groups.iter().enumerate().filter(|(_, group)| group.dosage.is_some()).collect();
    if dosages.len() < 2 {
        return None;
    }
    let proposed = settings
        .decision
        .as_ref()
        .and_then(|decision| dosages.iter().find(|(_, group)| group.id == decision.proposed))
        .map(|(index, _)| *index);
    proposed.or_else(|| {
        let most = dosages.iter().filter(|(_, group)| !group.comparator).map(|(_, group)| group.n()).max()?;
        dosages.iter().find(|(_, group)| !group.comparator && group.n() == most).map(|(index, _)| *index)
    })
}

fn values(group: &Group, index: usize, data: &AnalysisData) -> Vec<(u32, BaselineValue)> {
    let value = |subject: &crate::derive::Subject| (subject.row, subject.baseline.get(index).copied().unwrap_or(BaselineValue::Missing));
    group.subjects.iter().filter_map(|subject| data.subjects.get(subject.0)).map(value).collect()
}

fn numbers(group: &Group, index: usize, data: &AnalysisData) -> Vec<(u32, f64)> {
    let number = |(row, value)| if let BaselineValue::Number(number) = value { Some((row, number)) } else { None };
    values(group, index, data).into_iter().filter_map(number).collect()
}

fn characteristic(group: &Group, index: usize, variable: &BaselineVariable, data: &AnalysisData, settings: &Settings) -> Characteristic {
    let Some(levels) = &variable.levels else {
        let without = |(row, value)| (!matches!(value, BaselineValue::Number(number) if f64::is_finite(number))).then_some(row);
        let missing = values(group, index, data).into_iter().filter_map(without).collect();
        return Characteristic::Number(Summary::of(numbers(group, index, data)), missing);
    };
    let with = |wanted: BaselineValue| {
        subjects_where(group, data, settings, |subject| {
            data.subjects
                .get(subject.0)
                .is_some_and(|subject| subject.baseline.get(index).copied().unwrap_or(BaselineValue::Missing) == wanted)
        })
    };
    Characteristic::Levels((0..levels.len()).map(|level| with(BaselineValue::Level(level))).collect(), with(BaselineValue::Missing))
}

fn difference(group: &Group, reference: &Group, index: usize, variable: &BaselineVariable, data: &AnalysisData) -> Option<f64> {
    let Some(levels) = &variable.levels else {
        let values = |group: &Group| numbers(group, index, data).into_iter().map(|(_, value)| value).collect::<Vec<f64>>();
        return standardised_difference::continuous(&values(group), &values(reference));
    };
    let counts = |group: &Group| {
        let mut counts = vec![0_u64; levels.len()];
        for (_, value) in values(group, index, data) {
            if let BaselineValue::Level(level) = value
                && let Some(count) = counts.get_mut(level)
            {
                *count += 1;
            }
        }
        counts
    };
    standardised_difference::categorical(&counts(group), &counts(reference))
}
