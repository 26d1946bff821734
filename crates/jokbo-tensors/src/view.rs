//! A matrix laid over the flat elements of one stored tensor.

/// A matrix `[rows, cols]` over the elements of one tensor, never a copy.
///
/// Element `(r, c)` is stored element
/// `offset + (r / block) * block_stride + (r % block) * row_stride + c * col_stride`.
///
/// ```text
/// q_proj  [out, in]            offset 0        row_stride in   col_stride 1
/// Conv1D  [in, out] transposed offset 0        row_stride 1    col_stride out
/// k of a fused qkv             offset q * in   row_stride in   col_stride 1
/// expert e of a stack          offset e * h*d  row_stride d    col_stride 1
/// q of a per-head fused qkv    block hd, block_stride 3*hd*in  (gpt-neox)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// First stored element.
    pub offset: u64,
    /// Number of rows: output units, or the entries of a vector.
    pub rows: u64,
    /// Number of columns: input coordinates; kernel positions are folded in.
    pub cols: u64,
    /// Rows in a block; `rows` when there is only one block.
    pub block: u64,
    /// Stored elements from one block to the next.
    pub block_stride: u64,
    /// Stored elements from one row to the next inside a block.
    pub row_stride: u64,
    /// Stored elements from one column to the next.
    pub col_stride: u64,
}

impl View {
    /// The whole of a stored tensor: its first axis as rows, all others folded into columns.
    /// A scalar is `[1, 1]`, a vector `[n, 1]`.
    pub fn of_shape(shape: &[u64]) -> Self {
        let rows = shape.first().copied().unwrap_or(1);
        let cols = shape.iter().skip(1).product();
        Self::dense(rows, cols)
    }

    /// A dense row-major matrix from element 0 on.
    pub fn dense(rows: u64, cols: u64) -> Self {
        Self {
            offset: 0,
            rows,
            cols,
            block: rows,
            block_stride: rows * cols,
            row_stride: cols,
            col_stride: 1,
        }
    }

    /// The same elements with rows and columns exchanged. Only a view of one block can turn.
    #[must_use]
    pub fn transposed(self) -> Self {
        debug_assert_eq!(self.block, self.rows, "a blocked view cannot be transposed");
        Self {
            offset: self.offset,
            rows: self.cols,
            cols: self.rows,
            block: self.cols,
            block_stride: 0,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
        }
    }

    /// Rows `start .. start + rows` of a view of one block.
    #[must_use]
    pub fn row_range(self, start: u64, rows: u64) -> Self {
        debug_assert_eq!(self.block, self.rows, "a blocked view cannot be cut");
        debug_assert!(start + rows <= self.rows, "rows past the end of the view");
        Self { offset: self.offset + start * self.row_stride, rows, block: rows, ..self }
    }

    /// Number of elements.
    pub fn elements(&self) -> u64 {
        self.rows * self.cols
    }

    /// The stored element at the start of row `row`.
    pub fn row_start(&self, row: u64) -> u64 {
        let (block, within) = (row / self.block.max(1), row % self.block.max(1));
        self.offset + block * self.block_stride + within * self.row_stride
    }

    /// Whether the elements of one row lie side by side.
    pub fn rows_are_contiguous(&self) -> bool {
        self.col_stride == 1 || self.cols <= 1
    }

    /// Whether the whole view is one stored run in row order.
    pub fn is_dense(&self) -> bool {
        self.rows_are_contiguous()
            && self.row_stride == self.cols
            && (self.block == self.rows || self.block_stride == self.block * self.cols)
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
        assert_eq!(turned.row_start(2) + turned.col_stride, 5);
        assert_eq!(turned.transposed().row_start(1), stored.row_start(1));
    }

    #[test]
    fn a_blocked_view_skips_what_lies_between_its_blocks() {
        // Two heads of two rows each, queries, keys and values stored head by head.
        let queries = View { rows: 4, block: 2, block_stride: 3 * 2 * 5, ..View::dense(4, 5) };
        let starts: Vec<u64> = (0..4).map(|r| queries.row_start(r)).collect();
        assert_eq!(starts, [0, 5, 30, 35]);
        assert!(!queries.is_dense());
    }

    #[test]
    fn scalars_and_vectors_are_columns() {
        assert_eq!((View::of_shape(&[]).rows, View::of_shape(&[]).cols), (1, 1));
        assert_eq!((View::of_shape(&[7]).rows, View::of_shape(&[7]).cols), (7, 1));
        assert_eq!(View::of_shape(&[4, 3, 2]).cols, 6);
    }
}
