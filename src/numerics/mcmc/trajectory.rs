//! One step of the No-U-Turn sampler: a trajectory that doubles until it turns back, and a point drawn from it.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::density::LogDensity;

/// Rise of the energy above which the trajectory has left the true one.
const DIVERGENCE: f64 = 1000.0;

/// A point with the density there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Place {
    pub(super) position: Vec<f64>,
    pub(super) gradient: Vec<f64>,
    pub(super) log_density: f64,
}

impl Place {
    pub(super) fn new(density: &impl LogDensity, position: &[f64]) -> Self {
        let mut gradient = vec![0.0; position.len()];
        let log_density = density.evaluate(position, &mut gradient);
        Self { position: position.to_vec(), gradient, log_density }
    }

    /// Whether a trajectory can begin here.
    pub(super) fn is_usable(&self) -> bool {
        self.log_density.is_finite() && self.gradient.iter().all(|slope| slope.is_finite())
    }
}

/// An end of the trajectory.
struct End {
    place: Place,
    momentum: Vec<f64>,
}

/// A stretch of the trajectory with a point drawn from it in proportion to the density.
struct Stretch {
    /// Momentum where it begins, beside the stretch before it.
    first: Vec<f64>,
    /// Momentum where it ends.
    last: Vec<f64>,
    /// Sum of the momenta.
    sum: Vec<f64>,
    /// Logarithm of the summed weights `exp(H_0 - H)`.
    log_weight: f64,
    drawn: Place,
}

/// What a step of the sampler did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    /// Mean acceptance over the points of the trajectory.
    pub(super) acceptance: f64,
    /// Points of the trajectory.
    pub(super) points: usize,
    /// Whether the energy rose out of bounds.
    pub(super) diverged: bool,
    /// Whether the trajectory was cut at its largest length.
    pub(super) saturated: bool,
}

/// Moves points along trajectories of one density.
pub(super) struct Mover<'a, D> {
    density: &'a D,
    pub(super) random: ChaCha8Rng,
    pub(super) step: f64,
    /// Variance of each coordinate: the inverse of its mass.
    pub(super) variances: Vec<f64>,
    max_depth: u32,
    /// Vectors that are not in use, so that no step allocates.
    spare: Vec<Vec<f64>>,
    start_energy: f64,
    acceptance_sum: f64,
    points: usize,
    diverged: bool,
}

impl<'a, D: LogDensity> Mover<'a, D> {
    pub(super) fn new(density: &'a D, random: ChaCha8Rng, variances: Vec<f64>, max_depth: u32) -> Self {
        Self {
            density,
            random,
            step: 1.0,
            variances,
            max_depth,
            spare: Vec::new(),
            start_energy: 0.0,
            acceptance_sum: 0.0,
            points: 0,
            diverged: false,
        }
    }

    /// Moves `place` to a point drawn from a new trajectory through it.
    ///
    /// The trajectory doubles forwards or backwards at random; a point is drawn from it by its density, with a preference for the newer half;
    /// it ends when its ends, or those of its halves with the next point, move towards each other: `p'M^-1 sum(p) <= 0` at one of them.
    ///
    /// Source: `[HoffmanGelman2014]`; multinomial draw and criterion `[Betancourt2017]`.
    pub(super) fn advance(&mut self, place: &mut Place) -> Step {
        let momentum = self.draw_momentum();
        self.start_energy = self.kinetic(&momentum) - place.log_density;
        (self.acceptance_sum, self.points, self.diverged) = (0.0, 0, false);
        let mut sum = self.copy(&momentum);
        let (end, other) = (End { place: self.copy_place(place), momentum: self.copy(&momentum) }, self.copy_place(place));
        let mut ends = [end, End { place: other, momentum }];
        let (mut log_weight, mut depth, mut turned) = (0.0, 0, false);
        while depth < self.max_depth && !turned {
            let forwards = usize::from(self.random.random::<f64>() > 0.5);
            let signed = if forwards == 1 { self.step } else { -self.step };
            let near = self.copy(&ends[forwards].momentum);
            let built = self.build(depth, &mut ends[forwards], signed);
            let Some(stretch) = built else {
                self.spare.push(near);
                break;
            };
            depth += 1;
            if stretch.log_weight > log_weight || self.random.random::<f64>() < (stretch.log_weight - log_weight).exp() {
                set(place, &stretch.drawn);
            }
            log_weight = add_logs(log_weight, stretch.log_weight);
            let far = &ends[1 - forwards].momentum;
            turned = !(self.goes_on((far, &stretch.last), &sum, &stretch.sum)
                && self.goes_on((far, &stretch.first), &sum, &stretch.first)
                && self.goes_on((&near, &stretch.last), &near, &stretch.sum));
            sum.iter_mut().zip(&stretch.sum).for_each(|(total, more)| *total += more);
            self.spare.push(near);
            self.release(stretch);
        }
        self.spare.push(sum);
        for End { place, momentum } in ends {
            self.spare.extend([place.position, place.gradient, momentum]);
        }
        let saturated = depth == self.max_depth && !turned;
        Step { acceptance: self.acceptance_sum / self.points.max(1) as f64, points: self.points, diverged: self.diverged, saturated }
    }

