//! The columns that dosecase knows: the only place where a name of ADaM is written.
//!
//! Each column has a kind, which decides how its cells are read and what is a fault in them, and a role: the name under which the project file
//! can say that a dataset calls it something else (`data.columns.adsl.dose: DOSE_MG`).

use super::DatasetName::{self, Adab, Adae, Adbm, Adee, Adeg, Ader, Ades, Adex, Adexsum, Adlb, Adpc, Adpp, Adqs, Adrs, Adsl, Adtr, Adtte};

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Free text.
    Text,
    /// A word or number from a list; never taken for missing.
    Code,
    /// A finite number.
    Number,
    /// A calendar date or a date with a time.
    Date,
    /// `Y`, `N` or blank.
    Flag,
    /// A toxicity grade, 1 to 5.
    Grade,
}

/// A column of the registry.
#[derive(Debug, Clone, Copy)]
pub struct ColumnEntry {
    /// Name in ADaM, upper case.
    pub name: &'static str,
    /// What its cells are.
    pub kind: ColumnKind,
    /// Name in the project file, lower case.
    pub role: &'static str,
    /// Datasets in which it means this; empty for every dataset.
    pub datasets: &'static [DatasetName],
    /// What it holds.
    pub description: &'static str,
}

/// Name under which the file stem of each row can be read, for example `adqspro`; it is not a column of any file.
pub const SOURCE: &str = "SOURCE_FILE";

