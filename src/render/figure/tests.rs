//! What must hold for every figure: it is whole, within its sheet, legible, safe, and the same every time.

use super::lettering::{Anchor, Lettering};
use super::response_tests::{odd_responses, outcomes, response};
use super::*;
use crate::evidence::{
    Axis, BandPoint, Bar, BoxSeries, CourseMean, CourseSeries, Curve, CurvePanel, ExposurePanel, ExposurePoints, Lane, Mark, MarkKind,
    ProfilePoint, ProfileSeries, ReferenceBand, ReferenceLine, Rung, RungKind, Segment, SpiderFacet, StepCurve, StepPoint,
};

pub(super) fn axis(label: &str, log: bool) -> Axis {
    Axis { label: label.into(), log, range: None }
}

/// A number between 0 and 1 that looks random.
fn share(index: usize) -> f64 {
    ((index as f64 + 1.0) * 0.754_877_666_246_693).fract()
}

fn keys(counts: &[usize]) -> Vec<SeriesKey> {
    let drug = |(rank, n): (usize, &usize)| SeriesKey {
        label: format!("Zeltorafib {} mg QD", 10 << rank.min(6)),
        dosage: format!("d{rank}"),
        rank,
        of: counts.len(),
        comparator: false,
        n: *n,
    };
    let mut keys: Vec<SeriesKey> = counts.iter().enumerate().map(drug).collect();
    if let Some(last) = keys.last_mut().filter(|key| key.rank > 0) {
        *last =
            SeriesKey { label: "Docetaxel 75 mg/m2 Q3W".into(), dosage: "docetaxel".into(), rank: 0, of: 1, comparator: true, n: last.n };
    }
    keys
}

fn swimmer(keys: &[SeriesKey]) -> Plot {
    let lane = |(key, index): (&SeriesKey, usize)| {
        let end = 0.3 + 18.0 * share(index);
        let marks = [(MarkKind::Response, 0.3), (MarkKind::Progression, 0.99), (MarkKind::StoppedOther, 1.0), (MarkKind::Death, 1.1)];
        Lane {
            series: key.clone(),
            segments: [(0.0, 0.5, 1.0), (0.5, 0.6, 0.0), (0.6, 1.0, 0.75)]
                .map(|(from, to, dose_share)| Segment { from: from * end, to: to * end, dose_share })
                .to_vec(),
            marks: marks.map(|(kind, at)| Mark { at: at * end, kind }).to_vec(),
            ongoing: index.is_multiple_of(4),
        }
    };
    let lanes = keys.iter().flat_map(|key| (0..key.n).map(move |index| (key, index))).map(lane).collect();
    Plot::Swimmer { time: axis("Time since first dose (months)", false), lanes }
}

fn thresholds() -> Vec<ReferenceLine> {
    [(-30.0, "−30% partial response"), (20.0, "+20% progression")].map(|(at, label)| ReferenceLine { at, label: label.into() }).to_vec()
}

fn waterfall(keys: &[SeriesKey]) -> Plot {
    let change = |key: &SeriesKey, index: usize| 150.0 - 250.0 * (index as f64 + 0.5) / key.n as f64;
    let response = |change: f64| Some(if change < -30.0 { "PR" } else { "SD" }.to_owned());
    let bar =
        |(key, index): (&SeriesKey, usize)| Bar { series: key.clone(), change: change(key, index), response: response(change(key, index)) };
    let bars = keys.iter().flat_map(|key| (0..key.n).map(move |index| (key, index))).map(bar).collect();
    Plot::Waterfall { change: axis("Best change from baseline in sum of diameters (%)", false), bars, thresholds: thresholds() }
}

fn spider(keys: &[SeriesKey]) -> Plot {
    let line = |index: usize| (0..5).map(|visit| (f64::from(visit) * 1.8, f64::from(visit) * (share(index) - 0.6) * 30.0)).collect();
    let facets = keys.iter().map(|key| SpiderFacet { series: key.clone(), lines: (0..key.n).map(line).collect() }).collect();
    let change = axis("Change from baseline in sum of diameters (%)", false);
    Plot::Spider { time: axis("Time since first dose (months)", false), change, facets, thresholds: thresholds() }
}

