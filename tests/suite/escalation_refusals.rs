//! Bad escalation designs and questions: each is refused, and the refusal says what was given, what is allowed and what to do.

use std::time::{Duration, Instant};

use dosecase::analysis::escalation::design::backfill::{BackfillBoin, BackfillDose};
use dosecase::analysis::escalation::design::backfill_simulation::{BackfillScenario, simulate_backfill};
use dosecase::analysis::escalation::design::blrm::{Blrm, BlrmPrior};
use dosecase::analysis::escalation::design::boin::{Boin, BoinParameters};
use dosecase::analysis::escalation::design::boin_combination::{BoinCombination, DosePair, PairTallies};
use dosecase::analysis::escalation::design::boin_rule::BoinRule;
use dosecase::analysis::escalation::design::boin12::Boin12;
use dosecase::analysis::escalation::design::boin12_desirability::{Admissibility, Desirability, Utilities};
use dosecase::analysis::escalation::design::crm::{Crm, CrmModel};
use dosecase::analysis::escalation::design::crm_characteristics;
use dosecase::analysis::escalation::design::crm_conduct::{CrmDesign, CrmEscalation};
use dosecase::analysis::escalation::design::crm_skeleton::{Calibration, calibrate_skeleton};
use dosecase::analysis::escalation::design::exact::exact_characteristics;
use dosecase::analysis::escalation::design::i3plus3::I3Plus3;
use dosecase::analysis::escalation::design::interval::IntervalDesign;
use dosecase::analysis::escalation::design::keyboard::Keyboard;
use dosecase::analysis::escalation::design::mtpi::Mtpi;
use dosecase::analysis::escalation::design::mtpi2::Mtpi2;
use dosecase::analysis::escalation::design::outcomes::{read_history, read_outcomes, replay};
use dosecase::analysis::escalation::design::paths::dose_paths;
use dosecase::analysis::escalation::design::simulate::{Simulation, simulate};
use dosecase::analysis::escalation::design::three_plus_three::{ThreePlusThree, ThreePlusThreeVariant};
use dosecase::analysis::escalation::design::tite_boin::{PendingTally, TiteBoin, TiteVariant};
use dosecase::analysis::escalation::design::tite_boin_simulation::{TiteScenario, simulate_tite_boin};
use dosecase::analysis::escalation::design::tite_crm::WeightScheme;
use dosecase::analysis::escalation::design::tite_crm_simulation::{Arrivals, TiteConduct, simulate_tite};
use dosecase::analysis::escalation::design::toxicity_limit::ToxicityLimit;
use dosecase::analysis::escalation::design::{
    Accrual, Arrival, Cohort, Conduct, DesignError, DoseLevel, MAX_DOSES, State, Tally, state_of,
};

const NOT_NUMBERS: [f64; 3] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];

/// The refusal, which must hold all these words and stay readable.
fn refused<T>(result: Result<T, DesignError>, words: &[&str]) {
    let Err(error) = result else { panic!("accepted, but it must be refused with {words:?}") };
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "{text}: {word}");
    }
    assert!(text.len() < 400 && text.contains(": "), "{text}");
}

fn boin(doses: usize) -> IntervalDesign {
    Boin::new(BoinParameters::with_target(0.3)).unwrap().design(doses, 60).unwrap()
}

fn rule() -> BoinRule {
    BoinRule::new(BoinParameters::with_target(0.3), 60).unwrap()
}

fn crm(skeleton: &[f64]) -> Result<Crm, DesignError> {
    Crm::new(skeleton, 0.3, CrmModel::Empiric, 1.0)
}

fn crm_design(max_n: u32) -> CrmDesign {
    CrmDesign::new(crm(&[0.1, 0.2, 0.3]).unwrap(), CrmEscalation::OneLevel, max_n).unwrap()
}

const FEW: Simulation = Simulation { trials: 10, seed: 1 };

