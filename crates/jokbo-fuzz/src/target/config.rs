//! A `config.json`, and how the tensors of models that need one are cut by what it says.

use serde_json::Value;

use crate::{held, seeds};

/// Tensors that are cut by what the configuration says: fused queries, keys and values of three
/// families, queries and keys in heads, and embeddings.
const MODELS: [&[(&str, [u64; 2])]; 3] = [
    &[
        ("transformer.word_embeddings.weight", [16, 8]),
        ("transformer.h.0.self_attention.query_key_value.weight", [24, 8]),
        ("transformer.h.0.self_attention.dense.weight", [8, 8]),
    ],
    &[
        ("gpt_neox.embed_in.weight", [16, 8]),
        ("gpt_neox.layers.0.attention.query_key_value.weight", [24, 8]),
        ("gpt_neox.layers.0.attention.dense.weight", [8, 8]),
    ],
    &[
        ("model.embed_tokens.weight", [16, 8]),
        ("model.layers.0.self_attn.q_proj.weight", [8, 8]),
        ("model.layers.0.self_attn.k_proj.weight", [4, 8]),
        ("model.layers.0.self_attn.qkv_proj.weight", [16, 8]),
        ("model.layers.0.mlp.gate_up_proj.weight", [16, 8]),
    ],
];

pub(super) fn run(bytes: &[u8]) {
    let Ok(config @ Value::Object(_)) = serde_json::from_slice::<Value>(bytes) else { return };
    for tensors in MODELS {
        let open = || {
            let files = vec![("model.safetensors".to_owned(), seeds::bytes_of(tensors))];
            jokbo_audit::from_memory("m", files, Some(config.clone())).expect("the file is lawful")
        };
        let opened = open();
        held::told(&opened.oddities);
        super::folder::parts(&opened);
        assert_eq!(
            format!("{:?}", opened.assignment),
            format!("{:?}", open().assignment),
            "two readings differ"
        );
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut all = seeds::museum(&["config.json"]);
    all.extend(seeds::examples("config.json"));
    for lawful in [
        r#"{"model_type":"falcon","num_attention_heads":2,"num_key_value_heads":1,"hidden_size":8,"multi_query":true}"#,
        r#"{"model_type":"gpt_neox","num_attention_heads":2,"hidden_size":8,"rotary_dim":4}"#,
        r#"{"text_config":{"model_type":"llama","num_attention_heads":2,"num_key_value_heads":1,"head_dim":4}}"#,
        r#"{"model_type":"bloom","n_head":4,"hidden_size":8,"llm_config":{"n_head":2},"language_config":{}}"#,
    ] {
        all.push(lawful.as_bytes().to_vec());
    }
    all
}
