//! How the order of the dosages depends on weights, anchors, shapes, attributes and the way of adding up.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1};

use super::evaluation::UtilityResult;
use super::index::{Aggregation, best, flip_weight, scaled_weights};
use super::value_function::ValueFunction;
use super::weight_simplex::{WeightSensitivity, over_all_weights};

/// Relative change of an anchor's distance to the other one.
const ANCHOR_CHANGE: f64 = 0.2;
/// Curvature of the bent value functions: at half of the range they are worth 0.73 and 0.27.
const CURVATURE: f64 = 2.0;

/// What a scenario changes; everything else stays as the project has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variation {
    /// Nothing.
    AsPlanned,
    /// The weight of an attribute is lower by the project's percentage, the others keep their proportions.
    WeightLower(usize),
    /// The weight of an attribute is higher by the project's percentage, the others keep their proportions.
    WeightHigher(usize),
    /// Every attribute has the same weight.
    EqualWeights,
    /// The attribute is left out.
    Dropped(usize),
    /// The worst anchor of an attribute moves away from the best one by a fifth of their distance.
    WorstFurther(usize),
    /// The worst anchor moves towards the best one by a fifth of their distance.
    WorstNearer(usize),
    /// The best anchor moves away from the worst one by a fifth of their distance.
    BestFurther(usize),
    /// The best anchor moves towards the worst one by a fifth of their distance.
    BestNearer(usize),
    /// Straight value functions are bent so that the first gains count most.
    FirstGains,
    /// Straight value functions are bent so that the last gains count most.
    LastGains,
    /// Values are added up another way.
    Aggregated(Aggregation),
}

/// The index under one variation.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// What is changed.
    pub variation: Variation,
    /// Index of each dosage.
    pub indices: Vec<f64>,
    /// The dosage with the highest index.
    pub leader: Option<usize>,
}

/// The weight of an attribute at which the preference between the leader and another dosage turns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flip {
    /// Attribute.
    pub attribute: usize,
    /// The dosage that is compared with the leader.
    pub against: usize,
    /// The weight; `None` where the leader has the higher index at every weight.
    pub weight: Option<f64>,
}

/// How the order of the dosages depends on what was chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensitivity {
    /// Scenarios, the first as planned.
    pub scenarios: Vec<Scenario>,
    /// Flip weights of the additive index, by attribute, then by dosage; empty for another index or without a leader.
    pub flips: Vec<Flip>,
    /// All sets of weights, each as likely as any other.
    pub all_weights: WeightSensitivity,
    /// Share of all sets of weights at which each dosage has the highest additive index: exact up to three attributes, else from draws.
    pub acceptability: Vec<f64>,
    /// Whether the shares are exact.
    pub exact: bool,
}

impl Sensitivity {
    /// Whether another dosage leads when one weight changes by the project's percentage.
    #[must_use]
    pub fn turns_with_weights(&self) -> bool {
        let planned = self.scenarios.first().map(|scenario| scenario.leader);
        let changed = |scenario: &&Scenario| matches!(scenario.variation, Variation::WeightLower(_) | Variation::WeightHigher(_));
        self.scenarios.iter().filter(changed).any(|scenario| Some(scenario.leader) != planned)
    }
}

/// Every scenario, the flip weights and the share of all sets of weights at which each dosage is best.
///
/// ```text
/// w_k' = w_k (1 +- change),   w_j' = w_j (1 - w_k') / (1 - w_k) for the others
/// all weights: w ~ Dirichlet(1, ..., 1)
/// ```
///
/// `change`: relative change of a weight, for example 0.2; a changed weight does not pass 1. Draws, where the shares are not exact, depend on the seed.
#[must_use]
pub fn sensitivity(result: &UtilityResult, change: f64, (draws, seed): (usize, u64)) -> Sensitivity {
    let scenarios = variations(result)
        .into_iter()
        .filter_map(|variation| {
            let indices = indices(result, variation, change)?;
            Some(Scenario { variation, leader: best(&indices), indices })
        })
        .collect();
    let flips = result.leader.filter(|_| result.aggregation == Aggregation::Additive).map_or_else(Vec::new, |leader| flips(result, leader));
    let all_weights = over_all_weights(&result.worths);
    let exact = all_weights.share_best.is_some();
    let acceptability = all_weights.share_best.clone().unwrap_or_else(|| share_by_draws(&result.worths, draws, seed));
    Sensitivity { scenarios, flips, all_weights, acceptability, exact }
}

