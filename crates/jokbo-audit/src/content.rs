//! Tensors whose names say nothing, found in the other model by what they hold.
//!
//! The look costs no p-value: candidates are judged by sketches, which are the same however units
//! are numbered (see [`jokbo_statistics::sketch`]), so the tests that follow stay exact. What they leave
//! is looked for once more, along tokens ([`along`]).

mod along;
mod nearest;

use std::collections::{BTreeMap, BTreeSet};

use jokbo_components::{Adoption, Pair, PairedBy, Part, pair_with};
use jokbo_statistics::sketch::{Candidate, FAR, Sketch, Sketching, clear_matches};
use rayon::prelude::*;

use crate::step::step;
use crate::{Error, Opened, Progress};

/// Most candidate pairs of one set of axes. Above, names would have to say something: the sketches
/// of 2,000 tensors on either side are compared in seconds, those of 20,000 in minutes.
const MOST_CANDIDATES: usize = 1 << 22;

/// Both models with every tensor that was found by content in its place.
pub(crate) struct Recognised {
    pub(crate) suspect: Opened,
    pub(crate) reference: Opened,
    /// The parts that were found, or are nearest where none was.
    pub(crate) pairs: Vec<Pair>,
}

/// Looks for every part that no name places among the parts of the other model that nothing
/// answers to. Where none is found, the nearest are paired for the exact tests. `None` when there
/// was nothing to look for. `seed` draws the tokens.
pub(crate) fn recognise(
    suspect: &Opened,
    reference: &Opened,
    seed: u64,
    progress: &dyn Progress,
) -> Result<Option<Recognised>, Error> {
    let (ours, theirs) = free(suspect, reference, &[]);
    let classes = classes(suspect, reference, &ours, &theirs);
    if classes.is_empty() {
        return Ok(None);
    }
    let ours: BTreeSet<usize> = classes.values().flat_map(|(ours, _)| ours).copied().collect();
    let theirs: BTreeSet<usize> =
        classes.values().flat_map(|(_, theirs)| theirs).copied().collect();
    progress.stage("looking for weights by content", bytes_of(suspect, reference, &classes));
    let step = step!("looking for weights by content", model = reference.checkpoint.source);
    let sketches = (sketches(suspect, &ours, progress)?, sketches(reference, &theirs, progress)?);
    let candidates: Vec<Candidate> = classes
        .values()
        .flat_map(|(ours, theirs)| ours.iter().flat_map(|a| theirs.iter().map(move |b| (*a, *b))))
        .flat_map(|(a, b)| candidates((suspect, a), (reference, b), &sketches))
        .collect();
    let first = carried_out((suspect, reference), &[], &clear_matches(&candidates, FAR));
    let (models, pairs) = match &first {
        Some(first) => ((&first.suspect, &first.reference), &first.pairs[..]),
        None => ((suspect, reference), &[][..]),
    };
    drop(step);
    let more = along::found(models, pairs, seed, progress)?;
    let more = carried_out(models, pairs, &more);
    Ok(more.or(first).or_else(|| nearest::paired(suspect, reference, candidates)))
}

/// The parts of either model that [`recognise`] reads, and how many bytes they have.
pub(crate) fn looked_at(suspect: &Opened, reference: &Opened) -> (Vec<usize>, Vec<usize>, u64) {
    let (ours, theirs) = free(suspect, reference, &[]);
    let classes = classes(suspect, reference, &ours, &theirs);
    let bytes = bytes_of(suspect, reference, &classes);
    let (ours, theirs): (Vec<_>, Vec<_>) = classes.into_values().unzip();
    (ours.concat(), theirs.concat(), bytes)
}

/// Bytes that may be spent on [`recognise`] when only a sample is to be read: a hundredth of both
/// models, or what one request costs anyway.
pub(crate) fn most_sampled(suspect: &Opened, reference: &Opened) -> u64 {
    ((suspect.bytes() + reference.bytes()) / 100).max(1 << 20)
}

fn bytes_of(suspect: &Opened, reference: &Opened, classes: &Classes) -> u64 {
    let size = |opened: &Opened, part: usize| {
        let tensor = opened.tensor(part);
        tensor.entry().dtype.covering(tensor.view().elements())
    };
    let ours = classes.values().flat_map(|(ours, _)| ours).map(|&part| size(suspect, part));
    let theirs = classes.values().flat_map(|(_, theirs)| theirs).map(|&part| size(reference, part));
    ours.chain(theirs).sum()
}

