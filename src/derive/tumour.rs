//! Sums of tumour diameters and their change from baseline.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::{self, Column, Derived};
use super::records::{Assessor, SubjectIndex, TumourMeasurement};
use super::response_parameter::AssessorColumns;
use super::roster::{Record, Roster, study_day};
use super::words::{is_yes, normalised};
use crate::data::Dataset;
use crate::quantity::Date;

/// Codes of the sum of target lesion diameters; of several that a dataset has for one assessor the first counts.
const SUMS: [(&str, Option<Assessor>); 13] = [
    ("SDIAM", None),
    ("SUMDIAM", None),
    ("SLDINV", Some(Assessor::Investigator)),
    ("SLDIRC", Some(Assessor::IndependentReview)),
    ("SLDBICR", Some(Assessor::IndependentReview)),
    ("SDIAMINV", Some(Assessor::Investigator)),
    ("SDIAMI", Some(Assessor::Investigator)),
    ("SDIAMIRC", Some(Assessor::IndependentReview)),
    ("SUMDIAMI", Some(Assessor::Investigator)),
    ("SLD", None),
    ("SUMLD", None),
    ("TUMSUM", None),
    ("SUMTL", None),
];

#[derive(Debug)]
struct TumourColumns {
    code: Option<Column<String>>,
    record_type: Option<Column<String>>,
    analysed: Option<Column<String>>,
    baseline_flag: Option<Column<String>>,
    visit: Option<Column<String>>,
    value: Option<Column<f64>>,
    base: Option<Column<f64>>,
    percent_change: Option<Column<f64>>,
    date: Option<Column<Date>>,
    day: Option<Column<f64>>,
    assessor: AssessorColumns,
}

/// A sum of diameters with what decides whether it counts.
struct Candidate<'a> {
    record: Record<'a>,
    rank: usize,
    assessor: Assessor,
    baseline: bool,
    analysed: bool,
    day: Option<i32>,
}

/// Reads ADTR: records of a sum of target lesion diameters ([`SUMS`]).
///
/// - Records that DTYPE marks as computed from others (`MINIMUM`, `AVERAGE`) are left out.
/// - Baseline is ABLFL = Y; where the flag is never set, a visit named baseline.
/// - Where ANL01FL is ever `Y`, only flagged records and baselines count.
/// - Records on or before the day of the subject's baseline that are not the baseline itself (screening) are left out.
/// - Change in percent is PCHG; where that is blank, 100 x (AVAL - base) / base with BASE or the baseline record of the same assessor; none
///   when the base is 0 or unknown. The baseline's own change is 0.
pub(super) fn derive_tumour(adtr: &Dataset, roster: &Roster<'_>) -> Derived<TumourMeasurement> {
    let columns = TumourColumns::new(adtr);
    let candidates: Vec<Candidate<'_>> = roster.records(adtr).into_iter().filter_map(|record| columns.candidate(record)).collect();
    let any_flag = candidates.iter().any(|it| it.analysed);
    let mut best_rank: BTreeMap<Assessor, usize> = BTreeMap::new();
    for candidate in &candidates {
        let rank = best_rank.entry(candidate.assessor).or_insert(candidate.rank);
        *rank = candidate.rank.min(*rank);
    }
    let counted: Vec<&Candidate<'_>> = candidates
        .iter()
        .filter(|it| best_rank.get(&it.assessor) == Some(&it.rank))
        .filter(|it| it.baseline || it.analysed || !any_flag)
        .collect();
    let baselines = columns.baselines(&counted);
    let mut seen_baseline = BTreeSet::new();
    let records = counted.into_iter().filter_map(|it| columns.read(it, &baselines, &mut seen_baseline)).collect();
    Derived { records, columns: columns.names() }
}

/// Day and sum of the first baseline record by subject and assessor.
type Baselines = BTreeMap<(SubjectIndex, Assessor), (Option<i32>, Option<f64>)>;