fn boxes(keys: &[SeriesKey], log: bool) -> Plot {
    let values = |key: &SeriesKey| (0..key.n).map(|index| (key.rank as f64 + 1.0) * 100.0 * (0.3 + share(index))).collect();
    let boxes = keys.iter().map(|key| BoxSeries { series: key.clone(), values: values(key) }).collect();
    let targets = vec![ReferenceLine { at: 250.0, label: "Target 250 ng·h/mL".into() }];
    Plot::Boxes { value: axis("AUC at steady state (ng·h/mL)", log), boxes, targets }
}

fn steps(keys: &[SeriesKey]) -> Plot {
    let curve = |key: &SeriesKey| {
        let at = |index: usize| {
            let estimate = 1.0 - index as f64 / (key.n as f64 + key.rank as f64);
            StepPoint {
                time: index as f64 * 17.0 / key.n as f64,
                estimate,
                lower: Some(estimate * 0.8),
                upper: (index < 9).then_some(1.0f64.min(estimate * 1.2)),
            }
        };
        let at_risk = (0..7).map(|quarter| key.n * (6 - quarter) / 6).collect();
        StepCurve { series: key.clone(), steps: (0..=key.n).map(at).collect(), censored: vec![2.5, 17.5], at_risk }
    };
    let risk_times = (0..7).map(|quarter| f64::from(quarter) * 3.0).collect();
    let (time, probability) = (axis("Time since randomisation (months)", false), axis("Progression-free survival probability", false));
    Plot::Steps { time, probability, curves: keys.iter().map(curve).collect(), risk_times }
}

fn profile(keys: &[SeriesKey], cycles: usize) -> Plot {
    let point = |key: &SeriesKey, cycle: usize| {
        let median = 100.0 - cycle as f64 - key.rank as f64 * 4.0;
        ProfilePoint { step: cycle as f64 + 1.0, median, lower_quartile: median - 8.0, upper_quartile: median + 5.0, n: key.n }
    };
    let series = keys.iter().map(|key| ProfileSeries { series: key.clone(), points: (0..cycles).map(|cycle| point(key, cycle)).collect() });
    Plot::Profile { step: axis("Cycle (21 days)", false), value: axis("Relative dose intensity (%)", false), series: series.collect() }
}

fn ladder(keys: &[SeriesKey]) -> Plot {
    let kinds = [RungKind::Applicable, RungKind::Comparison, RungKind::AnimalExposure, RungKind::Efficacious, RungKind::Planned];
    let rung = |kind: RungKind, label: String, at: f64| Rung { label, at, kind };
    let mut rungs = vec![rung(RungKind::Chosen, "Chosen starting dose, 10 mg".into(), 10.0)];
    for kind in kinds {
        rungs.extend(keys.iter().enumerate().map(|(index, key)| {
            let label =
                if kind == RungKind::Planned { format!("{}", 10 << index) } else { format!("One sixth of the HNSTD, {}", key.label) };
            rung(kind, label, 10.0 * 2f64.powi(index as i32) * (0.6 + share(index)))
        }));
    }
    Plot::DoseLadder { dose: axis("Dose for the reference adult (mg)", true), unit: "mg".into(), rungs }
}

