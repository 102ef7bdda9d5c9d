//! Continuous outcomes against exposure: models in T-E18-continuous, observed and predicted means at each dosage in T-E18-continuous-predicted.

use crate::analysis::exposure_response::dose_response::CurvePoint;
use crate::analysis::exposure_response::{ContinuousModel, ContinuousResult, ExposureResponseResult, Modelled};
use crate::analysis::grouping::Group;
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::evidence::record::interval_note;
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::{Cell, CellPattern, Column, Content, Exhibit, ExhibitId, FactId, Facts, Notes, Row, Table, Unit};
use crate::quantity::IntervalMethod;

use super::ledger::{Entry, Ledger, Value};
use super::models::{mean_exposure, step, unit};
use super::words::{datasets, direction_continuous, remarks};

pub(super) const CODE: &str = "T-E18-continuous";
const PREDICTED: &str = "T-E18-continuous-predicted";

/// An analysis with the models of a continuous outcome.
pub(super) type Measured<'a> = (&'a ExposureResponseResult, &'a Modelled, &'a ContinuousResult);

fn columns(heads: &[&str]) -> Vec<Column> {
    heads.iter().map(|head| Column { head: (*head).to_owned(), n: None, spanner: None }).collect()
}

/// Unit of the outcome in facts.
pub(super) fn outcome_unit(found: &Modelled) -> Unit {
    match found.sample.endpoint.unit.as_deref() {
        Some("%") => Unit::Percent,
        Some(unit) => Unit::Named(unit.to_owned()),
        None => Unit::Dimensionless,
    }
}

/// Name of the outcome with its unit.
pub(super) fn outcome_name(found: &Modelled) -> String {
    match &found.sample.endpoint.unit {
        Some(unit) if !found.sample.endpoint.label.contains(unit.as_str()) => format!("{} ({unit})", found.sample.endpoint.label),
        _ => found.sample.endpoint.label.clone(),
    }
}

fn notes(results: &[Measured<'_>], data: &AnalysisData, methods: Vec<String>) -> Notes {
    let plain: Vec<(&ExposureResponseResult, &Modelled)> = results.iter().map(|(result, found, _)| (*result, *found)).collect();
    let population = results.first().map(|(_, found, _)| found.sample.panel.population.label(data)).unwrap_or_default();
    let abbreviations = [
        "AIC: Akaike information criterion",
        "CI: confidence interval",
        "EC50: exposure with half of the largest change",
        "NE: not estimable",
        "SD: standard deviation",
    ];
    Notes {
        datasets: datasets(&plain),
        population: format!("{population} with exposure and outcome, drug dosages only"),
        methods,
        abbreviations: abbreviations.map(str::to_owned).to_vec(),
        ..Notes::default()
    }
}

/// The models of every analysis, under headings.
pub(super) fn models(results: &[Measured<'_>], data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let methods = vec![
        "Least squares; nonlinear parameters searched over the whole of their ranges; nothing is said outside the observed exposures"
            .to_owned(),
        format!(
            "{}, of EC50 Wald on the logarithmic scale; p values two-sided, not adjusted for multiplicity",
            interval_note(&settings.intervals, IntervalMethod::StudentT)
        ),
        "Model chosen by the smallest AIC among those whose parameters the data determine; weights among the models without covariates"
            .to_owned(),
        "Change between quartiles: mean at the 75th percentile of exposure minus mean at the 25th".to_owned(),
    ];
    let mut notes = Notes { grouping: "Exposure of each subject, whatever the dosage".to_owned(), ..notes(results, data, methods) };
    let mut rows: Vec<Row> = Vec::new();
    for (result, found, models) in results {
        let mut heading = heading_row(&format!("{} [{}]", result.label, outcome_name(found)));
        heading.footnote = Some(footnote(&mut notes, remarks(result, found, settings)));
        rows.push(heading);
        let mut maker = Maker::new(Ledger::new(facts, CODE, (result, &found.sample), data, settings), found);
        rows.extend(maker.models(models, &mut notes));
        maker.headline(models);
    }
    let heads = [
        "N",
        "Slope (CI)",
        "p value",
        "Change between quartiles of exposure (CI)",
        "EC50 (CI)",
        "Residual SD",
        "AIC (above the smallest)",
        "Akaike weight",
    ];
    let content = Content::Table(Table { stub: "Outcome and model".to_owned(), columns: columns(&heads), rows });
    Exhibit { id: ExhibitId::new(CODE, None), title: "Exposure-response models of continuous outcomes".to_owned(), content, notes }
}

/// Observed and predicted means of every analysis, under headings.
pub(super) fn predicted(results: &[Measured<'_>], data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let methods = vec![
        "Predicted at the geometric mean exposure of the dosage's subjects; adjusted: at the mean of the covariates".to_owned(),
        format!("{}; averaged over the models: by their Akaike weights", interval_note(&settings.intervals, IntervalMethod::StudentT)),
    ];
    let notes = Notes { grouping: "Rows by treatment received".to_owned(), ..notes(results, data, methods) };
    let mut rows: Vec<Row> = Vec::new();
    for (result, found, models) in results {
        rows.push(heading_row(&format!("{} [{}]", result.label, outcome_name(found))));
        let mut maker = Maker::new(Ledger::new(facts, PREDICTED, (result, &found.sample), data, settings), found);
        rows.extend(maker.dosages(models));
    }
    let exposure = mean_exposure(results.iter().map(|(_, found, _)| unit(found)));
    let heads = [exposure.as_str(), "N", "Observed mean (CI)", "Observed SD", "Predicted (CI)", "Predicted, adjusted (CI)", "Averaged"];
    let content = Content::Table(Table { stub: "Outcome and dosage".to_owned(), columns: columns(&heads), rows });
    Exhibit { id: ExhibitId::new(PREDICTED, None), title: "Observed and predicted means at each dosage".to_owned(), content, notes }
}

/// Makes the rows of one analysis.
struct Maker<'a> {
    ledger: Ledger<'a>,
    exposure_unit: String,
    unit: Unit,
}

