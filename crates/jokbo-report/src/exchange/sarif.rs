//! SARIF 2.1.0 (OASIS, 2020-03-27), for the pages of code hosts.

use serde_json::{Value, json};

use super::{is_finding, looks, reference, sentence};
use crate::json::{json, printable};
use crate::schema::Report;
use crate::schema::audit::{Audit, Claim};
use crate::words::audit as said;

/// The kinds of results, with what they are about.
const RULES: [(&str, &str); 3] = [
    (
        "verdict",
        "Whether a component shares weight ancestry with a reference. Evidence, and no fault.",
    ),
    ("disclosure", "Whether shared ancestry is declared beside the weights."),
    ("policy", "Whether a rule of a stated policy is met."),
];

/// The report as SARIF with a final newline.
///
/// A verdict is never a fault: findings are `informational`, no evidence is a `pass`. What is not
/// disclosed is a warning, a policy's rule that is not met an error, and what cannot be told is for
/// `review`.
pub fn sarif(report: &Report) -> String {
    let report = &printable(report);
    let mut results: Vec<Value> =
        looks(report).map(|component| verdict(report, component)).collect();
    if let Some(audit) = &report.audit {
        results.extend(disclosures(report, audit));
        results.extend(policies(report, audit));
    }
    let rules = RULES.map(|(id, text)| json!({ "id": id, "shortDescription": { "text": text } }));
    json(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": report.tool.name,
                "version": report.tool.version,
                "informationUri": "https://github.com/jokbo/jokbo",
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "properties": { "rules": report.tool.rules, "level": report.level, "seed": report.seed },
            "results": results,
        }],
    }))
}

fn verdict(report: &Report, component: &crate::schema::Component) -> Value {
    let kind = match component.verdict.as_str() {
        _ if is_finding(component) => "informational",
        "no-evidence" => "pass",
        "not-comparable" => "notApplicable",
        _ => "open",
    };
    let text = sentence(report, component);
    let against = reference(report, component);
    let at = weights(report, &component.component);
    result("verdict", kind, &text, at, &format!("{}|{against}", component.component))
}

fn disclosures<'a>(report: &'a Report, audit: &'a Audit) -> impl Iterator<Item = Value> + 'a {
    let rows = audit.disclosures.iter().filter(|row| row.status != "nothing-declared");
    rows.map(|row| {
        let kind = match row.status.as_str() {
            "disclosed" => "pass",
            "undisclosed" | "contradicted" => "fail",
            _ => "review",
        };
        let text = format!("{}: {}", row.component, said::disclosure(row));
        let claim = row.named.first().or(row.own.first());
        let at = claim.map_or_else(
            || weights(report, &row.component),
            |claim| place(report, claim, &row.component),
        );
        result("disclosure", kind, &text, at, &format!("{}|{}", row.component, row.reference))
    })
}

fn policies<'a>(report: &'a Report, audit: &'a Audit) -> impl Iterator<Item = Value> + 'a {
    audit.policies.iter().flat_map(move |policy| {
        policy.rules.iter().map(move |rule| {
            let kind = match rule.outcome.as_str() {
                "met" => "pass",
                "not-met" => "fail",
                _ => "review",
            };
            let grounds: Vec<String> = rule.grounds.iter().map(said::ground).collect();
            let text = format!(
                "{}, {}: {}. {}",
                policy.title.en,
                said::plain(&rule.outcome),
                rule.says.en.trim_end_matches('.'),
                grounds.join("; ")
            );
            let at = weights(report, &policy.id);
            result("policy", kind, &text, at, &format!("{}|{}", policy.id, rule.id))
        })
    })
}

/// One result. Only a failure has a level.
fn result(rule: &str, kind: &str, text: &str, location: Value, print: &str) -> Value {
    let level = match (kind, rule) {
        ("fail", "policy") => "error",
        ("fail", _) => "warning",
        _ => "none",
    };
    json!({
        "ruleId": rule,
        "kind": kind,
        "level": level,
        "message": { "text": text },
        "locations": [location],
        "partialFingerprints": { "jokbo/v1": format!("{rule}|{print}") },
    })
}

/// The suspect's first weight file, for code hosts show nothing without a file.
fn weights(report: &Report, name: &str) -> Value {
    let file = report.suspect.files.first().map_or("", |file| file.path.as_str());
    let logical = json!([{ "name": name, "kind": "module" }]);
    let physical = json!({ "artifactLocation": { "uri": uri(file) } });
    json!({ "physicalLocation": physical, "logicalLocations": logical })
}

/// Where something is said.
fn place(report: &Report, claim: &Claim, name: &str) -> Value {
    let mut location = weights(report, name);
    location["physicalLocation"]["artifactLocation"]["uri"] = json!(uri(&claim.file));
    if let Some(line) = claim.line {
        location["physicalLocation"]["region"] = json!({ "startLine": line });
    }
    location
}

/// A path as a relative reference (RFC 3986, section 4.2).
pub(super) fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
