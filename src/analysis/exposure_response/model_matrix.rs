//! From named covariates and terms to the columns of a regression: treatment contrasts for factors, products for interactions.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::numerics::design_matrix::{DesignError, DesignMatrix};

/// Name of the constant column.
pub const INTERCEPT: &str = "(Intercept)";

/// Values of a covariate, `None` where missing.
#[derive(Debug, Clone, PartialEq)]
pub enum CovariateValues {
    /// Numbers.
    Numeric(Vec<Option<f64>>),
    /// Levels of a factor; the first in alphabetical order is the reference.
    Factor(Vec<Option<String>>),
}

impl CovariateValues {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Numeric(values) => values.len(),
            Self::Factor(values) => values.len(),
        }
    }

    fn is_present(&self, row: usize) -> bool {
        match self {
            Self::Numeric(values) => values.get(row).is_some_and(|value| value.is_some_and(f64::is_finite)),
            Self::Factor(values) => values.get(row).is_some_and(Option::is_some),
        }
    }
}

/// A named covariate.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariate {
    /// Name.
    pub name: String,
    /// Values by subject.
    pub values: CovariateValues,
}

impl Covariate {
    /// A covariate of numbers, none missing.
    #[must_use]
    pub fn numeric(name: &str, values: &[f64]) -> Self {
        Self { name: name.to_owned(), values: CovariateValues::Numeric(values.iter().copied().map(Some).collect()) }
    }

    /// A factor, none missing.
    #[must_use]
    pub fn factor<S: AsRef<str>>(name: &str, values: &[S]) -> Self {
        Self {
            name: name.to_owned(),
            values: CovariateValues::Factor(values.iter().map(|value| Some(value.as_ref().to_owned())).collect()),
        }
    }
}

/// How a numeric covariate enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transform {
    /// As it is.
    Identity,
    /// Its natural logarithm.
    Log,
    /// Its square.
    Square,
}

/// A covariate in a term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Name of the covariate.
    pub covariate: String,
    /// How it enters.
    pub transform: Transform,
}

impl Variable {
    fn label(&self) -> String {
        match self.transform {
            Transform::Identity => self.covariate.clone(),
            Transform::Log => format!("log({})", self.covariate),
            Transform::Square => format!("{}^2", self.covariate),
        }
    }
}

/// A main effect (one variable) or an interaction (several).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The variables whose product it is.
    pub variables: Vec<Variable>,
}

impl Term {
    /// Main effect of a covariate.
    #[must_use]
    pub fn main(covariate: &str, transform: Transform) -> Self {
        Self { variables: vec![Variable { covariate: covariate.to_owned(), transform }] }
    }

    /// Name: the variables joined by colons.
    #[must_use]
    pub fn label(&self) -> String {
        self.variables.iter().map(Variable::label).collect::<Vec<String>>().join(":")
    }

    /// Whether every variable of this term is also in `other`, which has more.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        other.variables.len() > self.variables.len() && self.variables.iter().all(|variable| other.variables.contains(variable))
    }
}

/// Why terms make no columns.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ModelMatrixError {
    /// A term names a covariate that is not there.
    #[error("no covariate `{0}`")]
    Unknown(String),
    /// Covariates of different lengths.
    #[error("covariate `{name}` has {length} values, {expected} were expected")]
    Length {
        /// Name of the covariate.
        name: String,
        /// Its length.
        length: usize,
        /// The expected one.
        expected: usize,
    },
    /// The logarithm of a value that is not positive, or the logarithm or the square of a factor.
    #[error("the transformation of `{name}` does not exist for {count} subjects")]
    Logarithm {
        /// Name of the covariate.
        name: String,
        /// Subjects with a value that has none.
        count: usize,
    },
    /// A level that did not occur when the model was built.
    #[error("`{level}` is not a level of `{name}`")]
    Level {
        /// Name of the covariate.
        name: String,
        /// The level.
        level: String,
    },
    /// A value is missing where one is needed.
    #[error("a value of `{0}` is missing")]
    Missing(String),
    /// The columns are not a design matrix.
    #[error(transparent)]
    Design(#[from] DesignError),
}

/// Named columns built from terms over the complete cases.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelMatrix {
    terms: Vec<Term>,
    intercept: bool,
    /// Levels of each factor used, by covariate, reference first.
    levels: Vec<(String, Vec<String>)>,
    names: Vec<String>,
    /// Term of each column; `None` for the constant.
    assignment: Vec<Option<usize>>,
    rows: Vec<usize>,
    design: DesignMatrix,
}

