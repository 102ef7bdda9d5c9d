//! Pharmacokinetics: parameters by dosage (T-E11), analytes side by side (T-E11-analytes), sampling (T-E11-sampling), mean concentrations (F-E03),
//! troughs (T-E11-troughs, F-E03-troughs), proportionality (T-E12, F-E04), separation (T-E13), anti-drug antibodies (T-E15), exposure (F-E05),
//! exposure by subgroup (T-R05, F-R01).

mod analytes;
mod concentration;
mod covariate_figure;
mod covariate_ledger;
mod covariates;
mod exposure;
mod immunogenicity;
mod parameters;
mod proportionality;
mod sampling;
mod separation;
mod trough_figure;
mod troughs;
mod words;

pub(in crate::evidence) use exposure::with_unit;
pub use immunogenicity::gather_immunogenicity;
pub(in crate::evidence) use words::given_filter;

use crate::analysis::pk::PkResult;
use crate::config::Settings;
use crate::derive::AnalysisData;

use super::{Exhibit, Facts};

/// Every exhibit that the data allow, in the order of the dossier.
pub fn gather(result: Option<&PkResult>, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let mut exhibits = Vec::new();
    if let Some(result) = result {
        exhibits.extend(parameters::table(result, data, settings, facts));
        exhibits.extend(analytes::table(result, data, settings, facts));
        exhibits.extend(sampling::table(result, data, settings, facts));
        exhibits.extend(troughs::table(result, data, settings, facts));
        exhibits.extend(concentration::figures(result, data, settings));
        exhibits.extend(trough_figure::figures(result, data, settings));
        exhibits.extend(proportionality::table(result, data, settings, facts));
        exhibits.extend(proportionality::figure(result, data, settings));
        exhibits.extend(separation::table(result, data, facts));
    }
    exhibits.extend(exposure::gather(result, data, settings, facts));
    exhibits.extend(covariates::gather(result, data, settings, facts));
    exhibits
}
