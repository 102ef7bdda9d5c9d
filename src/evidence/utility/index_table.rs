//! The clinical utility index, attribute by attribute: T-E22.

use super::inputs::Spread;
use super::ledger::{Entry, Ledger};
use super::{Context, ONE_AMONG_OTHERS};
use crate::analysis::utility::index::Aggregation;
use crate::config::{Attribute, Elicitation, UtilitySettings, ValueFunction};
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::{Cell, CellPattern, Column, Content, Exhibit, FactId, Facts, Notes, Row, Table, Unit};
use crate::quantity::{Interval, IntervalMethod};

pub(super) const CODE: &str = "T-E22";
pub(super) const TITLE: &str = "Clinical utility index";

/// Columns before those of the dosages.
const FIXED: [&str; 2] = ["Value function", "Weight"];

/// The table.
pub(super) fn tabulate(context: &Context<'_>, facts: &mut Facts) -> Exhibit {
    let counts: Vec<Vec<bool>> = shares(context, facts);
    let mut ledger = Ledger::new(facts, CODE, context.inputs);
    let mut notes = notes(context, &ledger);
    let mut rows: Vec<Row> = Vec::new();
    for place in 0..context.result.attributes.len() {
        let mut row = attribute_row(context, place, counts.get(place), &mut ledger);
        if !context.result.discriminates(place) {
            let text = "The values of this attribute differ by less than their pooled standard error: it hardly tells the dosages apart, and its weight \
                        decides little.";
            row.footnote = Some(footnote(&mut notes, text));
        }
        rows.push(row);
    }
    rows.push(heading_row("All attributes"));
    rows.extend(summary_rows(context, &mut ledger));
    rows.extend(limit_rows(context, &mut ledger));
    verdict(context, &mut notes);
    footnote(&mut notes, ONE_AMONG_OTHERS);
    let fixed = FIXED.map(|head| Column { head: head.to_owned(), n: None, spanner: None });
    let of_dosage = |place: usize| {
        ["Observed", "Contribution"].map(|head| Column { head: head.to_owned(), n: None, spanner: Some(context.dosage(place).to_owned()) })
    };
    let columns = fixed.into_iter().chain((0..context.dosages()).flat_map(of_dosage)).collect();
    let content = Content::Table(Table { stub: "Attribute".to_owned(), columns, rows });
    Exhibit { id: ledger.exhibit(), title: context.titled(TITLE), content, notes }
}

/// Which values are proportions with a count: a row per attribute, an entry per dosage.
fn shares(context: &Context<'_>, facts: &Facts) -> Vec<Vec<bool>> {
    let counted = |id: &FactId| facts.get(id).is_some_and(|fact| fact.unit == Unit::Proportion && fact.count.is_some());
    context.inputs.facts.iter().map(|row| row.iter().map(counted).collect()).collect()
}

fn attribute_row(context: &Context<'_>, place: usize, counted: Option<&Vec<bool>>, ledger: &mut Ledger<'_>) -> Row {
    let (result, inputs) = (context.result, context.inputs);
    let Some(held) = result.attributes.get(place) else { return heading_row("") };
    let attribute = &held.attribute;
    let label = attribute.label.as_str();
    let weight = super::weight_entry(&attribute.id, label);
    let weight = ledger.cell(weight, inputs, result.weights.get(place).copied());
    let mut cells = vec![Cell::Text(kind(&attribute.value).to_owned()), weight];
    for (dosage, id) in inputs.facts.get(place).into_iter().flatten().enumerate() {
        let share = counted.and_then(|row| row.get(dosage)).copied().unwrap_or(false);
        cells.push(Cell::Facts(if share { CellPattern::CountOfPercent } else { CellPattern::Value }, vec![id.clone()]));
        let about = [dosage];
        let worth = Entry {
            measure: "worth",
            what: Some(&attribute.id),
            dosages: &about,
            label: format!("Worth of {label}"),
            method: "value function at the observed value",
            unit: Unit::Dimensionless,
        };
        ledger.insert(worth, inputs, result.worths.get(dosage).and_then(|row| row.get(place)).copied(), None);
        let contribution = Entry {
            measure: "contribution",
            what: Some(&attribute.id),
            dosages: &about,
            label: format!("Contribution of {label} to the utility index"),
            method: "weight times worth",
            unit: Unit::Dimensionless,
        };
        cells.push(ledger.cell(contribution, inputs, Some(result.contribution(dosage, place))));
    }
    fact_row(label, 0, cells)
}

