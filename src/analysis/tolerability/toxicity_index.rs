//! One number for all grades of a subject.

/// Toxicity index of the grades of one subject `[Rogatko2004]`.
///
/// ```text
/// TI = sum_i x_(i) / prod_(j<i) (1 + x_(j)),   x_(1) >= x_(2) >= ...
/// ```
///
/// x: grades. It lies between the highest grade and the next whole number: the other events add what is above the highest grade. 0 without an
/// event; the order of the grades does not matter.
#[must_use]
pub fn toxicity_index(grades: &[u8]) -> f64 {
    let mut ordered = grades.to_vec();
    ordered.sort_unstable_by(|a, b| b.cmp(a));
    let (mut index, mut divisor) = (0.0, 1.0);
    for grade in ordered {
        index += f64::from(grade) / divisor;
        divisor *= 1.0 + f64::from(grade);
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lies_between_the_highest_grade_and_the_next() {
        for grades in [vec![3, 2, 1], vec![1; 40], vec![4], vec![2, 3, 2], vec![5, 5, 5, 5]] {
            let top = f64::from(*grades.iter().max().unwrap());
            let index = toxicity_index(&grades);
            assert!((top..=top + 1.0).contains(&index), "{grades:?} {index}");
            let mut turned = grades.clone();
            turned.reverse();
            assert!((toxicity_index(&turned) - index).abs() < 1e-15);
        }
        assert!(toxicity_index(&[]).abs() < 1e-15);
    }
}
