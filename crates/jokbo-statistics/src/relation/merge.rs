//! One tensor as a mixture of several: coefficients by non-negative least squares.
//!
//! For a child `y` and parents `x_k` (or, with a base, `y` and `x_k` less the base: task vectors),
//! the coefficients minimise `|y - Σ c_k x_k|²` with every `c_k >= 0`. Only inner products are
//! needed, so tensors are read once and never held. With at most five parents every set of positive
//! coefficients is solved and the best one that is feasible is the minimum (the conditions of Karush,
//! Kuhn and Tucker single out one such set; Lawson and Hanson, *Solving Least Squares Problems*,
//! 1974, search for it).
//!
//! Linear merges: Wortsman et al., *Model soups*, 2022. Task arithmetic: Ilharco et al., 2023.

use crate::number::float_usize;

/// Parents at most.
pub const MOST: usize = 5;

/// Inner products of a child and its candidate parents over some elements.
#[derive(Debug, Clone, PartialEq)]
pub struct Products {
    /// Child first, then the parents; shape `[k + 1, k + 1]`.
    sums: Vec<f64>,
    /// Variance that rounding alone gives each of them, summed over elements.
    rounding: Vec<f64>,
    /// The same of the base.
    base_rounding: f64,
}

/// What explains a child.
#[derive(Debug, Clone, PartialEq)]
pub struct Mixture {
    /// One coefficient for each parent, 0 or more.
    pub coefficients: Vec<f64>,
    /// What is left over, divided by what rounding of child, parents and base leaves at most.
    pub left: f64,
    /// Share of the squared distance to the nearest parent that the mixture explains, in `[0, 1]`.
    pub explained: f64,
}

impl Products {
    /// Of `tensors`, the child first, each less `base` when there is one. `rounding` is the variance
    /// of the rounding of each at a value; the last is that of the base.
    ///
    /// # Panics
    /// When lengths differ: a bug of the caller.
    pub fn of(
        tensors: &[&[f32]],
        base: Option<&[f32]>,
        rounding: impl Fn(usize, f64) -> f64,
    ) -> Self {
        let n = tensors.len();
        assert!(tensors.iter().all(|t| t.len() == tensors[0].len()), "tensors of one shape");
        let mut sums = vec![0.0; n * n];
        let (mut rounds, mut base_rounding) = (vec![0.0; n], 0.0);
        let mut at_one = vec![0.0; n];
        for at in 0..tensors[0].len() {
            let origin = base.map_or(0.0, |base| f64::from(base[at]));
            if !origin.is_finite() || tensors.iter().any(|t| !t[at].is_finite()) {
                continue;
            }
            for (k, tensor) in tensors.iter().enumerate() {
                at_one[k] = f64::from(tensor[at]) - origin;
                rounds[k] += rounding(k, f64::from(tensor[at]));
            }
            if base.is_some() {
                base_rounding += rounding(n, origin);
            }
            for i in 0..n {
                for j in 0..=i {
                    sums[i * n + j] += at_one[i] * at_one[j];
                }
            }
        }
        for i in 0..n {
            for j in 0..i {
                sums[j * n + i] = sums[i * n + j];
            }
        }
        Self { sums, rounding: rounds, base_rounding }
    }

