//! Exposure-response of efficacy in one place, with matched controls: T-R06.

use crate::analysis::exposure_response::{
    Aspect, BinaryResult, ExposureResponseResult, MatchedEnd, MatchedResult, Modelled, Models, TimeResult, group_key,
};
use crate::config::Settings;
use crate::data::DatasetName;
use crate::derive::AnalysisData;
use crate::evidence::pk::with_unit;
use crate::evidence::record::{columns_read, interval_note};
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::{Cell, CellPattern, Column, Content, Exhibit, ExhibitId, Facts, Notes, Row, Slice, Table, Unit};
use crate::numerics::Table as TwoByTwo;
use crate::numerics::two_proportions::odds_ratio_woolf;
use crate::quantity::{Interval, IntervalMethod};

use super::ledger::{Entry, Ledger, Value};
use super::models::{slope_methods, step, unit};
use super::words::datasets;

const CODE: &str = "T-R06";

/// Every analysis of efficacy under a heading; `None` where there is none.
pub(super) fn table(
    results: &[(&ExposureResponseResult, &Modelled)],
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Option<Exhibit> {
    let of_efficacy = |(_, found): &&(&ExposureResponseResult, &Modelled)| {
        found.sample.endpoint.aspect == Aspect::Efficacy && matches!(found.models, Models::Binary(_) | Models::Time(_))
    };
    let used: Vec<(&ExposureResponseResult, &Modelled)> = results.iter().filter(of_efficacy).copied().collect();
    let (_, first) = used.first()?;
    let (slopes, p) = slope_methods(&used, settings);
    let mut notes = Notes {
        datasets: datasets(&used),
        population: format!("{} with exposure and outcome", first.sample.panel.population.label(data)),
        grouping: "Exposure of each subject, whatever the dosage".to_owned(),
        methods: vec![
            format!("{slopes}; {p}, two-sided, not adjusted for multiplicity"),
            format!("Odds ratio between quartiles: {}", interval_note(&settings.intervals, IntervalMethod::Woolf)),
            "A ratio between groups of exposure does not compare randomised groups".to_owned(),
        ],
        abbreviations: vec!["CI: confidence interval".to_owned(), "NE: not estimable".to_owned()],
        ..Notes::default()
    };
    let mut rows: Vec<Row> = Vec::new();
    for (result, found) in &used {
        let mut heading = heading_row(&result.label);
        heading.footnote = Some(footnote(&mut notes, format!("Exposure: {}.", with_unit(&found.sample.metric.label, Some(&unit(found))))));
        rows.push(heading);
        let ledger = Ledger::new(facts, CODE, (result, &found.sample), data, settings);
        let mut maker = EfficacyRows { ledger, unit: unit(found), level: settings.intervals.level };
        match &found.models {
            Models::Binary(models) => rows.extend(maker.binary(models, &mut notes)),
            Models::Time(models) => rows.extend(maker.time(models, (found, data), &mut notes)),
            Models::Ordinal(_) | Models::Continuous(_) => {}
        }
    }
    let heads = ["N", "Events", "Odds or hazard ratio (CI)", "p value"];
    let columns = heads.map(|head| Column { head: head.to_owned(), n: None, spanner: None }).to_vec();
    let content = Content::Table(Table { stub: "Outcome, model and comparison".to_owned(), columns, rows });
    Some(Exhibit { id: ExhibitId::new(CODE, None), title: "Exposure-response of efficacy".to_owned(), content, notes })
}

/// Makes the rows of one analysis.
struct EfficacyRows<'a> {
    ledger: Ledger<'a>,
    unit: String,
    level: f64,
}

