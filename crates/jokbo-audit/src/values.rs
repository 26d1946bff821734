//! Stored values side by side: one streaming pass over every pair of tensors.

use std::collections::BTreeMap;

use jokbo_components::{Pair, Part};
use jokbo_statistics::join::Joining;
use jokbo_statistics::number::float;
use jokbo_statistics::pass::PairSums;
use jokbo_statistics::stored::Kind;
use jokbo_tensors::{Block, Dtype, Tensor, blocks, encode_rounded, stored_kind};
use jokbo_verdict::Conversion;
use rayon::prelude::*;

use crate::{Error, Opened, Progress};

/// What one pair of tensors, or several together, left behind.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PairValues {
    /// Sums for cosine and the rest.
    pub(crate) sums: PairSums,
    /// Elements of the suspect that are the reference's rounded to the suspect's type.
    suspect_rounded: u64,
    /// Elements of the reference that are the suspect's rounded to the reference's type.
    reference_rounded: u64,
}

impl PairValues {
    /// Of values that are held in memory, stored as the suspect's and the reference's type.
    pub(crate) fn of(a: &[f32], b: &[f32], (ours, theirs): (Dtype, Dtype)) -> Self {
        let sums = PairSums::of(a, b);
        let rounded = |dtype: Dtype, from: &[f32], to: &[f32]| {
            let rounds = |(value, want): (&f32, &f32)| {
                encode_rounded(dtype, f64::from(*value))
                    .is_some_and(|rounded| rounded.to_bits() == f64::from(*want).to_bits())
            };
            from.iter().zip(to).filter(|&pair| rounds(pair)).count() as u64
        };
        let (suspect_rounded, reference_rounded) = match ours == theirs {
            true => (sums.equal, sums.equal),
            false => (rounded(ours, b, a), rounded(theirs, a, b)),
        };
        Self { sums, suspect_rounded, reference_rounded }
    }

    /// Elements that are equal once one side is rounded to the other's type.
    pub(crate) fn equal_once_converted(&self) -> u64 {
        self.sums.equal.max(self.suspect_rounded).max(self.reference_rounded)
    }

    pub(crate) fn join(self, later: Self) -> Self {
        Self {
            sums: self.sums.join(later.sums),
            suspect_rounded: self.suspect_rounded + later.suspect_rounded,
            reference_rounded: self.reference_rounded + later.reference_rounded,
        }
    }
}

/// Blocks whose values are held until they are joined.
const TOGETHER: usize = 4096;

/// Reads both sides of every pair once; the result is in the order of `pairs`.
///
/// Blocks follow from the shapes and are joined in a fixed tree, so the sums have the same bits
/// whatever the number of threads.
pub(crate) fn compare(
    suspect: &Opened,
    reference: &Opened,
    pairs: &[Pair],
    progress: &dyn Progress,
) -> Result<Vec<PairValues>, Error> {
    let mut blocks = pairs.iter().enumerate().flat_map(|(k, pair)| {
        let blocks = blocks_of(suspect, reference, pair).into_iter().enumerate();
        blocks.map(move |(place, block)| (k, place, block))
    });
    let mut by_pair = vec![Joining::default(); pairs.len()];
    loop {
        let tasks: Vec<(usize, usize, Block)> = blocks.by_ref().take(TOGETHER).collect();
        if tasks.is_empty() {
            return Ok(by_pair.into_iter().map(joined).collect());
        }
        let of = |buffers: &mut Buffers, (k, place, block): (usize, usize, Block)| {
            let values = compare_block(suspect, reference, &pairs[k], &block, buffers)?;
            let stored = |opened: &Opened, part| opened.tensor(part).entry().dtype;
            let elements =
                (block.rows.end - block.rows.start) * (block.cols.end - block.cols.start);
            let both = [stored(suspect, pairs[k].suspect), stored(reference, pairs[k].reference)];
            progress.advance(both.iter().map(|dtype| dtype.covering(elements)).sum());
            Ok((k, place, values))
        };
        let parts: Vec<Result<_, Error>> =
            tasks.into_par_iter().map_init(Buffers::default, of).collect();
        for part in parts {
            let (k, place, values) = part?;
            by_pair[k].add(place, values, PairValues::join);
        }
    }
}

/// The blocks of what both tensors of a pair have.
pub(crate) fn blocks_of(suspect: &Opened, reference: &Opened, pair: &Pair) -> Vec<Block> {
    let (a, b) = (suspect.tensor(pair.suspect).view(), reference.tensor(pair.reference).view());
    blocks(a.rows.min(b.rows), a.cols.min(b.cols))
}

/// The values of a pair from those of its blocks.
pub(crate) fn joined(blocks: Joining<PairValues>) -> PairValues {
    blocks.end(PairValues::join).unwrap_or_default()
}

/// Memory that one thread reads into, block after block.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    a: Vec<u8>,
    b: Vec<u8>,
}

