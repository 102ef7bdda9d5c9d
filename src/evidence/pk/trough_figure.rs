//! Trough concentration over time by dosage: F-E03-troughs.

use crate::analysis::pk::PkResult;
use crate::analysis::pk::troughs::{TroughColumn, TroughCourse};
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::quantity::Rows;

use super::super::series::series_key;
use super::super::{Axis, Content, CourseMean, CourseSeries, Exhibit, ExhibitId, FigureSpec, Notes, Plot, ReferenceLine, Slice, slug};
use super::words::concentration_columns;

/// Hours in a week.
const WEEK: f64 = 168.0;

/// One figure per analyte with a mean at two times.
pub(super) fn figures(result: &PkResult, data: &AnalysisData, settings: &Settings) -> Vec<Exhibit> {
    let means = |column: &TroughColumn| column.points.iter().filter(|point| point.geometric_mean.is_some()).count();
    let drawn = result.troughs.courses.iter().filter(|course| course.columns.iter().any(|column| means(column) > 1));
    drawn.enumerate().map(|(index, course)| figure(index, course, (result, data, settings))).collect()
}

fn figure(index: usize, course: &TroughCourse, (result, data, settings): (&PkResult, &AnalysisData, &Settings)) -> Exhibit {
    let panel = &result.troughs.panel;
    let code = if index == 0 { "F-E03-troughs".to_owned() } else { format!("F-E03-troughs-{}", slug(&course.analyte).replace('_', "-")) };
    let series: Vec<CourseSeries> = (panel.groups.iter().zip(&course.columns))
        .filter_map(|(group, column)| {
            let points: Vec<CourseMean> = (course.visits.iter().zip(&column.points))
                .filter_map(|(visit, point)| {
                    Some(CourseMean { time: visit.time / WEEK, mean: point.geometric_mean?, spread: point.spread, n: point.n })
                })
                .collect();
            let n = points.iter().map(|point| point.n).max()?;
            Some(CourseSeries { series: series_key(group, settings, n), points })
        })
        .collect();
    let unit = course.unit.as_deref().map_or_else(String::new, |unit| format!(" ({unit})"));
    let told: Vec<String> = series.iter().filter_map(last).collect();
    let rows: Rows = course.columns.iter().flat_map(|column| &column.points).flat_map(|point| point.rows.as_slice()).copied().collect();
    let below: usize = course.columns.iter().flat_map(|column| &column.points).map(|point| point.below_limit).sum();
    let limit = course.limit.map(|at| ReferenceLine {
        at,
        label: format!("Limit of quantification, {at}{}", course.unit.as_deref().map_or_else(String::new, |unit| format!(" {unit}"))),
    });
    let mut notes = Notes {
        datasets: vec!["ADPC".to_owned(), "ADSL".to_owned()],
        population: panel.population.label(data),
        grouping: format!("Curves {}", panel.assignment.label()),
        methods: vec![
            "Points: geometric means of the troughs of patients who had been given the dose of the dosage; bars: geometric mean divided and multiplied by the geometric standard deviation".to_owned(),
            "n: patients at the visit with most of them; the numbers at every visit stand in T-E11-troughs".to_owned(),
        ],
        ..Notes::default()
    };
    if below > 0 {
        notes.footnotes.push(format!(
            "Troughs below the limit of quantification: {below}. Half the limit stands for them in the means; no mean is shown where they are more than half."
        ));
    }
    let filter = format!("samples of {} before a dose or at the end of a dosing interval", course.analyte);
    Exhibit {
        id: ExhibitId::new(&code, None),
        title: format!("Trough concentration over time by dosage: {}", course.analyte),
        content: Content::Figure(FigureSpec {
            plot: Plot::Courses {
                time: Axis { label: "Nominal time since the first dose (weeks)".to_owned(), log: false, range: None },
                concentration: format!("Trough concentration{unit}"),
                series,
                limit,
            },
            alt: format!("Geometric mean trough concentration of {} over time by dosage. {}.", course.analyte, told.join("; ")),
            source: vec![Slice::new("ADPC", filter, concentration_columns(data), rows)],
        }),
        notes,
    }
}

/// The last mean of a series in words.
fn last(series: &CourseSeries) -> Option<String> {
    let last = series.points.last()?;
    Some(format!("{}: {:.3e} at week {:.0} in {} patients", series.series.label, last.mean, last.time, last.n))
}
