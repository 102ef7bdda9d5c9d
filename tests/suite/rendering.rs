//! From evidence to documents: facts, exhibits and words in HTML and Markdown, and what hostile text may not do.

use std::path::Path;

use dosecase::config::{DefaultUsed, DocumentKind, Settings, read_project_text};
use dosecase::diagnostic::{Diagnostic, Severity};
use dosecase::evidence::{
    Axis, Cell, CellPattern, Column, Content, DatasetRecord, Evidence, Exhibit, ExhibitId, Fact, FactId, FactValue, Facts, FigureSpec,
    Notes, Plot, Provenance, ReferenceLine, Row, Slice, Table, Unit,
};
use dosecase::quantity::{Interval, IntervalMethod};
use dosecase::render::document::{Block, ExhibitBody};
use dosecase::render::format::{Show, Whole, in_cell, in_sentence};
use dosecase::render::{Document, Exporter, HtmlExporter, MarkdownExporter, RenderError, Templates, compose, compose_with, table_csv};

const PROJECT: &str = r#"
dossier:
  title: Dosage justification for zeltorafib in ZEK1-altered lung cancer
  document: complete
  id: ZEL-DJ-001
  version: "1.2"
  sponsor: Example Oncology
  indication: previously treated ZEK1-altered non-small cell lung cancer
  date: 2026-06-30
  data_cutoff: 2026-03-31
drug: {name: zeltorafib, molecular_class: small_molecule_targeted}
dosages:
  - {id: 10mg_qd, label: 10 mg QD, dose: 10 mg, schedule: QD}
  - {id: 30mg_qd, label: 30 mg QD, dose: 30 mg, schedule: QD}
  - {id: 60mg_qd, label: 60 mg QD, dose: 60 mg, schedule: QD}
  - {id: 120mg_qd, label: 120 mg QD, dose: 120 mg, schedule: QD}
  - {id: 240mg_qd, label: 240 mg QD, dose: 240 mg, schedule: QD}
  - {id: 360mg_qd, label: 360 mg QD, dose: 360 mg, schedule: QD}
  - {id: 480mg_qd, label: 480 mg QD, dose: 480 mg, schedule: QD}
  - {id: docetaxel, label: Docetaxel 75 mg/m² Q3W, comparator: true}
parts:
  - {id: escalation, label: Dose escalation, when: {PART: A}}
  - {id: randomised, label: Randomised expansion, randomised: true, when: {PART: B}}
decision:
  proposed: 120mg_qd
  alternatives: [240mg_qd]
  reason: Response was not distinguished from 240 mg QD, with fewer dose reductions.
"#;

/// The dosages of [`PROJECT`] with their numbers of subjects.
const DOSAGES: [(&str, &str, u64); 8] = [
    ("10mg_qd", "10 mg QD", 3),
    ("30mg_qd", "30 mg QD", 4),
    ("60mg_qd", "60 mg QD", 9),
    ("120mg_qd", "120 mg QD", 52),
    ("240mg_qd", "240 mg QD", 48),
    ("360mg_qd", "360 mg QD", 7),
    ("480mg_qd", "480 mg QD", 4),
    ("docetaxel", "Docetaxel 75 mg/m² Q3W", 60),
];

/// The settings of a project in a folder of its own, which may hold templates.
fn settings_in(folder: &Path, project: &str) -> Settings {
    std::fs::create_dir_all(folder.join("data")).unwrap();
    read_project_text(&folder.join("dosecase.yaml"), project.to_owned()).unwrap().settings
}

/// The settings of a project without templates.
fn settings_of(project: &str) -> Settings {
    let folder = tempfile::tempdir().unwrap();
    settings_in(folder.path(), project)
}

fn fact(label: &str, value: FactValue, unit: Unit) -> Fact {
    Fact {
        label: label.to_owned(),
        value,
        unit,
        count: None,
        n: None,
        interval: None,
        method: "count of subjects".to_owned(),
        population: "Safety set (SAFFL = Y)".to_owned(),
        part: None,
        source: Slice::new("ADAE", "TRTEMFL = Y and AETOXGR >= 3", ["USUBJID", "AETOXGR"], (1..40).step_by(3).collect()),
        denominator: Some(Slice::new("ADSL", "SAFFL = Y", ["USUBJID"], (1..53).collect())),
        exhibit: None,
        planned: Some(true),
    }
}

fn share(label: &str, count: u64, n: u64) -> Fact {
    let value = count as f64 / n as f64;
    let spread = 1.96 * (value * (1.0 - value) / n as f64).sqrt() + 0.02;
    let interval = Interval {
        lower: Some((value - spread).max(0.0)),
        upper: Some((value + spread).min(1.0)),
        level: 0.95,
        method: IntervalMethod::ClopperPearson,
    };
    Fact { count: Some(count), n: Some(n), interval: Some(interval), ..fact(label, FactValue::Number(value), Unit::Proportion) }
}

/// Collects exhibits whose numbers follow a simple rule, so that they look like a trial's.
struct Maker {
    facts: Facts,
    exhibits: Vec<Exhibit>,
}

impl Maker {
    fn columns(&mut self, part: Option<&str>) -> Vec<Column> {
        DOSAGES
            .iter()
            .map(|(id, label, n)| {
                let id = FactId::new("population", "treated", None, Some(id), part);
                let id = self.facts.insert(id, fact(&format!("Treated, {label}"), FactValue::Count(*n), Unit::Count));
                let spanner = if *label == "Docetaxel 75 mg/m² Q3W" { "Comparator" } else { "Zeltorafib" };
                Column { head: (*label).to_owned(), n: Some(id), spanner: Some(spanner.to_owned()) }
            })
            .collect()
    }

    fn shares(&mut self, measure: (&str, &str, Option<&str>), rate: f64, pattern: CellPattern, part: Option<&str>) -> Vec<Cell> {
        let (analysis, measure, what) = measure;
        let cell = |(place, (id, label, n)): (usize, &(&str, &str, u64))| {
            let count = ((rate * (0.7 + 0.09 * place as f64)).min(1.0) * *n as f64).round() as u64;
            let id = FactId::new(analysis, measure, what, Some(id), part);
            Cell::Facts(pattern, vec![self.facts.insert(id, share(&format!("{measure}, {label}"), count, *n))])
        };
        DOSAGES.iter().enumerate().map(cell).collect()
    }

