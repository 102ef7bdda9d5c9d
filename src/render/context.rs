//! What templates see of the project: plain words and numbers, none of them a result.

use serde::Serialize;

use crate::config::{
    DefaultUsed, DocumentKind, Dosage, DoseResponse, EndpointKind, ExposureResponse, Jurisdiction, MolecularClass, PlanSettings, Settings,
};
use crate::diagnostic::{Diagnostic, Severity};
use crate::evidence::{DatasetRecord, Evidence};
use crate::quantity::{Date, Rows};

/// Everything a template may print besides facts and exhibits.
#[derive(Debug, Serialize)]
pub(super) struct TemplateContext<'a> {
    dossier: DossierContext<'a>,
    drug: DrugContext<'a>,
    dosages: Vec<DosageContext<'a>>,
    parts: Vec<PartContext<'a>>,
    /// Labels of the parts in which dosages were assigned at random.
    randomised_parts: Vec<&'a str>,
    decision: Option<DecisionContext<'a>>,
    plan: Option<&'a PlanSettings>,
    exposure_response: Vec<ExposureResponseContext<'a>>,
    dose_response: Vec<DoseResponseContext<'a>>,
    provenance: ProvenanceContext<'a>,
    defaults: &'a [DefaultUsed],
    diagnostics: DiagnosticsContext<'a>,
}

#[derive(Debug, Serialize)]
struct DossierContext<'a> {
    title: &'a str,
    document: DocumentKind,
    document_words: &'static str,
    jurisdiction: Jurisdiction,
    authority: &'static str,
    id: Option<&'a str>,
    version: &'a str,
    status: &'a str,
    sponsor: Option<&'a str>,
    indication: Option<&'a str>,
    date: Option<Date>,
    data_cutoff: Option<Date>,
}

#[derive(Debug, Serialize)]
struct DrugContext<'a> {
    name: &'a str,
    molecular_class: MolecularClass,
    class_words: &'static str,
}

#[derive(Debug, Serialize)]
struct DosageContext<'a> {
    id: &'a str,
    label: &'a str,
    dose: Option<String>,
    schedule: Option<&'a str>,
    comparator: bool,
    /// Whether it is the proposed dosage.
    proposed: bool,
    /// Whether it is proposed or an alternative to the proposed one.
    compared: bool,
}

#[derive(Debug, Serialize)]
struct PartContext<'a> {
    id: &'a str,
    label: &'a str,
    randomised: bool,
}

#[derive(Debug, Serialize)]
struct DecisionContext<'a> {
    proposed: &'a str,
    proposed_label: &'a str,
    alternatives: Vec<NamedDosage<'a>>,
    reason: Option<&'a str>,
}

/// An analysis of an outcome against exposure.
#[derive(Debug, Serialize)]
struct ExposureResponseContext<'a> {
    id: &'a str,
    label: &'a str,
    /// Whether the outcome is a time to an event.
    time: bool,
    /// Whether the outcome is a grade or category.
    ordinal: bool,
    /// Whether the outcome is a number.
    continuous: bool,
}

/// An analysis of an outcome over the doses.
#[derive(Debug, Serialize)]
struct DoseResponseContext<'a> {
    id: &'a str,
    label: &'a str,
    /// Shares of the largest effect for which doses are given, in percent.
    shares: Vec<u32>,
}

impl<'a> DoseResponseContext<'a> {
    fn new(asked: &'a DoseResponse) -> Self {
        let shares = asked.ed.iter().map(|share| (100.0 * share).round() as u32).collect();
        Self { id: &asked.id, label: asked.label.as_deref().unwrap_or(&asked.id), shares }
    }
}

impl<'a> ExposureResponseContext<'a> {
    fn new(asked: &'a ExposureResponse) -> Self {
        let kind = asked.endpoint.kind;
        Self {
            id: &asked.id,
            label: asked.label.as_deref().unwrap_or(&asked.id),
            time: kind == EndpointKind::TimeToEvent,
            ordinal: kind == EndpointKind::Ordinal,
            continuous: kind == EndpointKind::Continuous,
        }
    }
}

#[derive(Debug, Serialize)]
struct NamedDosage<'a> {
    id: &'a str,
    label: &'a str,
}

#[derive(Debug, Serialize)]
struct ProvenanceContext<'a> {
    program: &'a str,
    project_file: &'a str,
    project_sha256: &'a str,
    datasets: &'a [DatasetRecord],
    absent: &'a [String],
    seed: u64,
    data_cutoff: Option<Date>,
}

