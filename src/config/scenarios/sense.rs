//! What a scenario file must say beyond its shape: one probability per dose, names that occur once, and whatever a design needs.
//!
//! These rules look at the tree and pass over whatever has not the shape they need, so that faults of shape and of sense are told at once.

use crate::config::design::DesignOptions;
use crate::config::sense::repeated_ids;
use crate::config::source::read::{Fault, join};
use crate::config::source::tree::{Entry, Mark, Node};
use crate::quantity::Dose;

/// Most doses of a grid, and of one for which scenarios are generated.
const MOST_DOSES: usize = 64;
const MOST_GENERATED: usize = 12;

/// Highest target for which scenarios are generated.
const HIGHEST_GENERATED: f64 = 0.5;

/// Designs that look at efficacy.
const EFFICACY: [&str; 2] = ["boin12", "bf_boin"];

/// Designs that look at calendar time.
const CALENDAR: [&str; 3] = ["tite_crm", "tite_boin", "bf_boin"];

/// Designs without a target probability of their own.
const NO_TARGET: [&str; 3] = ["three_plus_three", "blrm", "boin12"];

/// The target that a design states, where that is what it aims at.
pub(super) fn stated_target(design: &DesignOptions) -> Option<f64> {
    match design {
        DesignOptions::ThreePlusThree(_) | DesignOptions::Blrm(_) | DesignOptions::Boin12(_) => None,
        other => other.target(),
    }
}

/// Every fault of sense in a tree.
pub(super) fn faults(tree: &Node) -> Vec<Fault> {
    let mut sense = Sense { tree, faults: Vec::new() };
    let doses = sense.grid();
    sense.unique_ids("designs");
    sense.unique_ids("scenarios");
    sense.something_to_assume();
    sense.target();
    sense.calendar();
    sense.efficacy();
    if let Some(doses) = doses {
        sense.start(doses);
        sense.generate(doses);
        sense.skeletons(doses);
        sense.probabilities(doses);
    }
    sense.faults
}

struct Sense<'a> {
    tree: &'a Node,
    faults: Vec<Fault>,
}

fn number(node: &Node) -> Option<f64> {
    node.text().and_then(|text| text.parse().ok()).filter(|number: &f64| number.is_finite())
}

/// The name of a design and its parameters.
fn design(item: &Node) -> Option<&Entry> {
    match item.get("design")?.entries() {
        [only] => Some(only),
        _ => None,
    }
}

impl<'a> Sense<'a> {
    fn fault(&mut self, code: &'static str, path: &str, mark: Mark, message: impl Into<String>, hint: impl Into<String>) {
        self.faults.push(Fault { code, path: path.to_owned(), mark, message: message.into(), hint: hint.into() });
    }

