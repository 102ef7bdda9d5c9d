//! Exposure by subgroup: T-R05, the forest F-R01, and how dose and covariates entered (T-R05-covariates).

use crate::analysis::pk::PkResult;
use crate::analysis::pk::covariate::{CovariateResult, DoseTerm, ExposureSource};
use crate::analysis::pk::covariate_caution::{CovariateCaution, subgroup};
use crate::analysis::pk::covariate_effects::{ContrastEffect, CovariateEffects, MetricEffects, NoRatio};
use crate::analysis::pk::covariate_model::{BoundsVerdict, FEWEST, RatioEstimate};
use crate::analysis::pk::covariate_values::{ContrastKind, ExposureCovariate, SubjectValues};
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::quantity::IntervalMethod;

use super::super::table::{fact_row, footnote, heading_row};
use super::super::{Cell, CellPattern, Column, Content, Exhibit, ExhibitId, FactId, FactValue, Facts, Notes, Row, Table, Unit};
use super::covariate_figure;
use super::covariate_ledger::{Ledger, Named};

const TITLE: &str = "Exposure by subgroup at the proposed dosage";
const FOREST: &str = "Effects of patients' characteristics on exposure";
const ENTERED: &str = "How dose and patients' characteristics entered the models of exposure";

/// The tables and the figure; placeholders where nothing can be estimated.
pub(super) fn gather(result: Option<&PkResult>, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let found = result.map(|result| (result, result.covariates.as_ref()));
    let reason = match found {
        Some((result, Ok(found))) => return exhibits(result, found, data, settings, facts),
        Some((_, Err(reason))) => first_upper(&reason.to_string()),
        None => "The data hold no pharmacokinetic parameters and no concentrations".to_owned(),
    };
    let needs = [
        "ADPP or ADPC: an area under the curve per subject",
        "ADSL: AGE, SEX, RACE, WTBL, CRCL, RENIMP, HEPIMP or the columns of pk.covariates",
    ];
    [("T-R05", TITLE), ("F-R01", FOREST)]
        .into_iter()
        .map(|(code, title)| Exhibit::placeholder(ExhibitId::new(code, None), title, format!("{reason}."), &needs))
        .collect()
}

fn exhibits(result: &PkResult, found: &CovariateResult, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let mut ledger = Ledger { result, found, data, facts, exhibit: ExhibitId::new("T-R05", None) };
    let mut exhibits = vec![by_subgroup(&mut ledger, settings)];
    summarise(&mut ledger);
    exhibits.push(covariate_figure::forest(&ledger, FOREST));
    ledger.exhibit = ExhibitId::new("T-R05-covariates", None);
    exhibits.push(entered(&mut ledger));
    exhibits
}

fn first_upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A level in percent, without the rounding of its binary form.
pub(super) fn percent(level: f64) -> f64 {
    (level * 1000.0).round() / 10.0
}

/// The bounds in words: `0.8 to 1.25`.
pub(super) fn bounds_words(found: &CovariateResult) -> String {
    format!("{} to {}", found.bounds.lower, found.bounds.upper)
}

/// A value of a covariate in four digits, for labels.
pub(super) fn short(value: f64) -> String {
    format!("{value:.3e}").parse::<f64>().map_or_else(|_| value.to_string(), |value| value.to_string())
}

// ---------------------------------------------------------------------------------------------------------------------- T-R05

fn by_subgroup(ledger: &mut Ledger<'_>, settings: &Settings) -> Exhibit {
    let found = ledger.found;
    let mut notes = notes(ledger);
    notes.methods.extend(methods(found));
    notes.footnotes.extend(remarks(found, settings));
    let mut rows = Vec::new();
    for (place, covariate) in found.covariates.iter().enumerate() {
        let constant =
            found.metrics.first().and_then(|metric| metric.effects.get(place)).is_some_and(|of| of.in_joint == Err(NoRatio::Constant));
        let mark = constant.then(|| footnote(&mut notes, format!("{}.", first_upper(&NoRatio::Constant.to_string()))));
        rows.push(Row { footnote: mark, ..heading_row(&covariate_head(covariate)) });
        rows.extend(rows_of(ledger, place, covariate, &mut notes));
    }
    let columns = columns(found);
    let title = if found.is_proposed { TITLE.to_owned() } else { "Exposure by subgroup".to_owned() };
    let stub = "Characteristic and subgroup".to_owned();
    Exhibit { id: ledger.exhibit.clone(), title, content: Content::Table(Table { stub, columns, rows }), notes }
}