#[test]
fn a_target_outside_its_range() {
    let choose = "choose a value within these limits";
    refused(Boin::new(BoinParameters::with_target(0.7)), &["the target is 0.7", "at least 0.05 and at most 0.6", choose]);
    refused(Boin::new(BoinParameters::with_target(-0.3)), &["the target is -0.3", "at least 0.05", choose]);
    refused(Keyboard::new(1.2, 0.05, 0.05, 0.95), &["the target is 1.2", "at least 0 and at most 1", choose]);
    refused(Crm::new(&[0.1, 0.2], 1.0, CrmModel::Empiric, 1.0), &["the target toxicity is 1.0", choose]);
    refused(ToxicityLimit::new(30.0, 0.95, 3), &["the target is 30.0", "at most 1", choose]);
    for value in NOT_NUMBERS {
        refused(Boin::new(BoinParameters::with_target(value)), &["the target is", "at most 0.6"]);
        refused(Keyboard::new(value, 0.05, 0.05, 0.95), &["the target is"]);
        refused(I3Plus3::new(value, 0.25, 0.35, 0.95), &["the target is"]);
        refused(Crm::new(&[0.1, 0.2], value, CrmModel::Empiric, 1.0), &["the target toxicity is"]);
    }
}

#[test]
fn margins_that_cross() {
    let usual = BoinParameters::with_target(0.3);
    refused(Boin::new(BoinParameters { underdosing: 0.4, ..usual }), &["the underdosing probability is 0.4", "above 0 and at most 0.27"]);
    refused(Boin::new(BoinParameters { overdosing: 0.2, ..usual }), &["the overdosing probability is 0.2", "at least 0.33 and below 1"]);
    refused(Boin::new(BoinParameters { extra_safe_offset: Some(0.5), ..usual }), &["offset", "0.5", "below 0.5"]);
    refused(Boin::new(BoinParameters { elimination_cutoff: 95.0, ..usual }), &["the elimination cutoff is 95.0", "at most 1"]);
    refused(Keyboard::new(0.3, 0.4, 0.05, 0.95), &["the lower margin is 0.4", "at most 0.3"]);
    refused(Mtpi::new(0.3, 0.05, 0.8, 0.95), &["the upper margin is 0.8", "at most 0.7"]);
    refused(Mtpi2::new(0.3, -0.1, 0.05, 0.95), &["the lower margin is -0.1", "at least 0"]);
    refused(Keyboard::new(0.3, 0.0, 0.0, 0.95), &["the width of the interval around the target is 0.0", "at least 0.01"]);
    // So narrow that the unit interval would be cut into a hundred million pieces.
    refused(Keyboard::new(0.3, 5e-9, 5e-9, 0.95), &["the width of the interval"]);
    refused(Mtpi::new(0.3, 0.3, 0.05, 0.95), &["the lower end of the interval around the target is 0.0"]);
    refused(I3Plus3::new(0.3, 0.35, 0.4, 0.95), &["the lower end of the interval is 0.35", "at most 0.3"]);
    refused(I3Plus3::new(0.3, 0.25, 0.2, 0.95), &["the upper end of the interval is 0.2", "at least 0.3"]);
    for value in NOT_NUMBERS {
        refused(Keyboard::new(0.3, value, 0.05, 0.95), &["the lower margin"]);
        refused(Mtpi2::new(0.3, 0.05, 0.05, value), &["the elimination cutoff"]);
        refused(Boin::new(BoinParameters { underdosing: value, ..usual }), &["the underdosing probability"]);
        refused(Boin::new(BoinParameters { extra_safe_offset: Some(value), ..usual }), &["offset"]);
        refused(I3Plus3::new(0.3, 0.25, value, 0.95), &["the upper end of the interval"]);
    }
}

#[test]
fn doses_of_the_logistic_model() {
    let prior = BlrmPrior { log_alpha_mean: -1.0, log_alpha_sd: 2.0, log_beta_mean: 0.0, log_beta_sd: 1.0, correlation: 0.0 };
    let with = |doses: &[f64], reference: f64, prior: BlrmPrior| Blrm::new(doses, reference, prior, &[0.16, 0.33], 0.25);
    refused(with(&[5.0, 10.0, 8.0], 10.0, prior), &["the dose grid", "from dose 2 to dose 3", "from low to high"]);
    refused(with(&[5.0, 5.0], 10.0, prior), &["the dose grid must rise from dose 1 to dose 2"]);
    refused(with(&[0.0, 5.0], 10.0, prior), &["a dose is 0.0", "above 0 and finite"]);
    refused(with(&[], 10.0, prior), &["a grid of 0 doses", "between 1 and 64"]);
    refused(with(&[5.0], 10.0, BlrmPrior { log_alpha_sd: 0.0, ..prior }), &["the prior standard deviation of log alpha is 0.0"]);
    refused(Blrm::new(&[5.0], 10.0, prior, &[0.33, 0.33], 0.25), &["the list of interval limits must rise"]);
    refused(Blrm::new(&[5.0], 10.0, prior, &[0.16], 0.25), &["two limits or more"]);
    for value in NOT_NUMBERS {
        refused(with(&[value, 5.0], 10.0, prior), &["a dose is"]);
        refused(with(&[5.0], value, prior), &["the reference dose is"]);
        refused(with(&[5.0], 10.0, BlrmPrior { correlation: value, ..prior }), &["the prior correlation is"]);
        refused(Blrm::new(&[5.0], 10.0, prior, &[0.16, value], 0.25), &["a limit of the intervals"]);
    }
}

