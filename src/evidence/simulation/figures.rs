//! Distributions of simulated exposure and concentrations over time: F-R04, F-R04-course.

use crate::analysis::pk::population_simulation::{SimulatedCourse, SimulatedRegimen};
use crate::config::SimulatedMetric;
use crate::evidence::{
    Axis, BandPoint, Content, Curve, CurvePanel, Exhibit, FigureSpec, Plot, ReferenceBand, ReferenceLine, SeriesKey, Slice, ViolinSeries,
};

use super::exposure::told;
use super::ledger::{Ledger, length};

pub(super) const CODE: &str = "F-R04";
pub(super) const TITLE: &str = "Simulated exposure under the proposed and alternative regimens";
pub(super) const COURSE: &str = "F-R04-course";
pub(super) const COURSE_TITLE: &str = "Simulated concentration over time under the proposed and alternative regimens";

/// Points of an outline.
const OUTLINE: usize = 48;
/// Observed values that are drawn of one dosage.
const MOST_OBSERVED: usize = 60;

/// F-R04: a distribution per regimen side by side.
pub(super) fn distributions(ledger: &Ledger<'_>, metric: SimulatedMetric) -> Exhibit {
    let (unit, factor) = ledger.unit(metric);
    let simulation = ledger.simulation;
    let of = simulation.regimens.len();
    let violins: Vec<ViolinSeries> = simulation
        .regimens
        .iter()
        .enumerate()
        .filter_map(|(place, regimen)| violin(ledger, (place, of), regimen, (metric, factor)))
        .collect();
    let references = ledger.settings.pk.reference_exposure.iter().flatten().collect::<Vec<_>>();
    let mut targets: Vec<ReferenceLine> = Vec::new();
    for target in simulation.regimens.first().map_or(&[][..], |regimen| &regimen.targets).iter().filter(|target| target.metric == metric) {
        if let Some(reference) = references.get(target.reference) {
            targets.push(ReferenceLine { at: target.value * factor, label: reference.label.clone() });
        }
    }
    let words: Vec<String> = simulation
        .regimens
        .iter()
        .filter_map(|regimen| Some(format!("{}: {}", regimen.regimen.label, told(regimen.distribution(metric)?, factor))))
        .collect();
    let name = ledger.metric(metric);
    let mut notes = ledger.notes();
    notes.grouping = "Columns by regimen".to_owned();
    notes.methods.retain(|method| !method.contains("limits of exposures"));
    notes.methods.push("Outline: Gaussian kernel density of the logarithm of simulated exposure".to_owned());
    let seen = violins.iter().any(|violin| !violin.observed.is_empty());
    if seen {
        notes.datasets.push("ADPP".to_owned());
        notes.datasets.sort();
        notes.methods.push(format!("Points: observed exposures, at most {MOST_OBSERVED} of a dosage, evenly through their order"));
    }
    let mut source = sources(ledger);
    let rows =
        simulation.checks.iter().filter(|check| check.metric == metric && seen).flat_map(|check| check.rows.as_slice()).copied().collect();
    if let Some(check) = simulation.checks.iter().find(|check| check.metric == metric && seen) {
        let filter = crate::evidence::pk::given_filter(&check.code, &check.kind, ledger.data);
        let columns = crate::evidence::record::columns_read(ledger.data, crate::data::DatasetName::Adpp);
        source.push(Slice::new("ADPP", filter, columns, rows));
    }
    let plot = Plot::Violins { value: Axis { label: format!("{name} ({unit})"), log: true, range: None }, violins, targets };
    let content =
        Content::Figure(FigureSpec { plot, alt: format!("Distributions of simulated {name} by regimen. {}.", words.join("; ")), source });
    Exhibit { id: ledger.exhibit(), title: format!("{TITLE}: {name}"), content, notes }
}

fn violin(
    ledger: &Ledger<'_>,
    (rank, of): (usize, usize),
    regimen: &SimulatedRegimen,
    (metric, factor): (SimulatedMetric, f64),
) -> Option<ViolinSeries> {
    let distribution = regimen.distribution(metric)?;
    let check = ledger.simulation.checks.iter().find(|check| {
        check.metric == metric && ledger.simulation.regimens.get(check.regimen).is_some_and(|other| other.regimen.id == regimen.regimen.id)
    });
    // Values of the data are in its own unit: the ratio of the two simulated means leads to that of the figure.
    let observed = check.map_or_else(Vec::new, |check| {
        let scale = factor * distribution.geometric_mean.value / check.simulated_mean;
        let every = check.observed.len().div_ceil(MOST_OBSERVED).max(1);
        check.observed.iter().step_by(every).map(|value| value * scale).collect()
    });
    Some(ViolinSeries {
        series: SeriesKey {
            label: regimen.regimen.label.clone(),
            dosage: regimen.regimen.id.clone(),
            rank,
            of,
            comparator: false,
            n: distribution.values.len(),
        },
        outline: distribution.density(OUTLINE).into_iter().map(|(value, height)| (value * factor, height)).collect(),
        percentiles: distribution.percentiles.map(|value| value * factor),
        observed,
        observed_n: check.map_or(0, |check| check.observed.len()),
        overlap: distribution.overlap_with_proposed,
    })
}

