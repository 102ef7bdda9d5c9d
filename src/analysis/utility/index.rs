//! The clinical utility index of a set of dosages: from the worth of each attribute to one number.

use thiserror::Error;

/// Why there is no index.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum IndexError {
    /// No attribute.
    #[error("a utility index needs at least one attribute")]
    NoAttributes,
    /// Values and weights differ in number.
    #[error("{values} values but {weights} weights")]
    Lengths {
        /// Values.
        values: usize,
        /// Weights.
        weights: usize,
    },
    /// A weight that is negative or not finite, or weights that are all zero.
    #[error("weights must be numbers from 0 on, not all of them 0")]
    Weights,
}

/// Weights scaled to a sum of one.
///
/// # Errors
/// [`IndexError::NoAttributes`] and [`IndexError::Weights`].
pub fn scaled_weights(written: &[f64]) -> Result<Vec<f64>, IndexError> {
    if written.is_empty() {
        return Err(IndexError::NoAttributes);
    }
    let total: f64 = written.iter().sum();
    if written.iter().any(|weight| !(*weight >= 0.0 && weight.is_finite())) || total <= 0.0 || !total.is_finite() {
        return Err(IndexError::Weights);
    }
    Ok(written.iter().map(|weight| weight / total).collect())
}

/// How the worths of the attributes become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregation {
    /// Weighted sum: a loss on one attribute is made good by a gain on another.
    Additive,
    /// Weighted product: an attribute worth nothing makes the whole worth nothing.
    Geometric,
    /// The least of the attributes, whatever the weights.
    Minimum,
}

impl Aggregation {
    /// The index of one dosage.
    ///
    /// ```text
    /// additive    sum_k w_k v_k
    /// geometric   product_k v_k^w_k,   0 where any v_k with a weight is 0
    /// minimum     min_k v_k over the attributes with a weight
    /// ```
    ///
    /// v: worth of each attribute, 0 to 1; w: weights with a sum of one ([`scaled_weights`]).
    ///
    /// # Errors
    /// [`IndexError`] where values and weights do not belong together.
    pub fn index(self, values: &[f64], weights: &[f64]) -> Result<f64, IndexError> {
        if values.len() != weights.len() {
            return Err(IndexError::Lengths { values: values.len(), weights: weights.len() });
        }
        if values.is_empty() {
            return Err(IndexError::NoAttributes);
        }
        let counted = || values.iter().zip(weights).filter(|(_, weight)| **weight > 0.0);
        Ok(match self {
            Self::Additive => counted().map(|(value, weight)| value * weight).sum(),
            Self::Geometric if counted().any(|(value, _)| *value <= 0.0) => 0.0,
            Self::Geometric => counted().map(|(value, weight)| weight * value.ln()).sum::<f64>().exp(),
            Self::Minimum => counted().map(|(value, _)| *value).fold(f64::INFINITY, f64::min),
        })
    }
}

/// Position of the highest index; the first of equal ones, none where every index is zero and nothing tells the dosages apart.
#[must_use]
pub fn best(indices: &[f64]) -> Option<usize> {
    let highest = indices.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // Sums in another order differ in the last places; such dosages are equal.
    let place = indices.iter().position(|index| *index >= highest - 1e-12);
    place.filter(|_| highest > 0.0)
}

/// The weight of one attribute at which the preference between two dosages turns, the other weights keeping their proportions.
///
/// ```text
/// D(t) = t d_k + (1 - t) e,   e = sum over the other attributes of w_j d_j / sum of their w_j,   D(t) = 0 at t = e / (e - d_k)
/// ```
///
/// d: worth under the first dosage minus worth under the second. `None` where the preference is the same at every weight from 0 to 1, and where the
/// attribute is the only one with a weight.
#[must_use]
pub fn flip_weight(first: &[f64], second: &[f64], weights: &[f64], attribute: usize) -> Option<f64> {
    let difference = |place: usize| Some(first.get(place)? - second.get(place)?);
    let own = difference(attribute)?;
    let others = (0..weights.len()).filter(|place| *place != attribute);
    let (mut sum, mut total) = (0.0, 0.0);
    for place in others {
        let weight = weights.get(place)?;
        sum += weight * difference(place)?;
        total += weight;
    }
    if total <= 0.0 {
        return None;
    }
    let rest = sum / total;
    (own * rest < 0.0).then(|| rest / (rest - own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worthless_attribute_counts_by_its_weight_or_for_all() {
        let (values, weights) = ([0.0, 0.8], scaled_weights(&[1.0, 3.0]).unwrap());
        let index = |how: Aggregation| how.index(&values, &weights).unwrap();
        assert!((index(Aggregation::Additive) - 0.6).abs() < 1e-15);
        assert!(index(Aggregation::Geometric).abs() < 1e-15 && index(Aggregation::Minimum).abs() < 1e-15);
        let unweighted = Aggregation::Geometric.index(&values, &[0.0, 1.0]).unwrap();
        assert!((unweighted - 0.8).abs() < 1e-15, "an attribute without weight does not count");
        assert_eq!(scaled_weights(&[0.0, 0.0]), Err(IndexError::Weights));
        assert_eq!(scaled_weights(&[-1.0, 2.0]), Err(IndexError::Weights));
        assert_eq!(best(&[0.0, 0.0]), None);
        assert_eq!(best(&[0.3, 0.3]), Some(0));
    }

    #[test]
    fn the_published_flip_weights_are_found() {
        // Rates of response and harm at the higher and the lower dose, linear values from 0 to 1.
        let cases = [
            ("sotorasib", (34.0 / 104.0, 37.0 / 104.0), (26.0 / 105.0, 20.0 / 104.0), Some(0.673)),
            ("lenvatinib", (43.0 / 75.0, 46.0 / 75.0), (31.0 / 77.0, 44.0 / 77.0), Some(0.197)),
            ("ponatinib 45 and 15 mg", (41.0 / 93.0, 9.0 / 94.0), (21.0 / 91.0, 3.0 / 94.0), Some(0.233)),
            ("better both ways", (0.5, 0.1), (0.4, 0.2), None),
        ];
        for (name, high, low, want) in cases {
            let values = |(benefit, harm): (f64, f64)| [benefit, 1.0 - harm];
            let found = flip_weight(&values(high), &values(low), &[0.5, 0.5], 0);
            assert!(found.is_none() == want.is_none() && (found.unwrap_or(0.0) - want.unwrap_or(0.0)).abs() < 0.0006, "{name}: {found:?}");
        }
    }
}