/// The scenarios that change something.
fn variations(result: &UtilityResult) -> Vec<Variation> {
    let count = result.weights.len();
    let straight = |place: &usize| result.functions.get(*place).is_some_and(|function| bounds(function).is_some());
    let mut all = vec![Variation::AsPlanned];
    if count > 1 {
        all.extend((0..count).flat_map(|place| [Variation::WeightLower(place), Variation::WeightHigher(place)]));
        all.push(Variation::EqualWeights);
        all.extend((0..count).map(Variation::Dropped));
    }
    all.extend((0..count).filter(straight).flat_map(|place| {
        [Variation::WorstFurther(place), Variation::WorstNearer(place), Variation::BestFurther(place), Variation::BestNearer(place)]
    }));
    if result.functions.iter().any(|function| matches!(function, ValueFunction::Linear { .. })) {
        all.extend([Variation::FirstGains, Variation::LastGains]);
    }
    let ways = [Aggregation::Additive, Aggregation::Geometric, Aggregation::Minimum];
    all.extend(ways.into_iter().filter(|way| *way != result.aggregation && count > 1).map(Variation::Aggregated));
    all
}

fn indices(result: &UtilityResult, variation: Variation, change: f64) -> Option<Vec<f64>> {
    let mut weights = result.weights.clone();
    let mut aggregation = result.aggregation;
    let mut functions = result.functions.clone();
    match variation {
        Variation::AsPlanned => {}
        Variation::WeightLower(place) => weights = changed(&weights, place, 1.0 - change)?,
        Variation::WeightHigher(place) => weights = changed(&weights, place, 1.0 + change)?,
        Variation::EqualWeights => weights = scaled_weights(&vec![1.0; weights.len()]).ok()?,
        Variation::Dropped(place) => {
            *weights.get_mut(place)? = 0.0;
            weights = scaled_weights(&weights).ok()?;
        }
        Variation::WorstFurther(place) => moved(functions.get_mut(place)?, ANCHOR_CHANGE, 0.0)?,
        Variation::WorstNearer(place) => moved(functions.get_mut(place)?, -ANCHOR_CHANGE, 0.0)?,
        Variation::BestFurther(place) => moved(functions.get_mut(place)?, 0.0, ANCHOR_CHANGE)?,
        Variation::BestNearer(place) => moved(functions.get_mut(place)?, 0.0, -ANCHOR_CHANGE)?,
        Variation::FirstGains => functions.iter_mut().for_each(|function| bent(function, CURVATURE)),
        Variation::LastGains => functions.iter_mut().for_each(|function| bent(function, -CURVATURE)),
        Variation::Aggregated(way) => aggregation = way,
    }
    let dosages = result.indices.len();
    let index_of = |dosage: usize| {
        let measured = result.attributes.iter().map(|held| held.measured.get(dosage).map_or(f64::NAN, |measured| measured.value));
        let worths: Vec<f64> = measured.zip(&functions).map(|(value, function)| function.at(value)).collect();
        aggregation.index(&worths, &weights).ok()
    };
    (0..dosages).map(index_of).collect()
}

/// Weights with one multiplied by a factor and the others scaled to make room for it.
fn changed(weights: &[f64], place: usize, factor: f64) -> Option<Vec<f64>> {
    let own = *weights.get(place)?;
    let new = (own * factor).min(1.0);
    let others = (own < 1.0).then(|| (1.0 - new) / (1.0 - own))?;
    Some(weights.iter().enumerate().map(|(other, weight)| if other == place { new } else { weight * others }).collect())
}

/// Anchors of a function that has them.
fn bounds(function: &ValueFunction) -> Option<(f64, f64)> {
    match function {
        ValueFunction::Linear { worst, best }
        | ValueFunction::Power { worst, best, .. }
        | ValueFunction::Exponential { worst, best, .. } => Some((*worst, *best)),
        _ => None,
    }
}

/// Moves the anchors apart by shares of their distance; nearer where a share is negative.
fn moved(function: &mut ValueFunction, worst_by: f64, best_by: f64) -> Option<()> {
    let (low, high) = bounds(function)?;
    match function {
        ValueFunction::Linear { worst, best }
        | ValueFunction::Power { worst, best, .. }
        | ValueFunction::Exponential { worst, best, .. } => {
            *worst = low - worst_by * (high - low);
            *best = high + best_by * (high - low);
            Some(())
        }
        _ => None,
    }
}

fn bent(function: &mut ValueFunction, curvature: f64) {
    if let ValueFunction::Linear { worst, best } = *function {
        *function = ValueFunction::Exponential { worst, best, curvature };
    }
}

