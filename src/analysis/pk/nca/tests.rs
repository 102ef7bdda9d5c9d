//! Profiles at the edge of what can be analysed, and properties that hold for every profile.

use proptest::prelude::*;

use super::super::parameter::PkParameter;
use super::*;
use crate::config::{AucMethod, BlqRule, BlqSettings};

const BELOW: Concentration = Concentration::BelowLimit { limit: Some(1.0) };

fn measured(pairs: &[(f64, f64)]) -> Vec<Sample> {
    pairs.iter().map(|(time, value)| Sample::measured(*time, *value)).collect()
}

fn oral(samples: &[Sample]) -> Profile<'_> {
    Profile { samples, dose: Some(100.0), route: Route::Extravascular, regimen: Regimen::FirstDose, tau: Some(24.0) }
}

fn run(profile: &Profile<'_>) -> NcaResult {
    analyse(profile, &NcaRules::default()).unwrap()
}

fn has(result: &NcaResult, wanted: impl Fn(&Caution) -> bool) -> bool {
    result.cautions.iter().any(wanted)
}

fn close(got: Outcome, want: f64) -> bool {
    got.is_ok_and(|got| (got - want).abs() <= 1e-9 * want.abs().max(1e-12))
}

/// One compartment with first-order absorption, rich sampling.
fn one_compartment(dose: f64, ka: f64, ke: f64, volume: f64) -> Vec<Sample> {
    let concentration = |t: f64| dose * ka / (volume * (ka - ke)) * ((-ke * t).exp() - (-ka * t).exp());
    (0..=480).map(|i| f64::from(i) * 0.1).map(|t| Sample::measured(t, concentration(t))).collect()
}

#[test]
fn a_known_model_is_recovered() {
    let samples = one_compartment(100.0, 1.2, 0.2, 20.0);
    let result = run(&oral(&samples));
    let (clearance, half_life) = (result.get(PkParameter::Clearance).unwrap(), result.get(PkParameter::HalfLife).unwrap());
    assert!((clearance / 4.0 - 1.0).abs() < 1e-3, "{clearance}");
    assert!((half_life / (2.0_f64.ln() / 0.2) - 1.0).abs() < 1e-2, "{half_life}");
    // Absorption adds 1 / ka to the residence in the body.
    assert!((result.get(PkParameter::Mrt).unwrap() / (1.0 / 0.2 + 1.0 / 1.2) - 1.0).abs() < 5e-3);
    assert!((result.get(PkParameter::Volume).unwrap() / 20.0 - 1.0).abs() < 1e-2);
    assert_eq!(result.get(PkParameter::SteadyStateVolume), Err(NotCalculated::NotForRoute));
    assert!(close(result.get(PkParameter::Tmax), 1.8));
}

#[test]
fn a_bolus_is_recovered_with_and_without_its_first_sample() {
    let concentration = |t: f64| 5.0 * (-0.3 * t).exp();
    let samples: Vec<Sample> = [0.5, 1.0, 2.0, 4.0, 8.0, 12.0].map(|t| Sample::measured(t, concentration(t))).to_vec();
    let bolus = Profile { route: Route::IntravenousBolus, ..oral(&samples) };
    let result = run(&bolus);
    assert!(close(result.get(PkParameter::C0), 5.0) && close(result.get(PkParameter::AucInf), 5.0 / 0.3));
    assert!(close(result.get(PkParameter::Clearance), 6.0) && close(result.get(PkParameter::SteadyStateVolume), 20.0));
    assert!(close(result.get(PkParameter::Mrt), 1.0 / 0.3));
    assert!(close(result.get(PkParameter::AucBackExtrapolated), 100.0 * (1.0 - (-0.15_f64).exp())));
    let strict = analyse(&bolus, &NcaRules { start: StartRule::RequireSample, ..NcaRules::default() }).unwrap();
    assert_eq!(strict.get(PkParameter::AucLast), Err(NotCalculated::NoSampleAtDose));
    assert!(close(strict.get(PkParameter::C0), 5.0) && strict.get(PkParameter::HalfLife).is_ok());
    // A sample below the limit at time 0 was drawn before the bolus.
    let mut with_predose = samples.clone();
    with_predose.insert(0, Sample { time: 0.0, concentration: BELOW });
    let predose = run(&Profile { samples: &with_predose, ..bolus });
    assert!(close(predose.get(PkParameter::AucInf), 5.0 / 0.3));
    let rising = measured(&[(0.5, 3.0), (1.0, 4.0), (2.0, 2.0), (4.0, 1.0), (8.0, 0.25)]);
    let rising = run(&Profile { samples: &rising, ..bolus });
    assert!(close(rising.get(PkParameter::C0), 3.0) && has(&rising, |c| *c == Caution::InitialFromFirstSample));
}

