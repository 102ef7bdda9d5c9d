//! The arms: their texts, their subjects, and what dose each was given.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::Guess;
use super::counts::{Counted, Texts, counted, listed};
use super::dose_text::{DoseInText, doses_in};
use super::drug;
use super::error::SurveyError;
use super::exposure::{Dosing, dosing};
use super::schedule_text::schedule_in;
use super::tables::Tables;
use crate::data::arm::{self, is_never_treated};
use crate::data::column::{DOSEP, DOSEU, USUBJID};
use crate::data::dataset::Dataset;
use crate::data::name::DatasetName;
use crate::data::spelling::normalised;
use crate::quantity::{Dose, DoseUnit};

/// An arm of the data.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// Its spellings in the data, the most frequent first; never empty.
    pub texts: Vec<String>,
    /// Subjects planned for it.
    pub planned: usize,
    /// Subjects who received it.
    pub received: usize,
    /// Its dose.
    pub dose: Option<Guess<Dose>>,
    /// What else the data say about its dose, for a person to decide.
    pub dose_note: Option<String>,
    /// Its schedule.
    pub schedule: Option<Guess<String>>,
    /// Why it is taken for a comparator; `None` for an arm of the drug.
    pub comparator: Option<String>,
    /// The name of what it was given, as the text or the dosing records have it.
    pub name: Option<String>,
    /// Its text after the name of the drug, where the dose comes next: `120 mg QD`.
    pub label: Option<String>,
}

/// The arms of the data.
#[derive(Debug, Clone, PartialEq)]
pub struct Arms {
    /// Column of the planned arm.
    pub planned_column: Option<String>,
    /// Column of the arm received.
    pub received_column: Option<String>,
    /// The arms: those of the drug from the lowest dose to the highest, then those without a dose, comparators last.
    pub arms: Vec<Arm>,
    /// Texts of subjects who were never treated, which need no dosage.
    pub left_out: Vec<Counted>,
}

/// The arm of each subject.
#[derive(Debug, Default)]
pub(super) struct Membership {
    planned: BTreeMap<String, usize>,
    received: BTreeMap<String, usize>,
}

impl Membership {
    /// The arm that a subject received, otherwise the one planned.
    pub(super) fn received(&self, subject: &str) -> Option<usize> {
        self.received.get(subject).or_else(|| self.planned.get(subject)).copied()
    }

    /// The arm planned for a subject, otherwise the one received.
    fn planned(&self, subject: &str) -> Option<usize> {
        self.planned.get(subject).or_else(|| self.received.get(subject)).copied()
    }
}

/// An arm while it is looked at.
#[derive(Debug, Default)]
pub(super) struct Draft {
    texts: Vec<String>,
    planned: usize,
    received: usize,
    dosing: Dosing,
}

impl Draft {
    /// Its most frequent spelling.
    pub(super) fn text(&self) -> &str {
        self.texts.first().map_or("", String::as_str)
    }

    /// The drug that most of its dosing records name.
    pub(super) fn drug(&self) -> Option<&str> {
        self.dosing.drugs.first().map(|drug| drug.value.as_str())
    }

    /// Its subjects.
    pub(super) fn subjects(&self) -> usize {
        self.planned.max(self.received)
    }
}

/// The arms of ADSL and the drug under study.
pub(super) fn arms(tables: &Tables, adsl: &Dataset) -> Result<(Arms, Option<Guess<String>>), SurveyError> {
    let texts = |column: Option<&str>| Texts::of(adsl, &[column?]);
    let (planned, received) = (texts(arm::planned_column(adsl)), texts(arm::received_column(adsl)));
    let (mut drafts, membership, left_out) = drafts(adsl, planned.as_ref(), received.as_ref());
    if drafts.is_empty() {
        return Err(no_arm(adsl));
    }
    if let Some(adex) = tables.get(DatasetName::Adex) {
        for (arm, dosing) in dosing(adex, &membership) {
            if let Some(draft) = drafts.get_mut(arm) {
                draft.dosing = dosing;
            }
        }
    }
    let drug = drug::drug(&drafts);
    let stated = stated_doses(tables, &membership);
    let codes = treatment_numbers(adsl, &membership);
    let mut arms: Vec<(Option<f64>, Arm)> = Vec::new();
    for (position, draft) in drafts.iter().enumerate() {
        let (dose, dose_note) = dose(draft, stated.get(&position), codes.get(&position));
        let code = codes.get(&position).and_then(|codes| codes.first().copied());
        let arm = Arm {
            texts: draft.texts.clone(),
            planned: draft.planned,
            received: draft.received,
            dose,
            dose_note,
            schedule: schedule(draft),
            comparator: drug::comparator(draft, drug.as_ref()),
            name: drug::name_of(draft),
            label: label(draft.text(), drug.as_ref()),
        };
        arms.push((code, arm));
    }
    arms.sort_by(order);
    let mut arms: Vec<Arm> = arms.into_iter().map(|(_, arm)| arm).collect();
    if arms.iter().all(|arm| arm.comparator.is_some()) {
        arms.iter_mut().for_each(|arm| arm.comparator = None);
    }
    let names = |texts: Option<Texts>| texts.map(|texts| texts.name);
    Ok((Arms { planned_column: names(planned), received_column: names(received), arms, left_out }, drug))
}

