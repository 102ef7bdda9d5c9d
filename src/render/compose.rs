//! Evidence to document: templates, Markdown, tree, numbers.

use std::cell::RefCell;
use std::sync::Arc;

use crate::config::{DocumentKind, Jurisdiction, Settings};
use crate::evidence::{Evidence, ExhibitId, FactId};

use super::bibliography::Bibliography;
use super::context::{self, TemplateContext};
use super::desk::Desk;
use super::document::{Block, Document, ExhibitBlock, FactText, Footnote, Inline, Metadata, Paper, Reference};
use super::exhibit::ExhibitSetter;
use super::mark::Mark;
use super::markdown::{self, Marked, Source};
use super::template::Templates;
use super::trace::{self, Shown};
use super::{DrawFigure, RenderError, format, narrative, resolve, text};

/// The document of a project, with the templates of the project's `templates/` folder in place of the built-in ones.
///
/// # Errors
/// [`RenderError`] when a template or a narrative asks for what the evidence does not hold, or a figure cannot be drawn.
pub fn compose(evidence: &Evidence, settings: &Settings, draw: &DrawFigure<'_>) -> Result<Document, RenderError> {
    let templates = Templates::with_overrides(&settings.root.join("templates"))?;
    compose_with(&templates, evidence, settings, draw)
}

/// The document of a project with these templates.
///
/// # Errors
/// As [`compose`].
pub fn compose_with(
    templates: &Templates,
    evidence: &Evidence,
    settings: &Settings,
    draw: &DrawFigure<'_>,
) -> Result<Document, RenderError> {
    check_narratives(templates, settings)?;
    let bibliography = Bibliography::read(templates)?;
    let desk = Arc::new(Desk::new(evidence, settings, &bibliography));
    let name = template_name(settings.dossier.document);
    let words = templates.render(name, &TemplateContext::new(evidence, settings), &desk)?;
    let setter = Setter {
        name,
        desk: &desk,
        evidence,
        settings,
        exhibits: ExhibitSetter { evidence, settings, draw },
        footnotes: RefCell::new(Vec::new()),
    };
    let parsed = markdown::parse(Source { name, markdown: &words, deeper: 0 }, &setter)?;
    let mut blocks = parsed.blocks;
    bibliography.insert(&mut blocks, evidence);
    let footnotes: Vec<Footnote> = parsed.footnotes.into_iter().chain(setter.footnotes.into_inner()).collect();
    let footnotes = resolve::resolve(&mut blocks, &footnotes);
    let shown = Shown::find(&mut blocks);
    let origins = shown.origins(&evidence.facts);
    let blocks = trace::insert(blocks, &shown.tables(&evidence.facts, &origins));
    Ok(Document { metadata: metadata(evidence, settings), blocks, footnotes, origins })
}

fn template_name(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Ind => "documents/ind.md",
        DocumentKind::EndOfPhase1 => "documents/end_of_phase_1.md",
        DocumentKind::Registration => "documents/registration.md",
        DocumentKind::Complete => "documents/complete.md",
    }
}

/// One exhibit of the evidence as the document would show it, numbered or not: for files of single tables and figures.
///
/// # Errors
/// [`RenderError::Figure`] when a figure cannot be drawn.
pub fn set_exhibit(evidence: &Evidence, settings: &Settings, draw: &DrawFigure<'_>, id: &ExhibitId) -> Result<ExhibitBlock, RenderError> {
    ExhibitSetter { evidence, settings, draw }.set(id.as_str())
}

/// A narrative under a name that no section has would silently not be printed.
fn check_narratives(templates: &Templates, settings: &Settings) -> Result<(), RenderError> {
    let unknown = settings.dossier.narratives.keys().find(|section| !templates.sections().any(|known| known == section.as_str()));
    match unknown {
        Some(section) => {
            let known = templates.sections().collect::<Vec<_>>().join(", ");
            Err(RenderError::UnknownSection { section: section.clone(), known })
        }
        None => Ok(()),
    }
}

