//! Virtual subjects: their covariates, and how far each parameter lies from that of the typical subject.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use thiserror::Error;

use crate::config::{CovariateDistribution, CovariateEffect, ParameterName, PopulationModel};
use crate::derive::{AnalysisData, BaselineValue, Subject};
use crate::numerics::cholesky::Cholesky;
use crate::numerics::distribution::normal_quantile;
use crate::quantity::Rows;

/// Parameters of a model.
pub const PARAMETERS: usize = ParameterName::ALL.len();

/// Customary columns of body weight.
const WEIGHT: [&str; 2] = ["WTBL", "WEIGHTBL"];
/// Customary columns of body height.
const HEIGHT: [&str; 2] = ["HTBL", "HEIGHTBL"];
/// Customary column of body surface.
const SURFACE: [&str; 1] = ["BSABL"];

/// Sets the streams of this simulation apart from those of others with the same seed.
const PURPOSE: u64 = 0x706F_7075_6C61_7469;

/// A virtual subject.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VirtualSubject {
    /// What each typical value is multiplied by.
    pub scale: [f64; PARAMETERS],
    /// Body weight, kg.
    pub weight: Option<f64>,
    /// Body surface, m².
    pub surface: Option<f64>,
}

/// The subjects of the trial from whom covariates are drawn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pool {
    /// Subjects.
    pub n: usize,
    /// Their rows in ADSL.
    pub rows: Rows,
    /// The columns that were read.
    pub columns: Vec<String>,
}

/// Why nothing can be simulated.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SimulationRefusal {
    /// A covariate that neither the model's distributions nor the baseline variables of ADSL give.
    #[error("the model has an effect of {column}, which neither its covariates nor the baseline variables of ADSL give")]
    Covariate {
        /// The column.
        column: String,
    },
    /// Correlations that contradict each other.
    #[error("the correlations of the model contradict each other")]
    Correlations,
    /// No regimen can be simulated.
    #[error("no regimen can be simulated: {0}")]
    NoRegimen(String),
    /// The unit of concentrations is not understood.
    #[error("the unit of concentrations, {0}, is not a mass or a molar amount per volume")]
    Unit(String),
}

/// The value of a covariate in a subject.
#[derive(Debug, Clone, PartialEq)]
enum Value<'a> {
    Number(f64),
    Word(&'a str),
    Missing,
}

/// Where the values of a column come from.
enum Column<'a> {
    /// A distribution of the model, by position among them.
    Stated(usize, &'a CovariateDistribution),
    /// A baseline variable.
    Baseline(usize),
}

/// Draws virtual subjects.
struct Source<'a> {
    model: &'a PopulationModel,
    data: Option<&'a AnalysisData>,
    pool: Vec<&'a Subject>,
    effects: Vec<(&'a CovariateEffect, Column<'a>)>,
    weight: Option<Column<'a>>,
    height: Option<Column<'a>>,
    surface: Option<Column<'a>>,
    factor: Vec<f64>,
}

/// A generator of its own for each number, from the seed of the project.
pub(super) fn stream(seed: u64, number: u64) -> ChaCha8Rng {
    let mut stream = ChaCha8Rng::seed_from_u64(seed ^ PURPOSE);
    stream.set_stream(number);
    stream
}

