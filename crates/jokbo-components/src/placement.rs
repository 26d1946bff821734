//! Components that a person gave to tensors, over what their names say.

use std::fmt;

use jokbo_tensors::Entry;

use crate::ComponentName;
use crate::assign::Assignment;
use crate::tally::components;

/// Where the tensors belong whose names start with a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// What the names start with.
    pub prefix: String,
    /// The component that they are given.
    pub component: ComponentName,
}

impl Placement {
    /// Reads `prefix=component`.
    ///
    /// # Errors
    ///
    /// One sentence, when there is no `=`, no prefix, or no such component.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (prefix, component) = text
            .rsplit_once('=')
            .filter(|(prefix, _)| !prefix.is_empty())
            .ok_or_else(|| format!("{text:?} is not written prefix=component"))?;
        let named = ComponentName::parse(component).ok_or_else(|| {
            format!(
                "{component:?} is no component; language-model, text-encoder, vision-encoder, \
                 audio-encoder, projector, vision-decoder, audio-decoder, token-embedding, \
                 output-head and other:NAME are, all but the last also as vision-encoder:NAME"
            )
        })?;
        Ok(Self { prefix: prefix.to_owned(), component: named })
    }
}

impl fmt::Display for Placement {
    /// As [`Placement::parse`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.prefix, self.component)
    }
}

impl Assignment {
    /// The assignment with the tensors under each prefix in the component that it was given, and a
    /// note on each that was used. Of several prefixes that fit, the longest decides. What a tensor
    /// does there (role, layer, axes) stays as it was.
    #[must_use]
    pub fn placing(mut self, entries: &[Entry], placements: &[Placement]) -> Self {
        let mut used = vec![0_u64; placements.len()];
        let longest = |name: &str| {
            let fits = |(_, p): &(usize, &Placement)| name.starts_with(&p.prefix);
            let fitting = placements.iter().enumerate().filter(fits);
            fitting.max_by_key(|(at, p)| (p.prefix.len(), *at))
        };
        let placed: Vec<_> = entries.iter().map(|entry| longest(&entry.name)).collect();
        placed.iter().flatten().for_each(|(at, _)| used[*at] += 1);
        for part in &mut self.parts {
            if let Some((_, placement)) = placed[part.entry] {
                part.key.component = placement.component.clone();
            }
        }
        self.parts.sort_by(|a, b| a.place().cmp(&b.place()));
        (self.components, self.entry_component) = components(entries, &self.parts);
        let notes = placements.iter().zip(used).filter(|(_, tensors)| 0 < *tensors);
        self.notes.extend(notes.map(|(Placement { prefix, component }, tensors)| {
            let s = if tensors == 1 { "" } else { "s" };
            format!("{tensors} tensor{s} under {prefix} placed in {component} by the user")
        }));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assign::assign_entries;
    use crate::samples::entries;

    fn components_of(placements: &[&str]) -> Vec<String> {
        let names = ["eyes.a.weight", "eyes.b.weight", "model.layers.0.mlp.up_proj.weight"];
        let entries = entries(&names.map(|name| (name, &[8_u64, 4][..])));
        let read: Vec<_> = placements.iter().map(|p| Placement::parse(p).unwrap()).collect();
        let assignment = assign_entries(&entries, None).placing(&entries, &read);
        let mut lines: Vec<String> =
            assignment.components.iter().map(|c| format!("{} {}", c.name, c.parameters)).collect();
        lines.extend(assignment.notes);
        lines
    }

    #[test]
    fn the_longest_prefix_decides() {
        assert_eq!(components_of(&[]), ["language-model 32", "other:eyes 64"]);
        assert_eq!(
            components_of(&["eyes.=vision-encoder", "eyes.b=projector:left", "nothing=projector"]),
            [
                "language-model 32",
                "vision-encoder 32",
                "projector:left 32",
                "1 tensor under eyes. placed in vision-encoder by the user",
                "1 tensor under eyes.b placed in projector:left by the user",
            ]
        );
    }

    #[test]
    fn what_is_no_placement_is_refused_in_one_sentence() {
        let refused = |text| Placement::parse(text).unwrap_err();
        assert_eq!(refused("eyes"), "\"eyes\" is not written prefix=component");
        assert_eq!(refused("=projector"), "\"=projector\" is not written prefix=component");
        assert!(refused("a=brain").starts_with("\"brain\" is no component; language-model"));
        assert_eq!(Placement::parse("a=b=projector").unwrap().prefix, "a=b");
        let written = "a=b=vision-encoder:left";
        assert_eq!(Placement::parse(written).unwrap().to_string(), written);
    }
}
