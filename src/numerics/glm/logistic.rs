//! Logistic regression by maximum likelihood.

use super::super::cholesky::Cholesky;
use super::super::design_matrix::{Basis, DesignMatrix};
use super::super::distribution::{chi_square_quantile, ln_gamma};
use super::super::regression::{ChiSquareTest, Coefficients, ProfileLimits, profile_limit};
use super::error::GlmError;
use super::likelihood::{Ascent, Binomial};
use super::separation::{Separation, judge};

/// Events among trials on a design matrix: checked, and ready to be fitted.
#[derive(Debug, Clone)]
pub struct Logistic {
    pub(super) design: DesignMatrix,
    pub(super) events: Vec<f64>,
    pub(super) trials: Vec<f64>,
    pub(super) basis: Basis,
}

/// A fitted logistic regression.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticFit {
    /// Coefficients on the logit scale, with the inverse expected information.
    pub coefficients: Coefficients,
    /// Log-likelihood; for grouped counts with the binomial coefficients.
    pub log_likelihood: f64,
    /// Deviance.
    pub deviance: f64,
    /// Deviance of the model with a constant only.
    pub null_deviance: f64,
    /// Rows.
    pub rows: usize,
    /// Newton steps.
    pub iterations: usize,
}

impl LogisticFit {
    /// Number of estimated coefficients.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.coefficients.kept().len()
    }

    /// Akaike's criterion `-2 l + 2 p`.
    #[must_use]
    pub fn aic(&self) -> f64 {
        -2.0 * self.log_likelihood + 2.0 * self.parameters() as f64
    }

    /// Schwarz's criterion `-2 l + p log(rows)`.
    #[must_use]
    pub fn bic(&self) -> f64 {
        -2.0 * self.log_likelihood + self.parameters() as f64 * (self.rows as f64).ln()
    }

    /// Likelihood-ratio test against the model with a constant only; meant for designs whose first column is constant.
    #[must_use]
    pub fn test_against_constant(&self) -> ChiSquareTest {
        ChiSquareTest::new(self.null_deviance - self.deviance, self.parameters().saturating_sub(1))
    }
}

impl Logistic {
    /// Counts of events among trials; without `trials` each row is one trial.
    ///
    /// # Errors
    /// [`GlmError::Lengths`] and [`GlmError::Count`].
    pub fn new(design: DesignMatrix, events: &[f64], trials: Option<&[f64]>) -> Result<Self, GlmError> {
        let trials = trials.map_or_else(|| vec![1.0; events.len()], <[f64]>::to_vec);
        if events.len() != design.rows() || trials.len() != design.rows() {
            return Err(GlmError::Lengths { rows: design.rows(), outcomes: events.len().min(trials.len()) });
        }
        let bad = |(events, trials): &(&f64, &f64)| !(**events >= 0.0 && events <= trials && **trials > 0.0 && trials.is_finite());
        if let Some((events, trials)) = events.iter().zip(&trials).find(bad) {
            return Err(GlmError::Count { events: *events, trials: *trials });
        }
        let basis = design.basis();
        Ok(Self { design, events: events.to_vec(), trials, basis })
    }

    /// One trial per row, an event where the outcome is true.
    ///
    /// # Errors
    /// As [`Logistic::new`].
    pub fn from_outcomes(design: DesignMatrix, outcomes: &[bool]) -> Result<Self, GlmError> {
        let events: Vec<f64> = outcomes.iter().map(|outcome| f64::from(u8::from(*outcome))).collect();
        Self::new(design, &events, None)
    }

    /// The design matrix.
    #[must_use]
    pub fn design(&self) -> &DesignMatrix {
        &self.design
    }

