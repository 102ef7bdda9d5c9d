//! BOIN12: doses by the trade-off of toxicity and efficacy.

use super::boin::{Boin, BoinParameters};
use super::boin12_desirability::{Desirability, JointTally};
use super::decision::Decision;
use super::error::{DesignError, check_count};
use super::tally::{DoseLevel, MAX_DOSES, check_grid, check_level};
use crate::numerics::isotonic::isotonic_regression;
use crate::numerics::tolerance::tied;

/// Patients at a dose from which an untried next dose is explored whatever the desirability says.
const EXPLORATION: u32 = 9;

/// Largest number of patients at a dose that this rule asks for.
const MAX_NUMBER: u32 = 1000;

/// The BOIN12 design.
///
/// With the observed toxicity rate `t = dlt / n` at the current dose `d`, the boundaries of BOIN for the target `phi_T`, and the
/// desirability of [`Desirability`], the next dose is
///
/// ```text
/// t >= lambda_d                          the next lower admissible dose
/// n >= 9, t < lambda_d, d+1 untried      d+1
/// lambda_e < t < lambda_d and n >= N*    the most desirable admissible of d-1, d
/// otherwise                              the most desirable admissible of d-1, d, d+1
/// ```
///
/// A dose is admissible while [`Desirability::is_safe`] holds at it and at every tried lower dose and [`Desirability::is_promising`] holds
/// at it. At the lowest dose `t >= lambda_d` keeps the dose while it is admissible. Tied desirabilities (equal up to rounding) go to the
/// higher dose. A further toxicity can raise the next dose while the rate stays at or below `lambda_e`, because it makes the current dose
/// less desirable than an untried one. Where none of the doses compared is admissible, the nearest lower admissible dose follows, then the next higher one; the
/// trial stops when there is none. Source: `[Lin2020]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Boin12 {
    desirability: Desirability,
    doses: usize,
    number_to_settle: u32,
    boin: Boin,
}

/// Why BOIN12 gives a dose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Boin12Reason {
    /// Nobody has been treated.
    Start,
    /// The observed rate of toxicity is at or above the boundary.
    DeEscalate {
        /// Observed rate.
        rate: f64,
        /// Boundary `lambda_d`.
        boundary: f64,
    },
    /// Many patients at a tolerable dose below one that nobody received.
    Exploration {
        /// Patients at the current dose.
        n: u32,
        /// Number from which the next dose is explored.
        threshold: u32,
    },
    /// The dose with the highest desirability of those compared.
    MostDesirable {
        /// Its probability of exceeding the benchmark.
        probability: f64,
        /// Whether another one has the same; the higher dose was taken.
        tied: bool,
    },
    /// None of the doses compared is admissible; the nearest one that is follows.
    NearestAdmissible,
    /// No dose may be given.
    NoAdmissibleDose,
}

/// The next dose under BOIN12 and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Boin12Next {
    /// Dose of the next cohort; `None` when the trial stops.
    pub dose: Option<DoseLevel>,
    /// Why.
    pub reason: Boin12Reason,
    /// Probability of exceeding the benchmark at each dose.
    pub prob_above_benchmark: Vec<f64>,
    /// Whether each dose may be given.
    pub admissible: Vec<bool>,
}

/// How much a dose counts when toxicity rates are made to ascend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IsotonicWeight {
    /// Every tried dose alike.
    Equal,
    /// By its number of patients.
    Patients,
}

/// The dose selected at the end of a trial.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimalBiologicalDose {
    /// The admissible dose with the highest utility at or below the maximum tolerated dose.
    pub obd: Option<DoseLevel>,
    /// The tried dose whose isotonic toxicity rate is closest to the target.
    pub mtd: Option<DoseLevel>,
    /// Isotonic rate of toxicity at each tried dose.
    pub toxicity: Vec<Option<f64>>,
    /// Posterior mean utility at each tried dose, on the scale to 100.
    pub utility: Vec<Option<f64>>,
}

