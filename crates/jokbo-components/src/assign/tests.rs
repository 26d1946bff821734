//! Tables of names with the parts they give, and laws.

mod gguf;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::Expert;
use crate::samples::entries;

/// Checks every part as `key [rows, cols]`, in the order of entries, then of places in them.
#[track_caller]
fn check(config: &Value, tensors: &[(&str, &[u64])], want: &[&str]) -> Assignment {
    let assignment = assign_entries(&entries(tensors), Some(config));
    let mut parts: Vec<&Part> = assignment.parts.iter().collect();
    parts.sort_by_key(|part| (part.entry, part.view.offset));
    let got: Vec<String> = parts
        .iter()
        .map(|part| format!("{} [{}, {}]", part.key, part.view.rows, part.view.cols))
        .collect();
    assert_eq!(got, want);
    assignment
}

/// Which stored elements the parts of each entry read, each part's rows in order.
fn elements(assignment: &Assignment, n: usize) -> Vec<Vec<u64>> {
    let mut read = vec![Vec::new(); n];
    for part in &assignment.parts {
        let view = part.view;
        for row in 0..view.rows {
            let start = view.row_start(row);
            read[part.entry].extend((0..view.cols).map(|col| start + view.col_walk.place(col)));
        }
    }
    read
}

#[test]
fn conv1d_is_turned_and_cut() {
    let tensors: &[(&str, &[u64])] = &[
        ("transformer.wte.weight", &[7, 2]),
        ("transformer.h.0.attn.c_attn.weight", &[2, 6]),
        ("transformer.h.0.attn.c_attn.bias", &[6]),
        ("transformer.h.0.attn.bias", &[1, 1, 4, 4]),
        ("transformer.h.0.attn.masked_bias", &[]),
        ("transformer.h.0.mlp.c_fc.weight", &[2, 8]),
        ("transformer.ln_f.bias", &[2]),
        ("lm_head.weight", &[7, 2]),
    ];
    let assignment = check(
        &json!({}),
        tensors,
        &[
            "token-embedding token-embedding [7, 2]",
            "language-model layer 0 attention-query [2, 2]",
            "language-model layer 0 attention-key [2, 2]",
            "language-model layer 0 attention-value [2, 2]",
            "language-model layer 0 attention-query bias [2, 1]",
            "language-model layer 0 attention-key bias [2, 1]",
            "language-model layer 0 attention-value bias [2, 1]",
            "language-model layer 0 attention-mask [1, 16]",
            "language-model layer 0 attention-mask-value [1, 1]",
            "language-model layer 0 mlp-up [8, 2]",
            "language-model norm-final bias [2, 1]",
            "output-head output-head [7, 2]",
        ],
    );
    let key = assignment.parts.iter().find(|p| p.key.role == "attention-key").unwrap();
    // Row 0 of the keys is stored column 2.
    assert_eq!((key.view.row_start(0), key.view.col_walk.stride().unwrap()), (2, 6));
    assert_eq!(assignment.family.as_deref(), Some("gpt2"));
}

#[test]
fn heads_are_taken_apart_where_the_config_counts_them() {
    let tensors: &[(&str, &[u64])] = &[
        ("gpt_neox.layers.3.attention.query_key_value.weight", &[12, 4]),
        ("gpt_neox.layers.3.attention.query_key_value.bias", &[12]),
        ("gpt_neox.layers.3.attention.rotary_emb.inv_freq", &[1]),
        ("embed_out.weight", &[9, 4]),
    ];
    let assignment = check(
        &json!({ "num_attention_heads": 2 }),
        tensors,
        &[
            "language-model layer 3 attention-query [4, 4]",
            "language-model layer 3 attention-key [4, 4]",
            "language-model layer 3 attention-value [4, 4]",
            "language-model layer 3 attention-query bias [4, 1]",
            "language-model layer 3 attention-key bias [4, 1]",
            "language-model layer 3 attention-value bias [4, 1]",
            "language-model layer 3 rope-frequencies [1, 1]",
            "output-head output-head [9, 4]",
        ],
    );
    let key = assignment.parts.iter().find(|p| p.key.role == "attention-key").unwrap();
    let rows: Vec<u64> = (0..4).map(|row| key.view.row_start(row) / 4).collect();
    assert_eq!(rows, [2, 3, 8, 9]);
}

