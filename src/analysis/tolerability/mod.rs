//! Adverse events by dosage, by the treatment that the project groups safety by: overview with exposure-adjusted rates, common terms by grade, the first severe event against the window of
//! dose-limiting toxicity, onset, duration and resolution of groups of events, prevalence by month and grade, and the time to the first severe event and to the first dose modification.

mod class;
mod emergent;
mod episode;
mod event_group;
mod first_event;
mod incidence;
mod index;
mod interest;
mod overview;
mod prevalence;
mod resolution;
mod terms;
pub mod toxicity_index;
mod window;

pub use class::EventClass;
pub use event_group::EventGroup;
pub use first_event::{FirstModification, MINIMUM_SUBJECTS, POST_TREATMENT_DAYS};
pub use incidence::{IncidenceCurve, IncidenceLandmark, IncidencePanel, IncidenceStep};
pub use index::{IndexColumn, IndexPanel};
pub use interest::{InterestColumn, InterestCourse, InterestPanel, MeanCount};
pub use overview::{ClassColumn, ClassRow, OverviewPanel, PatientTime};
pub use prevalence::{GradedPrevalence, MINIMUM_FOLLOWED, PREVALENCE_MONTHS, PrevalenceBand, PrevalencePanel, PrevalenceSeries};
pub use resolution::{EpisodeDuration, Followed, PERSISTENT_DAYS, ResolutionColumn, ResolutionPanel, ResolutionRow};
pub use terms::{TermColumn, TermRow, TermsPanel};
pub use window::{WindowColumn, WindowPanel};

use crate::config::Settings;
use crate::derive::AnalysisData;

use super::grouping::{Panel, Population, panels};
use super::treatment::TreatmentTimes;
use emergent::EmergentEvents;

/// What is known of tolerability from adverse events.
#[derive(Debug, Clone)]
pub struct TolerabilityResult {
    /// Classes of treatment-emergent events, for the programme and for each part.
    pub overview: Vec<OverviewPanel>,
    /// Common preferred terms by maximum grade, for the programme and for each part.
    pub terms: Vec<TermsPanel>,
    /// The first event of grade 3 or higher against the window of dose-limiting toxicity, for the programme and for each part.
    pub window: Vec<WindowPanel>,
    /// Onset, duration and resolution of groups of events, for the programme and for each randomised part.
    pub resolution: Vec<ResolutionPanel>,
    /// Prevalence by month and grade, for the programme and for each randomised part; `None` when events have no grade.
    pub prevalence: Option<Vec<PrevalencePanel>>,
    /// Time to the first event and repeated events of each group of special interest, for the programme and for each randomised part; empty without groups.
    pub interest: Vec<InterestPanel>,
    /// Toxicity index, for the programme and for each randomised part; `None` when events have no grade.
    pub index: Option<Vec<IndexPanel>>,
    /// Time to the first event of grade 3 or higher, for the programme and for each randomised part; `None` when events have no grade.
    pub first_grade3plus: Option<Vec<IncidencePanel>>,
    /// Time to the first dose modification because of an adverse event, likewise; `None` when the data say of no modification why it was made.
    pub first_modification: Option<FirstModification>,
}

/// Describes adverse events by dosage in the safety set; `None` without ADAE, and nothing where no subject of the set has a dosage.
#[must_use]
pub fn analyse(data: &AnalysisData, settings: &Settings) -> Option<TolerabilityResult> {
    let source = data.adverse_events.as_ref()?;
    let events = EmergentEvents::of(source);
    let times = TreatmentTimes::of(data);
    let mut panels = panels(data, settings, Population::Safety, settings.grouping.safety.into());
    panels.retain(|panel| !panel.groups.is_empty());
    let of_randomised: Vec<&Panel> = panels.iter().filter(|panel| panel.part.is_none() || panel.randomised).collect();
    let context = Context { data, settings, events: &events, times: &times };
    let graded = source.grade_column.is_some();
    let terms = terms::tabulate_terms(&context, &panels);
    // Parts that were not randomised hold too few subjects for courses over time; the programme as a whole holds them.
    let followed: Vec<Panel> = of_randomised.iter().map(|panel| (*panel).clone()).collect();
    let followed_terms: Vec<TermsPanel> =
        terms.iter().filter(|terms| terms.panel.part.is_none() || terms.panel.randomised).cloned().collect();
    Some(TolerabilityResult {
        overview: overview::summarise_overview(&context, &panels),
        resolution: resolution::summarise_resolution(&context, &followed, &followed_terms),
        prevalence: graded.then(|| prevalence::summarise_prevalence(&context, &followed)),
        interest: interest::follow_interest(&context, &followed),
        index: graded.then(|| index::compare_indices(&context, &followed)),
        terms,
        window: if graded { window::summarise_window(&context, &panels) } else { Vec::new() },
        first_grade3plus: graded.then(|| first_event::time_to_class(&context, &of_randomised, EventClass::Grade3Plus)),
        first_modification: first_event::time_to_modification(&context, &of_randomised),
    })
}

/// What every table of adverse events is made from.
struct Context<'a> {
    data: &'a AnalysisData,
    settings: &'a Settings,
    events: &'a EmergentEvents<'a>,
    times: &'a TreatmentTimes,
}
