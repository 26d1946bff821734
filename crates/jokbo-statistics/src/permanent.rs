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
//!
//! `ψ` is taken at a fixed ladder of `θ`, all at once, so that nothing of the scores need be held until the
//! sum over all groups is known. Every `θ` gives a valid bound; between its ends the best of the ladder costs at
//! most 2 parts in 1,000 of the exponent that the best of all would give.

use std::ops::Range;

use rayon::prelude::*;

use crate::lanes::tree;
use crate::number::float_usize;
use crate::scores::Scores;
use crate::widest::{self, Kernel};

/// The `θ` of one octave, as shares of its first: powers of `2^(1/8)`.
const STEPS: [f32; 8] = [
    1.0,
    1.090_507_7,
    1.189_207_1,
    1.296_839_6,
    std::f32::consts::SQRT_2,
    1.542_210_8,
    1.681_792_9,
    1.834_008,
];
/// Octaves of the ladder, and the first `θ`. Of groups whose sums have variance 1, `m` of them need
/// `θ = z / (2 √m)` for a sum of `z` standard deviations, and more where units have so few features that many
/// are nearly alike: those of identical models with 4 features want some thousands, and lose a 40th of an
/// exponent that is 673 decimals.
const OCTAVES: usize = 16;
const FIRST: f32 = 1.0 / 64.0;
/// Octaves whose exponentials are squares of those of the octave before.
const SQUARED: usize = 4;
/// Values of `θ`.
const RUNGS: usize = OCTAVES * STEPS.len();

/// What every sum of exponentials is raised by, so that rounding can only weaken the bound: twice the
/// largest error of [`exp_of_negative`], squared three times, and of the sum.
const ROUNDING: f64 = 2e-5;

/// `ψ` at every `θ` of the ladder, in nats, never too small.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Psi([f64; RUNGS]);

impl Default for Psi {
    /// That of no group.
    fn default() -> Self {
        Self([0.0; RUNGS])
    }
}

impl Psi {
    /// Of one group of scores, whose sums should have a variance of about 1. Time `O(n²)`.
    pub(crate) fn of(scores: &Scores) -> Self {
        let n = scores.n();
        let part = |first: usize| Self::of_rows(scores, first..n.min(first + ROWS));
        let parts: Vec<Self> = (0..n).into_par_iter().step_by(ROWS).map(part).collect();
        let mut sum = Self::default();
        parts.iter().for_each(|part| sum.add(part));
        sum
    }

    /// Adds that of what is renumbered independently.
    pub(crate) fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, more)| *sum += more);
    }

    /// What a few rows give.
    fn of_rows(scores: &Scores, rows: Range<usize>) -> Self {
        let n = float_usize(scores.n());
        let (mut tops, mut means) = (0.0, [1.0; RUNGS]);
        for row in rows.map(|i| scores.row(i)) {
            // Relative to the row's largest score, so that nothing overflows.
            let top = top(row);
            tops += f64::from(top);
            let sums = widest::run(Exponentials { row, top });
            means.iter_mut().zip(sums).for_each(|(mean, sum)| *mean *= sum * (1.0 + ROUNDING) / n);
        }
        Self(std::array::from_fn(|k| theta(k) * tops + 0.5 * libm::log(means[k])))
    }

    /// An upper bound on `ln P(Σ >= t)`, at most 0. Returns 0, no information, for `t <= 0`.
    pub(crate) fn ln_tail(&self, t: f64) -> f64 {
        let bounds = self.rungs().map(|(theta, psi)| psi - theta * t);
        if 0.0 < t { bounds.fold(0.0, f64::min) } else { 0.0 }
    }

    /// Smallest sum `t` whose tail bound falls to `ln_level` (negative): what a test on these scores would
    /// have needed to see.
    pub(crate) fn smallest_significant(&self, ln_level: f64) -> f64 {
        // P(sum >= t) <= exp(ψ(θ) - θ t) <= level exactly when t >= (ψ(θ) - ln level) / θ for some θ.
        let needs = self.rungs().map(|(theta, psi)| (psi - ln_level) / theta);
        needs.fold(f64::INFINITY, f64::min)
    }

    /// Every `θ` with its `ψ`.
    fn rungs(&self) -> impl Iterator<Item = (f64, f64)> {
        self.0.iter().enumerate().map(|(k, psi)| (theta(k), *psi))
    }
}

/// The sum with every unit at its row's best: no renumbering gives more.
pub(crate) fn largest_sum(scores: &Scores) -> f64 {
    (0..scores.n()).map(|i| f64::from(top(scores.row(i)))).sum()
}

fn top(row: &[f32]) -> f32 {
    row.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

/// Value `k` of the ladder, exactly.
fn theta(k: usize) -> f64 {
    f64::from(doubled(FIRST * STEPS[k % STEPS.len()], k / STEPS.len()))
}

#[inline(always)]
fn doubled(x: f32, times: usize) -> f32 {
    (0..times).fold(x, |x, _| x * 2.0)
}

/// Rows whose means of exponentials are multiplied before a logarithm is taken: each is at least `1 / n`.
const ROWS: usize = 32;

/// `Σ_j exp(2 θ (row_j - top))` for every `θ`, of a row whose largest number is `top`.
struct Exponentials<'a> {
    row: &'a [f32],
    top: f32,
}