/// The label of a covariate with what its subgroups are compared with.
pub(super) fn covariate_head(covariate: &ExposureCovariate) -> String {
    match &covariate.values {
        SubjectValues::Categories { .. } => covariate.label.clone(),
        SubjectValues::Numbers { median, .. } => format!("{}, against the median {}", covariate.label, short(*median)),
    }
}

fn columns(found: &CovariateResult) -> Vec<Column> {
    let level = percent(found.bounds.level);
    let group = found.panel.groups.get(found.described).map_or("", |group| group.label.as_str());
    let adjusted = match found.dose {
        DoseTerm::OneDosage => "The dosage with exposures",
        DoseTerm::LogDose { .. } => "All dosages, adjusted for dose",
        DoseTerm::Dosage => "All dosages, adjusted for dosage",
    };
    let of = |head: String, spanner: &str| Column { head, n: None, spanner: Some(spanner.to_owned()) };
    let mut columns = vec![of("Subjects".to_owned(), group)];
    columns.extend(found.metrics.iter().map(|metric| of(format!("{}, geometric mean (CV)", name(metric)), group)));
    columns.push(of("Subjects".to_owned(), adjusted));
    for (place, metric) in found.metrics.iter().enumerate() {
        columns.push(of(format!("{} ratio ({level}% CI)", name(metric)), adjusted));
        if place == 0 {
            columns.push(of(format!("{} ratio, all characteristics jointly ({level}% CI)", name(metric)), adjusted));
            columns.push(of(format!("{} interval against {}", name(metric), bounds_words(found)), adjusted));
        }
    }
    columns
}

/// The metric in heads: its code in the data, otherwise its symbol.
pub(super) fn name(metric: &MetricEffects) -> &str {
    match &metric.metric.source {
        ExposureSource::Given { code, .. } => code,
        ExposureSource::Occasion { .. } => &metric.metric.label,
    }
}

fn rows_of(ledger: &mut Ledger<'_>, place: usize, covariate: &ExposureCovariate, notes: &mut Notes) -> Vec<Row> {
    let Some(lead) = ledger.found.metrics.first().and_then(|metric| metric.effects.get(place)) else { return Vec::new() };
    let subgroups: Vec<Subgroup<'_>> = match &covariate.values {
        SubjectValues::Categories { levels, reference, .. } => (0..levels.len())
            .map(|level| Subgroup {
                name: levels.get(level).map_or("", String::as_str),
                value: None,
                level: Some(level),
                contrast: if level == *reference { None } else { contrast_of(lead, &ContrastKind::Level(level)) },
            })
            .collect(),
        SubjectValues::Numbers { .. } => (0..lead.contrasts.len())
            .filter_map(|contrast| match lead.contrasts.get(contrast)?.contrast.kind {
                ContrastKind::Percentile { name, value } => {
                    Some(Subgroup { name, value: Some(value), level: None, contrast: Some(contrast) })
                }
                ContrastKind::Level(_) => None,
            })
            .collect(),
    };
    subgroups.iter().map(|subgroup| row(ledger, place, covariate, subgroup, notes)).collect()
}

/// A row of the table: a category, or a percentile of a number.
struct Subgroup<'a> {
    name: &'a str,
    value: Option<f64>,
    /// Position of the category.
    level: Option<usize>,
    /// Position of the contrast; `None` for the reference.
    contrast: Option<usize>,
}

fn contrast_of(effects: &CovariateEffects, kind: &ContrastKind) -> Option<usize> {
    effects.contrasts.iter().position(|effect| effect.contrast.kind == *kind)
}

fn row(ledger: &mut Ledger<'_>, place: usize, covariate: &ExposureCovariate, subgroup: &Subgroup<'_>, notes: &mut Notes) -> Row {
    let found = ledger.found;
    let named = Named { covariate: Some(covariate), subgroup: subgroup.name, level: subgroup.level.is_some() };
    let mut cells = described_cells(ledger, place, subgroup, named);
    let mut reasons: Vec<String> = Vec::new();
    for (order, metric) in found.metrics.iter().enumerate() {
        let Some(effects) = metric.effects.get(place) else { continue };
        let members = match subgroup.level {
            Some(level) => effects.levels.get(level).cloned().unwrap_or_default(),
            None => subgroup
                .contrast
                .and_then(|contrast| effects.contrasts.get(contrast))
                .map_or_else(Vec::new, |effect| effect.members.clone()),
        };
        if order == 0 {
            cells.push(ledger.count(metric, named, "covariate_n", "subjects, all dosages", &members));
        }
        let Some(effect) = subgroup.contrast.and_then(|contrast| effects.contrasts.get(contrast)) else {
            let reference = || Cell::Text("reference".to_owned());
            cells.push(reference());
            if order == 0 {
                cells.extend([reference(), Cell::Empty]);
            }
            continue;
        };
        cells.push(ratio(ledger, metric, effect, named, Kind::Alone, &mut reasons));
        if order == 0 {
            cells.push(ratio(ledger, metric, effect, named, Kind::Jointly, &mut reasons));
            cells.push(verdict(ledger, metric, effect, named));
        }
        // Traceable, and summed up in T-R05-covariates: exposure divided by dose.
        ratio(ledger, metric, effect, named, Kind::Normalised, &mut Vec::new());
    }
    let mark = (!reasons.is_empty()).then(|| footnote(notes, format!("{}.", first_upper(&reasons.join("; ")))));
    let stub = subgroup.value.map_or_else(|| subgroup.name.to_owned(), |value| format!("{}, {}", subgroup.name, short(value)));
    Row { footnote: mark, ..fact_row(&stub, 1, cells) }
}

