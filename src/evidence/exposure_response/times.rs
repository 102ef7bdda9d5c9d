//! Figures of times by exposure: Kaplan-Meier curves, cumulative incidence, mean counts, matched controls: F-R03.

use crate::analysis::exposure_response::{
    Aspect, BandCurve, ExposureBand, ExposureResponseResult, MatchedEnd, MatchedResult, Modelled, Models, TimeResult, group_key, group_word,
};
use crate::analysis::measure::{Survival, SurvivalAt};
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::evidence::efficacy::risk_times;
use crate::evidence::record::interval_note;
use crate::evidence::{Axis, Content, Exhibit, ExhibitId, Facts, FigureSpec, Notes, Plot, SeriesKey, Slice, StepCurve, StepPoint, slug};
use crate::quantity::IntervalMethod;

use super::efficacy::matching;
use super::groups::{competing_words, rule};
use super::ledger::Ledger;
use super::models::unit;
use super::words::{datasets, remarks};

const CODE: &str = "F-R03";

/// The figures of every analysis of a time.
pub(super) fn figures(
    results: &[(&ExposureResponseResult, &Modelled)],
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Vec<Exhibit> {
    let mut exhibits: Vec<Exhibit> = Vec::new();
    for (result, found) in results {
        let Models::Time(models) = &found.models else { continue };
        if models.bands.bands.is_empty() {
            continue;
        }
        let branch = format!("{CODE}-{}", slug(&result.id).replace('_', "-"));
        let code = if exhibits.is_empty() { CODE.to_owned() } else { branch.clone() };
        let ledger = Ledger::new(facts, &code, (result, &found.sample), data, settings);
        let source = vec![ledger.exposure_slice(None), ledger.outcome_slice(None)];
        let maker = Maker { result, found, models, data, settings, source };
        exhibits.push(if models.competing.is_some() { maker.incidence(&code) } else { maker.survival(&code) });
        if !models.recurrences.is_empty() {
            exhibits.push(maker.counts(&format!("{branch}-counts")));
        }
        if let Some(matched) = models.matched.as_ref().ok().filter(|_| found.sample.endpoint.aspect == Aspect::Efficacy) {
            for (place, end) in matched.ends.iter().enumerate() {
                let which = if place == 0 && end.position == 1 { "lowest" } else { "highest" };
                exhibits.push(maker.matched(&format!("{branch}-{which}"), matched, end, which));
            }
        }
    }
    exhibits
}

/// Makes the figures of one analysis.
struct Maker<'a> {
    result: &'a ExposureResponseResult,
    found: &'a Modelled,
    models: &'a TimeResult,
    data: &'a AnalysisData,
    settings: &'a Settings,
    source: Vec<Slice>,
}

