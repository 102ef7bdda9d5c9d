//! The models of each analysis: T-E18.

use crate::analysis::exposure_response::{
    BinaryResult, Effect, ExposureForm, ExposureResponseResult, FittedModel, Modelled, Models, Saturation, Step, TimeModel, TimeResult,
};
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::evidence::record::interval_note;
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::{Cell, CellPattern, Column, Content, Exhibit, ExhibitId, Facts, Notes, Row, Table, Unit};
use crate::quantity::IntervalMethod;

use super::ledger::{Entry, Ledger, Value};
use super::words::{datasets, remarks};

pub(super) const CODE: &str = "T-E18";
pub(super) const TITLE: &str = "Exposure-response models";

/// Every analysis that could be made, under headings.
pub(super) fn table(
    results: &[(&ExposureResponseResult, &Modelled)],
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Exhibit {
    let mut notes = notes(results, data, settings);
    let mut rows: Vec<Row> = Vec::new();
    for (result, found) in results {
        let mut heading = heading_row(&result.label);
        heading.footnote = Some(footnote(&mut notes, remarks(result, found, settings)));
        rows.push(heading);
        let mut maker = ModelRows { ledger: Ledger::new(facts, CODE, (result, &found.sample), data, settings), median_unit: unit(found) };
        match &found.models {
            Models::Binary(models) => rows.extend(maker.binary(models, &mut notes)),
            Models::Time(models) => rows.extend(maker.time(models, &mut notes)),
        }
    }
    let heads =
        ["N", "Events", "Slope, EC50 or Emax (CI)", "Odds or hazard ratio (CI)", "p value", "AIC (above the smallest)", "Akaike weight"];
    let columns = heads.map(|head| Column { head: head.to_owned(), n: None, spanner: None }).to_vec();
    let content = Content::Table(Table { stub: "Outcome and model".to_owned(), columns, rows });
    Exhibit { id: ExhibitId::new(CODE, None), title: TITLE.to_owned(), content, notes }
}

/// Unit of the exposure.
pub(super) fn unit(found: &Modelled) -> String {
    found.sample.metric.kind.unit.clone().unwrap_or_else(|| "units".to_owned())
}

fn notes(results: &[(&ExposureResponseResult, &Modelled)], data: &AnalysisData, settings: &Settings) -> Notes {
    let population = results.first().map(|(_, found)| found.sample.panel.population.label(data)).unwrap_or_default();
    let wald = interval_note(&settings.intervals, IntervalMethod::Wald);
    let mut notes = Notes {
        datasets: datasets(results),
        population: format!("{population} with exposure and outcome, drug dosages only"),
        grouping: "Exposure of each subject, whatever the dosage".to_owned(),
        abbreviations: [
            "AIC: Akaike information criterion",
            "CI: confidence interval",
            "EC50: exposure with half of the largest change",
            "Emax: largest change of the log odds or of the log hazard",
            "NE: not estimable",
        ]
        .map(str::to_owned)
        .to_vec(),
        ..Notes::default()
    };
    notes.methods = vec![
        "Happened or not: logistic regression by maximum likelihood, by Firth's penalty where there is no maximum; slope: change of the log odds".to_owned(),
        "Times: proportional hazards; slope: change of the log hazard; strata and the handling of ties are in the footnotes".to_owned(),
        format!("{wald}, of EC50 on the logarithmic scale; p values: Wald, two-sided, not adjusted for multiplicity"),
        "Model chosen by the smallest AIC among those fitted to all subjects whose parameters the data determine; weights among the models without covariates".to_owned(),
    ];
    notes
}

/// What a row tells of a model.
struct Told<'a> {
    /// Last part of the measure in fact ids.
    key: &'a str,
    stub: String,
    n: usize,
    events: usize,
    effect: Option<Effect>,
    aic: Option<(f64, f64)>,
    weight: Option<f64>,
    time: bool,
}

/// Makes the rows of one analysis.
struct ModelRows<'a> {
    ledger: Ledger<'a>,
    median_unit: String,
}

