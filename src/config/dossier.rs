//! `dossier`: what the document is called, for whom it is and what state it is in.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::DateText;
use crate::quantity::Date;

/// Which document is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Starting dose and escalation plan, for the first application to treat patients.
    Ind,
    /// Briefing for the meeting at the end of phase 1.
    #[serde(rename = "end_of_phase_1")]
    EndOfPhase1,
    /// Dosage justification of the marketing application.
    Registration,
    /// Every part for which there is evidence.
    #[default]
    Complete,
}

/// Whose reader the document is written for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Jurisdiction {
    /// Food and Drug Administration, United States.
    #[default]
    Fda,
    /// European Medicines Agency.
    Ema,
    /// Pharmaceuticals and Medical Devices Agency, Japan.
    Pmda,
    /// Health Canada.
    HealthCanada,
    /// Therapeutic Goods Administration, Australia.
    Tga,
}

fn first_version() -> String {
    "0.1".to_owned()
}

fn draft() -> String {
    "draft".to_owned()
}

/// `dossier` as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DossierOptions {
    /// Title of the document, printed on its first page.
    #[schemars(length(min = 1))]
    pub title: String,
    /// Which document is written.
    #[serde(default)]
    #[schemars(extend("x-origin" = "every part for which the data hold evidence"))]
    pub document: DocumentKind,
    /// The authority whose overlay and headings are used.
    #[serde(default)]
    #[schemars(extend("x-origin" = "the guidance that the catalogue of questions is built on"))]
    pub jurisdiction: Jurisdiction,
    /// Document number in the sponsor's system.
    pub id: Option<String>,
    /// Version of the document, as text: `1.10` stays `1.10`.
    #[serde(default = "first_version")]
    #[schemars(extend("x-origin" = "a document that states no version is a first draft"))]
    pub version: String,
    /// State of the document, for example `draft` or `final`.
    #[serde(default = "draft")]
    #[schemars(extend("x-origin" = "a document that states no status is a draft"))]
    pub status: String,
    /// The sponsor's name.
    pub sponsor: Option<String>,
    /// The indication that is sought or studied.
    pub indication: Option<String>,
    /// Date printed on the document. The clock is never read; without this key no date is printed.
    #[schemars(with = "Option<DateText>")]
    pub date: Option<Date>,
    /// Data cut-off.
    #[schemars(
        with = "Option<DateText>",
        extend("x-default" = "the latest cut-off date of the subject-level dataset", "x-origin" = "the data say it")
    )]
    pub data_cutoff: Option<Date>,
    /// Whether listings of single subjects may be printed.
    #[serde(default)]
    #[schemars(extend("x-origin" = "no subject-level listing is printed unless the project asks for it"))]
    pub subject_listings: bool,
    /// Text of your own, in Markdown, by the name of the section that it is printed in.
    #[serde(default)]
    pub narratives: BTreeMap<String, String>,
}

/// `dossier` as used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DossierSettings {
    /// Title of the document.
    pub title: String,
    /// Which document is written.
    pub document: DocumentKind,
    /// The authority it is written for.
    pub jurisdiction: Jurisdiction,
    /// Document number.
    pub id: Option<String>,
    /// Version of the document.
    pub version: String,
    /// State of the document.
    pub status: String,
    /// The sponsor's name.
    pub sponsor: Option<String>,
    /// The indication.
    pub indication: Option<String>,
    /// Date printed on the document.
    pub date: Option<Date>,
    /// Data cut-off.
    pub data_cutoff: Option<Date>,
    /// Whether listings of single subjects may be printed.
    pub subject_listings: bool,
    /// The user's own Markdown by section name.
    pub narratives: BTreeMap<String, String>,
}

impl From<DossierOptions> for DossierSettings {
    fn from(written: DossierOptions) -> Self {
        Self {
            title: written.title,
            document: written.document,
            jurisdiction: written.jurisdiction,
            id: written.id,
            version: written.version,
            status: written.status,
            sponsor: written.sponsor,
            indication: written.indication,
            date: written.date,
            data_cutoff: written.data_cutoff,
            subject_listings: written.subject_listings,
            narratives: written.narratives,
        }
    }
}
