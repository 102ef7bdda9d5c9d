//! Exact operating characteristics: every path of a trial with its probability, paths with equal counts merged.

use super::CountDesign;
use super::characteristics::{CharacteristicsMethod, Conduct, OperatingCharacteristics};
use super::error::{DesignError, check_ascending};
use super::tally::{DoseLevel, State, Tally};

/// Most states between two cohorts that are kept.
const MAX_STATES: usize = 1_000_000;

/// Most states after a cohort that are held before equal ones are merged.
const MAX_UNMERGED: usize = 8 * MAX_STATES;

/// Bits for the position of the last treated dose.
const DOSE_BITS: u32 = 6;

/// Operating characteristics without simulation error.
///
/// ```text
/// P(state) = sum over the paths that lead to it of the product of binomial probabilities of their cohorts
/// ```
///
/// Trials with the same counts at every dose and the same last dose have the same future, so that they are carried on as one. `truth` holds the
/// true probability of toxicity at each dose. For a given design, grid and number of cohorts the work does not depend on `truth`; six doses
/// and twelve cohorts of three take some ten milliseconds.
///
/// # Errors
/// [`DesignError::Unordered`], [`DesignError::Length`], [`DesignError::Outside`] for a scenario that is not one ascending probability per dose;
/// those of [`Conduct::check`]; [`DesignError::TooManyStates`].
pub fn exact_characteristics<D: CountDesign + ?Sized>(
    design: &D,
    conduct: &Conduct,
    truth: &[f64],
) -> Result<OperatingCharacteristics, DesignError> {
    exact_characteristics_within(design, conduct, truth, MAX_STATES)
}

/// As [`exact_characteristics`], given up when there are more than `most_states` states between two cohorts: for designs whose decisions take
/// long.
///
/// # Errors
/// As [`exact_characteristics`].
pub fn exact_characteristics_within<D: CountDesign + ?Sized>(
    design: &D,
    conduct: &Conduct,
    truth: &[f64],
    most_states: usize,
) -> Result<OperatingCharacteristics, DesignError> {
    let doses = design.doses();
    conduct.check(doses)?;
    check_ascending("the scenario", truth, doses)?;
    let packing = Packing::new(doses, conduct, design.reads_last_cohort())?;
    let outcomes = Outcomes::new(conduct.cohort_size, truth);
    let mut ends = Ends::new(doses, conduct.max_n);
    let mut state = State::start(doses, conduct.start)?;
    let mut waiting: Vec<(u128, f64)> = Vec::new();
    for (start, probability) in openings(conduct, truth) {
        let dose = start.dose;
        let cohort = start.next_cohort.min(conduct.max_n.saturating_sub(start.total()));
        outcomes.each(dose, cohort, |tally, chance| {
            waiting.push((packing.pack(&start.tallies, dose, tally), probability * chance));
        });
    }
    while !waiting.is_empty() {
        merge(&mut waiting);
        check_states(&waiting, most_states)?;
        let mut following = Vec::with_capacity(2 * waiting.len());
        for (key, probability) in waiting.drain(..) {
            if following.len() > MAX_UNMERGED {
                merge(&mut following);
                check_states(&following, most_states)?;
            }
            packing.unpack(key, &mut state);
            state.eliminated_from = state.tallies.iter().position(|tally| design.eliminates(*tally)).map(DoseLevel);
            let cohort = conduct.next_cohort(state.total());
            let next = if cohort == 0 { None } else { Some(design.next(&state)) };
            match next.map(|next| (next, next.dose)) {
                Some((_, Some(dose))) => outcomes.each(dose, cohort, |tally, chance| {
                    following.push((packing.add(key, &state, dose, tally), probability * chance));
                }),
                stopped => {
                    let toxic = stopped.is_some_and(|(next, _)| next.stops_for_toxicity());
                    ends.add(&state, if toxic { None } else { design.mtd(&state) }, toxic, probability);
                }
            }
        }
        waiting = following;
    }
    Ok(ends.characteristics())
}

/// A way in which a trial can begin, before its first full cohort.
struct Opening {
    tallies: Vec<Tally>,
    dose: DoseLevel,
    next_cohort: u32,
}

