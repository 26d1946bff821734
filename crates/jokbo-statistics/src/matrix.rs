//! Matrices in row order and the one product that everything here is built from.

use std::ops::Range;

use rayon::prelude::*;

use crate::widest::{self, Kernel};

/// A matrix of shape `[rows, cols]` in row order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matrix {
    rows: usize,
    cols: usize,
    values: Vec<f32>,
}

impl Matrix {
    /// A matrix over `values`. `None` unless there are `rows · cols` of them. A value that is not
    /// finite becomes 0: it is listed elsewhere and must not poison a sum.
    pub fn new(rows: usize, cols: usize, mut values: Vec<f32>) -> Option<Self> {
        values.iter_mut().filter(|x| !x.is_finite()).for_each(|x| *x = 0.0);
        (rows.checked_mul(cols) == Some(values.len())).then_some(Self { rows, cols, values })
    }

    /// A matrix of zeros.
    pub fn zeros(rows: usize, cols: usize) -> Self {
        Self { rows, cols, values: vec![0.0; rows * cols] }
    }

    /// What a product gave, as it is.
    pub(crate) fn of_products(rows: usize, cols: usize, values: Vec<f32>) -> Self {
        debug_assert_eq!(values.len(), rows * cols, "a product has its shape");
        Self { rows, cols, values }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Row `row`.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.cols..(row + 1) * self.cols]
    }

    /// All rows, one after another.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Row `row`, to be changed.
    pub fn row_mut(&mut self, row: usize) -> &mut [f32] {
        &mut self.values[row * self.cols..(row + 1) * self.cols]
    }

    /// `self · otherᵀ`, shape `[self.rows, other.rows]`. Every machine gets the same bits: the sums
    /// run in a fixed order over fixed lanes. Time `O(rows · other.rows · cols)`.
    ///
    /// # Panics
    /// When the rows are not equally wide: a bug of the caller.
    #[must_use]
    pub fn times_transposed(&self, other: &Self) -> Self {
        assert_eq!(self.cols, other.cols, "a product needs rows of one width");
        let values = products(&self.values, &other.values, self.cols, self.rows, other.rows);
        Self { rows: self.rows, cols: other.rows, values }
    }

    /// Every value through `f`.
    #[must_use]
    pub fn map(&self, f: impl Fn(f32) -> f32) -> Self {
        Self { values: self.values.iter().map(|&x| f(x)).collect(), ..*self }
    }

    /// The mean of both, value by value.
    ///
    /// # Panics
    /// When the shapes differ: a bug of the caller.
    #[must_use]
    pub fn mean_with(&self, other: &Self) -> Self {
        assert_eq!((self.rows, self.cols), (other.rows, other.cols), "a mean needs one shape");
        let pairs = self.values.iter().zip(&other.values);
        Self { values: pairs.map(|(x, y)| 0.5 * (x + y)).collect(), ..*self }
    }

    /// Rows and columns exchanged.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let values = transposed(&self.values, self.cols);
        Self { rows: self.cols, cols: self.rows, values }
    }

    /// Puts the rows of `other`, as wide as this has rows, in place of the columns from `at` on.
    ///
    /// # Panics
    /// When they do not fit: a bug of the caller.
    pub fn put_turned(&mut self, at: usize, other: &Self) {
        assert_eq!(self.rows, other.cols, "turned rows need as many places as they are wide");
        let turned = transposed(&other.values, other.cols);
        for (row, new) in turned.chunks_exact(other.rows.max(1)).enumerate() {
            self.row_mut(row)[at..at + other.rows].copy_from_slice(new);
        }
    }

    /// Both side by side, shape `[rows, self.cols + other.cols]`.
    ///
    /// # Panics
    /// When the rows are not equally many: a bug of the caller.
    #[must_use]
    pub fn beside(&self, other: &Self) -> Self {
        assert_eq!(self.rows, other.rows, "matrices side by side need as many rows");
        let rows = (0..self.rows).flat_map(|r| [self.row(r), other.row(r)]);
        let cols = self.cols + other.cols;
        Self { rows: self.rows, cols, values: rows.flatten().copied().collect() }
    }

    /// Columns `start .. start + count`.
    #[must_use]
    pub fn columns(&self, start: usize, count: usize) -> Self {
        let rows = (0..self.rows).flat_map(|r| &self.row(r)[start..start + count]);
        Self { rows: self.rows, cols: count, values: rows.copied().collect() }
    }

    /// The rows numbered `chosen`, in that order.
    #[must_use]
    pub fn select(&self, chosen: &[usize]) -> Self {
        let values = chosen.iter().flat_map(|&r| self.row(r)).copied().collect();
        Self { rows: chosen.len(), cols: self.cols, values }
    }

    /// The rows of a range.
    #[must_use]
    pub fn rows_in(&self, range: Range<usize>) -> Self {
        let values = self.values[range.start * self.cols..range.end * self.cols].to_vec();
        Self { rows: range.len(), cols: self.cols, values }
    }

    /// Every value times `factor`.
    #[must_use]
    pub fn scaled(mut self, factor: f32) -> Self {
        self.values.iter_mut().for_each(|x| *x *= factor);
        self
    }
}

