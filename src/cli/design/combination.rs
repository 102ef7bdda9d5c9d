//! BOIN for combinations of two drugs.

use anyhow::{anyhow, bail};

use super::arguments::{SimulationArguments, finite, one_question};
use super::characteristics;
use super::document::{Cell, Document, Parameter, Section, Table};
use super::methods::{BoinBoundaries, Size};
use crate::analysis::escalation::combination_characteristics::{PairCharacteristics, pair_characteristics};
use crate::analysis::escalation::decision_words::verb;
use crate::analysis::escalation::design::boin::BoinParameters;
use crate::analysis::escalation::design::boin_combination::{
    BoinCombination, DosePair, NextPair, PairSelection, PairSelectionRule, PairTallies,
};
use crate::analysis::escalation::design::boin_rule::BoinRule;
use crate::analysis::escalation::design::outcomes::read_history;
use crate::analysis::escalation::design::{Conduct, Decision, DoseLevel, State, Tally};
use crate::analysis::escalation::trial_characteristics::OVERLY_TOXIC;
use crate::render::simulation::{DurationUnit, above_target_note, result_notes};

/// Patients of a trial unless told otherwise.
const CUSTOMARY_PATIENTS: usize = 60;

/// Doses of each drug unless told otherwise.
const CUSTOMARY_GRID: usize = 3;

/// Patients of a cohort unless told otherwise.
const CUSTOMARY_COHORT: usize = 3;

/// BOIN for two drugs.
#[derive(Debug, clap::Args)]
pub(super) struct CombinationParameters {
    #[command(flatten)]
    boundaries: BoinBoundaries,
    /// Doses of the first drug [default: as many as --truth has rows, otherwise 3]
    #[arg(long, value_name = "NUMBER")]
    rows: Option<usize>,
    /// Doses of the second drug [default: as many as --truth has columns, otherwise 3]
    #[arg(long, value_name = "NUMBER")]
    columns: Option<usize>,
    /// Patients at a pair that end the trial [default: never]
    #[arg(long, value_name = "NUMBER")]
    stop_at: Option<u32>,
    #[command(flatten)]
    size: Size,
    /// Cohorts so far, each with its pair: "1,1@3:0 2,1@3:1"
    #[arg(long, value_name = "COHORTS", help_heading = "Question", allow_hyphen_values = true)]
    history: Option<String>,
    /// Select the pair on the history as it stands
    #[arg(long, help_heading = "Question", requires = "history")]
    select: bool,
    /// True probabilities of toxicity by pair, for operating characteristics: a row per dose of the first drug, "0.05,0.1;0.1,0.3"
    #[arg(long, value_name = "MATRIX", help_heading = "Question", allow_hyphen_values = true)]
    truth: Option<String>,
    #[command(flatten)]
    simulation: SimulationArguments,
}

/// The grid of doses and what is asked about it.
struct Grid {
    rows: usize,
    columns: usize,
    truth: Option<Vec<Vec<f64>>>,
}

impl Grid {
    fn read(arguments: &CombinationParameters) -> anyhow::Result<Self> {
        one_question(arguments.truth.is_some(), arguments.history.is_some())?;
        let truth = arguments.truth.as_deref().map(matrix).transpose()?;
        let shape = truth.as_ref().map(|rows| (rows.len(), rows.first().map_or(0, Vec::len)));
        let rows = arguments.rows.or(shape.map(|(rows, _)| rows)).unwrap_or(CUSTOMARY_GRID);
        let columns = arguments.columns.or(shape.map(|(_, columns)| columns)).unwrap_or(CUSTOMARY_GRID);
        if let Some((given_rows, given_columns)) = shape.filter(|shape| *shape != (rows, columns)) {
            bail!("--truth has {given_rows} by {given_columns} probabilities for {rows} by {columns} doses");
        }
        for doses in [rows, columns] {
            State::start(doses, DoseLevel(0))?;
        }
        Ok(Self { rows, columns, truth })
    }

    fn pairs(&self) -> impl Iterator<Item = DosePair> {
        let columns = self.columns;
        (0..self.rows).flat_map(move |row| (0..columns).map(move |column| DosePair { row, column }))
    }
}

