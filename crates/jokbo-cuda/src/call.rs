//! The arguments of cuBLAS and cuSOLVER, which hold matrices in column order, for matrices in row order.

/// A product of cuBLAS, in column order: `out = op(first) · op(second)`, `op` the transposition where it
/// is asked for. `out` has shape `[m, n]`, and `k` is what is summed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gemm {
    pub(crate) first_transposed: bool,
    pub(crate) second_transposed: bool,
    pub(crate) m: i32,
    pub(crate) n: i32,
    pub(crate) k: i32,
    /// From one column to the next, in numbers, as the matrices are stored.
    pub(crate) first_leading: i32,
    pub(crate) second_leading: i32,
    pub(crate) out_leading: i32,
}

/// The call that makes `C = A Bᵀ` of `n` rows of A and `m` rows of B, each `width` wide, all in row order.
/// `None` where a side is empty or a length is beyond what the call can say.
///
/// What lies in row order as `X [r, c]` lies in column order as `Xᵀ [c, r]` with `c` from column to column.
/// `C` in row order is thus `Cᵀ = B Aᵀ` in column order, `[m, n]`; B lies there as `Bᵀ [width, m]`, which
/// must be transposed, and A as `Aᵀ [width, n]`, which must not. So B comes first: [`operands`].
pub(crate) fn products(n: usize, m: usize, width: usize) -> Option<Gemm> {
    let int = |length: usize| i32::try_from(length).ok().filter(|length| 0 < *length);
    let (n, m, width) = (int(n)?, int(m)?, int(width)?);
    Some(Gemm {
        first_transposed: true,
        second_transposed: false,
        m,
        n,
        k: width,
        first_leading: width,
        second_leading: width,
        out_leading: m,
    })
}

/// The operands of [`products`] in the order of the call.
pub(crate) fn operands<T>(a: T, b: T) -> (T, T) {
    (b, a)
}

impl Gemm {
    /// Whether the call stays inside matrices that hold so many numbers: the bounds of cuBLAS's own
    /// documentation. `first` is `[k, m]` as it is stored where it is to be transposed, else `[m, k]`;
    /// `second` is `[n, k]` or `[k, n]`.
    pub(crate) fn fits(&self, first: usize, second: usize, out: usize) -> bool {
        let shape = |transposed: bool, rows: i32, cols: i32| match transposed {
            true => (cols, rows),
            false => (rows, cols),
        };
        let of_first = shape(self.first_transposed, self.m, self.k);
        let of_second = shape(self.second_transposed, self.k, self.n);
        reaches(of_first, self.first_leading).is_some_and(|most| most <= first)
            && reaches(of_second, self.second_leading).is_some_and(|most| most <= second)
            && reaches((self.m, self.n), self.out_leading).is_some_and(|most| most <= out)
    }
}

/// How many numbers a matrix in column order takes, from its first to its last; `None` where its columns
/// would lie over one another or a side is not positive.
fn reaches((rows, cols): (i32, i32), leading: i32) -> Option<usize> {
    let (rows, cols) = (usize::try_from(rows).ok()?, usize::try_from(cols).ok()?);
    let leading = usize::try_from(leading).ok()?;
    if rows == 0 || cols == 0 || leading < rows {
        return None;
    }
    leading.checked_mul(cols - 1)?.checked_add(rows)
}

/// A decomposition of cuSOLVER, in column order: at least as high as it is wide, which `gesvd` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Svd {
    /// Rows in column order, and from one column to the next.
    pub(crate) m: i32,
    /// Columns in column order: as many singular values.
    pub(crate) n: i32,
    /// Whether the matrix must be transposed before it is handed over.
    pub(crate) turned: bool,
}

/// The call for a matrix in row order. `None` where a side is empty or too long for the call.
///
/// In column order it lies transposed, and a transposed matrix has the same singular values: one that is
/// at least as wide as high is handed over as it lies, any other is transposed first.
pub(crate) fn singular_values(rows: usize, cols: usize) -> Option<Svd> {
    let int = |length: usize| i32::try_from(length).ok().filter(|length| 0 < *length);
    int(rows.checked_mul(cols)?)?;
    Some(Svd { m: int(rows.max(cols))?, n: int(rows.min(cols))?, turned: cols < rows })
}