/// A uniform number inside (0, 1).
fn uniform(stream: &mut ChaCha8Rng) -> f64 {
    // The middle of one of 2^53 equal pieces: never an end.
    ((stream.next_u64() >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
}

/// A standard normal number by inversion, so that the same numbers are used up whatever they are used for.
pub(super) fn normal(stream: &mut ChaCha8Rng) -> f64 {
    normal_quantile(uniform(stream)).unwrap_or(0.0)
}

/// Draws the virtual subjects of a model, and tells whose covariates were drawn.
///
/// ```text
/// parameter of subject i   P_i = P x covariate effects x exp(eta_i),   eta ~ N(0, Omega)
/// Omega_jk = r_jk w_j w_k,   w^2 = ln(1 + CV^2) or as stated
/// ```
///
/// Subject i draws from stream i of the seed: first a subject of the trial, then the stated covariates in the order of their names, then one
/// normal number for each of the seven parameters. What one regimen or one draw of the typical values does with them is done to all: the numbers
/// are common. A missing covariate counts as that of the typical subject. Body surface is that of the data, otherwise
/// `sqrt(height weight / 3600)`. `sizes` says whether doses are by weight and by surface, and so whether the columns of these were used.
///
/// Source: `[Mosteller1987]` for the surface.
///
/// # Errors
/// [`SimulationRefusal`] for a covariate that nothing gives, and for correlations that contradict each other.
pub(super) fn draw_subjects(
    model: &PopulationModel,
    data: Option<&AnalysisData>,
    pool: Vec<&Subject>,
    seed: u64,
    sizes: (bool, bool),
) -> Result<(Vec<VirtualSubject>, Option<Pool>), SimulationRefusal> {
    let source = Source::new(model, data, pool)?;
    let subjects = (0..u64::from(model.subjects)).into_par_iter().map(|number| source.subject(stream(seed, number))).collect();
    Ok((subjects, source.read(sizes)))
}

impl<'a> Source<'a> {
    fn new(model: &'a PopulationModel, data: Option<&'a AnalysisData>, pool: Vec<&'a Subject>) -> Result<Self, SimulationRefusal> {
        let find = |names: &[&str]| {
            let stated =
                model.covariates.iter().enumerate().find(|(_, (name, _))| names.iter().any(|known| name.eq_ignore_ascii_case(known)));
            let baseline = || {
                let variables = &data.filter(|_| !pool.is_empty())?.baseline_variables;
                variables.iter().position(|variable| names.iter().any(|known| variable.column.eq_ignore_ascii_case(known)))
            };
            stated.map(|(place, (_, stated))| Column::Stated(place, stated)).or_else(|| baseline().map(Column::Baseline))
        };
        let mut effects = Vec::new();
        for effect in &model.covariate_effects {
            let column = find(&[&effect.column]).ok_or_else(|| SimulationRefusal::Covariate { column: effect.column.clone() })?;
            effects.push((effect, column));
        }
        Ok(Self {
            weight: find(&WEIGHT),
            height: find(&HEIGHT),
            surface: find(&SURFACE),
            factor: factor(model)?,
            model,
            data,
            pool,
            effects,
        })
    }

    fn subject(&self, mut stream: ChaCha8Rng) -> VirtualSubject {
        let member = (uniform(&mut stream) * self.pool.len() as f64) as usize;
        let member = self.pool.get(member).copied();
        let stated: Vec<f64> = self.model.covariates.iter().map(|_| uniform(&mut stream)).collect();
        let normals: Vec<f64> = (0..PARAMETERS).map(|_| normal(&mut stream)).collect();
        let mut scale = [1.0; PARAMETERS];
        for (place, of) in scale.iter_mut().enumerate() {
            let row = self.factor.get(place * PARAMETERS..(place + 1) * PARAMETERS).unwrap_or_default();
            *of = row.iter().zip(&normals).map(|(factor, normal)| factor * normal).sum::<f64>().exp();
        }
        for (effect, column) in &self.effects {
            if let Some(of) = scale.get_mut(effect.on.place()) {
                *of *= multiplier(effect, &self.value(column, member, &stated));
            }
        }
        let number = |column: &Option<Column<'_>>| match column.as_ref().map(|column| self.value(column, member, &stated)) {
            Some(Value::Number(value)) if value > 0.0 => Some(value),
            _ => None,
        };
        let weight = number(&self.weight);
        // The root of height in cm times weight in kg over 3600 [Mosteller1987].
        let computed = || Some((number(&self.height)? * weight? / 3600.0).sqrt());
        VirtualSubject { scale, weight, surface: number(&self.surface).or_else(computed) }
    }

    fn value(&self, column: &Column<'a>, member: Option<&'a Subject>, stated: &[f64]) -> Value<'a> {
        match column {
            Column::Stated(place, of) => stated_value(of, stated.get(*place).copied().unwrap_or(0.5)),
            Column::Baseline(place) => {
                let levels = || self.data?.baseline_variables.get(*place)?.levels.as_ref();
                match member.and_then(|member| member.baseline.get(*place)) {
                    Some(BaselineValue::Number(number)) => Value::Number(*number),
                    Some(BaselineValue::Level(level)) => {
                        levels().and_then(|levels| levels.get(*level)).map_or(Value::Missing, |level| Value::Word(level))
                    }
                    _ => Value::Missing,
                }
            }
        }
    }

    /// The subjects and columns of the trial that were used; `None` where none was.
    fn read(&self, (by_weight, by_surface): (bool, bool)) -> Option<Pool> {
        let computed = by_surface && self.surface.is_none();
        let sizes = [(&self.weight, by_weight || computed), (&self.height, computed), (&self.surface, by_surface)];
        let sizes = sizes.into_iter().filter(|(_, used)| *used).filter_map(|(column, _)| column.as_ref());
        let used = self.effects.iter().map(|(_, column)| column).chain(sizes);
        let mut columns: Vec<String> = Vec::new();
        for column in used {
            let Column::Baseline(place) = column else { continue };
            let name = self.data.and_then(|data| data.baseline_variables.get(*place)).map(|variable| variable.column.clone());
            columns.extend(name.filter(|name| !columns.contains(name)));
        }
        let rows: Rows = self.pool.iter().map(|subject| subject.row).collect();
        (!columns.is_empty()).then_some(Pool { n: self.pool.len(), rows, columns })
    }
}

