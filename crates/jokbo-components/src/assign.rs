//! Every tensor of a checkpoint to its component, layer, expert and role.

use std::collections::{BTreeMap, BTreeSet};

use jokbo_tensors::{Checkpoint, Entry};
use serde_json::Value;

use crate::adapter::assign_adapter;
use crate::around::Around;
use crate::choose::{Choice, choose};
use crate::infer::{Unknown, infer};
use crate::layout::{left_interleaved, pieces};
use crate::library::{Library, library};
use crate::name::Name;
use crate::tally::components;
use crate::{Axis, Component, ComponentName, Param, Part, PartKey};

/// What the tensors of one checkpoint are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Every part, sorted by key, then by its entry's place.
    pub parts: Vec<Part>,
    /// The components in the order of their names. Each entry is counted once.
    pub components: Vec<Component>,
    /// The component of every entry, by index: nothing is left out.
    pub entry_component: Vec<ComponentName>,
    /// The family whose patterns matched most tensors; for display, nothing follows from it.
    pub family: Option<String>,
    /// What a reader must know about how tensors were read, one sentence each.
    pub notes: Vec<String>,
}

/// Gives every tensor of `checkpoint` its part or parts.
///
/// Names are looked up in the patterns under `data/`; a name that no pattern knows is placed by
/// its path and shape and marked as inferred. The parts of one entry cover each of its elements
/// once. Time grows with the number of tensors times the logarithm of it.
///
/// ```no_run
/// # fn example(checkpoint: &jokbo_tensors::Checkpoint) {
/// let assignment = jokbo_components::assign(checkpoint);
/// for component in &assignment.components {
///     println!("{}: {} parameters", component.name, component.parameters);
/// }
/// # }
/// ```
pub fn assign(checkpoint: &Checkpoint) -> Assignment {
    match &checkpoint.adapter {
        Some(adapter) => assign_adapter(checkpoint, adapter),
        None => {
            let config = checkpoint.config.as_ref();
            assign_entries(&checkpoint.entries, config).in_folders(checkpoint)
        }
    }
}

/// [`assign()`] for what it needs of a checkpoint.
pub(crate) fn assign_entries(entries: &[Entry], config: Option<&Value>) -> Assignment {
    let library = library();
    let names: Vec<Name<'_>> = entries.iter().map(|entry| Name::new(&entry.name)).collect();
    let model = config.and_then(|config| config.get("model_type")?.as_str());
    let choices = choose(library, &names, model);
    let around = Around::new(entries, &choices, config);

    let mut known: Vec<(Part, &str)> = Vec::with_capacity(entries.len());
    let mut left_whole: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut interleaved: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, (entry, name)) in entries.iter().zip(&names).enumerate() {
        let Some(choice) = &choices[index] else { continue };
        let (component, stack) = belongs_to(library, choice, name);
        let (pieces, why) = pieces(entry, choice, &around);
        if let Some(why) = why {
            left_whole.entry(why).or_default().push(index);
        }
        if let Some(why) = left_interleaved(entry, choice, &around) {
            interleaved.entry(why).or_default().push(index);
        }
        for piece in pieces {
            let key = PartKey {
                component: component.clone(),
                stack: stack.clone(),
                layer: choice.hit.layer,
                expert: piece.expert,
                role: piece.role.to_owned(),
                param: choice.rule.param.unwrap_or(choice.hit.param),
            };
            let (rows, cols) = axes(library, choice, &key, entry);
            let part = Part { key, entry: index, view: piece.view, rows, cols, inferred: false };
            known.push((part, choice.tower));
        }
    }
    tell_towers_apart(&mut known);

    let mut parts: Vec<Part> = known.into_iter().map(|(part, _)| part).collect();
    let unknown = Unknown::new(library, &names, &choices, &parts);
    parts.extend(infer(entries, &names, &unknown));
    parts.sort_by(|a, b| a.place().cmp(&b.place()));

    let (components, entry_component) = components(entries, &parts);
    Assignment {
        parts,
        components,
        entry_component,
        family: most_matched(library, &choices),
        notes: left_whole
            .into_iter()
            .map(|(why, indices)| note(&entries[indices[0]].name, indices.len(), why))
            .chain(interleaved.into_iter().map(|(why, indices)| {
                let first = &entries[indices[0]].name;
                let more = indices.len() - 1;
                format!("{first} and {more} more keep the order of rows that a converter gave them: {why}")
            }))
            .collect(),
    }
}