impl EfficacyRows<'_> {
    fn binary(&mut self, models: &BinaryResult, notes: &mut Notes) -> Vec<Row> {
        let chosen = models.analysis.chosen.and_then(|place| models.models.get(place));
        let straight = chosen.filter(|model| model.effect.is_some()).or_else(|| models.models.iter().find(|model| model.effect.is_some()));
        let mut rows = Vec::new();
        if let Some((model, effect)) = straight.and_then(|model| Some((model, model.effect?))) {
            let stub = format!("Odds ratio per {}, {} model", step(effect.step, &self.unit), model.form.label());
            rows.push(self.shown(&stub, "odds_ratio", model.form.id()));
        }
        if let Some(effect) = models.adjusted_effect {
            let stub = format!("Odds ratio per {}, adjusted for {}", step(effect.step, &self.unit), self.covariates());
            rows.push(self.shown(&stub, "odds_ratio", "adjusted"));
        }
        if let Some(effect) = models.within_dose {
            let stub = format!("Odds ratio per {}, dose as a factor beside exposure", step(effect.step, &self.unit));
            rows.push(self.shown(&stub, "odds_ratio", "within_dose"));
        }
        rows.extend(self.outer_groups(models));
        let mut matched = fact_row("Case-matched: no", 1, vec![Cell::NotAvailable; 4]);
        matched.footnote = Some(footnote(notes, "Controls are matched for times to an event only."));
        rows.push(matched);
        rows
    }

    /// Odds of the highest quartile to the lowest.
    fn outer_groups(&mut self, models: &BinaryResult) -> Option<Row> {
        let groups = &models.analysis.groups.as_ref()?.groups;
        let (low, high) = groups.first().zip(groups.last()).filter(|_| groups.len() > 1)?;
        let table = TwoByTwo::new(high.events as u64, high.n as u64, low.events as u64, low.n as u64).ok()?;
        let ratio = odds_ratio_woolf(&table, self.level).ok();
        let interval = ratio.map(|ratio| Interval {
            lower: Some(ratio.lower),
            upper: Some(ratio.upper),
            level: self.level,
            method: IntervalMethod::Woolf,
        });
        let (first, last) = (low.kind.label(), high.kind.label());
        let members = |of: &crate::analysis::exposure_response::exposure_groups::ExposureGroup| {
            let within = |exposure: f64| exposure >= of.minimum && exposure <= of.maximum;
            let subjects = self.ledger.sample.subjects.iter().enumerate();
            subjects.filter(|(_, subject)| within(subject.exposure)).map(|(place, _)| place).collect::<Vec<usize>>()
        };
        let both: Vec<usize> = members(low).into_iter().chain(members(high)).collect();
        let method = "Woolf logit method";
        let cells = [
            ("outer_n", "subjects", Unit::Count, CellPattern::Value, count(low.n + high.n)),
            ("outer_events", "subjects with the event", Unit::Count, CellPattern::Value, count(low.events + high.events)),
            (
                "outer_ratio",
                "odds ratio",
                Unit::Dimensionless,
                CellPattern::ValueInterval,
                Value { value: ratio.map(|ratio| ratio.estimate), interval, ..Value::default() },
            ),
        ]
        .map(|(measure, label, unit, pattern, value)| {
            let entry = Entry { measure, dosage: None, label: format!("{label}, {last} and {first}"), method: method.to_owned(), unit };
            Cell::Facts(pattern, vec![self.ledger.insert_among(entry, value, &both)])
        });
        let stub = format!("Odds ratio, {last} to {first} of exposure");
        Some(fact_row(&stub, 1, cells.into_iter().chain([Cell::NotAvailable]).collect()))
    }

    fn time(&mut self, models: &TimeResult, (found, data): (&Modelled, &AnalysisData), notes: &mut Notes) -> Vec<Row> {
        let mut rows = Vec::new();
        if let Some((model, effect)) = models.straight().and_then(|model| Some((model, model.effect?))) {
            let per = step(effect.step, &self.unit);
            rows.push(self.shown(&format!("Hazard ratio per {per}, {} model", model.form.label()), "hazard_ratio", model.form.id()));
            if model.adjusted.is_some() {
                let stub = format!("Hazard ratio per {per}, adjusted for {}", self.covariates());
                rows.push(self.shown(&stub, "hazard_ratio", "adjusted"));
            }
        }
        if let Some(effect) = models.within_dose {
            let stub = format!("Hazard ratio per {}, dose as a factor beside exposure", step(effect.step, &self.unit));
            rows.push(self.shown(&stub, "hazard_ratio", "within_dose"));
        }
        if let Some((low, high)) =
            models.bands.bands.first().zip(models.bands.bands.last()).filter(|(low, high)| low.position < high.position)
        {
            let (first, last) = (group_key(low.position, models.bands.groups), group_key(high.position, models.bands.groups));
            let ratio = self.ledger.again(CellPattern::ValueInterval, "group_ratio", Some(&last));
            let both: Vec<usize> = low.members.iter().chain(&high.members).copied().collect();
            let events = usize::try_from(low.survival.events + high.survival.events).unwrap_or(usize::MAX);
            let cells =
                [("outer_n", "subjects", both.len()), ("outer_events", "subjects with the event", events)].map(|(measure, label, n)| {
                    let label = format!("{label}, {last} and {first}");
                    let entry = Entry { measure, dosage: None, label, method: "count of subjects".to_owned(), unit: Unit::Count };
                    Cell::Facts(CellPattern::Value, vec![self.ledger.insert_among(entry, count(n), &both)])
                });
            let stub = format!("Hazard ratio, {last} to {first} of exposure");
            rows.push(fact_row(&stub, 1, cells.into_iter().chain([ratio, Cell::NotAvailable]).collect()));
        }
        match &models.matched {
            Ok(matched) => {
                rows.extend(matched.ends.iter().map(|end| self.matched(matched, end, (found, data), notes)).collect::<Vec<Row>>())
            }
            Err(reason) => {
                let mut row = fact_row("Case-matched: no", 1, vec![Cell::NotAvailable; 4]);
                row.footnote = Some(footnote(notes, reason.to_string()));
                rows.push(row);
            }
        }
        rows
    }

    fn matched(&mut self, matched: &MatchedResult, end: &MatchedEnd, (found, data): (&Modelled, &AnalysisData), notes: &mut Notes) -> Row {
        let key = group_key(end.position, matched.groups);
        let exposures = self.ledger.exposure_slice(None);
        let source = Slice { rows: end.exposure_rows.clone(), ..exposures };
        let endpoint = &found.sample.endpoint;
        let columns =
            if endpoint.dataset == DatasetName::Adtte { columns_read(data, DatasetName::Adtte) } else { endpoint.columns.clone() };
        let denominator = Slice::new(endpoint.dataset.label(), endpoint.filter.clone(), columns, end.outcome_rows.clone());
        let interval = self.ledger.wald(end.limits);
        let mut cell = |measure: &str, label: &str, unit: Unit, pattern: CellPattern, value: Value| {
            let entry = Entry {
                measure,
                dosage: Some(key.clone()),
                label: format!("{label}, {key} and matched controls"),
                method: "proportional hazards among matched pairs".to_owned(),
                unit,
            };
            Cell::Facts(pattern, vec![self.ledger.insert_from(entry, value, source.clone(), denominator.clone())])
        };
        let ratio = Value { value: end.ratio, interval, ..Value::default() };
        let cells = vec![
            cell("matched_n", "subjects", Unit::Count, CellPattern::Value, count(2 * end.pairs)),
            cell(
                "matched_events",
                "subjects with the event",
                Unit::Count,
                CellPattern::Value,
                Value { count: Some(end.cases.events + end.controls.events), ..Value::default() },
            ),
            cell("matched_ratio", "hazard ratio", Unit::Dimensionless, CellPattern::ValueInterval, ratio),
            cell("matched_p", "p value", Unit::Dimensionless, CellPattern::PValue, Value { value: end.p_value, ..Value::default() }),
        ];
        let mut row = fact_row(&format!("Hazard ratio, {key} to matched controls ({})", matched.comparator), 1, cells);
        row.footnote = Some(footnote(notes, matching(matched)));
        row
    }

    /// A ratio and its p value that another table shows.
    fn shown(&mut self, stub: &str, ratio: &str, key: &str) -> Row {
        let cells =
            [("n", CellPattern::Value), ("events", CellPattern::Value), (ratio, CellPattern::ValueInterval), ("p", CellPattern::PValue)]
                .map(|(measure, pattern)| self.ledger.again(pattern, &format!("{measure}_{key}"), None));
        fact_row(stub, 1, cells.to_vec())
    }

    fn covariates(&self) -> String {
        self.ledger.sample.covariates.iter().map(|covariate| covariate.name.as_str()).collect::<Vec<_>>().join(" and ")
    }
}

/// How the controls were found, in words.
pub(super) fn matching(matched: &MatchedResult) -> String {
    let parts = if matched.parts.is_empty() {
        String::new()
    } else {
        format!(" in {}, where the comparator was given", matched.parts.join(" and "))
    };
    let ends: Vec<String> = matched
        .ends
        .iter()
        .map(|end| {
            let imbalance = end.imbalance.map_or_else(String::new, |most| format!(", largest standardised difference {most:.2}"));
            format!("{}: {} of {} matched{imbalance}", group_key(end.position, matched.groups), end.pairs, end.candidates)
        })
        .collect();
    format!(
        "Case-matched: groups of exposure among the subjects{parts}. One control given {} to each, from {} with the outcome, by the smallest \
         Mahalanobis distance on {}, nearest pairs first, each subject once, without a largest distance ({}). The ratio is of a regression on the group \
         alone, which does not use the pairing. What was not matched on may differ.",
        matched.comparator,
        matched.controls,
        matched.covariates.join(" and "),
        ends.join("; ")
    )
}

fn count(count: usize) -> Value {
    Value { count: Some(count as u64), ..Value::default() }
}
