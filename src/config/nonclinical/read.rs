//! Reading `nonclinical.yaml`: the same reader as the project file's, with the shape of [`Nonclinical`].

use std::path::Path;

use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

use super::{Nonclinical, sense};
use crate::config::companion::Companion;
use crate::config::project::ConfigErrors;
use crate::config::settings::DefaultUsed;
use crate::config::source::ProjectSource;

const FILE: Companion = Companion {
    name: "nonclinical file",
    unreadable: "correct `starting_dose.nonclinical`",
    empty: "write `repeat_dose_toxicity`, `in_vitro` and `predicted_human`, or remove `starting_dose.nonclinical`",
};

/// The nonclinical file, understood.
#[derive(Debug, Clone)]
pub struct NonclinicalFile {
    /// What it says.
    pub nonclinical: Nonclinical,
    /// Its text, and the place of every value in it.
    pub source: ProjectSource,
    /// The defaults it relied on, each key with the prefix `nonclinical:`.
    pub defaults: Vec<DefaultUsed>,
}

/// Reads a nonclinical file.
///
/// # Errors
/// [`ConfigErrors`] with every fault that the file has: of its syntax, of its keys and values, and of what they mean together.
pub fn read_nonclinical(file: &Path) -> Result<NonclinicalFile, ConfigErrors> {
    read_nonclinical_text(file, FILE.text(file)?)
}

/// Reads the text of the nonclinical file `file`.
///
/// # Errors
/// As [`read_nonclinical`].
pub fn read_nonclinical_text(file: &Path, text: String) -> Result<NonclinicalFile, ConfigErrors> {
    let read = FILE.understand(file, text, &nonclinical_schema(), sense::faults)?;
    let defaults = read.defaults.into_iter().map(|used| DefaultUsed { key: format!("nonclinical:{}", used.key), ..used }).collect();
    Ok(NonclinicalFile { nonclinical: read.value, source: read.source, defaults })
}

/// The JSON Schema of the nonclinical file: every key with its description.
#[must_use]
pub fn nonclinical_schema() -> Json {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Nonclinical>().to_value()
}

#[cfg(test)]
mod tests {
    use super::super::{Relevance, Species, ToxicityLevel};
    use super::*;
    use crate::config::source::shape::Shape;

    fn read_text(text: &str) -> Result<NonclinicalFile, ConfigErrors> {
        read_nonclinical_text(Path::new("nonclinical.yaml"), text.to_owned())
    }

    fn codes(text: &str) -> Vec<(&'static str, usize, String)> {
        let errors = read_text(text).unwrap_err();
        errors
            .diagnostics
            .into_iter()
            .map(|fault| (fault.code, fault.place.map_or(0, |place| place.line), fault.column.unwrap_or_default()))
            .collect()
    }

    #[test]
    fn the_example_is_read_whole() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/zeltorafib/nonclinical.yaml");
        let file = read_nonclinical(&path).unwrap();
        let package = &file.nonclinical;
        assert_eq!((package.in_vitro.len(), package.repeat_dose_toxicity.len(), package.efficacy_models.len()), (6, 3, 3));
        let dog = &package.repeat_dose_toxicity[1];
        assert_eq!((dog.species, dog.relevant), (Species::Dog, Relevance::Yes));
        assert_eq!(dog.stated(ToxicityLevel::Hnstd).unwrap().1, "HNSTD_mg_kg");
        assert!(dog.stated(ToxicityLevel::Std10).is_none());
        assert!((package.unbound_fraction("human").unwrap() - 0.04).abs() < 1e-12);
        assert!(file.source.place("repeat_dose_toxicity[1].HNSTD_mg_kg").unwrap().line > 1);
        assert!(file.defaults.iter().any(|used| used.key == "nonclinical:safety_factor" && used.value == "10"));
    }

    #[test]
    fn every_construct_of_the_file_is_known_to_the_reader() {
        assert_eq!(Shape::of(&nonclinical_schema()).unknown_paths(), Vec::<String>::new());
    }

    #[test]
    fn every_key_is_described() {
        fn undescribed(schema: &Json, path: &str, found: &mut Vec<String>) {
            for (name, value) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
                if value.get("description").is_none() {
                    found.push(format!("{path}.{name}"));
                }
            }
            for part in ["properties", "$defs"] {
                for (name, value) in schema.get(part).and_then(Json::as_object).into_iter().flatten() {
                    undescribed(value, &format!("{path}.{name}"), found);
                }
            }
        }
        let mut found = Vec::new();
        undescribed(&nonclinical_schema(), "", &mut found);
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn every_fault_is_told_at_once_with_its_place() {
        let text = "\
compound: x
molecular_weight_g_mol: -3
in_vitro:
  - {assay: A, parameter: IC50, value: 14, unit: nMol}
repeat_dose_toxicity:
  - {species: cat, study: T1}
  - {species: dog, study: T2, HNSTD_mg_kg: 1.5, HNSTD_mg_m2: 30}
  - {species: rat, study: T2, NOAEL: 3}
plasma_protein_binding_percent_bound: {human: 104, mice: 90}
";
        let found = codes(text);
        let at = |line: usize| found.iter().filter(|fault| fault.1 == line).map(|fault| fault.0).collect::<Vec<_>>();
        assert_eq!(at(2), ["bad-value"]);
        assert_eq!(at(4), ["bad-value"]);
        assert_eq!(at(6), ["bad-value"]);
        assert_eq!(at(7), ["bad-value"]);
        assert_eq!(at(8), ["duplicate-study", "unknown-key"]);
        assert_eq!(at(9), ["bad-value", "unknown-id"]);
    }

    #[test]
    fn words_speak_of_this_file() {
        let errors = read_text("compund: x\n").unwrap_err();
        assert!(errors.to_string().contains("of the nonclinical file"), "{errors}");
        assert!(errors.to_string().contains("did you mean `compound`"), "{errors}");
        assert_eq!(codes("# nothing\n")[0].0, "empty-file");
        assert!(read_text("{}\n").is_ok());
    }

    #[test]
    fn a_missing_or_misencoded_file_is_told() {
        let errors = read_nonclinical(Path::new("no/such/nonclinical.yaml")).unwrap_err();
        assert!(errors.to_string().contains("starting_dose.nonclinical"));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("nonclinical.yaml");
        std::fs::write(&file, b"compound: x\ntarget: \xE9\n").unwrap();
        let errors = read_nonclinical(&file).unwrap_err();
        assert!(errors.to_string().contains("line 2"), "{errors}");
    }
}
