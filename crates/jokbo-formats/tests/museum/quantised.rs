//! Pieces whose tensors say that they make a weight together, and do not; and adapters.

use super::piece::Piece as P;
use super::piece::{Piece, claiming, entry, shard, tensors};

/// The JSON text of bitsandbytes for 64 numbers in blocks of 32, and a file with it.
fn four_bits(state: &str, absmax: u64) -> Vec<u8> {
    let ends = [32, 32 + 64, 96 + 4 * absmax, 96 + 4 * absmax + state.len() as u64];
    let n = state.len();
    let header = [
        entry("w", "U8", "[32,1]", &format!("[0,{}]", ends[0])),
        entry("w.quant_map", "F32", "[16]", &format!("[{},{}]", ends[0], ends[1])),
        entry("w.absmax", "F32", &format!("[{absmax}]"), &format!("[{},{}]", ends[1], ends[2])),
        entry(
            "w.quant_state.bitsandbytes__nf4",
            "U8",
            &format!("[{n}]"),
            &format!("[{},{}]", ends[2], ends[3]),
        ),
    ];
    let header = format!("{{{}}}", header.join(","));
    let zeros = vec![0; usize::try_from(ends[2]).expect("a museum piece is small")];
    claiming(header.len() as u64, &[header.as_bytes(), &zeros, state.as_bytes()].concat())
}

/// GPTQ of 8 inputs and 8 outputs in 4 bits; the bytes of its index count on from 52.
fn gptq(scales: &str) -> Vec<u8> {
    tensors(
        &[
            entry("w.qweight", "I32", "[1,8]", "[0,32]"),
            entry("w.qzeros", "I32", "[1,1]", "[32,36]"),
            entry("w.scales", "F16", scales, "[36,52]"),
            entry("w.g_idx", "I32", "[8]", "[52,84]"),
        ],
        84,
    )
}

