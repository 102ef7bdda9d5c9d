//! Times to an event by group of exposure: T-E18-groups.

use crate::analysis::exposure_response::{
    BandCurve, CompetingResult, ExposureBand, ExposureResponseResult, Modelled, Models, SAFETY_FOLLOW_UP_DAYS, SUBJECTS_PER_GROUP,
    TimeResult, group_key, group_word,
};
use crate::analysis::measure::SurvivalAt;
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::evidence::record::interval_note;
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::{Cell, CellPattern, Column, Content, Exhibit, ExhibitId, Facts, Notes, Row, Table, Unit};
use crate::quantity::{Interval, IntervalMethod};

use super::ledger::{Entry, Ledger, Value};
use super::models::{step, unit};
use super::words::datasets;

const CODE: &str = "T-E18-groups";

/// Months at which the curves are told.
const MONTHS: [f64; 2] = [6.0, 12.0];

/// The groups of each analysis of a time under a heading; `None` where no analysis is of a time.
pub(super) fn table(
    results: &[(&ExposureResponseResult, &Modelled)],
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Option<Exhibit> {
    let times: Vec<(&ExposureResponseResult, &Modelled, &TimeResult)> = results
        .iter()
        .filter_map(|(result, found)| if let Models::Time(models) = &found.models { Some((*result, *found, &**models)) } else { None })
        .collect();
    let (_, first, _) = times.first()?;
    let mut notes = notes(first, &times, data, settings);
    let mut rows: Vec<Row> = Vec::new();
    for (result, found, models) in &times {
        let mut heading = heading_row(&result.label);
        heading.footnote = Some(footnote(&mut notes, told(found, models)));
        rows.push(heading);
        let ledger = Ledger::new(facts, CODE, (result, &found.sample), data, settings);
        rows.extend(
            GroupRows { ledger, models, unit: unit(found), level: settings.intervals.level, kaplan_meier: settings.intervals.kaplan_meier }
                .rows(),
        );
    }
    let heads = [
        "Exposure, range",
        "N",
        "Events",
        "Competing",
        "Median, months (CI)",
        "At 6 months (CI)",
        "At 12 months (CI)",
        "Hazard ratio (CI) or p value",
    ];
    let columns = heads.map(|head| Column { head: head.to_owned(), n: None, spanner: None }).to_vec();
    let content = Content::Table(Table { stub: "Outcome and group of exposure".to_owned(), columns, rows });
    Some(Exhibit { id: ExhibitId::new(CODE, None), title: "Times to event by group of exposure".to_owned(), content, notes })
}

fn notes(first: &Modelled, times: &[(&ExposureResponseResult, &Modelled, &TimeResult)], data: &AnalysisData, settings: &Settings) -> Notes {
    let pairs: Vec<(&ExposureResponseResult, &Modelled)> = times.iter().map(|(result, found, _)| (*result, *found)).collect();
    let mut methods = vec![
        rule(),
        format!(
            "Medians and, without competing events, probabilities at 6 and 12 months: Kaplan-Meier; {}",
            interval_note(&settings.intervals, settings.intervals.kaplan_meier)
        ),
        format!(
            "Hazard ratios of a group: to the group with the lowest exposure, proportional hazards; {}",
            interval_note(&settings.intervals, IntervalMethod::Wald)
        ),
        "Trend: score test on the position of the group; log-rank and trend tests without strata and without covariates".to_owned(),
    ];
    if times.iter().any(|(_, _, models)| models.competing.is_some()) {
        methods.push(
            "With competing events: cumulative incidence at 6 and 12 months by Aalen and Johansen, limits on the log(-log) scale; Gray's test; the \
             cause-specific hazard ends with a competing event as with censoring, the subdistribution hazard of Fine and Gray does not"
                .to_owned(),
        );
    }
    if times.iter().any(|(_, _, models)| !models.recurrences.is_empty()) {
        methods
            .push("Mean number of events per subject: Nelson's estimate, limits on the logarithmic scale by Lawless and Nadeau".to_owned());
    }
    Notes {
        datasets: datasets(&pairs),
        population: format!("{} with exposure and outcome, drug dosages only", first.sample.panel.population.label(data)),
        grouping: "Exposure of each subject, whatever the dosage".to_owned(),
        methods,
        abbreviations: vec!["CI: confidence interval".to_owned(), "NE: not estimable".to_owned()],
        ..Notes::default()
    }
}

/// How many groups there are, in words.
pub(super) fn rule() -> String {
    format!(
        "Exposures are cut at their quantiles (type 7) into quartiles where there are {} subjects or more, into thirds from {} on, otherwise into halves",
        4 * SUBJECTS_PER_GROUP,
        3 * SUBJECTS_PER_GROUP
    )
}

/// What stands under the heading of an analysis.
fn told(found: &Modelled, models: &TimeResult) -> String {
    let mut said = vec![format!("Groups: {}s of exposure, in {}.", group_word(models.bands.groups), unit(found))];
    said[0] = said[0].replace("halfs", "halves");
    if models.competing.is_some() {
        said.push(competing_words(found));
    }
    said.join(" ")
}

/// What competes, in words.
pub(super) fn competing_words(found: &Modelled) -> String {
    if found.sample.endpoint.dataset == crate::data::DatasetName::Adae {
        format!(
            "Days since the first dose; time at risk ends {SAFETY_FOLLOW_UP_DAYS} days after the last dose; death and the end of the time at risk \
             compete; the cut-off censors."
        )
    } else {
        "Competing: the endings and parameters that the project file names.".to_owned()
    }
}

/// Makes the rows of one analysis.
struct GroupRows<'a> {
    ledger: Ledger<'a>,
    models: &'a TimeResult,
    unit: String,
    level: f64,
    kaplan_meier: IntervalMethod,
}

