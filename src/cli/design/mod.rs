//! `dosecase design`: what an escalation or phase II design decides, before a trial and during one.
//!
//! Parameters become the options of a project file ([`plan::Plan`]), so that file and command cannot differ; the answer is a
//! [`document::Document`] in full precision, which [`format`] writes.

mod arguments;
mod backfill;
mod boin12;
mod characteristics;
mod combination;
mod counts;
mod crm;
mod document;
mod doses;
mod expansion;
mod figure;
mod follow;
mod format;
mod methods;
mod models;
mod paths;
mod pending;
mod plan;
mod state;
mod table;
mod tite_boin;

use anyhow::{anyhow, bail};
use clap::Subcommand;

use arguments::{Asked, Format, OutputArguments, Question, one_question};
use document::Document;
use methods::{
    BfBoinParameters, Boin12Parameters, BoinOptionArguments, DesignParameters, I3Plus3Parameters, KeyboardParameters, Mtpi2Parameters,
    MtpiParameters, ThreePlusThreeParameters, TiteBoinParameters,
};
use models::{BlrmParameters, CrmParameters, TiteCrmParameters};
use plan::Plan;

use super::exit::ExitStatus;
use super::report;
use crate::analysis::escalation::trial_design::TrialRule;
use crate::quantity::DoseUnit;
use crate::record::output::replace_file;

const AFTER_HELP: &str = "\
Examples:
  dosecase design boin --target 0.30 --max-n 30                    the decision table
  dosecase design boin --target 0.30 --history \"3:0 3:0 3:1\"       what is next, and why
  dosecase design boin --target 0.30 --truth 0.05,0.15,0.30,0.45   operating characteristics
  dosecase design METHOD --help                                    options and examples of a method

A history lists cohorts as patients:toxicities. Without --history, --paths and --truth a method prints its decision table.";

/// Arguments of `design`.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true, after_help = AFTER_HELP)]
pub(super) struct DesignArguments {
    #[command(subcommand)]
    method: Method,
}

const THREE_PLUS_THREE: &str = "\
Examples:
  dosecase design three-plus-three --doses 10,30,60,120 --history \"3:0 3:1\"
  dosecase design 3+3 --allow-deescalation --truth 0.05,0.15,0.30,0.45 --target 0.30";
const I3_PLUS_3: &str = "\
Examples:
  dosecase design i3-3 --target 0.30 --max-n 30
  dosecase design i3+3 --target 0.25 --history \"3:0 3:1 3:1\"";
const BOIN: &str = "\
Examples:
  dosecase design boin --target 0.30 --max-n 30
  dosecase design boin --target 0.30 --doses \"10,30,60 mg\" --history \"3:0 3:0 3:1\" --paths 2
  dosecase design boin --target 0.25 --stop-at 9 --truth 0.05,0.12,0.25,0.40 --format json
  dosecase design boin --target 0.30 --history \"3:0 3:1\" --format svg --out decisions.svg";
const BOIN_COMBINATION: &str = "\
Examples:
  dosecase design boin-combination --target 0.30 --rows 3 --columns 4
  dosecase design boin-combination --target 0.30 --rows 3 --columns 4 --history \"1,1@3:0\"
  dosecase design boin-combination --target 0.30 --truth \"0.05,0.10,0.30;0.10,0.30,0.45\"

The doses of the first drug are rows, those of the second columns: a truth lists the columns of each row, rows separated by semicolons.";
const KEYBOARD: &str = "\
Examples:
  dosecase design keyboard --target 0.30 --margin-lower 0.05 --margin-upper 0.05
  dosecase design keyboard --target 0.20 --history \"3:0 3:0 3:1\"";
const MTPI: &str = "\
Examples:
  dosecase design mtpi --target 0.30 --full
  dosecase design mtpi --target 0.30 --truth 0.05,0.15,0.30,0.45";
const MTPI_2: &str = "\
Examples:
  dosecase design mtpi2 --target 0.30 --full
  dosecase design mtpi-2 --target 0.30 --history \"3:0 3:1\"";