#[derive(Debug, Serialize)]
struct DiagnosticsContext<'a> {
    /// Every diagnostic, the gravest first.
    all: Vec<DiagnosticContext<'a>>,
    critical: Vec<DiagnosticContext<'a>>,
    major: Vec<DiagnosticContext<'a>>,
    minor: Vec<DiagnosticContext<'a>>,
    info: Vec<DiagnosticContext<'a>>,
}

#[derive(Debug, Clone, Serialize)]
struct DiagnosticContext<'a> {
    code: &'a str,
    severity: &'static str,
    /// Dataset, file and column in words.
    place: String,
    message: &'a str,
    /// The message in one line: what was seen and how often, without the values.
    short: String,
    hint: &'a str,
    accepted: Option<&'a str>,
    /// Rows as ranges, cut when there are many.
    rows: String,
    row_count: usize,
    subject_count: usize,
}

impl<'a> TemplateContext<'a> {
    /// The context of one document.
    pub(super) fn new(evidence: &'a Evidence, settings: &'a Settings) -> Self {
        Self {
            dossier: DossierContext::new(evidence, settings),
            drug: DrugContext {
                name: &settings.drug.name,
                molecular_class: settings.drug.molecular_class,
                class_words: class_words(settings.drug.molecular_class),
            },
            dosages: dosages(settings),
            parts: settings
                .parts
                .iter()
                .map(|part| PartContext { id: &part.id, label: &part.label, randomised: part.randomised })
                .collect(),
            randomised_parts: settings.parts.iter().filter(|part| part.randomised).map(|part| part.label.as_str()).collect(),
            decision: DecisionContext::new(settings),
            exposure_response: settings.exposure_response.iter().map(ExposureResponseContext::new).collect(),
            dose_response: settings.dose_response.iter().map(DoseResponseContext::new).collect(),
            plan: settings.plan.as_ref(),
            provenance: ProvenanceContext {
                program: &evidence.provenance.program,
                project_file: &evidence.provenance.project_file,
                project_sha256: &evidence.provenance.project_sha256,
                datasets: &evidence.provenance.datasets,
                absent: &evidence.provenance.absent,
                seed: evidence.provenance.seed,
                data_cutoff: data_cutoff(evidence, settings),
            },
            defaults: &evidence.provenance.defaults,
            diagnostics: DiagnosticsContext::new(&evidence.diagnostics),
        }
    }
}

impl<'a> DossierContext<'a> {
    fn new(evidence: &Evidence, settings: &'a Settings) -> Self {
        let dossier = &settings.dossier;
        Self {
            title: &dossier.title,
            document: dossier.document,
            document_words: document_words(dossier.document),
            jurisdiction: dossier.jurisdiction,
            authority: authority(dossier.jurisdiction),
            id: dossier.id.as_deref(),
            version: &dossier.version,
            status: &dossier.status,
            sponsor: dossier.sponsor.as_deref(),
            indication: dossier.indication.as_deref(),
            date: dossier.date,
            data_cutoff: data_cutoff(evidence, settings),
        }
    }
}

impl<'a> DecisionContext<'a> {
    fn new(settings: &'a Settings) -> Option<Self> {
        let decision = settings.decision.as_ref()?;
        let label = |id: &'a str| settings.dosage(id).map_or(id, |dosage| dosage.label.as_str());
        let alternatives = settings.dosages.iter().filter(|dosage| dosage.id != decision.proposed);
        let named =
            |id: &str| if decision.alternatives.is_empty() { None } else { Some(decision.alternatives.iter().any(|other| other == id)) };
        Some(Self {
            proposed: &decision.proposed,
            proposed_label: label(&decision.proposed),
            alternatives: alternatives
                .filter(|dosage| named(&dosage.id).unwrap_or(!dosage.comparator))
                .map(|dosage| NamedDosage { id: &dosage.id, label: &dosage.label })
                .collect(),
            reason: decision.reason.as_deref(),
        })
    }
}

impl<'a> DiagnosticsContext<'a> {
    fn new(diagnostics: &'a [Diagnostic]) -> Self {
        let of = |severity: Severity| -> Vec<DiagnosticContext<'a>> {
            diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).map(DiagnosticContext::new).collect()
        };
        let groups = [of(Severity::Critical), of(Severity::Major), of(Severity::Minor), of(Severity::Info)];
        let all = groups.iter().flatten().cloned().collect();
        let [critical, major, minor, info] = groups;
        Self { all, critical, major, minor, info }
    }
}

