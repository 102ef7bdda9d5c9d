//! Time to the first severe event and to the first dose modification: F-E09.

use crate::analysis::tolerability::{
    EventClass, IncidenceCurve, IncidencePanel, MINIMUM_SUBJECTS, POST_TREATMENT_DAYS, TolerabilityResult,
};
use crate::config::Settings;
use crate::data::DatasetName;
use crate::derive::{AdverseEvents, AnalysisData, DoseAction};
use crate::quantity::{DAYS_PER_MONTH, IntervalMethod, Rows};

use super::super::efficacy::risk_times;
use super::super::population::titled;
use super::super::record::{Item, Recorder, interval_note};
use super::super::series::series_key;
use super::super::table::footnote;
use super::super::{Axis, Content, Exhibit, ExhibitId, Facts, FigureSpec, Notes, Plot, Slice, StepCurve, StepPoint, Unit};
use super::words::{class_words, day_columns, severity_footnote};
use super::{FIRST_GRADE3PLUS, FIRST_MODIFICATION, placeholder};

/// What one of the figures is about.
pub(super) struct Subject<'a> {
    /// Code and title.
    pub(super) exhibit: (&'a str, &'a str),
    /// Second piece of the ids of its facts; none where a table gives the same numbers.
    pub(super) measure: Option<&'a str>,
    /// The event in words.
    pub(super) event: &'a str,
    /// Dataset of the events.
    pub(super) dataset: &'a str,
    /// Filter in the columns of the dataset.
    pub(super) filter: String,
    /// Columns that were read.
    pub(super) columns: Vec<String>,
    /// What competes and who is censored.
    pub(super) methods: [String; 2],
    /// Footnote of its own.
    pub(super) footnote: Option<String>,
}

/// Both figures, for the programme and for each randomised part.
pub(super) fn gather(
    result: &TolerabilityResult,
    source: &AdverseEvents,
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Vec<Exhibit> {
    let mut exhibits = Vec::new();
    match &result.first_grade3plus {
        Some(panels) => exhibits.extend(figures(panels, &grade3plus(source), data, settings, facts)),
        None => exhibits.push(placeholder(
            FIRST_GRADE3PLUS,
            "The adverse events have neither a grade nor a severity.",
            &["ADAE: AETOXGR (or AESEV), ASTDY"],
        )),
    }
    match &result.first_modification {
        Some(first) => {
            let made = if first.from_dosing { from_dosing(data) } else { from_actions(source) };
            let subject = Subject { footnote: no_reason_footnote(data), ..made };
            exhibits.extend(figures(&first.panels, &subject, data, settings, facts));
        }
        None => {
            let reason = "The data hold neither dosing intervals with reasons nor the action taken with the drug.";
            exhibits.push(placeholder(FIRST_MODIFICATION, reason, &["ADEX: EXDOSE, ASTDT, AENDT, EXADJ", "or ADAE: AEACN, ASTDY"]));
        }
    }
    exhibits
}

fn grade3plus(source: &AdverseEvents) -> Subject<'static> {
    let words = class_words(EventClass::Grade3Plus, source);
    Subject {
        exhibit: FIRST_GRADE3PLUS,
        measure: Some("first_grade3plus_incidence"),
        event: "a treatment-emergent adverse event of grade 3 or higher",
        dataset: "ADAE",
        filter: format!("{}, first of each subject", words.filter),
        columns: words.columns.into_iter().chain(day_columns(source)).collect(),
        methods: competing(),
        footnote: severity_footnote(source),
    }
}

/// What competes with treatment-emergent events.
pub(super) fn competing() -> [String; 2] {
    [
        format!(
            "Competing: death, and the end of the {POST_TREATMENT_DAYS} days after the last dose, in which events still count as treatment-emergent"
        ),
        "Subjects on treatment or within these days at the cut-off are censored there".to_owned(),
    ]
}

/// The columns of ADSL that bound the time at risk.
fn bounds(data: &AnalysisData) -> Vec<String> {
    let columns = &data.subject_columns;
    columns.treatment_time().into_iter().chain(columns.discontinuation_reason.clone()).chain(columns.deaths()).collect()
}

