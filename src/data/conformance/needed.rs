//! Columns without which a dataset is not what its name says, or says less than it should.

use polars::prelude::Column;

use super::code::{COLUMN_ABSENT, Code, ESSENTIAL_COLUMN_ABSENT};
use super::trial::{Trial, View};
use crate::data::column::{
    ABLFL, ACTARM, ADT, ADY, AEACN, AEDECOD, AEREL, AESER, AESEV, AETERM, AETOXGR, AFRLT, AREL, ARM, ARRLT, ASTDT, ASTDY, ATOXGR, ATOXGRN,
    ATPT, ATPTN, AVAL, AVALC, AVISIT, AVISITN, BASE, CNSR, DCTREAS, DLTFL, EOSSTT, EOTSTT, EXDOSE, EXDOSU, NFRLT, NRRLT, PARAMCD, TRT01A,
    TRT01P, TRTA, TRTEMFL, TRTP, TRTSDT, VISIT, VISITNUM, entry,
};
use crate::data::dataset::Dataset;
use crate::data::name::DatasetName::{self, Adab, Adae, Adbm, Adeg, Adex, Adexsum, Adlb, Adpc, Adpp, Adqs, Adrs, Adsl, Adtr, Adtte};
use crate::data::nearest::nearest;
use crate::diagnostic::Diagnostic;

/// One of several columns that a dataset needs.
struct Needed {
    dataset: DatasetName,
    /// Any of these does.
    columns: &'static [&'static str],
    /// What a dataset without them is for.
    lost: &'static str,
}

const fn needed(dataset: DatasetName, columns: &'static [&'static str], lost: &'static str) -> Needed {
    Needed { dataset, columns, lost }
}

/// Without these nothing can be taken from the dataset.
const ESSENTIAL: [Needed; 22] = [
    needed(Adsl, &[TRT01P, TRTP, ARM, ACTARM], "no subject belongs to a treatment group"),
    needed(Adex, &[EXDOSE, AVAL], "no dose is known"),
    needed(Adexsum, &[PARAMCD], "its summaries cannot be told apart"),
    needed(Adexsum, &[AVAL], "its summaries have no values"),
    needed(Adpc, &[PARAMCD, "PARAM", "PCTESTCD"], "analytes cannot be told apart"),
    needed(Adpc, &[AVAL, AVALC], "there are no concentrations"),
    needed(Adpc, &[NFRLT, AFRLT, NRRLT, ARRLT, ATPT, ATPTN], "samples have no times"),
    needed(Adpp, &[PARAMCD, "PPTESTCD"], "parameters cannot be told apart"),
    needed(Adpp, &[AVAL, "PPSTRESN"], "parameters have no values"),
    needed(Adae, &[AEDECOD, AETERM], "events have no names"),
    needed(Adrs, &[PARAMCD], "responses cannot be told apart"),
    needed(Adrs, &[AVALC, AVAL], "there are no responses"),
    needed(Adtr, &[PARAMCD], "measurements cannot be told apart"),
    needed(Adtr, &[AVAL], "there are no measurements"),
    needed(Adtte, &[PARAMCD], "endpoints cannot be told apart"),
    needed(Adtte, &[CNSR], "events cannot be told from censored times, and every time is left out"),
    needed(Adqs, &[PARAMCD], "items cannot be told apart"),
    needed(Adqs, &[AVAL, AVALC], "there are no answers"),
    needed(Adlb, &[PARAMCD], "tests cannot be told apart"),
    needed(Adlb, &[AVAL, AVALC], "there are no results"),
    needed(Adbm, &[PARAMCD], "biomarkers cannot be told apart"),
    needed(Adeg, &[PARAMCD], "measurements cannot be told apart"),
];

