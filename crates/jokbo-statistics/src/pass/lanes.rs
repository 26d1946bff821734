//! The sums of one run of paired elements, eight lanes side by side.
//!
//! Sixteen elements come as two times eight, whose `k`-th goes to lane `k`; of fewer than sixteen at the
//! end, element `i` goes to lane `i mod 8`; lanes are added in a fixed tree. So every machine gets the same
//! bits. A lane holds at most 128 terms of a run of 1,024: its error is below `128 ε` of the sum of
//! magnitudes with `ε = 2⁻⁵³` (Higham, *The Accuracy of Floating Point Summation*, 1993, equation 3.4).

use super::PairSums;
use crate::number::float;
use crate::stored::{GROUP, RUN, Stored};
use crate::widest::{self, Kernel};

/// Partial sums kept side by side.
const LANES: usize = 8;

/// A run of paired elements, at most [`RUN`] and as many in A as in B.
pub(super) struct Run<'a, S: Stored> {
    pub(super) a: &'a [S::Code],
    pub(super) b: &'a [S::Code],
    /// Where elements are made ready.
    pub(super) room: &'a mut [[S::Ready; RUN]; 2],
}

/// What a run gives when it is read once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Found {
    /// Pairs of the same stored value.
    pub(super) equal: u64,
    /// Means, central sums and the number of pairs, all else 0. `None` where an element is no number, or
    /// where a mean is so large beside its spread that sums about 0 would cost digits.
    pub(super) sums: Option<PairSums>,
}

