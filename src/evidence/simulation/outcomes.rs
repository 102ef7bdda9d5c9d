//! Outcomes predicted under the proposed and alternative regimens: T-R08.

use crate::analysis::exposure_response::alternatives::{
    AlternativeOutcome, EXTRAPOLATION, PredictedOutcome, RegimenOutcome, RegimenPrediction,
};
use crate::analysis::exposure_response::{ExposureResponseResult, Modelled, Models};
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::{Cell, CellPattern, Column, Content, Exhibit, FactValue, Notes, Row, Table, Unit};
use crate::quantity::{DAYS_PER_MONTH, Interval, IntervalMethod};

use super::ledger::{Basis, Entry, Ledger};

pub(super) const CODE: &str = "T-R08";
pub(super) const TITLE: &str = "Predicted outcome at alternative dosages";

/// An outcome that was predicted.
struct Predicted<'a> {
    result: &'a ExposureResponseResult,
    modelled: &'a Modelled,
    outcome: &'a PredictedOutcome,
}

/// The table, or why there is none.
pub(super) fn table(mut ledger: Ledger<'_>, results: &[ExposureResponseResult], alternatives: &[AlternativeOutcome]) -> Exhibit {
    let mut notes = ledger.notes();
    let mut predicted = Vec::new();
    for alternative in alternatives {
        let Some(result) = results.get(alternative.analysis) else { continue };
        match (&alternative.found, &result.found) {
            (Ok(outcome), Ok(modelled)) => predicted.push(Predicted { result, modelled, outcome }),
            (Err(reason), _) => notes.footnotes.push(format!("{}: {reason}.", result.label)),
            _ => {}
        }
    }
    if predicted.is_empty() {
        let reason = match notes.footnotes.as_slice() {
            [] => "No outcome was modelled against an exposure.".to_owned(),
            reasons => reasons.join(" "),
        };
        return Exhibit::placeholder(ledger.exhibit(), TITLE, reason, &["exposure_response", "pk.population_model"]);
    }
    let mut maker = Rows { ledger: &mut ledger, predicted: &predicted };
    let rows = maker.all(&mut notes);
    explain(&predicted, &ledger, &mut notes);
    let lead = predicted.first().map(|of| of.outcome.metric);
    let exposure = lead.map_or_else(String::new, |metric| {
        format!("{} ({}), geometric mean (5th, 95th percentile)", ledger.metric(metric), ledger.unit(metric).0)
    });
    let heads = std::iter::once(exposure).chain(predicted.iter().map(|of| match of.modelled.models {
        Models::Binary(_) => format!("{}: probability", of.result.label),
        Models::Time(_) => format!("{}: median, months", of.result.label),
        Models::Ordinal(_) | Models::Continuous(_) => of.result.label.clone(),
    }));
    let columns = heads.map(|head| Column { head, n: None, spanner: None }).collect();
    let content = Content::Table(Table { stub: "Regimen".to_owned(), columns, rows });
    Exhibit { id: ledger.exhibit(), title: TITLE.to_owned(), content, notes }
}

fn explain(predicted: &[Predicted<'_>], ledger: &Ledger<'_>, notes: &mut Notes) {
    let mut datasets: Vec<String> = predicted.iter().map(|of| of.modelled.sample.endpoint.dataset.label().to_owned()).collect();
    datasets.append(&mut notes.datasets);
    datasets.push("ADPP".to_owned());
    datasets.sort();
    datasets.dedup();
    notes.datasets = datasets;
    let draws = predicted.iter().map(|of| of.outcome.draws).max().unwrap_or(0);
    notes.methods.push(
        "Predicted: mean over the virtual subjects of what the chosen model of exposure-response says at each subject's simulated exposure"
            .to_owned(),
    );
    let level = (ledger.settings.intervals.level * 1000.0).round() / 10.0;
    notes.methods.push(format!(
        "{level}% confidence intervals of probabilities (on the logit scale), differences and hazard ratios: delta method from the covariance of the model's parameters{}; of medians: percentiles over refits to subjects drawn with replacement",
        if draws > 0 { ", with the variance over the draws of the population model's typical values" } else { "" }
    ));
    if predicted.iter().any(|of| matches!(of.modelled.models, Models::Time(_))) {
        notes.methods.push(
            "Medians: of the survival averaged over the virtual subjects, by the Cox model's baseline; hazard ratio: of geometric mean hazards".to_owned(),
        );
    }
    for of in predicted {
        notes.methods.push(format!("{}: model by {}, {} form", of.result.label, of.result.exposure, form(of)));
    }
}

fn form(of: &Predicted<'_>) -> &'static str {
    match &of.modelled.models {
        Models::Binary(models) => models.chosen().map_or("no", |model| model.form().label()),
        Models::Time(models) => models.straight().map_or("no", |model| model.form.label()),
        // These are not predicted.
        Models::Ordinal(_) | Models::Continuous(_) => "no",
    }
}

/// Makes the rows, block by block.
struct Rows<'a, 'b> {
    ledger: &'a mut Ledger<'b>,
    predicted: &'a [Predicted<'a>],
}

/// What a block tells of a prediction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Predicted,
    Compared,
    Averaged,
    Outside,
}

