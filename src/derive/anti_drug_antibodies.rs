//! Anti-drug antibodies as ADAB gives them: samples with result and titre, and the classification that the data may hold themselves.
//!
//! One sample may stand in several records: a result (`RESULT1`, or `AVALC = POSITIVE`), a titre, and either again for neutralising antibodies.
//! Records of one subject, antibody, assay and time are one sample. What ADAB derives from samples, for the subject (`INDUCD`, `PERSADA`) or for
//! the visit (`TFLAGV`), is no sample: the former is kept, to hold it against the classification computed here.

use std::collections::BTreeMap;

use super::columns::{self, Column};
use super::records::SubjectIndex;
use super::roster::{Record, Roster, study_day};
use super::words::{is_yes, normalised};
use crate::data::Dataset;
use crate::quantity::{Date, Rows};

/// What an assay finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assay {
    /// Antibodies that bind to the drug.
    Binding,
    /// Antibodies that take its effect away.
    Neutralising,
}

/// A sample with its result. Times are in days.
#[derive(Debug, Clone, PartialEq)]
pub struct AntibodySample {
    /// Rows of ADAB.
    pub rows: Rows,
    /// Subject.
    pub subject: SubjectIndex,
    /// The antibody that was looked for.
    pub antibody: String,
    /// Which antibodies the assay finds.
    pub assay: Assay,
    /// Visit.
    pub visit: Option<String>,
    /// Time since the first dose: actual where given, otherwise by study day, on which day 1 is 0.
    pub time: Option<f64>,
    /// Whether it was taken before the first dose.
    pub before_first_dose: bool,
    /// Whether the data flag it as the baseline.
    pub flagged_baseline: bool,
    /// Whether antibodies were found; `None` without a result.
    pub positive: Option<bool>,
    /// Titre, on the scale of the data.
    pub titre: Option<f64>,
    /// Whether the titre is the least that the assay reports, put in by the data where the sample has less (`DTYPE = MRT`).
    pub titre_imputed: bool,
}

/// What the data say of a subject's antibodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GivenClass {
    /// Positive at baseline.
    Baseline,
    /// Treatment-induced.
    Induced,
    /// Treatment-boosted.
    Boosted,
    /// Treatment-emergent: induced or boosted.
    Emergent,
    /// Persistent.
    Persistent,
    /// Transient.
    Transient,
}

/// One statement of the data on one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenClassification {
    /// Row of ADAB.
    pub row: u32,
    /// Subject.
    pub subject: SubjectIndex,
    /// The antibody.
    pub antibody: String,
    /// What is said.
    pub class: GivenClass,
    /// Whether it holds.
    pub holds: bool,
}

/// ADAB.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AntiDrugAntibodies {
    /// Samples by subject, antibody, assay and time.
    pub samples: Vec<AntibodySample>,
    /// Classification of subjects in the data.
    pub given: Vec<GivenClassification>,
    /// Records that are no sample, by reason.
    pub left_out: BTreeMap<String, usize>,
    /// Samples of which one record says positive and another negative; they count as positive.
    pub contradictory: usize,
    /// Columns that were read.
    pub columns: Vec<String>,
}

/// Name of the antibody where the data name none.
const UNNAMED: &str = "Anti-drug antibodies";

/// Words of categories that tell assays apart and not antibodies.
const OF_ASSAYS: [&str; 3] = ["NEUTRALIZING", "NEUTRALISING", "BINDING"];

/// Categories that name no antibody once words of assays are gone.
const NO_NAME: [&str; 9] =
    ["", "ADA", "NAB", "ANTIBODY", "ANTIBODIES", "IMMUNOGENICITY", "ANTI DRUG ANTIBODY", "ANTI DRUG ANTIBODIES", "ANTIDRUG ANTIBODY"];

/// Parameters that classify a subject, by the stem of their code.
const CLASSES: [(&str, GivenClass); 11] = [
    ("BFLAG", GivenClass::Baseline),
    ("INDUCD", GivenClass::Induced),
    ("INDUCED", GivenClass::Induced),
    ("TIADA", GivenClass::Induced),
    ("ENHANC", GivenClass::Boosted),
    ("BOOSTED", GivenClass::Boosted),
    ("TBADA", GivenClass::Boosted),
    ("EMERPOS", GivenClass::Emergent),
    ("TEADA", GivenClass::Emergent),
    ("PERSADA", GivenClass::Persistent),
    ("TRANADA", GivenClass::Transient),
];

/// Parameters that are derived from samples and neither sample nor classification that is held against ours.
const DERIVED: [&str; 13] = [
    "ADADUR", "ADASTAT", "ADASTTV", "EMERNEG", "FPPDTM", "LPPDTM", "NABSTAT", "NABSTTV", "NOTRREL", "PBFLAGV", "TFLAGV", "TIMADA",
    "TRUNAFF",
];

