//! The JSON contract: it comes back as it went, fits its schema, and says why a value is missing.

use jokbo_report::{Report, SCHEMA, json, json_schema};
use jokbo_verdict::{Exhibit, Grade, Verdict};
use serde_json::Value;

use crate::case::{case, report};

#[test]
fn a_report_comes_back_from_json_as_it_went() {
    let report = report();
    let back: Report = serde_json::from_str(&json(&report)).unwrap();
    // Compared as text, so that a failure shows the one line that differs.
    let (went, came) = (json(&report), json(&back));
    let differs = went.lines().zip(came.lines()).find(|(went, came)| went != came);
    assert_eq!(differs, None);
    assert!(back == report);
}

#[test]
fn a_report_names_its_contract_and_its_maker_first() {
    let text = json(&report());
    assert!(text.starts_with("{\n  \"schema\": \"jokbo/report/v1\",\n  \"tool\": {\n"));
    assert_eq!(report().schema, SCHEMA);
    assert_eq!((report().tool.name.as_str(), report().tool.version.as_str()), ("jokbo", "9.9.9"));
}

#[test]
fn every_verdict_keeps_its_word() {
    let words: Vec<String> = report().components.into_iter().map(|c| c.verdict).collect();
    let want =
        ["identical", "derived", "partly-derived", "no-evidence", "inconclusive", "not-comparable"];
    assert_eq!(words, want);
}

#[test]
fn a_component_without_a_value_has_null_and_a_reason() {
    let value = serde_json::to_value(report()).unwrap();
    for component in value["components"].as_array().unwrap() {
        let mut missing: Vec<String> = Vec::new();
        for group in ["effect", "power", "coverage"] {
            let fields = component[group].as_object().unwrap().iter();
            missing
                .extend(fields.filter(|(_, v)| v.is_null()).map(|(k, _)| format!("{group}.{k}")));
        }
        missing.extend(component["log10_p"].is_null().then(|| "log10_p".to_owned()));
        for what in missing {
            let is_it = |n: &Value| n["component"] == component["component"] && n["what"] == *what;
            let reasons = value["not_measured"].as_array().unwrap().iter().filter(|n| is_it(n));
            assert_eq!(reasons.count(), 1, "{} of {}", what, component["component"]);
        }
    }
}

#[test]
fn a_component_without_parameters_has_no_share_rather_than_0() {
    let (mut case, _) = case();
    case.exhibits = vec![Exhibit { component: "other:empty".into(), ..Exhibit::default() }];
    let verdict = Verdict {
        component: "other:empty".into(),
        grade: Grade::NotComparable,
        ancestry: jokbo_verdict::Ancestry::NoneFound,
        direction: None,
        relations: Vec::new(),
        log10_p: None,
        reasons: Vec::new(),
    };
    let report = Report::new(&case, &[verdict], "9.9.9");
    assert_eq!(report.components[0].coverage.share, None);
    let reason = report.not_measured.iter().find(|n| n.what == "coverage.share").unwrap();
    assert_eq!(reason.why, "the component holds no parameters");
}

#[test]
fn a_figure_that_proves_nothing_stands_beside_its_null() {
    let report = report();
    let figures: Vec<&str> = report.not_probative.iter().map(|n| n.figure.as_str()).collect();
    assert_eq!(figures.len(), 4, "{figures:?}");
    assert!(report.not_probative.iter().all(|n| !n.null.is_empty() && !n.why.is_empty()));
}

#[test]
fn the_schema_describes_every_field_of_a_report() {
    let schema: Value = serde_json::from_str(&json_schema()).unwrap();
    let report = serde_json::to_value(report()).unwrap();
    for field in report.as_object().unwrap().keys() {
        assert!(schema["properties"][field].is_object(), "{field} is not in the schema");
    }
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        for (field, about) in definition["properties"].as_object().into_iter().flatten() {
            let is_plain = name == "Interval";
            assert!(
                is_plain || about["description"].is_string(),
                "{name}.{field} is not described"
            );
        }
    }
}
