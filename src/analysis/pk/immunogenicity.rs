//! Anti-drug antibodies: who has them, since when and how much, by dosage, and what they go with.

use std::collections::BTreeMap;

use thiserror::Error;

use super::PkResult;
use super::immunogenicity_effect::exposure_effects;
pub use super::immunogenicity_effect::{EffectCell, EffectOf, ExposureEffect};
use crate::analysis::grouping::{Group, Panel, Population, panels};
use crate::analysis::measure::{Proportion, Summary};
use crate::config::{ImmunogenicitySettings, Settings, TitreScale};
use crate::derive::{AnalysisData, AntiDrugAntibodies, AntibodySample, Assay, GivenClass, ResponseCategory, ResponseKind, SubjectIndex};
use crate::quantity::Rows;

/// Days in a week.
const WEEK: f64 = 7.0;

/// Why a subject with a sample is not evaluable for incidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Error)]
pub enum NotEvaluable {
    /// No result before the first dose.
    #[error("no result before the first dose")]
    NoBaseline,
    /// No result after the first dose.
    #[error("no result after the first dose")]
    NoLaterResult,
    /// Neither.
    #[error("no result at all")]
    NoResult,
}

/// What a subject's samples say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AntibodyStatus {
    /// Negative in every sample.
    Negative,
    /// Positive at baseline, and neither boosted nor shown to be not boosted: a titre is missing.
    PositiveWithoutTitre,
    /// Positive at baseline and not boosted.
    Unaffected,
    /// Negative at baseline and positive later.
    Induced {
        /// Whether antibodies persisted.
        persistent: bool,
    },
    /// Positive at baseline, and later with a titre that is higher by the factor of the rules.
    Boosted,
    /// Not evaluable.
    NotEvaluable(NotEvaluable),
}

impl AntibodyStatus {
    /// Induced or boosted.
    #[must_use]
    pub const fn is_emergent(self) -> bool {
        matches!(self, Self::Induced { .. } | Self::Boosted)
    }

    /// Whether the subject counts in the incidence.
    #[must_use]
    pub const fn is_evaluable(self) -> bool {
        !matches!(self, Self::NotEvaluable(_))
    }
}

/// One result of a binding assay after the first dose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaterResult {
    /// Days since the first dose.
    pub time: f64,
    /// Whether antibodies were found.
    pub positive: bool,
    /// Titre, on the scale of the data.
    pub titre: Option<f64>,
}

/// Classifies a subject by the result at baseline (positive or not, and its titre) and the results after the first dose in the order of time.
///
/// ```text
/// induced     negative at baseline, positive later
/// boosted     positive at baseline, later titre / titre at baseline >= factor
/// persistent  induced, and first and last positive result at least 16 weeks apart, or the last result positive; otherwise transient
/// evaluable   a result at baseline and at least one after the first dose
/// ```
///
/// Factor and weeks are those of the rules; titres on a logarithmic scale are held against the logarithm of the factor.
///
/// Source: `[Shankar2014]`.
#[must_use]
pub fn classify(baseline: Option<(bool, Option<f64>)>, later: &[LaterResult], rules: &ImmunogenicitySettings) -> AntibodyStatus {
    let (Some((positive_before, titre)), Some(last)) = (baseline, later.last()) else {
        return AntibodyStatus::NotEvaluable(match (baseline, later.last()) {
            (Some(_), None) => NotEvaluable::NoLaterResult,
            (None, Some(_)) => NotEvaluable::NoBaseline,
            _ => NotEvaluable::NoResult,
        });
    };
    let positives: Vec<&LaterResult> = later.iter().filter(|result| result.positive).collect();
    if !positive_before {
        return match (positives.first(), positives.last()) {
            (Some(first), Some(final_positive)) => {
                let apart = final_positive.time - first.time;
                AntibodyStatus::Induced { persistent: last.positive || apart >= rules.persistent_from.days() }
            }
            _ => AntibodyStatus::Negative,
        };
    }
    let boosted = |result: &&LaterResult| titre.zip(result.titre).is_some_and(|(before, after)| is_boosted(before, after, rules));
    let undecided = titre.is_none() || positives.iter().any(|result| result.titre.is_none());
    if positives.iter().any(boosted) {
        AntibodyStatus::Boosted
    } else if undecided && !positives.is_empty() {
        AntibodyStatus::PositiveWithoutTitre
    } else {
        AntibodyStatus::Unaffected
    }
}

