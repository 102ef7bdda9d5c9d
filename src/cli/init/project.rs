//! A survey as a project file.

use std::path::Path;

use super::dosages::{dosages, ids};
use super::error::InitError;
use super::later::{self, Known};
use super::page::Page;
use super::place::Place;
use super::template::HEAD;
use super::yaml::{list, scalar};
use crate::data::survey::{Populations, Survey};

/// The text of the project file for a survey.
pub(super) fn project(survey: &Survey, place: &Place) -> Result<Page, InitError> {
    let ids = ids(&survey.arms.arms);
    let path = place.written(&survey.path)?;
    let mut page = Page::default();
    page.text.push_str(HEAD);
    dossier(survey, &mut page);
    drug(survey, &mut page);
    data(survey, &path, &mut page);
    dosages(survey, &ids, &mut page);
    parts(survey, &mut page);
    populations(survey, &mut page);
    let beside = |path: &Option<std::path::PathBuf>| path.as_deref().map(|path: &Path| place.written(path)).transpose();
    let known = Known {
        dosages: survey.arms.arms.iter().zip(&ids).filter(|(arm, _)| arm.comparator.is_none()).map(|(_, id)| id.clone()).collect(),
        decisions: beside(&survey.beside.decisions)?,
        nonclinical: beside(&survey.beside.nonclinical)?,
        survey: Some(survey),
    };
    later::sections(&known, &mut page);
    Ok(page)
}

fn dossier(survey: &Survey, page: &mut Page) {
    page.section("dossier");
    let name = survey.drug.as_ref().map_or("the drug under study", |drug| drug.value.as_str());
    let title = format!("Dosage justification for {name}");
    page.guess(
        &format!("  title: {}", scalar(&title)),
        "dossier.title",
        &title,
        "made from the name of the drug",
        "the title, and add the indication",
    );
    page.remarked("  document: complete", "ind | end_of_phase_1 | registration | complete");
    page.remarked("  jurisdiction: fda", "fda | ema | pmda | health_canada | tga");
    match &survey.cutoff {
        Some(cutoff) if cutoff.one_date => page.remarked(&format!("  data_cutoff: {}", cutoff.date), &format!("{} in ADSL", cutoff.column)),
        Some(cutoff) => {
            let line = format!("  data_cutoff: {}", cutoff.date);
            let from = format!("the latest of several dates in {} of ADSL", cutoff.column);
            page.guess(&line, "dossier.data_cutoff", &cutoff.date.to_string(), &from, "which date is meant");
        }
        None => page.remarked("#  data_cutoff: 2026-03-31", "ADSL has no column of a cut-off"),
    }
    page.remarked("#  date: 2026-06-30", "printed on the document; the clock is never read");
    page.line("#  indication: previously treated non-small cell lung cancer");
    page.line("#  sponsor: name of the sponsor");
    page.line("#  id: document number");
    page.line("#  version: \"0.1\"");
    page.line("#  status: draft");
}

fn drug(survey: &Survey, page: &mut Page) {
    page.section("drug");
    match &survey.drug {
        Some(drug) => page.guessed(&format!("  name: {}", scalar(&drug.value)), "drug.name", &drug.value, drug),
        None => {
            let from = "neither EXTRT nor the arms' texts name a drug";
            page.guess("  name: the drug under study", "drug.name", "the drug under study", from, "the name");
        }
    }
    page.remarked(
        "#  molecular_class: small_molecule_targeted",
        "small_molecule_targeted | adc | antagonist | agonist | limited_single_agent_activity | other",
    );
    if survey.analytes.is_empty() {
        page.line("#  analytes: {CODE: {name: the drug, unit: ng/mL, molar_mass: 450}}");
        return;
    }
    page.remarked("  analytes:", "by code in ADPC; a molar mass in g/mol can be added as `molar_mass`");
    for guess in &survey.analytes {
        let name = guess.value.name.iter().map(|name| format!("name: {}", scalar(name)));
        let unit = guess.value.unit.iter().map(|unit| format!("unit: {}", scalar(unit)));
        let keys: Vec<String> = name.chain(unit).collect();
        let line = format!("    {}: {{{}}}", scalar(&guess.value.code), keys.join(", "));
        let shown = guess.value.name.as_deref().unwrap_or(&guess.value.code);
        page.guessed(&line, &format!("drug.analytes.{}", guess.value.code), shown, guess);
    }
}

