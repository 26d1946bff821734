//! `data/prefixes.toml`: what the segments before a body say about its component.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ComponentName;
use crate::roles::{DataError, component};

/// What one segment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prefix {
    pub(crate) component: ComponentName,
    /// Which network of the component; empty when the segment does not say.
    pub(crate) stack: String,
    /// Everything below belongs to the component, even a role that has one of its own.
    pub(crate) whole: bool,
    /// A family of this component keeps it.
    unless: Option<ComponentName>,
}

/// The segments that say something.
#[derive(Debug, Default)]
pub(crate) struct Prefixes(BTreeMap<String, Prefix>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    component: String,
    #[serde(default)]
    stack: String,
    #[serde(default)]
    whole: bool,
    unless: Option<String>,
}

impl Prefixes {
    /// Reads the rules.
    pub(crate) fn read(file: &str, text: &str) -> Result<Self, DataError> {
        let stored: BTreeMap<String, Stored> = toml::from_str(text)
            .map_err(|source| DataError::Toml { file: file.to_owned(), source })?;
        let rules = stored.into_iter().map(|(segment, rule)| {
            let unless = rule.unless.as_deref().map(|text| component(file, text)).transpose()?;
            let component = component(file, &rule.component)?;
            Ok((segment, Prefix { component, stack: rule.stack, whole: rule.whole, unless }))
        });
        Ok(Self(rules.collect::<Result<_, _>>()?))
    }

    /// What `segments` say to a family of `default`, and the number of segments up to and with
    /// the last one that speaks. The first `whole` rule from the left decides, else the rightmost
    /// rule; one without a network or a stack takes that of a rule beside it.
    pub(crate) fn of(
        &self,
        segments: &[&str],
        default: Option<&ComponentName>,
    ) -> Option<(Prefix, usize)> {
        let mut said: Option<(Prefix, usize)> = None;
        for (at, segment) in segments.iter().enumerate() {
            let Some(rule) = self.0.get(*segment) else { continue };
            if rule.unless.is_some() && rule.unless.as_ref() == default {
                continue;
            }
            let mut rule = rule.clone();
            if let Some((outer, _)) = said {
                if rule.stack.is_empty() || (outer.whole && !outer.stack.is_empty()) {
                    rule.stack.clone_from(&outer.stack);
                }
                let component = &mut rule.component;
                if component.kind == outer.component.kind && component.network.is_empty() {
                    component.network.clone_from(&outer.component.network);
                }
                if outer.whole {
                    let is_named = !outer.component.network.is_empty();
                    if is_named || component.kind != outer.component.kind {
                        component.clone_from(&outer.component);
                    }
                    rule = Prefix { component: rule.component, stack: rule.stack, ..outer };
                }
            }
            said = Some((rule, at + 1));
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ComponentKind;

    const RULES: &str = r#"
        [tower]
        component = "vision-encoder"
        [discrete]
        component = "vision-encoder:discrete"
        [text_model]
        component = "text-encoder"
        unless = "language-model"
        [talker]
        component = "audio-decoder:talker"
        whole = true
        [wav]
        component = "audio-decoder"
        whole = true
        [dit]
        component = "audio-decoder:dit"
        whole = true
    "#;

    #[track_caller]
    fn said(name: &str, default: &ComponentName) -> Option<String> {
        let prefixes = Prefixes::read("t", RULES).unwrap();
        let segments: Vec<&str> = name.split('.').collect();
        let (prefix, upto) = prefixes.of(&segments, Some(default))?;
        Some(format!("{} {} {upto}", prefix.component, prefix.stack))
    }

    #[test]
    fn the_rightmost_segment_decides_and_keeps_an_outer_network() {
        let lm = ComponentKind::LanguageModel.into();
        for (name, says) in [
            ("model", None),
            ("model.tower.x", Some("vision-encoder  2")),
            ("discrete.tower", Some("vision-encoder:discrete  2")),
            ("talker.tower", Some("audio-decoder:talker  2")),
            ("wav.dit", Some("audio-decoder:dit  2")),
            ("tower.talker", Some("audio-decoder:talker  2")),
            ("text_model", None),
        ] {
            assert_eq!(said(name, &lm).as_deref(), says, "{name}");
        }
        let encoder = ComponentKind::VisionEncoder.into();
        assert_eq!(said("text_model", &encoder).as_deref(), Some("text-encoder  1"));
    }
}