#[test]
fn a_fused_tensor_that_cannot_be_cut_is_left_whole_and_noted() {
    let tensors: &[(&str, &[u64])] = &[
        ("l.layers.0.attention.query_key_value.weight", &[12, 4]),
        ("l.layers.1.attention.query_key_value.weight", &[12, 4]),
    ];
    let whole = [
        "language-model layer 0 attention-qkv [12, 4]",
        "language-model layer 1 attention-qkv [12, 4]",
    ];
    let assignment = check(&json!({ "num_attention_heads": 0 }), tensors, &whole);
    assert_eq!(
        assignment.notes,
        [
            "l.layers.0.attention.query_key_value.weight and 1 more hold several parts each and were \
         left whole: the config has no head count"
        ]
    );
    let assignment = check(&json!({ "num_attention_heads": 5 }), &tensors[..1], &whole[..1]);
    assert_eq!(
        assignment.notes,
        [
            "l.layers.0.attention.query_key_value.weight holds several parts and was left whole: its \
         rows do not fit the config's head count"
        ]
    );
}

#[test]
fn grouped_queries_are_as_wide_as_the_output_reads() {
    let fused: &[(&str, &[u64])] = &[
        ("model.layers.0.self_attn.qkv_proj.weight", &[8, 4]),
        ("model.layers.0.mlp.gate_up_proj.weight", &[10, 4]),
        ("model.layers.0.self_attn.o_proj.weight", &[4, 4]),
    ];
    let want = [
        "language-model layer 0 attention-query [4, 4]",
        "language-model layer 0 attention-key [2, 4]",
        "language-model layer 0 attention-value [2, 4]",
        "language-model layer 0 mlp-gate [5, 4]",
        "language-model layer 0 mlp-up [5, 4]",
        "language-model layer 0 attention-output [4, 4]",
    ];
    check(&json!({}), fused, &want);
    let config = json!({ "text_config": { "num_attention_heads": 2, "num_key_value_heads": 1 } });
    check(&config, &fused[..2], &want[..5]);
}

#[test]
fn stacked_experts_are_taken_apart_in_either_layout() {
    let want = [
        "language-model layer 0 expert 0 mlp-gate [3, 4]",
        "language-model layer 0 expert 0 mlp-up [3, 4]",
        "language-model layer 0 expert 1 mlp-gate [3, 4]",
        "language-model layer 0 expert 1 mlp-up [3, 4]",
        "language-model layer 0 expert 0 mlp-down [4, 3]",
        "language-model layer 0 expert 1 mlp-down [4, 3]",
    ];
    let (gate_up, down) =
        ("m.layers.0.mlp.experts.gate_up_proj", "m.layers.0.mlp.experts.down_proj");
    let rows = check(&json!({}), &[(gate_up, &[2, 6, 4]), (down, &[2, 4, 3])], &want);
    let cols = check(&json!({}), &[(gate_up, &[2, 4, 6]), (down, &[2, 3, 4])], &want);
    let up = |assignment: &Assignment| {
        let up = |p: &&Part| p.key.role == "mlp-up" && p.key.expert == Expert::Routed(1);
        let view = assignment.parts.iter().find(up).unwrap().view;
        (view.row_start(0), view.row_start(1), view.col_walk.stride().unwrap())
    };
    assert_eq!((up(&rows), up(&cols)), ((36, 40, 1), (27, 28, 6)));

    let alone = check(
        &json!({}),
        &[(gate_up, &[2, 6, 4])],
        &["language-model layer 0 experts-stacked [2, 24]"],
    );
    assert_eq!(alone.notes.len(), 1);
}

#[test]
fn alternating_rows_are_told_apart() {
    let tensors: &[(&str, &[u64])] = &[
        ("m.layers.0.self_attn.sinks", &[4]),
        ("m.layers.0.mlp.experts.gate_up_proj", &[1, 4, 4]),
        ("m.layers.0.mlp.experts.gate_up_proj_bias", &[1, 4]),
        ("m.layers.0.mlp.experts.down_proj", &[1, 2, 4]),
    ];
    let assignment = check(
        &json!({}),
        tensors,
        &[
            "language-model layer 0 attention-sink [4, 1]",
            "language-model layer 0 expert 0 mlp-gate [2, 4]",
            "language-model layer 0 expert 0 mlp-up [2, 4]",
            "language-model layer 0 expert 0 mlp-gate bias [2, 1]",
            "language-model layer 0 expert 0 mlp-up bias [2, 1]",
            "language-model layer 0 expert 0 mlp-down [4, 2]",
        ],
    );
    // The first tensor of the stack is turned: its rows are stored columns 0, 2 and 1, 3.
    assert_eq!(elements(&assignment, 4)[1], [0, 4, 8, 12, 2, 6, 10, 14, 1, 5, 9, 13, 3, 7, 11, 15]);
}

