//! Two-stage designs of a single arm `[Simon1989]`: optimal, minimax and the admissible ones between them `[Jung2004]`.

use super::{ExpansionError, binomial_masses, check_rate, check_rates, check_size, upper_tails, with_one_more};

/// What a two-stage design must achieve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TwoStageGoal {
    /// Response rate of no interest, `p0`.
    pub uninteresting: f64,
    /// Response rate of interest, `p1 > p0`.
    pub promising: f64,
    /// Largest probability of declaring the drug promising at `p0`.
    pub alpha: f64,
    /// Largest probability of not declaring it promising at `p1`.
    pub beta: f64,
    /// Largest number of patients looked at.
    pub n_max: u32,
}

/// The counts of a two-stage design: stop after `n1` patients with at most `r1` responses; promising with more than `r` of `n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TwoStageRule {
    /// Most responses with which the first stage stops.
    pub r1: u32,
    /// Patients of the first stage.
    pub n1: u32,
    /// Most responses with which the drug is not promising.
    pub r: u32,
    /// Patients of both stages.
    pub n: u32,
}

/// A two-stage design with its exact properties.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TwoStageDesign {
    /// The counts.
    pub rule: TwoStageRule,
    /// Expected number of patients at `p0`.
    pub expected_n_uninteresting: f64,
    /// Probability of stopping after the first stage at `p0`.
    pub early_stop_uninteresting: f64,
    /// Expected number of patients at `p1`.
    pub expected_n_promising: f64,
    /// Probability of stopping after the first stage at `p1`.
    pub early_stop_promising: f64,
    /// Probability of declaring the drug promising at `p0`.
    pub type_one_error: f64,
    /// Probability of declaring the drug promising at `p1`.
    pub power: f64,
}

/// A design that is best when the largest and the expected sample size are weighed `q` to `1 - q`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdmissibleDesign {
    /// The design.
    pub design: TwoStageDesign,
    /// Smallest weight of the largest sample size for which it is best.
    pub weight_lower: f64,
    /// Largest such weight.
    pub weight_upper: f64,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct TwoStageDesigns {
    /// Smallest expected number of patients at `p0`.
    pub optimal: TwoStageDesign,
    /// Smallest largest number of patients, then smallest expected number at `p0`.
    pub minimax: TwoStageDesign,
    /// Every admissible design, from the minimax to the optimal one.
    pub admissible: Vec<AdmissibleDesign>,
}

/// Exact properties of a two-stage design.
///
/// ```text
/// X1 ~ Bin(n1, p), X2 ~ Bin(n - n1, p)
/// PET(p) = P(X1 <= r1)      E[N | p] = n1 + (1 - PET(p)) (n - n1)
/// P(promising | p) = sum over x1 > r1 of P(X1 = x1) P(X2 > r - x1)
/// ```
///
/// # Domain
/// `0 <= r1 < n1 < n`, `r1 <= r < n`, `0 < p0 < p1 < 1`.
///
/// # Errors
/// [`ExpansionError`] outside the domain.
///
/// Source: `[Simon1989]`.
pub fn evaluate(rule: TwoStageRule, uninteresting: f64, promising: f64) -> Result<TwoStageDesign, ExpansionError> {
    check_rates(uninteresting, promising)?;
    check_size(rule.n)?;
    if !(rule.r1 < rule.n1 && rule.n1 < rule.n && rule.r1 <= rule.r && rule.r < rule.n) {
        let reason = format!("{rule:?} is no two-stage design; it takes r1 < n1 < n and r1 <= r < n");
        return Err(ExpansionError::Sizes { reason });
    }
    let at = |rate: f64| {
        let first = binomial_masses(rule.n1 as usize, rate);
        let second = upper_tails(&binomial_masses((rule.n - rule.n1) as usize, rate));
        let stop: f64 = first.iter().take(rule.r1 as usize + 1).sum();
        let more = |x1: usize| (rule.r as usize + 1).saturating_sub(x1);
        let promising: f64 =
            first.iter().enumerate().skip(rule.r1 as usize + 1).map(|(x1, mass)| mass * second.get(more(x1)).copied().unwrap_or(0.0)).sum();
        (stop, f64::from(rule.n1) + (1.0 - stop) * f64::from(rule.n - rule.n1), promising)
    };
    let (null, interesting) = (at(uninteresting), at(promising));
    Ok(TwoStageDesign {
        rule,
        early_stop_uninteresting: null.0,
        expected_n_uninteresting: null.1,
        type_one_error: null.2,
        early_stop_promising: interesting.0,
        expected_n_promising: interesting.1,
        power: interesting.2,
    })
}

