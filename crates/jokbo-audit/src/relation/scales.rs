//! Which elements of a quantised tensor share a scale.

use jokbo_formats::Making;
use jokbo_statistics::relation::lattice::Group;
use jokbo_statistics::relation::stored::Shared;
use jokbo_tensors::{Dtype, Tensor};

/// What shares a scale, how that is called, and the bits of a code where they are known.
pub(super) fn of(tensor: &Tensor<'_>) -> (Shared, Group, Option<u32>) {
    let entry = tensor.entry();
    let Some(Making::Codes(recipe)) = entry.recipe.as_deref() else {
        let columns = neighbours(entry.dtype);
        return (Shared { columns, by_all_rows: false }, Group::Elements(columns), None);
    };
    let bits = Some(u32::from(recipe.scheme.bits()));
    let (high, wide) = (recipe.grid.rows_each, recipe.grid.cols_each);
    let (all_high, all_wide) = (recipe.rows <= high, recipe.cols <= wide);
    // A matrix that is stored as [in, out] is seen turned.
    let view = tensor.view();
    let is_turned = view.row_walk.stride() == Some(1) && view.col_walk.stride() != Some(1);
    let (down, along) = if is_turned {
        ((all_wide, wide), (all_high, high))
    } else {
        ((all_high, high), (all_wide, wide))
    };
    let columns = if along.0 { usize::MAX } else { usize::try_from(along.1).unwrap_or(usize::MAX) };
    let group = match (down, along) {
        ((true, _), (true, _)) => Group::Tensor,
        ((_, 1), (true, _)) => Group::Row,
        ((_, down), (_, along)) => {
            let many = down.min(view.rows).saturating_mul(along.min(view.cols));
            Group::Elements(usize::try_from(many).unwrap_or(usize::MAX))
        }
    };
    (Shared { columns, by_all_rows: down.0 }, group, bits)
}

/// Elements of a type in blocks that share their finest scale, at most.
fn neighbours(dtype: Dtype) -> usize {
    match dtype {
        Dtype::Q2K | Dtype::Q3K | Dtype::Q6K | Dtype::NVFP4 => 16,
        _ => 32,
    }
}
