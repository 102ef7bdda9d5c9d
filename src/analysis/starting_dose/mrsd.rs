//! Maximum recommended starting dose: the human equivalent of a NOAEL over a safety factor `[FDA-MRSD]`.
//!
//! The guidance speaks of healthy volunteers; for anticancer drugs the result is a comparator.

/// Default safety factor of the guidance.
pub const SAFETY_FACTOR: f64 = 10.0;

/// Maximum recommended starting dose.
///
/// ```text
/// MRSD (mg/kg) = HED (mg/kg) / safety factor
/// ```
#[must_use]
pub fn mrsd(hed_mg_kg: f64, safety_factor: f64) -> f64 {
    hed_mg_kg / safety_factor
}

/// The most sensitive species: the smallest human equivalent dose, the first of equal ones; `None` without any.
///
/// Doses that differ by rounding only (a relative 1e-12) are equal.
pub fn most_sensitive<T: Copy>(heds_mg_kg: impl IntoIterator<Item = (T, f64)>) -> Option<(T, f64)> {
    heds_mg_kg.into_iter().fold(None, |smallest, (species, hed)| match smallest {
        Some((_, held)) if hed >= held - 1e-12 * f64::abs(held) => smallest,
        _ => Some((species, hed)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_equivalent_decides_and_the_first_of_equal_ones() {
        assert_eq!(most_sensitive([("rat", 8.0), ("dog", 3.0), ("monkey", 9.0)]), Some(("dog", 3.0)));
        assert_eq!(most_sensitive([("rat", 50.0 * 6.0 / 37.0), ("dog", 15.0 * 20.0 / 37.0)]).unwrap().0, "rat");
        assert_eq!(most_sensitive::<&str>([]), None);
        assert!((mrsd(8.1, SAFETY_FACTOR) - 0.81).abs() < 1e-15);
    }
}
