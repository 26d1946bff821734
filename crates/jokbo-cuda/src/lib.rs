//! An NVIDIA GPU as the [`Device`] on which the ladder's large products and the singular values of
//! changes are made.
//!
//! [`open()`] finds the driver, the first GPU, cuBLAS and cuSOLVER when the program runs, and says which of
//! them is missing. Without the feature `cuda` it always says that this build has none of it.
//!
//! **Compiled, and not yet run on a GPU.** The order of arguments, the cutting to the memory there is and
//! everything else that needs no GPU is tested against a card made of plain loops; its speed, and from which
//! size on work is given to it, are reckoned and not measured. Where there is a GPU, `cargo test -p jokbo-cuda
//! --features cuda` holds it to the processor, and `cargo run --release -p jokbo-cuda --features cuda
//! --example beside_cpu` measures it beside it.
//!
//! Tolerance: products are `f32` throughout (cuBLAS is told to use no TF32 and no emulation), so an inner
//! product of `d` numbers is within `d · 2⁻²⁴ · Σ |aₖ bₖ|` of the exact one, as the processor's is.
//! Singular values are `f64` by QR, the processor's by the Gram matrix: all differences of their squares
//! together are within `8 k · 2⁻⁵² · s²`, where `k` is the shorter side and `s` the largest of them, which is
//! what the reading of a rank allows for (LAPACK's QR on the processor stays within 2 of the 8).

#![cfg_attr(
    test,
    allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "tests count in small numbers"
    )
)]

// What needs no card is tested in every build.
#[cfg(any(feature = "cuda", test))]
mod call;
#[cfg(any(feature = "cuda", test))]
mod card;
#[cfg(feature = "cuda")]
mod nvidia;
#[cfg(any(feature = "cuda", test))]
mod tiles;

use jokbo_statistics::device::Device;
use thiserror::Error;

/// Why there is no GPU to work on, each a sentence that names what is missing.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Missing {
    /// The program was built without the feature `cuda`.
    #[error("this build has no CUDA in it; build jokbo with `--features cuda`")]
    NotBuilt,
    /// No driver library (`libcuda.so.1`, `nvcuda.dll`).
    #[error("the NVIDIA driver is missing: no libcuda or nvcuda could be loaded")]
    Driver,
    /// There is a driver, and it does not start.
    #[error("the NVIDIA driver does not start: {0}")]
    Start(String),
    /// The driver knows no GPU.
    #[error("the NVIDIA driver finds no GPU")]
    NoDevice,
    /// No cuBLAS library.
    #[error("cuBLAS is missing: no libcublas of CUDA 12 or 13 could be loaded")]
    Cublas,
    /// No cuSOLVER library.
    #[error("cuSOLVER is missing: no libcusolver of CUDA 12 or 13 could be loaded")]
    Cusolver,
    /// Everything is there, and something of it refuses.
    #[error("{library} does not start: {why}")]
    Refused {
        /// What refuses.
        library: &'static str,
        /// Its own word for why.
        why: String,
    },
}

/// The first GPU of this machine.
///
/// # Errors
///
/// What is missing. The processor is never taken in its place.
#[cfg(feature = "cuda")]
pub fn open() -> Result<Device, Missing> {
    nvidia::Nvidia::open().map(|card| Device::with(card::Cuda::on(card)))
}

/// The first GPU of this machine.
///
/// # Errors
///
/// [`Missing::NotBuilt`]: this build has no way to one.
#[cfg(not(feature = "cuda"))]
pub fn open() -> Result<Device, Missing> {
    Err(Missing::NotBuilt)
}
