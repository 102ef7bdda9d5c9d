//! From mg/L to the units of the data.

use super::super::unit::{amount_in_base, litres};

/// What a concentration in mg/L is multiplied by to be in a unit such as `ng/mL` or `nmol/L`; `None` for a unit that is not understood, and for
/// a molar one without a molar mass in g/mol.
#[must_use]
pub fn concentration_factor(unit: &str, molar_mass: Option<f64>) -> Option<f64> {
    let plain = unit.trim().replace(['(', ')'], "");
    let (amount, volume) = match plain.split_once('/') {
        Some((amount, volume)) => (amount_in_base(amount)?, litres(volume)?),
        None => (amount_in_base(&format!("{}mol", plain.strip_suffix('M')?))?, 1.0),
    };
    let (base, molar) = amount;
    // One mg/L is 1e-3 g/L.
    let grams = 1e-3 / base * volume;
    if molar { molar_mass.map(|mass| grams / mass) } else { Some(grams) }
}

/// What an area in mg·h/L is multiplied by to be in a unit such as `ng*h/mL` or `day*ug/mL`.
#[must_use]
pub fn area_factor(unit: &str, molar_mass: Option<f64>) -> Option<f64> {
    let plain = unit.trim().replace(['(', ')'], "").replace(['·', '⋅', '.', '×'], "*");
    let (numerator, denominator) = plain.split_once('/').unwrap_or((plain.as_str(), ""));
    let (above, time) = without_time(numerator);
    let (below, later) = without_time(denominator);
    let hours = time.or(later)?;
    let concentration = if below.is_empty() { above } else { format!("{above}/{below}") };
    Some(concentration_factor(&concentration, molar_mass)? / hours)
}

/// The product without the factor that is a time, and that time in hours.
fn without_time(product: &str) -> (String, Option<f64>) {
    let hours = |word: &str| match word.trim().to_lowercase().as_str() {
        "h" | "hr" | "hour" | "hours" => Some(1.0),
        "d" | "day" | "days" => Some(24.0),
        "min" => Some(1.0 / 60.0),
        _ => None,
    };
    let words: Vec<&str> = product.split(['*', ' ']).filter(|word| !word.is_empty()).collect();
    let time = words.iter().find_map(|word| hours(word));
    let rest: Vec<&str> = words.into_iter().filter(|word| hours(word).is_none()).collect();
    (rest.join(" "), time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_multiples_of_milligrams_per_litre() {
        let close = |got: Option<f64>, want: f64| (got.unwrap() / want - 1.0).abs() < 1e-12;
        assert!(close(concentration_factor("ng/mL", None), 1000.0) && close(concentration_factor("ug/mL", None), 1.0));
        assert!(close(concentration_factor("µg/L", None), 1000.0) && close(concentration_factor("g/L", None), 1e-3));
        assert!(close(concentration_factor("nM", Some(500.0)), 2000.0) && close(concentration_factor("nmol/L", Some(500.0)), 2000.0));
        assert_eq!(
            (concentration_factor("nmol/L", None), concentration_factor("IU/mL", None), concentration_factor("%", None)),
            (None, None, None)
        );
        for unit in ["ng*h/mL", "h*ng/mL", "(ng/mL)*h", "ng·h/mL", "hr*ng/mL", "h.ng/mL"] {
            assert!(close(area_factor(unit, None), 1000.0), "{unit}");
        }
        assert!(close(area_factor("day*ug/mL", None), 1.0 / 24.0));
        assert_eq!((area_factor("ng/mL", None), area_factor("h", None)), (None, None));
    }
}
