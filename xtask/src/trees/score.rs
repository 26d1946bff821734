//! What the trees say beside what is true.

use jokbo_verdict::{Family, FamilyComponent, FamilyTree, Side};
use serde::Serialize;

use crate::lineage::manifest::{Manifest, Network};

/// Everything that was counted.
#[derive(Debug, Serialize)]
pub(crate) struct Table {
    pub(crate) networks: usize,
    pub(crate) seconds: f64,
    pub(crate) bytes_read: u64,
    pub(crate) bytes_stored: u64,
    pub(crate) components: Vec<Row>,
    /// The component with most parameters of every network.
    pub(crate) largest: Edges,
    /// Children that are not joined to a parent of theirs, in their largest component.
    pub(crate) missed: Vec<Missed>,
}

/// One component.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) component: String,
    pub(crate) members: usize,
    pub(crate) edges: Edges,
    /// Pairs with a common draw, those of them found, and those in one cluster.
    pub(crate) related: u64,
    pub(crate) found: u64,
    pub(crate) together: u64,
    /// Independent pairs; those called related, and those in one cluster through a mixture of both.
    pub(crate) independent: u64,
    pub(crate) wrong: u64,
    pub(crate) through_mixture: u64,
    /// Links with a direction where one end was made from the other; those that are right.
    pub(crate) directions: u64,
    pub(crate) directions_right: u64,
}

/// Children with a parent that shares the component.
#[derive(Debug, Default, Clone, Serialize)]
pub(crate) struct Edges {
    pub(crate) children: u64,
    /// Joined to a parent by one link.
    pub(crate) exact: u64,
    /// To a model that holds the very values of a parent, or of which a parent is as near.
    pub(crate) tied: u64,
    /// In one cluster with a parent.
    pub(crate) together: u64,
    /// Not in one cluster with a parent.
    pub(crate) apart: u64,
}

/// A child without a link to a parent.
#[derive(Debug, Serialize)]
pub(crate) struct Missed {
    pub(crate) network: String,
    pub(crate) relation: String,
    /// What it is joined to on the way to the hub, and how far away that is.
    pub(crate) joined: Option<(String, f64)>,
    /// Its nearest parent, and how far away that is.
    pub(crate) parent: (String, Option<f64>),
}

impl Edges {
    fn add(&mut self, outcome: Outcome) {
        self.children += 1;
        match outcome {
            Outcome::Exact => self.exact += 1,
            Outcome::Tied => self.tied += 1,
            Outcome::Together => self.together += 1,
            Outcome::Apart => self.apart += 1,
        }
    }
}

/// What became of one child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Exact,
    Tied,
    Together,
    Apart,
}

impl Table {
    pub(crate) fn new(
        manifest: &Manifest,
        family: &Family,
        trees: &[FamilyTree],
        seconds: f64,
    ) -> Self {
        let mut table = Self {
            networks: family.models.len(),
            seconds,
            bytes_read: family.cost.read,
            bytes_stored: family.cost.stored,
            components: Vec::new(),
            largest: Edges::default(),
            missed: Vec::new(),
        };
        for (component, tree) in family.components.iter().zip(trees) {
            let part = Part { manifest, family, component, tree };
            table.components.push(part.row());
            for member in 0..component.members.len() {
                let Some(outcome) = part.outcome(member).filter(|_| part.is_largest(member)) else {
                    continue;
                };
                table.largest.add(outcome);
                if matches!(outcome, Outcome::Together | Outcome::Apart) {
                    table.missed.extend(part.missed(member));
                }
            }
        }
        table
    }
}

/// One component with its tree and the truth.
struct Part<'a> {
    manifest: &'a Manifest,
    family: &'a Family,
    component: &'a FamilyComponent,
    tree: &'a FamilyTree,
}

