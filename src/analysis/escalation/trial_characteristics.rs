//! How the design of a trial behaves under assumed truths: exact where its decisions depend on counts, simulated otherwise.

use crate::numerics::tolerance::tied;

use super::design::backfill_simulation::{BackfillScenario, simulate_backfill};
use super::design::boin12_simulation::{JointScenario, simulate_boin12};
use super::design::crm_characteristics;
use super::design::exact::exact_characteristics_within;
use super::design::simulate::{Simulation, operating_characteristics, simulate};
use super::design::tite_boin_simulation::{TiteScenario, simulate_tite_boin};
use super::design::tite_crm_simulation::{Arrivals, TiteConduct, simulate_tite};
use super::design::{
    Accrual, CalendarCharacteristics, CharacteristicsMethod, CountDesign, DesignError, DoseLevel, OperatingCharacteristics, StandardErrors,
};
use super::trial_design::{TrialDesign, TrialRule};

/// States between two cohorts up to which the logistic regression model is followed along every path: each needs a posterior of its own.
const MOST_POSTERIORS: usize = 10_000;

/// Share of the target above which a true probability is overly toxic: the least overdosing probability of BOIN by default `[Liu2015]`.
pub const OVERLY_TOXIC: f64 = 1.4;

/// What is assumed to be true.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialScenario {
    /// Probability of dose-limiting toxicity at each dose, not falling.
    pub toxicity: Vec<f64>,
    /// Efficacy, which BOIN12 and BF-BOIN look at.
    pub efficacy: Option<TrialEfficacy>,
    /// Calendar time, without which TITE-CRM, TITE-BOIN and BF-BOIN cannot be simulated.
    pub calendar: Option<TrialCalendar>,
    /// The target by which doses are judged; otherwise the design's own.
    pub target: Option<f64>,
}

/// Efficacy that is assumed to be true.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialEfficacy {
    /// Probability at each dose, in any order.
    pub probability: Vec<f64>,
    /// Odds ratio of efficacy and toxicity within a patient; 1 for independence.
    pub odds_ratio: f64,
}

/// Accrual and follow-up that are assumed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrialCalendar {
    /// Window in which dose-limiting toxicity is assessed.
    pub window: f64,
    /// The stream of patients, in the same unit of time.
    pub accrual: Accrual,
}

impl TrialScenario {
    /// A scenario of toxicity alone.
    #[must_use]
    pub fn new(toxicity: &[f64]) -> Self {
        Self { toxicity: toxicity.to_vec(), efficacy: None, calendar: None, target: None }
    }
}

/// How operating characteristics may be obtained.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Exactness {
    /// Exact wherever the design's decisions depend on counts and the states can be enumerated.
    #[default]
    WherePossible,
    /// Simulated throughout.
    Never,
}

/// How long trials last, in the unit of the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrialDuration {
    /// Mean.
    pub mean: f64,
    /// Standard deviation between trials.
    pub sd: f64,
    /// Standard error of the mean.
    pub standard_error: f64,
}

/// How a design behaves under one scenario, judged by what is true there.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialCharacteristics {
    /// Probability of selecting each dose.
    pub select_prob: Vec<f64>,
    /// Probability of selecting none.
    pub prob_none: f64,
    /// Probability that the trial stops early because the lowest dose is too toxic.
    pub prob_stopped_for_toxicity: f64,
    /// Probability that the trial stops early because no safe dose is effective; only designs that look at efficacy have one.
    pub prob_stopped_for_futility: Option<f64>,
    /// Mean number of patients at each dose.
    pub mean_n: Vec<f64>,
    /// Mean number of patients with dose-limiting toxicity at each dose.
    pub mean_tox: Vec<f64>,
    /// Mean number of patients with efficacy at each dose; only designs that look at efficacy have one.
    pub mean_efficacies: Option<Vec<f64>>,
    /// Mean number of patients of the trial.
    pub mean_total_n: f64,
    /// Standard deviation of the number of patients of the trial.
    pub sd_total_n: f64,
    /// Mean number of dose-limiting toxicities of the trial.
    pub mean_total_tox: f64,
    /// Standard deviation of the number of dose-limiting toxicities of the trial.
    pub sd_total_tox: f64,
    /// Duration, where calendar time was simulated.
    pub duration: Option<TrialDuration>,
    /// The target by which the doses were judged; 3+3 has none of its own.
    pub target: Option<f64>,
    /// True probability of toxicity at each dose.
    pub toxicity: Vec<f64>,
    /// What the design should have selected; `None` without a target.
    pub correct: Option<CorrectSelection>,
    /// Exact or simulated.
    pub method: CharacteristicsMethod,
}