    /// Both together.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        self.sums.iter_mut().zip(other.sums).for_each(|(a, b)| *a += b);
        self.rounding.iter_mut().zip(other.rounding).for_each(|(a, b)| *a += b);
        self.base_rounding += other.base_rounding;
        self
    }

    /// The child with two of the parents alone.
    #[must_use]
    pub fn with_two(&self, one: usize, other: usize) -> Self {
        let kept = [0, one + 1, other + 1];
        let sums = kept.iter().flat_map(|&i| kept.map(|j| self.sum(i, j))).collect();
        Self { sums, rounding: kept.map(|i| self.rounding[i]).to_vec(), ..*self }
    }

    /// Number of parents.
    pub fn parents(&self) -> usize {
        self.rounding.len() - 1
    }

    fn sum(&self, i: usize, j: usize) -> f64 {
        self.sums[i * self.rounding.len() + j]
    }

    /// Squared distance of the child from the mixture.
    fn residual(&self, coefficients: &[f64]) -> f64 {
        let mut rest = self.sum(0, 0);
        for (i, c) in coefficients.iter().enumerate() {
            rest -= 2.0 * c * self.sum(0, i + 1);
            for (j, d) in coefficients.iter().enumerate() {
                rest += c * d * self.sum(i + 1, j + 1);
            }
        }
        rest.max(0.0)
    }

    /// The best mixture. `None` without parents that differ from 0.
    pub fn mixture(&self) -> Option<Mixture> {
        let k = self.parents();
        let sets = (1u32..1 << k.min(MOST)).filter_map(|set| {
            let members: Vec<usize> = (0..k).filter(|i| set >> i & 1 == 1).collect();
            let found = self.solve(&members)?;
            found.iter().all(|c| 0.0 <= *c).then(|| {
                let mut all = vec![0.0; k];
                members.iter().zip(found).for_each(|(i, c)| all[*i] = c);
                all
            })
        });
        let with_rest = sets.map(|c| (self.residual(&c), c));
        let (rest, coefficients) = with_rest.min_by(|x, y| x.0.total_cmp(&y.0))?;
        let total: f64 = coefficients.iter().sum();
        let mut rounding = self.rounding[0] + (1.0 - total).powi(2) * self.base_rounding;
        for (c, r) in coefficients.iter().zip(&self.rounding[1..]) {
            rounding += c * c * r;
        }
        // The digits of the inner products themselves.
        let blur = 64.0 * f64::EPSILON * self.sum(0, 0);
        let one = |i: usize| {
            let mut alone = vec![0.0; k];
            alone[i] = 1.0;
            self.residual(&alone)
        };
        let nearest = (0..k).map(one).fold(f64::INFINITY, f64::min);
        let explained = if nearest <= 0.0 { 0.0 } else { 1.0 - rest / nearest };
        let left = rest / (rounding + blur).max(f64::MIN_POSITIVE);
        Some(Mixture { coefficients, left, explained: explained.clamp(0.0, 1.0) })
    }

    /// Least squares on `members` alone.
    fn solve(&self, members: &[usize]) -> Option<Vec<f64>> {
        let row = |&i: &usize| {
            let row = members.iter().map(|&j| self.sum(i + 1, j + 1));
            row.chain([self.sum(i + 1, 0)]).collect()
        };
        eliminate(members.iter().map(row).collect())
    }

    /// Where the child lies on the great circle from the first parent to the second (SLERP:
    /// Shoemake, 1985), in `[0, 1]`, and how far its two coefficients are from those of that place.
    /// `None` unless there are two parents at an angle.
    ///
    /// With angle `Ω` and coefficients `s, r s`, `tan(t Ω) = r sin Ω / (1 + r cos Ω)`.
    pub fn on_circle(&self) -> Option<(f64, f64)> {
        let found = (self.parents() == 2).then(|| self.solve(&[0, 1])).flatten()?;
        let cosine = self.sum(1, 2) / (self.sum(1, 1) * self.sum(2, 2)).sqrt();
        let angle = libm::acos(cosine.clamp(-1.0, 1.0));
        let sine = libm::sin(angle);
        if sine < 1e-3 || found[0] <= 0.0 {
            return None;
        }
        let ratio = found[1] / found[0];
        let t = libm::atan2(ratio * sine, 1.0 + ratio * cosine) / angle;
        let want = libm::sin((1.0 - t) * angle) / sine;
        (0.0..=1.0).contains(&t).then_some((t, (found[0] - want).abs()))
    }
}

/// Solves the normal equations in the rows of `m`, shape `[n, n + 1]`, by elimination with the larger
/// pivot first. `None` when they are too nearly collinear to be told apart in double precision.
pub(super) fn eliminate(mut m: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let n = m.len();
    let size = m.iter().enumerate().map(|(i, row)| row[i]).fold(0.0, f64::max);
    for col in 0..n {
        let pivot = (col..n).max_by(|&i, &j| m[i][col].abs().total_cmp(&m[j][col].abs()))?;
        m.swap(col, pivot);
        if m[col][col].abs() <= 1e-11 * size {
            return None;
        }
        for row in 0..n {
            if row != col {
                let factor = m[row][col] / m[col][col];
                let line = m[col].clone();
                m[row].iter_mut().zip(line).for_each(|(x, y)| *x -= factor * y);
            }
        }
    }
    Some((0..n).map(|i| m[i][n] / m[i][i]).collect())
}

