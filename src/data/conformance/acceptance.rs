//! Diagnostics that the sponsor has seen and accepts.

use super::code::{ACCEPT_UNKNOWN, ACCEPT_UNUSED, CODES, Code, Origin};
use crate::config::Project;
use crate::data::nearest::hint;
use crate::diagnostic::Diagnostic;

/// Fills in the reasons of `data.accept` for what reading and checking saw; adds a diagnostic for an entry that is not used and a fault for one that
/// cannot be.
pub(in crate::data) fn accept(diagnostics: &mut Vec<Diagnostic>, project: &Project) {
    let mut unknown_codes = Vec::new();
    for (position, entry) in project.settings.data.accept.iter().enumerate() {
        if !Code::find(&entry.code).is_some_and(Code::can_be_accepted) {
            unknown_codes.push(unknown(project, &format!("data.accept[{position}].code"), &entry.code));
        }
    }
    accept_where(diagnostics, project, |code| code.origin == Origin::Data);
    diagnostics.extend(unknown_codes);
}

/// Fills in the reasons of `data.accept` for what deriving the analysis tables saw; adds a diagnostic for an entry that is not used.
pub fn accept_derived(diagnostics: &mut Vec<Diagnostic>, project: &Project) {
    accept_where(diagnostics, project, |code| code.origin == Origin::Derivation);
}

fn accept_where(diagnostics: &mut Vec<Diagnostic>, project: &Project, concerns: impl Fn(&Code) -> bool) {
    let mut added = Vec::new();
    for (position, entry) in project.settings.data.accept.iter().enumerate() {
        let key = format!("data.accept[{position}].code");
        if !Code::find(&entry.code).is_some_and(|code| code.can_be_accepted() && concerns(code)) {
            continue;
        }
        let mut used = false;
        for diagnostic in diagnostics.iter_mut().filter(|diagnostic| diagnostic.code == entry.code) {
            diagnostic.accepted = Some(entry.reason.clone());
            used = true;
        }
        if !used {
            let message = format!("`data.accept` names `{}`, which does not occur in these data", entry.code);
            let unused =
                project.source.diagnostic(ACCEPT_UNUSED.name, &key, message, "remove the entry, or keep it for a later cut of the data");
            added.push(Diagnostic { severity: ACCEPT_UNUSED.severity, ..unused });
        }
    }
    diagnostics.extend(added);
}

fn unknown(project: &Project, key: &str, code: &str) -> Diagnostic {
    let names: Vec<&str> = CODES.iter().filter(|code| code.can_be_accepted()).map(|code| code.name).collect();
    let message = match Code::find(code) {
        Some(known) => format!("`{code}` cannot be accepted: {}", known.explanation),
        None => format!("there is no diagnostic `{code}`"),
    };
    project.source.diagnostic(ACCEPT_UNKNOWN.name, key, message, hint(code, "codes", &names))
}