fn modification<'a>(dataset: &'a str, filter: &str, columns: Vec<String>, method: &str) -> Subject<'a> {
    Subject {
        exhibit: FIRST_MODIFICATION,
        measure: Some("first_modification_incidence"),
        event: "a dose interruption, a dose reduction or permanent discontinuation because of an adverse event",
        dataset,
        filter: filter.to_owned(),
        columns,
        methods: [
            method.to_owned(),
            "Competing: death, and the end of treatment for another reason; subjects on treatment at the cut-off are censored there"
                .to_owned(),
        ],
        footnote: None,
    }
}

/// The footnote where nothing says why treatment was stopped.
fn no_reason_footnote(data: &AnalysisData) -> Option<String> {
    let text = "ADSL gives no reason for stopping treatment: a permanent discontinuation because of an adverse event is not counted as an event and competes.";
    data.subject_columns.discontinuation_reason.is_none().then(|| text.to_owned())
}

fn from_dosing(data: &AnalysisData) -> Subject<'static> {
    let dataset = data.dosing.as_ref().and_then(|dosing| dosing.dataset).unwrap_or(DatasetName::Adex).label();
    modification(
        dataset,
        "first interruption or reduction because of an adverse event",
        data.dosing.as_ref().map(|dosing| dosing.columns.clone()).unwrap_or_default(),
        "Interruptions and reductions from the dosing intervals and their reasons; discontinuations from the reason in ADSL, on the day of the last dose",
    )
}

fn from_actions(source: &AdverseEvents) -> Subject<'static> {
    let action = source.action_column.as_deref().unwrap_or("AEACN");
    let acted = [DoseAction::Reduced, DoseAction::Interrupted, DoseAction::Withdrawn];
    let values: Vec<&str> = acted.iter().filter_map(|action| source.action_values.get(action)).flatten().map(String::as_str).collect();
    let values = if values.is_empty() { "DOSE REDUCED or DRUG INTERRUPTED or DRUG WITHDRAWN".to_owned() } else { values.join(" or ") };
    let filter = format!("{action} = {values}, first of each subject");
    modification(
        "ADAE",
        &filter,
        ["USUBJID".to_owned(), action.to_owned()].into_iter().chain(day_columns(source)).collect(),
        "From the action taken with each event, on the day on which the event started: the data hold no dosing intervals with reasons; discontinuations also from the reason in ADSL",
    )
}

fn figures(panels: &[IncidencePanel], subject: &Subject<'_>, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    panels
        .iter()
        .filter_map(|panel| {
            if panel.curves.is_empty() {
                let reason = format!("No dosage has {MINIMUM_SUBJECTS} subjects whose time on treatment is known.");
                let id = ExhibitId::new(subject.exhibit.0, None);
                let empty = Exhibit::placeholder(id, subject.exhibit.1, reason, &["ADSL: TRTSDT, TRTEDT, EOTSTT, DCUTDT"]);
                return panel.panel.part.is_none().then_some(empty);
            }
            Some(figure(panel, subject, data, settings, facts))
        })
        .collect()
}