impl TumourColumns {
    fn new(adtr: &Dataset) -> Self {
        Self {
            code: columns::texts(adtr, &["PARAMCD"]),
            record_type: columns::texts(adtr, &["DTYPE"]),
            analysed: columns::texts(adtr, &["ANL01FL"]),
            baseline_flag: columns::texts(adtr, &["ABLFL"]),
            visit: columns::texts(adtr, &["AVISIT", "VISIT"]),
            value: columns::numbers(adtr, &["AVAL"]),
            base: columns::numbers(adtr, &["BASE"]),
            percent_change: columns::numbers(adtr, &["PCHG"]),
            date: columns::dates(adtr, &["ADT", "ADTM"]),
            day: columns::numbers(adtr, &["ADY"]),
            assessor: AssessorColumns::new(adtr),
        }
    }

    fn names(&self) -> Vec<String> {
        let texts = [&self.code, &self.record_type, &self.analysed, &self.baseline_flag].map(columns::name);
        let numbers = [&self.value, &self.base, &self.percent_change, &self.day].map(columns::name);
        texts.into_iter().chain(numbers).chain([columns::name(&self.date)]).flatten().chain(self.assessor.names()).collect()
    }

    fn candidate<'a>(&self, record: Record<'a>) -> Option<Candidate<'a>> {
        let code = normalised(columns::value(self.code.as_ref(), record.index)?);
        let rank = SUMS.iter().position(|(sum, _)| *sum == code)?;
        if columns::value(self.record_type.as_ref(), record.index).is_some() {
            return None;
        }
        let assessor = match self.assessor.of_row(record.index) {
            Assessor::IndependentReview => Assessor::IndependentReview,
            Assessor::Investigator => SUMS.get(rank).and_then(|(_, assessor)| *assessor).unwrap_or(Assessor::Investigator),
        };
        let date = columns::date(self.date.as_ref(), record.index);
        Some(Candidate {
            rank,
            assessor,
            baseline: self.is_baseline(record.index),
            analysed: is_yes(columns::value(self.analysed.as_ref(), record.index)),
            day: study_day(columns::number(self.day.as_ref(), record.index), date, record.subject.first_dose),
            record,
        })
    }

    fn is_baseline(&self, index: usize) -> bool {
        match &self.baseline_flag {
            Some(flag) => is_yes(flag.get(index)),
            None => columns::value(self.visit.as_ref(), index).is_some_and(|visit| normalised(visit) == "BASELINE"),
        }
    }

    fn baselines(&self, counted: &[&Candidate<'_>]) -> Baselines {
        let mut baselines = Baselines::new();
        for it in counted.iter().filter(|it| it.baseline) {
            let sum = columns::number(self.value.as_ref(), it.record.index);
            baselines.entry((it.record.position, it.assessor)).or_insert((it.day, sum));
        }
        baselines
    }

    /// The measurement; `None` for what precedes the baseline and for a second baseline record.
    fn read(&self, it: &Candidate<'_>, baselines: &Baselines, seen: &mut BTreeSet<(SubjectIndex, Assessor)>) -> Option<TumourMeasurement> {
        let key = (it.record.position, it.assessor);
        let (baseline_day, baseline_sum) = baselines.get(&key).copied().unwrap_or((None, None));
        if it.baseline && !seen.insert(key) {
            return None;
        }
        let precedes = matches!((it.day, baseline_day), (Some(day), Some(baseline)) if day <= baseline);
        if !it.baseline && precedes {
            return None;
        }
        let index = it.record.index;
        let value = columns::number(self.value.as_ref(), index);
        let base = columns::number(self.base.as_ref(), index).or(baseline_sum).filter(|base| *base > 0.0);
        let computed = || Some(100.0 * (value? - base?) / base?);
        let percent_change =
            if it.baseline { value.map(|_| 0.0) } else { columns::number(self.percent_change.as_ref(), index).or_else(computed) };
        Some(TumourMeasurement {
            row: it.record.row,
            subject: it.record.position,
            assessor: it.assessor,
            baseline: it.baseline,
            day: it.day,
            percent_change,
            value,
        })
    }
}
