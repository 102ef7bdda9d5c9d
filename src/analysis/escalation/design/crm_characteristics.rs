//! Operating characteristics of the continual reassessment method: exact, and simulated.
//!
//! Both go through the trial cohort by cohort for all paths or all simulated trials together, so that the posterior is computed once for
//! each distinct history however many paths lead to it.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;

use super::characteristics::{CharacteristicsMethod, Conduct, OperatingCharacteristics, StandardErrors};
use super::crm_conduct::CrmDesign;
use super::error::{DesignError, check_ascending};
use super::simulate::{MAX_SIMULATED_PATIENTS, Simulation, check_simulation};
use super::tally::{DoseLevel, Tally};
use crate::numerics::distribution::binomial_mass;

/// Most distinct histories that an exact computation keeps at a time.
const MOST_STATES: usize = 1_000_000;

/// Most counts after a cohort that are held before equal histories are merged.
const MOST_COUNTS: usize = 32_000_000;

/// Simulated trials that are taken through their cohorts together: the more, the more share a history; the fewer, the better they spread over
/// threads.
const BATCH: u32 = 4096;

/// Exact operating characteristics, or simulated ones where the histories are too many.
///
/// # Errors
/// As [`exact`] and [`simulate`].
pub fn operating_characteristics(
    design: &CrmDesign,
    conduct: &Conduct,
    truth: &[f64],
    otherwise: Simulation,
) -> Result<OperatingCharacteristics, DesignError> {
    match exact(design, conduct, truth) {
        Err(DesignError::TooManyStates { .. }) => simulate(design, conduct, truth, otherwise),
        result => result,
    }
}

/// Exact operating characteristics: every path of the trial with its probability, paths with equal counts and equal next dose merged.
///
/// ```text
/// P(state after the next cohort) = sum over states of P(state) * Binomial(y; cohort size, truth at its next dose)
/// ```
///
/// # Errors
/// [`DesignError::TooManyStates`] above a million states, and as [`simulate`].
pub fn exact(design: &CrmDesign, conduct: &Conduct, truth: &[f64]) -> Result<OperatingCharacteristics, DesignError> {
    check(design, conduct, truth)?;
    let doses = truth.len();
    let mut totals = Totals::new(doses);
    let mut paths = Paths { tallies: vec![Tally::default(); doses], next: vec![conduct.start], probability: vec![1.0] };
    let mut treated = 0;
    while treated < conduct.max_n {
        let size = conduct.next_cohort(treated);
        paths = paths.after_cohort(design, truth, size)?;
        treated += size;
    }
    let wanted = wanted_of_each(design, &paths.tallies, doses);
    for ((tallies, probability), mtd) in paths.tallies.chunks(doses).zip(&paths.probability).zip(wanted) {
        totals.add(tallies, mtd, *probability);
    }
    let end_states = paths.probability.len();
    Ok(totals.characteristics(1.0, conduct.max_n, |_| CharacteristicsMethod::Exact { end_states }))
}

/// Simulated operating characteristics.
///
/// Each trial has its own stream of the `ChaCha8` generator and each patient one uniform number, compared with the true probability at the
/// dose given: the result depends on the seed and the number of trials only, not on the threads.
///
/// # Errors
/// [`DesignError::Length`], [`DesignError::Outside`] or [`DesignError::Unordered`] for a scenario that does not give one ascending
/// probability per dose, [`DesignError::Count`] for impossible numbers of patients or trials, [`DesignError::History`] for accelerated
/// titration, which this method does not use.
pub fn simulate(
    design: &CrmDesign,
    conduct: &Conduct,
    truth: &[f64],
    simulation: Simulation,
) -> Result<OperatingCharacteristics, DesignError> {
    let Simulation { trials, seed } = simulation;
    check(design, conduct, truth)?;
    check_simulation(trials, conduct.max_n, MAX_SIMULATED_PATIENTS)?;
    let batch = |first: u32| simulate_batch(design, conduct, truth, first * BATCH..trials.min((first + 1) * BATCH), seed);
    let batches: Vec<Totals> = (0..trials.div_ceil(BATCH)).into_par_iter().map(batch).collect();
    let totals = batches.iter().fold(Totals::new(truth.len()), Totals::plus);
    let trials_real = f64::from(trials);
    Ok(totals.characteristics(trials_real, conduct.max_n, |errors| CharacteristicsMethod::Simulated {
        trials,
        seed,
        standard_errors: Box::new(errors),
    }))
}