    /// Maximum-likelihood fit by iteratively reweighted least squares.
    ///
    /// ```text
    /// logit p_i = x_i'b,   l(b) = sum_i [y_i log p_i + (m_i - y_i) log(1 - p_i) + log C(m_i, y_i)]
    /// V = I(b)^-1,  I(b) = sum_i m_i p_i (1 - p_i) x_i x_i'
    /// deviance = 2 sum_i [y_i log(y_i/(m_i p_i)) + (m_i - y_i) log((m_i - y_i)/(m_i (1 - p_i)))]
    /// ```
    ///
    /// # Domain
    /// Counts `0 <= y_i <= m_i`. `O(n p^2)` per step.
    ///
    /// # Edges
    /// Columns that others determine have no coefficient. Where the columns separate events from non-events the maximum does not exist and
    /// no number is given.
    ///
    /// # Errors
    /// [`GlmError::Separated`], [`GlmError::NoConvergence`].
    ///
    /// Sources: `[McCullaghNelder1989]`, `[AlbertAnderson1984]`.
    pub fn fit(&self) -> Result<LogisticFit, GlmError> {
        self.check_variation()?;
        let data = self.data(&self.basis, None);
        let ascent = data.ascend(&vec![0.0; self.basis.order]);
        self.check_convergence(&data, &ascent)?;
        let factor = Cholesky::factor(&ascent.state.information, self.basis.order)
            .ok_or(GlmError::NoConvergence { iterations: ascent.iterations })?;
        let covariance = self.basis.covariance(&factor.inverse());
        let estimates = self.basis.coefficients(&ascent.point);
        Ok(LogisticFit {
            coefficients: Coefficients::new(self.design.columns(), &self.basis.kept, &estimates, covariance),
            log_likelihood: ascent.state.log_likelihood + self.ln_arrangements(),
            deviance: 2.0 * (self.saturated() - ascent.state.log_likelihood),
            null_deviance: 2.0 * (self.saturated() - self.constant_log_likelihood()),
            rows: self.design.rows(),
            iterations: ascent.iterations,
        })
    }

    /// Profile-likelihood limits of a column's coefficient, the others refitted at each value.
    ///
    /// ```text
    /// {b: D(b) - D(b^) <= chi-square quantile of one degree of freedom},   D(b) = min over the others of the deviance
    /// ```
    ///
    /// # Edges
    /// `None` on a side where the profile never falls that far; both for a column without coefficient.
    ///
    /// # Errors
    /// A `level` outside (0, 1), and what [`Logistic::fit`] refuses.
    ///
    /// Source: `[VenzonMoolgavkar1988]`.
    pub fn profile_interval(&self, fit: &LogisticFit, column: usize, level: f64) -> Result<ProfileLimits, GlmError> {
        let critical = chi_square_quantile(level, 1.0)?;
        let (Some(estimate), Some(error)) = (fit.coefficients.estimate(column), fit.coefficients.standard_error(column)) else {
            return Ok(ProfileLimits { lower: None, upper: None });
        };
        let last = LastColumn::new(self, column);
        let top = fit.log_likelihood - self.ln_arrangements();
        let others: Vec<f64> = last.kept().iter().filter_map(|position| fit.coefficients.estimate(*position)).collect();
        let limit = |step: f64| {
            let mut start = last.basis.of_coefficients(&others);
            profile_limit(estimate, step, critical, |value| last.fall(value, top, &mut start))
        };
        let step = critical.sqrt() * error;
        Ok(ProfileLimits { lower: limit(-step), upper: limit(step) })
    }

    /// Likelihood-ratio test of the model without the given columns.
    ///
    /// # Errors
    /// What [`Logistic::fit`] refuses.
    pub fn test_without(&self, fit: &LogisticFit, columns: &[usize]) -> Result<ChiSquareTest, GlmError> {
        let rest: Vec<usize> = (0..self.design.columns()).filter(|position| !columns.contains(position)).collect();
        let (deviance, parameters) = if rest.is_empty() {
            let half: f64 = self.trials.iter().map(|trials| trials * -std::f64::consts::LN_2).sum();
            (2.0 * (self.saturated() - half), 0)
        } else {
            let smaller = Self::new(self.design.select(&rest), &self.events, Some(&self.trials))?.fit()?;
            (smaller.deviance, smaller.parameters())
        };
        Ok(ChiSquareTest::new(deviance - fit.deviance, fit.parameters() - parameters))
    }

