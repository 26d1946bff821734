//! SPDX 3.0.1 in JSON-LD: the suspect and its components as AI packages, and how they descend.

use serde_json::{Value, json};

use super::sarif::uri;
use super::{is_finding, looks, reference, sentence};
use crate::json::{json, printable};
use crate::schema::{Model, Report};

/// The report as an SPDX 3.0.1 document with a final newline.
///
/// `created` is the time that the standard asks for, as `2026-01-31T12:00:00Z`: a report knows none.
/// Every verdict is an annotation of its component. A component descends from a reference where there
/// is ground for the direction; else the two are related as `other`, and the comment says how. The
/// document conforms to the profiles core, software and simpleLicensing; that of AI also asks for
/// suppliers and times of release, which weights do not tell.
pub fn spdx(report: &Report, created: &str) -> String {
    let report = &printable(report);
    let mut graph = Graph { prefix: prefix(report), nodes: Vec::new(), ids: Vec::new() };
    graph.nodes.push(json!({
        "type": "CreationInfo",
        "@id": INFO,
        "specVersion": "3.0.1",
        "created": created,
        "createdBy": [graph.id("jokbo")],
    }));
    graph.add(
        "jokbo",
        json!({
            "type": "SoftwareAgent",
            "name": format!("{} {}", report.tool.name, report.tool.version),
        }),
    );
    package(&mut graph, "suspect", &report.suspect);
    let references = match report.references.len() {
        0 => std::slice::from_ref(&report.reference),
        _ => &report.references,
    };
    for (k, model) in references.iter().enumerate() {
        package(&mut graph, &format!("reference/{k}"), model);
    }
    components(&mut graph, report, references);
    files(&mut graph, &report.suspect);
    licences(&mut graph, report);
    document(graph)
}

/// How the time and maker of every element are found in the document.
const INFO: &str = "_:creation";

struct Graph {
    prefix: String,
    nodes: Vec<Value>,
    ids: Vec<String>,
}

impl Graph {
    fn id(&self, name: &str) -> String {
        format!("{}{}", self.prefix, uri(name))
    }

    fn add(&mut self, name: &str, mut element: Value) {
        let id = self.id(name);
        element["spdxId"] = json!(id);
        element["creationInfo"] = json!(INFO);
        self.ids.push(id);
        self.nodes.push(element);
    }

    fn relate(&mut self, from: &str, kind: &str, to: &[String], comment: Option<String>) {
        let mut relation = json!({
            "type": "Relationship",
            "from": self.id(from),
            "relationshipType": kind,
            "to": to.iter().map(|to| self.id(to)).collect::<Vec<_>>(),
        });
        if let Some(comment) = comment {
            relation["comment"] = json!(comment);
        }
        let n = self.nodes.len();
        self.add(&format!("relationship/{n}"), relation);
    }
}

/// What ids begin with: the same for the same weights, and for no others.
fn prefix(report: &Report) -> String {
    let digest = report.suspect.files.iter().find_map(|file| file.sha256.as_deref());
    format!("urn:jokbo:{}:", digest.unwrap_or("not-digested"))
}

fn package(graph: &mut Graph, name: &str, model: &Model) {
    let mut element = json!({
        "type": "ai_AIPackage",
        "name": model.source,
        "software_primaryPurpose": "model",
        "comment": format!("{} parameters, {}", model.parameters, model.format),
    });
    if let Some(commit) = &model.commit {
        element["software_packageVersion"] = json!(commit);
    }
    graph.add(name, element);
}

fn components(graph: &mut Graph, report: &Report, references: &[Model]) {
    let name = |component: &str| format!("suspect/{component}");
    for component in &report.components {
        graph.add(
            &name(&component.component),
            json!({
                "type": "ai_AIPackage",
                "name": component.component,
                "software_primaryPurpose": "model",
                "comment": format!("{} parameters", component.parameters),
            }),
        );
    }
    let all: Vec<String> = report.components.iter().map(|c| name(&c.component)).collect();
    if !all.is_empty() {
        graph.relate("suspect", "contains", &all, None);
    }
    for (k, look) in looks(report).enumerate() {
        let text = sentence(report, look);
        graph.add(
            &format!("verdict/{k}"),
            json!({
                "type": "Annotation",
                "annotationType": "review",
                "subject": graph.id(&name(&look.component)),
                "contentType": "text/plain",
                "statement": text,
            }),
        );
        if !is_finding(look) {
            continue;
        }
        let source = reference(report, look);
        let Some(at) = references.iter().position(|model| model.source == source) else { continue };
        let (own, other) = (name(&look.component), format!("reference/{at}"));
        let child = look.direction.as_ref().map(|direction| direction.child.as_str());
        let kind = match child {
            Some("suspect") => "descendantOf",
            Some(_) => "ancestorOf",
            None => "other",
        };
        graph.relate(&own, kind, &[other], Some(text));
    }
}

fn files(graph: &mut Graph, suspect: &Model) {
    let mut names = Vec::new();
    for (k, file) in suspect.files.iter().enumerate() {
        let mut element = json!({
            "type": "software_File",
            "name": file.path,
            "software_primaryPurpose": "model",
        });
        if let Some(sha256) = &file.sha256 {
            element["verifiedUsing"] =
                json!([{ "type": "Hash", "algorithm": "sha256", "hashValue": sha256 }]);
        }
        let name = format!("suspect/file/{k}");
        graph.add(&name, element);
        names.push(name);
    }
    if !names.is_empty() {
        graph.relate("suspect", "hasDistributionArtifact", &names, None);
    }
}

/// What every publisher declares, and the texts that lie beside the weights.
fn licences(graph: &mut Graph, report: &Report) {
    let publishers = report.audit.iter().flat_map(|audit| &audit.publishers);
    for (k, publisher) in publishers.enumerate() {
        let owner = if k == 0 { "suspect".to_owned() } else { format!("reference/{}", k - 1) };
        for (n, claim) in publisher.claims.iter().enumerate() {
            let kind = match claim.subject.as_str() {
                "licence" | "licence-name" if claim.value != "other" => "hasDeclaredLicense",
                "licence-text" => "hasConcludedLicense",
                _ => continue,
            };
            let name = format!("{owner}/licence/{n}");
            graph.add(
                &name,
                json!({
                    "type": "simplelicensing_SimpleLicensingText",
                    "name": claim.value,
                    "simplelicensing_licenseText": claim.quote,
                }),
            );
            graph.relate(&owner, kind, &[name], None);
        }
    }
}

fn document(mut graph: Graph) -> String {
    let (elements, root) = (graph.ids.clone(), graph.id("suspect"));
    graph.add(
        "document",
        json!({
            "type": "SpdxDocument",
            "name": "jokbo audit",
            "profileConformance": ["core", "software", "simpleLicensing"],
            "rootElement": [root],
            "element": elements,
        }),
    );
    json(&json!({
        "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
        "@graph": graph.nodes,
    }))
}
