//! What is done on a card, whatever card it is: which work is taken, how it is cut and put together.

use std::fmt::Debug;
use std::sync::{Mutex, MutexGuard};

use jokbo_statistics::device::Accelerator;
use jokbo_statistics::matrix::transposed;

use crate::call::{self, Gemm, Svd};
use crate::tiles;

/// Multiplications from which a product is worth the way to the card, reckoned and not yet measured: a core
/// makes so many in some 5 to 10 ms, and the way there and back takes a fraction of one.
const LEAST_PRODUCTS: u64 = 1 << 27;
/// Multiplications for each number that is moved, below which moving costs more than it saves.
const LEAST_FOR_EACH: u64 = 64;
/// The shorter side from which singular values are worth it, reckoned and not yet measured: the processor's
/// time grows with its cube, and is some 20 ms here.
const LEAST_SIDE: usize = 256;

/// What a card can do. Matrices on it are in column order, as its libraries have them.
pub(crate) trait Card: Debug + Send {
    /// Numbers of 32 bits on the card.
    type Numbers;

    /// Makes this card the one that the calling thread works on. Called before anything else.
    fn enter(&self) -> Result<(), String>;
    /// Bytes of its memory that are free.
    fn free(&self) -> Result<u64, String>;
    /// Copies numbers to the card.
    fn put(&self, numbers: &[f32]) -> Result<Self::Numbers, String>;
    /// Room for so many numbers.
    fn room(&self, length: usize) -> Result<Self::Numbers, String>;
    /// Makes a product.
    fn gemm(
        &self,
        call: &Gemm,
        first: &Self::Numbers,
        second: &Self::Numbers,
        out: &mut Self::Numbers,
    ) -> Result<(), String>;
    /// Waits for the card and copies the numbers of `from` back, all of them.
    fn take(&self, from: &Self::Numbers, to: &mut [f32]) -> Result<(), String>;
    /// Bytes that [`Card::singular_values`] needs on the card.
    fn needed(&self, call: &Svd) -> Result<u64, String>;
    /// Waits for the card and gives the singular values of `matrix`, in column order.
    fn singular_values(&self, call: &Svd, matrix: &[f64]) -> Result<Vec<f64>, String>;
}

/// A card as the ladder uses it. One thread works on it at a time: what is free is then known, and a
/// library's handle is never in two threads at once.
#[derive(Debug)]
pub(crate) struct Cuda<C>(Mutex<C>);

impl<C: Card> Cuda<C> {
    pub(crate) fn on(card: C) -> Self {
        Self(Mutex::new(card))
    }

    /// The card, entered. Whoever holds it must not wait for another thread.
    fn card(&self) -> Result<MutexGuard<'_, C>, String> {
        let card = self.0.lock().map_err(|_| "a thread ended while it worked on it".to_owned())?;
        card.enter()?;
        Ok(card)
    }
}

impl<C: Card> Accelerator for Cuda<C> {
    fn name(&self) -> &'static str {
        "cuda"
    }

    fn takes_products(&self, n: usize, m: usize, width: usize) -> bool {
        let all = |factors: [usize; 2], by: usize| {
            let long = |length: usize| u64::try_from(length).ok();
            long(factors[0])?.checked_mul(long(factors[1])?)?.checked_mul(long(by)?)
        };
        let moved = [all([n, width], 1), all([m, width], 1), all([n, m], 1)];
        let moved = moved.into_iter().try_fold(0u64, |sum, one| sum.checked_add(one?));
        // What cannot be counted cannot be held either, and is the processor's to refuse.
        let (Some(multiplied), Some(moved)) = (all([n, m], width), moved) else { return false };
        LEAST_PRODUCTS <= multiplied && LEAST_FOR_EACH <= multiplied / moved.max(1)
    }

    fn products(
        &self,
        a: &[f32],
        b: &[f32],
        (n, m, width): (usize, usize, usize),
    ) -> Result<Vec<f32>, String> {
        let lengths = (n.checked_mul(width), m.checked_mul(width));
        if lengths != (Some(a.len()), Some(b.len())) {
            return Err(format!("{} and {} numbers are not the rows", a.len(), b.len()));
        }
        let mut out = vec![0.0; n.checked_mul(m).ok_or("more products than can be counted")?];
        if out.is_empty() || width == 0 {
            return Ok(out);
        }
        let card = self.card()?;
        let free = card.free()?;
        let (of_a, of_b) = tiles::cut(n, m, width, tiles::numbers_in(free)).ok_or_else(|| {
            format!("{free} bytes are free on it, too few for rows of {width} numbers")
        })?;
        for (k, b) in b.chunks(of_b * width).enumerate() {
            let (columns, there) = (b.len() / width, card.put(b)?);
            for (l, a) in a.chunks(of_a * width).enumerate() {
                let rows = a.len() / width;
                let piece = piece(&*card, a, &there, (rows, columns, width))?;
                for (row, from) in piece.chunks_exact(columns).enumerate() {
                    let at = (l * of_a + row) * m + k * of_b;
                    out[at..at + columns].copy_from_slice(from);
                }
            }
        }
        Ok(out)
    }

    fn takes_singular_values(&self, rows: usize, cols: usize) -> bool {
        LEAST_SIDE <= rows.min(cols)
    }

    fn singular_values(
        &self,
        rows: usize,
        cols: usize,
        matrix: &[f64],
    ) -> Result<Vec<f64>, String> {
        if rows.checked_mul(cols) != Some(matrix.len()) {
            return Err(format!("{} numbers are no matrix of {rows} by {cols}", matrix.len()));
        }
        if matrix.is_empty() {
            return Ok(Vec::new());
        }
        if !matrix.iter().all(|x| x.is_finite()) {
            return Err("a number is not finite".to_owned());
        }
        let call = call::singular_values(rows, cols).ok_or("the matrix is too large for it")?;
        let turned: Vec<f64>;
        let lies = if call.turned {
            turned = transposed(matrix, cols);
            &turned
        } else {
            matrix
        };
        let card = self.card()?;
        let (free, needed) = (card.free()?, card.needed(&call)?);
        if free - free / 5 < needed {
            return Err(format!("{free} bytes are free on it, too few for {needed}"));
        }
        let mut values = card.singular_values(&call, lies)?;
        drop(card);
        values.sort_by(|x, y| y.total_cmp(x));
        match values.iter().all(|value| value.is_finite() && 0.0 <= *value) {
            true => Ok(values),
            false => Err("a singular value came back that is none".to_owned()),
        }
    }
}

/// The products of some rows of A with the rows of B that are on the card.
fn piece<C: Card>(
    card: &C,
    a: &[f32],
    b: &C::Numbers,
    (rows, columns, width): (usize, usize, usize),
) -> Result<Vec<f32>, String> {
    let call = call::products(rows, columns, width).ok_or("the product is too large for it")?;
    let a = card.put(a)?;
    let mut made = card.room(rows * columns)?;
    let (first, second) = call::operands(&a, b);
    card.gemm(&call, first, second, &mut made)?;
    let mut piece = vec![0.0; rows * columns];
    card.take(&made, &mut piece)?;
    Ok(piece)
}

#[cfg(test)]
mod tests;
