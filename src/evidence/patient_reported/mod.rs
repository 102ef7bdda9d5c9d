//! Exhibits on patient-reported outcomes: completion (T-E19), results by dosage and visit (T-E20).

mod completion;
mod results;
mod words;

use crate::analysis::patient_reported::PatientReportedResult;
use crate::config::Settings;
use crate::data::DatasetName;
use crate::derive::AnalysisData;

use super::{Exhibit, ExhibitId, Facts};

const COMPLETION: (&str, &str) = ("T-E19", "Completion of questionnaires by dosage and visit");
const RESULTS: (&str, &str) = ("T-E20", "Patient-reported outcomes by dosage");
const OVER_TIME: (&str, &str) = ("F-E12", "Answers on bother by side effects and on symptoms by dosage and visit");

/// Every exhibit on questionnaires, or placeholders with what they would need.
pub fn gather(result: Option<&PatientReportedResult>, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let Some(result) = result else {
        let reason = if data.presence.contains_key(&DatasetName::Adqs) {
            "The project file names no questionnaire (`patient_reported.instruments`)."
        } else {
            "There is no dataset of questionnaires (ADQS)."
        };
        return absent(reason);
    };
    let panels = result.instruments.first().map_or(0, |instrument| instrument.panels.len());
    if panels == 0 {
        return absent("No subject of the safety set has a record of a questionnaire that the project file names.");
    }
    let mut exhibits: Vec<Exhibit> = (0..panels).filter_map(|panel| completion::tabulate(result, panel, data, settings, facts)).collect();
    exhibits.extend((0..panels).filter_map(|panel| results::tabulate(result, panel, data, settings, facts)));
    exhibits
}

fn absent(reason: &str) -> Vec<Exhibit> {
    let needs = ["ADQS: PARAMCD, AVAL, AVISIT, ADY, ABLFL", "project file: patient_reported.instruments"];
    let place = |(code, title): (&str, &str)| Exhibit::placeholder(ExhibitId::new(code, None), title, reason, &needs);
    [COMPLETION, RESULTS, OVER_TIME].into_iter().map(place).collect()
}
