//! The changes of single tensors gathered into the relations of a component.

use std::collections::{BTreeMap, BTreeSet};

use jokbo_statistics::number::float;
use jokbo_statistics::relation::lattice::{Group, Lattice, Levels};
use jokbo_statistics::relation::mask::{Mask, Pattern};
use jokbo_statistics::relation::noise::Noise;
use jokbo_statistics::relation::scale::{Per, Scale};
use jokbo_statistics::relation::{Kind, Side};

use super::{Estimate, Extent, RankOf, Relation};
use crate::{Ancestry, Exhibit, Grade, TensorChange};

/// A way of changing weights is named when it holds for this share of what changed. Less may be a
/// check that failed by accident on a few small tensors.
const LEAST: f64 = 0.05;
/// Relative distance from which a change is not called a fine-tune. Measured on small networks:
/// trainings from one random start are 0.39 to 0.96 apart, heavy fine-tunes 0.29 to 0.45.
const FARTHEST: f64 = 0.35;
/// Share of values on the level nearest to the other side's below which rounding is not all that
/// changed. Rounding to the nearest level leaves 1.00 in the formats tried, choices of a
/// better level (GGUF's K types) 0.95 and more.
const ROUNDED: f64 = 0.9;
/// Sizes of noise that differ by no more than this, relatively, are one size.
const ONE_SIZE: f64 = 0.05;
/// Normal quantile of a 95 % interval.
const Z95: f64 = 1.96;

/// What the layer map alone says: layers left out or repeated.
pub(super) fn of_layers(exhibit: &Exhibit, grade: Grade) -> Vec<Relation> {
    if !matches!(grade, Grade::Derived | Grade::PartlyDerived) {
        return Vec::new();
    }
    let map = &exhibit.layer_map;
    let stacks: BTreeSet<&str> = map.iter().map(|m| m.stack.as_str()).collect();
    let (mut kept, mut again, mut is_pruned) = (0, 0, !map.is_empty());
    for stack in stacks {
        let of_it = || map.iter().filter(|m| m.stack == stack);
        let distinct: BTreeSet<u32> = of_it().map(|m| m.reference).collect();
        let (n, layers) = (of_it().count() as u64, distinct.len() as u64);
        again += n - layers;
        kept += n;
        let in_order =
            of_it().zip(of_it().skip(1)).all(|(one, next)| one.reference < next.reference);
        let moved = of_it().any(|m| m.suspect != m.reference);
        is_pruned &= in_order && moved;
    }
    if 0 < again {
        return vec![Relation::LayersRepeated { side: Side::Suspect, again }];
    }
    if 0 < exhibit.layers_answered_again {
        let again = exhibit.layers_answered_again;
        return vec![Relation::LayersRepeated { side: Side::Reference, again }];
    }
    // Layers that keep their order but not their number can only have lost some between them.
    let later = map.iter().all(|m| m.suspect <= m.reference);
    if is_pruned && later { vec![Relation::DepthPruned { kept }] } else { Vec::new() }
}

/// What the widths alone say.
pub(super) fn of_widths(exhibit: &Exhibit, grade: Grade) -> Option<Relation> {
    let widths = exhibit.widths.filter(|_| grade.is_finding())?;
    let of = [widths.units, widths.coordinates];
    let side = match (of.iter().any(|(a, b)| a < b), of.iter().any(|(a, b)| b < a)) {
        (true, false) => Side::Suspect,
        (false, true) => Side::Reference,
        _ => return None,
    };
    Some(Relation::WidthPruned { side, widths })
}

/// Tables whose number of rows changed while their common rows are related.
pub(super) fn of_tables(exhibit: &Exhibit) -> Vec<Relation> {
    let resized = exhibit.changes.iter().filter_map(|t| Some((t, t.resized?)));
    resized
        .map(|(t, rows)| Relation::VocabularyResized {
            part: t.part.clone(),
            rows,
            equal_share: t.equal_share,
        })
        .collect()
}

