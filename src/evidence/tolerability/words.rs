//! Names of event classes in ids, tables and filters.

use crate::analysis::tolerability::EventClass;
use crate::derive::AdverseEvents;

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
        None => ("start on or after the first dose, or unknown".to_owned(), "ASTDT".to_owned()),
    };
    (filter, vec!["USUBJID".to_owned(), "AEDECOD".to_owned(), column])
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

/// The name of a class.
pub(in super::super) fn class_words(class: EventClass, source: &AdverseEvents) -> ClassWords {
    let grade = grade_column(source).to_owned();
    let related = source.related_column.clone().unwrap_or_else(|| "AEREL".to_owned());
    let action = source.action_column.clone().unwrap_or_else(|| "AEACN".to_owned());
    let related_filter =
        format!("{related} = {}", if source.related_values.is_empty() { "related".to_owned() } else { source.related_values.join(" or ") });
    let plain = |measure, stub: &str, label: &str, condition: String, columns: Vec<String>| {
        let (emergent, mut all) = emergent(source);
        all.extend(columns);
        let filter = if condition.is_empty() { emergent } else { format!("{emergent} and {condition}") };
        ClassWords {
            measure,
            what: None,
            stub: stub.to_owned(),
            label: format!("Treatment-emergent adverse event{label}"),
            filter,
            columns: all,
        }
    };
    match class {
        EventClass::Any => plain("teae_any", "Any", "", String::new(), Vec::new()),
        EventClass::Grade3Plus => {
            plain("teae_grade3plus", "Grade 3 or higher", " of grade 3 or higher", format!("{grade} >= 3"), vec![grade])
        }
        EventClass::Grade4Plus => {
            plain("teae_grade4plus", "Grade 4 or higher", " of grade 4 or higher", format!("{grade} >= 4"), vec![grade])
        }
        EventClass::Serious => plain("teae_serious", "Serious", ", serious", "AESER = Y".to_owned(), vec!["AESER".to_owned()]),
        EventClass::Fatal => {
            let condition = format!("(AEOUT = FATAL or AESDTH = Y or {grade} = 5)");
            plain("teae_fatal", "Fatal", ", fatal", condition, vec!["AEOUT".to_owned(), "AESDTH".to_owned(), grade])
        }
        EventClass::Related => plain("teae_related", "Related to treatment", ", related to treatment", related_filter, vec![related]),
        EventClass::RelatedGrade3Plus => {
            let condition = format!("{related_filter} and {grade} >= 3");
            let label = ", related to treatment, of grade 3 or higher";
            plain("teae_related_grade3plus", "Related to treatment, grade 3 or higher", label, condition, vec![related, grade])
        }
        EventClass::Interruption => plain(
            "teae_interruption",
            "Leading to interruption of the drug",
            ", leading to interruption of the drug",
            format!("{action} = DRUG INTERRUPTED"),
            vec![action],
        ),
        EventClass::Reduction => plain(
            "teae_reduction",
            "Leading to reduction of the dose",
            ", leading to reduction of the dose",
            format!("{action} = DOSE REDUCED or DOSE RATE REDUCED"),
            vec![action],
        ),
        EventClass::Discontinuation => plain(
            "teae_discontinuation",
            "Leading to permanent discontinuation",
            ", leading to permanent discontinuation",
            format!("{action} = DRUG WITHDRAWN"),
            vec![action],
        ),
        EventClass::Interest(position) => {
            let group = source.interest_groups.get(position);
            let (id, label, filter) = group.map_or(("unknown", "", ""), |group| (&group.id, &group.label, &group.filter));
            let words = plain("aesi", label, &format!(" of special interest: {label}"), filter.to_owned(), Vec::new());
            ClassWords { what: Some(id.to_owned()), ..words }
        }
    }
}
