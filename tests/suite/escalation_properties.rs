//! What holds for every escalation design, whatever was seen: no skipping, no boldness after toxicity, probabilities that add up.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use dosecase::analysis::escalation::design::boin::{Boin, BoinParameters};
use dosecase::analysis::escalation::design::crm::{Crm, CrmModel, USUAL_PRIOR_SD};
use dosecase::analysis::escalation::design::crm_conduct::{CrmDesign, CrmEscalation};
use dosecase::analysis::escalation::design::exact::exact_characteristics;
use dosecase::analysis::escalation::design::i3plus3::I3Plus3;
use dosecase::analysis::escalation::design::keyboard::Keyboard;
use dosecase::analysis::escalation::design::mtpi::Mtpi;
use dosecase::analysis::escalation::design::mtpi2::Mtpi2;
use dosecase::analysis::escalation::design::outcomes::{read_outcomes, replay};
use dosecase::analysis::escalation::design::paths::{dose_paths, recommendation_probabilities};
use dosecase::analysis::escalation::design::rules::{EnoughPatients, NoSkipping, SkippingFrom, StopAtNumber, StopWhenTooToxic};
use dosecase::analysis::escalation::design::simulate::{Simulation, simulate};
use dosecase::analysis::escalation::design::table::{DecisionRule, DecisionTable};
use dosecase::analysis::escalation::design::three_plus_three::{ThreePlusThree, ThreePlusThreeVariant};
use dosecase::analysis::escalation::design::toxicity_limit::{LEAST_PATIENTS, ToxicityLimit};
use dosecase::analysis::escalation::design::{
    Conduct, CountDesign, Decision, DoseLevel, Next, OperatingCharacteristics, Reason, Selection, State, Tally, crm_characteristics,
    state_of,
};
use proptest::prelude::*;

const DOSES: usize = 4;
const TARGET: f64 = 0.3;
const MAX_N: u32 = 60;
const SKELETON: [f64; DOSES] = [0.1, 0.2, 0.3, 0.45];

type Named = (&'static str, Box<dyn CountDesign + Send>);

/// Wants the highest dose whatever was seen.
struct Reckless;

impl CountDesign for Reckless {
    fn doses(&self) -> usize {
        DOSES
    }

    fn next(&self, _: &State) -> Next {
        Next::at(DoseLevel(DOSES - 1), Decision::Escalate, Reason::NoPatients)
    }

    fn mtd(&self, _: &State) -> Option<DoseLevel> {
        Some(DoseLevel(DOSES - 1))
    }

    fn select(&self, state: &State) -> Selection {
        Selection::bare(self.mtd(state), DOSES)
    }
}

fn boin(parameters: BoinParameters) -> impl CountDesign + Send + 'static {
    Boin::new(parameters).unwrap().design(DOSES, MAX_N).unwrap()
}

fn crm(model: CrmModel, escalation: CrmEscalation) -> CrmDesign {
    CrmDesign::new(Crm::new(&SKELETON, TARGET, model, USUAL_PRIOR_SD).unwrap(), escalation, MAX_N).unwrap()
}

fn table_designs() -> Vec<Named> {
    let usual = BoinParameters::with_target(TARGET);
    let table = |rule: &dyn DecisionRule| {
        let design = dosecase::analysis::escalation::design::interval::IntervalDesign::new(rule, DOSES, MAX_N).unwrap();
        Box::new(design) as Box<dyn CountDesign + Send>
    };
    vec![
        ("BOIN", Box::new(boin(usual))),
        ("BOIN, custom margins", Box::new(boin(BoinParameters { underdosing: 0.2, overdosing: 0.35, ..usual }))),
        ("BOIN, extra safe", Box::new(boin(BoinParameters { extra_safe_offset: Some(0.05), ..usual }))),
        ("BOIN, bounded", Box::new(boin(BoinParameters { bound_mtd: true, ..usual }))),
        ("Keyboard", table(&Keyboard::new(TARGET, 0.05, 0.05, 0.95).unwrap())),
        ("mTPI", table(&Mtpi::new(TARGET, 0.05, 0.05, 0.95).unwrap())),
        ("mTPI-2", table(&Mtpi2::new(TARGET, 0.05, 0.05, 0.95).unwrap())),
        ("i3+3", table(&I3Plus3::new(TARGET, 0.25, 0.35, 0.95).unwrap())),
    ]
}

