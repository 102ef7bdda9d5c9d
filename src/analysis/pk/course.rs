//! Mean concentrations over time, by dosage.

use std::collections::BTreeMap;

use super::occasion::Occasion;
use crate::derive::{AnalysisData, ConcentrationSample, SampleResult};
use crate::numerics::descriptive::{mean, standard_deviation};
use crate::quantity::Rows;

/// The concentrations of a dosage at one nominal time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoursePoint {
    /// Nominal time since the dose, in hours.
    pub time: f64,
    /// Subjects with a result.
    pub n: usize,
    /// Those of them below the limit of quantification.
    pub below_limit: usize,
    /// Geometric mean; `None` where more than half are below the limit, or their limit is not known.
    pub mean: Option<f64>,
    /// Geometric mean divided and multiplied by the geometric standard deviation.
    pub spread: Option<(f64, f64)>,
}

/// The mean course under one dosage.
#[derive(Debug, Clone, PartialEq)]
pub struct CourseColumn {
    /// Position of the group in the panel.
    pub group: usize,
    /// Profiles.
    pub profiles: usize,
    /// Points in the order of time.
    pub points: Vec<CoursePoint>,
    /// Rows of ADPC.
    pub rows: Rows,
}

/// The mean courses of an occasion.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// Position of the occasion.
    pub occasion: usize,
    /// Unit of the concentrations.
    pub unit: Option<String>,
    /// Limit of quantification, where the samples of the analyte that are below it name one and the same.
    pub limit: Option<f64>,
    /// Dosages with a profile, in the order of the panel.
    pub columns: Vec<CourseColumn>,
}

/// Mean courses of the occasions that have profiles.
///
/// ```text
/// m_j = exp(mean of ln C_ij), bars m_j exp(-s_j) .. m_j exp(s_j), s_j standard deviation of ln C_ij
/// ```
///
/// `C_ij` concentration of subject `i` at nominal time `j`, half the limit of quantification where it is below. No mean is given where more than
/// half of the results are below the limit. Profiles that count in the summaries of the occasion are used, and no others.
pub(super) fn trace_courses(occasions: &[Occasion], data: &AnalysisData) -> Vec<Course> {
    let samples = data.concentrations.iter().flat_map(|concentrations| &concentrations.samples);
    let by_row: BTreeMap<u32, &ConcentrationSample> = samples.map(|sample| (sample.row, sample)).collect();
    let traced = occasions.iter().enumerate().filter_map(|(index, occasion)| trace(index, occasion, &by_row));
    traced.collect()
}

fn trace(index: usize, occasion: &Occasion, by_row: &BTreeMap<u32, &ConcentrationSample>) -> Option<Course> {
    let of_group =
        |rows: &Rows| -> Vec<&ConcentrationSample> { rows.as_slice().iter().filter_map(|row| by_row.get(row).copied()).collect() };
    let groups: Vec<Vec<&ConcentrationSample>> = occasion.rows.iter().map(of_group).collect();
    // A limit belongs to the assay, so that samples of the analyte on any occasion tell it.
    let of_analyte = by_row.values().filter(|sample| occasion.code.as_ref() == Some(&sample.analyte));
    let limits = of_analyte.filter_map(|sample| match sample.result {
        SampleResult::BelowLimit { limit } => limit,
        _ => None,
    });
    let mut limits: Vec<f64> = limits.collect();
    limits.sort_by(f64::total_cmp);
    limits.dedup_by(|a, b| a.to_bits() == b.to_bits());
    let column = |(group, samples): (usize, &Vec<&ConcentrationSample>)| {
        let profiles = occasion.profiles.get(group).map_or(0, |counts| counts.analysed);
        let rows = occasion.rows.get(group).cloned().unwrap_or_default();
        (profiles > 0).then(|| CourseColumn { group, profiles, points: points(samples), rows })
    };
    let columns: Vec<CourseColumn> = groups.iter().enumerate().filter_map(column).collect();
    let unit = groups.iter().flatten().find_map(|sample| sample.unit.clone());
    let limit = match limits[..] {
        [only] => Some(only),
        _ => None,
    };
    (!columns.is_empty()).then_some(Course { occasion: index, unit, limit, columns })
}

/// One point for each nominal time; times are told apart in minutes.
#[expect(clippy::cast_possible_truncation, reason = "minutes since the dose; the cast saturates")]
fn points(samples: &[&ConcentrationSample]) -> Vec<CoursePoint> {
    let mut times: BTreeMap<i64, (f64, Vec<SampleResult>)> = BTreeMap::new();
    for sample in samples {
        let Some(time) = sample.nominal_time else { continue };
        times.entry((60.0 * time).round() as i64).or_insert((time, Vec::new())).1.push(sample.result);
    }
    times.into_values().map(|(time, results)| point(time, &results)).filter(|point| point.n > 0).collect()
}

fn point(time: f64, results: &[SampleResult]) -> CoursePoint {
    let found: Vec<SampleResult> = results.iter().copied().filter(|result| *result != SampleResult::Missing).collect();
    let below_limit = found.iter().filter(|result| matches!(result, SampleResult::BelowLimit { .. })).count();
    let logarithm = |result: &SampleResult| {
        let value = match result {
            SampleResult::Measured(value) => Some(*value),
            SampleResult::BelowLimit { limit } => limit.map(|limit| 0.5 * limit),
            SampleResult::Missing => None,
        };
        value.filter(|value| *value > 0.0).map(f64::ln)
    };
    let logarithms: Option<Vec<f64>> = found.iter().map(logarithm).collect();
    let mut logarithms = logarithms.filter(|values| 2 * below_limit <= found.len() && !values.is_empty()).unwrap_or_default();
    logarithms.sort_by(f64::total_cmp);
    let centre = mean(&logarithms);
    let spread = centre.zip(standard_deviation(&logarithms)).map(|(centre, spread)| ((centre - spread).exp(), (centre + spread).exp()));
    CoursePoint { time, n: found.len(), below_limit, mean: centre.map(f64::exp), spread }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_the_limit_stands_for_what_is_below_unless_most_are() {
        let below = SampleResult::BelowLimit { limit: Some(4.0) };
        let found = point(1.0, &[SampleResult::Measured(8.0), below, SampleResult::Missing]);
        assert_eq!((found.n, found.below_limit), (2, 1));
        assert!((found.mean.unwrap() - 4.0).abs() < 1e-12);
        let (lower, upper) = found.spread.unwrap();
        assert!((lower * upper - 16.0).abs() < 1e-9);
        assert!(((upper / 4.0).ln() - (4.0_f64.ln() / 2.0_f64.sqrt())).abs() < 1e-12);
        assert_eq!(point(1.0, &[SampleResult::Measured(8.0), below, below]).mean, None);
        assert_eq!(point(1.0, &[SampleResult::Measured(8.0), SampleResult::BelowLimit { limit: None }]).mean, None);
        assert_eq!(point(1.0, &[SampleResult::Missing]).n, 0);
    }
}
