//! What an interval says of a proposed dosage against another one.

use crate::config::{Better, Margin, MarginScale, PlanSettings};

/// How the proposed dosage does on one endpoint against one other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// The interval of the difference lies on its side of zero.
    Better,
    /// The interval lies on the other's side of zero.
    Worse,
    /// The interval includes zero, and no margin is kept.
    NotDistinguished,
    /// The interval includes zero and excludes a loss as large as a margin that was set before the data were seen.
    NonInferior {
        /// The margin, on the scale of the difference.
        margin: f64,
    },
}

impl Verdict {
    /// Reads the interval of the difference proposed minus other.
    ///
    /// ```text
    /// gain = difference where more is better, otherwise its negative, with limits (lower, upper)
    /// better              lower > 0
    /// worse               upper < 0, whatever the margin
    /// non-inferior        lower > -margin
    /// not distinguished   otherwise
    /// ```
    ///
    /// The rule is the same for a lower and for a higher proposed dosage. `margin`: the largest loss that is accepted, above 0.
    #[must_use]
    pub fn read((lower, upper): (f64, f64), better: Better, margin: Option<f64>) -> Self {
        let (lower, upper) = if better == Better::Higher { (lower, upper) } else { (-upper, -lower) };
        match margin {
            _ if lower > 0.0 => Self::Better,
            _ if upper < 0.0 => Self::Worse,
            Some(margin) if margin > 0.0 && lower > -margin => Self::NonInferior { margin },
            _ => Self::NotDistinguished,
        }
    }

    /// The words in a table.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::NotDistinguished => "not distinguished",
            Self::NonInferior { .. } => "non-inferior",
        }
    }
}

/// The margin of an endpoint on the scale of differences; `None` without one, and where the plan is younger than the first access to the data.
#[must_use]
pub fn margin_of<'a>(plan: Option<&'a PlanSettings>, endpoint: &str) -> Option<&'a Margin> {
    let plan = plan?;
    let late = plan.date.zip(plan.data_access).is_some_and(|(date, access)| date > access);
    plan.margins.iter().find(|margin| margin.endpoint == endpoint && margin.scale == MarginScale::Difference).filter(|_| !late)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::two_proportions::{DifferenceMethod, Table, difference_interval};

    /// Interval of first minus second.
    fn interval(first: (u64, u64), second: (u64, u64)) -> (f64, f64) {
        let table = Table::new(first.0, first.1, second.0, second.1).unwrap();
        difference_interval(DifferenceMethod::NewcombeHybridScore, &table, 0.95).unwrap()
    }

    #[test]
    fn an_interval_speaks_for_the_side_on_which_it_lies_whichever_dosage_is_proposed() {
        for (limits, better, want) in [
            ((0.02, 0.2), Better::Higher, Verdict::Better),
            ((0.02, 0.2), Better::Lower, Verdict::Worse),
            ((-0.2, -0.02), Better::Lower, Verdict::Better),
            ((-0.1, 0.1), Better::Higher, Verdict::NotDistinguished),
            ((0.0, 0.1), Better::Higher, Verdict::NotDistinguished),
        ] {
            assert_eq!(Verdict::read(limits, better, None), want);
            let turned = Verdict::read((-limits.1, -limits.0), better, None);
            let mirrored = match want {
                Verdict::Better => Verdict::Worse,
                Verdict::Worse => Verdict::Better,
                same => same,
            };
            assert_eq!(turned, mirrored, "the other dosage gets the opposite");
        }
    }

    #[test]
    fn non_inferiority_needs_a_margin_and_never_hides_a_loss() {
        assert_eq!(Verdict::read((-0.08, 0.1), Better::Higher, Some(0.1)), Verdict::NonInferior { margin: 0.1 });
        assert_eq!(Verdict::read((-0.12, 0.1), Better::Higher, Some(0.1)), Verdict::NotDistinguished);
        assert_eq!(Verdict::read((-0.08, -0.01), Better::Higher, Some(0.1)), Verdict::Worse);
        assert_eq!(Verdict::read((-0.1, 0.08), Better::Lower, Some(0.1)), Verdict::NonInferior { margin: 0.1 });
    }

    #[test]
    fn the_lower_dosage_is_not_favoured() {
        // Lenvatinib, Study 211: 18 mg and 24 mg; objective response at week 24 and adverse events of grade 3 or higher.
        let response = Verdict::read(interval((31, 77), (43, 75)), Better::Higher, None);
        let harm = Verdict::read(interval((44, 77), (46, 75)), Better::Lower, None);
        assert_eq!((response, harm), (Verdict::Worse, Verdict::NotDistinguished), "the lower dosage lost response and gained no safety");
        // Ipilimumab, CA184-022: 10 mg/kg and 0.3 mg/kg; best overall response and immune-related adverse events of grade 3 or 4.
        let response = Verdict::read(interval((8, 72), (0, 73)), Better::Higher, None);
        let harm = Verdict::read(interval((18, 71), (0, 72)), Better::Lower, None);
        assert_eq!((response, harm), (Verdict::Better, Verdict::Worse), "the higher dosage gains response and loses safety");
    }
}
