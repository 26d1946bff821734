//! One streaming pass over two tensors: cosine, Pearson, relative L2, equal values, moments.

use crate::number::float;
use crate::stored::{self, Kind, RUN, Stored};
use crate::widest;

mod found;
mod held;
mod short;

use found::Found;
pub use held::Held;

/// What one stretch of paired elements leaves behind, joinable with its neighbour.
///
/// Means and central sums are kept rather than raw sums, and joined by the rule of Chan, Golub
/// and LeVeque (*Updating formulae and a pairwise algorithm for computing sample variances*,
/// 1979), so that a large mean with a tiny spread keeps its digits: beside compensated sums over a
/// thousand million hard pairs (`benches/accuracy.rs`), cosine and relative L2 are right to `1e-14`, and
/// Pearson to that and `ε` times the ratio of mean to spread, the digits that the means themselves lack. BF16 and
/// narrower types in the bytes they are stored in are added a few terms at a time in `f32`: there all three are
/// right to `1e-7` in the same comparison. At worst, every addition rounded one way, cosine and relative L2 err
/// by `1e-6` and Pearson by `5e-6`.
///
/// Pairs in which either element is NaN or infinite are counted and left out of every sum.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PairSums {
    /// Pairs in which both elements are finite.
    pub finite: u64,
    /// Pairs whose two stored values are the same, bit for bit after exact decoding.
    pub equal: u64,
    /// Elements of A that are NaN.
    pub nan_a: u64,
    /// Elements of A that are infinite.
    pub infinite_a: u64,
    /// Elements of B that are NaN.
    pub nan_b: u64,
    /// Elements of B that are infinite.
    pub infinite_b: u64,
    mean_a: f64,
    mean_b: f64,
    /// Sum of squares of A about its mean; `square_b` and `product` likewise.
    square_a: f64,
    square_b: f64,
    product: f64,
    difference: f64,
    all: u64,
}

impl PairSums {
    /// The sums of paired numbers `a[i]`, `b[i]`, shape `[n]` each. One pass, `O(n)` time.
    ///
    /// # Panics
    /// When the lengths differ: a bug of the caller.
    pub fn of<T: Held>(a: &[T], b: &[T]) -> Self {
        Self::of_runs(a, b, |a, b| widest::run(held::Run { a, b }), T::into)
    }

    /// The sums of paired elements in the bytes of a file; bytes that are no whole element at the end are
    /// not read. One pass, `O(n)` time, nothing decoded into memory.
    ///
    /// # Panics
    /// When the lengths differ: a bug of the caller.
    pub fn of_bytes(kind: Kind, a: &[u8], b: &[u8]) -> Self {
        fn of<S: Stored<Code = [u8; N]>, const N: usize>(a: &[u8], b: &[u8]) -> PairSums {
            let mut room = [[S::Ready::default(); RUN]; 2];
            let run = |a: &[S::Code], b: &[S::Code]| {
                widest::run(short::Run::<S> { a, b, room: &mut room })
            };
            PairSums::of_runs(a.as_chunks().0, b.as_chunks().0, run, S::number)
        }
        match kind {
            Kind::F16 => of::<stored::F16, 2>(a, b),
            Kind::Bf16 => of::<stored::Bf16, 2>(a, b),
            Kind::F8E4M3 => of::<stored::F8E4M3, 1>(a, b),
            Kind::F8E5M2 => of::<stored::F8E5M2, 1>(a, b),
        }
    }

    fn of_runs<T: Copy>(
        a: &[T],
        b: &[T],
        mut of_run: impl FnMut(&[T], &[T]) -> Found,
        number: fn(T) -> f64,
    ) -> Self {
        assert_eq!(a.len(), b.len(), "paired elements must be as many in A as in B");
        let runs = a.chunks(RUN).zip(b.chunks(RUN)).map(|(a, b)| {
            let Found { equal, sums } = of_run(a, b);
            let sums = sums.unwrap_or_else(|| Self::of_odd_run(a, b, number));
            Self { equal, all: a.len() as u64, ..sums }
        });
        // The sums over no elements are zeros, and every figure made of them is undefined.
        let nothing = Self::default();
        crate::join::join(runs, Self::join).unwrap_or(nothing)
    }

    /// The sums of a run with a large mean, with numbers near the smallest, or with elements that are none.
    fn of_odd_run<T: Copy>(a: &[T], b: &[T], number: fn(T) -> f64) -> Self {
        let numbers = |side: &[T]| side.iter().map(|&x| number(x)).collect::<Vec<f64>>();
        let (a, b) = (numbers(a), numbers(b));
        let count =
            |side: &[f64], test: fn(f64) -> bool| side.iter().filter(|&&x| test(x)).count() as u64;
        let odd = Self {
            nan_a: count(&a, f64::is_nan),
            infinite_a: count(&a, f64::is_infinite),
            nan_b: count(&b, f64::is_nan),
            infinite_b: count(&b, f64::is_infinite),
            ..Self::default()
        };
        let kept = a.iter().zip(&b).filter(|(x, y)| x.is_finite() && y.is_finite());
        let (a, b): (Vec<f64>, Vec<f64>) = kept.unzip();
        odd.join(widest::run(held::Central { a: &a, b: &b }))
    }

