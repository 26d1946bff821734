//! Parts no pattern knows: by name, then by shape.

use std::collections::{BTreeMap, VecDeque};

use jokbo_tensors::Entry;

use crate::evidence::stem;
use crate::pairing::{PairedBy, fits};
use crate::{ComponentName, Part, natural};

/// Lines up what is left of the unknown parts. First those of one name; then, for every stored
/// shape of two or more axes, the first left over with the first, the second with the second, in
/// the order in which a person counts; last the vectors beside the matrices that were so paired. All unknown components are one pool; a known component into which a prefix
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

    let is_matrix = |part: &Part, entries: &[Entry]| 2 <= entries[part.entry].shape.len();
    let mut by_shape: BTreeMap<_, VecDeque<usize>> = BTreeMap::new();
    for index in in_order(theirs, their_entries, |index| !used[index]) {
        let part = &theirs[index];
        let shape = their_entries[part.entry].shape.as_slice();
        by_shape.entry((pool(part), shape)).or_default().push_back(index);
    }
    // Where the matrix of a path went, its vectors of the same length go too: one length alone
    // says too little about a vector.
    let mut path_of: BTreeMap<&str, &str> = BTreeMap::new();
    let order = in_order(ours, our_entries, |index| answer[index].is_none());
    let (matrices, vectors): (Vec<usize>, Vec<usize>) =
        order.into_iter().partition(|&index| is_matrix(&ours[index], our_entries));
    for index in matrices {
        let (part, entry) = (&ours[index], &our_entries[ours[index].entry]);
        let same = by_shape.get_mut(&(pool(part), entry.shape.as_slice()));
        if let Some(other) = same.and_then(VecDeque::pop_front) {
            answer[index] = Some((other, PairedBy::Shape));
            used[other] = true;
            path_of.insert(stem(&entry.name), stem(&their_entries[theirs[other].entry].name));
        }
    }
    for index in vectors {
        let (part, entry) = (&ours[index], &our_entries[ours[index].entry]);
        let Some(path) = path_of.get(stem(&entry.name)) else { continue };
        let same = by_shape.get_mut(&(pool(part), entry.shape.as_slice()));
        let is_beside = |&other: &usize| stem(&their_entries[theirs[other].entry].name) == *path;
        let first = same.and_then(|same| same.remove(same.iter().position(is_beside)?));
        if let Some(other) = first {
            answer[index] = Some((other, PairedBy::Shape));
            used[other] = true;
        }
    }
}

/// `None` for all components that no pattern knows.
fn pool(part: &Part) -> Option<&ComponentName> {
    let component = &part.key.component;
    (!component.is_other()).then_some(component)
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
