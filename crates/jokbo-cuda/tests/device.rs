//! The GPU where there is one, held to the processor; where there is none, what is said.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    reason = "a test counts in small numbers, and its failed unwrap is a failed test"
)]

use jokbo_cuda::{Missing, open};
use jokbo_statistics::device::Device;
use jokbo_statistics::matrix::Matrix;
use jokbo_statistics::polar;
use jokbo_statistics::seed::Draws;

fn noise(rows: usize, cols: usize, seed: u64) -> Matrix {
    let mut draws = Draws::new(seed, "noise");
    let values = (0..rows * cols).map(|_| draws.below(2001) as f32 / 1000.0 - 1.0).collect();
    Matrix::new(rows, cols, values).unwrap()
}

/// The words for each thing that may be missing.
fn is_a_refusal(missing: &Missing) -> bool {
    let said = missing.to_string();
    match missing {
        Missing::NotBuilt => !cfg!(feature = "cuda") && said.contains("`--features cuda`"),
        Missing::Driver => said.starts_with("the NVIDIA driver is missing"),
        Missing::Start(why) => said.ends_with(why),
        Missing::NoDevice => said == "the NVIDIA driver finds no GPU",
        Missing::Cublas => said.starts_with("cuBLAS is missing"),
        Missing::Cusolver => said.starts_with("cuSOLVER is missing"),
        Missing::Refused { library, why } => said == format!("{library} does not start: {why}"),
        _ => false,
    }
}

#[test]
fn a_gpu_agrees_with_the_processor_and_no_gpu_is_said_to_be_none() {
    match open() {
        Ok(gpu) => holds_to_the_processor(&gpu),
        Err(missing) => assert!(is_a_refusal(&missing), "{missing:?}"),
    }
}

#[cfg(not(feature = "cuda"))]
#[test]
fn a_build_without_the_feature_says_so() {
    assert!(matches!(open(), Err(Missing::NotBuilt)));
}

#[cfg(all(feature = "cuda", target_os = "linux"))]
#[test]
fn without_a_driver_the_driver_is_named() {
    let places =
        ["/usr/lib", "/usr/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];
    let here = places.iter().any(|place| std::path::Path::new(place).join("libcuda.so.1").exists());
    let elsewhere = std::env::var_os("LD_LIBRARY_PATH").is_some();
    match open() {
        // Where a search path is set, the driver may lie anywhere.
        Err(Missing::Driver) => assert!(!here || elsewhere),
        Err(missing) => assert!(here || elsewhere, "{missing:?}"),
        Ok(gpu) => assert_eq!(gpu.name(), "cuda"),
    }
}

/// To the tolerances that the crate states.
fn holds_to_the_processor(gpu: &Device) {
    for (n, m, width) in [(512, 512, 512), (257, 1031, 1000), (1500, 700, 130)] {
        let (a, b) = (noise(n, width, 1), noise(m, width, 2));
        let (here, there) = (a.times_transposed(&b), gpu.times_transposed(&a, &b));
        let sizes = a.map(f32::abs).times_transposed(&b.map(f32::abs));
        for (k, (x, y)) in here.values().iter().zip(there.values()).enumerate() {
            // Both sides may be off by so much.
            let most = 2.0 * width as f32 * f32::EPSILON / 2.0 * sizes.values()[k];
            assert!((x - y).abs() <= most, "{n} {m} {width}: {x} {y}");
        }
    }
    let table = noise(600, 900, 3);
    let (here, there) = (polar::factor(&table), polar::factor_on(&table, gpu));
    let gaps = here.values().iter().zip(there.values()).map(|(x, y)| (x - y).abs());
    assert!(gaps.fold(0.0, f32::max) < 1e-3);
    for (rows, cols) in [(256, 256), (300, 512), (512, 300)] {
        let matrix: Vec<f64> = noise(rows, cols, 4).values().iter().map(|&x| x.into()).collect();
        let here = Device::default().singular_values(rows, cols, &matrix);
        let there = gpu.singular_values(rows, cols, &matrix);
        let gaps = here.iter().zip(&there).map(|(x, y)| (x * x - y * y).abs());
        let most = 8.0 * here.len() as f64 * f64::EPSILON * here[0].powi(2);
        let all: f64 = gaps.sum();
        assert!(all <= most, "{rows} {cols}: {all} of {most}");
    }
    assert_eq!(gpu.check(), Ok(()));
}