#[derive(Debug)]
struct AntibodyColumns {
    code: Option<Column<String>>,
    name: Option<Column<String>>,
    category: Option<Column<String>>,
    agent: Option<Column<String>>,
    test: Option<Column<String>>,
    visit: Option<Column<String>>,
    point: Option<Column<String>>,
    text: Option<Column<String>>,
    value: Option<Column<f64>>,
    unit: Option<Column<String>>,
    kind: Option<Column<String>>,
    baseline: Option<Column<String>>,
    day: Option<Column<f64>>,
    date: Option<Column<Date>>,
    since_first: Option<Column<f64>>,
    time_unit: Option<Column<String>>,
}

/// What one record says.
struct Said {
    positive: Option<bool>,
    titre: Option<f64>,
}

/// What records of one sample have in common: subject, antibody, assay, day, visit and time point.
type Key = (SubjectIndex, String, Assay, Option<i32>, Option<String>, Option<String>);

impl AntibodyColumns {
    fn new(adab: &Dataset) -> Self {
        Self {
            code: columns::texts(adab, &["PARAMCD", "ISTESTCD"]),
            name: columns::texts(adab, &["PARAM", "ISTEST"]),
            category: columns::texts(adab, &["PARCAT1"]),
            agent: columns::texts(adab, &["ISBDAGNT"]),
            test: columns::texts(adab, &["ISTESTCD", "ISTEST"]),
            visit: columns::texts(adab, &["AVISIT", "VISIT"]),
            point: columns::texts(adab, &["ATPT", "ISTPT"]),
            text: columns::texts(adab, &["AVALC", "ISSTRESC"]),
            value: columns::numbers(adab, &["AVAL", "ISSTRESN"]),
            unit: columns::texts(adab, &["AVALU", "ISSTRESU"]),
            kind: columns::texts(adab, &["DTYPE"]),
            baseline: columns::texts(adab, &["ABLFL"]),
            day: columns::numbers(adab, &["ADY"]),
            date: columns::dates(adab, &["ADT", "ADTM"]),
            since_first: columns::numbers(adab, &["AFRLT"]),
            time_unit: columns::texts(adab, &["FRLTU"]),
        }
    }

    fn names(&self) -> Vec<String> {
        let texts = [
            &self.code,
            &self.name,
            &self.category,
            &self.agent,
            &self.test,
            &self.visit,
            &self.point,
            &self.text,
            &self.unit,
            &self.kind,
            &self.baseline,
            &self.time_unit,
        ];
        let numbers = [&self.value, &self.day, &self.since_first];
        let mut names: Vec<String> = texts.into_iter().filter_map(columns::name).collect();
        names.extend(numbers.into_iter().filter_map(columns::name).chain(columns::name(&self.date)));
        names.sort();
        names.dedup();
        names
    }

    fn words(column: &Option<Column<String>>, index: usize) -> String {
        columns::value(column.as_ref(), index).map(|text| normalised(text)).unwrap_or_default()
    }

    /// The parameter's code without the number that tells assays or antibodies apart.
    fn stem(&self, index: usize) -> String {
        Self::words(&self.code, index).trim_end_matches(|letter: char| letter.is_ascii_digit()).to_owned()
    }

    fn assay(&self, index: usize) -> Assay {
        let told = [&self.name, &self.category, &self.test].into_iter().any(|column| Self::words(column, index).contains("NEUTRALI"));
        let coded = Self::words(&self.code, index).starts_with("NAB") || Self::words(&self.test, index).contains("NAB");
        if told || coded { Assay::Neutralising } else { Assay::Binding }
    }

    /// The antibody: by category without the words that tell assays apart, otherwise by what it binds to.
    fn antibody(&self, index: usize) -> String {
        let category = columns::text(self.category.as_ref(), index).unwrap_or_default();
        let kept: Vec<&str> = category.split_whitespace().filter(|word| !OF_ASSAYS.contains(&word.to_uppercase().as_str())).collect();
        let kept = kept.join(" ");
        if !NO_NAME.contains(&normalised(&kept).as_str()) {
            return kept;
        }
        columns::text(self.agent.as_ref(), index).map_or_else(|| UNNAMED.to_owned(), |agent| format!("Antibodies against {agent}"))
    }

    fn is_titre(&self, index: usize) -> bool {
        let about = [&self.unit, &self.name, &self.code].into_iter().map(|column| Self::words(column, index));
        about.into_iter().any(|words| words.contains("TITER") || words.contains("TITRE"))
    }

