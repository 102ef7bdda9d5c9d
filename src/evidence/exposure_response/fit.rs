//! How well the chosen models fit and what they depend on: T-E18-fit, and the usual traps, each with what was observed: T-E18-checks.

use crate::analysis::exposure_response::exposure_groups::ExposureGroupKind;
use crate::analysis::exposure_response::{
    BinaryResult, CalibrationGroup, Check, CheckKind, CheckOutcome, Effect, ExposureResponseResult, FitChecks, Influence, Modelled, Models,
    SMALL_EXPECTATION, Threshold,
};
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::evidence::record::interval_note;
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::{Cell, CellPattern, Column, Content, Exhibit, ExhibitId, Facts, Notes, Row, Table, Unit, slug};
use crate::quantity::{Interval, IntervalMethod};

use super::ledger::{Entry, Ledger, Value};
use super::models::{p_method, step, unit};
use super::words::datasets;

pub(super) const FIT: &str = "T-E18-fit";
pub(super) const CHECKS: &str = "T-E18-checks";

/// Fit of the chosen model of each binary outcome; `None` where there is no binary outcome with a model.
pub(super) fn fit(
    results: &[(&ExposureResponseResult, &Modelled)],
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Option<Exhibit> {
    let binary: Vec<(&ExposureResponseResult, &Modelled)> =
        results.iter().copied().filter(|(_, found)| matches!(found.models, Models::Binary(_))).collect();
    let mut notes = fit_notes(&binary, data, settings);
    let mut rows: Vec<Row> = Vec::new();
    for (result, found) in binary {
        let Models::Binary(models) = &found.models else { continue };
        let (Some(fit), Some(chosen)) = (&models.fit, models.chosen()) else { continue };
        rows.push(heading_row(&format!("{} ({})", result.label, chosen.form().label())));
        let mut maker = FitRows { ledger: Ledger::new(facts, FIT, (result, &found.sample), data, settings), unit: unit(found) };
        rows.extend(maker.calibration(fit));
        rows.extend(maker.tests(fit, &mut notes));
        rows.extend(maker.influence(models));
    }
    if rows.is_empty() {
        return None;
    }
    let heads = ["Exposure, range", "Observed, n/N (%; CI)", "Predicted, %", "Estimate (CI)", "p value"];
    let columns = heads.map(|head| Column { head: head.to_owned(), n: None, spanner: None }).to_vec();
    let content = Content::Table(Table { stub: "Outcome and check".to_owned(), columns, rows });
    Some(Exhibit { id: ExhibitId::new(FIT, None), title: "Fit of the exposure-response models".to_owned(), content, notes })
}

fn fit_notes(results: &[(&ExposureResponseResult, &Modelled)], data: &AnalysisData, settings: &Settings) -> Notes {
    let exact = interval_note(&settings.intervals, IntervalMethod::ClopperPearson);
    Notes {
        datasets: datasets(results),
        population: population(results, data),
        grouping: "Groups of exposure, whatever the dosage: tenths, or quarters with fewer than 100 subjects".to_owned(),
        methods: vec![
            format!("{exact} (observed proportions), DeLong (area under the curve)"),
            "Observed and predicted by the chosen model without covariates, on the subjects it was fitted to: agreement with other patients is not shown"
                .to_owned(),
            "Hosmer-Lemeshow: chi-square over the groups shown, groups minus two degrees of freedom; unweighted sum of squares: standardised, without groups"
                .to_owned(),
            "Cook's distance from the Pearson residual and the leverage; slope without a subject: the model fitted again".to_owned(),
        ],
        abbreviations: ["CI: confidence interval", "NE: not estimable", "ROC: receiver operating characteristic"].map(str::to_owned).to_vec(),
        ..Notes::default()
    }
}

fn population(results: &[(&ExposureResponseResult, &Modelled)], data: &AnalysisData) -> String {
    let set = results.first().map(|(_, found)| found.sample.panel.population.label(data)).unwrap_or_default();
    format!("{set} with exposure and outcome, drug dosages only")
}

/// Makes the rows of one analysis.
struct FitRows<'a> {
    ledger: Ledger<'a>,
    unit: String,
}