    fn triples(&mut self, analysis: &str, measure: &str, base: f64, unit: &Unit, pattern: CellPattern) -> Vec<Cell> {
        let names: &[&str] = if pattern == CellPattern::MeanSd { &["mean", "sd"] } else { &["median", "q1", "q3"] };
        let cell = |(place, (id, label, n)): (usize, &(&str, &str, u64))| {
            let ids = names.iter().enumerate().map(|(which, name)| {
                let value = base * (1.0 + 0.03 * place as f64) * [1.0, 0.8, 1.2][which];
                let value = if *name == "sd" { base * 0.15 } else { value };
                let id = FactId::new(analysis, &format!("{measure}_{name}"), None, Some(id), None);
                let fact = Fact { n: Some(*n), ..fact(&format!("{measure}, {name}, {label}"), FactValue::Number(value), unit.clone()) };
                self.facts.insert(id, fact)
            });
            Cell::Facts(pattern, ids.collect())
        };
        DOSAGES.iter().enumerate().map(cell).collect()
    }

    fn push(&mut self, id: &str, title: &str, stub: &str, rows: Vec<Row>, columns: Vec<Column>, footnotes: &[&str]) {
        let notes = Notes {
            datasets: vec!["ADAE".into(), "ADSL".into()],
            population: "Safety set (SAFFL = Y)".into(),
            grouping: "Columns by treatment received (TRT01A)".into(),
            methods: vec!["95% confidence intervals: Clopper-Pearson exact".into(), "Months of 30.4375 days".into()],
            footnotes: footnotes.iter().map(|footnote| (*footnote).to_owned()).collect(),
            abbreviations: vec!["AE: adverse event".into(), "CI: confidence interval".into()],
        };
        let content = Content::Table(Table { stub: stub.to_owned(), columns, rows });
        self.exhibits.push(Exhibit { id: ExhibitId::from(id), title: title.to_owned(), content, notes });
    }
}

fn row(stub: &str, indent: u8, cells: Vec<Cell>) -> Row {
    Row { stub: stub.to_owned(), indent, heading: false, cells, footnote: None }
}

fn heading(stub: &str) -> Row {
    Row { stub: stub.to_owned(), indent: 0, heading: true, cells: Vec::new(), footnote: None }
}

/// Evidence that looks like a trial's: wide tables with groups and spanners, medians that are not reached, one figure, one placeholder.
fn evidence() -> Evidence {
    let mut maker = Maker { facts: Facts::default(), exhibits: Vec::new() };
    overview(&mut maker);
    baseline(&mut maker);
    response(&mut maker, None);
    response(&mut maker, Some("randomised"));
    difference(&mut maker);
    maker.exhibits.push(Exhibit::placeholder(
        ExhibitId::from("T-E04"),
        "Dose-limiting toxicity by dosage",
        "The data flag no dose-limiting toxicity.",
        &["ADAE: DLTFL"],
    ));
    maker.exhibits.push(waterfall());
    let Maker { facts, exhibits } = maker;
    Evidence { facts, exhibits, diagnostics: diagnostics(), provenance: provenance() }
}

fn overview(maker: &mut Maker) {
    let mut rows = vec![heading("Subjects with at least one treatment-emergent adverse event, n (%)")];
    for (measure, stub, rate) in [
        ("teae_any", "Any", 0.97),
        ("teae_grade3plus", "Grade 3 or higher", 0.41),
        ("teae_serious", "Serious", 0.22),
        ("teae_fatal", "Fatal", 0.01),
        ("teae_related", "Related to treatment", 0.8),
        ("teae_interruption", "Leading to interruption of the drug", 0.36),
        ("teae_reduction", "Leading to reduction of the dose", 0.2),
        ("teae_discontinuation", "Leading to permanent discontinuation", 0.07),
    ] {
        let cells = maker.shares(("tolerability", measure, None), rate, CellPattern::CountPercent, None);
        rows.push(row(stub, 1, cells));
    }
    rows.push(heading("Common terms, any grade, n (%)"));
    let terms = [
        "Diarrhoea",
        "Nausea",
        "Fatigue",
        "Rash",
        "Decreased appetite",
        "Vomiting",
        "Alanine aminotransferase increased",
        "Anaemia",
        "Aspartate aminotransferase increased",
        "Pruritus",
        "Dry skin",
        "Stomatitis",
        "Electrocardiogram QT prolonged",
        "Headache",
        "Constipation",
    ];
    for (place, term) in terms.into_iter().enumerate() {
        let cells =
            maker.shares(("tolerability", "teae_term", Some(term)), 0.5 / (1.0 + 0.3 * place as f64), CellPattern::CountPercent, None);
        rows.push(Row { footnote: (place == 12).then_some(0), ..row(term, 1, cells) });
    }
    let columns = maker.columns(None);
    let footnote = ["Graded by the investigator; central reading is not part of this table."];
    maker.push("T-E06", "Treatment-emergent adverse events by dosage: overview", "Adverse event", rows, columns, &footnote);
}

fn baseline(maker: &mut Maker) {
    let age = maker.triples("baseline", "age", 61.5, &Unit::Named("years".into()), CellPattern::MeanSd);
    let weight = maker.triples("baseline", "weight", 71.25, &Unit::Named("kg".into()), CellPattern::MedianQuartiles);
    let female = maker.shares(("baseline", "female", None), 0.5, CellPattern::CountPercent, None);
    let rows =
        vec![row("Age, years: mean (SD)", 0, age), row("Female, n (%)", 0, female), row("Weight, kg: median (quartiles)", 0, weight)];
    let columns = maker.columns(None);
    maker.push("T-E02", "Baseline characteristics by dosage", "Characteristic", rows, columns, &[]);
}

fn response(maker: &mut Maker, part: Option<&str>) {
    let measure = ("efficacy", "orr", None);
    let mut rows = vec![row("Confirmed objective response, n (%)", 0, maker.shares(measure, 0.35, CellPattern::CountPercent, part))];
    rows.push(row("95% CI, %", 1, maker.shares(measure, 0.35, CellPattern::PercentInterval, part)));
    let median = |(place, (id, label, n)): (usize, &(&str, &str, u64))| {
        let reached = place % 3 != 1;
        let value = if reached { FactValue::Number(5.5 + 0.4 * place as f64) } else { FactValue::NotEstimable };
        let upper = (place % 3 == 0).then_some(12.4);
        let interval = Some(Interval { lower: Some(3.1), upper, level: 0.95, method: IntervalMethod::LogLog });
        let id = FactId::new("efficacy", "pfs_median", None, Some(id), part);
        let fact = Fact { interval, n: Some(*n), ..fact(&format!("Median progression-free survival, {label}"), value, Unit::Months) };
        Cell::Facts(CellPattern::ValueInterval, vec![maker.facts.insert(id, fact)])
    };
    rows.push(row("Progression-free survival, months: median (CI)", 0, DOSAGES.iter().enumerate().map(median).collect()));
    let columns = maker.columns(part);
    let id = ExhibitId::new("T-E16", part);
    maker.push(id.as_str(), "Tumour response by dosage", "Response", rows, columns, &[]);
}