/// Reads `0.05,0.1;0.1,0.3`.
fn matrix(text: &str) -> anyhow::Result<Vec<Vec<f64>>> {
    let number = |piece: &str| {
        finite(piece).map_err(|problem| anyhow!("--truth: `{}` is {problem}; rows are separated by semicolons", piece.trim()))
    };
    let rows = text.split(';').map(|row| row.split(',').map(number).collect::<anyhow::Result<Vec<f64>>>());
    let rows = rows.collect::<anyhow::Result<Vec<Vec<f64>>>>()?;
    let columns = rows.first().map_or(0, Vec::len);
    match (1..).zip(&rows).find(|(_, row)| row.len() != columns) {
        Some((place, row)) => {
            bail!("--truth: row 1 has {columns} probabilities and row {place} has {}: give one per dose of the second drug", row.len())
        }
        None => Ok(rows),
    }
}

/// Answers a question to the design for combinations.
pub(super) fn answer(arguments: &CombinationParameters) -> anyhow::Result<Document> {
    let grid = Grid::read(arguments)?;
    let BoinBoundaries { target, underdosing, overdosing, cutoff } = arguments.boundaries;
    let published = BoinParameters::with_target(target);
    let parameters = BoinParameters {
        underdosing: underdosing.unwrap_or(published.underdosing),
        overdosing: overdosing.unwrap_or(published.overdosing),
        elimination_cutoff: cutoff.unwrap_or(published.elimination_cutoff),
        ..published
    };
    let max_n = u32::try_from(arguments.size.max_n.unwrap_or(CUSTOMARY_PATIENTS)).unwrap_or(u32::MAX);
    let cohort = u32::try_from(arguments.size.cohort_size.unwrap_or(CUSTOMARY_COHORT)).unwrap_or(u32::MAX);
    let conduct = Conduct { max_n, ..Conduct::cohorts(1, cohort) };
    conduct.check(1)?;
    let rule = BoinRule::new(parameters, max_n)?;
    let mut document = Document::new("BOIN for combinations", listed(arguments, &grid, &parameters, &conduct));
    document.sections.push(
        Section::new("boundaries", "Boundaries of the DLT rate at the current pair")
            .fact("lambda_e", "escalate at or below lambda_e", Cell::Number(rule.lambda_e(), 4))
            .fact("lambda_d", "de-escalate at or above lambda_d", Cell::Number(rule.lambda_d(), 4)),
    );
    let design = |rule: BoinRule| BoinCombination::new(rule, arguments.stop_at.unwrap_or(u32::MAX));
    match (&arguments.history, &grid.truth) {
        (None, None) => document.sections.push(table(&rule, max_n)),
        (None, Some(truth)) => {
            let found = pair_characteristics(&design(rule), truth, &conduct, target, arguments.simulation.simulation())?;
            document.sections.push(under_truth(&grid, &found, target));
        }
        (Some(history), _) => document.sections.extend(of_history(arguments, &grid, &design(rule), history, max_n)?),
    }
    Ok(document)
}

fn listed(arguments: &CombinationParameters, grid: &Grid, parameters: &BoinParameters, conduct: &Conduct) -> Vec<Parameter> {
    let origin = |given: bool, default: &str| if given { "given".to_owned() } else { default.to_owned() };
    let parameter = |name: &str, value: Cell, origin: String| Parameter { name: name.to_owned(), value, origin };
    let BoinBoundaries { underdosing, overdosing, cutoff, .. } = arguments.boundaries;
    vec![
        parameter("rows", Cell::Count(grid.rows as u64), "doses of the first drug".to_owned()),
        parameter("columns", Cell::Count(grid.columns as u64), "doses of the second drug".to_owned()),
        parameter("target", Cell::Plain(parameters.target), "given".to_owned()),
        parameter("underdosing", Cell::Plain(parameters.underdosing), origin(underdosing.is_some(), "0.6 times the target [Liu2015]")),
        parameter("overdosing", Cell::Plain(parameters.overdosing), origin(overdosing.is_some(), "1.4 times the target [Liu2015]")),
        parameter(
            "elimination_cutoff",
            Cell::Plain(parameters.elimination_cutoff),
            origin(cutoff.is_some(), "published default [LinYin2017]"),
        ),
        parameter("cohort_size", Cell::count(conduct.cohort_size), origin(arguments.size.cohort_size.is_some(), "customary cohort size")),
        parameter("max_patients", Cell::count(conduct.max_n), origin(arguments.size.max_n.is_some(), "twenty cohorts of three")),
        parameter("stop_at", Cell::maybe_count(arguments.stop_at), origin(arguments.stop_at.is_some(), "no limit at a pair")),
    ]
}

