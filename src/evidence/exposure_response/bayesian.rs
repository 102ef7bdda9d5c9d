//! Bayesian models of each analysis that asks for them: T-E18-bayesian, T-E18-bayesian-fit, T-E18-bayesian-predicted, F-E07-bayes.

use crate::analysis::exposure_response::{
    BayesianAnalysis, BayesianModel, BayesianParameter, ChainReport, Computation, Contrast, DosagePosterior, ExposureResponseResult,
    FEW_DRAWS, HIGH_RHAT, Modelled, Models, ParameterPosterior, PosteriorDifference, PosteriorSummary, PredictedProbability, Sample,
};
use crate::analysis::grouping::Group;
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::{
    BandPoint, Cell, CellPattern, Column, Content, Exhibit, ExhibitId, Facts, FigureSpec, Notes, Row, Table, Unit, slug,
};
use crate::numerics::mcmc::{HIGH_PARETO_K, SamplerSettings};
use crate::quantity::{Interval, IntervalMethod};

use super::figures::{outcome, plot, sources};
use super::ledger::{Entry, Ledger, Value};
use super::models::{step, unit};
use super::words::datasets;

const CODE: &str = "T-E18-bayesian";
const FIT: &str = "T-E18-bayesian-fit";
const PREDICTED: &str = "T-E18-bayesian-predicted";
const TITLE: &str = "Bayesian exposure-response models: prior and posterior of the parameters";

/// An analysis with its Bayesian models.
type Made<'a> = (&'a ExposureResponseResult, &'a Modelled, &'a BayesianAnalysis);

