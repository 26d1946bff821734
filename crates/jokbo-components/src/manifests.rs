//! Published models as test cases: tensor lists with real dimensions, kept small in
//! `data/manifests` (see `compact.py` there). Parameter sums and layer numbers below were counted
//! by regular expressions written by hand for each model, not by this crate.

use jokbo_tensors::{Dtype, Entry};
use serde_json::Value;

use crate::assign::assign_entries;
use crate::samples::entry;
use crate::{Assignment, ComponentPairing, PairedBy, pair};

/// A model's entries with what they were assigned to.
struct Model {
    entries: Vec<Entry>,
    assignment: Assignment,
}

/// Entries and config of a model, and the number of parameters its list claims.
fn read(file: &str) -> (Vec<Entry>, Value, u64) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data/manifests");
    let text = std::fs::read_to_string(format!("{folder}/{file}.json")).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    let mut entries = Vec::new();
    for row in manifest["tensors"].as_array().unwrap() {
        let [template, dtype, shape, boxes @ ..] = row.as_array().unwrap().as_slice() else {
            panic!("a row is a template, a type, a shape and ranges")
        };
        let dtype = match dtype.as_str().unwrap() {
            "F32" => Dtype::F32,
            "F16" => Dtype::F16,
            "BF16" => Dtype::BF16,
            other => panic!("dtype {other}"),
        };
        let shape: Vec<u64> = serde_json::from_value(shape.clone()).unwrap();
        for ranges in boxes {
            let ranges: Vec<[u32; 2]> = serde_json::from_value(ranges.clone()).unwrap();
            let mut names = vec![template.as_str().unwrap().to_owned()];
            for [first, last] in ranges {
                let numbered = |name: &String| {
                    let name = name.clone();
                    (first..=last).map(move |n| name.replacen('#', &n.to_string(), 1))
                };
                names = names.iter().flat_map(numbered).collect();
            }
            entries.extend(names.iter().map(|name| entry(name, dtype, &shape)));
        }
    }
    assert_eq!(entries.len() as u64, manifest["n_tensors"].as_u64().unwrap());
    (entries, manifest["config"].clone(), manifest["parameters"].as_u64().unwrap())
}

fn model(file: &str) -> Model {
    let (entries, config, _) = read(file);
    let assignment = assign_entries(&entries, Some(&config));
    Model { entries, assignment }
}

fn paired(suspect: &Model, reference: &Model) -> Vec<ComponentPairing> {
    pair(&suspect.assignment, &reference.assignment, &suspect.entries, &reference.entries)
}

#[track_caller]
fn of<'a>(pairings: &'a [ComponentPairing], component: &str) -> &'a ComponentPairing {
    pairings.iter().find(|pairing| pairing.component.to_string() == component).unwrap()
}

/// Checks each component's parameters and layers, and that they are all there is.
#[track_caller]
fn check(file: &str, family: &str, want: &[(&str, u64, u64)]) {
    let (entries, config, parameters) = read(file);
    let assignment = assign_entries(&entries, Some(&config));
    let got: Vec<(String, u64, u64)> = assignment
        .components
        .iter()
        .map(|c| (c.name.to_string(), c.parameters, c.layers))
        .collect();
    let got: Vec<(&str, u64, u64)> = got.iter().map(|(n, p, l)| (n.as_str(), *p, *l)).collect();
    assert_eq!(got, want);
    assert_eq!(want.iter().map(|(_, n, _)| n).sum::<u64>(), parameters);
    assert!(assignment.components.iter().all(|component| !component.inferred));
    assert_eq!(assignment.family.as_deref(), Some(family));
    assert_eq!(assignment.notes, [""; 0]);
    let keys: std::collections::BTreeSet<_> = assignment.parts.iter().map(|p| &p.key).collect();
    assert_eq!(keys.len(), assignment.parts.len(), "two parts with one key");
}