/// Names what happened to the tensors of a component, most particular first, and what is left.
pub(super) fn of_tensors(
    exhibit: &Exhibit,
    relative_l2: Option<f64>,
    ancestry: Ancestry,
) -> Vec<Relation> {
    let whole = Whole::of(&exhibit.changes);
    let mut named = Vec::new();
    let same = whole.share_of(exhibit.changes.iter().filter(|t| is_unchanged(t)));
    if 0.0 < same {
        named.push(Relation::SameBits { share: same });
    }
    named.extend(whole.quantised());
    named.extend(whole.masked());
    named.extend(whole.scaled());
    named.extend(whole.adapter());
    named.extend(whole.noise());
    named.extend(whole.fine_tuned(relative_l2, ancestry));
    let says_what = |r: &Relation| !matches!(r, Relation::SameBits { .. });
    if whole.rest(&named) || !named.iter().any(says_what) {
        named.push(Relation::Changed { relative_l2 });
    }
    named.extend(of_tables(exhibit));
    named
}

fn is_unchanged(tensor: &TensorChange) -> bool {
    1.0 <= tensor.equal_share
}

fn kind(tensor: &TensorChange) -> Option<Kind> {
    tensor.change.map(|change| change.kind)
}

/// Every changed tensor, and how much they are together.
struct Whole<'a> {
    /// All elements compared.
    all: u64,
    changed: Vec<&'a TensorChange>,
    /// Elements of changed matrices.
    matrices: u64,
}

impl<'a> Whole<'a> {
    fn of(changes: &'a [TensorChange]) -> Self {
        let changed: Vec<&TensorChange> = changes.iter().filter(|t| !is_unchanged(t)).collect();
        let matrices = changed.iter().filter(|t| t.is_matrix).map(|t| t.parameters).sum();
        Self { all: changes.iter().map(|t| t.parameters).sum(), changed, matrices }
    }

