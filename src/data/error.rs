//! Why a trial cannot be used.

use std::fmt;

use super::conformance::{Code, Origin};
use crate::diagnostic::Diagnostic;

/// Everything that was found, when some of it stops the build: all faults at once, never the first alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// The project file names what the data do not have.
    #[error("{}", Summary(.0, "the project file and the data do not fit together"))]
    Project(Vec<Diagnostic>),
    /// The data cannot be used as they are.
    #[error("{}", Summary(.0, "the data cannot be used as they are"))]
    Data(Vec<Diagnostic>),
}

impl DataError {
    /// The error of these diagnostics, if one of them stops the build.
    pub(super) fn of(diagnostics: Vec<Diagnostic>) -> Result<Vec<Diagnostic>, Self> {
        if !diagnostics.iter().any(Diagnostic::stops) {
            return Ok(diagnostics);
        }
        let of_project = |diagnostic: &Diagnostic| Code::find(diagnostic.code).is_some_and(|code| code.origin == Origin::Project);
        if diagnostics.iter().any(|diagnostic| diagnostic.stops() && of_project(diagnostic)) {
            Err(Self::Project(diagnostics))
        } else {
            Err(Self::Data(diagnostics))
        }
    }

    /// Every diagnostic, those that stop the build and the others, the most severe first.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match self {
            Self::Project(diagnostics) | Self::Data(diagnostics) => diagnostics,
        }
    }

    /// The diagnostics that stop the build.
    pub fn faults(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics().iter().filter(|diagnostic| diagnostic.stops())
    }

    /// Whether the project file is at fault (exit code 2) rather than the data (exit code 3).
    #[must_use]
    pub fn is_of_project(&self) -> bool {
        matches!(self, Self::Project(_))
    }
}

/// One sentence: what is wrong, and how many faults say so.
struct Summary<'a>(&'a [Diagnostic], &'static str);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults: Vec<&Diagnostic> = self.0.iter().filter(|diagnostic| diagnostic.stops()).collect();
        match faults.as_slice() {
            [fault] => write!(f, "{}: {} [{}]", self.1, fault.message, fault.code),
            faults => write!(f, "{}: {} faults", self.1, faults.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Severity;

    fn diagnostic(code: &'static str, severity: Severity) -> Diagnostic {
        Diagnostic::new(code, severity, "seen", "do")
    }

    #[test]
    fn what_does_not_stop_is_no_error() {
        assert!(DataError::of(vec![diagnostic("duplicate-key", Severity::Major)]).is_ok());
        let accepted = Diagnostic { accepted: Some("known".into()), ..diagnostic("duplicate-subject", Severity::Critical) };
        assert!(DataError::of(vec![accepted]).is_ok());
    }

    #[test]
    fn faults_of_the_project_file_go_first() {
        let data = diagnostic("adsl-absent", Severity::Critical);
        let project = diagnostic("role-unknown", Severity::Critical);
        let error = DataError::of(vec![data.clone(), project]).unwrap_err();
        assert!(error.is_of_project());
        assert_eq!(error.faults().count(), 2);
        assert_eq!(DataError::of(vec![data]).unwrap_err().to_string(), "the data cannot be used as they are: seen [adsl-absent]");
    }
}
