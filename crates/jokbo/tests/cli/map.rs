//! Components by the user's word: `--map` and `jokbo.toml`.

use serde_json::Value;

use crate::program::{command, folder, jokbo, list};

/// Components of an inspection, and its notes.
#[track_caller]
fn read(out: &str) -> (Vec<String>, Vec<String>) {
    let report: Value = serde_json::from_str(out).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let components = list(&report["model"]["components"]);
    let components = components.iter().map(|c| text(&c["component"])).collect();
    (components, list(&report["notes"]).iter().map(text).collect())
}

#[test]
fn a_prefix_is_called_what_the_user_says() {
    let inspect = ["inspect", "fracast", "--format", "json", "--map", "core.=audio-encoder"];
    let (components, notes) = read(&jokbo(inspect).out);
    assert_eq!(components, ["audio-encoder", "other:head"]);
    assert_eq!(notes, ["17 tensors under core. placed in audio-encoder by the user"]);
    let ran = jokbo([
        "compare",
        "fracast-noised",
        "fracast",
        "--component",
        "audio-encoder",
        "--map",
        "core.=audio-encoder",
        "--fail-on",
        "derived",
    ]);
    assert_eq!(ran.code, 1, "{ran:?}");
}

#[test]
fn a_prefix_that_no_tensor_has_and_a_component_that_is_none_are_refused() {
    let ran = jokbo(["inspect", "fracast", "--map", "eyes.=vision-encoder"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert_eq!(ran.err, "error: --map: no tensor's name starts with eyes.\n");
    let ran = jokbo(["inspect", "fracast", "--map", "core.=brain"]);
    assert_eq!(ran.code, 4);
    assert!(ran.err.contains("\"brain\" is no component"), "{}", ran.err);
}

#[test]
fn the_current_folder_may_say_it_and_a_checkpoint_may_not() {
    let here = tempfile::tempdir().unwrap();
    let model = here.path().join("model");
    std::fs::create_dir(&model).unwrap();
    for file in ["model.safetensors", "config.json"] {
        std::fs::copy(folder("examples/fracast").join(file), model.join(file)).unwrap();
    }
    let run = || {
        let output = command()
            .current_dir(here.path())
            .args(["inspect", "model", "--format", "json"])
            .output()
            .unwrap();
        read(&String::from_utf8(output.stdout).unwrap()).0
    };
    let says = "[map]\n\"core.\" = \"audio-encoder\"\n";
    std::fs::write(model.join("jokbo.toml"), says).unwrap();
    assert_eq!(run(), ["other:core", "other:head"]);
    std::fs::write(here.path().join("jokbo.toml"), says).unwrap();
    assert_eq!(run(), ["audio-encoder", "other:head"]);
}