/// Without these a part of the analysis falls away or rests on something weaker.
const WANTED: [Needed; 19] = [
    needed(Adsl, &[TRT01A, ACTARM, TRTA], "everybody is taken to have received what was planned"),
    needed(
        Adsl,
        &[TRTSDT, "TR01SDT", "TR01SDTM", "TRT01SDT", "TRT01SDTM"],
        "days on treatment, of follow-up and of the window for dose-limiting toxicity cannot be counted",
    ),
    needed(
        Adsl,
        &[EOTSTT, EOSSTT, DCTREAS, "DCTREASP", "DCSREAS", "DCREASCD", "DCDECOD"],
        "who is still on treatment, and why others stopped, is not known",
    ),
    needed(Adex, &[ASTDT, "EXSTDT", "EXSTDTC", ASTDY, "EXSTDY"], "dosing records have no dates and are left out"),
    needed(Adex, &[EXDOSU, "AVALU"], "doses have no unit, and that of the project file is taken"),
    needed(Adae, &[AEDECOD], "events are tabulated by their reported terms"),
    needed(Adae, &[AETOXGR, ATOXGR, ATOXGRN, AESEV, "ASEV"], "events have no grade"),
    needed(Adae, &[AESER], "no event counts as serious"),
    needed(Adae, &[AEREL, AREL], "treatment-related events are not reported"),
    needed(Adae, &[AEACN], "reductions, interruptions and discontinuations for adverse events are not reported"),
    needed(Adae, &[TRTEMFL], "whether an event is treatment-emergent is judged from its date"),
    needed(Adae, &[ASTDT, "AESTDT", "AESTDTC", ASTDY, "AESTDY"], "events have no time"),
    needed(Adrs, &[ADT, ADY], "responses have no dates, so that confirmation and duration cannot be seen"),
    needed(Adtte, &[AVAL, ADT], "there are no times"),
    needed(Adqs, &[AVISIT, AVISITN, VISIT, VISITNUM], "assessments have no visits"),
    needed(Adqs, &[ABLFL, BASE], "change from baseline cannot be computed"),
    needed(Adlb, &[AVISIT, AVISITN, VISIT, VISITNUM, ADT, ADY], "results have no visits and no dates"),
    needed(Adab, &[PARAMCD], "assays cannot be told apart"),
    needed(Adpc, &["AVALU"], "concentrations have no unit, and that of the project file is taken"),
];

/// What an escalation needs of adverse events.
const TOXIC: Needed = needed(Adae, &[DLTFL, "AEDLTFL"], "which events were dose-limiting is not known");

/// Columns that only one dataset has.
const TELLING: [(DatasetName, &[&str]); 5] = [
    (Adae, &["AETERM", "AEDECOD", "AEBODSYS", "AESOC", "AESER", "AETOXGR", "AEACN", "AEOUT"]),
    (Adex, &["EXTRT", "EXDOSE", "EXDOSU", "EXDOSFRQ", "EXROUTE"]),
    (Adpc, &["BLQFL", "PCSPEC", "PCLLOQ", "PCORRES", "PCSTRESN"]),
    (Adpp, &["PPCAT", "PPSPEC", "PPSTINT", "PPENINT", "PPTESTCD"]),
    (Adtte, &["CNSR"]),
];

/// `essential-column-absent`, `column-absent`.
pub(super) fn check(trial: &Trial<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for view in trial.views.iter().filter(|view| view.dataset.height() > 0) {
        let lacks = |needed: &&Needed| needed.dataset == view.name() && !is_there(view, needed);
        let essential: Vec<&Needed> = ESSENTIAL.iter().filter(lacks).collect();
        let told = |needed: &Needed| essential.iter().any(|other| needed.columns.iter().all(|column| other.columns.contains(column)));
        let graded = |needed: &Needed| needed.columns.contains(&AETOXGR) && trial.settings.tolerability.grade_column.is_some();
        let wanted = WANTED.iter().filter(lacks).filter(|needed| !told(needed) && !graded(needed));
        let toxic = Some(&TOXIC).filter(lacks).filter(|_| trial.settings.escalation.is_some());
        found.extend(essential.iter().map(|needed| absent(view, needed, ESSENTIAL_COLUMN_ABSENT)));
        found.extend(wanted.chain(toxic).map(|needed| absent(view, needed, COLUMN_ABSENT)));
    }
    found
}

