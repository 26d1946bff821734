//! The layers of both models by their hidden units, whatever their numbers and sizes.
//!
//! A dense layer is one block, a mixture one for each expert.

use std::collections::{BTreeMap, BTreeSet};

use jokbo_components::{Axis, ComponentName, ComponentPairing, Expert, Param};
use jokbo_statistics::matrix::Matrix;

use crate::exhibit::Scene;
use crate::layer_map::{self, Experts, LayerParts, Slot, side};
use crate::renumbering::{Side, extents, unit_values};
use crate::{Error, Opened};

/// Most hidden units of a layer that are looked at, over all its experts.
pub(crate) const MOST_UNITS: u64 = 16_384;

/// One layer.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    /// Its number.
    pub(super) number: u32,
    /// A dense network, or the experts.
    pub(super) blocks: Vec<Block>,
}

/// The matrices between one group of hidden units and the residual stream.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// Its layer's number.
    pub(super) layer: u32,
    /// Whose hidden units they are.
    pub(super) expert: Expert,
    /// Parts by slot, the slots of [`Network::slots`].
    parts: BTreeMap<Slot, usize>,
    /// The norm whose weights scale what the layer reads.
    norm: Option<usize>,
    /// Hidden units that are looked at: the first of it, all where the layer has at most
    /// [`MOST_UNITS`]. What is chosen must be the same however these are renumbered.
    pub(super) units: u64,
}

/// Two networks that answer to each other, layer by layer.
#[derive(Debug, Clone)]
pub(super) struct Network {
    /// Its name in the suspect; empty when the component is one network.
    pub(super) stack: String,
    /// The component.
    pub(super) component: ComponentName,
    /// Roles and sides that every layer of both has.
    pub(super) slots: Vec<Slot>,
    /// Layers of the suspect.
    pub(super) suspect: Vec<Layer>,
    /// Layers of the reference.
    pub(super) reference: Vec<Layer>,
    /// Width of the residual stream in suspect and reference.
    pub(super) width: (u64, u64),
    /// No name told the axes.
    pub(super) inferred: bool,
    /// Sinusoidal positions give the coordinates of the residual stream a meaning.
    pub(super) marked: bool,
}

impl Network {
    /// Parts of the suspect that the rungs read.
    pub(super) fn parts_of_suspect(&self) -> BTreeSet<usize> {
        let blocks = self.suspect.iter().flat_map(|layer| &layer.blocks);
        blocks.flat_map(|block| block.parts.values().copied()).collect()
    }

    /// Whether units of a slot may have their sign turned, together with those of the others of
    /// which this holds: in a gated layer, all but the gate.
    pub(super) fn is_signed(&self, slot: &Slot) -> bool {
        self.slots.iter().any(is_gate) && !is_gate(slot)
    }

    /// Whether a slot reads the residual stream (and may have a norm before it).
    pub(super) fn reads(slot: &Slot) -> bool {
        side(slot) == Side::Rows
    }
}

impl Block {
    /// What it is called in a report.
    pub(super) fn name(&self) -> String {
        match self.expert {
            Expert::None => format!("layer {}", self.layer),
            Expert::Routed(number) => format!("layer {} expert {number}", self.layer),
            Expert::Shared => format!("layer {} shared expert", self.layer),
        }
    }

    /// The chosen coordinates of the chosen units in one slot, shape `[units, coordinates]`.
    pub(super) fn read(
        &self,
        opened: &Opened,
        slot: &Slot,
        units: &[u64],
        coordinates: &[u64],
    ) -> Result<Matrix, Error> {
        let Some(&part) = self.parts.get(slot) else { return Ok(Matrix::default()) };
        let values = unit_values(opened.tensor(part), side(slot), units, coordinates)?;
        Ok(Matrix::new(units.len(), coordinates.len(), values).unwrap_or_default())
    }

    /// The weights of the norm before the layer, one a coordinate; `None` without one.
    pub(super) fn gains(&self, opened: &Opened) -> Result<Option<Vec<f32>>, Error> {
        let Some(norm) = self.norm else { return Ok(None) };
        let all: Vec<u64> = (0..opened.tensor(norm).view().rows).collect();
        let added = if adds_one(opened) { 1.0 } else { 0.0 };
        let gains = opened.tensor(norm).gather(&all, &[0])?;
        Ok(Some(gains.into_iter().map(|x| x + added).collect()))
    }
}

fn is_gate(slot: &Slot) -> bool {
    slot.0.ends_with("gate")
}

/// Whether the family's norms multiply by one plus their weight. (GGUF stores the sum; reading it
/// takes the 1 off again.)
pub(crate) fn adds_one(opened: &Opened) -> bool {
    let config = opened.checkpoint.config.as_ref();
    let text = |c: &serde_json::Value| {
        let nested = c.get("text_config").and_then(|t| t.get("model_type"));
        nested.or_else(|| c.get("model_type")).and_then(|m| m.as_str()).map(str::to_owned)
    };
    let model_type = config.and_then(text).unwrap_or_default();
    let is_gemma = model_type.starts_with("gemma") && !model_type.starts_with("gemma3n");
    let stored = opened.assignment.parts.iter().any(|part| part.view.added == 1);
    stored || is_gemma || model_type.starts_with("qwen3_next")
}

