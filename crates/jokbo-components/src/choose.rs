//! Which family and pattern each tensor belongs to.
//!
//! The same name can fit several families: `layers.0.self_attn.q_proj.weight` is Llama's and
//! Whisper's. What decides is how much of everything under that prefix a family explains. The
//! rule, in order:
//!
//! 1. a pattern that speaks for itself (`alone`), the longer first;
//! 2. the family that has layers at this prefix, then one that has them nearest below it;
//! 3. the family that matches most tensors at that place;
//! 4. a family that is for the model type the config names, before one that is for all;
//! 5. the order of the family files, then of patterns.
//!
//! A pattern outside the layers counts only beside layers of its family: `norm.weight` in a model
//! nobody knows stays unknown. Work is one pass over names, candidates and prefixes.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::family::Rule;
use crate::library::Library;
use crate::name::Name;
use crate::pattern::{Hit, param};

/// The rule a tensor was given to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice<'a> {
    pub(crate) family: usize,
    pub(crate) rule: &'a Rule,
    pub(crate) hit: Hit,
    /// What stands before the pattern.
    pub(crate) prefix: &'a str,
    /// The prefix of the layers it belongs to: `prefix`, or something below it.
    pub(crate) tower: &'a str,
}

/// A rule that fits a name.
type Candidate<'a> = (usize, &'a Rule, Hit);

/// Layers of one family found at or below a prefix.
#[derive(Debug, Clone, Copy)]
struct Found<'a> {
    /// Segments from the prefix down to the layers.
    distance: usize,
    /// Tensors the family matches there.
    score: u32,
    tower: &'a str,
}

/// The rule of every name, or `None` where no family speaks.
/// A family that is for some model types alone speaks only when `model` is one of them.
pub(crate) fn choose<'a>(
    library: &'a Library,
    names: &[Name<'a>],
    model: Option<&str>,
) -> Vec<Option<Choice<'a>>> {
    let candidates: Vec<Vec<Candidate<'a>>> =
        names.iter().map(|name| candidates(library, name, model)).collect();
    let found = found(names, &candidates);
    names
        .iter()
        .zip(candidates)
        .map(|(name, candidates)| {
            let ranked = candidates.into_iter().filter_map(|(family, rule, hit)| {
                let prefix = name.first(hit.prefix);
                let found = match found.get(&(prefix, family)) {
                    Some(found) => *found,
                    None if rule.alone => Found { distance: 0, score: 0, tower: prefix },
                    None => return None,
                };
                let length = if rule.alone { rule.pattern.len() } else { 0 };
                let for_all = library.families[family].models.is_empty();
                let rank = (Reverse(length), found.distance, Reverse(found.score), for_all, family);
                Some((rank, Choice { family, rule, hit, prefix, tower: found.tower }))
            });
            ranked.min_by_key(|(rank, _)| *rank).map(|(_, choice)| choice)
        })
        .collect()
}

fn candidates<'a>(
    library: &'a Library,
    name: &Name<'a>,
    model: Option<&str>,
) -> Vec<Candidate<'a>> {
    let speaks = |family: usize| {
        let models = &library.families[family].models;
        models.is_empty() || model.is_some_and(|model| models.iter().any(|m| m == model))
    };
    let mut ends = name.segments.iter().rev();
    let last = ends.next().copied().unwrap_or_default();
    let before = ends.next().copied().filter(|_| param(last).is_some());
    before
        .into_iter()
        .chain([last])
        .flat_map(|key| library.rules_ending_in(key))
        .filter(|(family, _)| speaks(*family))
        .filter_map(|(family, rule)| Some((family, rule, rule.pattern.find(name)?)))
        .collect()
}

/// For every prefix and family, the nearest layers of the family at or below it.
fn found<'a>(
    names: &[Name<'a>],
    candidates: &[Vec<Candidate<'a>>],
) -> BTreeMap<(&'a str, usize), Found<'a>> {
    // Matches of a family at a prefix, and whether one of them stands in a layer.
    let mut matches: BTreeMap<(&'a str, usize), (u32, bool)> = BTreeMap::new();
    for (name, candidates) in names.iter().zip(candidates) {
        for (family, rule, hit) in candidates {
            let (count, layered) =
                matches.entry((name.first(hit.prefix), *family)).or_insert((0, false));
            *count = count.saturating_add(1);
            *layered |= rule.pattern.is_layered();
        }
    }
    let mut found: BTreeMap<(&'a str, usize), Found<'a>> = BTreeMap::new();
    for (&(tower, family), &(score, _)) in matches.iter().filter(|(_, (_, layered))| *layered) {
        let mut prefix = tower;
        for distance in 0.. {
            let here = Found { distance, score, tower };
            let rank = |f: &Found<'_>| (f.distance, Reverse(f.score));
            found
                .entry((prefix, family))
                .and_modify(|known| {
                    if rank(&here) < rank(known) {
                        *known = here;
                    }
                })
                .or_insert(here);
            if prefix.is_empty() {
                break;
            }
            prefix = prefix.rfind('.').map_or("", |dot| &prefix[..dot]);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::library;

    #[track_caller]
    fn families(names: &[&str]) -> Vec<Option<(&'static str, String)>> {
        let names: Vec<Name<'_>> = names.iter().map(|name| Name::new(name)).collect();
        let chosen = choose(library(), &names, None);
        chosen
            .iter()
            .map(|choice| {
                choice.map(|c| (library().families[c.family].name.as_str(), c.tower.to_owned()))
            })
            .collect()
    }

    #[test]
    fn the_family_that_explains_most_under_a_prefix_takes_what_is_shared() {
        let got = families(&[
            "a.layers.0.self_attn.q_proj.weight",
            "a.layers.0.mlp.down_proj.weight",
            "b.layers.0.self_attn.q_proj.weight",
            "b.layers.0.fc1.weight",
            "b.layers.0.fc2.weight",
        ]);
        let names: Vec<_> = got.iter().map(|f| f.as_ref().unwrap().0).collect();
        assert_eq!(
            names,
            ["llama", "llama", "whisper-encoder", "whisper-encoder", "whisper-encoder"]
        );
    }

    #[test]
    fn a_pattern_outside_the_layers_needs_layers_at_or_below_its_prefix() {
        let got = families(&[
            "m.layers.0.mlp.up_proj.weight",
            "lm_head.weight",
            "m.norm.weight",
            "x.norm.weight",
        ]);
        let llama = Some(("llama", "m".to_owned()));
        assert_eq!(got, [llama.clone(), llama.clone(), llama, None]);
    }

    #[test]
    fn layers_at_the_prefix_go_before_more_layers_below_it() {
        let mut names = vec!["model.norm.weight", "model.layers.0.mlp.up_proj.weight"];
        names.extend([
            "model.visual.blocks.0.norm1.weight",
            "model.visual.blocks.0.norm2.weight",
            "model.visual.blocks.0.mlp.up_proj.weight",
        ]);
        assert_eq!(families(&names)[0], Some(("llama", "model".to_owned())));
    }

    #[test]
    fn a_pattern_that_speaks_for_itself_needs_nothing_beside_it() {
        assert_eq!(families(&["deep.in.mm_projector.weight"])[0].as_ref().unwrap().0, "projectors");
        assert_eq!(families(&["norm.weight"]), [None]);
    }
}