impl Boin12 {
    /// The design for a number of doses; `number_to_settle` is `N*`, 6 in the publication.
    ///
    /// # Errors
    /// [`DesignError`] for a limit of toxicity outside the range of BOIN, no dose, or `N* = 0`.
    pub fn new(desirability: Desirability, doses: usize, number_to_settle: u32) -> Result<Self, DesignError> {
        check_grid(doses)?;
        check_count("the number of patients N* at which a dose is settled", number_to_settle, 1, MAX_NUMBER)?;
        let boin = Boin::new(BoinParameters::with_target(desirability.admissibility().toxicity_limit))?;
        Ok(Self { desirability, doses, number_to_settle, boin })
    }

    /// The measure of desirability.
    #[must_use]
    pub fn desirability(&self) -> &Desirability {
        &self.desirability
    }

    /// Number of doses.
    #[must_use]
    pub fn doses(&self) -> usize {
        self.doses
    }

    /// The dose of the first cohort and, after it, the dose that follows on the counts.
    ///
    /// `current` is the dose of the last cohort, or the starting dose while nobody has been treated.
    ///
    /// # Errors
    /// [`DesignError`] for another number of doses than the grid's, a dose outside it, a current dose without patients in a trial that has
    /// some.
    pub fn next(&self, tallies: &[JointTally], current: DoseLevel) -> Result<Boin12Next, DesignError> {
        self.check(tallies)?;
        check_level(current, self.doses)?;
        let admissible = self.admissible(tallies)?;
        let prob_above_benchmark =
            tallies.iter().map(|tally| self.desirability.prob_above_benchmark(tally)).collect::<Result<Vec<f64>, DesignError>>()?;
        let (dose, reason) = if tallies.iter().all(|tally| tally.n() == 0) {
            (Some(current.0), Boin12Reason::Start)
        } else {
            self.follow(tallies, current.0, &admissible, &prob_above_benchmark)?
        };
        Ok(Boin12Next { dose: dose.map(DoseLevel), reason, prob_above_benchmark, admissible })
    }

    fn follow(
        &self,
        tallies: &[JointTally],
        current: usize,
        admissible: &[bool],
        desirability: &[f64],
    ) -> Result<(Option<usize>, Boin12Reason), DesignError> {
        let here = tallies.get(current).copied().unwrap_or_default();
        if here.n() == 0 {
            return Err(DesignError::History(format!(
                "nobody was treated at dose {}: the current dose is that of the last cohort",
                current + 1
            )));
        }
        let may = |dose: usize| admissible.get(dose).copied().unwrap_or(false);
        let lower = (0..current).rev().find(|dose| may(*dose));
        let rate = f64::from(here.toxicities()) / f64::from(here.n());
        let decision = self.boin.compare(rate);
        if decision == Decision::DeEscalate {
            let dose = lower.or(may(current).then_some(current));
            let reason = Boin12Reason::DeEscalate { rate, boundary: self.boin.lambda_d() };
            return Ok(if dose.is_some() { (dose, reason) } else { (None, Boin12Reason::NoAdmissibleDose) });
        }
        let untried = tallies.get(current + 1).is_some_and(|tally| tally.n() == 0);
        if here.n() >= EXPLORATION && untried && may(current + 1) {
            return Ok((Some(current + 1), Boin12Reason::Exploration { n: here.n(), threshold: EXPLORATION }));
        }
        let settled = decision == Decision::Stay && here.n() >= self.number_to_settle;
        let highest = if settled { current } else { current + 1 };
        let compared: Vec<(usize, f64)> = (current.saturating_sub(1)..=highest)
            .filter(|dose| may(*dose))
            .filter_map(|dose| Some((dose, *desirability.get(dose)?)))
            .collect();
        Ok(match most_desirable(&compared) {
            Some((dose, probability, tied)) => (Some(dose), Boin12Reason::MostDesirable { probability, tied }),
            None => match lower.or(may(current + 1).then_some(current + 1)) {
                Some(dose) => (Some(dose), Boin12Reason::NearestAdmissible),
                None => (None, Boin12Reason::NoAdmissibleDose),
            },
        })
    }

