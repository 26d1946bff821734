//! One byte a number, and scales beside: integers, and floating-point numbers of 8 bits.
//!
//! ```text
//! x.qweight  x.scale                      plain integers, x
//! x          x_scale      x_zero_point    compressed-tensors, FP8 and integers
//! x          x_scale_inv                  DeepSeek: FP8, a scale for 128 by 128; it multiplies
//! x          x_scale      x_scale_2       ModelOpt: two E2M1 a byte, a scale for 16, one for all
//! ```
//!
//! The shape of the scales says who shares one: one for all, one for each row, or as many along
//! each axis as there are blocks.

use super::{Composed, Tensors, microscaled, share};
use crate::{Codes, Dtype, Entry, Grid, Levels, Outer, Recipe, Scale, Scheme, Shown, Zero};

/// The weight whose codes are `entry`, when scales lie beside it.
pub(super) fn beside(entry: &Entry, tensors: &Tensors<'_>) -> Option<Composed> {
    let name = &entry.name;
    if !matches!(entry.dtype, Dtype::I8 | Dtype::U8 | Dtype::F8E4M3 | Dtype::F8E5M2) {
        return None;
    }
    let scale = tensors.of(name, "_scale").or_else(|| tensors.of(name, "_scale_inv"))?;
    if entry.dtype == Dtype::U8 {
        let outer = tensors.of(name, "_scale_2").cloned().map(Outer::Times);
        return outer.map(|outer| microscaled::pairs(name, entry, scale, Some(outer)));
    }
    Some(plain(name, entry, scale, tensors.of(name, "_zero_point"), tensors))
}

/// The weight `name` of which `entry` holds one byte for each number.
pub(super) fn plain(
    name: &str,
    entry: &Entry,
    scale: &Entry,
    zero: Option<&Entry>,
    tensors: &Tensors<'_>,
) -> Composed {
    let (scheme, levels) = match entry.dtype {
        Dtype::I8 => (Scheme::Int(8), Levels::Signed),
        Dtype::U8 => (Scheme::Int(8), Levels::Unsigned { less: 0 }),
        Dtype::F8E4M3 => (Scheme::F8E4M3, Levels::F8E4M3),
        Dtype::F8E5M2 => (Scheme::F8E5M2, Levels::F8E5M2),
        other => return Err(format!("{other} is not known to be scaled")),
    };
    let laid = Laid::of(&entry.shape, &scale.shape, tensors).ok_or_else(|| {
        let (of, has) = (Shown(&scale.name), &scale.shape);
        format!("`{of}` has the shape {has:?}, which lays no blocks over {:?}", entry.shape)
    })?;
    let zero = match zero {
        None => None,
        // A zero point of a floating-point type is written and always 0.
        Some(zero) if zero.dtype == entry.dtype && !zero.dtype.is_float() => {
            let signed = zero.dtype == Dtype::I8;
            Some(Zero { codes: Codes::plain(zero.clone()), signed, one_less: false })
        }
        Some(zero) => {
            let (of, has) = (Shown(&zero.name), zero.dtype);
            return Err(format!("`{of}` is {has}, and the codes are {}", entry.dtype));
        }
    };
    let recipe = Recipe {
        scheme,
        pieces: laid.pieces,
        rows: laid.rows,
        cols: laid.cols,
        codes: Codes::plain(entry.clone()),
        levels,
        grid: laid.grid,
        scale: Scale::floats(scale.clone()),
        zero,
        outer: None,
        beside: Vec::new(),
    };
    Entry::composed(name, &entry.shape, recipe)
}

/// How scales lie over a tensor.
struct Laid {
    pieces: u64,
    rows: u64,
    cols: u64,
    grid: Grid,
}

impl Laid {
    /// How scales of the shape `scales` lie over a tensor of `shape`.
    fn of(shape: &[u64], scales: &[u64], tensors: &Tensors<'_>) -> Option<Self> {
        let product = |axes: &[u64]| crate::recipe::product(axes);
        let (all, n_scales) = (product(shape)?, product(scales)?);
        let first = shape.first().copied().unwrap_or(1);
        if n_scales == 1 {
            return Some(Self { pieces: 1, rows: 1, cols: all, grid: Grid::whole(1, all) });
        }
        // One for each row, whatever the shape of the rest.
        if scales.first() == Some(&first) && n_scales == first {
            let cols = all.checked_div(first)?;
            return Some(Self { pieces: 1, rows: first, cols, grid: Grid::of(1, cols.max(1)) });
        }
        // As many axes: the last two in blocks, those before them piece by piece.
        let (stack, [rows, cols]) = shape.split_last_chunk::<2>()?;
        let (scale_stack, [down, along]) = scales.split_last_chunk::<2>()?;
        if stack != scale_stack {
            return None;
        }
        let usual = |axis: usize| {
            let said = tensors.config["weight_block_size"][axis].as_u64();
            said.or(tensors.setting("group_size")).or(Some(128))
        };
        let grid = Grid::of(share(*rows, *down, usual(0))?, share(*cols, *along, usual(1))?);
        Some(Self { pieces: product(stack)?, rows: *rows, cols: *cols, grid })
    }
}
