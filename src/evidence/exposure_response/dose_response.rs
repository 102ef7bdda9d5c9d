//! Dose-response: the test for a signal in T-E18-mcpmod, models and doses in T-E18-dose-response, power in T-E18-power, curves in F-DOSE.

use crate::analysis::exposure_response::dose_response::Goodness;
use crate::analysis::exposure_response::{DoseCurve, DoseFindings, DoseModel, DoseResponseResult, FoundDose};
use crate::config::{ModelSelection, ResponseDirection, Settings};
use crate::derive::AnalysisData;
use crate::evidence::record::interval_note;
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::{Cell, CellPattern, Column, Content, Exhibit, ExhibitId, Facts, Notes, Row, Table, Unit, slug};
use crate::quantity::IntervalMethod;

use super::dose_figure;
use super::dose_ledger::{DoseEntry, DoseLedger};
use super::ledger::Value;

const TEST: &str = "T-E18-mcpmod";
const TEST_TITLE: &str = "Test for a dose-response signal";
const MODELS: &str = "T-E18-dose-response";
const POWER: &str = "T-E18-power";
const NEEDS: [&str; 2] = ["dose_response", "ADRS, ADAE, ADTR or another dataset with parameters: the outcome"];

/// Subjects at a dose below which the normal approximation of its estimate is doubtful.
const FEW_SUBJECTS: usize = 5;

/// An analysis that could be made.
pub(super) type Made<'a> = (&'a DoseResponseResult, &'a DoseFindings);

/// Every exhibit of dose-response; none where the project file asks for none.
pub fn gather_doses(results: &[DoseResponseResult], data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let made: Vec<Made<'_>> = results.iter().filter_map(|result| Some((result, result.found.as_ref().ok()?))).collect();
    let refused: Vec<String> =
        results.iter().filter_map(|result| Some(format!("{}: {}", result.label, result.found.as_ref().err()?))).collect();
    if made.is_empty() {
        let placeholder = || Exhibit::placeholder(ExhibitId::new(TEST, None), TEST_TITLE, refused.join(" "), &NEEDS);
        return if results.is_empty() { Vec::new() } else { vec![placeholder()] };
    }
    let mut exhibits: Vec<Exhibit> = Vec::new();
    for (place, found) in made.iter().enumerate() {
        let code = if place == 0 { TEST.to_owned() } else { format!("{TEST}-{}", slug(&found.0.asked.id).replace('_', "-")) };
        exhibits.push(test_table(&code, *found, data, settings, facts));
    }
    if let Some(first) = exhibits.first_mut() {
        first.notes.footnotes.extend(refused);
    }
    exhibits.push(model_table(&made, data, settings, facts));
    if made.iter().any(|(_, found)| found.power.is_some()) {
        exhibits.push(power_table(&made, data, settings, facts));
    }
    for (place, found) in made.iter().enumerate() {
        let code = if place == 0 { "F-DOSE".to_owned() } else { format!("F-DOSE-{}", slug(&found.0.asked.id).replace('_', "-")) };
        exhibits.push(dose_figure::figure(&code, *found, data, settings, facts));
    }
    exhibits
}

/// Unit of the outcome in facts: of its values, and of their differences.
fn outcome_unit(found: &DoseFindings) -> Unit {
    match (found.sample.binary, found.sample.endpoint.unit.as_deref()) {
        (true, _) => Unit::Proportion,
        (false, Some("%")) => Unit::Percent,
        (false, Some(unit)) => Unit::Named(unit.to_owned()),
        (false, None) => Unit::Dimensionless,
    }
}

