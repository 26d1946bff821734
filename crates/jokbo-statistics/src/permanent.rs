//! A bound on the tail of a permutation sum that needs no limit theorem.
//!
//! For scores `D` of shape `[n, n]` and a uniformly random permutation `π`, the moment generating
//! function of `Σ_i D_iπ(i)` is a permanent: `E exp(θ Σ D_iπ(i)) = perm(exp(θ D)) / n!`. Carlen,
//! Lieb and Loss (*An inequality of Hadamard type for permanents*, Methods and Applications of
//! Analysis 13, 2006) show `|perm(M)| <= n! / n^(n/2) · Π ‖row_i‖₂`, so
//!
//! ```text
//! ln E exp(θ Σ D_iπ(i)) <= ψ(θ) = Σ_i ½ ln( (1/n) Σ_j exp(2 θ D_ij) )
//! P(Σ D_iπ(i) >= t)     <= exp(ψ(θ) - θ t)            for every θ > 0   (Chernoff)
//! ```
//!
//! This holds for any scores and any n: no normal approximation, no moment condition, one giant
//! score included. For near-normal sums it loses a factor of about two in the exponent. It never
//! falls below `n^(-n/2)`, hence never below the `1/n!` that a test over `n!` renumberings can
//! reach. Sums over groups that are renumbered independently multiply their functions, so their
//! `ψ` add.

use rayon::prelude::*;

use crate::features::narrow;
use crate::held::Held;
use crate::number::float_usize;
use crate::widest::{self, Kernel};

/// What every sum of exponentials is raised by, so that rounding in [`exp_of_negative`] can only
/// weaken the bound: several times the largest error of it and of the sum.
const ROUNDING: f64 = 1e-5;

/// `ψ(θ)` of one score matrix, in nats, never too small; convex. Time `O(n²)`.
fn psi(scores: &Held, theta: f64) -> f64 {
    let n = float_usize(scores.n());
    let scale = narrow(2.0 * theta * scores.step());
    (0..scores.n())
        .map(|i| {
            // Relative to the row's largest score, so that nothing overflows.
            let top = scores.top(i);
            let sum = widest::run(Exponentials { row: scores.row(i), top, scale });
            let top = f64::from(top) * scores.step();
            theta * top + 0.5 * libm::log(sum * (1.0 + ROUNDING) / n)
        })
        .sum()
}

/// `Σ_j exp(scale · (row_j - top))`, of a row whose largest number is `top`.
struct Exponentials<'a> {
    row: &'a [i16],
    top: i16,
    scale: f32,
}

/// Terms added side by side.
const LANES: usize = 16;
/// Terms that a lane adds in `f32` before the sum goes on in `f64`.
const RUN: usize = 8;

impl Kernel for Exponentials<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> f64 {
        let Self { row, top, scale } = self;
        let mut sum = 0.0;
        for run in row.chunks(LANES * RUN) {
            let mut lanes = [0.0f32; LANES];
            let (whole, rest) = run.as_chunks::<LANES>();
            for terms in whole {
                for lane in 0..LANES {
                    lanes[lane] += term(terms[lane], top, scale);
                }
            }
            lanes.iter_mut().zip(rest).for_each(|(lane, x)| *lane += term(*x, top, scale));
            sum += lanes.map(f64::from).iter().sum::<f64>();
        }
        sum
    }
}

/// One of [`Exponentials`]. Both scores are whole numbers that `f32` holds, and so is what is between them.
#[inline(always)]
fn term(score: i16, top: i16, scale: f32) -> f32 {
    exp_of_negative(scale * (f32::from(score) - f32::from(top)))
}

/// `exp(x)` for `x <= 0`, within a few parts in 10^7 of it down to -80; never less than `exp(-87)`.
///
/// Range reduction by powers of two and a polynomial, in operations that every machine rounds alike
/// and a compiler can do several at a time: the bound is evaluated at millions of scores.
#[inline(always)]
fn exp_of_negative(x: f32) -> f32 {
    /// Added and taken away again it rounds to the nearest integer, which is left in the low bits.
    const TO_INTEGER: f32 = 12_582_912.0;
    let x = x.max(-87.0);
    let shifted = x * std::f32::consts::LOG2_E + TO_INTEGER;
    let k = shifted - TO_INTEGER;
    // ln 2 in two pieces: k times the first is exact.
    let r = (x - k * 0.693_359_4) + k * 2.121_944_4e-4;
    let tail = ((((r / 720.0 + 1.0 / 120.0) * r + 1.0 / 24.0) * r + 1.0 / 6.0) * r + 0.5) * r;
    let power_of_two = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    power_of_two * ((tail + 1.0) * r + 1.0)
}

