//! What a nonclinical file must say beyond its shape: names that lead somewhere, doses that fit together, one unit for each dose.
//!
//! These rules look at the tree and pass over whatever has not the shape they need, so that faults of shape and of sense are told at once.

use std::ops::RangeInclusive;

use super::species::Species;
use super::toxicology::ToxicityLevel;
use crate::config::source::names;
use crate::config::source::read::{Fault, join};
use crate::config::source::tree::{Mark, Node};
use crate::quantity::{Dose, DoseUnit};

/// Names of the human factor.
const HUMAN: [&str; 3] = ["human", "human_60kg", "human_adult"];

/// Every fault of sense in a tree.
pub(super) fn faults(tree: &Node) -> Vec<Fault> {
    let mut sense = Sense { tree, faults: Vec::new() };
    sense.species_maps();
    sense.studies();
    for section in ["activity", "mabel", "receptor_occupancy"] {
        sense.assay_reference(section);
    }
    sense.molar_mass();
    sense.binding();
    sense.plan();
    sense.decision_map();
    sense.faults
}

struct Sense<'a> {
    tree: &'a Node,
    faults: Vec<Fault>,
}

impl<'a> Sense<'a> {
    fn fault(&mut self, code: &'static str, path: &str, mark: Mark, message: impl Into<String>, hint: impl Into<String>) {
        self.faults.push(Fault { code, path: path.to_owned(), mark, message: message.into(), hint: hint.into() });
    }

