//! Names of event classes in ids, tables and filters.

use crate::analysis::tolerability::EventClass;
use crate::derive::{AdverseEvents, DoseAction};

/// How a class of events is named and recognised.
pub(in super::super) struct ClassWords {
    /// Second piece of fact ids.
    pub(in super::super) measure: &'static str,
    /// Third piece of fact ids.
    pub(in super::super) what: Option<String>,
    /// Stub of its row.
    pub(in super::super) stub: String,
    /// Label of its facts, without the dosage.
    pub(in super::super) label: String,
    /// Filter in the columns of ADAE.
    pub(in super::super) filter: String,
    /// Columns of ADAE that were read.
    pub(in super::super) columns: Vec<String>,
}

/// The filter and the columns of treatment-emergence.
pub(in crate::evidence) fn emergent(source: &AdverseEvents) -> (String, Vec<String>) {
    let (filter, column) = match &source.emergent_column {
        Some(column) => (format!("{column} = Y"), column.clone()),
        None => {
            ("start on or after the first dose, or unknown".to_owned(), source.start_column.clone().unwrap_or_else(|| "ASTDT".to_owned()))
        }
    };
    (filter, vec!["USUBJID".to_owned(), term_column(source).to_owned(), column])
}

/// The column of the term; its customary name where that is not known.
pub(in crate::evidence) fn term_column(source: &AdverseEvents) -> &str {
    source.term_column.as_deref().unwrap_or("AEDECOD")
}

/// The columns of the day on which events started; the customary one where that is not known.
pub(in crate::evidence) fn day_columns(source: &AdverseEvents) -> Vec<String> {
    let columns = source.day_columns();
    if columns.is_empty() { vec!["ASTDY".to_owned()] } else { columns }
}

/// How fatal events are recognised, and by which columns.
fn fatal(source: &AdverseEvents) -> (String, Vec<String>) {
    let grade = source.grade_column.clone().filter(|_| !source.grade_from_severity);
    let severity = source.grade_column.clone().filter(|_| source.grade_from_severity);
    let of = |column: &Option<String>, value: &str| column.clone().map(|column| (format!("{column} {value}"), column));
    let rules = [of(&source.outcome_column, "= FATAL"), of(&source.death_column, "= Y"), of(&grade, "= 5"), of(&severity, "= FATAL")];
    let (conditions, columns): (Vec<String>, Vec<String>) = rules.into_iter().flatten().unzip();
    (format!("({})", conditions.join(" or ")), columns)
}

/// The column that gave the grade; its customary name where there is none.
pub(in crate::evidence) fn grade_column(source: &AdverseEvents) -> &str {
    source.grade_column.as_deref().unwrap_or("AETOXGR")
}

/// The footnote on grades that are severities; `None` where grades are grades.
pub(in crate::evidence) fn severity_footnote(source: &AdverseEvents) -> Option<String> {
    source.grade_from_severity.then(|| {
        format!(
            "Severity mapped from {}: mild 1, moderate 2, severe 3, life-threatening 4, fatal 5. Grade 3 or higher means severe or worse, not a CTCAE grade.",
            grade_column(source)
        )
    })
}

/// The filter of events of at least a grade; in words of the severity where that stands for the grade.
pub(in crate::evidence) fn grade_filter(source: &AdverseEvents, least: u8) -> String {
    let column = grade_column(source);
    if source.grade_from_severity {
        let word =
            ["MILD", "MODERATE", "SEVERE", "LIFE THREATENING", "FATAL"].get(usize::from(least).saturating_sub(1)).unwrap_or(&"FATAL");
        return format!("{column} = {word} or worse");
    }
    format!("{column} >= {least}")
}

/// The filter of events with an action, by the values that the data hold.
fn action_filter(source: &AdverseEvents, action: DoseAction, customary: &str) -> (String, Vec<String>) {
    let column = source.action_column.clone().unwrap_or_else(|| "AEACN".to_owned());
    let values = source.action_values.get(&action).map_or_else(|| customary.to_owned(), |values| values.join(" or "));
    (format!("{column} = {values}"), vec![column])
}