/// Arms by the normal spelling of their texts, with the arm of every subject and the texts that are no arm.
fn drafts(adsl: &Dataset, planned: Option<&Texts>, received: Option<&Texts>) -> (Vec<Draft>, Membership, Vec<Counted>) {
    let subjects = Texts::of(adsl, &[USUBJID]);
    let mut spellings: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut never: Vec<&str> = Vec::new();
    for column in [planned, received].into_iter().flatten() {
        for text in column.iter().flatten() {
            if is_never_treated(text) { never.push(text) } else { spellings.entry(normalised(text)).or_default().push(text) }
        }
    }
    let positions: BTreeMap<&str, usize> = spellings.keys().enumerate().map(|(position, key)| (key.as_str(), position)).collect();
    let texts = |spellings: &Vec<&str>| counted(spellings.iter().copied()).into_iter().map(|counted| counted.value).collect();
    let mut drafts: Vec<Draft> = spellings.values().map(|spellings| Draft { texts: texts(spellings), ..Draft::default() }).collect();
    let mut membership = Membership::default();
    for row in 0..adsl.height() {
        let position = |column: Option<&Texts>| positions.get(normalised(column?.get(row)?).as_str()).copied();
        let subject = subjects.as_ref().and_then(|subjects| subjects.get(row)).unwrap_or_default().to_owned();
        if let Some((arm, draft)) = position(planned).and_then(|arm| Some((arm, drafts.get_mut(arm)?))) {
            draft.planned += 1;
            membership.planned.insert(subject.clone(), arm);
        }
        if let Some((arm, draft)) = position(received).and_then(|arm| Some((arm, drafts.get_mut(arm)?))) {
            draft.received += 1;
            membership.received.insert(subject, arm);
        }
    }
    let mut left_out = counted(never.into_iter());
    // Each subject is counted once for the column of the plan and once for that of the treatment.
    if planned.is_some() && received.is_some() {
        left_out.iter_mut().for_each(|text| text.count = text.count.div_ceil(2));
    }
    (drafts, membership, left_out)
}

/// A planned dose with its unit as a dataset states them, and how many records do.
#[derive(Debug, Clone)]
struct Stated {
    dataset: DatasetName,
    doses: Vec<Counted>,
}

/// DOSEP and DOSEU by arm, from ADSL or else the first dataset that has them.
fn stated_doses(tables: &Tables, membership: &Membership) -> BTreeMap<usize, Stated> {
    let mut stated = BTreeMap::new();
    for dataset in tables.iter() {
        let (Some(subjects), Some(amounts)) = (Texts::of(dataset, &[USUBJID]), dataset.numbers(DOSEP)) else { continue };
        let units = Texts::of(dataset, &[DOSEU]);
        let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (row, amount) in amounts.iter().enumerate() {
            let (Some(amount), Some(arm)) = (amount, subjects.get(row).and_then(|subject| membership.planned(subject))) else { continue };
            let unit = units.as_ref().and_then(|units| units.get(row)).unwrap_or_default();
            found.entry(arm).or_default().push(format!("{amount} {unit}").trim().to_owned());
        }
        for (arm, doses) in found {
            let doses = counted(doses.iter().map(String::as_str));
            stated.entry(arm).or_insert(Stated { dataset: dataset.name(), doses });
        }
    }
    stated
}

/// The different values of TRT01PN by arm.
fn treatment_numbers(adsl: &Dataset, membership: &Membership) -> BTreeMap<usize, Vec<f64>> {
    let mut codes: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    let (Some(subjects), Some(numbers)) = (Texts::of(adsl, &[USUBJID]), adsl.numbers("TRT01PN")) else { return codes };
    for (row, number) in numbers.into_iter().enumerate() {
        let (Some(number), Some(arm)) = (number, subjects.get(row).and_then(|subject| membership.planned(subject))) else { continue };
        let seen = codes.entry(arm).or_default();
        if !seen.iter().any(|other| other.total_cmp(&number).is_eq()) {
            seen.push(number);
        }
    }
    codes
}

/// The dose of an arm, and what a person should know about it.
fn dose(draft: &Draft, stated: Option<&Stated>, codes: Option<&Vec<f64>>) -> (Option<Guess<Dose>>, Option<String>) {
    let from_data = stated.and_then(|stated| stated_dose(draft, stated));
    match doses_in(draft.text()) {
        DoseInText::Doses(doses) => {
            let Some(dose) = doses.first().copied() else { return (None, None) };
            let from = match doses.as_slice() {
                [_] => "the arm's text".to_owned(),
                doses => format!(
                    "the first of the doses in the arm's text: {}",
                    doses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
                ),
            };
            let note = match &from_data {
                Some(other) if other.value != dose => Some(format!("{} says {}", other.from, other.value)),
                _ => code_note(dose, codes),
            };
            (Some(Guess::new(dose, from, "amount and unit")), note)
        }
        DoseInText::Range => (None, Some("the arm's text names a range or a titration".to_owned())),
        DoseInText::None => match (from_data, stated, codes.map(Vec::as_slice)) {
            (Some(guess), ..) => (Some(guess), None),
            (None, Some(stated), _) if !is_zero(stated) => {
                (None, Some(format!("{DOSEP} in {} is {}", stated.dataset, listed(&stated.doses))))
            }
            (None, None, Some([code])) if *code > 0.0 => {
                (None, Some(format!("TRT01PN is {code}, which may be a dose, a code or an index: write the dose if it is one")))
            }
            _ => (None, None),
        },
    }
}

