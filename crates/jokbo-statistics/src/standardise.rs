//! What unrelated models share is taken out before units are matched.
//!
//! A direction that most units of both models point along sorts any matching of them: between two
//! unrelated encoders the best match by raw cosine agreed for 8 units of 1,536, where chance gives
//! one. Columns of one mean and one spread, and without the leading directions, bring it back to
//! chance. Both steps see one model at a time, so a test that renumbers the other stays exact.

use rayon::prelude::*;

use crate::features::narrow;
use crate::join::join;
use crate::lanes::dot;
use crate::matrix::Matrix;
use crate::number::float_usize;
use crate::widest::{self, Kernel};

/// Rounds of the power method for one direction. A direction that is not found after these does
/// not stand out and need not go.
const ROUNDS: usize = 24;

/// Rows that one thread looks at together in such a round.
const ROWS: usize = 512;

/// Every column with mean 0 and variance 1 over the rows, in place. A column that does not vary
/// becomes zeros. Sums in `f64`; time `O(rows · cols)`.
#[must_use]
pub fn columns(mut matrix: Matrix) -> Matrix {
    let (n, width) = (float_usize(matrix.rows().max(1)), matrix.cols());
    let (mut means, mut squares) = (vec![0.0f64; width], vec![0.0f64; width]);
    for r in 0..matrix.rows() {
        let row = matrix.row(r).iter();
        means.iter_mut().zip(row).for_each(|(mean, &x)| *mean += f64::from(x) / n);
    }
    for r in 0..matrix.rows() {
        for ((square, mean), &x) in squares.iter_mut().zip(&means).zip(matrix.row(r)) {
            *square += (f64::from(x) - mean) * (f64::from(x) - mean) / n;
        }
    }
    let scales: Vec<f64> = squares
        .iter()
        .zip(&means)
        // Less than a millionth of the mean is what rounding leaves of a constant column.
        .map(|(&v, &mean)| if v.sqrt() <= 1e-6 * mean.abs() { 0.0 } else { v.sqrt().recip() })
        .map(|scale| if scale.is_finite() { scale } else { 0.0 })
        .collect();
    for r in 0..matrix.rows() {
        for ((x, mean), scale) in matrix.row_mut(r).iter_mut().zip(&means).zip(&scales) {
            *x = narrow((f64::from(*x) - mean) * scale);
        }
    }
    matrix
}

/// Rows without their parts along the `count` directions that carry most of their squares.
///
/// Directions are found one after another by the power method from a fixed start, so the result
/// follows from the values alone. Time `O(count · rows · cols)`.
#[must_use]
pub fn without_leading(mut matrix: Matrix, count: usize) -> Matrix {
    for _ in 0..count {
        let Some(direction) = leading(&matrix) else { return matrix };
        for r in 0..matrix.rows() {
            let row = matrix.row_mut(r);
            let along = dot(row, &direction);
            row.iter_mut().zip(&direction).for_each(|(x, d)| *x -= narrow(along * d));
        }
    }
    matrix
}

/// The direction of length 1 along which the rows have the largest squares, or `None` for zeros.
fn leading(matrix: &Matrix) -> Option<Vec<f64>> {
    let longest = (0..matrix.rows()).max_by(|&i, &j| {
        let square = |r: usize| matrix.row(r).iter().map(|&x| f64::from(x).powi(2)).sum::<f64>();
        square(i).total_cmp(&square(j))
    })?;
    let mut direction = unit(matrix.row(longest).iter().map(|&x| f64::from(x)).collect())?;
    for _ in 0..ROUNDS {
        let rows = matrix.values().par_chunks(ROWS * direction.len());
        let parts: Vec<Vec<f64>> =
            rows.map(|rows| widest::run(Round { rows, direction: &direction })).collect();
        direction = unit(join(parts, plus)?)?;
    }
    Some(direction)
}

/// One round of the power method over some rows: their sum, each times its part along `direction`.
struct Round<'a> {
    rows: &'a [f32],
    direction: &'a [f64],
}

impl Kernel for Round<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> Vec<f64> {
        let Self { rows, direction } = self;
        let mut next = vec![0.0f64; direction.len()];
        for row in rows.chunks_exact(direction.len()) {
            let along = dot(row, direction);
            for (sum, &x) in next.iter_mut().zip(row) {
                *sum += along * f64::from(x);
            }
        }
        next
    }
}

fn plus(mut sum: Vec<f64>, more: Vec<f64>) -> Vec<f64> {
    sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    sum
}

fn unit(mut direction: Vec<f64>) -> Option<Vec<f64>> {
    let length = direction.iter().map(|x| x * x).sum::<f64>().sqrt();
    direction.iter_mut().for_each(|x| *x /= length);
    (0.0 < length && length.is_finite()).then_some(direction)
}

/// Every row with Euclidean length 1; a row of zeros stays zeros.
#[must_use]
pub fn unit_rows(mut matrix: Matrix) -> Matrix {
    for r in 0..matrix.rows() {
        let row = matrix.row_mut(r);
        let length = row.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
        if 0.0 < length {
            row.iter_mut().for_each(|x| *x = narrow(f64::from(*x) / length));
        }
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;
    use crate::seed::Draws;

    fn noise(rows: usize, cols: usize, seed: u64) -> Matrix {
        let mut draws = Draws::new(seed, "noise");
        let values = (0..rows * cols).map(|_| draws.below(2001) as f32 / 1000.0 - 1.0).collect();
        Matrix::new(rows, cols, values).unwrap()
    }

    #[test]
    fn columns_have_mean_zero_and_variance_one_and_constants_vanish() {
        let values = vec![1.0, 5.0, 7.0, 3.0, 5.0, 7.0, 5.0, 5.0, 7.0];
        let standard = columns(Matrix::new(3, 3, values).unwrap());
        near(standard.row(0)[0].into(), -1.5f64.sqrt(), 1e-6);
        assert_eq!((standard.row(1)[1], standard.row(2)[2]), (0.0, 0.0));
    }

    #[test]
    fn a_direction_that_dominates_goes_and_the_rest_stays() {
        let mut a = noise(40, 12, 1);
        let plain = a.clone();
        for r in 0..40 {
            let load = 30.0 + r as f32;
            a.row_mut(r).iter_mut().enumerate().for_each(|(k, x)| *x += load * (1.0 + k as f32));
        }
        let cleared = without_leading(a, 1);
        let direction: Vec<f64> = unit((0..12).map(|k| 1.0 + f64::from(k)).collect()).unwrap();
        for r in 0..40 {
            let rest = plain.row(r).iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
            near(dot(cleared.row(r), &direction), 0.0, 0.1 * rest);
        }
        assert_eq!(without_leading(Matrix::new(2, 2, vec![0.0; 4]).unwrap(), 3).row(0), [0.0, 0.0]);
    }

    #[test]
    fn rows_of_length_one_and_rows_of_zeros() {
        let a = unit_rows(Matrix::new(2, 2, vec![3.0, 4.0, 0.0, 0.0]).unwrap());
        near(a.row(0)[1].into(), 0.8, 1e-6);
        assert_eq!(a.row(1), [0.0, 0.0]);
    }
}
