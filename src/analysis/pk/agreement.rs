//! Parameters that the data give, held against those computed from the concentrations.

use super::parameter::PkParameter;
use super::profiles::SubjectProfile;
use super::unit::{DataUnits, Unit};
use crate::derive::{self, SubjectIndex};

/// A parameter that the data give and that the concentrations contradict.
#[derive(Debug, Clone, PartialEq)]
pub struct Disagreement {
    /// Row in ADPP.
    pub row: u32,
    /// Subject.
    pub subject: SubjectIndex,
    /// The parameter.
    pub parameter: PkParameter,
    /// Visit of the profile.
    pub visit: Option<String>,
    /// Value in the data.
    pub given: f64,
    /// Value from the concentrations, in the unit of the data.
    pub computed: f64,
}

/// How far parameters of the data agree with those computed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Agreement {
    /// Records held against a computed value.
    pub compared: usize,
    /// Those of them that differ by more than the limit.
    pub disagreements: Vec<Disagreement>,
    /// Records of a parameter of the registry without a computed value to hold them against: no such profile, no value, or another unit.
    pub not_compared: usize,
}

/// Holds the records of ADPP against the profiles of the same subject, analyte and visit.
///
/// ```text
/// disagreement where |given - computed| > limit |given|
/// ```
///
/// A record belongs to a profile when its category is the code of the analyte, a part of its name, or absent, and its visit that of the profile;
/// a record without visit belongs to the only profile of its subject. Computed values are expressed in litres for clearance and volume where the
/// units allow it; a record in another unit is counted and not compared. `dose_unit` is the unit of the doses in ADPC.
#[must_use]
pub fn compare_with_given(profiles: &[SubjectProfile], given: &[derive::PkParameter], dose_unit: &str, limit: f64) -> Agreement {
    let mut agreement = Agreement::default();
    for record in given {
        let (Some(parameter), Some(value)) = (PkParameter::from_code(&record.code), record.value) else { continue };
        let candidates: Vec<&SubjectProfile> =
            profiles.iter().filter(|profile| profile.result.is_ok() && belongs(record, profile)).collect();
        let computed = match candidates[..] {
            [profile] => computed(parameter, profile, record.unit.as_deref(), dose_unit),
            _ => None,
        };
        let Some((computed, visit)) = computed else {
            agreement.not_compared += 1;
            continue;
        };
        agreement.compared += 1;
        if (value - computed).abs() > limit * value.abs() {
            let (row, subject) = (record.row, record.subject);
            agreement.disagreements.push(Disagreement { row, subject, parameter, visit, given: value, computed });
        }
    }
    agreement
}

fn belongs(record: &derive::PkParameter, profile: &SubjectProfile) -> bool {
    let same_visit = match (&record.visit, &profile.visit) {
        (Some(given), Some(own)) => given.trim().eq_ignore_ascii_case(own.trim()),
        _ => true,
    };
    let same_analyte = record.category.as_deref().is_none_or(|category| {
        let category = category.trim().to_lowercase();
        let name = profile.label.as_deref().unwrap_or_default().to_lowercase();
        category == profile.analyte.to_lowercase() || name.contains(&category)
    });
    record.subject == profile.subject && same_visit && same_analyte
}

/// The computed value in the unit of the record; `None` without a value or with another unit.
fn computed(parameter: PkParameter, profile: &SubjectProfile, unit: Option<&str>, dose_unit: &str) -> Option<(f64, Option<String>)> {
    let value = profile.result.as_ref().ok()?.get(parameter).ok()?;
    let units = DataUnits { dose: dose_unit.to_owned(), concentration: profile.unit.clone()?, time: "h".to_owned() };
    let Unit { text, factor } = units.unit(parameter.unit());
    let same = unit.is_none_or(|unit| factors(unit) == factors(&text));
    same.then(|| (value * factor, profile.visit.clone()))
}

/// The factors of a unit in a fixed order: `ng*hr/mL` is `h*ng/mL`.
fn factors(unit: &str) -> Vec<String> {
    let spelled = |part: &str| match part.trim().to_lowercase().as_str() {
        "hr" | "hour" | "hours" => "h".to_owned(),
        other => other.replace('µ', "u"),
    };
    let (numerator, denominator) = unit.split_once('/').unwrap_or((unit, ""));
    let mut parts: Vec<String> = numerator.split(['*', '.', ' ']).map(spelled).filter(|part| !part.is_empty()).collect();
    parts.sort();
    parts.push(spelled(denominator));
    parts
}

#[cfg(test)]
mod tests {
    use super::super::nca::{NcaRules, Profile, Regimen, Route, Sample, analyse};
    use super::*;
    use crate::quantity::Rows;

    fn profile(subject: usize, visit: &str) -> SubjectProfile {
        let samples = [(0.0, 0.0), (1.0, 8.0), (2.0, 6.0), (4.0, 3.0), (8.0, 0.75)].map(|(time, value)| Sample::measured(time, value));
        let profile = Profile { samples: &samples, dose: Some(10.0), route: Route::Extravascular, regimen: Regimen::FirstDose, tau: None };
        SubjectProfile {
            subject: SubjectIndex(subject),
            analyte: "ZEL".to_owned(),
            label: Some("Zeltorafib plasma concentration".to_owned()),
            specimen: None,
            visit: Some(visit.to_owned()),
            dose_time: Some(0.0),
            dose: Some(10.0),
            regimen: Regimen::FirstDose,
            tau: None,
            unit: Some("ng/mL".to_owned()),
            rows: Rows::default(),
            result: Ok(analyse(&profile, &NcaRules::default()).unwrap()),
            first_cautions: Vec::new(),
        }
    }

    fn record(code: &str, visit: Option<&str>, value: f64, unit: &str) -> derive::PkParameter {
        derive::PkParameter {
            row: 7,
            subject: SubjectIndex(0),
            code: code.to_owned(),
            label: code.to_owned(),
            category: Some("ZELTORAFIB".to_owned()),
            specimen: None,
            visit: visit.map(str::to_owned),
            value: Some(value),
            unit: Some(unit.to_owned()),
            in_summary: true,
        }
    }

    #[test]
    fn values_are_compared_in_one_unit_and_one_visit() {
        let profiles = [profile(0, "Day 1"), profile(1, "Day 1")];
        let area = profiles[0].result.as_ref().unwrap().get(PkParameter::AucInf).unwrap();
        let given = [
            record("CMAX", Some("DAY 1"), 8.0, "ng/mL"),
            record("AUCIFO", None, area * 1.01, "ng*hr/mL"),
            record("CLFO", Some("Day 1"), 10_000.0 / area, "L/hr"),
            record("CMAX", Some("Day 15"), 8.0, "ng/mL"),
            record("CMAX", Some("Day 1"), 8.0, "ug/mL"),
            record("WEIGHT", None, 80.0, "kg"),
        ];
        let found = compare_with_given(&profiles, &given, "mg", 0.05);
        assert_eq!((found.compared, found.not_compared, found.disagreements.len()), (3, 2, 0));
        let strict = compare_with_given(&profiles, &given, "mg", 0.005);
        assert_eq!(strict.disagreements.iter().map(|one| one.parameter).collect::<Vec<_>>(), [PkParameter::AucInf]);
    }

    #[test]
    fn two_profiles_that_could_be_meant_are_no_match() {
        let profiles = [profile(0, "Day 1"), profile(0, "Day 15")];
        let found = compare_with_given(&profiles, &[record("CMAX", None, 8.0, "ng/mL")], "mg", 0.05);
        assert_eq!((found.compared, found.not_compared), (0, 1));
    }
}