/// Coefficients with one standard error each, by leaving out one group after the other (the
/// jackknife: Efron and Tibshirani, 1993, chapter 11). Groups are tensors or stretches of rows;
/// there must be two at least.
pub fn with_errors(groups: &[Products]) -> Option<(Mixture, Vec<f64>)> {
    let whole = groups.iter().cloned().reduce(Products::join)?.mixture()?;
    let without = |skipped: usize| {
        let rest = groups.iter().enumerate().filter(|(at, _)| *at != skipped);
        rest.map(|(_, p)| p.clone()).reduce(Products::join)?.mixture()
    };
    let left_out: Vec<Mixture> = (0..groups.len()).map(without).collect::<Option<_>>()?;
    let n = float_usize(left_out.len());
    let error = |k: usize| {
        let values = || left_out.iter().map(|m| m.coefficients[k]);
        let mean = values().sum::<f64>() / n;
        ((n - 1.0) / n * values().map(|c| (c - mean).powi(2)).sum::<f64>()).sqrt()
    };
    let errors = (0..whole.coefficients.len()).map(error).collect();
    (2.0 <= n).then_some((whole, errors))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;
    use crate::seed::Draws;

    fn tensor(seed: u64, n: usize) -> Vec<f32> {
        let mut draws = Draws::new(seed, "merge");
        (0..n).map(|_| draws.below(2_000_001) as f32 / 1e6 - 1.0).collect()
    }

    fn mixed(coefficients: &[f32], parents: &[Vec<f32>]) -> Vec<f32> {
        let at = |i: usize| coefficients.iter().zip(parents).map(|(c, p)| c * p[i]).sum();
        (0..parents[0].len()).map(at).collect()
    }

    fn products(child: &[f32], parents: &[Vec<f32>], base: Option<&[f32]>) -> Products {
        let tensors: Vec<&[f32]> =
            [child].into_iter().chain(parents.iter().map(Vec::as_slice)).collect();
        Products::of(&tensors, base, |_, x| (x * 1e-7).powi(2))
    }

    #[test]
    fn coefficients_are_read_back_with_their_errors() {
        let parents: Vec<Vec<f32>> = (0..3).map(|k| tensor(k, 4000)).collect();
        let child = mixed(&[0.5, 0.0, 0.3], &parents);
        let part = |p: &[f32], at: usize| p[at * 400..(at + 1) * 400].to_vec();
        let groups: Vec<Products> = (0..10)
            .map(|at| {
                let parents: Vec<Vec<f32>> = parents.iter().map(|p| part(p, at)).collect();
                products(&part(&child, at), &parents, None)
            })
            .collect();
        let (mixture, errors) = with_errors(&groups).unwrap();
        for (got, want) in mixture.coefficients.iter().zip([0.5, 0.0, 0.3]) {
            near(*got, want, 1e-6);
        }
        assert!(errors.iter().all(|e| *e < 1e-6) && 0.999 < mixture.explained, "{mixture:?}");
        assert!(mixture.left < 3.0, "{mixture:?}");
    }

    #[test]
    fn a_negative_coefficient_is_not_offered_and_strangers_explain_nothing() {
        let parents: Vec<Vec<f32>> = (0..2).map(|k| tensor(k, 2000)).collect();
        let child = mixed(&[1.2, -0.4], &parents);
        let mixture = products(&child, &parents, None).mixture().unwrap();
        assert_eq!(mixture.coefficients[1], 0.0);
        let stranger = tensor(9, 2000);
        let mixture = products(&stranger, &parents, None).mixture().unwrap();
        assert!(1e6 < mixture.left, "{mixture:?}");
        // The same parent twice cannot be told apart, and one of them is enough.
        let twice = [parents[0].clone(), parents[0].clone()];
        let mixture = products(&parents[0], &twice, None).mixture().unwrap();
        near(mixture.coefficients.iter().sum(), 1.0, 1e-9);
    }

    #[test]
    fn task_vectors_are_counted_from_the_base() {
        let base = tensor(7, 2000);
        let parents: Vec<Vec<f32>> =
            (0..2).map(|k| mixed(&[1.0, 0.1], &[base.clone(), tensor(k, 2000)])).collect();
        let child: Vec<f32> = (0..2000)
            .map(|i| base[i] + 0.7 * (parents[0][i] - base[i]) + 0.4 * (parents[1][i] - base[i]))
            .collect();
        let mixture = products(&child, &parents, Some(&base)).mixture().unwrap();
        near(mixture.coefficients[0], 0.7, 1e-4);
        near(mixture.coefficients[1], 0.4, 1e-4);
    }

    #[test]
    fn the_place_on_a_great_circle_is_found() {
        let parents: Vec<Vec<f32>> = (0..2).map(|k| tensor(k, 3000)).collect();
        let angle = {
            let p = products(&parents[0], &parents, None);
            libm::acos(p.sum(1, 2) / (p.sum(1, 1) * p.sum(2, 2)).sqrt())
        };
        let t = 0.35;
        let at = |x: f64| (libm::sin(x * angle) / libm::sin(angle)) as f32;
        let child = mixed(&[at(1.0 - t), at(t)], &parents);
        let (got, off) = products(&child, &parents, None).on_circle().unwrap();
        near(got, t, 1e-5);
        assert!(off < 1e-5);
        // A linear mixture of vectors at a right angle is far inside the circle.
        let inside = products(&mixed(&[0.65, 0.35], &parents), &parents, None);
        assert!(0.1 < inside.on_circle().unwrap().1);
    }
}
