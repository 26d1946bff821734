//! What a GGUF file says of its model, in the words of a `config.json`.

use serde_json::{Map, Value as Json};

use super::metadata::Metadata;
use super::value::Value;
use crate::ReadAt;
use crate::error::Place;
use crate::limits::PER_LAYER_LIMIT;

/// A key of `config.json`, and the key that GGUF has for it below the architecture's name.
const KEYS: &[(&str, &str)] = &[
    ("vocab_size", "vocab_size"),
    ("max_position_embeddings", "context_length"),
    ("hidden_size", "embedding_length"),
    ("num_hidden_layers", "block_count"),
    ("intermediate_size", "feed_forward_length"),
    ("num_attention_heads", "attention.head_count"),
    ("num_key_value_heads", "attention.head_count_kv"),
    ("head_dim", "attention.key_length"),
    ("num_experts", "expert_count"),
    ("num_experts_per_tok", "expert_used_count"),
    ("moe_intermediate_size", "expert_feed_forward_length"),
    ("sliding_window", "attention.sliding_window"),
    ("kv_lora_rank", "attention.kv_lora_rank"),
    ("q_lora_rank", "attention.q_lora_rank"),
    ("rms_norm_eps", "attention.layer_norm_rms_epsilon"),
    ("layer_norm_eps", "attention.layer_norm_epsilon"),
    ("rope_theta", "rope.freq_base"),
];

/// The configuration, or `None` when the file does not name its architecture, as the later parts
/// of a split file do not.
///
/// `model_type` is GGUF's word for the architecture, which is not always that of `config.json`. A
/// number given layer by layer is taken when all layers have the same.
pub(super) fn of(metadata: &Metadata, reader: &dyn ReadAt, place: &Place) -> Option<Json> {
    let architecture = metadata.text("general.architecture")?;
    let mut config = Map::new();
    config.insert("model_type".to_owned(), architecture.into());
    for (name, key) in KEYS {
        let found = match metadata.get(&format!("{architecture}.{key}")) {
            Some(Value::Whole(number)) => Some(Json::from(*number)),
            Some(Value::Real(number)) => Some(Json::from(*number)),
            Some(Value::Array(array)) if array.n <= PER_LAYER_LIMIT => {
                array.read_from(reader, place).ok().and_then(|values| the_same(&values))
            }
            _ => None,
        };
        if let Some(value) = found {
            config.insert((*name).to_owned(), value);
        }
    }
    Some(Json::Object(config))
}

/// The whole number that all of `values` are.
fn the_same(values: &[Value]) -> Option<Json> {
    let first = values.first()?;
    match first {
        Value::Whole(number) if values.iter().all(|value| value == first) => {
            Some(Json::from(*number))
        }
        _ => None,
    }
}
