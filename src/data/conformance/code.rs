//! Every code a diagnostic about data can have, with what it means.

use crate::diagnostic::Severity;

/// Whom a code concerns, and so whether it can be accepted and how the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The project file names something that the data do not have: always stops, cannot be accepted.
    Project,
    /// A file that cannot be read: always stops, cannot be accepted.
    File,
    /// The data: stops where it is critical and `data.accept` does not name it.
    Data,
    /// What the data cannot say where the analysis tables are derived from them: never critical.
    Derivation,
}

/// A code of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    /// The code, in kebab case.
    pub name: &'static str,
    /// How much it matters; where circumstances raise or lower it, the explanation says so.
    pub severity: Severity,
    /// Whom it concerns.
    pub origin: Origin,
    /// What it means.
    pub explanation: &'static str,
}

macro_rules! codes {
    ($($constant:ident $origin:ident $severity:ident $name:literal $explanation:literal)*) => {
        $(
            #[doc = $explanation]
            pub(in crate::data) const $constant: Code =
                Code { name: $name, severity: Severity::$severity, origin: Origin::$origin, explanation: $explanation };
        )*

        /// Every code that reading and checking data can give, in the order of the documentation.
        pub const CODES: &[Code] = &[$($constant),*];
    };
}

codes! {
    ACCEPT_UNKNOWN Project Critical "accept-unknown" "`data.accept` names a code that does not exist or cannot be accepted."
    ROLE_UNKNOWN Project Critical "role-unknown" "`data.columns` names a role that the dataset does not know."
    MAPPED_COLUMN_ABSENT Project Critical "mapped-column-absent" "`data.columns` names a column that is not in the data."
    NAMED_COLUMN_ABSENT Project Critical "named-column-absent" "A population, a part or another setting names a column that is not in the data."
    DOSAGE_WITHOUT_SUBJECTS Project Critical "dosage-without-subjects" "An arm that a dosage names does not occur in the data."
    PART_WITHOUT_SUBJECTS Project Critical "part-without-subjects" "A value that a part names does not occur in the data, or no subject meets all its conditions."

    FILE_UNREADABLE File Critical "file-unreadable" "The operating system does not give the file."
    FILE_EMPTY File Critical "file-empty" "The file holds nothing."
    FILE_NOT_A_DATASET File Critical "file-not-a-dataset" "The file is of a kind that holds no dataset, such as a workbook or a web page."
    FILE_UNRECOGNISED File Critical "file-unrecognised" "The content of the file does not fit its extension."
    FILE_COMPRESSION File Critical "file-compression-damaged" "The compression is damaged or cut off."
    FILE_ENCODING File Critical "file-encoding" "The text of the file cannot be decoded."
    FILE_NUL File Critical "file-nul-byte" "The text of the file holds a NUL byte."
    COLUMN_NAME_EMPTY File Critical "column-name-empty" "A column has no name."
    COLUMN_NAME_DUPLICATE File Critical "column-name-duplicate" "Two columns have the same name."
    ROW_RAGGED File Critical "row-ragged" "A record has too few or too many fields."
    ROW_BLANK File Critical "row-blank" "A blank line stands between records."
    QUOTE_UNCLOSED File Critical "quote-unclosed" "A quoted cell does not end."
    QUOTE_STRAY File Critical "quote-stray" "Text follows a closing quote."
    LINE_ENDS_MIXED File Critical "line-ends-mixed" "The file mixes kinds of line ends so that rows cannot be told."
    ROW_COUNT File Critical "row-count" "The file holds another number of rows than could be read."
    FILE_TRUNCATED File Critical "file-truncated" "The end of the file is missing."
    FILE_DAMAGED File Critical "file-damaged" "The file contradicts its own format."
    FILE_SEVERAL File Critical "file-several-datasets" "A transport file holds several datasets."
    FILE_NO_VARIABLES File Critical "file-no-variables" "The dataset has no variables."
    COLUMN_TYPE File Critical "column-type-unsupported" "A column holds lists or structures."
    JSON_NOT_DATASET File Critical "json-not-dataset" "A JSON file is not CDISC Dataset-JSON."

    ADSL_ABSENT Data Critical "adsl-absent" "There is no subject-level dataset; without it nothing can be grouped. Cannot be accepted."
    SUBJECT_COLUMN_ABSENT Data Critical "subject-column-absent" "A dataset has no subject identifier. Cannot be accepted."
    ESSENTIAL_COLUMN_ABSENT Data Critical "essential-column-absent" "A dataset lacks, or has blank, a column without which nothing can be taken from it."
    COLUMN_ABSENT Data Major "column-absent" "A dataset lacks, or has blank, a column without which a part of the analysis falls away."
    DATASET_EMPTY Data Major "dataset-empty" "A dataset has columns but no rows; critical for ADSL."
    DATASET_TWICE Data Critical "dataset-twice" "Two files hold the same records of one dataset. When accepted, the first is used and the other left out."
    NAME_CONTRADICTS_FILE Data Critical "name-contradicts-file" "The dataset's own name, or its columns, say that it is another than the file name says."
    DATASET_STACKED Data Info "dataset-stacked" "Several files of one dataset were put under one another."
    COLUMNS_UNITED Data Info "columns-united" "Stacked files have different columns; what a file lacks is blank in its rows."
    SUBJECTS_FROM Data Info "subjects-from" "There is no ADSL; the project takes the subjects from another dataset, the first row of each."
    SUBJECT_PER_ROW Data Info "subject-per-row" "A dataset has no subject identifier; the project declares that each row is a subject."
    SUBJECTS_FROM_ABSENT Project Critical "subjects-from-absent" "`data.subjects_from` names a dataset that is not there, or ADSL is there too."
    SUBJECT_PER_ROW_CONTRADICTED Project Critical "subject-per-row-contradicted" "`data.subject_per_row` names a dataset that has a subject identifier or is not there."
    EXPOSURE_IMPORT_UNREADABLE Project Critical "exposure-import-unreadable" "A table of `pk.imported_exposures` cannot be read."
    EXPOSURE_IMPORT_COLUMN Project Critical "exposure-import-column" "A table of `pk.imported_exposures` lacks a column that the project file names."
    EXPOSURE_IMPORT_VALUE Data Major "exposure-import-value" "A cell of an imported exposure is no number; it counts as missing."
    EXPOSURE_IMPORT_VARIES Data Critical "exposure-import-varies" "An imported exposure differs between rows of one subject. When accepted, the first row counts."
    EXPOSURE_IMPORT_STRANGER Data Major "exposure-import-stranger" "A subject of an imported table is not in ADSL, or fits several subjects of it; critical where that is so of every subject."
    EXPOSURE_IMPORT_MISSING Data Info "exposure-import-missing" "A subject of ADSL who received a dose has no row in an imported table."
    FILE_NOT_USED Data Info "file-not-used" "A data file was found that is none of the known datasets."
    FINAL_NEWLINE_MISSING Data Major "final-newline-missing" "The last record has no line end, so that its last cell may be cut off."
    WINDOWS_1252 Data Minor "windows-1252" "Text that is not UTF-8 was decoded as Windows-1252."
    REPLACEMENT_CHARACTER Data Major "replacement-character" "Text holds U+FFFD: characters were lost before or while the file was read."
    SPECIAL_MISSING Data Info "special-missing" "SAS special missing values were read as missing."
    WHOLE_NUMBERS_ONLY Data Major "whole-numbers-only" "The reader had to cut a column of a SAS dataset to whole numbers."

    DECISION_LOG_COLUMN Data Critical "decision-log-column" "The log of escalation decisions lacks a column; when accepted, the log is left out."
    DECISION_LOG_EMPTY Data Critical "decision-log-empty" "The log of escalation decisions has no rows; when accepted, the log is left out."
    DECISION_LOG_VALUE Data Critical "decision-log-value" "A row of the log of escalation decisions cannot be understood or contradicts another; when accepted, the row is left out."

    DUPLICATE_SUBJECT Data Critical "duplicate-subject" "A subject has several rows in ADSL; the first is used when this is accepted."
    SUBJECT_BLANK Data Major "subject-blank" "A row has no subject identifier; critical in ADSL."
    ROWS_DOUBLED Data Critical "rows-doubled" "At least a fifth of a dataset's rows repeat others in every column."
    DUPLICATE_ROW Data Major "duplicate-row" "Rows repeat others in every column."
    DUPLICATE_KEY Data Major "duplicate-key" "Rows have the same key and different values; minor where the key tells few rows apart."
    SUBJECT_NOT_IN_ADSL Data Major "subject-not-in-adsl" "Subjects of a dataset are not in ADSL; critical when they are more than half of them."
    RECORDS_END_EARLY Data Major "records-end-early" "The last subjects in the order of ADSL have no record, though those before them have: the end of a file may be missing."
    RECORDS_MISSING Data Major "records-missing" "Subjects that ADSL flags for a population have no record in the dataset it rests on."

    ARM_UNKNOWN Data Major "arm-unknown" "No dosage of the project file names an arm of ADSL; information for subjects that were never assigned or treated."
    ARM_CONTRADICTS_ADSL Data Major "arm-contradicts-adsl" "The treatment of a record differs from that of its subject in ADSL."
    DOSE_CONTRADICTS_ADSL Data Major "dose-contradicts-adsl" "The planned dose of a record differs from that of its subject in ADSL."
    DOSE_UNITS_MIXED Data Major "dose-units-mixed" "Doses of one drug are given in several units."
    UNITS_MIXED Data Major "units-mixed" "Values of one parameter are given in several units."
    FACTOR_1000 Data Major "factor-1000" "Doses, concentrations or exposures of a subject, an arm or a record lie about a factor of 1000 from comparable ones."

    BELOW_QUANTIFICATION Data Info "below-quantification-text" "Numbers are given as text that means below the limit of quantification; they are read as below the limit."
    MISSING_CODE Data Minor "missing-code" "A code for missing stands in a column of numbers or dates and is read as missing."
    NOT_FINITE Data Major "not-finite" "A number is infinite or not a number and is read as missing."
    TEXT_IN_NUMBER Data Major "text-in-number" "Text stands in a column of numbers and is read as missing."
    PARTIAL_DATE Data Minor "partial-date" "A date lacks its day or month and is read as missing."
    BAD_DATE Data Major "bad-date" "A cell of a column of dates is not a date and is read as missing."
    FLAG_VALUE Data Major "flag-value" "A flag or a sex holds a value outside its list."
    GRADE_INVALID Data Major "grade-invalid" "A toxicity grade is not a whole number from 1 to 5."

    NEGATIVE_TIME_AFTER_DOSE Data Major "negative-time-after-dose" "The time since first dose is negative on a record after the first dose."
    QUANTIFIABLE_BEFORE_FIRST_DOSE Data Major "quantifiable-before-first-dose" "A concentration is quantifiable before the first dose."
    START_AFTER_END Data Major "start-after-end" "A start date lies after its end date."
    BEFORE_FIRST_DOSE Data Major "before-first-dose" "A treatment-emergent event or a dosing record starts before the first dose."
    AFTER_DEATH Data Major "after-death" "A record is dated after the subject's death."
    AFTER_CUTOFF Data Major "after-cutoff" "A record is dated after the data cut-off."
    TIME_NEGATIVE Data Major "time-negative" "A time to event is negative."
    CENSORING_INVALID Data Major "censoring-invalid" "A code of censoring is negative or not whole; 0 is an event, anything above is censored."
    EVENTS_ABSENT Data Major "events-absent" "No record of a dataset of times to event has an event (CNSR 0), though censoring is coded in several ways."
    TIME_CONTRADICTS_DATES Data Major "time-contradicts-dates" "A time to event differs from the time between its two dates."
    CUTOFF_DIFFERS Data Major "cutoff-differs" "Data cut-off dates differ; information where only studies differ."

    DLT_OUTSIDE_WINDOW Data Major "dlt-outside-window" "A dose-limiting toxicity starts outside the window of assessment."
    DLT_NOT_EVALUABLE Data Major "dlt-not-evaluable" "A subject with a dose-limiting toxicity is not flagged as evaluable for it."
    DLT_CONTRADICTS_ADSL Data Major "dlt-contradicts-adsl" "ADSL and ADAE disagree on who had a dose-limiting toxicity."
    BASELINE_MISSING Data Major "baseline-missing" "Subjects have later assessments of an instrument and no baseline."
    POPULATION_EMPTY Data Major "population-empty" "The flag of a population is set for nobody; minor for the intention-to-treat population."
    POPULATION_ABSENT Data Info "population-absent" "The customary flag of a population is not in ADSL."
    ACCEPT_UNUSED Data Info "accept-unused" "`data.accept` names a code that does not occur."

    RECEIVED_OTHER_THAN_PLANNED Derivation Info "received-other-than-planned" "A subject received another treatment than planned."
    SUBJECT_WITHOUT_PART Derivation Info "subject-without-part" "A subject belongs to no study part of the project file."
    TREATMENT_STATUS_UNKNOWN Derivation Minor "treatment-status-unknown" "The end-of-treatment status is a word that is not known."
    GRADE_FROM_SEVERITY Derivation Major "grade-from-severity" "There is no toxicity grade; severity is mapped to grades."
    GRADE_NOT_UNDERSTOOD Derivation Major "grade-not-understood" "A toxicity grade or severity is not understood."
    RELATEDNESS_NOT_UNDERSTOOD Derivation Major "relatedness-not-understood" "A relation to treatment is not understood; it counts as not related."
    RELATEDNESS_MISSING Derivation Minor "relatedness-missing" "A relation to treatment is missing; it counts as not related."
    ACTION_NOT_UNDERSTOOD Derivation Minor "action-not-understood" "An action taken with the drug is not understood."
    DOSING_RECORD_INCOMPLETE Derivation Major "dosing-record-incomplete" "A dosing record lacks its dose or its begin and is left out."
    DOSING_DATES_REVERSED Derivation Major "dosing-dates-reversed" "A dosing record ends before it begins and is left out."
    DOSING_END_MISSING Derivation Info "dosing-end-missing" "A dosing record has no end; what follows says when it was."
    DOSING_END_UNKNOWN Derivation Minor "dosing-end-unknown" "A dosing record has no end that the data let know; only its first day counts."
    DOSING_OVERLAPS Derivation Minor "dosing-overlaps" "Dosing records of one drug overlap."
    DOSING_FREQUENCY_NOT_UNDERSTOOD Derivation Major "dosing-frequency-not-understood" "A dosing frequency is not understood."
    DOSING_FREQUENCY_ABSENT Derivation Minor "dosing-frequency-absent" "A dosing record has no frequency."
    PLANNED_DOSE_UNKNOWN Derivation Major "planned-dose-unknown" "The planned dose is not known, so that there is no relative dose intensity."
    SEVERAL_DRUGS Derivation Info "several-drugs" "There are dosing records of several drugs; one is summarised."
    DOSE_INTENSITY_DIFFERS Derivation Minor "dose-intensity-differs" "The dose intensity in the data differs from the one computed from the dosing records."
    PK_PARAMETER_REPEATED Derivation Minor "pk-parameter-repeated" "A pharmacokinetic parameter occurs twice with the same value."
    RESPONSE_NOT_UNDERSTOOD Derivation Major "response-not-understood" "A response is not understood; it counts as not evaluable."
    CENSORING_MISSING Derivation Major "censoring-missing" "A time to event has no censoring value and is left out."
    TIME_MISSING Derivation Major "time-missing" "A time to event has no time and is left out."
    TIME_UNIT_ASSUMED Derivation Major "time-unit-assumed" "The unit of a time to event is not given; days are assumed."
}

impl Code {
    /// The code of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        CODES.iter().find(|code| code.name == name)
    }

    /// Whether `data.accept` may name it.
    #[must_use]
    pub fn can_be_accepted(&self) -> bool {
        matches!(self.origin, Origin::Data | Origin::Derivation) && ![ADSL_ABSENT.name, SUBJECT_COLUMN_ABSENT.name].contains(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_explained() {
        for (position, code) in CODES.iter().enumerate() {
            assert!(CODES[..position].iter().all(|other| other.name != code.name), "{}", code.name);
            assert!(code.explanation.ends_with('.'));
            assert!(code.name.chars().all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-'));
        }
    }

    #[test]
    fn only_faults_of_data_can_be_accepted() {
        assert!(DUPLICATE_SUBJECT.can_be_accepted());
        assert!(!ADSL_ABSENT.can_be_accepted());
        assert!(!DOSAGE_WITHOUT_SUBJECTS.can_be_accepted());
        assert!(!FILE_TRUNCATED.can_be_accepted());
    }
}
