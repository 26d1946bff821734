//! Which of several relatives are mixtures of others among them.
//!
//! A vector is called a mixture of two or three others when a sum of these with positive weights
//! leaves little of the distance to the nearest of them. A parent is no mixture of its children,
//! whose changes are independent: the mean of two leaves half of a squared distance, that of three a
//! third. Nor is a child of a parent and its other children. Only what was made by adding weights
//! comes within rounding. Inner products are all that is needed, so that the vectors themselves are
//! read once.

/// Least weight of a member of a mixture.
const LEAST_WEIGHT: f64 = 0.05;

/// Most of the squared distance to the nearest member that may be left. Measured on small trained
/// networks: mixtures stored in 16 bits leave less than 0.001, everything else 0.3 and more.
const MOST_LEFT: f64 = 0.05;

/// A vector that is a mixture of others.
#[derive(Debug, Clone, PartialEq)]
pub struct Mixture {
    /// Which vector.
    pub of: usize,
    /// Its members with their weights, in rising order.
    pub members: Vec<(usize, f64)>,
    /// Share of the squared distance to the nearest member that is left, in `[0, 1]`.
    pub left: f64,
}

/// The vectors that are mixtures of two, or else three, of those that are none.
///
/// `products` are the inner products of all `n` vectors, shape `[n, n]`, in any unit. Of several
/// mixtures for one vector the one that leaves least is given. Time `O(n⁴)`: `n` is the size of one
/// cluster of relatives.
///
/// # Panics
/// When `products` is not square: a bug of the caller.
pub fn mixtures(products: &[Vec<f64>]) -> Vec<Mixture> {
    let n = products.len();
    assert!(products.iter().all(|row| row.len() == n), "inner products of all with all");
    let all: Vec<usize> = (0..n).collect();
    // Two mixtures of the same two are mixtures of each other and one of these, so members are looked
    // for among those that cannot be made of others.
    let made: Vec<usize> =
        all.iter().copied().filter(|&of| best(products, of, &all).is_some()).collect();
    let plain: Vec<usize> = all.iter().copied().filter(|k| !made.contains(k)).collect();
    made.into_iter().filter_map(|of| best(products, of, &plain)).collect()
}

/// The mixture of two of `members` that leaves least of `of`; of three when no two suffice.
fn best(products: &[Vec<f64>], of: usize, members: &[usize]) -> Option<Mixture> {
    let others: Vec<usize> = members.iter().copied().filter(|&k| k != of).collect();
    let n = others.len();
    let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| vec![i, j]));
    let threes =
        (0..n).flat_map(|i| (i + 1..n).flat_map(move |j| (j + 1..n).map(move |k| vec![i, j, k])));
    let fit = |chosen: Vec<usize>| {
        fit(products, of, &chosen.into_iter().map(|k| others[k]).collect::<Vec<_>>())
    };
    let least = |a: &Mixture, b: &Mixture| a.left.total_cmp(&b.left);
    pairs.filter_map(fit).min_by(least).or_else(|| threes.filter_map(fit).min_by(least))
}

/// The least-squares sum of `chosen`, where it is a mixture.
fn fit(products: &[Vec<f64>], of: usize, chosen: &[usize]) -> Option<Mixture> {
    let square = products[of][of];
    let distance = |k: usize| square + products[k][k] - 2.0 * products[of][k];
    let nearest = chosen.iter().map(|&k| distance(k)).fold(f64::INFINITY, f64::min);
    // A copy is a copy, and no mixture: rounding leaves about this much of nothing.
    if nearest.is_nan() || nearest <= 1e-9 * square {
        return None;
    }
    let weights = solve(
        chosen.iter().map(|&i| chosen.iter().map(|&j| products[i][j]).collect()).collect(),
        chosen.iter().map(|&i| products[i][of]).collect(),
    )?;
    let explained: f64 = weights.iter().zip(chosen).map(|(w, &k)| w * products[k][of]).sum();
    let left = ((square - explained) / nearest).max(0.0);
    let is_mixture = weights.iter().all(|w| LEAST_WEIGHT <= *w) && left <= MOST_LEFT;
    let members = || chosen.iter().copied().zip(weights.iter().copied()).collect();
    is_mixture.then(|| Mixture { of, members: members(), left })
}

