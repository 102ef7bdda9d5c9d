//! The integration tests, one module per feature.

// Lints that spare tests (unwrap) look for this attribute.
#![cfg(test)]

mod architecture;
mod clinical_utility;
mod commands;
mod comparison;
mod conformance;
mod derivation;
mod design_commands;
mod dossier;
mod efficacy;
mod escalation;
mod escalation_course;
mod escalation_other_designs;
mod escalation_properties;
mod escalation_refusals;
mod evidence;
mod exposure;
mod exposure_response;
mod hand_made;
mod hostile;
mod init;
mod licences;
mod output;
mod pk;
mod pk_dossier;
mod population;
mod profiles;
mod project_file;
mod properties;
mod reading;
mod rendering;
mod sandbox;
mod simulate;
mod snapshots;
mod tolerability;