/// What a design should select when the truth is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CorrectSelection {
    /// This dose.
    Dose(DoseLevel),
    /// None: every dose is overly toxic, or none is safe and effective.
    NoDose,
}

impl TrialCharacteristics {
    /// Characteristics in counts of a design on doses with these true probabilities of toxicity; what it should select is left open.
    #[must_use]
    pub fn of_counts(counts: OperatingCharacteristics, toxicity: &[f64], target: Option<f64>) -> Self {
        Found { counts, calendar: None, efficacy: None }.judged(toxicity, target, None)
    }

    /// Probability of the correct selection.
    #[must_use]
    pub fn prob_correct(&self) -> Option<f64> {
        self.correct.and_then(|correct| match correct {
            CorrectSelection::Dose(dose) => self.select_prob.get(dose.0).copied(),
            CorrectSelection::NoDose => Some(self.prob_none),
        })
    }

    /// Probability of selecting a dose whose true probability of toxicity is above the target.
    #[must_use]
    pub fn prob_selected_above_target(&self) -> Option<f64> {
        Some(self.above_target()?.zip(&self.select_prob).filter(|(above, _)| *above).map(|(_, probability)| probability).sum::<f64>() + 0.0)
    }

    /// Share of the patients treated at doses whose true probability of toxicity is above the target, in per cent: ratio of means, 0 when
    /// nobody is treated.
    #[must_use]
    pub fn percent_above_target(&self) -> Option<f64> {
        Some(self.percent(self.above_target()?))
    }

    /// Share of the patients treated at doses whose true probability of toxicity is at least [`OVERLY_TOXIC`] times the target, in per cent.
    #[must_use]
    pub fn percent_overdosed(&self) -> Option<f64> {
        let target = self.target?;
        Some(self.percent(self.toxicity.iter().map(move |truth| is_overly_toxic(*truth, target))))
    }

    /// Mean number of patients treated above the dose that should be selected; all patients where that is none.
    #[must_use]
    pub fn mean_n_above_correct(&self) -> Option<f64> {
        self.correct.map(|correct| match correct {
            // A sum of nothing is minus zero.
            CorrectSelection::Dose(dose) => self.mean_n.iter().skip(dose.0 + 1).sum::<f64>() + 0.0,
            CorrectSelection::NoDose => self.mean_total_n,
        })
    }

    /// Standard errors of simulated characteristics; `None` when they are exact.
    #[must_use]
    pub fn standard_errors(&self) -> Option<&StandardErrors> {
        match &self.method {
            CharacteristicsMethod::Exact { .. } => None,
            CharacteristicsMethod::Simulated { standard_errors, .. } => Some(standard_errors),
        }
    }

    /// Standard error of [`TrialCharacteristics::prob_correct`]; `None` when it is exact or there is none.
    #[must_use]
    pub fn standard_error_correct(&self) -> Option<f64> {
        let errors = self.standard_errors()?;
        self.correct.and_then(|correct| match correct {
            CorrectSelection::Dose(dose) => errors.select_prob.get(dose.0).copied(),
            CorrectSelection::NoDose => Some(errors.prob_no_mtd),
        })
    }

    fn above_target(&self) -> Option<impl Iterator<Item = bool>> {
        let target = self.target?;
        Some(self.toxicity.iter().map(move |truth| *truth > target && !tied(*truth, target)))
    }

    fn percent(&self, counted: impl Iterator<Item = bool>) -> f64 {
        let patients: f64 = counted.zip(&self.mean_n).filter(|(counted, _)| *counted).map(|(_, n)| n).sum::<f64>() + 0.0;
        if self.mean_total_n > 0.0 { 100.0 * patients / self.mean_total_n } else { 0.0 }
    }
}

