//! What a parameter of ADRS or ADTR is about, and who assessed it.

use super::columns::{self, Column};
use super::records::{Assessor, ResponseKind};
use super::words::normalised;
use crate::data::Dataset;

/// Parameter codes by kind, without the ending that names the assessor; of several that a dataset has for one kind and assessor the first
/// counts.
const CODES: [(ResponseKind, &[&str]); 5] = [
    (ResponseKind::Visit, &["OVR", "OVRLRESP", "OVRRESP", "OVRSP", "RSRESP"]),
    (ResponseKind::Best, &["BOR", "BESRSPU", "BORU", "UBOR"]),
    (ResponseKind::ConfirmedBest, &["CBOR", "BESRSP", "BCOR", "BORC", "BORCONF"]),
    (ResponseKind::Objective, &["RSP", "OBJRSP", "BCP"]),
    (ResponseKind::ConfirmedObjective, &["CRSP", "COBJRSP", "CBCP"]),
];

/// Endings of a parameter code that name the assessor; the longer first.
const ENDINGS: [(&str, Assessor); 8] = [
    ("BICR", Assessor::IndependentReview),
    ("IRC", Assessor::IndependentReview),
    ("IRF", Assessor::IndependentReview),
    ("IND", Assessor::IndependentReview),
    ("ICR", Assessor::IndependentReview),
    ("INV", Assessor::Investigator),
    ("I", Assessor::Investigator),
    ("B", Assessor::IndependentReview),
];

/// Columns whose words name the assessor.
const WORDED: [&str; 8] = ["PARCAT1", "PARCAT2", "PARCAT3", "RSEVAL", "TREVAL", "TUEVAL", "AEVAL", "PARAM"];

/// The kind of a parameter code with its rank among the codes of that kind (0 is preferred) and the assessor that its ending names.
pub(super) fn parse_response_code(code: &str) -> Option<(ResponseKind, usize, Option<Assessor>)> {
    let code = normalised(code);
    let known = |stem: &str| CODES.iter().find_map(|(kind, codes)| Some((*kind, codes.iter().position(|known| *known == stem)?)));
    if let Some((kind, rank)) = known(&code) {
        return Some((kind, rank, None));
    }
    ENDINGS.iter().find_map(|(ending, assessor)| {
        let (kind, rank) = known(code.strip_suffix(ending)?)?;
        Some((kind, rank, Some(*assessor)))
    })
}

/// The columns that may name the assessor.
#[derive(Debug)]
pub(super) struct AssessorColumns {
    columns: Vec<Column<String>>,
}

impl AssessorColumns {
    /// Finds the columns.
    pub(super) fn new(dataset: &Dataset) -> Self {
        Self { columns: WORDED.iter().filter_map(|name| columns::texts(dataset, &[name])).collect() }
    }

    /// Names of the columns other than PARAM, whose words describe the parameter in the first place.
    pub(super) fn names(&self) -> impl Iterator<Item = String> + '_ {
        self.columns.iter().map(|column| column.name.clone()).filter(|name| name != "PARAM")
    }

    /// Independent review where any column says so in words, otherwise the investigator.
    pub(super) fn of_row(&self, index: usize) -> Assessor {
        let independent = self.columns.iter().filter_map(|column| column.get(index)).any(|text| names_independent_review(text));
        if independent { Assessor::IndependentReview } else { Assessor::Investigator }
    }
}

fn names_independent_review(text: &str) -> bool {
    normalised(text)
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| matches!(word, "INDEPENDENT" | "BICR" | "IRC" | "IRF" | "ICR" | "BIRC" | "CENTRAL" | "CENTRALLY" | "BLINDED"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameter_codes_of_several_sponsors_are_understood() {
        for (code, kind, assessor) in [
            ("OVR", ResponseKind::Visit, None),
            ("OVRINV", ResponseKind::Visit, Some(Assessor::Investigator)),
            ("OVRLRESP", ResponseKind::Visit, None),
            ("BOR", ResponseKind::Best, None),
            ("BORBICR", ResponseKind::Best, Some(Assessor::IndependentReview)),
            ("CBOR", ResponseKind::ConfirmedBest, None),
            ("CBORIRC", ResponseKind::ConfirmedBest, Some(Assessor::IndependentReview)),
            ("BESRSPI", ResponseKind::ConfirmedBest, Some(Assessor::Investigator)),
            ("RSP", ResponseKind::Objective, None),
            ("CRSP", ResponseKind::ConfirmedObjective, None),
        ] {
            let (found, _, by) = parse_response_code(code).unwrap();
            assert_eq!((found, by), (kind, assessor), "{code}");
        }
        for code in ["LSTA", "MDIS", "CB", "DEATH", "INVET", "PD"] {
            assert!(parse_response_code(code).is_none(), "{code}");
        }
        assert!(names_independent_review("Blinded Independent Central Review"));
        assert!(!names_independent_review("INVESTIGATOR"));
    }
}