/// Curves that fall with time (apart at their ends), or rise to a common end with bands.
fn curves(keys: &[SeriesKey], panels: usize, rising: bool) -> Plot {
    let at = |key: &SeriesKey, step: usize| {
        let x = step as f64 * 0.5;
        let height = 2f64.powi(key.rank as i32);
        if rising { x * height / (0.6 + x * height) } else { 100.0 * height * (-0.05 * x).exp() }
    };
    let curve = |key: &SeriesKey| {
        let points: Vec<(f64, f64)> = (0..=48).map(|step| (step as f64 * 0.5, at(key, step))).collect();
        let band = points.iter().filter(|_| rising).map(|(x, y)| BandPoint { at: *x, lower: y * 0.8, upper: (y * 1.2).min(1.0) }).collect();
        Curve { label: key.label.clone(), rank: key.rank, of: key.of, points, band }
    };
    let (low, high) = if rising { (0.2, 0.8) } else { (60.0, 400.0) };
    let level = |label: String, lower, upper| ReferenceBand { label, lower, upper };
    let levels: Vec<ReferenceBand> = vec![
        level("20% to 80% of the largest effect".into(), low, high),
        level(format!("IC50, {}", keys.first().map_or("", |key| key.label.as_str())), (low * high).sqrt(), (low * high).sqrt()),
    ];
    let panel = |index: usize| CurvePanel {
        title: format!("Panel {index} of {}", keys.first().map_or("", |key| key.label.as_str())),
        curves: keys.iter().map(curve).collect(),
        levels: levels.clone(),
    };
    let marks = keys.iter().enumerate().map(|(index, key)| ReferenceLine { at: index as f64 * 0.9, label: key.label.clone() });
    Plot::Curves {
        x: axis("Time since dose (h)", false),
        y: axis("Predicted concentration (ng/mL)", !rising),
        panels: (0..panels).map(panel).collect(),
        marks: if rising { marks.collect() } else { Vec::new() },
    }
}

/// Figures whose series are no groups of subjects: they have no counts.
fn predicted(keys: &[SeriesKey]) -> Vec<Plot> {
    vec![
        ladder(keys),
        curves(keys, 1, false),
        curves(keys, 1, true),
        curves(keys, 2, true),
        curves(keys, 5, false),
        courses(keys),
        dose_exposure(keys, 1),
        dose_exposure(keys, 6),
    ]
}

/// Concentrations that rise to a peak and fall, a higher one for each series, with the limit of quantification below the lowest.
fn courses(keys: &[SeriesKey]) -> Plot {
    let point = |key: &SeriesKey, time: f64| {
        let mean = 40.0 * 2f64.powi(key.rank as i32) * (0.2 + time) * (-0.15 * time).exp();
        CourseMean { time, mean, spread: Some((mean / 1.6, mean * 1.6)), n: key.n }
    };
    let series = keys
        .iter()
        .map(|key| CourseSeries { series: key.clone(), points: [0.5, 1.0, 2.0, 4.0, 8.0, 24.0].map(|time| point(key, time)).to_vec() });
    Plot::Courses {
        time: axis("Nominal time since the dose (h)", false),
        concentration: "Concentration (ng/mL)".into(),
        series: series.collect(),
        limit: Some(ReferenceLine { at: 1.0, label: "Limit of quantification, 1 ng/mL".into() }),
    }
}

/// Exposure that rises with dose, in several panels.
fn dose_exposure(keys: &[SeriesKey], panels: usize) -> Plot {
    let dose = |key: &SeriesKey| 10.0 * 1.7f64.powi(key.rank as i32);
    let points = |key: &SeriesKey| -> Vec<(f64, f64)> {
        (0..key.n).map(|subject| (dose(key), 100.0 * dose(key) * 1.05f64.powi((subject % 7) as i32))).collect()
    };
    let line = || keys.iter().map(|key| (dose(key), 110.0 * dose(key)));
    let panel = |index: usize| ExposurePanel {
        title: format!("AUCtau of {}\nCycle {index} Day 15\nsteady state", keys.first().map_or("", |key| key.label.as_str())),
        series: keys.iter().map(|key| ExposurePoints { series: key.clone(), points: points(key) }).collect(),
        fit: line().map(|(at, middle)| BandPoint { at, lower: middle * 0.9, upper: middle * 1.1 }).collect(),
        line: line().collect(),
        proportional: line().map(|(at, middle)| (at, middle * 1.02)).collect(),
    };
    Plot::DoseExposure { dose: axis("Dose (mg)", true), columns: panels.min(3), panels: (0..panels).map(panel).collect() }
}