/// Rows of A done together: each load of B serves as many sums.
const BAND: usize = 4;
/// Rows of B done together: as many sums as fit the registers.
const PAIR: usize = 2;
/// Rows of B that stay in the cache while the bands of A pass.
const BLOCK: usize = 64;
/// Columns done together, so that a block of B stays in the cache however wide its rows are.
const TILE: usize = 1024;
/// Partial sums kept side by side in one inner product.
const LANES: usize = 8;

/// Values of shape `[n, cols]` as `[cols, n]`, sixteen columns at a time, so that what is read and what is
/// written both stay in the cache. `O(n cols)`.
pub fn transposed<T: Copy + Default + Send + Sync>(values: &[T], cols: usize) -> Vec<T> {
    const TOGETHER: usize = 16;
    let n = values.len() / cols.max(1);
    let mut turned = vec![T::default(); values.len()];
    turned.par_chunks_mut((TOGETHER * n).max(1)).enumerate().for_each(|(block, out)| {
        let columns = block * TOGETHER..cols.min((block + 1) * TOGETHER);
        for (r, row) in values.chunks_exact(cols.max(1)).enumerate() {
            for (c, &x) in row[columns.clone()].iter().enumerate() {
                out[c * n + r] = x;
            }
        }
    });
    turned
}

/// All inner products of `n` rows of `a` with `m` rows of `b`, shape `[n, m]`; rows `width` wide.
pub(crate) fn products(a: &[f32], b: &[f32], width: usize, n: usize, m: usize) -> Vec<f32> {
    let mut out = vec![0.0; n * m];
    // Sixteen bands a task, so that a block of B is read from memory once for all of them.
    const TASK: usize = 16 * BAND;
    out.par_chunks_mut((m * TASK).max(1)).enumerate().for_each(|(task, out)| {
        let rows = task * TASK..n.min((task + 1) * TASK);
        let a = &a[rows.start * width..rows.end * width];
        widest::run(Rows { a, b, width, m, out });
    });
    out
}

/// Some rows of A against all rows of B.
struct Rows<'a> {
    /// At least one row.
    a: &'a [f32],
    b: &'a [f32],
    width: usize,
    m: usize,
    /// Zeros to begin with: the products of every tile of columns are added.
    out: &'a mut [f32],
}