#[test]
fn k_exaone() {
    let lm = ("language-model", 234_683_719_552, 48);
    let (table, head) = (("token-embedding", 943_718_400, 0), ("output-head", 943_718_400, 0));
    check("LGAI-EXAONE--K-EXAONE-236B-A23B", "llama-moe", &[lm, table, head]);
}

#[test]
fn qwen2_audio() {
    let want = [
        ("language-model", 6_476_664_832, 32),
        ("audio-encoder", 636_968_960, 32),
        ("projector", 5_246_976, 0),
        ("token-embedding", 639_107_072, 0),
        ("output-head", 639_107_072, 0),
    ];
    check("Qwen--Qwen2-Audio-7B-Instruct", "whisper-encoder", &want);
}

#[test]
fn qwen_omni() {
    let want = [
        ("language-model", 6_525_621_760, 28),
        ("vision-encoder", 631_975_680, 32),
        ("audio-encoder", 635_056_128, 32),
        ("projector", 44_574_464, 0),
        ("projector:audio", 4_591_104, 0),
        ("audio-decoder:dit", 333_607_760, 22),
        ("audio-decoder:talker", 6_599_025_664, 28),
        ("audio-decoder:vocoder", 115_443_504, 18),
        ("token-embedding", 544_997_376, 0),
        ("output-head", 544_997_376, 0),
    ];
    check("Qwen--Qwen2.5-Omni-7B", "llama", &want);
}

#[test]
fn qwen_vl() {
    let want = [
        ("language-model", 31_206_740_992, 64),
        ("vision-encoder", 636_401_664, 32),
        ("projector", 52_440_320, 0),
        ("token-embedding", 778_567_680, 0),
        ("output-head", 778_567_680, 0),
    ];
    check("Qwen--Qwen2.5-VL-32B-Instruct", "llama", &want);
}

#[test]
fn siglip2() {
    let want = [
        ("text-encoder", 412_870_896, 27),
        ("vision-encoder", 428_225_600, 27),
        ("token-embedding", 294_912_000, 0),
        ("other:contrastive", 2, 0),
    ];
    check("google--siglip2-so400m-patch14-384", "clip", &want);
}

#[test]
fn bert() {
    let text = ("text-encoder", 86_041_344, 12);
    let (table, head) = (("token-embedding", 23_440_896, 0), ("output-head", 24_095_606, 0));
    check("google-bert--bert-base-uncased", "bert", &[text, table, head]);
}

#[test]
fn llama() {
    let lm = ("language-model", 6_979_588_096, 32);
    let (table, head) = (("token-embedding", 525_336_576, 0), ("output-head", 525_336_576, 0));
    check("meta-llama--Llama-3.1-8B", "llama", &[lm, table, head]);
}

#[test]
fn phi_moe() {
    let lm = ("language-model", 41_610_452_992, 32);
    let (table, head) = (("token-embedding", 131_334_144, 0), ("output-head", 131_366_208, 0));
    check("microsoft--Phi-3.5-MoE-instruct", "mixtral", &[lm, table, head]);
}

#[test]
fn mistral() {
    let lm = ("language-model", 6_979_588_096, 32);
    let (table, head) = (("token-embedding", 131_072_000, 0), ("output-head", 131_072_000, 0));
    check("mistralai--Mistral-7B-v0.1", "llama", &[lm, table, head]);
}

#[test]
fn hyperclovax() {
    let want = [
        ("language-model", 31_285_744_640, 72),
        ("vision-encoder", 636_401_664, 32),
        ("projector", 78_659_840, 0),
        ("token-embedding", 656_670_720, 0),
        ("output-head", 656_670_720, 0),
    ];
    check("naver-hyperclovax--HyperCLOVAX-SEED-Think-32B", "hyperclovax", &want);
}

