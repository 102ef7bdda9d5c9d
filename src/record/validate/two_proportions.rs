//! Cases `two_proportions`: intervals for a risk difference, tests, and the conditional odds ratio.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::{number, optional, pair};
use super::method::{Answer, MethodError, Reading, read};
use crate::numerics::two_proportions::{
    DifferenceMethod, OddsRatioSearch, Table, conditional_odds_ratio, difference_interval, fisher_test, pearson_chi_square,
    risk_difference, score_statistic,
};

/// Largest group for which the exact unconditional interval is computed: its cost grows with the product of both.
const LARGEST_EXACT: u64 = 500;

#[derive(Deserialize)]
struct Input {
    x1: u64,
    n1: u64,
    x2: u64,
    n2: u64,
    level: f64,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { x1, n1, x2, n2, level } = read(input)?;
    let table = Table::new(x1, n1, x2, n2).map_err(MethodError::failed)?;
    let mut out = Map::new();
    out.insert("risk_difference".to_owned(), number(risk_difference(&table)));
    for method in DifferenceMethod::ALL {
        if method == DifferenceMethod::ExactChanZhang && n1.max(n2) > LARGEST_EXACT {
            continue;
        }
        let limits = difference_interval(method, &table, level).map_err(MethodError::failed)?;
        out.insert(method.id().to_owned(), pair(limits));
    }
    let fisher = fisher_test(&table);
    let tests = json!({
        "fisher_p_two_sided": fisher.two_sided,
        "fisher_p_greater": fisher.greater,
        "fisher_p_less": fisher.less,
        "pearson_chisq_p": optional(pearson_chi_square(&table).map(|(_, p)| p)),
        "mn_score_z_delta0": number(score_statistic(&table, 0.0)),
    });
    if let Value::Object(tests) = tests {
        out.extend(tests);
    }
    out.extend(conditional(&table, level, OddsRatioSearch::Converged)?);
    let as_printed = conditional(&table, level, OddsRatioSearch::FisherTestOfR)?;
    let reading = Reading {
        computed: Value::Object(as_printed),
        note: "as fisher.test of R prints it, whose search stops at a width of 1.2e-4 instead of converging",
    };
    Ok(Answer { computed: Value::Object(out), readings: vec![reading] })
}

fn conditional(table: &Table, level: f64, search: OddsRatioSearch) -> Result<Map<String, Value>, MethodError> {
    let odds = conditional_odds_ratio(table, level, search).map_err(MethodError::failed)?;
    Ok(Map::from_iter([
        ("fisher_conditional_odds_ratio".to_owned(), number(odds.estimate)),
        ("fisher_or_ci".to_owned(), pair((odds.lower, odds.upper))),
    ]))
}
