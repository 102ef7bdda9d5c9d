//! Human equivalent doses: body-surface factors and divisors of the FDA guidance of July 2005 `[FDA-MRSD]`, and the allometric exponent.

use std::collections::BTreeMap;

use crate::config::nonclinical::{HumanSize, Species, StatedDose};

/// Body-surface factor of an adult, in kg/m² `[FDA-MRSD]`, table 1.
pub const KM_HUMAN_ADULT: f64 = 37.0;
/// Body-surface factor of a child of 20 kg, in kg/m² `[FDA-MRSD]`, table 1.
pub const KM_HUMAN_CHILD: f64 = 25.0;
/// Exponent of body weight with which doses per kilogram fall from small to large animals `[FDA-MRSD]`, appendix A.
pub const WEIGHT_EXPONENT: f64 = 0.33;

/// What the guidance tabulates for a species.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpeciesFactors {
    /// Body-surface factor, kg/m².
    pub km: f64,
    /// Weight of the reference animal, kg.
    pub weight_kg: f64,
    /// What an animal dose in mg/kg is divided by, as printed (rounded).
    pub divisor: f64,
    /// What an animal dose in mg/kg is multiplied by, as printed (rounded).
    pub multiplier: f64,
}

/// Tables 1 and 3 of the guidance `[FDA-MRSD]`.
#[must_use]
pub fn factors(species: Species) -> SpeciesFactors {
    let row = |km, weight_kg, divisor, multiplier| SpeciesFactors { km, weight_kg, divisor, multiplier };
    match species {
        Species::Mouse => row(3.0, 0.02, 12.3, 0.08),
        Species::Hamster => row(5.0, 0.08, 7.4, 0.13),
        Species::Rat => row(6.0, 0.15, 6.2, 0.16),
        Species::Ferret => row(7.0, 0.3, 5.3, 0.19),
        Species::GuineaPig => row(8.0, 0.4, 4.6, 0.22),
        Species::Rabbit => row(12.0, 1.8, 3.1, 0.32),
        Species::Dog => row(20.0, 10.0, 1.8, 0.54),
        Species::Monkey => row(12.0, 3.0, 3.1, 0.32),
        Species::Marmoset => row(6.0, 0.35, 6.2, 0.16),
        Species::SquirrelMonkey => row(7.0, 0.6, 5.3, 0.19),
        Species::Baboon => row(20.0, 12.0, 1.8, 0.54),
        Species::MicroPig => row(27.0, 20.0, 1.4, 0.73),
        Species::MiniPig => row(35.0, 40.0, 1.1, 0.95),
    }
}

/// Human equivalent dose by the ratio of the exact body-surface factors.
///
/// ```text
/// HED (mg/kg) = dose (mg/kg) * Km_animal / Km_human
/// ```
#[must_use]
pub fn by_surface(dose_mg_kg: f64, km_animal: f64, km_human: f64) -> f64 {
    dose_mg_kg * km_animal / km_human
}

/// Human equivalent dose by the divisor that the guidance prints; differs from [`by_surface`] by up to a few percent.
///
/// ```text
/// HED (mg/kg) = dose (mg/kg) / divisor(species)
/// ```
#[must_use]
pub fn by_printed_divisor(dose_mg_kg: f64, species: Species) -> f64 {
    dose_mg_kg / factors(species).divisor
}

/// Human equivalent dose by an exponent of body weight.
///
/// ```text
/// HED (mg/kg) = dose (mg/kg) * (W_animal / W_human)^exponent,   exponent 0.33 for exponent 0.67 of the total dose
/// ```
#[must_use]
pub fn by_weight_exponent(dose_mg_kg: f64, animal_weight_kg: f64, human_weight_kg: f64, exponent: f64) -> f64 {
    dose_mg_kg * (animal_weight_kg / human_weight_kg).powf(exponent)
}

/// The body-surface factors in use: those that the nonclinical file states, otherwise those of the guidance.
#[derive(Debug, Clone, PartialEq)]
pub struct Factors {
    stated: BTreeMap<Species, f64>,
    human: f64,
    human_stated: bool,
}

impl Factors {
    /// The factors of a file: a species by its name, the human by `human_60kg`, `human_adult` or `human`.
    #[must_use]
    pub fn new(stated: &BTreeMap<String, f64>) -> Self {
        let human = ["human_60kg", "human_adult", "human"].iter().find_map(|name| stated.get(*name)).copied();
        Self {
            stated: stated.iter().filter_map(|(name, km)| Some((Species::parse(name)?, *km))).collect(),
            human: human.unwrap_or(KM_HUMAN_ADULT),
            human_stated: human.is_some(),
        }
    }

