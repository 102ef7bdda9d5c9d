//! Whether sampling supports the pharmacokinetics: T-E11-sampling.

use crate::analysis::grouping::Group;
use crate::analysis::measure::Proportion;
use crate::analysis::pk::PkResult;
use crate::analysis::pk::occasion::{Occasion, ProfileCounts};
use crate::analysis::pk::troughs::TroughCourse;
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::quantity::Rows;

use super::super::record::{Item, Recorder};
use super::super::table::{fact_row, footnote, heading_row};
use super::super::{Cell, CellPattern, Content, Exhibit, Facts, Notes, Row, Table};
use super::words::{concentration_columns, occasion_head, occasion_id, profile_filter};

const TITLE: &str = "Pharmacokinetic sampling by dosage";

/// Smallest share of patients with a profile, and largest shares of poor slopes and of troughs below the limit, without a footnote.
const LEAST_PROFILES: f64 = 0.80;
const MOST_POOR: f64 = 0.25;
const MOST_BELOW: f64 = 0.30;

/// The table; `None` without an analysed profile.
pub(super) fn table(result: &PkResult, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Option<Exhibit> {
    if !result.occasions.iter().any(|occasion| !occasion.profiles.is_empty()) {
        return None;
    }
    let mut recorder = Recorder::new(facts, "pk", "T-E11-sampling", &result.panel, data);
    let mut notes = recorder.notes(&["ADPC", "ADSL"]);
    let columns = concentration_columns(data);
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut rows = Vec::new();
    for occasion in result.occasions.iter().filter(|occasion| !occasion.profiles.is_empty()) {
        rows.push(heading_row(&occasion_head(occasion)));
        let filter = profile_filter(occasion, data);
        let what = occasion_id(occasion, result);
        let mut block = Block { what: &what, filter: &filter, columns: &columns, result, settings, recorder: &mut recorder };
        rows.extend(block.profiles(occasion, &mut notes));
    }
    for course in &result.troughs.courses {
        let filter = format!("samples of {} before a dose or at the end of a dosing interval", course.analyte);
        let mut block = Block { what: &course.analyte, filter: &filter, columns: &columns, result, settings, recorder: &mut recorder };
        if let Some(row) = block.below_limit(course, &mut notes) {
            rows.push(heading_row(&format!("{}, troughs at steady state", course.analyte)));
            rows.push(row);
        }
    }
    notes.methods.push("A profile is analysed from three samples with a result after the dose on".to_owned());
    notes.methods.push("Terminal slope and extrapolated area are judged by the rules under T-E11".to_owned());
    let heads = recorder.columns(&result.panel.groups);
    let id = recorder.exhibit;
    Some(Exhibit {
        id,
        title: TITLE.to_owned(),
        content: Content::Table(Table { stub: "Sampling".to_owned(), columns: heads, rows }),
        notes,
    })
}

struct Block<'a, 'f> {
    what: &'a str,
    filter: &'a str,
    columns: &'a [&'a str],
    result: &'a PkResult,
    settings: &'a Settings,
    recorder: &'a mut Recorder<'f>,
}

/// Measure and label of a row.
type Named = (&'static str, &'static str);

/// Profiles counted and those that they are counted among.
type CountOf = fn(&ProfileCounts) -> (usize, usize);

impl Block<'_, '_> {
    fn profiles(&mut self, occasion: &Occasion, notes: &mut Notes) -> Vec<Row> {
        let kinds: [(Named, CountOf); 3] = [
            (("profile_share", "Profile analysed, of patients with a sample, n/N (%)"), |counts| (counts.analysed, counts.sampled())),
            (("poor_slope_share", "No terminal slope, or a poor fit, of profiles, n/N (%)"), |counts| (counts.poor_slope, counts.analysed)),
            (("extrapolated_share", "Much of the area extrapolated, of profiles with a slope, n/N (%)"), |counts| {
                (counts.extrapolated, counts.analysed - counts.poor_slope)
            }),
        ];
        let mut rows = Vec::new();
        for (named, count) in kinds {
            let counted: Vec<(usize, usize, Rows)> = occasion
                .profiles
                .iter()
                .zip(&occasion.rows)
                .map(|(counts, rows)| {
                    let (found, of) = count(counts);
                    (found, of, rows.clone())
                })
                .collect();
            rows.push(self.row(named, &counted));
        }
        self.point_out(occasion, notes);
        rows
    }

