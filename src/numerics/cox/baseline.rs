//! Cumulative baseline hazard.

use std::collections::BTreeMap;

use super::super::kaplan_meier::same_time;
use super::fit::CoxFit;
use super::model::Cox;

/// Cumulative baseline hazard of a stratum just after a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BaselineStep {
    /// Time.
    pub time: f64,
    /// Cumulative hazard where all columns are zero.
    pub cumulative_hazard: f64,
}

/// Cumulative baseline hazard of one stratum at every distinct end of its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct BaselineHazard {
    /// Label of the stratum.
    pub stratum: usize,
    /// Steps in ascending order of time.
    pub steps: Vec<BaselineStep>,
}

impl Cox {
    /// Cumulative baseline hazard by stratum where all columns are zero, as the fit handles ties.
    ///
    /// ```text
    /// Breslow  H0(t) = sum over event times <= t of d / sum_{at risk} exp(x'b);  Efron: the d terms with the reduced risk sums
    /// ```
    ///
    /// Sources: `[Breslow1974]`, `[Efron1977]`.
    #[must_use]
    pub fn baseline_hazard(&self, fit: &CoxFit) -> Vec<BaselineHazard> {
        let mut increments: BTreeMap<usize, Vec<(f64, f64)>> = BTreeMap::new();
        self.scan(&self.predictors(&fit.point), fit.ties, |event| {
            increments.entry(event.stratum).or_default().push((event.time, event.hazard));
        });
        let coefficients: Vec<f64> = fit.coefficients.estimates().iter().flatten().copied().collect();
        self.strata
            .iter()
            .enumerate()
            .map(|(position, stratum)| {
                // The rows were centred within the stratum; at zero the hazard is that of the mean less the mean's predictor.
                let centre: f64 = stratum.means.iter().zip(&coefficients).map(|(mean, b)| mean * b).sum();
                let jumps = increments.remove(&position).unwrap_or_default();
                let mut jumps = jumps.iter().rev().peekable();
                let mut cumulative_hazard = 0.0;
                let mut times: Vec<f64> = stratum.by_stop.iter().rev().map(|row| self.stop[*row]).collect();
                times.dedup_by(|later, earlier| same_time(*later, *earlier));
                let steps = times
                    .into_iter()
                    .map(|time| {
                        while let Some((_, jump)) = jumps.next_if(|(at, _)| *at <= time || same_time(*at, time)) {
                            cumulative_hazard += jump * (-centre).exp();
                        }
                        BaselineStep { time, cumulative_hazard }
                    })
                    .collect();
                BaselineHazard { stratum: stratum.label, steps }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::design_matrix::DesignMatrix;
    use super::super::Ties;
    use super::*;

    #[test]
    fn without_an_effect_it_is_the_nelson_aalen_estimate() {
        let design = DesignMatrix::from_columns(&[vec![2.0; 4]]).unwrap();
        let cox = Cox::new(&design, &[1.0, 2.0, 2.0, 5.0], &[true, true, false, true]).unwrap();
        let fit = cox.fit(Ties::Breslow).unwrap();
        let baseline = cox.baseline_hazard(&fit);
        let hazards: Vec<f64> = baseline[0].steps.iter().map(|step| step.cumulative_hazard).collect();
        let want = [0.25, 0.25 + 1.0 / 3.0, 0.25 + 1.0 / 3.0 + 1.0];
        assert!(hazards.len() == 3 && hazards.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-14), "{hazards:?}");
    }
}
