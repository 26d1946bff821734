//! The aligned test: is the numbering that both models share better than a random one?
//!
//! Under the null hypothesis the units of B could carry any numbering, all equally likely, so the
//! sum of scores at equal numbers is compared with its own distribution over renumberings. The p
//! is exact: seeded draws give it in the bulk, `p = (1 + hits) / (1 + draws)`, and where no draw
//! reaches the observed sum, the bound of [`crate::permanent`] takes over when it is smaller.
//! It is used only there, so at every level above `1 / (1 + draws)` the p is the one by draws, and
//! below it is a bound on the exact tail: valid at every level.

use rayon::prelude::*;

use crate::agreement::Agreement;
use crate::held::Held;
use crate::number::{float, float_usize};
use crate::permanent;
use crate::scores::Scores;
use crate::seed::Draws;

/// Scores of groups of units that are renumbered independently of one another: layers, experts.
///
/// Each group is double-centred and scaled to unit variance over its renumberings (Stouffer's
/// weights), so that `Σ` over groups has variance equal to the number of groups.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    scores: Vec<Held>,
    /// What a sum over group `g` was divided by.
    scales: Vec<f64>,
}

/// One group of units, ready to be renumbered.
#[derive(Debug, Clone)]
pub struct Group {
    /// Double-centred and scaled.
    scores: Held,
    /// What a sum over it was divided by.
    scale: f64,
    /// Mean of all its scores.
    mean: f64,
    agreement: Agreement,
}

impl Group {
    /// Double-centres scores and scales them. `None` when they do not vary over renumberings: fewer than
    /// two units, or all scores alike after centring. Time `O(n²)`.
    pub fn of(scores: Scores) -> Option<Self> {
        let (n, mean) = (scores.n(), scores.mean());
        let centred = scores.double_centred();
        let variance = centred.sum_of_squares() / float_usize(n.saturating_sub(1).max(1));
        // Scores are at most about 1 a unit; less than this is rounding.
        if n < 2 || variance < 1e-12 {
            return None;
        }
        let (scale, agreement) = (variance.sqrt(), Agreement::of(&centred));
        let scores = Held::of(&centred.scaled(scale.recip()));
        Some(Self { scores, scale, mean, agreement })
    }

    /// How many of its units find their own number.
    pub fn agreement(&self) -> Agreement {
        self.agreement
    }

    /// Mean and standard deviation of the mean score of equal numbers over all renumberings of one side: the
    /// mean of all scores, and `sqrt(Σ D_ij² / (n - 1)) / n` with `D` the double-centred scores (Hoeffding, *A
    /// combinatorial central limit theorem*, 1951).
    pub fn chance(&self) -> (f64, f64) {
        (self.mean, self.scale / float_usize(self.scores.n()))
    }

    /// The p of this group alone, by the bound only, in decimal logarithm; and its z.
    pub fn alone(&self) -> (f64, f64) {
        let t = self.scores.trace();
        (to_log10(permanent::ln_tail(std::slice::from_ref(&self.scores), t, 1.0)), t)
    }
}

/// What a permutation test gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PermutationOutcome {
    /// Decimal logarithm of the p-value, at most 0: "at most".
    pub log10_p: f64,
    /// The sum in standard deviations of its own null distribution.
    pub z: f64,
    /// Units renumbered, over all groups.
    pub units: u64,
    /// Groups renumbered independently.
    pub groups: u64,
    /// Random renumberings drawn.
    pub draws: u64,
    /// How many of them reached the observed sum.
    pub hits: u64,
}

impl Groups {
    /// Adds one group. `false`, and nothing is added, when there is none: see [`Group::of`].
    pub fn push(&mut self, scores: Scores) -> bool {
        Group::of(scores).map(|group| self.add(group)).is_some()
    }

    /// Adds one group.
    pub fn add(&mut self, group: Group) {
        self.scores.push(group.scores);
        self.scales.push(group.scale);
    }

    /// Whether no group was added.
    pub fn is_empty(&self) -> bool {
        self.scores.is_empty()
    }

    /// Number of groups.
    pub fn len(&self) -> usize {
        self.scores.len()
    }

    /// The observed sum: equal numbers, over all groups.
    fn observed(&self) -> f64 {
        self.scores.iter().map(Held::trace).sum()
    }

    /// The observed sum in standard deviations of its own null distribution; 0 without a group.
    pub fn z(&self) -> f64 {
        if self.is_empty() { 0.0 } else { self.observed() / self.sd() }
    }

    fn sd(&self) -> f64 {
        float_usize(self.len()).sqrt()
    }

    /// Runs the test with `draws` random renumberings. `None` when there is no group.
    ///
    /// Time `O(draws · units)` and about twenty passes over the scores when the finding is strong.
    pub fn test(&self, draws: u64, seed: u64, purpose: &str) -> Option<PermutationOutcome> {
        if self.is_empty() {
            return None;
        }
        let t = self.observed();
        let hits = (0..draws)
            .into_par_iter()
            .filter(|draw| {
                let mut stream = Draws::new(seed, &format!("{purpose}/{draw}"));
                // Ties count against the finding; the slack is for sums over groups.
                t - 1e-9 * t.abs() <= self.random_sum(&mut stream)
            })
            .count() as u64;
        let by_draws = ((1.0 + float(hits)) / (1.0 + float(draws))).log10();
        let log10_p = if hits == 0 {
            by_draws.min(to_log10(permanent::ln_tail(&self.scores, t, self.sd())))
        } else {
            by_draws
        };
        Some(PermutationOutcome {
            log10_p,
            z: t / self.sd(),
            units: self.scores.iter().map(|s| s.n() as u64).sum(),
            groups: self.len() as u64,
            draws,
            hits,
        })
    }