impl<S: Stored> Kernel for Run<'_, S> {
    type Output = Found;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> Found {
        Found { equal: equal::<S>(self.a, self.b), sums: about_zero::<S, FUSED>(self) }
    }
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
        let [sum_a, sum_b] = added::<f64, 2>([a, b], [a, b], |x, y, [p, q]| [p + x, q + y]);
        let (mean_a, mean_b) = (sum_a / n, sum_b / n);
        let [square_a, square_b, product, difference] =
            added::<f64, 4>([a, b], [a, b], |x, y, sums| {
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

/// Pairs of the same stored value: a loop that only counts is done many elements at a time.
#[inline(always)]
fn equal<S: Stored>(a: &[S::Code], b: &[S::Code]) -> u64 {
    // A count of no more than 64 fits the narrowest lane there is.
    let of = |a: &[S::Code], b: &[S::Code]| {
        a.iter().zip(b).fold(0u8, |sum, (&x, &y)| sum.wrapping_add(u8::from(S::same(x, y))))
    };
    a.chunks(64).zip(b.chunks(64)).map(|(a, b)| u64::from(of(a, b))).sum()
}

/// All sums in one reading, about 0 and then moved to the means; see [`Found::sums`].
///
/// Moving costs at most one bit: it is done where the mean's share of the squares is half or less.
/// A product of two short numbers is exact in `f64`, so adding it in the same instruction, where the
/// processor can, changes no bit.
#[inline(always)]
fn about_zero<S: Stored, const FUSED: bool>(run: Run<'_, S>) -> Option<PairSums> {
    let Run { a, b, room: [room_a, room_b] } = run;
    if a.is_empty() {
        return Some(PairSums::default());
    }
    let plus = |sum: f64, x: f64, y: f64| {
        if FUSED && S::IS_SHORT { x.mul_add(y, sum) } else { sum + x * y }
    };
    let ready = [S::ready(a, room_a), S::ready(b, room_b)];
    let sums = added::<S, 6>([a, b], ready, |x, y, [p, q, pp, qq, pq, dd]| {
        let d = x - y;
        [p + x, q + y, plus(pp, x, x), plus(qq, y, y), plus(pq, x, y), dd + d * d]
    });
    let [sum_a, sum_b, raw_a, raw_b, raw_product, difference] = sums;
    let n = float(a.len() as u64);
    let (mean_a, mean_b) = (sum_a / n, sum_b / n);
    let (moved_a, moved_b) = (sum_a * mean_a, sum_b * mean_b);
    // A NaN or an infinity among the elements is one among these sums, and fails every comparison.
    let keeps_digits = 2.0 * moved_a <= raw_a && 2.0 * moved_b <= raw_b;
    (keeps_digits && (raw_a + raw_b + difference).is_finite()).then(|| PairSums {
        finite: a.len() as u64,
        mean_a,
        mean_b,
        square_a: raw_a - moved_a,
        square_b: raw_b - moved_b,
        product: raw_product - n * (mean_a * mean_b),
        difference,
        ..PairSums::default()
    })
}

/// `N` sums over all pairs, of which both sides' `ready` are made; `each` adds a pair to one lane of them.
///
/// Meanwhile the run behind this one is asked for: summing and waiting for memory, one after the other,
/// took 1.4 times as long.
#[inline(always)]
fn added<S: Stored, const N: usize>(
    [a, b]: [&[S::Code]; 2],
    ready: [&[S::Ready]; 2],
    each: impl Fn(f64, f64, [f64; N]) -> [f64; N],
) -> [f64; N] {
    let mut lanes = [[0.0f64; LANES]; N];
    let mut add = |lane: usize, x: f64, y: f64| {
        let sums = each(x, y, std::array::from_fn(|n| lanes[n][lane]));
        for (lanes, sum) in lanes.iter_mut().zip(sums) {
            lanes[lane] = sum;
        }
    };
    let [whole_a, whole_b] = ready.map(|side| side.as_chunks::<GROUP>().0);
    let mut behind = [a, b].map(|side| side.as_ptr_range().end);
    for (a, b) in whole_a.iter().zip(whole_b) {
        for place in &mut behind {
            widest::soon(*place);
            *place = place.wrapping_add(GROUP);
        }
        let (a, b) = (S::halves(a), S::halves(b));
        for half in 0..2 {
            for lane in 0..LANES {
                add(lane, a[half][lane], b[half][lane]);
            }
        }
    }
    let [rest_a, rest_b] = [a, b].map(|side| side.as_chunks::<GROUP>().1);
    for (k, (&x, &y)) in rest_a.iter().zip(rest_b).enumerate() {
        add(k % LANES, S::number(x), S::number(y));
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
    use crate::stored::{Bf16, F8E4M3, F8E5M2, F16};

    fn codes<const N: usize>(seed: u64) -> Vec<[u8; N]> {
        let mut draws = Draws::new(seed, "run");
        // All codes of a type, but no exponent of ones: those are no numbers.
        let mut byte = |last: bool| draws.below(if last { 0x70 } else { 0x100 }) as u8;
        (0..1021).map(|_| std::array::from_fn(|k| byte(k + 1 == N))).collect()
    }

    fn numbers<S: Stored>(codes: &[S::Code]) -> Vec<f64> {
        codes.iter().map(|&code| S::number(code)).collect()
    }

    /// What every set of instructions finds, the portable one first.
    fn found<S: Stored>(a: &[S::Code], b: &[S::Code]) -> Vec<Found> {
        let mut rooms = [[[S::Ready::default(); RUN]; 2]; 3];
        let rooms = std::cell::RefCell::new(rooms.iter_mut());
        widest::every(|| Run::<S> { a, b, room: rooms.borrow_mut().next().unwrap() })
    }

    #[track_caller]
    fn same_on_every_machine<S: Stored>(a: &[S::Code], mut b: Vec<S::Code>) {
        b[17] = a[17];
        let found = found::<S>(a, &b);
        assert!(1 <= found[0].equal);
        assert!(found.iter().all(|one| *one == found[0]), "{found:?}");
        let (a, b) = (numbers::<S>(a), numbers::<S>(&b));
        let central = widest::every(|| Central { a: &a, b: &b });
        assert!(central.iter().all(|one| *one == central[0]), "{central:?}");
    }

    #[test]
    fn every_set_of_instructions_gives_the_same_bits() {
        same_on_every_machine::<Bf16>(&codes(1), codes(2));
        same_on_every_machine::<F16>(&codes(1), codes(2));
        same_on_every_machine::<F8E4M3>(&codes(1), codes(2));
        same_on_every_machine::<F8E5M2>(&codes(1), codes(2));
        let mut draws = Draws::new(7, "run");
        let mut noise = || draws.below(2_000_001) as f32 / 1e6 - 0.9;
        let (a, b): (Vec<f32>, Vec<f32>) = (0..1021).map(|_| (noise(), noise())).unzip();
        same_on_every_machine::<f32>(&a, b.clone());
        let long = |x: &[f32]| x.iter().map(|&x| f64::from(x) / 3.0).collect::<Vec<_>>();
        same_on_every_machine::<f64>(&long(&a), long(&b));
    }

    #[test]
    fn one_element_that_is_no_number_is_noticed_wherever_it_is() {
        for at in [0, 8, 1016, 1020] {
            for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let b: Vec<f32> = (0..1021).map(|k| (k % 7) as f32 - 3.0).collect();
                let mut a = b.clone();
                a[at] = value;
                for found in [found::<f32>(&a, &b), found::<f32>(&b, &a)].concat() {
                    assert!(found.sums.is_none() && found.equal == 1020);
                }
            }
        }
    }

    #[test]
    fn both_ways_of_summing_agree_where_the_quick_one_is_taken() {
        let (a, b) = (codes::<2>(3), codes::<2>(4));
        let quick = found::<F16>(&a, &b)[0].sums.unwrap();
        let (a, b) = (numbers::<F16>(&a), numbers::<F16>(&b));
        let slow = Central { a: &a, b: &b }.run::<false>();
        let apart = |x: f64, y: f64| (x - y).abs() / (slow.square_a * slow.square_b).sqrt();
        assert!(apart(quick.product, slow.product) < 1e-14);
        assert!((quick.square_a / slow.square_a - 1.0).abs() < 1e-14);
        assert!((quick.square_b / slow.square_b - 1.0).abs() < 1e-14);
        assert_eq!(quick.difference, slow.difference);
    }
}
