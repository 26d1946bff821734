//! What the matrices of an adapter are: the part of the module that they adapt.
//!
//! Only the rank may be renumbered. The rows of `A` begin at random, each like every other, and `B`
//! at zero; training treats all ranks alike; so two adapters that began apart carry their ranks in
//! independent orders, whatever base and data they share. Inputs and outputs are numbered by the
//! base, which two adapters may have in common, so nothing is drawn along them. Where an adapter
//! began in another way (from the base's own singular vectors, say), its ranks have an order, and
//! nothing is renumbered at all.

use jokbo_tensors::{Adapter, Checkpoint, Entry, Start, View};

use crate::assign::{Assignment, assign_entries};
use crate::tally::components;
use crate::{Axis, Expert, Param, Part, PartKey};

/// Why a tensor that an adapter saved whole is not compared.
pub const SAVED_WHOLE: &str =
    "an adapter's copy of a tensor of its base, which another adapter of that base may have too";

/// What the role of `A` ends with.
const DOWN: &str = " lora-a";
/// What the role of `B` ends with.
const UP: &str = " lora-b";

/// Whether `part` is one of the matrices of an adapter.
pub fn is_factor(part: &Part) -> bool {
    is_down(part) || part.key.role.ends_with(UP)
}

/// Whether `part` is the matrix of an adapter that begins at random.
pub fn is_down(part: &Part) -> bool {
    part.key.role.ends_with(DOWN)
}

/// Gives the tensors of an adapter their parts: those of the modules that they adapt.
pub(crate) fn assign_adapter(checkpoint: &Checkpoint, adapter: &Adapter) -> Assignment {
    let entries = &checkpoint.entries;
    // The modules as if they were there, to learn what each is.
    let adapted: Vec<Entry> = adapter
        .factors
        .iter()
        .map(|factors| Entry {
            name: format!("{}.weight", factors.module),
            shape: vec![
                entries[factors.up].shape[0],
                entries[factors.down].elements() / factors.rank,
            ],
            ..entries[factors.up].clone()
        })
        .collect();
    let modules = assign_entries(&adapted, checkpoint.config.as_ref());
    let mut own: Vec<Entry> = entries.clone();
    for entry in &mut own {
        if let Some(name) = entry.name.strip_prefix("base_model.model.") {
            entry.name = name.to_owned();
        }
    }
    let mut parts: Vec<Part> = assign_entries(&own, checkpoint.config.as_ref()).parts;
    for part in &mut parts {
        (part.rows, part.cols) = (Axis::Fixed, Axis::Fixed);
    }
    let random = adapter.config.as_ref().is_some_and(|config| config.start == Start::Random);
    for (k, factors) in adapter.factors.iter().enumerate() {
        let of: Vec<&Part> = modules.parts.iter().filter(|part| part.entry == k).collect();
        let Some(first) = of.first() else { continue };
        let role = match of[..] {
            [one] => one.key.role.clone(),
            // Several parts in one: called by its own name.
            _ => factors.module.rsplit('.').next().unwrap_or_default().to_owned(),
        };
        let key = |end: &str| PartKey {
            role: format!("{role}{end}"),
            param: Param::Weight,
            expert: if of.len() == 1 { first.key.expert } else { Expert::None },
            ..first.key.clone()
        };
        let rank = if random { Axis::Units(format!("rank of {role}")) } else { Axis::Fixed };
        let down = View::of_shape(&entries[factors.down].shape);
        let up = View::of_shape(&entries[factors.up].shape);
        parts.retain(|part| part.entry != factors.down && part.entry != factors.up);
        let inferred = false;
        let matrix = |key, entry, view, rows, cols| Part { key, entry, view, rows, cols, inferred };
        parts.push(matrix(key(DOWN), factors.down, down, rank.clone(), Axis::Fixed));
        parts.push(matrix(key(UP), factors.up, up, Axis::Fixed, rank));
    }
    parts.sort_by(|a, b| a.place().cmp(&b.place()));
    let (components, entry_component) = components(entries, &parts);
    Assignment {
        parts,
        components,
        entry_component,
        family: modules.family,
        notes: adapter.sentences(),
    }
}
