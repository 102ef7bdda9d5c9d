//! Anti-drug antibodies by dosage: T-E15.

use crate::analysis::grouping::Group;
use crate::analysis::measure::{Proportion, Summary};
use crate::analysis::pk::immunogenicity::{
    AntibodyColumn, AntibodyResult, EffectCell, EffectOf, ExposureEffect, ImmunogenicityResult, OutcomeCounts,
};
use crate::config::{Settings, TitreScale};
use crate::derive::AnalysisData;

use super::super::record::{Item, Recorder, interval_note};
use super::super::table::{fact_row, footnote, heading_row};
use super::super::{Cell, CellPattern, Content, Exhibit, ExhibitId, Fact, FactId, FactValue, Facts, Notes, Row, Slice, Table, Unit, slug};

const CODE: &str = "T-E15";
const TITLE: &str = "Anti-drug antibodies by dosage";
const NEEDS: [&str; 2] = [
    "ADAB: result (POSITIVE or NEGATIVE) of each sample with its time, before and after the first dose",
    "ADAB: titres, and results of the assay of neutralising antibodies",
];

/// The table. Without antibody samples a placeholder for proteins and conjugates, and nothing for other molecules, which need none.
pub fn gather_immunogenicity(
    result: Option<&ImmunogenicityResult>,
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Option<Exhibit> {
    let placeholder = |reason: &str| Exhibit::placeholder(ExhibitId::new(CODE, None), TITLE, reason, &NEEDS);
    match (result, &data.antibodies) {
        (Some(result), _) if !result.antibodies.is_empty() => Some(table(result, data, settings, facts)),
        (_, Some(_)) => Some(placeholder("ADAB holds no sample of a patient with a dosage.")),
        (_, None) if settings.drug.molecular_class.is_biologic() => Some(placeholder("The data hold no samples for anti-drug antibodies.")),
        (_, None) => None,
    }
}

fn table(result: &ImmunogenicityResult, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let mut recorder = Recorder::new(facts, "immunogenicity", CODE, &result.panel, data);
    let mut notes = recorder.notes(&datasets(result));
    let columns: Vec<String> = data.antibodies.as_ref().map(|antibodies| antibodies.columns.clone()).unwrap_or_default();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut rows = Vec::new();
    for antibodies in &result.antibodies {
        let several = result.antibodies.len() > 1;
        rows.push(heading_row(&antibodies.antibody));
        let filter = format!("samples of the assays for {}", antibodies.antibody);
        let what = several.then(|| slug(&antibodies.antibody));
        let mut block = Block { antibodies, what: what.as_deref(), filter: &filter, columns: &columns, result, recorder: &mut recorder };
        rows.extend(block.occurrence(&mut notes));
        rows.extend(block.exposure(&mut notes));
        rows.extend(block.outcomes());
        block.alerts(&mut notes);
    }
    explain(result, data, settings, &mut notes);
    let heads = recorder.columns(&result.panel.groups);
    let id = recorder.exhibit;
    let content = Content::Table(Table { stub: "Antibodies".to_owned(), columns: heads, rows });
    Exhibit { id, title: TITLE.to_owned(), content, notes }
}

fn datasets(result: &ImmunogenicityResult) -> Vec<&'static str> {
    let effects = || result.antibodies.iter().flat_map(|of| &of.effects);
    let columns = || result.antibodies.iter().flat_map(|of| &of.columns);
    let uses = |dataset: &'static str, used: bool| used.then_some(dataset);
    let used = [
        Some("ADAB"),
        uses("ADPC", effects().any(|effect| effect.dataset == "ADPC")),
        uses("ADPP", effects().any(|effect| effect.dataset == "ADPP")),
        uses("ADAE", columns().any(|column| column.severe_events.is_some())),
        uses("ADRS", columns().any(|column| column.responses.is_some())),
        Some("ADSL"),
    ];
    used.into_iter().flatten().collect()
}

/// Makes the rows of one kind of antibody.
struct Block<'a, 'f> {
    antibodies: &'a AntibodyResult,
    what: Option<&'a str>,
    filter: &'a str,
    columns: &'a [&'a str],
    result: &'a ImmunogenicityResult,
    recorder: &'a mut Recorder<'f>,
}

/// Measure, label and pattern of a row of proportions.
type Share = (&'static str, &'static str, CellPattern);

/// The counts of an outcome in a column.
type OutcomeOf = fn(&AntibodyColumn) -> Option<&OutcomeCounts>;

