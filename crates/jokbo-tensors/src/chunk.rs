//! Where the blocks of a pass begin and end: fixed by the shape, never by threads or memory.

use std::ops::Range;

use crate::View;

/// Elements in a full block: 1 MiB of `f32`. Two such blocks and their sums stay in a core's
/// second-level cache on current machines, and a read of this size keeps a disk busy.
pub const CHUNK_ELEMENTS: u64 = 1 << 18;

/// A rectangle of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its rows.
    pub rows: Range<u64>,
    /// Its columns.
    pub cols: Range<u64>,
}

/// The blocks that tile the first `rows` rows and `cols` columns of a view, in row order.
///
/// A block is as many whole rows as fit [`CHUNK_ELEMENTS`]; a row longer than that is cut. An
/// empty rectangle has no blocks.
pub fn blocks(rows: u64, cols: u64) -> Vec<Block> {
    if rows == 0 || cols == 0 {
        return Vec::new();
    }
    let height = (CHUNK_ELEMENTS / cols).max(1);
    let width = cols.min(CHUNK_ELEMENTS);
    let starts = |n: u64, step: u64| (0..n.div_ceil(step)).map(move |k| k * step);
    starts(rows, height)
        .flat_map(|r| {
            let rows = r..(r + height).min(rows);
            starts(cols, width)
                .map(move |c| Block { rows: rows.clone(), cols: c..(c + width).min(cols) })
        })
        .collect()
}

impl View {
    /// The blocks that tile the whole view. See [`blocks`].
    pub fn blocks(&self) -> Vec<Block> {
        blocks(self.rows, self.cols)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn blocks_tile_the_rectangle_and_stay_small(rows in 0u64..5000, cols in 0u64..700_000) {
            let tiles = blocks(rows, cols);
            let area: u64 = tiles
                .iter()
                .map(|b| (b.rows.end - b.rows.start) * (b.cols.end - b.cols.start))
                .sum();
            prop_assert_eq!(area, rows * cols);
            for b in &tiles {
                let size = (b.rows.end - b.rows.start) * (b.cols.end - b.cols.start);
                prop_assert!(0 < size && size <= CHUNK_ELEMENTS);
                prop_assert!(b.rows.end <= rows && b.cols.end <= cols);
            }
        }
    }

    #[test]
    fn a_row_longer_than_a_block_is_cut() {
        let tiles = blocks(2, CHUNK_ELEMENTS + 1);
        assert_eq!(tiles.len(), 4);
        assert_eq!(tiles[1], Block { rows: 0..1, cols: CHUNK_ELEMENTS..CHUNK_ELEMENTS + 1 });
    }
}
