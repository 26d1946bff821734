//! Which network of a component answers to which, when a component holds several.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::assign::Assignment;
use crate::pairing::{by_key, fits};
use crate::{ComponentName, Part, PartKey};

/// More networks than any model has in one component. Beyond it only equal names answer, so that
/// hostile names cannot make the comparison quadratic.
const MAX_STACKS: usize = 16;

/// For every component and stack of the suspect, the stack of the reference that answers to it.
#[derive(Debug)]
pub(crate) struct Stacks<'a>(BTreeMap<(&'a ComponentName, &'a str), &'a str>);

impl Stacks<'_> {
    /// `key` as the reference would have it; `None` when no stack answers to its own.
    pub(crate) fn their_key(&self, key: &PartKey) -> Option<PartKey> {
        let stack = self.0.get(&(&key.component, key.stack.as_str()))?;
        Some(PartKey { stack: (*stack).to_owned(), ..key.clone() })
    }
}

/// Gives every stack of the suspect the stack of the reference with which it has most parts in
/// common, the best match first; ties go to the stack of its own name, then to the order of
/// names. No stack answers twice.
pub(crate) fn match_stacks<'a>(suspect: &'a Assignment, reference: &'a Assignment) -> Stacks<'a> {
    let (ours, theirs) = (stacks_of(suspect), stacks_of(reference));
    let mut matched = BTreeMap::new();
    let mut to_score = BTreeSet::new();
    for (&component, stacks) in &ours {
        let Some(candidates) = theirs.get(component) else { continue };
        let single = |stacks: &BTreeSet<&str>| stacks.len() == 1;
        if single(stacks) && single(candidates) {
            let pairs = stacks.iter().zip(candidates);
            matched.extend(pairs.map(|(&our, &their)| ((component, our), their)));
        } else if MAX_STACKS < stacks.len().max(candidates.len()) {
            let same = stacks.intersection(candidates);
            matched.extend(same.map(|&stack| ((component, stack), stack)));
        } else {
            to_score.insert(component);
        }
    }
    let mut scores: BTreeMap<(&ComponentName, &str, &str), u64> = BTreeMap::new();
    let by_key = if to_score.is_empty() { BTreeMap::new() } else { by_key(&reference.parts) };
    // Parts are sorted by key; a key that occurs twice counts once, so that no stack can have
    // more in common with another than with itself.
    let first_of_key = |group: &'a [Part]| group.first();
    let keys = suspect.parts.chunk_by(|a, b| a.key == b.key).filter_map(first_of_key);
    for part in keys.filter(|part| to_score.contains(&part.key.component)) {
        for &stack in &theirs[&part.key.component] {
            let key = PartKey { stack: stack.to_owned(), ..part.key.clone() };
            let other = by_key.get(&key).and_then(|parts| parts.first());
            let fit = other.is_some_and(|&other| fits(part, &reference.parts[other]));
            let at = (&part.key.component, part.key.stack.as_str(), stack);
            *scores.entry(at).or_default() += u64::from(fit);
        }
    }
    let mut ranked: Vec<_> = scores.into_iter().collect();
    ranked.sort_by_key(|&((component, our, their), score)| {
        (Reverse(score), our != their, component, our, their)
    });
    let mut taken = BTreeSet::new();
    for ((component, our, their), _) in ranked {
        if !matched.contains_key(&(component, our)) && taken.insert((component, their)) {
            matched.insert((component, our), their);
        }
    }
    Stacks(matched)
}

fn stacks_of(assignment: &Assignment) -> BTreeMap<&ComponentName, BTreeSet<&str>> {
    let mut stacks: BTreeMap<&ComponentName, BTreeSet<&str>> = BTreeMap::new();
    for part in &assignment.parts {
        stacks.entry(&part.key.component).or_default().insert(part.key.stack.as_str());
    }
    stacks
}