/// F-R04-course: a panel per regimen.
pub(super) fn courses(ledger: &Ledger<'_>) -> Option<Exhibit> {
    let simulation = ledger.simulation;
    let courses = &simulation.courses;
    let last = courses.courses.iter().flat_map(|course| course.points.iter().map(|point| point.0)).fold(0.0, f64::max);
    let (scale, time) = if last > 72.0 { (1.0 / 24.0, "days") } else { (1.0, "h") };
    let (unit, factor) = (&simulation.unit.0, simulation.unit.1);
    let levels = levels(ledger);
    let log = peaks_apart(&courses.courses);
    let panels: Vec<CurvePanel> =
        courses.courses.iter().filter_map(|course| panel(ledger, course, (scale, factor, log), &levels)).collect();
    if panels.is_empty() {
        return None;
    }
    let since = if courses.from_first_dose { "first dose" } else { "dose at steady state" };
    let x = Axis { label: format!("Time since the {since} ({time})"), log: false, range: None };
    let scale_words = if log { ", logarithmic" } else { "" };
    let y = Axis { label: format!("Concentration ({unit}{scale_words})"), log, range: None };
    let mut notes = ledger.notes();
    notes.grouping = "Panels by regimen".to_owned();
    notes.methods.retain(|method| !method.contains("limits of exposures"));
    notes.methods.push("Line: median; band: 5th to 95th percentile of the virtual subjects".to_owned());
    if !courses.from_first_dose {
        let period = length(simulation.simulator.structure.period);
        notes.methods.push(format!("Concentrations at steady state over {period}"));
    }
    let highest: Vec<String> = courses
        .courses
        .iter()
        .filter_map(|course| {
            let label = &simulation.regimens.get(course.regimen)?.regimen.label;
            let peak = course.points.iter().map(|(_, [_, median, _])| *median).fold(f64::NEG_INFINITY, f64::max);
            Some(format!("{label}: highest median {:.3e} {unit}", factor * peak))
        })
        .collect();
    let alt = format!("Simulated concentrations since the {since}, a panel for each regimen. {}.", highest.join("; "));
    let content = Content::Figure(FigureSpec {
        plot: Plot::Ranges { x, y, panels, band: "5th to 95th percentile".to_owned() },
        alt,
        source: sources(ledger),
    });
    Some(Exhibit { id: ledger.exhibit(), title: COURSE_TITLE.to_owned(), content, notes })
}

fn panel(
    ledger: &Ledger<'_>,
    course: &SimulatedCourse,
    (scale, factor, log): (f64, f64, bool),
    levels: &[ReferenceBand],
) -> Option<CurvePanel> {
    let regimen = &ledger.simulation.regimens.get(course.regimen)?.regimen;
    // At the first dose there is nothing yet, and on a logarithmic axis no place for it.
    let held = || course.points.iter().filter(|(_, [low, ..])| !log || *low > 0.0);
    let points = held().map(|(time, [_, median, _])| (time * scale, median * factor)).collect();
    let band = held().map(|(time, [low, _, high])| BandPoint { at: time * scale, lower: low * factor, upper: high * factor });
    let curve = Curve { label: "median".to_owned(), rank: 1, of: 2, points, band: band.collect() };
    Some(CurvePanel { title: regimen.label.clone(), curves: vec![curve], levels: levels.to_vec() })
}

/// Largest ratio of the regimens' highest medians that one straight axis can show.
const STRAIGHT: f64 = 6.0;

/// Whether the highest medians of the regimens lie too far apart for a straight axis.
fn peaks_apart(courses: &[SimulatedCourse]) -> bool {
    let peak = |course: &SimulatedCourse| course.points.iter().map(|(_, [_, median, _])| *median).fold(0.0, f64::max);
    let (low, high) = courses.iter().map(peak).fold((f64::INFINITY, 0.0_f64), |(low, high), peak| (low.min(peak), high.max(peak)));
    high > STRAIGHT * low
}

/// Reference exposures that are concentrations.
fn levels(ledger: &Ledger<'_>) -> Vec<ReferenceBand> {
    let Some(regimen) = ledger.simulation.regimens.first() else { return Vec::new() };
    let references: Vec<_> = ledger.settings.pk.reference_exposure.iter().flatten().collect();
    let held = regimen.targets.iter().filter(|target| !target.metric.is_area());
    held.filter_map(|target| {
        let at = target.value * ledger.simulation.unit.1;
        Some(ReferenceBand { label: references.get(target.reference)?.label.clone(), lower: at, upper: at })
    })
    .collect()
}

fn sources(ledger: &Ledger<'_>) -> Vec<Slice> {
    std::iter::once(ledger.model_slice()).chain(ledger.pool_slice()).collect()
}