impl Part<'_> {
    /// The network of a member.
    fn network(&self, member: usize) -> Option<&Network> {
        let source = &self.family.models[self.component.members[member].model].source;
        let name = source.rsplit(['/', '\\']).next()?;
        self.manifest.networks.iter().find(|network| network.name == name)
    }

    fn both(&self, pair: usize) -> Option<(&Network, &Network)> {
        let (a, b) = self.component.pairs[pair].members;
        self.network(a).zip(self.network(b))
    }

    fn name(&self) -> &str {
        &self.component.component
    }

    /// Whether the component is known to be related or not: tensors without a name have no truth.
    fn is_decided(&self, a: &Network, b: &Network) -> bool {
        let has = |network: &Network| network.roots.contains_key(self.name());
        has(a) && has(b) && a.decides(b, self.name())
    }

    fn cluster(&self, member: usize) -> Option<usize> {
        self.tree.clusters.iter().position(|cluster| cluster.members.contains(&member))
    }

    fn are_together(&self, a: usize, b: usize) -> bool {
        self.cluster(a).is_some() && self.cluster(a) == self.cluster(b)
    }

    fn distance(&self, a: usize, b: usize) -> Option<f64> {
        let wanted = (a.min(b), a.max(b));
        let pair = self.component.pairs.iter().find(|pair| pair.members == wanted)?;
        pair.distance
    }

    fn row(&self) -> Row {
        let mut edges = Edges::default();
        let members = 0..self.component.members.len();
        members.clone().filter_map(|m| self.outcome(m)).for_each(|outcome| edges.add(outcome));
        let mut row = Row {
            component: self.name().to_owned(),
            members: members.len(),
            edges,
            related: 0,
            found: 0,
            together: 0,
            independent: 0,
            wrong: 0,
            through_mixture: 0,
            directions: 0,
            directions_right: 0,
        };
        for k in 0..self.component.pairs.len() {
            let Some((a, b)) = self.both(k).filter(|(a, b)| self.is_decided(a, b)) else {
                continue;
            };
            let (at_a, at_b) = self.component.pairs[k].members;
            let found = self.tree.related.binary_search(&k).is_ok();
            let together = self.are_together(at_a, at_b);
            if a.shares(b, self.name()) {
                row.related += 1;
                row.found += u64::from(found);
                row.together += u64::from(together);
            } else {
                row.independent += 1;
                row.wrong += u64::from(found);
                row.through_mixture += u64::from(together && !found);
            }
        }
        for link in self.tree.clusters.iter().flat_map(|cluster| &cluster.links) {
            let Some((direction, (a, b))) = link.direction.as_ref().zip(self.both(link.pair))
            else {
                continue;
            };
            let (child, parent) = match direction.child {
                Side::Suspect => (a, b),
                Side::Reference => (b, a),
            };
            let made = |child: &Network, parent: &Network| child.parents.contains(&parent.name);
            row.directions += u64::from(made(child, parent) || made(parent, child));
            row.directions_right += u64::from(made(child, parent));
        }
        row
    }

    /// The parents of a member that share the component with it, by their places.
    fn parents(&self, member: usize) -> Vec<usize> {
        let Some(child) = self.network(member) else { return Vec::new() };
        let is_parent = |&other: &usize| {
            self.network(other).is_some_and(|network| {
                child.parents.contains(&network.name) && child.shares(network, self.name())
            })
        };
        (0..self.component.members.len()).filter(is_parent).collect()
    }

    /// What became of a child; `None` of a member that is none.
    fn outcome(&self, member: usize) -> Option<Outcome> {
        let parents = self.parents(member);
        if parents.is_empty() {
            return None;
        }
        let neighbours = self.neighbours(member);
        let copies = |n: usize| parents.iter().any(|&p| self.distance(n, p) == Some(0.0));
        let as_near = self.as_near(member);
        Some(if neighbours.iter().any(|n| parents.contains(n)) {
            Outcome::Exact
        } else if neighbours.iter().any(|&n| copies(n))
            || parents.iter().any(|p| as_near.contains(p))
        {
            Outcome::Tied
        } else if parents.iter().any(|&p| self.are_together(member, p)) {
            Outcome::Together
        } else {
            Outcome::Apart
        })
    }

    fn neighbours(&self, member: usize) -> Vec<usize> {
        let links = self.tree.clusters.iter().flat_map(|cluster| &cluster.links);
        let other = |(from, to): (usize, usize)| {
            [(from, to), (to, from)].into_iter().find(|(one, _)| *one == member).map(|(_, two)| two)
        };
        links.filter_map(|link| other(link.ends)).collect()
    }

    /// Members that the tree says are as near to this one as the one it hangs on.
    fn as_near(&self, member: usize) -> Vec<usize> {
        let links = self.tree.clusters.iter().flat_map(|cluster| &cluster.links);
        let to_it = links.filter(|link| link.ends.1 == member);
        to_it.flat_map(|link| link.as_near.clone()).collect()
    }

    /// Whether no component of the member's model is larger.
    fn is_largest(&self, member: usize) -> bool {
        let own = &self.component.members[member];
        let all = self.family.components.iter().flat_map(|component| &component.members);
        all.filter(|other| other.model == own.model).all(|other| other.parameters <= own.parameters)
    }

    fn missed(&self, member: usize) -> Option<Missed> {
        let child = self.network(member)?;
        let links = self.tree.clusters.iter().flat_map(|cluster| &cluster.links);
        let joined = links
            .filter(|link| link.ends.1 == member)
            .find_map(|link| Some((self.network(link.ends.0)?.name.clone(), link.distance?)));
        let far = |p: &usize| self.distance(member, *p).unwrap_or(f64::INFINITY);
        let parents = self.parents(member);
        let nearest = parents.into_iter().min_by(|a, b| far(a).total_cmp(&far(b)))?;
        Some(Missed {
            network: child.name.clone(),
            relation: child.relation.clone(),
            joined,
            parent: (self.network(nearest)?.name.clone(), self.distance(member, nearest)),
        })
    }
}
