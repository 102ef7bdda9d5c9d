//! Concentrations as ADPC gives them: samples of plasma, serum or blood with their times, told apart from doses, urine and imputed records.
//!
//! A profile is what follows one dose. Samples belong to a dose by its nominal time, `NFRLT - NRRLT`: the sample 24 h after the first dose and its copy
//! before the second are one result in two profiles. ADPC writes such copies with `DTYPE = COPY`; every other `DTYPE` is an imputation, which is
//! left out because the rules for concentrations below the limit are the project's.

use thiserror::Error;

use super::columns::{self, Column};
use super::records::SubjectIndex;
use super::roster::{Record, Roster};
use super::words::{is_yes, normalised};
use crate::config::Settings;
use crate::data::{Dataset, is_below_quantification};
use crate::quantity::DoseUnit;

/// The result of a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SampleResult {
    /// A measured concentration.
    Measured(f64),
    /// Below the limit of quantification.
    BelowLimit {
        /// The limit, where given.
        limit: Option<f64>,
    },
    /// No result.
    Missing,
}

/// A sample of plasma, serum or blood. Times are in hours.
#[derive(Debug, Clone, PartialEq)]
pub struct ConcentrationSample {
    /// Row in ADPC.
    pub row: u32,
    /// Subject.
    pub subject: SubjectIndex,
    /// Code of the analyte.
    pub analyte: String,
    /// Name of the analyte, as in the data.
    pub label: Option<String>,
    /// Specimen.
    pub specimen: Option<String>,
    /// Visit or profile day.
    pub visit: Option<String>,
    /// Nominal time of the dose that the sample belongs to, since the first dose; `None` where the data do not relate samples to doses.
    pub dose_time: Option<f64>,
    /// Nominal time since that dose.
    pub nominal_time: Option<f64>,
    /// Actual time since that dose.
    pub actual_time: Option<f64>,
    /// What was found.
    pub result: SampleResult,
    /// Unit of the concentration.
    pub unit: Option<String>,
    /// Dose that the record names.
    pub dose: Option<f64>,
    /// Unit of that dose.
    pub dose_unit: Option<String>,
    /// Whether the record is a copy of a sample that belongs to another dose too.
    pub copied: bool,
}

/// A dose recorded among the concentrations.
#[derive(Debug, Clone, PartialEq)]
pub struct DoseGiven {
    /// Row in ADPC.
    pub row: u32,
    /// Subject.
    pub subject: SubjectIndex,
    /// Nominal time since the first dose, in hours.
    pub time: Option<f64>,
    /// Dose.
    pub dose: Option<f64>,
    /// Its unit.
    pub unit: Option<String>,
}

/// Why a record of ADPC is not a sample of a profile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Error)]
pub enum ExclusionReason {
    /// A concentration in urine, which has no profile.
    #[error("concentration in urine")]
    Urine,
    /// A record made by a rule of the data.
    #[error("derived record (DTYPE {0})")]
    Derived(String),
    /// A record that the data exclude.
    #[error("excluded in the data: {0}")]
    ByData(String),
    /// A record without analyte.
    #[error("no analyte")]
    NoAnalyte,
    /// A record without time since a dose.
    #[error("no time since a dose")]
    NoTime,
}

/// A record of ADPC that is not a sample of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExcludedSample {
    /// Row in ADPC.
    pub row: u32,
    /// Subject.
    pub subject: SubjectIndex,
    /// Why.
    pub reason: ExclusionReason,
}

/// ADPC, every record of a known subject in one of three lists, each in the order of the dataset.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Concentrations {
    /// Samples.
    pub samples: Vec<ConcentrationSample>,
    /// Doses.
    pub doses: Vec<DoseGiven>,
    /// Everything else.
    pub excluded: Vec<ExcludedSample>,
    /// Columns that were read.
    pub columns: Vec<String>,
}

/// Columns whose text may say that a concentration is below the limit.
const RESULT_TEXTS: [&str; 5] = ["AVALC", "AVAL", "AVALCAT1", "PCSTRESC", "PCORRES"];

/// Columns that may name the specimen.
const SPECIMENS: [&str; 4] = ["PCSPEC", "PARCAT1", "ASMED", "PARAM"];

