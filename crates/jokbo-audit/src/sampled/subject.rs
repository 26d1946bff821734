//! One component on its way to a settled verdict.

use std::collections::{BTreeMap, BTreeSet};

use jokbo_components::{Axis, ComponentPairing, Pair, Param};
use jokbo_statistics::formula::{self, Formula};
use jokbo_statistics::seed::Draws;
use jokbo_tensors::{Block, Place, Tensor, View};

use super::Both;
use super::choice::{self, Choosing, SIZES, Size};
use super::spans::Spans;
use crate::exhibit::Scene;
use crate::layer_map::{self, Grid};
use crate::renumbering::{self, Drawing, Side};
use crate::{Error, Opened, formulas};

/// Rows of a position table from which sinusoids are recognised: the formula holds from the first
/// row on.
const FIRST_POSITIONS: u64 = 32;

/// Pairs that are looked at where no test can draw, to say whether anything could be compared.
const OTHER_PAIRS: usize = 8;

/// Elements of such a pair, at most: it is read whole.
const OTHER_ELEMENTS: u64 = 1 << 18;

/// Norm tensors that are read, at most.
const NORMS: usize = 16;

/// What a component offers to draw from, known from names and shapes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pool {
    /// Pairs of matrices with an axis that may be renumbered.
    pub(crate) testable: Vec<Pair>,
    /// Pairs that are read whole first, because a formula could be in them.
    pub(crate) doubtful: Vec<Pair>,
    /// Parts of the suspect that may be a table of positions.
    positions: Vec<usize>,
    /// Norm weights, for a figure that no verdict rests on.
    norms: Vec<Pair>,
}

impl Pool {
    pub(crate) fn of(scene: Scene<'_>, pairing: &ComponentPairing) -> Self {
        let mut pool = Self::default();
        let parts = &scene.suspect.assignment.parts;
        for pair in &pairing.pairs {
            let part = scene.part(pair);
            let is_norm = part.key.role.contains("norm") && part.key.param == Param::Weight;
            if is_norm && part.view.cols == 1 && pool.norms.len() < NORMS {
                pool.norms.push(*pair);
            }
            let renumbered = part.rows.may_be_renumbered() || part.cols.may_be_renumbered();
            let matrix = 1 < part.view.rows && 1 < part.view.cols;
            if !renumbered || !matrix || !scene.is_float(pair) || is_position(&part.key.role) {
                continue;
            }
            pool.testable.push(*pair);
            if formulas::may_be_one(scene.suspect, pair.suspect)
                || formulas::may_be_one(scene.reference, pair.reference)
            {
                pool.doubtful.push(*pair);
            }
        }
        let has_residual =
            |k: &usize| parts[*k].rows == Axis::Residual || parts[*k].cols == Axis::Residual;
        if pool.testable.iter().any(|pair| has_residual(&pair.suspect)) {
            let all = pairing.pairs.iter().map(|pair| pair.suspect);
            let unpaired = pairing.unpaired.iter().map(|unpaired| unpaired.suspect);
            let table = |k: &usize| {
                let part = &parts[*k];
                1 < part.view.cols
                    && (is_position(&part.key.role) || part.inferred)
                    && formulas::may_be_one(scene.suspect, *k)
            };
            pool.positions = all.chain(unpaired).filter(table).collect();
        }
        if pool.testable.is_empty() {
            pool.doubtful = some_others(scene, pairing);
        }
        pool
    }

    /// What is read before the first look, to leave formulas out.
    pub(crate) fn first_reads(&self, scene: Scene<'_>) -> Both<Vec<Place>> {
        let doubtful = self.doubtful.iter();
        let mut mine: Vec<Place> =
            doubtful.flat_map(|pair| places_of_whole(scene.suspect, pair.suspect)).collect();
        mine.extend(self.positions.iter().flat_map(|&part| {
            let (tensor, block) = first_positions(scene.suspect, part);
            tensor.places_of_block(&block)
        }));
        let doubtful = self.doubtful.iter();
        let theirs = doubtful.flat_map(|pair| places_of_whole(scene.reference, pair.reference));
        Both { suspect: mine, reference: theirs.collect() }
    }

