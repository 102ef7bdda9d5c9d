//! Texts that mean the same however they are spelled.

/// A text in upper case with hyphens, underscores and runs of blanks as one space: `Possibly-Related ` becomes `POSSIBLY RELATED`.
pub(crate) fn normalised(text: &str) -> String {
    let spaced: String =
        text.chars().map(|letter| if matches!(letter, '-' | '_' | '\u{2010}' | '\u{2011}') { ' ' } else { letter }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase()
}

/// Whether a flag is set: `Y`, `YES`, `TRUE` or `1`. Every other text is no.
pub(crate) fn is_yes(flag: &str) -> bool {
    matches!(normalised(flag).as_str(), "Y" | "YES" | "TRUE" | "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_blanks_and_hyphens_do_not_matter() {
        assert_eq!(normalised(" Drug-X  120 mg"), "DRUG X 120 MG");
        assert_ne!(normalised("Drug 120mg"), normalised("Drug 120 mg"));
    }

    #[test]
    fn only_a_few_words_are_yes() {
        assert!(["Y", "yes", "TRUE", "1"].into_iter().all(is_yes));
        assert!(!["N", "0", "", "U", "FALSE"].into_iter().any(is_yes));
    }
}
