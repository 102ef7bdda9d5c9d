//! The course of each treated subject: swimmer plot (F-E01).

use crate::analysis::efficacy::{CourseMark, SwimmerColumn};
use crate::analysis::grouping::{Assignment, Population};
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::quantity::Rows;

use super::super::series::series_key;
use super::super::{Axis, Content, Exhibit, ExhibitId, FigureSpec, Lane, Mark, MarkKind, Notes, Plot, Segment, Slice};

const TITLE: &str = "Course of treatment in each subject by dosage received";

/// The swimmer plot of the programme.
pub(super) fn gather(columns: &[SwimmerColumn], data: &AnalysisData, settings: &Settings) -> Vec<Exhibit> {
    let id = ExhibitId::new("F-E01", None);
    if columns.iter().all(|column| column.courses.is_empty()) {
        let needs = ["ADSL: TRTSDT, TRTEDT", "ADEX: dosing intervals with dates", "ADRS: response at each visit"];
        return vec![Exhibit::placeholder(id, TITLE, "The data hold neither dosing intervals nor a treatment duration.", &needs)];
    }
    let lanes = columns.iter().flat_map(|column| {
        let key = series_key(&column.group, settings, column.courses.len());
        column.courses.iter().map(move |course| Lane {
            series: key.clone(),
            segments: course
                .segments
                .iter()
                .map(|(from, to, dose_share)| Segment { from: *from, to: *to, dose_share: *dose_share })
                .collect(),
            marks: course.marks.iter().map(|(at, kind)| Mark { at: *at, kind: mark(*kind) }).collect(),
            ongoing: course.ongoing,
        })
    });
    let dosing: Rows = columns.iter().flat_map(|column| &column.courses).flat_map(|course| course.dosing_rows.iter().copied()).collect();
    let responses: Rows =
        columns.iter().flat_map(|column| &column.courses).flat_map(|course| course.response_rows.iter().copied()).collect();
    let told: Vec<String> = columns
        .iter()
        .map(|column| {
            let ongoing = column.courses.iter().filter(|course| course.ongoing).count();
            format!("{}: {} subjects, {ongoing} on treatment at the cut-off", column.group.label, column.courses.len())
        })
        .collect();
    let mut source = Vec::new();
    if !dosing.is_empty() {
        source.push(Slice::new("ADEX", "dosing intervals", ["ASTDT", "AENDT", "EXDOSE"], dosing));
    }
    if !responses.is_empty() {
        source.push(Slice::new("ADRS", "visit responses", ["PARAMCD", "AVALC", "ADT"], responses));
    }
    let datasets = source.iter().map(|slice| slice.dataset.clone()).chain(["ADSL".to_owned()]).collect();
    vec![Exhibit {
        id,
        title: TITLE.to_owned(),
        content: Content::Figure(FigureSpec {
            plot: Plot::Swimmer {
                time: Axis { label: "Time since first dose (months)".to_owned(), log: false, range: None },
                lanes: lanes.collect(),
            },
            alt: format!("One lane per treated subject. {}.", told.join("; ")),
            source,
        }),
        notes: Notes {
            datasets,
            population: Population::Safety.label(data),
            grouping: format!("Lanes {}", Assignment::from(settings.grouping.safety).label()),
            methods: vec![
                "Shade: dose given as a share of the first dose; gap: interruption; response and progression as first seen at a visit"
                    .to_owned(),
            ],
            ..Notes::default()
        },
    }]
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
