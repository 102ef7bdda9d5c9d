//! Prevalence of adverse events over time: F-E10.

use crate::analysis::measure::Proportion;
use crate::analysis::tolerability::{
    EventGroup, GradedPrevalence, MINIMUM_FOLLOWED, PERSISTENT_DAYS, PREVALENCE_MONTHS, PrevalencePanel, PrevalenceSeries,
    TolerabilityResult,
};
use crate::config::Settings;
use crate::derive::{AdverseEvents, AnalysisData};
use crate::quantity::Rows;

use super::super::population::titled;
use super::super::record::{Item, Recorder};
use super::super::series::series_key;
use super::super::table::footnote;
use super::super::{Axis, Content, Exhibit, ExhibitId, Facts, FigureSpec, Plot, Slice, StackedBar, StackedFacet};
use super::resolution::group_words;
use super::words::{day_columns, emergent, grade_column, grade_filter, severity_footnote};
use super::{PERSISTENT, PREVALENCE, placeholder};

/// Which of the two figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// Every event, by grade.
    ByGrade,
    /// Symptoms of low grade that last.
    Persistent,
}

impl Shown {
    fn exhibit(self) -> (&'static str, &'static str) {
        match self {
            Self::ByGrade => PREVALENCE,
            Self::Persistent => PERSISTENT,
        }
    }

