//! Times to event by dosage: a table and one Kaplan-Meier figure per endpoint.

use crate::analysis::efficacy::{Endpoint, EndpointPanel};
use crate::analysis::grouping::Group;
use crate::analysis::measure::{Survival, SurvivalAt};
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::quantity::{Interval, Rows};

use super::super::population::titled;
use super::super::record::{Item, Recorder, interval_note};
use super::super::series::series_key;
use super::super::table::{cells, fact_row, heading_row};
use super::super::{
    Axis, Cell, CellPattern, Content, Exhibit, ExhibitId, Facts, FigureSpec, Plot, Row, Slice, StepCurve, StepPoint, Table, Unit,
};

const TITLE: &str = "Times to event by dosage";
/// A curve of fewer subjects than this says nothing that the table does not say better.
const SMALLEST_CURVE: u64 = 5;
/// Landmarks of the table, months.
const LANDMARKS: [f64; 2] = [6.0, 12.0];

/// One table per panel, then the figures of each endpoint.
pub(super) fn gather(endpoints: Option<&[Endpoint]>, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let endpoints = endpoints.unwrap_or_default();
    let panels = endpoints.first().map_or(0, |endpoint| endpoint.panels.len());
    if panels == 0 {
        let needs = ["ADTTE: PFS and OS (PARAMCD PFS, OS; AVAL, CNSR)"];
        return vec![Exhibit::placeholder(
            ExhibitId::new("T-TTE", None),
            TITLE,
            "The data hold no progression-free or overall survival.",
            &needs,
        )];
    }
    let mut exhibits: Vec<Exhibit> = (0..panels).filter_map(|index| table(endpoints, index, data, settings, facts)).collect();
    for endpoint in endpoints {
        exhibits.extend(endpoint.panels.iter().filter_map(|panel| figure(endpoint, panel, data, settings)));
    }
    exhibits
}

fn table(endpoints: &[Endpoint], index: usize, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Option<Exhibit> {
    let panel = &endpoints.first()?.panels.get(index)?.panel;
    let mut recorder = Recorder::new(facts, "efficacy", "T-TTE", panel, data);
    let mut rows = Vec::new();
    for endpoint in endpoints {
        rows.extend(endpoint.panels.get(index).map(|columns| rows_of(endpoint, columns, settings, &mut recorder)).unwrap_or_default());
    }
    let mut notes = recorder.notes(&["ADTTE", "ADSL"]);
    notes.methods.push(format!("Kaplan-Meier estimates; {}", interval_note(&settings.intervals, settings.intervals.kaplan_meier)));
    notes.methods.push("Months of 30.4375 days; a probability beyond the last observation is not given".to_owned());
    notes.abbreviations = vec!["CI: confidence interval".to_owned(), "NE: not estimable".to_owned()];
    let columns = recorder.columns(&panel.groups);
    let id = recorder.exhibit;
    Some(Exhibit { id, title: titled(TITLE, panel), content: Content::Table(Table { stub: "Endpoint".to_owned(), columns, rows }), notes })
}

fn rows_of(endpoint: &Endpoint, panel: &EndpointPanel, settings: &Settings, recorder: &mut Recorder<'_>) -> Vec<Row> {
    let groups = &panel.panel.groups;
    let filter = format!("PARAMCD = {}", endpoint.code);
    let event_filter = format!("{filter} and CNSR = 0");
    let columns = ["PARAMCD", "AVAL", "AVALU", "CNSR"];
    fn item<'a>(group: &'a Group, names: (&'a str, &'a str, &'a str), filter: &'a str, columns: &'a [&'a str]) -> Item<'a> {
        let (measure, label, method) = names;
        Item { measure, what: None, group, label, method, source: ("ADTTE", filter, columns) }
    }
    let mut rows = vec![heading_row(endpoint.label)];
    let (events, label) = (format!("{}_events", endpoint.id), format!("{}, subjects with the event", endpoint.label));
    let made = cells(groups, &panel.columns, |group: &Group, survival: &Option<Survival>| {
        let Some(survival) = survival else { return Cell::NotAvailable };
        let count = usize::try_from(survival.events).unwrap_or(usize::MAX);
        let n = usize::try_from(survival.n).unwrap_or(usize::MAX);
        let proportion = crate::analysis::measure::Proportion::new(count, n, survival.rows.clone(), &settings.intervals);
        let item = item(group, (&events, &label, "count of subjects"), &event_filter, &columns);
        Cell::Facts(CellPattern::CountOfPercent, vec![recorder.proportion(&item, &proportion)])
    });
    rows.push(fact_row("Events, n/N (%)", 1, made));
    let (median, label) = (format!("{}_median", endpoint.id), format!("{}, median", endpoint.label));
    let made = cells(groups, &panel.columns, |group: &Group, survival: &Option<Survival>| {
        let Some(survival) = survival else { return Cell::NotAvailable };
        let item = item(group, (&median, &label, "Kaplan-Meier median"), &filter, &columns);
        let id = recorder.number(&item, survival.median, Unit::Months, Some(survival.n), survival.interval, survival.rows.clone());
        Cell::Facts(CellPattern::ValueInterval, vec![id])
    });
    rows.push(fact_row("Median, months (CI)", 1, made));
    for landmark in LANDMARKS {
        let (measure, label) =
            (format!("{}_at_{landmark}_months", endpoint.id), format!("{}, probability at {landmark} months", endpoint.label));
        let made = cells(groups, &panel.columns, |group: &Group, survival: &Option<Survival>| {
            let Some(survival) = survival else { return Cell::NotAvailable };
            let item = item(group, (&measure, &label, "Kaplan-Meier probability"), &filter, &columns);
            let at = survival.at(landmark);
            let id = recorder.number(
                &item,
                at.map(|at| at.estimate),
                Unit::Proportion,
                Some(survival.n),
                at.map(|at| limits(at, settings)),
                survival.rows.clone(),
            );
            Cell::Facts(CellPattern::PercentInterval, vec![id])
        });
        rows.push(fact_row(&format!("Free of the event at {landmark} months, % (CI)"), 1, made));
    }
    rows
}