fn difference(maker: &mut Maker) {
    let interval = Interval { lower: Some(-0.182), upper: Some(0.023), level: 0.95, method: IntervalMethod::MiettinenNurminen };
    let difference = Fact {
        interval: Some(interval),
        ..fact("Confirmed objective response, difference", FactValue::Number(-0.079), Unit::ProportionDifference)
    };
    let id = maker.facts.insert(FactId::from("comparison.orr_difference.120mg_qd_vs_240mg_qd@randomised"), difference);
    let column = |head: &str| Column { head: head.to_owned(), n: None, spanner: None };
    let cells = vec![Cell::Facts(CellPattern::ValueInterval, vec![id]), Cell::Text("yes".into()), Cell::NotAvailable];
    let columns = vec![column("Difference, percentage points (CI)"), column("Assigned at random"), column("Adjusted")];
    maker.push("T-E17@randomised", "Differences between dosages", "Pair", vec![row("120 mg QD vs 240 mg QD", 0, cells)], columns, &[]);
}

fn waterfall() -> Exhibit {
    let axis = Axis { label: "Best change in sum of diameters (%)".into(), log: false, range: None };
    let threshold = ReferenceLine { at: -30.0, label: "partial response".into() };
    let figure = FigureSpec {
        plot: Plot::Waterfall { change: axis, bars: Vec::new(), thresholds: vec![threshold] },
        alt: "One bar per subject; most \"bars\" fall below zero.".into(),
        source: vec![Slice::new("ADTR", "PARAMCD = SDIAM", ["PCHG"], (1..30).collect())],
    };
    Exhibit {
        id: ExhibitId::from("F-E02"),
        title: "Best change in tumour size by dosage".into(),
        content: Content::Figure(figure),
        notes: Notes::default(),
    }
}

fn diagnostics() -> Vec<Diagnostic> {
    let mut accepted =
        Diagnostic::new("duplicate-key", Severity::Critical, "Two rows hold the same subject and sequence.", "Remove one of them.")
            .in_dataset("ADAE")
            .in_rows([17, 18]);
    accepted.accepted = Some("The second row is a correction; the first is kept by the plan.".into());
    let unmatched = Diagnostic::new("unknown-subject", Severity::Major, "Three subjects of ADEX are not in ADSL.", "Add them to ADSL.")
        .in_dataset("ADEX")
        .in_rows(1..90)
        .of_subjects(["ZEL-101-02-001", "ZEL-101-02-002", "ZEL-101-02-003"]);
    vec![unmatched, accepted, Diagnostic::new("absent-dataset", Severity::Info, "There is no ADQS.", "Nothing to do.")]
}

fn provenance() -> Provenance {
    let dataset = |name: &str| DatasetRecord {
        dataset: name.to_owned(),
        file: format!("{}.parquet", name.to_lowercase()),
        format: "Parquet".into(),
        rows: 1234,
        columns: 31,
        subjects: Some(127),
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
    };
    Provenance {
        program: "dosecase 0.1.0".into(),
        project_file: "dosecase.yaml".into(),
        project_sha256: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752".into(),
        datasets: vec![dataset("ADAE"), dataset("ADSL")],
        subjects: Vec::new(),
        absent: vec!["ADQS".into()],
        seed: 20_240_801,
        data_cutoff: None,
        defaults: vec![DefaultUsed { key: "intervals.level".into(), value: "0.95".into(), origin: "the customary level".into() }],
    }
}

fn draw(_: &ExhibitId, _: &FigureSpec) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    Ok("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 468 300\"><text x=\"9\" y=\"20\">50% & \"more\"</text></svg>".to_owned())
}

fn composed(evidence: &Evidence, settings: &Settings) -> Document {
    compose(evidence, settings, &draw).unwrap()
}

fn html(document: &Document) -> String {
    String::from_utf8(HtmlExporter::new(&Templates::built_in()).export(document).unwrap()).unwrap()
}

fn markdown(document: &Document) -> String {
    String::from_utf8(MarkdownExporter.export(document).unwrap()).unwrap()
}

/// A project whose `templates/<name>` holds `text`.
fn with_template(name: &str, text: &str) -> (tempfile::TempDir, Settings) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("templates").join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
    let settings = settings_in(folder.path(), PROJECT);
    (folder, settings)
}

/// The document that a template of these words gives.
fn from_words(words: &str) -> Result<Document, RenderError> {
    let (_folder, settings) = with_template("documents/complete.md", words);
    compose(&evidence(), &settings, &draw)
}

/// Checks that every element is closed where it should be, that ids are unique and that every local link leads somewhere.
fn assert_well_formed(html: &str) {
    const VOID: [&str; 6] = ["meta", "link", "br", "hr", "img", "input"];
    let (mut open, mut ids, mut links) = (Vec::<String>::new(), std::collections::BTreeSet::new(), Vec::new());
    let mut rest = html.strip_prefix("<!DOCTYPE html>").unwrap();
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, after) = after.split_once('>').unwrap();
        assert!(!tag.contains('<'), "unescaped: <{tag}>");
        let name: String = tag.chars().take_while(|c| !c.is_whitespace()).collect();
        rest = after;
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "before {}", rest.chars().take(60).collect::<String>());
            continue;
        }
        for (attribute, value) in tag.split('"').collect::<Vec<_>>().chunks(2).filter_map(|pair| Some((pair.first()?, pair.get(1)?))) {
            if attribute.trim_end().ends_with(" id=") {
                assert!(ids.insert((*value).to_owned()), "id {value} twice");
            }
            if let (true, Some(target)) = (attribute.ends_with(" href="), value.strip_prefix('#')) {
                links.push(target.to_owned());
            }
        }
        if matches!(name.as_str(), "style" | "script") {
            rest = rest.split_once(&format!("</{name}>")).unwrap().1;
        } else if !VOID.contains(&name.as_str()) {
            open.push(name);
        }
    }
    assert_eq!(open, Vec::<String>::new());
    for link in links {
        assert!(ids.contains(&link), "#{link} leads nowhere");
    }
}