fn is_overly_toxic(truth: f64, target: f64) -> bool {
    truth > OVERLY_TOXIC * target || tied(truth, OVERLY_TOXIC * target)
}

/// The dose whose true probability of toxicity is closest to the target, the lower one of equals; none when even the lowest is overly toxic
/// ([`OVERLY_TOXIC`]).
#[must_use]
pub fn true_mtd(toxicity: &[f64], target: f64) -> CorrectSelection {
    closest_doses(toxicity, target).first().map_or(CorrectSelection::NoDose, |dose| CorrectSelection::Dose(*dose))
}

/// Every dose whose true probability of toxicity is as close to the target as that of any; none when even the first is overly toxic
/// ([`OVERLY_TOXIC`]).
#[must_use]
pub fn closest_doses(toxicity: &[f64], target: f64) -> Vec<DoseLevel> {
    if toxicity.first().is_none_or(|lowest| is_overly_toxic(*lowest, target)) {
        return Vec::new();
    }
    let distance = |truth: &f64| (truth - target).abs();
    let least = toxicity.iter().map(distance).fold(f64::INFINITY, f64::min);
    let closest = toxicity.iter().enumerate().filter(|(_, truth)| tied(distance(truth), least));
    closest.map(|(dose, _)| DoseLevel(dose)).collect()
}

/// Operating characteristics of a design under a scenario: exact where its decisions depend on counts, otherwise simulated.
///
/// Exact: 3+3, i3+3, BOIN, Keyboard, mTPI, mTPI-2, the continual reassessment method and the logistic regression model, by enumeration of every
/// path with its probability, unless the states are too many. Simulated: BOIN12, and in calendar time TITE-CRM, TITE-BOIN and BF-BOIN.
/// The result names the method; a simulation with the same seed is the same on any number of threads.
///
/// # Errors
/// [`DesignError`] for a scenario that does not fit the design: another number of doses, toxicity that falls with dose, no calendar or no
/// efficacy where the design needs it; and for an impossible conduct or number of trials.
pub fn characteristics(
    design: &TrialDesign,
    scenario: &TrialScenario,
    simulation: Simulation,
) -> Result<TrialCharacteristics, DesignError> {
    characteristics_by(design, scenario, simulation, Exactness::WherePossible)
}

/// As [`characteristics`], with the choice to simulate what could be exact.
///
/// # Errors
/// As [`characteristics`].
pub fn characteristics_by(
    design: &TrialDesign,
    scenario: &TrialScenario,
    simulation: Simulation,
    exactness: Exactness,
) -> Result<TrialCharacteristics, DesignError> {
    let (conduct, truth) = (design.conduct(), scenario.toxicity.as_slice());
    let counted = |counts: OperatingCharacteristics| Found { counts, calendar: None, efficacy: None };
    let found = match (design.rule(), exactness) {
        (TrialRule::Counts { design, .. }, Exactness::WherePossible) => {
            counted(operating_characteristics(design.as_ref(), conduct, truth, simulation)?)
        }
        (TrialRule::Counts { design, .. }, Exactness::Never) => counted(simulate(design.as_ref(), conduct, truth, simulation)?),
        (TrialRule::Crm(crm), Exactness::WherePossible) => {
            counted(crm_characteristics::operating_characteristics(crm, conduct, truth, simulation)?)
        }
        (TrialRule::Crm(crm), Exactness::Never) => counted(crm_characteristics::simulate(crm, conduct, truth, simulation)?),
        (TrialRule::Blrm(blrm), Exactness::WherePossible) => {
            counted(match exact_characteristics_within(&blrm.decisions(), conduct, truth, MOST_POSTERIORS) {
                Err(DesignError::TooManyStates { .. }) => simulate(&blrm.decisions(), conduct, truth, simulation)?,
                result => result?,
            })
        }
        (TrialRule::Blrm(blrm), Exactness::Never) => counted(simulate(&blrm.decisions(), conduct, truth, simulation)?),
        (TrialRule::TiteCrm { design: crm, scheme }, _) => {
            let TrialCalendar { window, accrual } = calendar(design, scenario)?;
            let conduct =
                TiteConduct { start: conduct.start, patients: conduct.max_n, window, scheme: *scheme, arrivals: Arrivals::Random(accrual) };
            simulate_tite(crm, &conduct, truth, simulation)?.into()
        }
        (TrialRule::TiteBoin { design: tite, complete }, _) => {
            let TrialCalendar { window, accrual } = calendar(design, scenario)?;
            check_doses(scenario, complete.doses())?;
            simulate_tite_boin(tite, &TiteScenario { toxicity: truth.to_vec(), window, accrual }, conduct, simulation)?.into()
        }
        (TrialRule::Backfill { design: backfill, complete }, _) => {
            let TrialCalendar { window, accrual } = calendar(design, scenario)?;
            check_doses(scenario, complete.doses())?;
            let response = independent_response(design, scenario)?;
            let scenario = BackfillScenario { toxicity: truth.to_vec(), response, window, accrual };
            simulate_backfill(backfill, &scenario, conduct, simulation)?.into()
        }
        (TrialRule::Boin12(boin12), _) => {
            let found = simulate_boin12(boin12, &joint(design, scenario)?, conduct, simulation)?;
            Found { counts: found.counts, calendar: None, efficacy: Some((found.mean_efficacies, found.prob_stopped_for_futility)) }
        }
    };
    let target = scenario.target.or(design.target());
    let correct = match design.rule() {
        TrialRule::Boin12(boin12) => {
            let obd = boin12.true_obd(&joint(design, scenario)?)?;
            Some(obd.map_or(CorrectSelection::NoDose, CorrectSelection::Dose))
        }
        _ => target.map(|target| true_mtd(truth, target)),
    };
    Ok(found.judged(truth, target, correct))
}

