//! llama.cpp's names, and what its converter changed.

use serde_json::json;

use super::*;

/// One layer as llama.cpp names it: heads of 4 coordinates, 2 for queries and 1 for keys.
const GGUF_LAYER: &[(&str, &[u64])] = &[
    ("token_embd.weight", &[9, 8]),
    ("blk.0.attn_norm.weight", &[8]),
    ("blk.0.attn_q.weight", &[8, 8]),
    ("blk.0.attn_q.bias", &[8]),
    ("blk.0.attn_k.weight", &[4, 8]),
    ("blk.0.ffn_up.weight", &[6, 8]),
    ("blk.0.ffn_gate_exps.weight", &[2, 3, 8]),
    ("blk.0.ffn_down_exps.weight", &[2, 8, 3]),
    ("blk.0.ffn_up_shexp.weight", &[3, 8]),
    ("output_norm.weight", &[8]),
    ("rope_freqs.weight", &[2]),
];

#[test]
fn llama_cpps_names_give_the_parts_of_any_other() {
    let config = json!({ "model_type": "qwen2", "hidden_size": 8, "num_attention_heads": 2 });
    let assignment = check(
        &config,
        GGUF_LAYER,
        &[
            "token-embedding token-embedding [9, 8]",
            "language-model layer 0 norm-attention [8, 1]",
            "language-model layer 0 attention-query [8, 8]",
            "language-model layer 0 attention-query bias [8, 1]",
            "language-model layer 0 attention-key [4, 8]",
            "language-model layer 0 mlp-up [6, 8]",
            "language-model layer 0 expert 0 mlp-gate [3, 8]",
            "language-model layer 0 expert 1 mlp-gate [3, 8]",
            "language-model layer 0 expert 0 mlp-down [8, 3]",
            "language-model layer 0 expert 1 mlp-down [8, 3]",
            "language-model layer 0 shared expert mlp-up [3, 8]",
            "language-model norm-final [8, 1]",
            "language-model rope-factors [2, 1]",
        ],
    );
    assert_eq!((assignment.family.as_deref(), assignment.notes.len()), (Some("gguf"), 0));
    assert!(assignment.parts.iter().all(|part| part.view.added == 0));
    assert_eq!(rows_of(&assignment, "attention-query"), [0, 1, 2, 3, 4, 5, 6, 7]);
}

/// The stored rows of the weight of `role`, in the order of the part's.
fn rows_of(assignment: &Assignment, role: &str) -> Vec<u64> {
    let of = |part: &&Part| part.key.role == role && part.key.param == Param::Weight;
    let view = assignment.parts.iter().find(of).unwrap().view;
    (0..view.rows).map(|row| view.row_start(row) / view.cols).collect()
}

#[test]
fn halves_of_heads_are_rejoined_where_a_converter_interleaved_them() {
    let config = json!({ "model_type": "llama", "hidden_size": 8, "num_attention_heads": 2 });
    let assignment = assign_entries(&entries(GGUF_LAYER), Some(&config));
    assert_eq!(assignment.family.as_deref(), Some("gguf-llama"));
    assert_eq!(rows_of(&assignment, "attention-query"), [0, 2, 1, 3, 4, 6, 5, 7]);
    assert_eq!(rows_of(&assignment, "attention-key"), [0, 2, 1, 3]);
    assert_eq!(rows_of(&assignment, "mlp-up"), [0, 1, 2, 3, 4, 5]);
    assert_eq!(elements(&assignment, GGUF_LAYER.len())[3], [0, 2, 1, 3, 4, 6, 5, 7]);
    // The size of a head goes before what the width and the number of heads would give.
    let two =
        json!({ "model_type": "llama", "hidden_size": 8, "num_attention_heads": 2, "head_dim": 2 });
    let assignment = assign_entries(&entries(GGUF_LAYER), Some(&two));
    assert_eq!(rows_of(&assignment, "attention-key"), [0, 1, 2, 3]);
}

