//! BOP2 with a binary endpoint `[Zhou2017]`: boundaries that stop for futility, their exact properties, and the search for the boundary
//! parameters with the most power.

use std::collections::BTreeMap;

use super::{ExpansionError, binomial_masses, check_rate, check_rates, check_size};
use crate::numerics::distribution::beta_upper;

/// A single-arm design with looks at which the trial may stop for futility.
#[derive(Debug, Clone, PartialEq)]
pub struct Bop2Design {
    /// Patients at each look, ascending; the last is the largest number of patients `N`.
    pub looks: Vec<u32>,
    /// Response rate of no interest, `p0`.
    pub uninteresting: f64,
    /// Parameters of the beta prior of the response rate; customary are `p0` and `1 - p0`.
    pub prior: (f64, f64),
    /// Cut-off at the last look, in (0, 1].
    pub lambda: f64,
    /// How fast the cut-off grows with the share of patients seen, at least 0.
    pub gamma: f64,
}

/// What a boundary does at one true response rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Bop2Characteristics {
    /// Probability that the trial never stops, the last look included: the drug is declared promising.
    pub promising: f64,
    /// Probability of stopping before the last look.
    pub early_stop: f64,
    /// Expected number of patients.
    pub expected_n: f64,
    /// Probability of stopping at each look.
    pub stop_by_look: Vec<f64>,
}

impl Bop2Design {
    /// Largest number of responses with which the trial stops at each look; `None` where it cannot stop.
    ///
    /// ```text
    /// stop at n with x responses when  Pr(p > p0 | Beta(a + x, b + n - x)) < lambda (n / N)^gamma
    /// ```
    ///
    /// The same rule at `n = N` decides: the drug is promising when the trial does not stop there either.
    ///
    /// # Domain
    /// Looks ascend from at least 1 to at most 500; `0 < p0 < 1`; prior parameters above 0; `0 < lambda <= 1`; `gamma >= 0`.
    ///
    /// # Errors
    /// [`ExpansionError`] outside the domain.
    ///
    /// Source: `[Zhou2017]`.
    pub fn boundaries(&self) -> Result<Vec<Option<u32>>, ExpansionError> {
        let posteriors = Posteriors::new(&self.looks, self.uninteresting, self.prior)?;
        posteriors.boundaries(self.lambda, self.gamma)
    }
}

/// Exact properties of futility boundaries at a true response rate, by carrying the distribution of responses from look to look.
///
/// # Domain
/// One boundary per look, as [`Bop2Design::boundaries`] gives them; `0 < rate < 1`.
///
/// # Errors
/// [`ExpansionError`] outside the domain.
pub fn characteristics(looks: &[u32], boundaries: &[Option<u32>], rate: f64) -> Result<Bop2Characteristics, ExpansionError> {
    check_looks(looks)?;
    check_rate("response rate", rate)?;
    if looks.len() != boundaries.len() {
        let reason = format!("{} looks have {} boundaries; give one for each", looks.len(), boundaries.len());
        return Err(ExpansionError::Sizes { reason });
    }
    let mut alive = vec![1.0];
    let mut seen = 0;
    let mut stop_by_look = Vec::with_capacity(looks.len());
    for (look, boundary) in looks.iter().zip(boundaries) {
        alive = convolve(&alive, &binomial_masses((look - seen) as usize, rate));
        seen = *look;
        let stopping = boundary.map_or(0, |most| most as usize + 1).min(alive.len());
        stop_by_look.push(alive.iter().take(stopping).sum());
        alive.iter_mut().take(stopping).for_each(|mass| *mass = 0.0);
    }
    let promising: f64 = alive.iter().sum();
    let before_last = stop_by_look.len().saturating_sub(1);
    let early_stop: f64 = stop_by_look.iter().take(before_last).sum();
    let stopped: f64 = looks.iter().zip(&stop_by_look).take(before_last).map(|(n, stop)| f64::from(*n) * stop).sum();
    Ok(Bop2Characteristics { promising, early_stop, expected_n: stopped + f64::from(seen) * (1.0 - early_stop), stop_by_look })
}

