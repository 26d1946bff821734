//! How the weights of a component were changed: seeded rows of every pair of tensors, looked at
//! once a test has found something.

use jokbo_components::Pair;
use jokbo_formats::Scheme;
use jokbo_statistics::number::float;
use jokbo_statistics::relation::rounding::Rounding;
use jokbo_statistics::relation::stored::stored;
use jokbo_statistics::relation::{Change, Kind, Sample, Side, change_on};
use jokbo_statistics::seed::Draws;
use jokbo_tensors::{Dtype, Tensor};
use jokbo_verdict::TensorChange;

use crate::exhibit::Scene;
use crate::in_flight;
use crate::values::{self, PairValues};
use crate::{Error, Opened};

mod scales;

/// Rows read of one tensor: enough for the rank of any adapter …
pub(crate) const ROWS: u64 = 512;
/// … and of each of them so many columns, the first: blocks of any format are whole in them, and there are as
/// many rows of a wide tensor as of a narrow one. 4 MiB of `f32`.
pub(crate) const COLS: u64 = 2048;

/// How every pair differs, in the order of `pairs`. Memory: for each thread what
/// [`memory`](crate::memory()) says of a look.
pub(crate) fn changes(
    scene: Scene<'_>,
    pairs: &[(Pair, PairValues)],
) -> Result<Vec<TensorChange>, Error> {
    let changes = in_flight::reusing(pairs, |sides: &mut Sides, _, (pair, values)| {
        one(scene, pair, values, sides)
    })?;
    scene.plan.device.check()?;
    Ok(changes)
}

/// The rows of both tensors at hand, in memory that one look leaves to the next.
type Sides = (Vec<f32>, Vec<f32>);

fn one(
    scene: Scene<'_>,
    pair: &Pair,
    values: &PairValues,
    sides: &mut Sides,
) -> Result<TensorChange, Error> {
    let (a, b) = (scene.suspect.tensor(pair.suspect), scene.reference.tensor(pair.reference));
    let part = &scene.suspect.assignment.parts[pair.suspect];
    let is_matrix = values::is_matrix(part);
    let all = values.sums.pairs().max(1);
    let equal_share = float(values.equal_once_converted()) / float(all);
    let rows = (a.view().rows, b.view().rows);
    let is_seen = is_matrix && equal_share < 1.0 && scene.is_float(pair);
    Ok(TensorChange {
        part: part.key.to_string(),
        parameters: values.sums.pairs(),
        is_matrix,
        resized: (rows.0 != rows.1 && is_table(&part.key.role)).then_some(rows),
        equal_share,
        types: [dtype(scene.suspect, pair.suspect), dtype(scene.reference, pair.reference)]
            .map(|dtype| dtype.to_string()),
        change: if is_seen { look(scene, pair, sides)? } else { None },
    })
}

/// Tables whose rows are tokens or classes, which come and go with the vocabulary.
fn is_table(role: &str) -> bool {
    ["token-embedding", "output-head"].contains(&role)
}

fn look(scene: Scene<'_>, pair: &Pair, sides: &mut Sides) -> Result<Option<Change>, Error> {
    let (a, b) = (scene.suspect.tensor(pair.suspect), scene.reference.tensor(pair.reference));
    let rows = a.view().rows.min(b.view().rows);
    let cols = a.view().cols.min(b.view().cols);
    let purpose = format!("relation/{}", scene.suspect.assignment.parts[pair.suspect].key);
    let rows = Draws::new(scene.plan.seed, &purpose).choose(rows, ROWS);
    let cols: Vec<u64> = (0..cols.min(COLS)).collect();
    a.gather_into(&rows, &cols, &mut sides.0)?;
    b.gather_into(&rows, &cols, &mut sides.1)?;
    let types = (dtype(scene.suspect, pair.suspect), dtype(scene.reference, pair.reference));
    let rounding = (
        rounding_of(types.0).map(|of| of.as_seen(&sides.0)),
        rounding_of(types.1).map(|of| of.as_seen(&sides.1)),
    );
    let Some(sample) = Sample::new(cols.len(), std::mem::take(sides), rounding) else {
        return Ok(None);
    };
    let change = named(scene, (&a, &b), &sample);
    if let Some(free) = sample.into_sides() {
        *sides = free;
    }
    Ok(Some(change))
}

/// What happened to a tensor, by rows of `a` and of `b`.
fn named(scene: Scene<'_>, (a, b): (&Tensor<'_>, &Tensor<'_>), sample: &Sample) -> Change {
    let lattice = match (sample.rounding_a, sample.rounding_b) {
        (None, Some(_)) => {
            let (shared, group, bits) = scales::of(a);
            stored(sample, shared, group, bits).map(|l| (Side::Suspect, l))
        }
        (Some(_), None) => {
            let (shared, group, bits) = scales::of(b);
            stored(&sample.swapped(), shared, group, bits).map(|l| (Side::Reference, l))
        }
        // Two lattices: neither is the other rounded, and zeros are levels of both.
        (None, None) => None,
        (Some(_), Some(_)) => {
            return change_on(sample, scene.plan.seed, &scene.plan.device);
        }
    };
    let kind = lattice.map_or(Kind::Unnamed, |(side, l)| Kind::Quantised(side, l));
    Change { mask: None, kind }
}

pub(crate) fn dtype(opened: &Opened, part: usize) -> Dtype {
    opened.tensor(part).entry().dtype
}

/// How a type rounds, as `f32` shows it; `None` for a quantised one.
pub(crate) fn rounding_of(dtype: Dtype) -> Option<Rounding> {
    match dtype {
        // Numbers that are made by adding an adapter come as binary32.
        Dtype::F64 | Dtype::F32 | Dtype::Composed(Scheme::Merged) => Some(Rounding::F32),
        Dtype::F16 => Some(Rounding::F16),
        Dtype::BF16 => Some(Rounding::BF16),
        Dtype::F8E4M3 => Some(Rounding::F8E4M3),
        Dtype::F8E5M2 => Some(Rounding::F8E5M2),
        _ => None,
    }
}
