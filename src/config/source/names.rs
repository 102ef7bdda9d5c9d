//! The nearest allowed name.

/// The allowed name that was most likely meant, if any is near.
pub(crate) fn nearest<'a>(written: &str, allowed: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |name: &str| name.to_lowercase().replace(['-', ' '], "_");
    let wanted = plain(written);
    let furthest = (wanted.chars().count() / 3).max(1);
    let scored = allowed.into_iter().map(|name| {
        // A name that was cut short is nearer than its missing letters say.
        let cut_short = wanted.chars().count() >= 3 && plain(name).starts_with(&wanted);
        (if cut_short { 1 } else { strsim::damerau_levenshtein(&wanted, &plain(name)) }, name)
    });
    let best = scored.min_by_key(|(distance, name)| (*distance, *name))?;
    (best.0 <= furthest).then_some(best.1)
}

/// A hint that names the nearest allowed name, or every one.
pub(crate) fn hint(written: &str, allowed: &[&str]) -> String {
    match nearest(written, allowed.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None if allowed.is_empty() => "nothing can be named here".to_owned(),
        None => format!("one of {}", allowed.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_far_ones_are_not() {
        assert_eq!(nearest("titel", ["title", "document", "date"]), Some("title"));
        assert_eq!(nearest("small_molecule", ["other", "small_molecule_targeted"]), Some("small_molecule_targeted"));
        assert_eq!(nearest("Health-Canada", ["fda", "health_canada"]), Some("health_canada"));
        assert_eq!(nearest("colour", ["fda", "ema"]), None);
        assert_eq!(hint("zzz", &["fda", "ema"]), "one of `fda`, `ema`");
    }
}
