//! The kernels beside what this machine can do, in one run: `cargo bench -p jokbo-statistics`.
//!
//! Values side by side are told as a share of the speed at which the same memory can be read at all, by
//! the same threads; inner products by the core. Every figure is the best of five.

#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]
#![allow(clippy::cast_precision_loss, reason = "bytes and seconds")]
#![allow(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]

use std::hint::black_box;
use std::time::Instant;

use jokbo_statistics::features::Features;
use jokbo_statistics::pass::PairSums;
use jokbo_statistics::scores::Scores;
use jokbo_statistics::stored::Kind;
use rayon::prelude::*;

/// Elements of each side: 256 MiB of `f32`, more than any cache holds.
const ELEMENTS: usize = 64 << 20;
/// Elements that a thread takes at a time, as a comparison does.
const BLOCK: usize = 1 << 18;
/// Units and features of a product: a group of 1,024 hidden units and what is drawn of them.
const UNITS: usize = 1024;
const FEATURES: usize = 2048;

/// A type, its bytes an element, and what its highest byte is made of: the bits it keeps, so that numbers
/// have both signs and many fractions, and the exponent it is given, so that none is infinite.
struct Type {
    name: &'static str,
    kind: Kind,
    bytes: usize,
    keeps: u8,
    exponent: u8,
}

const fn of(name: &'static str, kind: Kind, bytes: usize, keeps: u8, exponent: u8) -> Type {
    Type { name, kind, bytes, keeps, exponent }
}

const TYPES: &[Type] =
    &[of("F16", Kind::F16, 2, 0x83, 0x24), of("BF16", Kind::Bf16, 2, 0x80, 0x3c)];

fn main() {
    let noise = |seed: u32| -> Vec<f32> {
        let step = |k: u32| (k ^ seed).wrapping_mul(2_654_435_761) >> 16;
        (0u32..).take(ELEMENTS).map(|k| step(k) as f32 / 65536.0 - 0.5).collect()
    };
    let (a, b) = (noise(1), noise(2));
    let bytes = (2 * 4 * ELEMENTS) as f64;
    println!("{} threads", rayon::current_num_threads());
    let read = best(|| {
        let sum = |x: &[f32]| x.iter().fold(0u32, |sum, x| sum ^ x.to_bits());
        let all = |x: &[f32]| x.par_chunks(BLOCK).map(sum).reduce(|| 0, |p, q| p ^ q);
        all(&a) ^ all(&b)
    });
    println!("memory, read once             {:7.2} GB/s", bytes / read / 1e9);
    let told = |name: &str, seconds: f64| {
        let (speed, share) = (bytes / seconds / 1e9, 100.0 * read / seconds);
        println!("values side by side, {name:<8} {speed:6.2} GB/s, {share:.0} % of that");
    };
    let pairs = |sums: PairSums| sums.pairs();
    let held = a.par_chunks(BLOCK).zip(b.par_chunks(BLOCK));
    told("held f32", best(|| held.clone().map(|(a, b)| pairs(PairSums::of(a, b))).sum::<u64>()));
    for of in TYPES {
        let (a, b) = (stored(&a, of), stored(&b, of));
        let blocks = a.par_chunks(4 * BLOCK).zip(b.par_chunks(4 * BLOCK));
        let pass = |(a, b): (&[u8], &[u8])| pairs(PairSums::of_bytes(of.kind, a, b));
        told(of.name, best(|| blocks.clone().map(pass).sum::<u64>()));
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
    println!("inner products                {each:7.2} GFLOP/s a thread");
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