macro_rules! registry {
    ($($name:ident $kind:ident $role:literal [$($dataset:ident),*] $description:literal)*) => {
        $(#[doc = $description] pub const $name: &str = stringify!($name);)*

        /// Every column of the registry.
        pub const ALL: &[ColumnEntry] = &[$(ColumnEntry {
            name: $name,
            kind: ColumnKind::$kind,
            role: $role,
            datasets: &[$($dataset),*],
            description: $description,
        }),*];
    };
}

registry! {
    STUDYID Text "study" [] "Study identifier."
    USUBJID Text "subject" [] "Unique subject identifier."
    SUBJID Text "subject_number" [] "Subject identifier within the study."
    SITEID Text "site" [] "Study site."
    COUNTRY Text "country" [] "Country."
    REGION1 Text "region" [] "Region; `NA` stands for North America here."
    AGE Number "age" [] "Age."
    AGEGR1 Text "age_group" [] "Age group."
    SEX Code "sex" [] "Sex."
    RACE Text "race" [] "Race."
    ETHNIC Text "ethnicity" [] "Ethnicity."
    ARM Text "arm" [] "Planned arm, as in the tabulation data."
    ACTARM Text "received_arm" [] "Actual arm, as in the tabulation data."
    TRT01P Text "planned_arm" [] "Planned treatment."
    TRT01PN Number "planned_arm_number" [] "Planned treatment as a number: a dose, a code or an index."
    TRT01A Text "actual_arm" [] "Treatment received."
    TRT01AN Number "actual_arm_number" [] "Treatment received as a number."
    TRTP Text "record_planned_arm" [] "Planned treatment of the record."
    TRTA Text "record_actual_arm" [] "Treatment received at the record."
    DOSEP Number "dose" [] "Planned dose."
    DOSEU Text "dose_unit" [] "Unit of the planned dose."
    DOSELVL Text "dose_level" [] "Dose level."
    DOSELVLN Number "dose_level_number" [] "Dose level as a number."
    PART Text "part" [] "Part of the study."
    PARTDESC Text "part_description" [] "Part of the study in words."
    COHORT Code "cohort" [] "Cohort."
    COHTYPE Text "cohort_type" [] "Kind of cohort: escalation, backfill, expansion, randomised."
    BACKFL Flag "backfill" [] "Backfill subject."
    RANDFL Flag "randomised" [] "Randomised subject."
    STRATA1 Text "stratum" [] "Stratum of randomisation."
    RFICDT Date "consent_date" [] "Informed consent."
    RANDDT Date "randomisation_date" [] "Randomisation."
    TRTSDT Date "first_dose_date" [] "First dose."
    TRTSDTM Date "first_dose_time" [] "First dose with its time."
    TRTEDT Date "last_dose_date" [] "Last dose."
    TRTEDTM Date "last_dose_time" [] "Last dose with its time."
    TRTDURD Number "treatment_days" [] "Treatment duration in days."
    SAFFL Flag "safety" [] "Safety population."
    ITTFL Flag "intention_to_treat" [] "Intention-to-treat population."
    FASFL Flag "full_analysis" [] "Full analysis set."
    EFFFL Flag "efficacy" [] "Evaluable for efficacy."
    RESPEVFL Flag "response_evaluable" [] "Evaluable for response."
    PKFL Flag "pk" [] "Evaluable for pharmacokinetics."
    DLTEVLFL Flag "dlt_evaluable" [] "Evaluable for dose-limiting toxicity."
    DLTFL Flag "dlt" [Adsl, Adae] "Dose-limiting toxicity."
    EOSSTT Text "study_status" [] "End-of-study status."
    EOSDT Date "study_end_date" [] "End of study."
    EOTSTT Text "treatment_status" [] "End-of-treatment status."
    DCSREAS Text "study_end_reason" [] "Reason for leaving the study."
    DCTREAS Text "treatment_end_reason" [] "Reason for stopping treatment."
    DTHFL Flag "died" [] "Subject has died."
    DTHDT Date "death_date" [] "Death."
    DTHCAUS Text "death_cause" [] "Cause of death."
    LSTALVDT Date "last_alive_date" [] "Last known alive."
    DCUTDT Date "cutoff_date" [] "Data cut-off."
    FUPDAYS Number "followup_days" [] "Follow-up in days."
    ECOG Code "ecog" [] "ECOG performance status."
    ECOGBL Code "ecog_baseline" [] "ECOG performance status at baseline."
    PRIORLN Code "prior_lines" [] "Prior lines of therapy."
    PRIORLIN Code "prior_lines_of_therapy" [] "Prior lines of therapy."
    HSGRP Text "histology" [] "Histology group."
    SMOKE Text "smoking" [] "Smoking history."
    RENIMP Text "renal_impairment" [] "Renal impairment."
    HEPIMP Text "hepatic_impairment" [] "Hepatic impairment."
    WTBL Number "weight" [] "Body weight at baseline."
    HTBL Number "height" [] "Height at baseline."
    BSABL Number "body_surface" [] "Body surface area at baseline."
    BMIBL Number "body_mass_index" [] "Body mass index at baseline."
    ALBBL Number "albumin" [] "Albumin at baseline."
    LDHBL Number "lactate_dehydrogenase" [] "Lactate dehydrogenase at baseline."
    TUMSUMBL Number "tumour_sum" [] "Sum of target lesions at baseline."
    SLDBL Number "tumour_diameters" [] "Sum of target lesion diameters at baseline."
    CRCL Number "creatinine_clearance" [] "Creatinine clearance."
    CRCLBL Number "creatinine_clearance_baseline" [] "Creatinine clearance at baseline."

    ASEQ Number "record_number" [] "Sequence number of the analysis record."
    PARAMCD Text "parameter" [] "Parameter code."
    PARAM Text "parameter_name" [] "Parameter in words."
    PARCAT1 Text "parameter_category" [] "Category of the parameter, for questionnaires the instrument."
    PARCAT2 Text "parameter_category_2" [] "Second category of the parameter."
    PARCAT3 Text "parameter_category_3" [] "Third category of the parameter."
    AVAL Number "value" [] "Analysis value."
    AVALC Text "value_text" [] "Analysis value as text."
    AVALU Text "value_unit" [] "Unit of the analysis value."
    BASE Number "baseline_value" [] "Baseline value."
    CHG Number "change" [] "Change from baseline."
    PCHG Number "percent_change" [] "Percent change from baseline."
    NADIR Number "nadir" [] "Lowest value so far."
    BASETYPE Text "baseline_type" [] "Kind of baseline."
    DTYPE Text "derivation_type" [] "How a derived record came about; blank for observed ones."
    AVISIT Text "analysis_visit" [] "Analysis visit."
    AVISITN Number "analysis_visit_number" [] "Analysis visit as a number."
    VISIT Text "visit" [] "Visit."
    VISITNUM Number "visit_number" [] "Visit as a number."
    ATPT Text "timepoint" [] "Planned time point."
    ATPTN Number "timepoint_number" [] "Planned time point as a number."
    ATPTREF Text "timepoint_reference" [] "What the time point counts from."
    ADT Date "date" [] "Date of the record."
    ADTM Date "time" [] "Date and time of the record."
    ADY Number "day" [] "Study day of the record."
    ASTDT Date "start_date" [] "Start of the event or the dosing."
    ASTDTM Date "start_time" [] "Start with its time."
    AENDT Date "end_date" [] "End of the event or the dosing."
    AENDTM Date "end_time" [] "End with its time."
    ASTDY Number "start_day" [] "Study day of the start."
    AENDY Number "end_day" [] "Study day of the end."
    ABLFL Flag "baseline_flag" [] "Baseline record."
    ANL01FL Flag "analysis_flag" [] "Record used in the analysis."

    EXSEQ Number "dosing_number" [Adex] "Sequence number of the dosing record."
    EXTRT Text "drug" [Adex] "Drug given."
    EXDOSE Number "actual_dose" [Adex] "Dose given; 0 for an interruption."
    EXPDOSE Number "planned_dose" [Adex] "Dose planned at the time."
    EXPLDOS Number "planned_dose_at_record" [Adex] "Dose planned at the time, as admiral names it."
    EXDOSU Text "actual_dose_unit" [Adex] "Unit of the dose given."
    EXDOSFRQ Text "frequency" [Adex] "Dosing frequency."
    EXROUTE Text "route" [Adex] "Route."
    EXADJ Text "adjustment_reason" [Adex] "Reason for an adjustment of the dose."
    EXACN Text "dosing_action" [Adex] "What was done with the dose."

    DOSEA Number "dose_at_sample" [Adpc, Adpp, Adeg, Adbm] "Dose taken before the record."
    NFRLT Number "nominal_time" [Adpc, Adab, Adbm, Adeg] "Nominal time since first dose, hours."
    AFRLT Number "actual_time" [Adpc, Adab, Adbm, Adeg] "Actual time since first dose, hours."
    NRRLT Number "nominal_time_since_dose" [Adpc, Adab, Adbm, Adeg] "Nominal time since the reference dose, hours."
    ARRLT Number "actual_time_since_dose" [Adpc, Adab, Adbm, Adeg] "Actual time since the reference dose, hours."
    LLOQ Number "quantification_limit" [Adpc] "Lower limit of quantification."
    PCLLOQ Number "assay_limit" [Adpc] "Lower limit of quantification, as in the tabulation data."
    ALLOQ Number "analysis_limit" [Adpc] "Lower limit of quantification for analysis."
    BLQFL Flag "below_limit" [Adpc] "Below the limit of quantification."
    PCSPEC Text "specimen" [Adpc] "Specimen."
    PKSUMFL Flag "pk_summary" [Adpc] "Record used in summaries of concentration."
    PKSUM1F Flag "pk_summary_1" [Adpc] "Record used in summaries of concentration, as aNCA names it."
    PKEXCRSN Text "pk_exclusion_reason" [Adpc] "Why the record is not used."
    PPCAT Text "analyte" [Adpp] "Analyte."
    PPSPEC Text "parameter_specimen" [Adpp] "Specimen."
    PPSTINT Text "interval_start" [Adpp] "Start of the interval that the parameter covers."
    PPENINT Text "interval_end" [Adpp] "End of the interval that the parameter covers."
    PPSUMFL Flag "parameter_summary" [Adpp] "Parameter used in summaries."
    PPSUMRSN Text "parameter_exclusion_reason" [Adpp] "Why the parameter is not used."

    AESEQ Number "event_number" [Adae] "Sequence number of the adverse event."
    AETERM Text "reported_term" [Adae] "Reported term."
    AEDECOD Text "preferred_term" [Adae] "Preferred term."
    AEBODSYS Text "organ_class" [Adae] "System organ class."
    AESOC Text "primary_organ_class" [Adae] "Primary system organ class."
    AETOXGR Grade "grade" [Adae] "Toxicity grade."
    ATOXGR Grade "analysis_grade" [Adae] "Toxicity grade for analysis."
    ATOXGRN Grade "analysis_grade_number" [Adae] "Toxicity grade for analysis as a number."
    AESEV Text "severity" [Adae] "Severity in words."
    AESER Flag "serious" [Adae] "Serious event."
    AESDTH Flag "fatal" [Adae] "Event resulted in death."
    AEREL Text "causality" [Adae] "Causality as recorded."
    AREL Text "analysis_causality" [Adae] "Causality for analysis."
    AEACN Text "action" [Adae] "Action taken with the drug."
    AEOUT Text "outcome" [Adae] "Outcome."
    TRTEMFL Flag "treatment_emergent" [Adae] "Treatment-emergent event."
    ADURN Number "duration" [Adae, Adex] "Duration."
    AOCCFL Flag "first_occurrence" [Adae] "First occurrence within the subject."
    AOCCPFL Flag "first_occurrence_of_term" [Adae] "First occurrence of the preferred term."
    CQ01NAM Text "customised_query" [Adae] "Customised query."
    AESI Text "special_interest" [Adae] "Group of special interest."
    AESIFL Flag "special_interest_flag" [Adae] "Event of special interest."
    ACYCLE Code "cycle" [Adae, Adex] "Treatment cycle."
    DOSEON Number "dose_at_onset" [Adae] "Dose at onset."

    NEWLFL Flag "new_lesion" [Adrs, Adtr] "New lesion."
    NTLES Number "lesions" [Adtr] "Number of target lesions."
    CNSR Number "censoring" [Adtte, Ader, Adee, Ades] "0 for an event, otherwise censored."
    STARTDT Date "origin_date" [Adtte] "Date that the time counts from."
    EVNTDESC Text "event_description" [Adtte] "Event or reason for censoring."
    CNSDTDSC Text "censoring_description" [Adtte] "What the date of censoring is."
    QSSTAT Text "completion_status" [Adqs] "Completion status."
    QSREASND Text "reason_not_done" [Adqs] "Why it was not done."
    ANRLO Number "normal_low" [Adlb] "Lower limit of normal."
    ANRHI Number "normal_high" [Adlb] "Upper limit of normal."
    BMROLE Text "biomarker_role" [Adbm] "Role of the biomarker."
    ASSAYST Text "assay_status" [Adbm] "Status of the assay."
    MATRIX Text "matrix" [Adbm] "Matrix."
    PAIRFL Flag "paired" [Adbm] "Paired sample."
    TPDOSE Number "total_planned_dose" [Adexsum] "Total planned dose."
}

/// The entry of a column of a dataset, whatever the case of `name`.
#[must_use]
pub fn entry(dataset: DatasetName, name: &str) -> Option<&'static ColumnEntry> {
    ALL.iter().find(|entry| entry.belongs_to(dataset) && entry.name.eq_ignore_ascii_case(name))
}