/// Whether one of the columns is there and holds a value: one that is blank in every row says nothing.
fn is_there(view: &View<'_>, needed: &Needed) -> bool {
    needed.columns.iter().any(|name| view.dataset.find(name).is_some_and(holds_a_value))
}

fn absent(view: &View<'_>, needed: &Needed, code: Code) -> Diagnostic {
    let name = view.name();
    let first = needed.columns.first().copied().unwrap_or_default();
    let blank = needed.columns.iter().find_map(|name| view.dataset.column(name));
    let message = match (&blank, needed.columns) {
        (Some(blank), _) => format!("{blank} of {name} is blank in every row: {}", needed.lost),
        (None, [only]) => format!("{name} has no column {only}: {}", needed.lost),
        (None, several) => format!("{name} has none of the columns {}: {}", several.join(", "), needed.lost),
    };
    let columns = view.dataset.columns();
    let near = nearest(first, columns.iter().map(String::as_str), 2);
    let near = if near.is_empty() || blank.is_some() { String::new() } else { format!("; the nearest columns: {}", near.join(", ")) };
    let hint = match entry(name, first) {
        Some(entry) => format!("if it goes by another name, write it under `data.columns.{}.{}`{near}", name.id(), entry.role),
        None => format!("restore the column at the source{near}"),
    };
    Diagnostic::new(code.name, code.severity, message, hint).in_dataset(name.label()).in_column(blank.as_deref().unwrap_or(first))
}

fn holds_a_value(column: &Column) -> bool {
    match column.str() {
        Ok(texts) => texts.iter().flatten().any(|text| !text.trim().is_empty()),
        Err(_) => column.null_count() < column.len(),
    }
}

/// The dataset that a file is by its columns, with those that say so, where that is another than its name says.
pub(in crate::data) fn other_than_named(dataset: &Dataset) -> Option<(DatasetName, Vec<&'static str>)> {
    let name = dataset.name();
    // Outcomes of every kind stand there beside the exposure.
    if DatasetName::EXPOSURE_RESPONSE.contains(&name) {
        return None;
    }
    let of = |columns: &[&'static str]| columns.iter().copied().filter(|column| dataset.has(column)).collect::<Vec<_>>();
    if TELLING.iter().any(|(own, columns)| *own == name && !of(columns).is_empty()) {
        return None;
    }
    let lacks = ESSENTIAL.iter().any(|needed| needed.dataset == name && of(needed.columns).is_empty());
    // A dataset of its kind may have been given a few columns of another.
    let fewest = |other: DatasetName| if lacks || other == Adtte { 1 } else { 3 };
    let others = TELLING.iter().filter(|(other, _)| *other != name).map(|(other, columns)| (*other, of(columns)));
    others.filter(|(other, columns)| columns.len() >= fewest(*other)).max_by_key(|(_, columns)| columns.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::dataset::ColumnValues;

    fn dataset(name: DatasetName, columns: &[&str]) -> Dataset {
        let text = || ColumnValues::Text(vec![Some("x".to_owned())]);
        Dataset::from_columns(name, columns.iter().map(|column| ((*column).to_owned(), text())).collect())
    }

    #[test]
    fn a_file_is_told_by_the_columns_that_only_one_dataset_has() {
        let like = |name, columns: &[&str]| other_than_named(&dataset(name, columns)).map(|(other, _)| other);
        assert_eq!(like(Adrs, &["USUBJID", "AETERM", "AEDECOD", "AESER"]), Some(Adae));
        assert_eq!(like(Adpc, &["USUBJID", "PARAMCD", "AVAL", "PPCAT"]), Some(Adpp));
        assert_eq!(like(Adrs, &["USUBJID", "PARAMCD", "AVAL", "CNSR"]), Some(Adtte));
        assert_eq!(like(Adsl, &["USUBJID", "TRT01P", "AETERM", "AEDECOD"]), None);
        assert_eq!(like(Adpc, &["USUBJID", "PARAMCD", "AVAL", "NFRLT", "EXDOSE", "EXTRT"]), None);
        assert_eq!(like(Adae, &["USUBJID", "AETERM", "EXTRT", "EXDOSE", "EXDOSU", "EXROUTE"]), None);
    }
}