fn convolve(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; a.len() + b.len() - 1];
    for (i, x) in a.iter().enumerate().filter(|(_, x)| **x > 0.0) {
        for (sum, y) in sums.iter_mut().skip(i).zip(b) {
            *sum += x * y;
        }
    }
    sums
}

/// What a search for boundary parameters must achieve.
#[derive(Debug, Clone, PartialEq)]
pub struct Bop2Goal {
    /// Patients at each look, ascending.
    pub looks: Vec<u32>,
    /// Response rate of no interest, `p0`.
    pub uninteresting: f64,
    /// Response rate of interest, `p1 > p0`.
    pub promising: f64,
    /// Parameters of the beta prior.
    pub prior: (f64, f64),
    /// Largest probability of declaring the drug promising at `p0`.
    pub alpha: f64,
    /// Cut-offs looked at.
    pub lambdas: Vec<f64>,
    /// Exponents looked at.
    pub gammas: Vec<f64>,
}

/// The best boundary of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Bop2Optimum {
    /// One cut-off that gives it.
    pub lambda: f64,
    /// The exponent with it.
    pub gamma: f64,
    /// Largest number of responses with which the trial stops at each look.
    pub boundaries: Vec<Option<u32>>,
    /// Properties at `p0`; `promising` is the type I error.
    pub uninteresting: Bop2Characteristics,
    /// Properties at `p1`; `promising` is the power.
    pub promising: Bop2Characteristics,
}

/// The boundary with the most power whose type I error is at most `alpha`; among equally powerful ones the smallest `E[N | p0]`.
///
/// Many parameters give the same boundary: `lambda` and `gamma` are those of the grid that were met first (in the order of `lambdas`, then of
/// `gammas`), and only the boundary and its properties are to be compared with other software.
///
/// # Errors
/// [`ExpansionError::NoFeasibleDesign`] when no pair keeps the type I error; others outside the domain of [`Bop2Design::boundaries`].
///
/// Source: `[Zhou2017]`.
pub fn optimise(goal: &Bop2Goal) -> Result<Bop2Optimum, ExpansionError> {
    check_rates(goal.uninteresting, goal.promising)?;
    check_rate("type I error rate", goal.alpha)?;
    let posteriors = Posteriors::new(&goal.looks, goal.uninteresting, goal.prior)?;
    let mut met: BTreeMap<Vec<Option<u32>>, (f64, f64)> = BTreeMap::new();
    for lambda in &goal.lambdas {
        for gamma in &goal.gammas {
            met.entry(posteriors.boundaries(*lambda, *gamma)?).or_insert((*lambda, *gamma));
        }
    }
    let mut best: Option<Bop2Optimum> = None;
    for (boundaries, (lambda, gamma)) in met {
        let uninteresting = characteristics(&goal.looks, &boundaries, goal.uninteresting)?;
        if uninteresting.promising > goal.alpha {
            continue;
        }
        let promising = characteristics(&goal.looks, &boundaries, goal.promising)?;
        let found = Bop2Optimum { lambda, gamma, boundaries, uninteresting, promising };
        if best.as_ref().is_none_or(|held| better(&found, held)) {
            best = Some(found);
        }
    }
    best.ok_or(ExpansionError::NoFeasibleDesign { n_max: goal.looks.last().copied().unwrap_or(0) })
}

/// Whether one optimum is more powerful, or as powerful with fewer patients at `p0`. Powers that differ in the last digits are as great.
fn better(new: &Bop2Optimum, held: &Bop2Optimum) -> bool {
    let gain = new.promising.promising - held.promising.promising;
    if gain.abs() > 1e-12 { gain > 0.0 } else { new.uninteresting.expected_n < held.uninteresting.expected_n }
}

/// Posterior probabilities that the rate exceeds `p0`, by look and number of responses.
struct Posteriors {
    looks: Vec<u32>,
    exceeding: Vec<Vec<f64>>,
}