    /// A stretch of `2^depth` points beyond an end, which moves there; `None` where it turns back or diverges.
    fn build(&mut self, depth: u32, end: &mut End, signed: f64) -> Option<Stretch> {
        if depth == 0 {
            return self.leap(end, signed);
        }
        let mut early = self.build(depth - 1, end, signed)?;
        let Some(mut late) = self.build(depth - 1, end, signed) else {
            self.release(early);
            return None;
        };
        let log_weight = add_logs(early.log_weight, late.log_weight);
        if self.random.random::<f64>() < (late.log_weight - log_weight).exp() {
            std::mem::swap(&mut early.drawn, &mut late.drawn);
        }
        let goes_on = self.goes_on((&early.first, &late.last), &early.sum, &late.sum)
            && self.goes_on((&early.first, &late.first), &early.sum, &late.first)
            && self.goes_on((&early.last, &late.last), &early.last, &late.sum);
        early.sum.iter_mut().zip(&late.sum).for_each(|(total, more)| *total += more);
        std::mem::swap(&mut early.last, &mut late.last);
        early.log_weight = log_weight;
        self.release(late);
        if goes_on {
            return Some(early);
        }
        self.release(early);
        None
    }

    /// One leapfrog step of an end, as a stretch of one point.
    fn leap(&mut self, end: &mut End, signed: f64) -> Option<Stretch> {
        self.leapfrog(end, signed);
        self.points += 1;
        let energy = self.kinetic(&end.momentum) - end.place.log_density;
        let fall = if energy.is_nan() { f64::NEG_INFINITY } else { self.start_energy - energy };
        self.acceptance_sum += fall.min(0.0).exp();
        if -fall > DIVERGENCE {
            self.diverged = true;
            return None;
        }
        Some(Stretch {
            first: self.copy(&end.momentum),
            last: self.copy(&end.momentum),
            sum: self.copy(&end.momentum),
            log_weight: fall,
            drawn: self.copy_place(&end.place),
        })
    }

    fn leapfrog(&mut self, end: &mut End, signed: f64) {
        let End { place, momentum } = end;
        for (coordinate, value) in momentum.iter_mut().enumerate() {
            *value += 0.5 * signed * place.gradient[coordinate];
            place.position[coordinate] += signed * self.variances[coordinate] * *value;
        }
        place.log_density = self.density.evaluate(&place.position, &mut place.gradient);
        momentum.iter_mut().zip(&place.gradient).for_each(|(value, slope)| *value += 0.5 * signed * slope);
    }

    fn kinetic(&self, momentum: &[f64]) -> f64 {
        0.5 * momentum.iter().zip(&self.variances).map(|(p, v)| v * p * p).sum::<f64>()
    }

    /// Whether both ends move away from each other, by the sum of the momenta between them, given in two parts.
    fn goes_on(&self, (first, last): (&[f64], &[f64]), sum: &[f64], more: &[f64]) -> bool {
        let (mut at_first, mut at_last) = (0.0, 0.0);
        for (coordinate, variance) in self.variances.iter().enumerate() {
            let total = variance * (sum[coordinate] + more[coordinate]);
            at_first += first[coordinate] * total;
            at_last += last[coordinate] * total;
        }
        at_first > 0.0 && at_last > 0.0
    }

