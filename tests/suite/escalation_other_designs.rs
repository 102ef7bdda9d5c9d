//! What holds for the escalation designs that decide from more than counts at single doses: a model, pending patients, backfilling, two drugs, efficacy.

use std::fmt::Debug;

use dosecase::analysis::escalation::design::backfill::BackfillBoin;
use dosecase::analysis::escalation::design::backfill_simulation::{BackfillScenario, simulate_backfill};
use dosecase::analysis::escalation::design::blrm::{Blrm, BlrmPrior};
use dosecase::analysis::escalation::design::boin::BoinParameters;
use dosecase::analysis::escalation::design::boin_combination::{
    BoinCombination, Comparison, DosePair, NextPair, PairSelectionRule, PairTallies,
};
use dosecase::analysis::escalation::design::boin_rule::BoinRule;
use dosecase::analysis::escalation::design::boin12::{Boin12, IsotonicWeight};
use dosecase::analysis::escalation::design::boin12_desirability::{Admissibility, Desirability, JointTally, Utilities};
use dosecase::analysis::escalation::design::crm::{Crm, CrmModel, USUAL_PRIOR_SD, WeightedOutcome};
use dosecase::analysis::escalation::design::crm_conduct::{CrmDesign, CrmEscalation};
use dosecase::analysis::escalation::design::paths::dose_paths;
use dosecase::analysis::escalation::design::rules::{NoSkipping, SkippingFrom};
use dosecase::analysis::escalation::design::simulate::Simulation;
use dosecase::analysis::escalation::design::tite_boin::{PendingTally, TiteBoin, TiteVariant};
use dosecase::analysis::escalation::design::tite_boin_simulation::{TiteScenario, simulate_tite_boin};
use dosecase::analysis::escalation::design::tite_crm::WeightScheme;
use dosecase::analysis::escalation::design::tite_crm_simulation::{Arrivals, TiteConduct, simulate_tite};
use dosecase::analysis::escalation::design::{
    Accrual, Arrival, CalendarCharacteristics, Conduct, CountDesign, Decision, DesignError, DoseLevel, Next, Reason, Selection, State,
    Tally, crm_characteristics,
};
use proptest::prelude::*;

const DOSES: usize = 4;
const TARGET: f64 = 0.3;
const SKELETON: [f64; DOSES] = [0.1, 0.2, 0.3, 0.45];
const TRUTH: [f64; DOSES] = [0.1, 0.22, 0.35, 0.5];

fn rule() -> BoinRule {
    BoinRule::new(BoinParameters::with_target(TARGET), 60).unwrap()
}

fn tally(most: u32) -> impl Strategy<Value = Tally> {
    (0..=most).prop_flat_map(|n| (Just(n), 0..=n)).prop_map(|(n, dlt)| Tally { n, dlt })
}

fn board(most: u32) -> impl Strategy<Value = Vec<Tally>> {
    prop::collection::vec(tally(most), DOSES)
}

fn one_more(tallies: &[Tally], dose: usize) -> Option<Vec<Tally>> {
    let mut worse = tallies.to_vec();
    worse[dose].dlt += 1;
    (worse[dose].dlt <= worse[dose].n).then_some(worse)
}

// The logistic model.

const WIDE: [f64; DOSES] = [1.0, 5.0, 10.0, 20.0];
const NARROW: [f64; DOSES] = [3.0, 4.0, 5.0, 6.0];

fn blrm(doses: [f64; DOSES]) -> Blrm {
    let prior = BlrmPrior { log_alpha_mean: -1.1, log_alpha_sd: 2.0, log_beta_mean: 0.0, log_beta_sd: 1.0, correlation: 0.0 };
    Blrm::new(&doses, 10.0, prior, &[0.16, 0.33], 0.25).unwrap()
}

/// The model's own wish as a design, which may skip doses.
struct ModelAlone(Blrm);

impl CountDesign for ModelAlone {
    fn doses(&self) -> usize {
        DOSES
    }

    fn next(&self, state: &State) -> Next {
        match self.mtd(state) {
            Some(dose) => Next::at(dose, Decision::Stay, Reason::NoPatients),
            None => Next::stop(Reason::NoPatients),
        }
    }

