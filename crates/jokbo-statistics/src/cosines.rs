//! Cosines of all units with all units, whose features come a few at a time.
//!
//! `Σ_k A_ik B_jk` and the lengths of the rows are sums over features, so nothing of a feature need be
//! held once it was added: what is held is one score for each pair of units, however many features
//! they have.

use crate::features::{Features, ROUNDING, narrow};
use crate::lanes::sums;
use crate::matrix::products;
use crate::scores::Scores;

/// Inner products of the units of A with those of B, and the squares of their lengths, over the features
/// that were added. Memory `O(n²)` for `n` units.
#[derive(Debug, Clone, Default)]
pub struct Cosines {
    units: usize,
    products: Vec<f32>,
    squares: [Vec<f64>; 2],
}

impl Cosines {
    /// No features yet, of `units` units of either side.
    pub fn new(units: usize) -> Self {
        let squares = [vec![0.0; units], vec![0.0; units]];
        Self { units, products: vec![0.0; units * units], squares }
    }

    /// Adds features of both sides as they are. Time `O(n² d)` for `d` of them.
    ///
    /// # Panics
    /// When the shapes differ: a bug of the caller.
    pub fn add(&mut self, a: &Features, b: &Features) {
        let (units, width) = (a.units(), a.width());
        assert_eq!((units, width), (b.units(), b.width()), "scores need equal shapes");
        assert_eq!(units, self.units, "features are those of the same units");
        if width == 0 {
            return;
        }
        let more = products(a.rows(), b.rows(), width, units, units);
        self.products.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        for (squares, side) in self.squares.iter_mut().zip([a, b]) {
            for (square, row) in squares.iter_mut().zip(side.rows().chunks_exact(width)) {
                *square += sums(row, row, |x, _| [x * x])[0];
            }
        }
    }

    /// The cosines, in `[-1, 1]` up to rounding. A unit shorter than a millionth of the longest of its side
    /// is what rounding left of zeros, and its scores are 0.
    pub fn scores(mut self) -> Scores {
        let [a, b] = self.squares.map(|squares| {
            let longest = squares.iter().copied().fold(0.0, f64::max).sqrt();
            let scale = |square: f64| {
                let length = square.sqrt();
                if length <= ROUNDING * longest { 0.0 } else { length.recip() }
            };
            squares.into_iter().map(scale).collect::<Vec<f64>>()
        });
        for (row, a) in self.products.chunks_exact_mut(self.units.max(1)).zip(a) {
            row.iter_mut().zip(&b).for_each(|(x, b)| *x = narrow(f64::from(*x) * a * b));
        }
        Scores::of_products(self.units, self.products)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;
    use crate::seed::Draws;
    use proptest::prelude::*;

    fn noise(length: usize, seed: u64) -> Vec<f32> {
        let mut draws = Draws::new(seed, "noise");
        (0..length).map(|_| draws.below(2_000_001) as f32 / 1e6 - 1.0).collect()
    }

    fn close(got: &Scores, want: &Scores) {
        assert_eq!(got.n(), want.n());
        for i in 0..got.n() {
            got.row(i)
                .iter()
                .zip(want.row(i))
                .for_each(|(x, y)| near((*x).into(), (*y).into(), 1e-5));
        }
    }

    proptest! {
        #[test]
        fn a_few_at_a_time_they_are_what_they_are_together(
            units in 1usize..9, widths in prop::collection::vec(0usize..20, 1..5), seed: u64,
        ) {
            let (mut a, mut b) = (Features::new(units), Features::new(units));
            let mut cosines = Cosines::new(units);
            for (k, width) in widths.into_iter().enumerate() {
                let side = |of: u64| noise(units * width, seed ^ (2 * k as u64 + of));
                let (x, y) = (side(0), side(1));
                let (mut these, mut those) = (Features::new(units), Features::new(units));
                for (all, few, values) in [(&mut a, &mut these, x), (&mut b, &mut those, y)] {
                    all.push_centred(&values);
                    few.push_centred(&values);
                }
                cosines.add(&these, &those);
            }
            close(&cosines.scores(), &Scores::products(&a.unit_rows(), &b.unit_rows()));
        }
    }

    #[test]
    fn units_of_zeros_score_nothing() {
        let mut cosines = Cosines::new(2);
        for nothing in [Features::zeros(2, 3), Features::new(2)] {
            cosines.add(&nothing, &nothing);
        }
        let mut one = Features::new(2);
        one.push(&[0.0, 0.0, 3.0, 4.0]);
        cosines.add(&one, &one);
        let scores = cosines.scores();
        assert_eq!((scores.row(0), scores.row(1)[0]), (&[0.0, 0.0][..], 0.0));
        near(scores.row(1)[1].into(), 1.0, 1e-6);
    }
}
