//! Dose escalation: dose-limiting toxicities by dosage, the design and its characteristics, the decisions that were taken, and the maximum
//! tolerated dose under the trial's design and under other methods.
//!
//! [`design`] holds the designs themselves, which know counts and nothing clinical; [`trial_design`] builds the one that the project names.

pub mod combination_characteristics;
mod course;
pub mod decision_words;
pub mod design;
pub mod design_comparison;
mod dlt;
mod levels;
mod mtd;
mod planned_characteristics;
mod posterior_curve;
pub mod trial_characteristics;
pub mod trial_design;

pub use course::{Agreement, Course, CourseStep, Departure};
pub use dlt::{DltColumn, DltPanel, DltPosterior, DltResult};
pub use levels::{EscalationLevel, LevelCounts, check_design, escalation_levels};
pub use mtd::{MtdMethod, MtdReading, MtdResult};
pub use planned_characteristics::{ODDS_PER_LEVEL, PlannedCharacteristics, PlannedScenario};
pub use posterior_curve::{CurvePoint, PosteriorCurve};

use std::sync::Arc;

use crate::config::Settings;
use crate::derive::AnalysisData;

use design::{DesignError, MAX_PATIENTS};
use trial_design::TrialDesign;

/// What the data and the project say about dose escalation.
#[derive(Debug, Clone, Default)]
pub struct EscalationResult {
    /// Dose-limiting toxicities by dosage; `None` when the data say neither who was evaluable nor who had one.
    pub dlt: Option<DltResult>,
    /// The levels of the escalation, lowest first.
    pub levels: Vec<EscalationLevel>,
    /// The design of the project on these levels; `None` where it names none.
    pub design: Option<Result<Arc<TrialDesign>, DesignError>>,
    /// What the design does under assumed truths; `None` without a design that can be run, or without a target and scenarios.
    pub characteristics: Option<PlannedCharacteristics>,
    /// The decisions that were taken; `None` without a log.
    pub course: Option<Course>,
    /// The maximum tolerated dose; `None` without counts at two levels or without a target.
    pub mtd: Option<MtdResult>,
}

impl EscalationResult {
    /// The design, where it can be run on the levels.
    #[must_use]
    pub fn runnable(&self) -> Option<&TrialDesign> {
        self.design.as_ref()?.as_ref().ok().map(Arc::as_ref)
    }
}

/// Analyses the escalation.
#[must_use]
pub fn analyse(data: &AnalysisData, settings: &Settings) -> EscalationResult {
    let dlt = dlt::tabulate_dlt(data, settings);
    let levels = escalation_levels(settings);
    let counts = dlt.as_ref().map(|dlt| levels::count(dlt, &levels, settings));
    let logged = data.decisions.iter().flat_map(|log| &log.cohorts).map(|cohort| cohort.total.n).max().unwrap_or(0);
    let counted = counts.iter().flat_map(|counts| &counts.pooled).map(|tally| tally.n).max().unwrap_or(0);
    let options = settings.escalation.as_ref().and_then(|escalation| escalation.design.as_ref());
    let design = options.map(|options| {
        let amounts = levels::amounts(&levels, options)?;
        TrialDesign::new(options, &amounts, logged.max(counted).min(MAX_PATIENTS)).map(Arc::new)
    });
    let runnable = design.as_ref().and_then(|design| design.as_ref().ok()).map(Arc::as_ref);
    let course = data.decisions.as_ref().map(|log| course::follow(log, &levels, runnable, counts.as_ref()));
    let mtd = counts.as_ref().and_then(|counts| mtd::select(counts, &levels, runnable, settings));
    let characteristics = runnable.and_then(|design| planned_characteristics::run(design, &levels, settings));
    EscalationResult { dlt, characteristics, levels, design, course, mtd }
}