/// The optimal, minimax and admissible designs of a goal, by looking at every design with at most `n_max` patients.
///
/// For each `n`, the design with the smallest `E[N | p0]` among those with type I error `<= alpha` and power `>= 1 - beta`. The admissible
/// ones are the lower convex hull of `(n, E[N | p0])` between the minimax and the optimal design:
///
/// ```text
/// minimise  q n + (1 - q) E[N | p0],   0 <= q <= 1
/// two neighbours a, b change places at  q / (1 - q) = (EN_a - EN_b) / (n_b - n_a)
/// ```
///
/// # Domain
/// `0 < p0 < p1 < 1`, `0 < alpha, beta < 1`, `2 <= n_max <= 500`.
///
/// # Errors
/// [`ExpansionError::NoFeasibleDesign`] when no design meets both error rates; others outside the domain.
///
/// Sources: `[Simon1989]`, `[Jung2004]`.
pub fn search(goal: &TwoStageGoal) -> Result<TwoStageDesigns, ExpansionError> {
    check_rates(goal.uninteresting, goal.promising)?;
    check_rate("type I error rate", goal.alpha)?;
    check_rate("type II error rate", goal.beta)?;
    check_size(goal.n_max)?;
    let tables = Tables::new(goal);
    let best: Vec<(TwoStageRule, f64)> = (2..=goal.n_max as usize).filter_map(|n| tables.best_of_size(n, goal)).collect();
    let none = ExpansionError::NoFeasibleDesign { n_max: goal.n_max };
    let Some(optimal) = best.iter().map(|(_, expected)| *expected).enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).map(|found| found.0)
    else {
        return Err(none);
    };
    let design = |rule: TwoStageRule| evaluate(rule, goal.uninteresting, goal.promising);
    let hull = lower_hull(best.get(..=optimal).unwrap_or(&best));
    let mut admissible = Vec::new();
    for (place, (rule, expected)) in hull.iter().enumerate() {
        let weight = |other: Option<&(TwoStageRule, f64)>| other.map(|(next, en)| change_weight((rule.n, *expected), (next.n, *en)));
        admissible.push(AdmissibleDesign {
            design: design(*rule)?,
            weight_lower: weight(hull.get(place + 1)).unwrap_or(0.0),
            weight_upper: weight(place.checked_sub(1).and_then(|before| hull.get(before))).unwrap_or(1.0),
        });
    }
    match (admissible.first(), admissible.last()) {
        (Some(minimax), Some(optimal)) => Ok(TwoStageDesigns { optimal: optimal.design, minimax: minimax.design, admissible }),
        _ => Err(none),
    }
}

/// The weight at which two designs are equally good.
fn change_weight(a: (u32, f64), b: (u32, f64)) -> f64 {
    let slope = ((a.1 - b.1) / (f64::from(b.0) - f64::from(a.0))).abs();
    slope / (1.0 + slope)
}

/// The lower convex hull of points in ascending order of `n`; its first and last point are the first and last given.
fn lower_hull(points: &[(TwoStageRule, f64)]) -> Vec<(TwoStageRule, f64)> {
    let mut hull: Vec<(TwoStageRule, f64)> = Vec::new();
    for point in points {
        while let [.., a, b] = hull.as_slice() {
            let (run_b, run_c) = (f64::from(b.0.n - a.0.n), f64::from(point.0.n - a.0.n));
            if (b.1 - a.1) * run_c < (point.1 - a.1) * run_b {
                break;
            }
            hull.pop();
        }
        hull.push(*point);
    }
    hull
}

/// Masses and tails of every number of trials up to the largest, at both rates.
struct Tables {
    masses: [Vec<Vec<f64>>; 2],
    tails: [Vec<Vec<f64>>; 2],
}

impl Tables {
    fn new(goal: &TwoStageGoal) -> Self {
        let masses = [goal.uninteresting, goal.promising].map(|rate| {
            let mut all = vec![vec![1.0]];
            for _ in 0..goal.n_max {
                let next = all.last().map_or_else(|| vec![1.0], |last| with_one_more(last, rate));
                all.push(next);
            }
            all
        });
        let tails = masses.each_ref().map(|all| all.iter().map(|masses| upper_tails(masses)).collect());
        Self { masses, tails }
    }

