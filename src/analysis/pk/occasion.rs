//! Occasions: the parameters of an analyte after doses of one time, by dosage, with what was left out and why.
//!
//! Parameters come from ADPP where it gives them for an occasion and from the concentrations otherwise. A profile after another dose than that of
//! the dosage (a reduced or missed dose) is counted and left out: it says nothing of the dosage whose column it would stand in.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use super::exposure::RecordKind;
use super::nca::{Caution, NcaResult, NotCalculated, Regimen, Route};
use super::parameter::PkParameter;
use super::profiles::{ProfileRules, SubjectProfile};
use super::unit::DataUnits;
use crate::analysis::grouping::{Group, Panel};
use crate::analysis::measure::Summary;
use crate::config::{AnalyteRole, Settings};
use crate::derive::{AnalysisData, SubjectIndex};
use crate::numerics::descriptive;
use crate::quantity::{DoseUnit, Rows};

/// Where a parameter comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Computed from the concentrations of ADPC.
    Computed,
    /// Given in ADPP.
    Given {
        /// Under which code.
        code: String,
        /// Which of the code's records.
        kind: RecordKind,
    },
}

/// Why a subject with a profile has no value of a parameter in the summaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Error)]
pub enum Absence {
    /// It could not be calculated.
    #[error(transparent)]
    NotCalculated(NotCalculated),
    /// The regression of the terminal phase has too few samples.
    #[error("fewer than {needed} quantifiable samples in the terminal phase")]
    TooFewPoints {
        /// Samples needed.
        needed: usize,
    },
    /// The terminal regression fits too poorly.
    #[error("the terminal regression fits too poorly")]
    PoorFit,
    /// Too much of the area is extrapolated.
    #[error("too much of the area to infinity is extrapolated")]
    Extrapolated,
}

/// The value of one subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Subject.
    pub subject: SubjectIndex,
    /// Rows of the dataset that it comes from.
    pub rows: Rows,
    /// Value.
    pub value: f64,
}

/// A parameter under one dosage.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesColumn {
    /// Values in the order of subjects.
    pub observations: Vec<Observation>,
    /// Median and range.
    pub summary: Summary,
    /// Geometric mean; `None` when a value is not positive.
    pub geometric_mean: Option<f64>,
    /// Geometric coefficient of variation in percent.
    pub geometric_cv: Option<f64>,
    /// Subjects without a value, by reason.
    pub absent: BTreeMap<Absence, usize>,
}

impl SeriesColumn {
    pub(super) fn of(observations: Vec<Observation>, absent: BTreeMap<Absence, usize>) -> Self {
        let mut values: Vec<f64> = observations.iter().map(|observation| observation.value).collect();
        values.sort_by(f64::total_cmp);
        let geometric = descriptive::summarise_geometric(&values);
        let rows = observations.iter().flat_map(|observation| observation.rows.as_slice().iter().copied()).collect();
        Self {
            summary: Summary { rows, ..Summary::of(values.into_iter().map(|value| (0, value))) },
            geometric_mean: geometric.map(|geometric| geometric.mean),
            geometric_cv: geometric.and_then(|geometric| geometric.cv_percent),
            observations,
            absent,
        }
    }

    /// The values, in the order of subjects.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        self.observations.iter().map(|observation| observation.value).collect()
    }
}

/// A parameter of an occasion, by dosage.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterSeries {
    /// The parameter, where the registry has it.
    pub parameter: Option<PkParameter>,
    /// Second piece of fact ids.
    pub measure: String,
    /// Symbol, or the label of the data.
    pub label: String,
    /// Unit.
    pub unit: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
    /// One per group of the panel.
    pub columns: Vec<SeriesColumn>,
}

/// What became of the profiles of a dosage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProfileCounts {
    /// Analysed.
    pub analysed: usize,
    /// Too few samples.
    pub sparse: usize,
    /// Samples that no profile can have.
    pub faulty: usize,
    /// After another dose than that of the dosage.
    pub other_dose: usize,
    /// Analysed, and the terminal phase has no regression or one that fits too poorly.
    pub poor_slope: usize,
    /// Analysed with a terminal slope, and too much of the area to infinity is extrapolated.
    pub extrapolated: usize,
}

impl ProfileCounts {
    /// Patients with a sample of the dose.
    #[must_use]
    pub const fn sampled(&self) -> usize {
        self.analysed + self.sparse + self.faulty + self.other_dose
    }
}

/// The parameters of an analyte on one occasion.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// Code of the analyte in ADPC; `None` for an occasion of ADPP alone.
    pub code: Option<String>,
    /// Name of the analyte.
    pub analyte: String,
    /// Visit, or what else names it.
    pub name: String,
    /// Whether doses went before, where known.
    pub regimen: Option<Regimen>,
    /// Profiles by group of the panel; empty for an occasion of ADPP alone.
    pub profiles: Vec<ProfileCounts>,
    /// Rows of ADPC of the analysed profiles, by group.
    pub rows: Vec<Rows>,
    /// Parameters in the order of tables.
    pub series: Vec<ParameterSeries>,
    /// Steady state held against the first dose; empty on other occasions and where no subject has both.
    pub accumulation: Vec<ParameterSeries>,
}

