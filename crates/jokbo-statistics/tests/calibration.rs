//! Calibration under the null hypothesis: unrelated pairs of four kinds of weights, 2,000 each.
//!
//! The p-values called exact must be uniform, or err towards 1, whatever the weights look like as
//! long as their units are exchangeable; and a planted relation must be found.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    reason = "a test counts in small numbers, and its failed unwrap is a failed test"
)]

use jokbo_statistics::agreement::Agreement;
use jokbo_statistics::attention::{Circuit, Heads, unit_features};
use jokbo_statistics::features::Features;
use jokbo_statistics::many::product;
use jokbo_statistics::matrix::Matrix;
use jokbo_statistics::permutation::{Group, Groups, Renumberings};
use jokbo_statistics::scores::Scores;
use jokbo_statistics::seed::Draws;
use rayon::prelude::*;

const PAIRS: u64 = 2000;
const UNITS: usize = 40;
const WIDTH: usize = 24;
const LAYERS: u64 = 2;

/// Weights whose units are exchangeable and whose models are independent given what every model of
/// the kind shares.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Columns of very different scale.
    Anisotropic,
    /// Cubes of normal numbers, and units of very different norm.
    HeavyTailed,
    /// A large common value in every column, the same in all models.
    SharedMean,
    /// A few directions, the same in all models, carry most of the weight.
    LowRank,
}

const KINDS: [Kind; 4] = [Kind::Anisotropic, Kind::HeavyTailed, Kind::SharedMean, Kind::LowRank];