#[test]
fn the_complete_dossier_is_well_formed_and_the_same_twice() {
    let (evidence, settings) = (evidence(), settings_of(PROJECT));
    let page = html(&composed(&evidence, &settings));
    assert_well_formed(&page);
    assert_eq!(page, html(&composed(&evidence, &settings)));
    assert_eq!(markdown(&composed(&evidence, &settings)), markdown(&composed(&evidence, &settings)));
    for words in [
        "Data cut-off",
        "2026-03-31",
        "ZEL-DJ-001",
        "9f86d081884c7d65",
        "intervals.level",
        "The second row is a correction",
        "Looked for and not found: ADQS",
    ] {
        assert!(page.contains(words), "{words}");
    }
    for words in ["equivalent", "optimal dose", "no difference"] {
        assert!(!page.to_lowercase().contains(words), "{words}");
    }
}

#[test]
fn every_kind_of_document_can_be_made_from_any_evidence() {
    let empty = Evidence { facts: Facts::default(), exhibits: Vec::new(), diagnostics: Vec::new(), provenance: provenance() };
    let small = "dossier: {title: T}\ndrug: {name: D}\ndosages: [{id: a, label: A}]\n";
    for kind in [DocumentKind::Ind, DocumentKind::EndOfPhase1, DocumentKind::Registration, DocumentKind::Complete] {
        for (evidence, project) in [(&evidence(), PROJECT), (&empty, small)] {
            let mut settings = settings_of(project);
            settings.dossier.document = kind;
            let document = composed(evidence, &settings);
            assert_well_formed(&html(&document));
            assert!(!markdown(&document).contains("which is not part of this document"), "{kind:?}");
        }
    }
}

#[test]
fn the_page_asks_for_nothing() {
    let page = html(&composed(&evidence(), &settings_of(PROJECT)));
    for words in ["http-equiv=\"Content-Security-Policy\"", "default-src 'none'"] {
        assert!(page.contains(words), "{words}");
    }
    for words in ["src=\"http", "url(http", "@import", "<link", "<iframe", "fetch("] {
        assert!(!page.contains(words), "{words}");
    }
}

#[test]
fn an_unknown_fact_names_template_line_and_nearest_ids() {
    let error = from_words("First line.\n\nResponse was {{ fact(id=\"efficacy.orr.120mg_dq\") }}.\n").unwrap_err();
    let RenderError::Template { name, line, column, message, report } = error else { panic!("{error:?}") };
    assert_eq!((name.as_str(), line, column), ("documents/complete.md", 3, 17));
    assert!(message.contains("there is no fact `efficacy.orr.120mg_dq`"), "{message}");
    assert!(message.contains("`efficacy.orr.120mg_qd`"), "{message}");
    assert!(report.contains("documents/complete.md:3"), "{report}");
}

#[test]
fn misspelt_requests_are_errors() {
    for (words, expected) in [
        ("{{ fact(id=\"efficacy.orr.120mg_qd\", shw=\"full\") }}", "`fact` does not know `shw`"),
        ("{{ fact(id=\"efficacy.orr.120mg_qd\", show=\"fulll\") }}", "`fulll` is no way to show a fact"),
        ("{{ exhibit(id=\"T-E66\") }}", "there is no exhibit `T-E66`"),
        ("{{ ref(id=\"T-E6\") }}", "`T-E06`"),
        ("{{ dosier.title }}", "dosier"),
        ("text {{ exhibit(id=\"T-E06\") }} text", "`exhibit` needs a line of its own"),
        ("| a |\n| --- |\n| {{ exhibit(id=\"T-E06\") }} |", "`exhibit` needs a line of its own"),
        ("{% include \"sections/nothing.md\" %}", "nothing.md"),
        ("{% if %}", "documents/complete.md"),
    ] {
        let error = from_words(words).unwrap_err().to_string();
        assert!(error.contains(expected), "{words}: {error}");
    }
}

#[test]
fn a_template_of_the_project_replaces_the_built_in_one() {
    let (_folder, settings) = with_template("sections/efficacy.md", "# Our own words { #efficacy }\n\n{{ exhibit(code=\"T-E16\") }}\n");
    let page = html(&composed(&evidence(), &settings));
    assert!(page.contains("Our own words"));
    assert!(!page.contains("What is the activity by dosage"));
    assert!(page.contains("What happens beyond the DLT window?"));
}

#[test]
fn exhibits_are_numbered_in_order_and_referred_to_by_number() {
    let words = "# One { #one }\n\nSee {{ ref(code=\"T-E16\") }}, {{ ref(id=\"T-E16@randomised\") }}, {{ ref(id=\"F-E02\") }}, {{ ref(section=\"two\") }} and {{ ref(id=\"T-E01\") }}.\n\n\
                 {{ exhibit(id=\"T-E06\") }}\n\n{{ exhibit(id=\"F-E02\") }}\n\n## Deeper\n\n{{ exhibit(code=\"T-E16\") }}\n\n# Two { #two }\n\n{{ exhibit(id=\"T-E06\") }}\n";
    let text = markdown(&from_words(words).unwrap());
    assert!(text.contains("See [Tables 2 and 3](#t-e16), [Table 3](#t-e16-randomised), [Figure 1](#f-e02), [Section 2](#two) and exhibit T-E01, which is not part of this document."), "{text}");
    assert!(text.contains("### <a id=\"deeper\"></a>1.1 Deeper"), "{text}");
    assert!(text.contains("## <a id=\"two\"></a>2 Two\n\nSee [Table 1](#t-e06)."), "{text}");
    assert!(text.contains("**Table 3** Tumour response by dosage: Randomised expansion"), "{text}");
}

#[test]
fn what_is_not_there_says_what_it_needs() {
    let text = markdown(&from_words("{{ exhibit(code=\"T-E04\") }}\n\n{{ exhibit(code=\"T-E19\") }}\n").unwrap());
    assert!(
        text.contains("**Dose-limiting toxicity by dosage** (T-E04). The data flag no dose-limiting toxicity. It needs: ADAE: DLTFL."),
        "{text}"
    );
    assert!(
        text.contains("**Completion of patient-reported outcomes** (T-E19). Not computed in this version. It needs: ADQS or ADPRO;"),
        "{text}"
    );
}