impl Occasion {
    /// The series of a parameter with a value under any dosage.
    #[must_use]
    pub fn series_of(&self, parameter: PkParameter) -> Option<usize> {
        let valued = |series: &ParameterSeries| series.columns.iter().any(|column| !column.observations.is_empty());
        self.series.iter().position(|series| series.parameter == Some(parameter) && valued(series))
    }

    /// The accumulation ratio of the area.
    #[must_use]
    pub fn accumulation(&self) -> Option<usize> {
        self.series_of(PkParameter::AccumulationAuc)
    }

    /// The area that stands for exposure: over the dosing interval, otherwise to infinity (as ADPP may give it), otherwise to the last sample.
    #[must_use]
    pub fn area(&self) -> Option<usize> {
        [PkParameter::AucTau, PkParameter::AucInf, PkParameter::AucLast].into_iter().find_map(|parameter| self.series_of(parameter))
    }

    /// The trough: at the end of the dosing interval, otherwise the lowest concentration.
    #[must_use]
    pub fn trough(&self) -> Option<usize> {
        [PkParameter::Ctrough, PkParameter::Cmin].into_iter().find_map(|parameter| self.series_of(parameter))
    }
}

/// Parameters of a table after a first dose.
const AFTER_FIRST_DOSE: &[PkParameter] = &[
    PkParameter::Cmax,
    PkParameter::Tmax,
    PkParameter::AucLast,
    PkParameter::AucTau,
    PkParameter::Ctrough,
    PkParameter::HalfLife,
    PkParameter::Clearance,
    PkParameter::Volume,
];

/// Parameters of a table after a later dose.
const AFTER_LATER_DOSE: &[PkParameter] = &[
    PkParameter::Cmax,
    PkParameter::Tmax,
    PkParameter::AucTau,
    PkParameter::Ctrough,
    PkParameter::HalfLife,
    PkParameter::ClearanceTau,
    PkParameter::VolumeTau,
    PkParameter::AccumulationAuc,
    PkParameter::AccumulationCmax,
];

/// Parameters that divide by the dose of the analyte; of a payload or a metabolite that dose is not known.
const RESTS_ON_DOSE: &[PkParameter] = &[PkParameter::Clearance, PkParameter::Volume, PkParameter::ClearanceTau, PkParameter::VolumeTau];

/// Steady state held against the first dose, in the order of tables.
const OVER_FIRST_DOSE: &[PkParameter] =
    &[PkParameter::AccumulationAuc, PkParameter::AccumulationPredicted, PkParameter::LinearityIndex, PkParameter::EffectiveHalfLife];

/// Units that the parameters of a trial are computed in.
pub(super) struct Units<'a> {
    route: Route,
    data: &'a AnalysisData,
    settings: &'a Settings,
}

impl<'a> Units<'a> {
    pub(super) fn new(rules: &ProfileRules, data: &'a AnalysisData, settings: &'a Settings) -> Self {
        Self { route: rules.route, data, settings }
    }

    /// The settings of the project.
    pub(super) fn settings(&self) -> &'a Settings {
        self.settings
    }

    /// Whether an analyte is formed from the drug and not given itself.
    fn is_formed(&self, code: &str) -> bool {
        let role = self.settings.drug.analytes.get(code).and_then(|analyte| analyte.role);
        matches!(role, Some(AnalyteRole::Payload | AnalyteRole::Metabolite))
    }

    /// The unit of doses in ADPC; that of the project's dosages where the data do not name one.
    pub(super) fn dose(&self) -> String {
        let samples = self.data.concentrations.iter().flat_map(|concentrations| &concentrations.samples);
        let written = samples.filter_map(|sample| sample.dose_unit.clone()).next();
        let assigned = || self.settings.dosages.iter().filter(|dosage| !dosage.comparator).find_map(|dosage| dosage.dose);
        written.or_else(|| assigned().map(|dose| dose.unit().label().to_owned())).unwrap_or_default()
    }

    fn of(&self, concentration: &str) -> DataUnits {
        DataUnits { dose: self.dose(), concentration: concentration.to_owned(), time: "h".to_owned() }
    }
}

