//! Other ways to let exposure enter a binary model: by quartile, and in interaction with a covariate.

use super::binary::ExposureForm;
use super::caution::Caution;
use super::effect::{Effect, Step};
use super::exposure_groups::{ExposureGroup, ExposureGroups};
use super::logistic_model::{LogisticModel, LogisticModelError, Request, fit_logistic};
use super::model_matrix::{Covariate, CovariateValues};
use crate::config::SlopeInterval;

/// Name of the factor of exposure groups.
const GROUP: &str = "group";

/// A model of groups of exposure.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupedModel {
    /// Subjects.
    pub n: usize,
    /// The group that the others are compared with: the lowest.
    pub reference: ExposureGroup,
    /// The other groups, each with the log odds ratio to the reference.
    pub groups: Vec<(ExposureGroup, Effect)>,
    /// p value of all log odds ratios being zero; `None` under Firth's penalty.
    pub p_value: Option<f64>,
}

/// Groups of exposure as a factor; `None` with fewer than two groups or where nothing can be fitted.
pub(super) fn fit_grouped(
    request: Request<'_>,
    groups: &ExposureGroups,
    interval: SlopeInterval,
    cautions: &mut Vec<Caution>,
) -> Result<Option<GroupedModel>, LogisticModelError> {
    let Some((reference, others)) = groups.groups.split_first().filter(|(_, others)| !others.is_empty()) else { return Ok(None) };
    let place = |exposure: f64| groups.groups.iter().position(|group| exposure >= group.minimum && exposure <= group.maximum).unwrap_or(0);
    // Two digits, so that the alphabetical order is that of the groups.
    let levels: Vec<String> = request.exposures.iter().map(|exposure| format!("{:02}", place(*exposure))).collect();
    let factor = [Covariate::factor(GROUP, &levels)];
    let request = Request { form: ExposureForm::Linear, covariates: &factor, instead_of_exposure: true, ..request };
    let Some(model) = fit_logistic(request, cautions)? else { return Ok(None) };
    let effects = model.rows_of(0).map(|row| Effect::of_row(row, &model, Step::Units(1.0), interval));
    Ok(Some(GroupedModel {
        n: model.n,
        reference: *reference,
        groups: others.iter().copied().zip(effects).collect(),
        p_value: model.joint_test.and_then(|test| test.p_value),
    }))
}

/// Exposure in interaction with one covariate, in the adjusted model.
#[derive(Debug, Clone, PartialEq)]
pub struct InteractionModel {
    /// The covariate.
    pub covariate: String,
    /// Level of a factor, `None` for a numeric covariate, with the factor by which the odds ratio per step of exposure is multiplied, as a logarithm.
    pub changes: Vec<(Option<String>, Effect)>,
    /// Subjects.
    pub n: usize,
    /// Subjects with the event.
    pub events: usize,
    /// p value of no interaction: likelihood ratio of all its columns; the coefficient's own under Firth's penalty where it has one column.
    pub p_value: Option<f64>,
}

/// The adjusted model with the product of exposure and a covariate.
pub(super) fn fit_interaction(
    request: Request<'_>,
    name: &str,
    (median, interval): (f64, SlopeInterval),
    cautions: &mut Vec<Caution>,
) -> Result<Option<InteractionModel>, LogisticModelError> {
    let Some(covariate) = request.covariates.iter().find(|covariate| covariate.name.eq_ignore_ascii_case(name)) else { return Ok(None) };
    let request = Request { interaction: Some(&covariate.name), ..request };
    let Some(model) = fit_logistic(request, cautions)? else { return Ok(None) };
    let step = Step::of(request.form, median);
    let changes: Vec<(Option<String>, Effect)> =
        model.rows_of_last().map(|row| (level(&row.name, covariate), Effect::of_row(row, &model, step, interval))).collect();
    let p_value = joint(&model).or(if let [(_, only)] = changes.as_slice() { only.p_value } else { None });
    Ok(Some(InteractionModel { covariate: covariate.name.clone(), changes, n: model.n, events: model.events, p_value }))
}

fn joint(model: &LogisticModel) -> Option<f64> {
    model.joint_test.and_then(|test| test.p_value)
}