    /// Result and titre of a record. A text that is a number or `1:80` is a titre, and a titre is one of a positive sample.
    fn said(&self, index: usize) -> Said {
        let text = Self::words(&self.text, index);
        let value = columns::number(self.value.as_ref(), index);
        let positive = match text.as_str() {
            "POSITIVE" | "POS" | "Y" | "YES" | "REACTIVE" | "CONFIRMED POSITIVE" | "ADA+" | "NAB+" | "DETECTED" => Some(true),
            "NEGATIVE" | "NEG" | "N" | "NO" | "NON REACTIVE" | "CONFIRMED NEGATIVE" | "ADA" | "NAB" | "NOT DETECTED" => Some(false),
            _ => None,
        };
        if self.is_titre(index) {
            let written = text.strip_prefix("1:").unwrap_or(&text).trim().parse::<f64>().ok();
            let titre = value.or(written).filter(|titre| titre.is_finite() && *titre > 0.0);
            return Said { positive: positive.or(titre.map(|_| true)), titre };
        }
        let written = text.strip_prefix("1:").and_then(|titre| titre.trim().parse::<f64>().ok());
        let coded = value.and_then(|value| match value {
            value if (value - 1.0).abs() < 1e-9 => Some(true),
            value if value.abs() < 1e-9 => Some(false),
            _ => None,
        });
        let coded = if text.is_empty() || text.parse::<f64>().is_ok() { coded } else { None };
        Said { positive: positive.or(coded).or(written.map(|_| true)), titre: written }
    }

    /// Days since the first dose.
    fn time(&self, index: usize, day: Option<i32>) -> Option<f64> {
        let unit = Self::words(&self.time_unit, index);
        let days_in = if unit.starts_with('D') { 1.0 } else { 1.0 / 24.0 };
        let actual = columns::number(self.since_first.as_ref(), index).map(|time| time * days_in);
        actual.or_else(|| day.map(|day| f64::from(if day > 0 { day - 1 } else { day })))
    }

    fn sample(&self, record: &Record<'_>, kind: &str) -> Result<(Key, AntibodySample), &'static str> {
        let index = record.index;
        let day = study_day(columns::number(self.day.as_ref(), index), columns::date(self.date.as_ref(), index), record.subject.first_dose);
        let flagged = is_yes(columns::value(self.baseline.as_ref(), index));
        let time = self.time(index, day);
        if time.is_none() && !flagged {
            return Err("neither study day nor time since the first dose");
        }
        let said = self.said(index);
        let (antibody, assay) = (self.antibody(index), self.assay(index));
        let visit = columns::text(self.visit.as_ref(), index);
        let key = (record.position, antibody.clone(), assay, day, visit.clone(), columns::text(self.point.as_ref(), index));
        let sample = AntibodySample {
            rows: std::iter::once(record.row).collect(),
            subject: record.position,
            antibody,
            assay,
            visit,
            time,
            before_first_dose: flagged || time.is_none_or(|time| time <= 0.0),
            flagged_baseline: flagged,
            positive: said.positive,
            titre: said.titre,
            titre_imputed: kind == "MRT" && said.titre.is_some(),
        };
        Ok((key, sample))
    }
}

/// Reads ADAB.
pub(super) fn derive_antibodies(adab: &Dataset, roster: &Roster<'_>) -> AntiDrugAntibodies {
    let columns = AntibodyColumns::new(adab);
    let mut found = AntiDrugAntibodies { columns: columns.names(), ..AntiDrugAntibodies::default() };
    let mut samples: BTreeMap<Key, AntibodySample> = BTreeMap::new();
    for record in roster.records(adab) {
        let stem = columns.stem(record.index);
        if let Some((_, class)) = CLASSES.iter().find(|(code, _)| *code == stem) {
            let holds = columns.said(record.index).positive;
            let given = |holds| GivenClassification {
                row: record.row,
                subject: record.position,
                antibody: columns.antibody(record.index),
                class: *class,
                holds,
            };
            found.given.extend(holds.map(given));
            continue;
        }
        if DERIVED.contains(&stem.as_str()) {
            continue;
        }
        let kind = AntibodyColumns::words(&columns.kind, record.index);
        let read = if kind.is_empty() || kind == "MRT" { columns.sample(&record, &kind) } else { Err("derived record (DTYPE)") };
        match read {
            Ok((key, sample)) => match samples.get_mut(&key) {
                Some(held) => found.contradictory += usize::from(merge(held, &sample)),
                None => {
                    samples.insert(key, sample);
                }
            },
            Err(reason) => *found.left_out.entry(reason.to_owned()).or_default() += 1,
        }
    }
    found.samples = samples.into_values().collect();
    found
}

/// Brings a further record of a sample in; says whether the two contradict each other.
fn merge(held: &mut AntibodySample, other: &AntibodySample) -> bool {
    let contradiction = held.positive.zip(other.positive).is_some_and(|(a, b)| a != b);
    held.rows = held.rows.union(&other.rows);
    held.positive = match (held.positive, other.positive) {
        (Some(a), Some(b)) => Some(a || b),
        (a, b) => a.or(b),
    };
    held.titre_imputed |= held.titre.is_none() && other.titre_imputed;
    held.titre = held.titre.or(other.titre);
    held.time = held.time.or(other.time);
    held.flagged_baseline |= other.flagged_baseline;
    held.before_first_dose |= other.flagged_baseline;
    contradiction
}