/// The lower factor of Omega, row by row; rows of parameters that do not vary are zero.
fn factor(model: &PopulationModel) -> Result<Vec<f64>, SimulationRefusal> {
    let mut correlations = vec![0.0; PARAMETERS * PARAMETERS];
    let mut set = |row: usize, column: usize, value: f64| {
        if let Some(cell) = correlations.get_mut(row * PARAMETERS + column) {
            *cell = value;
        }
    };
    (0..PARAMETERS).for_each(|place| set(place, place, 1.0));
    for stated in &model.correlations {
        set(stated.first.place(), stated.second.place(), stated.value);
        set(stated.second.place(), stated.first.place(), stated.value);
    }
    let lower = lower_factor(&correlations, PARAMETERS).ok_or(SimulationRefusal::Correlations)?;
    let spread = |place: usize| {
        let stated = ParameterName::ALL.get(place).and_then(|name| model.parameters.get(*name));
        stated.map_or(0.0, |stated| stated.variance.sqrt())
    };
    Ok(lower.iter().enumerate().map(|(cell, value)| value * spread(cell / PARAMETERS)).collect())
}

/// The lower Cholesky factor of a positive definite matrix, row by row.
pub(super) fn lower_factor(matrix: &[f64], order: usize) -> Option<Vec<f64>> {
    let factor = Cholesky::factor(matrix, order)?;
    // The columns of the upper factor's inverse lead back to the lower factor: L = A (L')^-1.
    let mut lower = vec![0.0; order * order];
    for column in 0..order {
        let unit: Vec<f64> = (0..order).map(|row| if row == column { 1.0 } else { 0.0 }).collect();
        let back = factor.solve_upper(&unit);
        for row in column..order {
            let line = matrix.get(row * order..(row + 1) * order)?;
            *lower.get_mut(row * order + column)? = line.iter().zip(&back).map(|(a, b)| a * b).sum();
        }
    }
    Some(lower)
}

fn multiplier(effect: &CovariateEffect, value: &Value<'_>) -> f64 {
    match (effect.power.zip(effect.reference), effect.factor.zip(effect.value.as_ref()), value) {
        (Some((power, reference)), _, Value::Number(value)) if *value > 0.0 => (value / reference).powf(power),
        (_, Some((factor, wanted)), Value::Word(word)) if word.trim().eq_ignore_ascii_case(wanted.trim()) => factor,
        (_, Some((factor, wanted)), Value::Number(number))
            if wanted.trim().parse::<f64>().is_ok_and(|wanted| (wanted - number).abs() < 1e-9) =>
        {
            factor
        }
        _ => 1.0,
    }
}

fn stated_value(of: &CovariateDistribution, uniform: f64) -> Value<'_> {
    if let Some(median) = of.median {
        let spread = (of.cv_percent.unwrap_or(0.0) / 100.0).powi(2).ln_1p().sqrt();
        let drawn = median * (spread * normal_quantile(uniform).unwrap_or(0.0)).exp();
        let raised = of.at_least.map_or(drawn, |limit| drawn.max(limit));
        return Value::Number(of.at_most.map_or(raised, |limit| raised.min(limit)));
    }
    let total: f64 = of.shares.values().map(|share| share.max(0.0)).sum();
    let mut left = uniform * total;
    for (word, share) in &of.shares {
        left -= share.max(0.0);
        if left <= 0.0 {
            return Value::Word(word);
        }
    }
    Value::Missing
}
