//! The project file as written ([`Options`]) and as used ([`Settings`]).

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::data::{DataOptions, DataSettings};
use super::decision::{Answer, DecisionSettings};
use super::dosages::{Dosage, DosageOptions, Part, PartOptions};
use super::dose_response::{DoseResponse, DoseResponseOptions};
use super::dossier::{DossierOptions, DossierSettings};
use super::drug::{DrugOptions, DrugSettings};
use super::escalation::{EscalationOptions, EscalationSettings};
use super::exposure_response::{ExposureResponse, ExposureResponseOptions};
use super::grouping::{GroupingOptions, GroupingSettings};
use super::intervals::{IntervalOptions, IntervalSettings};
use super::patient_reported::{PatientReportedOptions, PatientReportedSettings};
use super::pk::{PkOptions, PkSettings};
use super::plan::PlanSettings;
use super::populations::{PopulationOptions, PopulationSettings};
use super::starting_dose::{StartingDoseOptions, StartingDoseSettings};
use super::tolerability::{TolerabilityOptions, TolerabilitySettings};
use super::utility::{UtilityOptions, UtilitySettings};

fn customary_seed() -> u64 {
    20_240_801
}

/// The project file of a dossier. Small by default: a title, the drug, the data folder and the dosages are enough.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "dosecase project file")]
pub(crate) struct Options {
    /// What the document is called, for whom it is and what state it is in.
    pub dossier: DossierOptions,
    /// The drug, its class and the analytes that were measured.
    pub drug: DrugOptions,
    /// Where the datasets are and where they differ from the CDISC standard.
    #[serde(default)]
    pub data: DataOptions,
    /// What patients were given: dose and schedule, and the arms of the data. Columns of tables follow from here.
    #[schemars(length(min = 1))]
    pub dosages: Vec<DosageOptions>,
    /// Parts of the trials whose patients are analysed together.
    #[serde(default)]
    #[schemars(extend("x-default" = "the parts that the data name, each marked as a guess", "x-origin" = "nothing else is known of them"))]
    pub parts: Vec<PartOptions>,
    /// By which treatment patients are grouped.
    #[serde(default)]
    pub grouping: GroupingOptions,
    /// The flags that say who is analysed.
    #[serde(default)]
    pub populations: PopulationOptions,
    /// The nonclinical package and the dose chosen for the first patients.
    pub starting_dose: Option<StartingDoseOptions>,
    /// The design that led from dose to dose, and what was decided.
    pub escalation: Option<EscalationOptions>,
    /// How intervals are computed, and at which level.
    #[serde(default)]
    pub intervals: IntervalOptions,
    /// Rules of noncompartmental analysis and the exposures that doses are measured against.
    #[serde(default)]
    pub pk: PkOptions,
    /// Which outcome is modelled against which exposure.
    #[serde(default)]
    pub exposure_response: Vec<ExposureResponseOptions>,
    /// Which outcome is tested and modelled over the doses.
    #[serde(default)]
    pub dose_response: Vec<DoseResponseOptions>,
    /// Events of special interest, landmarks and what tables show.
    #[serde(default)]
    pub tolerability: TolerabilityOptions,
    /// Questionnaires, their items and how they are read.
    #[serde(default)]
    pub patient_reported: PatientReportedOptions,
    /// The clinical utility index: attributes, their values and weights.
    pub utility: Option<UtilityOptions>,
    /// The dosage that is proposed, and why.
    pub decision: Option<DecisionSettings>,
    /// What was planned, where it is written and when the data were seen.
    pub plan: Option<PlanSettings>,
    /// Seed of every random stream.
    #[serde(default = "customary_seed")]
    #[schemars(extend("x-origin" = "a fixed number, so that every build gives the same results"))]
    pub seed: u64,
    /// Findings that are answered; the answers are printed beside them.
    #[serde(default)]
    pub answers: Vec<Answer>,
}

