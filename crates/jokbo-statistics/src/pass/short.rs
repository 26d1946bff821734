//! The sums of one run of short numbers, BF16 and narrower, in the bytes they are stored in.
//!
//! The product of two of them is exact in `f32`, so [`TERMS`] terms a lane are added there, twice as many lanes
//! at a time as in `f64` and without widening every number first, and then their sums in `f64`. A sum of `m`
//! terms in `f32` errs by at most `(m - 1) ε` of the sum of magnitudes with `ε = 2⁻²⁴` (Higham, *The Accuracy of
//! Floating Point Summation*, 1993, equation 3.4): by `5e-7` at most, and in practice, where most errors cancel,
//! by less than a tenth of a millionth. BF16 rounds every weight by up to `2⁻⁹`.

use super::found::{AboutZero, Found};
use crate::lanes::together;
use crate::stored::{GROUP, LANES, RUN, Stored};
use crate::widest::{self, Kernel};

/// Terms of a lane that are added in `f32`: half as many cost some of the speed, twice as many give none.
const TERMS: usize = 8;
/// Groups that hold so many terms for every lane.
const CHAIN: usize = TERMS * LANES / GROUP;
/// Sums of squares below this, 2⁻¹⁰⁰, may be of numbers so small that their squares lost bits, or all of them. A
/// square that lost any is below 2⁻¹²⁶, and all of a run lost less than 2⁻¹³⁹.
const LEAST: f64 = 7.888_609_052_210_118e-31;

/// A run of paired elements, at most [`RUN`] and as many in A as in B.
pub(super) struct Run<'a, S: Stored> {
    pub(super) a: &'a [S::Code],
    pub(super) b: &'a [S::Code],
    /// Where elements are made ready.
    pub(super) room: &'a mut [[S::Ready; RUN]; 2],
}

impl<S: Stored> Kernel for Run<'_, S> {
    type Output = Found;

    /// No product is fused with a sum: of the smallest BF16 they are not exact, and would be rounded another
    /// number of times.
    #[inline(always)]
    fn run<const FUSED: bool>(self) -> Found {
        let Self { a, b, room: [room_a, room_b] } = self;
        let equal = equal::<S>(a, b);
        let all = about_zero::<S>([a, b], [S::ready(a, room_a), S::ready(b, room_b)]);
        let is_told = LEAST <= all.difference || equal == a.len() as u64;
        let keeps_bits = LEAST <= all.square_a && LEAST <= all.square_b && is_told;
        Found { equal, sums: all.moved(a.len()).filter(|_| keeps_bits) }
    }
}

/// Pairs of the same stored value, counted in as many lanes as a group has elements: of 1,024 elements a lane gets
/// 32. Counts of every few elements added up at once, as of numbers in memory, took 8 % longer.
#[inline(always)]
fn equal<S: Stored>(a: &[S::Code], b: &[S::Code]) -> u64 {
    let [(whole_a, rest_a), (whole_b, rest_b)] = [a, b].map(|side| side.as_chunks::<GROUP>());
    let mut counts = [0u16; GROUP];
    for (a, b) in whole_a.iter().zip(whole_b) {
        for (k, count) in counts.iter_mut().enumerate() {
            *count = count.wrapping_add(u16::from(S::same(a[k], b[k])));
        }
    }
    let rest = rest_a.iter().zip(rest_b).filter(|&(&x, &y)| S::same(x, y)).count() as u64;
    counts.map(u64::from).into_iter().sum::<u64>() + rest
}

/// Partial sums of every kind: of A, B, their squares, their product, and the square of their difference.
type Sums<T> = [[T; LANES]; 6];

/// What one pair adds.
#[inline(always)]
fn terms<T>(x: T, y: T) -> [T; 6]
where
    T: Copy + std::ops::Sub<Output = T> + std::ops::Mul<Output = T>,
{
    let d = x - y;
    [x, y, x * x, y * y, x * y, d * d]
}