/// Whether a titre is higher than that at baseline by the factor of the rules; a difference in the last digits does not decide.
fn is_boosted(before: f64, after: f64, rules: &ImmunogenicitySettings) -> bool {
    let slack = 1e-9;
    match rules.titre_scale {
        TitreScale::Linear => after >= rules.boost_factor * before * (1.0 - slack),
        TitreScale::Log2 => after - before >= rules.boost_factor.log2() - slack,
        TitreScale::Log10 => after - before >= rules.boost_factor.log10() - slack,
    }
}

/// A subject's antibodies of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct SubjectAntibodies {
    /// Subject.
    pub subject: SubjectIndex,
    /// Rows of the binding assay with a result.
    pub rows: Rows,
    /// What the samples say.
    pub status: AntibodyStatus,
    /// Positive at baseline; `None` without a result then.
    pub at_baseline: Option<bool>,
    /// Positive at any time.
    pub ever: bool,
    /// Highest titre of a positive sample after the first dose.
    pub highest_titre: Option<f64>,
    /// Weeks from the first dose to the first sample that shows emergent antibodies.
    pub onset: Option<f64>,
    /// Neutralising antibodies in a sample after the first dose; `None` where none was tested.
    pub neutralising: Option<bool>,
    /// Rows of the neutralising assay.
    pub neutralising_rows: Rows,
}

/// What antibodies go with: how many of those with emergent antibodies and of the others.
#[derive(Debug, Clone, PartialEq)]
pub struct OutcomeCounts {
    /// Those with emergent antibodies.
    pub positive: Proportion,
    /// The other evaluable subjects.
    pub negative: Proportion,
}

/// Antibodies under one dosage.
#[derive(Debug, Clone, PartialEq)]
pub struct AntibodyColumn {
    /// Subjects with a sample.
    pub sampled: Proportion,
    /// Subjects who are evaluable for incidence.
    pub evaluable: Proportion,
    /// Subjects with a sample who are not, by reason.
    pub not_evaluable: BTreeMap<NotEvaluable, usize>,
    /// Positive at any time, of those with a result.
    pub prevalence: Proportion,
    /// Positive at baseline, of those with a result then.
    pub at_baseline: Proportion,
    /// Induced or boosted, of those evaluable.
    pub incidence: Proportion,
    /// Induced, of those evaluable.
    pub induced: Proportion,
    /// Persistent, of those induced.
    pub persistent: Proportion,
    /// Boosted, of those evaluable.
    pub boosted: Proportion,
    /// Evaluable subjects positive at baseline in whom a missing titre leaves it open whether antibodies were boosted.
    pub undecided: usize,
    /// Neutralising, of those with emergent antibodies who were tested.
    pub neutralising: Proportion,
    /// Highest titre of those with emergent antibodies.
    pub titre: Summary,
    /// Weeks to emergent antibodies.
    pub onset: Summary,
    /// Adverse events of grade 3 or higher; `None` without ADAE.
    pub severe_events: Option<OutcomeCounts>,
    /// Objective response; `None` without a record of it.
    pub responses: Option<OutcomeCounts>,
}

/// A difference in exposure that is worth pointing out.
#[derive(Debug, Clone, PartialEq)]
pub struct ExposureAlert {
    /// Incidence over all dosages.
    pub incidence: f64,
    /// Position of the exposure in the effects.
    pub effect: usize,
    /// Ratio of exposures over all dosages.
    pub ratio: f64,
}

/// One kind of antibody.
#[derive(Debug, Clone)]
pub struct AntibodyResult {
    /// Its name.
    pub antibody: String,
    /// Subjects with a sample, by subject.
    pub subjects: Vec<SubjectAntibodies>,
    /// One per group of the panel.
    pub columns: Vec<AntibodyColumn>,
    /// Exposure of subjects with emergent antibodies against that of the others.
    pub effects: Vec<ExposureEffect>,
    /// Differences in exposure that are worth pointing out.
    pub alerts: Vec<ExposureAlert>,
    /// Statements of the data on a subject that the classification bears out, and those it does not.
    pub agreement: (usize, usize),
    /// Samples with a titre put in by the data.
    pub imputed_titres: usize,
}

