//! LoRA adapters, alone, with a model beside them, and on their base.

use crate::program::{Ran, folder, jokbo};

/// Runs `command` on files of the golden adapter `plain`; `.` stands for its folder.
fn run(args: &[&str]) -> Ran {
    let home = folder("data/golden/adapters/plain").display().to_string();
    jokbo(args.iter().map(|arg| arg.replace("./", &format!("{home}/"))))
}

const ADAPTER: &str = "./adapter_model.safetensors";
const BASE: &str = "./base.safetensors";

#[test]
fn an_adapter_says_what_it_is_and_its_base_is_not_looked_for() {
    let ran = run(&["inspect", ADAPTER]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    for part in [
        "a LoRA adapter of 1 module, rank 4",
        "its product is scaled by alpha 12 over the rank",
        "its target modules are given as `up_proj`",
        "it names `../../../../etc/passwd` as its base, which was not looked for",
    ] {
        assert!(ran.out.contains(part), "{}", ran.out);
    }
}

#[test]
fn an_adapter_beside_a_model_asks_for_its_base() {
    let ran = run(&["compare", ADAPTER, BASE]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains("not comparable"), "{}", ran.out);
    let words: Vec<&str> = ran.out.split_whitespace().collect();
    let said = words.join(" ");
    assert!(said.contains("give the model that the adapter was made for with --base"), "{said}");
}

#[test]
fn an_adapter_on_its_base_is_compared_as_the_model_that_both_make() {
    let ran = run(&["compare", ADAPTER, BASE, "--base", BASE, "--format", "json"]);
    assert!(matches!(ran.code, 0 | 3), "{ran:?}");
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["suspect"]["parameters"], 140);
    assert_eq!(report["suspect"]["files"].as_array().unwrap().len(), 2);
    let ran = run(&["inspect", ADAPTER, "--base", BASE]);
    assert!(ran.out.contains("LORA_MERGED"), "{}", ran.out);
}

#[test]
fn a_base_is_for_an_adapter_alone() {
    let ran = run(&["inspect", BASE, "--base", BASE]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("is not a LoRA adapter, and takes no base"), "{}", ran.err);
    let ran = run(&["compare", ADAPTER, ADAPTER, "--base", BASE]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("two adapters are compared as adapters"), "{}", ran.err);
}
