//! Flags of ADSL that say who is analysed.

use super::counts::{Counted, Texts};
use crate::data::column;
use crate::data::dataset::Dataset;

/// Populations of the project file with the flags that stand for them, the best name first.
const POPULATIONS: [(&str, &[&str]); 6] = [
    ("safety", &["SAFFL", "SAF01FL", "SAFEFL"]),
    ("intention_to_treat", &["ITTFL", "FASFL", "RANDFL"]),
    ("dlt_evaluable", &["DLTEVLFL", "DLTEVFL", "DLTEFL", "DLTEVALF", "DLTPOPFL"]),
    ("response_evaluable", &["RESPEVFL", "EFFFL", "RSPEVFL", "EVALFL", "EFFEVFL"]),
    ("pk", &["PKFL", "PKEVLFL", "PKEVFL", "PKASFL", "PKPFL"]),
    ("patient_reported", &["PROFL", "PROEVLFL", "PROEVFL", "QOLFL"]),
];

/// A population and the flag that stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PopulationFlag {
    /// Key in the project file.
    pub population: &'static str,
    /// Column of ADSL.
    pub column: String,
    /// Subjects with the flag.
    pub yes: usize,
    /// Label of the column in the data.
    pub label: Option<String>,
    /// Whether the column has the customary name, so that it is no guess.
    pub customary: bool,
}

/// The flags of ADSL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Populations {
    /// Those that stand for a population of the project file.
    pub found: Vec<PopulationFlag>,
    /// Populations without a flag.
    pub without: Vec<&'static str>,
    /// The other flags with the subjects that have them.
    pub others: Vec<Counted>,
}

/// Finds the flags. Columns that are blank in every row count as absent.
pub(super) fn populations(adsl: &Dataset) -> Populations {
    let mut populations = Populations::default();
    for (population, names) in POPULATIONS {
        let Some(flag) = Texts::of(adsl, names) else {
            populations.without.push(population);
            continue;
        };
        let customary = matches!(flag.name.to_ascii_uppercase().as_str(), "SAFFL" | "ITTFL" | "DLTEVLFL" | "EFFFL" | "PKFL");
        let label = adsl.label(&flag.name);
        populations.found.push(PopulationFlag { population, yes: flag.yes(), label, customary, column: flag.name });
    }
    let known = |name: &str| populations.found.iter().any(|flag| flag.column == name);
    let flags = adsl.columns().into_iter().filter(|name| column::kind(adsl.name(), name) == column::ColumnKind::Flag && !known(name));
    populations.others =
        flags.filter_map(|name| Texts::of(adsl, &[&name])).map(|flag| Counted { count: flag.yes(), value: flag.name }).collect();
    populations
}