/// Reads one block of both sides of a pair.
pub(crate) fn compare_block(
    suspect: &Opened,
    reference: &Opened,
    pair: &Pair,
    block: &Block,
    buffers: &mut Buffers,
) -> Result<PairValues, Error> {
    let (a, b) = (suspect.tensor(pair.suspect), reference.tensor(pair.reference));
    let (from, to) = (b.entry().dtype, a.entry().dtype);
    if from != to {
        return converted(a, b, block);
    }
    if !from.is_float() {
        return equal_bits(a, b, block);
    }
    let sums = match stored_kind(from) {
        Some(kind) => where_they_lie(kind, a, b, block, buffers)?,
        None => None,
    };
    let sums = sums.map_or_else(|| decoded(a, b, block), Ok)?;
    Ok(PairValues { sums, suspect_rounded: sums.equal, reference_rounded: sums.equal })
}

/// Elements of one type compared in the bytes they are stored in, where both sides lie in one run.
fn where_they_lie(
    kind: Kind,
    a: Tensor<'_>,
    b: Tensor<'_>,
    block: &Block,
    buffers: &mut Buffers,
) -> Result<Option<PairSums>, Error> {
    if !(a.has_stored_block(block) && b.has_stored_block(block)) {
        return Ok(None);
    }
    let x = a.stored_block(block, &mut buffers.a)?;
    let y = b.stored_block(block, &mut buffers.b)?;
    Ok(x.zip(y).map(|(x, y)| PairSums::of_bytes(kind, x, y)))
}

/// Elements of one type, each side decoded into memory.
fn decoded(a: Tensor<'_>, b: Tensor<'_>, block: &Block) -> Result<PairSums, Error> {
    if a.entry().dtype == Dtype::F64 {
        let (mut x, mut y) = (Vec::new(), Vec::new());
        a.read_block_f64(block, &mut x)?;
        b.read_block_f64(block, &mut y)?;
        return Ok(PairSums::of(&x, &y));
    }
    let (mut x, mut y) = (Vec::new(), Vec::new());
    a.read_block(block, &mut x)?;
    b.read_block(block, &mut y)?;
    Ok(PairSums::of(&x, &y))
}

/// Elements of two types, and how many are the other side's rounded to their own.
fn converted(a: Tensor<'_>, b: Tensor<'_>, block: &Block) -> Result<PairValues, Error> {
    let (from, to) = (b.entry().dtype, a.entry().dtype);
    let (mut x, mut y) = (Vec::new(), Vec::new());
    a.read_block_f64(block, &mut x)?;
    b.read_block_f64(block, &mut y)?;
    let rounds = |dtype, value: f64, want: f64| {
        encode_rounded(dtype, value).is_some_and(|rounded| rounded.to_bits() == want.to_bits())
    };
    let pairs = || x.iter().zip(&y);
    Ok(PairValues {
        sums: PairSums::of(&x, &y),
        suspect_rounded: pairs().filter(|(p, q)| rounds(to, **q, **p)).count() as u64,
        reference_rounded: pairs().filter(|(p, q)| rounds(from, **p, **q)).count() as u64,
    })
}

/// Integers of one type: equal when their bits are.
fn equal_bits(a: Tensor<'_>, b: Tensor<'_>, block: &Block) -> Result<PairValues, Error> {
    let (mut x, mut y, mut p, mut q) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    a.read_block_bits(block, &mut x)?;
    b.read_block_bits(block, &mut y)?;
    a.read_block_f64(block, &mut p)?;
    b.read_block_f64(block, &mut q)?;
    let equal = x.iter().zip(&y).filter(|(x, y)| x == y).count() as u64;
    let mut sums = PairSums::of(&p, &q);
    sums.equal = equal;
    Ok(PairValues { sums, suspect_rounded: equal, reference_rounded: equal })
}

/// How the stored types of the pairs differ: the commonest change of type, and the share of all
/// elements that one side's rounding explains, whichever side explains more. `None` when no pair
/// differs in type.
pub(crate) fn conversion(
    suspect: &Opened,
    reference: &Opened,
    pairs: &[(Pair, PairValues)],
) -> Option<Conversion> {
    let mut changes: BTreeMap<(Dtype, Dtype), u64> = BTreeMap::new();
    for (pair, values) in pairs {
        let (from, to) = (
            reference.tensor(pair.reference).entry().dtype,
            suspect.tensor(pair.suspect).entry().dtype,
        );
        if from != to {
            *changes.entry((from, to)).or_default() += values.sums.pairs();
        }
    }
    let ((from, to), _) = changes.into_iter().max_by_key(|(_, n)| *n)?;
    let sum = |pick: fn(&PairValues) -> u64| pairs.iter().map(|(_, v)| pick(v)).sum::<u64>();
    let all = sum(|v| v.sums.pairs()).max(1);
    let forward = sum(|v| v.suspect_rounded);
    let backward = sum(|v| v.reference_rounded);
    let (from, to, explained) =
        if backward <= forward { (from, to, forward) } else { (to, from, backward) };
    Some(Conversion {
        from: from.to_string(),
        to: to.to_string(),
        rounded_share: float(explained) / float(all),
    })
}

/// Whether a part counts in the cosine over matrices: two axes, both longer than 1, and neither a
/// gain, a bias nor a table of anything but weights.
pub(crate) fn is_matrix(part: &Part) -> bool {
    1 < part.view.rows && 1 < part.view.cols
}
