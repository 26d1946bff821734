//! How much memory a comparison takes at most, from names and shapes alone.
//!
//! Weights are read block by block, so what is held grows with the number of tensors, with the widest
//! of them and with the workers, and not with the bytes of a model. The figures here lie above what was
//! measured (see the tests of the command line), for a caller who has to keep within some amount.

use std::collections::BTreeMap;

use jokbo_components::{ComponentName, Pair, PairedBy, PartKey};

use crate::ladder::blocks::MOST_UNITS;
use crate::relation::{COLS, ROWS};
use crate::renumbering::{TOGETHER, drawn, most_units, residual_groups, unit_groups};
use crate::{Error, Opened, Plan, Reading, attention as heads, reading_plan};

/// The program itself, and a report.
const PROGRAM: u64 = 24 << 20;
/// Names, places and parts of one tensor, in the few copies of an index that are held.
const OF_TENSOR: u64 = 4 << 10;
/// Blocks that a worker reads into, and what it sorts to see whether values vary.
const BLOCKS: u64 = 24 << 20;
/// Bytes for each element of the larger side of a look at how a pair of tensors differs: both sides,
/// either way round, with what rounding leaves of them.
const OF_LOOK: u64 = 32;
/// Bytes for each feature that is held of a unit: both sides, as read and centred, and of some as stored.
const OF_FEATURE: u64 = 4 * 6;
/// Bytes for each score of one unit with another.
const OF_SCORE: u64 = 4 * 4;
/// What a test holds of a group of units, but for its sums: see [`of_group`].
const OF_GROUP: u64 = 4 << 10;
/// Bytes for each weight of attention that is looked at: as read, turned, and multiplied.
const OF_ATTENTION: u64 = 4 * 3;
/// Bytes for each weight of a layer whose units are read along common directions.
const OF_LAYER: u64 = 4 * 3;
/// Common directions, in the matrices that they are made of; and coordinates of each unit that is looked
/// at in a layer, slot by slot.
const DIRECTIONS: u64 = 1024 * 4 * 10;
const COORDINATES: u64 = 384 * 4 * 9;

/// Bytes of memory that one comparison takes at most, in three parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Held throughout: the program, the index of every model, what tests keep of groups of units, and of a
    /// sample all that is fetched.
    pub index: u64,
    /// Held by the one step that takes most, whatever the workers.
    pub step: u64,
    /// Held by every worker, in other steps than that one.
    pub worker: u64,
}

impl Memory {
    /// What it takes with `workers` workers.
    pub fn with(&self, workers: u64) -> u64 {
        self.index.saturating_add(self.step.max(self.worker.saturating_mul(workers)))
    }

    /// How many workers keep within `bytes`; 0 where not even one does.
    pub fn workers(&self, bytes: u64) -> u64 {
        match bytes.checked_sub(self.index) {
            Some(left) if self.step <= left => left / self.worker.max(1),
            _ => 0,
        }
    }
}

/// The memory of comparing the first of `models` with the others under `plan`. Reads no weight.
///
/// # Errors
///
/// Where a component was asked for that the first model does not have.
pub fn memory(models: &[&Opened], plan: &Plan) -> Result<Memory, Error> {
    let tensors = models
        .iter()
        .map(|opened| opened.checkpoint.entries.len().max(opened.assignment.parts.len()) as u64);
    let mut memory =
        Memory { index: PROGRAM + OF_TENSOR * tensors.sum::<u64>(), step: 0, worker: 0 };
    let is_full = plan.reading == Reading::Full;
    let tests = models.iter().map(|opened| tests(opened, plan));
    let (held, made) = tests.fold((0, 0), |(a, b), (c, d)| (a.max(c), b.max(d)));
    (memory.index, memory.worker) = (memory.index + held, made);
    for opened in models.iter().filter(|_| is_full) {
        memory.step = memory.step.max(ladder(opened)).max(attention(opened));
        memory.worker = memory.worker.max(look(opened));
    }
    memory.worker += BLOCKS;
    if let ([suspect, references @ ..], false) = (models, is_full) {
        for reference in references {
            memory.index += reading_plan(suspect, reference, plan)?.total.most;
        }
    }
    Ok(memory)
}

