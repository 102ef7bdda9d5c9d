//! Response categories in the codes of RECIST 1.1, iRECIST, IMWG and Lugano.

use super::records::ResponseCategory;
use super::words::normalised;

/// The category that a code means, whatever its spelling.
///
/// Codes of other criteria stand for the RECIST category that counts the same: iRECIST `iCR`, `iPR`, `iSD` and both `iUPD` and `iCPD`
/// (progression, unconfirmed and confirmed); IMWG `sCR` complete, `VGPR` partial, `MR` (minimal response) stable, because it is not a
/// response; Lugano metabolic responses `CMR`, `PMR`, `NMR` (stable) and `PMD`. `None` when the code is not understood.
pub(crate) fn parse_category(code: &str) -> Option<ResponseCategory> {
    let plain: String = normalised(code).chars().filter(|c| *c != ' ').collect();
    match plain.as_str() {
        "CR" | "ICR" | "SCR" | "CRI" | "CRU" | "CMR" | "COMPLETERESPONSE" | "COMPLETEMETABOLICRESPONSE" => Some(ResponseCategory::Complete),
        "PR" | "IPR" | "VGPR" | "PMR" | "PARTIALRESPONSE" | "PARTIALMETABOLICRESPONSE" | "VERYGOODPARTIALRESPONSE" => {
            Some(ResponseCategory::Partial)
        }
        "SD" | "ISD" | "MR" | "NMR" | "STABLEDISEASE" | "MINIMALRESPONSE" | "NOMETABOLICRESPONSE" => Some(ResponseCategory::Stable),
        "NONCR/NONPD" | "NN" | "INONCR/NONPD" | "INONCR/INONUPD" | "NONCR/NONPROGRESSIVEDISEASE" => Some(ResponseCategory::NonCrNonPd),
        "PD" | "IUPD" | "ICPD" | "IPD" | "PMD" | "PROGRESSIVEDISEASE" | "PROGRESSIVEMETABOLICDISEASE" | "DISEASEPROGRESSION" => {
            Some(ResponseCategory::Progressive)
        }
        "NE" | "INE" | "UE" | "NOTEVALUABLE" | "INEVALUABLE" | "UNEVALUABLE" | "UNKNOWN" => Some(ResponseCategory::NotEvaluable),
        "MISSING" | "ND" | "NOTDONE" | "NA" | "NOTAPPLICABLE" | "NOTASSESSED" => Some(ResponseCategory::Missing),
        "Y" | "YES" => Some(ResponseCategory::Yes),
        "N" | "NO" => Some(ResponseCategory::No),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_every_criterion_are_understood() {
        use ResponseCategory::{Complete, Missing, NonCrNonPd, NotEvaluable, Partial, Progressive, Stable};
        for (code, category) in [
            ("CR", Complete),
            ("sCR", Complete),
            ("iPR", Partial),
            ("VGPR", Partial),
            ("MR", Stable),
            ("NON-CR/NON-PD", NonCrNonPd),
            ("Non CR/Non PD", NonCrNonPd),
            ("iUPD", Progressive),
            ("iCPD", Progressive),
            ("NOT EVALUABLE", NotEvaluable),
            ("MISSING", Missing),
        ] {
            assert_eq!(parse_category(code), Some(category), "{code}");
        }
        assert_eq!(parse_category("CHECK"), None);
    }
}