    /// Both together; `later` holds the elements after `self`'s.
    #[must_use]
    pub fn join(self, later: Self) -> Self {
        let n = self.finite + later.finite;
        let share = if n == 0 { 0.0 } else { float(later.finite) / float(n) };
        let (da, db) = (later.mean_a - self.mean_a, later.mean_b - self.mean_b);
        let cross = float(self.finite) * share;
        Self {
            finite: n,
            all: self.all + later.all,
            equal: self.equal + later.equal,
            nan_a: self.nan_a + later.nan_a,
            infinite_a: self.infinite_a + later.infinite_a,
            nan_b: self.nan_b + later.nan_b,
            infinite_b: self.infinite_b + later.infinite_b,
            mean_a: self.mean_a + da * share,
            mean_b: self.mean_b + db * share,
            square_a: self.square_a + later.square_a + da * da * cross,
            square_b: self.square_b + later.square_b + db * db * cross,
            product: self.product + later.product + da * db * cross,
            difference: self.difference + later.difference,
        }
    }

    /// Number of pairs, finite or not.
    pub fn pairs(&self) -> u64 {
        self.all
    }

    /// The cosine of the angle between A and B as vectors, in `[-1, 1]`. `None` when either is
    /// all zeros or nothing was finite.
    pub fn cosine(&self) -> Option<f64> {
        let n = float(self.finite);
        let a = self.square_a + n * self.mean_a * self.mean_a;
        let b = self.square_b + n * self.mean_b * self.mean_b;
        ratio(self.product + n * (self.mean_a * self.mean_b), (a * b).sqrt())
    }

    /// Pearson's correlation, in `[-1, 1]`: the cosine after each side's mean is removed.
    /// `None` when either side is constant.
    pub fn pearson(&self) -> Option<f64> {
        let about = self.about_means();
        ratio(about.product, (about.square_a * about.square_b).sqrt())
    }

    /// The same stretch with each side's own mean removed. Joined with others, it gives Pearson's
    /// correlation within stretches: means that differ between them count for nothing.
    #[must_use]
    pub fn about_means(&self) -> Self {
        // Rounding leaves a constant side a spread of about one part in 2^50 of its mean.
        let flat = |square: f64, mean: f64| square <= float(self.finite) * (mean * 1e-15).powi(2);
        let (flat_a, flat_b) = (flat(self.square_a, self.mean_a), flat(self.square_b, self.mean_b));
        let square_a = if flat_a { 0.0 } else { self.square_a };
        let square_b = if flat_b { 0.0 } else { self.square_b };
        let product = if flat_a || flat_b { 0.0 } else { self.product };
        let difference = (square_a + square_b - 2.0 * product).max(0.0);
        Self { mean_a: 0.0, mean_b: 0.0, square_a, square_b, product, difference, ..*self }
    }

    /// `||A - B|| / ||B||`, 0 or more. `None` when B is all zeros.
    pub fn relative_l2(&self) -> Option<f64> {
        let b = self.square_b + float(self.finite) * self.mean_b * self.mean_b;
        (0.0 < b).then(|| (self.difference / b).sqrt())
    }

    /// `||A - B|| / sqrt(||A|| ||B||)`, 0 or more: the same from either side. `None` when either is
    /// all zeros.
    pub fn distance(&self) -> Option<f64> {
        let n = float(self.finite);
        let a = self.square_a + n * self.mean_a * self.mean_a;
        let b = self.square_b + n * self.mean_b * self.mean_b;
        (0.0 < a && 0.0 < b).then(|| (self.difference / a.sqrt() / b.sqrt()).sqrt())
    }

    /// Share of pairs whose stored values are equal, in `[0, 1]`. `None` when there are none.
    pub fn equal_share(&self) -> Option<f64> {
        (self.all != 0).then(|| float(self.equal) / float(self.all))
    }

    /// Mean and standard deviation of A's finite elements. `None` when there are none.
    pub fn moments_a(&self) -> Option<(f64, f64)> {
        (self.finite != 0).then(|| (self.mean_a, (self.square_a / float(self.finite)).sqrt()))
    }

    /// Mean and standard deviation of B's finite elements. `None` when there are none.
    pub fn moments_b(&self) -> Option<(f64, f64)> {
        (self.finite != 0).then(|| (self.mean_b, (self.square_b / float(self.finite)).sqrt()))
    }
}