#[test]
fn whisper() {
    let want = [
        ("language-model", 840_133_120, 32),
        ("audio-encoder", 636_968_960, 32),
        ("token-embedding", 66_388_480, 0),
    ];
    check("openai--whisper-large-v3", "whisper-decoder", &want);
}

#[test]
fn gpt2() {
    let want = [("language-model", 85_842_432, 12), ("token-embedding", 38_597_376, 0)];
    check("openai-community--gpt2", "gpt2", &want);
}

#[test]
fn ax_k1() {
    let lm = ("language-model", 516_634_253_568, 61);
    let (table, head) = (("token-embedding", 1_174_405_120, 0), ("output-head", 1_174_405_120, 0));
    check("skt--A.X-K1", "deepseek", &[lm, table, head]);
}

#[test]
fn solar_open() {
    let lm = ("language-model", 101_041_186_816, 48);
    let (table, head) = (("token-embedding", 805_306_368, 0), ("output-head", 805_306_368, 0));
    check("upstage--Solar-Open-100B", "llama-moe", &[lm, table, head]);
}

#[test]
fn glm_air() {
    let lm = ("language-model", 102_239_692_416, 46);
    let (table, head) = (("token-embedding", 620_756_992, 0), ("output-head", 620_756_992, 0));
    check("zai-org--GLM-4.5-Air", "llama-moe", &[lm, table, head]);
}

#[test]
fn a_vision_encoder_answers_in_full_though_its_prefix_differs() {
    let suspect = model("naver-hyperclovax--HyperCLOVAX-SEED-Think-32B");
    let reference = model("Qwen--Qwen2.5-VL-32B-Instruct");
    let pairings = paired(&suspect, &reference);
    let vision = of(&pairings, "vision-encoder");
    assert_eq!(vision.unpaired, []);
    // 32 layers: two norms, q, k, v, output, gate, up and down; seven of them with a bias.
    assert_eq!(vision.pairs.len(), 32 * (2 + 7 * 2) + 1);
    assert!(vision.pairs.iter().all(|pair| pair.by == PairedBy::Role));

    // The merger answers to the merger, the vendor's own linear projector to nothing.
    let projector = of(&pairings, "projector");
    assert_eq!((projector.pairs.len(), projector.unpaired.len()), (5, 2));

    // 72 layers against 64, and no bias here.
    let lm = of(&pairings, "language-model");
    let last =
        lm.unpaired.iter().find(|u| suspect.assignment.parts[u.suspect].key.layer == Some(71));
    assert_eq!(last.unwrap().why, "the reference has 64 layers");

    // Vocabularies of different sizes answer to each other.
    assert_eq!(of(&pairings, "token-embedding").pairs.len(), 1);
}

#[test]
fn an_audio_encoder_answers_to_the_one_it_starts_from() {
    let pairings =
        paired(&model("Qwen--Qwen2-Audio-7B-Instruct"), &model("openai--whisper-large-v3"));
    let audio = of(&pairings, "audio-encoder");
    assert_eq!((audio.pairs.len(), audio.unpaired.len()), (487, 0));
    let projector = of(&pairings, "projector");
    assert_eq!(projector.unpaired[0].why, "the reference has no projector");
}

#[test]
fn split_projections_answer_to_the_rows_of_fused_ones() {
    let suspect = model("Qwen--Qwen2.5-Omni-7B");
    let reference = model("Qwen--Qwen2.5-VL-32B-Instruct");
    let pairings = paired(&suspect, &reference);
    let vision = of(&pairings, "vision-encoder");
    // 3,420 hidden units here, 3,456 there: units may differ in number.
    assert_eq!(vision.unpaired, []);
    let keys: Vec<_> = vision
        .pairs
        .iter()
        .filter(|p| suspect.assignment.parts[p.suspect].key.role == "attention-key")
        .map(|p| reference.assignment.parts[p.reference].view)
        .collect();
    assert_eq!(keys.len(), 64);
    assert!(keys.iter().all(|view| view.rows == 1280 && 1280 <= view.offset));
}

