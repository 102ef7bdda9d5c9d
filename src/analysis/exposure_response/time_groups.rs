//! Groups of subjects by exposure: quartiles, thirds or halves, with the times of each.

use super::assembly::Sample;
use super::endpoint::Outcome;
use super::model_matrix::Covariate;
use super::refusal::Refusal;
use super::time_to_event::{TimeToEventData, TimeToEventError, fit_columns};
use crate::analysis::measure::Survival;
use crate::config::IntervalSettings;
use crate::numerics::cox::{Cox, Ties};
use crate::numerics::descriptive::{QuantileType, quantile};
use crate::numerics::design_matrix::DesignMatrix;
use crate::numerics::log_rank::{LogRankWeight, log_rank};

/// Subjects that a group should have at least.
pub const SUBJECTS_PER_GROUP: usize = 10;

/// Into how many groups the exposures of so many subjects are cut: four where each has [`SUBJECTS_PER_GROUP`], otherwise three, otherwise two.
#[must_use]
pub fn group_count(subjects: usize) -> usize {
    [4, 3].into_iter().find(|groups| subjects >= groups * SUBJECTS_PER_GROUP).unwrap_or(2)
}

/// What one of so many groups is called.
#[must_use]
pub const fn group_word(groups: usize) -> &'static str {
    match groups {
        4 => "quartile",
        3 => "third",
        _ => "half",
    }
}

/// Short name of a group: `Q1`, `T3`, `H2`.
#[must_use]
pub fn group_key(position: usize, groups: usize) -> String {
    let letter = match groups {
        4 => 'Q',
        3 => 'T',
        _ => 'H',
    };
    format!("{letter}{position}")
}

/// Who belongs to which group, by positions from zero; each group is open below and closed above at the quantiles (type 7 `[HyndmanFan1996]`).
pub(super) fn membership(exposures: &[f64], groups: usize) -> Vec<usize> {
    let cut = |part: usize| quantile(exposures, part as f64 / groups as f64, QuantileType::Type7);
    let cuts: Vec<f64> = (1..groups).filter_map(cut).collect();
    exposures.iter().map(|exposure| cuts.iter().filter(|cut| exposure > *cut).count()).collect()
}

/// A group of exposure with its times.
#[derive(Debug, Clone)]
pub struct ExposureBand {
    /// Position from one.
    pub position: usize,
    /// Smallest exposure.
    pub minimum: f64,
    /// Largest exposure.
    pub maximum: f64,
    /// Positions of its subjects in the sample.
    pub members: Vec<usize>,
    /// The Kaplan-Meier curve; competing events end the time like censoring.
    pub survival: Survival,
    /// Hazard ratio to the group with the lowest exposure, with limits; `None` of that group itself.
    pub ratio: Option<(f64, Option<(f64, f64)>)>,
}

/// The groups of a sample with the tests across them.
#[derive(Debug, Clone)]
pub struct ExposureBands {
    /// Into how many groups the exposures were cut.
    pub groups: usize,
    /// The groups that hold a subject, lowest exposure first.
    pub bands: Vec<ExposureBand>,
    /// p value of the log-rank test across the groups.
    pub log_rank: Option<f64>,
    /// p value of the score test of a trend over the positions of the groups.
    pub trend: Option<f64>,
}

/// Cuts a sample into groups of exposure.
///
/// The trend test is the score test of proportional-hazards regression on the position of the group, which is the log-rank test for trend. Hazard
/// ratios are of one regression with the group as a factor, in the strata of the analysis; log-rank and trend tests are not stratified.
///
/// # Errors
/// As for the models.
pub(super) fn group_by_exposure(
    sample: &Sample,
    (strata, ties): (&[usize], Ties),
    intervals: &IntervalSettings,
) -> Result<ExposureBands, Refusal> {
    let exposures = sample.exposures();
    let (mut ends, mut events) = (Vec::new(), Vec::new());
    for subject in &sample.subjects {
        let (days, event) = if let Outcome::Time { days, event } = subject.outcome { (days, event) } else { (0.0, false) };
        ends.push(days);
        events.push(event);
    }
    let groups = group_count(exposures.len());
    let member = membership(&exposures, groups);
    let mut bands: Vec<ExposureBand> = Vec::new();
    for place in 0..groups {
        let members: Vec<usize> = (0..member.len()).filter(|row| member[*row] == place).collect();
        let observed =
            members.iter().filter_map(|row| Some((sample.subjects.get(*row)?.exposure_row, *ends.get(*row)?, *events.get(*row)?)));
        let Some(survival) = Survival::of(observed, intervals) else { continue };
        let values = || members.iter().filter_map(|row| exposures.get(*row)).copied();
        let (minimum, maximum) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        bands.push(ExposureBand { position: place + 1, minimum, maximum, members, survival, ratio: None });
    }
    let test = log_rank(&ends, &events, &member, groups, LogRankWeight::LogRank).map_err(TimeToEventError::from)?;
    let labels: Vec<String> = member.iter().map(|place| place.to_string()).collect();
    let data = TimeToEventData { ends: &ends, events: &events, exposures: &exposures, strata, ties, ..TimeToEventData::default() };
    let model = fit_columns(&data, &[Covariate::factor("group", &labels)], intervals.level, &mut Vec::new())?;
    if let Some(model) = model {
        for (band, row) in bands.iter_mut().skip(1).zip(&model.rows) {
            let raised = |(lower, upper): (f64, f64)| (lower.exp(), upper.exp());
            band.ratio = row.estimate.map(|estimate| (estimate.exp(), row.limits.map(raised)));
        }
    }
    Ok(ExposureBands { groups, bands, log_rank: test.p_value, trend: trend(&ends, &events, &member) })
}

/// p value of the score test on the position of the group.
fn trend(ends: &[f64], events: &[bool], member: &[usize]) -> Option<f64> {
    let scores: Vec<f64> = member.iter().map(|place| *place as f64).collect();
    let design = DesignMatrix::from_columns(&[scores]).ok()?;
    let fit = Cox::new(&design, ends, events).ok()?.fit(Ties::Breslow).ok()?;
    fit.score_test.p_value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_subjects_make_fewer_groups() {
        assert_eq!([400, 40, 39, 30, 29, 5].map(group_count), [4, 4, 3, 3, 2, 2]);
        assert_eq!((group_word(4), group_key(2, 3)), ("quartile", "T2".to_owned()));
        assert_eq!(membership(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], 4), [0, 0, 1, 1, 2, 2, 3, 3]);
        assert_eq!(membership(&[5.0; 4], 4), [0; 4]);
    }

    #[test]
    fn between_two_groups_without_ties_the_trend_is_the_log_rank_test() {
        let ends: Vec<f64> = (0..24).map(|i| f64::from(i * 7 % 24) + 1.0).collect();
        let events: Vec<bool> = (0..24).map(|i| i % 5 != 0).collect();
        let member: Vec<usize> = (0..24).map(|i| usize::from(i % 3 == 0)).collect();
        let test = log_rank(&ends, &events, &member, 2, LogRankWeight::LogRank).unwrap();
        assert!((trend(&ends, &events, &member).unwrap() - test.p_value.unwrap()).abs() < 1e-10);
    }
}