/// The three tables, or a placeholder where models were asked for and none could be fitted; nothing where none were asked for.
pub(super) fn tables(
    results: &[(&ExposureResponseResult, &Modelled)],
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Vec<Exhibit> {
    let made = made(results);
    let refused: Vec<String> = results
        .iter()
        .filter_map(|(result, found)| Some(format!("{}: {}", result.label, found.bayesian.as_ref()?.as_ref().err()?)))
        .collect();
    if made.is_empty() {
        let needs = ["exposure_response[].bayesian", "an outcome that happened or did not"];
        let placeholder = || Exhibit::placeholder(ExhibitId::new(CODE, None), TITLE, refused.join(" "), &needs);
        return if refused.is_empty() { Vec::new() } else { vec![placeholder()] };
    }
    let mut posterior = posterior(&made, data, settings, facts);
    if made.iter().any(|(_, _, models)| !models.not_available.is_empty()) {
        posterior.notes.footnotes.push("A quadratic model was asked for; it is not among the Bayesian models.".to_owned());
    }
    posterior.notes.footnotes.extend(refused);
    vec![posterior, fit(&made, data, settings, facts), predicted(&made, data, settings, facts)]
}

fn made<'a>(results: &[(&'a ExposureResponseResult, &'a Modelled)]) -> Vec<Made<'a>> {
    results.iter().filter_map(|(result, found)| Some((*result, *found, found.bayesian.as_ref()?.as_ref().ok()?))).collect()
}

fn columns(heads: &[&str]) -> Vec<Column> {
    heads.iter().map(|head| Column { head: (*head).to_owned(), n: None, spanner: None }).collect()
}

fn exhibit(code: &str, title: &str, (stub, heads, rows): (&str, &[&str], Vec<Row>), notes: Notes) -> Exhibit {
    let content = Content::Table(Table { stub: stub.to_owned(), columns: columns(heads), rows });
    Exhibit { id: ExhibitId::new(code, None), title: title.to_owned(), content, notes }
}

fn notes(made: &[Made<'_>], data: &AnalysisData, settings: &Settings, methods: Vec<String>) -> Notes {
    let pairs: Vec<(&ExposureResponseResult, &Modelled)> = made.iter().map(|(result, found, _)| (*result, *found)).collect();
    let population = pairs.first().map(|(_, found)| found.sample.panel.population.label(data)).unwrap_or_default();
    let level = (settings.intervals.level * 1000.0).round() / 10.0;
    let mut all = vec![format!("CrI: {level}% equal-tailed credible interval")];
    all.extend(methods);
    let mut sampled: Vec<String> = made.iter().map(|(_, _, models)| sampler(models)).collect();
    sampled.dedup();
    if sampled.len() > 1 {
        sampled = made.iter().map(|(result, _, models)| format!("{}: {}", result.label, sampler(models))).collect();
    }
    all.extend(sampled);
    Notes {
        datasets: datasets(&pairs),
        population: format!("{population} with exposure, outcome and covariates, drug dosages only"),
        grouping: "Exposure of each subject, whatever the dosage".to_owned(),
        methods: all,
        abbreviations: vec!["CrI: credible interval".to_owned(), "NE: not estimable".to_owned()],
        ..Notes::default()
    }
}

/// How the chains of an analysis were run.
fn sampler(models: &BayesianAnalysis) -> String {
    let SamplerSettings { chains, draws, warmup, seed, .. } = models.sampler;
    format!("No-U-Turn sampler: {chains} chains of {draws} draws after {warmup} of warm-up, seed {seed}")
}

/// Makes the rows of one analysis.
struct BayesianRows<'a> {
    ledger: Ledger<'a>,
    level: f64,
    unit: String,
}

impl<'a> BayesianRows<'a> {
    fn new(facts: &'a mut Facts, code: &str, (result, found, _): Made<'a>, data: &'a AnalysisData, settings: &Settings) -> Self {
        let ledger = Ledger::new(facts, code, (result, &found.sample), data, settings);
        Self { ledger, level: settings.intervals.level, unit: unit(found) }
    }

    fn number(&mut self, pattern: CellPattern, (measure, label, method): (&str, String, &str), unit: Unit, value: Value) -> Cell {
        let entry = Entry { measure, dosage: None, label, method: method.to_owned(), unit };
        self.ledger.cell(pattern, entry, value)
    }

    fn count(&mut self, (measure, label): (&str, String), count: usize) -> Cell {
        let value = Value { count: Some(count as u64), ..Value::default() };
        self.number(CellPattern::Value, (measure, label, "count"), Unit::Count, value)
    }

    fn words(&mut self, measure: &str, label: &str, words: String) {
        let entry = Entry { measure, dosage: None, label: label.to_owned(), method: "Bayesian models".to_owned(), unit: Unit::Text };
        self.ledger.insert(entry, Value { words: Some(words), ..Value::default() });
    }
}

/// Name of a model in a table.
fn name(model: &BayesianModel, sample: &Sample) -> String {
    let mut words = model.form.label().to_owned();
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let covariates: Vec<&str> = sample.covariates.iter().map(|covariate| covariate.name.as_str()).collect();
    if covariates.is_empty() { words } else { format!("{words}, adjusted for {}", covariates.join(" and ")) }
}

/// How the posterior was computed, in the words of a method.
const fn computed(computation: Computation) -> &'static str {
    match computation {
        Computation::Quadrature => "posterior by quadrature",
        Computation::Sampling => "posterior by the No-U-Turn sampler",
    }
}

/// What a reader must know of a model whose chains cannot be relied on.
fn caution(model: &BayesianModel) -> Option<String> {
    let chains = &model.chains;
    let mut faults = Vec::new();
    if chains.rhat.is_nan() || chains.rhat > HIGH_RHAT {
        faults.push(format!("R-hat is {:.3}, above {HIGH_RHAT}", chains.rhat));
    }
    if chains.bulk_draws.is_nan() || chains.tail_draws.is_nan() || chains.bulk_draws.min(chains.tail_draws) < FEW_DRAWS {
        faults.push(format!("only {:.0} draws are effective, fewer than {FEW_DRAWS}", chains.bulk_draws.min(chains.tail_draws)));
    }
    if chains.divergences > 0 {
        faults.push(format!("{} of {} trajectories diverged", chains.divergences, chains.draws));
    }
    let exact = if model.computation == Computation::Quadrature { " that rest on draws" } else { "" };
    (!faults.is_empty()).then(|| format!("Not to be relied on: {}. The numbers of this model{exact} may be wrong.", faults.join("; ")))
}