    /// The factor of a species.
    #[must_use]
    pub fn km(&self, species: Species) -> f64 {
        self.stated.get(&species).copied().unwrap_or_else(|| factors(species).km)
    }

    /// The human factor.
    #[must_use]
    pub fn human(&self) -> f64 {
        self.human
    }

    /// Whether a factor that the file states is another than that of the guidance; the printed divisors then say nothing.
    #[must_use]
    pub fn differs(&self, species: Species) -> bool {
        let differ = |a: f64, b: f64| (a - b).abs() > 1e-9 * b;
        differ(self.km(species), factors(species).km) || differ(self.human, KM_HUMAN_ADULT)
    }

    /// Every stated factor that is not that of the guidance: name, stated value, the guidance's value.
    #[must_use]
    pub fn deviations(&self) -> Vec<(&'static str, f64, f64)> {
        let differ = |a: f64, b: f64| (a - b).abs() > 1e-9 * b;
        let animals = self.stated.iter().map(|(species, km)| (species.label(), *km, factors(*species).km));
        let human = self.human_stated.then_some(("human", self.human, KM_HUMAN_ADULT));
        animals.chain(human).filter(|(_, stated, table)| differ(*stated, *table)).collect()
    }
}

/// The human that doses are converted to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Human {
    /// Body weight, kg.
    pub weight_kg: f64,
    /// Body surface, m².
    pub surface_m2: f64,
}

impl Human {
    /// The size of a file; without a stated surface the weight over the human factor, so that mg/m² and mg/kg lead to the same dose.
    #[must_use]
    pub fn new(size: &HumanSize, km_human: f64) -> Self {
        let surface_m2 = size.body_surface_m2.unwrap_or(size.body_weight_kg / km_human);
        Self { weight_kg: size.body_weight_kg, surface_m2 }
    }
}

/// An animal dose in mg/m²: mg/kg times the animal's factor.
#[must_use]
pub fn per_square_metre(dose: StatedDose, km_animal: f64) -> f64 {
    match dose {
        StatedDose::PerKilogram(dose) => dose * km_animal,
        StatedDose::PerSquareMetre(dose) => dose,
    }
}

/// An animal dose in mg/kg: mg/m² over the animal's factor.
#[must_use]
pub fn per_kilogram(dose: StatedDose, km_animal: f64) -> f64 {
    match dose {
        StatedDose::PerKilogram(dose) => dose,
        StatedDose::PerSquareMetre(dose) => dose / km_animal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_divisors_and_multipliers_are_roundings_of_the_exact_ratio() {
        for species in Species::ALL {
            let row = factors(species);
            let exact = KM_HUMAN_ADULT / row.km;
            assert!((row.divisor - exact).abs() / exact < 0.05, "{species:?}");
            // The guidance prints 0.13 for the hamster, whose ratio is 0.1351.
            assert!((row.multiplier - 1.0 / exact).abs() <= 0.0052, "{species:?}");
        }
    }

    #[test]
    fn stated_factors_win_and_deviations_are_known() {
        let stated = BTreeMap::from([("mouse".to_owned(), 3.0), ("dog".to_owned(), 19.0), ("human_60kg".to_owned(), 37.0)]);
        let factors = Factors::new(&stated);
        assert!((factors.km(Species::Dog) - 19.0).abs() < 1e-12 && (factors.km(Species::Rat) - 6.0).abs() < 1e-12);
        assert!(factors.differs(Species::Dog) && !factors.differs(Species::Mouse));
        assert_eq!(factors.deviations(), [("dog", 19.0, 20.0)]);
    }

    #[test]
    fn both_bases_lead_to_one_dose() {
        let human = Human::new(&HumanSize::default(), KM_HUMAN_ADULT);
        let by_weight = by_surface(1.5, 20.0, KM_HUMAN_ADULT) * human.weight_kg;
        let by_area = per_square_metre(StatedDose::PerKilogram(1.5), 20.0) * human.surface_m2;
        assert!((by_weight - by_area).abs() < 1e-12);
        assert!((per_kilogram(StatedDose::PerSquareMetre(30.0), 20.0) - 1.5).abs() < 1e-12);
    }
}
