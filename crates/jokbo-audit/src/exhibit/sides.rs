//! Both models' stored values side by side: sizes that say how far apart, and prove nothing.

use std::collections::{BTreeMap, BTreeSet};

use jokbo_components::{ComponentName, ComponentPairing, Expert, Pair, Param};
use jokbo_statistics::join::join;
use jokbo_statistics::pass::PairSums;
use jokbo_verdict::{DepthCurve, Exhibit, LayerValues, Norms, Values};

use super::{Scene, Seen};
use crate::Opened;
use crate::values::{self, PairValues};

/// Fewest layers whose curve is shown: over fewer, any two curves may correlate.
const FEWEST_LAYERS: usize = 8;

/// Stored values of learned pairs, whether anything was left over, types and norms.
pub(crate) fn side_by_side(
    scene: Scene<'_>,
    pairing: &ComponentPairing,
    seen: &Seen,
    exhibit: &mut Exhibit,
) {
    let all = |pick: &dyn Fn(&Pair) -> bool| {
        let picked = seen.learned().filter(|(pair, _)| pick(pair)).map(|(_, values)| values);
        join(picked, PairValues::join)
    };
    let floats: Vec<_> = seen.learned().filter(|(pair, _)| scene.is_float(pair)).collect();
    exhibit.conversion = values::conversion(scene.suspect, scene.reference, &floats);
    exhibit.norms = norms(scene, seen);
    exhibit.depth_curve = depth_curve(scene, seen);
    exhibit.layer_values = by_layer(scene, seen);
    let Some(whole) = all(&|_| true).map(|v| v.sums) else { return };
    let matrices = all(&|pair| scene.is_float(pair) && values::is_matrix(scene.part(pair)));
    let sums = matrices.map(|v| v.sums);
    // Tensors without a name that says something may lie in components of two names.
    let theirs = |pair: &Pair| &scene.reference.assignment.parts[pair.reference].key.component;
    let theirs: BTreeSet<&ComponentName> = seen.pairs.iter().map(theirs).collect();
    let ours = BTreeSet::from([&pairing.component]);
    let parts = |opened: &Opened, components: &BTreeSet<&ComponentName>| -> u64 {
        let parts = opened.assignment.parts.iter();
        parts.filter(|p| components.contains(&p.key.component)).map(|p| p.view.elements()).sum()
    };
    let compared: u64 = seen.values.iter().map(|v| v.sums.pairs()).sum();
    let different: u64 = seen.values.iter().map(|v| v.sums.pairs() - v.sums.equal).sum();
    exhibit.values = Some(Values {
        cosine: sums.and_then(|s| s.cosine()),
        pearson: sums.and_then(|s| s.pearson()),
        relative_l2: sums.and_then(|s| s.relative_l2()),
        pairs: whole.pairs(),
        equal: whole.equal,
        complete: different == 0
            && compared == parts(scene.suspect, &ours)
            && compared == parts(scene.reference, &theirs),
    });
}

/// Matrices of every layer beside those of the layer that answers to it.
fn by_layer(scene: Scene<'_>, seen: &Seen) -> Vec<LayerValues> {
    let mut layers: BTreeMap<(&str, u32, u32), Vec<PairSums>> = BTreeMap::new();
    for (pair, values) in seen.learned() {
        let part = scene.part(&pair);
        let there = &scene.reference.assignment.parts[pair.reference].key;
        if let (Some(ours), Some(theirs)) = (part.key.layer, there.layer)
            && scene.is_float(&pair)
            && values::is_matrix(part)
        {
            layers.entry((&part.key.stack, ours, theirs)).or_default().push(values.sums);
        }
    }
    let joined = layers.into_iter().filter_map(|((stack, suspect, reference), sums)| {
        let sums = join(sums, PairSums::join)?;
        Some(LayerValues {
            stack: stack.to_owned(),
            suspect,
            reference,
            cosine: sums.cosine(),
            pearson: sums.pearson(),
            pairs: sums.pairs(),
        })
    });
    joined.collect()
}

fn norms(scene: Scene<'_>, seen: &Seen) -> Option<Norms> {
    let norms = seen.pairs.iter().zip(&seen.values).filter(|(pair, _)| {
        let part = scene.part(pair);
        part.key.role.contains("norm") && part.key.param == Param::Weight && part.view.cols == 1
    });
    let norms: Vec<PairSums> = norms.map(|(_, v)| v.sums).collect();
    // Each tensor about its own mean: norms of one kind share a level between unrelated models, and
    // one mean for all would show that level as a correlation.
    let within = join(norms.iter().map(PairSums::about_means), PairSums::join)?;
    let sums = join(norms, PairSums::join)?;
    sums.cosine().map(|cosine| Norms { cosine, pearson: within.pearson(), weights: sums.pairs() })
}

/// The spread of every role of matrix over depth, and the role whose curves correlate most. `None`
/// where the models share too few layers.
fn depth_curve(scene: Scene<'_>, seen: &Seen) -> Option<DepthCurve> {
    let mut curves: BTreeMap<&str, BTreeMap<u32, (f64, f64)>> = BTreeMap::new();
    for (pair, values) in seen.pairs.iter().zip(&seen.values) {
        let part = scene.part(pair);
        let there = &scene.reference.assignment.parts[pair.reference].key;
        let Some(layer) = part.key.layer.filter(|layer| there.layer == Some(*layer)) else {
            continue;
        };
        let is_plain = part.key.expert == Expert::None && part.key.param == Param::Weight;
        if !(is_plain && values::is_matrix(part) && scene.is_float(pair)) {
            continue;
        }
        if let Some(((_, a), (_, b))) = values.sums.moments_a().zip(values.sums.moments_b()) {
            curves.entry(&part.key.role).or_default().insert(layer, (a, b));
        }
    }
    let long = curves.into_iter().filter(|(_, curve)| FEWEST_LAYERS <= curve.len());
    let correlated = long.filter_map(|(role, curve)| {
        let (a, b): (Vec<f64>, Vec<f64>) = curve.values().copied().unzip();
        let pearson = PairSums::of(&a, &b).pearson()?;
        Some(DepthCurve { role: role.to_owned(), pearson, layers: curve.len() as u64 })
    });
    correlated.max_by(|x, y| x.pearson.total_cmp(&y.pearson).then_with(|| y.role.cmp(&x.role)))
}