/// Trajectories that were cut: that makes the draws fewer, not wrong.
fn cut(model: &BayesianModel) -> Option<String> {
    let ChainReport { saturated, draws, .. } = model.chains;
    (saturated > 0)
        .then(|| format!("{saturated} of {draws} trajectories were cut at their largest length, which makes effective draws fewer."))
}

fn mark(rows: &mut [Row], notes: &mut Notes, text: String) {
    if let Some(first) = rows.first_mut() {
        first.footnote = Some(footnote(notes, text));
    }
}

fn posterior(made: &[Made<'_>], data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let methods = vec![
        "On the log odds of the event; independent normal priors, of EC50 and of the Hill coefficient on the natural logarithm"
            .to_owned(),
        "Numeric covariates per standard deviation from their mean, factors against their first level; the log odds without exposure apply to a \
         subject at that mean and that level"
            .to_owned(),
        "A line without covariates by quadrature, all other models from draws; a probability of 0% or 100% from draws means that no draw, or every \
         draw, was so"
            .to_owned(),
    ];
    let mut notes = notes(made, data, settings, methods);
    notes.abbreviations.extend(
        ["EC50: exposure with half of the largest change", "Emax: largest change of the log odds", "SD: standard deviation"]
            .map(str::to_owned),
    );
    notes.abbreviations.sort();
    let mut rows = Vec::new();
    for of in made {
        let (result, found, models) = *of;
        rows.push(heading_row(&result.label));
        let mut maker = BayesianRows::new(facts, CODE, *of, data, settings);
        for model in &models.models {
            let mut of_model = vec![maker.head(model, &found.sample)];
            if let Some(text) = caution(model) {
                mark(&mut of_model, &mut notes, text);
            }
            rows.extend(of_model);
            rows.extend(model.parameters.iter().map(|parameter| maker.parameter(model, parameter)));
        }
        maker.headline(models);
    }
    let heads = ["N", "Events", "Prior mean (SD)", "Posterior median (CrI)", "Odds ratio (CrI)", "Posterior probability above zero"];
    exhibit(CODE, TITLE, ("Outcome, model and parameter", &heads, rows), notes)
}

