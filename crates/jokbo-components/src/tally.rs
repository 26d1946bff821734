//! Components summed up from their parts.

use std::collections::{BTreeMap, BTreeSet};

use jokbo_tensors::Entry;

use crate::{Component, ComponentKind, ComponentName, Part};

/// The components of `parts` in the order of their names, and the component of every entry.
/// Every entry has at least one part, and all its parts belong to one component.
pub(crate) fn components(
    entries: &[Entry],
    parts: &[Part],
) -> (Vec<Component>, Vec<ComponentName>) {
    let mut of_entry: Vec<Option<&ComponentName>> = vec![None; entries.len()];
    let mut sums: BTreeMap<&ComponentName, Sum<'_>> = BTreeMap::new();
    for part in parts {
        let sum = sums.entry(&part.key.component).or_default();
        sum.inferred |= part.inferred;
        sum.layers.extend(part.key.layer.map(|layer| (part.key.stack.as_str(), layer)));
        let entry = &entries[part.entry];
        if of_entry[part.entry].replace(&part.key.component).is_none() {
            sum.parameters = sum.parameters.saturating_add(entry.elements());
            sum.prefix = Some(match sum.prefix {
                None => entry.name.rfind('.').map_or("", |dot| &entry.name[..=dot]),
                Some(prefix) => shared(prefix, &entry.name),
            });
        }
    }
    let components = sums
        .iter()
        .map(|(&name, sum)| Component {
            name: name.clone(),
            parameters: sum.parameters,
            layers: sum.layers.len() as u64,
            prefix: sum.prefix.unwrap_or_default().to_owned(),
            inferred: sum.inferred,
        })
        .collect();
    let of_entry = of_entry.into_iter();
    let of_entry = of_entry
        .map(|name| name.cloned().unwrap_or_else(|| ComponentKind::Other("root".to_owned()).into()))
        .collect();
    (components, of_entry)
}

#[derive(Default)]
struct Sum<'a> {
    parameters: u64,
    layers: BTreeSet<(&'a str, u32)>,
    prefix: Option<&'a str>,
    inferred: bool,
}

/// What remains of `prefix`, whole segments each with its dot, when `name` must start with it.
fn shared<'a>(prefix: &'a str, name: &str) -> &'a str {
    let mut end = 0;
    for segment in prefix.split_inclusive('.') {
        if !name[end..].starts_with(segment) {
            break;
        }
        end += segment.len();
    }
    &prefix[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_shrinks_by_whole_segments() {
        for (prefix, name, want) in [
            ("model.layers.1.", "model.layers.10.x", "model.layers."),
            ("model.", "model.x", "model."),
            ("model.", "modelx", ""),
            ("", "x", ""),
            ("층.a.", "층.b", "층."),
        ] {
            assert_eq!(shared(prefix, name), want);
        }
    }
}