    pub(super) fn data<'a>(&'a self, basis: &'a Basis, offset: Option<&'a [f64]>) -> Binomial<'a> {
        Binomial { basis: &basis.values, order: basis.order, events: &self.events, trials: &self.trials, offset }
    }

    fn check_variation(&self) -> Result<(), GlmError> {
        let (events, trials): (f64, f64) = (self.events.iter().sum(), self.trials.iter().sum());
        if events <= 0.0 {
            return Err(GlmError::Separated(Separation::NoEvents));
        }
        if events >= trials {
            return Err(GlmError::Separated(Separation::AllEvents));
        }
        Ok(())
    }

    fn check_convergence(&self, data: &Binomial<'_>, ascent: &Ascent) -> Result<(), GlmError> {
        if ascent.converged {
            return Ok(());
        }
        match judge(&data.predictors(&ascent.point), &ascent.movement, &self.events, &self.trials) {
            Some(separation) => Err(GlmError::Separated(separation)),
            None => Err(GlmError::NoConvergence { iterations: ascent.iterations }),
        }
    }

    /// Logarithm of the number of arrangements of the events within rows: the binomial coefficients.
    fn ln_arrangements(&self) -> f64 {
        self.events
            .iter()
            .zip(&self.trials)
            .filter(|(_, trials)| **trials > 1.0)
            .filter_map(|(events, trials)| {
                Some(ln_gamma(trials + 1.0).ok()? - ln_gamma(events + 1.0).ok()? - ln_gamma(trials - events + 1.0).ok()?)
            })
            .sum()
    }

    /// Log-likelihood, without binomial coefficients, of the model that fits every row.
    fn saturated(&self) -> f64 {
        self.events.iter().zip(&self.trials).map(|(events, trials)| two_outcomes(*events, *trials)).sum()
    }

    fn constant_log_likelihood(&self) -> f64 {
        two_outcomes(self.events.iter().sum(), self.trials.iter().sum())
    }
}

/// `y log(y/m) + (m - y) log((m - y)/m)`, with `0 log 0 = 0`.
fn two_outcomes(events: f64, trials: f64) -> f64 {
    let part = |count: f64| if count > 0.0 { count * (count / trials).ln() } else { 0.0 };
    part(events) + part(trials - events)
}

/// A basis in which one column comes last: fixing its coefficient then fixes the last coordinate and leaves the others free.
pub(super) struct LastColumn<'a> {
    model: &'a Logistic,
    order: Vec<usize>,
    /// Basis of all columns, the chosen one last.
    pub(super) basis: Basis,
    /// All but the last coordinate of the basis, row by row.
    others: Vec<f64>,
    /// The last coordinate.
    last: Vec<f64>,
}

impl<'a> LastColumn<'a> {
    /// `column` must have a coefficient.
    pub(super) fn new(model: &'a Logistic, column: usize) -> Self {
        let mut order: Vec<usize> = model.basis.kept.iter().copied().filter(|kept| *kept != column).collect();
        order.push(column);
        let basis = model.design.select(&order).basis();
        let rows = basis.values.chunks(basis.order);
        let others = rows.clone().flat_map(|row| row.iter().take(row.len() - 1)).copied().collect();
        let last = rows.filter_map(|row| row.last()).copied().collect();
        Self { model, order, basis, others, last }
    }

    /// Positions of the columns of the basis.
    pub(super) fn kept(&self) -> &[usize] {
        &self.order
    }

    /// The last coordinate at a coefficient of the chosen column.
    pub(super) fn coordinate(&self, coefficient: f64) -> f64 {
        coefficient * self.basis.diagonal(self.basis.order - 1)
    }

