//! Whether p-values between independent networks are uniform: Kolmogorov and Smirnov's distance.

use std::collections::BTreeMap;

use serde::Serialize;

use super::outcome::Outcome;
use super::ranking::count;

/// All p-values of one test of one component.
#[derive(Debug, Serialize)]
pub(crate) struct Uniform {
    pub(crate) component: String,
    pub(crate) test: String,
    pub(crate) n: usize,
    /// Largest distance to the uniform distribution, both ways.
    pub(crate) distance: f64,
    /// Largest excess of small p: what an exact test must not have.
    pub(crate) excess: f64,
    /// p of that excess, one-sided.
    pub(crate) excess_p: f64,
    pub(crate) at_most_5_percent: f64,
    pub(crate) at_most_1_percent: f64,
    pub(crate) smallest: f64,
    /// Sorted.
    #[serde(skip)]
    pub(crate) ps: Vec<f64>,
}

/// One row for each test that ran on independent networks of one family.
pub(crate) fn all(outcomes: &[Outcome]) -> Vec<Uniform> {
    let mut found: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
    for c in outcomes.iter().filter(|o| o.null).flat_map(|o| &o.components) {
        for (test, log10_p) in &c.tests {
            // A p of exactly k / 1000 must not be lost to the logarithm's last digit.
            let p = 10f64.powf(log10_p - 1e-9);
            found.entry((&c.component, test)).or_default().push(p);
        }
    }
    found.into_iter().map(|((component, test), ps)| row(component, test, ps)).collect()
}

fn row(component: &str, test: &str, mut ps: Vec<f64>) -> Uniform {
    ps.sort_by(f64::total_cmp);
    let n = count(ps.len());
    let steps = || ps.iter().enumerate();
    let excess = steps().map(|(k, p)| count(k + 1) / n - p).fold(0.0, f64::max);
    let lack = steps().map(|(k, p)| p - count(k) / n).fold(0.0, f64::max);
    let share = |level: f64| count(ps.iter().filter(|p| **p <= level).count()) / n;
    Uniform {
        component: component.to_owned(),
        test: test.to_owned(),
        n: ps.len(),
        distance: excess.max(lack),
        excess,
        excess_p: excess_p(excess, n),
        at_most_5_percent: share(0.05),
        at_most_1_percent: share(0.01),
        smallest: ps.first().copied().unwrap_or(1.0),
        ps,
    }
}

/// Chance of such an excess under the null, at most: the bound of Dvoretzky, Kiefer and Wolfowitz with
/// the constant of Massart (1990).
fn excess_p(excess: f64, n: f64) -> f64 {
    (-2.0 * n * excess * excess).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evenly_spread_values_are_uniform_and_small_ones_are_an_excess() {
        let even: Vec<f64> = (1..=100).map(|k| f64::from(k) / 101.0).collect();
        let row_of = |ps: Vec<f64>| row("c", "t", ps);
        let fair = row_of(even.clone());
        assert!(fair.distance < 0.011 && 0.9 < fair.excess_p, "{fair:?}");
        let unfair = row_of(even.iter().map(|p| p * p).collect());
        assert!(0.2 < unfair.excess && unfair.excess_p < 1e-4, "{unfair:?}");
        let timid = row_of(even.iter().map(|p| p.sqrt()).collect());
        assert!(timid.excess < 0.02 && 0.2 < timid.distance, "{timid:?}");
    }
}
