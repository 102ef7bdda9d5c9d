//! PRO-CTCAE: which attributes a symptom is asked with, its composite grade, and the worst grade of a subject against baseline.

use thiserror::Error;

/// What an item asks of a symptom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attribute {
    /// How often, 0 to 4.
    Frequency,
    /// How bad at its worst, 0 to 4.
    Severity,
    /// How much it interfered with usual activities, 0 to 4.
    Interference,
}

/// The attributes with which a symptom is asked, in the order of its items A, B and C.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AttributeSet {
    /// Frequency alone.
    Frequency,
    /// Severity alone.
    Severity,
    /// Interference alone.
    Interference,
    /// Frequency and severity.
    FrequencySeverity,
    /// Frequency and interference.
    FrequencyInterference,
    /// Severity and interference.
    SeverityInterference,
    /// All three.
    FrequencySeverityInterference,
}

/// Why a score cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProCtcaeError {
    /// A score outside 0 to 4.
    #[error("a score of PRO-CTCAE is a whole number from 0 to 4, not {0}")]
    Score(u8),
    /// Another number of scores than the symptom has items.
    #[error("the symptom has {expected} items, not {found}")]
    Items {
        /// Items of the symptom.
        expected: usize,
        /// Scores given.
        found: usize,
    },
}

/// Symptoms by the number of their question, with the attributes they are asked with; those that are asked as present or absent, or as an amount,
/// have no composite grade and are not here `[Basch2020]`.
const SYMPTOMS: [(AttributeSet, &[u8]); 7] = [
    (AttributeSet::Frequency, &[16, 67]),
    (AttributeSet::Severity, &[1, 2, 4, 6, 7, 15, 21, 25, 26, 28, 30, 36, 45, 60, 61, 66, 68, 71, 72, 80]),
    (AttributeSet::Interference, &[27, 59]),
    (AttributeSet::FrequencySeverity, &[9, 10, 11, 13, 14, 23, 74, 75, 77, 78]),
    (AttributeSet::FrequencyInterference, &[18, 62, 63, 65]),
    (AttributeSet::SeverityInterference, &[3, 8, 19, 20, 39, 40, 41, 44, 46, 47, 52, 53]),
    (AttributeSet::FrequencySeverityInterference, &[17, 22, 48, 49, 50, 51, 54, 55, 56]),
];

// Grades by score, first item outermost. Rows of a first item of zero are not asked further and stand as zero.
const FREQUENCY: [u8; 5] = [0, 1, 1, 2, 3];
const SEVERITY: [u8; 5] = [0, 1, 2, 3, 3];
const INTERFERENCE: [u8; 5] = [0, 1, 1, 2, 2];
const FREQUENCY_SEVERITY: [[u8; 5]; 4] = [[1, 1, 1, 2, 2], [1, 1, 2, 2, 2], [1, 1, 2, 3, 3], [1, 1, 2, 3, 3]];
const FREQUENCY_INTERFERENCE: [[u8; 5]; 4] = [[1, 1, 1, 2, 2], [1, 1, 1, 2, 2], [1, 1, 2, 3, 3], [1, 1, 2, 3, 3]];
const SEVERITY_INTERFERENCE: [[u8; 5]; 4] = [[1, 1, 1, 2, 2], [1, 1, 2, 2, 3], [1, 2, 2, 3, 3], [2, 2, 2, 3, 3]];
const ALL_THREE: [[[u8; 5]; 5]; 4] = [
    [[0, 1, 1, 2, 2], [1, 1, 1, 2, 2], [1, 2, 2, 2, 3], [2, 2, 2, 3, 3], [2, 2, 3, 3, 3]],
    [[0, 1, 1, 2, 2], [1, 1, 1, 2, 2], [2, 2, 2, 3, 3], [2, 2, 2, 3, 3], [2, 2, 3, 3, 3]],
    [[1, 1, 1, 2, 2], [1, 1, 1, 2, 2], [2, 2, 2, 3, 3], [2, 2, 3, 3, 3], [2, 2, 3, 3, 3]],
    [[1, 1, 1, 2, 2], [1, 1, 2, 2, 3], [2, 2, 2, 3, 3], [2, 2, 3, 3, 3], [2, 2, 3, 3, 3]],
];

impl AttributeSet {
    /// Every set.
    pub const ALL: [Self; 7] = [
        Self::Frequency,
        Self::Severity,
        Self::Interference,
        Self::FrequencySeverity,
        Self::FrequencyInterference,
        Self::SeverityInterference,
        Self::FrequencySeverityInterference,
    ];

    /// The set of a symptom by the number of its question; `None` for symptoms without a composite grade.
    #[must_use]
    pub fn of_question(number: u8) -> Option<Self> {
        SYMPTOMS.into_iter().find(|(_, numbers)| numbers.contains(&number)).map(|(set, _)| set)
    }