impl FitRows<'_> {
    fn calibration(&mut self, fit: &FitChecks) -> Vec<Row> {
        let quarters =
            fit.calibration.iter().all(|of| matches!(of.group.kind, ExposureGroupKind::Zero | ExposureGroupKind::Quantile(..=4)));
        fit.calibration.iter().map(|of| self.group(of, if quarters { "Quarter" } else { "Tenth" })).collect()
    }

    fn group(&mut self, of: &CalibrationGroup, share: &str) -> Row {
        let group = &of.group;
        let (name, stub) = match group.kind {
            ExposureGroupKind::Zero => ("zero".to_owned(), "No exposure".to_owned()),
            ExposureGroupKind::Quantile(place) => (format!("{} {place}", share.to_lowercase()), format!("{share} {place} of exposure")),
        };
        let exposures = self.ledger.sample.exposures();
        let belongs = |place: usize| exposures.get(place).is_some_and(|x| *x >= group.minimum && *x <= group.maximum);
        // Without a gap: an id that ends in a number of its own would look like one of several facts.
        let place = name.replace(' ', "");
        let entry = |measure: &'static str, label: &str, method: &str, unit: Unit| Entry {
            measure,
            dosage: Some(place.clone()),
            label: format!("{label}, {name} of exposure"),
            method: method.to_owned(),
            unit,
        };
        let n = Some(group.n as u64);
        let mut bound = |measure: &'static str, label: &str, value: f64| {
            let entry = entry(measure, label, label, Unit::Named(self.unit.clone()));
            self.ledger.insert_subjects(entry, Value { value: Some(value), n, ..Value::default() }, belongs)
        };
        let range =
            vec![bound("calibration_from", "smallest exposure", group.minimum), bound("calibration_to", "largest exposure", group.maximum)];
        let interval = self.ledger.limits(Some(group.limits), IntervalMethod::ClopperPearson);
        let observed = Value { value: Some(group.rate), count: Some(group.events as u64), n, interval, ..Value::default() };
        let observed_entry = entry("calibration_observed", "observed", "subjects with the event", Unit::Proportion);
        let observed = self.ledger.insert_subjects(observed_entry, observed, belongs);
        let predicted_entry = entry("calibration_predicted", "predicted", "mean predicted probability of the subjects", Unit::Proportion);
        let predicted = self.ledger.insert_subjects(predicted_entry, Value { value: Some(of.predicted), n, ..Value::default() }, belongs);
        let cells = vec![
            Cell::Facts(CellPattern::Range, range),
            Cell::Facts(CellPattern::CountPercentInterval, vec![observed]),
            Cell::Facts(CellPattern::Value, vec![predicted]),
            Cell::Empty,
            Cell::Empty,
        ];
        fact_row(&stub, 1, cells)
    }

    fn tests(&mut self, fit: &FitChecks, notes: &mut Notes) -> Vec<Row> {
        let mut rows = Vec::new();
        if let Some(test) = fit.hosmer_lemeshow {
            let stub = format!("Hosmer-Lemeshow statistic, {} degrees of freedom", test.degrees_of_freedom);
            let told = Told { measure: "hosmer_lemeshow", label: &stub, method: "chi-square over groups of exposure" };
            let mut row = self.estimate(&told, Some(test.chi_square), None, test.p_value);
            row.footnote = Some(footnote(notes, weakness(fit)));
            rows.push(row);
        }
        if let Some(test) = fit.sum_of_squares {
            let told = Told {
                measure: "sum_of_squares",
                label: "Unweighted sum of squares, standardised",
                method: "sum of squared residuals, standardised by its conditional mean and variance",
            };
            rows.push(self.estimate(&told, Some(test.z), None, Some(test.p_value)));
        }
        if let Some(found) = fit.discrimination {
            let interval = self.ledger.limits(found.limits, IntervalMethod::DeLong);
            let told = Told { measure: "roc_area", label: "Area under the ROC curve", method: "placements of the predicted probabilities" };
            rows.push(self.estimate(&told, Some(found.area), interval, None));
        }
        let told = Told { measure: "brier", label: "Brier score", method: "mean squared difference of outcome and prediction" };
        rows.push(self.estimate(&told, Some(fit.brier), None, None));
        rows
    }

    fn influence(&mut self, models: &BinaryResult) -> Vec<Row> {
        let Some((form, influence)) = &models.influence else { return Vec::new() };
        let name = self.ledger.subject_name(influence.subject).unwrap_or("unknown").to_owned();
        let (of, Influence { effect, .. }) = (format!("{} model", form.label()), influence);
        let mut rows = vec![
            self.estimate(
                &Told {
                    measure: "cook_distance",
                    label: &format!("Largest Cook's distance, {of}: subject {name}"),
                    method: "Pearson residual and leverage",
                },
                Some(influence.distance),
                None,
                None,
            ),
            self.estimate(
                &Told {
                    measure: "leverage_ratio",
                    label: "Leverage of that subject over the mean leverage",
                    method: "weighted hat matrix",
                },
                Some(influence.leverage / influence.mean_leverage),
                None,
                None,
            ),
        ];
        let per = step(effect.step, &self.unit);
        let label = format!("Slope, {of}, per {per}");
        rows.push(self.slope("slope_whole", &label, Some(effect)));
        rows.push(self.slope("slope_without_subject", "Slope without that subject", influence.without.as_ref()));
        rows
    }

    fn slope(&mut self, measure: &'static str, label: &str, effect: Option<&Effect>) -> Row {
        let interval = effect.and_then(|effect| self.ledger.of_effect(effect));
        let told = Told {
            measure,
            label,
            method: effect.map_or("logistic regression", |effect| {
                if effect.penalised { "logistic regression with Firth's penalty" } else { "logistic regression" }
            }),
        };
        let mut row = self.estimate(&told, effect.and_then(|effect| effect.estimate), interval, None);
        if let (Some(effect), Some(cell)) = (effect, row.cells.last_mut()) {
            let of_p = format!("{measure}_p");
            let entry = self.entry(&of_p, &format!("p value, {label}"), p_method(effect));
            *cell = self.ledger.cell(CellPattern::PValue, entry, Value { value: effect.p_value, ..Value::default() });
        }
        row
    }

    fn entry<'b>(&self, measure: &'b str, label: &str, method: &str) -> Entry<'b> {
        Entry { measure, dosage: None, label: label.to_owned(), method: method.to_owned(), unit: Unit::Dimensionless }
    }

    fn estimate(&mut self, told: &Told<'_>, value: Option<f64>, interval: Option<Interval>, p_value: Option<f64>) -> Row {
        let entry = self.entry(told.measure, told.label, told.method);
        let cell = self.ledger.cell(CellPattern::ValueInterval, entry, Value { value, interval, ..Value::default() });
        let p = p_value.map_or(Cell::Empty, |p| {
            let measure = format!("{}_p", told.measure);
            let entry = self.entry(&measure, &format!("p value, {}", told.label), told.method);
            self.ledger.cell(CellPattern::PValue, entry, Value { value: Some(p), ..Value::default() })
        });
        fact_row(told.label, 1, vec![Cell::Empty, Cell::Empty, Cell::Empty, cell, p])
    }
}

