//! Which part of the suspect answers to which part of the reference.

use std::collections::{BTreeMap, BTreeSet};

use jokbo_tensors::Entry;

use crate::assign::Assignment;
use crate::library::library;
use crate::unknowns::pair_unknowns;
use crate::{Axis, ComponentName, Part, PartKey};

/// Two parts that answer to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// Index into the suspect's parts.
    pub suspect: usize,
    /// Index into the reference's parts.
    pub reference: usize,
    /// On what ground.
    pub by: PairedBy,
}

/// On what ground two parts answer to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PairedBy {
    /// Both have the same component, layer, expert and role.
    Role,
    /// No pattern knows them, and they are called alike.
    Name,
    /// No name said what one of them is; what they hold did.
    Content,
    /// No pattern knows them; they have the same shape and the same place among those that do.
    Shape,
    /// No name says what the reference's is, and nothing was found by content: of those of the same
    /// size, it is the nearest. It says nothing, and lets tests speak that hold for any pairing.
    Nearest,
}

/// A part of the suspect that nothing in the reference answers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpaired {
    /// Index into the suspect's parts.
    pub suspect: usize,
    /// Why, as a sentence without a final period.
    pub why: String,
}

/// One component of the suspect against the reference. Each of its parts is in one of the lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentPairing {
    /// The suspect's component.
    pub component: ComponentName,
    /// Its parts that are answered, in their order.
    pub pairs: Vec<Pair>,
    /// Its parts that are not, in their order.
    pub unpaired: Vec<Unpaired>,
}

/// Lines up the parts of two checkpoints, for every component of the suspect.
///
/// Known parts answer to each other by component, layer, expert and role, never by name alone.
/// Of several networks of a kind, each answers to the one in the reference that shares most parts
/// with it ([`Assignment::answering_to`], which need not be called before). Sizes must agree, except along hidden units (a pruned or widened model) and
/// along the tokens, classes or positions of a table; there the common leading rows can be
/// compared. Parts no pattern knows answer only to one another: by name, then by stored shape.
/// No part is used twice.
pub fn pair(
    suspect: &Assignment,
    reference: &Assignment,
    suspect_entries: &[Entry],
    reference_entries: &[Entry],
) -> Vec<ComponentPairing> {
    pair_with(suspect, reference, suspect_entries, reference_entries, &[])
}

/// [`pair`], with the pairs in `found` before anything else.
pub fn pair_with(
    suspect: &Assignment,
    reference: &Assignment,
    suspect_entries: &[Entry],
    reference_entries: &[Entry],
    found: &[Pair],
) -> Vec<ComponentPairing> {
    let reference = &reference.answering_to(suspect);
    let by_key = by_key(&reference.parts);
    let mut answer: Vec<Option<(usize, PairedBy)>> = vec![None; suspect.parts.len()];
    let mut used = vec![false; reference.parts.len()];
    for pair in found {
        answer[pair.suspect] = Some((pair.reference, pair.by));
        used[pair.reference] = true;
    }
    // Parts with one and the same key are lined up in their order.
    let mut seen: BTreeMap<&PartKey, usize> = BTreeMap::new();
    for (index, part) in suspect.parts.iter().enumerate() {
        let nth = seen.entry(&part.key).or_default();
        let theirs = by_key.get(&part.key).and_then(|parts| parts.get(*nth));
        *nth += 1;
        let Some(&other) = theirs else { continue };
        let fits =
            part.inferred == reference.parts[other].inferred && fits(part, &reference.parts[other]);
        let is_other = part.inferred && part.key.component.is_other();
        if fits && !is_other && answer[index].is_none() && !used[other] {
            let by = if part.inferred { PairedBy::Name } else { PairedBy::Role };
            answer[index] = Some((other, by));
            used[other] = true;
        }
    }
    pair_unknowns(
        (&suspect.parts, suspect_entries),
        (&reference.parts, reference_entries),
        &mut answer,
        &mut used,
    );

    let depths = Depths::new(&reference.parts);
    let why = |part: &Part| {
        if part.inferred {
            return "the reference has no tensor of that name or shape left to pair with"
                .to_owned();
        }
        match by_key.get(&part.key).and_then(|parts| parts.first()) {
            Some(&other) if !fits(part, &reference.parts[other]) => format!(
                "shape {} here, {} in the reference",
                shape(part),
                shape(&reference.parts[other])
            ),
            Some(_) => "the reference has fewer such parts".to_owned(),
            None => depths.nothing_like(&part.key),
        }
    };
    let mut pairings: BTreeMap<&ComponentName, ComponentPairing> = BTreeMap::new();
    for (index, part) in suspect.parts.iter().enumerate() {
        let component = &part.key.component;
        let pairing = pairings.entry(component).or_insert_with(|| ComponentPairing {
            component: component.clone(),
            pairs: Vec::new(),
            unpaired: Vec::new(),
        });
        match answer[index] {
            Some((reference, by)) => pairing.pairs.push(Pair { suspect: index, reference, by }),
            None => pairing.unpaired.push(Unpaired { suspect: index, why: why(part) }),
        }
    }
    pairings.into_values().collect()
}

/// The parts under every key, in their order.
pub(crate) fn by_key(parts: &[Part]) -> BTreeMap<PartKey, Vec<usize>> {
    let mut by_key: BTreeMap<PartKey, Vec<usize>> = BTreeMap::new();
    for (index, part) in parts.iter().enumerate() {
        by_key.entry(part.key.clone()).or_default().push(index);
    }
    by_key
}

/// Whether the sizes of two parts of one key agree where they must.
pub(crate) fn fits(a: &Part, b: &Part) -> bool {
    let is_units = |axis: &Axis| matches!(axis, Axis::Units(_));
    let is_resizable = library().roles.get(&a.key.role).is_some_and(|role| role.resizable);
    let rows = a.view.rows == b.view.rows || is_units(&a.rows) || (is_resizable && !a.inferred);
    let cols = a.view.cols == b.view.cols || is_units(&a.cols);
    rows && cols
}

fn shape(part: &Part) -> String {
    match part.view.cols {
        1 => format!("[{}]", part.view.rows),
        cols => format!("[{}, {cols}]", part.view.rows),
    }
}

/// How deep the networks of the reference are, to say what it lacks.
struct Depths<'a> {
    components: BTreeSet<&'a ComponentName>,
    layers: BTreeMap<(&'a ComponentName, &'a str), BTreeSet<u32>>,
}

impl<'a> Depths<'a> {
    fn new(parts: &'a [Part]) -> Self {
        let mut depths = Self { components: BTreeSet::new(), layers: BTreeMap::new() };
        for part in parts {
            let key = &part.key;
            depths.components.insert(&key.component);
            if let Some(layer) = key.layer {
                let layers = depths.layers.entry((&key.component, key.stack.as_str())).or_default();
                layers.insert(layer);
            }
        }
        depths
    }

    fn nothing_like(&self, key: &PartKey) -> String {
        let has_kind = |component: &&ComponentName| component.kind == key.component.kind;
        if !self.components.contains(&key.component) && self.components.iter().any(has_kind) {
            let kind = &key.component.kind;
            return format!("no {kind} of the reference is left to answer to this one");
        }
        if !self.components.contains(&key.component) {
            return format!("the reference has no {}", key.component);
        }
        let layers = self.layers.get(&(&key.component, key.stack.as_str()));
        match (key.layer, layers) {
            (Some(layer), Some(layers)) if !layers.contains(&layer) => match layers.len() {
                1 => "the reference has 1 layer".to_owned(),
                n => format!("the reference has {n} layers"),
            },
            _ => "the reference has no such part".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
