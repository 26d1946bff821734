//! Reports in the forms of other programs, held to the schemas that their standards publish.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use jokbo_cases::all;
use jsonschema::{Retrieve, Uri};
use serde_json::Value;

use crate::program::{command, folder, list, printed};

/// The schemas that lie in the repository, for references from one to another.
struct Vendored;

impl Retrieve for Vendored {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let name = uri.as_str().rsplit('/').next().unwrap_or("").to_owned();
        Ok(read(&standards(&format!("cyclonedx/{name}"))))
    }
}

fn standards(below: &str) -> PathBuf {
    folder("data/standards").join(below)
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("it lies there")).expect("it is JSON")
}

/// Complaints of the schema at `below` on `document`.
fn complaints(below: &str, document: &Value) -> Vec<String> {
    let mut schema = read(&standards(below));
    // SARIF's schema holds a pattern that is no regular expression: a bracket closes that none opened.
    for holder in ["run", "toolComponent"] {
        let at = format!("/definitions/{holder}/properties/language");
        if let Some(language) = schema.pointer_mut(&at) {
            language.as_object_mut().expect("it is a schema").remove("pattern");
        }
    }
    let validator = jsonschema::options().with_retriever(Vendored).build(&schema);
    let validator = validator.expect("the schema is one");
    validator.iter_errors(document).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

/// Stored audits under two policies: an encoder that was borrowed, nothing shared with two references,
/// and a chain of references that share ancestry with each other.
fn audits() -> BTreeMap<String, tempfile::TempDir> {
    let wanted = ["borrowed-encoder", "false-accusation", "chain"];
    let cases = all().expect("the cases are written well");
    let chosen = cases.into_iter().filter(|case| wanted.contains(&case.name.as_str()));
    let stored = chosen.map(|case| {
        let folder = tempfile::tempdir().expect("a folder");
        case.build(folder.path()).expect("a case is built");
        let references = case.recipe.references.iter().map(String::as_str);
        let args: Vec<&str> = ["audit", case.recipe.suspect.as_str(), "--against"]
            .into_iter()
            .chain(references)
            .chain(["--policy", "core-from-scratch", "--policy", "national-programme-2026"])
            .chain(["--quiet", "--format", "json", "--output", "audit.json"])
            .collect();
        printed(folder.path(), &args);
        (case.name.clone(), folder)
    });
    let stored: BTreeMap<_, _> = stored.collect();
    assert_eq!(stored.len(), wanted.len());
    stored
}

fn rendered(folder: &Path, format: &str) -> String {
    printed(folder, &["render", "audit.json", "--format", format])
}

#[test]
fn every_form_of_a_stored_audit_is_as_its_standard_says() {
    for (name, folder) in audits() {
        let folder = folder.path();
        for (format, schema) in [
            ("cyclonedx", "cyclonedx/bom-1.7.SNAPSHOT.schema.json"),
            ("cyclonedx-1.6", "cyclonedx/bom-1.6.SNAPSHOT.schema.json"),
            ("sarif", "sarif/sarif-schema-2.1.0.json"),
        ] {
            let document = serde_json::from_str(&rendered(folder, format)).unwrap();
            assert_eq!(complaints(schema, &document), [""; 0], "{name} as {format}");
        }
        has_what_it_must(folder);
        // The forms that a person reads say the same as the audit did.
        let args = ["render", "audit.json", "--format", "json"];
        assert_eq!(printed(folder, &args), fs::read_to_string(folder.join("audit.json")).unwrap());
    }
}

/// Every component, and what was found of it, in every form.
fn has_what_it_must(folder: &Path) {
    let report = read(&folder.join("audit.json"));
    let parse =
        |format: &str| -> Value { serde_json::from_str(&rendered(folder, format)).unwrap() };
    let [bom, sarif, spdx, statement] = ["cyclonedx", "sarif", "spdx", "in-toto"].map(parse);
    let parts = list(&bom["metadata"]["component"]["components"]);
    let junit = rendered(folder, "junit");
    for component in list(&report["components"]) {
        let name = &component["component"];
        let part = parts.iter().find(|part| part["name"] == *name).unwrap();
        let found = ["identical", "derived", "partly-derived"]
            .contains(&component["verdict"].as_str().unwrap());
        assert_eq!(part.get("pedigree").is_some(), found, "{part}");
        let begins = format!("{}: ", name.as_str().unwrap());
        let of_it = |text: &Value| text.as_str().is_some_and(|text| text.starts_with(&begins));
        let results = list(&sarif["runs"][0]["results"]);
        assert!(results.iter().any(|r| r["ruleId"] == "verdict" && of_it(&r["message"]["text"])));
        assert!(list(&spdx["@graph"]).iter().any(|node| of_it(&node["statement"])));
        assert!(junit.contains(&format!("name=\"{} against ", name.as_str().unwrap())));
    }
    // A finding is no fault of its own.
    let faults = list(&sarif["runs"][0]["results"]).iter().filter(|r| r["kind"] == "fail");
    assert!(faults.clone().all(|r| r["ruleId"] != "verdict"));
    assert_eq!(statement["predicate"], report);
    let files = list(&report["suspect"]["files"]);
    assert_eq!(list(&statement["subject"]).len(), files.len());
    assert_eq!(statement["subject"][0]["digest"]["sha256"], files[0]["sha256"]);
}

#[test]
fn a_bill_of_materials_that_lacks_a_type_is_refused_by_its_schema() {
    let mut bom = serde_json::json!({
        "bomFormat": "CycloneDX", "specVersion": "1.7", "version": 1,
        "components": [{ "type": "file", "name": "a" }],
    });
    let schema = "cyclonedx/bom-1.7.SNAPSHOT.schema.json";
    assert!(complaints(schema, &bom).is_empty());
    bom["components"][0].as_object_mut().unwrap().remove("type");
    assert!(!complaints(schema, &bom).is_empty());
}

#[test]
fn what_is_no_report_is_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let fails = |text: &str| {
        fs::write(folder.path().join("report.json"), text).unwrap();
        let output =
            command().current_dir(folder.path()).args(["render", "report.json"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(fails("{").starts_with("error: cannot read the report report.json\n  cause: EOF"));
    assert!(fails("{}").contains("missing field `schema`"));
    let mut report = read(&audits()["borrowed-encoder"].path().join("audit.json"));
    report["schema"] = "jokbo/report/v9".into();
    let said = fails(&report.to_string());
    let want =
        "error: report.json is written as \"jokbo/report/v9\", and jokbo/report/v1 is read\n";
    assert_eq!(said, want);
}
