//! What was observed and what the models predict at each dosage: T-E18-predicted.

use crate::analysis::exposure_response::{
    BinaryResult, CandidateBootstrap, ExposureResponseResult, Modelled, Models, Percentiles, PredictedProbability, TimeResult,
};
use crate::analysis::grouping::Group;
use crate::analysis::measure::Proportion;
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::evidence::record::interval_note;
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::{Cell, CellPattern, Column, Content, Exhibit, ExhibitId, Facts, Notes, Row, Table, Unit};
use crate::quantity::IntervalMethod;

use super::ledger::{Entry, Ledger, Value};
use super::models::{mean_exposure, p_method, step, unit};
use super::words::{OPEN_PLATEAU, datasets, direction_binary, direction_time, plateau};

pub(super) const CODE: &str = "T-E18-predicted";
pub(super) const TITLE: &str = "Observed and predicted outcomes at each dosage";

/// Every analysis that could be made, under headings.
pub(super) fn table(
    results: &[(&ExposureResponseResult, &Modelled)],
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Exhibit {
    let mut rows: Vec<Row> = Vec::new();
    let mut footnotes = Notes::default();
    let resampled = results.iter().any(|(_, found)| resampling(found).is_some());
    for (result, found) in results {
        let mut heading = heading_row(&result.label);
        heading.footnote = resampling(found).map(|(models, bootstrap)| footnote(&mut footnotes, refits(models, bootstrap)));
        rows.push(heading);
        let mut maker = PredictionRows { ledger: Ledger::new(facts, CODE, (result, &found.sample), data, settings), unit: unit(found) };
        let mut made = match &found.models {
            Models::Binary(models) => maker.binary(models),
            Models::Time(models) => maker.time(models),
            Models::Ordinal(_) | Models::Continuous(_) => Vec::new(),
        };
        // The column of the bootstrap stands before that of the average, where any analysis has one.
        for row in made.iter_mut().filter(|_| !resampled) {
            row.cells.remove(BOOTSTRAP);
        }
        rows.extend(made);
    }
    let exposure = mean_exposure(results.iter().map(|(_, found)| unit(found)));
    let mut heads = vec![
        exposure.as_str(),
        "Observed, n/N (%; CI)",
        "Predicted (CI)",
        "Bootstrap: median (CI)",
        "Predicted, adjusted (CI)",
        "Averaged over the models",
    ];
    if !resampled {
        heads.remove(BOOTSTRAP);
    }
    let columns = heads.into_iter().map(|head| Column { head: head.to_owned(), n: None, spanner: None }).collect();
    let population = results.first().map(|(_, found)| found.sample.panel.population.label(data)).unwrap_or_default();
    let notes = Notes {
        datasets: datasets(results),
        population: format!("{population} with exposure and outcome, drug dosages only"),
        grouping: "Rows by treatment received".to_owned(),
        methods: vec![
            "Predicted at the geometric mean exposure of the dosage's subjects, in percent; differences in percentage points".to_owned(),
            format!(
                "{}, on the logit scale for probabilities; {} for observed proportions{}",
                interval_note(&settings.intervals, IntervalMethod::Wald),
                settings.intervals.proportion.label(),
                if resampled { format!("; {} for refits", IntervalMethod::BootstrapPercentile.label()) } else { String::new() }
            ),
            "Adjusted: averaged over the covariates of all subjects of the model; averaged over the models: by their weights".to_owned(),
            "Observed, for times: subjects with the event by the cut-off, however long each was followed; not a comparison of risks"
                .to_owned(),
        ],
        abbreviations: vec!["CI: confidence interval".to_owned(), "NE: not estimable".to_owned()],
        footnotes: footnotes.footnotes,
    };
    let content = Content::Table(Table { stub: "Outcome and dosage".to_owned(), columns, rows });
    Exhibit { id: ExhibitId::new(CODE, None), title: TITLE.to_owned(), content, notes }
}

/// Place of the column of the bootstrap.
const BOOTSTRAP: usize = 3;

/// The bootstrap of an analysis that has one.
fn resampling(found: &Modelled) -> Option<(&BinaryResult, &CandidateBootstrap)> {
    let Models::Binary(models) = &found.models else { return None };
    models.bootstrap.as_ref().map(|bootstrap| (&**models, bootstrap))
}

/// What was refitted, how often which model was chosen, and what had no estimate.
fn refits(models: &BinaryResult, bootstrap: &CandidateBootstrap) -> String {
    let made = bootstrap.with_estimate().max(1) as f64;
    let chosen: Vec<String> = models
        .models
        .iter()
        .zip(&bootstrap.chosen)
        .filter(|(_, count)| **count > 0)
        .map(|(model, count)| format!("{} {:.0}%", model.form.label(), 100.0 * f64::from(*count) / made))
        .collect();
    let lost = match bootstrap.without_estimate {
        0 => "every refit had an estimate".to_owned(),
        count => format!("{count} refits had no estimate, because the subjects drawn were separated, and are left out"),
    };
    format!(
        "Bootstrap: {} refits of all models to subjects drawn with replacement (seed {}), the model chosen anew in each by the same rule, so that the percentile limits hold the uncertainty of the choice; chosen: {}; {lost}.",
        bootstrap.settings.refits,
        bootstrap.settings.seed,
        chosen.join(", ")
    )
}

/// Makes the rows of one analysis.
struct PredictionRows<'a> {
    ledger: Ledger<'a>,
    unit: String,
}

