//! Tumour size by dosage: waterfall and spider (F-E02).

use crate::analysis::efficacy::{TumourColumn, TumourPanel};
use crate::analysis::grouping::Group;
use crate::config::Settings;
use crate::data::DatasetName;
use crate::derive::{AnalysisData, ResponseCategory};
use crate::quantity::Rows;

use super::super::population::titled;
use super::super::record::{Item, Recorder, columns_read};
use super::super::series::series_key;
use super::super::{Axis, Bar, Content, Exhibit, ExhibitId, Facts, FigureSpec, Notes, Plot, ReferenceLine, Slice, SpiderFacet, Unit};

/// A waterfall and a spider per panel.
pub(super) fn gather(panels: Option<&[TumourPanel]>, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let panels: Vec<&TumourPanel> =
        panels.unwrap_or_default().iter().filter(|panel| panel.columns.iter().any(|column| !column.subjects.is_empty())).collect();
    if panels.is_empty() {
        let needs = ["ADTR: sum of diameters with change from baseline (PARAMCD SDIAM; PCHG)"];
        let reason = "The data hold no tumour measurement after baseline.";
        return [("F-E02", "Best change in tumour size by dosage"), ("F-E02-spider", "Change in tumour size over time by dosage")]
            .into_iter()
            .map(|(code, title)| Exhibit::placeholder(ExhibitId::new(code, None), title, reason, &needs))
            .collect();
    }
    panels.into_iter().flat_map(|panel| [waterfall(panel, data, settings, facts), spider(panel, data, settings)]).collect()
}

fn shown(panel: &TumourPanel) -> Vec<(&Group, &TumourColumn)> {
    panel.panel.groups.iter().zip(&panel.columns).filter(|(group, column)| group.dosage.is_some() && !column.subjects.is_empty()).collect()
}

fn thresholds() -> Vec<ReferenceLine> {
    [(20.0, "+20%"), (-30.0, "\u{2212}30%")].map(|(at, label)| ReferenceLine { at, label: label.to_owned() }).to_vec()
}

fn notes(recorder_notes: Notes, method: &str) -> Notes {
    Notes { methods: vec![method.to_owned()], ..recorder_notes }
}

fn code(category: ResponseCategory) -> Option<&'static str> {
    match category {
        ResponseCategory::Complete => Some("CR"),
        ResponseCategory::Partial => Some("PR"),
        ResponseCategory::Stable => Some("SD"),
        ResponseCategory::NonCrNonPd => Some("NON-CR/NON-PD"),
        ResponseCategory::Progressive => Some("PD"),
        ResponseCategory::NotEvaluable => Some("NE"),
        ResponseCategory::Missing | ResponseCategory::Yes | ResponseCategory::No => None,
    }
}

fn waterfall(panel: &TumourPanel, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let mut recorder = Recorder::new(facts, "efficacy", "F-E02", &panel.panel, data);
    let read = columns_read(data, DatasetName::Adtr);
    let columns: Vec<&str> = read.iter().map(String::as_str).collect();
    let mut told = Vec::new();
    for (group, column) in shown(panel) {
        let source = ("ADTR", "smallest change after baseline", columns.as_slice());
        let label = "Best change in the sum of diameters from baseline";
        let item = Item { measure: "tumour_best_change", what: None, group, label, method: "", source };
        recorder.median_range(&item, &column.best_change, &Unit::Percent);
        let item = Item { measure: "tumour_decreased", label: "Any decrease in the sum of diameters", method: "count of subjects", ..item };
        recorder.proportion(&item, &column.decreased);
        let item = Item { measure: "tumour_decreased_30", label: "Decrease in the sum of diameters of at least 30%", ..item };
        recorder.proportion(&item, &column.decreased_30);
        told.push(format!("{}: {} of {} decreased by at least 30%", group.label, column.decreased_30.count, column.decreased_30.n));
    }
    let bars = shown(panel).into_iter().flat_map(|(group, column)| {
        let key = series_key(group, settings, column.subjects.len());
        column.subjects.iter().map(move |subject| Bar {
            series: key.clone(),
            change: subject.best_change,
            response: subject.response.and_then(code).map(str::to_owned),
        })
    });
    let rows: Rows = shown(panel).into_iter().flat_map(|(_, column)| column.subjects.iter().map(|subject| subject.row)).collect();
    let spec = FigureSpec {
        plot: Plot::Waterfall {
            change: Axis { label: "Best change from baseline (%)".to_owned(), log: false, range: None },
            bars: bars.collect(),
            thresholds: thresholds(),
        },
        alt: format!("Waterfall of the best change in tumour size per subject. {}.", told.join("; ")),
        source: vec![Slice::new("ADTR", "smallest change after baseline", read.iter().cloned(), rows)],
    };
    let method = "One bar per subject with a baseline and a later measurement: smallest percent change from baseline in the sum of target lesion diameters";
    Exhibit {
        id: recorder.exhibit.clone(),
        title: titled("Best change in tumour size by dosage", &panel.panel),
        content: Content::Figure(spec),
        notes: notes(recorder.notes(&["ADTR", "ADRS", "ADSL"]), method),
    }
}

fn spider(panel: &TumourPanel, data: &AnalysisData, settings: &Settings) -> Exhibit {
    let facets: Vec<SpiderFacet> = shown(panel)
        .into_iter()
        .map(|(group, column)| SpiderFacet {
            series: series_key(group, settings, column.subjects.len()),
            lines: column.subjects.iter().map(|subject| subject.course.clone()).collect(),
        })
        .collect();
    let rows: Rows =
        shown(panel).into_iter().flat_map(|(_, column)| column.subjects.iter().flat_map(|subject| subject.rows.iter().copied())).collect();
    let told: Vec<String> = facets.iter().map(|facet| format!("{}: {} subjects", facet.series.label, facet.lines.len())).collect();
    Exhibit {
        id: ExhibitId::new("F-E02-spider", panel.panel.part_id.as_deref()),
        title: titled("Change in tumour size over time by dosage", &panel.panel),
        content: Content::Figure(FigureSpec {
            plot: Plot::Spider {
                time: Axis { label: "Time since first dose (months)".to_owned(), log: false, range: None },
                change: Axis { label: "Change from baseline (%)".to_owned(), log: false, range: None },
                facets,
                thresholds: thresholds(),
            },
            alt: format!("Percent change in tumour size over time, one line per subject. {}.", told.join("; ")),
            source: vec![Slice::new("ADTR", "baseline and later measurements", columns_read(data, DatasetName::Adtr), rows)],
        }),
        notes: Notes {
            datasets: vec!["ADTR".to_owned(), "ADSL".to_owned()],
            population: panel.panel.population.label(data),
            grouping: format!("Panels {}", panel.panel.assignment.label()),
            methods: vec!["One line per subject: percent change from baseline in the sum of target lesion diameters".to_owned()],
            ..Notes::default()
        },
    }
}
