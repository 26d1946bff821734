//! Two configurations side by side, as a reader sees them.

use std::path::Path;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::checkpoint::{noise, write};
use crate::program::command;

/// A checkpoint of one matrix under this configuration.
fn model(folder: &Path, seed: u32, config: &Value) {
    std::fs::create_dir(folder).unwrap();
    write(&folder.join("model.safetensors"), &[("body.weight", 40, 30, noise(1200, seed))]);
    std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
}

/// The paragraphs of a page from the one that begins with `Architecture` on, up to the next title.
fn section(page: &str) -> String {
    let begin = page.find("Architecture").unwrap();
    let end = page[begin..].find("Read all").unwrap();
    page[begin..begin + end].to_owned()
}

#[test]
fn configurations_are_shown_side_by_side_and_touch_no_verdict() {
    let dir = tempfile::tempdir().unwrap();
    let vision = json!({"model_type": "qwen2_5_vl", "depth": 32, "hidden_size": 1280,
        "num_heads": 16, "intermediate_size": 3456, "hidden_act": "silu"});
    let think = json!({"model_type": "vlm", "text_config": {"model_type": "hyperclovax",
        "hidden_size": 5120, "num_hidden_layers": 72, "num_attention_heads": 40,
        "num_key_value_heads": 8, "intermediate_size": 24192, "vocab_size": 128256,
        "rope_theta": 5e7, "rms_norm_eps": 1e-5, "hidden_act": "silu"}, "vision_config": vision});
    let instruct = json!({"model_type": "qwen2_5_vl", "hidden_size": 5120, "num_hidden_layers": 64,
        "num_attention_heads": 40, "num_key_value_heads": 8, "intermediate_size": 27648,
        "vocab_size": 152064, "rope_theta": 1e6, "rms_norm_eps": 1e-6, "hidden_act": "silu",
        "vision_config": vision});
    model(&dir.path().join("think"), 1, &think);
    model(&dir.path().join("instruct"), 2, &instruct);
    model(&dir.path().join("again"), 3, &think);
    std::fs::create_dir(dir.path().join("bare")).unwrap();
    let bare = dir.path().join("bare/model.safetensors");
    write(&bare, &[("body.weight", 40, 30, noise(1200, 1))]);
    let run = |args: &[&str]| {
        let output = command().current_dir(dir.path()).args(args).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let page = run(&["compare", "think", "instruct"]);
    assert_snapshot!("architecture.text", section(&page));
    assert_snapshot!("architecture-same.text", section(&run(&["compare", "again", "think"])));
    let json = |a: &str, b: &str| -> Value {
        serde_json::from_str(&run(&["compare", a, b, "--format", "json"])).unwrap()
    };
    let report = json("again", "think");
    let verdict = |report: &Value| report["components"][0]["verdict"].clone();
    assert_eq!(report["architecture"]["combinations"][1]["section"], "vision");
    assert_eq!(verdict(&report), verdict(&json("bare", "again")), "a configuration is no evidence");
    let lacking = json("think", "bare");
    assert_eq!(lacking["architecture"], Value::Null);
    let missing = lacking["not_measured"].as_array().unwrap();
    let why = missing.iter().find(|m| m["what"] == "architecture").unwrap()["why"].clone();
    assert_eq!(why, "the reference has no configuration that was read");
}
