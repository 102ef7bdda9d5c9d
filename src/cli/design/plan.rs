//! The design of a command: the options of a project file, the doses, and every parameter with its origin.

use std::collections::BTreeSet;

use anyhow::{anyhow, bail};
use serde_json::{Map, Value, json};

use super::arguments::Question;
use super::document::{Cell, Document, Parameter};
use super::doses::Doses;
use super::methods::DesignParameters;
use crate::analysis::escalation::design::boin::BoinParameters;
use crate::analysis::escalation::design::{Conduct, DoseLevel};
use crate::analysis::escalation::trial_design::TrialDesign;
use crate::config::{CrmModel, DesignOptions, json_schema};

/// Doses of a grid of which nothing is said.
const CUSTOMARY_DOSES: usize = 5;

/// A design on its doses, with where its parameters come from.
#[derive(Debug)]
pub(super) struct Plan {
    /// The options, as a project file would hold them.
    pub(super) options: DesignOptions,
    /// The doses.
    pub(super) doses: Doses,
    /// What each dose is called.
    pub(super) labels: Vec<String>,
    /// The design.
    pub(super) design: TrialDesign,
    /// Cohorts, patients and the dose of the first cohort.
    pub(super) conduct: Conduct,
    /// The target by which doses are judged where the design has none of its own.
    pub(super) judged_by: Option<f64>,
    parameters: Vec<Parameter>,
}

impl Plan {
    /// The plan of a command.
    pub(super) fn new<P: DesignParameters>(parameters: &P, question: &Question) -> anyhow::Result<Self> {
        let (doses, doses_origin) = doses(parameters, question)?;
        let given = given(parameters.options());
        let options = read(P::KEY, &given)?;
        let start = question.start.checked_sub(1).ok_or_else(|| anyhow!("--start is 0: count doses from 1"))?;
        let design = TrialDesign::new(&options, &doses.amounts, 1)?.starting_at(DoseLevel(start))?;
        let judged_by = parameters.judged_by();
        if let Some(target) = judged_by.filter(|target| !(*target > 0.0 && *target < 1.0)) {
            bail!("--target is {target}, but must lie above 0 and below 1");
        }
        let mut listed = vec![Parameter { name: "doses".to_owned(), value: of_doses(&doses), origin: doses_origin.to_owned() }];
        listed.extend(with_origins(P::KEY, &given, &options, &design)?);
        if question.start > 1 {
            listed.push(Parameter { name: "start".to_owned(), value: Cell::Count(question.start as u64), origin: GIVEN.to_owned() });
        }
        if let Some(target) = judged_by {
            listed.push(Parameter {
                name: "target".to_owned(),
                value: Cell::Plain(target),
                origin: "given, to judge the doses by; the rule has none".to_owned(),
            });
        }
        let conduct = *design.conduct();
        Ok(Self { options, labels: doses.labels(), doses, design, conduct, judged_by, parameters: listed })
    }

    /// The name of a dose.
    pub(super) fn label(&self, dose: DoseLevel) -> String {
        crate::analysis::escalation::decision_words::label(&self.labels, dose)
    }

    /// The beginning of an answer.
    pub(super) fn document(&self) -> Document {
        Document::new(self.design.label(), self.parameters.clone())
    }
}

/// Origin of what the user wrote.
const GIVEN: &str = "given";

fn doses<P: DesignParameters>(parameters: &P, question: &Question) -> anyhow::Result<(Doses, &'static str)> {
    if let Some(text) = &question.doses {
        return Ok((Doses::read(text)?, GIVEN));
    }
    match (parameters.doses(), question.truth.as_ref()) {
        (Some(doses), _) => Ok((Doses::number(doses)?, "as many as the skeleton has")),
        (None, Some(truth)) => Ok((Doses::number(truth.len())?, "as many as the truth has")),
        (None, None) => Ok((Doses::number(CUSTOMARY_DOSES)?, "a customary grid; give --doses")),
    }
}

fn of_doses(doses: &Doses) -> Cell {
    match (doses.stated, doses.unit) {
        (true, Some(_)) => Cell::text(doses.labels().join(", ")),
        (true, None) => Cell::Numbers(doses.amounts.clone()),
        (false, _) => Cell::Count(doses.amounts.len() as u64),
    }
}

/// Without what was not given.
fn given(value: Value) -> Value {
    match value {
        Value::Object(entries) => {
            let kept = entries.into_iter().map(|(key, value)| (key, given(value)));
            Value::Object(kept.filter(|(_, value)| !matches!(value, Value::Null | Value::Bool(false))).collect::<Map<_, _>>())
        }
        other => other,
    }
}