/// Sum of `ψ` over independent groups, in their order.
fn psi_all(groups: &[Held], theta: f64) -> f64 {
    let each: Vec<f64> = groups.par_iter().map(|scores| psi(scores, theta)).collect();
    each.into_iter().sum()
}

/// Natural logarithm of an upper bound on `P(Σ over groups and units of D_iπ(i) >= t)`; at most 0.
///
/// `t` is a sum of these scores, as they are held. `sd` is the standard deviation of the sum and only guides the search for the best `θ`; every
/// `θ` gives a valid bound. Returns 0, no information, for `t <= 0` or `sd = 0`. Around twenty
/// passes over the scores.
pub fn ln_tail(groups: &[Held], t: f64, sd: f64) -> f64 {
    if t.is_nan() || sd.is_nan() || t <= 0.0 || sd <= 0.0 {
        return 0.0;
    }
    let value = |ln_theta: f64| {
        let theta = libm::exp(ln_theta);
        psi_all(groups, theta) - theta * t
    };
    // In the near-normal case ψ = θ² sd², and the best θ is t / (2 sd²). Strong findings want a
    // larger one: step right while it pays, then close in by the golden section.
    let step = 1.0;
    let mut middle = libm::log(t / (2.0 * sd * sd)) - step;
    let mut best = value(middle);
    let (mut left, mut right) = (middle - step, middle + step);
    for _ in 0..20 {
        let next = value(right);
        if best <= next {
            break;
        }
        (left, middle, best, right) = (middle, right, next, right + step);
    }
    if middle - left < step / 2.0 {
        left = middle - step;
    }
    golden(value, left, middle, right, best).min(0.0)
}

/// Smallest sum `t` whose tail bound falls to `ln_level` (negative), by bisection over the same
/// bound: what a test on these scores would have needed to see. `None` when no sum can: even the
/// largest possible, every unit at its row's best, stays above the level.
pub fn smallest_significant(groups: &[Held], ln_level: f64, sd: f64) -> Option<f64> {
    // P(sum >= t) <= exp(ψ(θ) - θ t) <= level exactly when t >= (ψ(θ) - ln level) / θ for some θ.
    if sd.is_nan() || sd <= 0.0 {
        return None;
    }
    let need = |ln_theta: f64| {
        let theta = libm::exp(ln_theta);
        (psi_all(groups, theta) - ln_level) / theta
    };
    let start = libm::log((-ln_level).sqrt() / sd);
    let (mut left, mut middle, mut right) = (start - 1.0, start, start + 1.0);
    let mut best = need(middle);
    for _ in 0..20 {
        let next = need(right);
        if best <= next {
            break;
        }
        (left, middle, best, right) = (middle, right, next, right + 1.0);
    }
    for _ in 0..20 {
        let next = need(left);
        if best <= next {
            break;
        }
        (right, middle, best, left) = (middle, left, next, left - 1.0);
    }
    let least = golden(need, left, middle, right, best);
    let most: f64 = groups.iter().map(largest_sum).sum();
    (least <= most).then_some(least)
}

/// Every unit at its row's best.
fn largest_sum(scores: &Held) -> f64 {
    (0..scores.n()).map(|i| f64::from(scores.top(i)) * scores.step()).sum()
}