/// What the data say of anti-drug antibodies.
#[derive(Debug, Clone)]
pub struct ImmunogenicityResult {
    /// Dosages with a sample, by treatment received; the last is all dosages of the drug where there are several.
    pub panel: Panel,
    /// Rules of the classification.
    pub rules: ImmunogenicitySettings,
    /// By kind of antibody.
    pub antibodies: Vec<AntibodyResult>,
}

/// Describes ADAB; `None` where the dataset is absent or holds no sample of a subject with a dosage. Exposures come from `pk`.
#[must_use]
pub fn analyse(data: &AnalysisData, settings: &Settings, pk: Option<&PkResult>) -> Option<ImmunogenicityResult> {
    let antibodies = data.antibodies.as_ref()?;
    let mut panel = panels(data, settings, Population::Safety, settings.grouping.pk.into()).into_iter().next()?;
    let sampled = |group: &Group| antibodies.samples.iter().any(|sample| group.subjects.binary_search(&sample.subject).is_ok());
    panel.groups.retain(sampled);
    let one_dosage = panel.groups.iter().filter(|group| group.dosage.is_some() && !group.comparator).count() < 2;
    panel.groups.retain(|group| group.dosage.is_some() || !one_dosage);
    if panel.groups.is_empty() {
        return None;
    }
    let rules = settings.pk.immunogenicity;
    let mut by_kind: BTreeMap<&str, Vec<&AntibodySample>> = BTreeMap::new();
    for sample in &antibodies.samples {
        by_kind.entry(&sample.antibody).or_default().push(sample);
    }
    let outcomes = Outcomes::new(data);
    let described =
        by_kind.iter().filter(|(_, samples)| samples.iter().any(|sample| sample.assay == Assay::Binding)).map(|(name, samples)| {
            let subjects = subjects(samples, &rules);
            let columns: Vec<AntibodyColumn> = panel.groups.iter().map(|group| column(group, &subjects, &outcomes, settings)).collect();
            let effects = pk.map(|pk| exposure_effects(pk, &subjects, &panel)).unwrap_or_default();
            AntibodyResult {
                antibody: (*name).to_owned(),
                alerts: alerts(&columns, &effects, &panel, &rules),
                agreement: agreement(name, &subjects, antibodies),
                imputed_titres: samples.iter().filter(|sample| sample.titre_imputed).count(),
                subjects,
                columns,
                effects,
            }
        });
    let antibodies = described.collect();
    Some(ImmunogenicityResult { antibodies, rules, panel })
}

/// The subjects with a sample of the binding assay.
fn subjects(samples: &[&AntibodySample], rules: &ImmunogenicitySettings) -> Vec<SubjectAntibodies> {
    let mut by_subject: BTreeMap<SubjectIndex, Vec<&AntibodySample>> = BTreeMap::new();
    for sample in samples {
        by_subject.entry(sample.subject).or_default().push(sample);
    }
    let binding = |samples: &[&AntibodySample]| samples.iter().any(|sample| sample.assay == Assay::Binding);
    by_subject.into_iter().filter(|(_, samples)| binding(samples)).map(|(subject, samples)| describe(subject, &samples, rules)).collect()
}