#[test]
fn rows_that_cannot_be_put_back_are_noted() {
    let config = json!({ "model_type": "llama", "head_dim": 16 });
    let assignment = assign_entries(&entries(GGUF_LAYER), Some(&config));
    assert_eq!(
        assignment.notes,
        [
            "blk.0.attn_q.weight and 2 more keep the order of rows that a converter gave them: its rows are not whole heads of the config's size"
        ]
    );
    let assignment = assign_entries(&entries(GGUF_LAYER), Some(&json!({ "model_type": "llama" })));
    assert!(assignment.notes[0].ends_with("gave them: the config has no size of a head"));
    assert_eq!(rows_of(&assignment, "attention-key"), [0, 1, 2, 3]);
}

#[test]
fn what_a_converter_added_to_norms_is_taken_off() {
    let config = json!({ "model_type": "gemma2" });
    let mut tensors = GGUF_LAYER.to_vec();
    tensors.push(("blk.0.post_ffw_norm.weight", &[8]));
    tensors.push(("blk.0.attn_norm.bias", &[8]));
    let assignment = assign_entries(&entries(&tensors), Some(&config));
    let added: Vec<&str> = assignment
        .parts
        .iter()
        .filter(|part| part.view.added == 1)
        .map(|part| tensors[part.entry].0)
        .collect();
    assert_eq!(
        added,
        ["output_norm.weight", "blk.0.attn_norm.weight", "blk.0.post_ffw_norm.weight"]
    );
}

#[test]
fn architectures_of_llama_cpp_that_differ() {
    let layer: &[(&str, &[u64])] = &[
        ("blk.0.attn_qkv.weight", &[8, 4]),
        ("blk.0.attn_output.weight", &[4, 4]),
        ("blk.0.ffn_up.weight", &[12, 4]),
        ("blk.0.ffn_down.weight", &[4, 6]),
        ("blk.0.attn_output_norm.weight", &[4]),
    ];
    let fused = [
        "language-model layer 0 attention-query [4, 4]",
        "language-model layer 0 attention-key [2, 4]",
        "language-model layer 0 attention-value [2, 4]",
        "language-model layer 0 attention-output [4, 4]",
        "language-model layer 0 mlp-gate [6, 4]",
        "language-model layer 0 mlp-up [6, 4]",
        "language-model layer 0 mlp-down [4, 6]",
    ];
    check(&json!({ "model_type": "phi3" }), &layer[..4], &fused);
    let bert = [
        "text-encoder layer 0 attention-query [4, 4]",
        "text-encoder layer 0 attention-key [2, 4]",
        "text-encoder layer 0 attention-value [2, 4]",
        "text-encoder layer 0 attention-output [4, 4]",
        "text-encoder layer 0 mlp-up [12, 4]",
        "text-encoder layer 0 mlp-down [4, 6]",
        "text-encoder layer 0 norm-attention [4, 1]",
    ];
    check(&json!({ "model_type": "nomic-bert" }), layer, &bert);
    let towers: &[(&str, &[u64])] = &[
        ("v.blk.0.attn_q.weight", &[4, 4]),
        ("v.blk.0.ln1.weight", &[4]),
        ("v.patch_embd.weight", &[4, 3, 2, 2]),
        ("mm.2.weight", &[4, 4]),
        ("a.blk.0.attn_q.weight", &[4, 4]),
        ("a.blk.0.ln1.weight", &[4]),
    ];
    let parts = [
        "vision-encoder layer 0 attention-query [4, 4]",
        "vision-encoder layer 0 norm-attention [4, 1]",
        "vision-encoder patch-embedding [4, 12]",
        "projector mlp projector-out [4, 4]",
        "audio-encoder layer 0 attention-query [4, 4]",
        "audio-encoder layer 0 norm-attention [4, 1]",
    ];
    check(&json!({ "model_type": "clip" }), towers, &parts);
}
