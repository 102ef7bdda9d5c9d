//! The dossier of the example, read as its readers do: how much it weighs, whether its links lead somewhere, what its first page says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::sandbox::{contents, example, run, told};

/// Builds an example into a folder of its own.
fn built(name: &str) -> tempfile::TempDir {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("dossier");
    let (code, _, errors) = told(&run(&["build", &example(name).to_string_lossy(), "--out", &folder.to_string_lossy()]));
    assert_eq!(code, 0, "{errors}");
    out
}

fn text(out: &tempfile::TempDir, file: &str) -> String {
    fs::read_to_string(out.path().join("dossier").join(file)).unwrap()
}

/// Every measure that the built-in templates ask for, with the template.
fn measures() -> Vec<(PathBuf, String)> {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut measures = Vec::new();
    for folder in ["parts", "sections"] {
        for entry in fs::read_dir(templates.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let words = fs::read_to_string(&path).unwrap();
            for (_, rest) in words.match_indices("measure=\"").map(|(at, found)| words.split_at(at + found.len())) {
                measures.push((path.clone(), rest.split('"').next().unwrap().to_owned()));
            }
        }
    }
    measures
}

#[test]
fn the_dossier_of_the_registration_example_is_whole_and_light() {
    const MEGABYTE: usize = 1 << 20;
    let out = built("zeltorafib");
    let (page, markdown) = (text(&out, "dossier.html"), text(&out, "dossier.md"));
    assert!(page.len() < 8 * MEGABYTE, "dossier.html: {}", page.len());
    assert!(markdown.len() < 5 * MEGABYTE / 2, "dossier.md: {}", markdown.len());

    // Figures of the Markdown are files beside it, and every file is shown.
    let shown: BTreeSet<String> =
        markdown.split("](exhibits/").skip(1).map(|rest| format!("exhibits/{}", rest.split(')').next().unwrap())).collect();
    let files = contents(&out.path().join("dossier"));
    let there: BTreeSet<String> = files.into_iter().map(|(name, _)| name).filter(|name| name.ends_with(".svg")).collect();
    assert!(there.len() > 20);
    assert_eq!(shown, there);

    let evidence: serde_json::Value = serde_json::from_str(&text(&out, "evidence.json")).unwrap();
    let facts = evidence["facts"].as_object().unwrap();
    // The example is a small molecule, of which no antibodies are asked for.
    for (template, measure) in measures().into_iter().filter(|(_, measure)| !measure.starts_with("immunogenicity.")) {
        let is_of = |id: &str| id.strip_prefix(&measure).is_some_and(|rest| rest.starts_with('.'));
        assert!(facts.keys().any(|id| is_of(id)), "{}: nothing computes {measure}", template.display());
    }
    // The origin of every fact that a table shows is in the page.
    let in_tables = evidence["exhibits"].as_array().unwrap().iter().flat_map(|exhibit| exhibit["content"]["rows"].as_array()).flatten();
    let cells = in_tables.flat_map(|row| row["cells"].as_array()).flatten().filter_map(|cell| cell["facts"].as_array()).flatten();
    let shown: BTreeSet<&str> = cells.filter_map(|id| id.as_str()).collect();
    assert!(shown.len() > 4_000, "{}", shown.len());
    let named: BTreeSet<&str> = page.split("<code>").skip(1).map(|rest| rest.split("</code>").next().unwrap()).collect();
    let missing: Vec<&&str> = shown.iter().filter(|id| !named.contains(**id)).take(5).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_first_page_answers_in_words_of_the_data() {
    let out = built("zeltorafib-eop1");
    let markdown = text(&out, "dossier.md");
    let summary = markdown.split("## ").nth(1).unwrap();
    for words in [
        "**The question.**",
        "**The proposed dosage.**",
        "**What supports it.**",
        "**What speaks against it.**",
        "**What is not distinguished.**",
        "**State of the data.**",
    ] {
        assert!(summary.contains(words), "{words}");
    }
    // What was compared at random stands before all parts together.
    let head = summary.lines().find(|line| line.starts_with("| Result |")).unwrap();
    assert!(head.find("Randomised dose expansion").unwrap() < head.find("all study parts").unwrap(), "{head}");
    for line in summary.lines().filter(|line| line.starts_with("> - ")) {
        assert!(line.len() < 220, "one line for each diagnostic: {line}");
    }
}
