//! Scores as they are held of many groups at once: in 16 bits.
//!
//! A test of renumberings is exact for any scores, so also for rounded ones, as long as the observed sum, the
//! random ones and the bound are all taken of the same. Rounding adds at most a 65,534th of the largest score
//! to each, against a scatter of the sum that is many thousand times as large.

use crate::scores::Scores;

/// Scores of shape `[n, n]`: whole multiples of a step.
#[derive(Debug, Clone)]
pub struct Held {
    n: usize,
    step: f64,
    values: Vec<i16>,
}

impl Held {
    /// Each score at the nearest multiple of a 32,767th of the largest one. Time `O(n²)`, 2 bytes each.
    pub fn of(scores: &Scores) -> Self {
        let n = scores.n();
        let largest = (0..n).flat_map(|i| scores.row(i)).fold(0.0f32, |m, x| m.max(x.abs()));
        let per_score = if 0.0 < largest { f32::from(i16::MAX) / largest } else { 0.0 };
        #[allow(clippy::cast_possible_truncation, reason = "a whole number that fits")]
        let rounded = |x: &f32| (x * per_score).round() as i16;
        let values = (0..n).flat_map(|i| scores.row(i)).map(rounded).collect();
        Self { n, step: f64::from(largest) / f64::from(i16::MAX), values }
    }

    /// Number of units.
    pub fn n(&self) -> usize {
        self.n
    }

    /// What a value of 1 stands for.
    pub fn step(&self) -> f64 {
        self.step
    }

    /// The scores of unit `i` of A against every unit of B, in steps.
    pub fn row(&self, i: usize) -> &[i16] {
        &self.values[i * self.n..(i + 1) * self.n]
    }

    /// The largest of [`Held::row`].
    pub(crate) fn top(&self, i: usize) -> i16 {
        self.row(i).iter().copied().max().unwrap_or(0)
    }

    /// The sum of the scores of every unit with the one that `numbering` gives it: exact, whatever the order.
    pub(crate) fn sum(&self, numbering: impl Iterator<Item = usize>) -> f64 {
        let terms = numbering.enumerate().map(|(i, j)| i64::from(self.row(i)[j]));
        #[allow(clippy::cast_precision_loss, reason = "far below 2^53: 2^15 for each of n units")]
        let steps = terms.sum::<i64>() as f64;
        steps * self.step
    }

    /// The sum of the scores at equal numbers.
    pub fn trace(&self) -> f64 {
        self.sum(0..self.n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_score_moves_by_more_than_half_a_step(
            n in 1usize..8, values in prop::collection::vec(-1e3f32..1e3, 64), size in -30i32..30,
        ) {
            let values: Vec<f32> = values[..n * n].iter().map(|x| x * 2f32.powi(size)).collect();
            let held = Held::of(&Scores::from_values(n, values.clone()).unwrap());
            for (i, row) in values.chunks(n).enumerate() {
                for (x, steps) in row.iter().zip(held.row(i)) {
                    let apart = (f64::from(*x) - f64::from(*steps) * held.step()).abs();
                    prop_assert!(apart <= 0.501 * held.step());
                }
            }
            let trace: f64 = (0..n).map(|i| f64::from(values[i * n + i])).sum();
            prop_assert!((held.trace() - trace).abs() <= 0.501 * n as f64 * held.step());
        }
    }

    #[test]
    fn zeros_and_nothing_are_held_as_they_are() {
        for n in [0, 2] {
            let held = Held::of(&Scores::zeros(n));
            assert_eq!((held.n(), held.step(), held.trace()), (n, 0.0, 0.0));
        }
    }
}
