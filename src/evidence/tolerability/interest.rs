//! Groups of special interest: first and repeated events (T-E08-aesi), time to the first event (F-E09-aesi).

use crate::analysis::tolerability::{
    EventClass, EventGroup, IncidenceCurve, InterestColumn, InterestCourse, InterestPanel, MINIMUM_SUBJECTS, TolerabilityResult,
};
use crate::config::Settings;
use crate::derive::{AdverseEvents, AnalysisData};
use crate::quantity::IntervalMethod;

use super::super::population::titled;
use super::super::record::{Item, Recorder, interval_note};
use super::super::table::{cells, fact_row, footnote, heading_row};
use super::super::{Cell, CellPattern, Content, Exhibit, ExhibitId, Facts, Notes, Row, Table, Unit};
use super::first_event::{Subject, competing, figure};
use super::resolution::{GroupWords, group_words};
use super::words::{class_words, day_columns};
use super::{FIRST_INTEREST, INTEREST, placeholder};

/// Subjects with an event below which a panel gets no figure.
const FEWEST_EVENTS: u64 = 5;

/// The table of each panel, and a figure of each group with enough events in the programme and in each randomised part.
pub(super) fn gather(
    result: &TolerabilityResult,
    source: &AdverseEvents,
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Vec<Exhibit> {
    let needs = ["ADAE: AESI, AESIFL or CQ01NAM", "or `tolerability.aesi` of the project file"];
    if result.interest.is_empty() {
        let reason = "Neither the data nor the project file name a group of adverse events of special interest.";
        return [INTEREST, FIRST_INTEREST].map(|exhibit| placeholder(exhibit, reason, &needs)).to_vec();
    }
    let mut exhibits: Vec<Exhibit> = result.interest.iter().map(|panel| tabulate(panel, source, data, settings, facts)).collect();
    let before = exhibits.len();
    for panel in result.interest.iter().filter(|panel| panel.panel.part.is_none() || panel.panel.randomised) {
        exhibits.extend(panel.courses.iter().filter_map(|course| first_events(course, source, data, settings, facts)));
    }
    if exhibits.len() == before {
        let reason = format!(
            "No group of special interest has {FEWEST_EVENTS} subjects with an event under dosages of {MINIMUM_SUBJECTS} subjects or more."
        );
        exhibits.push(Exhibit::placeholder(ExhibitId::new(FIRST_INTEREST.0, None), FIRST_INTEREST.1, reason, &needs));
    }
    exhibits
}

fn first_events(
    course: &InterestCourse,
    source: &AdverseEvents,
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Option<Exhibit> {
    let events: u64 = course.incidence.curves.iter().map(|curve| curve.events).sum();
    let words = class_words(EventClass::Interest(course.position), source);
    let group = source.interest_groups.get(course.position).filter(|_| events >= FEWEST_EVENTS)?;
    let code = format!("{}-{}", FIRST_INTEREST.0, group.id.to_lowercase().replace(['_', ' '], "-"));
    let title = format!("{}: {}", FIRST_INTEREST.1, group.label);
    let event = format!("an adverse event of special interest ({})", group.label);
    let subject = Subject {
        exhibit: (&code, &title),
        measure: None,
        event: &event,
        dataset: "ADAE",
        filter: format!("{}, first of each subject", words.filter),
        columns: words.columns.into_iter().chain(day_columns(source)).collect(),
        methods: competing(),
        footnote: None,
    };
    Some(figure(&course.incidence, &subject, data, settings, facts))
}

fn tabulate(panel: &InterestPanel, source: &AdverseEvents, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let mut recorder = Recorder::new(facts, "tolerability", INTEREST.0, &panel.panel, data);
    let mut notes = recorder.notes(&["ADAE", "ADSL"]);
    explain(settings, &mut notes);
    let mut rows = Vec::new();
    for course in &panel.courses {
        let words = group_words(&EventGroup::Interest(course.position), source);
        rows.push(heading_row(&words.stub));
        rows.extend(CourseRows { panel, course, words, level: settings.intervals.level, recorder: &mut recorder }.all());
    }
    let columns = recorder.columns(&panel.panel.groups);
    let id = recorder.exhibit;
    let content = Content::Table(Table { stub: "Group of special interest".to_owned(), columns, rows });
    Exhibit { id, title: titled(INTEREST.1, &panel.panel), content, notes }
}

fn explain(settings: &Settings, notes: &mut Notes) {
    notes.methods =
        vec!["Cumulative incidence of the first event: Aalen-Johansen estimate with Aalen's variance [AalenJohansen1978]".to_owned()];
    notes.methods.extend(competing());
    notes.methods.extend([
        interval_note(&settings.intervals, IntervalMethod::LogLog),
        "Episode: records of the group in one subject that leave no free day between them".to_owned(),
        "Mean number of episodes per subject: mean cumulative function of recurrent events with its robust variance [LawlessNadeau1995], observation ending with collection: subjects who leave are taken to go on as those who stay; intervals: log transformation"
            .to_owned(),
        "Months of 30.4375 days".to_owned(),
    ]);
    notes.abbreviations = vec!["CI: confidence interval".to_owned()];
    footnote(
        notes,
        format!("Estimates over time are given for dosages with at least {MINIMUM_SUBJECTS} subjects, not for all dosages together."),
    );
}

/// Makes the rows of one group.
struct CourseRows<'a, 'f> {
    panel: &'a InterestPanel,
    course: &'a InterestCourse,
    words: GroupWords,
    level: f64,
    recorder: &'a mut Recorder<'f>,
}

impl CourseRows<'_, '_> {
    fn all(&mut self) -> Vec<Row> {
        let landmarks: Vec<f64> =
            self.course.columns.first().map_or_else(Vec::new, |column| column.means.iter().map(|at| at.months).collect());
        let mut rows: Vec<Row> = landmarks.iter().enumerate().map(|(place, months)| self.incidence(place, *months)).collect();
        rows.push(self.episodes());
        rows.push(self.repeated());
        rows.extend(landmarks.iter().enumerate().map(|(place, months)| self.mean(place, *months)));
        rows
    }

    fn percent(&self) -> f64 {
        (self.level * 1000.0).round() / 10.0
    }

    /// The curve of each column; none for totals and small dosages.
    fn curves(&self) -> Vec<Option<&IncidenceCurve>> {
        let curve = |id: &str| self.course.incidence.curves.iter().find(|curve| curve.group.id == id);
        self.panel.panel.groups.iter().map(|group| curve(&group.id).filter(|_| group.dosage.is_some())).collect()
    }

    fn incidence(&mut self, place: usize, months: f64) -> Row {
        let label = format!("{}: cumulative incidence by month {months}", self.words.stub);
        let what = format!("{} month {months}", self.words.id);
        let columns: Vec<&str> = self.words.columns.iter().map(String::as_str).collect();
        let curves: Vec<Option<IncidenceCurve>> = self.curves().into_iter().map(Option::<&IncidenceCurve>::cloned).collect();
        let made = cells(&self.panel.panel.groups, &curves, |_, curve: &Option<IncidenceCurve>| {
            let Some(curve) = curve else { return Cell::NotAvailable };
            let Some(landmark) = curve.landmarks.get(place) else { return Cell::NotAvailable };
            let source = ("ADAE", self.words.filter.as_str(), columns.as_slice());
            let (measure, method) = ("aesi_incidence", "Aalen-Johansen estimate");
            let item = Item { measure, what: Some(&what), group: &curve.group, label: &label, method, source };
            let n = Some(curve.group.n() as u64);
            let id = self.recorder.number(&item, landmark.estimate, Unit::Proportion, n, landmark.interval, curve.rows.clone());
            Cell::Facts(CellPattern::PercentInterval, vec![id])
        });
        fact_row(&format!("Cumulative incidence by month {months} ({}% CI)", self.percent()), 1, made)
    }

    fn episodes(&mut self) -> Row {
        let label = format!("{}: episodes", self.words.stub);
        let columns: Vec<&str> = self.words.columns.iter().map(String::as_str).collect();
        let made = cells(&self.panel.panel.groups, &self.course.columns, |_, column: &InterestColumn| {
            if column.followed.n() == 0 {
                return Cell::NotAvailable;
            }
            let source = ("ADAE", self.words.filter.as_str(), columns.as_slice());
            let (measure, what, method) = ("aesi_episodes", Some(self.words.id.as_str()), "count of episodes");
            let item = Item { measure, what, group: &column.followed, label: &label, method, source };
            Cell::Facts(CellPattern::Value, vec![self.recorder.count(&item, column.episodes, column.rows.clone())])
        });
        fact_row("Episodes", 1, made)
    }

    fn repeated(&mut self) -> Row {
        let label = format!("{}: two episodes or more", self.words.stub);
        let columns: Vec<&str> = self.words.columns.iter().map(String::as_str).collect();
        let made = cells(&self.panel.panel.groups, &self.course.columns, |_, column: &InterestColumn| {
            if column.repeated.n == 0 {
                return Cell::NotAvailable;
            }
            let source = ("ADAE", self.words.filter.as_str(), columns.as_slice());
            let (measure, what, method) = ("aesi_repeated", Some(self.words.id.as_str()), "count of subjects");
            let item = Item { measure, what, group: &column.followed, label: &label, method, source };
            Cell::Facts(CellPattern::CountOfPercent, vec![self.recorder.proportion(&item, &column.repeated)])
        });
        fact_row("Subjects with two episodes or more, n/N (%)", 1, made)
    }

    fn mean(&mut self, place: usize, months: f64) -> Row {
        let label = format!("{}: mean number of episodes by month {months}", self.words.stub);
        let what = format!("{} month {months}", self.words.id);
        let columns: Vec<&str> = self.words.columns.iter().map(String::as_str).collect();
        let made = cells(&self.panel.panel.groups, &self.course.columns, |group, column: &InterestColumn| {
            let at = column.means.get(place).filter(|_| group.dosage.is_some() && column.followed.n() >= MINIMUM_SUBJECTS);
            let Some(at) = at else { return Cell::NotAvailable };
            let source = ("ADAE", self.words.filter.as_str(), columns.as_slice());
            let (measure, method) = ("aesi_mean_episodes", "mean cumulative function");
            let item = Item { measure, what: Some(&what), group: &column.followed, label: &label, method, source };
            let n = Some(column.followed.n() as u64);
            let id = self.recorder.number(&item, at.estimate, Unit::Dimensionless, n, at.interval, column.rows.clone());
            Cell::Facts(CellPattern::ValueInterval, vec![id])
        });
        fact_row(&format!("Mean episodes per subject by month {months} ({}% CI)", self.percent()), 1, made)
    }
}
