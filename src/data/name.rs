//! The datasets that dosecase knows, with the names they go by.

use std::fmt;

/// A standard analysis dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DatasetName {
    /// Subjects: one row each. The only dataset that is required.
    Adsl,
    /// Dosing.
    Adex,
    /// Dosing summaries per subject.
    Adexsum,
    /// Concentrations.
    Adpc,
    /// Pharmacokinetic parameters.
    Adpp,
    /// Adverse events.
    Adae,
    /// Tumour response.
    Adrs,
    /// Tumour measurements.
    Adtr,
    /// Times to event.
    Adtte,
    /// Questionnaires and patient-reported outcomes.
    Adqs,
    /// Laboratory results.
    Adlb,
    /// Biomarkers.
    Adbm,
    /// Anti-drug antibodies.
    Adab,
    /// Electrocardiograms.
    Adeg,
    /// Exposure and response.
    Ader,
    /// Exposure and efficacy.
    Adee,
    /// Exposure and safety.
    Ades,
}

impl DatasetName {
    /// Every dataset, in the order in which they are reported.
    pub const ALL: [Self; 17] = [
        Self::Adsl,
        Self::Adex,
        Self::Adexsum,
        Self::Adpc,
        Self::Adpp,
        Self::Adae,
        Self::Adrs,
        Self::Adtr,
        Self::Adtte,
        Self::Adqs,
        Self::Adlb,
        Self::Adbm,
        Self::Adab,
        Self::Adeg,
        Self::Ader,
        Self::Adee,
        Self::Ades,
    ];

    /// The datasets that hold exposure and response side by side, in the order in which an exposure is looked for.
    pub const EXPOSURE_RESPONSE: [Self; 3] = [Self::Ader, Self::Adee, Self::Ades];

    /// The datasets that are looked for and not there. What ADER and its relatives hold stands in other datasets of most trials: they are not missed.
    #[must_use]
    pub fn absent(is_there: impl Fn(Self) -> bool) -> Vec<Self> {
        Self::ALL.into_iter().filter(|name| !Self::EXPOSURE_RESPONSE.contains(name) && !is_there(*name)).collect()
    }

    /// The standard name, lower case.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.names()[0]
    }

    /// The standard name, upper case.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Adsl => "ADSL",
            Self::Adex => "ADEX",
            Self::Adexsum => "ADEXSUM",
            Self::Adpc => "ADPC",
            Self::Adpp => "ADPP",
            Self::Adae => "ADAE",
            Self::Adrs => "ADRS",
            Self::Adtr => "ADTR",
            Self::Adtte => "ADTTE",
            Self::Adqs => "ADQS",
            Self::Adlb => "ADLB",
            Self::Adbm => "ADBM",
            Self::Adab => "ADAB",
            Self::Adeg => "ADEG",
            Self::Ader => "ADER",
            Self::Adee => "ADEE",
            Self::Ades => "ADES",
        }
    }

    /// What it holds, in words.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Adsl => "subject-level data",
            Self::Adex => "dosing records",
            Self::Adexsum => "dosing summaries",
            Self::Adpc => "pharmacokinetic concentrations",
            Self::Adpp => "pharmacokinetic parameters",
            Self::Adae => "adverse events",
            Self::Adrs => "tumour response",
            Self::Adtr => "tumour measurements",
            Self::Adtte => "times to event",
            Self::Adqs => "questionnaires",
            Self::Adlb => "laboratory results",
            Self::Adbm => "biomarkers",
            Self::Adab => "anti-drug antibodies",
            Self::Adeg => "electrocardiograms",
            Self::Ader => "exposure and response",
            Self::Adee => "exposure and efficacy",
            Self::Ades => "exposure and safety",
        }
    }

    /// Names it goes by, lower case, the standard one first; a leading `c` (`cadsl`), the endings `_onco` and `_firstNsubj` and further names of
    /// questionnaires are handled by [`DatasetName::of_stem`].
    #[must_use]
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Adsl => &["adsl"],
            Self::Adex => &["adex"],
            Self::Adexsum => &["adexsum", "adexs"],
            Self::Adpc => &["adpc", "adnca"],
            Self::Adpp => &["adpp"],
            Self::Adae => &["adae"],
            Self::Adrs => &["adrs"],
            Self::Adtr => &["adtr"],
            Self::Adtte => &["adtte"],
            Self::Adqs => &["adqs", "adpro", "adqspro", "adqsc30", "adqlqc", "adqlqc30", "adqscibc"],
            Self::Adlb => &["adlb"],
            Self::Adbm => &["adbm"],
            Self::Adab => &["adab", "adis", "adada"],
            Self::Adeg => &["adeg"],
            Self::Ader => &["ader"],
            Self::Adee => &["adee"],
            Self::Ades => &["ades"],
        }
    }

    /// The dataset that a file stem or a member name means, whatever its case: `ADSL`, `cadsl`, `adrs_onco`, `adpp_first80subj`. Every name
    /// that begins with `adqs` is that of a questionnaire.
    #[must_use]
    pub fn of_stem(stem: &str) -> Option<Self> {
        let stem = stem.to_lowercase();
        let base = stem.split(['_', '-', '.', ' ']).next().unwrap_or(&stem);
        let known = |name: &str| Self::ALL.into_iter().find(|dataset| dataset.names().contains(&name));
        known(base).or_else(|| known(base.strip_prefix('c')?)).or_else(|| base.starts_with("adqs").then_some(Self::Adqs))
    }
}

impl fmt::Display for DatasetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_are_recognised_whatever_their_case_and_ending() {
        for (stem, dataset) in [
            ("adsl", DatasetName::Adsl),
            ("ADSL", DatasetName::Adsl),
            ("cadsl", DatasetName::Adsl),
            ("adrs_onco", DatasetName::Adrs),
            ("adqspro", DatasetName::Adqs),
            ("adqsfacts", DatasetName::Adqs),
            ("ader", DatasetName::Ader),
            ("ades_pooled", DatasetName::Ades),
            ("cadpp_first80subj", DatasetName::Adpp),
            ("cadqlqc_first80subj", DatasetName::Adqs),
        ] {
            assert_eq!(DatasetName::of_stem(stem), Some(dataset), "{stem}");
        }
        for stem in ["adlbhy", "adexday", "dm", "cadaette", "caddv", "adppk"] {
            assert_eq!(DatasetName::of_stem(stem), None, "{stem}");
        }
    }
}
