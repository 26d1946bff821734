//! Corrections for looking more than once, on decimal logarithms of p-values.

use crate::number::float_usize;

/// The smallest of several p-values, paid for by their number (Bonferroni): valid whatever their
/// dependence. `None` when there are none.
pub fn bonferroni(log10_ps: &[f64]) -> Option<f64> {
    let least = log10_ps.iter().copied().fold(f64::INFINITY, f64::min);
    (!log10_ps.is_empty()).then(|| (least + float_usize(log10_ps.len()).log10()).min(0.0))
}

/// Holm's step-down adjustment (*A simple sequentially rejective multiple test procedure*, 1979):
/// an adjusted p at or below a level is a finding at that family-wise level, whatever the
/// dependence. Same order as given. Never above 0, and monotone in the given p-values.
pub fn holm(log10_ps: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..log10_ps.len()).collect();
    order.sort_by(|&i, &j| log10_ps[i].total_cmp(&log10_ps[j]).then(i.cmp(&j)));
    let mut adjusted = vec![0.0; log10_ps.len()];
    let mut least = f64::NEG_INFINITY;
    for (rank, &place) in order.iter().enumerate() {
        let looks = float_usize(log10_ps.len() - rank).log10();
        least = least.max((log10_ps[place] + looks).min(0.0));
        adjusted[place] = least;
    }
    adjusted
}

/// Two p-values of which the second is valid whatever the first came to, as one (Fisher, *Statistical
/// Methods for Research Workers*, 1932): a product `x` of two has `P <= x (1 - ln x)`. Decimal
/// logarithms, at most 0.
pub fn product(first: f64, second: f64) -> f64 {
    let both = (first + second).min(0.0);
    (both + libm::log10(1.0 - both * std::f64::consts::LN_10)).min(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;
    use proptest::prelude::*;

    #[test]
    fn holm_multiplies_by_the_looks_that_are_left() {
        let got = holm(&[-2.0, -10.0, -1.0]);
        near(got[1], -10.0 + 3f64.log10(), 1e-12);
        near(got[0], -2.0 + 2f64.log10(), 1e-12);
        near(got[2], -1.0, 1e-12);
        assert_eq!(holm(&[]), Vec::<f64>::new());
    }

    #[test]
    fn bonferroni_pays_for_every_look() {
        near(bonferroni(&[-8.0, -3.0]).unwrap(), -8.0 + 2f64.log10(), 1e-12);
        assert_eq!(bonferroni(&[0.0, -0.1]), Some(0.0));
        assert_eq!(bonferroni(&[]), None);
    }

    #[test]
    fn a_product_of_two_uniform_p_is_uniform_and_says_nothing_of_ones() {
        assert_eq!(product(0.0, 0.0), 0.0);
        near(product(-3.0, -4.0), -7.0 + (1.0 + 7.0 * std::f64::consts::LN_10).log10(), 1e-12);
        let mut draws = crate::seed::Draws::new(1, "uniform");
        let mut uniform = || (draws.below(1_000_000) as f64 + 0.5) / 1e6;
        let mut ps: Vec<f64> =
            (0..4000).map(|_| 10f64.powf(product(uniform().log10(), uniform().log10()))).collect();
        ps.sort_by(f64::total_cmp);
        for (k, p) in ps.iter().enumerate() {
            near(*p, k as f64 / 4000.0, 0.03);
        }
    }

    proptest! {
        #[test]
        fn holm_never_makes_a_p_smaller_and_keeps_their_order(
            ps in prop::collection::vec(-400.0f64..0.0, 1..30),
        ) {
            let adjusted = holm(&ps);
            for (i, p) in ps.iter().enumerate() {
                prop_assert!(*p <= adjusted[i] && adjusted[i] <= 0.0);
                for (j, q) in ps.iter().enumerate() {
                    prop_assert!(q <= p || adjusted[i] <= adjusted[j]);
                }
            }
        }
    }
}