impl Rows<'_, '_> {
    fn all(&mut self, notes: &mut Notes) -> Vec<Row> {
        let mut rows = Vec::new();
        let compared = self.ledger.proposed().map(str::to_owned);
        let averaged = self.predicted.iter().any(|of| matches!(of.modelled.models, Models::Binary(_)));
        for block in [Block::Predicted, Block::Compared, Block::Averaged, Block::Outside] {
            let heading = match block {
                Block::Predicted => "Predicted (CI)".to_owned(),
                Block::Compared => match &compared {
                    Some(proposed) => format!("Against {proposed}: difference in percentage points, for times the hazard ratio (CI)"),
                    None => continue,
                },
                Block::Averaged if !averaged => continue,
                Block::Averaged => "Averaged over the models by their Akaike weights".to_owned(),
                Block::Outside => "Virtual subjects whose exposure no subject of the model had, %".to_owned(),
            };
            rows.push(heading_row(&heading));
            for place in 0..self.ledger.simulation.regimens.len() {
                if block == Block::Compared && self.ledger.simulation.proposed == Some(place) {
                    continue;
                }
                rows.push(self.row(block, place, notes));
            }
        }
        rows
    }

    /// Whether the models cannot tell a regimen from the proposed one, because every virtual subject has the same exposure under both.
    fn is_same(&self, of: &Predicted<'_>, place: usize) -> bool {
        let simulation = self.ledger.simulation;
        let values = |place: usize| simulation.regimens.get(place)?.distribution(of.outcome.metric).map(|of| of.values.as_slice());
        let both = values(place).zip(simulation.proposed.and_then(values));
        both.is_some_and(|(own, other)| own.iter().zip(other).all(|(own, other)| (own - other).abs() <= 1e-9 * other.abs()))
    }

    fn row(&mut self, block: Block, place: usize, notes: &mut Notes) -> Row {
        let mut cells = vec![if block == Block::Predicted { self.exposure(place) } else { Cell::Empty }];
        let predicted = self.predicted;
        let mut same: Vec<&str> = Vec::new();
        for of in predicted {
            if block == Block::Compared && self.is_same(of, place) {
                same.push(of.result.exposure.as_str());
                cells.push(Cell::NotAvailable);
                continue;
            }
            let cell = of.outcome.regimens.get(place).copied().flatten().map(|prediction| self.cell(block, of, place, prediction));
            cells.push(cell.unwrap_or(Cell::NotAvailable));
        }
        let beyond: Vec<&str> = predicted
            .iter()
            .filter(|of| of.outcome.regimens.get(place).copied().flatten().is_some_and(|prediction| prediction.is_extrapolated()))
            .map(|of| of.result.label.as_str())
            .collect();
        let name = self.ledger.regimen(place);
        if beyond.is_empty() || block == Block::Outside {
            same.dedup();
            let proposed = self.ledger.proposed().unwrap_or_default();
            let mark = (!same.is_empty()).then(|| {
                let text = format!(
                    "{} is that under {proposed} in every virtual subject: models of {} cannot tell the two apart, whatever peak and trough do.",
                    same.join(", "),
                    if same.len() == 1 { "it" } else { "them" }
                );
                footnote(notes, text)
            });
            return Row { footnote: mark, ..fact_row(&name, 1, cells) };
        }
        let text = format!(
            "Extrapolation: more than {}% of the virtual subjects have exposures that no subject of the models had ({}).",
            100.0 * EXTRAPOLATION,
            beyond.join("; ")
        );
        let mark = footnote(notes, text);
        Row { footnote: Some(mark), ..fact_row(&format!("{name}, extrapolated"), 1, cells) }
    }

