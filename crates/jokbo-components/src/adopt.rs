//! Parts whose place was learned from another checkpoint: no name said it, their content did.

use jokbo_tensors::{Entry, View};

use crate::assign::Assignment;
use crate::tally::components;
use crate::{Axis, ComponentName, Part, PartKey};

/// A part that takes the place of a part of another checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// Index of the part that no name places.
    pub part: usize,
    /// What it is from now on.
    pub key: PartKey,
    /// Where its rows and columns lie.
    pub view: View,
    /// What its rows number.
    pub rows: Axis,
    /// What its columns number.
    pub cols: Axis,
    /// Whether the place it takes was itself inferred.
    pub inferred: bool,
}

impl Adoption {
    /// The place of `model` for part number `part` of `parts`, seen as `view`.
    ///
    /// A place that no name gave says nothing about components, so there the part stays in its
    /// own; the rest of the key goes over, because it says which tensors share a numbering.
    pub fn of(parts: &[Part], part: usize, model: &Part, view: View) -> Self {
        let nameless = model.key.component.is_other();
        let own = if nameless { &parts[part].key.component } else { &model.key.component };
        Self {
            part,
            key: PartKey { component: own.clone(), ..model.key.clone() },
            view,
            rows: model.rows.clone(),
            cols: model.cols.clone(),
            inferred: model.inferred,
        }
    }
}

impl Assignment {
    /// The assignment with every adoption carried out, and the new index of every part.
    #[must_use]
    pub fn adopting(&self, entries: &[Entry], adoptions: Vec<Adoption>) -> (Self, Vec<usize>) {
        let mut parts: Vec<(usize, Part)> = self.parts.iter().cloned().enumerate().collect();
        for Adoption { part, key, view, rows, cols, inferred } in adoptions {
            let entry = self.parts[part].entry;
            parts[part].1 = Part { key, entry, view, rows, cols, inferred };
        }
        parts.sort_by(|(_, a), (_, b)| a.place().cmp(&b.place()));
        let mut moved = vec![0; parts.len()];
        for (now, (before, _)) in parts.iter().enumerate() {
            moved[*before] = now;
        }
        let parts: Vec<Part> = parts.into_iter().map(|(_, part)| part).collect();
        let (components, entry_component) = components(entries, &parts);
        let (family, notes) = (self.family.clone(), self.notes.clone());
        (Self { parts, components, entry_component, family, notes }, moved)
    }
}

impl Assignment {
    /// The assignment with every part of the component `from` in the component `to`.
    #[must_use]
    pub fn renamed(&self, entries: &[Entry], from: &ComponentName, to: &ComponentName) -> Self {
        let mut parts = self.parts.clone();
        for part in parts.iter_mut().filter(|part| part.key.component == *from) {
            part.key.component = to.clone();
        }
        parts.sort_by(|a, b| a.place().cmp(&b.place()));
        let (components, entry_component) = components(entries, &parts);
        let (family, notes) = (self.family.clone(), self.notes.clone());
        Self { parts, components, entry_component, family, notes }
    }
}

impl Part {
    /// The axes of the part, those of length 1 left out: the stored ones of a whole tensor of
    /// three axes or more, else rows and columns.
    pub fn long_axes(&self, entry: &Entry) -> Vec<u64> {
        let axes =
            if self.is_whole(entry) { &entry.shape[..] } else { &[self.view.rows, self.view.cols] };
        axes.iter().copied().filter(|&size| size != 1).collect()
    }

    /// The part seen with its [`Part::long_axes`] in another order: axis `order[k]` becomes axis
    /// `k`, the first one the rows. `None` when rows or columns lie in several steps.
    pub fn reordered(&self, entry: &Entry, order: &[usize]) -> Option<View> {
        let View { rows, cols, row_walk, col_walk, .. } = self.view;
        let steps = if self.is_whole(entry) {
            row_major(&entry.shape)
        } else {
            vec![(rows, row_walk.stride()?), (cols, col_walk.stride()?)]
        };
        let long: Vec<(u64, u64)> = steps.into_iter().filter(|(size, _)| *size != 1).collect();
        let (sizes, strides): (Vec<u64>, Vec<u64>) = order
            .iter()
            .map(|&k| long.get(k).copied())
            .collect::<Option<Vec<_>>>()?
            .into_iter()
            .unzip();
        let view = View::of_strides(&sizes, &strides)?;
        Some(View { offset: self.view.offset, added: self.view.added, ..view })
    }