#[test]
fn skeletons() {
    refused(crm(&[0.1, 0.3, 0.2]), &["the skeleton must rise from dose 2 to dose 3"]);
    refused(crm(&[0.1, 0.1]), &["the skeleton must rise from dose 1 to dose 2"]);
    refused(crm(&[0.0, 0.1]), &["a value of the skeleton is 0.0", "at least 0.000000001"]);
    refused(crm(&[0.1, 1.0]), &["a value of the skeleton is 1.0", "at most 0.999999999"]);
    refused(crm(&[]), &["a grid of 0 doses"]);
    refused(
        Crm::new(&[0.1, 0.2], 0.3, CrmModel::Empiric, 0.0),
        &["the standard deviation of the prior is 0.0", "at least 0.001 and at most 10"],
    );
    refused(Crm::new(&[0.1, 0.9], 0.3, CrmModel::Logistic { intercept: 1.0 }, 1.0), &["must be below the intercept (1)"]);
    for value in NOT_NUMBERS {
        refused(crm(&[0.1, value]), &["a value of the skeleton is"]);
        refused(Crm::new(&[0.1], 0.3, CrmModel::Empiric, value), &["the standard deviation of the prior is"]);
        refused(Crm::new(&[0.1], 0.3, CrmModel::Logistic { intercept: value }, 1.0), &["the intercept of the logistic model is"]);
        let calibration = Calibration { halfwidth: value, target: 0.3, prior_mtd: DoseLevel(1), model: CrmModel::Empiric };
        refused(calibrate_skeleton(&calibration, 4), &["the half-width of the indifference interval is"]);
    }
    let calibration = Calibration { halfwidth: 0.05, target: 0.3, prior_mtd: DoseLevel(4), model: CrmModel::Empiric };
    refused(calibrate_skeleton(&calibration, 4), &["dose 5 is outside the grid of 4 doses", "count doses from 1"]);
}

#[test]
fn counts_and_histories() {
    refused(read_outcomes("1:-1", 5), &["cohort 1", "`1:-1`", "`2NNT`"]);
    refused(read_history("3:0 3:-1", 5), &["cohort 2", "`3:-1`", "whole number of 0 or more"]);
    refused(read_history("3:0 9@3:0", 5), &["cohort 2", "dose 9 is outside the grid of 5 doses"]);
    refused(Tally::new(3, 4), &["4 patients with dose-limiting toxicity among 3", "correct the counts"]);
    refused(PendingTally::new(Tally { n: 3, dlt: 1 }, 3, 1.0), &["the number of pending patients is 3", "between 0 and 2"]);
    refused(PendingTally::new(Tally { n: 3, dlt: 1 }, 2, f64::NAN), &["the follow-up of the pending patients"]);
    let cohort = |dose: usize, n: u32, dlt: u32| Cohort { dose: DoseLevel(dose), tally: Tally { n, dlt } };
    refused(replay(&boin(3), DoseLevel(0), &[cohort(3, 3, 0)]), &["dose 4 is outside the grid of 3 doses"]);
    refused(replay(&boin(3), DoseLevel(0), &[cohort(usize::MAX, 3, 0)]), &["outside the grid of 3 doses"]);
    refused(replay(&boin(3), DoseLevel(0), &[cohort(0, 3, 9)]), &["9 patients with dose-limiting toxicity among 3"]);
    refused(
        state_of(&boin(3), DoseLevel(0), &[Tally::default(); 2]),
        &["the list of counts has 2 values for 3 doses", "give one per dose"],
    );
    refused(crm(&[0.1, 0.2]).unwrap().fit(&[Tally { n: 1, dlt: 2 }, Tally::default()]), &["2 patients", "among 1"]);
    let tite = TiteBoin::new(rule(), TiteVariant::SingleMeanImputation);
    let impossible = PendingTally { treated: Tally { n: 1, dlt: 1 }, pending: 5, follow_up: 0.0 };
    refused(tite.next(&[impossible], DoseLevel(0), None), &["the number of pending patients is 5", "between 0 and 0"]);
    let backfill = BackfillBoin::new(rule(), 12).unwrap();
    let dose = BackfillDose { completed: Tally { n: 3, dlt: 0 }, assigned: 1, activity: true };
    refused(backfill.openings(&[dose], DoseLevel(0)), &["assigned to a dose is 1", "between 3"]);
    refused(PairTallies::new(&[vec![Tally::default(); 2], vec![Tally::default()]]), &["a row of the grid has 1 values for 2 doses"]);
    let pairs = PairTallies::new(&[vec![Tally::default()]]).unwrap();
    refused(BoinCombination::new(rule(), 30).next(&pairs, DosePair { row: 0, column: 7 }), &["nobody was treated at the pair (1, 8)"]);
}

