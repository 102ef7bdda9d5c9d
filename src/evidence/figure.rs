//! Figure specifications: what a figure shows, as data. Nothing here knows of pixels.
//!
//! Everything drawn rests on `source`; single numbers that the text quotes are facts of their own.

use serde::Serialize;

use super::fact::Slice;
use super::figure_escalation::{GridCell, GridPoint, SelectionScenario, ToxicityCurve};
use super::figure_forest::ForestPlot;
use super::figure_pk::{CourseSeries, ExposurePanel, ViolinSeries};
use super::figure_prevalence::StackedFacet;
use super::figure_reported::{AnswerPanel, ChangePanel};
use super::figure_response::{ExposureResponsePlot, OutcomeCurvesPlot};
use super::figure_utility::UtilityPlot;

/// A figure.
#[derive(Debug, Clone)]
pub struct FigureSpec {
    /// What is drawn.
    pub plot: Plot,
    /// What a reader who cannot see the figure needs to know, one or two sentences with numbers.
    pub alt: String,
    /// The rows that it shows.
    pub source: Vec<Slice>,
}

/// Where a series stands among the others; decides its shade, line type and marker.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SeriesKey {
    /// Label in the figure: the dosage's label.
    pub label: String,
    /// Dosage id in the project file.
    pub dosage: String,
    /// Position among the dosages of the drug, lowest 0.
    pub rank: usize,
    /// Number of dosages of the drug.
    pub of: usize,
    /// Whether it is a comparator, drawn apart.
    pub comparator: bool,
    /// Subjects in the series.
    pub n: usize,
}

/// An axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Axis {
    /// Name with unit: `Time since first dose (months)`.
    pub label: String,
    /// Whether it is logarithmic.
    pub log: bool,
    /// Fixed ends, where the data should not choose them.
    pub range: Option<(f64, f64)>,
}

/// A line across a figure that a reader compares with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReferenceLine {
    /// Place on the axis.
    pub at: f64,
    /// Label beside it.
    pub label: String,
}