impl BayesianRows<'_> {
    fn head(&mut self, model: &BayesianModel, sample: &Sample) -> Row {
        let (form, name) = (model.form, name(model, sample));
        let n = self.count((&format!("bayes_n_{}", form.id()), format!("subjects, {name}, Bayesian")), model.n);
        let events =
            self.count((&format!("bayes_events_{}", form.id()), format!("subjects with the event, {name}, Bayesian")), model.events);
        fact_row(&name, 1, vec![n, events, Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty])
    }

    fn parameter(&mut self, model: &BayesianModel, found: &ParameterPosterior) -> Row {
        let (key, stub) = self.told(&found.parameter);
        let logarithm = found.parameter.is_logarithm();
        let measure = |what: &str| format!("bayes_{what}{key}_{}", model.form.id());
        let label = |what: &str| format!("{what}{stub}, {} model, Bayesian", model.form.label());
        let scale = if logarithm { "prior of the natural logarithm" } else { "prior" };
        let prior = [("prior_mean_", "prior mean, ", found.prior.mean), ("prior_sd_", "prior standard deviation, ", found.prior.sd)];
        let prior = prior.map(|(what, words, value)| {
            let entry =
                Entry { measure: &measure(what), dosage: None, label: label(words), method: scale.to_owned(), unit: Unit::Dimensionless };
            self.ledger.insert(entry, Value { value: Some(value), ..Value::default() })
        });
        let method = computed(model.computation);
        let own = if found.parameter == BayesianParameter::Ec50 { Unit::Named(self.unit.clone()) } else { Unit::Dimensionless };
        let at = &found.posterior;
        let told = self.value(at.median, at.limits, model.n);
        let median = self.number(CellPattern::ValueInterval, (&measure(""), label("posterior median, "), method), own, told);
        let per_step = matches!(found.parameter, BayesianParameter::Slope(_) | BayesianParameter::Covariate { .. });
        let ratio = if per_step {
            let raised = self.value(at.median.exp(), (at.limits.0.exp(), at.limits.1.exp()), model.n);
            self.number(CellPattern::ValueInterval, (&measure("ratio_"), label("odds ratio, "), method), Unit::Dimensionless, raised)
        } else {
            Cell::NotAvailable
        };
        let above = if per_step || found.parameter == BayesianParameter::Emax {
            let value = Value { value: Some(at.above_zero), n: Some(model.n as u64), ..Value::default() };
            self.number(
                CellPattern::Value,
                (&measure("above_"), label("posterior probability above zero, "), method),
                Unit::Proportion,
                value,
            )
        } else {
            Cell::NotAvailable
        };
        let stub = if logarithm { format!("{stub} (prior of its natural logarithm)") } else { stub };
        fact_row(&stub, 2, vec![Cell::Empty, Cell::Empty, Cell::Facts(CellPattern::ValueAside, prior.to_vec()), median, ratio, above])
    }

    fn value(&self, value: f64, limits: (f64, f64), n: usize) -> Value {
        Value { value: Some(value), n: Some(n as u64), interval: Some(credible(self.level, limits)), ..Value::default() }
    }

    /// Key and words of a parameter.
    fn told(&self, parameter: &BayesianParameter) -> (String, String) {
        match parameter {
            BayesianParameter::Intercept { at: None } => ("intercept".to_owned(), "Log odds without exposure".to_owned()),
            BayesianParameter::Intercept { at: Some(at) } => ("intercept".to_owned(), format!("Log odds at {at} {}", self.unit)),
            BayesianParameter::Slope(of) => ("slope".to_owned(), format!("Slope per {}", step(*of, &self.unit))),
            BayesianParameter::Emax => ("emax".to_owned(), "Emax".to_owned()),
            BayesianParameter::Ec50 => ("ec50".to_owned(), format!("EC50, {}", self.unit)),
            BayesianParameter::Hill => ("hill".to_owned(), "Hill coefficient".to_owned()),
            BayesianParameter::Covariate { name, contrast: Contrast::Deviation } => {
                (format!("covariate_{}", slug(name)), format!("{name}, per standard deviation"))
            }
            BayesianParameter::Covariate { name, contrast: Contrast::Level { level, reference } } => {
                (format!("covariate_{}_{}", slug(name), slug(level)), format!("{name}, {level} against {reference}"))
            }
        }
    }

    /// What the text quotes of the model that predicts best.
    fn headline(&mut self, models: &BayesianAnalysis) {
        let Some(best) = models.best() else { return };
        self.words("bayes_model", "Bayesian model that predicts subjects left out best", best.form.label().to_owned());
        let tied: Vec<&str> = models.tied().map(|model| model.form.label()).collect();
        if !tied.is_empty() {
            self.words("bayes_tied", "models that are not told apart from the best", tied.join(" or the "));
        }
        if let Some(effect) = best.effect() {
            let value = Value { value: Some(effect.posterior.above_zero), n: Some(best.n as u64), ..Value::default() };
            let label = "posterior probability that the event becomes more probable with exposure".to_owned();
            self.number(CellPattern::Value, ("bayes_rise", label, computed(best.computation)), Unit::Proportion, value);
        }
        let (covered, all) = covered(best);
        let words = if covered == all {
            "the observed proportion of every dosage lies within what the model predicts for as many subjects".to_owned()
        } else {
            format!(
                "the observed proportion of {} of {all} dosages lies outside what the model predicts for as many subjects",
                all - covered
            )
        };
        self.words("bayes_check", "predictive check", words);
        let unreliable: Vec<&str> =
            models.models.iter().filter(|model| !model.chains.is_reliable()).map(|model| model.form.label()).collect();
        if !unreliable.is_empty() {
            self.words("bayes_caution", "models whose chains are not to be relied on", unreliable.join(" and "));
        }
    }
}

/// Dosages whose observed proportion lies within the predicted limits, and all with subjects.
fn covered(model: &BayesianModel) -> (usize, usize) {
    let told: Vec<bool> = model.dosages.iter().filter_map(DosagePosterior::is_covered).collect();
    (told.iter().filter(|covered| **covered).count(), told.len())
}

