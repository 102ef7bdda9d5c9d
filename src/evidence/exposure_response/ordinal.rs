//! Ordered outcomes against exposure: models in T-E18-ordinal, observed and predicted categories at each dosage in T-E18-ordinal-predicted.

use crate::analysis::exposure_response::{
    AtLeast, EndpointSource, ExposureResponseResult, Modelled, OrdinalModel, OrdinalResult, PredictedProbability,
};
use crate::config::Settings;
use crate::data::DatasetName;
use crate::derive::AnalysisData;
use crate::evidence::record::interval_note;
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::{Cell, CellPattern, Column, Content, Exhibit, ExhibitId, Facts, Notes, Row, Table, Unit};
use crate::quantity::IntervalMethod;

use super::ledger::{Entry, Ledger, Value};
use super::models::{mean_exposure, step, unit};
use super::words::{datasets, direction_ordinal, remarks};

pub(super) const CODE: &str = "T-E18-ordinal";
const PREDICTED: &str = "T-E18-ordinal-predicted";

/// An analysis with the models of an ordered outcome.
pub(super) type Ordered<'a> = (&'a ExposureResponseResult, &'a Modelled, &'a OrdinalResult);

/// A category or a higher one in words.
pub(super) fn at_least(endpoint: &EndpointSource, category: usize) -> String {
    match endpoint.categories.get(category) {
        Some(name) if category + 1 == endpoint.categories.len() => name.clone(),
        Some(name) => format!("{name} or better"),
        None if endpoint.dataset == DatasetName::Adae => format!("grade {category} or higher"),
        None => format!("{category} or higher"),
    }
}

fn columns(heads: &[&str]) -> Vec<Column> {
    heads.iter().map(|head| Column { head: (*head).to_owned(), n: None, spanner: None }).collect()
}

