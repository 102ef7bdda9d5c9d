//! Test of proportional hazards.

use super::super::cholesky::Cholesky;
use super::super::kaplan_meier::same_time;
use super::super::regression::ChiSquareTest;
use super::fit::CoxFit;
use super::model::Cox;

/// Scale of time along which a coefficient may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeTransform {
    /// One minus the pooled survival curve just before the time: insensitive to outlying times.
    KaplanMeier,
    /// Time itself.
    Identity,
    /// Its logarithm.
    Log,
}

impl TimeTransform {
    /// Identifier in files.
    pub const fn id(self) -> &'static str {
        match self {
            Self::KaplanMeier => "km",
            Self::Identity => "identity",
            Self::Log => "log",
        }
    }
}

/// Tests of proportional hazards.
#[derive(Debug, Clone, PartialEq)]
pub struct Proportionality {
    /// Test of each column with a coefficient, with its position.
    pub columns: Vec<(usize, ChiSquareTest)>,
    /// Test of all together.
    pub global: ChiSquareTest,
}

impl Cox {
    /// Score tests of coefficients that change with time.
    ///
    /// ```text
    /// hazard ratio exp{x'(b + c g(t))}, H0: c = 0;   u = sum over events of (g - g_mean)(x - x_mean(t))
    /// blocks of information at (b^, 0):  I11 = sum V(t), I12 = sum (g - g_mean) V(t), I22 = sum (g - g_mean)^2 V(t)
    /// X2 = u' (I22 - I21 I11^-1 I12)^-1 u;  for one column u_j^2 over the j-th diagonal element of the middle matrix
    /// ```
    ///
    /// # Edges
    /// `None` without a coefficient, or where all events happen at one value of `g`.
    ///
    /// Sources: `[GrambschTherneau1994]`, `[TherneauGrambsch2000]`.
    #[must_use]
    pub fn test_proportionality(&self, fit: &CoxFit, transform: TimeTransform) -> Option<Proportionality> {
        let order = self.basis.order;
        let scale = self.time_scale(transform);
        let at = |time: f64| -> f64 {
            let passed = scale.partition_point(|(other, _)| *other <= time || same_time(*other, time));
            passed.checked_sub(1).and_then(|last| scale.get(last)).map_or(0.0, |(_, value)| *value)
        };
        let (mut sum, mut events) = (0.0, 0.0);
        let predictors = self.predictors(&fit.point);
        self.scan(&predictors, fit.ties, |event| {
            sum += event.deaths * at(event.time);
            events += event.deaths;
        });
        let mean = sum / events;
        let mut blocks = [vec![0.0; order * order], vec![0.0; order * order], vec![0.0; order * order]];
        let mut score = vec![0.0; order];
        self.scan(&predictors, fit.ties, |event| {
            let g = at(event.time) - mean;
            score.iter_mut().zip(event.rows).zip(event.mean).for_each(|((sum, x), mean)| *sum += g * (x - mean));
            for (block, factor) in blocks.iter_mut().zip([1.0, g, g * g]) {
                block.iter_mut().zip(event.variance).for_each(|(sum, variance)| *sum += factor * variance);
            }
        });
        self.tests(&score, &blocks)
    }

