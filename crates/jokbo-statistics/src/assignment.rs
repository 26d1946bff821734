//! The best pairing of units when no numbering can be trusted.

use pathfinding::kuhn_munkres::kuhn_munkres;
use pathfinding::matrix::Matrix as Weights;

use crate::matrix::Matrix;

/// Scores are counted in steps of this: finer than any difference that matters, and whole numbers
/// make the result the same everywhere.
const STEP: f32 = 1.0 / 16_777_216.0;

/// For each row of `scores`, shape `[m, n]`, a column of its own so that the sum of the scores is
/// the largest there is (the linear assignment problem). The `m` smaller than or equal to `n` rows
/// each get one; with more rows than columns, `n` rows do and the rest get `None`.
///
/// Kuhn and Munkres's algorithm, `O(m² n)`: 0.1 s for 512 by 4,096 scores. Scores must be at most
/// 2^30 in size, cosines are at most 1; larger ones are cut off there.
pub fn assign(scores: &Matrix) -> Vec<Option<usize>> {
    let (m, n) = (scores.rows(), scores.cols());
    if m == 0 || n == 0 {
        return vec![None; m];
    }
    if n < m {
        let mut columns = vec![None; m];
        for (column, row) in assign(&scores.transposed()).into_iter().enumerate() {
            if let Some(row) = row {
                columns[row] = Some(column);
            }
        }
        return columns;
    }
    let weights = scores.values().iter().map(|&x| steps(x)).collect();
    match Weights::from_vec(m, n, weights) {
        Ok(weights) => kuhn_munkres(&weights).1.into_iter().map(Some).collect(),
        Err(_) => vec![None; m],
    }
}

#[allow(clippy::cast_possible_truncation, reason = "cut off at the size that fits")]
fn steps(x: f32) -> i64 {
    const MOST: f32 = 1_073_741_824.0;
    (f64::from(x.clamp(-MOST, MOST)) / f64::from(STEP)).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Draws;
    use proptest::prelude::*;

    fn best_by_trying_all(scores: &Matrix, row: usize, taken: &mut Vec<usize>) -> f64 {
        if row == scores.rows() {
            return 0.0;
        }
        let mut best = f64::NEG_INFINITY;
        for column in 0..scores.cols() {
            if !taken.contains(&column) {
                taken.push(column);
                let rest = best_by_trying_all(scores, row + 1, taken);
                taken.pop();
                best = best.max(f64::from(scores.row(row)[column]) + rest);
            }
        }
        best
    }

    proptest! {
        #[test]
        fn no_other_pairing_has_a_larger_sum(m in 1usize..5, more in 0usize..3, seed: u64) {
            let mut draws = Draws::new(seed, "scores");
            let n = m + more;
            let values = (0..m * n).map(|_| draws.below(2001) as f32 / 1000.0 - 1.0).collect();
            let scores = Matrix::new(m, n, values).unwrap();
            let want = best_by_trying_all(&scores, 0, &mut Vec::new());
            let sum = |columns: &[Option<usize>], scores: &Matrix| -> f64 {
                let pairs = columns.iter().enumerate().filter_map(|(i, j)| j.map(|j| (i, j)));
                pairs.map(|(i, j)| f64::from(scores.row(i)[j])).sum()
            };
            prop_assert!((sum(&assign(&scores), &scores) - want).abs() < 1e-5);
            let tall = scores.transposed();
            let columns = assign(&tall);
            prop_assert_eq!(columns.iter().flatten().count(), m);
            prop_assert!((sum(&columns, &tall) - want).abs() < 1e-5);
        }
    }

    #[test]
    fn a_numbering_is_recovered_and_nothing_is_assigned_to_nothing() {
        let mut draws = Draws::new(1, "order");
        let mut order: Vec<usize> = (0..40).collect();
        draws.shuffle(&mut order);
        let values = (0..40 * 60)
            .map(|k| if order[k / 60] == k % 60 { 0.5 } else { draws.below(400) as f32 / 1e3 });
        let scores = Matrix::new(40, 60, values.collect()).unwrap();
        assert_eq!(assign(&scores), order.iter().map(|&j| Some(j)).collect::<Vec<_>>());
        assert_eq!(assign(&Matrix::new(2, 0, vec![]).unwrap()), [None, None]);
    }
}