#[derive(Debug)]
struct SampleColumns {
    analyte: Option<Column<String>>,
    label: Option<Column<String>>,
    specimens: Vec<Column<String>>,
    visit: Option<Column<String>>,
    nominal_first: Option<Column<f64>>,
    actual_first: Option<Column<f64>>,
    nominal_dose: Option<Column<f64>>,
    actual_dose: Option<Column<f64>>,
    first_unit: Option<Column<String>>,
    dose_time_unit: Option<Column<String>>,
    value: Option<Column<f64>>,
    texts: Vec<Column<String>>,
    below: Option<Column<String>>,
    limit: Option<Column<f64>>,
    unit: Option<Column<String>>,
    dose: Option<Column<f64>>,
    dose_unit: Option<Column<String>>,
    kind: Option<Column<String>>,
    summary: Option<Column<String>>,
    exclusion: Option<Column<String>>,
}

impl SampleColumns {
    fn new(adpc: &Dataset) -> Self {
        let every = |names: &[&str]| names.iter().filter_map(|name| columns::texts(adpc, &[name])).collect();
        Self {
            analyte: columns::texts(adpc, &["PARAMCD", "PCTESTCD", "PARAM", "PCTEST"]),
            label: columns::texts(adpc, &["PCTEST", "PARAM"]),
            specimens: every(&SPECIMENS),
            visit: columns::texts(adpc, &["AVISIT", "VISIT"]),
            nominal_first: columns::numbers(adpc, &["NFRLT"]),
            actual_first: columns::numbers(adpc, &["AFRLT"]),
            nominal_dose: columns::numbers(adpc, &["NRRLT"]),
            actual_dose: columns::numbers(adpc, &["ARRLT"]),
            first_unit: columns::texts(adpc, &["FRLTU", "RELTMU"]),
            dose_time_unit: columns::texts(adpc, &["RRLTU", "RELTMU"]),
            value: columns::numbers(adpc, &["AVAL", "PCSTRESN"]),
            texts: every(&RESULT_TEXTS),
            below: columns::texts(adpc, &["BLQFL"]),
            limit: columns::numbers(adpc, &["ALLOQ", "LLOQ", "PCLLOQ"]),
            unit: columns::texts(adpc, &["AVALU", "PCSTRESU"]),
            dose: columns::numbers(adpc, &["DOSEA"]),
            dose_unit: columns::texts(adpc, &["DOSEU", "DOSEAU"]),
            kind: columns::texts(adpc, &["DTYPE"]),
            summary: columns::texts(adpc, &["PKSUMFL", "PKSUM1F"]),
            exclusion: columns::texts(adpc, &["PKEXCRSN", "PKSUMXR"]),
        }
    }

    fn names(&self) -> Vec<String> {
        let texts = [
            &self.analyte,
            &self.label,
            &self.visit,
            &self.first_unit,
            &self.dose_time_unit,
            &self.below,
            &self.unit,
            &self.dose_unit,
            &self.kind,
            &self.summary,
            &self.exclusion,
        ];
        let numbers =
            [&self.nominal_first, &self.actual_first, &self.nominal_dose, &self.actual_dose, &self.value, &self.limit, &self.dose];
        let several = self.specimens.iter().chain(&self.texts).map(|column| column.name.clone());
        let mut names: Vec<String> = texts.iter().filter_map(|column| columns::name(column)).collect();
        names.extend(numbers.iter().filter_map(|column| columns::name(column)));
        names.extend(several);
        names.sort();
        names.dedup();
        names
    }

    fn text(&self, column: impl Fn(&Self) -> &Option<Column<String>>, index: usize) -> Option<String> {
        columns::text(column(self).as_ref(), index)
    }

    /// A time in hours.
    fn hours(&self, column: &Option<Column<f64>>, unit: &Option<Column<String>>, index: usize) -> Option<f64> {
        let factor = columns::value(unit.as_ref(), index).map_or(1.0, |unit| hours_in(unit));
        columns::number(column.as_ref(), index).map(|time| time * factor)
    }

    fn is_dose(&self, index: usize) -> bool {
        let code = columns::value(self.analyte.as_ref(), index).is_some_and(|code| normalised(code) == "DOSE");
        code || columns::value(self.unit.as_ref(), index).is_some_and(|unit| DoseUnit::parse(unit).is_some())
    }

    fn specimen(&self, index: usize) -> Option<String> {
        self.specimens.iter().filter_map(|column| column.get(index)).find_map(|text| {
            let words = normalised(text);
            let known = ["URINE", "PLASMA", "SERUM", "BLOOD"];
            known.into_iter().find(|known| words.split(|c: char| !c.is_alphanumeric()).any(|word| word == *known)).map(str::to_owned)
        })
    }

