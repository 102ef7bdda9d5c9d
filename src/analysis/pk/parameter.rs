//! The registry of pharmacokinetic parameters: name, label, unit, CDISC code and formula, each written once.

use super::nca::Route;
use super::unit::UnitKind;

/// A text that may depend on the route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ByRoute {
    /// There is none.
    Nothing,
    /// The same for every route.
    Same(&'static str),
    /// One for extravascular, one for intravenous dosing.
    Vascular(&'static str, &'static str),
    /// One each for extravascular dosing, bolus and infusion.
    Each(&'static str, &'static str, &'static str),
}

impl ByRoute {
    const fn get(self, route: Route) -> Option<&'static str> {
        match (self, route) {
            (Self::Nothing, _) => None,
            (Self::Same(text), _)
            | (Self::Vascular(text, _) | Self::Each(text, _, _), Route::Extravascular)
            | (Self::Vascular(_, text), Route::IntravenousBolus | Route::IntravenousInfusion { .. })
            | (Self::Each(_, text, _), Route::IntravenousBolus)
            | (Self::Each(_, _, text), Route::IntravenousInfusion { .. }) => Some(text),
        }
    }
}

/// What the registry holds of one parameter.
#[derive(Debug)]
struct Entry {
    id: &'static str,
    symbol: ByRoute,
    label: &'static str,
    code: ByRoute,
    unit: UnitKind,
    formula: &'static str,
}

/// Writes the enum, the list of all and the registry from one table.
macro_rules! registry {
    ($($variant:ident, $id:literal, $symbol:expr, $label:literal, $code:expr, $unit:ident, $formula:literal;)*) => {
        /// A pharmacokinetic parameter of noncompartmental analysis.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum PkParameter {
            $(#[doc = concat!($label, ": `", $formula, "`.")] $variant,)*
        }

        impl PkParameter {
            /// Every parameter, in the order of tables.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            const fn entry(self) -> &'static Entry {
                match self {
                    $(Self::$variant => {
                        const ENTRY: Entry =
                            Entry { id: $id, symbol: $symbol, label: $label, code: $code, unit: UnitKind::$unit, formula: $formula };
                        &ENTRY
                    })*
                }
            }
        }
    };
}

use ByRoute::{Each, Nothing, Same, Vascular};