/// The parts of either model that nothing answers to but, at most, one of the same shape and place;
/// those in `found` are answered.
fn free(suspect: &Opened, reference: &Opened, found: &[Pair]) -> (Vec<usize>, Vec<usize>) {
    let pairings = pair_with(
        &suspect.assignment,
        &reference.assignment,
        &suspect.checkpoint.entries,
        &reference.checkpoint.entries,
        found,
    );
    let firm = || pairings.iter().flat_map(|p| &p.pairs).filter(|pair| pair.by != PairedBy::Shape);
    let ours: BTreeSet<usize> = firm().map(|pair| pair.suspect).collect();
    let theirs: BTreeSet<usize> = firm().map(|pair| pair.reference).collect();
    let left = |opened: &Opened, taken: &BTreeSet<usize>| -> Vec<usize> {
        let float = |part: &usize| opened.tensor(*part).entry().dtype.is_float();
        let all = 0..opened.assignment.parts.len();
        all.filter(|part| !taken.contains(part)).filter(float).collect()
    };
    (left(suspect, &ours), left(reference, &theirs))
}

/// Free parts of both models by the lengths of their axes, without their order.
type Classes = BTreeMap<Vec<u64>, (Vec<usize>, Vec<usize>)>;

/// The classes in which something may be found: parts of both models, one of them nameless.
fn classes(suspect: &Opened, reference: &Opened, ours: &[usize], theirs: &[usize]) -> Classes {
    let mut classes = Classes::new();
    let lengths = |opened: &Opened, part: usize| {
        let part = &opened.assignment.parts[part];
        let mut axes = part.long_axes(&opened.checkpoint.entries[part.entry]);
        axes.sort_unstable();
        axes
    };
    for &part in ours {
        classes.entry(lengths(suspect, part)).or_default().0.push(part);
    }
    for &part in theirs {
        classes.entry(lengths(reference, part)).or_default().1.push(part);
    }
    classes.retain(|axes, (ours, theirs)| {
        let nameless = |opened: &Opened, parts: &[usize]| {
            parts.iter().any(|&part| opened.assignment.parts[part].inferred)
        };
        let few = ours.len().saturating_mul(theirs.len()) <= MOST_CANDIDATES;
        !axes.contains(&0)
            && !axes.is_empty()
            && few
            && (nameless(suspect, ours) || nameless(reference, theirs))
            && !ours.is_empty()
            && !theirs.is_empty()
    });
    classes
}

fn sketches(
    opened: &Opened,
    parts: &BTreeSet<usize>,
    progress: &dyn Progress,
) -> Result<BTreeMap<usize, Option<Sketch>>, Error> {
    parts.par_iter().map(|&part| Ok((part, sketch(opened, part, progress)?))).collect()
}

fn sketch(opened: &Opened, part: usize, progress: &dyn Progress) -> Result<Option<Sketch>, Error> {
    let tensor = opened.tensor(part);
    let view = tensor.view();
    let mut sketching = Sketching::new(&opened.assignment.parts[part].long_axes(tensor.entry()));
    let mut values = Vec::new();
    for block in view.blocks() {
        tensor.read_block(&block, &mut values)?;
        let width = usize::try_from(block.cols.end - block.cols.start).unwrap_or(usize::MAX);
        for (row, line) in block.rows.zip(values.chunks(width)) {
            sketching.add(row * view.cols + block.cols.start, line);
        }
        progress.advance(tensor.entry().dtype.covering(values.len() as u64));
    }
    Ok(sketching.finish())
}

/// The orders of axes in which one framework's tensor may be another's: as it is, back to front
/// (a transpose, or Fortran order), `HWIO`, `IOHW` and `OHWI` against `OIHW`, either way.
fn orders(n: usize) -> BTreeSet<Vec<usize>> {
    let as_it_is: Vec<usize> = (0..n).collect();
    let back_to_front: Vec<usize> = (0..n).rev().collect();
    let mut orders = BTreeSet::from([as_it_is, back_to_front]);
    if 3 <= n {
        orders.insert([n - 1, n - 2].into_iter().chain(0..n - 2).collect());
        orders.insert([1, 0].into_iter().chain(2..n).collect());
        orders.insert([0, n - 1].into_iter().chain(1..n - 1).collect());
    }
    let inverses: Vec<_> = orders.iter().map(|order| inverse(order)).collect();
    orders.extend(inverses);
    orders
}

