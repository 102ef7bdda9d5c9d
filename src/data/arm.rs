//! Arms: the columns of ADSL that name them, the dosages that their texts stand for, and the texts of those who were never treated.
//!
//! Reading, checking, deriving and the first look of `init` all ask here, so that none of them finds an arm that another does not.

use std::collections::BTreeMap;

use super::column::{ACTARM, ARM, TRT01A, TRT01P, TRTA, TRTP};
use super::dataset::Dataset;
use super::spelling::normalised;
use crate::config::Dosage;

/// Columns of the planned arm, the best name first.
pub(super) const PLANNED: [&str; 4] = [TRT01P, TRTP, ARM, ACTARM];
/// Columns of the arm received, the best name first.
pub(super) const RECEIVED: [&str; 3] = [TRT01A, ACTARM, TRTA];

/// Words of an arm for subjects who were never assigned or treated, in normal spelling.
const NEVER_TREATED: [&str; 7] = ["SCREEN FAIL", "SCREENING FAIL", "NOT ASSIGNED", "NOT TREATED", "NOT RANDOMI", "UNASSIGNED", "NOT DOSED"];

/// Whether an arm's text says that its subjects were never assigned or treated, whatever its case and spacing.
#[must_use]
pub fn is_never_treated(arm: &str) -> bool {
    let arm = normalised(arm);
    NEVER_TREATED.iter().any(|words| arm.contains(words))
}

/// The standard name of the column of the planned arm: the first that holds a value.
#[must_use]
pub fn planned_column(adsl: &Dataset) -> Option<&'static str> {
    first_filled(adsl, &PLANNED)
}

/// The standard name of the column of the arm received: the first that holds a value.
#[must_use]
pub fn received_column(adsl: &Dataset) -> Option<&'static str> {
    first_filled(adsl, &RECEIVED)
}

fn first_filled(adsl: &Dataset, names: &[&'static str]) -> Option<&'static str> {
    names.iter().copied().find(|name| adsl.coded(name).is_some_and(|coded| !coded.levels.is_empty()))
}

/// The dosages of the project file by the texts of their arms, compared without regard to case, spacing and hyphens.
#[derive(Debug, Clone, Default)]
pub struct DosageArms {
    positions: BTreeMap<String, usize>,
}

impl DosageArms {
    /// Of two dosages that claim a text, the first has it.
    #[must_use]
    pub fn new(dosages: &[Dosage]) -> Self {
        let mut positions = BTreeMap::new();
        for (position, dosage) in dosages.iter().enumerate() {
            for arm in &dosage.arms {
                positions.entry(normalised(arm)).or_insert(position);
            }
        }
        Self { positions }
    }

    /// Position in `dosages` of the dosage that an arm's text stands for.
    #[must_use]
    pub fn position(&self, arm: &str) -> Option<usize> {
        self.positions.get(&normalised(arm)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::dataset::ColumnValues;
    use crate::data::name::DatasetName;

    #[test]
    fn those_who_were_never_treated_are_told_by_words() {
        for arm in ["Screen Failure", "SCREEN-FAILURE", "Not Assigned", "Assigned, not treated", "Not Randomised", "not  dosed"] {
            assert!(is_never_treated(arm), "{arm}");
        }
        for arm in ["Placebo", "Zeltorafib 120 mg QD", "Treated"] {
            assert!(!is_never_treated(arm), "{arm}");
        }
    }

    #[test]
    fn a_column_without_values_is_passed_over() {
        let column = |name: &str, cells: [&str; 2]| {
            (name.to_owned(), ColumnValues::Text(cells.iter().map(|cell| Some((*cell).to_owned())).collect()))
        };
        let columns = vec![column("TRT01P", ["", " "]), column("TRTA", ["A", "B"]), column("ACTARM", ["A", "B"])];
        let adsl = Dataset::from_columns(DatasetName::Adsl, columns);
        assert_eq!(planned_column(&adsl), Some("ACTARM"));
        assert_eq!(received_column(&adsl), Some("ACTARM"));
    }
}