/// The networks of a component that both models have with hidden units on a residual stream; the
/// one of most layers first.
pub(super) fn networks(scene: Scene<'_>, pairing: &ComponentPairing) -> Vec<Network> {
    let component = &pairing.component;
    let mine = layer_map::experts(scene.suspect, component);
    let theirs = layer_map::experts(scene.reference, component);
    let mut found: Vec<Network> = Vec::new();
    for (stack, a) in &mine {
        let alone = (theirs.len() == 1).then(|| theirs.iter().next()).flatten();
        let Some((other, b)) = theirs.get_key_value(stack).or(alone) else { continue };
        let sides = [(scene.suspect, stack, a), (scene.reference, other, b)];
        found.extend(network(component, stack, sides));
    }
    found.sort_by_key(|network| std::cmp::Reverse(network.suspect.len()));
    found
}

type Layers<'a> = (&'a Opened, &'a String, &'a BTreeMap<u32, Experts>);

fn network(component: &ComponentName, stack: &str, sides: [Layers<'_>; 2]) -> Option<Network> {
    let slots = slots(sides)?;
    let [suspect, reference] = sides.map(|side| layers(component, side, &slots));
    let blocks = suspect.iter().flat_map(|layer| &layer.blocks);
    let part = |part: &usize| &sides[0].0.assignment.parts[*part];
    let is_marked = |p: &usize| [&part(p).rows, &part(p).cols].contains(&&Axis::Marked);
    let all: Vec<&usize> = blocks.flat_map(|block| block.parts.values()).collect();
    Some(Network {
        stack: stack.to_owned(),
        component: component.clone(),
        width: (width(sides[0].0, &suspect)?, width(sides[1].0, &reference)?),
        inferred: all.iter().all(|p| part(p).inferred),
        marked: all.iter().any(|p| is_marked(p)),
        slots,
        suspect,
        reference,
    })
}

/// The roles and sides of weights on the residual stream that every group of hidden units of both
/// models has.
fn slots(sides: [Layers<'_>; 2]) -> Option<Vec<Slot>> {
    let wanted = |opened: &Opened, slot: &Slot, part: usize| {
        let part = &opened.assignment.parts[part];
        let across = if side(slot) == Side::Rows { &part.cols } else { &part.rows };
        slot.1 == Param::Weight && matches!(across, Axis::Residual | Axis::Marked)
    };
    let all: Vec<(&Opened, &LayerParts)> = sides
        .iter()
        .flat_map(|(opened, _, layers)| {
            layers.values().flat_map(BTreeMap::values).map(|parts| (*opened, parts))
        })
        .collect();
    let (first, parts) = all.first()?;
    let usable = parts.iter().filter(|(slot, part)| wanted(first, slot, **part));
    let mut slots: Vec<Slot> = usable
        .map(|(slot, _)| slot.clone())
        .filter(|slot| all.iter().all(|(o, l)| l.get(slot).is_some_and(|&p| wanted(o, slot, p))))
        .collect();
    // The gate first: it is what may not change its sign.
    slots.sort_by_key(|slot| !is_gate(slot));
    (!slots.is_empty()).then_some(slots)
}

fn layers(
    component: &ComponentName,
    (opened, stack, layers): Layers<'_>,
    slots: &[Slot],
) -> Vec<Layer> {
    let layer = |(&number, experts): (&u32, &Experts)| {
        let norm = norm(opened, component, stack, number);
        let most = (MOST_UNITS / experts.len() as u64).max(2);
        let block = |(&expert, all): (&Expert, &LayerParts)| {
            let parts: BTreeMap<Slot, usize> = all
                .iter()
                .filter(|(slot, _)| slots.contains(slot))
                .map(|(slot, part)| (slot.clone(), *part))
                .collect();
            let units = parts.iter().map(|(s, &p)| extents(opened.tensor(p), side(s)).0).min()?;
            Some(Block { layer: number, expert, units: units.min(most), norm, parts })
        };
        Layer { number, blocks: experts.iter().filter_map(block).collect() }
    };
    layers.iter().map(layer).filter(|layer| !layer.blocks.is_empty()).collect()
}

/// The width of the residual stream, if it is the same everywhere.
fn width(opened: &Opened, layers: &[Layer]) -> Option<u64> {
    let all = layers.iter().flat_map(|layer| &layer.blocks).flat_map(|block| &block.parts);
    let mut widths = all.map(|(slot, &part)| extents(opened.tensor(part), side(slot)).1);
    let first = widths.next()?;
    widths.all(|width| width == first).then_some(first)
}

fn norm(opened: &Opened, component: &ComponentName, stack: &str, layer: u32) -> Option<usize> {
    opened.assignment.parts.iter().position(|part| {
        let key = &part.key;
        (&key.component, key.stack.as_str(), key.layer) == (component, stack, Some(layer))
            && key.role == "norm-mlp"
            && key.param == Param::Weight
    })
}
