//! Formulas of regression cases, with their derivatives.

use std::iter::Peekable;
use std::str::Chars;

use thiserror::Error;

/// Why a formula cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum FormulaError {
    /// The text ends too early or goes on too long.
    #[error("the formula {0:?} cannot be read")]
    Syntax(String),
    /// A name that is neither a parameter nor a known function.
    #[error("the formula uses {0:?}, which is unknown")]
    Name(String),
}

/// A formula `y = ...` in `x`, `pi` and parameters `b1`, `b2`, ...
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Formula {
    expression: Expression,
    parameters: usize,
}

#[derive(Debug, Clone, PartialEq)]
enum Expression {
    Number(f64),
    X,
    Parameter(usize),
    Binary(Operator, Box<Expression>, Box<Expression>),
    Call(Function, Box<Expression>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Plus,
    Minus,
    Times,
    Over,
    Power,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Exp,
    Log,
    Sin,
    Cos,
    Negative,
}

impl Formula {
    /// Reads `y = ...` with the given number of parameters.
    pub(super) fn parse(text: &str, parameters: usize) -> Result<Self, FormulaError> {
        let right = text.split_once('=').map_or(text, |(_, right)| right);
        let compact: String = right.chars().filter(|letter| !letter.is_whitespace()).collect();
        let mut reader = Reader { letters: compact.chars().peekable(), text, parameters };
        let expression = reader.sum()?;
        if reader.letters.next().is_some() { Err(reader.syntax()) } else { Ok(Self { expression, parameters }) }
    }

    /// Value at `x` and derivatives with respect to the parameters.
    pub(super) fn evaluate(&self, x: f64, parameters: &[f64]) -> (f64, Vec<f64>) {
        self.expression.evaluate(x, parameters, self.parameters)
    }
}

impl Expression {
    fn evaluate(&self, x: f64, parameters: &[f64], count: usize) -> (f64, Vec<f64>) {
        match self {
            Self::Number(value) => (*value, vec![0.0; count]),
            Self::X => (x, vec![0.0; count]),
            Self::Parameter(position) => {
                let mut gradient = vec![0.0; count];
                if let Some(own) = gradient.get_mut(*position) {
                    *own = 1.0;
                }
                (parameters.get(*position).copied().unwrap_or(f64::NAN), gradient)
            }
            Self::Binary(operator, left, right) => {
                let (u, du) = left.evaluate(x, parameters, count);
                let (v, dv) = right.evaluate(x, parameters, count);
                let (value, by_u, by_v) = operator.apply(u, v);
                // A power of a negative number has no derivative by its exponent; a constant exponent does not ask for one.
                let chain = |(du, dv): (&f64, &f64)| by_u * du + if *dv == 0.0 { 0.0 } else { by_v * dv };
                (value, du.iter().zip(&dv).map(chain).collect())
            }
            Self::Call(function, argument) => {
                let (u, du) = argument.evaluate(x, parameters, count);
                let (value, by_u) = function.apply(u);
                (value, du.iter().map(|derivative| by_u * derivative).collect())
            }
        }
    }
}

impl Operator {
    /// Value and derivatives by the left and the right operand.
    fn apply(self, u: f64, v: f64) -> (f64, f64, f64) {
        match self {
            Self::Plus => (u + v, 1.0, 1.0),
            Self::Minus => (u - v, 1.0, -1.0),
            Self::Times => (u * v, v, u),
            Self::Over => (u / v, 1.0 / v, -u / (v * v)),
            Self::Power => (u.powf(v), v * u.powf(v - 1.0), u.powf(v) * u.ln()),
        }
    }
}

impl Function {
    fn apply(self, u: f64) -> (f64, f64) {
        match self {
            Self::Exp => (u.exp(), u.exp()),
            Self::Log => (u.ln(), 1.0 / u),
            Self::Sin => (u.sin(), u.cos()),
            Self::Cos => (u.cos(), -u.sin()),
            Self::Negative => (-u, -1.0),
        }
    }
}

/// Recursive descent: a sum of products of signed powers.
struct Reader<'a> {
    letters: Peekable<Chars<'a>>,
    text: &'a str,
    parameters: usize,
}

