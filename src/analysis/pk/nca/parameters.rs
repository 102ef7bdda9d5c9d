//! The parameters of a profile.

use super::super::parameter::PkParameter;
use super::curve::Part;
use super::preparation::{Prepared, bounding, prepare};
use super::profile::{Concentration, NcaError, Profile, Regimen, Route, same_time};
use super::reason::{Caution, NotCalculated, Outcome};
use super::result::{NcaResult, ParameterValues};
use super::rules::NcaRules;
use super::terminal_slope::{TerminalSlope, fit_terminal_slope};

/// Computes every parameter of a profile.
///
/// ```text
/// Cmax, Tmax    first quantifiable maximum
/// Cmin          lowest sample over the dosing interval; a sample below the limit counts as its rule says, as 0 where it is left out after Tlast
/// AUClast       to the last quantifiable sample
/// AUCall        AUClast and the triangle to the first sample below the limit after it (0, or half the limit under that rule)
/// AUCinf        AUClast + Clast / lambda_z        AUMCinf  AUMClast + Tlast Clast / lambda_z + Clast / lambda_z^2
/// CL            D / AUCinf                        Vz       D / (lambda_z AUCinf)
/// MRT           AUMCinf / AUCinf - T_inf / 2      Vss      CL MRT, intravenous only
/// Cavg          AUCtau / tau                      fluctuation  100 (Cmax - Cmin) / Cavg     swing  100 (Cmax - Cmin) / Cmin
/// ```
///
/// Units follow from those of dose, concentration and time ([`PkParameter::unit`]). After extravascular dosing clearance and volume are
/// apparent (`CL/F`, `Vz/F`) and residence times include absorption. At steady state clearance, volume and residence time come from the dosing
/// interval (`CLss`, `Vz,ss`, `MRTss`); those from the area to infinity are given for a first dose only, and a dose between the two has neither. A profile without a quantifiable concentration
/// gives [`NotCalculated::NothingQuantifiable`] for every parameter.
///
/// # Errors
/// [`NcaError`] for numbers that no profile can have, samples out of order, and two results at one time.
///
/// Source: `[GibaldiPerrier1982]`.
pub fn analyse(profile: &Profile<'_>, rules: &NcaRules) -> Result<NcaResult, NcaError> {
    profile.check()?;
    let prepared = prepare(profile, rules)?;
    let below_limit = prepared.observed.iter().filter(|sample| matches!(sample.concentration, Concentration::BelowLimit { .. })).count();
    let mut work = Work {
        profile,
        rules,
        values: ParameterValues::absent(NotCalculated::NothingQuantifiable),
        cautions: Vec::new(),
        slope: Err(NotCalculated::NothingQuantifiable),
        prepared: &prepared,
    };
    if prepared.curve.points().iter().any(|point| point.quantifiable) {
        work.compute();
    }
    let Work { values, slope, cautions: later, .. } = work;
    let Prepared { curve, observed, mut cautions, .. } = prepared;
    cautions.extend(later);
    Ok(NcaResult { values, slope: slope.ok(), cautions, samples: observed.len(), below_limit, dose: profile.dose, tau: profile.tau, curve })
}

/// Observed and predicted areas share their formulas.
#[derive(Clone, Copy)]
struct ToInfinity {
    last: PkParameter,
    area: PkParameter,
    moment: PkParameter,
    extrapolated: PkParameter,
    clearance: PkParameter,
    volume: PkParameter,
    residence: PkParameter,
    steady_volume: PkParameter,
}

const OBSERVED: ToInfinity = ToInfinity {
    last: PkParameter::Clast,
    area: PkParameter::AucInf,
    moment: PkParameter::AumcInf,
    extrapolated: PkParameter::AucExtrapolated,
    clearance: PkParameter::Clearance,
    volume: PkParameter::Volume,
    residence: PkParameter::Mrt,
    steady_volume: PkParameter::SteadyStateVolume,
};

