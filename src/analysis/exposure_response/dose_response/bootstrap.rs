//! Bootstrap of dose-response curves.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::curve::DoseResponseCurve;
use super::data::{DoseObservations, DoseResponseData};
use super::error::DoseResponseError;
use super::fit::{FitSettings, fit_curve};
use super::model::DoseResponseModel;
use crate::numerics::descriptive::{QuantileType, quantile};

/// How often rows are drawn anew, and from which seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resampling {
    /// Number of replicates.
    pub replicates: u32,
    /// Seed; replicate `i` draws from stream `i` of it.
    pub seed: u64,
}

/// Refits a model to rows drawn with replacement within each dose.
///
/// Every replicate has its own stream of random numbers, so that the curves do not depend on the number of threads. A replicate without a fit
/// (for example where every response drawn is the same) is `None`.
///
/// # Errors
/// [`DoseResponseError`] where the model cannot be fitted to the data themselves.
///
/// Source: `[EfronTibshirani1993]`.
pub fn bootstrap_curves(
    observations: &DoseObservations,
    model: DoseResponseModel,
    settings: &FitSettings,
    resampling: Resampling,
) -> Result<Vec<Option<DoseResponseCurve>>, DoseResponseError> {
    let data = DoseResponseData::from_observations(observations)?;
    fit_curve(&data, model, settings)?;
    let groups = rows_by_dose(observations);
    let seeded = ChaCha8Rng::seed_from_u64(resampling.seed);
    let replicate = |number: u32| {
        let mut stream = seeded.clone();
        stream.set_stream(number.into());
        let drawn = if observations.covariates.is_empty() {
            data.with_means(groups.iter().map(|rows| drawn_mean(rows, observations, &mut stream)).collect())
        } else {
            DoseResponseData::from_observations(&drawn_rows(&groups, observations, &mut stream)).ok()?
        };
        fit_curve(&drawn, model, settings).ok().map(|found| found.curve)
    };
    Ok((0..resampling.replicates).into_par_iter().map(replicate).collect())
}

/// Positions of the rows of each dose, doses ascending, rows in an order that does not depend on that of the data.
fn rows_by_dose(observations: &DoseObservations) -> Vec<Vec<usize>> {
    let mut rows: Vec<usize> = (0..observations.doses.len()).collect();
    let dose = |row: usize| observations.doses[row] + 0.0;
    let covariates = |row: usize| observations.covariates.iter().map(move |covariate| covariate.values[row]);
    rows.sort_by(|a, b| {
        let by_covariates = || covariates(*a).zip(covariates(*b)).map(|(x, y)| x.total_cmp(&y)).find(|order| order.is_ne());
        let by_response = observations.responses[*a].total_cmp(&observations.responses[*b]);
        dose(*a).total_cmp(&dose(*b)).then(by_response).then_with(|| by_covariates().unwrap_or(std::cmp::Ordering::Equal))
    });
    rows.chunk_by(|a, b| dose(*a).total_cmp(&dose(*b)).is_eq()).map(<[usize]>::to_vec).collect()
}

/// A row of a group, each as likely as the others.
fn draw(rows: &[usize], stream: &mut ChaCha8Rng) -> usize {
    // The upper half of a product with a uniform 64-bit number; the excess probability of some rows is below 2^-40.
    let position = (u128::from(stream.next_u64()) * rows.len() as u128) >> u64::BITS;
    rows.get(position as usize).copied().unwrap_or_default()
}

fn drawn_mean(rows: &[usize], observations: &DoseObservations, stream: &mut ChaCha8Rng) -> f64 {
    rows.iter().map(|_| observations.responses[draw(rows, stream)]).sum::<f64>() / rows.len() as f64
}

fn drawn_rows(groups: &[Vec<usize>], observations: &DoseObservations, stream: &mut ChaCha8Rng) -> DoseObservations {
    let drawn: Vec<usize> = groups.iter().flat_map(|rows| rows.iter().map(|_| draw(rows, stream)).collect::<Vec<usize>>()).collect();
    let take = |column: &[f64]| drawn.iter().map(|row| column[*row]).collect();
    let covariates =
        observations.covariates.iter().map(|covariate| super::Covariate { values: take(&covariate.values), ..covariate.clone() });
    DoseObservations { doses: take(&observations.doses), responses: take(&observations.responses), covariates: covariates.collect() }
}

/// A band of bootstrapped effects at a dose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurveBand {
    /// The dose.
    pub dose: f64,
    /// Lower percentile.
    pub lower: f64,
    /// Median.
    pub median: f64,
    /// Upper percentile.
    pub upper: f64,
}

/// Percentiles of the effects over dose 0 of bootstrapped curves.
///
/// # Errors
/// [`DoseResponseError::Probability`] for a level outside (0, 1).
pub fn percentile_band(curves: &[Option<DoseResponseCurve>], doses: &[f64], level: f64) -> Result<Vec<CurveBand>, DoseResponseError> {
    if !(level > 0.0 && level < 1.0) {
        return Err(DoseResponseError::Probability { what: "level", value: level });
    }
    let band = |dose: &f64| {
        let effects: Vec<f64> = curves.iter().flatten().map(|curve| curve.effect(*dose)).collect();
        let at = |p: f64| quantile(&effects, p, QuantileType::Type7).unwrap_or(f64::NAN);
        CurveBand { dose: *dose, lower: at(0.5 - 0.5 * level), median: at(0.5), upper: at(0.5 + 0.5 * level) }
    };
    Ok(doses.iter().map(band).collect())
}
