//! Which layer of the reference each layer of the suspect came from.

use std::collections::BTreeMap;

use jokbo_components::{Axis, ComponentName, Expert, Pair, PairedBy, Param, PartKey};
use jokbo_statistics::features::Features;
use jokbo_statistics::layers::Layer;
use jokbo_statistics::number::float_usize;
use jokbo_statistics::permutation::{Group, Renumberings};
use jokbo_statistics::scores::Scores;
use jokbo_statistics::seed::Draws;
use jokbo_verdict::{LayerGrid, LayerMatch};
use rayon::prelude::*;

use crate::in_flight::in_flight;
use crate::renumbering::{Side, extents, unit_values};
use crate::step::step;
use crate::{Error, Opened, Plan};

/// Units drawn from a layer, and features from each of its tensors. Enough to tell a copied layer
/// from its neighbours by tens of standard deviations, at a cost that allows all pairs.
const UNITS: u64 = 256;
const FEATURES: u64 = 128;
/// Layers from which on each gives fewer features, so that what is held of all stops growing.
const LAYERS: u64 = 32;
/// How near a layer that answers nothing must come to the best match of a layer of the suspect, as
/// a share of its z, to be one more copy. Neighbours in one residual stream come to 0.1 to 0.25.
const ECHO: f64 = 0.5;

/// The role and axis of a part inside a layer: what pairs across layers.
pub(crate) type Slot = (String, Param, bool);

/// The parts of one layer that share hidden units, by slot.
pub(crate) type LayerParts = BTreeMap<Slot, usize>;

/// A layer of the suspect with the layer of the reference that it shares most with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Origin {
    /// Network and layer in the suspect.
    pub(crate) suspect: (String, u32),
    /// Network and layer in the reference.
    pub(crate) reference: (String, u32),
    /// Decimal logarithm of p, paid for by all pairs looked at.
    pub(crate) log10_p: f64,
}

/// The layer map of one component.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Search {
    /// Best pairs whose p, paid for, is at most the level.
    pub(crate) origins: Vec<Origin>,
    /// The smallest p found, paid for by all pairs looked at.
    pub(crate) log10_p: f64,
    /// Pairs of layers looked at.
    pub(crate) looks: u64,
    /// The z of the best pair.
    pub(crate) z: f64,
    /// Layers of the reference that no layer of the suspect came from, and that share as much with
    /// one as those that did: the reference holds more than one copy.
    pub(crate) echoes: u64,
    /// All pairs of layers, one grid for each network.
    pub(crate) grids: Vec<LayerGrid>,
}

impl Search {
    /// The map as a report shows it.
    pub(crate) fn matches(&self) -> Vec<LayerMatch> {
        let entry = |o: &Origin| LayerMatch {
            stack: o.suspect.0.clone(),
            suspect: o.suspect.1,
            reference: o.reference.1,
            log10_p: o.log10_p,
        };
        self.origins.iter().map(entry).collect()
    }

    /// Whether every layer found came from the layer of its own number.
    pub(crate) fn is_straight(&self) -> bool {
        self.origins.iter().all(|o| o.suspect.1 == o.reference.1)
    }

    /// `pairs` with every part of a moved layer answered by the layer it came from. A reference
    /// layer may answer more than once: that is what a repeated layer is.
    pub(crate) fn follow(&self, suspect: &Opened, reference: &Opened, pairs: &[Pair]) -> Vec<Pair> {
        let origin: BTreeMap<(&str, u32), &Origin> =
            self.origins.iter().map(|o| ((o.suspect.0.as_str(), o.suspect.1), o)).collect();
        let theirs: BTreeMap<&PartKey, usize> =
            reference.assignment.parts.iter().enumerate().map(|(k, part)| (&part.key, k)).collect();
        let paired: BTreeMap<usize, Pair> =
            pairs.iter().map(|pair| (pair.suspect, *pair)).collect();
        let component = pairs.first().map(|p| &suspect.assignment.parts[p.suspect].key.component);
        let parts = suspect.assignment.parts.iter().enumerate();
        parts
            .filter(|(_, part)| Some(&part.key.component) == component)
            .filter_map(|(k, part)| {
                let moved = part
                    .key
                    .layer
                    .and_then(|layer| origin.get(&(part.key.stack.as_str(), layer)))
                    .map(|o| PartKey {
                        stack: o.reference.0.clone(),
                        layer: Some(o.reference.1),
                        ..part.key.clone()
                    });
                let Some(key) = moved else { return paired.get(&k).copied() };
                let other = *theirs.get(&key)?;
                let shape = |opened: &Opened, part: usize| {
                    let view = opened.tensor(part).view();
                    (view.rows, view.cols)
                };
                (shape(suspect, k) == shape(reference, other)).then_some(Pair {
                    suspect: k,
                    reference: other,
                    by: PairedBy::Role,
                })
            })
            .collect()
    }
}

