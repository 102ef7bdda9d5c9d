//! Who stands in which column: dosages in ascending order, comparators, totals; for the whole programme and for each study part.

use crate::config::{Part, Settings, TreatmentBasis};
use crate::derive::{AnalysisData, DosageIndex, PartIndex, Subject, SubjectIndex};
use crate::quantity::Rows;

/// An analysis set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Population {
    /// Everybody with a dosage.
    Enrolled,
    /// Safety set.
    Safety,
    /// Randomised subjects, and subjects of non-randomised parts who were treated.
    Efficacy,
    /// DLT-evaluable set.
    DltEvaluable,
    /// Response-evaluable set.
    ResponseEvaluable,
    /// Pharmacokinetic set.
    Pk,
}

impl Population {
    /// Whether the subject belongs to the set.
    #[must_use]
    pub fn holds(self, subject: &Subject) -> bool {
        match self {
            Self::Enrolled => true,
            Self::Safety => subject.sets.safety,
            Self::Efficacy => subject.sets.intention_to_treat || subject.sets.safety,
            Self::DltEvaluable => subject.sets.dlt_evaluable,
            Self::ResponseEvaluable => subject.sets.response_evaluable,
            Self::Pk => subject.sets.pk,
        }
    }

    /// The set in words, with the flag that makes it: `Safety set (SAFFL = Y)`.
    #[must_use]
    pub fn label(self, data: &AnalysisData) -> String {
        let columns = &data.subject_columns;
        let flagged = |name: &str, column: &Option<String>, rule: &str| match column {
            Some(column) => format!("{name} ({column} = Y)"),
            None => format!("{name} ({rule})"),
        };
        match self {
            Self::Enrolled => "All subjects with a dosage".to_owned(),
            Self::Safety => flagged("Safety set", &columns.safety, "subjects with a first dose; no flag in the data"),
            Self::Efficacy => match (&columns.intention_to_treat, &columns.safety) {
                (Some(randomised), Some(safety)) => format!("Randomised or treated subjects ({randomised} = Y or {safety} = Y)"),
                _ => "Randomised or treated subjects".to_owned(),
            },
            Self::DltEvaluable => flagged("DLT-evaluable set", &columns.dlt_evaluable, "no flag in the data"),
            Self::ResponseEvaluable => {
                flagged("Response-evaluable set", &columns.response_evaluable, "the safety set; no flag in the data")
            }
            Self::Pk => flagged("Pharmacokinetic set", &columns.pk, "no flag in the data"),
        }
    }

    /// The filter of the set in the columns of ADSL.
    #[must_use]
    pub fn filter(self, data: &AnalysisData) -> String {
        let columns = &data.subject_columns;
        let flag = |column: &Option<String>, otherwise: &str| {
            column.as_ref().map_or_else(|| otherwise.to_owned(), |column| format!("{column} = Y"))
        };
        match self {
            Self::Enrolled => "all subjects".to_owned(),
            Self::Safety => flag(&columns.safety, "first dose given"),
            Self::Efficacy => {
                let randomised = match &columns.randomised {
                    Some(column) if columns.randomisation_date.as_ref() == Some(column) => format!("{column} is recorded"),
                    Some(column) => format!("{column} = Y"),
                    None => "randomised".to_owned(),
                };
                format!("({} or {})", flag(&columns.intention_to_treat, &randomised), flag(&columns.safety, "first dose given"))
            }
            Self::DltEvaluable => flag(&columns.dlt_evaluable, "nobody"),
            Self::ResponseEvaluable => flag(&columns.response_evaluable, &Self::Safety.filter(data)),
            Self::Pk => flag(&columns.pk, "nobody"),
        }
    }

