//! What dose-response curves are fitted to.

use super::error::DoseResponseError;
use super::model::DoseResponseModel;
use crate::numerics::matrix::Matrix;
use crate::numerics::orthogonal_triangular::OrthogonalTriangular;
use crate::numerics::separable_least_squares::Weighting;

/// A column that the response is adjusted for.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariate {
    /// Name in print.
    pub name: String,
    /// One value per row; 0 is the reference for which means are given.
    pub values: Vec<f64>,
}

/// Single responses with their doses.
#[derive(Debug, Clone, PartialEq)]
pub struct DoseObservations {
    /// Dose of each row.
    pub doses: Vec<f64>,
    /// Response of each row.
    pub responses: Vec<f64>,
    /// Columns that the response is adjusted for.
    pub covariates: Vec<Covariate>,
}

/// One estimate per dose level, for example from a model with covariates or on the logit scale.
#[derive(Debug, Clone, PartialEq)]
pub struct DoseEstimates {
    /// The dose levels.
    pub doses: Vec<f64>,
    /// The estimates.
    pub estimates: Vec<f64>,
    /// Their covariance.
    pub covariance: Matrix,
}

/// How the error of the data is known.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ErrorVariance {
    /// To be estimated: observations, and the sum of squares within cells that no curve can explain.
    Estimated { observations: usize, within_cells: f64 },
    /// Given with the estimates.
    Known,
}

/// Data brought into the form that fits and tests use: one row per combination of dose and covariates.
#[derive(Debug, Clone)]
pub struct DoseResponseData {
    pub(super) doses: Vec<f64>,
    pub(super) means: Vec<f64>,
    pub(super) covariates: Vec<Covariate>,
    pub(super) weighting: Weighting,
    pub(super) error: ErrorVariance,
    covariance: Option<Matrix>,
}

impl DoseResponseData {
    /// Data from single responses.
    ///
    /// Rows are sorted before they are summed, so that their order does not change a single bit of what follows.
    ///
    /// # Errors
    /// [`DoseResponseError`] for columns of different length, values that are not finite, negative doses, a single dose level, responses
    /// that are all the same, and covariates that are constant or determined by the others.
    pub fn from_observations(observations: &DoseObservations) -> Result<Self, DoseResponseError> {
        let n = observations.doses.len();
        check_length("responses", n, observations.responses.len())?;
        check_values("response", &observations.responses)?;
        check_doses(&observations.doses)?;
        for covariate in &observations.covariates {
            check_length("covariate", n, covariate.values.len())?;
            check_values("covariate", &covariate.values)?;
        }
        if observations.responses.windows(2).all(|pair| pair[0].to_bits() == pair[1].to_bits()) {
            return Err(DoseResponseError::NoVariation);
        }
        let cells = cells(observations);
        let covariates: Vec<Covariate> = observations
            .covariates
            .iter()
            .enumerate()
            .map(|(position, covariate)| Covariate {
                name: covariate.name.clone(),
                values: cells.iter().map(|cell| cell.key[position + 1]).collect(),
            })
            .collect();
        check_aliasing(&covariates, cells.len())?;
        Ok(Self {
            doses: cells.iter().map(|cell| cell.key[0]).collect(),
            means: cells.iter().map(|cell| cell.mean).collect(),
            covariates,
            weighting: Weighting::RootWeights(cells.iter().map(|cell| cell.count.sqrt()).collect()),
            error: ErrorVariance::Estimated { observations: n, within_cells: cells.iter().map(|cell| cell.within).sum() },
            covariance: None,
        })
    }

