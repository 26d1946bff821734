//! The card itself: NVIDIA's driver, cuBLAS and cuSOLVER through `cudarc`, found when the program runs.
//!
//! All unsafe code of this crate is here. What can be wrong in it is an argument that sends a library beyond
//! the end of a matrix, so every call is held to the lengths of what it is handed, by functions that are
//! tested without a card (`call.rs`), right before it is made. `cudarc` panics where a library or one of its
//! functions cannot be found: libraries are looked for first, and every function called here is in all of
//! them from CUDA 11.2 on.
#![allow(unsafe_code, reason = "libraries of the card are called by their C interface")]

use std::ffi::c_schar;
use std::fmt::Display;
use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::Arc;

use cudarc::cublas::{CudaBlas, Gemm as _, GemmConfig, sys as blas};
use cudarc::cusolver::{DnHandle, sys as solver};
use cudarc::driver::{CudaContext, CudaSlice, CudaStream, DevicePtrMut as _, sys as driver};

use crate::Missing;
use crate::call::{Gemm, Svd};
use crate::card::Card;

/// `gesvd` without vectors.
const NO_VECTORS: c_schar = b'N' as c_schar;

/// The first GPU, with one queue of work that everything goes through in order.
#[derive(Debug)]
pub(crate) struct Nvidia {
    context: Arc<CudaContext>,
    stream: Arc<CudaStream>,
    // Not destroyed: `cudarc` panics where that fails, as it does after a fault of the card. The driver takes
    // them back when the program ends.
    blas: ManuallyDrop<CudaBlas>,
    solver: ManuallyDrop<DnHandle>,
}

impl Nvidia {
    /// Finds the driver, a GPU and both libraries.
    pub(crate) fn open() -> Result<Self, Missing> {
        // SAFETY: loading a library runs what it runs when it is loaded, here and in the two below. It is
        // NVIDIA's by its name, and whoever asks for CUDA asks for it to be loaded.
        if !unsafe { driver::is_culib_present() } {
            return Err(Missing::Driver);
        }
        match CudaContext::device_count() {
            Err(why) if why.0 == driver::CUresult::CUDA_ERROR_NO_DEVICE => {
                return Err(Missing::NoDevice);
            }
            Err(why) => return Err(Missing::Start(why.to_string())),
            Ok(count) if count < 1 => return Err(Missing::NoDevice),
            Ok(_) => {}
        }
        // SAFETY: as above.
        if !unsafe { blas::is_culib_present() } {
            return Err(Missing::Cublas);
        }
        // SAFETY: as above.
        if !unsafe { solver::is_culib_present() } {
            return Err(Missing::Cusolver);
        }
        let context = CudaContext::new(0).map_err(|why| refused("the GPU", &why))?;
        let stream = context.default_stream();
        let blas = CudaBlas::new(Arc::clone(&stream)).map_err(|why| refused("cuBLAS", &why))?;
        let blas = ManuallyDrop::new(blas);
        // Neither TF32 nor an emulation of `f32`, whatever the environment says.
        let pedantic = blas::cublasMath_t::CUBLAS_PEDANTIC_MATH;
        // SAFETY: the handle was just made, is never destroyed, and no other thread has it yet.
        let set = unsafe { blas::cublasSetMathMode(*blas.handle(), pedantic) };
        set.result().map_err(|why| refused("cuBLAS", &why))?;
        let solver = DnHandle::new(Arc::clone(&stream)).map_err(|why| refused("cuSOLVER", &why))?;
        Ok(Self { context, stream, blas, solver: ManuallyDrop::new(solver) })
    }

    /// How many numbers of `f64` the decomposition needs beside the matrix.
    fn work(&self, call: &Svd) -> Result<i32, String> {
        let mut length = 0;
        // SAFETY: the handle is alive as long as `self`, and `length` outlives the call, which writes one
        // number there and reads nothing.
        let asked = unsafe {
            solver::cusolverDnDgesvd_bufferSize(self.solver.cu(), call.m, call.n, &raw mut length)
        };
        asked.result().map_err(|why| said(&why))?;
        Ok(length.max(1))
    }
}

fn refused(library: &'static str, why: &impl Display) -> Missing {
    Missing::Refused { library, why: why.to_string() }
}

fn said(why: &impl Display) -> String {
    why.to_string()
}

/// A length that is known not to be negative.
fn length(of: i32) -> Result<usize, String> {
    usize::try_from(of).map_err(|_| format!("a length of {of}"))
}

impl Card for Nvidia {
    type Numbers = CudaSlice<f32>;

    fn enter(&self) -> Result<(), String> {
        self.context.bind_to_thread().map_err(|why| said(&why))
    }

    fn free(&self) -> Result<u64, String> {
        // What was given back is free once the card has come so far.
        self.stream.synchronize().map_err(|why| said(&why))?;
        let (free, _) = self.context.mem_get_info().map_err(|why| said(&why))?;
        u64::try_from(free).map_err(|why| said(&why))
    }

