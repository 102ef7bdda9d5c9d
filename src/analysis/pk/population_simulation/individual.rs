//! One virtual subject under one regimen: concentrations and exposures.

use super::super::compartment::{Administration, CompartmentModel, Disposition, Input};
use super::dosing::Regimen;
use super::subject::{PARAMETERS, VirtualSubject};
use super::time_course::{Changing, follow};
use crate::config::{ParameterName, PopulationModel, PopulationRoute, SimulatedMetric, TimeVaryingClearance};

/// What all subjects have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Structure {
    /// How the drug enters.
    pub route: PopulationRoute,
    /// Whether there is a peripheral volume.
    pub two_compartments: bool,
    /// How clearance changes over time.
    pub clearance: Option<TimeVaryingClearance>,
    /// Bioavailability and absorption rate with food over those without.
    pub food: (f64, f64),
    /// Time over which areas at steady state are told, h.
    pub period: f64,
    /// Length of a cycle, h.
    pub cycle: f64,
}

impl Structure {
    /// Of a model.
    #[must_use]
    pub fn new(model: &PopulationModel, period: f64, cycle: f64) -> Self {
        Self {
            route: model.route,
            two_compartments: model.compartments == 2,
            clearance: model.time_varying_clearance,
            food: model.food.map_or((1.0, 1.0), |food| (food.bioavailability, food.absorption_rate.unwrap_or(1.0))),
            period,
            cycle,
        }
    }

    /// Clearance in the end over that at the beginning.
    fn final_clearance(&self) -> f64 {
        match self.clearance {
            Some(TimeVaryingClearance::Emax(change) | TimeVaryingClearance::Exponential(change)) => 1.0 + change.change,
            None => 1.0,
        }
    }
}

/// The model of one subject under one regimen.
#[derive(Debug, Clone)]
pub struct Individual<'a> {
    regimen: &'a Regimen,
    subject: &'a VirtualSubject,
    structure: &'a Structure,
    /// With clearance as it is in the end.
    steady: CompartmentModel,
    /// With clearance as it changes; `None` where it does not.
    changing: Option<Changing>,
    /// Share of every amount that arrives.
    share: f64,
}

impl<'a> Individual<'a> {
    /// The model of a subject for typical values in litres and hours; `None` where the parameters make none.
    #[must_use]
    pub fn new(typical: &[f64; PARAMETERS], subject: &'a VirtualSubject, regimen: &'a Regimen, structure: &'a Structure) -> Option<Self> {
        let of = |name: ParameterName| {
            typical.get(name.place()).zip(subject.scale.get(name.place())).map_or(0.0, |(value, scale)| value * scale)
        };
        let food = if regimen.with_food { structure.food } else { (1.0, 1.0) };
        let disposition = |clearance: f64| {
            let (volume, clearance) = (of(ParameterName::CentralVolume), clearance * of(ParameterName::Clearance));
            if structure.two_compartments {
                let (distribution, peripheral) = (of(ParameterName::IntercompartmentalClearance), of(ParameterName::PeripheralVolume));
                Disposition::TwoCompartments { clearance, central: volume, distribution, peripheral }
            } else {
                Disposition::OneCompartment { clearance, volume }
            }
        };
        let input = match structure.route {
            PopulationRoute::Bolus => Input::Bolus,
            PopulationRoute::Infusion(duration) => Input::Infusion { hours: 24.0 * duration.days() },
            PopulationRoute::Absorption => {
                Input::Absorption { rate: food.1 * of(ParameterName::AbsorptionRate), bioavailability: 1.0, lag: of(ParameterName::Lag) }
            }
        };
        let steady = CompartmentModel::new(disposition(structure.final_clearance()), input).ok()?;
        let changing = structure.clearance.map(|clearance| Changing { disposition: disposition(1.0), input, clearance });
        // Shares above 1 occur: bioavailability relative to that of the typical subject.
        Some(Self { regimen, subject, structure, steady, changing, share: food.0 * of(ParameterName::Bioavailability) })
    }

    /// An exposure in mg/L or mg·h/L; `None` at steady state where the doses end.
    ///
    /// ```text
    /// AUC at steady state      F dose / CL x period / tau
    /// average                  F dose / (CL tau)
    /// Cmax, Ctrough            largest concentration over the interval, and that at its end
    /// AUC of the first cycle   sum over doses of the area from each to the end of the cycle;  average: over the cycle's length
    /// ```
    #[must_use]
    pub fn exposure(&self, metric: SimulatedMetric) -> Option<f64> {
        if !metric.is_steady() {
            let area = self.area_until(self.structure.cycle);
            return Some(if metric.is_area() { area } else { area / self.structure.cycle });
        }
        let (amount, interval) = self.maintenance()?;
        Some(match metric {
            SimulatedMetric::AucSteadyState => self.steady.area(amount) * self.structure.period / interval,
            SimulatedMetric::CavgSteadyState => self.steady.area(amount) / interval,
            SimulatedMetric::CmaxSteadyState => self.steady.at_steady_state(amount, interval, self.steady.peak_time(interval)),
            _ => self.steady.at_steady_state(amount, interval, interval),
        })
    }

    /// Share of the dosing interval at steady state with a concentration above a threshold in mg/L.
    ///
    /// Straight lines between 97 graded times, exact at the peak.
    #[must_use]
    pub fn time_above(&self, threshold: f64) -> Option<f64> {
        let (amount, interval) = self.maintenance()?;
        let times = self.steady.times(interval, 96);
        let at = |time: f64| self.steady.at_steady_state(amount, interval, time) - threshold;
        let above = times.windows(2).filter_map(|pair| {
            let (from, to) = (*pair.first()?, *pair.last()?);
            let (low, high) = (at(from), at(to));
            let share = match (low > 0.0, high > 0.0) {
                (true, true) => 1.0,
                (false, false) => 0.0,
                (true, false) => low / (low - high),
                (false, true) => high / (high - low),
            };
            Some(share * (to - from))
        });
        Some(above.sum::<f64>() / interval)
    }

    /// Concentrations in mg/L over time since the first dose, for ascending times.
    #[must_use]
    pub fn course(&self, times: &[f64]) -> Vec<f64> {
        let until = times.last().copied().unwrap_or(0.0);
        let doses = self.doses(until + 1e-9);
        match &self.changing {
            Some(changing) => follow(changing, &doses, times).into_iter().map(|(concentration, _)| concentration).collect(),
            None => times.iter().map(|time| self.steady.after(&doses, *time)).collect(),
        }
    }

    /// Concentrations in mg/L over one dosing interval at steady state.
    #[must_use]
    pub fn steady_course(&self, times: &[f64]) -> Option<Vec<f64>> {
        let (amount, interval) = self.maintenance()?;
        Some(times.iter().map(|time| self.steady.at_steady_state(amount, interval, time.rem_euclid(interval))).collect())
    }

    fn area_until(&self, hours: f64) -> f64 {
        let doses = self.doses(hours);
        match &self.changing {
            Some(changing) => follow(changing, &doses, &[hours]).first().map_or(f64::NAN, |(_, area)| *area),
            None => doses.iter().map(|dose| self.steady.area_until(dose.amount, hours - dose.time)).sum(),
        }
    }

    fn maintenance(&self) -> Option<(f64, f64)> {
        let (rule, interval) = self.regimen.maintenance()?;
        Some((self.share * rule.milligrams(self.subject), interval))
    }

    fn doses(&self, until: f64) -> Vec<Administration> {
        self.regimen.doses(self.subject, self.share, until)
    }
}