#[test]
fn parts_of_every_kind_find_their_component() {
    let tensors: &[(&str, &[u64])] = &[
        ("model.language_model.layers.0.mlp.up_proj.weight", &[8, 4]),
        ("model.language_model.layers.0.mlp.shared_expert.up_proj.weight", &[8, 4]),
        ("model.text_model.layers.0.mlp.up_proj.weight", &[8, 4]),
        ("model.discrete_vision_model.encoder.layers.0.mlp.fc1.weight", &[8, 4]),
        ("model.discrete_vision_model.embeddings.class_embedding", &[4]),
        ("model.video_audio_compressor.0.pool.weight", &[4, 4]),
        ("model.audio_model.layers.0.fc1.weight", &[8, 4]),
        ("model.audio_projector.linear_1.weight", &[8, 4]),
        ("model.mm_projector.weight", &[4, 4]),
        ("visual.blocks.0.mlp.fc1.weight", &[8, 4]),
        ("visual.cls_token", &[1, 1, 4]),
        ("visual.pos_embed", &[1, 3, 4]),
        ("visual.merger.mlp.0.bias", &[4]),
    ];
    check(
        &json!({}),
        tensors,
        &[
            "language-model:model.language_model layer 0 mlp-up [8, 4]",
            "language-model:model.language_model layer 0 shared expert mlp-up [8, 4]",
            "language-model:model.text_model layer 0 mlp-up [8, 4]",
            "vision-encoder:discrete layer 0 mlp-up [8, 4]",
            "vision-encoder:discrete class-token [4, 1]",
            "projector:compressor layer 0 {layer}.pool [4, 4]",
            "audio-encoder layer 0 mlp-up [8, 4]",
            "projector:audio projector-in [8, 4]",
            "projector linear projector-linear [4, 4]",
            "vision-encoder layer 0 mlp-up [8, 4]",
            "vision-encoder class-token [4, 1]",
            "vision-encoder position-embedding [3, 4]",
            "projector merger projector-in bias [4, 1]",
        ],
    );
}

#[test]
fn families_with_names_of_their_own() {
    let tensors: &[(&str, &[u64])] = &[
        ("roberta.encoder.layer.1.output.dense.weight", &[4, 8]),
        ("lm_head.dense.weight", &[4, 4]),
        ("encoder.block.0.layer.1.DenseReluDense.wi_0.weight", &[8, 4]),
        ("decoder.block.0.layer.1.EncDecAttention.k.weight", &[4, 4]),
        ("shared.weight", &[9, 4]),
        ("vit.encoder.layer.0.attention.attention.query.weight", &[4, 4]),
        ("vit.layernorm.weight", &[4]),
        ("g.layers.0.post_attention_layernorm.weight", &[4]),
        ("g.layers.0.post_feedforward_layernorm.weight", &[4]),
        ("d.layers.0.self_attn.q_a_layernorm.weight", &[4]),
        ("d.layers.9.shared_head.head.weight", &[9, 4]),
        ("p.layers.0.self_attn.dense.bias", &[4]),
        ("d.layers.0.input_layernorm.gamma", &[4]),
    ];
    check(
        &json!({}),
        tensors,
        &[
            "text-encoder layer 1 mlp-down [4, 8]",
            "output-head head-transform [4, 4]",
            "text-encoder layer 0 mlp-gate [8, 4]",
            "language-model layer 0 cross-attention-key [4, 4]",
            "token-embedding token-embedding [9, 4]",
            "vision-encoder layer 0 attention-query [4, 4]",
            "vision-encoder norm-final [4, 1]",
            "language-model layer 0 norm-attention-out [4, 1]",
            "language-model layer 0 norm-mlp-out [4, 1]",
            "language-model layer 0 attention-query-latent-norm [4, 1]",
            "output-head mtp output-head [9, 4]",
            "language-model layer 0 attention-output bias [4, 1]",
            "language-model layer 0 norm-attention [4, 1]",
        ],
    );
}

#[test]
fn axes_are_claimed_as_their_role_and_family_allow() {
    let tensors: &[(&str, &[u64])] = &[
        ("m.layers.0.mlp.up_proj.weight", &[8, 4]),
        ("m.layers.0.mlp.up_proj.bias", &[8]),
        ("m.layers.0.mlp.down_proj.weight", &[4, 8]),
        ("m.layers.0.self_attn.q_proj.weight", &[4, 4]),
        ("audio_tower.layers.0.fc2.weight", &[4, 8]),
        ("audio_tower.layers.0.fc2.bias", &[4]),
    ];
    let assignment = assign_entries(&entries(tensors), None);
    let axes = |entry: usize| {
        let part = assignment.parts.iter().find(|part| part.entry == entry).unwrap();
        (part.rows.clone(), part.cols.clone())
    };
    let mlp = Axis::Units("mlp".to_owned());
    assert_eq!(axes(0), (mlp.clone(), Axis::Residual));
    assert_eq!(axes(1), (mlp.clone(), Axis::Fixed));
    assert_eq!(axes(2), (Axis::Residual, mlp.clone()));
    assert_eq!(axes(3), (Axis::Fixed, Axis::Residual));
    // Sinusoids are added to this stream, so its coordinates are not exchangeable.
    assert_eq!(axes(4), (Axis::Marked, mlp));
    assert_eq!(axes(5), (Axis::Marked, Axis::Fixed));
    assert!(!Axis::Marked.may_be_renumbered());
}