#[test]
fn an_infusion_shortens_residence_by_half_its_duration() {
    // Infusion over 2 h at 50 / h into 20 L with rate 0.3: AUC = 100 / 6, MRT = 1 / 0.3.
    let (rate, ke, volume) = (50.0, 0.3, 20.0);
    let top = rate / (ke * volume);
    let concentration =
        |t: f64| if t <= 2.0 { top * (1.0 - (-ke * t).exp()) } else { top * (1.0 - (-ke * 2.0_f64).exp()) * (-ke * (t - 2.0)).exp() };
    let samples: Vec<Sample> = (0..=400).map(|i| f64::from(i) * 0.1).map(|t| Sample::measured(t, concentration(t))).collect();
    let result = run(&Profile { route: Route::IntravenousInfusion { duration: 2.0 }, ..oral(&samples) });
    assert!((result.get(PkParameter::Clearance).unwrap() / 6.0 - 1.0).abs() < 1e-3);
    assert!((result.get(PkParameter::Mrt).unwrap() * 0.3 - 1.0).abs() < 2e-3);
    assert!((result.get(PkParameter::SteadyStateVolume).unwrap() / 20.0 - 1.0).abs() < 3e-3);
    assert_eq!(result.get(PkParameter::C0), Err(NotCalculated::NotForRoute));
}

#[test]
fn nothing_quantifiable_gives_reasons_and_no_number() {
    for samples in [
        vec![Sample { time: 0.0, concentration: BELOW }, Sample { time: 1.0, concentration: BELOW }],
        vec![Sample { time: 0.0, concentration: Concentration::Missing }],
        measured(&[(0.0, 0.0), (1.0, 0.0)]),
        Vec::new(),
    ] {
        let result = run(&oral(&samples));
        assert!(result.values.iter().all(|(_, outcome)| outcome == Err(NotCalculated::NothingQuantifiable)));
        assert_eq!(result.partial_area(0.0, 1.0), Err(NotCalculated::NothingQuantifiable));
    }
}

#[test]
fn one_point_has_a_maximum_and_no_slope() {
    let result = run(&oral(&measured(&[(2.0, 12.0)])));
    assert!(close(result.get(PkParameter::Cmax), 12.0) && close(result.get(PkParameter::Tlast), 2.0));
    assert_eq!(result.get(PkParameter::HalfLife), Err(NotCalculated::TooFewPoints { found: 0, needed: 3 }));
    assert_eq!(result.get(PkParameter::AucTau), Err(NotCalculated::BeyondLastSample));
    assert!(has(&result, |c| *c == Caution::PeakIsLast) && has(&result, |c| *c == Caution::StartAssumedZero));
    assert!(close(result.get(PkParameter::AucLast), 12.0));
}

