//! Reading the scenario file: the same reader as the project file's, with the shape of [`SimulationPlan`].

use std::path::Path;

use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

use super::{SimulationPlan, sense};
use crate::config::companion::Companion;
use crate::config::project::ConfigErrors;
use crate::config::schema::describe_defaults;
use crate::config::settings::DefaultUsed;
use crate::config::source::ProjectSource;

const FILE: Companion = Companion {
    name: "scenario file",
    unreadable: "correct the path",
    empty: "write `doses`, `designs` and `scenarios`; `dosecase schema --scenarios` describes every key",
};

/// The scenario file, understood.
#[derive(Debug, Clone)]
pub struct ScenarioFile {
    /// What it says.
    pub plan: SimulationPlan,
    /// Its text, and the place of every value in it.
    pub source: ProjectSource,
    /// The defaults it relied on.
    pub defaults: Vec<DefaultUsed>,
}

/// Reads a scenario file.
///
/// # Errors
/// [`ConfigErrors`] with every fault that the file has: of its syntax, of its keys and values, and of what they mean together.
pub fn read_scenarios(file: &Path) -> Result<ScenarioFile, ConfigErrors> {
    read_scenarios_text(file, FILE.text(file)?)
}

/// Reads the text of the scenario file `file`.
///
/// # Errors
/// As [`read_scenarios`].
pub fn read_scenarios_text(file: &Path, text: String) -> Result<ScenarioFile, ConfigErrors> {
    let read = FILE.understand(file, text, &raw(), sense::faults)?;
    Ok(ScenarioFile { plan: read.value, source: read.source, defaults: read.defaults })
}

/// The JSON Schema of the scenario file: every key with its description, its default and where that comes from.
#[must_use]
pub fn scenario_schema() -> Json {
    let mut schema = raw();
    describe_defaults(&mut schema);
    schema
}