#[test]
fn a_hostile_shape_asks_for_no_more_than_one_part() {
    let stack = "m.layers.0.mlp.experts.gate_up_proj";
    for shape in [&[1 << 40, 2, 4][..], &[0, 1 << 40, 1 << 40], &[1 << 62, 0, 2], &[]] {
        let assignment = assign_entries(&entries(&[(stack, shape)]), None);
        assert_eq!(assignment.parts.len(), 1, "{shape:?}");
    }
}

/// Names made of the words that patterns know, in any order, and of words they do not.
fn any_name() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "model",
        "layers",
        "h",
        "0",
        "1",
        "00",
        "99999999999",
        "mlp",
        "self_attn",
        "attn",
        "c_attn",
        "qkv",
        "qkv_proj",
        "gate_up_proj",
        "experts",
        "down_proj",
        "up_proj",
        "o_proj",
        "blocks",
        "visual",
        "merger",
        "talker",
        "norm",
        "weight",
        "bias",
        "attention",
        "query_key_value",
        "encoder",
        "layer",
        "embed_tokens",
        "lm_head",
        "mm_projector",
        "gate_up_proj_bias",
        "head",
        "in_proj_weight",
        "cls_token",
        "text_model",
        "",
        "눈",
    ]);
    let segment = prop_oneof![8 => known.prop_map(str::to_owned), 1 => ".{0,6}"];
    prop_oneof![
        4 => prop::collection::vec(segment, 0..7).prop_map(|segments| segments.join(".")),
        1 => (0..3_u32, prop::sample::select(vec![
            "self_attn.qkv_proj.weight", "mlp.gate_up_proj.weight", "mlp.experts.gate_up_proj",
            "mlp.experts.down_proj", "attention.query_key_value.bias", "self_attn.o_proj.weight",
        ])).prop_map(|(layer, body)| format!("model.layers.{layer}.{body}")),
        1 => (0..2_u32, prop::sample::select(vec![
            "attn_q.weight", "attn_k.bias", "attn_qkv.weight", "ffn_up_exps.weight", "ffn_up.weight",
            "ffn_gate_up_exps.weight", "attn_norm.weight", "attn_output.weight",
        ])).prop_map(|(layer, body)| format!("blk.{layer}.{body}")),
    ]
}

/// Names, shapes and a config of at most 40 small tensors.
pub(crate) fn any_model() -> impl Strategy<Value = (Vec<Entry>, Value)> {
    let tensor = (any_name(), prop::collection::vec(0_u64..7, 0..5));
    let model = prop::sample::select(vec!["llama", "gemma", "phi3", "bert", "clip", "x"]);
    let head = prop::option::of(0_u64..7);
    let all = (prop::collection::vec(tensor, 0..40), 0_u64..5, model, head);
    all.prop_map(|(tensors, heads, model, head)| {
        let tensors: Vec<(&str, &[u64])> =
            tensors.iter().map(|(name, shape)| (name.as_str(), shape.as_slice())).collect();
        let mut config = json!({ "num_attention_heads": heads, "model_type": model });
        if let Some(head) = head {
            config["head_dim"] = head.into();
        }
        (entries(&tensors), config)
    })
}

proptest! {
    #[test]
    fn every_element_is_in_exactly_one_part((entries, config) in any_model()) {
        let assignment = assign_entries(&entries, Some(&config));
        for (entry, mut read) in entries.iter().zip(elements(&assignment, entries.len())) {
            read.sort_unstable();
            prop_assert_eq!(&read, &(0..entry.elements()).collect::<Vec<_>>(), "{}", entry.name);
        }
        let counted: u64 = assignment.components.iter().map(|c| c.parameters).sum();
        prop_assert_eq!(counted, entries.iter().map(Entry::elements).sum::<u64>());
        prop_assert_eq!(assignment.entry_component.len(), entries.len());
        for part in &assignment.parts {
            prop_assert_eq!(&assignment.entry_component[part.entry], &part.key.component);
        }
        prop_assert!(assignment.parts.is_sorted_by(|a, b| (&a.key, a.entry) <= (&b.key, b.entry)));
    }
}