/// What is read for the map of one network: the same units and features of every layer of both
/// models.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Grid {
    /// The network in the suspect and in the reference, with its layers.
    stacks: [(String, BTreeMap<u32, LayerParts>); 2],
    /// The units, in rising order.
    units: Vec<u64>,
    /// The features of those units in each slot, in rising order.
    slots: Vec<(Slot, Vec<u64>)>,
}

/// What the layers of both models have in common, before anything is chosen.
pub(crate) struct Common {
    /// Units that all layers have.
    pub(crate) units: u64,
    /// What every layer has with one width.
    pub(crate) slots: Vec<CommonSlot>,
}

impl Common {
    /// Features of each slot: `most`, and fewer where layers are many. All layers of both models are held
    /// at once, and every one is scored against every other.
    pub(crate) fn features(&self, most: u64) -> u64 {
        let layers = self.slots.iter().flat_map(|slot| &slot.parts).map(Vec::len).max();
        (most * LAYERS / (layers.unwrap_or(0) as u64).max(LAYERS)).max(1)
    }
}

/// One place that every layer of both models fills alike.
pub(crate) struct CommonSlot {
    slot: Slot,
    /// Features of each unit.
    pub(crate) width: u64,
    /// The axis that numbers the units.
    pub(crate) side: Side,
    /// The parts that fill it: in the suspect, then in the reference.
    pub(crate) parts: [Vec<usize>; 2],
}

impl Grid {
    /// Units and features from anywhere, for all slots.
    fn scattered(common: &Common, seed: u64) -> (Vec<u64>, Vec<Vec<u64>>) {
        let features = |(k, slot): (usize, &CommonSlot)| {
            let few = common.features(FEATURES);
            Draws::new(seed, &format!("layer-map/features/{k}")).choose(slot.width, few)
        };
        (
            Draws::new(seed, "layer-map/units").choose(common.units, UNITS),
            common.slots.iter().enumerate().map(features).collect(),
        )
    }

    /// Every part that is read, with the units, the features and the axis of the units: of the
    /// suspect (0) or of the reference (1).
    pub(crate) fn reads(
        &self,
        side: usize,
    ) -> impl Iterator<Item = (usize, Side, &Vec<u64>, &Vec<u64>)> {
        let layers = self.stacks.get(side).into_iter().flat_map(|(_, layers)| layers.values());
        layers.flat_map(move |layer| {
            self.slots.iter().filter_map(move |(slot_, features)| {
                layer.get(slot_).map(|&part| (part, self::side(slot_), &self.units, features))
            })
        })
    }
}

/// Scores every layer of the suspect's component against every layer of the reference's. `None`
/// when either has fewer than two layers with comparable hidden units.
pub(crate) fn search(
    suspect: &Opened,
    reference: &Opened,
    component: &ComponentName,
    plan: &Plan,
    log10_level: f64,
) -> Result<Option<Search>, Error> {
    let _step = step!("layer map", component);
    let all = |common: &Common| Grid::scattered(common, plan.seed);
    let grids = grids(suspect, reference, component, all);
    search_grids(suspect, reference, &grids, log10_level)
}

/// One grid for each network of the component that has layers on both sides; `choose` says which
/// units and, slot by slot, which features are read. A slot without features is left out.
pub(crate) fn grids(
    suspect: &Opened,
    reference: &Opened,
    component: &ComponentName,
    choose: impl Fn(&Common) -> (Vec<u64>, Vec<Vec<u64>>),
) -> Vec<Grid> {
    let (mine, theirs) = (layers(suspect, component), layers(reference, component));
    let mut grids = Vec::new();
    for (stack, a) in mine {
        // A network that is alone on its side answers to the other's, whatever it is called.
        let alone = (theirs.len() == 1).then(|| theirs.iter().next()).flatten();
        let Some((other, b)) = theirs.get_key_value(&stack).or(alone) else { continue };
        if a.len() < 2 || b.len() < 2 {
            continue;
        }
        let Some(common) = common(suspect, reference, &a, b) else { continue };
        let (units, features) = choose(&common);
        let slots: Vec<(Slot, Vec<u64>)> = common
            .slots
            .into_iter()
            .map(|slot| slot.slot)
            .zip(features)
            .filter(|(_, features)| !features.is_empty())
            .collect();
        if !slots.is_empty() {
            grids.push(Grid { stacks: [(stack, a), (other.clone(), b.clone())], units, slots });
        }
    }
    grids
}

