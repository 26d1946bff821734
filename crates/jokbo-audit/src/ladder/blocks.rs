//! The layers of both models by their hidden units, whatever their numbers and sizes.

use std::collections::{BTreeMap, BTreeSet};

use jokbo_components::{Axis, ComponentName, ComponentPairing, Param};
use jokbo_statistics::matrix::Matrix;

use crate::exhibit::Scene;
use crate::layer_map::{self, LayerParts, Slot, side};
use crate::renumbering::{Side, extents, unit_values};
use crate::{Error, Opened};

/// One layer: its matrices between hidden units and the residual stream.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// Its number.
    pub(super) layer: u32,
    /// Parts by slot, the slots of [`Network::slots`].
    parts: BTreeMap<Slot, usize>,
    /// The norm whose weights scale what the layer reads.
    norm: Option<usize>,
    /// Hidden units.
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
    pub(super) suspect: Vec<Block>,
    /// Layers of the reference.
    pub(super) reference: Vec<Block>,
    /// Width of the residual stream in suspect and reference.
    pub(super) width: (u64, u64),
    /// No name told the axes.
    pub(super) inferred: bool,
}

impl Network {
    /// Parts of the suspect that the rungs read.
    pub(super) fn parts_of_suspect(&self) -> BTreeSet<usize> {
        self.suspect.iter().flat_map(|block| block.parts.values().copied()).collect()
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
pub(super) fn adds_one(opened: &Opened) -> bool {
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
    let mine = layer_map::layers(scene.suspect, component);
    let theirs = layer_map::layers(scene.reference, component);
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

type Layers<'a> = (&'a Opened, &'a String, &'a BTreeMap<u32, LayerParts>);

fn network(component: &ComponentName, stack: &str, sides: [Layers<'_>; 2]) -> Option<Network> {
    let wanted = |opened: &Opened, slot: &Slot, part: usize| {
        let part = &opened.assignment.parts[part];
        let across = if side(slot) == Side::Rows { &part.cols } else { &part.rows };
        slot.1 == Param::Weight && *across == Axis::Residual
    };
    let layers = || sides.iter().flat_map(|(o, _, layers)| layers.values().map(move |l| (*o, l)));
    let (first, layer) = layers().next()?;
    let usable = layer.iter().filter(|(slot, part)| wanted(first, slot, **part));
    let mut slots: Vec<Slot> = usable
        .map(|(slot, _)| slot.clone())
        .filter(|slot| layers().all(|(o, l)| l.get(slot).is_some_and(|&p| wanted(o, slot, p))))
        .collect();
    if slots.is_empty() {
        return None;
    }
    // The gate first: it is what may not change its sign.
    slots.sort_by_key(|slot| !is_gate(slot));
    let blocks = |(opened, stack, layers): &Layers<'_>| -> Vec<Block> {
        let block = |(&layer, all): (&u32, &LayerParts)| {
            let parts: BTreeMap<Slot, usize> = all
                .iter()
                .filter(|(s, _)| slots.contains(s))
                .map(|(s, p)| (s.clone(), *p))
                .collect();
            let units = parts.iter().map(|(s, &p)| extents(opened.tensor(p), side(s)).0).min()?;
            Some(Block { layer, units, norm: norm(opened, component, stack, layer), parts })
        };
        layers.iter().filter_map(block).collect()
    };
    let width = |(opened, _, _): &Layers<'_>, blocks: &[Block]| {
        let all = blocks.iter().flat_map(|block| &block.parts);
        let mut widths = all.map(|(slot, &part)| extents(opened.tensor(part), side(slot)).1);
        let first = widths.next()?;
        widths.all(|width| width == first).then_some(first)
    };
    let (suspect, reference) = (blocks(&sides[0]), blocks(&sides[1]));
    let inferred = |part: &usize| sides[0].0.assignment.parts[*part].inferred;
    Some(Network {
        stack: stack.to_owned(),
        component: component.clone(),
        width: (width(&sides[0], &suspect)?, width(&sides[1], &reference)?),
        inferred: suspect.iter().flat_map(|block| block.parts.values()).all(inferred),
        slots,
        suspect,
        reference,
    })
}

fn norm(opened: &Opened, component: &ComponentName, stack: &str, layer: u32) -> Option<usize> {
    opened.assignment.parts.iter().position(|part| {
        let key = &part.key;
        (&key.component, key.stack.as_str(), key.layer) == (component, stack, Some(layer))
            && key.role == "norm-mlp"
            && key.param == Param::Weight
    })
}
