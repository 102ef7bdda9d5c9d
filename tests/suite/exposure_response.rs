//! Exposure-response: who is analysed, what is chosen, what the dossier says of it.

use dosecase::analysis::exposure_response::{ExposureResponseResult, Models, Refusal, analyse};
use dosecase::config::Settings;
use dosecase::derive::{
    AnalysisData, Assessor, BaselineValue, BaselineVariable, PkParameter, Response, ResponseCategory, ResponseKind, SubjectIndex,
    TimeToEvent,
};
use dosecase::evidence::exposure_response::gather;
use dosecase::evidence::{Content, Exhibit, FactValue, Facts, Plot, Unit};

use crate::hand_made::{PROJECT, exhibit, fact, number, rows, settings, subject, trial};

const ANALYSES: &str = "
exposure_response:
  - {id: orr, label: Response by exposure, endpoint: {dataset: adrs, parameter: CRSP, event: Y}, exposure: AUCSS, covariates: [AGE, NOTHERE]}
  - {id: pfs, endpoint: {dataset: adtte, parameter: PFS}, exposure: AUCSS, models: [linear, emax, quadratic]}
  - {id: harm, endpoint: {dataset: adae, grade_at_least: 3}, exposure: AUCSS, models: [linear]}
  - {id: none, endpoint: {dataset: adrs, parameter: CRSP, event: Y}, exposure: CMAXSS}
";

/// Sixty subjects at two dosages with exposures that overlap, six of a control, one without exposure, one without response.
pub(crate) fn data() -> AnalysisData {
    let mut subjects: Vec<_> = (0..62).map(|place| subject(place, place % 2, 60.0)).collect();
    subjects.extend((62..68).map(|place| subject(place, 2, 60.0)));
    for (place, subject) in subjects.iter_mut().enumerate() {
        subject.baseline = vec![BaselineValue::Number(50.0 + (place * 13 % 20) as f64)];
    }
    let mut data = trial(subjects, Vec::new());
    data.baseline_variables = vec![BaselineVariable { column: "AGE".into(), label: "Age (years)".into(), levels: None, merged: false }];
    let exposures = (0..61).map(|place| PkParameter {
        row: place as u32 + 1,
        subject: SubjectIndex(place),
        code: "AUCSS".into(),
        label: "AUC at steady state".into(),
        category: None,
        specimen: None,
        visit: None,
        value: Some(exposure(place)),
        unit: Some("ng*h/mL".into()),
        in_summary: true,
    });
    data.pk_parameters = Some(exposures.collect());
    let respond = |place: usize| exposure(place) + (place * 31 % 60) as f64 * 10.0 > 700.0;
    let response = |place: usize| Response {
        row: place as u32 + 101,
        subject: SubjectIndex(place),
        kind: ResponseKind::ConfirmedObjective,
        assessor: Assessor::Investigator,
        parameter: "CRSP".into(),
        category: if respond(place) { ResponseCategory::Yes } else { ResponseCategory::No },
        date: None,
        day: None,
    };
    data.responses = Some((0..68).filter(|place| *place != 60).map(response).collect());
    let time = |place: usize| TimeToEvent {
        row: place as u32 + 201,
        subject: SubjectIndex(place),
        code: "PFS".into(),
        label: "Progression-free survival".into(),
        days: 40.0 + (place * 29 % 60) as f64 * 6.0 + exposure(place) / 10.0,
        event: !place.is_multiple_of(4),
        description: None,
        start: None,
    };
    data.times_to_event = Some((0..68).map(time).collect());
    data
}

fn exposure(place: usize) -> f64 {
    (100.0 + (place * 17 % 60) as f64 * 8.0) * if place.is_multiple_of(2) { 1.0 } else { 1.6 }
}

fn build() -> (Vec<ExposureResponseResult>, Vec<Exhibit>, Facts, Settings) {
    let settings = settings(&format!("{PROJECT}{ANALYSES}"));
    let data = data();
    let results = analyse(&data, &settings);
    let mut facts = Facts::default();
    let exhibits = gather(&results, &data, &settings, &mut facts);
    (results, exhibits, facts, settings)
}

#[test]
fn everybody_is_in_the_sample_or_counted_with_a_reason() {
    let (results, ..) = build();
    let sample = &results[0].found.as_ref().unwrap().sample;
    assert_eq!(sample.subjects.len(), 60);
    assert_eq!((sample.left_out.comparator, sample.left_out.no_exposure, sample.left_out.no_outcome), (6, 1, 1));
    assert_eq!(sample.absent_covariates, ["NOTHERE"]);
    assert_eq!(sample.panel.groups.iter().map(|group| group.n()).collect::<Vec<_>>(), [30, 30]);
    assert_eq!(results[3].found.as_ref().unwrap_err(), &Refusal::NoExposure { code: "CMAXSS".into() });
    let harm = &results[2].found.as_ref().unwrap().sample;
    assert_eq!((harm.subjects.len(), harm.events()), (61, 0), "nobody had an adverse event, which is known of everybody");
}

