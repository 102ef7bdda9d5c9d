//! Simulated characteristics in the form of a `mc` block, with what is known of their simulation error.

use serde_json::{Map, Value};

use super::input::numbers;
use crate::analysis::escalation::design::simulate::Simulation;
use crate::analysis::escalation::design::{CalendarCharacteristics, CharacteristicsMethod};

/// The trials that answer a simulated case: many enough to add little to the error of the case.
pub(super) const SIMULATION: Simulation = Simulation { trials: 10_000, seed: 20_240 };

/// The block, in which the duration has the name that the case gives it.
///
/// Beside each value stand `<name>_se`, its standard error, and `<name>_sd`, the standard deviation of one trial.
pub(super) fn block(characteristics: &CalendarCharacteristics, duration: &str) -> Value {
    let CalendarCharacteristics { counts, mean_duration, duration_standard_error, .. } = characteristics;
    let mut block = Map::new();
    if let CharacteristicsMethod::Simulated { trials, standard_errors: errors, .. } = &counts.method {
        let mut put = |name: &str, values: &[f64], errors: &[f64]| {
            let root = f64::from(*trials).sqrt();
            block.insert(name.to_owned(), numbers(values.iter().copied()));
            block.insert(format!("{name}_se"), numbers(errors.iter().copied()));
            block.insert(format!("{name}_sd"), numbers(errors.iter().map(|error| error * root)));
        };
        put("select_prob", &counts.select_prob, &errors.select_prob);
        put("mean_n", &counts.mean_n, &errors.mean_n);
        put("mean_tox", &counts.mean_tox, &errors.mean_tox);
        put("mean_total_n", &[counts.mean_total_n], &[errors.mean_total_n]);
        put("prob_no_mtd", &[counts.prob_no_mtd], &[errors.prob_no_mtd]);
        put(duration, &[*mean_duration], &[*duration_standard_error]);
    }
    Value::Object(block)
}
