//! Singular values of a small matrix.

use crate::lanes::dot;
use crate::matrix::transposed;
use crate::number::float_usize;
use crate::widest::{self, Kernel};

/// The singular values of `matrix`, shape `[rows, cols]` in row order, largest first; as many as
/// the shorter side is long.
///
/// They are the roots of the eigenvalues of the smaller Gram matrix, so values below about
/// `1e-7` of the largest drown in rounding. Time `O(rows · cols · k + k³)` for the shorter side
/// `k`, memory `O(k²)`.
pub fn singular_values(rows: usize, cols: usize, matrix: &[f64]) -> Vec<f64> {
    let (k, gram) = gram(rows, cols, matrix);
    let mut values: Vec<f64> =
        eigenvalues(k, gram).into_iter().map(|value| value.max(0.0).sqrt()).collect();
    values.sort_by(|a, b| b.total_cmp(a));
    values
}

/// `M Mᵀ` or `Mᵀ M`, whichever is smaller, and its side.
fn gram(rows: usize, cols: usize, matrix: &[f64]) -> (usize, Vec<f64>) {
    let turned: Vec<f64>;
    let (k, n, lines) = if rows <= cols {
        (rows, cols, matrix)
    } else {
        turned = transposed(matrix, cols);
        (cols, rows, turned.as_slice())
    };
    (k, widest::run(Gram { k, n, lines }))
}

/// The products of `k` lines of `n` numbers with one another, shape `[k, k]`.
struct Gram<'a> {
    k: usize,
    n: usize,
    lines: &'a [f64],
}

impl Kernel for Gram<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> Vec<f64> {
        let Self { k, n, lines } = self;
        let mut gram = vec![0.0; k * k];
        for i in 0..k {
            for j in 0..=i {
                let product = dot(&lines[i * n..(i + 1) * n], &lines[j * n..(j + 1) * n]);
                (gram[i * k + j], gram[j * k + i]) = (product, product);
            }
        }
        gram
    }
}

/// The eigenvalues of a symmetric matrix of side `n`, in no order: Householder's reduction to three
/// diagonals, then implicit QL (Golub and Van Loan, *Matrix Computations*, 8.3). Time `O(n³)`.
fn eigenvalues(n: usize, matrix: Vec<f64>) -> Vec<f64> {
    let (diagonal, beside) = widest::run(Householder { n, matrix });
    tridiagonal(diagonal, beside)
}

/// A symmetric matrix of side `n` on its way to three diagonals.
struct Householder {
    n: usize,
    matrix: Vec<f64>,
}

impl Kernel for Householder {
    /// The diagonal, and what is beside it.
    type Output = (Vec<f64>, Vec<f64>);

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> Self::Output {
        reduced(self.n, self.matrix)
    }
}

#[inline(always)]
fn reduced(n: usize, mut m: Vec<f64>) -> (Vec<f64>, Vec<f64>) {
    let mut beside = vec![0.0; n];
    let mut vector = vec![0.0; n];
    let mut image = vec![0.0; n];
    for k in 0..n.saturating_sub(2) {
        // Reflect column k below the diagonal onto its first entry.
        let column = &m[k * n + k + 1..(k + 1) * n];
        let norm = dot(column, column).sqrt();
        let head = column[0];
        let alpha = if head <= 0.0 { norm } else { -norm };
        beside[k] = alpha;
        let tail = dot(&column[1..], &column[1..]);
        if tail == 0.0 {
            beside[k] = head;
            continue;
        }
        let v = &mut vector[k + 1..];
        v.copy_from_slice(column);
        v[0] -= alpha;
        let length = dot(v, v);
        let size = n - k - 1;
        for (i, image) in image.iter_mut().enumerate().take(size) {
            let row = (k + 1 + i) * n;
            *image = 2.0 * dot(&m[row + k + 1..row + n], v) / length;
        }
        let half = dot(&image[..size], v) / length;
        image.iter_mut().zip(&*v).for_each(|(w, v)| *w -= half * v);
        for i in 0..size {
            let row = &mut m[(k + 1 + i) * n + k + 1..(k + 2 + i) * n];
            let (p, q) = (v[i], image[i]);
            row.iter_mut().zip(&*v).zip(&image).for_each(|((x, v), w)| *x -= p * w + q * v);
        }
    }
    if 2 <= n {
        beside[n - 2] = m[(n - 2) * n + n - 1];
    }
    ((0..n).map(|i| m[i * n + i]).collect(), beside)
}