#[test]
fn courses_are_named_with_their_counts_and_drawn_on_both_scales() {
    let svg = drawn(courses(&keys(&[3, 9, 12])));
    let words = words(&svg).join("; ");
    for name in
        ["Linear scale", "Logarithmic scale", "Zeltorafib 10 mg QD, n=3", "Zeltorafib 20 mg QD, n=9", "Limit of quantification, 1 ng/mL"]
    {
        assert!(words.contains(name), "{name} is missing: {words:?}");
    }
    let nothing = Plot::Courses { time: axis("t", false), concentration: "c".into(), series: Vec::new(), limit: None };
    assert!(self::words(&drawn(nothing)).contains(&"No observations to draw"));
}

#[test]
fn every_subject_is_a_point_against_dose() {
    let svg = drawn(dose_exposure(&keys(&[3, 9, 40]), 2));
    assert_eq!(elements(&svg, "circle").len(), 2 * 52);
    assert!(words(&svg).contains(&"Proportional to dose (slope 1)"));
}

/// All kinds of figures for a set of series.
fn all(keys: &[SeriesKey]) -> Vec<Plot> {
    vec![
        swimmer(keys),
        waterfall(keys),
        spider(keys),
        boxes(keys, true),
        boxes(keys, false),
        steps(keys),
        profile(keys, 6),
        profile(keys, 20),
        response(keys, 1),
        response(keys, 2),
        outcomes(keys, 1),
        outcomes(keys, 3),
    ]
}

pub(super) fn drawn(plot: Plot) -> String {
    draw(&FigureSpec { plot, alt: "What is seen. And a number: 3.".into(), source: Vec::new() }, FigureSize::PORTRAIT).unwrap()
}

pub(super) fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\""))?.1.split_once('"').map(|(value, _)| value)
}

pub(super) fn number(tag: &str, name: &str) -> Option<f64> {
    attribute(tag, name)?.parse().ok()
}

