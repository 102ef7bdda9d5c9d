//! What designs select: a panel per scenario, the doses side by side in it, a mark per design, and no dose as a place of its own. Under each
//! panel a strip with the mean numbers of patients.

use crate::evidence::{Axis, SCENARIOS_PER_FIGURE, SelectionResult, SelectionScenario, SelectionShare, TrueToxicity};

use super::axis::{Scale, ends, number, roomy};
use super::canvas::{Canvas, Stroke};
use super::dose_labels::{common_unit, without_unit};
use super::facets::{Grid, Room, draw_head, head_height};
use super::key::{KeyEntry, Sample, draw_key};
use super::lettering::{Anchor, HALF_CAP, Lettering, plain, tenths};
use super::panel::{Panel, room_for_values};
use super::theme::{AXIS, BLACK, BLUE, GREEN, GREY, Ink, Marker, ORANGE, PURPLE, VERMILLION};
use super::toxicity::share;
use super::{EDGE, FigureError, FigureSize, notice, remark};

/// Designs that can be told apart in one figure.
const MOST_DESIGNS: usize = 6;
/// Doses that one panel has room for.
const MOST_DOSES: usize = 10;
/// Inks and markers of designs; markers tell them apart without colour.
const DESIGNS: [(Ink, Marker); MOST_DESIGNS] = [
    (BLUE, Marker::Circle),
    (ORANGE, Marker::Square),
    (GREEN, Marker::Triangle),
    (BLACK, Marker::OpenDiamond),
    (VERMILLION, Marker::TriangleDown),
    (PURPLE, Marker::OpenCircle),
];
/// Ground of doses that are too toxic.
const TOXIC: Ink = Ink(0xe9, 0xe9, 0xe9);
/// Room of a design within a dose, and between two doses, where a column of panels is to fit.
const LEAST_STEP: f64 = 2.6;
const BETWEEN: f64 = 3.0;
/// Farthest apart that two designs stand.
const WIDEST_STEP: f64 = 13.0;
/// From this distance on the percentages stand above the marks.
const STEP_WITH_NUMBERS: f64 = 12.0;
/// The place of no dose, and what the true probabilities are.
const NONE: &str = "none";
const TRUTH: &str = "P(DLT)";
/// Words under the panels.
const UNDER: Lettering = Lettering::LABEL.sized(6.5);
/// Between two panels in a row.
const GAP: f64 = 12.0;
/// Room within a panel above 100%, for a mark and its number.
const ABOVE: f64 = 9.0;
/// Height of the strip of patients, and its distance from the panel.
const STRIP: f64 = 24.0;
const STRIP_GAP: f64 = 10.0;
/// Height of a panel under which the strip is given up.
const LEAST_PANEL: f64 = 42.0;
/// Room under the panels for the key and the remarks.
const BELOW: f64 = 62.0;
/// Level of the two-sided interval that whiskers show, in standard errors.
const WHISKER: f64 = 1.96;

/// What the panels have in common.
struct Frame<'a> {
    selected: &'a Axis,
    patients: &'a Axis,
    designs: &'a [String],
    scenarios: &'a [SelectionScenario],
    /// Ends of the percentages.
    percent: (f64, f64),
    /// Ends of the numbers of patients; none where these are unknown.
    numbers: Option<(f64, f64)>,
    /// Doses of the scenario with the most, and a place for none.
    places: usize,
    largest_error: f64,
}

/// Where panels and words stand.
struct Sheet {
    grid: Grid,
    /// Names of the scenarios, line by line.
    heads: Vec<Vec<String>>,
    /// Labels of the doses of every scenario.
    labels: Vec<Vec<String>>,
    /// The unit that the labels leave out.
    unit: Option<String>,
    /// Width of the place of a dose.
    pitch: f64,
    /// Whether the labels of the doses run upwards, and their height.
    upright: bool,
    label_height: f64,
    /// Ends of the strips, where the page has room for them.
    strip: Option<(f64, f64)>,
    /// Room under a panel.
    foot: f64,
}

