//! Tumour responses: by visit, best, objective; unconfirmed and confirmed; by assessor.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::{self, Column, Derived};
use super::records::{Assessor, Response, ResponseCategory, ResponseKind};
use super::response_category::parse_category;
use super::response_parameter::{AssessorColumns, parse_response_code};
use super::roster::{Record, Roster, study_day};
use super::words::{Noted, is_yes};
use crate::data::Dataset;
use crate::diagnostic::{Diagnostic, Severity};
use crate::quantity::Date;

#[derive(Debug)]
struct ResponseColumns {
    code: Option<Column<String>>,
    category: Option<Column<String>>,
    value: Option<Column<f64>>,
    analysed: Option<Column<String>>,
    date: Option<Column<Date>>,
    day: Option<Column<f64>>,
    assessor: AssessorColumns,
}

/// A record whose parameter is understood.
struct Candidate<'a> {
    record: Record<'a>,
    code: String,
    kind: ResponseKind,
    rank: usize,
    assessor: Assessor,
}

/// Reads ADRS.
///
/// - Parameters that are no response (clinical benefit, last assessment, death) are not read.
/// - Where ANL01FL is `Y` anywhere in a parameter, only its flagged records count.
/// - Where a kind of response has several codes for one assessor (`RSP` and `BCP`), the customary one counts and the others are left out.
/// - A blank visit response is no assessment; a blank best or objective response is missing. A code that is not understood counts as not
///   evaluable and is reported.
pub(super) fn derive_responses(adrs: &Dataset, roster: &Roster<'_>, diagnostics: &mut Vec<Diagnostic>) -> Derived<Response> {
    let columns = ResponseColumns {
        code: columns::texts(adrs, &["PARAMCD"]),
        category: columns::texts(adrs, &["AVALC"]),
        value: columns::numbers(adrs, &["AVAL"]),
        analysed: columns::texts(adrs, &["ANL01FL"]),
        date: columns::dates(adrs, &["ADT", "ADTM"]),
        day: columns::numbers(adrs, &["ADY"]),
        assessor: AssessorColumns::new(adrs),
    };
    let candidates: Vec<Candidate<'_>> = roster.records(adrs).into_iter().filter_map(|record| columns.candidate(record)).collect();
    let flagged: BTreeSet<&str> = candidates.iter().filter(|it| columns.is_analysed(it)).map(|it| it.code.as_str()).collect();
    let mut best_rank: BTreeMap<(ResponseKind, Assessor), usize> = BTreeMap::new();
    for candidate in &candidates {
        let rank = best_rank.entry((candidate.kind, candidate.assessor)).or_insert(candidate.rank);
        *rank = candidate.rank.min(*rank);
    }
    let counted = |it: &&Candidate<'_>| {
        (columns.is_analysed(it) || !flagged.contains(it.code.as_str())) && best_rank.get(&(it.kind, it.assessor)) == Some(&it.rank)
    };
    let mut unknown = Noted::default();
    let responses = candidates.iter().filter(counted).filter_map(|it| columns.read(it, &mut unknown)).collect();
    let unknown = unknown.diagnostic(
        "response-not-understood",
        Severity::Major,
        |values| format!("response is not understood and counted as not evaluable: {values}"),
        "use CR, PR, SD, NON-CR/NON-PD, PD, NE or MISSING",
    );
    diagnostics.extend(unknown.map(|diagnostic| diagnostic.in_dataset("ADRS").in_column("AVALC")));
    Derived { records: responses, columns: columns.names() }
}

impl ResponseColumns {
    fn names(&self) -> Vec<String> {
        let texts = [&self.code, &self.category, &self.analysed].map(columns::name);
        let rest = [columns::name(&self.value), columns::name(&self.date), columns::name(&self.day)];
        texts.into_iter().chain(rest).flatten().chain(self.assessor.names()).collect()
    }

    fn candidate<'a>(&self, record: Record<'a>) -> Option<Candidate<'a>> {
        let code = columns::text(self.code.as_ref(), record.index)?;
        let (kind, rank, assessor) = parse_response_code(&code)?;
        // Words of the record weigh more than the ending of its code: `OVRB` and `BORI` mean different things to different sponsors.
        let assessor = match self.assessor.of_row(record.index) {
            Assessor::IndependentReview => Assessor::IndependentReview,
            Assessor::Investigator => assessor.unwrap_or(Assessor::Investigator),
        };
        Some(Candidate { record, code, kind, rank, assessor })
    }

    fn is_analysed(&self, candidate: &Candidate<'_>) -> bool {
        is_yes(columns::value(self.analysed.as_ref(), candidate.record.index))
    }

    fn read(&self, candidate: &Candidate<'_>, unknown: &mut Noted) -> Option<Response> {
        let record = &candidate.record;
        let yes_no = matches!(candidate.kind, ResponseKind::Objective | ResponseKind::ConfirmedObjective);
        let category = match columns::value(self.category.as_ref(), record.index) {
            Some(code) => parse_category(code).unwrap_or_else(|| {
                unknown.note(code, record.row, &record.subject.usubjid);
                ResponseCategory::NotEvaluable
            }),
            None if candidate.kind == ResponseKind::Visit => return None,
            None if yes_no => match columns::number(self.value.as_ref(), record.index) {
                Some(value) if value > 0.5 => ResponseCategory::Yes,
                Some(_) => ResponseCategory::No,
                None => ResponseCategory::Missing,
            },
            None => ResponseCategory::Missing,
        };
        let date = columns::date(self.date.as_ref(), record.index);
        Some(Response {
            row: record.row,
            subject: record.position,
            kind: candidate.kind,
            assessor: candidate.assessor,
            parameter: candidate.code.clone(),
            category,
            date,
            day: study_day(columns::number(self.day.as_ref(), record.index), date, record.subject.first_dose),
        })
    }
}
