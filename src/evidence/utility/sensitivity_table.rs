//! How the index depends on weights, anchors, shapes and attributes: T-E23.

use super::ledger::{Entry, Ledger};
use super::{Context, ONE_AMONG_OTHERS};
use crate::analysis::utility::index::Aggregation;
use crate::analysis::utility::sensitivity::{Scenario, Variation};
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::{Cell, Column, Content, Exhibit, Facts, Notes, Row, Table, Unit};

pub(super) const CODE: &str = "T-E23";
pub(super) const TITLE: &str = "Sensitivity of the clinical utility index";

/// The table.
pub(super) fn tabulate(context: &Context<'_>, facts: &mut Facts) -> Exhibit {
    let mut ledger = Ledger::new(facts, CODE, context.inputs);
    let mut rows: Vec<Row> = Vec::new();
    let mut section = "";
    for scenario in &context.sensitivity.scenarios {
        let own = heading(scenario.variation);
        if own != section {
            rows.push(heading_row(own));
            section = own;
        }
        rows.push(scenario_row(context, scenario, &mut ledger));
    }
    rows.extend(all_weights(context, &mut ledger));
    rows.extend(flips(context, &mut ledger));
    let notes = notes(context, &ledger);
    let column = |head: String, spanner: Option<&str>| Column { head, n: None, spanner: spanner.map(str::to_owned) };
    let mut columns: Vec<Column> =
        (0..context.dosages()).map(|place| column(context.dosage(place).to_owned(), Some("Utility index"))).collect();
    columns.push(column("Highest".to_owned(), None));
    let content = Content::Table(Table { stub: "What is changed".to_owned(), columns, rows });
    Exhibit { id: ledger.exhibit(), title: context.titled(TITLE), content, notes }
}

fn heading(variation: Variation) -> &'static str {
    match variation {
        Variation::AsPlanned => "As the project file has it",
        Variation::WeightLower(_) | Variation::WeightHigher(_) | Variation::EqualWeights => "Weights",
        Variation::Dropped(_) => "One attribute left out",
        Variation::WorstFurther(_) | Variation::WorstNearer(_) | Variation::BestFurther(_) | Variation::BestNearer(_) => {
            "One anchor moved by a fifth of the distance between the anchors"
        }
        Variation::FirstGains | Variation::LastGains => "Shape of the value functions",
        Variation::Aggregated(_) => "Way of putting attributes together",
    }
}

/// Words and id of a scenario.
fn words(context: &Context<'_>, variation: Variation) -> (String, String) {
    let label = |place| context.attribute(place);
    let id = |place, what: &str| format!("{} {what}", context.attribute_id(place));
    let percent = context.settings.utility.as_ref().map_or(0.0, |utility| utility.weight_change_percent);
    match variation {
        Variation::AsPlanned => ("All as planned".to_owned(), "as planned".to_owned()),
        Variation::WeightLower(place) => (format!("{}: weight lower by {percent}%", label(place)), id(place, "weight lower")),
        Variation::WeightHigher(place) => (format!("{}: weight higher by {percent}%", label(place)), id(place, "weight higher")),
        Variation::EqualWeights => ("All weights the same".to_owned(), "equal weights".to_owned()),
        Variation::Dropped(place) => (format!("Without {}", label(place)), id(place, "dropped")),
        Variation::WorstFurther(place) => (format!("{}: worst anchor further away", label(place)), id(place, "worst further")),
        Variation::WorstNearer(place) => (format!("{}: worst anchor nearer", label(place)), id(place, "worst nearer")),
        Variation::BestFurther(place) => (format!("{}: best anchor further away", label(place)), id(place, "best further")),
        Variation::BestNearer(place) => (format!("{}: best anchor nearer", label(place)), id(place, "best nearer")),
        Variation::FirstGains => ("Straight lines bent: first gains count most".to_owned(), "first gains".to_owned()),
        Variation::LastGains => ("Straight lines bent: last gains count most".to_owned(), "last gains".to_owned()),
        Variation::Aggregated(Aggregation::Additive) => ("Weighted sum".to_owned(), "additive".to_owned()),
        Variation::Aggregated(Aggregation::Geometric) => ("Weighted geometric mean".to_owned(), "geometric".to_owned()),
        Variation::Aggregated(Aggregation::Minimum) => ("Least worth of all attributes".to_owned(), "minimum".to_owned()),
    }
}

