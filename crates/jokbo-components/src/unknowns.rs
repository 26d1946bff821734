//! Parts no pattern knows: by name, then by shape.

use std::collections::{BTreeMap, VecDeque};

use jokbo_tensors::Entry;

use crate::pairing::{PairedBy, fits};
use crate::{ComponentName, Part, natural};

/// Lines up what is left of the unknown parts. First those of one name; then, for every stored
/// shape, the first left over with the first, the second with the second, in the order in which
/// a person counts. All unknown components are one pool; a known component into which a prefix
/// brought unknown parts is a pool of its own.
pub(crate) fn pair_unknowns(
    (ours, our_entries): (&[Part], &[Entry]),
    (theirs, their_entries): (&[Part], &[Entry]),
    answer: &mut [Option<(usize, PairedBy)>],
    used: &mut [bool],
) {
    let mut by_name: BTreeMap<_, VecDeque<usize>> = BTreeMap::new();
    for index in in_order(theirs, their_entries, |index| !used[index]) {
        let part = &theirs[index];
        let name = their_entries[part.entry].name.as_str();
        by_name.entry((pool(part), name)).or_default().push_back(index);
    }
    for index in in_order(ours, our_entries, |index| answer[index].is_none()) {
        let part = &ours[index];
        let same = by_name.get_mut(&(pool(part), our_entries[part.entry].name.as_str()));
        let first = same.and_then(|same| same.pop_front_if(|other| fits(part, &theirs[*other])));
        if let Some(other) = first {
            answer[index] = Some((other, PairedBy::Name));
            used[other] = true;
        }
    }

    let mut by_shape: BTreeMap<_, VecDeque<usize>> = BTreeMap::new();
    for index in in_order(theirs, their_entries, |index| !used[index]) {
        let part = &theirs[index];
        let shape = their_entries[part.entry].shape.as_slice();
        by_shape.entry((pool(part), shape)).or_default().push_back(index);
    }
    for index in in_order(ours, our_entries, |index| answer[index].is_none()) {
        let part = &ours[index];
        let shape = our_entries[part.entry].shape.as_slice();
        let first = by_shape.get_mut(&(pool(part), shape)).and_then(VecDeque::pop_front);
        if let Some(other) = first {
            answer[index] = Some((other, PairedBy::Shape));
            used[other] = true;
        }
    }
}

/// `None` for all components that no pattern knows.
fn pool(part: &Part) -> Option<&ComponentName> {
    let component = &part.key.component;
    (!matches!(component, ComponentName::Other(_))).then_some(component)
}

/// The unknown parts that are still free, by their tensor's name.
fn in_order(parts: &[Part], entries: &[Entry], is_free: impl Fn(usize) -> bool) -> Vec<usize> {
    let free = |&index: &usize| parts[index].inferred && is_free(index);
    let mut indices: Vec<usize> = (0..parts.len()).filter(free).collect();
    indices.sort_by(|&a, &b| {
        let name = |index: usize| entries[parts[index].entry].name.as_str();
        natural::compare(name(a), name(b)).then(a.cmp(&b))
    });
    indices
}
