//! How and when an exposure metric was computed: what decides whether an outcome can have shaped it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How and when an exposure metric was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExposureBasis {
    /// Predicted by a model for the dosage that was assigned, whatever was taken later.
    PredictedAssignedDose,
    /// Observed, or predicted for the doses taken, in the first cycle.
    FirstCycle,
    /// Observed after a single dose.
    SingleDose,
    /// Observed at steady state.
    SteadyState,
    /// Average of what was taken up to the event or to censoring.
    AverageToEvent,
    /// Sum of what was taken up to the event or to censoring.
    CumulativeToEvent,
    /// Average over the whole time on treatment.
    AverageOverTreatment,
    /// Sum over the whole time on treatment.
    CumulativeOverTreatment,
    /// At the time of the event or of censoring.
    AtEvent,
    /// Not stated.
    NotStated,
}

impl ExposureBasis {
    /// In words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::PredictedAssignedDose => "predicted at the assigned dosage",
            Self::FirstCycle => "in the first cycle",
            Self::SingleDose => "after a single dose",
            Self::SteadyState => "at steady state",
            Self::AverageToEvent => "average up to the event or censoring",
            Self::CumulativeToEvent => "sum up to the event or censoring",
            Self::AverageOverTreatment => "average over the time on treatment",
            Self::CumulativeOverTreatment => "sum over the time on treatment",
            Self::AtEvent => "at the time of the event or censoring",
            Self::NotStated => "not stated",
        }
    }

    /// Whether it can rest on what happened after the outcome or after a change of the dose: exposure is then partly a result of the outcome.
    #[must_use]
    pub const fn uses_later_dosing(self) -> bool {
        matches!(
            self,
            Self::AverageToEvent | Self::CumulativeToEvent | Self::AverageOverTreatment | Self::CumulativeOverTreatment | Self::AtEvent
        )
    }

    /// Whether it rests on the initial dosage only.
    #[must_use]
    pub const fn is_initial(self) -> bool {
        matches!(self, Self::PredictedAssignedDose | Self::FirstCycle | Self::SingleDose)
    }

    /// What the category, the code and the visit of a metric suggest; a guess, which the dossier says.
    ///
    /// ```text
    /// category with ASSIGNED DOSE       predicted at the assigned dosage
    /// CAVGTE, AUCTE, …TE                average up to the event
    /// CAVGOT, AUCAVE, AVE               average over the time on treatment
    /// CUM…                              sum over the time on treatment
    /// …DAY1, …D1, …C1, cycle 1          first cycle
    /// …SS, …TAU                         steady state
    /// ```
    #[must_use]
    pub fn guess(code: &str, visit: Option<&str>, category: Option<&str>) -> Self {
        if category.is_some_and(|category| category.to_uppercase().contains("ASSIGNED DOS")) {
            return Self::PredictedAssignedDose;
        }
        let code: String = code.to_uppercase().chars().filter(|character| character.is_ascii_alphanumeric()).collect();
        let visit: String = visit.unwrap_or_default().to_uppercase().chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        let ends = |ends: &[&str]| ends.iter().any(|end| code.len() > end.len() && code.ends_with(end));
        if ends(&["TE"]) {
            Self::AverageToEvent
        } else if code.starts_with("CUM") || ends(&["CUM"]) {
            Self::CumulativeOverTreatment
        } else if ends(&["OT", "AVE"]) {
            Self::AverageOverTreatment
        } else if ends(&["SS"]) {
            Self::SteadyState
        } else if ends(&["DAY1", "D1", "C1", "C1D1"]) || first_cycle(&visit) {
            Self::FirstCycle
        } else if ends(&["TAU"]) {
            Self::SteadyState
        } else {
            Self::NotStated
        }
    }
}

/// Whether a visit, in capitals without spaces, is one of the first cycle.
fn first_cycle(visit: &str) -> bool {
    let after = |prefix: &str| visit.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('1')).map(str::to_owned);
    let not_longer = |rest: String| !rest.starts_with(|c: char| c.is_ascii_digit());
    after("CYCLE").or_else(|| after("C")).is_some_and(not_longer) || visit == "DAY1"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_and_a_visit_suggest_when_a_metric_was_computed() {
        for (code, visit, basis) in [
            ("CAVGTE", None, ExposureBasis::AverageToEvent),
            ("AUCSS", Some("Cycle 1 Day 15"), ExposureBasis::SteadyState),
            ("AUCDAY1", None, ExposureBasis::FirstCycle),
            ("AUCTAU", Some("Cycle 1 Day 1"), ExposureBasis::FirstCycle),
            ("AUCTAU", Some("Cycle 11 Day 1"), ExposureBasis::SteadyState),
            ("AUCAVE", None, ExposureBasis::AverageOverTreatment),
            ("CMAX", Some("C2D1"), ExposureBasis::NotStated),
        ] {
            assert_eq!(ExposureBasis::guess(code, visit, Some("PLASMA")), basis, "{code} {visit:?}");
        }
        let assigned = ExposureBasis::guess("AUCSS", None, Some("PopPK post hoc, assigned dose"));
        assert_eq!(assigned, ExposureBasis::PredictedAssignedDose);
    }

    #[test]
    fn no_basis_is_both_initial_and_later() {
        for basis in [ExposureBasis::FirstCycle, ExposureBasis::SteadyState, ExposureBasis::AverageToEvent, ExposureBasis::NotStated] {
            assert!(!(basis.is_initial() && basis.uses_later_dosing()));
        }
    }
}
