//! Results of questionnaires by dosage: T-E20.

use crate::analysis::grouping::Group;
use crate::analysis::measure::Proportion;
use crate::analysis::patient_reported::concept::{Concept, ConceptKind};
use crate::analysis::patient_reported::outcome::{ConceptColumn, ConceptColumns};
use crate::analysis::patient_reported::{InstrumentResult, PanelResult, PatientReportedResult};
use crate::config::{Better, Scoring, Settings};
use crate::derive::AnalysisData;
use crate::quantity::IntervalMethod;

use super::super::population::titled;
use super::super::record::{Item, Recorder, interval_note};
use super::super::table::{cells, fact_row, footnote, heading_row};
use super::super::{Cell, CellPattern, Content, Exhibit, Facts, Notes, Row, Table, Unit};
use super::completion::columns;
use super::{RESULTS, words};

/// The results of one panel; `None` where the panel does not exist.
pub(super) fn tabulate(
    result: &PatientReportedResult,
    panel: usize,
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Option<Exhibit> {
    let first = result.instruments.iter().find_map(|instrument| instrument.panels.get(panel))?.panel.clone();
    let mut recorder = Recorder::new(facts, "patient_reported", RESULTS.0, &first, data);
    let mut notes = recorder.notes(&["ADQS", "ADSL", "ADEX"]);
    let mut rows = Vec::new();
    for instrument in &result.instruments {
        let Some(own) = instrument.panels.get(panel) else { continue };
        let read = columns(&instrument.id, data);
        rows.push(heading_row(&instrument.label));
        for (index, (concept, outcome)) in instrument.concepts.iter().zip(&own.outcomes).enumerate() {
            let block = Block { instrument, concept, outcome, own, columns: read.iter().map(String::as_str).collect(), first: index == 0 };
            rows.extend(block.rows(&mut recorder));
        }
        remark(instrument, own, &mut notes);
    }
    explain(result, settings, &mut notes);
    let columns = recorder.columns(&first.groups);
    let content = Content::Table(Table { stub: "Concept".to_owned(), columns, rows });
    Some(Exhibit { id: recorder.exhibit, title: titled(RESULTS.1, &first), content, notes })
}

/// The rows of one concept.
struct Block<'a> {
    instrument: &'a InstrumentResult,
    concept: &'a Concept,
    outcome: &'a ConceptColumns,
    own: &'a PanelResult,
    columns: Vec<&'a str>,
    /// Whether it is the first of its instrument.
    first: bool,
}

/// What one share is called.
struct Share<'a> {
    stub: &'a str,
    measure: &'a str,
    /// Visit, for the id.
    visit: Option<&'a str>,
    filter: &'a str,
}

