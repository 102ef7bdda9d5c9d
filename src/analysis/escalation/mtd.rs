//! The maximum tolerated dose under the trial's design and, as sensitivity, under other methods.

use crate::config::{DesignOptions, Settings};

use super::design::blrm::{Blrm, BlrmPrior};
use super::design::blrm_conduct::BlrmDesign;
use super::design::boin_selection::MtdSelection;
use super::design::toxicity_limit::{LEAST_PATIENTS, ToxicityLimit};
use super::design::{CountDesign, DesignError, DoseLevel, Selection, State, Tally, state_of};
use super::levels::{EscalationLevel, LevelCounts, common_amounts};
use super::posterior_curve::{PosteriorCurve, trace_curve};
use super::trial_design::{TrialDesign, TrialRule, blrm};

/// Elimination cutoff of the isotonic selection where the trial's design is not one of those that use it.
const CUTOFF: f64 = 0.95;

/// Interval of the sensitivity analysis by logistic regression: where the target begins and where overdosing begins, and the accepted
/// probability of overdosing `[Neuenschwander2008]` `[Babb1998]`.
const INTERVALS: ([f64; 2], f64) = ([0.16, 0.33], 0.25);

/// The maximum tolerated dose by several methods.
#[derive(Debug, Clone)]
pub struct MtdResult {
    /// Target probability of dose-limiting toxicity; without one only the design itself selects.
    pub target: Option<f64>,
    /// Counts that the methods look at.
    pub counts: LevelCounts,
    /// The methods, the trial's own first.
    pub readings: Vec<MtdReading>,
    /// The logistic regression model's posterior over dose.
    pub curve: Option<PosteriorCurve>,
}

/// How a dose is selected.
#[derive(Debug, Clone, PartialEq)]
pub enum MtdMethod {
    /// As the trial's design does at its end.
    Design {
        /// Name of the design.
        label: String,
        /// Whether backfilled patients count as well.
        pooled: bool,
        /// Whether the design ends with isotonic regression of the observed rates.
        isotonic: bool,
        /// Probability of toxicity above which its probabilities of overdosing count.
        overdosing_above: Option<f64>,
    },
    /// Isotonic regression of the observed rates, the level closest to the target.
    Isotonic {
        /// Whether patients of all study parts count.
        pooled: bool,
    },
    /// Bayesian logistic regression with overdose control, cohorts only.
    LogisticRegression {
        /// Prior.
        prior: BlrmPrior,
        /// Reference dose in the unit of the levels.
        reference: f64,
        /// Whether the project's own model is meant; otherwise a weakly informative one.
        of_project: bool,
        /// Ends of the target interval.
        target_interval: (f64, f64),
        /// Largest accepted probability of overdosing.
        overdose_limit: f64,
    },
}

/// What one method says.
#[derive(Debug, Clone, PartialEq)]
pub struct MtdReading {
    /// The method.
    pub method: MtdMethod,
    /// The selected level with estimates at every level.
    pub selection: Selection,
}

/// Selects by every method that applies; `None` where none does, and where fewer than two levels have an evaluable subject. Without a target
/// only the design selects.
pub(super) fn select(
    counts: &LevelCounts,
    levels: &[EscalationLevel],
    design: Option<&TrialDesign>,
    settings: &Settings,
) -> Option<MtdResult> {
    let target = settings.escalation.as_ref()?.target_toxicity;
    if counts.cohorts.iter().filter(|tally| tally.n > 0).count() < 2 {
        return None;
    }
    let backfilled = counts.pooled != counts.cohorts;
    let pools_itself = design.is_some_and(|design| matches!(design.rule(), TrialRule::Backfill { .. }));
    let mut readings = Vec::new();
    if let Some(design) = design {
        // The logistic regression model calls overdosing what lies above its target interval, the others what lies above the target.
        let overdosing_above = match settings.escalation.as_ref().and_then(|escalation| escalation.design.as_ref()) {
            Some(DesignOptions::Blrm(options)) => Some(options.target_upper),
            _ => design.target().or(target),
        };
        let tallies = if pools_itself { &counts.pooled } else { &counts.cohorts };
        readings.extend(of_design(design, tallies, overdosing_above, pools_itself));
    }
    let mut curve = None;
    if let Some(target) = target {
        // Where the design itself selects by isotonic regression of the same counts, its reading is that one.
        if pools_itself || !design.is_some_and(selects_by_isotonic_regression) {
            readings.extend(isotonic(target, &counts.cohorts, false));
        }
        if backfilled && !pools_itself {
            readings.extend(isotonic(target, &counts.pooled, true));
        }
        let model = logistic_regression(target, levels, settings);
        let of_model = model.as_ref().and_then(|(model, method)| {
            let is_own = design.is_some_and(|design| matches!(design.rule(), TrialRule::Blrm(_)));
            (!is_own).then(|| reading(&BlrmDesign::new(model.clone()), &counts.cohorts, method.clone()))?
        });
        readings.extend(of_model);
        curve = model.and_then(|(model, method)| trace_curve(&model, &method, levels, &counts.cohorts, target));
    }
    (!readings.is_empty()).then(|| MtdResult { target, counts: counts.clone(), readings, curve })
}