    /// Tests in the columns themselves: the score and the middle matrix are taken out of the basis.
    fn tests(&self, score: &[f64], blocks: &[Vec<f64>; 3]) -> Option<Proportionality> {
        let order = self.basis.order;
        if order == 0 {
            return None;
        }
        let factor = Cholesky::factor(&blocks[0], order)?;
        let cross: Vec<Vec<f64>> = (0..order).map(|i| (0..order).map(|j| blocks[1][i.max(j) * order + i.min(j)]).collect()).collect();
        let mut middle = vec![0.0; order * order];
        for i in 0..order {
            let solved = factor.solve(&cross[i]);
            for j in 0..=i {
                let explained: f64 = solved.iter().zip(&cross[j]).map(|(a, b)| a * b).sum();
                middle[i * order + j] = blocks[2][i * order + j] - explained;
                middle[j * order + i] = middle[i * order + j];
            }
        }
        let global = ChiSquareTest::new(Cholesky::factor(&middle, order)?.inverse_form(score), order);
        // With x = R'q for a row, a column's score is a combination of the basis' scores with the column of R as weights.
        let columns = self
            .basis
            .kept
            .iter()
            .enumerate()
            .map(|(position, column)| {
                let weights = self.basis.column_weights(position);
                let along: f64 = weights.iter().zip(score).map(|(w, u)| w * u).sum();
                let spread: f64 = weights
                    .iter()
                    .zip(middle.chunks(order))
                    .map(|(left, row)| left * row.iter().zip(weights).map(|(entry, right)| entry * right).sum::<f64>())
                    .sum();
                (*column, ChiSquareTest::new(along * along / spread, 1))
            })
            .collect();
        Some(Proportionality { columns, global })
    }

    /// The transformed time at each distinct event time, ascending, over all strata together.
    fn time_scale(&self, transform: TimeTransform) -> Vec<(f64, f64)> {
        let mut ends: Vec<(f64, bool)> = self.stop.iter().copied().zip(self.event.iter().copied()).collect();
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut starts = self.start.clone().unwrap_or_default();
        starts.sort_by(f64::total_cmp);
        let (mut ended, mut survival) = (0, 1.0);
        let mut scale = Vec::new();
        for tie in ends.chunk_by(|a, b| same_time(a.0, b.0)) {
            let Some((time, _)) = tie.first().copied() else { continue };
            let deaths = tie.iter().filter(|(_, event)| *event).count();
            if deaths > 0 {
                let entered = if self.start.is_some() {
                    starts.partition_point(|start| *start < time && !same_time(*start, time))
                } else {
                    self.stop.len()
                };
                let value = match transform {
                    TimeTransform::KaplanMeier => 1.0 - survival,
                    TimeTransform::Identity => time,
                    TimeTransform::Log => time.ln(),
                };
                scale.push((time, value));
                survival *= 1.0 - deaths as f64 / (entered - ended) as f64;
            }
            ended += tie.len();
        }
        scale
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::design_matrix::DesignMatrix;
    use super::super::Ties;
    use super::*;

    #[test]
    fn an_effect_that_turns_round_is_noticed_and_units_do_not_matter() {
        // x = 1 fails first among the early events and last among the late ones
        let n = 60;
        let x: Vec<f64> = (0..n).map(|i| f64::from(if i < 30 { i % 4 } else { 3 - i % 4 })).collect();
        let stop: Vec<f64> = (0..n)
            .map(|i| if i < 30 { f64::from(10 - i % 4 * 2) + f64::from(i) / 90.0 } else { f64::from(30 - i % 4 * 3) + f64::from(i) / 90.0 })
            .collect();
        let z: Vec<f64> = (0..n).map(|i| f64::from(i * 7 % 5)).collect();
        let fitted = |unit: f64| {
            let design = DesignMatrix::from_columns(&[x.iter().map(|x| x * unit).collect(), z.clone()]).unwrap();
            let cox = Cox::new(&design, &stop, &[true; 60]).unwrap();
            let fit = cox.fit(Ties::Efron).unwrap();
            cox.test_proportionality(&fit, TimeTransform::KaplanMeier).unwrap()
        };
        let (plain, scaled) = (fitted(1.0), fitted(1e5));
        assert!(plain.columns[0].1.p_value.unwrap() < 1e-3 && plain.global.degrees_of_freedom == 2);
        assert!((plain.columns[0].1.chi_square - scaled.columns[0].1.chi_square).abs() < 1e-8);
        assert!((plain.global.chi_square - scaled.global.chi_square).abs() < 1e-8);
    }
}
