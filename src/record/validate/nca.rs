//! Cases `nca`: noncompartmental analysis of profiles after one dose.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::input::{number, optional};
use super::method::{Answer, MethodError, Reading, read};
use crate::analysis::pk::PkParameter;
use crate::analysis::pk::nca::{Concentration, NcaResult, NcaRules, Profile, Regimen, Route, Sample, StartRule, analyse};
use crate::config::{AucMethod, BlqRule, BlqSettings, TerminalSlopeSettings};

/// Names of parameters in the cases.
pub(super) const NAMES: [(&str, PkParameter); 38] = [
    ("auclast", PkParameter::AucLast),
    ("aucall", PkParameter::AucAll),
    ("aumclast", PkParameter::AumcLast),
    ("c0", PkParameter::C0),
    ("cmax", PkParameter::Cmax),
    ("cmin", PkParameter::Cmin),
    ("tmax", PkParameter::Tmax),
    ("tlast", PkParameter::Tlast),
    ("clast.obs", PkParameter::Clast),
    ("clast.pred", PkParameter::ClastPredicted),
    ("lambda.z", PkParameter::LambdaZ),
    ("r.squared", PkParameter::RSquared),
    ("adj.r.squared", PkParameter::AdjustedRSquared),
    ("lambda.z.time.first", PkParameter::LambdaZStart),
    ("lambda.z.time.last", PkParameter::LambdaZEnd),
    ("lambda.z.n.points", PkParameter::LambdaZPoints),
    ("half.life", PkParameter::HalfLife),
    ("span.ratio", PkParameter::SpanRatio),
    ("aucinf.obs", PkParameter::AucInf),
    ("aucinf.pred", PkParameter::AucInfPredicted),
    ("aumcinf.obs", PkParameter::AumcInf),
    ("aumcinf.pred", PkParameter::AumcInfPredicted),
    ("aucpext.obs", PkParameter::AucExtrapolated),
    ("aucpext.pred", PkParameter::AucExtrapolatedPredicted),
    ("cl.obs", PkParameter::Clearance),
    ("mrt.last", PkParameter::MrtLast),
    ("mrt.obs", PkParameter::Mrt),
    ("mrt.iv.obs", PkParameter::Mrt),
    ("vz.obs", PkParameter::Volume),
    ("vss.iv.obs", PkParameter::SteadyStateVolume),
    ("auclast.dn", PkParameter::AucLastByDose),
    ("cmax.dn", PkParameter::CmaxByDose),
    ("tlag", PkParameter::Tlag),
    ("cav", PkParameter::Cavg),
    ("ctrough", PkParameter::Ctrough),
    ("ptr", PkParameter::PeakTroughRatio),
    ("deg.fluc", PkParameter::Fluctuation),
    ("swing", PkParameter::Swing),
];

/// What the reference software gives as zero for a profile without a quantifiable sample.
const ZERO_BELOW_LIMIT: [&str; 11] =
    ["auclast", "aucall", "aumclast", "cmax", "cmin", "clast.obs", "aucinf.obs", "aucinf.pred", "aumcinf.obs", "auclast.dn", "cmax.dn"];

const ALL_BELOW: &str = "zero for a profile without a quantifiable concentration";
const FROM_C0: &str = "not given after a bolus without a sample at the dose, although the initial concentration is";

/// Samples of several subjects as columns.
#[derive(Deserialize)]
pub(super) struct Samples {
    pub(super) subject: Vec<String>,
    pub(super) time: Vec<f64>,
    pub(super) conc: Vec<Option<f64>>,
}

impl Samples {
    /// Subjects in the order of their first sample.
    pub(super) fn subjects(&self) -> Vec<&str> {
        let mut subjects: Vec<&str> = Vec::new();
        for subject in &self.subject {
            if !subjects.contains(&subject.as_str()) {
                subjects.push(subject);
            }
        }
        subjects
    }

