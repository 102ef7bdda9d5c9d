//! The integration tests, one module per feature.

// Lints that spare tests (unwrap) look for this attribute.
#![cfg(test)]

mod architecture;
mod bayesian;
mod clinical_utility;
mod commands;
mod comparison;
mod conformance;
mod covariates;
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
mod exposure_response_fit;
mod exposure_source;
mod hand_made;
mod hostile;
mod immunogenicity;
mod init;
mod licences;
mod outcome_kinds;
mod output;
mod patient_reported;
mod pk;
mod pk_dossier;
mod population;
mod population_pk;
mod profiles;
mod project_file;
mod properties;
mod properties_exposure_response;
mod properties_pk;
mod reading;
mod rendering;
mod sandbox;
mod simulate;
mod snapshots;
mod times_by_exposure;
mod tolerability;
