//! Floating-point numbers of 4 bits, two in a byte, in blocks along the rows with one scale each.
//!
//! ```text
//! x_blocks  [.., groups, 16]   x_scales [.., groups]     MXFP4 of gpt-oss: 32 numbers, E8M0
//! x_packed  [rows, cols/2]     x_scale  [rows, cols/32]  MXFP4 of compressed-tensors, E8M0
//! x_packed  [rows, cols/2]     x_scale  [rows, cols/16]  NVFP4, E4M3, over x_global_scale
//! x         [rows, cols/2]     x_scale  [rows, cols/16]  NVFP4 of ModelOpt, E4M3, times x_scale_2
//! ```
//!
//! The lower half of a byte is the earlier number. Source of the types: OCP Microscaling Formats
//! (MX) Specification, version 1.0.

use super::{Composed, of_type};
use crate::{
    Codes, Dtype, Entry, Grid, Levels, Outer, Packing, Recipe, Scale, Scales, Scheme, Shown,
};

/// The weight called `stem`, whose codes are `entry`, 16 bytes to a block.
///
/// Stacked experts are stored `[experts, out, in]`, and the weight that they were made from is
/// `[experts, in, out]`: the library that writes them turns each matrix, and here it is turned
/// back.
pub(super) fn blocks(entry: &Entry, stem: &str, scales: &Entry) -> Composed {
    of_type(scales, Dtype::U8)?;
    let misfit = || {
        let (of, has) = (Shown(&scales.name), &scales.shape);
        format!("`{of}` has the shape {has:?}, and blocks {:?}", entry.shape)
    };
    let (groups, rows, stack) = match *scales.shape {
        [.., groups, rest] if entry.shape == [scales.shape.as_slice(), &[16]].concat() => {
            let stack = &scales.shape[..scales.shape.len() - 2];
            (rest, groups, stack)
        }
        _ => return Err(misfit()),
    };
    let cols = groups.checked_mul(32).ok_or_else(misfit)?;
    let pieces = crate::recipe::product(stack).ok_or_else(misfit)?;
    let turned = !stack.is_empty();
    let codes = Codes::packed(entry.clone(), 4, Packing::Flat);
    let (codes, grid, rows, cols) = if turned {
        (codes.turned(), Grid::of(32, 1), cols, rows)
    } else {
        (codes, Grid::of(1, 32), rows, cols)
    };
    let recipe = Recipe {
        scheme: Scheme::Mxfp4,
        pieces,
        rows,
        cols,
        codes,
        levels: Levels::E2M1,
        grid,
        scale: Scale { values: Scales::Powers(scales.clone()), turned },
        zero: None,
        outer: None,
        beside: Vec::new(),
    };
    Entry::composed(stem, &[stack, &[rows, cols]].concat(), recipe)
}

/// The weight `name`, whose codes are `entry`, two to a byte along the rows.
pub(super) fn pairs(name: &str, entry: &Entry, scale: &Entry, outer: Option<Outer>) -> Composed {
    of_type(entry, Dtype::U8)?;
    let (Some((bytes, before)), Some((groups, above))) =
        (entry.shape.split_last(), scale.shape.split_last())
    else {
        return Err("it is no matrix".to_owned());
    };
    let cols = bytes.checked_mul(2).ok_or("its rows are too long")?;
    let (scheme, each, values) = match scale.dtype {
        Dtype::U8 => (Scheme::Mxfp4, 32, Scales::Powers(scale.clone())),
        Dtype::F8E4M3 => (Scheme::Nvfp4, 16, Scales::Floats(scale.clone())),
        other => return Err(format!("`{}` is {other}, and U8 or F8_E4M3 is expected", scale.name)),
    };
    if before != above || cols.div_ceil(each) != *groups {
        let (of, has) = (Shown(&scale.name), &scale.shape);
        return Err(format!("`{of}` has the shape {has:?}, and bytes {:?}", entry.shape));
    }
    if (scheme == Scheme::Nvfp4) != outer.is_some() {
        return Err(format!("{scheme} with or without one scale for all is not read"));
    }
    let rows = crate::recipe::product(before).ok_or("it has too many rows")?;
    let recipe = Recipe {
        scheme,
        pieces: 1,
        rows,
        cols,
        codes: Codes::packed(entry.clone(), 4, Packing::Flat),
        levels: Levels::E2M1,
        grid: Grid::of(1, each),
        scale: Scale { values, turned: false },
        zero: None,
        outer,
        beside: Vec::new(),
    };
    Entry::composed(name, &[before, &[cols]].concat(), recipe)
}
