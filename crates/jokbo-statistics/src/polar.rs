//! The polar factor of a matrix: the nearest one whose rows (or columns) are orthonormal.

use crate::device::Device;
use crate::features::narrow;
use crate::matrix::Matrix;

/// Steps of the iteration, at most. Each nearly doubles what is small, so a direction weaker than about
/// `1 / 5,000` of the strongest is not brought to full length: nothing in it is worth that weight.
const STEPS: usize = 14;
/// How far products of rows may be from 0 and 1 before the last step: each step leaves of an error about
/// its third power.
const NEARLY: f32 = 1e-3;

/// The polar factor `U Vᵀ` of `X = U S Vᵀ`, of the shape of `X`.
///
/// With `X = E` a table of vectors, one a token, row `t` of the factor is a direction that belongs
/// to token `t`: the table's own vectors made orthonormal with as little change as possible (Löwdin,
/// *On the non-orthogonality problem*, 1950). A rotation of the space carries it along, so
/// coordinates along these directions are the same in a model and in its rotated copy. This is the
/// orthogonal Procrustes problem (Schönemann, 1966) solved once for each model instead of once for
/// each pair: no step sees both, and nothing is fitted to the other.
///
/// Newton and Schulz's iteration of order five, `X ← X (15 I - 10 G + 3 G²) / 8` with `G = XᵀX`
/// (Higham, *Functions of Matrices*, 2008, chapter 8), on the shorter side: products only, whose
/// sums run in a fixed order, and so the same bits on every machine and any number of threads. (A
/// library's SVD chooses its instructions by the machine.) It ends when rows are orthonormal to rounding: a
/// table of tokens takes about half of the steps. Time `O(STEPS · rows · cols · min)`. A matrix of zeros
/// gives zeros.
pub fn factor(matrix: &Matrix) -> Matrix {
    factor_on(matrix, &Device::default())
}

/// [`factor`] with its products made on `device`.
pub fn factor_on(matrix: &Matrix, device: &Device) -> Matrix {
    if matrix.rows() <= matrix.cols() {
        wide(matrix.clone(), device)
    } else {
        wide(matrix.transposed(), device).transposed()
    }
}

/// [`factor`] for a matrix at least as wide as it is high.
fn wide(mut x: Matrix, device: &Device) -> Matrix {
    for step in 0..STEPS {
        let mut gram = device.times_transposed(&x, &x);
        if step == 0 {
            // The largest singular value is at most the root of the largest absolute row sum.
            let sums =
                (0..gram.rows()).map(|r| gram.row(r).iter().map(|&v| f64::from(v.abs())).sum());
            let bound = sums.fold(0.0, f64::max).sqrt();
            if bound <= 0.0 {
                return x;
            }
            let scale = bound.recip();
            x = x.scaled(narrow(scale));
            gram = gram.scaled(narrow(scale * scale));
        }
        // G is symmetric, so `times_transposed` is the plain product; the polynomial is, too.
        let square = device.times_transposed(&gram, &gram);
        let mut polynomial = square.scaled(3.0 / 8.0);
        for r in 0..gram.rows() {
            let row = polynomial.row_mut(r);
            row.iter_mut().zip(gram.row(r)).for_each(|(p, g)| *p -= 10.0 / 8.0 * g);
            row[r] += 15.0 / 8.0;
        }
        x = device.times_transposed(&polynomial, &x.transposed());
        if from_identity(&gram) < NEARLY {
            break;
        }
    }
    x
}

/// The largest difference between an element of a square matrix and that of the identity.
fn from_identity(gram: &Matrix) -> f32 {
    let rows = (0..gram.rows()).map(|r| {
        let row = gram.row(r).iter().enumerate();
        row.map(|(k, &g)| (g - f32::from(u8::from(k == r))).abs()).fold(0.0, f32::max)
    });
    rows.fold(0.0, f32::max)
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
    fn rows_or_columns_become_orthonormal() {
        for (rows, cols) in [(7, 20), (20, 7), (12, 12)] {
            let q = factor(&noise(rows, cols, 1));
            let (q, n) = if rows <= cols { (q, rows) } else { (q.transposed(), cols) };
            let gram = q.times_transposed(&q);
            for i in 0..n {
                for j in 0..n {
                    near(gram.row(i)[j].into(), f64::from(u8::from(i == j)), 2e-3);
                }
            }
        }
    }

    #[test]
    fn a_rotation_of_the_columns_carries_the_factor_along() {
        let (table, rotation) = (noise(9, 16, 1), factor(&noise(16, 16, 2)));
        let turned = table.times_transposed(&rotation);
        let carried = factor(&table).times_transposed(&rotation);
        let own = factor(&turned);
        for (x, y) in own.values().iter().zip(carried.values()) {
            near((*x).into(), (*y).into(), 2e-3);
        }
    }

    #[test]
    fn zeros_and_the_thread_count() {
        assert_eq!(factor(&Matrix::new(2, 3, vec![0.0; 6]).unwrap()).values(), [0.0; 6]);
        let x = noise(70, 150, 3);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| factor(&x))
        };
        assert_eq!(on(1), on(3));
    }
}