    fn put(&self, numbers: &[f32]) -> Result<CudaSlice<f32>, String> {
        self.stream.clone_htod(numbers).map_err(|why| said(&why))
    }

    fn room(&self, length: usize) -> Result<CudaSlice<f32>, String> {
        self.stream.alloc_zeros(length).map_err(|why| said(&why))
    }

    fn gemm(
        &self,
        call: &Gemm,
        first: &CudaSlice<f32>,
        second: &CudaSlice<f32>,
        out: &mut CudaSlice<f32>,
    ) -> Result<(), String> {
        if !call.fits(first.len(), second.len(), out.len()) {
            return Err("a product does not fit into its matrices".to_owned());
        }
        let op = |transposed: bool| match transposed {
            true => blas::cublasOperation_t::CUBLAS_OP_T,
            false => blas::cublasOperation_t::CUBLAS_OP_N,
        };
        let config = GemmConfig {
            transa: op(call.first_transposed),
            transb: op(call.second_transposed),
            m: call.m,
            n: call.n,
            k: call.k,
            alpha: 1.0,
            lda: call.first_leading,
            ldb: call.second_leading,
            beta: 0.0,
            ldc: call.out_leading,
        };
        // SAFETY: the three matrices are alive on this card until the call has been queued, and what frees
        // them is queued behind it on the same stream. `fits` has just held shapes and leading lengths to
        // how many numbers each holds, and `out` is borrowed alone, so it is neither of the others.
        unsafe { self.blas.gemm(config, first, second, out) }.map_err(|why| said(&why))
    }

    fn take(&self, from: &CudaSlice<f32>, to: &mut [f32]) -> Result<(), String> {
        // `cudarc` panics where there is more than room for it.
        if from.len() != to.len() {
            return Err(format!("{} numbers are on it, not {}", from.len(), to.len()));
        }
        self.stream.memcpy_dtoh(from, to).map_err(|why| said(&why))?;
        self.stream.synchronize().map_err(|why| said(&why))
    }

    fn needed(&self, call: &Svd) -> Result<u64, String> {
        let (m, n, work) = (u64::try_from(call.m), u64::try_from(call.n), self.work(call)?);
        let (Ok(m), Ok(n), Ok(work)) = (m, n, u64::try_from(work)) else {
            return Err("a length below zero".to_owned());
        };
        // Each at most 2^31: the sum is far from the end of `u64`.
        Ok(8 * (m * n + n + work) + 4)
    }

    fn singular_values(&self, call: &Svd, matrix: &[f64]) -> Result<Vec<f64>, String> {
        let (n, lwork) = (length(call.n)?, self.work(call)?);
        if !call.fits(matrix.len(), n) {
            return Err("a decomposition does not fit into its matrix".to_owned());
        }
        let stream = &self.stream;
        let mut a = stream.clone_htod(matrix).map_err(|why| said(&why))?;
        let mut values = stream.alloc_zeros::<f64>(n).map_err(|why| said(&why))?;
        let mut work = stream.alloc_zeros::<f64>(length(lwork)?).map_err(|why| said(&why))?;
        let mut info = stream.alloc_zeros::<i32>(1).map_err(|why| said(&why))?;
        {
            let (a, _a) = a.device_ptr_mut(stream);
            let (values, _values) = values.device_ptr_mut(stream);
            let (work, _work) = work.device_ptr_mut(stream);
            let (info, _info) = info.device_ptr_mut(stream);
            // SAFETY: the handle is alive as long as `self`, and its stream is the one that the four
            // allocations were made on and are freed on. `a` holds `m · n` numbers with `m` from column to
            // column and `values` holds `n`, as `fits` has just said, with `n` at most `m`; `work` holds
            // `lwork`, which is what the library asked for this shape; `info` holds its one number. Without
            // vectors U and VT are not looked at, but for their leading lengths, which are at least `m` and
            // `n`; without `rwork` nothing is written there.
            unsafe {
                solver::cusolverDnDgesvd(
                    self.solver.cu(),
                    NO_VECTORS,
                    NO_VECTORS,
                    call.m,
                    call.n,
                    a as *mut f64,
                    call.m,
                    values as *mut f64,
                    ptr::null_mut(),
                    call.m,
                    ptr::null_mut(),
                    call.n,
                    work as *mut f64,
                    lwork,
                    ptr::null_mut(),
                    info as *mut i32,
                )
            }
            .result()
            .map_err(|why| said(&why))?;
        }
        let mut ended = [0];
        stream.memcpy_dtoh(&info, &mut ended[..]).map_err(|why| said(&why))?;
        let mut got = vec![0.0; n];
        stream.memcpy_dtoh(&values, &mut got[..]).map_err(|why| said(&why))?;
        stream.synchronize().map_err(|why| said(&why))?;
        match ended {
            [0] => Ok(got),
            [less] if less < 0 => Err(format!("argument {} of gesvd is wrong", -less)),
            [more] => Err(format!("{more} diagonals of gesvd did not converge")),
        }
    }
}
