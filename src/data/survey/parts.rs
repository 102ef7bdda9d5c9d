//! Parts of the trials whose patients are analysed together.

use std::collections::{BTreeMap, BTreeSet};

use super::Guess;
use super::arms::Arms;
use super::counts::Texts;
use super::words::{contains_words, counted, identifier};
use crate::data::arm::is_never_treated;
use crate::data::column::{ARM, BACKFL, COHORT, COHTYPE, PART, PARTDESC, RANDDT, RANDFL, STUDYID, TRT01A, TRT01P};
use crate::data::dataset::Dataset;
use crate::data::spelling::{is_yes, normalised};

/// Most values that a column of parts has; more are cohorts or doses.
const MOST: usize = 8;

/// A part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Id.
    pub id: String,
    /// Name in the data.
    pub label: Option<String>,
    /// Whether every subject in it was randomised.
    pub randomised: bool,
    /// Values by column of ADSL.
    pub when: Vec<(String, String)>,
    /// Its subjects.
    pub subjects: usize,
}

/// Names of parts by words, the first that fits counts; the ids are those that fact ids use.
const KINDS: [(&str, &[&str]); 5] = [
    ("backfill", &["BACKFILL", "BACK FILL"]),
    ("escalation", &["ESCALATION", "DOSE FINDING", "PHASE 1", "PHASE 1A", "PHASE I"]),
    ("registration", &["REGISTRATION", "REGISTRATIONAL", "PIVOTAL", "CONFIRMATORY", "PHASE 3", "PHASE III"]),
    ("randomised", &["RANDOMISED", "RANDOMIZED"]),
    ("expansion", &["EXPANSION", "DOSE OPTIMISATION", "DOSE OPTIMIZATION", "PHASE 2", "PHASE 1B", "PHASE II"]),
];

/// What ADSL says about parts, by row.
struct Columns {
    base: Texts,
    description: Option<Texts>,
    backfill: Option<Texts>,
    randomised: Option<Randomised>,
    arm: Option<Texts>,
}

/// How it is known who was randomised.
enum Randomised {
    Flag(Texts),
    Date(Texts),
}

impl Randomised {
    fn of(adsl: &Dataset) -> Option<Self> {
        let flag = Texts::of(adsl, &[RANDFL]).map(Self::Flag);
        flag.or_else(|| Texts::of(adsl, &[RANDDT]).map(Self::Date))
    }

    fn holds(&self, row: usize) -> bool {
        match self {
            Self::Flag(flag) => flag.get(row).is_some_and(is_yes),
            Self::Date(date) => date.get(row).is_some(),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Flag(column) | Self::Date(column) => &column.name,
        }
    }
}

/// The parts that the data name; none where they name none.
pub(super) fn parts(adsl: &Dataset, arms: &Arms) -> Vec<Guess<Part>> {
    let rows = adsl.height();
    let Some(columns) = columns(adsl) else { return Vec::new() };
    let mut values: Vec<&str> = columns.base.iter().flatten().collect::<BTreeSet<_>>().into_iter().collect();
    values.sort_unstable();
    let mut found: Vec<Guess<Part>> = Vec::new();
    for value in values {
        let own: Vec<usize> = (0..rows).filter(|row| columns.base.get(*row) == Some(value) && columns.is_treated(*row)).collect();
        if own.is_empty() {
            continue;
        }
        match columns.backfill.as_ref().map(|flag| split(flag, &own)) {
            Some(split) if split.len() > 1 => {
                let flag = columns.backfill.as_ref().map_or(BACKFL, |flag| flag.name.as_str());
                for (text, rows) in split {
                    found.push(part(&columns, value, &rows, Some((flag, text))));
                }
            }
            _ => found.push(part(&columns, value, &own, None)),
        }
    }
    let useful = found.len() > 1 || found.iter().any(|part| part.value.randomised && arms.arms.len() > 1);
    unique(if useful { found } else { Vec::new() })
}