/// The level that a column of the interaction stands for.
fn level(column: &str, covariate: &Covariate) -> Option<String> {
    match covariate.values {
        CovariateValues::Numeric(_) => None,
        CovariateValues::Factor(_) => {
            let (_, last) = column.rsplit_once(':')?;
            last.strip_prefix(&covariate.name).map(str::to_owned)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::exposure_groups::group_exposures;
    use super::super::logistic_model::Profiled;
    use super::*;
    use crate::numerics::descriptive::QuantileType;
    use crate::numerics::regression::ChiSquareTest;

    fn request<'a>(exposures: &'a [f64], outcomes: &'a [bool], covariates: &'a [Covariate]) -> Request<'a> {
        Request {
            exposures,
            outcomes,
            form: ExposureForm::Linear,
            covariates,
            level: 0.95,
            profiles: Profiled::Exposure,
            interaction: None,
            instead_of_exposure: false,
        }
    }

    #[test]
    fn odds_ratios_of_groups_are_those_of_their_tables() {
        let exposures: Vec<f64> = (1..=80).map(f64::from).collect();
        let outcomes: Vec<bool> = (0..80).map(|i| i * 37 % 80 < 10 + i * 3 / 5).collect();
        let groups = group_exposures(&exposures, &outcomes, 4, QuantileType::Type7, 0.95).unwrap();
        let found = fit_grouped(request(&exposures, &outcomes, &[]), &groups, SlopeInterval::Wald, &mut Vec::new()).unwrap().unwrap();
        let odds = |group: &ExposureGroup| group.events as f64 / (group.n - group.events) as f64;
        assert_eq!(found.groups.len(), 3);
        for (group, effect) in &found.groups {
            assert!((effect.estimate.unwrap().exp() - odds(group) / odds(&found.reference)).abs() < 1e-8);
        }
        let likelihood = |events: usize, n: usize| {
            let part = |count: usize| if count > 0 { count as f64 * (count as f64 / n as f64).ln() } else { 0.0 };
            part(events) + part(n - events)
        };
        let apart: f64 = groups.groups.iter().map(|group| likelihood(group.events, group.n)).sum();
        let together = likelihood(outcomes.iter().filter(|outcome| **outcome).count(), outcomes.len());
        let test = ChiSquareTest::new(2.0 * (apart - together), 3);
        assert!((found.p_value.unwrap() - test.p_value.unwrap()).abs() < 1e-8);
        let equal = group_exposures(&[3.0; 4], &[true, false, true, false], 4, QuantileType::Type7, 0.95).unwrap();
        let none = fit_grouped(request(&[3.0; 4], &[true, false, true, false], &[]), &equal, SlopeInterval::Wald, &mut Vec::new());
        assert_eq!(none.unwrap(), None);
    }

    #[test]
    fn a_group_without_events_is_penalised_and_has_profile_limits() {
        let exposures: Vec<f64> = (1..=40).map(f64::from).collect();
        let outcomes: Vec<bool> = (0..40).map(|i| i >= 10 && i % 2 == 0).collect();
        let groups = group_exposures(&exposures, &outcomes, 4, QuantileType::Type7, 0.95).unwrap();
        let mut cautions = Vec::new();
        let found =
            fit_grouped(request(&exposures, &outcomes, &[]), &groups, SlopeInterval::ProfileLikelihood, &mut cautions).unwrap().unwrap();
        assert!(found.groups.iter().all(|(_, effect)| effect.penalised && effect.limits.unwrap().0 > 0.0));
        assert!(cautions.iter().any(|caution| matches!(caution, Caution::Separated(_))) && found.p_value.is_none());
    }

    #[test]
    fn an_interaction_with_a_factor_is_the_difference_of_the_slopes_within_its_levels() {
        let exposures: Vec<f64> = (0..200).map(|i| f64::from(i % 50)).collect();
        let sex: Vec<&str> = (0..200).map(|i| if i % 4 < 2 { "F" } else { "M" }).collect();
        let outcomes: Vec<bool> = (0..200).map(|i| i * 37 % 100 < if i % 4 < 2 { 20 + i % 50 } else { 70 - i % 50 }).collect();
        let covariates = [Covariate::factor("SEX", &sex)];
        let whole = request(&exposures, &outcomes, &covariates);
        let found = fit_interaction(whole, "sex", (10.0, SlopeInterval::Wald), &mut Vec::new()).unwrap().unwrap();
        let slope = |level: &str| {
            let of: Vec<usize> = (0..200).filter(|row| sex[*row] == level).collect();
            let x: Vec<f64> = of.iter().map(|row| exposures[*row]).collect();
            let y: Vec<bool> = of.iter().map(|row| outcomes[*row]).collect();
            fit_logistic(request(&x, &y, &[]), &mut Vec::new()).unwrap().unwrap().slope().unwrap().estimate.unwrap()
        };
        let (label, change) = &found.changes[0];
        assert_eq!((found.changes.len(), label.as_deref()), (1, Some("M")));
        assert!((change.estimate.unwrap() - 10.0 * (slope("M") - slope("F"))).abs() < 1e-7);
        assert!(found.p_value.unwrap() < 0.01);
        assert_eq!(fit_interaction(whole, "AGE", (10.0, SlopeInterval::Wald), &mut Vec::new()).unwrap(), None);
    }
}