impl ModelMatrix {
    /// Columns of `terms` for the subjects who have a value of every covariate used and are `eligible` (have an outcome).
    ///
    /// A factor with `k` levels becomes `k - 1` indicator columns against its first level in alphabetical order (treatment contrasts); an
    /// interaction becomes the products of its variables' columns.
    ///
    /// # Errors
    /// [`ModelMatrixError`].
    pub fn build(covariates: &[Covariate], terms: &[Term], intercept: bool, eligible: &[bool]) -> Result<Self, ModelMatrixError> {
        let used = used(covariates, terms)?;
        for covariate in &used {
            if covariate.values.len() != eligible.len() {
                let length = covariate.values.len();
                return Err(ModelMatrixError::Length { name: covariate.name.clone(), length, expected: eligible.len() });
            }
        }
        let complete = |row: &usize| eligible[*row] && used.iter().all(|covariate| covariate.values.is_present(*row));
        let rows: Vec<usize> = (0..eligible.len()).filter(complete).collect();
        let levels = used.iter().filter_map(|covariate| Some((covariate.name.clone(), levels(covariate, &rows)?))).collect();
        let mut out = Self {
            terms: terms.to_vec(),
            intercept,
            levels,
            names: Vec::new(),
            assignment: Vec::new(),
            rows,
            design: DesignMatrix::from_columns(&[vec![0.0]])?,
        };
        let columns = out.encode(covariates, &out.rows)?;
        out.names = columns.iter().map(|column| column.name.clone()).collect();
        out.assignment = columns.iter().map(|column| column.term).collect();
        let values: Vec<Vec<f64>> = columns.into_iter().map(|column| column.values).collect();
        out.design = DesignMatrix::from_columns(&values)?;
        Ok(out)
    }

    /// Names of the columns.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Positions of the columns of a term.
    #[must_use]
    pub fn columns_of(&self, term: usize) -> Vec<usize> {
        (0..self.assignment.len()).filter(|column| self.assignment[*column] == Some(term)).collect()
    }

    /// The terms.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Positions of the subjects used.
    #[must_use]
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// The columns themselves.
    #[must_use]
    pub fn design(&self) -> &DesignMatrix {
        &self.design
    }

    /// Rows of the design at new values of the covariates.
    ///
    /// # Errors
    /// A level that the model does not know, a missing value, or a logarithm that does not exist.
    pub fn rows_at(&self, covariates: &[Covariate]) -> Result<Vec<Vec<f64>>, ModelMatrixError> {
        let used = used(covariates, &self.terms)?;
        let n = used.iter().map(|covariate| covariate.values.len()).max().unwrap_or(0);
        for covariate in &used {
            if !(0..n).all(|row| covariate.values.is_present(row)) {
                return Err(ModelMatrixError::Missing(covariate.name.clone()));
            }
        }
        let columns = self.encode(covariates, &(0..n).collect::<Vec<usize>>())?;
        Ok((0..n).map(|row| columns.iter().map(|column| column.values[row]).collect()).collect())
    }

    fn encode(&self, covariates: &[Covariate], rows: &[usize]) -> Result<Vec<Column>, ModelMatrixError> {
        let constant = Column { name: INTERCEPT.to_owned(), term: None, values: vec![1.0; rows.len()] };
        let mut out: Vec<Column> = if self.intercept { vec![constant] } else { Vec::new() };
        for (position, term) in self.terms.iter().enumerate() {
            let mut products = vec![Column { name: String::new(), term: Some(position), values: vec![1.0; rows.len()] }];
            for variable in &term.variables {
                let factors = self.columns_of_variable(covariates, variable, rows)?;
                // The columns of the first variable vary fastest.
                products =
                    factors.iter().flat_map(|(name, values)| products.iter().map(move |product| product.times(name, values))).collect();
            }
            out.extend(products);
        }
        Ok(out)
    }

    fn columns_of_variable(
        &self,
        covariates: &[Covariate],
        variable: &Variable,
        rows: &[usize],
    ) -> Result<Vec<(String, Vec<f64>)>, ModelMatrixError> {
        let covariate = find(covariates, &variable.covariate)?;
        match &covariate.values {
            CovariateValues::Numeric(values) => {
                let picked: Vec<f64> = rows.iter().filter_map(|row| values[*row]).collect();
                let values = match variable.transform {
                    Transform::Identity => picked,
                    Transform::Log => logarithms(&covariate.name, &picked)?,
                    Transform::Square => picked.iter().map(|value| value * value).collect(),
                };
                Ok(vec![(variable.label(), values)])
            }
            CovariateValues::Factor(_) if variable.transform != Transform::Identity => {
                Err(ModelMatrixError::Logarithm { name: covariate.name.clone(), count: rows.len() })
            }
            CovariateValues::Factor(values) => {
                let picked: Vec<&String> = rows.iter().filter_map(|row| values[*row].as_ref()).collect();
                self.indicators(&covariate.name, &picked)
            }
        }
    }

