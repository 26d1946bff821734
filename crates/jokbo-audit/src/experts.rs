//! Which network of one model each expert of the other came from: another expert, the dense network
//! of the layer (upcycling), or some of its units (splitting).
//!
//! Looked at once a test has found something, and never evidence.

use std::collections::BTreeMap;

use jokbo_components::{ComponentName, Expert};
use jokbo_statistics::features::Features;
use jokbo_statistics::number::float_usize;
use jokbo_statistics::relation::Side as Of;
use jokbo_statistics::seed::Draws;
use jokbo_verdict::ExpertMatch;

use crate::exhibit::Scene;
use crate::layer_map::{self, LayerParts, Search, side};
use crate::renumbering::{extents, unit_values};
use crate::step::step;
use crate::{Error, Opened};

/// Units drawn from an expert, and features from each of its tensors.
const UNITS: u64 = 64;
const FEATURES: u64 = 64;
/// Units of a dense network that an expert's are looked for in.
const MOST_UNITS: u64 = 1 << 14;
/// Experts looked at in all: of deep models with many experts some layers, evenly spaced.
const EXPERTS: usize = 256;
/// Cosine from which a unit is another model's unit. Unrelated ones of the narrowest networks in
/// use (three tensors of 64 features) stay below 0.35, the best of 96.
const SAME: f64 = 0.5;
/// Share of an expert's units that must be, or it came from none of those looked at.
const LEAST: f64 = 0.5;

/// The networks of hidden units in each layer: `None` is the dense one.
type Networks = BTreeMap<(String, u32), BTreeMap<Option<u32>, LayerParts>>;

/// The map of one component. Empty where neither side has routed experts.
pub(crate) fn map(
    scene: Scene<'_>,
    component: &ComponentName,
    layers: Option<&Search>,
) -> Result<Vec<ExpertMatch>, Error> {
    let _step = step!("expert map", component);
    let (mine, theirs) = (networks(scene.suspect, component), networks(scene.reference, component));
    let has_experts = |all: &Networks| all.values().any(|layer| layer.keys().any(Option::is_some));
    // Where both have experts, the suspect's are placed among the reference's.
    let of = match (has_experts(&mine), has_experts(&theirs)) {
        (true, _) => Of::Suspect,
        (false, true) => Of::Reference,
        (false, false) => return Ok(Vec::new()),
    };
    let origin = |(stack, layer): &(String, u32)| {
        let found = layers.into_iter().flat_map(|map| &map.origins);
        let same = |o: &&layer_map::Origin| (&o.suspect.0, &o.suspect.1) == (stack, layer);
        found.into_iter().find(same).map(|o| o.reference.clone())
    };
    let pairs = mine.iter().filter_map(|(at, network)| {
        let other = origin(at).unwrap_or_else(|| at.clone());
        theirs.get(&other).map(|one| ((at, network), (other.1, one)))
    });
    let mut found = Vec::new();
    let pairs: Vec<_> = pairs.collect();
    let each = mine.values().chain(theirs.values()).map(BTreeMap::len).max().unwrap_or(1).max(1);
    let step = pairs.len().div_ceil((EXPERTS / each).max(1)).max(1);
    for ((at, network), (other, one)) in pairs.into_iter().step_by(step) {
        let sides = match of {
            Of::Suspect => [(scene.suspect, at.1, network), (scene.reference, other, one)],
            Of::Reference => [(scene.reference, other, one), (scene.suspect, at.1, network)],
        };
        for mut one in of_layer(sides, scene.plan.seed)? {
            (one.side, one.stack) = (of, at.0.clone());
            found.push(one);
        }
    }
    Ok(found)
}

fn networks(opened: &Opened, component: &ComponentName) -> Networks {
    let mut all = Networks::new();
    for (at, groups) in layer_map::groups(opened, component) {
        for ((expert, group), parts) in groups {
            let expert = match expert {
                Expert::None => None,
                Expert::Routed(number) => Some(number),
                Expert::Shared => continue,
            };
            if group == "mlp" {
                all.entry(at.clone()).or_default().insert(expert, parts);
            }
        }
    }
    all
}

type Side<'a> = (&'a Opened, u32, &'a BTreeMap<Option<u32>, LayerParts>);

/// The experts of the first side among the networks of the second.
fn of_layer([a, b]: [Side<'_>; 2], seed: u64) -> Result<Vec<ExpertMatch>, Error> {
    let mut found = Vec::new();
    let experts = a.2.iter().filter_map(|(expert, parts)| Some(((*expert)?, parts)));
    for (expert, parts) in experts {
        let mut best: Option<ExpertMatch> = None;
        for (other, theirs) in b.2 {
            let Some((share, units)) = matched((a.0, parts), (b.0, theirs), seed)? else {
                continue;
            };
            if share < LEAST || best.as_ref().is_some_and(|best| share <= best.units_share) {
                continue;
            }
            best = Some(ExpertMatch {
                side: Of::Suspect,
                stack: String::new(),
                layer: a.1,
                expert,
                other_layer: b.1,
                other_expert: *other,
                units_share: share,
                units,
            });
        }
        found.extend(best);
    }
    Ok(found)
}

/// The share of units of `a` that are units of `b`: of the same number where both have as many, of
/// any where `b` has more, with their numbers. `None` where the two cannot be compared.
fn matched(
    a: (&Opened, &LayerParts),
    b: (&Opened, &LayerParts),
    seed: u64,
) -> Result<Option<(f64, Vec<u64>)>, Error> {
    let size = |(opened, parts): (&Opened, &LayerParts)| {
        let all = parts.iter().map(|(slot, k)| extents(opened.tensor(*k), side(slot)));
        all.reduce(|x, y| (x.0.min(y.0), x.1.min(y.1)))
    };
    let (Some((n, width)), Some((m, other))) = (size(a), size(b)) else { return Ok(None) };
    if a.1.keys().ne(b.1.keys()) || width != other || m < n || MOST_UNITS < m {
        return Ok(None);
    }
    let chosen = Draws::new(seed, "experts/units").choose(n, UNITS);
    let is_part = n < m;
    let theirs: Vec<u64> = if is_part { (0..m).collect() } else { chosen.clone() };
    let (x, y) = (features(a, &chosen, seed)?, features(b, &theirs, seed)?);
    let cosine = |i: usize, j: usize| -> f64 {
        x.row(i).iter().zip(y.row(j)).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
    };
    let share = |found: usize| float_usize(found) / float_usize(chosen.len().max(1));
    if !is_part {
        let own = (0..chosen.len()).filter(|i| SAME <= cosine(*i, *i));
        return Ok(Some((share(own.count()), Vec::new())));
    }
    let nearest = |i: usize| {
        let of = |j: &usize| cosine(i, *j);
        let best = (0..theirs.len()).max_by(|j, k| of(j).total_cmp(&of(k)));
        best.filter(|j| SAME <= of(j)).map(|j| theirs[j])
    };
    let units: Vec<u64> = (0..chosen.len()).filter_map(nearest).collect();
    Ok(Some((share(units.len()), units)))
}

fn features(
    (opened, parts): (&Opened, &LayerParts),
    units: &[u64],
    seed: u64,
) -> Result<Features, Error> {
    let mut features = Features::new(units.len());
    for (k, (slot, part)) in parts.iter().enumerate() {
        let tensor = opened.tensor(*part);
        let width = extents(tensor, side(slot)).1;
        let chosen = Draws::new(seed, &format!("experts/features/{k}")).choose(width, FEATURES);
        features.push_centred(&unit_values(tensor, side(slot), units, &chosen)?);
    }
    Ok(features.unit_rows())
}
