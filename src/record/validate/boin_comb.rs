//! Cases `boin_comb`: the next pair of doses, the selected pair and the contour of BOIN for combinations.

use serde::Deserialize;
use serde_json::{Value, json};

use super::boin_boundaries::BoinInput;
use super::input::numbers;
use super::method::{Answer, MethodError, Reading, read};
use crate::analysis::escalation::design::Tally;
use crate::analysis::escalation::design::boin_combination::{
    BoinCombination, DosePair, EliminationReach, NextPair, PairSelectionRule, PairTallies,
};
use crate::analysis::escalation::design::boin_rule::BoinRule;

/// Most patients at a pair for which elimination is prepared.
const PREPARED: u32 = 60;

const REACH: &str = "BOIN 2.7.2 spreads elimination along the row and the column of a pair when it selects, not to all pairs above both";

#[derive(Deserialize)]
struct Input {
    #[serde(flatten)]
    boin: BoinInput,
    npts: Vec<Vec<u32>>,
    ntox: Vec<Vec<u32>>,
    current: Option<(usize, usize)>,
    n_earlystop: Option<u32>,
    mtd_contour: Option<bool>,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { boin, npts, ntox, current, n_earlystop, mtd_contour } = read(input)?;
    let rows =
        npts.iter().zip(&ntox).map(|(n, dlt)| n.iter().zip(dlt).map(|(n, dlt)| Tally { n: *n, dlt: *dlt }).collect()).collect::<Vec<_>>();
    let tallies = PairTallies::new(&rows).map_err(MethodError::failed)?;
    let parameters = *boin.rule()?.parameters();
    let rule = BoinRule::new(parameters, PREPARED).map_err(MethodError::failed)?;
    let design = BoinCombination::new(rule, n_earlystop.unwrap_or(u32::MAX));
    match current {
        Some((row, column)) => next(&design, &tallies, DosePair { row: row.saturating_sub(1), column: column.saturating_sub(1) }),
        None => select(&design, &tallies, parameters.bound_mtd, mtd_contour.unwrap_or(false)),
    }
}

fn pair(pair: DosePair) -> Value {
    json!([pair.row + 1, pair.column + 1])
}

fn next(design: &BoinCombination, tallies: &PairTallies, current: DosePair) -> Result<Answer, MethodError> {
    let allowed: Vec<Value> = match design.next(tallies, current).map_err(MethodError::failed)? {
        // Cases list a step in the rows before one in the columns.
        NextPair::Treat { mut pairs, .. } => {
            pairs.sort_by_key(|pair| (std::cmp::Reverse(pair.row), pair.column));
            pairs.into_iter().map(pair).collect()
        }
        NextPair::StopForToxicity | NextPair::StopAtNumber { .. } => vec![json!("stop")],
    };
    let next_dose = match allowed.as_slice() {
        [single] => single.clone(),
        _ => Value::Null,
    };
    Ok(json!({"next_dose": next_dose, "random_tie": allowed.len() > 1, "allowed_next_doses": allowed}).into())
}

fn select(design: &BoinCombination, tallies: &PairTallies, below_upper_boundary: bool, contour: bool) -> Result<Answer, MethodError> {
    let answer = |reach: EliminationReach| -> Result<Value, MethodError> {
        let options = PairSelectionRule { reach, below_upper_boundary, ..PairSelectionRule::default() };
        let selection = design.select(tallies, options).map_err(MethodError::failed)?;
        let pairs: Vec<Value> =
            if contour { selection.contour } else { selection.mtd.into_iter().collect() }.into_iter().map(pair).collect();
        let estimates: Vec<Value> = selection.estimates.into_iter().map(numbers).collect();
        Ok(json!({"mtd": if pairs.is_empty() { json!("none") } else { json!(pairs) }, "bivariate_isotonic_full_precision": estimates}))
    };
    let reading = Reading { computed: answer(EliminationReach::RowAndColumn)?, note: REACH };
    Ok(Answer { computed: answer(EliminationReach::Quadrant)?, readings: vec![reading] })
}
