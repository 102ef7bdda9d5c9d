//! The order of imports and the one door to each library (CONTRIBUTING.md, "The house").

use std::fs;
use std::path::{Path, PathBuf};

/// Modules from left to right: each may use what stands before it, never what stands after it.
const ORDER: [&str; 13] = [
    "quantity",
    "diagnostic",
    "numerics",
    "config",
    "data",
    "derive",
    "analysis",
    "evidence",
    "review",
    "render",
    "record",
    "pipeline",
    "cli",
];

/// Analyses that may use another, and which: its results, or in the case of `pk` its compartment models and exposures.
const SIBLINGS: [(&str, &[&str]); 3] =
    [("comparison", &["efficacy", "tolerability"]), ("exposure_response", &["pk", "tolerability"]), ("starting_dose", &["pk"])];

/// Libraries and the only places that may name them, as prefixes of paths under `src`.
const DOORS: [(&str, &[&str]); 7] = [
    ("polars", &["data/", "derive/"]),
    ("polars_readstat_rs", &["data/format/"]),
    ("plotters", &["render/figure/"]),
    ("tera", &["render/template.rs"]),
    ("pulldown_cmark", &["render/markdown.rs"]),
    ("clap", &["cli/", "main.rs"]),
    ("anyhow", &["cli/", "main.rs"]),
];

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Lines that are code: neither comments nor documentation.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Every `crate::name` of a line, grouped imports included.
fn imports(line: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for (start, _) in line.match_indices("crate::") {
        let rest = &line[start + "crate::".len()..];
        let name = |text: &'_ str| text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut at_start = true;
            for (index, c) in group.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => at_start = true,
                    c if at_start && c.is_alphabetic() => {
                        names.push(&group[index..index + name(&group[index..])]);
                        at_start = false;
                    }
                    _ => {}
                }
            }
        } else {
            names.push(&rest[..name(rest)]);
        }
    }
    names
}

#[test]
fn modules_see_only_what_stands_before_them() {
    let place = |module: &str| ORDER.iter().position(|name| *name == module);
    let mut faults = Vec::new();
    for (file, text) in sources() {
        let module = file.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        let Some(own) = place(&module) else { continue };
        for (line, content) in code(&text) {
            for import in imports(content) {
                if place(import).is_some_and(|other| other > own) {
                    faults.push(format!("src/{file}:{line}: {module} sees {import}, which stands after it"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn sibling_analyses_meet_only_through_result_types() {
    let analyses: Vec<String> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/analysis"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert!(analyses.len() >= 5);
    let mut faults = Vec::new();
    for (file, text) in sources() {
        let Some(own) = file.strip_prefix("analysis/").and_then(|rest| rest.split_once('/')).map(|(name, _)| name.to_owned()) else {
            continue;
        };
        let allowed = SIBLINGS.iter().find(|(name, _)| *name == own).map_or(&[][..], |(_, allowed)| *allowed);
        for (line, content) in code(&text) {
            for other in analyses.iter().filter(|other| **other != own && !allowed.contains(&other.as_str())) {
                if content.contains(&format!("analysis::{other}::")) || content.contains(&format!("super::super::{other}::")) {
                    faults.push(format!("src/{file}:{line}: {own} sees its sibling {other}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_library_has_one_door() {
    let mut faults = Vec::new();
    for (file, text) in sources() {
        for (library, doors) in DOORS {
            if doors.iter().any(|door| file.starts_with(door)) {
                continue;
            }
            for (line, content) in code(&text) {
                let named = content.contains(&format!("{library}::")) || content.contains(&format!("use {library};"));
                let whole_word = content
                    .find(&format!("{library}::"))
                    .is_none_or(|at| !content[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'));
                if named && whole_word {
                    faults.push(format!("src/{file}:{line}: {library} is named outside {}", doors.join(", ")));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn numerics_knows_no_clinical_word() {
    let words = ["subject", "patient", "dosage", "toxicity", "adverse", "tumour", "cohort", "usubjid"];
    let mut faults = Vec::new();
    for (file, text) in sources().into_iter().filter(|(file, _)| file.starts_with("numerics/")) {
        // Test data may come from a trial.
        let library = text.split("#[cfg(test)]").next().unwrap();
        for (line, content) in code(library) {
            let lower = content.to_lowercase();
            faults.extend(words.iter().filter(|word| lower.contains(**word)).map(|word| format!("src/{file}:{line}: `{word}`")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_import_reader_sees_grouped_imports() {
    assert_eq!(imports("use crate::{config::Settings, data::{Dataset, DatasetName}, derive};"), ["config", "data", "derive"]);
    assert_eq!(imports("let x = crate::numerics::proportion::estimate(1, 2);"), ["numerics"]);
    assert!(imports("use std::fs;").is_empty());
}