impl Maker<'_> {
    fn survival(&self, code: &str) -> Exhibit {
        let bands = &self.models.bands;
        let last = bands.bands.iter().map(|band| band.survival.last_time()).fold(0.0, f64::max);
        let risk_times = risk_times(last);
        let curves: Vec<StepCurve> =
            bands.bands.iter().map(|band| survival_curve(self.key(band, band.members.len()), &band.survival, &risk_times)).collect();
        let told: Vec<String> =
            bands.bands.iter().map(|band| format!("{}: {}", group_key(band.position, bands.groups), told(&band.survival))).collect();
        let label = self.found.sample.endpoint.label.to_lowercase();
        let alt =
            format!("Kaplan-Meier curves of {label} by {} of {}. {}.", group_word(bands.groups), self.result.exposure, told.join("; "));
        let methods = vec![
            format!("Kaplan-Meier; bands: {}", interval_note(&self.settings.intervals, self.settings.intervals.kaplan_meier)),
            tests(&[("Log-rank test across the groups", bands.log_rank), ("trend", bands.trend)]),
        ];
        let axes = (last, format!("Probability of {label}"));
        self.exhibit(code, self.result.label.clone(), (axes, curves, risk_times), alt, methods)
    }

    fn incidence(&self, code: &str) -> Exhibit {
        let bands = &self.models.bands;
        let all: &[BandCurve] = self.models.competing.as_ref().map_or(&[], |competing| &competing.curves);
        let (last, risk_times, curves) = self.rising(all);
        let told: Vec<String> = bands
            .bands
            .iter()
            .zip(all)
            .map(|(band, curve)| {
                let key = group_key(band.position, bands.groups);
                let events = curve.events;
                format!("{key}: {events} events and {} competing events in {} subjects", curve.competing, curve.ends.len())
            })
            .collect();
        let alt = format!("Cumulative incidence by {} of {}. {}.", group_word(bands.groups), self.result.exposure, told.join("; "));
        let gray = self.models.competing.as_ref().and_then(|competing| competing.gray);
        let methods = vec![
            format!(
                "Cumulative incidence by Aalen and Johansen; bands: {}",
                interval_note(&self.settings.intervals, IntervalMethod::LogLog)
            ),
            tests(&[("Gray's test across the groups", gray)]),
            competing_words(self.found).trim_end_matches('.').to_owned(),
        ];
        let title = format!("{}: cumulative incidence", self.result.label);
        self.exhibit(code, title, ((last, "Cumulative incidence".to_owned()), curves, risk_times), alt, methods)
    }

    fn counts(&self, code: &str) -> Exhibit {
        let bands = &self.models.bands;
        let (last, risk_times, curves) = self.rising(&self.models.recurrences);
        let told: Vec<String> = bands
            .bands
            .iter()
            .zip(&self.models.recurrences)
            .map(|(band, curve)| {
                format!("{}: {} events in {} subjects", group_key(band.position, bands.groups), curve.events, curve.ends.len())
            })
            .collect();
        let alt =
            format!("Mean number of events per subject by {} of {}. {}.", group_word(bands.groups), self.result.exposure, told.join("; "));
        let methods = vec![
            "Mean cumulative number of events per subject by Nelson; bands: limits on the logarithmic scale by Lawless and Nadeau, which allow for \
             events of one subject going together"
                .to_owned(),
            "Counted until death, the end of the time at risk or the cut-off".to_owned(),
        ];
        let title = format!("{}: mean number of events", self.result.label);
        self.exhibit(code, title, ((last, "Mean number of events per subject".to_owned()), curves, risk_times), alt, methods)
    }

    fn matched(&self, code: &str, matched: &MatchedResult, end: &MatchedEnd, which: &str) -> Exhibit {
        let key = group_key(end.position, matched.groups);
        let last = end.cases.last_time().max(end.controls.last_time());
        let risk_times = risk_times(last);
        let series = |label: String, comparator: bool| SeriesKey {
            label,
            dosage: if comparator { "control".to_owned() } else { key.to_lowercase() },
            rank: 0,
            of: 1,
            comparator,
            n: end.pairs,
        };
        let range = format!("{key}: {} to {}", short(end.minimum), short(end.maximum));
        let curves = vec![
            survival_curve(series(range, false), &end.cases, &risk_times),
            survival_curve(series(format!("Matched {}", matched.comparator), true), &end.controls, &risk_times),
        ];
        let label = self.found.sample.endpoint.label.to_lowercase();
        let alt = format!(
            "Kaplan-Meier curves of {label} at the {which} exposures and of matched controls given {}. {key}: {}; controls: {}.",
            matched.comparator,
            told(&end.cases),
            told(&end.controls)
        );
        let methods = vec![
            format!("Kaplan-Meier; bands: {}", interval_note(&self.settings.intervals, self.settings.intervals.kaplan_meier)),
            matching(matched).trim_end_matches('.').to_owned(),
        ];
        let title = format!("{}: {which} exposures and matched controls", self.result.label);
        self.exhibit(code, title, ((last, format!("Probability of {label}")), curves, risk_times), alt, methods)
    }

    /// Curves that rise, with the last time and the times of the numbers at risk.
    fn rising(&self, all: &[BandCurve]) -> (f64, Vec<f64>, Vec<StepCurve>) {
        let last = all.iter().filter_map(|curve| curve.ends.last()).copied().fold(0.0, f64::max);
        let risk_times = risk_times(last);
        let curve = |(band, curve): (&ExposureBand, &BandCurve)| {
            let mut steps: Vec<StepPoint> = curve.steps.iter().copied().map(point).collect();
            // The curve goes on to the end of the last observation.
            if let (Some(end), Some(held)) = (curve.ends.last().copied(), steps.last().copied()) {
                steps.push(StepPoint { time: end, ..held });
            }
            StepCurve {
                series: self.key(band, curve.ends.len()),
                steps,
                censored: curve.censored.clone(),
                at_risk: risk_times.iter().map(|time| curve.at_risk(*time)).collect(),
            }
        };
        (last, risk_times.clone(), self.models.bands.bands.iter().zip(all).map(curve).collect())
    }

    fn key(&self, band: &ExposureBand, n: usize) -> SeriesKey {
        let groups = self.models.bands.groups;
        let key = group_key(band.position, groups);
        SeriesKey {
            label: format!("{key}: {} to {}", short(band.minimum), short(band.maximum)),
            dosage: key.to_lowercase(),
            rank: band.position - 1,
            of: groups,
            comparator: false,
            n,
        }
    }

    fn exhibit(
        &self,
        code: &str,
        title: String,
        ((last, name), curves, risk_times): ((f64, String), Vec<StepCurve>, Vec<f64>),
        alt: String,
        mut methods: Vec<String>,
    ) -> Exhibit {
        let most = curves
            .iter()
            .flat_map(|curve| &curve.steps)
            .map(|step| step.upper.unwrap_or(step.estimate).max(step.estimate))
            .fold(1.0, f64::max);
        let (first, of) = (group_key(1, self.models.bands.groups), self.models.bands.groups);
        methods.insert(1, rule());
        methods.insert(2, format!("{first} to {}: range of exposure in {}", group_key(of, of), unit(self.found)));
        methods.push("Exposure depends on the dosage and on the patient; the curves do not compare randomised groups".to_owned());
        let plot = Plot::Steps {
            time: Axis { label: "Time (months)".to_owned(), log: false, range: Some((0.0, last)) },
            probability: Axis {
                label: name,
                log: false,
                range: Some((0.0, if most > 1.0 { most.min(1.5 * tallest(&curves)) } else { 1.0 })),
            },
            curves,
            risk_times,
        };
        let of = [(self.result, self.found)];
        let notes = Notes {
            datasets: datasets(&of),
            population: format!("{} with exposure and outcome", self.found.sample.panel.population.label(self.data)),
            grouping: "Exposure of each subject, whatever the dosage".to_owned(),
            methods,
            footnotes: vec![remarks(self.result, self.found, self.settings)],
            ..Notes::default()
        };
        let content = Content::Figure(FigureSpec { plot, alt, source: self.source.clone() });
        Exhibit { id: ExhibitId::new(code, None), title, content, notes }
    }
}