/// Scores every layer of the suspect against every layer of the reference, grid by grid. `None`
/// without a grid.
pub(crate) fn search_grids(
    suspect: &Opened,
    reference: &Opened,
    grids: &[Grid],
    log10_level: f64,
) -> Result<Option<Search>, Error> {
    let mut found: Option<Search> = None;
    for grid in grids {
        let Some(one) = search_grid(suspect, reference, grid, log10_level)? else { continue };
        found = Some(match found {
            None => one,
            Some(mut all) => {
                all.origins.extend(one.origins);
                // Each stack is one more look at the component.
                all.log10_p = (all.log10_p.min(one.log10_p) + 2f64.log10()).min(0.0);
                all.looks += one.looks;
                all.z = all.z.max(one.z);
                all.echoes += one.echoes;
                all.grids.extend(one.grids);
                all
            }
        });
    }
    Ok(found)
}

/// The layers of a component by stack and number, each with the parts of its first group of units:
/// the dense network, else the shared expert, else the first routed expert.
pub(crate) fn layers(
    opened: &Opened,
    component: &ComponentName,
) -> BTreeMap<String, BTreeMap<u32, LayerParts>> {
    let first = |groups: Experts| {
        let rank = |expert: &Expert| (matches!(expert, Expert::Routed(_)), *expert);
        groups.into_iter().min_by_key(|(expert, _)| rank(expert)).map(|(_, parts)| parts)
    };
    let layers_of = |layers: BTreeMap<u32, Experts>| {
        layers.into_iter().filter_map(|(k, groups)| Some((k, first(groups)?))).collect()
    };
    let all = experts(opened, component);
    all.into_iter().map(|(stack, layers)| (stack, layers_of(layers))).collect()
}

/// The groups of hidden units of one layer, each with its parts: a dense network, or experts.
pub(crate) type Experts = BTreeMap<Expert, LayerParts>;

/// The layers of a component by stack and number, each with its groups of hidden units. Of several
/// groups of one expert, the first by name.
pub(crate) fn experts(
    opened: &Opened,
    component: &ComponentName,
) -> BTreeMap<String, BTreeMap<u32, Experts>> {
    let mut by_stack: BTreeMap<String, BTreeMap<u32, Experts>> = BTreeMap::new();
    for ((stack, layer), groups) in groups(opened, component) {
        let experts = by_stack.entry(stack).or_default().entry(layer).or_default();
        for ((expert, _), parts) in groups {
            experts.entry(expert).or_insert(parts);
        }
    }
    by_stack
}

/// The groups of hidden units of one layer, by expert and name, each with its parts.
pub(crate) type UnitGroups = BTreeMap<(Expert, String), LayerParts>;

/// All groups of hidden units of a component, by stack and layer.
pub(crate) fn groups(
    opened: &Opened,
    component: &ComponentName,
) -> BTreeMap<(String, u32), UnitGroups> {
    let mut all: BTreeMap<(String, u32), UnitGroups> = BTreeMap::new();
    for (k, part) in opened.assignment.parts.iter().enumerate() {
        let float = opened.checkpoint.entries[part.entry].dtype.is_float();
        let Some(layer) = part.key.layer.filter(|_| part.key.component == *component && float)
        else {
            continue;
        };
        for (is_rows, axis) in [(true, &part.rows), (false, &part.cols)] {
            if let Axis::Units(group) = axis {
                all.entry((part.key.stack.clone(), layer))
                    .or_default()
                    .entry((part.key.expert, group.clone()))
                    .or_default()
                    .insert((part.key.role.clone(), part.key.param, is_rows), k);
            }
        }
    }
    all
}

fn search_grid(
    suspect: &Opened,
    reference: &Opened,
    grid: &Grid,
    log10_level: f64,
) -> Result<Option<Search>, Error> {
    let [(stack, a), (other, b)] = &grid.stacks;
    let prepared =
        |opened: &Opened, layer: &LayerParts| unit_features(opened, layer, grid).map(Layer::new);
    let theirs: Vec<&LayerParts> = b.values().collect();
    let theirs = theirs.into_par_iter().map(|layer| prepared(reference, layer));
    let theirs = theirs.collect::<Result<Vec<_>, Error>>()?;
    // Of the suspect no more layers are held than are looked at just now.
    let mine: Vec<&LayerParts> = a.values().collect();
    let rows =
        in_flight(&mine, |_, layer| Ok::<_, Error>(Row::of(&prepared(suspect, layer)?, &theirs)))?;
    let looks = a.len() * b.len();
    let mut search = Search { looks: looks as u64, z: f64::NEG_INFINITY, ..Search::default() };
    for (&layer, row) in a.keys().zip(&rows) {
        let Some((j, z, log10_p)) = row.best else { continue };
        let log10_p = (log10_p + float_usize(looks).log10()).min(0.0);
        search.log10_p = search.log10_p.min(log10_p);
        search.z = search.z.max(z);
        if log10_p <= log10_level {
            let from = b.keys().nth(j).copied().unwrap_or_default();
            search.origins.push(Origin {
                suspect: (stack.clone(), layer),
                reference: (other.clone(), from),
                log10_p,
            });
        }
    }
    let z: Vec<_> = rows.into_iter().map(|row| row.z).collect();
    search.echoes = echoes(&z, &search.origins, a, b);
    search.grids.push(LayerGrid {
        stack: stack.clone(),
        suspect: a.keys().copied().collect(),
        reference: b.keys().copied().collect(),
        z,
    });
    // Where no layer varies over units there was nothing to look at.
    Ok(search.z.is_finite().then_some(search))
}

