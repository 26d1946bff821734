//! What is said of relations and of direction.

use std::collections::BTreeMap;

use super::{count, interval, percent, small};
use crate::schema::{Direction, ExpertMatch, Extent, Interval, ParentShare, Relation};

/// How the weights were changed, in words.
pub(crate) fn relation(relation: &Relation) -> String {
    match relation {
        Relation::SameBits { share } if 1.0 <= *share => "same bits".to_owned(),
        Relation::SameBits { share } => format!("same bits in {}", percent(*share)),
        Relation::Converted { from, to, lossless: true } => {
            format!("the same values in another type, {from} and {to}, without loss")
        }
        Relation::Converted { from, to, lossless: false } => {
            format!("the same values in another type, {from} rounded to the nearest {to}")
        }
        Relation::Quantised { side, bits, per, group, like, nearest_share, extent } => {
            let lattice = lattice(*bits, per, *group, like.as_deref());
            format!(
                "quantised: the {side}'s values lie on the lattice of {lattice}, {} of them on the \
                 level nearest to the other side's{}",
                percent(*nearest_share),
                within(extent)
            )
        }
        Relation::FineTuned { relative_l2, extent } => {
            format!("fine-tuned: {}{}", distance(*relative_l2), within(extent))
        }
        Relation::AdapterMerged { rank, tensors, extent } => {
            let least = tensors.iter().map(|t| t.rank).min().unwrap_or(*rank);
            let rank = if least == *rank { rank.to_string() } else { format!("{least} to {rank}") };
            format!("adapter merged: a change of rank {rank} was added{}", within(extent))
        }
        Relation::NoiseAdded { side, sd, relative, extent } => {
            let of = if *relative { " of each tensor's own" } else { "" };
            let side =
                side.as_ref().map_or(String::new(), |side| format!(" to the {side}'s values"));
            let sd = if *relative { interval(*sd) } else { format!("{:.3e}", sd.value) };
            format!(
                "noise added{side}: independent, with a standard deviation of {sd}{of}{}",
                within(extent)
            )
        }
        Relation::ZeroMasked { side, share, pattern, extent } => {
            let pattern = match pattern.as_str() {
                "unstructured" => String::new(),
                "rows" | "columns" => format!(", whole {pattern}"),
                group => format!(", {group} in every group"),
            };
            let share = percent(*share);
            format!(
                "zero-masked: {share} of the {side}'s values are zero{pattern}{}",
                within(extent)
            )
        }
        Relation::Scaled { per, factor, extent }
            if per == "tensor" && factor.low == factor.high =>
        {
            format!("scaled: multiplied by {}{}", small(factor.value), within(extent))
        }
        Relation::Scaled { per, factor, extent } => format!(
            "scaled: every {per} multiplied by a factor of its own, {} to {}{}",
            small(factor.low),
            small(factor.high),
            within(extent)
        ),
        Relation::VocabularyResized { part, rows, reference_rows, equal_share } => format!(
            "vocabulary resized: {part} has {} rows, the reference {}; {} of the common rows' \
             values are equal",
            count(*rows),
            count(*reference_rows),
            percent(*equal_share)
        ),
        Relation::WidthPruned {
            side,
            units,
            reference_units,
            coordinates,
            reference_coordinates,
        } => {
            format!(
                "width-pruned: the {side} is narrower; {} hidden units here and {} in the reference, \
                 {} and {} residual coordinates",
                count(*units),
                count(*reference_units),
                count(*coordinates),
                count(*reference_coordinates)
            )
        }
        Relation::DepthPruned { kept } => {
            format!("depth-pruned: {kept} layers were kept in their order")
        }
        Relation::LayersRepeated { side, again } => {
            let occur = if *again == 1 { "occurs" } else { "occur" };
            format!("layers repeated: {again} of the {side}'s {occur} once more")
        }
        Relation::Upcycled { side, experts, layers, units_share } => format!(
            "upcycled: each of {experts} experts in {layers} layers of the {side} holds the dense network \
             of the other side, {} of the units drawn at their own numbers",
            percent(*units_share)
        ),
        Relation::ExpertSplit { side, experts, layers, units_share } => format!(
            "expert split: {} of the units drawn from {experts} experts in {layers} layers of the {side} \
             are units of the other side's dense networks, each in one expert",
            percent(*units_share)
        ),
        Relation::Merged { method, parents, base, place, origins, explained_share } => {
            merged(method, parents, base.as_deref(), *place, origins.len(), *explained_share)
        }
        Relation::Changed { relative_l2 } => distance(*relative_l2),
    }
}

