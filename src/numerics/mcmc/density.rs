//! A density to draw from.

/// A density of a point with real coordinates, known up to a constant, with the gradient of its logarithm.
pub trait LogDensity: Sync {
    /// Number of coordinates.
    fn dimension(&self) -> usize;

    /// Logarithm of the density at `point`, up to a constant; its derivatives are written into `gradient`, which has as many places.
    ///
    /// Where the density is zero the value is negative infinity, and the gradient does not matter.
    fn evaluate(&self, point: &[f64], gradient: &mut [f64]) -> f64;
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Largest distance of the gradient from central differences, relative to its size.
    pub(crate) fn gradient_fault(density: &impl LogDensity, point: &[f64]) -> f64 {
        let dimension = density.dimension();
        let (mut gradient, mut unused) = (vec![0.0; dimension], vec![0.0; dimension]);
        density.evaluate(point, &mut gradient);
        let mut worst: f64 = 0.0;
        for coordinate in 0..dimension {
            let step = 1e-5 * point[coordinate].abs().max(1.0);
            let mut at = |shift: f64| {
                let mut moved = point.to_vec();
                moved[coordinate] += shift;
                density.evaluate(&moved, &mut unused)
            };
            // Richardson's extrapolation leaves an error of the fourth order.
            let (near, far) = ((at(step) - at(-step)) / (2.0 * step), (at(2.0 * step) - at(-2.0 * step)) / (4.0 * step));
            let slope = (4.0 * near - far) / 3.0;
            worst = worst.max((slope - gradient[coordinate]).abs() / gradient[coordinate].abs().max(1.0));
        }
        worst
    }
}
