//! Experts that were made of dense networks.

use std::collections::{BTreeMap, BTreeSet};

use jokbo_statistics::number::{float, float_usize};

use super::Relation;
use crate::{Exhibit, ExpertMatch, Grade};

/// Experts of one layer from one network, at least: one alone may be anything.
const FEWEST: usize = 2;
/// Share of units that two experts may seem to share and still be distinct parts: matches that are
/// not exact.
const SHARED: f64 = 0.05;

/// Upcycling or splitting, where half of the layers with experts show it.
pub(super) fn made(exhibit: &Exhibit, grade: Grade) -> Option<Relation> {
    let mut layers: BTreeMap<(&str, u32), Vec<&ExpertMatch>> = BTreeMap::new();
    for one in &exhibit.expert_map {
        layers.entry((one.stack.as_str(), one.layer)).or_default().push(one);
    }
    let side = exhibit.expert_map.first().filter(|_| grade.is_finding())?.side;
    let is_dense = |one: &&ExpertMatch| one.other_expert.is_none();
    let dense = |layer: &&Vec<&ExpertMatch>| layer.iter().all(&is_dense) && FEWEST <= layer.len();
    let whole = |layer: &&Vec<&ExpertMatch>| layer.iter().all(|one| one.units.is_empty());
    let all = || layers.values().filter(dense);
    let (whole, split): (Vec<_>, Vec<_>) = all().partition(whole);
    let (is_split, seen) = if whole.is_empty() {
        (true, split.into_iter().filter(|layer| are_distinct(layer)).collect::<Vec<_>>())
    } else {
        (false, whole)
    };
    if seen.is_empty() || 2 * seen.len() < layers.len() {
        return None;
    }
    let shares: Vec<f64> =
        seen.iter().flat_map(|layer| layer.iter().map(|one| one.units_share)).collect();
    Some(Relation::ExpertsMade {
        side,
        is_split,
        experts: seen.iter().map(|layer| layer.len() as u64).max()?,
        layers: seen.len() as u64,
        units_share: shares.iter().sum::<f64>() / float_usize(shares.len()),
    })
}

/// Whether hardly a unit is in two experts.
fn are_distinct(layer: &[&ExpertMatch]) -> bool {
    let each: BTreeSet<u64> = layer.iter().flat_map(|one| one.units.iter().copied()).collect();
    let all: u64 = layer.iter().map(|one| one.units.len() as u64).sum();
    float(all - each.len() as u64) <= SHARED * float(all)
}