/// What an engine found.
struct Found {
    counts: OperatingCharacteristics,
    calendar: Option<TrialDuration>,
    efficacy: Option<(Vec<f64>, f64)>,
}

impl From<CalendarCharacteristics> for Found {
    fn from(found: CalendarCharacteristics) -> Self {
        let duration = TrialDuration { mean: found.mean_duration, sd: found.sd_duration, standard_error: found.duration_standard_error };
        Self { counts: found.counts, calendar: Some(duration), efficacy: None }
    }
}

impl Found {
    fn judged(self, truth: &[f64], target: Option<f64>, correct: Option<CorrectSelection>) -> TrialCharacteristics {
        let (mean_efficacies, prob_stopped_for_futility) = self.efficacy.unzip();
        let counts = self.counts;
        TrialCharacteristics {
            select_prob: counts.select_prob,
            prob_none: counts.prob_no_mtd,
            prob_stopped_for_toxicity: counts.prob_stopped_early_toxic,
            prob_stopped_for_futility,
            mean_n: counts.mean_n,
            mean_tox: counts.mean_tox,
            mean_efficacies,
            mean_total_n: counts.mean_total_n,
            sd_total_n: counts.sd_total_n,
            mean_total_tox: counts.mean_total_tox,
            sd_total_tox: counts.sd_total_tox,
            duration: self.calendar,
            target,
            toxicity: truth.to_vec(),
            correct,
            method: counts.method,
        }
    }
}

/// The calendar-time engines take the number of doses from the scenario.
fn check_doses(scenario: &TrialScenario, doses: usize) -> Result<(), DesignError> {
    let given = scenario.toxicity.len();
    if given == doses { Ok(()) } else { Err(DesignError::Length { name: "the scenario", given, doses }) }
}

fn calendar(design: &TrialDesign, scenario: &TrialScenario) -> Result<TrialCalendar, DesignError> {
    let missing = || {
        let label = design.label();
        DesignError::History(format!("{label} is simulated in calendar time: give the accrual rate and the window for toxicity"))
    };
    scenario.calendar.ok_or_else(missing)
}

fn efficacy<'a>(design: &TrialDesign, scenario: &'a TrialScenario) -> Result<&'a TrialEfficacy, DesignError> {
    let missing = || DesignError::History(format!("{} looks at efficacy: give the probability of efficacy at each dose", design.label()));
    scenario.efficacy.as_ref().ok_or_else(missing)
}

