//! `data/families/*.toml`: the name patterns of one family of models, and what each means.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::pattern::Pattern;
use crate::roles::{DataError, component};
use crate::{ComponentName, Param};

/// A family of models whose tensors are named alike.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    pub(crate) name: String,
    /// Where its tensors belong unless a role or a prefix says otherwise.
    pub(crate) component: ComponentName,
    /// Its residual coordinates are not exchangeable.
    pub(crate) fixed_residual: bool,
    /// The model types it is for, when names alone do not tell: what the config must say.
    pub(crate) models: Vec<String>,
    /// In the order of their patterns.
    pub(crate) rules: Vec<Rule>,
}

/// One pattern and what the tensors it matches are.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) pattern: Pattern,
    /// The roles of the parts in the tensor, in stored order; at least one.
    pub(crate) roles: Vec<String>,
    pub(crate) layout: Layout,
    /// The role of the tensor when it cannot be cut.
    pub(crate) whole: Option<String>,
    pub(crate) stack: String,
    /// Which network of its kind it belongs to; empty when the pattern does not say.
    pub(crate) network: String,
    /// It belongs to the expert that every token passes.
    pub(crate) shared: bool,
    /// The name says what it is without a layer beside it.
    pub(crate) alone: bool,
    /// Weight or bias, when the pattern has no `{param}`.
    pub(crate) param: Option<Param>,
    /// The rows of each head's two halves alternate, and are rejoined.
    pub(crate) interleaved: bool,
    /// What the file's writer added to every element of a weight.
    pub(crate) added: u8,
}

/// How the parts of a tensor lie in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One part: the first axis is its rows.
    Plain,
    /// One part, stored `[in, out]`.
    Transposed,
    /// One part behind axes of size 1.
    Squeezed,
    /// Several parts one after the other along the rows.
    Fused { split: Split, transposed: bool },
    /// One or two parts for every expert, experts along the first axis; rows of the two
    /// alternate, or stand one after the other. Upright ones are `[expert, out, in]`, whatever
    /// stands beside them.
    Stacked { alternate: bool, upright: bool },
}

