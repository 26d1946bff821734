//! Weights multiplied by one factor: for a tensor, or for each of its rows or columns.
//!
//! With factor `s = Σ a b / Σ b²` over the tensor, row or column, every element of A must be `s b` to
//! within the rounding of the stored types, and where the factor is not 1 it must be needed: B's own
//! value would not do. A change by training of the same size fails at once.

use super::sample::Sample;
use crate::lanes::sums;
use crate::number::float_usize;

/// One factor for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// The whole tensor.
    Tensor,
    /// Each row: output unit.
    Row,
    /// Each column: input coordinate.
    Column,
}

/// A was B multiplied.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// One factor for what.
    pub per: Per,
    /// Mean factor over tensor, rows or columns.
    pub factor: f64,
    /// Smallest and largest factor.
    pub range: (f64, f64),
}

/// Share of elements that must be explained.
const EXPLAINED: f64 = 0.995;
/// Elements that one factor must explain: fewer can be fitted by chance.
const FEWEST: usize = 16;

/// Finds the factor. `None` when A is not B multiplied, or all factors are 1.
pub fn scale(sample: &Sample) -> Option<Scale> {
    let (rows, cols) = (sample.rows(), sample.cols());
    // What has one factor, how many there are, and how many elements each explains.
    let groups = [(Per::Tensor, 1, rows * cols), (Per::Row, rows, cols), (Per::Column, cols, rows)];
    groups.into_iter().filter(|group| FEWEST <= group.2).find_map(|(per, n, _)| {
        let factors = factors(sample, per);
        let is_one = |factor: &f64| (factor - 1.0).abs() < 1e-4;
        if !is_explained(sample, per, &factors) || factors.iter().all(is_one) {
            return None;
        }
        // A light change leaves most values where they were, and its factors are near 1 by chance.
        let (mut moved, mut all) = (0usize, 0usize);
        for (row, (a, b)) in sample.lines().enumerate() {
            for (col, (a, b)) in
                a.iter().zip(b).map(|(a, b)| (f64::from(*a), f64::from(*b))).enumerate()
            {
                if !is_one(&factors[per.place(row, col)]) && b != 0.0 {
                    moved += usize::from(slack(sample, a, b, 1.0) < (a - b).abs());
                    all += 1;
                }
            }
        }
        if 2 * moved < all {
            return None;
        }
        let range = factors
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), f| (low.min(*f), high.max(*f)));
        Some(Scale { per, factor: factors.iter().sum::<f64>() / float_usize(n), range })
    })
}

impl Per {
    /// Which factor the element in this row and column has.
    fn place(self, row: usize, col: usize) -> usize {
        match self {
            Per::Tensor => 0,
            Per::Row => row,
            Per::Column => col,
        }
    }
}

/// The best factor of the tensor, of every row or of every column.
fn factors(sample: &Sample, per: Per) -> Vec<f64> {
    let products = |a: &[f32], b: &[f32]| sums(a, b, |a, b| [a * b, b * b]);
    // A row of zeros has no factor, and is no change.
    let factor = |[ab, bb]: [f64; 2]| if 0.0 < bb { ab / bb } else { 1.0 };
    match per {
        Per::Tensor => vec![factor(products(sample.a(), sample.b()))],
        Per::Row => sample.lines().map(|(a, b)| factor(products(a, b))).collect(),
        Per::Column => {
            let mut sums = vec![[0.0; 2]; sample.cols()];
            for (a, b) in sample.lines() {
                for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
                    let (a, b) = (f64::from(*a), f64::from(*b));
                    *sum = [sum[0] + a * b, sum[1] + b * b];
                }
            }
            sums.into_iter().map(factor).collect()
        }
    }
}

/// Whether nearly every element is what its factor makes of B's. Ends with the row that has one miss too
/// many: of a change by training, one of the first.
fn is_explained(sample: &Sample, per: Per, factors: &[f64]) -> bool {
    let (cols, all) = (sample.cols(), float_usize(sample.a().len()));
    let mut misses = 0usize;
    for (row, (a, b)) in sample.lines().enumerate() {
        let misses_of = |col: usize| {
            let (a, b) = (f64::from(a[col]), f64::from(b[col]));
            let factor = factors[per.place(row, col)];
            usize::from(slack(sample, a, b, factor) < (a - factor * b).abs())
        };
        misses += (0..cols).map(misses_of).sum::<usize>();
        if (1.0 - EXPLAINED) * all < float_usize(misses) {
            return false;
        }
    }
    true
}

/// Half a step of A's type, half a step of B's unless that is finer (either may be the rounded
/// side), and the error of the factor.
fn slack(sample: &Sample, a: f64, b: f64, factor: f64) -> f64 {
    let (Some(of_a), Some(of_b)) = (sample.rounding_a, sample.rounding_b) else { return 0.0 };
    let of_b = if of_a.is_coarser_than(of_b) { 0.0 } else { factor.abs() * of_b.spacing(b) };
    0.75 * (of_a.spacing(a) + of_b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;
    use crate::relation::rounding::Rounding;
    use crate::seed::Draws;

    fn scaled(factor: impl Fn(usize, usize) -> f32, noise: f32) -> Option<Scale> {
        let cols = 48;
        let mut draws = Draws::new(1, "scale");
        let mut uniform = || draws.below(1 << 20) as f32 / (1 << 19) as f32 - 1.0;
        let b: Vec<f32> = (0..32 * cols).map(|_| uniform()).collect();
        let a = b
            .iter()
            .enumerate()
            .map(|(k, x)| factor(k / cols, k % cols) * x + noise * uniform())
            .collect();
        let f32s = Some(Rounding::F32);
        scale(&Sample::new(cols, (a, b), (f32s, f32s)).unwrap())
    }

    #[test]
    fn one_factor_is_found_for_tensor_rows_or_columns() {
        let whole = scaled(|_, _| -1.7, 0.0).unwrap();
        assert_eq!(whole.per, Per::Tensor);
        near(whole.factor, -1.7, 1e-6);
        let rows = scaled(|i, _| 1.0 + i as f32 / 31.0, 0.0).unwrap();
        assert_eq!(rows.per, Per::Row);
        near(rows.factor, 1.5, 1e-6);
        near(rows.range.1, 2.0, 1e-6);
        assert_eq!(scaled(|_, j| 1.0 + j as f32, 0.0).unwrap().per, Per::Column);
    }

    #[test]
    fn no_factor_or_one_with_something_added_is_not_named() {
        assert_eq!(scaled(|_, _| 1.0, 0.0), None);
        assert_eq!(scaled(|_, _| 1.5, 1e-5), None);
        // One value in three hundred moved: every row has a factor that is nearly 1.
        assert_eq!(scaled(|i, j| if (48 * i + j) % 300 == 0 { 1.5 } else { 1.0 }, 0.0), None);
        assert_eq!(scaled(|i, j| 1.0 + (i * j % 7) as f32, 0.0), None);
    }
}