#[test]
fn a_rise_to_the_end_and_a_plateau_have_no_half_life() {
    let rise = run(&oral(&measured(&[(0.0, 0.0), (2.0, 3.0), (8.0, 5.0), (24.0, 9.0)])));
    assert!(rise.get(PkParameter::HalfLife).is_err() && has(&rise, |c| *c == Caution::PeakIsLast));
    assert!(close(rise.get(PkParameter::AucTau), 3.0 + 24.0 + 112.0) && close(rise.get(PkParameter::Ctrough), 9.0));
    let plateau = run(&oral(&measured(&[(0.0, 0.0), (2.0, 5.0), (8.0, 5.0), (12.0, 5.0), (24.0, 5.0)])));
    assert_eq!(plateau.get(PkParameter::LambdaZ), Err(NotCalculated::SlopeNotNegative));
    assert!(has(&plateau, |c| *c == Caution::PeakRepeated { samples: 4 }));
    assert!(close(plateau.get(PkParameter::Tmax), 2.0));
}

#[test]
fn samples_that_no_profile_can_have_are_refused() {
    let fault = |samples: &[Sample]| analyse(&oral(samples), &NcaRules::default()).unwrap_err();
    assert_eq!(fault(&measured(&[(1.0, 2.0), (0.5, 1.0)])), NcaError::Unordered { later: 1.0, earlier: 0.5 });
    assert_eq!(fault(&measured(&[(1.0, 2.0), (1.0, 3.0)])), NcaError::TwoResults { time: 1.0 });
    assert!(matches!(fault(&measured(&[(1.0, -2.0)])), NcaError::Negative { .. }));
    assert!(matches!(fault(&measured(&[(f64::NAN, 2.0)])), NcaError::NotFinite { .. }));
    let samples = measured(&[(1.0, 2.0)]);
    let profile = oral(&samples);
    for broken in [
        Profile { tau: Some(0.0), ..profile },
        Profile { dose: Some(-1.0), ..profile },
        Profile { dose: Some(f64::INFINITY), ..profile },
        Profile { route: Route::IntravenousInfusion { duration: 0.0 }, ..profile },
    ] {
        assert!(analyse(&broken, &NcaRules::default()).is_err());
    }
}

#[test]
fn repeats_count_once_and_missing_results_are_left_out() {
    let plain = measured(&[(0.0, 0.0), (1.0, 8.0), (2.0, 4.0), (4.0, 2.0), (8.0, 0.5)]);
    let mut noisy = plain.clone();
    noisy.insert(2, noisy[1]);
    noisy.insert(3, Sample { time: 1.5, concentration: Concentration::Missing });
    let (plain, noisy) = (run(&oral(&plain)), run(&oral(&noisy)));
    assert_eq!(plain.values, noisy.values);
    assert!(
        has(&noisy, |c| *c == Caution::RepeatedSamples { samples: 1 }) && has(&noisy, |c| *c == Caution::MissingSamples { samples: 1 })
    );
}

#[test]
fn a_sample_before_the_dose_stands_for_its_time() {
    let samples = measured(&[(-0.5, 3.0), (1.0, 8.0), (2.0, 4.0), (4.0, 2.0), (24.0, 3.0)]);
    let steady = Profile { regimen: Regimen::SteadyState, ..oral(&samples) };
    let result = run(&steady);
    assert!(has(&result, |c| *c == Caution::PredoseAtDose { time: -0.5 }));
    assert!(close(result.partial_area(0.0, 1.0), 5.5));
    // Without it the lowest concentration of the interval does at steady state.
    let without = run(&Profile { samples: &samples[1..], ..steady });
    assert!(has(&without, |c| *c == Caution::StartFromMinimum) && close(without.partial_area(0.0, 1.0), 5.0));
}

