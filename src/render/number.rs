//! Numbers to digits: the only place where a digit is dropped.
//!
//! Ties are rounded away from zero, as statistical reports do: 6.25 becomes 6.3. A binary fraction that stands for a tie (28.75 computed
//! as 28.749999999999996) counts as the tie, because digits beyond the thirteenth are noise here.

/// Sign of negative numbers, as wide as a digit in most faces.
const MINUS: char = '\u{2212}';
/// Digits of a double that carry meaning after a few operations.
const MEANINGFUL: usize = 13;

/// The number with so many decimals; never a negative zero. What is not a number is `NE`.
#[must_use]
pub fn fixed(value: f64, decimals: usize) -> String {
    let Some((digits, exponent)) = decimal_digits(value.abs()) else {
        return "NE".to_owned();
    };
    let rounded = round(&digits, exponent, decimals);
    let zero = rounded.iter().all(|digit| *digit == 0);
    let whole = rounded.len() - decimals;
    let mut text = String::with_capacity(rounded.len() + 2);
    if value < 0.0 && !zero {
        text.push(MINUS);
    }
    for (place, digit) in rounded.iter().enumerate() {
        if place == whole {
            text.push('.');
        }
        text.push(char::from(b'0' + digit));
    }
    text
}

/// The number with about three significant digits and no digit of the whole part lost: 1263, 126, 12.6, 1.26, 0.126, 1.26 × 10⁻⁵.
#[must_use]
pub fn significant(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if !(1e-4..1e7).contains(&size) => scientific(value),
        size => fixed(value, significant_decimals(size)),
    }
}

/// The decimals that [`significant`] gives a number of this size.
#[must_use]
pub fn significant_decimals(size: f64) -> usize {
    match size.abs() {
        // Just below a power of ten, rounding adds a digit to the whole part: 99.96 is 100, not 100.0.
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        size if size >= 0.9995 => 2,
        size if size >= 0.09995 => 3,
        size if size >= 0.009_995 => 4,
        size if size >= 0.000_999_5 => 5,
        0.0 => 0,
        _ => 6,
    }
}

fn scientific(value: f64) -> String {
    let Some((_, exponent)) = decimal_digits(value.abs()) else {
        return "NE".to_owned();
    };
    let mantissa = fixed(value / 10f64.powi(exponent), 2);
    let raised: String = exponent.to_string().chars().map(superscript).collect();
    format!("{mantissa} × 10{raised}")
}

fn superscript(c: char) -> char {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    c.to_digit(10).and_then(|digit| DIGITS.get(digit as usize).copied()).unwrap_or('⁻')
}

/// The meaningful decimal digits of a number that is not negative, and the power of ten of the first; `None` for what is not finite.
fn decimal_digits(value: f64) -> Option<(Vec<u8>, i32)> {
    if !value.is_finite() {
        return None;
    }
    let text = format!("{value:.*e}", MEANINGFUL - 1);
    let (mantissa, exponent) = text.split_once('e')?;
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    Some((digits, exponent.parse().ok()?))
}

/// Digits of the whole part (at least one) followed by `decimals` digits, rounded half away from zero.
fn round(digits: &[u8], exponent: i32, decimals: usize) -> Vec<u8> {
    let mut kept: Vec<u8> = std::iter::repeat_n(0, usize::try_from(-exponent).unwrap_or(0)).chain(digits.iter().copied()).collect();
    let whole = usize::try_from(exponent).unwrap_or(0) + 1;
    kept.resize(kept.len().max(whole + decimals + 1), 0);
    let up = kept.get(whole + decimals).is_some_and(|digit| *digit >= 5);
    kept.truncate(whole + decimals);
    if up {
        carry(&mut kept);
    }
    kept
}

fn carry(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < 9 {
            *digit += 1;
            return;
        }
        *digit = 0;
    }
    digits.insert(0, 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_rounded_away_from_zero() {
        let cases = [
            (6.25, 1, "6.3"),
            (28.749_999_999_999_996, 1, "28.8"),
            (2.675, 2, "2.68"),
            (0.05, 1, "0.1"),
            (0.049, 1, "0.0"),
            (99.95, 1, "100.0"),
            (9.999, 2, "10.00"),
            (0.5, 0, "1"),
            (1e-9, 1, "0.0"),
            (12.0, 1, "12.0"),
            (123_456.0, 0, "123456"),
            (1.5e13, 0, "15000000000000"),
        ];
        for (value, decimals, expected) in cases {
            assert_eq!(fixed(value, decimals), expected, "{value}");
        }
    }

    #[test]
    fn zero_has_no_sign_and_minus_is_a_minus() {
        assert_eq!(fixed(-0.04, 1), "0.0");
        assert_eq!(fixed(-0.0, 1), "0.0");
        assert_eq!(fixed(-7.94, 1), "\u{2212}7.9");
        assert_eq!(fixed(f64::NAN, 1), "NE");
        assert_eq!(fixed(f64::INFINITY, 1), "NE");
    }

    #[test]
    fn exposures_keep_three_significant_digits() {
        let cases = [
            (1263.4, "1263"),
            (126.34, "126"),
            (99.96, "100"),
            (12.634, "12.6"),
            (1.2634, "1.26"),
            (0.12634, "0.126"),
            (0.012634, "0.0126"),
            (0.000_012_634, "1.26 × 10⁻⁵"),
            (26_340_000.0, "2.63 × 10⁷"),
            (0.0, "0"),
            (-12.634, "\u{2212}12.6"),
        ];
        for (value, expected) in cases {
            assert_eq!(significant(value), expected, "{value}");
        }
    }
}
