//! `data.columns`: what the project file says the columns are called.

use std::collections::BTreeMap;

use super::column;
use super::conformance::codes::{MAPPED_COLUMN_ABSENT, ROLE_UNKNOWN};
use super::dataset::Dataset;
use super::name::DatasetName;
use super::nearest::hint;
use crate::config::{DataSettings, Project};
use crate::diagnostic::Diagnostic;

/// Actual column names by standard name, for one dataset.
pub(super) type Mapped = BTreeMap<&'static str, String>;

/// What the project file says of the columns of a dataset; keys that mean nothing are left out.
pub(super) fn mapped(settings: &DataSettings, dataset: DatasetName) -> Mapped {
    let keys = settings.columns.iter().filter(|(key, _)| DatasetName::of_stem(key) == Some(dataset));
    let roles = keys.flat_map(|(_, roles)| roles);
    roles.filter_map(|(role, actual)| Some((column::of_role(dataset, role)?.name, actual.clone()))).collect()
}

/// The mapping with the columns' own spelling in this dataset, without those that it does not have.
pub(super) fn present(mapped: &Mapped, dataset: &Dataset) -> Mapped {
    let columns = dataset.columns();
    let own = |actual: &str| columns.iter().find(|column| column.eq_ignore_ascii_case(actual)).cloned();
    mapped.iter().filter_map(|(standard, actual)| Some((*standard, own(actual)?))).collect()
}

/// `role-unknown` and `mapped-column-absent`, at their places in the project file.
pub(super) fn faults(project: &Project, datasets: &BTreeMap<DatasetName, Dataset>) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for (key, roles) in &project.settings.data.columns {
        let Some(name) = DatasetName::of_stem(key) else { continue };
        for (role, actual) in roles {
            let place = format!("data.columns.{key}.{role}");
            if column::of_role(name, role).is_none() {
                let message = format!("`{role}` is neither a role nor a standard column of {name}");
                faults.push(project.source.diagnostic(ROLE_UNKNOWN.name, &place, message, hint(role, "roles", &column::roles(name))));
                continue;
            }
            let Some(dataset) = datasets.get(&name) else { continue };
            let columns = dataset.columns();
            if !columns.iter().any(|column| column.eq_ignore_ascii_case(actual)) {
                let names: Vec<&str> = columns.iter().map(String::as_str).collect();
                let message = format!("{name} has no column `{actual}`");
                faults.push(project.source.diagnostic(MAPPED_COLUMN_ABSENT.name, &place, message, hint(actual, "columns", &names)));
            }
        }
    }
    faults
}
