//! A matrix laid over the flat elements of one stored tensor.

use crate::Walk;

/// A matrix `[rows, cols]` over the elements of one tensor, never a copy.
///
/// Element `(r, c)` is stored element `offset + row_walk.place(r) + col_walk.place(c)`; a number
/// `added` by the file's writer is taken off.
///
/// ```text
/// q_proj  [out, in]            offset 0        rows every in      columns every 1
/// Conv1D  [in, out] transposed offset 0        rows every 1       columns every out
/// k of a fused qkv             offset q * in   rows every in      columns every 1
/// expert e of a stack          offset e * h*d  rows every d       columns every 1
/// q of a per-head fused qkv    offset 0        heads every 3*hd*in, in each rows every in (gpt-neox)
/// q whose halves alternate     offset 0        heads, halves every in, rows every 2*in (GGUF, llama)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// First stored element.
    pub offset: u64,
    /// Number of rows: output units, or the entries of a vector.
    pub rows: u64,
    /// Number of columns: input coordinates; kernel positions are folded in.
    pub cols: u64,
    /// Where each row starts, from `offset`.
    pub row_walk: Walk,
    /// Where each column lies, from the start of its row.
    pub col_walk: Walk,
    /// What the file's writer added to every element, taken off again on reading: 1 for the norms
    /// of Gemma in GGUF, else 0.
    pub added: u8,
}

impl View {
    /// Which stored element the entry in this row and column is, for a row and column that it has.
    pub fn place(&self, row: u64, col: u64) -> u64 {
        self.offset + self.row_walk.place(row) + self.col_walk.place(col)
    }

    /// The whole of a stored tensor: its first axis as rows, all others folded into columns.
    /// A scalar is `[1, 1]`, a vector `[n, 1]`.
    pub fn of_shape(shape: &[u64]) -> Self {
        let rows = shape.first().copied().unwrap_or(1);
        let cols = shape.iter().skip(1).product();
        Self::dense(rows, cols)
    }

    /// The whole of a tensor whose axes are stored with `strides`, in elements: its first axis as
    /// rows, all others folded into columns in their order. `None` when a size is 0, the lengths
    /// differ, or the columns need more steps than a [`Walk`] has.
    pub fn of_strides(shape: &[u64], strides: &[u64]) -> Option<Self> {
        if shape.len() != strides.len() {
            return None;
        }
        let mut axes = shape.iter().copied().zip(strides.iter().copied());
        let first = axes.next();
        let cols = axes.clone().map(|(n, _)| n).product();
        let row_walk = Walk::nested(first)?;
        let col_walk = Walk::nested(axes)?;
        let rows = first.map_or(1, |(n, _)| n);
        Some(Self { offset: 0, rows, cols, row_walk, col_walk, added: 0 })
    }

    /// A dense row-major matrix from element 0 on.
    pub fn dense(rows: u64, cols: u64) -> Self {
        let (row_walk, col_walk) = (Walk::plain(cols), Walk::plain(1));
        Self { offset: 0, rows, cols, row_walk, col_walk, added: 0 }
    }

    /// The same elements with rows and columns exchanged.
    #[must_use]
    pub fn transposed(self) -> Self {
        let Self { rows, cols, row_walk, col_walk, .. } = self;
        Self { rows: cols, cols: rows, row_walk: col_walk, col_walk: row_walk, ..self }
    }

    /// The same rows in another order inside every head of `head` rows: row `2 j + h` of the head
    /// as row `h head/2 + j`. This undoes how llama.cpp's converter interleaves the two halves of
    /// each head of queries and keys. `None` when the rows are not whole heads of even size, or
    /// the view has an order of its own.
    #[must_use]
    pub fn halves_rejoined(self, head: u64) -> Option<Self> {
        let whole = 0 < head && head.is_multiple_of(2) && self.rows.is_multiple_of(head);
        let stride = self.row_walk.stride().filter(|_| whole && 0 < self.rows)?;
        let heads = (self.rows / head, head * stride);
        let row_walk = Walk::nested([heads, (2, stride), (head / 2, 2 * stride)])?;
        Some(Self { row_walk, ..self })
    }