fn check(design: &CrmDesign, conduct: &Conduct, truth: &[f64]) -> Result<(), DesignError> {
    let doses = design.crm().doses();
    check_ascending("the scenario", truth, doses)?;
    conduct.check(doses)?;
    design.check_size(conduct.max_n)?;
    if conduct.titration {
        let text = "the continual reassessment method is conducted in cohorts: switch accelerated titration off";
        return Err(DesignError::History(text.to_owned()));
    }
    Ok(())
}

/// States of all paths after a number of cohorts, ascending in their counts.
struct Paths {
    /// Counts at each dose, one state after the other.
    tallies: Vec<Tally>,
    next: Vec<DoseLevel>,
    probability: Vec<f64>,
}

impl Paths {
    fn after_cohort(&self, design: &CrmDesign, truth: &[f64], size: u32) -> Result<Self, DesignError> {
        let doses = truth.len();
        let masses = outcome_masses(truth, size)?;
        if self.tallies.len().saturating_mul(size as usize + 1) > MOST_COUNTS {
            return Err(DesignError::TooManyStates { limit: MOST_STATES });
        }
        let mut children = Children { tallies: Vec::new(), last: Vec::new(), dlt: Vec::new(), probability: Vec::new() };
        for ((tallies, next), probability) in self.tallies.chunks(doses).zip(&self.next).zip(&self.probability) {
            for (dlt, mass) in (0..=size).zip(masses.get(next.0).into_iter().flatten()) {
                if *mass > 0.0 {
                    children.add(tallies, *next, Tally { n: size, dlt }, probability * mass);
                }
            }
        }
        children.merge(design, doses, size)
    }
}

/// Probabilities of 0, 1, ... toxicities in a cohort at each dose.
fn outcome_masses(truth: &[f64], size: u32) -> Result<Vec<Vec<f64>>, DesignError> {
    let at = |p: &f64| (0..=size).map(|dlt| binomial_mass(dlt.into(), size.into(), *p)).collect::<Result<Vec<f64>, _>>();
    truth.iter().map(at).collect::<Result<_, _>>().map_err(DesignError::numerics)
}

/// States before merging: counts after the cohort, where it was treated and what it showed.
struct Children {
    tallies: Vec<Tally>,
    last: Vec<DoseLevel>,
    dlt: Vec<u32>,
    probability: Vec<f64>,
}

impl Children {
    fn add(&mut self, tallies: &[Tally], dose: DoseLevel, cohort: Tally, probability: f64) {
        let start = self.tallies.len();
        self.tallies.extend_from_slice(tallies);
        if let Some(tally) = self.tallies.get_mut(start + dose.0) {
            *tally = tally.plus(cohort);
        }
        self.last.push(dose);
        self.dlt.push(cohort.dlt);
        self.probability.push(probability);
    }

    /// One state for each distinct pair of counts and next dose.
    fn merge(&self, design: &CrmDesign, doses: usize, size: u32) -> Result<Paths, DesignError> {
        let groups = Groups::new(&self.tallies, doses);
        let distinct = groups.distinct(&self.tallies, doses);
        let wanted = wanted_of_each(design, &distinct, doses);
        let mut paths = Paths { tallies: Vec::new(), next: Vec::new(), probability: Vec::new() };
        let mut at = vec![0.0; doses];
        for ((tallies, wanted), members) in distinct.chunks(doses).zip(wanted).zip(groups.members()) {
            at.fill(0.0);
            for member in members {
                let (Some(last), Some(dlt), Some(probability)) =
                    (self.last.get(*member), self.dlt.get(*member), self.probability.get(*member))
                else {
                    continue;
                };
                let reached = design.reached_target(Tally { n: size, dlt: *dlt });
                if let Some(sum) = at.get_mut(design.escalation().restrict(wanted, *last, reached).0) {
                    *sum += probability;
                }
            }
            for (next, probability) in at.iter().enumerate().filter(|(_, probability)| **probability > 0.0) {
                paths.tallies.extend_from_slice(tallies);
                paths.next.push(DoseLevel(next));
                paths.probability.push(*probability);
            }
        }
        if paths.probability.len() > MOST_STATES { Err(DesignError::TooManyStates { limit: MOST_STATES }) } else { Ok(paths) }
    }
}