/// One layer of the suspect against every layer of the reference.
struct Row {
    z: Vec<Option<f64>>,
    /// The layer of the largest z, that z, and its p as if nothing else had been looked at.
    best: Option<(usize, f64, f64)>,
}

impl Row {
    fn of(mine: &Layer, theirs: &[Layer]) -> Self {
        let z: Vec<Option<f64>> = theirs.iter().map(|layer| mine.z(layer)).collect();
        let all = z.iter().enumerate().filter_map(|(j, z)| z.map(|z| (j, z)));
        let best = all.max_by(|x, y| x.1.total_cmp(&y.1)).and_then(|(j, z)| {
            let scores = Scores::products(mine.rows(), theirs[j].rows());
            let pair = Group::of(scores, &Renumberings::default(), 0)?;
            Some((j, z, pair.alone().0))
        });
        Self { z, best }
    }
}

/// Layers of the reference, columns of `z`, that are one more copy of what a layer of the suspect
/// came from.
fn echoes(
    z: &[Vec<Option<f64>>],
    origins: &[Origin],
    a: &BTreeMap<u32, LayerParts>,
    b: &BTreeMap<u32, LayerParts>,
) -> u64 {
    let is_origin = |layer: u32| origins.iter().any(|o| o.reference.1 == layer);
    let is_found = |layer: u32| origins.iter().any(|o| o.suspect.1 == layer);
    let found = || a.keys().zip(z).filter(|(layer, _)| is_found(**layer)).map(|(_, row)| row);
    let best = |row: &[Option<f64>]| row.iter().flatten().copied().fold(0.0, f64::max);
    let is_echo = |j: usize| {
        found().any(|row| row[j].is_some_and(|one| 0.0 < one && ECHO * best(row) <= one))
    };
    let left = b.keys().enumerate().filter(|(_, layer)| !is_origin(**layer));
    left.filter(|(j, _)| is_echo(*j)).count() as u64
}

/// The slots that every layer of both models has with one width, and the units all of them have.
fn common(
    suspect: &Opened,
    reference: &Opened,
    a: &BTreeMap<u32, LayerParts>,
    b: &BTreeMap<u32, LayerParts>,
) -> Option<Common> {
    let all: Vec<(&Opened, &LayerParts)> = a
        .values()
        .map(|layer| (suspect, layer))
        .chain(b.values().map(|layer| (reference, layer)))
        .collect();
    let size = |opened: &Opened, layer: &LayerParts, slot: &Slot| {
        layer.get(slot).map(|&part| extents(opened.tensor(part), side(slot)))
    };
    let filled = |layers: &BTreeMap<u32, LayerParts>, slot: &Slot| {
        layers.values().filter_map(|layer| layer.get(slot).copied()).collect()
    };
    let (first, layer) = all.first()?;
    let slots: Vec<CommonSlot> = layer
        .keys()
        .filter_map(|slot| {
            let width = size(first, layer, slot).map(|(_, width)| width)?;
            let same = |(o, l): &(&Opened, &LayerParts)| {
                size(o, l, slot).is_some_and(|(_, other)| other == width)
            };
            let parts = [filled(a, slot), filled(b, slot)];
            let slot = slot.clone();
            let side = side(&slot);
            all.iter().all(same).then_some(CommonSlot { slot, width, side, parts })
        })
        .collect();
    let units = all
        .iter()
        .flat_map(|(o, l)| slots.iter().filter_map(|slot| size(o, l, &slot.slot)))
        .map(|(units, _)| units)
        .min()?;
    (2 <= units).then_some(Common { units, slots })
}

/// The axis of a slot that numbers units.
pub(crate) fn side((_, _, is_rows): &Slot) -> Side {
    if *is_rows { Side::Rows } else { Side::Cols }
}

fn unit_features(opened: &Opened, layer: &LayerParts, grid: &Grid) -> Result<Features, Error> {
    let mut features = Features::new(grid.units.len());
    for (slot, chosen) in &grid.slots {
        let Some(&part) = layer.get(slot) else { continue };
        let values = unit_values(opened.tensor(part), side(slot), &grid.units, chosen)?;
        features.push_centred(&values);
    }
    Ok(features.unit_rows())
}
