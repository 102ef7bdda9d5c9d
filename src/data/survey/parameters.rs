//! Parameters of the datasets that hold outcomes and exposure.

use std::collections::BTreeMap;

use super::counts::Texts;
use super::tables::Tables;
use crate::data::column::{PARAM, PARAMCD};
use crate::data::dataset::Dataset;
use crate::data::name::DatasetName;

/// A parameter of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its code.
    pub code: String,
    /// Its name, where the data give one.
    pub label: Option<String>,
    /// Its records.
    pub records: usize,
}

/// The parameters of ADRS, ADTTE and ADPP.
pub(super) fn parameters(tables: &Tables) -> BTreeMap<DatasetName, Vec<Parameter>> {
    let names = [DatasetName::Adrs, DatasetName::Adtte, DatasetName::Adpp];
    names.into_iter().filter_map(|name| Some((name, of(tables.get(name)?)))).filter(|(_, parameters)| !parameters.is_empty()).collect()
}

/// The parameters of a dataset in order of appearance.
pub(super) fn of(dataset: &Dataset) -> Vec<Parameter> {
    let Some(codes) = Texts::of(dataset, &[PARAMCD]) else { return Vec::new() };
    let labels = Texts::of(dataset, &[PARAM]);
    let mut positions: BTreeMap<&str, usize> = BTreeMap::new();
    let mut parameters: Vec<Parameter> = Vec::new();
    for (row, code) in codes.iter().enumerate() {
        let Some(code) = code else { continue };
        let position = *positions.entry(code).or_insert_with(|| {
            let label = labels.as_ref().and_then(|labels| labels.get(row)).map(str::to_owned);
            parameters.push(Parameter { code: code.to_owned(), label, records: 0 });
            parameters.len() - 1
        });
        if let Some(parameter) = parameters.get_mut(position) {
            parameter.records += 1;
        }
    }
    parameters
}