    fn share_of<'b>(&self, tensors: impl Iterator<Item = &'b TensorChange>) -> f64 {
        float(tensors.map(|t| t.parameters).sum()) / float(self.all.max(1))
    }

    /// Tensors for which `pick` gives something, unless they are too few to name it.
    fn group<T>(&self, pick: impl Fn(&TensorChange) -> Option<T>) -> Option<(Vec<T>, Extent)> {
        let found: Vec<(&TensorChange, T)> =
            self.changed.iter().filter_map(|t| pick(t).map(|x| (*t, x))).collect();
        let parameters: u64 = found.iter().map(|(t, _)| t.parameters).sum();
        if found.is_empty() || float(parameters) < LEAST * float(self.matrices) {
            return None;
        }
        let extent = Extent {
            tensors: found.len() as u64,
            share: self.share_of(found.iter().map(|(t, _)| *t)),
        };
        Some((found.into_iter().map(|(_, x)| x).collect(), extent))
    }

    /// Whether a share of all elements is nearly all of the changed matrices.
    fn is_most(&self, share: f64) -> bool {
        0.9 * float(self.matrices) <= share * float(self.all)
    }

    /// One relation for every lattice.
    fn quantised(&self) -> Vec<Relation> {
        let mut kinds: BTreeMap<About, Lattice> = BTreeMap::new();
        for tensor in &self.changed {
            if let Some((about, lattice)) = about(tensor) {
                kinds.entry(about).or_insert(lattice);
            }
        }
        let relation = |(key, l): (About, Lattice)| {
            let of_kind = |t: &TensorChange| {
                about(t).filter(|(about, _)| *about == key).map(|(_, l)| l.nearest)
            };
            let (nearest, extent) = self.group(of_kind)?;
            Some(Relation::Quantised {
                side: key.side,
                bits: l.bits(),
                per: match l.group {
                    Group::Tensor => "tensor",
                    Group::Row => "row",
                    Group::Elements(_) => "group",
                },
                group: match l.group {
                    Group::Elements(n) if l.levels != Levels::Stored(None) => Some(n as u64),
                    _ => None,
                },
                like: key.like,
                nearest: mean(&nearest),
                extent,
            })
        };
        kinds.into_iter().filter_map(relation).collect()
    }

    fn masked(&self) -> Vec<Relation> {
        let on = |side: Side| {
            let mask = |t: &TensorChange| {
                t.change?.mask.filter(|(s, _)| *s == side).map(|(_, mask)| (mask, t.parameters))
            };
            let (masks, extent) = self.group(mask)?;
            let parameters: u64 = masks.iter().map(|(_, n)| *n).sum();
            let zeros: f64 = masks.iter().map(|(mask, n)| mask.share * float(*n)).sum();
            let first = masks.first().map(|(mask, _)| mask.pattern)?;
            let is_one = masks.iter().all(|(Mask { pattern, .. }, _)| *pattern == first);
            Some(Relation::ZeroMasked {
                side,
                share: zeros / float(parameters.max(1)),
                pattern: if is_one { first } else { Pattern::Unstructured },
                extent,
            })
        };
        [Side::Suspect, Side::Reference].into_iter().filter_map(on).collect()
    }

    fn scaled(&self) -> Vec<Relation> {
        let by = |per: Per| {
            let scale = |t: &TensorChange| match kind(t) {
                Some(Kind::Scaled(scale)) if scale.per == per => Some(scale),
                _ => None,
            };
            let (scales, extent): (Vec<Scale>, _) = self.group(scale)?;
            let factors: Vec<f64> = scales.iter().map(|s| s.factor).collect();
            let low = scales.iter().map(|s| s.range.0).fold(f64::INFINITY, f64::min);
            let high = scales.iter().map(|s| s.range.1).fold(f64::NEG_INFINITY, f64::max);
            Some(Relation::Scaled { per, factor: mean(&factors), range: (low, high), extent })
        };
        [Per::Tensor, Per::Row, Per::Column].into_iter().filter_map(by).collect()
    }

    fn adapter(&self) -> Option<Relation> {
        let rank = |t: &TensorChange| match kind(t) {
            Some(Kind::Adapter(rank)) => Some(RankOf { part: t.part.clone(), rank: rank as u64 }),
            _ => None,
        };
        let (tensors, extent) = self.group(rank)?;
        let rank = tensors.iter().map(|t| t.rank).max()?;
        Some(Relation::AdapterMerged { rank, tensors, extent })
    }

    fn noise(&self) -> Option<Relation> {
        let noise = |t: &TensorChange| match kind(t) {
            Some(Kind::Noise(side, noise)) => Some((side, noise)),
            _ => None,
        };
        // Noise is in all that changed: a few tensors alone may look so by accident.
        let (all, extent) = self.group(noise).filter(|(_, e)| self.is_most(e.share))?;
        let sides: BTreeSet<Option<Side>> =
            all.iter().map(|(side, _)| *side).filter(Option::is_some).collect();
        let side = if sides.len() == 1 { sides.into_iter().next().flatten() } else { None };
        let relative = |n: &Noise| (n.sd / n.spread, n.error / n.spread, n.elements);
        let absolute = |n: &Noise| (n.sd, n.error, n.elements);
        let of = |size: &dyn Fn(&Noise) -> (f64, f64, u64)| {
            one_size(&all.iter().map(|(_, n)| size(n)).collect::<Vec<_>>())
        };
        let (sd, relative) =
            of(&relative).map(|sd| (sd, true)).or_else(|| of(&absolute).map(|sd| (sd, false)))?;
        Some(Relation::NoiseAdded { side, sd, relative, extent })
    }

    /// Training, when it is more than any adapter: full rank is shown for half of it, or vectors
    /// that no adapter touches moved too.
    fn fine_tuned(&self, relative_l2: Option<f64>, ancestry: Ancestry) -> Option<Relation> {
        let trained = |t: &TensorChange| match kind(t) {
            Some(Kind::Trained { is_full }) => Some((is_full, t.parameters)),
            _ => None,
        };
        let (all, mut extent) = self.group(trained)?;
        let sum = |only_full: bool| -> u64 {
            all.iter().filter(|(full, _)| *full || !only_full).map(|(_, n)| *n).sum()
        };
        let is_full = sum(false) <= 2 * sum(true);
        let vectors = self.changed.iter().filter(|t| !t.is_matrix);
        let moved = vectors.clone().count();
        let is_near = relative_l2.is_some_and(|l2| l2 < FARTHEST);
        let is_trained = ancestry == Ancestry::Checkpoint && is_near;
        if !is_trained || !(is_full || 0 < moved) {
            return None;
        }
        extent.tensors += moved as u64;
        extent.share += self.share_of(vectors.copied());
        Some(Relation::FineTuned { relative_l2, extent })
    }

    /// Whether a share of the changed matrices is in none of the relations that were named.
    fn rest(&self, named: &[Relation]) -> bool {
        let has = |word: &str| named.iter().any(|r| r.word() == word);
        let is_named = |t: &&&TensorChange| match (t.change.and_then(|c| c.mask), kind(t)) {
            (_, Some(Kind::Quantised(_, l))) => has("quantised") && ROUNDED <= l.nearest,
            (_, Some(Kind::Scaled(_))) => has("scaled"),
            (_, Some(Kind::Adapter(_))) => has("adapter-merged"),
            (_, Some(Kind::Noise(..))) => has("noise-added"),
            (_, Some(Kind::Trained { .. })) => has("fine-tuned"),
            (Some(_), Some(Kind::Unchanged)) => has("zero-masked"),
            (None, Some(Kind::Unchanged)) => true,
            (_, Some(Kind::Unnamed) | None) => false,
        };
        let matrices = self.changed.iter().filter(|t| t.is_matrix);
        let left: u64 = matrices.filter(|t| !is_named(t)).map(|t| t.parameters).sum();
        self.matrices == 0 || LEAST * float(self.matrices) < float(left)
    }
}