/// Solves `matrix x = right` by elimination with pivots. `None` when the rows are dependent.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let n = right.len();
    let scale = (0..n).map(|k| matrix[k][k].abs()).fold(0.0, f64::max);
    for k in 0..n {
        let pivot = (k..n).max_by(|&i, &j| matrix[i][k].abs().total_cmp(&matrix[j][k].abs()))?;
        if matrix[pivot][k].abs() <= 1e-9 * scale {
            return None;
        }
        matrix.swap(k, pivot);
        right.swap(k, pivot);
        let (above, below) = matrix.split_at_mut(k + 1);
        for (row, at) in below.iter_mut().zip(k + 1..) {
            let factor = row[k] / above[k][k];
            row.iter_mut().zip(&above[k]).for_each(|(x, y)| *x -= factor * y);
            right[at] -= factor * right[k];
        }
    }
    for k in (0..n).rev() {
        let rest: f64 = (k + 1..n).map(|col| matrix[k][col] * right[col]).sum();
        right[k] = (right[k] - rest) / matrix[k][k];
    }
    Some(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Draws;
    use proptest::prelude::*;

    fn noise(seed: u64, n: usize) -> Vec<f64> {
        let mut draws = Draws::new(seed, "mixture");
        (0..n).map(|_| draws.below(2_000_001) as f64 / 1e6 - 1.0).collect()
    }

    fn sum(parts: &[(f64, &[f64])]) -> Vec<f64> {
        (0..parts[0].1.len()).map(|k| parts.iter().map(|(w, v)| w * v[k]).sum()).collect()
    }

    fn products(vectors: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum();
        vectors.iter().map(|a| vectors.iter().map(|b| dot(a, b)).collect()).collect()
    }

    /// A base, four children of it, and what was made of them.
    fn family(seed: u64, made: impl Fn(&[Vec<f64>]) -> Vec<Vec<f64>>) -> Vec<Vec<f64>> {
        let base = noise(seed, 3000);
        let child = |k: u64| sum(&[(1.0, &base), (0.3, &noise(seed + 100 * k, 3000))]);
        let mut all = vec![base.clone(), child(1), child(2), child(3), child(4)];
        all.extend(made(&all));
        all
    }

    #[test]
    fn a_parent_and_its_children_are_no_mixtures_of_one_another() {
        assert_eq!(mixtures(&products(&family(7, |_| Vec::new()))), []);
        // Nor is a copy.
        assert_eq!(mixtures(&products(&family(7, |all| vec![all[1].clone()]))), []);
        assert_eq!(mixtures(&[]), []);
    }

    #[test]
    fn two_mixtures_of_the_same_two_are_told_by_these() {
        let all = family(7, |all| {
            vec![
                sum(&[(0.5, &all[1]), (0.5, &all[2])]),
                sum(&[(0.7, &all[1]), (0.3, &all[2])]),
                sum(&[(0.4, &all[1]), (0.3, &all[3]), (0.3, &all[4])]),
            ]
        });
        let found = mixtures(&products(&all));
        let of: Vec<(usize, Vec<usize>)> =
            found.iter().map(|m| (m.of, m.members.iter().map(|m| m.0).collect())).collect();
        assert_eq!(of, [(5, vec![1, 2]), (6, vec![1, 2]), (7, vec![1, 3, 4])]);
        assert!((found[1].members[0].1 - 0.7).abs() < 1e-9 && found[1].left < 1e-9);
    }

    proptest! {
        #[test]
        fn weights_come_back_through_noise_of_rounding(
            seed in 0u64..1000, weight in 0.1f64..0.9, scale in 0.01f64..100.0,
        ) {
            let mut all = family(seed, |all| {
                vec![sum(&[
                    (weight, &all[1]),
                    (1.0 - weight, &all[2]),
                    (0.002, &noise(seed + 9, 3000)),
                ])]
            });
            all.iter_mut().flatten().for_each(|x| *x *= scale);
            let found = mixtures(&products(&all));
            prop_assert_eq!(found.len(), 1);
            prop_assert_eq!(found[0].of, 5);
            prop_assert!((found[0].members[0].1 - weight).abs() < 0.01);
        }
    }
}