/// Component and stack of a tensor whose rule is known. A role that names a component goes
/// there, unless the prefix claims everything below it; then the prefix; then the family.
fn belongs_to(library: &Library, choice: &Choice<'_>, name: &Name<'_>) -> (ComponentName, String) {
    let family = &library.families[choice.family];
    // The literal segments of a pattern may hold the word too, as in `talker.codec_head`.
    let upto = name.segments.len().saturating_sub(1);
    let before = &name.segments[..choice.hit.prefix.min(upto)];
    let said = library.prefixes.of(before, Some(&family.component)).map(|(prefix, _)| prefix);
    let own = library.roles.get(&choice.rule.roles[0]).and_then(|role| role.component.clone());
    let (mut component, stack) = match (own, said) {
        (_, Some(prefix)) if prefix.whole => (prefix.component, prefix.stack),
        (Some(own), Some(prefix)) if own.kind == prefix.component.kind => {
            (prefix.component, String::new())
        }
        (Some(own), _) => (own, String::new()),
        (None, Some(prefix)) => (prefix.component, prefix.stack),
        (None, None) => (family.component.clone(), String::new()),
    };
    if !choice.rule.network.is_empty() {
        component.network.clone_from(&choice.rule.network);
    }
    let stack = if choice.rule.stack.is_empty() { stack } else { choice.rule.stack.clone() };
    (component, stack)
}

/// What the rows and columns of a part number.
fn axes(library: &Library, choice: &Choice<'_>, key: &PartKey, entry: &Entry) -> (Axis, Axis) {
    let Some(role) = library.roles.get(&key.role) else { return (Axis::Fixed, Axis::Fixed) };
    let in_family = |axis: &Axis| match axis {
        Axis::Residual if library.families[choice.family].fixed_residual => Axis::Marked,
        axis => axis.clone(),
    };
    let is_vector = key.param == Param::Bias || entry.shape.len() < 2;
    let cols = if is_vector { Axis::Fixed } else { in_family(&role.cols) };
    (in_family(&role.rows), cols)
}

/// Where two networks of one component would give their parts the same keys, the prefix of each
/// becomes its network; of a table, head or projector, which may stand beside a network, its stack.
fn tell_towers_apart(parts: &mut [(Part, &str)]) {
    let mut owner: BTreeMap<&PartKey, &str> = BTreeMap::new();
    let mut clashes: BTreeSet<(ComponentName, String)> = BTreeSet::new();
    for (part, tower) in parts.iter() {
        if *owner.entry(&part.key).or_insert(tower) != *tower {
            clashes.insert((part.key.component.clone(), part.key.stack.clone()));
        }
    }
    if clashes.is_empty() {
        return;
    }
    for (part, tower) in parts {
        let key = &mut part.key;
        if clashes.contains(&(key.component.clone(), key.stack.clone())) {
            if key.component.kind.is_network() {
                key.component.network = format!("{}{tower}", key.component.network);
                continue;
            }
            let dot = if key.stack.is_empty() || tower.is_empty() { "" } else { "." };
            key.stack = format!("{tower}{dot}{}", key.stack);
        }
    }
}

fn most_matched(library: &Library, choices: &[Option<Choice<'_>>]) -> Option<String> {
    let mut counts = vec![0_usize; library.families.len()];
    for choice in choices.iter().flatten() {
        counts[choice.family] += 1;
    }
    let most = counts.iter().copied().max().filter(|&most| 0 < most)?;
    let family = counts.iter().position(|&count| count == most)?;
    Some(library.families[family].name.clone())
}

fn note(first: &str, n: usize, why: &str) -> String {
    match n {
        1 => format!("{first} holds several parts and was left whole: {why}"),
        _ => {
            format!("{first} and {} more hold several parts each and were left whole: {why}", n - 1)
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
