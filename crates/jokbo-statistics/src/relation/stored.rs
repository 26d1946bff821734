//! How well a side that is stored in a quantised type is the other side rounded to its levels.

use super::lattice::{Group, Lattice, Levels};
use super::sample::Sample;
use crate::number::float_usize;

/// Rows looked at.
const ROWS: usize = 32;

/// Which elements of a sample share a scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shared {
    /// Neighbours in a row.
    pub columns: usize,
    /// The scale is that of all rows.
    pub by_all_rows: bool,
}

/// The levels of A are the values that occur in it where one scale is shared; the lattice says for
/// what share of elements none of them is nearer to B's value than A's own. `None` when A and B are
/// equal where it was looked.
///
/// Levels that happen not to occur are not known, so a small group says less than a large one.
/// Time `O(n log n)` for the elements of 32 rows.
pub fn stored(sample: &Sample, shared: Shared, group: Group, bits: Option<u32>) -> Option<Lattice> {
    let (rows, cols) = (sample.rows().min(ROWS), sample.cols());
    let (high, wide) =
        (if shared.by_all_rows { rows } else { 1 }, shared.columns.clamp(1, cols.max(1)));
    let (a, b) = (sample.a(), sample.b());
    let (mut near, mut same) = (0usize, 0usize);
    for top in (0..rows).step_by(high) {
        for left in (0..cols).step_by(wide) {
            let places = (top..rows.min(top + high))
                .flat_map(|row| (left..cols.min(left + wide)).map(move |col| row * cols + col));
            let mut levels: Vec<f32> = places.clone().map(|at| a[at]).collect();
            levels.sort_by(f32::total_cmp);
            levels.dedup();
            for at in places {
                near += usize::from(is_nearest(&levels, a[at], b[at]));
                same += usize::from(a[at].to_bits() == b[at].to_bits());
            }
        }
    }
    let all = rows * cols;
    let nearest = float_usize(near) / float_usize(all);
    (same < all).then_some(Lattice { group, levels: Levels::Stored(bits), nearest })
}

/// Whether no level of a sorted list is nearer to `y` than `x` is, ties aside.
fn is_nearest(levels: &[f32], x: f32, y: f32) -> bool {
    let above = levels.partition_point(|level| *level < y);
    let off = |level: &f32| f64::from(*level - y).abs();
    let nearest = levels[above.saturating_sub(1)..levels.len().min(above + 1)]
        .iter()
        .map(off)
        .fold(f64::INFINITY, f64::min);
    off(&x) <= 1.0001 * nearest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Draws;

    const COLS: usize = 96;

    /// B's values rounded to steps of their own for every `group`, or moved by one step.
    fn nearest(group: impl Fn(usize, usize) -> usize, shared: Shared, moved: bool) -> f64 {
        let mut draws = Draws::new(3, "stored");
        let b: Vec<f32> = (0..16 * COLS).map(|_| draws.below(1 << 20) as f32 / 1e6 - 0.5).collect();
        let rounded = |(at, x): (usize, &f32)| {
            let step = 0.04 * (1 + group(at / COLS, at % COLS) % 5) as f32;
            ((x / step).round() + f32::from(u8::from(moved && at % 2 == 0))) * step
        };
        let a = b.iter().enumerate().map(rounded).collect();
        let sample = Sample::new(COLS, (a, b), (None, None)).unwrap();
        stored(&sample, shared, Group::Tensor, Some(4)).unwrap().nearest
    }

    #[test]
    fn rounding_is_seen_whatever_shares_a_scale() {
        let row = Shared { columns: COLS, by_all_rows: false };
        let tensor = Shared { columns: COLS, by_all_rows: true };
        let column = Shared { columns: 1, by_all_rows: true };
        let group = Shared { columns: 32, by_all_rows: false };
        assert_eq!(nearest(|row, _| row, row, false), 1.0);
        assert_eq!(nearest(|_, _| 0, tensor, false), 1.0);
        assert_eq!(nearest(|_, col| col, column, false), 1.0);
        assert_eq!(nearest(|row, col| row + col / 32, group, false), 1.0);
        // With the levels of another row's scale among them a nearer one is always found.
        assert!(nearest(|row, _| row, tensor, false) < 0.7);
        assert!(nearest(|_, _| 0, tensor, true) < 0.6);
    }

    #[test]
    fn equal_sides_say_nothing() {
        let values: Vec<f32> = (0..64).map(|k| k as f32).collect();
        let sample = Sample::new(32, (values.clone(), values), (None, None)).unwrap();
        let shared = Shared { columns: 32, by_all_rows: false };
        assert_eq!(stored(&sample, shared, Group::Row, None), None);
    }
}
