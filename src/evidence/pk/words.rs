//! How occasions, parameters and their records are named.

use crate::analysis::pk::nca::{Regimen, Route};
use crate::analysis::pk::occasion::{Occasion, Origin, ParameterSeries};
use crate::analysis::pk::profiles::ProfileRules;
use crate::analysis::pk::{PkResult, RecordKind};
use crate::config::{AucMethod, BlqRule, Settings};
use crate::data::DatasetName;
use crate::derive::AnalysisData;

use super::super::record::columns_read;

/// The filter of records of ADPP, in the names of the data.
pub(in crate::evidence) fn given_filter(code: &str, kind: &RecordKind, data: &AnalysisData) -> String {
    let read = data.columns_read.get(&DatasetName::Adpp).map(Vec::as_slice).unwrap_or_default();
    let name = |names: [&'static str; 2]| names.into_iter().find(|name| read.iter().any(|column| column == name)).unwrap_or(names[0]);
    let conditions = [
        (["PPCAT", "PARCAT1"], &kind.category),
        (["PPSPEC", "PPSPEC"], &kind.specimen),
        (["AVISIT", "VISIT"], &kind.visit),
        (["AVALU", "PPSTRESU"], &kind.unit),
    ];
    let mut filter = format!("{} = {code}", name(["PARAMCD", "PPTESTCD"]));
    for (names, value) in conditions {
        if let Some(value) = value {
            filter.push_str(&format!(" and {} = {value}", name(names)));
        }
    }
    filter
}

/// Dataset, filter and columns of what a series rests on.
pub(super) fn source_of(occasion: &Occasion, series: &ParameterSeries, data: &AnalysisData) -> (&'static str, String, Vec<String>) {
    match &series.origin {
        Origin::Given { code, kind } => ("ADPP", given_filter(code, kind, data), columns_read(data, DatasetName::Adpp)),
        Origin::Computed => ("ADPC", profile_filter(occasion, data), concentration_columns(data)),
    }
}

/// The filter of the samples of an occasion, in the names of the data.
pub(super) fn profile_filter(occasion: &Occasion, data: &AnalysisData) -> String {
    let read = concentration_columns(data);
    let name =
        ["PARAMCD", "PCTESTCD", "PARAM", "PCTEST"].into_iter().find(|name| read.iter().any(|column| column == name)).unwrap_or("PARAMCD");
    let code = occasion.code.as_deref().unwrap_or_default();
    format!("{name} = {code}, samples of the dose at {} in profiles that were analysed", occasion.name)
}

/// The columns of ADPC that were read.
pub(super) fn concentration_columns(data: &AnalysisData) -> Vec<String> {
    data.concentrations.as_ref().map(|concentrations| concentrations.columns.clone()).unwrap_or_default()
}

/// The occasion in the head of its rows: `zeltorafib, Cycle 1 Day 15 (steady state)`.
pub(super) fn occasion_head(occasion: &Occasion) -> String {
    match occasion.regimen {
        Some(regimen) => format!("{}, {} ({})", occasion.analyte, occasion.name, regimen_words(regimen)),
        None => format!("{}, {}", occasion.analyte, occasion.name),
    }
}

/// Whether doses went before, in words.
pub(super) const fn regimen_words(regimen: Regimen) -> &'static str {
    match regimen {
        Regimen::FirstDose => "first dose",
        Regimen::BeforeSteadyState => "before steady state",
        Regimen::SteadyState => "steady state",
    }
}

/// The third piece of fact ids: the visit, with the analyte where there are several; `adpp` before what ADPP alone gives.
pub(super) fn occasion_id(occasion: &Occasion, result: &PkResult) -> String {
    let several = result.occasions.iter().any(|other| other.analyte != occasion.analyte);
    let named = match occasion.code {
        Some(_) => occasion.name.clone(),
        None if occasion.regimen == Some(Regimen::SteadyState) => "adpp steady state".to_owned(),
        None => format!("adpp {}", occasion.name),
    };
    let same = |other: &&Occasion| {
        other.code.is_some() == occasion.code.is_some() && other.analyte == occasion.analyte && other.name == occasion.name
    };
    let twins = result.occasions.iter().filter(same).count();
    let place = result.occasions.iter().filter(same).position(|other| std::ptr::eq(other, occasion)).unwrap_or(0);
    let told = if twins > 1 { format!("{named} {}", ["a", "b", "c", "d", "e", "f"].get(place).unwrap_or(&"g")) } else { named };
    if several { format!("{} {told}", occasion.analyte) } else { told }
}

/// The parameter with its unit, unless its label names it.
pub(super) fn with_unit(series: &ParameterSeries) -> String {
    match &series.unit {
        Some(unit) if !series.label.contains(unit.as_str()) => format!("{} ({unit})", series.label),
        _ => series.label.clone(),
    }
}

/// The rules of the noncompartmental analysis in sentences.
pub(super) fn analysis_notes(rules: &ProfileRules, settings: &Settings) -> Vec<String> {
    let method = match rules.nca.auc_method {
        AucMethod::LinUpLogDown => "linear while concentrations rise, logarithmic while they fall",
        AucMethod::Linear => "linear",
        AucMethod::LinLog => "linear to the maximum, logarithmic after it",
    };
    let route = match rules.route {
        Route::Extravascular => "extravascular dosing",
        Route::IntravenousBolus => "intravenous bolus",
        Route::IntravenousInfusion { .. } => "intravenous infusion",
    };
    let blq = rules.nca.blq;
    let slope = rules.nca.terminal_slope;
    vec![
        format!("Noncompartmental analysis of {}, {route}; areas by the trapezoid rule, {method}", settings.pk.times.label()),
        format!(
            "Below the limit of quantification: before the first quantifiable sample {}, between such samples {}, after the last {}",
            rule_words(blq.before_first),
            rule_words(blq.between),
            rule_words(blq.after_last)
        ),
        format!(
            "Terminal slope: best adjusted R² of at least {} samples; half-life, and clearance and volume that rest on it, only where that is at least {} and at most {}% of an area to infinity is extrapolated",
            slope.min_samples, slope.min_adjusted_r_squared, slope.max_extrapolated_percent
        ),
        format!("Doses from {} days after the first count as at steady state", rules.steady_from / 24.0),
    ]
}

const fn rule_words(rule: BlqRule) -> &'static str {
    match rule {
        BlqRule::Zero => "zero",
        BlqRule::Drop => "left out",
        BlqRule::HalfLimit => "half the limit",
    }
}
