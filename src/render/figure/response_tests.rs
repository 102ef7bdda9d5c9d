//! What must hold for figures of exposure and response, beside what holds for every figure.

use super::tests::{axis, drawn, elements, words};
use super::*;
use crate::evidence::{
    Axis, BandPoint, BoxSeries, Curve, ExposureResponsePlot, ObservedGroup, ObservedOutcome, OutcomeCurvesPlot, ResponseCurve,
};

/// Exposures of a series, spread over an octave.
fn exposures(key: &SeriesKey) -> Vec<f64> {
    (0..key.n).map(|index| 1000.0 * 1.4f64.powi(key.rank as i32) * (0.7 + (index * 37 % 100) as f64 / 100.0)).collect()
}

/// One outcome, or two.
pub(super) fn response(keys: &[SeriesKey], outcomes: usize) -> Plot {
    let values: Vec<f64> = keys.iter().flat_map(exposures).collect();
    let outcome = |place: usize| {
        let share = |x: f64| (0.1 + 0.4 * place as f64 + 0.3 * x / (3000.0 + x)).min(1.0);
        let points: Vec<(f64, f64)> = (0..=40).map(|step| 700.0 * 1.08f64.powi(step)).map(|x| (x, share(x))).collect();
        let band = points.iter().map(|(x, y)| BandPoint { at: *x, lower: y - 0.1, upper: (y + 0.1).min(1.0) }).collect();
        let group = |at: f64| ObservedGroup {
            at,
            from: at / 1.2,
            to: at * 1.2,
            proportion: share(at),
            lower: 0.02,
            upper: 0.99,
            events: 123,
            n: 456,
        };
        ResponseCurve {
            curve: Curve { label: format!("Outcome {place}"), rank: place, of: outcomes, points, band },
            harm: place == 1,
            groups: if values.is_empty() { Vec::new() } else { [1000.0, 1010.0, 1500.0, 9000.0].map(group).to_vec() },
            with_event: values.iter().copied().step_by(3).collect(),
            without_event: values.iter().copied().skip(1).step_by(3).collect(),
        }
    };
    Plot::ExposureResponse(Box::new(ExposureResponsePlot {
        exposure: axis("AUC at steady state (ng*h/mL)", true),
        probability: Axis { label: "Probability of the outcome".into(), log: false, range: Some((0.0, 1.0)) },
        outcomes: (0..outcomes).map(outcome).collect(),
        boxes: keys.iter().map(|key| BoxSeries { series: key.clone(), values: exposures(key) }).collect(),
    }))
}

/// Curves of outcomes over exposure, with single subjects where there is one curve.
pub(super) fn outcomes(keys: &[SeriesKey], curves: usize) -> Plot {
    let value = |place: usize, x: f64| -20.0 * (place + 1) as f64 * x / (3000.0 + x);
    let curve = |place: usize| {
        let points: Vec<(f64, f64)> = (0..=40).map(|step| 700.0 * 1.08f64.powi(step)).map(|x| (x, value(place, x))).collect();
        let band = points.iter().map(|(x, y)| BandPoint { at: *x, lower: y - 4.0, upper: y + 4.0 }).collect();
        Curve { label: format!("Outcome {place}"), rank: place, of: curves, points, band }
    };
    let point = |place: usize| ObservedOutcome {
        at: 1000.0 * (place + 1) as f64,
        value: value(0, 2000.0),
        lower: Some(-60.0),
        upper: Some(15.0),
        words: format!("n={}", place + 3),
        curve: (curves > 1).then_some(place % curves),
    };
    Plot::OutcomeCurves(Box::new(OutcomeCurvesPlot {
        across: axis("AUC at steady state (ng*h/mL)", true),
        outcome: axis("Change (%)", false),
        curves: (0..curves).map(curve).collect(),
        points: if keys.is_empty() { Vec::new() } else { (0..4).map(point).collect() },
        points_label: "observed".into(),
        subjects: if curves == 1 { keys.iter().flat_map(exposures).map(|x| (x, value(0, x))).collect() } else { Vec::new() },
        boxes: keys.iter().map(|key| BoxSeries { series: key.clone(), values: exposures(key) }).collect(),
    }))
}

