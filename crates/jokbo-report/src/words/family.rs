//! What is said of a family of models and of its trees.

use super::{capital, count, of_bytes, percent, small};
use crate::family::{
    AloneModel, ComponentTree, FamilyCluster, FamilyLink, FamilyReport, MixedModel,
};

/// `3 models`.
pub(crate) fn models(n: usize) -> String {
    if n == 1 { "1 model".to_owned() } else { format!("{} models", count(n as u64)) }
}

fn pairs(n: u64) -> String {
    if n == 1 { "1 pair".to_owned() } else { format!("{} pairs", count(n)) }
}

/// What became of the pairs of a component.
pub(crate) fn tested(tree: &ComponentTree) -> String {
    let counts = &tree.pairs;
    if counts.all == 0 {
        return "nothing to compare it with".to_owned();
    }
    let mut words = vec![format!("{} of {} related", count(counts.related), pairs(counts.all))];
    if 0 < counts.not_found {
        words.push(format!("{} tested and not found", count(counts.not_found)));
    }
    if 0 < counts.not_comparable {
        words.push(format!("{} not comparable", count(counts.not_comparable)));
    }
    words.join(", ")
}

/// How many models a cluster has, and how many of their pairs were found related directly.
pub(crate) fn cluster(cluster: &FamilyCluster) -> String {
    let n = models(cluster.models.len());
    match cluster.pairs - cluster.related_pairs.min(cluster.pairs) {
        0 => format!("{n}, every pair found related"),
        _ => format!(
            "{n}, {} of {} found related, the others through them",
            count(cluster.related_pairs),
            pairs(cluster.pairs)
        ),
    }
}

/// How far apart the two ends of a link are.
pub(crate) fn distance(link: &FamilyLink) -> String {
    match link.distance {
        None => "-".to_owned(),
        Some(0.0) => "0".to_owned(),
        Some(d) if d < 0.0005 => "< 0.001".to_owned(),
        Some(d) => format!("{d:.3}"),
    }
}

/// How the weights differ along a link, which way it leads, and what else is as near.
pub(crate) fn link(link: &FamilyLink) -> String {
    let mut words = vec![how(link)];
    words.extend(lean(link));
    words.extend(as_near(&link.as_near));
    words.retain(|word| !word.is_empty());
    words.join("; ")
}

/// How the weights differ, in the words of the relations.
pub(crate) fn how(link: &FamilyLink) -> String {
    let words: Vec<String> = link.relations.iter().map(|word| word.replace('-', " ")).collect();
    words.join(", ")
}

/// Which of the two may have been made from the other.
pub(crate) fn lean(link: &FamilyLink) -> Option<String> {
    let child = link.child.as_ref()?;
    let parent = if *child == link.to { &link.from } else { &link.to };
    Some(format!("a lean that {child} was made from {parent} or its like"))
}

/// Other models of the tree that a model may as well belong to.
fn as_near(others: &[String]) -> Option<String> {
    const SHOWN: usize = 2;
    let shown = others.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match others.len() {
        0 => None,
        n if n <= SHOWN => Some(format!("as near to {shown}")),
        n => Some(format!("as near to {shown} and {} more", count((n - SHOWN) as u64))),
    }
}

/// What is said below a tree, one sentence a line: sums of others, what leans rest on, and who is alone.
pub(crate) fn notes(tree: &ComponentTree) -> Vec<String> {
    let leans = grounds(tree).into_iter().map(|ground| format!("Lean: {ground}."));
    mixtures(tree).into_iter().chain(leans).chain(alone(tree)).collect()
}

/// Models that are sums of others, one sentence each.
fn mixtures(tree: &ComponentTree) -> Vec<String> {
    let mixed = |mixture: &MixedModel| {
        let shares = mixture.of.iter().map(|s| format!("{} ({})", s.model, small(s.weight)));
        let shares = shares.collect::<Vec<_>>().join(", ");
        format!("{} is a sum of others: {shares}.", mixture.model)
    };
    tree.clusters.iter().flat_map(|cluster| &cluster.mixtures).map(mixed).collect()
}

