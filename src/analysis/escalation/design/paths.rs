//! Dose-transition paths: what a design would do after every possible outcome of the next cohorts.

use super::decision::{Next, Reason};
use super::error::{DesignError, check_ascending, check_count};
use super::exact::binomial_masses;
use super::tally::{Cohort, DoseLevel, State, Tally};
use super::{CountDesign, Decision, MAX_COHORT, MAX_PATIENTS, record_cohort};

/// Most nodes of a tree.
pub const MAX_NODES: usize = 1_000_000;

/// A point in the tree of future outcomes.
#[derive(Debug, Clone, PartialEq)]
pub struct PathNode {
    /// Position of the node before it in the list; `None` for the present.
    pub parent: Option<usize>,
    /// Cohorts between the present and this node.
    pub depth: usize,
    /// The cohort that leads here; `None` for the present.
    pub cohort: Option<Cohort>,
    /// What the design does here.
    pub next: Next,
    /// The dose of the next cohort, or where the design stops the dose that it selects.
    pub recommended: Option<DoseLevel>,
    /// Probability of coming here, when a scenario is given.
    pub probability: Option<f64>,
    /// Whether no node follows: the design stops, or there are no further cohorts.
    pub is_end: bool,
}

/// The tree of outcomes of the next cohorts, whose sizes are `cohort_sizes`, from `present` on.
///
/// Patients of a cohort are exchangeable: a cohort of `n` has `n + 1` outcomes. Nodes come depth first, the outcomes of a cohort in the order of
/// their toxicities. With a scenario (`truth`, one probability of toxicity per dose) every node has the product of the binomial probabilities on
/// the way to it; outcomes without probability are kept. Without patients the next cohort is treated at the current dose.
///
/// # Errors
/// [`DesignError::Count`] for an empty cohort, more than [`MAX_PATIENTS`] patients and a tree of more than [`MAX_NODES`]; those of a scenario as in
/// [`exact_characteristics`](super::exact::exact_characteristics).
pub fn dose_paths<D: CountDesign + ?Sized>(
    design: &D,
    present: &State,
    cohort_sizes: &[u32],
    truth: Option<&[f64]>,
) -> Result<Vec<PathNode>, DesignError> {
    if let Some(truth) = truth {
        check_ascending("the scenario", truth, design.doses())?;
    }
    for size in cohort_sizes {
        check_count("the cohort size", *size, 1, MAX_COHORT)?;
    }
    let patients = cohort_sizes.iter().fold(0_u32, |sum, size| sum.saturating_add(*size));
    check_count("the number of patients of the next cohorts", patients, 0, MAX_PATIENTS)?;
    let mut tree = Tree { design, cohort_sizes, truth, nodes: Vec::new() };
    tree.grow(present, Place { parent: None, depth: 0, cohort: None, probability: truth.map(|_| 1.0) })?;
    Ok(tree.nodes)
}

/// Probabilities of what is recommended at the ends of a tree with a scenario: of no dose, and of each dose.
#[must_use]
pub fn recommendation_probabilities(nodes: &[PathNode], doses: usize) -> (f64, Vec<f64>) {
    let mut none = 0.0;
    let mut by_dose = vec![0.0; doses];
    for node in nodes.iter().filter(|node| node.is_end) {
        let probability = node.probability.unwrap_or(0.0);
        match node.recommended.and_then(|dose| by_dose.get_mut(dose.0)) {
            Some(recommended) => *recommended += probability,
            None => none += probability,
        }
    }
    (none, by_dose)
}

/// Where a node hangs.
#[derive(Clone, Copy)]
struct Place {
    parent: Option<usize>,
    depth: usize,
    cohort: Option<Cohort>,
    probability: Option<f64>,
}

struct Tree<'a, D: ?Sized> {
    design: &'a D,
    cohort_sizes: &'a [u32],
    truth: Option<&'a [f64]>,
    nodes: Vec<PathNode>,
}

impl<D: CountDesign + ?Sized> Tree<'_, D> {
    fn grow(&mut self, state: &State, place: Place) -> Result<(), DesignError> {
        if self.nodes.len() >= MAX_NODES {
            let value = self.nodes.len() as u64 + 1;
            return Err(DesignError::Count { name: "the number of nodes of the tree", value, least: 1, most: MAX_NODES as u64 });
        }
        let next = if state.total() == 0 { Next::at(state.current, Decision::Stay, Reason::NoPatients) } else { self.design.next(state) };
        let Place { parent, depth, cohort, probability } = place;
        let position = self.nodes.len();
        let size = self.cohort_sizes.get(depth).copied();
        let follows = next.dose.zip(size);
        let recommended = if next.stops_for_toxicity() { None } else { next.dose.or_else(|| self.design.mtd(state)) };
        self.nodes.push(PathNode { parent, depth, cohort, next, recommended, probability, is_end: follows.is_none() });
        let Some((dose, size)) = follows else { return Ok(()) };
        let masses = self.truth.and_then(|truth| truth.get(dose.0)).map(|p| binomial_masses(size, *p));
        for dlt in 0..=size {
            let cohort = Cohort { dose, tally: Tally { n: size, dlt } };
            let mut following = state.clone();
            record_cohort(self.design, &mut following, cohort);
            let chance = masses.as_ref().and_then(|masses| masses.get(dlt as usize));
            let probability = probability.zip(chance).map(|(before, chance)| before * chance);
            self.grow(&following, Place { parent: Some(position), depth: depth + 1, cohort: Some(cohort), probability })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::boin::{Boin, BoinParameters};
    use super::super::interval::IntervalDesign;
    use super::super::outcomes::{read_outcomes, replay};
    use super::*;

    fn boin() -> IntervalDesign {
        Boin::new(BoinParameters::with_target(0.3)).unwrap().design(4, 100).unwrap()
    }

    fn present(history: &str) -> State {
        replay(&boin(), DoseLevel(0), &read_outcomes(history, 4).unwrap()).unwrap()
    }

    #[test]
    fn children_share_out_the_probability_of_their_parent() {
        let nodes = dose_paths(&boin(), &present("1NNN"), &[3, 2, 4], Some(&[0.1, 0.2, 0.3, 0.4])).unwrap();
        for (position, node) in nodes.iter().enumerate() {
            let children: Vec<&PathNode> = nodes.iter().filter(|child| child.parent == Some(position)).collect();
            assert_eq!(children.is_empty(), node.is_end);
            if !node.is_end {
                let total: f64 = children.iter().filter_map(|child| child.probability).sum();
                assert!((total - node.probability.unwrap()).abs() < 1e-14);
                assert!(
                    children.iter().all(|child| child.depth == node.depth + 1 && child.cohort.unwrap().dose == node.next.dose.unwrap())
                );
            }
        }
        let (none, by_dose) = recommendation_probabilities(&nodes, 4);
        assert!((none + by_dose.iter().sum::<f64>() - 1.0).abs() < 1e-14);
    }

    #[test]
    fn a_stopped_trial_has_no_future() {
        let nodes = dose_paths(&boin(), &present("1TTT"), &[3, 3], None).unwrap();
        assert_eq!((nodes.len(), nodes[0].recommended, nodes[0].is_end, nodes[0].probability), (1, None, true, None));
    }

    #[test]
    fn trees_that_nobody_can_read_are_refused() {
        assert!(dose_paths(&boin(), &present(""), &[0], None).is_err());
        assert!(dose_paths(&boin(), &present(""), &[9; 9], None).unwrap_err().to_string().contains("nodes"));
        assert!(dose_paths(&boin(), &present(""), &[3], Some(&[0.4, 0.3, 0.2, 0.1])).is_err());
    }
}