impl Posteriors {
    fn new(looks: &[u32], uninteresting: f64, prior: (f64, f64)) -> Result<Self, ExpansionError> {
        check_looks(looks)?;
        check_rate("uninteresting rate", uninteresting)?;
        for (what, value) in [("first parameter of the prior", prior.0), ("second parameter of the prior", prior.1)] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(ExpansionError::Parameter { what, value, range: "above 0" });
            }
        }
        let of_look = |n: &u32| -> Result<Vec<f64>, ExpansionError> {
            (0..=*n).map(|x| Ok(beta_upper(uninteresting, prior.0 + f64::from(x), prior.1 + f64::from(n - x))?)).collect()
        };
        Ok(Self { looks: looks.to_vec(), exceeding: looks.iter().map(of_look).collect::<Result<_, _>>()? })
    }

    fn boundaries(&self, lambda: f64, gamma: f64) -> Result<Vec<Option<u32>>, ExpansionError> {
        if !(lambda > 0.0 && lambda <= 1.0) {
            return Err(ExpansionError::Parameter { what: "cut-off lambda", value: lambda, range: "above 0 and at most 1" });
        }
        if !(gamma >= 0.0 && gamma.is_finite()) {
            return Err(ExpansionError::Parameter { what: "exponent gamma", value: gamma, range: "at least 0" });
        }
        let largest = self.looks.last().copied().map_or(1.0, f64::from);
        let of_look = |(n, exceeding): (&u32, &Vec<f64>)| {
            let cutoff = lambda * (f64::from(*n) / largest).powf(gamma);
            // The probability rises with the number of responses.
            let stopping = exceeding.partition_point(|probability| *probability < cutoff);
            stopping.checked_sub(1).and_then(|most| u32::try_from(most).ok())
        };
        Ok(self.looks.iter().zip(&self.exceeding).map(of_look).collect())
    }
}

fn check_looks(looks: &[u32]) -> Result<(), ExpansionError> {
    let ascending = looks.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
    match (looks.first(), looks.last()) {
        (Some(first), Some(last)) if *first > 0 && ascending => check_size(*last),
        _ => Err(ExpansionError::Sizes { reason: format!("the looks {looks:?} must ascend from at least 1 patient; order them") }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn design() -> Bop2Design {
        Bop2Design { looks: vec![10, 20, 30, 40], uninteresting: 0.2, prior: (0.2, 0.8), lambda: 0.95, gamma: 1.0 }
    }

    #[test]
    fn stopping_and_success_are_everything_that_can_happen() {
        let boundaries = design().boundaries().unwrap();
        for rate in [0.05, 0.2, 0.4, 0.9] {
            let found = characteristics(&design().looks, &boundaries, rate).unwrap();
            let total = found.promising + found.stop_by_look.iter().sum::<f64>();
            assert!((total - 1.0).abs() < 1e-13, "{rate}: {total}");
        }
    }

    #[test]
    fn boundaries_rise_with_the_look_and_with_the_cut_off() {
        let base = design().boundaries().unwrap();
        assert!(base.windows(2).all(|pair| pair[0] <= pair[1]));
        let stricter = Bop2Design { lambda: 0.99, ..design() }.boundaries().unwrap();
        assert!(base.iter().zip(&stricter).all(|(a, b)| a <= b));
    }

    #[test]
    fn a_look_that_cannot_stop_has_no_boundary() {
        let lenient = Bop2Design { looks: vec![1, 40], lambda: 0.5, gamma: 3.0, ..design() };
        assert_eq!(lenient.boundaries().unwrap()[0], None);
    }

    #[test]
    fn what_is_no_design_is_refused() {
        assert!(Bop2Design { looks: vec![10, 10], ..design() }.boundaries().unwrap_err().to_string().contains("ascend"));
        assert!(Bop2Design { looks: Vec::new(), ..design() }.boundaries().is_err());
        assert!(Bop2Design { lambda: 1.5, ..design() }.boundaries().unwrap_err().to_string().contains("lambda"));
        assert!(Bop2Design { prior: (0.0, 1.0), ..design() }.boundaries().is_err());
        assert!(characteristics(&[10, 20], &[None], 0.2).is_err());
        let goal = Bop2Goal {
            looks: vec![5],
            uninteresting: 0.2,
            promising: 0.3,
            prior: (0.2, 0.8),
            alpha: 0.05,
            lambdas: vec![0.5],
            gammas: vec![0.0],
        };
        assert!(matches!(optimise(&goal), Err(ExpansionError::NoFeasibleDesign { n_max: 5 })));
    }
}