/// What tells one lattice from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct About {
    side: Side,
    /// Elements that share a scale; a row and a tensor come last.
    group: usize,
    bits: Option<u32>,
    like: Option<String>,
}

/// The lattice of a tensor and what tells it from others.
fn about(tensor: &TensorChange) -> Option<(About, Lattice)> {
    let Some(Kind::Quantised(side, l)) = kind(tensor) else { return None };
    let group = match l.group {
        Group::Tensor => usize::MAX,
        Group::Row => usize::MAX - 1,
        Group::Elements(n) => n,
    };
    let [mine, other] = &tensor.types;
    let like = match (l.levels, side) {
        (Levels::Stored(_), Side::Suspect) => Some(mine.clone()),
        (Levels::Stored(_), Side::Reference) => Some(other.clone()),
        _ => l.like().map(str::to_owned),
    };
    Some((About { side, group, bits: l.bits(), like }, l))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / float(values.len() as u64).max(1.0)
}

/// The common value of estimates `(value, error, elements)`, with an interval that holds their
/// scatter too. `None` when they are not of one size.
fn one_size(sizes: &[(f64, f64, u64)]) -> Option<Estimate> {
    let all: f64 = sizes.iter().map(|(_, _, n)| float(*n)).sum();
    let value = sizes.iter().map(|(x, _, n)| x * float(*n)).sum::<f64>() / all;
    let off = |(x, error, _): &(f64, f64, u64)| (x - value).abs() <= ONE_SIZE * value + 4.0 * error;
    let error = sizes.iter().map(|(_, e, n)| (e * float(*n) / all).powi(2)).sum::<f64>();
    let scatter = sizes.iter().map(|(x, _, n)| ((x - value) * float(*n) / all).powi(2));
    let half = Z95 * error.max(scatter.sum()).sqrt();
    sizes.iter().all(off).then_some(Estimate { value, low: value - half, high: value + half })
}