impl<'a> Maker<'a> {
    fn new(ledger: Ledger<'a>, found: &Modelled) -> Self {
        Self { ledger, exposure_unit: unit(found), unit: outcome_unit(found) }
    }

    fn models(&mut self, models: &ContinuousResult, notes: &mut Notes) -> Vec<Row> {
        let smallest = models.models.iter().map(ContinuousModel::aic).fold(f64::INFINITY, f64::min);
        let mut rows = Vec::new();
        for (place, model) in models.models.iter().enumerate() {
            let mut row = self.model(model, model.model.id(), "", Some(smallest));
            if models.chosen == Some(place) {
                row.footnote = Some(footnote(notes, "Chosen: predictions and curves are of this model."));
            }
            rows.push(row);
        }
        if let Some(model) = &models.adjusted {
            let names: Vec<&str> = self.ledger.sample.covariates.iter().map(|covariate| covariate.name.as_str()).collect();
            rows.push(self.model(model, "adjusted", &format!(", adjusted for {}", names.join(" and ")), None));
        }
        if let Some(model) = &models.within_dose {
            rows.push(self.model(model, "within_dose", ", dose as a factor beside exposure", None));
        }
        rows
    }

    fn model(&mut self, model: &ContinuousModel, key: &str, suffix: &str, smallest: Option<f64>) -> Row {
        let mut stub = model.model.label().to_owned();
        if let Some(first) = stub.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        if let Some(effect) = model.effect {
            stub.push_str(&format!(", per {}", step(effect.step, &self.exposure_unit)));
        }
        stub.push_str(suffix);
        let told = Told { key, stub: stub.clone(), n: model.n };
        let count = Value { count: Some(model.n as u64), ..Value::default() };
        let n = self.fact(&told, ("n", "subjects", "count of subjects"), Unit::Count, count);
        let mut cells = vec![Cell::Facts(CellPattern::Value, vec![n])];
        let least_squares = "least squares";
        match model.effect {
            Some(effect) => {
                let interval = self.ledger.student(effect.limits);
                let value = Value { value: effect.estimate, interval, ..Value::default() };
                let slope = self.fact(&told, ("slope", "change of the mean", least_squares), self.unit.clone(), value);
                let value = Value { value: effect.p_value, ..Value::default() };
                let p = self.fact(&told, ("p", "p value", "t test, two-sided"), Unit::Dimensionless, value);
                cells.push(Cell::Facts(CellPattern::ValueInterval, vec![slope]));
                cells.push(Cell::Facts(CellPattern::PValue, vec![p]));
            }
            None => cells.extend([Cell::NotAvailable, Cell::NotAvailable]),
        }
        cells.push(model.change.map_or(Cell::NotAvailable, |(change, limits)| {
            let value = Value { value: Some(change), interval: self.ledger.student(limits), ..Value::default() };
            let what = ("change", "change of the mean between the quartiles of exposure", "least squares, delta method");
            Cell::Facts(CellPattern::ValueInterval, vec![self.fact(&told, what, self.unit.clone(), value)])
        }));
        cells.push(model.half.map_or(Cell::NotAvailable, |(half, limits)| {
            let value = Value { value: Some(half), interval: self.ledger.wald(limits), ..Value::default() };
            let what = ("ec50", "exposure with half of the largest change", least_squares);
            Cell::Facts(CellPattern::ValueInterval, vec![self.fact(&told, what, Unit::Named(self.exposure_unit.clone()), value)])
        }));
        cells.push(model.residual_deviation().map_or(Cell::NotAvailable, |deviation| {
            let what = ("residual_sd", "residual standard deviation", least_squares);
            let value = Value { value: Some(deviation), ..Value::default() };
            Cell::Facts(CellPattern::Value, vec![self.fact(&told, what, self.unit.clone(), value)])
        }));
        cells.extend(self.criteria(&told, model, smallest));
        fact_row(&stub, 1, cells)
    }