    /// A step size whose single leapfrog step is accepted with about the wanted probability.
    pub(super) fn find_step(&mut self, place: &Place) -> f64 {
        let wanted = 0.8_f64.ln();
        let mut grows = None;
        for _ in 0..60 {
            let momentum = self.draw_momentum();
            let start = self.kinetic(&momentum) - place.log_density;
            let mut end = End { place: place.clone(), momentum };
            self.leapfrog(&mut end, self.step);
            let energy = self.kinetic(&end.momentum) - end.place.log_density;
            let accepted = !energy.is_nan() && start - energy > wanted;
            if *grows.get_or_insert(accepted) != accepted {
                break;
            }
            self.step *= if accepted { 2.0 } else { 0.5 };
        }
        self.step
    }

    /// Normal momenta with the inverse variances, by pairs `[BoxMuller1958]`.
    fn draw_momentum(&mut self) -> Vec<f64> {
        let mut momentum = self.spare.pop().unwrap_or_default();
        momentum.clear();
        while momentum.len() < self.variances.len() {
            // One less the uniform is never zero.
            let (first, second) = (1.0 - self.random.random::<f64>(), self.random.random::<f64>());
            let radius = (-2.0 * first.ln()).sqrt();
            let (sine, cosine) = (2.0 * std::f64::consts::PI * second).sin_cos();
            momentum.extend([radius * cosine, radius * sine]);
        }
        momentum.truncate(self.variances.len());
        momentum.iter_mut().zip(&self.variances).for_each(|(value, variance)| *value /= variance.sqrt());
        momentum
    }

    fn copy(&mut self, values: &[f64]) -> Vec<f64> {
        let mut copied = self.spare.pop().unwrap_or_default();
        copied.clear();
        copied.extend_from_slice(values);
        copied
    }

    fn copy_place(&mut self, place: &Place) -> Place {
        Place { position: self.copy(&place.position), gradient: self.copy(&place.gradient), log_density: place.log_density }
    }

    fn release(&mut self, stretch: Stretch) {
        self.spare.extend([stretch.first, stretch.last, stretch.sum, stretch.drawn.position, stretch.drawn.gradient]);
    }
}

fn set(place: &mut Place, drawn: &Place) {
    place.position.copy_from_slice(&drawn.position);
    place.gradient.copy_from_slice(&drawn.gradient);
    place.log_density = drawn.log_density;
}

fn add_logs(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    if small == f64::NEG_INFINITY { large } else { large + (small - large).exp().ln_1p() }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    struct Standard;

    impl LogDensity for Standard {
        fn dimension(&self) -> usize {
            2
        }

        fn evaluate(&self, point: &[f64], gradient: &mut [f64]) -> f64 {
            gradient.iter_mut().zip(point).for_each(|(slope, x)| *slope = -x);
            -0.5 * point.iter().map(|x| x * x).sum::<f64>()
        }
    }

    fn mover(density: &Standard) -> Mover<'_, Standard> {
        Mover::new(density, ChaCha8Rng::seed_from_u64(3), vec![1.0; 2], 10)
    }

    #[test]
    fn leapfrog_steps_can_be_walked_back() {
        let mut mover = mover(&Standard);
        let mut end = End { place: Place::new(&Standard, &[0.7, -0.2]), momentum: vec![0.4, 1.1] };
        (0..20).for_each(|_| mover.leapfrog(&mut end, 0.3));
        (0..20).for_each(|_| mover.leapfrog(&mut end, -0.3));
        assert!((end.place.position[0] - 0.7).abs() < 1e-12 && (end.momentum[1] - 1.1).abs() < 1e-12);
    }

    #[test]
    fn trajectories_turn_before_they_are_cut_and_tiny_steps_are_cut() {
        let mut mover = mover(&Standard);
        let mut place = Place::new(&Standard, &[1.0, 1.0]);
        mover.step = 0.5;
        for _ in 0..200 {
            let step = mover.advance(&mut place);
            assert!(!step.saturated && !step.diverged && step.points < 32 && step.acceptance > 0.8);
        }
        mover.step = 1e-6;
        let step = mover.advance(&mut place);
        assert!(step.saturated && step.points == 1023);
    }

    #[test]
    fn logs_add() {
        assert!((add_logs(2_f64.ln(), 3_f64.ln()) - 5_f64.ln()).abs() < 1e-15);
        assert!(add_logs(f64::NEG_INFINITY, f64::NEG_INFINITY) < -1e300);
    }
}