    fn mtd(&self, state: &State) -> Option<DoseLevel> {
        self.0.fit(&state.tallies).unwrap().next_dose()
    }

    fn select(&self, state: &State) -> Selection {
        Selection::bare(self.mtd(state), DOSES)
    }
}

#[test]
fn the_logistic_model_is_held_back_from_skipping() {
    let start = State::start(DOSES, DoseLevel(0)).unwrap();
    let highest = |design: &dyn CountDesign| {
        let nodes = dose_paths(design, &start, &[3, 3], None).unwrap();
        let recommended = |depth: usize| nodes.iter().filter(move |node| node.depth == depth).filter_map(|node| node.next.dose).max();
        (recommended(1), recommended(2))
    };
    assert!(highest(&ModelAlone(blrm(NARROW))).0 > Some(DoseLevel(1)), "the model alone skips a dose");
    let held = NoSkipping::new(ModelAlone(blrm(NARROW)), SkippingFrom::HighestTried);
    assert_eq!(highest(&held), (Some(DoseLevel(1)), Some(DoseLevel(2))));
}

/// The posterior at a dose is weighted by its own probability of toxicity, so that it can only rise there. Elsewhere it need not.
#[test]
fn another_toxicity_makes_its_own_dose_look_more_toxic() {
    let blrm = blrm(WIDE);
    let tallies = [(3, 0), (6, 1), (5, 2), (4, 1)].map(|(n, dlt)| Tally { n, dlt });
    let before = blrm.fit(&tallies).unwrap();
    for dose in 0..DOSES {
        let after = blrm.fit(&one_more(&tallies, dose).unwrap()).unwrap();
        let (less, more) = (&before.doses()[dose], &after.doses()[dose]);
        assert!(less.prob_overdose < more.prob_overdose && less.mean < more.mean, "{dose}");
    }
}

/// Known behaviour of a curve with two parameters: toxicity at the top makes it steeper, and the lowest dose then looks safe enough.
#[test]
fn another_toxicity_at_the_top_can_open_the_lowest_dose_under_the_logistic_model() {
    let blrm = blrm(WIDE);
    let tallies = [(3, 1), (6, 2), (5, 5), (6, 5)].map(|(n, dlt)| Tally { n, dlt });
    let next = |tallies: &[Tally]| blrm.fit(tallies).unwrap().next_dose();
    assert_eq!((next(&tallies), next(&one_more(&tallies, 3).unwrap())), (None, Some(DoseLevel(0))));
}

// Pending patients.

/// Counts of which some patients without toxicity are pending, with part of their follow-up.
fn pending_board() -> impl Strategy<Value = Vec<PendingTally>> {
    let dose = (tally(9), 0.0..=1.0_f64, 0.0..=1.0_f64).prop_map(|(treated, share, part)| {
        let pending = (share * f64::from(treated.n - treated.dlt)) as u32;
        PendingTally::new(treated, pending, part * f64::from(pending)).unwrap()
    });
    prop::collection::vec(dose, DOSES)
}

