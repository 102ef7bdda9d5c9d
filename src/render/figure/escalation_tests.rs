//! What must hold for the figures of dose escalation, beside what holds for every figure.

use super::tests::{attribute, axis, bounds, corners, drawn, elements, faults, words};
use super::*;
use crate::evidence::{
    CurvePoint, DltCount, DoseToxicity, GridAction, GridCell, GridPoint, PathStep, RecommendedDose, ScenarioDose, SelectionResult,
    SelectionScenario, SelectionShare, ToxicityCurve, ToxicityLabels, TrueToxicity,
};

const DOSES: [(f64, u32, u32); 7] =
    [(10.0, 3, 0), (30.0, 2, 0), (60.0, 3, 0), (120.0, 3, 0), (240.0, 6, 1), (360.0, 14, 3), (480.0, 12, 5)];

/// A rule with the boundaries of BOIN at a target of 0.30 and elimination from three patients on.
fn boin(n: u32, dlt: u32) -> GridAction {
    let rate = f64::from(dlt) / f64::from(n.max(1));
    match rate {
        rate if n >= 3 && rate > 0.3 + 0.75 / f64::from(n).sqrt() => GridAction::Eliminate,
        rate if rate <= 0.236 => GridAction::Escalate,
        rate if rate >= 0.359 => GridAction::DeEscalate,
        _ => GridAction::Stay,
    }
}

fn cells(most: u32, action: impl Fn(u32, u32) -> GridAction) -> Vec<GridCell> {
    (1..=most).flat_map(|n| (0..=n).map(move |dlt| (n, dlt))).map(|(n, dlt)| GridCell { n, dlt, action: action(n, dlt) }).collect()
}

fn grid(cells: Vec<GridCell>, observed: &[(u32, u32)]) -> Plot {
    let label = |index: usize| format!("{} mg", DOSES[index % DOSES.len()].0);
    let observed = observed.iter().enumerate().map(|(index, (n, dlt))| GridPoint { n: *n, dlt: *dlt, label: label(index) }).collect();
    Plot::DecisionGrid { n: axis("Patients evaluable for DLT at the dose", false), dlt: axis("Patients with DLT", false), cells, observed }
}

fn trial() -> Vec<(u32, u32)> {
    DOSES.iter().map(|(_, n, dlt)| (*n, *dlt)).collect()
}

fn dose_of(dose: f64, (n, dlt): (u32, u32)) -> DoseToxicity {
    let rate = f64::from(dlt) / f64::from(n.max(1));
    let point = |estimate: f64, half: f64| {
        Some(CurvePoint { dose, estimate, lower: (estimate - half).max(0.0), upper: (estimate + half).min(1.0) })
    };
    let (observed, posterior) = (point(rate, 0.3), point(0.05 + 0.9 * rate, 0.15));
    DoseToxicity { label: format!("{dose} mg"), dose, n, dlt, observed, posterior, prob_exceeds: Some(rate * rate) }
}

fn step(index: usize, dose: usize) -> PathStep {
    let dlt = u32::from(index.is_multiple_of(4));
    let decision = [GridAction::Escalate, GridAction::Stay, GridAction::DeEscalate, GridAction::Eliminate, GridAction::Stop][index % 5];
    let at_dose = Some(DltCount { n: 3 + index as u32, dlt });
    PathStep { cohort: (index + 1).to_string(), dose, n: 3, dlt, at_dose, decision, overridden: index % 7 == 6 }
}

fn toxicity(doses: Vec<DoseToxicity>, dense: bool, log: bool, cohorts: usize) -> Plot {
    let at = |index: usize| {
        let share = index as f64 / 60.0;
        CurvePoint { dose: 8.0 + 480.0 * share, estimate: share * 0.5, lower: share * 0.3, upper: share * 0.7 }
    };
    let path = (0..cohorts).map(|index| step(index, (index / 2).min(doses.len() - 1 - index % 2))).collect();
    Plot::ToxicityCurve(Box::new(ToxicityCurve {
        dose: axis("Dose (mg)", log),
        probability: axis("Probability of DLT", false),
        target: 0.3,
        target_interval: Some((0.236, 0.359)),
        recommended: doses.len().checked_sub(2).map(|dose| RecommendedDose { dose, label: "recommended for expansion".into() }),
        doses,
        curve: if dense { (0..=60).map(at).collect() } else { Vec::new() },
        path,
        labels: ToxicityLabels {
            observed: "Observed rate, exact 95% interval".into(),
            posterior: "Posterior median, 90% credible interval".into(),
            exceeds: "P(rate > 0.33)".into(),
        },
    }))
}

