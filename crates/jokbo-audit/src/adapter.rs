//! LoRA adapters: on a base as a whole model, and two of them against each other.

use std::sync::Arc;

use jokbo_components::{Axis, ComponentPairing, Pair, SAVED_WHOLE, Unpaired, is_down, is_factor};
use jokbo_formats::Factors;
use jokbo_statistics::number::float_usize;
use jokbo_tensors::{Tensor, View};
use jokbo_verdict::Exhibit;

use crate::{Error, Opened};

/// Why an adapter has nothing in common with a whole model.
pub(crate) const ALONE: &str = "one side is a LoRA adapter and the other a whole model: give the \
                                model that the adapter was made for with --base";

/// What is said of an adapter whose ranks have an order.
const CONVERTED: &str = "its second half of ranks mirrors the first, as in an adapter converted \
                         from one that began with its base's own singular vectors; its ranks have \
                         an order, so they are not renumbered";

/// Modules that are looked at to see a conversion.
const MODULES: usize = 8;
/// Rows and columns that are looked at of each.
const SIDES: u64 = 256;
/// Mean cosine at and beyond which halves mirror each other. A half that began as the other stays
/// near 1 and -1 in fine-tuning; between ranks that began apart it is about 0.
const MIRRORED: f64 = 0.5;

/// What two checkpoints are, adapters or whole models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kinds {
    /// Two whole models.
    Models,
    /// Two adapters.
    Adapters,
    /// One of each.
    Mixed,
}

impl Kinds {
    pub(crate) fn of(suspect: &Opened, reference: &Opened) -> Self {
        match (is_adapter(suspect), is_adapter(reference)) {
            (false, false) => Kinds::Models,
            (true, true) => Kinds::Adapters,
            _ => Kinds::Mixed,
        }
    }
}

fn is_adapter(opened: &Opened) -> bool {
    opened.checkpoint.adapter.is_some()
}

impl Opened {
    /// Whether this is a LoRA adapter and not a model.
    pub fn is_adapter(&self) -> bool {
        is_adapter(self)
    }

    /// The model that this adapter makes of `base`, whose adapted weights are made on reading.
    pub fn on_base(&self, base: &Opened) -> Result<Opened, Error> {
        let (merged, told) = jokbo_formats::merge(&base.checkpoint, &self.checkpoint)
            .map_err(|source| Error::Open { path: self.checkpoint.source.clone(), source })?;
        let oddities = [&self.oddities[..], &base.oddities[..], &told[..]].concat();
        let mut opened = crate::opened::with_parts((merged, oddities));
        let adapter = self.checkpoint.adapter.iter().flat_map(|adapter| adapter.sentences());
        Arc::make_mut(&mut opened.assignment).notes.extend(adapter);
        // The model's tokenizer is that of the base.
        opened.origin.clone_from(&base.origin);
        Ok(opened)
    }
}

/// Leaves the pairs that say something about the two sides: of two adapters only their matrices,
/// and of an adapter and a model none.
pub(crate) fn keep_comparable(kinds: Kinds, suspect: &Opened, pairings: &mut [ComponentPairing]) {
    let why = match kinds {
        Kinds::Models => return,
        Kinds::Adapters => SAVED_WHOLE,
        Kinds::Mixed => ALONE,
    };
    for pairing in pairings {
        let kept = |pair: &Pair| {
            kinds == Kinds::Adapters && is_factor(&suspect.assignment.parts[pair.suspect])
        };
        let (pairs, dropped): (Vec<Pair>, Vec<Pair>) =
            std::mem::take(&mut pairing.pairs).into_iter().partition(kept);
        pairing.pairs = pairs;
        let dropped =
            dropped.iter().map(|pair| Unpaired { suspect: pair.suspect, why: why.to_owned() });
        pairing.unpaired.extend(dropped);
        if kinds == Kinds::Mixed {
            pairing.unpaired.iter_mut().for_each(|unpaired| unpaired.why = why.to_owned());
        }
        pairing.unpaired.sort_by_key(|unpaired| unpaired.suspect);
    }
}

/// Says in an exhibit what kinds of checkpoints it is about.
pub(crate) fn mark(kinds: Kinds, exhibit: &mut Exhibit) {
    exhibit.of_adapters = kinds == Kinds::Adapters;
    if kinds == Kinds::Mixed {
        exhibit.not_measured.iter_mut().for_each(|one| one.why = ALONE.to_owned());
    }
}

/// An adapter whose ranks are held fixed when they have an order of their own; as it is otherwise.
pub(crate) fn checked(opened: &Opened) -> Result<Opened, Error> {
    let mut opened = opened.clone();
    if mirrors(&opened)? {
        let assignment = Arc::make_mut(&mut opened.assignment);
        for part in &mut assignment.parts {
            (part.rows, part.cols) = (Axis::Fixed, Axis::Fixed);
        }
        assignment.notes.push(CONVERTED.to_owned());
    }
    Ok(opened)
}

/// Whether the second half of every module's ranks is near the first in `A`, and near its negative
/// in `B`: an adapter that began at the base's singular vectors and was converted is stored as the
/// difference of what it became and what it was.
fn mirrors(opened: &Opened) -> Result<bool, Error> {
    let factors = opened.checkpoint.adapter.iter().flat_map(|adapter| &adapter.factors);
    let even = factors.filter(|factors| factors.rank.is_multiple_of(2)).take(MODULES);
    let (mut down, mut up) = (Vec::new(), Vec::new());
    for factors in even {
        let (a, b) = halves(opened, factors)?;
        down.extend(a);
        up.extend(b);
    }
    let mean = |all: &[f64]| all.iter().sum::<f64>() / float_usize(all.len().max(1));
    Ok(MIRRORED <= mean(&down) && mean(&up) <= -MIRRORED)
}

/// The cosines of every rank of the first half with its fellow in the second, in `A` and in `B`.
fn halves(opened: &Opened, factors: &Factors) -> Result<(Vec<f64>, Vec<f64>), Error> {
    let entry = |k: usize| &opened.checkpoint.entries[k];
    let matrix = |k: usize, view: View| Tensor::new(&opened.checkpoint, k, view);
    let few = factors.rank.min(SIDES);
    let half = few / 2;
    // The two halves of the ranks, as many of each.
    let ranks: Vec<u64> = (0..half).chain(factors.rank / 2..factors.rank / 2 + half).collect();
    let cosines = |view: View, k: usize| -> Result<Vec<f64>, Error> {
        let cols: Vec<u64> = (0..view.cols.min(SIDES)).collect();
        let rows = matrix(k, view).gather(&ranks, &cols)?;
        let rows: Vec<&[f32]> = rows.chunks(cols.len().max(1)).collect();
        let n = ranks.len() / 2;
        Ok((0..n).map(|k| cosine(rows[k], rows[k + n])).collect())
    };
    let down = View::of_shape(&entry(factors.down).shape);
    let up = View::of_shape(&entry(factors.up).shape).transposed();
    Ok((cosines(down, factors.down)?, cosines(up, factors.up)?))
}

/// 0 where one side is zero.
fn cosine(x: &[f32], y: &[f32]) -> f64 {
    let dot = |x: &[f32], y: &[f32]| -> f64 {
        x.iter().zip(y).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
    };
    let size = (dot(x, x) * dot(y, y)).sqrt();
    if 0.0 < size { dot(x, y) / size } else { 0.0 }
}

/// Whether equal stored values of a pair may speak: not in the matrix that begins at random, which
/// one common seed makes equal.
pub(crate) fn equality_speaks(suspect: &Opened, part: usize) -> bool {
    !is_down(&suspect.assignment.parts[part])
}
