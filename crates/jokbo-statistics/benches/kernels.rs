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
use rayon::prelude::*;

/// Elements of each side: 256 MiB of `f32`, more than any cache holds.
const ELEMENTS: usize = 64 << 20;
/// Elements that a thread takes at a time, as a comparison does.
const BLOCK: usize = 1 << 18;
/// Units and features of a product: a group of 1,024 hidden units and what is drawn of them.
const UNITS: usize = 1024;
const FEATURES: usize = 2048;

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
    println!("memory, read once          {:7.2} GB/s", bytes / read / 1e9);
    let pass = best(|| {
        let sums = a.par_chunks(BLOCK).zip(b.par_chunks(BLOCK)).map(|(a, b)| PairSums::of(a, b));
        sums.map(|s| s.pairs()).sum::<u64>()
    });
    println!(
        "values side by side, f32   {:7.2} GB/s, {:.0} % of that",
        bytes / pass / 1e9,
        100.0 * read / pass
    );
    let rows = |x: &[f32]| {
        let mut features = Features::new(UNITS);
        features.push_centred(&x[..UNITS * FEATURES]);
        features
    };
    let (a, b) = (rows(&a), rows(&b));
    let products = best(|| Scores::products(&a, &b));
    let operations = 2.0 * (UNITS * UNITS * FEATURES) as f64;
    let each = operations / products / 1e9 / rayon::current_num_threads() as f64;
    println!("inner products             {each:7.2} GFLOP/s a thread");
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