/// Smallest value of a convex function between `left` and `right`, given its value at `middle`.
fn golden(
    value: impl Fn(f64) -> f64,
    mut left: f64,
    mut middle: f64,
    mut right: f64,
    mut best: f64,
) -> f64 {
    const SHARE: f64 = 0.381_966_011_250_105;
    for _ in 0..14 {
        let to_right = middle - left < right - middle;
        let probe = if to_right {
            middle + SHARE * (right - middle)
        } else {
            middle - SHARE * (middle - left)
        };
        let seen = value(probe);
        match (seen < best, to_right) {
            (true, true) => (left, middle, best) = (middle, probe, seen),
            (true, false) => (right, middle, best) = (middle, probe, seen),
            (false, true) => right = probe,
            (false, false) => left = probe,
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scores::Scores;
    use crate::seed::Draws;

    fn random(n: usize, seed: u64, heavy: bool) -> Held {
        let mut draws = Draws::new(seed, "scores");
        let values = (0..n * n)
            .map(|_| {
                let x = draws.below(2_000_001) as f64 / 1e6 - 1.0;
                (if heavy { x.powi(9) * 50.0 } else { x }) as f32
            })
            .collect();
        Held::of(&Scores::from_values(n, values).unwrap().double_centred())
    }

    fn sum_of_squares(scores: &Held) -> f64 {
        let rows = (0..scores.n()).flat_map(|i| scores.row(i));
        rows.map(|x| (f64::from(*x) * scores.step()).powi(2)).sum()
    }

    /// Calls `see` with the sum of every renumbering of `scores`.
    fn every_sum(scores: &Held, see: &mut impl FnMut(f64)) {
        fn go(scores: &Held, i: usize, used: u32, sum: i64, see: &mut impl FnMut(f64)) {
            if i == scores.n() {
                return see(sum as f64 * scores.step());
            }
            for j in 0..scores.n() {
                if used & (1 << j) == 0 {
                    go(scores, i + 1, used | (1 << j), sum + i64::from(scores.row(i)[j]), see);
                }
            }
        }
        go(scores, 0, 0, 0, see);
    }

    #[test]
    fn the_exponential_is_never_off_by_more_than_the_bound_is_raised() {
        for step in 0..870_000 {
            let x = -(step as f32) / 10_000.0;
            let (got, want) = (f64::from(exp_of_negative(x)), f64::from(x).exp());
            assert!((got / want - 1.0).abs() < ROUNDING / 10.0, "{x}: {got}, {want}");
        }
        assert!(0.0 < exp_of_negative(-1e30) && exp_of_negative(-1e30) < 1e-37);
    }

    #[test]
    fn sums_of_exponentials_are_the_same_bits_everywhere_and_near_the_sum() {
        let row: Vec<i16> = (0..1000i16).map(|k| k.wrapping_mul(2654) / 3 - 12_000).collect();
        let top = row.iter().copied().max().unwrap();
        for n in [0, 1, 15, 16, 17, 127, 128, 129, 1000] {
            let row = &row[..n];
            let want: f64 =
                row.iter().map(|&x| (1e-3 * (f64::from(x) - f64::from(top))).exp()).sum();
            let all = widest::every(|| Exponentials { row, top, scale: 1e-3 });
            assert!(all.iter().all(|sum| sum.to_bits() == all[0].to_bits()), "{n}");
            assert!((all[0] - want).abs() <= want * ROUNDING / 3.0, "{n}: {}, {want}", all[0]);
        }
    }

    #[test]
    fn the_bound_is_never_below_the_exact_tail() {
        for seed in 0..60 {
            let scores = random(6, seed, seed % 2 == 1);
            let mut sums = Vec::new();
            every_sum(&scores, &mut |sum| sums.push(sum));
            sums.sort_by(f64::total_cmp);
            let sd = (sum_of_squares(&scores) / 5.0).sqrt();
            for (k, &t) in sums.iter().enumerate() {
                let exact = (sums.len() - k) as f64 / sums.len() as f64;
                let bound = ln_tail(std::slice::from_ref(&scores), t, sd);
                assert!(exact.ln() <= bound + 1e-9, "seed {seed}: {} > {bound}", exact.ln());
            }
        }
    }

    #[test]
    fn the_bound_never_falls_below_one_renumbering_in_all() {
        // Perfect agreement: identical to itself, unlike everything else.
        let n = 40;
        let values = (0..n * n).map(|k| if k / n == k % n { 1.0 } else { 0.0 }).collect();
        let scores = Held::of(&Scores::from_values(n, values).unwrap().double_centred());
        let (t, sd) = (scores.trace(), (sum_of_squares(&scores) / 39.0).sqrt());
        let bound = ln_tail(std::slice::from_ref(&scores), t, sd);
        let floor: f64 = -(1..=n).map(|k| (k as f64).ln()).sum::<f64>();
        assert!(floor <= bound, "{bound} is below 1/{n}! = {floor}");
        let reach = -(n as f64) / 2.0 * (n as f64).ln();
        assert!(bound <= 0.98 * reach, "{bound} should come close to n^(-n/2) = {reach}");
    }

    #[test]
    fn what_is_needed_is_what_the_bound_grants() {
        let groups = [random(60, 1, false), random(50, 2, true)];
        let sd =
            groups.iter().map(|g| sum_of_squares(g) / (g.n() as f64 - 1.0)).sum::<f64>().sqrt();
        let need = smallest_significant(&groups, -20.0, sd).unwrap();
        assert!(ln_tail(&groups, need * 1.01, sd) <= -20.0 + 0.2);
        assert!(ln_tail(&groups, need * 0.98, sd) > -20.0);
        let tiny = [random(4, 3, false)];
        assert_eq!(smallest_significant(&tiny, -20.0, 1.0), None);
    }
}
