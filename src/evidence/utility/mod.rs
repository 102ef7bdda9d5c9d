//! The clinical utility index: T-E22, T-E22-rules, T-E23 and F-E14.

mod figure;
mod index_table;
mod inputs;
mod ledger;
mod rules_table;
mod sensitivity_table;

use crate::analysis::utility::evaluation::{UtilityResult, evaluate};
use crate::analysis::utility::sensitivity::{Sensitivity, sensitivity};
use crate::config::Settings;

use super::{Exhibit, ExhibitId, Facts, Unit};
use inputs::Inputs;
use ledger::Entry;

/// What stands under every exhibit of the index.
pub(super) const ONE_AMONG_OTHERS: &str =
    "The utility index is one input among others: it depends on the attributes, anchors and weights that were chosen.";

/// Code and title of every exhibit.
const EXHIBITS: [(&str, &str); 3] =
    [(index_table::CODE, index_table::TITLE), (sensitivity_table::CODE, sensitivity_table::TITLE), (figure::CODE, figure::TITLE)];

/// What the exhibits are made from.
struct Context<'a> {
    inputs: &'a Inputs,
    result: &'a UtilityResult,
    sensitivity: &'a Sensitivity,
    settings: &'a Settings,
}

/// Every exhibit of the index, or placeholders with the reason why there is none. The values come from the facts of the other analyses, so that these
/// must be there.
pub fn gather(settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let Some(utility) = &settings.utility else {
        return absent("The project file describes no utility index (`utility`).");
    };
    let inputs = match Inputs::collect(utility, settings, facts) {
        Ok(inputs) => inputs,
        Err(reasons) => return absent(&reasons.join(" ")),
    };
    let result = match evaluate(inputs.attributes.clone(), utility, (settings.seed, settings.intervals.level)) {
        Ok(result) => result,
        Err(error) => return absent(&format!("The index could not be computed: {error}.")),
    };
    let varied = sensitivity(&result, utility.weight_change_percent / 100.0, (utility.draws, settings.seed));
    let context = Context { inputs: &inputs, result: &result, sensitivity: &varied, settings };
    vec![
        index_table::tabulate(&context, facts),
        sensitivity_table::tabulate(&context, facts),
        figure::draw(&context, facts),
        rules_table::tabulate(&context, facts),
    ]
}

/// The weight of an attribute as the index uses it.
fn weight_entry<'a>(id: &'a str, label: &str) -> Entry<'a> {
    Entry {
        measure: "weight",
        what: Some(id),
        dosages: &[],
        label: format!("Weight of {label}"),
        method: "weight of the project file, scaled to a sum of 1",
        unit: Unit::Dimensionless,
    }
}

fn absent(reason: &str) -> Vec<Exhibit> {
    let needs = ["utility.attributes: measures that the data hold, with anchors and weights"];
    EXHIBITS.map(|(code, title)| Exhibit::placeholder(ExhibitId::new(code, None), title, reason, &needs)).to_vec()
}

impl Context<'_> {
    /// Title with the study part.
    fn titled(&self, title: &str) -> String {
        let part = self.inputs.part.as_ref();
        let label = part.and_then(|id| self.settings.parts.iter().find(|part| part.id == *id)).map(|part| part.label.as_str());
        label.map_or_else(|| title.to_owned(), |label| format!("{title}: {label}"))
    }

    /// Label of an attribute.
    fn attribute(&self, place: usize) -> &str {
        self.result.attributes.get(place).map_or("", |held| held.attribute.label.as_str())
    }

    /// Id of an attribute.
    fn attribute_id(&self, place: usize) -> &str {
        self.result.attributes.get(place).map_or("", |held| held.attribute.id.as_str())
    }

    /// Label of a dosage.
    fn dosage(&self, place: usize) -> &str {
        self.inputs.candidates.get(place).map_or("", |candidate| candidate.label.as_str())
    }

    /// How many dosages are compared.
    fn dosages(&self) -> usize {
        self.inputs.candidates.len()
    }
}