    /// Takes the formulas out of the pool: what was read of them says so. Returns them, and
    /// whether sinusoidal positions are added to the residual stream.
    pub(crate) fn without_formulas(
        &mut self,
        scene: Scene<'_>,
    ) -> Result<(BTreeMap<usize, Formula>, bool), Error> {
        let found = formulas::find(scene.suspect, scene.reference, &self.doubtful)?;
        let known: BTreeMap<usize, Formula> = self
            .doubtful
            .iter()
            .zip(found)
            .filter_map(|(pair, formula)| Some((pair.suspect, formula?)))
            .collect();
        for pairs in [&mut self.testable, &mut self.doubtful] {
            pairs.retain(|pair| !known.contains_key(&pair.suspect));
        }
        let mut sinusoids = known.values().any(|f| *f == Formula::SinusoidalPositions);
        for &part in &self.positions {
            let (tensor, block) = first_positions(scene.suspect, part);
            let mut values = Vec::new();
            tensor.read_block(&block, &mut values)?;
            let shape = [block.rows.end, block.cols.end];
            sinusoids |= formula::recognise(&values, &shape) == Some(Formula::SinusoidalPositions);
        }
        Ok((known, sinusoids))
    }
}

/// The bytes of the whole stored tensor that a part is in.
pub(super) fn places_of_whole(opened: &Opened, part: usize) -> Vec<Place> {
    let number = opened.assignment.parts[part].entry;
    let flat = View::dense(opened.checkpoint.entries[number].elements(), 1);
    let tensor = Tensor::new(&opened.checkpoint, number, flat);
    flat.blocks().iter().flat_map(|block| tensor.places_of_block(block)).collect()
}

fn is_position(role: &str) -> bool {
    role.contains("position")
}

/// The first rows of a table of positions, as it is stored.
fn first_positions(opened: &Opened, part: usize) -> (Tensor<'_>, Block) {
    let entry = opened.assignment.parts[part].entry;
    let shape = &opened.checkpoint.entries[entry].shape;
    // Axes of length 1 say nothing about which axis is the positions.
    let long: Vec<u64> = shape.iter().copied().filter(|&n| n != 1).collect();
    let view = View::of_shape(&long);
    let block = Block { rows: 0..view.rows.min(FIRST_POSITIONS), cols: 0..view.cols };
    (Tensor::new(&opened.checkpoint, entry, view), block)
}

/// A few pairs of a component in which no test can draw, small enough to be read whole.
fn some_others(scene: Scene<'_>, pairing: &ComponentPairing) -> Vec<Pair> {
    let small = |pair: &&Pair| scene.part(pair).view.elements() <= OTHER_ELEMENTS;
    let mut pairs: Vec<Pair> = pairing.pairs.iter().filter(small).copied().collect();
    let purpose = format!("sampled/others/{}", pairing.component);
    Draws::new(scene.plan.seed, &purpose).shuffle(&mut pairs);
    pairs.truncate(OTHER_PAIRS);
    pairs.sort_unstable();
    pairs
}

/// What one look at a component draws.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Drawn {
    pub(crate) units: Vec<Drawing>,
    pub(crate) residual: Vec<Drawing>,
    pub(crate) grids: Vec<Grid>,
    /// Whole lines of both models side by side.
    pub(crate) blocks: Vec<(Pair, Block)>,
}

