//! Which dosages are held against each other.

use crate::analysis::grouping::Group;
use crate::config::Settings;

/// Positions of the lower and the higher dosage of each pair: the proposed dosage with each alternative that has subjects, or neighbours on the
/// ladder where nothing is proposed or the proposed dosage has none.
#[must_use]
pub(super) fn pairs(groups: &[Group], settings: &Settings) -> Vec<(usize, usize)> {
    let place = |id: &String| groups.iter().position(|group| group.id == *id);
    let ladder = || (1..groups.len()).map(|higher| (higher - 1, higher)).collect();
    let Some((decision, proposed)) = settings.decision.as_ref().and_then(|decision| Some((decision, place(&decision.proposed)?))) else {
        return ladder();
    };
    let named = decision.alternatives.iter().filter_map(place);
    let others: Vec<usize> = if decision.alternatives.is_empty() { (0..groups.len()).collect() } else { named.collect() };
    others.into_iter().filter(|other| *other != proposed).map(|other| (other.min(proposed), other.max(proposed))).collect()
}
