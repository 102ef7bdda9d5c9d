//! Logistic regression refitted with other weights of the rows, as resampling asks for.

use super::super::cholesky::Cholesky;
use super::likelihood::expit;
use super::logistic::{Logistic, LogisticFit};

/// Movement of the coordinates at which a refit has converged; what is left is of the order of its square.
const CONVERGED: f64 = 1e-5;

/// Newton steps from the original fit before a refit is given up: without a maximum each step moves by about one.
const MAX_STEPS: usize = 15;

/// Largest coordinate in a basis of unit mean square before a refit counts as having no maximum.
const FAR: f64 = 30.0;

/// A model and its fit, ready for many refits.
#[derive(Debug, Clone)]
pub struct Refitter<'a> {
    model: &'a Logistic,
    start: Vec<f64>,
    /// Residual and weight of each row at the original estimates: the first step of every refit needs no exponential.
    first: Vec<(f64, f64)>,
}

impl<'a> Refitter<'a> {
    /// Refits start from `fit`, which must be the fit of `model`.
    #[must_use]
    pub fn new(model: &'a Logistic, fit: &LogisticFit) -> Self {
        let estimates: Vec<f64> = fit.coefficients.estimates().iter().flatten().copied().collect();
        let start = model.basis.of_coefficients(&estimates);
        let first = model
            .data(&model.basis, None)
            .predictors(&start)
            .into_iter()
            .zip(model.events.iter().zip(&model.trials))
            .map(|(predictor, (events, trials))| {
                let (probability, complement) = expit(predictor);
                (events - trials * probability, trials * probability * complement)
            })
            .collect();
        Self { model, start, first }
    }

    /// Coefficients of the columns that have one, with each row counted `weights[row]` times.
    ///
    /// Newton's method as in [`Logistic::fit`], from the original estimates. `None` where the maximum does not exist or a column has become
    /// determined by others.
    #[must_use]
    pub fn refit(&self, weights: &[u32]) -> Option<Vec<f64>> {
        let order = self.start.len();
        let of_basis = match order {
            1 => self.newton::<1>(weights),
            2 => self.newton::<2>(weights),
            3 => self.newton::<3>(weights),
            4 => self.newton::<4>(weights),
            5 => self.newton::<5>(weights),
            6 => self.newton::<6>(weights),
            _ => self.newton_of_any_order(weights),
        }?;
        Some(self.model.basis.coefficients(&of_basis))
    }

    fn newton<const P: usize>(&self, weights: &[u32]) -> Option<Vec<f64>> {
        let mut point = [0.0; P];
        point.copy_from_slice(self.start.get(..P)?);
        let rows = self.model.basis.values.as_chunks::<P>().0;
        // Rows that were not drawn are left out once rather than in every step.
        let mut drawn: Vec<([f64; P], f64, f64)> = Vec::with_capacity(rows.len());
        let mut sums = Sums::<P>::default();
        let counts = self.model.events.iter().zip(&self.model.trials);
        for (((row, weight), (residual, curvature)), (events, trials)) in rows.iter().zip(weights).zip(&self.first).zip(counts) {
            if *weight > 0 {
                let times = f64::from(*weight);
                sums.add(row, times * residual, times * curvature);
                drawn.push((*row, times * events, times * trials));
            }
        }
        for _ in 0..MAX_STEPS {
            let step = Cholesky::factor(sums.information.as_flattened(), P)?.solve(&sums.score);
            let mut moved = 0.0_f64;
            for (coordinate, step) in point.iter_mut().zip(&step) {
                *coordinate += step;
                moved = moved.max(step.abs());
            }
            if moved < CONVERGED {
                return Some(point.to_vec());
            }
            if point.iter().any(|coordinate| coordinate.abs() > FAR) {
                return None;
            }
            sums = Sums::default();
            for (row, events, trials) in &drawn {
                let predictor: f64 = row.iter().zip(&point).map(|(x, b)| x * b).sum();
                let probability = 1.0 / (1.0 + (-predictor).exp());
                sums.add(row, events - trials * probability, trials * probability * (1.0 - probability));
            }
        }
        None
    }

