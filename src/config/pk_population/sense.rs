//! What a population model must say beyond its shape: the parameters that its compartments and its route need, variability that is stated once,
//! correlations that can be, covariates that are complete, regimens that end.

use super::ParameterName;
use crate::config::sense::repeated_ids;
use crate::config::source::read::{Fault, join};
use crate::config::source::tree::{Mark, Node};
use crate::numerics::cholesky::Cholesky;

/// Every fault of sense in the tree of a model that stands at a key path.
pub(in crate::config) fn faults(tree: &Node, at: &str) -> Vec<Fault> {
    let mut sense = Sense { tree, at, faults: Vec::new() };
    sense.needed();
    sense.variability();
    sense.correlations();
    sense.covariates();
    sense.estimates();
    sense.regimens();
    sense.faults
}

struct Sense<'a> {
    tree: &'a Node,
    at: &'a str,
    faults: Vec<Fault>,
}

impl<'a> Sense<'a> {
    fn fault(&mut self, code: &'static str, path: &str, mark: Mark, message: impl Into<String>, hint: &str) {
        self.faults.push(Fault { code, path: join(self.at, path), mark, message: message.into(), hint: hint.to_owned() });
    }

    fn items(&self, list: &str) -> &'a [Node] {
        self.tree.get(list).map_or(&[][..], Node::items)
    }

    fn parameter(&self, name: ParameterName) -> Option<&'a Node> {
        self.tree.get("parameters")?.get(name.id()).filter(|node| !node.is_nothing())
    }

    /// The parameters that the structure needs, and those that it has no place for.
    fn needed(&mut self) {
        let Some(parameters) = self.tree.get("parameters") else { return };
        let compartments = self.tree.get("compartments").and_then(Node::text);
        let absorbed = self.tree.get("route").and_then(Node::text).map(|route| route == "absorption");
        let infused = self.tree.get("route").is_some_and(|route| !route.entries().is_empty());
        let absorbed = if infused { Some(false) } else { absorbed };
        let two = compartments.map(|count| count == "2");
        let expected = [
            (ParameterName::IntercompartmentalClearance, two, "two compartments"),
            (ParameterName::PeripheralVolume, two, "two compartments"),
            (ParameterName::AbsorptionRate, absorbed, "the route `absorption`"),
        ];
        for (name, needed, by) in expected {
            let path = format!("parameters.{}", name.id());
            match (needed, self.parameter(name)) {
                (Some(true), None) => {
                    let message =
                        format!("{by} need `{}`", name.id()).replace("the route `absorption` need", "the route `absorption` needs");
                    self.fault("missing-key", &path, parameters.mark, message, "write it with its unit");
                }
                (Some(false), Some(node)) => {
                    self.fault("bad-value", &path, node.mark, format!("only {by} have a `{}`", name.id()), "remove it");
                }
                _ => {}
            }
        }
        if let (Some(false), Some(lag)) = (absorbed, self.parameter(ParameterName::Lag)) {
            self.fault("bad-value", "parameters.lag", lag.mark, "only absorption has a lag", "remove it");
        }
    }

    /// Variability in one form, not in two.
    fn variability(&mut self) {
        for name in ParameterName::ALL {
            let Some(node) = self.parameter(name) else { continue };
            if let (Some(_), Some(second)) = (node.get("cv_percent"), node.get("omega_squared")) {
                let path = format!("parameters.{}.omega_squared", name.id());
                self.fault("bad-value", &path, second.mark, "`cv_percent` and `omega_squared` say the same", "remove one of the two");
            }
        }
    }

    fn varies(&self, name: &str) -> bool {
        let node = self.tree.get("parameters").and_then(|parameters| parameters.get(name));
        node.is_some_and(|node| ["cv_percent", "omega_squared"].iter().any(|key| node.get(key).and_then(number).is_some_and(|of| of > 0.0)))
    }

    /// Correlations are of parameters that vary, and together they are possible.
    fn correlations(&mut self) {
        let mut matrix = [[0.0; 7]; 7];
        for (place, row) in matrix.iter_mut().enumerate() {
            row[place] = 1.0;
        }
        let mut last = None;
        for (index, item) in self.items("correlations").iter().enumerate() {
            let path = format!("correlations[{index}]");
            let mut places = Vec::new();
            for key in ["first", "second"] {
                let Some((node, name)) = item.get(key).and_then(|node| Some((node, node.text()?))) else { continue };
                if !self.varies(name) {
                    let message = format!("`{name}` does not vary between subjects, so nothing is correlated with it");
                    self.fault("bad-value", &join(&path, key), node.mark, message, "write its `cv_percent`, or remove the correlation");
                }
                places.extend(ParameterName::ALL.iter().position(|known| known.id() == name));
            }
            match (places.as_slice(), item.get("value").and_then(number)) {
                ([a, b], _) if a == b => {
                    self.fault("bad-value", &path, item.mark, "a parameter is not correlated with itself", "name two parameters");
                }
                ([a, b], Some(value)) => {
                    matrix[*a][*b] = value;
                    matrix[*b][*a] = value;
                    last = Some((path, item.mark));
                }
                _ => {}
            }
        }
        if let Some((path, mark)) = last
            && Cholesky::factor(&matrix.concat(), 7).is_none()
        {
            self.fault(
                "bad-value",
                &path,
                mark,
                "the correlations contradict each other: their matrix is not positive definite",
                "correct them",
            );
        }
    }

    fn covariates(&mut self) {
        for (index, effect) in self.items("covariate_effects").iter().enumerate() {
            let path = format!("covariate_effects[{index}]");
            let has = |key: &str| effect.get(key).is_some_and(|node| !node.is_nothing());
            let complete = (has("power") && has("reference") && !has("factor") && !has("value"))
                || (has("factor") && has("value") && !has("power") && !has("reference"));
            if !complete {
                let message = "an effect of a covariate takes `power` with `reference`, or `factor` with `value`";
                self.fault("bad-value", &path, effect.mark, message, "write the two that belong together");
            }
            let on = effect.get("on").and_then(Node::text);
            if let Some(name) = ParameterName::ALL.into_iter().find(|name| Some(name.id()) == on)
                && name != ParameterName::Bioavailability
                && self.parameter(name).is_none()
            {
                let message = format!("the model has no `{}`", name.id());
                self.fault("unknown-id", &join(&path, "on"), effect.mark, message, "name a parameter of the model");
            }
        }
        for entry in self.tree.get("covariates").map_or(&[][..], Node::entries) {
            let has = |key: &str| entry.value.get(key).is_some_and(|node| !node.is_nothing());
            if has("median") == has("shares") {
                let message = format!("`{}` takes a `median` with `cv_percent`, or `shares`", entry.key);
                self.fault("bad-value", &format!("covariates.{}", entry.key), entry.key_mark, message, "write one of the two");
            }
        }
    }

    fn estimates(&mut self) {
        let Some(stated) = self.tree.get("estimate_covariance") else { return };
        let count = stated.get("of").map_or(0, |of| of.items().len());
        let rows: Vec<Vec<f64>> =
            stated.get("rows").map_or(&[][..], Node::items).iter().map(|row| row.items().iter().filter_map(number).collect()).collect();
        let square = rows.len() == count && rows.iter().all(|row| row.len() == count);
        if !square || Cholesky::factor(&rows.concat(), count).is_none() {
            let message = format!("`rows` must be a positive definite matrix of {count} rows and columns");
            self.fault(
                "bad-value",
                "estimate_covariance.rows",
                stated.mark,
                message,
                "give the covariance of the logarithms of the estimates",
            );
        }
    }

    fn regimens(&mut self) {
        let items = self.items("regimens");
        let prefix = join(self.at, "regimens");
        self.faults.extend(repeated_ids(&prefix, items, "ids name facts and must be unique"));
        for (index, regimen) in items.iter().enumerate() {
            let path = format!("regimens[{index}]");
            let steps = regimen.get("doses").map_or(&[][..], Node::items);
            if let (Some(dose), false) = (regimen.get("dose"), steps.is_empty()) {
                self.fault(
                    "bad-value",
                    &join(&path, "dose"),
                    dose.mark,
                    "a regimen takes a `dose` or `doses`, not both",
                    "remove one of the two",
                );
            }
            let fed = regimen.get("with_food").filter(|node| node.text() == Some("true"));
            if let (Some(node), None) = (fed, self.tree.get("food")) {
                self.fault("missing-key", &join(&path, "with_food"), node.mark, "the model does not say what food changes", "write `food`");
            }
            for (place, step) in steps.iter().enumerate() {
                let repeated = ["schedule", "every"].iter().filter(|key| step.get(key).is_some()).count();
                let path = join(&path, &format!("doses[{place}]"));
                if repeated == 2 {
                    self.fault("bad-value", &path, step.mark, "a step takes a `schedule` or `every`, not both", "remove one of the two");
                }
                if repeated > 0 && step.get("times").is_none() && place + 1 < steps.len() {
                    self.fault(
                        "missing-key",
                        &join(&path, "times"),
                        step.mark,
                        "only the last step may go on without end",
                        "write `times`",
                    );
                }
                if repeated == 0 && step.get("times").and_then(number).is_some_and(|times| times > 1.0) {
                    self.fault(
                        "missing-key",
                        &path,
                        step.mark,
                        "doses that are repeated need a time between them",
                        "write `schedule` or `every`",
                    );
                }
            }
        }
    }
}

fn number(node: &Node) -> Option<f64> {
    node.text()?.parse().ok().filter(|number: &f64| number.is_finite())
}