fn joint(design: &TrialDesign, scenario: &TrialScenario) -> Result<JointScenario, DesignError> {
    let TrialEfficacy { probability, odds_ratio } = efficacy(design, scenario)?;
    Ok(JointScenario { toxicity: scenario.toxicity.clone(), efficacy: probability.clone(), odds_ratio: *odds_ratio })
}

fn independent_response(design: &TrialDesign, scenario: &TrialScenario) -> Result<Vec<f64>, DesignError> {
    let TrialEfficacy { probability, odds_ratio } = efficacy(design, scenario)?;
    if tied(*odds_ratio, 1.0) {
        return Ok(probability.clone());
    }
    let text = format!("{} is simulated with independent toxicity and efficacy: leave their odds ratio at 1", design.label());
    Err(DesignError::History(text))
}

#[cfg(test)]
mod tests {
    use super::super::design::Arrival;
    use super::*;
    use crate::config::DesignOptions;

    const AMOUNTS: [f64; 4] = [10.0, 30.0, 60.0, 120.0];
    const TRUTH: [f64; 4] = [0.05, 0.12, 0.3, 0.5];
    const SIMULATION: Simulation = Simulation { trials: 300, seed: 20_240_801 };

    const EVERY: [(&str, bool); 12] = [
        ("three_plus_three: {}", true),
        ("i3_3: {target: 0.3, max_patients: 18}", true),
        ("boin: {target: 0.3, max_patients: 18, stop_at: 12}", true),
        ("keyboard: {target: 0.3, max_patients: 18}", true),
        ("mtpi: {target: 0.3, max_patients: 18}", true),
        ("mtpi2: {target: 0.3, max_patients: 18}", true),
        ("crm: {target: 0.3, max_patients: 18, calibration: {halfwidth: 0.05, prior_mtd: 2}}", true),
        ("tite_crm: {target: 0.3, max_patients: 18, skeleton: [0.1, 0.2, 0.3, 0.4]}", false),
        (
            "blrm: {reference_dose: 60 mg, max_patients: 9, prior: {mean_log_alpha: -1.5, mean_log_beta: 0, sd_log_alpha: 2, sd_log_beta: 1}}",
            true,
        ),
        ("tite_boin: {target: 0.3, max_patients: 18}", false),
        ("boin12: {toxicity_limit: 0.35, efficacy_limit: 0.25, max_patients: 18}", false),
        ("bf_boin: {target: 0.3, max_patients: 18, backfill_cap: 12}", false),
    ];

    fn design(yaml: &str) -> TrialDesign {
        let options: DesignOptions = serde_yaml::from_str(yaml).unwrap();
        TrialDesign::new(&options, &AMOUNTS, 0).unwrap()
    }

    fn scenario() -> TrialScenario {
        let accrual = Accrual::new(3.0 / 30.4375, Arrival::Poisson).unwrap();
        TrialScenario {
            efficacy: Some(TrialEfficacy { probability: vec![0.1, 0.2, 0.4, 0.5], odds_ratio: 1.0 }),
            calendar: Some(TrialCalendar { window: 28.0, accrual }),
            target: Some(0.3),
            ..TrialScenario::new(&TRUTH)
        }
    }

    #[test]
    fn every_design_is_characterised_and_says_how() {
        for (yaml, exact) in EVERY {
            let found = characteristics(&design(yaml), &scenario(), SIMULATION).unwrap();
            assert_eq!(found.standard_errors().is_none(), exact, "{yaml}");
            assert!((found.select_prob.iter().sum::<f64>() + found.prob_none - 1.0).abs() < 1e-9, "{yaml}");
            assert!((found.mean_n.iter().sum::<f64>() - found.mean_total_n).abs() < 1e-9, "{yaml}");
            assert_eq!(found.correct, Some(CorrectSelection::Dose(DoseLevel(2))), "{yaml}");
            assert!(found.prob_correct().unwrap() > 0.2, "{yaml}: {found:?}");
            let calendar = yaml.starts_with("tite") || yaml.starts_with("bf");
            assert_eq!(found.duration.is_some(), calendar, "{yaml}");
            assert_eq!(found.mean_efficacies.is_some(), yaml.starts_with("boin12"), "{yaml}");
        }
    }

