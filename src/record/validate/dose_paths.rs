//! Cases `dose_paths`: the tree of outcomes of the next cohorts.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::list;
use super::method::{Answer, MethodError, read};
use crate::analysis::escalation::design::boin::{Boin, BoinParameters};
use crate::analysis::escalation::design::crm::{Crm, CrmModel, USUAL_PRIOR_SD};
use crate::analysis::escalation::design::crm_conduct::{CrmDesign, CrmEscalation};
use crate::analysis::escalation::design::outcomes::{read_outcomes, replay, write_outcomes};
use crate::analysis::escalation::design::paths::{PathNode, dose_paths, recommendation_probabilities};
use crate::analysis::escalation::design::three_plus_three::{ThreePlusThree, ThreePlusThreeVariant};
use crate::analysis::escalation::design::{CountDesign, DoseLevel};

/// Most patients at a dose that a table of the cases needs.
const MOST_AT_A_DOSE: u32 = 100;

/// The designs of the cases, by their names there.
#[derive(Deserialize)]
enum PathDesign {
    #[serde(rename = "BOIN")]
    Boin,
    #[serde(rename = "CRM empiric, scale sqrt(1.34), no skipping when escalating")]
    Crm,
    #[serde(rename = "3+3 no de-escalation")]
    ThreePlusThree,
}

#[derive(Deserialize)]
struct Input {
    design: PathDesign,
    target: Option<f64>,
    #[serde(default, deserialize_with = "list")]
    skeleton: Vec<f64>,
    #[serde(deserialize_with = "list")]
    cohort_sizes: Vec<u32>,
    previous_outcomes: String,
    #[serde(deserialize_with = "list")]
    p_true: Vec<f64>,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let input: Input = read(input)?;
    let design = input.design()?;
    let doses = design.doses();
    let history = read_outcomes(&input.previous_outcomes, doses).map_err(MethodError::failed)?;
    let present = replay(design.as_ref(), DoseLevel(0), &history).map_err(MethodError::failed)?;
    let nodes = dose_paths(design.as_ref(), &present, &input.cohort_sizes, Some(&input.p_true)).map_err(MethodError::failed)?;
    let (none, by_dose) = recommendation_probabilities(&nodes, doses);
    let mut recommended = Map::new();
    recommended.insert("NoDose".to_owned(), none.into());
    for (dose, probability) in by_dose.into_iter().enumerate() {
        recommended.insert((dose + 1).to_string(), probability.into());
    }
    let listed = listed(&nodes, &input.previous_outcomes);
    Ok(json!({ "n_nodes": nodes.len(), "nodes": listed, "prob_recommend": recommended }).into())
}

impl Input {
    fn design(&self) -> Result<Box<dyn CountDesign>, MethodError> {
        let doses = self.p_true.len();
        let target = self.target.ok_or_else(|| MethodError::Failed("the design needs a target".to_owned()));
        Ok(match self.design {
            PathDesign::Boin => {
                let rule = Boin::new(BoinParameters::with_target(target?)).map_err(MethodError::failed)?;
                Box::new(rule.design(doses, MOST_AT_A_DOSE).map_err(MethodError::failed)?)
            }
            PathDesign::Crm => {
                let crm = Crm::new(&self.skeleton, target?, CrmModel::Empiric, USUAL_PRIOR_SD).map_err(MethodError::failed)?;
                let patients = self.cohort_sizes.iter().sum();
                Box::new(CrmDesign::new(crm, CrmEscalation::OneLevel, patients).map_err(MethodError::failed)?)
            }
            PathDesign::ThreePlusThree => {
                Box::new(ThreePlusThree::new(doses, ThreePlusThreeVariant::NoDeescalation).map_err(MethodError::failed)?)
            }
        })
    }
}

/// Nodes in the order of the cases, which count through full paths with the first cohort's outcome changing fastest.
fn listed(nodes: &[PathNode], previous: &str) -> Value {
    let deepest = nodes.iter().map(|node| node.depth).max().unwrap_or(0);
    let mut keyed: Vec<(Vec<u32>, usize)> =
        (0..nodes.len()).map(|position| (reversed_outcomes(nodes, position, deepest), position)).collect();
    keyed.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut numbers = vec![0; nodes.len()];
    for (number, (_, position)) in keyed.iter().enumerate() {
        if let Some(slot) = numbers.get_mut(*position) {
            *slot = number + 1;
        }
    }
    let row = |(number, position): (usize, usize)| {
        let node = nodes.get(position)?;
        Some(json!({
            "node": number,
            "parent": node.parent.and_then(|parent| numbers.get(parent)),
            "depth": node.depth,
            "outcomes": node.cohort.map_or_else(|| previous.to_owned(), |cohort| write_outcomes(cohort.tally)),
            "next_dose": node.recommended.map(|dose| dose.0 + 1),
            "path_probability": node.probability,
        }))
    };
    keyed.iter().enumerate().filter_map(|(index, (_, position))| row((index + 1, *position))).collect()
}

/// Toxicities of the cohorts on the way to a node, last cohort first, missing ones counted as none.
fn reversed_outcomes(nodes: &[PathNode], position: usize, deepest: usize) -> Vec<u32> {
    let mut outcomes = vec![0; deepest];
    let mut here = nodes.get(position);
    while let Some((node, cohort)) = here.and_then(|node| node.cohort.map(|cohort| (node, cohort))) {
        if let Some(slot) = deepest.checked_sub(node.depth).and_then(|place| outcomes.get_mut(place)) {
            *slot = cohort.tally.dlt;
        }
        here = node.parent.and_then(|parent| nodes.get(parent));
    }
    outcomes
}
