//! Who belongs together, and a tree that holds them together.
//!
//! [`clusters`] are the connected parts of a graph, [`grow`] draws a tree through each of them.
//! Siblings that were changed independently of one another are each nearer to their parent than to
//! one another, so that the shortest tree passes through the parent where it is there. Where changes
//! had something in common (two trainings on one text) siblings are a little nearer than that, and
//! the shortest tree runs from one to the next; so a link may be longer than the shortest by a
//! stated share where it leads to a member that is nearer to all others.

/// A link between two of `n` places.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// The two places.
    pub ends: (usize, usize),
    /// How far apart they are, 0 or more, in any unit; NaN counts as farther than everything.
    pub length: f64,
}

/// A tree through the places of one connected part.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// The most central place, where the tree is drawn from: the one that stands first in the lists
    /// of who is near that all others have, taken together.
    pub hub: usize,
    /// Its links in the order in which it grew.
    pub branches: Vec<Branch>,
}

/// A link of a tree, as it grew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Which of the links.
    pub link: usize,
    /// The end that was in the tree before.
    pub from: usize,
    /// The end that it added.
    pub to: usize,
    /// Other places that were in the tree before and are as near to `to`, give or take the slack; in
    /// rising order.
    pub as_near: Vec<usize>,
}

/// The connected parts of `n` places joined by `joins`: each in rising order, by their first place.
/// Places that nothing joins are parts of one. Time `O(n + joins)` up to logarithms.
///
/// # Panics
/// When a join names a place that is not below `n`: a bug of the caller.
pub fn clusters(n: usize, joins: impl IntoIterator<Item = (usize, usize)>) -> Vec<Vec<usize>> {
    let mut least: Vec<usize> = (0..n).collect();
    fn first(least: &mut [usize], mut at: usize) -> usize {
        while least[at] != at {
            // Each step halves the way for the next one who asks.
            least[at] = least[least[at]];
            at = least[at];
        }
        at
    }
    for (a, b) in joins {
        let (a, b) = (first(&mut least, a), first(&mut least, b));
        least[a.max(b)] = a.min(b);
    }
    let mut parts: Vec<Vec<usize>> = vec![Vec::new(); n];
    for place in 0..n {
        parts[first(&mut least, place)].push(place);
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Grows a tree through each connected part of two places or more, in the order of [`clusters`].
///
/// It begins at the hub and adds the place that is nearest to it, again and again (Prim, *Shortest
/// connection networks and some generalizations*, 1957). Of the links to that place which are longer
/// than the shortest by no more than the share `slack` of it, the one to the most central place is
/// taken: the one that stands earlier in the lists of who is near that all places have, taken
/// together (Borda, *Mémoire sur les élections au scrutin*, 1781). With a slack of 0 the tree is a shortest one; with any other it is longer by no more than
/// that share, since the places are added in the same order. Of two equals the first is taken. Time
/// `O(n³ + links)` for each part, memory `O(n²)`.
///
/// # Panics
/// When a link names a place that is not below `n`: a bug of the caller.
pub fn grow(n: usize, links: &[Link], slack: f64) -> Vec<Tree> {
    let parts = clusters(n, links.iter().map(|link| link.ends));
    parts
        .iter()
        .filter(|part| 2 <= part.len())
        .map(|part| Part::of(part, links).grow(slack))
        .collect()
}

/// One connected part, its places numbered from 0.
struct Part<'a> {
    places: &'a [usize],
    /// The shortest link of any two, with its length; infinite where there is none.
    nearest: Vec<Vec<(f64, usize)>>,
    /// Every place's rank, the hub's being 0.
    rank: Vec<usize>,
}

impl<'a> Part<'a> {
    fn of(places: &'a [usize], links: &[Link]) -> Self {
        let m = places.len();
        let mut nearest = vec![vec![(f64::INFINITY, usize::MAX); m]; m];
        for (k, link) in links.iter().enumerate() {
            let at = |place: usize| places.binary_search(&place).ok();
            let Some((a, b)) = at(link.ends.0).zip(at(link.ends.1)) else { continue };
            let length = if link.length.is_nan() { f64::INFINITY } else { link.length };
            if a != b && (length, k) < nearest[a][b] {
                nearest[a][b] = (length, k);
                nearest[b][a] = (length, k);
            }
        }
        let totals = places_in_lists(&nearest);
        let mut order: Vec<usize> = (0..m).collect();
        order.sort_by(|&a, &b| totals[a].cmp(&totals[b]).then(a.cmp(&b)));
        let mut rank = vec![0; m];
        order.iter().enumerate().for_each(|(k, &place)| rank[place] = k);
        Self { places, nearest, rank }
    }

    fn grow(&self, slack: f64) -> Tree {
        let m = self.places.len();
        let is_hub = |place: &usize| self.rank[*place] == 0;
        let hub = (0..m).find(is_hub).unwrap_or(0);
        let mut inside = vec![hub];
        let mut left: Vec<usize> = (0..m).filter(|&place| place != hub).collect();
        let mut branches = Vec::new();
        while !left.is_empty() {
            let shortest = |&to: &usize| {
                inside
                    .iter()
                    .map(|&from| self.nearest[from][to])
                    .fold((f64::INFINITY, usize::MAX), least)
            };
            let best = (0..left.len()).min_by(|&i, &j| {
                let (i, j) = (shortest(&left[i]), shortest(&left[j]));
                i.0.total_cmp(&j.0).then(i.1.cmp(&j.1))
            });
            let Some(best) = best else { break };
            let to = left.remove(best);
            let most = shortest(&to).0 * (1.0 + slack);
            let linked = |from: &&usize| {
                let (length, link) = self.nearest[**from][to];
                length <= most && link != usize::MAX
            };
            let mut near: Vec<usize> = inside.iter().filter(linked).copied().collect();
            near.sort_by_key(|&from| self.rank[from]);
            if let Some((&from, rest)) = near.split_first() {
                let mut as_near: Vec<usize> = rest.iter().map(|&at| self.places[at]).collect();
                as_near.sort_unstable();
                branches.push(Branch {
                    link: self.nearest[from][to].1,
                    from: self.places[from],
                    to: self.places[to],
                    as_near,
                });
            }
            inside.push(to);
        }
        Tree { hub: self.places[hub], branches }
    }
}

/// Twice the sum over all other places of where each place stands in their lists of who is near; of
/// equals each stands in the middle. What no link joins is as far as anything can be.
fn places_in_lists(nearest: &[Vec<(f64, usize)>]) -> Vec<usize> {
    let m = nearest.len();
    let mut totals = vec![0; m];
    for (asked, lengths) in nearest.iter().enumerate() {
        let others = || (0..m).filter(move |&other| other != asked);
        for a in others() {
            let nearer = others().filter(|&b| lengths[b].0 < lengths[a].0).count();
            let equal = others().filter(|&b| lengths[b].0 == lengths[a].0).count();
            totals[a] += 2 * nearer + equal;
        }
    }
    totals
}

fn least(a: (f64, usize), b: (f64, usize)) -> (f64, usize) {
    if a <= b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn link(a: usize, b: usize, length: f64) -> Link {
        Link { ends: (a, b), length }
    }

    fn ends(tree: &Tree) -> Vec<(usize, usize)> {
        tree.branches.iter().map(|branch| (branch.from, branch.to)).collect()
    }

    #[test]
    fn a_star_of_siblings_is_drawn_through_the_parent() {
        // 0 is the parent of 1 and 2, 3 the child of 2; 4 stands alone.
        let links = [
            link(1, 2, 0.3),
            link(0, 1, 0.2),
            link(0, 2, 0.1),
            link(2, 3, 0.1),
            link(0, 3, 0.2),
            link(1, 3, f64::NAN),
        ];
        let trees = grow(5, &links, 0.0);
        assert_eq!(trees.len(), 1);
        let mut taken: Vec<usize> = trees[0].branches.iter().map(|b| b.link).collect();
        taken.sort_unstable();
        assert_eq!(taken, [1, 2, 3]);
        assert_eq!(clusters(5, links.iter().map(|l| l.ends)), [vec![0, 1, 2, 3], vec![4]]);
        assert_eq!(clusters(2, []), [[0], [1]]);
        assert_eq!(grow(3, &[], 0.0), []);
    }

    #[test]
    fn siblings_with_something_in_common_are_drawn_from_their_parent_within_the_slack() {
        // 1 and 2 were trained on one text: nearer to each other than either is to 0 by a little.
        let links =
            [link(0, 1, 1.0), link(0, 2, 3.05), link(1, 2, 2.95), link(0, 3, 1.0), link(1, 3, 1.6)];
        assert_eq!(ends(&grow(4, &links, 0.0)[0]), [(0, 1), (0, 3), (1, 2)]);
        let tree = &grow(4, &links, 0.1)[0];
        assert_eq!((tree.hub, ends(tree)), (0, vec![(0, 1), (0, 3), (0, 2)]));
        assert_eq!(tree.branches[2].as_near, [1]);
    }

    #[test]
    fn of_equal_links_the_first_is_taken_and_what_has_no_length_comes_last() {
        let links = [link(0, 1, f64::NAN), link(0, 1, 1.0), link(1, 0, 1.0)];
        assert_eq!(grow(2, &links, 0.1)[0].branches[0].link, 1);
        assert_eq!(grow(2, &links[..1], 0.1)[0].branches[0].link, 0);
        let copies = [link(0, 1, 0.0), link(0, 2, 0.0), link(1, 2, 0.0)];
        assert_eq!(ends(&grow(3, &copies, 0.1)[0]), [(0, 1), (0, 2)]);
    }

    fn total(links: &[Link], trees: &[Tree]) -> f64 {
        trees.iter().flat_map(|tree| &tree.branches).map(|b| links[b.link].length).sum()
    }

    /// Total length of the lightest set of links that joins whatever can be joined, by trying all.
    fn by_force(n: usize, links: &[Link]) -> f64 {
        let parts = |chosen: &[&Link]| clusters(n, chosen.iter().map(|l| l.ends)).len();
        let all = parts(&links.iter().collect::<Vec<_>>());
        let sets = (0u32..1 << links.len()).map(|set| {
            let in_set = |k: &usize| set >> k & 1 == 1;
            (0..links.len()).filter(in_set).map(|k| &links[k]).collect::<Vec<_>>()
        });
        sets.filter(|set| parts(set) == all)
            .map(|set| set.iter().map(|l| l.length).sum())
            .fold(f64::INFINITY, f64::min)
    }

    fn made(n: usize, drawn: &[(usize, usize, u32)]) -> Vec<Link> {
        let links = drawn.iter().map(|&(a, b, length)| link(a % n, b % n, f64::from(length)));
        links.filter(|l| l.ends.0 != l.ends.1).collect()
    }

    proptest! {
        #[test]
        fn no_other_tree_is_shorter_and_slack_costs_no_more_than_it_says(
            n in 2usize..7,
            drawn in prop::collection::vec((0usize..100, 0usize..100, 0u32..20), 0..11),
        ) {
            let links = made(n, &drawn);
            let parts = clusters(n, links.iter().map(|l| l.ends));
            let least = by_force(n, &links);
            for slack in [0.0, 0.1, 1.0] {
                let trees = grow(n, &links, slack);
                let joined = trees.iter().flat_map(|t| &t.branches).map(|b| links[b.link].ends);
                prop_assert_eq!(clusters(n, joined), parts.clone());
                let branches: usize = trees.iter().map(|t| t.branches.len()).sum();
                prop_assert_eq!(branches, n - parts.len());
                let length = total(&links, &trees);
                prop_assert!(least <= length && length <= least * (1.0 + slack) + 1e-9);
            }
        }

        #[test]
        fn new_numbers_for_the_places_change_nothing_but_the_numbers(
            n in 3usize..12,
            seed: u64,
        ) {
            let mut draws = crate::seed::Draws::new(seed, "lengths");
            let all = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b)));
            let links: Vec<Link> =
                all.map(|(a, b)| link(a, b, draws.below(1 << 40) as f64)).collect();
            let mut number: Vec<usize> = (0..n).collect();
            draws.shuffle(&mut number);
            let turned: Vec<Link> =
                links.iter().map(|l| link(number[l.ends.1], number[l.ends.0], l.length)).collect();
            // A shortest tree needs no hub; two places may be equally central.
            let taken = |links: &[Link], slack: f64| {
                let trees = grow(n, links, slack);
                let mut taken: Vec<usize> = trees[0].branches.iter().map(|b| b.link).collect();
                taken.sort_unstable();
                (taken, trees[0].hub)
            };
            prop_assert_eq!(taken(&links, 0.0).0, taken(&turned, 0.0).0);
            let ties = |links: &[Link]| {
                let whole: Vec<usize> = (0..n).collect();
                let mut totals = places_in_lists(&Part::of(&whole, links).nearest);
                totals.sort_unstable();
                totals.windows(2).any(|w| w[0] == w[1])
            };
            let (one, two) = (taken(&links, 0.1), taken(&turned, 0.1));
            prop_assert!(ties(&links) || (&one.0, number[one.1]) == (&two.0, two.1));
        }
    }
}