impl Svd {
    /// Whether so many numbers are the whole matrix, and so many its singular values.
    pub(crate) fn fits(&self, matrix: usize, values: usize) -> bool {
        reaches((self.m, self.n), self.m).is_some_and(|most| most == matrix)
            && usize::try_from(self.n).is_ok_and(|n| n == values)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// cuBLAS's product as its documentation writes it, number by number, in column order.
    pub(crate) fn naive(call: &Gemm, first: &[f32], second: &[f32], out: &mut [f32]) {
        let at = |leading: i32, row: i32, col: i32| (row + leading * col) as usize;
        for i in 0..call.m {
            for j in 0..call.n {
                let mut sum = 0.0f64;
                for l in 0..call.k {
                    let (r, c) = if call.first_transposed { (l, i) } else { (i, l) };
                    let x = first[at(call.first_leading, r, c)];
                    let (r, c) = if call.second_transposed { (j, l) } else { (l, j) };
                    let y = second[at(call.second_leading, r, c)];
                    sum += f64::from(x) * f64::from(y);
                }
                out[at(call.out_leading, i, j)] = sum as f32;
            }
        }
    }

    #[test]
    fn the_call_in_column_order_gives_the_product_in_row_order() {
        for (n, m, width) in [(1, 1, 1), (2, 3, 5), (5, 3, 2), (1, 7, 4), (6, 1, 3), (4, 4, 4)] {
            let number = |seed: usize, k: usize| ((k * 7 + seed * 3) % 11) as f32 - 5.0;
            let a: Vec<f32> = (0..n * width).map(|k| number(1, k)).collect();
            let b: Vec<f32> = (0..m * width).map(|k| number(2, k)).collect();
            let call = products(n, m, width).unwrap();
            assert!(call.fits(b.len(), a.len(), n * m));
            let (first, second) = operands(&a[..], &b[..]);
            let mut out = vec![0.0; n * m];
            naive(&call, first, second, &mut out);
            for i in 0..n {
                for j in 0..m {
                    let want: f32 = (0..width).map(|k| a[i * width + k] * b[j * width + k]).sum();
                    assert!((out[i * m + j] - want).abs() < 1e-4, "{n} {m} {width}: {i} {j}");
                }
            }
        }
    }

    #[test]
    fn a_call_that_would_leave_a_matrix_does_not_fit() {
        let call = products(3, 5, 7).unwrap();
        assert!(call.fits(35, 21, 15));
        // B comes first: exchanged, both are of the wrong length.
        assert!(!call.fits(21, 35, 15));
        for short in [(34, 21, 15), (35, 20, 15), (35, 21, 14)] {
            assert!(!call.fits(short.0, short.1, short.2), "{short:?}");
        }
        assert!(!Gemm { out_leading: 4, ..call }.fits(100, 100, 100), "columns over one another");
        assert!(!Gemm { m: -1, ..call }.fits(100, 100, 100));
        assert!(!Gemm { k: 0, ..call }.fits(100, 100, 100));
        let wide = Gemm { first_leading: 9, ..call };
        assert!(wide.fits(9 * 4 + 7, 21, 15) && !wide.fits(9 * 4 + 6, 21, 15));
    }

    #[test]
    fn lengths_that_no_call_can_say_are_refused() {
        let most = i32::MAX as usize;
        assert_eq!(products(most, 1, 1).map(|call| call.n), Some(i32::MAX));
        for (n, m, width) in [(most + 1, 1, 1), (1, most + 1, 1), (1, 1, most + 1), (0, 1, 1)] {
            assert_eq!(products(n, m, width), None);
        }
        assert_eq!(singular_values(0, 3), None);
        assert_eq!(singular_values(1 << 16, 1 << 16), None);
        assert_eq!(singular_values(usize::MAX, 2), None);
    }

    #[test]
    fn a_matrix_in_row_order_is_handed_over_high() {
        assert_eq!(singular_values(2, 5), Some(Svd { m: 5, n: 2, turned: false }));
        assert_eq!(singular_values(5, 2), Some(Svd { m: 5, n: 2, turned: true }));
        let square = singular_values(4, 4).unwrap();
        assert!(!square.turned && square.fits(16, 4));
        assert!(!square.fits(15, 4) && !square.fits(16, 3) && !square.fits(17, 4));
    }
}
