//! Every way of changing weights is named, and none of its neighbours is named so: planted changes
//! over several spreads of weights, stored as binary32 and as bfloat16.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    reason = "a test counts in small numbers, and its failed unwrap is a failed test"
)]

use jokbo_statistics::relation::lattice::{Group, Levels};
use jokbo_statistics::relation::mask::Pattern;
use jokbo_statistics::relation::rounding::Rounding;
use jokbo_statistics::relation::{Change, Kind, Sample, Side, change};
use jokbo_statistics::seed::Draws;

const ROWS: usize = 160;
const COLS: usize = 256;

struct Random(Draws);

impl Random {
    fn new(purpose: &str) -> Self {
        Self(Draws::new(5, purpose))
    }

    fn uniform(&mut self) -> f64 {
        (self.0.below(1 << 53) as f64 + 1.0) / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let (u, v) = (self.uniform(), self.uniform());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    fn matrix(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| self.normal()).collect()
    }

    /// A matrix of rank `r` and mean square 1.
    fn low_rank(&mut self, r: usize) -> Vec<f64> {
        let (u, v) = (self.matrix(ROWS * r), self.matrix(r * COLS));
        let at = |i: usize, j: usize| (0..r).map(|k| u[i * r + k] * v[k * COLS + j]).sum::<f64>();
        (0..ROWS * COLS).map(|k| at(k / COLS, k % COLS) / (r as f64).sqrt()).collect()
    }

    /// What training leaves: full rank, directions of falling size, signs that the optimiser evens out.
    fn training(&mut self) -> Vec<f64> {
        let mut sum = vec![0.0; ROWS * COLS];
        for k in 0..120 {
            let (u, v) = (self.matrix(ROWS), self.matrix(COLS));
            let size = (k as f64 + 1.0).powf(-0.7);
            sum.iter_mut().enumerate().for_each(|(at, x)| *x += size * u[at / COLS] * v[at % COLS]);
        }
        sum.iter_mut().for_each(|x| *x = x.signum() * x.abs().sqrt());
        let mean = (sum.iter().map(|x| x * x).sum::<f64>() / sum.len() as f64).sqrt();
        sum.iter_mut().for_each(|x| *x /= mean);
        sum
    }
}

/// Draws a change.
type Drawn = fn(&mut Random) -> Vec<f64>;

/// How a parent's weights are spread.
const SPREADS: [&str; 4] = ["normal", "heavy", "shifted", "anisotropic"];

fn parent(spread: &str) -> Vec<f64> {
    let mut random = Random::new(spread);
    let all = random.matrix(ROWS * COLS);
    let shape = |(at, x): (usize, f64)| {
        0.02 * match spread {
            "heavy" => x * x * x,
            "shifted" => x + 4.0,
            "anisotropic" => x / (1.0 + (at % COLS) as f64 / 16.0),
            _ => x,
        }
    };
    all.into_iter().enumerate().map(shape).collect()
}