impl Opening {
    fn total(&self) -> u32 {
        self.tallies.iter().map(|tally| tally.n).sum()
    }
}

/// The ways in which a trial can begin, with their probabilities: one, or with accelerated titration one per dose of the first toxicity and one
/// without any.
fn openings(conduct: &Conduct, truth: &[f64]) -> Vec<(Opening, f64)> {
    let doses = truth.len();
    if !conduct.titrates() {
        let opening = Opening { tallies: vec![Tally::default(); doses], dose: conduct.start, next_cohort: conduct.cohort_size };
        return vec![(opening, 1.0)];
    }
    let reachable = doses.min(conduct.max_n as usize);
    let mut openings = Vec::new();
    let mut none_so_far = 1.0;
    for (last, toxicity) in truth.iter().enumerate().take(reachable) {
        let mut with = |dlt: u32, probability: f64| {
            let mut tallies = vec![Tally::default(); doses];
            tallies.iter_mut().take(last + 1).for_each(|tally| tally.n = 1);
            tallies.iter_mut().skip(last).take(1).for_each(|tally| tally.dlt = dlt);
            openings.push((Opening { tallies, dose: DoseLevel(last), next_cohort: conduct.cohort_size - 1 }, probability));
        };
        with(1, none_so_far * toxicity);
        none_so_far *= 1.0 - toxicity;
        if last + 1 == reachable {
            with(0, none_so_far);
        }
    }
    openings.retain(|(_, probability)| *probability > 0.0);
    openings
}

/// Adds the probabilities of equal states; the order of states is that of their keys, whatever order they came in.
fn merge(states: &mut Vec<(u128, f64)>) {
    states.sort_unstable_by_key(|(key, _)| *key);
    states.dedup_by(|later, kept| {
        let equal = later.0 == kept.0;
        if equal {
            kept.1 += later.1;
        }
        equal
    });
}

fn check_states(merged: &[(u128, f64)], most: usize) -> Result<(), DesignError> {
    if merged.len() > most { Err(DesignError::TooManyStates { limit: most }) } else { Ok(()) }
}

/// How the counts of a state are packed into one number: per dose the position of `(n, dlt)` in the triangle of possible pairs, then the
/// position of the last cohort where a design reads it, then the last dose.
struct Packing {
    bits: u32,
    last_cohort: bool,
    pairs: Vec<Tally>,
}

impl Packing {
    fn new(doses: usize, conduct: &Conduct, last_cohort: bool) -> Result<Self, DesignError> {
        let pairs: Vec<Tally> = (0..=conduct.max_n).flat_map(|n| (0..=n).map(move |dlt| Tally { n, dlt })).collect();
        let bits = usize::BITS - (pairs.len() - 1).leading_zeros();
        let needed = bits as usize * (doses + usize::from(last_cohort)) + DOSE_BITS as usize;
        if needed > u128::BITS as usize {
            return Err(DesignError::TooManyStates { limit: MAX_STATES });
        }
        Ok(Self { bits, last_cohort, pairs })
    }

    fn position(tally: Tally) -> u128 {
        let n = u128::from(tally.n);
        n * (n + 1) / 2 + u128::from(tally.dlt)
    }

    fn shift(&self, field: usize) -> u32 {
        DOSE_BITS + self.bits * field as u32
    }

    /// The key of these counts after a further cohort at `dose`.
    fn pack(&self, tallies: &[Tally], dose: DoseLevel, cohort: Tally) -> u128 {
        let mut key = dose.0 as u128;
        for (position, tally) in tallies.iter().enumerate() {
            let tally = if position == dose.0 { tally.plus(cohort) } else { *tally };
            key |= Self::position(tally) << self.shift(position);
        }
        if self.last_cohort {
            key |= Self::position(cohort) << self.shift(tallies.len());
        }
        key
    }

