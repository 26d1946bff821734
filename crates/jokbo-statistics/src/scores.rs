//! Every unit of A scored against every unit of B.

use rayon::prelude::*;

use crate::features::{Features, narrow};
use crate::matrix::products;
use crate::number::{float, float_usize};
use crate::widest::{self, Kernel};

/// Scores of shape `[n, n]`: entry `(i, j)` says how alike unit `i` of A and unit `j` of B are.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    n: usize,
    values: Vec<f32>,
}

impl Scores {
    /// The inner products of all rows: `C = A Bᵀ`. The rows of both sides must be as many and as
    /// wide. With rows of length 1 the scores are cosines, in `[-1, 1]`.
    ///
    /// The sums run in a fixed order over fixed lanes, so every machine gets the same bits.
    /// Time `O(n² d)`, memory `O(n²)`.
    ///
    /// # Panics
    /// When the shapes differ: a bug of the caller.
    pub fn products(a: &Features, b: &Features) -> Self {
        assert_eq!((a.units(), a.width()), (b.units(), b.width()), "scores need equal shapes");
        let n = a.units();
        Self { n, values: products(a.rows(), b.rows(), a.width(), n, n) }
    }

    /// What a product of `n` rows with `n` rows gave, as it is.
    pub(crate) fn of_products(n: usize, values: Vec<f32>) -> Self {
        debug_assert_eq!(values.len(), n * n, "a product has its shape");
        Self { n, values }
    }

    /// `n²` scores of 0.
    pub fn zeros(n: usize) -> Self {
        Self { n, values: vec![0.0; n * n] }
    }

    /// How many features of each pair of rows hold the same stored value. Time `O(n² d)`.
    ///
    /// # Panics
    /// When the shapes differ: a bug of the caller.
    pub fn equal_values(a: &Features, b: &Features) -> Self {
        let mut scores = Self::zeros(a.units());
        scores.add_equal_values(a, b);
        scores
    }

    /// Adds [`Scores::equal_values`] of more features to what was counted.
    ///
    /// # Panics
    /// When the shapes differ: a bug of the caller.
    pub fn add_equal_values(&mut self, a: &Features, b: &Features) {
        assert_eq!((a.units(), a.width()), (b.units(), b.width()), "scores need equal shapes");
        assert_eq!(a.units(), self.n, "features are those of the same units");
        self.values.par_chunks_mut(self.n.max(1)).enumerate().for_each(|(i, scores)| {
            widest::run(Equal { row: a.row(i), others: b, scores });
        });
    }

    /// Scores given as they are, shape `[n, n]` in row order. `None` unless the length is `n²`.
    pub fn from_values(n: usize, values: Vec<f32>) -> Option<Self> {
        (n.checked_mul(n) == Some(values.len())).then_some(Self { n, values })
    }

    /// Number of units.
    pub fn n(&self) -> usize {
        self.n
    }

    /// The scores of unit `i` of A against every unit of B.
    pub fn row(&self, i: usize) -> &[f32] {
        &self.values[i * self.n..(i + 1) * self.n]
    }

    /// The scores of equal numbers: `C_ii`.
    pub fn diagonal(&self) -> Vec<f64> {
        (0..self.n).map(|i| f64::from(self.row(i)[i])).collect()
    }

    /// Removes row and column means and adds the grand mean back. What every unit shares with
    /// every other goes; the sum over any renumbering changes by the same constant.
    #[must_use]
    pub fn double_centred(mut self) -> Self {
        let n = self.n;
        if n == 0 {
            return self;
        }
        let count = float_usize(n);
        let mut columns = vec![0.0f64; n];
        let mut rows = Vec::with_capacity(n);
        for row in self.values.chunks_exact(n) {
            columns.iter_mut().zip(row).for_each(|(sum, &x)| *sum += f64::from(x));
            rows.push(row.iter().map(|&x| f64::from(x)).sum::<f64>() / count);
        }
        let grand = rows.iter().sum::<f64>() / count;
        for (row, mean) in self.values.chunks_exact_mut(n).zip(rows) {
            for (x, column) in row.iter_mut().zip(&columns) {
                *x = narrow(f64::from(*x) - mean - column / count + grand);
            }
        }
        self
    }

    /// `Σ_ij D_ij²`.
    pub fn sum_of_squares(&self) -> f64 {
        let rows = self.values.chunks(self.n.max(1));
        rows.map(|row| row.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>()).sum()
    }

    /// The mean of all scores; 0 without one.
    pub(crate) fn mean(&self) -> f64 {
        let sum: f64 = self.values.iter().map(|&x| f64::from(x)).sum();
        sum / float_usize(self.values.len().max(1))
    }

    /// Multiplies every score by `factor`.
    #[must_use]
    pub fn scaled(mut self, factor: f64) -> Self {
        self.values.iter_mut().for_each(|x| *x = narrow(f64::from(*x) * factor));
        self
    }

