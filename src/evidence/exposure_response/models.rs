//! The models of each analysis: T-E18.

use crate::analysis::exposure_response::{
    BinaryResult, Choice, Criterion, Effect, ExposureForm, ExposureResponseResult, FittedModel, GroupedModel, InteractionModel, Modelled,
    Models, Parabola, Saturation, Step, TimeModel, TimeResult,
};
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::evidence::record::interval_note;
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::{Cell, CellPattern, Column, Content, Exhibit, ExhibitId, Facts, Notes, Row, Table, Unit, slug};
use crate::quantity::IntervalMethod;

use super::figures::short;
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
            // Grades and numbers have tables of their own.
            Models::Ordinal(_) | Models::Continuous(_) => {}
        }
    }
    let by_aic = criteria(results).iter().all(|criterion| *criterion == Criterion::Aic);
    let (criterion, weight) =
        if by_aic { ("AIC (above the smallest)", "Akaike weight") } else { ("Criterion (above the smallest)", "Weight by the criterion") };
    let heads = ["N", "Events", "Slope, EC50 or Emax (CI)", "Odds or hazard ratio (CI)", "p value", criterion, weight];
    let columns = heads.map(|head| Column { head: head.to_owned(), n: None, spanner: None }).to_vec();
    let content = Content::Table(Table { stub: "Outcome and model".to_owned(), columns, rows });
    Exhibit { id: ExhibitId::new(CODE, None), title: TITLE.to_owned(), content, notes }
}

/// Rules of choice of the analyses.
fn choices(results: &[(&ExposureResponseResult, &Modelled)]) -> Vec<Choice> {
    let of = |found: &Modelled| match &found.models {
        Models::Binary(models) => models.analysis.choice,
        Models::Time(_) | Models::Ordinal(_) | Models::Continuous(_) => Choice::Smallest(Criterion::Aic),
    };
    let mut choices: Vec<Choice> = Vec::new();
    for (_, found) in results {
        if !choices.contains(&of(found)) {
            choices.push(of(found));
        }
    }
    choices
}

fn criteria(results: &[(&ExposureResponseResult, &Modelled)]) -> Vec<Criterion> {
    choices(results).into_iter().map(Choice::criterion).collect()
}

/// Methods of the intervals of slopes, each once.
fn slope_intervals(results: &[(&ExposureResponseResult, &Modelled)]) -> Vec<IntervalMethod> {
    let effects = |found: &Modelled| -> Vec<Effect> {
        match &found.models {
            Models::Binary(models) => {
                let parabolas = models.models.iter().filter_map(|model| model.parabola.map(|parabola| parabola.linear));
                let of = models.models.iter().filter_map(|model| model.effect).chain(parabolas);
                of.chain(models.adjusted_effect).chain(models.within_dose).collect()
            }
            Models::Time(models) => models.models.iter().flat_map(|model| [model.effect, model.adjusted]).flatten().collect(),
            // Grades and numbers have tables of their own.
            Models::Ordinal(_) | Models::Continuous(_) => Vec::new(),
        }
    };
    let mut methods: Vec<IntervalMethod> = results.iter().flat_map(|(_, found)| effects(found)).map(|effect| effect.method).collect();
    methods.sort();
    methods.dedup();
    methods
}

/// Unit of the exposure.
pub(super) fn unit(found: &Modelled) -> String {
    found.sample.metric.kind.unit.clone().unwrap_or_else(|| "units".to_owned())
}

/// Head of a column of mean exposures, with the unit where they have one.
pub(super) fn mean_exposure(units: impl Iterator<Item = String>) -> String {
    let mut units: Vec<String> = units.collect();
    units.dedup();
    if let [unit] = units.as_slice() { format!("Mean exposure, {unit}") } else { "Mean exposure".to_owned() }
}

/// How the limits of slopes and their p values were computed, in the words of a note.
pub(super) fn slope_methods(results: &[(&ExposureResponseResult, &Modelled)], settings: &Settings) -> (String, &'static str) {
    let methods: Vec<&str> = slope_intervals(results).into_iter().map(IntervalMethod::label).collect();
    let slopes =
        interval_note(&settings.intervals, IntervalMethod::Wald).replace("Wald", &format!("{} (slopes and ratios)", methods.join(" or ")));
    let profiled = methods.iter().any(|method| method.contains("profile"));
    (slopes, if profiled { "p values: likelihood ratio beside profile limits, else Wald" } else { "p values: Wald" })
}