impl ModelRows<'_> {
    fn binary(&mut self, models: &BinaryResult, notes: &mut Notes) -> Vec<Row> {
        let analysis = &models.analysis;
        let smallest = models.models.iter().filter_map(|model| model.aic).fold(f64::INFINITY, f64::min);
        let events = self.ledger.sample.events();
        let mut rows = Vec::new();
        for (place, model) in models.models.iter().enumerate() {
            let aic = model.aic.map(|aic| (aic, aic - smallest));
            let told = Told {
                key: model.form.id(),
                stub: self.stub(model.form, model.effect),
                n: model.n,
                events,
                effect: model.effect,
                aic,
                weight: model.weight,
                time: false,
            };
            let mut made =
                if let Some(saturation) = &model.saturation { self.emax(&told, model, saturation) } else { vec![self.row(&told)] };
            if analysis.chosen == Some(place) {
                mark_chosen(&mut made, notes);
            }
            rows.extend(made);
        }
        if let Some((model, effect)) = models.adjusted.as_ref().zip(models.adjusted_effect) {
            let stub = format!("{}, adjusted for {}", self.stub(model.form, Some(effect)), self.covariates());
            let told = Told {
                key: "adjusted",
                stub,
                n: model.n,
                events: model.events,
                effect: Some(effect),
                aic: None,
                weight: None,
                time: false,
            };
            rows.push(self.row(&told));
        }
        if let Some((model, effect)) = analysis.with_dose.as_ref().zip(models.within_dose) {
            let stub = format!("{}, dose as a factor beside exposure", self.stub(model.form, Some(effect)));
            let told = Told {
                key: "within_dose",
                stub,
                n: model.n,
                events: model.events,
                effect: Some(effect),
                aic: None,
                weight: None,
                time: false,
            };
            rows.push(self.row(&told));
        }
        rows
    }

    fn time(&mut self, models: &TimeResult, notes: &mut Notes) -> Vec<Row> {
        let smallest = models.models.iter().filter_map(|model| model.aic).fold(f64::INFINITY, f64::min);
        let mut rows = Vec::new();
        for (place, model) in models.models.iter().enumerate() {
            let told = Told {
                key: model.form.id(),
                stub: self.stub(model.form, model.effect),
                n: model.n,
                events: model.events,
                effect: model.effect,
                aic: model.aic.map(|aic| (aic, aic - smallest)),
                weight: model.weight,
                time: true,
            };
            let mut made = match &model.saturation {
                Some(saturation) => self.emax_of_time(&told, model, saturation),
                None => vec![self.row(&told)],
            };
            if models.chosen == Some(place) {
                mark_chosen(&mut made, notes);
            }
            rows.extend(made);
        }
        rows.extend(models.straight().and_then(|model| self.adjusted_time(model)));
        if let (Some(effect), Some(model)) = (models.within_dose, models.models.iter().find(|model| model.form == ExposureForm::Linear)) {
            let stub = format!("{}, dose as a factor beside exposure", self.stub(model.form, Some(effect)));
            let effect = Some(effect);
            rows.push(self.row(&Told {
                key: "within_dose",
                stub,
                n: model.n,
                events: model.events,
                effect,
                aic: None,
                weight: None,
                time: true,
            }));
        }
        rows
    }

    /// The two parameters of a saturating curve of the log hazard, a row each.
    fn emax_of_time(&mut self, told: &Told<'_>, model: &TimeModel, saturation: &Saturation) -> Vec<Row> {
        let [n, events] = self.counts(told);
        let (aic, weight) = self.criteria(told);
        let mut parameter = |measure: &str, label: &str, unit: Unit, value: Option<f64>, limits: Option<(f64, f64)>| {
            let entry = Entry {
                measure: &format!("{measure}_{}", told.key),
                dosage: None,
                label: format!("{label}, {}", model.form.label()),
                method: "Emax curve of the log hazard by maximum partial likelihood".to_owned(),
                unit,
            };
            let interval = self.ledger.wald(limits);
            self.ledger.cell(CellPattern::ValueInterval, entry, Value { value, n: Some(model.n as u64), interval, ..Value::default() })
        };
        let unit = Unit::Named(self.median_unit.clone());
        let half = parameter("ec50", "exposure with half of the largest change", unit, saturation.ec50, saturation.ec50_limits);
        let largest = parameter("emax", "largest change of the log hazard", Unit::Dimensionless, saturation.emax, saturation.emax_limits);
        let none = || Cell::NotAvailable;
        let second = vec![Cell::Empty, Cell::Empty, largest, none(), none(), Cell::Empty, Cell::Empty];
        vec![
            fact_row(&format!("{}: EC50, {}", told.stub, self.median_unit), 1, vec![n, events, half, none(), none(), aic, weight]),
            fact_row(&format!("{}: Emax, log hazard", told.stub), 1, second),
        ]
    }

    fn adjusted_time(&mut self, model: &TimeModel) -> Option<Row> {
        let (effect, n) = model.adjusted.zip(model.adjusted_n)?;
        let stub = format!("{}, adjusted for {}", self.stub(model.form, Some(effect)), self.covariates());
        let events = model.adjusted_events.unwrap_or(model.events);
        let told = Told { key: "adjusted", stub, n, events, effect: Some(effect), aic: None, weight: None, time: true };
        Some(self.row(&told))
    }

    fn covariates(&self) -> String {
        self.ledger.sample.covariates.iter().map(|covariate| covariate.name.as_str()).collect::<Vec<_>>().join(" and ")
    }

    fn stub(&self, form: ExposureForm, effect: Option<Effect>) -> String {
        let mut words = form.label().to_owned();
        if let Some(first) = words.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        effect.map_or_else(|| words.clone(), |effect| format!("{words}, per {}", step(effect.step, &self.median_unit)))
    }

    fn row(&mut self, told: &Told<'_>) -> Row {
        let (slope, ratio, p_value) = match &told.effect {
            Some(effect) => self.effect(told, effect),
            None => (Cell::NotAvailable, Cell::NotAvailable, Cell::NotAvailable),
        };
        let [n, events] = self.counts(told);
        let (aic, weight) = self.criteria(told);
        fact_row(&told.stub, 1, vec![n, events, slope, ratio, p_value, aic, weight])
    }

    fn counts(&mut self, told: &Told<'_>) -> [Cell; 2] {
        let mut count = |measure: &str, label: &str, count: usize| {
            let entry = Entry {
                measure: &format!("{measure}_{}", told.key),
                dosage: None,
                label: format!("{label}, {}", told.stub),
                method: "count of subjects".to_owned(),
                unit: Unit::Count,
            };
            self.ledger.cell(CellPattern::Value, entry, Value { count: Some(count as u64), ..Value::default() })
        };
        [count("n", "subjects", told.n), count("events", "subjects with the event", told.events)]
    }

    fn effect(&mut self, told: &Told<'_>, effect: &Effect) -> (Cell, Cell, Cell) {
        let scale = if told.time { "log hazard" } else { "log odds" };
        let ratio = if told.time { "hazard_ratio" } else { "odds_ratio" };
        let fitted = match (told.time, effect.penalised) {
            (true, _) => "proportional-hazards regression",
            (false, true) => "logistic regression with Firth's penalty",
            (false, false) => "logistic regression",
        };
        let interval = self.ledger.wald(effect.limits);
        let raised = self.ledger.wald(effect.limits.map(|(lower, upper)| (lower.exp(), upper.exp())));
        let n = Some(told.n as u64);
        let slope_measure = format!("slope_{}", told.key);
        let entry = Entry {
            measure: &slope_measure,
            dosage: None,
            label: format!("change of the {scale}, {}", told.stub),
            method: fitted.to_owned(),
            unit: Unit::Dimensionless,
        };
        let slope = Value { value: effect.estimate, n, interval, ..Value::default() };
        let ratio_measure = format!("{ratio}_{}", told.key);
        let ratio_entry = Entry { measure: &ratio_measure, label: format!("{}, {}", ratio.replace('_', " "), told.stub), ..entry.clone() };
        let ratio = Value { value: effect.estimate.map(f64::exp), n, interval: raised, ..Value::default() };
        let p_measure = format!("p_{}", told.key);
        let p_entry = Entry {
            measure: &p_measure,
            label: format!("p value, {}", told.stub),
            method: "Wald test, two-sided".to_owned(),
            ..entry.clone()
        };
        let p = Value { value: effect.p_value, n, ..Value::default() };
        (
            self.ledger.cell(CellPattern::ValueInterval, entry, slope),
            self.ledger.cell(CellPattern::ValueInterval, ratio_entry, ratio),
            self.ledger.cell(CellPattern::PValue, p_entry, p),
        )
    }

    /// AIC with its distance from the smallest, and the weight.
    fn criteria(&mut self, told: &Told<'_>) -> (Cell, Cell) {
        let mut fact = |measure: &str, label: &str, method: &str, value: f64| {
            let entry = Entry {
                measure: &format!("{measure}_{}", told.key),
                dosage: None,
                label: format!("{label}, {}", told.stub),
                method: method.to_owned(),
                unit: Unit::Dimensionless,
            };
            self.ledger.insert(entry, Value { value: Some(value), n: Some(told.n as u64), ..Value::default() })
        };
        let likelihood = if told.time { "-2 log partial likelihood + 2 parameters" } else { "-2 log likelihood + 2 parameters" };
        let aic = told.aic.map_or(Cell::NotAvailable, |(aic, above)| {
            let ids = vec![fact("aic", "AIC", likelihood, aic), fact("aic_above", "AIC above the smallest", likelihood, above)];
            Cell::Facts(CellPattern::ValueAside, ids)
        });
        let weight = told.weight.map_or(Cell::NotAvailable, |weight| {
            Cell::Facts(CellPattern::Value, vec![fact("weight", "Akaike weight", "exp(-(AIC - smallest)/2), divided by its sum", weight)])
        });
        (aic, weight)
    }

    /// The two parameters of a saturating curve, a row each.
    fn emax(&mut self, told: &Told<'_>, model: &FittedModel, saturation: &Saturation) -> Vec<Row> {
        let [n, events] = self.counts(told);
        let (aic, weight) = self.criteria(told);
        let mut parameter = |measure: &str, label: &str, unit: Unit, value: Option<f64>, limits: Option<(f64, f64)>| {
            let entry = Entry {
                measure: &format!("{measure}_{}", model.form.id()),
                dosage: None,
                label: format!("{label}, {}", model.form.label()),
                method: "Emax curve on the logit scale by maximum likelihood".to_owned(),
                unit,
            };
            let interval = self.ledger.wald(limits);
            self.ledger.cell(CellPattern::ValueInterval, entry, Value { value, n: Some(model.n as u64), interval, ..Value::default() })
        };
        let half = parameter(
            "ec50",
            "exposure with half of the largest change",
            Unit::Named(self.median_unit.clone()),
            saturation.ec50,
            saturation.ec50_limits,
        );
        let largest = parameter("emax", "largest change of the log odds", Unit::Dimensionless, saturation.emax, saturation.emax_limits);
        let none = || Cell::NotAvailable;
        let stub = format!("{}: EC50, {}", told.stub, self.median_unit);
        vec![
            fact_row(&stub, 1, vec![n, events, half, none(), none(), aic, weight]),
            fact_row(
                &format!("{}: Emax, log odds", told.stub),
                1,
                vec![Cell::Empty, Cell::Empty, largest, none(), none(), Cell::Empty, Cell::Empty],
            ),
        ]
    }
}

/// A step of exposure in words: `doubling`, `10000 ng*h/mL more`.
pub(super) fn step(step: Step, unit: &str) -> String {
    match step {
        Step::Doubling => "doubling".to_owned(),
        Step::Units(units) => format!("{units} {unit} more"),
    }
}

fn mark_chosen(rows: &mut [Row], notes: &mut Notes) {
    if let Some(first) = rows.first_mut() {
        first.footnote = Some(footnote(notes, "Chosen: predictions and curves are of this model."));
    }
}
