//! Elements that are a base and parts of several task vectors, some kept and some dropped.
//!
//! TIES (Yadav et al., 2023, arXiv 2306.01708) trims every task vector to its largest entries, elects
//! a sign for each element and averages those that agree; DARE (Yu et al., 2024, arXiv 2311.03099)
//! drops entries at random and enlarges the rest. Either way the child less the base is, at every
//! element, one of a few sums: for the set `S` of parents that were kept there,
//! `Σ_{k in S} c_{S,k} t_k`. Sets and coefficients are found in turn: each element goes to the nearest
//! sum, then each set's coefficients to least squares (Lloyd, *Least squares quantization in PCM*,
//! 1982). With few sums and differences far above the rounding of the child nothing else fits.

use super::merge::eliminate;
use crate::number::float_usize;

/// Parents at most: three make seven sums.
pub const MOST: usize = 3;

/// Turns of sets and coefficients.
const TURNS: usize = 15;
/// A difference is clear above this many standard deviations of the child's rounding.
const CLEAR: f64 = 8.0;
/// Fewest elements that a share or a factor is read from.
const FEWEST: usize = 200;
/// By how much less is left than with the differences of other elements.
const CONTROL: f64 = 10.0;
/// Pairs kept together with opposite signs, against what signs that do not matter would give: below
/// the first a sign was elected, above the second it was not.
const OPPOSITE: (f64, f64) = (0.3, 0.7);
/// Where more of every parent is kept, nothing is said to be dropped.
const ALL: f64 = 0.95;
/// Blocks of elements left out in turn, for errors.
const BLOCKS: usize = 20;

/// Elements of a child and its candidate parents, each less the base.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Points {
    parents: usize,
    child: Vec<f64>,
    /// Shape `[elements, parents]`.
    tasks: Vec<f64>,
    /// Variance of the child's rounding.
    variance: Vec<f64>,
}

/// What explains them.
#[derive(Debug, Clone, PartialEq)]
pub struct Sparse {
    /// For each parent, what its entry is multiplied with where it is kept alone, and one standard
    /// error.
    pub factors: Vec<(f64, f64)>,
    /// For each parent, the share of clear entries that are kept, and one standard error.
    pub kept: Vec<(f64, f64)>,
    /// Parents are kept together only where their signs agree.
    pub elects: bool,
    /// What is left over, divided by what the rounding of the child leaves.
    pub left: f64,
}

/// Coefficients of every set of parents, by its bits; those of no parent are zeros.
type Sums = Vec<Vec<f64>>;

impl Points {
    /// No elements yet, of so many parents.
    pub fn of(parents: usize) -> Self {
        Self { parents, ..Self::default() }
    }

    /// One element more. What is not finite is left out.
    ///
    /// # Panics
    /// When there are not as many tasks as parents: a bug of the caller.
    pub fn push(&mut self, child: f64, tasks: &[f64], variance: f64) {
        assert_eq!(tasks.len(), self.parents, "one difference for each parent");
        if child.is_finite() && tasks.iter().all(|t| t.is_finite()) {
            self.child.push(child);
            self.tasks.extend(tasks);
            self.variance.push(variance);
        }
    }

