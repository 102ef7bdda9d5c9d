//! What is said in words of an analysis: who is left out, what a reader must know, what was distinguished.

use crate::analysis::exposure_response::{
    BinaryResult, Caution, Effect, ExposureResponseResult, ExposureSource, LARGER_FORM, LeftOut, Modelled, Models, Parabola, TimeModel,
    TimeResult,
};
use crate::config::{ExposureBasis, ExposureModel, Settings};

/// Everything that must stand under a table of an analysis, in one footnote.
pub(super) fn remarks(result: &ExposureResponseResult, found: &Modelled, settings: &Settings) -> String {
    let mut said = left_out(&found.sample.left_out, &result.exposure);
    let kind = &found.sample.metric.kind;
    let shown: Vec<&str> = [&kind.category, &kind.specimen, &kind.visit].into_iter().filter_map(Option::as_deref).collect();
    let shown = if shown.is_empty() { String::new() } else { format!(" ({})", shown.join(", ")) };
    let source = &found.sample.source;
    said.push(format!("Exposure: {}{shown} of {}, {}.", result.exposure, source.dataset, basis_words(source)));
    if !found.sample.absent_covariates.is_empty() {
        said.push(format!("Not adjusted for {}, which ADSL does not give.", found.sample.absent_covariates.join(", ")));
    }
    if !result.not_available.is_empty() {
        let names: Vec<&str> = result.not_available.iter().map(|model| name(*model)).collect();
        said.push(format!("Asked for and not available for this kind of outcome: {}.", names.join(", ")));
    }
    said.extend(cautions_of_exposure(found));
    said.extend(cautions(found).iter().map(|caution| sentence(caution, found)));
    if let Models::Binary(models) = &found.models {
        let aside = models.aside.iter().map(|(model, caution)| format!("In the model {model}: {}", lower_first(&plain(caution))));
        said.extend(aside);
    }
    said.extend(without_subjects(found, settings));
    if let Models::Time(models) = &found.models {
        said.extend(of_times(models));
    }
    if said.is_empty() { "No subject of the set was left out.".to_owned() } else { said.join(" ") }
}

/// Strata, ties and the test of proportional hazards.
fn of_times(models: &TimeResult) -> Vec<String> {
    let mut said = vec![format!("Ties: {}.", models.ties.label())];
    if !models.strata.is_empty() {
        said.push(format!("Baseline hazards by stratum of {}.", models.strata.join(" and ")));
    }
    if !models.absent_strata.is_empty() {
        said.push(format!("Not stratified by {}, which ADSL does not give.", models.absent_strata.join(", ")));
    }
    if let Some(p) = models.chosen().and_then(|model| model.proportionality).filter(|p| *p < 0.05) {
        said.push(format!(
            "The hazards are not proportional over time by the test of the scaled residuals (p = {p:.3}); the ratio is an average."
        ));
    }
    said
}

/// When the exposure was computed, and whether that is a guess.
pub(super) fn basis_words(source: &ExposureSource) -> String {
    match (source.basis, source.basis_stated) {
        (ExposureBasis::NotStated, _) => "time of computation not stated".to_owned(),
        (basis, true) => basis.label().to_owned(),
        (basis, false) => format!("{} (judging by name, category and visit; not stated)", basis.label()),
    }
}

/// The cautions that the exposure itself carries, as sentences.
pub(super) fn cautions_of_exposure(found: &Modelled) -> Vec<String> {
    found.sample.cautions.iter().map(|caution| sentence(caution, found)).collect()
}

fn name(model: ExposureModel) -> &'static str {
    match model {
        ExposureModel::Linear => "linear",
        ExposureModel::LogLinear => "log-linear",
        ExposureModel::Emax => "Emax",
        ExposureModel::SigmoidEmax => "sigmoid Emax",
        ExposureModel::Quadratic => "quadratic",
        ExposureModel::Exponential => "exponential",
        ExposureModel::Logistic => "logistic",
        ExposureModel::Beta => "beta",
    }
}

/// A caution as a sentence of the dossier.
fn sentence(caution: &Caution, found: &Modelled) -> String {
    let form = match &found.models {
        Models::Binary(models) => models.adjusted.as_ref().map(|model| model.form),
        Models::Time(_) | Models::Ordinal(_) | Models::Continuous(_) => None,
    };
    let words = plain(caution);
    form.map_or_else(
        || words.clone(),
        |form| words.replace("The slope changes", &format!("The slope of the {} model changes", form.label())),
    )
}

/// Without marks of code, with the sign of numbers.
fn plain(caution: &Caution) -> String {
    caution.sentence().replace('`', "").replace("(-", "(\u{2212}").replace(" -", " \u{2212}").replace("by -", "by \u{2212}")
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn cautions(found: &Modelled) -> &[Caution] {
    match &found.models {
        Models::Binary(models) => &models.analysis.cautions,
        Models::Ordinal(models) => &models.cautions,
        Models::Continuous(models) => &models.cautions,
        Models::Time(models) => &models.cautions,
    }
}

fn left_out(left_out: &LeftOut, exposure: &str) -> Vec<String> {
    let parts: Vec<String> = [
        (left_out.no_exposure, format!("without {exposure}")),
        (left_out.no_outcome, "without a record of the outcome".to_owned()),
        (left_out.comparator, "given a comparator, who have no exposure to the drug".to_owned()),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, words)| format!("{count} {words}"))
    .collect();
    if parts.is_empty() { Vec::new() } else { vec![format!("Subjects not in the models: {}.", parts.join("; "))] }
}

