//! The family tree of several models.

use std::ffi::OsString;
use std::fs;

use insta::{Settings, assert_snapshot};
use serde_json::Value;

use crate::program::{Ran, command, folder, is_plain, jokbo, list, number};

/// A base, what was made of it, a mixture with a stranger, and models of their own.
const SET: [&str; 8] = [
    "llama-00",
    "llama-00-int4",
    "llama-00-noise-20",
    "llama-00-tuned-heavy",
    "llama-01",
    "merge-strangers",
    "vit-00",
    "vlm-of-two",
];

/// `jokbo tree` over networks of the lineage benchmark.
fn tree(networks: &[&str], more: &[&str]) -> Ran {
    let models =
        networks.iter().map(|name| folder("bench/lineage/models").join(name).into_os_string());
    let more = more.iter().map(OsString::from);
    jokbo(std::iter::once("tree".into()).chain(models).chain(more))
}

fn report(networks: &[&str], more: &[&str]) -> Value {
    let ran = tree(networks, &[more, &["--format", "json"]].concat());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    serde_json::from_str(&ran.out).unwrap()
}

/// The tree of one component.
#[track_caller]
fn of<'a>(report: &'a Value, component: &str) -> &'a Value {
    let all = list(&report["components"]).iter();
    let mut of_it = all.filter(|tree| tree["component"] == component);
    of_it.next().unwrap_or_else(|| panic!("no {component} in {report:#}"))
}

fn links(tree: &Value) -> Vec<&Value> {
    list(&tree["clusters"]).iter().flat_map(|cluster| list(&cluster["links"])).collect()
}

#[test]
fn a_family_reads_as_trees() {
    let mut settings = Settings::clone_current();
    settings.add_filter(r"jokbo \d+\.\d+\.\d+", "jokbo VERSION");
    settings.add_filter(r"\| [^|]*lineage/models/", "| MODELS/");
    settings.bind(|| {
        for format in ["text", "markdown", "dot", "svg"] {
            let ran = tree(&SET, &["--format", format]);
            assert_eq!((ran.code, ran.err.as_str()), (0, ""));
            is_plain(&ran.out);
            assert!(ran.out.lines().all(|line| line.trim_end() == line), "a blank at a line's end");
            let name = format!("tree.{format}");
            assert_snapshot!(name, ran.out);
        }
    });
}

#[test]
fn the_contract_is_kept() {
    let published = fs::read_to_string(folder("schema").join("tree-v1.json")).unwrap();
    let schema: Value = serde_json::from_str(&published).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let report = report(&SET, &[]);
    let errors: Vec<String> = validator.iter_errors(&report).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(report["schema"], "jokbo/tree/v1");
    let language = of(&report, "language-model");
    assert_eq!(list(&language["clusters"]).len(), 2);
    let alone: Vec<&Value> = list(&language["alone"]).iter().map(|a| &a["model"]).collect();
    assert_eq!(alone, ["vlm-of-two"]);
    for link in links(language) {
        assert!(number(&link["log10_p"]) <= -6.0, "{link:#}");
        let child = &link["child"];
        assert!(child.is_null() || list(&link["grounds"]).len() == 1, "{link:#}");
    }
    assert_eq!(links(of(&report, "vision-encoder")).len(), 1);
}

#[test]
fn order_and_threads_change_nothing() {
    let first = tree(&SET, &["--format", "json", "--threads", "1"]);
    let mut turned = SET;
    turned.reverse();
    turned.swap(1, 4);
    assert_eq!(first.out, tree(&turned, &["--format", "json", "--threads", "3"]).out);
}

#[test]
fn a_model_twice_is_at_no_distance_from_itself() {
    let report = report(&["llama-00", "llama-00", "llama-01"], &["--component", "language-model"]);
    let tree = of(&report, "language-model");
    let link = links(tree)[0];
    assert_eq!((number(&link["distance"]), number(&link["equal_share"])), (0.0, 1.0));
    assert_eq!(list(&link["relations"]), ["same-bits"]);
    let mut ends = [&link["from"], &link["to"]].map(|end| end.as_str().unwrap().to_owned());
    ends.sort();
    assert_eq!(ends, ["llama-00", "llama-00 (2)"]);
    assert_eq!(list(&report["components"]).len(), 1);
    assert_eq!(list(&tree["alone"])[0]["model"], "llama-01");
}

#[test]
fn what_hid_itself_stands_alone_and_the_page_says_that_this_may_be_so() {
    let ran = tree(&["llama-00", "llama-00-rotate-residual"], &["--component", "language-model"]);
    assert!(ran.out.contains("Alone, tested and not found"), "{}", ran.out);
    assert!(ran.out.contains("`jokbo compare` undoes that"), "{}", ran.out);
}

#[test]
fn networks_of_other_shapes_are_not_comparable_and_that_is_said() {
    let ran = jokbo(["tree", "fracast", "silero-vad", "--component", "other:core"]);
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("other:core: 1 model; nothing to compare it with"), "{}", ran.out);
}

#[test]
fn what_cannot_be_drawn_is_told_in_one_sentence() {
    for (args, code, says) in [
        (&["fracast"][..], 4, "MODEL"),
        (&[][..], 4, "MODEL"),
        (&["fracast", ""][..], 4, "not empty"),
        (&["fracast", "fracast", "--level", "2"][..], 4, "between 0 and 1"),
        (&["fracast", "no-such-model"][..], 2, "no-such-model"),
        (&["fracast", "akiki", "--component", "kernel"][..], 2, "no model has a component kernel"),
        (
            &["fracast", "../data/golden/adapters/plain/adapter_model.safetensors"][..],
            2,
            "is a LoRA adapter",
        ),
        (&["fracast", "akiki", "--map", "x.=projector"][..], 2, "no tensor's name starts with x."),
    ] {
        let ran = jokbo([&["tree"], args].concat());
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{args:?}");
        assert!(ran.err.contains(says), "{args:?}: {}", ran.err);
    }
}

#[test]
fn a_damaged_model_stops_the_tree_and_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let whole = fs::read_dir(folder("examples/fracast")).unwrap();
    let weights = whole.map(|entry| entry.unwrap().path());
    let weights = weights.filter(|path| path.extension().is_some_and(|e| e == "safetensors"));
    let bytes = fs::read(weights.last().unwrap()).unwrap();
    let cut = dir.path().join("cut.safetensors");
    fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let out = dir.path().join("tree.svg");
    let output = command()
        .args(["tree", "fracast"])
        .arg(&cut)
        .args(["--format", "svg", "-o"])
        .arg(&out)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: cannot open"));
    assert!(!out.exists());
}
