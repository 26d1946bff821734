//! Two vocabularies side by side: what they share, and whether they share it in one order.
//!
//! Which tokens two tokenizers share says little: corpora of one language yield the same words. Nor
//! does the rough order of their ids: byte-pair encoding numbers tokens as it learns them and
//! unigram models by their scores, so any two trainings put frequent tokens first
//! ([`Overlap::order`] up to 0.97 between vocabularies trained separately). But they hardly ever
//! put the same two tokens side by side ([`Overlap::neighbours`] at most 0.023). A vocabulary that
//! was taken over keeps its neighbours (0.16 and more), whatever was added, dropped or shifted.
//! Measured on the 171 pairs of 19 public vocabularies (`bench/runs/2026-11-24-tokenizers`).

use std::collections::BTreeMap;

use crate::number::{float, float_usize};

/// How many merges from the first on are compared in place.
pub const FIRST_MERGES: usize = 1000;

/// What two vocabularies share.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overlap {
    /// Tokens of the suspect.
    pub suspect: u64,
    /// Tokens of the reference.
    pub reference: u64,
    /// Tokens of both.
    pub shared: u64,
    /// `shared / (suspect + reference - shared)`, in `[0, 1]`.
    pub jaccard: Option<f64>,
    /// `shared / min(suspect, reference)`, in `[0, 1]`.
    pub containment: Option<f64>,
    /// Containment of the first `m` tokens by id of both, `m` the smaller size: what is left of it
    /// when neither has more room than the other.
    pub matched_containment: Option<f64>,
    /// Share of the shared tokens that have one id in both.
    pub kept: Option<f64>,
    /// The commonest difference of ids, suspect less reference, other than none.
    pub shift: Option<Shift>,
    /// Spearman's rank correlation of the shared tokens' ids, in `[-1, 1]`.
    pub order: Option<f64>,
    /// Of the shared tokens in the order of the suspect's ids, the share that is followed by the
    /// same shared token as in the reference, in `[0, 1]`. Of independent orders: 1 in `shared`.
    pub neighbours: Option<f64>,
    /// The longest run of the suspect's tokens, in the order of its ids, that the reference lacks.
    pub added_block: Option<Block>,
}

/// Shared tokens whose ids differ by the same amount.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// The suspect's id less the reference's.
    pub by: i64,
    /// Share of the shared tokens.
    pub share: f64,
}

/// Tokens that follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// The first id.
    pub first: u32,
    /// The last id.
    pub last: u32,
    /// How many there are.
    pub tokens: u64,
}

/// Compares two vocabularies, each a list of ids and texts in the order of ids.
///
/// A text that stands under several ids counts under its first. Undefined figures are `None`: a
/// share of nothing, a correlation of fewer than two tokens. Time `O(n log n)`.
pub fn overlap(suspect: &[(u32, &[u8])], reference: &[(u32, &[u8])]) -> Overlap {
    let (ours, theirs) = (ids(suspect), ids(reference));
    let mut shared: Vec<(u32, u32)> =
        ours.iter().filter_map(|(text, id)| Some((*id, *theirs.get(text)?))).collect();
    shared.sort_unstable();
    let (a, b, both) = (ours.len(), theirs.len(), shared.len());
    let share = |part: usize, of: usize| (0 < of).then(|| float_usize(part) / float_usize(of));
    Overlap {
        suspect: a as u64,
        reference: b as u64,
        shared: both as u64,
        jaccard: share(both, a + b - both),
        containment: share(both, a.min(b)),
        matched_containment: matched(&ours, &theirs),
        kept: share(shared.iter().filter(|(a, b)| a == b).count(), both),
        shift: shift(&shared),
        order: order(&shared),
        neighbours: neighbours(&shared),
        added_block: longest_block(suspect, &theirs),
    }
}

fn ids<'a>(tokens: &[(u32, &'a [u8])]) -> BTreeMap<&'a [u8], u32> {
    let mut ids = BTreeMap::new();
    for (id, text) in tokens {
        ids.entry(*text).or_insert(*id);
    }
    ids
}

fn matched(ours: &BTreeMap<&[u8], u32>, theirs: &BTreeMap<&[u8], u32>) -> Option<f64> {
    let m = ours.len().min(theirs.len());
    let first = |ids: &BTreeMap<&[u8], u32>| {
        let mut all: Vec<u32> = ids.values().copied().collect();
        all.sort_unstable();
        all.get(m.checked_sub(1)?).copied()
    };
    let (last_of_ours, last_of_theirs) = (first(ours)?, first(theirs)?);
    let both = ours.iter().filter(|(text, id)| {
        **id <= last_of_ours && theirs.get(*text).is_some_and(|id| *id <= last_of_theirs)
    });
    Some(float_usize(both.count()) / float_usize(m))
}

