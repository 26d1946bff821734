//! Two tokenizers, as a reader sees them.

use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::hub::{COMMIT, Hub};
use crate::program::{command, folder, jokbo};

/// A `vocab.json` of the words numbered `words`, under ids from `start` on.
fn vocabulary(folder: &Path, start: usize, words: std::ops::Range<usize>) {
    let tokens = words.enumerate().map(|(k, word)| format!("\"▁w{word}\":{}", start + k));
    let text = format!("{{{}}}", tokens.collect::<Vec<_>>().join(","));
    std::fs::create_dir(folder).unwrap();
    std::fs::write(folder.join("vocab.json"), text).unwrap();
}

#[test]
fn a_relation_is_said_in_words_with_its_figures() {
    let dir = tempfile::tempdir().unwrap();
    vocabulary(&dir.path().join("longer"), 0, 0..700);
    vocabulary(&dir.path().join("shifted"), 5, 0..600);
    vocabulary(&dir.path().join("short"), 0, 0..600);
    vocabulary(&dir.path().join("other"), 0, 550..1200);
    let run = |args: &[&str]| {
        let output = command().current_dir(dir.path()).args(args).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_snapshot!("tokenizers.text", run(&["tokenizers", "longer", "short"]));
    let markdown = run(&["tokenizers", "shifted", "longer", "--format", "markdown"]);
    assert_snapshot!("tokenizers.markdown", markdown);
    for (a, b, want) in [
        ("short", "short", "same"),
        ("shifted", "short", "renumbered"),
        ("short", "longer", "cut"),
        ("other", "short", "not-said"),
    ] {
        let report: Value =
            serde_json::from_str(&run(&["tokenizers", a, b, "--format", "json"])).unwrap();
        assert_eq!(report["relation"], want, "{a} against {b}");
        assert_eq!(report["schema"], "jokbo/tokenizers/v1");
    }
}

#[test]
fn a_place_without_a_tokenizer_is_told() {
    let ran = jokbo(["tokenizers", "fracast", "fracast"]);
    assert_eq!(ran.code, 2);
    assert_eq!(ran.out, "");
    assert!(ran.err.contains("fracast holds no tokenizer that is read"), "{}", ran.err);
}

/// A `vocab.json` as in [`vocabulary`], of words from 0 on.
fn words(start: usize, n: usize) -> String {
    let tokens = (0..n).map(|k| format!("\"▁w{k}\":{}", start + k));
    format!("{{{}}}", tokens.collect::<Vec<_>>().join(","))
}

/// The program with this Hub and nothing of this machine's own.
fn with(hub: &Hub, cache: &Path, args: &[&str]) -> std::process::Output {
    let mut command = command();
    command.env("HF_ENDPOINT", hub.endpoint()).env("HF_HOME", cache.join("hf"));
    command.env("JOKBO_CACHE", cache.join("jokbo")).env_remove("HF_HUB_OFFLINE");
    command.args(args).output().unwrap()
}

#[test]
fn tokenizers_are_read_wherever_they_are() {
    let (hub, dir) = (Hub::start(), tempfile::tempdir().unwrap());
    hub.put("org/long", "vocab.json", words(0, 700).as_bytes());
    hub.put("org/long", "model.safetensors", b"weights that nobody reads");
    hub.put(
        "org/deep",
        "base/tokenizer.json",
        format!("{{\"model\":{{\"vocab\":{}}}}}", words(0, 600)).as_bytes(),
    );
    let cached = dir.path().join("hf/hub/models--org--kept");
    let snapshot = cached.join("snapshots/abc");
    std::fs::create_dir_all(&snapshot).unwrap();
    std::fs::create_dir(cached.join("refs")).unwrap();
    std::fs::write(cached.join("refs/main"), "abc").unwrap();
    std::fs::write(snapshot.join("vocab.json"), words(5, 600)).unwrap();
    let web = format!("{}/org/long/resolve/{COMMIT}/vocab.json", hub.endpoint());
    for (a, b, want) in [
        ("hf://org/long", "hf://org/deep/base", "extended"),
        ("org/deep/base/tokenizer.json", "hf://org/long", "cut"),
        ("hf://org/kept", "hf://org/deep/base", "renumbered"),
        (web.as_str(), "hf://org/long", "same"),
    ] {
        let a = if a.starts_with("org") { format!("hf://{a}") } else { a.to_owned() };
        let output = with(&hub, dir.path(), &["tokenizers", &a, b, "--format", "json"]);
        assert!(output.status.success(), "{output:?}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["relation"], want, "{a} against {b}");
    }
    // Neither cache is asked for what is not in it.
    let offline = ["tokenizers", "hf://org/gone", "hf://org/kept", "--offline"];
    let output = with(&hub, dir.path(), &offline);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn a_comparison_says_how_the_tokenizers_are_related_and_fetches_none_for_a_sample() {
    let (hub, dir) = (Hub::start(), tempfile::tempdir().unwrap());
    for name in ["fracast", "fracast-noised"] {
        hub.put_folder(&format!("org/{name}"), &folder("examples").join(name));
        hub.put(&format!("org/{name}"), "vocab.json", words(0, 600).as_bytes());
    }
    let run = |args: &[&str]| -> Value {
        let args = [&["compare", "hf://org/fracast-noised", "hf://org/fracast"], args].concat();
        let output = with(&hub, dir.path(), &[&args[..], &["--format", "json"]].concat());
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let sample = run(&[]);
    assert_eq!(sample["tokenizer"], Value::Null);
    let why = |report: &Value| {
        let all = report["not_measured"].as_array().unwrap();
        let of_it = all.iter().find(|missing| missing["what"] == "tokenizer");
        of_it.map(|missing| missing["why"].as_str().unwrap().to_owned())
    };
    let want = "the suspect's is elsewhere, and is not fetched for a sample";
    assert_eq!(why(&sample).as_deref(), Some(want));
    let asked = hub.front.asked();
    assert!(asked.iter().all(|request| !request.path.contains("vocab.json")), "{asked:?}");
    let full = run(&["--full"]);
    assert_eq!(full["tokenizer"]["relation"], "same");
    assert_eq!(full["tokenizer"]["shared_tokens"], 600);
    assert_eq!(why(&full), None);
    let plain = jokbo(["compare", "fracast-noised", "fracast", "--format", "json"]);
    let plain: Value = serde_json::from_str(&plain.out).unwrap();
    assert_eq!(full["components"], plain["components"], "a tokenizer touches no verdict");
}

#[test]
fn a_tokenizer_that_cannot_be_read_is_told_and_stops_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let [broken, whole] = ["broken", "whole"].map(|name| dir.path().join(name));
    for (place, text) in [(&broken, "{"), (&whole, "{\"a\":0}")] {
        std::fs::create_dir(place).unwrap();
        let weights = folder("examples").join("fracast/model.safetensors");
        std::fs::copy(weights, place.join("model.safetensors")).unwrap();
        std::fs::write(place.join("vocab.json"), text).unwrap();
    }
    let names = [broken.to_str().unwrap(), whole.to_str().unwrap()];
    let ran = jokbo(["compare", names[0], names[1], "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let missing = report["not_measured"].as_array().unwrap();
    let why = missing.iter().find(|m| m["what"] == "tokenizer").unwrap()["why"].clone();
    let why = why.as_str().unwrap();
    assert!(why.starts_with("the suspect's is not read: vocab.json, at byte"), "{why}");
}
