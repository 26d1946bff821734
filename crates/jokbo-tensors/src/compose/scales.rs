//! The scales of a rectangle of groups.

use jokbo_formats::{Entry, Outer, Recipe, Scales};

use super::{Rectangle, bytes_of, index, transposed};
use crate::Checkpoint;
use crate::decode::decode;
use crate::tensor::ReadError;

/// The scale of every group of `groups`, row by row, with what scales the piece on top.
pub(super) fn read(
    checkpoint: &Checkpoint,
    recipe: &Recipe,
    groups: &Rectangle,
) -> Result<Vec<f32>, ReadError> {
    let size = recipe.grid.size(recipe.rows, recipe.cols);
    let turned = recipe.scale.turned;
    let mut scales = match &recipe.scale.values {
        Scales::Floats(entry) => stored(checkpoint, entry, size, turned, groups, |bytes, out| {
            decode(entry.dtype, bytes, out);
        })?,
        Scales::Inverses(entry) => {
            stored(checkpoint, entry, size, turned, groups, |bytes, out| {
                decode(entry.dtype, bytes, out);
                out.iter_mut().for_each(|scale| *scale = scale.recip());
            })?
        }
        Scales::Powers(entry) => stored(checkpoint, entry, size, turned, groups, |bytes, out| {
            out.extend(bytes.iter().copied().map(power));
        })?,
        Scales::Composed(inner, added) => composed(checkpoint, inner, added, size, groups)?,
    };
    match &recipe.outer {
        Some(Outer::Times(entry)) => {
            let outer = outer(checkpoint, entry, groups.piece)?;
            scales.iter_mut().for_each(|scale| *scale *= outer);
        }
        Some(Outer::Over(entry)) => {
            let outer = outer(checkpoint, entry, groups.piece)?;
            scales.iter_mut().for_each(|scale| *scale /= outer);
        }
        Some(Outer::Over127) | None => {}
    }
    Ok(scales)
}

/// The elements of a stored matrix of `size` for each piece, or of its transpose.
fn stored(
    checkpoint: &Checkpoint,
    entry: &Entry,
    size: (u64, u64),
    turned: bool,
    groups: &Rectangle,
    decode: impl Fn(&[u8], &mut Vec<f32>),
) -> Result<Vec<f32>, ReadError> {
    let (rows, cols, pitch) = if turned {
        (&groups.cols, &groups.rows, size.0)
    } else {
        (&groups.rows, &groups.cols, size.1)
    };
    let each = entry.dtype.block_bytes();
    let (n_rows, n_cols) = (rows.end - rows.start, cols.end - cols.start);
    let whole = n_cols == pitch;
    let (runs, n) = if whole { (0..1, n_rows * n_cols) } else { (0..n_rows, n_cols) };
    let (mut all, mut line) = (Vec::new(), Vec::new());
    for run in runs {
        let start = groups.piece * size.0 * size.1 + (rows.start + run) * pitch + cols.start;
        let bytes = bytes_of(checkpoint, entry, start * each, n * each)?;
        decode(&bytes, &mut line);
        all.append(&mut line);
    }
    if !turned {
        return Ok(all);
    }
    Ok(transposed(&all, index(n_cols)))
}

/// `2^(e - 127)` of a byte `e`, and NaN of 255.
///
/// Reference: OCP Microscaling Formats (MX) Specification, version 1.0, section 5.4.1.
fn power(e: u8) -> f32 {
    match e {
        // Below the normal numbers.
        0 => f32::from_bits(1 << 22),
        u8::MAX => f32::NAN,
        e => f32::from_bits(u32::from(e) << 23),
    }
}

/// Scales that are numbers with scales of their own, and a number added to each.
fn composed(
    checkpoint: &Checkpoint,
    inner: &Recipe,
    added: &str,
    size: (u64, u64),
    groups: &Rectangle,
) -> Result<Vec<f32>, ReadError> {
    // Checked to be a number when the recipe was made.
    let added: f32 = added.parse().unwrap_or(f32::NAN);
    let mut scales = Vec::new();
    for row in groups.rows.clone() {
        let start = groups.piece * size.0 * size.1 + row * size.1 + groups.cols.start;
        let n = groups.cols.end - groups.cols.start;
        super::read(checkpoint, inner, start, n, &mut scales)?;
    }
    scales.iter_mut().for_each(|scale| *scale += added);
    Ok(scales)
}

/// The one number that scales all of a piece.
fn outer(checkpoint: &Checkpoint, entry: &Entry, piece: u64) -> Result<f32, ReadError> {
    let at = if entry.elements() == 1 { 0 } else { piece };
    let each = entry.dtype.block_bytes();
    let mut value = Vec::new();
    decode(entry.dtype, &bytes_of(checkpoint, entry, at * each, each)?, &mut value);
    Ok(value[0])
}
