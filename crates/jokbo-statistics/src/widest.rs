//! A function compiled for several instruction sets; the widest that the processor has is run.
//!
//! One of two files with unsafe code; the other calls the libraries of a GPU. A kernel is plain Rust whose
//! sums run in a fixed order over fixed lanes, so wider registers change how many lanes move at once and not
//! a single bit of the result: a test holds every variant to the portable one. Rust never contracts a product
//! and a sum into one
//! rounding; a kernel may do so itself where the product is exact and nothing is rounded but the sum.
#![allow(unsafe_code, reason = "calling what needs instructions the compiler cannot count on")]

/// Work that is compiled once for each instruction set.
///
/// `run`, and everything hot that it calls, must be `#[inline(always)]`: what is not inlined keeps the
/// instructions of every machine.
pub(crate) trait Kernel {
    /// What the work gives.
    type Output;
    /// Does the work. `FUSED` says that adding a product is one instruction.
    fn run<const FUSED: bool>(self) -> Self::Output;
}

/// Runs `kernel` with the widest instructions there are. The check of the processor is a load and a
/// branch; give it work of a microsecond and more.
pub(crate) fn run<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if has_avx512() {
            // SAFETY: the processor has every instruction that `avx512` may use, as was just asked.
            return unsafe { avx512(kernel) };
        }
        if has_avx2() {
            // SAFETY: the processor has every instruction that `avx2` may use, as was just asked.
            return unsafe { avx2(kernel) };
        }
    }
    // Every aarch64 processor has NEON, so the compiler counts on it already.
    kernel.run::<{ cfg!(target_arch = "aarch64") }>()
}

/// Asks the memory for the 64 bytes around `place`, which need not be anyone's: nothing is read, and nothing
/// waits for them. Does nothing where the processor is not asked this way.
#[inline(always)]
pub(crate) fn soon<T>(place: *const T) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: a prefetch reads nothing that the program could see and fails nowhere, and every x86-64
    // processor has it.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(place.cast());
    }
    let _ = place;
}

#[cfg(target_arch = "x86_64")]
fn has_avx512() -> bool {
    has_avx2()
        && is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
fn avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<true>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<true>()
}

/// Runs `kernel` with every set of instructions that is here, the portable one first.
#[cfg(test)]
pub(crate) fn every<K: Kernel>(kernel: impl Fn() -> K) -> Vec<K::Output> {
    let mut all = vec![kernel().run::<false>()];
    #[cfg(target_arch = "x86_64")]
    {
        if has_avx2() {
            // SAFETY: as in `run`.
            all.push(unsafe { avx2(kernel()) });
        }
        if has_avx512() {
            // SAFETY: as in `run`.
            all.push(unsafe { avx512(kernel()) });
        }
    }
    all
}