    /// The optimal biological dose: the highest posterior mean utility among the admissible doses up to the maximum tolerated dose.
    ///
    /// The rates of toxicity of the tried doses are made to ascend by isotonic regression without pseudo-counts; the maximum tolerated dose
    /// is the one closest to the target, the higher one of equals. Equal utilities go to the lower dose.
    ///
    /// # Errors
    /// [`DesignError::Length`], [`DesignError::Numerics`].
    pub fn select(&self, tallies: &[JointTally], weight: IsotonicWeight) -> Result<OptimalBiologicalDose, DesignError> {
        self.check(tallies)?;
        let admissible = self.admissible(tallies)?;
        let toxicity = isotonic_rates(tallies, weight)?;
        let target = self.desirability.admissibility().toxicity_limit;
        let mtd = toxicity.iter().enumerate().filter_map(|(dose, rate)| Some((dose, ((*rate)? - target).abs()))).fold(None, closest);
        let utility: Vec<Option<f64>> =
            tallies.iter().map(|tally| (tally.n() > 0).then(|| self.desirability.mean_utility(tally))).collect();
        let up_to = mtd.map_or(0, |(dose, _)| dose + 1);
        let candidates = utility.iter().zip(&admissible).take(up_to).enumerate().filter(|(_, (_, admissible))| **admissible);
        let obd = candidates.filter_map(|(dose, (utility, _))| Some((dose, (*utility)?))).fold(None, highest);
        Ok(OptimalBiologicalDose {
            obd: obd.map(|(dose, _)| DoseLevel(dose)),
            mtd: mtd.map(|(dose, _)| DoseLevel(dose)),
            toxicity,
            utility,
        })
    }

    fn check(&self, tallies: &[JointTally]) -> Result<(), DesignError> {
        if tallies.len() == self.doses {
            Ok(())
        } else {
            Err(DesignError::Length { name: "the outcomes", given: tallies.len().min(MAX_DOSES + 1), doses: self.doses })
        }
    }

    /// Whether each dose may be given; a dose above an unsafe one may not.
    fn admissible(&self, tallies: &[JointTally]) -> Result<Vec<bool>, DesignError> {
        let mut safe_so_far = true;
        tallies
            .iter()
            .map(|tally| {
                safe_so_far = safe_so_far && (tally.n() == 0 || self.desirability.is_safe(tally.toxicities(), tally.n())?);
                Ok(safe_so_far && (tally.n() == 0 || self.desirability.is_promising(tally.efficacies(), tally.n())?))
            })
            .collect()
    }
}

/// The dose with the largest probability, the higher one of equals, and whether there are equals.
fn most_desirable(compared: &[(usize, f64)]) -> Option<(usize, f64, bool)> {
    let largest = compared.iter().map(|(_, probability)| *probability).fold(f64::NEG_INFINITY, f64::max);
    let mut equals = compared.iter().filter(|(_, probability)| tied(*probability, largest));
    let (dose, probability) = equals.next_back()?;
    Some((*dose, *probability, equals.next().is_some()))
}

/// Keeps the dose closest to the target; the later one of equals.
fn closest(best: Option<(usize, f64)>, (dose, distance): (usize, f64)) -> Option<(usize, f64)> {
    match best {
        Some((_, least)) if distance > least && !tied(distance, least) => best,
        _ => Some((dose, distance)),
    }
}

/// Keeps the highest utility; the earlier dose of equals.
fn highest(best: Option<(usize, f64)>, (dose, utility): (usize, f64)) -> Option<(usize, f64)> {
    match best {
        Some((_, most)) if utility <= most || tied(utility, most) => best,
        _ => Some((dose, utility)),
    }
}

fn isotonic_rates(tallies: &[JointTally], weight: IsotonicWeight) -> Result<Vec<Option<f64>>, DesignError> {
    let tried: Vec<&JointTally> = tallies.iter().filter(|tally| tally.n() > 0).collect();
    let rates: Vec<f64> = tried.iter().map(|tally| f64::from(tally.toxicities()) / f64::from(tally.n())).collect();
    let weight_of = |tally: &&JointTally| match weight {
        IsotonicWeight::Equal => 1.0,
        IsotonicWeight::Patients => f64::from(tally.n()),
    };
    let weights: Vec<f64> = tried.iter().map(weight_of).collect();
    let mut fitted = isotonic_regression(&rates, &weights).map_err(DesignError::numerics)?.into_iter();
    Ok(tallies.iter().map(|tally| if tally.n() > 0 { fitted.next() } else { None }).collect())
}

#[cfg(test)]
mod tests {
    use super::super::boin12_desirability::{Admissibility, Utilities};
    use super::*;

