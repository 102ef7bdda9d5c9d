//! Times to event by dosage: a table and one Kaplan-Meier figure per endpoint.

use crate::analysis::efficacy::{Endpoint, EndpointPanel};
use crate::analysis::grouping::Group;
use crate::analysis::measure::{Proportion, Survival, SurvivalAt};
use crate::config::Settings;
use crate::data::DatasetName;
use crate::derive::AnalysisData;
use crate::quantity::{Interval, Rows};

use super::super::population::titled;
use super::super::record::{Item, Recorder, columns_read, interval_note};
use super::super::series::series_key;
use super::super::table::{cells, fact_row, heading_row};
use super::super::{
    Axis, Cell, CellPattern, Content, Exhibit, ExhibitId, Facts, FigureSpec, Notes, Plot, Row, Slice, StepCurve, StepPoint, Table, Unit,
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
    let counted = endpoints.iter().flat_map(|endpoint| &endpoint.panels).flat_map(|panel| &panel.columns).any(Option::is_some);
    if !counted {
        let needs = ["ADTTE: PFS and OS (PARAMCD PFS, OS; AVAL, CNSR)"];
        return vec![Exhibit::placeholder(
            ExhibitId::new("T-TTE", None),
            TITLE,
            "The data hold no progression-free, overall or event-free survival of a subject with a dosage.",
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
        rows.extend(
            endpoint.panels.get(index).map(|columns| rows_of(endpoint, columns, data, settings, &mut recorder)).unwrap_or_default(),
        );
    }
    let mut notes = recorder.notes(&["ADTTE", "ADSL"]);
    notes.methods.push(format!("Kaplan-Meier estimates; {}", interval_note(&settings.intervals, settings.intervals.kaplan_meier)));
    notes.methods.push("Months of 30.4375 days; a probability beyond the last observation is not given".to_owned());
    notes.footnotes.extend(without_record(endpoints, index));
    notes.abbreviations = vec!["CI: confidence interval".to_owned(), "NE: not estimable".to_owned()];
    let columns = recorder.columns(&panel.groups);
    let id = recorder.exhibit;
    Some(Exhibit { id, title: titled(TITLE, panel), content: Content::Table(Table { stub: "Endpoint".to_owned(), columns, rows }), notes })
}

fn rows_of(endpoint: &Endpoint, panel: &EndpointPanel, data: &AnalysisData, settings: &Settings, recorder: &mut Recorder<'_>) -> Vec<Row> {
    let mut rows = EndpointRows { endpoint, panel, columns: columns_read(data, DatasetName::Adtte), recorder };
    let mut made = vec![heading_row(endpoint.label), rows.events(settings), rows.median()];
    made.extend(LANDMARKS.into_iter().map(|landmark| rows.landmark(landmark, settings)));
    made
}

/// Makes the rows of one endpoint.
struct EndpointRows<'a, 'f> {
    endpoint: &'a Endpoint,
    panel: &'a EndpointPanel,
    columns: Vec<String>,
    recorder: &'a mut Recorder<'f>,
}

impl EndpointRows<'_, '_> {
    fn cells(&mut self, words: [&str; 3], condition: &str, cell: &dyn Fn(&mut Recorder<'_>, &Item<'_>, &Survival) -> Cell) -> Vec<Cell> {
        let [measure, label, method] = words;
        let measure = format!("{}_{measure}", self.endpoint.id);
        let label = format!("{}, {label}", self.endpoint.label);
        let filter = format!("PARAMCD = {}{condition}", self.endpoint.code);
        let columns: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        cells(&self.panel.panel.groups, &self.panel.columns, |group: &Group, survival: &Option<Survival>| {
            let Some(survival) = survival else { return Cell::NotAvailable };
            let source = ("ADTTE", filter.as_str(), columns.as_slice());
            let item = Item { measure: &measure, what: None, group, label: &label, method, source };
            cell(self.recorder, &item, survival)
        })
    }

    fn events(&mut self, settings: &Settings) -> Row {
        let made = self.cells(["events", "subjects with the event", "count of subjects"], " and CNSR = 0", &|recorder, item, survival| {
            let n = usize::try_from(survival.n).unwrap_or(usize::MAX);
            let rows = survival.event_rows.clone();
            let proportion = Proportion::new(rows.len(), n, rows, &settings.intervals);
            Cell::Facts(CellPattern::CountOfPercent, vec![recorder.proportion(item, &proportion)])
        });
        fact_row("Events, n/N (%)", 1, made)
    }

    fn median(&mut self) -> Row {
        let made = self.cells(["median", "median", "Kaplan-Meier median"], "", &|recorder, item, survival| {
            let id = recorder.number(item, survival.median, Unit::Months, Some(survival.n), survival.interval, survival.rows.clone());
            Cell::Facts(CellPattern::ValueInterval, vec![id])
        });
        fact_row("Median, months (CI)", 1, made)
    }

    fn landmark(&mut self, months: f64, settings: &Settings) -> Row {
        let (measure, label) = (format!("at_{months}_months"), format!("probability at {months} months"));
        let made = self.cells([&measure, &label, "Kaplan-Meier probability"], "", &|recorder, item, survival| {
            let at = survival.at(months);
            let interval = at.map(|at| limits(at, settings));
            let rows = survival.rows.clone();
            let id = recorder.number(item, at.map(|at| at.estimate), Unit::Proportion, Some(survival.n), interval, rows);
            Cell::Facts(CellPattern::PercentInterval, vec![id])
        });
        fact_row(&format!("Free of the event at {months} months, % (CI)"), 1, made)
    }
}

/// What is said of subjects without a record of an endpoint.
fn without_record(endpoints: &[Endpoint], index: usize) -> Option<String> {
    let missing = |endpoint: &Endpoint| {
        let panel = endpoint.panels.get(index)?;
        let columns = panel.panel.groups.iter().zip(&panel.columns).filter(|(group, _)| group.dosage.is_some());
        let counted =
            columns.map(|(group, survival)| (group.n() as u64).saturating_sub(survival.as_ref().map_or(0, |survival| survival.n)));
        let count: u64 = counted.sum();
        (count > 0).then(|| format!("{} {count}", endpoint.label.to_lowercase()))
    };
    let told: Vec<String> = endpoints.iter().filter_map(missing).collect();
    (!told.is_empty()).then(|| format!("Subjects without a record of the endpoint, who are not counted: {}.", told.join("; ")))
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
            source: vec![Slice::new("ADTTE", format!("PARAMCD = {}", endpoint.code), columns_read(data, DatasetName::Adtte), rows)],
        }),
        notes: figure_notes(panel, shown.len(), data, settings),
    })
}

fn figure_notes(panel: &EndpointPanel, shown: usize, data: &AnalysisData, settings: &Settings) -> Notes {
    let columns = panel.panel.groups.iter().zip(&panel.columns);
    let with_record = columns.filter(|(group, survival)| group.dosage.is_some() && survival.is_some()).count();
    let too_few = format!("Dosages with fewer than {SMALLEST_CURVE} subjects are in the table and not in the figure.");
    let intervals = interval_note(&settings.intervals, settings.intervals.kaplan_meier);
    Notes {
        datasets: vec!["ADTTE".to_owned(), "ADSL".to_owned()],
        population: panel.panel.population.label(data),
        grouping: format!("Curves {}", panel.panel.assignment.label()),
        methods: vec![format!("Kaplan-Meier; bands: {intervals}; ticks: censored")],
        footnotes: (shown < with_record).then_some(too_few).into_iter().collect(),
        ..Notes::default()
    }
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
