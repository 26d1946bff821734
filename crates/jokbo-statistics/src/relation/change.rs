//! One pair of tensors and the one name that its change can carry.

use std::collections::BTreeSet;

use super::lattice::{Lattice, is_on_one, lattice};
use super::mask::{Mask, mask};
use super::noise::{self, Noise, noise};
use super::rank::Rank;
use super::sample::Sample;
use super::scale::{Scale, scale};
use crate::device::Device;
use crate::lanes::sums;
use crate::number::float_usize;

/// One of the two models of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// A.
    Suspect,
    /// B.
    Reference,
}

impl Side {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Side::Suspect => Side::Reference,
            Side::Reference => Side::Suspect,
        }
    }
}

/// What happened to a tensor, as far as its checks can tell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Every stored value that was looked at is equal, the masked ones aside.
    Unchanged,
    /// The values of one side lie on a lattice and those of the other do not.
    Quantised(Side, Lattice),
    /// A is B multiplied.
    Scaled(Scale),
    /// A few directions were added, as a merged adapter does.
    Adapter(usize),
    /// Noise was added to the other side's values to give this side's; `None` when the noise is too
    /// small to tell which.
    Noise(Option<Side>, Noise),
    /// The change has the structure that training leaves.
    Trained {
        /// It is shown to be more than any adapter and rounding.
        is_full: bool,
    },
    /// No check explains it.
    Unnamed,
}

/// What happened to one tensor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// Values set to zero, and on which side.
    pub mask: Option<(Side, Mask)>,
    /// What else.
    pub kind: Kind,
}

/// Rows and columns of the square whose singular values are taken.
const SIDE: usize = 512;
/// The same for a first look, enough for the small ranks that are common.
const FIRST: usize = 192;
/// Rows whose products show structure.
const STRUCTURE: usize = 192;
/// Relative distance from which a change is not called training: more is new than is old.
const FARTHEST: f64 = 1.0;
/// Share of rows that a merged adapter changes at least.
const EVERY_ROW: f64 = 0.9;
/// Matrices with a shorter side than this are too small for a rank.
const NARROWEST: usize = 16;

/// Says what happened to one pair of tensors. `seed` chooses columns.
///
/// Checks run from the most particular to the least, and the first that holds gives the name.
pub fn change(sample: &Sample, seed: u64) -> Change {
    change_on(sample, seed, &Device::default())
}

/// [`change()`] with its larger singular values made on `device`.
pub fn change_on(sample: &Sample, seed: u64, device: &Device) -> Change {
    let swapped = sample.swapped();
    let found = mask(sample).map(|m| (Side::Suspect, m));
    let found = found.or_else(|| mask(&swapped).map(|m| (Side::Reference, m)));
    let rest;
    let seen = match found {
        None => sample,
        Some((side, _)) => {
            let zero = |a: f32, b: f32| if side == Side::Suspect { a == 0.0 } else { b == 0.0 };
            rest = sample.without(zero);
            &rest
        }
    };
    if seen.pairs().all(|(a, b)| a.to_bits() == b.to_bits()) {
        return Change { mask: found, kind: Kind::Unchanged };
    }
    let on_lattice = lattice(sample)
        .map(|l| Kind::Quantised(Side::Suspect, l))
        .or_else(|| lattice(&swapped).map(|l| Kind::Quantised(Side::Reference, l)));
    // The zeros of a lattice are its own, where both sides lie on one too.
    let is_own = |(side, _): &(Side, Mask)| match side {
        Side::Suspect => is_on_one(sample),
        Side::Reference => is_on_one(&swapped),
    };
    if on_lattice.is_some() || found.as_ref().is_some_and(is_own) {
        return Change { mask: None, kind: on_lattice.unwrap_or(Kind::Unnamed) };
    }
    let kind = scale(seen).map(Kind::Scaled);
    let kind = kind.unwrap_or_else(|| kind_of_square(seen, seed, found.is_some(), device));
    Change { mask: found, kind }
}

fn kind_of_square(sample: &Sample, seed: u64, is_masked: bool, device: &Device) -> Kind {
    if sample.rows().min(sample.cols()) < NARROWEST {
        return Kind::Unnamed;
    }
    let small = sample.square(STRUCTURE, seed);
    let structure = noise::structure(&small);
    let is_structured = structure.is_some_and(|x| noise::STRUCTURED < x);
    let is_near = distance(sample) < FARTHEST;
    // A change with holes has no rank of its own, and no one size.
    if is_masked {
        let is_trained = is_structured && is_near;
        return if is_trained { Kind::Trained { is_full: true } } else { Kind::Unnamed };
    }
    if !is_structured {
        let swapped = sample.swapped();
        // The change of the exchanged rows is the same with its sign turned, and so is its structure.
        let of = |sample| structure.and_then(|structure| noise(sample, &small, structure));
        return match (of(sample), of(&swapped)) {
            (Some(n), Some(_)) => Kind::Noise(None, n),
            (Some(n), None) => Kind::Noise(Some(Side::Suspect), n),
            (None, Some(n)) => Kind::Noise(Some(Side::Reference), n),
            (None, None) => Kind::Unnamed,
        };
    }
    // The change of a shuffled matrix has structure, and perhaps a low rank.
    if is_reordered(sample) {
        return Kind::Unnamed;
    }
    let first = Rank::of(&sample.square(FIRST, seed), device);
    let is_adapter = first.is_some_and(|rank| rank.adapter().is_some());
    let full = if is_adapter { None } else { Rank::of(&sample.square(SIDE, seed), device) };
    let rank = full.or(first);
    match (rank.and_then(|rank| rank.adapter()), rank) {
        // Some rows alone (single tokens) have a low rank too.
        (Some(rank), _) if EVERY_ROW <= changed_rows(sample) => Kind::Adapter(rank),
        (Some(_), _) => Kind::Unnamed,
        (None, Some(rank)) if is_near => Kind::Trained { is_full: rank.is_full() },
        (None, _) => Kind::Unnamed,
    }
}

/// Whether a tenth of the rows or of the columns of A are rows or columns of B at another place,
/// by their first elements.
fn is_reordered(sample: &Sample) -> bool {
    let (rows, cols) = (sample.rows(), sample.cols());
    let line = |of: &[f32], k: usize, is_row: bool| -> Vec<u32> {
        let at = |i: usize| if is_row { k * cols + i } else { i * cols + k };
        let long = if is_row { cols } else { rows };
        (0..long.min(NARROWEST)).map(|i| of[at(i)].to_bits()).collect()
    };
    [true, false].into_iter().any(|is_row| {
        let n = if is_row { rows } else { cols };
        let theirs: BTreeSet<Vec<u32>> = (0..n).map(|k| line(sample.b(), k, is_row)).collect();
        let moved = (0..n).filter(|&k| {
            let own = line(sample.a(), k, is_row);
            own != line(sample.b(), k, is_row) && theirs.contains(&own)
        });
        n < 10 * moved.count()
    })
}

/// `||A - B|| / ||B||` of the sample; infinite when B is all zeros.
fn distance(sample: &Sample) -> f64 {
    let [apart, size] = sums(sample.a(), sample.b(), |a, b| [(a - b) * (a - b), b * b]);
    if 0.0 < size { f64::sqrt(apart / size) } else { f64::INFINITY }
}

/// Share of rows in which anything changed.
fn changed_rows(sample: &Sample) -> f64 {
    float_usize(sample.lines().filter(|(a, b)| a != b).count()) / float_usize(sample.rows())
}