    fn items(&self, list: &str) -> &'a [Node] {
        self.tree.get(list).map_or(&[][..], Node::items)
    }

    /// Maps whose keys are species: each key known, each number in its range.
    fn species_maps(&mut self) {
        self.species_map("plasma_protein_binding_percent_bound", &["human"], 0.0..=100.0, "a percentage from 0 to 100");
        self.species_map("km_factors", &HUMAN, f64::MIN_POSITIVE..=f64::MAX, "a number above 0");
    }

    fn species_map(&mut self, section: &str, humans: &[&str], range: RangeInclusive<f64>, words: &str) {
        for entry in self.tree.get(section).map_or(&[][..], Node::entries) {
            let path = join(section, &entry.key);
            if Species::parse(&entry.key).is_none() && !humans.contains(&entry.key.as_str()) {
                let known: Vec<&str> = Species::ALL.iter().map(|species| species.id()).chain(humans.iter().copied()).collect();
                let message = format!("`{}` is not a species that is known here", entry.key);
                self.fault("unknown-id", &path, entry.key_mark, message, names::hint(&entry.key, &known));
            }
            if let Some(value) = number(&entry.value).filter(|value| !range.contains(value)) {
                self.fault("bad-value", &path, entry.value.mark, format!("`{path}` must be {words}, not {value}"), "correct the number");
            }
        }
    }

    fn studies(&mut self) {
        let mut seen: Vec<(&str, Mark)> = Vec::new();
        for (index, study) in self.items("repeat_dose_toxicity").iter().enumerate() {
            let path = format!("repeat_dose_toxicity[{index}]");
            if let Some(node) = study.get("study")
                && let Some(id) = node.text()
            {
                match seen.iter().find(|(earlier, _)| *earlier == id) {
                    Some((_, first)) => self.fault(
                        "duplicate-study",
                        &join(&path, "study"),
                        node.mark,
                        format!("two studies have the number `{id}`; it was first written on line {}", first.line),
                        "give each study its own number, so that every value names one",
                    ),
                    None => seen.push((id, node.mark)),
                }
            }
            self.levels(study, &path);
        }
    }

    /// One unit for each dose level, and levels in order: a NOAEL is not above the dose that is severely toxic.
    fn levels(&mut self, study: &Node, path: &str) {
        for level in [ToxicityLevel::Noael, ToxicityLevel::Std10, ToxicityLevel::Hnstd] {
            let (per_kilogram, per_square_metre) = (format!("{}_mg_kg", level.label()), format!("{}_mg_m2", level.label()));
            let written = |key: &str| study.get(key).filter(|node| !node.is_nothing());
            if let (Some(_), Some(second)) = (written(&per_kilogram), written(&per_square_metre)) {
                let message = format!("the {} is given in mg/kg and in mg/m²", level.label());
                self.fault("bad-value", &join(path, &per_square_metre), second.mark, message, "keep the one that the report states");
            }
        }
        let Some((noael, low)) = study.get("NOAEL_mg_kg").and_then(|node| Some((node, number(node)?))) else { return };
        for key in ["STD10_mg_kg", "HNSTD_mg_kg"] {
            if let Some(high) = study.get(key).and_then(number).filter(|high| low > *high) {
                let message = format!("the NOAEL of {low} mg/kg is above the {} of {high} mg/kg", key.trim_end_matches("_mg_kg"));
                self.fault("bad-value", &join(path, "NOAEL_mg_kg"), noael.mark, message, "correct one of the two");
            }
        }
    }

    /// A section that names an assay and a parameter must find them among `in_vitro`.
    fn assay_reference(&mut self, section: &str) {
        let Some(node) = self.tree.get(section) else { return };
        let Some(assay) = node.get("assay") else { return };
        let Some(name) = assay.text() else { return };
        let of = |item: &'a Node, key: &str| item.get(key).and_then(Node::text);
        let potencies = self.items("in_vitro");
        let assays: Vec<&str> = potencies.iter().filter_map(|item| of(item, "assay")).collect();
        if !assays.contains(&name) {
            let message = format!("no assay of `in_vitro` is called `{name}`");
            self.fault("unknown-id", &join(section, "assay"), assay.mark, message, names::hint(name, &assays));
            return;
        }
        let parameters: Vec<&str> =
            potencies.iter().filter(|item| of(item, "assay") == Some(name)).filter_map(|item| of(item, "parameter")).collect();
        let (wanted, mark) =
            node.get("parameter").map_or(("Kd", assay.mark), |parameter| (parameter.text().unwrap_or_default(), parameter.mark));
        if !parameters.contains(&wanted) {
            let message = format!("the assay `{name}` has no `{wanted}`");
            self.fault("unknown-id", &join(section, "parameter"), mark, message, names::hint(wanted, &parameters));
        }
    }

    /// A potency that becomes a dose or an occupancy needs the molar mass.
    fn molar_mass(&mut self) {
        if self.tree.get("molecular_weight_g_mol").is_some_and(|node| !node.is_nothing()) {
            return;
        }
        for section in ["activity", "mabel", "receptor_occupancy"] {
            if let Some(entry) = self.tree.entries().iter().find(|entry| entry.key == section && !entry.value.is_nothing()) {
                let message = format!("`{section}` needs `molecular_weight_g_mol`, which is not given");
                self.fault("missing-key", section, entry.key_mark, message, "add `molecular_weight_g_mol:`");
            }
        }
    }

    /// Unbound concentrations need the binding in human plasma.
    fn binding(&mut self) {
        let known = self.tree.get("plasma_protein_binding_percent_bound").is_some_and(|map| map.get("human").is_some());
        for (section, key) in [("receptor_occupancy", "unbound"), ("mabel", "correct_for_binding")] {
            let node = self.tree.get(section).and_then(|node| node.get(key));
            let Some(node) = node.filter(|node| node.text().is_some_and(|text| text.eq_ignore_ascii_case("true")) && !known) else {
                continue;
            };
            let message = format!("`{section}.{key}` needs `plasma_protein_binding_percent_bound.human`, which is not given");
            self.fault("missing-key", &join(section, key), node.mark, message, "add the binding in human plasma, or write `false`");
        }
    }

    fn plan(&mut self) {
        let Some(plan) = self.tree.get("escalation_plan") else { return };
        let levels = plan.get("levels").filter(|levels| !levels.items().is_empty());
        match (levels, plan.get("scheme").filter(|scheme| !scheme.is_nothing())) {
            (Some(_), Some(scheme)) => {
                let message = "the levels are listed and given by a scheme";
                self.fault("bad-value", "escalation_plan.scheme", scheme.mark, message, "keep one of the two");
            }
            (None, None) => {
                let message = "`escalation_plan` gives neither `levels` nor a `scheme`";
                self.fault("missing-key", "escalation_plan.levels", Mark { width: 1, ..plan.mark }, message, "list the levels");
            }
            _ => {}
        }
        let mut earlier: Option<Dose> = None;
        for (index, level) in levels.map_or(&[][..], Node::items).iter().enumerate() {
            let path = format!("escalation_plan.levels[{index}]");
            self.step_up(level, &path);
            let Some((node, dose)) = level.get("dose").and_then(|node| Some((node, node.text()?.parse::<Dose>().ok()?))) else { continue };
            if let Some(before) = earlier {
                self.ascending(before, dose, node.mark, &join(&path, "dose"));
            }
            earlier = Some(dose);
        }
    }

    fn ascending(&mut self, before: Dose, dose: Dose, mark: Mark, path: &str) {
        match before.amount_in(dose.unit()) {
            None => {
                let message = format!("{dose} cannot be compared with the level below it, {before}");
                self.fault("bad-value", path, mark, message, "give every level by the same unit: flat, per kg or per m²");
            }
            Some(amount) if amount >= dose.amount() => {
                let message = format!("levels must ascend: {dose} follows {before}");
                self.fault("bad-value", path, mark, message, "order the levels from the lowest to the highest");
            }
            Some(_) => {}
        }
    }

    fn step_up(&mut self, level: &Node, path: &str) {
        let days = level.get("step_up").map_or(&[][..], Node::items).iter().filter_map(|step| {
            let day = step.get("day")?;
            Some((day.mark, number(day)?))
        });
        let days: Vec<(Mark, f64)> = days.collect();
        for pair in days.windows(2) {
            if let [(_, earlier), (mark, later)] = pair
                && earlier >= later
            {
                let message = format!("days of step-up doses must ascend: {later} follows {earlier}");
                self.fault("bad-value", &join(path, "step_up"), *mark, message, "order the doses by day");
            }
        }
    }

    fn decision_map(&mut self) {
        let listed: Vec<Dose> = self
            .tree
            .get("escalation_plan")
            .and_then(|plan| plan.get("levels"))
            .map_or(&[][..], Node::items)
            .iter()
            .filter_map(|level| level.get("dose")?.text()?.parse().ok())
            .collect();
        if listed.is_empty() {
            return;
        }
        for (index, row) in self.items("decision_map").iter().enumerate() {
            let Some((node, dose)) = row.get("dose").and_then(|node| Some((node, node.text()?.parse::<Dose>().ok()?))) else { continue };
            if !listed.iter().any(|level| same(*level, dose)) {
                let doses: Vec<String> = listed.iter().map(ToString::to_string).collect();
                let message = format!("no level of `escalation_plan` has the dose {dose}");
                let path = format!("decision_map[{index}].dose");
                self.fault("unknown-id", &path, node.mark, message, format!("the levels are {}", doses.join(", ")));
            }
        }
    }
}

