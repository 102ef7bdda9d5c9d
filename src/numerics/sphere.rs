//! Directions spread evenly over a sphere, for integrals over it.

/// Generating vector of a rank-one lattice that serves every power of two up to 2^20 `[CoolsKuoNuyens2006]`.
const GENERATOR: [u64; 10] = [1, 182_667, 469_891, 498_753, 110_745, 446_247, 250_185, 118_627, 245_333, 283_199];

/// Newton steps for the coordinate that is left over in an odd number of dimensions.
const NEWTON_STEPS: usize = 40;

/// Evenly spread directions: shifted copies of one lattice, of which the spread between the copies tells the error of an integral.
///
/// A direction in an even number of dimensions is made of pairs: the squared lengths of the pairs are uniform on a simplex and each
/// pair has a uniform angle, which takes one coordinate less than there are dimensions and no inverse of the normal distribution. In
/// an odd number of dimensions the coordinate left over is drawn first. The shifts are fixed: the same on every run.
#[derive(Debug, Clone, Copy)]
pub(super) struct SphereLattice {
    dimension: usize,
    points: u32,
}

impl SphereLattice {
    /// Lattice of `2^log2_points` directions per copy in `dimension` dimensions.
    pub(super) fn new(dimension: usize, log2_points: u32) -> Self {
        Self { dimension, points: 1 << log2_points }
    }

    /// Calls `visit` with every direction of one copy.
    pub(super) fn visit(self, copy: u32, mut visit: impl FnMut(&[f64])) {
        let coordinates = self.dimension.max(2) - 1;
        let shifts: Vec<f64> = (0..coordinates).map(|coordinate| shift(copy, coordinate)).collect();
        let generator: Vec<u64> = (0..coordinates).map(|coordinate| generator(coordinate) % u64::from(self.points)).collect();
        let (mut direction, mut uniforms) = (vec![0.0; self.dimension], vec![0.0; coordinates]);
        for point in 0..self.points {
            for ((uniform, generator), shift) in uniforms.iter_mut().zip(&generator).zip(&shifts) {
                let lattice = (u64::from(point) * generator) % u64::from(self.points);
                *uniform = (lattice as f64 / f64::from(self.points) + shift).fract();
            }
            spread(&mut direction, &uniforms);
            visit(&direction);
        }
    }
}

/// The direction that belongs to uniform coordinates, one less than there are dimensions.
fn spread(direction: &mut [f64], uniforms: &[f64]) {
    let odd = direction.len() % 2;
    let pairs = direction.len() / 2;
    let mut left = 1.0;
    if odd == 1 {
        let first = uniforms.first().map_or(0.0, |uniform| odd_coordinate(fold(*uniform), pairs));
        left = (1.0 - first * first).max(0.0);
        direction[0] = first;
    }
    let (squares, angles) = uniforms[odd * usize::from(pairs > 0)..].split_at(pairs.saturating_sub(1));
    for pair in 0..pairs {
        let square = match squares.get(pair) {
            None => left,
            Some(uniform) if pairs - pair == 2 => left * fold(*uniform),
            Some(uniform) => left * (1.0 - fold(*uniform).powf(1.0 / (pairs - pair - 1) as f64)),
        };
        left = (left - square).max(0.0);
        let (sine, cosine) = (2.0 * std::f64::consts::PI * angles[pair]).sin_cos();
        direction[odd + 2 * pair] = square.sqrt() * cosine;
        direction[odd + 2 * pair + 1] = square.sqrt() * sine;
    }
}

/// Folding makes a coordinate periodic, which a lattice rewards.
fn fold(uniform: f64) -> f64 {
    1.0 - (2.0 * uniform - 1.0).abs()
}

/// Coordinate of a uniform direction in `2 pairs + 1` dimensions whose distribution function has the value `p`.
///
/// ```text
/// density ~ (1 - z^2)^(m),  m = pairs - 1;   I_m(z) = z (1 - z^2)^m / (2m + 1) + 2m / (2m + 1) I_(m-1)(z),  I_0 = z
/// ```
fn odd_coordinate(p: f64, pairs: usize) -> f64 {
    if pairs == 0 {
        return if p < 0.5 { -1.0 } else { 1.0 };
    }
    let (mut below, mut above) = (-1.0, 1.0);
    let mut z = 2.0 * p - 1.0;
    if pairs == 1 {
        return z;
    }
    for _ in 0..NEWTON_STEPS {
        let rest = 1.0 - z * z;
        let (mut integral, mut whole, mut power) = (z, 1.0, 1.0);
        for m in 1..pairs {
            let m = m as f64;
            power *= rest;
            integral = (z * power + 2.0 * m * integral) / (2.0 * m + 1.0);
            whole *= 2.0 * m / (2.0 * m + 1.0);
        }
        let excess = 0.5 * (1.0 + integral / whole) - p;
        if excess > 0.0 {
            above = z
        } else {
            below = z
        }
        let newton = z - excess * 2.0 * whole / power;
        let next = if newton > below && newton < above { newton } else { 0.5 * (below + above) };
        let done = (next - z).abs() < 1e-15;
        z = next;
        if done {
            break;
        }
    }
    z
}

/// Entry of the generating vector; beyond the published ones, products of odd numbers go on.
fn generator(coordinate: usize) -> u64 {
    let beyond = (coordinate + 1).saturating_sub(GENERATOR.len());
    let base = GENERATOR[coordinate.min(GENERATOR.len() - 1)];
    (0..beyond).fold(base, |product, _| (product * GENERATOR[1]) % (1 << 20))
}

/// A number in [0, 1) that looks random but is the same on every run: multiples of an irrational number would leave the copies alike.
fn shift(copy: u32, coordinate: usize) -> f64 {
    // One step of the SplitMix64 sequence for each pair.
    let mut bits = (u64::from(copy) << 32 | coordinate as u64).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Second and fourth moments of a coordinate of a uniform direction are `1/r` and `3/(r(r+2))`.
    #[test]
    fn moments_are_those_of_a_uniform_direction() {
        for dimension in 1..=12 {
            let lattice = SphereLattice::new(dimension, 13);
            let (mut second, mut fourth, mut cross) = (vec![0.0; dimension], 0.0, 0.0);
            lattice.visit(3, |direction| {
                for (sum, value) in second.iter_mut().zip(direction) {
                    *sum += value * value / 8192.0;
                }
                fourth += direction[0].powi(4) / 8192.0;
                cross += direction[0] * direction[dimension - 1] / 8192.0;
            });
            let r = dimension as f64;
            assert!(second.iter().all(|value| (value - 1.0 / r).abs() < 0.03 / r), "{dimension}: {second:?}");
            assert!((fourth - 3.0 / (r * (r + 2.0))).abs() < 0.02 / (r * r), "{dimension}: {fourth}");
            assert!(dimension == 1 || cross.abs() < 0.01 / r, "{dimension}: {cross}");
        }
    }
}
