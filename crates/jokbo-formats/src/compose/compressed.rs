//! `_packed` of compressed-tensors: integers in words of 32 bits, or floating-point numbers of 4.
//!
//! ```text
//! x_packed      [rows, cols b/32] I32    codes + 2^(b-1), along the rows, across words
//! x_scale       [rows, groups]
//! x_zero_point  [rows b/32, groups] I32  when not symmetric, as the codes but down the rows
//! x_shape       [2]                      rows and columns
//! x_g_idx       [cols] I32               when inputs were reordered
//! ```
//!
//! Source: the package `compressed-tensors`, its formats pack-quantized, nvfp4-pack-quantized and
//! mxfp4-pack-quantized.

use std::sync::Arc;

use super::{Composed, Tensors, matrix, microscaled, of_type, share};
use crate::{Codes, Dtype, Entry, Grid, Levels, Outer, Packing, Recipe, Scale, Scheme, Zero};

/// The weight called `stem`, whose codes are `entry`.
pub(super) fn packed(entry: &Entry, stem: &str, scale: &Entry, tensors: &Tensors<'_>) -> Composed {
    if entry.dtype == Dtype::U8 {
        let outer = tensors.of(stem, "_global_scale").cloned().map(Outer::Over);
        return microscaled::pairs(stem, entry, scale, outer);
    }
    of_type(entry, Dtype::I32)?;
    let shape = tensors.need(stem, "_shape")?;
    let [rows, cols] = tensors.numbers(shape)?[..] else {
        return Err(format!("`{}` does not hold two numbers", shape.name));
    };
    let (_, words) = matrix(entry)?;
    let fitting: Vec<u8> = (1..=8)
        .filter(|bits| cols.checked_mul((*bits).into()).map(|all| all.div_ceil(32)) == Some(words))
        .collect();
    let [bits] = fitting[..] else {
        return Err(format!("rows of {cols} codes in {words} words have no width of their own"));
    };
    let mut beside = vec![shape.clone()];
    let (_, groups) = match *scale.shape {
        [n] if n == rows => (n, 1),
        _ => matrix(scale)?,
    };
    let each =
        share(cols, groups, None).ok_or_else(|| format!("{cols} columns in {groups} groups"))?;
    let mut grid = Grid::of(1, each);
    if let Some(index) = tensors.of(stem, "_g_idx") {
        beside.push(index.clone());
        let index: Option<Arc<[u32]>> =
            tensors.numbers(index)?.into_iter().map(|group| u32::try_from(group).ok()).collect();
        let index = index.ok_or("the index of its groups is beyond 32 bits")?;
        grid = Grid { index: Some((index, groups)), ..Grid::of(1, 1) };
    }
    let zero = tensors.of(stem, "_zero_point").map(|zero| Zero {
        codes: Codes::packed(zero.clone(), bits, Packing::Down),
        signed: false,
        one_less: false,
    });
    let recipe = Recipe {
        scheme: Scheme::Int(bits),
        pieces: 1,
        rows,
        cols,
        codes: Codes::packed(entry.clone(), bits, Packing::Side),
        levels: Levels::Unsigned { less: 1 << (bits - 1) },
        grid,
        scale: Scale::floats(scale.clone()),
        zero,
        outer: None,
        beside,
    };
    Entry::composed(stem, &[rows, cols], recipe)
}