/// Whether two doses are the same amount.
fn same(a: Dose, b: Dose) -> bool {
    let unit: DoseUnit = b.unit();
    a.amount_in(unit).is_some_and(|amount| (amount - b.amount()).abs() <= 1e-9 * b.amount())
}

fn number(node: &Node) -> Option<f64> {
    node.text()?.parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::source::tree::parse;

    fn told(text: &str) -> Vec<(String, String)> {
        let tree = parse(text).unwrap().0.unwrap();
        faults(&tree).into_iter().map(|fault| (fault.path, fault.message)).collect()
    }

    #[test]
    fn references_to_assays_must_lead_somewhere() {
        let text = "\
molecular_weight_g_mol: 500
in_vitro: [{assay: pERK inhibition, parameter: IC50, value: 9, unit: nM}]
activity: {assay: pERK inhibitoin, parameter: IC50}
receptor_occupancy: {assay: pERK inhibition}
mabel: {assay: pERK inhibition, parameter: EC50, fraction: 0.1}
";
        let paths: Vec<String> = told(text).into_iter().map(|fault| fault.0).collect();
        assert_eq!(paths, ["activity.assay", "mabel.parameter", "receptor_occupancy.parameter"]);
    }

    #[test]
    fn what_a_prediction_needs_is_asked_for() {
        let text = "\
in_vitro: [{assay: b, parameter: Kd, value: 9, unit: nM}]
receptor_occupancy: {assay: b, unbound: true}
";
        let messages: Vec<String> = told(text).into_iter().map(|fault| fault.1).collect();
        assert!(messages[0].contains("molecular_weight_g_mol") && messages[1].contains("binding_percent_bound.human"), "{messages:?}");
    }

    #[test]
    fn levels_ascend_in_one_unit_and_the_map_names_them() {
        let text = "\
escalation_plan:
  levels: [{dose: 10 mg}, {dose: 5 mg}, {dose: 1 mg/kg, step_up: [{day: 8, dose: 1 mg}, {day: 1, dose: 2 mg}]}]
decision_map: [{dose: 20 mg, action: stop}, {dose: 10000 ug, action: go}]
";
        let paths: Vec<String> = told(text).into_iter().map(|fault| fault.0).collect();
        let want = ["escalation_plan.levels[1].dose", "escalation_plan.levels[2].step_up", "escalation_plan.levels[2].dose"];
        assert_eq!(paths[..3], want);
        assert_eq!(paths[3..], ["decision_map[0].dose"]);
        assert_eq!(told("escalation_plan: {scheme: {modified_fibonacci: {levels: 5}}, levels: [{dose: 1 mg}]}\n").len(), 1);
        assert_eq!(told("escalation_plan: {every_level: {cohort_size: 3}}\n").len(), 1);
    }

    #[test]
    fn a_noael_above_the_severely_toxic_dose_is_a_slip() {
        let text = "repeat_dose_toxicity: [{species: dog, study: T, NOAEL_mg_kg: 3, HNSTD_mg_kg: 1.5}]\n";
        assert!(told(text)[0].1.contains("above the HNSTD"));
    }
}