fn scenario_row(context: &Context<'_>, scenario: &Scenario, ledger: &mut Ledger<'_>) -> Row {
    let (stub, id) = words(context, scenario.variation);
    let mut cells: Vec<Cell> = Vec::new();
    for (dosage, index) in scenario.indices.iter().enumerate() {
        let entry = Entry {
            measure: "scenario",
            what: Some(&id),
            dosages: &[dosage],
            label: format!("Utility index, {}", lower_first(&stub)),
            method: "value functions at the observed values, weighted",
            unit: Unit::Dimensionless,
        };
        cells.push(ledger.cell(entry, context.inputs, Some(*index)));
    }
    cells.push(leader(context, scenario));
    fact_row(&stub, 1, cells)
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The dosage that leads, with a mark where it is another one than planned.
fn leader(context: &Context<'_>, scenario: &Scenario) -> Cell {
    Cell::Text(match scenario.leader {
        None => "none".to_owned(),
        Some(place) if Some(place) == context.result.leader => context.dosage(place).to_owned(),
        Some(place) => format!("{} (changed)", context.dosage(place)),
    })
}

/// Every set of weights as likely as any other.
fn all_weights(context: &Context<'_>, ledger: &mut Ledger<'_>) -> Vec<Row> {
    let found = context.sensitivity;
    let method = if found.exact { "area of the set of weights" } else { "share of random sets of weights" };
    let shares = |dosage: usize| (found.acceptability.get(dosage).copied(), found.all_weights.means.get(dosage).copied());
    let (mut acceptability, mut means) = (Vec::new(), Vec::new());
    for dosage in 0..context.dosages() {
        let (share, mean) = shares(dosage);
        let about = [dosage];
        let entry = |measure: &'static str, label: &str, method: &'static str, unit: Unit| Entry {
            measure,
            what: None,
            dosages: &about,
            label: label.to_owned(),
            method,
            unit,
        };
        let share_entry = entry("acceptability", "Share of all sets of weights with the highest additive index", method, Unit::Proportion);
        acceptability.push(ledger.cell(share_entry, context.inputs, share));
        let mean_entry =
            entry("mean_over_weights", "Mean additive index over all sets of weights", "mean of the worths", Unit::Dimensionless);
        means.push(ledger.cell(mean_entry, context.inputs, mean));
    }
    acceptability.push(Cell::Empty);
    means.push(Cell::Empty);
    vec![
        heading_row("Every set of weights as likely as any other (weighted sum)"),
        fact_row("Share of the sets of weights with the highest index", 1, acceptability),
        fact_row("Mean index", 1, means),
    ]
}

/// The weights at which the preference turns.
fn flips(context: &Context<'_>, ledger: &mut Ledger<'_>) -> Vec<Row> {
    let Some(lead) = context.result.leader.filter(|_| !context.sensitivity.flips.is_empty()) else { return Vec::new() };
    let head = format!("Weight of one attribute at which the preference for {} turns", context.dosage(lead));
    let mut rows = vec![heading_row(&head)];
    for attribute in 0..context.result.weights.len() {
        let mut cells = Vec::new();
        for dosage in 0..context.dosages() {
            let flip = context.sensitivity.flips.iter().find(|flip| flip.attribute == attribute && flip.against == dosage);
            cells.push(match flip.map(|flip| flip.weight) {
                None => planned_weight(context, attribute, ledger),
                Some(None) => Cell::Text("none".to_owned()),
                Some(Some(weight)) => {
                    let entry = Entry {
                        measure: "flip_weight",
                        what: Some(context.attribute_id(attribute)),
                        dosages: &[lead, dosage],
                        label: format!("Weight of {} at which the preference turns", context.attribute(attribute)),
                        method: "closed form; the other weights keep their proportions",
                        unit: Unit::Dimensionless,
                    };
                    ledger.cell(entry, context.inputs, Some(weight))
                }
            });
        }
        cells.push(Cell::Empty);
        rows.push(fact_row(context.attribute(attribute), 1, cells));
    }
    rows
}

/// The weight that was used, under the leading dosage.
fn planned_weight(context: &Context<'_>, attribute: usize, ledger: &mut Ledger<'_>) -> Cell {
    let entry = super::weight_entry(context.attribute_id(attribute), context.attribute(attribute));
    ledger.cell(entry, context.inputs, context.result.weights.get(attribute).copied())
}

fn notes(context: &Context<'_>, ledger: &Ledger<'_>) -> Notes {
    let mut datasets: Vec<String> = ledger.slices().into_iter().map(|slice| slice.dataset).collect();
    datasets.sort();
    datasets.dedup();
    let mut notes = Notes {
        datasets,
        population: ledger.population().to_owned(),
        grouping: "as in the tables that show the values first".to_owned(),
        ..Notes::default()
    };
    notes.methods.push("Each row changes one thing; the index rests on the observed values".to_owned());
    notes.methods.push("Where a weight changes, the other weights keep their proportions and the sum stays 1".to_owned());
    if !context.sensitivity.exact {
        notes.methods.push("Share of all sets of weights: from random sets".to_owned());
    }
    if !context.sensitivity.flips.is_empty() {
        let text = "Last rows: under the leading dosage stands the weight that was used, under another dosage the weight at which that dosage and the leading \
                    one have the same index; beyond it the order is the other way round. None: the order holds at every weight.";
        footnote(&mut notes, text);
    }
    let percent = context.settings.utility.as_ref().map_or(0.0, |utility| utility.weight_change_percent);
    let text = if context.sensitivity.turns_with_weights() {
        format!(
            "The highest index passes to another dosage when one weight changes by {percent}%: the preference depends on the weights chosen."
        )
    } else {
        format!("The same dosage has the highest index when any one weight changes by {percent}%.")
    };
    footnote(&mut notes, text);
    footnote(&mut notes, ONE_AMONG_OTHERS);
    notes
}
