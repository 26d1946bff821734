//! Units matched twice: how many find the same partner both times, and what the match is worth.
//!
//! Where every numbering was hidden, no renumbering is left to compare with: the best matching over
//! all numberings is the same for every renumbering of B. What can be said then rests on a model of
//! unrelated weights, stated here, and on controls: other pairs of layers of the same two models,
//! matched in the same way, must show what the model says.

use crate::assignment::assign;
use crate::device::Device;
use crate::matrix::Matrix;
use crate::number::{float, float_usize};

/// Rows of features of one layer's units on both sides, twice over: two sets of tensors that share
/// the units. Rows have length 1, or are zeros.
#[derive(Debug, Clone)]
pub struct Twice {
    /// The first set, A and B: shapes `[m, f]` and `[n, f]`.
    pub first: (Matrix, Matrix),
    /// The second set, A and B: shapes `[m, g]` and `[n, g]`.
    pub second: (Matrix, Matrix),
    /// The second set may have its sign turned unit by unit without a change in what the network
    /// computes: what a gated layer multiplies its gate with, and the way out of it.
    pub signed: bool,
}

/// One layer of A matched with one of B.
#[derive(Debug, Clone, PartialEq)]
pub struct Matching {
    /// The partner in B of each unit of A, by both sets together.
    pub partners: Vec<Option<usize>>,
    /// Units whose second set points the other way than its partner's; none unless it may.
    pub turned: Vec<bool>,
    /// Units whose partner is the same by either set alone: K.
    pub agreeing: u64,
    /// Units of A.
    pub units: u64,
    /// Units of B.
    pub among: u64,
    /// Mean cosine of matched units, both sets together.
    pub cosine: f64,
    /// What the matching explains, in nats: see [`Matching::surprise`].
    pub gain: f64,
    /// What it was free to choose, in nats: the logarithm of the number of matchings, and of signs.
    pub cost: f64,
}

/// Matches the units of a layer by the first set, by the second, and by both, the cosines made on
/// `device`. Three assignments; time `O(m n (f + g) + m² n)`.
pub fn match_units(layer: &Twice, device: &Device) -> Matching {
    let first = device.times_transposed(&layer.first.0, &layer.first.1);
    let ways = device.times_transposed(&layer.second.0, &layer.second.1);
    let (m, n) = (first.rows(), first.cols());
    let second = if layer.signed { ways.map(f32::abs) } else { ways.clone() };
    let both = first.mean_with(&second);
    let partners = assign(&both);
    let (by_first, by_second) = (assign(&first), assign(&second));
    let agree = by_first.iter().zip(&by_second).filter(|(x, y)| x.is_some() && x == y);
    let agreeing = agree.count() as u64;
    let matched = partners.iter().enumerate().filter_map(|(i, j)| j.map(|j| (i, j)));
    let cosines: Vec<f64> = matched.map(|(i, j)| f64::from(both.row(i)[j])).collect();
    let pairs = float_usize(cosines.len().max(1));
    let cosine = cosines.iter().sum::<f64>() / pairs;
    let squares: f64 = both.values().iter().map(|&x| f64::from(x).powi(2)).sum();
    let spread = squares / float_usize((m * n).max(1));
    let gain = if spread <= 0.0 { 0.0 } else { pairs * cosine.max(0.0).powi(2) / (2.0 * spread) };
    let turned =
        |(i, j): (usize, &Option<usize>)| layer.signed && j.is_some_and(|j| ways.row(i)[j] < 0.0);
    let turned = partners.iter().enumerate().map(turned).collect();
    let (few, many) = (float_usize(m.min(n)), float_usize(m.max(n)));
    let signs = if layer.signed { few * std::f64::consts::LN_2 } else { 0.0 };
    let cost = libm::lgamma(many + 1.0) - libm::lgamma(many - few + 1.0) + signs;
    Matching { partners, turned, agreeing, units: m as u64, among: n as u64, cosine, gain, cost }
}

impl Matching {
    /// Decimal logarithm of a bound on `P(K >= agreeing)` if the two matchings are independent:
    /// `(m / n)^K / K!` for `m <= n` units (factorial moments of the number of agreements); at most
    /// 0.
    pub fn log10_agreement(&self) -> f64 {
        let (few, many) = (self.units.min(self.among), self.units.max(self.among));
        if self.agreeing < 2 || few == 0 {
            return 0.0;
        }
        let k = float(self.agreeing);
        let nats = k * libm::log(float(few) / float(many)) - libm::lgamma(k + 1.0);
        (nats / std::f64::consts::LN_10).min(0.0)
    }