/// The figure of one panel.
pub(super) fn figure(
    panel: &IncidencePanel,
    subject: &Subject<'_>,
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Exhibit {
    let mut recorder = Recorder::new(facts, "tolerability", subject.exhibit.0, &panel.panel, data);
    for curve in &panel.curves {
        record_landmarks(curve, subject, &mut recorder);
    }
    let last = panel.curves.iter().map(IncidenceCurve::longest_months).fold(0.0, f64::max);
    let risk_times = risk_times(last);
    let rows: Rows = panel.curves.iter().flat_map(|curve| curve.rows.as_slice().iter().copied()).collect();
    let subjects: Rows = panel.curves.iter().flat_map(|curve| curve.group.rows.as_slice().iter().copied()).collect();
    let notes = notes(panel, subject, settings, &recorder);
    let event = subject.event;
    Exhibit {
        id: recorder.exhibit,
        title: titled(subject.exhibit.1, &panel.panel),
        content: Content::Figure(FigureSpec {
            alt: format!("Cumulative incidence of {event}. {}.", panel.curves.iter().map(told).collect::<Vec<String>>().join("; ")),
            plot: Plot::Steps {
                time: Axis { label: "Time since first dose (months)".to_owned(), log: false, range: Some((0.0, last)) },
                probability: Axis { label: "Cumulative incidence".to_owned(), log: false, range: Some((0.0, 1.0)) },
                curves: panel.curves.iter().map(|curve| step_curve(curve, &risk_times, settings)).collect(),
                risk_times,
            },
            source: vec![
                Slice::new(subject.dataset, subject.filter.as_str(), subject.columns.iter().cloned(), rows),
                Slice::new("ADSL", "time on treatment known", bounds(data), subjects),
            ],
        }),
        notes,
    }
}

fn notes(panel: &IncidencePanel, subject: &Subject<'_>, settings: &Settings, recorder: &Recorder<'_>) -> Notes {
    let mut notes = recorder.notes(&[subject.dataset, "ADSL"]);
    notes.grouping = format!("Curves {}", panel.panel.assignment.label());
    notes.methods = vec![
        format!(
            "Aalen-Johansen estimate with Aalen's variance [AalenJohansen1978]; bands: {}",
            interval_note(&settings.intervals, IntervalMethod::LogLog)
        ),
        format!("Event: {}; the day of the first dose is day 1; months of 30.4375 days", subject.event),
    ];
    notes.methods.extend(subject.methods.iter().cloned());
    if let Some(text) = &subject.footnote {
        footnote(&mut notes, text.as_str());
    }
    if !panel.too_few.is_empty() {
        footnote(&mut notes, format!("Not drawn, fewer than {MINIMUM_SUBJECTS} subjects: {}.", panel.too_few.join(", ")));
    }
    let missed: u64 = panel.curves.iter().map(|curve| curve.missed).sum();
    if missed > 0 {
        footnote(&mut notes, format!("Subjects whose first event lies after their time at risk and does not count here: {missed}."));
    }
    notes
}

/// The probability at each landmark, as facts that the text can quote.
fn record_landmarks(curve: &IncidenceCurve, subject: &Subject<'_>, recorder: &mut Recorder<'_>) {
    let Some(measure) = subject.measure else { return };
    let columns: Vec<&str> = subject.columns.iter().map(String::as_str).collect();
    for landmark in &curve.landmarks {
        let months = landmark.months;
        let (what, label) = (format!("month_{months}"), format!("Cumulative incidence at {months} months of {}", subject.event));
        let source = (subject.dataset, subject.filter.as_str(), columns.as_slice());
        let item = Item { measure, what: Some(&what), group: &curve.group, label: &label, method: "Aalen-Johansen estimate", source };
        recorder.number(&item, landmark.estimate, Unit::Proportion, Some(curve.group.n() as u64), landmark.interval, curve.rows.clone());
    }
}

fn step_curve(curve: &IncidenceCurve, risk_times: &[f64], settings: &Settings) -> StepCurve {
    let start = StepPoint { time: 0.0, estimate: 0.0, lower: None, upper: None };
    let mut steps = vec![start];
    steps.extend(curve.steps.iter().map(|step| StepPoint {
        time: step.days / DAYS_PER_MONTH,
        estimate: step.estimate,
        lower: step.lower,
        upper: step.upper,
    }));
    // The last estimate holds to the end of the longest time at risk.
    if let Some(last) = steps.last().copied().filter(|last| last.time < curve.longest_months()) {
        steps.push(StepPoint { time: curve.longest_months(), ..last });
    }
    StepCurve {
        series: series_key(&curve.group, settings, curve.group.n()),
        steps,
        censored: curve.censored_days.iter().map(|days| days / DAYS_PER_MONTH).collect(),
        at_risk: risk_times.iter().map(|time| curve.at_risk(*time)).collect(),
    }
}

fn told(curve: &IncidenceCurve) -> String {
    let n = curve.group.n();
    let known = curve.landmarks.iter().rev().find_map(|landmark| Some((landmark.months, landmark.estimate?)));
    let at = known.map_or_else(String::new, |(months, estimate)| format!(", {:.0}% by {months} months", 100.0 * estimate));
    format!("{}: {} of {n} subjects with the event{at}", curve.group.label, curve.events)
}