#[test]
fn steady_state_has_its_own_clearance() {
    let samples = measured(&[(0.0, 2.0), (2.0, 10.0), (6.0, 6.0), (12.0, 3.5), (24.0, 2.0)]);
    let first = run(&oral(&samples));
    let steady = run(&Profile { regimen: Regimen::SteadyState, ..oral(&samples) });
    assert_eq!(first.get(PkParameter::ClearanceTau), Err(NotCalculated::NotAtSteadyState));
    assert_eq!(steady.get(PkParameter::Clearance), Err(NotCalculated::AtSteadyState));
    let between = run(&Profile { regimen: Regimen::BeforeSteadyState, ..oral(&samples) });
    for parameter in [PkParameter::Clearance, PkParameter::ClearanceTau, PkParameter::VolumeTau, PkParameter::Mrt] {
        assert_eq!(between.get(parameter), Err(NotCalculated::BetweenDoses));
    }
    let area = steady.get(PkParameter::AucTau).unwrap();
    assert!(close(steady.get(PkParameter::ClearanceTau), 100.0 / area) && close(steady.get(PkParameter::Cavg), area / 24.0));
    assert!(close(steady.get(PkParameter::Swing), 400.0) && close(steady.get(PkParameter::PeakTroughRatio), 5.0));
    assert!(close(steady.get(PkParameter::Fluctuation), 800.0 * 24.0 / area));
}

#[test]
fn doses_that_are_absent_or_zero_give_no_clearance() {
    let samples = measured(&[(0.0, 0.0), (1.0, 8.0), (2.0, 4.0), (4.0, 2.0), (8.0, 0.5)]);
    for (dose, reason) in [(None, NotCalculated::NoDose), (Some(0.0), NotCalculated::ZeroDose)] {
        let result = run(&Profile { dose, ..oral(&samples) });
        for parameter in [PkParameter::Clearance, PkParameter::Volume, PkParameter::CmaxByDose, PkParameter::AucInfByDose] {
            assert_eq!(result.get(parameter), Err(reason));
        }
        assert!(result.get(PkParameter::AucInf).is_ok());
    }
    assert_eq!(run(&Profile { tau: None, ..oral(&samples) }).get(PkParameter::Swing), Err(NotCalculated::NoDosingInterval));
    assert_eq!(run(&oral(&samples)).get(PkParameter::Swing), Err(NotCalculated::ZeroDenominator));
}

#[test]
fn rules_for_samples_below_the_limit_are_kept() {
    let below = |time| Sample { time, concentration: BELOW };
    let at = Sample::measured;
    let samples = [below(0.0), below(1.0), at(2.0, 8.0), below(3.0), at(4.0, 4.0), at(6.0, 2.0), at(8.0, 1.5), below(12.0), below(24.0)];
    let with = |rule| {
        let blq = BlqSettings { before_first: rule, between: rule, after_last: rule };
        analyse(&oral(&samples), &NcaRules { auc_method: AucMethod::Linear, blq, ..NcaRules::default() }).unwrap()
    };
    let (zero, half, dropped) = (with(BlqRule::Zero), with(BlqRule::HalfLimit), with(BlqRule::Drop));
    assert!(close(zero.get(PkParameter::AucLast), 0.0 + 4.0 + 4.0 + 2.0 + 6.0 + 3.5));
    assert!(close(half.get(PkParameter::AucLast), 0.5 + 4.25 + 4.25 + 2.25 + 6.0 + 3.5));
    // Without the samples before it the area begins with an assumed zero at the dose.
    assert!(close(dropped.get(PkParameter::AucLast), 8.0 + 12.0 + 6.0 + 3.5));
    assert!(close(zero.get(PkParameter::AucAll), 19.5 + 3.0) && close(half.get(PkParameter::AucAll), 20.75 + 4.0));
    assert!(close(zero.get(PkParameter::AucTau), 22.5) && close(half.get(PkParameter::AucTau), 20.75 + 4.0 + 6.0));
    assert_eq!(zero.get(PkParameter::LambdaZ), half.get(PkParameter::LambdaZ));
    assert!(close(half.get(PkParameter::Cmin), 0.5) && close(zero.get(PkParameter::Cmin), 0.0));
    assert!(has(&zero, |c| *c == Caution::TroughBelowLimit));
    assert!(close(zero.get(PkParameter::Tlag), 1.0) && zero.below_limit == 5 && zero.samples == 9);
    let unknown = samples.map(|sample| match sample.concentration {
        Concentration::BelowLimit { .. } => Sample { concentration: Concentration::BelowLimit { limit: None }, ..sample },
        _ => sample,
    });
    let blq = BlqSettings { before_first: BlqRule::HalfLimit, between: BlqRule::HalfLimit, after_last: BlqRule::HalfLimit };
    let unknown = analyse(&oral(&unknown), &NcaRules { blq, ..NcaRules::default() }).unwrap();
    assert!(has(&unknown, |c| *c == Caution::LimitUnknown { samples: 5 }));
}

