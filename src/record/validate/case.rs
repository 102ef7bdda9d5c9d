//! Case files: the ones inside the program and anybody's own.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use thiserror::Error;

/// Names one embedded file and includes its text.
macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/", $name)))),*]
    };
}

/// Why a folder of cases cannot be used.
#[derive(Debug, Error)]
pub enum ValidateError {
    /// A folder that cannot be listed.
    #[error("cannot list {}", path.display())]
    List {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A folder without any case file.
    #[error("no case file (*.json) below {}", path.display())]
    NoCases {
        /// The folder.
        path: PathBuf,
    },
}

/// One case file: its name, the method it names by its stem, and its text, or why the text could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFile {
    name: String,
    text: Result<String, String>,
}

impl CaseFile {
    /// Case file from its name (with `/` between folders) and text.
    pub fn from_text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: Ok(text.into()) }
    }

    /// Name relative to the folder that was read.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Method id: the file name without folder and extension.
    pub fn stem(&self) -> &str {
        let file = self.name.rsplit('/').next().unwrap_or(&self.name);
        file.strip_suffix(".json").unwrap_or(file)
    }

    /// The cases, or a message that says why the file is not a case file.
    pub(super) fn cases(&self) -> Result<Vec<Value>, String> {
        let text = self.text.as_ref().map_err(Clone::clone)?;
        let mut file: Value = serde_json::from_str(text).map_err(|error| format!("not valid JSON: {error}"))?;
        match file.get_mut("cases").map(Value::take) {
            Some(Value::Array(cases)) if cases.is_empty() => Err("`cases` is empty: nothing would be compared".to_owned()),
            Some(Value::Array(cases)) => Ok(cases),
            Some(_) => Err("`cases` is not a list".to_owned()),
            None => Err("no `cases`".to_owned()),
        }
    }
}

/// The cases that the program carries, so that an installed binary can qualify itself; in order of name.
pub fn embedded_cases() -> Vec<CaseFile> {
    embedded![
        "bayes_emax.json",
        "bayes_logistic.json",
        "beta_binomial.json",
        "bf_boin_oc.json",
        "bf_boin_rule.json",
        "binary_emax_ml.json",
        "blrm.json",
        "boin12_next_dose.json",
        "boin12_obd.json",
        "boin12_rds.json",
        "boin_boundaries.json",
        "boin_comb.json",
        "boin_oc.json",
        "boin_select_mtd.json",
        "bop2.json",
        "cox.json",
        "crm.json",
        "crm_oc.json",
        "crm_skeleton.json",
        "cui_deterministic.json",
        "cui_posterior.json",
        "cumulative_incidence.json",
        "dose_paths.json",
        "dose_proportionality.json",
        "dose_response_general.json",
        "dose_response_normal.json",
        "eortc_qlqc30.json",
        "first_in_human.json",
        "guesstimates.json",
        "i3plus3_tables.json",
        "kaplan_meier.json",
        "keyboard_oc.json",
        "keyboard_tables.json",
        "logistic_er.json",
        "logistic_firth.json",
        "mcpmod.json",
        "mean_cumulative_function.json",
        "mtpi2_tables.json",
        "mtpi_tables.json",
        "nca.json",
        "nca_tau.json",
        "nist_linear.json",
        "nist_nonlinear.json",
        "one_proportion.json",
        "optimal_contrasts_power.json",
        "pick_the_winner.json",
        "proctcae.json",
        "simon_two_stage.json",
        "stratified.json",
        "three_plus_three_exact.json",
        "tite_boin.json",
        "tite_boin_ess.json",
        "tite_boin_oc.json",
        "tite_crm.json",
        "tite_crm_oc.json",
        "toxicity_index.json",
        "trend.json",
        "two_proportions.json",
    ]
    .into_iter()
    .map(|(name, text)| CaseFile::from_text(name, text))
    .collect()
}

/// Every `*.json` below a folder, in order of path.
///
/// # Errors
/// [`ValidateError`] when a folder cannot be listed or holds no case file. A file that cannot be read is kept and reported as a case
/// with status `error`.
pub fn read_cases(folder: &Path) -> Result<Vec<CaseFile>, ValidateError> {
    let mut files = Vec::new();
    collect(folder, "", &mut files)?;
    if files.is_empty() {
        return Err(ValidateError::NoCases { path: folder.to_owned() });
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<CaseFile>) -> Result<(), ValidateError> {
    let failed = |source| ValidateError::List { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        // Linked folders are not followed: a link to a parent would never end.
        if entry.file_type().map_err(failed)?.is_dir() {
            collect(&path, &format!("{name}/"), files)?;
        } else if path.extension().is_some_and(|extension| extension == "json") && !path.is_dir() {
            let text = fs::read_to_string(&path).map_err(|error| format!("cannot be read: {error}"));
            files.push(CaseFile { name, text });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stem_is_the_method() {
        assert_eq!(CaseFile::from_text("statistics/one_proportion.json", "").stem(), "one_proportion");
        assert_eq!(CaseFile::from_text("a.b.json", "").stem(), "a.b");
    }

    #[test]
    fn embedded_files_are_sorted_and_readable() {
        let files = embedded_cases();
        assert!(files.windows(2).all(|pair| pair[0].name() < pair[1].name()));
        assert!(files.iter().all(|file| !file.cases().unwrap().is_empty()));
    }

    #[test]
    fn folders_are_read_recursively_in_order_and_may_repeat_a_stem() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
        let files = read_cases(&folder).unwrap();
        assert!(files.len() >= embedded_cases().len());
        assert!(files.windows(2).all(|pair| pair[0].name() < pair[1].name()));
        assert!(matches!(read_cases(&folder.join("no such folder")), Err(ValidateError::List { .. })));
    }
}