/// The exact tests of the component that takes most: what they keep of all groups of units, and what a worker
/// holds while it scores one.
fn tests(opened: &Opened, plan: &Plan) -> (u64, u64) {
    let mut components: BTreeMap<&ComponentName, Vec<Pair>> = BTreeMap::new();
    for (k, part) in opened.assignment.parts.iter().enumerate() {
        let pair = Pair { suspect: k, reference: k, by: PairedBy::Role };
        components.entry(&part.key.component).or_default().push(pair);
    }
    let (mut held, mut made) = (0, 0);
    for pairs in components.values() {
        let mut kept = 0;
        let units = drawn(&unit_groups(opened, opened, pairs), plan);
        for groups in [units, residual_groups(opened, opened, pairs)] {
            let most = plan.units.min(most_units(groups.len()));
            kept += of_group(plan) * groups.len() as u64;
            for units in groups.iter().map(|group| group.units.min(most)) {
                made = made.max(units * (OF_FEATURE * TOGETHER as u64 + OF_SCORE * units));
            }
        }
        held = held.max(kept);
    }
    (held, made)
}

/// One group: its sum under every random renumbering, in two tests.
fn of_group(plan: &Plan) -> u64 {
    OF_GROUP + 2 * 8 * plan.draws
}

/// The attention of the layer that takes most, over some coordinates of the residual stream.
fn attention(opened: &Opened) -> u64 {
    let mut layers: BTreeMap<_, u64> = BTreeMap::new();
    for part in &opened.assignment.parts {
        let PartKey { component, stack, layer, role, .. } = &part.key;
        let (rows, cols) = (part.view.rows, part.view.cols);
        if role.starts_with("attention-") && 1 < rows.min(cols) {
            let looked_at = rows.max(cols).saturating_mul(OF_ATTENTION * heads::COORDINATES);
            let sum = layers.entry((component, stack, layer)).or_default();
            *sum = sum.saturating_add(looked_at);
        }
    }
    layers.into_values().max().unwrap_or(0)
}

/// The ladder, in the widest layer.
fn ladder(opened: &Opened) -> u64 {
    let layers = opened.assignment.parts.iter().filter(|part| part.key.layer.is_some());
    let of = layers.map(|part| {
        let (long, short) =
            (part.view.rows.max(part.view.cols), part.view.rows.min(part.view.cols));
        let units = long.min(MOST_UNITS);
        let (width, coordinates) = (DIRECTIONS.saturating_mul(short), COORDINATES * units);
        let read = OF_LAYER.saturating_mul(units.saturating_mul(short));
        if short == 1 { 0 } else { width.saturating_add(coordinates).saturating_add(read) }
    });
    of.max().unwrap_or(0)
}

/// One look at how the largest pair of tensors differs.
fn look(opened: &Opened) -> u64 {
    let parts = opened.assignment.parts.iter();
    let of = parts.map(|part| OF_LOOK * part.view.rows.min(ROWS) * part.view.cols.min(COLS));
    of.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_workers_as_fit_and_none_where_the_largest_step_does_not() {
        let memory = Memory { index: 100, step: 50, worker: 20 };
        let workers = [149, 150, 159, 160, 1000].map(|bytes| memory.workers(bytes));
        assert_eq!(workers, [0, 2, 2, 3, 45]);
        assert_eq!([1, 3, u64::MAX].map(|n| memory.with(n)), [150, 160, u64::MAX]);
        let small = Memory { index: 10, step: 0, worker: 20 };
        assert_eq!([9, 10, 29, 30].map(|bytes| small.workers(bytes)), [0, 0, 0, 1]);
    }
}
