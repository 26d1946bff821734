//! The kernels beside what this machine can do, in one run: `cargo bench -p jokbo-statistics`.
//!
//! With `--check` it ends with an error where one is slower, beside its baseline of the same run, than half
//! of what it was when that was written down: `cargo bench -p jokbo-statistics --bench kernels -- --check`.
//!
//! Values side by side are told as a share of the fastest reading of as much memory by the same threads: that
//! of a plain loop, or of `f32` side by side, which asks for memory before it is there and so outruns it.
//! Inner products are told by the core. Every figure is the best of five.

#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]
#![allow(clippy::cast_precision_loss, reason = "bytes and seconds")]
#![allow(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]

use std::hint::black_box;
use std::time::Instant;

use jokbo_statistics::features::Features;
use jokbo_statistics::matrix::Matrix;
use jokbo_statistics::pass::PairSums;
use jokbo_statistics::relation::rounding::Rounding;
use jokbo_statistics::relation::{Sample, change as change_of};
use jokbo_statistics::scores::Scores;
use jokbo_statistics::seed::Draws;
use jokbo_statistics::stored::Kind;
use rayon::prelude::*;

/// Elements of each side: 256 MiB of `f32`, more than any cache holds.
const ELEMENTS: usize = 64 << 20;
/// Elements that a thread takes at a time, as a comparison does.
const BLOCK: usize = 1 << 18;
/// Units and features of a product: a group of 1,024 hidden units and what is drawn of them.
const UNITS: usize = 1024;
const FEATURES: usize = 2048;
/// Rows and columns of a pair whose change is named.
const ROWS: usize = 512;
const COLS: usize = 2048;

/// A type, its bytes an element, and what its highest byte is made of: the bits it keeps, so that numbers
/// have both signs and many fractions, and the exponent it is given, so that none is infinite.
struct Type {
    name: &'static str,
    kind: Kind,
    bytes: usize,
    keeps: u8,
    exponent: u8,
    /// The share of the speed of memory, in percent, below which it is too slow.
    least: f64,
}

const TYPES: &[Type] = &[
    Type { name: "F16", kind: Kind::F16, bytes: 2, keeps: 0x83, exponent: 0x24, least: 16.0 },
    Type { name: "BF16", kind: Kind::Bf16, bytes: 2, keeps: 0x80, exponent: 0x3c, least: 40.0 },
    Type { name: "F8_E4M3", kind: Kind::F8E4M3, bytes: 1, keeps: 0xb7, exponent: 0, least: 8.0 },
    Type { name: "F8_E5M2", kind: Kind::F8E5M2, bytes: 1, keeps: 0xbb, exponent: 0, least: 8.0 },
];

fn main() {
    let noise = |seed: u32| -> Vec<f32> {
        let step = |k: u32| (k ^ seed).wrapping_mul(2_654_435_761) >> 16;
        (0u32..).take(ELEMENTS).map(|k| step(k) as f32 / 65536.0 - 0.5).collect()
    };
    let (a, b) = (noise(1), noise(2));
    let bytes = (2 * 4 * ELEMENTS) as f64;
    println!("{} threads", rayon::current_num_threads());
    let plain = best(|| {
        let sum = |x: &[f32]| x.iter().fold(0u32, |sum, x| sum ^ x.to_bits());
        let all = |x: &[f32]| x.par_chunks(BLOCK).map(sum).reduce(|| 0, |p, q| p ^ q);
        all(&a) ^ all(&b)
    });
    println!("memory, a plain loop           {:7.2} GB/s", bytes / plain / 1e9);
    let mut slow = Vec::new();
    let mut told = |name: &str, least: f64, seconds: f64, fastest: f64| {
        let (speed, share) = (bytes / seconds / 1e9, 100.0 * fastest / seconds);
        println!("values side by side, {name:<9} {speed:7.2} GB/s, {share:.0} %");
        if share < least {
            slow.push(format!(
                "{name}: {share:.0} % of the speed of memory, at least {least} asked"
            ));
        }
    };
    let pairs = |sums: PairSums| sums.pairs();
    let held = a.par_chunks(BLOCK).zip(b.par_chunks(BLOCK));
    let held = best(|| held.clone().map(|(a, b)| pairs(PairSums::of(a, b))).sum::<u64>());
    told("held f32", 50.0, held, plain);
    let fastest = plain.min(held);
    for of in TYPES {
        let (a, b) = (stored(&a, of), stored(&b, of));
        let blocks = a.par_chunks(4 * BLOCK).zip(b.par_chunks(4 * BLOCK));
        let pass = |(a, b): (&[u8], &[u8])| pairs(PairSums::of_bytes(of.kind, a, b));
        told(of.name, of.least, best(|| blocks.clone().map(pass).sum::<u64>()), fastest);
    }
    let rows = |x: &[f32]| {
        let mut features = Features::new(UNITS);
        features.push_centred(&x[..UNITS * FEATURES]);
        features
    };
    let (a, b) = (rows(&a), rows(&b));
    let products = best(|| Scores::products(&a, &b));
    let operations = 2.0 * (UNITS * UNITS * FEATURES) as f64;
    let each = operations / products / 1e9 / rayon::current_num_threads() as f64;
    let few = UNITS / 8;
    let plain = best(|| plain_products(&a, &b, few)) * (UNITS / few) as f64;
    let times = plain / (products * rayon::current_num_threads() as f64);
    println!(
        "inner products                {each:7.2} GFLOP/s a thread, {times:.1} times a plain loop"
    );
    if times < LEAST_TIMES {
        slow.push(format!(
            "inner products: {times:.1} times a plain loop, at least {LEAST_TIMES} asked"
        ));
    }
    changes();
    let is_asked = std::env::args().any(|argument| argument == "--check");
    assert!(!is_asked || slow.is_empty(), "slower than they were: {}", slow.join("; "));
}

