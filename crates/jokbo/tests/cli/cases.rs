//! The disputes in miniature, each held to what its recipe expects.

use std::path::Path;

use jokbo_cases::{Case, Expected, all};
use serde_json::Value;

use crate::program::{command, components, jokbo, list, near, number};

fn report(folder: &Path, models: &[&str]) -> Value {
    let args = ["compare"].iter().chain(models).chain(&["--format", "json", "--quiet"]);
    let output = command().current_dir(folder).args(args).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 3)), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What is said of `name` against `reference`; with one reference it is not named again.
fn said<'a>(report: &'a Value, name: &str, reference: &str) -> &'a Value {
    let further = report.get("further").and_then(Value::as_array).into_iter().flatten();
    let mut all = components(report).iter().chain(further);
    let is_it =
        |c: &&Value| c["component"] == name && c.get("reference").is_none_or(|of| of == reference);
    all.find(is_it).unwrap_or_else(|| panic!("nothing on {name} against {reference}"))
}

#[track_caller]
fn holds(expected: &Expected, report: &Value) {
    let Expected { component, reference, .. } = expected;
    let found = said(report, component, reference);
    let at = format!("{component} against {reference}: {found:#}");
    assert_eq!(found["verdict"], expected.verdict.as_str(), "{at}");
    if let Some(relation) = &expected.relation {
        let named = list(&found["relations"]).iter().any(|r| r["kind"] == relation.as_str());
        assert!(named, "{relation}: {at}");
    }
    if let Some(cosine) = expected.cosine {
        near(number(&found["effect"]["cosine"]), cosine, 0.002);
    }
    if let Some(layers) = &expected.layers {
        let straight = list(&found["layer_map"]).iter().map(|layer| &layer["reference"]);
        // Where what hid the layers was undone, the map stands with it.
        let undone = || list(&found["alignment"]["layers"]).iter().map(|pair| &pair[1]).collect();
        let mut got: Vec<&Value> = straight.collect();
        if got.is_empty() {
            got = undone();
        }
        assert_eq!(got, layers.iter().collect::<Vec<_>>(), "{at}");
    }
    if expected.verdict == "no-evidence" {
        assert!(number(&found["power"]["aligned_cosine"]) < 0.5, "{at}");
    }
    for (figure, least) in [
        ("cosine of norm weights", expected.norm_cosine),
        ("correlation over depth", expected.depth_curve),
    ] {
        let Some(least) = least else { continue };
        let of_it = |n: &&Value| {
            n["figure"].as_str().unwrap().starts_with(figure)
                && n["component"] == component.as_str()
                && n.get("reference").is_none_or(|of| of == reference.as_str())
        };
        let found = list(&report["not_probative"]).iter().find(of_it).unwrap();
        assert!(least < number(&found["value"]), "{found}");
    }
}

/// Builds a case, compares its models as its recipe says, then every pair the other way round.
fn settle(case: &Case) {
    let folder = tempfile::tempdir().unwrap();
    case.build(folder.path()).unwrap();
    let recipe = &case.recipe;
    let models: Vec<&str> =
        [&recipe.suspect].into_iter().chain(&recipe.references).map(String::as_str).collect();
    let whole = report(folder.path(), &models);
    recipe.expect.iter().for_each(|expected| holds(expected, &whole));
    for reference in &recipe.references {
        let back = report(folder.path(), &[reference, &recipe.suspect]);
        for expected in recipe.expect.iter().filter(|e| e.reference == *reference) {
            let name = expected.component.split(':').next().unwrap();
            let found = said(&back, name, &recipe.suspect);
            let verdict = expected.swapped.as_ref().unwrap_or(&expected.verdict);
            assert_eq!(found["verdict"], verdict.as_str(), "swapped: {found:#}");
        }
    }
}

#[test]
fn every_case_ends_as_its_recipe_expects() {
    for case in all().unwrap() {
        println!("{}", case.name);
        settle(&case);
    }
}

#[test]
fn the_chain_is_drawn_in_its_order() {
    let case = all().unwrap().into_iter().find(|case| case.name == "chain").unwrap();
    let folder = tempfile::tempdir().unwrap();
    case.build(folder.path()).unwrap();
    let report = report(folder.path(), &["suspect", "whisper", "qwen2-audio"]);
    let kinship = list(&report["kinships"]);
    assert_eq!(kinship.len(), 1, "{kinship:?}");
    assert_eq!(kinship[0]["kind"], "chain");
    assert_eq!(kinship[0]["references"], serde_json::json!(["qwen2-audio", "whisper"]));
}

#[test]
fn a_case_is_built_run_and_shown() {
    let listed = jokbo(["demo"]);
    assert!(listed.out.contains("false-accusation"), "{}", listed.out);
    let folder = tempfile::tempdir().unwrap();
    let keep = folder.path().join("built");
    let ran =
        jokbo(["demo".as_ref(), "false-accusation".as_ref(), "--keep".as_ref(), keep.as_os_str()]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("$ jokbo compare solar-open glm-4.5-air phi-3.5-moe"), "{}", ran.out);
    assert!(ran.out.contains("cosine of norm weights 0.9"), "{}", ran.out);
    assert!(keep.join("report.json").is_file());
    let again = jokbo(["demo".as_ref(), "chain".as_ref(), "--keep".as_ref(), keep.as_os_str()]);
    assert_eq!((again.code, again.out.as_str()), (2, ""), "a folder that is not empty");
    let unknown = jokbo(["demo", "nothing"]);
    assert!(unknown.err.contains("no case is called nothing"), "{}", unknown.err);
}
