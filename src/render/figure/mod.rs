//! Draws figure specifications as standalone SVG: start with [`draw`].
//!
//! A figure is laid out in points on a sheet (`canvas`) and handed to plotters last. One file per kind of plot; what they share is named by
//! what it is: inks (`theme`), words (`lettering`), axes (`axis`), the rectangle with two axes (`panel`), a grid of them (`facets`), labels
//! beside curves (`callout`), rows of numbers under the axis (`counts`), names of doses under theirs (`dose_columns`), decisions of escalation
//! rules (`action`) and the key (`key`). Words stay text, paper is white, nothing has an id and nothing moves, so that several figures can
//! stand in one page of any colour.

mod action;
mod answers;
mod axis;
mod boxes;
mod callout;
mod canvas;
mod change;
mod compact;
mod counts;
mod course;
mod curve;
mod decision_grid;
mod dose_columns;
mod dose_exposure;
mod dose_labels;
mod dose_path;
#[cfg(test)]
mod escalation_tests;
mod facets;
mod forest;
mod key;
mod ladder;
mod lettering;
mod outcome_curves;
mod panel;
mod profile;
mod response;
#[cfg(test)]
mod response_tests;
mod selection;
mod smooth;
mod spider;
mod stacked;
mod steps;
mod swimmer;
#[cfg(test)]
mod tests;
mod theme;
mod toxicity;
mod utility;
mod violins;
mod waterfall;

use thiserror::Error;

use crate::evidence::{FigureSpec, Plot, SeriesKey};

use canvas::{Canvas, INCH};
use lettering::{Anchor, Lettering, plain};

/// Empty room at the edges of the sheet, in points.
const EDGE: f64 = 3.0;
/// Series that one figure can show legibly.
const MOST_SERIES: usize = 24;

/// How much room a figure has: its width, and the height it may not exceed. The height itself follows the content.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FigureSize {
    width: f64,
    tallest: f64,
}

impl FigureSize {
    /// The text block of an upright page: 6.5 by 8.5 inches.
    pub const PORTRAIT: Self = Self { width: 6.5 * INCH, tallest: 8.5 * INCH };
    /// The text block of a page on its side: 9 by 6 inches.
    pub const LANDSCAPE: Self = Self { width: 9.0 * INCH, tallest: 6.0 * INCH };

    /// A width and a greatest height in inches.
    ///
    /// # Errors
    /// [`FigureError::Size`] unless the width is 4 to 20 inches and the height 4 to 40: narrower figures have no room for labels.
    pub fn inches(width: f64, tallest: f64) -> Result<Self, FigureError> {
        if (4.0..=20.0).contains(&width) && (4.0..=40.0).contains(&tallest) {
            Ok(Self { width: width * INCH, tallest: tallest * INCH })
        } else {
            Err(FigureError::Size { width, tallest })
        }
    }

    /// Width in points.
    fn width(self) -> f64 {
        self.width
    }

    /// Greatest height in points.
    fn tallest(self) -> f64 {
        self.tallest
    }
}

/// Why a figure could not be drawn.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum FigureError {
    /// The sheet is too small or too large.
    #[error("a figure cannot be {width} inches wide and up to {tallest} inches tall: the width is 4 to 20 inches, the height 4 to 40")]
    Size {
        /// Width in inches.
        width: f64,
        /// Greatest height in inches.
        tallest: f64,
    },
    /// More series than can be told apart.
    #[error("the figure has {found} series, more than the {most} that can be told apart")]
    TooManySeries {
        /// Series in the specification.
        found: usize,
        /// The most that are drawn.
        most: usize,
    },
    /// More of something than one sheet has room for.
    #[error("the figure has {found} {what}, more than the {most} that one figure has room for")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many the specification has.
        found: usize,
        /// The most that are drawn.
        most: usize,
    },
    /// The font that the program carries cannot be read.
    #[error("the font for figures cannot be read")]
    Font,
    /// The drawing library refused a shape.
    #[error("the figure could not be drawn: {0}")]
    Drawing(String),
}

impl FigureError {
    fn drawing(error: impl std::fmt::Display) -> Self {
        Self::Drawing(error.to_string())
    }
}