pub(crate) fn pieces() -> Vec<Piece> {
    let plain = |scale: &str, end: u8| {
        let range = format!("[16,{end}]");
        let both =
            [entry("w.qweight", "I8", "[4,4]", "[0,16]"), entry("w.scale", "F32", scale, &range)];
        tensors(&both, end)
    };
    let state = r#"{"quant_type":"nf4","blocksize":32,"shape":[4,16]}"#;
    vec![
        P::told(
            "quantised-scales-too-few.safetensors",
            "has three scales for four rows",
            plain("[3]", 28),
            &["quantised-scales-too-few.safetensors: tensor `w.qweight`: stays stored numbers: `w.scale` has the shape [3], which lays no blocks over [4, 4]"],
        ),
        P::told(
            "quantised-scales-none.safetensors",
            "has quantised weights without scales",
            tensors(&[entry("w.qweight", "I32", "[4,4]", "[0,64]")], 64),
            &["quantised-scales-none.safetensors: tensor `w.qweight`: stays stored numbers: there is no `w.scales` beside it"],
        ),
        P::told(
            "quantised-name-taken.safetensors",
            "has the weight that its quantised tensors would make as well",
            tensors(
                &[
                    entry("w.qweight", "I8", "[4,4]", "[0,16]"),
                    entry("w.scale", "F32", "[1]", "[16,20]"),
                    entry("w", "F32", "[1]", "[20,24]"),
                ],
                24,
            ),
            &["quantised-name-taken.safetensors: tensor `w.qweight`: stays stored numbers: `w` is in the file as well"],
        ),
        P::told(
            "quantised-index-beyond.safetensors",
            "has an index of groups that leads beyond the scales",
            gptq("[1,8]"),
            &["quantised-index-beyond.safetensors: tensor `w.qweight`: stays stored numbers: the index of its groups says 926299444, and there are 1"],
        ),
        P::told(
            "quantised-scales-turned.safetensors",
            "has its scales the wrong way round",
            gptq("[8,1]"),
            &["quantised-scales-turned.safetensors: tensor `w.qweight`: stays stored numbers: its shape [1, 8] does not fit 1 outputs"],
        ),
        P::told(
            "quantised-absmax-short.safetensors",
            "has one scale for two blocks",
            four_bits(state, 1),
            &["quantised-absmax-short.safetensors: tensor `w`: stays stored numbers: `w.absmax` has 1 elements, and 2 are needed"],
        ),
        P::told(
            "quantised-shape-exabytes.safetensors",
            "says that its 32 bytes are 2^62 numbers",
            four_bits(r#"{"blocksize":32,"shape":[4611686018427387904]}"#, 2),
            &["quantised-shape-exabytes.safetensors: tensor `w`: stays stored numbers: `w` would have more bits than 64 bits can count, or pieces that end within a byte"],
        ),
        P::told(
            "quantised-blocks-of-0.safetensors",
            "has blocks of no numbers",
            four_bits(r#"{"blocksize":0,"shape":[4,16]}"#, 2),
            &["quantised-blocks-of-0.safetensors: tensor `w`: stays stored numbers: its groups are given as empty"],
        ),
        P::told(
            "quantised-state-cut.safetensors",
            "has a quant_state that stops early",
            four_bits(&state[..20], 2),
            &["quantised-state-cut.safetensors: tensor `w`: stays stored numbers: `w.quant_state.bitsandbytes__nf4` is not JSON: EOF while parsing a value"],
        ),
        P::told(
            "quantised-00001-of-00002.safetensors",
            "is a shard whose scales are in the other one",
            tensors(&[entry("w.qweight", "I32", "[4,4]", "[0,64]")], 64),
            &[
                "quantised-00001-of-00002.safetensors: number 1 of a set of 2 shards, of which only this one was named",
                "quantised-00001-of-00002.safetensors: tensor `w.qweight`: stays stored numbers: there is no `w.scales` beside it",
            ],
        ),
        P::told("quantised-layout-unknown", "is laid out for one kernel", vec![], &["model.safetensors: tensor `w.qweight`: stays stored numbers: checkpoint_format `marlin` is not read"])
            .of(vec![
                ("config.json", br#"{"quantization_config":{"quant_method":"gptq","bits":4,"checkpoint_format":"marlin"}}"#.to_vec()),
                ("model.safetensors", gptq("[1,8]")),
            ]),
        P::told("adapter-rank-0", "is an adapter without a rank", vec![], &["adapter-rank-0: tensor `base_model.model.m.lora_A.weight`: its shape [0, 4] and that of `base_model.model.m.lora_B.weight`, [4, 0], have no rank in common; it adapts nothing"])
            .of(adapter(r#"{"peft_type":"LORA","r":0,"lora_alpha":8}"#, 0)),
        P::told("adapter-rank-2-to-the-60", "says that its two ranks are 2^60", vec![], &["adapter-rank-2-to-the-60: the configuration says rank 1152921504606846976, and 1 of 1 modules have another"])
            .of(adapter(r#"{"peft_type":"LORA","r":1152921504606846976,"lora_alpha":8}"#, 2)),
        P::told("adapter-base-leads-up", "names a base outside its folder, which is not followed", vec![], &[])
            .of(adapter(r#"{"peft_type":"LORA","r":2,"lora_alpha":8,"base_model_name_or_path":"../../../../etc/passwd"}"#, 2)),
        P::told("adapter-half", "has one matrix of the two", vec![], &["adapter-half: tensor `m.lora_A.weight`: its other half is missing; it adapts nothing"])
            .of(vec![("adapter_model.safetensors", tensors(&[entry("m.lora_A.weight", "F32", "[2,4]", "[0,32]")], 32))]),
        P::told("adapter-beside-a-model", "holds an adapter beside a model's weights", vec![], &["adapter-beside-a-model: `adapter_model.safetensors` is an adapter and was not read"])
            .of(vec![("adapter_model.safetensors", shard(&["x"])), ("model.safetensors", shard(&["a"]))]),
    ]
}

/// An adapter of one module with 4 inputs, 4 outputs and `rank` ranks.
fn adapter(config: &str, rank: u8) -> Vec<(&'static str, Vec<u8>)> {
    let n = 16 * rank;
    let down = entry(
        "base_model.model.m.lora_A.weight",
        "F32",
        &format!("[{rank},4]"),
        &format!("[0,{n}]"),
    );
    let up = entry(
        "base_model.model.m.lora_B.weight",
        "F32",
        &format!("[4,{rank}]"),
        &format!("[{n},{}]", 2 * n),
    );
    vec![
        ("adapter_config.json", config.as_bytes().to_vec()),
        ("adapter_model.safetensors", tensors(&[down, up], 2 * n)),
    ]
}