#[test]
fn grids_of_no_dose_and_of_ten_thousand() {
    for doses in [0, MAX_DOSES + 1, 10_000] {
        let words = [format!("a grid of {doses} doses"), "between 1 and 64".to_owned()];
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        refused(Boin::new(BoinParameters::with_target(0.3)).unwrap().design(doses, 30), &words);
        refused(ThreePlusThree::new(doses, ThreePlusThreeVariant::Deescalation), &words);
        refused(State::start(doses, DoseLevel(0)), &words);
        refused(State::with_tallies(DoseLevel(0), vec![Tally::default(); doses]), &words);
        refused(crm(&vec![0.1; doses]), &words);
        refused(read_history("3:0", doses), &words);
        refused(Conduct::cohorts(3, 3).check(doses), &words);
        let desirability = Desirability::new(Utilities::new(40.0, 60.0).unwrap(), Admissibility::with_limits(0.35, 0.25)).unwrap();
        refused(Boin12::new(desirability, doses, 6), &words);
        refused(PairTallies::new(&vec![vec![Tally::default()]; doses]), &words);
        let accrual = Accrual::new(1.0, Arrival::Poisson).unwrap();
        let scenario = TiteScenario { toxicity: vec![0.1; doses], window: 1.0, accrual };
        let design = TiteBoin::new(rule(), TiteVariant::EffectiveSampleSize);
        refused(simulate_tite_boin(&design, &scenario, &Conduct::cohorts(3, 3), FEW), &words);
        let scenario = BackfillScenario { toxicity: vec![0.1; doses], response: vec![0.1; doses], window: 1.0, accrual };
        refused(simulate_backfill(&BackfillBoin::new(rule(), 9).unwrap(), &scenario, &Conduct::cohorts(3, 3), FEW), &words);
    }
}

#[test]
fn empty_cohorts_and_absurd_numbers() {
    let run = |conduct: Conduct, trials: u32| simulate(&boin(3), &conduct, &[0.1, 0.2, 0.3], Simulation { trials, seed: 1 });
    refused(run(Conduct::cohorts(5, 0), 10), &["the cohort size is 0", "between 1 and 100", "give a number"]);
    refused(run(Conduct::cohorts(5, 101), 10), &["the cohort size is 101"]);
    refused(run(Conduct::cohorts(0, 3), 10), &["the largest number of patients is 0", "between 1 and 1000"]);
    refused(run(Conduct::cohorts(u32::MAX, 3), 10), &["the largest number of patients is 4294967295"]);
    refused(run(Conduct { start: DoseLevel(3), ..Conduct::cohorts(5, 3) }, 10), &["dose 4 is outside the grid of 3 doses"]);
    refused(run(Conduct::cohorts(5, 3), 0), &["the number of simulated trials is 0", "between 1 and 10000000"]);
    refused(run(Conduct::cohorts(5, 3), u32::MAX), &["the number of simulated trials is 4294967295"]);
    refused(run(Conduct::cohorts(300, 3), 10_000_000), &["trials times patients of a trial, is 9000000000"]);
    refused(Boin::new(BoinParameters::with_target(0.3)).unwrap().design(3, u32::MAX), &["is 4294967295", "between 1 and 1000"]);
    refused(BoinRule::new(BoinParameters::with_target(0.3), u32::MAX), &["the largest number of patients at a dose is 4294967295"]);
    refused(CrmDesign::new(crm(&[0.1]).unwrap(), CrmEscalation::Free, 100_000), &["is 100000", "between 1 and 1000"]);
    let start = State::start(3, DoseLevel(0)).unwrap();
    refused(dose_paths(&boin(3), &start, &[3, 0], None), &["the cohort size is 0"]);
    refused(dose_paths(&boin(3), &start, &vec![1; 1_000_000], None), &["the number of patients of the next cohorts is 1000000"]);
    refused(dose_paths(&boin(3), &start, &[9; 9], None), &["the number of nodes of the tree is 1000001"]);
}

