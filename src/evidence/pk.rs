//! Figures of exposure by dosage: F-E05.

use crate::analysis::pk::ExposureMetric;
use crate::config::Settings;
use crate::derive::AnalysisData;

use super::record::{Item, Recorder};
use super::series::series_key;
use super::{Axis, BoxSeries, Content, Exhibit, ExhibitId, Facts, FigureSpec, Plot, ReferenceLine, Slice, Unit, slug};

const TITLE: &str = "Exposure by dosage";

/// Box plots of exposure, one per metric.
pub fn gather(metrics: Option<&[ExposureMetric]>, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
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
    let unit = Unit::Named(metric.unit.clone().unwrap_or_else(|| "unit not given".to_owned()));
    let filter = filter(metric);
    let measure = slug(&metric.code);
    let mut rows = Vec::new();
    for column in &metric.columns {
        let source = ("ADPP", filter.as_str(), &["PARAMCD", "AVAL", "AVALU"][..]);
        let item = Item { measure: &measure, what: None, group: &column.group, label: &metric.label, method: "", source };
        recorder.median_quartiles(&item, &column.summary, &unit);
        let geometric = |name: &'static str, measure: &str, value: Option<f64>, unit: Unit, recorder: &mut Recorder<'_>| {
            let label = format!("{}, {name}", metric.label);
            let item = Item { measure, label: &label, method: name, ..item.clone() };
            recorder.number(&item, value, unit, Some(column.summary.n), None, column.summary.rows.clone())
        };
        geometric("geometric mean", &format!("{measure}_geomean"), column.geometric_mean, unit.clone(), &mut recorder);
        geometric("geometric coefficient of variation", &format!("{measure}_geocv"), column.geometric_cv, Unit::Percent, &mut recorder);
        rows.extend(column.summary.rows.as_slice().iter().copied());
    }
    let positive = metric.columns.iter().flat_map(|column| &column.values).all(|value| *value > 0.0);
    let medians: Vec<String> =
        metric.columns.iter().filter_map(|column| Some(format!("{}: median {:.3e}", column.group.label, column.summary.median?))).collect();
    let mut notes = recorder.notes(&["ADPP", "ADSL"]);
    notes
        .methods
        .push("Box: quartiles (type 7) and median; whiskers: furthest value within 1.5 interquartile ranges; points: subjects".to_owned());
    if metric.other_records > 0 {
        let shown: Vec<&str> = [metric.category.as_deref(), metric.visit.as_deref()].into_iter().flatten().collect();
        notes.footnotes.push(format!(
            "{} further records of this parameter are of another analyte, visit or unit; shown: {}.",
            metric.other_records,
            shown.join(", ")
        ));
    }
    Exhibit {
        id: recorder.exhibit,
        title: format!("{TITLE}: {}", metric.label),
        content: Content::Figure(FigureSpec {
            plot: Plot::Boxes {
                value: Axis { label: axis_label(metric), log: positive, range: None },
                boxes: metric
                    .columns
                    .iter()
                    .map(|column| BoxSeries {
                        series: series_key(&column.group, settings, column.values.len()),
                        values: column.values.clone(),
                    })
                    .collect(),
                targets: Vec::<ReferenceLine>::new(),
            },
            alt: format!("Box plots of {} by dosage. {}.", metric.label, medians.join("; ")),
            source: vec![Slice::new("ADPP", filter, ["PARAMCD", "AVAL", "AVALU"], rows.into_iter().collect())],
        }),
        notes,
    }
}

fn filter(metric: &ExposureMetric) -> String {
    let mut filter = format!("PARAMCD = {}", metric.code);
    for (column, value) in [("PPCAT", &metric.category), ("AVISIT", &metric.visit), ("AVALU", &metric.unit)] {
        if let Some(value) = value {
            filter.push_str(&format!(" and {column} = {value}"));
        }
    }
    filter
}

/// The parameter's label, with its unit unless the label already names it.
fn axis_label(metric: &ExposureMetric) -> String {
    match &metric.unit {
        Some(unit) if !metric.label.contains(unit.as_str()) => format!("{} ({unit})", metric.label),
        _ => metric.label.clone(),
    }
}