fn ladder() -> Vec<DoseToxicity> {
    DOSES.iter().map(|(dose, n, dlt)| dose_of(*dose, (*n, *dlt))).collect()
}

fn selection((scenarios, designs, doses): (usize, usize, usize), error: Option<f64>) -> Plot {
    let scenario = |scenario: usize| {
        let right = scenario % doses.max(1);
        let standing = |dose: usize| match dose.cmp(&right) {
            std::cmp::Ordering::Less => TrueToxicity::Below,
            std::cmp::Ordering::Equal => TrueToxicity::AtTarget,
            std::cmp::Ordering::Greater => TrueToxicity::Above,
        };
        let dose = |dose: usize| ScenarioDose {
            label: format!("{} mg", 120 * (dose + 1)),
            probability: 0.05 * dose as f64,
            standing: standing(dose),
        };
        let share = |share: f64| SelectionShare { share, standard_error: error };
        let result = |design: usize| SelectionResult {
            selected: (0..doses).map(|dose| share(if dose == right { 0.9 - 0.1 * design as f64 } else { 0.01 })).collect(),
            none: share(0.04),
            mean_n: (0..doses).map(|dose| 3.0 + dose as f64).collect(),
        };
        SelectionScenario {
            label: format!("Scenario {}: MTD at dose {}", scenario + 1, right + 1),
            target: 0.3,
            doses: (0..doses).map(dose).collect(),
            results: (0..designs).map(|design| Some(result(design))).collect(),
        }
    };
    Plot::Selection {
        selected: axis("Trials that select the dose (%)", false),
        patients: axis("mean number of patients at the dose", false),
        designs: (0..designs).map(|design| format!("Design {}", design + 1)).collect(),
        scenarios: (0..scenarios).map(scenario).collect(),
    }
}

/// Realistic and extreme figures.
fn all() -> Vec<Plot> {
    let threes = |cells: Vec<GridCell>| cells.into_iter().filter(|cell| cell.n.is_multiple_of(3)).collect();
    let many: Vec<DoseToxicity> = (0..15).map(|index| dose_of(10.0 + 12.0 * f64::from(index), (12, 4))).collect();
    vec![
        grid(cells(30, boin), &trial()),
        grid(cells(12, boin), &[(3, 0), (2, 0), (12, 12), (12, 11), (11, 3)]),
        grid(cells(60, boin), &[(38, 9), (39, 9), (40, 8), (40, 12), (55, 3), (1, 1)]),
        grid(threes(cells(120, boin)), &[(3, 1), (5, 2), (120, 3)]),
        grid(threes(cells(6, boin)), &[(3, 0), (6, 1)]),
        grid(cells(1, boin), &[]),
        toxicity(ladder(), true, true, 15),
        toxicity(ladder(), true, false, 15),
        toxicity(ladder(), false, true, 0),
        toxicity(vec![dose_of(360.0, (3, 1)), dose_of(480.0, (6, 2))], false, false, 3),
        toxicity(many.clone(), false, false, 30),
        toxicity(many, true, false, 60),
        toxicity(vec![dose_of(5.0, (0, 0))], false, true, 1),
        selection((8, 6, 10), Some(0.01)),
        selection((8, 6, 10), None),
        selection((5, 3, 6), Some(0.04)),
        selection((1, 1, 5), None),
        selection((2, 2, 7), Some(0.004)),
        selection((3, 1, 1), None),
    ]
}

