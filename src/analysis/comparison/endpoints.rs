//! Which endpoints are compared: confirmed response, adverse events of grade 3 or higher, discontinuation and reduction for an adverse event.

use crate::analysis::efficacy::EfficacyResult;
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

/// The endpoints that the results hold.
#[must_use]
pub fn endpoints(efficacy: &EfficacyResult, tolerability: Option<&TolerabilityResult>) -> Vec<ComparedEndpoint> {
    let mut endpoints: Vec<ComparedEndpoint> = response(efficacy).into_iter().collect();
    if let Some(tolerability) = tolerability {
        endpoints.extend(CLASSES.into_iter().filter_map(|class| adverse_events(class, tolerability)));
    }
    endpoints
}

/// Confirmed objective response where the data hold it, otherwise the unconfirmed one; by the investigator.
fn response(efficacy: &EfficacyResult) -> Option<ComparedEndpoint> {
    let panels = efficacy.response.as_ref()?;
    let investigator =
        |tables: &[crate::analysis::efficacy::ResponseTable]| tables.iter().find(|table| table.assessor == Assessor::Investigator).cloned();
    let table = panels.iter().find_map(|panel| investigator(&panel.tables))?;
    let [_, confirmed, unconfirmed] = &table.parameters;
    let is_confirmed = table.columns.iter().any(|column| column.confirmed.is_some());
    let code = if is_confirmed { confirmed } else { unconfirmed }.clone()?;
    let panels = panels
        .iter()
        .filter_map(|panel| {
            let table = investigator(&panel.tables)?;
            let shares: Option<Vec<_>> = table
                .columns
                .iter()
                .map(|column| if is_confirmed { column.confirmed.clone() } else { column.unconfirmed.clone() })
                .collect();
            Some((panel.panel.clone(), shares?))
        })
        .collect();
    Some(ComparedEndpoint {
        id: if is_confirmed { "orr" } else { "orr_unconfirmed" }.to_owned(),
        label: if is_confirmed { "Confirmed objective response" } else { "Objective response, confirmation not required" }.to_owned(),
        counted: Counted::Response { parameter: code },
        panels,
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
