//! Phase II designs of one arm: Simon's two stages and BOP2.

use anyhow::bail;

use super::arguments::finite;
use super::document::{Cell, Document, Parameter, Section, Table};
use crate::analysis::expansion::bop2::{Bop2Characteristics, Bop2Design, Bop2Goal, characteristics, optimise};
use crate::analysis::expansion::simon::{TwoStageDesign, TwoStageGoal, search};

/// What Simon's two stages must achieve.
#[derive(Debug, clap::Args)]
pub(super) struct SimonParameters {
    /// Response rate of no interest
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = finite)]
    p0: f64,
    /// Response rate of interest
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = finite)]
    p1: f64,
    /// Largest probability of declaring the drug promising at p0
    #[arg(long, value_name = "PROBABILITY", default_value_t = 0.05, allow_negative_numbers = true, value_parser = finite)]
    alpha: f64,
    /// Largest probability of missing the drug at p1
    #[arg(long, value_name = "PROBABILITY", default_value_t = 0.20, allow_negative_numbers = true, value_parser = finite)]
    beta: f64,
    /// Largest number of patients looked at
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    max_n: u32,
}

/// Optimal, minimax and admissible two-stage designs.
pub(super) fn simon(arguments: &SimonParameters) -> anyhow::Result<Document> {
    let SimonParameters { p0, p1, alpha, beta, max_n } = *arguments;
    let found = search(&TwoStageGoal { uninteresting: p0, promising: p1, alpha, beta, n_max: max_n })?;
    let mut document = Document::new(
        "Simon's two-stage design",
        vec![
            of("p0", p0, "given"),
            of("p1", p1, "given"),
            of("alpha", alpha, "at most; customary 0.05"),
            of("beta", beta, "at most; customary 0.2"),
            Parameter { name: "max_n".to_owned(), value: Cell::count(max_n), origin: "sizes looked at".to_owned() },
        ],
    );
    let mut table = Table::new([
        ("design", "design"),
        ("r1", "r1"),
        ("n1", "n1"),
        ("r", "r"),
        ("n", "n"),
        ("expected_n_p0", "E(N | p0)"),
        ("early_stop_p0", "PET(p0)"),
        ("expected_n_p1", "E(N | p1)"),
        ("type_one_error", "type I error"),
        ("power", "power"),
        ("weight_lower", "weight from"),
        ("weight_upper", "to"),
    ]);
    for entry in &found.admissible {
        let kind = match () {
            () if entry.design == found.minimax && entry.design == found.optimal => "optimal, minimax",
            () if entry.design == found.optimal => "optimal",
            () if entry.design == found.minimax => "minimax",
            () => "admissible",
        };
        table.rows.push(row(kind, &entry.design, entry.weight_lower, entry.weight_upper));
    }
    document.sections.push(Section::new("designs", "Two-stage designs, from the smallest n to the smallest expected n").table(table).note(
        "Stop after n1 patients with r1 responses or fewer; the drug is promising with more than r responses among n. A design is admissible while \
         the weight of the largest number of patients against the expected one lies in its range [Jung2004].",
    ));
    Ok(document)
}

fn row(kind: &str, design: &TwoStageDesign, from: f64, to: f64) -> Vec<Cell> {
    let rule = design.rule;
    vec![
        Cell::text(kind),
        Cell::count(rule.r1),
        Cell::count(rule.n1),
        Cell::count(rule.r),
        Cell::count(rule.n),
        Cell::Number(design.expected_n_uninteresting, 2),
        Cell::Number(design.early_stop_uninteresting, 4),
        Cell::Number(design.expected_n_promising, 2),
        Cell::Number(design.type_one_error, 4),
        Cell::Number(design.power, 4),
        Cell::probability(from),
        Cell::probability(to),
    ]
}

fn of(name: &str, value: f64, origin: &str) -> Parameter {
    Parameter { name: name.to_owned(), value: Cell::Plain(value), origin: origin.to_owned() }
}

/// BOP2 with a binary endpoint.
#[derive(Debug, clap::Args)]
pub(super) struct Bop2Parameters {
    /// Patients at each look, ascending, the last being all: 10,20,30,40
    #[arg(long, value_name = "LIST", value_delimiter = ',', required = true)]
    looks: Vec<u32>,
    /// Response rate of no interest
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = finite)]
    p0: f64,
    /// Response rate of interest: searches the boundary with the most power there
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = finite, required_unless_present = "lambda")]
    p1: Option<f64>,
    /// Largest probability of declaring the drug promising at p0, for the search
    #[arg(long, value_name = "PROBABILITY", default_value_t = 0.10, allow_negative_numbers = true, value_parser = finite)]
    alpha: f64,
    /// Cut-off at the last look, instead of the search
    #[arg(long, value_name = "PROBABILITY", allow_negative_numbers = true, value_parser = finite, conflicts_with = "p1")]
    lambda: Option<f64>,
    /// How fast the cut-off grows with the share of patients seen
    #[arg(long, value_name = "NUMBER", default_value_t = 1.0, allow_negative_numbers = true, value_parser = finite)]
    gamma: f64,
    /// Beta prior of the response rate [default: p0, 1 - p0]
    #[arg(long, value_name = "A,B", value_delimiter = ',', allow_negative_numbers = true, value_parser = finite)]
    prior: Option<Vec<f64>>,
    /// Response rates at which the boundary is characterised, besides p0 and p1
    #[arg(long, value_name = "LIST", value_delimiter = ',', allow_negative_numbers = true, value_parser = finite)]
    truth: Option<Vec<f64>>,
}

