//! Which dosage is best as the weights run over every possible set.

/// What the uniform distribution over all sets of weights says of each dosage.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightSensitivity {
    /// Share of the sets of weights at which each dosage has the highest index; exact for two and three attributes, else `None`. Dosages that tie
    /// everywhere share one region, which each of them is given whole.
    pub share_best: Option<Vec<f64>>,
    /// With two attributes, the weights of the first at which each dosage is best; `None` where it never is.
    pub intervals: Option<Vec<Option<(f64, f64)>>>,
    /// Mean of the index over all sets of weights: the plain mean of the worths.
    pub means: Vec<f64>,
    /// Standard deviation of the index over all sets of weights.
    pub standard_deviations: Vec<f64>,
}

/// Sensitivity of the additive index to the weights, each set of weights as likely as any other.
///
/// ```text
/// w uniform on the simplex, Dirichlet(1, ..., 1), K attributes
/// E[w'v] = sum v / K,   Var[w'v] = (sum v^2 - (sum v)^2 / K) / (K (K + 1))
/// ```
///
/// The region of weights at which a dosage is best is cut by straight lines; with two attributes it is an interval, with three a polygon whose area is
/// taken over that of the simplex.
///
/// `values`: worth of each attribute, a row per dosage.
#[must_use]
pub fn over_all_weights(values: &[Vec<f64>]) -> WeightSensitivity {
    let attributes = values.first().map_or(0, Vec::len);
    let count = attributes as f64;
    let sum = |row: &Vec<f64>| row.iter().sum::<f64>();
    let spread = |row: &Vec<f64>| {
        let squares: f64 = row.iter().map(|value| value * value).sum();
        ((squares - sum(row) * sum(row) / count) / (count * (count + 1.0))).max(0.0).sqrt()
    };
    let intervals: Option<Vec<Option<(f64, f64)>>> =
        (attributes == 2).then(|| (0..values.len()).map(|place| interval(values, place)).collect());
    let share_best = match attributes {
        2 => intervals.as_ref().map(|intervals| intervals.iter().map(|of| of.map_or(0.0, |(from, to)| to - from)).collect()),
        3 => Some((0..values.len()).map(|place| share_of_triangle(values, place)).collect()),
        _ => None,
    };
    WeightSensitivity {
        share_best,
        intervals,
        means: values.iter().map(|row| sum(row) / count).collect(),
        standard_deviations: values.iter().map(spread).collect(),
    }
}

/// Differences to the other dosages, attribute by attribute.
fn differences(values: &[Vec<f64>], place: usize) -> Vec<Vec<f64>> {
    let Some(own) = values.get(place) else { return Vec::new() };
    let others = values.iter().enumerate().filter(|(other, _)| *other != place);
    others.map(|(_, row)| own.iter().zip(row).map(|(own, other)| own - other).collect()).collect()
}

fn interval(values: &[Vec<f64>], place: usize) -> Option<(f64, f64)> {
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    for difference in differences(values, place) {
        let [first, second] = difference.as_slice() else { return None };
        // w first + (1 - w) second >= 0
        let slope = first - second;
        if slope > 0.0 {
            from = from.max(-second / slope);
        } else if slope < 0.0 {
            to = to.min(-second / slope);
        } else if *second < 0.0 {
            return None;
        }
    }
    (from <= to).then_some((from, to))
}

/// Area of the weights at which a dosage is best, as a share of the triangle `w1, w2 >= 0, w1 + w2 <= 1`.
fn share_of_triangle(values: &[Vec<f64>], place: usize) -> f64 {
    let mut polygon = vec![(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)];
    for difference in differences(values, place) {
        let [first, second, third] = difference.as_slice() else { return 0.0 };
        let height = |(w1, w2): (f64, f64)| w1 * first + w2 * second + (1.0 - w1 - w2) * third;
        polygon = cut(&polygon, height);
    }
    let turned = polygon.iter().skip(1).chain(polygon.first());
    let doubled: f64 = polygon.iter().zip(turned).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum();
    doubled.abs()
}

/// The part of a convex polygon where a linear function is not negative.
fn cut(polygon: &[(f64, f64)], height: impl Fn((f64, f64)) -> f64) -> Vec<(f64, f64)> {
    let mut kept = Vec::with_capacity(polygon.len() + 1);
    for (here, next) in polygon.iter().zip(polygon.iter().skip(1).chain(polygon.first())) {
        let (at_here, at_next) = (height(*here), height(*next));
        if at_here >= 0.0 {
            kept.push(*here);
        }
        if at_here * at_next < 0.0 {
            let share = at_here / (at_here - at_next);
            kept.push((here.0 + share * (next.0 - here.0), here.1 + share * (next.1 - here.1)));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_fill_the_simplex() {
        let two = vec![vec![0.2, 0.9], vec![0.6, 0.7], vec![0.7, 0.3]];
        let three = vec![vec![0.2, 0.9, 0.5], vec![0.6, 0.7, 0.5], vec![0.7, 0.3, 0.8], vec![0.1, 0.1, 0.1]];
        for values in [two, three] {
            let shares = over_all_weights(&values).share_best.unwrap();
            assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{shares:?}");
        }
        assert_eq!(over_all_weights(&[vec![0.1; 4], vec![0.2; 4]]).share_best, None);
        let dominated = over_all_weights(&[vec![0.1, 0.1], vec![0.2, 0.2]]);
        assert_eq!(dominated.intervals, Some(vec![None, Some((0.0, 1.0))]));
        assert!(dominated.standard_deviations[0].abs() < 1e-12);
    }
}