    /// The key of `state`, whose key is `key`, after a further cohort at `dose`.
    fn add(&self, key: u128, state: &State, dose: DoseLevel, cohort: Tally) -> u128 {
        let before = state.tally(dose);
        let changed = Self::position(before) ^ Self::position(before.plus(cohort));
        let mut key = (key ^ (changed << self.shift(dose.0))) >> DOSE_BITS << DOSE_BITS | dose.0 as u128;
        if self.last_cohort {
            let shift = self.shift(state.tallies.len());
            key = (key & ((1 << shift) - 1)) | (Self::position(cohort) << shift);
        }
        key
    }

    fn unpack(&self, key: u128, state: &mut State) {
        let mask = (1_u128 << self.bits) - 1;
        let pair = |field: usize| self.pairs.get((key >> self.shift(field) & mask) as usize).copied().unwrap_or_default();
        state.current = DoseLevel((key & ((1 << DOSE_BITS) - 1)) as usize);
        for (position, tally) in state.tallies.iter_mut().enumerate() {
            *tally = pair(position);
        }
        state.last_cohort = self.last_cohort.then(|| pair(state.tallies.len()));
    }
}

/// Binomial probabilities of every cohort size up to the usual one at every dose.
struct Outcomes {
    by_dose: Vec<Vec<Vec<f64>>>,
}

impl Outcomes {
    fn new(largest: u32, truth: &[f64]) -> Self {
        let sizes = |p: f64| (0..=largest).map(|n| binomial_masses(n, p)).collect();
        Self { by_dose: truth.iter().map(|p| sizes(*p)).collect() }
    }

    /// Calls `act` with every possible cohort and its probability.
    fn each(&self, dose: DoseLevel, n: u32, mut act: impl FnMut(Tally, f64)) {
        let Some(masses) = self.by_dose.get(dose.0).and_then(|sizes| sizes.get(n as usize)) else { return };
        for (dlt, mass) in (0_u32..).zip(masses).filter(|(_, mass)| **mass > 0.0) {
            act(Tally { n, dlt }, *mass);
        }
    }
}

/// Binomial probabilities of 0 to `n` successes, by adding one patient after another: exact for `p` of 0 and 1.
pub(super) fn binomial_masses(n: u32, p: f64) -> Vec<f64> {
    let mut masses = vec![1.0];
    for _ in 0..n {
        let mut longer = vec![0.0; masses.len() + 1];
        for (successes, mass) in masses.iter().enumerate() {
            longer[successes] += mass * (1.0 - p);
            longer[successes + 1] += mass * p;
        }
        masses = longer;
    }
    masses
}

/// Sums over the ends of the trial.
struct Ends {
    count: usize,
    select_prob: Vec<f64>,
    prob_no_mtd: f64,
    prob_toxic: f64,
    n: Vec<Moments>,
    tox: Vec<Moments>,
    total_n: Vec<f64>,
    total_tox: Vec<f64>,
}

/// First two moments of a count.
#[derive(Clone, Copy, Default)]
struct Moments {
    mean: f64,
    square: f64,
}

impl Moments {
    fn add(&mut self, value: u32, probability: f64) {
        let value = f64::from(value);
        self.mean += probability * value;
        self.square += probability * value * value;
    }

    fn deviation(self) -> f64 {
        (self.square - self.mean * self.mean).max(0.0).sqrt()
    }
}

/// Mean and standard deviation of a number from the probabilities of 0, 1, 2, ...
fn mean_and_deviation(probabilities: &[f64]) -> (f64, f64) {
    let values = || probabilities.iter().enumerate().map(|(value, probability)| (value as f64, *probability));
    let mean: f64 = values().map(|(value, probability)| value * probability).sum();
    let variance: f64 = values().map(|(value, probability)| (value - mean).powi(2) * probability).sum();
    (mean, variance.sqrt())
}

impl Ends {
    fn new(doses: usize, max_n: u32) -> Self {
        Self {
            count: 0,
            select_prob: vec![0.0; doses],
            prob_no_mtd: 0.0,
            prob_toxic: 0.0,
            n: vec![Moments::default(); doses],
            tox: vec![Moments::default(); doses],
            total_n: vec![0.0; max_n as usize + 1],
            total_tox: vec![0.0; max_n as usize + 1],
        }
    }