fn describe(subject: SubjectIndex, samples: &[&AntibodySample], rules: &ImmunogenicitySettings) -> SubjectAntibodies {
    let mut binding: Vec<&AntibodySample> =
        samples.iter().copied().filter(|sample| sample.assay == Assay::Binding && sample.positive.is_some()).collect();
    let time = |sample: &AntibodySample| sample.time.unwrap_or(0.0);
    binding.sort_by(|a, b| time(a).total_cmp(&time(b)));
    let before = || binding.iter().filter(|sample| sample.before_first_dose);
    // The flagged record is the baseline; without a flag, the last before the first dose.
    let baseline = before().rfind(|sample| sample.flagged_baseline).or_else(|| before().next_back());
    let later: Vec<LaterResult> = binding
        .iter()
        .filter(|sample| !sample.before_first_dose)
        .filter_map(|sample| Some(LaterResult { time: time(sample), positive: sample.positive?, titre: sample.titre }))
        .collect();
    let baseline_result = baseline.and_then(|sample| Some((sample.positive?, sample.titre)));
    let status = classify(baseline_result, &later, rules);
    let positives = || later.iter().filter(|result| result.positive);
    let emerged = positives().find(|result| match status {
        AntibodyStatus::Boosted => {
            baseline.and_then(|sample| sample.titre).zip(result.titre).is_some_and(|(before, after)| is_boosted(before, after, rules))
        }
        _ => true,
    });
    let tested: Vec<&AntibodySample> = samples
        .iter()
        .copied()
        .filter(|sample| sample.assay == Assay::Neutralising && sample.positive.is_some() && !sample.before_first_dose)
        .collect();
    SubjectAntibodies {
        subject,
        rows: binding.iter().flat_map(|sample| sample.rows.as_slice().iter().copied()).collect(),
        status,
        at_baseline: baseline_result.map(|(positive, _)| positive),
        ever: binding.iter().any(|sample| sample.positive == Some(true)),
        highest_titre: positives().filter_map(|result| result.titre).max_by(f64::total_cmp),
        onset: emerged.filter(|_| status.is_emergent()).map(|result| result.time / WEEK),
        neutralising: (!tested.is_empty()).then(|| tested.iter().any(|sample| sample.positive == Some(true))),
        neutralising_rows: tested.iter().flat_map(|sample| sample.rows.as_slice().iter().copied()).collect(),
    }
}

/// Subjects with an outcome and the rows that show it.
struct Outcomes {
    severe_events: Option<BTreeMap<SubjectIndex, Vec<u32>>>,
    responses: Option<BTreeMap<SubjectIndex, Vec<u32>>>,
}

impl Outcomes {
    fn new(data: &AnalysisData) -> Self {
        let severe_events = data.adverse_events.as_ref().map(|events| {
            let severe = events.events.iter().filter(|event| event.emergent && event.grade.is_some_and(|grade| grade >= 3));
            by_subject(severe.map(|event| (event.subject, event.row)))
        });
        // Confirmed responses where the data have them.
        let kinds = [[ResponseKind::ConfirmedObjective, ResponseKind::ConfirmedBest], [ResponseKind::Objective, ResponseKind::Best]];
        let records = data.responses.as_deref().unwrap_or_default();
        let kind = kinds.into_iter().flatten().find(|kind| records.iter().any(|record| record.kind == *kind));
        let responded = |category| matches!(category, ResponseCategory::Complete | ResponseCategory::Partial | ResponseCategory::Yes);
        let responses = kind.map(|kind| {
            let found = records.iter().filter(|record| record.kind == kind && responded(record.category));
            by_subject(found.map(|record| (record.subject, record.row)))
        });
        Self { severe_events, responses }
    }
}

fn by_subject(records: impl Iterator<Item = (SubjectIndex, u32)>) -> BTreeMap<SubjectIndex, Vec<u32>> {
    let mut found: BTreeMap<SubjectIndex, Vec<u32>> = BTreeMap::new();
    for (subject, row) in records {
        found.entry(subject).or_default().push(row);
    }
    found
}