/// Rows of equal counts, brought together.
struct Groups {
    /// Positions of the rows, ascending in their counts; equal rows in their original order.
    order: Vec<usize>,
    /// Where each group of equal rows starts in `order`, and the end.
    starts: Vec<usize>,
}

impl Groups {
    fn new(tallies: &[Tally], doses: usize) -> Self {
        let rows = tallies.len() / doses.max(1);
        let row = |position: usize| tallies.get(position * doses..(position + 1) * doses).unwrap_or_default();
        let mut order: Vec<usize> = (0..rows).collect();
        order.sort_by(|left, right| row(*left).cmp(row(*right)));
        let changes = order.windows(2).zip(1..).filter(|(pair, _)| row(pair[0]) != row(pair[1])).map(|(_, position)| position);
        let starts = std::iter::once(0).chain(changes).chain(std::iter::once(rows)).collect();
        Self { order, starts }
    }

    fn members(&self) -> impl Iterator<Item = &[usize]> {
        self.starts.windows(2).map(|ends| self.order.get(ends[0]..ends[1]).unwrap_or_default())
    }

    /// The counts of each group.
    fn distinct(&self, tallies: &[Tally], doses: usize) -> Vec<Tally> {
        let first = self.members().filter_map(|members| members.first());
        first.flat_map(|position| tallies.get(position * doses..(position + 1) * doses).unwrap_or_default()).copied().collect()
    }
}

/// The dose that the model wants after each row of counts.
fn wanted_of_each(design: &CrmDesign, tallies: &[Tally], doses: usize) -> Vec<DoseLevel> {
    tallies.par_chunks(doses).map_init(Vec::new, |work, row| design.wanted(row, &[], work)).collect()
}

/// Runs the trials with these numbers.
fn simulate_batch(design: &CrmDesign, conduct: &Conduct, truth: &[f64], batch: std::ops::Range<u32>, seed: u64) -> Totals {
    let (doses, patients) = (truth.len(), conduct.max_n as usize);
    let draws: Vec<f64> = batch.clone().into_par_iter().flat_map_iter(|trial| uniforms(seed, trial, patients)).collect();
    let mut tallies = vec![Tally::default(); batch.len() * doses];
    let mut current = vec![conduct.start; batch.len()];
    let mut treated = 0;
    loop {
        let size = conduct.next_cohort(treated);
        let cohorts: Vec<Tally> = draws
            .chunks(patients)
            .zip(&current)
            .map(|(draws, dose)| {
                let p = truth.get(dose.0).copied().unwrap_or(0.0);
                let cohort = draws.iter().skip(treated as usize).take(size as usize);
                Tally { n: size, dlt: cohort.filter(|draw| **draw < p).map(|_| 1).sum() }
            })
            .collect();
        for ((row, dose), cohort) in tallies.chunks_mut(doses).zip(&current).zip(&cohorts) {
            if let Some(tally) = row.get_mut(dose.0) {
                *tally = tally.plus(*cohort);
            }
        }
        treated += size;
        let groups = Groups::new(&tallies, doses);
        let wanted = wanted_of_each(design, &groups.distinct(&tallies, doses), doses);
        for (members, wanted) in groups.members().zip(wanted) {
            for member in members {
                let (Some(dose), Some(cohort)) = (current.get_mut(*member), cohorts.get(*member)) else { continue };
                // After the last cohort the dose wanted is the one selected, without restriction.
                *dose = if treated < conduct.max_n {
                    design.escalation().restrict(wanted, *dose, design.reached_target(*cohort))
                } else {
                    wanted
                };
            }
        }
        if treated >= conduct.max_n {
            break;
        }
    }
    let mut totals = Totals::new(doses);
    tallies.chunks(doses).zip(current).for_each(|(row, mtd)| totals.add(row, mtd, 1.0));
    totals
}