/// Number, and geometric mean of each metric, under the described dosage.
fn described_cells(ledger: &mut Ledger<'_>, place: usize, subgroup: &Subgroup<'_>, named: Named<'_>) -> Vec<Cell> {
    let found = ledger.found;
    let mut cells = Vec::new();
    for (order, metric) in found.metrics.iter().enumerate() {
        let members =
            subgroup.level.and_then(|level| metric.effects.get(place)?.levels.get(level)).map(|members| found.under_described(members));
        let Some(members) = members else {
            // A percentile is no subgroup: it has no subjects of its own.
            cells.extend(std::iter::repeat_n(Cell::NotAvailable, if order == 0 { 2 } else { 1 }));
            continue;
        };
        if order == 0 {
            cells.push(ledger.count_described(metric, named, &members));
        }
        cells.push(if members.is_empty() { Cell::NotAvailable } else { ledger.geometric(metric, named, &members) });
    }
    cells
}

/// Which ratio of a contrast.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Alone,
    Jointly,
    Normalised,
}

fn ratio(
    ledger: &mut Ledger<'_>,
    metric: &MetricEffects,
    effect: &ContrastEffect,
    named: Named<'_>,
    kind: Kind,
    reasons: &mut Vec<String>,
) -> Cell {
    let (measure, words, estimate) = match kind {
        Kind::Alone => ("covariate_ratio", "ratio of geometric means to the reference, adjusted for dose", &effect.alone),
        Kind::Jointly => {
            ("covariate_ratio_joint", "ratio of geometric means, adjusted for dose and all other characteristics", &effect.jointly)
        }
        Kind::Normalised => ("covariate_ratio_normalised", "ratio of geometric means of exposure divided by dose", &effect.normalised),
    };
    match estimate {
        Ok(estimate) => {
            let RatioEstimate { interval, .. } = estimate;
            if let Err(reason) = interval {
                tell(reasons, format!("no interval: {reason}"));
            }
            let members = match kind {
                Kind::Jointly => metric.joint.members.clone(),
                Kind::Alone | Kind::Normalised => ledger.found.with_value(metric, named.covariate),
            };
            let id = ledger.ratio(metric, named, (measure, words), estimate, &members);
            Cell::Facts(if interval.is_ok() { CellPattern::ValueInterval } else { CellPattern::Value }, vec![id])
        }
        Err(reason) => {
            if *reason != NoRatio::Constant {
                let words = match kind {
                    Kind::Jointly => format!("not in the model of all characteristics: {reason}"),
                    Kind::Alone | Kind::Normalised => format!("no ratio: {reason}"),
                };
                tell(reasons, words);
            }
            Cell::NotAvailable
        }
    }
}

/// Says a reason once.
fn tell(reasons: &mut Vec<String>, words: String) {
    if !reasons.contains(&words) {
        reasons.push(words);
    }
}

fn verdict(ledger: &mut Ledger<'_>, metric: &MetricEffects, effect: &ContrastEffect, named: Named<'_>) -> Cell {
    let words = effect.verdict.label().to_owned();
    let id = ledger.text(
        metric,
        named,
        ("covariate_verdict", "interval of the ratio against the bounds"),
        words,
        &ledger.found.with_value(metric, named.covariate),
    );
    Cell::Facts(CellPattern::Value, vec![id])
}

fn notes(ledger: &Ledger<'_>) -> Notes {
    let mut datasets: Vec<String> = ledger.found.metrics.iter().map(|metric| ledger.source(metric).0.to_owned()).collect();
    datasets.push("ADSL".to_owned());
    datasets.sort();
    datasets.dedup();
    let panel = &ledger.found.panel;
    Notes {
        datasets,
        population: panel.population.label(ledger.data),
        grouping: format!("Dosages {}; study parts pooled", panel.assignment.label()),
        abbreviations: ledger.abbreviations(),
        ..Notes::default()
    }
}

