//! The family tree of a set of models, component by component: who is joined, the shortest tree
//! through each cluster, and which side of a link came later where something says so.

use jokbo_statistics::many;
use jokbo_statistics::spanning::{Branch, Link, Tree, clusters, grow};

use crate::relation::{self, Direction, Relation};
use crate::{Ancestry, Cost, Exhibit, Grade, Model, Power, Side, rules};

/// Tests that a pair of models can have in one component: hidden units, residual coordinates,
/// agreeing units. Every pair pays for all of them whether they could run or not.
pub const FAMILY_TESTS: usize = 3;

/// How much longer than the shortest a link of a tree may be where it leads to a member that is
/// nearer to all others. Measured on small trained networks: siblings trained on one text are nearer
/// to each other than to their parent by 1 to 5 in a hundred, pruned ones by up to 8.
pub const SLACK: f64 = 0.1;

/// Everything measured on a set of models.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// Family-wise level: the chance that any two unrelated models are joined in any component.
    pub level: f64,
    /// Seed of every random choice.
    pub seed: u64,
    /// The models, in the order of their names.
    pub models: Vec<Model>,
    /// One for each component that at least one model has, in the order of their names.
    pub components: Vec<FamilyComponent>,
    /// Lawful but odd things in any model, one sentence each.
    pub oddities: Vec<String>,
    /// Bytes read of all models.
    pub cost: Cost,
}

/// One component of a set of models.
#[derive(Debug, Clone, PartialEq)]
pub struct FamilyComponent {
    /// What it is called: by its kind, unless a model has two of that kind.
    pub component: String,
    /// The models that have one, in their order.
    pub members: Vec<Member>,
    /// Every pair of members, in the order of their places: the first with all later ones, and so on.
    pub pairs: Vec<FamilyPair>,
    /// Members that are mixtures of others, by their places.
    pub mixtures: Vec<FamilyMixture>,
    /// What would have been found between the two that share fewest units, of those that were tested and
    /// not found related. `None` when there are none.
    pub power: Option<Power>,
}

/// A model's own component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its place among the models.
    pub model: usize,
    /// Number of its elements.
    pub parameters: u64,
    /// Elements of tensors that tests may draw from.
    pub testable: u64,
}

/// A member that is a sum of others.
#[derive(Debug, Clone, PartialEq)]
pub struct FamilyMixture {
    /// Its place among the members.
    pub member: usize,
    /// The others with their weights, in rising order.
    pub of: Vec<(usize, f64)>,
    /// Share of the squared distance to the nearest of them that is left, in `[0, 1]`.
    pub left: f64,
}

/// What was measured on two members of a component.
#[derive(Debug, Clone, PartialEq)]
pub struct FamilyPair {
    /// Their places among the members, the smaller first. The first stands as the suspect.
    pub members: (usize, usize),
    /// How far apart the values at equal places are: the root mean square over matrices of
    /// `||A - B|| / sqrt(||A|| ||B||)`, where a matrix counts with no more than the root of 2, as far
    /// as unrelated ones are, and with that where the other side has none. `None` where no matrix was
    /// paired.
    pub distance: Option<f64>,
    /// Everything else. How the weights were changed is looked at for links of the tree alone.
    pub exhibit: Exhibit,
}

/// What a family shows in one component.
#[derive(Debug, Clone, PartialEq)]
pub struct FamilyTree {
    /// p of every pair, paid for by its tests, all pairs and all components; in decimal logarithms, in
    /// the order of the pairs. `None` where nothing could be tested.
    pub log10_ps: Vec<Option<f64>>,
    /// Which pairs were found related.
    pub related: Vec<usize>,
    /// Members in clusters of two or more, by their first member.
    pub clusters: Vec<Cluster>,
    /// Members that nothing joins to another.
    pub alone: Vec<usize>,
}

/// Members that are related, directly or through others.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Places among the members, rising.
    pub members: Vec<usize>,
    /// Pairs of its members that were found related directly.
    pub related: u64,
    /// The member that is nearest to all others, where the tree is drawn from. That says nothing on
    /// who came first.
    pub hub: usize,
    /// The links of its tree, one fewer than members, in the order in which it grew from the hub.
    pub links: Vec<TreeLink>,
}

/// A link of a tree.
#[derive(Debug, Clone, PartialEq)]
pub struct TreeLink {
    /// Its place among the pairs.
    pub pair: usize,
    /// The member nearer to the hub, and the other.
    pub ends: (usize, usize),
    /// Other members that were as near to the second, give or take [`SLACK`].
    pub as_near: Vec<usize>,
    /// How far apart the two are; `None` where no matrix was paired.
    pub distance: Option<f64>,
    /// What was passed on.
    pub ancestry: Ancestry,
    /// How the weights differ, where it was looked at.
    pub relations: Vec<Relation>,
    /// Which side may have been made from the other, as a lean; `None` where nothing says so.
    pub direction: Option<Direction>,
    /// One end is a mixture of the other and of others.
    pub of_mixture: bool,
}

/// The pairs of one component that are compared at all, and every component: what shares the level.
pub fn family_looks(family: &Family) -> usize {
    family.components.iter().map(|component| component.pairs.len()).sum()
}