    fn design(doses: usize) -> Boin12 {
        let utilities = Utilities::new(40.0, 60.0).unwrap();
        Boin12::new(Desirability::new(utilities, Admissibility::with_limits(0.35, 0.25)).unwrap(), doses, 6).unwrap()
    }

    fn outcomes(efficacy_only: u32, neither: u32, both: u32, toxicity_only: u32) -> JointTally {
        JointTally { efficacy_only, neither, both, toxicity_only }
    }

    #[test]
    fn an_inadmissible_lowest_dose_ends_the_trial() {
        let tallies = [outcomes(0, 0, 0, 3), JointTally::default()];
        let next = design(2).next(&tallies, DoseLevel(0)).unwrap();
        assert_eq!((next.dose, next.reason), (None, Boin12Reason::NoAdmissibleDose));
        assert_eq!(next.admissible, [false, false]);
    }

    #[test]
    fn the_lowest_dose_is_kept_while_it_is_admissible() {
        let next = design(2).next(&[outcomes(0, 1, 0, 2), JointTally::default()], DoseLevel(0)).unwrap();
        assert_eq!(next.dose, Some(DoseLevel(0)));
    }

    #[test]
    fn equal_desirability_goes_to_the_higher_dose_and_says_so() {
        let tallies = [outcomes(1, 2, 0, 0), outcomes(1, 2, 0, 0), outcomes(0, 3, 0, 0)];
        let next = design(3).next(&tallies, DoseLevel(1)).unwrap();
        assert_eq!(next.dose, Some(DoseLevel(1)));
        assert!(matches!(next.reason, Boin12Reason::MostDesirable { tied: true, .. }));
    }

    #[test]
    fn no_dose_is_skipped_and_a_toxic_one_is_left_downwards() {
        let design = design(4);
        let mut left = 0;
        for neither in 0..=6_u32 {
            for toxicity in 0..=(6 - neither) {
                let here = outcomes(6 - neither - toxicity, neither, toxicity, 0);
                let tallies = [outcomes(1, 2, 0, 0), here, JointTally::default(), JointTally::default()];
                let next = design.next(&tallies, DoseLevel(1)).unwrap();
                let dose = next.dose.unwrap().0;
                assert!(dose <= 2, "{neither} {toxicity}");
                if toxicity >= 3 {
                    assert!(dose == 0 && matches!(next.reason, Boin12Reason::DeEscalate { .. }), "{neither} {toxicity}");
                    left += 1;
                }
            }
        }
        assert_eq!(left, 10);
    }

    /// The design compares desirabilities: a further toxicity below `lambda_e` lowers that of the current dose and not that of the next.
    #[test]
    fn a_further_toxicity_can_make_an_untried_dose_the_more_desirable_one() {
        let to = |here: JointTally| {
            let tallies = [outcomes(1, 2, 0, 0), here, JointTally::default()];
            design(3).next(&tallies, DoseLevel(1)).unwrap().dose
        };
        assert_eq!((to(outcomes(3, 3, 0, 0)), to(outcomes(2, 3, 1, 0))), (Some(DoseLevel(1)), Some(DoseLevel(2))));
    }

    #[test]
    fn the_selected_dose_is_never_above_the_maximum_tolerated_dose() {
        let tallies = [outcomes(1, 5, 0, 0), outcomes(2, 3, 1, 0), outcomes(2, 0, 4, 0)];
        for weight in [IsotonicWeight::Equal, IsotonicWeight::Patients] {
            let selected = design(3).select(&tallies, weight).unwrap();
            assert_eq!((selected.mtd, selected.obd), (Some(DoseLevel(1)), Some(DoseLevel(1))));
            assert!(selected.utility[2] > selected.utility[1]);
        }
        let none = design(3).select(&[JointTally::default(); 3], IsotonicWeight::Equal).unwrap();
        assert_eq!((none.mtd, none.obd), (None, None));
    }

    #[test]
    fn bad_questions_are_refused() {
        assert!(design(2).next(&[JointTally::default(); 3], DoseLevel(0)).is_err());
        assert!(design(2).next(&[JointTally::default(), outcomes(1, 2, 0, 0)], DoseLevel(0)).is_err());
        assert!(design(2).next(&[JointTally::default(); 2], DoseLevel(2)).is_err());
    }
}
