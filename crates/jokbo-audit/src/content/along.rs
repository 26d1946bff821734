//! What sorted norms do not find: matrices of a model that was hidden *and* renamed, found by what
//! their units do to tokens.
//!
//! Scaled units and a rotated residual stream change the norms of slices, and with them every sketch.
//! They do not change what units do to the vectors of tokens, summed over units
//! ([`jokbo_statistics::moments`]); tables of tokens are found by their sketches first, for a rotation
//! keeps the norm of every token.
//!
//! No p-value is spent. The sums are the same however hidden units are renumbered, since all of them
//! are summed, and however the residual coordinates of a whole component are, since its tables are
//! renumbered with it. So what is paired here is the same under every renumbering that a later test
//! compares with, and that test stays exact. The model-based test of the last rung takes the directions
//! of units for random: which tensors were paired tells nothing of the direction of one unit.

use std::collections::{BTreeMap, BTreeSet};

use jokbo_components::{Axis, ComponentName, Pair, Param, Part};
use jokbo_statistics::device::Device;
use jokbo_statistics::matrix::Matrix;
use jokbo_statistics::moments::{Moments, Profile};
use jokbo_statistics::number::float;
use jokbo_statistics::sketch::{Candidate, clear_matches};
use jokbo_statistics::standardise::unit_rows;

use super::{classes, free, orders};
use crate::ladder::anchors;
use crate::ladder::blocks::adds_one;
use crate::renumbering::{Side, extents, unit_values};
use crate::step::step;
use crate::{Error, Opened, Progress};

/// Tokens whose directions are made orthonormal, and of those how many are used. More do not tell
/// tensors apart any better: 16, 32 and 64 gave the same distances within a tenth.
const TOKENS: u64 = 256;
const DIRECTIONS: usize = 32;

/// A distance above this pairs nothing: what came from one another was at most 0.17 apart, unrelated
/// tensors at least 0.6.
const FAR: f64 = 0.4;

/// Units that are held at once, at most a few hundred MB of the widest models.
const AT_ONCE: u64 = 2048;

/// How a tensor is read: units of length 1, with the weights of the norm before them multiplied in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Reading {
    part: usize,
    units_are_rows: bool,
    gains: Gains,
}

/// Which norm weights belong to what a tensor reads. A rotation can hide only behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gains {
    /// It writes to the stream.
    None,
    /// Those of its layer, in the model whose names say which layer that is.
    Own(&'static str),
    /// The mean of all layers' norms of that role, where nothing says the layer.
    Mean(&'static str),
}

/// One way in which a nameless tensor of one model may be a named one of the other.
struct Try {
    ours: Reading,
    theirs: Reading,
    order: usize,
}

/// Tensors that are beyond doubt, among those that `pairs` leaves without an answer.
pub(super) fn found(
    (suspect, reference): (&Opened, &Opened),
    pairs: &[Pair],
    seed: u64,
    progress: &dyn Progress,
) -> Result<Vec<Candidate>, Error> {
    let mut candidates = Vec::new();
    for ((component, width), tries) in tries(suspect, reference, pairs) {
        let models = (suspect, reference);
        // What answers to what is one and the same whatever device the tests are given.
        let cpu = Device::default();
        let found = anchors::between(models, &component, (width, width), (seed, TOKENS), &cpu)?;
        let Ok(anchors) = found else { continue };
        let few: Vec<usize> = (0..anchors.suspect.rows().min(DIRECTIONS)).collect();
        let along = (anchors.suspect.select(&few), anchors.reference.select(&few));
        let ours: BTreeSet<Reading> = tries.iter().map(|t| t.ours).collect();
        let theirs: BTreeSet<Reading> = tries.iter().map(|t| t.theirs).collect();
        let bytes = |opened: &Opened, all: &BTreeSet<Reading>| -> u64 {
            all.iter().map(|reading| size(opened, reading)).sum()
        };
        progress.stage(
            "looking for weights along tokens",
            bytes(suspect, &ours) + bytes(reference, &theirs),
        );
        let _step = step!("looking for weights along tokens", component);
        let added = if adds_one(suspect) || adds_one(reference) { 1.0 } else { 0.0 };
        let read = |opened: &Opened, all: &BTreeSet<Reading>, along: &Matrix| {
            let one = |&reading: &Reading| {
                let profile = profile(opened, (&component, width, added), reading, along)?;
                progress.advance(size(opened, &reading));
                Ok((reading, profile))
            };
            all.iter().map(one).collect::<Result<BTreeMap<Reading, Option<Profile>>, Error>>()
        };
        let (ours, theirs) = (read(suspect, &ours, &along.0)?, read(reference, &theirs, &along.1)?);
        candidates.extend(tries.iter().filter_map(|t| {
            let distance = ours.get(&t.ours)?.as_ref()?.distance(theirs.get(&t.theirs)?.as_ref()?);
            let (ours, theirs) = (t.ours.part, t.theirs.part);
            Some(Candidate { ours, theirs, order: t.order, distance: distance? })
        }));
    }
    Ok(clear_matches(&candidates, FAR))
}

type Tries = BTreeMap<(ComponentName, u64), Vec<Try>>;

/// Everything to be tried, by the component and the width of the residual stream.
fn tries(suspect: &Opened, reference: &Opened, pairs: &[Pair]) -> Tries {
    let (ours, theirs) = free(suspect, reference, pairs);
    let mut tries = Tries::new();
    for (ours, theirs) in classes(suspect, reference, &ours, &theirs).into_values() {
        for (&a, &b) in ours.iter().flat_map(|a| theirs.iter().map(move |b| (a, b))) {
            let mine = &suspect.assignment.parts[a];
            let other = &reference.assignment.parts[b];
            let ((nameless, x), named) = match (mine.inferred, other.inferred) {
                (true, false) => ((suspect, mine), other),
                (false, true) => ((reference, other), mine),
                _ => continue,
            };
            let Some((reads, width)) = on_the_stream(named) else { continue };
            let lengths = [x.view.rows, x.view.cols];
            if x.long_axes(&nameless.checkpoint.entries[x.entry]) != lengths {
                continue;
            }
            let norm = norm_before(named).filter(|_| reads);
            for (k, order) in orders(2).iter().enumerate() {
                if order.iter().map(|&axis| lengths[axis]).ne([named.view.rows, named.view.cols]) {
                    continue;
                }
                let own = |part| Reading {
                    part,
                    units_are_rows: reads,
                    gains: norm.map_or(Gains::None, Gains::Own),
                };
                let turned = |part| Reading {
                    part,
                    units_are_rows: reads == (order[0] == 0),
                    gains: norm.map_or(Gains::None, Gains::Mean),
                };
                let (ours, theirs) =
                    if mine.inferred { (turned(a), own(b)) } else { (own(a), turned(b)) };
                let key = (named.key.component.clone(), width);
                tries.entry(key).or_default().push(Try { ours, theirs, order: k });
            }
        }
    }
    tries
}

/// Whether a named matrix of a layer reads the residual stream (else it writes to it), and the
/// stream's width. `None` for anything else.
fn on_the_stream(part: &Part) -> Option<(bool, u64)> {
    let in_a_layer = part.key.param == Param::Weight && part.key.layer.is_some();
    match (&part.rows, &part.cols) {
        (Axis::Residual, Axis::Residual) => None,
        (_, Axis::Residual) => in_a_layer.then_some((true, part.view.cols)),
        (Axis::Residual, _) => in_a_layer.then_some((false, part.view.rows)),
        _ => None,
    }
}

/// The role of the norm before what a part reads.
fn norm_before(part: &Part) -> Option<&'static str> {
    let role = part.key.role.as_str();
    let starts = |start: &str| role.starts_with(start);
    if starts("cross-attention") {
        Some("norm-cross-attention")
    } else if starts("attention") {
        Some("norm-attention")
    } else {
        Some("norm-mlp")
    }
}

