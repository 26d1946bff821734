//! The sums of one run of paired elements, eight lanes side by side.
//!
//! Element `i` goes to lane `i mod 8`, and lanes are added in a fixed tree, so every machine gets the same
//! bits. A lane holds at most 128 terms of a run of 1,024: its error is below `128 ε` of the sum of
//! magnitudes with `ε = 2⁻⁵³` (Higham, *The Accuracy of Floating Point Summation*, 1993, equation 3.4).
//! Squares are of differences from the run's own mean, so a large mean costs no digits.

use super::{PairSums, Value};
use crate::number::float;
use crate::widest::Kernel;

/// Partial sums kept side by side.
const LANES: usize = 8;

/// A run of paired elements, as many in A as in B.
pub(super) struct Run<'a, T> {
    pub(super) a: &'a [T],
    pub(super) b: &'a [T],
}

/// What a run gives.
pub(super) struct Found {
    /// Every element of both sides is a number; `sums` mean nothing otherwise.
    pub(super) is_finite: bool,
    /// Pairs of the same stored value.
    pub(super) equal: u64,
    /// Means, central sums and the number of pairs; all else is 0.
    pub(super) sums: PairSums,
}

impl<T: Value> Kernel for Run<'_, T> {
    type Output = Found;

    #[inline(always)]
    fn run(self) -> Found {
        let Self { a, b } = self;
        // Counted, not asked with a way out: a loop that only adds is done many elements at a time.
        let (mut equal, mut odd) = (0u32, 0u32);
        for (&x, &y) in a.iter().zip(b) {
            equal += u32::from(x.same(y));
            odd += u32::from(!x.is_number()) + u32::from(!y.is_number());
        }
        let sums = if a.is_empty() { PairSums::default() } else { sums(a, b) };
        Found { is_finite: odd == 0, equal: equal.into(), sums }
    }
}

#[inline(always)]
fn sums<T: Value>(a: &[T], b: &[T]) -> PairSums {
    let n = float(a.len() as u64);
    let [sum_a, sum_b] = added(a, b, |x, y| [x, y]);
    let (mean_a, mean_b) = (sum_a / n, sum_b / n);
    let [square_a, square_b, product, difference] = added(a, b, |x, y| {
        let (p, q, d) = (x - mean_a, y - mean_b, x - y);
        [p * p, q * q, p * q, d * d]
    });
    PairSums {
        finite: a.len() as u64,
        mean_a,
        mean_b,
        square_a,
        square_b,
        product,
        difference,
        ..PairSums::default()
    }
}

/// The sums over all pairs of the `N` numbers that each gives.
#[inline(always)]
fn added<T: Value, const N: usize>(
    a: &[T],
    b: &[T],
    each: impl Fn(f64, f64) -> [f64; N],
) -> [f64; N] {
    let mut lanes = [[0.0f64; LANES]; N];
    let (whole_a, rest_a) = a.as_chunks::<LANES>();
    let (whole_b, rest_b) = b.as_chunks::<LANES>();
    for (x, y) in whole_a.iter().zip(whole_b) {
        for lane in 0..LANES {
            let terms = each(x[lane].into(), y[lane].into());
            for (sums, term) in lanes.iter_mut().zip(terms) {
                sums[lane] += term;
            }
        }
    }
    for (lane, (&x, &y)) in rest_a.iter().zip(rest_b).enumerate() {
        for (sums, term) in lanes.iter_mut().zip(each(x.into(), y.into())) {
            sums[lane] += term;
        }
    }
    // Seen as one block of memory, lanes stay beside one another in registers; seen as a tree of sums,
    // they are taken two at a time.
    let lanes = std::hint::black_box(lanes);
    lanes.map(|[a, b, c, d, e, f, g, h]| ((a + b) + (c + d)) + ((e + f) + (g + h)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Draws;
    use crate::widest;

    #[test]
    fn every_set_of_instructions_gives_the_same_bits() {
        let mut draws = Draws::new(7, "run");
        let mut noise = || draws.below(2_000_001) as f32 / 1e6 - 0.3;
        let a: Vec<f32> = (0..1021).map(|_| noise()).collect();
        let mut b: Vec<f32> = (0..1021).map(|_| noise()).collect();
        b[17] = a[17];
        let found = widest::every(|| Run { a: &a, b: &b });
        let of = |f: &Found| (f.is_finite, f.equal, f.sums);
        assert_eq!(of(&found[0]).1, 1);
        assert!(found.iter().all(|one| of(one) == of(&found[0])), "{}", found.len());
    }

    #[test]
    fn one_element_that_is_no_number_is_noticed_wherever_it_is() {
        for at in [0, 8, 1016, 1020] {
            for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let b = vec![1.0f32; 1021];
                let mut a = b.clone();
                a[at] = value;
                let found = [Run { a: &a, b: &b }.run(), Run { a: &b, b: &a }.run()];
                assert!(found.iter().all(|f| !f.is_finite && f.equal == 1020));
            }
        }
    }
}