    /// Both together, of as many parents.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        self.child.extend(other.child);
        self.tasks.extend(other.tasks);
        self.variance.extend(other.variance);
        self
    }

    /// Finds the sums. `None` for fewer than two or more than [`MOST`] parents, and where sums with
    /// the differences of other elements fit nearly as well.
    pub fn fit(&self) -> Option<Sparse> {
        if !(2..=MOST).contains(&self.parents) || self.child.len() < BLOCKS * FEWEST {
            return None;
        }
        let alone = (0..self.parents).map(|k| self.mode(k)).collect::<Option<Vec<f64>>>()?;
        // Kept together, differences are added as they are or averaged.
        let fits = [false, true].map(|averaged| self.settle(start(&alone, averaged)));
        let (left, sums) = fits
            .map(|sums| (self.left(&sums, 0), sums))
            .into_iter()
            .min_by(|x, y| x.0.total_cmp(&y.0))?;
        if self.left(&sums, 1) < CONTROL * left.max(1.0) {
            return None;
        }
        let sets: Vec<usize> =
            (0..self.child.len()).map(|at| self.nearest(&sums, at, at).1).collect();
        let parents = 0..self.parents;
        let kept: Vec<(f64, f64)> =
            parents.clone().map(|k| self.kept(k, &sums, &sets)).collect::<Option<_>>()?;
        if kept.iter().all(|(share, _)| ALL < *share) {
            return None;
        }
        let factors = parents.map(|k| self.factor(k, &sets)).collect::<Option<_>>()?;
        Some(Sparse { factors, kept, elects: self.elects(&sums, &sets)?, left })
    }

    fn tasks(&self, at: usize) -> &[f64] {
        &self.tasks[at * self.parents..(at + 1) * self.parents]
    }

    fn is_clear(&self, at: usize, difference: f64) -> bool {
        CLEAR * self.variance[at].sqrt() < difference.abs()
    }

    /// The commonest ratio of the child's difference to that of parent `k`, between 0 and 4.
    fn mode(&self, k: usize) -> Option<f64> {
        const WIDTH: f64 = 0.02;
        let ratios: Vec<f64> = (0..self.child.len())
            .filter(|&at| self.is_clear(at, self.tasks(at)[k]))
            .map(|at| self.child[at] / self.tasks(at)[k])
            .filter(|ratio| (0.03..4.0).contains(ratio))
            .collect();
        let mut sorted = ratios;
        sorted.sort_by(f64::total_cmp);
        let within = |low: f64| {
            let from = sorted.partition_point(|x| *x < low);
            from..sorted.partition_point(|x| *x < low + WIDTH)
        };
        let best =
            sorted.iter().map(|low| within(*low)).max_by_key(std::iter::ExactSizeIterator::len)?;
        (FEWEST / 4 <= best.len()).then(|| sorted[best.start + best.len() / 2])
    }

    fn settle(&self, mut sums: Sums) -> Sums {
        for _ in 0..TURNS {
            let mut normal = vec![vec![vec![0.0; self.parents + 1]; self.parents]; sums.len()];
            let mut counts = vec![0usize; sums.len()];
            for at in 0..self.child.len() {
                let set = self.nearest(&sums, at, at).1;
                let tasks = self.tasks(at);
                counts[set] += 1;
                for (i, row) in normal[set].iter_mut().enumerate() {
                    row.iter_mut().zip(tasks).for_each(|(x, t)| *x += tasks[i] * t);
                    row[self.parents] += tasks[i] * self.child[at];
                }
            }
            let before = sums.clone();
            for set in (1..sums.len()).filter(|set| FEWEST <= counts[*set]) {
                let members: Vec<usize> = (0..self.parents).filter(|k| set >> k & 1 == 1).collect();
                let row = |&i: &usize| {
                    let row: &Vec<f64> = &normal[set][i];
                    members.iter().map(|&j| row[j]).chain([row[self.parents]]).collect()
                };
                if let Some(found) = eliminate(members.iter().map(row).collect()) {
                    members.iter().zip(found).for_each(|(&k, c)| sums[set][k] = c);
                }
            }
            if sums == before {
                break;
            }
        }
        sums
    }

    /// The squared distance of element `at` from the nearest sum of the differences at `of`, and its
    /// set.
    fn nearest(&self, sums: &Sums, at: usize, of: usize) -> (f64, usize) {
        let tasks = self.tasks(of);
        let off = |(set, c): (usize, &Vec<f64>)| {
            let sum: f64 = c.iter().zip(tasks).map(|(c, t)| c * t).sum();
            ((self.child[at] - sum).powi(2), set)
        };
        let nearer =
            |best: (f64, usize), one: (f64, usize)| if one.0 < best.0 { one } else { best };
        sums.iter().enumerate().map(off).fold((f64::INFINITY, 0), nearer)
    }

    /// What is left over against rounding, with the differences of the element `turn` places on.
    fn left(&self, sums: &Sums, turn: usize) -> f64 {
        let n = self.child.len();
        let rest: f64 = (0..n).map(|at| self.nearest(sums, at, (at + turn) % n).0).sum();
        rest / self.variance.iter().sum::<f64>().max(f64::MIN_POSITIVE)
    }

    /// The factor of parent `k` where it alone is kept, with its error by leaving out blocks.
    fn factor(&self, k: usize, sets: &[usize]) -> Option<(f64, f64)> {
        let alone: Vec<usize> = (0..sets.len()).filter(|at| sets[*at] == 1 << k).collect();
        if alone.len() < FEWEST {
            return None;
        }
        let ratio = |skipped: usize| {
            let kept =
                alone.iter().enumerate().filter(|(j, _)| j * BLOCKS / alone.len() != skipped);
            let (xy, xx) = kept.fold((0.0, 0.0), |(xy, xx), (_, &at)| {
                let t = self.tasks(at)[k];
                (xy + t * self.child[at], xx + t * t)
            });
            xy / xx
        };
        let left_out: Vec<f64> = (0..BLOCKS).map(ratio).collect();
        let n = float_usize(BLOCKS);
        let mean = left_out.iter().sum::<f64>() / n;
        let scatter = left_out.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        Some((ratio(BLOCKS), ((n - 1.0) / n * scatter).sqrt()))
    }

    /// The share of clear entries of parent `k` that are kept, with its error.
    fn kept(&self, k: usize, sums: &Sums, sets: &[usize]) -> Option<(f64, f64)> {
        let clear =
            || (0..sets.len()).filter(|&at| self.is_clear(at, sums[1 << k][k] * self.tasks(at)[k]));
        let all = float_usize(clear().count());
        let share = float_usize(clear().filter(|at| sets[*at] >> k & 1 == 1).count()) / all;
        (float_usize(FEWEST) <= all).then(|| (share, (share * (1.0 - share) / all).sqrt()))
    }

    /// Whether parents are kept together only with one sign. `None` when it is neither so nor not.
    fn elects(&self, sums: &Sums, sets: &[usize]) -> Option<bool> {
        // Pairs of clear entries, and those of opposite signs: all, and those kept together.
        let (mut all, mut together) = ([0usize; 2], [0usize; 2]);
        for (at, &set) in sets.iter().enumerate() {
            let tasks = self.tasks(at);
            let clear: Vec<usize> = (0..self.parents)
                .filter(|&k| self.is_clear(at, sums[1 << k][k] * tasks[k]))
                .collect();
            for (n, &i) in clear.iter().enumerate() {
                for &j in &clear[..n] {
                    let opposite = usize::from(tasks[i] * tasks[j] < 0.0);
                    all = [all[0] + 1, all[1] + opposite];
                    let is_together = set >> i & set >> j & 1;
                    together = [together[0] + is_together, together[1] + is_together * opposite];
                }
            }
        }
        let share = |[n, opposite]: [usize; 2]| float_usize(opposite) / float_usize(n.max(1));
        let ratio = share(together) / share(all).max(f64::MIN_POSITIVE);
        let is_known = FEWEST <= together[0] && !(OPPOSITE.0..=OPPOSITE.1).contains(&ratio);
        is_known.then_some(ratio < OPPOSITE.0)
    }
}