fn fit(made: &[Made<'_>], data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let methods = vec![
        "elpd: sum over subjects of the expected log predictive density of the subject given the others, by Pareto-smoothed importance \
         sampling; a difference from the best model of less than about two standard errors does not tell the two apart"
            .to_owned(),
        format!("Pareto k above {HIGH_PARETO_K}: subjects for whom the elpd is not to be relied on"),
        format!(
            "Chains: relied on where the largest rank-normalised split R-hat is at most {HIGH_RHAT}, at least {FEW_DRAWS} draws are effective for \
             the centre and for the tails of every parameter, and no trajectory diverged"
        ),
    ];
    let mut notes = notes(made, data, settings, methods);
    notes
        .abbreviations
        .extend(["LOO: leave-one-out cross-validation", "SD: posterior standard deviation", "SE: standard error"].map(str::to_owned));
    let mut rows = Vec::new();
    for of in made {
        let (result, found, models) = *of;
        rows.push(heading_row(&result.label));
        let mut maker = BayesianRows::new(facts, FIT, *of, data, settings);
        for (place, model) in models.models.iter().enumerate() {
            let mut row = vec![maker.fit(models, model, &found.sample)];
            let best = "Predicts subjects left out best: predictions and the figure are of this model.";
            let said: Vec<String> =
                [caution(model), cut(model), (place == models.best).then(|| best.to_owned())].into_iter().flatten().collect();
            if !said.is_empty() {
                mark(&mut row, &mut notes, said.join(" "));
            }
            rows.extend(row);
        }
    }
    let heads = [
        "LOO elpd (SE)",
        "Difference from the best (SE)",
        "Effective parameters",
        "Subjects with high Pareto k",
        "Largest R-hat",
        "Effective draws: centre",
        "Effective draws: tails",
        "Largest Monte Carlo error, SD",
        "Divergent draws",
    ];
    exhibit(
        FIT,
        "Bayesian exposure-response models: prediction of subjects left out, and chains",
        ("Outcome and model", &heads, rows),
        notes,
    )
}

impl BayesianRows<'_> {
    fn fit(&mut self, models: &BayesianAnalysis, model: &BayesianModel, sample: &Sample) -> Row {
        let form = model.form;
        let mut number = |measure: &str, words: &str, method: &str, value: f64| {
            let entry = Entry {
                measure: &format!("bayes_{measure}_{}", form.id()),
                dosage: None,
                label: format!("{words}, {} model, Bayesian", form.label()),
                method: method.to_owned(),
                unit: Unit::Dimensionless,
            };
            self.ledger.insert(entry, Value { value: Some(value), n: Some(model.n as u64), ..Value::default() })
        };
        let loo = "Pareto-smoothed importance sampling, leave-one-out";
        let found = &model.cross_validation;
        let elpd = vec![
            number("elpd", "expected log predictive density", loo, found.elpd),
            number("elpd_se", "standard error of the expected log predictive density", loo, found.standard_error),
        ];
        let gap = models.gap(model).map(|gap| {
            vec![
                number("elpd_difference", "difference of the expected log predictive density from the best", loo, gap.difference),
                number("elpd_difference_se", "standard error of that difference", loo, gap.standard_error),
            ]
        });
        let parameters = vec![number("elpd_parameters", "effective number of parameters", loo, found.parameters)];
        let chains = &model.chains;
        let words = "largest Monte Carlo error of a mean, in posterior standard deviations";
        let error = vec![number("error", words, "standard deviation over the root of the effective draws", chains.largest_error)];
        let rhat = vec![number("rhat", "largest R-hat", "rank-normalised split R-hat", chains.rhat)];
        let [high_k, centre, tails, diverged] = [
            ("high_k", "subjects with a high Pareto k", found.high_k),
            ("draws_centre", "fewest effective draws for the centre", rounded(chains.bulk_draws)),
            ("draws_tails", "fewest effective draws for the tails", rounded(chains.tail_draws)),
            ("divergences", "draws whose trajectory diverged", chains.divergences),
        ]
        .map(|(measure, words, count)| {
            self.count((&format!("bayes_{measure}_{}", form.id()), format!("{words}, {} model, Bayesian", form.label())), count)
        });
        let aside = |ids| Cell::Facts(CellPattern::ValueAside, ids);
        let value = |ids| Cell::Facts(CellPattern::Value, ids);
        let gap = gap.map_or(Cell::NotAvailable, aside);
        fact_row(
            &name(model, sample),
            1,
            vec![aside(elpd), gap, value(parameters), high_k, value(rhat), centre, tails, value(error), diverged],
        )
    }
}