#[test]
fn what_is_not_there_has_no_number() {
    let words = "See {{ ref(id=\"T-E04\") }} and {{ ref(id=\"T-E06\") }}.\n\n{{ exhibit(code=\"T-E04\") }}\n\n{{ exhibit(code=\"T-E19\") }}\n\n{{ exhibit(code=\"T-E06\") }}\n";
    let document = from_words(words).unwrap();
    let text = markdown(&document);
    assert!(text.contains("See [T-E04, which is not computed](#t-e04) and [Table 1](#t-e06)."), "{text}");
    let page = html(&document);
    assert_well_formed(&page);
    assert!(page.contains("<summary>Tables (1)</summary>"), "the list of tables holds tables");
    assert_eq!(page.matches("<p class=\"missing\"").count(), 2);
}

#[test]
fn a_footnote_that_no_row_points_to_has_no_letter() {
    let mut evidence = evidence();
    for exhibit in &mut evidence.exhibits {
        exhibit.notes.footnotes.insert(0, "Speaks of everything.".into());
        if let Content::Table(table) = &mut exhibit.content {
            table.rows.iter_mut().filter_map(|row| row.footnote.as_mut()).for_each(|footnote| *footnote += 1);
        }
    }
    let (_folder, settings) = with_template("documents/complete.md", "{{ exhibit(id=\"T-E06\") }}\n\n{{ exhibit(id=\"F-E02\") }}\n");
    let text = markdown(&composed(&evidence, &settings));
    assert!(
        text.contains("Electrocardiogram QT prolonged<sup>a</sup> |") && text.contains("<sup>a</sup> Graded by the investigator"),
        "{text}"
    );
    assert_eq!((text.matches("Note: Speaks of everything.").count(), text.matches("<sup>b</sup>").count()), (2, 0));
}

#[test]
fn every_link_of_the_markdown_leads_somewhere() {
    let text = markdown(&composed(&evidence(), &settings_of(PROJECT)));
    let links: Vec<&str> = text.split("](#").skip(1).filter_map(|rest| rest.split_once(')')).map(|(anchor, _)| anchor).collect();
    assert!(links.len() >= 3, "{links:?}");
    for anchor in links {
        assert_eq!(text.matches(&format!("<a id=\"{anchor}\"></a>")).count(), 1, "#{anchor}");
    }
}

#[test]
fn a_row_says_once_what_its_numbers_share() {
    let page = html(&from_words("{{ exhibit(id=\"T-E06\") }}\n").unwrap());
    assert_well_formed(&page);
    let row = page.split("<tr>").find(|row| row.contains(">Diarrhoea<")).unwrap();
    assert_eq!(row.matches("ADAE, TRTEMFL = Y and AETOXGR &gt;= 3").count(), 1);
    assert_eq!(row.matches("<code>tolerability.teae_term.diarrhoea.").count(), DOSAGES.len());
    // Each cell is described by what the row shares and by its own item, both of which are there.
    let described: Vec<&str> = row.split("aria-describedby=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(described.len(), DOSAGES.len());
    for id in described.iter().flat_map(|ids| ids.split(' ')) {
        assert!(row.contains(&format!(" id=\"{id}\"")), "{id}");
    }
    assert!(row.contains("of ADSL, SAFFL = Y: 52 rows"), "whom they were counted among");
}

#[test]
fn the_facts_of_tables_are_listed_where_nothing_can_be_pointed_at() {
    let document = from_words("{{ exhibit(id=\"T-E06\") }}\n\n{{ traceability() }}\n").unwrap();
    let text = markdown(&document);
    let slice = "ADAE, TRTEMFL = Y and AETOXGR &gt;= 3";
    assert_eq!(text.matches(&format!("| {slice} | `")).count(), 1, "the slice that all share is said once");
    assert!(text.contains("|  | `tolerability.teae_any.120mg_qd` | 0.9"), "{text}");
    assert!(!html(&document).contains("192 facts"));
}

#[test]
fn study_parts_that_were_not_randomised_are_folded() {
    let mut maker = Maker { facts: Facts::default(), exhibits: Vec::new() };
    for part in [None, Some("escalation"), Some("randomised")] {
        response(&mut maker, part);
    }
    let Maker { facts, exhibits } = maker;
    let evidence = Evidence { facts, exhibits, diagnostics: Vec::new(), provenance: provenance() };
    let (_folder, settings) = with_template("documents/complete.md", "{{ exhibit(code=\"T-E16\", fold=true) }}\n");
    let document = composed(&evidence, &settings);
    let [Block::Exhibit(_), Block::Exhibit(randomised), Block::Details { blocks, .. }] = document.blocks.as_slice() else {
        panic!("{:?}", document.blocks.len())
    };
    assert_eq!((randomised.id.as_str(), randomised.number), ("T-E16@randomised", 2));
    assert!(matches!(blocks.as_slice(), [Block::Exhibit(folded)] if folded.id == "T-E16@escalation" && folded.number == 3));
    assert!(html(&document).contains("<details class=\"more\"><summary>Tumour response by dosage: Dose escalation</summary>"));
}

/// Evidence of one comparison on two endpoints: response and adverse events of grade 3 or higher.
fn compared_evidence(response: (f64, f64), toxicity: (f64, f64), pair: &str) -> Evidence {
    let mut evidence = evidence();
    let of = |(lower, upper): (f64, f64)| Fact {
        interval: Some(Interval { lower: Some(lower), upper: Some(upper), level: 0.95, method: IntervalMethod::MiettinenNurminen }),
        ..fact("difference", FactValue::Number((lower + upper) / 2.0), Unit::ProportionDifference)
    };
    let mut facts = Facts::default();
    for (id, fact) in evidence.facts.iter().filter(|(id, _)| !id.as_str().starts_with("comparison.")) {
        facts.insert(id.clone(), fact.clone());
    }
    facts.insert(FactId::from(format!("comparison.orr_difference.{pair}").as_str()), of(response));
    facts.insert(FactId::from(format!("comparison.teae_grade3plus_difference.{pair}").as_str()), of(toxicity));
    evidence.facts = facts;
    evidence
}

#[test]
fn the_summary_reads_intervals_without_favouring_a_dosage() {
    let higher = PROJECT.replace("proposed: 120mg_qd\n  alternatives: [240mg_qd]", "proposed: 240mg_qd\n  alternatives: [120mg_qd]");
    assert_ne!(higher, PROJECT);
    let pair = "120mg_qd_vs_240mg_qd@randomised";
    let supports = "**What supports it.** The interval lies on the side of the proposed dosage for";
    let against = "**What speaks against it.** The interval lies on the side of the alternative for";
    let undecided = "**What is not distinguished.** The interval includes zero, and shows how large a difference in either direction the data leave open, for";
    for (project, response, toxicity, expected) in [
        (
            PROJECT,
            (-0.2, -0.05),
            (-0.3, -0.1),
            [format!("{supports} adverse event of grade three"), format!("{against} confirmed objective response.")],
        ),
        (
            higher.as_str(),
            (-0.2, -0.05),
            (-0.3, -0.1),
            [format!("{supports} confirmed objective response."), format!("{against} adverse event of grade three")],
        ),
        (
            PROJECT,
            (-0.2, 0.1),
            (-0.3, 0.1),
            [
                format!("{undecided} confirmed objective response; adverse event of grade three"),
                "On no endpoint that was compared does the interval lie on the side of the proposed dosage.".to_owned(),
            ],
        ),
    ] {
        let text = markdown(&composed(&compared_evidence(response, toxicity, pair), &settings_of(project)));
        for words in expected {
            assert!(text.contains(&words), "{words}\n{}", text.chars().take(4_000).collect::<String>());
        }
        assert!(text.contains("Differences are 120 mg QD minus 240 mg QD."), "in the order of the subtraction");
    }
}

#[test]
fn the_reference_list_holds_what_is_cited_and_nothing_else() {
    let text = markdown(
        &from_words("{{ exhibit(id=\"T-E06\") }}\n\nSee {{ cite(key=\"FDA-OPT\") }} and &#91;Wilson1927&#93;.\n\n{{ references() }}\n")
            .unwrap(),
    );
    let cited: Vec<&str> = text.split("<a id=\"reference-").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(cited, ["clopperpearson1934", "fda-opt", "wilson1927"]);
    assert!(text.contains("See [\\[FDA-OPT\\]](#reference-fda-opt)"), "{text}");
    let page = html(&from_words("{{ cite(key=\"FDA-OPT\") }}\n\n{{ references() }}\n").unwrap());
    assert_well_formed(&page);
    let error = from_words("{{ cite(key=\"FDA-OPTT\") }}").unwrap_err().to_string();
    assert!(error.contains("there is no work `FDA-OPTT` in the bibliography; the nearest are `FDA-OPT`"), "{error}");
}

/// Every `[Key1234]` of the sources.
fn cited_keys(text: &str) -> impl Iterator<Item = &str> {
    let inside = text.split('[').skip(1).filter_map(|rest| rest.split_once(']')).map(|(inside, _)| inside);
    inside.filter(|inside| {
        let name = inside.trim_end_matches(|c: char| c.is_ascii_digit());
        let year = &inside[name.len()..];
        let is_name = name.len() > 2 && name.starts_with(char::is_uppercase) && name.chars().all(char::is_alphabetic);
        is_name && name.contains(char::is_lowercase) && year.len() == 4 && (year.starts_with("19") || year.starts_with("20"))
    })
}

#[test]
fn every_key_in_the_sources_is_in_the_bibliography() {
    let bibliography = Templates::built_in().text("references.yaml").to_owned();
    let (mut folders, mut seen, mut unknown) = (vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")], 0, Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for key in cited_keys(&text) {
                seen += 1;
                if !bibliography.contains(&format!("\n{key}:\n")) {
                    unknown.push(format!("{}: {key}", path.display()));
                }
            }
        }
    }
    assert!(seen > 50, "{seen}");
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