    fn written(&self, key: &str) -> Option<&'a Node> {
        self.tree.get(key).filter(|node| !node.is_nothing())
    }

    fn items(&self, list: &str) -> &'a [Node] {
        self.tree.get(list).map_or(&[][..], Node::items)
    }

    /// The number of doses, where it is known.
    fn grid(&mut self) -> Option<usize> {
        match (self.written("doses"), self.written("dose_levels")) {
            (Some(_), Some(levels)) => {
                self.fault(
                    "bad-value",
                    "dose_levels",
                    levels.mark,
                    "`doses` already gives the number of dose levels",
                    "keep one of the two",
                );
                None
            }
            (None, None) => {
                let message = "the grid of doses is missing";
                self.fault("missing-key", "doses", Mark::START, message, "add `doses: [10 mg, 30 mg, 60 mg]`, or `dose_levels: 5`");
                None
            }
            (None, Some(levels)) => levels.text().and_then(|text| text.parse().ok()).filter(|levels| (1..=MOST_DOSES).contains(levels)),
            (Some(doses), None) => self.listed_doses(doses),
        }
    }

    fn listed_doses(&mut self, list: &'a Node) -> Option<usize> {
        let items = list.items();
        if items.len() > MOST_DOSES {
            let message = format!("a grid of {} doses is not possible", items.len());
            self.fault("bad-value", "doses", list.mark, message, format!("give at most {MOST_DOSES} doses"));
            return None;
        }
        let doses: Vec<Option<Dose>> = items.iter().map(|item| item.text().and_then(|text| text.parse().ok())).collect();
        for (index, pair) in doses.windows(2).enumerate() {
            let ([Some(lower), Some(higher)], Some(item)) = (pair, items.get(index + 1)) else { continue };
            let path = format!("doses[{}]", index + 1);
            match higher.amount_in(lower.unit()) {
                None => self.fault(
                    "bad-value",
                    &path,
                    item.mark,
                    "doses of a grid have one unit",
                    format!("write it in {}", lower.unit().label()),
                ),
                Some(amount) if amount <= lower.amount() => {
                    self.fault("bad-value", &path, item.mark, "doses must ascend", "list the doses from low to high, each once");
                }
                Some(_) => {}
            }
        }
        Some(items.len())
    }

    fn unique_ids(&mut self, list: &str) {
        let hint = "ids name results and the streams of random numbers, and must be unique";
        self.faults.extend(repeated_ids(list, self.items(list), hint));
    }

    fn something_to_assume(&mut self) {
        if self.items("scenarios").is_empty() && self.written("generate").is_none() {
            let mark = self.tree.entries().iter().find(|entry| entry.key == "scenarios").map_or(Mark::START, |entry| entry.key_mark);
            let hint = "add `scenarios:` with `{id: s1, toxicity: [...]}`, or `generate: {count: 10}`";
            self.fault("missing-key", "scenarios", mark, "no scenario is given", hint);
        }
    }

    /// Doses are judged by one target.
    fn target(&mut self) {
        if self.written("target").is_some() {
            return;
        }
        let mut targets: Vec<f64> = Vec::new();
        for design in self.items("designs").iter().filter_map(design).filter(|entry| !NO_TARGET.contains(&entry.key.as_str())) {
            let Some(target) = design.value.get("target").and_then(number) else { return };
            if targets.iter().all(|known| known.to_bits() != target.to_bits()) {
                targets.push(target);
            }
        }
        let message = match targets.as_slice() {
            [_] => return,
            [] => "no design states a target probability of toxicity by which the doses could be judged".to_owned(),
            several => format!("the designs have {} different targets", several.len()),
        };
        let mark = self.tree.entries().iter().find(|entry| entry.key == "designs").map_or(Mark::START, |entry| entry.key_mark);
        self.fault("missing-key", "target", mark, message, "add `target: 0.30`, by which every design is judged");
    }

    fn calendar(&mut self) {
        if self.written("accrual").is_some() {
            return;
        }
        for (index, design) in self.items("designs").iter().enumerate().filter_map(|(index, item)| Some((index, design(item)?))) {
            if CALENDAR.contains(&design.key.as_str()) {
                let path = format!("designs[{index}].design.{}", design.key);
                let message = format!("`{}` is simulated in calendar time, and `accrual` is not given", design.key);
                self.fault("missing-key", &path, design.key_mark, message, "add `accrual: {patients_per_month: 3}`");
            }
        }
    }

    fn efficacy(&mut self) {
        let names: Vec<(usize, &Entry)> =
            self.items("designs").iter().enumerate().filter_map(|(index, item)| Some((index, design(item)?))).collect();
        let Some((_, needing)) = names.iter().find(|(_, design)| EFFICACY.contains(&design.key.as_str())) else { return };
        let key = needing.key.clone();
        for (index, scenario) in self.items("scenarios").iter().enumerate() {
            if scenario.get("efficacy").is_none_or(Node::is_nothing) {
                let path = format!("scenarios[{index}]");
                let message = format!("`{key}` looks at efficacy, and this scenario gives none");
                self.fault(
                    "missing-key",
                    &join(&path, "efficacy"),
                    scenario.mark,
                    message,
                    "add `efficacy:` with one probability per dose",
                );
            }
            let Some(ratio) = scenario.get("efficacy_odds_ratio") else { continue };
            let linked = number(ratio).is_some_and(|ratio| (ratio - 1.0).abs() > 1e-12);
            if linked && names.iter().any(|(_, design)| design.key == "bf_boin") {
                let path = format!("scenarios[{index}].efficacy_odds_ratio");
                let message = "`bf_boin` is simulated with independent toxicity and efficacy";
                self.fault("bad-value", &path, ratio.mark, message, "leave the odds ratio at 1, or compare `bf_boin` in a file of its own");
            }
        }
        if let Some(generate) = self.written("generate") {
            let message = format!("`{key}` looks at efficacy, which generated scenarios do not have");
            self.fault("bad-value", "generate", generate.mark, message, "write the scenarios out, with `efficacy`");
        }
    }

    fn start(&mut self, doses: usize) {
        let Some(start) = self.written("start") else { return };
        if start.text().and_then(|text| text.parse().ok()).is_some_and(|level: usize| level > doses) {
            let message = format!("level {} is above the grid of {doses} doses", start.text().unwrap_or_default());
            self.fault("bad-value", "start", start.mark, message, "levels are counted from 1");
        }
    }

    /// What random scenarios can be drawn for.
    fn generate(&mut self, doses: usize) {
        let Some(generate) = self.written("generate") else { return };
        if doses > MOST_GENERATED {
            let message = format!("scenarios are generated for at most {MOST_GENERATED} doses, not {doses}");
            self.fault("bad-value", "generate", generate.mark, message, "write the scenarios out");
        }
        let stated = self.items("designs").iter().filter_map(design).find_map(|entry| entry.value.get("target").and_then(number));
        if let Some(target) = self.written("target").and_then(number).or(stated).filter(|target| *target > HIGHEST_GENERATED) {
            let message = format!("scenarios are generated for targets of at most {HIGHEST_GENERATED}, not {target}");
            self.fault("bad-value", "generate", generate.mark, message, "write the scenarios out");
        }
    }

    /// A skeleton has one probability per dose.
    fn skeletons(&mut self, doses: usize) {
        for (index, item) in self.items("designs").iter().enumerate() {
            let Some(design) = design(item).filter(|design| ["crm", "tite_crm"].contains(&design.key.as_str())) else { continue };
            let path = format!("designs[{index}].design.{}", design.key);
            let written = |key: &str| design.value.get(key).filter(|node| !node.is_nothing());
            match (written("skeleton"), written("calibration")) {
                (None, None) => {
                    let hint = "add `skeleton:` with one probability per dose, or `calibration: {halfwidth: 0.05, prior_mtd: 3}`";
                    self.fault(
                        "missing-key",
                        &join(&path, "skeleton"),
                        design.key_mark,
                        format!("`{}` needs a skeleton", design.key),
                        hint,
                    );
                }
                (Some(skeleton), _) => self.one_per_dose(&join(&path, "skeleton"), skeleton, doses),
                (None, Some(_)) => {}
            }
        }
    }

    fn probabilities(&mut self, doses: usize) {
        for (index, scenario) in self.items("scenarios").iter().enumerate() {
            let path = format!("scenarios[{index}]");
            if let Some(toxicity) = scenario.get("toxicity") {
                let path = join(&path, "toxicity");
                self.one_per_dose(&path, toxicity, doses);
                self.ascending(&path, toxicity);
            }
            if let Some(efficacy) = scenario.get("efficacy").filter(|node| !node.is_nothing()) {
                self.one_per_dose(&join(&path, "efficacy"), efficacy, doses);
            }
        }
    }

    fn one_per_dose(&mut self, path: &str, list: &Node, doses: usize) {
        let given = list.items().len();
        // Something else than a list is a fault of shape.
        if given != doses && given > 0 {
            let message = format!("`{path}` has {given} values for {doses} doses");
            self.fault("bad-value", path, list.mark, message, "give one per dose, lowest first");
        }
    }

    fn ascending(&mut self, path: &str, list: &Node) {
        let values: Vec<Option<f64>> = list.items().iter().map(number).collect();
        for (index, pair) in values.windows(2).enumerate() {
            if let ([Some(lower), Some(higher)], Some(item)) = (pair, list.items().get(index + 1))
                && higher < lower
            {
                let message = format!("toxicity falls from {lower} to {higher}, from dose {} to dose {}", index + 1, index + 2);
                self.fault("bad-value", &format!("{path}[{}]", index + 1), item.mark, message, "toxicity must not fall with dose");
            }
        }
    }
}
