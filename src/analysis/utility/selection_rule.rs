//! Rules that name a dosage, side by side: each with the evidence it used and why the other dosages lost.

use super::evaluation::UtilityResult;
use crate::numerics::beta_difference::BetaDifference;

/// A named strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SelectionRule {
    /// The lowest dosage whose efficacy lies within a margin of the best, with harm not above that of the best.
    WithinMargin,
    /// The highest utility index among admissible dosages.
    HighestUtility,
    /// The lowest dosage with enough target engagement at trough in enough patients.
    TargetEngagement,
    /// The higher of two dosages where its observed gain in response passes a boundary.
    SelectionBoundary,
    /// The lowest dosage that is probably better tolerated than the highest and probably does not lose more than a margin of efficacy.
    ProbableGain,
    /// The target dose of a dose-response model.
    TargetDose,
    /// The dosage whose exposure lies within bounds of a reference.
    ExposureMatch,
    /// The sponsor's own rule.
    Sponsor,
}

impl SelectionRule {
    /// Every rule.
    pub const ALL: [Self; 8] = [
        Self::WithinMargin,
        Self::HighestUtility,
        Self::TargetEngagement,
        Self::SelectionBoundary,
        Self::ProbableGain,
        Self::TargetDose,
        Self::ExposureMatch,
        Self::Sponsor,
    ];

    /// The rule in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::WithinMargin => "Lowest dosage within the margin of the best response, with harm not above that of the best",
            Self::HighestUtility => "Highest utility index among admissible dosages",
            Self::TargetEngagement => "Lowest dosage with enough target engagement at trough",
            Self::SelectionBoundary => "Higher of two dosages where its gain in response passes a boundary (ROSE)",
            Self::ProbableGain => "Lowest dosage probably better tolerated than the highest and probably within the margin of its response",
            Self::TargetDose => "Target dose of a dose-response model (MCP-Mod)",
            Self::ExposureMatch => "Dosage with exposure within bounds of a reference",
            Self::Sponsor => "The sponsor's decision",
        }
    }
}

/// Subjects with an outcome and subjects, by dosage.
pub type Counts = Vec<(u64, u64)>;

/// What rules may use; dosages in ascending order.
#[derive(Debug, Clone, Default)]
pub struct RuleEvidence<'a> {
    /// Responders and subjects by dosage.
    pub response: Option<Counts>,
    /// Subjects with harm and subjects by dosage.
    pub harm: Option<Counts>,
    /// Loss of response that is accepted, from 0 to 1.
    pub margin: Option<f64>,
    /// Gain in response from which the higher of two dosages is chosen.
    pub boundary: Option<f64>,
    /// Probability that counts as probable.
    pub probable: Option<f64>,
    /// The utility index.
    pub utility: Option<&'a UtilityResult>,
    /// The dosage that the sponsor proposes.
    pub proposed: Option<usize>,
}

/// Why a dosage was not chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// It passes a limit.
    NotAdmissible,
    /// Its response lies below the best by more than the margin.
    Response,
    /// Its harm is above that of the dosage with the best response, or not probably less than that of the highest.
    Harm,
    /// A lower dosage satisfies the rule.
    LowerSuffices,
    /// Another dosage has more of what the rule looks at.
    Outdone,
    /// The rule does not ask about it.
    NotProposed,
}

impl Lost {
    /// The reason in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::NotAdmissible => "not admissible",
            Self::Response => "response too low",
            Self::Harm => "harm not lower",
            Self::LowerSuffices => "a lower dosage suffices",
            Self::Outdone => "another dosage has more",
            Self::NotProposed => "not proposed",
        }
    }
}

/// What a rule says: the dosage it chooses, none where no dosage satisfies it, and why each other dosage lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// Position of the dosage.
    pub chosen: Option<usize>,
    /// `None` for the chosen dosage.
    pub lost: Vec<Option<Lost>>,
}

