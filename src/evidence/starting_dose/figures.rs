//! F-F02 predicted concentration over a dosing interval, F-F03 predicted occupancy and effect against dose.

use crate::analysis::starting_dose::exposure::Entry as DrugEntry;
use crate::analysis::starting_dose::{
    EngagementCurve, EngagementPoint, Level, LevelSource, Origin, STEEP, StartingDoseResult, SteepRange, TargetMeasure,
};
use crate::config::nonclinical::NonclinicalFile;
use crate::evidence::{
    Axis, BandPoint, Content, Curve, CurvePanel, Exhibit, Facts, FigureSpec, Notes, Plot, ReferenceBand, ReferenceLine, Slice, Unit,
};

use super::ladder::Scale;
use super::ledger::{Entry, Ledger, PROJECT};

/// Curves that one panel can show apart.
const MOST_CURVES: usize = 12;
/// Intervals above this are shown in days, in hours.
const LONGEST_IN_HOURS: f64 = 48.0;
/// The lowest concentration shown, as a share of the highest.
const LOWEST: f64 = 1e-5;

/// F-F02.
pub(super) fn concentration(result: &StartingDoseResult, file: &NonclinicalFile, facts: &mut Facts) -> Exhibit {
    const TITLE: &str = "Predicted concentration over a dosing interval at steady state";
    let mut ledger = Ledger::new(facts, "F-F02", file);
    let levels: Vec<(&Level, &[(f64, f64)])> =
        result.levels.levels.iter().filter_map(|level| Some((level, level.profile.as_deref()?))).collect();
    if levels.is_empty() {
        let needs = profile_needs(result);
        let reason = "Without these, concentrations over time cannot be predicted; none of them is assumed.";
        return Exhibit::placeholder(ledger.exhibit(), TITLE, reason, &needs);
    }
    record_potencies(result, &mut ledger);
    let shown = thinned(&levels);
    let hours = result.pk.and_then(|pk| pk.interval_h).unwrap_or(LONGEST_IN_HOURS);
    let (unit, per_unit) = if hours > LONGEST_IN_HOURS { ("days", 24.0) } else { ("h", 1.0) };
    let curves: Vec<Curve> = shown
        .iter()
        .map(|(rank, (level, profile))| Curve {
            label: level.label.clone(),
            rank: *rank,
            of: levels.len(),
            points: profile.iter().map(|(hours, concentration)| (hours / per_unit, *concentration)).collect(),
            band: Vec::new(),
        })
        .collect();
    let bands = potency_bands(result);
    let plot = Plot::Curves {
        x: Axis { label: format!("Time since dose ({unit})"), log: false, range: Some((0.0, hours / per_unit)) },
        y: Axis { label: "Predicted total concentration in plasma (ng/mL)".to_owned(), log: true, range: None },
        panels: vec![CurvePanel { title: String::new(), curves: cut(curves), levels: bands }],
        marks: Vec::new(),
    };
    let mut notes = concentration_notes(result, file);
    if shown.len() < levels.len() {
        notes.methods.push(format!("{} of {} planned levels are drawn; T-F05 holds all", shown.len(), levels.len()));
    }
    let mut origins: Vec<Origin> = levels.iter().map(|(level, _)| level.origin.clone()).collect();
    origins.push(Origin::new(
        "predicted_human",
        "predicted_human",
        &["CL_F_L_h", "half_life_h", "volume_L", "absorption_per_h", "dosing_interval_h"],
    ));
    origins.extend(result.engagement.potencies.iter().map(|potency| potency.origin.clone()));
    let source = sources(&ledger, &origins);
    let content = Content::Figure(FigureSpec { plot, alt: concentration_alt(result, &levels), source });
    Exhibit { id: ledger.exhibit(), title: TITLE.to_owned(), content, notes }
}

