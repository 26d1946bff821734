//! How many heads a component has, as its model's configuration says.

use jokbo_components::{ComponentKind, ComponentName};
use serde_json::Value;

use crate::Opened;

/// Sizes of multi-head latent attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Latent {
    /// Rows of a query or key that are not rotary.
    pub(super) plain: u64,
    /// Rows that are.
    pub(super) rotary: u64,
    /// Rows of a value.
    pub(super) value: u64,
}

/// What a configuration says of one component's attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said {
    /// Query heads.
    pub(super) heads: u64,
    /// Heads of keys and values, where it says.
    pub(super) pairs: Option<u64>,
    /// Of multi-head latent attention.
    pub(super) latent: Option<Latent>,
}

/// The number of heads, or `None` where the configuration speaks of another component, or of none.
pub(super) fn said(opened: &Opened, component: &ComponentName) -> Option<Said> {
    let config = opened.checkpoint.config.as_ref()?;
    let place = section(opened, config, component)?;
    let heads = number(place, heads_keys(component))?;
    let latent = || {
        Some(Latent {
            plain: number(place, &["qk_nope_head_dim"])?,
            rotary: number(place, &["qk_rope_head_dim"])?,
            value: number(place, &["v_head_dim"])?,
        })
    };
    Some(Said { heads, pairs: number(place, &["num_key_value_heads"]), latent: latent() })
}

/// The part of a configuration that speaks of a component: one of its own, or all of it in a model
/// that has no such parts.
fn section<'a>(opened: &Opened, config: &'a Value, component: &ComponentName) -> Option<&'a Value> {
    // A second network of a kind is not the one that the configuration means.
    if !component.network.is_empty() {
        return None;
    }
    let names: &[&str] = match component.kind {
        ComponentKind::LanguageModel => &["text_config", "llm_config", "language_config"],
        ComponentKind::TextEncoder => &["text_config"],
        ComponentKind::VisionEncoder => &["vision_config"],
        ComponentKind::AudioEncoder => &["audio_config"],
        _ => return None,
    };
    let own = names.iter().find_map(|name| config.get(name));
    let speaks = ComponentKind::LanguageModel;
    let is_alone = component.kind == speaks
        || opened.assignment.components.iter().all(|c| c.name.kind != speaks)
        || config.get("encoder_attention_heads").is_some();
    own.or_else(|| is_alone.then_some(config))
}

fn heads_keys(component: &ComponentName) -> &'static [&'static str] {
    match component.kind {
        ComponentKind::AudioEncoder => {
            &["encoder_attention_heads", "num_attention_heads", "num_heads"]
        }
        ComponentKind::LanguageModel => {
            &["decoder_attention_heads", "num_attention_heads", "n_head"]
        }
        _ => &["num_attention_heads", "num_heads", "n_head"],
    }
}

fn number(place: &Value, keys: &[&str]) -> Option<u64> {
    keys.iter().find_map(|key| place.get(key)?.as_u64()).filter(|number| 0 < *number)
}
