//! A GPU beside the processor: the shapes that the ladder multiplies and the singular values of changes, how
//! long each takes, and how far apart the results are. Without a GPU it says what is missing.
//!
//!     cargo run --release -p jokbo-cuda --features cuda --example beside_cpu
#![allow(clippy::print_stdout, reason = "a program that prints a table")]
#![allow(clippy::disallowed_methods, reason = "it measures time")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "random numbers of a few digits, and seconds as shown"
)]

use std::time::Instant;

use jokbo_statistics::device::Device;
use jokbo_statistics::matrix::Matrix;
use jokbo_statistics::polar;
use jokbo_statistics::seed::Draws;

/// `A Bᵀ`: rows of A, rows of B, width; and where the ladder meets it in a model 4,096 wide.
const PRODUCTS: [(&str, usize, usize, usize); 4] = [
    ("units along tokens", 256, 1024, 4096),
    ("units matched", 256, 16_384, 384),
    ("Gram matrix of tokens", 1024, 1024, 4096),
    ("units of a layer along tokens", 16_384, 384, 4096),
];
/// Times each is made; the best counts.
const TIMES: usize = 5;

fn noise(rows: usize, cols: usize, seed: u64) -> Matrix {
    let mut draws = Draws::new(seed, "noise");
    let values = (0..rows * cols).map(|_| draws.below(2001) as f32 / 1000.0 - 1.0).collect();
    Matrix::new(rows, cols, values).unwrap_or_default()
}

fn best<T>(work: impl Fn() -> T) -> (T, f64) {
    let once = || {
        let start = Instant::now();
        let made = work();
        (made, start.elapsed().as_secs_f64())
    };
    // The first pays for what is made once.
    let (mut made, _) = once();
    let mut least = f64::INFINITY;
    for _ in 0..TIMES {
        let (again, seconds) = once();
        (made, least) = (again, least.min(seconds));
    }
    (made, least)
}

fn main() {
    let gpu = match jokbo_cuda::open() {
        Ok(gpu) => gpu,
        Err(missing) => return println!("not measured: {missing}"),
    };
    let cpu = Device::default();
    let row = |what: &str, cpu: f64, gpu: f64, apart: f64| {
        println!(
            "| {what} | {:.2} | {:.2} | {:.1} | {apart:.1e} |",
            1e3 * cpu,
            1e3 * gpu,
            cpu / gpu
        );
    };
    println!("| | processor ms | GPU ms | ratio | farthest apart, of the largest |");
    println!("|---|---|---|---|---|");
    for (what, n, m, width) in PRODUCTS {
        let (a, b) = (noise(n, width, 1), noise(m, width, 2));
        let (here, slow) = best(|| cpu.times_transposed(&a, &b));
        let (there, fast) = best(|| gpu.times_transposed(&a, &b));
        row(what, slow, fast, apart(here.values(), there.values()));
    }
    let table = noise(1024, 4096, 3);
    let (here, slow) = best(|| polar::factor_on(&table, &cpu));
    let (there, fast) = best(|| polar::factor_on(&table, &gpu));
    row("polar factor 1024 × 4096", slow, fast, apart(here.values(), there.values()));
    let square: Vec<f64> = noise(512, 512, 4).values().iter().map(|&x| x.into()).collect();
    let (here, slow) = best(|| cpu.singular_values(512, 512, &square));
    let (there, fast) = best(|| gpu.singular_values(512, 512, &square));
    let gap = here.iter().zip(&there).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
    row("singular values 512 × 512", slow, fast, gap / here[0]);
    if let Err(fault) = gpu.check() {
        println!("\n{fault}: the rows of the GPU are the processor's from then on");
    }
}

/// The largest difference, as a share of the largest value.
fn apart(x: &[f32], y: &[f32]) -> f64 {
    let largest = x.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    let gap = x.iter().zip(y).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max);
    f64::from(gap / largest)
}