fn data(survey: &Survey, path: &str, page: &mut Page) {
    page.section("data");
    page.line(&format!("  path: {}", scalar(path)));
    if let Some(choice) = &survey.choice {
        page.remark(2, &format!("guess: of several folders this is read: {choice}; check that this is the cut that is meant"));
        page.report(&format!("data.path: {path} ({choice}; check that this is the cut that is meant)"));
    }
    let files: Vec<&str> = survey.files.iter().map(|file| file.file.as_str()).collect();
    page.remark(2, &format!("Files: {}", files.join(", ")));
    for left_out in &survey.left_out {
        page.remark(2, &format!("Not read: {}: {}", left_out.file, left_out.reason));
    }
    if survey.pinned.is_empty() {
        page.remarked("#  datasets: {adsl: my_adsl.parquet}", "only what cannot be found by its name");
    } else {
        page.remarked("  datasets:", "named, because the folder holds other files of these datasets");
        for (dataset, files) in &survey.pinned {
            page.line(&format!("    {}: {}", dataset.id(), list(files.iter().map(String::as_str))));
        }
    }
    page.remarked("#  columns: {adsl: {dose: DOSEP, part: PART}}", "only what differs from ADaM; `dosecase schema` explains");
}

fn parts(survey: &Survey, page: &mut Page) {
    page.line("");
    page.remark(0, "Parts of the trials. A subject belongs to the first part whose every column of ADSL holds one of the values.");
    if survey.parts.is_empty() {
        page.remark(0, "No column of ADSL was found that names parts.");
        page.line("#parts:");
        page.line("#  - {id: escalation, label: Dose escalation, when: {PART: A}}");
        page.line("#  - {id: randomised, label: Randomised dose expansion, randomised: true, when: {PART: B}}");
        return;
    }
    page.line("parts:");
    for guess in &survey.parts {
        let part = &guess.value;
        page.guessed(
            &format!("  - id: {}", scalar(&part.id)),
            &format!("parts[id={}]", part.id),
            part.label.as_deref().unwrap_or(&part.id),
            guess,
        );
        if let Some(label) = &part.label {
            page.line(&format!("    label: {}", scalar(label)));
        }
        if part.randomised {
            page.line("    randomised: true");
        }
        let when: Vec<String> = part.when.iter().map(|(column, value)| format!("{}: {}", scalar(column), scalar(value))).collect();
        page.line(&format!("    when: {{{}}}", when.join(", ")));
    }
}

fn populations(survey: &Survey, page: &mut Page) {
    let Populations { found, without, others } = &survey.populations;
    page.line("");
    page.remark(0, "Flags of ADSL that say who is analysed. Where there is none, the dossier prints the rule that is used instead.");
    page.line(if found.is_empty() { "#populations:" } else { "populations:" });
    for flag in found {
        let line = format!("  {}: {}", flag.population, scalar(&flag.column));
        let label = flag.label.as_ref().map(|label| format!(", {label}")).unwrap_or_default();
        let count = format!("{} of {} subjects{label}", flag.yes, survey.subjects);
        if flag.customary {
            page.remarked(&line, &count);
        } else {
            page.guess(
                &line,
                &format!("populations.{}", flag.population),
                &flag.column,
                &format!("the name of the flag, {count}"),
                "its definition",
            );
        }
    }
    for population in without {
        page.remarked(&format!("#  {population}: NAMEFL"), "no flag of a customary name was found");
    }
    if !others.is_empty() {
        let others: Vec<String> = others.iter().map(|flag| format!("{} ({})", flag.value, flag.count)).collect();
        page.remark(2, &format!("Other flags of ADSL, with the subjects that have them: {}", others.join(", ")));
    }
}