fn column(group: &Group, subjects: &[SubjectAntibodies], outcomes: &Outcomes, settings: &Settings) -> AntibodyColumn {
    let own: Vec<&SubjectAntibodies> = subjects.iter().filter(|of| group.subjects.binary_search(&of.subject).is_ok()).collect();
    let share = |counted: &dyn Fn(&SubjectAntibodies) -> bool, among: &dyn Fn(&SubjectAntibodies) -> bool| {
        let n = own.iter().filter(|of| among(of)).count();
        let found: Vec<&&SubjectAntibodies> = own.iter().filter(|of| among(of) && counted(of)).collect();
        let rows = found.iter().flat_map(|of| of.rows.as_slice().iter().copied()).collect();
        Proportion::new(found.len(), n, rows, &settings.intervals)
    };
    let of_all = |among: &dyn Fn(&SubjectAntibodies) -> bool| {
        let found: Vec<&&SubjectAntibodies> = own.iter().filter(|of| among(of)).collect();
        let rows = found.iter().flat_map(|of| of.rows.as_slice().iter().copied()).collect();
        Proportion::new(found.len(), group.n(), rows, &settings.intervals)
    };
    let evaluable = |of: &SubjectAntibodies| of.status.is_evaluable();
    let emergent = |of: &SubjectAntibodies| of.status.is_emergent();
    let induced = |of: &SubjectAntibodies| matches!(of.status, AntibodyStatus::Induced { .. });
    let mut not_evaluable = BTreeMap::new();
    for of in &own {
        if let AntibodyStatus::NotEvaluable(reason) = of.status {
            *not_evaluable.entry(reason).or_insert(0) += 1;
        }
    }
    let outcome = |found: &Option<BTreeMap<SubjectIndex, Vec<u32>>>| {
        let found = found.as_ref()?;
        let count = |among: Vec<SubjectIndex>| {
            let rows: Vec<&Vec<u32>> = among.iter().filter_map(|subject| found.get(subject)).collect();
            Proportion::new(rows.len(), among.len(), rows.into_iter().flatten().copied().collect(), &settings.intervals)
        };
        let which = |with: bool| own.iter().filter(|of| evaluable(of) && emergent(of) == with).map(|of| of.subject).collect();
        Some(OutcomeCounts { positive: count(which(true)), negative: count(which(false)) })
    };
    AntibodyColumn {
        sampled: of_all(&|_| true),
        evaluable: of_all(&evaluable),
        not_evaluable,
        prevalence: share(&|of| of.ever, &|of| !of.rows.is_empty()),
        at_baseline: share(&|of| of.at_baseline == Some(true), &|of| of.at_baseline.is_some()),
        incidence: share(&emergent, &evaluable),
        induced: share(&induced, &evaluable),
        persistent: share(&|of| of.status == AntibodyStatus::Induced { persistent: true }, &induced),
        boosted: share(&|of| of.status == AntibodyStatus::Boosted, &evaluable),
        undecided: own.iter().filter(|of| of.status == AntibodyStatus::PositiveWithoutTitre).count(),
        neutralising: neutralising(&own, settings),
        titre: summary(&own, &|of| of.highest_titre),
        onset: summary(&own, &|of| of.onset),
        severe_events: outcome(&outcomes.severe_events),
        responses: outcome(&outcomes.responses),
    }
}

fn neutralising(own: &[&SubjectAntibodies], settings: &Settings) -> Proportion {
    let tested: Vec<&&SubjectAntibodies> = own.iter().filter(|of| of.status.is_emergent() && of.neutralising.is_some()).collect();
    let found: Vec<&&&SubjectAntibodies> = tested.iter().filter(|of| of.neutralising == Some(true)).collect();
    let rows = found.iter().flat_map(|of| of.neutralising_rows.as_slice().iter().copied()).collect();
    Proportion::new(found.len(), tested.len(), rows, &settings.intervals)
}

/// A value of those with emergent antibodies.
fn summary(own: &[&SubjectAntibodies], value: &dyn Fn(&SubjectAntibodies) -> Option<f64>) -> Summary {
    let found: Vec<(&Rows, f64)> = own.iter().filter(|of| of.status.is_emergent()).filter_map(|of| Some((&of.rows, value(of)?))).collect();
    let rows = found.iter().flat_map(|(rows, _)| rows.as_slice().iter().copied()).collect();
    Summary { rows, ..Summary::of(found.iter().map(|(_, value)| (0, *value))) }
}

/// Exposures that differ where antibodies are frequent. The last column speaks for all dosages of the drug, or for the only one.
fn alerts(columns: &[AntibodyColumn], effects: &[ExposureEffect], panel: &Panel, rules: &ImmunogenicitySettings) -> Vec<ExposureAlert> {
    let whole = panel.groups.iter().rposition(|group| !group.comparator);
    let incidence = whole.and_then(|whole| columns.get(whole)).and_then(|column| column.incidence.share());
    let Some((whole, incidence)) = whole.zip(incidence).filter(|(_, incidence)| *incidence >= rules.alert_incidence) else {
        return Vec::new();
    };
    let alert = |(effect, of): (usize, &ExposureEffect)| {
        let ratio = of.cells.get(whole)?.ratio?;
        (ratio < rules.alert_below || ratio > rules.alert_above).then_some(ExposureAlert { incidence, effect, ratio })
    };
    effects.iter().enumerate().filter_map(alert).collect()
}

