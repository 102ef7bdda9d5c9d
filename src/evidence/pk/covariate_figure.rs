//! F-R01: the forest of ratios of exposure by subgroup.

use crate::analysis::pk::covariate::CovariateResult;
use crate::analysis::pk::covariate_caution::subgroup;
use crate::analysis::pk::covariate_effects::{ContrastEffect, CovariateEffects, MetricEffects, NoRatio};
use crate::analysis::pk::covariate_model::{BoundsVerdict, RatioEstimate};
use crate::analysis::pk::covariate_values::{ContrastKind, ExposureCovariate, SubjectValues};
use crate::quantity::IntervalMethod;

use super::super::{Axis, Content, Exhibit, ExhibitId, FigureSpec, ForestEstimate, ForestPlot, ForestRow, Notes, Plot, ReferenceBand};
use super::covariate_ledger::Ledger;
use super::covariates::{bounds_words, name, percent, short};

/// The forest of the first metric.
pub(super) fn forest(ledger: &Ledger<'_>, title: &str) -> Exhibit {
    let found = ledger.found;
    let id = ExhibitId::new("F-R01", None);
    let Some(metric) = found.metrics.first() else {
        return Exhibit::placeholder(id, title, "No exposure metric.", &["ADPP or ADPC"]);
    };
    let level = percent(found.bounds.level);
    let mut rows = Vec::new();
    for (covariate, effects) in found.covariates.iter().zip(&metric.effects) {
        if effects.in_joint != Err(NoRatio::Constant) {
            rows.push(ForestRow::heading(heading(covariate, effects)));
            rows.extend(effects.contrasts.iter().map(|effect| row(covariate, effect)));
        }
    }
    let joint = metric.joint.parameters > 0;
    let estimates = ["Alone, adjusted for dose", "All characteristics jointly"].into_iter().take(if joint { 2 } else { 1 });
    let plot = ForestPlot {
        value: Axis { label: format!("Ratio of geometric mean {} to the reference", name(metric)), log: true, range: None },
        reference: 1.0,
        band: Some(ReferenceBand {
            label: format!("Bounds {}", bounds_words(found)),
            lower: found.bounds.lower,
            upper: found.bounds.upper,
        }),
        estimates: estimates.map(str::to_owned).collect(),
        count_head: "n".to_owned(),
        number_head: format!("Ratio ({level}% CI)"),
        decimals: 2,
        rows,
    };
    let (dataset, ..) = ledger.source(metric);
    Exhibit {
        id,
        title: title.to_owned(),
        notes: Notes {
            datasets: vec![dataset.to_owned(), "ADSL".to_owned()],
            population: found.panel.population.label(ledger.data),
            grouping: format!("Dosages {}; study parts pooled", found.panel.assignment.label()),
            methods: methods(found),
            abbreviations: ledger.abbreviations(),
            ..Notes::default()
        },
        content: Content::Figure(FigureSpec {
            plot: Plot::Forest(Box::new(plot)),
            alt: alt(found, metric),
            source: vec![ledger.slice(metric)],
        }),
    }
}

fn methods(found: &CovariateResult) -> Vec<String> {
    vec![
        format!(
            "Ratios with {}% confidence intervals ({}): the characteristic alone, adjusted for dose, and with all others in one model; both as in the table",
            percent(found.bounds.level),
            IntervalMethod::StudentT.label()
        ),
        format!("Shaded: bounds {} ({})", bounds_words(found), found.bounds.origin()),
        "n: subjects of the subgroup over all dosages; of a percentile all subjects with a value".to_owned(),
    ]
}

/// Label of a covariate with its reference: `Sex (reference M, n=120)`.
fn heading(covariate: &ExposureCovariate, effects: &CovariateEffects) -> String {
    match &covariate.values {
        SubjectValues::Categories { levels, reference, .. } => {
            let name = levels.get(*reference).map_or("", String::as_str);
            let n = effects.levels.get(*reference).map_or(0, Vec::len);
            format!("{} (reference {name}, n={n})", covariate.label)
        }
        SubjectValues::Numbers { median, .. } => format!("{}, reference median {}", covariate.label, short(*median)),
    }
}

fn row(covariate: &ExposureCovariate, effect: &ContrastEffect) -> ForestRow {
    let label = match (&effect.contrast.kind, &covariate.values) {
        (ContrastKind::Level(level), SubjectValues::Categories { levels, .. }) => levels.get(*level).cloned().unwrap_or_default(),
        (ContrastKind::Percentile { name, value }, _) => format!("{name}, {}", short(*value)),
        (ContrastKind::Level(_), SubjectValues::Numbers { .. }) => String::new(),
    };
    let estimate = |found: &Result<RatioEstimate, NoRatio>| {
        let found = found.as_ref().ok()?;
        Some(ForestEstimate { value: found.ratio, limits: found.interval.ok() })
    };
    ForestRow {
        label,
        heading: false,
        count: Some(effect.members.len().to_string()),
        estimates: vec![estimate(&effect.alone), estimate(&effect.jointly)],
    }
}

/// The verdicts in numbers, and the ratio furthest from one.
fn alt(found: &CovariateResult, metric: &MetricEffects) -> String {
    let effects = || {
        found.covariates.iter().zip(&metric.effects).flat_map(|(covariate, of)| of.contrasts.iter().map(move |effect| (covariate, effect)))
    };
    let count = |verdict: BoundsVerdict| effects().filter(|(_, effect)| effect.verdict == verdict && effect.alone.is_ok()).count();
    let furthest = effects()
        .filter_map(|(covariate, effect)| {
            let ratio = effect.alone.as_ref().ok()?;
            let interval = ratio.interval.ok()?;
            Some((
                ratio.ratio.ln().abs(),
                format!("{} {:.2} ({:.2} to {:.2})", subgroup(covariate, &effect.contrast.kind), ratio.ratio, interval.0, interval.1),
            ))
        })
        .reduce(|one, other| if other.0 > one.0 { other } else { one });
    let furthest = furthest.map_or_else(String::new, |(_, words)| format!(" Furthest from one: {words}."));
    format!(
        "Ratios of {} between subgroups and their reference with intervals. Against {}: {} within, {} reach over a bound, {} outside.{furthest}",
        name(metric),
        bounds_words(found),
        count(BoundsVerdict::Within),
        count(BoundsVerdict::Crosses),
        count(BoundsVerdict::Outside)
    )
}