    #[test]
    fn simulation_on_request_agrees_with_the_exact_values() {
        for (yaml, exact) in EVERY.into_iter().filter(|(_, exact)| *exact).take(3) {
            let (design, simulation) = (design(yaml), Simulation { trials: 4000, ..SIMULATION });
            let by = |exactness| characteristics_by(&design, &scenario(), simulation, exactness).unwrap();
            let (exactly, simulated) = (by(Exactness::WherePossible), by(Exactness::Never));
            assert!(exact && simulated.standard_errors().is_some());
            for (one, other) in exactly.select_prob.iter().zip(&simulated.select_prob) {
                assert!((one - other).abs() <= 4.5 * (one * (1.0 - one) / 4000.0).sqrt() + 1e-9, "{yaml}: {one} {other}");
            }
        }
    }

    #[test]
    fn doses_are_judged_by_the_target() {
        let found = characteristics(&design(EVERY[2].0), &scenario(), SIMULATION).unwrap();
        let (above, overdosed) = (found.percent_above_target().unwrap(), found.percent_overdosed().unwrap());
        assert!((above - 100.0 * found.mean_n[3] / found.mean_total_n).abs() < 1e-12 && (above - overdosed).abs() < 1e-12);
        assert!((found.prob_selected_above_target().unwrap() - found.select_prob[3]).abs() < 1e-12);
        assert!((found.mean_n_above_correct().unwrap() - found.mean_n[3]).abs() < 1e-12);
        let without = characteristics(&design(EVERY[0].0), &TrialScenario::new(&TRUTH), SIMULATION).unwrap();
        assert_eq!((without.target, without.correct, without.percent_above_target()), (None, None, None));
    }

    #[test]
    fn the_correct_selection_is_the_closest_dose_or_none() {
        assert_eq!(true_mtd(&[0.1, 0.2, 0.4], 0.3), CorrectSelection::Dose(DoseLevel(1)));
        assert_eq!(true_mtd(&[0.35, 0.5], 0.3), CorrectSelection::Dose(DoseLevel(0)));
        assert_eq!(true_mtd(&[0.42, 0.5], 0.3), CorrectSelection::NoDose);
        assert_eq!(true_mtd(&[0.01, 0.02], 0.3), CorrectSelection::Dose(DoseLevel(1)));
        assert_eq!(true_mtd(&[], 0.3), CorrectSelection::NoDose);
    }

    #[test]
    fn what_a_design_needs_and_is_not_given_is_said() {
        let refused = |yaml: &str, scenario: &TrialScenario| characteristics(&design(yaml), scenario, SIMULATION).unwrap_err().to_string();
        for place in [7, 9, 11] {
            assert!(refused(EVERY[place].0, &TrialScenario { calendar: None, ..scenario() }).contains("accrual rate"));
        }
        for place in [10, 11] {
            assert!(refused(EVERY[place].0, &TrialScenario { efficacy: None, ..scenario() }).contains("efficacy at each dose"));
        }
        let linked = TrialEfficacy { probability: vec![0.1; 4], odds_ratio: 2.0 };
        assert!(refused(EVERY[11].0, &TrialScenario { efficacy: Some(linked), ..scenario() }).contains("independent"));
        for (yaml, _) in EVERY {
            assert!(refused(yaml, &TrialScenario { toxicity: vec![0.1, 0.2], ..scenario() }).contains("values for"), "{yaml}");
            assert!(refused(yaml, &TrialScenario { toxicity: vec![0.3, 0.2, 0.4, 0.5], ..scenario() }).contains("must not fall"), "{yaml}");
        }
    }

    #[test]
    fn what_is_nowhere_is_zero_and_not_minus_zero() {
        let scenario = TrialScenario::new(&[0.05, 0.1, 0.2, 0.3]);
        let found = characteristics(&design("boin: {target: 0.3, max_patients: 18}"), &scenario, SIMULATION).unwrap();
        let nothing =
            [found.mean_n_above_correct(), found.prob_selected_above_target(), found.percent_above_target(), found.percent_overdosed()];
        assert!(nothing.iter().all(|value| value.is_some_and(|value| value.is_sign_positive() && value < 1e-300)), "{nothing:?}");
    }
}
