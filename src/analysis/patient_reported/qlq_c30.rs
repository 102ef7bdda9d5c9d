//! EORTC QLQ-C30, version 3: scales from 0 to 100 and the summary score.

/// A scale of the questionnaire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scale {
    /// Physical functioning.
    PhysicalFunctioning,
    /// Role functioning.
    RoleFunctioning,
    /// Emotional functioning.
    EmotionalFunctioning,
    /// Cognitive functioning.
    CognitiveFunctioning,
    /// Social functioning.
    SocialFunctioning,
    /// Fatigue.
    Fatigue,
    /// Nausea and vomiting.
    NauseaVomiting,
    /// Pain.
    Pain,
    /// Dyspnoea.
    Dyspnoea,
    /// Insomnia.
    Insomnia,
    /// Loss of appetite.
    AppetiteLoss,
    /// Constipation.
    Constipation,
    /// Diarrhoea.
    Diarrhoea,
    /// Financial difficulties.
    FinancialDifficulties,
    /// Global health status and quality of life.
    GlobalHealth,
}

/// Which way a scale runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// A high score is a high level of functioning.
    Functioning,
    /// A high score is a high level of symptoms.
    Symptom,
    /// A high score is a good global health.
    Global,
}

/// Number of items.
pub const ITEMS: usize = 30;

impl Scale {
    /// Every scale, in the order of the scoring manual.
    pub const ALL: [Self; 15] = [
        Self::PhysicalFunctioning,
        Self::RoleFunctioning,
        Self::EmotionalFunctioning,
        Self::CognitiveFunctioning,
        Self::SocialFunctioning,
        Self::Fatigue,
        Self::NauseaVomiting,
        Self::Pain,
        Self::Dyspnoea,
        Self::Insomnia,
        Self::AppetiteLoss,
        Self::Constipation,
        Self::Diarrhoea,
        Self::FinancialDifficulties,
        Self::GlobalHealth,
    ];

    /// Two-letter code of the scoring manual.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.definition().0
    }

    /// Name in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.definition().1
    }

    /// Numbers of its items, from 1.
    #[must_use]
    pub fn items(self) -> &'static [usize] {
        self.definition().2
    }

    /// Which way it runs.
    #[must_use]
    pub fn direction(self) -> Direction {
        match self {
            Self::GlobalHealth => Direction::Global,
            Self::PhysicalFunctioning
            | Self::RoleFunctioning
            | Self::EmotionalFunctioning
            | Self::CognitiveFunctioning
            | Self::SocialFunctioning => Direction::Functioning,
            _ => Direction::Symptom,
        }
    }

    fn definition(self) -> (&'static str, &'static str, &'static [usize]) {
        match self {
            Self::PhysicalFunctioning => ("PF", "Physical functioning", &[1, 2, 3, 4, 5]),
            Self::RoleFunctioning => ("RF", "Role functioning", &[6, 7]),
            Self::EmotionalFunctioning => ("EF", "Emotional functioning", &[21, 22, 23, 24]),
            Self::CognitiveFunctioning => ("CF", "Cognitive functioning", &[20, 25]),
            Self::SocialFunctioning => ("SF", "Social functioning", &[26, 27]),
            Self::Fatigue => ("FA", "Fatigue", &[10, 12, 18]),
            Self::NauseaVomiting => ("NV", "Nausea and vomiting", &[14, 15]),
            Self::Pain => ("PA", "Pain", &[9, 19]),
            Self::Dyspnoea => ("DY", "Dyspnoea", &[8]),
            Self::Insomnia => ("SL", "Insomnia", &[11]),
            Self::AppetiteLoss => ("AP", "Appetite loss", &[13]),
            Self::Constipation => ("CO", "Constipation", &[16]),
            Self::Diarrhoea => ("DI", "Diarrhoea", &[17]),
            Self::FinancialDifficulties => ("FI", "Financial difficulties", &[28]),
            Self::GlobalHealth => ("QL", "Global health status and quality of life", &[29, 30]),
        }
    }

    /// Score from 0 to 100 `[Fayers2001]`.
    ///
    /// ```text
    /// RS = mean of the answered items
    /// functioning  100 (1 - (RS - 1) / 3)      items 1 to 4
    /// symptom      100 (RS - 1) / 3            items 1 to 4
    /// global       100 (RS - 1) / 6            items 1 to 7
    /// ```
    ///
    /// `answers`: the thirty items in order. An answer outside its range counts as missing. `None` unless at least half of the scale's items are
    /// answered.
    #[must_use]
    pub fn score(self, answers: &[Option<u8>; ITEMS]) -> Option<f64> {
        let top = if self.direction() == Direction::Global { 7 } else { 4 };
        let answer = |item: &usize| answers.get(item - 1).copied().flatten().filter(|answer| (1..=top).contains(answer));
        let given: Vec<f64> = self.items().iter().filter_map(answer).map(f64::from).collect();
        if 2 * given.len() < self.items().len() {
            return None;
        }
        let raised = given.iter().sum::<f64>() / given.len() as f64 - 1.0;
        Some(match self.direction() {
            Direction::Functioning => 100.0 * (1.0 - raised / 3.0),
            Direction::Symptom => 100.0 * raised / 3.0,
            Direction::Global => 100.0 * raised / 6.0,
        })
    }
}

/// The summary score: the mean of thirteen scales, symptoms reversed, without global health and financial difficulties `[Giesinger2016]`.
///
/// `None` unless all thirteen have a score.
#[must_use]
pub fn summary_score(answers: &[Option<u8>; ITEMS]) -> Option<f64> {
    let counted = Scale::ALL.into_iter().filter(|scale| !matches!(scale, Scale::GlobalHealth | Scale::FinancialDifficulties));
    let scores: Option<Vec<f64>> = counted
        .map(|scale| scale.score(answers).map(|score| if scale.direction() == Direction::Symptom { 100.0 - score } else { score }))
        .collect();
    scores.map(|scores| scores.iter().sum::<f64>() / scores.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_belongs_to_one_scale() {
        let mut items: Vec<usize> = Scale::ALL.iter().flat_map(|scale| scale.items().iter().copied()).collect();
        items.sort_unstable();
        assert_eq!(items, (1..=ITEMS).collect::<Vec<_>>());
    }

    #[test]
    fn half_of_the_items_are_enough_and_wrong_answers_are_none() {
        let mut answers = [None; ITEMS];
        answers[5] = Some(3);
        let close = |found: Option<f64>, want: f64| found.is_some_and(|found| (found - want).abs() < 1e-12);
        assert!(close(Scale::RoleFunctioning.score(&answers), 100.0 / 3.0));
        answers[5] = Some(5);
        assert_eq!(Scale::RoleFunctioning.score(&answers), None);
        answers[28] = Some(7);
        assert!(close(Scale::GlobalHealth.score(&answers), 100.0));
        let best: [Option<u8>; ITEMS] = std::array::from_fn(|item| Some(if item >= 28 { 7 } else { 1 }));
        assert!(close(summary_score(&best), 100.0));
        answers[28] = None;
        assert_eq!(summary_score(&answers), None);
    }
}