/// The kinds of figures.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Plot {
    /// One lane per subject, time on the horizontal axis.
    Swimmer {
        /// Horizontal axis.
        time: Axis,
        /// Lanes, top to bottom, grouped by series.
        lanes: Vec<Lane>,
    },
    /// One bar per subject, ordered from the largest increase to the largest decrease within the series.
    Waterfall {
        /// Vertical axis.
        change: Axis,
        /// Bars, left to right.
        bars: Vec<Bar>,
        /// Horizontal lines, for example at -30% and +20%.
        thresholds: Vec<ReferenceLine>,
    },
    /// One line per subject, a facet per series.
    Spider {
        /// Horizontal axis.
        time: Axis,
        /// Vertical axis.
        change: Axis,
        /// Facets in order.
        facets: Vec<SpiderFacet>,
        /// Horizontal lines.
        thresholds: Vec<ReferenceLine>,
    },
    /// Box plots side by side, every observation as a point.
    Boxes {
        /// Vertical axis.
        value: Axis,
        /// Boxes, left to right.
        boxes: Vec<BoxSeries>,
        /// Horizontal lines, for example an exposure target.
        targets: Vec<ReferenceLine>,
    },
    /// Outlines of simulated distributions side by side, with observed values as points.
    Violins {
        /// Vertical axis.
        value: Axis,
        /// Outlines, left to right.
        violins: Vec<ViolinSeries>,
        /// Horizontal lines, for example an exposure target.
        targets: Vec<ReferenceLine>,
    },
    /// Step curves (Kaplan-Meier or cumulative incidence) with bands and numbers at risk.
    Steps {
        /// Horizontal axis.
        time: Axis,
        /// Vertical axis, a probability from 0 to 1.
        probability: Axis,
        /// Curves.
        curves: Vec<StepCurve>,
        /// Times at which the numbers at risk stand under the figure.
        risk_times: Vec<f64>,
    },
    /// Medians over ordered steps (cycles, visits) with quartile bars and numbers under the axis.
    Profile {
        /// Horizontal axis.
        step: Axis,
        /// Vertical axis.
        value: Axis,
        /// Series.
        series: Vec<ProfileSeries>,
    },
    /// Shares stacked into bars over time, a facet per series, with the numbers observed under each.
    Stacked {
        /// Horizontal axis.
        time: Axis,
        /// Vertical axis, a share in percent.
        share: Axis,
        /// Names of the layers, from the foot of a bar to its top.
        layers: Vec<String>,
        /// Facets in order.
        facets: Vec<StackedFacet>,
    },
    /// Decisions of an escalation rule: a cell per count, with the counts that were observed.
    DecisionGrid {
        /// Horizontal axis: evaluable patients at the dose.
        n: Axis,
        /// Vertical axis: those with dose-limiting toxicity.
        dlt: Axis,
        /// Cells in any order; decisions need not be monotone.
        cells: Vec<GridCell>,
        /// Counts of the trial.
        observed: Vec<GridPoint>,
    },
    /// Probability of dose-limiting toxicity by dose, and below it the path of the trial through the doses.
    ToxicityCurve(Box<ToxicityCurve>),
    /// Probabilities against exposure, and the exposures of each dosage beneath.
    ExposureResponse(Box<ExposureResponsePlot>),
    /// Outcomes against exposure or dose.
    OutcomeCurves(Box<OutcomeCurvesPlot>),
    /// The utility index by dosage, its weights and its sensitivity.
    Utility(Box<UtilityPlot>),
    /// How often designs select each dose, a facet per scenario.
    Selection {
        /// Vertical axis: percentage of trials.
        selected: Axis,
        /// Vertical axis of the strip with the mean numbers of patients.
        patients: Axis,
        /// Designs in order.
        designs: Vec<String>,
        /// Scenarios in order, up to [`SCENARIOS_PER_FIGURE`](super::SCENARIOS_PER_FIGURE).
        scenarios: Vec<SelectionScenario>,
    },
    /// Doses from different considerations on one axis, one row for each.
    DoseLadder {
        /// Horizontal axis.
        dose: Axis,
        /// Unit of the doses.
        unit: String,
        /// Doses; rows stand in the order of kinds, within a kind in this order.
        rungs: Vec<Rung>,
    },
    /// Smooth curves in one panel, or in several with common axes.
    Curves {
        /// Horizontal axis.
        x: Axis,
        /// Vertical axis.
        y: Axis,
        /// Panels, left to right.
        panels: Vec<CurvePanel>,
        /// Vertical lines in every panel, for example at the planned doses.
        marks: Vec<ReferenceLine>,
    },
    /// Medians over time with the range of most subjects, a panel for each series.
    Ranges {
        /// Horizontal axis.
        x: Axis,
        /// Vertical axis.
        y: Axis,
        /// Panels, left to right.
        panels: Vec<CurvePanel>,
        /// What the bands are, for example `5th to 95th percentile`.
        band: String,
    },
    /// Mean concentrations over time on a straight and on a logarithmic axis.
    Courses {
        /// Horizontal axis.
        time: Axis,
        /// Name of the vertical axis, with its unit.
        concentration: String,
        /// Series.
        series: Vec<CourseSeries>,
        /// Limit of quantification.
        limit: Option<ReferenceLine>,
    },
    /// Exposure against dose on logarithmic axes with a fitted line, a panel per parameter.
    DoseExposure {
        /// Horizontal axis.
        dose: Axis,
        /// Panels in a row.
        columns: usize,
        /// Panels in order.
        panels: Vec<ExposurePanel>,
    },
    /// Estimates with limits in rows, against a line of no effect.
    Forest(Box<ForestPlot>),
    /// Answers by visit as stacked bars, a panel per question and dosage.
    Answers {
        /// Horizontal axis.
        visit: Axis,
        /// Short names of the visits in order.
        visits: Vec<String>,
        /// Names of the answers, the best first.
        answers: Vec<String>,
        /// Panels in a row: dosages.
        columns: usize,
        /// Panels, row by row.
        panels: Vec<AnswerPanel>,
    },
    /// Mean changes from baseline with intervals, a panel per score.
    Changes {
        /// Horizontal axis.
        time: Axis,
        /// Vertical axis.
        change: Axis,
        /// Panels in order.
        panels: Vec<ChangePanel>,
    },
}

/// One subject in a swimmer plot.
#[derive(Debug, Clone, Serialize)]
pub struct Lane {
    /// Series it belongs to.
    pub series: SeriesKey,
    /// Stretches of constant dosing.
    pub segments: Vec<Segment>,
    /// Events on the lane.
    pub marks: Vec<Mark>,
    /// Whether treatment was going on at the cut-off.
    pub ongoing: bool,
}