    fn criteria(&mut self, told: &Told<'_>, model: &ContinuousModel, smallest: Option<f64>) -> [Cell; 2] {
        let Some(smallest) = smallest else { return [Cell::NotAvailable, Cell::NotAvailable] };
        let likelihood = "-2 log likelihood + 2 parameters, the variance counted";
        let number = |value: f64| Value { value: Some(value), ..Value::default() };
        let aic = self.fact(told, ("aic", "AIC", likelihood), Unit::Dimensionless, number(model.aic()));
        let above =
            self.fact(told, ("aic_above", "AIC above the smallest", likelihood), Unit::Dimensionless, number(model.aic() - smallest));
        let what = ("weight", "Akaike weight", "exp(-(AIC - smallest)/2), divided by its sum");
        let weight = self.fact(told, what, Unit::Dimensionless, Value { value: model.weight, ..Value::default() });
        [Cell::Facts(CellPattern::ValueAside, vec![aic, above]), Cell::Facts(CellPattern::Value, vec![weight])]
    }

    fn fact(&mut self, told: &Told<'_>, (measure, label, method): (&str, &str, &str), unit: Unit, value: Value) -> FactId {
        let entry = Entry {
            measure: &format!("{measure}_{}", told.key),
            dosage: None,
            label: format!("{label}, {}", told.stub),
            method: method.to_owned(),
            unit,
        };
        self.ledger.insert(entry, Value { n: Some(told.n as u64), ..value })
    }

    /// Words and numbers that the text quotes.
    fn headline(&mut self, models: &ContinuousResult) {
        let Some(chosen) = models.chosen() else { return };
        let change = chosen.change.map(|(change, limits)| (change, self.ledger.student(limits)));
        let mut insert = |measure: &str, label: &str, method: &str, unit: Unit, value: Value| {
            let entry = Entry { measure, dosage: None, label: label.to_owned(), method: method.to_owned(), unit };
            self.ledger.insert(entry, value)
        };
        let words = |words: String| Value { words: Some(words), ..Value::default() };
        let direction = direction_continuous(chosen.change.and_then(|(_, limits)| limits));
        insert("model", "chosen model", "chosen model", Unit::Text, words(chosen.model.label().to_owned()));
        insert("direction", "direction", "chosen model", Unit::Text, words(direction.to_owned()));
        insert("n", "subjects", "count of subjects", Unit::Count, Value { count: Some(chosen.n as u64), ..Value::default() });
        if let Some((change, interval)) = change {
            let value = Value { value: Some(change), n: Some(chosen.n as u64), interval, ..Value::default() };
            let label = "change of the mean between the quartiles of exposure";
            insert("change", label, "chosen model, delta method", self.unit.clone(), value);
        }
    }