fn start(alone: &[f64], averaged: bool) -> Sums {
    let of = |set: usize| {
        let size = if averaged { f64::from(set.count_ones().max(1)) } else { 1.0 };
        let one = |(k, c): (usize, &f64)| if set >> k & 1 == 1 { c / size } else { 0.0 };
        alone.iter().enumerate().map(one).collect()
    };
    (0..1 << alone.len()).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;
    use crate::seed::Draws;

    const N: usize = 40_000;

    struct Drawn(Draws);

    impl Drawn {
        fn unit(&mut self) -> f64 {
            crate::number::float(self.0.below(1 << 40)) / crate::number::float(1 << 40)
        }

        fn normal(&mut self) -> f64 {
            (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
        }
    }

    /// Elements of `k` differences of spread 1, what `child` makes of them, and rounding of `sd`.
    fn points(k: usize, sd: f64, child: impl Fn(&[f64], &mut Drawn) -> f64) -> Points {
        let mut drawn = Drawn(Draws::new(4, "sparse"));
        let mut points = Points::of(k);
        for _ in 0..N {
            let tasks: Vec<f64> = (0..k).map(|_| drawn.normal()).collect();
            let y = child(&tasks, &mut drawn) + sd * drawn.normal();
            points.push(y, &tasks, sd * sd);
        }
        points
    }

    fn dare(weights: &[f64], kept: f64) -> impl Fn(&[f64], &mut Drawn) -> f64 + '_ {
        move |tasks, drawn| {
            let one = |(t, w): (&f64, &f64)| if drawn.unit() < kept { w * t / kept } else { 0.0 };
            tasks.iter().zip(weights).map(one).sum()
        }
    }

    fn ties(weights: &[f64], least: f64) -> impl Fn(&[f64], &mut Drawn) -> f64 + '_ {
        move |tasks, _| {
            let trimmed: Vec<f64> = tasks
                .iter()
                .zip(weights)
                .map(|(t, w)| if least <= t.abs() { w * t } else { 0.0 })
                .collect();
            let sign = trimmed.iter().sum::<f64>().signum();
            let agree: Vec<f64> =
                trimmed.into_iter().filter(|x| *x != 0.0 && x.signum() == sign).collect();
            agree.iter().sum::<f64>() / float_usize(agree.len().max(1))
        }
    }

    #[test]
    fn random_drops_show_their_share_and_their_weights() {
        for (weights, kept) in [(vec![0.6, 0.5], 0.5), (vec![0.5, 0.3, 0.4], 0.6)] {
            let found = points(weights.len(), 0.01, dare(&weights, kept)).fit().unwrap();
            assert!(!found.elects && found.left < 1.2, "{found:?}");
            for ((factor, share), weight) in found.factors.iter().zip(&found.kept).zip(&weights) {
                near(share.0, kept, 4.0 * share.1);
                near(factor.0, weight / kept, 4.0 * factor.1 + 0.002);
            }
        }
    }

    #[test]
    fn trimmed_and_elected_differences_show_their_weights() {
        for weights in [vec![1.0, 0.8], vec![1.0, 1.0], vec![0.9, 0.6, 1.1]] {
            let found = points(weights.len(), 0.01, ties(&weights, 0.7)).fit().unwrap();
            assert!(found.elects && found.left < 1.2, "{found:?}");
            for (factor, weight) in found.factors.iter().zip(&weights) {
                near(factor.0, *weight, 4.0 * factor.1 + 0.002);
            }
        }
    }

    #[test]
    fn what_was_not_put_together_so_does_not_fit() {
        let left = |points: Points| points.fit().map_or(f64::INFINITY, |found| found.left);
        // A training of its own, alone and on top of one parent.
        assert!(10.0 < left(points(2, 0.01, |_, drawn| drawn.normal())));
        assert!(10.0 < left(points(2, 0.01, |t, drawn| t[0] + 0.3 * drawn.normal())));
        // Dropped differences of a parent that was not named.
        let hidden = |t: &[f64], drawn: &mut Drawn| {
            dare(&[0.6, 0.5, 0.4], 0.5)(&[t[0], t[1], drawn.normal()], drawn)
        };
        assert!(10.0 < left(points(2, 0.01, hidden)));
        // Differences that are lost in rounding fit anything, and are not told.
        assert_eq!(points(2, 1.0, dare(&[0.6, 0.5], 0.5)).fit(), None);
    }
}
