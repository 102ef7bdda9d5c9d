//! The course of each treated subject: swimmer plot (F-E01).

use crate::analysis::efficacy::{Course, CourseMark, SwimmerColumn};
use crate::analysis::grouping::{Assignment, Population};
use crate::config::Settings;
use crate::data::DatasetName;
use crate::derive::AnalysisData;
use crate::quantity::Rows;

use super::super::record::columns_read;
use super::super::series::series_key;
use super::super::{Axis, Content, Exhibit, ExhibitId, FigureSpec, Lane, Mark, MarkKind, Notes, Plot, Segment, Slice};

const TITLE: &str = "Course of treatment in each subject by dosage received";

/// The swimmer plot of the programme.
pub(super) fn gather(columns: &[SwimmerColumn], data: &AnalysisData, settings: &Settings) -> Vec<Exhibit> {
    let id = ExhibitId::new("F-E01", None);
    let by_dosing = columns.iter().flat_map(|column| &column.courses).any(|course| !course.dosing_rows.is_empty());
    if columns.iter().all(|column| column.courses.is_empty()) {
        let needs = ["ADSL: TRTSDT, TRTEDT, EOTSTT", "ADEX: dosing intervals with dates", "ADRS: response at each visit"];
        return vec![Exhibit::placeholder(id, TITLE, "The data hold neither dosing intervals nor a treatment duration.", &needs)];
    }
    let told: Vec<String> = columns
        .iter()
        .map(|column| {
            let ongoing = column.courses.iter().filter(|course| course.ongoing).count();
            format!("{}: {} subjects, {ongoing} on treatment at the cut-off", column.group.label, column.courses.len())
        })
        .collect();
    let source = sources(columns, data);
    let datasets = source.iter().map(|slice| slice.dataset.clone()).chain(["ADSL".to_owned()]).collect();
    vec![Exhibit {
        id,
        title: TITLE.to_owned(),
        content: Content::Figure(FigureSpec {
            plot: Plot::Swimmer {
                time: Axis { label: "Time since first dose (months)".to_owned(), log: false, range: None },
                lanes: columns.iter().flat_map(|column| lanes(column, settings)).collect(),
            },
            alt: format!("One lane per treated subject. {}.", told.join("; ")),
            source,
        }),
        notes: Notes {
            datasets,
            population: Population::Safety.label(data),
            grouping: format!("Lanes {}", Assignment::from(settings.grouping.safety).label()),
            methods: vec![if by_dosing {
                "Shade: dose given as a share of the first dose; gap: time without the drug; response and progression as first seen at a visit"
                    .to_owned()
            } else {
                "Time on treatment from ADSL: the data hold no dosing intervals, so that neither dose nor gaps are shown".to_owned()
            }],
            footnotes: not_drawn(columns),
            ..Notes::default()
        },
    }]
}

fn lanes(column: &SwimmerColumn, settings: &Settings) -> Vec<Lane> {
    let key = series_key(&column.group, settings, column.courses.len());
    let segment = |(from, to, dose_share): &(f64, f64, f64)| Segment { from: *from, to: *to, dose_share: *dose_share };
    let lane = |course: &Course| Lane {
        series: key.clone(),
        segments: course.segments.iter().map(segment).collect(),
        marks: course.marks.iter().map(|(at, kind)| Mark { at: *at, kind: mark(*kind) }).collect(),
        ongoing: course.ongoing,
    };
    column.courses.iter().map(lane).collect()
}

fn sources(columns: &[SwimmerColumn], data: &AnalysisData) -> Vec<Slice> {
    let courses = || columns.iter().flat_map(|column| &column.courses);
    let dosing: Rows = courses().flat_map(|course| course.dosing_rows.iter().copied()).collect();
    let responses: Rows = courses().flat_map(|course| course.response_rows.iter().copied()).collect();
    let mut source = Vec::new();
    if !dosing.is_empty() {
        let columns = data.dosing.as_ref().map(|dosing| dosing.columns.clone()).unwrap_or_default();
        source.push(Slice::new("ADEX", "dosing intervals", columns, dosing));
    }
    if !responses.is_empty() {
        source.push(Slice::new("ADRS", "visit responses", columns_read(data, DatasetName::Adrs), responses));
    }
    source
}

/// What is said of subjects without a lane.
fn not_drawn(columns: &[SwimmerColumn]) -> Vec<String> {
    let count: usize = columns.iter().map(|column| column.without_time).sum();
    let text = format!("Subjects of the safety set whose time on treatment is not known: {count}. They have no lane.");
    (count > 0).then_some(text).into_iter().collect()
}

fn mark(kind: CourseMark) -> MarkKind {
    match kind {
        CourseMark::Response => MarkKind::Response,
        CourseMark::Progression => MarkKind::Progression,
        CourseMark::Death => MarkKind::Death,
        CourseMark::StoppedAdverseEvent => MarkKind::StoppedAdverseEvent,
        CourseMark::StoppedOther => MarkKind::StoppedOther,
    }
}