fn uniforms(seed: u64, trial: u32, patients: usize) -> impl Iterator<Item = f64> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(trial.into());
    (0..patients).map(move |_| generator.random::<f64>())
}

/// Sums over trials or paths, weighted with their probability.
struct Totals {
    select: Vec<f64>,
    n: Vec<f64>,
    n_squared: Vec<f64>,
    tox: Vec<f64>,
    tox_squared: Vec<f64>,
    total_tox: f64,
    total_tox_squared: f64,
}

impl Totals {
    fn new(doses: usize) -> Self {
        let none = || vec![0.0; doses];
        Self { select: none(), n: none(), n_squared: none(), tox: none(), tox_squared: none(), total_tox: 0.0, total_tox_squared: 0.0 }
    }

    /// Adds one end of a trial.
    fn add(&mut self, tallies: &[Tally], mtd: DoseLevel, weight: f64) {
        if let Some(select) = self.select.get_mut(mtd.0) {
            *select += weight;
        }
        let mut total = 0.0;
        for (dose, tally) in tallies.iter().enumerate() {
            let (n, dlt) = (f64::from(tally.n), f64::from(tally.dlt));
            total += dlt;
            let sums = [(&mut self.n, n), (&mut self.n_squared, n * n), (&mut self.tox, dlt), (&mut self.tox_squared, dlt * dlt)];
            for (sum, value) in sums {
                if let Some(sum) = sum.get_mut(dose) {
                    *sum += weight * value;
                }
            }
        }
        self.total_tox += weight * total;
        self.total_tox_squared += weight * total * total;
    }

    fn plus(mut self, other: &Self) -> Self {
        let lists = [
            (&mut self.select, &other.select),
            (&mut self.n, &other.n),
            (&mut self.n_squared, &other.n_squared),
            (&mut self.tox, &other.tox),
            (&mut self.tox_squared, &other.tox_squared),
        ];
        for (mine, others) in lists {
            mine.iter_mut().zip(others).for_each(|(mine, others)| *mine += others);
        }
        self.total_tox += other.total_tox;
        self.total_tox_squared += other.total_tox_squared;
        self
    }

