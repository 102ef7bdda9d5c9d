//! Subjects: one per USUBJID of ADSL, with treatment, sets, dates, outcome of treatment and baseline.

use std::collections::BTreeSet;

use super::baseline::{self, BaselineColumns};
use super::columns::{self, Column};
use super::parts::Parts;
use super::records::{AnalysisSets, BaselineVariable, Subject, SubjectColumns, TreatmentStatus};
use super::treatment::Treatments;
use super::treatment_status::Statuses;
use super::words::is_yes;
use crate::config::{Population, Settings};
use crate::data::Dataset;
use crate::diagnostic::Diagnostic;
use crate::quantity::Date;

/// Subjects with the columns they came from.
#[derive(Debug)]
pub(super) struct Subjects {
    /// In the order of ADSL.
    pub(super) subjects: Vec<Subject>,
    /// Baseline variables that ADSL has.
    pub(super) baseline_variables: Vec<BaselineVariable>,
    /// Columns that were used.
    pub(super) columns: SubjectColumns,
}

/// Columns of flags, dates and days that need no more than reading.
#[derive(Debug)]
struct PlainColumns {
    usubjid: Option<Column<String>>,
    study: Option<Column<String>>,
    safety: Option<Column<String>>,
    intention_to_treat: Option<Column<String>>,
    dlt_evaluable: Option<Column<String>>,
    response_evaluable: Option<Column<String>>,
    pk: Option<Column<String>>,
    randomised_flag: Option<Column<String>>,
    dlt: Option<Column<String>>,
    death_flag: Option<Column<String>>,
    first_dose: Option<Column<Date>>,
    last_dose: Option<Column<Date>>,
    randomised: Option<Column<Date>>,
    death: Option<Column<Date>>,
    last_alive: Option<Column<Date>>,
    cutoff: Option<Column<Date>>,
    dossier_cutoff: Option<Date>,
    end_of_study: Option<Column<Date>>,
    treatment_days: Option<Column<f64>>,
    strata: Vec<Column<String>>,
}

/// The flag of a population; one that the project file names and the data do not have is reported when the data are read.
fn flag(adsl: &Dataset, population: &Population) -> Option<Column<String>> {
    columns::texts(adsl, &[population.column.as_deref()?])
}

impl PlainColumns {
    fn new(adsl: &Dataset, settings: &Settings) -> Self {
        let populations = &settings.populations;
        Self {
            usubjid: columns::texts(adsl, &["USUBJID"]),
            study: columns::texts(adsl, &["STUDYID"]),
            safety: flag(adsl, &populations.safety),
            intention_to_treat: flag(adsl, &populations.intention_to_treat),
            dlt_evaluable: flag(adsl, &populations.dlt_evaluable),
            response_evaluable: flag(adsl, &populations.response_evaluable),
            pk: flag(adsl, &populations.pk),
            randomised_flag: columns::texts(adsl, &["RANDFL"]),
            dlt: columns::texts(adsl, &["DLTFL"]),
            death_flag: columns::texts(adsl, &["DTHFL"]),
            first_dose: columns::dates(adsl, &["TRTSDT", "TRTSDTM", "TR01SDT", "TR01SDTM", "TRT01SDT", "TRT01SDTM"]),
            last_dose: columns::dates(adsl, &["TRTEDT", "TRTEDTM", "TR01EDT", "TR01EDTM", "TRT01EDT", "TRT01EDTM"]),
            randomised: columns::dates(adsl, &["RANDDT", "RANDDTM"]),
            death: columns::dates(adsl, &["DTHDT", "DTHDTM"]),
            last_alive: columns::dates(adsl, &["LSTALVDT", "LSTALVDTM"]),
            cutoff: columns::dates(adsl, &["DCUTDT", "DCUTDTM", "DATACUTDT", "CUTOFFDT"]),
            dossier_cutoff: settings.dossier.data_cutoff,
            end_of_study: columns::dates(adsl, &["EOSDT", "EOSDTM"]),
            treatment_days: columns::numbers(adsl, &["TRTDURD", "TRTDUR"]),
            strata: (1..=9).filter_map(|number| columns::texts(adsl, &[&format!("STRATA{number}")])).collect(),
        }
    }

    /// Strata in the order of their numbers, joined with a comma; `None` unless every stratification variable has a value.
    fn stratum(&self, index: usize) -> Option<String> {
        let values: Option<Vec<&str>> = self.strata.iter().map(|column| column.get(index).map(String::as_str)).collect();
        values.filter(|values| !values.is_empty()).map(|values| values.join(", "))
    }

    fn sets(&self, index: usize, received: bool) -> AnalysisSets {
        let set = |column: &Option<Column<String>>, otherwise: bool| match column {
            Some(column) => is_yes(column.get(index)),
            None => otherwise,
        };
        let dosed = received && self.first_dose.as_ref().is_none_or(|column| column.get(index).is_some());
        let safety = set(&self.safety, dosed);
        let randomised = is_yes(columns::value(self.randomised_flag.as_ref(), index))
            || (self.randomised_flag.is_none() && columns::date(self.randomised.as_ref(), index).is_some());
        AnalysisSets {
            safety,
            intention_to_treat: set(&self.intention_to_treat, randomised),
            dlt_evaluable: set(&self.dlt_evaluable, false),
            response_evaluable: set(&self.response_evaluable, safety),
            pk: set(&self.pk, false),
        }
    }
}

