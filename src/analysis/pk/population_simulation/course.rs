//! Concentrations over time under the regimens: median and the range of nine tenths of the virtual subjects.

use rayon::prelude::*;

use super::dosing::Regimen;
use super::individual::Individual;
use super::simulator::Simulator;
use crate::numerics::descriptive::{QuantileType, quantile};

/// Points of a dosing interval at steady state.
const STEADY_POINTS: u32 = 48;

/// Times after each dose, as shares of the time to the next, at which a schedule of steps is drawn.
const AFTER_DOSE: [f64; 7] = [0.0, 0.04, 0.1, 0.2, 0.4, 0.7, 0.999];

/// Most dosing intervals of a schedule of steps that are drawn.
const MOST_INTERVALS: usize = 24;

/// Concentrations under one regimen.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedCourse {
    /// Position of the regimen.
    pub regimen: usize,
    /// Time in hours, 5th percentile, median and 95th percentile in mg/L.
    pub points: Vec<(f64, [f64; 3])>,
}

/// The courses of all regimens: from the first dose on where one of them has steps, otherwise at steady state over `period`.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedCourses {
    /// Whether time runs from the first dose.
    pub from_first_dose: bool,
    /// One per regimen that can be shown.
    pub courses: Vec<SimulatedCourse>,
}

pub(super) fn trace(simulator: &Simulator, regimens: &[&Regimen]) -> SimulatedCourses {
    let from_first_dose = regimens.iter().any(|regimen| regimen.is_stepped() || regimen.maintenance().is_none());
    let times = if from_first_dose { Vec::new() } else { steady_times(simulator, regimens) };
    let until = first_doses_until(regimens);
    let courses = regimens.iter().enumerate().filter_map(|(place, regimen)| {
        let times = if from_first_dose { stepped_times(regimen, until) } else { times.clone() };
        let points = percentiles(simulator, regimen, &times, from_first_dose)?;
        Some(SimulatedCourse { regimen: place, points })
    });
    SimulatedCourses { from_first_dose, courses: courses.collect() }
}

/// Times over the common period: graded after each dose of the shortest interval.
fn steady_times(simulator: &Simulator, regimens: &[&Regimen]) -> Vec<f64> {
    let period = simulator.structure.period;
    let mut times: Vec<f64> = Vec::new();
    for interval in regimens.iter().filter_map(|regimen| Some(regimen.maintenance()?.1)) {
        let mut start = 0.0;
        while start < period && times.len() < 500 {
            let points = (f64::from(STEADY_POINTS) * interval / period).clamp(8.0, f64::from(STEADY_POINTS)) as u32;
            times.extend((0..=points).map(|step| start + interval * (f64::from(step) / f64::from(points)).powf(1.5)));
            start += interval;
        }
    }
    times.retain(|time| *time <= period);
    times.sort_by(f64::total_cmp);
    times.dedup_by(|a, b| (*a - *b).abs() < 1e-6 * period);
    // A course of many intervals keeps what a figure can show.
    let every = times.len().div_ceil(160).max(1);
    times.into_iter().step_by(every).collect()
}

/// How long courses from the first dose are drawn: two intervals into the last step of each regimen, the longest of them.
fn first_doses_until(regimens: &[&Regimen]) -> f64 {
    let of = |regimen: &&Regimen| {
        let last = regimen.steps.last()?;
        Some(last.start + last.interval.unwrap_or(24.0) * f64::from(last.times.unwrap_or(3).min(3)))
    };
    regimens.iter().filter_map(of).fold(24.0, f64::max)
}

fn stepped_times(regimen: &Regimen, until: f64) -> Vec<f64> {
    let nobody = super::subject::VirtualSubject { scale: [1.0; super::subject::PARAMETERS], weight: Some(1.0), surface: Some(1.0) };
    let doses: Vec<f64> = regimen.doses(&nobody, 1.0, until).into_iter().map(|dose| dose.time).collect();
    let mut times: Vec<f64> = Vec::new();
    let every = doses.len().div_ceil(MOST_INTERVALS).max(1);
    for (place, from) in doses.iter().enumerate().step_by(every) {
        let to = doses.get(place + 1).copied().unwrap_or(until);
        times.extend(AFTER_DOSE.iter().map(|share| from + share * (to - from)));
    }
    times.push(until);
    times
}

/// Percentiles over the subjects at each time.
fn percentiles(simulator: &Simulator, regimen: &Regimen, times: &[f64], from_first_dose: bool) -> Option<Vec<(f64, [f64; 3])>> {
    let courses: Option<Vec<Vec<f64>>> = simulator
        .subjects
        .par_iter()
        .map(|subject| {
            let individual = Individual::new(&simulator.typical, subject, regimen, &simulator.structure)?;
            if from_first_dose { Some(individual.course(times)) } else { individual.steady_course(times) }
        })
        .collect();
    let courses = courses?;
    let at = |place: usize| {
        let values: Vec<f64> = courses.iter().filter_map(|course| course.get(place)).copied().collect();
        let share = |p: f64| quantile(&values, p, QuantileType::Type7);
        Some([share(0.05)?, share(0.5)?, share(0.95)?])
    };
    times.par_iter().enumerate().map(|(place, time)| Some((*time, at(place)?))).collect()
}