fn shift(shared: &[(u32, u32)]) -> Option<Shift> {
    let mut counts: BTreeMap<i64, u64> = BTreeMap::new();
    for (a, b) in shared {
        *counts.entry(i64::from(*a) - i64::from(*b)).or_default() += 1;
    }
    counts.remove(&0);
    let (by, n) = counts.into_iter().max_by_key(|(by, n)| (*n, -by.abs(), *by))?;
    Some(Shift { by, share: float(n) / float_usize(shared.len()) })
}

/// The reference's rank of every shared token, in the order of the suspect's ids.
fn ranks(shared: &[(u32, u32)]) -> Vec<usize> {
    let mut by_theirs: Vec<usize> = (0..shared.len()).collect();
    by_theirs.sort_unstable_by_key(|&k| shared[k].1);
    let mut ranks = vec![0; shared.len()];
    for (rank, k) in by_theirs.into_iter().enumerate() {
        ranks[k] = rank;
    }
    ranks
}

/// Spearman's `1 - 6 Σ d² / (n (n² - 1))`; no two ids are alike, so there are no ties.
fn order(shared: &[(u32, u32)]) -> Option<f64> {
    let n = float_usize(shared.len());
    let squares: f64 = ranks(shared)
        .into_iter()
        .enumerate()
        .map(|(ours, theirs)| float_usize(ours.abs_diff(theirs)).powi(2))
        .sum();
    (2.0 <= n).then(|| 1.0 - 6.0 * squares / (n * (n * n - 1.0)))
}

fn neighbours(shared: &[(u32, u32)]) -> Option<f64> {
    let ranks = ranks(shared);
    let followed = ranks.windows(2).filter(|pair| pair[0] + 1 == pair[1]).count();
    (2 <= ranks.len()).then(|| float_usize(followed) / float_usize(ranks.len() - 1))
}

fn longest_block(suspect: &[(u32, &[u8])], theirs: &BTreeMap<&[u8], u32>) -> Option<Block> {
    let mut best: Option<Block> = None;
    let mut run: Option<Block> = None;
    for (id, text) in suspect {
        if theirs.contains_key(text) {
            run = None;
            continue;
        }
        let grown = run.map_or(Block { first: *id, last: *id, tokens: 1 }, |b| Block {
            last: *id,
            tokens: b.tokens + 1,
            ..b
        });
        run = Some(grown);
        if best.is_none_or(|b| b.tokens < grown.tokens) {
            best = Some(grown);
        }
    }
    best
}

/// What two lists of merges share.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Merges {
    /// Merges of the suspect.
    pub suspect: u64,
    /// Merges of the reference.
    pub reference: u64,
    /// Merges of both.
    pub shared: u64,
    /// `shared / min(suspect, reference)`.
    pub containment: Option<f64>,
    /// Of the first [`FIRST_MERGES`], or of as many as the shorter list has, the share that is the
    /// same merge at the same place.
    pub first_in_place: Option<f64>,
    /// Spearman's rank correlation of the shared merges' places, in `[-1, 1]`.
    pub order: Option<f64>,
}

/// Compares two lists of merges, first learned first. A merge listed twice counts once. `None`
/// when either list is empty. Time `O(n log n)`.
pub fn merges<M: Ord>(suspect: &[M], reference: &[M]) -> Option<Merges> {
    let first = suspect.len().min(reference.len()).min(FIRST_MERGES);
    if first == 0 {
        return None;
    }
    let (ours, theirs) = (places(suspect), places(reference));
    let mut shared: Vec<(u32, u32)> =
        ours.iter().filter_map(|(merge, at)| Some((*at, *theirs.get(merge)?))).collect();
    shared.sort_unstable();
    let in_place = suspect.iter().zip(reference).take(first).filter(|(a, b)| a == b).count();
    Some(Merges {
        suspect: ours.len() as u64,
        reference: theirs.len() as u64,
        shared: shared.len() as u64,
        containment: Some(float_usize(shared.len()) / float_usize(ours.len().min(theirs.len()))),
        first_in_place: Some(float_usize(in_place) / float_usize(first)),
        order: order(&shared),
    })
}

