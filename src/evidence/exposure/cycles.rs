//! Relative dose intensity by cycle: F-E11.

use crate::analysis::exposure::{CycleSeries, CyclesPanel, LAST_CYCLE, MINIMUM_SUBJECTS};
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::quantity::Rows;

use super::super::population::titled;
use super::super::record::{Item, Recorder};
use super::super::series::series_key;
use super::super::{Axis, Content, Exhibit, Facts, FigureSpec, Plot, ProfilePoint, ProfileSeries, Slice, Unit};
use super::CYCLES;
use super::rows::Origin;

/// The figure of one panel; `None` when no cycle of any dosage has enough subjects.
pub(super) fn figure(panel: &CyclesPanel, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Option<Exhibit> {
    let shown: Vec<&CycleSeries> = panel.series.iter().filter(|series| !series.cycles.is_empty()).collect();
    if shown.is_empty() {
        return None;
    }
    let mut recorder = Recorder::new(facts, "exposure", CYCLES.0, &panel.panel, data);
    let origin = Origin::of(data);
    let columns: Vec<&str> = origin.columns().iter().map(String::as_str).collect();
    for series in &shown {
        record(series, &origin, &columns, &mut recorder);
    }
    let rows: Rows = shown.iter().flat_map(|series| &series.cycles).flat_map(|point| point.intensity.rows.as_slice()).copied().collect();
    let mut notes = recorder.notes(&[origin.dataset, "ADSL"]);
    notes.grouping = format!("Series {}", panel.panel.assignment.label());
    let cycle = settings.tolerability.cycle_length_days;
    notes.methods = vec![
        "Median with quartiles (type 7) of the dose taken in the cycle as a percentage of the dose planned for it, of the subjects on treatment in the cycle".to_owned(),
        format!("Cycles of {cycle} days from the first dose; a cycle is shown for a dosage with at least {MINIMUM_SUBJECTS} subjects, up to cycle {LAST_CYCLE}"),
    ];
    let told: Vec<String> = shown.iter().filter_map(|series| told(series)).collect();
    let last = shown.iter().filter_map(|series| series.cycles.last()).map(|point| point.cycle).max().unwrap_or(1);
    Some(Exhibit {
        id: recorder.exhibit,
        title: titled(CYCLES.1, &panel.panel),
        content: Content::Figure(FigureSpec {
            plot: Plot::Profile {
                step: Axis { label: format!("Cycle ({cycle} days)"), log: false, range: Some((1.0, step(last))) },
                value: Axis { label: "Relative dose intensity (%)".to_owned(), log: false, range: None },
                series: shown.iter().map(|series| profile(series, settings)).collect(),
            },
            alt: format!("Median relative dose intensity by cycle. {}.", told.join("; ")),
            source: vec![Slice::new(origin.dataset, "dosing in the cycles shown", columns, rows)],
        }),
        notes,
    })
}

fn record(series: &CycleSeries, origin: &Origin, columns: &[&str], recorder: &mut Recorder<'_>) {
    for point in &series.cycles {
        let (what, label) = (format!("cycle_{}", point.cycle), format!("Relative dose intensity in cycle {}", point.cycle));
        let filter = format!("dosing in cycle {}", point.cycle);
        let source = (origin.dataset, filter.as_str(), columns);
        let item = Item { measure: "rdi_by_cycle", what: Some(&what), group: &series.group, label: &label, method: "", source };
        recorder.median_quartiles(&item, &point.intensity, &Unit::Percent);
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of cycles are far below 2^52")]
fn step(cycle: usize) -> f64 {
    cycle as f64
}

fn profile(series: &CycleSeries, settings: &Settings) -> ProfileSeries {
    let points = series.cycles.iter().filter_map(|point| {
        let intensity = &point.intensity;
        Some(ProfilePoint {
            step: step(point.cycle),
            median: intensity.median?,
            lower_quartile: intensity.lower_quartile?,
            upper_quartile: intensity.upper_quartile?,
            n: usize::try_from(intensity.n).ok()?,
        })
    });
    ProfileSeries { series: series_key(&series.group, settings, series.group.n()), points: points.collect() }
}

fn told(series: &CycleSeries) -> Option<String> {
    let (first, last) = (series.cycles.first()?, series.cycles.last()?);
    let median = |value: Option<f64>| value.map(|value| format!("{value:.0}%"));
    let begin = format!("{} {} in cycle {} (n = {})", series.group.label, median(first.intensity.median)?, first.cycle, first.intensity.n);
    if last.cycle == first.cycle {
        return Some(begin);
    }
    Some(format!("{begin}, {} in cycle {} (n = {})", median(last.intensity.median)?, last.cycle, last.intensity.n))
}