const PREDICTED: ToInfinity = ToInfinity {
    last: PkParameter::ClastPredicted,
    area: PkParameter::AucInfPredicted,
    moment: PkParameter::AumcInfPredicted,
    extrapolated: PkParameter::AucExtrapolatedPredicted,
    clearance: PkParameter::ClearancePredicted,
    volume: PkParameter::VolumePredicted,
    residence: PkParameter::MrtPredicted,
    steady_volume: PkParameter::SteadyStateVolumePredicted,
};

/// A profile while its parameters are computed.
struct Work<'a> {
    profile: &'a Profile<'a>,
    rules: &'a NcaRules,
    prepared: &'a Prepared,
    values: ParameterValues,
    cautions: Vec<Caution>,
    slope: Result<TerminalSlope, NotCalculated>,
}

/// A quotient, or the reason that there is none.
fn quotient(over: Outcome, under: Outcome) -> Outcome {
    let (over, under) = (over?, under?);
    if under > 0.0 { Ok(over / under) } else { Err(NotCalculated::ZeroDenominator) }
}

impl Work<'_> {
    fn compute(&mut self) {
        self.compute_peak();
        self.compute_slope();
        self.compute_last();
        for to_infinity in [OBSERVED, PREDICTED] {
            self.compute_to_infinity(to_infinity);
        }
        self.compute_interval();
        self.compute_by_dose();
        self.warn_of_extrapolation();
        let pair = [
            PkParameter::AccumulationAuc,
            PkParameter::AccumulationCmax,
            PkParameter::AccumulationTrough,
            PkParameter::AccumulationPredicted,
            PkParameter::LinearityIndex,
            PkParameter::EffectiveHalfLife,
        ];
        for parameter in pair {
            self.values.set(parameter, Err(NotCalculated::OneOccasion));
        }
    }

    fn set(&mut self, parameter: PkParameter, outcome: Outcome) {
        self.values.set(parameter, outcome);
    }

    fn get(&self, parameter: PkParameter) -> Outcome {
        self.values.get(parameter)
    }

    fn dose(&self) -> Outcome {
        match self.profile.dose {
            None => Err(NotCalculated::NoDose),
            Some(dose) if dose > 0.0 => Ok(dose),
            Some(_) => Err(NotCalculated::ZeroDose),
        }
    }

    fn tau(&self) -> Outcome {
        self.profile.tau.ok_or(NotCalculated::NoDosingInterval)
    }

    fn rate(&self) -> Option<f64> {
        self.slope.ok().map(|slope| slope.rate)
    }

    fn compute_peak(&mut self) {
        let points = self.prepared.curve.points();
        let quantifiable = || points.iter().filter(|point| point.quantifiable);
        let highest = quantifiable().map(|point| point.value).fold(f64::NEG_INFINITY, f64::max);
        let at_peak = quantifiable().filter(|point| point.value >= highest);
        let (peaks, peak) = (at_peak.clone().count(), at_peak.clone().next().map_or(f64::NAN, |point| point.time));
        let last = quantifiable().next_back().map_or(f64::NAN, |point| point.time);
        if same_time(peak, last) {
            self.cautions.push(Caution::PeakIsLast);
        }
        if peaks > 1 {
            self.cautions.push(Caution::PeakRepeated { samples: peaks });
        }
        self.set(PkParameter::Cmax, Ok(highest));
        self.set(PkParameter::Tmax, Ok(peak));
        self.set(PkParameter::Cmin, self.lowest());
        self.set(PkParameter::Tlag, self.lag());
        self.set(PkParameter::C0, self.prepared.initial);
    }

    /// Lowest sample over the dosing interval, or of the profile where none is given.
    fn lowest(&self) -> Outcome {
        let observed = &self.prepared.observed;
        let quantifiable =
            |position: &usize| observed.get(*position).is_some_and(|s| matches!(s.concentration, Concentration::Measured(_)));
        let first = (0..observed.len()).find(quantifiable).unwrap_or(0);
        let last = (0..observed.len()).rev().find(quantifiable).unwrap_or(0);
        let blq = self.rules.blq;
        let within = |time: f64| self.profile.tau.is_none_or(|tau| time <= tau || same_time(time, tau));
        let values = observed.iter().enumerate().filter(|(_, sample)| within(sample.time)).filter_map(|(position, sample)| {
            match sample.concentration {
                Concentration::Measured(value) => Some(value),
                Concentration::BelowLimit { limit } if position < first => Some(bounding(blq.before_first, limit)),
                Concentration::BelowLimit { limit } if position > last => Some(bounding(blq.after_last, limit)),
                // A low sample among quantifiable ones that the rule leaves out is left out here too.
                Concentration::BelowLimit { limit } => (blq.between != crate::config::BlqRule::Drop).then(|| bounding(blq.between, limit)),
                Concentration::Missing => None,
            }
        });
        let lowest = values.fold(f64::INFINITY, f64::min);
        if lowest.is_finite() { Ok(lowest) } else { Err(NotCalculated::NothingQuantifiable) }
    }

    fn lag(&self) -> Outcome {
        if self.profile.route != Route::Extravascular {
            return Err(NotCalculated::NotForRoute);
        }
        let observed = &self.prepared.observed;
        let first = observed.iter().position(|sample| matches!(sample.concentration, Concentration::Measured(_)));
        let before = first.and_then(|first| first.checked_sub(1)).and_then(|before| observed.get(before));
        Ok(before.map_or(0.0, |sample| sample.time))
    }

    fn compute_slope(&mut self) {
        let quantifiable: Vec<_> = self.prepared.curve.points().iter().filter(|point| point.quantifiable).copied().collect();
        let highest = quantifiable.iter().map(|point| point.value).fold(f64::NEG_INFINITY, f64::max);
        let peak = quantifiable.iter().position(|point| point.value >= highest).unwrap_or(0);
        self.slope = fit_terminal_slope(&quantifiable, peak, self.rules);
        let slope = self.slope;
        let values = [
            (PkParameter::LambdaZ, slope.map(|slope| slope.rate)),
            (PkParameter::HalfLife, slope.map(|slope| slope.half_life())),
            (PkParameter::LambdaZPoints, slope.map(|slope| slope.points as f64)),
            (PkParameter::LambdaZStart, slope.map(|slope| slope.first_time)),
            (PkParameter::LambdaZEnd, slope.map(|slope| slope.last_time)),
            (PkParameter::RSquared, slope.map(|slope| slope.r_squared)),
            (PkParameter::AdjustedRSquared, slope.map(|slope| slope.adjusted_r_squared)),
            (PkParameter::SpanRatio, slope.map(|slope| slope.span())),
        ];
        for (parameter, outcome) in values {
            self.set(parameter, outcome);
        }
        if let Ok(slope) = slope {
            self.warn_of_slope(&slope);
        }
    }

    fn warn_of_slope(&mut self, slope: &TerminalSlope) {
        let limits = self.rules.terminal_slope;
        if slope.points <= limits.min_samples {
            self.cautions.push(Caution::FewPoints { points: slope.points });
        }
        if slope.span() < self.rules.min_span {
            self.cautions.push(Caution::ShortSpan { span: slope.span(), limit: self.rules.min_span });
        }
        if slope.adjusted_r_squared < limits.min_adjusted_r_squared {
            let (adjusted_r_squared, limit) = (slope.adjusted_r_squared, limits.min_adjusted_r_squared);
            self.cautions.push(Caution::PoorFit { adjusted_r_squared, limit });
        }
    }

    /// What ends at the last quantifiable sample.
    fn compute_last(&mut self) {
        let curve = &self.prepared.curve;
        let Some(last) = curve.points().iter().rfind(|point| point.quantifiable).copied() else { return };
        let to_last = curve.to_time(last.time);
        // The first sample below the limit ends the triangle whatever the rule makes of it in the curve.
        let triangle = self.prepared.first_below_after_last.map_or(0.0, |(time, value)| 0.5 * (time - last.time) * (last.value + value));
        let area = to_last.map(|part| part.area);
        let moment = to_last.map(|part| part.moment);
        let half = self.profile.route.half_infusion();
        self.set(PkParameter::Clast, Ok(last.value));
        self.set(PkParameter::Tlast, Ok(last.time));
        self.set(PkParameter::ClastPredicted, self.slope.map(|slope| slope.predict(last.time)));
        self.set(PkParameter::AucLast, area);
        self.set(PkParameter::AucAll, area.map(|area| area + triangle));
        self.set(PkParameter::AumcLast, moment);
        self.set(PkParameter::MrtLast, quotient(moment, area).map(|mean| mean - half));
    }

    fn compute_to_infinity(&mut self, names: ToInfinity) {
        let rate = self.slope.map(|slope| slope.rate);
        let tail = self.get(names.last).and_then(|last| Ok(last / rate?));
        let to_last = self.get(PkParameter::AucLast);
        let area = to_last.and_then(|area| Ok(area + tail?));
        let moment = self.get(PkParameter::AumcLast).and_then(|moment| {
            let (tail, rate) = (tail?, rate?);
            Ok(moment + self.get(PkParameter::Tlast)? * tail + tail / rate)
        });
        self.set(names.area, area);
        self.set(names.moment, moment);
        self.set(names.extrapolated, quotient(tail, area).map(|share| 100.0 * share));
        let single = match self.profile.regimen {
            Regimen::FirstDose => Ok(()),
            Regimen::BeforeSteadyState => Err(NotCalculated::BetweenDoses),
            Regimen::SteadyState => Err(NotCalculated::AtSteadyState),
        };
        let clearance = single.and_then(|()| quotient(self.dose(), area));
        let residence = single.and_then(|()| quotient(moment, area)).map(|mean| mean - self.profile.route.half_infusion());
        self.set(names.clearance, clearance);
        self.set(names.volume, clearance.and_then(|clearance| Ok(clearance / rate?)));
        self.set(names.residence, residence);
        let steady_volume = match self.profile.route {
            Route::Extravascular => Err(NotCalculated::NotForRoute),
            Route::IntravenousBolus | Route::IntravenousInfusion { .. } => clearance.and_then(|clearance| Ok(clearance * residence?)),
        };
        self.set(names.steady_volume, steady_volume);
    }

    /// What belongs to the dosing interval.
    fn compute_interval(&mut self) {
        let curve = &self.prepared.curve;
        let tau = self.tau();
        let whole: Result<Part, NotCalculated> =
            tau.and_then(|tau| if curve.begins_at_dose() { curve.part(0.0, tau, self.rate()) } else { Err(NotCalculated::NoSampleAtDose) });
        let area = whole.map(|part| part.area);
        let average = quotient(area, tau);
        let trough = self.trough();
        let (highest, lowest) = (self.get(PkParameter::Cmax), self.get(PkParameter::Cmin));
        let swing = highest.and_then(|highest| Ok(highest - lowest?));
        let interval_only = |outcome: Outcome| tau.and(outcome);
        self.set(PkParameter::AucTau, area);
        self.set(PkParameter::AumcTau, whole.map(|part| part.moment));
        self.set(PkParameter::Cavg, average);
        self.set(PkParameter::Ctrough, trough);
        self.set(PkParameter::PeakTroughRatio, interval_only(quotient(highest, trough)));
        self.set(PkParameter::Fluctuation, interval_only(quotient(swing, average).map(|ratio| 100.0 * ratio)));
        self.set(PkParameter::Swing, interval_only(quotient(swing, lowest).map(|ratio| 100.0 * ratio)));
        if let Ok(part) = whole
            && part.extrapolated > 0.0
        {
            self.cautions.push(Caution::IntervalExtrapolated { percent: 100.0 * part.extrapolated / part.area });
        }
        self.compute_steady_state(whole);
    }

    fn compute_steady_state(&mut self, whole: Result<Part, NotCalculated>) {
        let steady = match self.profile.regimen {
            Regimen::FirstDose => Err(NotCalculated::NotAtSteadyState),
            Regimen::BeforeSteadyState => Err(NotCalculated::BetweenDoses),
            Regimen::SteadyState => Ok(()),
        };
        let area = steady.and_then(|()| whole.map(|part| part.area));
        let clearance = area.and_then(|area| quotient(self.dose(), Ok(area)));
        let residence = area.and_then(|area| {
            let (tau, beyond) = (self.tau()?, self.get(PkParameter::AucInf)? - area);
            quotient(whole.map(|part| part.moment + tau * beyond), Ok(area))
        });
        self.set(PkParameter::ClearanceTau, clearance);
        self.set(PkParameter::VolumeTau, clearance.and_then(|clearance| Ok(clearance / self.slope?.rate)));
        self.set(PkParameter::MrtTau, residence.map(|mean| mean - self.profile.route.half_infusion()));
    }

    /// Concentration at the end of the dosing interval: the sample there, otherwise the curve.
    fn trough(&mut self) -> Outcome {
        let tau = self.tau()?;
        let sampled = self.prepared.observed.iter().find(|sample| same_time(sample.time, tau));
        match sampled.map(|sample| sample.concentration) {
            Some(Concentration::Measured(value)) => return Ok(value),
            Some(Concentration::BelowLimit { limit }) => {
                self.cautions.push(Caution::TroughBelowLimit);
                return Ok(bounding(self.rules.blq.after_last, limit));
            }
            Some(Concentration::Missing) | None => {}
        }
        let (value, beyond) = self.prepared.curve.value_at(tau, self.rate())?;
        self.cautions.push(if beyond { Caution::TroughExtrapolated } else { Caution::TroughInterpolated });
        Ok(value)
    }

    fn compute_by_dose(&mut self) {
        let dose = self.dose();
        let pairs = [
            (PkParameter::CmaxByDose, PkParameter::Cmax),
            (PkParameter::AucLastByDose, PkParameter::AucLast),
            (PkParameter::AucInfByDose, PkParameter::AucInf),
            (PkParameter::AucTauByDose, PkParameter::AucTau),
        ];
        for (by_dose, parameter) in pairs {
            self.set(by_dose, self.get(parameter).and_then(|value| quotient(Ok(value), dose)));
        }
    }

    fn warn_of_extrapolation(&mut self) {
        let limit = self.rules.terminal_slope.max_extrapolated_percent;
        if let Ok(percent) = self.get(PkParameter::AucExtrapolated)
            && percent > limit
        {
            self.cautions.push(Caution::Extrapolated { percent, limit });
        }
        let back = match (self.profile.route, self.prepared.initial_extrapolated) {
            (Route::Extravascular | Route::IntravenousInfusion { .. }, _) => Err(NotCalculated::NotForRoute),
            (Route::IntravenousBolus, false) => self.get(PkParameter::AucInf).map(|_| 0.0),
            (Route::IntravenousBolus, true) => {
                let first = self.prepared.curve.points().get(1).map_or(0.0, |point| point.time);
                quotient(self.prepared.curve.to_time(first).map(|part| part.area), self.get(PkParameter::AucInf)).map(|share| 100.0 * share)
            }
        };
        if let Ok(percent) = back
            && percent > limit
        {
            self.cautions.push(Caution::BackExtrapolated { percent, limit });
        }
        self.set(PkParameter::AucBackExtrapolated, back);
    }
}
