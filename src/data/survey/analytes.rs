//! What was measured in plasma or serum.

use std::collections::BTreeMap;

use super::Guess;
use super::counts::{Counted, Texts, counted};
use super::name_text::in_sentence;
use super::words::words;
use crate::data::dataset::Dataset;
use crate::data::spelling::normalised;
use crate::quantity::DoseUnit;

/// An analyte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Analyte {
    /// Its code: the key under `drug.analytes`.
    pub code: String,
    /// Its name.
    pub name: Option<String>,
    /// Unit of its concentrations.
    pub unit: Option<String>,
    /// Its records.
    pub records: usize,
}

/// Words of a parameter's name that belong to no analyte.
const DECORATION: [&str; 12] =
    ["PHARMACOKINETIC", "PLASMA", "SERUM", "BLOOD", "CONCENTRATION", "CONCENTRATIONS", "CONC", "OF", "IN", "FREE", "TOTAL", "THE"];

/// Analytes of ADPC by code, without records of dosing and of urine.
pub(super) fn analytes(adpc: &Dataset, drug: Option<&Guess<String>>) -> Vec<Guess<Analyte>> {
    let Some(codes) = Texts::of(adpc, &["PARAMCD", "PCTESTCD", "PARAM", "PCTEST"]) else { return Vec::new() };
    let names = Texts::of(adpc, &["PCTEST", "PARAM"]);
    let units = Texts::of(adpc, &["AVALU", "PCSTRESU"]);
    let specimens: Vec<Texts> = ["PARCAT1", "PCSPEC", "ASMED", "PARAM"].iter().filter_map(|name| Texts::of(adpc, &[name])).collect();
    let mut rows: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (row, code) in codes.iter().enumerate() {
        let Some(code) = code else { continue };
        let urine = specimens.iter().filter_map(|texts| texts.get(row)).any(|text| words(text).iter().any(|word| word == "URINE"));
        let unit = units.as_ref().and_then(|units| units.get(row));
        if !urine && !is_dosing(code, unit) {
            rows.entry(code).or_default().push(row);
        }
    }
    let of_rows = |texts: &Option<Texts>, rows: &[usize]| -> Vec<Counted> {
        texts.as_ref().map(|texts| counted(rows.iter().filter_map(|row| texts.get(*row)))).unwrap_or_default()
    };
    let analyte = |(code, rows): (&str, Vec<usize>)| {
        let label = of_rows(&names, &rows).into_iter().next().map(|name| name.value);
        let unit = of_rows(&units, &rows).into_iter().next().map(|unit| unit.value);
        let name = label.as_deref().and_then(|label| named(label, drug));
        let from = format!("{} of ADPC: {code} with {} records", codes.name, rows.len());
        Guess::new(
            Analyte { code: code.to_owned(), name, unit, records: rows.len() },
            from,
            "the name, and whether it is the drug or a metabolite",
        )
    };
    rows.into_iter().map(analyte).collect()
}

/// Records of doses stand in ADPC beside concentrations.
fn is_dosing(code: &str, unit: Option<&str>) -> bool {
    normalised(code) == "DOSE" || unit.is_some_and(|unit| DoseUnit::parse(unit).is_some())
}

/// The name within a parameter's label: `Zeltorafib Plasma Concentration (ng/mL)` is `zeltorafib`.
fn named(label: &str, drug: Option<&Guess<String>>) -> Option<String> {
    let plain = label.split('(').next().unwrap_or(label);
    let kept: Vec<&str> = plain.split_whitespace().filter(|word| !DECORATION.contains(&normalised(word).as_str())).collect();
    let name = kept.join(" ");
    let own = drug.filter(|drug| normalised(&drug.value) == normalised(&name)).map(|drug| drug.value.clone());
    (!name.is_empty()).then(|| own.unwrap_or_else(|| in_sentence(&name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_belongs_to_no_analyte() {
        assert_eq!(named("Zeltorafib Plasma Concentration (ng/mL)", None).as_deref(), Some("zeltorafib"));
        assert_eq!(named("Pharmacokinetic concentration of Xanomeline", None).as_deref(), Some("xanomeline"));
        assert_eq!(named("Plasma Drug X", None).as_deref(), Some("Drug X"));
        assert_eq!(named("Plasma concentration", None), None);
        assert!(is_dosing("DOSE", None) && is_dosing("XANDOSE", Some("mg")) && !is_dosing("XAN", Some("ug/mL")));
    }
}