/// Draws a figure as one standalone SVG document: the width of `size`, a height chosen by the content, words kept as text, a white
/// background, `role="img"` with title and description from the specification's alternative text. The same specification gives the same bytes.
///
/// A specification without usable observations gives a small figure that says so; values that are not finite are left out.
///
/// # Errors
/// [`FigureError::TooManySeries`] for more than 24 series; [`FigureError::TooMany`] for more scenarios, designs or doses of a comparison of
/// designs than one sheet has room for; [`FigureError::Font`] and [`FigureError::Drawing`] when the drawing library fails.
pub fn draw(spec: &FigureSpec, size: FigureSize) -> Result<String, FigureError> {
    lettering::register()?;
    let found = series_count(&spec.plot);
    if found > MOST_SERIES {
        return Err(FigureError::TooManySeries { found, most: MOST_SERIES });
    }
    let canvas = match &spec.plot {
        Plot::Swimmer { time, lanes } => swimmer::draw_swimmer(time, lanes, size),
        Plot::Waterfall { change, bars, thresholds } => waterfall::draw_waterfall(change, bars, thresholds, size),
        Plot::Spider { time, change, facets, thresholds } => spider::draw_spider(time, change, facets, thresholds, size),
        Plot::Boxes { value, boxes, targets } => boxes::draw_boxes(value, boxes, targets, size),
        Plot::Violins { value, violins, targets } => violins::draw_violins(value, violins, targets, size),
        Plot::Steps { time, probability, curves, risk_times } => steps::draw_steps(time, probability, curves, risk_times, size),
        Plot::Profile { step, value, series } => profile::draw_profile(step, value, series, size),
        Plot::Stacked { time, share, layers, facets } => stacked::draw_stacked((time, share), layers, facets, size)?,
        Plot::DecisionGrid { n, dlt, cells, observed } => decision_grid::draw_decision_grid(n, dlt, cells, observed, size),
        Plot::ToxicityCurve(figure) => toxicity::draw_toxicity(figure, size),
        Plot::ExposureResponse(figure) => response::draw_response(figure, size),
        Plot::OutcomeCurves(figure) => outcome_curves::draw_outcome_curves(figure, size),
        Plot::Selection { selected, patients, designs, scenarios } => {
            selection::draw_selection((selected, patients), designs, scenarios, size)?
        }
        Plot::DoseLadder { dose, unit, rungs } => ladder::draw_ladder(dose, unit, rungs, size),
        Plot::Courses { time, concentration, series, limit } => course::draw_courses(time, concentration, series, limit.as_ref(), size),
        Plot::DoseExposure { dose, columns, panels } => dose_exposure::draw_dose_exposure(dose, *columns, panels, size),
        Plot::Forest(figure) => forest::draw_forest(figure, size),
        Plot::Ranges { x, y, panels, band } => smooth::draw_banded((x, y), panels, (&[], band), size),
        Plot::Answers { visit, visits, answers, columns, panels } => {
            answers::draw_answers(visit, visits, answers, (*columns, panels), size)
        }
        Plot::Changes { time, change, panels } => change::draw_changes(time, change, panels, size),
        Plot::Curves { x, y, panels, marks } => smooth::draw_curves((x, y), panels, marks, size),
        Plot::Utility(figure) => utility::draw_utility(figure, size),
    };
    canvas.svg(&spec.alt)
}

/// How many series, or runs of one series, a plot shows.
fn series_count(plot: &Plot) -> usize {
    match plot {
        Plot::Swimmer { lanes, .. } => lanes.chunk_by(|a, b| a.series == b.series).count(),
        Plot::Waterfall { bars, .. } => bars.chunk_by(|a, b| a.series == b.series).count(),
        Plot::Spider { facets, .. } => facets.len(),
        Plot::Boxes { boxes, .. } => boxes.len(),
        Plot::Violins { violins, .. } => violins.len(),
        Plot::Steps { curves, .. } => curves.len(),
        Plot::Profile { series, .. } => series.len(),
        Plot::Stacked { facets, .. } => facets.len(),
        // One series; what a sheet has room for is the drawing's own matter.
        Plot::DecisionGrid { .. } | Plot::Selection { .. } => 1,
        Plot::ToxicityCurve(figure) => figure.doses.len(),
        Plot::ExposureResponse(figure) => figure.boxes.len(),
        Plot::Utility(figure) => figure.dosages.len(),
        Plot::OutcomeCurves(figure) => figure.boxes.len().max(figure.curves.len()),
        // Every row of a ladder or of a forest has its own name; rows without room are counted under it.
        Plot::DoseLadder { .. } | Plot::Forest(_) => 1,
        Plot::Courses { series, .. } => series.len(),
        Plot::Answers { panels, .. } => panels.len(),
        Plot::Changes { panels, .. } => panels.iter().map(|panel| panel.series.len()).chain([panels.len()]).max().unwrap_or(0),
        Plot::DoseExposure { panels, .. } => panels.iter().map(|panel| panel.series.len()).chain([panels.len()]).max().unwrap_or(0),
        Plot::Curves { panels, .. } | Plot::Ranges { panels, .. } => {
            panels.iter().map(|panel| panel.curves.len()).chain([panels.len()]).max().unwrap_or(0)
        }
    }
}

/// A small figure that says that there is nothing to show.
fn notice(size: FigureSize) -> Canvas {
    let mut canvas = Canvas::new(size.width());
    canvas.set_height(INCH);
    canvas.words((size.width() / 2.0, INCH / 2.0), "No observations to draw", Lettering::NOTE.sized(9.0).anchored(Anchor::Middle));
    canvas
}

/// Remarks under a figure, from `top`; returns where they end.
fn remark(canvas: &mut Canvas, said: &[String], top: f64) -> f64 {
    const NOTE: Lettering = Lettering::NOTE.sized(7.0);
    const LINE: f64 = 8.6;
    if said.is_empty() {
        return top + 1.0;
    }
    let lines = NOTE.paragraph(&said.join(" "), canvas.width() - 2.0 * EDGE, 3);
    for (index, line) in lines.iter().enumerate() {
        canvas.words((EDGE, top + 7.0 + index as f64 * LINE), line, NOTE);
    }
    top + 7.0 + (lines.len() as f64 - 1.0) * LINE + 3.0
}

/// The label of a series with its number of subjects, in up to `most` lines and, where the number has no room on the last, one more.
fn labelled(key: &SeriesKey, count: &str, lettering: Lettering, (room, most): (f64, usize)) -> Vec<String> {
    let mut lines = lettering.wrapped(&plain(&key.label), room, most);
    match lines.last_mut().filter(|line| lettering.width(&format!("{line}, {count}")) <= room) {
        Some(line) => *line = format!("{line}, {count}"),
        None => lines.push(count.to_owned()),
    }
    lines
}
