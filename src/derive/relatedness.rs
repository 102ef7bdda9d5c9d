//! Whether an adverse event was held to be related to the drug.

use super::words::normalised;

/// Words that mean related.
const RELATED: [&str; 19] = [
    "Y",
    "YES",
    "RELATED",
    "DEFINITE",
    "DEFINITELY",
    "DEFINITELY RELATED",
    "CERTAIN",
    "PROBABLE",
    "PROBABLY",
    "PROBABLY RELATED",
    "LIKELY",
    "VERY LIKELY",
    "LIKELY RELATED",
    "POSSIBLE",
    "POSSIBLY",
    "POSSIBLY RELATED",
    "SUSPECTED",
    "REASONABLE POSSIBILITY",
    "TREATMENT RELATED",
];

/// Words that mean not related.
const NOT_RELATED: [&str; 18] = [
    "N",
    "NO",
    "NONE",
    "NOT RELATED",
    "UNRELATED",
    "DEFINITELY NOT RELATED",
    "PROBABLY NOT RELATED",
    "NOT LIKELY",
    "NOT LIKELY RELATED",
    "UNLIKELY",
    "UNLIKELY RELATED",
    "REMOTE",
    "REMOTELY RELATED",
    "DOUBTFUL",
    "NOT SUSPECTED",
    "NO REASONABLE POSSIBILITY",
    "NO RELATIONSHIP",
    "NOT APPLICABLE",
];

/// Whether the word means related; `None` when it is not understood.
pub(super) fn parse_related(word: &str) -> Option<bool> {
    let word = normalised(word);
    if RELATED.contains(&word.as_str()) {
        Some(true)
    } else if NOT_RELATED.contains(&word.as_str()) {
        Some(false)
    } else {
        None
    }
}
