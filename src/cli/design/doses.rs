//! The doses of a grid as a user writes them: a number, or amounts with or without a unit.

use anyhow::{anyhow, bail};

use crate::analysis::escalation::design::{DoseLevel, State};
use crate::quantity::{Dose, DoseUnit};

/// Doses from low to high.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Doses {
    /// Amounts, or 1, 2, 3, ... where only their number is known.
    pub(super) amounts: Vec<f64>,
    /// Whether the amounts were written.
    pub(super) stated: bool,
    /// Their unit, where it was written.
    pub(super) unit: Option<DoseUnit>,
}

impl Doses {
    /// A number of doses without amounts.
    pub(super) fn number(doses: usize) -> anyhow::Result<Self> {
        // Refused before a list of that length is made.
        State::start(doses, DoseLevel(0))?;
        Ok(Self { amounts: (1..=doses).map(|dose| dose as f64).collect(), stated: false, unit: None })
    }

    /// Reads `6`, `10,30,60`, `10,30,60 mg` or `10 mg,30 mg`.
    pub(super) fn read(text: &str) -> anyhow::Result<Self> {
        if !text.contains(',')
            && let Ok(number) = text.trim().parse::<i64>()
        {
            return Self::number(usize::try_from(number).unwrap_or(0));
        }
        let pieces: Vec<&str> = text.split(',').map(str::trim).collect();
        State::start(pieces.len(), DoseLevel(0))?;
        let read = pieces.iter().map(|piece| amount(piece)).collect::<anyhow::Result<Vec<_>>>()?;
        let unit = read.iter().rev().find_map(|(_, unit)| *unit);
        if read.iter().any(|(_, own)| own.is_some_and(|own| Some(own) != unit)) {
            bail!("the doses `{text}` have several units: write all in one, such as 10,30,60 mg");
        }
        let amounts: Vec<f64> = read.into_iter().map(|(amount, _)| amount).collect();
        if let Some(pair) = amounts.windows(2).find(|pair| pair[0] >= pair[1]) {
            bail!("the doses do not ascend: {} is followed by {}; list every dose once, from low to high", pair[0], pair[1]);
        }
        Ok(Self { amounts, stated: true, unit })
    }

    /// How each dose is called: `60 mg`, `dose 3 (60)` without a unit, `dose 3` without amounts.
    pub(super) fn labels(&self) -> Vec<String> {
        let label = |(place, amount): (usize, &f64)| match (self.stated, self.unit) {
            (true, Some(unit)) => format!("{amount} {unit}"),
            (true, None) => format!("dose {} ({amount})", place + 1),
            (false, _) => format!("dose {}", place + 1),
        };
        self.amounts.iter().enumerate().map(label).collect()
    }
}

/// A positive amount with the unit that follows it, if there is one.
fn amount(piece: &str) -> anyhow::Result<(f64, Option<DoseUnit>)> {
    let refused = || anyhow!("`{piece}` is not a dose: write amounts from low to high, separated by commas, such as 10,30,60 mg");
    let (amount, unit) = match piece.parse::<f64>() {
        Ok(amount) => (amount, None),
        Err(_) => {
            let dose: Dose = piece.parse().map_err(|error| anyhow!("{error}"))?;
            (dose.amount(), Some(dose.unit()))
        }
    };
    if amount.is_finite() && amount > 0.0 { Ok((amount, unit)) } else { Err(refused()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doses_are_a_number_or_a_list() {
        assert_eq!(Doses::read("3").unwrap().labels(), ["dose 1", "dose 2", "dose 3"]);
        assert_eq!(Doses::read("10, 30,60 mg").unwrap().labels(), ["10 mg", "30 mg", "60 mg"]);
        assert_eq!(Doses::read("10,30").unwrap().labels(), ["dose 1 (10)", "dose 2 (30)"]);
        assert_eq!(Doses::read("0.1 mg/kg,0.3mg/kg").unwrap().unit, Some(DoseUnit::MilligramPerKilogram));
    }

    #[test]
    fn what_is_no_grid_is_refused() {
        for (text, expected) in [
            ("10000", "between 1 and 64"),
            ("0", "between 1 and 64"),
            ("-3", "between 1 and 64"),
            ("30,10,60", "30 is followed by 10"),
            ("10,10", "10 is followed by 10"),
            ("-10,30", "`-10` is not a dose"),
            ("10,,30", "does not begin with a number"),
            ("10 mg,0.3 mg/kg", "several units"),
            ("10,ten", "does not begin with a number"),
        ] {
            let message = Doses::read(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }
}