impl Block<'_> {
    fn rows(&self, recorder: &mut Recorder<'_>) -> Vec<Row> {
        let code = match self.concept.kind {
            ConceptKind::Composite => String::new(),
            _ => format!(" ({})", self.concept.code),
        };
        let mut rows = vec![fact_row(&format!("{}{code}", self.concept.label), 1, vec![Cell::Empty; self.own.panel.groups.len()])];
        rows.extend(match self.concept.kind {
            ConceptKind::Bother => self.bother(recorder),
            ConceptKind::Presence => self.presence(recorder),
            ConceptKind::Item | ConceptKind::Composite => self.ordered(recorder),
            ConceptKind::Score => self.score(recorder),
        });
        rows
    }

    /// The third piece of ids. The overall bother is one of its kind, so that its ids name no instrument.
    fn what(&self, visit: Option<&str>) -> Option<String> {
        if self.concept.kind == ConceptKind::Bother {
            return visit.map(str::to_owned);
        }
        let visit = visit.map(|visit| format!(" {visit}")).unwrap_or_default();
        Some(format!("{} {}{visit}", self.instrument.id, self.concept.code))
    }

    fn share(&self, share: &Share<'_>, of: &dyn Fn(&ConceptColumn) -> Option<&Proportion>, recorder: &mut Recorder<'_>) -> Row {
        let what = self.what(share.visit);
        let label = format!("{}: {}", self.concept.label, share.stub);
        let made = cells(&self.own.panel.groups, &self.outcome.columns, |group: &Group, column| {
            let Some(counted) = of(column).filter(|counted| counted.n > 0) else { return Cell::NotAvailable };
            let source = ("ADQS", share.filter, self.columns.as_slice());
            let item = Item { measure: share.measure, what: what.as_deref(), group, label: &label, method: "count of subjects", source };
            Cell::Facts(CellPattern::CountOfPercent, vec![recorder.proportion(&item, counted)])
        });
        fact_row(&format!("{}, n/N (%)", share.stub), 2, made)
    }

    fn ordered(&self, recorder: &mut Recorder<'_>) -> Vec<Row> {
        let word = if self.concept.kind == ConceptKind::Composite { "grade" } else { "score" };
        let share = |stub: &'static str, measure: &'static str, filter: &'static str| Share { stub, measure, visit: None, filter };
        let (baseline, severe) = if word == "grade" {
            ("Grade 1 or higher at baseline", "Worst grade after baseline 3, and worse than baseline")
        } else {
            ("Score 1 or higher at baseline", "Worst score after baseline 3 or 4, and worse than baseline")
        };
        vec![
            self.share(
                &share(baseline, "symptom_baseline", "ABLFL = Y, score of 1 or more"),
                &|column| Some(&column.baseline_any),
                recorder,
            ),
            self.share(
                &share("Worse than baseline at any time", "symptom_worsened", "worst score after baseline, worse than baseline"),
                &|column| Some(&column.worsened),
                recorder,
            ),
            self.share(
                &share(severe, "symptom_worsened_severe", "worst score after baseline of 3 or more, worse than baseline"),
                &|column| Some(&column.worsened_severe),
                recorder,
            ),
        ]
    }

    fn presence(&self, recorder: &mut Recorder<'_>) -> Vec<Row> {
        let share = |stub: &'static str, measure: &'static str, filter: &'static str| Share { stub, measure, visit: None, filter };
        vec![
            self.share(
                &share("Present at baseline", "symptom_baseline", "ABLFL = Y, present"),
                &|column| Some(&column.baseline_any),
                recorder,
            ),
            self.share(
                &share("Present after baseline, absent at it", "symptom_worsened", "present after baseline, absent at it"),
                &|column| Some(&column.worsened),
                recorder,
            ),
        ]
    }

    fn bother(&self, recorder: &mut Recorder<'_>) -> Vec<Row> {
        let share = |stub: &'static str, measure: &'static str, filter: &'static str| Share { stub, measure, visit: None, filter };
        let baseline = share("Quite a bit or very much at baseline", "bothered_baseline", "ABLFL = Y, score of 3 or more");
        let any = share("Quite a bit or very much at any time after baseline", "bothered_any", "score of 3 or more after baseline");
        let mut rows = vec![
            self.share(&baseline, &|column| Some(&column.baseline_severe), recorder),
            self.share(&any, &|column| Some(&column.severe), recorder),
        ];
        for (place, visit) in self.visits() {
            let (stub, filter) = (format!("Quite a bit or very much, {visit}"), format!("visit {visit}, score of 3 or more"));
            let of_visit = Share { stub: &stub, measure: "bothered_at", visit: Some(visit), filter: &filter };
            rows.push(self.share(&of_visit, &|column| column.visits.get(place).map(|visit| &visit.severe), recorder));
        }
        rows
    }

    fn visits(&self) -> Vec<(usize, &str)> {
        let label = |place: &usize| Some((*place, self.instrument.visits.get(*place)?.as_str()));
        self.instrument.result_visits.iter().filter_map(label).collect()
    }

    fn score(&self, recorder: &mut Recorder<'_>) -> Vec<Row> {
        let (what, label) = (self.what(None), format!("{} at baseline", self.concept.label));
        let unit = Unit::Points;
        let baseline = cells(&self.own.panel.groups, &self.outcome.columns, |group: &Group, column| {
            if column.baseline.n == 0 {
                return Cell::NotAvailable;
            }
            let source = ("ADQS", "ABLFL = Y", self.columns.as_slice());
            let item = Item { measure: "score_baseline", what: what.as_deref(), group, label: &label, method: "", source };
            recorder.mean_sd(&item, &column.baseline, &unit)
        });
        let mut rows = vec![fact_row("Baseline, mean (SD)", 2, baseline)];
        for (place, visit) in self.visits() {
            rows.extend(self.change(place, visit, recorder));
        }
        rows
    }

    fn change(&self, place: usize, visit: &str, recorder: &mut Recorder<'_>) -> Vec<Row> {
        let what = self.what(Some(visit));
        let label = format!("{}, mean change from baseline, {visit}", self.concept.label);
        let counted_label = format!("{}, subjects with a change from baseline, {visit}", self.concept.label);
        let filter = format!("baseline and visit {visit}");
        let source = ("ADQS", filter.as_str(), self.columns.as_slice());
        let mut counts = Vec::new();
        let made = cells(&self.own.panel.groups, &self.outcome.columns, |group: &Group, column| {
            let Some(visit) = column.visits.get(place).filter(|visit| visit.change.n > 0) else {
                counts.push(Cell::NotAvailable);
                return Cell::NotAvailable;
            };
            let item = Item { measure: "score_change", what: what.as_deref(), group, label: &label, method: "arithmetic mean", source };
            let (n, rows) = (visit.change.n, visit.change.rows.clone());
            let of = Item { measure: "score_change_n", label: &counted_label, method: "count of subjects", ..item.clone() };
            counts.push(Cell::Facts(CellPattern::Value, vec![recorder.count(&of, n, rows.clone())]));
            let id = recorder.number(&item, visit.change.mean, Unit::Points, Some(n), visit.interval, rows);
            Cell::Facts(CellPattern::ValueInterval, vec![id])
        });
        let mut rows = vec![fact_row(&format!("Change to {visit}, mean (CI)"), 2, made)];
        if self.first {
            rows.push(fact_row("Subjects with baseline and visit, n", 3, counts));
        }
        if let Some(least) = self.concept.meaningful_change.filter(|_| self.concept.better.is_some()) {
            let (stub, filter) = (format!("Worse by {least} points or more, {visit}"), format!("visit {visit}, worse by {least} or more"));
            let share = Share { stub: &stub, measure: "score_worse", visit: Some(visit), filter: &filter };
            rows.push(self.share(&share, &|column| column.visits.get(place)?.meaningfully_worse.as_ref(), recorder));
        }
        rows
    }
}

