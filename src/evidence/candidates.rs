//! The candidate dosages side by side, from what the other analyses found: T-E21.

use crate::analysis::comparison::{Verdict, margin_of};
use crate::config::{Better, Dosage, Settings};

use super::table::{fact_row, footnote, heading_row};
use super::{Cell, CellPattern, Column, Content, Exhibit, ExhibitId, FactId, Facts, Notes, Row, Table, slug};

const CODE: &str = "T-E21";
const TITLE: &str = "Candidate dosages compared";
/// Pairs whose differences have room beside the dosages.
const MOST_PAIRS: usize = 2;

/// A row of a measure.
struct Measure {
    stub: &'static str,
    /// Facts by dosage, as in ids.
    of: &'static str,
    pattern: CellPattern,
    /// Facts of the difference with the margin's name and the better direction.
    difference: Option<(&'static str, &'static str, Better)>,
}

const fn share(stub: &'static str, of: &'static str, difference: Option<(&'static str, &'static str, Better)>) -> Measure {
    Measure { stub, of, pattern: CellPattern::CountOfPercent, difference }
}

const fn value(stub: &'static str, of: &'static str, pattern: CellPattern) -> Measure {
    Measure { stub, of, pattern, difference: None }
}

const ACTIVITY: [Measure; 3] = [
    share("Confirmed objective response, n/N (%)", "efficacy.orr", Some(("comparison.orr_difference", "orr", Better::Higher))),
    value("Progression-free survival, median, months (CI)", "efficacy.pfs_median", CellPattern::ValueInterval),
    value("Overall survival, median, months (CI)", "efficacy.os_median", CellPattern::ValueInterval),
];

const SAFETY: [Measure; 3] = [
    share(
        "Adverse event of grade 3 or higher, n/N (%)",
        "tolerability.teae_grade3plus",
        Some(("comparison.teae_grade3plus_difference", "teae_grade3plus", Better::Lower)),
    ),
    share(
        "Serious adverse event, n/N (%)",
        "tolerability.teae_serious",
        Some(("comparison.teae_serious_difference", "teae_serious", Better::Lower)),
    ),
    share("Fatal adverse event, n/N (%)", "tolerability.teae_fatal", None),
];

const TOLERABILITY: [Measure; 4] = [
    share(
        "Dose reduced for an adverse event, n/N (%)",
        "tolerability.teae_reduction",
        Some(("comparison.teae_reduction_difference", "teae_reduction", Better::Lower)),
    ),
    share(
        "Discontinued for an adverse event, n/N (%)",
        "tolerability.teae_discontinuation",
        Some(("comparison.teae_discontinuation_difference", "teae_discontinuation", Better::Lower)),
    ),
    share("Treatment interrupted for an adverse event, n/N (%)", "tolerability.teae_interruption", None),
    value("Relative dose intensity, median, %", "exposure.rdi_median", CellPattern::Value),
];

const REPORTED: [Measure; 1] =
    [share("Bothered quite a bit or very much by side effects at any time, n/N (%)", "patient_reported.bothered_any", None)];

const UNCERTAINTY: [Measure; 2] = [
    value("Follow-up, median, months", "efficacy.followup_median", CellPattern::Value),
    value("Time on treatment, median, months", "exposure.duration_median", CellPattern::Value),
];

/// The table, or a placeholder with the reason. It shows facts of the other analyses, so that these must be there.
pub(super) fn gather(settings: &Settings, facts: &Facts) -> Exhibit {
    let candidates = candidates(settings);
    if candidates.len() < 2 {
        let needs = ["dosages: at least two of the drug", "decision.alternatives"];
        return Exhibit::placeholder(ExhibitId::new(CODE, None), TITLE, "Fewer than two candidate dosages are known.", &needs);
    }
    let part = shared_part(settings, &candidates, facts);
    let matrix = Matrix { settings, facts, pairs: pairs(settings, &candidates), candidates, part };
    let (rows, missing) = matrix.rows();
    let notes = matrix.notes(&rows, &missing);
    let content = Content::Table(Table { stub: "What is compared".to_owned(), columns: matrix.columns(), rows });
    let label = matrix.part.and_then(|id| settings.parts.iter().find(|part| part.id == id)).map(|part| part.label.as_str());
    let title = label.map_or_else(|| TITLE.to_owned(), |label| format!("{TITLE}: {label}"));
    Exhibit { id: ExhibitId::new(CODE, None), title, content, notes }
}

/// The proposed dosage and its alternatives, in the order of the project file; without a decision every dosage of the drug.
fn candidates(settings: &Settings) -> Vec<&Dosage> {
    let decision = settings.decision.as_ref();
    let named = decision.is_some_and(|decision| !decision.alternatives.is_empty());
    let wanted = |dosage: &&Dosage| match decision.filter(|_| named) {
        Some(decision) => dosage.id == decision.proposed || decision.alternatives.contains(&dosage.id),
        None => !dosage.comparator,
    };
    settings.dosages.iter().filter(wanted).collect()
}