    /// How much more the matching explains than it was free to choose, in nats; negative between
    /// unrelated layers.
    ///
    /// If the rows of B have no preferred direction towards those of A, the cosine of two rows is
    /// sub-Gaussian with the variance `v` that all `m n` pairs show (`1 / d` in `d` equal
    /// directions), so that one matching of `h` units reaches a mean cosine `c` with probability at
    /// most `exp(-h c² / 2 v)`, and some matching of the `n! / (n - m)!` there are with at most
    /// that many times as much. `gain = h c² / 2 v` and `cost = ln(n! / (n - m)!)`, and `h ln 2` more where
    /// signs were chosen too.
    pub fn surprise(&self) -> f64 {
        self.gain - self.cost
    }
}

/// Decimal logarithm of the model-based p of several layers, at most 0: the weaker of what
/// agreement and surprise say, each a product over layers.
pub fn log10_p(layers: &[Matching]) -> f64 {
    let agreement: f64 = layers.iter().map(Matching::log10_agreement).sum();
    let surprise: f64 = layers.iter().map(Matching::surprise).sum();
    agreement.max(-surprise.max(0.0) / std::f64::consts::LN_10)
}

/// Share of units that agree over several layers; `None` without units.
pub fn agreeing_share(layers: &[Matching]) -> Option<f64> {
    let units: u64 = layers.iter().map(|m| m.units).sum();
    let agreeing: u64 = layers.iter().map(|m| m.agreeing).sum();
    (units != 0).then(|| float(agreeing) / float(units))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;
    use crate::seed::Draws;
    use crate::standardise::{columns, unit_rows};

    fn noise(rows: usize, cols: usize, purpose: &str) -> Matrix {
        let mut draws = Draws::new(1, purpose);
        let mut value = || (0..4).map(|_| draws.below(2001) as f32 / 1000.0 - 1.0).sum::<f32>();
        Matrix::new(rows, cols, (0..rows * cols).map(|_| value()).collect()).unwrap()
    }

    fn ready(matrix: &Matrix) -> Matrix {
        unit_rows(columns(matrix.clone()))
    }

    /// A with `share` of weight kept from renumbered and pruned B.
    fn child(b: &Matrix, order: &[usize], own: &Matrix) -> Matrix {
        let kept = b.select(order);
        let pairs = kept.values().iter().zip(own.values());
        ready(&Matrix::new(kept.rows(), kept.cols(), pairs.map(|(x, y)| x + y).collect()).unwrap())
    }

    #[test]
    fn half_of_the_units_renumbered_and_noised_are_found_again() {
        let (b1, b2) = (noise(120, 40, "b1"), noise(120, 40, "b2"));
        let mut order: Vec<usize> = (0..120).collect();
        Draws::new(2, "order").shuffle(&mut order);
        order.truncate(60);
        let found = match_units(
            &Twice {
                first: (child(&b1, &order, &noise(60, 40, "a1")), ready(&b1)),
                second: (child(&b2, &order, &noise(60, 40, "a2")).scaled(-1.0), ready(&b2)),
                signed: true,
            },
            &Device::default(),
        );
        assert!(found.turned.iter().all(|turned| *turned));
        assert_eq!(found.partners, order.iter().map(|&j| Some(j)).collect::<Vec<_>>());
        assert!(55 < found.agreeing, "{found:?}");
        near(found.cosine, 0.5f64.sqrt(), 0.1);
        let p = log10_p(&[found]);
        assert!(p < -60.0, "{p}");
    }

    #[test]
    fn unrelated_layers_cost_more_than_they_explain() {
        for pair in 0..40 {
            let side = |name: &str| ready(&noise(80, 30, &format!("{name}/{pair}")));
            let found = match_units(
                &Twice {
                    first: (side("a1"), side("b1")),
                    second: (side("a2"), side("b2")),
                    signed: pair % 2 == 0,
                },
                &Device::default(),
            );
            assert!(found.surprise() < 0.0, "{found:?}");
            assert!(found.agreeing < 8, "{found:?}");
            assert!(log10_p(&[found]) == 0.0);
        }
    }

    #[test]
    fn no_units_are_no_share_and_no_p() {
        assert_eq!((agreeing_share(&[]), log10_p(&[])), (None, 0.0));
    }
}
