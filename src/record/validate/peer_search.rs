//! Searches for a minimum as R makes them with its customary, loose tolerances.
//!
//! Some reference values are what such a search printed, not what it was looking for; they are recognised by repeating it.

/// Golden section.
const GOLDEN: f64 = 0.381_966_011_250_105_1;

/// Function evaluations after which the simplex search stops.
const MOST_EVALUATIONS: usize = 500;

/// Minimum of a function between two ends by golden section and parabolas, as `optimize` with its default tolerance `eps^(1/4)`.
///
/// Source: `[Brent1973]`, chapter 5.
pub(super) fn golden_parabola(f: impl Fn(f64) -> f64, lower: f64, upper: f64) -> f64 {
    let (mut a, mut b) = (lower, upper);
    let mut x = a + GOLDEN * (b - a);
    let (mut w, mut v) = (x, x);
    let mut fx = f(x);
    let (mut fw, mut fv) = (fx, fx);
    let (mut step, mut before) = (0.0_f64, 0.0_f64);
    loop {
        let middle = 0.5 * (a + b);
        let least = f64::EPSILON.sqrt() * x.abs() + f64::EPSILON.powf(0.25) / 3.0;
        if (x - middle).abs() <= 2.0 * least - 0.5 * (b - a) {
            return x;
        }
        let (mut p, mut q, mut r) = (0.0, 0.0, 0.0);
        if before.abs() > least {
            r = (x - w) * (fx - fv);
            q = (x - v) * (fx - fw);
            p = (x - v) * q - (x - w) * r;
            q = 2.0 * (q - r);
            if q > 0.0 {
                p = -p;
            } else {
                q = -q;
            }
            r = before;
            before = step;
        }
        if p.abs() >= (0.5 * q * r).abs() || p <= q * (a - x) || p >= q * (b - x) {
            before = if x < middle { b - x } else { a - x };
            step = GOLDEN * before;
        } else {
            step = p / q;
            let u = x + step;
            if u - a < 2.0 * least || b - u < 2.0 * least {
                step = if x >= middle { -least } else { least };
            }
        }
        let u = if step.abs() >= least { x + step } else { x + least.copysign(step) };
        let fu = f(u);
        if fu <= fx {
            if u < x {
                b = x;
            } else {
                a = x;
            }
            (v, w, x) = (w, x, u);
            (fv, fw, fx) = (fw, fx, fu);
        } else {
            if u < x {
                a = u;
            } else {
                b = u;
            }
            let (at_w, at_v) = (w.to_bits() == x.to_bits(), v.to_bits() == x.to_bits() || v.to_bits() == w.to_bits());
            if fu <= fw || at_w {
                (v, fv) = (w, fw);
                (w, fw) = (u, fu);
            } else if fu <= fv || at_v {
                (v, fv) = (u, fu);
            }
        }
    }
}

/// Minimum of a function of two variables by the simplex method, as `optim` with its defaults (reflection 1, contraction 1/2, expansion 2, relative
/// tolerance `eps^(1/2)`).
///
/// Source: `[NelderMead1965]`.
pub(super) fn simplex(f: impl Fn([f64; 2]) -> f64, start: [f64; 2]) -> [f64; 2] {
    let at_start = f(start);
    let tolerance = f64::EPSILON.sqrt() * (at_start.abs() + f64::EPSILON.sqrt());
    let step = start.iter().fold(0.0_f64, |step, value| step.max(0.1 * value.abs()));
    let step = if step > 0.0 { step } else { 0.1 };
    let corner = |point: [f64; 2]| (point, f(point));
    let mut corners = [(start, at_start), corner([start[0] + step, start[1]]), corner([start[0], start[1] + step])];
    let mut evaluations = 3;
    let mut size = 2.0 * step;
    loop {
        let extreme = |worse: fn(f64, f64) -> bool, first: usize| {
            (0..3).fold(first, |best, position| if worse(corners[position].1, corners[best].1) { position } else { best })
        };
        let low = extreme(|a, b| a < b, 0);
        let high = extreme(|a, b| a > b, low);
        if corners[high].1 <= corners[low].1 + tolerance || evaluations > MOST_EVALUATIONS {
            return corners[low].0;
        }
        let others: Vec<[f64; 2]> = (0..3).filter(|position| *position != high).map(|position| corners[position].0).collect();
        let centre = [0, 1].map(|axis| others.iter().map(|other| other[axis]).sum::<f64>() / 2.0);
        let along = |from: [f64; 2], factor: f64| [0, 1].map(|axis| factor * from[axis] + (1.0 - factor) * centre[axis]);
        let reflected = corner(along(corners[high].0, -1.0));
        evaluations += 1;
        if reflected.1 < corners[low].1 {
            let expanded = corner(along(reflected.0, 2.0));
            evaluations += 1;
            corners[high] = if expanded.1 < reflected.1 { expanded } else { reflected };
            continue;
        }
        let better = reflected.1 < corners[high].1;
        if better {
            corners[high] = reflected;
        }
        let contracted = corner(along(corners[high].0, 0.5));
        evaluations += 1;
        if contracted.1 < corners[high].1 {
            corners[high] = contracted;
        } else if !better {
            let lowest = corners[low].0;
            let mut smaller = 0.0;
            for position in (0..3).filter(|position| *position != low) {
                let point = [0, 1].map(|axis| 0.5 * (corners[position].0[axis] - lowest[axis]) + lowest[axis]);
                smaller += (0..2).map(|axis| (point[axis] - lowest[axis]).abs()).sum::<f64>();
                corners[position] = corner(point);
                evaluations += 1;
            }
            if smaller >= size {
                return corners[low].0;
            }
            size = smaller;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minima_are_found_to_the_loose_tolerance() {
        let x = golden_parabola(|x| (x - 1.3).powi(2) + 0.1 * x.cos(), 0.0, 4.0);
        // 2 (x - 1.3) = 0.1 sin x
        assert!((2.0 * (x - 1.3) - 0.1 * x.sin()).abs() < 1e-3, "{x}");
        let [x, y] = simplex(|[x, y]| (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2), [-1.2, 1.0]);
        // What R prints for this start: 1.000260, 1.000506.
        assert!((x - 1.000_260).abs() < 1e-6 && (y - 1.000_506).abs() < 1e-6, "{x} {y}");
    }
}
