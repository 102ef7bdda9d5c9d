//! Whether a number was planned before the data were seen, as `plan` of the project file says it.

use crate::config::PlanSettings;

use super::{Fact, FactId};

/// Whether the fact was planned; `None` where the project file does not say.
///
/// `plan.analyses` decides first: an entry names a fact without its dosage (`comparison.orr_difference`), an exhibit (`T-E17`) or an analysis, the
/// first piece of a fact's id (`comparison`); the most precise one counts. What no entry names is part of the plan itself: planned when the plan is
/// dated no later than the first access to the data, post hoc when it is later, and not known while either date is missing.
pub(super) fn planned(plan: &PlanSettings, id: &FactId, fact: &Fact) -> Option<bool> {
    let mut pieces = id.as_str().split(['.', '@']);
    let analysis = pieces.next().unwrap_or_default();
    let measure = format!("{analysis}.{}", pieces.next().unwrap_or_default());
    let exhibit = fact.exhibit.as_ref().map_or("", |exhibit| exhibit.code());
    let named = |name: &str| plan.analyses.iter().find(|entry| entry.id == name).map(|entry| entry.planned);
    let entry = named(&measure).or_else(|| named(exhibit)).or_else(|| named(analysis));
    entry.or_else(|| Some(plan.date? <= plan.data_access?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PlannedAnalysis;
    use crate::evidence::{ExhibitId, FactValue, Slice, Unit};
    use crate::quantity::Rows;

    fn fact(exhibit: &str) -> Fact {
        Fact {
            label: "x".into(),
            value: FactValue::Count(1),
            unit: Unit::Count,
            count: None,
            n: None,
            interval: None,
            method: "count of subjects".into(),
            population: "all".into(),
            part: None,
            source: Slice::new("ADSL", "all rows", ["USUBJID"], Rows::default()),
            denominator: None,
            exhibit: Some(ExhibitId::from(exhibit)),
            planned: None,
        }
    }

    fn plan(entries: &[(&str, bool)], date: Option<&str>) -> PlanSettings {
        let entry = |(id, planned): &(&str, bool)| PlannedAnalysis {
            id: (*id).to_owned(),
            planned: *planned,
            document: None,
            version: None,
            date: None,
        };
        PlanSettings {
            document: None,
            version: None,
            date: date.map(|date| date.parse().unwrap()),
            data_access: Some("2026-04-15".parse().unwrap()),
            analyses: entries.iter().map(entry).collect(),
            margins: Vec::new(),
        }
    }

    #[test]
    fn the_most_precise_entry_of_the_plan_counts() {
        let entries = plan(&[("comparison", false), ("T-E17", true), ("comparison.orr_difference", false)], None);
        let of = |id: &str, exhibit: &str| planned(&entries, &FactId::from(id), &fact(exhibit));
        assert_eq!(of("comparison.orr_difference.a_vs_b@randomised", "T-E17@randomised"), Some(false));
        assert_eq!(of("comparison.orr_odds_ratio.a_vs_b", "T-E17"), Some(true));
        assert_eq!(of("comparison.other.a_vs_b", "F-E13"), Some(false));
        assert_eq!(of("efficacy.orr.a", "T-E16"), None, "the plan has no date");
    }

    #[test]
    fn a_plan_covers_the_rest_when_it_came_before_the_data() {
        let of = |date| planned(&plan(&[], Some(date)), &FactId::from("efficacy.orr.a"), &fact("T-E16"));
        assert_eq!(of("2025-10-01"), Some(true));
        assert_eq!(of("2026-04-15"), Some(true));
        assert_eq!(of("2026-05-01"), Some(false));
    }
}