fn normal(draws: &mut Draws) -> f64 {
    let mut uniform = || (draws.below(1 << 53) as f64 + 1.0) / (1u64 << 53) as f64;
    let (u, v) = (uniform(), uniform());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

fn weights(kind: Kind, purpose: &str, seed: u64) -> Vec<f32> {
    let mut draws = Draws::new(seed, purpose);
    let mut shared = Draws::new(7, "what every model of the kind shares");
    let directions: Vec<f64> = (0..2 * WIDTH).map(|_| normal(&mut shared)).collect();
    let mut out = Vec::with_capacity(UNITS * WIDTH);
    for _ in 0..UNITS {
        let norm = (1.5 * normal(&mut draws)).exp();
        let loadings = [normal(&mut draws), 3.0 + normal(&mut draws)];
        for k in 0..WIDTH {
            let x = normal(&mut draws);
            out.push(match kind {
                Kind::Anisotropic => x / (1.0 + k as f64),
                Kind::HeavyTailed => norm * x.powi(3),
                Kind::SharedMean => 20.0 * directions[k] + x,
                Kind::LowRank => {
                    let low: f64 = (0..2).map(|r| loadings[r] * directions[r * WIDTH + k]).sum();
                    5.0 * low + 0.1 * x
                }
            } as f32);
        }
    }
    out
}

fn features(values: &[f32]) -> Features {
    let mut features = Features::new(UNITS);
    features.push_centred(values);
    features.unit_rows()
}

struct Ps {
    hidden_units: f64,
    equal_values: Option<f64>,
    agreeing_units: f64,
    bound: f64,
}

fn renumberings(draws: u64, seed: u64, purpose: &str) -> Renumberings {
    Renumberings { draws, seed, purpose: purpose.to_owned() }
}

fn drawn(draws: u64, seed: u64, purpose: &str) -> Groups {
    Groups::new(renumberings(draws, seed, purpose))
}

fn test_pair(kind: Kind, pair: u64, child: bool) -> Ps {
    let [mut cosines, mut equal] =
        ["hidden-units", "equal-values"].map(|test| drawn(999, pair, test));
    let mut agreement = Agreement::default();
    let mut bound = 0.0f64;
    for layer in 0..LAYERS {
        let name = |side: &str| format!("{side}/{layer}");
        let b = weights(kind, &name("b"), pair);
        let mut a = weights(kind, &name("a"), pair);
        if child {
            a.iter_mut().zip(&b).for_each(|(x, y)| *x = 0.5 * *x + y);
        }
        let scores = Scores::products(&features(&a), &features(&b));
        let group =
            Group::of(scores, &renumberings(999, pair, "hidden-units"), cosines.len()).unwrap();
        agreement = agreement.and(group.agreement());
        bound = bound.min(group.alone().0 + (LAYERS as f64).log10());
        cosines.add(&group);
        // Coarse values, so that many are equal by chance.
        let coarse = |values: &[f32]| {
            let mut features = Features::new(UNITS);
            features.push(&values.iter().map(|x| (2.0 * x).round()).collect::<Vec<f32>>());
            features
        };
        equal.push(Scores::equal_values(&coarse(&a), &coarse(&b)));
    }
    Ps {
        hidden_units: cosines.test().unwrap().log10_p,
        equal_values: equal.test().map(|outcome| outcome.log10_p),
        agreeing_units: agreement.log10_p().unwrap(),
        bound,
    }
}

/// One layer of attention: either its heads are exchangeable, or its coordinates are.
fn attention(kind: Kind, name: &str, pair: u64, heads: Heads, by_rows: bool) -> [Circuit; 2] {
    let matrix = |part: &str, rows: usize| {
        let values = weights(kind, &format!("{name}/{part}"), pair);
        let all = Matrix::new(UNITS, WIDTH, values).unwrap();
        let all = if by_rows { all } else { all.transposed() };
        all.rows_in(0..rows).transposed()
    };
    let rows = if by_rows { UNITS } else { WIDTH };
    let few = rows / heads.each;
    let circuit = |[per_query, per_group]: [&str; 2]| {
        Circuit::new(heads, matrix(per_query, rows), matrix(per_group, few)).unwrap()
    };
    [["q", "k"], ["o", "v"]].map(circuit)
}

/// p of heads, and of coordinates seen through products, between unrelated models.
fn attention_pair(kind: Kind, pair: u64, heads: Heads) -> (f64, f64) {
    let [mut groups, mut within, mut products] =
        ["groups", "within", "products"].map(|test| drawn(199, pair, test));
    let half = UNITS / 2;
    let mut coordinates = [Features::new(half), Features::new(half)];
    for layer in 0..LAYERS {
        let side = |name: &str, by_rows: bool| {
            attention(kind, &format!("{name}/{layer}/{by_rows}"), pair, heads, by_rows)
        };
        let (a, b) = (side("a", true), side("b", true));
        let score = |maps: &dyn Fn(&Circuit) -> Matrix| {
            let [a, b] = [&a, &b].map(|side| unit_features(&side.each_ref().map(maps)));
            Scores::products(&a, &b)
        };
        assert!(groups.push(score(&|circuit| circuit.maps_of_groups(WIDTH))));
        for group in 0..if heads.each == 1 { 0 } else { heads.groups } {
            assert!(within.push(score(&|circuit| circuit.maps_of_heads(group, WIDTH))));
        }
        for (features, side) in coordinates.iter_mut().zip([side("a", false), side("b", false)]) {
            let maps = side.iter().flat_map(|circuit| circuit.along(half));
            maps.for_each(|map| features.push_centred(map.values()));
        }
    }
    let p = |groups: &Groups| groups.test().unwrap().log10_p;
    let [a, b] = coordinates.map(Features::unit_rows);
    assert!(products.push(Scores::products(&a, &b)));
    let log10_p = p(&groups);
    let heads_p = if within.is_empty() { log10_p } else { product(log10_p, p(&within)) };
    (heads_p, p(&products))
}

#[test]
fn p_values_of_attention_are_uniform_between_unrelated_models() {
    // Half as many pairs, and steps of 1 in 200.
    let wide = 1.95 / (PAIRS as f64 / 2.0).sqrt() + 5e-3;
    for (kind, each) in KINDS.into_iter().flat_map(|kind| [(kind, 1), (kind, 2)]) {
        let heads = Heads { groups: 8 / each, each };
        let pairs: Vec<(f64, f64)> =
            (0..PAIRS / 2).into_par_iter().map(|pair| attention_pair(kind, pair, heads)).collect();
        let of_heads: Vec<f64> = pairs.iter().map(|p| p.0).collect();
        let of_products: Vec<f64> = pairs.iter().map(|p| p.1).collect();
        for (name, ps) in [("heads", of_heads), ("products", of_products)] {
            let (distance, excess) = kolmogorov_smirnov(ps.iter().copied());
            // Two query heads in a group have two orders: such a p comes in steps, and errs towards 1.
            let in_steps = name == "heads" && each == 2;
            let distance = if in_steps { excess } else { distance };
            assert!(distance < wide, "{kind:?}, {each}: attention-{name} at {distance}");
            let small = ps.iter().filter(|p| **p <= -3.0).count();
            assert!(small <= 8, "{kind:?}, {each}: {small} of attention-{name} at 1e-3");
        }
    }
}

fn null_pairs(kind: Kind) -> Vec<Ps> {
    (0..PAIRS).into_par_iter().map(|pair| test_pair(kind, pair, false)).collect()
}

/// Largest distance between the empirical distribution of `ps` and the uniform one, and the largest
/// excess of small values over it.
fn kolmogorov_smirnov(log10_ps: impl Iterator<Item = f64>) -> (f64, f64) {
    let mut ps: Vec<f64> = log10_ps.map(|p| 10f64.powf(p)).collect();
    ps.sort_by(f64::total_cmp);
    let n = ps.len() as f64;
    ps.iter().enumerate().fold((0.0, 0.0), |(both, excess), (k, &p)| {
        let (before, after) = (k as f64 / n - p, (k + 1) as f64 / n - p);
        (f64::max(both, f64::max(before.abs(), after.abs())), f64::max(excess, after))
    })
}

/// The 0.001 point of the Kolmogorov-Smirnov statistic, and room for p-values that come in steps
/// of a thousandth.
fn limit() -> f64 {
    1.95 / (PAIRS as f64).sqrt() + 1e-3
}

#[test]
fn exact_p_values_are_uniform_between_unrelated_models() {
    for kind in KINDS {
        let pairs = null_pairs(kind);
        let (distance, _) = kolmogorov_smirnov(pairs.iter().map(|ps| ps.hidden_units));
        assert!(distance < limit(), "{kind:?}: hidden-units at {distance}");
        let equal: Vec<f64> = pairs.iter().filter_map(|ps| ps.equal_values).collect();
        // Counts come in ties, and ties count against the finding.
        let (_, excess) = kolmogorov_smirnov(equal.iter().copied());
        assert!(excess < limit(), "{kind:?}: equal-values at {excess}");
        assert!(equal.len() as u64 == PAIRS, "{kind:?}: {} tested", equal.len());

        // Two in 2,000 are expected at 1e-3; eleven or more happen once in 10^5.
        let small = |ps: &[f64]| ps.iter().filter(|p| **p <= -3.0).count();
        let hidden: Vec<f64> = pairs.iter().map(|ps| ps.hidden_units).collect();
        assert!(small(&hidden) <= 10, "{kind:?}: {} at 1e-3", small(&hidden));
        assert!(small(&equal) <= 10, "{kind:?}: {} at 1e-3", small(&equal));
        let bounds: Vec<f64> = pairs.iter().flat_map(|ps| [ps.agreeing_units, ps.bound]).collect();
        assert!(small(&bounds) <= 20, "{kind:?}: {} bounds at 1e-3", small(&bounds));
        let smallest = hidden.iter().chain(&equal).chain(&bounds).copied().fold(0.0, f64::min);
        assert!(-6.0 < smallest, "{kind:?}: an unrelated pair at 10^{smallest}");
    }
}

#[test]
fn planted_ancestry_is_found_in_every_kind_of_weights() {
    for kind in KINDS {
        for pair in 0..50 {
            let p = test_pair(kind, pair, true).hidden_units;
            assert!(p < -6.0, "{kind:?}, pair {pair}: 10^{p}");
        }
    }
}
