//! `dosages` and `parts`: what patients were given, and in which part of which trial.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::{DoseText, OneOrMany};
use crate::quantity::{Dose, DoseUnit};

/// One dosage as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DosageOptions {
    /// Name in fact ids: lower-case letters, digits and `_`, unique.
    #[schemars(extend("format" = "id"))]
    pub id: String,
    /// Name printed in tables and figures. Without this key the arm's text is printed.
    pub label: Option<String>,
    /// Dose, for example `120 mg`. May be absent for a comparator or a regimen without one dose.
    pub dose: Option<DoseText>,
    /// Schedule, for example `QD`.
    pub schedule: Option<String>,
    /// Text of the arm in the data, or a list of texts. Without this key the label is looked for.
    pub arm: Option<OneOrMany>,
    /// Whether this is a comparator: printed after the drug's own dosages and never compared as one of them.
    #[serde(default)]
    #[schemars(extend("x-origin" = "a dosage is of the drug under study unless the project file says otherwise"))]
    pub comparator: bool,
}

/// A dosage: dose and schedule, and the arms of the data that were given it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dosage {
    /// Name in fact ids.
    pub id: String,
    /// Name printed in tables and figures.
    pub label: String,
    /// The dose, where there is one.
    pub dose: Option<Dose>,
    /// The schedule.
    pub schedule: Option<String>,
    /// Texts of the arm variable.
    pub arms: Vec<String>,
    /// Whether this is a comparator.
    pub comparator: bool,
}

impl From<DosageOptions> for Dosage {
    fn from(written: DosageOptions) -> Self {
        let arms = written.arm.map_or_else(Vec::new, |arm| arm.0);
        let label = written.label.or_else(|| arms.first().cloned()).unwrap_or_else(|| written.id.clone());
        let arms = if arms.is_empty() { vec![label.clone()] } else { arms };
        Self {
            id: written.id,
            label,
            dose: written.dose.map(|dose| dose.0),
            schedule: written.schedule,
            arms,
            comparator: written.comparator,
        }
    }
}

impl Dosage {
    /// The dosages from lowest to highest, then those without a dose, comparators last; file order decides what is left.
    ///
    /// Doses that are counted by different things (mg and mg/kg) are not compared: they stand in groups.
    #[must_use]
    pub fn sorted(mut dosages: Vec<Self>) -> Vec<Self> {
        dosages.sort_by(|a, b| {
            let order = |dosage: &Self| {
                let (group, amount) = dosage.dose.map_or((usize::MAX, 0.0), rank);
                (dosage.comparator, group, amount)
            };
            let (a, b) = (order(a), order(b));
            (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2))
        });
        dosages
    }
}

/// The group of doses that can be compared without a patient's size, and the amount within it.
fn rank(dose: Dose) -> (usize, f64) {
    let bases = [
        DoseUnit::Milligram,
        DoseUnit::MilligramPerKilogram,
        DoseUnit::MilligramPerSquareMetre,
        DoseUnit::InternationalUnit,
        DoseUnit::Cell,
    ];
    bases.iter().enumerate().find_map(|(group, unit)| Some((group, dose.amount_in(*unit)?))).unwrap_or((bases.len(), dose.amount()))
}

/// One part as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartOptions {
    /// Name in fact ids, for example `escalation`, `backfill`, `expansion`, `randomised`, `registration`; unique.
    #[schemars(extend("format" = "id"))]
    pub id: String,
    /// Name printed in the dossier. Without this key the id is printed.
    pub label: Option<String>,
    /// Whether patients were assigned to dosages at random.
    #[serde(default)]
    #[schemars(extend("x-origin" = "a part counts as randomised only when the project file says so"))]
    pub randomised: bool,
    /// Which subjects belong to it: values by column of the subject-level dataset, all columns to be met.
    pub when: BTreeMap<String, OneOrMany>,
}

/// A part of a trial whose patients are analysed together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Name in fact ids.
    pub id: String,
    /// Name printed in the dossier.
    pub label: String,
    /// Whether patients were assigned to dosages at random.
    pub randomised: bool,
    /// Values by column of the subject-level dataset; a subject belongs when every column holds one of its values.
    pub when: BTreeMap<String, Vec<String>>,
}

impl From<PartOptions> for Part {
    fn from(written: PartOptions) -> Self {
        Self {
            label: written.label.unwrap_or_else(|| written.id.clone()),
            id: written.id,
            randomised: written.randomised,
            when: written.when.into_iter().map(|(column, values)| (column, values.0)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dosage(id: &str, dose: Option<&str>, comparator: bool) -> Dosage {
        let dose = dose.map(|text| text.parse().unwrap());
        Dosage { id: id.to_owned(), label: id.to_owned(), dose, schedule: None, arms: Vec::new(), comparator }
    }

    #[test]
    fn dosages_run_from_lowest_to_highest_and_comparators_come_last() {
        let dosages = vec![
            dosage("control", Some("75 mg/m2"), true),
            dosage("none", None, false),
            dosage("high", Some("0.24 g"), false),
            dosage("low_bid", Some("60 mg"), false),
            dosage("by_weight", Some("1 mg/kg"), false),
            dosage("low_qd", Some("60 mg"), false),
            dosage("tiny", Some("500 ug"), false),
        ];
        let ids: Vec<String> = Dosage::sorted(dosages).into_iter().map(|dosage| dosage.id).collect();
        assert_eq!(ids, ["tiny", "low_bid", "low_qd", "high", "by_weight", "none", "control"]);
    }
}