/// The entry that a key of `data.columns` means: a role or a standard name, whatever its case.
#[must_use]
pub fn of_role(dataset: DatasetName, key: &str) -> Option<&'static ColumnEntry> {
    ALL.iter().find(|entry| entry.belongs_to(dataset) && entry.role.eq_ignore_ascii_case(key)).or_else(|| entry(dataset, key))
}

/// The roles that a dataset knows, for messages.
#[must_use]
pub fn roles(dataset: DatasetName) -> Vec<&'static str> {
    ALL.iter().filter(|entry| entry.belongs_to(dataset)).map(|entry| entry.role).collect()
}

/// What the cells of a column are; text where the registry does not know it, flags where the name ends in `FL`.
#[must_use]
pub fn kind(dataset: DatasetName, name: &str) -> ColumnKind {
    match entry(dataset, name) {
        Some(entry) => entry.kind,
        None if is_flag_name(name) => ColumnKind::Flag,
        None => ColumnKind::Text,
    }
}

/// Whether a name is that of a flag by the rule of ADaM: at least three characters and `FL` at the end.
fn is_flag_name(name: &str) -> bool {
    name.len() > 2 && name.to_ascii_uppercase().ends_with("FL")
}

impl ColumnEntry {
    fn belongs_to(&self, dataset: DatasetName) -> bool {
        self.datasets.is_empty() || self.datasets.contains(&dataset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_roles_are_unique_within_every_dataset() {
        for dataset in DatasetName::ALL {
            let entries: Vec<_> = ALL.iter().filter(|entry| entry.belongs_to(dataset)).collect();
            for (position, entry) in entries.iter().enumerate() {
                let clash = entries.iter().enumerate().find(|(other_position, other)| {
                    let same = other.name == entry.name || other.role == entry.role || other.role.eq_ignore_ascii_case(entry.name);
                    same && *other_position != position
                });
                assert!(clash.is_none(), "{dataset} {}", entry.name);
                assert_eq!(entry.role, entry.role.to_lowercase());
            }
        }
    }

    #[test]
    fn a_key_is_a_role_or_a_standard_name() {
        assert_eq!(of_role(DatasetName::Adsl, "dose").unwrap().name, DOSEP);
        assert_eq!(of_role(DatasetName::Adsl, "trt01p").unwrap().name, TRT01P);
        assert_eq!(of_role(DatasetName::Adae, "grade").unwrap().name, AETOXGR);
        assert!(of_role(DatasetName::Adsl, "grade").is_none());
    }

    #[test]
    fn kinds_depend_on_the_dataset() {
        assert_eq!(kind(DatasetName::Adae, "atoxgr"), ColumnKind::Grade);
        assert_eq!(kind(DatasetName::Adlb, "ATOXGR"), ColumnKind::Text);
        assert_eq!(kind(DatasetName::Adsl, "BMEASIFL"), ColumnKind::Flag);
        assert_eq!(kind(DatasetName::Adsl, "REGION1"), ColumnKind::Text);
    }
}
