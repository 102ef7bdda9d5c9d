//! Cases `tite_boin`: the decision at one dose with pending patients, by single mean imputation.
//!
//! In the cases the order of the rules (elimination, a rate that is surely too high, suspension, comparison) is reconstructed from the
//! published table: `decision` and `suspend_accrual` are references for ordinary counts, not for rare overlaps of rules.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::optional;
use super::method::{Answer, MethodError, read};
use crate::analysis::escalation::design::Tally;
use crate::analysis::escalation::design::boin::BoinParameters;
use crate::analysis::escalation::design::boin_rule::BoinRule;
use crate::analysis::escalation::design::tite_boin::{PendingTally, TiteBoin, TiteVariant};

#[derive(Deserialize)]
struct Input {
    target: f64,
    p_saf: f64,
    p_tox: f64,
    cutoff_eli: f64,
    max_pending_fraction: f64,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    n: u32,
    dlt: u32,
    pending: u32,
    stft: f64,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { target, p_saf, p_tox, cutoff_eli, max_pending_fraction, rows } = read(input)?;
    let most = rows.iter().map(|row| row.n).max().unwrap_or(1);
    let usual = BoinParameters::with_target(target);
    let parameters = BoinParameters { underdosing: p_saf, overdosing: p_tox, elimination_cutoff: cutoff_eli, ..usual };
    let rule = BoinRule::new(parameters, most).map_err(MethodError::failed)?;
    let design =
        TiteBoin::new(rule, TiteVariant::SingleMeanImputation).with_max_pending(max_pending_fraction).map_err(MethodError::failed)?;
    let rows = rows.iter().map(|row| answer(&design, row)).collect::<Result<Vec<Value>, MethodError>>()?;
    Ok(json!({"lambda_e": design.rule().lambda_e(), "lambda_d": design.rule().lambda_d(), "rows": rows}).into())
}

fn answer(design: &TiteBoin, row: &Row) -> Result<Value, MethodError> {
    let Row { n, dlt, pending, stft } = *row;
    let treated = Tally::new(n, dlt).map_err(MethodError::failed)?;
    let tally = PendingTally::new(treated, pending, stft).map_err(MethodError::failed)?;
    let assessment = design.assess(&tally);
    let letters = assessment.decision.letters();
    Ok(json!({
        "n": n,
        "dlt": dlt,
        "pending": pending,
        "stft": stft,
        "eliminate": design.rule().eliminates(treated),
        "p_tilde": assessment.provisional,
        "imputed_rate": assessment.imputed_rate,
        "ess_rate_lin_yuan": optional(assessment.effective_rate),
        "stft_needed_to_escalate": optional(assessment.follow_up_to_escalate),
        "stft_at_or_below_deescalate": optional(assessment.follow_up_to_de_escalate),
        "decision_ignoring_suspension": letters,
        "suspend_accrual": assessment.suspend,
        "decision": if assessment.suspend { "suspend" } else { letters },
    }))
}