/// The corners of every line and polygon of a path, which begins with `M` and goes on in relative steps.
pub(super) fn corners(path: &str) -> Vec<Vec<(f64, f64)>> {
    let lines = attribute(path, "d").unwrap().split('M').skip(1);
    let corners_of = |line: &str| {
        let commands = line.trim_end_matches('z').replace('h', "\nh").replace('v', "\nv").replace('l', "\nl");
        let mut corners: Vec<(f64, f64)> = Vec::new();
        for command in commands.lines() {
            let (name, numbers) = command.split_at(command.find(['-', ' ', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']).unwrap());
            let numbers: Vec<f64> = numbers.replace('-', " -").split_whitespace().map(|number| number.parse().unwrap()).collect();
            for step in numbers.chunks(if matches!(name, "h" | "v") { 1 } else { 2 }) {
                let (x, y) = corners.last().copied().unwrap_or((0.0, 0.0));
                corners.push(match name {
                    "h" => (x + step[0], y),
                    "v" => (x, y + step[0]),
                    _ => (x + step[0], y + step[1]),
                });
            }
        }
        corners
    };
    lines.map(corners_of).collect()
}

/// Lines of the SVG: plotters writes one element each.
pub(super) fn elements<'a>(svg: &'a str, name: &str) -> Vec<&'a str> {
    let open = format!("<{name} ");
    svg.lines().filter(|line| line.starts_with(&open)).collect()
}

pub(super) fn words(svg: &str) -> Vec<&str> {
    elements(svg, "text").into_iter().filter_map(|tag| tag.split_once('>')?.1.strip_suffix("</text>")).collect()
}

/// Left, top, right and bottom of a piece of text, in points.
pub(super) fn bounds(tag: &str) -> (f64, f64, f64, f64) {
    let text = tag.split_once('>').unwrap().1.strip_suffix("</text>").unwrap();
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&");
    let size = number(tag, "font-size").unwrap() / 10.0;
    let width = Lettering { size, bold: tag.contains("bold"), ink: theme::BLACK, anchor: Anchor::Start }.width(&text);
    let (x, y) = (number(tag, "x").unwrap() / 10.0, number(tag, "y").unwrap() / 10.0);
    let before = match attribute(tag, "text-anchor").unwrap_or("start") {
        "middle" => width / 2.0,
        "end" => width,
        _ => 0.0,
    };
    if tag.contains("rotate(270") {
        (x, y - width + before, x + size * 0.95, y + before)
    } else {
        (x - before, y, x - before + width, y + size * 0.8)
    }
}

/// Says what is wrong with the sheet: shapes beyond its edges, words that touch.
pub(super) fn faults(svg: &str) -> Vec<String> {
    let view = attribute(svg, "viewBox").unwrap();
    let size: Vec<f64> = view.split(' ').skip(2).map(|side| side.parse().unwrap()).collect();
    let inside = |x: f64, y: f64| (-0.5..=size[0] + 0.5).contains(&x) && (-0.5..=size[1] + 0.5).contains(&y);
    let mut faults = Vec::new();
    for tag in elements(svg, "path") {
        if corners(tag).into_iter().flatten().any(|(x, y)| !inside(x, y)) {
            faults.push(format!("beyond the sheet: {tag}"));
        }
    }
    let tags = elements(svg, "text");
    let placed: Vec<_> = tags.iter().map(|tag| (bounds(tag), *tag)).collect();
    for (index, ((left, top, right, bottom), tag)) in placed.iter().enumerate() {
        if !inside(left * 10.0, top * 10.0) || !inside(right * 10.0, bottom * 10.0) {
            faults.push(format!("words beyond the sheet: {tag}"));
        }
        for ((l, t, r, b), other) in placed.iter().skip(index + 1) {
            if left.max(*l) < right.min(*r) - 0.1 && top.max(*t) < bottom.min(*b) - 0.1 {
                faults.push(format!("words touch: {tag} {other}"));
            }
        }
    }
    faults
}

#[test]
fn nothing_is_clipped_and_no_words_touch() {
    let crowded = [3, 6, 12, 30, 110, 20, 109, 40];
    let sets: [&[usize]; 6] = [&[1], &[14], &[42, 40], &[42, 40, 41], &[3, 4, 6, 9, 12, 8, 6, 40], &crowded];
    for counts in sets {
        for plot in all(&keys(counts)).into_iter().chain(predicted(&keys(counts))) {
            let svg = drawn(plot);
            assert_eq!(faults(&svg), Vec::<String>::new(), "{counts:?}");
            let height: f64 = attribute(&svg, "height").unwrap().trim_end_matches("in").parse().unwrap();
            assert!(height <= 8.5 && svg.contains("width=\"6.500in\""), "{counts:?}: {height}");
        }
    }
}

#[test]
fn every_series_is_named_with_its_count() {
    for plot in all(&keys(&[3, 9, 12, 7, 5])) {
        let words = words(&drawn(plot)).join(" ");
        for name in ["10 mg", "20 mg", "40 mg", "80 mg", "Docetaxel", "n=3", "n=9", "n=12", "n=7", "n=5"] {
            assert!(words.contains(name), "{name} is missing: {words}");
        }
    }
}

#[test]
fn every_observation_is_drawn() {
    let keys = keys(&[3, 9, 40]);
    assert_eq!(elements(&drawn(boxes(&keys, true)), "circle").len(), 52);
    assert_eq!(elements(&drawn(spider(&keys)), "circle").len(), 52);
    let green = |svg: &str| elements(svg, "circle").iter().filter(|tag| tag.contains("#009E73")).count();
    assert_eq!(green(&drawn(swimmer(&keys))), 52 + 1, "a response per subject and one in the key");
    let svg = drawn(waterfall(&keys));
    let bars = |ink: &str| elements(&svg, "path").iter().filter(|tag| tag.contains(ink)).map(|tag| corners(tag).len()).sum::<usize>();
    assert_eq!(bars("#43A4DD") + bars("#CDCDCD"), 52 + 2, "a bar per subject and two in the key");
    assert!(words(&svg).iter().any(|words| words.contains("cut at +100% and marked; largest increase: +146.9%")));
}

#[test]
fn numbers_at_risk_stand_under_their_ticks() {
    let svg = drawn(steps(&keys(&[42, 36])));
    let at = |text: &str| -> Vec<f64> {
        let found = elements(&svg, "text").into_iter().filter(|tag| tag.ends_with(&format!(">{text}</text>")));
        found.map(|tag| number(tag, "x").unwrap()).collect()
    };
    assert!(words(&svg).contains(&"Number at risk"));
    for (tick, counts) in [("3", ["35", "30"]), ("12", ["14", "12"]), ("18", ["0", "0"])] {
        let x = at(tick)[0];
        assert!(counts.iter().all(|count| at(count).contains(&x)), "{tick}");
    }
}

#[test]
fn bands_stay_apart_from_each_other() {
    let bands = |svg: &str| elements(svg, "path").iter().filter(|tag| tag.contains("opacity=\"0.16\"")).count();
    let together = drawn(steps(&keys(&[8, 8, 8])));
    assert_eq!((bands(&together), words(&together).contains(&"At risk")), (3, false));
    let apart = drawn(steps(&keys(&[8, 8, 8, 8])));
    assert_eq!((bands(&apart), words(&apart).iter().filter(|words| **words == "At risk").count()), (4, 2));
}

#[test]
fn a_ladder_prints_every_dose_and_marks_every_level() {
    let keys = keys(&[3, 9, 12]);
    let svg = drawn(ladder(&keys));
    let words = words(&svg);
    for heading in ["Applicable methods", "Shown for comparison", "Human dose with the exposure of animals", "Planned levels, mg"] {
        assert!(words.contains(&heading), "{heading}: {words:?}");
    }
    assert_eq!(
        words.iter().filter(|text| text.ends_with(" mg") && text.starts_with(|c: char| c.is_ascii_digit())).count(),
        4 * 3,
        "{words:?}"
    );
    assert!(words.contains(&"Chosen starting dose, 10 mg") && words.contains(&"10") && words.contains(&"40"));
}

#[test]
fn curves_that_end_together_are_named_by_a_key() {
    let keys = keys(&[3, 9, 12, 7, 5, 6, 4, 8]);
    let [apart, together] = [false, true].map(|rising| drawn(curves(&keys, 1, rising)));
    let named = |svg: &str| -> Vec<f64> {
        let names = elements(svg, "text").into_iter().filter(|tag| tag.contains("20 mg QD</text>"));
        names.map(|tag| number(tag, "x").unwrap()).collect()
    };
    assert!(named(&apart).iter().all(|x| *x > 3000.0) && named(&together).iter().any(|x| *x < 3000.0), "beside the panel, above the panel");
    let shaded = |svg: &str| elements(svg, "path").iter().filter(|tag| tag.contains("opacity=\"0.16\"")).count();
    assert_eq!((shaded(&apart), shaded(&together)), (0, 8));
}

#[test]
fn text_from_data_stays_text() {
    let hostile = "<script>alert(\"x\")</script> & 'y' \u{202e}gnp.exe\u{0} ]]> &amp; ".repeat(8);
    let mut key = keys(&[4]).remove(0);
    key.label.clone_from(&hostile);
    let pair = [key.clone(), key];
    for plot in all(&pair).into_iter().chain(predicted(&pair)) {
        let svg = draw(&FigureSpec { plot, alt: hostile.clone(), source: Vec::new() }, FigureSize::PORTRAIT).unwrap();
        assert!(!svg.contains("<script") && !svg.contains('\u{202e}') && !svg.contains('\u{0}') && svg.contains("&lt;script&gt;"));
        assert!(svg.contains('…'), "the label is shortened");
        assert_eq!(faults(&svg), Vec::<String>::new());
        for piece in svg.split('&').skip(1) {
            assert!(["lt;", "gt;", "amp;", "quot;", "apos;"].iter().any(|entity| piece.starts_with(entity)), "{piece}");
        }
    }
}

#[test]
fn a_figure_can_stand_in_any_page() {
    let svg = drawn(swimmer(&keys(&[3, 4])));
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" ") && svg.ends_with("</svg>\n"));
    assert!(svg.contains("role=\"img\"") && svg.contains("<title>What is seen</title><desc>What is seen. And a number: 3.</desc>"));
    assert!(
        svg.matches("font-family=\"DejaVu Sans, Verdana, Arial, sans-serif\"").count() == 1
            && !svg.contains(" id=")
            && !svg.contains("NaN")
    );
    assert!(elements(&svg, "rect")[0].contains("fill=\"#FFFFFF\""), "paper is white");
    for name in ["svg", "text", "title", "desc"] {
        assert_eq!(svg.matches(&format!("<{name}")).count(), svg.matches(&format!("</{name}>")).count());
    }
}