/// The column of parts and those beside it; `STUDYID` where nothing names parts but somebody was randomised or there are several studies.
fn columns(adsl: &Dataset) -> Option<Columns> {
    let randomised = Randomised::of(adsl);
    let backfill = Texts::of(adsl, &[BACKFL]);
    let several = |texts: &Texts| (2..=MOST).contains(&texts.counted().len());
    let splits = backfill.as_ref().is_some_and(several);
    let named = [PART, COHTYPE, "PHASE", "STUDYPART", "TPHASE", PARTDESC].iter().filter_map(|name| Texts::of(adsl, &[name]));
    let cohorts = || {
        Texts::of(adsl, &[COHORT])
            .filter(|cohorts| several(cohorts) && cohorts.counted().iter().all(|cohort| kind(&cohort.value).is_some()))
    };
    let base = named.into_iter().find(|texts| several(texts)).or_else(cohorts);
    let base = base.or_else(|| Texts::of(adsl, &[STUDYID]).filter(|studies| several(studies) || randomised.is_some() || splits))?;
    let arm = Texts::of(adsl, &[TRT01A, TRT01P, ARM]);
    Some(Columns { base, description: Texts::of(adsl, &[PARTDESC]), backfill, randomised, arm })
}

impl Columns {
    fn is_treated(&self, row: usize) -> bool {
        self.arm.as_ref().and_then(|arm| arm.get(row)).is_none_or(|arm| !is_never_treated(arm))
    }
}

/// Rows by the value of a flag, `N` before `Y`.
fn split<'a>(flag: &'a Texts, rows: &[usize]) -> BTreeMap<&'a str, Vec<usize>> {
    let mut split: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for row in rows {
        if let Some(value) = flag.get(*row) {
            split.entry(value).or_default().push(*row);
        }
    }
    split
}

/// One part: the rows that hold `value`, and `condition` where a flag splits them.
fn part(columns: &Columns, value: &str, rows: &[usize], condition: Option<(&str, &str)>) -> Guess<Part> {
    let described: BTreeSet<&str> = rows.iter().filter_map(|row| columns.description.as_ref()?.get(*row)).collect();
    let label = if described.len() == 1 { described.first().map(|text| (*text).to_owned()) } else { None };
    let backfill = condition.is_some_and(|(_, text)| is_yes(text));
    let randomised = columns.randomised.as_ref().map_or(0, |randomised| rows.iter().filter(|row| randomised.holds(**row)).count());
    let all_randomised = randomised == rows.len();
    let words = format!("{value} {}", label.as_deref().unwrap_or_default());
    let id = if backfill { "backfill".to_owned() } else { id(&columns.base.name, value, &words, all_randomised) };
    let mut from = format!("{} = {value}", columns.base.name);
    if let Some((flag, text)) = condition {
        from.push_str(&format!(" and {flag} = {text}"));
    }
    from.push_str(&format!(", {}", counted(rows.len(), "subject")));
    if let Some(column) = columns.randomised.as_ref().filter(|_| randomised > 0) {
        let share = if all_randomised { "all".to_owned() } else { randomised.to_string() };
        from.push_str(&format!(", {share} randomised by {}", column.name()));
    }
    let mut when = vec![(columns.base.name.clone(), value.to_owned())];
    when.extend(condition.map(|(flag, text)| (flag.to_owned(), text.to_owned())));
    let label = if backfill { Some("Backfill".to_owned()) } else { label };
    let check = "id, label and whether assignment was at random";
    Guess::new(Part { id, label, randomised: all_randomised, when, subjects: rows.len() }, from, check)
}

/// The kind of part that words name.
fn kind(words: &str) -> Option<&'static str> {
    KINDS.iter().find(|(_, names)| names.iter().any(|name| contains_words(words, name))).map(|(id, _)| *id)
}

fn id(column: &str, value: &str, words: &str, randomised: bool) -> String {
    match kind(words) {
        Some("expansion") if randomised => "randomised".to_owned(),
        Some(kind) => kind.to_owned(),
        None if randomised && normalised(column) == STUDYID => "randomised".to_owned(),
        None => match (normalised(column) == STUDYID, identifier(value)) {
            (_, value) if value.is_empty() => "part".to_owned(),
            (true, value) => format!("study_{value}"),
            (false, value) => format!("part_{value}"),
        },
    }
}

/// The parts with ids that occur once.
fn unique(mut parts: Vec<Guess<Part>>) -> Vec<Guess<Part>> {
    let mut used: BTreeSet<String> = BTreeSet::new();
    for part in &mut parts {
        let own = part.value.id.clone();
        let mut number = 1;
        while !used.insert(part.value.id.clone()) {
            number += 1;
            part.value.id = format!("{own}_{number}");
        }
    }
    parts
}