    fn newton_of_any_order(&self, weights: &[u32]) -> Option<Vec<f64>> {
        let order = self.start.len();
        let mut point = self.start.clone();
        for _ in 0..MAX_STEPS {
            let mut score = vec![0.0; order];
            let mut information = vec![0.0; order * order];
            let counts = self.model.events.iter().zip(&self.model.trials).zip(weights);
            for (row, ((events, trials), weight)) in self.model.basis.values.chunks(order.max(1)).zip(counts) {
                let (probability, complement) = expit(row.iter().zip(&point).map(|(x, b)| x * b).sum());
                let times = f64::from(*weight);
                let residual = times * (events - trials * probability);
                for (i, x) in row.iter().enumerate() {
                    score[i] += residual * x;
                    let weighted = times * trials * probability * complement * x;
                    information[i * order..=i * order + i].iter_mut().zip(row).for_each(|(entry, other)| *entry += weighted * other);
                }
            }
            let step = Cholesky::factor(&information, order)?.solve(&score);
            point.iter_mut().zip(&step).for_each(|(coordinate, step)| *coordinate += step);
            if step.iter().all(|step| step.abs() < CONVERGED) {
                return Some(point);
            }
            if point.iter().any(|coordinate| coordinate.abs() > FAR) {
                return None;
            }
        }
        None
    }
}

/// Score and lower triangle of the information.
struct Sums<const P: usize> {
    score: [f64; P],
    information: [[f64; P]; P],
}

impl<const P: usize> Default for Sums<P> {
    fn default() -> Self {
        Self { score: [0.0; P], information: [[0.0; P]; P] }
    }
}

impl<const P: usize> Sums<P> {
    fn add(&mut self, row: &[f64; P], residual: f64, weight: f64) {
        for i in 0..P {
            self.score[i] += residual * row[i];
            let weighted = weight * row[i];
            self.information[i].iter_mut().take(i + 1).zip(row).for_each(|(entry, other)| *entry += weighted * other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::design_matrix::DesignMatrix;
    use super::*;

    fn model(extra: usize) -> Logistic {
        let n = 60;
        let mut columns = vec![vec![1.0; n], (0..n).map(|i| (i * 17 % 59) as f64).collect()];
        columns.extend((0..extra).map(|k| (0..n).map(|i| ((i * (k + 3) + i * i * (k + 1)) % 23) as f64).collect::<Vec<f64>>()));
        let outcomes: Vec<bool> = (0..n).map(|i| (i * 17 % 59 + i * 31 % 40) > 45).collect();
        Logistic::from_outcomes(DesignMatrix::from_columns(&columns).unwrap(), &outcomes).unwrap()
    }

    #[test]
    fn a_refit_is_the_fit_with_rows_repeated() {
        for extra in [0, 1, 5, 6] {
            let model = model(extra);
            let fit = model.fit().unwrap();
            let refitter = Refitter::new(&model, &fit);
            let weights: Vec<u32> = (0..60_u32).map(|i| (i * 7 + 1) % 3).collect();
            let columns: Vec<Vec<f64>> = (0..model.design().columns())
                .map(|j| model.design().column(j).iter().zip(&weights).flat_map(|(x, w)| vec![*x; *w as usize]).collect())
                .collect();
            let outcomes: Vec<bool> = model.events.iter().zip(&weights).flat_map(|(y, w)| vec![*y > 0.5; *w as usize]).collect();
            let repeated = Logistic::from_outcomes(DesignMatrix::from_columns(&columns).unwrap(), &outcomes).unwrap().fit().unwrap();
            let refitted = refitter.refit(&weights).unwrap();
            for (got, want) in refitted.iter().zip(repeated.coefficients.estimates()) {
                assert!((got - want.unwrap()).abs() < 1e-7, "{extra}: {got} {want:?}");
            }
        }
    }

    #[test]
    fn weights_that_separate_or_determine_give_nothing() {
        let model = model(0);
        let refitter = Refitter::new(&model, &model.fit().unwrap());
        let only_events: Vec<u32> = model.events.iter().map(|y| u32::from(*y > 0.5)).collect();
        assert_eq!(refitter.refit(&only_events), None);
        let one_row: Vec<u32> = (0..60).map(|i| u32::from(i == 3) * 60).collect();
        assert_eq!(refitter.refit(&one_row), None);
    }
}
