//! What the sampler learns while it warms up: the step size, and the spread of each coordinate.

/// Strength with which the step size is drawn to its starting value.
const SHRINKAGE: f64 = 0.05;

/// Iterations that the early ones are weighted down by.
const STABILITY: f64 = 10.0;

/// Power with which early step sizes are forgotten.
const DECAY: f64 = 0.75;

/// Shares of a short warm-up that go to its first and its last part.
const SHORT_FIRST: f64 = 0.15;
const SHORT_LAST: f64 = 0.1;

/// First part, first window and last part of a warm-up of customary length.
const FIRST: usize = 75;
const WINDOW: usize = 25;
const LAST: usize = 50;

/// Warm-up below which no spread is learnt.
const SHORTEST: usize = 20;

/// Dual averaging of the logarithm of the step size.
///
/// ```text
/// H_m = (1 - 1/(m + t0)) H_(m-1) + (delta - alpha_m)/(m + t0),   ln e_m = mu - sqrt(m)/gamma H_m,   ln E_m = m^-kappa ln e_m + (1 - m^-kappa) ln E_(m-1)
/// ```
///
/// Source: `[HoffmanGelman2014]`, section 3.2.
#[derive(Debug, Clone)]
pub(super) struct DualAveraging {
    target: f64,
    centre: f64,
    count: f64,
    mean_fault: f64,
    mean_log_step: f64,
}

impl DualAveraging {
    /// From a first step size, for a wanted acceptance.
    pub(super) fn new(step: f64, target: f64) -> Self {
        Self { target, centre: (10.0 * step).ln(), count: 0.0, mean_fault: 0.0, mean_log_step: 0.0 }
    }

    /// Step size after an iteration with this acceptance.
    pub(super) fn learn(&mut self, acceptance: f64) -> f64 {
        self.count += 1.0;
        let weight = 1.0 / (self.count + STABILITY);
        self.mean_fault = (1.0 - weight) * self.mean_fault + weight * (self.target - acceptance.min(1.0));
        let log_step = self.centre - self.mean_fault * self.count.sqrt() / SHRINKAGE;
        let share = self.count.powf(-DECAY);
        self.mean_log_step = (1.0 - share) * self.mean_log_step + share * log_step;
        log_step.exp()
    }

    /// The averaged step size, with which the draws are made; `None` where nothing was learnt.
    pub(super) fn learnt(&self) -> Option<f64> {
        (self.count > 0.0).then(|| self.mean_log_step.exp())
    }
}

/// Mean and sum of squared deviations of each coordinate, updated point by point.
#[derive(Debug, Clone)]
pub(super) struct Spread {
    count: f64,
    mean: Vec<f64>,
    squares: Vec<f64>,
}

impl Spread {
    pub(super) fn new(dimension: usize) -> Self {
        Self { count: 0.0, mean: vec![0.0; dimension], squares: vec![0.0; dimension] }
    }

    pub(super) fn learn(&mut self, point: &[f64]) {
        self.count += 1.0;
        for ((mean, squares), value) in self.mean.iter_mut().zip(&mut self.squares).zip(point) {
            let before = value - *mean;
            *mean += before / self.count;
            *squares += before * (value - *mean);
        }
    }

    /// Variances, drawn a little towards those used so far; `None` with fewer than two points.
    pub(super) fn variances(&self, used: &[f64]) -> Option<Vec<f64>> {
        if self.count < 2.0 {
            return None;
        }
        let share = self.count / (self.count + 5.0);
        let floor = 1e-3;
        let shrunk = |(squares, used): (&f64, &f64)| share * squares / (self.count - 1.0) + (1.0 - share) * floor * used;
        Some(self.squares.iter().zip(used).map(shrunk).collect())
    }
}

/// Iterations of the warm-up after which the spread is learnt anew, and the first that counts for it.
///
/// The windows double in length; the last is drawn out to the end of what is left for them.
///
/// Source: `[HoffmanGelman2014]` for the step size; the doubling windows are those of the Stan reference manual.
pub(super) fn windows(warmup: usize) -> (usize, Vec<usize>) {
    if warmup < SHORTEST {
        return (warmup, Vec::new());
    }
    let (first, last, window) = if FIRST + WINDOW + LAST > warmup {
        let (first, last) = ((SHORT_FIRST * warmup as f64) as usize, (SHORT_LAST * warmup as f64) as usize);
        (first, last, warmup - first - last)
    } else {
        (FIRST, LAST, WINDOW)
    };
    let limit = warmup - last;
    let (mut end, mut length, mut ends) = (first, window, Vec::new());
    while end < limit {
        end += length;
        length *= 2;
        if end + length > limit {
            end = limit;
        }
        ends.push(end);
    }
    (first, ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_double_and_fill_the_warm_up() {
        assert_eq!(windows(1000), (75, vec![100, 150, 250, 450, 950]));
        assert_eq!(windows(100), (15, vec![90]));
        assert_eq!(windows(10), (10, Vec::new()));
        for warmup in 20..1500 {
            let (first, ends) = windows(warmup);
            assert!(ends.first().is_some_and(|end| *end > first) && ends.windows(2).all(|pair| pair[0] < pair[1]), "{warmup}");
            assert!(ends.last().is_some_and(|end| *end <= warmup), "{warmup}");
        }
    }

    #[test]
    fn too_much_acceptance_lengthens_the_step_and_too_little_shortens_it() {
        let after = |acceptance: f64| {
            let mut averaging = DualAveraging::new(0.1, 0.8);
            (0..50).for_each(|_| {
                averaging.learn(acceptance);
            });
            averaging.learnt().unwrap()
        };
        assert!(after(1.0) > 1.0 && after(0.2) < 0.01);
        assert_eq!(DualAveraging::new(0.1, 0.8).learnt(), None);
    }

    #[test]
    fn spread_is_the_variance_of_the_points() {
        let mut spread = Spread::new(1);
        (0..1000).for_each(|i| spread.learn(&[1e6 + f64::from(i % 10)]));
        assert!((spread.variances(&[1.0]).unwrap()[0] - 8.258).abs() < 0.05);
        assert_eq!(Spread::new(2).variances(&[1.0, 1.0]), None);
    }
}