registry! {
    Cmax, "cmax", Same("Cmax"), "Maximum concentration", Same("CMAX"), Concentration, "max C_i";
    Tmax, "tmax", Same("Tmax"), "Time of maximum concentration", Same("TMAX"), Time, "first t_i with C_i = Cmax";
    Cmin, "cmin", Same("Cmin"), "Minimum concentration", Same("CMIN"), Concentration, "min C_i over the interval";
    Ctrough, "c_trough", Same("Ctrough"), "Concentration at the end of the dosing interval", Same("CTROUGH"), Concentration, "C(tau)";
    Cavg, "c_avg", Same("Cavg"), "Average concentration over the dosing interval", Same("CAVG"), Concentration, "AUCtau / tau";
    Clast, "c_last", Same("Clast"), "Last quantifiable concentration", Same("CLST"), Concentration, "C(Tlast)";
    ClastPredicted, "c_last_pred", Same("Clast,pred"), "Last quantifiable concentration, predicted", Same("CLSTP"), Concentration, "exp(b0 - lambda_z Tlast)";
    Tlast, "t_last", Same("Tlast"), "Time of the last quantifiable concentration", Same("TLST"), Time, "last t_i with C_i quantifiable";
    Tlag, "t_lag", Same("Tlag"), "Lag time of absorption", Same("TLAG"), Time, "time of the sample before the first quantifiable one";
    C0, "c0", Same("C0"), "Initial concentration after a bolus", Same("C0"), Concentration, "C(0), or exp(intercept) of ln C on t through the first two samples";
    AucLast, "auc_last", Same("AUClast"), "Area to the last quantifiable concentration", Same("AUCLST"), Area, "AUC(0, Tlast)";
    AucAll, "auc_all", Same("AUCall"), "Area to the last sample", Same("AUCALL"), Area, "AUClast + area to the first sample below the limit after Tlast";
    AucInf, "auc_inf", Same("AUCinf"), "Area to infinity, observed", Same("AUCIFO"), Area, "AUClast + Clast / lambda_z";
    AucInfPredicted, "auc_inf_pred", Same("AUCinf,pred"), "Area to infinity, predicted", Same("AUCIFP"), Area, "AUClast + Clast,pred / lambda_z";
    AucTau, "auc_tau", Same("AUCtau"), "Area over the dosing interval", Same("AUCTAU"), Area, "AUC(0, tau)";
    AucExtrapolated, "auc_pct_extrap", Same("AUC%extrap"), "Extrapolated share of the area, observed", Same("AUCPEO"), Percent, "100 (AUCinf - AUClast) / AUCinf";
    AucExtrapolatedPredicted, "auc_pct_extrap_pred", Same("AUC%extrap,pred"), "Extrapolated share of the area, predicted", Same("AUCPEP"), Percent, "100 (AUCinf,pred - AUClast) / AUCinf,pred";
    AucBackExtrapolated, "auc_pct_back_extrap", Same("AUC%back"), "Back-extrapolated share of the area", Same("AUCPBEO"), Percent, "100 AUC(0, t_1) / AUCinf";
    AumcLast, "aumc_last", Same("AUMClast"), "First moment to the last quantifiable concentration", Same("AUMCLST"), Moment, "AUMC(0, Tlast)";
    AumcInf, "aumc_inf", Same("AUMCinf"), "First moment to infinity, observed", Same("AUMCIFO"), Moment, "AUMClast + Tlast Clast / lambda_z + Clast / lambda_z^2";
    AumcInfPredicted, "aumc_inf_pred", Same("AUMCinf,pred"), "First moment to infinity, predicted", Same("AUMCIFP"), Moment, "AUMClast + Tlast Clast,pred / lambda_z + Clast,pred / lambda_z^2";
    AumcTau, "aumc_tau", Same("AUMCtau"), "First moment over the dosing interval", Same("AUMCTAU"), Moment, "AUMC(0, tau)";
    LambdaZ, "lambda_z", Same("lambda_z"), "Terminal rate", Same("LAMZ"), PerTime, "-slope of ln C on t";
    HalfLife, "half_life", Same("t1/2"), "Terminal half-life", Same("LAMZHL"), Time, "ln 2 / lambda_z";
    LambdaZPoints, "lambda_z_n_points", Same("lambda_z n"), "Samples in the terminal regression", Same("LAMZNPT"), Count, "n";
    LambdaZStart, "lambda_z_start", Same("lambda_z start"), "First time of the terminal regression", Same("LAMZLL"), Time, "first t of the regression";
    LambdaZEnd, "lambda_z_end", Same("lambda_z end"), "Last time of the terminal regression", Same("LAMZUL"), Time, "last t of the regression";
    RSquared, "r_squared", Same("R2"), "Coefficient of determination of the terminal regression", Same("R2"), One, "r^2";
    AdjustedRSquared, "adj_r_squared", Same("R2adj"), "Adjusted coefficient of determination of the terminal regression", Same("R2ADJ"), One, "1 - (1 - r^2)(n - 1) / (n - 2)";
    SpanRatio, "span_ratio", Same("span"), "Half-lives spanned by the terminal regression", Same("LAMZSPN"), One, "(last t - first t) / t1/2";
    Clearance, "cl", Vascular("CL/F", "CL"), "Clearance, observed", Vascular("CLFO", "CLO"), Clearance, "D / AUCinf";
    ClearancePredicted, "cl_pred", Vascular("CL/F,pred", "CL,pred"), "Clearance, predicted", Vascular("CLFP", "CLP"), Clearance, "D / AUCinf,pred";
    ClearanceTau, "cl_tau", Vascular("CLss/F", "CLss"), "Clearance at steady state", Vascular("CLFTAU", "CLTAU"), Clearance, "D / AUCtau at steady state";
    Volume, "vz", Vascular("Vz/F", "Vz"), "Volume of the terminal phase, observed", Vascular("VZFO", "VZO"), Volume, "D / (lambda_z AUCinf)";
    VolumePredicted, "vz_pred", Vascular("Vz/F,pred", "Vz,pred"), "Volume of the terminal phase, predicted", Vascular("VZFP", "VZP"), Volume, "D / (lambda_z AUCinf,pred)";
    VolumeTau, "vz_tau", Vascular("Vz,ss/F", "Vz,ss"), "Volume of the terminal phase at steady state", Vascular("VZFTAU", "VZTAU"), Volume, "D / (lambda_z AUCtau) at steady state";
    SteadyStateVolume, "vss", Same("Vss"), "Steady-state volume of distribution, observed", Vascular("", "VSSO"), Volume, "CL MRT";
    SteadyStateVolumePredicted, "vss_pred", Same("Vss,pred"), "Steady-state volume of distribution, predicted", Vascular("", "VSSP"), Volume, "CL,pred MRT,pred";
    MrtLast, "mrt_last", Same("MRTlast"), "Mean residence time to the last quantifiable concentration", Each("MRTEVLST", "MRTIBLST", "MRTICLST"), Time, "AUMClast / AUClast - T_inf / 2";
    Mrt, "mrt", Same("MRT"), "Mean residence time, observed", Each("MRTEVIFO", "MRTIBIFO", "MRTICIFO"), Time, "AUMCinf / AUCinf - T_inf / 2";
    MrtPredicted, "mrt_pred", Same("MRTpred"), "Mean residence time, predicted", Each("MRTEVIFP", "MRTIBIFP", "MRTICIFP"), Time, "AUMCinf,pred / AUCinf,pred - T_inf / 2";
    MrtTau, "mrt_tau", Same("MRTss"), "Mean residence time at steady state", Nothing, Time, "(AUMCtau + tau (AUCinf - AUCtau)) / AUCtau - T_inf / 2";
    PeakTroughRatio, "peak_trough_ratio", Same("Cmax/Ctrough"), "Peak-trough ratio", Same("PTROUGHR"), One, "Cmax / Ctrough";
    Fluctuation, "fluctuation", Same("fluctuation"), "Fluctuation over the dosing interval", Same("FLUCP"), Percent, "100 (Cmax - Cmin) / Cavg";
    Swing, "swing", Same("swing"), "Swing over the dosing interval", Same("SWING"), Percent, "100 (Cmax - Cmin) / Cmin";
    CmaxByDose, "cmax_dn", Same("Cmax/D"), "Maximum concentration by dose", Same("CMAXD"), ConcentrationByDose, "Cmax / D";
    AucLastByDose, "auc_last_dn", Same("AUClast/D"), "Area to the last quantifiable concentration by dose", Same("AUCLSTD"), AreaByDose, "AUClast / D";
    AucInfByDose, "auc_inf_dn", Same("AUCinf/D"), "Area to infinity by dose, observed", Same("AUCIFOD"), AreaByDose, "AUCinf / D";
    AucTauByDose, "auc_tau_dn", Same("AUCtau/D"), "Area over the dosing interval by dose", Same("AUCTAUD"), AreaByDose, "AUCtau / D";
    AccumulationAuc, "accumulation_auc", Same("Racc(AUC)"), "Accumulation ratio of the area", Same("ARAUC"), One, "AUCtau at steady state / AUCtau of the first dose";
    AccumulationCmax, "accumulation_cmax", Same("Racc(Cmax)"), "Accumulation ratio of the maximum", Same("ARCMAX"), One, "Cmax at steady state / Cmax of the first dose";
    AccumulationTrough, "accumulation_trough", Same("Racc(Ctrough)"), "Accumulation ratio of the trough", Same("ARCTROUG"), One, "Ctrough at steady state / Ctrough of the first dose";
    AccumulationPredicted, "accumulation_pred", Same("Racc,pred"), "Accumulation ratio predicted from the first dose", Nothing, One, "1 / (1 - exp(-lambda_z tau))";
    LinearityIndex, "linearity_index", Same("linearity index"), "Linearity index", Same("SRAUC"), One, "AUCtau at steady state / AUCinf of the first dose";
    EffectiveHalfLife, "effective_half_life", Same("t1/2,eff"), "Effective half-life", Same("EFFHL"), Time, "ln 2 tau / ln(R / (R - 1)), R accumulation ratio of the area";
}

