//! Subjects where there is no ADSL: those of another dataset, or one for each row.
//!
//! Only what the project file states is done, and a diagnostic says so. Rows keep their numbers: a fact about the subjects names the rows of the file
//! that they were taken from.

use super::column::USUBJID;
use super::conformance::codes::{SUBJECT_PER_ROW, SUBJECT_PER_ROW_CONTRADICTED, SUBJECTS_FROM, SUBJECTS_FROM_ABSENT};
use super::dataset::{DatasetFile, TrialData};
use super::mapping;
use super::name::DatasetName;
use crate::config::Project;
use crate::diagnostic::Diagnostic;

/// Gives the datasets of `data.subject_per_row` a subject identifier: the number of the row.
pub(super) fn number_subjects(data: &mut TrialData, project: &Project) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (place, key) in project.settings.data.subject_per_row.iter().enumerate() {
        let path = format!("data.subject_per_row[{place}]");
        let refused = |message: String, hint: &str| project.source.diagnostic(SUBJECT_PER_ROW_CONTRADICTED.name, &path, message, hint);
        let Some((name, dataset)) = DatasetName::of_stem(key).and_then(|name| Some((name, data.datasets.get(&name)?))) else {
            found.push(refused(format!("there is no {}", key.to_uppercase()), "name its file under `data.datasets`, or remove the entry"));
            continue;
        };
        if dataset.has(USUBJID) {
            found.push(refused(format!("{name} has a subject identifier"), "remove the entry: records are joined by the identifier"));
            continue;
        }
        let rows = dataset.height();
        let numbers = (1..=rows).map(|row| Some(row.to_string())).collect();
        let numbered = dataset.clone().with_texts(USUBJID, numbers);
        data.datasets.insert(name, numbered);
        for file in data.files.iter_mut().filter(|file| file.dataset == name) {
            file.subjects = Some(file.rows);
        }
        let message = format!("{name} has no subject identifier; each of its {rows} rows is a subject, as the project file declares");
        let hint = "rows of one subject would count as several subjects: declare it only where every row is another subject";
        found.push(Diagnostic::new(SUBJECT_PER_ROW.name, SUBJECT_PER_ROW.severity, message, hint).in_dataset(name.label()));
    }
    found
}

/// Makes ADSL of the dataset that `data.subjects_from` names.
pub(super) fn take_subjects(data: &mut TrialData, project: &Project) -> Option<Diagnostic> {
    let settings = &project.settings.data;
    let key = settings.subjects_from.as_deref()?;
    let refused =
        |message: String, hint: &str| Some(project.source.diagnostic(SUBJECTS_FROM_ABSENT.name, "data.subjects_from", message, hint));
    if data.get(DatasetName::Adsl).is_some() {
        return refused("ADSL is in the data folder".to_owned(), "remove the key: the subjects are those of ADSL");
    }
    let Some((name, dataset)) = DatasetName::of_stem(key).and_then(|name| Some((name, data.datasets.get(&name)?))) else {
        return refused(format!("there is no {}", key.to_uppercase()), "name a dataset that is there, or its file under `data.datasets`");
    };
    let subjects = dataset.under_name(DatasetName::Adsl);
    let mut mapped = mapping::present(&mapping::mapped(settings, DatasetName::Adsl), &subjects);
    if let Some(identifier) = dataset.column(USUBJID) {
        mapped.entry(USUBJID).or_insert(identifier);
    }
    let subjects = subjects.with_mapped(mapped);
    let count = subjects.coded(USUBJID).map_or(0, |coded| coded.levels.len());
    let rows = subjects.height();
    let files: Vec<DatasetFile> = data.files.iter().filter(|file| file.dataset == name).cloned().collect();
    data.datasets.insert(DatasetName::Adsl, subjects);
    let of_subjects = files.into_iter().map(|file| DatasetFile { dataset: DatasetName::Adsl, ..file });
    data.files.splice(0..0, of_subjects);
    data.absent.retain(|absent| *absent != DatasetName::Adsl);
    let message =
        format!("there is no ADSL; the {count} subjects are those of the {rows} rows of {name}, and the first row of each stands for ADSL");
    let hint = "give ADSL where there is one: what varies between the rows of a subject is taken from the first";
    Some(Diagnostic::new(SUBJECTS_FROM.name, SUBJECTS_FROM.severity, message, hint).in_dataset(DatasetName::Adsl.label()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::read_project_text;
    use crate::data::dataset::{ColumnValues, Dataset};
    use std::path::Path;

    fn project(data: &str) -> Project {
        let text = format!(
            "dossier: {{title: T, date: 2026-01-01}}\ndrug: {{name: d}}\ndosages: [{{id: low, label: Low, dose: 1 mg}}]\ndata: {{path: ., {data}}}\n"
        );
        read_project_text(&Path::new(env!("CARGO_MANIFEST_DIR")).join("dosecase.yaml"), text).unwrap()
    }

    fn trial() -> TrialData {
        let text = |values: &[&str]| ColumnValues::Text(values.iter().map(|value| Some((*value).to_owned())).collect());
        let columns = vec![("ID".to_owned(), text(&["7", "7", "8"])), ("Dose".to_owned(), text(&["10", "10", "20"]))];
        TrialData::from_datasets([Dataset::from_columns(DatasetName::Ader, columns)])
    }

    #[test]
    fn the_first_row_of_each_subject_stands_for_adsl_and_keeps_its_number() {
        let mut data = trial();
        let ader = data.datasets[&DatasetName::Ader].clone().with_mapped([(USUBJID, "ID".to_owned())].into_iter().collect());
        data.datasets.insert(DatasetName::Ader, ader);
        let said = take_subjects(&mut data, &project("subjects_from: ader, columns: {adsl: {actual_arm: Dose}}")).unwrap();
        assert_eq!((said.code, said.message.contains("the 2 subjects")), ("subjects-from", true));
        let adsl = data.get(DatasetName::Adsl).unwrap();
        assert_eq!(adsl.texts(USUBJID).unwrap(), [Some("7".to_owned()), Some("7".to_owned()), Some("8".to_owned())]);
        assert_eq!(adsl.column("TRT01A").unwrap(), "Dose");
        assert!(!data.absent.contains(&DatasetName::Adsl));
    }

    #[test]
    fn subjects_are_not_taken_beside_adsl_nor_from_what_is_not_there() {
        let adsl = trial().datasets[&DatasetName::Ader].under_name(DatasetName::Adsl);
        let mut both = trial();
        both.datasets.insert(DatasetName::Adsl, adsl);
        let refused = |data: &mut TrialData, from: &str| take_subjects(data, &project(&format!("subjects_from: {from}"))).unwrap();
        assert_eq!(refused(&mut both, "ader").code, "subjects-from-absent");
        assert_eq!(refused(&mut trial(), "ades").code, "subjects-from-absent");
    }

    #[test]
    fn rows_are_subjects_only_where_the_project_says_so() {
        let mut data = trial();
        let said = number_subjects(&mut data, &project("subject_per_row: [ader, adee]"));
        assert_eq!(said.iter().map(|said| said.code).collect::<Vec<_>>(), ["subject-per-row", "subject-per-row-contradicted"]);
        assert_eq!(data.get(DatasetName::Ader).unwrap().texts(USUBJID).unwrap()[2].as_deref(), Some("3"));
        assert!(number_subjects(&mut trial(), &project("subjects_from: ader")).is_empty());
    }
}
