//! How many units find their own number: mutual best matches that agree with the identity.
//!
//! Match each unit of A with its mutual best unit of B by score. Under the null hypothesis B's
//! units carry a uniformly random numbering and the matching only carries it along, so the number
//! K of matched pairs with equal numbers has the factorial moments of fixed points: every set of
//! `k` matched units is fixed with probability `(n - k)! / n!`, hence
//! `P(K >= k) <= E C(K, k) <= λ^k / k!` with `λ = m / n` for `m` matched units, and `λ` adds over
//! groups that are renumbered independently. Exact for any scores, and far stronger than a sum when
//! few units are copied and the rest are unrelated.

use crate::number::float;
use crate::permutation::Z99;
use crate::scores::Scores;

/// Counts over one or more groups.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Agreement {
    /// Matched pairs with equal numbers.
    pub agreeing: u64,
    /// Matched pairs.
    pub matched: u64,
    /// Units.
    pub units: u64,
    /// Sum over groups of matched pairs divided by units.
    rate: f64,
}

impl Agreement {
    /// Counts one group of double-centred scores.
    pub fn of(scores: &Scores) -> Self {
        let matches = scores.mutual_best();
        let agreeing = matches.iter().filter(|(i, j)| i == j).count() as u64;
        let (matched, units) = (matches.len() as u64, scores.n() as u64);
        let rate = if units == 0 { 0.0 } else { float(matched) / float(units) };
        Self { agreeing, matched, units, rate }
    }

    /// Both groups together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            agreeing: self.agreeing + other.agreeing,
            matched: self.matched + other.matched,
            units: self.units + other.units,
            rate: self.rate + other.rate,
        }
    }

    /// Share of units that find their own number, in `[0, 1]`. `None` without units.
    pub fn share(&self) -> Option<f64> {
        (self.units != 0).then(|| float(self.agreeing) / float(self.units))
    }

    /// Decimal logarithm of the bound on `P(K >= agreeing)`, at most 0. `None` without units.
    pub fn log10_p(&self) -> Option<f64> {
        (self.units != 0).then(|| log10_tail(self.agreeing, self.rate))
    }

    /// The smallest share of copied units that would have reached `log10_level` 99 times in 100,
    /// every unit matched: which of the copied ones are drawn is chance. `None` when even all units
    /// would not.
    pub fn smallest_share(&self, groups: u64, log10_level: f64) -> Option<f64> {
        let enough = |k: u64| log10_tail(k, float(groups)) <= log10_level;
        let (mut low, mut high) = (0, self.units);
        if high == 0 || !enough(high) {
            return None;
        }
        // The bound falls once k passes the rate, and below it is clamped to 0: monotone.
        while low + 1 < high {
            let middle = low.midpoint(high);
            if enough(middle) { high = middle } else { low = middle }
        }
        // The number drawn scatters at most as a Poisson count of mean m: m - z sqrt(m) >= k.
        let root = f64::midpoint(Z99, (Z99 * Z99 + 4.0 * float(high)).sqrt());
        Some((root * root / float(self.units)).min(1.0))
    }
}

/// `log10` of `rate^k / k!`, or 0 where that is no bound.
fn log10_tail(k: u64, rate: f64) -> f64 {
    if k == 0 || float(k) <= rate || rate <= 0.0 {
        return 0.0;
    }
    let nats = float(k) * libm::log(rate) - libm::lgamma(float(k) + 1.0);
    (nats / std::f64::consts::LN_10).min(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;
    use crate::seed::Draws;

    #[test]
    fn the_bound_is_the_reciprocal_factorial_for_one_group() {
        near(log10_tail(12, 1.0), -479_001_600f64.log10(), 1e-9);
        assert_eq!((log10_tail(0, 1.0), log10_tail(1, 1.0)), (0.0, 0.0));
        assert_eq!(log10_tail(5, 32.0), 0.0);
    }

    #[test]
    fn the_bound_holds_for_random_numberings() {
        // Fixed points of random orders: share with at least k of them against the bound.
        let (n, rounds) = (30, 20_000);
        let mut draws = Draws::new(1, "fixed points");
        let mut at_least = [0u32; 8];
        for _ in 0..rounds {
            let mut order: Vec<usize> = (0..n).collect();
            draws.shuffle(&mut order);
            let fixed = order.iter().enumerate().filter(|(i, j)| i == *j).count();
            at_least.iter_mut().take(fixed + 1).for_each(|count| *count += 1);
        }
        for (k, &count) in at_least.iter().enumerate() {
            let bound = 10f64.powf(log10_tail(k as u64, 1.0));
            let sd = (bound / f64::from(rounds)).sqrt();
            assert!(f64::from(count) / f64::from(rounds) <= bound + 5.0 * sd, "k = {k}");
        }
    }

    #[test]
    fn a_twentieth_of_the_units_copied_is_found() {
        let n = 1000;
        let mut draws = Draws::new(3, "scores");
        let values = (0..n * n)
            .map(|k| {
                let copied = k / n == k % n && k % n < n / 20;
                if copied { 1.0 } else { draws.below(1000) as f32 / 4000.0 }
            })
            .collect();
        let scores = Scores::from_values(n, values).unwrap().double_centred();
        let agreement = Agreement::of(&scores);
        assert!((50..60).contains(&agreement.agreeing), "{agreement:?}");
        assert!(agreement.log10_p().unwrap() < -60.0);
        let share = agreement.smallest_share(1, -8.0).unwrap();
        assert!((0.01..0.03).contains(&share), "{share}");
    }

    #[test]
    fn nothing_to_match_is_no_p() {
        assert_eq!(Agreement::default().log10_p(), None);
        assert_eq!(Agreement::default().share(), None);
        assert_eq!(Agreement::default().smallest_share(1, -6.0), None);
    }
}
