//! A name pattern: literal segments and placeholders, matched at the end of a name.
//!
//! ```text
//! layers.{layer}.mlp.experts.{expert}.down_proj.{param}
//! {layer}   the model's own layer number
//! {expert}  the number of a routed expert
//! {any}     a number that is not kept
//! {param}   weight or gamma, bias or beta; without it the pattern names a weight
//! ```

use crate::Param;
use crate::name::{Name, is_digits, number};

/// A parsed pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Layer,
    Expert,
    Any,
    Param,
}

/// What a pattern read off a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Number of segments before the pattern.
    pub(crate) prefix: usize,
    pub(crate) layer: Option<u32>,
    pub(crate) expert: Option<u32>,
    pub(crate) param: Param,
}

impl Pattern {
    /// Reads a pattern; `None` when a placeholder is unknown or `{param}` is not the last one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut segments = Vec::new();
        for segment in text.split('.') {
            segments.push(match segment {
                "{layer}" => Segment::Layer,
                "{expert}" => Segment::Expert,
                "{any}" => Segment::Any,
                "{param}" => Segment::Param,
                _ if segment.is_empty() || segment.contains(['{', '}']) => return None,
                _ => Segment::Literal(segment.to_owned()),
            });
        }
        let is_param = |s: &Segment| *s == Segment::Param;
        let early = segments.iter().rev().skip(1).any(is_param);
        let pattern = Self { segments };
        (!early && pattern.key().is_some()).then_some(pattern)
    }

    /// The last segment but for `{param}`, which must be literal: patterns are looked up by it.
    pub(crate) fn key(&self) -> Option<&str> {
        match self.segments.iter().rev().find(|s| **s != Segment::Param) {
            Some(Segment::Literal(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether it stands inside a layer.
    pub(crate) fn is_layered(&self) -> bool {
        self.segments.contains(&Segment::Layer)
    }

    /// Number of segments.
    pub(crate) fn len(&self) -> usize {
        self.segments.len()
    }

    /// Matches the pattern at the end of `name`. What stands before it is a prefix, and a prefix
    /// holds no number: `norm.weight` is not found in `layers.3.norm.weight`.
    pub(crate) fn find(&self, name: &Name<'_>) -> Option<Hit> {
        let prefix = name.segments.len().checked_sub(self.segments.len())?;
        let (before, body) = name.segments.split_at(prefix);
        let mut hit = Hit { prefix, layer: None, expert: None, param: Param::Weight };
        for (segment, &text) in self.segments.iter().zip(body).rev() {
            match segment {
                Segment::Literal(literal) if literal != text => return None,
                Segment::Literal(_) => {}
                Segment::Layer => hit.layer = Some(number(text)?),
                Segment::Expert => hit.expert = Some(number(text)?),
                Segment::Any => drop(number(text)?),
                Segment::Param => hit.param = param(text)?,
            }
        }
        before.iter().all(|text| !is_digits(text)).then_some(hit)
    }
}

/// What a last segment says the parameter is. `gamma` and `beta` are older words for a norm's.
pub(crate) fn param(segment: &str) -> Option<Param> {
    match segment {
        "weight" | "gamma" => Some(Param::Weight),
        "bias" | "beta" => Some(Param::Bias),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn found(pattern: &str, name: &str) -> Option<(usize, Option<u32>, Option<u32>, Param)> {
        let hit = Pattern::parse(pattern).unwrap().find(&Name::new(name))?;
        Some((hit.prefix, hit.layer, hit.expert, hit.param))
    }

    #[test]
    fn a_pattern_is_found_behind_any_prefix_without_a_number() {
        let norm = "norm.{param}";
        assert_eq!(found(norm, "norm.weight"), Some((0, None, None, Param::Weight)));
        assert_eq!(found(norm, "a.b.norm.bias"), Some((2, None, None, Param::Bias)));
        assert_eq!(found(norm, "a.3.norm.bias"), None);
        assert_eq!(found(norm, "a.1000000000000000000000000.norm.bias"), None);
        assert_eq!(found(norm, "prenorm.weight"), None);
        assert_eq!(found(norm, "norm"), None);
    }

    #[test]
    fn placeholders_read_numbers_and_nothing_else() {
        let down = "layers.{layer}.experts.{expert}.down.{param}";
        let hit = Some((1, Some(4), Some(11), Param::Weight));
        assert_eq!(found(down, "m.layers.4.experts.11.down.weight"), hit);
        assert_eq!(found(down, "m.layers.04.experts.11.down.weight"), None);
        assert_eq!(found(down, "m.layers.4.experts.x.down.weight"), None);
        assert_eq!(found("mlp.0.{param}", "mlp.0.bias"), Some((0, None, None, Param::Bias)));
        assert_eq!(found("mlp.0.{param}", "mlp.2.bias"), None);
        assert_eq!(found("l.{any}.x", "l.9.x"), Some((0, None, None, Param::Weight)));
    }

    #[test]
    fn a_pattern_that_cannot_be_looked_up_is_refused() {
        for text in ["", "a..b", "{param}", "x.{layer}", "{param}.x", "{who}.x", "a{layer}.x"] {
            assert_eq!(Pattern::parse(text), None, "{text}");
        }
    }
}