/// Terms added side by side.
const LANES: usize = 16;
/// Terms that a lane adds in `f32` before the sum goes on in `f64`.
const RUN: usize = 32;

impl Kernel for Exponentials<'_> {
    type Output = [f64; RUNGS];

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> [f64; RUNGS] {
        let Self { row, top } = self;
        let mut sums = [0.0; RUNGS];
        for run in row.chunks(LANES * RUN) {
            for start in (0..OCTAVES).step_by(SQUARED) {
                for (step, share) in STEPS.into_iter().enumerate() {
                    let scale = doubled(2.0 * FIRST * share, start);
                    let squared = squared(run, top, scale);
                    for (octave, lanes) in (start..).zip(squared) {
                        sums[octave * STEPS.len() + step] += tree(lanes.map(f64::from));
                    }
                }
            }
        }
        sums
    }
}

/// `Σ exp(scale · (x - top))` of a run in lanes, and of the same with twice the scale, four times, and so on.
#[inline(always)]
fn squared(run: &[f32], top: f32, scale: f32) -> [[f32; LANES]; SQUARED] {
    let mut sums = [[0.0f32; LANES]; SQUARED];
    let (whole, rest) = run.as_chunks::<LANES>();
    for terms in whole {
        let mut powers = [0.0f32; LANES];
        for lane in 0..LANES {
            powers[lane] = exp_of_negative(scale * (terms[lane] - top));
        }
        for sums in &mut sums {
            for lane in 0..LANES {
                sums[lane] += powers[lane];
                powers[lane] = square(powers[lane]);
            }
        }
    }
    for (lane, x) in rest.iter().enumerate() {
        let mut power = exp_of_negative(scale * (x - top));
        for sums in &mut sums {
            sums[lane] += power;
            power = square(power);
        }
    }
    sums
}