/// Dosages that the decision names and the sample does not hold: predictions for them would be extrapolated.
fn without_subjects(found: &Modelled, settings: &Settings) -> Option<String> {
    let decision = settings.decision.as_ref()?;
    let named = std::iter::once(&decision.proposed).chain(&decision.alternatives);
    let absent: Vec<&str> = named
        .filter(|id| !found.sample.panel.groups.iter().any(|group| group.id == **id))
        .filter_map(|id| settings.dosage(id))
        .map(|dosage| dosage.label.as_str())
        .collect();
    (!absent.is_empty()).then(|| format!("No subject of {} has exposure and outcome; nothing is predicted there.", absent.join(", ")))
}

/// Datasets of all analyses, in the order of the alphabet.
pub(super) fn datasets(results: &[(&ExposureResponseResult, &Modelled)]) -> Vec<String> {
    let of = results.iter().flat_map(|(_, found)| [found.sample.endpoint.dataset.label().to_owned(), found.sample.source.dataset.clone()]);
    let mut datasets: Vec<String> = of.chain(["ADSL".to_owned()]).collect();
    datasets.sort();
    datasets.dedup();
    datasets
}

/// What the chosen model of a binary outcome says about the direction, without numbers.
pub(super) fn direction_binary(models: &BinaryResult) -> &'static str {
    let chosen = models.analysis.chosen.and_then(|place| models.models.get(place));
    if let Some(parabola) = chosen.and_then(|model| model.parabola) {
        return direction_of_parabola(&parabola, models);
    }
    let limits = chosen.and_then(|model| model.effect.and_then(|effect| effect.limits).or(model.saturation.and_then(|of| of.emax_limits)));
    of_limits(limits, ["the probability rises with exposure", "the probability falls with exposure"])
}

/// A parabola may rise and fall: the part of it within the observed exposures decides.
fn direction_of_parabola(parabola: &Parabola, models: &BinaryResult) -> &'static str {
    let (Some(first), Some(last)) = (models.curve.first(), models.curve.last()) else { return of_limits(None, [""; 2]) };
    if parabola.p_value.is_none_or(|p| p >= LARGER_FORM) {
        return of_limits(Some((-1.0, 1.0)), [""; 2]);
    }
    match parabola.turn {
        Some(turn) if turn > first.exposure && turn < last.exposure => "the probability both rises and falls over the observed exposures",
        _ if last.probability > first.probability => "the probability rises with exposure",
        _ => "the probability falls with exposure",
    }
}

/// A plateau that the data leave open.
pub(super) const OPEN_PLATEAU: &str = "a saturating curve was fitted as well; the data do not determine whether and where it levels off";

/// What is said of a plateau where a saturating curve was fitted and the data do not determine it.
pub(super) fn plateau(models: &BinaryResult) -> Option<&'static str> {
    let open = models.models.iter().filter_map(|model| model.saturation).any(|saturation| saturation.ec50.is_none());
    open.then_some(OPEN_PLATEAU)
}

/// The same of a time to an event.
pub(super) fn direction_time(model: Option<&TimeModel>) -> &'static str {
    let effect = model.and_then(|model| model.effect.and_then(|effect| effect.limits));
    let limits = effect.or_else(|| model.and_then(|model| model.saturation).and_then(|saturation| saturation.emax_limits));
    of_limits(limits, ["the hazard rises with exposure", "the hazard falls with exposure"])
}

/// The same of an ordered outcome.
pub(super) fn direction_ordinal(effect: Option<Effect>) -> &'static str {
    of_limits(
        effect.and_then(|effect| effect.limits),
        ["the odds of a higher category rise with exposure", "the odds of a higher category fall with exposure"],
    )
}

/// The same of a continuous outcome, from the change between the quartiles of exposure.
pub(super) fn direction_continuous(change: Option<(f64, f64)>) -> &'static str {
    of_limits(change, ["the mean rises with exposure", "the mean falls with exposure"])
}

fn of_limits(limits: Option<(f64, f64)>, [rises, falls]: [&'static str; 2]) -> &'static str {
    match limits {
        Some((lower, _)) if lower > 0.0 => rises,
        Some((_, upper)) if upper < 0.0 => falls,
        Some(_) => "the data do not distinguish a rise from a fall with exposure",
        None => "the data do not determine whether it changes with exposure",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_follow_the_interval() {
        let words = ["rises", "falls"];
        assert_eq!(of_limits(Some((0.1, 0.4)), words), "rises");
        assert_eq!(of_limits(Some((-0.4, -0.1)), words), "falls");
        assert!(of_limits(Some((-0.4, 0.1)), words).contains("do not distinguish"));
        assert!(of_limits(None, words).contains("do not determine"));
    }

    #[test]
    fn sentences_begin_in_lower_case_after_a_colon() {
        assert_eq!((lower_first("The data"), lower_first("")), ("the data".to_owned(), String::new()));
    }

    #[test]
    fn everybody_left_out_is_counted_with_the_reason() {
        let counts = LeftOut { comparator: 7, no_exposure: 3, no_outcome: 0, no_covariate: 1 };
        let said = left_out(&counts, "AUCSS").join(" ");
        assert_eq!(said, "Subjects not in the models: 3 without AUCSS; 7 given a comparator, who have no exposure to the drug.");
        assert!(left_out(&LeftOut::default(), "AUCSS").is_empty());
    }
}
