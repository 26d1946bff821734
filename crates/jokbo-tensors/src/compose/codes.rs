//! Codes out of their words: [`Packing`] draws how they lie.

use jokbo_formats::{Codes, Packing, Recipe};

use super::{Rectangle, bytes_of, index};
use crate::Checkpoint;
use crate::tensor::ReadError;

/// Where column 0, 1, … 7 of a word of AWQ lies in it, counted in halves of bytes.
const AWQ: [u64; 8] = [0, 4, 1, 5, 2, 6, 3, 7];

/// How large the matrix of codes is that is meant, for each piece.
#[derive(Debug, Clone, Copy)]
pub(super) struct Matrix {
    pub(super) rows: u64,
    pub(super) cols: u64,
    pub(super) pieces: u64,
}

impl Matrix {
    /// That of the weight's own codes.
    pub(super) fn of(recipe: &Recipe) -> Self {
        Self { rows: recipe.rows, cols: recipe.cols, pieces: recipe.pieces }
    }
}

/// The codes of `wanted`, row by row.
pub(super) fn read(
    checkpoint: &Checkpoint,
    codes: &Codes,
    matrix: Matrix,
    wanted: &Rectangle,
) -> Result<Vec<u64>, ReadError> {
    let (_, stored_cols) = codes.stored_size(matrix.rows, matrix.cols);
    let (rows, cols) =
        if codes.turned { (&wanted.cols, &wanted.rows) } else { (&wanted.rows, &wanted.cols) };
    let each = codes.bytes_each(matrix.rows, matrix.cols, matrix.pieces);
    let base = wanted.piece * each.expect("checked when the recipe was made");
    let mut out = Vec::with_capacity(wanted.elements());
    match codes.packing {
        Packing::Down => {
            let words = Words { checkpoint, codes, base, pitch: stored_cols };
            words.down(rows.clone(), cols.clone(), &mut out)?;
        }
        Packing::Flat | Packing::FlatHigh => {
            let whole = *cols == (0..stored_cols);
            let (runs, n) = if whole {
                (0..1, (rows.end - rows.start) * stored_cols)
            } else {
                (0..rows.end - rows.start, cols.end - cols.start)
            };
            for run in runs {
                let first = (rows.start + run) * stored_cols + cols.start;
                along(checkpoint, codes, base, first..first + n, &mut out)?;
            }
        }
        Packing::Side | Packing::SideAwq => {
            let pitch = (stored_cols * u64::from(codes.bits)).div_ceil(32) * 4;
            for row in rows.clone() {
                along(checkpoint, codes, base + row * pitch, cols.clone(), &mut out)?;
            }
        }
    }
    Ok(if codes.turned { transposed(&out, index(cols.end - cols.start)) } else { out })
}

/// The codes numbered `range` of the stream that begins at byte `base`.
fn along(
    checkpoint: &Checkpoint,
    codes: &Codes,
    base: u64,
    range: std::ops::Range<u64>,
    out: &mut Vec<u64>,
) -> Result<(), ReadError> {
    let bits = u64::from(codes.bits);
    // Whole words, since an order of its own mixes the codes of one.
    let unit = if codes.packing == Packing::SideAwq { 32 } else { 8 };
    let first = range.start * bits / unit * unit;
    let end = (range.end * bits).div_ceil(unit) * unit;
    let bytes = bytes_of(checkpoint, &codes.stored, base + first / 8, (end - first) / 8)?;
    let place = |k: u64| match codes.packing {
        Packing::FlatHigh => (k ^ 1) * 4,
        Packing::SideAwq => (k / 8 * 8 + AWQ[index(k % 8)]) * 4,
        _ => k * bits,
    };
    match codes.bits {
        8 => out.extend(bytes.iter().map(|byte| u64::from(*byte))),
        _ => out.extend(range.map(|k| bits_at(&bytes, place(k) - first, bits))),
    }
    Ok(())
}

/// `bits` bits, at most 32, from bit `at` on, lowest first.
fn bits_at(bytes: &[u8], at: u64, bits: u64) -> u64 {
    let from = index(at / 8);
    let needed = (at % 8 + bits).div_ceil(8);
    let word = bytes[from..from + index(needed)]
        .iter()
        .rev()
        .fold(0u64, |word, byte| word << 8 | u64::from(*byte));
    word >> (at % 8) & ((1 << bits) - 1)
}

/// A matrix of words of 32 bits, `pitch` in a row.
struct Words<'a> {
    checkpoint: &'a Checkpoint,
    codes: &'a Codes,
    base: u64,
    pitch: u64,
}

impl Words<'_> {
    /// Codes that lie one below the other: rows `rows` of the columns `cols`.
    fn down(
        &self,
        rows: std::ops::Range<u64>,
        cols: std::ops::Range<u64>,
        out: &mut Vec<u64>,
    ) -> Result<(), ReadError> {
        let bits = u64::from(self.codes.bits);
        let top = rows.start * bits / 32;
        let bottom = (rows.end * bits).div_ceil(32);
        let n = index(cols.end - cols.start);
        let mut words: Vec<u64> = Vec::new();
        // Whole rows of words lie side by side.
        let whole = cols == (0..self.pitch);
        let (runs, count) = if whole {
            (top..(top + 1).min(bottom), (bottom - top) * self.pitch)
        } else {
            (top..bottom, n as u64)
        };
        for run in runs {
            let offset = self.base + (run * self.pitch + cols.start) * 4;
            let bytes = bytes_of(self.checkpoint, &self.codes.stored, offset, count * 4)?;
            let (read, _) = bytes.as_chunks::<4>();
            words.extend(read.iter().map(|word| u64::from(u32::from_le_bytes(*word))));
        }
        for row in rows {
            let (word, shift) = (index(row * bits / 32 - top), row * bits % 32);
            let upper = &words[word * n..(word + 1) * n];
            let mask = (1 << bits) - 1;
            if shift + bits <= 32 {
                out.extend(upper.iter().map(|word| word >> shift & mask));
            } else {
                let lower = &words[(word + 1) * n..(word + 2) * n];
                let pairs = upper.iter().zip(lower);
                out.extend(pairs.map(|(upper, lower)| (lower << 32 | upper) >> shift & mask));
            }
        }
        Ok(())
    }
}

/// The transpose of a matrix with `cols` columns.
pub(crate) fn transposed<T: Copy>(matrix: &[T], cols: usize) -> Vec<T> {
    let rows = matrix.len().checked_div(cols).unwrap_or(0);
    (0..cols).flat_map(|c| (0..rows).map(move |r| matrix[r * cols + c])).collect()
}