impl PkParameter {
    /// Identifier in files and fact ids.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.entry().id
    }

    /// Symbol in column heads, such as `CL/F`.
    #[must_use]
    pub const fn symbol(self, route: Route) -> &'static str {
        match self.entry().symbol.get(route) {
            Some(symbol) => symbol,
            None => self.entry().id,
        }
    }

    /// Name in running text.
    #[must_use]
    pub const fn label(self) -> &'static str {
        self.entry().label
    }

    /// Code of CDISC controlled terminology (PPTESTCD); `None` where there is none, or where the parameter is not defined for the route.
    #[must_use]
    pub fn code(self, route: Route) -> Option<&'static str> {
        self.entry().code.get(route).filter(|code| !code.is_empty())
    }

    /// What the unit is made of.
    #[must_use]
    pub const fn unit(self) -> UnitKind {
        self.entry().unit
    }

    /// Formula, in the symbols of the registry; `D` dose, `T_inf` duration of the infusion (0 for other routes).
    #[must_use]
    pub const fn formula(self) -> &'static str {
        self.entry().formula
    }

    /// The parameter that a code names under any route; the inverse of [`Self::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let routes = [Route::Extravascular, Route::IntravenousBolus, Route::IntravenousInfusion { duration: 1.0 }];
        let named = |parameter: &Self| routes.iter().any(|route| parameter.code(*route).is_some_and(|own| own.eq_ignore_ascii_case(code)));
        Self::ALL.iter().copied().find(named)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_and_codes_name_one_parameter_each() {
        let ids: BTreeSet<&str> = PkParameter::ALL.iter().map(|parameter| parameter.id()).collect();
        assert_eq!(ids.len(), PkParameter::ALL.len());
        for route in [Route::Extravascular, Route::IntravenousBolus, Route::IntravenousInfusion { duration: 2.0 }] {
            let codes: Vec<&str> = PkParameter::ALL.iter().filter_map(|parameter| parameter.code(route)).collect();
            let distinct: BTreeSet<&str> = codes.iter().copied().collect();
            assert_eq!(codes.len(), distinct.len());
            assert!(codes.iter().all(|code| code.len() <= 8));
            for parameter in PkParameter::ALL {
                assert!(parameter.code(route).is_none_or(|code| PkParameter::from_code(code) == Some(*parameter)), "{parameter:?}");
            }
        }
    }

    #[test]
    fn names_follow_the_route() {
        assert_eq!(PkParameter::Clearance.symbol(Route::Extravascular), "CL/F");
        assert_eq!(PkParameter::Clearance.code(Route::IntravenousBolus), Some("CLO"));
        assert_eq!(PkParameter::SteadyStateVolume.code(Route::Extravascular), None);
        assert_eq!(PkParameter::Mrt.code(Route::IntravenousInfusion { duration: 1.0 }), Some("MRTICIFO"));
        assert_eq!(PkParameter::from_code("auctau"), Some(PkParameter::AucTau));
        assert_eq!(PkParameter::from_code("WEIGHT"), None);
    }

    #[test]
    fn the_list_is_in_the_order_of_the_enum() {
        assert!(PkParameter::ALL.iter().enumerate().all(|(position, parameter)| *parameter as usize == position));
    }
}