    /// Numbers of the questions asked with this set, ascending.
    #[must_use]
    pub fn questions(self) -> &'static [u8] {
        SYMPTOMS.into_iter().find(|(set, _)| *set == self).map_or(&[], |(_, numbers)| numbers)
    }

    /// The attributes in the order of the items.
    #[must_use]
    pub fn attributes(self) -> &'static [Attribute] {
        use Attribute::{Frequency, Interference, Severity};
        match self {
            Self::Frequency => &[Frequency],
            Self::Severity => &[Severity],
            Self::Interference => &[Interference],
            Self::FrequencySeverity => &[Frequency, Severity],
            Self::FrequencyInterference => &[Frequency, Interference],
            Self::SeverityInterference => &[Severity, Interference],
            Self::FrequencySeverityInterference => &[Frequency, Severity, Interference],
        }
    }

    /// Composite grade, 0 to 3, from the scores of the items A, B and C; `None` where it is not defined.
    ///
    /// The grade is that of the published look-up `[Basch2020]`. The items after the first are asked only of those who have the symptom at all:
    /// with a first score of zero the others are zero and so is the grade. Any other missing score leaves the grade undefined, and so does a score
    /// above zero after a first score of zero, which contradicts it.
    ///
    /// # Errors
    /// [`ProCtcaeError`] for a score above 4 and another number of scores than of items.
    pub fn composite(self, scores: &[Option<u8>]) -> Result<Option<u8>, ProCtcaeError> {
        let expected = self.attributes().len();
        if scores.len() != expected {
            return Err(ProCtcaeError::Items { expected, found: scores.len() });
        }
        if let Some(score) = scores.iter().flatten().find(|score| **score > 4) {
            return Err(ProCtcaeError::Score(*score));
        }
        let (Some(Some(first)), rest) = (scores.first().copied(), scores.get(1..).unwrap_or_default()) else { return Ok(None) };
        if first == 0 {
            return Ok(rest.iter().all(|score| score.unwrap_or(0) == 0).then_some(0));
        }
        Ok(self.look_up(first, rest))
    }

    fn look_up(self, first: u8, rest: &[Option<u8>]) -> Option<u8> {
        let place = |score: u8| usize::from(score);
        let of_one = |grades: &[u8; 5]| grades.get(place(first)).copied();
        let of_two = |grades: &[[u8; 5]; 4]| grades.get(place(first - 1))?.get(place((*rest.first()?)?)).copied();
        match self {
            Self::Frequency => of_one(&FREQUENCY),
            Self::Severity => of_one(&SEVERITY),
            Self::Interference => of_one(&INTERFERENCE),
            Self::FrequencySeverity => of_two(&FREQUENCY_SEVERITY),
            Self::FrequencyInterference => of_two(&FREQUENCY_INTERFERENCE),
            Self::SeverityInterference => of_two(&SEVERITY_INTERFERENCE),
            Self::FrequencySeverityInterference => {
                ALL_THREE.get(place(first - 1))?.get(place((*rest.first()?)?))?.get(place((*rest.get(1)?)?)).copied()
            }
        }
    }
}

/// The worst grade of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WorstGrade {
    /// Grade at baseline.
    pub baseline: Option<u8>,
    /// Highest after baseline.
    pub post_baseline: Option<u8>,
    /// Highest at any time.
    pub any: Option<u8>,
    /// Highest after baseline where it is worse than baseline, else 0; `None` without a baseline or without any grade after it.
    pub baseline_adjusted: Option<u8>,
}

/// The worst grade of a subject from the grade at baseline and those after it `[Basch2020]`.
///
/// The adjustment leaves out what was there before treatment: a symptom that did not get worse counts as grade 0, one that did counts with the
/// grade that it reached.
#[must_use]
pub fn worst_grade(baseline: Option<u8>, after: impl IntoIterator<Item = Option<u8>>) -> WorstGrade {
    let post_baseline = after.into_iter().flatten().max();
    let adjusted = |(baseline, post): (u8, u8)| if post > baseline { post } else { 0 };
    WorstGrade { baseline, post_baseline, any: baseline.max(post_baseline), baseline_adjusted: baseline.zip(post_baseline).map(adjusted) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symptom_that_is_absent_is_not_asked_further() {
        let set = AttributeSet::FrequencySeverityInterference;
        assert_eq!(set.composite(&[Some(0), None, None]), Ok(Some(0)));
        assert_eq!(set.composite(&[Some(0), Some(2), None]), Ok(None), "absent and moderate contradict each other");
        assert_eq!(set.composite(&[None, Some(2), Some(1)]), Ok(None));
        assert_eq!(set.composite(&[Some(2), Some(2), None]), Ok(None));
        assert_eq!(set.composite(&[Some(4), Some(1), Some(4)]), Ok(Some(3)));
        assert_eq!(set.composite(&[Some(5), None, None]), Err(ProCtcaeError::Score(5)));
        assert_eq!(set.composite(&[Some(1)]), Err(ProCtcaeError::Items { expected: 3, found: 1 }));
    }

    #[test]
    fn questions_belong_to_one_set_and_grades_never_fall_as_one_score_rises() {
        for number in 1..=80 {
            let sets = AttributeSet::ALL.iter().filter(|set| set.questions().contains(&number)).count();
            assert!(sets <= 1, "{number}");
            assert_eq!(AttributeSet::of_question(number).is_some(), sets == 1);
        }
        for (first, second) in (1..=4).flat_map(|first| (0..=3).map(move |second| (first, second))) {
            for set in [AttributeSet::FrequencySeverity, AttributeSet::FrequencyInterference, AttributeSet::SeverityInterference] {
                let grade = |second| set.composite(&[Some(first), Some(second)]).unwrap().unwrap();
                assert!(grade(second) <= grade(second + 1), "{set:?} {first} {second}");
            }
        }
    }

    #[test]
    fn what_was_there_at_baseline_does_not_count() {
        let found = worst_grade(Some(2), [None, Some(2), Some(1)]);
        assert_eq!((found.post_baseline, found.baseline_adjusted), (Some(2), Some(0)));
        assert_eq!(worst_grade(Some(1), [Some(3)]).baseline_adjusted, Some(3));
        assert_eq!(worst_grade(None, [Some(3)]), WorstGrade { post_baseline: Some(3), any: Some(3), ..WorstGrade::default() });
        assert_eq!(worst_grade(Some(1), [None]).baseline_adjusted, None);
    }
}