/// Says of every component who is related, and draws the trees.
///
/// A pair is related when its p, paid for by every test of every pair in every component (Bonferroni
/// over its tests, Holm over the rest), reaches the level. Time `O(pairs log pairs)`.
pub fn grade_family(family: &Family) -> Vec<FamilyTree> {
    let mut paid = paid(family).into_iter();
    let looks = family_looks(family);
    let level = rules::look_level(family.level, looks * FAMILY_TESTS);
    let mut of_one = |component: &FamilyComponent| {
        let log10_ps: Vec<Option<f64>> = paid.by_ref().take(component.pairs.len()).collect();
        let is_related = |&k: &usize| {
            let exhibit = &component.pairs[k].exhibit;
            log10_ps[k].is_some_and(|p| p <= family.level.log10())
                && rules::effect_suffices(exhibit)
        };
        let related: Vec<usize> = (0..component.pairs.len()).filter(is_related).collect();
        tree(component, log10_ps, related, level)
    };
    family.components.iter().map(&mut of_one).collect()
}

/// The p of every pair of every component, paid for.
fn paid(family: &Family) -> Vec<Option<f64>> {
    let pairs = || family.components.iter().flat_map(|component| &component.pairs);
    let own = |pair: &FamilyPair| {
        let mut ps: Vec<f64> = pair.exhibit.tests.iter().map(|test| test.log10_p).collect();
        ps.resize(ps.len().max(FAMILY_TESTS), 0.0);
        many::bonferroni(&ps).unwrap_or(0.0)
    };
    let all: Vec<f64> = pairs().map(own).collect();
    let tested = pairs().map(|pair| !pair.exhibit.tests.is_empty());
    many::holm(&all).into_iter().zip(tested).map(|(p, tested)| tested.then_some(p)).collect()
}

fn tree(
    component: &FamilyComponent,
    log10_ps: Vec<Option<f64>>,
    related: Vec<usize>,
    level: f64,
) -> FamilyTree {
    let pairs = &component.pairs;
    let n = component.members.len();
    // A mixture lies between its parents and would take them away from their own. So it joins nobody
    // that is joined without it, and hangs on what it was made of.
    let length = |k: usize| {
        let far = match ties(component, k) {
            Ties::None => 0.0,
            Ties::Made => BEHIND,
            Ties::Other => 2.0 * BEHIND,
        };
        pairs[k].distance.unwrap_or(f64::INFINITY) + far
    };
    let links: Vec<Link> =
        related.iter().map(|&k| Link { ends: pairs[k].members, length: length(k) }).collect();
    let trees = grow(n, &links, SLACK);
    let (alone, joined): (Vec<_>, Vec<_>) = clusters(n, links.iter().map(|link| link.ends))
        .into_iter()
        .partition(|members| members.len() == 1);
    let cluster = |(members, tree): (Vec<usize>, &Tree)| {
        let inside = |k: &&usize| members.contains(&pairs[**k].members.0);
        Cluster {
            related: related.iter().filter(inside).count() as u64,
            hub: tree.hub,
            links: tree
                .branches
                .iter()
                .map(|branch| link(component, related[branch.link], branch, level))
                .collect(),
            members,
        }
    };
    let clusters = joined.into_iter().zip(&trees).map(cluster).collect();
    FamilyTree { log10_ps, clusters, alone: alone.into_iter().flatten().collect(), related }
}

/// What puts a link behind all others: more than any distance.
const BEHIND: f64 = 10.0;

/// What mixtures have to do with a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ties {
    /// Neither is one.
    None,
    /// One was made of the other.
    Made,
    /// One is a mixture of others.
    Other,
}

fn ties(component: &FamilyComponent, pair: usize) -> Ties {
    let (a, b) = component.pairs[pair].members;
    let made = |one: usize, other: usize| {
        let mixture = component.mixtures.iter().find(|mixture| mixture.member == one)?;
        Some(mixture.of.iter().any(|(member, _)| *member == other))
    };
    match (made(a, b), made(b, a)) {
        (None, None) => Ties::None,
        (Some(true), _) | (_, Some(true)) => Ties::Made,
        _ => Ties::Other,
    }
}

fn link(component: &FamilyComponent, place: usize, branch: &Branch, level: f64) -> TreeLink {
    let FamilyPair { distance, exhibit, members } = &component.pairs[place];
    let ancestry = rules::ancestry(exhibit, Grade::Derived, level);
    let of_mixture = ties(component, place) == Ties::Made;
    let relations = match exhibit.changes.is_empty() || of_mixture {
        true => Vec::new(),
        false => relation::relations(exhibit, Grade::Derived, ancestry),
    };
    let is_mixture = |member: usize| component.mixtures.iter().any(|m| m.member == member);
    let side = if is_mixture(members.0) { Side::Suspect } else { Side::Reference };
    let mixed = Direction { child: side, grounds: vec![IS_MIXTURE] };
    TreeLink {
        pair: place,
        ends: (branch.from, branch.to),
        as_near: if of_mixture { Vec::new() } else { branch.as_near.clone() },
        distance: *distance,
        ancestry,
        direction: if of_mixture { Some(mixed) } else { relation::direction(&relations) },
        relations,
        of_mixture,
    }
}

/// The ground on which a mixture is said to be made from its members.
const IS_MIXTURE: &str = "it is a sum of several models, none of which is one of it";