fn notes(made: &[Made<'_>], data: &AnalysisData, methods: Vec<String>) -> Notes {
    let mut datasets: Vec<String> =
        made.iter().map(|(_, found)| found.sample.endpoint.dataset.label().to_owned()).chain(["ADSL".to_owned()]).collect();
    datasets.sort();
    datasets.dedup();
    let mut populations: Vec<String> = made.iter().map(|(_, found)| found.sample.panel.population.label(data)).collect();
    populations.dedup();
    let mut assignments: Vec<&str> = made.iter().map(|(_, found)| found.sample.panel.assignment.label()).collect();
    assignments.dedup();
    Notes {
        datasets,
        population: populations.join("; "),
        grouping: format!("Doses {}", assignments.join(" or ")),
        methods,
        abbreviations: ["AIC: Akaike information criterion", "CI: confidence interval", "NE: not estimable, or beyond the doses studied"]
            .map(str::to_owned)
            .to_vec(),
        ..Notes::default()
    }
}

/// Everything that must be said of the data of one analysis.
fn cautions((result, found): Made<'_>) -> String {
    let sample = &found.sample;
    let mut said = Vec::new();
    if !sample.randomised {
        let parts = if sample.parts.is_empty() { String::new() } else { format!(" ({})", sample.parts.join(", ")) };
        said.push(format!(
            "The doses were not all assigned at random against each other{parts}: differences between them may be of the patients or of the time."
        ));
    }
    if !result.asked.control && sample.doses().first().is_some_and(|dose| *dose > 0.0) {
        said.push("Nobody had dose 0: effects are differences from the lowest dose studied.".to_owned());
    }
    if result.asked.control {
        said.push("The comparator stands as dose 0; it is another treatment, not the absence of the drug.".to_owned());
    }
    if !sample.schedules.is_empty() {
        said.push(format!("The schedules differ ({}); the doses are single doses.", sample.schedules.join(", ")));
    }
    if !sample.all_or_none.is_empty() {
        said.push(format!(
            "Everybody or nobody had the event at {}: one half is added to events and to non-events of every dose, which is Firth's penalty in the model with a probability of its own for each dose.",
            sample.all_or_none.join(", ")
        ));
    }
    let few = |(group, level): &(&crate::analysis::grouping::Group, &crate::analysis::exposure_response::DoseLevel)| {
        (level.values.len() < FEW_SUBJECTS).then(|| format!("{} ({})", group.label, level.values.len()))
    };
    let few: Vec<String> = sample.panel.groups.iter().zip(&sample.levels).filter_map(|pair| few(&pair)).collect();
    if sample.binary && !few.is_empty() {
        said.push(format!("Fewer than {FEW_SUBJECTS} subjects at {}: their estimates are far from normal.", few.join(", ")));
    }
    if sample.no_outcome > 0 {
        said.push(format!("{} subjects without the outcome are left out.", sample.no_outcome));
    }
    if sample.assumed_without > 0 {
        said.push(format!("{} subjects without a record count as without the event.", sample.assumed_without));
    }
    if said.is_empty() { "Doses assigned at random.".to_owned() } else { said.join(" ") }
}

/// Estimates by dose, contrasts and tests of the candidate shapes.
fn test_table(code: &str, of: Made<'_>, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let (result, found) = of;
    let sample = &found.sample;
    let scale = if sample.binary { "logit" } else { "mean" };
    let direction = if result.asked.direction == ResponseDirection::Increasing { "a rise" } else { "a fall" };
    let mut notes = notes(
        &[of],
        data,
        vec![
            format!(
                "MCP-Mod: optimal contrasts of the candidate shapes on the {scale} at each dose; one-sided for {direction}, level {}% over all shapes",
                100.0 * result.asked.alpha
            ),
            "Adjusted p: probability, without any effect of dose, of a largest statistic at least as large".to_owned(),
            format!("Observed: {}", observed_note(sample.binary, settings)),
        ],
    );
    if !found.models.is_empty() {
        let percentiles = interval_note(&settings.intervals, IntervalMethod::BootstrapPercentile);
        notes.methods.push(format!("Predicted: {}; {percentiles}", selected_words(of)));
    }
    let mut maker = Maker { ledger: DoseLedger::new(facts, code, of, data, settings) };
    let mut rows = vec![maker.subjects(), maker.observed(), maker.estimates(scale)];
    if let Some(curve) = found.selected(result.asked.selection) {
        rows.push(maker.predicted(curve));
    }
    let mut heading = heading_row("Contrast coefficients of the candidate shapes");
    heading.footnote = Some(footnote(&mut notes, cautions(of)));
    rows.push(heading);
    rows.extend(maker.candidates());
    rows.push(maker.critical());
    maker.headline();
    let spanner = Some(format!("Dose ({})", sample.unit));
    let mut columns: Vec<Column> =
        sample.panel.groups.iter().map(|group| Column { head: group.label.clone(), n: None, spanner: spanner.clone() }).collect();
    let statistic = if found.test.df.is_finite() { "t" } else { "z" };
    columns.extend([statistic, "Adjusted p"].map(|head| Column { head: head.to_owned(), n: None, spanner: None }));
    let content = Content::Table(Table { stub: "Outcome and shape".to_owned(), columns, rows });
    Exhibit { id: ExhibitId::new(code, None), title: format!("{TEST_TITLE}: {}", result.label), content, notes }
}

fn observed_note(binary: bool, settings: &Settings) -> String {
    let method = if binary { settings.intervals.proportion } else { IntervalMethod::StudentT };
    interval_note(&settings.intervals, method)
}

/// The curve by which the project goes on.
pub(super) fn selected_words((result, found): Made<'_>) -> String {
    match (result.asked.selection, found.chosen.and_then(|place| found.models.get(place))) {
        (ModelSelection::Aic, Some(model)) => format!("{} model, by the smallest criterion", model.model.label()),
        (ModelSelection::Average, Some(_)) => "average of the models by their weights".to_owned(),
        (_, None) => "no model, because no contrast shows a signal".to_owned(),
    }
}

/// The models behind the signals, under headings.
fn model_table(made: &[Made<'_>], data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let mut shares: Vec<f64> = made.iter().flat_map(|(result, _)| result.asked.ed.iter().copied()).collect();
    shares.sort_by(f64::total_cmp);
    shares.dedup();
    let replicates: Vec<String> = made.iter().map(|(result, _)| result.asked.replicates.to_string()).collect();
    let mut notes = notes(
        made,
        data,
        vec![
            "Models only of the shapes whose contrast shows a signal; AIC of single values, generalised AIC (gAIC) of logits with their covariance; weights exp(-(criterion - smallest)/2), divided by their sum".to_owned(),
            "Effects are differences of probabilities or means from the lowest dose studied; a dose outside the studied range is never given".to_owned(),
            format!(
                "{} of {} replicates, subjects drawn within each dose; a replicate that does not reach the effect counts as beyond the studied range (NE)",
                interval_note(&settings.intervals, IntervalMethod::BootstrapPercentile),
                replicates.first().map_or("", String::as_str)
            ),
        ],
    );
    let mut rows: Vec<Row> = Vec::new();
    for of in made {
        let (result, found) = *of;
        let mut heading = heading_row(&match result.asked.relevant_effect {
            Some(effect) => format!("{}, relevant effect {}", result.label, effect_words(effect, found)),
            None => result.label.clone(),
        });
        let mut said = cautions(*of);
        said.push_str(&fit_cautions(found));
        heading.footnote = Some(footnote(&mut notes, said));
        rows.push(heading);
        if found.models.is_empty() {
            rows.push(fact_row("No contrast shows a signal: no model and no dose", 1, vec![Cell::NotAvailable; 4 + shares.len()]));
            continue;
        }
        let mut maker = Maker { ledger: DoseLedger::new(facts, MODELS, *of, data, settings) };
        let smallest = found.models.iter().map(|model| model.criterion).fold(f64::INFINITY, f64::min);
        for (place, model) in found.models.iter().enumerate() {
            let mut row = maker.model(model, smallest, &shares);
            if found.chosen == Some(place) && result.asked.selection == ModelSelection::Aic {
                row.footnote = Some(footnote(&mut notes, "Chosen by the smallest criterion: curves and predictions are of this model."));
            }
            rows.push(row);
        }
        if let Some(average) = &found.averaged {
            let mut cells = vec![Cell::NotAvailable, Cell::NotAvailable];
            cells.extend(maker.doses("average", average, &shares));
            rows.push(fact_row("Average of the models", 1, cells));
        }
    }
    let mut heads = vec!["Criterion (above the smallest)".to_owned(), "Weight".to_owned(), "Target dose (CI)".to_owned()];
    heads.push("Replicates that reach the effect".to_owned());
    heads.extend(shares.iter().map(|share| format!("ED{} (CI)", 100.0 * share)));
    let columns = heads.into_iter().map(|head| Column { head, n: None, spanner: None }).collect();
    let content = Content::Table(Table { stub: "Outcome and model".to_owned(), columns, rows });
    let unit = made.first().map(|(_, found)| found.sample.unit.clone()).unwrap_or_default();
    notes.abbreviations.insert(1, "ED50, ED90: smallest dose with 50%, 90% of the largest effect in the studied range".to_owned());
    Exhibit { id: ExhibitId::new(MODELS, None), title: format!("Dose-response models and doses ({unit})"), content, notes }
}

fn effect_words(effect: f64, found: &DoseFindings) -> String {
    match (found.sample.binary, &found.sample.endpoint.unit) {
        (true, _) => format!("{} percentage points", (1e6 * 100.0 * effect).round() / 1e6),
        (false, Some(unit)) => format!("{effect} {unit}"),
        (false, None) => effect.to_string(),
    }
}

/// What belongs to the fits.
fn fit_cautions(found: &DoseFindings) -> String {
    let mut said = String::new();
    for model in &found.models {
        for caution in &model.fit.cautions {
            said.push_str(&format!(" {} model: {caution}.", model.model.label()));
        }
    }
    for (model, reason) in &found.not_fitted {
        said.push_str(&format!(" {} model not fitted: {reason}.", model.label()));
    }
    said.replace(" -", " \u{2212}")
}

/// Power of planned trials, under headings.
fn power_table(made: &[Made<'_>], data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let mut notes = notes(
        made,
        data,
        vec![
            "Power of the contrast test with equal groups at the doses studied, for each candidate shape taken as the truth".to_owned(),
            "Variance of a logit: 1 / (n p (1 - p)) at the probability of the truth; of a mean: from the planned standard deviation"
                .to_owned(),
        ],
    );
    let mut rows: Vec<Row> = Vec::new();
    for of in made {
        let (result, found) = *of;
        let (Some(planned), Some(plan)) = (&found.power, &result.asked.plan) else { continue };
        let what = format!("{}, from {} by {}", result.label, effect_at(plan.at_lowest, found), effect_words(plan.largest_effect, found));
        let mut heading = heading_row(&what);
        let planned = match planned {
            Ok(planned) => planned,
            Err(error) => {
                heading.footnote = Some(footnote(&mut notes, error.to_string()));
                rows.push(heading);
                continue;
            }
        };
        rows.push(heading);
        let mut maker = Maker { ledger: DoseLedger::new(facts, POWER, *of, data, settings) };
        for (place, shape) in found.contrasts.shapes.iter().enumerate() {
            let (Some(power), Some(needed)) = (planned.power.get(place), planned.needed.get(place)) else { continue };
            let name = shape.model.label();
            let key = format!("{}_{place}", shape.model.id());
            let mut cell = |pattern, measure: String, label: String, method: &str, unit, value| {
                let entry = DoseEntry { measure: &measure, dose: None, label: &label, method, unit };
                maker.ledger.cell(pattern, &entry, value)
            };
            let count = |count| Value { count: Some(count), ..Value::default() };
            let n = cell(
                CellPattern::Value,
                format!("power_n_{key}"),
                format!("planned subjects at each dose, {name}"),
                "as the project file plans",
                Unit::Count,
                count(planned.subjects_per_dose),
            );
            let label = format!("power of the contrast test, {name}");
            let value = Value { value: Some(*power), ..Value::default() };
            let power = cell(CellPattern::PercentInterval, format!("power_{key}"), label, "multivariate t", Unit::Proportion, value);
            let label = format!("subjects at each dose for a power of {}%, {name}", 100.0 * planned.wanted);
            let needed = needed.map_or(Cell::Text("more than 20 000".to_owned()), |needed| {
                let method = "smallest number found by doubling and halving";
                cell(CellPattern::Value, format!("power_needed_{key}"), label, method, Unit::Count, count(needed))
            });
            rows.push(fact_row(&capital(name), 1, vec![n, power, needed]));
        }
    }
    let wanted = made.iter().find_map(|(result, _)| result.asked.plan.as_ref()).map_or(0.8, |plan| plan.power);
    let heads =
        ["Subjects at each dose, planned".to_owned(), "Power".to_owned(), format!("Subjects at each dose for {}% power", 100.0 * wanted)];
    let columns = heads.map(|head| Column { head, n: None, spanner: None }).to_vec();
    let content = Content::Table(Table { stub: "Trial and true shape".to_owned(), columns, rows });
    Exhibit { id: ExhibitId::new(POWER, None), title: "Power to find a dose-response signal".to_owned(), content, notes }
}

fn effect_at(value: f64, found: &DoseFindings) -> String {
    if found.sample.binary { format!("{}%", (1e6 * 100.0 * value).round() / 1e6) } else { value.to_string() }
}

fn capital(name: &str) -> String {
    let mut name = name.to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    name
}

/// Makes the rows of one analysis.
struct Maker<'a> {
    ledger: DoseLedger<'a>,
}

impl Maker<'_> {
    /// A row with a cell for each dose and nothing under statistic and p value.
    fn by_dose(&mut self, stub: &str, mut cell: impl FnMut(&mut DoseLedger<'_>, usize) -> Cell) -> Row {
        let doses = self.ledger.found.sample.levels.len();
        let mut cells: Vec<Cell> = (0..doses).map(|place| cell(&mut self.ledger, place)).collect();
        cells.extend([Cell::Empty, Cell::Empty]);
        fact_row(stub, 0, cells)
    }

    fn subjects(&mut self) -> Row {
        self.by_dose("Subjects", |ledger, place| {
            let entry = DoseEntry { measure: "n_at", dose: Some(place), label: "subjects", method: "count of subjects", unit: Unit::Count };
            let count = ledger.found.sample.levels.get(place).map(|level| level.values.len() as u64);
            ledger.cell(CellPattern::Value, &entry, Value { count, ..Value::default() })
        })
    }

    fn observed(&mut self) -> Row {
        let binary = self.ledger.found.sample.binary;
        let stub = if binary { "Observed, n/N (%; CI)" } else { "Observed mean (CI)" };
        let unit = outcome_unit(self.ledger.found);
        self.by_dose(stub, |ledger, place| {
            let method = if binary { "subjects with the event among those of the dose" } else { "mean" };
            let entry = DoseEntry { measure: "observed", dose: Some(place), label: "observed", method, unit: unit.clone() };
            let Some(level) = ledger.found.sample.levels.get(place) else { return Cell::NotAvailable };
            let n = Some(level.values.len() as u64);
            match (&level.proportion, level.mean) {
                (Some(of), _) => {
                    let value = Value { value: of.share(), count: Some(of.count), n, interval: of.interval, ..Value::default() };
                    ledger.cell(CellPattern::CountPercentInterval, &entry, value)
                }
                (None, Some((mean, interval))) => {
                    ledger.cell(CellPattern::ValueInterval, &entry, Value { value: Some(mean), n, interval, ..Value::default() })
                }
                (None, None) => Cell::NotAvailable,
            }
        })
    }

    fn estimates(&mut self, scale: &str) -> Row {
        let stub = format!("{} (standard error)", capital(scale));
        self.by_dose(&stub, |ledger, place| {
            let Some(level) = ledger.found.sample.levels.get(place) else { return Cell::NotAvailable };
            let (estimate, error) = (level.estimate, level.standard_error);
            let entry = |measure, label| DoseEntry {
                measure,
                dose: Some(place),
                label,
                method: "as the models take it",
                unit: Unit::Dimensionless,
            };
            let number = |value| Value { value, ..Value::default() };
            let mut ids = vec![ledger.insert(&entry("estimate", "estimate of the dose"), number(Some(estimate)))];
            ids.push(ledger.insert(&entry("estimate_error", "standard error of the estimate"), number(error)));
            Cell::Facts(CellPattern::ValueAside, ids)
        })
    }

    fn predicted(&mut self, curve: &DoseCurve) -> Row {
        let unit = outcome_unit(self.ledger.found);
        let method = selected_words((self.ledger.result, self.ledger.found));
        self.by_dose("Predicted (CI)", |ledger, place| {
            let Some(point) = curve.at_doses.get(place) else { return Cell::NotAvailable };
            let entry = DoseEntry { measure: "predicted", dose: Some(place), label: "predicted", method: &method, unit: unit.clone() };
            let interval = point.limits.map(|(lower, upper)| ledger.percentiles(Some(lower), Some(upper)));
            let pattern = if unit == Unit::Proportion { CellPattern::PercentInterval } else { CellPattern::ValueInterval };
            ledger.cell(pattern, &entry, Value { value: Some(point.value), interval, ..Value::default() })
        })
    }

    fn candidates(&mut self) -> Vec<Row> {
        let found = self.ledger.found;
        let mut rows = Vec::new();
        for (place, (shape, test)) in found.contrasts.shapes.iter().zip(&found.test.shapes).enumerate() {
            let name = shape.model.label();
            let key = format!("{}_{place}", shape.model.id());
            let mut cells = Vec::new();
            for (dose, coefficient) in found.contrasts.contrasts.get(place).into_iter().flatten().enumerate() {
                let (measure, label) = (format!("contrast_{key}"), format!("contrast coefficient, {name}"));
                let entry = DoseEntry {
                    measure: &measure,
                    dose: Some(dose),
                    label: &label,
                    method: "optimal contrast, length 1",
                    unit: Unit::Dimensionless,
                };
                cells.push(self.ledger.cell(CellPattern::Value, &entry, Value { value: Some(*coefficient), ..Value::default() }));
            }
            let told = [
                ("statistic", "contrast divided by its standard error", test.statistic, CellPattern::Value),
                ("adjusted_p", "p value adjusted for all shapes", test.adjusted_p.value, CellPattern::PValue),
            ];
            for (measure, label, value, pattern) in told {
                let (measure, label) = (format!("{measure}_{key}"), format!("{label}, {name}"));
                let method = "contrast test, one-sided, multivariate t";
                let entry = DoseEntry { measure: &measure, dose: None, label: &label, method, unit: Unit::Dimensionless };
                cells.push(self.ledger.cell(pattern, &entry, Value { value: Some(value), ..Value::default() }));
            }
            rows.push(fact_row(&guessed(&capital(name), &shape.guesses), 1, cells));
        }
        rows
    }

    fn critical(&mut self) -> Row {
        let entry = DoseEntry {
            measure: "critical",
            dose: None,
            label: "critical value of the largest statistic",
            method: "multivariate t",
            unit: Unit::Dimensionless,
        };
        let value = Value { value: Some(self.ledger.found.test.critical_value.value), ..Value::default() };
        let mut cells = vec![Cell::Empty; self.ledger.found.sample.levels.len()];
        cells.push(self.ledger.cell(CellPattern::Value, &entry, value));
        cells.push(Cell::Empty);
        fact_row("Critical value", 1, cells)
    }

    /// Words and numbers that the text quotes.
    fn headline(&mut self) {
        let found = self.ledger.found;
        let best = found.test.shapes.iter().min_by(|a, b| a.adjusted_p.value.total_cmp(&b.adjusted_p.value));
        let signal = found.test.shapes.iter().any(|shape| shape.significant);
        let mut insert = |measure: &str, label: &str, unit: Unit, value: Value| {
            self.ledger.insert(&DoseEntry { measure, dose: None, label, method: "contrast test", unit }, value);
        };
        let count = |count: usize| Value { count: Some(count as u64), ..Value::default() };
        insert("n", "subjects", Unit::Count, count(found.sample.n()));
        insert("doses", "doses studied", Unit::Count, count(found.sample.levels.len()));
        insert("shapes", "shapes tested", Unit::Count, count(found.test.shapes.len()));
        if let Some(best) = best {
            let value = Value { value: Some(best.adjusted_p.value), ..Value::default() };
            insert("p", "smallest adjusted p value", Unit::Dimensionless, value);
        }
        let words = if signal { "a dose-response signal" } else { "no dose-response signal" };
        insert("signal", "result of the test", Unit::Text, Value { words: Some(words.to_owned()), ..Value::default() });
        if signal {
            let words = selected_words((self.ledger.result, found));
            let entry = DoseEntry { measure: "model", dose: None, label: "selected model", method: "criterion", unit: Unit::Text };
            self.ledger.insert(&entry, Value { words: Some(words), ..Value::default() });
        }
        if let Some(curve) = found.selected(self.ledger.result.asked.selection) {
            self.quoted_doses(curve);
        }
    }

    /// The doses of the selected curve, for the text.
    fn quoted_doses(&mut self, curve: &DoseCurve) {
        let shares = self.ledger.result.asked.ed.clone();
        if let Some(target) = &curve.target {
            self.dose("target_dose", "smallest dose with the relevant effect", target);
        }
        for (share, found) in shares.iter().zip(&curve.shares) {
            let percent = (100.0 * share).round();
            self.dose(&format!("ed{percent}"), &format!("smallest dose with {percent}% of the largest effect in the studied range"), found);
        }
    }

    fn model(&mut self, model: &DoseModel, smallest: f64, shares: &[f64]) -> Row {
        let (name, id) = (model.model.label(), model.model.id());
        let (criterion, method) = match model.fit.goodness {
            Goodness::LeastSquares { .. } => ("AIC", "-2 log likelihood + 2 parameters, the variance counted"),
            Goodness::Generalised { .. } => ("gAIC", "generalised sum of squares + 2 parameters"),
        };
        let mut fact = |measure: &str, label: &str, method: &str, value: f64| {
            let (measure, label) = (format!("{measure}_{id}"), format!("{label}, {name}"));
            let entry = DoseEntry { measure: &measure, dose: None, label: &label, method, unit: Unit::Dimensionless };
            self.ledger.insert(&entry, Value { value: Some(value), ..Value::default() })
        };
        let of_criterion = vec![
            fact("criterion", criterion, method, model.criterion),
            fact("criterion_above", &format!("{criterion} above the smallest"), method, model.criterion - smallest),
        ];
        let weight = fact("weight", "weight", "exp(-(criterion - smallest)/2), divided by its sum", model.weight);
        let mut cells = vec![Cell::Facts(CellPattern::ValueAside, of_criterion), Cell::Facts(CellPattern::Value, vec![weight])];
        cells.extend(self.doses(id, &model.curve, shares));
        fact_row(&format!("{} ({criterion})", capital(name)), 1, cells)
    }

    /// Target dose, replicates that reach it, and doses with shares of the effect.
    fn doses(&mut self, key: &str, curve: &DoseCurve, shares: &[f64]) -> Vec<Cell> {
        let mut cells = Vec::new();
        match &curve.target {
            Some(target) => {
                cells.push(self.dose(&format!("target_dose_{key}"), &format!("smallest dose with the relevant effect, {key}"), target));
                let (measure, label) = (format!("reached_{key}"), format!("replicates that reach the relevant effect, {key}"));
                let entry = DoseEntry { measure: &measure, dose: None, label: &label, method: "bootstrap", unit: Unit::Proportion };
                let value = Value { value: Some(target.reached), n: Some(target.replicates as u64), ..Value::default() };
                cells.push(self.ledger.cell(CellPattern::PercentInterval, &entry, value));
            }
            None => cells.extend([Cell::NotAvailable, Cell::NotAvailable]),
        }
        let asked = self.ledger.result.asked.ed.clone();
        for share in shares {
            let place = asked.iter().position(|own| (own - share).abs() < 1e-12);
            let percent = (100.0 * share).round();
            cells.push(place.and_then(|place| curve.shares.get(place)).map_or(Cell::NotAvailable, |found| {
                let label = format!("smallest dose with {percent}% of the largest effect, {key}");
                self.dose(&format!("ed{percent}_{key}"), &label, found)
            }));
        }
        cells
    }

    /// A dose with its interval, or words where none of the doses studied reaches the effect.
    fn dose(&mut self, measure: &str, label: &str, found: &FoundDose) -> Cell {
        let sample = &self.ledger.found.sample;
        let method = "curve between the doses studied, bootstrap";
        let Some(dose) = found.dose else {
            let highest = sample.doses().last().copied().unwrap_or(f64::NAN);
            let words = format!("not reached up to {highest} {}", sample.unit);
            let entry = DoseEntry { measure, dose: None, label, method, unit: Unit::Text };
            return self.ledger.cell(CellPattern::Value, &entry, Value { words: Some(words), ..Value::default() });
        };
        let unit = Unit::Named(sample.unit.clone());
        let interval = (found.replicates > 0).then(|| self.ledger.percentiles(found.lower, found.upper));
        let entry = DoseEntry { measure, dose: None, label, method, unit };
        self.ledger.cell(CellPattern::ValueInterval, &entry, Value { value: Some(dose), interval, ..Value::default() })
    }
}

/// A shape with the guesses of its parameters.
fn guessed(name: &str, guesses: &[f64]) -> String {
    if guesses.is_empty() {
        return name.to_owned();
    }
    let short = |value: &f64| {
        let decimals = (2.0 - value.abs().max(1e-9).log10().floor()).clamp(0.0, 9.0) as usize;
        format!("{value:.decimals$}").replace('-', "\u{2212}")
    };
    format!("{name} ({})", guesses.iter().map(short).collect::<Vec<_>>().join(", "))
}
