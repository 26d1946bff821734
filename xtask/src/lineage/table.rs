//! The one table: what was found of what is there, and what was said of what is not.

use std::collections::BTreeMap;

use serde::Serialize;

use super::kin::Kin;
use super::manifest::Manifest;
use super::maps;
use super::merges::{self, Merged};
use super::naming::{self, Tally};
use super::outcome::{Component, Outcome};
use super::peers::Peer;
use super::ranking::{self, Ranking, count};
use super::uniform::{self, Uniform};

/// Everything the page shows.
#[derive(Debug, Serialize)]
pub(crate) struct Table<'a> {
    pub(crate) networks: usize,
    pub(crate) pairs: usize,
    /// Pairs in which no component shares a draw with its counterpart.
    pub(crate) independent_pairs: usize,
    /// Components that share no draw with their counterpart, in any pair, and were tested.
    pub(crate) independent_components_tested: usize,
    pub(crate) independent_components: usize,
    /// Independent components that were called related: must be empty.
    pub(crate) false_accusations: Vec<String>,
    pub(crate) rows: Vec<Row>,
    /// Children with their parent and pairs of one start, against independent components.
    pub(crate) by_component: Option<Ranking>,
    /// The same by the best component of each pair.
    pub(crate) by_pair: Option<Ranking>,
    /// Relations named for what they are; absent while none is named at all.
    pub(crate) named: Option<Tally>,
    /// The parent told from the child; absent while no report says a direction.
    pub(crate) directed: Option<Tally>,
    /// Merges with their parents named.
    pub(crate) merges: merges::Summary,
    pub(crate) peers: &'a [Peer],
    pub(crate) uniform: Vec<Uniform>,
}

/// One relation.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) relation: String,
    pub(crate) pairs: usize,
    /// Pairs with a finding in at least one related component.
    pub(crate) pairs_found: usize,
    /// Related components, and those found.
    pub(crate) components: usize,
    pub(crate) components_found: usize,
    pub(crate) median_log10_p: Option<f64>,
    /// Pairs of which every found component is said to come from a checkpoint.
    pub(crate) said_checkpoint: usize,
    /// Layers that the found map places rightly, of those that the making gives.
    pub(crate) layers: Option<(usize, usize)>,
    /// Experts that the found map places rightly, of those that the making gives.
    pub(crate) experts: Option<(usize, usize)>,
    /// Pairs with the relation's word, where it has one.
    pub(crate) named: Option<(usize, usize)>,
    /// Pairs with a related component that was not found.
    pub(crate) missed: Vec<String>,
}

impl<'a> Table<'a> {
    /// Counts.
    pub(crate) fn new(
        manifest: &Manifest,
        (outcomes, reversed): (&[Outcome], &[Outcome]),
        merges: &[Merged],
        peers: &'a [Peer],
    ) -> Self {
        let is_null = |o: &&Outcome| o.kin == Kin::Independent;
        let strangers = || {
            let each = |o| components(o).filter(|(_, c)| !c.related);
            outcomes.iter().flat_map(each)
        };
        let accused = strangers().filter(|(_, c)| c.is_finding()).map(|(o, c)| {
            format!("{} against {}, {}: {}", o.suspect, o.reference, c.component, c.verdict)
        });
        let direct = || outcomes.iter().filter(|o| o.kin.is_direct());
        let scores = |all: &mut dyn Iterator<Item = f64>| all.collect::<Vec<f64>>();
        let related = scores(
            &mut direct().flat_map(|o| &o.components).filter(|c| c.related).map(Component::score),
        );
        let null = scores(&mut strangers().map(|(_, c)| c.score()));
        let by_pair = ranking::rank(
            &scores(&mut direct().map(Outcome::score)),
            &scores(&mut outcomes.iter().filter(is_null).map(Outcome::score)),
        );
        Self {
            networks: manifest.networks.len(),
            pairs: outcomes.len(),
            independent_pairs: outcomes.iter().filter(is_null).count(),
            independent_components: strangers().count(),
            independent_components_tested: strangers().filter(|(_, c)| c.log10_p.is_some()).count(),
            false_accusations: accused.collect(),
            rows: rows(manifest, outcomes),
            by_component: ranking::rank(&related, &null),
            by_pair,
            named: naming::relations(outcomes),
            directed: naming::directions(outcomes, reversed),
            merges: merges::sum(merges),
            peers,
            uniform: uniform::all(outcomes),
        }
    }

    /// Related components that were found, of all between children and parents.
    pub(crate) fn recall(&self) -> (usize, usize) {
        let direct = self.rows.iter().filter(|row| row.relation != Kin::Relatives.row());
        direct
            .fold((0, 0), |(found, all), row| (found + row.components_found, all + row.components))
    }
}

fn components(outcome: &Outcome) -> impl Iterator<Item = (&Outcome, &Component)> {
    outcome.components.iter().map(move |c| (outcome, c))
}

fn rows(manifest: &Manifest, outcomes: &[Outcome]) -> Vec<Row> {
    let mut by_row: BTreeMap<&Kin, Vec<&Outcome>> = BTreeMap::new();
    for outcome in outcomes.iter().filter(|o| o.kin != Kin::Independent) {
        by_row.entry(&outcome.kin).or_default().push(outcome);
    }
    by_row.into_iter().map(|(kin, outcomes)| row(manifest, kin.row(), &outcomes)).collect()
}

fn row(manifest: &Manifest, relation: &str, outcomes: &[&Outcome]) -> Row {
    let related = || outcomes.iter().flat_map(|o| components(o)).filter(|(_, c)| c.related);
    let found = || related().filter(|(_, c)| c.is_finding());
    let any = |o: &&&Outcome| o.components.iter().any(|c| c.related && c.is_finding());
    let all_checkpoint = |o: &&&Outcome| {
        let mut said = o.components.iter().filter(|c| c.related && c.is_finding()).peekable();
        said.peek().is_some() && said.all(|c| c.ancestry == "checkpoint")
    };
    let missed = related().filter(|(_, c)| !c.is_finding()).map(|(o, c)| {
        format!("{} against {}, {}: {}", o.suspect, o.reference, c.component, c.verdict)
    });
    let is_stack = |(_, c): &(&Outcome, &Component)| {
        !["token-embedding", "output-head"].contains(&c.component.as_str())
    };
    let add = |a: (usize, usize), b: (usize, usize)| (a.0 + b.0, a.1 + b.1);
    let layers = related()
        .filter(is_stack)
        .filter_map(|(o, c)| maps::judge(manifest, &o.suspect, &o.reference, c))
        .reduce(add);
    let experts = related()
        .filter(is_stack)
        .filter_map(|(o, c)| maps::judge_experts(manifest, &o.suspect, &o.reference, c))
        .reduce(add);
    Row {
        relation: relation.to_owned(),
        pairs: outcomes.len(),
        pairs_found: outcomes.iter().filter(any).count(),
        components: related().count(),
        components_found: found().count(),
        median_log10_p: median(related().filter_map(|(_, c)| c.log10_p).collect()),
        said_checkpoint: outcomes.iter().filter(all_checkpoint).count(),
        layers,
        experts,
        named: naming::row(relation, outcomes),
        missed: missed.collect(),
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// `part` of `whole` as a share; `None` of nothing.
pub(crate) fn share(part: usize, whole: usize) -> Option<f64> {
    (0 < whole).then(|| count(part) / count(whole))
}