#[test]
fn facts_in_sentences_take_their_form_from_the_template() {
    let words = "{{ fact(id=\"efficacy.orr.120mg_qd\", show=\"full\") }} / {{ fact(id=\"efficacy.orr.60mg_qd\") }} / \
                 {{ fact(id=\"efficacy.pfs_median.30mg_qd\", show=\"full\") }} / {{ fact(id=\"comparison.orr_difference.120mg_qd_vs_240mg_qd@randomised\", show=\"full\") }}\n";
    let text = markdown(&from_words(words).unwrap());
    assert!(text.contains("18 of 52 (34.6%; 95% CI 19.7, 49.5) / 3 of 9 (33.3%) / not estimable (95% CI 3.1, not estimable) / \u{2212}7.9 percentage points (95% CI \u{2212}18.2, 2.3)"), "{text}");
}

#[test]
fn templates_loop_over_what_the_evidence_holds() {
    let words = "{% for f in facts(measure=\"efficacy.orr\", compared=true) %}{{ f.dosage }} in {{ f.part }}: {{ fact(id=f.id, show=\"count\") }}; {% endfor %}\n\n\
                 {% for f in facts(measure=\"tolerability.teae_any\", dosage=\"120mg_qd\") %}[{{ f.part }}]{% endfor %}\n\n\
                 {% for f in pairs(measure=\"comparison.orr_difference\") %}{{ f.dosage }} ({{ f.part }}){% endfor %}\n\n\
                 {{ exhibits(code=\"T-E16\") | join(sep=\" and \") }}\n\n\
                 {{ has(id=\"T-E16\") }} {{ has(id=\"T-E04\") }} {{ has(id=\"T-E01\") }} {{ has_fact(id=\"efficacy.orr.120mg_qd\") }} {{ has_fact(id=\"efficacy.orr\") }}\n";
    let text = markdown(&from_words(words).unwrap());
    let expected = "120 mg QD in all parts: 18; 120 mg QD in Randomised expansion: 18; 240 mg QD in all parts: 18; 240 mg QD in Randomised expansion: 18;\n\n\
                    \\[\\]\n\n120 mg QD and 240 mg QD (Randomised expansion)\n\nT-E16 and T-E16@randomised\n\ntrue false false true false\n";
    assert!(text.ends_with(expected), "{text}");
}

const HOSTILE: &str = "<script>alert(1)</script> {{ fact(id=1) }} {% raw %} | a | $x$ \"q\" 'p' \\ \\| `c` *b* _i_ [l](javascript:x) &lt; \u{202E}rtl\u{0} # h";

/// What a reader sees of [`HOSTILE`].
const HOSTILE_SHOWN: &str =
    "<script>alert(1)</script> {{ fact(id=1) }} {% raw %} | a | $x$ \"q\" 'p' \\ \\| `c` *b* _i_ [l](javascript:x) &lt; rtl\u{FFFD} # h";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[test]
