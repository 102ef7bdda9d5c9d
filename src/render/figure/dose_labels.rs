//! Labels of doses in little room: without the unit where all doses have the same.

/// What follows the number in every label, where all labels are a number and the same words after it: `mg` of `10 mg` and `30 mg`.
pub(super) fn common_unit<'a>(labels: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut labels = labels.into_iter();
    let unit = unit_of(labels.next()?)?;
    labels.all(|label| unit_of(label) == Some(unit)).then(|| unit.to_owned())
}

/// A label without what follows its number.
pub(super) fn without_unit(label: &str) -> &str {
    label.split_once(' ').map_or(label, |(value, _)| value)
}

fn unit_of(label: &str) -> Option<&str> {
    let (value, unit) = label.split_once(' ')?;
    value.parse::<f64>().is_ok_and(f64::is_finite).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_that_all_doses_share_can_be_left_out() {
        assert_eq!(common_unit(["10 mg", "2.5 mg", "30 mg"]).as_deref(), Some("mg"));
        assert_eq!(common_unit(["10 mg QD", "30 mg BID"]), None);
        assert_eq!(common_unit(["Dose 1", "Dose 2"]), None);
        assert_eq!(common_unit(["10 mg", "20"]), None);
        assert_eq!(common_unit([]), None);
        assert_eq!((without_unit("2.5 mg QD"), without_unit("A")), ("2.5", "A"));
    }
}