/// Reads ADSL. The first row of a USUBJID counts; rows without one are left out (both are reported when the data are read).
pub(super) fn derive_subjects(adsl: &Dataset, settings: &Settings, diagnostics: &mut Vec<Diagnostic>) -> Subjects {
    let plain = PlainColumns::new(adsl, settings);
    let mut treatments = Treatments::new(adsl, settings);
    let mut statuses = Statuses::new(adsl);
    let mut parts = Parts::new(adsl, settings);
    let baseline = baseline::find_columns(adsl, settings);
    let columns = subject_columns(&plain, &treatments, &statuses, &parts);
    let mut seen = BTreeSet::new();
    let mut subjects = Vec::new();
    for (index, row) in (1..).take(adsl.height()).enumerate() {
        let Some(usubjid) = columns::text(plain.usubjid.as_ref(), index).filter(|usubjid| seen.insert(usubjid.clone())) else {
            continue;
        };
        let excluded = plain.safety.as_ref().is_some_and(|column| !is_yes(column.get(index)));
        let treatment = treatments.of_row(index, row, &usubjid, excluded);
        let (status, reason) = statuses.of_row(index, row, &usubjid, treatment.received);
        let part = parts.of_row(index, row, &usubjid);
        subjects.push(Subject {
            row,
            usubjid,
            planned: treatment.planned,
            actual: treatment.actual,
            part,
            treatment_status: status,
            discontinuation_reason: reason,
            sets: plain.sets(index, treatment.received),
            ..plain_subject(&plain, &baseline, index, status)
        });
    }
    treatments.finish(diagnostics);
    statuses.finish(diagnostics);
    parts.finish(diagnostics);
    Subjects { subjects, baseline_variables: baseline.variables(), columns }
}

/// What needs only reading and counting of days.
fn plain_subject(plain: &PlainColumns, baseline: &BaselineColumns, index: usize, status: Option<TreatmentStatus>) -> Subject {
    let first_dose = columns::date(plain.first_dose.as_ref(), index);
    let last_dose = columns::date(plain.last_dose.as_ref(), index);
    let randomised = columns::date(plain.randomised.as_ref(), index);
    let death = columns::date(plain.death.as_ref(), index);
    let last_alive = columns::date(plain.last_alive.as_ref(), index);
    // The data say when a study was cut; where they do not, the dossier does.
    let cutoff = columns::date(plain.cutoff.as_ref(), index).or(plain.dossier_cutoff);
    let died = death.is_some() || is_yes(columns::value(plain.death_flag.as_ref(), index));
    let ongoing = status == Some(TreatmentStatus::Ongoing);
    // Who is still on treatment has no last dose; leaving those patients out would shorten every median.
    let treated_until = last_dose.or(cutoff.or(last_alive).filter(|_| ongoing));
    let end_of_study = columns::date(plain.end_of_study.as_ref(), index);
    let followed_until = death.or(last_alive).or(cutoff.filter(|_| ongoing && !died)).or(end_of_study);
    Subject {
        row: 0,
        usubjid: String::new(),
        study: columns::text(plain.study.as_ref(), index),
        planned: None,
        actual: None,
        part: None,
        sets: AnalysisSets::default(),
        first_dose,
        last_dose,
        randomised,
        treatment_days: columns::number(plain.treatment_days.as_ref(), index).or_else(|| days_between(first_dose, treated_until)),
        treatment_status: None,
        discontinuation_reason: None,
        died,
        death,
        last_alive,
        cutoff,
        followup_days: days_between(first_dose.or(randomised), followed_until),
        dlt: columns::value(plain.dlt.as_ref(), index).map(|text| is_yes(Some(text))),
        stratum: plain.stratum(index),
        baseline: baseline.values(index),
    }
}

/// Days from the first date to the last, both included, as ADaM counts durations; `None` when the last comes first.
fn days_between(first: Option<Date>, last: Option<Date>) -> Option<f64> {
    let days = last?.days_since(first?) + 1;
    (days > 0).then(|| f64::from(days))
}

fn subject_columns(plain: &PlainColumns, treatments: &Treatments, statuses: &Statuses, parts: &Parts) -> SubjectColumns {
    let name = |column: &Option<Column<String>>| column.as_ref().map(|column| column.name.clone());
    let date = |column: &Option<Column<Date>>| column.as_ref().map(|column| column.name.clone());
    SubjectColumns {
        planned_arm: name(&treatments.planned),
        actual_arm: name(&treatments.actual),
        safety: name(&plain.safety),
        intention_to_treat: name(&plain.intention_to_treat),
        dlt_evaluable: name(&plain.dlt_evaluable),
        response_evaluable: name(&plain.response_evaluable),
        pk: name(&plain.pk),
        dlt: name(&plain.dlt),
        treatment_status: name(&statuses.status).or_else(|| name(&statuses.reason)),
        discontinuation_reason: name(&statuses.reason),
        part: parts.columns(),
        first_dose: date(&plain.first_dose),
        last_dose: date(&plain.last_dose),
        treatment_days: plain.treatment_days.as_ref().map(|column| column.name.clone()),
        randomised: name(&plain.randomised_flag).or_else(|| date(&plain.randomised)),
        randomisation_date: date(&plain.randomised),
        death: date(&plain.death),
        death_flag: name(&plain.death_flag),
        last_alive: date(&plain.last_alive),
        cutoff: date(&plain.cutoff),
        end_of_study: date(&plain.end_of_study),
    }
}
