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
    /// Which of the parameter's records are shown.
    pub kind: RecordKind,
    /// Set and grouping, with one group per column.
    pub panel: Panel,
    /// One per dosage with a value.
    pub columns: Vec<ExposureColumn>,
    /// Records of the same parameter that are of another kind and are not shown.
    pub other_records: usize,
    /// Records of the parameter that the data exclude from summaries.
    pub excluded_records: usize,
    /// Further records of the shown kind of subjects who have one already; the first counts.
    pub repeated_records: usize,
}

/// What tells records of one parameter apart, as in the data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordKind {
    /// Analyte or category.
    pub category: Option<String>,
    /// Specimen.
    pub specimen: Option<String>,
    /// Visit.
    pub visit: Option<String>,
    /// Unit.
    pub unit: Option<String>,
}

impl RecordKind {
    fn of(record: &PkParameter) -> Self {
        let PkParameter { category, specimen, visit, unit, .. } = record.clone();
        Self { category, specimen, visit, unit }
    }
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

/// One value of a parameter per subject.
#[derive(Debug, Clone)]
pub struct SubjectExposures {
    /// Parameter name, as in the data.
    pub label: String,
    /// Which of the parameter's records are used.
    pub kind: RecordKind,
    /// Row and value by subject.
    pub values: BTreeMap<SubjectIndex, (u32, f64)>,
    /// Records of the same parameter that are of another kind and are not used.
    pub other_records: usize,
    /// Records of the parameter that the data exclude from summaries.
    pub excluded_records: usize,
    /// Further records of the used kind of subjects who have one already; the first counts.
    pub repeated_records: usize,
}

/// Codes of area-type metrics and of trough-type metrics, the preferred first.
const FAMILIES: [&[&str]; 2] = [
    &["AUCSS", "AUCTAU", "AUCTAUSS", "AUCINT", "AUCIFO", "AUCIFP", "AUCLST", "AUCALL", "CAVGSS", "CAVG", "CMAXSS", "CMAX"],
    &["CTROUGH", "CMINSS", "CMIN"],
];

/// Describes one area-type and one trough-type metric. Records that the data exclude from summaries are left out. Where the data hold several
/// kinds of record of a parameter, one is shown and the number of the others is kept: that of the project's analytes before others, of the drug
/// before its metabolites, then the one with the most records.
#[must_use]
pub(super) fn summarise_exposure(parameters: &[PkParameter], data: &AnalysisData, settings: &Settings) -> Vec<ExposureMetric> {
    let usable = |record: &PkParameter| record.in_summary && record.value.is_some_and(f64::is_finite);
    FAMILIES
        .into_iter()
        .filter_map(|codes| codes.iter().find(|code| parameters.iter().any(|record| record.code == **code && usable(record))))
        .filter_map(|code| describe(code, parameters, data, settings))
        .collect()
}

fn describe(code: &str, parameters: &[PkParameter], data: &AnalysisData, settings: &Settings) -> Option<ExposureMetric> {
    let exposures = subject_exposures(code, None, parameters, settings)?;
    let population = if data.subject_columns.pk.is_some() { Population::Pk } else { Population::Safety };
    let programme = panels(data, settings, population, settings.grouping.pk.into()).into_iter().next()?;
    let columns: Vec<ExposureColumn> = programme
        .groups
        .iter()
        .filter(|group| group.dosage.is_some())
        .cloned()
        .filter_map(|group| column(group, &exposures.values))
        .collect();
    Some(ExposureMetric {
        code: code.to_owned(),
        label: exposures.label,
        kind: exposures.kind,
        panel: Panel { groups: columns.iter().map(|column| column.group.clone()).collect(), ..programme },
        other_records: exposures.other_records,
        excluded_records: exposures.excluded_records,
        repeated_records: exposures.repeated_records,
        columns,
    })
}

/// The value of a parameter in each subject, for one analyte where `analyte` names one; of several kinds of record the one that
/// [`analyse`](super::analyse) shows. `None` where no subject has a value.
#[must_use]
pub fn subject_exposures(code: &str, analyte: Option<&str>, parameters: &[PkParameter], settings: &Settings) -> Option<SubjectExposures> {
    let of_analyte = |record: &&PkParameter| analyte.is_none_or(|analyte| is_of(record, analyte, settings));
    let valued = parameters.iter().filter(|record| record.code == code && record.value.is_some_and(f64::is_finite)).filter(of_analyte);
    let (records, excluded): (Vec<&PkParameter>, Vec<&PkParameter>) = valued.partition(|record| record.in_summary);
    let kind = shown_kind(&records, settings)?;
    let shown: Vec<&PkParameter> = records.iter().filter(|record| RecordKind::of(record) == kind).copied().collect();
    let mut values: BTreeMap<SubjectIndex, (u32, f64)> = BTreeMap::new();
    for record in &shown {
        if let Some(value) = record.value {
            values.entry(record.subject).or_insert((record.row, value));
        }
    }
    Some(SubjectExposures {
        label: shown.first()?.label.clone(),
        kind,
        other_records: records.len() - shown.len(),
        excluded_records: excluded.len(),
        repeated_records: shown.len() - values.len(),
        values,
    })
}

/// Whether a record's category names the analyte, by its code or by its name in the project file.
fn is_of(record: &PkParameter, analyte: &str, settings: &Settings) -> bool {
    let category = record.category.as_deref().unwrap_or_default().trim();
    let name = settings.drug.analytes.get(analyte).map(|analyte| analyte.name.as_str());
    category.eq_ignore_ascii_case(analyte) || name.is_some_and(|name| category.eq_ignore_ascii_case(name))
}

/// The kind of record to show; see [`summarise_exposure`].
fn shown_kind(records: &[&PkParameter], settings: &Settings) -> Option<RecordKind> {
    let mut counts: BTreeMap<RecordKind, usize> = BTreeMap::new();
    for record in records {
        *counts.entry(RecordKind::of(record)).or_default() += 1;
    }
    // Among equals the first in order is taken, so that the choice does not hang on the order of the file.
    let rank = |kind: &RecordKind, count: usize| {
        let category = kind.category.as_deref().unwrap_or_default();
        let metabolite = category.to_uppercase().contains("METABOLITE");
        (names_an_analyte(category, settings), !metabolite, count)
    };
    counts.into_iter().rev().max_by_key(|(kind, count)| rank(kind, *count)).map(|(kind, _)| kind)
}

/// How well a category names what the project measures: 2 the drug itself, 1 one of its analytes, 0 neither.
fn names_an_analyte(category: &str, settings: &Settings) -> u8 {
    let same = |text: &str| text.trim().eq_ignore_ascii_case(category.trim());
    let analyte = settings.drug.analytes.iter().find(|(code, analyte)| same(code) || same(&analyte.name));
    match analyte {
        Some((_, analyte)) if analyte.name.eq_ignore_ascii_case(&settings.drug.name) => 2,
        _ if same(&settings.drug.name) => 2,
        Some(_) => 1,
        None => 0,
    }
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
