//! Which endpoints are compared: confirmed response, adverse events of grade 3 or higher, discontinuation and reduction for an adverse event.

use crate::analysis::efficacy::{EfficacyResult, ResponseColumn, ResponsePanel, ResponseTable};
use crate::analysis::measure::Proportion;
use crate::analysis::tolerability::{EventClass, TolerabilityResult};
use crate::derive::Assessor;

use super::{ComparedEndpoint, Counted};

/// Classes of adverse events that are compared, with their name for ids and in words.
const CLASSES: [(EventClass, &str, &str); 4] = [
    (EventClass::Grade3Plus, "teae_grade3plus", "Treatment-emergent adverse event of grade 3 or higher"),
    (EventClass::Serious, "teae_serious", "Serious treatment-emergent adverse event"),
    (EventClass::Reduction, "teae_reduction", "Treatment-emergent adverse event leading to dose reduction"),
    (EventClass::Discontinuation, "teae_discontinuation", "Treatment-emergent adverse event leading to discontinuation"),
];

/// Names of response for ids and in words: of the investigator and of independent review, confirmed and not.
const RESPONSES: [(Assessor, [(&str, &str); 2]); 2] = [
    (
        Assessor::Investigator,
        [
            ("orr", "Confirmed objective response, investigator"),
            ("orr_unconfirmed", "Objective response, confirmation not required, investigator"),
        ],
    ),
    (
        Assessor::IndependentReview,
        [
            ("bicr_orr", "Confirmed objective response, blinded independent central review"),
            ("bicr_orr_unconfirmed", "Objective response, confirmation not required, blinded independent central review"),
        ],
    ),
];

/// The endpoints that the results hold.
#[must_use]
pub fn endpoints(efficacy: &EfficacyResult, tolerability: Option<&TolerabilityResult>) -> Vec<ComparedEndpoint> {
    let mut endpoints: Vec<ComparedEndpoint> =
        RESPONSES.iter().filter_map(|(assessor, names)| response(*assessor, names, efficacy)).collect();
    if let Some(tolerability) = tolerability {
        endpoints.extend(CLASSES.into_iter().filter_map(|class| adverse_events(class, tolerability)));
    }
    endpoints
}

/// Response by one assessor: confirmed where the data hold it, otherwise the unconfirmed one.
fn response(assessor: Assessor, [confirmed, unconfirmed]: &[(&str, &str); 2], efficacy: &EfficacyResult) -> Option<ComparedEndpoint> {
    let panels = efficacy.response.as_ref()?;
    let by_assessor = |tables: &'_ [ResponseTable]| tables.iter().find(|table| table.assessor == assessor).cloned();
    let parameters = panels.iter().find_map(|panel| by_assessor(&panel.tables))?.parameters;
    let is_confirmed = parameters.confirmed.is_some();
    let (id, label) = if is_confirmed { confirmed } else { unconfirmed };
    let parameter = parameters.confirmed.or(parameters.unconfirmed)?;
    let shares = |panel: &ResponsePanel| {
        let table = by_assessor(&panel.tables)?;
        let share = |column: &ResponseColumn| if is_confirmed { column.confirmed.clone() } else { column.unconfirmed.clone() };
        let shares: Option<Vec<Proportion>> = table.columns.iter().map(share).collect();
        Some((panel.panel.clone(), shares?))
    };
    Some(ComparedEndpoint {
        id: (*id).to_owned(),
        label: (*label).to_owned(),
        counted: Counted::Response(parameter),
        panels: panels.iter().filter_map(shares).collect(),
    })
}

fn adverse_events((class, id, label): (EventClass, &str, &str), tolerability: &TolerabilityResult) -> Option<ComparedEndpoint> {
    let panels: Vec<_> = tolerability
        .overview
        .iter()
        .filter_map(|panel| {
            let row = panel.rows.iter().find(|row| row.class == class)?;
            let shares = row.columns.as_ref()?.iter().map(|column| column.subjects.clone()).collect();
            Some((panel.panel.clone(), shares))
        })
        .collect();
    (!panels.is_empty()).then(|| ComparedEndpoint { id: id.to_owned(), label: label.to_owned(), counted: Counted::Events(class), panels })
}