/// What a profile over time needs and the file does not hold.
fn profile_needs(result: &StartingDoseResult) -> Vec<&'static str> {
    let mut needs = Vec::new();
    match &result.pk {
        None => needs.push("NONCLINICAL: predicted_human.CL_F_L_h"),
        Some(pk) => {
            if pk.volume_l.is_none() {
                needs.push("NONCLINICAL: predicted_human.volume_L or half_life_h");
            }
            if pk.interval_h.is_none() {
                needs.push("NONCLINICAL: predicted_human.dosing_interval_h or clinical_schedule");
            }
            if pk.entry == DrugEntry::Unknown {
                needs.push("NONCLINICAL: predicted_human.absorption_per_h, or clinical_route: intravenous");
            }
        }
    }
    if result.levels.levels.iter().all(|level| level.mg.is_none()) {
        needs.push("NONCLINICAL: escalation_plan in mg, or dosages in the project file");
    }
    needs
}

/// At most so many of a list, evenly, with its first and last; each with its position.
fn thinned<T: Copy>(all: &[T]) -> Vec<(usize, T)> {
    let last = all.len().saturating_sub(1);
    let kept = all.len().min(MOST_CURVES);
    let place = |index: usize| if kept < 2 { 0 } else { (index * last + (kept - 1) / 2) / (kept - 1) };
    (0..kept).map(place).filter_map(|place| Some((place, *all.get(place)?))).collect()
}

/// The curves without concentrations that a logarithmic axis would stretch for.
fn cut(mut curves: Vec<Curve>) -> Vec<Curve> {
    let highest = curves.iter().flat_map(|curve| &curve.points).map(|(_, concentration)| *concentration).fold(0.0, f64::max);
    for curve in &mut curves {
        curve.points.retain(|(_, concentration)| *concentration >= highest * LOWEST);
    }
    curves
}

/// Potencies as lines, the steep part of the effect as a band.
fn potency_bands(result: &StartingDoseResult) -> Vec<ReferenceBand> {
    let engagement = &result.engagement;
    let steep = engagement.steep.map(|steep| ReferenceBand { label: steep_words(&steep), lower: steep.lower, upper: steep.upper });
    let line = |label: &str, at: f64| ReferenceBand { label: label.to_owned(), lower: at, upper: at };
    steep.into_iter().chain(engagement.potencies.iter().map(|potency| line(&potency.label, potency.ng_ml))).collect()
}

fn steep_words(steep: &SteepRange) -> String {
    if steep.stated { "EC20 to EC80".to_owned() } else { percent_words() }
}

fn percent_words() -> String {
    format!("{:.0}% to {:.0}% of the largest effect", 100.0 * STEEP.0, 100.0 * STEEP.1)
}

fn record_potencies(result: &StartingDoseResult, ledger: &mut Ledger<'_>) {
    for potency in &result.engagement.potencies {
        let entry = Entry {
            measure: "potency_in_plasma",
            what: Some(&potency.label),
            dosage: None,
            label: format!("Total concentration in plasma at the potency, {}", potency.label),
            method: if potency.unbound_fraction < 1.0 { "divided by the unbound fraction" } else { "as stated, converted to mass" },
            unit: Unit::Named("ng/mL".to_owned()),
            origin: &potency.origin,
        };
        ledger.number(&entry, potency.ng_ml);
    }
}

fn concentration_notes(result: &StartingDoseResult, file: &NonclinicalFile) -> Notes {
    let mut notes = notes(result);
    if let Some(pk) = &result.pk {
        let volume = pk.volume_l.map_or_else(String::new, |volume| format!(", V/F {} L", about(volume)));
        let entry = match pk.entry {
            DrugEntry::Absorption(rate) => format!(", first-order absorption {rate} per hour"),
            DrugEntry::Bolus => ", intravenous bolus".to_owned(),
            DrugEntry::Unknown => String::new(),
        };
        let words = format!("One compartment at steady state: CL/F {} L/h{volume}{entry}", pk.clearance_l_h);
        notes.methods.push(format!("{words} [GibaldiPerrier1982]"));
    }
    let engagement = &result.engagement;
    if engagement.potencies.is_empty() {
        notes.methods.push("The nonclinical file names no assay as that of activity or occupancy: no potency is drawn".to_owned());
        return notes;
    }
    let potencies: Vec<String> =
        engagement.potencies.iter().map(|potency| format!("{}: {} ng/mL", potency.label, about(potency.ng_ml))).collect();
    notes.methods.push(format!("Potencies as total concentration in plasma: {}", potencies.join(", ")));
    let bound =
        file.nonclinical.unbound_fraction("human").filter(|_| engagement.potencies.iter().any(|potency| potency.unbound_fraction < 1.0));
    notes.methods.push(match bound {
        Some(unbound) => format!(
            "Concentrations in vitro are divided by the unbound fraction in human plasma, {}, unless the label says otherwise",
            about(unbound)
        ),
        None => "Concentrations in vitro are not corrected for binding to plasma proteins".to_owned(),
    });
    if let (Some(steep), Some(activity)) = (&engagement.steep, &file.nonclinical.activity) {
        let ends = format!("{} to {} ng/mL", about(steep.lower), about(steep.upper));
        let basis = if steep.stated {
            format!("as stated for {}", activity.assay)
        } else {
            format!("by {} of {} and a Hill coefficient of {}", activity.parameter, activity.assay, activity.hill)
        };
        notes.methods.push(format!("Band: {}, {ends}, {basis}", percent_words()));
    }
    notes
}