fn limits(at: SurvivalAt, settings: &Settings) -> Interval {
    Interval { lower: at.lower, upper: at.upper, level: settings.intervals.level, method: settings.intervals.kaplan_meier }
}

fn figure(endpoint: &Endpoint, panel: &EndpointPanel, data: &AnalysisData, settings: &Settings) -> Option<Exhibit> {
    let shown: Vec<(&Group, &Survival)> = panel
        .panel
        .groups
        .iter()
        .zip(&panel.columns)
        .filter_map(|(group, survival)| Some((group, survival.as_ref()?)))
        .filter(|(group, survival)| group.dosage.is_some() && survival.n >= SMALLEST_CURVE)
        .collect();
    if shown.is_empty() {
        return None;
    }
    let last = shown.iter().map(|(_, survival)| survival.last_time()).fold(0.0, f64::max);
    let risk_times = risk_times(last);
    let curves = shown.iter().map(|(group, survival)| StepCurve {
        series: series_key(group, settings, usize::try_from(survival.n).unwrap_or(usize::MAX)),
        steps: survival
            .steps()
            .into_iter()
            .map(|at| StepPoint { time: at.time, estimate: at.estimate, lower: at.lower, upper: at.upper })
            .collect(),
        censored: survival.censored.clone(),
        at_risk: risk_times.iter().map(|time| survival.at_risk(*time)).collect(),
    });
    let told: Vec<String> = shown
        .iter()
        .map(|(group, survival)| {
            let median = survival.median.map_or_else(|| "median not reached".to_owned(), |median| format!("median {median:.1} months"));
            format!("{}: {} events in {} subjects, {median}", group.label, survival.events, survival.n)
        })
        .collect();
    let rows: Rows = shown.iter().flat_map(|(_, survival)| survival.rows.as_slice().iter().copied()).collect();
    let mut notes = super::super::Notes {
        datasets: vec!["ADTTE".to_owned(), "ADSL".to_owned()],
        population: panel.panel.population.label(data),
        grouping: format!("Curves {}", panel.panel.assignment.label()),
        methods: vec![format!(
            "Kaplan-Meier; bands: {}; ticks: censored",
            interval_note(&settings.intervals, settings.intervals.kaplan_meier)
        )],
        ..Default::default()
    };
    if shown.len() < panel.columns.iter().flatten().count() {
        notes.footnotes.push(format!("Dosages with fewer than {SMALLEST_CURVE} subjects are in the table and not in the figure."));
    }
    Some(Exhibit {
        id: ExhibitId::new(&format!("F-{}", endpoint.id.to_uppercase()), panel.panel.part_id.as_deref()),
        title: titled(&format!("{} by dosage", endpoint.label), &panel.panel),
        content: Content::Figure(FigureSpec {
            plot: Plot::Steps {
                time: Axis { label: "Time since first dose or randomisation (months)".to_owned(), log: false, range: Some((0.0, last)) },
                probability: Axis {
                    label: format!("Probability of {}", endpoint.label.to_lowercase()),
                    log: false,
                    range: Some((0.0, 1.0)),
                },
                curves: curves.collect(),
                risk_times,
            },
            alt: format!("Kaplan-Meier curves of {}. {}.", endpoint.label.to_lowercase(), told.join("; ")),
            source: vec![Slice::new("ADTTE", format!("PARAMCD = {}", endpoint.code), ["PARAMCD", "AVAL", "AVALU", "CNSR"], rows)],
        }),
        notes,
    })
}

/// Steps of 1, 2, 3, 6, 12 … months such that at most ten numbers stand under the figure.
pub(in super::super) fn risk_times(last: f64) -> Vec<f64> {
    let step = [1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 60.0].into_iter().find(|step| last / step <= 9.0).unwrap_or(120.0);
    let mut times = Vec::new();
    let mut time = 0.0;
    while time <= last {
        times.push(time);
        time += step;
    }
    times
}