    fn dosages(&mut self, models: &ContinuousResult) -> Vec<Row> {
        let groups = self.ledger.sample.panel.groups.clone();
        let mut rows = Vec::new();
        for (place, (group, at)) in groups.iter().zip(&models.dosages).enumerate() {
            let of = |measure: &'static str, label: &str, method: &str, unit: Unit| Entry {
                measure,
                dosage: Some(group.id.clone()),
                label: format!("{label}, {}", group.label),
                method: method.to_owned(),
                unit,
            };
            let n = Some(at.n as u64);
            let point = |at: Option<CurvePoint>| {
                at.map(|at| Value { value: Some(at.value), interval: self.ledger.student(at.interval), ..Value::default() })
            };
            let (predicted, adjusted) = (point(at.predicted), point(at.adjusted));
            let mut cell = |pattern: CellPattern, entry: Entry<'_>, value: Option<Value>| {
                value.map_or(Cell::NotAvailable, |value| Cell::Facts(pattern, vec![self.ledger.insert_of(entry, value, place)]))
            };
            let number = |value: f64| Value { value: Some(value), n, ..Value::default() };
            let exposure_unit = Unit::Named(self.exposure_unit.clone());
            let exposure =
                cell(CellPattern::Value, of("exposure", "mean exposure", "geometric mean", exposure_unit), Some(number(at.exposure)));
            let count = Value { count: n, ..Value::default() };
            let subjects = cell(CellPattern::Value, of("n_observed", "subjects", "count of subjects", Unit::Count), Some(count));
            let mean = at.observed.map(|mean| Value { interval: at.interval, ..number(mean) });
            let observed = cell(CellPattern::ValueInterval, of("observed", "observed mean", "mean", self.unit.clone()), mean);
            let spread = at.standard_deviation.map(number);
            let spread =
                cell(CellPattern::Value, of("observed_sd", "observed standard deviation", "standard deviation", self.unit.clone()), spread);
            let by = "chosen model at the mean exposure of the dosage";
            let predicted = cell(CellPattern::ValueInterval, of("predicted", "predicted mean", by, self.unit.clone()), predicted);
            let by = "adjusted model at the mean exposure of the dosage";
            let adjusted =
                cell(CellPattern::ValueInterval, of("predicted_adjusted", "predicted mean, adjusted", by, self.unit.clone()), adjusted);
            let average = at.average.map(|value| Value { value: Some(value), ..Value::default() });
            let by = "averaged by Akaike weights";
            let average =
                cell(CellPattern::Value, of("predicted_averaged", "mean averaged over the models", by, self.unit.clone()), average);
            rows.push(fact_row(&group.label, 1, vec![exposure, subjects, observed, spread, predicted, adjusted, average]));
        }
        rows.extend(self.differences(models, &groups));
        rows
    }

    fn differences(&mut self, models: &ContinuousResult, groups: &[Group]) -> Vec<Row> {
        let chosen = models.chosen().map_or("", |model| model.model.label());
        let mut rows = Vec::new();
        for gain in &models.gains {
            let Some((low, high)) = groups.get(gain.from).zip(groups.get(gain.to)) else { continue };
            let of = |measure: &'static str, what: &str, method: String| Entry {
                measure,
                dosage: Some(format!("{} vs {}", high.id, low.id)),
                label: format!("{what}, {} and {}", high.label, low.label),
                method,
                unit: self.unit.clone(),
            };
            let value = Value { value: Some(gain.difference), interval: self.ledger.student(gain.limits), ..Value::default() };
            let entry = of("gain", "predicted difference", format!("{chosen} model at mean exposures, delta method"));
            let averaged = of("gain_averaged", "difference averaged over the models", "averaged by Akaike weights".to_owned());
            let difference = self.ledger.cell(CellPattern::ValueInterval, entry, value);
            let average = gain.average.map_or(Cell::NotAvailable, |average| {
                self.ledger.cell(CellPattern::Value, averaged, Value { value: Some(average), ..Value::default() })
            });
            let none = || Cell::NotAvailable;
            let cells = vec![none(), none(), none(), none(), difference, none(), average];
            rows.push(fact_row(&format!("{} minus {}", high.label, low.label), 1, cells));
        }
        rows
    }
}

/// The model that a fact is of.
struct Told<'a> {
    /// Last part of the measure in fact ids.
    key: &'a str,
    stub: String,
    n: usize,
}