    /// Samples of a subject up to a time, in order of time. A concentration of zero stands for one below the limit.
    pub(super) fn of(&self, subject: &str, until: f64) -> Vec<Sample> {
        let rows = self.subject.iter().zip(&self.time).zip(&self.conc);
        let own = rows.filter(|((name, time), _)| *name == subject && **time <= until);
        let mut samples: Vec<Sample> = own
            .map(|((_, time), value)| {
                let concentration = match value {
                    None => Concentration::Missing,
                    Some(value) if *value > 0.0 => Concentration::Measured(*value),
                    Some(_) => Concentration::BelowLimit { limit: None },
                };
                Sample { time: *time, concentration }
            })
            .collect();
        samples.sort_by(|a, b| a.time.total_cmp(&b.time));
        samples
    }
}

#[derive(Deserialize)]
struct Dosing {
    subject: Vec<String>,
    dose: Vec<f64>,
}

#[derive(Deserialize)]
enum RouteName {
    #[serde(rename = "extravascular")]
    Extravascular,
    #[serde(rename = "iv_bolus")]
    IntravenousBolus,
}

/// The method for areas, as cases name it.
#[derive(Deserialize, Clone, Copy)]
pub(super) enum MethodName {
    #[serde(rename = "linear")]
    Linear,
    #[serde(rename = "lin up/log down")]
    LinUpLogDown,
}

#[derive(Deserialize)]
struct Input {
    data: Samples,
    dosing: Dosing,
    route: RouteName,
    auc_method: MethodName,
}

/// The rules of the cases: zero before the first and after the last quantifiable sample, left out between; no assumed concentration at the dose.
pub(super) fn rules(method: MethodName) -> NcaRules {
    let method = match method {
        MethodName::Linear => AucMethod::Linear,
        MethodName::LinUpLogDown => AucMethod::LinUpLogDown,
    };
    let blq = BlqSettings { before_first: BlqRule::Zero, between: BlqRule::Drop, after_last: BlqRule::Zero };
    NcaRules { start: StartRule::RequireSample, ..NcaRules::new(method, blq, TerminalSlopeSettings::default()) }
}

/// Every named parameter, and what the reference software prints instead where that is known to differ.
pub(super) fn named(result: &NcaResult) -> (Map<String, Value>, Map<String, Value>) {
    let mut out: Map<String, Value> =
        NAMES.iter().map(|(name, parameter)| ((*name).to_owned(), optional(result.get(*parameter).ok()))).collect();
    out.insert("count_conc".to_owned(), number(result.samples as f64));
    let all_below = result.samples > 0 && result.samples == result.below_limit;
    let zeros = ZERO_BELOW_LIMIT.iter().filter(|_| all_below).map(|name| ((*name).to_owned(), number(0.0)));
    (out, zeros.collect())
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { data, dosing, route, auc_method } = read(input)?;
    let route = match route {
        RouteName::Extravascular => Route::Extravascular,
        RouteName::IntravenousBolus => Route::IntravenousBolus,
    };
    let rules = rules(auc_method);
    let (mut out, mut zeros, mut without) = (Map::new(), Map::new(), Map::new());
    for subject in data.subjects() {
        let samples = data.of(subject, f64::INFINITY);
        let dose = dosing.subject.iter().zip(&dosing.dose).find(|(name, _)| *name == subject).map(|(_, dose)| *dose);
        let profile = Profile { samples: &samples, dose, route, regimen: Regimen::FirstDose, tau: None };
        let (mut parameters, below) = named(&analyse(&profile, &rules).map_err(MethodError::failed)?);
        let assumed = analyse(&profile, &NcaRules { start: StartRule::Assume, ..rules }).map_err(MethodError::failed)?;
        parameters.insert("aucivlast".to_owned(), optional(assumed.get(PkParameter::AucLast).ok()));
        parameters.insert("aucivinf.obs".to_owned(), optional(assumed.get(PkParameter::AucInf).ok()));
        out.insert(subject.to_owned(), Value::Object(parameters));
        zeros.insert(subject.to_owned(), Value::Object(below));
        without.insert(subject.to_owned(), serde_json::json!({"aucivlast": null, "aucivinf.obs": null}));
    }
    let reading = |computed: Map<String, Value>, note| Reading { computed: Value::Object(computed), note };
    Ok(Answer { computed: Value::Object(out), readings: vec![reading(zeros, ALL_BELOW), reading(without, FROM_C0)] })
}