fn is_zero(stated: &Stated) -> bool {
    stated.doses.iter().all(|dose| dose.value.split(' ').next() == Some("0"))
}

/// The one dose that a dataset states for an arm; the unit may come from the dosing records.
fn stated_dose(draft: &Draft, stated: &Stated) -> Option<Guess<Dose>> {
    let [dose] = stated.doses.as_slice() else { return None };
    let (amount, unit) = dose.value.split_once(' ').unwrap_or((&dose.value, ""));
    let amount: f64 = amount.parse().ok().filter(|amount| *amount > 0.0)?;
    let own = DoseUnit::parse(unit);
    let unit = own.or_else(|| DoseUnit::parse(&draft.dosing.units.first()?.value))?;
    let source = if own.is_some() {
        format!("{DOSEP} and {DOSEU} in {}", stated.dataset)
    } else {
        format!("{DOSEP} in {} and EXDOSU in ADEX", stated.dataset)
    };
    Some(Guess::new(Dose::new(amount, unit).ok()?, source, "that it is the dose of the whole arm"))
}

/// What TRT01PN is worth where the arm's text has a dose.
fn code_note(dose: Dose, codes: Option<&Vec<f64>>) -> Option<String> {
    let [code] = codes?.as_slice() else { return None };
    (code.total_cmp(&dose.amount()).is_ne()).then(|| format!("TRT01PN is {code} there, a code"))
}

/// The schedule in the arm's text, otherwise the most frequent one of its dosing records.
fn schedule(draft: &Draft) -> Option<Guess<String>> {
    if let Some(schedule) = schedule_in(draft.text()) {
        return Some(Guess::new(schedule, "the arm's text", "how often it was given"));
    }
    let frequencies = &draft.dosing.frequencies;
    let schedule = schedule_in(&frequencies.first()?.value)?;
    Some(Guess::new(schedule, format!("EXDOSFRQ in ADEX: {}", listed(frequencies)), "how often it was given"))
}

/// What follows the name of the drug, where that is the dose.
fn label(text: &str, drug: Option<&Guess<String>>) -> Option<String> {
    let text = text.trim();
    let rest = match drug {
        Some(drug) if text.to_lowercase().starts_with(&drug.value.to_lowercase()) => text.get(drug.value.len()..)?.trim(),
        _ => text,
    };
    let dosed = matches!(doses_in(rest), DoseInText::Doses(_)) && rest.starts_with(|c: char| c.is_ascii_digit());
    (dosed && rest != text).then(|| rest.to_owned())
}

/// Arms of the drug from the lowest dose to the highest, then those without a dose, comparators last; then by TRT01PN and by their texts.
fn order((first_code, first): &(Option<f64>, Arm), (second_code, second): &(Option<f64>, Arm)) -> Ordering {
    // Flat doses first, then doses by weight, then the others: as the dosages of a project file are ordered.
    let amount = |arm: &Arm| {
        let dose = arm.dose.as_ref()?.value;
        let comparable =
            [DoseUnit::Milligram, DoseUnit::MilligramPerKilogram].into_iter().find_map(|unit| Some((unit, dose.amount_in(unit)?)));
        Some(comparable.unwrap_or((dose.unit(), dose.amount())))
    };
    let doses = match (amount(first), amount(second)) {
        (Some(a), Some(b)) => a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)),
        (None, None) => match (first_code, second_code) {
            (Some(a), Some(b)) => a.total_cmp(b),
            (a, b) => a.is_none().cmp(&b.is_none()),
        },
        (a, b) => a.is_none().cmp(&b.is_none()),
    };
    first.comparator.is_some().cmp(&second.comparator.is_some()).then(doses).then_with(|| first.texts.cmp(&second.texts))
}

fn no_arm(adsl: &Dataset) -> SurveyError {
    let columns = adsl.columns();
    let similar: Vec<&str> = columns
        .iter()
        .map(String::as_str)
        .filter(|name| ["TRT", "ARM", "GROUP", "GRP", "DOSE"].iter().any(|part| name.to_uppercase().contains(part)))
        .collect();
    SurveyError::NoArm {
        looked_for: arm::PLANNED.iter().chain(&arm::RECEIVED).copied().collect::<Vec<_>>().join(", "),
        similar: if similar.is_empty() { String::new() } else { format!(" (it has {})", similar.join(", ")) },
    }
}