    /// The feasible design of `n` patients with the smallest expected number at `p0`, and that number.
    fn best_of_size(&self, n: usize, goal: &TwoStageGoal) -> Option<(TwoStageRule, f64)> {
        let mut best: Option<(TwoStageRule, f64)> = None;
        for n1 in 1..n {
            // The expected number exceeds n1, so that no later split can be better.
            if best.is_some_and(|(_, expected)| expected <= n1 as f64) {
                break;
            }
            self.best_of_split(n1, n, goal, &mut best);
        }
        best
    }

    /// Improves `best` by the designs of one split, from the largest `r1` down, so that each step adds one term to the sums over `x1`.
    fn best_of_split(&self, n1: usize, n: usize, goal: &TwoStageGoal, best: &mut Option<(TwoStageRule, f64)>) {
        let mut promising = [vec![0.0; n], vec![0.0; n]];
        for r1 in (0..n1).rev() {
            for (rate, sums) in promising.iter_mut().enumerate() {
                self.add_first_stage(rate, r1 + 1, n1, n - n1, sums);
            }
            let expected = n1 as f64 + self.tails[0][n1][r1 + 1] * (n - n1) as f64;
            let may_improve = best.is_none_or(|(_, held)| expected < held);
            // Without a chance of going on that reaches the power, no r can.
            if !may_improve || self.tails[1][n1][r1 + 1] < 1.0 - goal.beta {
                continue;
            }
            let [null, interesting] = &promising;
            // The power falls with r, so that the smallest r that keeps the type I error has the most power.
            let found = (r1..n).find(|r| null[*r] <= goal.alpha).filter(|r| interesting[*r] >= 1.0 - goal.beta);
            if let Some(r) = found {
                let [r1, n1, r, n] = [r1, n1, r, n].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
                *best = Some((TwoStageRule { r1, n1, r, n }, expected));
            }
        }
    }

    /// Adds `P(X1 = x1) P(X2 > r - x1)` to the sum of every `r`.
    fn add_first_stage(&self, rate: usize, x1: usize, n1: usize, n2: usize, sums: &mut [f64]) {
        let mass = self.masses[rate][n1][x1];
        let second = &self.tails[rate][n2];
        for (r, sum) in sums.iter_mut().enumerate() {
            *sum += mass * second.get((r + 1).saturating_sub(x1)).copied().unwrap_or(0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOAL: TwoStageGoal = TwoStageGoal { uninteresting: 0.1, promising: 0.3, alpha: 0.05, beta: 0.2, n_max: 40 };

    #[test]
    fn the_published_designs_are_found() {
        // Simon 1989, table 1: 10% against 30%, alpha 0.05, beta 0.20.
        let designs = search(&GOAL).unwrap();
        assert_eq!(designs.optimal.rule, TwoStageRule { r1: 1, n1: 10, r: 5, n: 29 });
        assert_eq!(designs.minimax.rule, TwoStageRule { r1: 1, n1: 15, r: 5, n: 25 });
    }

    #[test]
    fn admissible_weights_tile_the_unit_interval() {
        let designs = search(&GOAL).unwrap().admissible;
        assert!((designs[0].weight_upper - 1.0).abs() < 1e-15);
        assert!(designs[designs.len() - 1].weight_lower.abs() < 1e-15);
        for pair in designs.windows(2) {
            assert!((pair[0].weight_lower - pair[1].weight_upper).abs() < 1e-15);
            assert!(pair[1].weight_lower < pair[1].weight_upper);
        }
    }

    #[test]
    fn what_is_no_design_is_refused() {
        assert!(matches!(search(&TwoStageGoal { n_max: 15, ..GOAL }), Err(ExpansionError::NoFeasibleDesign { n_max: 15 })));
        assert!(matches!(search(&TwoStageGoal { n_max: 1, ..GOAL }), Err(ExpansionError::NoFeasibleDesign { n_max: 1 })));
        assert!(matches!(search(&TwoStageGoal { promising: 0.1, ..GOAL }), Err(ExpansionError::RatesNotOrdered { .. })));
        let rule = TwoStageRule { r1: 10, n1: 10, r: 12, n: 20 };
        assert!(evaluate(rule, 0.1, 0.3).unwrap_err().to_string().contains("r1 < n1"));
    }

    #[test]
    fn adding_to_either_boundary_lowers_both_probabilities() {
        let rule = TwoStageRule { r1: 1, n1: 10, r: 5, n: 29 };
        let base = evaluate(rule, 0.1, 0.3).unwrap();
        for rule in [TwoStageRule { r1: 2, ..rule }, TwoStageRule { r: 6, ..rule }] {
            let stricter = evaluate(rule, 0.1, 0.3).unwrap();
            assert!(stricter.type_one_error < base.type_one_error && stricter.power < base.power);
        }
    }
}