/// Reads options as a project file would.
fn read(key: &str, given: &Value) -> anyhow::Result<DesignOptions> {
    serde_json::from_value(json!({ key: given })).map_err(|error| anyhow!("the parameters do not make a design: {error}"))
}

/// Every parameter of the design: the value in force, and where it is from.
fn with_origins(key: &str, given: &Value, options: &DesignOptions, design: &TrialDesign) -> anyhow::Result<Vec<Parameter>> {
    let all = serde_json::to_value(options)?;
    let schema = json_schema();
    let described = properties_of(&schema, key);
    let mut listed = Vec::new();
    for (name, value) in all.get(key).and_then(Value::as_object).into_iter().flatten() {
        let own = given.get(name);
        if own.is_none() && is_idle(name, options) {
            continue;
        }
        let nested = value.as_object().filter(|_| own.is_some());
        if let Some(members) = nested {
            let stated: BTreeSet<&String> = own.and_then(Value::as_object).map(|own| own.keys().collect()).unwrap_or_default();
            for (member, value) in members {
                let origin = if stated.contains(member) { GIVEN } else { "independence where nothing is stated" };
                listed.push(Parameter { name: format!("{name}.{member}"), value: cell(value), origin: origin.to_owned() });
            }
            continue;
        }
        let property = described.and_then(|properties| properties.get(name));
        if let Some((value, origin)) = in_force(name, value, options, design, property) {
            let origin = if own.is_some() { GIVEN.to_owned() } else { origin };
            listed.push(Parameter { name: name.clone(), value, origin });
        }
    }
    Ok(listed)
}

/// Whether a parameter changes nothing beside the others.
fn is_idle(name: &str, options: &DesignOptions) -> bool {
    match (name, options) {
        ("intercept", DesignOptions::Crm(options)) => options.model == CrmModel::Empiric,
        ("intercept", DesignOptions::TiteCrm(options)) => options.model == CrmModel::Empiric,
        ("offset", DesignOptions::Boin(options)) => !options.extra_safe,
        ("stop_rule", DesignOptions::Boin(options)) => options.stop_at.is_none(),
        (
            "stop_rule",
            DesignOptions::I3Plus3(options)
            | DesignOptions::Keyboard(options)
            | DesignOptions::Mtpi(options)
            | DesignOptions::Mtpi2(options),
        ) => options.stop_at.is_none(),
        _ => false,
    }
}

/// The value that a parameter has, and its origin where it is a default; none for what is not used.
fn in_force(name: &str, value: &Value, options: &DesignOptions, design: &TrialDesign, property: Option<&Value>) -> Option<(Cell, String)> {
    let said = |key: &str| property.and_then(|property| property.get(key)).and_then(Value::as_str);
    let origin = match (said("x-default"), said("x-origin")) {
        (Some(default), Some(origin)) => format!("{default}; {origin}"),
        (_, Some(origin)) => origin.to_owned(),
        _ => "default".to_owned(),
    };
    let published = options.target().map(BoinParameters::with_target);
    match (name, value, published) {
        ("underdosing", Value::Null, Some(published)) => Some((Cell::Plain(published.underdosing), origin)),
        ("overdosing", Value::Null, Some(published)) => Some((Cell::Plain(published.overdosing), origin)),
        ("max_patients", Value::Null, _) => Some((Cell::count(design.conduct().max_n), "six per dose, at least 30".to_owned())),
        (_, Value::Null, _) => None,
        _ => Some((cell(value), origin)),
    }
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Bool(flag) => Cell::Flag(*flag),
        Value::Number(number) => match number.as_u64() {
            Some(count) => Cell::Count(count),
            None => number.as_f64().map_or(Cell::Absent, Cell::Plain),
        },
        Value::String(text) => Cell::Text(text.clone()),
        Value::Array(values) => Cell::Numbers(values.iter().filter_map(Value::as_f64).collect()),
        Value::Null | Value::Object(_) => Cell::Absent,
    }
}

/// What the schema of the project file says of the options of a design.
fn properties_of<'a>(schema: &'a Value, key: &str) -> Option<&'a Value> {
    let definitions = schema.get("$defs")?;
    let variants = definitions.get("DesignOptions")?.get("oneOf")?.as_array()?;
    let variant = variants.iter().find_map(|variant| variant.get("properties")?.get(key))?;
    let name = variant.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?;
    definitions.get(name)?.get("properties")
}
