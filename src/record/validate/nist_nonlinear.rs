//! Cases `nist_nonlinear`: nonlinear regression with certified values, from both published starts.

use serde::Deserialize;
use serde_json::{Value, json};

use super::formula::Formula;
use super::method::{Answer, MethodError, Reading, read};
use crate::numerics::matrix::Matrix;
use crate::numerics::nonlinear_least_squares::{Bounds, LeastSquaresProblem, Minimum, minimise_from};

/// The formula of a set whose file prints 9 degrees of freedom; its residual standard deviation is that of 11.
const MISPRINTED: (&str, usize) = ("y = b1/((1+exp(b2-b3*x))^(1/b4))", 9);

/// Relative distance within which two starts must meet.
const SAME: f64 = 1e-8;

#[derive(Deserialize)]
struct Input {
    model: String,
    x: Vec<f64>,
    y: Vec<f64>,
    start1: Vec<f64>,
    start2: Vec<f64>,
}

pub(super) struct Regression {
    pub(super) formula: Formula,
    pub(super) x: Vec<f64>,
    pub(super) y: Vec<f64>,
}

impl LeastSquaresProblem for Regression {
    fn residuals(&self) -> usize {
        self.y.len()
    }

    fn evaluate(&self, parameters: &[f64], residuals: &mut [f64], mut jacobian: Option<&mut Matrix>) {
        for (row, ((x, y), residual)) in self.x.iter().zip(&self.y).zip(residuals.iter_mut()).enumerate() {
            let (value, gradient) = self.formula.evaluate(*x, parameters);
            *residual = value - y;
            if let Some(jacobian) = jacobian.as_deref_mut() {
                for (column, derivative) in gradient.iter().enumerate() {
                    jacobian.set(row, column, *derivative);
                }
            }
        }
    }
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { model, x, y, start1, start2 } = read(input)?;
    let formula = Formula::parse(&model, start1.len()).map_err(MethodError::failed)?;
    let regression = Regression { formula, x, y };
    let bounds = vec![Bounds::FREE; start1.len()];
    let from = |start: &Vec<f64>| minimise_from(&regression, std::slice::from_ref(start), &bounds).map_err(MethodError::failed);
    let (found, other) = (from(&start1)?, from(&start2)?);
    meet(&found, &other)?;
    let df = regression.y.len().saturating_sub(start1.len());
    let variance = found.sum_of_squares / df as f64;
    let inverse = found.inverse_cross_product.ok_or_else(|| MethodError::Failed("the derivatives are dependent".to_owned()))?;
    let errors: Vec<f64> = (0..inverse.rows()).map(|position| (variance * inverse.at(position, position)).sqrt()).collect();
    let note = "degrees of freedom as the NIST file misprints them: 15 observations and 4 parameters leave 11";
    let misprint = (model == MISPRINTED.0).then(|| Reading { computed: json!({"df": MISPRINTED.1}), note });
    let computed = json!({
        "estimate": found.parameters, "se": errors, "rss": found.sum_of_squares, "residual_sd": variance.sqrt(), "df": df,
    });
    Ok(Answer { computed, readings: misprint.into_iter().collect() })
}

fn meet(found: &Minimum, other: &Minimum) -> Result<(), MethodError> {
    let near = |a: f64, b: f64| (a - b).abs() <= SAME * a.abs().max(b.abs());
    // Terms of a sum may change places.
    if near(found.sum_of_squares, other.sum_of_squares) {
        return Ok(());
    }
    Err(MethodError::Failed(format!("the starts lead to different sums of squares: {} and {}", found.sum_of_squares, other.sum_of_squares)))
}
