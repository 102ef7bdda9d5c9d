//! Regimens: what a virtual subject is given, and when.

use thiserror::Error;

use super::super::compartment::Administration;
use super::subject::VirtualSubject;
use crate::config::{Dosage, DoseStep, PopulationModel, RegimenStatement, Settings};
use crate::derive::{DosageIndex, dosing_interval};
use crate::quantity::{Dose, DoseUnit};

/// Why a regimen is not simulated.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RegimenRefusal {
    /// It has no dose, and no dosage of the project has its id.
    #[error("it has no dose")]
    NoDose,
    /// It has no schedule that says how often a dose is given.
    #[error("its schedule{} does not say how often a dose is given", .0.as_ref().map_or_else(String::new, |text| format!(" ({text})")))]
    Schedule(Option<String>),
    /// The dose is no mass.
    #[error("its dose ({0}) is not a mass")]
    Unit(String),
    /// The dose is by body size, and no size is known.
    #[error("its dose is by {0}, which neither the trial nor the model gives")]
    Size(&'static str),
}

/// What an amount is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DoseBasis {
    /// The same for every subject.
    Flat,
    /// By body weight.
    Weight,
    /// By body surface.
    Surface,
}

/// A rule for the amount of one dose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AmountRule {
    /// mg, mg/kg or mg/m².
    pub amount: f64,
    /// What it is counted by.
    pub basis: DoseBasis,
    /// Largest amount in mg.
    pub cap: Option<f64>,
}

impl AmountRule {
    fn new(dose: Dose, cap: Option<Dose>) -> Result<Self, RegimenRefusal> {
        let bases = [
            (DoseUnit::Milligram, DoseBasis::Flat),
            (DoseUnit::MilligramPerKilogram, DoseBasis::Weight),
            (DoseUnit::MilligramPerSquareMetre, DoseBasis::Surface),
        ];
        let found = bases.into_iter().find_map(|(unit, basis)| Some((dose.amount_in(unit)?, basis)));
        let (amount, basis) = found.ok_or_else(|| RegimenRefusal::Unit(dose.to_string()))?;
        let cap = cap.map(|cap| cap.amount_in(DoseUnit::Milligram).ok_or_else(|| RegimenRefusal::Unit(cap.to_string()))).transpose()?;
        Ok(Self { amount, basis, cap })
    }

    /// Milligrams for a subject; zero where the size is not known.
    #[must_use]
    pub fn milligrams(&self, subject: &VirtualSubject) -> f64 {
        let amount = match self.basis {
            DoseBasis::Flat => self.amount,
            DoseBasis::Weight => self.amount * subject.weight.unwrap_or(0.0),
            DoseBasis::Surface => self.amount * subject.surface.unwrap_or(0.0),
        };
        self.cap.map_or(amount, |cap| amount.min(cap))
    }
}

/// Doses of one amount.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// First dose, h.
    pub start: f64,
    /// Amount.
    pub amount: AmountRule,
    /// Hours from dose to dose; `None` for a single dose.
    pub interval: Option<f64>,
    /// Number of doses; `None` for doses without end.
    pub times: Option<u32>,
}

impl Step {
    /// When the step is over: a dosing interval after its last dose.
    fn end(&self) -> f64 {
        match (self.interval, self.times) {
            (Some(interval), Some(times)) => self.start + interval * f64::from(times),
            (Some(_), None) => f64::INFINITY,
            (None, _) => self.start + 24.0,
        }
    }
}

/// A regimen, ready to be simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct Regimen {
    /// Name in fact ids.
    pub id: String,
    /// Name printed.
    pub label: String,
    /// Its steps in the order of time.
    pub steps: Vec<Step>,
    /// Whether it is taken with food.
    pub with_food: bool,
    /// The dosage of the project that it stands for.
    pub dosage: Option<DosageIndex>,
}

impl Regimen {
    /// Amount and interval of the doses that go on without end: those of steady state.
    #[must_use]
    pub fn maintenance(&self) -> Option<(AmountRule, f64)> {
        let last = self.steps.last()?;
        Some((last.amount, last.interval.filter(|_| last.times.is_none())?))
    }

    /// Whether it has doses before those that go on.
    #[must_use]
    pub fn is_stepped(&self) -> bool {
        self.steps.len() > 1
    }

    /// The doses of a subject before `until`, h. `share` of every amount arrives.
    #[must_use]
    pub fn doses(&self, subject: &VirtualSubject, share: f64, until: f64) -> Vec<Administration> {
        let mut doses = Vec::new();
        for step in &self.steps {
            let amount = share * step.amount.milligrams(subject);
            let mut given = 0_u32;
            loop {
                let time = step.start + step.interval.unwrap_or(0.0) * f64::from(given);
                let most = step.times.unwrap_or(if step.interval.is_some() { u32::MAX } else { 1 });
                if time >= until || given >= most {
                    break;
                }
                doses.push(Administration { time, amount });
                given += 1;
            }
        }
        doses
    }