/// Describes the analysed profiles by analyte, time of the dose and dosage.
pub(super) fn describe_occasions(profiles: &[SubjectProfile], panel: &Panel, units: &Units<'_>) -> Vec<Occasion> {
    let mut kinds: BTreeMap<Kind, Vec<&SubjectProfile>> = BTreeMap::new();
    for profile in profiles {
        kinds.entry(kind(profile)).or_default().push(profile);
    }
    let specimens: BTreeSet<(&String, &Option<String>)> = profiles.iter().map(|profile| (&profile.analyte, &profile.specimen)).collect();
    let several = |kind: &Kind| specimens.iter().filter(|(analyte, _)| **analyte == kind.0).count() > 1;
    let described = kinds.iter().filter_map(|(kind, profiles)| {
        let mut occasion = describe(profiles, panel, units)?;
        if let Some(specimen) = kind.1.as_ref().filter(|_| several(kind)) {
            occasion.analyte = format!("{}, {}", occasion.analyte, specimen.to_lowercase());
        }
        Some(occasion)
    });
    described.collect()
}

/// What profiles of several subjects have in common: analyte, specimen, time of the dose in minutes, and visit where doses are not told apart.
type Kind = (String, Option<String>, Option<i64>, Option<String>);

/// Leaves out the dosages without a profile and without a parameter.
pub(super) fn without_empty_groups(panel: Panel, occasions: &mut [Occasion]) -> Panel {
    let any = |group: usize| {
        occasions.iter().any(|occasion| {
            let profiles = occasion.profiles.get(group).is_some_and(|counts| *counts != ProfileCounts::default());
            profiles || occasion.series.iter().any(|series| series.columns.get(group).is_some_and(|column| !column.observations.is_empty()))
        })
    };
    let kept: Vec<bool> = (0..panel.groups.len()).map(any).collect();
    for occasion in occasions.iter_mut() {
        retain(&mut occasion.profiles, &kept);
        retain(&mut occasion.rows, &kept);
        for series in occasion.series.iter_mut().chain(&mut occasion.accumulation) {
            retain(&mut series.columns, &kept);
        }
    }
    let mut panel = panel;
    retain(&mut panel.groups, &kept);
    panel
}

fn retain<T>(list: &mut Vec<T>, kept: &[bool]) {
    let mut kept = kept.iter();
    list.retain(|_| kept.next().copied().unwrap_or(false));
}

/// What profiles of several subjects have in common: analyte, specimen, time of the dose in minutes; the visit where doses are not told apart.
#[expect(clippy::cast_possible_truncation, reason = "minutes since the first dose; the cast saturates")]
fn kind(profile: &SubjectProfile) -> Kind {
    let minutes = profile.dose_time.map(|time| (60.0 * time).round() as i64);
    let visit = if minutes.is_none() { profile.visit.clone() } else { None };
    (profile.analyte.clone(), profile.specimen.clone(), minutes, visit)
}

fn describe(profiles: &[&SubjectProfile], panel: &Panel, units: &Units<'_>) -> Option<Occasion> {
    let chosen: Vec<Chosen<'_>> = panel.groups.iter().map(|group| choose(profiles, group, units)).collect();
    let first = chosen.iter().flat_map(|chosen| &chosen.profiles).next()?.0;
    let settled = if first.regimen == Regimen::FirstDose { AFTER_FIRST_DOSE } else { AFTER_LATER_DOSE };
    let foreign = units.is_formed(&first.analyte);
    let settled = settled.iter().filter(|parameter| !(foreign && RESTS_ON_DOSE.contains(parameter)));
    let data_units = units.of(first.unit.as_deref().unwrap_or_default());
    let steady = first.regimen == Regimen::SteadyState;
    let over_first = OVER_FIRST_DOSE.iter().filter(|_| steady).map(|parameter| series(*parameter, &chosen, &data_units, units.route));
    let valued = |series: &ParameterSeries| series.columns.iter().any(|column| !column.observations.is_empty());
    let accumulation: Vec<ParameterSeries> = over_first.filter(valued).collect();
    Some(Occasion {
        accumulation,
        code: Some(first.analyte.clone()),
        analyte: analyte_name(&first.analyte, first.label.as_deref(), units.settings),
        name: first.visit.clone().unwrap_or_else(|| format!("dose at {} h", first.dose_time.unwrap_or(0.0))),
        regimen: Some(first.regimen),
        profiles: chosen.iter().map(|chosen| chosen.counts).collect(),
        rows: chosen
            .iter()
            .map(|chosen| chosen.profiles.iter().flat_map(|(profile, _)| profile.rows.as_slice().iter().copied()).collect())
            .collect(),
        series: settled.map(|parameter| series(*parameter, &chosen, &data_units, units.route)).collect(),
    })
}

/// The profiles of a dosage that count.
struct Chosen<'a> {
    profiles: Vec<(&'a SubjectProfile, &'a NcaResult)>,
    counts: ProfileCounts,
}

