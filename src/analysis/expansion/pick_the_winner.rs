//! Randomised selection designs `[Simon1985]`: the arm with the most responses is carried on, ties are broken at random.

use super::{ExpansionError, binomial_masses, check_rate, check_size};

/// Largest number of arms.
const MOST_ARMS: usize = 20;

/// How likely each arm is to be selected.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectionProbabilities {
    /// Probability of being selected, ties shared equally.
    pub selected: Vec<f64>,
    /// Probability of having strictly more responses than every other arm, ties left inconclusive.
    pub strictly_highest: Vec<f64>,
}

/// Exact probabilities of selection with `n` patients in each arm.
///
/// ```text
/// P(arm i selected) = sum over x of P(Xi = x) sum over t of P(t other arms have x, the rest fewer) / (t + 1)
/// ```
///
/// # Domain
/// `1 <= n <= 500`; 2 to 20 arms with rates in (0, 1).
///
/// # Errors
/// [`ExpansionError`] outside the domain.
///
/// Source: `[Simon1985]`.
pub fn selection_probabilities(n: u32, rates: &[f64]) -> Result<SelectionProbabilities, ExpansionError> {
    check_size(n)?;
    if n == 0 || rates.len() < 2 || rates.len() > MOST_ARMS {
        let reason = format!("{} arms of {n} patients cannot be compared; give 2 to {MOST_ARMS} arms of at least 1 patient", rates.len());
        return Err(ExpansionError::Sizes { reason });
    }
    rates.iter().try_for_each(|rate| check_rate("response rate of an arm", *rate))?;
    let arms: Vec<Arm> = rates.iter().map(|rate| Arm::new(n, *rate)).collect();
    let of_arm = |own: usize| {
        let mut selected = 0.0;
        let mut strictly = 0.0;
        for x in 0..=n as usize {
            let others = arms.iter().enumerate().filter(|(index, _)| *index != own).map(|(_, arm)| arm);
            let ties = tie_probabilities(others, x);
            let mass = arms.get(own).and_then(|arm| arm.masses.get(x)).copied().unwrap_or(0.0);
            let shared: f64 = ties.iter().enumerate().map(|(count, probability)| probability / (count + 1) as f64).sum();
            selected += mass * shared;
            strictly += mass * ties.first().copied().unwrap_or(0.0);
        }
        (selected, strictly)
    };
    let (selected, strictly_highest) = (0..rates.len()).map(of_arm).unzip();
    Ok(SelectionProbabilities { selected, strictly_highest })
}

/// The distribution of responses in one arm.
struct Arm {
    masses: Vec<f64>,
    /// Probability of fewer than x responses.
    below: Vec<f64>,
}

impl Arm {
    fn new(n: u32, rate: f64) -> Self {
        let masses = binomial_masses(n as usize, rate);
        let below = masses
            .iter()
            .scan(0.0, |sum, mass| {
                let before = *sum;
                *sum += mass;
                Some(before)
            })
            .collect();
        Self { masses, below }
    }
}

/// Probabilities that 0, 1, ... of the other arms have `x` responses while the rest have fewer.
fn tie_probabilities<'a>(others: impl Iterator<Item = &'a Arm>, x: usize) -> Vec<f64> {
    let mut ties = vec![1.0];
    for arm in others {
        let (fewer, same) = (arm.below.get(x).copied().unwrap_or(0.0), arm.masses.get(x).copied().unwrap_or(0.0));
        let mut next = vec![0.0; ties.len() + 1];
        for (count, probability) in ties.iter().enumerate() {
            if let [as_many, one_more] = &mut next[count..count + 2] {
                *as_many += probability * fewer;
                *one_more += probability * same;
            }
        }
        ties = next;
    }
    ties
}

/// What a selection design must achieve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SelectionGoal {
    /// Number of arms.
    pub arms: usize,
    /// Response rate of every arm but the best.
    pub low_rate: f64,
    /// How much better the best arm is.
    pub advantage: f64,
    /// Probability of selecting the best arm that must be reached.
    pub target: f64,
    /// Largest number of patients per arm looked at.
    pub n_max: u32,
}