/// Draws the comparison of designs. Panels stand in up to three columns and are 0.62 times as tall as wide where the page allows; where it has
/// no room for the strips with the numbers of patients, these are left out.
///
/// # Errors
/// [`FigureError::TooMany`] for more scenarios, designs or doses than can be told apart.
pub(super) fn draw_selection(
    (selected, patients): (&Axis, &Axis),
    designs: &[String],
    scenarios: &[SelectionScenario],
    size: FigureSize,
) -> Result<Canvas, FigureError> {
    let doses = scenarios.iter().map(|scenario| scenario.doses.len()).max().unwrap_or(0);
    let limits =
        [("scenarios", scenarios.len(), SCENARIOS_PER_FIGURE), ("designs", designs.len(), MOST_DESIGNS), ("doses", doses, MOST_DOSES)];
    if let Some((what, found, most)) = limits.into_iter().find(|(_, found, most)| found > most) {
        return Err(FigureError::TooMany { what, found, most });
    }
    let known: Vec<&SelectionResult> =
        scenarios.iter().flat_map(|scenario| scenario.results.iter().take(designs.len()).flatten()).collect();
    let shares = || known.iter().flat_map(|result| result.selected.iter().chain([&result.none]));
    if doses == 0 || !shares().any(|share| share.share.is_finite()) {
        return Ok(notice(size));
    }
    let largest = |values: &mut dyn Iterator<Item = f64>| values.filter(|value| value.is_finite()).fold(0.0, f64::max);
    let most_n = largest(&mut known.iter().flat_map(|result| result.mean_n.iter().copied()));
    let straight = |axis: &Axis, range| Axis { log: false, range, ..axis.clone() };
    let numbers = ends(&straight(patients, patients.range), [0.0, most_n]).map(|range| roomy(patients, range, 2));
    let frame = Frame {
        selected,
        patients,
        designs,
        scenarios,
        percent: ends(&straight(selected, selected.range.or(Some((0.0, 100.0)))), []).unwrap_or((0.0, 100.0)),
        numbers: numbers.filter(|_| most_n > 0.0),
        places: doses + 1,
        largest_error: largest(&mut shares().filter_map(|share| share.standard_error)),
    };
    Ok(frame.draw(size))
}