fn choose<'a>(profiles: &[&'a SubjectProfile], group: &Group, units: &Units<'_>) -> Chosen<'a> {
    let mut chosen = Chosen { profiles: Vec::new(), counts: ProfileCounts::default() };
    for profile in profiles.iter().copied().filter(|profile| group.subjects.binary_search(&profile.subject).is_ok()) {
        match &profile.result {
            Err(super::profiles::NotAnalysed::Sparse { .. }) => chosen.counts.sparse += 1,
            Err(super::profiles::NotAnalysed::Faulty(_)) => chosen.counts.faulty += 1,
            Ok(_) if is_other_dose(profile.dose, group, units) => chosen.counts.other_dose += 1,
            Ok(result) => chosen.profiles.push((profile, result)),
        }
    }
    chosen.profiles.sort_by_key(|(profile, _)| profile.subject);
    chosen.counts.analysed = chosen.profiles.len();
    let without = |result: &NcaResult| result.slope.is_none() || has_poor_fit(&result.cautions);
    chosen.counts.poor_slope = chosen.profiles.iter().filter(|(_, result)| without(result)).count();
    chosen.counts.extrapolated =
        chosen.profiles.iter().filter(|(_, result)| !without(result) && has_extrapolated(&result.cautions)).count();
    chosen
}

fn has_poor_fit(cautions: &[Caution]) -> bool {
    cautions.iter().any(|caution| matches!(caution, Caution::PoorFit { .. }))
}

fn has_extrapolated(cautions: &[Caution]) -> bool {
    cautions.iter().any(|caution| matches!(caution, Caution::Extrapolated { .. }))
}

/// Whether the dose given is not that of the dosage. Only doses in one unit can be compared.
pub(super) fn is_other_dose(given: Option<f64>, group: &Group, units: &Units<'_>) -> bool {
    let dosage = group.dosage.and_then(|dosage| units.settings.dosages.get(dosage.0));
    let (Some(given), Some(assigned)) = (given, dosage.and_then(|dosage| dosage.dose)) else { return false };
    DoseUnit::parse(&units.dose()) == Some(assigned.unit()) && (given - assigned.amount()).abs() > 1e-6 * assigned.amount()
}

/// The name of an analyte: the project's, otherwise that of the data.
pub(super) fn analyte_name(code: &str, label: Option<&str>, settings: &Settings) -> String {
    let named = settings.drug.analytes.get(code).map(|analyte| analyte.name.clone());
    named.or_else(|| label.map(str::to_owned)).unwrap_or_else(|| code.to_owned())
}

fn series(parameter: PkParameter, chosen: &[Chosen<'_>], units: &DataUnits, route: Route) -> ParameterSeries {
    let unit = units.unit(parameter.unit());
    let column = |chosen: &Chosen<'_>| {
        let mut absent = BTreeMap::new();
        let mut observations = Vec::with_capacity(chosen.profiles.len());
        for (profile, result) in &chosen.profiles {
            match usable(parameter, result, &profile.first_cautions) {
                Ok(value) => {
                    observations.push(Observation { subject: profile.subject, rows: profile.rows.clone(), value: value * unit.factor })
                }
                Err(reason) => *absent.entry(reason).or_insert(0) += 1,
            }
        }
        SeriesColumn::of(observations, absent)
    };
    ParameterSeries {
        parameter: Some(parameter),
        measure: parameter.id().to_owned(),
        label: parameter.symbol(route).to_owned(),
        columns: chosen.iter().map(column).collect(),
        unit: Some(unit.text).filter(|text| !text.is_empty()),
        origin: Origin::Computed,
    }
}

/// A value that belongs in summaries: what rests on the terminal slope only where that fits, what rests on the area to infinity only where
/// little of it is extrapolated. Ratios to the first dose that rest on its slope or its area to infinity are held to the cautions of the first dose.
fn usable(parameter: PkParameter, result: &NcaResult, of_first: &[Caution]) -> Result<f64, Absence> {
    use PkParameter::{AccumulationPredicted, AucInf, Clearance, HalfLife, LinearityIndex, Volume, VolumeTau};
    let value = result.get(parameter).map_err(|reason| match reason {
        NotCalculated::TooFewPoints { needed, .. } => Absence::TooFewPoints { needed },
        other => Absence::NotCalculated(other),
    })?;
    let (poor, extrapolated) = (has_poor_fit(&result.cautions), has_extrapolated(&result.cautions));
    if has_poor_fit(of_first) && matches!(parameter, AccumulationPredicted | LinearityIndex) {
        return Err(Absence::PoorFit);
    }
    if has_extrapolated(of_first) && parameter == LinearityIndex {
        return Err(Absence::Extrapolated);
    }
    if poor && matches!(parameter, AucInf | Clearance | HalfLife | Volume | VolumeTau) {
        return Err(Absence::PoorFit);
    }
    if extrapolated && matches!(parameter, AucInf | Clearance | Volume) {
        return Err(Absence::Extrapolated);
    }
    Ok(value)
}
