//! `jokbo audit --changed-since`: no comparison where nothing has changed.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::audit::{HUMAN, audit, built};

const ASKED: [&str; 4] = ["seed-think", "--against", "qwen2.5-vl", "--policy=core-from-scratch"];

/// A figure that nobody would compute.
const MARK: u64 = 1_234_567;

/// Stores the report on `args`, with a mark in it that no comparison would write.
fn store(place: &Path, args: &[&str]) {
    let end = ["--format=json", "--output=old.json"];
    let (code, _, err) = audit(place, &[args, &end].concat());
    assert!(matches!(code, Some(0 | 1 | 3)) && err.is_empty(), "{err}");
    tamper(place, |report| report["cost"]["bytes_read"] = json!(MARK));
}

fn tamper(place: &Path, change: impl FnOnce(&mut Value)) {
    let path = place.join("old.json");
    let mut report: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    change(&mut report);
    fs::write(path, report.to_string()).unwrap();
}

/// Exit code, whether nothing was compared, and what was said of it.
fn since(place: &Path, args: &[&str]) -> (i32, bool, String) {
    let end = ["--changed-since=old.json", "--format=json"];
    let (code, out, err) = audit(place, &[args, &end].concat());
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
    let is_stored = report["cost"]["bytes_read"] == MARK;
    assert_eq!(err.lines().count(), 1, "{err}");
    assert_eq!(is_stored, err.starts_with("nothing has changed since old.json"), "{err}");
    (code.unwrap(), is_stored, err)
}

#[test]
fn nothing_is_compared_where_nothing_has_changed() {
    let place = built("borrowed-encoder");
    let place = place.path();
    store(place, &ASKED);
    let (code, is_stored, err) = since(place, &ASKED);
    assert_eq!((code, is_stored), (0, true));
    assert_eq!(err, "nothing has changed since old.json: it is written again\n");
    // In any form, and with the exit code of the stored outcomes.
    let args = [&ASKED[..], &["--changed-since=old.json", "--format=markdown"]].concat();
    let (_, out, _) = audit(place, &args);
    assert!(out.contains("1,234,567"), "{out}");
    for (outcome, want) in [("not-met", 1), ("cannot-tell", 3), ("met", 0)] {
        tamper(place, |report| report["audit"]["policies"][0]["outcome"] = json!(outcome));
        assert_eq!(since(place, &ASKED).0, want);
    }
    // A policy from a file is the same while its rules are.
    fs::write(place.join("house.toml"), HUMAN).unwrap();
    let with_house = [&ASKED[..], &["--policy=house.toml"]].concat();
    store(place, &with_house);
    assert_eq!(since(place, &with_house).0, 3);
    assert!(since(place, &with_house).1);
}

#[test]
fn whatever_the_report_rests_on_makes_it_old() {
    let place = built("borrowed-encoder");
    let place = place.path();
    fs::write(place.join("house.toml"), HUMAN).unwrap();
    let asked = [&ASKED[..], &["--policy=house.toml"]].concat();
    store(place, &asked);
    assert!(since(place, &asked).1);
    let changed = |args: &[&str], want: &str| {
        let (_, is_stored, err) = since(place, args);
        assert!(!is_stored, "{want}");
        assert_eq!(err, format!("audited in full, not as in old.json: {want}\n"));
    };
    let with = |more: &[&'static str]| [&asked[..], more].concat();
    changed(&with(&["--level=1e-5"]), "the level is another");
    changed(&with(&["--seed=1"]), "the seed is another");
    changed(&with(&["--component=vision-encoder"]), "the options are others");
    changed(&with(&["--policy=disclosed"]), "the policies are others");
    changed(&ASKED, "the policies are others");
    changed(&with(&["--against=seed-think"]), "there are more references, or fewer");
    let other = asked.iter().map(|&arg| if arg == "qwen2.5-vl" { "./qwen2.5-vl" } else { arg });
    let other: Vec<&str> = other.collect();
    changed(&other, "./qwen2.5-vl is named where qwen2.5-vl was");

    // Files, one after the other, each put back.
    let altered = |file: &str, change: &dyn Fn(Vec<u8>) -> Vec<u8>, want: &str| {
        let path = place.join(file);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, change(bytes.clone())).unwrap();
        changed(&asked, want);
        fs::write(&path, bytes).unwrap();
        assert!(since(place, &asked).1, "{file} was put back");
    };
    let beside = |model: &str| format!("what lies beside the weights of {model} is other");
    let more = |bytes: Vec<u8>| [bytes, b"\nMore.\n".to_vec()].concat();
    let other_rule = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        text.replace("asks = \"human\"", "asks = \"human\"\nof = [\"projector\"]").into_bytes()
    };
    altered("house.toml", &other_rule, "the policies are others");
    let trained = |bytes: Vec<u8>| [bytes, b"\nTrained from scratch.\n".to_vec()].concat();
    altered("seed-think/README.md", &trained, &beside("seed-think"));
    let config = |bytes: Vec<u8>| {
        let mut config: Value = serde_json::from_slice(&bytes).unwrap();
        config["num_attention_heads"] = json!(3);
        config.to_string().into_bytes()
    };
    altered("qwen2.5-vl/config.json", &config, &beside("qwen2.5-vl"));
    let last = |mut bytes: Vec<u8>| {
        *bytes.last_mut().unwrap() ^= 1;
        bytes
    };
    let weights = "model.safetensors of qwen2.5-vl is another file";
    altered("qwen2.5-vl/model.safetensors", &last, weights);
    altered("qwen2.5-vl/model.safetensors", &more, "the weight files of qwen2.5-vl are others");

    // A tokenizer that was not there.
    fs::write(place.join("seed-think/vocab.json"), "{\"a\":0,\"b\":1,\"c\":2}").unwrap();
    changed(&asked, &beside("seed-think"));
    fs::remove_file(place.join("seed-think/vocab.json")).unwrap();

    // The report itself.
    for (field, value, want) in [
        ("/tool/version", json!("0.0.1"), "it was made by jokbo 0.0.1, rules 2"),
        (
            "/tool/rules",
            json!("1"),
            concat!("it was made by jokbo ", env!("CARGO_PKG_VERSION"), ", rules 1"),
        ),
        ("/suspect/commit", json!("abc"), "seed-think is at another commit"),
        (
            "/suspect/files/0/sha256",
            Value::Null,
            "it holds no digest of model.safetensors of seed-think",
        ),
        ("/audit", Value::Null, "it holds no audit"),
    ] {
        let kept = fs::read(place.join("old.json")).unwrap();
        tamper(place, |report| match report.pointer_mut(field) {
            Some(place) => *place = value,
            None => report["suspect"]["commit"] = value,
        });
        changed(&asked, want);
        fs::write(place.join("old.json"), kept).unwrap();
    }
    fs::remove_file(place.join("old.json")).unwrap();
    changed(&asked, "there is no such report");
    fs::write(place.join("old.json"), "{").unwrap();
    let (code, out, _) = audit(place, &[&asked[..], &["--changed-since=old.json"]].concat());
    assert_eq!((code, out.as_str()), (Some(2), ""));
}