fn methods(found: &CovariateResult) -> Vec<String> {
    let lead = found.metrics.first();
    let joint: Vec<&str> = lead
        .iter()
        .flat_map(|metric| &metric.joint.covariates)
        .filter_map(|place| found.covariates.get(*place))
        .map(|covariate| covariate.column.as_str())
        .collect();
    let mut methods = vec![
        format!(
            "Ratios: least squares of the logarithm of exposure on {} and the characteristic; {}% confidence intervals: {}",
            dose_words(&found.dose),
            percent(found.bounds.level),
            IntervalMethod::StudentT.label()
        ),
        "Numbers: 5th and 95th percentile (type 7) against the median, along a line on the logarithmic scale".to_owned(),
    ];
    if joint.len() > 1 {
        methods.push(format!("All characteristics jointly: one model with {}, of subjects with a value of each", joint.join(", ")));
    }
    methods.push(format!("Bounds {}: {}", bounds_words(found), found.bounds.origin()));
    methods
}

fn dose_words(dose: &DoseTerm) -> &'static str {
    match dose {
        DoseTerm::OneDosage => "a constant (one dosage)",
        DoseTerm::LogDose { .. } => "the logarithm of dose with a slope of its own",
        DoseTerm::Dosage => "the dosage",
    }
}

/// What a reader must know of the whole table.
fn remarks(found: &CovariateResult, settings: &Settings) -> Vec<String> {
    let mut said = Vec::new();
    if !found.is_proposed {
        let group = found.panel.groups.get(found.described).map_or("", |group| group.label.as_str());
        let why = match &settings.decision {
            Some(_) => "No subject of the proposed dosage has an exposure",
            None => "The project proposes no dosage",
        };
        said.push(format!("{why}: geometric means are those of the dosage with the most subjects, {group}."));
    }
    for metric in &found.metrics {
        if metric.metric.not_positive > 0 {
            said.push(format!("Subjects left out because {} is not above zero: {}.", name(metric), metric.metric.not_positive));
        }
    }
    let told = |caution: &&CovariateCaution| {
        matches!(
            caution,
            CovariateCaution::AbsentColumn { .. } | CovariateCaution::AbsentReference { .. } | CovariateCaution::FewPerCoefficient { .. }
        )
    };
    said.extend(found.cautions.iter().filter(told).map(CovariateCaution::sentence));
    said.push(format!(
        "Subgroups with fewer than {FEWEST} subjects have no interval. Subgroups differ in other characteristics as well; intervals are not corrected for their number."
    ));
    said
}

// ------------------------------------------------------------------------------------------------------- the facts of the text

/// What the text says of the first metric: subgroups by verdict, and characteristics that go with exposure.
fn summarise(ledger: &mut Ledger<'_>) {
    let found = ledger.found;
    let Some(metric) = found.metrics.first() else { return };
    let mut insert =
        |measure: &'static str, label: &str, value: FactValue, unit: Unit| ledger.overall(metric, (measure, label), (value, unit));
    let subjects = metric.metric.exposures.iter().flatten().count();
    insert("covariates_n", "subjects with exposure", FactValue::Count(subjects as u64), Unit::Count);
    insert("covariates_metric", "exposure metric", FactValue::Text(name(metric).to_owned()), Unit::Text);
    insert("covariates_bounds", "bounds of the ratios", FactValue::Text(bounds_words(found)), Unit::Text);
    insert("covariates_bounds_origin", "origin of the bounds", FactValue::Text(found.bounds.origin()), Unit::Text);
    let verdicts = [
        (BoundsVerdict::Outside, "covariates_outside", "subgroups with an interval outside the bounds"),
        (BoundsVerdict::Crosses, "covariates_crossing", "subgroups with an interval that reaches over a bound"),
        (BoundsVerdict::Within, "covariates_within", "subgroups with an interval within the bounds"),
        (BoundsVerdict::NotJudged, "covariates_not_judged", "subgroups without an interval"),
    ];
    for (verdict, measure, label) in verdicts {
        let named: Vec<String> = found
            .covariates
            .iter()
            .zip(&metric.effects)
            .flat_map(|(covariate, effects)| effects.contrasts.iter().map(move |effect| (covariate, effect)))
            .filter(|(_, effect)| effect.verdict == verdict && effect.alone.is_ok())
            .map(|(covariate, effect)| subgroup(covariate, &effect.contrast.kind))
            .collect();
        if !named.is_empty() {
            insert(measure, label, FactValue::Text(named.join("; ")), Unit::Text);
        }
    }
    let correlated: Vec<&str> = found
        .cautions
        .iter()
        .filter_map(|caution| match caution {
            CovariateCaution::Correlated { measure, covariate, .. } if *measure == metric.metric.measure => Some(covariate.as_str()),
            _ => None,
        })
        .collect();
    if !correlated.is_empty() {
        insert("covariates_correlated", "characteristics correlated with exposure", FactValue::Text(correlated.join(", ")), Unit::Text);
    }
}