fn merged(
    method: &str,
    parents: &[ParentShare],
    base: Option<&str>,
    place: Option<Interval>,
    tensors: usize,
    explained: f64,
) -> String {
    let kept = |p: &ParentShare| {
        p.kept.map_or(String::new(), |kept| format!(" ({} kept)", percent(kept.value)))
    };
    let share = |p: &ParentShare| format!("{} of {}{}", interval(p.coefficient), p.source, kept(p));
    let all = parents.iter().map(share).collect::<Vec<_>>().join(", ");
    let names = parents.iter().map(|p| p.source.as_str()).collect::<Vec<_>>().join(" to ");
    let rest = match explained {
        explained if 0.9995 <= explained => String::new(),
        explained => {
            format!("; {} of the distance to the nearest is explained", percent(explained))
        }
    };
    match (method, base, place) {
        ("slerp", _, Some(place)) => {
            format!("merged (SLERP): at {} on the great circle from {names}", interval(place))
        }
        ("pass-through", ..) => {
            format!("merged (pass-through): each of {tensors} matrices is one parent's: {all}")
        }
        ("ties", Some(base), _) => format!(
            "merged (TIES): {base} and the larger differences from it of one sign, {all} where one is \
             kept alone"
        ),
        ("dare", Some(base), _) => format!(
            "merged (DARE): {base} and differences from it of which some were dropped, {all}"
        ),
        (_, Some(base), _) => {
            format!("merged (task arithmetic): {base} and the differences from it, {all}{rest}")
        }
        _ => format!("merged (linear): {all}{rest}"),
    }
}

/// Layers whose experts are in another order, the first few in words. `None` where none are.
pub(crate) fn expert_map(map: &[ExpertMatch]) -> Option<String> {
    const SHOWN: usize = 4;
    let moved = |m: &ExpertMatch| m.other_expert.is_some_and(|other| other != m.expert);
    let mut layers: BTreeMap<(&str, u32), Vec<String>> = BTreeMap::new();
    for m in map.iter().filter(|m| moved(m)) {
        let from = m.other_expert.map_or(String::new(), |other| other.to_string());
        let one = format!("{} from {from}", m.expert);
        layers.entry((m.stack.as_str(), m.layer)).or_default().push(one);
    }
    let words = |((stack, layer), experts): (&(&str, u32), &Vec<String>)| {
        let stack = if stack.is_empty() { String::new() } else { format!("{stack} ") };
        let shown = experts.iter().take(2 * SHOWN).cloned().collect::<Vec<_>>().join(", ");
        let rest = if 2 * SHOWN < experts.len() { ", …" } else { "" };
        format!("{stack}layer {layer}: {shown}{rest}")
    };
    let mut all: Vec<String> = layers.iter().take(SHOWN).map(words).collect();
    if SHOWN < layers.len() {
        all.push(format!("and {} layers more", layers.len() - SHOWN));
    }
    (!all.is_empty()).then(|| all.join("; "))
}

/// The lean, with what it rests on.
pub(crate) fn direction(direction: &Direction) -> String {
    let other = if direction.child == "suspect" { "reference" } else { "suspect" };
    format!(
        "a lean that the {} was made from the {other} or its like, since {}",
        direction.child,
        direction.grounds.join(", and ")
    )
}

fn distance(relative_l2: Option<f64>) -> String {
    match relative_l2 {
        Some(distance) => format!("differs by {} of the reference's norm", percent(distance)),
        None => "differs by a distance that could not be measured".to_owned(),
    }
}

fn lattice(bits: Option<u32>, per: &str, group: Option<u64>, like: Option<&str>) -> String {
    let shape = match (bits, group) {
        (Some(bits), Some(group)) => format!("{bits} bits in groups of {group}"),
        (Some(bits), None) => format!("{bits} bits, one scale for each {per}"),
        (None, _) => String::new(),
    };
    match like {
        Some(like) if shape.is_empty() => like.to_owned(),
        Some(like) => format!("{shape} (as {like})"),
        None => shape,
    }
}

/// Where a relation holds, unless that is everywhere.
fn within(extent: &Extent) -> String {
    let tensors = if extent.tensors == 1 { "tensor" } else { "tensors" };
    match extent.share {
        share if 0.9995 <= share => String::new(),
        share => {
            format!(", in {} {tensors} ({} of the weights)", count(extent.tensors), percent(share))
        }
    }
}