fn sheet(plot: Plot, size: FigureSize) -> String {
    draw(&FigureSpec { plot, alt: "What is seen.".into(), source: Vec::new() }, size).unwrap()
}

#[test]
fn nothing_is_clipped_and_no_words_touch() {
    for size in [FigureSize::PORTRAIT, FigureSize::LANDSCAPE, FigureSize::inches(5.0, 9.0).unwrap()] {
        for plot in all() {
            let seen: String = format!("{plot:?}").chars().take(200).collect();
            let svg = sheet(plot, size);
            assert_eq!(faults(&svg), Vec::<String>::new(), "{size:?} {seen}");
            assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{seen}");
            let height: f64 = attribute(&svg, "height").unwrap().trim_end_matches("in").parse().unwrap();
            assert!(height * INCH <= size.tallest(), "{size:?} {height} {seen}");
            for circle in elements(&svg, "circle") {
                let at = |name| attribute(circle, name).unwrap().parse::<f64>().unwrap();
                assert!(at("cx") - at("r") >= 0.0 && at("cx") + at("r") <= size.width() * 10.0 && at("cy") - at("r") >= 0.0, "{circle}");
            }
        }
    }
}

#[test]
fn every_permitted_count_has_its_letters() {
    let svg = drawn(grid(cells(6, boin), &[(6, 1)]));
    let count = |letters: &str| words(&svg).iter().filter(|words| **words == letters).count();
    for action in [("E", GridAction::Escalate), ("S", GridAction::Stay), ("D", GridAction::DeEscalate), ("DU", GridAction::Eliminate)] {
        let expected = cells(6, boin).iter().filter(|cell| cell.action == action.1).count();
        assert_eq!(count(action.0), expected + 1, "{} in the cells and in the key", action.0);
    }
    for meaning in ["escalate", "stay at the dose", "de-escalate", "de-escalate, dose and above eliminated", "Patients with DLT"] {
        assert!(words(&svg).contains(&meaning), "{meaning}");
    }
    assert_eq!(count("X"), 0, "a decision that does not occur is not explained");
}

#[test]
fn decisions_need_not_be_monotone() {
    let svg = |action: &dyn Fn(u32, u32) -> GridAction| drawn(grid(cells(6, action), &[]));
    let lines = |svg: &str| {
        let drawn = elements(svg, "path").into_iter().filter(|tag| tag.contains("stroke-width=\"11\"")).map(|tag| corners(tag).len());
        drawn.sum::<usize>()
    };
    assert_eq!(lines(&svg(&|_, _| GridAction::Stay)), 0);
    // One cell amid the others has four sides.
    assert_eq!(lines(&svg(&|n, dlt| if (n, dlt) == (4, 2) { GridAction::Escalate } else { GridAction::Stay })), 4);
}

/// The lines from the rings to the names.
fn leaders(svg: &str) -> Vec<Vec<(f64, f64)>> {
    let tags = elements(svg, "path").into_iter().filter(|tag| tag.contains("stroke-width=\"8\"") && tag.contains("#1A1A1A"));
    tags.flat_map(corners).map(|line| line.into_iter().map(|(x, y)| (x / 10.0, y / 10.0)).collect()).collect()
}

#[test]
fn observed_counts_are_ringed_named_and_tied_without_crossing_a_word() {
    let svg = drawn(grid(cells(30, boin), &trial()));
    let rings = elements(&svg, "circle").iter().filter(|tag| tag.contains("#1A1A1A")).count();
    assert_eq!(rings, 5 + 1, "five different counts and one in the key");
    for name in ["10 mg, 60 mg, 120 mg: 0/3", "30 mg: 0/2", "240 mg: 1/6", "360 mg: 3/14", "480 mg: 5/12"] {
        assert!(words(&svg).contains(&name), "{name}");
    }
    let crowded: Vec<(u32, u32)> = (1..=14).map(|n| (n, n / 3)).chain([(9, 0), (9, 9)]).collect();
    for observed in [trial(), crowded, vec![(30, 2), (29, 2), (28, 8), (30, 3)]] {
        let svg = drawn(grid(cells(30, boin), &observed));
        let tied = leaders(&svg);
        assert!(tied.len() >= 4, "{}", tied.len());
        for tag in elements(&svg, "text") {
            let (left, top, right, bottom) = bounds(tag);
            // The last stretch of a line runs upright between columns.
            let crosses = |line: &Vec<(f64, f64)>| {
                let ((x, y), (_, to)) = (line[1], line[2]);
                x > left + 0.2 && x < right - 0.2 && y < bottom - 0.2 && to > top + 0.2
            };
            assert!(!tied.iter().any(crosses), "{tag} in {observed:?}");
        }
    }
}

