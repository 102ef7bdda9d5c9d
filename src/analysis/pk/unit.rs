//! Units of pharmacokinetic parameters, made from those of dose, concentration and time.

/// What the unit of a parameter is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitKind {
    /// That of concentrations.
    Concentration,
    /// That of times.
    Time,
    /// Reciprocal of that of times.
    PerTime,
    /// Time and concentration.
    Area,
    /// Time squared and concentration.
    Moment,
    /// Volume per time.
    Clearance,
    /// Volume.
    Volume,
    /// Concentration per dose.
    ConcentrationByDose,
    /// Area per dose.
    AreaByDose,
    /// Percent.
    Percent,
    /// A number of samples.
    Count,
    /// A pure number.
    One,
}

/// Units of the data that parameters are computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataUnits {
    /// Of doses, for example `mg` or `mg/kg`.
    pub dose: String,
    /// Of concentrations, for example `ng/mL`.
    pub concentration: String,
    /// Of times, for example `h`.
    pub time: String,
}

/// A unit and what a computed value is multiplied by to be expressed in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// As printed; empty for pure numbers.
    pub text: String,
    /// Factor from the value in the units of the data to the value in this unit.
    pub factor: f64,
}

impl DataUnits {
    /// The unit of a kind of parameter.
    ///
    /// ```text
    /// clearance  mg / (h ng/mL) = 10^6 mL/h = 1000 L/h;  volume alike, in L
    /// ```
    ///
    /// Clearance and volume are in litres where dose and concentration are masses (g, mg, ug, ng, pg) and litres, millilitres or their like,
    /// or both molar; otherwise they keep the quotient of the units of the data, and the factor is 1. A dose by body size (`mg/kg`)
    /// keeps its divisor.
    #[must_use]
    pub fn unit(&self, kind: UnitKind) -> Unit {
        let Self { dose, concentration, time } = self;
        let plain = |text: String| Unit { text, factor: 1.0 };
        match kind {
            UnitKind::Concentration => plain(concentration.clone()),
            UnitKind::Time => plain(time.clone()),
            UnitKind::PerTime => plain(format!("1/{time}")),
            UnitKind::Area => plain(format!("{time}*{concentration}")),
            UnitKind::Moment => plain(format!("{time}^2*{concentration}")),
            UnitKind::Volume => self.volume().unwrap_or_else(|| plain(format!("{dose}/({concentration})"))),
            UnitKind::Clearance => self.volume().map_or_else(
                || plain(format!("{dose}/({time}*{concentration})")),
                |Unit { text, factor }| Unit { text: divided_by(&text, time), factor },
            ),
            UnitKind::ConcentrationByDose => plain(format!("({concentration})/({dose})")),
            UnitKind::AreaByDose => plain(format!("({time}*{concentration})/({dose})")),
            UnitKind::Percent => plain("%".to_owned()),
            UnitKind::Count | UnitKind::One => plain(String::new()),
        }
    }

    /// Dose over concentration in litres.
    fn volume(&self) -> Option<Unit> {
        let (amount, size) = match self.dose.split_once('/') {
            Some((amount, size)) => (amount, Some(size)),
            None => (self.dose.as_str(), None),
        };
        let (dose, molar_dose) = amount_in_base(amount)?;
        let (numerator, denominator) = self.concentration.split_once('/')?;
        let (concentration, molar) = amount_in_base(numerator)?;
        if molar != molar_dose {
            return None;
        }
        let text = size.map_or_else(|| "L".to_owned(), |size| format!("L/{}", size.trim()));
        Some(Unit { text, factor: dose / concentration * litres(denominator)? })
    }
}

fn divided_by(text: &str, time: &str) -> String {
    match text.split_once('/') {
        Some((volume, size)) => format!("{volume}/{time}/{size}"),
        None => format!("{text}/{time}"),
    }
}

/// A mass in grams or an amount in moles, and whether it is molar.
pub(super) fn amount_in_base(text: &str) -> Option<(f64, bool)> {
    let lower = text.trim().to_lowercase().replace(['µ', 'μ'], "u").replace("mcg", "ug");
    let (prefix, molar) = match lower.strip_suffix("mol") {
        Some(prefix) => (prefix.to_owned(), true),
        None => (lower.strip_suffix('g')?.to_owned(), false),
    };
    let power = match prefix.as_str() {
        "k" => 3,
        "" => 0,
        "m" => -3,
        "u" => -6,
        "n" => -9,
        "p" => -12,
        _ => return None,
    };
    Some((10.0_f64.powi(power), molar))
}

/// What a concentration or an area in `unit` is multiplied by to be in moles per litre (for an area, times the unit of time as written): for masses by the
/// molar mass in g/mol. `None` for a mass without one, and for a unit that is not understood.
pub(super) fn molar_factor(unit: &str, molar_mass: Option<f64>) -> Option<f64> {
    let concentration = unit.rsplit(['*', '·']).next()?;
    let (numerator, denominator) = concentration.trim().split_once('/')?;
    let (amount, molar) = amount_in_base(numerator)?;
    let moles = if molar { amount } else { amount / molar_mass.filter(|mass| *mass > 0.0)? };
    Some(moles / litres(denominator)?)
}

pub(super) fn litres(text: &str) -> Option<f64> {
    match text.trim().to_lowercase().replace(['µ', 'μ'], "u").as_str() {
        "l" => Some(1.0),
        "dl" => Some(0.1),
        "ml" => Some(1e-3),
        "ul" => Some(1e-6),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(dose: &str, concentration: &str) -> DataUnits {
        DataUnits { dose: dose.to_owned(), concentration: concentration.to_owned(), time: "h".to_owned() }
    }

    #[test]
    fn clearance_and_volume_are_in_litres_where_units_allow_it() {
        let clearance = units("mg", "ng/mL").unit(UnitKind::Clearance);
        assert_eq!(clearance.text, "L/h");
        assert!((clearance.factor - 1000.0).abs() < 1e-9);
        let by_weight = units("mg/kg", "ug/ml").unit(UnitKind::Clearance);
        assert_eq!(by_weight.text, "L/h/kg");
        assert!((by_weight.factor - 1.0).abs() < 1e-12);
        let molar = units("umol", "nmol/L").unit(UnitKind::Volume);
        assert_eq!((molar.text.as_str(), molar.factor.round()), ("L", 1000.0));
    }

    #[test]
    fn concentrations_become_molar_by_the_molar_mass() {
        assert!((molar_factor("h*ng/mL", Some(500.0)).unwrap() - 1e-6 / 500.0).abs() < 1e-20);
        assert!((molar_factor("nmol/L", None).unwrap() - 1e-9).abs() < 1e-20);
        assert!(molar_factor("ug/mL", None).is_none() && molar_factor("U", Some(1.0)).is_none());
    }

    #[test]
    fn units_that_do_not_fit_are_kept_as_a_quotient() {
        assert_eq!(units("IU", "ng/mL").unit(UnitKind::Volume).text, "IU/(ng/mL)");
        assert_eq!(units("mg", "nmol/L").unit(UnitKind::Clearance).text, "mg/(h*nmol/L)");
        assert_eq!(units("mg", "ng/mL").unit(UnitKind::Area).text, "h*ng/mL");
        assert_eq!(units("mg", "ng/mL").unit(UnitKind::One).text, "");
    }
}