/// Operating characteristics, a line per pair.
fn under_truth(grid: &Grid, found: &PairCharacteristics, target: f64) -> Section {
    let labels: Vec<String> = grid.pairs().map(name).collect();
    let places: Vec<usize> = found.correct.iter().map(|pair| pair.row * grid.columns + pair.column).collect();
    let correct = match found.correct.as_slice() {
        [] => "no pair".to_owned(),
        pairs => pairs.iter().map(|pair| name(*pair)).collect::<Vec<_>>().join(" "),
    };
    let selected = Cell::percent(found.prob_correct, Some(found.standard_error_correct));
    let told = [("correct", "correct pairs", Cell::Text(correct)), ("correctly_selected", "Correct, %", selected)];
    let section = characteristics::facts(&found.pairs, told)
        .table(characteristics::by_dose("pair", &labels, &found.pairs, None, &places))
        .note(format!(
            "Correct: the pairs whose true P(DLT) is closest to the target of {target} (marked *), any of which may be selected; no pair where the \
             lowest one is at or above {OVERLY_TOXIC} times the target.",
        ))
        .note(above_target_note(target).replace("doses", "pairs"));
    result_notes(&[&found.pairs], DurationUnit::Windows).into_iter().fold(section, Section::note)
}

/// Boundaries in counts, the same at every pair.
fn table(rule: &BoinRule, max_n: u32) -> Section {
    let mut table = Table::new([
        ("n", "patients treated"),
        ("escalate_if_dlt_at_most", "escalate if DLT ≤"),
        ("de_escalate_if_dlt_at_least", "de-escalate if DLT ≥"),
        ("eliminate_if_dlt_at_least", "eliminate if DLT ≥"),
    ]);
    for n in 1..=max_n {
        let first = |wanted: &dyn Fn(Tally) -> bool| Cell::maybe_count((0..=n).find(|dlt| wanted(Tally { n, dlt: *dlt })));
        let escalate = (0..=n).rev().find(|dlt| rule.compare_counts(Tally { n, dlt: *dlt }) == Decision::Escalate);
        table.rows.push(vec![
            Cell::count(n),
            Cell::maybe_count(escalate),
            first(&|tally| rule.is_high(tally) || rule.eliminates(tally)),
            first(&|tally| rule.eliminates(tally)),
        ]);
    }
    Section::new("decision_table", "Decision table, by evaluable patients and DLTs at the current pair").table(table).note(
        "Escalation raises the dose of one drug and de-escalation lowers it: the one whose pair is most probably between the boundaries. \
         Elimination reaches every pair with at least these doses of both drugs.",
    )
}

fn of_history(
    arguments: &CombinationParameters,
    grid: &Grid,
    design: &BoinCombination,
    history: &str,
    max_n: u32,
) -> anyhow::Result<Vec<Section>> {
    let (counts, current) = read(grid, history)?;
    let tallies = PairTallies::new(&counts)?;
    let Some(current) = current else { bail!("the history is empty: the trial begins at the pair 1,1; leave --history out for the table") };
    let next = design.next(&tallies, current)?;
    let treated: u32 = counts.iter().flatten().map(|tally| tally.n).sum();
    let full = treated >= max_n;
    let stops = full || !matches!(next, NextPair::Treat { .. });
    let section = what_follows(&next, tallies.at(current), current, full.then_some(max_n));
    let selected = design.select(&tallies, PairSelectionRule::default())?;
    let mut sections = vec![
        Section::new("state", "What is known of each pair (first drug, second drug)").table(known(&tallies, current, &selected)),
        section,
    ];
    if stops || arguments.select {
        let contour = selected.contour.iter().map(|pair| name(*pair)).collect::<Vec<_>>().join(" ");
        sections.push(
            Section::new("selection", "Selected pair (maximum tolerated dose combination)")
                .fact("mtd", "selected", Cell::Text(selected.mtd.map_or_else(|| "none".to_owned(), name)))
                .fact("contour", "contour, one pair per dose of the first drug", Cell::Text(contour)),
        );
    }
    Ok(sections)
}