    fn result(&self, index: usize) -> SampleResult {
        let limit = columns::number(self.limit.as_ref(), index);
        let said = self.texts.iter().filter_map(|column| column.get(index)).any(|text| is_below_quantification(text));
        let value = columns::number(self.value.as_ref(), index);
        let under = value.is_some_and(|value| value >= 0.0 && (value <= 0.0 || limit.is_some_and(|limit| value < limit)));
        match value {
            _ if said || under || is_yes(columns::value(self.below.as_ref(), index)) => SampleResult::BelowLimit { limit },
            Some(value) => SampleResult::Measured(value),
            None => SampleResult::Missing,
        }
    }

    /// Why a record that is no dose does not count, or whether it is a copy.
    fn standing(&self, index: usize, specimen: Option<&str>) -> Result<bool, ExclusionReason> {
        if specimen == Some("URINE") {
            return Err(ExclusionReason::Urine);
        }
        let kind = self.text(|columns| &columns.kind, index).map(|kind| normalised(&kind));
        let copied = match kind.as_deref() {
            None | Some("") => false,
            Some("COPY") => true,
            Some(other) => return Err(ExclusionReason::Derived(other.to_owned())),
        };
        let excluded = columns::value(self.summary.as_ref(), index).is_some_and(|flag| !is_yes(Some(flag)));
        if excluded {
            let reason = self.text(|columns| &columns.exclusion, index);
            return Err(ExclusionReason::ByData(reason.unwrap_or_else(|| "no reason given".to_owned())));
        }
        Ok(copied)
    }

    fn sample(&self, record: &Record<'_>) -> Result<ConcentrationSample, ExclusionReason> {
        let index = record.index;
        let specimen = self.specimen(index);
        let copied = self.standing(index, specimen.as_deref())?;
        let analyte = self.text(|columns| &columns.analyte, index).ok_or(ExclusionReason::NoAnalyte)?;
        let since_first = self.hours(&self.nominal_first, &self.first_unit, index);
        let nominal = self.hours(&self.nominal_dose, &self.dose_time_unit, index);
        let actual = self.hours(&self.actual_dose, &self.dose_time_unit, index);
        let actual_first = self.hours(&self.actual_first, &self.first_unit, index);
        // Without times since a dose every sample belongs to the first.
        let related = self.nominal_dose.is_some() || self.actual_dose.is_some();
        let (nominal_time, actual_time) = if related { (nominal, actual) } else { (since_first, actual_first) };
        let dose_time = if related { since_first.zip(nominal).map(|(first, dose)| first - dose) } else { Some(0.0) };
        if nominal_time.is_none() && actual_time.is_none() {
            return Err(ExclusionReason::NoTime);
        }
        Ok(ConcentrationSample {
            row: record.row,
            subject: record.position,
            analyte,
            label: self.text(|columns| &columns.label, index),
            specimen,
            visit: self.text(|columns| &columns.visit, index),
            dose_time,
            nominal_time,
            actual_time,
            result: self.result(index),
            unit: self.text(|columns| &columns.unit, index),
            dose: columns::number(self.dose.as_ref(), index),
            dose_unit: self.text(|columns| &columns.dose_unit, index),
            copied,
        })
    }
}

/// Hours in a unit of time; hours where the unit is not known.
fn hours_in(unit: &str) -> f64 {
    match normalised(unit).as_str() {
        "D" | "DAY" | "DAYS" => 24.0,
        "MIN" | "MINS" | "MINUTE" | "MINUTES" => 1.0 / 60.0,
        "WEEK" | "WEEKS" => 168.0,
        _ => 1.0,
    }
}

/// Reads ADPC. A sample without a unit has that of its analyte in the project file.
pub(super) fn derive_concentrations(adpc: &Dataset, roster: &Roster<'_>, settings: &Settings) -> Concentrations {
    let columns = SampleColumns::new(adpc);
    let mut found = Concentrations { columns: columns.names(), ..Concentrations::default() };
    for record in roster.records(adpc) {
        if columns.is_dose(record.index) {
            found.doses.push(DoseGiven {
                row: record.row,
                subject: record.position,
                time: columns.hours(&columns.nominal_first, &columns.first_unit, record.index),
                dose: columns::number(columns.value.as_ref(), record.index),
                unit: columns.text(|columns| &columns.unit, record.index),
            });
            continue;
        }
        match columns.sample(&record) {
            Ok(mut sample) => {
                if sample.unit.is_none() {
                    sample.unit = settings.drug.analytes.get(&sample.analyte).and_then(|analyte| analyte.unit.clone());
                }
                found.samples.push(sample);
            }
            Err(reason) => found.excluded.push(ExcludedSample { row: record.row, subject: record.position, reason }),
        }
    }
    found
}