/// Every design whose decisions depend on counts, and rules around some.
static DESIGNS: LazyLock<Vec<Named>> = LazyLock::new(designs);

fn designs() -> Vec<Named> {
    let usual = BoinParameters::with_target(TARGET);
    let limit = ToxicityLimit::new(TARGET, 0.8, LEAST_PATIENTS).unwrap();
    let logistic = CrmModel::Logistic { intercept: 3.0 };
    let mut designs = table_designs();
    let others: [Named; 10] = [
        ("3+3", Box::new(ThreePlusThree::new(DOSES, ThreePlusThreeVariant::NoDeescalation).unwrap())),
        ("3+3 with de-escalation", Box::new(ThreePlusThree::new(DOSES, ThreePlusThreeVariant::Deescalation).unwrap())),
        ("CRM", Box::new(crm(CrmModel::Empiric, CrmEscalation::OneLevel))),
        ("CRM, coherent", Box::new(crm(CrmModel::Empiric, CrmEscalation::OneLevelCoherent))),
        ("CRM, logistic", Box::new(crm(logistic, CrmEscalation::OneLevelCoherent))),
        ("CRM held back", Box::new(NoSkipping::new(crm(logistic, CrmEscalation::Free), SkippingFrom::HighestTried))),
        ("BOIN, enough", Box::new(StopAtNumber::new(boin(usual), 9, EnoughPatients::WhenStaying))),
        ("BOIN, enough at the recommended", Box::new(StopAtNumber::new(boin(usual), 9, EnoughPatients::AtRecommended))),
        ("BOIN, too toxic", Box::new(StopWhenTooToxic::new(boin(usual), limit, MAX_N).unwrap())),
        ("reckless held back", Box::new(NoSkipping::new(Reckless, SkippingFrom::Current))),
    ];
    designs.extend(others);
    designs
}

/// Counts at every dose and the dose of the last cohort.
fn boards(most: u32) -> impl Strategy<Value = (usize, Vec<Tally>)> {
    let dose = (0..=most).prop_flat_map(|n| (Just(n), 0..=n)).prop_map(|(n, dlt)| Tally { n, dlt });
    (0..DOSES, prop::collection::vec(dose, DOSES))
}

/// The state with these counts; the last cohort holds the last patients at the current dose, those with toxicity first.
fn state(design: &dyn CountDesign, current: usize, tallies: &[Tally]) -> State {
    let mut state = state_of(design, DoseLevel(current), tallies).unwrap();
    let here = state.here();
    let n = here.n.min(3);
    state.last_cohort = (n > 0).then_some(Tally { n, dlt: here.dlt.min(n) });
    state
}