fn remark(instrument: &InstrumentResult, own: &PanelResult, notes: &mut Notes) {
    if !instrument.without_composite.is_empty() {
        let names = instrument.without_composite.join(", ");
        footnote(notes, format!("No composite grade, because not every item of the symptom was asked: {names}."));
    }
    if instrument.concepts.is_empty() {
        footnote(notes, format!("{}: the items could not be recognised by their codes.", instrument.label));
    }
    // The number of subjects stands under the first score only.
    let scores: Vec<&ConceptColumns> =
        instrument.concepts.iter().zip(&own.outcomes).filter(|(concept, _)| concept.kind == ConceptKind::Score).map(|(_, it)| it).collect();
    let numbers = |outcome: &ConceptColumns| -> Vec<u64> {
        let visits =
            outcome.columns.iter().flat_map(|column| instrument.result_visits.iter().filter_map(|visit| column.visits.get(*visit)));
        visits.map(|visit| visit.change.n).collect()
    };
    if let Some((first, others)) = scores.split_first() {
        let held = numbers(first);
        let apart =
            others.iter().flat_map(|other| numbers(other).into_iter().zip(held.clone()).map(|(a, b)| a.abs_diff(b)).collect::<Vec<_>>());
        let most = apart.max().unwrap_or(0);
        footnote(
            notes,
            format!("{}: numbers of subjects of the other scores differ from those of the first by at most {most}.", instrument.label),
        );
    }
}

fn explain(result: &PatientReportedResult, settings: &Settings, notes: &mut Notes) {
    let scorings = || settings.patient_reported.instruments.values().map(|instrument| instrument.scoring);
    notes
        .methods
        .push("n/N: of N subjects who answered; for changes from baseline, of N subjects with a baseline and a later answer".to_owned());
    if scorings().any(|scoring| scoring == Scoring::ProCtcae) {
        notes.methods.push(
            "PRO-CTCAE: items scored 0 to 4, presence 0 or 1; composite grades 0 to 3 by the published look-up [Basch2020]; a symptom that did not get worse than at baseline does not count".to_owned(),
        );
    }
    if scorings().any(|scoring| scoring == Scoring::QlqC30) {
        notes.methods.push(
            "QLQ-C30: scales 0 to 100 by the scoring manual [Fayers2001], summary score [Giesinger2016]; high functioning, global health and summary scores are good, high symptom scores are bad; financial difficulties and global health are not part of the summary score".to_owned(),
        );
    }
    let points = result.instruments.iter().flat_map(|instrument| &instrument.concepts).any(|concept| concept.kind == ConceptKind::Score);
    if points {
        notes.methods.push(format!("{}, of mean changes", interval_note(&settings.intervals, IntervalMethod::StudentT)));
    }
    notes.methods.push(words::intercurrent(settings));
    notes.abbreviations = vec!["CI: confidence interval".to_owned(), "SD: standard deviation".to_owned()];
    if result.instruments.iter().all(|instrument| !instrument.has_overall_bother) {
        footnote(notes, "No item asks for the overall bother by side effects (`overall_bother`).");
    }
    let unknown = result
        .instruments
        .iter()
        .flat_map(|instrument| &instrument.concepts)
        .any(|concept| concept.kind != ConceptKind::Score && concept.better == Some(Better::Higher));
    if unknown {
        footnote(notes, "Items for which more is better: worse is a lower score.");
    }
}