impl Block<'_, '_> {
    fn cells(&mut self, mut cell: impl FnMut(&mut Recorder<'_>, &Group, &AntibodyColumn) -> Cell) -> Vec<Cell> {
        let columns = self.result.panel.groups.iter().zip(&self.antibodies.columns);
        columns.map(|(group, column)| cell(self.recorder, group, column)).collect()
    }

    /// A row of proportions; a dash where there is nobody to count among.
    fn share(&mut self, (measure, label, pattern): Share, of: &dyn Fn(&AntibodyColumn) -> &Proportion) -> Vec<Cell> {
        let (filter, columns, what) = (self.filter, self.columns, self.what);
        self.cells(|recorder, group, column| {
            let proportion = of(column);
            if proportion.n == 0 {
                return Cell::NotAvailable;
            }
            let source = ("ADAB", filter, columns);
            let item = Item { measure, what, group, label, method: "proportion of subjects", source };
            Cell::Facts(pattern, vec![recorder.proportion(&item, proportion)])
        })
    }

    fn summary(
        &mut self,
        (measure, label): (&'static str, &'static str),
        unit: &Unit,
        of: &dyn Fn(&AntibodyColumn) -> &Summary,
    ) -> Vec<Cell> {
        let (filter, columns, what) = (self.filter, self.columns, self.what);
        self.cells(|recorder, group, column| {
            let summary = of(column);
            if summary.n == 0 {
                return Cell::NotAvailable;
            }
            let item = Item { measure, what, group, label, method: "", source: ("ADAB", filter, columns) };
            recorder.median_range(&item, summary, unit)
        })
    }

    /// How many have antibodies, which, how much and since when.
    fn occurrence(&mut self, notes: &mut Notes) -> Vec<Row> {
        use CellPattern::{CountOfPercent, CountPercent, CountPercentInterval};
        let sampled = self.share(("sampled", "Patients with an antibody sample", CountPercent), &|column| &column.sampled);
        let evaluable = self.share(("evaluable", "Evaluable for antibodies", CountPercent), &|column| &column.evaluable);
        let prevalence = self.share(("prevalence", "Antibodies at any time", CountOfPercent), &|column| &column.prevalence);
        let baseline = self.share(("baseline", "Antibodies before the first dose", CountOfPercent), &|column| &column.at_baseline);
        let incidence =
            self.share(("incidence", "Antibodies that emerged under treatment", CountPercentInterval), &|column| &column.incidence);
        let induced = self.share(("induced", "Antibodies induced by treatment", CountOfPercent), &|column| &column.induced);
        let persistent = self.share(("persistent", "Persistent antibodies", CountOfPercent), &|column| &column.persistent);
        let boosted = self.share(("boosted", "Antibodies boosted by treatment", CountOfPercent), &|column| &column.boosted);
        let neutralising = self.share(("neutralising", "Neutralising antibodies", CountOfPercent), &|column| &column.neutralising);
        let titre = self.summary(("titre", "Highest titre"), &titre_unit(self.result), &|column| &column.titre);
        let weeks = Unit::Named("weeks".to_owned());
        let onset = self.summary(("onset", "Time to antibodies that emerged"), &weeks, &|column| &column.onset);
        let level = self.antibodies.columns.iter().find_map(|column| Some(100.0 * column.incidence.interval?.level)).unwrap_or(95.0);
        let undecided: usize = self.whole().map_or(0, |column| column.undecided);
        let open = (undecided > 0).then(|| {
            footnote(
                notes,
                format!("Positive before the first dose and not told apart for want of a titre: {undecided}; they count as not boosted."),
            )
        });
        let left_out = self.left_out().map(|text| footnote(notes, text));
        vec![
            fact_row("Patients with a sample, n (%)", 1, sampled),
            Row { footnote: left_out, ..fact_row("Evaluable, n (%)", 1, evaluable) },
            fact_row("Positive at any time (prevalence), n/N (%)", 1, prevalence),
            fact_row("Positive before the first dose, n/N (%)", 2, baseline),
            fact_row(&format!("Emerged under treatment (incidence), n/N (%; {level}% CI)"), 1, incidence),
            fact_row("Induced by treatment, n/N (%)", 2, induced),
            fact_row("Persistent, of those induced, n/N (%)", 3, persistent),
            Row { footnote: open, ..fact_row("Boosted by treatment, n/N (%)", 2, boosted) },
            fact_row("Neutralising, of those that emerged and were tested, n/N (%)", 2, neutralising),
            fact_row(&format!("Highest titre{}, median (minimum, maximum)", titre_words(self.result)), 2, titre),
            fact_row("Time to emergence (weeks), median (minimum, maximum)", 2, onset),
        ]
    }

    /// The column of all dosages, or of the only one.
    fn whole(&self) -> Option<&AntibodyColumn> {
        let place = self.result.panel.groups.iter().rposition(|group| !group.comparator)?;
        self.antibodies.columns.get(place)
    }

    fn left_out(&self) -> Option<String> {
        let groups = self.result.panel.groups.iter().zip(&self.antibodies.columns).filter(|(group, _)| group.dosage.is_some());
        let told: Vec<String> = groups
            .flat_map(|(group, column)| column.not_evaluable.iter().map(|(reason, count)| format!("{}, {count} ({reason})", group.label)))
            .collect();
        (!told.is_empty()).then(|| format!("Patients with a sample who are not evaluable: {}.", told.join("; ")))
    }

    /// Exposure of patients with emergent antibodies against that of the others.
    fn exposure(&mut self, notes: &mut Notes) -> Vec<Row> {
        let effects = &self.antibodies.effects;
        let mut rows = Vec::new();
        if effects.is_empty() {
            return rows;
        }
        rows.push(heading_row("Exposure, ratio of geometric means, emerged to not emerged (90% CI)"));
        let mark = footnote(
            notes,
            "Patients were not assigned to antibodies. A lower exposure of patients with antibodies may be their effect; antibodies may also be found more easily where little drug is in the sample.",
        );
        let mut last = Vec::new();
        for effect in effects {
            let counts: Vec<(usize, usize)> = effect.cells.iter().map(|cell| (cell.positive, cell.negative)).collect();
            let [ratio, numbers @ ..] = self.effect(effect, mark);
            rows.push(ratio);
            // Numbers that have not changed since the row above are not printed again.
            if counts != last {
                rows.extend(numbers);
            }
            last = counts;
        }
        rows
    }

    fn effect(&mut self, effect: &ExposureEffect, mark: usize) -> [Row; 3] {
        let name = format!("{} of {}, {}", effect.label, effect.analyte, effect.visit);
        let kind = if effect.of == EffectOf::Area { "area" } else { "trough" };
        let what = [self.what, Some(kind), Some(&effect.analyte), Some(&effect.visit)].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let (mut ratios, mut positive, mut negative) = (Vec::new(), Vec::new(), Vec::new());
        for (group, cell) in self.result.panel.groups.iter().zip(&effect.cells) {
            let source = (effect.dataset, "exposures of patients evaluable for antibodies", &[] as &[&str]);
            let label = format!("{name}, patients with antibodies that emerged to the others");
            let method =
                if group.dosage.is_some() { "ratio of geometric means" } else { "ratio of geometric means, adjusted for the dosage" };
            let item = Item { measure: "exposure_ratio", what: Some(&what), group, label: &label, method, source };
            ratios.push(self.ratio(&item, cell));
            for (measure, words, count, cells) in [
                ("exposure_emerged_n", "patients with antibodies that emerged", cell.positive, &mut positive),
                ("exposure_not_emerged_n", "other evaluable patients", cell.negative, &mut negative),
            ] {
                let label = format!("{name}, {words}");
                let item = Item { measure, label: &label, method: "count of subjects", ..item.clone() };
                cells.push(Cell::Facts(CellPattern::Value, vec![self.recorder.count(&item, count as u64, cell.rows.clone())]));
            }
        }
        [
            Row { footnote: Some(mark), ..fact_row(&name, 1, ratios) },
            fact_row("n, emerged", 2, positive),
            fact_row("n, not emerged", 2, negative),
        ]
    }

    fn ratio(&mut self, item: &Item<'_>, cell: &EffectCell) -> Cell {
        if cell.ratio.is_none() {
            return Cell::NotAvailable;
        }
        let n = Some((cell.positive + cell.negative) as u64);
        let id = self.recorder.number(item, cell.ratio, Unit::Dimensionless, n, cell.interval, cell.rows.clone());
        Cell::Facts(CellPattern::ValueInterval, vec![id])
    }

    /// Counts of severe events and of responses with and without antibodies.
    fn outcomes(&mut self) -> Vec<Row> {
        let kinds: [(&str, &str, &str, OutcomeOf); 2] = [
            ("severe_events", "Adverse event of grade 3 or higher", "ADAE", |column| column.severe_events.as_ref()),
            ("responses", "Objective response", "ADRS", |column| column.responses.as_ref()),
        ];
        let mut rows = Vec::new();
        for (measure, label, dataset, of) in kinds {
            if self.antibodies.columns.iter().all(|column| of(column).is_none()) {
                continue;
            }
            rows.push(heading_row(&format!("{label}, n/N (%)")));
            for (side, words) in [(true, "antibodies emerged"), (false, "antibodies did not emerge")] {
                let measure = format!("{measure}_{}", if side { "emerged" } else { "not_emerged" });
                let label = format!("{label}, {words}");
                let what = self.what;
                let cells = self.cells(|recorder, group, column| {
                    let counted = of(column).map(|counts| if side { &counts.positive } else { &counts.negative });
                    let Some(counted) = counted.filter(|counted| counted.n > 0) else { return Cell::NotAvailable };
                    let source = (dataset, label.as_str(), &[] as &[&str]);
                    let item = Item { measure: &measure, what, group, label: &label, method: "proportion of subjects", source };
                    Cell::Facts(CellPattern::CountOfPercent, vec![recorder.proportion(&item, counted)])
                });
                rows.push(fact_row(if side { "Antibodies emerged" } else { "Antibodies did not emerge" }, 1, cells));
            }
        }
        rows
    }

    /// Differences in exposure that are worth pointing out, as a fact and a footnote.
    fn alerts(&mut self, notes: &mut Notes) {
        let rules = &self.result.rules;
        let alerts = &self.antibodies.alerts;
        let rows = self.whole().map(|column| column.incidence.rows.clone()).unwrap_or_default();
        let fact = Fact {
            label: "Exposures that differ with antibodies".to_owned(),
            value: FactValue::Count(alerts.len() as u64),
            unit: Unit::Count,
            count: None,
            n: None,
            interval: None,
            method: "count of exposures whose ratio lies outside the limits".to_owned(),
            population: self.recorder.population.clone(),
            part: None,
            source: Slice::new("ADAB", self.filter, self.columns.iter().copied(), rows),
            denominator: None,
            exhibit: Some(self.recorder.exhibit.clone()),
            planned: None,
        };
        self.recorder.facts.insert(FactId::new("immunogenicity", "exposure_alerts", self.what, None, None), fact);
        let named: Vec<String> = alerts
            .iter()
            .filter_map(|alert| self.antibodies.effects.get(alert.effect))
            .map(|effect| format!("{} of {}, {}", effect.label, effect.analyte, effect.visit))
            .collect();
        if !named.is_empty() {
            footnote(
                notes,
                format!(
                    "Antibodies emerged in at least {}% of evaluable patients, and the ratio of exposures lies outside {} to {}: {}. Their effect on efficacy and safety at the proposed dosage is to be discussed.",
                    100.0 * rules.alert_incidence,
                    rules.alert_below,
                    rules.alert_above,
                    named.join("; ")
                ),
            );
        }
    }
}

fn titre_unit(result: &ImmunogenicityResult) -> Unit {
    Unit::Named(match result.rules.titre_scale {
        TitreScale::Linear => "titre".to_owned(),
        TitreScale::Log2 => "log2 titre".to_owned(),
        TitreScale::Log10 => "log10 titre".to_owned(),
    })
}

const fn titre_words(result: &ImmunogenicityResult) -> &'static str {
    match result.rules.titre_scale {
        TitreScale::Linear => "",
        TitreScale::Log2 => " (log2)",
        TitreScale::Log10 => " (log10)",
    }
}