#[test]
fn doubtful_slopes_are_said_with_limit_and_value() {
    let samples = measured(&[(0.0, 0.0), (1.0, 8.0), (2.0, 7.0), (3.0, 7.2), (4.0, 6.0)]);
    let result = run(&oral(&samples));
    assert!(has(&result, |c| matches!(c, Caution::ShortSpan { limit, .. } if (*limit - 2.0).abs() < 1e-12)));
    assert!(has(&result, |c| matches!(c, Caution::PoorFit { .. })) && has(&result, |c| *c == Caution::FewPoints { points: 3 }));
    assert!(has(&result, |c| matches!(c, Caution::Extrapolated { percent, .. } if *percent > 20.0)));
    assert!(has(&result, |c| matches!(c, Caution::IntervalExtrapolated { .. })) && has(&result, |c| *c == Caution::TroughExtrapolated));
}

#[test]
fn accumulation_needs_two_comparable_occasions() {
    let first = measured(&[(0.0, 0.0), (2.0, 10.0), (6.0, 6.0), (12.0, 3.0), (24.0, 1.0)]);
    let later = measured(&[(0.0, 1.4), (2.0, 12.0), (6.0, 8.0), (12.0, 4.2), (24.0, 1.4)]);
    let first = run(&oral(&first));
    assert_eq!(first.get(PkParameter::AccumulationAuc), Err(NotCalculated::OneOccasion));
    let steady_profile = Profile { regimen: Regimen::SteadyState, ..oral(&later) };
    let mut steady = run(&steady_profile);
    compute_accumulation(&first, &mut steady);
    let ratio = steady.get(PkParameter::AucTau).unwrap() / first.get(PkParameter::AucTau).unwrap();
    assert!(close(steady.get(PkParameter::AccumulationAuc), ratio));
    assert!(close(steady.get(PkParameter::EffectiveHalfLife), 2.0_f64.ln() * 24.0 / (ratio / (ratio - 1.0)).ln()));
    assert!(close(steady.get(PkParameter::AccumulationTrough), 1.4));
    let mut other_dose = run(&Profile { dose: Some(50.0), ..steady_profile });
    compute_accumulation(&first, &mut other_dose);
    assert_eq!(other_dose.get(PkParameter::AccumulationAuc), Err(NotCalculated::OccasionsDiffer));
    let mut same = first.clone();
    compute_accumulation(&first, &mut same);
    assert_eq!(same.get(PkParameter::EffectiveHalfLife), Err(NotCalculated::NoAccumulation));
}

/// A profile of four to fourteen samples, the first at the dose; some below the limit.
fn profiles() -> impl Strategy<Value = Vec<Sample>> {
    let sample = (0.05_f64..3.0, prop_oneof![6 => (0.01_f64..50.0).prop_map(Concentration::Measured), 1 => Just(BELOW)]);
    prop::collection::vec(sample, 4..14).prop_map(|steps| {
        let mut time = 0.0;
        let later = steps.into_iter().map(|(step, concentration)| {
            time += step;
            Sample { time, concentration }
        });
        std::iter::once(Sample { time: 0.0, concentration: Concentration::Measured(0.5) }).chain(later).collect()
    })
}

fn method() -> impl Strategy<Value = AucMethod> {
    prop_oneof![Just(AucMethod::Linear), Just(AucMethod::LinUpLogDown), Just(AucMethod::LinLog)]
}