/// What follows and why; `full` is the number of patients of a trial that has them all.
fn what_follows(next: &NextPair, here: Tally, current: DosePair, full: Option<u32>) -> Section {
    let seen = format!("{} of {} patients with DLT at {}", here.dlt, here.n, name(current));
    let section = Section::new("next", "What follows");
    let stops = |section: Section, reason: String| {
        section.fact("next_pair", "next pair", Cell::text("none: the trial stops")).fact("reason", "because", Cell::Text(reason))
    };
    match (full, next) {
        (Some(patients), _) => stops(section, format!("the trial has its {patients} patients")),
        (None, NextPair::StopForToxicity) => stops(section, format!("{seen}: the lowest pair is eliminated")),
        (None, NextPair::StopAtNumber { n, limit }) => stops(section, format!("{n} patients at the pair reach the limit of {limit}")),
        (None, NextPair::Treat { pairs, decision }) => {
            let lots = if pairs.len() > 1 { "; the candidates are equally probable between the boundaries: draw lots" } else { "" };
            let named = pairs.iter().map(|pair| name(*pair)).collect::<Vec<_>>().join(" or ");
            section.fact("decision", "decision", Cell::text(verb(*decision))).fact("next_pair", "next pair", Cell::Text(named)).fact(
                "reason",
                "because",
                Cell::Text(format!("{seen}: {}{lots}", change(*decision))),
            )
        }
    }
}

/// Counts and estimates at every pair.
fn known(tallies: &PairTallies, current: DosePair, selected: &PairSelection) -> Table {
    let mut table =
        Table::new([("pair", "pair"), ("n", "n"), ("dlt", "DLT"), ("rate", "rate"), ("estimate", "isotonic estimate"), ("status", "")]);
    for (row, estimates) in selected.estimates.iter().enumerate() {
        for (column, estimate) in estimates.iter().enumerate() {
            let pair = DosePair { row, column };
            let tally = tallies.at(pair);
            let eliminated = selected.eliminated.get(row).and_then(|row| row.get(column)).copied().unwrap_or(false);
            let words = [(pair == current).then_some("current"), eliminated.then_some("eliminated")];
            table.rows.push(vec![
                Cell::Text(name(pair)),
                Cell::count(tally.n),
                Cell::count(tally.dlt),
                Cell::maybe(tally.rate()),
                Cell::maybe((tally.n > 0).then_some(*estimate)),
                Cell::Text(words.into_iter().flatten().collect::<Vec<_>>().join(", ")),
            ]);
        }
    }
    table
}

/// What a decision does to a pair.
fn change(decision: Decision) -> &'static str {
    match decision {
        Decision::Escalate => "raise the dose of one drug",
        Decision::Stay => "stay at the pair",
        Decision::DeEscalate | Decision::Eliminate => "lower the dose of one drug",
        Decision::Stop => "stop the trial",
    }
}

fn name(pair: DosePair) -> String {
    format!("({}, {})", pair.row + 1, pair.column + 1)
}

/// Counts at every pair and the pair of the last cohort, from `1,1@3:0 2,1@3:1`.
fn read(grid: &Grid, history: &str) -> anyhow::Result<(Vec<Vec<Tally>>, Option<DosePair>)> {
    let mut counts = vec![vec![Tally::default(); grid.columns]; grid.rows];
    let mut current = None;
    for (number, piece) in (1..).zip(history.split_whitespace()) {
        let form = "write the doses of both drugs, counted from 1, then patients:toxicities, such as `2,1@3:1`";
        let refused = |problem: &str| anyhow!("cohort {number} of the history, `{piece}`: {problem}; {form}");
        let (pair, cohort) = piece.split_once('@').ok_or_else(|| refused("the pair is missing"))?;
        let (row, column) = pair.split_once(',').ok_or_else(|| refused("the pair is missing"))?;
        let level = |text: &str| text.parse::<usize>().ok().and_then(|level| level.checked_sub(1));
        let pair = level(row)
            .zip(level(column))
            .map(|(row, column)| DosePair { row, column })
            .ok_or_else(|| refused("this is no pair of doses"))?;
        let items = read_history(cohort, 1).map_err(|error| anyhow!("{error}"))?;
        let tally = items.first().filter(|item| item.dose.is_none()).map(|item| item.tally).ok_or_else(|| refused("this is no cohort"))?;
        let cell = counts.get_mut(pair.row).and_then(|row| row.get_mut(pair.column));
        let cell = cell.ok_or_else(|| refused(&format!("the grid has {} by {} doses", grid.rows, grid.columns)))?;
        *cell = cell.plus(tally);
        current = Some(pair);
    }
    Ok((counts, current))
}