#[test]
fn the_same_specification_gives_the_same_bytes() {
    let made = || all(&keys(&[3, 9, 12])).into_iter().chain(predicted(&keys(&[3, 9, 12])));
    for (first, second) in made().zip(made()) {
        assert_eq!(drawn(first), drawn(second));
    }
}

fn odd(keys: &[SeriesKey]) -> Vec<Plot> {
    let key = || keys[0].clone();
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let point = |time, estimate| StepPoint { time, estimate, lower: Some(nan), upper: None };
    let curve = |steps| StepCurve { series: key(), steps, censored: vec![nan, -1.0, 1e300], at_risk: vec![1, 2, 3] };
    let of_steps =
        |steps, risk_times| Plot::Steps { time: axis("t", true), probability: axis("p", true), curves: vec![curve(steps)], risk_times };
    let of_values =
        |values, log| Plot::Boxes { value: axis("v", log), boxes: vec![BoxSeries { series: key(), values }], targets: Vec::new() };
    let bar = |change| Bar { series: key(), change, response: None };
    let lane =
        |segments, marks| Plot::Swimmer { time: axis("t", false), lanes: vec![Lane { series: key(), segments, marks, ongoing: true }] };
    let lines = |lines| Plot::Spider {
        time: axis("t", false),
        change: axis("c", false),
        facets: vec![SpiderFacet { series: key(), lines }],
        thresholds: thresholds(),
    };
    let medians = |median| ProfilePoint { step: 1.0, median, lower_quartile: nan, upper_quartile: inf, n: 1 };
    let of_points = |points, log| Plot::Profile {
        step: axis("s", false),
        value: axis("v", log),
        series: vec![ProfileSeries { series: key(), points }],
    };
    let rungs = |doses: &[f64]| Plot::DoseLadder {
        dose: axis("d", false),
        unit: "mg".into(),
        rungs: doses.iter().map(|at| Rung { label: "a".into(), at: *at, kind: RungKind::Applicable }).collect(),
    };
    let smooth = |points: &[(f64, f64)], log| {
        let band = vec![BandPoint { at: nan, lower: 1.0, upper: inf }, BandPoint { at: 1.0, lower: nan, upper: 2.0 }];
        let curves = vec![Curve { label: "a".into(), rank: 0, of: 1, points: points.to_vec(), band }];
        let levels = vec![ReferenceBand { label: "l".into(), lower: nan, upper: inf }];
        let panels = vec![CurvePanel { title: String::new(), curves, levels }];
        Plot::Curves { x: axis("x", log), y: axis("y", log), panels, marks: vec![ReferenceLine { at: nan, label: "m".into() }] }
    };
    vec![
        rungs(&[]),
        rungs(&[nan, -1.0, 0.0, inf]),
        rungs(&[5.0]),
        rungs(&[3.0; 200]),
        smooth(&[], true),
        smooth(&[(nan, 1.0), (0.0, inf)], false),
        smooth(&[(1.0, 1.0)], true),
        smooth(&[(0.0, -1.0), (1.0, 2.0), (2.0, nan), (3.0, 1e300)], true),
        smooth(&[(0.0, 5.0), (1.0, 5.0)], false),
        Plot::Curves { x: axis("x", false), y: axis("y", false), panels: Vec::new(), marks: Vec::new() },
        of_steps(Vec::new(), Vec::new()),
        of_steps(vec![point(0.0, 1.0)], Vec::new()),
        of_steps(vec![point(0.0, 1.0), point(nan, 0.5), point(inf, 0.2)], vec![nan, 0.0, 0.0]),
        of_values(Vec::new(), false),
        of_values(vec![7.0], false),
        of_values(vec![0.0; 40], false),
        of_values(vec![0.0, -1.0, nan], true),
        of_values(vec![5.0; 9], true),
        of_values(vec![1e-300, 1e300], true),
        Plot::Waterfall { change: axis("c", false), bars: vec![bar(nan)], thresholds: thresholds() },
        Plot::Waterfall { change: axis("c", false), bars: vec![bar(0.0), bar(1e12), bar(nan)], thresholds: Vec::new() },
        lane(Vec::new(), Vec::new()),
        lane(
            vec![Segment { from: nan, to: 1.0, dose_share: nan }, Segment { from: 2.0, to: 1.0, dose_share: 1.0 }],
            vec![Mark { at: nan, kind: MarkKind::Death }],
        ),
        lines(Vec::new()),
        lines(vec![Vec::new(), vec![(0.0, 0.0)], vec![(nan, 1.0), (1.0, 900.0), (2.0, nan)]]),
        of_points(Vec::new(), false),
        of_points(vec![medians(3.0)], true),
        of_points(vec![medians(nan), medians(-3.0)], true),
    ]
}

