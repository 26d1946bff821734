//! A tensor of two true axes, readable in both directions without a copy.

/// A matrix `[rows, cols]` over a slice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid<'a> {
    values: &'a [f32],
    pub(super) rows: usize,
    pub(super) cols: usize,
    row_stride: usize,
    col_stride: usize,
}

impl<'a> Grid<'a> {
    /// The matrix that is left when axes of length one are dropped; `None` unless there are two.
    pub(super) fn new(values: &'a [f32], shape: &[u64]) -> Option<Self> {
        let mut axes = shape.iter().copied().filter(|&axis| axis != 1);
        let (rows, cols) = (axes.next()?, axes.next()?);
        if axes.next().is_some() {
            return None;
        }
        let (rows, cols) = (usize::try_from(rows).ok()?, usize::try_from(cols).ok()?);
        let fits = rows.checked_mul(cols) == Some(values.len());
        fits.then_some(Self { values, rows, cols, row_stride: cols, col_stride: 1 })
    }

    /// Rows and columns exchanged.
    pub(super) fn transposed(self) -> Self {
        Self {
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
            ..self
        }
    }

    /// The stored values, in stored order.
    pub(super) fn stored(&self) -> &'a [f32] {
        self.values
    }

    /// The value at `row`, `col`.
    pub(super) fn at(&self, row: usize, col: usize) -> f64 {
        f64::from(self.values[row * self.row_stride + col * self.col_stride])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_of_length_one_are_dropped_and_two_must_remain() {
        let values = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        let grid = Grid::new(&values, &[1, 2, 1, 3]).unwrap();
        assert_eq!((grid.rows, grid.cols, grid.at(1, 2)), (2, 3, 5.0));
        let turned = grid.transposed();
        assert_eq!((turned.rows, turned.cols, turned.at(2, 1)), (3, 2, 5.0));
        assert!(Grid::new(&values, &[6]).is_none());
        assert!(Grid::new(&values[..4], &[2, 2, 1]).is_some());
        assert!(Grid::new(&[0.0; 8], &[2, 2, 2]).is_none());
        assert!(Grid::new(&values, &[2, 2]).is_none());
    }
}