/// Patients per arm that a selection design needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SelectionSize {
    /// Smallest number per arm that reaches the target.
    pub n_first: u32,
    /// Smallest number from which on every larger one up to `n_max` reaches it: the probability does not rise with every patient.
    pub n_stable: u32,
    /// Probability of correct selection with `n_first` patients per arm.
    pub at_n_first: f64,
    /// The same with one patient fewer; `None` when one patient is enough.
    pub at_one_fewer: Option<f64>,
}

/// Smallest number of patients per arm with which the best arm is selected with the target probability when all others are equal.
///
/// # Domain
/// As [`selection_probabilities`]; `0 < advantage`, `low_rate + advantage < 1`, `0 < target < 1`.
///
/// # Errors
/// [`ExpansionError::NoFeasibleDesign`] when `n_max` patients per arm do not reach the target; others outside the domain.
///
/// Source: `[Simon1985]`.
pub fn sample_size(goal: &SelectionGoal) -> Result<SelectionSize, ExpansionError> {
    check_size(goal.n_max)?;
    check_rate("probability of correct selection", goal.target)?;
    check_rate("advantage of the best arm", goal.advantage)?;
    let mut rates = vec![goal.low_rate; goal.arms];
    if let Some(best) = rates.last_mut() {
        *best += goal.advantage;
    }
    let correct = |n: u32| selection_probabilities(n, &rates).map(|found| found.selected.last().copied().unwrap_or(0.0));
    let reached: Vec<f64> = (1..=goal.n_max).map(correct).collect::<Result<_, _>>()?;
    let missed = ExpansionError::NoFeasibleDesign { n_max: goal.n_max };
    let Some(first) = reached.iter().position(|probability| *probability >= goal.target) else { return Err(missed) };
    let last_miss = reached.iter().rposition(|probability| *probability < goal.target);
    let patients = |position: usize| u32::try_from(position + 1).unwrap_or(u32::MAX);
    let stable = last_miss.map_or(first, |miss| miss + 1);
    if stable == reached.len() {
        return Err(missed);
    }
    Ok(SelectionSize {
        n_first: patients(first),
        n_stable: patients(stable),
        at_n_first: reached.get(first).copied().unwrap_or(f64::NAN),
        at_one_fewer: first.checked_sub(1).and_then(|before| reached.get(before)).copied(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selection_is_certain_and_fair() {
        let found = selection_probabilities(12, &[0.2, 0.35, 0.35, 0.5]).unwrap();
        assert!((found.selected.iter().sum::<f64>() - 1.0).abs() < 1e-13);
        assert!((found.selected[1] - found.selected[2]).abs() < 1e-15);
        assert!(found.selected.windows(2).all(|pair| pair[0] <= pair[1] + 1e-15));
        assert!(found.strictly_highest.iter().zip(&found.selected).all(|(strict, all)| strict < all));
    }

    #[test]
    fn the_published_sizes_are_found() {
        // Simon, Wittes and Ellenberg 1985: 15 points, 90%; two, three and four arms with the others at 30%.
        for (arms, n) in [(2, 35), (3, 52), (4, 62)] {
            let goal = SelectionGoal { arms, low_rate: 0.3, advantage: 0.15, target: 0.9, n_max: 100 };
            let size = sample_size(&goal).unwrap();
            assert_eq!((size.n_first, size.n_stable), (n, n), "{arms}");
        }
    }

    #[test]
    fn what_is_no_design_is_refused() {
        assert!(selection_probabilities(0, &[0.2, 0.3]).is_err());
        assert!(selection_probabilities(10, &[0.2]).unwrap_err().to_string().contains("2 to 20 arms"));
        assert!(selection_probabilities(10, &[0.2, 1.0]).is_err());
        let goal = SelectionGoal { arms: 2, low_rate: 0.3, advantage: 0.15, target: 0.9, n_max: 20 };
        assert!(matches!(sample_size(&goal), Err(ExpansionError::NoFeasibleDesign { n_max: 20 })));
        assert!(sample_size(&SelectionGoal { advantage: 0.8, n_max: 60, ..goal }).is_err());
    }
}