fn hostile_text_stays_text_everywhere() {
    let mut evidence = evidence();
    let id = evidence.facts.insert(
        FactId::from("population.hostile.a"),
        Fact { population: HOSTILE.into(), ..fact(HOSTILE, FactValue::Text(HOSTILE.into()), Unit::Text) },
    );
    let cells = vec![
        Cell::Facts(CellPattern::Value, vec![id.clone()]),
        Cell::Text(HOSTILE.into()),
        Cell::Text(format!("=1+1 {}", "x".repeat(10_000))),
    ];
    let column = || Column { head: HOSTILE.into(), n: Some(id.clone()), spanner: Some(HOSTILE.into()) };
    let notes =
        Notes { footnotes: vec![HOSTILE.into()], methods: vec![HOSTILE.into()], datasets: vec![HOSTILE.into()], ..Notes::default() };
    let table = Table { stub: HOSTILE.into(), columns: vec![column(), column(), column()], rows: vec![row(HOSTILE, 1, cells)] };
    evidence.exhibits.push(Exhibit { id: "T-E03".into(), title: format!("{HOSTILE}\nsecond line"), content: Content::Table(table), notes });
    evidence.diagnostics.push(Diagnostic::new("hostile", Severity::Major, HOSTILE, HOSTILE).in_dataset(HOSTILE));
    let mut settings = settings_of(PROJECT);
    settings.dossier.title = HOSTILE.into();
    settings.drug.name = HOSTILE.into();
    settings.decision.as_mut().unwrap().reason = Some(format!("# {HOSTILE}\n\n1. - > {HOSTILE}"));
    let document = composed(&evidence, &settings);
    let page = html(&document);
    assert_well_formed(&page);
    assert!(!page.contains("<script>alert"));
    assert!(!page.contains("href=\"javascript"));
    assert!(!page.contains('\u{202E}'));
    assert!(page.contains(&format!("<h1>{}</h1>", escaped(HOSTILE_SHOWN))));
    assert!(page.matches(&escaped(HOSTILE_SHOWN)).count() > 12, "{}", page.matches(&escaped(HOSTILE_SHOWN)).count());
    assert!(page.contains(&escaped(&format!("# {HOSTILE_SHOWN} 1. - > {HOSTILE_SHOWN}"))), "reason");
    let text = markdown(&document);
    assert!(!text.contains("<script>"), "markdown");
    let exhibit = document.blocks.iter().find_map(|block| match block {
        Block::Exhibit(exhibit) if exhibit.id == "T-E03" => Some(exhibit),
        _ => None,
    });
    let ExhibitBody::Table(table) = &exhibit.unwrap().body else { panic!("no table") };
    let csv = table_csv(table);
    assert_eq!(csv.matches("\r\n").count(), 2);
    assert!(csv.contains(",'=1+1 xxx"), "{csv}");
}

#[test]
fn a_narrative_is_markdown_with_facts_and_without_html() {
    let mut settings = settings_of(PROJECT);
    let narrative = "# Our view\n\nResponse was **{{ fact(id=\"efficacy.orr.120mg_qd\", show=\"count_of\") }}** (see {{ ref(id=\"T-E16\") }}).[^a]\n\n\
                     <img src=x onerror=alert(1)> {{ other }} \u{E000}0\u{E001} ![x](http://example.org/x.png)\n\n```\n<b>{{ code }}</b>\n```\n\n[^a]: A note.\n";
    settings.dossier.narratives.insert("efficacy".into(), narrative.into());
    let page = html(&composed(&evidence(), &settings));
    assert_well_formed(&page);
    assert!(page.contains("Our view"));
    assert!(page.contains(">18 of 52<"));
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt; {{ other }} \u{FFFD}0\u{FFFD} (picture: x)"));
    assert!(page.contains("&lt;b&gt;{{ code }}&lt;/b&gt;"));
    assert!(page.contains("<li id=\"footnote-1\"><p>A note.</p>"));
    assert!(!page.contains("<img src=x"));
}

#[test]
fn a_narrative_that_asks_for_nothing_known_is_an_error() {
    let mut settings = settings_of(PROJECT);
    settings.dossier.narratives.insert("efficacy".into(), "One.\n\nTwo {{ fact(id=\"efficacy.or.120mg_qd\") }}.".into());
    let error = compose(&evidence(), &settings, &draw).unwrap_err().to_string();
    assert!(
        error.starts_with(
            "dossier.narratives.efficacy, line 3: there is no fact `efficacy.or.120mg_qd`; the nearest are `efficacy.orr.120mg_qd`"
        ),
        "{error}"
    );
    settings.dossier.narratives.clear();
    settings.dossier.narratives.insert("eficacy".into(), "Text".into());
    let error = compose(&evidence(), &settings, &draw).unwrap_err().to_string();
    assert!(error.contains("dossier.narratives.eficacy belongs to no section") && error.contains("efficacy"), "{error}");
}

#[test]
fn deep_nesting_is_flattened_and_not_fatal() {
    let mut settings = settings_of(PROJECT);
    settings.dossier.narratives.insert("pk".into(), format!("{}deep\n\n{}x{}", ">".repeat(5_000), "*a ".repeat(3_000), "*".repeat(3_000)));
    let page = html(&composed(&evidence(), &settings));
    assert_well_formed(&page);
    assert!(page.contains("deep"));
}

#[test]
fn every_fact_in_the_text_is_traced() {
    let document = from_words("{{ fact(id=\"efficacy.orr.120mg_qd\") }}\n\n{{ exhibit(id=\"T-E06\") }}\n\n{{ traceability() }}\n").unwrap();
    let text = markdown(&document);
    assert!(text.contains("| `efficacy.orr.120mg_qd`<br>orr, 120 mg QD | 0.34615384615384615 (proportion); 18 of 52 |"), "{text}");
    assert!(text.contains("| ADAE, TRTEMFL = Y and AETOXGR &gt;= 3 | 13 rows: 1, 4, 7"), "{text}");
    assert!(text.contains("**Table 1. Treatment-emergent adverse events by dosage: overview (192 facts)**"), "{text}");
    let page = html(&document);
    assert!(page.contains("<code>dosecase trace efficacy.orr.120mg_qd</code>"));
    assert!(page.contains("Value in full: 0.34615384615384615 (proportion); 18 of 52"));
}

#[test]
fn abbreviations_of_ours_are_explained_only_where_they_are_used() {
    let text = markdown(&from_words("{{ exhibit(id=\"T-E16\") }}\n\n{{ exhibit(id=\"T-E06\") }}\n").unwrap());
    assert!(text.contains("NE (3.1, NE)"), "{text}");
    assert_eq!(text.matches("NE: not estimable").count(), 1, "{text}");
}