const CRM: &str = "\
Examples:
  dosecase design crm --target 0.25 --skeleton 0.06,0.14,0.25,0.38,0.50
  dosecase design crm --target 0.25 --halfwidth 0.05 --prior-mtd 3 --doses 5 --history \"3:0 3:1\"
  dosecase design crm --target 0.25 --skeleton 0.1,0.3 --inference likelihood --history \"1@3:1\"";
const TITE_CRM: &str = "\
Examples:
  dosecase design tite-crm --target 0.25 --skeleton 0.1,0.25,0.4 --history \"1@3:0 2@3:0+0.5+0.8\"
  dosecase design tite-crm --target 0.25 --skeleton 0.1,0.25,0.4 --truth 0.1,0.2,0.4 --accrual 4

A pending patient is +SHARE, the share of the DLT window that has passed: 2@3:0+0.5+0.8 are three treated, none with DLT, two of them pending.";
const BLRM: &str = "\
Examples:
  dosecase design blrm --doses \"10,30,60,120,240 mg\" --reference-dose 120 --prior=-1.1,2,0,1
  dosecase design blrm --doses 10,30,60 --reference-dose 60 --prior=-1.1,2,0,1 --history \"3:0\"";
const TITE_BOIN: &str = "\
Examples:
  dosecase design tite-boin --target 0.30 --max-n 30
  dosecase design tite-boin --target 0.30 --history \"1@3:0 2@3:0+0.5+0.8\"
  dosecase design tite-boin --target 0.30 --truth 0.05,0.15,0.30,0.45 --accrual 4

A pending patient is +SHARE, the share of the DLT window that has passed: 2@3:0+0.5+0.8 are three treated, none with DLT, two of them pending.";
const BOIN12: &str = "\
Examples:
  dosecase design boin12 --toxicity-limit 0.35 --efficacy-limit 0.25
  dosecase design boin12 --toxicity-limit 0.35 --efficacy-limit 0.25 --history \"3:0:1 3:1:2\"
  dosecase design boin12 --toxicity-limit 0.35 --efficacy-limit 0.25 --truth 0.05,0.15,0.30 --efficacy 0.15,0.35,0.45 --odds-ratio 2

A history lists cohorts as patients:toxicities:efficacies, with a fourth number for those with both where the utilities do not add up to 100.";
const BF_BOIN: &str = "\
Examples:
  dosecase design bf-boin --target 0.25 --backfill-cap 12
  dosecase design bf-boin --target 0.25 --history \"1@6:0 2@6:1 3@3:0\" --active 1,2
  dosecase design bf-boin --target 0.25 --truth 0.1,0.2,0.4 --efficacy 0.1,0.2,0.3 --accrual 4";
const SIMON: &str = "\
Examples:
  dosecase design simon --p0 0.10 --p1 0.30
  dosecase design simon --p0 0.20 --p1 0.40 --alpha 0.10 --beta 0.10 --format csv";
const BOP2: &str = "\
Examples:
  dosecase design bop2 --looks 10,20,30,40 --p0 0.20 --p1 0.40 --alpha 0.10
  dosecase design bop2 --looks 10,20,30,40 --p0 0.20 --lambda 0.93 --gamma 1 --truth 0.3,0.4";

