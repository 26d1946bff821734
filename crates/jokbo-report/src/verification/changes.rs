//! Two reports on the same models, field by field.
//!
//! The same input gives the same bytes, so values are held to be equal exactly. What a run costs and
//! what models are called is no finding.

use std::collections::{BTreeMap, BTreeSet};

use jokbo_verdict::NOT_FETCHED;
use serde_json::{Map, Value};

use super::Change;
use crate::schema::{Component, Report};

/// Fields that name an element of a list, so that one that is missing does not shift all the others.
const NAMES: [&str; 19] = [
    "component",
    "reference",
    "section",
    "layer",
    "stack",
    "suspect",
    "name",
    "tensor",
    "rung",
    "figure",
    "id",
    "what",
    "field",
    "model",
    "subject",
    "value",
    "file",
    "line",
    "key",
];

/// Everything in `now` that is not as `then` says: changed verdicts first, then component by component
/// in the order of `then`, then what concerns the whole.
///
/// Not looked at: program, level, seed and options, the bytes that were read, weight files and what
/// models are called. Of policies those that `now` holds. Cost: both are laid out once.
pub fn changes(then: &Report, now: &Report) -> Vec<Change> {
    let (ours, theirs) = (components(then), components(now));
    let mut all = Vec::new();
    for (key, of_then) in &ours.order {
        let found =
            Found { component: Some(key.0.clone()), reference: key.1.clone(), all: &mut all };
        found.between("", of_then, theirs.by_key.get(key).unwrap_or(&Value::Null));
    }
    for (key, of_now) in theirs.order.iter().filter(|(key, _)| !ours.by_key.contains_key(key)) {
        let found =
            Found { component: Some(key.0.clone()), reference: key.1.clone(), all: &mut all };
        found.between("", &Value::Null, of_now);
    }
    best(then, now, &mut all);
    let found = Found { component: None, reference: None, all: &mut all };
    let policies: Option<BTreeSet<&str>> =
        now.audit.as_ref().map(|audit| audit.policies.iter().map(|p| p.id.as_str()).collect());
    let fetched = [then, now].into_iter().all(has_looked_for_tokenizers);
    let whole = |report: &Report| whole(report, policies.as_ref(), fetched);
    found.between("", &whole(then), &whole(now));
    all.sort_by_key(|change| change.field != "verdict");
    all
}

type Key = (String, Option<String>);

/// Components with the reference each was held against.
struct Components {
    order: Vec<(Key, Value)>,
    by_key: BTreeMap<Key, Value>,
}

fn components(report: &Report) -> Components {
    let all = report.components.iter().chain(&report.further);
    let of = |component: &Component| {
        let mut value = value(component);
        ["component", "reference", "cost"].iter().for_each(|name| drop(value.shift_remove(*name)));
        ((component.component.clone(), component.reference.clone()), Value::Object(value))
    };
    let order: Vec<(Key, Value)> = all.map(of).collect();
    let by_key = order.iter().cloned().collect();
    Components { order, by_key }
}

/// Which reference is the best ancestor of each component, where there are several.
fn best(then: &Report, now: &Report, all: &mut Vec<Change>) {
    for ours in &then.components {
        let theirs = now.components.iter().find(|theirs| theirs.component == ours.component);
        if let Some(theirs) = theirs.filter(|theirs| theirs.reference != ours.reference) {
            let shown =
                |reference: &Option<String>| reference.clone().map_or(Value::Null, Value::from);
            all.push(Change {
                component: Some(ours.component.clone()),
                reference: None,
                field: "best ancestor".to_owned(),
                then: shown(&ours.reference),
                now: shown(&theirs.reference),
            });
        }
    }
}

/// Whether tokenizers were looked for wherever the models lay.
fn has_looked_for_tokenizers(report: &Report) -> bool {
    !report.not_measured.iter().any(|n| n.what == "tokenizer" && n.why.ends_with(NOT_FETCHED))
}