fn raw() -> Json {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<SimulationPlan>().to_value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::source::shape::Shape;

    const GOOD: &str = "\
doses: [10 mg, 30 mg, 60 mg]
designs:
  - {id: boin, design: {boin: {target: 0.3}}}
  - {id: rule, label: Plain 3+3, design: {three_plus_three: {}}}
scenarios:
  - {id: s1, toxicity: [0.1, 0.3, 0.5]}
";

    fn read_text(text: &str) -> Result<ScenarioFile, ConfigErrors> {
        read_scenarios_text(Path::new("scenarios.yaml"), text.to_owned())
    }

    fn faults(text: &str) -> Vec<(&'static str, usize, String)> {
        let errors = read_text(text).unwrap_err();
        errors
            .diagnostics
            .into_iter()
            .map(|fault| (fault.code, fault.place.map_or(0, |place| place.line), fault.column.unwrap_or_default()))
            .collect()
    }

    #[test]
    fn a_short_file_is_enough_and_its_defaults_are_listed() {
        let file = read_text(GOOD).unwrap();
        assert_eq!((file.plan.doses(), file.plan.judged_by()), (3, Some(0.3)));
        assert_eq!(file.plan.designs[1].label(), "Plain 3+3");
        for (key, value) in
            [("trials", "10000"), ("seed", "20240801"), ("exact", "auto"), ("designs[0].design.boin.elimination_cutoff", "0.95")]
        {
            assert!(file.defaults.iter().any(|used| used.key == key && used.value == value), "{key}");
        }
    }

    #[test]
    fn every_fault_is_told_at_once_with_its_place() {
        let text = "\
doses: [10 mg, 30 mg, 20 mg]
start: 4
designs:
  - {id: boin, design: {boin: {target: 0.9}}}
  - {id: boin, design: {bion: {target: 0.3}}}
  - {id: crm, design: {crm: {target: 0.3, skeleton: [0.1, 0.2]}}}
  - {id: tite, design: {tite_boin: {target: 0.3}}}
  - {id: eff, design: {boin12: {toxicity_limit: 0.3, efficacy_limit: 0.2}}}
scenarios:
  - {id: s1, toxicity: [0.1, 0.3]}
  - {id: s1, toxicity: [0.1, 0.05, -0.3], efficacy: [0.1, 0.2, 0.3], eficacy: 2}
trials: 3
";
        let found = faults(text);
        let at = |line: usize| found.iter().filter(|fault| fault.1 == line).map(|fault| fault.0).collect::<Vec<_>>();
        assert_eq!(at(1), ["bad-value"]);
        assert_eq!(at(2), ["bad-value"]);
        assert_eq!(at(3), ["missing-key"], "the designs have several targets");
        assert_eq!(at(4), ["bad-value"]);
        assert_eq!(at(5).len(), 2, "{found:?}");
        assert_eq!(at(6), ["bad-value"]);
        assert_eq!(at(7), ["missing-key"]);
        assert_eq!(at(10), ["missing-key", "bad-value"]);
        assert_eq!(at(11).len(), 5, "{found:?}");
        assert_eq!(at(12), ["bad-value"]);
    }

    #[test]
    fn words_speak_of_this_file_and_name_the_nearest_key() {
        let errors = read_text(&GOOD.replace("designs:", "desings:")).unwrap_err().to_string();
        assert!(errors.contains("did you mean `designs`") && errors.contains("scenario file"), "{errors}");
        assert_eq!(faults("# nothing\n")[0].0, "empty-file");
        assert!(read_scenarios(Path::new("no/such/file.yaml")).unwrap_err().to_string().contains("cannot be read"));
    }

    #[test]
    fn grids_are_given_once_and_not_too_large() {
        let without = GOOD.replace("doses: [10 mg, 30 mg, 60 mg]\n", "");
        assert_eq!(faults(&without)[0].0, "missing-key");
        assert!(read_text(&format!("dose_levels: 3\n{without}")).is_ok());
        assert_eq!(faults(&format!("dose_levels: 10000\n{without}"))[0].2, "dose_levels");
        assert_eq!(faults(&format!("dose_levels: 3\n{GOOD}"))[0].2, "dose_levels");
        let many: Vec<String> = (1..=10_000).map(|dose| format!("{dose} mg")).collect();
        let errors = read_text(&format!("doses: [{}]\n{without}", many.join(", "))).unwrap_err().to_string();
        assert!(errors.contains("at most 64 doses") && errors.len() < 2_000, "{errors}");
    }

    #[test]
    fn scenarios_are_generated_within_limits() {
        let generating = format!("generate: {{count: 2}}\n{GOOD}");
        assert!(read_text(&generating).is_ok());
        assert_eq!(faults(&format!("target: 0.55\n{generating}"))[0].2, "generate");
        let many = "dose_levels: 13\ndesigns: [{id: a, design: {boin: {target: 0.3}}}]\ngenerate: {count: 1}\n";
        assert_eq!(faults(many)[0].2, "generate");
        let joint = "dose_levels: 3\ntarget: 0.3\ndesigns: [{id: a, design: {boin12: {toxicity_limit: 0.3, efficacy_limit: 0.2}}}]\ngenerate: {count: 1}\n";
        assert!(read_text(joint).unwrap_err().to_string().contains("looks at efficacy"));
    }

    #[test]
    fn without_a_common_target_one_is_asked_for() {
        let two = GOOD.replace("{three_plus_three: {}}", "{mtpi: {target: 0.25}}");
        assert_eq!(faults(&two)[0].2, "target");
        assert_eq!(read_text(&format!("target: 0.3\n{two}")).unwrap().plan.judged_by(), Some(0.3));
        assert_eq!(faults(&GOOD.replace("boin: {target: 0.3}", "three_plus_three: {}"))[0].2, "target");
    }

    #[test]
    fn every_construct_of_the_file_is_known_and_described() {
        fn check(schema: &Json, path: &str, found: &mut Vec<String>) {
            for (name, value) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
                let choice = value.get("$ref").is_some() && schema.get("oneOf").is_some();
                if value.get("description").is_none() && !choice {
                    found.push(format!("{path}.{name}"));
                }
            }
            for (name, value) in schema.get("$defs").and_then(Json::as_object).into_iter().flatten() {
                check(value, &format!("{path}.{name}"), found);
            }
        }
        let mut found = Vec::new();
        check(&scenario_schema(), "", &mut found);
        assert_eq!(found, Vec::<String>::new());
        let mut paths = Vec::new();
        Shape::of(&raw()).key_paths("", &mut paths);
        assert!(paths.contains(&"designs[].design.boin.target".to_owned()) && paths.contains(&"generate.count".to_owned()));
    }
}