fn one_more(tallies: &[Tally], dose: usize) -> Option<Vec<Tally>> {
    let mut worse = tallies.to_vec();
    worse[dose].dlt += 1;
    (worse[dose].dlt <= worse[dose].n).then_some(worse)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn another_toxicity_never_raises_the_next_dose((current, tallies) in boards(9)) {
        for (name, design) in DESIGNS.iter() {
            let before = design.next(&state(design.as_ref(), current, &tallies));
            for dose in 0..DOSES {
                let Some(worse) = one_more(&tallies, dose) else { continue };
                let after = design.next(&state(design.as_ref(), current, &worse));
                // A trial that had ended with a result may go on below it.
                prop_assert!(before.dose.is_none() || after.dose <= before.dose, "{name}: {current} {tallies:?} {dose}: {before:?} {after:?}");
                prop_assert!(!before.stops_for_toxicity() || after.stops_for_toxicity(), "{name}: {current} {tallies:?} {dose}");
            }
        }
    }

    /// The weights of the isotonic estimates change with the counts and ties are broken by position; the selection is monotone all the same.
    #[test]
    fn another_toxicity_never_raises_the_selected_dose((current, tallies) in boards(12)) {
        for (name, design) in DESIGNS.iter() {
            let before = design.mtd(&state(design.as_ref(), current, &tallies));
            for dose in 0..DOSES {
                let Some(worse) = one_more(&tallies, dose) else { continue };
                let after = design.mtd(&state(design.as_ref(), current, &worse));
                prop_assert!(after <= before, "{name}: {tallies:?} {dose}: {before:?} {after:?}");
            }
        }
    }

    #[test]
    fn a_selection_is_a_tried_dose_and_agrees_with_itself((current, tallies) in boards(9)) {
        for (name, design) in DESIGNS.iter().filter(|(name, _)| !name.starts_with("CRM")) {
            let state = state(design.as_ref(), current, &tallies);
            let selection = design.select(&state);
            prop_assert_eq!(selection.mtd, design.mtd(&state), "{}", name);
            let tried = |dose: DoseLevel| tallies[dose.0].n > 0 && !selection.eliminated[dose.0];
            prop_assert!(selection.mtd.is_none_or(tried) || *name == "reckless held back", "{name}: {tallies:?}");
        }
    }

    /// Patients of a cohort are exchangeable, and so are cohorts at a dose. Two things remember an order and are left out: a design that reads the
    /// last cohort, and a dose eliminated on the way by counts that later cohorts would have redeemed - no trial by the rule treats there again.
    #[test]
    fn the_order_of_patients_and_of_cohorts_at_a_dose_changes_nothing(
        letters in prop::collection::vec(prop::collection::vec(any::<bool>(), 1..6), 2..5), dose in 0..DOSES, turn in 1..4_usize
    ) {
        let write = |cohorts: &[Vec<bool>]| -> String {
            let cohort = |cohort: &Vec<bool>| cohort.iter().map(|toxic| if *toxic { 'T' } else { 'N' }).collect::<String>();
            cohorts.iter().map(|letters| format!("{}{} ", dose + 1, cohort(letters))).collect()
        };
        let mut turned = letters.clone();
        turned.rotate_left(turn % letters.len());
        turned.iter_mut().for_each(|cohort| cohort.reverse());
        let mut within = letters.clone();
        for cohort in &mut within {
            let places = turn % cohort.len();
            cohort.rotate_left(places);
        }
        for (name, design) in DESIGNS.iter() {
            let after = |text: &str| replay(design.as_ref(), DoseLevel(dose), &read_outcomes(text, DOSES).unwrap()).unwrap();
            let (first, same, other) = (after(&write(&letters)), after(&write(&within)), after(&write(&turned)));
            prop_assert_eq!(&first, &same, "{}", name);
            prop_assert_eq!(design.mtd(&first), design.mtd(&other), "{}", name);
            if !design.reads_last_cohort() && first.eliminated_from == other.eliminated_from {
                prop_assert_eq!(design.next(&first), design.next(&other), "{}: {:?}", name, letters);
            }
        }
    }

    #[test]
    fn tables_are_monotone_in_toxicities_and_in_patients(
        target in 0.1..0.5_f64, lower in 0.02..0.08_f64, upper in 0.02..0.08_f64, cutoff in 0.7..0.99_f64
    ) {
        let usual = BoinParameters { elimination_cutoff: cutoff, ..BoinParameters::with_target(target) };
        let rules: [Box<dyn DecisionRule>; 5] = [
            Box::new(Boin::new(usual).unwrap()),
            Box::new(Keyboard::new(target, lower, upper, cutoff).unwrap()),
            Box::new(Mtpi::new(target, lower, upper, cutoff).unwrap()),
            Box::new(Mtpi2::new(target, lower, upper, cutoff).unwrap()),
            Box::new(I3Plus3::new(target, target - lower, target + upper, cutoff).unwrap()),
        ];
        for (position, rule) in rules.iter().enumerate() {
            let table = DecisionTable::new(rule.as_ref(), 18).unwrap();
            for n in 1..18 {
                for dlt in 0..=n {
                    let at = |n: u32, dlt: u32| table.decision(Tally { n, dlt }).unwrap();
                    prop_assert!(at(n, dlt) <= at(n, (dlt + 1).min(n)), "{position}: {dlt}/{n}");
                    // No dose is eliminated before three patients, so that the third can close a dose that two toxicities in two did not.
                    let closes = n + 1 == LEAST_PATIENTS && at(n + 1, dlt) == Decision::Eliminate;
                    prop_assert!(closes || at(n + 1, dlt) <= at(n, dlt), "{position}: {dlt}/{n}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn exact_characteristics_add_up(truth in scenarios(), titration in any::<bool>(), cohorts in 3..6_u32) {
        let plain = Conduct::cohorts(cohorts, 3);
        for (name, design) in DESIGNS.iter() {
            // Designs of other cohorts than three are left with full ones: the 3+3 knows no single patients.
            let conduct = Conduct { titration: titration && name.starts_with("BOIN"), ..plain };
            let found = exact_characteristics(design.as_ref(), &conduct, &truth).unwrap();
            assert_adds_up(name, &found, &truth);
            prop_assert!(found.mean_total_n <= f64::from(conduct.max_n) + 1e-9);
        }
    }

    /// The special computation of the model and the general one go different ways to the same numbers.
    #[test]
    fn two_exact_computations_of_the_model_agree(truth in scenarios(), size in 1..4_u32) {
        for escalation in [CrmEscalation::Free, CrmEscalation::OneLevel, CrmEscalation::OneLevelCoherent] {
            let (design, conduct) = (crm(CrmModel::Empiric, escalation), Conduct::cohorts(4, size));
            let special = crm_characteristics::exact(&design, &conduct, &truth).unwrap();
            let general = exact_characteristics(&design, &conduct, &truth).unwrap();
            assert_adds_up("CRM", &special, &truth);
            let numbers = |found: &OperatingCharacteristics| -> Vec<f64> {
                found.select_prob.iter().chain(&found.mean_n).chain(&found.sd_n).chain(&found.mean_tox).copied().collect()
            };
            for (one, other) in numbers(&special).iter().zip(numbers(&general)) {
                // Standard deviations of almost nothing lose half of the digits.
                prop_assert!((one - other).abs() < 1e-7, "{escalation:?}: {one} {other}");
            }
        }
    }
}

/// Probabilities of toxicity that do not fall with dose.
fn scenarios() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(0.0..=1.0_f64, DOSES).prop_map(|mut truth| {
        truth.sort_by(f64::total_cmp);
        truth
    })
}

fn assert_adds_up(name: &str, found: &OperatingCharacteristics, truth: &[f64]) {
    let selected: f64 = found.select_prob.iter().sum::<f64>() + found.prob_no_mtd;
    assert!((selected - 1.0).abs() < 1e-12, "{name}: {selected}");
    assert!((found.mean_n.iter().sum::<f64>() - found.mean_total_n).abs() < 1e-10, "{name}");
    assert!((found.mean_tox.iter().sum::<f64>() - found.mean_total_tox).abs() < 1e-10, "{name}");
    assert!((found.percent_patients().iter().sum::<f64>() - 100.0).abs() < 1e-9, "{name}");
    assert!(found.prob_stopped_early_toxic <= found.prob_no_mtd + 1e-12, "{name}");
    // Every patient has a toxicity with the probability of the dose, whatever the design makes of it.
    for ((n, tox), p) in found.mean_n.iter().zip(&found.mean_tox).zip(truth) {
        assert!((n * p - tox).abs() < 1e-10, "{name}: {n} {tox} {p}");
    }
}

/// No dose is passed over on any path of five cohorts, nor one given again that was eliminated; the ends of the tree share out all probability.
#[test]
fn no_path_skips_a_dose() {
    for (name, design) in DESIGNS.iter() {
        let start = State::start(DOSES, DoseLevel(0)).unwrap();
        let nodes = dose_paths(design.as_ref(), &start, &[3; 5], Some(&[0.1, 0.2, 0.35, 0.5])).unwrap();
        for node in &nodes {
            let mut tried = Vec::new();
            let mut ancestor = Some(node);
            while let Some(here) = ancestor {
                tried.extend(here.cohort.map(|cohort| cohort.dose.0));
                ancestor = here.parent.map(|parent| &nodes[parent]);
            }
            let highest = tried.iter().max().map_or(0, |highest| highest + 1);
            assert!((0..highest).all(|dose| tried.contains(&dose)), "{name}: {tried:?}");
            assert!(node.next.dose.is_none_or(|next| next.0 <= highest), "{name}: {tried:?} {:?}", node.next);
        }
        let (none, by_dose) = recommendation_probabilities(&nodes, DOSES);
        assert!((none + by_dose.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{name}");
    }
}

/// Looks over the shoulder of a design while trials are simulated.
struct Watched<'a> {
    inner: &'a dyn CountDesign,
    asked: AtomicUsize,
    skipped: AtomicBool,
    treated_eliminated: AtomicBool,
}

impl CountDesign for Watched<'_> {
    fn doses(&self) -> usize {
        self.inner.doses()
    }

    fn next(&self, state: &State) -> Next {
        let next = self.inner.next(state);
        let highest = state.highest_tried().map_or(0, |dose| dose.0);
        let skipped = state.tallies[..=highest].iter().any(|tally| tally.n == 0) || next.dose.is_some_and(|dose| dose.0 > highest + 1);
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.skipped.fetch_or(skipped, Ordering::Relaxed);
        self.treated_eliminated.fetch_or(next.dose.is_some_and(|dose| state.is_eliminated(dose)), Ordering::Relaxed);
        next
    }

    fn mtd(&self, state: &State) -> Option<DoseLevel> {
        self.inner.mtd(state)
    }

    fn select(&self, state: &State) -> Selection {
        self.inner.select(state)
    }

    fn eliminates(&self, tally: Tally) -> bool {
        self.inner.eliminates(tally)
    }

    fn reads_last_cohort(&self) -> bool {
        self.inner.reads_last_cohort()
    }
}

#[test]
fn no_simulated_trial_skips_a_dose_or_returns_to_an_eliminated_one() {
    for (name, design) in DESIGNS.iter() {
        for titration in [false, true] {
            let watched = Watched { inner: design.as_ref(), asked: 0.into(), skipped: false.into(), treated_eliminated: false.into() };
            let conduct = Conduct { titration, ..Conduct::cohorts(8, 3) };
            simulate(&watched, &conduct, &[0.1, 0.25, 0.35, 0.5], Simulation { trials: 60, seed: 5 }).unwrap();
            assert!(watched.asked.into_inner() > 60, "{name}");
            assert!(!watched.skipped.into_inner() && !watched.treated_eliminated.into_inner(), "{name}");
        }
    }
}

/// The watcher sees what it is there for.
#[test]
fn a_reckless_design_is_caught() {
    let watched = Watched { inner: &Reckless, asked: 0.into(), skipped: false.into(), treated_eliminated: false.into() };
    simulate(&watched, &Conduct::cohorts(3, 3), &[0.1; DOSES], Simulation { trials: 2, seed: 5 }).unwrap();
    assert!(watched.skipped.into_inner());
}

#[test]
fn simulation_agrees_with_the_exact_characteristics() {
    const MOST_ERRORS: f64 = 5.0;
    let truth = [0.08, 0.2, 0.33, 0.5];
    let simulation = Simulation { trials: 1500, seed: 20_260_101 };
    for (name, design) in DESIGNS.iter() {
        let conduct = Conduct::cohorts(6, 3);
        let exact = exact_characteristics(design.as_ref(), &conduct, &truth).unwrap();
        let simulated = simulate(design.as_ref(), &conduct, &truth, simulation).unwrap();
        let root = f64::from(simulation.trials).sqrt();
        let near = |got: f64, want: f64, deviation: f64| {
            assert!((got - want).abs() <= MOST_ERRORS * deviation / root + 1e-12, "{name}: {got} {want} {deviation}");
        };
        let indicator = |p: f64| (p * (1.0 - p)).max(0.0).sqrt();
        for dose in 0..DOSES {
            near(simulated.select_prob[dose], exact.select_prob[dose], indicator(exact.select_prob[dose]));
            near(simulated.mean_n[dose], exact.mean_n[dose], exact.sd_n[dose]);
            near(simulated.mean_tox[dose], exact.mean_tox[dose], exact.sd_tox[dose]);
        }
        near(simulated.prob_no_mtd, exact.prob_no_mtd, indicator(exact.prob_no_mtd));
        near(simulated.prob_stopped_early_toxic, exact.prob_stopped_early_toxic, indicator(exact.prob_stopped_early_toxic));
        near(simulated.mean_total_n, exact.mean_total_n, exact.sd_total_n);
        near(simulated.mean_total_tox, exact.mean_total_tox, exact.sd_total_tox);
    }
}

#[test]
fn one_thread_and_two_simulate_the_same_trials() {
    let on = |threads: usize, design: &dyn CountDesign| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let simulation = Simulation { trials: 150, seed: 9 };
        let found = pool.install(|| simulate(design, &Conduct::cohorts(6, 3), &[0.1, 0.2, 0.3, 0.4], simulation));
        // The shortest text of a number names its bits.
        format!("{:?}", found.unwrap())
    };
    for (name, design) in DESIGNS.iter() {
        assert_eq!(on(1, design.as_ref()), on(2, design.as_ref()), "{name}");
    }
}