impl Kernel for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { a, b, width, m, out } = self;
        for first in (0..width).step_by(TILE) {
            let tile = first..width.min(first + TILE);
            for start in (0..m).step_by(BLOCK) {
                let block = start..m.min(start + BLOCK);
                for (band, out) in out.chunks_mut(m * BAND).enumerate() {
                    let count = out.len() / m;
                    let rows: [&[f32]; BAND] = std::array::from_fn(|k| {
                        &row(a, width, band * BAND + k.min(count - 1))[tile.clone()]
                    });
                    let mut put = |j: usize, sums: [f32; BAND]| {
                        for (k, sum) in sums.iter().take(count).enumerate() {
                            out[k * m + j] += *sum;
                        }
                    };
                    let b = |j: usize| &row(b, width, j)[tile.clone()];
                    let (mut j, last) = (block.start, block.end);
                    while j + PAIR <= last {
                        let sums = some_products::<PAIR>(rows, std::array::from_fn(|k| b(j + k)));
                        sums.into_iter().enumerate().for_each(|(k, sums)| put(j + k, sums));
                        j += PAIR;
                    }
                    if j < last {
                        let [sums] = some_products(rows, [b(j)]);
                        put(j, sums);
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn row(values: &[f32], width: usize, row: usize) -> &[f32] {
    &values[row * width..(row + 1) * width]
}

/// The products of a band of rows of A with some rows of B, in fixed lanes: the same bits however many are made
/// together.
#[inline(always)]
fn some_products<const N: usize>(a: [&[f32]; BAND], b: [&[f32]; N]) -> [[f32; BAND]; N] {
    // All rows are cut to one length, so that no index is checked in the loop.
    let whole = b[0].len() / LANES;
    let y = b.map(|row| &row.as_chunks::<LANES>().0[..whole]);
    let x = a.map(|row| &row.as_chunks::<LANES>().0[..whole]);
    let mut lanes = [[[0.0f32; LANES]; BAND]; N];
    for at in 0..whole {
        let (x, y) = (x.map(|row| &row[at]), y.map(|row| &row[at]));
        for lane in 0..LANES {
            for (sums, y) in lanes.iter_mut().zip(y) {
                for (sums, x) in sums.iter_mut().zip(x) {
                    sums[lane] += x[lane] * y[lane];
                }
            }
        }
    }
    // Seen as one block of memory, lanes stay beside one another in registers; seen as single sums, they
    // are gathered across the rows.
    let lanes = std::hint::black_box(lanes);
    let end = whole * LANES;
    std::array::from_fn(|j| {
        std::array::from_fn(|k| {
            let tail = a[k][end..].iter().zip(&b[j][end..]);
            lanes[j][k].iter().sum::<f32>() + tail.map(|(x, y)| x * y).sum::<f32>()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;
    use crate::seed::Draws;
    use proptest::prelude::*;

    /// [`Rows`] with an output of its own.
    struct Whole<'a> {
        a: &'a [f32],
        b: &'a [f32],
        width: usize,
        n: usize,
        m: usize,
    }

    impl Kernel for Whole<'_> {
        type Output = Vec<f32>;

        #[inline(always)]
        fn run<const FUSED: bool>(self) -> Vec<f32> {
            let mut out = vec![0.0; self.n * self.m];
            let Self { a, b, width, m, .. } = self;
            Rows { a, b, width, m, out: &mut out }.run::<FUSED>();
            out
        }
    }

    pub(crate) fn noise(rows: usize, cols: usize, seed: u64) -> Matrix {
        let mut draws = Draws::new(seed, "noise");
        let values = (0..rows * cols).map(|_| draws.below(2001) as f32 / 1000.0 - 1.0).collect();
        Matrix::new(rows, cols, values).unwrap()
    }

    #[test]
    fn transposed_values_are_the_same_with_rows_for_columns() {
        for (n, cols) in [(0, 3), (1, 1), (16, 17), (40, 15), (3, 64)] {
            let values: Vec<f32> = (0u8..=255).cycle().take(n * cols).map(f32::from).collect();
            let at = |k: usize| values[k % n * cols + k / n];
            assert_eq!(transposed(&values, cols), (0..n * cols).map(at).collect::<Vec<_>>());
        }
    }

    #[test]
    fn rows_turned_a_few_at_a_time_are_those_turned_together() {
        let whole = noise(70, 33, 1);
        for few in [1, 16, 69, 70] {
            let mut turned = Matrix::zeros(33, 70);
            for at in (0..70).step_by(few) {
                turned.put_turned(at, &whole.rows_in(at..70.min(at + few)));
            }
            assert_eq!(turned, whole.transposed());
        }
    }

    proptest! {
        #[test]
        fn a_product_is_the_sum_of_products(n in 1usize..140, m in 1usize..140, d in 0usize..20) {
            let (a, b) = (noise(n, d, 1), noise(m, d, 2));
            let c = a.times_transposed(&b);
            for (i, j) in [(0, 0), (n - 1, m - 1), (n / 2, m / 3)] {
                let want: f64 =
                    a.row(i).iter().zip(b.row(j)).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum();
                near(c.row(i)[j].into(), want, 1e-5);
            }
        }
    }

    #[test]
    fn every_set_of_instructions_gives_the_same_bits() {
        let (n, m, width) = (13, 70, TILE + 517);
        let (a, b) = (noise(n, width, 3), noise(m, width, 4));
        let outs = widest::every(|| Whole { a: a.values(), b: b.values(), width, n, m });
        let bits = |out: &Vec<f32>| out.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert!(outs.iter().all(|out| bits(out) == bits(&outs[0])));
        let pairs = a.row(12).iter().zip(b.row(69));
        let want: f64 = pairs.map(|(&x, &y)| f64::from(x) * f64::from(y)).sum();
        near(outs[0][12 * m + 69].into(), want, 1e-4);
    }

    #[test]
    fn transposing_twice_and_standing_side_by_side() {
        let (a, b) = (noise(3, 5, 1), noise(3, 2, 2));
        assert_eq!(a.transposed().transposed(), a);
        let both = a.beside(&b);
        assert_eq!((both.cols(), both.row(1)[4], both.row(1)[5]), (7, a.row(1)[4], b.row(1)[0]));
        assert_eq!(both.select(&[2, 0]).row(1), both.row(0));
    }

    #[test]
    fn a_value_that_is_not_finite_becomes_zero() {
        assert_eq!(Matrix::new(1, 2, vec![f32::NAN, 1.0]).unwrap().row(0), [0.0, 1.0]);
        assert_eq!(Matrix::new(2, 2, vec![1.0]), None);
    }
}
