//! The dosage of a subject, planned and received, from the texts of the arm variables.

use super::columns::{self, Column};
use super::records::DosageIndex;
use super::words::{Noted, normalised};
use crate::config::Settings;
use crate::data::Dataset;
use crate::data::arm::{self, DosageArms};
use crate::diagnostic::{Diagnostic, Severity};

/// The columns of treatment, and the dosages by the texts that stand for them.
#[derive(Debug)]
pub(super) struct Treatments {
    /// Planned treatment.
    pub(super) planned: Option<Column<String>>,
    /// Treatment received; where no column says, nothing is assumed but that treated subjects got what was planned.
    pub(super) actual: Option<Column<String>>,
    dosages: DosageArms,
    switched: Noted,
}

/// The treatment of one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Treatment {
    /// Dosage planned.
    pub(super) planned: Option<DosageIndex>,
    /// Dosage received.
    pub(super) actual: Option<DosageIndex>,
    /// Whether the data name something that was received.
    pub(super) received: bool,
}

impl Treatments {
    /// Reads the columns and the arms of the project file.
    pub(super) fn new(adsl: &Dataset, settings: &Settings) -> Self {
        let texts = |name: Option<&str>| columns::texts(adsl, &[name?]);
        Self {
            planned: texts(arm::planned_column(adsl)),
            actual: texts(arm::received_column(adsl)),
            dosages: DosageArms::new(&settings.dosages),
            switched: Noted::default(),
        }
    }

    fn dosage(&self, arm: Option<&String>) -> Option<DosageIndex> {
        self.dosages.position(arm?).map(DosageIndex)
    }

    /// Whether an arm was given to anybody. An arm that the project file names is one, whatever its words.
    fn is_treatment(&self, arm: &str) -> bool {
        self.dosages.position(arm).is_some() || !arm::is_never_treated(arm)
    }

    /// The treatment of the subject in a row of ADSL. `excluded` is a safety flag that says no: nothing was received then.
    pub(super) fn of_row(&mut self, index: usize, row: u32, usubjid: &str, excluded: bool) -> Treatment {
        let planned = columns::text(self.planned.as_ref(), index);
        let actual = match &self.actual {
            Some(column) => column.get(index).cloned(),
            None => planned.clone(),
        };
        let received = actual.as_ref().is_some_and(|arm| self.is_treatment(arm)) && !excluded;
        let treatment = Treatment {
            planned: self.dosage(planned.as_ref()),
            actual: if received { self.dosage(actual.as_ref()) } else { None },
            received,
        };
        // Two texts of one dosage are no switch.
        if let (true, Some(planned), Some(actual)) = (received, &planned, &actual)
            && normalised(planned) != normalised(actual)
            && (treatment.planned.is_none() || treatment.planned != treatment.actual)
        {
            self.switched.note(&format!("{planned} → {actual}"), row, usubjid);
        }
        treatment
    }

    /// What is to be said once every subject was seen. Arms without a dosage are reported when the data are read.
    pub(super) fn finish(self, diagnostics: &mut Vec<Diagnostic>) {
        let switched = self.switched.diagnostic(
            "received-other-than-planned",
            Severity::Info,
            |values| format!("treatment received differs from treatment planned: {values}"),
            "safety and pharmacokinetics follow treatment received, efficacy follows treatment planned, unless the project file says otherwise",
        );
        diagnostics.extend(switched.map(|diagnostic| diagnostic.in_dataset("ADSL")));
    }
}
