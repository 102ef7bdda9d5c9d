//! Arms of the data against the dosages of the project file.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::code::{ARM_UNKNOWN, DOSAGE_WITHOUT_SUBJECTS};
use super::sightings::{Sightings, counted, quoted};
use super::trial::{Trial, View};
use crate::config::Project;
use crate::data::arm::{self, DosageArms};
use crate::data::dataset::Coded;
use crate::data::name::DatasetName;
use crate::data::nearest::hint;
use crate::data::spelling::normalised;
use crate::diagnostic::{Diagnostic, Severity};

/// The columns of ADSL that name arms: planned, then received; of each the first that holds a value.
fn arm_columns(adsl: &View<'_>) -> Vec<(String, Arc<Coded>)> {
    let coded = |name: &str| adsl.dataset.column(name).zip(adsl.coded(name));
    let names = [arm::planned_column(adsl.dataset), arm::received_column(adsl.dataset)];
    let mut columns: Vec<(String, Arc<Coded>)> = names.into_iter().flatten().filter_map(coded).collect();
    columns.dedup_by(|a, b| a.0 == b.0);
    columns
}

fn names(columns: &[(String, Arc<Coded>)]) -> String {
    columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
}

/// `arm-unknown`: arms that no dosage names, one diagnostic each.
pub(super) fn unknown_arms(trial: &Trial<'_>) -> Vec<Diagnostic> {
    let Some(adsl) = trial.view(DatasetName::Adsl) else { return Vec::new() };
    let known = DosageArms::new(&trial.settings.dosages);
    let columns = arm_columns(adsl);
    let levels = columns.iter().flat_map(|(_, coded)| &coded.levels);
    let unknown: BTreeSet<&str> = levels.map(String::as_str).filter(|arm| known.position(arm).is_none()).collect();
    let mut found = Vec::new();
    for arm in unknown {
        let mut seen = Sightings::new(adsl);
        for row in (0..adsl.dataset.height()).filter(|row| columns.iter().any(|(_, coded)| coded.text(*row) == Some(arm))) {
            seen.see_row(row);
        }
        let (severity, advice) = if arm::is_never_treated(arm) {
            (Severity::Info, "these subjects are in no treatment group")
        } else {
            (
                ARM_UNKNOWN.severity,
                "add the arm to a dosage under `dosages`, or a dosage for it; as it stands these subjects are in no treatment group",
            )
        };
        let message = |seen: &Sightings<'_>| {
            format!("no dosage of the project file names the arm {} of {}", quoted(arm), counted(seen.subject_count(), "subject"))
        };
        found.extend(seen.report_as(severity, ARM_UNKNOWN, &names(&columns), message, advice));
    }
    found
}

/// `dosage-without-subjects`: arms of the project file that the data do not have.
pub(super) fn dosages_without_subjects(trial: &Trial<'_>, project: &Project) -> Vec<Diagnostic> {
    let Some(adsl) = trial.view(DatasetName::Adsl) else { return Vec::new() };
    let columns = arm_columns(adsl);
    let present: BTreeSet<&str> = columns.iter().flat_map(|(_, coded)| &coded.levels).map(String::as_str).collect();
    let spelled: BTreeSet<String> = present.iter().map(|arm| normalised(arm)).collect();
    let arms: Vec<&str> = present.into_iter().collect();
    let mut found = Vec::new();
    for dosage in &trial.settings.dosages {
        for (position, arm) in dosage.arms.iter().enumerate().filter(|(_, arm)| !spelled.contains(&normalised(arm))) {
            let list = format!("dosages[id={}].arm[{position}]", dosage.id);
            let key = [list, format!("dosages[id={}].arm", dosage.id), format!("dosages[id={}].label", dosage.id)];
            let written = key.iter().find(|key| project.source.place(key).is_some()).unwrap_or(&key[1]);
            let message = format!("no subject of ADSL has the arm `{arm}` of dosage `{}` ({})", dosage.id, names(&columns));
            found.push(project.source.diagnostic(DOSAGE_WITHOUT_SUBJECTS.name, written, message, hint(arm, "arms", &arms)));
        }
    }
    found
}