/// How often faster than a plain loop the inner products must be.
const LEAST_TIMES: f64 = 4.0;

/// Every inner product of the first `few` rows with all others, one sum after another.
fn plain_products(a: &Features, b: &Features, few: usize) -> f32 {
    let rows = (0..few).flat_map(|i| (0..b.units()).map(move |j| (i, j)));
    rows.map(|(i, j)| a.row(i).iter().zip(b.row(j)).map(|(x, y)| x * y).sum::<f32>()).sum()
}

/// How long one thread takes to name what happened to rows of a tensor.
fn changes() {
    let noise = |purpose: &str, n: usize| -> Vec<f32> {
        let mut draws = Draws::new(1, purpose);
        (0..n).map(|_| draws.below(1 << 20) as f32 / (1 << 19) as f32 - 1.0).collect()
    };
    let b = noise("b", ROWS * COLS);
    let independent = noise("change", ROWS * COLS);
    // As many directions as rows, so that no adapter can have made them.
    let of = |name: &str, rows: usize| {
        Matrix::new(rows, ROWS, noise(name, rows * ROWS)).unwrap_or_default()
    };
    let shared = of("left", ROWS).times_transposed(&of("right", COLS));
    for (name, change, size) in
        [("noise", independent.as_slice(), 0.1), ("trained", shared.values(), 0.005)]
    {
        let rounded = |x: f32| f32::from_bits((x.to_bits() + 0x8000) & 0xffff_0000);
        let a = change.iter().zip(&b).map(|(d, x)| rounded(rounded(*x) + size * d)).collect();
        let b = b.iter().map(|x| rounded(*x)).collect();
        let bf16s = (Some(Rounding::BF16), Some(Rounding::BF16));
        let Some(sample) = Sample::new(COLS, (a, b), bf16s) else { continue };
        let seconds = best(|| change_of(&sample, 0));
        println!(
            "a change named, {name:<13} {:7.2} ms: {:?}",
            1e3 * seconds,
            change_of(&sample, 0)
        );
    }
}

/// Numbers of a type in as many bytes as `seeds` take.
fn stored(seeds: &[f32], of: &Type) -> Vec<u8> {
    let mixed = |x: &f32| x.to_bits().wrapping_mul(0x9e37_79b9).wrapping_mul(0x85eb_ca6b);
    let mut bytes: Vec<u8> = seeds.iter().flat_map(|x| mixed(x).to_be_bytes()).collect();
    for highest in bytes.iter_mut().skip(of.bytes - 1).step_by(of.bytes) {
        *highest = *highest & of.keeps | of.exponent;
    }
    bytes
}

/// The shortest of five runs, in seconds.
fn best<T>(run: impl Fn() -> T) -> f64 {
    let timed = |_| {
        let start = Instant::now();
        black_box(run());
        start.elapsed().as_secs_f64()
    };
    (0..5).map(timed).fold(f64::INFINITY, f64::min)
}