fn flips(result: &UtilityResult, leader: usize) -> Vec<Flip> {
    let Some(own) = result.worths.get(leader) else { return Vec::new() };
    let others: Vec<(usize, &Vec<f64>)> = result.worths.iter().enumerate().filter(|(place, _)| *place != leader).collect();
    let of_attribute = |attribute: usize| others.iter().map(move |(against, worths)| (attribute, *against, *worths)).collect::<Vec<_>>();
    (0..result.weights.len())
        .flat_map(of_attribute)
        .map(|(attribute, against, worths)| Flip { attribute, against, weight: flip_weight(own, worths, &result.weights, attribute) })
        .collect()
}

/// Share of draws from the uniform distribution over all sets of weights at which each dosage has the highest additive index.
fn share_by_draws(worths: &[Vec<f64>], draws: usize, seed: u64) -> Vec<f64> {
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    // A stream of its own, apart from those that draw attribute values.
    stream.set_stream(u64::MAX);
    let attributes = worths.first().map_or(0, Vec::len);
    let mut won = vec![0.0; worths.len()];
    for _ in 0..draws {
        let weights: Vec<f64> = (0..attributes).map(|_| Exp1.sample(&mut stream)).collect();
        let indices: Vec<f64> =
            worths.iter().map(|row| row.iter().zip(&weights).map(|(worth, weight): (&f64, &f64)| worth * weight).sum()).collect();
        let highest = indices.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let tied = indices.iter().filter(|index| **index >= highest).count() as f64;
        for (won, index) in won.iter_mut().zip(&indices) {
            if *index >= highest {
                *won += 1.0 / tied;
            }
        }
    }
    won.into_iter().map(|count| count / draws.max(1) as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::super::evaluation::evaluate;
    use super::super::evaluation::tests::{counted, settings};
    use super::*;
    use crate::config::Better;

    fn sotorasib() -> UtilityResult {
        let attributes = vec![
            counted("orr", Better::Higher, 0.5, &[(26, 105), (34, 104)]),
            counted("harm", Better::Lower, 0.5, &[(20, 104), (37, 104)]),
        ];
        evaluate(attributes, &settings(), (7, 0.95)).unwrap()
    }

    #[test]
    fn the_preference_turns_at_the_flip_weight_and_nowhere_else() {
        let result = sotorasib();
        let found = sensitivity(&result, 0.2, (1000, 7));
        assert_eq!(result.leader, Some(0));
        let flip = found.flips.iter().find(|flip| flip.attribute == 0).unwrap();
        assert!((flip.weight.unwrap() - 0.673).abs() < 0.0006);
        assert!(!found.turns_with_weights(), "0.6 lies below the flip weight");
        assert!(sensitivity(&result, 0.4, (1000, 7)).turns_with_weights(), "0.7 lies above it");
        assert!((found.acceptability[0] - flip.weight.unwrap()).abs() < 1e-12, "the lower dosage is best below the flip weight");
    }

    #[test]
    fn each_scenario_changes_what_it_says() {
        let result = sotorasib();
        let found = sensitivity(&result, 0.2, (1000, 7));
        let of = |variation| found.scenarios.iter().find(|scenario| scenario.variation == variation).unwrap().indices.clone();
        assert_eq!(of(Variation::AsPlanned), result.indices);
        let higher = 0.6 * 26.0 / 105.0 + 0.4 * (1.0 - 20.0 / 104.0);
        assert!((of(Variation::WeightHigher(0))[0] - higher).abs() < 1e-12);
        assert!((of(Variation::Dropped(1))[0] - 26.0 / 105.0).abs() < 1e-12);
        assert!((of(Variation::BestFurther(0))[0] - (0.5 * 26.0 / 105.0 / 1.2 + 0.5 * (1.0 - 20.0 / 104.0))).abs() < 1e-12);
        assert!((of(Variation::WorstNearer(1))[0] - (0.5 * 26.0 / 105.0 + 0.5 * (0.8 - 20.0 / 104.0) / 0.8)).abs() < 1e-12);
        assert!((of(Variation::Aggregated(Aggregation::Minimum))[0] - 26.0 / 105.0).abs() < 1e-12);
        assert!(of(Variation::FirstGains)[0] > result.indices[0] && of(Variation::LastGains)[0] < result.indices[0]);
        assert_eq!(of(Variation::EqualWeights), result.indices);
    }

    #[test]
    fn draws_of_weights_come_near_the_exact_share() {
        let result = sotorasib();
        let exact = sensitivity(&result, 0.2, (1000, 7)).acceptability;
        let drawn = share_by_draws(&result.worths, 20_000, 7);
        assert!((exact[0] - drawn[0]).abs() < 0.015, "{exact:?} {drawn:?}");
        assert!((drawn.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }
}