    /// Rows `start .. start + rows` of a view whose rows have one stride.
    #[must_use]
    pub fn row_range(self, start: u64, rows: u64) -> Self {
        debug_assert!(self.row_walk.stride().is_some(), "rows in several steps cannot be cut");
        debug_assert!(start + rows <= self.rows, "rows past the end of the view");
        Self { offset: self.row_start(start), rows, ..self }
    }

    /// Number of elements.
    pub fn elements(&self) -> u64 {
        self.rows * self.cols
    }

    /// The stored element at the start of row `row`.
    pub fn row_start(&self, row: u64) -> u64 {
        self.offset + self.row_walk.place(row)
    }

    /// Whether the elements of one row lie side by side.
    pub fn rows_are_contiguous(&self) -> bool {
        self.col_walk.is_run(self.cols)
    }

    /// Whether the whole view is one stored run in row order.
    pub fn is_dense(&self) -> bool {
        self.rows_are_contiguous() && (self.rows <= 1 || self.row_walk.stride() == Some(self.cols))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transposed_view_walks_the_other_way() {
        let stored = View::dense(2, 3);
        let turned = stored.transposed();
        assert_eq!((turned.rows, turned.cols), (3, 2));
        assert_eq!(turned.row_start(2) + turned.col_walk.place(1), 5);
        assert_eq!(turned.transposed().row_start(1), stored.row_start(1));
    }

    #[test]
    fn a_blocked_view_skips_what_lies_between_its_blocks() {
        // Two heads of two rows each, queries, keys and values stored head by head.
        let row_walk = Walk::nested([(2, 3 * 2 * 5), (2, 5)]).unwrap();
        let queries = View { row_walk, ..View::dense(4, 5) };
        let starts: Vec<u64> = (0..4).map(|r| queries.row_start(r)).collect();
        assert_eq!(starts, [0, 5, 30, 35]);
        assert!(!queries.is_dense());
    }

    #[test]
    fn strides_are_followed_axis_by_axis() {
        let dense = View::of_strides(&[4, 3, 2], &[6, 2, 1]).unwrap();
        assert_eq!(dense, View::dense(4, 6));
        // [out, in, h, w] = [5, 4, 3, 2] of a convolution stored back to front.
        let turned = View::of_strides(&[5, 4, 3, 2], &[1, 5, 20, 60]).unwrap();
        assert_eq!((turned.rows, turned.cols, turned.row_start(3)), (5, 24, 3));
        assert_eq!(turned.col_walk.place(3), 80);
        assert_eq!(View::of_strides(&[], &[]), Some(View::of_shape(&[])));
        assert_eq!(View::of_strides(&[7], &[1]), Some(View::of_shape(&[7])));
        assert_eq!(View::of_strides(&[2, 0], &[1, 1]), None);
        assert_eq!(View::of_strides(&[2, 2], &[1]), None);
    }

    #[test]
    fn halves_that_alternate_are_rejoined() {
        // Two heads of four rows. The writer stored rows 0 1 2 3 of a head as 0 2 1 3.
        let stored = View::dense(8, 5);
        let rejoined = stored.halves_rejoined(4).unwrap();
        let rows: Vec<u64> = (0..8).map(|r| rejoined.row_start(r) / 5).collect();
        assert_eq!(rows, [0, 2, 1, 3, 4, 6, 5, 7]);
        assert!(!rejoined.is_dense());
        let six: Vec<u64> =
            (0..6).map(|r| View::dense(6, 1).halves_rejoined(6).unwrap().row_start(r)).collect();
        assert_eq!(six, [0, 2, 4, 1, 3, 5]);
        for head in [0, 3, 5, 16] {
            assert_eq!(stored.halves_rejoined(head), None, "{head}");
        }
        assert_eq!(rejoined.halves_rejoined(4), None);
    }

    #[test]
    fn scalars_and_vectors_are_columns() {
        assert_eq!((View::of_shape(&[]).rows, View::of_shape(&[]).cols), (1, 1));
        assert_eq!((View::of_shape(&[7]).rows, View::of_shape(&[7]).cols), (7, 1));
        assert_eq!(View::of_shape(&[4, 3, 2]).cols, 6);
    }
}