/// A default that was used, printed in the dossier with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DefaultUsed {
    /// Key path in the project file, for example `intervals.level`.
    pub key: String,
    /// The value, as the project file would write it.
    pub value: String,
    /// Where it comes from.
    pub origin: String,
}

/// Everything the project file decides, complete.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    /// Folder of the project file.
    pub root: PathBuf,
    /// The project file.
    pub project_file: PathBuf,
    /// What the document is called, for whom it is and what state it is in.
    pub dossier: DossierSettings,
    /// The drug, its class and the analytes that were measured.
    pub drug: DrugSettings,
    /// Where the datasets are and where they differ from the CDISC standard.
    pub data: DataSettings,
    /// The dosages from lowest to highest, comparators last.
    pub dosages: Vec<Dosage>,
    /// Parts of the trials whose patients are analysed together; empty where the project file names none.
    pub parts: Vec<Part>,
    /// By which treatment patients are grouped.
    pub grouping: GroupingSettings,
    /// The flags that say who is analysed.
    pub populations: PopulationSettings,
    /// The nonclinical package and the dose chosen for the first patients.
    pub starting_dose: Option<StartingDoseSettings>,
    /// The design that led from dose to dose, and what was decided.
    pub escalation: Option<EscalationSettings>,
    /// How intervals are computed, and at which level.
    pub intervals: IntervalSettings,
    /// Rules of noncompartmental analysis and reference exposures.
    pub pk: PkSettings,
    /// Which outcome is modelled against which exposure.
    pub exposure_response: Vec<ExposureResponse>,
    /// Which outcome is tested and modelled over the doses.
    pub dose_response: Vec<DoseResponse>,
    /// Events of special interest, landmarks and what tables show.
    pub tolerability: TolerabilitySettings,
    /// Questionnaires, their items and how they are read.
    pub patient_reported: PatientReportedSettings,
    /// The clinical utility index.
    pub utility: Option<UtilitySettings>,
    /// The dosage that is proposed, and why.
    pub decision: Option<DecisionSettings>,
    /// What was planned, where it is written and when the data were seen.
    pub plan: Option<PlanSettings>,
    /// Seed of every random stream.
    pub seed: u64,
    /// Findings that are answered.
    pub answers: Vec<Answer>,
    /// Every default that was used, in the order of the project file's schema.
    pub defaults: Vec<DefaultUsed>,
}

impl Settings {
    /// The settings of the project file `project_file` in the folder `root`, which holds `written`, with the defaults it relied on.
    #[must_use]
    pub(crate) fn resolve(written: Options, project_file: &Path, root: &Path, defaults: Vec<DefaultUsed>) -> Self {
        Self {
            dossier: written.dossier.into(),
            drug: written.drug.into(),
            data: DataSettings::resolve(written.data, root),
            dosages: Dosage::sorted(written.dosages.into_iter().map(Into::into).collect()),
            parts: written.parts.into_iter().map(Into::into).collect(),
            grouping: written.grouping.into(),
            populations: written.populations.into(),
            starting_dose: written.starting_dose.map(|section| StartingDoseSettings::resolve(section, root)),
            escalation: written.escalation.map(|section| EscalationSettings::resolve(section, root)),
            intervals: written.intervals.into(),
            pk: PkSettings::resolve(written.pk, root),
            exposure_response: written.exposure_response.into_iter().map(Into::into).collect(),
            dose_response: written.dose_response.into_iter().map(Into::into).collect(),
            tolerability: written.tolerability.into(),
            patient_reported: written.patient_reported.into(),
            utility: written.utility.map(Into::into),
            decision: written.decision,
            plan: written.plan,
            seed: written.seed,
            answers: written.answers,
            defaults,
            root: root.to_path_buf(),
            project_file: project_file.to_path_buf(),
        }
    }

    /// The dosage of this id.
    #[must_use]
    pub fn dosage(&self, id: &str) -> Option<&Dosage> {
        self.dosages.iter().find(|dosage| dosage.id == id)
    }

    /// The part of this id.
    #[must_use]
    pub fn part(&self, id: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.id == id)
    }
}