/// Figures of values that are none.
pub(super) fn odd_responses(key: &SeriesKey) -> Vec<Plot> {
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let group = ObservedGroup { at: 5.0, from: nan, to: inf, proportion: nan, lower: nan, upper: inf, events: 0, n: 0 };
    let band = vec![BandPoint { at: nan, lower: 0.0, upper: inf }, BandPoint { at: 5.0, lower: nan, upper: 1.0 }];
    let curve = Curve { label: "a".into(), rank: 0, of: 1, points: vec![(nan, 0.5), (5.0, inf), (inf, nan)], band };
    let values = vec![nan, -1.0, 0.0, 5.0, inf];
    let outcome = ResponseCurve { curve, harm: false, groups: vec![group], with_event: values.clone(), without_event: values.clone() };
    let of = |log, outcomes: Vec<ResponseCurve>, values: Vec<f64>| {
        Plot::ExposureResponse(Box::new(ExposureResponsePlot {
            exposure: axis("x", log),
            probability: axis("p", false),
            outcomes,
            boxes: vec![BoxSeries { series: key.clone(), values }],
        }))
    };
    let point = ObservedOutcome { at: 5.0, value: nan, lower: Some(nan), upper: Some(inf), words: "n=0".into(), curve: Some(9) };
    let odd_outcomes = |subjects: Vec<(f64, f64)>| {
        Plot::OutcomeCurves(Box::new(OutcomeCurvesPlot {
            across: axis("x", true),
            outcome: axis("y", false),
            curves: vec![outcome.curve.clone()],
            points: vec![point.clone(), ObservedOutcome { value: 1.0, at: nan, ..point.clone() }],
            points_label: String::new(),
            subjects,
            boxes: vec![BoxSeries { series: key.clone(), values: values.clone() }],
        }))
    };
    vec![
        odd_outcomes(vec![(nan, 1.0), (5.0, inf), (5.0, 2.0)]),
        odd_outcomes(Vec::new()),
        of(true, vec![outcome.clone()], values.clone()),
        of(false, vec![outcome.clone(), outcome], values),
        of(true, Vec::new(), vec![3.0; 9]),
        of(true, Vec::new(), Vec::new()),
    ]
}

fn keys() -> Vec<SeriesKey> {
    let key = |(rank, n): (usize, usize)| SeriesKey {
        label: format!("{} mg QD", 10 << rank),
        dosage: format!("d{rank}"),
        rank,
        of: 3,
        comparator: false,
        n,
    };
    [3, 9, 30].into_iter().enumerate().map(key).collect()
}

#[test]
fn one_outcome_has_a_rug_and_counts_and_two_are_told_apart_without_colour() {
    let (one, two) = (drawn(response(&keys(), 1)), drawn(response(&keys(), 2)));
    let strokes = |svg: &str| elements(svg, "path").iter().filter(|tag| tag.contains("opacity=\"0.55\"")).count();
    assert!(strokes(&one) > 0 && strokes(&two) == 0);
    assert_eq!(words(&one).iter().filter(|words| **words == "123/456").count(), 4);
    assert!(words(&two).contains(&"Outcome 0") && words(&two).contains(&"Outcome 1"));
    let dashed = |svg: &str| elements(svg, "path").iter().filter(|tag| tag.contains("#D55E00")).count();
    assert!(dashed(&two) > dashed(&one), "harm has an ink and a line type of its own");
}

#[test]
fn every_exposure_is_drawn_in_the_row_of_its_dosage() {
    let svg = drawn(response(&keys(), 2));
    assert!(elements(&svg, "circle").len() >= 42);
    for name in ["10 mg QD, n=3", "20 mg QD, n=9", "40 mg QD, n=30"] {
        assert!(words(&svg).contains(&name), "{name}");
    }
}

#[test]
fn points_of_outcomes_are_named_and_single_subjects_are_drawn() {
    let (one, three) = (drawn(outcomes(&keys(), 1)), drawn(outcomes(&keys(), 3)));
    for name in ["n=3", "n=4", "n=5", "n=6"] {
        assert!(words(&one).contains(&name), "{name}");
    }
    assert!(words(&one).contains(&"single subjects") && !words(&three).contains(&"single subjects"));
    assert!(["Outcome 0", "Outcome 1", "Outcome 2"].iter().all(|name| words(&three).contains(name)));
    assert!(elements(&one, "circle").len() > elements(&three, "circle").len());
}
