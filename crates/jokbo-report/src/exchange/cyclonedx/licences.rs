//! Licences as they are declared, with what an SPDX identifier makes of them.

use serde_json::{Value, json};

use crate::schema::Report;

/// Adds the licences that the publisher with this number declares: the suspect is 0.
pub(super) fn add(entry: &mut Value, report: &Report, publisher: usize) {
    let publishers = report.audit.iter().flat_map(|audit| &audit.publishers);
    let Some(publisher) = publishers.into_iter().nth(publisher) else { return };
    let wanted = ["licence", "licence-name"];
    let named = publisher.claims.iter().filter(|claim| wanted.contains(&claim.subject.as_str()));
    let named = named.filter(|claim| !["other", "unknown"].contains(&claim.value.as_str()));
    let licences: Vec<Value> = named
        .map(|claim| json!({ "license": { "name": claim.value, "acknowledgement": "declared" } }))
        .chain(publisher.claims.iter().filter(|claim| claim.subject == "licence-text").map(
            |claim| {
                // A text that lies beside the weights was read, and not only said.
                json!({ "license": { "name": claim.value, "acknowledgement": "concluded" } })
            },
        ))
        .collect();
    if !licences.is_empty() {
        entry["licenses"] = licences.into();
    }
}