// ------------------------------------------------------------------------------------------------------------ T-R05-covariates

/// How dose and covariates entered: a column for each metric.
fn entered(ledger: &mut Ledger<'_>) -> Exhibit {
    let found = ledger.found;
    let level = percent(found.bounds.level);
    let mut notes = notes(ledger);
    notes.methods.push(
        "Correlation given dose: partial correlation with the logarithm of exposure, of more than two categories the multiple one"
            .to_owned(),
    );
    let mut rows = vec![heading_row("Dose")];
    let slope = format!("Slope of log exposure on log dose ({level}% CI)");
    rows.push(per_metric(ledger, &slope, |ledger, metric| metric.dose_slope.map(|slope| ledger.slope(metric, slope))));
    rows.push(per_metric(ledger, "Proportionality to dose, criterion of Smith", |ledger, metric| {
        let verdict = metric.proportionality.as_ref()?.verdict.label().to_owned();
        Some(ledger.model(metric, ("covariate_proportionality", "proportionality to dose"), (FactValue::Text(verdict), Unit::Text)))
    }));
    rows.push(per_metric(ledger, "Largest change of a ratio where exposure is divided by dose instead, %", |ledger, metric| {
        let change = FactValue::Number(100.0 * metric.normalisation_change?);
        Some(ledger.model(
            metric,
            ("covariate_normalisation_change", "largest change of a ratio where exposure is divided by dose"),
            (change, Unit::Percent),
        ))
    }));
    rows.push(heading_row("Model of all characteristics"));
    rows.push(per_metric(ledger, "Subjects", |ledger, metric| {
        let n = FactValue::Count(metric.joint.members.len() as u64);
        (metric.joint.parameters > 0)
            .then(|| ledger.model(metric, ("covariate_joint_n", "subjects in the model of all characteristics"), (n, Unit::Count)))
    }));
    rows.push(per_metric(ledger, "Subjects left out for a missing value", |ledger, metric| {
        let n = FactValue::Count(metric.joint.left_out as u64);
        (metric.joint.parameters > 0)
            .then(|| ledger.model(metric, ("covariate_joint_left_out", "subjects left out for a missing value"), (n, Unit::Count)))
    }));
    rows.push(heading_row("Correlation with log exposure, given dose"));
    for (place, covariate) in found.covariates.iter().enumerate() {
        rows.push(per_metric(ledger, &covariate.label, |ledger, metric| {
            let found = metric.effects.get(place)?.association?;
            Some(ledger.of_covariate(
                metric,
                covariate,
                ("covariate_correlation", "correlation with log exposure given dose"),
                (FactValue::Number(found), Unit::Dimensionless),
            ))
        }));
    }
    rows.push(heading_row("Subjects without a value"));
    for (place, covariate) in found.covariates.iter().enumerate() {
        rows.push(per_metric(ledger, &covariate.label, |ledger, metric| {
            let missing = FactValue::Count(metric.effects.get(place)?.missing as u64);
            Some(ledger.of_covariate(metric, covariate, ("covariate_missing", "subjects without a value"), (missing, Unit::Count)))
        }));
    }
    let columns = found.metrics.iter().map(|metric| Column { head: name(metric).to_owned(), n: None, spanner: None }).collect();
    let stub = "What".to_owned();
    Exhibit { id: ledger.exhibit.clone(), title: ENTERED.to_owned(), content: Content::Table(Table { stub, columns, rows }), notes }
}

fn per_metric(ledger: &mut Ledger<'_>, stub: &str, mut cell: impl FnMut(&mut Ledger<'_>, &MetricEffects) -> Option<FactId>) -> Row {
    let found = ledger.found;
    let cells = found.metrics.iter().map(|metric| match cell(ledger, metric) {
        Some(id) if stub.contains("CI)") => Cell::Facts(CellPattern::ValueInterval, vec![id]),
        Some(id) => Cell::Facts(CellPattern::Value, vec![id]),
        None => Cell::NotAvailable,
    });
    let cells = cells.collect();
    fact_row(stub, 1, cells)
}
