//! Rules that name a dosage, side by side.

use super::{Context, ONE_AMONG_OTHERS};
use crate::analysis::comparison::margin_of;
use crate::analysis::utility::selection_rule::{RuleEvidence, Selected, SelectionRule, apply};
use crate::evidence::table::{fact_row, footnote};
use crate::evidence::{Cell, Column, Content, Exhibit, ExhibitId, FactId, Facts, Notes, Row, Table, slug};

const CODE: &str = "T-E22-rules";
const TITLE: &str = "Dosages that named rules choose";

/// The table.
pub(super) fn tabulate(context: &Context<'_>, facts: &Facts) -> Exhibit {
    let settings = context.settings;
    let (response, harm) = (counts(context, facts, "efficacy.orr"), counts(context, facts, "tolerability.teae_grade3plus"));
    let decision = settings.decision.as_ref();
    let evidence = RuleEvidence {
        response,
        harm,
        margin: margin_of(settings.plan.as_ref(), "orr").map(|margin| margin.margin),
        boundary: None,
        probable: settings.utility.as_ref().map(|utility| utility.preferred_probability),
        utility: Some(context.result),
        proposed: decision.and_then(|decision| context.inputs.candidates.iter().position(|candidate| candidate.id == decision.proposed)),
    };
    let rows = SelectionRule::ALL.into_iter().map(|rule| row(context, rule, apply(rule, &evidence))).collect();
    let mut notes = Notes {
        datasets: vec!["ADSL".to_owned()],
        population: "as in the tables that show the values first".to_owned(),
        grouping: "as in the tables that show the values first".to_owned(),
        ..Notes::default()
    };
    notes.methods.push("Response: confirmed objective response; harm: adverse event of grade 3 or higher; observed proportions".to_owned());
    footnote(
        &mut notes,
        "The rules answer different questions and need not agree; none of them decides. A rule without its inputs names what it lacks.",
    );
    footnote(&mut notes, ONE_AMONG_OTHERS);
    let columns = ["Dosage", "Why not the others"].map(|head| Column { head: head.to_owned(), n: None, spanner: None }).to_vec();
    let content = Content::Table(Table { stub: "Rule".to_owned(), columns, rows });
    Exhibit { id: ExhibitId::new(CODE, context.inputs.part.as_deref()), title: context.titled(TITLE), content, notes }
}

fn row(context: &Context<'_>, rule: SelectionRule, selected: Result<Selected, &'static str>) -> Row {
    let cells = match selected {
        Err(lacks) => vec![Cell::NotAvailable, Cell::Text(format!("Not applied: {lacks}"))],
        Ok(selected) => {
            let chosen = selected.chosen.map_or("none", |place| context.dosage(place));
            let lost: Vec<String> = selected
                .lost
                .iter()
                .enumerate()
                .filter_map(|(place, lost)| Some(format!("{}: {}", context.dosage(place), (*lost)?.label())))
                .collect();
            vec![Cell::Text(chosen.to_owned()), Cell::Text(lost.join("; "))]
        }
    };
    fact_row(rule.label(), 0, cells)
}

/// Counts of a measure by dosage in the part of the index; `None` where one is missing.
fn counts(context: &Context<'_>, facts: &Facts, measure: &str) -> Option<Vec<(u64, u64)>> {
    let part = context.inputs.part.as_ref().map_or_else(String::new, |part| format!("@{}", slug(part)));
    let of = |dosage: &str| {
        let fact = facts.get(&FactId::from(format!("{measure}.{}{part}", slug(dosage)).as_str()))?;
        fact.count.zip(fact.n)
    };
    context.inputs.candidates.iter().map(|candidate| of(&candidate.id)).collect()
}
