//! What the figures of dose escalation show: decisions by count, the toxicity curve with the path of the trial, and what designs select.

use serde::Serialize;

use crate::analysis::escalation::design::Decision;

use super::figure::Axis;

/// Scenarios that one figure of selections holds; more are split over several figures.
pub const SCENARIOS_PER_FIGURE: usize = 8;

/// What a rule says after a cohort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GridAction {
    /// Go up one dose.
    Escalate,
    /// Treat the next cohort at the same dose.
    Stay,
    /// Go down one dose.
    DeEscalate,
    /// Go down and never come back: the dose and all above it are eliminated.
    Eliminate,
    /// Treat nobody any more.
    Stop,
}

impl From<Decision> for GridAction {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Escalate => Self::Escalate,
            Decision::Stay => Self::Stay,
            Decision::DeEscalate => Self::DeEscalate,
            Decision::Eliminate => Self::Eliminate,
            Decision::Stop => Self::Stop,
        }
    }
}

/// The decision at one count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct GridCell {
    /// Evaluable patients at the dose.
    pub n: u32,
    /// Those with dose-limiting toxicity.
    pub dlt: u32,
    /// What the rule says.
    pub action: GridAction,
}

/// A count that was observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GridPoint {
    /// Evaluable patients at the dose.
    pub n: u32,
    /// Those with dose-limiting toxicity.
    pub dlt: u32,
    /// Whose count it is: the dose; the figure adds the count itself.
    pub label: String,
}

/// Probability of dose-limiting toxicity by dose, and the path of the trial through the doses. Either is drawn where it is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToxicityCurve {
    /// Horizontal axis of the upper panel, named with the unit of the doses; it may be logarithmic.
    pub dose: Axis,
    /// Vertical axis of the upper panel, a probability from 0 to 1.
    pub probability: Axis,
    /// Target probability.
    pub target: f64,
    /// Interval around the target, where the design has one.
    pub target_interval: Option<(f64, f64)>,
    /// Doses from the lowest to the highest.
    pub doses: Vec<DoseToxicity>,
    /// Posterior curve at closely spaced doses, ascending; may be empty.
    pub curve: Vec<CurvePoint>,
    /// Cohorts in the order of treatment; may be empty.
    pub path: Vec<PathStep>,
    /// Chosen dose.
    pub recommended: Option<RecommendedDose>,
    /// What the marks mean.
    pub labels: ToxicityLabels,
}

/// An estimate with its interval at one dose.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Dose.
    pub dose: f64,
    /// Estimated probability of dose-limiting toxicity, for example the posterior median.
    pub estimate: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

/// What is known of the toxicity of one dose.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DoseToxicity {
    /// Label: `360 mg`.
    pub label: String,
    /// Place on the dose axis.
    pub dose: f64,
    /// Evaluable patients.
    pub n: u32,
    /// Those with dose-limiting toxicity.
    pub dlt: u32,
    /// Observed rate with its interval; its `dose` is the one above.
    pub observed: Option<CurvePoint>,
    /// Posterior or model-based estimate with its interval; its `dose` is the one above.
    pub posterior: Option<CurvePoint>,
    /// Posterior probability that the rate exceeds what [`ToxicityLabels::exceeds`] names.
    pub prob_exceeds: Option<f64>,
}

/// What the marks of a toxicity curve mean, with the levels of their intervals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ToxicityLabels {
    /// Points: `Observed rate, exact 95% interval`.
    pub observed: String,
    /// Line and band: `Posterior median, 90% credible interval`.
    pub posterior: String,
    /// The row of probabilities: `P(rate > 33%)`.
    pub exceeds: String,
}

/// The dose that was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecommendedDose {
    /// Its position among the doses of the figure.
    pub dose: usize,
    /// What it was chosen as: `MTD`, `recommended for expansion`.
    pub label: String,
}

/// One cohort on the path of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PathStep {
    /// Number or name of the cohort.
    pub cohort: String,
    /// Position of its dose among the doses of the figure.
    pub dose: usize,
    /// Evaluable patients of the cohort.
    pub n: u32,
    /// Those with dose-limiting toxicity.
    pub dlt: u32,
    /// Evaluable patients and those with dose-limiting toxicity among all at the dose so far, on which the decision rests; none where it is unknown.
    pub at_dose: Option<DltCount>,
    /// What the rule said after the cohort.
    pub decision: GridAction,
    /// Whether the trial did otherwise.
    pub overridden: bool,
}

/// Patients and those with dose-limiting toxicity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DltCount {
    /// Evaluable patients.
    pub n: u32,
    /// Those with dose-limiting toxicity.
    pub dlt: u32,
}

/// One scenario of a comparison of designs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SelectionScenario {
    /// Label: `Scenario 1: MTD at 240 mg`.
    pub label: String,
    /// Target probability of dose-limiting toxicity.
    pub target: f64,
    /// Doses from the lowest to the highest.
    pub doses: Vec<ScenarioDose>,
    /// One result per design, in the order of the figure's designs; `None` where the design was not run.
    pub results: Vec<Option<SelectionResult>>,
}

/// A dose of a scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScenarioDose {
    /// Label: `240 mg`.
    pub label: String,
    /// True probability of dose-limiting toxicity.
    pub probability: f64,
    /// How that stands to the target.
    pub standing: TrueToxicity,
}

/// How the true probability of toxicity of a dose stands to the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TrueToxicity {
    /// Below the target or the target interval.
    Below,
    /// At the target or within the target interval: the doses that a design should select.
    AtTarget,
    /// Above the target or the target interval.
    Above,
}

/// What one design did under one scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SelectionResult {
    /// Probability of selecting each dose, from 0 to 1.
    pub selected: Vec<SelectionShare>,
    /// Probability of selecting no dose.
    pub none: SelectionShare,
    /// Mean number of patients at each dose; may be empty.
    pub mean_n: Vec<f64>,
}

/// A probability with its simulation error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SelectionShare {
    /// Probability from 0 to 1.
    pub share: f64,
    /// Monte-Carlo standard error; none where the value is exact.
    pub standard_error: Option<f64>,
}
