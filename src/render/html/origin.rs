//! Where a number comes from: the tip beside a fact, shown on hover, focus and tap without a script.

use crate::evidence::FactId;
use crate::render::document::{FactText, Origin};
use crate::render::trace::row_words;

use super::writer::{Writer, escape};

/// A fact in a sentence.
pub(super) fn fact(page: &mut Writer<'_>, fact: &FactText) {
    let id = page.next_tip();
    page.put(&format!("<span class=\"fact\" tabindex=\"0\" role=\"note\" aria-describedby=\"{id}\">{}", escape(&fact.text)));
    tip(page, &id, &[&fact.id]);
    page.put("</span>");
}

/// The attributes of a table cell that shows facts, and the id of the tip that must follow inside it.
pub(super) fn cell_attributes(page: &mut Writer<'_>, facts: &[&FactId]) -> Option<(String, String)> {
    if facts.is_empty() {
        return None;
    }
    let id = page.next_tip();
    Some((format!(" tabindex=\"0\" aria-describedby=\"{id}\""), id))
}

/// The tip of some facts.
pub(super) fn tip(page: &mut Writer<'_>, id: &str, facts: &[&FactId]) {
    page.put(&format!("<span class=\"tip\" role=\"tooltip\" id=\"{id}\">"));
    for fact in facts {
        if let Some(origin) = page.origin(fact) {
            page.put(&lines(fact, origin));
        }
    }
    page.put("</span>");
}

/// One text of several lines: thousands of tips are cheaper so than with an element for every line.
fn lines(id: &FactId, origin: &Origin) -> String {
    let mut lines = vec![
        format!("Value in full: {}", origin.value),
        sentence(&[&origin.method, &origin.population]),
        format!("{}, {}: {}", origin.dataset, origin.filter, row_words(origin.row_count)),
    ];
    lines.extend(origin.denominator.as_ref().map(|denominator| format!("of {denominator}")));
    lines.extend(origin.planned.map(|planned| if planned { "Planned analysis".to_owned() } else { "Post hoc analysis".to_owned() }));
    let text = escape(&lines.join("\n"));
    format!("<b>{}</b>\n{text}\n<code>dosecase trace {}</code>\n", escape(&origin.label), escape(id.as_str()))
}

fn sentence(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("; ")
}
