//! What a run of paired elements gives when it is read once.

use super::PairSums;
use crate::number::float;

/// A run's equal pairs and its sums.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Found {
    /// Pairs of the same stored value.
    pub(super) equal: u64,
    /// Means, central sums and the number of pairs, all else 0. `None` where an element is no number, or
    /// where these sums would not keep their digits.
    pub(super) sums: Option<PairSums>,
}

/// Sums over a run about 0.
#[derive(Debug)]
pub(super) struct AboutZero {
    pub(super) sum_a: f64,
    pub(super) sum_b: f64,
    pub(super) square_a: f64,
    pub(super) square_b: f64,
    pub(super) product: f64,
    pub(super) difference: f64,
}

impl AboutZero {
    /// The sums of so many pairs about each side's mean. `None` where a mean is so large beside its spread that
    /// moving them would cost digits, or where an element was no number.
    ///
    /// Moving costs at most one bit: it is done where the mean's share of the squares is half or less.
    pub(super) fn moved(self, pairs: usize) -> Option<PairSums> {
        let Self { sum_a, sum_b, square_a, square_b, product, difference } = self;
        let finite = pairs as u64;
        let n = float(finite.max(1));
        let (mean_a, mean_b) = (sum_a / n, sum_b / n);
        let (moved_a, moved_b) = (sum_a * mean_a, sum_b * mean_b);
        // A NaN or an infinity among the elements is one among these sums, and fails every comparison.
        let keeps_digits = 2.0 * moved_a <= square_a && 2.0 * moved_b <= square_b;
        (keeps_digits && (square_a + square_b + difference).is_finite()).then(|| PairSums {
            finite,
            mean_a,
            mean_b,
            square_a: square_a - moved_a,
            square_b: square_b - moved_b,
            product: product - n * (mean_a * mean_b),
            difference,
            ..PairSums::default()
        })
    }
}