/// The largest estimate of any curve.
fn tallest(curves: &[StepCurve]) -> f64 {
    curves.iter().flat_map(|curve| &curve.steps).map(|step| step.estimate).fold(1.0, f64::max)
}

fn point(at: SurvivalAt) -> StepPoint {
    StepPoint { time: at.time, estimate: at.estimate, lower: at.lower, upper: at.upper }
}

fn survival_curve(series: SeriesKey, survival: &Survival, risk_times: &[f64]) -> StepCurve {
    StepCurve {
        series,
        steps: survival.steps().into_iter().map(point).collect(),
        censored: survival.censored.clone(),
        at_risk: risk_times.iter().map(|time| survival.at_risk(*time)).collect(),
    }
}

fn told(survival: &Survival) -> String {
    let median = survival.median.map_or_else(|| "median not reached".to_owned(), |median| format!("median {median:.1} months"));
    format!("{} events in {} subjects, {median}", survival.events, survival.n)
}

/// Tests with their p values, in words.
fn tests(all: &[(&str, Option<f64>)]) -> String {
    let one = |(name, p): &(&str, Option<f64>)| match p {
        Some(p) if *p < 0.001 => format!("{name}: p < 0.001"),
        Some(p) => format!("{name}: p = {p:.3}"),
        None => format!("{name}: not estimable"),
    };
    all.iter().map(one).collect::<Vec<String>>().join("; ")
}

/// An exposure with three significant digits, for a name in a figure.
fn short(value: f64) -> String {
    if !value.is_finite() || value.abs() < 1e-9 {
        return "0".to_owned();
    }
    let decimals = (2.0 - value.abs().log10().floor()).clamp(0.0, 9.0) as usize;
    format!("{value:.decimals$}")
}
