//! Numbers that are made from several stored tensors, any run of them.
//!
//! A run is cut into rectangles of one piece of the [`Recipe`]: what is left of a row, whole rows,
//! and the start of a row. For each, the codes and scales that it needs are read, and no others.
//! Every number is made in `f32`, each step rounded to nearest, in the order
//!
//! ```text
//! ((level(code) - zero) * (scale * outer)) * constant
//! ```
//!
//! where the difference of two codes is exact. `data/golden/composed.tsv` holds what the
//! definitions of the schemes say; `reference/composed.py` made it.

mod codes;
mod levels;
mod scales;

use std::io;
use std::ops::Range;

use jokbo_formats::{Levels, Outer, Recipe, Zero};

use crate::tensor::ReadError;
use crate::{Checkpoint, Entry};
use codes::Matrix;
pub(crate) use codes::transposed;
use levels::{f32_of, whole};

/// bitsandbytes multiplies by this number and does not divide by 127.
const OVER_127: f32 = 1.0 / 127.0;

/// A rectangle of one piece.
#[derive(Debug, Clone)]
pub(crate) struct Rectangle {
    pub(crate) piece: u64,
    pub(crate) rows: Range<u64>,
    pub(crate) cols: Range<u64>,
}

impl Rectangle {
    fn n_cols(&self) -> usize {
        index(self.cols.end - self.cols.start)
    }

    fn elements(&self) -> usize {
        index(self.rows.end - self.rows.start) * self.n_cols()
    }
}

/// Appends `count` numbers from element `start` on.
///
/// Cost: `O(count)` and the bytes of its codes and scales. Codes that lie [down](
/// jokbo_formats::Packing::Down) the columns are read in one piece for each row of words.
pub(crate) fn read(
    checkpoint: &Checkpoint,
    recipe: &Recipe,
    start: u64,
    count: u64,
    out: &mut Vec<f32>,
) -> Result<(), ReadError> {
    let mut at = start;
    while at < start + count {
        let (rectangle, taken) = next(recipe.rows, recipe.cols, at, start + count - at);
        fill(checkpoint, recipe, &rectangle, out)?;
        at += taken;
    }
    Ok(())
}

/// The largest rectangle from element `at` on that holds the first of `left` elements, and how
/// many it holds.
pub(crate) fn next(rows: u64, cols: u64, at: u64, left: u64) -> (Rectangle, u64) {
    let (piece, within) = (at / (rows * cols), at % (rows * cols));
    let (row, col) = (within / cols, within % cols);
    if col == 0 && cols <= left {
        let n = (left / cols).min(rows - row);
        return (Rectangle { piece, rows: row..row + n, cols: 0..cols }, n * cols);
    }
    let n = left.min(cols - col);
    (Rectangle { piece, rows: row..row + 1, cols: col..col + n }, n)
}

fn fill(
    checkpoint: &Checkpoint,
    recipe: &Recipe,
    wanted: &Rectangle,
    out: &mut Vec<f32>,
) -> Result<(), ReadError> {
    let Recipe { grid, .. } = recipe;
    let codes = codes::read(checkpoint, &recipe.codes, Matrix::of(recipe), wanted)?;
    // The rectangle of the grid that is needed, and where each column finds its own in it.
    let columns: Vec<u64> = match &grid.index {
        None => wanted.cols.clone().map(|c| c / grid.cols_each).collect(),
        Some((places, _)) => wanted.cols.clone().map(|c| u64::from(places[index(c)])).collect(),
    };
    let first = columns.iter().copied().min().unwrap_or(0);
    let end = columns.iter().copied().max().map_or(0, |last| last + 1);
    let (top, bottom) =
        (wanted.rows.start / grid.rows_each, wanted.rows.end.div_ceil(grid.rows_each));
    let groups = Rectangle { piece: wanted.piece, rows: top..bottom, cols: first..end };
    let columns: Vec<usize> = columns.into_iter().map(|c| index(c - first)).collect();
    let scales = scales::read(checkpoint, recipe, &groups)?;
    let zeros = zeros(checkpoint, recipe, &groups)?;
    let table = levels::table(checkpoint, &recipe.levels)?;
    let constant = if recipe.outer == Some(Outer::Over127) { OVER_127 } else { 1.0 };
    let bits = recipe.codes.bits;
    for (row, codes) in wanted.rows.clone().zip(codes.chunks(wanted.n_cols())) {
        let from = index(row / grid.rows_each - top) * groups.n_cols();
        let scales = &scales[from..from + groups.n_cols()];
        let zeros = zeros.as_ref().map(|all| &all[from..from + groups.n_cols()]);
        let pairs = codes.iter().zip(&columns);
        match (&table, zeros) {
            (Some(table), _) => {
                out.extend(pairs.map(|(code, c)| table[index(*code)] * scales[*c] * constant));
            }
            (None, None) => out.extend(pairs.map(|(code, c)| {
                f32_of(whole(&recipe.levels, bits, *code)) * scales[*c] * constant
            })),
            (None, Some(zeros)) => out.extend(pairs.map(|(code, c)| {
                let steps = whole(&recipe.levels, bits, *code) - zeros[*c];
                f32_of(steps) * scales[*c] * constant
            })),
        }
    }
    Ok(())
}

/// What is taken off the codes of every group of `groups`.
fn zeros(
    checkpoint: &Checkpoint,
    recipe: &Recipe,
    groups: &Rectangle,
) -> Result<Option<Vec<i64>>, ReadError> {
    let Some(Zero { codes, signed, one_less }) = &recipe.zero else { return Ok(None) };
    let (rows, cols) = recipe.grid.size(recipe.rows, recipe.cols);
    let mut read =
        codes::read(checkpoint, codes, Matrix { rows, cols, pieces: recipe.pieces }, groups)?;
    if *one_less {
        let top = (1u64 << codes.bits) - 1;
        read.iter_mut().for_each(|code| *code = (*code + 1) & top);
    }
    let levels = if *signed { &Levels::Signed } else { &recipe.levels };
    Ok(Some(read.into_iter().map(|code| whole(levels, codes.bits, code)).collect()))
}

/// `bytes` bytes from `offset` on of the stored tensor `part`, lowest byte of each number first.
fn bytes_of(
    checkpoint: &Checkpoint,
    part: &Entry,
    offset: u64,
    bytes: u64,
) -> Result<Vec<u8>, ReadError> {
    let file = &checkpoint.files[part.file];
    let mut buffer = vec![0; index(bytes)];
    let fails = |source| ReadError {
        file: file.path.clone(),
        tensor: part.name.clone(),
        offset: part.offset + offset,
        bytes,
        source,
    };
    if part.bytes < offset + bytes {
        return Err(fails(io::ErrorKind::UnexpectedEof.into()));
    }
    file.reader.read_exact_at(&mut buffer, part.offset + offset).map_err(fails)?;
    if file.order == jokbo_formats::ByteOrder::Big {
        part.dtype.turn_around(&mut buffer);
    }
    Ok(buffer)
}

/// A place inside memory that was already sized: it fits `usize` because the buffer does.
#[allow(clippy::cast_possible_truncation, reason = "bounded by the length of a buffer in memory")]
pub(crate) fn index(n: u64) -> usize {
    n as usize
}