/// What a report says beside its components; of tokenizers, where those were looked for both times.
fn whole(report: &Report, policies: Option<&BTreeSet<&str>>, tokenizers: bool) -> Value {
    let mut report = report.clone();
    if !tokenizers {
        report.tokenizer = None;
        report.not_measured.retain(|missing| missing.what != "tokenizer");
    }
    if let Some(audit) = &mut report.audit {
        audit
            .policies
            .retain(|policy| policies.is_none_or(|kept| kept.contains(policy.id.as_str())));
    }
    let mut fields = value(&report);
    for name in ["schema", "tool", "level", "seed", "options", "components", "further", "cost"] {
        fields.shift_remove(name);
    }
    let bare = |model: &mut Value| {
        let fields = model.as_object_mut().into_iter();
        fields.for_each(|model| {
            ["source", "commit", "files"].iter().for_each(|name| drop(model.shift_remove(*name)));
        });
    };
    ["suspect", "reference"]
        .iter()
        .for_each(|side| fields.get_mut(*side).into_iter().for_each(bare));
    let references = fields.get_mut("references").and_then(Value::as_array_mut);
    references.into_iter().flatten().for_each(bare);
    Value::Object(fields)
}

fn value(of: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(of) {
        Ok(Value::Object(fields)) => fields,
        _ => unreachable!("the contract holds only strings, numbers and lists, under names"),
    }
}

/// What is found of one component, or of the whole.
struct Found<'a> {
    component: Option<String>,
    reference: Option<String>,
    all: &'a mut Vec<Change>,
}

impl Found<'_> {
    fn between(mut self, field: &str, then: &Value, now: &Value) {
        self.walk(field, then, now);
    }

    fn tell(&mut self, field: &str, then: &Value, now: &Value) {
        let field = if field.is_empty() { "the component" } else { field };
        self.all.push(Change {
            component: self.component.clone(),
            reference: self.reference.clone(),
            field: field.to_owned(),
            then: then.clone(),
            now: now.clone(),
        });
    }

    fn walk(&mut self, field: &str, then: &Value, now: &Value) {
        match (then, now) {
            _ if then == now => {}
            (Value::Object(ours), Value::Object(theirs)) => {
                let added = theirs.keys().filter(|name| !ours.contains_key(*name));
                for name in ours.keys().chain(added) {
                    let below =
                        if field.is_empty() { name.clone() } else { format!("{field}.{name}") };
                    let [a, b] = [ours, theirs].map(|side| side.get(name).unwrap_or(&Value::Null));
                    self.walk(&below, a, b);
                }
            }
            (Value::Array(ours), Value::Array(theirs)) => self.lists(field, ours, theirs),
            _ => self.tell(field, then, now),
        }
    }

    fn lists(&mut self, field: &str, then: &[Value], now: &[Value]) {
        let (Some(ours), Some(theirs)) = (labels(then), labels(now)) else {
            for k in 0..then.len().max(now.len()) {
                let [a, b] = [then, now].map(|side| side.get(k).unwrap_or(&Value::Null));
                self.walk(&format!("{field}[{k}]"), a, b);
            }
            return;
        };
        let by_label = |labels: &[String], values: &[Value]| -> BTreeMap<String, Value> {
            labels.iter().cloned().zip(values.iter().cloned()).collect()
        };
        let (at_then, at_now) = (by_label(&ours, then), by_label(&theirs, now));
        let added = theirs.iter().filter(|label| !at_then.contains_key(*label));
        for label in ours.iter().chain(added) {
            let [a, b] = [&at_then, &at_now].map(|side| side.get(label).unwrap_or(&Value::Null));
            // A list of words holds a word or not.
            let place = match a.is_string() || b.is_string() {
                true => field.to_owned(),
                false => format!("{field}[{label}]"),
            };
            self.walk(&place, a, b);
        }
        let common = |labels: &[String], other: &BTreeMap<String, Value>| -> Vec<Value> {
            labels
                .iter()
                .filter(|label| other.contains_key(*label))
                .cloned()
                .map(Value::from)
                .collect()
        };
        let (ours, theirs) = (common(&ours, &at_now), common(&theirs, &at_then));
        if ours != theirs {
            self.tell(&format!("{field}, their order"), &Value::from(ours), &Value::from(theirs));
        }
    }
}