impl Drawn {
    /// What look number `look` draws from `pool`.
    pub(crate) fn of(
        scene: Scene<'_>,
        pairing: &ComponentPairing,
        pool: &Pool,
        has_sinusoids: bool,
        look: usize,
    ) -> Self {
        let Scene { suspect, reference, plan, .. } = scene;
        let size: Size = SIZES[look.min(SIZES.len() - 1)];
        let choosing = Choosing { suspect, reference, seed: plan.seed };
        let groups = renumbering::unit_groups(suspect, reference, &pool.testable);
        let residual = if has_sinusoids {
            Vec::new()
        } else {
            renumbering::residual_groups(suspect, reference, &pool.testable)
        };
        let choose = |common: &layer_map::Common| choosing.map(common, size);
        let (units, residual) = (choosing.units(&groups, size), choosing.residual(&residual, size));
        let mut blocks: Vec<(Pair, Block)> =
            units.iter().chain(&residual).flat_map(|drawing| choosing.blocks(drawing)).collect();
        let others = if pool.testable.is_empty() { &pool.doubtful[..] } else { &[] };
        for &pair in pool.norms.iter().chain(others) {
            let view = suspect.tensor(pair.suspect).view();
            let other = reference.tensor(pair.reference).view();
            let (rows, cols) = (view.rows.min(other.rows), view.cols.min(other.cols));
            blocks.extend(jokbo_tensors::blocks(rows, cols).into_iter().map(|b| (pair, b)));
        }
        unique(&mut blocks);
        Self {
            grids: layer_map::grids(suspect, reference, &pairing.component, choose),
            units,
            residual,
            blocks,
        }
    }

    /// The bytes that it takes.
    pub(crate) fn reads(&self, scene: Scene<'_>) -> Both<Vec<Place>> {
        let mut reads = Both::<Vec<Place>>::default();
        let gathered = |opened: &Opened, part: usize, side, units: &[u64], features: &[u64]| {
            let tensor = opened.tensor(part);
            match side {
                Side::Rows => tensor.places_of_gather(units, features),
                Side::Cols => tensor.places_of_gather(features, units),
            }
        };
        for drawing in self.units.iter().chain(&self.residual) {
            for (member, features) in drawing.group.members.iter().zip(&drawing.features) {
                let (pair, side, units) = (member.pair, member.side, &drawing.units);
                reads.suspect.extend(gathered(scene.suspect, pair.suspect, side, units, features));
                reads.reference.extend(gathered(
                    scene.reference,
                    pair.reference,
                    side,
                    units,
                    features,
                ));
            }
        }
        // Whole lines of every layer, so that layers can be put side by side wherever the map
        // leads.
        let mapped = |opened: &Opened, part: usize, side, units: &[u64], features: &[u64]| {
            let mut places = gathered(opened, part, side, units, features);
            let (tensor, lines) =
                (opened.tensor(part), choice::whole_lines(opened, part, side, units));
            places.extend(lines.iter().flat_map(|block| tensor.places_of_block(block)));
            places
        };
        for grid in &self.grids {
            for (part, side, units, features) in grid.reads(0) {
                reads.suspect.extend(mapped(scene.suspect, part, side, units, features));
            }
            for (part, side, units, features) in grid.reads(1) {
                reads.reference.extend(mapped(scene.reference, part, side, units, features));
            }
        }
        for (pair, block) in &self.blocks {
            let (a, b) =
                (scene.suspect.tensor(pair.suspect), scene.reference.tensor(pair.reference));
            reads.suspect.extend(a.places_of_block(block));
            reads.reference.extend(b.places_of_block(block));
        }
        reads
    }

    /// Parts of the suspect that an exact test draws from.
    pub(crate) fn tested(&self) -> BTreeSet<usize> {
        let drawings = self.units.iter().chain(&self.residual);
        drawings.flat_map(|d| &d.group.members).map(|member| member.pair.suspect).collect()
    }
}

/// Drops blocks that were named before; what is left is in the order of pairs and places.
fn unique(blocks: &mut Vec<(Pair, Block)>) {
    blocks.sort_unstable_by(|(p, a), (q, b)| {
        let key =
            |block: &Block| (block.rows.start, block.rows.end, block.cols.start, block.cols.end);
        p.cmp(q).then_with(|| key(a).cmp(&key(b)))
    });
    blocks.dedup();
}

/// The bytes of both models as they are fetched.
impl Both<Vec<Place>> {
    pub(crate) fn spans(self, scene: Scene<'_>) -> Both<Spans> {
        let of = |opened: &Opened, ranges| Spans::of(&opened.checkpoint.files, ranges);
        Both {
            suspect: of(scene.suspect, self.suspect),
            reference: of(scene.reference, self.reference),
        }
    }
}