    /// The exposure of the first outcome's models.
    fn exposure(&mut self, place: usize) -> Cell {
        let simulation = self.ledger.simulation;
        let Some(metric) = self.predicted.first().map(|of| of.outcome.metric) else { return Cell::NotAvailable };
        let Some(regimen) = simulation.regimens.get(place) else { return Cell::NotAvailable };
        let Some(of) = regimen.distribution(metric) else { return Cell::NotAvailable };
        let (unit, factor) = self.ledger.unit(metric);
        let words = self.ledger.metric(metric);
        let [p5, .., p95] = of.percentiles;
        let shown = [("geomean", "geometric mean", of.geometric_mean.value), ("p5", "5th percentile", p5), ("p95", "95th percentile", p95)];
        let ids = shown.into_iter().map(|(measure, name, value)| {
            let entry = Entry {
                measure: format!("exposure_{measure}"),
                what: None,
                regimen: Some(&regimen.regimen.id),
                label: format!("Simulated {words}, {name}, {}", regimen.regimen.label),
                method: format!("{name} over the virtual subjects"),
                unit: Unit::Named(unit.clone()),
            };
            self.ledger.number(entry, factor * value, None, &Basis::Model)
        });
        Cell::Facts(CellPattern::ValueAside, ids.collect())
    }

    fn cell(&mut self, block: Block, of: &Predicted<'_>, place: usize, prediction: RegimenPrediction) -> Cell {
        let basis = Basis::Response(of.result, &of.modelled.sample);
        let simulation = self.ledger.simulation;
        let Some(regimen) = simulation.regimens.get(place).map(|regimen| &regimen.regimen) else { return Cell::NotAvailable };
        let extrapolated = if prediction.is_extrapolated() { ", extrapolated" } else { "" };
        let entry = |measure: &str, words: &str, unit: Unit| Entry {
            measure: measure.to_owned(),
            what: Some(&of.result.id),
            regimen: Some(&regimen.id),
            label: format!("{}: {words}, {}{extrapolated}", of.result.label, regimen.label),
            method: format!("{} model over the simulated exposures", form(of)),
            unit,
        };
        let wald = |limits| self.ledger.limits(limits, IntervalMethod::Wald);
        match (block, prediction.outcome) {
            (Block::Outside, _) => {
                let entry = entry("outside", "virtual subjects outside the observed exposures", Unit::Percent);
                self.ledger.cell(CellPattern::Value, entry, Some(100.0 * prediction.outside), None, &basis)
            }
            (Block::Predicted, RegimenOutcome::Binary { probability, .. }) => {
                let interval = wald(probability.limits);
                let entry = entry("predicted", "predicted probability", Unit::Proportion);
                let pattern = if interval.is_some() { CellPattern::PercentInterval } else { CellPattern::Value };
                self.ledger.cell(pattern, entry, Some(probability.value), interval, &basis)
            }
            (Block::Compared, RegimenOutcome::Binary { difference: Some(difference), .. }) => {
                let interval = wald(difference.limits);
                let entry = entry("difference", "predicted difference from the proposed dosage", Unit::ProportionDifference);
                self.ledger.cell(CellPattern::ValueInterval, entry, Some(difference.value), interval, &basis)
            }
            (Block::Averaged, RegimenOutcome::Binary { average, .. }) => {
                let entry = entry("averaged", "probability averaged over the models", Unit::Proportion);
                self.ledger.cell(CellPattern::Value, entry, average, None, &basis)
            }
            (Block::Predicted, RegimenOutcome::Time { median, median_limits, .. }) => {
                let months = |days: f64| days / DAYS_PER_MONTH;
                let interval = median_limits.map(|(lower, upper)| Interval {
                    lower: lower.map(months),
                    upper: upper.map(months),
                    level: self.ledger.settings.intervals.level,
                    method: IntervalMethod::Percentile,
                });
                let entry = entry("median", "predicted median", Unit::Months);
                let value = median.map_or(FactValue::NotEstimable, |median| FactValue::Number(months(median)));
                Cell::Facts(CellPattern::ValueInterval, vec![self.ledger.insert(entry, value, interval, &basis)])
            }
            (Block::Compared, RegimenOutcome::Time { hazard_ratio: Some(ratio), .. }) => {
                let interval = wald(ratio.limits);
                let entry = entry("hazard_ratio", "hazard ratio to the proposed dosage", Unit::Dimensionless);
                self.ledger.cell(CellPattern::ValueInterval, entry, Some(ratio.value), interval, &basis)
            }
            _ => Cell::NotAvailable,
        }
    }
}
