//! The JSON report against its contract: schema, nulls and numbers, for every pair of examples.

use std::fs;

use serde_json::Value;

use crate::checkpoint::write;
use crate::program::{PAIRS, components, folder, jokbo, list, report};

/// The published schema where there is one, else the one the program would publish.
fn schema() -> Value {
    let published = fs::read_to_string(folder("schema").join("report-v1.json"));
    serde_json::from_str(&published.unwrap_or_else(|_| jokbo_report::json_schema())).unwrap()
}

/// Every null below `value`, as the names and numbers that lead to it.
fn nulls(value: &Value, path: &[String], found: &mut Vec<Vec<String>>) {
    let below = |step: String| [path, &[step]].concat();
    match value {
        Value::Null => found.push(path.to_vec()),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(k, v)| nulls(v, &below(k.to_string()), found));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(k, v)| nulls(v, &below(k.clone()), found))
        }
        _ => {}
    }
}

/// Walks the whole report. A null may stand only in a component, and `not_measured` tells why.
#[track_caller]
pub(crate) fn every_null_has_a_reason(report: &Value) {
    let mut found = Vec::new();
    nulls(report, &[], &mut found);
    for path in found {
        assert_eq!(path[0], "components", "a null outside the components: {path:?}");
        let component = &report["components"][path[1].parse::<usize>().unwrap()]["component"];
        let what = path[2..].join(".");
        // A relation repeats the distance among the effects, and its reason with it.
        let what = if path[2] == "relations" { "effect.relative_l2" } else { what.as_str() };
        let says_why = |n: &&Value| n["component"] == *component && n["what"] == what;
        let reason = list(&report["not_measured"]).iter().find(says_why);
        let reason = reason.unwrap_or_else(|| panic!("{component} has no {what}, and no reason"));
        assert_ne!(reason["why"], "");
    }
}

#[test]
fn every_report_fits_the_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for (suspect, reference) in PAIRS {
        let report = report(suspect, reference);
        let errors: Vec<String> = validator.iter_errors(&report).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{suspect} against {reference}: {errors:#?}");
    }
}

#[test]
fn the_schema_refuses_a_report_with_a_field_missing() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let mut report = report("fracast", "fracast");
    report["components"][0].as_object_mut().unwrap().remove("verdict");
    assert!(!validator.is_valid(&report));
}

#[test]
fn every_null_has_its_reason() {
    for (suspect, reference) in PAIRS {
        every_null_has_a_reason(&report(suspect, reference));
    }
}

#[test]
fn a_component_without_parameters_has_no_coverage_rather_than_none() {
    let folder = tempfile::tempdir().unwrap();
    let hollow = folder.path().join("hollow.safetensors");
    write(&hollow, &[("hollow.weight", 0, 4, Vec::new())]);
    let report = report(hollow.as_os_str(), "fracast".as_ref());
    assert_eq!(components(&report)[0]["coverage"]["share"], Value::Null);
    every_null_has_a_reason(&report);
    let errors = jsonschema::validator_for(&schema()).unwrap().iter_errors(&report).count();
    assert_eq!(errors, 0);
}

#[test]
fn nothing_that_was_not_measured_has_a_value() {
    for (suspect, reference) in PAIRS {
        let report = report(suspect, reference);
        for missing in list(&report["not_measured"]) {
            let what = missing["what"].as_str().unwrap();
            // What is missing of the checkpoints as wholes is a field of the report.
            if missing["component"] == "" {
                assert_eq!(report[what], Value::Null, "{what} has a value");
                continue;
            }
            let of_it = |c: &&Value| c["component"] == missing["component"];
            let component = components(&report).iter().find(of_it).unwrap();
            let field = component.pointer(&format!("/{}", what.replace('.', "/")));
            assert_eq!(field.unwrap_or(&Value::Null), &Value::Null, "{what} has a value");
            let tests = list(&component["tests"]);
            assert!(tests.iter().all(|test| test["name"] != what), "{what} gave a p");
        }
    }
}

#[test]
fn a_report_says_what_made_it_and_from_what() {
    let report = report("fracast-noised", "fracast");
    assert_eq!(report["schema"], "jokbo/report/v1");
    assert_eq!(report["tool"]["name"], "jokbo");
    assert_eq!(report["tool"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(report["suspect"]["source"], "fracast-noised");
    let file = &report["reference"]["files"][0];
    assert_eq!(file["path"], "model.safetensors");
    assert_eq!(file["bytes"], 344_412);
    let digest = "0d678f123f3d1f91c5065cca2b5d40eccc469360afc2381b27290486011ded2c";
    assert_eq!(file["sha256"], digest);
}

#[test]
fn level_and_seed_are_in_the_report_and_no_seed_changes_a_verdict() {
    for seed in ["1", "2", "18446744073709551615"] {
        let args = ["compare", "fracast-random", "fracast", "--format", "json"];
        let ran = jokbo(args.into_iter().chain(["--level", "0.001", "--seed", seed]));
        let report: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(report["level"], 0.001);
        assert_eq!(report["seed"].as_u64().unwrap().to_string(), seed);
        for component in components(&report) {
            assert_eq!(component["verdict"], "no-evidence");
        }
    }
}

#[test]
fn only_the_components_that_were_asked_for_are_compared() {
    let args = ["compare", "fracast", "fracast", "--format", "json", "--component", "other:head"];
    let names = |extra: &[&str]| -> Vec<String> {
        let ran = jokbo(args.iter().chain(extra));
        let report: Value = serde_json::from_str(&ran.out).unwrap();
        components(&report).iter().map(|c| c["component"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&[]), ["other:head"]);
    assert_eq!(names(&["--component", "other:core"]), ["other:core", "other:head"]);
}

#[test]
fn what_was_asked_for_beside_level_and_seed_is_kept() {
    let options = |args: &[&str]| -> Vec<String> {
        let ran = jokbo(["compare", "fracast-noised"].iter().chain(args).chain(&["--format=json"]));
        let report: Value = serde_json::from_str(&ran.out).unwrap();
        let kept = report.get("options").map_or(&[][..], list);
        kept.iter().map(|option| option.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(options(&["fracast", "--level=1e-3", "--seed=7", "--threads=1"]), [""; 0]);
    let read = ["fracast", "--component=other:head", "--max-bytes", "1.5 MiB", "--sampled"];
    assert_eq!(options(&read), ["--component=other:head", "--max-bytes=1572864", "--sampled"]);
    let placed = ["fracast", "--full", "--map", "head.=vision-encoder:left"];
    assert_eq!(options(&placed), ["--map=head.=vision-encoder:left", "--full"]);
    let parents = ["fracast", "--parent", "fracast-bf16", "--base", "fracast-f64"];
    assert_eq!(options(&parents), ["--parent=fracast-bf16", "--base=fracast-f64"]);
    let several = ["fracast", "--component-ref", "other:head=fracast-bf16"];
    assert_eq!(options(&several), ["--component-ref=other:head=fracast-bf16"]);
}