impl GroupRows<'_> {
    fn rows(&mut self) -> Vec<Row> {
        let models = self.models;
        let mut rows: Vec<Row> = models.bands.bands.iter().enumerate().map(|(place, band)| self.group(place, band)).collect();
        for (place, curve) in models.recurrences.iter().enumerate() {
            if let Some(band) = models.bands.bands.get(place) {
                rows.push(self.counts(band, curve));
            }
        }
        let mut tests = vec![
            ("log_rank_p", "Log-rank test across the groups", models.bands.log_rank, "log-rank test"),
            ("trend_p", "Trend across the groups", models.bands.trend, "score test on the position of the group"),
        ];
        if let Some(competing) = &models.competing {
            tests.push(("gray_p", "Gray's test across the groups", competing.gray, "Gray's test"));
        }
        for (measure, label, p, method) in tests {
            let p = self.whole(measure, label, method, CellPattern::PValue, Value { value: p, ..Value::default() });
            rows.push(last_cell(&format!("{label}: p value"), p));
        }
        if let Some(competing) = &models.competing {
            rows.extend(self.regressions(competing));
        }
        rows
    }

    fn regressions(&mut self, competing: &CompetingResult) -> Vec<Row> {
        let mut rows = Vec::new();
        if let Some(model) = self.models.models.iter().find(|model| model.form == competing.form)
            && let Some(effect) = &model.effect
        {
            let stub = format!("Cause-specific hazard per {}", step(effect.step, &self.unit));
            let ratio = self.ledger.again(CellPattern::ValueInterval, &format!("hazard_ratio_{}", model.form.id()), None);
            rows.push(last_cell(&stub, ratio));
        }
        if let Some(effect) = &competing.subdistribution {
            let stub = format!("Subdistribution hazard per {}", step(effect.step, &self.unit));
            let interval = self.ledger.wald(effect.limits.map(|(lower, upper)| (lower.exp(), upper.exp())));
            let value = Value { value: effect.estimate.map(f64::exp), interval, ..Value::default() };
            let method = "Fine-Gray regression";
            let ratio = self.whole("subdistribution_ratio", &stub, method, CellPattern::ValueInterval, value);
            let p =
                self.whole("subdistribution_p", &stub, method, CellPattern::PValue, Value { value: effect.p_value, ..Value::default() });
            rows.extend([last_cell(&stub, ratio), last_cell(&format!("{stub}: p value"), p)]);
        }
        rows
    }

    fn whole(&mut self, measure: &str, label: &str, method: &str, pattern: CellPattern, value: Value) -> Cell {
        let entry = Entry { measure, dosage: None, label: label.to_owned(), method: method.to_owned(), unit: Unit::Dimensionless };
        self.ledger.cell(pattern, entry, value)
    }

    fn group(&mut self, place: usize, band: &ExposureBand) -> Row {
        let models = self.models;
        let curve = models.competing.as_ref().and_then(|competing| competing.curves.get(place));
        let range = self.range(band);
        let survival = &band.survival;
        let n = self.among(band, "group_n", "subjects", CellPattern::Value, Unit::Count, count(survival.n));
        let events = self.among(band, "group_events", "subjects with the event", CellPattern::Value, Unit::Count, count(survival.events));
        let competing = curve.map_or(Cell::NotAvailable, |curve| {
            let value = count(curve.competing as u64);
            self.among(band, "group_competing", "subjects with a competing event first", CellPattern::Value, Unit::Count, value)
        });
        let median = if curve.is_some() {
            Cell::NotAvailable
        } else {
            let value = Value { value: survival.median, n: Some(survival.n), interval: survival.interval, ..Value::default() };
            self.among(band, "group_median", "Kaplan-Meier median", CellPattern::ValueInterval, Unit::Months, value)
        };
        let mut cells = vec![range, n, events, competing, median];
        for months in MONTHS {
            let (at, measure, method) = match curve {
                Some(curve) => (curve.at(months), "group_incidence", IntervalMethod::LogLog),
                None => (survival.at(months), "group_survival", self.kaplan_meier),
            };
            cells.push(self.at(band, (measure, months), at, CellPattern::PercentInterval, method));
        }
        cells.push(match band.ratio {
            Some((ratio, limits)) => {
                let interval = self.ledger.wald(limits);
                let value = Value { value: Some(ratio), interval, ..Value::default() };
                let label = "hazard ratio to the group with the lowest exposure";
                self.among(band, "group_ratio", label, CellPattern::ValueInterval, Unit::Dimensionless, value)
            }
            None => Cell::NotAvailable,
        });
        fact_row(&group_key(band.position, models.bands.groups), 1, cells)
    }

    fn counts(&mut self, band: &ExposureBand, curve: &BandCurve) -> Row {
        let events = self.among(band, "group_recurrences", "events", CellPattern::Value, Unit::Count, count(curve.events as u64));
        let mut cells = vec![Cell::Empty, Cell::Empty, events, Cell::Empty, Cell::Empty];
        for months in MONTHS {
            cells.push(self.at(band, ("group_mean_count", months), curve.at(months), CellPattern::ValueInterval, IntervalMethod::Log));
        }
        cells.push(Cell::Empty);
        fact_row(&format!("{}, all events and their mean number", group_key(band.position, self.models.bands.groups)), 1, cells)
    }

    fn range(&mut self, band: &ExposureBand) -> Cell {
        let groups = self.models.bands.groups;
        let mut fact = |measure: &str, label: &str, value: f64| {
            let entry = Entry {
                measure,
                dosage: Some(group_key(band.position, groups)),
                label: format!("{label}, {}", group_key(band.position, groups)),
                method: label.to_owned(),
                unit: Unit::Named(self.unit.clone()),
            };
            self.ledger.insert_among(entry, Value { value: Some(value), ..Value::default() }, &band.members)
        };
        let ids = vec![fact("group_minimum", "smallest exposure", band.minimum), fact("group_maximum", "largest exposure", band.maximum)];
        Cell::Facts(CellPattern::Range, ids)
    }

    fn at(
        &mut self,
        band: &ExposureBand,
        (measure, months): (&str, f64),
        at: Option<SurvivalAt>,
        pattern: CellPattern,
        method: IntervalMethod,
    ) -> Cell {
        let Some(at) = at else { return Cell::NotAvailable };
        let interval = at.lower.or(at.upper).map(|_| Interval { lower: at.lower, upper: at.upper, level: self.level, method });
        let label = match measure {
            "group_incidence" => "cumulative incidence",
            "group_mean_count" => "mean number of events",
            _ => "probability of no event",
        };
        let unit = if measure == "group_mean_count" { Unit::Dimensionless } else { Unit::Proportion };
        let value = Value { value: Some(at.estimate), interval, ..Value::default() };
        self.among(band, &format!("{measure}_{months}m"), &format!("{label} at {months} months"), pattern, unit, value)
    }

    fn among(&mut self, band: &ExposureBand, measure: &str, label: &str, pattern: CellPattern, unit: Unit, value: Value) -> Cell {
        let key = group_key(band.position, self.models.bands.groups);
        let entry = Entry { measure, dosage: Some(key.clone()), label: format!("{label}, {key}"), method: label.to_owned(), unit };
        Cell::Facts(pattern, vec![self.ledger.insert_among(entry, value, &band.members)])
    }
}

/// A row with a cell in the last column only.
fn last_cell(stub: &str, cell: Cell) -> Row {
    let mut cells = vec![Cell::Empty; 7];
    cells.push(cell);
    fact_row(stub, 1, cells)
}

fn count(count: u64) -> Value {
    Value { count: Some(count), ..Value::default() }
}
