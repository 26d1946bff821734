//! Where nothing was found by content: pairs that let the exact tests speak all the same.
//!
//! A copy would have been found; that it was not is no statement on a p. So each named matrix of the
//! suspect is put beside the nameless one of its size whose sorted norms are nearest. The tests stay
//! exact whatever is beside what: sorted norms are the same under every renumbering, and which
//! tensors are renumbered together follows from the suspect's names alone.

use std::collections::BTreeSet;

use jokbo_components::{Adoption, Pair, PairedBy};
use jokbo_statistics::sketch::Candidate;

use super::{Recognised, order_of};
use crate::Opened;

/// The nearest pairs among `candidates`, no part in two of them. `None` when there are none.
pub(super) fn paired(
    suspect: &Opened,
    reference: &Opened,
    mut candidates: Vec<Candidate>,
) -> Option<Recognised> {
    candidates.retain(|c| {
        let theirs = &reference.assignment.parts[c.theirs];
        let ours = &suspect.assignment.parts[c.ours];
        theirs.inferred && !ours.inferred && ours.has_numbering()
    });
    candidates.sort_by(|a, b| {
        let place = |c: &Candidate| (c.ours, c.theirs, c.order);
        a.distance.total_cmp(&b.distance).then_with(|| place(a).cmp(&place(b)))
    });
    let (mut ours, mut theirs) = (BTreeSet::new(), BTreeSet::new());
    let (mut adoptions, mut pairs) = (Vec::new(), Vec::new());
    for candidate in &candidates {
        if ours.contains(&candidate.ours) || theirs.contains(&candidate.theirs) {
            continue;
        }
        let Some(adoption) = adoption(suspect, reference, candidate) else { continue };
        adoptions.push(adoption);
        pairs.push((candidate.ours, candidate.theirs));
        ours.insert(candidate.ours);
        theirs.insert(candidate.theirs);
    }
    if pairs.is_empty() {
        return None;
    }
    let (reference, places) = reference.adopting(adoptions);
    let pair = |(suspect, theirs): (usize, usize)| Pair {
        suspect,
        reference: places[theirs],
        by: PairedBy::Nearest,
    };
    let pairs = pairs.into_iter().map(pair).collect();
    Some(Recognised { suspect: suspect.clone(), reference, pairs })
}

/// The nameless part with its axes as those of its partner; all else of it stays.
fn adoption(suspect: &Opened, reference: &Opened, candidate: &Candidate) -> Option<Adoption> {
    let (mine, part) =
        (&suspect.assignment.parts[candidate.ours], &reference.assignment.parts[candidate.theirs]);
    let entry = &reference.checkpoint.entries[part.entry];
    let view = part.reordered(entry, &order_of(suspect, candidate)?)?;
    ((view.rows, view.cols) == (mine.view.rows, mine.view.cols)).then(|| Adoption {
        part: candidate.theirs,
        key: part.key.clone(),
        view,
        rows: mine.rows.clone(),
        cols: mine.cols.clone(),
        inferred: true,
    })
}