    fn layers(self, source: &AdverseEvents) -> Vec<String> {
        let names: &[&str] = match self {
            Self::ByGrade if source.grade_from_severity => &["Mild", "Moderate", "Severe or worse"],
            Self::ByGrade => &["Grade 1", "Grade 2", "Grade 3 or higher"],
            Self::Persistent => &["Persistent symptom of grade 1 or 2"],
        };
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn parts(self, at: &GradedPrevalence) -> Vec<&Proportion> {
        match self {
            Self::ByGrade => at.bands.iter().collect(),
            Self::Persistent => vec![&at.persistent],
        }
    }

    /// What the text tells of a month.
    fn told(self, at: &GradedPrevalence) -> Option<f64> {
        match self {
            Self::ByGrade => at.any.share(),
            Self::Persistent => at.persistent.share(),
        }
    }
}

/// Both figures, for the programme and for each part.
pub(super) fn gather(
    result: &TolerabilityResult,
    source: &AdverseEvents,
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Vec<Exhibit> {
    let both = [Shown::ByGrade, Shown::Persistent];
    let needs = ["ADAE: AETOXGR (or AESEV), ASTDY, AENDY", "ADSL: TRTSDT, TRTEDT, EOTSTT, DCUTDT"];
    let Some(panels) = &result.prevalence else {
        let reason = "The adverse events have neither a grade nor a severity.";
        return both.map(|shown| placeholder(shown.exhibit(), reason, &needs)).to_vec();
    };
    let mut exhibits = Vec::new();
    for (panel, shown) in both.into_iter().flat_map(|shown| panels.iter().map(move |panel| (panel, shown))) {
        if !panel.series.is_empty() {
            exhibits.push(figure(panel, shown, source, data, settings, facts));
        } else if panel.panel.part.is_none() {
            let reason = format!("No dosage has {MINIMUM_FOLLOWED} subjects whose adverse events were collected for a month or longer.");
            exhibits.push(Exhibit::placeholder(ExhibitId::new(shown.exhibit().0, None), shown.exhibit().1, reason, &needs));
        }
    }
    exhibits
}

/// The filter and the columns of what a figure shows.
fn slice(shown: Shown, source: &AdverseEvents) -> (String, Vec<String>) {
    match shown {
        Shown::ByGrade => {
            let (filter, mut columns) = emergent(source);
            columns.push(grade_column(source).to_owned());
            columns.extend(day_columns(source));
            columns.push("AENDY".to_owned());
            (filter, columns)
        }
        Shown::Persistent => {
            let words = group_words(&EventGroup::LowGradeSymptoms, source);
            (format!("{} and longer than {PERSISTENT_DAYS} days", words.filter), words.columns)
        }
    }
}

fn figure(
    panel: &PrevalencePanel,
    shown: Shown,
    source: &AdverseEvents,
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Exhibit {
    let (code, title) = shown.exhibit();
    let mut recorder = Recorder::new(facts, "tolerability", code, &panel.panel, data);
    let (filter, columns) = slice(shown, source);
    for series in &panel.series {
        record(series, shown, source, settings, &mut recorder);
    }
    let mut notes = recorder.notes(&["ADAE", "ADSL"]);
    notes.grouping = format!("Panels {}", panel.panel.assignment.label());
    notes.methods = methods(shown);
    if let Some(text) = severity_footnote(source) {
        footnote(&mut notes, text);
    }
    let months = || panel.series.iter().flat_map(|series| &series.months);
    let rows: Rows = months().flat_map(|at| shown.parts(at)).flat_map(|part| part.rows.as_slice()).copied().collect();
    let subjects: Rows = months().flat_map(|at| at.among.rows.as_slice()).copied().collect();
    let told: Vec<String> = panel.series.iter().filter_map(|series| told(series, shown)).collect();
    let what = match shown {
        Shown::ByGrade => "a treatment-emergent adverse event",
        Shown::Persistent => "a symptom of grade 1 or 2 that lasted longer than 28 days",
    };
    Exhibit {
        id: recorder.exhibit,
        title: titled(title, &panel.panel),
        content: Content::Figure(FigureSpec {
            plot: Plot::Stacked {
                time: Axis { label: "Time since first dose (months)".to_owned(), log: false, range: None },
                share: Axis { label: "Patients with the event (%)".to_owned(), log: false, range: range(shown) },
                layers: shown.layers(source),
                facets: panel.series.iter().map(|series| facet(series, shown, settings)).collect(),
            },
            alt: format!("Share of patients with {what} on the day, by month. {}.", told.join("; ")),
            source: vec![
                Slice::new("ADAE", filter.as_str(), columns.iter().cloned(), rows),
                Slice::new("ADSL", "events still collected", recorder.set_columns.iter().cloned(), subjects),
            ],
        }),
        notes,
    }
}

/// Shares by grade fill the axis; those of persistent symptoms choose their own.
fn range(shown: Shown) -> Option<(f64, f64)> {
    (shown == Shown::ByGrade).then_some((0.0, 100.0))
}

fn methods(shown: Shown) -> Vec<String> {
    let counted = match shown {
        Shown::ByGrade => "A subject counts at the highest grade of the events that go on on the last day of the month".to_owned(),
        Shown::Persistent => format!(
            "A subject counts in every month at whose end an episode of grade 1 or 2, of a system organ class other than Investigations, goes on that lasted, or was seen to last, longer than {PERSISTENT_DAYS} days"
        ),
    };
    vec![
        counted,
        "Of the subjects whose events were still collected: until 30 days after the last dose, death or the cut-off; an event without an end goes on".to_owned(),
        format!("Months of 30.4375 days, up to month {PREVALENCE_MONTHS}; a month is shown for a dosage with at least {MINIMUM_FOLLOWED} subjects"),
    ]
}

/// The prevalence at the project's landmarks, as facts that the text can quote.
fn record(series: &PrevalenceSeries, shown: Shown, source: &AdverseEvents, settings: &Settings, recorder: &mut Recorder<'_>) {
    let landmarks = &settings.tolerability.landmarks_months;
    let is_landmark = |at: &&GradedPrevalence| landmarks.iter().any(|months| (months - f64::from(at.month)).abs() < 1e-9);
    let (filter, columns) = slice(shown, source);
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    for at in series.months.iter().filter(is_landmark) {
        let what = format!("month {}", at.month);
        let mut add = |measure: &str, words: &str, filter: &str, proportion: &Proportion| {
            let label = format!("Prevalence at month {} of {words}", at.month);
            let source = ("ADAE", filter, columns.as_slice());
            let item = Item { measure, what: Some(&what), group: &at.among, label: &label, method: "count of subjects", source };
            recorder.proportion(&item, proportion);
        };
        match shown {
            Shown::ByGrade => {
                let [one, two, severe] = &at.bands;
                let column = grade_column(source);
                let of = |grade: u8| format!("{filter}, highest {column} of those that go on = {grade}");
                add("prevalence_any", "any adverse event", &filter, &at.any);
                add("prevalence_grade1", "adverse events, highest grade 1", &of(1), one);
                add("prevalence_grade2", "adverse events, highest grade 2", &of(2), two);
                add(
                    "prevalence_grade3plus",
                    "adverse events of grade 3 or higher",
                    &format!("{filter} and {}", grade_filter(source, 3)),
                    severe,
                );
            }
            Shown::Persistent => add("prevalence_persistent", "persistent symptoms of grade 1 or 2", &filter, &at.persistent),
        }
    }
}

fn facet(series: &PrevalenceSeries, shown: Shown, settings: &Settings) -> StackedFacet {
    let bar = |at: &GradedPrevalence| {
        let shares: Option<Vec<f64>> = shown.parts(at).into_iter().map(|part| part.share().map(|share| 100.0 * share)).collect();
        Some(StackedBar { at: f64::from(at.month), n: at.among.n(), shares: shares? })
    };
    StackedFacet { series: series_key(&series.group, settings, series.group.n()), bars: series.months.iter().filter_map(bar).collect() }
}

fn told(series: &PrevalenceSeries, shown: Shown) -> Option<String> {
    let (first, last) = (series.months.first()?, series.months.last()?);
    let words = |at: &GradedPrevalence| Some(format!("{:.0}% at month {} (n = {})", 100.0 * shown.told(at)?, at.month, at.among.n()));
    let begin = format!("{} {}", series.group.label, words(first)?);
    if first.month == last.month {
        return Some(begin);
    }
    Some(format!("{begin}, {}", words(last)?))
}
