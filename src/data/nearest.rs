//! The names nearest to one that does not exist.

/// Up to `count` of the names, the nearest first, that could have been meant.
pub(super) fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>, count: usize) -> Vec<&'a str> {
    let plain = |name: &str| name.to_lowercase();
    let wanted = plain(written);
    let mut scored: Vec<(f64, &str)> = names.into_iter().map(|name| (strsim::jaro_winkler(&wanted, &plain(name)), name)).collect();
    scored.retain(|(score, _)| *score > 0.6);
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.into_iter().take(count).map(|(_, name)| name).collect()
}

/// A hint that names the nearest names, or the first of all where none is near.
pub(super) fn hint(written: &str, what: &str, names: &[&str]) -> String {
    let quoted = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let near = nearest(written, names.iter().copied(), 3);
    if names.is_empty() {
        return format!("there are no {what}");
    }
    if near.is_empty() {
        let more = if names.len() > 12 { format!(" and {} more", names.len() - 12) } else { String::new() };
        return format!("the {what} are {}{more}", quoted(names.get(..12).unwrap_or(names)));
    }
    format!("the nearest {what}: {}", quoted(&near))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_come_first() {
        let arms = ["Zeltorafib 120 mg QD", "Zeltorafib 240 mg QD", "Docetaxel"];
        assert_eq!(nearest("Zeltorafib 120mg QD", arms, 1), ["Zeltorafib 120 mg QD"]);
        assert_eq!(hint("TRT01", "columns", &["TRT01P", "AGE"]), "the nearest columns: `TRT01P`");
        assert_eq!(hint("zzz", "columns", &["AB"]), "the columns are `AB`");
    }
}