/// A number of effective draws as a count.
fn rounded(draws: f64) -> usize {
    draws.round().max(0.0) as usize
}

fn predicted(made: &[Made<'_>], data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let methods = vec![
        "Of the model that predicts subjects left out best: probability at the mean exposure of the dosage, averaged over the covariates of all \
         subjects, in percent; differences in percentage points"
            .to_owned(),
        "Predicted proportion: of as many subjects as the dosage has, with their exposures and covariates; the observed one should lie within \
         its interval"
            .to_owned(),
    ];
    let mut notes = notes(made, data, settings, methods);
    let mut rows = Vec::new();
    for of in made {
        let (result, found, models) = *of;
        let Some(best) = models.best() else { continue };
        let mut heading = heading_row(&format!("{}: {}", result.label, name(best, &found.sample)));
        if let Some(text) = caution(best) {
            heading.footnote = Some(footnote(&mut notes, text));
        }
        rows.push(heading);
        let mut maker = BayesianRows::new(facts, PREDICTED, *of, data, settings);
        let groups = &found.sample.panel.groups;
        for (place, (group, at)) in groups.iter().zip(&best.dosages).enumerate() {
            let mut row = vec![maker.dosage(best, (place, group), at)];
            if at.is_covered() == Some(false) {
                mark(&mut row, &mut notes, "The observed proportion lies outside the interval of the predicted one.".to_owned());
            }
            rows.extend(row);
        }
        for between in &best.differences {
            if let Some((low, high)) = groups.get(between.from).zip(groups.get(between.to)) {
                rows.push(maker.difference(best, (low, high), between));
            }
        }
    }
    let heads = [
        "Observed, n/N (%)",
        "Posterior median (CrI)",
        "Predicted proportion, median (prediction interval)",
        "Predicted at or above the observed",
        "Posterior probability of a difference above zero",
    ];
    exhibit(PREDICTED, "Bayesian exposure-response: probabilities at each dosage", ("Outcome and dosage", &heads, rows), notes)
}

impl BayesianRows<'_> {
    fn dosage(&mut self, model: &BayesianModel, (place, group): (usize, &Group), at: &DosagePosterior) -> Row {
        let mut fact = |measure: &str, words: &str, method: &str, value: Value| {
            let entry = Entry {
                measure,
                dosage: Some(group.id.clone()),
                label: format!("{words}, {}", group.label),
                method: method.to_owned(),
                unit: Unit::Proportion,
            };
            self.ledger.insert_of(entry, value, place)
        };
        let share = at.events as f64 / at.n as f64;
        let observed = Value { value: Some(share), count: Some(at.events as u64), n: Some(at.n as u64), ..Value::default() };
        let observed = fact("bayes_observed", "observed among the subjects of the Bayesian model", "subjects with the event", observed);
        let probability =
            Value { value: Some(at.probability.median), interval: Some(credible(self.level, at.probability.limits)), ..Value::default() };
        let words = "posterior median of the probability at the mean exposure";
        let probability = fact("bayes_predicted", words, computed(model.computation), probability);
        let proportion =
            Value { value: Some(at.predicted_median), interval: Some(credible(self.level, at.predicted_limits)), ..Value::default() };
        let proportion = fact("bayes_proportion", "predicted proportion of as many subjects", "posterior predictive draws", proportion);
        let reached = Value { value: Some(at.share_at_or_above), ..Value::default() };
        let reached =
            fact("bayes_reached", "share of predicted proportions at or above the observed", "posterior predictive draws", reached);
        let cell = |pattern, id| Cell::Facts(pattern, vec![id]);
        let cells = vec![
            cell(CellPattern::CountOfPercent, observed),
            cell(CellPattern::PercentInterval, probability),
            cell(CellPattern::PercentInterval, proportion),
            cell(CellPattern::Value, reached),
            Cell::NotAvailable,
        ];
        fact_row(&group.label, 1, cells)
    }

    fn difference(&mut self, model: &BayesianModel, (low, high): (&Group, &Group), between: &PosteriorDifference) -> Row {
        let PosteriorSummary { median, limits, above_zero } = between.difference;
        let method = computed(model.computation);
        let mut cell = |pattern, measure: &str, words: &str, method: &str, unit, value| {
            let entry = Entry {
                measure,
                dosage: Some(format!("{} vs {}", high.id, low.id)),
                label: format!("{words}, {} and {}", high.label, low.label),
                method: method.to_owned(),
                unit,
            };
            self.ledger.cell(pattern, entry, value)
        };
        let difference = Value { value: Some(median), interval: Some(credible(self.level, limits)), ..Value::default() };
        let words = "posterior median difference of the probabilities";
        let sampled = computed(Computation::Sampling);
        let difference = cell(CellPattern::ValueInterval, "bayes_gain", words, sampled, Unit::ProportionDifference, difference);
        let above = Value { value: Some(above_zero), ..Value::default() };
        let words = "posterior probability that the higher dosage has the higher probability of the event";
        let above = cell(CellPattern::Value, "bayes_higher", words, method, Unit::Proportion, above);
        let stub = format!("{} minus {}, percentage points", high.label, low.label);
        fact_row(&stub, 1, vec![Cell::NotAvailable, difference, Cell::NotAvailable, Cell::NotAvailable, above])
    }
}