#[test]
fn what_a_grid_leaves_out_is_said() {
    let svg = drawn(grid(cells(60, boin), &[(50, 20), (3, 4)]));
    let said = words(&svg).join(" ");
    for remark in
        ["Not drawn: decisions for 41 to 60 patients.", "DU throughout, not drawn.", "Observed beyond the figure: 10 mg 20/50, 30 mg 4/3."]
    {
        assert!(said.contains(remark), "{remark}: {said}");
    }
}

#[test]
fn every_dose_and_cohort_is_told() {
    let svg = drawn(toxicity(ladder(), true, true, 15));
    let words = words(&svg);
    let count = |text: &str| words.iter().filter(|words| **words == text).count();
    for (dose, n, dlt) in DOSES {
        assert_eq!(count(&format!("{dose} mg")), 2, "{dose}: under the curve and beside the path");
        assert!(count(&format!("{dlt}/{n}")) >= 1, "{dose}");
    }
    for text in [
        "recommended for expansion",
        "Observed rate, exact 95% interval",
        "Posterior median, 90% credible interval",
        "P(rate &gt; 0.33)",
        "decision not followed",
    ] {
        assert_eq!(count(text), 1, "{text}: {words:?}");
    }
    assert!(words.join(" ").contains("Target 0.30, interval 0.236–0.359"));
    assert!((1..=15).all(|cohort| words.contains(&cohort.to_string().as_str())));
    // Two of fifteen decisions were not followed.
    let squares = |svg: &str| {
        elements(svg, "path").into_iter().filter(|tag| tag.contains("fill=\"#1A1A1A\"")).flat_map(corners).filter(|line| {
        matches!(line.as_slice(), [a, b, c, d] if (b.0 - a.0) > 100.0 && ((b.0 - a.0) - (c.1 - b.1)).abs() < 2.0 && (d.0 - a.0).abs() < 2.0)
    }).count()
    };
    assert_eq!(squares(&svg), 2);
}

#[test]
fn many_doses_keep_their_names() {
    let doses = |unit: &str| -> Vec<DoseToxicity> {
        (0..15)
            .map(|index| (10.0 + 12.0 * f64::from(index), unit))
            .map(|(dose, unit)| DoseToxicity { label: format!("{dose} {unit}"), ..dose_of(dose, (12, 4)) })
            .collect()
    };
    let svg = drawn(toxicity(doses("mg QD"), false, false, 0));
    assert!((0..15).all(|index| words(&svg).contains(&format!("{}", 10 + 12 * index).as_str())), "{:?}", words(&svg));
    let mut mixed = doses("mg QD");
    mixed[3].label = "46 mg BID".into();
    let svg = drawn(toxicity(mixed, false, false, 0));
    let upright = elements(&svg, "text").into_iter().filter(|tag| tag.contains("rotate(270") && tag.contains(" mg ")).count();
    assert_eq!(upright, 15);
}

#[test]
fn counts_of_many_cohorts_stand_under_the_path() {
    let svg = drawn(toxicity(ladder(), false, true, 40));
    let upright = elements(&svg, "text").into_iter().filter(|tag| tag.contains("rotate(270") && tag.ends_with("/3</text>")).count();
    assert_eq!(upright, 40 + 1, "every cohort's count, and the third patient of the first");
    assert!(words(&svg).contains(&"DLT/patients"));
}

