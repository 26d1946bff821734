//! Several looks at growing samples, stopped whenever one likes: how the level is spent.
//!
//! Look `k` of [`LOOKS`] tests everything drawn so far and gives an exact `p_k`. It is allotted a
//! share `w_k` of the level, and the p of the sequence is `min_k p_k / w_k` over the looks made.
//! Under the null hypothesis
//!
//! ```text
//! P(min_k p_k / w_k <= α)  <=  Σ_k P(p_k <= w_k α)  <=  α Σ_k w_k  =  α
//! ```
//!
//! whatever the dependence between looks, and whenever the looking stops and why: a look that was
//! not made can only have made the minimum smaller. The shares are written down here before any
//! weight is read; they fall by half, so that the first look, which settles nearly every pair,
//! costs a factor of 2. This is Bonferroni's inequality over looks, the simplest of the spending
//! rules of Lan and DeMets (*Discrete sequential boundaries for clinical trials*, 1983).

/// Most looks at one component.
pub const LOOKS: usize = 4;

/// The share of the level that each look may spend: `[1/2, 1/4, 1/8, 1/8]`, in all 1.
pub const SHARES: [f64; LOOKS] = [0.5, 0.25, 0.125, 0.125];

/// The p of look `look`, counted from 0, paid for by all looks: `p / SHARES[look]`, at most 1. Both
/// in decimal logarithms. A look past the last has no share of the level, and is worth nothing: 1.
pub fn paid(log10_p: f64, look: usize) -> f64 {
    SHARES.get(look).map_or(0.0, |share| (log10_p - share.log10()).min(0.0))
}

/// The level at which look `look` calls a finding when the sequence is to keep to `log10_level`:
/// what [`paid`] turns into that level.
pub fn level_of(log10_level: f64, look: usize) -> f64 {
    SHARES.get(look).map_or(f64::NEG_INFINITY, |share| log10_level + share.log10())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;
    use crate::seed::Draws;

    #[test]
    fn no_more_than_the_level_is_spent() {
        near(SHARES.iter().sum(), 1.0, 0.0);
        near(paid(-8.0, 0), -8.0 + 2f64.log10(), 1e-12);
        near(paid(-8.0, 3), -8.0 + 8f64.log10(), 1e-12);
        assert_eq!((paid(-0.1, 1), paid(-300.0, LOOKS)), (0.0, 0.0));
        for look in 0..LOOKS {
            near(paid(level_of(-7.0, look), look), -7.0, 1e-12);
        }
    }

    #[test]
    fn the_smallest_p_of_a_walk_that_is_watched_keeps_the_level() {
        // A sign test on 16, 32, 64 and 128 coins, looked at each time, stopped at the first small
        // p: without paying this calls fair coins far too often.
        let tail = |heads: u32, n: u32| -> f64 {
            let choose = |k: u32| (0..k).fold(1.0, |c, i| c * f64::from(n - i) / f64::from(i + 1));
            (heads..=n).map(choose).sum::<f64>() / 2f64.powi(i32::try_from(n).unwrap())
        };
        let rounds = 20_000;
        let mut draws = Draws::new(5, "coins");
        let (mut paid_for, mut unpaid) = (0, 0);
        for _ in 0..rounds {
            let (mut heads, mut n, mut best, mut least) = (0, 0, 0.0f64, 0.0f64);
            for (look, size) in [16, 32, 64, 128].into_iter().enumerate() {
                heads += (n..size).filter(|_| draws.below(2) == 1).count() as u32;
                n = size;
                let log10_p = tail(heads, n).min(1.0).log10();
                best = best.min(paid(log10_p, look));
                least = least.min(log10_p);
            }
            paid_for += u32::from(best <= 0.05f64.log10());
            unpaid += u32::from(least <= 0.05f64.log10());
        }
        let share = |count: u32| f64::from(count) / f64::from(rounds);
        assert!(share(paid_for) <= 0.05, "{}", share(paid_for));
        assert!(0.06 < share(unpaid), "watching cost nothing: {}", share(unpaid));
    }
}