fn notes(results: &[(&ExposureResponseResult, &Modelled)], data: &AnalysisData, settings: &Settings) -> Notes {
    let population = results.first().map(|(_, found)| found.sample.panel.population.label(data)).unwrap_or_default();
    let (slopes, p) = slope_methods(results, settings);
    let mut notes = Notes {
        datasets: datasets(results),
        population: format!("{population} with exposure and outcome, drug dosages only"),
        grouping: "Exposure of each subject, whatever the dosage".to_owned(),
        abbreviations: [
            "AIC: Akaike information criterion, BIC: Bayesian information criterion, AICc: AIC corrected for small samples",
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
        format!("{slopes}; Wald (EC50, on the logarithmic scale, and Emax); {p}, two-sided, not adjusted for multiplicity"),
    ];
    notes.methods.push(
        "Chosen, by the rule that its footnote names, among the models fitted to all subjects whose parameters the data determine; weights among the models without covariates"
            .to_owned(),
    );
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
    criterion: Criterion,
    weight: Option<f64>,
    time: bool,
}

impl<'a> Told<'a> {
    /// A model that is not compared with others.
    fn aside(key: &'a str, stub: String, n: usize, events: usize, effect: Effect) -> Self {
        Self { key, stub, n, events, effect: Some(effect), aic: None, criterion: Criterion::Aic, weight: None, time: false }
    }
}

/// Makes the rows of one analysis.
struct ModelRows<'a> {
    ledger: Ledger<'a>,
    median_unit: String,
}