impl Frame<'_> {
    fn draw(&self, size: FigureSize) -> Canvas {
        let mut canvas = Canvas::new(size.width());
        let sheet = self.lay_out(size);
        for (index, scenario) in self.scenarios.iter().enumerate() {
            let (left, top, right, bottom) = sheet.grid.panel(index);
            let x = Scale::new((0.0, self.places as f64), false, (left, right));
            let panel = Panel { left, top, right, bottom, x, y: Scale::new(self.percent, false, (bottom, top + ABOVE)) };
            self.draw_scenario(&mut canvas, scenario, &panel, (&sheet, sheet.grid.begins_row(index)));
            draw_head(&mut canvas, sheet.heads.get(index).map_or(&[], Vec::as_slice), (left, top), BLACK);
            draw_names(&mut canvas, scenario, sheet.labels.get(index).map_or(&[], Vec::as_slice), &panel, &sheet);
            if sheet.grid.begins_row(index) {
                let at = (left - 5.0, bottom + sheet.under_strip() + sheet.label_height + UNDER.size);
                canvas.words(at, TRUTH, UNDER.inked(GREY).anchored(Anchor::End));
            }
        }
        let (left, _, right, _) = sheet.grid.panel(0);
        let unit = Scale::new((0.0, 1.0), false, (0.0, 1.0));
        let whole = Panel { left, top: EDGE, right, bottom: sheet.grid.bottom() + sheet.foot, x: unit, y: unit };
        whole.name_left(&mut canvas, &self.selected.label, EDGE, 0.0);
        let bottom = draw_key(&mut canvas, &self.entries(), (EDGE, size.width() - EDGE), whole.bottom + 2.0);
        let end = remark(&mut canvas, &self.remarks(&sheet), bottom + 2.0);
        canvas.set_height(end);
        canvas
    }

    fn lay_out(&self, size: FigureSize) -> Sheet {
        let ticks = Scale::new(self.percent, false, (0.0, 1.0)).ticks(5);
        let (left, right) = (EDGE + room_for_values(&ticks).max(UNDER.width(TRUTH) + 20.0), size.width() - EDGE - 2.0);
        let (labels, unit) = self.labels();
        let columns = self.columns(right - left);
        let width = (right - left - GAP * (columns as f64 - 1.0)) / columns as f64;
        let pitch = width / self.places as f64;
        let widest = labels.iter().flatten().map(|label| UNDER.bold().width(label)).fold(UNDER.width(NONE), f64::max);
        let upright = widest > pitch - 1.5;
        let label_height = if upright { widest + 3.0 } else { 9.0 };
        let heads: Vec<Vec<String>> = self.scenarios.iter().map(|scenario| head(scenario, width)).collect();
        let (head, lowest) = (head_height(&heads), size.tallest() - BELOW);
        let words = 3.0 + label_height + 15.0;
        let rows = self.scenarios.len().div_ceil(columns) as f64;
        let strip = self.numbers.filter(|_| EDGE + rows * (head + LEAST_PANEL + STRIP_GAP + STRIP + words) <= lowest);
        let foot = words + strip.map_or(0.0, |_| STRIP_GAP + STRIP);
        let grid = Grid::of_columns(self.scenarios.len(), columns, Room { left, right, gap: GAP, top: EDGE, head, foot, lowest }, 0.62);
        Sheet { grid, heads, labels, unit, pitch, upright, label_height, strip, foot }
    }

    /// Columns of panels: as few as give the same number of rows as the most that still leave every mark its room.
    fn columns(&self, room: f64) -> usize {
        let needed = self.places as f64 * (self.designs.len() as f64 * LEAST_STEP + BETWEEN).max(14.0);
        let fits = |columns: &usize| (room - GAP * (*columns as f64 - 1.0)) / *columns as f64 >= needed;
        // Six marks at each of eleven places need a little more than half of an upright page; two columns are the least for many scenarios.
        let least = if self.scenarios.len() > 2 { 2 } else { 1 };
        let most = (1..=3.min(self.scenarios.len())).filter(fits).max().unwrap_or(1).max(least);
        let rows = self.scenarios.len().div_ceil(most);
        (1..=most).find(|columns| self.scenarios.len().div_ceil(*columns) == rows).unwrap_or(most)
    }

    /// Labels of the doses of every scenario, without the unit where all have the same, and that unit.
    fn labels(&self) -> (Vec<Vec<String>>, Option<String>) {
        let labels: Vec<Vec<String>> =
            self.scenarios.iter().map(|scenario| scenario.doses.iter().map(|dose| plain(&dose.label)).collect()).collect();
        let unit = common_unit(labels.iter().flatten().map(String::as_str));
        let written = |label: &String| UNDER.shortened(if unit.is_some() { without_unit(label) } else { label }, 40.0);
        let short = labels.iter().map(|labels| labels.iter().map(written).collect()).collect();
        (short, unit.map(|unit| UNDER.shortened(&unit, 60.0)))
    }

    fn draw_scenario(&self, canvas: &mut Canvas, scenario: &SelectionScenario, panel: &Panel, (sheet, begins_row): (&Sheet, bool)) {
        let strip = sheet.strip_under(panel);
        draw_grounds(canvas, scenario, panel, strip.map_or(panel.bottom, |strip| strip.bottom));
        for (panel, count) in [(Some(*panel), if panel.bottom - panel.top < 80.0 { 3 } else { 5 }), (strip, 2)] {
            let Some(panel) = panel else { continue };
            let ticks = panel.y.ticks(count);
            panel.grid(canvas, &ticks);
            panel.axis_left(canvas, &ticks, begins_row);
            panel.axis_bottom(canvas, &[], &[]);
        }
        let none = panel.x.place(scenario.doses.len() as f64);
        canvas.path(&[(none, panel.top), (none, panel.bottom)], Stroke::solid(AXIS, 0.5).dashed(&[1.5, 1.5]));
        let count = self.designs.len() as f64;
        let step = ((sheet.pitch - BETWEEN) / count).min(WIDEST_STEP);
        for (design, (result, style)) in scenario.results.iter().take(self.designs.len()).zip(DESIGNS).enumerate() {
            let Some(result) = result else { continue };
            let at = |place: usize| panel.x.place(place as f64 + 0.5) + (design as f64 - (count - 1.0) / 2.0) * step;
            let doses = result.selected.iter().take(scenario.doses.len()).enumerate();
            for (place, share) in doses.chain([(scenario.doses.len(), &result.none)]) {
                self.draw_share(canvas, panel, (at(place), step), share, style);
            }
            let Some(strip) = strip else { continue };
            for (place, n) in result.mean_n.iter().take(scenario.doses.len()).enumerate().filter(|(_, n)| n.is_finite()) {
                let half = (step * 0.32).clamp(0.7, 3.0);
                canvas.rectangle((at(place) - half, strip.y.place(*n)), (at(place) + half, strip.bottom), style.0);
            }
        }
    }

    /// Whether any simulation error is wide enough to be seen beside its mark.
    fn whiskers(&self) -> bool {
        self.largest_error * WHISKER > 0.03
    }

    fn draw_share(&self, canvas: &mut Canvas, panel: &Panel, (x, step): (f64, f64), share: &SelectionShare, (ink, marker): (Ink, Marker)) {
        let percent = share.share * 100.0;
        if !percent.is_finite() {
            return;
        }
        let y = panel.y.place(percent);
        let radius = (step * 0.42).clamp(1.2, 2.6);
        canvas.path(&[(x, panel.bottom), (x, y)], Stroke::solid(ink, (step * 0.3).clamp(0.6, 1.4)));
        if let Some(error) = share.standard_error.filter(|error| self.whiskers() && error.is_finite()) {
            let reach = error * 100.0 * WHISKER;
            canvas.path(&[(x, panel.y.place(percent - reach)), (x, panel.y.place(percent + reach))], Stroke::solid(BLACK, 0.5));
        }
        canvas.marker((x, y), radius, marker, ink);
        if step >= STEP_WITH_NUMBERS && !self.whiskers() {
            canvas.words((x, y - radius - 1.8), &whole_percent(percent), UNDER.sized(6.0).anchored(Anchor::Middle));
        }
    }

    fn entries(&self) -> Vec<KeyEntry> {
        let mut entries: Vec<KeyEntry> =
            self.designs.iter().zip(DESIGNS).map(|(design, (ink, marker))| KeyEntry::new(Sample::Point(marker, ink), design)).collect();
        let occurs =
            |standing: TrueToxicity| self.scenarios.iter().flat_map(|scenario| &scenario.doses).any(|dose| dose.standing == standing);
        if occurs(TrueToxicity::AtTarget) {
            entries.push(KeyEntry::new(Sample::Frame, "true P(DLT) at the target"));
        }
        if occurs(TrueToxicity::Above) {
            entries.push(KeyEntry::new(Sample::Block(TOXIC, 8.0), "true P(DLT) above the target"));
        }
        entries
    }

    fn remarks(&self, sheet: &Sheet) -> Vec<String> {
        let mut said = Vec::new();
        if let Some(unit) = &sheet.unit {
            said.push(format!("Doses in {unit}."));
        }
        let patients = Lettering::NOTE.shortened(&plain(&self.patients.label), 220.0);
        match (self.numbers, sheet.strip) {
            (Some(_), Some(_)) => said.push(format!("Lower strips: {patients}.")),
            (Some(_), None) => said.push(format!("Not drawn for want of room: {patients}.")),
            (None, _) => {}
        }
        if self.largest_error > 0.0 {
            said.push(format!("Largest simulation standard error: {} percentage points.", number(self.largest_error * 100.0, 1)));
        }
        if self.whiskers() {
            said.push("Whiskers: plus and minus 1.96 simulation standard errors.".to_owned());
        }
        said
    }
}

