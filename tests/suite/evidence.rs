//! The evidence of the examples: whole, traceable, the same from every format, and right where it can be counted by hand.

use std::collections::BTreeMap;
use std::fs;

use dosecase::data::DECISION_LOG;
use dosecase::evidence::{Cell, Content, Evidence, FactValue, json::evidence_json};
use dosecase::pipeline::{self, Overrides, Reading};
use serde_json::Value;

use super::sandbox::{copy_of, example, shared_data};

fn evidence_of(project: &std::path::Path) -> (Reading, Evidence) {
    let reading = pipeline::read(project, Overrides::default(), &|_| ()).unwrap();
    let evidence = pipeline::gather(&reading, &|_| ()).unwrap();
    (reading, evidence)
}

#[test]
fn every_number_of_every_table_is_a_fact_with_its_rows() {
    for name in ["zeltorafib", "zeltorafib-eop1"] {
        let (reading, evidence) = evidence_of(&example(name));
        let mut heights: BTreeMap<String, u32> = BTreeMap::new();
        for file in &evidence.provenance.datasets {
            *heights.entry(file.dataset.clone()).or_default() += u32::try_from(file.rows).unwrap();
        }
        for (name, dataset) in &reading.trial.datasets {
            assert_eq!(heights.get(name.label()).copied(), u32::try_from(dataset.height()).ok());
        }
        // A fact of the project file names the key that it was written under; it has no rows.
        heights.insert("PROJECT".to_owned(), 0);
        let mut shown = 0;
        for exhibit in &evidence.exhibits {
            let Content::Table(table) = &exhibit.content else { continue };
            for row in &table.rows {
                assert!(row.heading || row.cells.len() == table.columns.len(), "{}: {}", exhibit.id, row.stub);
                for cell in &row.cells {
                    match cell {
                        Cell::Facts(_, ids) => {
                            for id in ids {
                                assert!(evidence.facts.get(id).is_some(), "{}: {id}", exhibit.id);
                                shown += 1;
                            }
                        }
                        // Words of a cell must not smuggle a number past the facts; a dosage's label may hold one, and the nonclinical tables
                        // quote studies, doses and conversions as the file has them. Thresholds of checks are those of the rules.
                        Cell::Text(text) => {
                            let of_rule = exhibit.id.as_str() == "T-E18-checks"
                                && ["at least", "at most", "more than"].iter().any(|start| text.starts_with(start));
                            let quoted = of_rule || text.contains("mg") || exhibit.id.as_str().starts_with("T-F");
                            assert!(quoted || !text.chars().any(|c| c.is_ascii_digit()), "{}: {text}", exhibit.id);
                        }
                        Cell::Empty | Cell::NotAvailable => {}
                    }
                }
            }
        }
        assert!(shown > 3000, "{shown}");
        for (id, fact) in evidence.facts.iter() {
            for slice in std::iter::once(&fact.source).chain(&fact.denominator) {
                let height = heights.get(&slice.dataset).unwrap_or_else(|| panic!("{id} rests on {}, which was not read", slice.dataset));
                assert!(slice.rows.as_slice().iter().all(|row| (1..=*height).contains(row)), "{id}");
                assert!(!slice.filter.is_empty() && !slice.columns.is_empty(), "{id}");
            }
            if let (Some(count), Some(n)) = (fact.count, fact.n) {
                assert!(count <= n, "{id}: {count} of {n}");
                if count > 0 && fact.value != FactValue::NotEstimable {
                    assert!(!fact.source.rows.is_empty(), "{id} counts {count} and rests on no row");
                }
            }
        }
    }
}

#[test]
fn proportions_carry_count_n_interval_and_method() {
    let (reading, evidence) = evidence_of(&example("zeltorafib-eop1"));
    let json = evidence_json(&evidence, &reading.project.settings);
    let fact = &json["facts"]["efficacy.orr.120mg_qd@randomised"];
    assert_eq!(fact["unit"], "proportion");
    for member in ["count", "n"] {
        assert!(fact[member].is_u64(), "{fact}");
    }
    assert_eq!(fact["interval"]["method"], "clopper_pearson");
    assert_eq!(fact["interval"]["level"], 0.95);
    for member in ["dataset", "filter", "columns", "rows", "sha256"] {
        assert!(!fact["source"][member].is_null(), "{member}");
    }
    let members: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    for member in ["schema", "dossier", "facts", "exhibits", "findings", "expectations", "verdicts", "provenance"] {
        assert!(members.contains(&member), "{member}");
    }
}