impl ModelRows<'_> {
    fn binary(&mut self, models: &BinaryResult, notes: &mut Notes) -> Vec<Row> {
        let analysis = &models.analysis;
        let criterion = analysis.choice.criterion();
        let smallest = models.models.iter().filter_map(|model| model.criterion).fold(f64::INFINITY, f64::min);
        let events = self.ledger.sample.events();
        let mut rows = Vec::new();
        for (place, model) in models.models.iter().enumerate() {
            let told = Told {
                key: model.form.id(),
                stub: self.stub(model.form, model.effect.or(model.parabola.map(|parabola| parabola.linear))),
                n: model.n,
                events,
                effect: model.effect,
                aic: model.criterion.map(|value| (value, value - smallest)),
                criterion,
                weight: model.weight,
                time: false,
            };
            let mut made = match (&model.saturation, &model.parabola) {
                (Some(saturation), _) => self.emax(&told, model, saturation),
                (None, Some(parabola)) => self.parabola(told, parabola, notes),
                (None, None) => vec![self.row(&told)],
            };
            if analysis.chosen == Some(place) {
                mark_chosen(&mut made, analysis.choice, notes);
            }
            rows.extend(made);
        }
        if let Some((model, effect)) = models.adjusted.as_ref().zip(models.adjusted_effect) {
            let stub = format!("{}, adjusted for {}", self.stub(model.form, Some(effect)), self.covariates());
            rows.push(self.row(&Told::aside("adjusted", stub, model.n, model.events, effect)));
        }
        if let Some((model, effect)) = analysis.with_dose.as_ref().zip(models.within_dose) {
            let stub = format!("{}, dose as a factor beside exposure", self.stub(model.form, Some(effect)));
            rows.push(self.row(&Told::aside("within_dose", stub, model.n, model.events, effect)));
        }
        for interaction in &models.interactions {
            rows.extend(self.interaction(interaction, notes));
        }
        rows.extend(models.grouped.iter().flat_map(|grouped| self.grouped(grouped, notes)));
        rows
    }

    /// The coefficients of exposure and of its square, a row each.
    fn parabola(&mut self, told: Told<'_>, parabola: &Parabola, notes: &mut Notes) -> Vec<Row> {
        let key = format!("{}_squared", told.key);
        let squared = Told::aside(&key, format!("{}: squared", told.stub), told.n, told.events, parabola.squared);
        let first = self.row(&Told { effect: Some(parabola.linear), ..told });
        let mut second = self.row(&squared);
        for cell in second.cells.iter_mut().take(2) {
            *cell = Cell::Empty;
        }
        let joint = parabola.p_value.map(|p| format!("Both coefficients zero: p {}, likelihood ratio.", p_words(p)));
        let turn = parabola.turn.map(|turn| format!("The curve turns at an exposure of {} {}.", short(turn), self.median_unit));
        let words: Vec<String> = joint.into_iter().chain(turn).collect();
        if !words.is_empty() {
            second.footnote = Some(footnote(notes, words.join(" ")));
        }
        vec![first, second]
    }

    /// What the odds ratio per step of exposure is multiplied by, per unit of the covariate or at a level of it.
    fn interaction(&mut self, interaction: &InteractionModel, notes: &mut Notes) -> Vec<Row> {
        let mut rows = Vec::new();
        for (place, (level, effect)) in interaction.changes.iter().enumerate() {
            let (name, step) = (&interaction.covariate, step(effect.step, &self.median_unit));
            let of = level.as_ref().map_or_else(|| format!("per unit of {name}"), |level| format!("{name} {level}"));
            let stub = format!("Interaction of exposure with {name}: {of}, per {step}");
            let key = format!("interaction_{}_{place}", slug(name));
            let mut row = self.row(&Told::aside(&key, stub, interaction.n, interaction.events, *effect));
            let joint = interaction.p_value.map_or_else(String::new, |p| format!(" No interaction: p {}.", p_words(p)));
            row.footnote = Some(footnote(
                notes,
                format!(
                    "The factor by which the odds ratio of exposure changes, in the model with all covariates.{joint} A test of interaction has little power in a trial of this size: a large p value does not show that the effect of exposure is the same in all patients."
                ),
            ));
            rows.push(row);
        }
        rows
    }

    /// Odds ratios of the quartiles to the lowest.
    fn grouped(&mut self, grouped: &GroupedModel, notes: &mut Notes) -> Vec<Row> {
        let reference = grouped.reference.kind.label();
        let mut rows = Vec::new();
        for (group, effect) in &grouped.groups {
            let stub = format!("Exposure {} against {reference}", group.kind.label());
            let key = format!("group_{}", group.kind.label().to_lowercase());
            let (n, events) = (group.n + grouped.reference.n, group.events + grouped.reference.events);
            let mut row = self.row(&Told::aside(&key, stub, n, events, *effect));
            let joint = grouped.p_value.map_or_else(String::new, |p| format!(" All groups alike: p {}, likelihood ratio.", p_words(p)));
            row.footnote = Some(footnote(
                notes,
                format!("Logistic regression with the quartile of exposure as a factor; N and events of the two groups.{joint}"),
            ));
            rows.push(row);
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
                criterion: Criterion::Aic,
                weight: model.weight,
                time: true,
            };
            let mut made = match &model.saturation {
                Some(saturation) => self.emax_of_time(&told, model, saturation),
                None => vec![self.row(&told)],
            };
            if models.chosen == Some(place) {
                mark_chosen(&mut made, Choice::Smallest(Criterion::Aic), notes);
            }
            rows.extend(made);
        }
        rows.extend(models.straight().and_then(|model| self.adjusted_time(model)));
        if let (Some(effect), Some(model)) = (models.within_dose, models.models.iter().find(|model| model.form == ExposureForm::Linear)) {
            let stub = format!("{}, dose as a factor beside exposure", self.stub(model.form, Some(effect)));
            rows.push(self.row(&Told { time: true, ..Told::aside("within_dose", stub, model.n, model.events, effect) }));
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
        Some(self.row(&Told { time: true, ..Told::aside("adjusted", stub, n, events, effect) }))
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
        let (interval, raised) = (self.ledger.of_effect(effect), self.ledger.of_ratio(effect));
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
        let p_entry =
            Entry { measure: &p_measure, label: format!("p value, {}", told.stub), method: p_method(effect).to_owned(), ..entry.clone() };
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
        let likelihood = match told.criterion {
            Criterion::Aic if told.time => "-2 log partial likelihood + 2 parameters",
            Criterion::Aic => "-2 log likelihood + 2 parameters",
            Criterion::Aicc => "AIC + 2 p (p + 1)/(n - p - 1)",
            Criterion::Bic => "-2 log likelihood + parameters log n",
        };
        let (id, name) = (told.criterion.id(), told.criterion.label());
        let aic = told.aic.map_or(Cell::NotAvailable, |(aic, above)| {
            let ids = vec![
                fact(id, name, likelihood, aic),
                fact(&format!("{id}_above"), &format!("{name} above the smallest"), likelihood, above),
            ];
            Cell::Facts(CellPattern::ValueAside, ids)
        });
        let weight = told.weight.map_or(Cell::NotAvailable, |weight| {
            Cell::Facts(
                CellPattern::Value,
                vec![fact("weight", &format!("{name} weight"), &format!("exp(-({name} - smallest)/2), divided by its sum"), weight)],
            )
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

/// How the p value of an effect was computed.
pub(super) const fn p_method(effect: &Effect) -> &'static str {
    match effect.method {
        IntervalMethod::ProfileLikelihood => "likelihood-ratio test, two-sided",
        IntervalMethod::PenalisedProfileLikelihood => "penalised likelihood-ratio test, two-sided",
        _ => "Wald test, two-sided",
    }
}

/// A p value for running text.
pub(super) fn p_words(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { format!("= {p:.3}") }
}

fn mark_chosen(rows: &mut [Row], choice: Choice, notes: &mut Notes) {
    if let Some(first) = rows.first_mut() {
        let words = format!("{} Predictions and curves are of this model.", choice.sentence());
        first.footnote = Some(footnote(notes, words));
    }
}
