//! What must hold for figures of exposure and response, beside what holds for every figure.

use super::tests::{axis, drawn, elements, words};
use super::*;
use crate::evidence::{Axis, BandPoint, BoxSeries, Curve, ExposureResponsePlot, ObservedGroup, ResponseCurve};

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
    vec![
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
