//! The population model of a project: as it stands in the project file, or in a file of its own.

use std::path::Path;

use schemars::generate::SchemaSettings;

use super::{PopulationModel, PopulationModelFile, PopulationModelOptions, PopulationModelSettings, sense};
use crate::config::companion::Companion;
use crate::config::project::ConfigErrors;
use crate::config::settings::DefaultUsed;

const FILE: Companion = Companion {
    name: "population model file",
    unreadable: "correct `pk.population_model.file`",
    empty: "write `source`, `compartments`, `route` and `parameters`, or remove `pk.population_model`",
};

/// The model of a project in the folder `root`, and the defaults that its file relied on; those of a model in the project file are told with
/// the others of that.
///
/// # Errors
/// [`ConfigErrors`] with every fault of the model's file.
pub(in crate::config) fn resolve(
    written: PopulationModelOptions,
    root: &Path,
) -> Result<(PopulationModelSettings, Vec<DefaultUsed>), ConfigErrors> {
    let path = match written {
        PopulationModelOptions::Inline(model) => return Ok((PopulationModelSettings { model: *model, file: None }, Vec::new())),
        PopulationModelOptions::File(path) => root.join(path),
    };
    let text = FILE.text(&path)?;
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<PopulationModel>().to_value();
    let read = FILE.understand::<PopulationModel>(&path, text.clone(), &schema, |tree| sense::faults(tree, ""))?;
    let defaults = read.defaults.into_iter().map(|used| DefaultUsed { key: format!("population_model:{}", used.key), ..used }).collect();
    Ok((PopulationModelSettings { model: read.value, file: Some(PopulationModelFile { path, text }) }, defaults))
}

#[cfg(test)]
mod tests {
    use super::super::{ParameterName, PopulationRoute};
    use super::*;

    const ORAL: &str = "\
source: report
compartments: 1
route: absorption
parameters:
  clearance: {value: 12, unit: L/h, cv_percent: 35, rse_percent: 4}
  central_volume: {value: 200, unit: L, omega_squared: 0.04}
  absorption_rate: {value: 24, unit: 1/day}
";

    fn read(text: &str) -> Result<(PopulationModelSettings, Vec<DefaultUsed>), ConfigErrors> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pop.yaml"), text).unwrap();
        resolve(PopulationModelOptions::File("pop.yaml".into()), folder.path())
    }

    fn codes(text: &str) -> Vec<(String, String)> {
        let errors = read(text).unwrap_err();
        errors.diagnostics.into_iter().map(|fault| (fault.code.to_owned(), fault.column.unwrap_or_default())).collect()
    }

    #[test]
    fn a_file_is_read_with_its_defaults() {
        let (settings, defaults) = read(ORAL).unwrap();
        let model = &settings.model;
        assert_eq!((model.route, model.subjects), (PopulationRoute::Absorption, 1_000));
        assert!((model.parameters.get(ParameterName::AbsorptionRate).unwrap().typical - 1.0).abs() < 1e-15);
        assert!(model.is_uncertain() && settings.file.unwrap().text == ORAL);
        assert!(defaults.iter().any(|used| used.key == "population_model:subjects" && used.value == "1000"));
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_key() {
        let without = ORAL.replace("  absorption_rate: {value: 24, unit: 1/day}\n", "");
        assert_eq!(codes(&without), [("missing-key".to_owned(), "parameters.absorption_rate".to_owned())]);
        let two = ORAL.replace("compartments: 1", "compartments: 2");
        assert_eq!(codes(&two).len(), 2);
        let both = ORAL.replace("omega_squared: 0.04", "omega_squared: 0.04, cv_percent: 20");
        assert_eq!(codes(&both)[0].1, "parameters.central_volume.omega_squared");
        let more = format!(
            "{ORAL}covariate_effects:\n  - {{on: clearance, column: WTBL, power: 0.75}}\n  - {{on: lag, column: SEX, factor: 2, value: F}}\n"
        );
        assert_eq!(codes(&more).len(), 2);
        let correlated = format!("{ORAL}correlations:\n  - {{first: clearance, second: absorption_rate, value: 0.3}}\n");
        assert_eq!(codes(&correlated).len(), 1);
        let regimens = format!("{ORAL}regimens:\n  - {{id: a, dose: 10 mg, doses: [{{dose: 3 mg}}]}}\n  - {{id: a, with_food: true}}\n");
        assert_eq!(codes(&regimens).len(), 3);
        let endless = format!("{ORAL}regimens:\n  - {{id: a, doses: [{{dose: 3 mg, schedule: QD}}, {{dose: 6 mg, schedule: QD}}]}}\n");
        assert_eq!(codes(&endless).len(), 1);
    }
}
