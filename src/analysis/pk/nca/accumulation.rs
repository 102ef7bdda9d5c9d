//! Accumulation: a profile at steady state held against that of the first dose.

use std::f64::consts::LN_2;

use super::super::parameter::PkParameter;
use super::profile::same_time;
use super::reason::{NotCalculated, Outcome};
use super::result::NcaResult;

/// Ratios of steady state to the first dose, written into the parameters of the profile at steady state.
///
/// ```text
/// R         AUCtau,ss / AUCtau,1;  Cmax and Ctrough alike
/// R_pred    1 / (1 - exp(-lambda_z tau)), lambda_z of the first dose
/// t1/2,eff  ln 2 tau / ln(R / (R - 1)), for R > 1
/// linearity AUCtau,ss / AUCinf,1
/// ```
///
/// Both profiles must have the same dose and dosing interval, otherwise every ratio is [`NotCalculated::OccasionsDiffer`].
///
/// Source: `[BoxenbaumBattle1995]`.
pub fn compute_accumulation(first: &NcaResult, steady: &mut NcaResult) {
    let same = |left: Option<f64>, right: Option<f64>| match (left, right) {
        (Some(left), Some(right)) => same_time(left, right),
        (None, None) => true,
        _ => false,
    };
    let comparable = same(first.dose, steady.dose) && same(first.tau, steady.tau);
    let ratio = |over: PkParameter, under: PkParameter| -> Outcome {
        if !comparable {
            return Err(NotCalculated::OccasionsDiffer);
        }
        let (over, under) = (steady.get(over)?, first.get(under)?);
        if under > 0.0 { Ok(over / under) } else { Err(NotCalculated::ZeroDenominator) }
    };
    let tau = steady.tau.ok_or(NotCalculated::NoDosingInterval);
    let of_area = ratio(PkParameter::AucTau, PkParameter::AucTau);
    let predicted = tau.and_then(|tau| first.get(PkParameter::LambdaZ).map(|rate| -1.0 / (-rate * tau).exp_m1()));
    let half_life = of_area
        .and_then(|ratio| if ratio > 1.0 { Ok(LN_2 * tau? / (ratio / (ratio - 1.0)).ln()) } else { Err(NotCalculated::NoAccumulation) });
    let outcomes = [
        (PkParameter::AccumulationAuc, of_area),
        (PkParameter::AccumulationCmax, ratio(PkParameter::Cmax, PkParameter::Cmax)),
        (PkParameter::AccumulationTrough, ratio(PkParameter::Ctrough, PkParameter::Ctrough)),
        (PkParameter::AccumulationPredicted, predicted),
        (PkParameter::LinearityIndex, ratio(PkParameter::AucTau, PkParameter::AucInf)),
        (PkParameter::EffectiveHalfLife, half_life),
    ];
    for (parameter, outcome) in outcomes {
        steady.values.set(parameter, outcome);
    }
}