/// Steps of the search for the cut-off and its exponent.
const STEPS: u32 = 100;

/// The futility boundaries of BOP2 with their exact properties.
pub(super) fn bop2(arguments: &Bop2Parameters) -> anyhow::Result<Document> {
    let Bop2Parameters { looks, p0, p1, alpha, gamma, .. } = arguments;
    let prior = match arguments.prior.as_deref() {
        None => (*p0, 1.0 - p0),
        Some([a, b]) => (*a, *b),
        Some(other) => bail!("--prior has {} numbers: give the two parameters of the beta distribution, such as 0.2,0.8", other.len()),
    };
    let (lambda, gamma, boundaries) = match (arguments.lambda, p1) {
        (Some(lambda), _) => {
            let design = Bop2Design { looks: looks.clone(), uninteresting: *p0, prior, lambda, gamma: *gamma };
            (lambda, *gamma, design.boundaries()?)
        }
        (None, Some(p1)) => {
            let grid = |steps: std::ops::RangeInclusive<u32>| steps.map(|step| f64::from(step) / f64::from(STEPS)).collect::<Vec<f64>>();
            let goal = Bop2Goal {
                looks: looks.clone(),
                uninteresting: *p0,
                promising: *p1,
                prior,
                alpha: *alpha,
                lambdas: grid(1..=STEPS - 1),
                gammas: grid(0..=STEPS),
            };
            let found = optimise(&goal)?;
            (found.lambda, found.gamma, found.boundaries)
        }
        (None, None) => bail!("BOP2 needs a response rate of interest (--p1) to search with, or a cut-off (--lambda)"),
    };
    let searched = arguments.lambda.is_none();
    let mut parameters = vec![
        Parameter {
            name: "looks".to_owned(),
            value: Cell::Numbers(looks.iter().map(|n| f64::from(*n)).collect()),
            origin: "given".to_owned(),
        },
        of("p0", *p0, "given"),
    ];
    parameters.extend(p1.map(|p1| of("p1", p1, "given")));
    if searched {
        parameters.push(of("alpha", *alpha, "at most; customary 0.1"));
    }
    parameters.push(of("lambda", lambda, if searched { "most power at p1 with this type I error" } else { "given" }));
    parameters.push(of("gamma", gamma, if searched { "found with lambda" } else { "given, or 1" }));
    let origin = if arguments.prior.is_some() { "given" } else { "p0 and 1 - p0 [Zhou2017]" };
    parameters.push(Parameter { name: "prior".to_owned(), value: Cell::Numbers(vec![prior.0, prior.1]), origin: origin.to_owned() });
    let mut document = Document::new("BOP2", parameters);
    let rates: Vec<f64> = [Some(*p0), *p1].into_iter().flatten().chain(arguments.truth.iter().flatten().copied()).collect();
    let found = rates.iter().map(|rate| Ok((*rate, characteristics(looks, &boundaries, *rate)?))).collect::<anyhow::Result<Vec<_>>>()?;
    document.sections.push(properties(&found));
    document.sections.push(stopping(looks, &boundaries, &found));
    Ok(document)
}

fn properties(found: &[(f64, Bop2Characteristics)]) -> Section {
    let mut table = Table::new([
        ("response_rate", "response rate"),
        ("prob_promising", "P(promising)"),
        ("prob_early_stop", "P(early stop)"),
        ("expected_n", "E(N)"),
    ]);
    for (rate, at) in found {
        table.rows.push(vec![
            Cell::Plain(*rate),
            Cell::Number(at.promising, 4),
            Cell::Number(at.early_stop, 4),
            Cell::Number(at.expected_n, 2),
        ]);
    }
    Section::new("characteristics", "Exact properties").table(table)
}

fn stopping(looks: &[u32], boundaries: &[Option<u32>], found: &[(f64, Bop2Characteristics)]) -> Section {
    let mut table = Table::new([("n", "patients"), ("stop_if_responses_at_most", "stop if responses ≤")]);
    for (rate, _) in found {
        table.add_column(format!("prob_stop_at_{rate}"), format!("P(stop | {rate})"));
    }
    for (place, (n, boundary)) in looks.iter().zip(boundaries).enumerate() {
        let mut row = vec![Cell::count(*n), Cell::maybe_count(*boundary)];
        row.extend(found.iter().map(|(_, at)| Cell::maybe(at.stop_by_look.get(place).copied())));
        table.rows.push(row);
    }
    Section::new("decision_table", "Stopping boundaries").table(table).note(
        "Stop when responses among the patients of a look are at or below the boundary; at the last look the drug is promising above it. Other \
         values of lambda and gamma give the same boundaries.",
    )
}