#[test]
fn sizes_that_differ_where_they_must_agree_are_named() {
    let suspect = model("upstage--Solar-Open-100B");
    let pairings = paired(&suspect, &model("zai-org--GLM-4.5-Air"));
    let lm = of(&pairings, "language-model");
    let why = |role: &str, layer: u32| {
        let is_it = |key: &crate::PartKey| key.role == role && key.layer == Some(layer);
        let unpaired = lm.unpaired.iter().find(|u| is_it(&suspect.assignment.parts[u.suspect].key));
        unpaired.map(|u| u.why.as_str())
    };
    let shapes = Some("shape [8192, 4096] here, [4032, 4096] in the reference");
    assert_eq!(why("attention-query", 7), shapes);
    assert_eq!(why("norm-attention", 7), None);
    assert_eq!(why("router", 7), None);
    assert_eq!(why("mlp-up", 7), None, "1,280 units here, 1,408 there");
    assert_eq!(why("mlp-up", 0), Some("the reference has no such part"), "dense there");
    assert_eq!(why("router", 47), Some("the reference has 46 layers"));
}

/// A Llama's tensor as llama.cpp names it.
fn in_gguf(name: &str) -> String {
    let name = name.strip_prefix("model.").unwrap_or(name);
    let (layer, rest) = match name.strip_prefix("layers.").and_then(|n| n.split_once('.')) {
        Some((layer, rest)) => (format!("blk.{layer}."), rest),
        None => (String::new(), name),
    };
    let theirs = match rest.strip_suffix(".weight").unwrap_or(rest) {
        "embed_tokens" => "token_embd",
        "norm" => "output_norm",
        "lm_head" => "output",
        "input_layernorm" => "attn_norm",
        "post_attention_layernorm" => "ffn_norm",
        "self_attn.q_proj" => "attn_q",
        "self_attn.k_proj" => "attn_k",
        "self_attn.v_proj" => "attn_v",
        "self_attn.o_proj" => "attn_output",
        "mlp.gate_proj" => "ffn_gate",
        "mlp.up_proj" => "ffn_up",
        "mlp.down_proj" => "ffn_down",
        other => panic!("{other}"),
    };
    format!("{layer}{theirs}.weight")
}

#[test]
fn a_model_answers_to_itself_under_llama_cpps_names() {
    let ours = model("meta-llama--Llama-3.1-8B");
    let mut entries = ours.entries.clone();
    entries.iter_mut().for_each(|entry| entry.name = in_gguf(&entry.name));
    let config = serde_json::json!({ "model_type": "llama", "head_dim": 128 });
    let assignment = assign_entries(&entries, Some(&config));
    assert_eq!(assignment.family.as_deref(), Some("gguf-llama"));
    assert_eq!(assignment.notes, [""; 0]);
    let interleaved = |part: &&crate::Part| part.view.row_walk.stride().is_none();
    assert_eq!(assignment.parts.iter().filter(interleaved).count(), 2 * 32);

    let theirs = Model { entries, assignment };
    let pairings = paired(&theirs, &ours);
    assert!(pairings.iter().all(|pairing| pairing.unpaired.is_empty()));
    let pairs: Vec<_> = pairings.iter().flat_map(|pairing| &pairing.pairs).collect();
    assert!(pairs.iter().all(|pair| pair.by == PairedBy::Role));
    assert_eq!(pairs.len(), ours.assignment.parts.len());
}

#[test]
fn every_model_answers_to_itself() {
    for file in
        ["Qwen--Qwen2.5-Omni-7B", "google-bert--bert-base-uncased", "openai-community--gpt2"]
    {
        let model = model(file);
        for pairing in paired(&model, &model) {
            assert_eq!(pairing.unpaired, []);
            assert!(pairing.pairs.iter().all(|pair| pair.suspect == pair.reference));
        }
    }
}