#[test]
fn figures_are_pictures_with_words() {
    let document = from_words("{{ exhibit(id=\"F-E02\") }}\n").unwrap();
    let page = html(&document);
    assert!(page.contains("<img alt=\"One bar per subject; most &quot;bars&quot; fall below zero.\" width=\"468\" height=\"300\" src=\"data:image/svg+xml;charset=utf-8,%3Csvg"), "{page}");
    assert!(page.contains("50%25 %26 %22more%22"));
    assert!(markdown(&document).contains("](exhibits/f-e02.svg)"));
    let failing = |_: &ExhibitId, _: &FigureSpec| Err("no ink".into());
    let error = compose_with(&Templates::built_in(), &evidence(), &settings_of(PROJECT), &failing).unwrap_err();
    assert_eq!(error.to_string(), "the figure F-E02 cannot be drawn: no ink");
}

#[test]
fn cells_are_written_as_their_pattern_asks() {
    let id = FactId::from("a.b.c");
    let number = |value: f64, unit: Unit| fact("x", FactValue::Number(value), unit);
    let text = |pattern: CellPattern, facts: &[Fact]| {
        let facts: Vec<(&FactId, &Fact)> = facts.iter().map(|fact| (&id, fact)).collect();
        dosecase::render::document::plain_text(&in_cell(pattern, &facts, Whole::of(facts.iter().map(|(_, fact)| *fact))))
    };
    let interval = |lower, upper| Some(Interval { lower, upper, level: 0.95, method: IntervalMethod::Wilson });
    let orr = Fact { interval: interval(Some(0.1913), Some(0.5219)), ..share("x", 12, 35) };
    let open = Fact { interval: interval(Some(5.42), None), ..number(8.349, Unit::Months) };
    let years = |value| number(value, Unit::Named("years".into()));
    let auc = |value| number(value, Unit::Named("ng*h/mL".into()));
    for (pattern, facts, expected) in [
        (CellPattern::CountPercent, vec![orr.clone()], "12 (34.3%)"),
        (CellPattern::CountPercent, vec![share("x", 0, 35)], "0"),
        (CellPattern::CountPercent, vec![share("x", 35, 35)], "35 (100%)"),
        (CellPattern::CountPercent, vec![share("x", 1, 2001)], "1 (<0.1%)"),
        (CellPattern::CountPercent, vec![share("x", 2000, 2001)], "2000 (>99.9%)"),
        (CellPattern::CountPercent, vec![share("x", 23, 80)], "23 (28.8%)"),
        (CellPattern::CountPercent, vec![Fact { n: Some(0), count: Some(0), ..fact("x", FactValue::NotEstimable, Unit::Proportion) }], "–"),
        (CellPattern::CountOfPercent, vec![orr.clone()], "12/35 (34.3%)"),
        (CellPattern::PercentInterval, vec![orr.clone()], "34.3% (19.1, 52.2)"),
        (
            CellPattern::PercentInterval,
            vec![Fact { interval: interval(Some(0.043), Some(0.777)), ..share("x", 2, 6) }],
            "2/6 (33.3%; 4.3, 77.7)",
        ),
        (CellPattern::CountPercentInterval, vec![orr.clone()], "12/35 (34.3%; 19.1, 52.2)"),
        (CellPattern::Value, vec![share("x", 2, 6)], "2/6 (33.3%)"),
        (CellPattern::Value, vec![orr], "34.3%"),
        (CellPattern::Value, vec![fact("x", FactValue::Count(1260), Unit::Count)], "1260"),
        (CellPattern::Value, vec![number(-0.0001, Unit::Dimensionless)], "\u{2212}0.000100"),
        (CellPattern::Value, vec![number(-0.0, Unit::ProportionDifference)], "0.0"),
        (CellPattern::ValueInterval, vec![open], "8.3 (5.4, NE)"),
        (CellPattern::ValueInterval, vec![fact("x", FactValue::NotEstimable, Unit::Months)], "NE"),
        (CellPattern::MeanSd, vec![years(63.21), years(9.84)], "63.2 (9.8)"),
        (CellPattern::MedianQuartiles, vec![years(63.0), years(55.0), years(71.0)], "63 (55, 71)"),
        (CellPattern::MedianRange, vec![years(63.5), years(41.0), years(84.0)], "63.5 (41.0, 84.0)"),
        (CellPattern::Range, vec![number(41.0, Unit::Days), number(84.0, Unit::Days)], "41.0, 84.0"),
        (CellPattern::GeometricMeanCv, vec![auc(1260.4), number(34.21, Unit::Percent)], "1260 (34.2%)"),
        (
            CellPattern::EventsRate,
            vec![fact("x", FactValue::Count(12), Unit::Count), number(34.52, Unit::PerHundredPatientMonths)],
            "12; 34.5",
        ),
        (CellPattern::ValueAside, vec![auc(909.1)], "909"),
        (CellPattern::ValueAside, vec![auc(8.108), auc(8.333)], "8.11 (8.33)"),
        (CellPattern::ValueAside, vec![auc(37.88), auc(55.91), auc(20.9)], "37.9 (55.9, 20.9)"),
    ] {
        assert_eq!(text(pattern, &facts), expected, "{pattern:?}");
    }
}

#[test]
fn sentences_name_units_and_spell_abbreviations_out() {
    let number = |value: f64, unit: Unit| fact("x", FactValue::Number(value), unit);
    for (fact, show, expected) in [
        (number(84.0, Unit::Days), Show::Auto, "84.0 days"),
        (number(96.25, Unit::Percent), Show::Auto, "96.3%"),
        (number(1260.4, Unit::Named("ng*h/mL".into())), Show::Auto, "1260 ng·h/mL"),
        (number(0.0321, Unit::Dimensionless), Show::PValue, "p = 0.032"),
        (number(0.000_2, Unit::Dimensionless), Show::PValue, "p < 0.001"),
        (number(0.62, Unit::Dimensionless), Show::Auto, "0.62"),
        (fact("x", FactValue::NotEstimable, Unit::Months), Show::Auto, "not estimable"),
        (share("x", 12, 35), Show::Auto, "34.3%"),
        (share("x", 2, 6), Show::Auto, "2 of 6 (33.3%)"),
        (share("x", 12, 35), Show::Count, "12"),
        (share("x", 12, 35), Show::Total, "35"),
        (share("x", 12, 35), Show::CountOf, "12 of 35"),
        (share("x", 12, 35), Show::CountPercent, "12 (34.3%)"),
    ] {
        assert_eq!(in_sentence(&fact, show), expected, "{show:?}");
    }
}