fn spread_of(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stored {
    F32,
    BF16,
}

impl Stored {
    fn store(self, x: f64) -> f32 {
        let x = x as f32;
        match self {
            Stored::F32 => x,
            Stored::BF16 => {
                let bits = x.to_bits();
                f32::from_bits((bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
            }
        }
    }

    fn rounding(self) -> Rounding {
        match self {
            Stored::F32 => Rounding::F32,
            Stored::BF16 => Rounding::BF16,
        }
    }
}

/// What `child` makes of every spread, stored as both types: `(spread, type, change)`.
fn planted(child: impl Fn(&[f64], &mut Random) -> Vec<f64>) -> Vec<(&'static str, Stored, Change)> {
    let mut out = Vec::new();
    for spread in SPREADS {
        for stored in [Stored::F32, Stored::BF16] {
            let b: Vec<f32> = parent(spread).into_iter().map(|x| stored.store(x)).collect();
            let wide: Vec<f64> = b.iter().map(|x| f64::from(*x)).collect();
            let a = child(&wide, &mut Random::new("child"));
            let a = a.into_iter().map(|x| stored.store(x)).collect();
            let of = Some(stored.rounding());
            let sample = Sample::new(COLS, (a, b), (of, of)).unwrap();
            out.push((spread, stored, change(&sample, 0)));
        }
    }
    out
}

fn moved(by: f64, what: fn(&mut Random) -> Vec<f64>) -> impl Fn(&[f64], &mut Random) -> Vec<f64> {
    move |b, random| {
        let step = by * spread_of(b);
        b.iter().zip(what(random)).map(|(x, d)| x + step * d).collect()
    }
}

#[test]
fn training_is_called_training_and_nothing_else() {
    for by in [0.3, 0.1, 0.03] {
        for (spread, stored, change) in planted(moved(by, Random::training)) {
            assert_eq!(change.mask, None);
            let full = matches!(change.kind, Kind::Trained { is_full: true });
            assert!(full, "{by} {spread} {stored:?} {change:?}");
        }
    }
    // Lost in rounding the full rank may not show, but it never turns into an adapter or noise.
    for by in [0.01, 0.003, 0.001] {
        for (spread, stored, change) in planted(moved(by, Random::training)) {
            let honest = matches!(change.kind, Kind::Trained { .. } | Kind::Unnamed);
            assert!(honest, "{by} {spread} {stored:?} {change:?}");
        }
    }
}

#[test]
fn a_merged_adapter_shows_its_rank() {
    let ranks: [(usize, Drawn); 4] = [
        (1, |r| r.low_rank(1)),
        (8, |r| r.low_rank(8)),
        (16, |r| r.low_rank(16)),
        (64, |r| r.low_rank(64)),
    ];
    for (rank, what) in ranks {
        for by in [0.3, 0.1, 0.03] {
            for (spread, stored, change) in planted(moved(by, what)) {
                assert_eq!(change.kind, Kind::Adapter(rank), "{by} {spread} {stored:?}");
            }
        }
    }
}

#[test]
fn noise_is_called_noise_with_its_size_and_its_side() {
    for by in [0.3, 0.1, 0.03] {
        for (spread, stored, change) in planted(moved(by, |r| r.matrix(ROWS * COLS))) {
            let Kind::Noise(side, noise) = change.kind else {
                panic!("{by} {spread} {stored:?} {change:?}");
            };
            let want = by * spread_of(&parent(spread));
            // Small noise is as little correlated with either side's weights.
            let sides =
                if by < 0.1 { [Some(Side::Suspect), None] } else { [Some(Side::Suspect); 2] };
            assert!(sides.contains(&side), "{by} {spread} {stored:?} {side:?}");
            let off = (noise.sd - want).abs() / noise.error;
            assert!(off < 4.5 || (noise.sd / want - 1.0).abs() < 0.01, "{off} {noise:?} {want}");
        }
    }
}

#[test]
fn noise_in_proportion_to_each_weight_has_no_name() {
    let child = |b: &[f64], random: &mut Random| {
        b.iter().map(|x| x * (1.0 + 0.1 * random.normal())).collect::<Vec<f64>>()
    };
    for (spread, stored, change) in planted(child) {
        // Around a large mean the weights hardly differ, and neither does their noise.
        if spread != "shifted" {
            assert_eq!(change.kind, Kind::Unnamed, "{spread} {stored:?}");
        }
    }
}

/// Rounds groups of `size` neighbours to whole steps of their largest value over `most`.
fn quantised(size: usize, most: f64) -> impl Fn(&[f64], &mut Random) -> Vec<f64> {
    move |b, _| {
        let one = |part: &[f64]| {
            let step = part.iter().fold(0.0f64, |m, x| m.max(x.abs())) / most;
            part.iter().map(|x| (x / step).round() * step).collect::<Vec<f64>>()
        };
        b.chunks(size).flat_map(one).collect()
    }
}

#[test]
fn a_quantised_side_shows_groups_and_bits_even_when_stored_as_plain_numbers() {
    let formats = [
        (COLS, 127.0, Group::Row, 8),
        (32, 7.0, Group::Elements(32), 4),
        (64, 7.0, Group::Elements(64), 4),
        (128, 7.0, Group::Elements(128), 4),
        (32, 127.0, Group::Elements(32), 8),
        (16, 31.0, Group::Elements(16), 6),
        (ROWS * COLS, 127.0, Group::Tensor, 8),
    ];
    for (size, most, group, bits) in formats {
        for (spread, stored, change) in planted(quantised(size, most)) {
            let Kind::Quantised(side, lattice) = change.kind else {
                // A few weights dwarf the rest, which are then zero; or all lie where bfloat16 is
                // as coarse as the lattice. Then there is no name, rather than a wrong one.
                let is_lost = spread == "heavy" || (spread, stored) == ("shifted", Stored::BF16);
                assert!(is_lost && change.kind == Kind::Unnamed, "{group:?} {bits} {change:?}");
                continue;
            };
            let got = (side, lattice.group, lattice.bits());
            assert_eq!(got, (Side::Suspect, group, Some(bits)), "{spread} {stored:?} {lattice:?}");
            assert!(0.99 < lattice.nearest, "{spread} {stored:?} {lattice:?}");
        }
    }
}

#[test]
fn a_lattice_with_an_offset_and_a_table_are_known() {
    let with_offset = |b: &[f64], _: &mut Random| {
        let one = |part: &[f64]| {
            let low = part.iter().fold(f64::INFINITY, |m, x| m.min(*x));
            let high = part.iter().fold(f64::NEG_INFINITY, |m, x| m.max(*x));
            let step = (high - low) / 15.0;
            part.iter().map(|x| low + ((x - low) / step).round() * step).collect::<Vec<f64>>()
        };
        b.chunks(32).flat_map(one).collect()
    };
    for (spread, stored, change) in planted(with_offset) {
        let Kind::Quantised(Side::Suspect, lattice) = change.kind else {
            panic!("{spread} {stored:?} {change:?}");
        };
        assert_eq!(lattice.levels, Levels::Offset(15), "{spread} {stored:?}");
        assert_eq!(lattice.like(), Some("GGUF Q4_1 or Q4_K"));
    }
    let to_table = |b: &[f64], _: &mut Random| {
        const TABLE: [f64; 8] = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0];
        let one = |part: &[f64]| {
            let step = part.iter().fold(0.0f64, |m, x| m.max(x.abs())) / 6.0;
            let level = |x: f64| {
                let off = |t: &f64| (x.abs() / step - t).abs();
                TABLE.into_iter().min_by(|s, t| off(s).total_cmp(&off(t))).unwrap()
            };
            part.iter().map(|x| level(*x) * step * x.signum()).collect::<Vec<f64>>()
        };
        b.chunks(32).flat_map(one).collect()
    };
    for (spread, stored, change) in planted(to_table) {
        let Kind::Quantised(Side::Suspect, lattice) = change.kind else {
            panic!("{spread} {stored:?} {change:?}");
        };
        assert_eq!(lattice.like(), Some("MXFP4"), "{spread} {stored:?} {lattice:?}");
    }
}

#[test]
fn the_side_that_was_quantised_is_named_whichever_it_is() {
    let b = parent("normal");
    let a = quantised(32, 7.0)(&b, &mut Random::new(""));
    let store = |x: &[f64]| x.iter().map(|x| *x as f32).collect::<Vec<f32>>();
    let of = Some(Rounding::F32);
    let sample = Sample::new(COLS, (store(&b), store(&a)), (of, of)).unwrap();
    assert!(matches!(change(&sample, 0).kind, Kind::Quantised(Side::Reference, _)));
    // Both on the lattice: neither was made from the other by rounding.
    let other = quantised(32, 7.0)(&parent("anisotropic"), &mut Random::new(""));
    let sample = Sample::new(COLS, (store(&a), store(&other)), (of, of)).unwrap();
    assert!(!matches!(change(&sample, 0).kind, Kind::Quantised(..)));
    // The zeros of 4 bits where 8 have none are levels, and no mask.
    let finer = quantised(32, 127.0)(&b, &mut Random::new(""));
    for pair in [(store(&a), store(&finer)), (store(&finer), store(&a))] {
        let found = change(&Sample::new(COLS, pair, (of, of)).unwrap(), 0);
        assert_eq!(found, Change { mask: None, kind: Kind::Unnamed });
    }
}

#[test]
fn zeros_are_a_mask_and_what_else_changed_is_told_beside_them() {
    let smallest = |b: &[f64]| {
        let mut sizes: Vec<f64> = b.iter().map(|x| x.abs()).collect();
        sizes.sort_by(f64::total_cmp);
        sizes[sizes.len() / 2]
    };
    let pruned = |b: &[f64], _: &mut Random| {
        let least = smallest(b);
        b.iter().map(|x| if x.abs() < least { 0.0 } else { *x }).collect::<Vec<f64>>()
    };
    for (spread, stored, change) in planted(pruned) {
        let (side, mask) = change.mask.unwrap();
        assert_eq!((side, change.kind), (Side::Suspect, Kind::Unchanged), "{spread} {stored:?}");
        assert!((mask.share - 0.5).abs() < 0.01, "{spread} {stored:?} {mask:?}");
    }
    let healed = |b: &[f64], random: &mut Random| {
        let least = smallest(b);
        let tuned = moved(0.1, Random::training)(b, random);
        let keep = |(x, y): (&f64, f64)| if x.abs() < least { 0.0 } else { y };
        b.iter().zip(tuned).map(keep).collect::<Vec<f64>>()
    };
    for (spread, stored, change) in planted(healed) {
        assert!(change.mask.is_some(), "{spread} {stored:?}");
        assert_eq!(change.kind, Kind::Trained { is_full: true }, "{spread} {stored:?}");
    }
    let by_group = |b: &[f64], _: &mut Random| {
        let half = |part: &[f64]| {
            let mut order: Vec<usize> = (0..4).collect();
            order.sort_by(|i, j| part[*i].abs().total_cmp(&part[*j].abs()));
            let mut part = part.to_vec();
            (part[order[0]], part[order[1]]) = (0.0, 0.0);
            part
        };
        b.chunks(4).flat_map(half).collect()
    };
    for (spread, stored, change) in planted(by_group) {
        let pattern = change.mask.map(|(_, mask)| mask.pattern);
        assert_eq!(pattern, Some(Pattern::OfGroup(2, 4)), "{spread} {stored:?}");
    }
}

#[test]
fn a_factor_is_a_factor() {
    for factor in [0.5, 0.9, 1.3, -1.0] {
        let child = move |b: &[f64], _: &mut Random| b.iter().map(|x| factor * x).collect();
        for (spread, stored, change) in planted(child) {
            let Kind::Scaled(scale) = change.kind else {
                panic!("{factor} {spread} {stored:?} {change:?}");
            };
            assert!((scale.factor - factor).abs() < 1e-3, "{spread} {stored:?} {scale:?}");
        }
    }
}

#[test]
fn a_merge_of_two_trainings_is_no_adapter_and_no_noise() {
    let child = |b: &[f64], random: &mut Random| {
        let (one, two) = (random.training(), random.training());
        let step = 0.1 * spread_of(b);
        let both = one.iter().zip(two).map(|(x, y)| step * (0.6 * x + 0.4 * y));
        b.iter().zip(both).map(|(x, d)| x + d).collect::<Vec<f64>>()
    };
    for (spread, stored, change) in planted(child) {
        assert_eq!(change.kind, Kind::Trained { is_full: true }, "{spread} {stored:?}");
    }
}

#[test]
fn what_did_not_change_is_unchanged() {
    for (_, _, change) in planted(|b, _| b.to_vec()) {
        assert_eq!(change, Change { mask: None, kind: Kind::Unchanged });
    }
}

#[test]
fn heads_in_another_order_are_no_adapter_although_the_rank_is_low() {
    // Heads of 8 rows, or of 8 columns, each pair exchanged: the change has half of the rank.
    let by_rows = |at: usize| ((at / COLS) ^ 8) * COLS + at % COLS;
    let by_cols = |at: usize| at / COLS * COLS + ((at % COLS) ^ 8);
    for from in [by_rows as fn(usize) -> usize, by_cols] {
        let exchanged =
            |b: &[f64], _: &mut Random| (0..b.len()).map(|at| b[from(at)]).collect::<Vec<f64>>();
        for (spread, stored, change) in planted(exchanged) {
            assert_eq!(change.kind, Kind::Unnamed, "{spread} {stored:?}");
        }
    }
}

#[test]
fn whichever_side_comes_first_an_adapter_and_a_factor_are_known() {
    for stored in [Stored::F32, Stored::BF16] {
        let b: Vec<f32> = parent("normal").into_iter().map(|x| stored.store(x)).collect();
        let wide: Vec<f64> = b.iter().map(|x| f64::from(*x)).collect();
        let of = Some(stored.rounding());
        let backwards = |a: Vec<f64>| {
            let a: Vec<f32> = a.into_iter().map(|x| stored.store(x)).collect();
            change(&Sample::new(COLS, (b.clone(), a), (of, of)).unwrap(), 0).kind
        };
        let adapted = moved(0.1, |r| r.low_rank(8))(&wide, &mut Random::new("child"));
        assert_eq!(backwards(adapted), Kind::Adapter(8), "{stored:?}");
        let scaled = wide.iter().map(|x| 1.3 * x).collect();
        assert!(matches!(backwards(scaled), Kind::Scaled(_)), "{stored:?}");
    }
}