/// The kind of a value function.
fn kind(function: &ValueFunction) -> &'static str {
    match function {
        ValueFunction::Linear => "line",
        ValueFunction::PiecewiseLinear { .. } => "lines between corners",
        ValueFunction::Logistic { .. } => "logistic",
        ValueFunction::Step { .. } => "step",
        ValueFunction::Power { .. } => "power",
        ValueFunction::Exponential { .. } => "exponential",
    }
}

/// The value function with the values worth 0 and 1, as the project file has them.
fn form(attribute: &Attribute) -> String {
    let between = |form: &str| format!("{form} from {} (0) to {} (1)", attribute.worst, attribute.best);
    match &attribute.value {
        ValueFunction::Linear => between("line"),
        ValueFunction::Power { exponent } => between(&format!("power {exponent}")),
        ValueFunction::Exponential { curvature } => between(&format!("exponential, curvature {curvature},")),
        ValueFunction::Logistic { midpoint, slope } => format!("logistic, one half at {midpoint}, slope {slope}"),
        ValueFunction::Step { threshold } => format!("1 from {threshold} on, otherwise 0"),
        ValueFunction::PiecewiseLinear { points } => {
            let corners: Vec<String> = points.iter().map(|point| format!("{} ({})", point.at, point.value)).collect();
            format!("lines between {}", corners.join(", "))
        }
    }
}

/// What a row under the attributes shows.
struct Whole {
    measure: &'static str,
    stub: String,
    label: &'static str,
    method: &'static str,
    unit: Unit,
}

fn summary_rows(context: &Context<'_>, ledger: &mut Ledger<'_>) -> Vec<Row> {
    let level = context.settings.intervals.level;
    let wholes = [
        Whole {
            measure: "index",
            stub: format!("Utility index ({}% interval)", 100.0 * level),
            label: "Utility index",
            method: "value functions at the observed values, weighted; interval from draws",
            unit: Unit::Dimensionless,
        },
        Whole {
            measure: "probability_best",
            stub: "Probability of the highest index".to_owned(),
            label: "Probability of the highest utility index",
            method: "share of draws",
            unit: Unit::Proportion,
        },
        Whole {
            measure: "expected_loss",
            stub: "Expected loss against the best dosage".to_owned(),
            label: "Expected loss of utility against whichever dosage is best",
            method: "mean over draws",
            unit: Unit::Dimensionless,
        },
    ];
    wholes
        .into_iter()
        .map(|whole| {
            let mut cells = vec![Cell::Empty; FIXED.len()];
            for dosage in 0..context.dosages() {
                let Some(drawn) = context.result.posterior.get(dosage) else { continue };
                let (value, interval) = match whole.measure {
                    "index" => {
                        let (lower, upper) = drawn.limits;
                        let interval = Interval { lower: Some(lower), upper: Some(upper), level, method: IntervalMethod::Credible };
                        (context.result.indices.get(dosage).copied(), Some(interval))
                    }
                    "probability_best" => (Some(drawn.probability_best()), None),
                    _ => (Some(drawn.expected_loss), None),
                };
                let about = [dosage];
                let entry = Entry {
                    measure: whole.measure,
                    what: None,
                    dosages: &about,
                    label: whole.label.to_owned(),
                    method: whole.method,
                    unit: whole.unit.clone(),
                };
                let pattern = if interval.is_some() { CellPattern::ValueInterval } else { CellPattern::Value };
                let id = ledger.insert(entry, context.inputs, value, interval);
                cells.extend([Cell::Empty, Cell::Facts(pattern, vec![id])]);
            }
            fact_row(&whole.stub, 1, cells)
        })
        .collect()
}

