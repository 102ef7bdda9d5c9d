//! How much a straight line on the logit scale depends on single subjects.

use super::caution::{COOK_DISTANCE, Caution, INFLUENCE_CHANGE};
use super::effect::Effect;
use super::logistic_model::{LogisticModel, LogisticModelError, Profiled, Request, expit, fit_logistic};
use crate::config::SlopeInterval;

/// The subject on whom the slope depends most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Influence {
    /// Position of the subject among those of the analysis.
    pub subject: usize,
    /// Cook's distance.
    pub distance: f64,
    /// Leverage: diagonal of the weighted hat matrix.
    pub leverage: f64,
    /// Mean leverage: parameters over subjects.
    pub mean_leverage: f64,
    /// Effect of exposure of all subjects.
    pub effect: Effect,
    /// Its standard error, per step.
    pub standard_error: f64,
    /// Effect without the subject; `None` where nothing can be estimated.
    pub without: Option<Effect>,
}

impl Influence {
    /// Change of the slope without the subject, in standard errors of the slope of all subjects.
    #[must_use]
    pub fn change(&self) -> Option<f64> {
        let (whole, rest) = self.effect.estimate.zip(self.without?.estimate)?;
        (self.standard_error > 0.0).then(|| (rest - whole) / self.standard_error)
    }

    /// Whether the interval leaves out no effect with the subject and not without, or the other way round.
    #[must_use]
    pub fn reverses(&self) -> bool {
        let without = self.without.and_then(|effect| effect.is_distinguished());
        without.is_some_and(|without| self.effect.is_distinguished().is_some_and(|whole| whole != without))
    }

    /// The caution, where one is due: a Cook's distance above 1, a slope that changes by more than a standard error without the subject, or one whose
    /// interval leaves out zero with the subject only, or without the subject only.
    #[must_use]
    pub fn caution(&self) -> Option<Caution> {
        let (change, reversed) = (self.change(), self.reverses());
        let moved = change.is_none_or(|change| change.abs() > INFLUENCE_CHANGE);
        (moved || reversed || self.distance > COOK_DISTANCE).then_some(Caution::InfluentialSubject {
            distance: self.distance,
            change,
            reversed,
        })
    }
}

/// The subject with the largest Cook's distance, and the slope refitted without that subject.
///
/// ```text
/// w = p(1-p);  leverage h = w x'Vx;  Pearson residual r = (y - p)/sqrt(w);  distance = r^2 h / ((1-h)^2 k)
/// ```
///
/// x: row of the design; V: covariance of the estimates; k: parameters. Of subjects with equal distances the first.
///
/// # Errors
/// As the fit.
///
/// Source: `[Pregibon1981]`.
pub(super) fn largest_influence(
    model: &LogisticModel,
    request: Request<'_>,
    median: f64,
    interval: SlopeInterval,
) -> Result<Option<Influence>, LogisticModelError> {
    let Some(effect) = Effect::of_logistic(model, median, interval) else { return Ok(None) };
    let parameters = model.parameters() as f64;
    let mut largest: Option<(usize, f64, f64)> = None;
    for (subject, (exposure, outcome)) in request.exposures.iter().zip(request.outcomes).enumerate() {
        let Some(row) = model.row_at(*exposure) else { continue };
        let predictor = model.coefficients.linear_predictor(&row);
        let p = expit(predictor.value);
        let weight = p * (1.0 - p);
        let leverage = weight * predictor.standard_error * predictor.standard_error;
        let residual = f64::from(u8::from(*outcome)) - p;
        let distance = residual * residual / weight * leverage / ((1.0 - leverage) * (1.0 - leverage) * parameters);
        if distance.is_finite() && largest.is_none_or(|(_, held, _)| distance > held) {
            largest = Some((subject, distance, leverage));
        }
    }
    let Some((subject, distance, leverage)) = largest else { return Ok(None) };
    let rest: Vec<(f64, bool)> = request
        .exposures
        .iter()
        .zip(request.outcomes)
        .enumerate()
        .filter(|(row, _)| *row != subject)
        .map(|(_, (exposure, outcome))| (*exposure, *outcome))
        .collect();
    let (exposures, outcomes): (Vec<f64>, Vec<bool>) = rest.into_iter().unzip();
    let without = Request { exposures: &exposures, outcomes: &outcomes, profiles: Profiled::Exposure, ..request };
    // Cautions of the smaller fit are not those of the analysis.
    let without = fit_logistic(without, &mut Vec::new())?;
    Ok(Some(Influence {
        subject,
        distance,
        leverage,
        mean_leverage: parameters / model.n as f64,
        effect,
        standard_error: model.slope().and_then(|row| row.standard_error).unwrap_or(0.0) * effect.step.factor(),
        without: without.and_then(|model| Effect::of_logistic(&model, median, interval)),
    }))
}

#[cfg(test)]
mod tests {
    use super::super::binary::ExposureForm;
    use super::*;

    fn found(exposures: &[f64], outcomes: &[bool]) -> Influence {
        let request = Request {
            exposures,
            outcomes,
            form: ExposureForm::Linear,
            covariates: &[],
            level: 0.95,
            profiles: Profiled::None,
            interaction: None,
            instead_of_exposure: false,
        };
        let model = fit_logistic(request, &mut Vec::new()).unwrap().unwrap();
        largest_influence(&model, request, 1.0, SlopeInterval::Wald).unwrap().unwrap()
    }

    #[test]
    fn a_subject_far_out_is_found_and_the_slope_without_it_is_that_of_the_others() {
        let mut exposures: Vec<f64> = (0..40).map(|i| f64::from(i % 20)).collect();
        let mut outcomes: Vec<bool> = (0..40).map(|i| i * 7 % 20 + i % 20 > 18).collect();
        let clean = found(&exposures, &outcomes);
        assert!(clean.caution().is_none() && clean.change().unwrap().abs() < 1.0);
        exposures.push(90.0);
        outcomes.push(false);
        let odd = found(&exposures, &outcomes);
        assert_eq!(odd.subject, 40);
        assert!(odd.distance > 1.0 && odd.leverage > 3.0 * odd.mean_leverage && odd.change().unwrap() > 1.0);
        assert!((odd.without.unwrap().estimate.unwrap() - clean.effect.estimate.unwrap()).abs() < 1e-9);
        assert!(matches!(odd.caution(), Some(Caution::InfluentialSubject { .. })));
    }

    #[test]
    fn mean_leverage_is_the_mean_of_the_leverages() {
        let exposures: Vec<f64> = (0..30).map(f64::from).collect();
        let outcomes: Vec<bool> = (0..30).map(|i| i * 11 % 30 < i).collect();
        let one = found(&exposures, &outcomes);
        assert!((one.mean_leverage - 2.0 / 30.0).abs() < 1e-15 && one.leverage > 0.0 && one.leverage < 1.0);
    }
}