/// What tells the elements of a list apart: their names, or the words that they are. `None` where two
/// are called alike, or one is not called anything.
fn labels(values: &[Value]) -> Option<Vec<String>> {
    let labels: Vec<String> = values.iter().map(label).collect::<Option<_>>()?;
    let unique: BTreeSet<&String> = labels.iter().collect();
    (unique.len() == labels.len()).then_some(labels)
}

fn label(value: &Value) -> Option<String> {
    let fields = match value {
        Value::String(text) => return Some(text.clone()),
        Value::Object(fields) => fields,
        _ => return None,
    };
    let named = NAMES.iter().filter_map(|name| match fields.get(*name)? {
        Value::String(text) => Some(text.clone()),
        // Of two layers that are lined up, the first says which line it is.
        Value::Number(number) if *name != "reference" => Some(format!("{name} {number}")),
        _ => None,
    });
    let mut named: Vec<String> = named.collect();
    // A section may be called as its layer is.
    named.dedup();
    Some(named.join(", ")).filter(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(then: &Value, now: &Value) -> Vec<String> {
        let mut all = Vec::new();
        Found { component: None, reference: None, all: &mut all }.between("", then, now);
        all.iter().map(crate::words::verification::change).collect()
    }

    #[test]
    fn what_is_equal_is_no_change() {
        let value = json!({ "a": [1, { "name": "x", "b": null }], "c": 0.1 });
        assert_eq!(found(&value, &value), [""; 0]);
        // Not even in the last bit is another number the same.
        let near = json!({ "c": 0.1 + f64::EPSILON / 16.0 });
        assert_eq!(found(&json!({ "c": 0.1 }), &near).len(), 1);
    }

    #[test]
    fn a_missing_element_does_not_shift_the_others() {
        let then = json!({ "tests": [{ "name": "a", "p": 1 }, { "name": "b", "p": 2 }] });
        let now = json!({ "tests": [{ "name": "b", "p": 3 }, { "name": "c", "p": 4 }] });
        assert_eq!(
            found(&then, &now),
            [
                "tests[a] was there, and is absent",
                "tests[b].p was 2, and is 3",
                "tests[c] was absent, and is there",
            ]
        );
        let words = found(&json!({ "why": ["x", "y"] }), &json!({ "why": ["y", "z"] }));
        assert_eq!(words, ["why was x, and is absent", "why was absent, and is z"]);
    }

    #[test]
    fn an_element_is_called_by_all_its_names_and_by_each_once() {
        let of = |p: [u32; 2]| {
            json!({ "sections": [
                { "section": "layer 0", "layer": 0, "p": p[0] },
                { "section": "heads", "layer": 0, "p": p[1] },
            ] })
        };
        assert_eq!(
            found(&of([1, 2]), &of([3, 4])),
            ["sections[layer 0].p was 1, and is 3", "sections[heads, layer 0].p was 2, and is 4"]
        );
    }

    #[test]
    fn another_order_is_told_once() {
        let list = |names: [&str; 2]| json!({ "l": names.map(|name| json!({ "name": name })) });
        let told = found(&list(["a", "b"]), &list(["b", "a"]));
        assert_eq!(told, ["l, their order was [\"a\",\"b\"], and is [\"b\",\"a\"]"]);
    }

    #[test]
    fn lists_without_names_are_read_place_by_place() {
        let told = found(&json!({ "l": [1, 2] }), &json!({ "l": [1, 3, 4] }));
        assert_eq!(told, ["l[1] was 2, and is 3", "l[2] was absent, and is 4"]);
        let twice = json!({ "l": [{ "name": "a", "p": 1 }, { "name": "a", "p": 2 }] });
        let once = json!({ "l": [{ "name": "a", "p": 1 }, { "name": "a", "p": 3 }] });
        assert_eq!(found(&twice, &once), ["l[1].p was 2, and is 3"]);
    }
}