/// The part in which at least two of the dosages were assigned at random; the first one of several.
fn shared_part<'a>(settings: &'a Settings, candidates: &[&Dosage], facts: &Facts) -> Option<&'a str> {
    let held = |part: &str, dosage: &str| {
        ["efficacy.orr", "tolerability.teae_any"]
            .iter()
            .any(|measure| facts.get(&FactId::from(format!("{measure}.{}@{}", slug(dosage), slug(part)).as_str())).is_some())
    };
    let several = |part: &str| candidates.iter().filter(|dosage| held(part, &dosage.id)).count() >= 2;
    settings.parts.iter().filter(|part| part.randomised).map(|part| part.id.as_str()).find(|part| several(part))
}

/// The proposed dosage with each other candidate.
fn pairs<'a>(settings: &Settings, candidates: &[&'a Dosage]) -> Vec<(&'a Dosage, &'a Dosage)> {
    let proposed = settings.decision.as_ref().and_then(|decision| candidates.iter().find(|dosage| dosage.id == decision.proposed));
    let of = |proposed: &&'a Dosage| {
        candidates.iter().filter(|other| other.id != proposed.id).map(|other| (*proposed, *other)).collect::<Vec<_>>()
    };
    proposed.map(of).filter(|pairs| pairs.len() <= MOST_PAIRS).unwrap_or_default()
}

struct Matrix<'a> {
    settings: &'a Settings,
    facts: &'a Facts,
    candidates: Vec<&'a Dosage>,
    pairs: Vec<(&'a Dosage, &'a Dosage)>,
    part: Option<&'a str>,
}