/// Whether the design ends with isotonic regression of the observed rates.
fn selects_by_isotonic_regression(design: &TrialDesign) -> bool {
    match design.rule() {
        TrialRule::Counts { three_plus_three, .. } => three_plus_three.is_none(),
        TrialRule::TiteBoin { .. } | TrialRule::Backfill { .. } => true,
        TrialRule::Crm(_) | TrialRule::TiteCrm { .. } | TrialRule::Blrm(_) | TrialRule::Boin12(_) => false,
    }
}

fn of_design(design: &TrialDesign, tallies: &[Tally], overdosing_above: Option<f64>, pooled: bool) -> Option<MtdReading> {
    let (label, isotonic) = (design.label().to_owned(), selects_by_isotonic_regression(design));
    reading(design.complete()?, tallies, MtdMethod::Design { label, pooled, isotonic, overdosing_above })
}

fn reading(design: &dyn CountDesign, tallies: &[Tally], method: MtdMethod) -> Option<MtdReading> {
    let state = end_state(design, tallies).ok()?;
    Some(MtdReading { method, selection: design.select(&state) })
}

/// The state at the end: the trial stands at the highest level that was tried.
fn end_state(design: &dyn CountDesign, tallies: &[Tally]) -> Result<State, DesignError> {
    let highest = tallies.iter().rposition(|tally| tally.n > 0).unwrap_or(0);
    state_of(design, DoseLevel(highest), tallies)
}

fn isotonic(target: f64, tallies: &[Tally], pooled: bool) -> Option<MtdReading> {
    let largest = tallies.iter().map(|tally| tally.n).max()?;
    let limit = ToxicityLimit::new(target, CUTOFF, LEAST_PATIENTS).ok()?;
    let selection = MtdSelection::new(limit, largest).ok()?.select(tallies);
    Some(MtdReading { method: MtdMethod::Isotonic { pooled }, selection })
}

/// The model of the sensitivity analysis: the project's own, otherwise one whose median probability of toxicity at the highest level is the
/// target, with standard deviations 2 and 1 and a median slope of 1.
fn logistic_regression(target: f64, levels: &[EscalationLevel], settings: &Settings) -> Option<(Blrm, MtdMethod)> {
    if let Some(DesignOptions::Blrm(options)) = settings.escalation.as_ref().and_then(|escalation| escalation.design.as_ref()) {
        let amounts = super::levels::amounts(levels, &DesignOptions::Blrm(options.clone())).ok()?;
        let model = blrm(options, &amounts).ok()?;
        let method = MtdMethod::LogisticRegression {
            prior: *model.prior(),
            reference: options.reference_dose.0.amount(),
            of_project: true,
            target_interval: (options.target_lower, options.target_upper),
            overdose_limit: options.overdose_limit,
        };
        return Some((model, method));
    }
    let amounts = common_amounts(levels)?;
    let reference = *amounts.last()?;
    let prior = BlrmPrior {
        log_alpha_mean: (target / (1.0 - target)).ln(),
        log_alpha_sd: 2.0,
        log_beta_mean: 0.0,
        log_beta_sd: 1.0,
        correlation: 0.0,
    };
    let (limits, overdose_limit) = INTERVALS;
    // A target outside the published interval moves it: the design's own target has to lie inside.
    let limits = if (limits[0]..limits[1]).contains(&target) { limits } else { [target * 0.6, (target * 1.2).min(0.99)] };
    let model = Blrm::new(&amounts, reference, prior, &limits, overdose_limit).ok()?;
    let method =
        MtdMethod::LogisticRegression { prior, reference, of_project: false, target_interval: (limits[0], limits[1]), overdose_limit };
    Some((model, method))
}
