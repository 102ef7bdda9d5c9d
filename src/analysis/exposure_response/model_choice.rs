//! Which of the fitted forms is chosen, by a rule that the project file fixes.

use super::binary::{BinaryModel, ExposureForm};
use crate::numerics::regression::ChiSquareTest;

/// Probability below which a likelihood-ratio statistic makes the larger form be chosen.
pub const LARGER_FORM: f64 = 0.05;

/// A criterion that weighs likelihood against the number of parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Criterion {
    /// Akaike's.
    Aic,
    /// Akaike's, corrected for small samples.
    Aicc,
    /// Schwarz's.
    Bic,
}

impl Criterion {
    /// Identifier in fact ids.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Aic => "aic",
            Self::Aicc => "aicc",
            Self::Bic => "bic",
        }
    }

    /// Abbreviation.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Aic => "AIC",
            Self::Aicc => "AICc",
            Self::Bic => "BIC",
        }
    }

    /// Value for a log-likelihood `l` of `p` parameters on `n` subjects.
    ///
    /// ```text
    /// AIC = -2 l + 2 p;   AICc = AIC + 2 p (p + 1)/(n - p - 1);   BIC = -2 l + p log n
    /// ```
    ///
    /// `None` for the corrected criterion with `n <= p + 1`. Source: `[BurnhamAnderson2002]`.
    #[must_use]
    pub fn value(self, log_likelihood: f64, parameters: usize, n: usize) -> Option<f64> {
        let (p, subjects) = (parameters as f64, n as f64);
        let aic = -2.0 * log_likelihood + 2.0 * p;
        match self {
            Self::Aic => Some(aic),
            Self::Aicc => (n > parameters + 1).then(|| aic + 2.0 * p * (p + 1.0) / (subjects - p - 1.0)),
            Self::Bic => Some(-2.0 * log_likelihood + p * subjects.ln()),
        }
    }
}

/// The rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The smallest value of a criterion.
    Smallest(Criterion),
    /// Forms with more parameters only where the likelihood-ratio statistic asks for them.
    LikelihoodRatio,
    /// A form fixed beforehand.
    Fixed(ExposureForm),
}

impl Choice {
    /// The criterion that is shown and that weights are made of: that of the rule, or Akaike's.
    #[must_use]
    pub const fn criterion(self) -> Criterion {
        match self {
            Self::Smallest(criterion) => criterion,
            Self::LikelihoodRatio | Self::Fixed(_) => Criterion::Aic,
        }
    }

    /// The rule in words.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self::Smallest(criterion) => format!("Chosen by the smallest {}.", criterion.label()),
            Self::LikelihoodRatio => format!(
                "Chosen by likelihood-ratio tests: a form with more parameters only where the statistic against the best form with fewer exceeds its chi-square quantile (p < {LARGER_FORM}); for forms that are not nested this is a convention."
            ),
            Self::Fixed(form) => format!("The {} model, fixed in the project file whatever the criteria say.", form.label()),
        }
    }
}

/// A form as the rule sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) form: ExposureForm,
    pub(super) log_likelihood: f64,
    pub(super) parameters: usize,
}

impl Candidate {
    /// A model fitted by maximum likelihood to `n` subjects whose parameters the data determine.
    pub(super) fn of(model: &BinaryModel, n: usize) -> Option<Self> {
        let determined = !matches!(model, BinaryModel::Emax(model) if model.fit.at_bound);
        let log_likelihood = model.log_likelihood().filter(|_| determined && model.subjects() == n)?;
        Some(Self { form: model.form(), log_likelihood, parameters: model.parameters() })
    }
}

/// Position of the candidate that the rule takes; `None` where there is none, or not the fixed one.
pub(super) fn pick(candidates: &[Option<Candidate>], n: usize, choice: Choice) -> Option<usize> {
    let present = candidates.iter().enumerate().filter_map(|(place, candidate)| Some((place, (*candidate)?)));
    match choice {
        Choice::Smallest(criterion) => present
            .filter_map(|(place, of)| Some((place, criterion.value(of.log_likelihood, of.parameters, n)?)))
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(place, _)| place),
        Choice::Fixed(form) => present.into_iter().find(|(_, of)| of.form == form).map(|(place, _)| place),
        Choice::LikelihoodRatio => {
            let mut ordered: Vec<(usize, Candidate)> = present.collect();
            ordered.sort_by(|a, b| a.1.parameters.cmp(&b.1.parameters).then(b.1.log_likelihood.total_cmp(&a.1.log_likelihood)));
            let mut kept: Option<(usize, Candidate)> = None;
            for (place, of) in ordered {
                let larger = |(_, held): (usize, Candidate)| {
                    let more = of.parameters - held.parameters;
                    let statistic = 2.0 * (of.log_likelihood - held.log_likelihood);
                    ChiSquareTest::new(statistic, more).p_value.is_some_and(|p| p < LARGER_FORM)
                };
                if kept.is_none_or(larger) {
                    kept = Some((place, of));
                }
            }
            kept.map(|(place, _)| place)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(form: ExposureForm, log_likelihood: f64, parameters: usize) -> Option<Candidate> {
        Some(Candidate { form, log_likelihood, parameters })
    }

    #[test]
    fn criteria_by_hand() {
        let close = |got: Option<f64>, want: f64| assert!((got.unwrap() - want).abs() < 1e-12);
        close(Criterion::Aic.value(-10.0, 2, 20), 24.0);
        close(Criterion::Aicc.value(-10.0, 2, 20), 24.0 + 12.0 / 17.0);
        close(Criterion::Bic.value(-10.0, 2, 20), 20.0 + 2.0 * 20.0_f64.ln());
        assert_eq!(Criterion::Aicc.value(-10.0, 2, 3), None);
    }

    #[test]
    fn each_rule_takes_what_it_says() {
        use ExposureForm::{Emax, Linear, LogLinear};
        // 2 (100 - 98.4) = 3.2 is below the quantile of 3.84, though AIC prefers the larger form.
        let close = [candidate(Linear, -100.0, 2), candidate(LogLinear, -100.5, 2), candidate(Emax, -98.4, 3)];
        assert_eq!(pick(&close, 50, Choice::Smallest(Criterion::Aic)), Some(2));
        assert_eq!(pick(&close, 50, Choice::Smallest(Criterion::Bic)), Some(0));
        assert_eq!(pick(&close, 50, Choice::LikelihoodRatio), Some(0));
        let apart = [candidate(Linear, -100.0, 2), None, candidate(Emax, -98.0, 3)];
        assert_eq!(pick(&apart, 50, Choice::LikelihoodRatio), Some(2));
        assert_eq!(pick(&apart, 50, Choice::Fixed(Linear)), Some(0));
        assert_eq!(pick(&apart, 50, Choice::Fixed(LogLinear)), None);
        assert_eq!(pick(&[None], 50, Choice::Smallest(Criterion::Aic)), None);
    }

    #[test]
    fn equal_criteria_leave_the_first_form() {
        let tied = [candidate(ExposureForm::Linear, -3.0, 2), candidate(ExposureForm::LogLinear, -3.0, 2)];
        assert_eq!(pick(&tied, 9, Choice::Smallest(Criterion::Aic)), Some(0));
        assert_eq!(pick(&tied, 9, Choice::LikelihoodRatio), Some(0));
    }
}