    /// Twice the fall of the profile log-likelihood below `top` at a coefficient; `start` holds the point and is moved to the one found.
    fn fall(&self, coefficient: f64, top: f64, start: &mut [f64]) -> Option<f64> {
        let along = self.coordinate(coefficient);
        let offset: Vec<f64> = self.last.iter().map(|value| value * along).collect();
        let model = self.model;
        let free = self.basis.order - 1;
        let data = Binomial { basis: &self.others, order: free, events: &model.events, trials: &model.trials, offset: Some(&offset) };
        let ascent = data.ascend(start.get(..free)?);
        start.iter_mut().zip(&ascent.point).for_each(|(old, new)| *old = *new);
        ascent.converged.then_some(2.0 * (top - ascent.state.log_likelihood))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(x: &[f64], outcomes: &[bool]) -> Logistic {
        let design = DesignMatrix::from_columns(&[vec![1.0; x.len()], x.to_vec()]).unwrap();
        Logistic::from_outcomes(design, outcomes).unwrap()
    }

    const X: [f64; 10] = [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0];
    const Y: [bool; 10] = [false, false, true, false, false, true, true, false, true, true];

    #[test]
    fn a_two_by_two_table_gives_the_log_odds_ratio() {
        let design = DesignMatrix::from_columns(&[vec![1.0; 2], vec![0.0, 1.0]]).unwrap();
        let fit = Logistic::new(design, &[3.0, 7.0], Some(&[10.0, 12.0])).unwrap().fit().unwrap();
        let slope = (7.0 * 7.0 / (5.0 * 3.0_f64)).ln();
        assert!((fit.coefficients.estimate(1).unwrap() - slope).abs() < 1e-12);
        let variance: f64 = 1.0 / 3.0 + 1.0 / 7.0 + 1.0 / 7.0 + 1.0 / 5.0;
        assert!((fit.coefficients.standard_error(1).unwrap() - variance.sqrt()).abs() < 1e-12);
        assert!(fit.deviance.abs() < 1e-10);
    }

    #[test]
    fn scaling_a_column_scales_its_slope_and_nothing_else() {
        let plain = line(&X, &Y);
        let fit = plain.fit().unwrap();
        let limits = plain.profile_interval(&fit, 1, 0.95).unwrap();
        for unit in [1e-6, 1e3, 1e8] {
            let scaled = line(&X.map(|x| x * unit), &Y);
            let other = scaled.fit().unwrap();
            let slope = other.coefficients.estimate(1).unwrap() * unit;
            assert!((slope - fit.coefficients.estimate(1).unwrap()).abs() < 1e-10);
            assert!((other.deviance - fit.deviance).abs() < 1e-11);
            let profile = scaled.profile_interval(&other, 1, 0.95).unwrap();
            assert!((profile.upper.unwrap() * unit - limits.upper.unwrap()).abs() < 1e-7);
        }
    }

    #[test]
    fn the_order_of_rows_changes_nothing() {
        let fit = line(&X, &Y).fit().unwrap();
        let (mut x, mut y) = (X, Y);
        x.rotate_left(3);
        y.rotate_left(3);
        x.swap(0, 7);
        y.swap(0, 7);
        let other = line(&x, &y).fit().unwrap();
        assert!((fit.coefficients.estimate(1).unwrap() - other.coefficients.estimate(1).unwrap()).abs() < 1e-12);
        assert!((fit.log_likelihood - other.log_likelihood).abs() < 1e-12);
    }

    #[test]
    fn at_the_profile_limit_the_deviance_has_risen_by_the_quantile() {
        let model = line(&X, &Y);
        let fit = model.fit().unwrap();
        let upper = model.profile_interval(&fit, 1, 0.9).unwrap().upper.unwrap();
        let offset: Vec<f64> = X.iter().map(|x| upper * x).collect();
        let ones = [1.0; 10];
        let data = Binomial { basis: &ones, order: 1, events: &model.events, trials: &model.trials, offset: Some(&offset) };
        let rise = 2.0 * (fit.log_likelihood - data.ascend(&[0.0]).state.log_likelihood);
        assert!((rise - chi_square_quantile(0.9, 1.0).unwrap()).abs() < 1e-8);
        let wald = fit.coefficients.wald_interval(1, 0.9).unwrap().unwrap();
        assert!(upper > fit.coefficients.estimate(1).unwrap() && (upper - wald.1).abs() > 1e-3);
    }

    #[test]
    fn separation_is_said_and_no_number_given() {
        let separated = |y: [bool; 10]| line(&X, &y).fit().unwrap_err();
        assert_eq!(separated([false; 10]), GlmError::Separated(Separation::NoEvents));
        assert_eq!(separated([true; 10]), GlmError::Separated(Separation::AllEvents));
        let above = X.map(|x| x > 2.2);
        assert_eq!(separated(above), GlmError::Separated(Separation::Complete));
        let tied = X.map(f64::floor);
        let design = DesignMatrix::from_columns(&[vec![1.0; 10], tied.to_vec()]).unwrap();
        let y = [false, false, false, false, true, true, true, true, true, true];
        assert_eq!(Logistic::from_outcomes(design, &y).unwrap().fit().unwrap_err(), GlmError::Separated(Separation::Quasi));
        let three = line(&[1.0, 2.0, 3.0], &[false, true, true]);
        assert_eq!(three.fit().unwrap_err(), GlmError::Separated(Separation::Complete));
    }

    #[test]
    fn separation_by_one_level_is_found_beside_a_covariate_and_in_any_unit() {
        for unit in [1e-5, 1.0, 1e6] {
            let level: Vec<f64> = (0..20).map(|i| if i < 8 { 0.0 } else { unit }).collect();
            let other: Vec<f64> = (0..20).map(|i| f64::from(i * 7 % 11)).collect();
            let outcomes: Vec<bool> = (0..20).map(|i| i >= 8 && i * 5 % 3 != 0).collect();
            let design = DesignMatrix::from_columns(&[vec![1.0; 20], level, other]).unwrap();
            let error = Logistic::from_outcomes(design, &outcomes).unwrap().fit().unwrap_err();
            assert_eq!(error, GlmError::Separated(Separation::Quasi), "{unit}");
        }
    }

    #[test]
    fn a_steep_slope_that_exists_is_not_called_separation() {
        let x: Vec<f64> = (0..40).map(f64::from).collect();
        let outcomes: Vec<bool> = (0..40).map(|i| if i == 19 || i == 20 { i == 19 } else { i > 19 }).collect();
        let fit = line(&x, &outcomes).fit().unwrap();
        assert!(fit.coefficients.estimate(1).unwrap() > 1.0);
    }

    #[test]
    fn equal_values_leave_no_slope() {
        let fit = line(&[7.0; 10], &Y).fit().unwrap();
        assert_eq!(fit.coefficients.estimate(1), None);
        assert_eq!(fit.test_against_constant().p_value, None);
        let limits = line(&[7.0; 10], &Y).profile_interval(&fit, 1, 0.95).unwrap();
        assert_eq!(limits, ProfileLimits { lower: None, upper: None });
    }

    #[test]
    fn counts_that_are_none_are_refused() {
        let design = DesignMatrix::from_columns(&[vec![1.0; 2]]).unwrap();
        for (events, trials) in
            [([3.0, 1.0], [2.0, 2.0]), ([-1.0, 1.0], [2.0, 2.0]), ([0.0, 0.0], [0.0, 1.0]), ([f64::NAN, 0.0], [1.0, 1.0])]
        {
            assert!(matches!(Logistic::new(design.clone(), &events, Some(&trials)), Err(GlmError::Count { .. })));
        }
        assert!(matches!(Logistic::new(design, &[1.0], None), Err(GlmError::Lengths { .. })));
    }
}
