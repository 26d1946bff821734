//! Two tokenizers, as a reader sees them.

use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::program::{command, jokbo};

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