    fn add(&mut self, state: &State, mtd: Option<DoseLevel>, toxic: bool, probability: f64) {
        self.count += 1;
        match mtd.and_then(|dose| self.select_prob.get_mut(dose.0)) {
            Some(selected) => *selected += probability,
            None => self.prob_no_mtd += probability,
        }
        if toxic {
            self.prob_toxic += probability;
        }
        let mut total = Tally::default();
        for ((tally, n), tox) in state.tallies.iter().zip(&mut self.n).zip(&mut self.tox) {
            n.add(tally.n, probability);
            tox.add(tally.dlt, probability);
            total = total.plus(*tally);
        }
        for (probabilities, value) in [(&mut self.total_n, total.n), (&mut self.total_tox, total.dlt)] {
            if let Some(sum) = probabilities.get_mut(value as usize) {
                *sum += probability;
            }
        }
    }

    fn characteristics(self) -> OperatingCharacteristics {
        let (mean_total_n, sd_total_n) = mean_and_deviation(&self.total_n);
        let (mean_total_tox, sd_total_tox) = mean_and_deviation(&self.total_tox);
        let means = |moments: &[Moments]| moments.iter().map(|moment| moment.mean).collect();
        let deviations = |moments: &[Moments]| moments.iter().map(|moment| moment.deviation()).collect();
        OperatingCharacteristics {
            mean_n: means(&self.n),
            sd_n: deviations(&self.n),
            mean_tox: means(&self.tox),
            sd_tox: deviations(&self.tox),
            mean_total_n,
            sd_total_n,
            mean_total_tox,
            sd_total_tox,
            select_prob: self.select_prob,
            prob_no_mtd: self.prob_no_mtd,
            prob_stopped_early_toxic: self.prob_toxic,
            method: CharacteristicsMethod::Exact { end_states: self.count },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::boin::{Boin, BoinParameters};
    use super::super::interval::IntervalDesign;
    use super::super::paths::{dose_paths, recommendation_probabilities};
    use super::super::three_plus_three::{ThreePlusThree, ThreePlusThreeVariant};
    use super::super::{Next, Selection};
    use super::*;

    fn boin(doses: usize) -> IntervalDesign {
        Boin::new(BoinParameters::with_target(0.3)).unwrap().design(doses, 60).unwrap()
    }

    fn assert_sums(found: &OperatingCharacteristics) {
        let selected: f64 = found.select_prob.iter().sum();
        assert!((selected + found.prob_no_mtd - 1.0).abs() < 1e-12, "{found:?}");
        assert!((found.mean_n.iter().sum::<f64>() - found.mean_total_n).abs() < 1e-10);
        assert!(found.prob_stopped_early_toxic <= found.prob_no_mtd + 1e-12);
    }

    #[test]
    fn probabilities_sum_to_one_and_toxicities_follow_the_truth() {
        let truth = [0.05, 0.15, 0.3, 0.45];
        for conduct in [
            Conduct::cohorts(8, 3),
            Conduct { max_n: 17, ..Conduct::cohorts(8, 3) },
            Conduct { start: DoseLevel(2), ..Conduct::cohorts(5, 4) },
            Conduct { titration: true, ..Conduct::cohorts(6, 3) },
            Conduct { titration: true, max_n: 2, ..Conduct::cohorts(6, 3) },
        ] {
            let found = exact_characteristics(&boin(4), &conduct, &truth).unwrap();
            assert_sums(&found);
            assert!(found.mean_total_n <= f64::from(conduct.max_n) + 1e-12);
            // Who is treated never looks ahead, so that toxicities are patients times truth.
            for ((n, tox), p) in found.mean_n.iter().zip(&found.mean_tox).zip(truth) {
                assert!((n * p - tox).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn certain_scenarios_have_one_end() {
        let found = exact_characteristics(&boin(3), &Conduct::cohorts(6, 3), &[0.0, 0.0, 1.0]).unwrap();
        assert_sums(&found);
        assert!(found.sd_total_n < 1e-12 && found.mean_tox[0] < 1e-12);
        let found = exact_characteristics(&boin(3), &Conduct::cohorts(6, 3), &[1.0; 3]).unwrap();
        assert!((found.prob_stopped_early_toxic - 1.0).abs() < 1e-12 && (found.mean_total_n - 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_lower_limit_of_states_gives_up_earlier() {
        let within = |most: usize| exact_characteristics_within(&boin(4), &Conduct::cohorts(8, 3), &[0.1, 0.2, 0.3, 0.4], most);
        assert_eq!(within(20), Err(DesignError::TooManyStates { limit: 20 }));
        assert_eq!(within(10_000), exact_characteristics(&boin(4), &Conduct::cohorts(8, 3), &[0.1, 0.2, 0.3, 0.4]));
    }

    #[test]
    fn merging_paths_changes_nothing() {
        let truth = [0.1, 0.25, 0.4];
        let design = boin(3);
        let present = State::start(3, DoseLevel(0)).unwrap();
        let nodes = dose_paths(&design, &present, &[3; 5], Some(&truth)).unwrap();
        let merged = exact_characteristics(&design, &Conduct::cohorts(5, 3), &truth).unwrap();
        let n_at_top: f64 = nodes
            .iter()
            .filter(|node| node.cohort.is_some_and(|cohort| cohort.dose == DoseLevel(2)))
            .map(|node| 3.0 * node.probability.unwrap())
            .sum();
        assert!((n_at_top - merged.mean_n[2]).abs() < 1e-12);
        let rule = ThreePlusThree::new(3, ThreePlusThreeVariant::Deescalation).unwrap();
        let nodes = dose_paths(&rule, &present, &[3; 6], Some(&truth)).unwrap();
        let merged = exact_characteristics(&rule, &rule.conduct(), &truth).unwrap();
        let (none, by_dose) = recommendation_probabilities(&nodes, 3);
        assert!((none - merged.prob_no_mtd).abs() < 1e-12);
        assert!(by_dose.iter().zip(&merged.select_prob).all(|(path, state)| (path - state).abs() < 1e-12));
    }

    #[test]
    fn bad_scenarios_and_conducts_are_refused() {
        let conduct = Conduct::cohorts(5, 3);
        let refusal = |truth: &[f64]| exact_characteristics(&boin(3), &conduct, truth).unwrap_err();
        assert!(matches!(refusal(&[0.1, 0.3, 0.2]), DesignError::Unordered { dose: 2, .. }));
        assert!(matches!(refusal(&[0.1, 0.3]), DesignError::Length { given: 2, doses: 3, .. }));
        assert!(matches!(refusal(&[0.1, 0.3, 1.2]), DesignError::Outside { .. }));
        assert!(exact_characteristics(&boin(3), &Conduct::cohorts(5, 0), &[0.1, 0.2, 0.3]).is_err());
    }

    #[test]
    fn too_many_states_are_refused_at_once() {
        let truth = [0.1; 20];
        let found = exact_characteristics(&boin(20), &Conduct::cohorts(30, 3), &truth);
        assert_eq!(found.unwrap_err(), DesignError::TooManyStates { limit: MAX_STATES });
    }

    /// Goes up only after a cohort without toxicity and stays otherwise: needs the last cohort.
    struct Cautious;

    impl CountDesign for Cautious {
        fn doses(&self) -> usize {
            3
        }

        fn next(&self, state: &State) -> Next {
            let clean = state.last_cohort.is_some_and(|cohort| cohort.dlt == 0);
            let dose = if clean { (state.current.0 + 1).min(2) } else { state.current.0 };
            Next::at(DoseLevel(dose), super::super::Decision::Stay, super::super::Reason::NoPatients)
        }

        fn mtd(&self, state: &State) -> Option<DoseLevel> {
            state.highest_tried()
        }

        fn select(&self, state: &State) -> Selection {
            Selection::bare(self.mtd(state), 3)
        }

        fn reads_last_cohort(&self) -> bool {
            true
        }
    }

    #[test]
    fn the_last_cohort_is_remembered_where_a_design_reads_it() {
        // Up after 1 - p, so that the third dose is reached within three cohorts after two clean ones.
        let found = exact_characteristics(&Cautious, &Conduct::cohorts(3, 1), &[0.2; 3]).unwrap();
        assert_sums(&found);
        assert!((found.select_prob[2] - 0.64).abs() < 1e-12);
    }
}