impl Matrix<'_> {
    fn columns(&self) -> Vec<Column> {
        let dosages = self.candidates.iter().map(|dosage| Column { head: dosage.label.clone(), n: None, spanner: None });
        let of_pair = |(proposed, other): &(&Dosage, &Dosage)| {
            let spanner = self.order(proposed, other);
            let heads = ["Difference, percentage points (CI)".to_owned(), format!("Reading for {}", proposed.label)];
            heads.map(|head| Column { head, n: None, spanner: Some(spanner.clone()) })
        };
        dosages.chain(self.pairs.iter().flat_map(of_pair)).collect()
    }

    /// The pair in the order of the subtraction: the lower dosage first.
    fn order(&self, proposed: &Dosage, other: &Dosage) -> String {
        let place = |wanted: &Dosage| self.candidates.iter().position(|dosage| dosage.id == wanted.id);
        let (first, second) = if place(proposed) <= place(other) { (proposed, other) } else { (other, proposed) };
        format!("{} minus {}", first.label, second.label)
    }

    /// The rows, and the subjects of which the data hold nothing.
    fn rows(&self) -> (Vec<Row>, Vec<&'static str>) {
        let mut rows = Vec::new();
        let mut missing = Vec::new();
        let mut section = |name: &'static str, made: Vec<Row>| {
            rows.push(heading_row(name));
            if made.is_empty() {
                missing.push(name);
                rows.push(fact_row("No result by dosage", 1, self.wide(Vec::new())));
            }
            rows.extend(made);
        };
        section("Pharmacokinetics, geometric mean (CV)", self.exposures());
        section("Pharmacodynamics", self.found(&[]));
        section("Activity", self.found(&ACTIVITY));
        section("Safety", self.found(&SAFETY));
        section("Tolerability", self.found(&TOLERABILITY));
        section("Patient-reported outcomes", self.found(&REPORTED));
        section("Convenience", self.schedules());
        section("Uncertainty", self.found(&UNCERTAINTY));
        (rows, missing)
    }

    /// Cells up to the full width, blank ones at the end.
    fn wide(&self, mut cells: Vec<Cell>) -> Vec<Cell> {
        let blank = if cells.is_empty() { Cell::NotAvailable } else { Cell::Empty };
        cells.resize(self.candidates.len(), blank);
        cells.resize(self.candidates.len() + 2 * self.pairs.len(), Cell::Empty);
        cells
    }

    fn exposures(&self) -> Vec<Row> {
        let of = |parameter: &String| {
            let ids = |dosage: &&Dosage| {
                ["geomean", "geocv"].map(|what| FactId::new("pk", &format!("{}_{what}", slug(parameter)), None, Some(&dosage.id), None))
            };
            let cell = |dosage: &&Dosage| {
                let ids = ids(dosage).to_vec();
                if ids.iter().all(|id| self.facts.get(id).is_some()) {
                    Cell::Facts(CellPattern::GeometricMeanCv, ids)
                } else {
                    Cell::NotAvailable
                }
            };
            let cells: Vec<Cell> = self.candidates.iter().map(cell).collect();
            let unit =
                self.candidates.iter().filter_map(|dosage| self.facts.get(ids(dosage).first()?)).map(|fact| fact.unit.label()).next()?;
            Some(fact_row(&format!("{parameter}, {unit}"), 1, self.wide(cells)))
        };
        self.settings.pk.parameters.iter().filter_map(of).collect()
    }

    fn schedules(&self) -> Vec<Row> {
        if self.candidates.iter().all(|dosage| dosage.schedule.is_none()) {
            return Vec::new();
        }
        let cell = |dosage: &&Dosage| dosage.schedule.clone().map_or(Cell::NotAvailable, Cell::Text);
        vec![fact_row("Schedule", 1, self.wide(self.candidates.iter().map(cell).collect()))]
    }

    /// The measures of which at least one dosage has a fact.
    fn found(&self, measures: &[Measure]) -> Vec<Row> {
        measures.iter().filter_map(|measure| self.measure(measure)).collect()
    }

    fn measure(&self, measure: &Measure) -> Option<Row> {
        let cell = |dosage: &&Dosage| self.fact(measure.of, &dosage.id).map(|id| Cell::Facts(measure.pattern, vec![id]));
        let cells: Vec<Option<Cell>> = self.candidates.iter().map(cell).collect();
        cells.iter().any(Option::is_some).then_some(())?;
        let mut cells: Vec<Cell> = cells.into_iter().map(|cell| cell.unwrap_or(Cell::NotAvailable)).collect();
        for (proposed, other) in &self.pairs {
            cells.extend(self.pair(measure, proposed, other).unwrap_or([Cell::Empty, Cell::Empty]));
        }
        Some(fact_row(measure.stub, 1, cells))
    }

    /// The difference of a pair and what it says of the proposed dosage.
    fn pair(&self, measure: &Measure, proposed: &Dosage, other: &Dosage) -> Option<[Cell; 2]> {
        let (of, endpoint, better) = measure.difference?;
        let either_way = [(proposed, other, false), (other, proposed, true)];
        let (id, turned) = either_way
            .into_iter()
            .find_map(|(first, second, turned)| Some((self.fact(of, &format!("{} vs {}", first.id, second.id))?, turned)))?;
        let interval = self.facts.get(&id)?.interval?;
        let (lower, upper) = (interval.lower?, interval.upper?);
        let limits = if turned { (-upper, -lower) } else { (lower, upper) };
        let margin = margin_of(self.settings.plan.as_ref(), endpoint).map(|margin| margin.margin);
        let verdict = Verdict::read(limits, better, margin);
        Some([Cell::Facts(CellPattern::ValueInterval, vec![id]), Cell::Text(verdict.words().to_owned())])
    }

    /// The fact of a measure in the part that is shown.
    fn fact(&self, measure: &str, dosage: &str) -> Option<FactId> {
        let part = self.part.map_or_else(String::new, |part| format!("@{}", slug(part)));
        let id = FactId::from(format!("{measure}.{}{part}", slug(dosage)).as_str());
        self.facts.get(&id).map(|_| id)
    }

    fn notes(&self, rows: &[Row], missing: &[&str]) -> Notes {
        let ids = rows.iter().flat_map(|row| &row.cells).filter_map(|cell| if let Cell::Facts(_, ids) = cell { Some(ids) } else { None });
        let held: Vec<_> = ids.flatten().filter_map(|id| self.facts.get(id)).collect();
        let gathered = |of: &dyn Fn(&super::Fact) -> String| {
            let mut all: Vec<String> = held.iter().map(|fact| of(fact)).collect();
            all.sort();
            all.dedup();
            all
        };
        let mut notes = Notes {
            datasets: gathered(&|fact| fact.source.dataset.clone()),
            population: gathered(&|fact| fact.population.clone()).join("; "),
            grouping: "as in the tables that show the values first".to_owned(),
            ..Notes::default()
        };
        notes.abbreviations = ["CI: confidence interval", "CV: coefficient of variation"].map(str::to_owned).to_vec();
        if !self.pairs.is_empty() {
            let rule = "Better or worse: the interval of the difference excludes zero. Not distinguished: it includes zero, which does not show that the two \
                        dosages do the same. Each reading rests on one endpoint and is not adjusted for multiplicity.";
            footnote(&mut notes, rule);
            let margins: Vec<String> = ["orr", "teae_grade3plus", "teae_serious", "teae_reduction", "teae_discontinuation"]
                .into_iter()
                .filter_map(|endpoint| margin_of(self.settings.plan.as_ref(), endpoint))
                .map(|margin| format!("{} {} percentage points", margin.endpoint, 100.0 * margin.margin))
                .collect();
            let said = if margins.is_empty() {
                "No margin of these endpoints was set before the data were seen, so that non-inferiority is not stated.".to_owned()
            } else {
                format!("Non-inferior: the interval includes zero and excludes a loss as large as the margin ({}).", margins.join("; "))
            };
            footnote(&mut notes, said);
        }
        if self.part.is_none() {
            footnote(
                &mut notes,
                "The dosages were not assigned at random to these subjects: differences may reflect differences between patients.",
            );
        } else if rows.iter().any(|row| row.stub.starts_with("Pharmacokinetics")) {
            footnote(&mut notes, "Exposures are those of all study parts together.");
        }
        if !missing.is_empty() {
            footnote(&mut notes, format!("The dossier holds no result by dosage of: {}.", missing.join(", ").to_lowercase()));
        }
        notes
    }
}