#[test]
fn odd_data_give_a_sensible_picture() {
    for plot in odd(&keys(&[4])).into_iter().chain(odd_responses(&keys(&[4])[0])).chain(all(&[])).chain(predicted(&[])) {
        let seen = format!("{plot:?}");
        let svg = drawn(plot);
        assert_eq!(faults(&svg), Vec::<String>::new(), "{seen}");
        assert!(!words(&svg).is_empty() && !svg.contains("NaN") && !svg.contains("inf"), "{seen}");
    }
    assert!(words(&drawn(boxes(&[], true))).contains(&"No observations to draw"));
}

#[test]
fn more_series_than_can_be_told_apart_are_refused() {
    let many = keys(&[2; 25]);
    let spec = FigureSpec { plot: boxes(&many, false), alt: String::new(), source: Vec::new() };
    assert_eq!(draw(&spec, FigureSize::PORTRAIT), Err(FigureError::TooManySeries { found: 25, most: 24 }));
    let too_many = FigureSpec { plot: curves(&many, 1, false), alt: String::new(), source: Vec::new() };
    assert_eq!(draw(&too_many, FigureSize::PORTRAIT), Err(FigureError::TooManySeries { found: 25, most: 24 }));
    for plot in all(&many[..24]).into_iter().chain(predicted(&many[..24])) {
        assert_eq!(faults(&drawn(plot)), Vec::<String>::new());
    }
}

#[test]
fn sheets_have_a_sensible_size() {
    assert_eq!(FigureSize::inches(6.5, 8.5), Ok(FigureSize::PORTRAIT));
    assert!(matches!(FigureSize::inches(1.0, 8.5), Err(FigureError::Size { .. })));
    assert!(FigureSize::inches(f64::NAN, 8.5).is_err());
    let spec = FigureSpec { plot: steps(&keys(&[8, 9])), alt: String::new(), source: Vec::new() };
    let wide = draw(&spec, FigureSize::LANDSCAPE).unwrap();
    assert!(wide.contains("width=\"9.000in\"") && faults(&wide).is_empty());
}
