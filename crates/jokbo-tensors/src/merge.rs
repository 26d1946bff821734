//! A weight with an adapter's product added: `W + s L R`, any run of it, never the whole.
//!
//! For every run, only the rows of `L` and the columns of `R` that it crosses are read. Products
//! are summed in `f64` from the first rank to the last and scaled once, so the bits do not depend
//! on how a run was cut. A library that merges in a narrower type rounds on the way; those values
//! differ from these by its rounding.

use jokbo_formats::{Merged, Narrow};

use crate::Checkpoint;
use crate::compose::{Rectangle, index, next, transposed};
use crate::decode::natural;
use crate::tensor::{ReadError, read_stored};

/// The `count` numbers from element `start` on, in place of what `out` held.
///
/// Cost: the base's own, and `O(count * rank)`.
pub(crate) fn read(
    checkpoint: &Checkpoint,
    merged: &Merged,
    start: u64,
    count: u64,
    out: &mut Vec<f64>,
) -> Result<(), ReadError> {
    read_stored(checkpoint, &merged.base, start, count, out)?;
    let rank = natural(merged.rank);
    // Checked to be a number when the adapter was read.
    let alpha: f64 = merged.scaling.alpha.parse().unwrap_or(f64::NAN);
    let scale = if merged.scaling.root { alpha / rank.sqrt() } else { alpha / rank };
    let (mut at, mut rest) = (start, out.as_mut_slice());
    while at < start + count {
        let (wanted, taken) = next(merged.rows, merged.cols, at, start + count - at);
        let (now, later) = rest.split_at_mut(index(taken));
        add(checkpoint, merged, &wanted, scale, now)?;
        (at, rest) = (at + taken, later);
    }
    Ok(())
}

/// Adds the product's part in `wanted` to `values`.
fn add(
    checkpoint: &Checkpoint,
    merged: &Merged,
    wanted: &Rectangle,
    scale: f64,
    values: &mut [f64],
) -> Result<(), ReadError> {
    let rank = merged.rank;
    let left = part(checkpoint, &merged.left, (merged.rows, rank), &wanted.rows, &(0..rank))?;
    let right = part(checkpoint, &merged.right, (rank, merged.cols), &(0..rank), &wanted.cols)?;
    let n_cols = index(wanted.cols.end - wanted.cols.start);
    let mut line = vec![0.0; n_cols];
    for (row, values) in left.chunks(index(rank)).zip(values.chunks_mut(n_cols)) {
        line.fill(0.0);
        for (factor, across) in row.iter().zip(right.chunks(n_cols)) {
            line.iter_mut().zip(across).for_each(|(sum, x)| *sum += factor * x);
        }
        values.iter_mut().zip(&line).for_each(|(value, sum)| *value += scale * sum);
    }
    Ok(())
}

/// `rows` by `cols` of a narrow matrix that is meant as `size`, row by row.
fn part(
    checkpoint: &Checkpoint,
    narrow: &Narrow,
    size: (u64, u64),
    rows: &std::ops::Range<u64>,
    cols: &std::ops::Range<u64>,
) -> Result<Vec<f64>, ReadError> {
    let (down, along, pitch) =
        if narrow.turned { (cols, rows, size.0) } else { (rows, cols, size.1) };
    let n = along.end - along.start;
    let (runs, n) = if n == pitch {
        (down.start..down.start + 1, n * (down.end - down.start))
    } else {
        (down.clone(), n)
    };
    let (mut all, mut line) = (Vec::new(), Vec::new());
    for run in runs {
        read_stored(checkpoint, &narrow.stored, run * pitch + along.start, n, &mut line)?;
        all.append(&mut line);
    }
    let across = index(along.end - along.start);
    Ok(if narrow.turned { transposed(&all, across) } else { all })
}