    /// Says where shares over all dosages pass the thresholds.
    fn point_out(&self, occasion: &Occasion, notes: &mut Notes) {
        let sum = |of: fn(&ProfileCounts) -> usize| occasion.profiles.iter().map(of).sum::<usize>() as f64;
        let (analysed, sampled) = (sum(|counts| counts.analysed), sum(ProfileCounts::sampled));
        let poor = sum(|counts| counts.poor_slope + counts.extrapolated);
        if sampled > 0.0 && analysed / sampled < LEAST_PROFILES {
            footnote(
                notes,
                format!("{}: fewer than {}% of patients with a sample have a profile.", occasion_head(occasion), 100.0 * LEAST_PROFILES),
            );
        }
        if analysed > 0.0 && poor / analysed > MOST_POOR {
            footnote(
                notes,
                format!(
                    "{}: in more than {}% of profiles the terminal slope is missing or fits poorly, or much of the area is extrapolated.",
                    occasion_head(occasion),
                    100.0 * MOST_POOR
                ),
            );
        }
    }

    /// Troughs below the limit of quantification from steady state on; `None` without such a trough.
    fn below_limit(&mut self, course: &TroughCourse, notes: &mut Notes) -> Option<Row> {
        let troughs = &self.result.troughs;
        let late: Vec<usize> = (0..course.visits.len())
            .filter(|place| course.visits.get(*place).is_some_and(|visit| visit.time >= troughs.steady_from))
            .collect();
        let of_group = |group: &Group| {
            let place = troughs.panel.groups.iter().position(|other| other.id == group.id);
            let column = place.and_then(|place| course.columns.get(place));
            let points = || column.into_iter().flat_map(|column| late.iter().filter_map(|place| column.points.get(*place)));
            let rows = points().flat_map(|point| point.below_rows.as_slice().iter().copied()).collect();
            (points().map(|point| point.below_limit).sum::<usize>(), points().map(|point| point.n).sum::<usize>(), rows)
        };
        let counted: Vec<(usize, usize, Rows)> = self.result.panel.groups.iter().map(of_group).collect();
        let (below, of) = counted.iter().fold((0, 0), |sum, (below, of, _)| (sum.0 + below, sum.1 + of));
        if of == 0 {
            return None;
        }
        if below as f64 / of as f64 > MOST_BELOW {
            footnote(
                notes,
                format!(
                    "{}: more than {}% of troughs at steady state are below the limit of quantification.",
                    course.analyte,
                    100.0 * MOST_BELOW
                ),
            );
        }
        Some(self.row(("trough_below_limit_share", "Below the limit of quantification, of samples, n/N (%)"), &counted))
    }

    fn row(&mut self, (measure, label): Named, counted: &[(usize, usize, Rows)]) -> Row {
        let groups: Vec<&Group> = self.result.panel.groups.iter().collect();
        let words = label.trim_end_matches(", n/N (%)");
        let label_of = format!("{words}, {}", self.what);
        let cells = groups.into_iter().zip(counted).map(|(group, (found, of, rows))| {
            if *of == 0 {
                return Cell::NotAvailable;
            }
            let source = ("ADPC", self.filter, self.columns);
            let item = Item { measure, what: Some(self.what), group, label: &label_of, method: "proportion", source };
            let proportion = Proportion::new(*found, *of, rows.clone(), &self.settings.intervals);
            Cell::Facts(CellPattern::CountOfPercent, vec![self.recorder.proportion(&item, &proportion)])
        });
        fact_row(label, 1, cells.collect())
    }
}
