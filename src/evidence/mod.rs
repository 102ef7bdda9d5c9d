//! What the report may say, in full precision: facts, exhibits (tables and figure specifications), provenance.
//!
//! Each file named as an analysis turns its result into [`Fact`]s and [`Exhibit`]s; [`record`] is the one place that names facts.

mod candidates;
pub mod comparison;
pub mod efficacy;
pub mod escalation;
mod exhibit;
pub mod exposure;
pub mod exposure_response;
mod fact;
mod figure;
mod figure_escalation;
mod figure_forest;
mod figure_pk;
mod figure_prevalence;
mod figure_reported;
mod figure_response;
mod figure_utility;
pub mod json;
pub mod patient_reported;
pub mod pk;
mod planned;
pub mod population;
mod provenance;
pub mod record;
pub mod series;
pub mod simulation;
pub mod starting_dose;
pub mod table;
pub mod tolerability;
pub mod utility;

pub use exhibit::{Cell, CellPattern, Column, Content, Exhibit, ExhibitId, Notes, Placeholder, Row, Table};
pub use fact::{Fact, FactId, FactValue, Facts, Slice, Unit, slug};
pub use figure::{
    Axis, BandPoint, Bar, BoxSeries, Curve, CurvePanel, FigureSpec, Lane, Mark, MarkKind, Plot, ProfilePoint, ProfileSeries, ReferenceBand,
    ReferenceLine, Rung, RungKind, Segment, SeriesKey, SpiderFacet, StepCurve, StepPoint,
};
pub use figure_escalation::{
    CurvePoint, DltCount, DoseToxicity, GridAction, GridCell, GridPoint, PathStep, RecommendedDose, SCENARIOS_PER_FIGURE, ScenarioDose,
    SelectionResult, SelectionScenario, SelectionShare, ToxicityCurve, ToxicityLabels, TrueToxicity,
};
pub use figure_forest::{ForestEstimate, ForestPlot, ForestRow};
pub use figure_pk::{CourseMean, CourseSeries, ExposurePanel, ExposurePoints, ViolinSeries};
pub use figure_prevalence::{StackedBar, StackedFacet};
pub use figure_reported::{AnswerBar, AnswerPanel, ChangePanel, ChangePoint, ChangeSeries};
pub use figure_response::{ExposureResponsePlot, ObservedGroup, ObservedOutcome, OutcomeCurvesPlot, ResponseCurve};
pub use figure_utility::{TornadoBar, UtilityBar, UtilityPlot, WeightSweep};
pub use provenance::{DatasetRecord, Provenance};

use crate::analysis::Results;
use crate::config::Settings;
use crate::config::nonclinical::NonclinicalFile;
use crate::derive::AnalysisData;
use crate::diagnostic::Diagnostic;

/// Everything the dossier may say.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Every quotable value by id.
    pub facts: Facts,
    /// Tables, figures and placeholders in the order in which they were made.
    pub exhibits: Vec<Exhibit>,
    /// What was seen in the data, accepted or not.
    pub diagnostics: Vec<Diagnostic>,
    /// Files, versions, seed, defaults.
    pub provenance: Provenance,
}

impl Evidence {
    /// The exhibit of an id.
    #[must_use]
    pub fn exhibit(&self, id: &ExhibitId) -> Option<&Exhibit> {
        self.exhibits.iter().find(|exhibit| exhibit.id == *id)
    }
}

/// Gathers facts and exhibits from the results, in the order of the dossier.
#[must_use]
pub fn gather(
    results: &Results,
    data: &AnalysisData,
    nonclinical: Option<&NonclinicalFile>,
    settings: &Settings,
    diagnostics: Vec<Diagnostic>,
    provenance: Provenance,
) -> Evidence {
    let mut facts = Facts::default();
    let mut exhibits = match results.starting_dose.as_ref().zip(nonclinical) {
        Some((result, file)) => starting_dose::gather(result, file, settings, &mut facts),
        None => starting_dose::gather_absent(),
    };
    exhibits.extend(population::gather(&results.population, data, settings, &mut facts));
    exhibits.extend(escalation::gather(&results.escalation, data, settings, &mut facts));
    exhibits.extend(match &results.exposure {
        Some(result) => exposure::gather(result, data, settings, &mut facts),
        None => exposure::gather_absent(),
    });
    exhibits.extend(match &results.tolerability {
        Some(result) => tolerability::gather(result, data, settings, &mut facts),
        None => tolerability::gather_absent(),
    });
    exhibits.extend(patient_reported::gather(results.patient_reported.as_ref(), data, settings, &mut facts));
    exhibits.extend(efficacy::gather(&results.efficacy, data, settings, &mut facts));
    exhibits.extend(comparison::gather(&results.comparison, data, settings, &mut facts));
    exhibits.extend(pk::gather(results.pk.as_ref(), data, settings, &mut facts));
    exhibits.extend(pk::gather_immunogenicity(results.immunogenicity.as_ref(), data, settings, &mut facts));
    exhibits.extend(exposure_response::gather(&results.exposure_response, data, settings, &mut facts));
    exhibits.extend(exposure_response::gather_doses(&results.dose_response, data, settings, &mut facts));
    exhibits.push(exposure_response::gather_safety(&results.exposure_safety, data, settings, &mut facts));
    exhibits.extend(simulation::gather(results, data, settings, &mut facts));
    exhibits.push(candidates::gather(settings, &facts));
    exhibits.extend(utility::gather(settings, &mut facts));
    if let Some(plan) = &settings.plan {
        facts.mark_planned(|id, fact| planned::planned(plan, id, fact));
    }
    Evidence { facts, exhibits, diagnostics, provenance }
}