#[inline(always)]
fn about_zero<S: Stored>([a, b]: [&[S::Code]; 2], ready: [&[S::Ready]; 2]) -> AboutZero {
    let mut sums: Sums<f64> = [[0.0; LANES]; 6];
    // Meanwhile the run behind this one is asked for: summing and waiting for memory, one after the other,
    // took 1.4 times as long.
    let mut behind = [a, b].map(|side| side.as_ptr_range().end);
    let [whole_a, whole_b] = ready.map(|side| side.as_chunks::<GROUP>().0);
    for (a, b) in whole_a.chunks(CHAIN).zip(whole_b.chunks(CHAIN)) {
        let mut few: Sums<f32> = [[0.0; LANES]; 6];
        for (a, b) in a.iter().zip(b) {
            for place in &mut behind {
                widest::soon(*place);
                *place = place.wrapping_add(GROUP);
            }
            for (a, b) in S::numbers(a).iter().zip(&S::numbers(b)) {
                for lane in 0..LANES {
                    let terms = terms(a[lane], b[lane]);
                    for (sums, term) in few.iter_mut().zip(terms) {
                        sums[lane] += term;
                    }
                }
            }
        }
        for (sums, few) in sums.iter_mut().zip(&few) {
            for lane in 0..LANES {
                sums[lane] += f64::from(few[lane]);
            }
        }
    }
    let [rest_a, rest_b] = [a, b].map(|side| side.as_chunks::<GROUP>().1);
    for (k, (&x, &y)) in rest_a.iter().zip(rest_b).enumerate() {
        for (sums, term) in sums.iter_mut().zip(terms(S::number(x), S::number(y))) {
            sums[k % LANES] += term;
        }
    }
    let [sum_a, sum_b, square_a, square_b, product, difference] = together(sums);
    AboutZero { sum_a, sum_b, square_a, square_b, product, difference }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pass::PairSums;
    use crate::pass::held::Central;
    use crate::seed::Draws;
    use crate::stored::{Bf16, F8E4M3, F8E5M2, F16, Kind};

    fn codes<const N: usize>(seed: u64) -> Vec<[u8; N]> {
        let mut draws = Draws::new(seed, "run");
        // All codes of a type, but none with an exponent of ones, which is no number, nor so large a BF16 that
        // its square is none.
        let highest = |last| if last && N == 2 { 0x50 } else { 0x70 };
        let mut byte = |last: bool| (draws.below(if last { highest(last) } else { 0x100 })) as u8;
        (0..1021).map(|_| std::array::from_fn(|k| byte(k + 1 == N))).collect()
    }

    fn bf16(numbers: &[f32]) -> Vec<[u8; 2]> {
        let upper = |x: &f32| x.to_bits().to_le_bytes().last_chunk().copied().unwrap_or_default();
        numbers.iter().map(upper).collect()
    }

    /// What every set of instructions finds, the portable one first.
    fn found<S: Stored>(a: &[S::Code], b: &[S::Code]) -> Vec<Found> {
        let mut rooms = [[[S::Ready::default(); RUN]; 2]; 3];
        let rooms = std::cell::RefCell::new(rooms.iter_mut());
        widest::every(|| Run::<S> { a, b, room: rooms.borrow_mut().next().unwrap() })
    }

    /// Means and central sums beside those that are made in `f64` one after the other.
    #[track_caller]
    fn is_near<S: Stored>(quick: PairSums, a: &[S::Code], b: &[S::Code], share: f64) {
        let [a, b] = [a, b].map(|side| side.iter().map(|&x| S::number(x)).collect::<Vec<_>>());
        let slow = Central { a: &a, b: &b }.run::<false>();
        let (spread_a, spread_b) = (slow.square_a.sqrt(), slow.square_b.sqrt());
        for (got, want, of) in [
            (quick.square_a, slow.square_a, slow.square_a),
            (quick.square_b, slow.square_b, slow.square_b),
            (quick.product, slow.product, spread_a * spread_b),
            (quick.difference, slow.difference, slow.difference),
            (quick.mean_a, slow.mean_a, spread_a),
            (quick.mean_b, slow.mean_b, spread_b),
        ] {
            assert!((got - want).abs() <= share * of, "{quick:?} {slow:?}");
        }
    }

    #[test]
    fn every_set_of_instructions_gives_the_same_bits_and_those_are_right() {
        #[track_caller]
        fn same<S: Stored<Code = [u8; N]>, const N: usize>() {
            let (a, mut b) = (codes::<N>(1), codes::<N>(2));
            b[17] = a[17];
            let found = found::<S>(&a, &b);
            assert!(1 <= found[0].equal);
            assert!(found.iter().all(|one| *one == found[0]), "{found:?}");
            is_near::<S>(found[0].sums.unwrap(), &a, &b, 1e-6);
        }
        same::<Bf16, 2>();
        same::<F16, 2>();
        same::<F8E4M3, 1>();
        same::<F8E5M2, 1>();
    }

    #[test]
    fn one_element_that_is_no_number_is_noticed_wherever_it_is() {
        for at in [0, 8, 1016, 1020] {
            for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let mut a: Vec<f32> = (0..1021).map(|k| (k % 7) as f32 - 3.0).collect();
                let b = bf16(&a);
                a[at] = value;
                let a = bf16(&a);
                for found in [found::<Bf16>(&a, &b), found::<Bf16>(&b, &a)].concat() {
                    assert!(found.sums.is_none() && found.equal == 1020);
                }
            }
        }
    }

    #[test]
    fn numbers_whose_squares_lose_bits_are_summed_another_way() {
        let (a, b) = ([1e-3f32, -2e-3, 3e-3], [-1e-3f32, 2e-3, 1e-3]);
        let times = |side: [f32; 3], by: f32| bf16(&side.map(|x| x * by));
        for by in [1e-15, 1e-22, 1e-30, 1e-36] {
            let (small_a, small_b) = (times(a, by), times(b, by));
            assert_eq!(found::<Bf16>(&small_a, &bf16(&b))[0].sums, None);
            let sums =
                PairSums::of_bytes(Kind::Bf16, small_a.as_flattened(), small_b.as_flattened());
            let want = PairSums::of_bytes(
                Kind::Bf16,
                times(a, 1.0).as_flattened(),
                times(b, 1.0).as_flattened(),
            );
            let apart = sums.cosine().unwrap() - want.cosine().unwrap();
            // Scaling and storing again rounds.
            assert!(apart.abs() < 0.01, "{by}: {apart}");
        }
        // So is a difference, of sides that are larger by far; and numbers whose squares are none.
        let mut side: Vec<f32> = (0..64).map(|k| if k % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let mut with = |x: f32| {
            side[40] = x;
            bf16(&side)
        };
        let (a, b, large) = (with(1e-30), with(2e-30), with(1e30));
        assert_eq!(found::<Bf16>(&a, &large)[0].sums, None);
        assert_eq!(found::<Bf16>(&a, &b)[0].sums, None);
        let sums = PairSums::of_bytes(Kind::Bf16, a.as_flattened(), b.as_flattened());
        assert!(0.0 < sums.relative_l2().unwrap());
        assert_eq!(found::<Bf16>(&a, &a)[0].sums.map(|sums| sums.difference), Some(0.0));
    }

    #[test]
    fn at_worst_half_a_millionth_is_lost() {
        // The first square of every lane is 1, and all others round away: each is just less than half a unit.
        let tiny = 2f32.powi(-13) * 1.4;
        assert!(tiny * tiny < 2f32.powi(-24) / 2.0 * 1.0001);
        let of_lane = |k: usize| if k < 2 * LANES && k.is_multiple_of(2) { 1.0 } else { tiny };
        let mut a: Vec<f32> = (0..TERMS * LANES).map(of_lane).collect();
        a.iter_mut().skip(1).step_by(4).for_each(|x| *x = -*x);
        let codes = bf16(&a);
        let quick = found::<Bf16>(&codes, &codes)[0].sums.unwrap();
        is_near::<Bf16>(quick, &codes, &codes, 5e-7);
        let all: f64 = codes.iter().map(|&x| Bf16::number(x).powi(2)).sum();
        let lost = 1.0 - (quick.square_a + quick.finite as f64 * quick.mean_a.powi(2)) / all;
        assert!(1e-7 < lost, "{lost}: nothing was put to the test");
    }
}