fn metadata(evidence: &Evidence, settings: &Settings) -> Metadata {
    let dossier = &settings.dossier;
    let cutoff = context::data_cutoff(evidence, settings).map_or_else(|| "not stated".to_owned(), |date| date.to_string());
    let optional = |label: &str, value: Option<String>| value.map(|value| (label.to_owned(), text::line(&value)));
    let always = |label: &str, value: &str| Some((label.to_owned(), text::line(value)));
    let title_block = [
        always("Document", context::document_words(dossier.document)),
        optional("Document number", dossier.id.clone()),
        always("Version", &dossier.version),
        always("Status", &dossier.status),
        optional("Date", dossier.date.map(|date| date.to_string())),
        always("Data cut-off", &cutoff),
        always("Drug", &settings.drug.name),
        optional("Indication", dossier.indication.clone()),
        optional("Sponsor", dossier.sponsor.clone()),
        always("Prepared for", context::authority(dossier.jurisdiction)),
    ];
    let id = dossier.id.clone().unwrap_or_else(|| dossier.title.clone());
    Metadata {
        title: text::line(&dossier.title),
        language: "en-GB",
        date: dossier.date,
        program: text::line(&evidence.provenance.program),
        paper: if matches!(dossier.jurisdiction, Jurisdiction::Fda | Jurisdiction::HealthCanada) { Paper::Letter } else { Paper::A4 },
        title_block: title_block.into_iter().flatten().collect(),
        running_head: text::line(&format!("{id} · version {} · {} · data cut-off {cutoff}", dossier.version, dossier.status)),
    }
}

/// Gives marks what they stand for.
struct Setter<'a> {
    name: &'a str,
    desk: &'a Desk,
    evidence: &'a Evidence,
    settings: &'a Settings,
    exhibits: ExhibitSetter<'a>,
    footnotes: RefCell<Vec<Footnote>>,
}

impl Setter<'_> {
    fn narrative(&self, section: &str) -> Result<Vec<Block>, RenderError> {
        let written = self.settings.dossier.narratives.get(section).map_or("", String::as_str);
        let markdown = narrative::expand(section, written, self.desk)?;
        let name = format!("dossier.narratives.{section}");
        // Sections and their questions take the first two levels.
        let setter = Setter { name: &name, exhibits: ExhibitSetter { ..self.exhibits }, footnotes: RefCell::new(Vec::new()), ..*self };
        let parsed = markdown::parse(Source { name: &name, markdown: &markdown, deeper: 2 }, &setter)?;
        self.footnotes.borrow_mut().extend(parsed.footnotes);
        Ok(parsed.blocks)
    }

    fn fact(&self, id: &FactId, show: format::Show) -> Inline {
        let text = self.evidence.facts.get(id).map_or_else(String::new, |fact| format::in_sentence(fact, show));
        Inline::Fact(FactText { id: id.clone(), text })
    }
}

impl Marked for Setter<'_> {
    fn inline(&self, position: usize) -> Result<Inline, RenderError> {
        match self.desk.marks.at(position) {
            Some(Mark::Fact(id, show)) => Ok(self.fact(&id, show)),
            Some(Mark::Reference(target)) => Ok(Inline::Reference(Reference { target, anchor: None, text: String::new() })),
            Some(Mark::Code(words)) => Ok(Inline::Code(words)),
            Some(mark) => Err(RenderError::NotAlone { source_name: self.name.to_owned(), function: mark.name() }),
            None => Ok(Inline::Text(String::new())),
        }
    }

    fn blocks(&self, position: usize) -> Result<Option<Vec<Block>>, RenderError> {
        match self.desk.marks.at(position) {
            Some(Mark::Exhibit(id)) => Ok(Some(vec![Block::Exhibit(Box::new(self.exhibits.set(&id)?))])),
            Some(Mark::Folded(summary, ids)) => {
                let blocks: Result<Vec<Block>, RenderError> =
                    ids.iter().map(|id| Ok(Block::Exhibit(Box::new(self.exhibits.set(id)?)))).collect();
                Ok(Some(vec![Block::Details { summary: vec![Inline::Text(text::line(&summary))], blocks: blocks? }]))
            }
            Some(Mark::Narrative(section)) => self.narrative(&section).map(Some),
            Some(Mark::Traceability) => Ok(Some(vec![Block::TraceabilityHere])),
            Some(Mark::References) => Ok(Some(vec![Block::ReferencesHere])),
            _ => Ok(None),
        }
    }
}