impl Reader<'_> {
    fn syntax(&self) -> FormulaError {
        FormulaError::Syntax(self.text.to_owned())
    }

    fn takes(&mut self, wanted: char) -> bool {
        self.letters.next_if_eq(&wanted).is_some()
    }

    fn sum(&mut self) -> Result<Expression, FormulaError> {
        let mut left = self.product()?;
        loop {
            let operator = if self.takes('+') {
                Operator::Plus
            } else if self.takes('-') {
                Operator::Minus
            } else {
                return Ok(left);
            };
            left = Expression::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Expression, FormulaError> {
        let mut left = self.signed()?;
        loop {
            let operator = if self.takes('*') {
                Operator::Times
            } else if self.takes('/') {
                Operator::Over
            } else {
                return Ok(left);
            };
            left = Expression::Binary(operator, Box::new(left), Box::new(self.signed()?));
        }
    }

    fn signed(&mut self) -> Result<Expression, FormulaError> {
        if self.takes('-') {
            return Ok(Expression::Call(Function::Negative, Box::new(self.signed()?)));
        }
        let base = self.atom()?;
        if self.takes('^') { Ok(Expression::Binary(Operator::Power, Box::new(base), Box::new(self.signed()?))) } else { Ok(base) }
    }

    fn atom(&mut self) -> Result<Expression, FormulaError> {
        if self.takes('(') {
            let inner = self.sum()?;
            return if self.takes(')') { Ok(inner) } else { Err(self.syntax()) };
        }
        let mut word = String::new();
        while let Some(letter) = self.letters.next_if(|letter| letter.is_ascii_alphanumeric() || *letter == '.') {
            word.push(letter);
        }
        if let Ok(number) = word.parse::<f64>() {
            return Ok(Expression::Number(number));
        }
        let function = match word.as_str() {
            "" => return Err(self.syntax()),
            "x" => return Ok(Expression::X),
            "pi" => return Ok(Expression::Number(std::f64::consts::PI)),
            "exp" => Function::Exp,
            "log" => Function::Log,
            "sin" => Function::Sin,
            "cos" => Function::Cos,
            name => return self.parameter(name),
        };
        if !self.takes('(') {
            return Err(self.syntax());
        }
        let argument = self.sum()?;
        if self.takes(')') { Ok(Expression::Call(function, Box::new(argument))) } else { Err(self.syntax()) }
    }

    fn parameter(&self, name: &str) -> Result<Expression, FormulaError> {
        let number = name.strip_prefix('b').and_then(|digits| digits.parse::<usize>().ok());
        match number {
            Some(number) if (1..=self.parameters).contains(&number) => Ok(Expression::Parameter(number - 1)),
            _ => Err(FormulaError::Name(name.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_derivatives_of_a_formula() {
        let formula = Formula::parse("y = b1*exp(-(x-b2)^2/b3^2) + cos(2*pi*x/b3)/(1+x)^(-1/b2) - -log(b1)", 3).unwrap();
        let (x, b) = (1.4, [2.0, 0.9, 3.1]);
        let value = |b: [f64; 3]| {
            b[0] * (-(x - b[1]).powi(2) / (b[2] * b[2])).exp()
                + (2.0 * std::f64::consts::PI * x / b[2]).cos() / (1.0 + x).powf(-1.0 / b[1])
                + b[0].ln()
        };
        let (got, gradient) = formula.evaluate(x, &b);
        assert!((got - value(b)).abs() < 1e-14);
        for (position, derivative) in gradient.iter().enumerate() {
            let moved = |by: f64| {
                let mut b = b;
                b[position] += by;
                value(b)
            };
            assert!((derivative - (moved(1e-6) - moved(-1e-6)) / 2e-6).abs() < 1e-8, "{position}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for text in ["y = b1*", "y = (b1", "y = exp+b1", "y = b1) + x", "y = "] {
            assert_eq!(Formula::parse(text, 1), Err(FormulaError::Syntax(text.to_owned())), "{text}");
        }
        assert_eq!(Formula::parse("y = b2", 1), Err(FormulaError::Name("b2".to_owned())));
        assert_eq!(Formula::parse("y = tan(x)", 1), Err(FormulaError::Name("tan".to_owned())));
    }
}