/// How a value moves when concentrations are multiplied by one factor and times by another.
fn scaled(parameter: PkParameter, concentration: f64, time: f64) -> f64 {
    use super::super::unit::UnitKind;
    match parameter.unit() {
        UnitKind::Concentration | UnitKind::ConcentrationByDose => concentration,
        UnitKind::Time => time,
        UnitKind::PerTime => 1.0 / time,
        UnitKind::Area | UnitKind::AreaByDose => time * concentration,
        UnitKind::Moment => time * time * concentration,
        UnitKind::Clearance => 1.0 / (time * concentration),
        UnitKind::Volume => 1.0 / concentration,
        UnitKind::Percent | UnitKind::Count | UnitKind::One => 1.0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn areas_over_adjacent_intervals_add_up(samples in profiles(), auc_method in method(), cut in 0.0_f64..1.0) {
        let result = analyse(&oral(&samples), &NcaRules { auc_method, ..NcaRules::default() }).unwrap();
        let end = result.get(PkParameter::Tlast).unwrap();
        let parts = result.partial_area(0.0, cut * end).unwrap() + result.partial_area(cut * end, end).unwrap();
        let whole = result.get(PkParameter::AucLast).unwrap();
        prop_assert!((parts - whole).abs() <= 1e-10 * whole, "{parts} {whole}");
    }

    #[test]
    fn units_scale_every_estimate(samples in profiles(), auc_method in method(), high in -6_i32..7, long in -4_i32..5) {
        // Powers of two, so that scaling itself does not round.
        let (c, t) = (2.0_f64.powi(high), 2.0_f64.powi(long));
        let change = |sample: &Sample| {
            let concentration = match sample.concentration {
                Concentration::Measured(value) => Concentration::Measured(value * c),
                Concentration::BelowLimit { limit } => Concentration::BelowLimit { limit: limit.map(|limit| limit * c) },
                Concentration::Missing => Concentration::Missing,
            };
            Sample { time: sample.time * t, concentration }
        };
        let changed: Vec<Sample> = samples.iter().map(change).collect();
        let rules = NcaRules { auc_method, ..NcaRules::default() };
        let tau = samples[samples.len() - 1].time;
        let plain = analyse(&Profile { tau: Some(tau), ..oral(&samples) }, &rules).unwrap();
        let other = analyse(&Profile { tau: Some(tau * t), ..oral(&changed) }, &rules).unwrap();
        for (parameter, outcome) in plain.values.iter() {
            match (outcome, other.get(parameter)) {
                (Ok(value), Ok(got)) => {
                    let want = value * scaled(parameter, c, t);
                    prop_assert!((got - want).abs() <= 1e-7 * want.abs() + 1e-12, "{parameter:?} {got} {want}");
                }
                (left, right) => prop_assert_eq!(left, right, "{:?}", parameter),
            }
        }
    }

    #[test]
    fn methods_bracket_each_other_and_results_are_finite(samples in profiles()) {
        let area = |auc_method| analyse(&oral(&samples), &NcaRules { auc_method, ..NcaRules::default() }).unwrap().get(PkParameter::AucLast).unwrap();
        prop_assert!(area(AucMethod::LinUpLogDown) <= area(AucMethod::Linear) * (1.0 + 1e-12));
        let result = run(&oral(&samples));
        prop_assert!(result.values.iter().all(|(_, outcome)| outcome.is_ok_and(f64::is_finite) || outcome.is_err()));
        prop_assert!(result.get(PkParameter::Cmin).unwrap() <= result.get(PkParameter::Cmax).unwrap());
        if let Some(slope) = result.slope {
            prop_assert!(slope.rate > 0.0 && slope.points >= 3 && (0.0..=1.0).contains(&slope.r_squared));
            prop_assert!(result.get(PkParameter::AucInf).unwrap() > result.get(PkParameter::AucLast).unwrap());
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter_once_sorted(samples in profiles(), seed in 0_usize..1000) {
        let mut turned = samples.clone();
        turned.rotate_left(seed % samples.len());
        turned.sort_by(|a, b| a.time.total_cmp(&b.time));
        prop_assert_eq!(run(&oral(&samples)), run(&oral(&turned)));
    }
}
