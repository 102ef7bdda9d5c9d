//! The methods that can be checked: from a file stem to the function that answers a case.

use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

use super::{
    bayes_emax, bayes_logistic, beta_binomial, bf_boin_oc, bf_boin_rule, binary_emax_ml, blrm, boin_boundaries, boin_comb, boin_select_mtd,
    boin12_next_dose, boin12_obd, boin12_rds, bop2, cox, crm, crm_oc, crm_skeleton, cui_deterministic, cui_posterior, cumulative_incidence,
    dose_paths, dose_proportionality, dose_response_general, dose_response_normal, eortc_qlqc30, first_in_human, guesstimates,
    interval_tables, kaplan_meier, logistic_er, logistic_firth, mcpmod, mean_cumulative_function, nca, nca_tau, nist_linear,
    nist_nonlinear, one_proportion, operating_characteristics, optimal_contrasts_power, pick_the_winner, proctcae, simon_two_stage,
    stratified, tite_boin, tite_boin_ess, tite_boin_oc, toxicity_index, trend, two_proportions,
};

/// Why a method gave no answer to a case.
#[derive(Debug, Error)]
pub enum MethodError {
    /// The input of the case does not have the form that the method reads.
    #[error("input: {0}")]
    Input(#[from] serde_json::Error),
    /// The method refused the input.
    #[error("{0}")]
    Failed(String),
}

impl MethodError {
    /// The refusal of a library function, in its own words.
    pub(super) fn failed(error: impl std::error::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// What a method computes for a case.
#[derive(Debug)]
pub(super) struct Answer {
    /// Object shaped like the `expected` of the case.
    pub(super) computed: Value,
    /// Other conventions under which some of the expected values may have been recorded.
    pub(super) readings: Vec<Reading>,
}

/// Values under a convention that reference software is known to use instead of the one asked for.
///
/// A leaf that differs from what this program prints but agrees with a reading is matched with a note that says so and gives both.
#[derive(Debug)]
pub(super) struct Reading {
    /// The leaves concerned, in the shape of `expected`.
    pub(super) computed: Value,
    /// What the convention is.
    pub(super) note: &'static str,
}

impl From<Value> for Answer {
    fn from(computed: Value) -> Self {
        Self { computed, readings: Vec::new() }
    }
}

/// From the `input` of a case to what this program computes for it.
pub(super) type Compute = fn(&Value) -> Result<Answer, MethodError>;

/// Every method, by file stem.
const METHODS: &[(&str, Compute)] = &[
    ("bayes_emax", bayes_emax::compute),
    ("bayes_logistic", bayes_logistic::compute),
    ("beta_binomial", beta_binomial::compute),
    ("bf_boin_oc", bf_boin_oc::compute),
    ("bf_boin_rule", bf_boin_rule::compute),
    ("binary_emax_ml", binary_emax_ml::compute),
    ("blrm", blrm::compute),
    ("boin12_next_dose", boin12_next_dose::compute),
    ("boin12_obd", boin12_obd::compute),
    ("boin12_rds", boin12_rds::compute),
    ("boin_boundaries", boin_boundaries::compute),
    ("boin_comb", boin_comb::compute),
    ("boin_oc", operating_characteristics::compute_boin),
    ("boin_select_mtd", boin_select_mtd::compute),
    ("bop2", bop2::compute),
    ("cox", cox::compute),
    ("crm", crm::compute),
    ("crm_oc", crm_oc::compute),
    ("crm_skeleton", crm_skeleton::compute),
    ("cui_deterministic", cui_deterministic::compute),
    ("cui_posterior", cui_posterior::compute),
    ("cumulative_incidence", cumulative_incidence::compute),
    ("dose_paths", dose_paths::compute),
    ("dose_proportionality", dose_proportionality::compute),
    ("dose_response_general", dose_response_general::compute),
    ("dose_response_normal", dose_response_normal::compute),
    ("eortc_qlqc30", eortc_qlqc30::compute),
    ("first_in_human", first_in_human::compute),
    ("guesstimates", guesstimates::compute),
    ("i3plus3_tables", interval_tables::compute_i3plus3),
    ("kaplan_meier", kaplan_meier::compute),
    ("keyboard_oc", operating_characteristics::compute_keyboard),
    ("keyboard_tables", interval_tables::compute_keyboard),
    ("logistic_er", logistic_er::compute),
    ("logistic_firth", logistic_firth::compute),
    ("mcpmod", mcpmod::compute),
    ("mean_cumulative_function", mean_cumulative_function::compute),
    ("mtpi2_tables", interval_tables::compute_mtpi2),
    ("mtpi_tables", interval_tables::compute_mtpi),
    ("nca", nca::compute),
    ("nca_tau", nca_tau::compute),
    ("nist_linear", nist_linear::compute),
    ("nist_nonlinear", nist_nonlinear::compute),
    ("one_proportion", one_proportion::compute),
    ("optimal_contrasts_power", optimal_contrasts_power::compute),
    ("pick_the_winner", pick_the_winner::compute),
    ("proctcae", proctcae::compute),
    ("simon_two_stage", simon_two_stage::compute),
    ("stratified", stratified::compute),
    ("three_plus_three_exact", operating_characteristics::compute_three_plus_three),
    ("tite_boin", tite_boin::compute),
    ("tite_boin_ess", tite_boin_ess::compute),
    ("tite_boin_oc", tite_boin_oc::compute),
    ("tite_crm", crm::compute_tite),
    ("tite_crm_oc", crm_oc::compute_tite),
    ("toxicity_index", toxicity_index::compute),
    ("trend", trend::compute),
    ("two_proportions", two_proportions::compute),
];

/// The method with a given stem.
pub(super) fn find(stem: &str) -> Option<Compute> {
    METHODS.iter().find(|(id, _)| *id == stem).map(|(_, compute)| *compute)
}

/// Ids of the methods that this program can check.
pub fn method_ids() -> impl Iterator<Item = &'static str> {
    METHODS.iter().map(|(id, _)| *id)
}

/// The input of a case in the form that a method reads.
pub(super) fn read<T: DeserializeOwned>(input: &Value) -> Result<T, MethodError> {
    Ok(T::deserialize(input)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_listed_once_in_order() {
        let ids: Vec<&str> = method_ids().collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
        assert!(find("one_proportion").is_some() && find("weather").is_none());
    }
}