/// Where a fused tensor is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Split {
    /// Into equal pieces.
    #[default]
    Equal,
    /// Queries as wide as the attention's output reads, the rest halved between keys and values.
    Grouped,
    /// Head by head: query, key and value rows of one head, then of the next.
    Heads,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    name: String,
    extends: Option<String>,
    component: Option<String>,
    residual: Option<String>,
    layer: Option<String>,
    #[serde(default)]
    models: Vec<String>,
    #[serde(default)]
    tensors: BTreeMap<String, StoredRule>,
    #[serde(default, rename = "in-layer")]
    in_layer: BTreeMap<String, StoredRule>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum StoredRule {
    Role(String),
    Full(Box<Full>),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Full {
    role: Option<String>,
    fused: Vec<String>,
    stacked: Vec<String>,
    split: Split,
    alternate: bool,
    upright: bool,
    transposed: bool,
    squeezed: bool,
    whole: Option<String>,
    stack: String,
    network: String,
    shared: bool,
    alone: bool,
    param: Option<String>,
    interleaved: bool,
    added: u8,
}

impl Family {
    /// Reads one file. `earlier` holds the families it may extend.
    pub(crate) fn read(file: &str, text: &str, earlier: &[Family]) -> Result<Self, DataError> {
        let stored: Stored = toml::from_str(text)
            .map_err(|source| DataError::Toml { file: file.to_owned(), source })?;
        let wrong = |what: String| DataError::meaning(file, what);
        let base = stored
            .extends
            .map(|name| {
                let found = earlier.iter().find(|family| family.name == name);
                found.ok_or_else(|| wrong(format!("extends {name:?}, which is not before it")))
            })
            .transpose()?;
        let component = match (&stored.component, base) {
            (Some(text), _) => component(file, text)?,
            (None, Some(base)) => base.component.clone(),
            (None, None) => return Err(wrong("names no component".to_owned())),
        };
        let fixed_residual = match stored.residual.as_deref() {
            None => base.is_some_and(|base| base.fixed_residual),
            Some("fixed") => true,
            Some(other) => return Err(wrong(format!("residual {other:?}"))),
        };
        let mut rules = base.map(|base| base.rules.clone()).unwrap_or_default();
        let in_layer = stored.in_layer.into_iter().map(|(path, rule)| {
            let layer = stored.layer.as_deref().unwrap_or_default();
            (format!("{layer}.{path}"), rule)
        });
        for (path, rule) in stored.tensors.into_iter().chain(in_layer) {
            let rule = Rule::of(&path, rule).map_err(|what| wrong(format!("{path}: {what}")))?;
            rules.retain(|inherited: &Rule| inherited.pattern != rule.pattern);
            rules.push(rule);
        }
        Ok(Self { name: stored.name, component, fixed_residual, models: stored.models, rules })
    }
}

impl Rule {
    fn of(path: &str, stored: StoredRule) -> Result<Self, &'static str> {
        let full = match stored {
            StoredRule::Role(role) => Full { role: Some(role), ..Full::default() },
            StoredRule::Full(full) => *full,
        };
        let pattern = Pattern::parse(path).ok_or("not a pattern")?;
        let (roles, layout) = match (full.role, full.fused, full.stacked) {
            (Some(role), fused, stacked) if fused.is_empty() && stacked.is_empty() => {
                let layout = match (full.transposed, full.squeezed) {
                    (false, false) => Layout::Plain,
                    (true, false) => Layout::Transposed,
                    (false, true) => Layout::Squeezed,
                    (true, true) => return Err("transposed and squeezed"),
                };
                (vec![role], layout)
            }
            (None, fused, stacked) if fused.len() > 1 && stacked.is_empty() => {
                let layout = Layout::Fused { split: full.split, transposed: full.transposed };
                (fused, layout)
            }
            (None, fused, stacked) if fused.is_empty() && matches!(stacked.len(), 1 | 2) => {
                (stacked, Layout::Stacked { alternate: full.alternate, upright: full.upright })
            }
            _ => return Err("wants one of role, fused, stacked"),
        };
        let cut = !matches!(layout, Layout::Plain | Layout::Transposed | Layout::Squeezed);
        if cut != full.whole.is_some() {
            return Err("wants `whole` when it can be cut, and only then");
        }
        let param = match full.param.as_deref() {
            None => None,
            Some("bias") => Some(Param::Bias),
            Some(_) => return Err("param can only be \"bias\""),
        };
        if layout != Layout::Plain && (full.interleaved || full.added != 0) {
            return Err("only a plain part can be interleaved or added to");
        }
        let Full { whole, stack, network, shared, alone, interleaved, added, .. } = full;
        Ok(Self {
            pattern,
            roles,
            layout,
            whole,
            stack,
            network,
            shared,
            alone,
            param,
            interleaved,
            added,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ComponentKind;

    #[track_caller]
    fn family(text: &str, earlier: &[Family]) -> Result<Family, String> {
        Family::read("t", text, earlier).map_err(|err| err.to_string())
    }

    #[test]
    fn a_family_adds_to_the_one_it_extends_and_overrides_it() {
        let base = "name = 'a'\ncomponent = 'language-model'\nlayer = 'l.{layer}'\n\
            [tensors]\n'n.{param}' = 'x'\n[in-layer]\n'q.{param}' = 'y'";
        let base = family(base, &[]).unwrap();
        let child = "name = 'b'\nextends = 'a'\n[tensors]\n'n.{param}' = 'z'\n'm' = 'x'";
        let child = family(child, &[base]).unwrap();
        let roles: Vec<&str> = child.rules.iter().map(|r| r.roles[0].as_str()).collect();
        assert_eq!(roles, ["y", "x", "z"]);
        assert_eq!(child.component, ComponentKind::LanguageModel.into());
    }

    #[test]
    fn a_family_that_makes_no_sense_is_refused_with_the_place() {
        let head = "name = 'a'\ncomponent = 'projector'\n[tensors]\n";
        for (text, says) in [
            ("name = 'a'".to_owned(), "t: names no component"),
            ("name = 'a'\nextends = 'b'".to_owned(), "t: extends \"b\", which is not before it"),
            (format!("{head}'{{layer}}' = 'x'"), "t: {layer}: not a pattern"),
            (format!("{head}'a' = {{}}"), "t: a: wants one of role, fused, stacked"),
            (
                format!("{head}'a' = {{ fused = ['x', 'y'] }}"),
                "t: a: wants `whole` when it can be cut, and only then",
            ),
        ] {
            assert_eq!(family(&text, &[]).unwrap_err(), says);
        }
    }
}