    /// Data from estimates with their covariance.
    ///
    /// # Errors
    /// [`DoseResponseError`] for columns of different length, values that are not finite, negative or repeated doses, a single dose
    /// level, and a covariance that is not symmetric positive definite.
    pub fn from_estimates(estimates: &DoseEstimates) -> Result<Self, DoseResponseError> {
        let n = estimates.doses.len();
        check_length("estimates", n, estimates.estimates.len())?;
        check_length("covariance", n, estimates.covariance.rows())?;
        check_values("estimate", &estimates.estimates)?;
        check_doses(&estimates.doses)?;
        let mut sorted = estimates.doses.clone();
        sorted.sort_by(f64::total_cmp);
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] >= pair[1]) {
            return Err(DoseResponseError::RepeatedDose(pair[0]));
        }
        let symmetric = estimates.covariance.is_symmetric(1e-8);
        let factor = estimates.covariance.cholesky().filter(|_| symmetric).ok_or(DoseResponseError::Covariance)?;
        Ok(Self {
            doses: estimates.doses.clone(),
            means: estimates.estimates.clone(),
            covariates: Vec::new(),
            weighting: Weighting::Covariance(factor),
            error: ErrorVariance::Known,
            covariance: Some(estimates.covariance.clone()),
        })
    }

    /// The same design with other means.
    pub(super) fn with_means(&self, means: Vec<f64>) -> Self {
        Self { means, ..self.clone() }
    }

    /// The dose levels, ascending.
    #[must_use]
    pub fn dose_levels(&self) -> Vec<f64> {
        let mut levels = self.doses.clone();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        levels
    }

    /// The largest dose.
    #[must_use]
    pub fn largest_dose(&self) -> f64 {
        self.doses.iter().copied().fold(0.0, f64::max)
    }

    /// Refuses a model with more parameters than there are dose levels.
    pub(super) fn check_doses_for(&self, model: DoseResponseModel) -> Result<usize, DoseResponseError> {
        let (found, needed) = (self.dose_levels().len(), model.parameters().len());
        if found < needed { Err(DoseResponseError::TooFewDoses { model, needed, found }) } else { Ok(found) }
    }

    /// One mean per dose level, adjusted for the covariates, with covariance and degrees of freedom (infinite where the covariance is given).
    ///
    /// Least squares with a mean of its own for every dose level; the covariance is the residual variance times `(X' X)^-1`.
    ///
    /// # Errors
    /// [`DoseResponseError::TooFewObservations`] when nothing is left to estimate the variance from.
    pub fn means_by_dose(&self) -> Result<(DoseEstimates, f64), DoseResponseError> {
        let levels = self.dose_levels();
        if let Some(covariance) = &self.covariance {
            let place = |level: f64| self.doses.iter().position(|dose| dose.total_cmp(&level).is_eq()).unwrap_or(0);
            let order: Vec<usize> = levels.iter().map(|level| place(*level)).collect();
            let mut sorted = Matrix::zeros(levels.len(), levels.len());
            for (row, from_row) in order.iter().enumerate() {
                for (column, from_column) in order.iter().enumerate() {
                    sorted.set(row, column, covariance.at(*from_row, *from_column));
                }
            }
            let estimates = order.iter().map(|position| self.means[*position]).collect();
            return Ok((DoseEstimates { doses: levels, estimates, covariance: sorted }, f64::INFINITY));
        }
        let ErrorVariance::Estimated { observations, within_cells } = self.error else { return Err(DoseResponseError::Covariance) };
        let parameters = levels.len() + self.covariates.len();
        let too_few = DoseResponseError::TooFewObservations { found: observations, parameters };
        if observations <= parameters || self.doses.len() < parameters {
            return Err(too_few);
        }
        let indicator = |level: &f64| self.doses.iter().map(|dose| f64::from(u8::from(dose.total_cmp(level).is_eq()))).collect();
        let columns: Vec<Vec<f64>> = levels.iter().map(indicator).chain(self.covariates.iter().map(|c| c.values.clone())).collect();
        let whitened: Vec<Vec<f64>> = columns.iter().map(|column| self.weighting.whiten(column)).collect();
        let design = Matrix::from_columns(&whitened).ok_or(DoseResponseError::Covariance)?;
        let factor = OrthogonalTriangular::new(design, self.weighting.whiten(&self.means));
        let (Some(estimates), Some(inverse)) = (factor.solve(), factor.inverse_cross_product()) else {
            let name = factor.dependent_column().and_then(|column| self.covariates.get(column.checked_sub(levels.len())?));
            return Err(name.map_or(too_few, |covariate| DoseResponseError::AliasedCovariate(covariate.name.clone())));
        };
        let df = (observations - parameters) as f64;
        let variance = (within_cells + factor.residual_sum_of_squares()) / df;
        let mut covariance = Matrix::zeros(levels.len(), levels.len());
        for row in 0..levels.len() {
            for column in 0..levels.len() {
                covariance.set(row, column, variance * inverse.at(row, column));
            }
        }
        let estimates = estimates.into_iter().take(levels.len()).collect();
        Ok((DoseEstimates { doses: levels, estimates, covariance }, df))
    }
}

/// Rows that share dose and covariates.
struct Cell {
    key: Vec<f64>,
    count: f64,
    mean: f64,
    within: f64,
}

fn cells(observations: &DoseObservations) -> Vec<Cell> {
    let row = |position: usize| -> Vec<f64> {
        let covariates = observations.covariates.iter().map(|covariate| covariate.values[position]);
        // Adding zero makes a negative zero positive, which would otherwise be a level of its own.
        std::iter::once(observations.doses[position]).chain(covariates).map(|value| value + 0.0).collect()
    };
    let mut rows: Vec<(Vec<f64>, f64)> = (0..observations.doses.len()).map(|i| (row(i), observations.responses[i])).collect();
    let by_key = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x.total_cmp(y)).find(|order| order.is_ne());
    rows.sort_by(|a, b| by_key(&a.0, &b.0).unwrap_or_else(|| a.1.total_cmp(&b.1)));
    rows.chunk_by(|a, b| by_key(&a.0, &b.0).is_none())
        .map(|rows| {
            let count = rows.len() as f64;
            let mean = rows.iter().map(|(_, response)| response).sum::<f64>() / count;
            let within = rows.iter().map(|(_, response)| (response - mean).powi(2)).sum();
            Cell { key: rows.first().map(|row| row.0.clone()).unwrap_or_default(), count, mean, within }
        })
        .collect()
}