#[test]
fn parts_of_a_toxicity_figure_can_be_missing() {
    let none = |svg: &str| words(svg).contains(&"No observations to draw");
    let Plot::ToxicityCurve(figure) = toxicity(ladder(), false, true, 5) else { panic!("no curve") };
    let path = figure.path.clone();
    let spec = |doses: Vec<DoseToxicity>, path: Vec<PathStep>, target: f64| {
        let recommended = Some(RecommendedDose { dose: 99, label: "MTD".into() });
        let figure = ToxicityCurve { target, target_interval: None, doses, path, recommended, ..(*figure).clone() };
        Plot::ToxicityCurve(Box::new(figure))
    };
    assert!(none(&drawn(spec(Vec::new(), path.clone(), 0.3))), "no cohort has a dose of the figure");
    let untreated: Vec<DoseToxicity> = ladder()
        .into_iter()
        .map(|dose| DoseToxicity { n: 0, dlt: 0, observed: None, posterior: None, prob_exceeds: None, ..dose })
        .collect();
    assert!(none(&drawn(spec(untreated.clone(), Vec::new(), 0.3))));
    let only_path = drawn(spec(untreated, path, 0.3));
    assert!(!none(&only_path) && !words(&only_path).contains(&"Probability of DLT") && words(&only_path).contains(&"Decision"));
    let odd = vec![dose_of(f64::NAN, (3, 1)), dose_of(-5.0, (3, 1)), dose_of(30.0, (3, 1))];
    let svg = drawn(spec(odd, vec![step(0, 2), step(1, 7)], f64::NAN));
    let said = words(&svg).join(" ");
    assert!(
        said.contains("not drawn above: 2.")
            && said.contains("Cohorts at no dose of the figure, not drawn: 1.")
            && !said.contains("Target")
    );
    assert_eq!(faults(&svg), Vec::<String>::new());
}

#[test]
fn every_design_has_a_mark_for_every_dose_and_for_none() {
    let svg = drawn(selection((2, 2, 7), None));
    let blue = elements(&svg, "circle").iter().filter(|tag| tag.contains("#004F86")).count();
    assert_eq!(blue, 2 * 8 + 1, "two scenarios, seven doses and none, and one in the key");
    let words = words(&svg);
    let count = |text: &str| words.iter().filter(|words| **words == text).count();
    assert_eq!((count("none"), count("P(DLT)"), count("120"), count("840"), count("0.30")), (2, 1, 2, 2, 2));
    for text in
        ["Scenario 1: MTD at dose 1, target 0.30", "Design 1", "Design 2", "true P(DLT) at the target", "true P(DLT) above the target"]
    {
        assert_eq!(count(text), 1, "{text}: {words:?}");
    }
    assert!(words.join(" ").contains("Doses in mg. Lower strips: mean number of patients at the dose."));
}

#[test]
fn simulation_error_is_said_and_shown_where_it_is_wide() {
    let said = |error| words(&drawn(selection((2, 2, 5), Some(error)))).join(" ");
    assert!(said(0.004).contains("Largest simulation standard error: 0.4 percentage points.") && !said(0.004).contains("Whiskers"));
    assert!(said(0.04).contains("Whiskers: plus and minus 1.96 simulation standard errors."));
    assert!(!words(&drawn(selection((2, 2, 5), None))).join(" ").contains("simulation"));
}

#[test]
fn more_than_a_sheet_holds_is_refused() {
    let refused =
        |counts| draw(&FigureSpec { plot: selection(counts, None), alt: String::new(), source: Vec::new() }, FigureSize::PORTRAIT);
    assert_eq!(refused((9, 2, 5)), Err(FigureError::TooMany { what: "scenarios", found: 9, most: 8 }));
    assert_eq!(refused((2, 7, 5)), Err(FigureError::TooMany { what: "designs", found: 7, most: 6 }));
    assert_eq!(refused((2, 2, 11)), Err(FigureError::TooMany { what: "doses", found: 11, most: 10 }));
    assert_eq!(
        FigureError::TooMany { what: "doses", found: 11, most: 10 }.to_string(),
        "the figure has 11 doses, more than the 10 that one figure has room for"
    );
}

