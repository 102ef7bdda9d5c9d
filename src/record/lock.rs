//! `dosecase.lock`: the hashes of everything a dossier is made from.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Name and version of the format.
pub const SCHEMA: &str = "dosecase-lock/1";
/// Name of the file, beside the project file.
pub const FILE_NAME: &str = "dosecase.lock";

/// The inputs of a dossier with their hashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// Name and version of the format.
    pub schema: String,
    /// Program that wrote the lock.
    pub program: String,
    /// SHA-256 by path, relative to the project, with forward slashes.
    pub inputs: BTreeMap<String, String>,
}

/// One way in which the inputs differ from the lock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Mismatch {
    /// The file's content is another.
    Changed {
        /// Path.
        path: String,
        /// Hash in the lock.
        locked: String,
        /// Hash now.
        found: String,
    },
    /// The file is in the lock and not among the inputs.
    Missing {
        /// Path.
        path: String,
    },
    /// The file is an input and not in the lock.
    Added {
        /// Path.
        path: String,
    },
    /// Another version of the program.
    Program {
        /// Program in the lock.
        locked: String,
        /// Program now.
        found: String,
    },
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |hash: &str| hash.chars().take(12).collect::<String>();
        match self {
            Self::Changed { path, locked, found } => {
                write!(f, "{path} has changed: SHA-256 {}… in the lock, {}… now", short(locked), short(found))
            }
            Self::Missing { path } => write!(f, "{path} is in the lock and is no longer read"),
            Self::Added { path } => write!(f, "{path} is read and is not in the lock"),
            Self::Program { locked, found } => write!(f, "the lock was written by {locked}, this is {found}"),
        }
    }
}

impl Lock {
    /// A lock of these inputs.
    #[must_use]
    pub fn new(program: &str, inputs: BTreeMap<String, String>) -> Self {
        Self { schema: SCHEMA.to_owned(), program: program.to_owned(), inputs }
    }

    /// Every difference between this lock and what is there now, files in order of path.
    #[must_use]
    pub fn mismatches(&self, now: &Self) -> Vec<Mismatch> {
        let mut mismatches = Vec::new();
        if self.program != now.program {
            mismatches.push(Mismatch::Program { locked: self.program.clone(), found: now.program.clone() });
        }
        for (path, locked) in &self.inputs {
            match now.inputs.get(path) {
                None => mismatches.push(Mismatch::Missing { path: path.clone() }),
                Some(found) if found != locked => {
                    mismatches.push(Mismatch::Changed { path: path.clone(), locked: locked.clone(), found: found.clone() });
                }
                Some(_) => {}
            }
        }
        mismatches
            .extend(now.inputs.keys().filter(|path| !self.inputs.contains_key(*path)).map(|path| Mismatch::Added { path: path.clone() }));
        mismatches
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(program: &str, inputs: &[(&str, &str)]) -> Lock {
        Lock::new(program, inputs.iter().map(|(path, hash)| ((*path).to_owned(), (*hash).to_owned())).collect())
    }

    #[test]
    fn every_difference_is_named() {
        let locked = lock("dosecase 0.1.0", &[("data/adae.parquet", "aa"), ("data/adsl.parquet", "bb"), ("dosecase.yaml", "cc")]);
        assert!(locked.mismatches(&locked.clone()).is_empty());
        let now = lock("dosecase 0.2.0", &[("data/adae.parquet", "ab"), ("data/adex.parquet", "dd"), ("dosecase.yaml", "cc")]);
        let found = locked.mismatches(&now);
        assert_eq!(found.len(), 4);
        assert!(matches!(&found[0], Mismatch::Program { .. }));
        assert!(matches!(&found[1], Mismatch::Changed { path, .. } if path == "data/adae.parquet"));
        assert!(matches!(&found[2], Mismatch::Missing { path } if path == "data/adsl.parquet"));
        assert!(matches!(&found[3], Mismatch::Added { path } if path == "data/adex.parquet"));
    }
}
