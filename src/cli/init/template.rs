//! A project file to fill in.

use super::later::{self, Known};
use super::page::Page;

/// How every project file begins that `init` writes.
pub(super) const HEAD: &str = "\
# Project file of dosecase.
#
# `# guess:` stands behind what the data do not say outright: check it, then remove the mark.
# `#key: value` is an option that is switched off: remove the `#` to use it. `# text`, with one blank, is a remark.
# Whatever is not written has a default, and the dossier prints it with its origin. `dosecase schema` prints every key.
";

const SECTIONS: &str = "\
dossier:
  title: TITLE OF THE DOCUMENT  # fill in
  document: complete  # ind | end_of_phase_1 | registration | complete
  jurisdiction: fda  # fda | ema | pmda | health_canada | tga
#  data_cutoff: 2026-03-31  # without it the latest cut-off date of ADSL
#  date: 2026-06-30  # printed on the document; the clock is never read
#  indication: previously treated non-small cell lung cancer
#  sponsor: name of the sponsor
#  id: document number
#  version: \"0.1\"
#  status: draft

drug:
  name: NAME OF THE DRUG  # fill in
#  molecular_class: small_molecule_targeted  # small_molecule_targeted | adc | antagonist | agonist | limited_single_agent_activity | other
#  analytes: {CODE: {name: the drug, unit: ng/mL, molar_mass: 450}}  # by PARAMCD of ADPC

data:
  path: data  # fill in: the folder with adsl.xpt, adae.parquet, adpc.csv, ...; relative to this file or absolute
#  datasets: {adsl: my_adsl.parquet}  # only what cannot be found by its name
#  columns: {adsl: {dose: DOSEP, part: PART}}  # only what differs from ADaM

# What patients were given, one entry for each dosage. `arm` is the text of TRT01P and TRT01A in ADSL; a list where there are several.
dosages:
  - id: low
    label: LOWER DOSAGE  # fill in
#    dose: 120 mg
#    schedule: QD
    arm: TEXT OF THE LOWER ARM  # fill in
  - id: high
    label: HIGHER DOSAGE  # fill in
#    dose: 240 mg
#    schedule: QD
    arm: TEXT OF THE HIGHER ARM  # fill in
#  - {id: control, label: Control, arm: TEXT OF THE CONTROL ARM, comparator: true}

# Parts of the trials. A subject belongs to the first part whose every column of ADSL holds one of the values.
#parts:
#  - {id: escalation, label: Dose escalation, when: {PART: A}}
#  - {id: randomised, label: Randomised dose expansion, randomised: true, when: {PART: B}}

# Flags of ADSL that say who is analysed; these are the defaults.
#populations: {safety: SAFFL, intention_to_treat: ITTFL, dlt_evaluable: DLTEVLFL, response_evaluable: EFFFL, pk: PKFL}
";

/// The text of the template.
pub(super) fn template() -> String {
    let mut page = Page::default();
    page.text.push_str(HEAD);
    page.line("");
    page.text.push_str(SECTIONS);
    later::sections(&Known { dosages: vec!["low".to_owned(), "high".to_owned()], ..Known::default() }, &mut page);
    page.text
}