    fn indicators(&self, name: &str, values: &[&String]) -> Result<Vec<(String, Vec<f64>)>, ModelMatrixError> {
        let known: &[String] = self.levels.iter().find(|(other, _)| other == name).map_or(&[], |(_, levels)| levels);
        if let Some(level) = values.iter().find(|value| !known.contains(value)) {
            return Err(ModelMatrixError::Level { name: name.to_owned(), level: (*level).clone() });
        }
        let indicator = |level: &String| values.iter().map(|value| f64::from(u8::from(*value == level))).collect();
        Ok(known.iter().skip(1).map(|level| (format!("{name}{level}"), indicator(level))).collect())
    }
}

struct Column {
    name: String,
    term: Option<usize>,
    values: Vec<f64>,
}

impl Column {
    fn times(&self, name: &str, values: &[f64]) -> Self {
        let name = if self.name.is_empty() { name.to_owned() } else { format!("{}:{name}", self.name) };
        Self { name, term: self.term, values: self.values.iter().zip(values).map(|(a, b)| a * b).collect() }
    }
}

fn find<'a>(covariates: &'a [Covariate], name: &str) -> Result<&'a Covariate, ModelMatrixError> {
    covariates.iter().find(|covariate| covariate.name == name).ok_or_else(|| ModelMatrixError::Unknown(name.to_owned()))
}

fn used<'a>(covariates: &'a [Covariate], terms: &[Term]) -> Result<Vec<&'a Covariate>, ModelMatrixError> {
    let names: BTreeSet<&String> = terms.iter().flat_map(|term| &term.variables).map(|variable| &variable.covariate).collect();
    names.into_iter().map(|name| find(covariates, name)).collect()
}

fn levels(covariate: &Covariate, rows: &[usize]) -> Option<Vec<String>> {
    let CovariateValues::Factor(values) = &covariate.values else { return None };
    let distinct: BTreeSet<&String> = rows.iter().filter_map(|row| values[*row].as_ref()).collect();
    Some(distinct.into_iter().cloned().collect())
}

fn logarithms(name: &str, values: &[f64]) -> Result<Vec<f64>, ModelMatrixError> {
    let count = values.iter().filter(|value| **value <= 0.0).count();
    if count > 0 {
        return Err(ModelMatrixError::Logarithm { name: name.to_owned(), count });
    }
    Ok(values.iter().map(|value| value.ln()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covariates() -> Vec<Covariate> {
        vec![
            Covariate { name: "auc".to_owned(), values: CovariateValues::Numeric(vec![Some(1.0), Some(2.0), None, Some(4.0)]) },
            Covariate::factor("line", &["2L", "1L", "3L", "3L"]),
        ]
    }

    #[test]
    fn factors_interactions_and_complete_cases() {
        let line = Term::main("line", Transform::Identity);
        let auc = Term::main("auc", Transform::Log);
        let both = Term { variables: [auc.variables.clone(), line.variables.clone()].concat() };
        let matrix = ModelMatrix::build(&covariates(), &[auc.clone(), line, both.clone()], true, &[true; 4]).unwrap();
        assert_eq!(matrix.rows(), [0, 1, 3]);
        assert_eq!(matrix.names(), ["(Intercept)", "log(auc)", "line2L", "line3L", "log(auc):line2L", "log(auc):line3L"]);
        assert_eq!(matrix.columns_of(2), [4, 5]);
        assert_eq!(matrix.design().column(3), [0.0, 0.0, 1.0]);
        assert!((matrix.design().column(5)[2] - 4.0_f64.ln()).abs() < 1e-15);
        assert!(auc.is_within(&both) && !both.is_within(&auc));
        let at = matrix.rows_at(&[Covariate::numeric("auc", &[1.0]), Covariate::factor("line", &["3L"])]).unwrap();
        assert_eq!(at, [[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]]);
    }

    #[test]
    fn faults_name_the_covariate() {
        let build = |terms: &[Term]| ModelMatrix::build(&covariates(), terms, true, &[true; 4]).unwrap_err();
        assert_eq!(build(&[Term::main("age", Transform::Identity)]), ModelMatrixError::Unknown("age".to_owned()));
        assert!(matches!(build(&[Term::main("line", Transform::Log)]), ModelMatrixError::Logarithm { .. }));
        let zero = [Covariate::numeric("auc", &[0.0, 1.0])];
        let logarithm = ModelMatrix::build(&zero, &[Term::main("auc", Transform::Log)], true, &[true; 2]);
        assert_eq!(logarithm, Err(ModelMatrixError::Logarithm { name: "auc".to_owned(), count: 1 }));
        let matrix = ModelMatrix::build(&covariates(), &[Term::main("line", Transform::Identity)], true, &[true; 4]).unwrap();
        assert!(matches!(matrix.rows_at(&[Covariate::factor("line", &["4L"])]), Err(ModelMatrixError::Level { .. })));
    }
}
