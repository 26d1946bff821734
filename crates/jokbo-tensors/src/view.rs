//! A matrix laid over the flat elements of one stored tensor.

/// A matrix `[rows, cols]` over the elements of one tensor, never a copy.
///
/// Element `(r, c)` is stored element
/// `offset + (r / block) * block_stride + (w / run) * run_stride + (w % run) * row_stride +
/// c * col_stride`, where `w` is `r % block`; a number `added` by the file's writer is taken off.
///
/// ```text
/// q_proj  [out, in]            offset 0        row_stride in   col_stride 1
/// Conv1D  [in, out] transposed offset 0        row_stride 1    col_stride out
/// k of a fused qkv             offset q * in   row_stride in   col_stride 1
/// expert e of a stack          offset e * h*d  row_stride d    col_stride 1
/// q of a per-head fused qkv    block hd, block_stride 3*hd*in  (gpt-neox)
/// q whose halves alternate     block hd, run hd/2, run_stride in, row_stride 2*in  (GGUF, llama)
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
    /// Rows in a run inside a block; at least `block` when a block is one run.
    pub run: u64,
    /// Stored elements from one run to the next inside a block.
    pub run_stride: u64,
    /// Stored elements from one row to the next inside a run.
    pub row_stride: u64,
    /// Stored elements from one column to the next.
    pub col_stride: u64,
    /// What the file's writer added to every element, taken off again on reading: 1 for the norms
    /// of Gemma in GGUF, else 0.
    pub added: u8,
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
            run: rows,
            run_stride: 0,
            row_stride: cols,
            col_stride: 1,
            added: 0,
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
            run: self.cols,
            run_stride: 0,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
            added: self.added,
        }
    }

    /// The same rows in another order inside every head of `head` rows: row `2 j + h` of the head
    /// as row `h head/2 + j`. This undoes how llama.cpp's converter interleaves the two halves of
    /// each head of queries and keys. `None` when the rows are not whole heads of even size, or
    /// the view has an order of its own.
    #[must_use]
    pub fn halves_rejoined(self, head: u64) -> Option<Self> {
        let whole = 0 < head && head.is_multiple_of(2) && self.rows.is_multiple_of(head);
        let plain = self.block == self.rows && self.rows <= self.run;
        (whole && plain).then_some(Self {
            block: head,
            block_stride: head * self.row_stride,
            run: head / 2,
            run_stride: self.row_stride,
            row_stride: 2 * self.row_stride,
            ..self
        })
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
        let (run, within) = (within / self.run.max(1), within % self.run.max(1));
        self.offset + block * self.block_stride + run * self.run_stride + within * self.row_stride
    }

    /// Whether the elements of one row lie side by side.
    pub fn rows_are_contiguous(&self) -> bool {
        self.col_stride == 1 || self.cols <= 1
    }

    /// Whether the whole view is one stored run in row order.
    pub fn is_dense(&self) -> bool {
        self.rows_are_contiguous()
            && self.row_stride == self.cols
            && self.block <= self.run
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