    pub(super) fn needs(&self, basis: DoseBasis) -> bool {
        self.steps.iter().any(|step| step.amount.basis == basis)
    }
}

/// The regimens of a model: those that it names, or the dosages of the drug; and those that cannot be simulated, with the reason.
#[must_use]
pub fn regimens(model: &PopulationModel, settings: &Settings) -> (Vec<Regimen>, Vec<(String, RegimenRefusal)>) {
    let named: Vec<RegimenStatement> = if model.regimens.is_empty() {
        let drug = settings.dosages.iter().filter(|dosage| !dosage.comparator && dosage.dose.is_some());
        drug.map(|dosage| statement_of(&dosage.id)).collect()
    } else {
        model.regimens.clone()
    };
    let (mut made, mut refused) = (Vec::new(), Vec::new());
    for statement in &named {
        let place = settings.dosages.iter().position(|dosage| dosage.id == statement.id && !dosage.comparator);
        let dosage = place.and_then(|place| settings.dosages.get(place));
        let label = label(statement, dosage);
        match steps(statement, dosage) {
            Ok(steps) => made.push(Regimen {
                id: statement.id.clone(),
                label,
                steps,
                with_food: statement.with_food,
                dosage: place.map(DosageIndex).filter(|_| statement.dose.is_none() && statement.doses.is_empty()),
            }),
            Err(reason) => refused.push((label, reason)),
        }
    }
    (made, refused)
}

/// Takes out the regimens whose doses are by a body size that is not known.
pub(super) fn without_unknown_size(
    regimens: Vec<Regimen>,
    (weight, surface): (bool, bool),
    refused: &mut Vec<(String, RegimenRefusal)>,
) -> Vec<Regimen> {
    let mut kept = Vec::new();
    for regimen in regimens {
        let lacking = [(DoseBasis::Weight, weight, "body weight"), (DoseBasis::Surface, surface, "body surface")];
        match lacking.into_iter().find(|(basis, known, _)| regimen.needs(*basis) && !known) {
            Some((_, _, size)) => refused.push((regimen.label, RegimenRefusal::Size(size))),
            None => kept.push(regimen),
        }
    }
    kept
}

fn statement_of(id: &str) -> RegimenStatement {
    RegimenStatement { id: id.to_owned(), label: None, dose: None, schedule: None, max: None, doses: Vec::new(), with_food: false }
}

fn label(statement: &RegimenStatement, dosage: Option<&Dosage>) -> String {
    let written = statement.dose.map(|dose| match &statement.schedule {
        Some(schedule) => format!("{} {schedule}", dose.0),
        None => dose.0.to_string(),
    });
    let unchanged = statement.dose.is_none() && statement.doses.is_empty();
    let known = dosage.filter(|_| unchanged).map(|dosage| dosage.label.clone());
    statement.label.clone().or(known).or(written).unwrap_or_else(|| statement.id.clone())
}

fn steps(statement: &RegimenStatement, dosage: Option<&Dosage>) -> Result<Vec<Step>, RegimenRefusal> {
    if statement.doses.is_empty() {
        let dose = statement.dose.map(|dose| dose.0).or(dosage.and_then(|dosage| dosage.dose)).ok_or(RegimenRefusal::NoDose)?;
        let schedule = statement.schedule.as_deref().or(dosage.and_then(|dosage| dosage.schedule.as_deref()));
        let interval = schedule.and_then(dosing_interval).ok_or_else(|| RegimenRefusal::Schedule(schedule.map(str::to_owned)))?;
        let amount = AmountRule::new(dose, statement.max.map(|max| max.0))?;
        return Ok(vec![Step { start: 0.0, amount, interval: Some(interval), times: None }]);
    }
    let mut steps: Vec<Step> = Vec::new();
    for written in &statement.doses {
        let after = steps.last().map_or(0.0, Step::end);
        steps.push(step(written, after)?);
    }
    steps.sort_by(|a, b| a.start.total_cmp(&b.start));
    Ok(steps)
}

fn step(written: &DoseStep, after: f64) -> Result<Step, RegimenRefusal> {
    let by_schedule = written
        .schedule
        .as_deref()
        .map(|schedule| dosing_interval(schedule).ok_or_else(|| RegimenRefusal::Schedule(Some(schedule.to_owned()))));
    let interval = by_schedule.transpose()?.or(written.every.map(|every| 24.0 * every.days()));
    Ok(Step {
        start: written.day.map_or(after, |day| 24.0 * (day - 1.0)),
        amount: AmountRule::new(written.dose.0, written.max.map(|max| max.0))?,
        interval,
        times: written.times.or(if interval.is_none() { Some(1) } else { None }),
    })
}