#[test]
fn nothing_to_show_is_said() {
    let mut plots = vec![grid(Vec::new(), &trial()), selection((0, 2, 5), None), selection((2, 0, 5), None), selection((2, 2, 0), None)];
    let mut unknown = selection((2, 1, 3), None);
    if let Plot::Selection { scenarios, .. } = &mut unknown {
        scenarios.iter_mut().for_each(|scenario| scenario.results = vec![None]);
    }
    plots.push(unknown);
    for plot in plots {
        assert_eq!(words(&drawn(plot)), ["No observations to draw"]);
    }
}

#[test]
fn odd_numbers_give_a_sensible_picture() {
    let mut plot = selection((2, 2, 3), Some(f64::NAN));
    if let Plot::Selection { scenarios, .. } = &mut plot {
        for result in scenarios.iter_mut().flat_map(|scenario| &mut scenario.results).flatten() {
            result.selected = vec![
                SelectionShare { share: f64::NAN, standard_error: None },
                SelectionShare { share: 7.0, standard_error: Some(f64::INFINITY) },
            ];
            result.mean_n = vec![f64::NAN, -4.0, 1e300, 5.0];
        }
        scenarios[0].doses[0].probability = f64::NAN;
        scenarios[0].target = f64::NAN;
    }
    let mut odd_curve = toxicity(ladder(), true, true, 3);
    if let Plot::ToxicityCurve(figure) = &mut odd_curve {
        let ToxicityCurve { doses, curve, target_interval, .. } = &mut **figure;
        curve[3].lower = f64::NAN;
        curve[5].estimate = f64::INFINITY;
        curve[7].dose = -1.0;
        doses[0].observed = Some(CurvePoint { dose: 10.0, estimate: 3.0, lower: -7.0, upper: f64::NAN });
        doses[1].prob_exceeds = Some(f64::NAN);
        *target_interval = Some((f64::NAN, 0.4));
    }
    for plot in [plot, odd_curve] {
        let svg = drawn(plot);
        assert_eq!(faults(&svg), Vec::<String>::new());
        assert!(!words(&svg).is_empty() && !svg.contains("NaN") && !svg.contains("inf"));
    }
}

#[test]
fn text_from_data_stays_text() {
    let hostile = "<script>alert(\"x\")</script> & 'y' \u{202e}gnp.exe\u{0} ]]> &amp; ".repeat(6);
    let mut plots = all();
    for plot in &mut plots {
        match plot {
            Plot::DecisionGrid { n, observed, .. } => {
                n.label.clone_from(&hostile);
                observed.iter_mut().for_each(|point| point.label.clone_from(&hostile));
            }
            Plot::ToxicityCurve(figure) => {
                let ToxicityCurve { doses, path, recommended, labels, .. } = &mut **figure;
                doses.iter_mut().for_each(|dose| dose.label.clone_from(&hostile));
                path.iter_mut().for_each(|step| step.cohort.clone_from(&hostile));
                recommended.iter_mut().for_each(|recommended| recommended.label.clone_from(&hostile));
                labels.exceeds.clone_from(&hostile);
                labels.posterior.clone_from(&hostile);
            }
            Plot::Selection { patients, designs, scenarios, .. } => {
                patients.label.clone_from(&hostile);
                designs.iter_mut().for_each(|design| design.clone_from(&hostile));
                scenarios.iter_mut().for_each(|scenario| scenario.label.clone_from(&hostile));
                scenarios.iter_mut().flat_map(|scenario| &mut scenario.doses).for_each(|dose| dose.label.clone_from(&hostile));
            }
            _ => panic!("not of escalation"),
        }
    }
    for plot in plots {
        let svg = drawn(plot);
        assert!(!svg.contains("<script") && !svg.contains('\u{202e}') && !svg.contains('\u{0}') && svg.contains("&lt;"));
        assert_eq!(faults(&svg), Vec::<String>::new());
    }
}

#[test]
fn the_same_specification_gives_the_same_bytes() {
    for (first, second) in all().into_iter().zip(all()) {
        assert_eq!(drawn(first), drawn(second));
    }
}
