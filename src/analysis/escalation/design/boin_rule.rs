//! BOIN's judgement of counts and rates, for the designs built on it that choose doses in ways of their own.

use super::boin::{Boin, BoinParameters};
use super::boin_selection::MtdSelection;
use super::decision::Decision;
use super::error::DesignError;
use super::table::DecisionRule;
use super::tally::{DoseLevel, Tally};
use super::toxicity_limit::{ToxicityBoundary, ToxicityLimit};

/// The boundaries of BOIN with its elimination in counts, prepared for up to a number of patients at a dose.
///
/// Larger counts are judged as well, only slower.
#[derive(Debug, Clone)]
pub struct BoinRule {
    boin: Boin,
    max_n: u32,
    limit: ToxicityLimit,
    elimination: ToxicityBoundary,
    lowest_dose: Option<(ToxicityLimit, ToxicityBoundary)>,
    selection: MtdSelection,
}

impl BoinRule {
    /// The rule for given parameters, prepared for up to `max_n` patients at a dose.
    ///
    /// # Errors
    /// As [`Boin::new`].
    pub fn new(parameters: BoinParameters, max_n: u32) -> Result<Self, DesignError> {
        let boin = Boin::new(parameters)?;
        let limit = boin.limit();
        let elimination = limit.boundary(max_n)?;
        let lowest_dose = match boin.lowest_dose_limit()? {
            Some(stricter) => Some((stricter, stricter.boundary(max_n)?)),
            None => None,
        };
        let mut selection = MtdSelection::new(limit, max_n)?;
        if let Some((_, boundary)) = &lowest_dose {
            selection = selection.with_lowest_dose_limit(boundary.clone());
        }
        if parameters.bound_mtd {
            selection = selection.with_bound(boin.lambda_d());
        }
        Ok(Self { boin, max_n, limit, elimination, lowest_dose, selection })
    }

    /// Adds another number of pseudo-patients with toxicity, and as many without, to each dose when the dose is selected.
    ///
    /// # Errors
    /// As [`MtdSelection::with_pseudo_count`].
    pub fn with_pseudo_count(self, pseudo_count: f64) -> Result<Self, DesignError> {
        Ok(Self { selection: self.selection.clone().with_pseudo_count(pseudo_count)?, ..self })
    }

    /// The target probability of toxicity.
    #[must_use]
    pub fn target(&self) -> f64 {
        self.boin.parameters().target
    }

    /// Escalate when the rate is at most this.
    #[must_use]
    pub fn lambda_e(&self) -> f64 {
        self.boin.lambda_e()
    }

    /// De-escalate when the rate is at least this.
    #[must_use]
    pub fn lambda_d(&self) -> f64 {
        self.boin.lambda_d()
    }

    /// What the boundaries say of a rate: observed, pooled or imputed.
    #[must_use]
    pub fn compare(&self, rate: f64) -> Decision {
        self.boin.compare(rate)
    }

    /// What the boundaries say of counts, elimination left aside; nobody treated does not speak against going up.
    #[must_use]
    pub fn compare_counts(&self, tally: Tally) -> Decision {
        tally.rate().map_or(Decision::Escalate, |rate| self.compare(rate))
    }

    /// Whether the observed rate is at least `lambda_d`.
    #[must_use]
    pub fn is_high(&self, tally: Tally) -> bool {
        self.compare_counts(tally) == Decision::DeEscalate
    }

    /// Whether counts eliminate a dose and all above it.
    #[must_use]
    pub fn eliminates(&self, tally: Tally) -> bool {
        reached(&self.limit, &self.elimination, self.max_n, tally)
    }

    /// Whether counts at the lowest dose end the trial under the stricter rule, if there is one.
    #[must_use]
    pub fn stops_lowest(&self, tally: Tally) -> bool {
        self.lowest_dose.as_ref().is_some_and(|(limit, boundary)| reached(limit, boundary, self.max_n, tally))
    }

    /// The lowest dose that the counts eliminate, the stricter rule at the lowest dose included.
    #[must_use]
    pub fn lowest_eliminated(&self, tallies: impl IntoIterator<Item = Tally>) -> Option<DoseLevel> {
        let eliminated = |(dose, tally): (usize, Tally)| self.eliminates(tally) || (dose == 0 && self.stops_lowest(tally));
        tallies.into_iter().enumerate().position(eliminated).map(DoseLevel)
    }

    /// How the dose is selected at the end.
    #[must_use]
    pub fn selection(&self) -> &MtdSelection {
        &self.selection
    }
}

/// Whether counts are too toxic, by the table where it reaches.
fn reached(limit: &ToxicityLimit, boundary: &ToxicityBoundary, max_n: u32, tally: Tally) -> bool {
    if tally.n <= max_n {
        boundary.is_reached(tally)
    } else {
        limit.probability(tally).is_ok_and(|probability| probability > limit.cutoff())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_beyond_the_table_are_judged_alike() {
        let parameters = BoinParameters { extra_safe_offset: Some(0.05), ..BoinParameters::with_target(0.3) };
        let (short, long) = (BoinRule::new(parameters, 5).unwrap(), BoinRule::new(parameters, 30).unwrap());
        let mut eliminated = 0;
        for n in 0..=30 {
            for dlt in 0..=n {
                let tally = Tally { n, dlt };
                assert_eq!(short.eliminates(tally), long.eliminates(tally), "{dlt}/{n}");
                assert_eq!(short.stops_lowest(tally), long.stops_lowest(tally), "{dlt}/{n}");
                assert!(long.stops_lowest(tally) || !long.eliminates(tally));
                eliminated += u32::from(long.eliminates(tally));
            }
        }
        assert!(eliminated > 100);
    }

    #[test]
    fn the_stricter_rule_is_for_the_lowest_dose_only() {
        let parameters = BoinParameters { extra_safe_offset: Some(0.05), ..BoinParameters::with_target(0.3) };
        let rule = BoinRule::new(parameters, 30).unwrap();
        let toxic = (3..=30).flat_map(|n| (0..=n).map(move |dlt| Tally { n, dlt }));
        let between = toxic.into_iter().find(|tally| rule.stops_lowest(*tally) && !rule.eliminates(*tally)).unwrap();
        assert_eq!(rule.lowest_eliminated([between, Tally::default()]), Some(DoseLevel(0)));
        assert_eq!(rule.lowest_eliminated([Tally::default(), between]), None);
    }

    #[test]
    fn nobody_treated_does_not_hold_back() {
        let rule = BoinRule::new(BoinParameters::with_target(0.3), 30).unwrap();
        assert_eq!(rule.compare_counts(Tally::default()), Decision::Escalate);
        assert!(rule.is_high(Tally { n: 6, dlt: 3 }) && !rule.is_high(Tally { n: 6, dlt: 2 }));
    }
}