#[derive(Debug, Subcommand)]
enum Method {
    /// 3+3: escalate on 0 of 3 or at most 1 of 6
    #[command(name = "three-plus-three", visible_alias = "3+3", after_help = THREE_PLUS_THREE)]
    ThreePlusThree(Asked<ThreePlusThreeParameters, Question>),
    /// i3+3: the rate against an interval, with one toxicity of slack
    #[command(name = "i3-3", visible_alias = "i3+3", after_help = I3_PLUS_3)]
    I3Plus3(Asked<I3Plus3Parameters, Question>),
    /// BOIN: the rate against two optimal boundaries
    #[command(name = "boin", after_help = BOIN)]
    Boin(Asked<BoinOptionArguments, Question>),
    /// BOIN for combinations of two drugs
    #[command(name = "boin-combination", visible_alias = "boin-comb", after_help = BOIN_COMBINATION)]
    BoinCombination(CombinationCommand),
    /// Keyboard: the strongest of equally wide keys
    #[command(name = "keyboard", after_help = KEYBOARD)]
    Keyboard(Asked<KeyboardParameters, Question>),
    /// mTPI: the interval with the largest unit probability mass, of three
    #[command(name = "mtpi", after_help = MTPI)]
    Mtpi(Asked<MtpiParameters, Question>),
    /// mTPI-2: the same among intervals of one width
    #[command(name = "mtpi2", visible_alias = "mtpi-2", after_help = MTPI_2)]
    Mtpi2(Asked<Mtpi2Parameters, Question>),
    /// CRM: the continual reassessment method with one parameter
    #[command(name = "crm", after_help = CRM)]
    Crm(Asked<CrmParameters, Question>),
    /// TITE-CRM: the same with incomplete follow-up
    #[command(name = "tite-crm", after_help = TITE_CRM)]
    TiteCrm(Asked<TiteCrmParameters, Question>),
    /// BLRM: Bayesian logistic regression with overdose control
    #[command(name = "blrm", after_help = BLRM)]
    Blrm(Asked<BlrmParameters, Question>),
    /// TITE-BOIN: BOIN with incomplete follow-up
    #[command(name = "tite-boin", after_help = TITE_BOIN)]
    TiteBoin(Asked<TiteBoinParameters, Question>),
    /// BOIN12: toxicity and efficacy together
    #[command(name = "boin12", after_help = BOIN12)]
    Boin12(Asked<Boin12Parameters, Question>),
    /// BF-BOIN: BOIN with backfill of lower doses
    #[command(name = "bf-boin", after_help = BF_BOIN)]
    BfBoin(Asked<BfBoinParameters, Question>),
    /// Simon's two-stage design: optimal, minimax, admissible
    #[command(name = "simon", after_help = SIMON)]
    Simon(SimonCommand),
    /// BOP2: stopping boundaries for futility
    #[command(name = "bop2", after_help = BOP2)]
    Bop2(Bop2Command),
}

/// BOIN for combinations, with the form of the answer.
#[derive(Debug, clap::Args)]
struct CombinationCommand {
    #[command(flatten)]
    parameters: combination::CombinationParameters,
    #[command(flatten)]
    output: OutputArguments,
}

/// Simon's design, with the form of the answer.
#[derive(Debug, clap::Args)]
struct SimonCommand {
    #[command(flatten)]
    parameters: expansion::SimonParameters,
    #[command(flatten)]
    output: OutputArguments,
}

/// BOP2, with the form of the answer.
#[derive(Debug, clap::Args)]
struct Bop2Command {
    #[command(flatten)]
    parameters: expansion::Bop2Parameters,
    #[command(flatten)]
    output: OutputArguments,
}

/// Answers a question to a design.
pub(super) fn run(arguments: DesignArguments) -> anyhow::Result<ExitStatus> {
    match arguments.method {
        Method::ThreePlusThree(asked) => general(&asked),
        Method::I3Plus3(asked) => general(&asked),
        Method::Boin(asked) => general(&asked),
        Method::Keyboard(asked) => general(&asked),
        Method::Mtpi(asked) => general(&asked),
        Method::Mtpi2(asked) => general(&asked),
        Method::Crm(asked) => with(&asked, |plan| match plan.design.rule() {
            TrialRule::Crm(design) => crm::answer(plan, design, asked.parameters.inference, &asked.question),
            _ => Err(other_rule()),
        }),
        Method::TiteCrm(asked) => general(&asked),
        Method::Blrm(asked) => general(&blrm_in_unit(asked)?),
        Method::TiteBoin(asked) => general(&asked),
        Method::Boin12(asked) => general(&asked),
        Method::BfBoin(asked) => with(&asked, |plan| match plan.design.rule() {
            TrialRule::Backfill { design, complete } => {
                backfill::answer(plan, design, complete, asked.parameters.active.as_deref(), &asked.question)
            }
            _ => Err(other_rule()),
        }),
        Method::BoinCombination(command) => plain(&combination::answer(&command.parameters)?, &command.output),
        Method::Simon(command) => plain(&expansion::simon(&command.parameters)?, &command.output),
        Method::Bop2(command) => plain(&expansion::bop2(&command.parameters)?, &command.output),
    }
}