fn notes(results: &[Ordered<'_>], data: &AnalysisData, methods: Vec<String>) -> Notes {
    let plain: Vec<(&ExposureResponseResult, &Modelled)> = results.iter().map(|(result, found, _)| (*result, *found)).collect();
    let population = results.first().map(|(_, found, _)| found.sample.panel.population.label(data)).unwrap_or_default();
    Notes {
        datasets: datasets(&plain),
        population: format!("{population} with exposure and outcome, drug dosages only"),
        methods,
        abbreviations: ["AIC: Akaike information criterion", "CI: confidence interval", "NE: not estimable"].map(str::to_owned).to_vec(),
        ..Notes::default()
    }
}

/// The models of every analysis, under headings.
pub(super) fn models(results: &[Ordered<'_>], data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let wald = interval_note(&settings.intervals, IntervalMethod::Wald);
    let methods = vec![
        "Proportional odds by maximum likelihood; slope: change of the log odds of a higher category, the same at every cut".to_owned(),
        format!("{wald}; p values: Wald, two-sided, not adjusted for multiplicity"),
        "Model chosen by the smallest AIC; weights among the models without covariates".to_owned(),
        "Proportional odds: Brant's test that the slope of exposure is the same at every cut; a small p value speaks against one slope"
            .to_owned(),
    ];
    let mut notes = Notes { grouping: "Exposure of each subject, whatever the dosage".to_owned(), ..notes(results, data, methods) };
    let mut rows: Vec<Row> = Vec::new();
    for (result, found, models) in results {
        let mut heading = heading_row(&result.label);
        let mut said = remarks(result, found, settings);
        said.push_str(&uneven(models, &found.sample.endpoint));
        heading.footnote = Some(footnote(&mut notes, said));
        rows.push(heading);
        let mut maker = Maker { ledger: Ledger::new(facts, CODE, (result, &found.sample), data, settings), unit: unit(found) };
        rows.extend(maker.models(models, &mut notes));
        maker.headline(models);
    }
    let heads =
        ["N", "Slope, log odds (CI)", "Odds ratio (CI)", "p value", "AIC (above the smallest)", "Akaike weight", "Proportional odds, p"];
    let content = Content::Table(Table { stub: "Outcome and model".to_owned(), columns: columns(&heads), rows });
    Exhibit { id: ExhibitId::new(CODE, None), title: "Exposure-response models of ordered outcomes".to_owned(), content, notes }
}

/// The slopes by cut where the test speaks against one slope.
fn uneven(models: &OrdinalResult, endpoint: &EndpointSource) -> String {
    let tested = models.chosen().and_then(|model| Some((model.proportionality.as_ref()?, model.effect?)));
    let Some((found, effect)) = tested.filter(|(found, _)| found.test.p_value.is_some_and(|p| p < 0.05)) else { return String::new() };
    let factor = effect.step.factor();
    let told: Vec<String> =
        found.slopes.iter().map(|(cut, slope)| format!("{}: {:.3}", at_least(endpoint, *cut), slope * factor)).collect();
    format!(
        " The odds are not proportional by Brant's test; the one slope is an average over the cuts. Log odds per step at each cut: {}.",
        told.join("; ").replace('-', "\u{2212}")
    )
}

/// Observed and predicted categories of every analysis, under headings.
pub(super) fn predicted(results: &[Ordered<'_>], data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let methods = vec![
        "Predicted by the chosen model at the geometric mean exposure of the dosage's subjects, in percent".to_owned(),
        format!(
            "{}, on the logit scale for predictions; {} for observed proportions",
            interval_note(&settings.intervals, IntervalMethod::Wald),
            settings.intervals.proportion.label()
        ),
        "Averaged over the models: by their Akaike weights".to_owned(),
    ];
    let notes = Notes { grouping: "Rows by treatment received".to_owned(), ..notes(results, data, methods) };
    let mut rows: Vec<Row> = Vec::new();
    for (result, found, models) in results {
        rows.push(heading_row(&result.label));
        let mut maker = Maker { ledger: Ledger::new(facts, PREDICTED, (result, &found.sample), data, settings), unit: unit(found) };
        rows.extend(maker.dosages(models));
    }
    let exposure = mean_exposure(results.iter().map(|(_, found, _)| unit(found)));
    let heads = [exposure.as_str(), "Observed, n/N (%; CI)", "Predicted (CI)", "Averaged over the models"];
    let content = Content::Table(Table { stub: "Dosage and category".to_owned(), columns: columns(&heads), rows });
    Exhibit { id: ExhibitId::new(PREDICTED, None), title: "Observed and predicted categories at each dosage".to_owned(), content, notes }
}

/// Makes the rows of one analysis.
struct Maker<'a> {
    ledger: Ledger<'a>,
    unit: String,
}

impl Maker<'_> {
    fn models(&mut self, models: &OrdinalResult, notes: &mut Notes) -> Vec<Row> {
        let smallest = models.models.iter().filter_map(|model| model.aic).fold(f64::INFINITY, f64::min);
        let mut rows = Vec::new();
        for (place, model) in models.models.iter().enumerate() {
            let mut row = self.model(model, model.form.id(), "", Some(smallest));
            if models.chosen == Some(place) {
                row.footnote = Some(footnote(notes, "Chosen: predictions and curves are of this model."));
            }
            rows.push(row);
        }
        if let Some(model) = &models.adjusted {
            let names: Vec<&str> = self.ledger.sample.covariates.iter().map(|covariate| covariate.name.as_str()).collect();
            let suffix = format!(", adjusted for {}", names.join(" and "));
            rows.push(self.model(model, "adjusted", &suffix, None));
        }
        if let Some(model) = &models.within_dose {
            rows.push(self.model(model, "within_dose", ", dose as a factor beside exposure", None));
        }
        rows
    }

    /// A row; AIC and weight only for models that are compared, which have a smallest AIC.
    fn model(&mut self, model: &OrdinalModel, key: &str, suffix: &str, smallest: Option<f64>) -> Row {
        let mut stub = model.form.label().to_owned();
        if let Some(first) = stub.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        if let Some(effect) = model.effect {
            stub.push_str(&format!(", per {}", step(effect.step, &self.unit)));
        }
        stub.push_str(suffix);
        let n = self.count("n", key, &stub, model.n);
        let effect = model.effect;
        let slope = effect.and_then(|effect| effect.estimate);
        let limits = effect.and_then(|effect| effect.limits);
        let fit = "proportional-odds regression";
        let (wald, raised) = (self.ledger.wald(limits), self.ledger.wald(limits.map(|(lower, upper)| (lower.exp(), upper.exp()))));
        let subjects = Some(model.n as u64);
        let value = |value: Option<f64>, interval| Value { value, n: subjects, interval, ..Value::default() };
        let mut cell = |pattern: CellPattern, measure: &str, label: &str, method: &str, value: Value| {
            let entry = Entry {
                measure: &format!("{measure}_{key}"),
                dosage: None,
                label: format!("{label}, {stub}"),
                method: method.to_owned(),
                unit: Unit::Dimensionless,
            };
            self.ledger.cell(pattern, entry, value)
        };
        let slope_cell = cell(CellPattern::ValueInterval, "slope", "change of the log odds of a higher category", fit, value(slope, wald));
        let ratio = cell(CellPattern::ValueInterval, "odds_ratio", "odds ratio", fit, value(slope.map(f64::exp), raised));
        let p = cell(CellPattern::PValue, "p", "p value", "Wald test, two-sided", value(effect.and_then(|effect| effect.p_value), None));
        let (mut aic_cell, mut weight_cell) = (Cell::NotAvailable, Cell::NotAvailable);
        if let Some((aic, smallest)) = model.aic.zip(smallest) {
            let likelihood = "-2 log likelihood + 2 parameters";
            let both = [("aic", "AIC", aic), ("aic_above", "AIC above the smallest", aic - smallest)]
                .map(|(measure, label, number)| cell(CellPattern::Value, measure, label, likelihood, value(Some(number), None)));
            let ids = both.into_iter().flat_map(|cell| if let Cell::Facts(_, ids) = cell { ids } else { Vec::new() }).collect();
            aic_cell = Cell::Facts(CellPattern::ValueAside, ids);
            let method = "exp(-(AIC - smallest)/2), divided by its sum";
            weight_cell = cell(CellPattern::Value, "weight", "Akaike weight", method, value(model.weight, None));
        }
        let proportional = match &model.proportionality {
            Some(found) => {
                let method = format!("Brant's test over {} cuts", found.slopes.len());
                cell(CellPattern::PValue, "proportional", "test of proportional odds", &method, value(found.test.p_value, None))
            }
            None => Cell::NotAvailable,
        };
        fact_row(&stub, 1, vec![n, slope_cell, ratio, p, aic_cell, weight_cell, proportional])
    }

    fn count(&mut self, measure: &str, key: &str, stub: &str, count: usize) -> Cell {
        let entry = Entry {
            measure: &format!("{measure}_{key}"),
            dosage: None,
            label: format!("subjects, {stub}"),
            method: "count of subjects".to_owned(),
            unit: Unit::Count,
        };
        self.ledger.cell(CellPattern::Value, entry, Value { count: Some(count as u64), ..Value::default() })
    }

    /// Words and numbers that the text quotes.
    fn headline(&mut self, models: &OrdinalResult) {
        let Some(chosen) = models.chosen() else { return };
        let step = chosen.effect.map(|effect| step(effect.step, &self.unit));
        let words = [
            ("model", "chosen model", Some(chosen.form.label().to_owned())),
            ("step", "step of exposure", step.clone()),
            ("direction", "direction", Some(direction_ordinal(chosen.effect).to_owned())),
        ];
        for (measure, label, words) in words {
            let entry = Entry { measure, dosage: None, label: label.to_owned(), method: "chosen model".to_owned(), unit: Unit::Text };
            if words.is_some() {
                self.ledger.insert(entry, Value { words, ..Value::default() });
            }
        }
        let entry = |measure: &'static str, label: String, method: &str, unit: Unit| Entry {
            measure,
            dosage: None,
            label,
            method: method.to_owned(),
            unit,
        };
        let count = Value { count: Some(chosen.n as u64), ..Value::default() };
        self.ledger.insert(entry("n", "subjects".to_owned(), "count of subjects", Unit::Count), count);
        if let Some(effect) = chosen.effect {
            let per = step.unwrap_or_default();
            let interval = self.ledger.wald(effect.limits.map(|(lower, upper)| (lower.exp(), upper.exp())));
            let value = Value { value: effect.estimate.map(f64::exp), n: Some(chosen.n as u64), interval, ..Value::default() };
            self.ledger
                .insert(entry("ratio", format!("odds ratio of a higher category per {per}"), "chosen model", Unit::Dimensionless), value);
            let value = Value { value: effect.p_value, n: Some(chosen.n as u64), ..Value::default() };
            self.ledger.insert(entry("p", "p value".to_owned(), "Wald test, two-sided", Unit::Dimensionless), value);
        }
        if let Some(p) = chosen.proportionality.as_ref().and_then(|found| found.test.p_value) {
            let value = Value { value: Some(p), n: Some(chosen.n as u64), ..Value::default() };
            self.ledger.insert(entry("proportional", "test of proportional odds".to_owned(), "Brant's test", Unit::Dimensionless), value);
        }
    }

    fn dosages(&mut self, models: &OrdinalResult) -> Vec<Row> {
        let groups = self.ledger.sample.panel.groups.clone();
        let mut rows = Vec::new();
        for (place, (group, at)) in groups.iter().zip(&models.dosages).enumerate() {
            let entry = Entry {
                measure: "exposure",
                dosage: Some(group.id.clone()),
                label: format!("mean exposure, {}", group.label),
                method: "geometric mean".to_owned(),
                unit: Unit::Named(self.unit.clone()),
            };
            let id = self.ledger.insert_of(entry, Value { value: Some(at.exposure), n: Some(group.n() as u64), ..Value::default() }, place);
            let exposure = Cell::Facts(CellPattern::Value, vec![id]);
            rows.push(fact_row(&group.label, 1, vec![exposure, Cell::Empty, Cell::Empty, Cell::Empty]));
            for (cut, told) in models.cuts.iter().zip(&at.at_least) {
                let cells = self.category((place, &group.id, &group.label), *cut, told);
                rows.push(fact_row(&at_least(&self.ledger.sample.endpoint, *cut), 2, cells));
            }
        }
        rows
    }

    fn category(&mut self, (place, id, dosage): (usize, &str, &str), cut: usize, told: &AtLeast) -> Vec<Cell> {
        let name = at_least(&self.ledger.sample.endpoint, cut);
        let entry = |measure: &str, label: &str, method: &str| {
            (format!("{measure}_{cut}"), format!("{name}, {label}, {dosage}"), method.to_owned())
        };
        let groups = self.ledger.sample.panel.groups.clone();
        let mut cells = vec![Cell::Empty];
        let (measure, label, method) = entry("observed", "observed", "subjects of the category or a higher one");
        let of = |measure, label, method| Entry { measure, dosage: Some(id.to_owned()), label, method, unit: Unit::Proportion };
        let observed = &told.observed;
        let value = Value {
            value: observed.share(),
            count: Some(observed.count),
            n: Some(observed.n),
            interval: observed.interval,
            ..Value::default()
        };
        cells.push(groups.get(place).map_or(Cell::NotAvailable, |group| {
            let fact = self.ledger.insert_observed(of(&measure, label, method), value, (group, observed.rows.clone()));
            Cell::Facts(CellPattern::CountPercentInterval, vec![fact])
        }));
        let (measure, label, method) = entry("predicted", "predicted", "proportional odds at the mean exposure of the dosage");
        cells.push(told.predicted.map_or(Cell::NotAvailable, |at: PredictedProbability| {
            let value = Value { value: Some(at.probability), interval: self.ledger.wald(at.limits), ..Value::default() };
            Cell::Facts(CellPattern::PercentInterval, vec![self.ledger.insert_of(of(&measure, label, method), value, place)])
        }));
        let (measure, label, method) = entry("averaged", "averaged over the models", "averaged by Akaike weights");
        cells.push(told.average.map_or(Cell::NotAvailable, |average| {
            let value = Value { value: Some(average), ..Value::default() };
            Cell::Facts(CellPattern::PercentInterval, vec![self.ledger.insert_of(of(&measure, label, method), value, place)])
        }));
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::exposure_response::Aspect;
    use crate::config::Better;

    #[test]
    fn categories_have_names_and_grades_have_numbers() {
        let endpoint = |dataset, categories: &[&str]| EndpointSource {
            label: String::new(),
            aspect: Aspect::Safety,
            dataset,
            filter: String::new(),
            event_filter: String::new(),
            columns: Vec::new(),
            unit: None,
            categories: categories.iter().map(|name| (*name).to_owned()).collect(),
            better: Better::Lower,
        };
        assert_eq!(at_least(&endpoint(DatasetName::Adae, &[]), 3), "grade 3 or higher");
        assert_eq!(at_least(&endpoint(DatasetName::Adqs, &[]), 2), "2 or higher");
        let response = endpoint(DatasetName::Adrs, &["progressive disease", "stable disease", "response"]);
        assert_eq!((at_least(&response, 1), at_least(&response, 2)), ("stable disease or better".to_owned(), "response".to_owned()));
    }
}