fn patients() -> impl Strategy<Value = Vec<WeightedOutcome>> {
    let patient = (0..DOSES, prop::bool::weighted(0.3), 0.0..=1.0_f64).prop_map(|(dose, dlt, weight)| WeightedOutcome {
        dose: DoseLevel(dose),
        dlt,
        weight,
    });
    prop::collection::vec(patient, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn another_toxicity_among_the_evaluated_never_raises_the_dose_with_pending_patients(tallies in pending_board(), current in 0..DOSES) {
        prop_assume!(tallies[current].treated.n > 0);
        for variant in [TiteVariant::SingleMeanImputation, TiteVariant::EffectiveSampleSize] {
            let design = TiteBoin::new(rule(), variant);
            let next = |tallies: &[PendingTally]| design.next(tallies, DoseLevel(current), None).unwrap();
            let before = next(&tallies);
            prop_assert!(before.dose.is_none_or(|dose| dose.0 <= current + 1));
            for dose in 0..DOSES {
                let mut worse = tallies.clone();
                worse[dose].treated.dlt += 1;
                if worse[dose].treated.dlt + worse[dose].pending > worse[dose].treated.n {
                    continue;
                }
                prop_assert!(next(&worse).dose <= before.dose, "{variant:?}: {tallies:?} {current} {dose}");
            }
        }
    }

    #[test]
    fn weighted_patients_are_exchangeable_and_their_toxicities_never_raise_the_dose(patients in patients(), turn in 0..12_usize) {
        for model in [CrmModel::Empiric, CrmModel::Logistic { intercept: 3.0 }] {
            let crm = Crm::new(&SKELETON, TARGET, model, USUAL_PRIOR_SD).unwrap();
            let mean = |patients: &[WeightedOutcome]| crm.fit_weighted(patients).unwrap().mean();
            let wanted = |mean: f64| crm.recommend(&crm.toxicity(mean));
            let before = mean(&patients);
            let mut turned = patients.clone();
            turned.rotate_left(turn % patients.len());
            prop_assert!((mean(&turned) - before).abs() < 1e-9);
            let position = turn % patients.len();
            let mut other = patients.clone();
            other[position].dlt = true;
            prop_assert!(wanted(mean(&other)) <= wanted(before), "{model:?}");
            if !patients[position].dlt {
                // The same patient, followed to the end without toxicity.
                other[position] = WeightedOutcome { weight: 1.0, ..patients[position] };
                prop_assert!(wanted(mean(&other)) >= wanted(before), "{model:?}");
            }
        }
    }

    #[test]
    fn another_toxicity_at_the_current_dose_never_raises_the_dose_with_backfilling(tallies in board(12), current in 0..DOSES) {
        prop_assume!(tallies[current].n > 0);
        let design = BackfillBoin::new(rule(), 12).unwrap();
        let next = |tallies: &[Tally]| design.next(tallies, DoseLevel(current), None).unwrap();
        let before = next(&tallies);
        prop_assert!(before.dose.is_none_or(|dose| dose.0 <= current + 1));
        prop_assert!(!design.rule().is_high(tallies[current]) || before.dose.is_none_or(|dose| dose.0 < current.max(1)), "{tallies:?} {current}");
        if let Some(worse) = one_more(&tallies, current) {
            prop_assert!(next(&worse).dose <= before.dose, "{tallies:?} {current}");
        }
    }
}

// Trials in calendar time.

fn accrual() -> Accrual {
    Accrual::new(4.0, Arrival::Poisson).unwrap()
}

fn tite_boin(simulation: Simulation) -> Result<CalendarCharacteristics, DesignError> {
    let scenario = TiteScenario { toxicity: TRUTH.to_vec(), window: 1.0, accrual: accrual() };
    simulate_tite_boin(&TiteBoin::new(rule(), TiteVariant::SingleMeanImputation), &scenario, &Conduct::cohorts(8, 3), simulation)
}

fn crm_design() -> CrmDesign {
    let crm = Crm::new(&SKELETON, TARGET, CrmModel::Empiric, USUAL_PRIOR_SD).unwrap();
    CrmDesign::new(crm, CrmEscalation::OneLevelCoherent, 18).unwrap()
}

fn tite_crm(simulation: Simulation) -> Result<CalendarCharacteristics, DesignError> {
    let arrivals = Arrivals::Random(accrual());
    let conduct = TiteConduct { start: DoseLevel(0), patients: 18, window: 1.0, scheme: WeightScheme::Adaptive, arrivals };
    simulate_tite(&crm_design(), &conduct, &TRUTH, simulation)
}

fn backfill(simulation: Simulation) -> Result<CalendarCharacteristics, DesignError> {
    let scenario = BackfillScenario { toxicity: TRUTH.to_vec(), response: vec![0.4; DOSES], window: 1.0, accrual: accrual() };
    simulate_backfill(&BackfillBoin::new(rule(), 9).unwrap(), &scenario, &Conduct::cohorts(8, 3), simulation)
}

type Simulate = fn(Simulation) -> Result<CalendarCharacteristics, DesignError>;

const CALENDAR: [(&str, Simulate); 3] = [("TITE-BOIN", tite_boin), ("TITE-CRM", tite_crm), ("BF-BOIN", backfill)];

/// One trial at a time, its means are its counts.
#[test]
fn no_simulated_trial_in_calendar_time_skips_a_dose() {
    for (name, simulate) in CALENDAR {
        let mut reached = [false; DOSES];
        for seed in 0..60 {
            let trial = simulate(Simulation { trials: 1, seed }).unwrap().counts;
            let highest = trial.mean_n.iter().rposition(|n| *n > 0.0).unwrap();
            assert!(trial.mean_n[..=highest].iter().all(|n| *n > 0.0), "{name} {seed}: {:?}", trial.mean_n);
            assert!(trial.mean_tox.iter().zip(&trial.mean_n).all(|(tox, n)| tox <= n), "{name} {seed}");
            reached[highest] = true;
        }
        assert!(reached[2] && reached[3], "{name}: the trials are worth looking at");
    }
}

#[test]
fn characteristics_in_calendar_time_add_up() {
    for (name, simulate) in CALENDAR {
        let found = simulate(Simulation { trials: 300, seed: 4 }).unwrap();
        let selected: f64 = found.counts.select_prob.iter().sum::<f64>() + found.counts.prob_no_mtd;
        assert!((selected - 1.0).abs() < 1e-12, "{name}");
        assert!((found.counts.mean_n.iter().sum::<f64>() - found.counts.mean_total_n).abs() < 1e-9, "{name}");
        assert!(found.mean_duration > 0.0 && found.sd_duration > 0.0, "{name}");
    }
}

fn written_on<T: Debug>(threads: usize, simulate: impl Fn(Simulation) -> Result<T, DesignError> + Sync) -> String {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    // More trials than one block of them; the shortest text of a number names its bits.
    pool.install(|| format!("{:?}", simulate(Simulation { trials: 600, seed: 9 }).unwrap()))
}

#[test]
fn one_thread_and_two_simulate_the_same_trials() {
    for (name, simulate) in CALENDAR {
        assert_eq!(written_on(1, simulate), written_on(2, simulate), "{name}");
    }
    let crm = |simulation: Simulation| crm_characteristics::simulate(&crm_design(), &Conduct::cohorts(6, 3), &TRUTH, simulation);
    assert_eq!(written_on(1, crm), written_on(2, crm));
}

// Two drugs.

fn combination() -> BoinCombination {
    BoinCombination::new(rule(), 60)
}

fn grids() -> impl Strategy<Value = Vec<Vec<Tally>>> {
    prop::collection::vec(prop::collection::vec(tally(9), 3), 2)
}

fn pair(row: usize, column: usize) -> DosePair {
    DosePair { row, column }
}

/// The pairs that follow; none when the trial stops.
fn next_pairs(rows: &[Vec<Tally>], current: DosePair) -> Vec<DosePair> {
    match combination().next(&PairTallies::new(rows).unwrap(), current).unwrap() {
        NextPair::Treat { pairs, .. } => pairs,
        NextPair::StopForToxicity | NextPair::StopAtNumber { .. } => Vec::new(),
    }
}

fn steps(pairs: &[DosePair]) -> Option<usize> {
    pairs.iter().map(|pair| pair.row + pair.column).max()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_combination_changes_one_drug_by_one_step_up_and_never_up_after_another_toxicity(rows in grids(), row in 0..2_usize, column in 0..3_usize) {
        prop_assume!(rows[row][column].n > 0);
        let current = pair(row, column);
        let before = next_pairs(&rows, current);
        for next in &before {
            let up = next.row.saturating_sub(row) + next.column.saturating_sub(column);
            prop_assert!(up <= 1 && (up == 0 || (next.row >= row && next.column >= column)), "{rows:?} {current:?} {next:?}");
        }
        if rows[row][column].dlt < rows[row][column].n {
            let mut worse = rows.clone();
            worse[row][column].dlt += 1;
            prop_assert!(steps(&next_pairs(&worse, current)) <= steps(&before), "{rows:?} {current:?}");
        }
    }

    /// Pairs are ordered in part only: another toxicity may move the selection sidewards, never to a pair with as much of both drugs and more of one.
    #[test]
    fn another_toxicity_never_selects_a_higher_pair(rows in grids(), row in 0..2_usize, column in 0..3_usize) {
        prop_assume!(rows[row][column].dlt < rows[row][column].n);
        let mut worse = rows.clone();
        worse[row][column].dlt += 1;
        for comparison in [Comparison::TwoDecimals, Comparison::FullPrecision] {
            let options = PairSelectionRule { comparison, ..PairSelectionRule::default() };
            let selected = |rows: &[Vec<Tally>]| combination().select(&PairTallies::new(rows).unwrap(), options).unwrap();
            let (before, after) = (selected(&rows), selected(&worse));
            if let Some(selected) = before.mtd {
                prop_assert!(rows[selected.row][selected.column].n > 0 && !before.eliminated[selected.row][selected.column]);
            }
            let higher = after.mtd.is_some_and(|after| before.mtd.is_none_or(|before| after != before && after.row >= before.row && after.column >= before.column));
            prop_assert!(!higher, "{rows:?} {row} {column}: {:?} {:?}", before.mtd, after.mtd);
        }
    }
}

/// Known behaviour of the published rule: where both pairs below an eliminated one are eliminated too, the lower pair whose rate most probably lies
/// between the boundaries follows, and a toxicity can bring the rate of one further up between them.
#[test]
fn another_toxicity_elsewhere_can_move_the_retreat_upwards() {
    let rows = |dlt: u32| {
        let first = [(6, 2), (4, 4), (2, 2)].map(|(n, dlt)| Tally { n, dlt });
        let second = [(9, dlt), (0, 0), (4, 4)].map(|(n, dlt)| Tally { n, dlt });
        [first.to_vec(), second.to_vec()]
    };
    let after = |dlt: u32| next_pairs(&rows(dlt), pair(1, 2));
    assert_eq!((after(1), after(2)), (vec![pair(0, 0)], vec![pair(1, 0)]));
}

// Efficacy. A further toxicity may raise the next dose and the optimal biological dose, because utilities do not fall with dose; the unit tests of
// the design show it. What cannot happen is tested here.

fn boin12() -> Boin12 {
    let desirability = Desirability::new(Utilities::new(40.0, 60.0).unwrap(), Admissibility::with_limits(0.35, 0.25)).unwrap();
    Boin12::new(desirability, DOSES, 6).unwrap()
}

fn joint_board() -> impl Strategy<Value = Vec<JointTally>> {
    let dose = (0..4_u32, 0..4_u32, 0..4_u32, 0..4_u32).prop_map(|(efficacy_only, neither, both, toxicity_only)| JointTally {
        efficacy_only,
        neither,
        both,
        toxicity_only,
    });
    prop::collection::vec(dose, DOSES)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn with_efficacy_no_dose_is_skipped_and_toxicity_only_closes_doses(tallies in joint_board(), current in 0..DOSES) {
        prop_assume!(tallies[current].n() > 0);
        let design = boin12();
        let before = design.next(&tallies, DoseLevel(current)).unwrap();
        prop_assert!(before.dose.is_none_or(|dose| dose.0 <= current + 1 && before.admissible[dose.0]), "{tallies:?} {current}");
        for dose in 0..DOSES {
            let mut worse = tallies.clone();
            if worse[dose].neither == 0 {
                continue;
            }
            worse[dose] = JointTally { neither: worse[dose].neither - 1, toxicity_only: worse[dose].toxicity_only + 1, ..worse[dose] };
            let after = design.next(&worse, DoseLevel(current)).unwrap();
            prop_assert!(before.admissible.iter().zip(&after.admissible).all(|(before, after)| after <= before), "{tallies:?} {dose}");
            prop_assert!(after.prob_above_benchmark[dose] <= before.prob_above_benchmark[dose], "{tallies:?} {dose}");
        }
        for weight in [IsotonicWeight::Equal, IsotonicWeight::Patients] {
            let selected = design.select(&tallies, weight).unwrap();
            prop_assert!(selected.obd <= selected.mtd, "{tallies:?}");
            prop_assert!(selected.obd.is_none_or(|dose| before.admissible[dose.0] && tallies[dose.0].n() > 0), "{tallies:?}");
        }
    }
}