/// Equal-tailed limits of a posterior.
fn credible(level: f64, (lower, upper): (f64, f64)) -> Interval {
    let finite = |limit: f64| limit.is_finite().then_some(limit);
    Interval { lower: finite(lower), upper: finite(upper), level, method: IntervalMethod::Credible }
}

/// The posterior of the curve with its band, over what was observed.
pub(super) fn figures(
    results: &[(&ExposureResponseResult, &Modelled)],
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Vec<Exhibit> {
    made(results).into_iter().filter_map(|of| figure(of, data, settings, facts)).collect()
}

fn figure(of: Made<'_>, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Option<Exhibit> {
    let (result, found, models) = of;
    let (best, Models::Binary(binary)) = (models.best()?, &found.models) else { return None };
    let code = format!("F-E07-bayes-{}", slug(&result.id).replace('_', "-"));
    let mut drawn = outcome(found, binary, (0, 1));
    drawn.curve.label = format!("{} (Bayesian, {})", found.sample.endpoint.label, best.form.label());
    drawn.curve.points = best.curve.iter().map(|point| (point.exposure, point.probability)).collect();
    let band = |point: &PredictedProbability| point.limits.map(|(lower, upper)| BandPoint { at: point.exposure, lower, upper });
    drawn.curve.band = best.curve.iter().filter_map(band).collect();
    let told = found.sample.panel.groups.iter().zip(&best.dosages).map(|(group, at)| {
        let (lower, upper) = at.probability.limits;
        format!(
            "{}: {} of {}, posterior median {:.0}% ({:.0}% to {:.0}%)",
            group.label,
            at.events,
            at.n,
            100.0 * at.probability.median,
            100.0 * lower,
            100.0 * upper
        )
    });
    let alt = format!("Posterior of the probability of the outcome against exposure. {}.", told.collect::<Vec<_>>().join("; "));
    let mut methods = vec![
        format!("Curve: posterior median of the {} model, averaged over the covariates; band: pointwise CrI", best.form.label()),
        "Points: observed proportions by quartile of exposure at its median, with exact limits; horizontal bars: range of exposure"
            .to_owned(),
    ];
    methods.push("Boxes: exposures of the subjects by dosage received".to_owned());
    let mut notes = notes(&[of], data, settings, methods);
    notes.footnotes.extend(caution(best));
    let source = sources(&code, (result, found), data, settings, facts);
    let content = Content::Figure(FigureSpec { plot: plot(&[(result, found)], vec![drawn], settings), alt, source });
    Some(Exhibit { id: ExhibitId::new(&code, None), title: format!("{}: posterior", result.label), content, notes })
}
