//! The exhibits that a dossier may hold, so that one which is not there can be named with the data that it would need.

use super::document::ExhibitKind;

/// An exhibit of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// Code: `T-E06`.
    pub(super) code: &'static str,
    /// Title.
    pub(super) title: &'static str,
    /// Datasets and settings that it needs.
    pub(super) needs: &'static [&'static str],
}

const NONCLINICAL: &[&str] = &["the nonclinical package (starting_dose.nonclinical)"];

/// Every exhibit in the order of the reviewer's questions.
const CATALOGUE: &[Entry] = &[
    row("T-F01", "Candidate starting doses by method", NONCLINICAL),
    row("T-F02", "Toxicology summary", NONCLINICAL),
    row("T-F03", "Pharmacological potency", NONCLINICAL),
    row("T-F04", "Prediction of human pharmacokinetics", NONCLINICAL),
    row(
        "T-F05",
        "Predicted exposure at each planned dose level",
        &["the nonclinical package (starting_dose.nonclinical)", "escalation.design"],
    ),
    row("T-F06", "Escalation plan", &["escalation.design"]),
    row("T-F07", "What each observation leads to", NONCLINICAL),
    row("T-F08", "Operating characteristics of the escalation design", &["escalation.design"]),
    row("T-F08-dosages", "Selection and patients by dosage under the escalation design", &["escalation.design"]),
    row("T-F09", "Risks and their mitigation", NONCLINICAL),
    row("F-F01", "Dose ladder", NONCLINICAL),
    row(
        "F-F02",
        "Predicted concentration over a dosing interval at steady state",
        &["the nonclinical package (starting_dose.nonclinical) with predicted clearance, half-life and rate of absorption"],
    ),
    row(
        "F-F03",
        "Predicted target occupancy and effect against dose",
        &["the nonclinical package (starting_dose.nonclinical) with receptor_occupancy or activity"],
    ),
    row("F-F04", "Escalation decision grid", &["escalation.design"]),
    row("T-E01", "Patients by dosage and study part", &["ADSL"]),
    row("T-E02", "Demographics and baseline characteristics by dosage", &["ADSL"]),
    row("T-E03", "Disposition by dosage", &["ADSL"]),
    row("T-E04", "Dose-limiting toxicity by dosage", &["ADAE with a DLT flag, or ADSL with one", "ADSL"]),
    row(
        "T-E04-mtd",
        "Maximum tolerated dose under the trial's design and other methods",
        &["ADSL and ADAE as for T-E04", "escalation.design"],
    ),
    row("T-E05", "Escalation decisions", &["escalation.decisions", "ADAE"]),
    row("T-E06", "Overview of treatment-emergent adverse events by dosage", &["ADAE", "ADEX"]),
    row("T-E07", "Common treatment-emergent adverse events by dosage", &["ADAE"]),
    row("T-E08", "Onset, duration and resolution of adverse events", &["ADAE with start and end dates"]),
    row("T-E08-aesi", "First and repeated adverse events of special interest", &["ADAE with AESI, or tolerability.aesi"]),
    row("T-E08-index", "Toxicity index by dosage", &["ADAE with toxicity grades"]),
    row(
        "T-E09",
        "First event of grade 3 or higher inside and after the DLT window",
        &["ADAE with toxicity grades", "escalation.dlt_window"],
    ),
    row("T-E10", "Exposure and dose intensity by dosage", &["ADEX"]),
    row("T-E11", "Pharmacokinetic parameters by dosage and day", &["ADPP, or ADPC"]),
    row("T-E11-analytes", "Analytes side by side", &["ADPC of two analytes or more"]),
    row("T-E11-sampling", "Pharmacokinetic sampling by dosage", &["ADPC"]),
    row("T-E11-troughs", "Trough concentrations over time by dosage", &["ADPC with samples before later doses"]),
    row("T-E12", "Dose proportionality", &["ADPP, or ADPC"]),
    row("T-E13", "Separation of exposure between dosages", &["ADPP, or ADPC"]),
    row("T-E14", "Target engagement and pharmacodynamic effect by dosage and time", &["ADBM or ADLB"]),
    row("T-E15", "Anti-drug antibodies", &["ADAB"]),
    row("T-E16", "Tumour response by dosage", &["ADRS"]),
    row("T-E17", "Differences between dosages", &["ADRS", "ADAE", "decision.alternatives"]),
    row("T-E18", "Exposure-response models", &["ADPP or ADER with ADRS, ADAE or ADTTE", "exposure_response"]),
    row(
        "T-E18-exposure",
        "Exposure metrics, their source and when they were computed",
        &["ADPP, ADER, ADSL or pk.imported_exposures", "exposure_response"],
    ),
    row(
        "T-E18-predicted",
        "Observed and predicted outcomes at each dosage",
        &["ADPP or ADER with ADRS, ADAE or ADTTE", "exposure_response"],
    ),
    row("T-E18-fit", "Fit of the exposure-response models", &["ADPP with ADRS or ADAE", "exposure_response"]),
    row("T-E18-checks", "Checks of the exposure-response analyses", &["ADPP with ADRS, ADAE or ADTTE", "exposure_response"]),
    row("T-E18-ordinal", "Exposure-response models of ordered outcomes", &["ADPP with ADAE, ADRS or ADQS", "exposure_response"]),
    row(
        "T-E18-ordinal-predicted",
        "Observed and predicted categories at each dosage",
        &["ADPP with ADAE, ADRS or ADQS", "exposure_response"],
    ),
    row(
        "T-E18-continuous",
        "Exposure-response models of continuous outcomes",
        &["ADPP with ADTR, ADLB, ADBM or ADQS", "exposure_response"],
    ),
    row(
        "T-E18-continuous-predicted",
        "Observed and predicted means at each dosage",
        &["ADPP with ADTR, ADLB, ADBM or ADQS", "exposure_response"],
    ),
    row("T-E18-mcpmod", "Test for a dose-response signal", &["ADSL with ADRS, ADAE or ADTR", "dose_response"]),
    row("T-E18-dose-response", "Dose-response models and doses", &["ADSL with ADRS, ADAE or ADTR", "dose_response"]),
    row("T-E18-power", "Power to find a dose-response signal", &["dose_response.plan"]),
    row("T-E18-groups", "Times to event by group of exposure", &["ADPP with ADTTE or ADAE", "exposure_response"]),
    row("T-E18-hazards", "Tests of proportional hazards", &["ADPP with ADTTE or ADAE", "exposure_response"]),
    row("T-E18-over-time", "Times to event by daily dose over time", &["ADEX with ADTTE or ADAE", "exposure_response"]),
    row("T-E19", "Completion of patient-reported outcomes", &["ADQS or ADPRO", "patient_reported.instruments"]),
    row("T-E20", "Patient-reported outcomes by dosage and visit", &["ADQS or ADPRO", "patient_reported.instruments"]),
    row("T-E21", "Candidate dosages compared", &["the results of the sections before"]),
    row("T-E22", "Clinical utility index", &["utility.attributes"]),
    row("T-E22-rules", "Dosages that named rules choose", &["utility.attributes"]),
    row("T-E23", "Sensitivity of the clinical utility index", &["utility.attributes"]),
    row("T-E24", "Gaps and plan", &["a statement of the sponsor"]),
    row("F-E01", "Time on treatment of each patient", &["ADSL", "ADEX"]),
    row("F-E02", "Best change in tumour size by dosage", &["ADTR"]),
    row("F-E02-spider", "Change in tumour size over time by dosage", &["ADTR"]),
    row("F-E03", "Mean concentration over time by dosage", &["ADPC"]),
    row("F-E03-troughs", "Trough concentration over time by dosage", &["ADPC with samples before later doses"]),
    row("F-E04", "Dose proportionality", &["ADPP, or ADPC"]),
    row("F-E05", "Exposure by dosage", &["ADPP"]),
    row("F-E06", "Pharmacodynamic effect by dosage and concentration", &["ADBM or ADLB", "ADPC"]),
    row("F-E07", "Exposure-response", &["ADPP or ADER with ADRS, ADAE or ADTTE", "exposure_response"]),
    row("F-DOSE", "Dose-response", &["ADSL with ADRS, ADAE or ADTR", "dose_response"]),
    row("F-E08", "Efficacy and safety on one exposure axis", &["ADPP with ADRS and ADAE", "exposure_response"]),
    row("F-E09", "Time to the first event of grade 3 or higher by dosage", &["ADAE with toxicity grades and start dates", "ADSL"]),
    row("F-E09-aesi", "Time to the first adverse event of special interest by dosage", &["ADAE with AESI, or tolerability.aesi"]),
    row("F-E09-modification", "Time to the first dose modification by dosage", &["ADEX"]),
    row("F-E10", "Prevalence of adverse events over time", &["ADAE with start and end dates"]),
    row("F-E10-persistent", "Prevalence of persistent low-grade symptoms over time", &["ADAE with start and end dates"]),
    row("F-E11", "Relative dose intensity by cycle", &["ADEX"]),
    row("F-E12", "Patient-reported outcomes over time", &["ADQS or ADPRO", "patient_reported.instruments"]),
    row("F-E13", "Differences between dosages", &["ADRS", "ADAE", "decision.alternatives"]),
    row("F-E14", "Contributions to the clinical utility index", &["utility.attributes"]),
    row("F-E15", "Posterior probability of dose-limiting toxicity, and the path of the escalation", &["ADAE", "escalation.design"]),
    row("T-TTE", "Progression-free and overall survival by dosage", &["ADTTE with PFS or OS"]),
    row("F-PFS", "Progression-free survival by dosage", &["ADTTE with PFS"]),
    row("F-OS", "Overall survival by dosage", &["ADTTE with OS"]),
    row("F-DOR", "Duration of response by dosage", &["ADTTE with RSD or DOR"]),
    row("T-R01", "Totality of evidence", &["the results of the sections before"]),
    row("T-R02", "Chain of dose decisions", &["plan", "escalation.decisions"]),
    row("T-R04", "Parameters of the population model of pharmacokinetics", &["pk.population_model"]),
    row("T-R05", "Exposure by subgroup at the proposed dosage", &["ADPP, or ADPC", "ADSL"]),
    row("T-R05-covariates", "How dose and patients' characteristics entered the models of exposure", &["ADPP, or ADPC", "ADSL"]),
    row("F-R01", "Effects of patients' characteristics on exposure", &["ADPP, or ADPC", "ADSL"]),
    row("T-R06", "Exposure-response of efficacy", &["ADPP with ADRS or ADTTE", "exposure_response"]),
    row("T-R07", "Exposure-response of safety", &["ADPP with ADAE", "exposure_response"]),
    row("T-R08", "Predicted outcome at alternative dosages", &["pk.population_model", "exposure_response"]),
    row("T-R08-exposure", "Simulated exposure under the proposed and alternative regimens", &["pk.population_model"]),
    row("T-R08-check", "Simulated and observed exposure under the dosages studied", &["pk.population_model", "ADPP"]),
    row("F-R04", "Simulated exposure under the proposed and alternative regimens", &["pk.population_model"]),
    row("F-R04-course", "Simulated concentration over time under the proposed and alternative regimens", &["pk.population_model"]),
    row("T-R09", "Dose modifications and the data that support them", &["ADEX"]),
    row("T-R11", "Pre-specification audit", &["plan"]),
    row("T-R14", "Residual uncertainty", &["a statement of the sponsor"]),
    row("F-R03", "Times to event by exposure", &["ADPP with ADTTE or ADAE", "exposure_response"]),
];

const fn row(code: &'static str, title: &'static str, needs: &'static [&'static str]) -> Entry {
    Entry { code, title, needs }
}

/// The entry of a code, or of an id with a study part.
pub(super) fn entry(id: &str) -> Option<&'static Entry> {
    let code = id.split('@').next().unwrap_or(id);
    CATALOGUE.iter().find(|entry| entry.code == code)
}

/// Every code.
pub(super) fn codes() -> impl Iterator<Item = &'static str> {
    CATALOGUE.iter().map(|entry| entry.code)
}

/// What an id is numbered as: codes of figures begin with `F-`.
pub(super) fn kind_of(id: &str) -> ExhibitKind {
    if id.starts_with("F-") { ExhibitKind::Figure } else { ExhibitKind::Table }
}