/// The square, a normal number however small: one that is not would take a hundred times as long.
#[inline(always)]
fn square(power: f32) -> f32 {
    const LEAST: f32 = 1.1e-19;
    let power = power.max(LEAST);
    power * power
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
    let tail =
        ((((r * (1.0 / 720.0) + 1.0 / 120.0) * r + 1.0 / 24.0) * r + 1.0 / 6.0) * r + 0.5) * r;
    let power_of_two = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    power_of_two * ((tail + 1.0) * r + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Draws;

    /// Double-centred, of variance 1 over renumberings.
    fn ready(n: usize, values: Vec<f32>) -> Scores {
        let centred = Scores::from_values(n, values).unwrap().double_centred();
        let variance = centred.sum_of_squares() / (n as f64 - 1.0);
        centred.scaled(variance.sqrt().recip())
    }

    fn random(n: usize, seed: u64, heavy: bool) -> Scores {
        let mut draws = Draws::new(seed, "scores");
        let values = (0..n * n)
            .map(|_| {
                let x = draws.below(2_000_001) as f64 / 1e6 - 1.0;
                (if heavy { x.powi(9) * 50.0 } else { x }) as f32
            })
            .collect();
        ready(n, values)
    }

    /// As [`random`], with something added at equal numbers.
    fn planted(n: usize, seed: u64, more: f32) -> Scores {
        let scores = random(n, seed, seed % 2 == 1);
        let values = (0..n * n).map(|k| {
            let (i, j) = (k / n, k % n);
            scores.row(i)[j] + if i == j { more } else { 0.0 }
        });
        ready(n, values.collect())
    }

    fn trace(scores: &Scores) -> f64 {
        scores.diagonal().iter().sum()
    }

    /// `ψ` by its definition.
    fn psi(scores: &Scores, theta: f64) -> f64 {
        let n = scores.n();
        let row = |i: usize| {
            let top = f64::from(top(scores.row(i)));
            let terms = scores.row(i).iter().map(|&x| (2.0 * theta * (f64::from(x) - top)).exp());
            theta * top + 0.5 * (terms.sum::<f64>() / n as f64).ln()
        };
        (0..n).map(row).sum()
    }

    /// Calls `see` with the sum of every renumbering of `scores`.
    fn every_sum(scores: &Scores, see: &mut impl FnMut(f64)) {
        fn go(scores: &Scores, i: usize, used: u32, sum: f64, see: &mut impl FnMut(f64)) {
            if i == scores.n() {
                return see(sum);
            }
            for j in 0..scores.n() {
                if used & (1 << j) == 0 {
                    go(scores, i + 1, used | (1 << j), sum + f64::from(scores.row(i)[j]), see);
                }
            }
        }
        go(scores, 0, 0, 0.0, see);
    }

    #[test]
    fn the_exponential_is_off_by_a_twentieth_of_what_the_bound_is_raised_by() {
        for step in 0..870_000 {
            let x = -(step as f32) / 10_000.0;
            let (got, want) = (f64::from(exp_of_negative(x)), f64::from(x).exp());
            assert!((got / want - 1.0).abs() < ROUNDING / 20.0, "{x}: {got}, {want}");
        }
        assert!(0.0 < exp_of_negative(-1e30) && exp_of_negative(-1e30) < 1e-37);
    }

    #[test]
    fn sums_of_exponentials_are_the_same_bits_everywhere_and_near_the_sum() {
        let row: Vec<f32> = (0..1000u32).map(|k| (k * 2654 % 977) as f32 / 300.0 - 2.0).collect();
        let top = top(&row);
        for n in [0, 1, 15, 16, 17, 511, 512, 513, 1000] {
            let row = &row[..n];
            let all = widest::every(|| Exponentials { row, top });
            assert!(all.iter().all(|sums| *sums == all[0]), "{n}");
            for (k, got) in all[0].into_iter().enumerate() {
                let term = |&x: &f32| (2.0 * theta(k) * (f64::from(x) - f64::from(top))).exp();
                let want: f64 = row.iter().map(term).sum();
                assert!(
                    (got - want).abs() <= want.max(1e-9) * ROUNDING / 2.0,
                    "{n}: {got}, {want}"
                );
            }
        }
    }

    #[test]
    fn every_rung_is_the_function_and_never_less() {
        for scores in [random(90, 1, false), random(70, 2, true), planted(50, 3, 2.0)] {
            let whole = Psi::of(&scores);
            for (theta, got) in whole.rungs() {
                let (want, n) = (psi(&scores, theta), scores.n() as f64);
                assert!((want..want + n * ROUNDING).contains(&got), "{theta}: {got}, {want}");
            }
        }
    }

    #[test]
    fn a_ladder_loses_two_parts_in_a_thousand_at_most() {
        for (n, more) in [(6, 3.0), (40, 0.3), (40, 1.0), (200, 0.1), (200, 8.0), (300, 0.5)] {
            for seed in 0..4 {
                let scores = planted(n, seed, more);
                let t = trace(&scores);
                let best = (-800..800)
                    .map(|k| {
                        let theta = (f64::from(k) / 160.0).exp();
                        psi(&scores, theta) - theta * t
                    })
                    .fold(0.0, f64::min);
                let got = Psi::of(&scores).ln_tail(t);
                assert!(best - 1e-9 <= got, "{n} {more}: {got} below {best}");
                assert!(got <= 0.998 * best + 0.002, "{n} {more}: {got}, {best}");
            }
        }
    }

    #[test]
    fn the_bound_is_never_below_the_exact_tail() {
        for seed in 0..60 {
            let scores = random(6, seed, seed % 2 == 1);
            let mut sums = Vec::new();
            every_sum(&scores, &mut |sum| sums.push(sum));
            sums.sort_by(f64::total_cmp);
            let psi = Psi::of(&scores);
            for (k, &t) in sums.iter().enumerate() {
                let exact = (sums.len() - k) as f64 / sums.len() as f64;
                let bound = psi.ln_tail(t);
                assert!(exact.ln() <= bound + 1e-9, "seed {seed}: {} > {bound}", exact.ln());
            }
        }
    }

    #[test]
    fn the_bound_never_falls_below_one_renumbering_in_all() {
        // Perfect agreement: identical to itself, unlike everything else.
        let n = 40;
        let values = (0..n * n).map(|k| if k / n == k % n { 1.0 } else { 0.0 }).collect();
        let scores = ready(n, values);
        let bound = Psi::of(&scores).ln_tail(trace(&scores));
        let floor: f64 = -(1..=n).map(|k| (k as f64).ln()).sum::<f64>();
        assert!(floor <= bound, "{bound} is below 1/{n}! = {floor}");
        let reach = -(n as f64) / 2.0 * (n as f64).ln();
        assert!(bound <= 0.98 * reach, "{bound} should come close to n^(-n/2) = {reach}");
    }

    #[test]
    fn what_is_needed_is_what_the_bound_grants() {
        let mut both = Psi::of(&random(60, 1, false));
        both.add(&Psi::of(&random(50, 2, true)));
        let need = both.smallest_significant(-20.0);
        assert!(both.ln_tail(need) <= -20.0 + 1e-9);
        assert!(-20.0 < both.ln_tail(need * 0.999));
        // No sum of four can be so rare.
        let tiny = random(4, 3, false);
        assert!(largest_sum(&tiny) < Psi::of(&tiny).smallest_significant(-20.0));
    }

    #[test]
    fn nothing_observed_and_nothing_scored_say_nothing() {
        let scores = random(9, 1, false);
        for t in [0.0, -3.0, f64::NAN] {
            assert_eq!(Psi::of(&scores).ln_tail(t).to_bits(), 0);
        }
        assert_eq!(Psi::of(&Scores::zeros(0)), Psi::default());
    }
}