/// A stretch of time on one dose.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Segment {
    /// Begin.
    pub from: f64,
    /// End.
    pub to: f64,
    /// Dose given as a share of the dose assigned at the start; 0 is an interruption.
    pub dose_share: f64,
}

/// An event on a lane.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Mark {
    /// When.
    pub at: f64,
    /// What.
    pub kind: MarkKind,
}

/// Events that a swimmer plot marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkKind {
    /// First complete or partial response.
    Response,
    /// Disease progression.
    Progression,
    /// Death.
    Death,
    /// Treatment stopped for an adverse event.
    StoppedAdverseEvent,
    /// Treatment stopped for another reason.
    StoppedOther,
}

/// One subject in a waterfall plot.
#[derive(Debug, Clone, Serialize)]
pub struct Bar {
    /// Series it belongs to.
    pub series: SeriesKey,
    /// Best change from baseline, in percent.
    pub change: f64,
    /// Best overall response, where known.
    pub response: Option<String>,
}

/// The subjects of one series in a spider plot.
#[derive(Debug, Clone, Serialize)]
pub struct SpiderFacet {
    /// Series.
    pub series: SeriesKey,
    /// One line per subject: time and change in percent, baseline included.
    pub lines: Vec<Vec<(f64, f64)>>,
}

/// One box.
#[derive(Debug, Clone, Serialize)]
pub struct BoxSeries {
    /// Series.
    pub series: SeriesKey,
    /// Observations, ascending.
    pub values: Vec<f64>,
}

/// One step curve.
#[derive(Debug, Clone, Serialize)]
pub struct StepCurve {
    /// Series.
    pub series: SeriesKey,
    /// Time, estimate, lower and upper limit after each step; begins at time 0.
    pub steps: Vec<StepPoint>,
    /// Times of censoring, drawn as ticks.
    pub censored: Vec<f64>,
    /// Numbers at risk at the figure's risk times.
    pub at_risk: Vec<usize>,
}

/// One step of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StepPoint {
    /// Time of the step.
    pub time: f64,
    /// Estimate from there on.
    pub estimate: f64,
    /// Lower limit, where it can be estimated.
    pub lower: Option<f64>,
    /// Upper limit, where it can be estimated.
    pub upper: Option<f64>,
}

/// Medians and quartiles over ordered steps.
#[derive(Debug, Clone, Serialize)]
pub struct ProfileSeries {
    /// Series.
    pub series: SeriesKey,
    /// Points in order.
    pub points: Vec<ProfilePoint>,
}

/// One point of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ProfilePoint {
    /// Step, for example the cycle.
    pub step: f64,
    /// Median.
    pub median: f64,
    /// Lower quartile.
    pub lower_quartile: f64,
    /// Upper quartile.
    pub upper_quartile: f64,
    /// Observations.
    pub n: usize,
}

/// One dose of a ladder.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rung {
    /// What the dose comes from; of a planned level its amount.
    pub label: String,
    /// Dose in the unit of the axis.
    pub at: f64,
    /// What it is.
    pub kind: RungKind,
}

/// What a dose of a ladder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RungKind {
    /// The chosen starting dose.
    Chosen,
    /// By a method on which the choice rests.
    Applicable,
    /// By a method shown for comparison.
    Comparison,
    /// With the exposure that animals had.
    AnimalExposure,
    /// With the exposure expected to be effective.
    Efficacious,
    /// A planned level.
    Planned,
}

/// Curves that share a panel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CurvePanel {
    /// Name above it; empty where it is the only one.
    pub title: String,
    /// Curves.
    pub curves: Vec<Curve>,
    /// Horizontal lines and bands.
    pub levels: Vec<ReferenceBand>,
}

/// A smooth curve.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curve {
    /// Label: a dosage, or what the curve is of.
    pub label: String,
    /// Position among the curves that belong together, lowest 0; decides shade and line type.
    pub rank: usize,
    /// How many belong together.
    pub of: usize,
    /// Points by ascending horizontal place.
    pub points: Vec<(f64, f64)>,
    /// Limits around it; empty where no uncertainty is stated.
    pub band: Vec<BandPoint>,
}

/// Limits of a curve at one place.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BandPoint {
    /// Horizontal place.
    pub at: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

/// A horizontal band that a reader compares with; a line where its ends are the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReferenceBand {
    /// Label beside it.
    pub label: String,
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}