fn explain(result: &ImmunogenicityResult, data: &AnalysisData, settings: &Settings, notes: &mut Notes) {
    let rules = &result.rules;
    notes.methods.extend([
        "Evaluable: a result before and at least one after the first dose; the baseline is the flagged record, otherwise the last before the first dose [Shankar2014]".to_owned(),
        format!(
            "Emerged: induced (negative at baseline, positive later) or boosted (positive at baseline, later titre at least {} times as high)",
            rules.boost_factor
        ),
        format!(
            "Persistent: first and last positive result at least {} weeks apart, or the last result positive; otherwise transient",
            rules.persistent_from.days() / 7.0
        ),
        interval_note(&settings.intervals, settings.intervals.proportion),
    ]);
    if result.antibodies.iter().any(|of| !of.effects.is_empty()) {
        notes.methods.push(
            "Exposures: numbers stand where they differ from those above. Ratio of one dosage: Welch t on the logarithms; of all dosages: linear model of the logarithm with a level for each dosage"
                .to_owned(),
        );
    }
    let imputed: usize = result.antibodies.iter().map(|of| of.imputed_titres).sum();
    if imputed > 0 {
        footnote(
            notes,
            format!("Samples with the least reportable titre in place of a lower one, as the data have it (DTYPE = MRT): {imputed}."),
        );
    }
    let (borne_out, not): (usize, usize) =
        result.antibodies.iter().fold((0, 0), |sum, of| (sum.0 + of.agreement.0, sum.1 + of.agreement.1));
    if borne_out + not > 0 {
        footnote(
            notes,
            format!(
                "Statements of ADAB on evaluable patients (induced, boosted, persistent and others): {borne_out} are borne out, {not} are not."
            ),
        );
    }
    if let Some(antibodies) = &data.antibodies {
        if antibodies.contradictory > 0 {
            footnote(
                notes,
                format!("Samples with a positive and a negative record: {}; they count as positive.", antibodies.contradictory),
            );
        }
        let told: Vec<String> = antibodies.left_out.iter().map(|(reason, count)| format!("{count} ({reason})")).collect();
        if !told.is_empty() {
            footnote(notes, format!("Records of ADAB left out: {}.", told.join(", ")));
        }
    }
    notes.abbreviations.push("CI: confidence interval".to_owned());
}