fn notes(result: &StartingDoseResult) -> Notes {
    let mut notes = Ledger::notes();
    if result.levels.source == LevelSource::Dosages {
        notes.datasets.push(PROJECT.to_owned());
    }
    notes
}

fn concentration_alt(result: &StartingDoseResult, levels: &[(&Level, &[(f64, f64)])]) -> String {
    let of = |level: &Level| {
        let exposure = level.exposure?;
        Some(format!("{}: peak {}, trough {} ng/mL", level.label, about(exposure.peak?), about(exposure.trough?)))
    };
    let ends: Vec<String> = [levels.first(), levels.last()].into_iter().flatten().filter_map(|(level, _)| of(level)).collect();
    let potencies: Vec<String> =
        result.engagement.potencies.iter().map(|potency| format!("{} at {} ng/mL", potency.label, about(potency.ng_ml))).collect();
    let potencies = if potencies.is_empty() { String::new() } else { format!(" Potencies in plasma: {}.", potencies.join("; ")) };
    format!("Predicted concentration over a dosing interval at {} planned levels. {}.{potencies}", levels.len(), ends.join("; "))
}

/// F-F03.
pub(super) fn engagement(result: &StartingDoseResult, file: &NonclinicalFile, facts: &mut Facts) -> Exhibit {
    let ledger = Ledger::new(facts, "F-F03", file);
    let curves = &result.engagement.curves;
    let title = title(curves);
    if curves.is_empty() {
        let needs = [
            "NONCLINICAL: receptor_occupancy or activity, and molecular_weight_g_mol",
            "NONCLINICAL: predicted_human.CL_F_L_h",
            "NONCLINICAL: escalation_plan in mg, or dosages in the project file",
        ];
        let reason = "Occupancy and effect against dose need a potency, a predicted clearance and planned levels.";
        return Exhibit::placeholder(ledger.exhibit(), title, reason, &needs);
    }
    let scale = Scale::of(result);
    let unit = scale.unit.label();
    let panels = curves.iter().map(|curve| panel(curve, &scale, curves.len())).collect();
    let levels = result.levels.levels.iter().filter_map(|level| Some((level.dose.amount_in(scale.unit), level.mg? * scale.per_milligram)));
    let plot = Plot::Curves {
        x: Axis { label: format!("Dose for the reference adult ({unit}, logarithmic)"), log: true, range: None },
        y: Axis { label: "Predicted share of the target or of the largest effect".to_owned(), log: false, range: Some((0.0, 1.0)) },
        panels,
        marks: levels.map(|(amount, at)| ReferenceLine { at, label: about(amount.unwrap_or(at)) }).collect(),
    };
    let mut origins: Vec<Origin> = result.levels.levels.iter().map(|level| level.origin.clone()).collect();
    origins.extend(curves.iter().map(|curve| curve.origin.clone()));
    let range = result.engagement.clearance_range;
    origins.extend(range.map(|(position, ..)| {
        Origin::new(format!("predicted_human.parameters[{position}]"), "predicted_human.parameters: CL/F", &["lower", "upper"])
    }));
    let source = sources(&ledger, &origins);
    let content = Content::Figure(FigureSpec { plot, alt: engagement_alt(result), source });
    Exhibit { id: ledger.exhibit(), title: title.to_owned(), content, notes: engagement_notes(result) }
}