/// The order that undoes `order`.
fn inverse(order: &[usize]) -> Vec<usize> {
    let mut inverse = vec![0; order.len()];
    order.iter().enumerate().for_each(|(to, from)| inverse[*from] = to);
    inverse
}

type Sketches = BTreeMap<usize, Option<Sketch>>;

/// Every way in which the one part may be the other.
fn candidates(
    (suspect, a): (&Opened, usize),
    (reference, b): (&Opened, usize),
    (ours, theirs): &(Sketches, Sketches),
) -> Vec<Candidate> {
    let (mine, other) = (&suspect.assignment.parts[a], &reference.assignment.parts[b]);
    let (Some(Some(x)), Some(Some(y))) = (ours.get(&a), theirs.get(&b)) else { return Vec::new() };
    if !mine.inferred && !other.inferred {
        return Vec::new();
    }
    let n = mine.long_axes(&suspect.checkpoint.entries[mine.entry]).len();
    let distance =
        |order: &[usize]| if mine.inferred { x.distance(order, y) } else { y.distance(order, x) };
    orders(n)
        .iter()
        .enumerate()
        .filter_map(|(k, order)| {
            Some(Candidate { ours: a, theirs: b, order: k, distance: distance(order)? })
        })
        .collect()
}

/// Gives every nameless part that was found the place of the part it was found to be. Where both
/// are nameless, the places are those of the model in which more of what was found has an axis that
/// may be renumbered; of one model for all, so that tensors of one numbering stay together. What was
/// found `before` stays found. `None` when nothing is given a place.
fn carried_out(
    (suspect, reference): (&Opened, &Opened),
    before: &[Pair],
    found: &[Candidate],
) -> Option<Recognised> {
    let parts = |found: &Candidate| {
        (&suspect.assignment.parts[found.ours], &reference.assignment.parts[found.theirs])
    };
    let both = || found.iter().map(parts).filter(|(a, b)| a.inferred && b.inferred);
    let renumbered: (u64, u64) = both().fold((0, 0), |(ours, theirs), (a, b)| {
        let size = |part: &Part| if part.has_numbering() { part.view.elements() } else { 0 };
        (ours + size(a), theirs + size(b))
    });
    let ours_are_places = renumbered.1 < renumbered.0;
    let (mut ours, mut theirs, mut pairs) = (Vec::new(), Vec::new(), Vec::new());
    for match_ in found {
        let (a, b) = parts(match_);
        let Some(order) = order_of(suspect, match_) else { continue };
        let adoption = if a.inferred && !(b.inferred && ours_are_places) {
            adoption(suspect, match_.ours, b, &order).map(|adoption| ours.push(adoption))
        } else {
            let order = if a.inferred { inverse(&order) } else { order };
            adoption(reference, match_.theirs, a, &order).map(|adoption| theirs.push(adoption))
        };
        pairs.extend(adoption.map(|()| (match_.ours, match_.theirs)));
    }
    if pairs.is_empty() {
        return None;
    }
    let (suspect, our_places) = suspect.adopting(ours);
    let (reference, their_places) = reference.adopting(theirs);
    let pair = |(a, b): (usize, usize)| {
        let (suspect, reference) = (our_places[a], their_places[b]);
        Pair { suspect, reference, by: PairedBy::Content }
    };
    let before = before.iter().map(|pair| (pair.suspect, pair.reference));
    let pairs = before.chain(pairs).map(pair).collect();
    Some(Recognised { suspect, reference, pairs })
}

/// The order in which the axes of the nameless part of a match are those of the other.
fn order_of(suspect: &Opened, match_: &Candidate) -> Option<Vec<usize>> {
    let part = &suspect.assignment.parts[match_.ours];
    let n = part.long_axes(&suspect.checkpoint.entries[part.entry]).len();
    orders(n).into_iter().nth(match_.order)
}

fn adoption(opened: &Opened, part: usize, model: &Part, order: &[usize]) -> Option<Adoption> {
    let parts = &opened.assignment.parts;
    let entry = &opened.checkpoint.entries[parts[part].entry];
    let view = parts[part].reordered(entry, order)?;
    Some(Adoption::of(parts, part, model, view))
}