/// How many statements of the data on subjects the classification bears out, and how many it does not.
fn agreement(antibody: &str, subjects: &[SubjectAntibodies], data: &AntiDrugAntibodies) -> (usize, usize) {
    let mut counts = (0, 0);
    for given in data.given.iter().filter(|given| given.antibody == antibody) {
        let Ok(place) = subjects.binary_search_by_key(&given.subject, |of| of.subject) else { continue };
        let Some(of) = subjects.get(place).filter(|of| of.status.is_evaluable()) else { continue };
        let computed = match given.class {
            GivenClass::Baseline => of.at_baseline == Some(true),
            GivenClass::Induced => matches!(of.status, AntibodyStatus::Induced { .. }),
            GivenClass::Boosted => of.status == AntibodyStatus::Boosted,
            GivenClass::Emergent => of.status.is_emergent(),
            GivenClass::Persistent => of.status == AntibodyStatus::Induced { persistent: true },
            GivenClass::Transient => of.status == AntibodyStatus::Induced { persistent: false },
        };
        if computed == given.holds {
            counts.0 += 1;
        } else {
            counts.1 += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later(results: &[(f64, bool, Option<f64>)]) -> Vec<LaterResult> {
        results.iter().map(|(time, positive, titre)| LaterResult { time: *time, positive: *positive, titre: *titre }).collect()
    }

    #[test]
    fn subjects_are_classified_by_baseline_and_later_results() {
        let rules = ImmunogenicitySettings::default();
        let status = |baseline, results: &[(f64, bool, Option<f64>)]| classify(baseline, &later(results), &rules);
        let negative = Some((false, None));
        assert_eq!(status(negative, &[(21.0, false, None)]), AntibodyStatus::Negative);
        // Positive once and negative at the end: transient. Positive at the end, or for 16 weeks: persistent.
        let transient = [(21.0, true, None), (42.0, false, None)];
        assert_eq!(status(negative, &transient), AntibodyStatus::Induced { persistent: false });
        assert_eq!(status(negative, &[(21.0, false, None), (42.0, true, None)]), AntibodyStatus::Induced { persistent: true });
        let long = [(21.0, true, None), (133.0, true, None), (150.0, false, None)];
        assert_eq!(status(negative, &long), AntibodyStatus::Induced { persistent: true });
        let shorter = [(22.0, true, None), (133.0, true, None), (150.0, false, None)];
        assert_eq!(status(negative, &shorter), AntibodyStatus::Induced { persistent: false });
        let before = Some((true, Some(20.0)));
        assert_eq!(status(before, &[(21.0, true, Some(79.0))]), AntibodyStatus::Unaffected);
        assert_eq!(status(before, &[(21.0, true, Some(80.0))]), AntibodyStatus::Boosted);
        assert_eq!(status(before, &[(21.0, false, None)]), AntibodyStatus::Unaffected);
        assert_eq!(status(before, &[(21.0, true, None)]), AntibodyStatus::PositiveWithoutTitre);
        assert_eq!(status(None, &transient), AntibodyStatus::NotEvaluable(NotEvaluable::NoBaseline));
        assert_eq!(status(negative, &[]), AntibodyStatus::NotEvaluable(NotEvaluable::NoLaterResult));
        assert_eq!(status(None, &[]), AntibodyStatus::NotEvaluable(NotEvaluable::NoResult));
    }

    #[test]
    fn titres_on_a_logarithmic_scale_are_held_against_the_logarithm() {
        let rules = ImmunogenicitySettings { titre_scale: TitreScale::Log10, ..ImmunogenicitySettings::default() };
        assert!(is_boosted(1.5, 1.5 + 4.0_f64.log10(), &rules) && !is_boosted(1.5, 2.05, &rules));
        let rules = ImmunogenicitySettings { titre_scale: TitreScale::Log2, ..rules };
        assert!(is_boosted(3.0, 5.0, &rules) && !is_boosted(3.0, 4.9, &rules));
    }
}