impl Sheet {
    /// The strip under a panel.
    fn strip_under(&self, panel: &Panel) -> Option<Panel> {
        let (top, bottom) = (panel.bottom + STRIP_GAP, panel.bottom + STRIP_GAP + STRIP);
        self.strip.map(|ends| Panel { top, bottom, y: Scale::new(ends, false, (bottom, top)), ..*panel })
    }

    /// From a panel to the words under it.
    fn under_strip(&self) -> f64 {
        3.0 + self.strip.map_or(0.0, |_| STRIP_GAP + STRIP)
    }
}

/// A percentage without decimals; 0 and 100 are said of nothing else.
fn whole_percent(percent: f64) -> String {
    match percent {
        percent if percent > 0.0 && percent <= 0.5 => "<1".to_owned(),
        percent if (99.5..100.0).contains(&percent) => ">99".to_owned(),
        percent => number(percent, 0),
    }
}

/// The name of a scenario with its target.
fn head(scenario: &SelectionScenario, width: f64) -> Vec<String> {
    let bold = Lettering::LABEL.bold();
    let label = plain(&scenario.label);
    let target = if scenario.target.is_finite() { format!("target {}", share(scenario.target)) } else { String::new() };
    let joined = if target.is_empty() { label.clone() } else { format!("{label}, {target}") };
    if bold.width(&joined) <= width { vec![joined] } else { bold.wrapped(&joined, width, 2) }
}

