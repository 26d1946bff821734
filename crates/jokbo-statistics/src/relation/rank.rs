//! The rank of a change, read through the rounding of the stored type.
//!
//! A merged adapter of rank `r` (LoRA: Hu et al., 2022, arXiv 2106.09685) leaves `W' = W + U V`,
//! rounded when it is stored. The errors of rounding are independent with variances `v_ij` that
//! the stored type says, so their largest singular value is at most about
//! `sqrt(max_i Σ_j v_ij) + sqrt(max_j Σ_i v_ij)` (Bandeira and van Handel, 2016, for the norm of
//! matrices with independent entries). Singular values beyond that edge belong to the change. What
//! is left after them must be no more than rounding, and there must be a cliff at the rank: a
//! change by training goes on without one.

use super::sample::Square;
use crate::device::Device;
use crate::number::float_usize;

/// Largest rank that is called one.
pub const MOST: usize = 256;

/// The edge is a mean; single matrices pass it by a little.
const SLACK: f64 = 1.1;
/// At the rank the singular values fall at least by this factor.
const CLIFF: f64 = 1.5;
/// What is left after the rank, against what rounding leaves, squared.
const LEFT: f64 = 1.1;

/// What the singular values of a change say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rank {
    /// Singular values beyond the edge of rounding.
    pub beyond: usize,
    /// How many there could be.
    pub of: usize,
    /// What is left after those, divided by what rounding leaves, squared. `None` when the stored
    /// types leave no rounding to compare with.
    pub left: Option<f64>,
    /// Where the singular values fall most of all ranks that leave no more than rounding, and by
    /// what factor.
    pub cliff: Option<(usize, f64)>,
}

impl Rank {
    /// Reads the rank of a change, its singular values made on `device`. `None` when nothing changed.
    pub fn of(square: &Square, device: &Device) -> Option<Self> {
        let (rows, cols) = (square.rows, square.cols);
        let values = device.singular_values(rows, cols, &square.change);
        let top = values.first().copied().filter(|top| 0.0 < *top)?;
        let row = |i: usize| square.rounding[i * cols..(i + 1) * cols].iter().sum::<f64>();
        let col = |j: usize| (0..rows).map(|i| square.rounding[i * cols + j]).sum::<f64>();
        let most = |sums: &mut dyn Iterator<Item = f64>| sums.fold(0.0, f64::max).sqrt();
        let noise = most(&mut (0..rows).map(row)) + most(&mut (0..cols).map(col));
        let edge = (SLACK * noise).max(1e-6 * top);
        let beyond = values.iter().filter(|s| edge < **s).count();
        let rounding: f64 = square.rounding.iter().sum();
        // Squares this small against the largest are lost in the Gram matrix.
        let blur = 8.0 * f64::EPSILON * float_usize(values.len()) * top * top;
        let left = |k: usize| {
            // Removing `k` directions from independent noise removes their share of both sides.
            let kept = |n: usize| 1.0 - float_usize(k) / float_usize(n);
            let all = rounding * kept(rows) * kept(cols);
            let rest: f64 = values[k..].iter().map(|s| s * s).sum();
            (0.0 < all).then(|| rest / (all + blur))
        };
        let fall = |k: usize| values.get(k).map_or(f64::INFINITY, |next| values[k - 1] / next);
        let cliff = (1..=beyond)
            .filter(|k| left(*k).is_some_and(|left| left <= LEFT))
            .map(|k| (k, fall(k)))
            .max_by(|x, y| x.1.total_cmp(&y.1));
        Some(Self { beyond, of: values.len(), left: left(beyond), cliff })
    }

    /// The rank of a merged adapter, when the change is one: few directions, a cliff after them,
    /// and nothing but rounding left.
    pub fn adapter(&self) -> Option<usize> {
        let (rank, fall) = self.cliff?;
        (rank <= MOST && 2 * rank <= self.of && CLIFF <= fall).then_some(rank)
    }

    /// Whether the change is shown to be more than any adapter and rounding: too many directions,
    /// or more left over than rounding leaves.
    pub fn is_full(&self) -> bool {
        self.of < 4 * self.beyond || self.left.is_none_or(|left| 1.5 * LEFT < left)
    }
}