fn ratio(top: f64, bottom: f64) -> Option<f64> {
    (0.0 < bottom && bottom.is_finite()).then(|| (top / bottom).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;
    use proptest::prelude::*;

    #[test]
    fn means_that_differ_between_stretches_are_not_a_correlation() {
        // Two stretches around 1 and around 5 on both sides, and nothing shared within them.
        let (a, b) = ([0.9f32, 1.1, 0.9, 1.1], [0.9f32, 0.9, 1.1, 1.1]);
        let (c, d) = (a.map(|x| x + 4.0), b.map(|x| x + 4.0));
        let (low, high) = (PairSums::of(&a, &b), PairSums::of(&c, &d));
        assert!(0.99 < low.join(high).pearson().unwrap());
        let within = low.about_means().join(high.about_means());
        near(within.pearson().unwrap(), 0.0, 1e-6);
        // A stretch that is constant on one side adds nothing.
        let flat = PairSums::of(&[0.1f32; 4], &d).about_means();
        near(flat.join(low.about_means()).pearson().unwrap(), 0.0, 1e-6);
        assert_eq!(flat.pearson(), None);
        near(low.about_means().relative_l2().unwrap(), 2f64.sqrt(), 1e-6);
    }

    #[test]
    fn equal_opposite_and_constant_sides() {
        let a = [1.0f32, -2.0, 3.0];
        let b = a.map(|x| -x);
        let same = PairSums::of(&a, &a);
        assert_eq!(
            (same.cosine(), same.pearson(), same.relative_l2()),
            (Some(1.0), Some(1.0), Some(0.0))
        );
        assert_eq!(same.equal_share(), Some(1.0));
        assert_eq!(PairSums::of(&a, &b).cosine(), Some(-1.0));
        let ones = PairSums::of(&a, &[1.0f32; 3]);
        assert_eq!(ones.pearson(), None);
        let zeros = PairSums::of(&a, &[0.0f32; 3]);
        assert_eq!((zeros.cosine(), zeros.relative_l2()), (None, None));
        let none = PairSums::of::<f32>(&[], &[]);
        assert_eq!((none.cosine(), none.equal_share(), none.moments_a()), (None, None, None));
    }

    #[test]
    fn a_large_mean_with_a_tiny_spread_keeps_its_digits() {
        let wave = |k: usize, step: f64| 1e6 + 1e-3 * (float(k as u64) * step).sin();
        let a: Vec<f64> = (0..100_000).map(|k| wave(k, 0.1)).collect();
        let b: Vec<f64> = (0..100_000).map(|k| wave(k, 0.1) + 0.5).collect();
        near(PairSums::of(&a, &b).pearson().unwrap(), 1.0, 1e-9);
    }

    #[test]
    fn nan_and_infinity_are_counted_and_poison_nothing() {
        let a = [1.0f32, f32::NAN, 2.0, f32::INFINITY, 3.0];
        let b = [2.0f32, 1.0, 4.0, 1.0, f32::NEG_INFINITY];
        let sums = PairSums::of(&a, &b);
        assert_eq!((sums.finite, sums.pairs()), (2, 5));
        assert_eq!((sums.nan_a, sums.infinite_a, sums.nan_b, sums.infinite_b), (1, 1, 0, 1));
        near(sums.cosine().unwrap(), 1.0, 1e-15);
    }

    #[test]
    fn a_constant_side_of_any_length_has_no_correlation() {
        let a: Vec<f32> = (0..5000).map(|k| (k % 7) as f32).collect();
        assert_eq!(PairSums::of(&a, &vec![0.1f32; 5000]).pearson(), None);
    }

    proptest! {
        #[test]
        fn joining_stretches_gives_the_whole(
            pairs in prop::collection::vec((-1e3f32..1e3, -1e3f32..1e3), 2..400),
            cut in 0usize..400,
        ) {
            let (a, b): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            let cut = cut.min(a.len());
            let whole = PairSums::of(&a, &b);
            let joined = PairSums::of(&a[..cut], &b[..cut]).join(PairSums::of(&a[cut..], &b[cut..]));
            prop_assert_eq!((whole.finite, whole.equal), (joined.finite, joined.equal));
            if let (Some(x), Some(y)) = (whole.pearson(), joined.pearson()) {
                prop_assert!((x - y).abs() < 1e-9);
            }
            if let (Some(x), Some(y)) = (whole.cosine(), joined.cosine()) {
                prop_assert!((x - y).abs() < 1e-9);
            }
        }

        #[test]
        fn cosine_and_pearson_do_not_care_which_is_a(
            pairs in prop::collection::vec((-1f32..1.0, -1f32..1.0), 1..100),
        ) {
            let (a, b): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            let (one, two) = (PairSums::of(&a, &b), PairSums::of(&b, &a));
            prop_assert_eq!(one.cosine(), two.cosine());
            prop_assert_eq!(one.pearson(), two.pearson());
        }
    }
}
