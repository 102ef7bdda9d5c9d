//! An ordered outcome, such as the worst grade, against exposure: proportional odds.

use super::binary::EXPOSURE;
use super::caution::{Caution, FEW_EVENTS};
use super::coefficient::{LogRatio, log_ratios};
use super::model_matrix::{Covariate, ModelMatrix, ModelMatrixError, Term, Transform};
use crate::numerics::distribution::DistributionError;
use crate::numerics::glm::{GlmError, ProportionalOdds, ProportionalOddsFit};

/// Exposures and ordered outcomes by subject.
#[derive(Debug, Clone, Copy)]
pub struct OrdinalData<'a> {
    /// Exposure.
    pub exposures: &'a [f64],
    /// Outcome, from zero up, such as the worst grade with zero for none.
    pub grades: &'a [usize],
    /// Covariates to adjust for.
    pub covariates: &'a [Covariate],
}

/// A proportional-odds analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct OrdinalAnalysis {
    /// Subjects used.
    pub n: usize,
    /// The coefficients; empty where nothing was fitted.
    pub rows: Vec<LogRatio>,
    /// The fit.
    pub fit: Option<ProportionalOddsFit>,
    /// What a reader must know.
    pub cautions: Vec<Caution>,
}

/// Fits proportional odds of a higher outcome on exposure and the covariates.
///
/// # Errors
/// Columns that cannot be made, and a `level` outside (0, 1); what cannot be estimated is a caution.
///
/// Source: `[McCullagh1980]`.
pub fn analyse_ordinal(data: &OrdinalData<'_>, level: f64) -> Result<OrdinalAnalysis, OrdinalError> {
    let mut out = OrdinalAnalysis { n: 0, rows: Vec::new(), fit: None, cautions: Vec::new() };
    if data.grades.is_empty() {
        out.cautions.push(Caution::NoSubjects);
        return Ok(out);
    }
    let mut all = vec![Covariate::numeric(EXPOSURE, data.exposures)];
    all.extend(data.covariates.iter().cloned());
    let terms: Vec<Term> = all.iter().map(|covariate| Term::main(&covariate.name, Transform::Identity)).collect();
    let matrix = ModelMatrix::build(&all, &terms, false, &vec![true; data.grades.len()])?;
    let grades: Vec<usize> = matrix.rows().iter().filter_map(|row| data.grades.get(*row)).copied().collect();
    out.n = grades.len();
    if out.n < data.grades.len() {
        out.cautions.push(Caution::MissingValues { n: data.grades.len() - out.n });
    }
    let categories = grades.iter().max().map_or(0, |largest| largest + 1);
    let fit = match ProportionalOdds::new(matrix.design(), &grades, categories).and_then(|model| model.fit()) {
        Ok(fit) => fit,
        Err(GlmError::Separated(separation)) => {
            out.cautions.push(Caution::Separated(separation));
            return Ok(out);
        }
        Err(error @ (GlmError::OneCategory | GlmError::NoConvergence { .. })) => {
            out.cautions.push(Caution::NotFitted { reason: error.to_string() });
            return Ok(out);
        }
        Err(error) => return Err(error.into()),
    };
    out.rows = log_ratios(matrix.names(), &fit.coefficients, level, &mut out.cautions)?;
    let above: usize = grades.iter().filter(|grade| **grade > fit.categories[0]).count();
    let (parameters, fewer) = (fit.thresholds.len() + fit.coefficients.kept().len(), above.min(out.n - above));
    if (fewer as f64) < FEW_EVENTS * parameters as f64 {
        out.cautions.push(Caution::FewEvents { events: fewer, parameters });
    }
    out.fit = Some(fit);
    Ok(out)
}

/// Why an analysis is refused altogether.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OrdinalError {
    /// Columns that cannot be made.
    #[error(transparent)]
    Matrix(#[from] ModelMatrixError),
    /// Outcomes that are none.
    #[error(transparent)]
    Outcomes(#[from] GlmError),
    /// A bad confidence level.
    #[error(transparent)]
    Distribution(#[from] DistributionError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn higher_exposure_with_higher_grades_has_a_positive_slope() {
        let exposures: Vec<f64> = (0..60).map(|i| f64::from(i * 37 % 60)).collect();
        let grades: Vec<usize> = exposures.iter().enumerate().map(|(i, x)| ((x + (i * 29 % 40) as f64) / 25.0) as usize).collect();
        let found = analyse_ordinal(&OrdinalData { exposures: &exposures, grades: &grades, covariates: &[] }, 0.9).unwrap();
        let row = &found.rows[0];
        assert!(row.limits.unwrap().0 > 0.0 && row.wald.unwrap().p_value < 0.01 && found.n == 60);
        let probabilities = found.fit.unwrap().probabilities(&[30.0]);
        assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn one_grade_equal_exposures_and_no_subjects_give_cautions() {
        let data = OrdinalData { exposures: &[1.0, 2.0, 3.0, 4.0], grades: &[2; 4], covariates: &[] };
        assert!(matches!(analyse_ordinal(&data, 0.95).unwrap().cautions[0], Caution::NotFitted { .. }));
        let equal = OrdinalData { exposures: &[5.0; 4], grades: &[0, 1, 2, 0], covariates: &[] };
        let found = analyse_ordinal(&equal, 0.95).unwrap();
        assert!(found.cautions.contains(&Caution::Aliased { column: EXPOSURE.to_owned() }) && found.rows[0].estimate.is_none());
        let ordered = OrdinalData { grades: &[0, 1, 2, 3], ..data };
        assert!(matches!(analyse_ordinal(&ordered, 0.95).unwrap().cautions[0], Caution::Separated(_)));
        let nobody = OrdinalData { exposures: &[], grades: &[], covariates: &[] };
        assert_eq!(analyse_ordinal(&nobody, 0.95).unwrap().cautions, [Caution::NoSubjects]);
    }
}
