//! Figures of exposure by dosage: F-E05.

use crate::analysis::pk::{ExposureMetric, PkResult};
use crate::config::Settings;
use crate::data::DatasetName;
use crate::derive::AnalysisData;
use crate::quantity::Rows;

use super::super::record::{Item, Recorder, columns_read};
use super::super::series::series_key;
use super::super::table::footnote;
use super::super::{Axis, BoxSeries, Content, Exhibit, ExhibitId, Facts, FigureSpec, Notes, Plot, ReferenceLine, Slice, Unit, slug};

use super::words::given_filter;

const TITLE: &str = "Exposure by dosage";

/// Box plots of exposure, one per metric.
pub(super) fn gather(result: Option<&PkResult>, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let metrics = result.and_then(|result| result.metrics.as_deref());
    let shown: Vec<&ExposureMetric> = metrics.unwrap_or_default().iter().filter(|metric| !metric.columns.is_empty()).collect();
    if shown.is_empty() {
        let reason = if metrics.is_none() {
            "The data hold no pharmacokinetic parameters."
        } else {
            "ADPP holds no area-type or trough-type exposure metric for a subject with a dosage."
        };
        let needs = ["ADPP: AUC or average concentration and trough per subject (PARAMCD AUCSS, AUCTAU, CTROUGH, …)"];
        return vec![Exhibit::placeholder(ExhibitId::new("F-E05", None), TITLE, reason, &needs)];
    }
    shown.into_iter().enumerate().map(|(index, metric)| figure(metric, index, data, settings, facts)).collect()
}

fn figure(metric: &ExposureMetric, index: usize, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let code = if index == 0 { "F-E05".to_owned() } else { format!("F-E05-{}", slug(&metric.code).replace('_', "-")) };
    let mut recorder = Recorder::new(facts, "pk", &code, &metric.panel, data);
    let (filter, read) = (given_filter(&metric.code, &metric.kind, data), columns_read(data, DatasetName::Adpp));
    record(metric, &filter, &read, &mut recorder);
    let rows: Rows = metric.columns.iter().flat_map(|column| column.summary.rows.as_slice()).copied().collect();
    let positive = metric.columns.iter().flat_map(|column| &column.values).all(|value| *value > 0.0);
    let medians: Vec<String> =
        metric.columns.iter().filter_map(|column| Some(format!("{}: median {:.3e}", column.group.label, column.summary.median?))).collect();
    let mut notes = recorder.notes(&["ADPP", "ADSL"]);
    explain(metric, settings, &mut notes);
    let boxes = metric
        .columns
        .iter()
        .map(|column| BoxSeries { series: series_key(&column.group, settings, column.values.len()), values: column.values.clone() });
    Exhibit {
        id: recorder.exhibit,
        title: format!("{TITLE}: {}", metric.label),
        content: Content::Figure(FigureSpec {
            plot: Plot::Boxes {
                value: Axis { label: axis_label(metric), log: positive, range: None },
                boxes: boxes.collect(),
                targets: targets(metric, settings),
            },
            alt: format!("Box plots of {} by dosage. {}.", metric.label, medians.join("; ")),
            source: vec![Slice::new("ADPP", filter, read, rows)],
        }),
        notes,
    }
}

/// The exposures that the project measures dosages against, of this parameter in this unit.
fn targets(metric: &ExposureMetric, settings: &Settings) -> Vec<ReferenceLine> {
    let references = settings.pk.reference_exposure.iter().flatten();
    let same = references.filter(|reference| {
        let unit = reference.unit.is_none() || metric.kind.unit.is_none() || reference.unit == metric.kind.unit;
        reference.parameter.eq_ignore_ascii_case(&metric.code) && unit
    });
    same.map(|reference| ReferenceLine { at: reference.value, label: reference.label.clone() }).collect()
}

/// The numbers behind the boxes.
fn record(metric: &ExposureMetric, filter: &str, read: &[String], recorder: &mut Recorder<'_>) {
    let unit = Unit::Named(metric.kind.unit.clone().unwrap_or_else(|| "unit not given".to_owned()));
    let measure = slug(&metric.code);
    let columns: Vec<&str> = read.iter().map(String::as_str).collect();
    for column in &metric.columns {
        let source = ("ADPP", filter, columns.as_slice());
        let item = Item { measure: &measure, what: None, group: &column.group, label: &metric.label, method: "", source };
        recorder.median_quartiles(&item, &column.summary, &unit);
        let geometric = [
            ("geometric mean", "geomean", column.geometric_mean, unit.clone()),
            ("geometric coefficient of variation", "geocv", column.geometric_cv, Unit::Percent),
        ];
        for (name, suffix, value, unit) in geometric {
            let (measure, label) = (format!("{measure}_{suffix}"), format!("{}, {name}", metric.label));
            let item = Item { measure: &measure, label: &label, method: name, ..item.clone() };
            recorder.number(&item, value, unit, Some(column.summary.n), None, column.summary.rows.clone());
        }
    }
}

fn explain(metric: &ExposureMetric, settings: &Settings, notes: &mut Notes) {
    for reference in
        settings.pk.reference_exposure.iter().flatten().filter(|reference| reference.parameter.eq_ignore_ascii_case(&metric.code))
    {
        if let Some(source) = &reference.source {
            notes.methods.push(format!("{}: {source}", reference.label));
        }
    }
    notes
        .methods
        .push("Box: quartiles (type 7) and median; whiskers: furthest value within 1.5 interquartile ranges; points: subjects".to_owned());
    let kind = &metric.kind;
    let shown: Vec<&str> = [&kind.category, &kind.specimen, &kind.visit, &kind.unit].into_iter().filter_map(Option::as_deref).collect();
    if !shown.is_empty() {
        notes.methods.push(format!("Records shown: {}", shown.join(", ")));
    }
    for (count, text) in [
        (metric.other_records, "Records of this parameter of another analyte, specimen, visit or unit, which are not shown"),
        (metric.excluded_records, "Records of this parameter that the data exclude from summaries (PPSUMFL)"),
        (metric.repeated_records, "Further records of subjects with one already, of whom the first is shown"),
    ] {
        if count > 0 {
            footnote(notes, format!("{text}: {count}."));
        }
    }
}

/// The parameter's label, with its unit unless the label already names it.
fn axis_label(metric: &ExposureMetric) -> String {
    with_unit(&metric.label, metric.kind.unit.as_deref())
}

/// A label with the unit, unless it already names it.
pub(in crate::evidence) fn with_unit(label: &str, unit: Option<&str>) -> String {
    match unit {
        Some(unit) if !label.contains(unit) => format!("{label} ({unit})"),
        _ => label.to_owned(),
    }
}