/// Where each merge stands first.
fn places<M: Ord>(merges: &[M]) -> BTreeMap<&M, u32> {
    let mut places = BTreeMap::new();
    for (at, merge) in (0u32..).zip(merges) {
        places.entry(merge).or_insert(at);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;
    use crate::seed::Draws;
    use proptest::prelude::*;

    /// Tokens `words` from id `start` on.
    fn vocabulary(start: u32, words: &[String]) -> Vec<(u32, &[u8])> {
        (start..).zip(words.iter().map(String::as_bytes)).collect()
    }

    fn words(n: usize) -> Vec<String> {
        (0..n).map(|k| format!("w{k}")).collect()
    }

    #[test]
    fn a_vocabulary_against_itself_keeps_everything() {
        let words = words(50);
        let same = overlap(&vocabulary(3, &words), &vocabulary(3, &words));
        assert_eq!(
            (same.jaccard, same.kept, same.order, same.neighbours),
            (Some(1.0), Some(1.0), Some(1.0), Some(1.0))
        );
        assert_eq!(
            (same.matched_containment, same.shift, same.added_block),
            (Some(1.0), None, None)
        );
    }

    #[test]
    fn marks_put_in_front_shift_all_ids_and_change_no_neighbour() {
        let words = words(40);
        let more: Vec<String> =
            ["x", "y"].map(String::from).into_iter().chain(words.clone()).collect();
        let shifted = overlap(&vocabulary(0, &more), &vocabulary(0, &words));
        assert_eq!(shifted.shift, Some(Shift { by: 2, share: 1.0 }));
        assert_eq!(
            (shifted.kept, shifted.neighbours, shifted.containment),
            (Some(0.0), Some(1.0), Some(1.0))
        );
        assert_eq!(shifted.added_block, Some(Block { first: 0, last: 1, tokens: 2 }));
        near(shifted.jaccard.unwrap(), 40.0 / 42.0, 1e-12);
        near(shifted.matched_containment.unwrap(), 38.0 / 40.0, 1e-12);
    }

    #[test]
    fn a_share_of_nothing_is_not_a_number() {
        let none = overlap(&[], &[]);
        assert_eq!(none, Overlap::default());
        let apart = overlap(&[(0, b"a")], &[(0, b"b")]);
        assert_eq!(
            (apart.jaccard, apart.kept, apart.order, apart.neighbours),
            (Some(0.0), None, None, None)
        );
        assert_eq!(merges::<u8>(&[], &[1]), None);
    }

    #[test]
    fn a_text_under_two_ids_counts_under_its_first() {
        let twice = overlap(&[(0, b"a"), (1, b"a")], &[(0, b"a")]);
        assert_eq!((twice.suspect, twice.shared, twice.kept), (1, 1, Some(1.0)));
    }

    #[test]
    fn merges_are_compared_by_place_and_by_set() {
        let found = merges(&["a", "b", "c", "d"], &["a", "c", "b"]).unwrap();
        assert_eq!((found.suspect, found.reference, found.shared), (4, 3, 3));
        assert_eq!(found.containment, Some(1.0));
        near(found.first_in_place.unwrap(), 1.0 / 3.0, 1e-12);
        near(found.order.unwrap(), 0.5, 1e-12);
    }

    proptest! {
        #[test]
        fn sides_may_be_swapped(seed in 0u64..500, n in 2usize..60) {
            let mut draws = Draws::new(seed, "vocabulary/swap");
            let mut other = words(n + 5);
            draws.shuffle(&mut other);
            let (ours, theirs) = (words(n), other);
            let there = overlap(&vocabulary(0, &ours), &vocabulary(0, &theirs));
            let back = overlap(&vocabulary(0, &theirs), &vocabulary(0, &ours));
            prop_assert_eq!((there.shared, there.jaccard, there.containment, there.matched_containment, there.kept),
                (back.shared, back.jaccard, back.containment, back.matched_containment, back.kept));
            prop_assert!((there.order.unwrap() - back.order.unwrap()).abs() < 1e-12);
            prop_assert_eq!(there.neighbours, back.neighbours);
            prop_assert!(there.order.unwrap().abs() <= 1.0 + 1e-12);
        }
    }

    #[test]
    fn independent_orders_keep_about_one_neighbour() {
        let n = 400;
        let kept: f64 = (0..200)
            .map(|seed| {
                let mut draws = Draws::new(seed, "vocabulary/null");
                let mut other = words(n);
                draws.shuffle(&mut other);
                let ours = words(n);
                overlap(&vocabulary(0, &ours), &vocabulary(0, &other)).neighbours.unwrap()
            })
            .sum::<f64>()
            / 200.0;
        near(kept * float_usize(n), 1.0, 0.25);
    }
}