#[test]
fn predictions_lie_on_the_chosen_curve_and_gains_between_them() {
    let (results, exhibits, facts, _) = build();
    let Models::Binary(models) = &results[0].found.as_ref().unwrap().models else { panic!("a binary outcome") };
    assert_eq!((models.models.len(), models.dosages.len(), models.gains.len()), (3, 2, 1));
    let best = models.models.iter().filter(|model| model.saturation.is_none_or(|of| of.ec50.is_some())).filter_map(|model| model.aic);
    let chosen = &models.models[models.analysis.chosen.unwrap()];
    assert!((chosen.aic.unwrap() - best.fold(f64::INFINITY, f64::min)).abs() < 1e-12);
    let (low, high) =
        (number(&facts, "exposure_response.predicted.orr.120mg_qd"), number(&facts, "exposure_response.predicted.orr.240mg_qd"));
    let gain = fact(&facts, "exposure_response.gain.orr.240mg_qd_vs_120mg_qd");
    assert!(matches!(gain.value, FactValue::Number(gain) if (gain - (high - low)).abs() < 1e-12 && gain > 0.0));
    assert!(gain.interval.is_some() && gain.unit == Unit::ProportionDifference);
    let table = exhibit(&exhibits, "T-E18");
    assert!(
        table.notes.footnotes.iter().any(|note| note.contains("1 without AUCSS; 1 without a record of the outcome; 6 given a comparator"))
    );
    assert!(table.notes.footnotes.iter().any(|note| note.contains("ADPP holds no CMAXSS")));
}

#[test]
fn facts_rest_on_the_rows_of_exposure_and_outcome() {
    let (_, _, facts, _) = build();
    let slope = fact(&facts, "exposure_response.slope_linear.orr");
    assert_eq!((slope.source.dataset.as_str(), slope.source.rows.len()), ("ADPP", 60));
    let outcome = slope.denominator.as_ref().unwrap();
    assert_eq!((outcome.dataset.as_str(), outcome.rows.len()), ("ADRS", 60));
    let observed = fact(&facts, "exposure_response.observed.orr.120mg_qd");
    assert_eq!(observed.count, Some(rows(&facts, "exposure_response.observed.orr.120mg_qd").len() as u64));
    assert_eq!(observed.denominator.as_ref().unwrap().rows.len(), 30);
    let ratio = number(&facts, "exposure_response.odds_ratio_linear.orr");
    assert!((ratio - number(&facts, "exposure_response.slope_linear.orr").exp()).abs() < 1e-12);
}

#[test]
fn times_have_ratios_and_curves_by_quartile() {
    let (results, exhibits, facts, _) = build();
    assert_eq!(results[1].not_available.len(), 1, "no quadratic curve of a time");
    let ratio = fact(&facts, "exposure_response.hazard_ratio.pfs.240mg_qd_vs_120mg_qd");
    assert!(ratio.interval.is_some() && ratio.n.is_none());
    let figure = exhibit(&exhibits, "F-R03");
    let Content::Figure(figure) = &figure.content else { panic!("a figure") };
    let Plot::Steps { curves, .. } = &figure.plot else { panic!("step curves") };
    // One more subject than with a response: sixty-one have exposure and time.
    assert_eq!(curves.iter().map(|curve| curve.series.n).sum::<usize>(), 61);
    assert_eq!(curves.len(), 4);
}

#[test]
fn a_figure_shows_every_subject_and_what_cannot_be_shown_is_said() {
    let (_, exhibits, ..) = build();
    let Content::Figure(figure) = &exhibit(&exhibits, "F-E07").content else { panic!("a figure") };
    let Plot::ExposureResponse(plot) = &figure.plot else { panic!("a curve") };
    assert_eq!(plot.outcomes[0].with_event.len() + plot.outcomes[0].without_event.len(), 60);
    assert_eq!(plot.boxes.iter().map(|series| series.values.len()).sum::<usize>(), 60);
    assert_eq!(plot.outcomes[0].groups.iter().map(|group| group.n).sum::<usize>(), 60);
    let Content::Figure(dual) = &exhibit(&exhibits, "F-E08").content else { panic!("a figure") };
    let Plot::ExposureResponse(dual) = &dual.plot else { panic!("curves") };
    assert_eq!(dual.outcomes.iter().map(|outcome| outcome.harm).collect::<Vec<_>>(), [false, true]);
    let settings = settings(PROJECT);
    let none = gather(&analyse(&data(), &settings), &data(), &settings, &mut Facts::default());
    assert!(none.iter().all(|exhibit| matches!(exhibit.content, Content::Placeholder(_))) && none.len() == 3);
}
