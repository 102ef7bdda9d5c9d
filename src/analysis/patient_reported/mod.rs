//! Patient-reported outcomes: scores of questionnaires.

pub mod pro_ctcae;
pub mod qlq_c30;