impl PredictionRows<'_> {
    fn binary(&mut self, models: &BinaryResult) -> Vec<Row> {
        let chosen = models.chosen().map_or("", |model| model.form().label());
        let effect = models.analysis.chosen.and_then(|place| models.models.get(place)).and_then(|model| model.effect);
        self.headline(chosen, effect.map(|effect| step(effect.step, &self.unit)), direction_binary(models));
        if let (Some(effect), Some(model)) = (effect, models.chosen()) {
            self.slope(effect, ("log odds", "odds ratio"), model.subjects());
        }
        if let Some(words) = plateau(models) {
            self.words("plateau", "plateau", words.to_owned());
        }
        let groups = self.ledger.sample.panel.groups.clone();
        let mut rows = Vec::new();
        for (place, (group, at)) in groups.iter().zip(&models.dosages).enumerate() {
            let exposure = self.exposure(place, group, at.exposure);
            let observed = self.observed(group, &at.observed);
            let predicted = self.probability("predicted", &format!("predicted by the {chosen} model"), (place, group), at.predicted);
            let drawn = models.bootstrap.as_ref().and_then(|bootstrap| bootstrap.at(place, self.ledger.level()));
            let drawn = self.drawn_probability(place, group, drawn);
            let adjusted = self.probability("predicted_adjusted", "predicted by the adjusted model", (place, group), at.adjusted);
            let average = self.average(place, group, at.average);
            rows.push(fact_row(&group.label, 1, vec![exposure, observed, predicted, drawn, adjusted, average]));
        }
        for gain in &models.gains {
            let Some((low, high)) = groups.get(gain.from).zip(groups.get(gain.to)) else { continue };
            let between =
                Between { low, high, what: "predicted difference", method: format!("{chosen} model at mean exposures, delta method") };
            let interval = self.ledger.wald(gain.chosen.limits);
            let value = Value { value: Some(gain.chosen.difference), interval, ..Value::default() };
            let difference = self.between(CellPattern::ValueInterval, "gain", &between, Unit::ProportionDifference, value);
            let drawn = models.bootstrap.as_ref().and_then(|bootstrap| bootstrap.difference(gain.from, gain.to, self.ledger.level()));
            let drawn = self.drawn_difference(&between, drawn);
            let between = Between { what: "difference averaged over the models", method: "averaged by weights".to_owned(), ..between };
            let average = gain.average.map_or(Cell::NotAvailable, |average| {
                let value = Value { value: Some(average), ..Value::default() };
                self.between(CellPattern::Value, "gain_averaged", &between, Unit::ProportionDifference, value)
            });
            let stub = format!("{} minus {}, percentage points", high.label, low.label);
            rows.push(fact_row(&stub, 1, vec![Cell::NotAvailable, Cell::NotAvailable, difference, drawn, Cell::NotAvailable, average]));
        }
        rows
    }

    fn time(&mut self, models: &TimeResult) -> Vec<Row> {
        let chosen = models.chosen.and_then(|place| models.models.get(place));
        let form = chosen.map_or("", |model| model.form.label());
        let effect = chosen.and_then(|model| model.effect);
        self.headline(form, effect.map(|effect| step(effect.step, &self.unit)), direction_time(chosen));
        if let (Some(effect), Some(model)) = (effect, chosen) {
            self.slope(effect, ("log hazard", "hazard ratio"), model.n);
        }
        if models.models.iter().filter_map(|model| model.saturation).any(|saturation| saturation.ec50.is_none()) {
            self.words("plateau", "plateau", OPEN_PLATEAU.to_owned());
        }
        let groups = self.ledger.sample.panel.groups.clone();
        let mut rows = Vec::new();
        for (place, (group, at)) in groups.iter().zip(&models.dosages).enumerate() {
            let exposure = self.exposure(place, group, at.exposure);
            let observed = self.observed(group, &at.observed);
            rows.push(fact_row(&group.label, 1, [vec![exposure, observed], vec![Cell::NotAvailable; 4]].concat()));
        }
        for ratio in &models.ratios {
            let Some((low, high)) = groups.get(ratio.from).zip(groups.get(ratio.to)) else { continue };
            let between =
                Between { low, high, what: "hazard ratio", method: format!("{form} proportional-hazards model at mean exposures") };
            let interval = self.ledger.wald(ratio.limits);
            let value = Value { value: Some(ratio.estimate), interval, ..Value::default() };
            let cell = self.between(CellPattern::ValueInterval, "hazard_ratio", &between, Unit::Dimensionless, value);
            let stub = format!("{} to {}, hazard ratio", high.label, low.label);
            rows.push(fact_row(&stub, 1, [vec![Cell::NotAvailable; 2], vec![cell], vec![Cell::NotAvailable; 3]].concat()));
        }
        rows
    }

    /// Words and counts that the text quotes: the model, the step of exposure, the direction, subjects and events.
    fn headline(&mut self, form: &str, step: Option<String>, direction: &str) {
        let sample = self.ledger.sample;
        let words = [
            ("model", "chosen model", Some(form.to_owned())),
            ("step", "step of exposure", step),
            ("direction", "direction", Some(direction.to_owned())),
        ];
        for (measure, label, words) in words {
            if let Some(words) = words {
                self.words(measure, label, words);
            }
        }
        for (measure, label, count) in [("n", "subjects", sample.subjects.len()), ("events", "subjects with the event", sample.events())] {
            let entry = Entry { measure, dosage: None, label: label.to_owned(), method: "count of subjects".to_owned(), unit: Unit::Count };
            self.ledger.insert(entry, Value { count: Some(count as u64), ..Value::default() });
        }
    }

    fn words(&mut self, measure: &str, label: &str, words: String) {
        let entry = Entry { measure, dosage: None, label: label.to_owned(), method: "chosen model".to_owned(), unit: Unit::Text };
        self.ledger.insert(entry, Value { words: Some(words), ..Value::default() });
    }

    /// Slope, ratio and p value of the chosen model, for the text.
    fn slope(&mut self, effect: crate::analysis::exposure_response::Effect, (scale, ratio): (&str, &str), n: usize) {
        let entry = Entry {
            measure: "slope",
            dosage: None,
            label: format!("change of the {scale} per {}", step(effect.step, &self.unit)),
            method: "chosen model".to_owned(),
            unit: Unit::Dimensionless,
        };
        let n = Some(n as u64);
        let (interval, raised) = (self.ledger.of_effect(&effect), self.ledger.of_ratio(&effect));
        let per = step(effect.step, &self.unit);
        self.ledger.insert(entry.clone(), Value { value: effect.estimate, n, interval, ..Value::default() });
        let of_ratio = Entry { measure: "ratio", label: format!("{ratio} per {per}"), ..entry.clone() };
        self.ledger.insert(of_ratio, Value { value: effect.estimate.map(f64::exp), n, interval: raised, ..Value::default() });
        let of_p = Entry { measure: "p", label: "p value".to_owned(), method: p_method(&effect).to_owned(), ..entry };
        self.ledger.insert(of_p, Value { value: effect.p_value, n, ..Value::default() });
    }

    fn exposure(&mut self, place: usize, group: &Group, exposure: f64) -> Cell {
        let entry = Entry {
            measure: "exposure",
            dosage: Some(group.id.clone()),
            label: format!("mean exposure, {}", group.label),
            method: "geometric mean".to_owned(),
            unit: Unit::Named(self.unit.clone()),
        };
        let id = self.ledger.insert_of(entry, Value { value: Some(exposure), n: Some(group.n() as u64), ..Value::default() }, place);
        Cell::Facts(CellPattern::Value, vec![id])
    }

    fn observed(&mut self, group: &Group, observed: &Proportion) -> Cell {
        let entry = Entry {
            measure: "observed",
            dosage: Some(group.id.clone()),
            label: format!("observed, {}", group.label),
            method: "subjects with the event among those with exposure and outcome".to_owned(),
            unit: Unit::Proportion,
        };
        let value = Value {
            value: observed.share(),
            count: Some(observed.count),
            n: Some(observed.n),
            interval: observed.interval,
            ..Value::default()
        };
        let id = self.ledger.insert_observed(entry, value, (group, observed.rows.clone()));
        Cell::Facts(CellPattern::CountPercentInterval, vec![id])
    }

    fn probability(&mut self, measure: &str, label: &str, (place, group): (usize, &Group), at: Option<PredictedProbability>) -> Cell {
        let Some(at) = at else { return Cell::NotAvailable };
        let entry = Entry {
            measure,
            dosage: Some(group.id.clone()),
            label: format!("{label}, {}", group.label),
            method: format!("{label} at the mean exposure of the dosage"),
            unit: Unit::Proportion,
        };
        let value = Value { value: Some(at.probability), interval: self.ledger.wald(at.limits), ..Value::default() };
        Cell::Facts(CellPattern::PercentInterval, vec![self.ledger.insert_of(entry, value, place)])
    }

    fn drawn_probability(&mut self, place: usize, group: &Group, drawn: Option<Percentiles>) -> Cell {
        let Some(drawn) = drawn else { return Cell::NotAvailable };
        let entry = Entry {
            measure: "predicted_bootstrap",
            dosage: Some(group.id.clone()),
            label: format!("median of the bootstrap predictions, {}", group.label),
            method: "refits of all models to subjects drawn with replacement, the model chosen anew in each".to_owned(),
            unit: Unit::Proportion,
        };
        let interval = self.ledger.limits(Some(drawn.limits), IntervalMethod::BootstrapPercentile);
        let value = Value { value: Some(drawn.median), interval, ..Value::default() };
        Cell::Facts(CellPattern::PercentInterval, vec![self.ledger.insert_of(entry, value, place)])
    }

    fn drawn_difference(&mut self, between: &Between<'_>, drawn: Option<Percentiles>) -> Cell {
        let Some(drawn) = drawn else { return Cell::NotAvailable };
        let between = Between {
            what: "median of the bootstrap differences",
            method: "refits of all models to subjects drawn with replacement, the model chosen anew in each".to_owned(),
            ..*between
        };
        let interval = self.ledger.limits(Some(drawn.limits), IntervalMethod::BootstrapPercentile);
        let value = Value { value: Some(drawn.median), interval, ..Value::default() };
        self.between(CellPattern::ValueInterval, "gain_bootstrap", &between, Unit::ProportionDifference, value)
    }

    fn average(&mut self, place: usize, group: &Group, average: Option<f64>) -> Cell {
        let Some(average) = average else { return Cell::NotAvailable };
        let entry = Entry {
            measure: "predicted_averaged",
            dosage: Some(group.id.clone()),
            label: format!("prediction averaged over the models, {}", group.label),
            method: "averaged by weights".to_owned(),
            unit: Unit::Proportion,
        };
        let id = self.ledger.insert_of(entry, Value { value: Some(average), ..Value::default() }, place);
        Cell::Facts(CellPattern::PercentInterval, vec![id])
    }

    fn between(&mut self, pattern: CellPattern, measure: &str, between: &Between<'_>, unit: Unit, value: Value) -> Cell {
        let entry = Entry {
            measure,
            dosage: Some(format!("{} vs {}", between.high.id, between.low.id)),
            label: format!("{}, {} and {}", between.what, between.high.label, between.low.label),
            method: between.method.clone(),
            unit,
        };
        self.ledger.cell(pattern, entry, value)
    }
}

/// Two dosages and what is told of them.
struct Between<'a> {
    low: &'a Group,
    high: &'a Group,
    what: &'a str,
    method: String,
}
