//! Tensors whose names no pattern knows: placed by path, never dropped.
//!
//! A tensor inside a layer that is known joins that layer; one under a prefix that says what it
//! is joins that component; every other one goes to [`ComponentKind::Other`], called by the
//! shortest path that no known tensor shares. Axes are claimed as in [`crate::evidence`].

use std::collections::{BTreeMap, BTreeSet};

use jokbo_tensors::Entry;

use crate::choose::Choice;
use crate::evidence::Evidence;
use crate::layout::whole;
use crate::library::Library;
use crate::name::{Name, is_digits, number};
use crate::{Axis, ComponentKind, ComponentName, Expert, Param, Part, PartKey};

/// The component of tensors that have no structure above them.
const ROOT: &str = "root";

/// What is known around the unknown tensors, and which those are.
#[derive(Debug)]
pub(crate) struct Unknown<'a> {
    library: &'a Library,
    indices: Vec<usize>,
    /// Path of a known layer, with its number: the component and stack it belongs to.
    layers: BTreeMap<&'a str, (ComponentName, String)>,
    /// Every path above a known tensor.
    paths: BTreeSet<&'a str>,
}

impl<'a> Unknown<'a> {
    /// `parts` are those of the tensors that have a choice.
    pub(crate) fn new(
        library: &'a Library,
        names: &[Name<'a>],
        choices: &[Option<Choice<'a>>],
        parts: &[Part],
    ) -> Self {
        let mut layers = BTreeMap::new();
        for part in parts {
            let name = &names[part.entry];
            let belongs_elsewhere =
                library.roles.get(&part.key.role).is_some_and(|role| role.component.is_some());
            if let Some(at) = name.segments.iter().position(|s| is_digits(s))
                && part.key.layer.is_some()
                && !belongs_elsewhere
            {
                let place = (part.key.component.clone(), part.key.stack.clone());
                layers.entry(name.first(at + 1)).or_insert(place);
            }
        }
        let mut paths = BTreeSet::new();
        for (name, _) in names.iter().zip(choices).filter(|(_, choice)| choice.is_some()) {
            paths.extend((1..name.segments.len()).map(|n| name.first(n)));
        }
        let is_unknown = |&index: &usize| choices[index].is_none();
        let indices = (0..names.len()).filter(is_unknown).collect();
        Self { library, indices, layers, paths }
    }

    /// The path an `other:` component would be called by, and its number of segments: the
    /// shortest that no known tensor shares, cut before its first number.
    fn path(&self, name: &Name<'a>) -> (&'a str, usize) {
        let n = name.segments.len();
        let first = (1..n).find(|&n| !self.paths.contains(name.first(n))).unwrap_or(n);
        let number = name.segments[..first].iter().position(|s| is_digits(s));
        let n = number.unwrap_or(first);
        let path = name.first(n);
        if path.is_empty() { ("", 0) } else { (path, n) }
    }
}

/// One part for every unknown tensor.
pub(crate) fn infer(entries: &[Entry], names: &[Name<'_>], unknown: &Unknown<'_>) -> Vec<Part> {
    let deep: BTreeSet<&str> = unknown
        .indices
        .iter()
        .filter_map(|&index| {
            let (path, n) = unknown.path(&names[index]);
            (0 < n && n + 1 < names[index].segments.len()).then_some(path)
        })
        .collect();
    let evidence = Evidence::new(unknown.indices.iter().map(|&index| &entries[index]));
    unknown
        .indices
        .iter()
        .map(|&index| {
            let entry = &entries[index];
            let rows = evidence.rows(entry);
            Part {
                key: key(unknown, &names[index], &deep),
                entry: index,
                view: whole(&entry.shape),
                rows,
                cols: Axis::Fixed,
                inferred: true,
            }
        })
        .collect()
}

fn key(unknown: &Unknown<'_>, name: &Name<'_>, deep: &BTreeSet<&str>) -> PartKey {
    let at = name.segments.iter().position(|s| number(s).is_some());
    let layer = at.and_then(|at| number(name.segments[at]));
    let in_layer = at.and_then(|at| Some((unknown.layers.get(name.first(at + 1))?, at + 1)));
    let before_last = &name.segments[..name.segments.len().saturating_sub(1)];
    let (component, stack, upto) = if let Some(((component, stack), upto)) = in_layer {
        (component.clone(), stack.clone(), upto)
    } else if let Some((prefix, upto)) = unknown.library.prefixes.of(before_last, None) {
        (prefix.component, prefix.stack, upto)
    } else {
        let (path, n) = unknown.path(name);
        let (path, n) = if deep.contains(path) { (path, n) } else { (ROOT, 0) };
        (ComponentKind::Other(path.to_owned()).into(), String::new(), n)
    };
    let (role, param) = role(name, upto, at);
    PartKey { component, stack, layer, expert: Expert::None, role, param }
}

/// What is left of a name after its first `upto` segments, with the layer's number taken out and
/// without a last `weight` or `bias`.
fn role(name: &Name<'_>, upto: usize, layer_at: Option<usize>) -> (String, Param) {
    let mut rest: Vec<&str> = name.segments.get(upto..).unwrap_or_default().to_vec();
    if let Some(number) = layer_at.and_then(|at| rest.get_mut(at.checked_sub(upto)?)) {
        *number = "{layer}";
    }
    let last = name.segments.last().copied().unwrap_or_default();
    let param = if last.ends_with("bias") { Param::Bias } else { Param::Weight };
    if matches!(last, "weight" | "bias") && 1 < rest.len() {
        rest.pop();
    }
    let role = if rest.is_empty() { name.text.to_owned() } else { rest.join(".") };
    (role, param)
}

#[cfg(test)]
mod tests {
    use crate::assign::assign_entries;
    use crate::samples::entries;

    #[track_caller]
    fn check(names: &[&str], want: &[&str]) {
        let tensors: Vec<(&str, &[u64])> = names.iter().map(|&name| (name, &[4, 4][..])).collect();
        let assignment = assign_entries(&entries(&tensors), None);
        let mut got = vec![String::new(); names.len()];
        for part in &assignment.parts {
            let mark = if part.inferred { "? " } else { "" };
            got[part.entry] = format!("{mark}{}", part.key);
        }
        assert_eq!(got, want);
    }

    #[test]
    fn an_unknown_model_is_cut_by_its_first_segments() {
        check(
            &[
                "conv1.weight",
                "basis",
                "rnn.weight_ih_l0",
                "core.block.dw_bias",
                "core.3.b.1.weight",
            ],
            &[
                "? other:root conv1",
                "? other:root basis",
                "? other:root rnn.weight_ih_l0",
                "? other:core block.dw_bias bias",
                "? other:core layer 3 {layer}.b.1",
            ],
        );
    }

    #[test]
    fn an_unknown_part_beside_a_known_model_is_called_by_its_own_path() {
        check(
            &[
                "model.layers.0.mlp.up_proj.weight",
                "model.eyes.0.conv.weight",
                "model.eyes.stem",
                "ear.1.x.bias",
                "model.odd.weight",
            ],
            &[
                "language-model layer 0 mlp-up",
                "? other:model.eyes layer 0 {layer}.conv",
                "? other:model.eyes stem",
                "? other:ear layer 1 {layer}.x bias",
                "? other:root model.odd",
            ],
        );
    }

    #[test]
    fn an_unknown_tensor_inside_a_known_layer_or_under_a_telling_prefix_stays_there() {
        check(
            &[
                "model.layers.7.mlp.up_proj.weight",
                "model.layers.7.mlp.up_proj.weight_scale_inv",
                "model.vision_tower.stages.2.conv.weight",
            ],
            &[
                "language-model layer 7 mlp-up",
                "? language-model layer 7 mlp.up_proj.weight_scale_inv",
                "? vision-encoder layer 2 stages.{layer}.conv",
            ],
        );
    }

    #[test]
    fn numbers_no_model_would_write_are_words() {
        check(
            &[
                "layers.1000000000000000000000000000000.self_attn.q_proj.weight",
                "",
                "0",
                "...",
                "1.2.3",
            ],
            &[
                "? other:layers 1000000000000000000000000000000.self_attn.q_proj",
                "? other:root ",
                "? other:root layer 0 {layer}",
                "? other:root ...",
                "? other:root layer 1 {layer}.2.3",
            ],
        );
    }
}