    /// The columns of ADSL that decide membership.
    #[must_use]
    pub fn columns(self, data: &AnalysisData) -> Vec<String> {
        let columns = &data.subject_columns;
        let or = |column: &Option<String>, otherwise: &Option<String>| column.clone().or_else(|| otherwise.clone());
        let safety = or(&columns.safety, &columns.first_dose);
        let deciding = match self {
            Self::Enrolled => [None, None],
            Self::Safety => [safety, None],
            Self::Efficacy => [or(&columns.intention_to_treat, &columns.randomised), safety],
            Self::DltEvaluable => [columns.dlt_evaluable.clone(), None],
            Self::ResponseEvaluable => [columns.response_evaluable.clone().or(safety), None],
            Self::Pk => [columns.pk.clone(), None],
        };
        deciding.into_iter().flatten().collect()
    }
}

/// By which treatment subjects are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignment {
    /// The treatment that was planned: for efficacy.
    Planned,
    /// The treatment received: for safety and pharmacokinetics.
    Received,
}

impl From<TreatmentBasis> for Assignment {
    fn from(basis: TreatmentBasis) -> Self {
        match basis {
            TreatmentBasis::Planned => Self::Planned,
            TreatmentBasis::Actual => Self::Received,
        }
    }
}

impl Assignment {
    /// The subject's dosage under this assignment.
    #[must_use]
    pub fn of(self, subject: &Subject) -> Option<DosageIndex> {
        match self {
            Self::Planned => subject.planned,
            Self::Received => subject.actual,
        }
    }

    /// The words under a table.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Planned => "by planned treatment",
            Self::Received => "by treatment received",
        }
    }

    /// The ADSL column that holds the treatment.
    #[must_use]
    pub fn column(self, data: &AnalysisData) -> String {
        let column = match self {
            Self::Planned => &data.subject_columns.planned_arm,
            Self::Received => &data.subject_columns.actual_arm,
        };
        column.clone().unwrap_or_default()
    }
}

/// One column of an exhibit: the subjects of a set under one dosage, or under all dosages of the drug.
#[derive(Debug, Clone)]
pub struct Group {
    /// Dosage id, or `total`.
    pub id: String,
    /// Heading.
    pub label: String,
    /// The dosage; `None` for the total.
    pub dosage: Option<DosageIndex>,
    /// Whether the dosage is a comparator.
    pub comparator: bool,
    /// The subjects, in the order of ADSL.
    pub subjects: Vec<SubjectIndex>,
    /// Their rows in ADSL.
    pub rows: Rows,
    /// The filter that makes it, in the columns of ADSL.
    pub filter: String,
}

impl Group {
    /// Number of subjects.
    #[must_use]
    pub fn n(&self) -> usize {
        self.subjects.len()
    }

    /// The ADSL rows of those of its subjects that satisfy a condition.
    pub fn rows_where(&self, data: &AnalysisData, mut holds: impl FnMut(SubjectIndex) -> bool) -> Rows {
        self.subjects
            .iter()
            .filter(|&&subject| holds(subject))
            .filter_map(|subject| data.subjects.get(subject.0))
            .map(|subject| subject.row)
            .collect()
    }
}

/// The columns for the whole programme (`part` is `None`) or for one study part.
#[derive(Debug, Clone)]
pub struct Panel {
    /// The analysis set.
    pub population: Population,
    /// By which treatment subjects are grouped.
    pub assignment: Assignment,
    /// The study part.
    pub part: Option<PartIndex>,
    /// Id of the part.
    pub part_id: Option<String>,
    /// Label of the part; `all study parts` for the whole.
    pub label: String,
    /// Whether subjects of several study parts stand in one column.
    pub pooled: bool,
    /// Whether its dosages were assigned at random: the part is randomised, or the whole is a single randomised part.
    pub randomised: bool,
    /// Columns, left to right.
    pub groups: Vec<Group>,
}