impl<'a> DiagnosticContext<'a> {
    fn new(diagnostic: &'a Diagnostic) -> Self {
        let rows: Rows = diagnostic.rows.iter().copied().collect();
        let line = diagnostic.place.as_ref().map(|place| format!("line {}", place.line));
        let file = diagnostic.file.as_ref().and_then(|file| file.file_name()).map(|name| name.to_string_lossy().into_owned());
        let place = [diagnostic.dataset.clone(), file.filter(|_| diagnostic.dataset.is_none()), diagnostic.column.clone(), line];
        Self {
            code: diagnostic.code,
            severity: diagnostic.severity.label(),
            place: place.into_iter().flatten().collect::<Vec<_>>().join(" "),
            message: &diagnostic.message,
            short: in_one_line(&diagnostic.message),
            hint: &diagnostic.hint,
            accepted: diagnostic.accepted.as_deref(),
            rows: shortened(&rows.ranges()),
            row_count: rows.len(),
            subject_count: diagnostic.subjects.len(),
        }
    }
}

/// A message without the values that it lists behind a colon, cut where it is still too long for a line or two.
fn in_one_line(message: &str) -> String {
    const FITS: usize = 150;
    let message = message.split_once(": \u{201C}").map_or(message, |(what, _)| what);
    if message.chars().count() <= FITS {
        return message.to_owned();
    }
    let head: String = message.chars().take(FITS).collect();
    format!("{} …", head.rsplit_once(' ').map_or(head.as_str(), |(words, _)| words))
}

/// Ranges of rows cut after the last one that fits a table cell.
pub(super) fn shortened(ranges: &str) -> String {
    const FITS: usize = 60;
    if ranges.len() <= FITS {
        return ranges.to_owned();
    }
    let head = ranges.get(..FITS).and_then(|head| head.rsplit_once(", ")).map_or("", |(head, _)| head);
    format!("{head}, …")
}

/// The dosages that are compared: the proposed one and its alternatives; every dosage of the drug where nothing is proposed.
pub(super) fn compared(settings: &Settings) -> Vec<String> {
    match DecisionContext::new(settings) {
        Some(decision) => {
            std::iter::once(decision.proposed).chain(decision.alternatives.iter().map(|dosage| dosage.id)).map(str::to_owned).collect()
        }
        None => settings.dosages.iter().filter(|dosage| !dosage.comparator).map(|dosage| dosage.id.clone()).collect(),
    }
}

/// The data cut-off: the project file's, otherwise the data's own.
pub(super) fn data_cutoff(evidence: &Evidence, settings: &Settings) -> Option<Date> {
    settings.dossier.data_cutoff.or(evidence.provenance.data_cutoff)
}

fn dosages(settings: &Settings) -> Vec<DosageContext<'_>> {
    let compared = compared(settings);
    let proposed = settings.decision.as_ref().map(|decision| decision.proposed.as_str());
    let context = |dosage| dosage_context(dosage, proposed, &compared);
    settings.dosages.iter().map(context).collect()
}

fn dosage_context<'a>(dosage: &'a Dosage, proposed: Option<&str>, compared: &[String]) -> DosageContext<'a> {
    DosageContext {
        id: &dosage.id,
        label: &dosage.label,
        dose: dosage.dose.map(|dose| dose.to_string()),
        schedule: dosage.schedule.as_deref(),
        comparator: dosage.comparator,
        proposed: proposed == Some(dosage.id.as_str()),
        compared: compared.contains(&dosage.id),
    }
}

/// The kind of document in words.
pub(super) fn document_words(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Ind => "Starting dose and escalation plan",
        DocumentKind::EndOfPhase1 => "Meeting package, end of phase 1",
        DocumentKind::Registration => "Dosage justification for registration",
        DocumentKind::Complete => "Complete dosage dossier",
    }
}

/// The authority's name.
pub(super) fn authority(jurisdiction: Jurisdiction) -> &'static str {
    match jurisdiction {
        Jurisdiction::Fda => "Food and Drug Administration (FDA)",
        Jurisdiction::Ema => "European Medicines Agency (EMA)",
        Jurisdiction::Pmda => "Pharmaceuticals and Medical Devices Agency (PMDA)",
        Jurisdiction::HealthCanada => "Health Canada",
        Jurisdiction::Tga => "Therapeutic Goods Administration (TGA)",
    }
}

fn class_words(class: MolecularClass) -> &'static str {
    match class {
        MolecularClass::SmallMoleculeTargeted => "small molecule against a defined target",
        MolecularClass::Adc => "antibody-drug conjugate",
        MolecularClass::Antagonist => "large-molecule antagonist",
        MolecularClass::Agonist => "immune agonist",
        MolecularClass::LimitedSingleAgentActivity => "drug with limited activity of its own",
        MolecularClass::Other => "class not stated",
    }
}