/// The filter of related events, by the values that the data hold.
fn related_filter(source: &AdverseEvents) -> (String, Vec<String>) {
    let column = source.related_column.clone().unwrap_or_else(|| "AEREL".to_owned());
    let values = if source.related_values.is_empty() { "related".to_owned() } else { source.related_values.join(" or ") };
    (format!("{column} = {values}"), vec![column])
}

/// A class of treatment-emergent events under a condition.
fn class(measure: &'static str, stub: &str, label: &str, condition: (String, Vec<String>), source: &AdverseEvents) -> ClassWords {
    let (emergent, mut columns) = emergent(source);
    let (condition, read) = condition;
    columns.extend(read);
    ClassWords {
        measure,
        what: None,
        stub: stub.to_owned(),
        label: format!("Treatment-emergent adverse event{label}"),
        filter: if condition.is_empty() { emergent } else { format!("{emergent} and {condition}") },
        columns,
    }
}

/// The name of a class.
pub(in super::super) fn class_words(of: EventClass, source: &AdverseEvents) -> ClassWords {
    let graded = |least| (grade_filter(source, least), vec![grade_column(source).to_owned()]);
    let action = |action, customary| action_filter(source, action, customary);
    let plain = |measure, stub, label, condition| class(measure, stub, label, condition, source);
    match of {
        EventClass::Any => plain("teae_any", "Any", "", (String::new(), Vec::new())),
        EventClass::Grade3Plus => plain("teae_grade3plus", "Grade 3 or higher", " of grade 3 or higher", graded(3)),
        EventClass::Grade4Plus => plain("teae_grade4plus", "Grade 4 or higher", " of grade 4 or higher", graded(4)),
        EventClass::Serious => {
            let column = source.serious_column.clone().unwrap_or_else(|| "AESER".to_owned());
            plain("teae_serious", "Serious", ", serious", (format!("{column} = Y"), vec![column]))
        }
        EventClass::Fatal => plain("teae_fatal", "Fatal", ", fatal", fatal(source)),
        EventClass::Related => plain("teae_related", "Related to treatment", ", related to treatment", related_filter(source)),
        EventClass::RelatedGrade3Plus => {
            let ((related, mut columns), (severe, grade)) = (related_filter(source), graded(3));
            columns.extend(grade);
            let label = ", related to treatment, of grade 3 or higher";
            let condition = (format!("{related} and {severe}"), columns);
            plain("teae_related_grade3plus", "Related to treatment, grade 3 or higher", label, condition)
        }
        EventClass::Interruption => {
            let (stub, label) = ("Leading to interruption of the drug", ", leading to interruption of the drug");
            plain("teae_interruption", stub, label, action(DoseAction::Interrupted, "DRUG INTERRUPTED"))
        }
        EventClass::Reduction => {
            let (stub, label) = ("Leading to reduction of the dose", ", leading to reduction of the dose");
            plain("teae_reduction", stub, label, action(DoseAction::Reduced, "DOSE REDUCED or DOSE RATE REDUCED"))
        }
        EventClass::Discontinuation => {
            let (stub, label) = ("Leading to permanent discontinuation", ", leading to permanent discontinuation");
            plain("teae_discontinuation", stub, label, action(DoseAction::Withdrawn, "DRUG WITHDRAWN"))
        }
        EventClass::Interest(position) => {
            let group = source.interest_groups.get(position);
            let (id, label, filter) = group.map_or(("unknown", "", ""), |group| (&group.id, &group.label, &group.filter));
            let condition = (filter.to_owned(), Vec::new());
            let words = plain("aesi", label, &format!(" of special interest: {label}"), condition);
            ClassWords { what: Some(id.to_owned()), ..words }
        }
    }
}