fn check_length(what: &'static str, expected: usize, found: usize) -> Result<(), DoseResponseError> {
    if expected == found { Ok(()) } else { Err(DoseResponseError::Length { what, expected, found }) }
}

fn check_values(what: &'static str, values: &[f64]) -> Result<(), DoseResponseError> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(position) => Err(DoseResponseError::Value { what, value: values[position], row: position + 1 }),
        None => Ok(()),
    }
}

fn check_doses(doses: &[f64]) -> Result<(), DoseResponseError> {
    if let Some(position) = doses.iter().position(|dose| !dose.is_finite() || *dose < 0.0) {
        return Err(DoseResponseError::Value { what: "dose", value: doses[position], row: position + 1 });
    }
    let first = doses.first().copied().unwrap_or_default();
    if doses.iter().all(|dose| dose.total_cmp(&first).is_eq()) { Err(DoseResponseError::OneDose) } else { Ok(()) }
}

fn check_aliasing(covariates: &[Covariate], rows: usize) -> Result<(), DoseResponseError> {
    let columns: Vec<Vec<f64>> = std::iter::once(vec![1.0; rows]).chain(covariates.iter().map(|c| c.values.clone())).collect();
    let factor = Matrix::from_columns(&columns).map(|design| OrthogonalTriangular::new(design, vec![0.0; rows]));
    let aliased = factor.and_then(|factor| factor.dependent_column()).and_then(|column| covariates.get(column.checked_sub(1)?));
    aliased.map_or(Ok(()), |covariate| Err(DoseResponseError::AliasedCovariate(covariate.name.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observations() -> DoseObservations {
        DoseObservations {
            doses: vec![0.0, 0.0, 10.0, 10.0, 10.0, 20.0, 20.0],
            responses: vec![1.0, 2.0, 2.0, 4.0, 3.0, 5.0, 4.0],
            covariates: Vec::new(),
        }
    }

    #[test]
    fn means_by_dose_are_those_of_one_way_analysis_of_variance() {
        let (means, df) = DoseResponseData::from_observations(&observations()).unwrap().means_by_dose().unwrap();
        assert_eq!(means.doses, [0.0, 10.0, 20.0]);
        for (got, want) in means.estimates.iter().zip([1.5, 3.0, 4.5]) {
            assert!((got - want).abs() < 1e-13);
        }
        // Sums of squares within doses 0.5, 2, 0.5 over 4 degrees of freedom: variance 0.75.
        assert!((df - 4.0).abs() < f64::EPSILON && (means.covariance.at(1, 1) - 0.25).abs() < 1e-13);
        assert!(means.covariance.at(0, 2).abs() < 1e-15);
    }

    #[test]
    fn unusable_data_are_refused_by_name() {
        let refused = |change: fn(&mut DoseObservations)| {
            let mut changed = observations();
            change(&mut changed);
            DoseResponseData::from_observations(&changed).unwrap_err()
        };
        assert_eq!(refused(|data| data.doses.fill(10.0)), DoseResponseError::OneDose);
        assert_eq!(refused(|data| data.responses.fill(10.0)), DoseResponseError::NoVariation);
        assert_eq!(refused(|data| data.doses[2] = -1.0), DoseResponseError::Value { what: "dose", value: -1.0, row: 3 });
        assert!(matches!(refused(|data| data.responses[0] = f64::NAN), DoseResponseError::Value { what: "response", row: 1, .. }));
        assert_eq!(refused(|data| data.responses.truncate(6)), DoseResponseError::Length { what: "responses", expected: 7, found: 6 });
        let constant = |data: &mut DoseObservations| data.covariates.push(Covariate { name: "site".to_owned(), values: vec![2.0; 7] });
        assert_eq!(refused(constant), DoseResponseError::AliasedCovariate("site".to_owned()));
    }

    #[test]
    fn estimates_need_a_covariance_and_distinct_doses() {
        let estimates = |doses: &[f64], covariance: Matrix| {
            let given = DoseEstimates { doses: doses.to_vec(), estimates: vec![1.0, 2.0], covariance };
            DoseResponseData::from_estimates(&given).map(|_| ())
        };
        assert_eq!(estimates(&[0.0, 1.0], Matrix::diagonal(&[1.0, 0.0])), Err(DoseResponseError::Covariance));
        assert_eq!(
            estimates(&[0.0, 1.0], Matrix::diagonal(&[1.0])),
            Err(DoseResponseError::Length { what: "covariance", expected: 2, found: 1 })
        );
        assert_eq!(estimates(&[1.0, 1.0], Matrix::diagonal(&[1.0, 1.0])), Err(DoseResponseError::OneDose));
        assert_eq!(estimates(&[0.0, 1.0], Matrix::diagonal(&[1.0, 1.0])), Ok(()));
    }
}
