//! Receptor occupancy at equilibrium: without and with depletion of the ligand.

/// Occupancy when the ligand is in excess.
///
/// ```text
/// occupancy = C / (C + Kd)
/// ```
/// `C` free (here total) concentration and `Kd` in the same unit; `C >= 0`, `Kd > 0`. Zero at `C = 0`.
#[must_use]
pub fn occupancy(concentration: f64, kd: f64) -> f64 {
    concentration / (concentration + kd)
}

/// Concentration with an occupancy (or an effect by a Hill curve) of `fraction`.
///
/// ```text
/// C = Kd * (f / (1 - f))^(1 / hill)
/// ```
/// `0 < f < 1`; grows without bound as `f` approaches 1.
#[must_use]
pub fn concentration_for(fraction: f64, kd: f64, hill: f64) -> f64 {
    kd * (fraction / (1.0 - fraction)).powf(1.0 / hill)
}

/// Ligand and receptor at equilibrium, with what the ligand loses to the receptor taken into account.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Equilibrium {
    /// Concentration of the complex.
    pub complex: f64,
    /// Share of the receptor that is bound.
    pub occupancy: f64,
    /// Concentration of free ligand.
    pub free_ligand: f64,
}

/// Equilibrium of total ligand `L` and total receptor `R`.
///
/// ```text
/// complex = (b - sqrt(b² - 4 L R)) / 2 with b = L + R + Kd, written without cancellation as
///         = 2 L R / (b + sqrt((L - R)² + Kd (2 (L + R) + Kd)))
/// free    = (p + sqrt(p² + 4 Kd L)) / 2 with p = L - R - Kd, for p < 0 as 2 Kd L / (sqrt(p² + 4 Kd L) - p)
/// ```
/// `L >= 0`, `R > 0`, `Kd > 0`, one unit for all three.
#[must_use]
pub fn equilibrium(ligand: f64, receptor: f64, kd: f64) -> Equilibrium {
    let sum = ligand + receptor + kd;
    let root = ((ligand - receptor).powi(2) + kd * (2.0 * (ligand + receptor) + kd)).sqrt();
    let complex = 2.0 * ligand * receptor / (sum + root);
    let excess = ligand - receptor - kd;
    let free_root = (excess * excess + 4.0 * kd * ligand).sqrt();
    let free_ligand = if excess >= 0.0 { 0.5 * (excess + free_root) } else { 2.0 * kd * ligand / (free_root - excess) };
    Equilibrium { complex, occupancy: complex / receptor, free_ligand }
}

/// Total ligand with an occupancy of `fraction`: the free concentration and what is bound.
///
/// ```text
/// L = Kd f / (1 - f) + f R
/// ```
#[must_use]
pub fn total_ligand_for(fraction: f64, receptor: f64, kd: f64) -> f64 {
    concentration_for(fraction, kd, 1.0) + fraction * receptor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depletion_vanishes_with_little_receptor() {
        for ligand in [0.0, 0.1, 3.0, 50.0] {
            let found = equilibrium(ligand, 1e-9, 2.0);
            assert!((found.occupancy - occupancy(ligand, 2.0)).abs() < 1e-9, "{ligand}");
        }
    }

    #[test]
    fn mass_is_conserved_and_the_law_of_mass_action_holds_over_many_magnitudes() {
        for ligand in [1e-6, 1e-2, 1.0, 10.0, 1e4] {
            for (receptor, kd) in [(10.0, 0.5), (10.0, 1e-9), (1e-6, 3.0), (500.0, 1e-3)] {
                let found = equilibrium(ligand, receptor, kd);
                assert!((found.complex + found.free_ligand - ligand).abs() <= 1e-12 * ligand, "{ligand} {receptor} {kd}");
                // The free receptor keeps few digits when nearly all of it is bound, the ligand side keeps all.
                let share = found.free_ligand / (found.free_ligand + kd);
                assert!((share - found.occupancy).abs() <= 1e-9 * share, "{ligand} {receptor} {kd}");
            }
        }
    }

    #[test]
    fn concentrations_and_occupancies_undo_each_other() {
        for fraction in [0.01, 0.1, 0.5, 0.9] {
            assert!((occupancy(concentration_for(fraction, 3.0, 1.0), 3.0) - fraction).abs() < 1e-14);
            let total = total_ligand_for(fraction, 10.0, 3.0);
            assert!((equilibrium(total, 10.0, 3.0).occupancy - fraction).abs() < 1e-13);
        }
    }
}
