//! What a project file must say beyond its shape: ids that occur once, numbers that fit together, data that are there.
//!
//! These rules look at the tree and pass over whatever has not the shape they need, so that faults of shape and of sense are told at once.

use std::path::Path;

use super::pk_population;
use super::source::read::{Fault, join, missing_path};
use super::source::tree::{Mark, Node};

/// Every fault of sense in a tree of a project in the folder `root`.
pub(crate) fn faults(tree: &Node, root: &Path) -> Vec<Fault> {
    let mut sense = Sense { tree, root, faults: Vec::new() };
    sense.unique_ids();
    sense.dosages();
    sense.data();
    sense.exposures();
    sense.decision();
    sense.design();
    sense.utility();
    sense.covariates();
    sense.population_model();
    sense.exposure_response();
    sense.dose_response();
    sense.faults
}

/// A fault for every item of a list whose id an earlier item has.
pub(super) fn repeated_ids(list: &str, items: &[Node], hint: &str) -> Vec<Fault> {
    let mut seen: Vec<(&str, Mark)> = Vec::new();
    let mut faults = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let Some((id, node)) = item.get("id").and_then(|node| Some((node.text()?, node))) else { continue };
        match seen.iter().find(|(earlier, _)| *earlier == id) {
            Some((_, first)) => faults.push(Fault {
                code: "duplicate-id",
                path: format!("{list}[{index}].id"),
                mark: node.mark,
                message: format!("the id `{id}` is used twice in `{list}`; it was first used on line {}", first.line),
                hint: hint.to_owned(),
            }),
            None => seen.push((id, node.mark)),
        }
    }
    faults
}

struct Sense<'a> {
    tree: &'a Node,
    root: &'a Path,
    faults: Vec<Fault>,
}

impl<'a> Sense<'a> {
    fn fault(&mut self, code: &'static str, path: &str, mark: Mark, message: impl Into<String>, hint: impl Into<String>) {
        self.faults.push(Fault { code, path: path.to_owned(), mark, message: message.into(), hint: hint.into() });
    }