fn title(curves: &[EngagementCurve]) -> &'static str {
    match curves {
        [only] if only.measure == TargetMeasure::Occupancy => "Predicted target occupancy against dose",
        [only] if only.measure == TargetMeasure::Effect => "Predicted effect against dose",
        _ => "Predicted target occupancy and effect against dose",
    }
}

fn panel(curve: &EngagementCurve, scale: &Scale, panels: usize) -> CurvePanel {
    let at = |of: fn(&EngagementPoint) -> Option<f64>| -> Vec<(f64, f64)> {
        curve.points.iter().filter_map(|point| Some((point.mg * scale.per_milligram, of(point)?))).collect()
    };
    let band = curve.points.iter().filter_map(|point| {
        let (lower, upper) = point.average_range?;
        Some(BandPoint { at: point.mg * scale.per_milligram, lower, upper })
    });
    let drawn = |label: &str, rank: usize, points: Vec<(f64, f64)>, band: Vec<BandPoint>| Curve {
        label: label.to_owned(),
        rank,
        of: 3,
        points,
        band,
    };
    let curves = vec![
        drawn("at peak", 1, at(|point| point.shares.peak), Vec::new()),
        drawn("at average", 2, at(|point| Some(point.shares.average)), band.collect()),
        drawn("at trough", 0, at(|point| point.shares.trough), Vec::new()),
    ];
    let title = format!("{}: {}", curve.measure.label(), curve.basis);
    CurvePanel {
        title: if panels > 1 { title } else { curve.basis.clone() },
        curves: curves.into_iter().filter(|curve| !curve.points.is_empty()).collect(),
        levels: Vec::new(),
    }
}

fn engagement_notes(result: &StartingDoseResult) -> Notes {
    let mut notes = notes(result);
    notes.methods.push("Shares at the predicted exposure of T-F05; vertical lines: planned levels".to_owned());
    notes.methods.push(match result.engagement.clearance_range {
        Some((_, lower, upper)) => format!(
            "Band: share at the average concentration with CL/F from {lower} to {upper} L/h, the stated range; other uncertainty is not shown"
        ),
        None => "The nonclinical file states no uncertainty of the predicted clearance: no band".to_owned(),
    });
    if result.levels.levels.iter().all(|level| level.profile.is_none()) {
        notes
            .methods
            .push("Peak and trough cannot be predicted without the rate of absorption, the volume and the dosing interval".to_owned());
    }
    notes
}

fn engagement_alt(result: &StartingDoseResult) -> String {
    let of = |level: &Level, measure: TargetMeasure| {
        let (word, shares) = match measure {
            TargetMeasure::Occupancy => ("occupancy", level.occupancy?),
            TargetMeasure::Effect => ("effect", level.effect?),
        };
        Some(format!("{}: {word} {} at the average", level.label, about(shares.average)))
    };
    let levels = &result.levels.levels;
    let ends = [levels.first(), levels.last()];
    let words: Vec<String> =
        result.engagement.curves.iter().flat_map(|curve| ends.into_iter().flatten().filter_map(|level| of(level, curve.measure))).collect();
    format!("{} on a logarithmic dose axis. {}.", title(&result.engagement.curves), words.join("; "))
}

/// What a figure rests on: the lines of the nonclinical file, and the entries of the project file.
pub(super) fn sources(ledger: &Ledger<'_>, origins: &[Origin]) -> Vec<Slice> {
    let merged = |of_file: bool| {
        let chosen: Vec<&Origin> = origins.iter().filter(|origin| origin.entries.is_empty() != of_file).collect();
        let all = chosen.iter().fold(Origin::default(), |all, origin| all.and(origin));
        (!chosen.is_empty()).then(|| ledger.slice(&all))
    };
    [merged(true), merged(false)].into_iter().flatten().collect()
}

/// A number with about three significant digits, for words that describe a figure.
pub(super) fn about(value: f64) -> String {
    let magnitude = if value.abs() > 0.0 { value.abs().log10().floor() } else { 0.0 };
    let decimals = (2.0 - magnitude).clamp(0.0, 9.0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
