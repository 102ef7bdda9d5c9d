//! Sets of rows of a dataset: what a number rests on.

use std::sync::Arc;

/// 1-based data rows of one dataset, ascending and without repeats. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows(Arc<[u32]>);

impl Default for Rows {
    fn default() -> Self {
        Self(Arc::from([]))
    }
}

impl Rows {
    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rows, ascending.
    #[must_use]
    pub fn as_slice(&self) -> &[u32] {
        &self.0
    }

    /// The rows of both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.0.iter().chain(other.0.iter()).copied().collect()
    }

    /// The rows written as ranges, for example `1-3, 7, 9-12`.
    #[must_use]
    pub fn ranges(&self) -> String {
        let mut parts: Vec<(u32, u32)> = Vec::new();
        for &row in self.0.iter() {
            match parts.last_mut() {
                Some((_, end)) if *end + 1 == row => *end = row,
                _ => parts.push((row, row)),
            }
        }
        let words: Vec<String> =
            parts.iter().map(|(start, end)| if start == end { start.to_string() } else { format!("{start}-{end}") }).collect();
        words.join(", ")
    }
}

impl FromIterator<u32> for Rows {
    fn from_iter<I: IntoIterator<Item = u32>>(rows: I) -> Self {
        let mut rows: Vec<u32> = rows.into_iter().collect();
        rows.sort_unstable();
        rows.dedup();
        Self(rows.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_unique_and_print_as_ranges() {
        let rows: Rows = [9, 1, 2, 3, 7, 2, 10].into_iter().collect();
        assert_eq!(rows.as_slice(), [1, 2, 3, 7, 9, 10]);
        assert_eq!(rows.ranges(), "1-3, 7, 9-10");
        assert_eq!(rows.union(&[8].into_iter().collect()).ranges(), "1-3, 7-10");
        assert_eq!(Rows::default().ranges(), "");
    }
}