    fn at(&self, path: &[&str]) -> Option<&'a Node> {
        path.iter().try_fold(self.tree, |node, key| node.get(key))
    }

    fn unique_ids(&mut self) {
        for path in [
            &["dosages"][..],
            &["parts"],
            &["exposure_response"],
            &["dose_response"],
            &["pk", "imported_exposures"],
            &["utility", "attributes"],
        ] {
            let list = path.join(".");
            let items = self.at(path).map_or(&[][..], Node::items);
            self.faults.extend(repeated_ids(&list, items, "ids name facts and must be unique"));
        }
    }

    fn dosages(&mut self) {
        let Some(list) = self.at(&["dosages"]) else { return };
        let mut arms: Vec<(&str, Mark)> = Vec::new();
        for (index, dosage) in list.items().iter().enumerate() {
            let path = format!("dosages[{index}]");
            let written = |key: &str| dosage.get(key).filter(|node| !node.is_nothing());
            if written("arm").is_none() && written("label").is_none() && !dosage.entries().is_empty() {
                let message = format!("`{path}` has neither `arm` nor `label`, so its patients cannot be found");
                self.fault("missing-key", &join(&path, "arm"), Mark { width: 1, ..dosage.mark }, message, "add `arm:` with the arm's text");
            }
            let Some(arm) = written("arm").or_else(|| written("label")) else { continue };
            let texts = if arm.items().is_empty() { std::slice::from_ref(arm) } else { arm.items() };
            for node in texts {
                let Some(text) = node.text() else { continue };
                match arms.iter().find(|(earlier, _)| *earlier == text) {
                    Some((_, first)) => self.fault(
                        "duplicate-arm",
                        &join(&path, "arm"),
                        node.mark,
                        format!("the arm `{text}` belongs to two dosages; it was first named on line {}", first.line),
                        "name each arm in one dosage, so that a patient has one",
                    ),
                    None => arms.push((text, node.mark)),
                }
            }
        }
        if !list.items().is_empty() && list.items().iter().all(is_comparator) {
            self.fault("bad-value", "dosages", list.mark, "every dosage is a comparator", "add the dosages of the drug itself");
        }
    }

    fn data(&mut self) {
        let path = self.at(&["data", "path"]).filter(|node| !node.is_nothing());
        let written = path.and_then(Node::text).unwrap_or("data");
        let folder = self.root.join(written);
        if !folder.is_dir() {
            // A folder that was named is looked for by the reader of shapes.
            if path.is_none() {
                let mark = self.tree.entries().iter().find(|entry| entry.key == "data").map_or(Mark::START, |entry| entry.key_mark);
                let (code, message, hint) = missing_path("a folder", written, self.root);
                self.fault(code, "data.path", mark, format!("{message}, where the data are looked for without `data.path`"), hint);
            }
            return;
        }
        for entry in self.at(&["data", "datasets"]).map_or(&[][..], Node::entries) {
            let files = if entry.value.items().is_empty() { std::slice::from_ref(&entry.value) } else { entry.value.items() };
            for node in files {
                let Some(file) = node.text().filter(|file| !file.is_empty() && !folder.join(file).is_file()) else { continue };
                let (code, message, hint) = missing_path("a file", file, &folder);
                self.fault(code, &join("data.datasets", &entry.key), node.mark, format!("{message} in the data folder"), hint);
            }
        }
    }

    /// Subjects and exposures that come from elsewhere than the customary datasets.
    fn exposures(&mut self) {
        let adsl = self.at(&["data", "datasets", "adsl"]).filter(|node| !node.is_nothing());
        if let Some(from) = self.at(&["data", "subjects_from"]).filter(|node| !node.is_nothing() && adsl.is_some()) {
            let message = "`data.datasets.adsl` names a file and `data.subjects_from` takes the subjects from another dataset";
            self.fault("bad-value", "data.subjects_from", from.mark, message, "keep one of the two");
        }
        let tables = self.at(&["pk", "imported_exposures"]).map_or(&[][..], Node::items);
        let ids: Vec<&str> = tables.iter().filter_map(|table| table.get("id").and_then(Node::text)).collect();
        for (index, analysis) in self.at(&["exposure_response"]).map_or(&[][..], Node::items).iter().enumerate() {
            let Some((node, id)) = analysis.get("exposure_import").and_then(|node| Some((node, node.text()?))) else { continue };
            let path = format!("exposure_response[{index}].exposure_import");
            let known = if ids.is_empty() { "there is none".to_owned() } else { format!("there are {}", ids.join(", ")) };
            if !ids.contains(&id) {
                let message = format!("`{id}` is no table of `pk.imported_exposures`; {known}");
                self.fault("bad-value", &path, node.mark, message, "write the id of one of the tables");
            } else if analysis.get("exposure_dataset").is_some_and(|node| !node.is_nothing()) {
                let message = "the exposure comes from a table and from a dataset";
                self.fault("bad-value", &path, node.mark, message, "keep `exposure_import` or `exposure_dataset`");
            }
        }
    }

    fn decision(&mut self) {
        let Some(proposed) = self.at(&["decision", "proposed"]) else { return };
        let dosages = self.at(&["dosages"]).map_or(&[][..], Node::items);
        let chosen = dosages.iter().find(|dosage| dosage.get("id").and_then(Node::text) == proposed.text());
        if chosen.is_some_and(is_comparator) {
            self.fault(
                "bad-value",
                "decision.proposed",
                proposed.mark,
                "the proposed dosage is a comparator",
                "propose a dosage of the drug",
            );
        }
        for (index, node) in self.at(&["decision", "alternatives"]).map_or(&[][..], Node::items).iter().enumerate() {
            if node.text().is_some() && node.text() == proposed.text() {
                let path = format!("decision.alternatives[{index}]");
                self.fault("bad-value", &path, node.mark, "the proposed dosage is named as its own alternative", "remove it from the list");
            }
        }
    }

    fn design(&mut self) {
        let Some(entry) = self.at(&["escalation", "design"]).and_then(|design| design.entries().first()) else { return };
        let (name, design) = (entry.key.as_str(), &entry.value);
        let path = format!("escalation.design.{name}");
        for (lower, upper) in
            [("underdosing", "target"), ("target", "overdosing"), ("target_lower", "target_upper"), ("margin_lower", "target")]
        {
            let (Some(low), Some(high)) = (design.get(lower), design.get(upper)) else { continue };
            if let (Some(a), Some(b)) = (number(low), number(high))
                && a >= b
            {
                let message = format!("`{lower}` must be below `{upper}`: {a} is not below {b}");
                self.fault("bad-value", &join(&path, lower), low.mark, message, "correct one of the two");
            }
        }
        self.ascending(design.get("skeleton"), &join(&path, "skeleton"));
        if ["crm", "tite_crm"].contains(&name) {
            let given = ["skeleton", "calibration"].iter().filter(|key| design.get(key).is_some()).count();
            if given != 1 {
                let message = "the design takes a `skeleton` or a `calibration`, one of the two";
                self.fault("bad-value", &path, entry.value.mark, message, "write prior probabilities by dose, or calibrate them");
            }
        }
        let (Some(own), Some(stated)) = (design.get("target"), self.at(&["escalation", "target_toxicity"])) else { return };
        if let (Some(own), Some(said)) = (number(own), number(stated))
            && (own - said).abs() > 1e-12
        {
            let message = format!("`target_toxicity` is {said}, but the design's target is {own}");
            self.fault("bad-value", "escalation.target_toxicity", stated.mark, message, "remove `target_toxicity`, or make the two equal");
        }
    }

    fn ascending(&mut self, list: Option<&Node>, path: &str) {
        let items = list.map_or(&[][..], Node::items);
        for (index, pair) in items.windows(2).enumerate() {
            let [earlier, later] = pair else { continue };
            if let (Some(a), Some(b)) = (number(earlier), number(later))
                && a >= b
            {
                let path = format!("{path}[{}]", index + 1);
                self.fault("bad-value", &path, later.mark, format!("values must ascend: {b} follows {a}"), "order the values");
            }
        }
    }

    fn covariates(&mut self) {
        let mut seen: Vec<(&str, Mark)> = Vec::new();
        for (index, covariate) in self.at(&["pk", "covariates"]).map_or(&[][..], Node::items).iter().enumerate() {
            let path = format!("pk.covariates[{index}]");
            self.ascending(covariate.get("cut_points"), &join(&path, "cut_points"));
            if let (Some(cuts), Some(_)) = (covariate.get("cut_points"), covariate.get("groups")) {
                let message = "a covariate takes `cut_points` or `groups`, not both";
                self.fault("bad-value", &join(&path, "cut_points"), cuts.mark, message, "remove one of the two");
            }
            let Some((column, node)) = covariate.get("column").and_then(|node| Some((node.text()?, node))) else { continue };
            match seen.iter().find(|(earlier, _)| earlier.eq_ignore_ascii_case(column)) {
                Some((_, first)) => {
                    let message = format!("the column `{column}` is named twice in `pk.covariates`; first on line {}", first.line);
                    self.fault("bad-value", &join(&path, "column"), node.mark, message, "name each column once");
                }
                None => seen.push((column, node.mark)),
            }
        }
    }

    /// As many shares as a shape needs, and a spread where a trial with numbers is planned.
    fn dose_response(&mut self) {
        for (index, analysis) in self.at(&["dose_response"]).map_or(&[][..], Node::items).iter().enumerate() {
            let path = format!("dose_response[{index}]");
            for (place, candidate) in analysis.get("candidates").map_or(&[][..], Node::items).iter().enumerate() {
                let Some(model) = candidate.get("model").and_then(Node::text) else { continue };
                let given = candidate.get("shares").map_or(0, |shares| shares.items().len());
                let needed = match model {
                    "linear" | "log_linear" => 0,
                    "sigmoid_emax" | "logistic" => 2,
                    _ => 1,
                };
                if given != needed {
                    let message = format!("the candidate `{model}` takes {needed} `shares`, but {given} are written");
                    let hint = "a share is a dose with the part of the largest effect believed to be reached there";
                    self.fault("bad-value", &format!("{path}.candidates[{place}].shares"), candidate.mark, message, hint);
                }
                if model == "beta" && candidate.get("largest_at").is_none() {
                    let message = "the candidate `beta` needs `largest_at`, the dose of the largest effect";
                    self.fault("missing-key", &format!("{path}.candidates[{place}].largest_at"), candidate.mark, message, "add the dose");
                }
            }
        }
    }

    fn utility(&mut self) {
        for (index, attribute) in self.at(&["utility", "attributes"]).map_or(&[][..], Node::items).iter().enumerate() {
            let path = format!("utility.attributes[{index}]");
            self.anchors(attribute, &path);
            if let (Some(_), Some(endpoint)) = (attribute.get("measure"), attribute.get("endpoint")) {
                let message = "an attribute takes a `measure` or an `endpoint`, not both";
                self.fault("bad-value", &join(&path, "endpoint"), endpoint.mark, message, "remove one of the two");
            }
            let points = attribute.get("value").and_then(|value| value.get("piecewise_linear")).and_then(|value| value.get("points"));
            let path = join(&path, "value.piecewise_linear.points");
            for (index, pair) in points.map_or(&[][..], Node::items).windows(2).enumerate() {
                let at = |node: &Node| node.get("at").and_then(number);
                let [earlier, later] = pair else { continue };
                if let (Some(a), Some(b)) = (at(earlier), at(later))
                    && a >= b
                {
                    let path = format!("{path}[{}].at", index + 1);
                    self.fault("bad-value", &path, later.mark, format!("points must ascend: {b} follows {a}"), "order the points by `at`");
                }
            }
        }
    }

    fn population_model(&mut self) {
        if let Some(model) = self.at(&["pk", "population_model", "inline"]) {
            self.faults.extend(pk_population::faults(model, "pk.population_model.inline"));
        }
    }

    /// An interaction needs its covariate in the adjusted model.
    fn exposure_response(&mut self) {
        for (index, analysis) in self.at(&["exposure_response"]).map_or(&[][..], Node::items).iter().enumerate() {
            let covariates: Vec<&str> = texts(analysis.get("covariates"));
            let Some(interactions) = analysis.get("interactions") else { continue };
            let items = if interactions.items().is_empty() { std::slice::from_ref(interactions) } else { interactions.items() };
            for (place, node) in items.iter().enumerate() {
                let Some(name) = node.text().filter(|name| !covariates.iter().any(|known| known.eq_ignore_ascii_case(name))) else {
                    continue;
                };
                let path = format!("exposure_response[{index}].interactions[{place}]");
                let message = format!("`{name}` is no covariate of this analysis, so exposure cannot interact with it");
                self.fault("bad-value", &path, node.mark, message, "name it in `covariates` as well");
            }
        }
    }

    /// The better anchor must lie on the better side of the worse one.
    fn anchors(&mut self, attribute: &Node, path: &str) {
        let (Some(better), Some(worst), Some(best)) = (attribute.get("better"), attribute.get("worst"), attribute.get("best")) else {
            return;
        };
        let (Some(low), Some(high)) = (number(worst), number(best)) else { return };
        let (fits, relation) = match better.text() {
            Some("higher") => (high > low, "above"),
            Some("lower") => (high < low, "below"),
            _ => return,
        };
        if !fits {
            let message = format!("`best` ({high}) must be {relation} `worst` ({low}), because {} is better", better.text().unwrap_or(""));
            self.fault("bad-value", &join(path, "best"), best.mark, message, "correct the anchors, or `better`");
        }
    }
}

fn is_comparator(dosage: &Node) -> bool {
    dosage.get("comparator").and_then(Node::text).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

fn texts(list: Option<&Node>) -> Vec<&str> {
    list.map_or(&[][..], Node::items).iter().filter_map(Node::text).collect()
}

fn number(node: &Node) -> Option<f64> {
    node.text()?.parse().ok().filter(|number: &f64| number.is_finite())
}

/// The ids that a list of the tree declares.
pub(crate) fn ids<'a>(tree: &'a Node, list: &str) -> Vec<&'a str> {
    let items = tree.get(list).map_or(&[][..], Node::items);
    items.iter().filter_map(|item| item.get("id")?.text()).collect()
}