/// Applies a rule.
///
/// ```text
/// within margin        lowest d with p_d >= max p - margin and q_d <= q of the dosage with max p
/// selection boundary   higher of two if p_high - p_low > boundary, otherwise the lower
/// probable gain        lowest d with P(q_d < q_highest) >= c and P(p_d > p_highest - margin) >= c, beta posteriors with Jeffreys prior
/// ```
///
/// p: share with response; q: share with harm. Non-admissible dosages of the utility index are chosen by no rule but the sponsor's.
///
/// # Errors
/// What the rule lacks, in words.
pub fn apply(rule: SelectionRule, evidence: &RuleEvidence<'_>) -> Result<Selected, &'static str> {
    match rule {
        SelectionRule::WithinMargin => within_margin(evidence),
        SelectionRule::HighestUtility => highest_utility(evidence),
        SelectionRule::SelectionBoundary => boundary(evidence),
        SelectionRule::ProbableGain => probable_gain(evidence),
        SelectionRule::Sponsor => sponsor(evidence),
        SelectionRule::TargetEngagement => Err("no target engagement by dosage with a limit"),
        SelectionRule::TargetDose => Err("no dose-response model with a target effect"),
        SelectionRule::ExposureMatch => Err("no reference exposure with bounds"),
    }
}

fn counts(evidence: &RuleEvidence<'_>) -> Result<(Counts, Counts), &'static str> {
    let usable = |counts: &&Counts| counts.iter().all(|(count, n)| *n > 0 && count <= n);
    let response = evidence.response.as_ref().filter(usable).ok_or("no response by dosage")?;
    let harm = evidence.harm.as_ref().filter(usable).ok_or("no adverse events by dosage")?;
    if response.len() == harm.len() { Ok((response.clone(), harm.clone())) } else { Err("response and harm of different dosages") }
}

fn shares(counts: &[(u64, u64)]) -> Vec<f64> {
    counts.iter().map(|(count, n)| *count as f64 / *n as f64).collect()
}

fn admissible(evidence: &RuleEvidence<'_>, dosage: usize) -> bool {
    evidence.utility.is_none_or(|utility| utility.admissible.get(dosage).copied().unwrap_or(true))
}

/// The lowest dosage that nothing speaks against.
fn lowest(against: Vec<Option<Lost>>) -> Selected {
    let chosen = against.iter().position(Option::is_none);
    let lost =
        against.into_iter().enumerate().map(|(place, lost)| lost.or((Some(place) != chosen).then_some(Lost::LowerSuffices))).collect();
    Selected { chosen, lost }
}

fn within_margin(evidence: &RuleEvidence<'_>) -> Result<Selected, &'static str> {
    let (response, harm) = counts(evidence)?;
    let margin = evidence.margin.ok_or("no margin of response in the plan")?;
    let (response, harm) = (shares(&response), shares(&harm));
    let allowed: Vec<(usize, f64)> = response.iter().copied().enumerate().filter(|(place, _)| admissible(evidence, *place)).collect();
    let best = allowed.iter().map(|(_, share)| *share).fold(f64::NEG_INFINITY, f64::max);
    let of_best = allowed.iter().find(|(_, share)| *share >= best).and_then(|(place, _)| harm.get(*place).copied());
    let reason = |(place, (response, harm)): (usize, (&f64, &f64))| {
        let tests = [
            (!admissible(evidence, place), Lost::NotAdmissible),
            (*response < best - margin - 1e-12, Lost::Response),
            (of_best.is_some_and(|limit| *harm > limit), Lost::Harm),
        ];
        tests.into_iter().find(|(fails, _)| *fails).map(|(_, lost)| lost)
    };
    Ok(lowest(response.iter().zip(&harm).enumerate().map(reason).collect()))
}

fn highest_utility(evidence: &RuleEvidence<'_>) -> Result<Selected, &'static str> {
    let utility = evidence.utility.ok_or("no utility index")?;
    let indices = || utility.indices.iter().zip(&utility.admissible);
    let highest = indices().filter(|(_, admissible)| **admissible).map(|(index, _)| *index).fold(f64::NEG_INFINITY, f64::max);
    let chosen = indices().position(|(index, admissible)| *admissible && *index >= highest);
    let lost = indices().enumerate().map(|(place, (_, admissible))| {
        let lost = if *admissible { Lost::Outdone } else { Lost::NotAdmissible };
        (Some(place) != chosen).then_some(lost)
    });
    Ok(Selected { chosen, lost: lost.collect() })
}

fn boundary(evidence: &RuleEvidence<'_>) -> Result<Selected, &'static str> {
    let response = evidence.response.as_ref().ok_or("no response by dosage")?;
    let boundary = evidence.boundary.ok_or("no boundary set before the data were seen")?;
    let [low, high] = shares(response)[..] else { return Err("it compares two dosages") };
    let higher = high - low > boundary;
    let lost = if higher { vec![Some(Lost::Response), None] } else { vec![None, Some(Lost::LowerSuffices)] };
    Ok(Selected { chosen: Some(usize::from(higher)), lost })
}

fn probable_gain(evidence: &RuleEvidence<'_>) -> Result<Selected, &'static str> {
    let (response, harm) = counts(evidence)?;
    let margin = evidence.margin.ok_or("no margin of response in the plan")?;
    let probable = evidence.probable.ok_or("no probability that counts as enough")?;
    let (Some(top_response), Some(top_harm)) = (response.last(), harm.last()) else { return Err("no dosage") };
    let posterior = |(count, n): (u64, u64)| (count as f64 + 0.5, (n - count) as f64 + 0.5);
    let above = |first, second, by: f64| {
        BetaDifference::new(posterior(first), posterior(second)).and_then(|difference| difference.probability_above(by)).unwrap_or(0.0)
    };
    let reason = |place: usize| {
        let (own_response, own_harm) = (response.get(place)?, harm.get(place)?);
        let tests = [
            (!admissible(evidence, place), Lost::NotAdmissible),
            (place + 1 == response.len(), Lost::Outdone),
            (above(*own_response, *top_response, -margin) < probable, Lost::Response),
            (above(*top_harm, *own_harm, 0.0) < probable, Lost::Harm),
        ];
        tests.into_iter().find(|(fails, _)| *fails).map(|(_, lost)| lost)
    };
    Ok(lowest((0..response.len()).map(reason).collect()))
}

fn sponsor(evidence: &RuleEvidence<'_>) -> Result<Selected, &'static str> {
    let proposed = evidence.proposed.ok_or("the project file proposes none of these dosages")?;
    let count = evidence.response.as_ref().map(Vec::len).or(evidence.utility.map(|utility| utility.indices.len())).unwrap_or(proposed + 1);
    Ok(Selected { chosen: Some(proposed), lost: (0..count).map(|place| (place != proposed).then_some(Lost::NotProposed)).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(response: &[(u64, u64)], harm: &[(u64, u64)]) -> RuleEvidence<'static> {
        RuleEvidence {
            response: Some(response.to_vec()),
            harm: Some(harm.to_vec()),
            margin: Some(0.1),
            boundary: Some(0.05),
            probable: Some(0.8),
            ..RuleEvidence::default()
        }
    }

    #[test]
    fn a_plateau_gives_the_lowest_dosage_and_a_slope_the_higher() {
        let plateau = evidence(&[(5, 50), (20, 50), (22, 50)], &[(5, 50), (10, 50), (25, 50)]);
        let found = apply(SelectionRule::WithinMargin, &plateau).unwrap();
        assert_eq!((found.chosen, found.lost), (Some(1), vec![Some(Lost::Response), None, Some(Lost::LowerSuffices)]));
        assert_eq!(
            apply(SelectionRule::ProbableGain, &plateau).unwrap().chosen,
            None,
            "a loss of more than the margin has a probability of 0.27"
        );
        let kept = evidence(&[(5, 50), (23, 50), (22, 50)], &[(5, 50), (10, 50), (25, 50)]);
        assert_eq!(apply(SelectionRule::ProbableGain, &kept).unwrap().chosen, Some(1));
        // Lenvatinib, Study 211: 18 and 24 mg.
        let slope = evidence(&[(31, 77), (43, 75)], &[(44, 77), (46, 75)]);
        assert_eq!(apply(SelectionRule::WithinMargin, &slope).unwrap().chosen, Some(1));
        assert_eq!(apply(SelectionRule::SelectionBoundary, &slope).unwrap().chosen, Some(1));
        assert_eq!(apply(SelectionRule::ProbableGain, &slope).unwrap().lost, [Some(Lost::Response), Some(Lost::Outdone)]);
    }

    #[test]
    fn a_rule_without_its_inputs_says_what_it_lacks() {
        let nothing = RuleEvidence::default();
        assert!(SelectionRule::ALL.into_iter().all(|rule| apply(rule, &nothing).is_err_and(|lacks| !lacks.is_empty())));
        let three = evidence(&[(1, 9), (2, 9), (3, 9)], &[(1, 9), (2, 9), (3, 9)]);
        assert_eq!(apply(SelectionRule::SelectionBoundary, &three), Err("it compares two dosages"));
        let proposed = RuleEvidence { proposed: Some(2), ..three };
        assert_eq!(apply(SelectionRule::Sponsor, &proposed).unwrap().lost[2], None);
    }
}