    fn random_sum(&self, stream: &mut Draws) -> f64 {
        let mut numbering: Vec<usize> = Vec::new();
        let mut sum = 0.0;
        for scores in &self.scores {
            numbering.clear();
            numbering.extend(0..scores.n());
            stream.shuffle(&mut numbering);
            sum += scores.sum(numbering.iter().copied());
        }
        sum
    }

    /// The smallest mean score at equal numbers, the same in every group, that would have reached
    /// `log10_level` 99 times in 100. In cosines when the scores were cosines. `None` when nothing
    /// could have.
    pub fn smallest_mean_score(&self, log10_level: f64) -> Option<f64> {
        let need = permanent::smallest_significant(
            &self.scores,
            log10_level * std::f64::consts::LN_10,
            self.sd(),
        )?;
        // A mean score c adds c · n / scale to each group's sum.
        let per_score: f64 =
            self.scores.iter().zip(&self.scales).map(|(s, scale)| float_usize(s.n()) / scale).sum();
        // What is planted adds to a sum that scatters as under the null, and it lengthens the tails
        // that the bound is taken of: without the tenth more 94 of 100 were found.
        Some((1.1 * need + Z99 * self.sd()) / per_score).filter(|c| *c <= 1.0)
    }
}

/// One-sided normal quantile of 99 in 100.
pub(crate) const Z99: f64 = 2.326_347_874_040_841;

fn to_log10(nats: f64) -> f64 {
    nats / std::f64::consts::LN_10
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Features;

    fn noise(n: usize, d: usize, seed: u64) -> Vec<f32> {
        let mut draws = Draws::new(seed, "noise");
        (0..n * d).map(|_| draws.below(2_000_001) as f32 / 1e6 - 1.0).collect()
    }

    fn cosines(n: usize, a: &[f32], b: &[f32]) -> Scores {
        let rows = |values: &[f32]| {
            let mut features = Features::new(n);
            features.push_centred(values);
            features.unit_rows()
        };
        Scores::products(&rows(a), &rows(b))
    }

    #[test]
    fn a_planted_numbering_is_found_and_independent_ones_are_not() {
        let (a, other) = (noise(200, 60, 1), noise(200, 60, 2));
        let child: Vec<f32> = a.iter().zip(&other).map(|(x, y)| 0.3 * x + y).collect();
        let mut found = Groups::default();
        assert!(found.push(cosines(200, &child, &a)));
        let found = found.test(999, 0, "test").unwrap();
        assert_eq!((found.hits, found.units, found.groups), (0, 200, 1));
        assert!(found.log10_p < -50.0, "{found:?}");

        let mut nothing = Groups::default();
        assert!(nothing.push(cosines(200, &other, &a)));
        let nothing = nothing.test(999, 0, "test").unwrap();
        assert!(-3.0 < nothing.log10_p && nothing.z.abs() < 4.0, "{nothing:?}");
    }

    #[test]
    fn p_is_never_below_what_the_group_allows() {
        // Five units: no test over 120 renumberings can say less than 1/120.
        let a = noise(5, 40, 3);
        let mut groups = Groups::default();
        groups.push(cosines(5, &a, &a));
        let outcome = groups.test(9999, 0, "test").unwrap();
        assert!(-(120f64.log10()) <= outcome.log10_p, "{outcome:?}");
        assert!(outcome.log10_p < -1.5, "{outcome:?}");
    }

    #[test]
    fn one_shared_unit_is_a_coincidence_and_not_a_finding() {
        // One unit of sixty-four alike in both, the rest unrelated and far apart: z is about 8, a
        // normal tail would say 1e-15, and yet it happens once in sixty-four renumberings.
        let (mut a, b) = (noise(64, 4000, 4), noise(64, 4000, 5));
        a[..4000].copy_from_slice(&b[..4000]);
        let mut groups = Groups::default();
        groups.push(cosines(64, &a, &b));
        let outcome = groups.test(9999, 0, "test").unwrap();
        assert!(5.0 < outcome.z, "{outcome:?}");
        assert!(-2.5 < outcome.log10_p, "{outcome:?}");
    }

    #[test]
    fn scores_that_do_not_vary_are_not_a_group() {
        let mut groups = Groups::default();
        assert!(!groups.push(Scores::from_values(3, vec![1.0; 9]).unwrap()));
        assert!(!groups.push(Scores::from_values(1, vec![1.0]).unwrap()));
        assert_eq!(groups.test(99, 0, "test"), None);
    }

    #[test]
    fn the_power_statement_names_a_cosine_that_would_have_been_found() {
        let (a, b) = (noise(300, 100, 6), noise(300, 100, 7));
        let mut groups = Groups::default();
        groups.push(cosines(300, &a, &b));
        let need = groups.smallest_mean_score(-8.0).unwrap();
        assert!((0.02..0.2).contains(&need), "{need}");
        // Plant a little more than that and find it.
        let mix = 1.3 * need;
        let child: Vec<f32> = b
            .iter()
            .zip(&a)
            .map(|(x, y)| (1.0 - mix * mix).sqrt() as f32 * x + mix as f32 * y)
            .collect();
        let mut planted = Groups::default();
        planted.push(cosines(300, &child, &a));
        assert!(planted.test(99, 0, "test").unwrap().log10_p < -8.0);
    }
}
