//! Names and numbers of doses under a dose axis, in columns that are moved apart where doses lie close together and tied to their doses.

use crate::evidence::{DoseToxicity, ToxicityCurve};

use super::axis::{Scale, number};
use super::callout::apart;
use super::canvas::{Canvas, Stroke};
use super::dose_labels::{common_unit, without_unit};
use super::lettering::{Anchor, HALF_CAP, Lettering, SMALL, plain, tenths};
use super::panel::Panel;
use super::theme::AXIS;
use super::toxicity::{chosen, exceeds, places};

/// From the panel to the columns of names, for the ties.
pub(super) const TIES: f64 = 13.0;
/// Height of a row of names or numbers.
const ROW: f64 = 10.0;
/// Air between the columns of two doses.
const AIR: f64 = 5.0;
/// Longest name of a dose.
const LONGEST: f64 = 64.0;

/// Names and numbers of one dose, under the axis.
pub(super) struct Column {
    /// Place of the dose.
    pub(super) from: f64,
    /// Place of the column.
    pub(super) middle: f64,
    /// Its width.
    pub(super) width: f64,
    label: String,
    /// Toxicities of patients, probability of exceeding.
    numbers: [String; 2],
    /// Whether the dose was chosen.
    pub(super) chosen: bool,
}

/// Names and numbers of all doses.
pub(super) struct Columns {
    /// From the lowest dose to the highest.
    pub(super) columns: Vec<Column>,
    /// Height of the names where they run upwards, because they are wider than their columns.
    upright: Option<f64>,
    /// Rows of numbers.
    rows: usize,
}

impl Columns {
    /// From the top of the names to the top of the numbers.
    fn label_height(&self) -> f64 {
        self.upright.unwrap_or(ROW)
    }

    /// Height of names and numbers.
    pub(super) fn height(&self) -> f64 {
        self.label_height() + self.rows as f64 * ROW
    }
}

/// A posterior probability with two decimals; never 0 or 1.
fn posterior(value: f64) -> String {
    match value {
        value if !value.is_finite() => "–".to_owned(),
        value if value < 0.005 => "<0.01".to_owned(),
        value if value >= 0.995 => ">0.99".to_owned(),
        value => number(value, 2),
    }
}

/// Headings of the rows of numbers under the axis.
pub(super) fn headings(figure: &ToxicityCurve) -> Vec<String> {
    let mut headings = vec!["DLT/patients".to_owned()];
    if exceeds(figure) {
        headings.push(Lettering::NOTE.shortened(&plain(&figure.labels.exceeds), 84.0));
    }
    headings
}

/// Columns of names as near to their doses as their widths allow. Where the names do not fit, their common unit goes, which the axis names;
/// where they still do not fit, they run upwards.
pub(super) fn lay_out_columns(figure: &ToxicityCurve, x: &Scale, (left, right): (f64, f64)) -> Columns {
    let shown: Vec<(usize, &DoseToxicity)> =
        figure.doses.iter().enumerate().filter(|(_, dose)| places(figure, dose.dose) && x.holds(dose.dose)).collect();
    let (bold, room) = (Lettering::LABEL.bold(), right - left);
    let mut labels: Vec<String> = shown.iter().map(|(_, dose)| bold.shortened(&plain(&dose.label), LONGEST)).collect();
    let fit = |labels: &[String]| labels.iter().map(|label| bold.width(label) + AIR).sum::<f64>() <= room;
    if !fit(&labels) && common_unit(labels.iter().map(String::as_str)).is_some() {
        labels.iter_mut().for_each(|label| *label = without_unit(label).to_owned());
    }
    let upright = !fit(&labels);
    let height = labels.iter().map(|label| bold.width(label)).fold(0.0, f64::max) + 3.0;
    let column = |((index, dose), label): (&(usize, &DoseToxicity), String)| {
        let numbers = [format!("{}/{}", dose.dlt, dose.n), dose.prob_exceeds.map_or_else(String::new, posterior)];
        let width = if upright { bold.size } else { bold.width(&label) } + AIR;
        let from = x.place(dose.dose);
        Column { from, middle: from, width, label, numbers, chosen: chosen(figure) == Some(*index) }
    };
    let mut columns: Vec<Column> = shown.iter().zip(labels).map(column).collect();
    // Numbers take what the names leave: they can be set smaller.
    let more = |column: &Column| {
        let widest = column.numbers.iter().map(|words| Lettering::LABEL.width(words)).fold(0.0, f64::max);
        (widest + AIR - column.width).max(0.0)
    };
    let left_over = room - columns.iter().map(|column| column.width).sum::<f64>();
    let share = (left_over / columns.iter().map(more).sum::<f64>().max(1e-9)).clamp(0.0, 1.0);
    for column in &mut columns {
        column.width += more(column) * share;
    }
    let wanted: Vec<(f64, f64)> = columns.iter().map(|column| (column.from, column.width)).collect();
    for (column, middle) in columns.iter_mut().zip(apart(&wanted, left, right)) {
        column.middle = middle;
    }
    Columns { columns, upright: upright.then_some(height), rows: headings(figure).len() }
}

/// Names and numbers under the axis, tied to their doses; returns where they end.
pub(super) fn draw_columns(canvas: &mut Canvas, figure: &ToxicityCurve, columns: &Columns, panel: &Panel) -> f64 {
    let top = panel.bottom + TIES;
    let baseline = |row: usize| top + columns.label_height() + SMALL * 0.95 + row as f64 * ROW;
    let edge = columns.columns.iter().map(|column| column.middle - column.width / 2.0).fold(panel.left, f64::min);
    for (row, heading) in headings(figure).iter().enumerate() {
        canvas.words((edge - 3.0, baseline(row)), heading, Lettering::NOTE.anchored(Anchor::End));
    }
    for column in &columns.columns {
        let tie = [(column.from, panel.bottom + 3.0), (column.middle, top - 2.0)];
        canvas.path(&tie, Stroke::solid(AXIS, 0.6));
        let lettering = if column.chosen { Lettering::LABEL.bold() } else { Lettering::LABEL };
        if columns.upright.is_some() {
            canvas.words_upright((column.middle + SMALL * HALF_CAP, top + 1.0), &column.label, lettering.anchored(Anchor::End));
        } else {
            canvas.words((column.middle, top + SMALL * 0.95), &column.label, lettering.anchored(Anchor::Middle));
        }
        for (row, words) in column.numbers.iter().take(columns.rows).enumerate() {
            let room = (column.width - AIR / 2.0) / Lettering::LABEL.width(words).max(1.0);
            let lettering = Lettering::LABEL.sized(tenths(SMALL * room.min(1.0)));
            canvas.words((column.middle, baseline(row)), words, lettering.anchored(Anchor::Middle));
        }
    }
    top + columns.height()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posterior_probabilities_are_never_certain() {
        assert_eq!([posterior(0.004), posterior(0.0051), posterior(0.995), posterior(f64::NAN)], ["<0.01", "0.01", ">0.99", "–"]);
    }
}