/// Facts without the hash of the file that they came from.
fn without_hashes(evidence: &Evidence, reading: &Reading) -> Value {
    let mut facts = evidence_json(evidence, &reading.project.settings)["facts"].clone();
    for fact in facts.as_object_mut().unwrap().values_mut() {
        for slice in ["source", "denominator"] {
            if let Some(slice) = fact.get_mut(slice).and_then(Value::as_object_mut) {
                slice.remove("sha256");
            }
        }
    }
    facts
}

#[test]
fn csv_parquet_and_xpt_give_the_same_facts() {
    let Some(cut) = shared_data("zeltorafib/cut1") else { return };
    let facts = ["csv", "parquet", "xpt"].map(|format| {
        let project = copy_of("zeltorafib-eop1");
        let data = project.path().join("data");
        fs::remove_dir_all(&data).unwrap();
        fs::create_dir(&data).unwrap();
        for entry in fs::read_dir(cut.join(format)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            // These two do not exist as XPT.
            if !name.starts_with("adqspro") && !name.starts_with("adexday") {
                fs::copy(&path, data.join(name)).unwrap();
            }
        }
        let (reading, evidence) = evidence_of(project.path());
        without_hashes(&evidence, &reading)
    });
    assert!(facts[0].as_object().unwrap().len() > 5000);
    for (other, name) in [(&facts[1], "Parquet"), (&facts[2], "XPT")] {
        for (id, fact) in facts[0].as_object().unwrap() {
            assert_eq!(Some(fact), other.get(id), "{name}: {id}");
        }
        assert_eq!(facts[0].as_object().unwrap().len(), other.as_object().unwrap().len());
    }
}

/// Counted in the datasets with other software.
#[test]
fn the_example_says_what_its_data_say() {
    let (_, evidence) = evidence_of(&example("zeltorafib"));
    let counts = [
        ("population.treated.120mg_qd", 171, 172),
        ("escalation.dlt.480mg_qd", 5, 12),
        ("escalation.dlt.360mg_qd", 3, 14),
        ("efficacy.orr.120mg_qd@randomised", 18, 40),
        ("efficacy.orr.240mg_qd@randomised", 19, 40),
        ("tolerability.teae_grade3plus.120mg_qd@randomised", 11, 41),
        ("tolerability.teae_grade3plus.240mg_qd@randomised", 22, 39),
    ];
    for (id, count, n) in counts {
        let fact = evidence.facts.get(&id.into()).unwrap_or_else(|| panic!("{id}"));
        assert_eq!((fact.count, fact.n), (Some(count), Some(n)), "{id}");
    }
}

/// A slice that names a column sends the reader to it.
#[test]
fn every_slice_names_columns_that_its_dataset_has() {
    for name in ["zeltorafib", "zeltorafib-eop1"] {
        let (reading, evidence) = evidence_of(&example(name));
        let dataset = |label: &str| reading.trial.datasets.iter().find(|(name, _)| name.label() == label).map(|(_, dataset)| dataset);
        let figures = evidence.exhibits.iter().filter_map(|exhibit| match &exhibit.content {
            Content::Figure(figure) => Some(&figure.source),
            Content::Table(_) | Content::Placeholder(_) => None,
        });
        let of_facts = evidence.facts.iter().flat_map(|(_, fact)| std::iter::once(&fact.source).chain(&fact.denominator));
        // The project file, the nonclinical file and that of the population model have keys, not columns.
        let keyed = ["PROJECT", "NONCLINICAL", "POPULATION MODEL"];
        for slice in of_facts.chain(figures.flatten()).filter(|slice| !keyed.contains(&slice.dataset.as_str())) {
            if slice.dataset == DECISION_LOG {
                let used = &reading.trial.decisions.as_ref().expect("a log of decisions").used;
                let optional = [&used.date, &used.treated, &used.overridden, &used.reason, &used.other_data];
                let mut known = vec![&used.dosage, &used.evaluable, &used.dlt, &used.decision];
                known.extend(optional.into_iter().flatten());
                assert!(!slice.columns.is_empty() && slice.columns.iter().all(|column| known.contains(&column)), "{:?}", slice.columns);
                continue;
            }
            let dataset = dataset(&slice.dataset).unwrap_or_else(|| panic!("{} was not read", slice.dataset));
            for column in &slice.columns {
                assert!(dataset.has(column), "{}: no column {column} ({})", slice.dataset, slice.filter);
            }
        }
    }
}

#[test]
fn facts_say_that_the_plan_came_before_the_data() {
    let (reading, evidence) = evidence_of(&example("zeltorafib"));
    let plan = reading.project.settings.plan.as_ref().expect("the example has a plan");
    assert!(plan.date.is_some() && plan.date < plan.data_access && plan.analyses.is_empty());
    assert!(evidence.facts.iter().all(|(_, fact)| fact.planned == Some(true)));
}
