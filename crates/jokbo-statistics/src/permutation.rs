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
use crate::number::{float, float_usize};
use crate::permanent::{self, Psi};
use crate::scores::Scores;
use crate::seed::Draws;

/// The random renumberings of one test: how many, and where they come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renumberings {
    /// How many are drawn. Of none, the p is the bound alone.
    pub draws: u64,
    /// Seed of the streams.
    pub seed: u64,
    /// What the streams are for: the test's own, so that no two tests draw alike.
    pub purpose: String,
}

/// One group of units, renumbered by itself: what a test needs to know of its scores, which are not held.
///
/// Scores are double-centred and scaled to unit variance over their renumberings (Stouffer's weights).
#[derive(Debug, Clone)]
pub struct Group {
    sums: Groups,
    /// Mean of all its scores, and what a sum over it was divided by.
    mean: f64,
    scale: f64,
    agreement: Agreement,
}

/// Scores of groups of units that are renumbered independently of one another: layers, experts.
///
/// `Σ` over groups has variance equal to the number of groups. What is held is the same however many there
/// are: 8 bytes for each draw, and what bounds the tail (see [`crate::permanent`]).
#[derive(Debug, Clone, Default)]
pub struct Groups {
    renumberings: Renumberings,
    groups: u64,
    units: u64,
    /// The sum at equal numbers, and under each random renumbering.
    observed: f64,
    random: Vec<f64>,
    psi: Psi,
    /// The largest sum there can be.
    largest: f64,
    /// What a mean score of 1 at equal numbers adds to the sum.
    per_score: f64,
}

impl Group {
    /// Double-centres scores, scales and renumbers them, as group `number` of a test. `None` when they do not
    /// vary over renumberings: fewer than two units, or all scores alike after centring. Time
    /// `O(n² + draws · n)`.
    pub fn of(scores: Scores, renumberings: &Renumberings, number: usize) -> Option<Self> {
        let (n, mean) = (scores.n(), scores.mean());
        let centred = scores.double_centred();
        let variance = centred.sum_of_squares() / float_usize(n.saturating_sub(1).max(1));
        // Scores are at most about 1 a unit; less than this is rounding.
        if n < 2 || variance < 1e-12 {
            return None;
        }
        let (scale, agreement) = (variance.sqrt(), Agreement::of(&centred));
        let scores = centred.scaled(scale.recip());
        let sums = Groups {
            groups: 1,
            units: n as u64,
            observed: sum(&scores, 0..n),
            random: random_sums(&scores, renumberings, number),
            psi: Psi::of(&scores),
            largest: permanent::largest_sum(&scores),
            per_score: float_usize(n) / scale,
            renumberings: renumberings.clone(),
        };
        Some(Self { sums, mean, scale, agreement })
    }

    /// How many of its units find their own number.
    pub fn agreement(&self) -> Agreement {
        self.agreement
    }

    /// Mean and standard deviation of the mean score of equal numbers over all renumberings of one side: the
    /// mean of all scores, and `sqrt(Σ D_ij² / (n - 1)) / n` with `D` the double-centred scores (Hoeffding, *A
    /// combinatorial central limit theorem*, 1951).
    pub fn chance(&self) -> (f64, f64) {
        (self.mean, self.scale / float(self.sums.units))
    }