    /// Characteristics of a trial of fixed size that always selects a dose, with the standard errors of `trials` simulated ones.
    fn characteristics(
        self,
        trials: f64,
        patients: u32,
        method: impl FnOnce(StandardErrors) -> CharacteristicsMethod,
    ) -> OperatingCharacteristics {
        let mean = |sums: &[f64]| -> Vec<f64> { sums.iter().map(|sum| sum / trials).collect() };
        let deviation = |mean: f64, squares: f64| (squares / trials - mean * mean).max(0.0).sqrt();
        let deviations = |means: &[f64], squares: &[f64]| -> Vec<f64> {
            means.iter().zip(squares).map(|(mean, squares)| deviation(*mean, *squares)).collect()
        };
        let errors = |deviations: &[f64]| deviations.iter().map(|deviation| deviation / trials.sqrt()).collect();
        let (select_prob, mean_n, mean_tox) = (mean(&self.select), mean(&self.n), mean(&self.tox));
        let (sd_n, sd_tox) = (deviations(&mean_n, &self.n_squared), deviations(&mean_tox, &self.tox_squared));
        let mean_total_tox = self.total_tox / trials;
        let sd_total_tox = deviation(mean_total_tox, self.total_tox_squared);
        let standard_errors = StandardErrors {
            select_prob: select_prob.iter().map(|p| (p * (1.0 - p) / trials).max(0.0).sqrt()).collect(),
            prob_no_mtd: 0.0,
            prob_stopped_early_toxic: 0.0,
            mean_n: errors(&sd_n),
            mean_tox: errors(&sd_tox),
            mean_total_n: 0.0,
            mean_total_tox: sd_total_tox / trials.sqrt(),
        };
        OperatingCharacteristics {
            select_prob,
            prob_no_mtd: 0.0,
            prob_stopped_early_toxic: 0.0,
            mean_n,
            sd_n,
            mean_tox,
            sd_tox,
            mean_total_n: patients.into(),
            sd_total_n: 0.0,
            mean_total_tox,
            sd_total_tox,
            method: method(standard_errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::crm::{Crm, CrmModel, USUAL_PRIOR_SD};
    use super::super::crm_conduct::CrmEscalation;
    use super::*;
    use crate::numerics::tolerance::MONTE_CARLO_SE;

    const TRUTH: [f64; 5] = [0.05, 0.12, 0.25, 0.40, 0.55];

    fn design(escalation: CrmEscalation) -> CrmDesign {
        let skeleton = [0.061_579, 0.140_05, 0.25, 0.376_196, 0.501_849];
        CrmDesign::new(Crm::new(&skeleton, 0.25, CrmModel::Empiric, USUAL_PRIOR_SD).unwrap(), escalation, 60).unwrap()
    }

    #[test]
    fn exact_characteristics_are_probabilities_and_simulation_agrees() {
        for escalation in [CrmEscalation::Free, CrmEscalation::OneLevel, CrmEscalation::OneLevelCoherent] {
            let (design, conduct) = (design(escalation), Conduct::cohorts(5, 3));
            let exact = exact(&design, &conduct, &TRUTH).unwrap();
            assert!((exact.select_prob.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert!((exact.mean_n.iter().sum::<f64>() - 15.0).abs() < 1e-10);
            for ((tox, n), p) in exact.mean_tox.iter().zip(&exact.mean_n).zip(TRUTH) {
                assert!((tox - n * p).abs() < 1e-10);
            }
            let simulated = simulate(&design, &conduct, &TRUTH, Simulation { trials: 4000, seed: 11 }).unwrap();
            let CharacteristicsMethod::Simulated { standard_errors, .. } = &simulated.method else { panic!("not simulated") };
            for ((got, want), error) in simulated.mean_n.iter().zip(&exact.mean_n).zip(&standard_errors.mean_n) {
                assert!((got - want).abs() <= MONTE_CARLO_SE * error, "{escalation:?} {got} {want} {error}");
            }
            for ((got, want), error) in simulated.select_prob.iter().zip(&exact.select_prob).zip(&standard_errors.select_prob) {
                assert!((got - want).abs() <= MONTE_CARLO_SE * error, "{escalation:?} {got} {want} {error}");
            }
        }
    }

    #[test]
    fn the_numbers_do_not_depend_on_threads_or_batches() {
        let (design, conduct) = (design(CrmEscalation::OneLevelCoherent), Conduct::cohorts(4, 3));
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| simulate(&design, &conduct, &TRUTH, Simulation { trials: 500, seed: 7 }).unwrap())
        };
        assert_eq!(run(1), run(3));
        assert_ne!(run(1), simulate(&design, &conduct, &TRUTH, Simulation { trials: 500, seed: 8 }).unwrap());
    }

    #[test]
    fn a_last_cohort_is_cut_to_the_size_of_the_trial() {
        let conduct = Conduct { max_n: 8, ..Conduct::cohorts(3, 3) };
        let exact = exact(&design(CrmEscalation::OneLevel), &conduct, &TRUTH).unwrap();
        assert!((exact.mean_n.iter().sum::<f64>() - 8.0).abs() < 1e-12);
    }

    #[test]
    fn impossible_questions_are_refused() {
        let (design, conduct) = (design(CrmEscalation::Free), Conduct::cohorts(4, 3));
        assert!(matches!(exact(&design, &conduct, &TRUTH[..4]), Err(DesignError::Length { .. })));
        assert!(matches!(exact(&design, &conduct, &[0.5, 0.4, 0.3, 0.2, 0.1]), Err(DesignError::Unordered { .. })));
        assert!(matches!(exact(&design, &Conduct::cohorts(21, 3), &TRUTH), Err(DesignError::Count { .. })));
        assert!(matches!(exact(&design, &Conduct { titration: true, ..conduct }, &TRUTH), Err(DesignError::History(_))));
        assert!(matches!(simulate(&design, &conduct, &TRUTH, Simulation { trials: 0, seed: 1 }), Err(DesignError::Count { .. })));
    }
}