/// The panels of a set: the whole programme first, then every study part that has a subject in the set. With no or a single part there is only
/// the whole. Only dosages with at least one subject make a column; a total stands at the right where the drug has two dosages or more.
#[must_use]
pub fn panels(data: &AnalysisData, settings: &Settings, population: Population, by: Assignment) -> Vec<Panel> {
    let everybody = groups(data, settings, population, by, None);
    let whole = Panel {
        population,
        assignment: by,
        part: None,
        part_id: None,
        label: "all study parts".to_owned(),
        pooled: false,
        randomised: is_one_randomised_part(&everybody, data, settings),
        groups: everybody,
    };
    let parts: Vec<Panel> = settings
        .parts
        .iter()
        .enumerate()
        .map(|(index, part)| Panel {
            population,
            assignment: by,
            part: Some(PartIndex(index)),
            part_id: Some(part.id.clone()),
            label: part.label.clone(),
            pooled: false,
            randomised: part.randomised,
            groups: groups(data, settings, population, by, Some(PartIndex(index))),
        })
        .filter(|panel| !panel.groups.is_empty())
        .collect();
    if parts.len() < 2 {
        return vec![whole];
    }
    std::iter::once(Panel { pooled: true, ..whole }).chain(parts).collect()
}

/// The filter of a study part in the columns of ADSL: `study part escalation (BACKFL = N and PART = A)`.
#[must_use]
pub fn part_filter(part: &Part) -> String {
    let conditions: Vec<String> = part.when.iter().map(|(column, values)| format!("{column} = {}", values.join(" or "))).collect();
    format!("study part {} ({})", part.id, conditions.join(" and "))
}

/// Whether all these subjects belong to one study part, and it assigned dosages at random. Two randomised parts together compare subjects who were
/// not assigned against each other.
fn is_one_randomised_part(groups: &[Group], data: &AnalysisData, settings: &Settings) -> bool {
    let subjects = groups.iter().filter(|group| group.dosage.is_some()).flat_map(|group| &group.subjects);
    let mut parts: Vec<Option<PartIndex>> =
        subjects.filter_map(|subject| data.subjects.get(subject.0)).map(|subject| subject.part).collect();
    parts.sort_unstable();
    parts.dedup();
    matches!(parts[..], [Some(part)] if settings.parts.get(part.0).is_some_and(|part| part.randomised))
}

fn groups(data: &AnalysisData, settings: &Settings, population: Population, by: Assignment, part: Option<PartIndex>) -> Vec<Group> {
    let mut members: Vec<Vec<SubjectIndex>> = vec![Vec::new(); settings.dosages.len()];
    for (index, subject) in data.subjects.iter().enumerate() {
        let in_part = part.is_none() || subject.part == part;
        if let Some(list) = by.of(subject).filter(|_| in_part && population.holds(subject)).and_then(|dosage| members.get_mut(dosage.0)) {
            list.push(SubjectIndex(index));
        }
    }
    let column = by.column(data);
    let within = part.and_then(|part| settings.parts.get(part.0)).map(|part| format!(" and {}", part_filter(part))).unwrap_or_default();
    let set = population.filter(data);
    let make = |id: &str, label: &str, dosage: Option<DosageIndex>, comparator: bool, subjects: Vec<SubjectIndex>, arm: &str| Group {
        id: id.to_owned(),
        label: label.to_owned(),
        dosage,
        comparator,
        rows: subjects.iter().filter_map(|subject| data.subjects.get(subject.0)).map(|subject| subject.row).collect(),
        subjects,
        filter: format!("{set} and {arm}{within}"),
    };
    let mut groups = Vec::new();
    for (index, (dosage, subjects)) in settings.dosages.iter().zip(members).enumerate() {
        if !subjects.is_empty() {
            let arm = format!("{column} = {}", dosage.arms.join(" or "));
            groups.push(make(&dosage.id, &dosage.label, Some(DosageIndex(index)), dosage.comparator, subjects, &arm));
        }
    }
    let treated: Vec<&Group> = groups.iter().filter(|group| !group.comparator).collect();
    if treated.len() > 1 {
        let mut subjects: Vec<SubjectIndex> = treated.iter().flat_map(|group| group.subjects.iter().copied()).collect();
        subjects.sort_unstable();
        let label = format!("All {} dosages", settings.drug.name);
        groups.push(make("total", &label, None, false, subjects, "any dosage of the drug"));
    }
    groups
}