    /// The p of this group alone, by the bound only, in decimal logarithm; and its z.
    pub fn alone(&self) -> (f64, f64) {
        let t = self.sums.observed;
        (to_log10(self.sums.psi.ln_tail(t)), t)
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
    /// No group yet, of a test by `renumberings`. The default draws none.
    pub fn new(renumberings: Renumberings) -> Self {
        Self { renumberings, ..Self::default() }
    }

    /// Scores the next group. `false`, and nothing is added, when there is none: see [`Group::of`].
    pub fn push(&mut self, scores: Scores) -> bool {
        Group::of(scores, &self.renumberings, self.len()).map(|group| self.add(&group)).is_some()
    }

    /// Adds one group, made for the same renumberings under a number of its own.
    ///
    /// # Panics
    /// When the renumberings differ: a bug of the caller.
    pub fn add(&mut self, Group { sums: more, .. }: &Group) {
        assert_eq!(
            self.renumberings, more.renumberings,
            "groups of one test are renumbered together"
        );
        self.groups += more.groups;
        self.units += more.units;
        self.observed += more.observed;
        self.random.resize(more.random.len(), 0.0);
        self.random.iter_mut().zip(&more.random).for_each(|(sum, more)| *sum += more);
        self.psi.add(&more.psi);
        self.largest += more.largest;
        self.per_score += more.per_score;
    }

    /// Whether no group was added.
    pub fn is_empty(&self) -> bool {
        self.groups == 0
    }

    /// Number of groups.
    pub fn len(&self) -> usize {
        usize::try_from(self.groups).unwrap_or(usize::MAX)
    }

    /// The observed sum in standard deviations of its own null distribution; 0 without a group.
    pub fn z(&self) -> f64 {
        if self.is_empty() { 0.0 } else { self.observed / self.sd() }
    }

    fn sd(&self) -> f64 {
        float(self.groups).sqrt()
    }

    /// What the test gave. `None` when there is no group. Time `O(draws)`.
    pub fn test(&self) -> Option<PermutationOutcome> {
        if self.is_empty() {
            return None;
        }
        let (t, draws) = (self.observed, self.random.len() as u64);
        // Ties count against the finding; the slack is for sums over groups.
        let hits = self.random.iter().filter(|sum| t - 1e-9 * t.abs() <= **sum).count() as u64;
        let by_draws = ((1.0 + float(hits)) / (1.0 + float(draws))).log10();
        let bound = if hits == 0 { to_log10(self.psi.ln_tail(t)) } else { 0.0 };
        Some(PermutationOutcome {
            log10_p: by_draws.min(bound),
            z: self.z(),
            units: self.units,
            groups: self.groups,
            draws,
            hits,
        })
    }

    /// The smallest mean score at equal numbers, the same in every group, that would have reached
    /// `log10_level` 99 times in 100. In cosines when the scores were cosines. `None` when nothing
    /// could have.
    pub fn smallest_mean_score(&self, log10_level: f64) -> Option<f64> {
        let need = self.psi.smallest_significant(log10_level * std::f64::consts::LN_10);
        if self.is_empty() || self.largest < need {
            return None;
        }
        // What is planted adds to a sum that scatters as under the null, and it lengthens the tails
        // that the bound is taken of: without the tenth more 94 of 100 were found.
        Some((1.1 * need + Z99 * self.sd()) / self.per_score).filter(|c| *c <= 1.0)
    }
}

/// The sum of the scores of every unit with the one that `numbering` gives it.
fn sum(scores: &Scores, numbering: impl Iterator<Item = usize>) -> f64 {
    numbering.enumerate().map(|(i, j)| f64::from(scores.row(i)[j])).sum()
}

/// The sum under every random renumbering.
fn random_sums(scores: &Scores, renumberings: &Renumberings, number: usize) -> Vec<f64> {
    let Renumberings { draws, seed, purpose } = renumberings;
    let one = |numbering: &mut Vec<usize>, draw: u64| {
        numbering.clear();
        numbering.extend(0..scores.n());
        Draws::new(*seed, &format!("{purpose}/{number}/{draw}")).shuffle(numbering);
        sum(scores, numbering.iter().copied())
    };
    (0..*draws).into_par_iter().map_init(Vec::new, one).collect()
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

    fn drawn(draws: u64) -> Renumberings {
        Renumberings { draws, seed: 0, purpose: "test".to_owned() }
    }

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
        let mut found = Groups::new(drawn(999));
        assert!(found.push(cosines(200, &child, &a)));
        let found = found.test().unwrap();
        assert_eq!((found.hits, found.units, found.groups), (0, 200, 1));
        assert!(found.log10_p < -50.0, "{found:?}");

        let mut nothing = Groups::new(drawn(999));
        assert!(nothing.push(cosines(200, &other, &a)));
        let nothing = nothing.test().unwrap();
        assert!(-3.0 < nothing.log10_p && nothing.z.abs() < 4.0, "{nothing:?}");
    }

    #[test]
    fn p_is_never_below_what_the_group_allows() {
        // Five units: no test over 120 renumberings can say less than 1/120.
        let a = noise(5, 40, 3);
        let mut bound = Groups::default();
        bound.push(cosines(5, &a, &a));
        let bound = bound.test().unwrap().log10_p;
        assert!(-(120f64.log10()) <= bound, "{bound}");
        let mut groups = Groups::new(drawn(9999));
        groups.push(cosines(5, &a, &a));
        let outcome = groups.test().unwrap();
        // One in 120 of 9,999 draws scatters by a ninth of itself.
        assert!(-(120f64.log10()) - 3.0 * 0.05 <= outcome.log10_p, "{outcome:?}");
        assert!(outcome.log10_p < -1.5, "{outcome:?}");
    }

    #[test]
    fn one_shared_unit_is_a_coincidence_and_not_a_finding() {
        // One unit of sixty-four alike in both, the rest unrelated and far apart: z is about 8, a
        // normal tail would say 1e-15, and yet it happens once in sixty-four renumberings.
        let (mut a, b) = (noise(64, 4000, 4), noise(64, 4000, 5));
        a[..4000].copy_from_slice(&b[..4000]);
        let mut groups = Groups::new(drawn(9999));
        groups.push(cosines(64, &a, &b));
        let outcome = groups.test().unwrap();
        assert!(5.0 < outcome.z, "{outcome:?}");
        assert!(-2.5 < outcome.log10_p, "{outcome:?}");
    }

    #[test]
    fn scores_that_do_not_vary_are_not_a_group() {
        let mut groups = Groups::new(drawn(99));
        assert!(!groups.push(Scores::from_values(3, vec![1.0; 9]).unwrap()));
        assert!(!groups.push(Scores::from_values(1, vec![1.0]).unwrap()));
        assert_eq!(groups.test(), None);
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
        let mut planted = Groups::new(drawn(99));
        planted.push(cosines(300, &child, &a));
        assert!(planted.test().unwrap().log10_p < -8.0);
    }
}