/// One row per attribute with a limit.
fn limit_rows(context: &Context<'_>, ledger: &mut Ledger<'_>) -> Vec<Row> {
    let limited =
        context.result.attributes.iter().enumerate().filter_map(|(place, held)| Some((place, &held.attribute, held.attribute.veto?)));
    limited
        .map(|(place, attribute, veto)| {
            let mut cells = vec![Cell::Empty; FIXED.len()];
            for dosage in 0..context.dosages() {
                let about = [dosage];
                let entry = Entry {
                    measure: "limit_passed",
                    what: Some(&attribute.id),
                    dosages: &about,
                    label: format!("Probability that {} is worse than {}", attribute.label, veto.limit),
                    method: "distribution of what is known of the value",
                    unit: Unit::Proportion,
                };
                let passed = context.result.limit_passed.get(dosage).and_then(|row| row.get(place)).copied().flatten();
                cells.extend([Cell::Empty, ledger.cell(entry, context.inputs, passed)]);
            }
            let stub = format!("Probability that {} is worse than {} (at most {}%)", attribute.label, veto.limit, 100.0 * veto.probability);
            fact_row(&stub, 1, cells)
        })
        .collect()
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
    let Some(utility) = &context.settings.utility else { return notes };
    notes.methods.push(how(context.result.aggregation).to_owned());
    let held = context.result.attributes.iter().map(|held| format!("{}: {}", held.attribute.label, form(&held.attribute)));
    notes.methods.push(format!("Value functions with the worth in brackets: {}", held.collect::<Vec<_>>().join("; ")));
    notes.methods.push(spreads(context));
    notes.methods.push(format!(
        "{} draws, each attribute by itself: that the same patients have benefit and harm is not taken into account; the index rests on the observed \
         values",
        utility.draws
    ));
    notes.methods.push(source(utility));
    if context.result.rescaled {
        footnote(&mut notes, "The weights of the project file do not sum to 1; they were scaled to do so.");
    }
    notes
}

fn how(aggregation: Aggregation) -> &'static str {
    match aggregation {
        Aggregation::Additive => {
            "Utility index: sum of weight times worth over the attributes; beyond the values worth 0 and 1 the worth stays the same"
        }
        Aggregation::Geometric => {
            "Utility index: product of the worths to the power of their weights; contributions are weight times worth and do not sum to the index"
        }
        Aggregation::Minimum => "Utility index: the least worth of all attributes",
    }
}

/// What the uncertainty of each attribute is taken from.
fn spreads(context: &Context<'_>) -> String {
    let words = |spread: Spread| match spread {
        Spread::Counts => "beta distribution of the counts with Jeffreys prior",
        Spread::Limits => "normal distribution from the interval of the estimate",
        Spread::Quartiles => "normal distribution of the median with a standard error from the quartiles",
        Spread::StandardDeviation => "normal distribution of the mean",
        Spread::Fixed => "held fixed in at least one dosage, for want of a measure of its precision",
    };
    let each = context.inputs.spreads.iter().enumerate();
    let said: Vec<String> = each.map(|(place, spread)| format!("{}: {}", context.attribute(place), words(*spread))).collect();
    format!("Uncertainty of {}", said.join("; "))
}

/// Who set the weights.
fn source(utility: &UtilitySettings) -> String {
    let Some(source) = &utility.weights_source else {
        return "Weights: the project file does not say who set them (`utility.weights_source`)".to_owned();
    };
    let method = source.method.map(|method| match method {
        Elicitation::Swing => "swing weighting",
        Elicitation::DirectPoints => "direct points",
        Elicitation::DiscreteChoice => "a discrete choice experiment",
        Elicitation::Other => "another method",
    });
    let by = method.map_or_else(String::new, |method| format!(" by {method}"));
    let on = source.date.map_or_else(String::new, |date| format!(" on {date}"));
    let written = source.reference.as_ref().map_or_else(String::new, |reference| format!(" ({reference})"));
    format!("Weights set by {}{by}{on}{written}", source.panel)
}

/// What the probabilities of the highest index allow to say.
fn verdict(context: &Context<'_>, notes: &mut Notes) {
    let Some(utility) = &context.settings.utility else { return };
    let asked = 100.0 * utility.preferred_probability;
    let text = match context.result.preferred {
        Some(place) => format!(
            "{} has the highest index with a probability of at least {asked}% and is preferred on this index, at these weights.",
            context.dosage(place)
        ),
        None => format!(
            "No admissible dosage has the highest index with a probability of at least {asked}%: on this index the dosages are not distinguished."
        ),
    };
    footnote(notes, text);
    for (place, admissible) in context.result.admissible.iter().enumerate() {
        if !admissible {
            footnote(
                notes,
                format!(
                    "{} is not admissible: the limit of an attribute is passed with more than the probability allowed.",
                    context.dosage(place)
                ),
            );
        }
    }
}