/// The length of a vector with these two coordinates. Entries of a Gram matrix are far from where their
/// squares would leave the range of `f64`, and a root is rounded alike on every machine.
fn length(x: f64, y: f64) -> f64 {
    (x * x + y * y).sqrt()
}

/// The eigenvalues of the symmetric matrix with `diagonal` and, next to it, `beside` (its last
/// entry is not read). Implicit QL with Wilkinson's shift.
fn tridiagonal(mut d: Vec<f64>, mut e: Vec<f64>) -> Vec<f64> {
    const TURNS: usize = 60;
    let n = d.len();
    if let Some(last) = e.last_mut() {
        *last = 0.0;
    }
    // What is smaller than the rounding of the largest entry is nothing.
    let scale = d.iter().chain(&e).fold(0.0f64, |m, x| m.max(x.abs()));
    let negligible = f64::EPSILON * scale / float_usize(n.max(1));
    for low in 0..n {
        for _ in 0..TURNS {
            let is_small = |i: &usize| {
                e[*i].abs() <= (f64::EPSILON * (d[*i].abs() + d[*i + 1].abs())).max(negligible)
            };
            let high = (low..n - 1).find(is_small).unwrap_or(n - 1);
            if high == low {
                break;
            }
            let g = (d[low + 1] - d[low]) / (2.0 * e[low]);
            let r = length(g, 1.0);
            let mut g = d[high] - d[low] + e[low] / (g + r.copysign(g));
            let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
            let mut i = high;
            while low < i {
                i -= 1;
                let (f, b) = (s * e[i], c * e[i]);
                let r = length(f, g);
                e[i + 1] = r;
                if r == 0.0 {
                    d[i + 1] -= p;
                    e[high] = 0.0;
                    break;
                }
                (s, c) = (f / r, g / r);
                let h = d[i + 1] - p;
                let r = (d[i] - h) * s + 2.0 * c * b;
                p = s * r;
                d[i + 1] = h + p;
                g = c * r - b;
                if i == low {
                    d[low] -= p;
                    e[low] = g;
                    e[high] = 0.0;
                }
            }
        }
    }
    d
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;
    use crate::seed::Draws;

    #[test]
    fn known_matrices_have_their_singular_values() {
        let near_all = |got: Vec<f64>, want: &[f64]| {
            assert_eq!(got.len(), want.len());
            got.iter().zip(want).for_each(|(g, w)| near(*g, *w, 1e-7));
        };
        near_all(singular_values(2, 2, &[3.0, 0.0, 4.0, 5.0]), &[45f64.sqrt(), 5f64.sqrt()]);
        near_all(singular_values(3, 1, &[1.0, 2.0, 2.0]), &[3.0]);
        near_all(singular_values(1, 2, &[3.0, -4.0]), &[5.0]);
        near_all(singular_values(3, 3, &[0.0; 9]), &[0.0; 3]);
        let diagonal: Vec<f64> =
            (0..25).map(|k| if k % 6 == 0 { f64::from(k / 6 + 1) } else { 0.0 }).collect();
        near_all(singular_values(5, 5, &diagonal), &[5.0, 4.0, 3.0, 2.0, 1.0]);
    }

    #[test]
    fn their_squares_add_up_and_a_product_of_thin_factors_has_few() {
        let mut draws = Draws::new(1, "spectrum");
        let mut uniform = || crate::number::float(draws.below(1 << 30)) / f64::from(1 << 29) - 1.0;
        let (n, m, r) = (60, 90, 7);
        let u: Vec<f64> = (0..n * r).map(|_| uniform()).collect();
        let v: Vec<f64> = (0..r * m).map(|_| uniform()).collect();
        let at = |i: usize, j: usize| (0..r).map(|k| u[i * r + k] * v[k * m + j]).sum::<f64>();
        let product: Vec<f64> = (0..n * m).map(|p| at(p / m, p % m)).collect();
        let values = singular_values(n, m, &product);
        near(values.iter().map(|s| s * s).sum::<f64>() / dot(&product, &product), 1.0, 1e-12);
        assert!(0.1 < values[r - 1] / values[0] && values[r] < 1e-6 * values[0], "{values:?}");
    }
}
