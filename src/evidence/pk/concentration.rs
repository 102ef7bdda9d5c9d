//! Mean concentration over nominal time by dosage: F-E03.

use crate::analysis::pk::PkResult;
use crate::analysis::pk::course::{Course, CourseColumn};
use crate::analysis::pk::occasion::Occasion;
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::quantity::Rows;

use super::super::series::series_key;
use super::super::{Axis, Content, CourseMean, CourseSeries, Exhibit, ExhibitId, FigureSpec, Notes, Plot, ReferenceLine, Slice, slug};
use super::words::{concentration_columns, occasion_head, profile_filter};

/// One figure per occasion with profiles.
pub(super) fn figures(result: &PkResult, data: &AnalysisData, settings: &Settings) -> Vec<Exhibit> {
    let drawn =
        result.courses.iter().filter(|course| course.columns.iter().any(|column| column.points.iter().any(|point| point.mean.is_some())));
    let with_occasion = drawn.filter_map(|course| Some((course, result.occasions.get(course.occasion)?)));
    with_occasion.enumerate().map(|(index, (course, occasion))| figure(index, course, occasion, (result, data, settings))).collect()
}

fn figure(index: usize, course: &Course, occasion: &Occasion, (result, data, settings): (&PkResult, &AnalysisData, &Settings)) -> Exhibit {
    let mut name = slug(&occasion.name).replace('_', "-");
    if result.occasions.iter().any(|other| other.analyte != occasion.analyte) {
        name = format!("{}-{name}", slug(&occasion.analyte).replace('_', "-"));
    }
    let code = if index == 0 { "F-E03".to_owned() } else { format!("F-E03-{name}") };
    let series: Vec<CourseSeries> = course.columns.iter().filter_map(|column| series(column, result, settings)).collect();
    let unit = course.unit.as_deref().map_or_else(String::new, |unit| format!(" ({unit})"));
    let told: Vec<String> = series.iter().filter_map(peak).collect();
    let rows: Rows = course.columns.iter().flat_map(|column| column.rows.as_slice().iter().copied()).collect();
    let limit = course.limit.map(|limit| ReferenceLine {
        at: limit,
        label: format!("Limit of quantification, {limit}{}", course.unit.as_deref().map_or_else(String::new, |unit| format!(" {unit}"))),
    });
    let spec = FigureSpec {
        plot: Plot::Courses {
            time: Axis { label: "Nominal time since the dose (h)".to_owned(), log: false, range: None },
            concentration: format!("Concentration{unit}"),
            series,
            limit,
        },
        alt: format!("Geometric mean concentration over time by dosage, {}. {}.", occasion_head(occasion), told.join("; ")),
        source: vec![Slice::new("ADPC", profile_filter(occasion, data), concentration_columns(data), rows)],
    };
    Exhibit {
        id: ExhibitId::new(&code, None),
        title: format!("Mean concentration over time by dosage: {}", occasion_head(occasion)),
        content: Content::Figure(spec),
        notes: notes(course, result, data),
    }
}

fn series(column: &CourseColumn, result: &PkResult, settings: &Settings) -> Option<CourseSeries> {
    let group = result.panel.groups.get(column.group)?;
    let point = |point: &crate::analysis::pk::course::CoursePoint| {
        Some(CourseMean { time: point.time, mean: point.mean?, spread: point.spread, n: point.n })
    };
    let points: Vec<CourseMean> = column.points.iter().filter_map(point).collect();
    (!points.is_empty()).then(|| CourseSeries { series: series_key(group, settings, column.profiles), points })
}

/// The highest mean of a series in words.
fn peak(series: &CourseSeries) -> Option<String> {
    let highest = series.points.iter().max_by(|a, b| a.mean.total_cmp(&b.mean))?;
    Some(format!("{}: highest mean {:.3e} at {} h in {} subjects", series.series.label, highest.mean, highest.time, series.series.n))
}

fn notes(course: &Course, result: &PkResult, data: &AnalysisData) -> Notes {
    let points = || course.columns.iter().flat_map(|column| &column.points);
    let below: usize = points().map(|point| point.below_limit).sum();
    let hidden = points().filter(|point| point.mean.is_none()).count();
    let mut notes = Notes {
        datasets: vec!["ADPC".to_owned(), "ADSL".to_owned()],
        population: result.panel.population.label(data),
        grouping: format!("Curves {}", result.panel.assignment.label()),
        methods: vec![
            "Points: geometric means of the profiles that were analysed; bars: geometric mean divided and multiplied by the geometric standard deviation".to_owned(),
            "n: profiles of the dosage".to_owned(),
        ],
        ..Notes::default()
    };
    if below > 0 {
        notes.footnotes.push(format!(
            "Samples below the limit of quantification: {below}. Half the limit stands for them in the means; no mean is shown where they are more than half of the samples of a dosage at one time ({hidden} such points)."
        ));
    }
    notes
}