fn size(opened: &Opened, reading: &Reading) -> u64 {
    let tensor = opened.tensor(reading.part);
    tensor.entry().dtype.covering(tensor.view().elements())
}

/// What the units of one tensor do to the directions.
fn profile(
    opened: &Opened,
    (component, width, added): (&ComponentName, u64, f32),
    reading: Reading,
    along: &Matrix,
) -> Result<Option<Profile>, Error> {
    let gains = gains(opened, component, reading, width)?;
    let side = if reading.units_are_rows { Side::Rows } else { Side::Cols };
    let tensor = opened.tensor(reading.part);
    let units = extents(tensor, side).0;
    let all: Vec<u64> = (0..width).collect();
    let mut moments = Moments::new(along.rows());
    let mut at = 0;
    while at < units {
        let these: Vec<u64> = (at..units.min(at + AT_ONCE)).collect();
        let values = unit_values(tensor, side, &these, &all)?;
        let mut weights = Matrix::new(these.len(), all.len(), values).unwrap_or_default();
        if let Some(gains) = &gains {
            for r in 0..weights.rows() {
                let row = weights.row_mut(r).iter_mut();
                row.zip(gains).for_each(|(x, gain)| *x *= gain + added);
            }
        }
        moments.add(&unit_rows(weights).times_transposed(along));
        at += AT_ONCE;
    }
    Ok(moments.finish())
}

/// The norm weights that belong to a tensor; `None` where it writes, or no norm of that role is known
/// (all folded into what reads them).
fn gains(
    opened: &Opened,
    component: &ComponentName,
    reading: Reading,
    width: u64,
) -> Result<Option<Vec<f32>>, Error> {
    let own = &opened.assignment.parts[reading.part].key;
    let (role, layer) = match reading.gains {
        Gains::None => return Ok(None),
        Gains::Own(role) => (role, Some((&own.stack, own.layer))),
        Gains::Mean(role) => (role, None),
    };
    let parts = opened.assignment.parts.iter().enumerate();
    let norms = parts.filter(|(_, part)| {
        let key = &part.key;
        (&key.component, key.role.as_str(), key.param) == (component, role, Param::Weight)
            && layer.is_none_or(|(stack, layer)| (&key.stack, key.layer) == (stack, layer))
            && (part.view.rows, part.view.cols) == (width, 1)
    });
    let all: Vec<u64> = (0..width).collect();
    let read = norms.map(|(norm, _)| opened.tensor(norm).gather(&all, &[0]));
    let read: Vec<Vec<f32>> = read.collect::<Result<_, _>>()?;
    let n = read.len() as u64;
    let mean = |at: usize| read.iter().map(|gains| f64::from(gains[at])).sum::<f64>() / float(n);
    #[allow(clippy::cast_possible_truncation, reason = "rounding to nearest is meant")]
    let means = || (0..all.len()).map(|at| mean(at) as f32).collect();
    Ok((0 < n).then(means))
}
