//! Distributions of exposure metrics by dosage.

use std::collections::BTreeMap;

use crate::analysis::grouping::{Group, Panel, Population, panels};
use crate::analysis::measure::Summary;
use crate::config::Settings;
use crate::derive::{AnalysisData, PkParameter, SubjectIndex};
use crate::numerics::descriptive;

/// One exposure metric.
#[derive(Debug, Clone)]
pub struct ExposureMetric {
    /// Parameter code.
    pub code: String,
    /// Parameter name, as in the data.
    pub label: String,
    /// Analyte or category, as in the data.
    pub category: Option<String>,
    /// Visit, as in the data.
    pub visit: Option<String>,
    /// Unit, as in the data.
    pub unit: Option<String>,
    /// Set and grouping, with one group per column.
    pub panel: Panel,
    /// One per dosage with a value.
    pub columns: Vec<ExposureColumn>,
    /// Records of the same parameter that belong to another category or visit and are not shown.
    pub other_records: usize,
}

/// An exposure metric under one dosage.
#[derive(Debug, Clone)]
pub struct ExposureColumn {
    /// The column.
    pub group: Group,
    /// Values, one per subject, ascending.
    pub values: Vec<f64>,
    /// Median, quartiles, range.
    pub summary: Summary,
    /// Geometric mean; `None` when a value is not positive.
    pub geometric_mean: Option<f64>,
    /// Geometric coefficient of variation in percent.
    pub geometric_cv: Option<f64>,
}

/// Codes of area-type metrics and of trough-type metrics, the preferred first.
const FAMILIES: [&[&str]; 2] = [
    &["AUCSS", "AUCTAU", "AUCTAUSS", "AUCINT", "AUCIFO", "AUCIFP", "AUCLST", "AUCALL", "CAVGSS", "CAVG", "CMAXSS", "CMAX"],
    &["CTROUGH", "CMINSS", "CMIN"],
];

/// Describes one area-type and one trough-type metric. Where the data hold several categories or visits of a parameter, the category and visit
/// with the most records are shown and the number of the others is kept.
#[must_use]
pub(super) fn summarise_exposure(parameters: &[PkParameter], data: &AnalysisData, settings: &Settings) -> Vec<ExposureMetric> {
    FAMILIES
        .into_iter()
        .filter_map(|codes| codes.iter().find(|code| parameters.iter().any(|record| record.code == **code && record.value.is_some())))
        .filter_map(|code| describe(code, parameters, data, settings))
        .collect()
}

fn describe(code: &str, parameters: &[PkParameter], data: &AnalysisData, settings: &Settings) -> Option<ExposureMetric> {
    let records: Vec<&PkParameter> = parameters.iter().filter(|record| record.code == code && record.value.is_some()).collect();
    let mut counts: BTreeMap<[&Option<String>; 3], usize> = BTreeMap::new();
    for record in &records {
        *counts.entry([&record.category, &record.visit, &record.unit]).or_default() += 1;
    }
    let most = counts.values().copied().max()?;
    let (&[category, visit, unit], _) = counts.iter().find(|(_, count)| **count == most)?;
    let shown = |record: &&&PkParameter| record.category == *category && record.visit == *visit && record.unit == *unit;
    let mut by_subject: BTreeMap<SubjectIndex, (u32, f64)> = BTreeMap::new();
    for record in records.iter().filter(shown) {
        if let Some(value) = record.value.filter(|value| value.is_finite()) {
            by_subject.entry(record.subject).or_insert((record.row, value));
        }
    }
    let population = if data.subject_columns.pk.is_some() { Population::Pk } else { Population::Safety };
    let programme = panels(data, settings, population, settings.grouping.pk.into()).into_iter().next()?;
    let columns: Vec<ExposureColumn> =
        programme.groups.iter().filter(|group| group.dosage.is_some()).cloned().filter_map(|group| column(group, &by_subject)).collect();
    let first = records.iter().find(shown)?;
    Some(ExposureMetric {
        code: code.to_owned(),
        label: first.label.clone(),
        category: category.clone(),
        visit: visit.clone(),
        unit: unit.clone(),
        panel: Panel { groups: columns.iter().map(|column| column.group.clone()).collect(), ..programme },
        other_records: records.len() - records.iter().filter(shown).count(),
        columns,
    })
}

fn column(group: Group, by_subject: &BTreeMap<SubjectIndex, (u32, f64)>) -> Option<ExposureColumn> {
    let found: Vec<(u32, f64)> = group.subjects.iter().filter_map(|subject| by_subject.get(subject)).copied().collect();
    if found.is_empty() {
        return None;
    }
    let mut values: Vec<f64> = found.iter().map(|(_, value)| *value).collect();
    values.sort_by(f64::total_cmp);
    let geometric = descriptive::summarise_geometric(&values);
    Some(ExposureColumn {
        group,
        geometric_mean: geometric.as_ref().map(|geometric| geometric.mean),
        geometric_cv: geometric.as_ref().and_then(|geometric| geometric.cv_percent),
        summary: Summary::of(found),
        values,
    })
}
