//! CycloneDX 1.6 and 1.7 (ECMA-424): a bill of materials whose components are those of the model.

use serde_json::{Map, Value, json};

use super::{is_finding, looks, reference, sentence};
use crate::json::{json, printable};
use crate::schema::{Component, Model, Report};

mod claims;
mod licences;

/// Which version of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CycloneDx {
    /// Of April 2024.
    V1_6,
    /// Of October 2025.
    V1_7,
}

/// The report as a CycloneDX bill of materials with a final newline.
///
/// The suspect is the machine-learning model that the bill is of; each of its components is nested in
/// it, with its verdict as evidence. A reference that shares ancestry with a component stands in its
/// pedigree: among the `ancestors` where there is ground for the direction, else among the `variants`;
/// and among the dependencies. What the card claims of its own weights is a claim, with the verdicts
/// for and against it.
pub fn cyclonedx(report: &Report, version: CycloneDx) -> String {
    let report = &printable(report);
    let version = match version {
        CycloneDx::V1_6 => "1.6",
        CycloneDx::V1_7 => "1.7",
    };
    let mut bom = json!({
        "$schema": format!("http://cyclonedx.org/schema/bom-{version}.schema.json"),
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "version": 1,
        "metadata": {
            "tools": { "components": [{
                "type": "application",
                "name": report.tool.name,
                "version": report.tool.version,
            }] },
            "component": suspect(report),
        },
        "components": references(report),
        "dependencies": dependencies(report),
    });
    if let Some(declarations) = claims::declarations(report) {
        bom["declarations"] = declarations;
    }
    json(&bom)
}

fn suspect(report: &Report) -> Value {
    let mut model = model(&report.suspect, "suspect");
    let parts = report.components.iter().map(|component| part(report, component));
    let files = report.suspect.files.iter().enumerate().map(|(k, file)| {
        let mut entry = json!({
            "type": "file",
            "bom-ref": format!("suspect/file/{k}"),
            "name": file.path,
        });
        if let Some(sha256) = &file.sha256 {
            entry["hashes"] = json!([{ "alg": "SHA-256", "content": sha256 }]);
        }
        entry
    });
    model["components"] = parts.chain(files).collect();
    licences::add(&mut model, report, 0);
    model
}

fn model(model: &Model, bom_ref: &str) -> Value {
    let mut entry = json!({
        "type": "machine-learning-model",
        "bom-ref": bom_ref,
        "name": model.source,
        "properties": [
            property("format", &model.format),
            property("parameters", &model.parameters.to_string()),
        ],
    });
    if let Some(commit) = &model.commit {
        entry["version"] = json!(commit);
    }
    entry
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": format!("jokbo:{name}"), "value": value })
}

/// The reference of a component, as the bill calls it.
fn ref_of(report: &Report, source: &str) -> String {
    let at = all_references(report).iter().position(|model| model.source == source);
    format!("reference/{}", at.unwrap_or(0))
}

fn all_references(report: &Report) -> &[Model] {
    match report.references.len() {
        0 => std::slice::from_ref(&report.reference),
        _ => &report.references,
    }
}

fn references(report: &Report) -> Vec<Value> {
    let all = all_references(report).iter().enumerate().map(|(k, reference)| {
        let mut entry = model(reference, &format!("reference/{k}"));
        licences::add(&mut entry, report, k + 1);
        entry
    });
    all.collect()
}

/// One component of the suspect, with what was found of it against every reference.
fn part(report: &Report, component: &Component) -> Value {
    let of_it = || looks(report).filter(|look| look.component == component.component);
    let methods: Vec<Value> = of_it()
        .map(|look| {
            json!({
                "technique": "binary-analysis",
                // A p-value is no probability that a statement is true, so none is made up: 1 says
                // that the method was carried out, and the value says what came out.
                "confidence": 1,
                "value": sentence(report, look),
            })
        })
        .collect();
    let mut entry = json!({
        "type": "machine-learning-model",
        "bom-ref": bom_ref(component),
        "name": component.component,
        "properties": [
            property("verdict", &component.verdict),
            property("parameters", &component.parameters.to_string()),
            property("ancestry", &component.ancestry),
        ],
        "evidence": { "identity": [{ "field": "name", "methods": methods }] },
    });
    let found: Vec<&Component> = of_it().filter(|look| is_finding(look)).collect();
    if !found.is_empty() {
        entry["pedigree"] = pedigree(report, &found);
    }
    entry
}

fn bom_ref(component: &Component) -> String {
    format!("suspect/{}", component.component)
}

fn pedigree(report: &Report, found: &[&Component]) -> Value {
    let mut kinds: [Vec<Value>; 3] = Default::default();
    for look in found {
        let child = look.direction.as_ref().map(|direction| direction.child.as_str());
        let kind = match child {
            Some("suspect") => 0,
            Some(_) => 1,
            None => 2,
        };
        let source = reference(report, look);
        let bom_ref = format!("{}/{}", bom_ref(look), ref_of(report, source));
        kinds[kind].push(json!({
            "type": "machine-learning-model",
            "bom-ref": bom_ref,
            "name": source,
        }));
    }
    let notes: Vec<String> = found.iter().map(|look| sentence(report, look)).collect();
    let mut pedigree = Map::new();
    for (name, all) in ["ancestors", "descendants", "variants"].into_iter().zip(kinds) {
        if !all.is_empty() {
            pedigree.insert(name.to_owned(), all.into());
        }
    }
    pedigree.insert("notes".to_owned(), notes.join("\n").into());
    pedigree.into()
}

fn dependencies(report: &Report) -> Vec<Value> {
    let parts: Vec<String> = report.components.iter().map(bom_ref).collect();
    let mut all = vec![json!({ "ref": "suspect", "dependsOn": parts })];
    for component in &report.components {
        let found = looks(report)
            .filter(|look| look.component == component.component && is_finding(look))
            .filter(|look| look.direction.as_ref().is_none_or(|d| d.child == "suspect"));
        let on: Vec<String> = found.map(|look| ref_of(report, reference(report, look))).collect();
        if !on.is_empty() {
            all.push(json!({ "ref": bom_ref(component), "dependsOn": on }));
        }
    }
    all
}
