//! The sums of one run of paired numbers in memory.
//!
//! Of a run of 1,024 each of eight lanes holds at most 128 terms: its error is below `128 ε` of the sum of
//! magnitudes with `ε = 2⁻⁵³` (Higham, *The Accuracy of Floating Point Summation*, 1993, equation 3.4).

use super::PairSums;
use super::found::{AboutZero, Found};
use crate::lanes::added;
use crate::number::float;
use crate::widest::Kernel;

/// A number as [`PairSums`] reads it in memory.
pub trait Held: Copy + Sync + Into<f64> {
    /// Whether every number fits 24 significant bits, so that the product of two is exact in `f64`.
    const IS_SHORT: bool;

    /// Whether two elements are the same value bit for bit, NaN included, zeros told apart.
    fn same(self, other: Self) -> bool;
}

impl Held for f32 {
    const IS_SHORT: bool = true;

    #[inline(always)]
    fn same(self, other: Self) -> bool {
        self.to_bits() == other.to_bits()
    }
}

impl Held for f64 {
    const IS_SHORT: bool = false;

    #[inline(always)]
    fn same(self, other: Self) -> bool {
        self.to_bits() == other.to_bits()
    }
}

/// A run of paired numbers, as many in A as in B.
pub(super) struct Run<'a, T> {
    pub(super) a: &'a [T],
    pub(super) b: &'a [T],
}

impl<T: Held> Kernel for Run<'_, T> {
    type Output = Found;

    /// A product of two short numbers is exact in `f64`, so adding it in the same instruction, where the
    /// processor can, changes no bit.
    #[inline(always)]
    fn run<const FUSED: bool>(self) -> Found {
        let Self { a, b } = self;
        let plus = |sum: f64, x: f64, y: f64| {
            if FUSED && T::IS_SHORT { x.mul_add(y, sum) } else { sum + x * y }
        };
        let sums = added(a, b, |x, y, [p, q, pp, qq, pq, dd]| {
            let d = x - y;
            [p + x, q + y, plus(pp, x, x), plus(qq, y, y), plus(pq, x, y), dd + d * d]
        });
        let [sum_a, sum_b, square_a, square_b, product, difference] = sums;
        let all = AboutZero { sum_a, sum_b, square_a, square_b, product, difference };
        Found { equal: equal(a, b), sums: all.moved(a.len()) }
    }
}

/// Pairs of the same value: a loop that only counts is done many elements at a time.
#[inline(always)]
fn equal<T: Held>(a: &[T], b: &[T]) -> u64 {
    // A count of no more than 64 fits the narrowest lane there is.
    let of = |a: &[T], b: &[T]| {
        a.iter().zip(b).fold(0u8, |sum, (&x, &y)| sum.wrapping_add(u8::from(x.same(y))))
    };
    a.chunks(64).zip(b.chunks(64)).map(|(a, b)| u64::from(of(a, b))).sum()
}

/// A run whose elements are all numbers, about each side's own mean.
pub(super) struct Central<'a> {
    pub(super) a: &'a [f64],
    pub(super) b: &'a [f64],
}

impl Kernel for Central<'_> {
    type Output = PairSums;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> PairSums {
        let Self { a, b } = self;
        if a.is_empty() {
            return PairSums::default();
        }
        let n = float(a.len() as u64);
        let [sum_a, sum_b] = added(a, b, |x, y, [p, q]| [p + x, q + y]);
        let (mean_a, mean_b) = (sum_a / n, sum_b / n);
        let [square_a, square_b, product, difference] = added(a, b, |x, y, sums: [f64; 4]| {
            let (p, q, d) = (x - mean_a, y - mean_b, x - y);
            [sums[0] + p * p, sums[1] + q * q, sums[2] + p * q, sums[3] + d * d]
        });
        let finite = a.len() as u64;
        PairSums {
            finite,
            mean_a,
            mean_b,
            square_a,
            square_b,
            product,
            difference,
            ..PairSums::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Draws;
    use crate::widest;

    /// Numbers with a mean that is not 0, 1021 on each side.
    fn noise() -> (Vec<f32>, Vec<f32>) {
        let mut draws = Draws::new(7, "run");
        let mut noise = || draws.below(2_000_001) as f32 / 1e6 - 0.9;
        (0..1021).map(|_| (noise(), noise())).unzip()
    }

    /// What every set of instructions finds, the portable one first.
    fn found<T: Held>(a: &[T], b: &[T]) -> Vec<Found> {
        widest::every(|| Run { a, b })
    }

    fn long(side: &[f32]) -> Vec<f64> {
        side.iter().map(|&x| f64::from(x) / 3.0).collect()
    }

    #[test]
    fn every_set_of_instructions_gives_the_same_bits() {
        #[track_caller]
        fn same<T: Held>(a: &[T], b: &[T]) {
            let found = found(a, b);
            assert!(found[0].equal == 1 && found[0].sums.is_some());
            assert!(found.iter().all(|one| *one == found[0]), "{found:?}");
        }
        let (a, mut b) = noise();
        b[17] = a[17];
        same(&a, &b);
        let (a, b) = (long(&a), long(&b));
        same(&a, &b);
        let central = widest::every(|| Central { a: &a, b: &b });
        assert!(central.iter().all(|one| *one == central[0]), "{central:?}");
    }

    #[test]
    fn one_element_that_is_no_number_is_noticed_wherever_it_is() {
        for at in [0, 8, 1016, 1020] {
            for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let b: Vec<f32> = (0..1021).map(|k| (k % 7) as f32 - 3.0).collect();
                let mut a = b.clone();
                a[at] = value;
                for found in [found(&a, &b), found(&b, &a)].concat() {
                    assert!(found.sums.is_none() && found.equal == 1020);
                }
            }
        }
    }

    #[test]
    fn both_ways_of_summing_agree_where_the_quick_one_is_taken() {
        let (a, b) = noise();
        let quick = found(&a, &b)[0].sums.unwrap();
        let [a, b] = [a, b].map(|side| side.into_iter().map(f64::from).collect::<Vec<_>>());
        let slow = Central { a: &a, b: &b }.run::<false>();
        let apart = |x: f64, y: f64| (x - y).abs() / (slow.square_a * slow.square_b).sqrt();
        assert!(apart(quick.product, slow.product) < 1e-14);
        assert!((quick.square_a / slow.square_a - 1.0).abs() < 1e-14);
        assert!((quick.square_b / slow.square_b - 1.0).abs() < 1e-14);
        assert!((quick.difference / slow.difference - 1.0).abs() < 1e-14);
    }
}
