//! Which subject of ADSL a table means.

use std::collections::BTreeMap;

use crate::config::SubjectMatch;
use crate::data::column::{SUBJID, USUBJID};
use crate::data::{DatasetName, TrialData};

/// The subjects of ADSL by what a table may call them.
#[derive(Debug)]
pub(super) struct SubjectKeys {
    by_key: BTreeMap<String, Vec<String>>,
    matches: SubjectMatch,
    /// Every subject, in the order of ADSL.
    pub(super) all: Vec<String>,
}

/// What an identifier of a table means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meant<'a> {
    /// This subject.
    One(&'a str),
    /// Nobody in ADSL.
    Nobody,
    /// Several subjects of ADSL.
    Several,
}

impl SubjectKeys {
    /// The subjects of ADSL; `None` where ADSL lacks what is compared.
    pub(super) fn new(data: &TrialData, matches: SubjectMatch) -> Option<Self> {
        let adsl = data.get(DatasetName::Adsl)?;
        let identifiers = adsl.texts(USUBJID)?;
        let numbers = match matches {
            SubjectMatch::Subjid => Some(adsl.texts(SUBJID)?),
            SubjectMatch::Usubjid | SubjectMatch::LastNumber => None,
        };
        let (mut by_key, mut all): (BTreeMap<String, Vec<String>>, Vec<String>) = (BTreeMap::new(), Vec::new());
        for (row, usubjid) in identifiers.into_iter().enumerate().filter_map(|(row, usubjid)| Some((row, usubjid?))) {
            let named = match (&numbers, matches) {
                (Some(numbers), _) => numbers.get(row).cloned().flatten(),
                (None, SubjectMatch::LastNumber) => last_number(&usubjid),
                (None, _) => Some(usubjid.clone()),
            };
            if all.contains(&usubjid) {
                continue;
            }
            all.push(usubjid.clone());
            if let Some(named) = named {
                by_key.entry(key(&named, matches)).or_default().push(usubjid);
            }
        }
        Some(Self { by_key, matches, all })
    }

    /// Whom an identifier means.
    pub(super) fn find(&self, identifier: &str) -> Meant<'_> {
        match self.by_key.get(&key(identifier, self.matches)).map(Vec::as_slice) {
            Some([one]) => Meant::One(one),
            Some([_, ..]) => Meant::Several,
            _ => Meant::Nobody,
        }
    }
}

/// What is compared: the text, or the number where both are numbers.
fn key(text: &str, matches: SubjectMatch) -> String {
    let text = text.trim();
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    match (matches, number) {
        // NONMEM writes an identifier 1001002 as 1.0010E+06 unless told otherwise; such a number is not whole enough to compare and finds nobody.
        (SubjectMatch::Subjid | SubjectMatch::LastNumber, Some(number)) => format!("{number}"),
        // A table of numbers may hold a USUBJID that is a number.
        (SubjectMatch::Usubjid, Some(number)) if text.contains(['E', 'e', '.']) => format!("{number}"),
        _ => text.to_owned(),
    }
}

/// The digits that end an identifier.
fn last_number(usubjid: &str) -> Option<String> {
    let digits = usubjid.trim().rsplit(|character: char| !character.is_ascii_digit()).next()?;
    (!digits.is_empty()).then(|| digits.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_numbers_and_texts_as_texts() {
        assert_eq!(key("1.2000E+01", SubjectMatch::Subjid), key("0012", SubjectMatch::Subjid));
        assert_ne!(key("0012", SubjectMatch::Usubjid), key("12", SubjectMatch::Usubjid));
        assert_eq!(key("1.2000E+01", SubjectMatch::Usubjid), key("12", SubjectMatch::Usubjid));
        assert_eq!(last_number("ZEL-101-0012").as_deref(), Some("0012"));
        assert_eq!(last_number("ZEL-A"), None);
    }
}