/// What the leans of a tree rest on, each ground once.
fn grounds(tree: &ComponentTree) -> Vec<String> {
    let links = tree.clusters.iter().flat_map(|cluster| &cluster.links);
    let mut grounds: Vec<&String> = links.flat_map(|link| &link.grounds).collect();
    grounds.sort();
    grounds.dedup();
    grounds.into_iter().cloned().collect()
}

/// Models that nothing joins to another, tested and not, one sentence for each kind.
fn alone(tree: &ComponentTree) -> Vec<String> {
    let (tested, not): (Vec<&AloneModel>, Vec<_>) =
        tree.alone.iter().partition(|alone| 0 < alone.tested_against);
    let names = |list: &[&AloneModel]| {
        list.iter().map(|alone| alone.model.as_str()).collect::<Vec<_>>().join(", ")
    };
    let mut lines = Vec::new();
    if !tested.is_empty() {
        lines.push(format!("Alone, tested and not found related to any: {}.", names(&tested)));
    }
    if !not.is_empty() {
        lines
            .push(format!("Alone, with nothing that another could be tested on: {}.", names(&not)));
    }
    lines.extend(power(tree));
    lines
}

/// What would have been found, where something was tested and not found.
fn power(tree: &ComponentTree) -> Option<String> {
    let power = tree.power.as_ref()?;
    let cosine = power.aligned_cosine.map(|c| format!("an aligned cosine of {}", small(c)));
    let share = power.units_share.map(|share| format!("{} of the units copied", percent(share)));
    let all = [cosine, share].into_iter().flatten().collect::<Vec<_>>().join(", or ");
    Some(match all.is_empty() {
        true => "Of the pairs not found some have too few units to reach the level, whatever the \
                 relation."
            .to_owned(),
        false => format!(
            "{}, would have been found under the stored numbering between the two that share fewest \
             units.",
            capital(&all)
        ),
    })
}

/// How much of a component tests may draw from.
pub(crate) fn testable(tree: &ComponentTree) -> Option<String> {
    let shares = tree.members.iter().filter_map(|member| member.testable_share);
    let (low, high) = shares.fold((f64::INFINITY, 0.0f64), |(l, h), s| (l.min(s), h.max(s)));
    let [one, two] = [low, high].map(percent);
    match low.is_finite() {
        false => None,
        true if one == two => Some(format!("tests draw from {one} of the parameters")),
        true => Some(format!("tests draw from {one} to {two} of the parameters")),
    }
}

/// What was read.
pub(crate) fn family_cost(report: &FamilyReport) -> String {
    format!(
        "Each model was read once, seeded rows and columns of its tensors: {}.",
        of_bytes(report.cost)
    )
}

/// What a tree means and what it does not.
pub(crate) const FAMILY_NOTES: [&str; 3] = [
    "A number beside a link is a distance: 0 for equal values, 1.414 for unrelated ones. The tree is \
     drawn from the model that is nearest to all others. That says nothing on who came first; a \
     direction is said only where something speaks for it.",
    "Weights are compared under the numbering they are stored in. Hidden units, coordinates and layers \
     that were renumbered, a rotated stream and tensors without names are not looked for here, and a \
     model that stands alone may have been hidden so: `jokbo compare` undoes that, pair by pair.",
    "No evidence does not prove that a model was made from scratch.",
];

/// What every report of a family ends with.
pub(crate) fn family_closing(report: &FamilyReport) -> String {
    format!(
        "jokbo {}, rules {}, family-wise level {:e}, seed {}. Every p is \"at most\" and pays for all \
         pairs and components. `jokbo explain tree` says more.",
        report.tool.version, report.tool.rules, report.level, report.seed
    )
}