    /// Both matrices added: units of several layers that carry one numbering. `None` when the
    /// sizes differ.
    pub fn plus(&self, other: &Self) -> Option<Self> {
        let sums = self.values.iter().zip(&other.values).map(|(x, y)| x + y);
        (self.n == other.n).then(|| Self { n: self.n, values: sums.collect() })
    }

    /// Pairs `(i, j)` in which each is the other's single best: `i` first, rising. A tie for best is no match,
    /// so renumbering B only renumbers the matches. Time `O(n²)`.
    pub fn mutual_best(&self) -> Vec<(usize, usize)> {
        let (mut of_rows, mut of_columns) =
            (vec![Best::none(); self.n], vec![Best::none(); self.n]);
        for (i, of_row) in of_rows.iter_mut().enumerate() {
            for ((j, score), of_column) in self.row(i).iter().enumerate().zip(&mut of_columns) {
                of_row.see(*score, j);
                of_column.see(*score, i);
            }
        }
        let mutual = |(i, of_row): (usize, Best)| {
            of_row.place.filter(|&j| of_columns[j].place == Some(i)).map(|j| (i, j))
        };
        of_rows.into_iter().enumerate().filter_map(mutual).collect()
    }
}

/// Adds to each score how many features of a row hold the value that they hold in a row of others.
struct Equal<'a> {
    row: &'a [f32],
    others: &'a Features,
    scores: &'a mut [f32],
}

impl Kernel for Equal<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { row, others, scores } = self;
        for (j, score) in scores.iter_mut().enumerate() {
            let pairs = row.iter().zip(others.row(j));
            // A row is much shorter than 2^32, and narrow counts move side by side.
            let same: u32 = pairs.map(|(x, y)| u32::from(x.to_bits() == y.to_bits())).sum();
            *score += narrow(f64::from(same));
        }
    }
}

/// The largest score so far, and where it is, if at one place alone.
#[derive(Debug, Clone, Copy)]
struct Best {
    score: f32,
    place: Option<usize>,
}

impl Best {
    fn none() -> Self {
        Self { score: f32::NEG_INFINITY, place: None }
    }

    fn see(&mut self, score: f32, place: usize) {
        if self.score < score {
            *self = Self { score, place: Some(place) };
        } else if self.score <= score {
            self.place = None;
        }
    }
}

/// `z` of equal numbering in double-centred scores: `Σ D_ii / sqrt(Σ D_ij² / (n - 1))`; mean 0 and
/// variance 1 over all renumberings (Hoeffding, *A combinatorial central limit theorem*, 1951).
/// `None` when the scores do not vary or `n < 2`.
pub fn z(trace: f64, sum_of_squares: f64, n: u64) -> Option<f64> {
    let variance = sum_of_squares / float(n.saturating_sub(1));
    (1 < n && 0.0 < variance).then(|| trace / variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;
    use proptest::prelude::*;

    fn features(n: usize, values: &[f32]) -> Features {
        let mut features = Features::new(n);
        features.push(values);
        features
    }

    proptest! {
        #[test]
        fn products_agree_with_the_definition(n in 1usize..9, d in 1usize..40, seed: u64) {
            let mut draws = crate::seed::Draws::new(seed, "test");
            let mut side = || -> Vec<f32> {
                (0..n * d).map(|_| draws.below(2001) as f32 / 1000.0 - 1.0).collect()
            };
            let (a, b) = (side(), side());
            let scores = Scores::products(&features(n, &a), &features(n, &b));
            for i in 0..n {
                for j in 0..n {
                    let want: f64 = (0..d)
                        .map(|k| f64::from(a[i * d + k]) * f64::from(b[j * d + k]))
                        .sum();
                    prop_assert!((f64::from(scores.row(i)[j]) - want).abs() < 1e-4);
                }
            }
            let centred = scores.double_centred();
            let total: f64 = (0..n).flat_map(|i| centred.row(i).to_vec()).map(f64::from).sum();
            prop_assert!(total.abs() < 1e-3);
        }
    }

    #[test]
    fn equal_values_are_counted_pair_by_pair() {
        let a = features(2, &[1.0, 2.0, 3.0, 4.0]);
        let b = features(2, &[1.0, 9.0, 3.0, 4.0]);
        let scores = Scores::equal_values(&a, &b);
        assert_eq!((scores.row(0), scores.row(1)), (&[1.0, 0.0][..], &[0.0, 2.0][..]));
    }

    #[test]
    fn a_tie_for_best_is_no_match() {
        let scores = Scores::from_values(2, vec![1.0, 1.0, 0.0, 2.0]).unwrap();
        assert_eq!(scores.mutual_best(), [(1, 1)]);
    }

    #[test]
    fn z_of_identical_units_and_of_flat_scores() {
        let scores = Scores::from_values(2, vec![1.0, 0.0, 0.0, 1.0]).unwrap().double_centred();
        let trace: f64 = scores.diagonal().iter().sum();
        near(z(trace, scores.sum_of_squares(), 2).unwrap(), 1.0, 1e-9);
        assert_eq!(z(0.0, 0.0, 5), None);
        assert_eq!(z(1.0, 1.0, 1), None);
    }
}