/// What a row of one number tells.
struct Told<'a> {
    measure: &'static str,
    label: &'a str,
    method: &'a str,
}

fn weakness(fit: &FitChecks) -> String {
    let rough = match fit.rough_groups {
        0 => String::new(),
        count => {
            format!(" {count} groups have fewer than {SMALL_EXPECTATION} expected events or non-events, so that its distribution is rough.")
        }
    };
    format!(
        "The statistic depends on how the groups are cut and has little power in small samples: a large p value does not show that the model fits.{rough}"
    )
}

/// Every check of every analysis.
pub(super) fn checks(
    results: &[(&ExposureResponseResult, &Modelled)],
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Exhibit {
    let mut rows: Vec<Row> = Vec::new();
    for (result, found) in results {
        rows.push(heading_row(&result.label));
        let mut ledger = Ledger::new(facts, CHECKS, (result, &found.sample), data, settings);
        rows.extend(found.checks.iter().map(|check| check_row(check, &mut ledger)));
    }
    let columns = ["Observed", "Threshold", "Finding"].map(|head| Column { head: head.to_owned(), n: None, spanner: None }).to_vec();
    let notes = Notes {
        datasets: datasets(results),
        population: population(results, data),
        grouping: "All dosages of the drug together".to_owned(),
        methods: vec![
            "Every check is computed for every analysis, kept or not; slopes are those of the straight line on the logit scale or of the log hazard"
                .to_owned(),
            "Correlation: Pearson's with a number, the correlation ratio with a factor".to_owned(),
            "The thresholds are conventions: a check that is kept does not show that the analysis is free of the trap".to_owned(),
        ],
        abbreviations: vec!["NE: not estimable".to_owned()],
        ..Notes::default()
    };
    let content = Content::Table(Table { stub: "Analysis and check".to_owned(), columns, rows });
    Exhibit { id: ExhibitId::new(CHECKS, None), title: "Checks of the exposure-response analyses".to_owned(), content, notes }
}

fn check_row(check: &Check, ledger: &mut Ledger<'_>) -> Row {
    let (stub, unit) = check_words(&check.kind);
    let covariate = if let CheckKind::Correlation { covariate } = &check.kind { format!("_{}", slug(covariate)) } else { String::new() };
    let measure = format!("check_{}{covariate}", check.kind.id());
    let share = unit == Unit::Proportion;
    let entry = Entry { measure: &measure, dosage: None, label: stub.clone(), method: "check of the analysis".to_owned(), unit };
    let observed = match (&check.kind, check.observed) {
        // A yes or no is no quantity.
        (CheckKind::Maximum | CheckKind::ExposureAfterEvent, Some(value)) => {
            let words = if value > 0.0 { "yes" } else { "no" };
            ledger.cell(
                CellPattern::Value,
                Entry { unit: Unit::Text, ..entry.clone() },
                Value { words: Some(words.to_owned()), ..Value::default() },
            )
        }
        (CheckKind::Doses, Some(value)) => {
            let value = Value { count: Some(value as u64), ..Value::default() };
            ledger.cell(CellPattern::Value, entry.clone(), value)
        }
        (_, value) => ledger.cell(CellPattern::Value, entry.clone(), Value { value, ..Value::default() }),
    };
    let threshold = threshold_words(check, share);
    let finding = match check.outcome() {
        CheckOutcome::Kept => "kept",
        CheckOutcome::Caution => "caution",
        CheckOutcome::Serious => "serious: should not be relied on",
        CheckOutcome::NotComputed => "not computed",
    };
    let finding = match (check.outcome(), check.kind.rule()) {
        (CheckOutcome::Caution | CheckOutcome::Serious, Some(rule)) => format!("{finding} ({rule})"),
        _ => finding.to_owned(),
    };
    let of_finding = format!("finding_{}{covariate}", check.kind.id());
    let entry = Entry { measure: &of_finding, label: format!("finding: {stub}"), unit: Unit::Text, ..entry };
    let finding = ledger.cell(CellPattern::Value, entry, Value { words: Some(finding), ..Value::default() });
    fact_row(&stub, 1, vec![observed, Cell::Text(threshold), finding])
}

fn threshold_words(check: &Check, share: bool) -> String {
    let number = |value: f64| if share { format!("{}%", 100.0 * value) } else { format!("{value}") };
    match (&check.kind, check.threshold) {
        (CheckKind::Maximum, _) => "yes".to_owned(),
        (CheckKind::ExposureAfterEvent, _) => "no".to_owned(),
        (CheckKind::Overlap, _) => "more than 0%".to_owned(),
        (_, Threshold::AtLeast(least)) => {
            let second = match check.reliance {
                Some(Threshold::AtLeast(least)) => format!("; serious below {}", number(least)),
                _ => String::new(),
            };
            format!("at least {}{second}", number(least))
        }
        (_, Threshold::AtMost(most)) => format!("at most {}", number(most)),
    }
}

fn check_words(kind: &CheckKind) -> (String, Unit) {
    let (words, unit) = match kind {
        CheckKind::Doses => ("Doses of the drug", Unit::Count),
        CheckKind::Range => ("95th over 5th percentile of exposure", Unit::Dimensionless),
        CheckKind::Overlap => ("Neighbouring doses whose exposures overlap", Unit::Proportion),
        CheckKind::EventsPerParameter => ("Events (or non-events, if fewer) for each parameter of the chosen model", Unit::Dimensionless),
        CheckKind::Maximum => ("Every model has a maximum of the likelihood", Unit::Dimensionless),
        CheckKind::Correlation { covariate } => return (format!("Correlation of {covariate} with exposure, in size"), Unit::Dimensionless),
        CheckKind::ChangeOnAdjustment => ("Change of the slope on adjustment, in size", Unit::Proportion),
        CheckKind::ChangeWithinDose => ("Change of the slope with dose as a factor beside exposure, in size", Unit::Proportion),
        CheckKind::CookDistance => ("Largest Cook's distance", Unit::Dimensionless),
        CheckKind::ChangeWithoutSubject => {
            ("Change of the slope without the most influential subject, in standard errors", Unit::Dimensionless)
        }
        CheckKind::ExposureAfterEvent => {
            ("The exposure averages the time up to the event or after changes of the dose", Unit::Dimensionless)
        }
        CheckKind::LeftOut => ("Subjects given the drug without exposure or outcome", Unit::Proportion),
    };
    (words.to_owned(), unit)
}