/// Counts as large as the type holds are answered, not overflowed.
#[test]
fn absurd_counts_do_no_harm() {
    let huge = Tally { n: u32::MAX, dlt: 7 };
    let state = state_of(&boin(3), DoseLevel(1), &[huge; 3]).unwrap();
    assert_eq!((state.total(), dosecase::analysis::escalation::design::CountDesign::next(&boin(3), &state).dose), (u32::MAX, None));
    let crm = crm(&[0.1, 0.2, 0.3]).unwrap();
    assert!(crm.fit(&[huge; 3]).unwrap().mean().is_finite() && crm.fit_likelihood(&[huge; 3]).unwrap().estimate().is_finite());
    let state = State::with_tallies(DoseLevel(1), vec![huge; 3]).unwrap();
    assert_eq!(dosecase::analysis::escalation::design::CountDesign::mtd(&crm_design(30), &state), Some(DoseLevel(2)));
}

#[test]
fn scenarios() {
    let conduct = Conduct::cohorts(4, 3);
    let cases: [(&[f64], &[&str]); 6] = [
        (&[], &["the scenario has 0 values for 3 doses", "give one per dose"]),
        (&[0.1, 0.2], &["the scenario has 2 values for 3 doses"]),
        (&[0.1, 0.2, 1.2], &["the scenario is 1.2", "at least 0 and at most 1"]),
        (&[-0.1, 0.2, 0.3], &["the scenario is -0.1"]),
        (&[0.1, 0.3, 0.2], &["the scenario must not fall from dose 2 to dose 3"]),
        (&[0.1, f64::NAN, 0.3], &["the scenario is NaN"]),
    ];
    let tite = TiteConduct { start: DoseLevel(0), patients: 9, window: 1.0, scheme: WeightScheme::Linear, arrivals: Arrivals::Every(1.0) };
    for (truth, words) in cases {
        refused(exact_characteristics(&boin(3), &conduct, truth), words);
        refused(simulate(&boin(3), &conduct, truth, FEW), words);
        refused(crm_characteristics::exact(&crm_design(30), &conduct, truth), words);
        refused(crm_characteristics::simulate(&crm_design(30), &conduct, truth, FEW), words);
        refused(simulate_tite(&crm_design(30), &tite, truth, FEW), words);
        refused(dose_paths(&boin(3), &State::start(3, DoseLevel(0)).unwrap(), &[3], Some(truth)), words);
    }
    let accrual = Accrual::new(1.0, Arrival::Poisson).unwrap();
    for window in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let scenario = TiteScenario { toxicity: vec![0.1], window, accrual };
        let design = TiteBoin::new(rule(), TiteVariant::EffectiveSampleSize);
        refused(simulate_tite_boin(&design, &scenario, &conduct, FEW), &["the window for toxicity is", "above 0 and finite"]);
        refused(simulate_tite(&crm_design(30), &TiteConduct { window, ..tite }, &[0.1, 0.2, 0.3], FEW), &["the window for toxicity is"]);
        refused(Accrual::new(window, Arrival::Uniform), &["the accrual rate is", "above 0 and finite"]);
    }
}

/// The largest questions that are accepted end within seconds, or are refused when their states do.
#[test]
fn the_largest_questions_end() {
    let begin = Instant::now();
    let wide = Boin::new(BoinParameters::with_target(0.3)).unwrap().design(6, 1000).unwrap();
    let conduct = Conduct { max_n: 1000, ..Conduct::cohorts(1, 40) };
    let truth = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5];
    refused(exact_characteristics(&wide, &conduct, &truth), &["more than 1000000 states", "simulate"]);
    let one_by_one = Conduct { max_n: 1000, ..Conduct::cohorts(1, 1) };
    let found = simulate(&wide, &one_by_one, &truth, Simulation { trials: 4, seed: 1 }).unwrap();
    assert!((found.mean_total_n - 1000.0).abs() < 1e-9);
    assert!(begin.elapsed() < Duration::from_secs(60));
}
