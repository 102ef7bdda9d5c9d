//! Molar ratios of analytes: how much unconjugated payload or metabolite there is for each molecule of the drug.

use std::collections::BTreeMap;

use super::occasion::{Observation, Occasion, ParameterSeries, SeriesColumn};
use super::parameter::PkParameter;
use super::unit::molar_factor;
use crate::config::{Analyte, AnalyteRole, Settings};
use crate::derive::SubjectIndex;

/// The ratio of one parameter of two analytes, subject by subject.
#[derive(Debug, Clone, PartialEq)]
pub struct MolarRatio {
    /// Position of the occasion of the analyte above the line.
    pub over: usize,
    /// Position of that below it.
    pub under: usize,
    /// Position of the series of the analyte above the line in its occasion.
    pub series: usize,
    /// Position of that below it.
    pub under_series: usize,
    /// Ratios, one per group of the panel.
    pub columns: Vec<SeriesColumn>,
}

/// Ratios of payload to conjugate and of metabolite to parent, of the area and of the maximum, on occasions of the same visit.
///
/// ```text
/// R_i = (E_i,above / M_above) / (E_i,below / M_below),  M molar mass; a molar concentration needs none
/// ```
///
/// Analytes have roles and molar masses in the project file; without them, or where units are not understood, there is no ratio. Subjects with
/// both values count.
#[must_use]
pub(super) fn molar_ratios(occasions: &[Occasion], settings: &Settings) -> Vec<MolarRatio> {
    let analyte = |occasion: &Occasion| settings.drug.analytes.get(occasion.code.as_ref()?);
    let mut found = Vec::new();
    for (over, above) in occasions.iter().enumerate() {
        let Some(of_above) = analyte(above) else { continue };
        let wanted = match of_above.role {
            Some(AnalyteRole::Payload) => AnalyteRole::Conjugate,
            Some(AnalyteRole::Metabolite) => AnalyteRole::Parent,
            _ => continue,
        };
        for (under, below) in occasions.iter().enumerate() {
            let Some(of_below) = analyte(below).filter(|analyte| analyte.role == Some(wanted)) else { continue };
            if above.name != below.name || above.regimen != below.regimen {
                continue;
            }
            found.extend([above.area(), above.series_of(PkParameter::Cmax)].into_iter().flatten().filter_map(|series| {
                let parameter = above.series.get(series)?.parameter?;
                let under_series = below.series_of(parameter)?;
                let columns = columns((above.series.get(series)?, of_above), (below.series.get(under_series)?, of_below))?;
                Some(MolarRatio { over, under, series, under_series, columns })
            }));
        }
    }
    found
}

fn columns((above, of_above): (&ParameterSeries, &Analyte), (below, of_below): (&ParameterSeries, &Analyte)) -> Option<Vec<SeriesColumn>> {
    let above_factor = molar_factor(above.unit.as_deref()?, of_above.molar_mass)?;
    let below_factor = molar_factor(below.unit.as_deref()?, of_below.molar_mass)?;
    let column = |(above, below): (&SeriesColumn, &SeriesColumn)| {
        let under: BTreeMap<SubjectIndex, &Observation> =
            below.observations.iter().map(|observation| (observation.subject, observation)).collect();
        let ratio = |observation: &Observation| {
            let below = under.get(&observation.subject).filter(|below| below.value > 0.0)?;
            let value = observation.value * above_factor / (below.value * below_factor);
            Some(Observation { subject: observation.subject, rows: observation.rows.union(&below.rows), value })
        };
        SeriesColumn::of(above.observations.iter().filter_map(ratio).collect(), BTreeMap::new())
    };
    Some(above.columns.iter().zip(&below.columns).map(column).collect())
}