/// Answers with what the rule of the design can.
fn general<P: DesignParameters + clap::Args>(asked: &Asked<P, Question>) -> anyhow::Result<ExitStatus> {
    with(asked, |plan| match plan.design.rule() {
        TrialRule::Counts { design, .. } => counts::answer(plan, design.as_ref(), &asked.question),
        TrialRule::Crm(design) => counts::answer(plan, design, &asked.question),
        TrialRule::TiteCrm { design, scheme } => crm::answer_tite(plan, design, *scheme, &asked.question),
        TrialRule::Blrm(design) => counts::answer(plan, design, &asked.question),
        TrialRule::TiteBoin { design, complete } => tite_boin::answer(plan, design, complete, &asked.question),
        TrialRule::Boin12(design) => boin12::answer(plan, design, &asked.question),
        TrialRule::Backfill { complete, .. } => counts::answer(plan, complete, &asked.question),
    })
}

/// Makes the plan, answers and writes the answer.
fn with<P, F>(asked: &Asked<P, Question>, answer: F) -> anyhow::Result<ExitStatus>
where
    P: DesignParameters + clap::Args,
    F: FnOnce(&Plan) -> anyhow::Result<Document>,
{
    one_question(asked.question.truth.is_some(), asked.question.history.is_some())?;
    let plan = Plan::new(&asked.parameters, &asked.question)?;
    if asked.output.format == Format::Svg {
        return write(&figure::draw_answer(&plan, &asked.question)?, &asked.output);
    }
    plain(&answer(&plan)?, &asked.output)
}

/// Writes an answer that has no figure.
fn plain(document: &Document, output: &OutputArguments) -> anyhow::Result<ExitStatus> {
    let text = match output.format {
        Format::Text => format::text(document),
        Format::Md => format::markdown(document),
        Format::Csv => format::csv(document.main_table().ok_or_else(|| anyhow!("this answer has no table: use --format text or json"))?),
        Format::Json => serde_json::to_string_pretty(&format::json(document))? + "\n",
        Format::Svg => bail!("{} has no decision grid by patients and DLTs: use --format text, md, csv or json", document.design),
    };
    write(&text, output)
}

fn write(text: &str, output: &OutputArguments) -> anyhow::Result<ExitStatus> {
    match &output.out {
        Some(path) => replace_file(path, text.as_bytes())?,
        None => report::print(text)?,
    }
    Ok(ExitStatus::Done)
}

/// Options and rule of a design are of one kind.
fn other_rule() -> anyhow::Error {
    anyhow!("the options made another design than the command names")
}

/// BLRM with its reference dose in the unit of the doses.
fn blrm_in_unit(mut asked: Asked<BlrmParameters, Question>) -> anyhow::Result<Asked<BlrmParameters, Question>> {
    asked.parameters.check()?;
    let text = asked.question.doses.as_deref().unwrap_or_default();
    let doses = doses::Doses::read(text).ok().filter(|doses| doses.stated);
    if text.is_empty() || (doses.is_none() && !text.contains(',')) {
        bail!("BLRM is a model of the amounts of dose: give them with --doses, such as --doses \"10,30,60 mg\"");
    }
    let unit = doses.and_then(|doses| doses.unit);
    let reference = &mut asked.parameters.reference_dose;
    if reference.trim().parse::<f64>().is_ok() {
        *reference = format!("{} {}", reference.trim(), unit.unwrap_or(DoseUnit::Milligram));
    } else if let Some(unit) = unit {
        let dose: crate::quantity::Dose = reference.parse().map_err(|error| anyhow!("--reference-dose: {error}"))?;
        let amount =
            dose.amount_in(unit).ok_or_else(|| anyhow!("--reference-dose {dose} cannot be expressed in {unit}, the unit of --doses"))?;
        *reference = format!("{amount} {unit}");
    }
    Ok(asked)
}