    /// Whether it is a whole stored tensor of three axes or more, in the order it is stored in.
    fn is_whole(&self, entry: &Entry) -> bool {
        2 < entry.shape.len()
            && self.view.elements() == entry.elements()
            && self.view.is_dense()
            && self.view.offset == 0
    }
}

/// The axes of a row-major tensor, each with its stride.
fn row_major(shape: &[u64]) -> Vec<(u64, u64)> {
    let mut stride = 1;
    let mut steps: Vec<(u64, u64)> = shape
        .iter()
        .rev()
        .map(|&size| {
            let step = (size, stride);
            stride *= size;
            step
        })
        .collect();
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ComponentKind;
    use crate::assign::assign_entries;
    use crate::samples::entries;
    use crate::{Expert, Param};

    fn nameless(shape: &[u64]) -> (Entry, Part) {
        let entries = entries(&[("val_7", shape)]);
        let assignment = assign_entries(&entries, None);
        (entries[0].clone(), assignment.parts[0].clone())
    }

    #[test]
    fn a_tensor_takes_the_place_that_its_content_says() {
        let entries = entries(&[("a", &[3]), ("val_7", &[4, 6]), ("z", &[5])]);
        let ours = assign_entries(&entries, None);
        let model = Part {
            key: PartKey {
                component: ComponentKind::TextEncoder.into(),
                stack: String::new(),
                layer: Some(2),
                expert: Expert::None,
                role: "mlp-up".to_owned(),
                param: Param::Weight,
            },
            entry: 9,
            view: View::dense(6, 4),
            rows: Axis::Units("mlp".to_owned()),
            cols: Axis::Residual,
            inferred: false,
        };
        let part = ours.parts.iter().position(|part| part.entry == 1).unwrap();
        let view = ours.parts[part].reordered(&entries[1], &[1, 0]).unwrap();
        let adoption = Adoption::of(&ours.parts, part, &model, view);
        let (now, moved) = ours.adopting(&entries, vec![adoption]);
        let found = &now.parts[moved[part]];
        assert_eq!((found.entry, &found.key, found.inferred), (1, &model.key, false));
        assert_eq!(found.view, View::dense(4, 6).transposed());
        let names: Vec<String> = now.components.iter().map(|c| c.name.to_string()).collect();
        assert_eq!(names, ["text-encoder", "other:root"]);
        assert_eq!(now.entry_component[1], ComponentKind::TextEncoder.into());
        // A place without a name says nothing about components.
        let nowhere = Part { key: ours.parts[0].key.clone(), inferred: true, ..model };
        let adoption = Adoption::of(&ours.parts, part, &nowhere, View::dense(4, 6));
        assert_eq!(adoption.key.component, ours.parts[part].key.component);
        assert!(adoption.inferred);
    }

    #[test]
    fn axes_are_put_in_any_order() {
        let (entry, part) = nameless(&[3, 1, 4, 5]);
        assert_eq!(part.long_axes(&entry), [3, 4, 5]);
        let view = part.reordered(&entry, &[2, 1, 0]).unwrap();
        assert_eq!((view.rows, view.cols), (5, 12));
        assert_eq!((view.row_start(1), view.col_walk.place(1)), (1, 20));
        let (entry, part) = nameless(&[7]);
        assert_eq!(part.long_axes(&entry), [7]);
        assert_eq!(part.reordered(&entry, &[0]), Some(View::dense(7, 1)));
        let (entry, part) = nameless(&[1, 1, 7]);
        assert_eq!(part.reordered(&entry, &[0]), Some(View::dense(7, 1)));
        assert_eq!(part.reordered(&entry, &[1]), None);
    }
}