/// A grey ground under doses above the target, a frame around doses at it.
fn draw_grounds(canvas: &mut Canvas, scenario: &SelectionScenario, panel: &Panel, bottom: f64) {
    for (place, dose) in scenario.doses.iter().enumerate() {
        let (left, right) = (panel.x.place(place as f64), panel.x.place(place as f64 + 1.0));
        if dose.standing == TrueToxicity::Above {
            canvas.rectangle((left, panel.top), (right, bottom), TOXIC);
        }
    }
    for (place, dose) in scenario.doses.iter().enumerate() {
        if dose.standing == TrueToxicity::AtTarget {
            let (left, right) = (panel.x.place(place as f64) + 0.4, panel.x.place(place as f64 + 1.0) - 0.4);
            let corners = [(left, panel.top), (right, panel.top), (right, bottom), (left, bottom), (left, panel.top)];
            canvas.path(&corners, Stroke::solid(BLACK, 0.8));
        }
    }
}

/// Labels of the doses and their true probabilities under a panel.
fn draw_names(canvas: &mut Canvas, scenario: &SelectionScenario, labels: &[String], panel: &Panel, sheet: &Sheet) {
    let top = panel.bottom + sheet.under_strip();
    let doses = labels.iter().map(String::as_str).zip(scenario.doses.iter().map(Some));
    for (place, (label, dose)) in doses.chain([(NONE, None)]).enumerate() {
        let x = panel.x.place(place as f64 + 0.5);
        let lettering = if dose.is_some_and(|dose| dose.standing == TrueToxicity::AtTarget) { UNDER.bold() } else { UNDER };
        if sheet.upright {
            canvas.words_upright((x + UNDER.size * HALF_CAP, top), label, lettering.anchored(Anchor::End));
        } else {
            canvas.words((x, top + UNDER.size), label, lettering.anchored(Anchor::Middle));
        }
        if let Some(dose) = dose.filter(|dose| dose.probability.is_finite()) {
            let words = share(dose.probability);
            let size = tenths((UNDER.size * (sheet.pitch - 1.5) / lettering.width(&words)).min(UNDER.size));
            canvas.words((x, top + sheet.label_height + UNDER.size), &words, lettering.sized(size).anchored(Anchor::Middle));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::ScenarioDose;

    fn frame<'a>(axis: &'a Axis, designs: &'a [String], scenarios: &'a [SelectionScenario], places: usize) -> Frame<'a> {
        let (percent, numbers) = ((0.0, 100.0), Some((0.0, 20.0)));
        Frame { selected: axis, patients: axis, designs, scenarios, percent, numbers, places, largest_error: 0.0 }
    }

    fn scenario(labels: &[&str]) -> SelectionScenario {
        let dose = |label: &&str| ScenarioDose { label: (*label).into(), probability: 0.1, standing: TrueToxicity::Below };
        SelectionScenario { label: "a".into(), target: 0.3, doses: labels.iter().map(dose).collect(), results: Vec::new() }
    }

    #[test]
    fn rare_is_not_never() {
        assert_eq!([0.0, 0.2, 0.5, 99.4, 99.7, 100.0].map(whole_percent), ["0", "<1", "<1", "99", ">99", "100"]);
    }

    #[test]
    fn columns_leave_every_mark_its_room() {
        let axis = Axis { label: "%".into(), log: false, range: None };
        let names: Vec<String> = (0..6).map(|design| design.to_string()).collect();
        let columns = |designs: usize, scenarios: usize, places: usize| {
            frame(&axis, &names[..designs], &vec![scenario(&["1"]); scenarios], places).columns(420.0)
        };
        assert_eq!([columns(6, 8, 11), columns(1, 8, 6), columns(1, 4, 6), columns(2, 2, 8), columns(3, 1, 6)], [2, 3, 2, 2, 1]);
    }
}
