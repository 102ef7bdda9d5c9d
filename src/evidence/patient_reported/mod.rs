//! Exhibits on patient-reported outcomes: completion (T-E19), results by dosage and visit (T-E20), answers and mean
//! changes over time (F-E12).

mod completion;
mod figures;
mod results;
mod words;

use crate::analysis::patient_reported::PatientReportedResult;
use crate::config::Settings;
use crate::data::DatasetName;
use crate::derive::AnalysisData;

use super::{Exhibit, ExhibitId, Facts};

const COMPLETION: (&str, &str) = ("T-E19", "Completion of questionnaires by dosage and visit");
const RESULTS: (&str, &str) = ("T-E20", "Patient-reported outcomes by dosage");
const OVER_TIME: (&str, &str) = ("F-E12", "Answers by dosage and visit");
const CHANGES: (&str, &str) = ("F-E12-change", "Mean change from baseline by dosage");
const NEEDS: [&str; 2] = ["ADQS: PARAMCD, AVAL, AVISIT, ADY, ABLFL", "project file: patient_reported.instruments"];

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
    let figures = figures::gather(result, data, settings);
    if figures.is_empty() {
        let reason = "At no visit did at least 5 subjects of one dosage answer a question.";
        exhibits.push(Exhibit::placeholder(ExhibitId::new(OVER_TIME.0, None), OVER_TIME.1, reason, &NEEDS));
    }
    exhibits.extend(figures);
    exhibits
}

fn absent(reason: &str) -> Vec<Exhibit> {
    let place = |(code, title): (&str, &str)| Exhibit::placeholder(ExhibitId::new(code, None), title, reason, &NEEDS);
    [COMPLETION, RESULTS, OVER_TIME].into_iter().map(place).collect()
}
