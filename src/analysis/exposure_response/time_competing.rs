//! Competing events and recurrent events by group of exposure.

use super::assembly::Sample;
use super::binary::ExposureForm;
use super::effect::{Effect, Step};
use super::refusal::Refusal;
use super::time_groups::{ExposureBand, ExposureBands};
use super::time_outcomes::{TimeRecord, Times};
use super::time_to_event::TimeToEventError;
use crate::analysis::measure::SurvivalAt;
use crate::numerics::cox::CoxError;
use crate::numerics::cumulative_incidence::{Cause, CumulativeIncidence, IncidenceVariance, Outcome as Ending};
use crate::numerics::design_matrix::DesignMatrix;
use crate::numerics::fine_gray::fine_gray;
use crate::numerics::gray::gray_test;
use crate::numerics::kaplan_meier::SurvivalError;
use crate::numerics::mean_cumulative::MeanCumulative;
use crate::quantity::{DAYS_PER_MONTH, IntervalMethod};

/// A rising curve of one group of exposure.
#[derive(Debug, Clone)]
pub struct BandCurve {
    /// Estimates after every step, from time 0 with zero; times in months.
    pub steps: Vec<SurvivalAt>,
    /// Times of censoring, months, ascending.
    pub censored: Vec<f64>,
    /// Ends of observation of all its subjects, months, ascending.
    pub ends: Vec<f64>,
    /// Events.
    pub events: usize,
    /// Subjects in whom a competing event came first.
    pub competing: usize,
}

impl BandCurve {
    /// The estimate at a time; `None` beyond the last subject's observation.
    #[must_use]
    pub fn at(&self, months: f64) -> Option<SurvivalAt> {
        self.ends.last().filter(|last| months <= **last)?;
        self.steps.iter().rev().find(|step| step.time <= months).map(|step| SurvivalAt { time: months, ..*step })
    }

    /// Subjects still under observation just before a time.
    #[must_use]
    pub fn at_risk(&self, months: f64) -> usize {
        self.ends.len() - self.ends.partition_point(|end| *end < months)
    }
}

/// The event and what competes with it, by group of exposure.
#[derive(Debug, Clone)]
pub struct CompetingResult {
    /// Cumulative incidence of the event, parallel to the groups.
    pub curves: Vec<BandCurve>,
    /// p value of Gray's test across the groups.
    pub gray: Option<f64>,
    /// Effect of exposure on the subdistribution hazard, in the form of the chosen straight line.
    pub subdistribution: Option<Effect>,
    /// Form of that effect.
    pub form: ExposureForm,
    /// Subjects in whom a competing event came first.
    pub competing: usize,
}

fn records<'a>(sample: &Sample, times: &'a Times, band: &ExposureBand) -> Vec<&'a TimeRecord> {
    let subject = |row: &usize| sample.subjects.get(*row).map(|subject| subject.subject);
    band.members.iter().filter_map(subject).filter_map(|subject| times.by_subject.get(&subject)).collect()
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// Cumulative incidence by Aalen and Johansen in each group, Gray's test across them, and Fine and Gray's regression on exposure.
///
/// # Errors
/// Times that are none.
///
/// Sources: `[AalenJohansen1978]`, `[Gray1988]`, `[FineGray1999]`.
pub(super) fn model_competing(
    (sample, times): (&Sample, &Times),
    bands: &ExposureBands,
    (form, median): (ExposureForm, f64),
    level: f64,
) -> Result<CompetingResult, Refusal> {
    let mut curves = Vec::new();
    let (mut all_times, mut endings, mut groups) = (Vec::new(), Vec::new(), Vec::new());
    for (place, band) in bands.bands.iter().enumerate() {
        let records = records(sample, times, band);
        all_times.extend(records.iter().map(|record| record.days));
        endings.extend(records.iter().map(|record| record.ending));
        groups.extend(records.iter().map(|_| place));
        curves.push(incidence(&records, level).map_err(TimeToEventError::from)?);
    }
    let gray = gray_test(&all_times, &endings, &groups, bands.bands.len(), Cause::Event).map_err(TimeToEventError::from)?;
    Ok(CompetingResult {
        competing: endings.iter().filter(|ending| **ending == Ending::Competing).count(),
        curves,
        gray: gray.and_then(|test| test.p_value),
        subdistribution: subdistribution((sample, times), (form, median), level)?,
        form,
    })
}

fn incidence(records: &[&TimeRecord], level: f64) -> Result<BandCurve, SurvivalError> {
    let times: Vec<f64> = records.iter().map(|record| record.days / DAYS_PER_MONTH).collect();
    let endings: Vec<Ending> = records.iter().map(|record| record.ending).collect();
    let fit = CumulativeIncidence::fit(&times, &endings)?;
    let mut steps = vec![SurvivalAt { time: 0.0, estimate: 0.0, lower: None, upper: None }];
    for step in fit.steps().iter().filter(|step| step.n_event > 0) {
        let at = fit.incidence_at(step.time, Cause::Event, IncidenceVariance::Aalen, level)?;
        steps.push(SurvivalAt { time: step.time, estimate: at.estimate, lower: at.lower, upper: at.upper });
    }
    let censored = records.iter().filter(|record| record.ending == Ending::Censored).map(|record| record.days / DAYS_PER_MONTH);
    let count = |wanted: Ending| endings.iter().filter(|ending| **ending == wanted).count();
    Ok(BandCurve {
        steps,
        censored: sorted(censored),
        ends: sorted(times.into_iter()),
        events: count(Ending::Event),
        competing: count(Ending::Competing),
    })
}

