//! Partial results joined in one fixed binary tree.

use std::collections::BTreeMap;

/// Joins parts in the order of their place, neighbours first: `((0 1) (2 3)) ((4 5) 6)`.
///
/// The grouping follows from the number of parts alone, so a sum has the same last bit whatever
/// computed the parts and in whatever order they arrived. `None` when there are none.
pub fn join<P>(parts: impl IntoIterator<Item = P>, both: impl Fn(P, P) -> P) -> Option<P> {
    let mut joining = Joining::default();
    parts.into_iter().enumerate().for_each(|(place, part)| joining.add(place, part, &both));
    joining.end(both)
}

/// Parts that come one after another, joined as [`join`] does it without holding all of them: of `n` parts in
/// their order as many as there are binary ones in `n`. Parts that come too early wait.
#[derive(Debug, Clone)]
pub struct Joining<P> {
    /// Parts joined so far.
    joined: usize,
    /// What they came to: one for each binary one in their number, the largest first.
    whole: Vec<P>,
    waiting: BTreeMap<usize, P>,
}

impl<P> Default for Joining<P> {
    fn default() -> Self {
        Self { joined: 0, whole: Vec::new(), waiting: BTreeMap::new() }
    }
}

impl<P> Joining<P> {
    /// Adds the part with the number `place`, from 0 on; every number comes once.
    pub fn add(&mut self, place: usize, part: P, both: impl Fn(P, P) -> P) {
        if place != self.joined {
            self.waiting.insert(place, part);
            return;
        }
        self.carry(part, &both);
        while let Some(part) = self.waiting.remove(&self.joined) {
            self.carry(part, &both);
        }
    }

    /// Adds the next part, as adding 1 to a number carries.
    fn carry(&mut self, mut part: P, both: impl Fn(P, P) -> P) {
        for _ in 0..self.joined.trailing_ones() {
            part = match self.whole.pop() {
                Some(left) => both(left, part),
                None => part,
            };
        }
        self.whole.push(part);
        self.joined += 1;
    }

    /// All of them joined. `None` when there are none.
    pub fn end(self, both: impl Fn(P, P) -> P) -> Option<P> {
        debug_assert!(self.waiting.is_empty(), "every part before the last has come");
        self.whole.into_iter().rev().reduce(|right, left| both(left, right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Draws;

    /// The tree as it is drawn: level by level, neighbours first.
    fn by_levels(mut parts: Vec<String>) -> Option<String> {
        while 1 < parts.len() {
            let pairs = parts.chunks(2);
            parts = pairs
                .map(
                    |pair| if pair.len() == 1 { pair[0].clone() } else { both(&pair[0], &pair[1]) },
                )
                .collect();
        }
        parts.pop()
    }

    fn both(a: &str, b: &str) -> String {
        format!("({a} {b})")
    }

    #[test]
    fn neighbours_are_joined_first_and_order_is_kept() {
        let parts = (0..7).map(|n| n.to_string());
        let whole = join(parts, |a, b| both(&a, &b));
        assert_eq!(whole.as_deref(), Some("(((0 1) (2 3)) ((4 5) 6))"));
        assert_eq!(join(Vec::<String>::new(), |a, _| a), None);
    }

    #[test]
    fn whatever_the_order_of_arrival_the_tree_is_the_same_and_few_are_held() {
        for n in 0..70 {
            let parts: Vec<String> = (0..n).map(|n| n.to_string()).collect();
            let mut places: Vec<usize> = (0..n).collect();
            let mut joining = Joining::default();
            for &place in &places {
                joining.add(place, parts[place].clone(), |a, b| both(&a, &b));
                assert!(joining.whole.len() <= 7 && joining.waiting.is_empty());
            }
            let whole = by_levels(parts.clone());
            assert_eq!(joining.end(|a, b| both(&a, &b)), whole);
            Draws::new(1, "arrival").shuffle(&mut places);
            let mut joining = Joining::default();
            places.iter().for_each(|&k| joining.add(k, parts[k].clone(), |a, b| both(&a, &b)));
            assert_eq!(joining.end(|a, b| both(&a, &b)), whole, "{n}");
        }
    }
}
