//! Two reports on the same models: every figure that differs is found, and nothing else.

use jokbo_report::{Report, changes};
use serde_json::{Value, json};

use crate::case::report;

/// Fields in which two runs may differ, and what makes a report the answer to another question.
fn may_differ(path: &[String]) -> bool {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    matches!(
        names[..],
        ["schema" | "tool" | "level" | "seed" | "options" | "cost", ..]
            | ["suspect" | "reference", "source" | "commit" | "files", ..]
            | ["components", _, "cost", ..]
    )
}

/// Where every value lies that holds no other.
fn leaves(value: &Value, path: &[String], found: &mut Vec<Vec<String>>) {
    let below = |step: String| [path, &[step]].concat();
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(k, v)| leaves(v, &below(k.to_string()), found));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, v)| leaves(v, &below(name.clone()), found));
        }
        _ => found.push(path.to_vec()),
    }
}

/// Another value of the same sort.
fn other(value: &Value) -> Value {
    match value {
        Value::Bool(is) => json!(!is),
        Value::String(text) => json!(format!("{text}x")),
        Value::Number(number) => match number.as_u64() {
            Some(n) => json!(n + 1),
            None => json!(number.as_f64().unwrap().next_up()),
        },
        _ => json!(0.5),
    }
}

#[test]
fn a_report_is_what_it_says() {
    assert_eq!(changes(&report(), &report()), []);
}

#[test]
fn whichever_figure_is_another_is_found() {
    let whole = serde_json::to_value(report()).unwrap();
    let mut all = Vec::new();
    leaves(&whole, &[], &mut all);
    let mut n_edited = 0;
    for path in all {
        let mut edited = whole.clone();
        let place = edited.pointer_mut(&format!("/{}", path.join("/"))).unwrap();
        *place = other(place);
        // The kind of a relation decides which fields it has.
        let Ok(edited) = serde_json::from_value::<Report>(edited) else { continue };
        n_edited += 1;
        let found = changes(&report(), &edited);
        assert_eq!(found.is_empty(), may_differ(&path), "{path:?}: {found:?}");
        assert_eq!(changes(&edited, &report()).is_empty(), may_differ(&path), "{path:?}");
    }
    assert!(300 < n_edited, "{n_edited}");
}

#[test]
fn a_changed_verdict_comes_before_all_else() {
    let mut edited = serde_json::to_value(report()).unwrap();
    edited["components"][0]["effect"]["cosine"] = json!(0.125);
    edited["components"][3]["verdict"] = json!("identical");
    edited["oddities"] = json!([]);
    let edited: Report = serde_json::from_value(edited).unwrap();
    let found = changes(&report(), &edited);
    let fields: Vec<&str> = found.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["verdict", "effect.cosine", "oddities"]);
    let names = [&report().components[3].component, &report().components[0].component];
    let of: Vec<Option<&String>> = found.iter().map(|change| change.component.as_ref()).collect();
    assert_eq!(of, [Some(names[0]), Some(names[1]), None]);
}

#[test]
fn a_component_that_is_gone_is_one_change() {
    let mut fewer = report();
    let gone = fewer.components.remove(1).component;
    let found = changes(&report(), &fewer);
    let of_it = |change: &&jokbo_report::Change| change.component.as_ref() == Some(&gone);
    assert_eq!(found.iter().filter(of_it).count(), 1, "{found:?}");
}