fn subdistribution((sample, times): (&Sample, &Times), (form, median): (ExposureForm, f64), level: f64) -> Result<Option<Effect>, Refusal> {
    let log = form == ExposureForm::LogLinear;
    let used = sample.subjects.iter().filter(|subject| !log || subject.exposure > 0.0);
    let paired = used.filter_map(|subject| Some((subject.exposure, times.by_subject.get(&subject.subject)?)));
    let (exposures, records): (Vec<f64>, Vec<&TimeRecord>) = paired.map(|(x, record)| (if log { x.ln() } else { x }, record)).unzip();
    let ends: Vec<f64> = records.iter().map(|record| record.days).collect();
    let endings: Vec<Ending> = records.iter().map(|record| record.ending).collect();
    let design = DesignMatrix::from_columns(&[exposures]).map_err(CoxError::from).map_err(TimeToEventError::from)?;
    let fit = match fine_gray(&design, &ends, &endings) {
        Ok(fit) => fit,
        Err(CoxError::NoEvents | CoxError::Monotone | CoxError::NoConvergence { .. }) => return Ok(None),
        Err(error) => return Err(TimeToEventError::from(error).into()),
    };
    let step = Step::of(form, median);
    let limits = fit.coefficients.wald_interval(0, level)?;
    Ok(Some(Effect {
        step,
        estimate: fit.coefficients.estimate(0).map(|estimate| estimate * step.factor()),
        limits: limits.map(|(lower, upper)| (lower * step.factor(), upper * step.factor())),
        p_value: fit.coefficients.wald(0).map(|wald| wald.p_value),
        method: IntervalMethod::Wald,
        penalised: false,
    }))
}

/// Mean number of events per subject in each group, parallel to the groups.
///
/// # Errors
/// Times that are none.
///
/// Sources: `[Nelson1995]`, `[LawlessNadeau1995]`.
pub(super) fn count_recurrences((sample, times): (&Sample, &Times), bands: &ExposureBands, level: f64) -> Result<Vec<BandCurve>, Refusal> {
    let curve = |band: &ExposureBand| mean_counts(&records(sample, times, band), level).map_err(TimeToEventError::from);
    Ok(bands.bands.iter().map(curve).collect::<Result<Vec<BandCurve>, TimeToEventError>>()?)
}

fn mean_counts(records: &[&TimeRecord], level: f64) -> Result<BandCurve, SurvivalError> {
    let ends: Vec<f64> = records.iter().map(|record| record.observed / DAYS_PER_MONTH).collect();
    let events: Vec<(usize, f64)> = records
        .iter()
        .enumerate()
        .flat_map(|(unit, record)| record.recurrences.iter().map(move |days| (unit, days / DAYS_PER_MONTH)))
        .collect();
    let fit = MeanCumulative::fit(&ends, &events)?;
    let mut steps = vec![SurvivalAt { time: 0.0, estimate: 0.0, lower: None, upper: None }];
    for step in fit.steps() {
        let (lower, upper) = step.limits(level)?;
        let finite = |limit: f64| limit.is_finite().then_some(limit);
        steps.push(SurvivalAt { time: step.time, estimate: step.estimate, lower: finite(lower), upper: finite(upper) });
    }
    Ok(BandCurve { steps, censored: Vec::new(), ends: sorted(ends.into_iter()), events: events.len(), competing: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(months: f64, ending: Ending, recurrences: &[f64]) -> TimeRecord {
        let days = months * DAYS_PER_MONTH;
        let recurrences = recurrences.iter().map(|month| month * DAYS_PER_MONTH).collect();
        TimeRecord { days, ending, rows: Vec::new(), origin: None, recurrences, observed: days }
    }

    #[test]
    fn incidence_by_hand() {
        let all = [
            record(1.0, Ending::Event, &[]),
            record(2.0, Ending::Competing, &[]),
            record(3.0, Ending::Censored, &[]),
            record(4.0, Ending::Event, &[]),
        ];
        let curve = incidence(&all.iter().collect::<Vec<_>>(), 0.95).unwrap();
        let got: Vec<(f64, f64)> = curve.steps.iter().map(|step| (step.time, step.estimate)).collect();
        assert_eq!(got.len(), 3);
        assert!(
            (got[1].1 - 0.25).abs() < 1e-14 && (got[2].1 - 0.75).abs() < 1e-14,
            "half are free at 4 months and one of one has the event"
        );
        assert_eq!((curve.events, curve.competing, curve.at_risk(2.5)), (2, 1, 2));
        assert!((curve.at(3.5).unwrap().estimate - 0.25).abs() < 1e-14 && curve.at(4.5).is_none());
    }

    #[test]
    fn mean_counts_by_hand() {
        let all = [record(4.0, Ending::Event, &[1.0, 3.0]), record(2.0, Ending::Censored, &[1.0])];
        let curve = mean_counts(&all.iter().collect::<Vec<_>>(), 0.95).unwrap();
        let got: Vec<f64> = curve.steps.iter().map(|step| step.estimate).collect();
        assert_eq!((got, curve.events), (vec![0.0, 1.0, 2.0], 3));
    }
}
