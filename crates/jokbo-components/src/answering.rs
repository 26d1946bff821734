//! Which network of the reference answers to which of the suspect, when a kind has several.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::assign::Assignment;
use crate::pairing::{by_key, fits};
use crate::{ComponentKind, ComponentName, Part, PartKey};

/// More networks than any model has of one kind. Beyond it only equal names answer, so that
/// hostile names cannot make the comparison quadratic.
const MAX_NETWORKS: usize = 16;

/// A network of a component: its name and stack.
type Tower<'a> = (&'a ComponentName, &'a str);

impl Assignment {
    /// The parts of this checkpoint, each network called as the one of `suspect` that it answers
    /// to, so that equal keys answer to each other. A network that answers to none keeps its name,
    /// or gives it up where another one answers to that name. Parts keep their order and place;
    /// the list of components is left as it was. Done twice it changes nothing more. Borrowed where every network
    /// keeps its name.
    ///
    /// Networks answer to each other within a kind: first those that have most parts in common,
    /// ties to equal names, then in the order of names. None answers twice. So the encoder of a
    /// checkpoint that holds nothing else answers to the right one of an omni-modal model's two.
    #[must_use]
    pub fn answering_to(&self, suspect: &Assignment) -> Cow<'_, Self> {
        let theirs = matched(suspect, self);
        let taken: BTreeSet<Tower<'_>> = theirs.values().copied().collect();
        let mut renamed = Cow::Borrowed(self);
        for (k, part) in self.parts.iter().enumerate() {
            let (own, stack) = (&part.key.component, part.key.stack.as_str());
            let (component, stack) = match theirs.get(&(own, stack)) {
                Some(&other) if other == (own, stack) => continue,
                Some(&(component, stack)) => (component.clone(), stack),
                None if taken.contains(&(own, stack)) => {
                    let network = format!("{} of the reference", own.network);
                    (ComponentName { network, ..own.clone() }, stack)
                }
                None => continue,
            };
            let key = &mut renamed.to_mut().parts[k].key;
            (key.component, key.stack) = (component, stack.to_owned());
        }
        renamed
    }
}

/// For every network of `reference` that answers to one of `suspect`, the latter.
fn matched<'a>(
    suspect: &'a Assignment,
    reference: &'a Assignment,
) -> BTreeMap<Tower<'a>, Tower<'a>> {
    let (ours, theirs) = (towers(suspect), towers(reference));
    let mut matched = BTreeMap::new();
    let mut to_score = BTreeSet::new();
    for (&kind, mine) in &ours {
        let Some(candidates) = theirs.get(kind) else { continue };
        if mine.len() == 1 && candidates.len() == 1 {
            matched.extend(candidates.iter().copied().zip(mine.iter().copied()));
        } else if MAX_NETWORKS < mine.len().max(candidates.len()) {
            matched.extend(mine.intersection(candidates).map(|&same| (same, same)));
        } else {
            to_score.insert(kind);
        }
    }
    let by_key = if to_score.is_empty() { BTreeMap::new() } else { by_key(&reference.parts) };
    let mut scores: BTreeMap<(Tower<'_>, Tower<'_>), u64> = BTreeMap::new();
    // A key that occurs twice counts once, so that no network can have more in common with
    // another than with itself.
    let mut counted = BTreeSet::new();
    let scored = |part: &&Part| to_score.contains(&part.key.component.kind);
    for part in suspect.parts.iter().filter(scored).filter(|part| counted.insert(&part.key)) {
        let our = (&part.key.component, part.key.stack.as_str());
        for &their in &theirs[&part.key.component.kind] {
            let (component, stack) = (their.0.clone(), their.1.to_owned());
            let key = PartKey { component, stack, ..part.key.clone() };
            let other = by_key.get(&key).and_then(|parts| parts.first());
            let fit = other.is_some_and(|&other| fits(part, &reference.parts[other]));
            *scores.entry((our, their)).or_default() += u64::from(fit);
        }
    }
    let mut ranked: Vec<_> = scores.into_iter().collect();
    ranked.sort_by_key(|&((our, their), score)| (Reverse(score), our != their, our, their));
    let mut answered = BTreeSet::new();
    for ((our, their), _) in ranked {
        if !answered.contains(&our) && !matched.contains_key(&their) {
            answered.insert(our);
            matched.insert(their, our);
        }
    }
    matched
}

/// The networks of every kind.
fn towers(assignment: &Assignment) -> BTreeMap<&ComponentKind, BTreeSet<Tower<'_>>> {
    let mut towers: BTreeMap<&ComponentKind, BTreeSet<Tower<'_>>> = BTreeMap::new();
    for part in &assignment.parts {
        let tower = (&part.key.component, part.key.stack.as_str());
        towers.entry(&part.key.component.kind).or_default().insert(tower);
    }
    towers
}
